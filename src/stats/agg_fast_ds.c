/*
 * agg_fast_ds.c -- Dawid-Skene with hard decisions (Sinha, Rao & Balasubramanian, 2018).
 *
 *   M   p and T as in agg_dawid_skene.c, from the answers as they stand
 *   E   the answer of a task is the class of greatest p_k prod_j T^j_{k, y_ij}, the lowest on a tie
 *   objective   sum_i max_k score_ik + sum_jkl a_kl log T^j_kl
 *
 * Each half maximises the same complete-data likelihood, so it rises and ends, usually within ten
 * rounds.  It begins with the vote shares, so a tied task takes no side; the posterior is that of
 * the last tables.  O(votes * K) a round.
 */
#include "stats/em.h"

static int run(struct as_fit *f)
{
    struct as_em em;
    int rc = as_em_new(f, &em);

    if (rc)
        return rc;
    em.hard = 1;
    if ((rc = as_em_run(f, &em, as_dawid_skene_step, NULL)))
        return rc;
    return as_em_confusion(f, &em);
}

const struct as_agg as_agg_fast_ds = {
    { "fast-ds", "Fast Dawid-Skene", "Sinha, Rao & Balasubramanian, arXiv:1803.02781 (2018)",
      "Dawid-Skene that decides every task outright in each round instead of weighing its classes. "
      "It ends after a few passes over the votes, with the same tables per worker. The choice when "
      "Dawid-Skene is right but the data is very large.", 0 },
    run
};
