/*
 * rank_crowd.c -- Bradley-Terry with judges of different quality.
 *
 *   flip  (CrowdBT: Chen, Bennett, Collins-Thompson, Horvitz, WSDM 2013)
 *         P(j says a) = eta_j s(d) + (1 - eta_j) s(-d)
 *   bias  (noisy Bradley-Terry)
 *         P(j says a) = eta_j s(d) + (1 - eta_j) l_j, l_j how often j says "left" without looking
 *   d = theta_a - theta_b, eta_j ~ Beta(10, 1), l_j ~ Beta(2, 2); a tie is half an answer each way
 *   objective = sum w ln P + sum_j 9 ln eta_j [+ ln l_j (1 - l_j)] - alpha sum theta^2
 *
 * EM over the hidden "j was attentive": the E step gives every answer the share r that was, which
 * also makes the weights of a plain Bradley-Terry model, whose Newton step is the M step.  Should
 * the objective ever fall, the step is taken back and the inner model fitted to its end.
 *
 * Intervals: the expected information of (theta, eta) with eta profiled out; for a judge a Beta of
 * as many answers as his information is worth.  O(iterations * (rows + cells)) and n^3 / 3 at last.
 */
#include <math.h>
#include <string.h>

#include "stats/rank_model.h"
#include "stats/solve.h"
#include "stats/special.h"

#define BETA_A 10.0
#define FALL 1e-9               /* of the objective: rounding */

struct crowd {
    struct as_ranking *f;
    struct as_cells cells;
    struct as_model m;
    struct as_work s;
    uint8_t *turned;                /* [rows] a stood on the right */
    uint32_t *judge;                /* [rows] */
    double *p;                      /* [cells] s(d) */
    double *eta, *left;             /* [judges] */
    double *all, *attentive, *idle_left, *idle;     /* [judges] sums of the E step */
    double *kept;                   /* [items + 2 judges] the state before the last step */
};

static int crowd_new(struct as_ranking *f, struct crowd *c)
{
    const struct as_duels *in = f->in;
    struct as_cells *k = &c->cells;
    size_t judges = in->judges;
    int rc;

    c->f = f;
    if ((rc = as_cells_fold(f, 0, 0, NULL, k))
        || (rc = as_model_new(f, AS_BRADLEY_TERRY, k, &c->m))
        || (rc = as_work_new(&c->m, f->pool, 1, &c->s)))
        return rc;
    c->turned = as_take(f->pool, k->rows, sizeof *c->turned);
    c->judge = as_take(f->pool, k->rows, sizeof *c->judge);
    c->p = as_take(f->pool, k->n, sizeof *c->p);
    c->eta = as_take(f->pool, 6 * judges, sizeof *c->eta);
    c->kept = as_take(f->pool, c->m.n + 2 * judges, sizeof *c->kept);
    if (!c->turned || !c->judge || !c->p || !c->eta || !c->kept)
        return AS_ENOMEM;
    c->left = c->eta + judges;
    c->all = c->eta + 2 * judges;
    c->attentive = c->eta + 3 * judges;
    c->idle = c->eta + 4 * judges;
    c->idle_left = c->eta + 5 * judges;
    for (size_t r = 0; r < k->rows; r++) {
        c->judge[r] = in->judge[k->row[r]];
        c->turned[r] = f->parts.place[in->left[k->row[r]]] != k->a[k->of[r] / 3];
    }
    for (size_t j = 0; j < judges; j++) {
        c->eta[j] = BETA_A / (BETA_A + 1);
        c->left[j] = .5;
    }
    return AS_OK;
}

/* ------------------------------------------------------------------ EM */

struct logs {                   /* a sum of logarithms, most of them taken sixteen at a time */
    double sum, product;
    int n;
};

static void logs_add(struct logs *l, double x, double w)
{
    if (w < 1 || w > 1) {
        l->sum += w * log(x);
        return;
    }
    l->product *= x;
    if (++l->n == 16 || l->product < 1e-150) {
        l->sum += log(l->product);
        l->product = 1;
        l->n = 0;
    }
}

/* One answer, "a" or "b", of weight w. */
static void answer(struct crowd *c, size_t row, int says_a, double w, struct logs *l)
{
    size_t cell = c->cells.of[row] / 3;
    uint32_t j = c->judge[row];
    int flip = c->f->opts->noise == AS_NOISE_FLIP, says_left = says_a != c->turned[row];
    double p = says_a ? c->p[cell] : 1 - c->p[cell];
    double other = flip ? 1 - p : says_left ? c->left[j] : 1 - c->left[j];
    double good = c->eta[j] * p, like = fmax(good + (1 - c->eta[j]) * other, 1e-140);
    double r = good / like, *cw = c->s.w + 3 * cell;

    cw[says_a ? AS_LEFT : AS_RIGHT] += w * r;
    if (flip)
        cw[says_a ? AS_RIGHT : AS_LEFT] += w * (1 - r);
    else {
        c->idle[j] += w * (1 - r);
        c->idle_left[j] += says_left ? w * (1 - r) : 0;
    }
    c->attentive[j] += w * r;
    c->all[j] += w;
    logs_add(l, like, w);
}

static double e_step(struct crowd *c, double *loglik)
{
    const struct as_duels *in = c->f->in;
    const struct as_cells *k = &c->cells;
    struct logs l = { 0, 1, 0 };
    double value, *theta = c->s.par;

    for (uint32_t i = 0; i < c->m.items; i++)
        c->s.power[i] = exp(theta[i]);
    for (size_t i = 0; i < k->n; i++)
        c->p[i] = c->s.power[k->a[i]] / (c->s.power[k->a[i]] + c->s.power[k->b[i]]);
    memset(c->s.w, 0, 3 * k->n * sizeof *c->s.w);
    memset(c->all, 0, 4 * (size_t)in->judges * sizeof *c->all);
    for (size_t r = 0; r < k->rows; r++) {
        double w = in->weight ? (double)in->weight[k->row[r]] : 1;
        unsigned outcome = k->of[r] % 3;
        if (outcome == AS_TIE) {
            answer(c, r, 1, w / 2, &l);
            answer(c, r, 0, w / 2, &l);
        } else {
            answer(c, r, outcome == AS_LEFT, w, &l);
        }
    }
    *loglik = value = l.sum + log(l.product);
    for (uint32_t j = 0; j < in->judges; j++) {
        value += (BETA_A - 1) * log(c->eta[j]);
        if (c->f->opts->noise == AS_NOISE_BIAS)
            value += log(c->left[j]) + log(1 - c->left[j]);
    }
    for (uint32_t i = 0; i < c->m.items; i++)
        value -= c->m.alpha * theta[i] * theta[i];
    return value;
}

static void keep(struct crowd *c, int back)
{
    size_t n = c->m.n, judges = c->f->in->judges;
    double *theta = c->kept, *rest = c->kept + n;

    memcpy(back ? c->s.par : theta, back ? theta : c->s.par, n * sizeof *theta);
    memcpy(back ? c->eta : rest, back ? rest : c->eta, 2 * judges * sizeof *rest);
}

/* Judges by their shares, items by one Newton step or, careful, by all it takes. */
static int m_step(struct crowd *c, int careful)
{
    int rc, iterations, converged;
    double pin;

    for (uint32_t j = 0; j < c->f->in->judges; j++) {
        c->eta[j] = (c->attentive[j] + BETA_A - 1) / (c->all[j] + BETA_A - 1);
        c->left[j] = (c->idle_left[j] + 1) / (c->idle[j] + 2);
    }
    if (careful || !c->s.h)
        return as_model_fit(&c->m, &c->s, NULL, &iterations, &converged);
    as_model_slope(&c->m, &c->s, c->s.par, 1);
    if ((rc = as_model_factor(&c->m, &c->s, &pin)))
        return rc;
    as_chol_solve(c->s.h, c->m.n, c->m.first, c->s.g);
    for (uint32_t i = 0; i < c->m.n; i++)
        c->s.par[i] += c->s.g[i];
    return AS_OK;
}

static int em(struct crowd *c)
{
    struct as_rank *r = c->f->out;
    double before = -HUGE_VAL, value, total = fmax(c->m.total, 1);
    int careful = 0, rc;

    r->converged = 0;
    for (r->iterations = 0; r->iterations < c->f->opts->max_iter; r->iterations++) {
        value = e_step(c, &r->loglik);
        if (!(value >= before - FALL * (1 + fabs(before)))) {
            if (careful)
                return AS_ENOTMONOTONE;
            keep(c, 1);
            careful = 1;
            before = e_step(c, &r->loglik);
        } else {
            careful = 0;
            if (as_rank_trace(c->f, value))
                break;
            if (value - before < c->f->opts->tol * total) {
                r->converged = 1;
                break;
            }
            before = value;
            keep(c, 0);
        }
        if ((rc = m_step(c, careful)))
            return rc;
    }
    as_model_centre(&c->m, c->s.par);
    return AS_OK;
}

/* ------------------------------------------------------------------ how sure */

struct info {                   /* expected information of one answer */
    double dd, de, ee;
};

static struct info info_of(const struct crowd *c, size_t row)
{
    const struct as_cells *k = &c->cells;
    uint32_t j = c->judge[row];
    double p = c->p[k->of[row] / 3], eta = c->eta[j], w = 1;
    int flip = c->f->opts->noise == AS_NOISE_FLIP;
    double idle = flip ? 1 - p : c->turned[row] ? 1 - c->left[j] : c->left[j];
    double all = eta * p + (1 - eta) * idle, d = (flip ? 2 * eta - 1 : eta) * p * (1 - p);

    if (c->f->in->weight)
        w = (double)c->f->in->weight[k->row[row]];
    w /= fmax(all * (1 - all), 1e-12);
    return (struct info){ w * d * d, w * d * (p - idle), w * (p - idle) * (p - idle) };
}

/* Rows by judge: order[start[j]] …; and what each judge's answers tell of eta. */
static int by_judge(struct crowd *c, size_t **order, size_t **start, double *told)
{
    size_t judges = c->f->in->judges, rows = c->cells.rows;

    *order = as_take(c->f->pool, rows, sizeof **order);
    *start = as_take(c->f->pool, judges + 2, sizeof **start);
    if (!*order || !*start)
        return AS_ENOMEM;
    for (size_t r = 0; r < rows; r++) {
        (*start)[c->judge[r] + 2]++;
        told[c->judge[r]] += info_of(c, r).ee;
    }
    for (size_t j = 0; j < judges; j++)
        (*start)[j + 2] += (*start)[j + 1];
    for (size_t r = 0; r < rows; r++)
        (*order)[(*start)[c->judge[r] + 1]++] = r;
    return AS_OK;
}

/* Takes from h what not knowing the judge's eta costs: v v' / i, v between theta and eta. */
static void profile_out(struct crowd *c, const size_t *row, size_t rows, double i, double *v,
                        uint32_t *at)
{
    const struct as_cells *k = &c->cells;
    size_t n = c->m.n;
    uint32_t have = 0;

    for (size_t r = 0; r < rows; r++) {
        size_t cell = k->of[row[r]] / 3;
        double de = info_of(c, row[r]).de;
        at[have++] = k->a[cell];
        at[have++] = k->b[cell];
        v[k->a[cell]] += de;
        v[k->b[cell]] -= de;
    }
    uint32_t once = 0;
    for (uint32_t x = 0; x < have; x++)         /* each place once: a taken one is marked */
        if (v[at[x]] < 0 || v[at[x]] > 0) {
            v[n + once] = v[at[x]];
            v[at[x]] = 0;
            at[once++] = at[x];
        }
    for (uint32_t x = 0; x < once; x++)
        for (uint32_t y = 0; y < once; y++)
            if (at[y] <= at[x])
                c->s.h[at[x] * n + at[y]] -= v[n + x] * v[n + y] / i;
}

static int errors(struct crowd *c, const double *told, const size_t *order, const size_t *start,
                  double *se)
{
    const struct as_cells *k = &c->cells;
    size_t n = c->m.n;
    double *h = c->s.h, *v = as_take(c->f->pool, 2 * n, sizeof *v), pin = 0;
    uint32_t *at = as_take(c->f->pool, 2 * k->rows, sizeof *at);

    if (!v || !at)
        return AS_ENOMEM;
    memset(h, 0, n * n * sizeof *h);
    for (size_t r = 0; r < k->rows; r++) {
        uint32_t a = k->a[k->of[r] / 3], b = k->b[k->of[r] / 3];
        double dd = info_of(c, r).dd;
        h[a * n + a] += dd;
        h[b * n + b] += dd;
        h[(a > b ? a : b) * n + (a > b ? b : a)] -= dd;
        pin += 2 * dd / (double)n;
    }
    pin = pin > 0 ? pin : 1;
    for (uint32_t j = 0; j < c->f->in->judges; j++)
        profile_out(c, order + start[j], start[j + 1] - start[j],
                    told[j] + (BETA_A - 1) / (c->eta[j] * c->eta[j]), v, at);
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t j = c->m.first[i]; j <= i; j++)
            h[i * n + j] += pin / c->m.parts->size[i];
        h[i * n + i] += 2 * c->m.alpha + 1e-12 * pin;
    }
    if (as_chol(h, n, NULL))
        return AS_EINTERNAL;
    as_chol_diagonal(h, n, NULL, se);
    for (uint32_t i = 0; i < n; i++) {
        double own = 1 / (c->m.parts->size[i] * (2 * c->m.alpha + pin));
        se[i] = sqrt(fmax(se[i] - own, 0));
        if (c->m.parts->size[i] == 1)
            se[i] = c->m.alpha > 0 ? sqrt(.5 / c->m.alpha) : 0;
    }
    return AS_OK;
}

static void put_judges(struct crowd *c, const double *told, const size_t *start)
{
    double tail = (1 - c->f->opts->level) / 2;

    for (uint32_t j = 0; j < c->f->in->judges; j++) {
        struct as_rank_judge *o = &c->f->out->judge[j];
        double n = c->all[j], eta = c->eta[j];
        double share = n > 0 ? fmin(fmax(c->attentive[j] / n, 0), 1) : 1;
        double worth = fmin(fmax(told[j] * eta * (1 - eta), n / 10), n);
        double a = BETA_A + share * worth, b = 1 + (1 - share) * worth;
        o->n = start[j + 1] - start[j];
        o->quality = eta;
        o->left = c->f->opts->noise == AS_NOISE_BIAS ? c->left[j] : .5;
        o->lo = fmin(as_beta_quantile(tail, a, b), eta);
        o->hi = fmax(as_beta_quantile(1 - tail, a, b), eta);
    }
}

static int run(struct as_ranking *f)
{
    struct crowd c = { 0 };
    struct as_rank *r = f->out;
    size_t *order, *start;
    int rc, iterations, converged;

    if (!f->in->judge || !f->in->judges)
        return AS_EUNFIT;
    if ((rc = crowd_new(f, &c)))
        return rc;
    memcpy(c.s.w, c.cells.w, 3 * c.cells.n * sizeof *c.s.w);
    if ((rc = as_model_fit(&c.m, &c.s, NULL, &iterations, &converged)) || (rc = em(&c)))
        return rc;
    double *told = as_take(f->pool, f->in->judges, sizeof *told);
    double *se = as_take(f->pool, c.m.n, sizeof *se);
    r->judges = f->in->judges;
    r->judge = as_take(f->keep, f->in->judges, sizeof *r->judge);
    if (!told || !se || !r->judge)
        return AS_ENOMEM;
    if ((rc = by_judge(&c, &order, &start, told)))
        return rc;
    put_judges(&c, told, start);
    if (r->spread == AS_SPREAD_SANDWICH)
        r->spread = AS_SPREAD_MODEL;
    if (r->spread == AS_SPREAD_MODEL && !c.s.h)
        r->spread = AS_SPREAD_BOOTSTRAP;        /* no matrix of this size */
    if (r->spread == AS_SPREAD_MODEL && (rc = errors(&c, told, order, start, se)))
        return rc;
    for (uint32_t k = 0; k < c.m.n; k++) {
        r->item[f->parts.item_at[k]].theta = c.s.par[k];
        r->item[f->parts.item_at[k]].se = se[k];
    }
    return AS_OK;
}

const struct as_rank_row as_rank_crowd_bt = {
    { "crowd-bt", "CrowdBT: Bradley-Terry with judges", "Chen et al., WSDM 2013",
      "Bradley-Terry in which every judge has a quality, learned along: a careless one counts "
      "less, one who answers the wrong way round is turned. Some dozens of EM rounds over the "
      "rows. Use it for crowds of mixed quality.", 0 },
    .prior = .01, .run = run
};
