/*
 * rank_spread.c -- how sure: intervals of the Bradley-Terry family.
 *
 *   model      diagonal of the pseudo-inverse of the curvature at the maximum
 *   sandwich   H+ (sum over clusters of g g') H+ times C/(C-1), g the summed slope of a cluster:
 *              a judge, or a row where judges are not known (White 1980; Liang and Zeger 1986)
 *   bootstrap  (Efron 1979) rounds of resampled rows or judges; every round has its own stream of
 *              chance and starts at the full fit, whose factored curvature serves all of them as a
 *              fixed Newton matrix (the chord method), so a step costs one slope and two
 *              triangular solves.  A round where that does not settle is fitted anew.
 *
 * The curvature of a part has its level pinned, as the strengths in it sum to zero: the pin's share
 * is taken off again.  A round has a prior of at least PRIOR_MIN: a resample may cut an item off.
 */
#include <math.h>
#include <string.h>

#include "stats/chance.h"
#include "stats/rank_model.h"
#include "stats/solve.h"

#define PRIOR_MIN .01
#define CHORDS 40
#define SETTLED 1e-6            /* of a log strength; what is left then is a tenth of it */
#define FEW (1u << 20)          /* rows up to here take 32 random bits each */

/* ------------------------------------------------------------------ model */

int as_spread_model(const struct as_model *m, struct as_work *s, struct as_margin *out)
{
    double pin;

    as_model_slope(m, s, s->par, 1);
    int rc = as_model_factor(m, s, &pin);
    if (rc)
        return rc;
    as_chol_diagonal(s->h, m->n, m->first, out->se);
    for (uint32_t i = 0; i < m->n; i++) {
        double v = out->se[i];
        if (i < m->items)
            v -= 1 / (m->parts->size[i] * (2 * m->alpha + pin));
        out->se[i] = sqrt(fmax(v, 0));
    }
    return AS_OK;
}

/* ------------------------------------------------------------------ sandwich */

struct cluster {                /* a summed slope and where it is not zero */
    double *g;
    uint32_t *at, n;
    uint8_t *is_in;
};

static void cluster_add(struct cluster *c, uint32_t i, double v)
{
    if (!c->is_in[i]) {
        c->is_in[i] = 1;
        c->at[c->n++] = i;
    }
    c->g[i] += v;
}

/* Adds g g' to the meat, and empties the cluster. */
static void cluster_end(struct cluster *c, double *meat, size_t n)
{
    for (uint32_t i = 0; i < c->n; i++)
        for (uint32_t j = 0; j < c->n; j++)
            meat[c->at[i] * n + c->at[j]] += c->g[c->at[i]] * c->g[c->at[j]];
    for (uint32_t i = 0; i < c->n; i++) {
        c->g[c->at[i]] = 0;
        c->is_in[c->at[i]] = 0;
    }
    c->n = 0;
}

static void cluster_row(const struct as_model *m, const struct as_work *s, uint32_t of, double w,
                        struct cluster *c)
{
    const struct as_cells *k = m->cells;
    size_t cell = of / 3;
    double d, e;

    as_model_row_slope(m, s->par, cell, (int)(of % 3), &d, &e);
    cluster_add(c, k->a[cell], w * d);
    cluster_add(c, k->b[cell], -w * d);
    for (unsigned j = 0; j < k->p; j++)
        cluster_add(c, m->items + j, w * d * k->x[cell * k->p + j]);
    if (m->extra)
        cluster_add(c, m->n - 1, w * e);
}

/* Rows by judge: order[start[j]] …; every row by itself where judges are not known. */
static int by_judge(const struct as_ranking *f, const struct as_cells *c, struct as_pool *pool,
                    size_t **order, size_t **start, size_t *clusters)
{
    const uint32_t *judge = f->in->judge;
    size_t groups = judge ? f->in->judges : c->rows;

    *order = as_take(pool, c->rows, sizeof **order);
    *start = as_take(pool, groups + 2, sizeof **start);
    if (!*order || !*start)
        return AS_ENOMEM;
    for (size_t k = 0; k < c->rows; k++)
        (*start)[(judge ? judge[c->row[k]] : k) + 2]++;
    for (size_t g = 0; g < groups; g++)
        (*start)[g + 2] += (*start)[g + 1];
    for (size_t k = 0; k < c->rows; k++)
        (*order)[(*start)[(judge ? judge[c->row[k]] : k) + 1]++] = k;
    *clusters = groups;
    return AS_OK;
}

static int meat_of(const struct as_model *m, const struct as_work *s, const struct as_ranking *f,
                   struct as_pool *pool, double *meat)
{
    struct cluster c = { .g = as_take(pool, m->n, sizeof *c.g),
                         .at = as_take(pool, m->n, sizeof *c.at),
                         .is_in = as_take(pool, m->n, sizeof *c.is_in) };
    size_t *order, *start, groups, used = 0;
    int rc = by_judge(f, m->cells, pool, &order, &start, &groups);

    if (rc || !c.g || !c.at || !c.is_in)
        return AS_ENOMEM;
    for (size_t g = 0; g < groups; g++) {
        for (size_t k = start[g]; k < start[g + 1]; k++) {
            size_t row = m->cells->row[order[k]];
            double w = f->in->weight ? (double)f->in->weight[row] : 1;
            cluster_row(m, s, m->cells->of[order[k]], w, &c);
        }
        used += start[g + 1] > start[g];
        cluster_end(&c, meat, m->n);
    }
    if (used < 2)
        return m->cells->rows ? AS_EUNFIT : AS_OK;
    for (size_t k = 0; k < (size_t)m->n * m->n; k++)
        meat[k] *= (double)used / (double)(used - 1);
    return AS_OK;
}

int as_spread_sandwich(const struct as_model *m, struct as_work *s, const struct as_ranking *f,
                       struct as_margin *out)
{
    struct as_pool pool = { 0 };
    size_t n = m->n;
    double *meat = as_take(&pool, n * n, sizeof *meat), *inv = as_take(&pool, n * n, sizeof *inv);
    double pin;
    int rc = AS_ENOMEM;

    if (!meat || !inv || (rc = meat_of(m, s, f, &pool, meat)))
        goto out;
    as_model_slope(m, s, s->par, 1);
    if ((rc = as_model_factor(m, s, &pin)))
        goto out;
    as_chol_inverse(s->h, n, m->first, inv);
    for (size_t i = 0; i < n; i++) {
        double v = 0;
        for (size_t j = 0; j < n; j++)      /* the pin drops out: the slopes of a part sum to 0 */
            v += inv[i * n + j] * as_dot(meat + j * n, inv + i * n, n);
        out->se[i] = sqrt(fmax(v, 0));
    }
out:
    as_pool_end(&pool);
    return rc;
}

/* ------------------------------------------------------------------ bootstrap */

struct boot {
    const struct as_ranking *f;
    struct as_model m;
    const double *best, *factor;    /* the full fit; its factor or NULL */
    uint32_t *judge, judges;        /* those with rows, for by_judge */
    double *draw;                   /* [n * rounds] */
    size_t rounds;
};

/* Whole judges: how often each was drawn is the weight of their rows. */
static void draw_judges(const struct boot *b, struct as_rng *g, uint32_t *times, double *w)
{
    const struct as_duels *in = b->f->in;
    const struct as_cells *c = b->m.cells;

    memset(times, 0, in->judges * sizeof *times);
    for (uint32_t j = 0; j < b->judges; j++)
        times[b->judge[as_draw_below(g, b->judges)]]++;
    for (size_t k = 0; k < c->rows; k++)
        w[c->of[k]] += times[in->judge[c->row[k]]]
                     * (in->weight ? (double)in->weight[c->row[k]] : 1);
}

static void draw_rows(const struct boot *b, struct as_rng *g, double *w)
{
    const struct as_cells *c = b->m.cells;
    const float *weight = b->f->in->weight;
    uint64_t n = c->rows, k = 0;

    if (!weight && n <= FEW) {
        for (; k + 2 <= n; k += 2) {
            uint64_t bits = as_draw_bits(g);
            w[c->of[(bits & UINT32_MAX) * n >> 32]]++;
            w[c->of[(bits >> 32) * n >> 32]]++;
        }
    }
    for (; k < n; k++) {
        uint64_t at = as_draw_below(g, n);
        w[c->of[at]] += weight ? (double)weight[c->row[at]] : 1;
    }
}

/* Newton steps with the matrix of the full fit; 0: they did not settle. */
static int chords(const struct boot *b, struct as_work *s)
{
    const struct as_model *m = &b->m;
    double before = HUGE_VAL;

    if (!b->factor)
        return 0;
    memcpy(s->par, b->best, m->n * sizeof *s->par);
    for (int k = 0; k < CHORDS; k++) {
        double move = 0;
        as_model_slope(m, s, s->par, 0);
        as_chol_solve(b->factor, m->n, m->first, s->g);
        for (uint32_t i = 0; i < m->n; i++) {
            move = fmax(move, fabs(s->g[i]));
            s->par[i] += s->g[i];
        }
        if (!(move < 2 * before) || (m->kind == AS_RAO_KUPPER && m->extra && s->par[m->n - 1] <= 0))
            return 0;
        if (move < SETTLED)
            return 1;
        before = move;
    }
    return 0;
}

static void round_of(const struct boot *b, struct as_work *s, uint32_t *times, size_t r)
{
    const struct as_model *m = &b->m;
    struct as_rng g = { .seed = b->f->opts->seed, .stream = r + 1 };
    int iterations, converged;

    memset(s->w, 0, 3 * m->cells->n * sizeof *s->w);
    if (b->judges)
        draw_judges(b, &g, times, s->w);
    else
        draw_rows(b, &g, s->w);
    if (chords(b, s))
        as_model_centre(m, s->par);
    else {
        memcpy(s->par, b->best, m->n * sizeof *s->par);
        as_model_fit(m, s, NULL, &iterations, &converged);
    }
    for (uint32_t i = 0; i < m->n; i++)
        b->draw[i * b->rounds + r] = s->par[i];
}

static int judges_of(struct boot *b, struct as_pool *pool)
{
    const struct as_duels *in = b->f->in;
    const struct as_cells *c = b->m.cells;
    uint8_t *has = as_take(pool, in->judges, 1);

    b->judge = as_take(pool, in->judges, sizeof *b->judge);
    if (!has || !b->judge)
        return AS_ENOMEM;
    for (size_t k = 0; k < c->rows; k++)
        has[in->judge[c->row[k]]] = 1;
    for (uint32_t j = 0; j < in->judges; j++)
        if (has[j])
            b->judge[b->judges++] = j;
    return b->judges < 2 && c->rows ? AS_EUNFIT : AS_OK;
}

static int rounds_run(struct boot *b, struct as_pool *pool, int threads)
{
    struct as_work *works = as_take(pool, (size_t)threads, sizeof *works);
    uint32_t **times = as_take(pool, (size_t)threads, sizeof *times);

    if (!works || !times)
        return AS_ENOMEM;
    for (int t = 0; t < threads; t++) {
        int rc = as_work_new(&b->m, pool, 0, &works[t]);
        if (rc)
            return rc;
        if (!(times[t] = as_take(pool, (size_t)b->f->in->judges + 1, sizeof **times)))
            return AS_ENOMEM;
    }
    size_t each = (b->rounds + (size_t)threads - 1) / (size_t)threads;
    #pragma omp parallel for num_threads(threads) schedule(static, 1)
    for (int t = 0; t < threads; t++)
        for (size_t r = (size_t)t * each; r < b->rounds && r < ((size_t)t + 1) * each; r++)
            round_of(b, &works[t], times[t], r);
    return AS_OK;
}

int as_spread_bootstrap(const struct as_model *m, struct as_work *s, const struct as_ranking *f,
                        struct as_margin *out)
{
    struct as_pool pool = { 0 };
    struct boot b = { .f = f, .m = *m, .rounds = (size_t)f->opts->rounds };
    int threads = f->opts->threads < f->opts->rounds ? f->opts->threads : f->opts->rounds, rc = 0;
    double pin;

    threads = threads > 64 ? 64 : threads;
    b.m.alpha = fmax(m->alpha, PRIOR_MIN);
    b.m.tol = fmax(m->tol, 1e-9);
    b.m.max_iter = 50;
    b.best = s->par;
    as_model_slope(&b.m, s, s->par, 1);
    if (s->h && !as_model_factor(&b.m, s, &pin))
        b.factor = s->h;
    if (!(b.draw = as_take(&pool, (size_t)m->n * b.rounds, sizeof *b.draw)))
        rc = AS_ENOMEM;
    if (!rc && f->opts->by_judge && f->in->judge)
        rc = judges_of(&b, &pool);
    if (!rc)
        rc = rounds_run(&b, &pool, threads);
    for (uint32_t i = 0; !rc && i < m->n; i++)
        as_rank_margin(b.draw + i * b.rounds, b.rounds, b.best[i], f->opts->level, &out->se[i],
                       &out->lo[i], &out->hi[i]);
    as_pool_end(&pool);
    return rc;
}
