/*
 * agree_rank.c -- agreement of numbers and of rankings.
 *
 * ICC (Shrout & Fleiss, Psychological Bulletin 86(2), 1979), n units, k raters, mean squares of
 * rows R, columns C, rest E, within rows W:
 *     ICC(1)   = (R - W) / (R + (k-1) W)
 *     ICC(2,1) = (R - E) / (R + (k-1) E + k (C - E) / n)
 *     ICC(3,1) = (R - E) / (R + (k-1) E)
 * with the F intervals given there.  Kendall's tau-b by merge sort (Knight, JASA 61, 1966),
 * Spearman's rho as the correlation of mid-ranks; intervals by Fisher's z with the variances of
 * Bonett and Wright (Psychometrika 65(1), 2000): .437/(n-4) and (1 + rho^2/2)/(n-3).
 * Kendall's W = 12 S / (m^2 (n^3 - n) - m sum of (t^3 - t) over ties), S the spread of rank sums.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/agree.h"

/* The rows of a table without a gap; NULL: no memory.  AS_EINVAL for numbers past all bounds. */
static int whole_rows(const double *table, uint32_t units, uint32_t raters, struct as_pool *p,
                      double **out, uint32_t *n)
{
    *n = 0;
    if (!(*out = as_take(p, (size_t)units * raters, sizeof **out)))
        return AS_ENOMEM;
    for (uint32_t u = 0; u < units; u++) {
        const double *row = table + (size_t)u * raters;
        int gap = 0;
        for (uint32_t r = 0; r < raters; r++) {
            gap |= isnan(row[r]);
            if (fabs(row[r]) > 1e150)
                return AS_EINVAL;
        }
        if (!gap)
            memcpy(*out + (size_t)(*n)++ * raters, row, raters * sizeof *row);
    }
    return AS_OK;
}

/* ------------------------------------------------------------------ ICC */

struct squares { double n, k, R, C, E, W; };

static struct squares squares(const double *x, uint32_t n, uint32_t k)
{
    struct squares s = { .n = n, .k = k };
    double mean = 0, rows = 0, columns = 0, all = 0;

    for (size_t i = 0; i < (size_t)n * k; i++)
        mean += x[i] / ((double)n * k);
    for (uint32_t u = 0; u < n; u++) {
        double own = 0;
        for (uint32_t r = 0; r < k; r++) {
            double d = x[(size_t)u * k + r] - mean;
            own += d;
            all += d * d;
        }
        rows += own * own / k;
    }
    for (uint32_t r = 0; r < k; r++) {
        double own = 0;
        for (uint32_t u = 0; u < n; u++)
            own += x[(size_t)u * k + r] - mean;
        columns += own * own / n;
    }
    s.R = rows / (s.n - 1);
    s.C = columns / (s.k - 1);
    s.W = fmax(0, all - rows) / (s.n * (s.k - 1));
    s.E = fmax(0, all - rows - columns) / ((s.n - 1) * (s.k - 1));
    if (s.E < 1e-13 * s.R)              /* rounding: everybody gives the same but for a constant */
        s.E = 0;
    if (s.W < 1e-13 * s.R)
        s.W = 0;
    return s;
}

static double f_quantile(double p, double a, double b)
{
    double x = as_beta_quantile(p, a / 2, b / 2), rest = as_beta_quantile(1 - p, b / 2, a / 2);

    return b / a * x / fmax(rest, 1e-300);
}

/* (F - 1) / (F + k - 1) for F = R / noise divided and multiplied by quantiles. */
static struct as_estimate simple(double R, double noise, double df, const struct squares *s,
                                 double level)
{
    struct as_estimate e = { 1, 1, 1 };
    double p = (1 + level) / 2;

    if (!(noise > 0))
        return e;
    double f = R / noise, lo = f / f_quantile(p, s->n - 1, df);
    double hi = f * f_quantile(p, df, s->n - 1);
    e.value = (f - 1) / (f + s->k - 1);
    e.lo = (lo - 1) / (lo + s->k - 1);
    e.hi = (hi - 1) / (hi + s->k - 1);
    return e;
}

static struct as_estimate random_raters(const struct squares *s, double level)
{
    double n = s->n, k = s->k, p = (1 + level) / 2;
    double all = s->R + (k - 1) * s->E + k * (s->C - s->E) / n;
    struct as_estimate e = { (s->R - s->E) / all, -1, 1 };
    double other = k * s->C + (k * n - k - n) * s->E;

    if (!(s->E > 0)) {                  /* no noise left: only the raters' constants differ */
        e.lo = s->C > 0 ? -1 : e.value;
        return e;
    }
    double f = s->C / s->E, a = k * e.value * f, b = n * (1 + (k - 1) * e.value) - k * e.value;
    double v = (k - 1) * (n - 1) * (a + b) * (a + b) / ((n - 1) * a * a + b * b);
    double up = f_quantile(p, n - 1, v), down = f_quantile(p, v, n - 1);
    e.lo = n * (s->R - up * s->E) / (up * other + n * s->R);
    e.hi = n * (down * s->R - s->E) / (other + n * down * s->R);
    return e;
}

int as_icc(const double *table, uint32_t units, uint32_t raters, double level, struct as_icc *out)
{
    struct as_pool pool = { 0 };
    double *x = NULL;
    uint32_t n = 0;

    *out = (struct as_icc){ 0 };
    if (!(level > 0 && level < 1))
        return AS_EINVAL;
    int rc = whole_rows(table, units, raters, &pool, &x, &n);
    if (!rc && (n < 2 || raters < 2))
        rc = AS_EUNDEFINED;
    if (!rc) {
        struct squares s = squares(x, n, raters);
        if (!(s.R + (s.k - 1) * s.W > 0) || !isfinite(s.R + s.W + s.C))
            rc = AS_EUNDEFINED;
        else
            *out = (struct as_icc){ simple(s.R, s.W, s.n * (s.k - 1), &s, level),
                                    random_raters(&s, level),
                                    simple(s.R, s.E, (s.n - 1) * (s.k - 1), &s, level), n, raters };
    }
    as_pool_end(&pool);
    return rc;
}

/* ------------------------------------------------------------------ two rankings */

struct point { double x, y; };

static int by_x_then_y(const void *a, const void *b)
{
    const struct point *p = a, *q = b;

    if (p->x < q->x || p->x > q->x)
        return p->x < q->x ? -1 : 1;
    return (p->y > q->y) - (p->y < q->y);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Sorts y by merging and counts the pairs that stood the wrong way round. */
static double swaps(double *y, double *room, size_t n)
{
    double count = 0;

    for (size_t width = 1; width < n; width *= 2) {
        for (size_t from = 0; from < n; from += 2 * width) {
            size_t mid = from + width < n ? from + width : n;
            size_t end = mid + width < n ? mid + width : n;
            for (size_t a = from, b = mid, to = from; to < end; to++) {
                if (b < end && (a >= mid || y[b] < y[a])) {
                    count += (double)(mid - a);
                    room[to] = y[b++];
                } else {
                    room[to] = y[a++];
                }
            }
        }
        memcpy(y, room, n * sizeof *y);
    }
    return count;
}

/* Pairs that are equal in a sorted array. */
static double ties(const double *sorted, size_t n, double (*of)(double))
{
    double sum = 0;

    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && !(sorted[to] > sorted[from]); )
            to++;
        sum += of((double)(to - from));
    }
    return sum;
}

static double pairs_among(double t) { return t * (t - 1) / 2; }
static double cubes_among(double t) { return t * t * t - t; }

static int both(const double *x, const double *y, size_t n, struct as_pool *p, struct point **out,
                size_t *had)
{
    *had = 0;
    if (!(*out = as_take(p, n, sizeof **out)))
        return AS_ENOMEM;
    for (size_t k = 0; k < n; k++)
        if (!isnan(x[k]) && !isnan(y[k]))
            (*out)[(*had)++] = (struct point){ x[k], y[k] };
    return *had < 2 ? AS_EUNDEFINED : AS_OK;
}

static struct as_estimate fisher(double value, double variance, double level)
{
    struct as_estimate e = { fmax(-1, fmin(1, value)), -1, 1 };

    if (!(variance > 0) || !isfinite(variance))
        return e;
    double half = as_normal_quantile((1 + level) / 2) * sqrt(variance);
    double z = atanh(fmax(-1 + 1e-15, fmin(1 - 1e-15, e.value)));
    e.lo = fmin(e.value, tanh(z - half));
    e.hi = fmax(e.value, tanh(z + half));
    return e;
}

int as_kendall_tau(const double *x, const double *y, size_t n, double level,
                   struct as_estimate *out)
{
    struct as_pool pool = { 0 };
    struct point *p = NULL;
    size_t m = 0;

    *out = (struct as_estimate){ 0 };
    if (!(level > 0 && level < 1))
        return AS_EINVAL;
    int rc = both(x, y, n, &pool, &p, &m);
    double *a = as_take(&pool, m, sizeof *a), *room = as_take(&pool, m, sizeof *room), same = 0;
    if (!rc && (!a || !room))
        rc = AS_ENOMEM;
    if (!rc) {
        qsort(p, m, sizeof *p, by_x_then_y);
        for (size_t from = 0, to; from < m; from = to) {        /* equal in both */
            for (to = from + 1; to < m && by_x_then_y(&p[from], &p[to]) == 0; )
                to++;
            same += pairs_among((double)(to - from));
        }
        for (size_t k = 0; k < m; k++)
            a[k] = p[k].x;
        double all = pairs_among((double)m), tied_x = ties(a, m, pairs_among);
        for (size_t k = 0; k < m; k++)
            a[k] = p[k].y;
        double wrong = swaps(a, room, m), tied_y = ties(a, m, pairs_among);
        double scale = sqrt(all - tied_x) * sqrt(all - tied_y);
        if (scale > 0)
            *out = fisher((all - tied_x - tied_y + same - 2 * wrong) / scale,
                          m > 4 ? .437 / ((double)m - 4) : 0, level);
        else
            rc = AS_EUNDEFINED;
    }
    as_pool_end(&pool);
    return rc;
}

struct ranked { double value; size_t at; };

static int by_rank(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    if (x->value < y->value || x->value > y->value)
        return x->value < y->value ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* Mid-ranks, 1 … n, of value[k * step]; `r` is room for n. */
static void rank(const double *value, size_t n, size_t step, struct ranked *r, double *out)
{
    for (size_t k = 0; k < n; k++)
        r[k] = (struct ranked){ value[k * step], k };
    qsort(r, n, sizeof *r, by_rank);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && !(r[to].value > r[from].value); )
            to++;
        for (size_t k = from; k < to; k++)
            out[r[k].at] = ((double)from + (double)to + 1) / 2;
    }
}

int as_spearman(const double *x, const double *y, size_t n, double level, struct as_estimate *out)
{
    struct as_pool pool = { 0 };
    struct point *p = NULL;
    size_t m = 0;

    *out = (struct as_estimate){ 0 };
    if (!(level > 0 && level < 1))
        return AS_EINVAL;
    int rc = both(x, y, n, &pool, &p, &m);
    double *a = as_take(&pool, m, sizeof *a), *b = as_take(&pool, m, sizeof *b);
    struct ranked *r = as_take(&pool, m, sizeof *r);
    if (!rc && (!a || !b || !r))
        rc = AS_ENOMEM;
    if (!rc) {
        double xx = 0, yy = 0, xy = 0, mid = ((double)m + 1) / 2;
        rank(&p->x, m, 2, r, a);
        rank(&p->y, m, 2, r, b);
        for (size_t k = 0; k < m; k++) {
            xx += (a[k] - mid) * (a[k] - mid);
            yy += (b[k] - mid) * (b[k] - mid);
            xy += (a[k] - mid) * (b[k] - mid);
        }
        double rho = xx > 0 && yy > 0 ? xy / sqrt(xx) / sqrt(yy) : 0;
        if (xx > 0 && yy > 0)
            *out = fisher(rho, m > 3 ? (1 + rho * rho / 2) / ((double)m - 3) : 0, level);
        else
            rc = AS_EUNDEFINED;
    }
    as_pool_end(&pool);
    return rc;
}

int as_kendall_w(const double *table, uint32_t units, uint32_t raters, struct as_concordance *out)
{
    struct as_pool pool = { 0 };
    double *x = NULL, spread = 0, tied = 0;
    uint32_t n = 0;

    *out = (struct as_concordance){ 0 };
    int rc = whole_rows(table, units, raters, &pool, &x, &n);
    double *own = as_take(&pool, n, sizeof *own), *sum = as_take(&pool, n, sizeof *sum);
    struct ranked *r = as_take(&pool, n, sizeof *r);
    if (!rc && (!own || !sum || !r))
        rc = AS_ENOMEM;
    if (!rc && (n < 2 || raters < 2))
        rc = AS_EUNDEFINED;
    for (uint32_t j = 0; !rc && j < raters; j++) {
        rank(x + j, n, raters, r, own);
        for (uint32_t u = 0; u < n; u++)
            sum[u] += own[u];
        qsort(own, n, sizeof *own, by_value);
        tied += ties(own, n, cubes_among);
    }
    double m = raters, size = n, scale = m * m * cubes_among(size) - m * tied;
    for (uint32_t u = 0; !rc && u < n; u++)
        spread += (sum[u] - m * (size + 1) / 2) * (sum[u] - m * (size + 1) / 2);
    if (!rc && !(scale > 0))
        rc = AS_EUNDEFINED;
    if (!rc) {
        double w = fmin(1, 12 * spread / scale), chi2 = m * (size - 1) * w;
        *out = (struct as_concordance){ w, chi2, 1 - as_chi2_cdf(chi2, size - 1), n, raters };
    }
    as_pool_end(&pool);
    return rc;
}
