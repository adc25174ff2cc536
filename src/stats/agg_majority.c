/*
 * agg_majority.c -- the answer given most often.
 *
 *   q_ik = votes for k / votes on the task, each vote times its weight.
 *
 * Knows nothing of people, so it is the yardstick of every other method.  On a tie the lowest class
 * id answers and the task is marked tied.  O(votes + tasks * classes).
 */
#include "stats/tally.h"

static int run(struct as_fit *f)
{
    as_vote_all(f, NULL);
    return AS_OK;
}

const struct as_agg as_agg_majority = {
    { "majority", "Majority vote", "",
      "The answer given most often wins. Everybody counts alike. A tie goes to the class that "
      "stands first and is marked.", 0 },
    run
};
