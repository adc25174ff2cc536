/*
 * agg_wawa.c -- Worker Agreement With Aggregate.
 *
 *   1. answer each task by plain majority;
 *   2. skill of a person = share of their votes that agree with step 1;
 *   3. vote again, each vote weighted by its author's skill.
 *
 * No iteration, so it is the method to show live while people are still working.
 * O(votes + tasks * classes).
 */
#include "stats/tally.h"

static int run(struct as_fit *f)
{
    const struct as_votes *v = f->votes;
    uint16_t *answer = as_take(f->pool, v->tasks, sizeof *answer);
    double *skill = as_take(f->pool, v->workers, sizeof *skill);
    int rc;

    if (!answer || !skill)
        return AS_ENOMEM;
    as_top_all(f, NULL, answer);
    if ((rc = as_share_right(f, answer, .5, skill)))
        return rc;
    as_vote_all(f, skill);
    for (uint32_t j = 0; j < v->workers; j++)
        f->out->worker[j].skill = f->out->worker[j].weight = skill[j];
    f->own_skill = 1;
    return AS_OK;
}

const struct as_agg as_agg_wawa = {
    { "wawa", "Worker Agreement With Aggregate", "as in crowd-kit (Ustalov et al., JOSS 2024)",
      "A majority vote first; then everybody's vote counts by how often they agree with it. "
      "Two passes and no iteration, so it follows people while they work. Use it from three "
      "answers a task on.", 0 },
    run
};
