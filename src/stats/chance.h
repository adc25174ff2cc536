/*
 * chance.h -- random numbers whose state is one counter, so a run is repeated by its seed alone and
 * every restart, round or worker draws from a stream of its own.  Not installed.
 *
 * Uniform numbers are as_uniform (as_synth.h); the rest is made of them.
 */
#ifndef STATS_CHANCE_H
#define STATS_CHANCE_H

#include <stdint.h>

#include "stats/as_synth.h"

struct as_rng {
    uint64_t seed, stream, at;      /* at: the next number of the stream */
};

double as_draw(struct as_rng *g);                       /* uniform in [0, 1) */
uint64_t as_draw_below(struct as_rng *g, uint64_t n);   /* 0 … n-1, n >= 1 */
double as_draw_normal(struct as_rng *g);                /* mean 0, variance 1 */
double as_draw_gamma(struct as_rng *g, double shape);   /* scale 1, shape > 0 */
double as_draw_beta(struct as_rng *g, double a, double b);
uint64_t as_draw_binomial(struct as_rng *g, uint64_t n, double p);  /* exact */

#endif
