/*
 * vexp.h -- exp of many numbers at once.  Not installed.
 *
 * exp(x) = 2^n * P(x - n ln 2) with a Taylor polynomial of degree 12: relative error below 4e-16.
 * Written so that a compiler turns it into vector instructions, and without contraction, so every
 * processor gives the same bits.  For x <= 0; below -707 the result is about 1e-307.
 */
#ifndef STATS_VEXP_H
#define STATS_VEXP_H

#include <stdint.h>
#include <string.h>

/* A function compiled twice, for plain and for wider registers; the loader picks one. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) \
    && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define AS_WIDE __attribute__((target_clones("default", "avx2")))
#else
#define AS_WIDE
#endif

static inline __attribute__((always_inline)) double as_exp_one(double x)
{
    const double magic = 0x1.8p52;
    uint64_t n, bits;

    x = x < -707 ? -707 : x;
    double shifted = x * 0x1.71547652b82fep0 + magic;
    double whole = shifted - magic;
    double r = x - whole * 0x1.62e42fee00000p-1;
    r -= whole * 0x1.a39ef35793c76p-33;
    double p = 1 / 479001600.;
    p = p * r + 1 / 39916800.;
    p = p * r + 1 / 3628800.;
    p = p * r + 1 / 362880.;
    p = p * r + 1 / 40320.;
    p = p * r + 1 / 5040.;
    p = p * r + 1 / 720.;
    p = p * r + 1 / 120.;
    p = p * r + 1 / 24.;
    p = p * r + 1 / 6.;
    p = p * r + .5;
    p = p * r + 1;
    p = p * r + 1;
    memcpy(&n, &shifted, sizeof n);
    memcpy(&bits, &p, sizeof bits);
    bits += n << 52;
    memcpy(&p, &bits, sizeof p);
    return p;
}

static inline __attribute__((always_inline)) void as_exp_many(double *x, size_t n)
{
    for (size_t k = 0; k < n; k++)
        x[k] = as_exp_one(x[k]);
}

#endif
