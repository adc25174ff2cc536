/* One number per task out of many: golden folders, laws, refusals, and the public data sets. */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/annotary_stats.h"

#define ROWS 12000

static uint32_t task[ROWS], worker[ROWS];
static double value[ROWS], truth[ROWS];
static struct as_numbers in;

static struct as_numeric *solve(const char *method)
{
    struct as_numeric *r;

    assert_int_equal(as_numeric(&in, AS_KEEP_LAST, method, NULL, &r, NULL), AS_OK);
    return r;
}

static FILE *golden(const char *folder, const char *name)
{
    char path[512], line[128];

    snprintf(path, sizeof path, "%s/tests/golden/stats/aggregate/%s%s", getenv("ANNOTARY_SOURCE"),
             folder, name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    return f;
}

static void crowd_read(void)
{
    size_t n = 0;
    FILE *f = golden("", "numbers.csv");

    while (fscanf(f, "%u,%u,%lf", &task[n], &worker[n], &value[n]) == 3)
        n++;
    fclose(f);
    in = (struct as_numbers){ .n = n, .tasks = 40, .workers = 12, .task = task,
                              .worker = worker, .value = value };
}

static void every_method_equals_its_golden_folder(void **state)
{
    const struct as_method_info *m;

    (void)state;
    crowd_read();
    for (unsigned k = 0; (m = as_numeric_method(k)); k++) {
        char folder[64];
        unsigned t, n, rows = 0;
        double v, e, b, s;
        struct as_numeric *r = solve(m->id);
        snprintf(folder, sizeof folder, "%s/", m->id);
        FILE *f = golden(folder, "numbers.csv");
        for (; fscanf(f, "%u,%lf,%lf", &t, &v, &e) == 3; rows++) {
            assert_true(fabs(r->value[t] - v) < 1e-7);
            assert_true(fabs(r->error[t] - e) < 1e-7);
        }
        fclose(f);
        f = golden(folder, "numbers-workers.csv");
        for (; fscanf(f, "%u,%u,%lf,%lf,%lf", &t, &n, &b, &s, &v) == 5; rows++) {
            assert_int_equal(r->worker[t].n, n);
            assert_true(fabs(r->worker[t].bias - b) < 1e-7);
            assert_true(fabs(r->worker[t].spread - s) < 1e-7);
            assert_true(fabs(r->worker[t].weight - v) < 1e-7 * (1 + v));
            assert_true(r->worker[t].lo <= s && s <= r->worker[t].hi);
        }
        fclose(f);
        assert_int_equal(rows, 52);
        as_numeric_free(r);
    }
}

static void the_order_of_the_rows_changes_nothing(void **state)
{
    const struct as_method_info *m;

    (void)state;
    crowd_read();
    for (unsigned k = 0; (m = as_numeric_method(k)); k++) {
        struct as_numeric *a = solve(m->id);
        for (size_t r = 0; r < in.n / 2; r++) {
            size_t o = in.n - 1 - r;
            uint32_t t = task[r], w = worker[r];
            double v = value[r];
            task[r] = task[o], worker[r] = worker[o], value[r] = value[o];
            task[o] = t, worker[o] = w, value[o] = v;
        }
        struct as_numeric *b = solve(m->id);
        assert_memory_equal(a->value, b->value, 40 * sizeof *a->value);
        assert_memory_equal(a->error, b->error, 40 * sizeof *a->error);
        assert_int_equal(a->digest, b->digest);
        as_numeric_free(a);
        as_numeric_free(b);
    }
}

static void another_unit_gives_the_same_answer_in_that_unit(void **state)
{
    const struct as_method_info *m;

    (void)state;
    for (unsigned k = 0; (m = as_numeric_method(k)); k++) {
        crowd_read();
        struct as_numeric *a = solve(m->id);
        for (size_t r = 0; r < in.n; r++)
            value[r] = value[r] * 2 + 1000;
        struct as_numeric *b = solve(m->id);
        for (uint32_t t = 0; t < 40; t++)
            assert_true(fabs(a->value[t] * 2 + 1000 - b->value[t]) < 1e-3);
        as_numeric_free(a);
        as_numeric_free(b);
    }
}

static void the_last_answer_of_a_person_counts(void **state)
{
    static const uint32_t t[] = { 0, 0, 0 }, w[] = { 0, 1, 0 };
    static const double v[] = { 1, 2, 5 };
    struct as_numbers two = { .n = 3, .tasks = 1, .workers = 2, .task = t, .worker = w,
                              .value = v };
    struct as_numeric *r;
    struct as_fault fault;

    (void)state;
    assert_int_equal(as_numeric(&two, AS_KEEP_LAST, "mean", NULL, &r, NULL), AS_OK);
    assert_true(r->value[0] == 3.5 && r->n[0] == 2);
    as_numeric_free(r);
    assert_int_equal(as_numeric(&two, AS_KEEP_FIRST, "mean", NULL, &r, NULL), AS_OK);
    assert_true(r->value[0] == 1.5);
    as_numeric_free(r);
    assert_int_equal(as_numeric(&two, AS_KEEP_ALL, "median", NULL, &r, NULL), AS_OK);
    assert_true(r->value[0] == 2 && r->n[0] == 3);
    as_numeric_free(r);
    assert_int_equal(as_numeric(&two, AS_REJECT, "mean", NULL, &r, &fault), AS_EDUPLICATE);
    assert_int_equal(fault.row, 2);
}

static void bad_input_is_refused_and_poor_input_survives(void **state)
{
    static const uint32_t t[] = { 0, 0, 1, 2 }, w[] = { 0, 1, 0, 1 };
    static double v[] = { 7, 7, 7, 7 };
    static const float none[] = { 0, 0, 0, 0 };
    struct as_numbers four = { .n = 4, .tasks = 4, .workers = 3, .task = t, .worker = w,
                               .value = v };
    const struct as_method_info *m;
    struct as_numeric *r;
    struct as_fault fault;

    (void)state;
    for (unsigned k = 0; (m = as_numeric_method(k)); k++) {
        struct as_numbers empty = { 0 };
        assert_int_equal(as_numeric(&empty, AS_KEEP_LAST, m->id, NULL, &r, NULL), AS_OK);
        as_numeric_free(r);
        for (int weighted = 0; weighted < 2; weighted++) {
            four.weight = weighted ? none : NULL;
            assert_int_equal(as_numeric(&four, AS_KEEP_LAST, m->id, NULL, &r, NULL), AS_OK);
            for (uint32_t i = 0; i < 3; i++)
                assert_true(fabs(r->value[i] - 7) < 1e-9 && isfinite(r->error[i]));
            assert_true(r->n[3] == 0 && r->value[3] == 0);
            as_numeric_free(r);
        }
        four.weight = NULL;
        v[2] = NAN;
        assert_int_equal(as_numeric(&four, AS_KEEP_LAST, m->id, NULL, &r, &fault), AS_EINVAL);
        assert_int_equal(fault.row, 2);
        v[2] = 7;
    }
    assert_int_equal(as_numeric(&four, AS_KEEP_LAST, "mode", NULL, &r, NULL), AS_ENOMETHOD);
    four.workers = 1;
    assert_int_equal(as_numeric(&four, AS_KEEP_LAST, "mean", NULL, &r, NULL), AS_EINVAL);
}

/* One worker is exactly right, the others scatter: without a prior that worker alone decides. */
static void no_worker_takes_over(void **state)
{
    size_t n = 0;

    (void)state;
    for (uint32_t t = 0; t < 30; t++)
        for (uint32_t w = 0; w < 5; w++, n++) {
            task[n] = t;
            worker[n] = w;
            value[n] = t + (w ? 3 * sin(t * 7.0 + w * 11.0) : 0);
        }
    in = (struct as_numbers){ .n = n, .tasks = 30, .workers = 5, .task = task, .worker = worker,
                              .value = value };
    struct as_numeric *r = solve("gaussian");
    for (uint32_t w = 0; w < 5; w++) {  /* weight is a^2 V / v_j, and v_j >= 18 V / (n_j + 22) */
        double gain = r->worker[w].gain;
        assert_true(r->worker[w].weight <= gain * gain * (30 + 22) / 18. + 1e-9);
    }
    assert_true(r->worker[0].weight > 1.5 * r->worker[1].weight);
    assert_true(r->converged && r->trace_n > 1);
    as_numeric_free(r);
}

/* ------------------------------------------------------------------ public data */

static uint32_t id_of(char (*names)[48], uint32_t *count, const char *name)
{
    uint32_t k = 0;

    while (k < *count && strcmp(names[k], name))
        k++;
    if (k == *count)
        snprintf(names[(*count)++], 48, "%s", name);
    return k;
}

static FILE *set_open(const char *set, const char *file)
{
    char path[512], line[256];

    snprintf(path, sizeof path, "%s/data/numeric/%s/%s", getenv("ANNOTARY_TESTDATA"), set, file);
    FILE *f = fopen(path, "r");
    if (f)
        assert_non_null(fgets(line, sizeof line, f));
    return f;
}

static int set_read(const char *set)
{
    static char tasks[1000][48], workers[200][48];
    char a[48], b[48];
    uint32_t nt = 0, nw = 0;
    double x;
    size_t n = 0;
    FILE *f = set_open(set, "labels.csv");

    if (!f)
        return 0;
    for (; fscanf(f, " %47[^,],%47[^,],%lf%*[\r]", a, b, &x) >= 3; n++) {
        task[n] = id_of(tasks, &nt, a);
        worker[n] = id_of(workers, &nw, b);
        value[n] = x;
    }
    fclose(f);
    in = (struct as_numbers){ .n = n, .tasks = nt, .workers = nw, .task = task,
                              .worker = worker, .value = value };
    f = set_open(set, "truth.csv");
    assert_non_null(f);
    while (fscanf(f, " %47[^,],%lf%*[\r]", a, &x) >= 2)
        truth[id_of(tasks, &nt, a)] = x;
    fclose(f);
    assert_int_equal(nt, in.tasks);
    return 1;
}

struct fitness { double mae, rmse, pearson; };

static struct fitness fitness(const double *x, uint32_t n)
{
    struct fitness f = { 0, 0, 0 };
    double mx = 0, mt = 0, xx = 0, tt = 0, xt = 0;

    for (uint32_t t = 0; t < n; t++) {
        f.mae += fabs(x[t] - truth[t]) / n;
        f.rmse += (x[t] - truth[t]) * (x[t] - truth[t]) / n;
        mx += x[t] / n;
        mt += truth[t] / n;
    }
    for (uint32_t t = 0; t < n; t++) {
        xx += (x[t] - mx) * (x[t] - mx);
        tt += (truth[t] - mt) * (truth[t] - mt);
        xt += (x[t] - mx) * (truth[t] - mt);
    }
    f.rmse = sqrt(f.rmse);
    f.pearson = xt / sqrt(xx * tt);
    return f;
}

static void public_sets_give_the_reference_figures(void **state)
{
    static const struct { const char *name; struct fitness mean, median; int better; } set[] = {
        { "n_emotion", { 12.0220, 17.8353, .7255 }, { 13.5293, 21.2641, .6344 }, 0 },
        { "snow_anger", { 8.6330, 13.7366, .7113 }, { 9.2400, 17.0278, .6168 }, 1 },
        { "snow_disgust", { 10.4900, 16.2527, .7646 }, { 8.4600, 16.3895, .7640 }, 1 },
        { "snow_joy", { 12.5020, 18.5722, .6403 }, { 15.2800, 24.2833, .4456 }, 0 },
        { "snow_sadness", { 9.7660, 14.7749, .7923 }, { 9.1800, 15.8494, .7818 }, 1 },
        { "snow_valence", { 21.6950, 26.0961, .8498 }, { 26.5300, 31.3039, .7332 }, 0 },
    };
    const struct as_method_info *m;

    (void)state;
    for (size_t s = 0; s < sizeof set / sizeof *set; s++) {
        if (!set_read(set[s].name)) {
            print_message("skipped: no real data\n");
            skip();
        }
        for (unsigned k = 0; (m = as_numeric_method(k)); k++) {
            struct as_numeric *r = solve(m->id);
            struct fitness got = fitness(r->value, in.tasks);
            const struct fitness *want = k ? &set[s].median : &set[s].mean;
            print_message("# %-13s %-9s MAE %8.4f  RMSE %8.4f  r %.4f\n", set[s].name, m->id,
                          got.mae, got.rmse, got.pearson);
            if (k < 2) {
                assert_true(fabs(got.mae - want->mae) < 6e-5);
                assert_true(fabs(got.rmse - want->rmse) < 6e-5);
                assert_true(fabs(got.pearson - want->pearson) < 6e-5);
            } else if (!strcmp(m->id, "gaussian")) {
                /* never much worse than the mean, and better where people differ */
                assert_true(got.rmse <= set[s].mean.rmse * (set[s].better ? 1 : 1.04));
            }
            as_numeric_free(r);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(every_method_equals_its_golden_folder),
        UNIT(the_order_of_the_rows_changes_nothing),
        UNIT(another_unit_gives_the_same_answer_in_that_unit),
        UNIT(the_last_answer_of_a_person_counts),
        UNIT(bad_input_is_refused_and_poor_input_survives),
        UNIT(no_worker_takes_over),
        UNIT(public_sets_give_the_reference_figures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
