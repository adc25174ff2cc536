/*
 * agree_unitize.c -- alpha for units on a line (Krippendorff, Content Analysis, 2nd ed., 2004,
 * ch. 11.5; 1995).
 *
 * For every category c the line of annotator i is cut into sections: units and the gaps between
 * them, with begin b and length l.  Two sections g of i and h of j are apart by
 *     (b_g - b_h)^2 + (e_g - e_h)^2       both units, and they overlap
 *     l_g^2                               g a unit that lies within the gap h; or reversed
 *     0                                   else.
 * With m annotators on a line of length L
 *     D_o = sum over i != j, g, h of apart / (m (m-1) L^2)
 *     D_e = (2/L) sum over units g of [ (N_c - 1)/3 (2 l^3 - 3 l^2 + l)
 *           + l^2 sum over gaps h with l_h >= l of (l_h - l + 1) ]
 *           / (m L (m L - 1) - sum over units of l (l - 1)),   N_c the units of the category.
 * alpha-u = 1 - sum_c D_o / sum_c D_e.  Lengths count in the smallest steps of the line (tokens,
 * characters, frames), as the paper has them; units of one annotator and category that touch or
 * overlap are one.
 *
 * What a unit adds to D_o and to D_e is kept apart, and the stretches of the line that no unit
 * crosses are the clusters of standard error and bootstrap.
 * O(n log n + overlaps) for D_o, O(units * log gaps) for D_e.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/agree.h"

struct piece {                      /* a unit, merged with those of its category it touches */
    uint32_t annotator, category;
    double start, end;
    double seen, chance;            /* what it adds to D_o and D_e */
};

struct unitize {
    struct piece *p;                /* [n] by category, annotator, place */
    uint32_t n;
    double *gap;                    /* lengths of one category's gaps, sorted, … */
    double *from;                   /* … with the sums of the longer ones */
};

static int by_category(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;

    if (x->category != y->category)
        return x->category < y->category ? -1 : 1;
    if (x->annotator != y->annotator)
        return x->annotator < y->annotator ? -1 : 1;
    return (x->start > y->start) - (x->start < y->start);
}

static void collect(const struct line *l, struct unitize *z)
{
    uint32_t n = 0;

    for (uint32_t k = 0; k < l->n; k++)
        z->p[k] = (struct piece){ l->unit[k].annotator, l->unit[k].category, l->unit[k].start,
                                  l->unit[k].end, 0, 0 };
    qsort(z->p, l->n, sizeof *z->p, by_category);
    for (uint32_t k = 0; k < l->n; k++) {
        struct piece *last = n ? &z->p[n - 1] : NULL;
        if (!(z->p[k].end > z->p[k].start))
            continue;                       /* without length it covers nothing */
        if (last && last->category == z->p[k].category && last->annotator == z->p[k].annotator
            && z->p[k].start <= last->end)
            last->end = fmax(last->end, z->p[k].end);
        else
            z->p[n++] = z->p[k];
    }
    z->n = n;
}

/* The units [from, to) of one annotator against the sections of another's [with, end). */
static void observe(struct piece *p, uint32_t from, uint32_t to,
                    uint32_t with, uint32_t end)
{
    uint32_t h = with;

    for (uint32_t g = from; g < to; g++) {
        double length = p[g].end - p[g].start;
        int met = 0;
        while (h < end && p[h].end <= p[g].start)
            h++;
        for (uint32_t k = h; k < end && p[k].start < p[g].end; k++, met = 1) {
            double a = p[g].start - p[k].start, b = p[g].end - p[k].end;
            p[g].seen += a * a + b * b;     /* the other annotator's turn adds it once more */
        }
        if (!met)
            p[g].seen += 2 * length * length;       /* within a gap: seen from both sides */
    }
}

static int by_length(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The gaps of the annotators in one category's pieces [from, to); those without a unit have the
   whole line. */
static uint32_t gaps(const struct line *l, struct unitize *z, uint32_t from, uint32_t to)
{
    uint32_t n = 0, k = from;

    for (uint32_t a = 0; a < l->annotators; a++) {
        double at = l->begin;
        for (; k < to && z->p[k].annotator == a; k++) {
            if (z->p[k].start > at)
                z->gap[n++] = z->p[k].start - at;
            at = z->p[k].end;
        }
        if (l->begin + l->length > at)
            z->gap[n++] = l->begin + l->length - at;
    }
    if (n)
        qsort(z->gap, n, sizeof *z->gap, by_length);
    z->from[n] = 0;
    for (uint32_t g = n; g-- > 0; )
        z->from[g] = z->from[g + 1] + z->gap[g];
    return n;
}

static void expect(const struct line *l, struct unitize *z, uint32_t from, uint32_t to)
{
    double L = l->length, m = l->annotators, units = to - from, taken = 0;
    uint32_t n = gaps(l, z, from, to);

    for (uint32_t k = from; k < to; k++)
        taken += (z->p[k].end - z->p[k].start) * (z->p[k].end - z->p[k].start - 1);
    double all = m * L * (m * L - 1) - taken;
    for (uint32_t k = from; k < to; k++) {
        double len = z->p[k].end - z->p[k].start;
        uint32_t lo = 0, hi = n;            /* the first gap that is long enough */
        while (lo < hi) {
            uint32_t mid = lo + (hi - lo) / 2;
            if (z->gap[mid] < len)
                lo = mid + 1;
            else
                hi = mid;
        }
        double fits = z->from[lo] + (n - lo) * (1 - len);
        z->p[k].chance = 2 / L * ((units - 1) / 3 * len * (2 * len * len - 3 * len + 1)
                                  + len * len * fits) / all;
    }
}

/* All pairs of annotators within one category's pieces; those without a unit are one big gap. */
static void compare(const struct line *l, struct unitize *z, uint32_t from, uint32_t to,
                    uint32_t *start)
{
    double scale = (double)l->annotators * (l->annotators - 1.) * l->length * l->length;
    uint32_t n = 0;

    for (uint32_t k = from; k < to; k++)
        if (k == from || z->p[k].annotator != z->p[k - 1].annotator)
            start[n++] = k;
    start[n] = to;
    for (uint32_t a = 0; a < n; a++)
        for (uint32_t b = 0; b < n; b++)
            if (a != b)
                observe(z->p, start[a], start[a + 1], start[b], start[b + 1]);
    for (uint32_t k = from; k < to; k++) {
        double length = z->p[k].end - z->p[k].start;
        z->p[k].seen = (z->p[k].seen + 2 * length * length * (l->annotators - n)) / scale;
    }
    expect(l, z, from, to);
}

static void part_of(const struct unitize *z, uint32_t from, uint32_t to, struct as_agree_part *part)
{
    for (uint32_t k = from; k < to; k++) {
        part->observed += z->p[k].seen;
        part->expected += z->p[k].chance;
    }
    part->units = to - from;
    part->undefined = !(part->expected > 0);
    part->value = part->undefined ? 0 : 1 - part->observed / part->expected;
}

/* ------------------------------------------------------------------ how sure */

static int by_start(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;

    return (x->start > y->start) - (x->start < y->start);
}

/* Sums of the clusters: pieces that hang together. */
static uint32_t clusters(struct unitize *z, struct as_ratio *r)
{
    uint32_t n = 0;
    double end = -INFINITY;

    qsort(z->p, z->n, sizeof *z->p, by_start);
    for (uint32_t k = 0; k < z->n; k++) {
        if (z->p[k].start >= end)
            r[n++] = (struct as_ratio){ 0 };
        end = fmax(end, z->p[k].end);
        r[n - 1].up += z->p[k].seen;
        r[n - 1].down += z->p[k].chance;
    }
    return n;
}

static int alpha_u(struct line *l)
{
    struct as_agreement *out = l->out;
    struct unitize z = { .p = as_take(l->pool, l->n, sizeof *z.p) };
    uint32_t *start = as_take(l->pool, (size_t)l->annotators + 1, sizeof *start);
    struct as_ratio *r = as_take(l->pool, l->n, sizeof *r);
    size_t room = (size_t)l->n + l->annotators + 1;

    z.gap = as_take(l->pool, room, sizeof *z.gap);
    z.from = as_take(l->pool, room + 1, sizeof *z.from);
    out->part = as_take(l->kept, l->categories, sizeof *out->part);
    if ((double)l->annotators * l->categories > 1e9)
        return AS_ETOOBIG;
    if (!z.p || !start || !r || !z.gap || !z.from || !out->part)
        return AS_ENOMEM;
    collect(l, &z);
    out->parts = l->categories;
    for (uint32_t c = 0, k = 0; c < l->categories; c++) {
        uint32_t from = k;
        while (k < z.n && z.p[k].category == c)
            k++;
        out->part[c].category = c;
        compare(l, &z, from, k, start);
        part_of(&z, from, k, &out->part[c]);
        out->observed += out->part[c].observed;
        out->expected += out->part[c].expected;
    }
    if (!(out->expected > 0))
        return AS_EUNDEFINED;
    out->value = 1 - out->observed / out->expected;
    out->units = out->values = z.n;
    out->raters = l->annotators;
    return as_ratio_sure(l, r, clusters(&z, r), NULL, 0);
}

const struct as_agree_method as_agree_alpha_u = {
    .info = { .id = "alpha-u", .title = "Krippendorff's alpha for unitizing",
              .paper = "Krippendorff, Content Analysis, 2nd ed., 2004; Sociological Methodology "
                       "25, 1995",
              .about = "How well people agree where on a line the units of each category lie, "
                       "against units of the same lengths thrown at random. It costs n log n. Use "
                       "it for spans in text or time where nothing was cut beforehand." },
    .line = alpha_u };
