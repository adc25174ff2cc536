/*
 * agg_dawid_skene.c -- a confusion table for every worker (Dawid & Skene, Applied Statistics 1979).
 *
 *   z_i ~ p,   y_ij ~ T^j_{z_i, .},   row k of T^j ~ Dirichlet(1 + a_k.)
 *
 *   M   p_k = mean_i q_ik;   T^j_kl proportional to a_kl + sum of q_ik over j's votes for l
 *   E   q_ik proportional to p_k * prod_j T^j_{k, y_ij}
 *   objective   sum_i log sum_k exp(score_ik) + sum_jkl a_kl log T^j_kl
 *
 * a = opts.prior in every cell (0: maximum likelihood).  By default each row gets 0.1 K pseudo
 * votes, a quarter of them on the diagonal: as much for a worker with two classes as with ten, and
 * a newcomer is believed to be somewhat right.  One fused pass an iteration, O(votes * K); memory
 * workers * K^2.  Where the tables do not fit, the one-coin model answers and the note says so.
 */
#include <math.h>

#include "stats/em.h"

#define MASS     .1         /* pseudo votes per class and row, by default */
#define DIAGONAL .25        /* the share of them that is right */
#define FLOOR    1e-10

/* Pseudo votes in a cell on the diagonal, or off it. */
static double pseudo(const struct as_opts *o, uint32_t classes, int diagonal)
{
    if (o->prior >= 0)
        return o->prior;
    double mass = MASS * classes;
    return mass * ((1 - DIAGONAL) / classes + (diagonal ? DIAGONAL : 0));
}

/* The table of one worker out of the counts; `right` and `wrong` are pseudo votes. */
static void table(const struct as_em *em, size_t j, double right, double wrong)
{
    const size_t K = em->classes;

    for (size_t k = 0; k < K; k++) {
        const double *count = em->count + j * K * K + k;
        double *logt = em->logt + j * K * K + k, total = 0;
        for (size_t l = 0; l < K; l++) {
            double c = count[l * K] + (k == l ? right : wrong);
            logt[l * K] = c > FLOOR ? c : FLOOR;
            total += logt[l * K];
        }
        for (size_t l = 0; l < K; l++)
            logt[l * K] = log(logt[l * K] / total);
    }
}

double as_dawid_skene_step(struct as_fit *f, struct as_em *em, void *arg)
{
    const size_t K = em->classes, workers = em->workers;
    double right = pseudo(f->opts, em->classes, 1), wrong = pseudo(f->opts, em->classes, 0);
    double extra = 0;

    (void)arg;
    as_em_prior(f, em);
#pragma omp parallel for schedule(static) num_threads(em->threads) if (em->threads > 1)
    for (size_t j = 0; j < workers; j++)
        table(em, j, right, wrong);
    /* in one order, however many hands: the same bytes */
    for (size_t j = 0; j < workers; j++)
        for (size_t k = 0; k < K; k++)
            for (size_t l = 0; l < K; l++)
                extra += (k == l ? right : wrong) * em->logt[(j * K + l) * K + k];
    return extra;
}

static int run(struct as_fit *f)
{
    struct as_em em;
    int rc = as_em_new(f, &em);

    if (rc == AS_ETOOBIG) {
        f->out->note = "Too many classes and workers for a confusion table each: the one-coin "
                       "model answered instead.";
        return as_agg_one_coin.run(f);
    }
    if (rc || (rc = as_em_run(f, &em, as_dawid_skene_step, NULL)))
        return rc;
    return as_em_confusion(f, &em);
}

const struct as_agg as_agg_dawid_skene = {
    { "dawid-skene", "Dawid-Skene", "Dawid & Skene, Applied Statistics 28 (1979)",
      "Learns for every worker how often each class is taken for each other one, and weighs every "
      "answer by that. One pass over the votes per iteration; a table of classes times classes per "
      "worker. The first choice for up to about eight classes and ten or more answers a worker.",
      0 },
    run
};
