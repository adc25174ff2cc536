/*
 * rank_graph.c -- what can be compared with what.
 *
 * An edge leads from the loser to the winner; a tie is an edge both ways.  Weak components (union
 * by smallest number) are the parts with any common scale at all; strong ones (Tarjan 1972, with a
 * stack of its own instead of recursion) are those where the likelihood alone has a maximum
 * (Ford 1957).  O(rows + items).
 */
#include <string.h>

#include "stats/rank.h"

struct graph {
    size_t *start;                  /* [items + 1] */
    uint32_t *to;
    uint32_t *root;                 /* union-find */
};

static uint32_t find(uint32_t *root, uint32_t i)
{
    while (root[i] != i)
        i = root[i] = root[root[i]];
    return i;
}

static void join(uint32_t *root, uint32_t a, uint32_t b)
{
    a = find(root, a);
    b = find(root, b);
    if (a < b)
        root[b] = a;
    else
        root[a] = b;
}

static int counts(const struct as_ranking *f, size_t k)
{
    return (!f->in->weight || f->in->weight[k] > 0)
        && !(f->drop_ties && f->in->outcome[k] == AS_TIE);
}

/* Calls for every edge: rows first, then each place of a list to the place above it. */
static void each_edge(const struct as_ranking *f, struct graph *g,
                      void (*edge)(struct graph *g, uint32_t from, uint32_t to))
{
    const struct as_duels *in = f->in;

    for (size_t k = 0; k < in->n; k++) {
        if (!counts(f, k))
            continue;
        if (in->outcome[k] != AS_LEFT)
            edge(g, in->left[k], in->right[k]);
        if (in->outcome[k] != AS_RIGHT)
            edge(g, in->right[k], in->left[k]);
    }
    for (size_t l = 0; l < in->lists; l++)
        for (size_t k = in->list_start[l] + 1; k < in->list_start[l + 1]; k++)
            edge(g, in->list_item[k], in->list_item[k - 1]);
}

static void edge_count(struct graph *g, uint32_t from, uint32_t to)
{
    g->start[from + 1]++;
    join(g->root, from, to);
}

static void edge_put(struct graph *g, uint32_t from, uint32_t to)
{
    g->to[g->start[from]++] = to;
}

static int edges(const struct as_ranking *f, struct graph *g)
{
    uint32_t n = f->in->items;

    g->start = as_take(f->pool, (size_t)n + 2, sizeof *g->start);
    g->root = as_take(f->pool, n, sizeof *g->root);
    if (!g->start || !g->root)
        return AS_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        g->root[i] = i;
    each_edge(f, g, edge_count);
    for (uint32_t i = 0; i < n; i++)
        g->start[i + 1] += g->start[i];
    if (!(g->to = as_take(f->pool, g->start[n] + 1, sizeof *g->to)))
        return AS_ENOMEM;
    each_edge(f, g, edge_put);
    memmove(g->start + 1, g->start, n * sizeof *g->start);
    g->start[0] = 0;
    return AS_OK;
}

struct tarjan {
    uint32_t *seen, *low, *stack, *path;    /* seen 0: not yet; low UINT32_MAX: done */
    size_t *next;
    uint32_t clock, top, parts;
};

static void close_part(struct tarjan *t, uint32_t i, uint32_t *strong)
{
    uint32_t one;

    do {
        one = t->stack[--t->top];
        strong[one] = t->parts;
        t->low[one] = UINT32_MAX;
    } while (one != i);
    t->parts++;
}

static void visit(const struct graph *g, struct tarjan *t, uint32_t from, uint32_t *strong)
{
    uint32_t deep = 0;

    t->path[deep++] = from;
    while (deep) {
        uint32_t i = t->path[deep - 1];
        if (!t->seen[i]) {
            t->seen[i] = t->low[i] = ++t->clock;
            t->stack[t->top++] = i;
            t->next[i] = g->start[i];
        }
        uint32_t down = UINT32_MAX;
        for (; down == UINT32_MAX && t->next[i] < g->start[i + 1]; t->next[i]++) {
            uint32_t j = g->to[t->next[i]];
            if (!t->seen[j])
                down = j;
            else if (t->low[j] != UINT32_MAX && t->seen[j] < t->low[i])
                t->low[i] = t->seen[j];
        }
        if (down != UINT32_MAX) {
            t->path[deep++] = down;
            continue;
        }
        deep--;
        uint32_t low = t->low[i];
        if (low == t->seen[i])
            close_part(t, i, strong);
        else if (low < t->low[t->path[deep - 1]])
            t->low[t->path[deep - 1]] = low;
    }
}

static int strong_parts(const struct as_ranking *f, const struct graph *g, uint32_t *strong)
{
    uint32_t n = f->in->items;
    struct tarjan t = { .seen = as_take(f->pool, n, sizeof *t.seen),
                        .low = as_take(f->pool, n, sizeof *t.low),
                        .stack = as_take(f->pool, n, sizeof *t.stack),
                        .path = as_take(f->pool, n, sizeof *t.path),
                        .next = as_take(f->pool, n, sizeof *t.next) };

    if (!t.seen || !t.low || !t.stack || !t.path || !t.next)
        return AS_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        if (!t.seen[i])
            visit(g, &t, i, strong);
    return AS_OK;
}

/* Numbers parts anew, in the order of their first items; how many there are. */
static uint32_t renumber(uint32_t *part, uint32_t n, uint32_t *scratch)
{
    uint32_t parts = 0;

    memset(scratch, 0xff, n * sizeof *scratch);
    for (uint32_t i = 0; i < n; i++) {
        if (scratch[part[i]] == UINT32_MAX)
            scratch[part[i]] = parts++;
        part[i] = scratch[part[i]];
    }
    return parts;
}

/* The order of items by part, then by id. */
static int place(struct as_ranking *f, uint32_t *part, uint32_t parts)
{
    struct as_parts *p = &f->parts;
    uint32_t n = f->in->items, at = 0;
    uint32_t *next = as_take(f->pool, (size_t)parts + 1, sizeof *next);

    p->place = as_take(f->pool, n, sizeof *p->place);
    p->item_at = as_take(f->pool, n, sizeof *p->item_at);
    p->first = as_take(f->pool, n, sizeof *p->first);
    p->size = as_take(f->pool, n, sizeof *p->size);
    if (!next || !p->place || !p->item_at || !p->first || !p->size)
        return AS_ENOMEM;
    p->n = parts;
    p->part = part;
    for (uint32_t i = 0; i < n; i++)
        next[part[i]]++;
    for (uint32_t k = 0; k < parts; k++) {
        uint32_t size = next[k];
        for (uint32_t j = 0; j < size; j++) {
            p->first[at + j] = at;
            p->size[at + j] = size;
        }
        next[k] = at;
        at += size;
    }
    for (uint32_t i = 0; i < n; i++) {
        p->place[i] = next[part[i]]++;
        p->item_at[p->place[i]] = i;
    }
    return AS_OK;
}

int as_rank_graph(struct as_ranking *f)
{
    struct graph g;
    uint32_t n = f->in->items;
    uint32_t *strong = as_take(f->pool, n, sizeof *strong);
    uint32_t *scratch = as_take(f->pool, n, sizeof *scratch);
    int rc = strong && scratch ? edges(f, &g) : AS_ENOMEM;

    if (rc || (rc = strong_parts(f, &g, strong)))
        return rc;
    for (uint32_t i = 0; i < n; i++)
        g.root[i] = find(g.root, i);
    f->out->weak_parts = renumber(g.root, n, scratch);
    f->out->strong_parts = renumber(strong, n, scratch);
    for (uint32_t i = 0; i < n; i++) {
        f->out->item[i].weak = g.root[i];
        f->out->item[i].strong = strong[i];
    }
    return f->alpha > 0 ? place(f, g.root, f->out->weak_parts)
                        : place(f, strong, f->out->strong_parts);
}

int as_rank_keeps(const struct as_ranking *f, size_t k)
{
    return counts(f, k) && f->parts.part[f->in->left[k]] == f->parts.part[f->in->right[k]];
}
