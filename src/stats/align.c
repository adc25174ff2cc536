/*
 * align.c -- the best alignment of units on a line; the model stands in align.h.
 *
 * Two annotators: a matching, exact.  More: every annotator in turn is taken out and matched anew
 * against the groups of all others, until nothing is gained any more -- each step is exact, so the
 * gain only grows -- and then align_exact.c looks for something better or proves there is none.
 */
#include <math.h>
#include <string.h>

#include "stats/align.h"

#define NONE      UINT32_MAX
#define TURNS_MAX 50
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

/* ------------------------------------------------------------------ one annotator anew */

struct turns {
    const struct field *f;
    double *longest;                /* [annotators] unit */
    double times;
    uint32_t *group;                /* [n] of a unit */
    uint32_t *head, *next;          /* [n] units of a group, a list; NONE ends it */
    uint32_t *met, *row;            /* [n] the last unit that looked at a group; a group's column */
};

/* What joining unit u to group g adds. */
static double joined(const struct turns *t, uint32_t g, uint32_t u)
{
    double empty = t->f->line->o->empty, sum = 0;

    for (uint32_t v = t->head[g]; v != NONE; v = t->next[v])
        sum += empty - as_apart(t->f, u, v);
    return empty * (1 + AS_JOIN) + sum / pairs_of(t->f);
}

static void regroup(struct turns *t, uint32_t without)
{
    const struct field *f = t->f;

    for (uint32_t g = 0; g < f->n; g++)
        t->head[g] = NONE;
    for (uint32_t u = f->n; u-- > 0; )
        if (f->unit[u].annotator != without) {
            t->next[u] = t->head[t->group[u]];
            t->head[t->group[u]] = u;
        }
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

/* Edges from the units of annotator a to the groups of the others within reach. */
static int edges_of(struct turns *t, uint32_t a, struct as_pool *p, struct edges *e)
{
    const struct field *f = t->f;

    for (uint32_t u = f->start[a]; u < f->start[a + 1]; u++) {
        e->start[u - f->start[a]] = e->n;
        for (uint32_t b = 0; b < f->annotators; b++) {
            uint32_t from, to;
            if (b == a)
                continue;
            as_reach(f, t->longest, u, b, t->times, &from, &to);
            for (uint32_t v = from; v < to; v++) {
                uint32_t g = t->group[v];
                double w = t->met[g] == u ? 0 : joined(t, g, u);
                t->met[g] = u;
                if (w > GAIN_EPS && edge(e, p, g, w))
                    return AS_ENOMEM;
            }
        }
    }
    e->start[f->start[a + 1] - f->start[a]] = e->n;
    return AS_OK;
}

/* Takes annotator a out and puts it back as well as can be; *gained is what its units add. */
static int again(struct turns *t, uint32_t a, double *gained)
{
    const struct field *f = t->f;
    struct as_pool p = { 0 };
    uint32_t rows = f->start[a + 1] - f->start[a];
    struct edges e = { .start = as_take(&p, (size_t)rows + 1, sizeof *e.start) };
    int32_t *to = as_take(&p, rows, sizeof *to);
    int rc = e.start && to ? AS_OK : AS_ENOMEM;

    regroup(t, a);
    for (uint32_t g = 0; g < f->n; g++)
        t->met[g] = NONE;
    *gained = 0;
    if (!rc)
        rc = edges_of(t, a, &p, &e);
    if (!rc)
        rc = as_match_sparse(rows, f->n, e.start, e.col, e.weight, &p, to);
    for (uint32_t g = 0, r = 0; !rc && r < rows; r++) {
        if (to[r] >= 0) {
            t->group[f->start[a] + r] = (uint32_t)to[r];
            *gained += joined(t, (uint32_t)to[r], f->start[a] + r);
            continue;
        }
        while (t->head[g] != NONE || t->met[g] == NONE - 1)
            g++;                        /* an empty group for a unit alone */
        t->met[g] = NONE - 1;
        t->group[f->start[a] + r] = g;
    }
    as_pool_end(&p);
    return rc;
}

static double whole_gain(struct turns *t)
{
    const struct field *f = t->f;
    double sum = 0;
    uint32_t *unit = t->row;

    regroup(t, NONE);
    for (uint32_t g = 0; g < f->n; g++) {
        uint32_t n = 0;
        for (uint32_t u = t->head[g]; u != NONE; u = t->next[u])
            unit[n++] = u;
        sum += as_join_gain(f, unit, n);
    }
    return sum;
}

static int take_turns(struct turns *t)
{
    const struct field *f = t->f;
    double last = 0, own;
    int rc = AS_OK;

    for (uint32_t u = 0; u < f->n; u++)
        t->group[u] = u;
    if (f->annotators == 2)
        return again(t, 0, &own);
    for (int turn = 0; !rc && turn < TURNS_MAX; turn++) {
        for (uint32_t a = 0; !rc && a < f->annotators; a++)
            rc = again(t, a, &own);
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

    regroup(t, NONE);
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
                       .head = as_take(p, f->n, sizeof *t.head),
                       .next = as_take(p, f->n, sizeof *t.next),
                       .met = as_take(p, f->n, sizeof *t.met),
                       .row = as_take(p, f->n, sizeof *t.row) };

    *out = (struct alignment){ .exact = f->annotators == 2 };
    if (!t.longest || !t.group || !t.head || !t.next || !t.met || !t.row)
        return AS_ENOMEM;
    for (uint32_t u = 0; u < f->n; u++)
        t.longest[f->unit[u].annotator] = fmax(t.longest[f->unit[u].annotator],
                                               f->unit[u].end - f->unit[u].start);
    int rc = take_turns(&t);
    if (!rc && f->annotators > 2)
        rc = as_align_exact(f, p, t.group, whole_gain(&t), &out->exact);
    return rc ? rc : write_down(&t, p, out);
}
