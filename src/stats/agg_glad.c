/*
 * agg_glad.c -- how able the worker, how hard the task (GLAD: Whitehill, Ruvolo, Wu, Bergsma &
 * Movellan, NIPS 2009).
 *
 *   P(y_ij = z_i) = sigma(x_ij),  x_ij = alpha_j e^{b_i};   each wrong class (1 - sigma)/(K - 1)
 *   alpha_j ~ N(1, 1),  b_i ~ N(1, 1),  z_i uniform unless a prior is given
 *
 *   E   score_ik = log p_k - sum_j log(1 + e^x_ij) + sum_{j: y_ij = k} (x_ij + log(K - 1))
 *   M   maximises sum_ij (q_{i,y_ij} x_ij - log(1 + e^x_ij)) - sum (alpha-1)^2/2 - sum (b-1)^2/2
 *
 * Given the b's each alpha is a problem of one number, and given the alphas each b.  Both are the
 * same one: a multiplier m of fixed coefficients c (m = alpha, c = e^b or m = e^b, c = alpha), with
 *
 *   Q(m) = sum w (q c m - log(1 + e^{cm})),   Q' = sum w c (q - s),   Q'' = -sum w c^2 s(1 - s)
 *   over the votes, s = sigma(cm);
 *
 * so one function serves both: a Newton step, halved until Q does not fall.  That makes it a
 * generalised EM and the penalised likelihood rises.  b stays within -6 … 6.
 * O(votes) an iteration for any number of classes.
 */
#include <math.h>
#include <string.h>

#include "stats/em.h"
#include "stats/vexp.h"

#define B_MAX  6.
#define HALVES 12
#define SLACK  1e-13
#define CHUNK  256              /* votes of one worker or task taken together */

struct glad {
    double *alpha, *b, *e;      /* [workers], [tasks], [tasks] e^b */
    double *own;                /* [votes] q of the class given */
    size_t *first;              /* [workers + 1] votes of a worker in by_worker */
    uint32_t *by_worker, *task; /* [votes] */
    double *logp;
    double loglik;
};

struct point { double q, slope, curve; };       /* Q and its derivatives in m */

/* One chunk: c, own, w of n votes at multiplier m, added to p; Q alone where a step is judged. */
INLINE void chunk(const double *c, const double *own, const double *w, size_t n, double m,
                  struct point *p, const int alone)
{
    double u[CHUNK], q = 0, slope = 0, curve = 0, logs = 0, product = 1;

    for (size_t k = 0; k < n; k++) {
        double x = c[k] * m;
        u[k] = x < 0 ? x : -x;
    }
    for (size_t k = n; k % 8; k++)
        u[k] = 0;
    for (size_t k = 0; k < n; k += 8)
        as_exp_eight((as_v8 *)(u + k));
    for (size_t k = 0; k < n; k++) {
        double x = c[k] * m;
        q += w[k] * (own[k] * x - (x > 0 ? x : 0));
        if (alone)
            continue;
        double r = 1 / (1 + u[k]), s = x < 0 ? u[k] * r : r;
        slope += w[k] * c[k] * (own[k] - s);
        curve -= w[k] * c[k] * c[k] * u[k] * r * r;
    }
    for (size_t k = 0; k < n; k++) {        /* log(1 + u), sixteen at a time where none weighs */
        if (w[k] != 1) {
            logs += w[k] * log1p(u[k]);
            continue;
        }
        product *= 1 + u[k];
        if (k % 16 == 15) {
            logs += log(product);
            product = 1;
        }
    }
    p->q += q - logs - log(product);
    p->slope += slope;
    p->curve += curve;
}

static AS_WIDE void add_chunk(const double *c, const double *own, const double *w, size_t n,
                              double m, struct point *p)
{
    chunk(c, own, w, n, m, p, 0);
}

static AS_WIDE void add_value(const double *c, const double *own, const double *w, size_t n,
                              double m, struct point *p)
{
    chunk(c, own, w, n, m, p, 1);
}

static double weight_at(const struct as_votes *v, size_t s)
{
    return v->weight ? (double)v->weight[s] : 1;
}

/* Q of worker j at alpha, with the prior. */
static struct point at_alpha(const struct as_votes *v, const struct glad *g, uint32_t j,
                             double alpha, int alone)
{
    struct point p = { -(alpha - 1) * (alpha - 1) / 2, 1 - alpha, -1 };
    double c[CHUNK], own[CHUNK], w[CHUNK];

    for (size_t a = g->first[j]; a < g->first[j + 1]; ) {
        size_t n = 0;
        for (; a < g->first[j + 1] && n < CHUNK; a++, n++) {
            uint32_t s = g->by_worker[a];
            c[n] = g->e[g->task[s]];
            own[n] = g->own[s];
            w[n] = weight_at(v, s);
        }
        (alone ? add_value : add_chunk)(c, own, w, n, alpha, &p);
    }
    return p;
}

/* Q of task t at b, with the prior; slope and curve in b, by the expected information where Q is
   not concave. */
static struct point at_b(const struct as_votes *v, const struct glad *g, uint32_t t, double b,
                         int alone)
{
    struct point p = { 0, 0, 0 };
    double c[CHUNK], w[CHUNK], m = exp(b);

    for (uint32_t s = v->start[t]; s < v->start[t + 1]; ) {
        uint32_t from = s;
        size_t n = 0;
        for (; s < v->start[t + 1] && n < CHUNK; s++, n++) {
            c[n] = g->alpha[v->worker[s]];
            w[n] = weight_at(v, s);
        }
        (alone ? add_value : add_chunk)(c, g->own + from, w, n, m, &p);
    }
    double curve = m * m * p.curve, bent = curve + m * p.slope;
    return (struct point){ p.q - (b - 1) * (b - 1) / 2, m * p.slope - (b - 1),
                           (bent < 0 ? bent : curve) - 1 };
}

typedef struct point at_run(const struct as_votes *v, const struct glad *g, uint32_t id, double x,
                            int alone);

/* One Newton step from x, halved until Q does not fall (by more than its own rounding). */
static double climb(const struct as_votes *v, const struct glad *g, at_run *at, uint32_t id,
                    double x, double lo, double hi)
{
    struct point here = at(v, g, id, x, 0);
    double step = -here.slope / here.curve;

    for (int n = 0; n < HALVES; n++, step /= 2) {
        double next = x + step;
        next = next < lo ? lo : next > hi ? hi : next;
        if (at(v, g, id, next, 1).q >= here.q - SLACK * (1 + fabs(here.q)))
            return next;
    }
    return x;
}

static void m_step(struct as_fit *f, struct glad *g)
{
    const struct as_votes *v = f->votes;
    int threads = f->opts->threads;

    (void)threads;
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
    for (uint32_t j = 0; j < v->workers; j++)
        g->alpha[j] = climb(v, g, at_alpha, j, g->alpha[j], -1e3, 1e3);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
    for (uint32_t t = 0; t < v->tasks; t++) {
        g->b[t] = climb(v, g, at_b, t, g->b[t], -B_MAX, B_MAX);
        g->e[t] = exp(g->b[t]);
    }
}

/* log(1 + e^x) */
static double softplus(double x)
{
    return x > 0 ? x + log1p(as_exp_one(-x)) : log1p(as_exp_one(x));
}

/* Posterior of task t into f->row, that of a known class if there is one; what the task adds to the
   log-likelihood. */
static double weigh(struct as_fit *f, struct glad *g, uint32_t t, uint16_t known,
                    uint32_t *touched, double *rest)
{
    const struct as_votes *v = f->votes;
    double base = 0, odds = v->classes > 1 ? log(v->classes - 1.) : 0;

    *touched = as_open(f, t, g->logp);
    for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++) {
        double w = weight_at(v, s), x = g->alpha[v->worker[s]] * g->e[t];
        base -= w * (softplus(x) + odds);
        f->row[v->label[s]] += w * (x + odds);
    }
    if (known == AS_ABSTAIN)
        return base + as_close(f, *touched, g->logp[0], rest);
    double score = base + (f->seen[known] == f->call || v->classes <= AS_DENSE_CLASSES
                           ? f->row[known] : g->logp[known]);
    for (uint32_t s = 0; s < *touched; s++)
        f->row[f->touched[s]] = f->touched[s] == known;
    *rest = 0;
    return score;
}

/* The E step; returns the objective. */
static double e_step(struct as_fit *f, struct glad *g)
{
    const struct as_votes *v = f->votes;
    double sum = 0, rest;
    uint32_t touched;

    for (uint32_t j = 0; j < v->workers; j++)
        sum -= (g->alpha[j] - 1) * (g->alpha[j] - 1) / 2;
    for (uint32_t t = 0; t < v->tasks; t++) {
        sum -= (g->b[t] - 1) * (g->b[t] - 1) / 2;
        if (v->start[t] == v->start[t + 1])
            continue;
        sum += weigh(f, g, t, v->gold ? v->gold[t] : AS_ABSTAIN, &touched, &rest);
        for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++)
            g->own[s] = f->row[v->label[s]];
        as_uncount(f, touched);
    }
    return sum;
}

static int glad_new(struct as_fit *f, struct glad *g)
{
    const struct as_votes *v = f->votes;
    const double *p = v->classes <= AS_DENSE_CLASSES ? f->opts->class_prior : NULL;
    double total = 0;

    *g = (struct glad){ 0 };
    if (!(g->alpha = as_take(f->pool, v->workers, sizeof *g->alpha))
        || !(g->b = as_take(f->pool, v->tasks, sizeof *g->b))
        || !(g->e = as_take(f->pool, v->tasks, sizeof *g->e))
        || !(g->own = as_take(f->pool, v->n, sizeof *g->own))
        || !(g->first = as_take(f->pool, (size_t)v->workers + 2, sizeof *g->first))
        || !(g->by_worker = as_take(f->pool, v->n, sizeof *g->by_worker))
        || !(g->task = as_take(f->pool, v->n, sizeof *g->task))
        || !(g->logp = as_take(f->pool, v->classes, sizeof *g->logp)))
        return AS_ENOMEM;
    for (uint32_t k = 0; k < v->classes; k++)
        total += p ? p[k] : 1;
    for (uint32_t k = 0; k < v->classes; k++)
        g->logp[k] = log((p ? p[k] : 1) / total);
    for (uint32_t j = 0; j < v->workers; j++)
        g->alpha[j] = 1;
    for (uint32_t t = 0; t < v->tasks; t++) {
        g->b[t] = 1;
        g->e[t] = exp(1);
    }
    for (size_t s = 0; s < v->n; s++)
        g->first[v->worker[s] + 2]++;
    for (uint32_t j = 0; j < v->workers; j++)
        g->first[j + 2] += g->first[j + 1];
    for (uint32_t t = 0; t < v->tasks; t++)
        for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++) {
            g->task[s] = t;
            g->by_worker[g->first[v->worker[s] + 1]++] = s;
        }
    return AS_OK;
}

static int run(struct as_fit *f)
{
    static const char *const names[] = { "ability" };
    const struct as_votes *v = f->votes;
    struct glad g;
    int rc = glad_new(f, &g), go;

    if (rc)
        return rc;
    while ((go = as_em_step(f, e_step(f, &g))) == 1)
        m_step(f, &g);
    if (go < 0)
        return go;
    for (uint32_t t = 0; t < v->tasks; t++) {
        uint32_t touched = 0;
        double rest = 0;
        if (v->start[t] < v->start[t + 1])
            weigh(f, &g, t, AS_ABSTAIN, &touched, &rest);
        f->out->flags[t] = 0;
        as_put_rest(f, t, touched, rest);
    }
    double *ability = as_em_params(f, 1, names);
    for (uint32_t j = 0; ability && j < v->workers; j++)
        ability[j] = f->out->worker[j].weight = g.alpha[j];
    return ability ? AS_OK : AS_ENOMEM;
}

const struct as_agg as_agg_glad = {
    { "glad", "GLAD", "Whitehill, Ruvolo, Wu, Bergsma & Movellan, NIPS (2009)",
      "Learns how able each worker is and how hard each task, so that a miss on a hard task is "
      "forgiven. A few passes over the votes per iteration, for any number of classes. The choice "
      "where tasks differ much in difficulty and workers err at random.", 0 },
    run
};
