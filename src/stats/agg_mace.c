/*
 * agg_mace.c -- who copies the truth and who spams (Hovy, Berg-Kirkpatrick, Vaswani & Hovy, "MACE",
 * NAACL 2013).
 *
 *   P(y_ij = l | z_i = k) = s_j xi_jl + (1 - s_j) [k = l]
 *
 * With probability s_j worker j does not look and answers from xi_j.
 * From the counts C_jkl of em.h the expected spam is exact: an answer other than the truth is spam,
 * one that equals it is spam with the share s xi_l / T_ll.
 *
 *   spam_jl = sum_{k != l} C_jkl + C_jll s xi_l / T_ll,   know_j = sum_l C_jll (1 - s) / T_ll
 *
 * By default variational: each parameter is exp(psi(c + h) - psi(sum c + h)) with h = 1/2 for
 * (spam, know) and 3/2 for xi, and the objective is the evidence's lower bound.  With opts.prior
 * it is a maximum likelihood fit with that many pseudo counts in each of them.  Three starts, of
 * which the first has no chance in it; O(votes * K) an iteration.
 *
 * The authors hold p uniform and take h = 10 for xi.  Where one class is frequent its answers are
 * then explained by a habit of spamming it, and the rare class wins (83 instead of 94 % right on
 * d_product).  So p is learned here, p_k proportional to 1 + mass_k, and the prior of xi is weak.
 */
#include <math.h>
#include <string.h>

#include "stats/chance.h"
#include "stats/em.h"

#define SPAM_PRIOR .5
#define XI_PRIOR   1.5
#define CLASS      1.           /* pseudo tasks of each class */
#define RESTARTS   3
#define FLOOR      1e-300

struct mace {
    double *spam;               /* [workers * classes] weights of spam with each class: s xi */
    double *know;               /* [workers] 1 - s */
    double *share;              /* [classes] scratch */
    int variational;
    double h_spam, h_xi;
};

static double kl_dirichlet(const double *c, uint32_t n, double h, double total)
{
    double x = as_lgamma(total) - as_lgamma(h * n), mean = as_digamma(total);

    for (uint32_t l = 0; l < n; l++)
        if (c[l] != h)
            x += as_lgamma(h) - as_lgamma(c[l]) + (c[l] - h) * (as_digamma(c[l]) - mean);
    return x;
}

/* logt from spam and know. */
static void tables(struct as_em *em, const struct mace *m)
{
    uint32_t K = em->classes;

    for (size_t j = 0; j < em->workers; j++)
        for (uint32_t l = 0; l < K; l++) {
            double *row = em->logt + (j * K + l) * K, spam = fmax(m->spam[j * K + l], FLOOR);
            double wrong = log(spam);
            for (uint32_t k = 0; k < K; k++)
                row[k] = wrong;
            row[l] = log(spam + m->know[j]);
        }
}

/* The class prior from the expected tasks, and its own log prior. */
static double classes(const struct as_fit *f, struct as_em *em)
{
    double extra = 0;

    for (uint32_t k = 0; k < em->classes; k++)
        em->mass[k] += CLASS;
    as_em_prior(f, em);
    for (uint32_t k = 0; k < em->classes && !f->opts->class_prior; k++)
        extra += CLASS * em->logp[k];
    return extra;
}

/* Weights of one group of parameters from its counts c (h added already); what they add to the
   objective. */
static double group(const struct mace *m, double *c, uint32_t n, double h)
{
    double total = 0, extra = 0;

    for (uint32_t l = 0; l < n; l++)
        total += c[l];
    if (m->variational) {
        extra = -kl_dirichlet(c, n, h, total);
        double norm = as_digamma(total);
        for (uint32_t l = 0; l < n; l++)
            c[l] = exp(as_digamma(c[l]) - norm);
        return extra;
    }
    for (uint32_t l = 0; l < n; l++) {
        c[l] = total > 0 ? fmax(c[l] / total, FLOOR) : 1.0 / n;
        extra += h * log(c[l]);
    }
    return extra;
}

static double m_step(struct as_fit *f, struct as_em *em, void *arg)
{
    struct mace *m = arg;
    uint32_t K = em->classes;
    double extra = 0;

    for (size_t j = 0; j < em->workers; j++) {
        double pair[2] = { m->h_spam, m->h_spam }, *xi = m->spam + j * K;
        for (uint32_t l = 0; l < K; l++) {
            const double *count = em->count + (j * K + l) * K;
            double own = count[l] * xi[l] / fmax(xi[l] + m->know[j], FLOOR), spam = own;
            for (uint32_t k = 0; k < K; k++)
                spam += k == l ? 0 : count[k];
            pair[0] += spam;
            pair[1] += count[l] - own;
            xi[l] = spam + m->h_xi;
        }
        extra += group(m, pair, 2, m->h_spam) + group(m, xi, K, m->h_xi);
        for (uint32_t l = 0; l < K; l++)
            xi[l] *= pair[0];
        m->know[j] = pair[1];
    }
    tables(em, m);
    return extra + classes(f, em);
}

/* Restart 0: half of everybody's answers are spam, spread as their answers are.  The others draw
   both; each worker has a stream of their own. */
static void start(struct as_fit *f, struct as_em *em, void *arg, int r)
{
    struct mace *m = arg;
    uint32_t K = em->classes;

    as_em_votes(em);
    for (size_t j = 0; j < em->workers; j++) {
        struct as_rng g = { f->opts->seed, 0x6d616365u + (uint64_t)r, j << 20 };
        double s = r ? .1 + .8 * as_draw(&g) : .5, total = 0;
        for (uint32_t l = 0; l < K; l++) {
            m->share[l] = 1.0 / K;
            for (uint32_t k = 0; k < K; k++)
                m->share[l] += em->count[(j * K + l) * K + k];
            m->share[l] *= r ? .5 + as_draw(&g) : 1;
            total += m->share[l];
        }
        for (uint32_t l = 0; l < K; l++)
            m->spam[j * K + l] = s * m->share[l] / total;
        m->know[j] = 1 - s;
    }
    tables(em, m);
    memset(em->mass, 0, em->classes * sizeof *em->mass);
    classes(f, em);             /* all alike, until somebody was asked */
    as_em_pass(em);
}

static int leave(struct as_fit *f, const struct as_em *em, const struct mace *m)
{
    static const char *const names[] = { "honest" };
    double *honest = as_em_params(f, 1, names);

    if (!honest)
        return AS_ENOMEM;
    for (size_t j = 0; j < em->workers; j++) {      /* from the tables of the best restart */
        double spam = 0, know = 0;
        for (uint32_t l = 0; l < em->classes; l++) {
            const double *row = em->logt + (j * em->classes + l) * em->classes;
            double wrong = exp(em->classes > 1 ? row[l ? 0 : 1] : log(m->spam[j]));
            spam += wrong;
            know += (exp(row[l]) - wrong) / em->classes;
        }
        honest[j] = fmin(1, fmax(0, know / (know + spam)));
        f->out->worker[j].weight = honest[j];
    }
    return as_em_confusion(f, em);
}

static int run(struct as_fit *f)
{
    double prior = f->opts->prior;
    struct mace m = { .variational = prior < 0, .h_spam = prior < 0 ? SPAM_PRIOR : prior,
                      .h_xi = prior < 0 ? XI_PRIOR : prior };
    struct as_em em;
    int rc = as_em_new(f, &em);

    if (rc)
        return rc;
    if (!(m.spam = as_take(f->pool, (size_t)em.workers * em.classes, sizeof(double)))
        || !(m.know = as_take(f->pool, em.workers, sizeof(double)))
        || !(m.share = as_take(f->pool, em.classes, sizeof(double))))
        return AS_ENOMEM;
    rc = as_em_restarts(f, &em, start, m_step, &m,
                        f->opts->restarts ? f->opts->restarts : RESTARTS);
    return rc ? rc : leave(f, &em, &m);
}

const struct as_agg as_agg_mace = {
    { "mace", "MACE", "Hovy, Berg-Kirkpatrick, Vaswani & Hovy, NAACL (2013)",
      "Asks of every answer whether its author looked or spammed, and learns each person's share "
      "of honest answers and their habit when they spam. Several starts, one pass over the "
      "votes per iteration each. The choice where careless or automatic answers are feared.", 0 },
    run
};
