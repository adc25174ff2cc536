/*
 * seq_chain.c -- sums over all paths of a chain, and the best of them.
 *
 * Forward and backward with scaling (Rabiner 1989): a state counts as unreachable below TINY, and
 * emissions are taken relative to the best reachable one, so no sum is ever 0 or infinite.
 * O(tokens * tags^2) time; a stripe of sentences needs three rows a token of its longest sentence.
 */
#include <math.h>
#include <string.h>

#include "stats/seq.h"

#define TINY    1e-250
#define STRIPES 64u             /* sentences are summed in so many parts, whatever the threads */

struct room {                   /* of one stripe */
    double *ahead, *back, *near;/* [longest * K] forward, backward, scaled emissions */
    double *scale;              /* [longest] */
    double *taken, loglik;
};

/* Forward through one sentence of n tokens; returns log Z. */
static double forward(uint32_t K, size_t n, const double *e, const double *w, struct room *r)
{
    double loglik = 0;

    for (size_t t = 0; t < n; t++) {
        double *a = r->ahead + t * K, *near = r->near + t * K, best = -INFINITY, sum = 0;
        for (uint32_t k = 0; k < K; k++)
            a[k] = t ? 0 : w[(size_t)K * K + k];
        for (uint32_t j = 0; t && j < K; j++) {
            double from = r->ahead[(t - 1) * K + j];
            for (uint32_t k = 0; from > 0 && k < K; k++)
                a[k] += from * w[(size_t)j * K + k];
        }
        for (uint32_t k = 0; k < K; k++)
            if (a[k] > TINY && e[t * K + k] > best)
                best = e[t * K + k];
        for (uint32_t k = 0; k < K; k++) {
            near[k] = a[k] > TINY ? exp(e[t * K + k] - best) : 0;
            a[k] *= near[k];
            sum += a[k];
        }
        for (uint32_t k = 0; k < K; k++) {
            a[k] /= sum;
            if (a[k] < TINY)
                a[k] = 0;
        }
        r->scale[t] = sum;
        loglik += best + log(sum);
    }
    return loglik;
}

static void backward(uint32_t K, size_t n, const double *w, double *q, struct room *r)
{
    for (uint32_t k = 0; k < K; k++)
        r->back[(n - 1) * K + k] = 1;
    for (size_t t = n - 1; t-- > 0; ) {
        const double *a = r->ahead + t * K, *near = r->near + (t + 1) * K;
        double *b = r->back + t * K, *next = b + K, step;
        for (uint32_t j = 0; j < K; j++) {
            b[j] = 0;
            for (uint32_t k = 0; a[j] > 0 && k < K; k++) {
                step = w[(size_t)j * K + k] * near[k] * next[k] / r->scale[t + 1];
                b[j] += step;
                r->taken[(size_t)j * K + k] += a[j] * step;
            }
        }
    }
    for (size_t t = 0; t < n; t++) {
        double sum = 0;
        for (uint32_t k = 0; k < K; k++)
            sum += q[t * K + k] = r->ahead[t * K + k] * r->back[t * K + k];
        for (uint32_t k = 0; k < K; k++)
            q[t * K + k] /= sum;
    }
    for (uint32_t k = 0; k < K; k++)
        r->taken[(size_t)K * K + k] += q[k];
}

static size_t longest(const struct as_sentences *s, uint32_t from, uint32_t to)
{
    size_t most = 1;

    for (uint32_t i = from; i < to; i++)
        if (s->start[i + 1] - s->start[i] > most)
            most = s->start[i + 1] - s->start[i];
    return most;
}

/* The first sentence of a stripe. */
static uint32_t first_of(const struct as_sentences *s, uint32_t p)
{
    return (uint32_t)((uint64_t)s->n * p / STRIPES);
}

static int rooms_new(const struct as_seq_fit *f, struct as_pool *pool, struct room *room)
{
    const struct as_sentences *s = f->sentences;

    for (uint32_t p = 0; p < STRIPES; p++) {
        struct room *r = &room[p];
        size_t n = longest(s, first_of(s, p), first_of(s, p + 1)), K = f->tags;
        r->ahead = as_take(pool, n, K * sizeof *r->ahead);
        r->back = as_take(pool, n, K * sizeof *r->back);
        r->near = as_take(pool, n, K * sizeof *r->near);
        r->scale = as_take(pool, n, sizeof *r->scale);
        r->taken = as_take(pool, (K + 1) * K, sizeof *r->taken);
        if (!r->ahead || !r->back || !r->near || !r->scale || !r->taken)
            return AS_ENOMEM;
    }
    return AS_OK;
}

static void stripe(const struct as_seq_fit *f, uint32_t p, const double *e, const double *w,
                   double *q, struct room *r)
{
    const struct as_sentences *s = f->sentences;
    uint32_t K = f->tags;

    for (uint32_t i = first_of(s, p); i < first_of(s, p + 1); i++) {
        size_t at = s->start[i], n = s->start[i + 1] - at;
        if (!n)
            continue;
        r->loglik += forward(K, n, e + at * K, w, r);
        backward(K, n, w, q + at * K, r);
    }
}

double as_chain(const struct as_seq_fit *f, const double *e, const double *w, double *q,
                double *taken, int *rc)
{
    struct as_pool pool = { 0 };
    struct room room[STRIPES] = { { 0 } };
    size_t cells = (size_t)(f->tags + 1) * f->tags;
    double loglik = 0;

    *rc = rooms_new(f, &pool, room);
    if (!*rc) {
#pragma omp parallel for schedule(dynamic) num_threads(f->opts->threads)
        for (uint32_t p = 0; p < STRIPES; p++)
            stripe(f, p, e, w, q, &room[p]);
        memset(taken, 0, cells * sizeof *taken);
        for (uint32_t p = 0; p < STRIPES; p++) {
            loglik += room[p].loglik;
            for (size_t c = 0; c < cells; c++)
                taken[c] += room[p].taken[c];
        }
    }
    as_pool_end(&pool);
    return loglik;
}

/* ------------------------------------------------------------------ the best path */

/* back[n * K] and score[2 * K] are scratch.  0: there is no path. */
static int best_path(uint32_t K, size_t n, const double *e, const double *first, const double *step,
                     uint16_t *path, uint16_t *back, double *score)
{
    for (size_t t = 0; t < n; t++) {
        double *now = score + (t & 1) * K, *before = score + (~t & 1) * K;
        for (uint32_t k = 0; k < K; k++) {
            double best = t ? -INFINITY : first[k];
            uint16_t from = 0;
            for (uint32_t j = 0; t && j < K; j++)
                if (before[j] + step[(size_t)j * K + k] > best) {
                    best = before[j] + step[(size_t)j * K + k];
                    from = (uint16_t)j;
                }
            now[k] = best + e[t * K + k];
            back[t * K + k] = from;
        }
    }
    const double *last = score + ((n - 1) & 1) * K;
    uint16_t k = 0;
    for (uint32_t j = 1; j < K; j++)
        if (last[j] > last[k])
            k = (uint16_t)j;
    if (!(last[k] > -INFINITY))
        return 0;
    for (size_t t = n; t-- > 0; k = back[t * K + k])
        path[t] = k;
    return 1;
}

int as_viterbi(size_t n, uint32_t tags, const double *emission, const double *first,
               const double *step, uint16_t *path)
{
    struct as_pool pool = { 0 };
    int rc = tags && tags <= AS_TAGS_MAX ? AS_OK : AS_EINVAL;

    for (size_t c = 0; !rc && c < n * tags; c++)
        rc = emission[c] < INFINITY ? AS_OK : AS_EINVAL;
    for (size_t c = 0; !rc && c < (size_t)tags * tags; c++)
        rc = step[c] < INFINITY && first[c % tags] < INFINITY ? AS_OK : AS_EINVAL;
    if (rc || !n)
        return rc;
    uint16_t *back = as_take(&pool, n, tags * sizeof *back);
    double *score = as_take(&pool, 2 * tags, sizeof *score);
    if (!back || !score)
        rc = AS_ENOMEM;
    else if (!best_path(tags, n, emission, first, step, path, back, score))
        rc = AS_EINVAL;
    as_pool_end(&pool);
    return rc;
}

int as_chain_best(const struct as_seq_fit *f, const double *e, const double *w, uint16_t *label)
{
    const struct as_sentences *s = f->sentences;
    struct as_pool pool = { 0 };
    uint32_t K = f->tags;
    size_t cells = (size_t)(K + 1) * K;
    uint16_t *back = as_take(&pool, longest(s, 0, s->n), K * sizeof *back);
    double *score = as_take(&pool, 2 * K, sizeof *score);
    double *logw = as_take(&pool, cells, sizeof *logw);
    int rc = back && score && logw ? AS_OK : AS_ENOMEM;

    for (size_t c = 0; !rc && c < cells; c++)
        logw[c] = w[c] > 0 ? log(w[c]) : -INFINITY;
    for (uint32_t i = 0; !rc && i < s->n; i++) {
        size_t at = s->start[i], n = s->start[i + 1] - at;
        if (n && !best_path(K, n, e + at * K, logw + (size_t)K * K, logw, label + at, back, score))
            rc = AS_EINTERNAL;
    }
    as_pool_end(&pool);
    return rc;
}
