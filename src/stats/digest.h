/*
 * digest.h -- a number that stands for an input, in logs and caches; no secret.  Not installed.
 *
 * Begin with any small number, then mix in one word after another in a fixed order.
 */
#ifndef STATS_DIGEST_H
#define STATS_DIGEST_H

#include <stdint.h>

static inline uint64_t as_mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * 0x9E3779B97F4A7C15u;
    return h ^ (h >> 29);
}

#endif
