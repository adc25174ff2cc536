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

struct owned {                      /* a result and the memory it stands in */
    struct as_result r;
    struct as_pool pool;
};

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
    return AS_OK;
}

/* ------------------------------------------------------------------ what methods call */

static uint32_t count_into(struct as_fit *f, uint32_t task, const double *skill, int alike)
{
    const struct as_votes *v = f->votes;
    uint32_t touched = 0;

    for (size_t k = v->start[task]; k < v->start[task + 1]; k++) {
        double w = alike ? 1 : v->weight ? (double)v->weight[k] : 1;
        uint16_t c = v->label[k];
        if (skill && !alike)
            w *= skill[v->worker[k]];
        if (!(w > 0))
            continue;
        if (f->row[c] == 0)
            f->touched[touched++] = c;
        f->row[c] += w;
    }
    return touched;
}

uint32_t as_count(struct as_fit *f, uint32_t task, const double *skill)
{
    uint32_t touched = count_into(f, task, skill, 0);

    return touched ? touched : count_into(f, task, NULL, 1);
}

uint16_t as_top(const struct as_fit *f, uint32_t touched)
{
    double best = 0;
    uint16_t top = AS_ABSTAIN;

    for (uint32_t s = 0; s < touched; s++)
        if (f->row[f->touched[s]] > best)
            best = f->row[f->touched[s]];
    for (uint32_t s = 0; s < touched; s++)
        if (f->row[f->touched[s]] >= best * (1 - AS_TIE_EPS) && f->touched[s] < top)
            top = f->touched[s];
    return top;
}

void as_uncount(struct as_fit *f, uint32_t touched)
{
    for (uint32_t s = 0; s < touched; s++)
        f->row[f->touched[s]] = 0;
}

static int by_class(const void *a, const void *b)
{
    return *(const uint16_t *)a - *(const uint16_t *)b;
}

static void put_posterior(struct as_fit *f, uint32_t task, uint32_t touched, double total)
{
    struct as_result *r = f->out;

    if (r->q) {
        float *q = r->q + (size_t)task * r->classes;
        for (uint32_t s = 0; s < touched; s++)
            q[f->touched[s]] = (float)(f->row[f->touched[s]] / total);
        return;
    }
    qsort(f->touched, touched, sizeof *f->touched, by_class);
    size_t at = r->q_start[task];
    for (uint32_t s = 0; s < touched; s++, at++) {
        r->q_class[at] = f->touched[s];
        r->q_value[at] = (float)(f->row[f->touched[s]] / total);
    }
    r->q_len[task] = touched;
}

void as_put(struct as_fit *f, uint32_t task, uint32_t touched)
{
    struct as_result *r = f->out;
    double total = 0, best = 0, second = 0, entropy = 0;
    uint16_t top = as_top(f, touched);

    if (!touched) {
        r->label[task] = AS_ABSTAIN;
        r->flags[task] |= AS_NO_VOTES;
        return;
    }
    for (uint32_t s = 0; s < touched; s++)
        total += f->row[f->touched[s]];
    best = f->row[top] / total;
    for (uint32_t s = 0; s < touched; s++) {
        double p = f->row[f->touched[s]] / total;
        if (f->touched[s] != top && p > second)
            second = p;
        if (p > 0)
            entropy -= p * log(p);
    }
    if (second >= best * (1 - AS_TIE_EPS)) {
        r->flags[task] |= AS_TIED;
        second = best;
    }
    put_posterior(f, task, touched, total);
    int open = (r->flags[task] & AS_TIED) && f->opts->ties == AS_TIE_UNDECIDED;
    r->label[task] = open ? AS_ABSTAIN : top;
    r->confidence[task] = best;
    r->margin[task] = best - second;
    r->entropy[task] = (float)(entropy > 0 ? entropy : 0);
    as_uncount(f, touched);
}

void as_vote_all(struct as_fit *f, const double *skill)
{
    for (uint32_t t = 0; t < f->votes->tasks; t++) {
        f->out->flags[t] = 0;
        as_put(f, t, as_count(f, t, skill));
    }
}

int as_share_right(struct as_fit *f, const uint16_t *answer, double none, double *skill)
{
    const struct as_votes *v = f->votes;
    struct as_pool pool = { 0 };
    double *all = as_take(&pool, v->workers, sizeof *all);

    if (!all)
        return AS_ENOMEM;
    memset(skill, 0, v->workers * sizeof *skill);
    for (uint32_t t = 0; t < v->tasks; t++) {
        if (answer[t] == AS_ABSTAIN)
            continue;
        for (size_t k = v->start[t]; k < v->start[t + 1]; k++) {
            double w = v->weight ? (double)v->weight[k] : 1;
            all[v->worker[k]] += w;
            skill[v->worker[k]] += v->label[k] == answer[t] ? w : 0;
        }
    }
    for (uint32_t j = 0; j < v->workers; j++)
        skill[j] = all[j] > 0 ? skill[j] / all[j] : none;
    as_pool_end(&pool);
    return AS_OK;
}

/* ------------------------------------------------------------------ around the method */

static int lay_out(const struct as_votes *v, struct owned *own)
{
    struct as_result *r = &own->r;
    struct as_pool *p = &own->pool;
    size_t n = v->tasks;

    r->tasks = v->tasks;
    r->workers = v->workers;
    r->classes = v->classes;
    r->digest = v->info.digest;
    r->version = AS_VERSION;
    if (!(r->label = as_take(p, n, sizeof *r->label))
        || !(r->confidence = as_take(p, n, sizeof *r->confidence))
        || !(r->margin = as_take(p, n, sizeof *r->margin))
        || !(r->entropy = as_take(p, n, sizeof *r->entropy))
        || !(r->flags = as_take(p, n, sizeof *r->flags))
        || !(r->class_share = as_take(p, v->classes, sizeof *r->class_share))
        || !(r->worker = as_take(p, v->workers, sizeof *r->worker)))
        return AS_ENOMEM;
    if (v->classes <= AS_DENSE_CLASSES)
        return (r->q = as_take(p, n * v->classes, sizeof *r->q)) ? AS_OK : AS_ENOMEM;
    size_t *start = as_take(p, n + 1, sizeof *start);
    if (!start || !(r->q_len = as_take(p, n, sizeof *r->q_len))
        || !(r->q_class = as_take(p, v->n + n, sizeof *r->q_class))
        || !(r->q_value = as_take(p, v->n + n, sizeof *r->q_value)))
        return AS_ENOMEM;
    for (size_t t = 0; t <= n; t++)
        start[t] = v->start[t] + t;         /* one more than the votes: room for a known answer */
    r->q_start = start;
    return AS_OK;
}

/* The known answer instead of the voted one. */
static void clamp(struct as_result *r, uint32_t task, uint16_t known)
{
    if (r->q) {
        memset(r->q + (size_t)task * r->classes, 0, r->classes * sizeof *r->q);
        r->q[(size_t)task * r->classes + known] = 1;
    } else {
        r->q_class[r->q_start[task]] = known;
        r->q_value[r->q_start[task]] = 1;
        r->q_len[task] = 1;
    }
    r->label[task] = known;
    r->confidence[task] = r->margin[task] = 1;
    r->entropy[task] = 0;
    r->flags[task] = AS_GOLD;
}

/* Class shares over answered tasks; then tasks without an answer take them as their posterior. */
static void shares(struct as_result *r, const double *prior)
{
    double total = 0, top = 0, second = 0, entropy = 0;

    for (uint32_t t = 0; t < r->tasks; t++) {
        if (r->q)
            for (uint32_t k = 0; k < r->classes; k++)
                r->class_share[k] += (double)r->q[(size_t)t * r->classes + k];
        else
            for (size_t s = r->q_start[t]; s < r->q_start[t] + r->q_len[t]; s++)
                r->class_share[r->q_class[s]] += (double)r->q_value[s];
    }
    for (uint32_t k = 0; k < r->classes; k++)
        total += prior ? prior[k] : r->class_share[k];
    for (uint32_t k = 0; k < r->classes; k++) {
        double p = total > 0 ? (prior ? prior[k] : r->class_share[k]) / total : 1.0 / r->classes;
        r->class_share[k] = p;
        second = p > top ? top : p > second ? p : second;
        top = p > top ? p : top;
        entropy -= p > 0 ? p * log(p) : 0;
    }
    for (uint32_t t = 0; t < r->tasks; t++) {
        if (!(r->flags[t] & AS_NO_VOTES))
            continue;
        for (uint32_t k = 0; r->q && k < r->classes; k++)
            r->q[(size_t)t * r->classes + k] = (float)r->class_share[k];
        r->confidence[t] = top;
        r->margin[t] = top - second;
        r->entropy[t] = (float)(entropy > 0 ? entropy : 0);
    }
}

/*
 * The worker table.  skill = expected share right, c/n with c = sum of q of the class given; the
 * interval is Beta(1 + skill*m, 1 + (1-skill)*m).  m is n less the information that is missing
 * because the truth is not known (Louis 1982):  n - sum q(1-q) / (skill (1-skill)), at least n/10.
 */
static int worker_table(struct as_fit *f)
{
    const struct as_votes *v = f->votes;
    struct as_result *r = f->out;
    double *right = as_take(f->pool, v->workers, sizeof *right);
    double *open = as_take(f->pool, v->workers, sizeof *open);

    if (!right || !open)
        return AS_ENOMEM;
    for (uint32_t t = 0; t < v->tasks; t++)
        for (size_t k = v->start[t]; k < v->start[t + 1]; k++) {
            double q = as_q(r, t, v->label[k]);
            right[v->worker[k]] += q;
            open[v->worker[k]] += q * (1 - q);
            r->worker[v->worker[k]].n++;
        }
    double tail = (1 - f->opts->level) / 2;
    for (uint32_t j = 0; j < v->workers; j++) {
        struct as_worker *w = &r->worker[j];
        double n = (double)w->n, m = n;
        if (!f->own_skill)
            w->skill = w->n ? right[j] / n : .5;
        double spread = w->skill * (1 - w->skill);
        if (spread > 0)
            m = fmax(n - open[j] / spread, n / 10);
        double a = 1 + w->skill * m, b = 1 + (1 - w->skill) * m;
        w->lo = fmin(as_beta_quantile(tail, a, b), w->skill);
        w->hi = fmax(as_beta_quantile(1 - tail, a, b), w->skill);
    }
    return AS_OK;
}

/* Do all rows of the posterior sum to one, with nothing out of range? */
static int sums_to_one(const struct as_result *r)
{
    for (uint32_t t = 0; t < r->tasks; t++) {
        double sum = 0;
        if (r->q)
            for (uint32_t k = 0; k < r->classes; k++)
                sum += (double)r->q[(size_t)t * r->classes + k];
        else if (r->flags[t] & AS_NO_VOTES)
            sum = 1;
        else
            for (size_t s = r->q_start[t]; s < r->q_start[t] + r->q_len[t]; s++)
                sum += (double)r->q_value[s];
        if (!(fabs(sum - 1) < 1e-4) || !(r->confidence[t] >= 0 && r->confidence[t] <= 1))
            return 0;
    }
    return 1;
}

static int run(const struct as_agg *m, struct as_fit *f)
{
    const struct as_votes *v = f->votes;
    struct as_result *r = f->out;
    int rc;

    f->row = as_take(f->pool, v->classes, sizeof *f->row);
    f->touched = as_take(f->pool, v->classes, sizeof *f->touched);
    if (!f->row || !f->touched)
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
            clamp(r, t, v->gold[t]);
    shares(r, f->opts->class_prior);
    if ((rc = worker_table(f)))
        return rc;
    return sums_to_one(r) ? AS_OK : AS_EINTERNAL;
}

int as_aggregate(const struct as_votes *v, const char *method, const struct as_opts *o,
                 struct as_result **out)
{
    struct as_pool scratch = { 0 }, pool = { 0 };
    struct as_opts plain;
    const struct as_agg *m = NULL;

    *out = NULL;
    if (!o) {
        as_opts_init(&plain);
        o = &plain;
    }
    for (size_t k = 0; method && k < METHODS; k++)
        if (strcmp(method, methods[k]->info.id) == 0)
            m = methods[k];
    if (!m)
        return AS_ENOMETHOD;
    int rc = opts_check(o, v->classes);
    if (rc)
        return rc;
    if (m->info.needs_gold && !v->info.gold_tasks)
        return AS_EUNFIT;
    struct owned *own = as_take(&pool, 1, sizeof *own);
    if (!own)
        return AS_ENOMEM;
    own->pool = pool;
    struct as_fit f = { .votes = v, .opts = o, .out = &own->r, .pool = &scratch };
    rc = lay_out(v, own);
    if (!rc)
        rc = run(m, &f);
    as_pool_end(&scratch);
    if (rc) {
        as_result_free(&own->r);
        return rc;
    }
    *out = &own->r;
    return AS_OK;
}

void as_result_free(struct as_result *r)
{
    if (!r)
        return;
    struct as_pool pool = ((struct owned *)(void *)r)->pool;    /* r is the first member */
    as_pool_end(&pool);
}

double as_q(const struct as_result *r, uint32_t task, uint32_t k)
{
    if (task >= r->tasks || k >= r->classes)
        return 0;
    if (r->q)
        return (double)r->q[(size_t)task * r->classes + k];
    if (r->flags[task] & AS_NO_VOTES)
        return r->class_share[k];
    for (size_t lo = r->q_start[task], hi = lo + r->q_len[task]; lo < hi; ) {
        size_t mid = lo + (hi - lo) / 2;
        if (r->q_class[mid] == k)
            return (double)r->q_value[mid];
        if (r->q_class[mid] < k)
            lo = mid + 1;
        else
            hi = mid;
    }
    return 0;
}
