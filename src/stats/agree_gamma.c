/*
 * agree_gamma.c -- gamma, gamma-cat and gamma-k (Mathet, Widlöcher and Métivier, Computational
 * Linguistics 41(3), 2015; Mathet, Computational Linguistics 43(3), 2017).
 *
 * Two units are apart by d = alpha d_place + beta d_category, with
 *     d_place = ((|start - start'| + |end - end'|) / (length + length'))^2 empty
 *     d_category = distance of the categories (0 or 1) times empty.
 * The disorder of a continuum is the least total cost of an alignment (align.h) over the mean
 * number of units of an annotator, and
 *     gamma = 1 - disorder / mean disorder of random continua.
 * A random continuum gives every annotator the units of one drawn at random, shifted round the line
 * by a random distance; two shifts are at least half a mean unit apart, as the authors' own program
 * has it (their paper: a whole one).  After the first 30 as many are drawn as the wanted precision
 * of their mean asks for: (z * deviation / mean / precision)^2.
 *
 * gamma-cat looks only at the categories: with the weight max(0, 1 - alpha d_place) / (v - 1) of a
 * pair in a unitary alignment of v units, the mean d_category against that of the random continua;
 * gamma-k the same for the pairs that category k takes part in.  As in the authors' own program a
 * unit's missing partner counts as a difference, `empty`, with weight 1 / max(1, v - 1).  The paper
 * has only pairs of two units, so that missing answers do no harm, as with alpha: that is `pure`.
 *
 * Cost: an alignment (align.c) for the data and for every random continuum.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/align.h"

#define FEWEST          30
#define TRIES           100
#define STREAM_SHUFFLE  0x6d00000000ull     /* + number of the continuum */

struct weighed { double apart, weight, lone; };     /* sums; lone: weight without a partner */

/* Adds what one alignment says about categories; of[k] about category k. */
static void categories(const struct field *f, const struct alignment *a, struct weighed *all,
                       struct weighed *of)
{
    const struct line *l = f->line;

    for (uint32_t k = 0; k < a->n; k++) {
        const int32_t *unit = a->unit + (size_t)k * f->annotators;
        double have = 0;
        for (uint32_t i = 0; i < f->annotators; i++)
            have += unit[i] >= 0;
        double alone = (f->annotators - have) / fmax(1, have - 1);
        for (uint32_t i = 0; i < f->annotators; i++)
            if (unit[i] >= 0) {
                all->lone += alone;
                of[f->unit[unit[i]].category].lone += alone;
            }
        for (uint32_t i = 0; have > 1 && i < f->annotators; i++)
            for (uint32_t j = i + 1; unit[i] >= 0 && j < f->annotators; j++) {
                if (unit[j] < 0)
                    continue;
                const struct as_stretch *x = &f->unit[unit[i]], *y = &f->unit[unit[j]];
                double w = fmax(0, 1 - l->o->alpha * as_apart_place(l, x, y)) / (have - 1);
                double d = as_apart_category(l, x->category, y->category);
                struct weighed *to[] = { all, &of[x->category],
                                         x->category == y->category ? NULL : &of[y->category] };
                for (int t = 0; t < 3; t++)
                    if (to[t]) {
                        to[t]->apart += w * d;
                        to[t]->weight += w;
                    }
            }
    }
}

/* Mean difference with and without missing partners; 0 of nothing. */
static double with_gaps(const struct weighed *w, double empty)
{
    double all = w->weight + w->lone;

    return all > 0 ? (w->apart + w->lone * empty) / all : 0;
}

static double pure(const struct weighed *w)
{
    return w->weight > 0 ? w->apart / w->weight : 0;
}

/* ------------------------------------------------------------------ random continua */

struct sample {
    double disorder;
    int rc, exact;
    struct weighed all, *of;        /* [categories] */
};

static int by_start(const void *a, const void *b)
{
    const struct as_stretch *x = a, *y = b;

    if (x->annotator != y->annotator)
        return x->annotator < y->annotator ? -1 : 1;
    if (x->start < y->start || x->start > y->start)
        return x->start < y->start ? -1 : 1;
    if (x->end < y->end || x->end > y->end)
        return x->end < y->end ? -1 : 1;
    return (x->category > y->category) - (x->category < y->category);
}

/* A shift that keeps its distance from the others, round the line. */
static double shift(const struct line *l, struct as_rng *g, const double *others, uint32_t n,
                    double distance)
{
    double at = 0;

    for (int k = 0; k < TRIES; k++) {
        int clear = 1;
        at = as_draw(g) * l->length;
        for (uint32_t i = 0; i < n && clear; i++) {
            double off = fabs(at - others[i]);
            clear = fmin(off, l->length - off) >= distance;
        }
        if (clear)
            break;
    }
    return at;
}

static int shuffle(const struct line *l, uint32_t number, struct as_pool *p, struct field *f)
{
    struct as_rng g = { .seed = l->o->seed, .stream = STREAM_SHUFFLE + number };
    uint32_t m = l->annotators, *whose = as_take(p, m, sizeof *whose), n = 0;
    uint32_t *start = as_take(p, (size_t)m + 1, sizeof *start);
    double *by = as_take(p, m, sizeof *by), length = 0;

    if (!whose || !start || !by)
        return AS_ENOMEM;
    for (uint32_t k = 0; k < l->n; k++)
        length += (l->unit[k].end - l->unit[k].start) / l->n;
    for (uint32_t a = 0; a < m; a++) {
        whose[a] = (uint32_t)as_draw_below(&g, m);
        by[a] = shift(l, &g, by, a, length / 2);
        n += l->start[whose[a] + 1] - l->start[whose[a]];
        start[a + 1] = n;
    }
    struct as_stretch *unit = as_take(p, n, sizeof *unit);
    if (!unit)
        return AS_ENOMEM;
    for (uint32_t a = 0, to = 0; a < m; a++)
        for (uint32_t k = l->start[whose[a]]; k < l->start[whose[a] + 1]; k++) {
            struct as_stretch s = l->unit[k];
            double at = s.start + by[a];
            at = at < l->begin + l->length ? at : at - l->length;
            unit[to++] = (struct as_stretch){ a, s.category, at, at + (s.end - s.start) };
        }
    if (n)
        qsort(unit, n, sizeof *unit, by_start);
    *f = (struct field){ l, m, n, unit, start };
    return AS_OK;
}

static double disorder(const struct field *f, const struct alignment *a)
{
    return f->n ? a->total * f->annotators / f->n : 0;
}

static void draw(const struct line *l, uint32_t number, struct sample *s)
{
    struct as_pool p = { 0 };
    struct alignment a;
    struct field f;

    s->rc = shuffle(l, number, &p, &f);
    if (!s->rc)
        s->rc = as_align(&f, &p, &a);
    if (!s->rc) {
        s->disorder = disorder(&f, &a);
        s->exact = a.exact;
        categories(&f, &a, &s->all, s->of);
    }
    as_pool_end(&p);
}

struct mean { double sum, n; };

struct chance {                     /* what random continua say so far */
    double *disorder;               /* [AS_SAMPLES_MAX] */
    uint32_t n;
    struct mean cat, pure, *of;     /* [categories] */
    struct sample *batch;           /* [FEWEST] */
};

static void add(struct mean *to, double x, double weight)
{
    to->sum += weight > 0 ? x : 0;
    to->n += weight > 0;
}

static int batch(struct line *l, struct chance *c, uint32_t n)
{
    int threads = l->o->threads < FEWEST ? l->o->threads : FEWEST;

    (void)threads;                      /* where there is no OpenMP */
    for (uint32_t k = 0; k < n; k++) {
        memset(c->batch[k].of, 0, l->categories * sizeof *c->batch[k].of);
        c->batch[k].all = (struct weighed){ 0 };
    }
    #pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (uint32_t k = 0; k < n; k++)
        draw(l, c->n + k, &c->batch[k]);
    for (uint32_t k = 0; k < n; k++) {
        const struct sample *s = &c->batch[k];
        if (s->rc)
            return s->rc;
        c->disorder[c->n++] = s->disorder;
        l->out->exact &= s->exact;
        add(&c->cat, with_gaps(&s->all, l->o->empty), s->all.weight + s->all.lone);
        add(&c->pure, pure(&s->all), s->all.weight);
        for (uint32_t i = 0; i < l->categories; i++)
            add(&c->of[i], with_gaps(&s->of[i], l->o->empty), s->of[i].weight + s->of[i].lone);
    }
    return AS_OK;
}

/* How many samples make the mean as precise as is wanted. */
static uint32_t enough(const struct line *l, const struct chance *c)
{
    double mean = 0, square = 0;

    for (uint32_t k = 0; k < c->n; k++)
        mean += c->disorder[k] / c->n;
    for (uint32_t k = 0; k < c->n; k++)
        square += (c->disorder[k] - mean) * (c->disorder[k] - mean);
    if (!(mean > 0))
        return c->n;
    double z = as_normal_quantile((1 + l->o->level) / 2), spread = sqrt(square / (c->n - 1.));
    double want = ceil(pow(z * spread / mean / l->o->precision, 2));
    return want < AS_SAMPLES_MAX ? (uint32_t)want : AS_SAMPLES_MAX;
}

static int expect(struct line *l, struct chance *c)
{
    c->disorder = as_take(l->pool, AS_SAMPLES_MAX, sizeof *c->disorder);
    c->of = as_take(l->pool, l->categories, sizeof *c->of);
    c->batch = as_take(l->pool, FEWEST, sizeof *c->batch);
    if (!c->disorder || !c->of || !c->batch)
        return AS_ENOMEM;
    for (uint32_t k = 0; k < FEWEST; k++)
        if (!(c->batch[k].of = as_take(l->pool, l->categories, sizeof *c->batch[k].of)))
            return AS_ENOMEM;
    int rc = batch(l, c, FEWEST);
    for (uint32_t want = rc ? 0 : enough(l, c); !rc && c->n < want; )
        rc = batch(l, c, want - c->n < FEWEST ? want - c->n : FEWEST);
    return rc;
}

/* ------------------------------------------------------------------ the figures */

static int parts(struct line *l, const struct field *f, const struct alignment *a,
                 const struct chance *c)
{
    struct as_agreement *out = l->out;
    struct weighed all = { 0 }, *of = as_take(l->pool, l->categories, sizeof *of);

    out->part = as_take(l->kept, l->categories, sizeof *out->part);
    if (!of || !out->part)
        return AS_ENOMEM;
    out->parts = l->categories;
    categories(f, a, &all, of);
    out->cat_undefined = !(all.weight + all.lone > 0) || !(c->cat.sum > 0);
    if (!out->cat_undefined)
        out->cat = 1 - with_gaps(&all, l->o->empty) / (c->cat.sum / c->cat.n);
    out->pure_undefined = !(all.weight > 0) || !(c->pure.sum > 0);
    if (!out->pure_undefined)
        out->cat_pure = 1 - pure(&all) / (c->pure.sum / c->pure.n);
    for (uint32_t u = 0; u < l->n; u++)
        out->part[l->unit[u].category].units++;
    for (uint32_t k = 0; k < l->categories; k++) {
        struct as_agree_part *p = &out->part[k];
        p->category = k;
        p->undefined = !(of[k].weight + of[k].lone > 0) || !(c->of[k].sum > 0);
        if (p->undefined)
            continue;
        p->observed = with_gaps(&of[k], l->o->empty);
        p->expected = c->of[k].sum / c->of[k].n;
        p->value = 1 - p->observed / p->expected;
    }
    return AS_OK;
}

static int keep_alignment(struct line *l, const struct alignment *a)
{
    size_t cells = (size_t)a->n * l->annotators;

    l->out->alignments = a->n;
    if (!(l->out->aligned = as_take(l->kept, cells, sizeof *l->out->aligned)))
        return AS_ENOMEM;
    for (size_t k = 0; k < cells; k++)
        l->out->aligned[k] = a->unit[k] < 0 ? -1 : (int32_t)l->given[a->unit[k]];
    return AS_OK;
}

static int sure(struct line *l, const struct field *f, const struct alignment *a,
                const struct chance *c)
{
    struct as_ratio *r = as_take(l->pool, a->n, sizeof *r);

    if (!r)
        return AS_ENOMEM;
    for (uint32_t k = 0; k < a->n; k++) {
        r[k].up = a->cost[k];
        for (uint32_t i = 0; i < f->annotators; i++)
            r[k].down += a->unit[(size_t)k * f->annotators + i] >= 0 ? 1. / f->annotators : 0;
    }
    return as_ratio_sure(l, r, a->n, c->disorder, c->n);
}

static int best(const struct line *l, struct field *f, struct alignment *a)
{
    if ((double)l->n * l->annotators > 1e8)
        return AS_ETOOBIG;
    *f = (struct field){ l, l->annotators, l->n, l->unit, l->start };
    return as_align(f, l->pool, a);
}

static int gamma_of(struct line *l)
{
    struct as_agreement *out = l->out;
    struct alignment a;
    struct chance c = { 0 };
    struct field f;
    int rc = best(l, &f, &a);

    if (rc)
        return rc;
    out->exact = a.exact;
    out->raters = l->annotators;
    out->units = a.n;
    out->values = l->n;
    out->observed = disorder(&f, &a);
    if ((rc = expect(l, &c)))
        return rc;
    out->samples = c.n;
    for (uint32_t k = 0; k < c.n; k++)
        out->expected += c.disorder[k] / c.n;
    if (!(out->expected > 0))
        return AS_EUNDEFINED;
    out->value = 1 - out->observed / out->expected;
    if ((rc = parts(l, &f, &a, &c)) || (rc = keep_alignment(l, &a)))
        return rc;
    return sure(l, &f, &a, &c);
}

int as_gamma_disorder(const struct as_continuum *c, const struct as_agree_opts *o, double *out)
{
    struct as_pool scratch = { 0 };
    struct as_agree_opts plain;
    struct line l = { .pool = &scratch };
    struct alignment a;
    struct field f;

    *out = 0;
    as_agree_opts_init(&plain);
    l.o = o ? o : &plain;
    int rc = as_agree_check(l.o, 0);
    if (!rc)
        rc = as_line_fill(c, &l);
    if (!rc)
        rc = best(&l, &f, &a);
    if (!rc)
        *out = disorder(&f, &a);
    as_pool_end(&scratch);
    return rc;
}

const struct as_agree_method as_agree_gamma = {
    .info = { .id = "gamma", .title = "Gamma",
              .paper = "Mathet, Widlöcher and Métivier, Computational Linguistics 41(3), 2015; "
                       "Mathet, Computational Linguistics 43(3), 2017",
              .about = "The units of all people are aligned as well as can be, and what still "
                       "differs in place and category is set against shuffled copies of their "
                       "work. It costs some thirty alignments of the whole line. For spans that "
                       "may overlap, with gamma-cat and gamma-k for the categories alone." },
    .line = gamma_of };
