/*
 * agg_kos.c -- message passing for two classes (Karger, Oh & Shah, NIPS 2011).
 *
 * Answers are y = +1 (class 1) and -1 (class 0).  Between task i and each of its workers j run two
 * messages, neither of which hears what the other side said last:
 *
 *   x_{i->j} = sum_{j' != j} y_ij' m_{j'->i},     m_{j->i} = sum_{i' != i} y_i'j x_{i'->j}
 *
 * m begins at 1 (seed 0) or as N(1, 1) drawn from the seed; after each of 100 rounds both are
 * scaled to unit root mean square.  It ends early when no task has changed its sign for five
 * rounds.  The answer is the sign of sum_j y_ij m_{j->i}; a task that sums to zero falls back to
 * the majority. The posterior is the share of |message| on either side: the method itself knows no
 * probability. Several answers of one worker to one task are one edge with their sum.  O(votes) a
 * round.
 *
 * It believes the classes are about as frequent; on skewed data it is the wrong method.
 */
#include <math.h>
#include <string.h>

#include "stats/chance.h"
#include "stats/tally.h"

#define ROUNDS 100
#define STILL  5

struct kos {
    uint32_t tasks, edges;
    uint32_t *start;            /* [tasks + 1] first edge of a task */
    uint32_t *worker;           /* [edges] */
    double *y, *m, *x;          /* [edges] answers by weight, and the two messages */
    double *sum;                /* [workers] */
    signed char *sign;          /* [tasks] */
};

/* One edge for each worker on a task; they stand together in the votes. */
static int edges_new(struct as_fit *f, struct kos *k)
{
    const struct as_votes *v = f->votes;

    *k = (struct kos){ .tasks = v->tasks };
    if (!(k->start = as_take(f->pool, (size_t)v->tasks + 1, sizeof *k->start))
        || !(k->worker = as_take(f->pool, v->n, sizeof *k->worker))
        || !(k->y = as_take(f->pool, v->n, sizeof *k->y))
        || !(k->m = as_take(f->pool, v->n, sizeof *k->m))
        || !(k->x = as_take(f->pool, v->n, sizeof *k->x))
        || !(k->sum = as_take(f->pool, v->workers, sizeof *k->sum))
        || !(k->sign = as_take(f->pool, v->tasks, sizeof *k->sign)))
        return AS_ENOMEM;
    for (uint32_t t = 0; t < v->tasks; t++) {
        k->start[t] = k->edges;
        for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++) {
            double w = v->weight ? (double)v->weight[s] : 1;
            if (s == v->start[t] || v->worker[s] != v->worker[s - 1])
                k->worker[k->edges++] = v->worker[s];
            k->y[k->edges - 1] += v->label[s] ? w : -w;
        }
    }
    k->start[v->tasks] = k->edges;
    return AS_OK;
}

static void scale(double *x, uint32_t n)
{
    double square = 0;

    for (uint32_t e = 0; e < n; e++)
        square += x[e] * x[e];
    double by = square > 0 ? 1 / sqrt(square / n) : 1;
    for (uint32_t e = 0; e < n; e++)
        x[e] *= by;
}

/* Messages of the tasks, then of the workers; returns how many tasks changed their sign. */
static uint32_t round_of(const struct as_votes *v, struct kos *k)
{
    uint32_t changed = 0;

    for (uint32_t t = 0; t < k->tasks; t++) {
        double sum = 0;
        for (uint32_t e = k->start[t]; e < k->start[t + 1]; e++)
            sum += k->y[e] * k->m[e];
        signed char sign = (signed char)((sum > 0) - (sum < 0));
        changed += k->sign[t] != sign;
        k->sign[t] = sign;
        int known = v->gold && v->gold[t] != AS_ABSTAIN;
        for (uint32_t e = k->start[t]; e < k->start[t + 1]; e++)
            k->x[e] = known ? (v->gold[t] ? 1 : -1) : sum - k->y[e] * k->m[e];
    }
    scale(k->x, k->edges);
    memset(k->sum, 0, v->workers * sizeof *k->sum);
    for (uint32_t e = 0; e < k->edges; e++)
        k->sum[k->worker[e]] += k->y[e] * k->x[e];
    for (uint32_t e = 0; e < k->edges; e++)
        k->m[e] = k->sum[k->worker[e]] - k->y[e] * k->x[e];
    scale(k->m, k->edges);
    return changed;
}

static void rounds(struct as_fit *f, struct kos *k)
{
    struct as_result *r = f->out;
    struct as_rng g = { f->opts->seed, 0x6b6f73u, 0 };
    int most = f->opts->max_iter < ROUNDS ? f->opts->max_iter : ROUNDS, still = 0;

    for (uint32_t e = 0; e < k->edges; e++)
        k->m[e] = f->opts->seed ? 1 + as_draw_normal(&g) : 1;
    r->iterations = 0;
    while (r->iterations < most && still < STILL && !r->stopped) {
        still = round_of(f->votes, k) ? 0 : still + 1;
        r->iterations++;
        if (f->opts->progress && f->opts->progress(f->opts->progress_arg, r->iterations, 0))
            r->stopped = 1;
    }
    r->converged = still >= STILL;
}

static void put(struct as_fit *f, const struct kos *k, uint32_t t)
{
    double side[2] = { 0, 0 };

    for (uint32_t e = k->start[t]; e < k->start[t + 1]; e++) {
        double x = k->y[e] * k->m[e];
        side[x > 0] += fabs(x);
    }
    f->out->flags[t] = 0;
    if (!(fabs(side[1] - side[0]) > AS_TIE_EPS * (side[0] + side[1]))) {
        as_put(f, t, as_count(f, t, NULL));
        return;
    }
    for (uint16_t c = 0; c < 2; c++) {
        f->touched[c] = c;
        f->row[c] = side[c];
    }
    as_put(f, t, 2);
}

/* The weight of a worker is the mean of what they said in the end. */
static void leave(struct as_fit *f, struct kos *k)
{
    memset(k->sum, 0, f->votes->workers * sizeof *k->sum);
    for (uint32_t j = 0; j < f->votes->workers; j++)
        f->out->worker[j].weight = 0;
    for (uint32_t e = 0; e < k->edges; e++) {
        f->out->worker[k->worker[e]].weight += k->m[e];
        k->sum[k->worker[e]]++;
    }
    for (uint32_t j = 0; j < f->votes->workers; j++)
        f->out->worker[j].weight /= fmax(k->sum[j], 1);
}

static int run(struct as_fit *f)
{
    struct kos k;
    int rc = f->votes->classes == 2 ? edges_new(f, &k) : AS_EUNFIT;

    if (rc)
        return rc;
    rounds(f, &k);
    for (uint32_t t = 0; t < k.tasks; t++)
        put(f, &k, t);
    leave(f, &k);
    return AS_OK;
}

const struct as_agg as_agg_kos = {
    { "kos", "KOS", "Karger, Oh & Shah, NIPS (2011)",
      "For two classes: tasks and workers send each other messages on how far to be trusted, until "
      "the signs stand still. A pass over the votes per round, no assumption on the workers. It "
      "expects both classes about equally often and fails on skewed data.", 0 },
    run
};
