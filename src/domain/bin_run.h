/* bin_run.h -- between bin.c and bin_run.c alone: the slices of their jobs. */
#ifndef DOMAIN_BIN_RUN_H
#define DOMAIN_BIN_RUN_H

#include "domain/bin.h"

#define BIN_SLICE 100           /* tasks an act: a few milliseconds of the writer's time */

struct bin_slice {
    int64_t project, job;
    int64_t deletion;           /* 0: whichever is due */
    int64_t due;
    int64_t after;              /* tasks up to this one were looked at */
    int seen, moved;            /* by the last slice */
};

/* Part of a larger act: the next tasks come back. */
int bin_restore_slice(struct ctx *cx, struct bin_slice *s);

/* 1 and a deletion that was due then, now this job's; else 0. */
int bin_next_due(struct ctx *cx, int64_t project, int64_t job, int64_t due, int64_t *deletion);

/* What is left of a deletion, or of all that were due then, is kept once more. */
int bin_put_off(struct ctx *cx, int64_t project, int64_t deletion, int64_t due);

#endif
