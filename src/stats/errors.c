/* errors.c -- see errors.h. */
#include <string.h>

#include "stats/errors.h"

#define HALF .5         /* nobody is taken to be without error: half an answer more */

/* The weighted vote of every task; returns how many answers changed. */
static uint32_t vote(struct as_fit *f, const double *weight, uint16_t *answer)
{
    const struct as_votes *v = f->votes;
    uint32_t changed = 0;

    for (uint32_t t = 0; t < v->tasks; t++) {
        uint32_t touched = as_count(f, t, weight);
        uint16_t top = as_top(f, touched);
        as_uncount(f, touched);
        if (v->gold && v->gold[t] != AS_ABSTAIN)
            top = v->gold[t];
        changed += answer[t] != top;
        answer[t] = top;
    }
    return changed;
}

static void errors(const struct as_votes *v, const uint16_t *answer, struct as_errors *d)
{
    memset(d->wrong, 0, d->workers * sizeof *d->wrong);
    for (uint32_t t = 0; t < v->tasks; t++)
        for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++)
            d->wrong[v->worker[s]] += v->label[s] == answer[t] ? 0
                                      : v->weight ? (double)v->weight[s] : 1;
    for (uint32_t j = 0; j < d->workers; j++)
        d->wrong[j] += HALF;
}

/* One round is over: 1 to go on. */
static int step(struct as_fit *f, const struct as_errors *d, const double *weight, int keeps,
                uint32_t changed)
{
    struct as_result *r = f->out;
    double sum = 0;

    for (uint32_t j = 0; keeps && j < d->workers; j++)
        sum -= weight[j] * d->wrong[j];
    if (keeps && !r->trace && !(r->trace = as_take(f->keep, (size_t)f->opts->max_iter,
                                                   sizeof *r->trace)))
        return AS_ENOMEM;
    if (keeps)
        r->trace[r->trace_n++] = sum;
    r->converged = !changed;
    if (f->opts->progress && f->opts->progress(f->opts->progress_arg, r->iterations, sum))
        r->stopped = 1;
    return !r->converged && !r->stopped && r->iterations < f->opts->max_iter;
}

int as_errors_run(struct as_fit *f, as_weigh *weigh, int has_objective)
{
    const struct as_votes *v = f->votes;
    struct as_errors d = { .workers = v->workers };
    uint16_t *answer = as_take(f->pool, v->tasks, sizeof *answer);
    double *weight = as_take(f->pool, v->workers, sizeof *weight);
    int go = 1;

    if (!answer || !weight || !(d.n = as_take(f->pool, v->workers, sizeof *d.n))
        || !(d.wrong = as_take(f->pool, v->workers, sizeof *d.wrong)))
        return AS_ENOMEM;
    for (size_t s = 0; s < v->n; s++)
        d.n[v->worker[s]] += v->weight ? (double)v->weight[s] : 1;
    vote(f, NULL, answer);
    f->out->iterations = 0;
    while (go == 1) {
        errors(v, answer, &d);
        weigh(&d, weight);
        f->out->iterations++;
        go = step(f, &d, weight, has_objective, vote(f, weight, answer));
    }
    if (go < 0)
        return go;
    as_vote_all(f, weight);
    for (uint32_t j = 0; j < v->workers; j++)
        f->out->worker[j].weight = weight[j];
    return AS_OK;
}
