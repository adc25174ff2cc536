/* as_synth.h -- a made-up crowd, and chance without state */
#ifndef STATS_AS_SYNTH_H
#define STATS_AS_SYNTH_H

#include "stats/as_base.h"

/* `per_task` answers each from `workers` people on `tasks` tasks of `classes` classes, whose truth
   is known: for tests, demos and benchmarks.  task, worker, label: [tasks * per_task]; truth:
   [tasks]; accuracy: [workers] or NULL.
   AS_EINVAL unless 1 <= per_task <= workers and 2 <= classes <= AS_CLASSES_MAX. */
int as_synth_crowd(uint32_t tasks, uint32_t per_task, uint32_t classes, uint32_t workers,
                   uint64_t seed, uint32_t *task, uint32_t *worker, uint16_t *label,
                   uint16_t *truth, double *accuracy);

/* Uniform in [0, 1): number i of a stream of a seed, without state. */
double as_uniform(uint64_t seed, uint64_t stream, uint64_t i);

#endif
