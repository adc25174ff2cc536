/*
 * opinion_mask.h -- what several people painted on one picture, made into one mask a label.
 *
 * All that a person painted with one label (and for one item) is one mask; who
 * answered the task and painted nothing of it says that there is nothing.  A
 * method of stats (as_mask_method) makes one mask of them, and says how sure
 * it is.  Two people agree by the IoU of what they painted, on average over
 * the labels that either used.
 *
 * Masks are kept as stretches of painted pixels, never as pixels; the answer is
 * packed as the masks are, runs or PNG.  What is read is bounded by
 * LIMIT_MASK_RUNS and LIMIT_MASK_PIXELS: what comes beyond has no voice.  Part
 * of opinion.c's work.
 */
#ifndef DOMAIN_OPINION_MASK_H
#define DOMAIN_OPINION_MASK_H

#include <jansson.h>

#include "core/ctx.h"

struct answer;
struct masks;

/* of[i] is NULL where person i says nothing.  Whose mask cannot be read, or is of another size than
 * most of its label, has no voice in it.  Freed whole by talloc_free(*out). */
void masks_read(struct ctx *cx, const struct answer *const *of, int n, struct masks **out);

double masks_similarity(const struct masks *m, int a, int b);

/* Items are added to `answer`, one a label, with their confidence as "score". */
int masks_merge(struct ctx *cx, const struct masks *m, const char *method, json_t *answer,
                double *confidence);

#endif
