/*
 * agree_pairs.c -- how often each two people agree.
 *
 * For each worker a, walk the tasks of a and count for every b > a on them; cost is the sum
 * of answers squared over tasks, bounded by AS_PAIR_WORK_MAX.
 */
#include <string.h>

#include "stats/agree.h"

int as_by_worker_fill(const struct as_votes *v, struct as_pool *p, struct as_by_worker *o)
{
    o->start = as_take(p, (size_t)v->workers + 2, sizeof *o->start);
    o->task = as_take(p, v->n, sizeof *o->task);
    o->label = as_take(p, v->n, sizeof *o->label);
    if (!o->start || !o->task || !o->label)
        return AS_ENOMEM;
    for (size_t k = 0; k < v->n; k++)
        o->start[v->worker[k] + 1]++;
    for (uint32_t j = 0; j < v->workers; j++)
        o->start[j + 1] += o->start[j];
    for (uint32_t t = 0; t < v->tasks; t++)
        for (size_t k = v->start[t]; k < v->start[t + 1]; k++) {
            size_t at = o->start[v->worker[k]]++;
            o->task[at] = t;
            o->label[at] = v->label[k];
        }
    memmove(o->start + 1, o->start, v->workers * sizeof *o->start);
    o->start[0] = 0;
    return AS_OK;
}

struct count {
    uint64_t common, agree;
};

/* Counts what worker a shares with every later worker; the votes of a task stand by worker. */
static void with_later(const struct as_votes *v, const struct as_by_worker *o, uint32_t a,
                       struct count *c)
{
    for (size_t s = o->start[a]; s < o->start[a + 1]; s++) {
        uint32_t t = o->task[s];
        for (size_t k = v->start[t + 1]; k-- > v->start[t] && v->worker[k] > a; ) {
            c[v->worker[k]].common++;
            c[v->worker[k]].agree += v->label[k] == o->label[s];
        }
    }
}

struct owned {                  /* pairs and their memory; the array starts after this */
    struct as_pool pool;
    _Alignas(max_align_t) struct as_pair pair[];
};

static int pairs(const struct as_votes *v, struct as_pool *scratch, struct as_pair **out, size_t *n)
{
    struct as_by_worker o;
    struct count *c = as_take(scratch, v->workers, sizeof *c);
    struct as_pair *found = NULL;
    size_t have = 0, room = 0;
    int rc = c ? as_by_worker_fill(v, scratch, &o) : AS_ENOMEM;

    for (uint32_t a = 0; !rc && a < v->workers; a++) {
        with_later(v, &o, a, c);
        for (uint32_t b = a + 1; b < v->workers; b++) {
            if (!c[b].common)
                continue;
            if (have == room) {
                struct as_pair *more = as_take(scratch, room = room * 2 + 64, sizeof *more);
                if (!more)
                    return AS_ENOMEM;
                if (have)
                    memcpy(more, found, have * sizeof *more);
                found = more;
            }
            found[have++] = (struct as_pair){ a, b, c[b].common, c[b].agree };
            c[b] = (struct count){ 0 };
        }
    }
    if (rc)
        return rc;
    struct as_pool pool = { 0 };
    struct owned *own = as_take(&pool, 1, sizeof *own + have * sizeof *found);
    if (!own)
        return AS_ENOMEM;
    own->pool = pool;
    if (have)
        memcpy(own->pair, found, have * sizeof *found);
    *out = own->pair;
    *n = have;
    return AS_OK;
}

int as_pairs_new(const struct as_votes *v, struct as_pair **out, size_t *n)
{
    struct as_pool scratch = { 0 };
    double work = (double)v->workers * v->workers / 2;

    *out = NULL;
    *n = 0;
    if (v->repeats)
        return AS_EUNFIT;
    for (uint32_t t = 0; t < v->tasks; t++) {
        double m = (double)(v->start[t + 1] - v->start[t]);
        work += m * m;
    }
    if (work > (double)AS_PAIR_WORK_MAX)
        return AS_ETOOBIG;
    int rc = pairs(v, &scratch, out, n);
    as_pool_end(&scratch);
    return rc;
}

void as_pairs_free(struct as_pair *p)
{
    if (!p)
        return;
    struct owned *own = (struct owned *)(void *)((char *)p - offsetof(struct owned, pair));
    struct as_pool pool = own->pool;
    as_pool_end(&pool);
}

int as_mean_pairwise(const double *sim, uint32_t n, double *out)
{
    double sum = 0;

    *out = 0;
    if (n < 2)
        return AS_EUNDEFINED;
    for (uint32_t a = 0; a < n; a++)
        for (uint32_t b = a + 1; b < n; b++) {
            double s = sim[(size_t)a * n + b];
            if (!(s >= 0 && s <= 1))
                return AS_EINVAL;
            sum += s;
        }
    *out = sum / ((double)n * (n - 1) / 2);
    return AS_OK;
}
