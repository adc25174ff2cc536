/*
 * em.c -- tables, start and loop of em.h; the pass itself is em_pass.c.
 */
#include <math.h>
#include <string.h>

#include "stats/em.h"

#define STRIPES 8

int as_em_new(struct as_fit *f, struct as_em *em)
{
    return as_em_new_split(f, em, 1);
}

int as_em_new_split(struct as_fit *f, struct as_em *em, uint32_t split)
{
    const struct as_votes *v = f->votes;
    const uint32_t S = v->classes * split;
    size_t rows = (size_t)v->workers * v->classes, cells, bytes;

    *em = (struct as_em){ .votes = v, .tasks = v->tasks, .workers = v->workers,
                          .classes = v->classes, .split = split, .states = S,
                          .quads = (S + 3) / 4, .threads = f->opts->threads };
    size_t wide = 4 * (size_t)em->quads;
    if (__builtin_mul_overflow(rows + 1, wide, &em->part_cells)
        || __builtin_mul_overflow(em->part_cells, 4 * sizeof(double), &bytes)
        || bytes > AS_EM_BYTES_MAX)
        return AS_ETOOBIG;
    cells = em->cells = rows * S;
    /* stripes must not cost more than the pass itself; a rule of sizes alone, not of threads */
    size_t room = v->n * S / (4 * (cells + 1)), left = AS_EM_BYTES_MAX / (bytes + 1);
    room = room < left ? room : left;
    em->stripes = (int)(room < 1 ? 1 : room > STRIPES ? STRIPES : room);
    if (em->threads > em->stripes)
        em->threads = em->stripes;
    size_t stripes = (size_t)em->stripes;
    em->rows = AS_EM_ROWS;
    for (uint32_t t = 0; t < v->tasks; t++)
        if (v->start[t + 1] - v->start[t] > em->rows)
            em->rows = v->start[t + 1] - v->start[t];
    if (!(em->logt = as_take(f->pool, cells, sizeof(double)))
        || !(em->count = as_take(f->pool, cells, sizeof(double)))
        || !(em->logp = as_take(f->pool, S, sizeof(double)))
        || !(em->mass = as_take(f->pool, S, sizeof(double)))
        || !(em->part = as_take(f->pool, em->part_cells * (stripes + 1), sizeof(double)))
        || !(em->part_x = as_take(f->pool, (AS_EM_BATCH * wide + 4) * stripes, sizeof(double)))
        || !(em->part_row = as_take(f->pool, em->rows * stripes, sizeof(uint32_t)))
        || !(em->part_loglik = as_take(f->pool, stripes, sizeof(double))))
        return AS_ENOMEM;
    em->wide = em->part + em->part_cells * stripes;
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

/* What rounding alone may take from an objective: a bound is a difference of terms as large as
   n log n in the weight of all votes, and weights may be large. */
static double rounding(const struct as_votes *v)
{
    double n = v->weight ? 0 : (double)v->n;

    for (size_t s = 0; v->weight && s < v->n; s++)
        n += (double)v->weight[s];
    return 1e-12 * n * log(n + 2);
}

int as_em_step(struct as_fit *f, double objective)
{
    struct as_result *r = f->out;

    if (!isfinite(objective))
        return AS_EINTERNAL;
    if (!r->trace && !(r->trace = as_take(f->keep, (size_t)f->opts->max_iter, sizeof(double))))
        return AS_ENOMEM;
    int n = r->trace_n;
    f->model = 1;
    r->trace[r->trace_n++] = objective;
    r->iterations = r->trace_n;
    r->converged = 0;
    if (n > 0) {
        double gain = objective - r->trace[n - 1];
        if (gain < -(1e-6 + 1e-12 * fabs(objective)) && gain < -rounding(f->votes))
            return AS_ENOTMONOTONE;
        r->converged = gain < f->opts->tol * (double)f->votes->n;
    }
    if (f->opts->progress && f->opts->progress(f->opts->progress_arg, r->iterations, objective))
        r->stopped = 1;
    return !r->converged && !r->stopped && r->iterations < f->opts->max_iter;
}

/* From the counts as they are.  best: the objective to beat, if any; gives up out of its reach. */
static int loop(struct as_fit *f, struct as_em *em, as_m_step *m_step, void *arg,
                const double *best)
{
    struct as_result *r = f->out;
    int go = 1;

    r->trace_n = 0;
    while (go == 1) {
        double extra = m_step(f, em, arg);
        em->last = em->once && r->trace_n + 1 == f->opts->max_iter ? f : NULL;
        as_em_pass(em);
        go = as_em_step(f, em->loglik + extra);
        if (go == 1 && best && r->trace_n > 1) {
            double now = r->trace[r->trace_n - 1], gain = now - r->trace[r->trace_n - 2];
            go = *best - now <= 3 * gain * (f->opts->max_iter - r->trace_n);
        }
    }
    return go;
}

int as_em_run(struct as_fit *f, struct as_em *em, as_m_step *m_step, void *arg)
{
    /* a hard round and known answers are written otherwise; a sparse table by one hand at a time */
    em->once = !em->hard && !f->votes->gold && !f->out->q_start;
    as_em_votes(em);
    int rc = loop(f, em, m_step, arg, NULL);
    if (rc)
        return rc;
    if (!em->last)
        as_em_write(f, em);
    return AS_OK;
}

struct best {                   /* the restart to beat */
    double *logt, *logp, *trace, objective;
    int trace_n, converged;
};

static void keep(struct best *b, const struct as_em *em, const struct as_result *r)
{
    memcpy(b->logt, em->logt, em->cells * sizeof *b->logt);
    memcpy(b->logp, em->logp, em->states * sizeof *b->logp);
    memcpy(b->trace, r->trace, (size_t)r->trace_n * sizeof *b->trace);
    b->objective = r->trace[r->trace_n - 1];
    b->trace_n = r->trace_n;
    b->converged = r->converged;
}

/* Back to the best: its tables, its trace, and counts that fit them. */
static void recall(const struct best *b, struct as_fit *f, struct as_em *em)
{
    struct as_result *r = f->out;

    memcpy(em->logt, b->logt, em->cells * sizeof *b->logt);
    memcpy(em->logp, b->logp, em->states * sizeof *b->logp);
    memcpy(r->trace, b->trace, (size_t)b->trace_n * sizeof *b->trace);
    r->trace_n = r->iterations = b->trace_n;
    r->converged = b->converged;
    as_em_pass(em);
    as_em_write(f, em);
}

int as_em_restarts(struct as_fit *f, struct as_em *em, as_em_start *start, as_m_step *m_step,
                   void *arg, int restarts)
{
    struct best b = { 0 };
    int rc;

    if (!(b.logt = as_take(f->pool, em->cells, sizeof *b.logt))
        || !(b.logp = as_take(f->pool, em->states, sizeof *b.logp))
        || !(b.trace = as_take(f->pool, (size_t)f->opts->max_iter, sizeof *b.trace)))
        return AS_ENOMEM;
    for (int r = 0; r < restarts && !f->out->stopped; r++) {
        start(f, em, arg, r);
        if ((rc = loop(f, em, m_step, arg, b.trace_n ? &b.objective : NULL)))
            return rc;
        if (!b.trace_n || f->out->trace[f->out->trace_n - 1] > b.objective)
            keep(&b, em, f->out);
    }
    recall(&b, f, em);
    return AS_OK;
}

/* ------------------------------------------------------------------ what a fit leaves behind */

int as_em_confusion(struct as_fit *f, const struct as_em *em)
{
    uint32_t K = em->classes, S = em->states;
    double *c = as_take(f->keep, em->cells / em->split, sizeof *c);

    if (!c)
        return AS_ENOMEM;
    for (size_t j = 0; j < em->workers; j++)
        for (uint32_t k = 0; k < K; k++) {
            double *row = c + (j * K + k) * K, total = 0;
            for (uint32_t l = 0; l < K; l++) {
                for (uint32_t s = k * em->split; s < (k + 1) * em->split; s++)
                    row[l] += exp(em->logp[s] + em->logt[(j * K + l) * S + s]);
                total += row[l];
            }
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
