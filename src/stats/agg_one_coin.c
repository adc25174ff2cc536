/*
 * agg_one_coin.c -- one number per worker: how often they are right (the model of ZenCrowd,
 * Demartini, Difallah & Cudre-Mauroux, WWW 2012; a symmetric Dawid-Skene).
 *
 *   P(y_ij = z_i) = r_j,   each other class (1 - r_j)/(K - 1),   r_j ~ Beta(1 + a, 1 + b)
 *
 *   M   r_j = (sum_i q_{i, y_ij} + a) / (n_j + a + b)
 *   E   score_ik = log p_k + sum_j log((1-r_j)/(K-1)) + sum_{j: y_ij = k} log(r_j (K-1)/(1-r_j))
 *   objective   sum_i logsumexp_k score_ik + sum_j (a log r_j + b log(1 - r_j))
 *
 * a = 2, b = 1, or both opts.prior.  p is uniform unless the caller gives one: a learned prior
 * collapses on skewed sets.  Only classes somebody voted for are looked at, so the cost is O(votes)
 * an iteration for any number of classes; the others of a task share what is left.
 */
#include <math.h>
#include <string.h>

#include "stats/em.h"

#define RIGHT 2.
#define WRONG 1.
#define EDGE  1e-6
#define FEW   8         /* classes up to which a table is faster */

struct coin {
    double a, b;
    double *skill, *yes, *no;   /* [workers] r_j and the two logarithms of the E step */
    double *right, *n;          /* [workers] expected right answers, and answers by weight */
    double *logp;               /* [classes] */
    double loglik;
};

/* Posterior of task t into f->row; returns how many classes are touched, *rest is the sum over all
   others.  Adds to c->loglik. */
static uint32_t weigh(struct as_fit *f, struct coin *c, uint32_t t, double *rest)
{
    const struct as_votes *v = f->votes;
    uint32_t touched = as_open(f, t, c->logp);
    double base = 0;

    for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++) {
        double w = v->weight ? (double)v->weight[s] : 1;
        base += w * c->no[v->worker[s]];
        f->row[v->label[s]] += w * c->yes[v->worker[s]];
    }
    c->loglik += base + as_close(f, touched, c->logp[0], rest);
    return touched;
}

/* What a task adds to the log-likelihood when its class is known. */
static double known_score(const struct as_fit *f, const struct coin *c, uint32_t t, uint16_t known)
{
    const struct as_votes *v = f->votes;
    double x = c->logp[known];

    for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++) {
        double w = v->weight ? (double)v->weight[s] : 1;
        x += w * (c->no[v->worker[s]] + (v->label[s] == known ? c->yes[v->worker[s]] : 0));
    }
    return x;
}

/* One pass: expected right answers of everybody, and the log-likelihood. */
static void pass(struct as_fit *f, struct coin *c)
{
    const struct as_votes *v = f->votes;

    c->loglik = 0;
    memset(c->right, 0, v->workers * sizeof *c->right);
    for (uint32_t t = 0; t < v->tasks; t++) {
        double rest;
        uint16_t known = v->gold ? v->gold[t] : AS_ABSTAIN;
        if (v->start[t] == v->start[t + 1])
            continue;
        double before = c->loglik;
        uint32_t touched = weigh(f, c, t, &rest);
        if (known != AS_ABSTAIN)        /* the known class alone */
            c->loglik = before + known_score(f, c, t, known);
        for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++) {
            double w = v->weight ? (double)v->weight[s] : 1;
            c->right[v->worker[s]] += known == AS_ABSTAIN ? w * f->row[v->label[s]]
                                                          : w * (v->label[s] == known);
        }
        as_uncount(f, touched);
    }
}

/* Where all begin: the vote shares. */
static void votes(struct as_fit *f, struct coin *c)
{
    const struct as_votes *v = f->votes;

    for (uint32_t t = 0; t < v->tasks; t++) {
        uint32_t touched = as_count(f, t, NULL);
        double all = 0;
        for (uint32_t s = 0; s < touched; s++)
            all += f->row[f->touched[s]];
        for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++) {
            double w = v->weight ? (double)v->weight[s] : 1;
            double q = f->row[v->label[s]] / all;
            if (v->gold && v->gold[t] != AS_ABSTAIN)
                q = v->label[s] == v->gold[t];
            c->right[v->worker[s]] += w * q;
            c->n[v->worker[s]] += w;
        }
        as_uncount(f, touched);
    }
}

/* Skills from expected counts; returns their log prior. */
static double m_step(const struct as_votes *v, struct coin *c)
{
    double extra = 0, others = v->classes > 1 ? v->classes - 1 : 1;

    for (uint32_t j = 0; j < v->workers; j++) {
        double n = c->n[j] + c->a + c->b, r = n > 0 ? (c->right[j] + c->a) / n : .5;
        r = r < EDGE ? EDGE : r > 1 - EDGE ? 1 - EDGE : r;
        c->skill[j] = r;
        c->no[j] = log((1 - r) / others);
        c->yes[j] = log(r) - c->no[j];
        extra += c->a * log(r) + c->b * log(1 - r);
    }
    return extra;
}

static int coin_new(struct as_fit *f, struct coin *c)
{
    const struct as_votes *v = f->votes;
    uint32_t W = v->workers;
    double total = 0;
    const double *p = v->classes <= AS_DENSE_CLASSES ? f->opts->class_prior : NULL;

    *c = (struct coin){ .a = f->opts->prior < 0 ? RIGHT : f->opts->prior,
                        .b = f->opts->prior < 0 ? WRONG : f->opts->prior };
    if (!(c->skill = as_take(f->pool, W, sizeof(double)))
        || !(c->yes = as_take(f->pool, W, sizeof(double)))
        || !(c->no = as_take(f->pool, W, sizeof(double)))
        || !(c->right = as_take(f->pool, W, sizeof(double)))
        || !(c->n = as_take(f->pool, W, sizeof(double)))
        || !(c->logp = as_take(f->pool, v->classes, sizeof(double))))
        return AS_ENOMEM;
    for (uint32_t k = 0; p && k < v->classes; k++)
        total += p[k];
    for (uint32_t k = 0; k < v->classes; k++)
        c->logp[k] = log(p ? p[k] / total : 1.0 / v->classes);
    return AS_OK;
}

/* For few classes the same model as a confusion table, on the fused pass of em.h. */
static double table_step(struct as_fit *f, struct as_em *em, void *arg)
{
    struct coin *c = arg;
    const uint32_t K = em->classes;

    for (size_t j = 0; j < em->workers; j++) {
        const double *count = em->count + j * K * K;
        c->right[j] = 0;
        for (uint32_t l = 0; l < K; l++)
            c->right[j] += count[l * K + l];
    }
    double extra = m_step(f->votes, c);
    for (size_t j = 0; j < em->workers; j++) {
        double *logt = em->logt + j * K * K;
        for (uint32_t l = 0; l < K; l++)
            for (uint32_t k = 0; k < K; k++)
                logt[l * K + k] = c->no[j] + (k == l ? c->yes[j] : 0);
    }
    memcpy(em->logp, c->logp, K * sizeof *em->logp);
    return extra;
}

static int run_table(struct as_fit *f, struct coin *c)
{
    const struct as_votes *v = f->votes;
    struct as_em em;
    int rc = as_em_new(f, &em);

    if (rc)
        return rc;
    for (size_t s = 0; s < v->n; s++)
        c->n[v->worker[s]] += v->weight ? (double)v->weight[s] : 1;
    return as_em_run(f, &em, table_step, c);
}

static int run_lists(struct as_fit *f, struct coin *c)
{
    double rest = 0;
    int go = 1;

    votes(f, c);
    while (go == 1) {
        double extra = m_step(f->votes, c);
        pass(f, c);
        go = as_em_step(f, c->loglik + extra);
    }
    if (go < 0)
        return go;
    for (uint32_t t = 0; t < f->votes->tasks; t++) {
        uint32_t touched = f->votes->start[t] < f->votes->start[t + 1]
                           ? weigh(f, c, t, &rest) : 0;
        f->out->flags[t] = 0;
        as_put_rest(f, t, touched, touched ? rest : 0);
    }
    return AS_OK;
}

static int run(struct as_fit *f)
{
    struct coin c;
    int rc = coin_new(f, &c);

    if (!rc)
        rc = f->votes->classes <= FEW ? run_table(f, &c) : run_lists(f, &c);
    for (uint32_t j = 0; !rc && j < f->votes->workers; j++)
        f->out->worker[j].weight = c.yes[j];
    return rc;
}

const struct as_agg as_agg_one_coin = {
    { "one-coin", "One-coin Dawid-Skene",
      "after Demartini, Difallah & Cudre-Mauroux (ZenCrowd), WWW 2012",
      "Learns one number per worker, how often they are right, and weighs votes by it. One pass "
      "over the votes per iteration whatever the number of classes. The choice for few answers per "
      "worker, or for many classes.", 0 },
    run
};
