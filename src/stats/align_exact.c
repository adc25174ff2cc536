/*
 * align_exact.c -- the best grouping, proven.
 *
 *   1. Candidates: every set of two or more units, one an annotator, from which no unit can be
 *      taken without loss; only such sets can be in the best grouping.  On a line they are
 *      neighbours.
 *   2. Prices: y_u >= 0 with sum over a candidate's units of y >= its gain bound what any grouping
 *      can gain by the sum of y (linear programming duality); they are lowered unit by unit.
 *      A candidate whose price exceeds its gain by more than the gap to the best known is dropped.
 *   3. Sweep: from left to right, the first open unit stays alone or takes a candidate that begins
 *      with it.  A state is the set of later units already taken (a 64 bit window); of equal states
 *      the better stays, and states that the prices show to fall short are dropped.
 *
 * Where states grow too many the sweep goes on as a beam of the most promising; where candidates
 * do, or one spans more than the window, there is no sweep.  The best that was found is kept and
 * not called exact.  Whenever one state is left, what led to it is settled, so memory follows the
 * densest place and not the length of the line.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/align.h"

#define CANDIDATES_MAX 200000u      /* and CANDIDATES_EACH more a unit */
#define CANDIDATES_EACH 20u
#define STATES_MAX     8192u        /* at one place; with more it becomes a beam search */
#define BEAM_LEAST     32u
#define BEAM_MOST      256u
#define BEAM_WORK      10000000u    /* states kept times candidates */
#define NODES_MAX      1000000u     /* not settled yet */
#define SWEEPS         20
#define EPS            1e-9
#define NONE           UINT32_MAX

struct candidate {
    uint32_t first, last;           /* places on the line */
    uint32_t from, n;               /* its units: member[from] … */
    uint64_t mask;                  /* their places, less first */
    double gain;
};

struct node {                       /* a state at one place and how it was reached */
    uint64_t taken;                 /* bit b: the unit b places further is taken */
    double gain;
    uint32_t before, by;            /* node and candidate; NONE: a unit alone */
};

struct search {
    const struct field *f;
    struct as_pool *p;
    uint32_t *order, *place;        /* [n] unit at a place; place of a unit */
    double *longest, times, limit;
    struct candidate *c;
    uint32_t n, room;
    uint32_t *member, members, member_room;
    int whole;                      /* nothing was left out */
    double *y;                      /* [n] price of the unit at a place */
    double *rest;                   /* [n + 1] sum of y from here on */
};

struct keyed { double start, end; uint32_t unit; };

static int by_place(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;

    if (x->start < y->start || x->start > y->start)
        return x->start < y->start ? -1 : 1;
    if (x->end < y->end || x->end > y->end)
        return x->end < y->end ? -1 : 1;
    return (x->unit > y->unit) - (x->unit < y->unit);
}

static int line_up(struct search *s)
{
    const struct field *f = s->f;
    struct keyed *k = as_take(s->p, f->n, sizeof *k);

    s->order = as_take(s->p, f->n, sizeof *s->order);
    s->place = as_take(s->p, f->n, sizeof *s->place);
    s->longest = as_take(s->p, f->annotators, sizeof *s->longest);
    if (!k || !s->order || !s->place || !s->longest)
        return AS_ENOMEM;
    for (uint32_t u = 0; u < f->n; u++) {
        uint32_t a = f->unit[u].annotator;
        k[u] = (struct keyed){ f->unit[u].start, f->unit[u].end, u };
        s->longest[a] = fmax(s->longest[a], f->unit[u].end - f->unit[u].start);
    }
    qsort(k, f->n, sizeof *k, by_place);
    for (uint32_t at = 0; at < f->n; at++) {
        s->order[at] = k[at].unit;
        s->place[k[at].unit] = at;
    }
    return AS_OK;
}

/* ------------------------------------------------------------------ candidates */

static int grow(struct search *s, uint32_t n)
{
    if (s->n == s->room) {
        uint32_t room = s->room * 2 + 256;
        struct candidate *c = as_take(s->p, room, sizeof *c);
        if (!c)
            return AS_ENOMEM;
        if (s->n)
            memcpy(c, s->c, s->n * sizeof *c);
        s->c = c;
        s->room = room;
    }
    if (s->members + n > s->member_room) {
        uint32_t room = s->member_room * 2 + n + 1024;
        uint32_t *m = as_take(s->p, room, sizeof *m);
        if (!m)
            return AS_ENOMEM;
        if (s->members)
            memcpy(m, s->member, s->members * sizeof *m);
        s->member = m;
        s->member_room = room;
    }
    return AS_OK;
}

static int keep(struct search *s, const uint32_t *unit, uint32_t n, double gain)
{
    struct candidate c = { .first = NONE, .n = n, .gain = gain };

    if (s->n >= CANDIDATES_MAX + CANDIDATES_EACH * s->f->n) {
        s->whole = 0;
        return AS_OK;
    }
    if (grow(s, n))
        return AS_ENOMEM;
    c.from = s->members;
    for (uint32_t k = 0; k < n; k++) {
        uint32_t at = s->place[unit[k]];
        s->member[s->members++] = at;
        c.first = at < c.first ? at : c.first;
        c.last = at > c.last ? at : c.last;
    }
    if (c.last - c.first > 63) {
        s->whole = 0;
        s->members = c.from;
        return AS_OK;
    }
    for (uint32_t k = 0; k < n; k++)
        c.mask |= 1ull << (s->member[c.from + k] - c.first);
    s->c[s->n++] = c;
    return AS_OK;
}

struct chosen {                     /* a set under construction */
    uint32_t unit[64], n;
    double sum[64], all;            /* dissimilarity of a unit to the others, and of all pairs */
};

/* Does each unit bring more than it would alone? */
static int needed(const struct search *s, const struct chosen *c)
{
    double least = s->f->line->o->empty * (s->limit * (1 + AS_JOIN) + c->n - 1);

    for (uint32_t k = 0; k < c->n; k++)
        if (!(c->sum[k] < least))
            return 0;
    return 1;
}

static int extend(struct search *s, uint32_t annotator, struct chosen *c)
{
    const struct field *f = s->f;
    double empty = f->line->o->empty, most = empty * (s->limit * (1 + AS_JOIN) + f->annotators - 1);
    int rc = AS_OK;

    if (c->n > 1 && needed(s, c)) {
        double n = c->n, gain = (n - 1) * empty * (1 + AS_JOIN)
                                   + (n * (n - 1) / 2 * empty - c->all) / s->limit;
        if (gain > 0)
            rc = keep(s, c->unit, c->n, gain);
    }
    for (uint32_t a = annotator; !rc && s->whole && a < f->annotators; a++) {
        uint32_t from, to;
        as_reach(f, s->longest, c->unit[0], a, s->times, &from, &to);
        for (uint32_t v = from; !rc && s->whole && v < to; v++) {
            struct chosen more = *c;
            int fits = 1;
            more.sum[c->n] = 0;
            for (uint32_t k = 0; k < c->n && fits; k++) {
                double d = as_apart(f, c->unit[k], v);
                more.sum[k] += d;
                more.sum[c->n] += d;
                fits = more.sum[k] < most && more.sum[c->n] < most;
            }
            if (!fits)
                continue;
            more.all += more.sum[c->n];
            more.unit[more.n++] = v;
            rc = extend(s, a + 1, &more);
        }
    }
    return rc;
}

static int candidates(struct search *s)
{
    const struct field *f = s->f;
    int rc = AS_OK;

    for (uint32_t u = 0; !rc && s->whole && u < f->n; u++) {
        struct chosen c = { .unit = { u }, .n = 1 };
        rc = extend(s, f->unit[u].annotator + 1, &c);
    }
    return rc;
}

/* ------------------------------------------------------------------ prices */

static int by_first(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return (x->from > y->from) - (x->from < y->from);
}

static double price(const struct search *s, const struct candidate *c)
{
    double sum = 0;

    for (uint32_t k = 0; k < c->n; k++)
        sum += s->y[s->member[c->from + k]];
    return sum;
}

/* The candidates of the unit at place u are of[start[u]] … */
struct incidence { uint32_t *start, *of; };

static int incidence(struct search *s, struct incidence *i)
{
    uint32_t n = s->f->n;

    i->start = as_take(s->p, (size_t)n + 2, sizeof *i->start);
    i->of = as_take(s->p, s->members, sizeof *i->of);
    if (!i->start || !i->of)
        return AS_ENOMEM;
    for (uint32_t k = 0; k < s->members; k++)
        i->start[s->member[k] + 2]++;
    for (uint32_t u = 0; u < n; u++)
        i->start[u + 2] += i->start[u + 1];
    for (uint32_t c = 0; c < s->n; c++)
        for (uint32_t k = 0; k < s->c[c].n; k++)
            i->of[i->start[s->member[s->c[c].from + k] + 1]++] = c;
    return AS_OK;
}

static int prices(struct search *s, double best)
{
    uint32_t n = s->f->n, kept = 0;
    struct incidence i = { 0 };
    double bound = 0;
    int rc = incidence(s, &i);

    if (rc || !(s->y = as_take(s->p, n, sizeof *s->y))
        || !(s->rest = as_take(s->p, (size_t)n + 1, sizeof *s->rest)))
        return AS_ENOMEM;
    for (uint32_t c = 0; c < s->n; c++)
        for (uint32_t k = 0; k < s->c[c].n; k++) {
            double *y = &s->y[s->member[s->c[c].from + k]];
            *y = fmax(*y, s->c[c].gain / s->c[c].n);
        }
    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (uint32_t at = 0; at < n; at++) {
            uint32_t u = sweep % 2 ? n - 1 - at : at;
            double least = 0;
            for (uint32_t k = i.start[u]; k < i.start[u + 1]; k++) {
                const struct candidate *c = &s->c[i.of[k]];
                least = fmax(least, c->gain - (price(s, c) - s->y[u]));
            }
            s->y[u] = fmin(s->y[u], least);
        }
    for (uint32_t u = n; u-- > 0; )
        bound = s->rest[u] = s->rest[u + 1] + s->y[u];
    for (uint32_t c = 0; c < s->n; c++)
        if (price(s, &s->c[c]) - s->c[c].gain <= bound - best + EPS)
            s->c[kept++] = s->c[c];
    s->n = kept;
    if (kept)
        qsort(s->c, kept, sizeof *s->c, by_first);
    return AS_OK;
}

/* ------------------------------------------------------------------ the sweep */

struct sweep {
    struct node *node;              /* [room] since the last settled place */
    uint32_t n, from, room;         /* nodes; the first of the current place */
    int full;                       /* more than NODES_MAX, or no memory for them */
    uint32_t *group;                /* [n units] as settled, by place */
    double best;                    /* gain of the grouping known so far */
    uint32_t beam;                  /* states kept once there are too many */
};

/* What the units from `at` on can still gain. */
static double hope(const struct search *s, uint32_t at, uint64_t taken)
{
    double sum = s->rest[at];

    for (; taken; taken &= taken - 1)
        sum -= s->y[at + (uint32_t)__builtin_ctzll(taken)];
    return sum;
}

static void step(const struct search *s, struct sweep *w, uint32_t at, uint64_t taken, double gain,
                 uint32_t before, uint32_t by)
{
    if (w->full || gain + hope(s, at, taken) < w->best - EPS)
        return;
    if (w->n == w->room) {
        struct node *more = w->n < NODES_MAX ? as_take(s->p, 2 * w->n, sizeof *more) : NULL;
        if (!more) {
            w->full = 1;
            return;
        }
        memcpy(more, w->node, w->n * sizeof *more);
        w->node = more;
        w->room *= 2;
    }
    w->node[w->n++] = (struct node){ taken, gain, before, by };
}

static int by_state(const void *a, const void *b)
{
    const struct node *x = a, *y = b;

    if (x->taken != y->taken)
        return x->taken < y->taken ? -1 : 1;
    if (x->gain < y->gain || x->gain > y->gain)
        return x->gain > y->gain ? -1 : 1;
    if (x->before != y->before)
        return x->before < y->before ? -1 : 1;
    return (x->by > y->by) - (x->by < y->by);
}

/* Of equal states the best one. */
static void merge(struct sweep *w)
{
    uint32_t kept = w->from;

    if (w->n > w->from)
        qsort(w->node + w->from, w->n - w->from, sizeof *w->node, by_state);
    for (uint32_t k = w->from; k < w->n; k++)
        if (k == w->from || w->node[k].taken != w->node[kept - 1].taken)
            w->node[kept++] = w->node[k];
    w->n = kept;
}

static int by_hope(const void *a, const void *b)
{
    const struct node *x = a, *y = b;

    if (x->gain < y->gain || x->gain > y->gain)
        return x->gain > y->gain ? -1 : 1;
    return (x->taken > y->taken) - (x->taken < y->taken);
}

/* Too many states: those that promise most stay, by what they have and may still gain. */
static void thin(const struct search *s, struct sweep *w, uint32_t at)
{
    struct node *now = w->node + w->from;
    uint32_t n = w->n - w->from;

    for (uint32_t k = 0; k < n; k++)
        now[k].gain += hope(s, at, now[k].taken);
    qsort(now, n, sizeof *now, by_hope);
    for (uint32_t k = 0; k < w->beam; k++)
        now[k].gain -= hope(s, at, now[k].taken);
    w->n = w->from + w->beam;
}

/* Writes down what led to the one node that is left, and begins anew with it. */
static void settle(const struct search *s, struct sweep *w)
{
    struct node last = w->node[w->from];

    for (uint32_t k = w->from; w->node[k].before != NONE; k = w->node[k].before)
        if (w->node[k].by != NONE) {
            const struct candidate *c = &s->c[w->node[k].by];
            for (uint32_t m = 0; m < c->n; m++)
                w->group[s->member[c->from + m]] = c->first;
        }
    w->node[0] = (struct node){ last.taken, last.gain, NONE, NONE };
    w->from = 0;
    w->n = 1;
}

/* From the states at one place to those at the next. */
static void advance(const struct search *s, struct sweep *w, uint32_t at, uint32_t first,
                    uint32_t end)
{
    uint32_t old = w->from, until = w->n;

    w->from = w->n;
    for (uint32_t k = old; k < until; k++) {
        struct node o = w->node[k];
        step(s, w, at + 1, o.taken >> 1, o.gain, k, NONE);
        for (uint32_t c = first; !(o.taken & 1) && c < end; c++)
            if (!(s->c[c].mask & o.taken))
                step(s, w, at + 1, (o.taken | s->c[c].mask) >> 1, o.gain + s->c[c].gain, k, c);
    }
    merge(w);
}

/* 1: w->group holds the best grouping, of gain w->best; 0: none better than known was found. */
static int sweep(struct search *s, struct sweep *w)
{
    uint32_t c = 0;

    w->node[0] = (struct node){ 0, 0, NONE, NONE };
    w->n = 1;
    w->beam = s->n ? BEAM_WORK / s->n : BEAM_MOST;
    w->beam = w->beam < BEAM_LEAST ? BEAM_LEAST : w->beam > BEAM_MOST ? BEAM_MOST : w->beam;
    for (uint32_t at = 0; at < s->f->n; at++) {
        uint32_t first = c;
        while (c < s->n && s->c[c].first == at)
            c++;
        advance(s, w, at, first, c);
        if (w->full)
            return s->whole = 0;
        if (w->n - w->from > (s->whole ? STATES_MAX : w->beam)) {
            thin(s, w, at + 1);
            s->whole = 0;               /* from here on a beam */
        }
        if (w->n == w->from)
            return 0;                   /* nothing can do better than what is known */
        if (w->n - w->from == 1)
            settle(s, w);
    }
    if (!(w->node[w->from].gain > w->best + EPS))
        return 0;
    w->best = w->node[w->from].gain;
    return 1;
}

int as_align_exact(const struct field *f, struct as_pool *p, uint32_t *group, double known,
                   int *exact)
{
    struct search s = { .f = f, .p = p, .whole = 1,
                        .limit = f->annotators * (f->annotators - 1.) / 2 };
    struct sweep w = { .room = 4096 };

    *exact = 0;
    if (f->annotators > 64)
        return AS_OK;
    s.times = as_reach_of(f->line, s.limit + f->annotators - 1);
    int rc = line_up(&s);
    if (!rc)
        rc = candidates(&s);
    if (rc || !s.whole)
        return rc;
    w.node = as_take(p, w.room, sizeof *w.node);
    w.group = as_take(p, f->n, sizeof *w.group);
    if (!w.node || !w.group)
        return AS_ENOMEM;
    w.best = known;
    if ((rc = prices(&s, w.best)))
        return rc;
    for (uint32_t at = 0; at < f->n; at++)
        w.group[at] = at;
    if (sweep(&s, &w))
        for (uint32_t at = 0; at < f->n; at++)
            group[s.order[at]] = w.group[at];
    *exact = s.whole;
    return AS_OK;
}
