/*
 * agg_bwa.c -- Bayesian weighted average (Li, Rubinstein & Cohn, "Exploiting worker correlation …",
 * ICML 2019; the simple half of their work), one class against the rest.
 *
 * Of class k, with y_ij = 1 where j said k and 0 where they said another:
 *
 *   y_ij ~ N(z_i, 1/v_j),   z_i ~ N(mu, 1/lambda),   v_j ~ Gamma(a/2, b/2)
 *
 *   z_i = vote share;  a = 15;  lambda = 1;
 *   b = a (sum_i n_i z_i (1 - z_i) / n) 4 (1 - 1/K)
 *   repeat  mu = mean z,  v_j = (a + n_j) / (b + sum_i (z_i - y_ij)^2),
 *           z_i = (lambda mu + sum_j v_j y_ij) / (lambda + sum_j v_j)
 *   until the z move by less than 0.1 % of their length
 *
 * and the posterior of a task is its z over all classes, made to sum to one.  There is no
 * objective.  O(votes * K) a round, and few rounds.
 */
#include <math.h>

#include "stats/em.h"

#define A         15.
#define LAMBDA    1.
#define NEAR      1e-3
#define WORK_MAX  4000000000ull         /* votes times classes */

struct bwa {
    double *z;                  /* [tasks * classes] */
    double *v, *n, *square;     /* [workers] */
    double *skill;              /* [workers] mean of v over the classes */
};

static double weight_at(const struct as_votes *v, size_t s)
{
    return v->weight ? (double)v->weight[s] : 1;
}

static int fixed(const struct as_votes *v, uint32_t t)
{
    return v->gold && v->gold[t] != AS_ABSTAIN;
}

/* z of class k from the vote shares; returns b. */
static double begin(struct as_fit *f, struct bwa *b, uint32_t k)
{
    const struct as_votes *v = f->votes;
    double spread = 0, n = 0;

    for (uint32_t t = 0; t < v->tasks; t++) {
        double yes = 0, all = 0, *z = &b->z[(size_t)t * v->classes + k];
        for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++) {
            yes += v->label[s] == k ? weight_at(v, s) : 0;
            all += weight_at(v, s);
        }
        *z = all > 0 ? yes / all : 0;
        spread += all * *z * (1 - *z);
        n += all;
        if (fixed(v, t))
            *z = v->gold[t] == k;
    }
    return A * (n > 0 ? spread / n : 0) * 4 * (1 - 1.0 / v->classes);
}

/* One round on class k; the squared move and length of z go to *moved and *length. */
static void round_of(struct as_fit *f, struct bwa *b, uint32_t k, double prior, double *moved,
                     double *length)
{
    const struct as_votes *v = f->votes;
    double mu = 0, tasks = 0;

    for (uint32_t j = 0; j < v->workers; j++)
        b->square[j] = 0;
    for (uint32_t t = 0; t < v->tasks; t++) {
        double z = b->z[(size_t)t * v->classes + k];
        if (v->start[t] == v->start[t + 1])
            continue;
        tasks++;
        mu += z;
        for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++) {
            double d = z - (v->label[s] == k);
            b->square[v->worker[s]] += weight_at(v, s) * d * d;
        }
    }
    mu /= tasks > 0 ? tasks : 1;
    for (uint32_t j = 0; j < v->workers; j++)
        b->v[j] = (A + b->n[j]) / fmax(prior + b->square[j], 1e-10);
    *moved = *length = 0;
    for (uint32_t t = 0; t < v->tasks; t++) {
        double *z = &b->z[(size_t)t * v->classes + k], up = LAMBDA * mu, down = LAMBDA;
        if (v->start[t] == v->start[t + 1] || fixed(v, t))
            continue;
        for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++) {
            double w = weight_at(v, s) * b->v[v->worker[s]];
            up += v->label[s] == k ? w : 0;
            down += w;
        }
        *moved += (up / down - *z) * (up / down - *z);
        *length += *z * *z;
        *z = up / down;
    }
}

/* Rounds on class k until z stands still; 1 when it did. */
static int settle(struct as_fit *f, struct bwa *b, uint32_t k)
{
    double prior = begin(f, b, k), moved = 0, length = 0;
    struct as_result *r = f->out;

    for (int n = 1; n <= f->opts->max_iter && !r->stopped; n++) {
        round_of(f, b, k, prior, &moved, &length);
        r->iterations = n > r->iterations ? n : r->iterations;
        if (f->opts->progress && f->opts->progress(f->opts->progress_arg, n, 0))
            r->stopped = 1;
        if (sqrt(moved) <= NEAR * sqrt(length))
            return 1;
    }
    return 0;
}

static int run(struct as_fit *f)
{
    const struct as_votes *v = f->votes;
    uint32_t K = v->classes;
    struct bwa b;

    if ((uint64_t)v->n * K > WORK_MAX || (size_t)v->tasks * K > AS_EM_BYTES_MAX / sizeof(double))
        return AS_ETOOBIG;
    if (!(b.z = as_take(f->pool, (size_t)v->tasks * K, sizeof *b.z))
        || !(b.v = as_take(f->pool, v->workers, sizeof *b.v))
        || !(b.n = as_take(f->pool, v->workers, sizeof *b.n))
        || !(b.square = as_take(f->pool, v->workers, sizeof *b.square))
        || !(b.skill = as_take(f->pool, v->workers, sizeof *b.skill)))
        return AS_ENOMEM;
    for (size_t s = 0; s < v->n; s++)
        b.n[v->worker[s]] += weight_at(v, s);
    f->out->iterations = 0;
    for (uint32_t k = 0; k < K; k++) {
        f->out->converged &= settle(f, &b, k);
        for (uint32_t j = 0; j < v->workers; j++)
            b.skill[j] += b.v[j] / K;
    }
    for (uint32_t t = 0; t < v->tasks; t++) {
        const double *z = b.z + (size_t)t * K;
        double sum = 0;
        for (uint32_t k = 0; k < K; k++)
            sum += z[k];
        f->out->flags[t] = 0;
        if (sum > 0)
            as_put_row(f, t, z);
        else                            /* no votes, or none that weigh anything */
            as_put(f, t, as_count(f, t, NULL));
    }
    for (uint32_t j = 0; j < v->workers; j++)
        f->out->worker[j].weight = b.skill[j];
    return AS_OK;
}

const struct as_agg as_agg_bwa = {
    { "bwa", "BWA", "Li, Rubinstein & Cohn, ICML (2019)",
      "Takes every answer for a measurement of the truth with its author's own precision, one "
      "class against the rest, under a prior that holds newcomers together. A few passes over "
      "the votes per class. Steady with few answers per worker, and hard to lead astray.", 0 },
    run
};
