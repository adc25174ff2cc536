/*
 * seq_model.c -- what hmm and bsc share: workers' tables, counts, and the loop around a chain.
 *
 * One iteration: counts from the posterior, tables and steps from the counts (the method's own
 * m_step), emissions from the tables, and the chain, which gives the objective and the next
 * posterior.  O(votes * tags + tokens * tags^2).
 */
#include <math.h>
#include <string.h>

#include "stats/seq.h"

#define CELLS_MAX ((size_t)1 << 27)

static int rows_of_votes(struct as_seq_model *m, uint32_t (*group_of)(const struct as_tag *before))
{
    const struct as_votes *v = m->f->votes;
    const struct as_tag *tag = m->f->sentences->tag;
    size_t K = m->tags;

    if (!(m->row = as_take(m->f->pool, v->n, sizeof *m->row)))
        return AS_ENOMEM;
    for (uint32_t t = 0; t < v->tasks; t++) {
        size_t b = t && !m->f->first[t] ? v->start[t - 1] : v->start[t];    /* the token before */
        for (size_t k = v->start[t]; k < v->start[t + 1]; k++) {
            const struct as_tag *before = NULL;
            for (; b < v->start[t] && v->worker[b] <= v->worker[k]; b++)    /* both by worker */
                if (v->worker[b] == v->worker[k])
                    before = &tag[v->label[b]];
            m->row[k] = (uint32_t)((((size_t)v->worker[k] * m->groups + group_of(before)) * K
                                    + v->label[k]) * K);
        }
    }
    return AS_OK;
}

int as_seq_model_new(struct as_seq_fit *f, uint32_t groups,
                     uint32_t (*group_of)(const struct as_tag *before), struct as_seq_model *m)
{
    size_t K = f->tags, table = groups * K * K;

    *m = (struct as_seq_model){ .f = f, .tags = f->tags, .groups = groups };
    if (f->out->workers > CELLS_MAX / table)
        return AS_ETOOBIG;
    m->cells = f->out->workers * table;
    m->prior = as_take(f->pool, table, sizeof *m->prior);
    m->count = as_take(f->pool, m->cells, sizeof *m->count);
    m->logt = as_take(f->pool, m->cells, sizeof *m->logt);
    m->walk = as_take(f->pool, (K + 1) * K, sizeof *m->walk);
    m->taken = as_take(f->pool, (K + 1) * K, sizeof *m->taken);
    m->emission = as_take(f->pool, f->tokens, K * sizeof *m->emission);
    f->out->trace = as_take(f->keep, (size_t)f->opts->max_iter, sizeof *f->out->trace);
    if (!m->prior || !m->count || !m->logt || !m->walk || !m->taken || !m->emission
        || !f->out->trace)
        return AS_ENOMEM;
    return rows_of_votes(m, group_of);
}

/* ------------------------------------------------------------------ an iteration */

static double weight_of(const struct as_votes *v, size_t k)
{
    return v->weight ? (double)v->weight[k] : 1;
}

static void count(struct as_seq_model *m)
{
    const struct as_votes *v = m->f->votes;
    size_t K = m->tags, table = m->groups * K * K;

    for (size_t j = 0; j < m->f->out->workers; j++)
        memcpy(m->count + j * table, m->prior, table * sizeof *m->count);
    for (uint32_t t = 0; t < v->tasks; t++)
        for (size_t k = v->start[t]; k < v->start[t + 1]; k++) {
            const double *q = m->f->out->q + t * K;
            double *c = m->count + m->row[k], w = weight_of(v, k);
            for (size_t z = 0; z < K; z++)
                c[z] += w * q[z];
        }
}

/* Steps as if neighbours had nothing to do with each other, for the first round. */
static void count_steps(struct as_seq_model *m)
{
    const double *q = m->f->out->q;
    size_t K = m->tags;

    for (size_t t = 0; t < m->f->tokens; t++)
        for (size_t k = 0; k < K; k++) {
            if (m->f->first[t])
                m->taken[K * K + k] += q[t * K + k];
            for (size_t j = 0; !m->f->first[t] && j < K; j++)
                m->taken[j * K + k] += q[(t - 1) * K + j] * q[t * K + k];
        }
}

static void emit(struct as_seq_model *m)
{
    const struct as_votes *v = m->f->votes;
    size_t K = m->tags;

    memset(m->emission, 0, v->tasks * K * sizeof *m->emission);
    for (uint32_t t = 0; t < v->tasks; t++)
        for (size_t k = v->start[t]; k < v->start[t + 1]; k++) {
            const double *logt = m->logt + m->row[k];
            double *e = m->emission + t * K, w = weight_of(v, k);
            for (size_t z = 0; z < K; z++)
                e[z] += w * logt[z];
        }
}

/* 1: go on, 0: ended, negative: a code. */
static int stands(struct as_seq_fit *f, double objective)
{
    struct as_sequence_result *r = f->out;
    const struct as_opts *o = f->opts;
    double before = r->trace_n ? r->trace[r->trace_n - 1] : -INFINITY;

    if (!isfinite(objective))
        return AS_EINTERNAL;
    if (objective < before - 1e-6 - 1e-12 * fabs(objective))
        return AS_ENOTMONOTONE;
    r->trace[r->trace_n++] = objective;
    r->iterations = r->trace_n;
    r->converged = objective - before <= o->tol * (double)f->votes->n;
    r->stopped = o->progress && o->progress(o->progress_arg, r->trace_n, objective);
    return !r->converged && !r->stopped && r->trace_n < o->max_iter;
}

/* ------------------------------------------------------------------ what is reported */

/* Confusion: the tables' expected counts, all groups together.  Steps: each row sums to one. */
static int report(struct as_seq_model *m)
{
    struct as_sequence_result *r = m->f->out;
    size_t K = m->tags, table = m->groups * K * K;

    r->confusion = as_take(m->f->keep, r->workers * K * K, sizeof *r->confusion);
    r->transition = as_take(m->f->keep, (K + 1) * K, sizeof *r->transition);
    if (!r->confusion || !r->transition)
        return AS_ENOMEM;
    for (size_t j = 0; j < r->workers; j++)
        for (size_t k = 0; k < K; k++) {
            double *row = r->confusion + (j * K + k) * K, sum = 0;
            for (size_t l = 0; l < K; l++) {
                for (size_t g = 0; g < m->groups; g++)
                    row[l] += m->count[j * table + (g * K + l) * K + k];
                sum += row[l];
            }
            for (size_t l = 0; l < K; l++)
                row[l] = sum > 0 ? row[l] / sum : 1 / (double)K;
        }
    for (size_t j = 0; j <= K; j++) {
        double sum = 0;
        for (size_t k = 0; k < K; k++)
            sum += m->walk[j * K + k];
        for (size_t k = 0; k < K; k++)
            r->transition[j * K + k] = m->walk[j * K + k] / sum;
    }
    return AS_OK;
}

int as_seq_model_run(struct as_seq_model *m, double (*m_step)(struct as_seq_model *m))
{
    struct as_seq_fit *f = m->f;
    int rc = AS_OK, more = 1;

    f->out->converged = 0;
    count_steps(m);
    while (!rc && more > 0) {
        count(m);
        double extra = m_step(m);
        emit(m);
        double loglik = as_chain(f, m->emission, m->walk, f->out->q, m->taken, &rc);
        more = rc ? 0 : stands(f, loglik + extra);
    }
    if (rc || more < 0)
        return rc ? rc : more;
    if ((rc = as_chain_best(f, m->emission, m->walk, f->out->label)))
        return rc;
    return report(m);
}
