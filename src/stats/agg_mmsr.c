/*
 * agg_mmsr.c -- skill from who agrees with whom (M-MSR: Ma & Olshevsky, NeurIPS 2020).
 *
 * Two one-coin workers agree on C_jj' = (K/(K-1)) * share alike - 1/(K-1) = u_j u_j' in the
 * mean, with u_j = (K r_j - 1)/(K - 1).  So u is a rank one fit to the pairs that share tasks:
 *
 *   u_j = mean of C_jj' / u_j' over j's partners, without the F highest of those above u_j and the
 *   F lowest of those below it (F: two fifths of the partners), each partner by the tasks in common
 *
 * which a minority of people who answer anything cannot move.  It begins with every worker's
 * agreement with all others; |u'| below 0.05 tells nothing and is left out.  Then r_j, kept
 * 1/sqrt(n_j) away from 0 and 1, weighs a vote by log(r (K-1)/(1-r)), and the posterior is that of
 * the one-coin model.  O(sum of n_i^2) for the pairs, O(pairs log pairs) a round.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/tally.h"

#define TRIM     .4
#define ROUNDS   100
#define NEAR     1e-6
#define SMALL    .05
#define WORK_MAX AS_PAIR_WORK_MAX

struct partner {
    uint32_t who;
    double common, alike;       /* tasks of both by weight, and those answered alike */
};

struct mmsr {
    uint32_t workers;
    size_t *first;              /* [workers + 1] votes of a worker in by_worker */
    uint32_t *by_worker;        /* [votes] index of the vote */
    uint32_t *task;             /* [votes] */
    size_t *start;              /* [workers + 1] partners of a worker */
    struct partner *partner;
    size_t partners, room;
    double *u, *next, *n;       /* [workers] */
    struct ratio { double value, weight; } *ratio;      /* scratch of one worker */
};

static int by_value(const void *a, const void *b)
{
    const struct ratio *x = a, *y = b;

    if (x->value != y->value)
        return x->value > y->value ? 1 : -1;
    return (x->weight > y->weight) - (x->weight < y->weight);
}

static double weight_at(const struct as_votes *v, size_t s)
{
    return v->weight ? (double)v->weight[s] : 1;
}

static int votes_by_worker(struct as_fit *f, struct mmsr *m)
{
    const struct as_votes *v = f->votes;

    *m = (struct mmsr){ .workers = v->workers };
    if (!(m->first = as_take(f->pool, (size_t)v->workers + 2, sizeof *m->first))
        || !(m->by_worker = as_take(f->pool, v->n, sizeof *m->by_worker))
        || !(m->task = as_take(f->pool, v->n, sizeof *m->task))
        || !(m->start = as_take(f->pool, (size_t)v->workers + 1, sizeof *m->start))
        || !(m->ratio = as_take(f->pool, v->workers, sizeof *m->ratio))
        || !(m->u = as_take(f->pool, v->workers, sizeof *m->u))
        || !(m->next = as_take(f->pool, v->workers, sizeof *m->next))
        || !(m->n = as_take(f->pool, v->workers, sizeof *m->n)))
        return AS_ENOMEM;
    for (size_t s = 0; s < v->n; s++)
        m->first[v->worker[s] + 2]++;
    for (uint32_t j = 0; j < v->workers; j++)
        m->first[j + 2] += m->first[j + 1];
    for (uint32_t t = 0; t < v->tasks; t++)
        for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++) {
            m->task[s] = t;
            m->n[v->worker[s]] += weight_at(v, s);
            m->by_worker[m->first[v->worker[s] + 1]++] = s;
        }
    return AS_OK;
}

static int partner_add(struct as_fit *f, struct mmsr *m, struct partner p)
{
    if (m->partners == m->room) {
        size_t room = m->room ? 2 * m->room : 1024;
        struct partner *more = as_take(f->pool, room, sizeof *more);
        if (!more)
            return AS_ENOMEM;
        if (m->partners)
            memcpy(more, m->partner, m->partners * sizeof *more);
        m->partner = more;
        m->room = room;
    }
    m->partner[m->partners++] = p;
    return AS_OK;
}

/* Everybody who shares a task with j, in the order of their ids. */
static int partners_of(struct as_fit *f, struct mmsr *m, uint32_t j, struct partner *all)
{
    const struct as_votes *v = f->votes;
    int rc;

    for (size_t a = m->first[j]; a < m->first[j + 1]; a++) {
        uint32_t own = m->by_worker[a], t = m->task[own];
        for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++) {
            double w = weight_at(v, own) * weight_at(v, s);
            all[v->worker[s]].common += w;
            all[v->worker[s]].alike += v->label[s] == v->label[own] ? w : 0;
        }
    }
    m->start[j] = m->partners;
    for (uint32_t o = 0; o < v->workers; o++) {
        all[o].who = o;
        if (o != j && all[o].common > 0 && (rc = partner_add(f, m, all[o])))
            return rc;
        all[o].common = all[o].alike = 0;
    }
    m->start[j + 1] = m->partners;
    return AS_OK;
}

static int pairs_new(struct as_fit *f, struct mmsr *m)
{
    const struct as_votes *v = f->votes;
    struct partner *all = as_take(f->pool, v->workers, sizeof *all);
    uint64_t work = (uint64_t)v->workers * v->workers;
    int rc = all ? AS_OK : AS_ENOMEM;

    for (uint32_t t = 0; t < v->tasks; t++) {
        uint64_t n = v->start[t + 1] - v->start[t];
        work += n * n;
    }
    if (work > WORK_MAX)
        return AS_ETOOBIG;
    for (uint32_t j = 0; j < v->workers && !rc; j++)
        rc = partners_of(f, m, j, all);
    return rc;
}

static double agreement(const struct partner *p, uint32_t classes)
{
    return (p->alike / p->common * classes - 1) / (classes - 1);
}

/* The trimmed mean of what j's partners say of them. */
static double heard(const struct mmsr *m, uint32_t j, uint32_t classes)
{
    double sum = 0, weight = 0;
    size_t n = 0;

    for (size_t p = m->start[j]; p < m->start[j + 1]; p++) {
        double other = m->u[m->partner[p].who];
        if (fabs(other) >= SMALL)
            m->ratio[n++] = (struct ratio){ agreement(&m->partner[p], classes) / other,
                                            m->partner[p].common * other * other };
    }
    qsort(m->ratio, n, sizeof *m->ratio, by_value);
    size_t trim = (size_t)(TRIM * (double)n), lo = 0, hi = n;
    while (lo < trim && m->ratio[lo].value < m->u[j])
        lo++;
    while (n - hi < trim && m->ratio[hi - 1].value > m->u[j])
        hi--;
    for (size_t k = lo; k < hi; k++) {
        sum += m->ratio[k].value * m->ratio[k].weight;
        weight += m->ratio[k].weight;
    }
    double u = weight > 0 ? sum / weight : m->u[j];
    return u < -1 ? -1 : u > 1 ? 1 : u;
}

static void rounds(struct as_fit *f, struct mmsr *m)
{
    struct as_result *r = f->out;
    uint32_t K = f->votes->classes;
    int most = f->opts->max_iter < ROUNDS ? f->opts->max_iter : ROUNDS;
    double moved = 1;

    for (uint32_t j = 0; j < m->workers; j++) {
        double alike = 0, common = 0;
        for (size_t p = m->start[j]; p < m->start[j + 1]; p++) {
            alike += m->partner[p].alike;
            common += m->partner[p].common;
        }
        struct partner all = { 0, common, alike };
        double c = common > 0 ? agreement(&all, K) : 0;
        m->u[j] = c > 0 ? sqrt(c) : c < 0 ? -sqrt(-c) : 0;
    }
    r->iterations = 0;
    while (moved > NEAR && r->iterations < most && !r->stopped) {
        moved = 0;              /* all at once and half way: no order of workers, no swinging */
        for (uint32_t j = 0; j < m->workers; j++)
            m->next[j] = (m->u[j] + heard(m, j, K)) / 2;
        for (uint32_t j = 0; j < m->workers; j++) {
            moved = fmax(moved, fabs(m->next[j] - m->u[j]));
            m->u[j] = m->next[j];
        }
        r->iterations++;
        if (f->opts->progress && f->opts->progress(f->opts->progress_arg, r->iterations, 0))
            r->stopped = 1;
    }
    r->converged = moved <= NEAR;
}

/* Skills to log odds of a vote, and the posterior. */
static void answer(struct as_fit *f, struct mmsr *m)
{
    double K = f->votes->classes;

    for (uint32_t j = 0; j < m->workers; j++) {
        double edge = fmin(1 / sqrt(m->n[j] + 1), .5 / K);
        double r = fmin(fmax((m->u[j] * (K - 1) + 1) / K, edge), 1 - edge);
        m->next[j] = f->out->worker[j].weight = log(r * (K - 1) / (1 - r));
    }
    as_vote_odds(f, m->next);
}

static int run(struct as_fit *f)
{
    uint32_t K = f->votes->classes;
    struct mmsr m;
    int rc;

    if (K < 2) {
        as_vote_all(f, NULL);
        return AS_OK;
    }
    if ((rc = votes_by_worker(f, &m)) || (rc = pairs_new(f, &m)))
        return rc;
    rounds(f, &m);
    answer(f, &m);
    return AS_OK;
}

const struct as_agg as_agg_mmsr = {
    { "mmsr", "M-MSR", "Ma & Olshevsky, NeurIPS (2020)",
      "Finds everybody's skill from who agrees with whom, leaving out the most extreme partners, "
      "so that a few people who answer at random or against all cannot move the rest. The work "
      "grows with the square of the answers per task. For crowds with deliberate spoilers.", 0 },
    run
};
