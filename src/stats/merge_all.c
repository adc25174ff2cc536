/*
 * merge_all.c -- regions over many tasks, so that everybody's ways show.
 *
 * Twice, the first time with what the caller thinks of the workers:
 *
 *   1. in each task the regions of those who looked become groups (merge.c), workers taken by
 *      weight, places weighted by weight times stated confidence;
 *   2. each group is a thing that is there or not: merge_trust.c over all tasks;
 *   3. if labels are voted (any_label), they are by one-coin Dawid-Skene over all things, up to 64
 *      labels; else, and above, by the weighted vote of step 1;
 *   4. a worker's weight is w_j = ln(1 / (1 - IoU_j + 1e-5) + 1) squared, times the caller's, where
 *      IoU_j is that of j's regions with the places of their groups, each counting P(there), and
 *      two regions of the crowd's mean.
 *
 * Weighted boxes fusion: Solovyev, Wang, Gabruseva 2021.  O(n^2) IoUs a task.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/merge.h"
#include "stats/tally.h"

#define ROUNDS 2
#define CROWD  2.0              /* regions of the crowd's mean in everybody's IoU */
#define NONE   UINT32_MAX

static const struct {
    struct as_method_info info;
    enum as_meet meet;
} methods[] = {
    { { .id = "optimal", .title = "Optimal matching",
        .paper = "Kuhn 1955; Jonker, Volgenant 1987; Solovyev, Wang, Gabruseva 2021",
        .about = "Each person's regions are matched as a whole to the groups there are, so that "
                 "the sum of overlaps is the greatest. "
                 "It costs one assignment a person. "
                 "Use it by default: near things are not crossed over." }, AS_MEET_OPTIMAL },
    { { .id = "greedy", .title = "Greedy matching",
        .paper = "Solovyev, Wang, Gabruseva 2021",
        .about = "Region after region, by falling weight, joins the group it overlaps most. "
                 "It costs one look at every group a region. "
                 "Use it to get what greedy tools get." }, AS_MEET_GREEDY },
};
#define METHODS (sizeof methods / sizeof *methods)

struct whole {
    const struct as_regions *in;
    struct as_merge_opts o;
    struct as_things *out;
    struct as_pool *pool, *kept;
    size_t *row;                /* [n] rows by task, worker, row */
    size_t *row_start;          /* [tasks + 1] */
    uint32_t *look;             /* who looked at task t, ascending, in look_start[t] … */
    size_t *look_start;         /* [tasks + 1] */
    double *weight;             /* [workers] of this round */
    struct as_thing *thing;     /* [n] of this round */
    double *place;              /* [n * numbers] */
    struct as_sightings seen;
};

const struct as_method_info *as_merge_method(unsigned at)
{
    return at < METHODS ? &methods[at].info : NULL;
}

/* ------------------------------------------------------------------ who looked at what */

struct pair {
    uint32_t task, worker;
    size_t row;
};

/* By task, worker, and place, so that no sum depends on the order of the rows. */
static int by_pair(const void *a, const void *b, void *arg)
{
    const struct as_regions *in = arg;
    const struct pair *x = a, *y = b;

    if (x->task != y->task)
        return x->task < y->task ? -1 : 1;
    if (x->worker != y->worker)
        return x->worker < y->worker ? -1 : 1;
    for (size_t k = 0; x->row < in->n && y->row < in->n && k < in->numbers; k++) {
        double p = in->at[x->row * in->numbers + k], q = in->at[y->row * in->numbers + k];
        if (p < q || p > q)
            return p < q ? -1 : 1;
    }
    return x->row < y->row ? -1 : x->row > y->row;
}

/* Rows and looks in one list, by task and worker; looks have no row. */
static int sort_all(struct whole *w)
{
    const struct as_regions *in = w->in;
    struct as_regions sorting = *in;
    size_t all = in->n + in->looks, looks = 0, rows = 0, k = 0;
    struct pair *p = as_take(w->pool, all, sizeof *p);

    w->row = as_take(w->pool, in->n, sizeof *w->row);
    w->look = as_take(w->pool, all, sizeof *w->look);
    w->row_start = as_take(w->pool, (size_t)in->tasks + 1, sizeof *w->row_start);
    w->look_start = as_take(w->pool, (size_t)in->tasks + 1, sizeof *w->look_start);
    if (!p || !w->row || !w->look || !w->row_start || !w->look_start)
        return AS_ENOMEM;
    for (size_t r = 0; r < in->n; r++)
        p[r] = (struct pair){ in->task[r], in->worker[r], r };
    for (size_t l = 0; l < in->looks; l++)
        p[in->n + l] = (struct pair){ in->look_task[l], in->look_worker[l], SIZE_MAX };
    qsort_r(p, all, sizeof *p, by_pair, &sorting);
    for (uint32_t t = 0; t < in->tasks; t++) {
        w->row_start[t] = rows;
        w->look_start[t] = looks;
        for (; k < all && p[k].task == t; k++) {
            if (looks == w->look_start[t] || w->look[looks - 1] != p[k].worker)
                w->look[looks++] = p[k].worker;
            if (p[k].row != SIZE_MAX)
                w->row[rows++] = p[k].row;
        }
    }
    w->row_start[in->tasks] = rows;
    w->look_start[in->tasks] = looks;
    return AS_OK;
}

/* ------------------------------------------------------------------ one round */

struct desk {                   /* one task as a scene; arrays as long as the longest task */
    uint32_t *worker;
    uint16_t *label;
    double *sure, *at, *weight;
};

static int desk_new(const struct whole *w, struct desk *d, struct as_pool *pool)
{
    size_t rows = 0, looks = 0;

    for (uint32_t t = 0; t < w->in->tasks; t++) {
        size_t n = w->row_start[t + 1] - w->row_start[t];
        size_t m = w->look_start[t + 1] - w->look_start[t];
        rows = n > rows ? n : rows;
        looks = m > looks ? m : looks;
    }
    d->worker = as_take(pool, rows, sizeof *d->worker);
    d->label = as_take(pool, rows, sizeof *d->label);
    d->sure = as_take(pool, rows, sizeof *d->sure);
    d->at = as_take(pool, rows * w->in->numbers, sizeof *d->at);
    d->weight = as_take(pool, looks, sizeof *d->weight);
    return d->worker && d->label && d->sure && d->at && d->weight ? AS_OK : AS_ENOMEM;
}

static int merge_task(struct whole *w, const struct desk *d, uint32_t task, struct as_merged **m)
{
    const struct as_regions *in = w->in;
    const size_t *row = w->row + w->row_start[task];
    const uint32_t *look = w->look + w->look_start[task];
    size_t n = w->row_start[task + 1] - w->row_start[task];
    uint32_t answers = (uint32_t)(w->look_start[task + 1] - w->look_start[task]), local = 0;

    if (n > AS_MERGE_MAX)
        return AS_ETOOBIG;
    for (size_t r = 0; r < n; r++) {
        while (look[local] != in->worker[row[r]])
            local++;
        d->worker[r] = local;
        d->label[r] = in->label[row[r]];
        d->sure[r] = in->sure ? (double)in->sure[row[r]] : 1;
        memcpy(d->at + r * in->numbers, in->at + row[r] * in->numbers,
               in->numbers * sizeof *d->at);
    }
    for (uint32_t a = 0; a < answers; a++)
        d->weight[a] = w->weight[look[a]];
    struct as_scene s = { .n = (uint32_t)n, .answers = answers, .worker = d->worker,
                          .label = d->label, .sure = d->sure, .shape = in->shape,
                          .numbers = in->numbers, .at = d->at, .o = w->o };
    s.o.worker_weight = d->weight;
    return as_scene_merge(&s, m);
}

static void take_down(struct whole *w, uint32_t task, const struct as_merged *m)
{
    const size_t *row = w->row + w->row_start[task];
    uint32_t looked = (uint32_t)(w->look_start[task + 1] - w->look_start[task]);
    size_t numbers = w->in->numbers, n = w->row_start[task + 1] - w->row_start[task];

    for (uint32_t g = 0; g < m->groups; g++) {
        const struct as_group *from = &m->group[g];
        w->thing[w->seen.things + g] = (struct as_thing){
            .task = task, .label = from->label, .backing = from->backing, .looked = looked,
            .label_share = from->label_share, .tied = from->tied, .medoid = row[from->medoid] };
        w->seen.there[w->seen.things + g] = (double)from->backing / looked;
    }
    memcpy(w->place + w->seen.things * numbers, m->place, m->groups * numbers * sizeof *w->place);
    for (size_t r = 0; r < n; r++)
        w->out->of[row[r]] = w->seen.things + (size_t)m->of[r];
    w->seen.things += m->groups;
}

static int group_all(struct whole *w)
{
    struct as_pool pool = { 0 };
    struct desk d;
    int rc = desk_new(w, &d, &pool);

    w->seen.things = 0;
    for (uint32_t t = 0; !rc && t < w->in->tasks; t++) {
        struct as_merged *m;
        rc = merge_task(w, &d, t, &m);
        if (!rc)
            take_down(w, t, m);
        as_merged_free(rc ? NULL : m);
    }
    as_pool_end(&pool);
    return rc;
}

/* Everybody who looked at its task votes on every thing. */
static int look_all(struct whole *w)
{
    struct as_pool pool = { 0 };
    struct as_sightings *s = &w->seen;
    size_t votes = 0;

    for (size_t c = 0; c < s->things; c++)
        votes += w->thing[c].looked;
    size_t *start = as_take(&pool, s->things + 1, sizeof *start);
    uint32_t *worker = as_take(&pool, votes, sizeof *worker);
    uint8_t *drawn = as_take(&pool, votes, 1);
    int rc = start && worker && drawn ? AS_OK : AS_ENOMEM;
    for (size_t c = 0; !rc && c < s->things; c++) {
        const uint32_t *look = w->look + w->look_start[w->thing[c].task];
        start[c + 1] = start[c] + w->thing[c].looked;
        for (uint32_t a = 0; a < w->thing[c].looked; a++)
            worker[start[c] + a] = look[a];
    }
    for (size_t r = 0; !rc && r < w->in->n; r++) {
        size_t v = start[w->out->of[r]];
        while (worker[v] != w->in->worker[r])
            v++;
        drawn[v] = 1;
    }
    s->start = start;
    s->worker = worker;
    s->drawn = drawn;
    rc = rc ? rc : as_trust(s, &w->o, w->out, w->kept);
    for (size_t c = 0; !rc && c < s->things; c++) {
        w->thing[c].existence = s->there[c];
        w->thing[c].kept = s->there[c] > w->o.keep + AS_TIE_EPS;
    }
    as_pool_end(&pool);
    return rc;
}

/* Labels as a crowd's answers about things. */
static int vote_labels(struct whole *w)
{
    const struct as_regions *in = w->in;
    struct as_pool pool = { 0 };
    uint32_t classes = 0;
    struct as_votes *v = NULL;
    struct as_result *r = NULL;

    for (size_t k = 0; k < in->n; k++)
        classes = in->label[k] + 1u > classes ? in->label[k] + 1u : classes;
    if (!w->o.any_label || classes < 2 || classes > AS_DENSE_CLASSES || w->seen.things >= NONE)
        return AS_OK;
    uint32_t *task = as_take(&pool, in->n, sizeof *task);
    for (size_t k = 0; task && k < in->n; k++)
        task[k] = (uint32_t)w->out->of[k];
    struct as_labels rows = { .n = in->n, .tasks = (uint32_t)w->seen.things,
                              .workers = in->workers, .classes = classes, .task = task,
                              .worker = in->worker, .label = in->label, .weight = in->sure };
    int rc = task ? as_votes_new(&rows, AS_KEEP_LAST, &v, NULL) : AS_ENOMEM;
    rc = rc ? rc : as_aggregate(v, "one-coin", NULL, &r);
    for (size_t c = 0; !rc && c < w->seen.things; c++) {
        w->thing[c].label = r->label[c];
        w->thing[c].label_share = as_confidence(r, (uint32_t)c);
        w->thing[c].tied = (r->flags[c] & AS_TIED) != 0;
    }
    as_result_free(r);
    as_votes_free(v);
    as_pool_end(&pool);
    return rc;
}

/* How well everybody's regions lie, and the weights that follow. */
static int weigh(struct whole *w)
{
    const struct as_regions *in = w->in;
    struct as_pool pool = { 0 };
    double *sum = as_take(&pool, in->workers, sizeof *sum);
    double *n = as_take(&pool, in->workers, sizeof *n), all = 0, all_n = 0;

    if (!sum || !n) {
        as_pool_end(&pool);
        return AS_ENOMEM;
    }
    for (size_t k = 0; k < in->n; k++) {
        size_t r = w->row[k], c = w->out->of[r];
        double p = w->thing[c].existence;
        double iou = as_shape_iou(in->shape, in->numbers, in->at + r * in->numbers,
                                  w->place + c * in->numbers, w->o.reach);
        sum[in->worker[r]] += p * iou;
        n[in->worker[r]] += p;
        all += p * iou;
        all_n += p;
    }
    double usual = all_n > 0 ? all / all_n : .5;
    for (uint32_t j = 0; j < in->workers; j++) {
        double iou = (sum[j] + CROWD * usual) / (n[j] + CROWD);
        double log_miss = log(1 / (1 - iou + 1e-5) + 1);
        w->seen.looker[j].iou = n[j] > 0 ? fmin(sum[j] / n[j], 1) : 0;
        w->seen.looker[j].weight = w->weight[j];
        w->weight[j] = log_miss * log_miss
                       * (w->o.worker_weight ? w->o.worker_weight[j] : 1);
    }
    as_pool_end(&pool);
    return AS_OK;
}

/* ------------------------------------------------------------------ the answer */

/* Kept things to the front of their task; `of` follows. */
static int write_down(struct whole *w)
{
    struct as_things *out = w->out;
    size_t things = w->seen.things, numbers = w->in->numbers;
    size_t *now = as_take(w->pool, things, sizeof *now);

    out->thing = as_take(w->kept, things, sizeof *out->thing);
    out->place = as_take(w->kept, things * numbers, sizeof *out->place);
    if (!now || !out->thing || !out->place)
        return AS_ENOMEM;
    for (size_t from = 0, to; from < things; from = to) {
        to = from;
        while (to < things && w->thing[to].task == w->thing[from].task)
            to++;
        for (int kept = 1; kept >= 0; kept--)
            for (size_t c = from; c < to; c++) {
                if (w->thing[c].kept != kept)
                    continue;
                now[c] = out->n;
                out->thing[out->n] = w->thing[c];
                memcpy(out->place + out->n * numbers, w->place + c * numbers,
                       numbers * sizeof *out->place);
                out->n++;
                out->kept += (size_t)kept;
            }
    }
    for (size_t r = 0; r < w->in->n; r++)
        out->of[r] = now[out->of[r]];
    return AS_OK;
}

static int check(const struct whole *w)
{
    const struct as_regions *in = w->in;

    if (in->shape == AS_SHAPE_NONE || w->o.max_iter < 1 || w->o.max_iter > 1000000
        || !(w->o.tol >= 0) || !isfinite(w->o.tol))
        return AS_EINVAL;
    for (size_t r = 0; r < in->n; r++)
        if (in->task[r] >= in->tasks || in->worker[r] >= in->workers
            || in->label[r] == AS_ABSTAIN
            || (in->sure && !(in->sure[r] >= 0 && in->sure[r] <= 1))
            || !as_shape_good(in->shape, in->numbers, in->at + r * in->numbers))
            return AS_EINVAL;
    for (size_t l = 0; l < in->looks; l++)
        if (in->look_task[l] >= in->tasks || in->look_worker[l] >= in->workers)
            return AS_EINVAL;
    for (uint32_t j = 0; w->o.worker_weight && j < in->workers; j++)
        if (!(w->o.worker_weight[j] >= 0 && w->o.worker_weight[j] <= 1e100))
            return AS_EINVAL;
    return AS_OK;
}

static int lay_out(struct whole *w)
{
    const struct as_regions *in = w->in;

    w->out->numbers = in->numbers;
    w->out->workers = in->workers;
    w->out->of = as_take(w->kept, in->n, sizeof *w->out->of);
    w->out->worker = as_take(w->kept, in->workers, sizeof *w->out->worker);
    w->weight = as_take(w->pool, in->workers, sizeof *w->weight);
    w->thing = as_take(w->pool, in->n, sizeof *w->thing);
    w->place = as_take(w->pool, in->n * in->numbers, sizeof *w->place);
    w->seen.there = as_take(w->pool, in->n, sizeof *w->seen.there);
    w->seen.workers = in->workers;
    w->seen.looker = w->out->worker;
    if (!w->out->of || !w->out->worker || !w->weight || !w->thing || !w->place || !w->seen.there)
        return AS_ENOMEM;
    for (uint32_t j = 0; j < in->workers; j++)
        w->weight[j] = w->o.worker_weight ? w->o.worker_weight[j] : 1;
    return sort_all(w);
}

static int merge(struct whole *w)
{
    int rc = check(w);

    rc = rc ? rc : lay_out(w);
    for (int round = 0; !rc && round < ROUNDS; round++) {
        rc = group_all(w);
        rc = rc ? rc : look_all(w);
        rc = rc ? rc : vote_labels(w);
        rc = rc ? rc : weigh(w);
    }
    return rc ? rc : write_down(w);
}

int as_merge_all(const struct as_regions *in, const char *method, const struct as_merge_opts *o,
                 struct as_things **out)
{
    struct as_pool scratch = { 0 };
    int row;

    *out = NULL;
    if ((row = as_row(as_merge_method, method)) < 0)
        return AS_ENOMETHOD;
    struct as_things *t = as_own(sizeof *t);
    if (!t)
        return AS_ENOMEM;
    t->method = methods[row].info.id;
    struct whole w = { .in = in, .out = t, .pool = &scratch, .kept = as_owned(t) };
    if (o)
        w.o = *o;
    else
        as_merge_opts_init(&w.o);
    w.o.meet = methods[row].meet;
    int rc = merge(&w);
    as_pool_end(&scratch);
    if (rc)
        as_disown(t);
    else
        *out = t;
    return rc;
}

void as_things_free(struct as_things *t)
{
    as_disown(t);
}
