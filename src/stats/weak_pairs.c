/*
 * weak_pairs.c -- how often two votes stand on the same row, and what follows from it.
 *
 * Every column (a function voting for one class) becomes a string of bits, one a row; a pair is
 * counted by AND and a population count, 64 rows at a time.  Rows are taken in blocks that stay in
 * the cache.  All figures are whole numbers, so no order of rows or blocks changes them.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/weak.h"

#define ALIKE_ROWS 256         /* of a block that all pairs in question read together */
#define BLOCK 256               /* words of 64 rows: a column's part of a block takes 2 KB */
#define FOLD   16               /* words whose counts per byte fit into a byte */

/* Bits set in both: counts per byte in parallel, which any vector unit does several at a time. */
static uint64_t both(const uint64_t *a, const uint64_t *b)
{
    const uint64_t m1 = 0x5555555555555555ull, m2 = 0x3333333333333333ull,
                   m4 = 0x0f0f0f0f0f0f0f0full, m8 = 0x00ff00ff00ff00ffull;
    uint64_t sum = 0;

    for (size_t s = 0; s < BLOCK; s += FOLD) {
        uint64_t bytes = 0;
        for (size_t t = s; t < s + FOLD; t++) {
            uint64_t x = a[t] & b[t];
            x -= (x >> 1) & m1;
            x = (x & m2) + ((x >> 2) & m2);
            bytes += (x + (x >> 4)) & m4;
        }
        bytes = (bytes & m8) + ((bytes >> 8) & m8);
        sum += (bytes * 0x0001000100010001ull) >> 48;
    }
    return sum;
}

/* Sets the bits of rows from … to of every column; `at` finds the column of a vote. */
static void bits_fill(const struct as_lf_votes *in, size_t from, size_t to, const uint32_t *at,
                      uint64_t *bits)
{
    for (size_t i = from; i < to; i++) {
        const int16_t *vote = in->vote + i * in->lfs;
        for (uint32_t j = 0; j < in->lfs; j++) {
            uint32_t c = vote[j] < 0 ? 0 : at[(size_t)j * in->classes + (size_t)vote[j]];
            if (c)
                bits[(size_t)(c - 1) * BLOCK + (i - from) / 64] |= 1ull << ((i - from) % 64);
        }
    }
}

int as_column_pairs(const struct as_lf_votes *in, const struct as_column *column, uint32_t n,
                    struct as_pool *pool, uint32_t *count)
{
    uint64_t *bits = as_take(pool, n, BLOCK * sizeof *bits);
    uint32_t *at = as_take(pool, (size_t)in->lfs * in->classes, sizeof *at);

    if (!bits || !at)
        return AS_ENOMEM;
    for (uint32_t c = 0; c < n; c++)
        at[(size_t)column[c].lf * in->classes + (size_t)column[c].says] = c + 1;
    for (size_t from = 0; from < in->rows; from += BLOCK * 64) {
        size_t to = from + BLOCK * 64 < in->rows ? from + BLOCK * 64 : in->rows;
        memset(bits, 0, n * BLOCK * sizeof *bits);
        bits_fill(in, from, to, at, bits);
        for (uint32_t a = 0; a < n; a++)
            for (uint32_t b = a; b < n; b++)
                count[(size_t)a * n + b] += (uint32_t)both(bits + (size_t)a * BLOCK,
                                                           bits + (size_t)b * BLOCK);
    }
    for (uint32_t a = 0; a < n; a++)
        for (uint32_t b = 0; b < a; b++)
            count[(size_t)a * n + b] = count[(size_t)b * n + a];
    return AS_OK;
}

int as_columns(const struct as_weak_fit *f, struct as_column **out, uint32_t *n)
{
    uint32_t K = f->in->classes;

    *n = 0;
    for (size_t c = 0; c < (size_t)f->in->lfs * K; c++)
        *n += f->polarity[c] > 0;
    if (*n > AS_LF_PAIRS_MAX || f->in->lfs > AS_LF_PAIRS_MAX)
        return AS_ETOOBIG;
    struct as_column *column = *out = as_take(f->pool, *n, sizeof *column);
    if (!column)
        return AS_ENOMEM;
    for (size_t c = 0; c < (size_t)f->in->lfs * K; c++)
        if (f->polarity[c])
            *column++ = (struct as_column){ (uint32_t)(c / K), (int16_t)(c % K) };
    return AS_OK;
}

/* ------------------------------------------------------------------ groups */

/*
 * |same| > alike * |either|  if and only if the rows where just one votes, or both differently, put
 * less than (va + vb) (1 - alike) / (1 + alike) apart; a row of the first kind counts 1, one of the
 * second kind 2.  Most pairs spend that allowance within a few rows and are done with.
 */
struct near {
    uint32_t a, b;
    double left;                /* of the allowance; below or at 0: they are not alike */
};

/* The pairs that may be alike by their counts alone. */
static int candidates(const struct as_weak_fit *f, struct near **out, size_t *n)
{
    const struct as_lf_fit *lf = f->out->lf;
    uint32_t m = f->in->lfs, K = f->in->classes;
    double share = (1 - f->opts->alike) / (1 + f->opts->alike);
    struct near *pair = NULL;

    for (int filling = 0; filling < 2; filling++) {
        *n = 0;
        for (uint32_t b = 1; b < m; b++)
            for (uint32_t a = 0; a < b; a++) {
                double left = (double)(lf[a].votes + lf[b].votes) * share;
                for (uint32_t k = 0; k < K && left > 0; k++)
                    left -= fabs((double)f->polarity[(size_t)a * K + k]
                                 - (double)f->polarity[(size_t)b * K + k]);
                if (left > 0 && pair)
                    pair[*n] = (struct near){ a, b, (double)(lf[a].votes + lf[b].votes) * share };
                *n += left > 0;
            }
        if (!filling && !(pair = as_take(f->pool, *n, sizeof *pair)))
            return AS_ENOMEM;
    }
    *out = pair;
    return AS_OK;
}

/* Reads the rows block by block, a column at a time, all pairs still in question together; leaves
   those that are alike in front and says how many. */
static int alike(const struct as_lf_votes *in, struct as_pool *pool, struct near *pair, size_t *n)
{
    int16_t *column = as_take(pool, in->lfs, ALIKE_ROWS * sizeof *column);

    if (!column)
        return AS_ENOMEM;
    for (size_t from = 0; from < in->rows && *n; from += ALIKE_ROWS) {
        size_t rows = in->rows - from < ALIKE_ROWS ? in->rows - from : ALIKE_ROWS, kept = 0;
        for (size_t i = 0; i < rows; i++)
            for (uint32_t j = 0; j < in->lfs; j++)
                column[(size_t)j * ALIKE_ROWS + i] = in->vote[(from + i) * in->lfs + j];
        for (size_t c = 0; c < *n; c++) {
            const int16_t *a = column + (size_t)pair[c].a * ALIKE_ROWS;
            const int16_t *b = column + (size_t)pair[c].b * ALIKE_ROWS;
            uint16_t apart = 0;             /* narrow, so that many fit into a vector */
            for (size_t i = 0; i < rows; i++) {
                uint16_t differ = a[i] != b[i], both_vote = (a[i] | b[i]) >= 0;
                apart = (uint16_t)(apart + differ + (differ & both_vote));
            }
            pair[c].left -= apart;
            if (pair[c].left > 0)
                pair[kept++] = pair[c];
        }
        *n = kept;
    }
    return AS_OK;
}

int as_lf_groups(struct as_weak_fit *f)
{
    struct as_lf_fit *lf = f->out->lf;
    struct near *pair = NULL;
    uint32_t m = f->in->lfs;
    size_t n = 0;
    int rc;

    for (uint32_t j = 0; j < m; j++)
        lf[j].group = j;
    if (f->opts->alike < 1 && m <= AS_LF_PAIRS_MAX && (rc = candidates(f, &pair, &n)))
        return rc;
    if (n && (rc = alike(f->in, f->pool, pair, &n)))
        return rc;
    for (size_t c = 0; c < n; c++) {
        uint32_t x = lf[pair[c].a].group, y = lf[pair[c].b].group;
        for (uint32_t j = 0; j < m && x != y; j++)
            if (lf[j].group == x || lf[j].group == y)
                lf[j].group = x < y ? x : y;
    }
    for (uint32_t j = 0; j < m; j++)
        lf[lf[j].group].group_size++;
    for (uint32_t j = 0; j < m; j++)
        lf[j].group_size = lf[lf[j].group].group_size;
    return AS_OK;
}

/* ------------------------------------------------------------------ rows that say the same */

struct keyed {
    uint64_t key;
    size_t row;
};

static int by_key(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

int as_lf_patterns(const struct as_lf_votes *in, struct as_pool *pool, struct as_patterns *out)
{
    size_t n = in->rows, wide = in->lfs * sizeof *in->vote;
    struct keyed *k = as_take(pool, n, sizeof *k);

    out->vote = as_take(pool, n, wide);
    out->count = as_take(pool, n, sizeof *out->count);
    if (!k || !out->vote || !out->count)
        return AS_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        uint64_t h = 1;
        for (uint32_t j = 0; j < in->lfs; j++) {
            h = (h ^ (uint16_t)in->vote[i * in->lfs + j]) * 0x9E3779B97F4A7C15ull;
            h ^= h >> 29;
        }
        k[i] = (struct keyed){ h, i };
    }
    qsort(k, n, sizeof *k, by_key);
    out->n = 0;
    for (size_t s = 0; s < n; s++) {
        const int16_t *vote = in->vote + k[s].row * in->lfs;
        int16_t *last = out->vote + (out->n ? out->n - 1 : 0) * in->lfs;
        if (!out->n || memcmp(vote, last, wide))
            memcpy(out->vote + out->n++ * in->lfs, vote, wide);
        out->count[out->n - 1]++;
    }
    return AS_OK;
}
