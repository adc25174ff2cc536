/*
 * weak_triplet.c -- accuracies in closed form, from three functions at a time.
 *
 * Model: function j is right with probability r_j wherever it votes, wrong classes are equally
 * likely, and functions err independently.  With a_j = (K r_j - 1) / (K - 1), which is 0 for a
 * guess and 1 for one that never errs, the agreement of two functions where both vote, P_ij, gives
 *
 *     M_ij = (K P_ij - 1) / (K - 1) = a_i a_j        whatever the class balance
 *     |a_i| = sqrt |M_ij M_ik / M_jk|                for every pair j, k
 *
 * For two classes M_ij is the mean of the product of votes of ±1, and this is the estimate of Fu et
 * al. (FlyingSquid, ICML 2020).  a_i is the median over the pairs with |M_jk| > 0.01 and at least
 * ten common rows each; positive unless the known rows say otherwise; without any such pair it
 * stays at what opts.accuracy says.  A vote then counts log r_j against log (1 - r_j) / (K - 1).
 *
 * O((lfs * classes)^2 * rows / 64) for the agreements, O(lfs^3) for the triplets; above a hundred
 * functions each one looks at a sample of PAIRS pairs.
 */
#include <math.h>
#include <stdlib.h>

#include "stats/as_synth.h"
#include "stats/weak.h"

#define WEAK_PAIR   .01         /* an M_jk below it is no divisor */
#define COMMON_MIN  10          /* rows */
#define ALL_PAIRS   100         /* functions; above it pairs are sampled */
#define PAIRS       5000
#define A_MAX       .98         /* nobody is taken to be infallible */
#define GOLD_MIN    10          /* known votes before gold may turn a sign */

static const char *const names[] = { "a", "pairs" };

struct triplets {
    uint32_t lfs;
    double *m;                  /* [lfs * lfs] M_ij, NAN where too little is in common */
    double *found;              /* scratch for one function's estimates */
};

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* M of every pair of functions, from the common rows of their columns. */
static int agreements(struct as_weak_fit *f, struct triplets *t)
{
    struct as_column *c;
    uint32_t n, m = f->in->lfs, K = f->in->classes;
    int rc = as_columns(f, &c, &n);

    if (rc)
        return rc;
    uint32_t *count = as_take(f->pool, (size_t)n * n, sizeof *count);
    double *same = as_take(f->pool, (size_t)m * m, sizeof *same);
    if (!(t->m = as_take(f->pool, (size_t)m * m, sizeof *t->m)) || !count || !same)
        return AS_ENOMEM;
    if ((rc = as_column_pairs(f->in, c, n, f->pool, count)))
        return rc;
    for (uint32_t a = 0; a < n; a++)
        for (uint32_t b = 0; b < n; b++) {
            size_t pair = (size_t)c[a].lf * m + c[b].lf;
            t->m[pair] += count[(size_t)a * n + b];
            same[pair] += c[a].says == c[b].says ? count[(size_t)a * n + b] : 0;
        }
    for (uint32_t i = 0; i < m; i++)
        for (uint32_t j = 0; j < m; j++) {
            size_t pair = (size_t)i * m + j;
            int alone = t->m[pair] < COMMON_MIN || i == j;
            t->m[pair] = alone ? NAN : (K * same[pair] / t->m[pair] - 1) / (K - 1.);
        }
    return AS_OK;
}

/* The estimate of |a_i| by one pair; 0 when the pair says nothing. */
static int estimate(const struct triplets *t, uint32_t i, uint32_t j, uint32_t k, double *out)
{
    double x = t->m[(size_t)i * t->lfs + j], y = t->m[(size_t)i * t->lfs + k];
    double z = t->m[(size_t)j * t->lfs + k];

    if (isnan(x) || isnan(y) || !(fabs(z) > WEAK_PAIR))     /* NAN > … is false */
        return 0;
    *out = sqrt(fabs(x * y / z));
    return 1;
}

/* How many pairs spoke of function i; their estimates stand in t->found. */
static uint32_t estimates(const struct triplets *t, uint32_t i, uint64_t seed)
{
    uint32_t found = 0, m = t->lfs;

    for (uint32_t j = 0; m <= ALL_PAIRS && j < m; j++)
        for (uint32_t k = j + 1; k < m; k++)
            if (j != i && k != i)
                found += (uint32_t)estimate(t, i, j, k, &t->found[found]);
    for (uint64_t s = 0; m > ALL_PAIRS && s < PAIRS; s++) {
        uint32_t j = (uint32_t)(as_uniform(seed, 2ull * i, s) * m);
        uint32_t k = (uint32_t)(as_uniform(seed, 2ull * i + 1, s) * m);
        if (j != k && j != i && k != i)
            found += (uint32_t)estimate(t, i, j, k, &t->found[found]);
    }
    return found;
}

/* Do the known rows say that the function is worse than a guess? */
static int misleads(const struct as_lf_votes *in, uint32_t j)
{
    size_t known = 0, right = 0;

    for (size_t i = 0; in->gold && i < in->rows; i++) {
        int16_t y = in->vote[i * in->lfs + j];
        known += y >= 0 && in->gold[i] >= 0;
        right += y >= 0 && in->gold[i] == y;
    }
    return known >= GOLD_MIN && (double)right * in->classes < (double)known;
}

/* A function that knows one class only is right that often when it speaks, whatever the balance;
   of one that knows several the accuracy says how often it hits the class that is there. */
static void scores_set(struct as_weak_fit *f, uint32_t j, double right)
{
    struct as_weak_result *r = f->out;
    uint32_t K = r->classes, poles = 0;

    for (uint32_t y = 0; y < K; y++)
        poles += f->polarity[(size_t)j * K + y] > 0;
    for (uint32_t y = 0; y < K; y++)
        for (uint32_t k = 0; k < K; k++) {
            double p = r->balance[y], hit = right * K > 1 ? as_lf_right(f, y, right) : right;
            double one = y == k ? hit / p : (1 - hit) / (1 - p);
            double several = y == k ? right : (1 - right) / (K - 1.);
            as_lf_score(r, j, (int)y)[k] = as_lf_voice(r, j) * log(poles == 1 ? one : several);
        }
}

static int fit(struct as_weak_fit *f)
{
    struct as_weak_result *r = f->out;
    uint32_t m = f->in->lfs, K = f->in->classes;
    struct triplets t = { .lfs = m };
    int rc;

    if (!(t.found = as_take(f->pool, PAIRS, sizeof *t.found))
        || !(r->param = as_take(f->keep, (size_t)m * 2, sizeof *r->param)))
        return AS_ENOMEM;
    if ((rc = agreements(f, &t)))
        return rc;
    r->params = 2;
    r->param_name = names;
    for (uint32_t j = 0; j < m; j++) {
        uint32_t n = estimates(&t, j, f->opts->seed);
        double a = (K * f->opts->accuracy - 1) / (K - 1.);
        qsort(t.found, n, sizeof *t.found, by_size);
        if (n)
            a = (t.found[(n - 1) / 2] + t.found[n / 2]) / 2;
        a = a < A_MAX ? a : A_MAX;
        if (misleads(f->in, j))
            a = -a / (K - 1.);          /* the lowest a can be: never right */
        double right = (1 + (K - 1.) * a) / K;
        r->param[(size_t)j * 2] = a;
        r->param[(size_t)j * 2 + 1] = n;
        scores_set(f, j, right);
    }
    return AS_OK;
}

const struct as_weak_model as_weak_triplet = {
    { "triplet", "Triplet label model", "Fu et al., ICML 2020 (FlyingSquid)",
      "The accuracy of every function in closed form, from how often it agrees with two others and "
      "they with each other. No iteration and no start to depend on, so it follows people while "
      "they write functions. Use it when functions vote for several classes and overlap; functions "
      "of one class only look all alike to it.", 0 },
    fit
};
