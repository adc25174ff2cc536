/* Agreement, matching, and boxes and spans of several people made one. */
#include "unit.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "stats/annotary_stats.h"

#define NEAR(a, b) assert_true(fabs((a) - (b)) < 1e-9)

static uint64_t draws;

static double chance(void)
{
    return as_uniform(11, 1, draws++);
}

/* ------------------------------------------------------------------ agreement */

static double alpha_of(const int *ratings, uint32_t raters, uint32_t units, int *rc)
{
    uint32_t task[512], worker[512];
    uint16_t label[512];
    struct as_votes *v;
    struct as_alpha a;

    for (uint32_t k = 0; k < raters * units; k++) {
        task[k] = k % units;
        worker[k] = k / units;
        label[k] = ratings[k] < 0 ? AS_ABSTAIN : (uint16_t)ratings[k];
    }
    struct as_labels in = { .n = (size_t)raters * units, .tasks = units, .workers = raters,
                            .classes = 10, .task = task, .worker = worker, .label = label };
    assert_int_equal(as_votes_new(&in, AS_REJECT, &v, NULL), AS_OK);
    *rc = as_alpha_nominal(v, &a);
    as_votes_free(v);
    return a.alpha;
}

static void alpha_equals_krippendorffs_own_example(void **state)
{
    static const int table[4][12] = {           /* Krippendorff 2011, data C; -1: missing */
        {  1,  2, 3, 3, 2, 1, 4, 1, 2, -1, -1, -1 },
        {  1,  2, 3, 3, 2, 2, 4, 1, 2,  5, -1,  3 },
        { -1,  3, 3, 3, 2, 3, 4, 2, 2,  5,  1, -1 },
        {  1,  2, 3, 3, 2, 4, 4, 1, 2,  5,  1, -1 } };
    static const int same[4] = { 1, 1, 1, 1 }, apart[4] = { 0, 1, 1, 0 };
    int rc;

    (void)state;
    assert_true(fabs(alpha_of(&table[0][0], 4, 12, &rc) - .743421) < 1e-6);
    assert_int_equal(rc, AS_OK);
    assert_true(alpha_of(apart, 2, 2, &rc) < 0);            /* worse than chance */
    alpha_of(same, 2, 2, &rc);
    assert_int_equal(rc, AS_EUNDEFINED);
    alpha_of(apart, 1, 4, &rc);
    assert_int_equal(rc, AS_EUNDEFINED);
}

static void alpha_equals_the_reference_tables(void **state)
{
    char path[512];
    json_t *all, *one;
    size_t at, cases = 0;

    (void)state;
    snprintf(path, sizeof path, "%s/reference/agreement.json", getenv("ANNOTARY_TESTDATA"));
    if (access(path, R_OK))
        skip();
    assert_non_null(all = json_load_file(path, 0, NULL));
    json_array_foreach(json_object_get(all, "cases"), at, one) {
        json_t *ratings = json_object_get(one, "ratings");
        json_t *want = json_object_get(json_object_get(one, "computed"), "alpha_nominal");
        size_t raters = json_array_size(ratings);
        size_t units = json_array_size(json_array_get(ratings, 0));
        int flat[512], rc, whole = want != NULL && raters * units <= 512;
        for (size_t k = 0; whole && k < raters * units; k++) {
            json_t *x = json_array_get(json_array_get(ratings, k / units), k % units);
            flat[k] = json_is_null(x) ? -1 : (int)json_integer_value(x);
            whole = !x || json_is_null(x) || json_is_integer(x);
        }
        if (!whole)
            continue;
        assert_true(fabs(alpha_of(flat, (uint32_t)raters, (uint32_t)units, &rc)
                         - json_real_value(want)) < 1e-6);
        cases++;
    }
    assert_true(cases >= 3);
    json_decref(all);
}

static void pairs_count_what_two_people_share(void **state)
{
    const uint32_t task[] = { 0, 0, 0, 1, 1, 2, 2 }, worker[] = { 2, 0, 1, 0, 2, 3, 1 };
    const uint16_t label[] = { 1, 1, 0, 1, 0, 1, 1 };
    struct as_labels in = { .n = 7, .tasks = 4, .workers = 5, .classes = 2,
                            .task = task, .worker = worker, .label = label };
    const struct as_pair want[] = { { 0, 1, 1, 0 }, { 0, 2, 2, 1 },
                                    { 1, 2, 1, 0 }, { 1, 3, 1, 1 } };
    struct as_votes *v;
    struct as_pair *p;
    size_t n;

    (void)state;
    assert_int_equal(as_votes_new(&in, AS_KEEP_LAST, &v, NULL), AS_OK);
    assert_int_equal(as_pairs_new(v, &p, &n), AS_OK);
    assert_int_equal(n, 4);
    for (size_t k = 0; k < n; k++) {
        assert_int_equal(p[k].a, want[k].a);
        assert_int_equal(p[k].b, want[k].b);
        assert_int_equal(p[k].common, want[k].common);
        assert_int_equal(p[k].agree, want[k].agree);
    }
    as_pairs_free(p);
    as_votes_free(v);
}

static void pairs_of_nobody_and_of_too_many(void **state)
{
    struct as_labels in = { .tasks = 1, .workers = 0, .classes = 1 };
    struct as_votes *v;
    struct as_pair *p;
    size_t n = 9;

    (void)state;
    assert_int_equal(as_votes_new(&in, AS_KEEP_LAST, &v, NULL), AS_OK);
    assert_int_equal(as_pairs_new(v, &p, &n), AS_OK);
    assert_int_equal(n, 0);
    as_pairs_free(p);
    as_votes_free(v);
    in.workers = 100000;
    assert_int_equal(as_votes_new(&in, AS_KEEP_LAST, &v, NULL), AS_OK);
    assert_int_equal(as_pairs_new(v, &p, &n), AS_ETOOBIG);
    as_votes_free(v);
}

static void mean_over_pairs_reads_above_the_diagonal(void **state)
{
    const double s[9] = { 7, .5, 1, 7, 7, 0, 7, 7, 7 }, bad[4] = { 1, NAN, 1, 1 };
    double out;

    (void)state;
    assert_int_equal(as_mean_pairwise(s, 3, &out), AS_OK);
    NEAR(out, .5);
    assert_int_equal(as_mean_pairwise(s, 1, &out), AS_EUNDEFINED);
    assert_int_equal(as_mean_pairwise(bad, 2, &out), AS_EINVAL);
}

/* ------------------------------------------------------------------ matching */

static double best_by_trying(const double *w, uint32_t n, uint32_t m, uint32_t row, uint32_t used)
{
    if (row == n)
        return 0;
    double best = best_by_trying(w, n, m, row + 1, used);
    for (uint32_t c = 0; c < m; c++) {
        if (used >> c & 1 || !(w[row * m + c] > 0))
            continue;
        double d = w[row * m + c] + best_by_trying(w, n, m, row + 1, used | 1u << c);
        best = d > best ? d : best;
    }
    return best;
}

static void the_matching_is_the_best_there_is(void **state)
{
    (void)state;
    for (int round = 0; round < 3000; round++) {
        uint32_t n = (uint32_t)(chance() * 7), m = (uint32_t)(chance() * 7);
        double w[36], total, sum = 0;
        int32_t to[6];
        uint32_t used = 0;
        for (uint32_t k = 0; k < n * m; k++) {
            w[k] = chance() < .4 ? 0 : round % 2 ? floor(chance() * 4) : chance() * 2 - .5;
        }
        assert_int_equal(as_assign(w, n, m, to, &total), AS_OK);
        for (uint32_t i = 0; i < n; i++) {
            if (to[i] < 0)
                continue;
            assert_false(used >> to[i] & 1);            /* a column once */
            used |= 1u << to[i];
            assert_true(w[i * m + (uint32_t)to[i]] > 0);
            sum += w[i * m + (uint32_t)to[i]];
        }
        NEAR(sum, total);
        NEAR(total, best_by_trying(w, n, m, 0, 0));
    }
}

static void the_matching_has_limits(void **state)
{
    static double w[4] = { 1, NAN, 1, 1 };
    static double big[600 * 600];
    static int32_t to[600];
    double total;

    (void)state;
    assert_int_equal(as_assign(w, 2, 2, to, NULL), AS_EINVAL);
    assert_int_equal(as_assign(w, 20001, 1, to, NULL), AS_ETOOBIG);
    assert_int_equal(as_assign(w, 3000, 3000, to, NULL), AS_ETOOBIG);
    assert_int_equal(as_assign(w, 0, 0, to, &total), AS_OK);
    for (size_t k = 0; k < 360000; k++)
        big[k] = chance();
    assert_int_equal(as_assign(big, 600, 600, to, &total), AS_OK);
    assert_true(total > 590 && total < 600);
}

static void unmatched_objects_add_nothing(void **state)
{
    const struct as_box a = { 0, 0, 10, 10 }, b = { 5, 0, 15, 10 };
    const struct as_span house = { 0, 5 }, hous = { 0, 4 };
    double iou = as_box_iou(&a, &b), out, two[2] = { iou, 0 };

    (void)state;
    NEAR(iou, 1 / 3.);
    NEAR(as_span_iou(&house, &hous), .8);
    assert_int_equal(as_set_similarity(two, 1, 2, 0, &out), AS_OK);
    NEAR(out, 1 / 6.);
    assert_int_equal(as_set_similarity(two, 1, 2, .5, &out), AS_OK);
    NEAR(out, 0);
    assert_int_equal(as_set_similarity(NULL, 0, 0, .5, &out), AS_OK);
    NEAR(out, 1);
    assert_int_equal(as_set_similarity(NULL, 0, 3, .5, &out), AS_OK);
    NEAR(out, 0);
    two[0] = 1.5;
    assert_int_equal(as_set_similarity(two, 1, 2, .5, &out), AS_EINVAL);
}

static void things_without_extent_are_alike_only_when_equal(void **state)
{
    const struct as_box dot = { 5, 5, 5, 5 }, big = { 0, 0, 10, 10 };
    const struct as_span mark = { 3, 3 }, other = { 4, 4 };

    (void)state;
    NEAR(as_box_iou(&dot, &dot), 1);
    NEAR(as_box_iou(&dot, &big), 0);
    NEAR(as_span_iou(&mark, &mark), 1);
    NEAR(as_span_iou(&mark, &other), 0);
}

/* ------------------------------------------------------------------ merging */

static void a_box_that_most_people_drew_is_kept_where_most_of_them_put_it(void **state)
{
    const struct as_box box[] = { { 10, 10, 30, 30 }, { 12, 10, 32, 30 }, { 11, 13, 31, 33 },
                                  { 60, 60, 80, 80 } };
    const uint32_t worker[] = { 0, 1, 2, 1 };
    const uint16_t label[] = { 1, 1, 1, 0 };
    struct as_merged *m;

    (void)state;
    assert_int_equal(as_merge_boxes(box, worker, label, 4, 3, NULL, &m), AS_OK);
    assert_int_equal(m->groups, 2);
    assert_int_equal(m->kept, 1);
    assert_int_equal(m->group[0].backing, 3);
    assert_int_equal(m->group[0].label, 1);
    NEAR(m->group[0].existence, 1);
    NEAR(m->group[0].at.box.x0, 11);
    NEAR(m->group[0].at.box.y0, 10);
    NEAR(m->group[0].at.box.y1, 30);
    NEAR(m->group[1].existence, 1 / 3.);
    assert_false(m->group[1].kept);
    assert_int_equal(m->of[3], 1);
    as_merged_free(m);
}

static void half_is_not_more_than_half(void **state)
{
    const struct as_box box[] = { { 0, 0, 10, 10 } };
    const uint32_t worker[] = { 1 };
    const uint16_t label[] = { 0 };
    struct as_merged *m;

    (void)state;
    assert_int_equal(as_merge_boxes(box, worker, label, 1, 2, NULL, &m), AS_OK);
    assert_int_equal(m->kept, 0);
    NEAR(m->group[0].existence, .5);
    as_merged_free(m);
    assert_int_equal(as_merge_boxes(NULL, NULL, NULL, 0, 3, NULL, &m), AS_OK);
    assert_int_equal(m->groups, 0);
    as_merged_free(m);
    assert_int_equal(as_merge_boxes(NULL, NULL, NULL, 0, 0, NULL, &m), AS_OK);
    as_merged_free(m);
}

static void one_person_never_stands_twice_in_a_group(void **state)
{
    /* two near-equal boxes each: greedy matching could cross them, the optimal one does not */
    const struct as_box box[] = { { 0, 0, 10, 10 }, { 2, 0, 12, 10 },
                                  { 1, 0, 11, 10 }, { 3, 0, 13, 10 } };
    const uint32_t worker[] = { 0, 0, 1, 1 };
    const uint16_t label[] = { 0, 0, 0, 0 };
    struct as_merged *m;

    (void)state;
    assert_int_equal(as_merge_boxes(box, worker, label, 4, 2, NULL, &m), AS_OK);
    assert_int_equal(m->groups, 2);
    assert_int_equal(m->kept, 2);
    assert_int_equal(m->of[0], m->of[2]);
    assert_int_equal(m->of[1], m->of[3]);
    as_merged_free(m);
}

static void labels_stay_apart_or_are_voted(void **state)
{
    const struct as_box box[] = { { 0, 0, 10, 10 }, { 0, 0, 10, 10 }, { 0, 0, 10, 10 } };
    const uint32_t worker[] = { 0, 1, 2 };
    const uint16_t label[] = { 4, 2, 4 }, split[] = { 4, 2, 3 };
    struct as_merge_opts o;
    struct as_merged *m;

    (void)state;
    as_merge_opts_init(&o);
    assert_int_equal(as_merge_boxes(box, worker, label, 3, 3, &o, &m), AS_OK);
    assert_int_equal(m->groups, 2);
    assert_int_equal(m->kept, 1);
    assert_int_equal(m->group[0].label, 4);
    as_merged_free(m);
    o.any_label = 1;
    assert_int_equal(as_merge_boxes(box, worker, label, 3, 3, &o, &m), AS_OK);
    assert_int_equal(m->groups, 1);
    assert_int_equal(m->group[0].label, 4);
    assert_false(m->group[0].tied);
    NEAR(m->group[0].label_share, 2 / 3.);
    as_merged_free(m);
    assert_int_equal(as_merge_boxes(box, worker, split, 3, 3, &o, &m), AS_OK);
    assert_int_equal(m->group[0].label, 2);
    assert_true(m->group[0].tied);
    as_merged_free(m);
}

static void a_span_ends_where_somebody_ended_it(void **state)
{
    const struct as_span span[] = { { 10, 20 }, { 10, 20 }, { 8, 21 }, { 40, 45 } };
    const uint32_t worker[] = { 0, 1, 2, 2 };
    const uint16_t label[] = { 0, 0, 0, 0 };
    const double trust[] = { .1, .1, .9 };
    struct as_merge_opts o;
    struct as_merged *m;

    (void)state;
    as_merge_opts_init(&o);
    assert_int_equal(as_merge_spans(span, worker, label, 4, 3, &o, &m), AS_OK);
    assert_int_equal(m->kept, 1);
    NEAR(m->group[0].at.span.start, 10);
    NEAR(m->group[0].at.span.end, 20);
    as_merged_free(m);
    o.worker_weight = trust;
    assert_int_equal(as_merge_spans(span, worker, label, 4, 3, &o, &m), AS_OK);
    assert_int_equal(m->kept, 2);                   /* the trusted one alone is more than half */
    NEAR(m->group[0].at.span.start, 8);
    NEAR(m->group[1].existence, .9 / 1.1);
    as_merged_free(m);
    o.worker_weight = NULL;
    o.fuse = AS_FUSE_MEAN;
    assert_int_equal(as_merge_spans(span, worker, label, 4, 3, &o, &m), AS_OK);
    NEAR(m->group[0].at.span.start, 28 / 3.);
    as_merged_free(m);
}

static void the_order_of_rows_does_not_matter(void **state)
{
    enum { N = 200, PEOPLE = 5 };
    struct as_box box[N], box2[N];
    uint32_t worker[N], worker2[N];
    uint16_t label[N], label2[N];
    struct as_merged *m, *m2;

    (void)state;
    for (uint32_t k = 0; k < N; k++) {
        double x = (k / PEOPLE % 8) * 12 + chance() * 3, y = (k / PEOPLE / 8) * 12 + chance() * 3;
        box[k] = (struct as_box){ x, y, x + 10, y + 10 };
        worker[k] = k % PEOPLE;
        label[k] = chance() < .9;
    }
    for (uint32_t k = 0; k < N; k++) {
        uint32_t from = (k * 77 + 5) % N;
        box2[k] = box[from];
        worker2[k] = worker[from];
        label2[k] = label[from];
    }
    assert_int_equal(as_merge_boxes(box, worker, label, N, PEOPLE, NULL, &m), AS_OK);
    assert_int_equal(as_merge_boxes(box2, worker2, label2, N, PEOPLE, NULL, &m2), AS_OK);
    assert_int_equal(m->groups, m2->groups);
    assert_int_equal(m->kept, m2->kept);
    assert_true(m->kept > 20);
    for (uint32_t g = 0; g < m->groups; g++) {
        assert_memory_equal(&m->group[g].at, &m2->group[g].at, sizeof m->group[g].at);
        assert_int_equal(m->group[g].label, m2->group[g].label);
    }
    for (uint32_t k = 0; k < N; k++)
        assert_int_equal(m2->of[k], m->of[(k * 77 + 5) % N]);
    as_merged_free(m);
    as_merged_free(m2);
}

static double table_iou(void *arg, uint32_t a, uint32_t b)
{
    return ((const double *)arg)[a * 3 + b];
}

static void any_shape_merges_by_its_iou(void **state)
{
    double iou[9] = { 1, .9, .6, .9, 1, .8, .6, .8, 1 };
    const uint32_t worker[] = { 0, 1, 2 };
    const uint16_t label[] = { 0, 0, 0 };
    struct as_merged *m;

    (void)state;
    assert_int_equal(as_merge_regions(table_iou, iou, worker, label, 3, 3, NULL, &m), AS_OK);
    assert_int_equal(m->kept, 1);
    assert_int_equal(m->group[0].medoid, 1);
    as_merged_free(m);
    for (int k = 0; k < 9; k++)
        iou[k] = NAN;                               /* a broken callback: nothing is alike */
    assert_int_equal(as_merge_regions(table_iou, iou, worker, label, 3, 3, NULL, &m), AS_OK);
    assert_int_equal(m->groups, 3);
    as_merged_free(m);
}

static void bad_regions_are_refused(void **state)
{
    struct as_box box[] = { { 0, 0, 10, 10 } };
    uint32_t worker[] = { 0 };
    uint16_t label[] = { 0 };
    const double weight[] = { -1 };
    struct as_merge_opts o;
    struct as_merged *m;

    (void)state;
    as_merge_opts_init(&o);
    o.worker_weight = weight;
    assert_int_equal(as_merge_boxes(box, worker, label, 1, 1, &o, &m), AS_EINVAL);
    as_merge_opts_init(&o);
    o.iou = 0;
    assert_int_equal(as_merge_boxes(box, worker, label, 1, 1, &o, &m), AS_EINVAL);
    assert_int_equal(as_merge_boxes(box, worker, label, 1, 0, NULL, &m), AS_EINVAL);
    assert_int_equal(as_merge_boxes(box, worker, label, AS_MERGE_MAX + 1, 1, NULL, &m), AS_ETOOBIG);
    box[0].x1 = NAN;
    assert_int_equal(as_merge_boxes(box, worker, label, 1, 1, NULL, &m), AS_EINVAL);
    box[0].x1 = -1;
    assert_int_equal(as_merge_boxes(box, worker, label, 1, 1, NULL, &m), AS_EINVAL);
    assert_null(m);
}

static void a_crowded_picture_is_done_soon(void **state)
{
    enum { N = 3000, PEOPLE = 3 };
    static struct as_box box[N];
    static uint32_t worker[N];
    static uint16_t label[N];
    struct as_merged *m;

    (void)state;
    for (uint32_t k = 0; k < N; k++) {              /* a thousand things, everything overlapping */
        double x = k / PEOPLE % 32 + chance() * .05, y = (double)(k / PEOPLE) / 32;
        box[k] = (struct as_box){ x, y, x + 8, y + 8 };
        worker[k] = k % PEOPLE;
    }
    assert_int_equal(as_merge_boxes(box, worker, label, N, PEOPLE, NULL, &m), AS_OK);
    assert_int_equal(m->groups, N / PEOPLE);
    as_merged_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(alpha_equals_krippendorffs_own_example),
        UNIT(alpha_equals_the_reference_tables),
        UNIT(pairs_count_what_two_people_share),
        UNIT(pairs_of_nobody_and_of_too_many),
        UNIT(mean_over_pairs_reads_above_the_diagonal),
        UNIT(the_matching_is_the_best_there_is),
        UNIT(the_matching_has_limits),
        UNIT(unmatched_objects_add_nothing),
        UNIT(things_without_extent_are_alike_only_when_equal),
        UNIT(a_box_that_most_people_drew_is_kept_where_most_of_them_put_it),
        UNIT(half_is_not_more_than_half),
        UNIT(one_person_never_stands_twice_in_a_group),
        UNIT(labels_stay_apart_or_are_voted),
        UNIT(a_span_ends_where_somebody_ended_it),
        UNIT(the_order_of_rows_does_not_matter),
        UNIT(any_shape_merges_by_its_iou),
        UNIT(bad_regions_are_refused),
        UNIT(a_crowded_picture_is_done_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
