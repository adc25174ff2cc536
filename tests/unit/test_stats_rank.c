/* What the statistics room promises of comparisons and rankings. */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/annotary_stats.h"

#define near(got, want, within) do { \
        double g_ = (got), w_ = (want); \
        if (!(fabs(g_ - w_) <= (within))) \
            print_error("%s:%d: %.9g, wanted %.9g\n", __FILE__, __LINE__, g_, w_); \
        assert_true(fabs(g_ - w_) <= (within)); \
    } while (0)

static struct as_rank *rank_of(const struct as_duels *in, const char *method,
                               const struct as_rank_opts *o)
{
    struct as_rank *r = NULL;
    int rc = as_rank(in, method, o, &r);

    if (rc)
        print_error("%s: %s\n", method, as_text(rc));
    assert_int_equal(rc, AS_OK);
    return r;
}

/* ------------------------------------------------------------------ five language models */

static uint32_t panda_left[30], panda_right[30];
static uint8_t panda_outcome[30];
static float panda_weight[30];
static struct as_duels panda;

/* Three people, 999 prompts, five models (PandaLM's test set): who beat whom how often. */
static int panda_setup(void **state)
{
    static const float wins[5][5] = { { 0, 177, 84, 131, 139 }, { 88, 0, 74, 93, 76 },
                                      { 214, 236, 0, 211, 171 }, { 106, 151, 74, 0, 99 },
                                      { 146, 160, 85, 156, 0 } };
    static const float ties[10] = { 35, 35, 30, 36, 20, 29, 37, 33, 26, 45 };
    size_t n = 0, t = 0;

    for (uint32_t a = 0; a < 5; a++)
        for (uint32_t b = 0; b < 5; b++) {
            if (a == b)
                continue;
            panda_left[n] = a;
            panda_right[n] = b;
            panda_outcome[n] = AS_LEFT;
            panda_weight[n++] = wins[a][b];
            if (a < b) {
                panda_left[n] = a;
                panda_right[n] = b;
                panda_outcome[n] = AS_TIE;
                panda_weight[n++] = ties[t++];
            }
        }
    panda = (struct as_duels){ .n = n, .items = 5, .left = panda_left, .right = panda_right,
                               .outcome = panda_outcome, .weight = panda_weight };
    return unit_setup(state);
}

#define PANDA(f) cmocka_unit_test_setup_teardown(f, panda_setup, unit_teardown)

static void panda_is(const char *method, enum as_tie_rule ties, double prior, double within,
                     const double *theta, double loglik)
{
    struct as_rank_opts o;

    as_rank_opts_init(&o);
    o.ties = ties;
    o.prior = prior;
    struct as_rank *r = rank_of(&panda, method, &o);
    assert_true(r->converged);
    for (int i = 0; i < 5; i++)
        near(r->item[i].theta, theta[i], within);
    if (loglik < 0)
        near(r->loglik, loglik, 2e-4);
    as_rank_free(r);
}

static void strengths_are_those_of_the_table(void **state)
{
    (void)state;
    panda_is("bt", AS_TIE_DROP, 0, 1e-6,
             (const double[]){ -.013183, -.622042, .774348, -.246633, .107510 }, -1686.516456);
    panda_is("bt", AS_TIE_HALF, 0, 1e-6,
             (const double[]){ -.012843, -.554648, .695412, -.214321, .086400 }, -1928.762005);
    panda_is("bt", AS_TIE_HALF, 0, 5e-6,            /* another program, its own stop */
             (const double[]){ -.012843, -.554652, .695416, -.214321, .086401 }, 0);
    panda_is("bt", AS_TIE_DROP, .01, 1e-6,
             (const double[]){ -.013184, -.621994, .774292, -.246616, .107503 }, 0);
    panda_is("bt-davidson", AS_TIE_HALF, 0, 1e-5,
             (const double[]){ -.01469, -.62944, .78948, -.24306, .09771 }, -2714.5372);
    panda_is("bt-rao-kupper", AS_TIE_HALF, 0, 1e-5,
             (const double[]){ -.01350, -.56621, .71268, -.21416, .08118 }, -2713.0211);
    panda_is("plackett-luce", AS_TIE_DROP, .01, 1e-6,
             (const double[]){ -.013167, -.621943, .774179, -.246580, .107511 }, 0);
}

static void standard_errors_and_tie_parameters_are_those_of_the_table(void **state)
{
    static const double se[5] = { .050231, .053914, .053234, .052235, .051499 };
    static const double p[5] = { .176616, .096074, .388195, .139844, .199272 };
    struct as_rank_opts o;
    double sum = 0;

    (void)state;
    as_rank_opts_init(&o);
    o.prior = 0;
    o.ties = AS_TIE_DROP;
    struct as_rank *r = rank_of(&panda, "bt", &o);
    for (int i = 0; i < 5; i++)
        sum += exp(r->item[i].theta);
    for (int i = 0; i < 5; i++) {
        near(r->item[i].se, se[i], 1e-6);
        near(exp(r->item[i].theta) / sum, p[i], 1e-6);
        near(r->item[i].score, 1000 + 400 * r->item[i].theta / log(10), 1e-9);
    }
    assert_int_equal(r->item[2].rank, 1);
    assert_int_equal(r->item[1].rank, 5);
    assert_int_equal(r->weak_parts, 1);
    assert_int_equal(r->strong_parts, 1);
    as_rank_free(r);
    r = rank_of(&panda, "bt-davidson", &o);
    assert_int_equal(r->params, 1);
    assert_string_equal(r->param[0].name, "nu");
    near(r->param[0].value, .26078, 5e-6);
    assert_true(r->param[0].lo < .26078 && r->param[0].hi > .26078);
    as_rank_free(r);
    r = rank_of(&panda, "bt-rao-kupper", &o);
    assert_string_equal(r->param[0].name, "kappa");
    near(r->param[0].value, 1.27426, 5e-6);
    as_rank_free(r);
}

/* ------------------------------------------------------------------ examples of the papers */

static void glicko2_is_its_authors_example(void **state)
{
    static const double rating[4] = { 1500, 1400, 1550, 1700 }, rd[4] = { 200, 30, 100, 300 };
    struct as_duels in = { .n = 3, .items = 4, .left = (const uint32_t[]){ 0, 0, 0 },
                           .right = (const uint32_t[]){ 1, 2, 3 },
                           .outcome = (const uint8_t[]){ AS_LEFT, AS_RIGHT, AS_RIGHT } };
    struct as_rank_opts o;

    (void)state;
    as_rank_opts_init(&o);
    o.rating = rating;
    o.deviation = rd;
    struct as_rank *r = rank_of(&in, "glicko2", &o);
    near(r->item[0].rating, 1464.0507, 5e-5);
    near(r->item[0].deviation, 151.5165, 5e-5);
    near(r->item[0].volatility, .059996, 5e-7);
    as_rank_free(r);
}

static void trueskill_is_the_example_of_one_game(void **state)
{
    struct as_duels in = { .n = 1, .items = 2, .left = (const uint32_t[]){ 0 },
                           .right = (const uint32_t[]){ 1 },
                           .outcome = (const uint8_t[]){ AS_LEFT } };

    (void)state;
    struct as_rank *r = rank_of(&in, "trueskill", NULL);
    near(r->item[0].rating, 29.395832, 1e-6);
    near(r->item[0].deviation, 7.171476, 1e-6);
    near(r->item[1].rating, 20.604168, 1e-6);
    near(r->item[1].deviation, 7.171476, 1e-6);
    as_rank_free(r);
}

/* ------------------------------------------------------------------ golden folders */

#define ROWS 1000

static uint32_t gold_left[ROWS], gold_right[ROWS], gold_judge[ROWS], gold_period[ROWS];
static uint8_t gold_outcome[ROWS];

static FILE *golden(const char *folder, const char *name)
{
    char path[512], line[128];

    snprintf(path, sizeof path, "%s/tests/golden/stats/rank/%s/%s", getenv("ANNOTARY_SOURCE"),
             folder, name);
    FILE *f = fopen(path, "r");
    if (f)
        assert_non_null(fgets(line, sizeof line, f));       /* the header */
    return f;
}

static struct as_duels golden_duels(void)
{
    struct as_duels in = { .items = 12, .judges = 6, .left = gold_left, .right = gold_right,
                           .judge = gold_judge, .period = gold_period, .outcome = gold_outcome };
    char winner[8];
    FILE *f = golden(".", "duels.csv");

    assert_non_null(f);
    while (fscanf(f, "%u,%u,%u,%7[^,],%u", &gold_judge[in.n], &gold_left[in.n], &gold_right[in.n],
                  winner, &gold_period[in.n]) == 5) {
        uint32_t won = (uint32_t)strtoul(winner, NULL, 10);
        uint8_t side = won == gold_left[in.n] ? AS_LEFT : AS_RIGHT;
        gold_outcome[in.n++] = winner[0] == 't' ? AS_TIE : side;
    }
    fclose(f);
    assert_int_equal(in.n, 480);
    return in;
}

static void equals(const struct as_rank *r, const char *folder, const char *name)
{
    FILE *f = golden(folder, name);
    double theta, se;
    uint32_t i, rank, n = 0;

    assert_non_null(f);
    for (; fscanf(f, "%u,%lf,%lf,%u", &i, &theta, &se, &rank) == 4; n++) {
        near(r->item[i].theta, theta, 2e-7);
        near(r->item[i].se, se, 2e-7);
        assert_int_equal(r->item[i].rank, rank);
    }
    assert_int_equal(n, 12);
    fclose(f);
}

static void every_method_equals_its_golden_folder(void **state)
{
    struct as_duels in = golden_duels();
    struct as_rank_opts o;
    const struct as_method_info *m;
    char name[32];
    double value;
    uint32_t j;
    FILE *f;

    (void)state;
    as_rank_opts_init(&o);
    o.tol = 1e-14;                      /* EM is slow at the end */
    for (unsigned k = 0; (m = as_rank_method(k)); k++) {
        struct as_rank *r = rank_of(&in, m->id, &o);
        equals(r, m->id, "expected.csv");
        if ((f = golden(m->id, "expected-params.csv"))) {
            assert_int_equal(fscanf(f, "%31[^,],%lf", name, &value), 2);
            assert_string_equal(r->param[0].name, name);
            near(r->param[0].value, value, 2e-7);
            fclose(f);
        }
        if ((f = golden(m->id, "expected-workers.csv"))) {
            while (fscanf(f, "%u,%lf", &j, &value) == 2)
                near(r->judge[j].quality, value, 1e-6);
            fclose(f);
        }
        as_rank_free(r);
    }
}

static void lists_are_ranked_as_the_golden_folder_says(void **state)
{
    static uint32_t item[300];
    static size_t start[50];
    struct as_duels in = { .items = 12, .list_start = start, .list_item = item };
    uint32_t list, place;
    size_t n = 0;
    FILE *f = golden("plackett-luce", "lists.csv");

    (void)state;
    assert_non_null(f);
    for (; fscanf(f, "%u,%u,%u", &list, &place, &item[n]) == 3; n++)
        start[list + 1] = n + 1;
    fclose(f);
    in.lists = (size_t)list + 1;
    assert_int_equal(in.lists, 40);
    struct as_rank *r = rank_of(&in, "plackett-luce", NULL);
    equals(r, "plackett-luce", "expected-lists.csv");
    as_rank_free(r);
    assert_int_equal(as_rank(&in, "bt", NULL, &r), AS_EUNFIT);
    item[1] = item[0];
    assert_int_equal(as_rank(&in, "plackett-luce", NULL, &r), AS_EINVAL);
}

/* ------------------------------------------------------------------ what there may be little of */

static const char *const every[] = { "bt", "bt-davidson", "bt-rao-kupper", "crowd-bt",
                                     "plackett-luce", "elo", "trueskill", "glicko2" };
#define EVERY (sizeof every / sizeof *every)

static const enum as_spread spreads[] = { AS_SPREAD_NONE, AS_SPREAD_MODEL, AS_SPREAD_SANDWICH,
                                          AS_SPREAD_BOOTSTRAP };

static void is_finite(const struct as_rank *r)
{
    for (uint32_t i = 0; i < r->items; i++) {
        const struct as_ranked *a = &r->item[i];
        assert_true(isfinite(a->theta) && isfinite(a->se) && isfinite(a->raw));
        assert_true(a->lo <= a->theta && a->theta <= a->hi);
        assert_true(isfinite(a->score_lo) && isfinite(a->score_hi));
        assert_true(a->rank_lo >= 1 && a->rank_lo <= a->rank_hi && a->rank_hi <= r->items);
        assert_true(a->rank >= 1 && a->rank <= r->items);
    }
    for (int k = 0; k < r->params; k++)
        assert_true(isfinite(r->param[k].value) && isfinite(r->param[k].se)
                    && isfinite(r->param[k].lo) && isfinite(r->param[k].hi));
    for (uint32_t j = 0; r->judge && j < r->judges; j++)
        assert_true(r->judge[j].lo <= r->judge[j].quality && r->judge[j].quality <= r->judge[j].hi);
    assert_true(isfinite(r->loglik) && isfinite(r->objective));
}

/* Every method, prior, rule of ties and kind of interval gives finite numbers or says why not. */
static void survive(struct as_duels in)
{
    static const uint32_t judge[64];
    struct as_rank_opts o;
    struct as_rank *r;

    in.judges = 2;
    in.judge = judge;
    for (size_t m = 0; m < EVERY; m++)
        for (int way = 0; way < 32; way++) {
            as_rank_opts_init(&o);
            o.spread = spreads[way % 4];
            o.prior = way & 4 ? 0 : -1;
            o.ties = way & 8 ? AS_TIE_DROP : AS_TIE_HALF;
            o.home = way & 16 ? 1 : 0;
            o.noise = way & 16 ? AS_NOISE_BIAS : AS_NOISE_FLIP;
            o.rounds = 5;
            int rc = as_rank(&in, every[m], &o, &r);
            if (rc) {       /* one judge is no sample of judges */
                assert_true(rc == AS_EUNFIT && o.spread == AS_SPREAD_SANDWICH);
                assert_null(r);
                continue;
            }
            is_finite(r);
            as_rank_free(r);
        }
}

static void little_or_lopsided_input_gives_numbers(void **state)
{
    static const uint32_t a[8] = { 0, 1, 2, 3, 0, 4, 5, 4 }, b[8] = { 1, 2, 0, 0, 3, 5, 4, 5 };
    static const uint8_t left[8], tie[8] = { 2, 2, 2, 2, 2, 2, 2, 2 };
    static const uint8_t mixed[8] = { 0, 1, 2, 0, 1, 2, 0, 0 };
    static const float none[8];
    struct as_duels in = { .items = 7, .left = a, .right = b, .outcome = left };

    (void)state;
    survive(in);                        /* nothing compared */
    in.n = 1;
    survive(in);
    in.n = 2;                           /* a chain: the best never loses, the last never wins */
    survive(in);
    in.n = 8;                           /* two parts and an item alone */
    survive(in);
    in.outcome = tie;
    survive(in);
    in.outcome = mixed;
    survive(in);
    in.weight = none;
    survive(in);
    in = (struct as_duels){ .items = 1 };
    survive(in);
}

static void parts_that_nothing_connects_are_flagged(void **state)
{
    /* 0, 1, 2 beat each other in a ring; 3 only loses to 0; 4 and 5 meet nobody else; 6 is alone */
    struct as_duels in = { .n = 6, .items = 7, .left = (const uint32_t[]){ 0, 1, 2, 0, 4, 5 },
                           .right = (const uint32_t[]){ 1, 2, 0, 3, 5, 4 },
                           .outcome = (const uint8_t[]){ 0, 0, 0, 0, 0, 2 } };
    struct as_rank_opts o;

    (void)state;
    struct as_rank *r = rank_of(&in, "bt", NULL);
    assert_int_equal(r->weak_parts, 3);
    assert_int_equal(r->strong_parts, 4);
    for (int i = 0; i < 7; i++) {
        assert_int_equal(r->item[i].weak, i < 4 ? 0 : i < 6 ? 1 : 2);
        assert_int_equal(r->item[i].strong, i < 3 ? 0 : i < 4 ? 1 : i < 6 ? 2 : 3);
    }
    assert_int_equal(r->item[0].flags, 0);
    assert_int_equal(r->item[3].flags, AS_RANK_SPLIT | AS_RANK_NO_WIN);
    assert_int_equal(r->item[4].flags, AS_RANK_SPLIT | AS_RANK_APART);
    assert_int_equal(r->item[6].flags, AS_RANK_SPLIT | AS_RANK_APART | AS_RANK_ALONE);
    assert_true(r->item[3].theta < r->item[0].theta - 2);
    assert_int_equal(r->item[4].rank_lo, 1);        /* nothing of another part is above for sure */
    as_rank_free(r);
    as_rank_opts_init(&o);
    o.prior = 0;                        /* the ring is even, and the loser infinitely far below */
    r = rank_of(&in, "bt", &o);
    for (int i = 0; i < 4; i++)
        near(r->item[i].theta, 0, 1e-9);
    near(r->item[4].theta + r->item[5].theta, 0, 1e-12);
    near(r->item[4].theta - r->item[5].theta, log(3), 1e-7);    /* 1.5 wins of 2 */
    assert_int_equal(r->item[3].rank, 1);           /* of its part, which is itself */
    as_rank_free(r);
}

static void wrong_input_gets_a_code_and_a_place(void **state)
{
    uint32_t a[3] = { 0, 1, 2 }, b[3] = { 1, 2, 0 };
    uint8_t won[3] = { 0, 1, 2 };
    float w[3] = { 1, 1, 1 };
    struct as_duels in = { .n = 3, .items = 3, .left = a, .right = b, .outcome = won, .weight = w };
    struct as_fault fault;
    struct as_rank_opts o;
    struct as_rank *r;

    (void)state;
    assert_int_equal(as_rank(&in, "no-such", NULL, &r), AS_ENOMETHOD);
    assert_int_equal(as_rank(&in, "crowd-bt", NULL, &r), AS_EUNFIT);
    b[1] = 3;
    assert_int_equal(as_duels_check(&in, &fault), AS_EINVAL);
    assert_int_equal(fault.row, 1);
    assert_int_equal(as_rank(&in, "bt", NULL, &r), AS_EINVAL);
    b[1] = 1;
    assert_int_equal(as_duels_check(&in, &fault), AS_EINVAL);
    b[1] = 2;
    won[2] = 3;
    assert_int_equal(as_duels_check(&in, &fault), AS_EINVAL);
    won[2] = 2;
    w[0] = NAN;
    assert_int_equal(as_duels_check(&in, &fault), AS_EINVAL);
    assert_int_equal(fault.row, 0);
    w[0] = 1;
    as_rank_opts_init(&o);
    o.level = NAN;
    assert_int_equal(as_rank(&in, "bt", &o, &r), AS_EINVAL);
    in.items = 0;
    assert_int_equal(as_rank(&in, "bt", NULL, &r), AS_EUNFIT);
    assert_null(as_rank_method(EVERY));
    for (unsigned m = 0; m < EVERY; m++)
        assert_string_equal(as_rank_method(m)->id, every[m]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PANDA(strengths_are_those_of_the_table),
        PANDA(standard_errors_and_tie_parameters_are_those_of_the_table),
        UNIT(glicko2_is_its_authors_example),
        UNIT(trueskill_is_the_example_of_one_game),
        UNIT(every_method_equals_its_golden_folder),
        UNIT(lists_are_ranked_as_the_golden_folder_says),
        UNIT(little_or_lopsided_input_gives_numbers),
        UNIT(parts_that_nothing_connects_are_flagged),
        UNIT(wrong_input_gets_a_code_and_a_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
