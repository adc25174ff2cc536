/*
 * agg_ordinal_ds.c -- Dawid-Skene for grades: two numbers per worker instead of a table.
 *
 *   T^j_kl proportional to exp(-(l - k - c_j)^2 / (2 v_j)),   c_j ~ N(0, 1),   v_j ~ IG(2, 1)
 *
 * c_j is how much worker j grades too high, v_j how widely they scatter; both in steps of the
 * scale.  In (c/v, 1/v) the likelihood of the expected counts is an exponential family, so in
 * either number alone it has one top: the M step is a golden section search of each in turn, and a
 * step that gains nothing is not taken.  p is learned.  Without a cost table of the caller the
 * answer is the class of least expected |distance|, the median of the posterior. O(votes * K) an
 * iteration, and some hundred evaluations of O(K) per worker.
 */
#include <math.h>

#include "stats/em.h"

#define SHIFT_MAX  3.
#define LOG_V_MIN  (-6.)        /* e^-6: a worker who is all but never off */
#define LOG_V_MAX  4.
#define SECTIONS   30
#define ROUNDS     2
#define IG_SHAPE   2.
#define IG_SCALE   1.

struct grader {                 /* of one worker: what the counts say, and scratch */
    uint32_t classes;
    const double *n;            /* [classes] expected tasks of each class */
    double s0, s1, s2;          /* sums of count * (l - k)^0, 1, 2 */
    double *e;                  /* [2 * classes - 1] exp of every distance */
};

struct ordinal {
    double *shift, *log_v;      /* [workers] */
    double *n, *e;
};

/* Log of what a row sums to, for every class of the truth, by one window over the distances. */
static void distances(const struct grader *g, double c, double v)
{
    int K = (int)g->classes;

    for (int d = 1 - K; d < K; d++)
        g->e[d + K - 1] = exp(-(d - c) * (d - c) / (2 * v)) + 1e-300;
}

static double row_sum(const struct grader *g, uint32_t k)
{
    double z = 0;

    for (uint32_t l = 0; l < g->classes; l++)
        z += g->e[l + g->classes - 1 - k];
    return z;
}

static double fitness(const struct grader *g, double c, double log_v)
{
    double v = exp(log_v);
    double x = -(g->s2 - 2 * c * g->s1 + c * c * g->s0) / (2 * v)
               - c * c / 2 - (IG_SHAPE + 1) * log_v - IG_SCALE / v;

    distances(g, c, v);
    for (uint32_t k = 0; k < g->classes; k++)
        if (g->n[k] > 0)
            x -= g->n[k] * log(row_sum(g, k));
    return x;
}

/* The top of fitness along one of the two numbers. */
static double search(const struct grader *g, int of_shift, double other, double lo, double hi)
{
    const double gold = (sqrt(5) - 1) / 2;
    double a = hi - gold * (hi - lo), b = lo + gold * (hi - lo);
    double fa = of_shift ? fitness(g, a, other) : fitness(g, other, a);
    double fb = of_shift ? fitness(g, b, other) : fitness(g, other, b);

    for (int n = 0; n < SECTIONS; n++) {
        if (fa >= fb) {
            hi = b;
            b = a;
            fb = fa;
            a = hi - gold * (hi - lo);
            fa = of_shift ? fitness(g, a, other) : fitness(g, other, a);
        } else {
            lo = a;
            a = b;
            fa = fb;
            b = lo + gold * (hi - lo);
            fb = of_shift ? fitness(g, b, other) : fitness(g, other, b);
        }
    }
    return (lo + hi) / 2;
}

static void count(struct grader *g, const struct as_em *em, size_t j, double *n)
{
    uint32_t K = em->classes;

    g->s0 = g->s1 = g->s2 = 0;
    for (uint32_t k = 0; k < K; k++)
        n[k] = 0;
    for (uint32_t l = 0; l < K; l++)
        for (uint32_t k = 0; k < K; k++) {
            double c = em->count[(j * K + l) * K + k], d = (double)l - (double)k;
            n[k] += c;
            g->s0 += c;
            g->s1 += c * d;
            g->s2 += c * d * d;
        }
}

static double m_step(struct as_fit *f, struct as_em *em, void *arg)
{
    struct ordinal *o = arg;
    uint32_t K = em->classes;
    struct grader g = { .classes = K, .n = o->n, .e = o->e };
    double extra = 0;

    as_em_prior(f, em);
    for (size_t j = 0; j < em->workers; j++) {
        count(&g, em, j, o->n);
        double c = o->shift[j], log_v = o->log_v[j], best = fitness(&g, c, log_v);
        for (int n = 0; n < ROUNDS; n++) {
            double v_new = search(&g, 0, c, LOG_V_MIN, LOG_V_MAX);
            double c_new = search(&g, 1, v_new, -SHIFT_MAX, SHIFT_MAX);
            double now = fitness(&g, c_new, v_new);
            if (!(now > best))
                break;
            best = now;
            c = c_new;
            log_v = v_new;
        }
        o->shift[j] = c;
        o->log_v[j] = log_v;
        extra += -c * c / 2 - (IG_SHAPE + 1) * log_v - IG_SCALE / exp(log_v);
        distances(&g, c, exp(log_v));
        for (uint32_t k = 0; k < K; k++) {
            double z = row_sum(&g, k);
            for (uint32_t l = 0; l < K; l++)
                em->logt[(j * K + l) * K + k] = log(g.e[l + K - 1 - k] / z);
        }
    }
    return extra;
}

static int leave(struct as_fit *f, const struct as_em *em, const struct ordinal *o)
{
    static const char *const names[] = { "shift", "scatter" };
    double *p = as_em_params(f, 2, names);

    if (!p)
        return AS_ENOMEM;
    for (size_t j = 0; j < em->workers; j++) {
        p[2 * j] = o->shift[j];
        p[2 * j + 1] = exp(o->log_v[j] / 2);
        f->out->worker[j].weight = exp(-o->log_v[j]);
    }
    return as_em_confusion(f, em);
}

static int run(struct as_fit *f)
{
    uint32_t W = f->votes->workers, K = f->votes->classes;
    struct ordinal o;
    struct as_em em;
    int rc = as_em_new(f, &em);

    if (rc)
        return rc;
    if (!(o.shift = as_take(f->pool, W, sizeof(double)))
        || !(o.log_v = as_take(f->pool, W, sizeof(double)))
        || !(o.n = as_take(f->pool, K, sizeof(double)))
        || !(o.e = as_take(f->pool, 2 * (size_t)K, sizeof(double))))
        return AS_ENOMEM;
    f->graded = 1;
    rc = as_em_run(f, &em, m_step, &o);
    return rc ? rc : leave(f, &em, &o);
}

const struct as_agg as_agg_ordinal_ds = {
    { "ordinal-ds", "Ordinal Dawid-Skene", "after Dawid & Skene (1979), with graded confusion",
      "For classes that are grades in order: learns of every worker how much they grade too high "
      "and how widely they scatter. Two numbers per worker instead of a table, so it needs fewer "
      "answers. It answers with the median of the posterior unless costs are given.", 0 },
    run
};
