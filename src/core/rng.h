/*
 * rng.h -- chance that can be replayed: SplitMix64.
 *
 * For simulation, sampling and shuffling.  Secrets come from id.h, never from here.
 */
#ifndef CORE_RNG_H
#define CORE_RNG_H

#include <stdint.h>

struct rng {
    uint64_t state;
};

uint64_t rng_next(struct rng *r);
double rng_unit(struct rng *r);                         /* [0, 1) */
uint64_t rng_below(struct rng *r, uint64_t n);          /* 0 … n-1, without bias; n > 0 */

#endif
