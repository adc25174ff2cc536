/*
 * agg_ibcc.c -- Bayesian Dawid-Skene by variational inference (Kim & Ghahramani, AISTATS 2012).
 *
 *   z_i ~ p,  p ~ Dir(1);   y_ij ~ T^j_{z_i, .},  row k of T^j ~ Dir(1 + 3 [k = l])
 *
 *   C = prior + expected counts;  log T^j_kl is replaced by psi(C_jkl) - psi(sum_l C_jkl),
 *   log p_k by psi(1 + mass_k) - psi(K + N);  q by softmax
 *   objective   the evidence's lower bound: sum_i logsumexp_k score_ik less the divergence of every
 *               Dirichlet from its prior
 *
 * opts.prior puts that many pseudo votes off the diagonal and four times as many on it.  Cells that
 * nobody touched share one digamma.  O(votes * K) an iteration and a digamma per touched cell.
 */
#include <math.h>

#include "stats/em.h"
#include "stats/variational.h"

#define ON  4.
#define OFF 1.

static double m_step(struct as_fit *f, struct as_em *em, void *arg)
{
    const struct as_dirichlet *d = arg;
    double extra = as_vb_tables(em, d);

    if (f->opts->class_prior) {
        as_em_prior(f, em);
        return extra;
    }
    return extra - as_vb_group(em->mass, em->classes, 1, em->logp);
}

static int run(struct as_fit *f)
{
    double off = f->opts->prior > 0 ? f->opts->prior : OFF;
    struct as_dirichlet d = as_vb_prior(f->votes->classes, ON * off, off);
    struct as_em em;
    int rc = as_em_new(f, &em);

    if (rc || (rc = as_em_run(f, &em, m_step, &d)))
        return rc;
    return as_em_confusion(f, &em);
}

const struct as_agg as_agg_ibcc = {
    { "ibcc", "iBCC", "Kim & Ghahramani, AISTATS (2012)",
      "Dawid-Skene that keeps in mind how little is known of people with few answers. One pass "
      "over the votes per iteration and a table of classes times classes per worker. A calm choice "
      "when workers gave anything from a handful to thousands of answers.", 0 },
    run
};
