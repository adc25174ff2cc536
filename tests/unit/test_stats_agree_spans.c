/* Agreement on a line: alpha-u and gamma, their published values, and what they must always do. */
#include "unit.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "stats/annotary_stats.h"

static void near(double got, double want, double by)
{
    if (!(fabs(got - want) <= by))
        print_error("got %.9f, want %.9f\n", got, want);
    assert_true(fabs(got - want) <= by);
}

static struct as_agree_opts plain(double alpha, double beta)
{
    struct as_agree_opts o;

    as_agree_opts_init(&o);
    o.alpha = alpha;
    o.beta = beta;
    o.rounds = 0;
    return o;
}

static struct as_agreement *spans(const struct as_continuum *c, const char *method,
                                  const struct as_agree_opts *o)
{
    struct as_agreement *a;

    assert_int_equal(as_agree_spans(c, method, o, &a), AS_OK);
    return a;
}

/* ------------------------------------------------------------------ alpha-u */

static void alpha_u_equals_krippendorff_2004(void **state)
{
    static const struct as_stretch unit[] = {       /* p. 254: a line of 150 … 450 */
        { 0, 0, 225, 295 }, { 0, 0, 370, 400 }, { 1, 0, 220, 300 }, { 1, 0, 355, 375 },
        { 1, 0, 400, 420 }, { 0, 1, 180, 240 }, { 0, 1, 300, 350 }, { 1, 1, 180, 240 },
        { 1, 1, 300, 350 } };
    const struct as_continuum c = { unit, 9, 2, 2, 150, 450 };
    struct as_agreement *a = spans(&c, "alpha-u", NULL);

    (void)state;
    near(a->value, .8591, 5e-4);        /* printed from rounded parts; they give .85867 */
    near(a->part[0].value, .7286, 5e-5);
    near(a->part[0].observed, .0144, 5e-5);
    near(a->part[0].expected, .0532, 5e-5);
    near(a->part[1].value, 1, 1e-12);
    near(a->part[1].observed, 0, 1e-12);
    near(a->part[1].expected, .0490, 5e-5);
    assert_true(a->boot_lo <= a->value && a->value <= a->boot_hi);
    assert_int_equal(a->parts, 2);
    as_agreement_free(a);
}

/* ------------------------------------------------------------------ the golden folders */

struct names { char text[40][40]; uint32_t n; };

static uint32_t id_of(struct names *s, const char *text)
{
    for (uint32_t k = 0; k < s->n; k++)
        if (strcmp(s->text[k], text) == 0)
            return k;
    assert_true(s->n < 40);
    snprintf(s->text[s->n], 40, "%s", text);
    return s->n++;
}

enum { UNITS = 3000 };

struct read { struct names who, what; struct as_stretch unit[UNITS]; size_t n; };

/* Lines of annotator,category,start,end; a header is passed over. */
static struct as_continuum read_spans(FILE *f, struct read *r)
{
    char line[200], who[40], what[40];
    double start, end;

    *r = (struct read){ 0 };
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "%39[^,],%39[^,],%lf,%lf", who, what, &start, &end) == 4) {
            assert_true(r->n < UNITS);
            r->unit[r->n++] = (struct as_stretch){ id_of(&r->who, who), id_of(&r->what, what),
                                                   start, end };
        }
    fclose(f);
    return (struct as_continuum){ r->unit, r->n, r->who.n, r->what.n, 0, 0 };
}

static FILE *golden(const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "%s/tests/golden/stats/agree/%s", getenv("ANNOTARY_SOURCE"), name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    return f;
}

static void spans_equal_their_golden_folders(void **state)
{
    static struct read r;
    struct as_continuum c = read_spans(golden("spans.csv"), &r);
    struct as_agree_opts o = plain(3, 1);
    char line[200];
    double value, observed, expected;
    unsigned long units;

    (void)state;
    FILE *f = golden("alpha-u/expected.csv");
    assert_non_null(fgets(line, sizeof line, f));
    assert_int_equal(fscanf(f, ",%lf,%lf,%lf", &value, &observed, &expected), 3);
    fclose(f);
    struct as_agreement *a = spans(&c, "alpha-u", &o);
    near(a->value, value, 2e-9);
    near(a->observed, observed, 2e-9);
    near(a->expected, expected, 2e-9);
    as_agreement_free(a);
    f = golden("gamma/expected.csv");
    assert_non_null(fgets(line, sizeof line, f));
    assert_int_equal(fscanf(f, ",,%lf,,,%lu", &observed, &units), 2);
    fclose(f);
    a = spans(&c, "gamma", &o);
    near(a->observed, observed, 2e-9);
    assert_int_equal(a->units, units);
    assert_int_equal(a->exact, 1);
    as_agreement_free(a);
}

/* ------------------------------------------------------------------ gamma's fixtures */

static const struct as_stretch f1[] = { { 0, 0, 1, 5 }, { 0, 1, 6, 10 }, { 0, 0, 11, 15 },
    { 1, 0, 2, 6 }, { 1, 1, 7, 11 }, { 1, 0, 12, 16 } };
static const struct as_stretch f2[] = { { 0, 0, 1, 5 }, { 0, 1, 6, 10 }, { 0, 0, 20, 24 },
    { 0, 1, 30, 34 }, { 1, 0, 2, 6 }, { 1, 1, 31, 35 } };
static const struct as_stretch f3[] = { { 0, 0, 1, 5 }, { 0, 1, 10, 15 }, { 0, 2, 20, 25 },
    { 1, 0, 1, 5 }, { 1, 1, 10, 15 }, { 1, 2, 20, 25 } };
static const struct as_stretch f4[] = { { 0, 0, 1, 5 }, { 0, 1, 10, 14 }, { 1, 0, 2, 6 },
    { 1, 1, 11, 15 }, { 2, 0, 1, 4 }, { 2, 2, 9, 14 } };
static const struct as_stretch f6[] = { { 0, 0, 1, 5 }, { 0, 1, 6, 10 }, { 0, 2, 11, 15 },
    { 1, 0, 2, 7 }, { 1, 1, 8, 12 }, { 1, 0, 11, 15 } };

static void disorders_of_the_fixtures_equal_what_was_published(void **state)
{
    struct as_stretch f5[32];
    struct as_agree_opts one = plain(1, 1), three = plain(3, 2);
    const struct {
        const struct as_stretch *unit;
        size_t n;
        uint32_t annotators;
        const struct as_agree_opts *o;
        double disorder, expected, gamma;
    } want[] = {
        { f1, 6, 2, &one, .0625, .536970, .883606 }, { f2, 6, 2, &one, .708333, 1.635078, .566789 },
        { f3, 6, 2, &one, 0, 1.054367, 1 }, { f4, 6, 3, &one, .408756, 1.197997, .658800 },
        { f5, 32, 2, &one, 1.074380, .975984, -.100818 },
        { f6, 6, 2, &three, 1.027778, 1.359993, .244277 },
    };
    (void)state;
    for (uint32_t k = 0; k < 16; k++) {
        f5[k] = (struct as_stretch){ 0, k % 3, 1 + 10 * k, 6 + 10 * k };
        f5[16 + k] = (struct as_stretch){ 1, (k + 1) % 3, 2 + 10 * k, 8 + 10 * k };
    }
    for (size_t k = 0; k < 6; k++) {
        struct as_continuum c = { want[k].unit, want[k].n, want[k].annotators, 3, 0, 0 };
        double got;
        assert_int_equal(as_gamma_disorder(&c, want[k].o, &got), AS_OK);
        near(got, want[k].disorder, 1e-6);
        near(1 - got / want[k].expected, want[k].gamma, 2e-6);
    }
}

/* The continua that the reference drew by chance, each with the disorder it found. */
static void disorders_of_stored_random_continua_equal_the_reference(void **state)
{
    static struct as_stretch unit[64];
    char path[512];
    json_t *fixture, *sample, *u;
    size_t i, j, k, seen = 0;

    (void)state;
    snprintf(path, sizeof path, "%s/reference/agreement.json", getenv("ANNOTARY_TESTDATA"));
    json_t *all = json_load_file(path, 0, NULL);
    if (!all) {
        print_message("skipped: no real data\n");
        skip();
    }
    json_array_foreach(json_object_get(all, "gamma_fixtures"), i, fixture) {
        json_t *params = json_object_get(fixture, "params");
        struct as_agree_opts o = plain(json_number_value(json_object_get(params, "alpha")),
                                       json_number_value(json_object_get(params, "beta")));
        json_t *samples = json_object_get(json_object_get(fixture, "tier2"), "sampledContinua");
        json_array_foreach(samples, j, sample) {
            struct names who = { 0 }, what = { 0 };
            size_t n = 0;
            json_array_foreach(json_object_get(sample, "units"), k, u)
                unit[n++] = (struct as_stretch){
                    id_of(&who, json_string_value(json_object_get(u, "annotator"))),
                    id_of(&what, json_string_value(json_object_get(u, "category"))),
                    json_number_value(json_object_get(u, "start")),
                    json_number_value(json_object_get(u, "end")) };
            struct as_continuum c = { unit, n, i == 3 ? 3 : 2, what.n, 0, 0 };
            double got;
            assert_int_equal(as_gamma_disorder(&c, &o, &got), AS_OK);
            near(got, json_number_value(json_object_get(sample, "bestAlignmentDisorder")), 1e-5);
            seen++;
        }
    }
    assert_int_equal(seen, 60);
    json_decref(all);
}

/* ------------------------------------------------------------------ gamma's files */

struct wanted {
    const char *file;
    uint32_t alignments;
    double disorder, lo, hi, cat_lo, cat_hi;
    struct { const char *category; double lo, hi; } k[8];
};

static void gamma_of_the_files_lies_where_it_was_published(void **state)
{
    static const struct wanted want[] = {
        { "AlexPaulSuzan", 6, .96, .44, .47, .38, .42,
          { { "1", 1, 1 }, { "2", 0, 0 }, { "3", 0, 0 }, { "4", 0, 0 }, { "5", 1, 1 },
            { "6", .37, .37 }, { "7", 0, 0 } } },
        { "3by100", 127, -1, .79, .81, .89, .91,
          { { "Adj", .81, .83 }, { "Noun", .88, .90 }, { "Verb", .69, .71 } } },
        { "2by1000", 1085, -1, .39, .42, .38, .42, { { 0 } } },
    };
    static struct read r;

    (void)state;
    for (size_t w = 0; w < 3; w++) {
        char path[512];
        struct as_agree_opts o = plain(3, 1);
        snprintf(path, sizeof path, "%s/data/agreement/gamma_%s.csv", getenv("ANNOTARY_TESTDATA"),
                 want[w].file);
        FILE *f = fopen(path, "r");
        if (!f) {
            print_message("skipped: no real data\n");
            skip();
        }
        struct as_continuum c = read_spans(f, &r);
        o.seed = 4772;
        o.rounds = 200;
        struct as_agreement *a = spans(&c, "gamma", &o);
        assert_int_equal(a->alignments, want[w].alignments);
        assert_int_equal(a->exact, 1);
        if (want[w].disorder >= 0)
            near(a->observed, want[w].disorder, .001);
        assert_true(a->value >= want[w].lo && a->value <= want[w].hi);
        assert_true(a->cat >= want[w].cat_lo && a->cat <= want[w].cat_hi);
        for (size_t k = 0; want[w].k[k].category; k++) {
            const struct as_agree_part *p = &a->part[id_of(&r.what, want[w].k[k].category)];
            near(p->value, (want[w].k[k].lo + want[w].k[k].hi) / 2,
                 (want[w].k[k].hi - want[w].k[k].lo) / 2 + (w ? .005 : .03));
        }
        assert_true(a->boot_lo < a->value && a->value < a->boot_hi);
        assert_true(a->samples >= 30);
        as_agreement_free(a);
    }
}

/* ------------------------------------------------------------------ the best alignment */

static double apart(const struct as_stretch *a, const struct as_stretch *b, double alpha)
{
    double ends = fabs(a->start - b->start) + fabs(a->end - b->end);
    double part = ends / (a->end - a->start + b->end - b->start);

    return alpha * part * part + (a->category != b->category);
}

/* Cost of the cheapest alignment of the units in `left` by trying everything. */
static double cheapest(const struct as_stretch *u, uint32_t n, uint32_t annotators, uint32_t left,
                       double alpha, double *known)
{
    double pairs = annotators * (annotators - 1.) / 2, best = INFINITY;

    if (!left)
        return 0;
    if (known[left] >= 0)
        return known[left];
    uint32_t first = (uint32_t)__builtin_ctz(left), others = left & ~(1u << first);
    for (uint32_t with = others; ; with = (with - 1) & others) {
        uint32_t set[20], m = 0, met = 0;
        double cost = 0;
        int fits = 1;
        for (uint32_t k = 0; k < n; k++)
            if ((with | 1u << first) >> k & 1) {
                fits &= !(met >> u[k].annotator & 1);
                met |= 1u << u[k].annotator;
                set[m++] = k;
            }
        if (fits) {
            for (uint32_t a = 0; a < m; a++)
                for (uint32_t b = a + 1; b < m; b++)
                    cost += apart(&u[set[a]], &u[set[b]], alpha);
            cost = (cost + pairs - m * (m - 1.) / 2) / pairs;
            cost += cheapest(u, n, annotators, others & ~with, alpha, known);
            best = fmin(best, cost);
        }
        if (!with)
            break;
    }
    return known[left] = best;
}

static void the_alignment_found_is_the_best_of_all(void **state)
{
    static double known[1 << 12];
    struct as_stretch u[12];

    (void)state;
    for (uint32_t round = 0; round < 120; round++) {
        uint32_t annotators = 2 + round % 3, n = 12;
        double alpha = round % 2 ? 3 : .5;
        struct as_agree_opts o = plain(alpha, 1);
        for (uint32_t k = 0; k < n; k++) {
            double start = floor(as_uniform(round, 1, k) * 20);
            u[k] = (struct as_stretch){ k % annotators, (uint32_t)(as_uniform(round, 2, k) * 3),
                                        start, start + 1 + floor(as_uniform(round, 3, k) * 6) };
        }
        for (uint32_t k = 0; k < 1u << n; k++)
            known[k] = -1;
        struct as_continuum c = { u, n, annotators, 3, 0, 0 };
        double got, want = cheapest(u, n, annotators, (1u << n) - 1, alpha, known);
        assert_int_equal(as_gamma_disorder(&c, &o, &got), AS_OK);
        near(got, want * annotators / n, 1e-6);
    }
}

/* Overlapping units of five people, far too many sets to try: still an answer, soon. */
static void a_crowded_line_is_aligned_soon(void **state)
{
    static struct as_stretch u[1000];
    struct as_agree_opts o = plain(3, 1);
    double got;

    (void)state;
    for (uint32_t k = 0; k < 1000; k++) {
        double start = as_uniform(1, 1, k) * 2000;
        u[k] = (struct as_stretch){ k % 5, (uint32_t)(as_uniform(1, 2, k) * 4), start,
                                    start + 5 + 20 * as_uniform(1, 3, k) };
    }
    struct as_continuum c = { u, 1000, 5, 4, 0, 0 };
    assert_int_equal(as_gamma_disorder(&c, &o, &got), AS_OK);
    assert_true(got > .2 && got < 5);
}

/* ------------------------------------------------------------------ laws */

static void order_of_spans_and_threads_change_not_one_bit(void **state)
{
    struct as_stretch turned[6];
    struct as_agree_opts o = plain(3, 1), many;

    (void)state;
    o.rounds = 50;
    many = o;
    many.threads = 4;
    for (int k = 0; k < 6; k++)
        turned[k] = f4[(k * 5 + 2) % 6];
    struct as_continuum c = { f4, 6, 3, 3, 0, 0 }, d = { turned, 6, 3, 3, 0, 0 };
    for (int m = 0; m < 2; m++) {
        struct as_agreement *a = spans(&c, m ? "gamma" : "alpha-u", &o);
        struct as_agreement *b = spans(&d, m ? "gamma" : "alpha-u", &many);
        assert_true(a->value == b->value && a->se == b->se && a->boot_lo == b->boot_lo
                    && a->boot_hi == b->boot_hi && a->cat == b->cat);
        assert_memory_equal(a->part, b->part, 3 * sizeof *a->part);
        as_agreement_free(a);
        as_agreement_free(b);
    }
}

static void alignments_hold_every_unit_once_in_the_callers_numbers(void **state)
{
    struct as_continuum c = { f4, 6, 3, 3, 0, 0 };
    struct as_agree_opts o = plain(3, 1);
    struct as_agreement *a = spans(&c, "gamma", &o);
    unsigned seen = 0;

    (void)state;
    for (uint32_t k = 0; k < a->alignments * 3; k++)
        if (a->aligned[k] >= 0) {
            assert_int_equal(f4[a->aligned[k]].annotator, k % 3);
            seen |= 1u << a->aligned[k];
        }
    assert_int_equal(seen, 63);
    as_agreement_free(a);
}

static void the_same_spans_agree_fully(void **state)
{
    struct as_continuum c = { f3, 6, 2, 3, 0, 0 };
    struct as_agree_opts o = plain(3, 1);

    (void)state;
    for (int m = 0; m < 2; m++) {
        struct as_agreement *a = spans(&c, m ? "gamma" : "alpha-u", &o);
        near(a->value, 1, 1e-12);
        if (m)
            near(a->cat, 1, 1e-12);
        as_agreement_free(a);
    }
}

static void a_longer_or_moved_line_gives_the_same_gamma(void **state)
{
    struct as_stretch big[6];
    struct as_agree_opts o = plain(3, 1);

    (void)state;
    for (int k = 0; k < 6; k++)
        big[k] = (struct as_stretch){ f4[k].annotator, f4[k].category, 1024 * f4[k].start + 4096,
                                      1024 * f4[k].end + 4096 };
    struct as_continuum c = { f4, 6, 3, 3, 0, 0 }, d = { big, 6, 3, 3, 0, 0 };
    struct as_agreement *a = spans(&c, "gamma", &o), *b = spans(&d, "gamma", &o);
    near(a->value, b->value, 1e-9);
    near(a->cat, b->cat, 1e-9);
    as_agreement_free(a);
    as_agreement_free(b);
}

static double steps(void *arg, uint32_t a, uint32_t b)
{
    (void)arg;
    return fabs((double)a - b) / 2;
}

static double crooked(void *arg, uint32_t a, uint32_t b)
{
    (void)arg;
    return a > b ? 1 : .5;
}

static void categories_may_have_a_distance_of_their_own(void **state)
{
    struct as_continuum c = { f6, 6, 2, 3, 0, 0 };
    struct as_agree_opts o = plain(3, 1);
    struct as_agreement *none;
    double names, near_ones;

    (void)state;
    assert_int_equal(as_gamma_disorder(&c, &o, &names), AS_OK);
    o.apart = steps;
    assert_int_equal(as_gamma_disorder(&c, &o, &near_ones), AS_OK);
    assert_true(near_ones < names + 1e-12);
    o.apart = crooked;
    assert_int_equal(as_agree_spans(&c, "gamma", &o, &none), AS_EINVAL);
    assert_null(none);
}

static void what_cannot_be_answered_gets_a_clear_code(void **state)
{
    static const struct as_stretch good[] = { { 0, 0, 1, 5 }, { 1, 0, 2, 6 } },
        backwards[] = { { 0, 0, 5, 1 } }, nan_at[] = { { 0, 0, NAN, 1 } },
        far[] = { { 0, 0, 0, INFINITY } }, who[] = { { 2, 0, 0, 1 } }, what[] = { { 0, 7, 0, 1 } },
        points[] = { { 0, 0, 3, 3 }, { 1, 0, 3, 3 } },
        some_points[] = { { 0, 0, 3, 3 }, { 1, 0, 3, 3 }, { 0, 0, 4, 4 }, { 1, 0, 5, 5 } },
        lone[] = { { 0, 0, 1, 5 } };
    const struct { struct as_continuum c; int code; } want[] = {
        { { good, 2, 2, 1, 0, 0 }, AS_OK }, { { good, 0, 2, 1, 0, 0 }, AS_EUNDEFINED },
        { { NULL, 0, 0, 0, 0, 0 }, AS_EUNDEFINED }, { { lone, 1, 1, 1, 0, 0 }, AS_EUNDEFINED },
        { { backwards, 1, 2, 1, 0, 0 }, AS_EINVAL }, { { nan_at, 1, 2, 1, 0, 0 }, AS_EINVAL },
        { { far, 1, 2, 1, 0, 0 }, AS_EINVAL }, { { who, 1, 2, 1, 0, 0 }, AS_EINVAL },
        { { what, 1, 2, 1, 0, 0 }, AS_EINVAL }, { { points, 2, 2, 1, 0, 0 }, AS_EUNDEFINED },
        { { good, 2, 2, 1, 2, 9 }, AS_EINVAL }, { { good, 2, 2, 1, NAN, 9 }, AS_EINVAL },
    };
    struct as_agree_opts o = plain(3, 1);
    struct as_agreement *a;

    (void)state;
    for (size_t k = 0; k < sizeof want / sizeof *want; k++)
        for (int m = 0; m < 2; m++) {
            assert_int_equal(as_agree_spans(&want[k].c, m ? "gamma" : "alpha-u", &o, &a),
                             want[k].code);
            as_agreement_free(a);
        }
    struct as_continuum c = { lone, 1, 2, 1, 0, 0 };
    assert_int_equal(as_agree_spans(&c, "gamma", &o, &a), AS_OK);   /* one found nothing */
    assert_true(isfinite(a->value) && isfinite(a->lo) && isfinite(a->hi));
    as_agreement_free(a);
    c = (struct as_continuum){ some_points, 4, 2, 1, 0, 0 };        /* points, not stretches */
    assert_int_equal(as_agree_spans(&c, "gamma", &o, &a), AS_OK);
    assert_true(isfinite(a->value));
    as_agreement_free(a);
    assert_int_equal(as_agree_spans(&c, "alpha-u", &o, &a), AS_EUNDEFINED);
    assert_int_equal(as_agree_spans(&c, "alpha", &o, &a), AS_EUNFIT);
    assert_int_equal(as_agree_spans(&c, "beta", &o, &a), AS_ENOMETHOD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(alpha_u_equals_krippendorff_2004),
        UNIT(spans_equal_their_golden_folders),
        UNIT(disorders_of_the_fixtures_equal_what_was_published),
        UNIT(disorders_of_stored_random_continua_equal_the_reference),
        UNIT(gamma_of_the_files_lies_where_it_was_published),
        UNIT(the_alignment_found_is_the_best_of_all),
        UNIT(a_crowded_line_is_aligned_soon),
        UNIT(order_of_spans_and_threads_change_not_one_bit),
        UNIT(alignments_hold_every_unit_once_in_the_callers_numbers),
        UNIT(the_same_spans_agree_fully),
        UNIT(a_longer_or_moved_line_gives_the_same_gamma),
        UNIT(categories_may_have_a_distance_of_their_own),
        UNIT(what_cannot_be_answered_gets_a_clear_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
