/*
 * shape.h -- image regions as the image formats need them.
 *
 * Label Studio stores percent of the original image and a rotation about the
 * top-left corner, in pixel space, clockwise.
 */
#ifndef FORMATS_SHAPE_H
#define FORMATS_SHAPE_H

#include "formats/rows.h"

/* Labels that a config does not name (dynamic ones) and an export still numbers. */
#define SHAPE_MORE_LABELS 10000

enum shape_kind {
    SHAPE_NONE,         /* nothing an image format can say (mask, choice, …) */
    SHAPE_BOX,
    SHAPE_POLYGON,      /* polygons, and ellipses as 64 points */
    SHAPE_KEYPOINT,
};

struct shape_point {
    double x, y;
};

struct shape {
    enum shape_kind kind;
    const char *label;              /* the first one; NULL when it has none */
    const char *id, *parent;        /* "" when absent */
    double width, height;           /* of the image in pixels; 0 = unknown */
    double x, y, w, h, rotation;    /* percent; a keypoint has x and y */
    struct shape_point *points;     /* percent; on cx->mem */
    int npoints;
};

/* What an item of a result draws. */
void shape_of(struct ctx *cx, const struct schema_control *control, const json_t *item,
              struct shape *out);

/* Upright box around a rotated one, in percent; rotated in pixel space when `in_pixels`. */
void shape_hull(const struct shape *s, bool in_pixels, double *x, double *y, double *w, double *h);

/* Image path or address of a task: the field `key` of its data, "" when it has none. */
const char *image_address(struct ctx *cx, const json_t *data, const char *key);

/* File name for an address: "img0.png" for own uploads, else "<8 hex>__img0.png". */
const char *image_file(struct ctx *cx, const char *address);

/* The same without its extension. */
const char *image_stem(struct ctx *cx, const char *address);

/* Is it an upload of ours, whose name is its own ("/data/upload/…")? */
bool image_is_upload(const char *address);

/*
 * A label file is named after its image.  The second task with the same image
 * must not silently replace the first: its name gets "-2", "-3", ….
 */
struct names;
struct names *names_new(void *mem);
const char *names_take(struct names *n, struct ctx *cx, const char *stem);

#endif
