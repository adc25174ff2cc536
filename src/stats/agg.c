/*
 * agg.c -- the registry of methods, and all that they share.
 *
 * as_aggregate checks the options, lays out the result, lets the method vote, and then completes
 * the answer: gold clamp, tasks without votes, class shares, worker table.  Afterwards every row
 * of the posterior must sum to one; AS_EINTERNAL is a mistake of ours, and no answer beats a wrong
 * one.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/tally.h"

static const struct as_agg *const methods[] = {
#define AGG(name) &as_agg_##name,
#include "stats/agg.def"
#undef AGG
};
#define METHODS (sizeof methods / sizeof *methods)

#define MANY 500                    /* answers a worker: from here on the plain interval will do */

const char *as_text(int code)
{
    switch (code) {
    case AS_OK:           return "all is well";
    case AS_EINVAL:       return "an id, a number or an option is out of range";
    case AS_ENOMEM:       return "not enough memory";
    case AS_ETOOBIG:      return "the input is larger than this method takes";
    case AS_EDUPLICATE:   return "a worker answered a task more than once";
    case AS_ENOMETHOD:    return "there is no method of this name";
    case AS_EUNFIT:       return "the method needs something that this input lacks";
    case AS_EUNDEFINED:   return "the figure does not exist for this input";
    case AS_ENOTMONOTONE: return "the objective of the method fell; please report this";
    case AS_EINTERNAL:    return "the method gave no proper answer; please report this";
    }
    return "unknown code";
}

const struct as_method_info *as_method(unsigned at)
{
    return at < METHODS ? &methods[at]->info : NULL;
}

void as_opts_init(struct as_opts *o)
{
    *o = (struct as_opts){ .max_iter = 500, .tol = 1e-7, .prior = -1, .level = .95, .threads = 1 };
}

static int opts_check(const struct as_opts *o, uint32_t classes)
{
    if (o->max_iter < 1 || !(o->tol >= 0) || !isfinite(o->tol) || !isfinite(o->prior)
        || !(o->level > 0 && o->level < 1) || o->restarts < 0 || o->threads < 1
        || (o->ties != AS_TIE_LOWEST && o->ties != AS_TIE_UNDECIDED)
        || (o->prior < 0 && o->prior != -1))
        return AS_EINVAL;
    for (uint32_t k = 0; o->class_prior && k < classes; k++)
        if (!(o->class_prior[k] > 0) || !isfinite(o->class_prior[k]))
            return AS_EINVAL;
    if (o->cost && classes > AS_DENSE_CLASSES)
        return AS_ETOOBIG;
    for (uint32_t c = 0; o->cost && c < classes * classes; c++)
        if (!isfinite(o->cost[c]))
            return AS_EINVAL;
    return AS_OK;
}

/* ------------------------------------------------------------------ around the method */

static int lay_out(const struct as_votes *v, struct as_result *r)
{
    struct as_pool *p = as_owned(r);

    r->tasks = v->tasks;
    r->workers = v->workers;
    r->classes = v->classes;
    r->digest = v->info.digest;
    r->version = AS_VERSION;
    if (!(r->label = as_take(p, v->tasks, sizeof *r->label))
        || !(r->flags = as_take(p, v->tasks, sizeof *r->flags))
        || !(r->class_share = as_take(p, v->classes, sizeof *r->class_share))
        || !(r->worker = as_take(p, v->workers, sizeof *r->worker)))
        return AS_ENOMEM;
    return as_posterior_new(v, r, p);
}

struct seen {                       /* of one worker: expected right, and how unsure that is */
    double right, open;
    uint64_t n;
};

/* Adds task t of a full table to class shares and worker sums; returns the sum of its row. */
static inline double add_full(const struct as_votes *v, struct as_result *r, uint32_t t,
                              struct seen *of)
{
    const uint32_t K = r->classes;
    const double *q = r->q ? r->q + (size_t)t * K : NULL;
    const float *q32 = r->q32 ? r->q32 + (size_t)t * K : NULL;
    double sum = 0;

    for (uint32_t k = 0; k < K; k++) {
        double x = q ? q[k] : (double)q32[k];
        r->class_share[k] += x;
        sum += x;
    }
    for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++) {
        double x = q ? q[v->label[s]] : (double)q32[v->label[s]];
        struct seen *w = &of[v->worker[s]];
        w->right += x;
        w->open += x * (1 - x);
        w->n++;
    }
    return sum;
}

static double add_sparse(const struct as_votes *v, struct as_result *r, uint32_t t,
                         struct seen *of, double *rest)
{
    double sum = r->q_rest[t];

    *rest += r->q_rest[t];
    for (size_t s = r->q_start[t]; s < r->q_start[t] + r->q_len[t]; s++) {
        r->class_share[r->q_class[s]] += r->q_value[s];
        sum += r->q_value[s];
    }
    for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++) {
        double x = as_q(r, t, v->label[s]);
        struct seen *w = &of[v->worker[s]];
        w->right += x;
        w->open += x * (1 - x);
        w->n++;
    }
    return sum;
}

/* Sums become shares; then tasks without an answer take them as their posterior. */
static void shares(struct as_result *r, const double *prior, double rest, int empty)
{
    const uint32_t K = r->classes;
    double total = 0;

    for (uint32_t k = 0; k < K; k++) {
        r->class_share[k] = prior ? prior[k] : r->class_share[k] + rest / K;
        total += r->class_share[k];
    }
    for (uint32_t k = 0; k < K; k++)
        r->class_share[k] = total > 0 ? r->class_share[k] / total : 1.0 / K;
    for (uint32_t t = 0; empty && !r->q_start && t < r->tasks; t++)
        for (uint32_t k = 0; (r->flags[t] & AS_NO_VOTES) && k < K; k++)
            if (r->q)
                r->q[(size_t)t * K + k] = r->class_share[k];
            else
                r->q32[(size_t)t * K + k] = (float)r->class_share[k];
}

/*
 * The worker table.  skill = expected share right, c/n with c = sum of q of the class given; the
 * interval is Beta(1 + skill*m, 1 + (1-skill)*m).  m is n less the information that is missing
 * because the truth is not known (Louis 1982):  n - sum q(1-q) / (skill (1-skill)), at least n/10.
 * Where a model has seen little of its people, skill.c finds a wider one.
 */
static void worker_table(struct as_fit *f, const struct seen *of)
{
    double tail = (1 - f->opts->level) / 2;

    for (uint32_t j = 0; j < f->votes->workers; j++) {
        struct as_worker *w = &f->out->worker[j];
        double n = (double)of[j].n, m = n;
        w->n = of[j].n;
        if (!f->own_skill)
            w->skill = w->n ? of[j].right / n : .5;
        double spread = w->skill * (1 - w->skill);
        if (spread > 0)
            m = fmax(n - of[j].open / spread, n / 10);
        double a = 1 + w->skill * m, b = 1 + (1 - w->skill) * m;
        w->lo = fmin(as_beta_quantile(tail, a, b), w->skill);
        w->hi = fmax(as_beta_quantile(1 - tail, a, b), w->skill);
    }
}

/* One pass over the answers: every row must sum to one; class shares; worker table. */
static int complete(struct as_fit *f)
{
    const struct as_votes *v = f->votes;
    struct as_result *r = f->out;
    struct seen *of = as_take(f->pool, v->workers, sizeof *of);
    double rest = 0;

    if (!of)
        return AS_ENOMEM;
    for (uint32_t t = 0; t < v->tasks; t++) {
        if (r->flags[t] & AS_NO_VOTES)
            continue;
        double sum = r->q_start ? add_sparse(v, r, t, of, &rest) : add_full(v, r, t, of);
        if (!(fabs(sum - 1) < 1e-5))
            return AS_EINTERNAL;
    }
    shares(r, f->opts->class_prior, rest, v->info.empty_tasks > 0);
    worker_table(f, of);
    /* a model's own posterior is too sure of people it has seen little of */
    if (f->model && v->n < (size_t)MANY * v->workers)
        return as_skill_intervals(f);
    return AS_OK;
}

static int run(const struct as_agg *m, struct as_fit *f)
{
    const struct as_votes *v = f->votes;
    struct as_result *r = f->out;
    int rc;

    f->row = as_take(f->pool, v->classes, sizeof *f->row);
    f->touched = as_take(f->pool, v->classes, sizeof *f->touched);
    f->seen = as_take(f->pool, v->classes, sizeof *f->seen);
    if (!f->row || !f->touched || !f->seen)
        return AS_ENOMEM;
    r->method = m->info.id;
    r->seed = f->opts->seed;
    r->iterations = r->converged = 1;       /* what a method without rounds reports */
    for (uint32_t j = 0; j < v->workers; j++)
        r->worker[j].weight = 1;
    if ((rc = m->run(f)))
        return rc;
    for (uint32_t t = 0; f->opts->clamp_gold && v->gold && t < v->tasks; t++)
        if (v->gold[t] != AS_ABSTAIN)
            as_put_known(r, t, v->gold[t]);
    rc = as_decide(f);
    return rc ? rc : complete(f);
}

int as_aggregate(const struct as_votes *v, const char *method, const struct as_opts *o,
                 struct as_result **out)
{
    return as_aggregate_quiz(v, method, o, NULL, out);
}

int as_aggregate_quiz(const struct as_votes *v, const char *method, const struct as_opts *o,
                     struct as_quiz *ask, struct as_result **out)
{
    struct as_pool scratch = { 0 };
    struct as_opts plain;
    int row;

    *out = NULL;
    if (!o) {
        as_opts_init(&plain);
        o = &plain;
    }
    if ((row = as_row(as_method, method)) < 0)
        return AS_ENOMETHOD;
    int rc = opts_check(o, v->classes);
    if (rc)
        return rc;
    const struct as_agg *m = methods[row];
    if (m->info.needs_gold && !v->info.gold_tasks)
        return AS_EUNFIT;
    struct as_result *r = as_own(sizeof *r);
    if (!r)
        return AS_ENOMEM;
    struct as_fit f = { .votes = v, .opts = o, .out = r, .pool = &scratch, .ask = ask,
                        .keep = as_owned(r) };
    rc = lay_out(v, r);
    if (!rc)
        rc = run(m, &f);
    as_pool_end(&scratch);
    if (rc)
        as_disown(r);
    else
        *out = r;
    return rc;
}

void as_result_free(struct as_result *r)
{
    as_disown(r);
}
