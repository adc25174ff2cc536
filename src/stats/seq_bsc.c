/*
 * seq_bsc.c -- Bayesian sequence combination (Simpson & Gurevych, EMNLP 2019): as HMM-Crowd, but
 * what a worker says depends on what he said one token before, too.
 *
 *   y_tj ~ T^j_{z_t, g, .},   g: the worker's tag before was outside, or in a span of type x
 *   rows of T ~ Dirichlet(a + 10 [right] + 20 c_{z, g, .})
 *   rows of A ~ Dirichlet(1) over valid steps
 *
 * c is the whole crowd's table, from Dawid-Skene by token, so a worker of few answers errs as all
 * do until he shows otherwise.  By type instead of by tag (tags^3 cells a worker) c and T have far
 * fewer cells, and nothing is lost: after B-x and I-x the same may follow.
 *
 * Variational Bayes: q(z) by the chain with exp(E log T), exp(E log A); then Dirichlet posteriors.
 *   objective   the evidence bound: sum over sentences of log Z - sum of KL(q(row) || prior)
 *
 * a = opts.prior, by default .1.  O(votes * tags + tokens * tags^2 + cells) an iteration; memory
 * workers * (types + 1) * tags^2.
 */
#include <math.h>

#include "stats/seq.h"

#define PSEUDO .1
#define RIGHT  10.      /* pseudo votes that a worker is right, in each row */
#define CROWD  20.      /* pseudo votes a row has from the whole crowd */
#define SHY    5.       /* … and a row of the crowd, from what it says in any group */
#define FLOOR  .1       /* … and a cell of that */

static uint32_t type_before(const struct as_tag *before)
{
    return before && before->kind != AS_TAG_OUT ? 1u + before->type : 0;
}

/*
 * One Dirichlet row in place: n counts that lie `gap` apart become E log, written to `out`; returns
 * minus the divergence from the prior row.
 */
static double dirichlet(const double *count, const double *prior, double *out, size_t n, size_t gap)
{
    double sum = 0, sum0 = 0, divergence = 0;

    for (size_t l = 0; l < n; l++) {
        sum += count[l * gap];
        sum0 += prior[l * gap];
    }
    double base = as_digamma(sum);
    for (size_t l = 0; l < n; l++) {
        double c = count[l * gap], c0 = prior[l * gap], x = as_digamma(c) - base;
        divergence += (c - c0) * x - as_lgamma(c) + as_lgamma(c0);
        out[l * gap] = x;
    }
    return -(divergence + as_lgamma(sum) - as_lgamma(sum0));
}

static double steps(struct as_seq_model *m)
{
    const struct as_tag *tag = m->f->sentences->tag;
    double now[AS_TAGS_MAX], prior[AS_TAGS_MAX], log_w[AS_TAGS_MAX], extra = 0;
    size_t K = m->tags;

    for (size_t j = 0; j <= K; j++) {
        size_t n = 0;
        for (size_t k = 0; k < K; k++)
            if (as_tag_follows(j < K ? &tag[j] : NULL, &tag[k])) {
                prior[n] = 1;
                now[n++] = 1 + m->taken[j * K + k];
            }
        extra += dirichlet(now, prior, log_w, n, 1);
        n = 0;
        for (size_t k = 0; k < K; k++)
            m->walk[j * K + k] = as_tag_follows(j < K ? &tag[j] : NULL, &tag[k]) ? exp(log_w[n++])
                                                                                : 0;
    }
    return extra;
}

static double m_step(struct as_seq_model *m)
{
    size_t K = m->tags, table = m->groups * K * K;
    double extra = steps(m);

    for (size_t j = 0; j < m->f->out->workers; j++)
        for (size_t g = 0; g < m->groups; g++)
            for (size_t k = 0; k < K; k++) {
                size_t row = g * K * K + k;
                extra += dirichlet(m->count + j * table + row, m->prior + row,
                                   m->logt + j * table + row, K, K);
            }
    return extra;
}

/* The prior of all workers from the votes of all, at the posterior there is. */
static int crowd(struct as_seq_model *m, double a)
{
    const struct as_votes *v = m->f->votes;
    size_t K = m->tags, table = m->groups * K * K;
    double *any = as_take(m->f->pool, K * K, sizeof *any);      /* no matter which group */

    if (!any)
        return AS_ENOMEM;
    for (size_t c = 0; c < K * K; c++)
        any[c] = FLOOR;
    for (uint32_t t = 0; t < v->tasks; t++)
        for (size_t k = v->start[t]; k < v->start[t + 1]; k++)
            for (size_t z = 0; z < K; z++) {
                double q = m->f->out->q[t * K + z];
                m->prior[m->row[k] % table + z] += q;
                any[v->label[k] * K + z] += q;
            }
    for (size_t k = 0; k < K; k++) {
        double sum = 0;
        for (size_t l = 0; l < K; l++)
            sum += any[l * K + k];
        for (size_t l = 0; l < K; l++)
            any[l * K + k] /= sum;
    }
    for (size_t row = 0; row < m->groups * K; row++) {          /* group and truth */
        double *p = m->prior + row / K * K * K + row % K, sum = 0;
        for (size_t l = 0; l < K; l++)
            sum += p[l * K] += SHY * any[l * K + row % K];
        for (size_t l = 0; l < K; l++)
            p[l * K] = a + CROWD * p[l * K] / sum + (l == row % K ? RIGHT : 0);
    }
    return AS_OK;
}

static int run(struct as_seq_fit *f)
{
    struct as_result *by_token;
    struct as_seq_model m;
    uint32_t types = 0;
    int rc = as_seq_by_token(f, "dawid-skene", 1, &by_token);

    if (rc)
        return rc;
    as_result_free(by_token);
    for (uint32_t k = 0; k < f->tags; k++)
        if (type_before(&f->sentences->tag[k]) > types)
            types = type_before(&f->sentences->tag[k]);
    if ((rc = as_seq_model_new(f, types + 1, type_before, &m))
        || (rc = crowd(&m, f->opts->prior >= 0 ? f->opts->prior : PSEUDO)))
        return rc;
    return as_seq_model_run(&m, m_step);
}

const struct as_seq as_seq_bsc = {
    { "bsc", "Bayesian sequence combination", "Simpson & Gurevych, EMNLP 2019",
      "Like HMM-Crowd, and it learns that a person who began a span goes on with it, rightly or "
      "wrongly, and that new people err as the others do. A thousand sentences take a few seconds. "
      "The first choice for spans in text.", 0 },
    run
};
