/*
 * num.c -- numbers by task: check, sort, settle duplicates, let a method run, complete its answer.
 *
 * Where a method says nothing of its own, the standard error of a value is the weighted spread of
 * the task's answers over the root of their effective number, or the pooled spread where a task has
 * one answer; a worker's spread is the root mean square of their deviations, with the interval of a
 * variance (chi-square).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/digest.h"
#include "stats/num.h"
#include "stats/special.h"

static const struct as_num *const methods[] = {
#define NUM(name) &as_num_##name,
#include "stats/num.def"
#undef NUM
};
#define METHODS (sizeof methods / sizeof *methods)

struct row {
    uint32_t task, worker;
    int64_t time;
    size_t at;
};

const struct as_method_info *as_numeric_method(unsigned at)
{
    return at < METHODS ? &methods[at]->info : NULL;
}

/* ------------------------------------------------------------------ rows become tasks */

static int blame(struct as_fault *f, int code, size_t row, uint32_t task, uint32_t worker,
                 const char *why)
{
    if (f)
        *f = (struct as_fault){ row, task, worker, why };
    return code;
}

static int check(const struct as_numbers *in, struct as_fault *f)
{
    if (in->n > AS_ROWS_MAX)
        return blame(f, AS_ETOOBIG, SIZE_MAX, UINT32_MAX, UINT32_MAX, "too many rows");
    if (in->n && (!in->task || !in->worker || !in->value))
        return blame(f, AS_EINVAL, SIZE_MAX, UINT32_MAX, UINT32_MAX,
                     "task, worker or value is missing");
    for (size_t r = 0; r < in->n; r++) {
        uint32_t t = in->task[r], w = in->worker[r];
        if (t >= in->tasks)
            return blame(f, AS_EINVAL, r, t, w, "no such task");
        if (w >= in->workers)
            return blame(f, AS_EINVAL, r, t, w, "no such worker");
        if (!isfinite(in->value[r]))
            return blame(f, AS_EINVAL, r, t, w, "a value must be a finite number");
        if (in->weight && !(in->weight[r] >= 0 && isfinite(in->weight[r])))
            return blame(f, AS_EINVAL, r, t, w, "a weight must be a number of 0 or more");
    }
    return AS_OK;
}

static int row_order(const void *a, const void *b)
{
    const struct row *x = a, *y = b;

    if (x->task != y->task)
        return x->task < y->task ? -1 : 1;
    if (x->worker != y->worker)
        return x->worker < y->worker ? -1 : 1;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

static void keep(struct num *m, const struct as_numbers *in, const struct row *r)
{
    uint64_t bits;

    m->worker[m->n] = r->worker;
    m->value[m->n] = in->value[r->at];
    m->weight[m->n] = in->weight ? (double)in->weight[r->at] : 1;
    memcpy(&bits, &m->value[m->n], sizeof bits);
    m->out->digest = as_mix(as_mix(m->out->digest, (uint64_t)r->task << 32 | r->worker), bits);
    m->start[r->task + 1]++;
    m->out->n[r->task]++;
    m->n++;
}

static int fill(struct num *m, const struct as_numbers *in, enum as_duplicates policy,
                struct as_fault *f)
{
    struct row *row = as_take(m->pool, in->n + 1, sizeof *row);

    m->start = as_take(m->pool, (size_t)in->tasks + 2, sizeof *m->start);
    m->worker = as_take(m->pool, in->n, sizeof *m->worker);
    m->value = as_take(m->pool, in->n, sizeof *m->value);
    m->weight = as_take(m->pool, in->n, sizeof *m->weight);
    if (!row || !m->start || !m->worker || !m->value || !m->weight)
        return AS_ENOMEM;
    for (size_t r = 0; r < in->n; r++)
        row[r] = (struct row){ in->task[r], in->worker[r], in->time ? in->time[r] : 0, r };
    qsort(row, in->n, sizeof *row, row_order);
    for (size_t r = 0, after; r < in->n; r = after) {
        after = r + 1;
        while (after < in->n && row[after].task == row[r].task
               && row[after].worker == row[r].worker)
            after++;
        if (after - r > 1 && policy == AS_REJECT)
            return blame(f, AS_EDUPLICATE, row[r + 1].at, row[r].task, row[r].worker,
                         "this worker answered this task more than once");
        for (size_t s = r; s < after; s++)
            if (policy == AS_KEEP_ALL || s == (policy == AS_KEEP_FIRST ? r : after - 1))
                keep(m, in, &row[s]);
    }
    for (uint32_t t = 0; t < in->tasks; t++)
        m->start[t + 1] += m->start[t];
    return AS_OK;
}

/* ------------------------------------------------------------------ what methods call */

void as_num_means(struct num *m, const double *author, double *value)
{
    for (uint32_t t = 0; t < m->tasks; t++) {
        double sum = 0, all = 0, plain = 0;
        uint32_t n = m->start[t + 1] - m->start[t];
        for (uint32_t k = m->start[t]; k < m->start[t + 1]; k++) {
            double w = m->weight[k] * (author ? author[m->worker[k]] : 1);
            sum += w * m->value[k];
            all += w;
            plain += m->value[k];
        }
        value[t] = all > 0 ? sum / all : n ? plain / n : 0;
    }
}

/* Squared deviations from `value` less `bias`, summed by worker, and answers counted. */
static void squares(const struct num *m, const double *value, const double *bias, double *square,
                    double *count)
{
    memset(square, 0, m->workers * sizeof *square);
    memset(count, 0, m->workers * sizeof *count);
    for (uint32_t t = 0; t < m->tasks; t++)
        for (uint32_t k = m->start[t]; k < m->start[t + 1]; k++) {
            uint32_t j = m->worker[k];
            double off = m->value[k] - value[t] - bias[j];
            square[j] += m->weight[k] * off * off;
            count[j] += m->weight[k];
        }
}

int as_num_step(struct num *m, double objective, double moved)
{
    struct as_numeric *r = m->out;
    const struct as_opts *o = m->opts;

    if (isinf(objective))
        return AS_EINTERNAL;
    r->iterations++;
    r->converged = isnan(objective) && r->iterations > 1 && moved <= o->tol;
    if (!isnan(objective)) {
        if (!r->trace && !(r->trace = as_take(m->keep, (size_t)o->max_iter, sizeof(double))))
            return AS_ENOMEM;
        double before = r->trace_n ? r->trace[r->trace_n - 1] : -INFINITY;
        if (objective < before - (1e-6 + 1e-12 * fabs(objective)))
            return AS_ENOTMONOTONE;
        r->trace[r->trace_n++] = objective;
        r->converged = objective - before < o->tol * (double)m->n;
    }
    objective = isnan(objective) ? 0 : objective;
    if (o->progress && o->progress(o->progress_arg, r->iterations, objective))
        r->stopped = 1;
    return !r->converged && !r->stopped && r->iterations < o->max_iter;
}

/* ------------------------------------------------------------------ around the method */

static void errors(struct num *m)
{
    struct as_numeric *r = m->out;
    double square = 0, free = 0;

    for (uint32_t t = 0; t < m->tasks; t++) {
        if (r->n[t] > 1)
            free += r->n[t] - 1;
        for (uint32_t k = m->start[t]; r->n[t] > 1 && k < m->start[t + 1]; k++)
            square += (m->value[k] - r->value[t]) * (m->value[k] - r->value[t]);
    }
    double pooled = free > 0 ? square / free : 0;
    for (uint32_t t = 0; t < m->tasks; t++) {
        double all = 0, all2 = 0, off2 = 0;
        for (uint32_t k = m->start[t]; k < m->start[t + 1]; k++) {
            double w = m->weight[k] * r->worker[m->worker[k]].weight;
            double off = m->value[k] - r->value[t];
            all += w;
            all2 += w * w;
            off2 += w * off * off;
        }
        double many = all2 > 0 ? all * all / all2 : r->n[t];     /* effective number */
        if (r->n[t] == 1 || many <= 1 + 1e-9)
            r->error[t] = r->n[t] ? sqrt(pooled) : 0;
        else if (all > 0)
            r->error[t] = sqrt(off2 / all / (many - 1));
    }
}

static int people(struct num *m)
{
    struct as_numeric *r = m->out;
    double *square = as_take(m->pool, m->workers, sizeof *square);
    double *count = as_take(m->pool, m->workers, sizeof *count);
    double *bias = as_take(m->pool, m->workers, sizeof *bias), tail = (1 - m->opts->level) / 2;

    if (!square || !count || !bias)
        return AS_ENOMEM;
    for (uint32_t j = 0; j < m->workers; j++)
        bias[j] = r->worker[j].bias;
    squares(m, r->value, bias, square, count);
    for (size_t k = 0; k < m->n; k++)
        r->worker[m->worker[k]].n++;
    for (uint32_t j = 0; j < m->workers; j++) {
        struct as_numeric_worker *w = &r->worker[j];
        double n = (double)w->n;
        if (!w->n || !(count[j] > 0))
            continue;
        w->spread = sqrt(square[j] / count[j]);
        w->lo = w->spread * sqrt(n / as_chi2_quantile(1 - tail, n));
        w->hi = w->spread * sqrt(n / as_chi2_quantile(tail, n));
    }
    return AS_OK;
}

static int lay_out(struct num *m)
{
    struct as_numeric *r = m->out;

    r->tasks = m->tasks;
    r->workers = m->workers;
    r->version = AS_VERSION;
    r->converged = 1;
    r->digest = as_mix(as_mix(3, m->tasks), m->workers);
    if (!(r->value = as_take(m->keep, m->tasks, sizeof *r->value))
        || !(r->error = as_take(m->keep, m->tasks, sizeof *r->error))
        || !(r->n = as_take(m->keep, m->tasks, sizeof *r->n))
        || !(r->worker = as_take(m->keep, m->workers, sizeof *r->worker)))
        return AS_ENOMEM;
    for (uint32_t j = 0; j < m->workers; j++)
        r->worker[j].weight = r->worker[j].gain = 1;
    return AS_OK;
}

static int run(const struct as_num *method, struct num *m, const struct as_numbers *in,
               enum as_duplicates policy, struct as_fault *fault)
{
    int rc = lay_out(m);

    if (rc || (rc = fill(m, in, policy, fault)))
        return rc;
    m->out->method = method->info.id;
    if ((rc = method->run(m)))
        return rc;
    for (uint32_t t = 0; t < m->tasks; t++) {
        if (!m->out->n[t])
            m->out->value[t] = m->out->error[t] = 0;
        if (!isfinite(m->out->value[t]))
            return AS_EINTERNAL;
    }
    if (!m->own_error)
        errors(m);
    return people(m);
}

int as_numeric(const struct as_numbers *in, enum as_duplicates policy, const char *method,
               const struct as_opts *o, struct as_numeric **out, struct as_fault *fault)
{
    struct as_pool scratch = { 0 };
    struct as_opts plain;
    int row;

    *out = NULL;
    if (!o) {
        as_opts_init(&plain);
        o = &plain;
    }
    if ((row = as_row(as_numeric_method, method)) < 0)
        return AS_ENOMETHOD;
    if (o->max_iter < 1 || !(o->tol >= 0) || !isfinite(o->tol) || !(o->level > 0 && o->level < 1)
        || policy < AS_KEEP_LAST || policy > AS_REJECT)
        return AS_EINVAL;
    int rc = check(in, fault);
    if (rc)
        return rc;
    struct as_numeric *r = as_own(sizeof *r);
    if (!r)
        return AS_ENOMEM;
    struct num m = { .tasks = in->tasks, .workers = in->workers, .opts = o, .out = r,
                     .pool = &scratch, .keep = as_owned(r) };
    rc = run(methods[row], &m, in, policy, fault);
    as_pool_end(&scratch);
    if (rc)
        as_disown(r);
    else
        *out = r;
    return rc;
}

void as_numeric_free(struct as_numeric *r)
{
    as_disown(r);
}
