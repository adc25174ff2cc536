/*
 * agree_regions.c -- how well people agree on regions of any shape, two at a time: the best
 * matching of their regions (assign.c), then how many have a partner and how well partners cover
 * each other.  O(pairs of people * regions^3) at worst.
 */
#include "stats/agree.h"

struct sets {                       /* regions by worker: region[start[w]] … */
    uint32_t *start, *region;
};

static int by_worker(const uint32_t *worker, uint32_t n, uint32_t workers, struct as_pool *p,
                     struct sets *s)
{
    uint32_t *at = as_take(p, workers, sizeof *at);

    s->start = as_take(p, (size_t)workers + 1, sizeof *s->start);
    s->region = as_take(p, n, sizeof *s->region);
    if (!at || !s->start || !s->region)
        return AS_ENOMEM;
    for (uint32_t k = 0; k < n; k++) {
        if (worker[k] >= workers)
            return AS_EINVAL;
        s->start[worker[k] + 1]++;
    }
    for (uint32_t w = 0; w < workers; w++)
        s->start[w + 1] += at[w] = s->start[w];
    for (uint32_t k = 0; k < n; k++)
        s->region[at[worker[k]]++] = k;
    return AS_OK;
}

struct two { double f1, iou; uint32_t matched; };

static int compare(double (*like)(void *arg, uint32_t a, uint32_t b), void *arg, double floor,
                   const uint32_t *a, uint32_t n, const uint32_t *b, uint32_t m, struct two *out)
{
    struct as_pool p = { 0 };
    double *w = as_take(&p, (size_t)n * m, sizeof *w), total = 0;
    int32_t *to = as_take(&p, n, sizeof *to);
    int rc = w && to ? AS_OK : AS_ENOMEM;

    *out = (struct two){ 0 };
    for (size_t k = 0; !rc && k < (size_t)n * m; k++) {
        w[k] = like(arg, a[k / m], b[k % m]);
        if (!(w[k] >= 0 && w[k] <= 1))
            rc = AS_EINVAL;
        else if (w[k] < floor)
            w[k] = 0;
    }
    if (!rc && n && m)
        rc = as_assign(w, n, m, to, &total);
    for (uint32_t i = 0; !rc && n && m && i < n; i++)
        out->matched += to[i] >= 0;
    double all = (double)n + m;
    out->f1 = all > 0 ? 2 * out->matched / all : 1;
    out->iou = all > 0 ? total / (all - out->matched) : 1;
    as_pool_end(&p);
    return rc;
}

int as_agree_regions(double (*like)(void *arg, uint32_t a, uint32_t b), void *arg,
                     const uint32_t *worker, uint32_t n, uint32_t workers, double floor,
                     struct as_region_agreement *out)
{
    struct as_pool pool = { 0 };
    struct sets s;

    *out = (struct as_region_agreement){ 0 };
    if (!(floor >= 0 && floor <= 1))
        return AS_EINVAL;
    if (workers < 2)
        return AS_EUNDEFINED;
    if (workers > AS_ASSIGN_SIDE_MAX)
        return AS_ETOOBIG;
    int rc = by_worker(worker, n, workers, &pool, &s);
    for (uint32_t a = 0; !rc && a < workers; a++)
        for (uint32_t b = a + 1; !rc && b < workers; b++) {
            struct two t;
            rc = compare(like, arg, floor, s.region + s.start[a], s.start[a + 1] - s.start[a],
                         s.region + s.start[b], s.start[b + 1] - s.start[b], &t);
            out->f1 += t.f1;
            out->iou += t.iou;
            out->matched += t.matched;
            out->pairs++;
        }
    as_pool_end(&pool);
    if (rc) {
        *out = (struct as_region_agreement){ 0 };
        return rc;
    }
    out->f1 /= (double)out->pairs;
    out->iou /= (double)out->pairs;
    return AS_OK;
}
