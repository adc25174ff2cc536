/*
 * tags.h -- the rows of tags.def, and what a checker is given.  For files of this room.
 *
 * A checker looks at the value of one item and says, through check_say, what is
 * not possible about it.  It changes nothing and returns nothing: all problems
 * of a result are collected.
 */
#ifndef LABEL_TAGS_H
#define LABEL_TAGS_H

#include "label/result.h"

/* One item under check. */
struct check {
    struct ctx *cx;
    const struct label_config *cfg;
    const json_t *data;             /* task data or NULL */
    const json_t *result;
    unsigned flags;
    struct result_index *index;
    json_t **options;               /* one set a control, made when first asked for */
    json_t *levels;                 /* tag_choice.c: what stands below a step of a path */
    const json_t *measured;         /* tag_span.c: the text whose length is known, so that it is */
    int64_t length;                 /* counted once and not for each of 2,000 spans */
    int64_t at;                     /* place of the item in the result */
    int64_t repeat;                 /* index inside a Repeater, or -1 */
    const struct label_tag *tag;    /* its control */
    const struct label_tag *object; /* NULL when unknown */
    const json_t *item, *value;     /* value is an object */
    const char *type;
};

typedef void check_fn(struct check *k);

struct label_row {
    const char *name;
    enum label_kind kind;
    const char *same_as;    /* the present name, for an older one */
    const char *type;       /* `type` of its results */
    const char *key;        /* key of its label list in `value` */
    check_fn *check;
};

const struct label_row *tags_find(const char *tag);             /* any case */
const struct label_row *tags_of_type(const char *result_type);  /* htmllabels: hypertextlabels */
const char *tags_near(const char *tag);     /* the tag that is spelt nearly so, or NULL */
const char *tags_kind_word(enum label_kind kind);

check_fn check_choices, check_textarea, check_labels, check_rating, check_rectangle,
    check_timeseries, check_polygon, check_paragraphs, check_hypertext, check_keypoint,
    check_ranker, check_pairwise, check_taxonomy, check_timeline, check_video, check_brush,
    check_number, check_datetime, check_ellipse, check_vector, check_bitmask, check_ocr,
    check_never;

/* ---- check.c: what checkers share ---- */

/* `where` is the path below the item: ".value.x". */
void check_say(struct check *k, const char *where, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
bool check_full(const struct check *k);     /* no more problems are collected */

/* A number at value[key] within [least, most]; false (and said) when it is not. */
bool check_num(struct check *k, const char *key, double least, double most, double *out);
/* The same, but it may be missing. */
bool check_num_maybe(struct check *k, const char *key, double least, double most);
bool check_bool_maybe(struct check *k, const char *key);
bool check_str_maybe(struct check *k, const char *key);

/* The list of labels at value[key]: strings, known to the control, one when single, none twice. */
void check_label_list(struct check *k, const char *key);

/* Labels the task brings for the control: value="$field"; NULL when none are known. */
const json_t *check_dynamic(const struct check *k);
/* Whether anything goes: the list comes from the task and the task is not at hand. */
bool check_anything(const struct check *k);
bool check_is_option(const struct check *k, const char *stored);
bool check_single(const struct label_tag *control);

/* The geometry keys of a span or an image region, without the labels. */
void check_image_geometry(struct check *k);     /* by the keys that are there */
void check_span(struct check *k);               /* labels on text, audio and the like */

/* "name_{{idx}}" with the flag replaced, or `name` itself. */
const char *tags_repeat_name(struct ctx *cx, const struct label_tag *t, const char *name,
                             int64_t index);
/* The Repeater around a tag, or NULL. */
const struct label_tag *tags_repeater(const struct label_tag *t);
const char *tags_index_flag(const struct label_tag *repeater);

/* The items of a result by id and by from_name: objects of arrays. */
struct result_index {
    json_t *by_id, *by_name;
};

struct result_index *tags_index(struct ctx *cx, const json_t *result);
const json_t *tags_of_id(const struct result_index *ix, const char *id);        /* list or NULL */
const json_t *tags_of_name(const struct result_index *ix, const char *name);

/* As label_hidden, for the repetition `index` (-1 outside a Repeater). */
bool tags_hidden(struct ctx *cx, const struct label_config *c, const struct label_tag *control,
                 const struct result_index *ix, const json_t *region, int64_t index);

#endif
