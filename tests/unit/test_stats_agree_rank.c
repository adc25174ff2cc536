/* Agreement of numbers, rankings and regions, and of a judge among people. */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "stats/annotary_stats.h"

static void near(double got, double want, double by)
{
    if (!(fabs(got - want) <= by))
        print_error("got %.9f, want %.9f\n", got, want);
    assert_true(fabs(got - want) <= by);
}

static void between(const struct as_estimate *e, double value, double lo, double hi, double by)
{
    near(e->value, value, by);
    near(e->lo, lo, by);
    near(e->hi, hi, by);
}

/* ------------------------------------------------------------------ ICC */

static const double shrout[] = { 9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9,
                                 6, 2, 4, 7 };

static void icc_equals_shrout_and_fleiss_1979(void **state)
{
    struct as_icc c;

    (void)state;
    assert_int_equal(as_icc(shrout, 6, 4, .95, &c), AS_OK);
    between(&c.one, .166, -.133, .723, 5e-4);
    between(&c.two, .290, .019, .761, 5e-4);
    between(&c.three, .715, .342, .946, 5e-4);
    assert_int_equal(c.units, 6);
}

static void icc_leaves_units_with_a_gap_out(void **state)
{
    double x[28];
    struct as_icc c;

    (void)state;
    memcpy(x, shrout, sizeof shrout);
    for (int k = 24; k < 28; k++)
        x[k] = k == 26 ? NAN : 3;
    assert_int_equal(as_icc(x, 7, 4, .95, &c), AS_OK);
    assert_int_equal(c.units, 6);
    near(c.three.value, .7148, 1e-4);
}

static void icc_of_what_does_not_vary_is_undefined(void **state)
{
    const double flat[] = { 3, 3, 3, 3 }, same[] = { 1, 1, 2, 2, 5, 5 };
    const double moved[] = { 1, 2, 2, 3, 5, 6 }, bad[] = { 1, INFINITY, 2, 3 };
    struct as_icc c;

    (void)state;
    assert_int_equal(as_icc(flat, 2, 2, .95, &c), AS_EUNDEFINED);
    assert_int_equal(as_icc(flat, 1, 4, .95, &c), AS_EUNDEFINED);
    assert_int_equal(as_icc(flat, 0, 0, .95, &c), AS_EUNDEFINED);
    assert_int_equal(as_icc(bad, 2, 2, .95, &c), AS_EINVAL);
    assert_int_equal(as_icc(shrout, 6, 4, NAN, &c), AS_EINVAL);
    assert_int_equal(as_icc(same, 3, 2, .95, &c), AS_OK);
    between(&c.one, 1, 1, 1, 1e-12);
    between(&c.three, 1, 1, 1, 1e-12);
    assert_int_equal(as_icc(moved, 3, 2, .95, &c), AS_OK);
    assert_true(c.one.value < 1 && c.two.value < 1);
    near(c.three.value, 1, 1e-12);
    assert_true(isfinite(c.two.lo) && isfinite(c.two.hi));
}

/* ------------------------------------------------------------------ ranks */

/* tau-b by looking at every pair. */
static double slow_tau(const double *x, const double *y, int n)
{
    double s = 0, tx = 0, ty = 0;

    for (int a = 0; a < n; a++)
        for (int b = 0; b < a; b++) {
            double dx = (x[a] > x[b]) - (x[a] < x[b]), dy = (y[a] > y[b]) - (y[a] < y[b]);
            s += dx * dy;
            tx += dx * dx;
            ty += dy * dy;
        }
    return s / sqrt(tx * ty);
}

static void tau_equals_what_every_pair_says(void **state)
{
    double x[60], y[60];
    struct as_estimate e;

    (void)state;
    for (uint32_t round = 0; round < 20; round++) {
        int n = 5 + 2 * (int)round;
        for (int k = 0; k < n; k++) {
            x[k] = floor(as_uniform(round, 1, (uint64_t)k) * 9);
            y[k] = floor(x[k] / 2 + as_uniform(round, 2, (uint64_t)k) * 5);
        }
        assert_int_equal(as_kendall_tau(x, y, (size_t)n, .95, &e), AS_OK);
        near(e.value, slow_tau(x, y, n), 1e-12);
        assert_true(e.lo <= e.value && e.value <= e.hi);
    }
}

static void ranks_equal_known_values(void **state)
{
    const double iq[] = { 106, 100, 86, 101, 99, 103, 97, 113, 112, 110 };      /* a textbook's */
    const double tv[] = { 7, 27, 2, 50, 28, 29, 20, 12, 6, 17 };
    const double up[] = { 1, 2, 3, 4, NAN, 6 }, down[] = { 6, 5, 4, 3, 2, 1 }, flat[] = { 2, 2, 2 };
    struct as_estimate e;

    (void)state;
    assert_int_equal(as_spearman(iq, tv, 10, .95, &e), AS_OK);
    near(e.value, -29. / 165, 1e-12);
    assert_int_equal(as_spearman(up, down, 6, .95, &e), AS_OK);
    near(e.value, -1, 1e-12);
    assert_true(e.lo <= e.value && e.value <= e.hi && e.hi < 0);
    assert_int_equal(as_kendall_tau(up, down, 6, .95, &e), AS_OK);
    near(e.value, -1, 1e-12);
    assert_int_equal(as_kendall_tau(up, flat, 3, .95, &e), AS_EUNDEFINED);
    assert_int_equal(as_spearman(flat, up, 3, .95, &e), AS_EUNDEFINED);
    assert_int_equal(as_spearman(up, down, 0, .95, &e), AS_EUNDEFINED);
    assert_int_equal(as_spearman(up, down, 1, 2, &e), AS_EINVAL);
    assert_int_equal(as_spearman(up, down, 3, .95, &e), AS_OK);     /* too few for an interval */
    assert_true(e.lo == -1 && e.hi == 1);
}

static void concordance_is_one_where_all_rank_alike(void **state)
{
    /* Kendall and Gibbons' essay contest: three judges, six essays (columns there, rows here). */
    const double rank[] = { 1, 1, 6, 6, 5, 3, 3, 6, 2, 2, 4, 5, 5, 2, 4, 4, 3, 1 };
    const double like[] = { 1, 10, 2, 20, 3, 30 }, flat[] = { 1, 1, 1, 1 };
    struct as_concordance c;
    double sums[6] = { 8, 14, 11, 11, 11, 8 }, s = 0;

    (void)state;
    for (int k = 0; k < 6; k++)
        s += (sums[k] - 10.5) * (sums[k] - 10.5);
    assert_int_equal(as_kendall_w(rank, 6, 3, &c), AS_OK);
    near(c.w, 12 * s / (9 * 210), 1e-12);
    near(c.chi2, 3 * 5 * c.w, 1e-12);
    assert_true(c.p > .05 && c.p < 1);
    assert_int_equal(as_kendall_w(like, 3, 2, &c), AS_OK);
    near(c.w, 1, 1e-12);
    assert_int_equal(as_kendall_w(flat, 2, 2, &c), AS_EUNDEFINED);
    assert_int_equal(as_kendall_w(flat, 1, 4, &c), AS_EUNDEFINED);
}

/* ------------------------------------------------------------------ regions */

struct some { const struct as_span *span; const uint16_t *label; };

static double alike(void *arg, uint32_t a, uint32_t b)
{
    const struct some *s = arg;

    return s->label[a] == s->label[b] ? as_span_iou(&s->span[a], &s->span[b]) : 0;
}

static double wrong(void *arg, uint32_t a, uint32_t b)
{
    (void)arg;
    return a + b ? NAN : 0;
}

static void spans_are_compared_two_people_at_a_time(void **state)
{
    static const struct as_span span[] = { { 0, 10 }, { 20, 30 }, { 0, 10 }, { 20, 25 },
                                           { 40, 50 } };
    static const uint16_t label[] = { 0, 1, 0, 1, 0 };
    static const uint32_t worker[] = { 0, 0, 1, 1, 1 };
    struct some s = { span, label };
    struct as_region_agreement r;

    (void)state;
    assert_int_equal(as_agree_regions(alike, &s, worker, 5, 2, .5, &r), AS_OK);
    near(r.f1, 2. * 2 / 5, 1e-12);
    near(r.iou, (1 + .5) / 3, 1e-12);
    assert_int_equal(as_agree_regions(alike, &s, worker, 5, 2, .6, &r), AS_OK);
    near(r.f1, 2. * 1 / 5, 1e-12);
    near(r.iou, 1. / 4, 1e-12);
    assert_int_equal(as_agree_regions(alike, &s, worker, 5, 3, .5, &r), AS_OK);
    assert_int_equal(r.pairs, 3);                                   /* one of them saw none */
    near(r.f1, .8 / 3, 1e-12);
    assert_int_equal(as_agree_regions(alike, &s, worker, 0, 2, .5, &r), AS_OK);
    near(r.f1, 1, 1e-12);
    assert_int_equal(as_agree_regions(alike, &s, worker, 5, 1, .5, &r), AS_EUNDEFINED);
    assert_int_equal(as_agree_regions(wrong, &s, worker, 5, 2, .5, &r), AS_EINVAL);
    assert_int_equal(as_agree_regions(alike, &s, worker, 5, 2, NAN, &r), AS_EINVAL);
    assert_true(r.f1 == 0 && r.pairs == 0);
}

/* ------------------------------------------------------------------ the judge */

enum { TASKS = 200, PEOPLE = 3, JUDGE = 3, ROWS = TASKS * (PEOPLE + 1) };

/* People are right nine times in ten, the judge with probability `right`. */
static struct as_votes *court(double right, uint32_t tasks, uint64_t seed)
{
    static uint32_t task[ROWS], worker[ROWS];
    static uint16_t label[ROWS];
    struct as_votes *v;
    size_t n = 0;

    for (uint32_t t = 0; t < tasks; t++)
        for (uint32_t w = 0; w <= PEOPLE; w++, n++) {
            task[n] = t;
            worker[n] = w;
            label[n] = as_uniform(seed, w, t) < (w == JUDGE ? right : .9) ? t % 2 : (t + 1) % 2;
        }
    struct as_labels in = { .n = n, .tasks = tasks, .workers = PEOPLE + 1, .classes = 2,
                            .task = task, .worker = worker, .label = label };
    assert_int_equal(as_votes_new(&in, AS_REJECT, &v, NULL), AS_OK);
    return v;
}

static void a_good_judge_is_trusted_and_a_bad_one_is_not(void **state)
{
    struct as_judge j;
    struct as_votes *v = court(.95, TASKS, 1);

    (void)state;
    assert_int_equal(as_judge(v, JUDGE, .75, .95, &j), AS_OK);
    near(j.value, .9 * .95 + .1 * .05, .04);
    near(j.people, .82, .05);
    near(j.kappa, 2 * j.value - 1, .02);
    assert_int_equal(j.units, TASKS);
    assert_int_equal(j.pairs, 3 * TASKS);
    assert_true(j.lo < j.value && j.value < j.hi && j.trusted);
    as_votes_free(v);
    v = court(.6, TASKS, 2);
    assert_int_equal(as_judge(v, JUDGE, .75, .95, &j), AS_OK);
    assert_false(j.trusted);
    assert_true(j.value < .7);
    assert_int_equal(as_judge(v, 9, .75, .95, &j), AS_EINVAL);
    assert_int_equal(as_judge(v, JUDGE, NAN, .95, &j), AS_EINVAL);
    as_votes_free(v);
}

static void four_out_of_four_is_not_enough_to_trust(void **state)
{
    struct as_judge j;
    struct as_votes *v = court(2, 4, 3);

    (void)state;
    assert_int_equal(as_judge(v, JUDGE, .9, .95, &j), AS_OK);
    assert_true(j.hi <= 1 && j.lo < .8);
    assert_false(j.trusted);
    as_votes_free(v);
}

static void the_judges_interval_covers_the_truth(void **state)
{
    unsigned covered = 0, rounds = 400;

    (void)state;
    for (unsigned k = 0; k < rounds; k++) {
        struct as_judge j;
        struct as_votes *v = court(.8, 100, 1000 * (1 + k));
        assert_int_equal(as_judge(v, JUDGE, .5, .95, &j), AS_OK);
        covered += j.lo <= .74 && .74 <= j.hi;          /* .8 * .9 + .2 * .1 */
        as_votes_free(v);
    }
    near((double)covered / rounds, .95, .03);
}

static void a_judge_alone_has_no_figure(void **state)
{
    const uint32_t task[] = { 0, 1 }, worker[] = { 0, 1 };
    const uint16_t label[] = { 0, 1 };
    struct as_labels in = { .n = 2, .tasks = 2, .workers = 2, .classes = 2, .task = task,
                            .worker = worker, .label = label };
    struct as_votes *v;
    struct as_judge j;

    (void)state;
    assert_int_equal(as_votes_new(&in, AS_REJECT, &v, NULL), AS_OK);
    assert_int_equal(as_judge(v, 0, .5, .95, &j), AS_EUNDEFINED);
    as_votes_free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(icc_equals_shrout_and_fleiss_1979),
        UNIT(icc_leaves_units_with_a_gap_out),
        UNIT(icc_of_what_does_not_vary_is_undefined),
        UNIT(tau_equals_what_every_pair_says),
        UNIT(ranks_equal_known_values),
        UNIT(concordance_is_one_where_all_rank_alike),
        UNIT(spans_are_compared_two_people_at_a_time),
        UNIT(a_good_judge_is_trusted_and_a_bad_one_is_not),
        UNIT(four_out_of_four_is_not_enough_to_trust),
        UNIT(the_judges_interval_covers_the_truth),
        UNIT(a_judge_alone_has_no_figure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
