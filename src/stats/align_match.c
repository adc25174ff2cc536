/*
 * align_match.c -- the matching of greatest weight in a sparse bipartite graph: the Hungarian
 * method with shortest augmenting paths (Jonker and Volgenant 1987), Dijkstra on the edges there
 * are instead of a full matrix.
 *
 * Cost of an edge is -weight; every row may also stay alone at cost 0.  Prices u of rows and v of
 * columns keep cost - u - v >= 0, and 0 - u >= 0.  Each row enters along the shortest path to a
 * free column, or to a row that is cheapest to leave alone.  Equal paths: the lower column.
 * O(rows * local edges * log): on a line, where edges join neighbours, close to linear.
 */
#include <math.h>

#include "stats/align.h"

#define NONE UINT32_MAX

struct spot { double dist; uint32_t col; };

struct graph {
    const size_t *start;
    const uint32_t *col;
    const double *weight;
    double *u, *v, *dist;
    uint32_t *row_of, *col_of;      /* NONE: free */
    uint32_t *from;                 /* [cols] the row it was reached from */
    uint32_t *seen, n_seen;         /* columns with a distance */
    uint8_t *done;
    struct spot *heap;
    size_t n_heap;
};

static int before(struct spot a, struct spot b)
{
    return a.dist < b.dist || (!(b.dist < a.dist) && a.col < b.col);
}

static void push(struct graph *g, struct spot s)
{
    size_t k = g->n_heap++;

    for (; k && before(s, g->heap[(k - 1) / 2]); k = (k - 1) / 2)
        g->heap[k] = g->heap[(k - 1) / 2];
    g->heap[k] = s;
}

static struct spot pop(struct graph *g)
{
    struct spot top = g->heap[0], last = g->heap[--g->n_heap];
    size_t k = 0;

    for (size_t child; (child = 2 * k + 1) < g->n_heap; k = child) {
        if (child + 1 < g->n_heap && before(g->heap[child + 1], g->heap[child]))
            child++;
        if (!before(g->heap[child], last))
            break;
        g->heap[k] = g->heap[child];
    }
    g->heap[k] = last;
    return top;
}

struct end { double dist; uint32_t row, col; };     /* col NONE: row stays alone */

static void relax(struct graph *g, uint32_t row, double dist, struct end *best)
{
    if (dist - g->u[row] < best->dist)
        *best = (struct end){ dist - g->u[row], row, NONE };
    for (size_t k = g->start[row]; k < g->start[row + 1]; k++) {
        uint32_t c = g->col[k];
        double d = dist - g->weight[k] - g->u[row] - g->v[c];
        if (g->done[c] || !(d < g->dist[c]) || !(d < best->dist))
            continue;
        if (isinf(g->dist[c]))
            g->seen[g->n_seen++] = c;
        g->dist[c] = d;
        g->from[c] = row;
        if (g->row_of[c] == NONE)
            *best = (struct end){ d, row, c };
        else
            push(g, (struct spot){ d, c });
    }
}

/* Turns the path over: every row on it takes the column it was left by. */
static void turn(struct graph *g, uint32_t root, struct end end)
{
    uint32_t row = end.row, col = end.col;

    for (;;) {
        uint32_t old = g->col_of[row];
        g->col_of[row] = col;
        if (col != NONE)
            g->row_of[col] = row;
        if (row == root)
            return;
        col = old;
        row = g->from[old];
    }
}

static void enter(struct graph *g, uint32_t root)
{
    struct end best = { INFINITY, root, NONE };

    g->n_seen = 0;
    g->n_heap = 0;
    relax(g, root, 0, &best);
    while (g->n_heap && g->heap[0].dist < best.dist) {
        struct spot s = pop(g);
        if (g->done[s.col] || s.dist > g->dist[s.col])
            continue;
        g->done[s.col] = 1;
        relax(g, g->row_of[s.col], s.dist, &best);
    }
    g->u[root] += best.dist;
    for (uint32_t k = 0; k < g->n_seen; k++) {
        uint32_t c = g->seen[k];
        if (g->done[c]) {
            g->u[g->row_of[c]] += best.dist - g->dist[c];
            g->v[c] -= best.dist - g->dist[c];
        }
        g->done[c] = 0;
        g->dist[c] = INFINITY;
    }
    turn(g, root, best);
}

int as_match_sparse(uint32_t rows, uint32_t cols, const size_t *start, const uint32_t *col,
                    const double *weight, struct as_pool *p, int32_t *to)
{
    struct graph g = { .start = start, .col = col, .weight = weight,
                       .u = as_take(p, rows, sizeof *g.u), .v = as_take(p, cols, sizeof *g.v),
                       .dist = as_take(p, cols, sizeof *g.dist),
                       .row_of = as_take(p, cols, sizeof *g.row_of),
                       .col_of = as_take(p, rows, sizeof *g.col_of),
                       .from = as_take(p, cols, sizeof *g.from),
                       .seen = as_take(p, cols, sizeof *g.seen),
                       .done = as_take(p, cols, 1),
                       .heap = as_take(p, start[rows], sizeof *g.heap) };

    if (!g.u || !g.v || !g.dist || !g.row_of || !g.col_of || !g.from || !g.seen || !g.done
        || !g.heap)
        return AS_ENOMEM;
    for (uint32_t c = 0; c < cols; c++) {
        g.row_of[c] = NONE;
        g.dist[c] = INFINITY;
    }
    for (uint32_t r = 0; r < rows; r++) {
        g.col_of[r] = NONE;
        for (size_t k = start[r]; k < start[r + 1]; k++)
            g.u[r] = fmin(g.u[r], -weight[k]);
    }
    for (uint32_t r = 0; r < rows; r++)
        enter(&g, r);
    for (uint32_t r = 0; r < rows; r++)
        to[r] = g.col_of[r] == NONE ? -1 : (int32_t)g.col_of[r];
    return AS_OK;
}
