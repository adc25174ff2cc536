/*
 * rank_bt.c -- Bradley-Terry and its two models of ties.
 *
 * The model and its maximum stand in rank_model.h.  Here: style columns are brought to one scale,
 * the model is fitted with home and style and once more without (raw), and the figures are written
 * down with their intervals.  A style column is divided by its root mean square and not centred: a
 * difference between two answers has no sign of its own, and so it does not matter who stood left.
 *
 * O(rows + iterations * cells) and n^3 / 6 for the intervals of n items.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "stats/rank_model.h"
#include "stats/special.h"

#define POWERS 300.0             /* e^300 is still a number */

static int style_scale(struct as_ranking *f)
{
    const struct as_duels *in = f->in;
    double *s = as_take(f->keep, in->styles, sizeof *s);
    size_t rows = 0;

    if (!s)
        return AS_ENOMEM;
    for (size_t k = 0; k < in->n; k++) {
        if (!as_rank_keeps(f, k))
            continue;
        for (unsigned j = 0; j < in->styles; j++)
            s[j] += in->x[k * in->styles + j] * in->x[k * in->styles + j];
        rows++;
    }
    for (unsigned j = 0; j < in->styles; j++) {
        s[j] = s[j] > 0 ? sqrt(s[j] / (double)rows) : 1;
        if (!isfinite(s[j]))
            return AS_EINVAL;
    }
    f->out->style_scale = s;
    return AS_OK;
}

/* Fits one of the models from scratch; the parameters are in s->par. */
static int fit(struct as_ranking *f, enum as_likelihood kind, int home, int style, int quiet,
               struct as_model *m, struct as_work *s)
{
    struct as_cells *c = as_take(f->pool, 1, sizeof *c);
    int rc, iterations, converged;

    if (!c)
        return AS_ENOMEM;
    if ((rc = as_cells_fold(f, home, style, f->out->style_scale, c))
        || (rc = as_model_new(f, kind, c, m)) || (rc = as_work_new(m, f->pool, 1, s)))
        return rc;
    memcpy(s->w, c->w, 3 * c->n * sizeof *s->w);
    if (m->extra)
        s->par[m->n - 1] = kind == AS_RAO_KUPPER ? .3 : -1;     /* ties are seldom the rule */
    if ((rc = as_model_fit(m, s, quiet ? NULL : f, &iterations, &converged)))
        return rc;
    if (!quiet) {
        f->out->iterations = iterations;
        f->out->converged = converged;
    }
    return AS_OK;
}

static int spread(struct as_ranking *f, const struct as_model *m, struct as_work *s,
                  struct as_margin *g)
{
    double z = as_normal_quantile((1 + f->opts->level) / 2);
    int rc = AS_OK;

    g->se = as_take(f->pool, m->n, sizeof *g->se);
    g->lo = as_take(f->pool, m->n, sizeof *g->lo);
    g->hi = as_take(f->pool, m->n, sizeof *g->hi);
    if (!g->se || !g->lo || !g->hi)
        return AS_ENOMEM;
    if (f->out->spread != AS_SPREAD_NONE && !s->h) {        /* no matrix of this size */
        f->out->spread = AS_SPREAD_BOOTSTRAP;
        if ((size_t)f->opts->rounds > AS_RANK_DRAWS_MAX / m->n)
            return AS_ETOOBIG;
    }
    if (f->out->spread == AS_SPREAD_BOOTSTRAP)
        return as_spread_bootstrap(m, s, f, g);
    if (f->out->spread == AS_SPREAD_MODEL)
        rc = as_spread_model(m, s, g);
    if (f->out->spread == AS_SPREAD_SANDWICH)
        rc = as_spread_sandwich(m, s, f, g);
    for (uint32_t i = 0; i < m->n; i++) {
        g->lo[i] = s->par[i] - z * g->se[i];
        g->hi[i] = s->par[i] + z * g->se[i];
    }
    return rc;
}

static void put_items(struct as_ranking *f, const double *par, const struct as_margin *g)
{
    double z = as_normal_quantile((1 + f->opts->level) / 2);

    for (uint32_t k = 0; k < f->in->items; k++) {
        struct as_ranked *a = &f->out->item[f->parts.item_at[k]];
        a->theta = a->raw = par[k];
        a->se = g->se[k];
        a->lo = g->lo[k];
        a->hi = g->hi[k];
        if (f->parts.size[k] == 1 && f->alpha > 0 && f->out->spread != AS_SPREAD_NONE) {
            a->se = sqrt(.5 / f->alpha);        /* nothing is known but the prior */
            a->lo = -z * a->se;
            a->hi = z * a->se;
        }
    }
    f->own_interval = f->own_raw = 1;
}

static int put_params(struct as_ranking *f, const struct as_model *m, const double *par,
                      const struct as_margin *g)
{
    struct as_rank_param *p;
    int ties = m->kind != AS_BRADLEY_TERRY, home = f->opts->home;
    int rc = as_rank_params(f, (int)m->cells->p + ties);

    if (rc)
        return rc;
    p = f->out->param;
    for (unsigned j = 0; j < m->cells->p; j++, p++) {
        uint32_t i = m->items + j;
        snprintf(p->name, sizeof p->name, home && !j ? "home" : "style%u", j - (unsigned)home);
        p->value = par[i];
        p->se = g->se[i];
        p->lo = g->lo[i];
        p->hi = g->hi[i];
    }
    if (!ties)
        return AS_OK;
    snprintf(p->name, sizeof p->name, m->kind == AS_DAVIDSON ? "nu" : "kappa");
    p->value = p->lo = p->hi = m->kind == AS_DAVIDSON ? 0 : 1;      /* no tie was seen */
    if (m->extra) {
        uint32_t i = m->n - 1;
        p->value = exp(fmin(par[i], POWERS));
        p->se = p->value * fmin(g->se[i], 1e6);
        p->lo = exp(g->lo[i] > -POWERS ? g->lo[i] : -POWERS);
        p->hi = exp(g->hi[i] < POWERS ? g->hi[i] : POWERS);
    }
    return AS_OK;
}

static int run(struct as_ranking *f, enum as_likelihood kind)
{
    int style = f->in->styles > 0, home = f->opts->home != 0, rc;
    struct as_model m, plain;
    struct as_work s, t;
    struct as_margin g;

    if ((rc = style_scale(f)) || (rc = fit(f, kind, home, style, 0, &m, &s)))
        return rc;
    f->out->objective = as_model_value(&m, s.w, s.par, &f->out->loglik);
    if ((rc = spread(f, &m, &s, &g)))
        return rc;
    put_items(f, s.par, &g);
    if ((rc = put_params(f, &m, s.par, &g)) || (!home && !style))
        return rc;
    if ((rc = fit(f, kind, 0, 0, 1, &plain, &t)))
        return rc;
    for (uint32_t k = 0; k < f->in->items; k++)
        f->out->item[f->parts.item_at[k]].raw = t.par[k];
    return AS_OK;
}

static int run_bt(struct as_ranking *f)
{
    return run(f, AS_BRADLEY_TERRY);
}

static int run_davidson(struct as_ranking *f)
{
    return run(f, AS_DAVIDSON);
}

static int run_rao_kupper(struct as_ranking *f)
{
    return run(f, AS_RAO_KUPPER);
}

const struct as_rank_row as_rank_bt = {
    { "bt", "Bradley-Terry", "Bradley and Terry, Biometrika 1952",
      "Every item has a strength, and the odds that one beats another are the ratio of the two; "
      "a tie is half a win each, or left out. Newton's method: a million comparisons take less "
      "than a second. The first choice for comparisons in pairs.", 0 },
    .prior = .01, .own_bootstrap = 1, .run = run_bt
};

const struct as_rank_row as_rank_bt_davidson = {
    { "bt-davidson", "Bradley-Terry with ties after Davidson", "Davidson, JASA 1970",
      "Bradley-Terry in which a tie has a chance of its own, nu times the geometric mean of the "
      "two strengths. It costs little more than Bradley-Terry. Use it when ties are many and "
      "their number matters.", 0 },
    .prior = .01, .own_bootstrap = 1, .own_ties = 1, .run = run_davidson
};

const struct as_rank_row as_rank_bt_rao_kupper = {
    { "bt-rao-kupper", "Bradley-Terry with ties after Rao and Kupper", "Rao and Kupper, JASA 1967",
      "Bradley-Terry in which a difference below a threshold ln kappa is judged a tie. It costs "
      "little more than Bradley-Terry. Use it when judges call a tie because they cannot tell.",
      0 },
    .prior = .01, .own_bootstrap = 1, .own_ties = 1, .run = run_rao_kupper
};
