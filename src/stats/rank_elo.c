/*
 * rank_elo.c -- Elo's rating, in the order of the rows.
 *
 *     p = 1 / (1 + 10^((R_right - R_left) / 400)),  R_left += k w (y - p),  R_right -= the same
 *
 * with y = 1, 0 or 1/2 for a tie, and everybody starting at 1000.  The result hangs on the order of
 * the rows: it is for display, not for decisions.  O(rows).
 */
#include <math.h>

#include "stats/rank.h"

static int run(struct as_ranking *f)
{
    const struct as_duels *in = f->in;
    struct as_ranked *item = f->out->item;
    double loss = 0;

    for (uint32_t i = 0; i < in->items; i++)
        item[i].rating = f->opts->rating ? f->opts->rating[i] : 1000;
    for (size_t k = 0; k < in->n; k++) {
        double w = in->weight ? (double)in->weight[k] : 1;
        double *a = &item[in->left[k]].rating, *b = &item[in->right[k]].rating;
        if (!(w > 0) || (f->drop_ties && in->outcome[k] == AS_TIE))
            continue;
        double p = 1 / (1 + pow(10, (*b - *a) / 400));
        double y = in->outcome[k] == AS_LEFT ? 1 : in->outcome[k] == AS_RIGHT ? 0 : .5;
        double move = f->opts->elo_k * w * (y - p);
        *a += move;
        *b -= move;
        loss -= w * (y * log(fmax(p, 1e-300)) + (1 - y) * log(fmax(1 - p, 1e-300)));
        if (!(fabs(*a) < 1e9 && fabs(*b) < 1e9))
            return AS_EINVAL;               /* weights that no rating survives */
    }
    for (uint32_t i = 0; i < in->items; i++)
        item[i].theta = (item[i].rating - 1000) * M_LN10 / 400;
    f->out->loglik = f->out->objective = -loss;     /* of each row, foretold from those before it */
    if (f->out->spread != AS_SPREAD_BOOTSTRAP)
        f->out->spread = AS_SPREAD_NONE;
    return AS_OK;
}

const struct as_rank_row as_rank_elo = {
    { "elo", "Elo", "Elo, The Rating of Chessplayers, 1978",
      "Each comparison moves points from the loser to the winner, more when it was a surprise. One "
      "pass in the order of the rows. For a display that moves with every vote; the order of the "
      "rows changes the result, so decide with bt.", 0 },
    .prior = 1, .fixed_scale = 1, .run = run
};
