/*
 * multi.c -- sets of classes: each class a question of yes or no, answered by any method.
 *
 *   y_jtk = 1 if worker j's set for task t holds class k, else 0, over the tasks j answered
 *   "task" t * K + k of the pooled votes is the question (t, k);  q_tk = P(yes | all y)
 *
 * as_votes_new settles duplicates on the questions: all those of one answer share its place in
 * time, so the set that stands is one that was given (except where all are kept).
 */
#include <string.h>

#include "stats/tally.h"

struct part {                       /* classes first … first + count - 1, fitted together */
    const struct as_sets *in;
    uint32_t first, count;
    struct as_pool pool;
    struct as_votes *votes;
    struct as_result *fit;
};

/* ------------------------------------------------------------------ rows */

static int blame(struct as_fault *f, int code, size_t row, const char *why)
{
    if (f)
        *f = (struct as_fault){ row, UINT32_MAX, UINT32_MAX, why };
    return code;
}

static int check(const struct as_sets *in, struct as_fault *f)
{
    const size_t K = in->classes;

    if (!K || K > AS_CLASSES_MAX)
        return blame(f, K ? AS_ETOOBIG : AS_EINVAL, SIZE_MAX,
                     "the number of classes must be 1 to 65535");
    if (in->n > AS_ROWS_MAX / K || in->tasks > AS_MULTI_CELLS / K)
        return blame(f, AS_ETOOBIG, SIZE_MAX, "too many answers or tasks for so many classes");
    if (in->n && (!in->task || !in->worker || !in->start))
        return blame(f, AS_EINVAL, SIZE_MAX, "task, worker or start is missing");
    for (size_t r = 0; r < in->n; r++)
        if (in->start[r] > in->start[r + 1] || (in->start[r] < in->start[r + 1] && !in->label))
            return blame(f, AS_EINVAL, r, "a set must end behind its beginning");
    for (size_t r = 0; r < in->n; r++) {
        if (in->task[r] >= in->tasks || in->worker[r] >= in->workers)
            return blame(f, AS_EINVAL, r, in->task[r] < in->tasks ? "no such worker"
                                                                  : "no such task");
        for (size_t s = in->start[r]; s < in->start[r + 1]; s++)
            if (in->label[s] >= K)
                return blame(f, AS_EINVAL, r, "no such class");
    }
    for (size_t c = 0; in->known && c < K * in->tasks; c++)
        if (in->known[c] > 1 && in->known[c] != AS_ABSTAIN)
            return blame(f, AS_EINVAL, SIZE_MAX, "what is known is 0, 1 or nothing");
    return AS_OK;
}

/* Column by column, so that the votes read plain arrays. */
static int questions(struct part *p, struct as_labels *out)
{
    const struct as_sets *in = p->in;
    const size_t K = p->count, n = in->n * K;
    uint32_t *task = as_take(&p->pool, n, sizeof *task);
    uint32_t *worker = as_take(&p->pool, n, sizeof *worker);
    uint16_t *label = as_take(&p->pool, n, sizeof *label);
    float *weight = in->weight ? as_take(&p->pool, n, sizeof *weight) : NULL;
    int64_t *time = in->time ? as_take(&p->pool, n, sizeof *time) : NULL;
    uint16_t *gold = in->known ? as_take(&p->pool, in->tasks * K, sizeof *gold) : NULL;

    if (!task || !worker || !label || (in->weight && !weight) || (in->time && !time)
        || (in->known && !gold))
        return AS_ENOMEM;
    for (size_t r = 0; r < in->n; r++) {
        for (size_t k = 0, at = r * K; k < K; k++, at++) {
            task[at] = (uint32_t)(in->task[r] * K + k);
            worker[at] = in->worker[r];
            if (weight)
                weight[at] = in->weight[r];
            if (time)
                time[at] = in->time[r];
        }
        for (size_t s = in->start[r]; s < in->start[r + 1]; s++)
            if (in->label[s] >= p->first && in->label[s] - p->first < K)
                label[r * K + in->label[s] - p->first] = 1;
    }
    for (size_t t = 0; gold && t < in->tasks; t++)
        memcpy(gold + t * K, in->known + t * in->classes + p->first, K * sizeof *gold);
    *out = (struct as_labels){ .n = n, .tasks = (uint32_t)(in->tasks * K), .workers = in->workers,
                               .classes = 2, .task = task, .worker = worker, .label = label,
                               .weight = weight, .time = time, .gold = gold };
    return AS_OK;
}

static int fit(struct part *p, enum as_duplicates policy, const char *method,
               const struct as_opts *o, struct as_fault *fault)
{
    struct as_labels rows;
    struct as_fault f = { SIZE_MAX, UINT32_MAX, UINT32_MAX, NULL };
    int rc = questions(p, &rows);

    if (!rc)
        rc = as_votes_new(&rows, policy, &p->votes, &f);
    if (rc && f.why && fault) {             /* a question's place becomes its answer's */
        *fault = f;
        fault->row = f.row == SIZE_MAX ? f.row : f.row / p->count;
        fault->task = f.task == UINT32_MAX ? f.task : f.task / p->count;
    }
    return rc ? rc : as_aggregate(p->votes, method, o, &p->fit);
}

static void part_end(struct part *p)
{
    as_result_free(p->fit);
    as_votes_free(p->votes);
    as_pool_end(&p->pool);
}

/* ------------------------------------------------------------------ the answer */

/* Sums traces; the shorter one goes on with its last value. */
static int add_trace(struct as_multi *r, const double *trace, int n)
{
    int most = n > r->trace_n ? n : r->trace_n;
    double *sum = n ? as_take(as_owned(r), (size_t)most, sizeof *sum) : NULL;

    if (!n)
        return AS_OK;
    if (!sum)
        return AS_ENOMEM;
    for (int i = 0; i < most; i++) {
        sum[i] = trace[i < n ? i : n - 1];
        if (r->trace_n)
            sum[i] += r->trace[i < r->trace_n ? i : r->trace_n - 1];
    }
    r->trace = sum;
    r->trace_n = most;
    return AS_OK;
}

/* Of means over decisions: adds those of one more fit. */
static void add_worker(struct as_worker *to, const struct as_worker *w)
{
    double old = (double)to->n, more = (double)w->n, all = old + more;

    if (all > 0) {
        to->skill = (to->skill * old + w->skill * more) / all;
        to->lo = (to->lo * old + w->lo * more) / all;
        to->hi = (to->hi * old + w->hi * more) / all;
        to->weight = (to->weight * old + w->weight * more) / all;
        to->n += w->n;
    } else {
        *to = *w;
    }
}

static int take(struct as_multi *r, const struct part *p)
{
    const struct as_result *f = p->fit;

    for (uint32_t c = 0; c < f->tasks; c++) {
        uint32_t t = c / p->count;
        size_t cell = (size_t)t * r->classes + p->first + c % p->count;
        int yes = f->label[c] == 1;
        double sure = as_q(f, c, (uint32_t)yes);

        r->q[cell] = as_q(f, c, 1);
        r->has[cell] = (uint8_t)yes;
        r->flags[t] |= f->flags[c];
        if (f->flags[c] & AS_NO_VOTES)
            r->confidence[t] = 0;
        else if (sure < r->confidence[t])
            r->confidence[t] = sure;
    }
    for (uint32_t j = 0; j < r->workers; j++)
        add_worker(&r->worker[j], &f->worker[j]);
    r->method = f->method;
    r->note = f->note ? f->note : r->note;
    r->digest = as_mix(r->digest, f->digest);
    r->iterations = f->iterations > r->iterations ? f->iterations : r->iterations;
    r->converged &= f->converged;
    r->stopped |= f->stopped;
    return add_trace(r, f->trace, f->trace_n);
}

static int lay_out(struct as_multi *r, const struct as_sets *in)
{
    struct as_pool *kept = as_owned(r);
    size_t cells = (size_t)in->tasks * in->classes;

    *r = (struct as_multi){ .version = AS_VERSION, .tasks = in->tasks, .workers = in->workers,
                            .classes = in->classes, .digest = in->classes, .converged = 1 };
    if (!(r->q = as_take(kept, cells, sizeof *r->q))
        || !(r->has = as_take(kept, cells, sizeof *r->has))
        || !(r->confidence = as_take(kept, in->tasks, sizeof *r->confidence))
        || !(r->flags = as_take(kept, in->tasks, sizeof *r->flags))
        || !(r->worker = as_take(kept, in->workers, sizeof *r->worker)))
        return AS_ENOMEM;
    for (uint32_t t = 0; t < in->tasks; t++)
        r->confidence[t] = 1;
    return AS_OK;
}

int as_aggregate_multi(const struct as_sets *in, enum as_duplicates policy, const char *method,
                       int per_class, const struct as_opts *o, struct as_multi **out,
                       struct as_fault *fault)
{
    int rc = check(in, fault);

    *out = NULL;
    if (rc)
        return rc;
    struct as_multi *r = as_own(sizeof *r);
    if (!r)
        return AS_ENOMEM;
    rc = lay_out(r, in);
    for (uint32_t k = 0, step = per_class ? 1 : in->classes; !rc && k < in->classes; k += step) {
        struct part p = { .in = in, .first = k, .count = step };
        rc = fit(&p, policy, method, o, fault);
        if (!rc)
            rc = take(r, &p);
        part_end(&p);
    }
    if (rc)
        as_disown(r);
    else
        *out = r;
    return rc;
}

void as_multi_free(struct as_multi *r)
{
    as_disown(r);
}
