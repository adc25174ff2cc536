/*
 * agree_spans.c -- a continuum, checked and put in order: by annotator, then start, end, category.
 * So the order in which the caller lists the spans changes nothing.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/agree.h"

struct placed {
    struct as_stretch s;
    uint32_t given;
};

static int by_place(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;

    if (x->s.annotator != y->s.annotator)
        return x->s.annotator < y->s.annotator ? -1 : 1;
    if (x->s.start < y->s.start || x->s.start > y->s.start)
        return x->s.start < y->s.start ? -1 : 1;
    if (x->s.end < y->s.end || x->s.end > y->s.end)
        return x->s.end < y->s.end ? -1 : 1;
    if (x->s.category != y->s.category)
        return x->s.category < y->s.category ? -1 : 1;
    return (x->given > y->given) - (x->given < y->given);
}

static int check(const struct as_continuum *c)
{
    if (c->n > AS_SPANS_MAX || c->annotators > AS_SPANS_MAX || c->categories > AS_CLASSES_MAX)
        return AS_ETOOBIG;
    if (!(fabs(c->begin) <= 1e100) || !(fabs(c->end) <= 1e100) || c->begin > c->end)
        return AS_EINVAL;
    for (size_t k = 0; k < c->n; k++) {
        const struct as_stretch *s = &c->unit[k];
        if (s->annotator >= c->annotators || s->category >= c->categories
            || !(fabs(s->start) <= 1e100) || !(fabs(s->end) <= 1e100) || s->start > s->end
            || (c->begin < c->end && (s->start < c->begin || s->end > c->end)))
            return AS_EINVAL;
    }
    return AS_OK;
}

static int distances(struct line *l)
{
    uint32_t n = l->categories;

    if (!l->o->apart)
        return AS_OK;
    if (n > AS_MATRIX_MAX)
        return AS_ETOOBIG;
    if (!(l->apart = as_take(l->pool, (size_t)n * n, sizeof *l->apart)))
        return AS_ENOMEM;
    for (uint32_t a = 0; a < n; a++)
        for (uint32_t b = 0; b < n; b++) {
            double d = a == b ? 0 : l->o->apart(l->o->arg, a, b);
            if (!(d >= 0 && d <= 1e9))
                return AS_EINVAL;
            l->apart[(size_t)a * n + b] = d;
            if (b < a && fabs(d - l->apart[(size_t)b * n + a]) > 1e-9 * d)
                return AS_EINVAL;
        }
    return AS_OK;
}

int as_line_fill(const struct as_continuum *c, struct line *l)
{
    int rc = check(c);

    if (rc)
        return rc;
    l->n = (uint32_t)c->n;
    l->annotators = c->annotators;
    l->categories = c->categories;
    struct placed *p = as_take(l->pool, c->n, sizeof *p);
    l->unit = as_take(l->pool, c->n, sizeof *l->unit);
    l->given = as_take(l->pool, c->n, sizeof *l->given);
    l->start = as_take(l->pool, (size_t)c->annotators + 1, sizeof *l->start);
    if (!p || !l->unit || !l->given || !l->start)
        return AS_ENOMEM;
    if (!c->n || c->annotators < 2)
        return AS_EUNDEFINED;
    for (uint32_t k = 0; k < l->n; k++)
        p[k] = (struct placed){ c->unit[k], k };
    qsort(p, l->n, sizeof *p, by_place);
    l->begin = c->begin < c->end ? c->begin : INFINITY;
    double end = c->begin < c->end ? c->end : -INFINITY;
    for (uint32_t k = 0; k < l->n; k++) {
        l->unit[k] = p[k].s;
        l->given[k] = p[k].given;
        l->start[p[k].s.annotator + 1]++;
        l->begin = fmin(l->begin, p[k].s.start);
        end = fmax(end, p[k].s.end);
    }
    l->length = end - l->begin;
    for (uint32_t a = 0; a < l->annotators; a++)
        l->start[a + 1] += l->start[a];
    return l->length > 0 ? distances(l) : AS_EUNDEFINED;
}

/* ------------------------------------------------------------------ how sure */

#define STREAM_CLUSTERS 0x6c00000000ull     /* + round */

static double mean(const double *x, uint32_t n)
{
    double sum = 0;

    for (uint32_t k = 0; k < n; k++)
        sum += x[k];
    return sum / n;
}

int as_ratio_sure(struct line *l, const struct as_ratio *r, uint32_t n, const double *chance,
                  uint32_t samples)
{
    double up = 0, down = 0, square = 0, by = samples ? mean(chance, samples) : 1;
    double *x = as_take(l->pool, l->o->rounds, sizeof *x);
    uint32_t had = 0;

    if (!x)
        return AS_ENOMEM;
    for (uint32_t k = 0; k < n; k++) {
        up += r[k].up;
        down += r[k].down;
    }
    for (uint32_t k = 0; k < n; k++) {
        double own = (r[k].up - up / down * r[k].down) / down / by;
        square += own * own;
    }
    square *= n > 1 ? n / (n - 1.) : 0;
    for (uint32_t s = 0; s < samples; s++) {
        double off = (chance[s] - by) * up / down / by / by;
        square += off * off / samples / (samples > 1 ? samples - 1. : 1);
    }
    l->out->se = sqrt(square);
    as_agree_interval(l->out, l->o->level, n);
    for (uint32_t b = 0; b < l->o->rounds; b++) {
        struct as_rng g = { .seed = l->o->seed, .stream = STREAM_CLUSTERS + b };
        double u = 0, d = 0, c = 0;
        for (uint32_t k = 0; k < n; k++) {
            const struct as_ratio *one = &r[as_draw_below(&g, n)];
            u += one->up;
            d += one->down;
        }
        for (uint32_t s = 0; s < samples; s++)
            c += chance[as_draw_below(&g, samples)] / samples;
        if (d > 0 && (!samples || c > 0))
            x[had++] = 1 - u / d / (samples ? c : 1);
    }
    as_agree_percentiles(l->out, x, had, l->o->level);
    return AS_OK;
}
