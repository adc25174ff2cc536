/*
 * Rankings of public comparisons, where they are present, against reference runs of other programs
 * on the same rows: football (fitted to 2010–2021, tested on 2022–2023, matches of teams that the
 * fit knew), arguments by how convincing they are, answers of language models.
 */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stats/annotary_stats.h"

#define ROWS 60000
#define NAMES 4000
#define NAME 48

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define NOISY_CPU_S 5.0         /* the sanitisers' share */
#else
#define NOISY_CPU_S .5
#endif

#define near(got, want, within) do { \
        double g_ = (got), w_ = (want); \
        if (!(fabs(g_ - w_) <= (within))) \
            print_error("%s:%d: %.9g, wanted %.9g\n", __FILE__, __LINE__, g_, w_); \
        assert_true(fabs(g_ - w_) <= (within)); \
    } while (0)

struct names {                  /* in the order of their first appearance */
    char text[NAMES][NAME];
    uint32_t n, slot[4 * NAMES];
};

static struct names items, judges;

static uint32_t name_id(struct names *s, const char *text)
{
    uint32_t h = 2166136261u;

    for (const char *c = text; *c; c++)
        h = (h ^ (unsigned char)*c) * 16777619u;
    for (h %= 4 * NAMES; s->slot[h]; h = (h + 1) % (4 * NAMES))
        if (strcmp(s->text[s->slot[h] - 1], text) == 0)
            return s->slot[h] - 1;
    assert_true(s->n < NAMES);
    snprintf(s->text[s->n], NAME, "%s", text);
    s->slot[h] = ++s->n;
    return s->n - 1;
}

struct set {
    struct as_duels in;
    uint32_t left[ROWS], right[ROWS], judge[ROWS];
    uint8_t outcome[ROWS];
};

static struct set fit, test;

static FILE *set_open(const char *set, const char *file)
{
    char path[512], line[256];

    snprintf(path, sizeof path, "%s/data/pairwise/%s/%s", getenv("ANNOTARY_TESTDATA"), set, file);
    FILE *f = fopen(path, "r");
    if (f)
        assert_non_null(fgets(line, sizeof line, f));
    return f;
}

/* worker,left,right,label or left,right,label; 0: the file is not there. */
static int set_read(struct set *s, const char *set, const char *file, int workers)
{
    char line[256];
    FILE *f = set_open(set, file);
    size_t n = 0;

    if (!f)
        return 0;
    for (; fgets(line, sizeof line, f); n++) {
        char *at = line;
        assert_true(n < ROWS);
        line[strcspn(line, "\r\n")] = 0;
        s->judge[n] = workers ? name_id(&judges, strsep(&at, ",")) : 0;
        const char *left = strsep(&at, ","), *right = strsep(&at, ",");
        assert_non_null(at);
        s->left[n] = name_id(&items, left);
        s->right[n] = name_id(&items, right);
        s->outcome[n] = strcmp(at, left) == 0 ? AS_LEFT
                      : strcmp(at, right) == 0 ? AS_RIGHT : AS_TIE;
    }
    fclose(f);
    s->in = (struct as_duels){ .n = n, .items = items.n, .judges = judges.n, .left = s->left,
                               .right = s->right, .judge = s->judge, .outcome = s->outcome };
    return 1;
}

static int setup(void **state)
{
    items.n = judges.n = 0;
    memset(items.slot, 0, sizeof items.slot);
    memset(judges.slot, 0, sizeof judges.slot);
    return unit_setup(state);
}

#define DATA(f) cmocka_unit_test_setup_teardown(f, setup, unit_teardown)
#define NO_DATA do { print_message("skipped: no real data\n"); skip(); } while (0)

static struct as_rank *rank_of(const struct as_duels *in, const char *method,
                               const struct as_rank_opts *o)
{
    struct as_rank *r = NULL;

    assert_int_equal(as_rank(in, method, o, &r), AS_OK);
    assert_true(r->converged);
    return r;
}

/* ------------------------------------------------------------------ football */

static struct as_rank_test foretold(const char *method, const struct as_rank_opts *o)
{
    struct as_rank_test t;
    struct as_rank *r = rank_of(&fit.in, method, o);

    assert_int_equal(as_rank_test(r, &test.in, &t), AS_OK);
    assert_int_equal(t.n, 1566);
    print_message("%-14s %s accuracy %.4f, log-loss %.4f\n", method, o->home ? "with home"
                  : "         ", t.accuracy, t.logloss);
    as_rank_free(r);
    return t;
}

static void football_is_foretold_as_well_as_by_any_other_program(void **state)
{
    struct as_rank_opts o;
    size_t known = 0;

    (void)state;
    if (!set_read(&fit, "football_2010_2021", "pairs.csv", 1))
        NO_DATA;
    uint32_t teams = items.n;
    assert_true(set_read(&test, "football_2022_2023", "pairs.csv", 1));
    for (size_t k = 0; k < test.in.n; k++)
        if (test.left[k] < teams && test.right[k] < teams) {
            test.left[known] = test.left[k];
            test.right[known] = test.right[k];
            test.outcome[known++] = test.outcome[k];
        }
    test.in.n = known;
    test.in.items = teams;
    test.in.judge = fit.in.judge = NULL;
    as_rank_opts_init(&o);
    o.spread = AS_SPREAD_NONE;
    struct as_rank_test t = foretold("elo", &o);
    near(t.accuracy, .6992, 6e-5);
    near(t.logloss, .6290, 6e-5);
    o.ties = AS_TIE_DROP;
    t = foretold("bt", &o);
    near(t.accuracy, .7471, 6e-5);
    near(t.logloss, .5177, 6e-5);
    t = foretold("plackett-luce", &o);
    near(t.accuracy, .7331, 6e-5);
    near(t.logloss, .5336, 6e-5);
    o.ties = AS_TIE_HALF;
    t = foretold("bt", &o);
    near(t.accuracy, .7420, 6e-5);
    assert_true(t.logloss <= .5108);
    o.home = 1;
    assert_true(foretold("bt", &o).logloss <= .4965);
    assert_true(foretold("bt-davidson", &o).logloss <= .5108);
    assert_true(foretold("bt-rao-kupper", &o).logloss <= .5108);
}

static void a_team_that_never_won_has_a_finite_place(void **state)
{
    struct as_rank_opts o;
    double top = 0;
    unsigned flagged = 0;

    (void)state;
    if (!set_read(&fit, "football_2022_2023", "pairs.csv", 1))
        NO_DATA;
    as_rank_opts_init(&o);
    struct as_rank *r = rank_of(&fit.in, "bt", &o);
    for (uint32_t i = 0; i < r->items; i++) {
        top = fmax(top, fabs(r->item[i].theta));
        flagged += (r->item[i].flags & (AS_RANK_NO_WIN | AS_RANK_NO_LOSS)) != 0;
    }
    assert_true(top < 12);              /* a plain fit says 43 */
    assert_true(flagged > 5 && r->strong_parts > 1);
    as_rank_free(r);
    o.prior = 0;                        /* parts without a scale between them, each one finite */
    r = rank_of(&fit.in, "bt", &o);
    for (uint32_t i = 0; i < r->items; i++)
        assert_true(fabs(r->item[i].theta) < 12);
    as_rank_free(r);
}

/* ------------------------------------------------------------------ arguments */

/* Mean tau-b over topics, between theta and the rank file (lower is better there). */
static double tau_in_topics(const struct as_rank *r, const double *truth)
{
    static double a[NAMES], b[NAMES];
    double sum = 0, tau;
    int topics = 0;

    for (uint32_t i = 0; i < r->items; i++) {
        size_t n = 0, len = strcspn(items.text[i], ":") + 1;
        int is_first = 1;
        for (uint32_t j = 0; j < r->items; j++)
            if (strncmp(items.text[j], items.text[i], len) == 0) {
                is_first &= j >= i;
                a[n] = r->item[j].theta;
                b[n++] = -truth[j];
            }
        if (is_first && as_kendall(a, b, n, &tau) == AS_OK) {
            sum += tau;
            topics++;
        }
    }
    assert_int_equal(topics, 20);
    return sum / topics;
}

static void arguments_stand_in_the_order_of_the_crowd(void **state)
{
    static const struct {
        const char *method;
        enum as_tie_rule ties;
        enum as_noise noise;
        double tau, strict, within;     /* of the other program; 0: at least as good */
    } want[] = {
        { "bt", AS_TIE_DROP, 0, .7490, .9422, 6e-5 },
        { "plackett-luce", AS_TIE_DROP, 0, .7519, .9420, 6e-5 },
        { "elo", AS_TIE_HALF, 0, .7587, .9419, 6e-5 },
        { "bt", AS_TIE_HALF, 0, .7587, .9407, 4e-4 },   /* no prior there, and it stops early */
        { "bt-rao-kupper", AS_TIE_HALF, 0, .7587, .9407, 0 },
        { "crowd-bt", AS_TIE_HALF, AS_NOISE_FLIP, .7587, .9407, 0 },
        { "crowd-bt", AS_TIE_HALF, AS_NOISE_BIAS, .7587, .9407, 0 },
    };
    static double truth[NAMES];
    struct as_rank_opts o;
    struct as_rank_test t;
    char line[128];

    (void)state;
    if (!set_read(&fit, "ukp_convarg_a", "pairs.csv", 1))
        NO_DATA;
    assert_true(set_read(&test, "ukp_convarg_a", "strict.csv", 0));
    test.in.judge = NULL;
    assert_int_equal(test.in.items, fit.in.items);
    FILE *f = set_open("ukp_convarg_a", "truth.csv");
    while (fgets(line, sizeof line, f)) {
        char *at = line, *item = strsep(&at, ",");
        truth[name_id(&items, item)] = strtod(at, NULL);
    }
    fclose(f);
    as_rank_opts_init(&o);
    for (size_t k = 0; k < sizeof want / sizeof *want; k++) {
        o.ties = want[k].ties;
        o.noise = want[k].noise;
        clock_t begin = clock();
        struct as_rank *r = rank_of(&fit.in, want[k].method, &o);
        double spent = (double)(clock() - begin) / CLOCKS_PER_SEC;
        double tau = tau_in_topics(r, truth);
        assert_int_equal(as_rank_test(r, &test.in, &t), AS_OK);
        print_message("%-14s tau %.4f, strict pairs %.4f, %.3f s\n", want[k].method, tau,
                      t.accuracy, spent);
        assert_int_equal(r->weak_parts, 20);
        if (want[k].within > 0) {
            near(tau, want[k].tau, want[k].within);
            near(t.accuracy, want[k].strict, want[k].within);
        } else {
            assert_true(tau >= want[k].tau && t.accuracy >= want[k].strict);
        }
        assert_true(strcmp(want[k].method, "crowd-bt") || spent < NOISY_CPU_S);
        as_rank_free(r);
    }
}

/* ------------------------------------------------------------------ language models */

static void elo_in_the_order_of_the_file_is_the_reference(void **state)
{
    static const char *const model[] = { "bloom-7b", "cerebras-gpt-6.7B", "llama-7b", "opt-7b",
                                         "pythia-6.9b" };
    static const double elo[] = { .029456, -.861310, .872582, -.201242, .160515 };

    (void)state;
    if (!set_read(&fit, "pandalm_llm_battles", "pairs.csv", 1))
        NO_DATA;
    assert_int_equal(items.n, 5);
    struct as_rank *r = rank_of(&fit.in, "elo", NULL);
    for (int k = 0; k < 5; k++)
        near(r->item[name_id(&items, model[k])].theta, elo[k], 1e-6);
    as_rank_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DATA(football_is_foretold_as_well_as_by_any_other_program),
        DATA(a_team_that_never_won_has_a_finite_place),
        DATA(arguments_stand_in_the_order_of_the_crowd),
        DATA(elo_in_the_order_of_the_file_is_the_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
