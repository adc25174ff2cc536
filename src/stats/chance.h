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

/* 64 random bits: what as_uniform makes its number of, for loops that cannot afford a call. */
static inline uint64_t as_draw_bits(struct as_rng *g)
{
    uint64_t z = g->seed * 0x9E3779B97F4A7C15u + g->stream * 0xD1B54A32D192ED03u
                 + g->at++ * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}
double as_draw(struct as_rng *g);                       /* uniform in [0, 1) */
uint64_t as_draw_below(struct as_rng *g, uint64_t n);   /* 0 … n-1, n >= 1 */
double as_draw_normal(struct as_rng *g);                /* mean 0, variance 1 */
double as_draw_gamma(struct as_rng *g, double shape);   /* scale 1, shape > 0 */
double as_draw_beta(struct as_rng *g, double a, double b);
uint64_t as_draw_binomial(struct as_rng *g, uint64_t n, double p);  /* exact */

#endif
