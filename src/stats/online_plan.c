/*
 * online_plan.c -- whom to ask what: the most expected gain per price, under caps.
 *
 *   value(task, person) = max over m of (gain(had + m) - gain(had)) / m / price
 *
 * with `had` answers of the task planned already and m at most those still wanted: where one answer
 * alone could not change the label, two might.  Greedy with a heap of tasks that is put right only
 * when its top is looked at (lazy, as values fall while caps fill up).  O(people) a look.
 */
#include <math.h>

#include "stats/as_online.h"
#include "stats/chance.h"
#include "stats/mem.h"

#define AHEAD 8                 /* answers looked ahead */
#define NONE  UINT32_MAX

struct plan {
    const struct as_plan_in *in;
    struct as_pool pool;
    uint32_t *open, *cap, *vendor_cap;      /* what is left */
    uint32_t *had;                          /* [tasks] planned */
    uint8_t *taken;                         /* [tasks * people] */
    uint32_t *heap, heap_n;                 /* tasks, best first */
    double *value;                          /* [tasks] as last looked at */
    uint32_t *best;                         /* [tasks] the person of it */
    struct as_plan_row *row;
    size_t n, most;
};

static int check(const struct as_plan_in *in)
{
    if (in->classes < 1 || in->classes > AS_ONLINE_CLASSES_MAX
        || !(in->audit >= 0 && in->audit <= 1))
        return AS_EINVAL;
    if ((double)in->tasks * in->people > (double)AS_PLAN_PAIRS_MAX)
        return AS_ETOOBIG;
    for (uint32_t j = 0; j < in->people; j++) {
        if (!(in->skill[j] >= 0 && in->skill[j] <= 1)
            || (in->price && !(in->price[j] > 0 && isfinite(in->price[j])))
            || (in->vendor && in->vendor[j] >= in->vendors))
            return AS_EINVAL;
    }
    if (in->vendor_cap && !in->vendors)
        return AS_EINVAL;
    return AS_OK;
}

static int lay_out(struct plan *p)
{
    const struct as_plan_in *in = p->in;
    size_t pairs = (size_t)in->tasks * in->people;

    p->open = as_take(&p->pool, in->tasks, sizeof *p->open);
    p->had = as_take(&p->pool, in->tasks, sizeof *p->had);
    p->heap = as_take(&p->pool, in->tasks, sizeof *p->heap);
    p->value = as_take(&p->pool, in->tasks, sizeof *p->value);
    p->best = as_take(&p->pool, in->tasks, sizeof *p->best);
    p->cap = as_take(&p->pool, in->people, sizeof *p->cap);
    p->vendor_cap = as_take(&p->pool, in->vendors, sizeof *p->vendor_cap);
    p->taken = as_take(&p->pool, pairs, 1);
    if (!p->open || !p->had || !p->heap || !p->value || !p->best || !p->cap || !p->vendor_cap
        || !p->taken)
        return AS_ENOMEM;
    for (uint32_t t = 0; t < in->tasks; t++)
        p->open[t] = in->open[t];
    for (uint32_t j = 0; j < in->people; j++)
        p->cap[j] = in->cap[j];
    for (uint32_t v = 0; v < in->vendors; v++)
        p->vendor_cap[v] = in->vendor_cap ? in->vendor_cap[v] : NONE;
    for (size_t k = 0; in->taken && k < pairs; k++)
        p->taken[k] = in->taken[k];
    return AS_OK;
}

static int may(const struct plan *p, uint32_t task, uint32_t person)
{
    const struct as_plan_in *in = p->in;

    return p->cap[person] && !p->taken[(size_t)task * in->people + person]
           && (!in->vendor || p->vendor_cap[in->vendor[person]]);
}

static void take(struct plan *p, uint32_t task, uint32_t person, int audit)
{
    const struct as_plan_in *in = p->in;
    const double *q = &in->p[(size_t)task * in->classes];
    double now, next;

    as_gain(q, in->classes, in->skill[person], p->had[task], &now);
    as_gain(q, in->classes, in->skill[person], p->had[task] + 1, &next);
    p->row[p->n++] = (struct as_plan_row){ .task = task, .person = person, .audit = audit,
                                           .gain = fmax(0, next - now) };
    p->open[task]--;
    p->had[task]++;
    p->cap[person]--;
    p->taken[(size_t)task * in->people + person] = 1;
    if (in->vendor && in->vendor_cap)
        p->vendor_cap[in->vendor[person]]--;
}

/* ------------------------------------------------------------------ by lot */

static uint32_t anybody(const struct plan *p, uint32_t task, struct as_rng *g)
{
    uint32_t n = 0, pick = NONE;

    for (uint32_t j = 0; j < p->in->people; j++)
        n += may(p, task, j) != 0;
    if (!n)
        return NONE;
    uint64_t want = as_draw_below(g, n);
    for (uint32_t j = 0; j < p->in->people && pick == NONE; j++)
        if (may(p, task, j) && want-- == 0)
            pick = j;
    return pick;
}

/* Open tasks in random order, one answer each, until the share is reached. */
static void audit(struct plan *p)
{
    const struct as_plan_in *in = p->in;
    struct as_rng g = { .seed = in->seed, .stream = 1 };
    double wanted = 0, hands = 0;
    uint32_t n = 0;

    for (uint32_t t = 0; t < in->tasks; t++) {
        wanted += in->open[t];
        if (in->open[t])
            p->heap[n++] = t;           /* the heap is not in use yet */
    }
    for (uint32_t j = 0; j < in->people; j++)
        hands += in->cap[j];
    double share = floor(in->audit * fmin(fmin(wanted, hands), (double)p->most) + .5);
    for (uint32_t left = n; left && (double)p->n < share; left--) {
        uint32_t at = (uint32_t)as_draw_below(&g, left), task = p->heap[at];
        p->heap[at] = p->heap[left - 1];
        uint32_t person = anybody(p, task, &g);
        if (person != NONE)
            take(p, task, person, 1);
    }
}

/* ------------------------------------------------------------------ by gain */

static int look(struct plan *p, uint32_t task)
{
    const struct as_plan_in *in = p->in;
    const double *q = &in->p[(size_t)task * in->classes];
    double seen_skill = -1, seen_value = 0;

    p->value[task] = 0;
    p->best[task] = NONE;
    for (uint32_t j = 0; p->open[task] && j < in->people; j++) {
        double skill = in->skill[j], before, after, value = 0;
        if (!may(p, task, j))
            continue;
        int same = seen_skill >= 0 && !(skill < seen_skill) && !(skill > seen_skill);
        int rc = same ? AS_OK : as_gain(q, in->classes, skill, p->had[task], &before);
        for (uint32_t m = 1; !same && !rc && m <= p->open[task] && m <= AHEAD; m++) {
            rc = as_gain(q, in->classes, skill, p->had[task] + m, &after);
            value = fmax(value, (after - before) / m);
        }
        if (rc)
            return rc;
        seen_value = same ? seen_value : value;
        seen_skill = skill;
        value = seen_value / (in->price ? in->price[j] : 1);
        if (value > p->value[task]) {
            p->value[task] = value;
            p->best[task] = j;
        }
    }
    return AS_OK;
}

static int before(const struct plan *p, uint32_t a, uint32_t b)
{
    return p->value[a] > p->value[b] || (!(p->value[a] < p->value[b]) && a < b);
}

static void sink(struct plan *p, uint32_t at)
{
    for (;;) {
        uint32_t top = at;
        for (uint32_t child = 2 * at + 1; child <= 2 * at + 2 && child < p->heap_n; child++)
            if (before(p, p->heap[child], p->heap[top]))
                top = child;
        if (top == at)
            return;
        uint32_t was = p->heap[at];
        p->heap[at] = p->heap[top];
        p->heap[top] = was;
        at = top;
    }
}

static int by_gain(struct plan *p)
{
    int rc = AS_OK;

    for (uint32_t t = 0; t < p->in->tasks; t++) {
        if ((rc = look(p, t)))
            return rc;
        if (p->best[t] != NONE)
            p->heap[p->heap_n++] = t;
    }
    for (uint32_t k = p->heap_n / 2; k-- > 0; )
        sink(p, k);
    while (p->heap_n && p->n < p->most) {
        uint32_t task = p->heap[0], person = p->best[task];
        if (may(p, task, person))
            take(p, task, person, 0);
        if ((rc = look(p, task)))
            return rc;
        if (p->best[task] == NONE)
            p->heap[0] = p->heap[--p->heap_n];
        sink(p, 0);
    }
    return AS_OK;
}

int as_plan(const struct as_plan_in *in, struct as_plan_row *row, size_t most, size_t *n)
{
    struct plan p = { .in = in, .row = row, .most = most };
    int rc = check(in);

    *n = 0;
    rc = rc ? rc : lay_out(&p);
    if (!rc) {
        audit(&p);
        rc = by_gain(&p);
    }
    as_pool_end(&p.pool);
    *n = rc ? 0 : p.n;
    return rc;
}
