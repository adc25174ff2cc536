/*
 * agree_kappa.c -- two raters at a time: Cohen's kappa, Scott's pi, and the table of all pairs.
 *
 * Over the n units both judged, with a_k and b_k the shares of class k of either:
 *     pa = mean of w(x_u, y_u);
 *     Cohen  pe = sum_kl w_kl a_k b_l                    (Cohen 1960, weighted 1968)
 *     Scott  pe = sum_kl w_kl c_k c_l, c = (a + b) / 2   (Scott 1955)
 *     kappa = (pa - pe) / (1 - pe);   kappa_max has pa = sum_k min(a_k, b_k) instead.
 * With more than two raters the figure is the mean over the pairs that have one (Light 1971).
 * Influence of unit u on a pair: [pa_u - pa - (1 - kappa) dpe_u] / (1 - pe) / n, with
 *     dpe_u = (W b)_x + (W a)_y - 2 pe   or   (W c)_x + (W c)_y - 2 pe.
 *
 * The pairs are laid out once, O(sum over units of answers squared); a figure is one pass.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/agree.h"

struct both {                       /* one unit, as two raters saw it */
    uint32_t unit;
    uint16_t x, y;
};

struct pairs {
    size_t n, defined;              /* pairs; those that have a figure */
    size_t *start;                  /* [n + 1] into row */
    uint32_t *a, *b;                /* [n] */
    struct both *row;
};

static int by_id(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

struct layout {                     /* scratch of laying the pairs out */
    struct as_by_worker o;
    size_t *count;                  /* [workers] zero between two raters */
    uint32_t *met;                  /* [workers] whom rater a shares a unit with */
    size_t room, rows;              /* pairs there is room for; rows used */
};

/* The other raters of a unit stand sorted; those after `me` begin here. */
static size_t later(const struct as_votes *v, uint32_t u, uint32_t me)
{
    size_t k = v->start[u + 1];

    while (k > v->start[u] && v->worker[k - 1] > me)
        k--;
    return k;
}

static int grow(struct pairs *q, struct layout *l, struct as_pool *p)
{
    size_t room = l->room * 2 + 64;
    size_t *start = as_take(p, room + 1, sizeof *start);
    uint32_t *a = as_take(p, room, sizeof *a), *b = as_take(p, room, sizeof *b);

    if (!start || !a || !b)
        return AS_ENOMEM;
    if (q->n) {
        memcpy(start, q->start, (q->n + 1) * sizeof *start);
        memcpy(a, q->a, q->n * sizeof *a);
        memcpy(b, q->b, q->n * sizeof *b);
    }
    q->start = start;
    q->a = a;
    q->b = b;
    l->room = room;
    return AS_OK;
}

/* Every pair (me, later rater): counted, given its place, filled. */
static int lay_one(const struct as_votes *v, struct as_pool *p, uint32_t me, struct layout *l,
                   struct pairs *q)
{
    uint32_t met = 0;

    for (size_t s = l->o.start[me]; s < l->o.start[me + 1]; s++)
        for (size_t k = later(v, l->o.task[s], me); k < v->start[l->o.task[s] + 1]; k++)
            if (l->count[v->worker[k]]++ == 0)
                l->met[met++] = v->worker[k];
    if (met)
        qsort(l->met, met, sizeof *l->met, by_id);
    for (uint32_t m = 0; m < met; m++) {
        if (q->n == l->room && grow(q, l, p))
            return AS_ENOMEM;
        size_t rows = l->count[l->met[m]];
        q->a[q->n] = me;
        q->b[q->n] = l->met[m];
        q->start[q->n] = l->count[l->met[m]] = l->rows;
        q->start[++q->n] = l->rows += rows;
    }
    for (size_t s = l->o.start[me]; s < l->o.start[me + 1]; s++)
        for (size_t k = later(v, l->o.task[s], me); k < v->start[l->o.task[s] + 1]; k++)
            q->row[l->count[v->worker[k]]++] =
                (struct both){ l->o.task[s], l->o.label[s], v->label[k] };
    for (uint32_t m = 0; m < met; m++)
        l->count[l->met[m]] = 0;
    return AS_OK;
}

static int lay_out(const struct as_votes *v, struct as_pool *p, struct pairs *q)
{
    struct layout l = { .count = as_take(p, v->workers, sizeof *l.count),
                        .met = as_take(p, v->workers, sizeof *l.met) };
    double rows = 0;

    if (v->repeats)
        return AS_EUNFIT;
    for (uint32_t u = 0; u < v->tasks; u++) {
        double m = (double)(v->start[u + 1] - v->start[u]);
        rows += m * (m - 1) / 2;
    }
    if (rows > AS_PAIR_ROWS_MAX)
        return AS_ETOOBIG;
    if (!(rows > 0))
        return AS_EUNDEFINED;
    if (!l.count || !l.met || !(q->row = as_take(p, (size_t)rows, sizeof *q->row)))
        return AS_ENOMEM;
    int rc = as_by_worker_fill(v, p, &l.o);
    for (uint32_t j = 0; !rc && j < v->workers; j++)
        rc = lay_one(v, p, j, &l, q);
    return rc;
}

/* ------------------------------------------------------------------ one pair */

struct margin {                     /* in room: [classes] each */
    double *a, *b, *wa, *wb;
    double *used;                   /* classes that occur, as numbers */
    uint32_t n;
};

static struct margin margin_of(double *room, size_t classes)
{
    return (struct margin){ room, room + classes, room + 2 * classes, room + 3 * classes,
                            room + 4 * classes, 0 };
}

static void forget(struct margin *m)
{
    for (uint32_t s = 0; s < m->n; s++) {
        size_t k = (size_t)m->used[s];
        m->a[k] = m->b[k] = m->wa[k] = m->wb[k] = m->used[s] = 0;
    }
    m->n = 0;
}

static double weight(const struct agree *a, size_t k, size_t l)
{
    return a->w ? a->w[k * a->v->classes + l] : k == l ? 1 : 0;
}

struct two { double n, pa, pe, max; };

static struct two look(const struct agree *a, const struct both *row, size_t n,
                       const uint32_t *times, int pooled, struct margin *m)
{
    struct two t = { 0 };

    for (size_t s = 0; s < n; s++) {
        double c = as_times(times, row[s].unit);
        if (!(c > 0))
            continue;
        for (int side = 0; side < 2; side++) {
            size_t k = side ? row[s].y : row[s].x;
            if (!(m->a[k] > 0) && !(m->b[k] > 0))
                m->used[m->n++] = (double)k;
            (side ? m->b : m->a)[k] += c;
        }
        t.n += c;
        t.pa += c * weight(a, row[s].x, row[s].y);
    }
    if (!(t.n > 0))
        return t;
    t.pa /= t.n;
    for (uint32_t s = 0; s < m->n; s++) {
        size_t k = (size_t)m->used[s];
        m->a[k] /= t.n;
        m->b[k] /= t.n;
        t.max += fmin(m->a[k], m->b[k]);
        if (pooled)
            m->a[k] = m->b[k] = (m->a[k] + m->b[k]) / 2;
    }
    for (uint32_t s = 0; s < m->n; s++) {
        size_t k = (size_t)m->used[s];
        m->wa[k] = a->w ? 0 : m->a[k];
        m->wb[k] = a->w ? 0 : m->b[k];
        for (uint32_t r = 0; a->w && r < m->n; r++) {
            size_t l = (size_t)m->used[r];
            m->wa[k] += weight(a, k, l) * m->a[l];
            m->wb[k] += weight(a, k, l) * m->b[l];
        }
    }
    for (uint32_t s = 0; s < m->n; s++)
        t.pe += m->a[(size_t)m->used[s]] * m->wb[(size_t)m->used[s]];
    return t;
}

enum kind { PERCENT, COHEN, SCOTT };

/* Influence of each unit on this pair, times 1/share; returns the sum of squares. */
static double push(const struct agree *a, const struct both *row, const struct two *t, double value,
                   const struct margin *m, enum kind kind, double share, double *influence)
{
    double square = 0;

    for (size_t s = 0; s < (size_t)t->n; s++) {
        double dpe = kind != PERCENT ? m->wb[row[s].x] + m->wa[row[s].y] - 2 * t->pe : 0;
        double own = (weight(a, row[s].x, row[s].y) - t->pa - (1 - value) * dpe) / (1 - t->pe)
                     / t->n;
        square += own * own;
        if (influence)
            influence[row[s].unit] += share * own;
    }
    return square;
}

static void tell(const struct agree *a, struct as_agree_pair *to, const struct two *t, double value,
                 double square, enum kind kind)
{
    to->units = (uint64_t)t->n;
    to->value = value;
    to->observed = t->pa;
    to->expected = t->pe;
    to->max = kind == COHEN && !a->w ? (t->max - t->pe) / (1 - t->pe) : 1;
    to->se = t->n > 1 ? sqrt(square * t->n / (t->n - 1)) : 0;
    as_agree_t_interval(value, to->se, to->units, a->o->level, &to->lo, &to->hi);
}

/* One pair; AS_EUNDEFINED when it has no figure. */
static int pair_eval(const struct agree *a, const struct both *row, size_t n, const uint32_t *times,
                     enum kind kind, struct margin *m, struct agree_at *at,
                     struct as_agree_pair *to)
{
    struct two t = look(a, row, n, times, kind == SCOTT, m);
    int rc = AS_EUNDEFINED;

    if (kind == PERCENT)
        t.pe = 0;
    if (t.n > 0 && 1 - t.pe > 1e-12) {
        at->value = (t.pa - t.pe) / (1 - t.pe);
        at->observed = t.pa;
        at->expected = t.pe;
        if (to)
            tell(a, to, &t, at->value, push(a, row, &t, at->value, m, kind, 0, NULL), kind);
        rc = AS_OK;
    } else if (to) {
        to->units = (uint64_t)t.n;
        to->observed = t.pa;
        to->expected = t.pe;
        to->undefined = 1;
        to->lo = -1;
        to->hi = to->max = 1;
    }
    if (rc || !at->influence)
        forget(m);
    return rc;
}

/* ------------------------------------------------------------------ all pairs */

static int table(struct agree *a, struct pairs *q, enum kind kind)
{
    struct as_agreement *out = a->out;
    double *room = as_take(a->pool, 5 * (size_t)a->v->classes, sizeof *room), max = 0;

    out->pairs = q->n <= AS_PAIR_TABLE_MAX ? q->n : 0;
    out->pair = as_take(a->kept, out->pairs, sizeof *out->pair);
    if (!out->pair || !room)
        return AS_ENOMEM;
    struct margin m = margin_of(room, a->v->classes);
    for (size_t k = 0; k < q->n; k++) {
        struct as_agree_pair pair = { .a = q->a[k], .b = q->b[k] };
        struct agree_at one = { 0 };
        if (pair_eval(a, q->row + q->start[k], q->start[k + 1] - q->start[k], NULL, kind, &m, &one,
                      &pair) == AS_OK) {
            max += pair.max;
            q->defined++;
        }
        if (out->pairs)
            out->pair[k] = pair;
    }
    out->max = q->defined ? max / (double)q->defined : 1;
    return AS_OK;
}

int as_agree_pairs_fill(struct agree *a)
{
    struct pairs q = { 0 };
    int rc = lay_out(a->v, a->pool, &q);

    if (rc == AS_EUNFIT || rc == AS_ETOOBIG)
        return AS_OK;                   /* the figure does not need the table */
    return rc ? rc : table(a, &q, PERCENT);
}

static int begin(struct agree *a, enum kind kind)
{
    struct pairs *q = a->state = as_take(a->pool, 1, sizeof *q);
    uint8_t *seen = as_take(a->pool, a->v->tasks, 1);
    int rc = q && seen ? lay_out(a->v, a->pool, q) : AS_ENOMEM;

    if (rc || (rc = table(a, q, kind)))
        return rc;
    if ((double)q->start[q->n] * a->o->rounds > 2e10)
        return AS_ETOOBIG;
    for (size_t s = 0; s < q->start[q->n]; s++) {
        a->units += !seen[q->row[s].unit];
        seen[q->row[s].unit] = 1;
    }
    a->room = 5 * (size_t)a->v->classes;
    return AS_OK;
}

static int eval(const struct agree *a, const uint32_t *times, double *room, struct agree_at *at,
                enum kind kind)
{
    const struct pairs *q = a->state;
    struct margin m = margin_of(room, a->v->classes);
    double had = 0, value = 0, observed = 0, expected = 0;

    for (size_t k = 0; k < q->n; k++) {
        const struct both *row = q->row + q->start[k];
        struct agree_at one = { .influence = at->influence };
        if (pair_eval(a, row, q->start[k + 1] - q->start[k], times, kind, &m, &one, NULL))
            continue;
        had++;
        value += one.value;
        observed += one.observed;
        expected += one.expected;
        if (at->influence) {
            struct two t = { .n = (double)(q->start[k + 1] - q->start[k]), .pa = one.observed,
                             .pe = one.expected };
            push(a, row, &t, one.value, &m, kind, 1 / (double)q->defined, at->influence);
            forget(&m);
        }
    }
    if (!(had > 0))
        return AS_EUNDEFINED;
    at->value = value / had;
    at->observed = observed / had;
    at->expected = expected / had;
    return AS_OK;
}

static int cohen_begin(struct agree *a) { return begin(a, COHEN); }
static int scott_begin(struct agree *a) { return begin(a, SCOTT); }

static int cohen(const struct agree *a, const uint32_t *times, double *room, struct agree_at *at)
{
    return eval(a, times, room, at, COHEN);
}

static int scott(const struct agree *a, const uint32_t *times, double *room, struct agree_at *at)
{
    return eval(a, times, room, at, SCOTT);
}

const struct as_agree_method as_agree_cohen = {
    .info = { .id = "cohen", .title = "Cohen's kappa",
              .paper = "Cohen, Educ. and Psych. Measurement 20(1), 1960; Light, Psychological "
                       "Bulletin 76(5), 1971",
              .about = "Agreement of two people beyond what their own habits bring by chance; with "
                       "more people every pair and the mean. Linear in the pairs of answers. "
                       "The best known figure; beside it stands the most these habits allow." },
    .begin = cohen_begin, .eval = cohen };

const struct as_agree_method as_agree_scott = {
    .info = { .id = "scott", .title = "Scott's pi",
              .paper = "Scott, Public Opinion Quarterly 19(3), 1955",
              .about = "Like Cohen's kappa, but chance comes from the common distribution of the "
                       "two, so a difference of habits counts as disagreement. Linear in the pairs "
                       "of answers. Use it where people ought to be exchangeable." },
    .begin = scott_begin, .eval = scott };
