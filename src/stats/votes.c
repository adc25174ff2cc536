/*
 * votes.c -- rows in, checked votes by task out.
 *
 *   1. check every row;
 *   2. counting sort by task (stable, O(rows));
 *   3. inside a task, by worker (insertion; a large task by qsort), so the sums of a method do not
 *      depend on the order in which the answers came;
 *   4. settle duplicates, then drop abstains, compacting in place.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/tally.h"

#define SMALL 24        /* answers of one task that insertion sort takes */

struct rows {           /* the arrays while they are being sorted */
    uint32_t *worker;
    uint16_t *label;
    float *weight;
    int64_t *time;
};

struct key {
    uint32_t worker;
    uint16_t label;
    float weight;
    int64_t time;
    size_t at;          /* keeps qsort stable */
};

static int fault_at(struct as_fault *f, int code, size_t row, uint32_t task, uint32_t worker,
                    const char *why)
{
    if (f)
        *f = (struct as_fault){ row, task, worker, why };
    return code;
}

static int check(const struct as_labels *in, struct as_fault *f)
{
    const uint32_t none = UINT32_MAX;

    if (in->classes < 1 || in->classes > AS_CLASSES_MAX)
        return fault_at(f, in->classes ? AS_ETOOBIG : AS_EINVAL, SIZE_MAX, none, none,
                        "the number of classes must be 1 to 65535");
    if (in->n > AS_ROWS_MAX)
        return fault_at(f, AS_ETOOBIG, SIZE_MAX, none, none, "too many rows");
    if (in->n && (!in->task || !in->worker || !in->label))
        return fault_at(f, AS_EINVAL, SIZE_MAX, none, none, "task, worker or label is missing");
    for (size_t r = 0; r < in->n; r++) {
        uint32_t t = in->task[r], w = in->worker[r];
        if (t >= in->tasks)
            return fault_at(f, AS_EINVAL, r, t, w, "no such task");
        if (w >= in->workers)
            return fault_at(f, AS_EINVAL, r, t, w, "no such worker");
        if (in->label[r] >= in->classes && in->label[r] != AS_ABSTAIN)
            return fault_at(f, AS_EINVAL, r, t, w, "no such class");
        if (in->weight && !(in->weight[r] >= 0 && isfinite(in->weight[r])))
            return fault_at(f, AS_EINVAL, r, t, w, "a weight must be a number of 0 or more");
    }
    for (uint32_t t = 0; in->gold && t < in->tasks; t++)
        if (in->gold[t] >= in->classes && in->gold[t] != AS_ABSTAIN)
            return fault_at(f, AS_EINVAL, SIZE_MAX, t, none, "the known answer is no class");
    return AS_OK;
}

/* start[t] becomes the first place of task t; the rows keep their order inside a task. */
static void by_task(const struct as_labels *in, struct as_votes *v, struct rows *to)
{
    uint32_t *next = v->start;

    for (size_t r = 0; r < in->n; r++)
        next[in->task[r] + 1]++;
    for (uint32_t t = 0; t < in->tasks; t++)
        next[t + 1] += next[t];
    for (size_t r = 0; r < in->n; r++) {
        uint32_t k = next[in->task[r]]++;
        to->worker[k] = in->worker[r];
        to->label[k] = in->label[r];
        if (to->weight)
            to->weight[k] = in->weight[r];
        if (to->time)
            to->time[k] = in->time[r];
    }
    /* each entry now stands at the end of its task, the place of the next one */
    memmove(next + 1, next, in->tasks * sizeof *next);
    next[0] = 0;
}

static struct key key_get(const struct rows *a, size_t k)
{
    return (struct key){ a->worker[k], a->label[k], a->weight ? a->weight[k] : 1,
                         a->time ? a->time[k] : 0, k };
}

static void key_set(struct rows *a, size_t k, const struct key *e)
{
    a->worker[k] = e->worker;
    a->label[k] = e->label;
    if (a->weight)
        a->weight[k] = e->weight;
    if (a->time)
        a->time[k] = e->time;
}

/* By worker; of one worker the later answer stands later. */
static int key_order(const struct key *a, const struct key *b)
{
    if (a->worker != b->worker)
        return a->worker < b->worker ? -1 : 1;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

static int key_compare(const void *a, const void *b)
{
    return key_order(a, b);
}

static void sort_small(struct rows *a, size_t from, size_t to)
{
    for (size_t k = from + 1; k < to; k++) {
        struct key e = key_get(a, k);
        size_t hole = k;
        while (hole > from) {
            struct key left = key_get(a, hole - 1);
            left.at = 0;            /* it came before e: only a strict difference moves it */
            if (key_order(&left, &e) <= 0)
                break;
            key_set(a, hole--, &left);
        }
        if (hole != k)
            key_set(a, hole, &e);
    }
}

static int sort_tasks(struct as_votes *v, struct rows *a)
{
    size_t most = 0;
    struct key *big = NULL;
    struct as_pool pool = { 0 };

    for (uint32_t t = 0; t < v->tasks; t++)
        if (v->start[t + 1] - v->start[t] > most)
            most = v->start[t + 1] - v->start[t];
    if (most > SMALL && !(big = as_take(&pool, most, sizeof *big)))
        return AS_ENOMEM;
    for (uint32_t t = 0; t < v->tasks; t++) {
        size_t from = v->start[t], n = v->start[t + 1] - from;
        if (n <= SMALL) {
            sort_small(a, from, from + n);
            continue;
        }
        for (size_t k = 0; k < n; k++)
            big[k] = key_get(a, from + k);
        qsort(big, n, sizeof *big, key_compare);
        for (size_t k = 0; k < n; k++)
            key_set(a, from + k, &big[k]);
    }
    as_pool_end(&pool);
    return AS_OK;
}

static int settle(struct as_votes *v, enum as_duplicates policy, struct as_fault *f)
{
    size_t out = 0, from = 0;
    uint64_t h = as_digest_begin(v);

    for (uint32_t t = 0; t < v->tasks; t++) {
        size_t end = v->start[t + 1], first = out;
        for (size_t k = from; k < end; ) {
            size_t after = k + 1;
            while (after < end && v->worker[after] == v->worker[k])
                after++;
            size_t twice = after - k - 1, use = k, stop = after;
            if (twice && policy == AS_REJECT)
                return fault_at(f, AS_EDUPLICATE, SIZE_MAX, t, v->worker[k],
                                "this worker answered this task more than once");
            if (policy != AS_KEEP_ALL) {
                use = policy == AS_KEEP_FIRST ? k : after - 1;
                stop = use + 1;
                v->info.duplicates += twice;
            } else if (twice) {
                v->repeats = 1;
            }
            for (; use < stop; use++) {
                if (v->label[use] == AS_ABSTAIN) {
                    v->info.abstained++;
                    continue;
                }
                v->worker[out] = v->worker[use];
                v->label[out] = v->label[use];
                if (v->weight)
                    v->weight[out] = v->weight[use];
                h = as_digest_vote(h, t, v->worker[out], v->label[out],
                                   v->weight ? v->weight + out : NULL);
                out++;
            }
            k = after;
        }
        from = end;
        v->start[t] = (uint32_t)first;
        if (out == first)
            v->info.empty_tasks++;
    }
    v->n = out;
    v->start[v->tasks] = (uint32_t)out;
    for (uint32_t t = 0; v->gold && t < v->tasks; t++)
        if (v->gold[t] != AS_ABSTAIN) {
            v->info.gold_tasks++;
            h = as_digest_gold(h, t, v->gold[t]);
        }
    v->info.kept = out;
    v->info.digest = h;
    return AS_OK;
}

static int fill(const struct as_labels *in, enum as_duplicates policy, struct as_votes *v,
                struct as_fault *f)
{
    struct as_pool scratch = { 0 };
    struct rows to = { 0 };
    int rc;

    v->start = as_take(&v->pool, (size_t)in->tasks + 2, sizeof *v->start);
    v->worker = to.worker = as_take(&v->pool, in->n, sizeof *to.worker);
    v->label = to.label = as_take(&v->pool, in->n, sizeof *to.label);
    if (!v->start || !v->worker || !v->label)
        return AS_ENOMEM;
    if (in->weight && !(v->weight = to.weight = as_take(&v->pool, in->n, sizeof *to.weight)))
        return AS_ENOMEM;
    if (in->gold && !(v->gold = as_take(&v->pool, in->tasks, sizeof *v->gold)))
        return AS_ENOMEM;
    if (in->gold && in->tasks)
        memcpy(v->gold, in->gold, in->tasks * sizeof *v->gold);
    if (in->time && !(to.time = as_take(&scratch, in->n, sizeof *to.time)))
        return AS_ENOMEM;
    by_task(in, v, &to);
    rc = sort_tasks(v, &to);
    as_pool_end(&scratch);
    return rc ? rc : settle(v, policy, f);
}

int as_votes_new(const struct as_labels *in, enum as_duplicates policy, struct as_votes **out,
                 struct as_fault *fault)
{
    struct as_pool pool = { 0 };
    int rc = check(in, fault);

    *out = NULL;
    if (rc)
        return rc;
    if (policy < AS_KEEP_LAST || policy > AS_REJECT)
        return fault_at(fault, AS_EINVAL, SIZE_MAX, UINT32_MAX, UINT32_MAX,
                        "no such duplicate policy");
    struct as_votes *v = as_take(&pool, 1, sizeof *v);
    if (!v)
        return AS_ENOMEM;
    v->pool = pool;
    v->tasks = v->info.tasks = in->tasks;
    v->workers = v->info.workers = in->workers;
    v->classes = v->info.classes = in->classes;
    v->info.rows = in->n;
    rc = fill(in, policy, v, fault);
    if (rc) {
        as_votes_free(v);
        return rc;
    }
    *out = v;
    return AS_OK;
}

void as_votes_free(struct as_votes *v)
{
    if (!v)
        return;
    struct as_pool pool = v->pool;      /* the pool holds v itself */
    as_pool_end(&pool);
}

void as_votes_info(const struct as_votes *v, struct as_votes_info *out)
{
    *out = v->info;
}

int as_votes_gold(struct as_votes *v, const uint16_t *gold)
{
    uint64_t h = as_digest_begin(v);
    uint16_t *copy = NULL;
    uint32_t known = 0;

    for (uint32_t t = 0; gold && t < v->tasks; t++)
        if (gold[t] >= v->classes && gold[t] != AS_ABSTAIN)
            return AS_EINVAL;
    if (gold && !(copy = as_take(&v->pool, v->tasks, sizeof *copy)))
        return AS_ENOMEM;
    for (uint32_t t = 0; t < v->tasks; t++)
        for (uint32_t k = v->start[t]; k < v->start[t + 1]; k++)
            h = as_digest_vote(h, t, v->worker[k], v->label[k], v->weight ? v->weight + k : NULL);
    for (uint32_t t = 0; gold && t < v->tasks; t++) {
        copy[t] = gold[t];
        if (gold[t] == AS_ABSTAIN)
            continue;
        known++;
        h = as_digest_gold(h, t, gold[t]);
    }
    v->gold = copy;
    v->info.gold_tasks = known;
    v->info.digest = h;
    return AS_OK;
}

const uint16_t *as_votes_known(const struct as_votes *v)
{
    return v->gold;
}
