/*
 * rank_crowd.c -- Bradley-Terry with judges of different quality.
 *
 *   flip  (CrowdBT: Chen, Bennett, Collins-Thompson, Horvitz, WSDM 2013)
 *         P(j says a) = eta_j s(d) + (1 - eta_j) s(-d)
 *   bias  (noisy Bradley-Terry)
 *         P(j says a) = eta_j s(d) + (1 - eta_j) l_j, l_j how often j says "left" without looking
 *   d = theta_a - theta_b, eta_j ~ Beta(10, 1), l_j ~ Beta(1, 1); a tie is half an answer each way
 *   objective = sum w ln P + sum_j (10 ln eta_j + ln(1 - eta_j)) [+ ln l_j (1 - l_j)]
 *               - alpha sum theta^2
 *
 * Half answers look like careless ones, so many ties push eta down and the strengths apart: drop
 * them where the scale matters more than the order.  The objective is the posterior of the log odds
 * of eta and l: the mode of eta itself would sit at 1 for every judge who seems good, and the
 * strengths shrink to make up for it.
 *
 * EM over the hidden "j was attentive": the E step gives every answer the share r that was, which
 * also makes the weights of a plain Bradley-Terry model, whose Newton step is the M step.  Should
 * the objective ever fall, the step is taken back and the inner model fitted to its end.  Every two
 * rounds are prolonged along their curve (Varadhan and Roland 2008) if that raises the objective.
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
#define BETA_B 1.0
#define ALPHA_MIN 1e-4          /* judges and strengths without any bound would feed each other */
#define FALL 1e-9               /* of the objective: rounding */
#define LOGIT_MAX 30.0

struct judge {                  /* what is known of a judge, and the sums of the E step */
    double eta, left;
    double all, attentive, idle, idle_left;
};

struct crowd {
    struct as_ranking *f;
    struct as_cells cells;
    struct as_model m;
    struct as_work s;
    uint8_t *turned;                /* [rows] a stood on the right */
    uint32_t *by;                   /* [rows] the judge */
    double *p;                      /* [2 * cells] s(d), s(-d) */
    struct judge *judge;            /* [judges] */
    size_t n;                       /* parameters: strengths, logits of eta and left */
    double *at[4];                  /* [n] points of the walk */
};

static int crowd_new(struct as_ranking *f, struct crowd *c)
{
    const struct as_duels *in = f->in;
    struct as_cells *k = &c->cells;
    int rc;

    c->f = f;
    if ((rc = as_cells_fold(f, 0, 0, NULL, k))
        || (rc = as_model_new(f, AS_BRADLEY_TERRY, k, &c->m))
        || (rc = as_work_new(&c->m, f->pool, 1, &c->s)))
        return rc;
    c->m.alpha = fmax(c->m.alpha, ALPHA_MIN);
    c->n = c->m.n + 2 * (size_t)in->judges;
    c->turned = as_take(f->pool, k->rows, sizeof *c->turned);
    c->by = as_take(f->pool, k->rows, sizeof *c->by);
    c->p = as_take(f->pool, k->n, 2 * sizeof *c->p);
    c->judge = as_take(f->pool, in->judges, sizeof *c->judge);
    if (!c->turned || !c->by || !c->p || !c->judge)
        return AS_ENOMEM;
    for (int x = 0; x < 4; x++)
        if (!(c->at[x] = as_take(f->pool, c->n, sizeof **c->at)))
            return AS_ENOMEM;
    for (size_t r = 0; r < k->rows; r++) {
        c->by[r] = in->judge[k->row[r]];
        c->turned[r] = f->parts.place[in->left[k->row[r]]] != k->a[k->of[r] / 3];
    }
    for (uint32_t j = 0; j < in->judges; j++)
        c->judge[j] = (struct judge){ .eta = BETA_A / (BETA_A + BETA_B), .left = .5 };
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

/* One answer, "a" or "b", of weight w; its likelihood. */
static inline double answer(struct crowd *c, size_t row, unsigned says_a, double w)
{
    size_t cell = c->cells.of[row] / 3;
    struct judge *j = &c->judge[c->by[row]];
    int flip = c->f->opts->noise == AS_NOISE_FLIP, says_left = says_a != c->turned[row];
    double p = c->p[2 * cell + !says_a];
    double other = flip ? c->p[2 * cell + says_a] : says_left ? j->left : 1 - j->left;
    double good = j->eta * p, like = good + (1 - j->eta) * other;
    like = like > 1e-140 ? like : 1e-140;
    double r = good / like, *cw = c->s.w + 3 * cell;

    cw[says_a ? AS_LEFT : AS_RIGHT] += w * r;
    if (flip)
        cw[says_a ? AS_RIGHT : AS_LEFT] += w * (1 - r);
    else {
        j->idle += w * (1 - r);
        j->idle_left += says_left ? w * (1 - r) : 0;
    }
    j->attentive += w * r;
    j->all += w;
    return like;
}

static double e_rows(struct crowd *c)
{
    const struct as_duels *in = c->f->in;
    const struct as_cells *k = &c->cells;
    struct logs l = { 0, 1, 0 };

    for (size_t r = 0; r < k->rows; r++) {
        double w = in->weight ? (double)in->weight[k->row[r]] : 1;
        unsigned outcome = k->of[r] % 3;
        if (outcome == AS_TIE) {
            double like = answer(c, r, 1, w / 2);
            like *= answer(c, r, 0, w / 2);
            logs_add(&l, sqrt(like), w);
        } else {
            logs_add(&l, answer(c, r, outcome == AS_LEFT, w), w);
        }
    }
    return l.sum + log(l.product);
}

/* The objective here; every answer's share goes into the weights and the judges' sums. */
static double e_step(struct crowd *c)
{
    const struct as_cells *k = &c->cells;
    double *theta = c->s.par, value;

    int near = as_model_powers(&c->m, &c->s, theta);
    for (size_t i = 0; i < k->n; i++) {
        double a = c->s.power[k->a[i]], b = c->s.power[k->b[i]];
        if (!near) {
            a = exp(fmin(theta[k->a[i]] - theta[k->b[i]], 600));
            b = 1;
        }
        c->p[2 * i] = a / (a + b);
        c->p[2 * i + 1] = b / (a + b);
    }
    memset(c->s.w, 0, 3 * k->n * sizeof *c->s.w);
    for (uint32_t j = 0; j < c->f->in->judges; j++)
        c->judge[j] = (struct judge){ .eta = c->judge[j].eta, .left = c->judge[j].left };
    c->f->out->loglik = value = e_rows(c);
    for (uint32_t j = 0; j < c->f->in->judges; j++) {
        value += BETA_A * log(c->judge[j].eta) + BETA_B * log(1 - c->judge[j].eta);
        if (c->f->opts->noise == AS_NOISE_BIAS)
            value += log(c->judge[j].left) + log(1 - c->judge[j].left);
    }
    for (uint32_t i = 0; i < c->m.items; i++)
        value -= c->m.alpha * theta[i] * theta[i];
    return value;
}

/* Judges by their shares, items by one Newton step or, careful, by all it takes. */
static int m_step(struct crowd *c, int careful)
{
    int rc, iterations, converged;
    double pin;

    for (uint32_t k = 0; k < c->f->in->judges; k++) {
        struct judge *j = &c->judge[k];
        j->eta = (j->attentive + BETA_A) / (j->all + BETA_A + BETA_B);
        j->left = (j->idle_left + 1) / (j->idle + 2);
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

static double logit(double p)
{
    return fmin(fmax(log(p) - log1p(-p), -LOGIT_MAX), LOGIT_MAX);
}

static double expit(double x)
{
    return 1 / (1 + exp(-fmin(fmax(x, -LOGIT_MAX), LOGIT_MAX)));
}

static void point_save(const struct crowd *c, double *x)
{
    memcpy(x, c->s.par, c->m.n * sizeof *x);
    for (size_t j = 0, at = c->m.n; j < c->f->in->judges; j++) {
        x[at++] = logit(c->judge[j].eta);
        x[at++] = logit(c->judge[j].left);
    }
}

static void point_load(struct crowd *c, const double *x)
{
    memcpy(c->s.par, x, c->m.n * sizeof *x);
    for (size_t j = 0, at = c->m.n; j < c->f->in->judges; j++) {
        c->judge[j].eta = expit(x[at++]);
        c->judge[j].left = expit(x[at++]);
    }
}

/* One round of EM from the point `from`, where the E step stands; *value rises. */
static int advance(struct crowd *c, const double *from, double *value)
{
    for (int careful = 0; careful < 2; careful++) {
        int rc = m_step(c, careful);
        if (rc)
            return rc;
        double next = e_step(c);
        if (next >= *value - FALL * (1 + fabs(*value))) {
            *value = next;
            return AS_OK;
        }
        point_load(c, from);
        e_step(c);
    }
    return AS_ENOTMONOTONE;
}

/* Two rounds, and then as far along their curve as the objective allows (SQUAREM, steplength 3). */
static int cycle(struct crowd *c, double *value)
{
    double **x = c->at, r2 = 0, v2 = 0;
    int rc;

    point_save(c, x[0]);
    if ((rc = advance(c, x[0], value)))
        return rc;
    point_save(c, x[1]);
    if ((rc = advance(c, x[1], value)))
        return rc;
    point_save(c, x[2]);
    for (size_t i = 0; i < c->n; i++) {
        double r = x[1][i] - x[0][i], v = x[2][i] - x[1][i] - r;
        r2 += r * r;
        v2 += v * v;
    }
    double a = v2 > 0 ? fmax(sqrt(r2 / v2), 1) : 1;
    for (size_t i = 0; i < c->n; i++) {
        double r = x[1][i] - x[0][i], v = x[2][i] - x[1][i] - r;
        x[3][i] = x[0][i] + 2 * a * r + a * a * v;
    }
    point_load(c, x[3]);
    double far = e_step(c);
    if (far >= *value) {
        *value = far;
    } else {
        point_load(c, x[2]);
        *value = e_step(c);
    }
    return AS_OK;
}

static int em(struct crowd *c)
{
    struct as_rank *r = c->f->out;
    double value = e_step(c), before, goal = c->f->opts->tol * fmax(c->m.total, 1);
    int rc;

    r->converged = 0;
    for (r->iterations = 0; !r->converged && r->iterations < c->f->opts->max_iter; ) {
        before = value;
        if ((rc = cycle(c, &value)))
            return rc;
        r->iterations += 2;
        r->converged = value - before < goal;
        if (as_rank_trace(c->f, value))
            break;
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
    const struct judge *j = &c->judge[c->by[row]];
    double p = c->p[2 * (size_t)(k->of[row] / 3)], eta = j->eta, w = 1;
    int flip = c->f->opts->noise == AS_NOISE_FLIP;
    double idle = flip ? 1 - p : c->turned[row] ? 1 - j->left : j->left;
    double all = eta * p + (1 - eta) * idle, d = (flip ? 2 * eta - 1 : eta) * p * (1 - p);

    if (c->f->in->weight)
        w = (double)c->f->in->weight[k->row[row]];
    w /= fmax(all * (1 - all), 1e-12);
    return (struct info){ w * d * d, w * d * (p - idle), w * (p - idle) * (p - idle) };
}

/* What the prior tells of eta. */
static double prior_info(double eta)
{
    return BETA_A / (eta * eta) + BETA_B / ((1 - eta) * (1 - eta));
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
        (*start)[c->by[r] + 2]++;
        told[c->by[r]] += info_of(c, r).ee;
    }
    for (size_t j = 0; j < judges; j++)
        (*start)[j + 2] += (*start)[j + 1];
    for (size_t r = 0; r < rows; r++)
        (*order)[(*start)[c->by[r] + 1]++] = r;
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
                    told[j] + prior_info(c->judge[j].eta), v, at);
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
        double n = c->judge[j].all, eta = c->judge[j].eta;
        double share = n > 0 ? fmin(fmax(c->judge[j].attentive / n, 0), 1) : 1;
        double worth = fmin(fmax(told[j] * eta * (1 - eta), n / 10), n);
        double a = BETA_A + share * worth, b = BETA_B + (1 - share) * worth;
        o->n = start[j + 1] - start[j];
        o->quality = eta;
        o->left = c->f->opts->noise == AS_NOISE_BIAS ? c->judge[j].left : .5;
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
