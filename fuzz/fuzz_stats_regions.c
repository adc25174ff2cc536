/*
 * Any bytes as masks, as regions of every shape, and as a project going on.  Whatever comes out is
 * a code of as_base.h or a whole answer: numbers that are numbers, runs that fill the picture.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "stats/annotary_stats.h"

#define MOST 64

struct bytes {
    const uint8_t *at, *end;
};

static uint32_t next(struct bytes *b, uint32_t below)
{
    return b->at < b->end ? *b->at++ % below : 0;
}

/* Mostly small numbers, seldom an odd one. */
static double number(struct bytes *b)
{
    uint32_t kind = next(b, 256);

    if (kind == 255)
        return NAN;
    if (kind == 254)
        return INFINITY;
    if (kind == 253)
        return -1e99;
    return (kind % 64) / 2. + next(b, 256) / 64.;
}

static void masks(struct bytes *b)
{
    static const char *const methods[] = { "majority", "weighted", "staple" };
    uint32_t width[3], height[3], task[MOST], worker[MOST], run[8 * MOST];
    uint16_t value[8 * MOST];
    size_t start[MOST + 1] = { 0 };
    struct as_masks in = { .tasks = 1 + next(b, 3), .workers = 1 + next(b, 5),
                           .classes = 1 + next(b, 5), .width = width, .height = height,
                           .n = next(b, 12), .task = task, .worker = worker, .start = start,
                           .run = run, .value = next(b, 2) ? value : NULL };
    struct as_mask_opts o;
    struct as_mask_result *r;

    for (int t = 0; t < 3; t++) {
        width[t] = next(b, 20);
        height[t] = 1 + next(b, 20);
    }
    for (size_t m = 0; m < in.n; m++) {
        task[m] = next(b, in.tasks + (next(b, 50) == 1));
        worker[m] = next(b, in.workers + (next(b, 50) == 1));
        start[m + 1] = start[m] + next(b, 8);
        for (size_t k = start[m]; k < start[m + 1]; k++) {
            run[k] = next(b, 30);
            value[k] = (uint16_t)next(b, in.classes);
        }
    }
    as_mask_opts_init(&o);
    o.smooth = next(b, 3) == 1 ? .4 : 0;
    int rc = as_merge_masks(&in, methods[next(b, 3)], &o, &r);
    assert(rc != AS_ENOTMONOTONE && rc != AS_EINTERNAL);
    for (uint32_t t = 0; rc == AS_OK && t < r->tasks; t++) {
        uint64_t sum = 0;
        for (size_t k = r->start[t]; k < r->start[t + 1]; k++)
            sum += r->run[k];
        assert(sum == (uint64_t)width[t] * height[t]);
        assert(r->confidence[t] >= 0 && r->confidence[t] <= 1);
    }
    as_mask_result_free(r);
}

static void regions(struct bytes *b)
{
    static const uint32_t numbers[] = { 0, 4, 2, 5, 6, 7 };
    uint32_t task[MOST], worker[MOST];
    uint16_t label[MOST];
    float sure[MOST];
    double at[MOST * 7];
    uint32_t shape = next(b, 6);
    struct as_regions in = { .tasks = 1 + next(b, 3), .workers = 1 + next(b, 5), .n = next(b, MOST),
                             .task = task, .worker = worker, .label = label, .sure = sure,
                             .shape = (enum as_shape)shape, .numbers = numbers[shape], .at = at };
    struct as_merge_opts o;
    struct as_things *t;

    for (size_t k = 0; k < in.n; k++) {
        task[k] = next(b, in.tasks);
        worker[k] = next(b, in.workers);
        label[k] = (uint16_t)next(b, 3);
        sure[k] = (float)next(b, 5) / 4;
        for (uint32_t e = 0; e < in.numbers; e++) {
            double v = number(b);
            int far = (shape == AS_SHAPE_BOX && e > 1) || (shape == AS_SHAPE_SPAN && e);
            at[k * in.numbers + e] = far ? at[k * in.numbers + e - in.numbers / 2] + v : v;
        }
    }
    as_merge_opts_init(&o);
    o.any_label = next(b, 2) != 0;
    o.fuse = (enum as_fuse)next(b, 3);
    o.directed = next(b, 2) != 0;
    o.reach = next(b, 4);
    int rc = as_merge_all(&in, next(b, 2) ? "optimal" : "greedy", &o, &t);
    assert(rc != AS_ENOTMONOTONE && rc != AS_EINTERNAL);
    for (size_t c = 0; rc == AS_OK && c < t->n; c++) {
        assert(t->thing[c].existence >= 0 && t->thing[c].existence <= 1);
        assert(t->thing[c].backing >= 1 && t->thing[c].backing <= t->thing[c].looked);
        for (uint32_t e = 0; e < t->numbers; e++)
            assert(isfinite(t->place[c * t->numbers + e]));
    }
    as_things_free(t);
}

static void project(struct bytes *b)
{
    struct as_online_opts o;
    struct as_online *s;
    double p[AS_ONLINE_CLASSES_MAX];
    struct as_verdict v;

    as_online_opts_init(&o);
    o.tasks = 1 + next(b, 6);
    o.workers = 1 + next(b, 6);
    o.classes = 1 + next(b, 5);
    o.tables = next(b, 2) != 0;
    if (as_online_new(&o, &s) != AS_OK)
        return;
    while (b->at < b->end) {
        uint32_t task = next(b, o.tasks), label = next(b, o.classes + 1);
        uint16_t said = label == o.classes ? AS_ABSTAIN : (uint16_t)label;
        double sum = 0;
        if (next(b, 8) == 1)
            assert(as_online_gold(s, task, said) == AS_OK);
        else
            assert(as_online_answer(s, task, next(b, o.workers), said) == AS_OK);
        if (as_online_due(s) && next(b, 2))
            assert(as_online_refit(s) == AS_OK);
        assert(as_online_read(s, task, p, &v) >= AS_OK);
        for (uint32_t k = 0; k < o.classes; k++)
            sum += p[k];
        assert(fabs(sum - 1) < 1e-9 && v.confidence > 0 && v.confidence <= 1);
    }
    for (uint32_t j = 0; j < o.workers; j++) {
        struct as_online_worker w;
        assert(as_online_worker(s, j, &w) == AS_OK);
        assert(w.lo >= 0 && w.lo <= w.skill && w.skill <= w.hi && w.hi <= 1);
    }
    as_online_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct bytes b = { data, data + (n < 4096 ? n : 4096) };

    switch (next(&b, 3)) {
    case 0:  masks(&b); break;
    case 1:  regions(&b); break;
    default: project(&b);
    }
    return 0;
}
