/*
 * agree_alpha.c -- Krippendorff's alpha (Krippendorff 2011; Content Analysis, 3rd ed., 2013).
 *
 * Over the units with m_u >= 2 answers, n answers in all, n_c of value c, distance d:
 *     A = sum_u S_u,   S_u = sum over ordered pairs in u of d / (m_u - 1)
 *     E = sum over c, k of n_c n_k d_ck
 *     alpha = 1 - D_o / D_e,   D_o = A / n,   D_e = E / (n (n - 1)).
 * Interval distance needs only moments: S_u = 2 (m sum x^2 - (sum x)^2) / (m - 1), likewise E; and
 * Krippendorff's ordinal distance is interval distance between mid-ranks p_c = n_c/2 + sum of n_g
 * over g < c.  So nominal, interval and ordinal are O(answers + classes); others O(classes^2).
 *
 * Influence of unit u of N, with E_c = sum_k n_k d_ck and Gwet's (2014, ch. 5) terms of order 1/n:
 *     I_u = -n/E [ S_u + A m_u/n - 2 A/E sum over x in u of E_x ] - A/E (m_u/n - 1/N)
 * and for ordinal, where u also moves the ranks by q_u(c) = #{x < c} + #{x = c}/2,
 *     - n/E sum_c q_u(c) [ dA/dp_c - A/E dE/dp_c ].
 */
#include <math.h>
#include <string.h>

#include "stats/agree.h"

enum shape { EQUAL, NUMBERS, RANKS, MATRIX };

struct alpha {
    enum shape shape;
    double *x;                      /* NUMBERS: [classes] scaled to about -1 … 1 */
    double *s;                      /* [tasks] S_u, but for RANKS */
    uint32_t *dense;                /* MATRIX: [classes] place of a class that occurs … */
    double *d;                      /* … in d[occur * occur] */
    uint32_t occur;
    double unit;                    /* the square of what one step of x is worth */
};

static double spread(const struct as_votes *v, uint32_t u, const double *x)
{
    size_t from = v->start[u], m = v->start[u + 1] - from;
    double first = x[v->label[from]], sum = 0, square = 0;

    for (size_t k = from + 1; k < from + m; k++) {
        double d = x[v->label[k]] - first;
        sum += d;
        square += d * d;
    }
    return 2 * fmax(0, (double)m * square - sum * sum) / ((double)m - 1);
}

static double apart(const struct alpha *h, uint32_t a, uint32_t b)
{
    return h->d[(size_t)h->dense[a] * h->occur + h->dense[b]];
}

/* S_u of a unit by its distinct classes; row is zero before and after. */
static double within(const struct as_votes *v, const struct alpha *h, uint32_t u, double *row,
                     uint16_t *class)
{
    double m = (double)(v->start[u + 1] - v->start[u]), sum = 0;
    uint32_t n = 0;

    for (size_t k = v->start[u]; k < v->start[u + 1]; k++)
        if (row[v->label[k]]++ == 0)
            class[n++] = v->label[k];
    for (uint32_t a = 0; a < n; a++) {
        if (h->shape == EQUAL)
            sum += row[class[a]] * (m - row[class[a]]);
        for (uint32_t b = 0; h->shape == MATRIX && b < n; b++)
            sum += row[class[a]] * row[class[b]] * apart(h, class[a], class[b]);
    }
    for (uint32_t a = 0; a < n; a++)
        row[class[a]] = 0;
    return sum / (m - 1);
}

/* ------------------------------------------------------------------ before any sample */

static int scale(struct agree *a, struct alpha *h)
{
    uint32_t n = a->v->classes;
    double least = INFINITY, most = -INFINITY;

    if (!(h->x = as_take(a->pool, n, sizeof *h->x)))
        return AS_ENOMEM;
    for (uint32_t k = 0; k < n; k++) {
        h->x[k] = a->o->value ? a->o->value[k] : (double)k;
        least = fmin(least, h->x[k]);
        most = fmax(most, h->x[k]);
    }
    double half = most > least ? (most - least) / 2 : 1, mid = least + (most - least) / 2;
    for (uint32_t k = 0; k < n; k++)
        h->x[k] = (h->x[k] - mid) / half;
    h->unit = half * half;
    return AS_OK;
}

static int matrix(struct agree *a, struct alpha *h)
{
    const struct as_votes *v = a->v;
    uint16_t *class = as_take(a->pool, v->classes, sizeof *class);
    uint8_t *seen = as_take(a->pool, v->classes, 1);
    double back;

    if (!class || !seen || !(h->dense = as_take(a->pool, v->classes, sizeof *h->dense)))
        return AS_ENOMEM;
    for (size_t k = 0; k < v->n; k++)
        seen[v->label[k]] = 1;
    for (uint32_t k = 0; k < v->classes; k++)
        if (seen[k]) {
            h->dense[k] = h->occur;
            class[h->occur++] = (uint16_t)k;
        }
    if (h->occur > AS_MATRIX_MAX)
        return AS_ETOOBIG;
    size_t n = h->occur;
    if (!(h->d = as_take(a->pool, n * n, sizeof *h->d)))
        return AS_ENOMEM;
    for (size_t b = 0; b < n; b++)
        for (size_t c = 0; c < b; c++) {
            if (as_distance_between(a->o, v->classes, class[b], class[c], &h->d[b * n + c])
                || as_distance_between(a->o, v->classes, class[c], class[b], &back)
                || fabs(back - h->d[b * n + c]) > 1e-9 * back)
                return AS_EINVAL;
            h->d[c * n + b] = h->d[b * n + c];
        }
    return AS_OK;
}

static enum shape shape_of(enum as_distance d)
{
    return d == AS_D_NOMINAL ? EQUAL : d == AS_D_INTERVAL ? NUMBERS : d == AS_D_ORDINAL ? RANKS
           : MATRIX;
}

static int begin(struct agree *a)
{
    const struct as_votes *v = a->v;
    struct alpha *h = a->state = as_take(a->pool, 1, sizeof *h);
    double *row = as_take(a->pool, v->classes, sizeof *row);
    uint16_t *class = as_take(a->pool, v->classes, sizeof *class);
    int rc = AS_OK;

    if (!h || !row || !class || !(h->s = as_take(a->pool, v->tasks, sizeof *h->s)))
        return AS_ENOMEM;
    h->shape = shape_of(a->o->distance);
    h->unit = 1;
    if (h->shape == NUMBERS)
        rc = scale(a, h);
    if (h->shape == MATRIX)
        rc = matrix(a, h);
    a->out->values = 0;
    for (uint32_t u = 0; !rc && u < v->tasks; u++) {
        size_t m = v->start[u + 1] - v->start[u];
        if (m < 2)
            continue;
        a->units++;
        a->out->values += m;
        if (h->shape == NUMBERS)
            h->s[u] = spread(v, u, h->x);
        else if (h->shape != RANKS)
            h->s[u] = within(v, h, u, row, class);
    }
    a->room = 5 * (size_t)v->classes;
    return rc;
}

/* ------------------------------------------------------------------ one sample */

struct sums {
    double n, A, E;
    double *each, *x;               /* [classes] n_c, value or mid-rank */
    double *e;                      /* [classes] E_c */
    double *move_a, *move_e;        /* [classes] dA/dp_c, dE/dp_c; then summed from above */
};

static void ranks(uint32_t classes, struct sums *s)
{
    double below = 0;

    for (uint32_t k = 0; k < classes; k++) {
        s->x[k] = below + s->each[k] / 2;
        below += s->each[k];
    }
}

/* E and E_c. */
static void expect(const struct agree *a, const struct alpha *h, struct sums *s)
{
    uint32_t classes = a->v->classes;
    const double *x = h->shape == RANKS ? s->x : h->x;
    double sum = 0, square = 0, mean = 0;

    for (uint32_t k = 0; x && k < classes; k++)
        mean += s->each[k] * x[k] / s->n;
    for (uint32_t k = 0; x && k < classes; k++) {
        sum += s->each[k] * (x[k] - mean);
        square += s->each[k] * (x[k] - mean) * (x[k] - mean);
    }
    for (uint32_t k = 0; k < classes; k++) {
        s->e[k] = 0;
        if (!(s->each[k] > 0))
            continue;
        if (h->shape == EQUAL)
            s->e[k] = s->n - s->each[k];
        else if (x)
            s->e[k] = s->n * (x[k] - mean) * (x[k] - mean) - 2 * (x[k] - mean) * sum + square;
        for (uint32_t l = 0; h->shape == MATRIX && l < classes; l++)
            if (s->each[l] > 0)
                s->e[k] += s->each[l] * apart(h, k, l);
        s->E += s->each[k] * s->e[k];
    }
}

/* What moving the ranks does to A and E, summed so that class k holds what a new answer k does. */
static void moves(const struct as_votes *v, struct sums *s)
{
    double total = 0, above_a = 0, above_e = 0;

    for (uint32_t k = 0; k < v->classes; k++)
        total += s->each[k] * s->x[k];
    for (uint32_t u = 0; u < v->tasks; u++) {
        double m = (double)(v->start[u + 1] - v->start[u]), sum = 0;
        for (size_t k = v->start[u]; k < v->start[u + 1]; k++)
            sum += s->x[v->label[k]];
        for (size_t k = v->start[u]; m > 1 && k < v->start[u + 1]; k++)
            s->move_a[v->label[k]] += 4 * (m * s->x[v->label[k]] - sum) / (m - 1);
    }
    for (uint32_t k = v->classes; k-- > 0; ) {
        double own_a = s->move_a[k], own_e = 4 * s->each[k] * (s->n * s->x[k] - total);
        s->move_a[k] = above_a + own_a / 2;
        s->move_e[k] = above_e + own_e / 2;
        above_a += own_a;
        above_e += own_e;
    }
}

static void influence(const struct agree *a, const struct alpha *h, const struct sums *s,
                      double *out)
{
    const struct as_votes *v = a->v;

    for (uint32_t u = 0; u < v->tasks; u++) {
        double m = (double)(v->start[u + 1] - v->start[u]), e = 0, move_a = 0, move_e = 0;
        if (m < 2)
            continue;
        for (size_t k = v->start[u]; k < v->start[u + 1]; k++) {
            e += s->e[v->label[k]];
            move_a += s->move_a[v->label[k]];
            move_e += s->move_e[v->label[k]];
        }
        double S = (h->shape == RANKS ? spread(v, u, s->x) : h->s[u]) + move_a;
        out[u] = -s->n / s->E * (S + s->A * (m / s->n - (2 * e + move_e) / s->E))
                 - s->A / s->E * (m / s->n - 1 / (double)a->units);
    }
}

static int eval(const struct agree *a, const uint32_t *times, double *room, struct agree_at *at)
{
    const struct as_votes *v = a->v;
    const struct alpha *h = a->state;
    size_t n = v->classes;
    struct sums s = { .each = room, .x = room + n, .e = room + 2 * n, .move_a = room + 3 * n,
                      .move_e = room + 4 * n };
    int rc = AS_EUNDEFINED;

    for (uint32_t u = 0; u < v->tasks; u++) {
        size_t m = v->start[u + 1] - v->start[u];
        double t = m > 1 ? as_times(times, u) : 0;
        for (size_t k = v->start[u]; t > 0 && k < v->start[u + 1]; k++)
            s.each[v->label[k]] += t;
        s.n += t * (double)m;
        s.A += t * h->s[u];
    }
    if (h->shape == RANKS)
        ranks(v->classes, &s);
    for (uint32_t u = 0; h->shape == RANKS && u < v->tasks; u++)
        if (v->start[u + 1] - v->start[u] > 1 && as_times(times, u) > 0)
            s.A += as_times(times, u) * spread(v, u, s.x);
    if (s.n > 1)
        expect(a, h, &s);
    if (s.E > s.n * s.n * 1e-28) {      /* below is rounding: all values are one */
        at->observed = s.A / s.n * h->unit;
        at->expected = s.E / (s.n * (s.n - 1)) * h->unit;
        at->value = 1 - (s.n - 1) * s.A / s.E;
        if (at->influence && h->shape == RANKS)
            moves(v, &s);
        if (at->influence)
            influence(a, h, &s, at->influence);
        rc = AS_OK;
    }
    memset(room, 0, a->room * sizeof *room);
    return rc;
}

int as_alpha_nominal(const struct as_votes *v, struct as_alpha *out)
{
    struct as_agreement *a;
    struct as_agree_opts o;

    *out = (struct as_alpha){ 0 };
    as_agree_opts_init(&o);
    o.rounds = 0;
    int rc = as_agree(v, "alpha", &o, &a);
    if (rc)
        return rc;
    *out = (struct as_alpha){ a->value, a->observed, a->expected, a->values, a->units };
    as_agreement_free(a);
    return AS_OK;
}

const struct as_agree_method as_agree_alpha = {
    .info = { .id = "alpha", .title = "Krippendorff's alpha",
              .paper = "Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011; Content "
                       "Analysis, 3rd ed., 2013",
              .about = "Disagreement seen against disagreement of answers paired at random, for "
                       "names, ranks, numbers, sets or any distance of your own. Linear in the "
                       "number of answers for names, ranks and intervals, else the square of the "
                       "values. The first choice where people skip tasks and come and go." },
    .begin = begin, .eval = eval };
