/*
 * merge.c -- regions of several people become groups, one for each thing they saw.
 *
 *   1. people in order of weight, then id; a person's regions in order of place;
 *   2. each person's regions as a whole are matched to the groups so far (assign.c): the score is
 *      the mean IoU with a group's members, 0 below the threshold; an unmatched region founds a
 *      group.  So no group ever holds two regions of one person.  Greedy: region by region, by
 *      falling weight, to the best group that has none of that person;
 *   3. existence = weight of the people in a group / weight of all who looked; kept above `keep`;
 *   4. label by weighted vote in the group; place by weighted mean or weighted median of each
 *      number (weighted boxes fusion: Solovyev, Wang, Gabruseva 2021, with people as the models).
 *
 * Any shape with an IoU goes through the same steps.  O(n^2) IoUs and one matching a person.
 */
#include <math.h>
#include <stdlib.h>

#include "stats/merge.h"
#include "stats/tally.h"

#define LABEL_PULL .1           /* any_label: how much an equal label adds to the score */
#define NONE UINT32_MAX

struct owned {
    struct as_merged m;
    struct as_pool pool;
};

void as_merge_opts_init(struct as_merge_opts *o)
{
    *o = (struct as_merge_opts){ .iou = .5, .keep = .5, .max_iter = 1000, .tol = 1e-7 };
}

static double likeness(const struct as_scene *j, uint32_t a, uint32_t b)
{
    if (j->shape != AS_SHAPE_NONE)
        return as_shape_iou(j->shape, j->numbers, &j->at[(size_t)a * j->numbers],
                            &j->at[(size_t)b * j->numbers], j->o.reach);
    double s = j->iou(j->arg, a, b);
    return s >= 0 ? fmin(s, 1) : 0;         /* NaN: not alike */
}

static double weight_of(const struct as_scene *j, uint32_t worker)
{
    return j->o.worker_weight && j->weight_all > 0 ? j->o.worker_weight[worker] : 1;
}

/* ------------------------------------------------------------------ 1. order */

static int flat(double a, double b)
{
    return a < b ? -1 : a > b;
}

static int by_place(const struct as_scene *j, uint32_t a, uint32_t b)
{
    int c = 0;

    for (uint32_t k = 0; !c && k < j->numbers; k++)
        c = flat(j->at[(size_t)a * j->numbers + k], j->at[(size_t)b * j->numbers + k]);
    if (!c && j->numbers)
        c = flat(j->label[a], j->label[b]);
    return c ? c : flat(a, b);
}

static int order_regions(const void *a, const void *b, void *arg)
{
    const struct as_scene *j = arg;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int c = j->o.meet == AS_MEET_GREEDY ? flat(j->weight[y], j->weight[x]) : 0;

    c = c ? c : flat(j->rank[j->worker[x]], j->rank[j->worker[y]]);
    return c ? c : by_place(j, x, y);
}

static int order_workers(const void *a, const void *b, void *arg)
{
    const struct as_scene *j = arg;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int c = flat(weight_of(j, y), weight_of(j, x));

    return c ? c : flat(x, y);
}

static int sort_all(struct as_scene *j)
{
    uint32_t *people = as_take(j->pool, j->answers, sizeof *people);

    j->rank = as_take(j->pool, j->answers, sizeof *j->rank);
    j->order = as_take(j->pool, j->n, sizeof *j->order);
    j->weight = as_take(j->pool, j->n, sizeof *j->weight);
    if (!people || !j->rank || !j->order || !j->weight)
        return AS_ENOMEM;
    for (uint32_t r = 0; r < j->n; r++)
        j->weight[r] = weight_of(j, j->worker[r]) * (j->sure ? j->sure[r] : 1);
    for (uint32_t w = 0; w < j->answers; w++)
        people[w] = w;
    qsort_r(people, j->answers, sizeof *people, order_workers, j);
    for (uint32_t k = 0; k < j->answers; k++)
        j->rank[people[k]] = k;
    for (uint32_t r = 0; r < j->n; r++)
        j->order[r] = r;
    qsort_r(j->order, j->n, sizeof *j->order, order_regions, j);
    return AS_OK;
}

/* ------------------------------------------------------------------ 2. groups */

static double score(const struct as_scene *j, uint32_t region, uint32_t group)
{
    double sum = 0, n = 0, same = 0;

    if (!j->o.any_label && j->label[region] != j->label[j->first[group]])
        return 0;
    for (uint32_t m = j->first[group]; m != NONE; m = j->next[m]) {
        sum += likeness(j, region, m);
        same += j->label[m] == j->label[region];
        n++;
    }
    if (sum / n < j->o.iou)
        return 0;
    return sum / n + (j->o.any_label ? LABEL_PULL * same / n : 0);
}

static void join(struct as_scene *j, uint32_t region, uint32_t group)
{
    j->next[region] = NONE;
    if (group == j->groups) {
        j->groups++;
        j->first[group] = region;
    } else {
        j->next[j->last[group]] = region;
    }
    j->last[group] = region;
}

/* Matches order[from … to-1], one person's regions, to the groups there are. */
static int place_person(struct as_scene *j, uint32_t from, uint32_t to, int32_t *of)
{
    struct as_pool pool = { 0 };
    uint32_t n = to - from, groups = j->groups;
    double *w = as_take(&pool, (size_t)n * groups, sizeof *w);
    int32_t *hit = as_take(&pool, n, sizeof *hit);
    int rc = w && hit ? AS_OK : AS_ENOMEM;

    for (uint32_t r = 0; !rc && r < n; r++)
        for (uint32_t g = 0; g < groups; g++)
            w[(size_t)r * groups + g] = score(j, j->order[from + r], g);
    if (!rc)
        rc = as_assign(w, n, groups, hit, NULL);
    for (uint32_t r = 0; !rc && r < n; r++) {
        uint32_t region = j->order[from + r];
        uint32_t g = hit[r] < 0 ? j->groups : (uint32_t)hit[r];
        of[region] = (int32_t)g;
        join(j, region, g);
    }
    as_pool_end(&pool);
    return rc;
}

/* One region to the best group that has none of its worker. */
static void place_one(struct as_scene *j, uint32_t region, int32_t *of)
{
    double best = 0;
    uint32_t to = j->groups;

    for (uint32_t g = 0; g < j->groups; g++) {
        uint32_t m = j->first[g];
        while (m != NONE && j->worker[m] != j->worker[region])
            m = j->next[m];
        double s = m == NONE ? score(j, region, g) : 0;
        if (s > best) {
            best = s;
            to = g;
        }
    }
    of[region] = (int32_t)to;
    join(j, region, to);
}

static int group_all(struct as_scene *j, int32_t *of)
{
    j->first = as_take(j->pool, j->n, sizeof *j->first);
    j->last = as_take(j->pool, j->n, sizeof *j->last);
    j->next = as_take(j->pool, j->n, sizeof *j->next);
    j->member = as_take(j->pool, j->n, sizeof *j->member);
    if (!j->first || !j->last || !j->next || !j->member)
        return AS_ENOMEM;
    for (uint32_t from = 0, to; from < j->n; from = to) {
        to = from + 1;
        if (j->o.meet == AS_MEET_GREEDY) {
            place_one(j, j->order[from], of);
            continue;
        }
        while (to < j->n && j->worker[j->order[to]] == j->worker[j->order[from]])
            to++;
        int rc = place_person(j, from, to, of);
        if (rc)
            return rc;
    }
    return AS_OK;
}

/* ------------------------------------------------------------------ 3., 4. what a group says */

static uint32_t gather(const struct as_scene *j, uint32_t group)
{
    uint32_t n = 0;

    for (uint32_t m = j->first[group]; m != NONE; m = j->next[m])
        j->member[n++] = m;
    return n;
}

static void vote_label(const struct as_scene *j, uint32_t n, double backing, struct as_group *g)
{
    double best = -1;

    for (uint32_t a = 0; a < n; a++) {
        uint16_t label = j->label[j->member[a]];
        double sum = 0;
        for (uint32_t b = 0; b < n; b++)
            sum += j->label[j->member[b]] == label ? j->weight[j->member[b]] : 0;
        if (best >= 0 && fabs(sum - best) <= best * AS_TIE_EPS) {
            g->tied |= label != g->label;
            g->label = label < g->label ? label : g->label;
        } else if (sum > best) {
            best = sum;
            g->label = label;
            g->tied = 0;
        }
    }
    g->label_share = backing > 0 ? fmin(best / backing, 1) : 1;
}

static void find_medoid(const struct as_scene *j, uint32_t n, struct as_group *g)
{
    double best = -1;

    for (uint32_t a = 0; a < n; a++) {
        double sum = 0;
        for (uint32_t b = 0; b < n; b++)
            if (a != b)
                sum += j->weight[j->member[b]]
                       * likeness(j, j->member[a], j->member[b]);
        if (sum > best * (1 + AS_TIE_EPS)) {
            best = sum;
            g->medoid = j->member[a];
        }
    }
}

static void describe(const struct as_scene *j, uint32_t group, struct as_group *g, double *place)
{
    uint32_t n = gather(j, group);
    double backing = 0, weight = 0, all = j->weight_all > 0 ? j->weight_all : j->answers;

    for (uint32_t a = 0; a < n; a++) {
        backing += weight_of(j, j->worker[j->member[a]]);
        weight += j->weight[j->member[a]];
    }
    g->backing = n;
    g->existence = fmin(backing / all, 1);
    g->kept = g->existence > j->o.keep + AS_TIE_EPS;
    vote_label(j, n, weight, g);
    find_medoid(j, n, g);
    if (j->numbers)
        as_shape_fuse(j, j->member, n, g->medoid, place);
    if (j->shape == AS_SHAPE_BOX)
        g->at.box = (struct as_box){ place[0], place[1], place[2], place[3] };
    if (j->shape == AS_SHAPE_SPAN)
        g->at.span = (struct as_span){ place[0], place[1] };
}

/* Kept groups to the front; `of` follows. */
static int arrange(struct as_scene *j, struct owned *own)
{
    size_t numbers = j->numbers;
    struct as_group *g = as_take(j->pool, j->groups, sizeof *g);
    double *place = as_take(j->pool, j->groups * numbers, sizeof *place);
    int32_t *now = as_take(j->pool, j->groups, sizeof *now);
    struct as_merged *m = &own->m;

    m->group = as_take(&own->pool, j->groups, sizeof *m->group);
    m->place = as_take(&own->pool, j->groups * numbers, sizeof *m->place);
    m->numbers = j->numbers;
    if (!g || !place || !now || !m->group || !m->place)
        return AS_ENOMEM;
    for (uint32_t k = 0; k < j->groups; k++)
        describe(j, k, &g[k], place + k * numbers);
    for (int kept = 1; kept >= 0; kept--) {
        for (uint32_t k = 0; k < j->groups; k++) {
            if (g[k].kept != kept)
                continue;
            now[k] = (int32_t)m->groups;
            for (size_t e = 0; e < numbers; e++)
                m->place[m->groups * numbers + e] = place[k * numbers + e];
            m->group[m->groups++] = g[k];
        }
        m->kept = kept ? m->groups : m->kept;
    }
    for (uint32_t r = 0; r < j->n; r++)
        m->of[r] = now[m->of[r]];
    return AS_OK;
}

/* ------------------------------------------------------------------ the doors */

static int check(struct as_scene *j)
{
    const struct as_merge_opts *o = &j->o;

    if (j->n > AS_MERGE_MAX || j->answers > (1u << 20))
        return AS_ETOOBIG;
    if (!(o->iou > 0 && o->iou <= 1) || !(o->keep >= 0 && o->keep < 1)
        || (o->fuse != AS_FUSE_DEFAULT && o->fuse != AS_FUSE_MEAN && o->fuse != AS_FUSE_MEDIAN)
        || (o->meet != AS_MEET_OPTIMAL && o->meet != AS_MEET_GREEDY)
        || (j->shape == AS_SHAPE_POINTS && !(o->reach > 0 && isfinite(o->reach))))
        return AS_EINVAL;
    for (uint32_t w = 0; o->worker_weight && w < j->answers; w++) {
        if (!(o->worker_weight[w] >= 0 && o->worker_weight[w] <= 1e100))
            return AS_EINVAL;
        j->weight_all += o->worker_weight[w];
    }
    for (uint32_t r = 0; r < j->n; r++)
        if (j->worker[r] >= j->answers || j->label[r] == AS_ABSTAIN
            || (j->shape != AS_SHAPE_NONE
                && !as_shape_good(j->shape, j->numbers, &j->at[(size_t)r * j->numbers])))
            return AS_EINVAL;
    return AS_OK;
}

int as_scene_merge(struct as_scene *j, struct as_merged **out)
{
    struct as_pool pool = { 0 }, scratch = { 0 };
    struct owned *own;
    int rc;

    *out = NULL;
    if ((rc = check(j)))
        return rc;
    if (!(own = as_take(&pool, 1, sizeof *own)))
        return AS_ENOMEM;
    own->pool = pool;
    j->pool = &scratch;
    own->m.of = as_take(&own->pool, j->n, sizeof *own->m.of);
    rc = own->m.of ? sort_all(j) : AS_ENOMEM;
    rc = rc ? rc : group_all(j, own->m.of);
    rc = rc ? rc : arrange(j, own);
    j->pool = NULL;
    as_pool_end(&scratch);
    if (rc)
        as_merged_free(&own->m);
    else
        *out = &own->m;
    return rc;
}

static int merge(struct as_scene *j, const struct as_merge_opts *o, struct as_merged **out)
{
    if (o)
        j->o = *o;
    else
        as_merge_opts_init(&j->o);
    return as_scene_merge(j, out);
}

int as_merge_shapes(enum as_shape shape, uint32_t numbers, const double *at,
                    const uint32_t *worker, const uint16_t *label, uint32_t n, uint32_t answers,
                    const struct as_merge_opts *o, struct as_merged **out)
{
    struct as_scene j = { .n = n, .answers = answers, .worker = worker, .label = label,
                          .shape = shape, .numbers = numbers, .at = at };

    if (shape != AS_SHAPE_NONE)
        return merge(&j, o, out);
    *out = NULL;
    return AS_EINVAL;
}

/* A box and a span are their numbers, one after the other. */
_Static_assert(sizeof(struct as_box) == 4 * sizeof(double), "a box is four numbers");
_Static_assert(sizeof(struct as_span) == 2 * sizeof(double), "a span is two numbers");

int as_merge_boxes(const struct as_box *box, const uint32_t *worker, const uint16_t *label,
                   uint32_t n, uint32_t answers, const struct as_merge_opts *o,
                   struct as_merged **out)
{
    return as_merge_shapes(AS_SHAPE_BOX, 4, (const double *)(const void *)box, worker, label, n,
                           answers, o, out);
}

int as_merge_spans(const struct as_span *span, const uint32_t *worker, const uint16_t *label,
                   uint32_t n, uint32_t answers, const struct as_merge_opts *o,
                   struct as_merged **out)
{
    return as_merge_shapes(AS_SHAPE_SPAN, 2, (const double *)(const void *)span, worker, label, n,
                           answers, o, out);
}

int as_merge_regions(double (*iou)(void *arg, uint32_t a, uint32_t b), void *arg,
                     const uint32_t *worker, const uint16_t *label, uint32_t n, uint32_t answers,
                     const struct as_merge_opts *o, struct as_merged **out)
{
    struct as_scene j = { .n = n, .answers = answers, .worker = worker, .label = label,
                          .iou = iou, .arg = arg };
    return merge(&j, o, out);
}

void as_merged_free(struct as_merged *m)
{
    if (!m)
        return;
    struct as_pool pool = ((struct owned *)(void *)m)->pool;    /* m is the first member */
    as_pool_end(&pool);
}
