/*
 * em.c -- tables, start and loop of em.h; the pass itself is em_pass.c.
 */
#include <math.h>
#include <string.h>

#include "stats/em.h"

#define STRIPES 8

int as_em_new(struct as_fit *f, struct as_em *em)
{
    const struct as_votes *v = f->votes;
    size_t rows = (size_t)v->workers * v->classes, cells, bytes;

    *em = (struct as_em){ .votes = v, .tasks = v->tasks, .workers = v->workers,
                          .classes = v->classes, .quads = (v->classes + 3) / 4,
                          .threads = f->opts->threads };
    size_t wide = 4 * (size_t)em->quads;
    if (__builtin_mul_overflow(rows + 1, wide, &em->part_cells)
        || __builtin_mul_overflow(em->part_cells, 4 * sizeof(double), &bytes)
        || bytes > AS_EM_BYTES_MAX)
        return AS_ETOOBIG;
    cells = em->cells = rows * v->classes;
    /* stripes must not cost more than the pass itself; a rule of sizes alone, not of threads */
    size_t room = v->n * v->classes / (4 * (cells + 1)), left = AS_EM_BYTES_MAX / (bytes + 1);
    room = room < left ? room : left;
    em->stripes = (int)(room < 1 ? 1 : room > STRIPES ? STRIPES : room);
    size_t stripes = (size_t)em->stripes;
    if (!(em->logt = as_take(f->pool, cells, sizeof(double)))
        || !(em->count = as_take(f->pool, cells, sizeof(double)))
        || !(em->logp = as_take(f->pool, v->classes, sizeof(double)))
        || !(em->mass = as_take(f->pool, v->classes, sizeof(double)))
        || !(em->wide = as_take(f->pool, em->part_cells, sizeof(double)))
        || !(em->part = as_take(f->pool, em->part_cells * stripes, sizeof(double)))
        || !(em->part_x = as_take(f->pool, (AS_EM_BATCH * wide + 4) * stripes, sizeof(double)))
        || !(em->part_loglik = as_take(f->pool, stripes, sizeof(double))))
        return AS_ENOMEM;
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
    if (go < 0)
        return go;
    as_em_write(f, em);
    return AS_OK;
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
