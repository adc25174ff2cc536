/*
 * result.h -- is this answer possible under that config?
 *
 * A result is the array an annotation or a prediction carries: items
 * {id, from_name, to_name, type, value, …}.  Controls of the types named in
 * tags.def with a checker are checked strictly; the others are stored as they
 * come (label_unchecked lists them).  Unknown keys of an item are never an
 * error: they are kept.
 *
 * Problems are collected, at most 100, in cx->fields with paths such as
 * "result[2].value.x", or "result.topic" for a control that is required and
 * has no answer; cx->why is the first sentence.
 */
#ifndef LABEL_RESULT_H
#define LABEL_RESULT_H

#include "label/config.h"

enum {
    LABEL_CHECK_DRAFT = 1,      /* no `required` checks: drafts and predictions */
};

/* Percent coordinates may stray this far outside 0…100: rounding in clients. */
#define LABEL_PERCENT_SLACK 1.0

/*
 * Check `result` against `c`.  `data` is the task's data object or NULL: with
 * it, dynamic labels and text lengths are checked too.
 *
 * E_INVALID  something is not possible; cx->fields says what and where
 * E_TOOBIG   more than LIMIT_RESULT_ITEMS items, or a mask over LIMIT_PIXELS
 */
int label_check(struct ctx *cx, const struct label_config *c, const json_t *data,
                const json_t *result, unsigned flags);

/* The controls whose answers are stored without a strict check; count. */
int label_unchecked(struct ctx *cx, const struct label_config *c, const struct label_tag ***out);

/*
 * A control is hidden when its own visibleWhen, or that of a tag around it,
 * does not hold for `result`.  A hidden control is not required.
 * Per-region controls are asked with the item of their region, else NULL.
 */
bool label_hidden(struct ctx *cx, const struct label_config *c, const struct label_tag *control,
                  const json_t *result, const json_t *region);

/*
 * Give ids of 10 characters to items that want one and have none (on submit;
 * imports are left alone).  Changes `result` in place; number of ids given.
 */
int label_give_ids(struct ctx *cx, json_t *result);

#endif
