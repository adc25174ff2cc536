/* Pixel masks of several people become one. */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stats/annotary_stats.h"

#define NEAR(a, b, eps) assert_true(fabs((a) - (b)) < (eps))

enum { MASKS = 1200, RUNS = 200000, TASKS = 200 };

struct album {
    uint32_t task[MASKS], worker[MASKS], width[TASKS], height[TASKS], run[RUNS];
    size_t start[MASKS + 1];
    struct as_masks in;
};

/* Reads the runs of a mask; returns the end of them. */
static char *runs_read(struct album *a, char *at)
{
    while (*at >= '0' && *at <= '9') {
        assert_true(a->start[a->in.n + 1] < RUNS);
        a->run[a->start[a->in.n + 1]++] = (uint32_t)strtoul(at, &at, 10);
        at += *at == ' ';
    }
    return at;
}

/* task,wWORKER,[width,height,]rle */
static int album_read(struct album *a, const char *path, int sized)
{
    static char line[100000];
    FILE *f = fopen(path, "r");

    *a = (struct album){ .in = { .classes = 2, .width = a->width, .height = a->height,
                                 .task = a->task, .worker = a->worker, .start = a->start,
                                 .run = a->run } };
    if (!f)
        return 0;
    assert_non_null(fgets(line, sizeof line, f));
    while (fgets(line, sizeof line, f)) {
        char *at = line;
        size_t n = a->in.n;
        uint32_t t = a->task[n] = (uint32_t)strtoul(at, &at, 10);
        assert_true(n < MASKS - 1 && t < TASKS && at[0] == ',' && at[1] == 'w');
        a->worker[n] = (uint32_t)strtoul(at + 2, &at, 10);
        a->width[t] = sized ? (uint32_t)strtoul(at + 1, &at, 10) : 64;
        a->height[t] = sized ? (uint32_t)strtoul(at + 1, &at, 10) : 64;
        a->start[n + 1] = a->start[n];
        runs_read(a, at + 1);
        a->in.n++;
        a->in.tasks = t + 1 > a->in.tasks ? t + 1 : a->in.tasks;
        a->in.workers = a->worker[n] + 1 > a->in.workers ? a->worker[n] + 1 : a->in.workers;
    }
    fclose(f);
    return 1;
}

static struct as_mask_result *merged(const struct as_masks *in, const char *method,
                                     const struct as_mask_opts *o)
{
    struct as_mask_result *r;

    assert_int_equal(as_merge_masks(in, method, o, &r), AS_OK);
    for (uint32_t t = 0; t < r->tasks; t++) {
        uint64_t sum = 0;
        for (size_t k = r->start[t]; k < r->start[t + 1]; k++) {
            sum += r->run[k];
            if (in->classes == 2)
                assert_int_equal(r->value[k], (k - r->start[t]) & 1);
            else
                assert_true(r->run[k] && (k == r->start[t] || r->value[k] != r->value[k - 1]));
        }
        assert_int_equal(sum, (uint64_t)in->width[t] * in->height[t]);
        assert_true(r->confidence[t] >= 0 && r->confidence[t] <= 1);
    }
    for (int k = 1; k < r->trace_n; k++)
        assert_true(r->trace[k] >= r->trace[k - 1] - 1e-6);
    return r;
}

static void paint(const struct as_mask_result *r, uint32_t task, uint8_t *pixel)
{
    for (size_t k = r->start[task]; k < r->start[task + 1]; k++)
        for (uint32_t n = 0; n < r->run[k]; n++)
            *pixel++ = (uint8_t)r->value[k];
}

static double pixel_iou(const uint8_t *a, const uint8_t *b, size_t n)
{
    double both = 0, any = 0;

    for (size_t k = 0; k < n; k++) {
        both += a[k] && b[k];
        any += a[k] || b[k];
    }
    return any > 0 ? both / any : 1;
}

/* ------------------------------------------------------------------ golden values */

static void folder(char *path, size_t size, const char *method, const char *file)
{
    snprintf(path, size, "%s/tests/golden/stats/merge/masks/%s/%s", getenv("ANNOTARY_SOURCE"),
             method, file);
}

static void golden_workers(const struct as_mask_result *r, const char *method)
{
    char path[512], line[256];

    folder(path, sizeof path, method, "workers.csv");
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    for (uint32_t j = 0; j < r->workers; j++) {
        unsigned worker, n;
        double skill;
        assert_non_null(fgets(line, sizeof line, f));
        assert_int_equal(sscanf(line, "w%u,%u,%lf", &worker, &n, &skill), 3);
        assert_int_equal(worker, j);
        assert_int_equal(r->worker[j].n, n);
        NEAR(r->worker[j].skill, skill, 1e-8);
        assert_true(r->worker[j].lo <= skill && skill <= r->worker[j].hi);
    }
    fclose(f);
}

static void every_method_equals_its_golden_folder(void **state)
{
    static struct album a;
    static char line[4096];
    char path[512];
    const struct as_method_info *m;

    (void)state;
    folder(path, sizeof path, ".", "input.csv");
    assert_true(album_read(&a, path, 1));
    for (unsigned at = 0; (m = as_mask_method(at)); at++) {
        struct as_mask_result *r = merged(&a.in, m->id, NULL);
        folder(path, sizeof path, m->id, "expected.csv");
        FILE *f = fopen(path, "r");
        assert_non_null(f);
        assert_non_null(fgets(line, sizeof line, f));
        for (uint32_t t = 0; t < r->tasks; t++) {
            assert_non_null(fgets(line, sizeof line, f));
            char *c = line;
            assert_int_equal(strtoul(c, &c, 10), t);
            c++;
            for (size_t k = r->start[t]; k < r->start[t + 1]; k++) {
                assert_int_equal(strtoul(c, &c, 10), r->run[k]);
                c++;
            }
            NEAR(strtod(c, NULL), r->confidence[t], 1e-6);
        }
        fclose(f);
        golden_workers(r, m->id);
        as_mask_result_free(r);
    }
}

static void mean_iou_on_the_ellipses_is_that_of_the_tables_or_better(void **state)
{
    static const double least[] = { .799085, .8066, .82 };
    static struct album a, truth;
    static uint8_t answer[4096], wanted[4096];
    static char line[100000];
    char path[512];
    const struct as_method_info *m;

    (void)state;
    const char *data = getenv("ANNOTARY_TESTDATA");
    snprintf(path, sizeof path, "%s/data/segmentation/ellipses_a/labels.csv", data ? data : "");
    if (!album_read(&a, path, 0)) {
        print_message("skipped: no real data\n");
        skip();
    }
    snprintf(path, sizeof path, "%s/data/segmentation/ellipses_a/truth.csv", data);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    while (fgets(line, sizeof line, f)) {
        truth.start[truth.in.n + 1] = truth.start[truth.in.n];
        runs_read(&truth, strchr(line, ',') + 1);
        truth.in.n++;
    }
    fclose(f);
    assert_int_equal(truth.in.n, 200);
    for (unsigned at = 0; (m = as_mask_method(at)); at++) {
        struct as_mask_result *r = merged(&a.in, m->id, NULL);
        double iou = 0;
        for (uint32_t t = 0; t < 200; t++) {
            uint8_t *w = wanted;
            paint(r, t, answer);
            for (size_t k = truth.start[t]; k < truth.start[t + 1]; k++)
                for (uint32_t n = 0; n < truth.run[k]; n++)
                    *w++ = (k - truth.start[t]) & 1;
            iou += pixel_iou(answer, wanted, 4096) / 200;
        }
        print_message("%s: mean IoU %.5f\n", m->id, iou);
        assert_true(iou >= least[at]);
        if (at == 0)
            NEAR(iou, .79909, 5e-6);            /* the reference, to its last digit */
        as_mask_result_free(r);
    }
}

/* ------------------------------------------------------------------ laws */

static void read_golden_album(struct album *a)
{
    char path[512];

    folder(path, sizeof path, ".", "input.csv");
    assert_true(album_read(a, path, 1));
}

static void the_order_of_rows_changes_nothing(void **state)
{
    static struct album a, b;
    const struct as_method_info *m;

    (void)state;
    read_golden_album(&a);
    b = a;
    b.in = a.in;
    b.in.task = b.task;
    b.in.worker = b.worker;
    b.in.start = b.start;
    b.in.run = b.run;
    for (size_t k = 0; k < a.in.n; k++) {
        size_t from = (k * 23 + 5) % a.in.n;
        b.task[k] = a.task[from];
        b.worker[k] = a.worker[from];
        b.start[k + 1] = b.start[k];
        for (size_t r = a.start[from]; r < a.start[from + 1]; r++)
            b.run[b.start[k + 1]++] = a.run[r];
    }
    for (unsigned at = 0; (m = as_mask_method(at)); at++) {
        struct as_mask_result *x = merged(&a.in, m->id, NULL), *y = merged(&b.in, m->id, NULL);
        assert_memory_equal(x->start, y->start, (x->tasks + 1) * sizeof *x->start);
        assert_memory_equal(x->run, y->run, x->start[x->tasks] * sizeof *x->run);
        assert_memory_equal(x->confidence, y->confidence, x->tasks * sizeof *x->confidence);
        as_mask_result_free(x);
        as_mask_result_free(y);
    }
}

static void new_numbers_of_workers_and_tasks_change_nothing_but_those(void **state)
{
    static struct album a, b;
    const struct as_method_info *m;

    (void)state;
    read_golden_album(&a);
    read_golden_album(&b);
    for (size_t k = 0; k < a.in.n; k++) {
        b.task[k] = a.in.tasks - 1 - a.task[k];
        b.worker[k] = a.in.workers - 1 - a.worker[k];
    }
    for (uint32_t t = 0; t < a.in.tasks; t++) {
        b.width[a.in.tasks - 1 - t] = a.width[t];
        b.height[a.in.tasks - 1 - t] = a.height[t];
    }
    for (unsigned at = 0; (m = as_mask_method(at)); at++) {
        struct as_mask_result *x = merged(&a.in, m->id, NULL), *y = merged(&b.in, m->id, NULL);
        for (uint32_t t = 0; t < x->tasks; t++) {
            uint32_t u = x->tasks - 1 - t;
            assert_memory_equal(x->run + x->start[t], y->run + y->start[u],
                                (x->start[t + 1] - x->start[t]) * sizeof *x->run);
            NEAR(x->confidence[t], y->confidence[u], 1e-9);
        }
        as_mask_result_free(x);
        as_mask_result_free(y);
    }
}

static void many_classes_with_two_in_use_give_the_same(void **state)
{
    static struct album a;
    static uint16_t value[RUNS];
    const char *const methods[] = { "majority", "weighted" };

    (void)state;
    read_golden_album(&a);
    struct as_masks many = a.in;
    many.classes = 5;
    many.value = value;
    for (size_t m = 0; m < a.in.n; m++)
        for (size_t k = a.start[m]; k < a.start[m + 1]; k++)
            value[k] = (k - a.start[m]) & 1 ? 3 : 0;
    for (int at = 0; at < 2; at++) {
        struct as_mask_result *x = merged(&a.in, methods[at], NULL);
        struct as_mask_result *y = merged(&many, methods[at], NULL);
        for (uint32_t t = 0; t < x->tasks; t++) {
            static uint8_t p[1024], q[1024];
            size_t n = (size_t)a.width[t] * a.height[t];
            paint(x, t, p);
            paint(y, t, q);
            for (size_t k = 0; k < n; k++)
                assert_int_equal(p[k] ? 3 : 0, q[k]);
        }
        as_mask_result_free(x);
        as_mask_result_free(y);
    }
    struct as_mask_result *y = merged(&many, "staple", NULL);      /* and it converges */
    assert_true(y->converged);
    as_mask_result_free(y);
}

static void who_draws_well_outweighs_two_who_do_not(void **state)
{
    /* Ten pictures 20 x 20; worker 0 draws the square, 1 and 2 two strips apart from it. */
    static struct album a;
    uint8_t pixel[400];

    (void)state;
    a.in = (struct as_masks){ .classes = 2, .width = a.width, .height = a.height, .task = a.task,
                              .worker = a.worker, .start = a.start, .run = a.run, .tasks = 12,
                              .workers = 5 };
    for (uint32_t t = 0; t < 12; t++) {
        a.width[t] = a.height[t] = 20;
        for (uint32_t j = 0; j < 5; j++) {
            size_t n = a.in.n++, k = a.start[n];
            int lazy = (j == 3 && t % 3) || (j == 4 && t % 3 != 1);
            a.task[n] = t;
            a.worker[n] = j;
            a.run[k++] = lazy ? 0 : 20 * 5 + 5 + (j == 2);
            for (int y = 0; y < 10; y++) {
                a.run[k++] = lazy ? 20 : 10;
                a.run[k++] = lazy ? 0 : 10;
            }
            a.start[n + 1] = k;
        }
    }
    struct as_mask_result *r = merged(&a.in, "staple", NULL);
    for (uint32_t t = 0; t < 12; t++) {
        paint(r, t, pixel);
        for (int k = 0; k < 400; k++) {
            int x = k % 20, y = k / 20;
            assert_int_equal(pixel[k], x >= 5 && x < 15 && y >= 5 && y < 15);
        }
    }
    NEAR(r->worker[0].skill, 1, 1e-9);
    assert_true(r->worker[3].skill < .8);
    assert_true(r->confusion[0 * 4 + 3] > r->confusion[3 * 4 + 3]);     /* sensitivity */
    as_mask_result_free(r);
}

/* 60 pictures of 8 x 8 blocks of 4 x 4 pixels, three classes; worker j gives a block the next class
   with chance .05 + .09 j. */
static void habits_with_three_classes_are_recovered(void **state)
{
    enum { N = 60, PEOPLE = 5, PIXELS = 32 * 32 };
    static uint32_t width[N], height[N], task[N * PEOPLE], worker[N * PEOPLE];
    static uint32_t run[N * PEOPLE * PIXELS];
    static uint16_t value[N * PEOPLE * PIXELS];
    static size_t start[N * PEOPLE + 1];
    static uint8_t truth[N][PIXELS], pixel[PIXELS];
    struct as_masks in = { .tasks = N, .workers = PEOPLE, .classes = 3, .width = width,
                           .height = height, .n = N * PEOPLE, .task = task, .worker = worker,
                           .start = start, .run = run, .value = value };
    double right[2] = { 0 };
    uint64_t draw = 0;

    (void)state;
    for (uint32_t t = 0; t < N; t++) {
        uint8_t said[PEOPLE][64];
        width[t] = height[t] = 32;
        for (int block = 0; block < 64; block++) {
            uint8_t is = (uint8_t)(as_uniform(9, 1, draw++) * 3);
            for (int k = 0; k < 16; k++)
                truth[t][block / 8 * 128 + k / 4 * 32 + block % 8 * 4 + k % 4] = is;
            for (uint32_t j = 0; j < PEOPLE; j++)
                said[j][block] = (uint8_t)((is + (as_uniform(9, 2, draw++) < .05 + .09 * j)) % 3);
        }
        for (uint32_t j = 0; j < PEOPLE; j++) {
            size_t m = t * PEOPLE + j, k = start[m];
            task[m] = t;
            worker[m] = j;
            for (int piece = 0; piece < PIXELS / 4; piece++) {      /* a row of a block each */
                run[k] = 4;
                value[k++] = said[j][piece / 32 * 8 + piece % 8];
            }
            start[m + 1] = k;
        }
    }
    for (int staple = 0; staple < 2; staple++) {
        struct as_mask_opts o;
        as_mask_opts_init(&o);
        o.history = 0;                  /* all pictures are alike: none asks for its own table */
        struct as_mask_result *r = merged(&in, staple ? "staple" : "majority", &o);
        for (uint32_t t = 0; t < N; t++) {
            paint(r, t, pixel);
            for (int k = 0; k < PIXELS; k++)
                right[staple] += pixel[k] == truth[t][k];
        }
        for (uint32_t j = 0; staple && j < PEOPLE; j++)
            for (uint32_t k = 1; k < 3; k++)        /* 0: only near what was drawn */
                NEAR(r->confusion[(j * 3 + k) * 3 + (k + 1) % 3], .05 + .09 * j, .05);
        as_mask_result_free(r);
    }
    assert_true(right[1] > right[0]);
}

static void neighbours_fill_a_hole_of_one_pixel(void **state)
{
    const uint32_t width[] = { 9 }, height[] = { 9 }, task[] = { 0, 0, 0 }, worker[] = { 0, 1, 2 };
    const uint32_t run[] = { 20, 5, 4, 5, 4, 2, 1, 2, 4, 5, 4, 5,
                             20, 5, 4, 5, 4, 2, 1, 2, 4, 5, 4, 5,
                             20, 5, 4, 5, 4, 5, 4, 5, 4, 5 };
    const size_t start[] = { 0, 12, 24, 34 };
    struct as_masks in = { .tasks = 1, .workers = 3, .classes = 2, .width = width,
                           .height = height, .n = 3, .task = task, .worker = worker,
                           .start = start, .run = run };
    struct as_mask_opts o;
    uint8_t pixel[81];

    (void)state;
    as_mask_opts_init(&o);
    struct as_mask_result *r = merged(&in, "majority", &o);
    paint(r, 0, pixel);
    assert_int_equal(pixel[4 * 9 + 4], 0);
    as_mask_result_free(r);
    o.smooth = .5;
    r = merged(&in, "majority", &o);
    paint(r, 0, pixel);
    assert_int_equal(pixel[4 * 9 + 4], 1);
    assert_int_equal(pixel[2 * 9 + 2], 1);          /* the corners stay */
    assert_int_equal(pixel[2 * 9 + 1], 0);
    NEAR(r->worker[2].skill, 1, 1e-12);
    as_mask_result_free(r);
}

static void cost_does_not_grow_with_the_pixels(void **state)
{
    /* 40,000 x 40,000 pixels, of which three people mark a block. */
    const uint32_t width[] = { 40000 }, height[] = { 40000 };
    const uint32_t task[] = { 0, 0, 0 }, worker[] = { 0, 1, 2 };
    const uint32_t run[] = { 800000000, 4000000, 800000000, 4100000, 0, 1 };
    const size_t start[] = { 0, 2, 4, 6 };
    struct as_masks in = { .tasks = 1, .workers = 3, .classes = 2, .width = width,
                           .height = height, .n = 3, .task = task, .worker = worker,
                           .start = start, .run = run };

    (void)state;
    struct as_mask_result *r = merged(&in, "staple", NULL);
    assert_int_equal(r->start[1], 3);
    assert_int_equal(r->run[1], 4000000);
    as_mask_result_free(r);
}

/* ------------------------------------------------------------------ odd input */

static void nothing_drawn_is_an_answer_and_nobody_is_none(void **state)
{
    const uint32_t width[] = { 3, 4 }, height[] = { 2, 2 }, task[] = { 1, 1 }, worker[] = { 1, 0 };
    const uint32_t run[] = { 8 };
    const size_t start[] = { 0, 1, 1 };
    struct as_masks in = { .tasks = 2, .workers = 3, .classes = 2, .width = width,
                           .height = height, .n = 2, .task = task, .worker = worker,
                           .start = start, .run = run };
    const struct as_method_info *m;

    (void)state;
    for (unsigned at = 0; (m = as_mask_method(at)); at++) {
        struct as_mask_result *r = merged(&in, m->id, NULL);
        assert_int_equal(r->flags[0], AS_NO_VOTES);
        assert_int_equal(r->flags[1], 0);
        NEAR(r->confidence[1], 1, 1e-12);
        assert_int_equal(r->start[2] - r->start[1], 1);
        assert_int_equal(r->worker[2].n, 0);
        assert_true(r->worker[2].lo <= 0 && r->worker[2].hi >= 1);
        as_mask_result_free(r);
    }
    in.tasks = in.workers = 0;
    in.n = 0;
    struct as_mask_result *r = merged(&in, "staple", NULL);
    as_mask_result_free(r);
    as_mask_result_free(NULL);
}

static void bad_masks_are_refused(void **state)
{
    uint32_t width[] = { 4 }, height[] = { 2 }, task[] = { 0, 0 }, worker[] = { 1, 0 };
    uint32_t run[] = { 2, 3, 1, 2 };
    size_t start[] = { 0, 2, 4 };
    uint16_t value[] = { 0, 1, 0, 2 };
    struct as_masks in = { .tasks = 1, .workers = 2, .classes = 2, .width = width,
                           .height = height, .n = 2, .task = task, .worker = worker,
                           .start = start, .run = run };
    struct as_mask_opts o;
    struct as_mask_result *r;

    (void)state;
    assert_int_equal(as_merge_masks(&in, "no such", NULL, &r), AS_ENOMETHOD);
    assert_int_equal(as_merge_masks(&in, NULL, NULL, &r), AS_ENOMETHOD);
    in.value = value;
    assert_int_equal(as_merge_masks(&in, "majority", NULL, &r), AS_EINVAL);     /* class 2 of 2 */
    in.value = NULL;
    run[3] = 8;
    assert_int_equal(as_merge_masks(&in, "majority", NULL, &r), AS_EINVAL);     /* 9 of 8 pixels */
    run[3] = 2;
    worker[1] = 1;
    assert_int_equal(as_merge_masks(&in, "majority", NULL, &r), AS_EDUPLICATE);
    worker[1] = 2;
    assert_int_equal(as_merge_masks(&in, "majority", NULL, &r), AS_EINVAL);
    worker[1] = 0;
    height[0] = 0;
    assert_int_equal(as_merge_masks(&in, "majority", NULL, &r), AS_EINVAL);
    width[0] = height[0] = 65536;
    assert_int_equal(as_merge_masks(&in, "majority", NULL, &r), AS_ETOOBIG);
    width[0] = 4;
    height[0] = 2;
    start[1] = 5;
    assert_int_equal(as_merge_masks(&in, "majority", NULL, &r), AS_EINVAL);
    start[1] = 2;
    in.classes = 1;
    assert_int_equal(as_merge_masks(&in, "majority", NULL, &r), AS_EINVAL);
    in.classes = 2;
    as_mask_opts_init(&o);
    o.trust = NAN;
    assert_int_equal(as_merge_masks(&in, "majority", &o, &r), AS_EINVAL);
    assert_null(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_method_equals_its_golden_folder),
        cmocka_unit_test(mean_iou_on_the_ellipses_is_that_of_the_tables_or_better),
        cmocka_unit_test(the_order_of_rows_changes_nothing),
        cmocka_unit_test(new_numbers_of_workers_and_tasks_change_nothing_but_those),
        cmocka_unit_test(many_classes_with_two_in_use_give_the_same),
        cmocka_unit_test(who_draws_well_outweighs_two_who_do_not),
        cmocka_unit_test(habits_with_three_classes_are_recovered),
        cmocka_unit_test(neighbours_fill_a_hole_of_one_pixel),
        cmocka_unit_test(cost_does_not_grow_with_the_pixels),
        cmocka_unit_test(nothing_drawn_is_an_answer_and_nobody_is_none),
        cmocka_unit_test(bad_masks_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
