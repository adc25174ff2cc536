/*
 * assign.c -- the matching of greatest weight.
 *
 * Jonker and Volgenant (Computing 38, 1987): rows are added one by one, each along a shortest
 * augmenting path under dual prices that keep every reduced cost >= 0.  The shorter side is the
 * rows.  Cost = -max(weight, 0); every row gets a column, and a pair that brought nothing is then
 * left unmatched, so the matching need not be complete.  Equal paths: the lowest column first.
 * O(min^2 * max) time, O(n + m) memory besides the matrix.
 */
#include <math.h>

#include "stats/tally.h"

struct lap {
    const double *weight;
    uint32_t rows, cols, width;     /* rows <= cols; width of a matrix row */
    int flip;                       /* rows of the problem are columns of the matrix */
    double *price_row, *price_col, *dist;
    uint32_t *row_of, *from;        /* [cols + 1]; row 0 and column 0 mean none: ids count from 1 */
    uint8_t *done;
};

static double cost(const struct lap *p, uint32_t row, uint32_t col)
{
    size_t at = p->flip ? (size_t)(col - 1) * p->width + (row - 1)
                        : (size_t)(row - 1) * p->width + (col - 1);
    double w = p->weight[at];
    return w > 0 ? -w : 0;
}

/* Find the shortest path from `row` to a free column and turn it over. */
static void augment(struct lap *p, uint32_t row)
{
    uint32_t col = 0;

    p->row_of[0] = row;
    for (uint32_t c = 0; c <= p->cols; c++) {
        p->dist[c] = INFINITY;
        p->done[c] = 0;
    }
    do {
        uint32_t r = p->row_of[col], best = 0;
        double least = INFINITY;
        p->done[col] = 1;
        for (uint32_t c = 1; c <= p->cols; c++) {
            if (p->done[c])
                continue;
            double d = cost(p, r, c) - p->price_row[r] - p->price_col[c];
            if (d < p->dist[c]) {
                p->dist[c] = d;
                p->from[c] = col;
            }
            if (p->dist[c] < least) {
                least = p->dist[c];
                best = c;
            }
        }
        for (uint32_t c = 0; c <= p->cols; c++) {
            if (p->done[c]) {
                p->price_row[p->row_of[c]] += least;
                p->price_col[c] -= least;
            } else {
                p->dist[c] -= least;
            }
        }
        col = best;
    } while (p->row_of[col]);
    for (; col; col = p->from[col])
        p->row_of[col] = p->row_of[p->from[col]];
}

static int check(const double *weight, uint32_t n, uint32_t m)
{
    double a = n < m ? n : m, b = n < m ? m : n;

    if (b > AS_ASSIGN_SIDE_MAX || a * a * b > AS_ASSIGN_WORK_MAX)
        return AS_ETOOBIG;
    for (size_t k = 0; k < (size_t)n * m; k++)
        if (!(fabs(weight[k]) <= 1e100))
            return AS_EINVAL;
    return AS_OK;
}

int as_assign(const double *weight, uint32_t n, uint32_t m, int32_t *to, double *total)
{
    struct as_pool pool = { 0 };
    struct lap p = { .weight = weight, .width = m, .flip = n > m };
    int rc = check(weight, n, m);
    double sum = 0;

    if (rc)
        return rc;
    p.rows = p.flip ? m : n;
    p.cols = p.flip ? n : m;
    size_t r = (size_t)p.rows + 1, c = (size_t)p.cols + 1;
    p.price_row = as_take(&pool, r, sizeof *p.price_row);
    p.price_col = as_take(&pool, c, sizeof *p.price_col);
    p.dist = as_take(&pool, c, sizeof *p.dist);
    p.row_of = as_take(&pool, c, sizeof *p.row_of);
    p.from = as_take(&pool, c, sizeof *p.from);
    p.done = as_take(&pool, c, sizeof *p.done);
    if (!p.price_row || !p.price_col || !p.dist || !p.row_of || !p.from || !p.done) {
        as_pool_end(&pool);
        return AS_ENOMEM;
    }
    for (uint32_t row = 1; row <= p.rows; row++)
        augment(&p, row);
    for (uint32_t i = 0; i < n; i++)
        to[i] = -1;
    for (uint32_t col = 1; col <= p.cols; col++) {
        uint32_t row = p.row_of[col];
        if (!row || cost(&p, row, col) >= 0)
            continue;
        sum -= cost(&p, row, col);
        if (p.flip)
            to[col - 1] = (int32_t)row - 1;
        else
            to[row - 1] = (int32_t)col - 1;
    }
    as_pool_end(&pool);
    if (total)
        *total = sum;
    return AS_OK;
}

int as_set_similarity(const double *sim, uint32_t n, uint32_t m, double floor, double *out)
{
    struct as_pool pool = { 0 };
    uint32_t matched = 0;
    double sum = 0;

    *out = 0;
    if (n == 0 && m == 0) {
        *out = 1;
        return AS_OK;
    }
    if (n > AS_ASSIGN_SIDE_MAX || m > AS_ASSIGN_SIDE_MAX)
        return AS_ETOOBIG;
    size_t cells = (size_t)n * m;
    double *w = as_take(&pool, cells, sizeof *w);
    int32_t *to = as_take(&pool, n, sizeof *to);
    int rc = w && to ? AS_OK : AS_ENOMEM;
    for (size_t k = 0; !rc && k < cells; k++) {
        if (!(sim[k] >= 0 && sim[k] <= 1))
            rc = AS_EINVAL;
        w[k] = sim[k] >= floor ? sim[k] : 0;
    }
    if (!rc)
        rc = as_assign(w, n, m, to, &sum);
    for (uint32_t i = 0; !rc && i < n; i++)
        matched += to[i] >= 0;
    as_pool_end(&pool);
    if (!rc)
        *out = fmin(sum / ((double)n + m - matched), 1);
    return rc;
}
