/*
 * prediction.h -- what a model guessed for a task.
 *
 * Owns table: prediction.
 */
#ifndef DOMAIN_PREDICTION_H
#define DOMAIN_PREDICTION_H

#include <jansson.h>

#include "core/ctx.h"

struct tasks;                   /* task_set.h */

struct prediction {
    int64_t id, project, task, created, updated;
    double score;               /* NaN: none */
    const char *model_version, *result;
    size_t nresult;
};

struct prediction_new {
    const char *result;
    size_t nresult;
    const json_t *parsed;
    double score;               /* NaN: none */
    const char *model_version;  /* "" when none */
};

/* E_INVALID: the result does not fit the config (required answers are not asked of a model). */
int prediction_add(struct ctx *cx, int64_t task, const struct prediction_new *new, int64_t *id);
int prediction_store(struct ctx *cx, int64_t project, int64_t task, int64_t import,
                     const struct prediction_new *new,
                     int64_t *id); /* importer: no audit, no check */
/* WRITE, audit 'prediction.add_many': all of them or none; every task stands in `project`.
 * E_NOTFOUND, E_INVALID as prediction_add; the field is "[i]". */
int prediction_add_many(struct ctx *cx, int64_t project, const int64_t *task,
                        const struct prediction_new *new, int n);
int prediction_set(struct ctx *cx, int64_t id, const struct prediction_new *new);
int prediction_delete(struct ctx *cx, int64_t id);
int prediction_get(struct ctx *cx, int64_t id, struct prediction *out);        /* E_NOTFOUND */
int prediction_list(struct ctx *cx, int64_t project, int64_t task, struct prediction **out, int *n);
int prediction_range(struct ctx *cx, int64_t project, int64_t first, int64_t last,
                     struct prediction **out, int *n);       /* of tasks first … last, by task */
/* The newest one of that model version (of any when it is ""): 1 found, 0 none. */
int prediction_newest(struct ctx *cx, int64_t project, int64_t task, const char *model_version,
                      struct prediction *out);
/* Of a whole project by cursor, for Label Studio's list. */
int prediction_page(struct ctx *cx, int64_t project, int64_t after, int limit,
                    struct prediction **out, int *n);

/* Those of some tasks, as part of a larger act: no audit row.  1 when there were any, 0. */
int prediction_clear(struct ctx *cx, int64_t project, const struct tasks *tasks);

int prediction_forget(struct ctx *cx, int64_t project, const struct tasks *tasks);

#endif
