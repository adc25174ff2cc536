/*
 * align.c -- the best alignment of units on a line; the model stands in align.h.
 *
 * Two annotators: a matching, exact.  More: annotators join one by one; then each in turn, and each
 * two together, are taken out of their groups and matched anew against what stays, until nothing is
 * gained any more -- each step is an exact matching, so the gain only grows -- and then
 * align_exact.c looks for something better or proves that there is none.
 */
#include <math.h>
#include <string.h>

#include "stats/align.h"

#define NONE      UINT32_MAX
#define TURNS_MAX 50
#define PAIRS_MAX 16            /* annotators, up to which also two of them move together */
#define GAIN_EPS  1e-12

double as_apart_place(const struct line *l, const struct as_stretch *a, const struct as_stretch *b)
{
    double ends = fabs(a->start - b->start) + fabs(a->end - b->end);
    double both = a->end - a->start + b->end - b->start;

    if (!(ends > 0))
        return 0;
    if (!(ends < 1e6 * both))
        return 1e12 * l->o->empty;      /* far apart, or two points at different places */
    return ends / both * (ends / both) * l->o->empty;
}

double as_apart_category(const struct line *l, uint32_t a, uint32_t b)
{
    return (l->apart ? l->apart[(size_t)a * l->categories + b] : a != b) * l->o->empty;
}

double as_apart(const struct field *f, uint32_t a, uint32_t b)
{
    const struct line *l = f->line;
    const struct as_stretch *x = &f->unit[a], *y = &f->unit[b];

    return l->o->alpha * as_apart_place(l, x, y)
           + l->o->beta * as_apart_category(l, x->category, y->category);
}

static double pairs_of(const struct field *f)
{
    return f->annotators * (f->annotators - 1.) / 2;
}

double as_join_gain(const struct field *f, const uint32_t *unit, uint32_t n)
{
    double empty = f->line->o->empty, sum = 0;

    for (uint32_t a = 0; a < n; a++)
        for (uint32_t b = a + 1; b < n; b++)
            sum += empty - as_apart(f, unit[a], unit[b]);
    return n ? (n - 1) * empty * (1 + AS_JOIN) + sum / pairs_of(f) : 0;
}

double as_reach_of(const struct line *l, double limit)
{
    return l->o->alpha > 0 ? sqrt(limit / l->o->alpha) * (1 + 1e-9) : 1e6;
}

void as_reach(const struct field *f, const double *longest, uint32_t u, uint32_t a, double times,
              uint32_t *from, uint32_t *to)
{
    const struct as_stretch *s = &f->unit[u];
    double far = times * (s->end - s->start + longest[a]);
    uint32_t lo = f->start[a], hi = f->start[a + 1];

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (f->unit[mid].start < s->start - far)
            lo = mid + 1;
        else
            hi = mid;
    }
    *from = lo;
    while (lo < f->start[a + 1] && f->unit[lo].start <= s->start + far)
        lo++;
    *to = lo;
}

/* ------------------------------------------------------------------ some annotators anew */

enum side { STAYS, MOVES, ABSENT };     /* of an annotator, while the groups are matched anew */

struct turns {
    const struct field *f;
    double *longest;                /* [annotators] unit */
    double times;
    uint8_t *side;                  /* [annotators] */
    uint32_t *group;                /* [n] of a unit */
    uint32_t *head, *next;          /* [n] units of a group that stay, a list; NONE ends it */
    uint32_t *moving;               /* [n] … and its units that move */
    uint32_t *met;                  /* [n] the last part that looked at a group; then: taken */
    uint32_t *row;                  /* [n] groups with units that move */
    uint32_t rows;
};

/* What joining the moving part of group `row` to the staying part of group g adds. */
static double joined(const struct turns *t, uint32_t row, uint32_t g)
{
    double empty = t->f->line->o->empty, sum = 0;

    for (uint32_t u = t->moving[row]; u != NONE; u = t->next[u])
        for (uint32_t v = t->head[g]; v != NONE; v = t->next[v])
            sum += empty - as_apart(t->f, u, v);
    return empty * (1 + AS_JOIN) + sum / pairs_of(t->f);
}

static void regroup(struct turns *t)
{
    const struct field *f = t->f;

    t->rows = 0;
    for (uint32_t g = 0; g < f->n; g++)
        t->head[g] = t->moving[g] = t->met[g] = NONE;
    for (uint32_t u = f->n; u-- > 0; ) {
        enum side side = (enum side)t->side[f->unit[u].annotator];
        uint32_t *list = side == MOVES ? t->moving : t->head;
        if (side == ABSENT)
            continue;
        t->next[u] = list[t->group[u]];
        list[t->group[u]] = u;
    }
    for (uint32_t g = 0; g < f->n; g++)
        if (t->moving[g] != NONE)
            t->row[t->rows++] = g;
}

struct edges {
    size_t *start, n, room;
    uint32_t *col;
    double *weight;
};

static int edge(struct edges *e, struct as_pool *p, uint32_t col, double weight)
{
    if (e->n == e->room) {
        size_t room = e->room * 2 + 1024;
        uint32_t *c = as_take(p, room, sizeof *c);
        double *w = as_take(p, room, sizeof *w);
        if (!c || !w)
            return AS_ENOMEM;
        if (e->n) {
            memcpy(c, e->col, e->n * sizeof *c);
            memcpy(w, e->weight, e->n * sizeof *w);
        }
        e->col = c;
        e->weight = w;
        e->room = room;
    }
    e->col[e->n] = col;
    e->weight[e->n++] = weight;
    return AS_OK;
}

/* Edges from one moving part to the staying ones within reach of any of its units. */
static int edges_of(struct turns *t, uint32_t row, struct as_pool *p, struct edges *e)
{
    const struct field *f = t->f;

    for (uint32_t u = t->moving[row]; u != NONE; u = t->next[u])
        for (uint32_t b = 0; b < f->annotators; b++) {
            uint32_t from, to;
            if (t->side[b] != STAYS)
                continue;
            as_reach(f, t->longest, u, b, t->times, &from, &to);
            for (uint32_t v = from; v < to; v++) {
                uint32_t g = t->group[v];
                double w = t->met[g] == row ? 0 : joined(t, row, g);
                t->met[g] = row;
                if (w > GAIN_EPS && edge(e, p, g, w))
                    return AS_ENOMEM;
            }
        }
    return AS_OK;
}

/* A moving part takes the number of the group it joins, or of an empty one. */
static void settle(struct turns *t, const int32_t *to)
{
    uint32_t empty = 0;

    for (uint32_t g = 0; g < t->f->n; g++)
        t->met[g] = NONE;
    for (uint32_t r = 0; r < t->rows; r++) {
        uint32_t g = to[r] >= 0 ? (uint32_t)to[r] : 0;
        if (to[r] < 0) {
            while (t->head[empty] != NONE || t->met[empty] != NONE)
                empty++;
            t->met[g = empty] = r;
        }
        for (uint32_t u = t->moving[t->row[r]]; u != NONE; u = t->next[u])
            t->group[u] = g;
    }
}

/* Takes the moving part out of every group and puts the parts back as well as can be. */
static int again(struct turns *t)
{
    struct as_pool p = { 0 };
    struct edges e = { 0 };
    int rc;

    regroup(t);
    e.start = as_take(&p, (size_t)t->rows + 1, sizeof *e.start);
    int32_t *to = as_take(&p, t->rows, sizeof *to);
    rc = e.start && to ? AS_OK : AS_ENOMEM;
    for (uint32_t r = 0; !rc && r < t->rows; r++) {
        rc = edges_of(t, t->row[r], &p, &e);
        e.start[r + 1] = e.n;
    }
    if (!rc)
        rc = as_match_sparse(t->rows, t->f->n, e.start, e.col, e.weight, &p, to);
    if (!rc)
        settle(t, to);
    as_pool_end(&p);
    return rc;
}

static double whole_gain(struct turns *t)
{
    const struct field *f = t->f;
    uint32_t *unit = t->row;
    double sum = 0;

    memset(t->side, STAYS, f->annotators);
    regroup(t);
    for (uint32_t g = 0; g < f->n; g++) {
        uint32_t n = 0;
        for (uint32_t u = t->head[g]; u != NONE; u = t->next[u])
            unit[n++] = u;
        sum += as_join_gain(f, unit, n);
    }
    return sum;
}

/* Annotators one by one, each matched to the groups of those before. */
static int build_up(struct turns *t)
{
    const struct field *f = t->f;
    int rc = AS_OK;

    for (uint32_t u = 0; u < f->n; u++)
        t->group[u] = u;
    memset(t->side, ABSENT, f->annotators);
    t->side[0] = STAYS;
    for (uint32_t a = 1; !rc && a < f->annotators; a++) {
        t->side[a] = MOVES;
        rc = again(t);
        t->side[a] = STAYS;
    }
    return rc;
}

/* Then every annotator, and every two of them, anew against the rest, while it helps. */
static int take_turns(struct turns *t)
{
    uint32_t m = t->f->annotators;
    double last = 0;
    int rc = build_up(t);

    for (int turn = 0; !rc && m > 2 && turn < TURNS_MAX; turn++) {
        for (uint32_t a = 0; !rc && a < m; a++)
            for (uint32_t b = a; !rc && b < (m > 3 && m <= PAIRS_MAX ? m : a + 1); b++) {
                memset(t->side, STAYS, m);
                t->side[a] = t->side[b] = MOVES;
                rc = again(t);
            }
        double now = whole_gain(t);
        if (!(now > last + 1e-9))
            break;
        last = now;
    }
    return rc;
}

/* ------------------------------------------------------------------ groups become an alignment */

static int write_down(struct turns *t, struct as_pool *p, struct alignment *out)
{
    const struct field *f = t->f;
    double empty = f->line->o->empty;

    memset(t->side, STAYS, f->annotators);
    regroup(t);
    for (uint32_t g = 0; g < f->n; g++)
        out->n += t->head[g] != NONE;
    out->unit = as_take(p, (size_t)out->n * f->annotators, sizeof *out->unit);
    out->cost = as_take(p, out->n, sizeof *out->cost);
    if (!out->unit || !out->cost)
        return AS_ENOMEM;
    memset(out->unit, 0xff, (size_t)out->n * f->annotators * sizeof *out->unit);
    for (uint32_t u = 0, at = 0; u < f->n; u++) {
        uint32_t n = 0;
        if (t->head[t->group[u]] != u)
            continue;                   /* a group is written down by its first unit */
        for (uint32_t v = u; v != NONE; v = t->next[v]) {
            out->unit[(size_t)at * f->annotators + f->unit[v].annotator] = (int32_t)v;
            t->row[n++] = v;
        }
        out->cost[at] = fmax(0, n * empty + (n - 1) * empty * AS_JOIN - as_join_gain(f, t->row, n));
        out->total += out->cost[at++];
    }
    return AS_OK;
}

int as_align(const struct field *f, struct as_pool *p, struct alignment *out)
{
    double pairs = pairs_of(f);
    struct turns t = { .f = f, .longest = as_take(p, f->annotators, sizeof *t.longest),
                       .times = as_reach_of(f->line, 1 + pairs),
                       .group = as_take(p, f->n, sizeof *t.group),
                       .side = as_take(p, f->annotators, 1),
                       .head = as_take(p, f->n, sizeof *t.head),
                       .moving = as_take(p, f->n, sizeof *t.moving),
                       .next = as_take(p, f->n, sizeof *t.next),
                       .met = as_take(p, f->n, sizeof *t.met),
                       .row = as_take(p, f->n, sizeof *t.row) };

    *out = (struct alignment){ .exact = f->annotators == 2 };
    if (!t.longest || !t.group || !t.side || !t.head || !t.moving || !t.next || !t.met || !t.row)
        return AS_ENOMEM;
    for (uint32_t u = 0; u < f->n; u++)
        t.longest[f->unit[u].annotator] = fmax(t.longest[f->unit[u].annotator],
                                               f->unit[u].end - f->unit[u].start);
    int rc = take_turns(&t);
    if (!rc && f->annotators > 2)
        rc = as_align_exact(f, p, t.group, whole_gain(&t), &out->exact);
    return rc ? rc : write_down(&t, p, out);
}
