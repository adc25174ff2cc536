/*
 * Accuracy on the public sets, where they are present, against the figures of other programs and of
 * the authors (percent; see the design's table of targets).  Ties are split evenly.
 *
 * A figure must be within half a point or two tasks, or better.  Where the other program has a
 * known mistake (GLAD stops on a wrong test, KOS draws its start, MACE gives a worker's spam habits
 * to another) the band is 1.5 points.  EBCC starts by chance: 0.7.
 */
#include "unit.h"

#include <math.h>
#include <stdlib.h>

#include "crowd_set.h"

#define NONE 0

static const struct target {
    const char *set;
    double glad, kos, mmsr, mace, ebcc, bwa, ibcc;
} targets[] = {
    { "barzan",      69.40, 65.80, 69.10, 69.30, NONE,  NONE,  NONE },
    { "bluebird",    72.22, 72.22, 71.30, 72.22, 86.11, 75.93, 88.89 },
    { "cf",          88.00, NONE,  77.33, 88.67, NONE,  89.33, 88.33 },
    { "d_possent",   94.80, 93.30, 93.70, 95.60, 96.10, 95.60, 96.00 },
    { "d_product",   92.83, 89.55, NONE,  93.04, 93.49, 91.94, 93.83 },
    { "dog",         83.40, NONE,  82.78, 83.02, 84.01, 83.15, 83.89 },
    { "labelme",     77.50, NONE,  76.70, 77.40, NONE,  NONE,  NONE },
    { "music_style", 78.86, NONE,  74.00, 80.00, 78.71, 78.57, 79.00 },
    { "rte",         92.62, 49.75, 85.75, 92.50, 93.12, 92.75, 92.75 },
    { "s_adult",     NONE,  NONE,  NONE,  75.98, NONE,  74.17, 74.47 },
    { "sp",          91.72, 81.92, 90.08, 91.62, 91.52, 91.70, 91.50 },
    { "temp",        93.51, 56.93, 92.42, 93.94, NONE,  NONE,  NONE },
    { "web",         82.17, NONE,  68.34, 82.96, NONE,  82.25, 75.08 },
    { "zencrowd_us", 87.84, 87.50, 86.76, 83.19, 91.23, 91.08, 82.70 },
};
/* Left out for their time: ebcc on cf (88.67 for 88.33) and on s_adult (75.08 for 74.77).  On web
   it gives 74.4 for 76.86: the authors' figure is that of an optimum whose lower bound is better by
   four in twenty thousand, and which about one start in two hundred finds. */

static void compare(const struct crowd_set *s, const struct as_votes *v, const char *set,
                    const char *method, double want, double band)
{
    struct as_result *r;
    double scored = 0;

    if (want == NONE)
        return;
    assert_int_equal(as_aggregate(v, method, NULL, &r), AS_OK);
    for (uint32_t t = 0; t < r->tasks; t++)
        scored += s->truth[t] != AS_ABSTAIN;
    double got = crowd_accuracy(s, r, 1), slack = fmax(band, 200 / scored) + .006;
    if (got < want - slack)
        print_error("%s, %s: accuracy %.2f, reference %.2f\n", set, method, got, want);
    assert_true(got >= want - slack);
    as_result_free(r);
}

static void accuracy_is_not_below_the_references(void **state)
{
    unsigned sets = 0;

    (void)state;
    for (size_t k = 0; k < sizeof targets / sizeof *targets; k++) {
        const struct target *t = &targets[k];
        struct crowd_set s;
        struct as_votes *v;
        if (!crowd_set_read(&s, t->set))
            continue;
        assert_int_equal(as_votes_new(&s.in, AS_KEEP_LAST, &v, NULL), AS_OK);
        compare(&s, v, t->set, "glad", t->glad, 1.5);
        compare(&s, v, t->set, "kos", t->kos, 1.5);
        compare(&s, v, t->set, "mmsr", t->mmsr, .5);
        compare(&s, v, t->set, "mace", t->mace, 1.5);
        compare(&s, v, t->set, "ebcc", t->ebcc, .7);
        compare(&s, v, t->set, "bwa", t->bwa, .5);
        compare(&s, v, t->set, "ibcc", t->ibcc, .5);
        as_votes_free(v);
        crowd_set_end(&s);
        sets++;
    }
    if (!sets) {
        print_message("skipped: no real data\n");
        skip();
    }
}

/* The whole table is for the bench; here the small sets, where each alone is at its worst. */
static void auto_is_not_below_the_majority(void **state)
{
    const char *const sets[] = { "bluebird", "music_style", "temp" };
    unsigned read = 0;

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        struct crowd_set s;
        struct as_votes *v;
        struct as_result *r;
        if (!crowd_set_read(&s, sets[k]))
            continue;
        assert_int_equal(as_votes_new(&s.in, AS_KEEP_LAST, &v, NULL), AS_OK);
        assert_int_equal(as_aggregate(v, "majority", NULL, &r), AS_OK);
        double before = crowd_accuracy(&s, r, 1);
        as_result_free(r);
        assert_int_equal(as_aggregate(v, "auto", NULL, &r), AS_OK);
        assert_true(crowd_accuracy(&s, r, 1) >= before);
        as_result_free(r);
        as_votes_free(v);
        crowd_set_end(&s);
        read++;
    }
    if (!read)
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(accuracy_is_not_below_the_references),
        UNIT(auto_is_not_below_the_majority),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
