/*
 * rank_model.c -- values, slopes and curvature of the Bradley-Terry family, and Newton's method.
 *
 * With E = ln nu (Davidson) or ln kappa (Rao-Kupper), per cell of weights a, b, t and m = a+b+t:
 *
 *     Bradley-Terry  l = (a + t/2) ln s(d) + (b + t/2) ln s(-d)
 *     Davidson       l = (a - b) d/2 + t E - m ln(e^(d/2) + e^(-d/2) + e^E)
 *     Rao-Kupper     l = (a + t) ln A + (b + t) ln B + t ln(e^(2E) - 1),
 *                    A = s(d - E), B = s(-d - E), E > 0
 *
 * A step solves the curvature by Cholesky (profile of the parts) or, where that costs more, by
 * conjugate gradients over the cells.  One slope costs O(cells).
 */
#include <math.h>
#include <string.h>

#include "stats/rank_model.h"
#include "stats/solve.h"

#define HALVINGS 40
#define STILL 1e-12             /* a Newton step this short is none */
#define POWER_MAX 600.0         /* e^POWER_MAX times e^TIED_MAX is still a number */
#define TIED_MAX 100.0
#define LEAD_MAX 100.0

/* e^d, a number whatever d. */
static double power(double d)
{
    return exp(d > POWER_MAX ? POWER_MAX : d < -POWER_MAX ? -POWER_MAX : d);
}

static double log_sigma(double d)
{
    return (d < 0 ? d : 0) - log1p(exp(-fabs(d)));
}

/* ------------------------------------------------------------------ room */

int as_model_new(const struct as_ranking *f, enum as_likelihood kind, const struct as_cells *c,
                 struct as_model *m)
{
    double tied = 0, total = 0;

    for (size_t k = 0; k < c->n; k++) {
        tied += c->w[3 * k + AS_TIE];
        total += c->w[3 * k] + c->w[3 * k + 1] + c->w[3 * k + 2];
    }
    *m = (struct as_model){ .kind = kind, .cells = c, .parts = &f->parts, .items = f->in->items,
                            .extra = kind != AS_BRADLEY_TERRY && tied > 0, .alpha = f->alpha,
                            .total = total, .max_iter = f->opts->max_iter, .tol = f->opts->tol };
    m->n = m->items + c->p + (unsigned)m->extra;
    m->first = as_take(f->pool, m->n, sizeof *m->first);
    if (!m->first)
        return AS_ENOMEM;
    memcpy(m->first, f->parts.first, m->items * sizeof *m->first);
    return AS_OK;
}

int as_work_new(const struct as_model *m, struct as_pool *pool, int matrix, struct as_work *s)
{
    size_t n = m->n, cells = m->cells->n;
    double *v = as_take(pool, 9 * n, sizeof *v);

    *s = (struct as_work){ .w = as_take(pool, cells, 3 * sizeof *s->w),
                           .dd = as_take(pool, cells, sizeof *s->dd),
                           .de = as_take(pool, cells, sizeof *s->de) };
    if (!v || !s->w || !s->dd || !s->de)
        return AS_ENOMEM;
    s->par = v;
    s->g = v + n;
    s->step = v + 2 * n;
    s->try = v + 3 * n;
    s->power = v + 4 * n;
    s->cg = v + 5 * n;
    if (matrix && n <= AS_RANK_DENSE && !(s->h = as_take(pool, n * n, sizeof *s->h)))
        return AS_ENOMEM;
    return AS_OK;
}

/* ------------------------------------------------------------------ one cell */

static double distance(const struct as_model *m, const double *par, size_t k)
{
    const struct as_cells *c = m->cells;
    double d = par[c->a[k]] - par[c->b[k]];

    for (unsigned j = 0; j < c->p; j++)
        d += c->x[k * c->p + j] * par[m->items + j];
    return d;
}

static double cell_value(const struct as_model *m, double d, double e, const double *w)
{
    double a = w[0], b = w[1], t = w[2];

    switch (m->kind) {
    case AS_DAVIDSON: {
        double h = fabs(d) / 2, top = m->extra && e > h ? e : h;
        double z = exp(h - top) + exp(-h - top) + (m->extra ? exp(e - top) : 0);
        return (a - b) * d / 2 + (m->extra ? t * e : 0) - (a + b + t) * (top + log(z));
    }
    case AS_RAO_KUPPER:
        return (a + t) * log_sigma(d - e) + (b + t) * log_sigma(-d - e)
             + (t > 0 ? t * (2 * e + log(-expm1(-2 * e))) : 0);
    case AS_BRADLEY_TERRY:
        break;
    }
    return (a + t / 2) * log_sigma(d) + (b + t / 2) * log_sigma(-d);
}

struct bend {                   /* first derivatives, and the negated second ones */
    double d, e, dd, de, ee;
};

/* What all cells share: ln nu or ln kappa, itself, and 1 - kappa^-2. */
struct tied {
    double log, power, rest;
};

static struct tied tied_of(const struct as_model *m, const double *par)
{
    double e = m->extra ? par[m->n - 1] : 0;

    if (!m->extra)
        return (struct tied){ 0, m->kind == AS_RAO_KUPPER, 0 };
    return (struct tied){ e, exp(fmin(e, TIED_MAX)), -expm1(-2 * e) };
}

/* odds: e^d, which costs no exponential per cell where there is no style. */
static inline struct bend cell_bend(enum as_likelihood kind, double odds, const struct tied *k,
                                    const double *w)
{
    double a = w[0], b = w[1], t = w[2], all = a + b + t;

    switch (kind) {
    case AS_DAVIDSON: {
        double pa = sqrt(odds), pb = 1 / pa, z = pa + pb + k->power, gap = (pa - pb) / z / 2;
        double pt = k->power / z;
        return (struct bend){ (a - b) / 2 - all * gap, t - all * pt,
                              all * ((pa + pb) / z / 4 - gap * gap), -all * pt * gap,
                              all * pt * (1 - pt) };
    }
    case AS_RAO_KUPPER: {
        double p = odds / (odds + k->power), q = 1 / (1 + k->power * odds);
        double x = (a + t) * (k->power / (odds + k->power)), y = (b + t) * (k->power * odds * q);
        double r = k->rest, ties = t > 0 ? t / r : 0;
        return (struct bend){ x - y, 2 * ties - x - y, x * p + y * q, y * q - x * p,
                              x * p + y * q + (t > 0 ? 4 * ties * (1 - r) / r : 0) };
    }
    case AS_BRADLEY_TERRY:
        break;
    }
    double q = 1 / (1 + odds), p = odds * q;
    return (struct bend){ a + t / 2 - all * p, 0, all * p * q, 0, 0 };
}

/* The penalty on the square of parameter i; that of ties has none. */
static double prior_of(const struct as_model *m, uint32_t i)
{
    if (i < m->items)
        return m->alpha;
    return i < m->items + m->cells->p ? fmax(m->alpha, SLOPE_MIN) : 0;
}

void as_model_row_slope(const struct as_model *m, const double *par, size_t cell, int outcome,
                        double *along_d, double *along_tie)
{
    const double one[3] = { outcome == 0, outcome == 1, outcome == 2 };
    struct tied k = tied_of(m, par);
    struct bend r = cell_bend(m->kind, power(distance(m, par, cell)), &k, one);

    *along_d = r.d;
    *along_tie = r.e;
}

/* ------------------------------------------------------------------ all cells */

double as_model_value(const struct as_model *m, const double *w, const double *par, double *loglik)
{
    double sum = 0, e = m->extra ? par[m->n - 1] : 0;

    for (size_t k = 0; k < m->cells->n; k++)
        sum += cell_value(m, distance(m, par, k), e, w + 3 * k);
    if (loglik)
        *loglik = sum;
    for (uint32_t i = 0; i < m->n; i++)
        sum -= prior_of(m, i) * par[i] * par[i];
    return sum;
}

int as_model_powers(const struct as_model *m, struct as_work *s, const double *par)
{
    double top = 0;

    for (uint32_t i = 0; i < m->items; i++) {
        top = fmax(top, fabs(par[i]));
        s->power[i] = power(par[i]);
    }
    return top < POWER_MAX / 3;
}

/* Bradley-Terry without columns, the loop that a bootstrap runs most. */
static void slope_plain(const struct as_model *m, struct as_work *s, int curved)
{
    const struct as_cells *c = m->cells;

    for (size_t k = 0; k < c->n; k++) {
        uint32_t a = c->a[k], b = c->b[k];
        const double *w = s->w + 3 * k;
        double p = s->power[a] / (s->power[a] + s->power[b]), all = w[0] + w[1] + w[2];
        double g = w[0] + w[2] / 2 - all * p;
        s->g[a] += g;
        s->g[b] -= g;
        if (curved)
            s->dd[k] = all * p * (1 - p);
    }
}

/* e^d of a cell from the powers of its items, where they are numbers; x'beta seldom changes when
   it is home alone, so its exponential is kept. */
struct lead {
    double x, power;
};

static inline double odds_of(const struct as_model *m, const struct as_work *s, const double *par,
                             size_t k, int near, struct lead *l)
{
    const struct as_cells *c = m->cells;
    double x = 0;

    for (unsigned j = 0; j < c->p; j++)
        x += c->x[k * c->p + j] * par[m->items + j];
    if (!near || !(fabs(x) < LEAD_MAX))
        return power(par[c->a[k]] - par[c->b[k]] + x);
    if (x < l->x || x > l->x)
        *l = (struct lead){ x, exp(x) };
    return s->power[c->a[k]] / s->power[c->b[k]] * l->power;
}

static void slope_any(const struct as_model *m, struct as_work *s, const double *par, int curved,
                      int near)
{
    const struct as_cells *c = m->cells;
    struct tied tied = tied_of(m, par);
    struct lead lead = { 0, 1 };
    double along = 0;

    s->ee = 0;
    for (size_t k = 0; k < c->n; k++) {
        double odds = odds_of(m, s, par, k, near, &lead);
        struct bend r = cell_bend(m->kind, odds, &tied, s->w + 3 * k);
        s->g[c->a[k]] += r.d;
        s->g[c->b[k]] -= r.d;
        for (unsigned j = 0; j < c->p; j++)
            s->g[m->items + j] += r.d * c->x[k * c->p + j];
        along += r.e;
        if (curved) {
            s->dd[k] = r.dd;
            s->de[k] = r.de;
            s->ee += r.ee;
        }
    }
    if (m->extra)
        s->g[m->n - 1] = along;
}

void as_model_slope(const struct as_model *m, struct as_work *s, const double *par, int curved)
{
    memset(s->g, 0, m->n * sizeof *s->g);
    int near = as_model_powers(m, s, par);
    if (near && m->kind == AS_BRADLEY_TERRY && !m->cells->p)
        slope_plain(m, s, curved);
    else
        slope_any(m, s, par, curved, near);
    for (uint32_t i = 0; i < m->n; i++)
        s->g[i] -= 2 * prior_of(m, i) * par[i];
}

/* ------------------------------------------------------------------ curvature as a matrix */

static void add_cell(const struct as_model *m, struct as_work *s, size_t k)
{
    const struct as_cells *c = m->cells;
    size_t n = m->n, a = c->a[k], b = c->b[k], hi = a > b ? a : b, lo = a > b ? b : a;
    double v = s->dd[k], *tie = s->h + (n - 1) * n;

    s->h[a * n + a] += v;
    s->h[b * n + b] += v;
    s->h[hi * n + lo] -= v;
    for (unsigned j = 0; j < c->p; j++) {
        double x = c->x[k * c->p + j], *row = s->h + (m->items + j) * n;
        row[a] += v * x;
        row[b] -= v * x;
        for (unsigned i = 0; i <= j; i++)
            row[m->items + i] += v * x * c->x[k * c->p + i];
        if (m->extra)
            tie[m->items + j] += s->de[k] * x;
    }
    if (m->extra) {
        tie[a] += s->de[k];
        tie[b] -= s->de[k];
    }
}

int as_model_factor(const struct as_model *m, struct as_work *s, double *pin)
{
    size_t n = m->n;
    double all = 0, ridge = 0;

    for (size_t k = 0; k < m->cells->n; k++)
        all += s->dd[k];
    *pin = all > 0 ? 2 * all / m->items : 1;
    for (int attempt = 0; attempt < 6; attempt++) {
        for (size_t i = 0; i < n; i++)
            memset(s->h + i * n + m->first[i], 0, (i + 1 - m->first[i]) * sizeof *s->h);
        for (size_t k = 0; k < m->cells->n; k++)
            add_cell(m, s, k);
        for (size_t i = 0; i < m->items; i++) {
            double level = *pin / m->parts->size[i];
            for (size_t j = m->first[i]; j <= i; j++)
                s->h[i * n + j] += level;
        }
        for (uint32_t i = 0; i < n; i++)
            s->h[i * n + i] += 2 * prior_of(m, i) + ridge;
        if (m->extra)
            s->h[n * n - 1] += s->ee;
        if (as_chol(s->h, n, m->first) == AS_OK)
            return AS_OK;
        ridge = ridge > 0 ? ridge * 100 : *pin * 1e-10;     /* nearly flat: lean on a little */
    }
    return AS_EUNDEFINED;
}

/* ------------------------------------------------------------------ curvature as a product */

static void product(const struct as_model *m, const struct as_work *s, const double *v, double *to)
{
    const struct as_cells *c = m->cells;
    double e = m->extra ? v[m->n - 1] : 0, along = 0;

    for (uint32_t i = 0; i < m->n; i++)
        to[i] = 2 * prior_of(m, i) * v[i];
    for (size_t k = 0; k < c->n; k++) {
        double d = distance(m, v, k), g = s->dd[k] * d;
        if (m->extra) {
            g += s->de[k] * e;
            along += s->de[k] * d;
        }
        to[c->a[k]] += g;
        to[c->b[k]] -= g;
        for (unsigned j = 0; j < c->p; j++)
            to[m->items + j] += g * c->x[k * c->p + j];
    }
    if (m->extra)
        to[m->n - 1] = along + s->ee * e;       /* no prior there */
}

/* The diagonal of the curvature, inverted. */
static void jacobi(const struct as_model *m, const struct as_work *s, double *to)
{
    const struct as_cells *c = m->cells;

    for (uint32_t i = 0; i < m->n; i++)
        to[i] = 2 * prior_of(m, i);
    for (size_t k = 0; k < c->n; k++) {
        to[c->a[k]] += s->dd[k];
        to[c->b[k]] += s->dd[k];
        for (unsigned j = 0; j < c->p; j++)
            to[m->items + j] += s->dd[k] * c->x[k * c->p + j] * c->x[k * c->p + j];
    }
    if (m->extra)
        to[m->n - 1] = s->ee;
    for (uint32_t i = 0; i < m->n; i++)
        to[i] = to[i] > 0 ? 1 / to[i] : 1;
}

static void conjugate(const struct as_model *m, struct as_work *s)
{
    size_t n = m->n;
    double *x = s->step, *r = s->cg, *p = r + n, *hp = r + 2 * n, *over = r + 3 * n;
    double rho = 0, goal;

    jacobi(m, s, over);
    for (size_t i = 0; i < n; i++) {
        x[i] = 0;
        r[i] = s->g[i];
        p[i] = over[i] * r[i];
        rho += r[i] * p[i];
    }
    goal = rho * 1e-16;
    for (size_t round = 0; rho > goal && round < 2 * n + 50; round++) {
        product(m, s, p, hp);
        double bend = as_dot(p, hp, n), next = 0;
        if (!(bend > 0))
            return;
        double t = rho / bend;
        for (size_t i = 0; i < n; i++) {
            x[i] += t * p[i];
            r[i] -= t * hp[i];
            next += r[i] * r[i] * over[i];
        }
        for (size_t i = 0; i < n; i++)
            p[i] = over[i] * r[i] + next / rho * p[i];
        rho = next;
    }
}

/* ------------------------------------------------------------------ Newton */

/* Is the matrix the cheaper way?  40 products of conjugate gradients against one factor. */
static int by_matrix(const struct as_model *m, const struct as_work *s)
{
    double factor = 0;

    for (uint32_t i = 0; i < m->n; i++)
        factor += (double)(i - m->first[i]) * (i - m->first[i]) / 2;
    return s->h && factor < 100.0 * (double)m->cells->n + 1e5;
}

static int step(const struct as_model *m, struct as_work *s, int matrix)
{
    double pin;

    if (!matrix) {
        conjugate(m, s);
        return AS_OK;
    }
    int rc = as_model_factor(m, s, &pin);
    if (rc)
        return rc;
    memcpy(s->step, s->g, m->n * sizeof *s->step);
    as_chol_solve(s->h, m->n, m->first, s->step);
    return AS_OK;
}

/* From s->par along s->step, halved until the objective does not fall; 0: no such length. */
static int walk(const struct as_model *m, struct as_work *s, double *value)
{
    double t = 1, slack = 1e-13 * (fabs(*value) + 1);

    for (int k = 0; k < HALVINGS; k++, t /= 2) {
        for (uint32_t i = 0; i < m->n; i++)
            s->try[i] = s->par[i] + t * s->step[i];
        if (m->extra && m->kind == AS_RAO_KUPPER && s->try[m->n - 1] < s->par[m->n - 1] / 10)
            s->try[m->n - 1] = s->par[m->n - 1] / 10;       /* ln kappa stays above 0 */
        double next = as_model_value(m, s->w, s->try, NULL);
        if (next >= *value - slack) {
            memcpy(s->par, s->try, m->n * sizeof *s->par);
            *value = next;
            return 1;
        }
    }
    return 0;
}

/* Strengths of a part sum to zero at the maximum; rounding drifts. */
void as_model_centre(const struct as_model *m, double *par)
{
    for (uint32_t i = 0, size; i < m->items; i += size) {
        double sum = 0;
        size = m->parts->size[i];
        for (uint32_t j = i; j < i + size; j++)
            sum += par[j];
        for (uint32_t j = i; j < i + size; j++)
            par[j] -= sum / size;
    }
}

int as_model_fit(const struct as_model *m, struct as_work *s, struct as_ranking *f,
                 int *iterations, int *converged)
{
    double value = as_model_value(m, s->w, s->par, NULL), goal = m->tol * fmax(m->total, 1);
    int matrix = by_matrix(m, s), rc;

    *converged = 0;
    for (*iterations = 0; *iterations < m->max_iter; ++*iterations) {
        double top = 0, move = 0;
        as_model_slope(m, s, s->par, 1);
        for (uint32_t i = 0; i < m->n; i++)
            top = fmax(top, fabs(s->g[i]));
        if (top <= goal) {
            *converged = 1;
            break;
        }
        if ((rc = step(m, s, matrix)))
            return rc;
        for (uint32_t i = 0; i < m->n; i++)
            move = fmax(move, fabs(s->step[i]));
        if (move < STILL || !walk(m, s, &value)) {
            *converged = move < STILL;
            break;
        }
        if (f && as_rank_trace(f, value))
            break;
    }
    as_model_centre(m, s->par);
    return AS_OK;
}
