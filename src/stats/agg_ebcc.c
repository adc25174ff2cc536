/*
 * agg_ebcc.c -- enhanced Bayesian classifier combination (Li, Rubinstein & Cohn, ICML 2019).
 *
 * People err alike because some tasks are alike.  Each class k has M = 10 hidden kinds of task:
 *
 *   z_i ~ p,  p ~ Dir(a), a = vote shares summed over tasks;   g_i | z_i = k ~ Dir(0.1/M)
 *   y_ij | k, g ~ T^j_{kg, .} ~ Dir(1 + 3 [k = l])
 *
 * and given the kind, workers are independent.  Variational updates as in agg_ibcc.c with (k, g) in
 * the place of k; a restart splits every task's vote shares over the kinds by a draw from Dir(1),
 * and the restart with the best lower bound answers (10 of them; the authors take 40).
 * O(votes * K * M) an iteration.
 */
#include <math.h>

#include "stats/chance.h"
#include "stats/em.h"
#include "stats/variational.h"

#define KINDS    10
#define KIND     .1         /* prior mass of all kinds of a class together */
#define RESTARTS 10
#define ON       4.
#define OFF      1.

struct ebcc {
    struct as_dirichlet cells;
    uint32_t classes;
    uint64_t seed, restart;
    double *shares;             /* [classes] the prior a */
    double *class_mass;         /* [classes] scratch */
};

static double m_step(struct as_fit *f, struct as_em *em, void *arg)
{
    struct ebcc *e = arg;
    uint32_t K = em->classes, M = em->split;
    double extra = as_vb_tables(em, &e->cells), total = 0, prior = 0;

    for (uint32_t k = 0; k < K; k++) {
        const double *mass = em->mass + k * M;
        e->class_mass[k] = 0;
        for (uint32_t g = 0; g < M; g++)
            e->class_mass[k] += mass[g];
        extra -= as_vb_group(mass, M, KIND / M, em->logp + k * M);
        total += e->class_mass[k] + e->shares[k];
        prior += f->opts->class_prior ? f->opts->class_prior[k] : e->shares[k];
    }
    for (uint32_t k = 0; k < K; k++) {
        double a = e->shares[k], c = e->class_mass[k] + a, logp;
        if (f->opts->class_prior) {
            logp = log(f->opts->class_prior[k] / prior);
        } else {
            logp = as_digamma(c) - as_digamma(total);
            extra -= as_lgamma(a) - as_lgamma(c) + (c - a) * logp;
        }
        for (uint32_t g = 0; g < M; g++)
            em->logp[k * M + g] += logp;
    }
    return f->opts->class_prior ? extra : extra - (as_lgamma(total) - as_lgamma(prior));
}

/* Vote shares to kinds: exponential draws over their sum are Dir(1). */
static void spread(void *arg, uint32_t task, double *q)
{
    const struct ebcc *e = arg;
    uint32_t M = KINDS, states = e->classes * M;
    struct as_rng g = { e->seed, 0x65626363u + e->restart, (uint64_t)task * states };

    for (uint32_t k = e->classes; k-- > 0; ) {
        double draw[KINDS], total = 0, share = q[k];
        for (uint32_t s = 0; s < M; s++)
            total += draw[s] = -log(1 - as_draw(&g)) + 1e-12;
        for (uint32_t s = 0; s < M; s++)
            q[k * M + s] = share * draw[s] / total;
    }
}

static void start(struct as_fit *f, struct as_em *em, void *arg, int r)
{
    struct ebcc *e = arg;

    (void)f;
    e->restart = (uint64_t)r;
    as_em_votes(em);
}

static int ebcc_new(struct as_fit *f, struct ebcc *e, struct as_em *em)
{
    double off = f->opts->prior > 0 ? f->opts->prior : OFF;

    *e = (struct ebcc){ .cells = as_vb_prior(em->classes, ON * off, off), .classes = em->classes,
                        .seed = f->opts->seed };
    if (!(e->shares = as_take(f->pool, em->classes, sizeof(double)))
        || !(e->class_mass = as_take(f->pool, em->classes, sizeof(double))))
        return AS_ENOMEM;
    as_em_votes(em);
    for (uint32_t s = 0; s < em->states; s++)
        e->shares[s / em->split] += em->mass[s];
    for (uint32_t k = 0; k < em->classes; k++)
        e->shares[k] += 1e-3;                       /* a class that nobody used stays possible */
    em->spread = spread;
    em->spread_arg = e;
    return AS_OK;
}

static int run(struct as_fit *f)
{
    struct as_em em;
    struct ebcc e;
    int rc = as_em_new_split(f, &em, KINDS);

    if (rc || (rc = ebcc_new(f, &e, &em))
        || (rc = as_em_restarts(f, &em, start, m_step, &e,
                                f->opts->restarts ? f->opts->restarts : RESTARTS)))
        return rc;
    return as_em_confusion(f, &em);
}

const struct as_agg as_agg_ebcc = {
    { "ebcc", "EBCC", "Li, Rubinstein & Cohn, ICML (2019)",
      "Splits every class into hidden kinds of task, so that people who err alike on the same kind "
      "are not taken for independent witnesses. Ten times the work of iBCC, for several starts. "
      "Often the most accurate single method; the choice when time allows.", 0 },
    run
};
