/*
 * calibration.h -- how sure consensus was, and how right that was, where the truth is known.
 *
 * The truth of a task is its newest ground-truth answer: one that came as such,
 * or a ruling.  What the answers of the others come to is compared with it,
 * control by control, before the ruling takes its place: 1 is the same, 0 is
 * something else; regions, masks and texts may lie between.  A control whose
 * method was fitted with the truth in hand is left out: it would be right by
 * itself.
 *
 * Rows come and go with the consensus of a task; sums ride along by tenths of
 * confidence, in whole billionths, and are all that is read.
 *
 * Owns tables: calibration, calibration_sum.
 */
#ifndef DOMAIN_CALIBRATION_H
#define DOMAIN_CALIBRATION_H

#include "core/ctx.h"
#include "domain/opinion.h"

struct fits;
struct tasks;                   /* task_set.h */

struct certainty {
    const char *control;
    int64_t sure, fit;          /* billionths */
};

/* READ.  Of a task, as formed by the methods of `fits`; none without a truth. */
int calibration_of(struct ctx *cx, int64_t project, int64_t task, const struct fits *fits,
                   const struct opinions *o, struct certainty **out, int *n);

/* READ.  Do the tables say the same? */
int calibration_same(struct ctx *cx, int64_t project, int64_t task, const struct certainty *c,
                     int n, bool *same);

/* A change of some tasks' rows, part of a larger act; see agreement_change. */
struct calibration_change {
    struct ctx *cx;
    int64_t project;
    struct calibration_step *steps;
};

void calibration_begin(struct calibration_change *c, struct ctx *cx, int64_t project);

/* The sums alone: of rows that stand under `at`, sign 1 in, -1 out. */
int calibration_count(struct calibration_change *c, int64_t at, const struct tasks *tasks,
                      int sign);
int calibration_forget(struct calibration_change *c, const struct tasks *tasks);
int calibration_put(struct calibration_change *c, int64_t task, const struct certainty *of, int n);
int calibration_end(struct calibration_change *c);

struct calibration_bin {
    const char *control;
    int tenth;
    int64_t tasks;
    double sure, fit;           /* means */
};

/* READ, from the sums: by control and tenth. */
int calibration_bins(struct ctx *cx, int64_t project, struct calibration_bin **out, int *n);

/* READ: the number of sums that differ from what the rows add up to. */
int calibration_verify(struct ctx *cx, int64_t project, int64_t *wrong);

#endif
