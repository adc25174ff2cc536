/*
 * rank_cells.c -- rows of comparisons become cells: two counting sorts by the places of the two
 * items, then runs of equal pairs.  O(rows + items), and in the order of the items whatever the
 * order of the rows.
 */
#include <string.h>

#include "stats/rank_model.h"

struct row {                        /* of the input, seen from a */
    uint32_t a, b;
    uint32_t at;                    /* in the input */
    uint8_t outcome, turned;
};

static uint8_t turned_outcome(uint8_t o)
{
    return o == AS_TIE ? AS_TIE : o == AS_LEFT ? AS_RIGHT : AS_LEFT;
}

static size_t collect(const struct as_ranking *f, int ordered, struct row *r)
{
    const struct as_duels *in = f->in;
    size_t n = 0;

    for (size_t k = 0; k < in->n; k++) {
        if (!as_rank_keeps(f, k))
            continue;
        struct row *o = &r[n++];
        *o = (struct row){ f->parts.place[in->left[k]], f->parts.place[in->right[k]],
                           (uint32_t)k, in->outcome[k], 0 };
        if (!ordered && o->a > o->b)
            *o = (struct row){ o->b, o->a, o->at, turned_outcome(o->outcome), 1 };
    }
    return n;
}

/* A stable counting sort by b or a. */
static void sort(const struct row *from, struct row *to, size_t n, int by_a, size_t *start,
                 uint32_t items)
{
    memset(start, 0, ((size_t)items + 1) * sizeof *start);
    for (size_t k = 0; k < n; k++)
        start[(by_a ? from[k].a : from[k].b) + 1]++;
    for (uint32_t i = 0; i < items; i++)
        start[i + 1] += start[i];
    for (size_t k = 0; k < n; k++)
        to[start[by_a ? from[k].a : from[k].b]++] = from[k];
}

static void put_x(const struct as_ranking *f, const struct row *r, int home, int style,
                  const double *scale, double *x)
{
    const struct as_duels *in = f->in;

    if (home)
        *x++ = r->turned ? -1 : 1;
    for (unsigned s = 0; style && s < in->styles; s++) {
        double v = in->x[(size_t)r->at * in->styles + s] / scale[s];
        x[s] = r->turned ? -v : v;
    }
}

int as_cells_fold(const struct as_ranking *f, int home, int style, const double *scale,
                  struct as_cells *c)
{
    const struct as_duels *in = f->in;
    struct as_pool pool = { 0 };
    struct row *r = as_take(&pool, in->n, sizeof *r), *s = as_take(&pool, in->n, sizeof *s);
    size_t *start = as_take(&pool, (size_t)in->items + 2, sizeof *start);
    size_t n = r && s && start ? collect(f, home, r) : 0, cells = 0;
    int rc = AS_ENOMEM;

    if (!r || !s || !start)
        goto out;
    sort(r, s, n, 0, start, in->items);
    sort(s, r, n, 1, start, in->items);
    for (size_t k = 0; k < n; k++)
        cells += style || !k || r[k].a != r[k - 1].a || r[k].b != r[k - 1].b;
    *c = (struct as_cells){ .n = cells, .rows = n, .p = (unsigned)home + (style ? in->styles : 0) };
    c->a = as_take(f->pool, cells, sizeof *c->a);
    c->b = as_take(f->pool, cells, sizeof *c->b);
    c->w = as_take(f->pool, cells, 3 * sizeof *c->w);
    c->x = as_take(f->pool, cells, c->p * sizeof *c->x);
    c->row = as_take(f->pool, n, sizeof *c->row);
    c->of = as_take(f->pool, n, sizeof *c->of);
    if (!c->a || !c->b || !c->w || !c->x || !c->row || !c->of)
        goto out;
    for (size_t k = 0, at = SIZE_MAX; k < n; k++) {
        if (style || !k || r[k].a != r[k - 1].a || r[k].b != r[k - 1].b) {
            at++;
            c->a[at] = r[k].a;
            c->b[at] = r[k].b;
            put_x(f, &r[k], home, style, scale, c->x + at * c->p);
        }
        c->w[3 * at + r[k].outcome] += in->weight ? (double)in->weight[r[k].at] : 1;
        c->row[k] = r[k].at;
        c->of[k] = (uint32_t)(3 * at + r[k].outcome);
    }
    rc = AS_OK;
out:
    as_pool_end(&pool);
    return rc;
}
