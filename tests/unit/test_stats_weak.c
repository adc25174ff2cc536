/* What the statistics room promises of labelling functions and of one label out of their votes. */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/annotary_stats.h"

static const char *const models[] = { "majority", "ds-abstain", "triplet", "metal" };
#define MODELS (sizeof models / sizeof *models)

#define ROWS 150
#define LFS 7
#define CLASSES 3

static struct as_weak_result *fit(const struct as_lf_votes *in, const char *model,
                                  const struct as_weak_opts *o)
{
    struct as_weak_result *r;

    assert_int_equal(as_weak(in, model, o, &r), AS_OK);
    return r;
}

/* ------------------------------------------------------------------ golden folders */

static FILE *golden(const char *folder, const char *name)
{
    char path[512], line[128];

    snprintf(path, sizeof path, "%s/tests/golden/stats/weak/%s/%s", getenv("ANNOTARY_SOURCE"),
             folder, name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));       /* the header */
    return f;
}

/* Rows of task,lf…,label; an empty label is not known. */
static size_t matrix_read(FILE *f, uint32_t lfs, int16_t *vote, int16_t *gold)
{
    char line[256];
    size_t n = 0;

    for (; fgets(line, sizeof line, f); n++) {
        char *at = line;
        strsep(&at, ",");
        for (uint32_t j = 0; j < lfs; j++)
            vote[n * lfs + j] = (int16_t)atoi(strsep(&at, ","));
        gold[n] = at[0] >= '0' && at[0] <= '9' ? (int16_t)atoi(at) : -1;
    }
    fclose(f);
    return n;
}

static int16_t votes[ROWS * LFS], known[ROWS];

static struct as_lf_votes shared_input(void)
{
    struct as_lf_votes in = { .lfs = LFS, .classes = CLASSES, .vote = votes, .gold = known };

    in.rows = matrix_read(golden(".", "input.csv"), LFS, votes, known);
    assert_int_equal(in.rows, ROWS);
    return in;
}

static void the_table_equals_the_published_vector(void **state)
{
    int16_t vote[18], gold[6];
    struct as_lf_votes in = { .lfs = 3, .classes = 2, .vote = vote, .gold = gold };
    struct as_lf_table *t;
    unsigned j, right, wrong, rows = 0;
    double coverage, overlaps, conflicts, accuracy;

    (void)state;
    in.rows = matrix_read(golden("lf-table", "input.csv"), 3, vote, gold);
    assert_int_equal(as_lf_table(&in, &t), AS_OK);
    FILE *f = golden("lf-table", "expected.csv");
    for (; fscanf(f, "%u,0 1,%lf,%lf,%lf,%u,%u,%lf", &j, &coverage, &overlaps, &conflicts, &right,
                  &wrong, &accuracy) == 7; rows++) {
        assert_true(t->polarity[j * 2] > 0 && t->polarity[j * 2 + 1] > 0);
        assert_true(fabs(t->lf[j].coverage - coverage) < 1e-9);
        assert_true(fabs(t->lf[j].overlaps - overlaps) < 1e-9);
        assert_true(fabs(t->lf[j].conflicts - conflicts) < 1e-9);
        assert_int_equal(t->lf[j].correct, right);
        assert_int_equal(t->lf[j].incorrect, wrong);
        assert_true(fabs(t->lf[j].accuracy - accuracy) < 1e-9);
    }
    fclose(f);
    assert_int_equal(rows, 3);
    assert_int_equal(t->covered, 6);
    as_lf_table_free(t);
}

static void rows_equal(const struct as_weak_result *r, FILE *f)
{
    char line[128];
    unsigned rows = 0;

    for (; fgets(line, sizeof line, f); rows++) {
        char *at = strchr(line, ',') + 1;
        if (*at == ',') {
            assert_int_equal(r->label[rows], -1);
            assert_true(r->flags[rows] & AS_NO_VOTES);
        } else {
            assert_int_equal(r->label[rows], atoi(at));
        }
        double want = atof(strchr(at, ',') + 1);
        if (fabs(r->confidence[rows] - want) > 2e-7)
            print_error("%s, row %u: %.9f, golden %.9f\n", r->method, rows, r->confidence[rows],
                        want);
        assert_true(fabs(r->confidence[rows] - want) <= 2e-7);
    }
    fclose(f);
    assert_int_equal(rows, ROWS);
}

static void every_model_equals_its_golden_folder(void **state)
{
    struct as_lf_votes in = shared_input();
    struct as_weak_opts o;

    (void)state;
    as_weak_opts_init(&o);
    o.tol = 1e-15;
    o.max_iter = 5000;
    for (size_t k = 0; k < MODELS; k++) {
        struct as_weak_result *r = fit(&in, models[k], &o);
        unsigned j, n, lfs = 0;
        double accuracy, weight;
        rows_equal(r, golden(models[k], "expected.csv"));
        FILE *f = golden(models[k], "expected-lfs.csv");
        for (; fscanf(f, "%u,%u,%lf,%lf", &j, &n, &accuracy, &weight) == 4; lfs++) {
            assert_int_equal(r->lf[j].votes, n);
            assert_true(fabs(r->lf[j].accuracy - accuracy) < 1e-6);
            assert_true(fabs(r->lf[j].weight - weight) < 5e-6);
            assert_true(r->lf[j].lo <= r->lf[j].accuracy && r->lf[j].accuracy <= r->lf[j].hi);
        }
        fclose(f);
        assert_int_equal(lfs, LFS);
        as_weak_free(r);
    }
}

/* ------------------------------------------------------------------ laws */

static void the_registry_describes_what_as_weak_runs(void **state)
{
    const struct as_method_info *m;
    struct as_lf_votes in = shared_input();
    struct as_weak_result *r;
    unsigned n = 0;

    (void)state;
    for (; (m = as_weak_method(n)); n++) {
        assert_true(strlen(m->title) > 5 && strlen(m->paper) > 3 && strlen(m->about) > 60);
        assert_string_equal(m->id, n ? models[n - 1] : "lf-table");
        assert_int_equal(as_weak(&in, m->id, NULL, &r), n ? AS_OK : AS_EUNFIT);
        as_weak_free(r);
    }
    assert_int_equal(n, MODELS + 1);
    assert_int_equal(as_weak(&in, "fortune", NULL, &r), AS_ENOMETHOD);
    assert_int_equal(as_weak(&in, NULL, NULL, &r), AS_ENOMETHOD);
}

/* The same up to what another order of sums and of the descent may change. */
static void alike(const struct as_weak_result *a, const struct as_weak_result *b,
                  const uint32_t *row, const uint32_t *class)
{
    for (uint32_t i = 0; i < ROWS; i++)
        for (uint32_t k = 0; k < CLASSES; k++) {
            double x = (double)a->q[i * CLASSES + k];
            double y = (double)b->q[row[i] * CLASSES + class[k]];
            if (fabs(x - y) > 1e-6)
                print_error("%s, row %u: %.9f and %.9f\n", a->method, i, x, y);
            assert_true(fabs(x - y) <= 1e-6);
        }
}

static void neither_rows_nor_functions_nor_classes_have_an_order(void **state)
{
    struct as_lf_votes in = shared_input();
    static int16_t moved[ROWS * LFS], gold[ROWS];
    struct as_lf_votes other = { ROWS, LFS, CLASSES, moved, gold };
    const uint32_t class[CLASSES] = { 2, 0, 1 }, lf[LFS] = { 3, 6, 0, 5, 1, 4, 2 };
    uint32_t row[ROWS];
    struct as_weak_opts o;

    (void)state;
    as_weak_opts_init(&o);
    o.tol = 1e-15;
    o.max_iter = 5000;
    for (uint32_t i = 0; i < ROWS; i++) {
        row[i] = (i * 47 + 11) % ROWS;
        gold[row[i]] = known[i] < 0 ? -1 : (int16_t)class[known[i]];
        for (uint32_t j = 0; j < LFS; j++) {
            int16_t y = votes[i * LFS + j];
            moved[row[i] * LFS + lf[j]] = y < 0 ? -1 : (int16_t)class[y];
        }
    }
    for (size_t k = 0; k < MODELS; k++) {
        struct as_weak_result *a = fit(&in, models[k], &o), *b = fit(&other, models[k], &o);
        alike(a, b, row, class);
        for (uint32_t j = 0; j < LFS; j++)
            assert_true(fabs(a->lf[j].accuracy - b->lf[lf[j]].accuracy) < 1e-6);
        as_weak_free(a);
        as_weak_free(b);
    }
}

static void the_same_input_gives_the_same_bytes_and_a_model_reads_its_own_rows_alike(void **state)
{
    struct as_lf_votes in = shared_input();

    (void)state;
    for (size_t k = 0; k < MODELS; k++) {
        struct as_weak_result *a = fit(&in, models[k], NULL), *b = fit(&in, models[k], NULL), *c;
        assert_memory_equal(a->q, b->q, ROWS * CLASSES * sizeof *a->q);
        assert_memory_equal(a->lf, b->lf, LFS * sizeof *a->lf);
        assert_int_equal(as_weak_apply(a, &in, &c), AS_OK);
        assert_memory_equal(a->q, c->q, ROWS * CLASSES * sizeof *a->q);
        assert_memory_equal(a->label, c->label, ROWS * sizeof *a->label);
        assert_int_equal(a->covered, c->covered);
        assert_int_equal(a->digest, c->digest);
        as_weak_free(a);
        as_weak_free(b);
        as_weak_free(c);
    }
    struct as_weak_result *a = fit(&in, "majority", NULL), *c;
    in.lfs--;
    assert_int_equal(as_weak_apply(a, &in, &c), AS_EINVAL);
    as_weak_free(a);
}

static void the_objective_never_falls_and_is_at_rest_in_the_end(void **state)
{
    struct as_lf_votes in = shared_input();
    struct as_weak_opts o;

    (void)state;
    as_weak_opts_init(&o);
    for (size_t k = 0; k < MODELS; k++) {
        struct as_weak_result *r = fit(&in, models[k], &o);
        assert_true(r->converged);
        for (int t = 1; t < r->trace_n; t++)
            assert_true(r->trace[t] >= r->trace[t - 1] - 1e-9);
        assert_true(k == 1 || k == 3 ? r->trace_n > 1 && r->trace_n == r->iterations
                                     : r->trace_n == 0);
        as_weak_free(r);
        o.max_iter = 2;
        r = fit(&in, models[k], &o);
        assert_int_equal(r->converged, r->trace_n == 0);
        as_weak_free(r);
        o.max_iter = 500;
    }
}

static int stop_at_three(void *arg, int iteration, double objective)
{
    *(double *)arg = objective;
    return iteration == 3;
}

static void a_stopped_fit_keeps_its_last_state(void **state)
{
    struct as_lf_votes in = shared_input();
    struct as_weak_opts o;
    double last = 0;

    (void)state;
    as_weak_opts_init(&o);
    o.progress = stop_at_three;
    o.progress_arg = &last;
    for (size_t k = 1; k < MODELS; k += 2) {
        struct as_weak_result *r = fit(&in, models[k], &o);
        assert_true(r->stopped && !r->converged && r->trace_n == 3);
        assert_true(r->trace[2] == last);
        as_weak_free(r);
    }
}

static void the_balance_is_given_or_counted_or_uniform_and_says_which(void **state)
{
    struct as_lf_votes in = shared_input();
    const double given[CLASSES] = { 1, 2, 1 };
    struct as_weak_opts o;
    double shares[CLASSES] = { 0 }, n = 0;

    (void)state;
    as_weak_opts_init(&o);
    for (size_t i = 0; i < ROWS; i++)
        if (known[i] >= 0) {
            shares[known[i]]++;
            n++;
        }
    struct as_weak_result *r = fit(&in, "triplet", &o);
    assert_int_equal(r->balance_from, AS_BALANCE_GOLD);
    for (uint32_t k = 0; k < CLASSES; k++)
        assert_true(fabs(r->balance[k] - shares[k] / n) < 1e-12);
    as_weak_free(r);
    o.balance = given;
    r = fit(&in, "triplet", &o);
    assert_int_equal(r->balance_from, AS_BALANCE_GIVEN);
    assert_true(fabs(r->balance[1] - .5) < 1e-12);
    as_weak_free(r);
    o.balance = NULL;
    in.gold = NULL;
    r = fit(&in, "triplet", &o);
    assert_int_equal(r->balance_from, AS_BALANCE_UNIFORM);
    assert_true(fabs(r->balance[2] - 1. / 3) < 1e-12);
    as_weak_free(r);
}

static void near_copies_are_one_group_and_share_one_voice(void **state)
{
    struct as_lf_votes in = shared_input();
    struct as_weak_opts o;

    (void)state;
    as_weak_opts_init(&o);
    struct as_weak_result *r = fit(&in, "ds-abstain", &o);
    assert_int_equal(r->lf[5].group, 0);
    assert_int_equal(r->lf[0].group_size, 2);
    assert_int_equal(r->lf[5].group_size, 2);
    assert_int_equal(r->lf[1].group_size, 1);
    as_weak_free(r);
    o.alike = 1;
    r = fit(&in, "ds-abstain", &o);
    assert_int_equal(r->lf[5].group_size, 1);
    as_weak_free(r);
}

/* ------------------------------------------------------------------ planted functions */

#define MANY 4000

/* Functions of accuracy .6 … .9 that vote on 30 to 80 % of the rows. */
static void plant(uint32_t lfs, uint32_t classes, uint64_t seed, int16_t *vote, int16_t *truth)
{
    for (uint32_t i = 0; i < MANY; i++) {
        truth[i] = (int16_t)(as_uniform(seed, 1, i) * classes);
        for (uint32_t j = 0; j < lfs; j++) {
            double right = .6 + .3 * j / (lfs - 1.), covers = .3 + .5 * (j * 7 % lfs) / lfs;
            int16_t wrong = (int16_t)((truth[i] + 1 + (int)(as_uniform(seed, 4 + 3 * j, i)
                                                            * (classes - 1))) % (int)classes);
            int16_t y = as_uniform(seed, 2 + 3 * j, i) < right ? truth[i] : wrong;
            vote[i * lfs + j] = as_uniform(seed, 3 + 3 * j, i) < covers ? y : -1;
        }
    }
}

static double accuracy(const struct as_weak_result *r, const int16_t *truth)
{
    double right = 0;

    for (size_t i = 0; i < r->rows; i++)
        right += r->label[i] == truth[i];
    return right / (double)r->rows;
}

static void label_models_beat_the_majority_of_ten_planted_functions(void **state)
{
    static int16_t vote[MANY * 10], truth[MANY];

    (void)state;
    for (uint32_t classes = 2; classes <= 4; classes += 2) {
        struct as_lf_votes in = { MANY, 10, classes, vote, NULL };
        plant(10, classes, 5, vote, truth);
        struct as_weak_result *majority = fit(&in, "majority", NULL);
        for (size_t k = 1; k < MODELS; k++) {
            struct as_weak_result *r = fit(&in, models[k], NULL);
            double gain = accuracy(r, truth) - accuracy(majority, truth);
            if (gain < (classes == 2 ? .01 : .004))
                print_error("%s, %u classes: gain %.4f\n", models[k], classes, gain);
            assert_true(gain >= (classes == 2 ? .01 : .004));
            for (uint32_t j = 0; j < 10; j++)
                assert_true(fabs(r->lf[j].accuracy - (.6 + .3 * j / 9.)) < .05);
            as_weak_free(r);
        }
        as_weak_free(majority);
    }
}

/* 2,000 intervals of planted accuracies, the truth unknown to the models. */
static void intervals_of_accuracies_cover_them(void **state)
{
    static int16_t vote[MANY * 10], truth[MANY];
    struct as_lf_votes in = { 1000, 10, 2, vote, NULL };

    (void)state;
    for (size_t k = 1; k < MODELS; k++) {
        int covered = 0;
        for (uint64_t run = 0; run < 200; run++) {
            plant(10, 2, 10000 * run, vote, truth);   /* a seed is an offset, too */
            struct as_weak_result *r = fit(&in, models[k], NULL);
            for (uint32_t j = 0; j < 10; j++) {
                double right = .6 + .3 * j / 9.;
                covered += r->lf[j].lo <= right && right <= r->lf[j].hi;
            }
            as_weak_free(r);
        }
        if (covered < 1860 || covered > 1940)
            print_error("%s: %d of 2000\n", models[k], covered);
        assert_in_range(covered, 1860, 1940);
    }
}

static void a_function_known_to_mislead_counts_against_itself(void **state)
{
    static int16_t vote[MANY * 5], truth[MANY];
    struct as_lf_votes in = { MANY, 5, 2, vote, truth };

    (void)state;
    plant(5, 2, 9, vote, truth);
    for (size_t i = 0; i < MANY; i++)
        if (vote[i * 5] >= 0)
            vote[i * 5] = 1 - vote[i * 5];
    struct as_weak_result *r = fit(&in, "triplet", NULL);
    assert_true(r->param[0] < 0 && r->lf[0].accuracy < .45 && r->lf[0].weight < 0);
    as_weak_free(r);
    in.gold = NULL;
    r = fit(&in, "triplet", NULL);
    assert_true(r->param[0] > 0);       /* nothing tells the model, but the table shows it */
    assert_true(r->lf[0].accuracy < .5);
    as_weak_free(r);
}

static void above_a_hundred_functions_pairs_are_sampled_by_the_seed(void **state)
{
    static int16_t vote[MANY * 120], truth[MANY];
    struct as_lf_votes in = { MANY, 120, 2, vote, NULL };

    (void)state;
    plant(120, 2, 11, vote, truth);
    struct as_weak_result *a = fit(&in, "triplet", NULL), *b = fit(&in, "triplet", NULL);
    assert_memory_equal(a->lf, b->lf, 120 * sizeof *a->lf);
    for (uint32_t j = 0; j < 120; j++)
        assert_true(fabs(a->lf[j].accuracy - (.6 + .3 * j / 119.)) < .05);
    as_weak_free(a);
    as_weak_free(b);
}

/* ------------------------------------------------------------------ odd input */

/* No NaN, rows sum to one, and every label is a class or -1. */
static void is_proper(const struct as_weak_result *r)
{
    for (size_t i = 0; i < r->rows; i++) {
        double sum = 0;
        for (uint32_t k = 0; k < r->classes; k++)
            sum += (double)r->q[i * r->classes + k];
        assert_true(fabs(sum - 1) < 1e-5);
        assert_true(r->confidence[i] >= 0 && r->confidence[i] <= 1 && r->margin[i] >= 0);
        assert_true(r->label[i] >= -1 && r->label[i] < (int)r->classes);
    }
    for (uint32_t j = 0; j < r->lfs; j++)
        assert_true(r->lf[j].accuracy >= 0 && r->lf[j].accuracy <= 1 && isfinite(r->lf[j].weight)
                    && r->lf[j].lo >= 0 && r->lf[j].hi <= 1);
}

static void odd_matrices_get_an_answer(void **state)
{
    static int16_t none[40], same[40], one_pole[40];
    memset(none, 0xff, sizeof none);
    for (int i = 0; i < 40; i++)
        one_pole[i] = i % 3 ? 1 : -1;
    const struct as_lf_votes odd[] = {
        { 0, 4, 2, NULL, NULL },            /* no rows */
        { 10, 4, 2, none, NULL },           /* all abstain */
        { 10, 4, 1, same, NULL },           /* one class */
        { 10, 4, 2, same, NULL },           /* unanimous, one class never named */
        { 40, 1, 2, one_pole, NULL },       /* one function of one class */
        { 1, 40, 3, one_pole, NULL },       /* one row */
        { 20, 2, 200, one_pole, NULL },     /* classes nobody names */
    };

    (void)state;
    for (size_t c = 0; c < sizeof odd / sizeof *odd; c++)
        for (size_t k = 0; k < MODELS; k++) {
            struct as_weak_result *r = fit(&odd[c], models[k], NULL);
            struct as_lf_table *t;
            is_proper(r);
            for (size_t i = 0; c == 1 && i < r->rows; i++)
                assert_true(r->label[i] == -1 && r->flags[i] == AS_NO_VOTES
                            && fabs(r->confidence[i] - .5) < 1e-12);
            as_weak_free(r);
            assert_int_equal(as_lf_table(&odd[c], &t), AS_OK);
            as_lf_table_free(t);
        }
}

static void wrong_input_is_refused_by_name(void **state)
{
    const int16_t vote[] = { 0, 1, -1, 1 }, bad[] = { 0, 2, -1, 1 }, low[] = { 0, -2, 1, 1 };
    const int16_t gold[] = { 0, 5 };
    const double balance[] = { 1, NAN }, zero[] = { 1, 0 };
    struct as_lf_votes in = { 2, 2, 2, vote, NULL };
    struct as_weak_result *r;
    struct as_lf_table *t;
    struct as_weak_opts o;

    (void)state;
#define REFUSED(code) do { \
        assert_int_equal(as_weak(&in, "metal", &o, &r), (code)); \
        assert_null(r); \
        as_weak_opts_init(&o); \
        in = (struct as_lf_votes){ 2, 2, 2, vote, NULL }; \
    } while (0)
    as_weak_opts_init(&o);
    in.vote = bad;                      REFUSED(AS_EINVAL);
    in.vote = low;                      REFUSED(AS_EINVAL);
    in.vote = NULL;                     REFUSED(AS_EINVAL);
    in.gold = gold;                     REFUSED(AS_EINVAL);
    in.classes = 0;                     REFUSED(AS_EINVAL);
    in.lfs = 0;                         REFUSED(AS_EINVAL);
    in.classes = 40000;                 REFUSED(AS_EINVAL);
    in.lfs = AS_LFS_MAX + 1;            REFUSED(AS_ETOOBIG);
    in.classes = 5000;                  REFUSED(AS_ETOOBIG);
    o.balance = balance;                REFUSED(AS_EINVAL);
    o.balance = zero;                   REFUSED(AS_EINVAL);
    o.accuracy = .5;                    REFUSED(AS_EINVAL);
    o.accuracy = 1;                     REFUSED(AS_EINVAL);
    o.mass = NAN;                       REFUSED(AS_EINVAL);
    o.mass = -2;                        REFUSED(AS_EINVAL);
    o.tol = -1;                         REFUSED(AS_EINVAL);
    o.max_iter = 0;                     REFUSED(AS_EINVAL);
    o.alike = 0;                        REFUSED(AS_EINVAL);
    o.level = 1;                        REFUSED(AS_EINVAL);
    in.vote = bad;
    assert_int_equal(as_lf_table(&in, &t), AS_EINVAL);
    assert_null(t);
}

/* Matrices without sense, of many shapes: nothing but proper answers. */
static void noise_of_any_shape_gets_proper_answers(void **state)
{
    static int16_t vote[60 * 12], gold[60];

    (void)state;
    for (uint32_t run = 0; run < 300; run++) {
        struct as_lf_votes in = { (size_t)(as_uniform(1000 * run, 0, 0) * 60),
                                  1 + (uint32_t)(as_uniform(1000 * run, 0, 1) * 12),
                                  1 + (uint32_t)(as_uniform(1000 * run, 0, 2) * 5), vote, gold };
        double covers = as_uniform(1000 * run, 0, 3);
        for (uint32_t c = 0; c < in.rows * in.lfs; c++) {
            int16_t y = (int16_t)(as_uniform(1000 * run, 1, c) * in.classes);
            vote[c] = as_uniform(1000 * run, 2, c) < covers ? y : -1;
        }
        for (uint32_t i = 0; i < in.rows; i++)
            gold[i] = as_uniform(1000 * run, 3, i) > .2 ? -1
                      : (int16_t)(as_uniform(1000 * run, 4, i) * in.classes);
        for (size_t k = 0; k < MODELS; k++) {
            struct as_weak_opts o;
            as_weak_opts_init(&o);
            o.clamp_gold = run % 2;
            o.mass = run % 3 ? -1 : 0;
            o.accuracy = .95;
            struct as_weak_result *r = fit(&in, models[k], &o);
            is_proper(r);
            for (size_t i = 0; o.clamp_gold && i < in.rows; i++)
                assert_true(gold[i] < 0 || (r->label[i] == gold[i] && r->flags[i] == AS_GOLD));
            as_weak_free(r);
        }
    }
}

static void a_tie_is_marked_and_may_stay_open(void **state)
{
    const int16_t vote[] = { 0, 1, 1, 1 };
    struct as_lf_votes in = { 2, 2, 2, vote, NULL };
    struct as_weak_opts o;

    (void)state;
    as_weak_opts_init(&o);
    struct as_weak_result *r = fit(&in, "majority", &o);
    assert_int_equal(r->label[0], 0);
    assert_int_equal(r->flags[0], AS_TIED);
    assert_int_equal(r->flags[1], 0);
    as_weak_free(r);
    o.ties = AS_TIE_UNDECIDED;
    r = fit(&in, "majority", &o);
    assert_int_equal(r->label[0], -1);
    assert_int_equal(r->label[1], 1);
    as_weak_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(the_table_equals_the_published_vector),
        UNIT(every_model_equals_its_golden_folder),
        UNIT(the_registry_describes_what_as_weak_runs),
        UNIT(neither_rows_nor_functions_nor_classes_have_an_order),
        UNIT(the_same_input_gives_the_same_bytes_and_a_model_reads_its_own_rows_alike),
        UNIT(the_objective_never_falls_and_is_at_rest_in_the_end),
        UNIT(a_stopped_fit_keeps_its_last_state),
        UNIT(the_balance_is_given_or_counted_or_uniform_and_says_which),
        UNIT(near_copies_are_one_group_and_share_one_voice),
        UNIT(label_models_beat_the_majority_of_ten_planted_functions),
        UNIT(intervals_of_accuracies_cover_them),
        UNIT(a_function_known_to_mislead_counts_against_itself),
        UNIT(above_a_hundred_functions_pairs_are_sampled_by_the_seed),
        UNIT(odd_matrices_get_an_answer),
        UNIT(wrong_input_is_refused_by_name),
        UNIT(noise_of_any_shape_gets_proper_answers),
        UNIT(a_tie_is_marked_and_may_stay_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
