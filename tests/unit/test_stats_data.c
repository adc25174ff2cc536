/*
 * Accuracy on the public data sets, where they are present, against reference runs of other
 * programs on the same rows.  Majority is compared with ties split evenly, which depends on no
 * order; the weighted votes have next to no ties and must be equal as they are.
 */
#include "unit.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/annotary_stats.h"

#define ROWS 100000
#define NAME 64

struct names {                  /* text to ids, in sorted order */
    char (*text)[NAME];
    uint32_t n;
};

static char cell[3][ROWS][NAME];
static struct as_labels in;
static uint32_t task[ROWS], worker[ROWS];
static uint16_t label[ROWS], *truth;

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void names_sort(struct names *s, char (*text)[NAME], size_t n)
{
    s->text = malloc((n + 1) * NAME);
    assert_non_null(s->text);
    memcpy(s->text, text, n * NAME);
    qsort(s->text, n, NAME, by_text);
    s->n = 0;
    for (size_t k = 0; k < n; k++)
        if (!k || strcmp(s->text[k], s->text[s->n - 1]))
            memmove(s->text[s->n++], s->text[k], NAME);
}

static uint32_t names_find(const struct names *s, const char *text)
{
    char key[NAME] = { 0 };
    snprintf(key, sizeof key, "%s", text);
    char *hit = bsearch(key, s->text, s->n, NAME, by_text);
    return hit ? (uint32_t)((size_t)(hit - s->text[0]) / NAME) : UINT32_MAX;
}

/* One line of at most three cells; 0 at the end of the file. */
static int row_read(FILE *f, size_t r)
{
    char line[256], *at = line;

    if (!fgets(line, sizeof line, f))
        return 0;
    line[strcspn(line, "\r\n")] = 0;
    for (int c = 0; c < 3; c++) {
        char *one = strsep(&at, ",");
        memset(cell[c][r], 0, NAME);
        snprintf(cell[c][r], NAME, "%s", one ? one : "");
    }
    return 1;
}

static FILE *set_open(const char *set, const char *file)
{
    char path[512], line[256];

    snprintf(path, sizeof path, "%s/data/categorical/%s/%s", getenv("ANNOTARY_TESTDATA"), set,
             file);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    return f;
}

static void set_read(const char *set)
{
    struct names tasks, workers, classes;
    size_t n = 0;
    FILE *f = set_open(set, "labels.csv");

    while (row_read(f, n)) {
        n++;
        assert_true(n < ROWS);
    }
    fclose(f);
    names_sort(&tasks, cell[0], n);
    names_sort(&workers, cell[1], n);
    names_sort(&classes, cell[2], n);
    for (size_t k = 0; k < n; k++) {
        task[k] = names_find(&tasks, cell[0][k]);
        worker[k] = names_find(&workers, cell[1][k]);
        label[k] = (uint16_t)names_find(&classes, cell[2][k]);
    }
    truth = malloc(tasks.n * sizeof *truth);
    assert_non_null(truth);
    memset(truth, 0xff, tasks.n * sizeof *truth);
    f = set_open(set, "truth.csv");
    while (row_read(f, 0)) {
        uint32_t t = names_find(&tasks, cell[0][0]);
        if (t != UINT32_MAX)
            truth[t] = (uint16_t)names_find(&classes, cell[1][0]);
    }
    fclose(f);
    in = (struct as_labels){ .n = n, .tasks = tasks.n, .workers = workers.n, .classes = classes.n,
                             .task = task, .worker = worker, .label = label };
    free(tasks.text);
    free(workers.text);
    free(classes.text);
}

/* Share right; a tied task counts 1/t where the truth is among the t at the top. */
static double accuracy(const struct as_result *r, int split, unsigned *tied, unsigned *scored)
{
    double right = 0;

    *tied = *scored = 0;
    for (uint32_t t = 0; t < r->tasks; t++) {
        if (truth[t] == AS_ABSTAIN)
            continue;
        ++*scored;
        *tied += r->flags[t] & AS_TIED;
        if (!split || !(r->flags[t] & AS_TIED)) {
            right += r->label[t] == truth[t];
            continue;
        }
        double top = 0;
        for (uint32_t k = 0; k < r->classes; k++)
            top += fabs(as_q(r, t, k) - as_confidence(r, t)) < 1e-6;
        right += fabs(as_q(r, t, truth[t]) - as_confidence(r, t)) < 1e-6 ? 1 / top : 0;
    }
    return right / *scored;
}

/* The reference was written by Python, which prints NaN where JSON has only null. */
static json_t *reference_read(void)
{
    static char text[1 << 20];
    char path[512], *at;

    snprintf(path, sizeof path, "%s/reference/aggregation.json", getenv("ANNOTARY_TESTDATA"));
    FILE *f = fopen(path, "r");
    if (!f)
        return NULL;
    text[fread(text, 1, sizeof text - 1, f)] = 0;
    fclose(f);
    while ((at = strstr(text, " NaN")))
        memcpy(at, "null", 4);
    json_t *all = json_loads(text, 0, NULL);
    assert_non_null(all);
    return all;
}

static double number(json_t *o, const char *name)
{
    return json_number_value(json_object_get(o, name));
}

static void accuracy_equals_the_reference_on_every_set(void **state)
{
    static const char *const ours[] = { "majority", "wawa", "zbs" };
    static const char *const theirs[] = { "MajorityVote", "Wawa", "ZeroBasedSkill" };
    const char *set;
    json_t *all = reference_read(), *one;
    unsigned sets = 0;

    (void)state;
    if (!all)
        skip();
    json_object_foreach(json_object_get(all, "categorical"), set, one) {
        struct as_votes *v;
        struct as_votes_info info;
        set_read(set);
        assert_int_equal(as_votes_new(&in, AS_KEEP_LAST, &v, NULL), AS_OK);
        as_votes_info(v, &info);
        assert_int_equal(info.kept, (uint64_t)number(one, "labels_used"));
        for (size_t k = 0; k < 3; k++) {
            json_t *ref = json_object_get(json_object_get(one, "algorithms"), theirs[k]);
            struct as_result *r;
            unsigned tied, scored;
            assert_int_equal(as_aggregate(v, ours[k], NULL, &r), AS_OK);
            double want = number(ref, k ? "accuracy" : "accuracy_expected_ties_split");
            double got = accuracy(r, k == 0, &tied, &scored);
            assert_int_equal(scored, (unsigned)number(ref, "scored"));
            if (k == 0)
                assert_int_equal(tied, (unsigned)number(ref, "tied_tasks"));
            if (fabs(got - want) > 1e-6)
                print_error("%s, %s: accuracy %.6f, reference %.6f\n", set, ours[k], got, want);
            assert_true(fabs(got - want) <= 1e-6);
            as_result_free(r);
        }
        as_votes_free(v);
        free(truth);
        sets++;
    }
    assert_true(sets >= 10);
    json_decref(all);
}

/* Objective within 1e-4 of the reference (better is allowed where it stopped at its 500 rounds),
   accuracy within 0.3 points; an objective that falls is a code, so none fell. */
static void dawid_skene_one(const char *set, const struct as_votes *v, json_t *ref, double prior)
{
    struct as_opts o;
    struct as_result *r;
    unsigned tied, scored;

    as_opts_init(&o);
    o.prior = prior;
    o.tol = 1e-9;
    assert_int_equal(as_aggregate(v, "dawid-skene", &o, &r), AS_OK);
    double want = number(ref, "log_objective"), got = r->trace[r->trace_n - 1];
    double acc = accuracy(r, 0, &tied, &scored);
    int same = fabs(got - want) <= 1e-4 * fabs(want)
               && (!scored || fabs(acc - number(ref, "accuracy")) <= .003 + 1e-6);
    if (!same)
        print_error("%s, prior %g: objective %.4f, reference %.4f; accuracy %.4f, reference %.4f "
                    "(%d rounds)\n", set, prior, got, want, acc, number(ref, "accuracy"),
                    r->iterations);
    assert_true(same);
    as_result_free(r);
}

/* Our default prior is not below the reference with 0.1 in every cell by more than half a point. */
static void dawid_skene_default(const char *set, const struct as_votes *v, json_t *ref)
{
    struct as_result *r;
    unsigned tied, scored;

    assert_int_equal(as_aggregate(v, "dawid-skene", NULL, &r), AS_OK);
    double got = accuracy(r, 0, &tied, &scored), want = number(ref, "accuracy");
    double slack = scored ? fmax(.005, 2. / scored) : 0;
    if (scored && got < want - slack - 1e-9)
        print_error("%s: accuracy %.4f with the default prior, %.4f with 0.1\n", set, got, want);
    assert_true(!scored || got >= want - slack - 1e-9);
    as_result_free(r);
}

static void dawid_skene_reaches_the_reference_on_every_set(void **state)
{
    const char *set;
    json_t *all = reference_read(), *one;
    unsigned sets = 0;

    (void)state;
    if (!all)
        skip();
    json_t *own = json_object_get(json_object_get(all, "own_dawid_skene_reference"), "values");
    json_object_foreach(own, set, one) {
        struct as_votes *v;
        set_read(set);
        assert_int_equal(as_votes_new(&in, AS_KEEP_LAST, &v, NULL), AS_OK);
        dawid_skene_one(set, v, json_object_get(one, "ml"), 0);
        dawid_skene_one(set, v, json_object_get(one, "map_dirichlet_0.1"), .1);
        dawid_skene_one(set, v, json_object_get(one, "map_dirichlet_1"), 1);
        dawid_skene_default(set, v, json_object_get(one, "map_dirichlet_0.1"));
        as_votes_free(v);
        free(truth);
        sets++;
    }
    assert_true(sets >= 10);
    json_decref(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(accuracy_equals_the_reference_on_every_set),
        UNIT(dawid_skene_reaches_the_reference_on_every_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
