/*
 * seq.c -- the registry of methods for sequences, and all that they share.
 *
 * as_merge_sequence checks that the sentences cover the tokens, lays out the result, lets the
 * method answer, repairs what is not valid IOB2, and then measures every worker: the expected share
 * of tokens he got right, and his spans against those of the result.
 */
#include <math.h>
#include <string.h>

#include "stats/seq.h"

static const struct as_seq *const methods[] = {
#define SEQ(name) &as_seq_##name,
#include "stats/seq.def"
#undef SEQ
};
#define METHODS (sizeof methods / sizeof *methods)

const struct as_method_info *as_sequence_method(unsigned at)
{
    return at < METHODS ? &methods[at]->info : NULL;
}

static int check(const struct as_votes *v, const struct as_sentences *s, const struct as_opts *o)
{
    if (o->max_iter < 1 || !(o->tol >= 0) || !isfinite(o->tol) || !isfinite(o->prior)
        || (o->prior < 0 && o->prior != -1) || !(o->level > 0 && o->level < 1) || o->threads < 1)
        return AS_EINVAL;
    if (v->classes > AS_TAGS_MAX)
        return AS_ETOOBIG;
    if (s->n ? s->start[0] != 0 || s->start[s->n] != v->tasks : v->tasks != 0)
        return AS_EINVAL;
    for (uint32_t i = 0; i < s->n; i++)
        if (s->start[i] > s->start[i + 1])
            return AS_EINVAL;
    for (uint32_t k = 0; k < v->classes; k++) {
        if (s->tag[k].kind > AS_TAG_IN)
            return AS_EINVAL;
        if (s->tag[k].kind == AS_TAG_IN && as_tag_begin(s->tag, v->classes, s->tag[k].type) < 0)
            return AS_EUNFIT;
    }
    return AS_OK;
}

static int lay_out(struct as_seq_fit *f)
{
    const struct as_votes *v = f->votes;
    struct as_sequence_result *r = f->out;

    r->version = AS_VERSION;
    r->tokens = v->tasks;
    r->workers = v->workers;
    r->tags = v->classes;
    r->seed = f->opts->seed;
    r->digest = v->info.digest;
    r->iterations = r->converged = 1;
    r->label = as_take(f->keep, r->tokens, sizeof *r->label);
    r->flags = as_take(f->keep, r->tokens, sizeof *r->flags);
    r->q = as_take(f->keep, r->tokens, r->tags * sizeof *r->q);
    r->worker = as_take(f->keep, r->workers, sizeof *r->worker);
    r->spans = as_take(f->keep, r->workers, sizeof *r->spans);
    f->first = as_take(f->pool, r->tokens, sizeof *f->first);
    if (!r->label || !r->flags || !r->q || !r->worker || !r->spans || !f->first)
        return AS_ENOMEM;
    for (uint32_t i = 0; i < f->sentences->n; i++)
        if (f->sentences->start[i] < r->tokens)
            f->first[f->sentences->start[i]] = 1;
    return AS_OK;
}

/* ------------------------------------------------------------------ the worker table */

/* As in agg.c: share right, and a Beta interval on as many votes as the truth is known for. */
static void skill_of(struct as_worker *w, double right, double open, double level)
{
    double n = (double)w->n, m = n;

    w->skill = w->n ? fmin(right / n, 1) : .5;
    w->weight = 1;
    double spread = w->skill * (1 - w->skill);
    if (spread > 0)
        m = fmax(n - open / spread, n / 10);
    double a = 1 + w->skill * m, b = 1 + (1 - w->skill) * m;
    w->lo = fmin(as_beta_quantile((1 - level) / 2, a, b), w->skill);
    w->hi = fmax(as_beta_quantile((1 + level) / 2, a, b), w->skill);
}

static int worker_table(struct as_seq_fit *f)
{
    const struct as_votes *v = f->votes;
    struct as_sequence_result *r = f->out;
    double *right = as_take(f->pool, v->workers, sizeof *right);
    double *open = as_take(f->pool, v->workers, sizeof *open);

    if (!right || !open)
        return AS_ENOMEM;
    for (uint32_t t = 0; t < v->tasks; t++)
        for (size_t k = v->start[t]; k < v->start[t + 1]; k++) {
            double q = r->q[(size_t)t * r->tags + v->label[k]];
            right[v->worker[k]] += q;
            open[v->worker[k]] += q * (1 - q);
            r->worker[v->worker[k]].n++;
        }
    for (uint32_t j = 0; j < v->workers; j++)
        skill_of(&r->worker[j], right[j], open[j], f->opts->level);
    return AS_OK;
}

/* Each worker's own reading, token after token, against the result's of the same tokens. */
static int span_table(struct as_seq_fit *f)
{
    const struct as_votes *v = f->votes;
    struct as_sequence_result *r = f->out;
    size_t *at = as_take(f->pool, (size_t)v->workers + 2, sizeof *at);
    uint32_t *token = as_take(f->pool, v->n, sizeof *token);
    uint16_t *said = as_take(f->pool, v->n, sizeof *said);
    uint16_t *truth = as_take(f->pool, v->n, sizeof *truth);

    if (!at || !token || !said || !truth)
        return AS_ENOMEM;
    for (size_t k = 0; k < v->n; k++)
        at[v->worker[k] + 2]++;
    for (uint32_t j = 0; j < v->workers; j++)
        at[j + 2] += at[j + 1];
    for (uint32_t t = 0; t < v->tasks; t++)
        for (size_t k = v->start[t]; k < v->start[t + 1]; k++) {
            size_t to = at[v->worker[k] + 1]++;
            token[to] = t;
            said[to] = v->label[k];
            truth[to] = r->label[t];
        }
    for (uint32_t j = 0; j < v->workers; j++) {
        for (size_t from = at[j], to; from < at[j + 1]; from = to) {    /* tokens in a row */
            for (to = from + 1; to < at[j + 1] && token[to] == token[to - 1] + 1
                                && !f->first[token[to]]; to++)
                ;
            as_span_count(&r->spans[j], f->sentences->tag, r->tags, said + from, truth + from,
                          to - from);
        }
        as_span_rates(&r->spans[j]);
    }
    return AS_OK;
}

/* ------------------------------------------------------------------ the entry */

static int run(const struct as_seq *m, struct as_seq_fit *f)
{
    struct as_sequence_result *r = f->out;
    int rc = lay_out(f);

    r->method = m->info.id;
    if (rc || (rc = m->run(f)))
        return rc;
    as_tags_repair(f->sentences, f->tags, r->label, r->flags);
    for (size_t c = 0; c < (size_t)r->tokens * r->tags; c++)
        if (!(r->q[c] >= 0 && r->q[c] <= 1 + 1e-9))
            return AS_EINTERNAL;
    rc = worker_table(f);
    return rc ? rc : span_table(f);
}

int as_merge_sequence(const struct as_votes *v, const struct as_sentences *s, const char *method,
                      const struct as_opts *o, struct as_sequence_result **out)
{
    struct as_pool scratch = { 0 };
    struct as_opts plain;
    int row;

    *out = NULL;
    if (!o) {
        as_opts_init(&plain);
        o = &plain;
    }
    if ((row = as_row(as_sequence_method, method)) < 0)
        return AS_ENOMETHOD;
    int rc = check(v, s, o);
    if (rc)
        return rc;
    struct as_sequence_result *r = as_own(sizeof *r);
    if (!r)
        return AS_ENOMEM;
    struct as_seq_fit f = { .votes = v, .sentences = s, .opts = o, .out = r,
                            .pool = &scratch, .keep = as_owned(r), .tokens = v->tasks,
                            .tags = v->classes };
    rc = run(methods[row], &f);
    as_pool_end(&scratch);
    if (rc)
        as_disown(r);
    else
        *out = r;
    return rc;
}

void as_sequence_result_free(struct as_sequence_result *r)
{
    as_disown(r);
}
