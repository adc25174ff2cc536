/*
 * schema.h -- what exporters need to know of a labelling config.
 *
 * Label and choice names of all controls, sorted by code point, are the
 * classes of COCO and YOLO, as in the official converter; a `category`
 * attribute on a label fixes its number.
 */
#ifndef FORMATS_SCHEMA_H
#define FORMATS_SCHEMA_H

#include "label/config.h"

struct schema_control {
    const char *name;
    const char *tag;            /* canonical: "RectangleLabels" */
    const char *shows;          /* "Image", "Text", … or NULL */
    bool is_plain;              /* one choice or text becomes a plain string in JSON_MIN and CSV */
};

struct schema_class {
    const char *name;
    int id;
};

struct schema {
    struct schema_control *controls;    /* in document order */
    int ncontrols;
    struct schema_class *classes;       /* fixed numbers first, then sorted by code point */
    int nclasses;
    struct schema_class *boxes;         /* labels of RectangleLabels on images, as they stand */
    int nboxes;
    const char **keypoints;             /* labels of KeyPointLabels, by model_index */
    int nkeypoints;
    const char *image_key;              /* data field of the first labelled image, or NULL */
    const char *text_key;               /* data field of the first labelled text, or NULL */
    bool has_boxes;                     /* some control can give boxes for VOC */
};

/* `xml` is the source of `c`; needed for one spelling rule of the official converter. */
const struct schema *schema_make(struct ctx *cx, const struct label_config *c, const char *xml,
                                 size_t n);

/* Exact name, or NULL. */
const struct schema_control *schema_control(const struct schema *s, const char *name);

/* Number of a class, -1 when the config does not know it. */
int schema_class(const struct schema *s, const char *name);

#endif
