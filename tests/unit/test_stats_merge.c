/* Regions of several people over many tasks, turned boxes and points. */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/annotary_stats.h"

#define NEAR(a, b, eps) assert_true(fabs((a) - (b)) < (eps))

enum { ROWS = 60000 };

struct sheet {
    uint32_t task[ROWS], worker[ROWS], look_task[ROWS], look_worker[ROWS];
    uint16_t label[ROWS];
    float sure[ROWS];
    double at[ROWS * 5];
    struct as_regions in;
};

static void sheet_begin(struct sheet *s, enum as_shape shape, uint32_t numbers)
{
    s->in = (struct as_regions){ .task = s->task, .worker = s->worker, .label = s->label,
                                 .sure = s->sure, .shape = shape, .numbers = numbers, .at = s->at,
                                 .look_task = s->look_task, .look_worker = s->look_worker };
}

static void look(struct sheet *s, uint32_t task, uint32_t worker)
{
    s->look_task[s->in.looks] = task;
    s->look_worker[s->in.looks++] = worker;
    s->in.tasks = task + 1 > s->in.tasks ? task + 1 : s->in.tasks;
    s->in.workers = worker + 1 > s->in.workers ? worker + 1 : s->in.workers;
}

static void add(struct sheet *s, uint32_t task, uint32_t worker, uint16_t label,
                const double *at, float sure)
{
    size_t n = s->in.n++;

    assert_true(n < ROWS);
    s->task[n] = task;
    s->worker[n] = worker;
    s->label[n] = label;
    s->sure[n] = sure;
    memcpy(s->at + n * s->in.numbers, at, s->in.numbers * sizeof *at);
    s->in.tasks = task + 1 > s->in.tasks ? task + 1 : s->in.tasks;
    s->in.workers = worker + 1 > s->in.workers ? worker + 1 : s->in.workers;
}

static struct as_things *merged(const struct as_regions *in, const char *method,
                                const struct as_merge_opts *o)
{
    struct as_things *t;

    assert_int_equal(as_merge_all(in, method, o, &t), AS_OK);
    for (int k = 1; k < t->trace_n; k++)
        assert_true(t->trace[k] >= t->trace[k - 1] - 1e-6);
    for (size_t c = 0; c < t->n; c++)
        assert_true(t->thing[c].existence >= 0 && t->thing[c].existence <= 1);
    return t;
}

/* ------------------------------------------------------------------ golden values */

static FILE *golden(const char *kind, const char *method, const char *file)
{
    char path[512], line[512];

    snprintf(path, sizeof path, "%s/tests/golden/stats/merge/%s/%s/%s", getenv("ANNOTARY_SOURCE"),
             kind, method, file);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    return f;
}

/* task,wWORKER,LETTER,numbers…,confidence; no letter: looked and drew nothing. */
static void sheet_read(struct sheet *s, const char *kind)
{
    char line[512];
    FILE *f = golden(kind, ".", "input.csv");

    while (fgets(line, sizeof line, f)) {
        char *c = line;
        double at[4];
        uint32_t task = (uint32_t)strtoul(c, &c, 10), worker = (uint32_t)strtoul(c + 2, &c, 10);
        look(s, task, worker);
        if (*++c == ',')
            continue;
        uint16_t label = (uint16_t)(*c++ - 'a');
        for (uint32_t k = 0; k < s->in.numbers; k++)
            at[k] = strtod(c + 1, &c);
        add(s, task, worker, label, at, strtof(c + 1, NULL));
    }
    fclose(f);
}

static void golden_things(const struct as_things *t, const char *kind, const char *method)
{
    char line[512];
    FILE *f = golden(kind, method, "expected.csv");

    for (size_t c = 0; c < t->n; c++) {
        const struct as_thing *g = &t->thing[c];
        char *at = line;
        assert_non_null(fgets(line, sizeof line, f));
        assert_int_equal(g->task, strtoul(at, &at, 10));
        assert_int_equal(g->label, at[1] - 'a');
        at += 2;
        for (uint32_t k = 0; k < t->numbers; k++)
            NEAR(t->place[c * t->numbers + k], strtod(at + 1, &at), 2e-6);
        NEAR(g->existence, strtod(at + 1, &at), 2e-6);
        assert_int_equal(g->backing, strtoul(at + 1, &at, 10));
        assert_int_equal(g->kept, strtoul(at + 1, &at, 10));
    }
    assert_null(fgets(line, sizeof line, f));
    fclose(f);
    f = golden(kind, method, "workers.csv");
    for (uint32_t j = 0; j < t->workers; j++) {
        const struct as_looker *w = &t->worker[j];
        unsigned worker, n;
        double skill, miss, alarm;
        assert_non_null(fgets(line, sizeof line, f));
        assert_int_equal(sscanf(line, "w%u,%u,%lf,%lf,%lf", &worker, &n, &skill, &miss, &alarm), 5);
        assert_int_equal(w->n, n);
        NEAR(w->skill, skill, 2e-6);
        NEAR(w->miss, miss, 2e-6);
        NEAR(w->alarm, alarm, 2e-6);
        assert_true(w->lo <= w->skill && w->skill <= w->hi);
    }
    fclose(f);
}

static void boxes_and_spans_equal_their_golden_folders(void **state)
{
    static struct sheet s;
    const struct as_method_info *m;

    (void)state;
    for (int boxes = 0; boxes < 2; boxes++)
        for (unsigned k = 0; (m = as_merge_method(k)); k++) {
            sheet_begin(&s, boxes ? AS_SHAPE_BOX : AS_SHAPE_SPAN, boxes ? 4 : 2);
            sheet_read(&s, boxes ? "boxes" : "spans");
            struct as_things *t = merged(&s.in, m->id, NULL);
            golden_things(t, boxes ? "boxes" : "spans", m->id);
            assert_true(t->converged);
            as_things_free(t);
        }
}

/* ------------------------------------------------------------------ a crowd with known ways */

static uint64_t draws;

static double chance(void)
{
    return as_uniform(77, 3, draws++);
}

enum { PICTURES = 300, CROWD = 9, SEE_EACH = 5, THINGS = 3 };

/* Worker j misses 4 + 5 j %, sees ghosts with 3 + 4 j %, and is off by (1 + j) / 3 pixels. */
static void crowd_draw(struct sheet *s, double *truth)
{
    draws = 0;
    sheet_begin(s, AS_SHAPE_BOX, 4);
    for (uint32_t t = 0; t < PICTURES; t++) {
        for (int k = 0; k < THINGS; k++) {
            double *b = &truth[(t * THINGS + (uint32_t)k) * 4];
            b[0] = 60 * k + 20 * chance();
            b[1] = 60 * k + 20 * chance();
            b[2] = b[0] + 20 + 10 * chance();
            b[3] = b[1] + 20 + 10 * chance();
        }
        for (uint32_t a = 0; a < SEE_EACH; a++) {
            uint32_t j = (t * 7 + a * 2) % CROWD;
            look(s, t, j);
            for (int k = 0; k < THINGS; k++) {
                double at[4];
                if (chance() < .04 + .05 * j)
                    continue;
                for (int e = 0; e < 4; e++)
                    at[e] = truth[(t * THINGS + (uint32_t)k) * 4 + (uint32_t)e]
                            + (1 + j) / 3. * (chance() + chance() + chance() - 1.5) * 2;
                add(s, t, j, (uint16_t)(chance() < .05 * j), at, 1);
            }
            if (chance() < 3 * (.03 + .04 * j)) {
                double x = 200 + 60 * chance(), y = 200 + 60 * chance();
                add(s, t, j, 0, (double[]){ x, y, x + 22, y + 22 }, 1);
            }
        }
    }
}

struct result {
    double iou, right, wrong;       /* mean of true boxes found; kept things true, or not */
    double confidence;
};

static struct result judge(const struct as_things *t, const double *truth)
{
    struct result r = { 0 };

    for (size_t c = 0; c < t->n; c++) {
        double best = 0;
        for (uint32_t k = 0; k < THINGS; k++)
            best = fmax(best, as_shape_iou(AS_SHAPE_BOX, 4, t->place + c * 4,
                                           &truth[(t->thing[c].task * THINGS + k) * 4], 0));
        r.confidence += t->thing[c].existence;
        if (!t->thing[c].kept)
            continue;
        r.right += best > .5;
        r.wrong += best <= .5;
        r.iou += best > .5 ? best : 0;
    }
    r.iou /= r.right;
    return r;
}

static void misses_and_ghosts_of_everybody_are_found_out(void **state)
{
    static struct sheet s;
    static double truth[PICTURES * THINGS * 4];
    struct as_merge_opts o;
    struct as_merged *m;

    (void)state;
    crowd_draw(&s, truth);
    as_merge_opts_init(&o);
    o.any_label = 1;
    struct as_things *t = merged(&s.in, "optimal", &o);
    struct result r = judge(t, truth);
    for (uint32_t j = 0; j < CROWD; j++)
        NEAR(t->worker[j].miss, .04 + .05 * j, .06);
    assert_true(t->worker[8].alarm > 3 * t->worker[0].alarm);
    assert_true(t->worker[0].iou > t->worker[8].iou + .1);
    assert_true(t->worker[0].weight > 1.5 * t->worker[8].weight);
    NEAR(r.confidence, PICTURES * THINGS, PICTURES * THINGS * .02);     /* calibrated as a whole */

    double share_right = 0, share_wrong = 0;        /* against: more than half who looked */
    for (size_t c = 0; c < t->n; c++) {
        const struct as_thing *g = &t->thing[c];
        int there = t->place[c * 4] < 195, kept = 2 * g->backing > g->looked;
        share_right += kept && there;
        share_wrong += kept && !there;
    }
    print_message("posterior: %g of %d, %g ghosts; share: %g and %g\n", r.right,
                  PICTURES * THINGS, r.wrong, share_right, share_wrong);
    assert_true(r.right - r.wrong > share_right - share_wrong);

    double plain = 0, found = 0;                    /* places against those of equal weights */
    for (uint32_t task = 0; task < PICTURES; task++) {
        uint32_t worker[64], n = 0;
        uint16_t label[64];
        double at[64 * 4];
        for (size_t k = 0; k < s.in.n; k++)
            if (s.task[k] == task) {
                worker[n] = s.worker[k];
                label[n] = 0;
                memcpy(at + 4 * n++, s.at + 4 * k, 4 * sizeof *at);
            }
        assert_int_equal(as_merge_shapes(AS_SHAPE_BOX, 4, at, worker, label, n, CROWD, NULL, &m),
                         AS_OK);
        for (uint32_t g = 0; g < m->groups; g++)
            for (uint32_t k = 0; k < THINGS; k++) {
                double iou = as_shape_iou(AS_SHAPE_BOX, 4, m->place + 4 * g,
                                          &truth[(task * THINGS + k) * 4], 0);
                plain += iou > .5 && m->group[g].backing > 1 ? iou : 0;
                found += iou > .5 && m->group[g].backing > 1;
            }
        as_merged_free(m);
    }
    print_message("mean IoU %.4f, with equal weights %.4f\n", r.iou, plain / found);
    assert_true(r.iou > plain / found + .005);
    as_things_free(t);
}

static void the_order_of_rows_changes_nothing(void **state)
{
    static struct sheet s, mixed;
    static double truth[PICTURES * THINGS * 4];

    (void)state;
    crowd_draw(&s, truth);
    sheet_begin(&mixed, AS_SHAPE_BOX, 4);
    for (size_t k = 0; k < s.in.looks; k++) {
        size_t from = (k * 7 + 3) % s.in.looks;
        look(&mixed, s.look_task[from], s.look_worker[from]);
    }
    size_t step = 1009;
    while (s.in.n % step == 0)
        step += 2;
    for (size_t k = 0; k < s.in.n; k++) {
        size_t from = (k * step + 17) % s.in.n;
        add(&mixed, s.task[from], s.worker[from], s.label[from], s.at + from * 4, 1);
    }
    struct as_things *a = merged(&s.in, "optimal", NULL);
    struct as_things *b = merged(&mixed.in, "optimal", NULL);
    assert_int_equal(a->n, b->n);
    assert_memory_equal(a->place, b->place, a->n * 4 * sizeof *a->place);
    for (size_t c = 0; c < a->n; c++)
        NEAR(a->thing[c].existence, b->thing[c].existence, 1e-12);
    for (size_t k = 0; k < s.in.n; k++)
        assert_int_equal(b->of[k], a->of[(k * step + 17) % s.in.n]);
    as_things_free(a);
    as_things_free(b);
}

static void with_nothing_known_the_majority_of_those_who_looked_decides(void **state)
{
    static struct sheet s;

    (void)state;
    for (uint32_t looked = 1; looked <= 7; looked++)
        for (uint32_t drew = 1; drew <= looked; drew++) {
            sheet_begin(&s, AS_SHAPE_BOX, 4);
            for (uint32_t j = 0; j < looked; j++)
                look(&s, 0, j);
            for (uint32_t j = 0; j < drew; j++)
                add(&s, 0, j, 0, (double[]){ 0, 0, 9, 9 }, 1);
            struct as_things *t = merged(&s.in, "optimal", NULL);
            assert_int_equal(t->n, 1);
            assert_int_equal(t->kept, 2 * drew > looked);
            as_things_free(t);
        }
}

static void stated_doubt_moves_places_and_labels_little(void **state)
{
    static struct sheet s;
    struct as_merge_opts o;

    (void)state;
    sheet_begin(&s, AS_SHAPE_BOX, 4);
    add(&s, 0, 0, 1, (double[]){ 0, 0, 100, 100 }, .9f);
    add(&s, 0, 1, 0, (double[]){ 10, 10, 110, 110 }, .1f);
    as_merge_opts_init(&o);
    o.any_label = 1;
    struct as_things *t = merged(&s.in, "greedy", &o);
    assert_int_equal(t->n, 1);
    NEAR(t->place[0], 0, 1.2);
    assert_int_equal(t->thing[0].label, 1);
    as_things_free(t);
}

/* ------------------------------------------------------------------ turned boxes, points */

static double turned(double x, double y, double w, double h, double d, double x2, double y2,
                     double w2, double h2, double d2)
{
    double a[] = { x, y, w, h, d }, b[] = { x2, y2, w2, h2, d2 };
    double iou = as_shape_iou(AS_SHAPE_TURNED, 5, a, b, 0);

    NEAR(iou, as_shape_iou(AS_SHAPE_TURNED, 5, b, a, 0), 1e-12);
    return iou;
}

static void turned_boxes_overlap_as_their_polygons_do(void **state)
{
    (void)state;
    NEAR(turned(5, 5, 10, 10, 0, 10, 5, 10, 10, 0), 1 / 3., 1e-12);     /* as upright boxes */
    NEAR(turned(0, 0, 4, 2, 30, 0, 0, 2, 4, 120), 1, 1e-12);            /* the same box */
    NEAR(turned(0, 0, 4, 2, 30, 0, 0, 4, 2, 210), 1, 1e-12);
    double octagon = 8 * (sqrt(2) - 1);                     /* side 2, and turned by 45 degrees */
    NEAR(turned(0, 0, 2, 2, 0, 0, 0, 2, 2, 45), octagon / 4 / (2 - octagon / 4), 1e-12);
    NEAR(turned(0, 0, 6, 1, 0, 0, 0, 6, 1, 90), 1 / 11., 1e-12);        /* a cross */
    NEAR(turned(0, 0, 1, 1, 10, 9, 9, 1, 1, 40), 0, 1e-12);
    NEAR(turned(0, 0, 8, 8, 20, 0, 0, 2, 2, 77), 4 / 64., 1e-12);       /* inside */
    NEAR(turned(0, 0, 0, 5, 0, 0, 0, 0, 5, 10), 0, 1e-12);              /* no area */
    NEAR(turned(1, 2, 0, 5, 0, 1, 2, 0, 5, 0), 1, 1e-12);
    for (int k = 0; k < 200; k++) {                 /* against counting points of a grid */
        double a[5], b[5], both = 0, any = 0;
        draws = (uint64_t)k * 10;
        for (int e = 0; e < 5; e++) {
            a[e] = e < 2 ? chance() * 4 : e < 4 ? 2 + 4 * chance() : 360 * chance();
            b[e] = e < 2 ? chance() * 4 : e < 4 ? 2 + 4 * chance() : 360 * chance();
        }
        for (double x = -5; x < 10; x += .05)
            for (double y = -5; y < 10; y += .05) {
                int in[2];
                for (int q = 0; q < 2; q++) {
                    const double *r = q ? b : a;
                    double c = cos(r[4] * M_PI / 180), s = sin(r[4] * M_PI / 180);
                    double u = (x - r[0]) * c + (y - r[1]) * s, v = (y - r[1]) * c - (x - r[0]) * s;
                    in[q] = fabs(u) <= r[2] / 2 && fabs(v) <= r[3] / 2;
                }
                both += in[0] && in[1];
                any += in[0] || in[1];
            }
        NEAR(as_shape_iou(AS_SHAPE_TURNED, 5, a, b, 0), both / any, .02);
    }
}

static void angles_meet_as_directions(void **state)
{
    /* One box three times: as drawn, turned by half, and by a quarter with its sides swapped. */
    const double at[] = { 50, 50, 40, 20, 178,  52, 50, 40, 20, 2,  51, 50, 20, 40, 90 + 3 };
    const uint32_t worker[] = { 0, 1, 2 };
    const uint16_t label[] = { 0, 0, 0 };
    struct as_merge_opts o;
    struct as_merged *m;

    (void)state;
    as_merge_opts_init(&o);
    for (int fuse = AS_FUSE_MEAN; fuse <= AS_FUSE_MEDIAN; fuse++) {
        o.fuse = (enum as_fuse)fuse;
        assert_int_equal(as_merge_shapes(AS_SHAPE_TURNED, 5, at, worker, label, 3, 3, &o, &m), 0);
        assert_int_equal(m->groups, 1);
        double turn = m->place[4], w = m->place[2], h = m->place[3];
        if (fabs(turn - 90) < 45) {                 /* it lies as its medoid does */
            turn -= 90;
            w = m->place[3];
            h = m->place[2];
        }
        NEAR(w, 40, 1e-9);
        NEAR(h, 20, 1e-9);
        NEAR(turn, fuse == AS_FUSE_MEAN ? 1 : 2, .01);
        NEAR(m->place[0], 51, 1e-9);
        as_merged_free(m);
    }
    o.directed = 1;
    o.fuse = AS_FUSE_MEAN;
    assert_int_equal(as_merge_shapes(AS_SHAPE_TURNED, 5, at, worker, label, 2, 2, &o, &m), AS_OK);
    NEAR(m->place[4], 90, 1e-6);                    /* 178 and 2 point almost apart */
    as_merged_free(m);
    const double north[] = { 0, 0, 4, 2, 350, 0, 0, 4, 2, 20 };
    assert_int_equal(as_merge_shapes(AS_SHAPE_TURNED, 5, north, worker, label, 2, 2, &o, &m), 0);
    NEAR(m->place[4], 5, 1e-6);
    as_merged_free(m);
}

static void cuboids_meet_by_volume(void **state)
{
    const double at[] = { 0, 0, 1, 4, 2, 2, 0,  0, 0, 2, 4, 2, 2, 0,  0, 0, 1, 2, 4, 2, 90 };
    const uint32_t worker[] = { 0, 1, 2 };
    const uint16_t label[] = { 0, 0, 0 };
    struct as_merge_opts o;
    struct as_merged *m;

    (void)state;
    NEAR(as_shape_iou(AS_SHAPE_CUBOID, 7, at, at + 7, 0), 1 / 3., 1e-12);      /* half as high */
    NEAR(as_shape_iou(AS_SHAPE_CUBOID, 7, at, at + 14, 0), 1, 1e-12);          /* the same one */
    NEAR(as_shape_iou(AS_SHAPE_CUBOID, 7, at, (double[]){ 0, 0, 3, 4, 2, 2, 0 }, 0), 0, 1e-12);
    as_merge_opts_init(&o);
    o.iou = .3;
    assert_int_equal(as_merge_shapes(AS_SHAPE_CUBOID, 7, at, worker, label, 3, 3, &o, &m), AS_OK);
    assert_int_equal(m->groups, 1);
    NEAR(m->place[2], 1, 1e-9);
    NEAR(m->place[5], 2, 1e-9);
    NEAR(m->place[3] * m->place[4], 8, 1e-9);
    NEAR(fmod(m->place[6] + (m->place[3] < m->place[4] ? 90 : 0), 180), 0, 1e-9);
    as_merged_free(m);
}

static void points_meet_where_most_put_them(void **state)
{
    const double at[] = { 10, 10, 50, 50,  11, 10, 50, 51,  10, 11, 51, 50,  90, 90, 20, 20 };
    const uint32_t worker[] = { 0, 1, 2, 2 };
    const uint16_t label[] = { 0, 0, 0, 0 };
    struct as_merge_opts o;
    struct as_merged *m;

    (void)state;
    as_merge_opts_init(&o);
    assert_int_equal(as_merge_shapes(AS_SHAPE_POINTS, 4, at, worker, label, 4, 3, &o, &m),
                     AS_EINVAL);                    /* how near is near? */
    o.reach = 3;
    assert_int_equal(as_merge_shapes(AS_SHAPE_POINTS, 4, at, worker, label, 4, 3, &o, &m), AS_OK);
    assert_int_equal(m->groups, 2);
    assert_int_equal(m->kept, 1);
    NEAR(m->place[0], 10, 1e-9);
    NEAR(m->place[3], 50, 1e-9);
    NEAR(as_shape_iou(AS_SHAPE_POINTS, 2, (double[]){ 0, 0 }, (double[]){ 3, 4 }, 5), exp(-.5),
         1e-12);
    as_merged_free(m);
}

static void greedy_crosses_over_what_optimal_keeps_apart(void **state)
{
    /* The second one's left span fits both of the first; the best fit first leaves one over. */
    const struct as_span span[] = { { 0, 10 }, { 4, 14 }, { 2, 12 }, { -3, 7 } };
    const uint32_t worker[] = { 0, 0, 1, 1 };
    const uint16_t label[] = { 0, 0, 0, 0 };
    struct as_merge_opts o;
    struct as_merged *m;

    (void)state;
    as_merge_opts_init(&o);
    assert_int_equal(as_merge_spans(span, worker, label, 4, 2, &o, &m), AS_OK);
    assert_int_equal(m->groups, 2);
    as_merged_free(m);
    o.meet = AS_MEET_GREEDY;
    assert_int_equal(as_merge_spans(span, worker, label, 4, 2, &o, &m), AS_OK);
    assert_true(m->groups >= 2);
    for (uint32_t g = 0; g < m->groups; g++)
        assert_true(m->group[g].backing <= 2);
    as_merged_free(m);
}

/* ------------------------------------------------------------------ odd input */

static void nobody_looking_and_nothing_drawn_are_fine(void **state)
{
    static struct sheet s;

    (void)state;
    sheet_begin(&s, AS_SHAPE_BOX, 4);
    struct as_things *t = merged(&s.in, "optimal", NULL);
    assert_int_equal(t->n, 0);
    as_things_free(t);
    look(&s, 3, 2);
    t = merged(&s.in, "greedy", NULL);
    assert_int_equal(t->n, 0);
    NEAR(t->worker[2].skill, .5, 1e-12);
    as_things_free(t);
    add(&s, 1, 1, 0, (double[]){ 0, 0, 1, 1 }, 0);          /* alone, and not sure at all */
    t = merged(&s.in, "optimal", NULL);
    assert_int_equal(t->n, 1);
    assert_int_equal(t->kept, 1);
    NEAR(t->place[2], 1, 1e-12);
    as_things_free(t);
    as_things_free(NULL);
}

static void bad_regions_are_refused(void **state)
{
    static struct sheet s;
    struct as_merge_opts o;
    struct as_things *t;
    struct as_merged *m;

    (void)state;
    sheet_begin(&s, AS_SHAPE_BOX, 4);
    add(&s, 0, 0, 0, (double[]){ 0, 0, 1, 1 }, 1);
    assert_int_equal(as_merge_all(&s.in, "no such", NULL, &t), AS_ENOMETHOD);
    assert_int_equal(as_merge_all(&s.in, NULL, NULL, &t), AS_ENOMETHOD);
    s.sure[0] = 1.5f;
    assert_int_equal(as_merge_all(&s.in, "optimal", NULL, &t), AS_EINVAL);
    s.sure[0] = 1;
    s.at[2] = NAN;
    assert_int_equal(as_merge_all(&s.in, "optimal", NULL, &t), AS_EINVAL);
    s.at[2] = -1;
    assert_int_equal(as_merge_all(&s.in, "optimal", NULL, &t), AS_EINVAL);
    s.at[2] = 1;
    s.in.numbers = 3;
    assert_int_equal(as_merge_all(&s.in, "optimal", NULL, &t), AS_EINVAL);
    s.in.numbers = 4;
    look(&s, 0, 0);
    s.in.workers = 0;
    assert_int_equal(as_merge_all(&s.in, "optimal", NULL, &t), AS_EINVAL);
    s.in.workers = 1;
    as_merge_opts_init(&o);
    o.iou = NAN;
    assert_int_equal(as_merge_all(&s.in, "optimal", &o, &t), AS_EINVAL);
    s.in.shape = AS_SHAPE_NONE;
    assert_int_equal(as_merge_all(&s.in, "optimal", NULL, &t), AS_EINVAL);
    assert_null(t);
    assert_int_equal(as_merge_shapes(AS_SHAPE_NONE, 0, NULL, NULL, NULL, 0, 0, NULL, &m),
                     AS_EINVAL);
    NEAR(as_shape_iou(AS_SHAPE_TURNED, 5, (double[]){ 0, 0, -1, 1, 0 },
                      (double[]){ 0, 0, 1, 1, 0 }, 0), 0, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes_and_spans_equal_their_golden_folders),
        cmocka_unit_test(misses_and_ghosts_of_everybody_are_found_out),
        cmocka_unit_test(the_order_of_rows_changes_nothing),
        cmocka_unit_test(with_nothing_known_the_majority_of_those_who_looked_decides),
        cmocka_unit_test(stated_doubt_moves_places_and_labels_little),
        cmocka_unit_test(turned_boxes_overlap_as_their_polygons_do),
        cmocka_unit_test(angles_meet_as_directions),
        cmocka_unit_test(cuboids_meet_by_volume),
        cmocka_unit_test(points_meet_where_most_put_them),
        cmocka_unit_test(greedy_crosses_over_what_optimal_keeps_apart),
        cmocka_unit_test(nobody_looking_and_nothing_drawn_are_fine),
        cmocka_unit_test(bad_regions_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
