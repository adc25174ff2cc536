/*
 * rows.h -- the answers of a task, one row a person, grouped by control.
 *
 * This is the view that JSON_MIN, CSV, the image formats and CoNLL share:
 * cancelled answers dropped, the newest answer first, results collected under
 * the control that gave them, in the order of first appearance.  Controls that
 * the config does not name are left out, as the official converter does.
 */
#ifndef FORMATS_ROWS_H
#define FORMATS_ROWS_H

#include "formats/format.h"

struct group {
    const struct schema_control *control;
    json_t **items;             /* borrowed from row.result */
    int n;
};

struct row_answers {
    const struct export_annotation *annotation;     /* NULL: a task nobody has answered */
    json_t *result;
    struct group *groups;
    int ngroups;
    int nitems;                 /* over all groups */
    int place;                  /* among the answers of the task, as they came */
};

/*
 * The rows of a task on cx->mem; *n = 0 when all its answers were cancelled.
 * E_INVALID  a stored result is broken
 */
int rows_make(struct writer *w, const struct export_task *t, struct row_answers **out, int *n);

/* The parsed data object of a task. */
int rows_data(struct writer *w, const struct export_task *t, json_t **out);

/* Who answered: an e-mail address, or a number as text, or "" (on cx->mem). */
const char *rows_annotator(struct ctx *cx, const struct export_annotation *a);

/* The value of an item as the flat formats show it: value plus original_width and _height. */
json_t *rows_value(struct ctx *cx, const json_t *item);

/* What a control says in JSON_MIN and CSV. */
json_t *rows_plain(struct ctx *cx, const struct group *g);

/* Shortest decimal text that reads back as the same number. */
#define NUM_SIZE 32
const char *num_text(char buf[NUM_SIZE], double v);

#endif
