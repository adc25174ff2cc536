/*
 * agg_zbs.c -- zero-based skill.
 *
 *   s_j = 1/K + 1e-5;  at most 100 rounds of
 *     1. vote, each vote weighted by s_j;
 *     2. s_j += rate * (share of j's votes equal to step 1 - s_j),
 *   rate 1, halved after every 20th round.
 *
 * Stops early when neither labels nor skills move, which changes nothing.  There is no objective.
 * O(rounds * votes).
 */
#include <math.h>
#include <string.h>

#include "stats/tally.h"

#define ROUNDS 100
#define HALVE  20

static int run(struct as_fit *f)
{
    const struct as_votes *v = f->votes;
    uint16_t *answer = as_take(f->pool, v->tasks, sizeof *answer);
    uint16_t *now = as_take(f->pool, v->tasks, sizeof *now);
    double *skill = as_take(f->pool, v->workers, sizeof *skill);
    double *right = as_take(f->pool, v->workers, sizeof *right);
    double rate = 1;
    int rounds = f->opts->max_iter < ROUNDS ? f->opts->max_iter : ROUNDS, rc, n = 0, still = 0;

    if (!answer || !now || !skill || !right)
        return AS_ENOMEM;
    for (uint32_t j = 0; j < v->workers; j++)
        skill[j] = 1.0 / v->classes + 1e-5;
    while (n < rounds && !still && !f->out->stopped) {
        still = n > 0;
        as_top_all(f, skill, now);
        still &= memcmp(now, answer, v->tasks * sizeof *now) == 0;
        memcpy(answer, now, v->tasks * sizeof *now);
        if ((rc = as_share_right(f, answer, 1.0 / v->classes, right)))
            return rc;
        for (uint32_t j = 0; j < v->workers; j++) {
            still &= fabs(right[j] - skill[j]) < 1e-12;
            skill[j] += rate * (right[j] - skill[j]);
        }
        if (++n % HALVE == 0)
            rate /= 2;
        if (f->opts->progress && f->opts->progress(f->opts->progress_arg, n, 0))
            f->out->stopped = 1;
    }
    as_vote_all(f, skill);
    for (uint32_t j = 0; j < v->workers; j++)
        f->out->worker[j].skill = f->out->worker[j].weight = skill[j];
    f->own_skill = 1;
    f->out->iterations = n;
    f->out->converged = still;
    return AS_OK;
}

const struct as_agg as_agg_zbs = {
    { "zbs", "Zero-based skill", "as in crowd-kit (Ustalov et al., JOSS 2024)",
      "Votes are weighted by skill, and skill is how often a person agrees with the weighted "
      "vote, repeated until it stands still. A simple step up from wawa. It may settle on a wrong "
      "camp when most people err alike.", 0 },
    run
};
