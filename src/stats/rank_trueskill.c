/*
 * rank_trueskill.c -- TrueSkill for two players (Herbrich, Minka, Graepel, NIPS 2006).
 *
 * Skill s ~ N(mu, sigma^2), performance N(s, beta^2); a draw when performances differ by less than
 * eps.  Before each row sigma^2 grows by tau^2; then, c^2 = 2 beta^2 + sigma_a^2 + sigma_b^2,
 * t = (mu_winner - mu_loser) / c, e = eps / c,
 *
 *     mu_winner += sigma^2 / c * v(t, e),   sigma^2 *= 1 - sigma^2 / c^2 * w(t, e)
 *
 * where v and w are the mean and variance shift of a truncated normal.  mu 25, sigma 25/3,
 * beta 25/6, tau 25/300; eps from the share of draws between equals.  O(rows), in their order.
 */
#include <math.h>

#include "stats/rank.h"
#include "stats/special.h"

#define MU 25.0
#define SIGMA (25.0 / 3)
#define BETA (25.0 / 6)
#define TAU (25.0 / 300)
#define PROBIT 1.702            /* a normal of unit width against a logistic one */

static double density(double x)
{
    return exp(-x * x / 2) / sqrt(2 * M_PI);
}

struct shift {
    double v, w;
};

static struct shift won(double t, double e)
{
    double x = t - e, area = as_normal_cdf(x);
    double v = x > -30 && area > 0 ? density(x) / area : -x;       /* its limit far out */

    return (struct shift){ v, fmin(fmax(v * (v + x), 0), 1) };
}

static struct shift drew(double t, double e)
{
    double x = fabs(t), hi = e - x, lo = -e - x;
    double area = as_normal_cdf(hi) - as_normal_cdf(lo);

    if (!(area > 1e-250))
        return (struct shift){ t < 0 ? x - e : e - x, 1 };
    double v = (density(lo) - density(hi)) / area;
    double w = v * v + (hi * density(hi) - lo * density(lo)) / area;
    return (struct shift){ t < 0 ? -v : v, fmin(fmax(w, 0), 1) };
}

/* Row: a won against b, or they drew. */
static void meet(struct as_ranked *a, struct as_ranked *b, int tied, double eps)
{
    double va = a->deviation * a->deviation + TAU * TAU;
    double vb = b->deviation * b->deviation + TAU * TAU;
    double c = sqrt(2 * BETA * BETA + va + vb), t = (a->rating - b->rating) / c;
    struct shift s = tied ? drew(t, eps / c) : won(t, eps / c);

    a->rating += va / c * s.v;
    b->rating -= vb / c * s.v;
    a->deviation = sqrt(va * (1 - va / (c * c) * s.w));
    b->deviation = sqrt(vb * (1 - vb / (c * c) * s.w));
}

static int run(struct as_ranking *f)
{
    const struct as_duels *in = f->in;
    struct as_ranked *item = f->out->item;
    double eps = as_normal_quantile((1 + f->opts->draw_share) / 2) * sqrt(2) * BETA;
    double unit = PROBIT / (sqrt(2) * BETA);

    for (uint32_t i = 0; i < in->items; i++) {
        item[i].rating = f->opts->rating ? f->opts->rating[i] : MU;
        item[i].deviation = f->opts->deviation ? f->opts->deviation[i] : SIGMA;
    }
    for (size_t k = 0; k < in->n; k++) {
        struct as_ranked *a = &item[in->left[k]], *b = &item[in->right[k]];
        int tied = in->outcome[k] == AS_TIE, turned = in->outcome[k] == AS_RIGHT;
        if ((in->weight && !(in->weight[k] > 0)) || (f->drop_ties && tied))
            continue;
        meet(turned ? b : a, turned ? a : b, tied, eps);
    }
    for (uint32_t i = 0; i < in->items; i++) {
        item[i].theta = (item[i].rating - MU) * unit;
        item[i].se = item[i].deviation * unit;
    }
    return AS_OK;
}

const struct as_rank_row as_rank_trueskill = {
    { "trueskill", "TrueSkill for two", "Herbrich, Minka and Graepel, NIPS 2006",
      "Skill is a normal distribution that every comparison narrows and moves; draws are part of "
      "the model. One pass in the order of the rows. For live boards with few comparisons per "
      "item, because it is sure of nothing at the start.", 0 },
    .prior = 1, .fixed_scale = 1, .run = run
};
