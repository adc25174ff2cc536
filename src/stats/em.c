/*
 * em.c -- the fused pass and the loop of em.h.
 *
 *     score_ik = log p_k + sum_j w_ij log T^j_{k, y_ij}
 *     q_i      = softmax(score_i)
 *     loglik   = sum_i logsumexp_k score_ik
 *
 * Tasks go in batches of 32: scores less their maximum into one buffer, exp of the whole buffer
 * with vector instructions, then normalised and counted.  The sums of exponentials of a batch are
 * multiplied, and one logarithm is taken of the product (each is between 1 and the number of
 * classes, so 32 of them stay far from the end of a double).  O(votes * classes) an iteration.
 */
#include <math.h>
#include <string.h>

#include "stats/em.h"
#include "stats/vexp.h"

#define BATCH   32
#define STRIPES 8

int as_em_new(struct as_fit *f, struct as_em *em)
{
    const struct as_votes *v = f->votes;
    size_t cells, bytes;

    *em = (struct as_em){ .votes = v, .tasks = v->tasks, .workers = v->workers,
                          .classes = v->classes, .threads = f->opts->threads };
    if (__builtin_mul_overflow((size_t)v->workers * v->classes, v->classes, &cells)
        || __builtin_mul_overflow(cells, 3 * sizeof(double), &bytes) || bytes > AS_EM_BYTES_MAX)
        return AS_ETOOBIG;
    /* stripes must not cost more than the pass itself; a rule of sizes alone, not of threads */
    size_t room = v->n * v->classes / (4 * (cells + 1)), left = AS_EM_BYTES_MAX / (bytes + 1);
    em->stripes = (int)(room < 1 ? 1 : room > STRIPES ? STRIPES : room);
    em->stripes = (size_t)em->stripes > left + 1 ? (int)left + 1 : em->stripes;
    em->cells = cells;
    if (!(em->logt = as_take(f->pool, cells, sizeof(double)))
        || !(em->count = as_take(f->pool, cells, sizeof(double)))
        || !(em->logp = as_take(f->pool, v->classes, sizeof(double)))
        || !(em->mass = as_take(f->pool, v->classes, sizeof(double)))
        || !(em->part = as_take(f->pool, (cells + v->classes) * (size_t)em->stripes,
                                sizeof(double)))
        || !(em->part_x = as_take(f->pool, BATCH * (size_t)v->classes * (size_t)em->stripes,
                                  sizeof(double)))
        || !(em->part_loglik = as_take(f->pool, (size_t)em->stripes, sizeof(double))))
        return AS_ENOMEM;
    return AS_OK;
}

/* ------------------------------------------------------------------ one pass */

struct batch {
    uint32_t task[BATCH], n;
    double *x;                  /* [BATCH * classes] scores, then posteriors */
    const uint16_t *gold;
};

struct sums {
    double *count, *mass;
    double total, lost;         /* of the log-likelihood, compensated */
};

static inline __attribute__((always_inline)) void sum_add(struct sums *s, double x)
{
    double t = s->total + x;

    s->lost += fabs(s->total) >= fabs(x) ? (s->total - t) + x : (x - t) + s->total;
    s->total = t;
}

static inline __attribute__((always_inline))
void score(const struct as_em *em, uint32_t t, double *x, const uint32_t K)
{
    const struct as_votes *v = em->votes;

    for (uint32_t k = 0; k < K; k++)
        x[k] = em->logp[k];
    for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++) {
        const double *row = em->logt + ((size_t)v->worker[s] * K + v->label[s]) * K;
        double w = v->weight ? (double)v->weight[s] : 1;
        if (v->weight)
            for (uint32_t k = 0; k < K; k++)
                x[k] += w * row[k];
        else
            for (uint32_t k = 0; k < K; k++)
                x[k] += row[k];
    }
}

static inline __attribute__((always_inline))
void add_counts(const struct as_em *em, uint32_t t, const double *q, struct sums *to,
                const uint32_t K)
{
    const struct as_votes *v = em->votes;

    for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++) {
        double *row = to->count + ((size_t)v->worker[s] * K + v->label[s]) * K;
        double w = v->weight ? (double)v->weight[s] : 1;
        if (v->weight)
            for (uint32_t k = 0; k < K; k++)
                row[k] += w * q[k];
        else
            for (uint32_t k = 0; k < K; k++)
                row[k] += q[k];
    }
    for (uint32_t k = 0; k < K; k++)
        to->mass[k] += q[k];
}

/* Scores in, posteriors out; adds the batch to the log-likelihood. */
static inline __attribute__((always_inline))
void normalise(const struct as_em *em, struct batch *b, struct sums *to, const uint32_t K)
{
    double product = 1, most = 0;

    for (uint32_t s = 0; s < b->n; s++) {
        double *x = b->x + (size_t)s * K, m = x[0];
        uint32_t top = 0, known = b->gold ? b->gold[b->task[s]] : AS_ABSTAIN;
        for (uint32_t k = 1; k < K; k++)
            m = x[k] > m ? x[k] : m;
        if (known != AS_ABSTAIN || em->hard) {
            while (x[top] < m)
                top++;
            top = known != AS_ABSTAIN ? known : top;
            m = x[top];
            for (uint32_t k = 0; k < K; k++)
                x[k] = k == top ? 0 : -INFINITY;
        } else {
            for (uint32_t k = 0; k < K; k++)
                x[k] -= m;
        }
        most += m;
    }
    as_exp_many(b->x, (size_t)b->n * K);
    for (uint32_t s = 0; s < b->n; s++) {
        double *x = b->x + (size_t)s * K, sum = 0;
        for (uint32_t k = 0; k < K; k++)
            sum += x[k];
        product *= sum;
        for (uint32_t k = 0; k < K; k++)
            x[k] *= 1 / sum;
    }
    sum_add(to, most + log(product));
}

static inline __attribute__((always_inline))
void stripe(const struct as_em *em, uint32_t from, uint32_t to, struct batch *b, struct sums *sum,
            const uint32_t K)
{
    const struct as_votes *v = em->votes;

    for (uint32_t t = from; t < to; ) {
        for (b->n = 0; t < to && b->n < BATCH; t++) {
            if (v->start[t] == v->start[t + 1])
                continue;
            b->task[b->n] = t;
            score(em, t, b->x + (size_t)b->n++ * K, K);
        }
        normalise(em, b, sum, K);
        for (uint32_t s = 0; s < b->n; s++)
            add_counts(em, b->task[s], b->x + (size_t)s * K, sum, K);
    }
}

typedef void stripe_run(const struct as_em *em, uint32_t from, uint32_t to, struct batch *b,
                        struct sums *sum);
#define SIZED(name, K)                                                                  \
    static AS_WIDE void name(const struct as_em *em, uint32_t from, uint32_t to,        \
                             struct batch *b, struct sums *sum)                         \
    {                                                                                   \
        stripe(em, from, to, b, sum, K);                                                \
    }
SIZED(stripe_2, 2)
SIZED(stripe_3, 3)
SIZED(stripe_4, 4)
SIZED(stripe_5, 5)
SIZED(stripe_8, 8)
SIZED(stripe_any, em->classes)

static stripe_run *run_for(uint32_t classes)
{
    switch (classes) {
    case 2:  return stripe_2;
    case 3:  return stripe_3;
    case 4:  return stripe_4;
    case 5:  return stripe_5;
    case 8:  return stripe_8;
    default: return stripe_any;
    }
}

/* Adds the stripes in their order, cell by cell. */
static void reduce(struct as_em *em)
{
    size_t width = em->cells + em->classes;

    memcpy(em->count, em->part, em->cells * sizeof(double));
    memcpy(em->mass, em->part + em->cells, em->classes * sizeof(double));
    em->loglik = em->part_loglik[0];
    for (int s = 1; s < em->stripes; s++) {
        const double *from = em->part + (size_t)s * width;
        for (size_t c = 0; c < em->cells; c++)
            em->count[c] += from[c];
        for (uint32_t k = 0; k < em->classes; k++)
            em->mass[k] += from[em->cells + k];
        em->loglik += em->part_loglik[s];
    }
}

static uint32_t stripe_start(const struct as_em *em, int s)
{
    return (uint32_t)((uint64_t)em->tasks * (uint64_t)s / (uint64_t)em->stripes);
}

void as_em_pass(struct as_em *em)
{
    stripe_run *run = run_for(em->classes);
    size_t width = em->cells + em->classes;
    int threads = em->threads < em->stripes ? em->threads : em->stripes;

    (void)threads;
#pragma omp parallel for schedule(static, 1) num_threads(threads) if (threads > 1)
    for (int s = 0; s < em->stripes; s++) {
        double *part = em->part + (size_t)s * width;
        struct batch b = { .x = em->part_x + BATCH * (size_t)em->classes * (size_t)s,
                           .gold = em->votes->gold };
        struct sums sum = { part, part + em->cells, 0, 0 };
        memset(part, 0, width * sizeof *part);
        run(em, stripe_start(em, s), stripe_start(em, s + 1), &b, &sum);
        em->part_loglik[s] = sum.total + sum.lost;
    }
    reduce(em);
}

void as_em_votes(struct as_em *em)
{
    const struct as_votes *v = em->votes;
    uint32_t K = em->classes;
    double *q = em->part_x;
    struct sums sum = { em->count, em->mass, 0, 0 };

    memset(em->count, 0, em->cells * sizeof(double));
    memset(em->mass, 0, K * sizeof(double));
    for (uint32_t t = 0; t < em->tasks; t++) {
        double all = 0;
        if (v->start[t] == v->start[t + 1])
            continue;
        memset(q, 0, K * sizeof *q);
        for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++) {
            double w = v->weight ? (double)v->weight[s] : 1;
            q[v->label[s]] += w;
            all += w;
        }
        if (v->gold && v->gold[t] != AS_ABSTAIN) {
            memset(q, 0, K * sizeof *q);
            q[v->gold[t]] = all = 1;
        }
        for (uint32_t k = 0; k < K; k++)
            q[k] = all > 0 ? q[k] / all : 1.0 / K;
        add_counts(em, t, q, &sum, K);
    }
}

int as_em_write(struct as_fit *f, struct as_em *em)
{
    const struct as_votes *v = em->votes;
    struct batch b = { .x = em->part_x, .n = 1 };
    struct sums sum = { 0 };

    for (uint32_t t = 0; t < em->tasks; t++) {
        f->out->flags[t] = 0;
        if (v->start[t] == v->start[t + 1]) {
            as_put(f, t, 0);
            continue;
        }
        score(em, t, b.x, em->classes);
        normalise(em, &b, &sum, em->classes);
        as_put_row(f, t, b.x);
    }
    return AS_OK;
}

/* ------------------------------------------------------------------ the loop */

void as_em_prior(const struct as_fit *f, struct as_em *em)
{
    const double *fixed = f->opts->class_prior;
    double total = 0;

    for (uint32_t k = 0; k < em->classes; k++)
        total += fixed ? fixed[k] : em->mass[k];
    for (uint32_t k = 0; k < em->classes; k++) {
        double p = total > 0 ? (fixed ? fixed[k] : em->mass[k]) / total : 1.0 / em->classes;
        em->logp[k] = p > 1e-10 ? p : 1e-10;
    }
    total = 0;
    for (uint32_t k = 0; k < em->classes; k++)
        total += em->logp[k];
    for (uint32_t k = 0; k < em->classes; k++)
        em->logp[k] = log(em->logp[k] / total);
}

int as_em_step(struct as_fit *f, double objective)
{
    struct as_result *r = f->out;

    if (!isfinite(objective))
        return AS_EINTERNAL;
    if (!r->trace && !(r->trace = as_take(f->keep, (size_t)f->opts->max_iter, sizeof(double))))
        return AS_ENOMEM;
    int n = r->trace_n;
    r->trace[r->trace_n++] = objective;
    r->iterations = r->trace_n;
    r->converged = 0;
    if (n > 0) {
        double gain = objective - r->trace[n - 1];
        if (gain < -(1e-6 + 1e-12 * fabs(objective)))
            return AS_ENOTMONOTONE;
        r->converged = gain < f->opts->tol * (double)f->votes->n;
    }
    if (f->opts->progress && f->opts->progress(f->opts->progress_arg, r->iterations, objective))
        r->stopped = 1;
    return !r->converged && !r->stopped && r->iterations < f->opts->max_iter;
}

int as_em_run(struct as_fit *f, struct as_em *em, as_m_step *m_step, void *arg)
{
    int go = 1;

    as_em_votes(em);
    while (go == 1) {
        double extra = m_step(f, em, arg);
        as_em_pass(em);
        go = as_em_step(f, em->loglik + extra);
    }
    return go < 0 ? go : as_em_write(f, em);
}

/* ------------------------------------------------------------------ what a fit leaves behind */

int as_em_confusion(struct as_fit *f, const struct as_em *em)
{
    uint32_t K = em->classes;
    double *c = as_take(f->keep, em->cells, sizeof *c);

    if (!c)
        return AS_ENOMEM;
    for (size_t j = 0; j < em->workers; j++)
        for (uint32_t k = 0; k < K; k++) {
            double *row = c + (j * K + k) * K, total = 0;
            for (uint32_t l = 0; l < K; l++)
                total += row[l] = exp(em->logt[(j * K + l) * K + k]);
            for (uint32_t l = 0; l < K; l++)
                row[l] /= total;
        }
    f->out->confusion = c;
    return AS_OK;
}

double *as_em_params(struct as_fit *f, int n, const char *const *names)
{
    double *p = as_take(f->keep, (size_t)f->votes->workers * (size_t)n, sizeof *p);

    if (p) {
        f->out->params = n;
        f->out->param_name = names;
        f->out->param = p;
    }
    return p;
}
