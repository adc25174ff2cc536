/*
 * vexp.h -- exp of many numbers at once.  Not installed.
 *
 * exp(x) = 2^n * P(x - n ln 2) with a Taylor polynomial of degree 11: relative error below 7e-15.
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
#define AS_WIDE __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define AS_WIDE
#endif

/* Into its caller always: the copy compiled for wider registers must have it too. */
#define INLINE static inline __attribute__((always_inline))

/* Taylor's series of exp to the eleventh power, for numbers and for vectors of them. */
#define AS_EXP_SERIES(r)                                                                \
    (((((((((((r * (1 / 39916800.) + 1 / 3628800.) * r + 1 / 362880.) * r + 1 / 40320.) \
            * r + 1 / 5040.) * r + 1 / 720.) * r + 1 / 120.) * r + 1 / 24.) * r + 1 / 6.) \
        * r + .5) * r + 1) * r + 1)

INLINE double as_exp_one(double x)
{
    const double magic = 0x1.8p52;
    uint64_t n, bits;

    x = x < -707 ? -707 : x;
    double shifted = x * 0x1.71547652b82fep0 + magic;
    double whole = shifted - magic;
    double r = x - whole * 0x1.62e42fee00000p-1;
    r -= whole * 0x1.a39ef35793c76p-33;
    double p = AS_EXP_SERIES(r);
    memcpy(&n, &shifted, sizeof n);
    memcpy(&bits, &p, sizeof bits);
    bits += n << 52;
    memcpy(&p, &bits, sizeof p);
    return p;
}

/* Four and eight doubles: in one register where the processor has such, in several elsewhere. */
typedef double as_v4 __attribute__((vector_size(32), aligned(8), may_alias));
typedef int64_t as_i4 __attribute__((vector_size(32), aligned(8), may_alias));
typedef double as_v8 __attribute__((vector_size(64), aligned(8), may_alias));
typedef int64_t as_i8 __attribute__((vector_size(64), aligned(8), may_alias));

/* One vote for class k of up to four. */
static const double as_hot[4][4] __attribute__((unused)) = {
    { 1 }, { 0, 1 }, { 0, 0, 1 }, { 0, 0, 0, 1 },
};

INLINE void as_exp_eight(as_v8 *at)
{
    const as_v8 none = { 0 }, magic = none + 0x1.8p52, least = none - 707.;
    as_v8 x = *at;
    as_i8 below = (as_i8)(x < least);

    x = (as_v8)(((as_i8)least & below) | ((as_i8)x & ~below));
    as_v8 shifted = x * 0x1.71547652b82fep0 + magic;
    as_v8 whole = shifted - magic;
    as_v8 r = x - whole * 0x1.62e42fee00000p-1;
    r -= whole * 0x1.a39ef35793c76p-33;
    as_v8 p = AS_EXP_SERIES(r);
    *at = (as_v8)((as_i8)p + ((as_i8)shifted << 52));
}

#endif
