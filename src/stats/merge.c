/*
 * merge.c -- regions of several people become groups, one for each thing they saw.
 *
 *   1. people in order of weight, then id; a person's regions in order of place;
 *   2. each person's regions as a whole are matched to the groups so far (assign.c): the score is
 *      the mean IoU with a group's members, 0 below the threshold; an unmatched region founds a
 *      group.  So no group ever holds two regions of one person;
 *   3. existence = weight of the people in a group / weight of all who looked; kept above `keep`;
 *   4. label by weighted vote in the group; place by weighted mean or weighted median per edge
 *      (weighted boxes fusion: Solovyev, Wang, Gabruseva 2021, with people as the models).
 *
 * Any shape with an IoU goes through the same steps.  O(n^2) IoUs and one matching a person.
 */
#include <math.h>
#include <stdlib.h>

#include "stats/tally.h"

#define LABEL_PULL .1           /* any_label: how much an equal label adds to the score */
#define NONE UINT32_MAX

struct job {
    uint32_t n, answers;
    const uint32_t *worker;
    const uint16_t *label;
    const struct as_box *box;   /* one of the two, or neither */
    const struct as_span *span;
    double (*iou)(void *arg, uint32_t a, uint32_t b);
    void *arg;
    struct as_merge_opts o;
    double weight_all;

    struct as_pool *pool;       /* scratch */
    uint32_t *order;            /* regions in the order of steps 1 and 2 */
    uint32_t *rank;             /* of each worker */
    uint32_t *first, *last, *next;      /* members of a group, as linked lists */
    uint32_t *member;           /* one group, laid out */
    uint32_t groups;
};

struct owned {
    struct as_merged m;
    struct as_pool pool;
};

void as_merge_opts_init(struct as_merge_opts *o)
{
    *o = (struct as_merge_opts){ .iou = .5, .keep = .5 };
}

static double overlap(double a0, double a1, double b0, double b1)
{
    double w = fmin(a1, b1) - fmax(a0, b0);
    return w > 0 ? w : 0;
}

/* Things without extent are alike only when they are the same thing. */
double as_box_iou(const struct as_box *a, const struct as_box *b)
{
    double both = overlap(a->x0, a->x1, b->x0, b->x1) * overlap(a->y0, a->y1, b->y0, b->y1);
    double all = (a->x1 - a->x0) * (a->y1 - a->y0) + (b->x1 - b->x0) * (b->y1 - b->y0) - both;

    if (a->x0 == b->x0 && a->y0 == b->y0 && a->x1 == b->x1 && a->y1 == b->y1)
        return 1;
    return all > 0 ? fmin(both / all, 1) : 0;
}

double as_span_iou(const struct as_span *a, const struct as_span *b)
{
    double both = overlap(a->start, a->end, b->start, b->end);
    double all = (a->end - a->start) + (b->end - b->start) - both;

    if (a->start == b->start && a->end == b->end)
        return 1;
    return all > 0 ? fmin(both / all, 1) : 0;
}

static double likeness(const struct job *j, uint32_t a, uint32_t b)
{
    if (j->box)
        return as_box_iou(&j->box[a], &j->box[b]);
    if (j->span)
        return as_span_iou(&j->span[a], &j->span[b]);
    double s = j->iou(j->arg, a, b);
    return s >= 0 ? fmin(s, 1) : 0;         /* NaN: not alike */
}

static double weight_of(const struct job *j, uint32_t worker)
{
    return j->o.worker_weight && j->weight_all > 0 ? j->o.worker_weight[worker] : 1;
}

/* ------------------------------------------------------------------ 1. order */

static int flat(double a, double b)
{
    return a < b ? -1 : a > b;
}

static int by_place(const struct job *j, uint32_t a, uint32_t b)
{
    int c = 0;

    if (j->box) {
        const struct as_box *x = &j->box[a], *y = &j->box[b];
        c = flat(x->x0, y->x0);
        c = c ? c : flat(x->y0, y->y0);
        c = c ? c : flat(x->x1, y->x1);
        c = c ? c : flat(x->y1, y->y1);
    } else if (j->span) {
        c = flat(j->span[a].start, j->span[b].start);
        c = c ? c : flat(j->span[a].end, j->span[b].end);
    }
    if (!c && (j->box || j->span))
        c = flat(j->label[a], j->label[b]);
    return c ? c : flat(a, b);
}

static int order_regions(const void *a, const void *b, void *arg)
{
    const struct job *j = arg;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int c = flat(j->rank[j->worker[x]], j->rank[j->worker[y]]);

    return c ? c : by_place(j, x, y);
}

static int order_workers(const void *a, const void *b, void *arg)
{
    const struct job *j = arg;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int c = flat(weight_of(j, y), weight_of(j, x));

    return c ? c : flat(x, y);
}

static int sort_all(struct job *j)
{
    uint32_t *people = as_take(j->pool, j->answers, sizeof *people);

    j->rank = as_take(j->pool, j->answers, sizeof *j->rank);
    j->order = as_take(j->pool, j->n, sizeof *j->order);
    if (!people || !j->rank || !j->order)
        return AS_ENOMEM;
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

static double score(const struct job *j, uint32_t region, uint32_t group)
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

static void join(struct job *j, uint32_t region, uint32_t group)
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
static int place_person(struct job *j, uint32_t from, uint32_t to, int32_t *of)
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

static int group_all(struct job *j, int32_t *of)
{
    j->first = as_take(j->pool, j->n, sizeof *j->first);
    j->last = as_take(j->pool, j->n, sizeof *j->last);
    j->next = as_take(j->pool, j->n, sizeof *j->next);
    j->member = as_take(j->pool, j->n, sizeof *j->member);
    if (!j->first || !j->last || !j->next || !j->member)
        return AS_ENOMEM;
    for (uint32_t from = 0, to; from < j->n; from = to) {
        to = from + 1;
        while (to < j->n && j->worker[j->order[to]] == j->worker[j->order[from]])
            to++;
        int rc = place_person(j, from, to, of);
        if (rc)
            return rc;
    }
    return AS_OK;
}

/* ------------------------------------------------------------------ 3., 4. what a group says */

static uint32_t gather(const struct job *j, uint32_t group)
{
    uint32_t n = 0;

    for (uint32_t m = j->first[group]; m != NONE; m = j->next[m])
        j->member[n++] = m;
    return n;
}

static void vote_label(const struct job *j, uint32_t n, double backing, struct as_group *g)
{
    double best = -1;

    for (uint32_t a = 0; a < n; a++) {
        uint16_t label = j->label[j->member[a]];
        double sum = 0;
        for (uint32_t b = 0; b < n; b++)
            sum += j->label[j->member[b]] == label ? weight_of(j, j->worker[j->member[b]]) : 0;
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

static void find_medoid(const struct job *j, uint32_t n, struct as_group *g)
{
    double best = -1;

    for (uint32_t a = 0; a < n; a++) {
        double sum = 0;
        for (uint32_t b = 0; b < n; b++)
            if (a != b)
                sum += weight_of(j, j->worker[j->member[b]])
                       * likeness(j, j->member[a], j->member[b]);
        if (sum > best * (1 + AS_TIE_EPS)) {
            best = sum;
            g->medoid = j->member[a];
        }
    }
}

static double edge_of(const struct job *j, uint32_t region, int edge)
{
    if (j->span)
        return edge ? j->span[region].end : j->span[region].start;
    const struct as_box *b = &j->box[region];
    return edge == 0 ? b->x0 : edge == 1 ? b->y0 : edge == 2 ? b->x1 : b->y1;
}

/* The least value with half of the weight at or below it: always one that somebody gave. */
static double edge_median(const struct job *j, uint32_t n, int edge, double total)
{
    double best = INFINITY;

    for (uint32_t a = 0; a < n; a++) {
        double at = edge_of(j, j->member[a], edge), below = 0;
        for (uint32_t b = 0; b < n; b++)
            if (edge_of(j, j->member[b], edge) <= at)
                below += weight_of(j, j->worker[j->member[b]]);
        if (below >= total / 2 * (1 - AS_TIE_EPS) && at < best)
            best = at;
    }
    return best;
}

static double edge_fused(const struct job *j, uint32_t n, int edge, double total)
{
    enum as_fuse how = j->o.fuse;
    double sum = 0;

    if (how == AS_FUSE_DEFAULT)
        how = j->span ? AS_FUSE_MEDIAN : AS_FUSE_MEAN;
    if (how == AS_FUSE_MEDIAN)
        return edge_median(j, n, edge, total);
    for (uint32_t a = 0; a < n; a++) {
        double w = weight_of(j, j->worker[j->member[a]]);
        sum += edge_of(j, j->member[a], edge) * (total > 0 ? w / total : 1.0 / n);
    }
    return sum;
}

static void describe(const struct job *j, uint32_t group, struct as_group *g)
{
    uint32_t n = gather(j, group);
    double backing = 0, all = j->weight_all > 0 ? j->weight_all : j->answers;

    for (uint32_t a = 0; a < n; a++)
        backing += weight_of(j, j->worker[j->member[a]]);
    g->backing = n;
    g->existence = fmin(backing / all, 1);
    g->kept = g->existence > j->o.keep + AS_TIE_EPS;
    vote_label(j, n, backing, g);
    find_medoid(j, n, g);
    if (j->box) {
        g->at.box.x0 = edge_fused(j, n, 0, backing);
        g->at.box.y0 = edge_fused(j, n, 1, backing);
        g->at.box.x1 = edge_fused(j, n, 2, backing);
        g->at.box.y1 = edge_fused(j, n, 3, backing);
    } else if (j->span) {
        g->at.span.start = edge_fused(j, n, 0, backing);
        g->at.span.end = edge_fused(j, n, 1, backing);
    }
}

/* Kept groups to the front; `of` follows. */
static int arrange(struct job *j, struct owned *own)
{
    struct as_group *g = as_take(j->pool, j->groups, sizeof *g);
    int32_t *now = as_take(j->pool, j->groups, sizeof *now);
    struct as_merged *m = &own->m;

    m->group = as_take(&own->pool, j->groups, sizeof *m->group);
    if (!g || !now || !m->group)
        return AS_ENOMEM;
    for (uint32_t k = 0; k < j->groups; k++)
        describe(j, k, &g[k]);
    for (int kept = 1; kept >= 0; kept--) {
        for (uint32_t k = 0; k < j->groups; k++) {
            if (g[k].kept != kept)
                continue;
            now[k] = (int32_t)m->groups;
            m->group[m->groups++] = g[k];
        }
        m->kept = kept ? m->groups : m->kept;
    }
    for (uint32_t r = 0; r < j->n; r++)
        m->of[r] = now[m->of[r]];
    return AS_OK;
}

/* ------------------------------------------------------------------ the doors */

static int check(struct job *j)
{
    const struct as_merge_opts *o = &j->o;

    if (j->n > AS_MERGE_MAX || j->answers > (1u << 20))
        return AS_ETOOBIG;
    if (!(o->iou > 0 && o->iou <= 1) || !(o->keep >= 0 && o->keep < 1)
        || (o->fuse != AS_FUSE_DEFAULT && o->fuse != AS_FUSE_MEAN && o->fuse != AS_FUSE_MEDIAN))
        return AS_EINVAL;
    for (uint32_t w = 0; o->worker_weight && w < j->answers; w++) {
        if (!(o->worker_weight[w] >= 0 && o->worker_weight[w] <= 1e100))
            return AS_EINVAL;
        j->weight_all += o->worker_weight[w];
    }
    for (uint32_t r = 0; r < j->n; r++) {
        if (j->worker[r] >= j->answers || j->label[r] == AS_ABSTAIN)
            return AS_EINVAL;
        int edges = j->box ? 4 : j->span ? 2 : 0;
        for (int e = 0; e < edges; e++)
            if (!(fabs(edge_of(j, r, e)) <= 1e100))
                return AS_EINVAL;
        for (int e = 0; e < edges / 2; e++)
            if (edge_of(j, r, e) > edge_of(j, r, e + edges / 2))
                return AS_EINVAL;
    }
    return AS_OK;
}

static int merge(struct job *j, const struct as_merge_opts *o, struct as_merged **out)
{
    struct as_pool pool = { 0 }, scratch = { 0 };
    struct owned *own;
    int rc;

    *out = NULL;
    j->pool = &scratch;
    if (o)
        j->o = *o;
    else
        as_merge_opts_init(&j->o);
    if ((rc = check(j)))
        return rc;
    if (!(own = as_take(&pool, 1, sizeof *own)))
        return AS_ENOMEM;
    own->pool = pool;
    own->m.of = as_take(&own->pool, j->n, sizeof *own->m.of);
    rc = own->m.of ? sort_all(j) : AS_ENOMEM;
    rc = rc ? rc : group_all(j, own->m.of);
    rc = rc ? rc : arrange(j, own);
    as_pool_end(&scratch);
    if (rc)
        as_merged_free(&own->m);
    else
        *out = &own->m;
    return rc;
}

int as_merge_boxes(const struct as_box *box, const uint32_t *worker, const uint16_t *label,
                   uint32_t n, uint32_t answers, const struct as_merge_opts *o,
                   struct as_merged **out)
{
    struct job j = { .n = n, .answers = answers, .worker = worker, .label = label, .box = box };
    return merge(&j, o, out);
}

int as_merge_spans(const struct as_span *span, const uint32_t *worker, const uint16_t *label,
                   uint32_t n, uint32_t answers, const struct as_merge_opts *o,
                   struct as_merged **out)
{
    struct job j = { .n = n, .answers = answers, .worker = worker, .label = label, .span = span };
    return merge(&j, o, out);
}

int as_merge_regions(double (*iou)(void *arg, uint32_t a, uint32_t b), void *arg,
                     const uint32_t *worker, const uint16_t *label, uint32_t n, uint32_t answers,
                     const struct as_merge_opts *o, struct as_merged **out)
{
    struct job j = { .n = n, .answers = answers, .worker = worker, .label = label,
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
