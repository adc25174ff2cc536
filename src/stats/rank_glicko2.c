/*
 * rank_glicko2.c -- Glicko-2 (Glickman, Example of the Glicko-2 system, 2013).
 *
 * On the inner scale mu = (r - 1500) / 173.7178, phi = RD / 173.7178.  In a rating period a player
 * with games against j, scores s_j (a tie is 1/2):
 *
 *     g(phi) = 1 / sqrt(1 + 3 phi^2 / pi^2),  E_j = 1 / (1 + exp(-g(phi_j) (mu - mu_j)))
 *     1/v = sum g_j^2 E_j (1 - E_j),          D = v sum g_j (s_j - E_j)
 *     volatility sigma' = exp(A/2), A the root of Illinois' method on
 *     h(x) = e^x (D^2 - phi^2 - v - e^x) / 2 / (phi^2 + v + e^x)^2 - (x - ln sigma^2) / tau^2
 *     phi*^2 = phi^2 + sigma'^2,  phi' = 1 / sqrt(1 / phi*^2 + 1 / v),
 *     mu' = mu + phi'^2 sum g_j (s_j - E_j)
 *
 * All games of a period are judged from the ratings before it; who did not play only grows less
 * sure.  Start: 1500, 350, .06.  O(rows + periods * items).
 */
#include <math.h>

#include "stats/rank.h"

#define UNIT 173.7178
#define PHI_MAX (350 / UNIT)
#define ROOT_STEPS 200

struct sums {                       /* of one player in one period */
    double information, pull;       /* sum g^2 E (1-E), sum g (s - E) */
};

struct player {
    double mu, phi, vol;
};

static double weight_of(double phi)
{
    return 1 / sqrt(1 + 3 * phi * phi / (M_PI * M_PI));
}

static void meet(const struct player *me, const struct player *other, double score, double w,
                 struct sums *s)
{
    double g = weight_of(other->phi), e = 1 / (1 + exp(-g * (me->mu - other->mu)));

    s->information += w * g * g * e * (1 - e);
    s->pull += w * g * (score - e);
}

struct root {                       /* what h(x) is made of */
    double d2, phi2, v, a, tau;
};

static double h(const struct root *r, double x)
{
    double e = exp(x), all = r->phi2 + r->v + e;

    return e * (r->d2 - all) / (2 * all * all) - (x - r->a) / (r->tau * r->tau);
}

/* Step 5 of the paper: ln sigma'^2 between two bounds of different sign. */
static double new_volatility(const struct root *r)
{
    double lo = r->a, hi, at, down = 0;

    if (r->d2 > r->phi2 + r->v)
        hi = log(r->d2 - r->phi2 - r->v);
    else {
        do
            hi = r->a - ++down * r->tau;
        while (h(r, hi) < 0 && down < ROOT_STEPS);
    }
    double at_lo = h(r, lo), at_hi = h(r, hi);
    for (int k = 0; k < ROOT_STEPS && fabs(hi - lo) > 1e-12; k++) {
        double mid = lo + (lo - hi) * at_lo / (at_hi - at_lo);
        if (!isfinite(mid))
            break;
        at = h(r, mid);
        if (at * at_hi <= 0) {
            lo = hi;
            at_lo = at_hi;
        } else {
            at_lo /= 2;
        }
        hi = mid;
        at_hi = at;
    }
    return exp(lo / 2);
}

static void period_end(struct player *p, struct sums *s, double tau)
{
    if (s->information > 1e-300) {
        double v = 1 / s->information, d = v * s->pull;
        struct root r = { d * d, p->phi * p->phi, v, log(p->vol * p->vol), tau };
        double next = new_volatility(&r);
        p->vol = isfinite(next) && next > 0 ? next : p->vol;
        p->phi = 1 / sqrt(1 / (p->phi * p->phi + p->vol * p->vol) + s->information);
        p->mu += p->phi * p->phi * s->pull;
    } else {
        p->phi = fmin(sqrt(p->phi * p->phi + p->vol * p->vol), fmax(p->phi, PHI_MAX));
    }
    *s = (struct sums){ 0 };
}

static void rows(struct as_ranking *f, struct player *p, struct sums *s)
{
    const struct as_duels *in = f->in;

    for (size_t k = 0; k < in->n; ) {
        uint32_t now = in->period ? in->period[k] : 0;
        for (; k < in->n && (!in->period || in->period[k] == now); k++) {
            uint32_t a = in->left[k], b = in->right[k];
            double w = in->weight ? (double)in->weight[k] : 1;
            double y = in->outcome[k] == AS_LEFT ? 1 : in->outcome[k] == AS_RIGHT ? 0 : .5;
            if (!(w > 0) || (f->drop_ties && in->outcome[k] == AS_TIE))
                continue;
            meet(&p[a], &p[b], y, w, &s[a]);
            meet(&p[b], &p[a], 1 - y, w, &s[b]);
        }
        for (uint32_t i = 0; i < in->items; i++)
            period_end(&p[i], &s[i], f->opts->glicko_tau);
    }
}

static int run(struct as_ranking *f)
{
    const struct as_rank_opts *o = f->opts;
    struct as_ranked *item = f->out->item;
    uint32_t n = f->in->items;
    struct player *p = as_take(f->pool, n, sizeof *p);
    struct sums *s = as_take(f->pool, n, sizeof *s);

    if (!p || !s)
        return AS_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        p[i] = (struct player){ ((o->rating ? o->rating[i] : 1500) - 1500) / UNIT,
                                (o->deviation ? o->deviation[i] : 350) / UNIT,
                                o->volatility ? o->volatility[i] : .06 };
    rows(f, p, s);
    for (uint32_t i = 0; i < n; i++) {
        item[i].theta = p[i].mu;
        item[i].se = p[i].phi;
        item[i].rating = 1500 + UNIT * p[i].mu;
        item[i].deviation = UNIT * p[i].phi;
        item[i].volatility = p[i].vol;
    }
    return AS_OK;
}

const struct as_rank_row as_rank_glicko2 = {
    { "glicko2", "Glicko-2", "Glickman, 2013",
      "Elo with a deviation that says how sure a rating is and a volatility that says how steady "
      "its player is. One pass, rating period by rating period. For long-running leagues in which "
      "strengths change.", 0 },
    .prior = 1, .fixed_scale = 1, .run = run
};
