/* What the statistics room promises of wrong labels, CROWDLAB, calibration and comparisons. */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/annotary_stats.h"

#define N 120
#define K 4

static double p[N * K];
static uint16_t given[N], truth[N];

static FILE *golden(const char *name)
{
    char path[512], line[512];

    snprintf(path, sizeof path, "%s/tests/golden/stats/noise/%s", getenv("ANNOTARY_SOURCE"), name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));       /* the header */
    return f;
}

static struct as_probs shared_input(const uint16_t *label)
{
    FILE *f = golden("pred_probs.csv");
    unsigned t, g, z, n = 0;
    double *to = p;

    for (; fscanf(f, "%u,%u,%u,%lf,%lf,%lf,%lf", &t, &g, &z, to, to + 1, to + 2, to + 3) == 7;
         n++) {
        given[n] = (uint16_t)g;
        truth[n] = (uint16_t)z;
        to += K;
    }
    fclose(f);
    assert_int_equal(n, N);
    return (struct as_probs){ .n = N, .classes = K, .p = p, .label = label };
}

static void near(double got, double want)
{
    if (!(fabs(got - want) < 2e-9))
        print_error("%.10f, golden %.10f\n", got, want);
    assert_true(fabs(got - want) < 2e-9);
}

/* ------------------------------------------------------------------ golden folders */

static void joint_counts_equal_their_golden_folder(void **state)
{
    struct as_probs in = shared_input(given);
    double threshold[K], want;
    uint64_t joint[K * K], calibrated[K * K];
    size_t errors, off = 0;
    unsigned s, x;

    (void)state;
    assert_int_equal(as_noise_joint(&in, threshold, joint, calibrated, &errors), AS_OK);
    FILE *f = golden("confident-learning/expected-joint.csv");
    for (unsigned row = 0; row < K; row++) {
        assert_int_equal(fscanf(f, "%u,%lf", &s, &want), 2);
        near(threshold[s], want);
        for (unsigned k = 0; k < 2 * K; k++) {
            assert_int_equal(fscanf(f, ",%u", &x), 1);
            assert_int_equal(k < K ? joint[s * K + k] : calibrated[s * K + k - K], x);
            off += k < K && k != s ? x : 0;
        }
    }
    fclose(f);
    assert_int_equal(errors, off);
    assert_int_equal(as_noise_joint(&in, NULL, NULL, NULL, NULL), AS_OK);
}

static void scores_and_filters_equal_their_golden_folder(void **state)
{
    struct as_probs in = shared_input(given);
    static double score[3][N];
    static uint8_t found[AS_NOISE_FILTERS][N];
    unsigned t, x, rows = 0;
    double want;

    (void)state;
    for (int k = 0; k < 3; k++)
        assert_int_equal(as_noise_score(&in, (enum as_noise_score)k, score[k]), AS_OK);
    for (unsigned k = 0; k < AS_NOISE_FILTERS; k++) {
        size_t count, sum = 0;
        assert_true(strlen(as_noise_filter(k)->about) > 60);
        assert_int_equal(as_noise_find(&in, (enum as_noise_filter)k, found[k], &count), AS_OK);
        for (unsigned i = 0; i < N; i++)
            sum += found[k][i];
        assert_int_equal(sum, count);
    }
    assert_null(as_noise_filter(AS_NOISE_FILTERS));
    FILE *f = golden("confident-learning/expected.csv");
    for (; fscanf(f, "%u", &t) == 1; rows++) {
        for (int k = 0; k < 3; k++) {
            assert_int_equal(fscanf(f, ",%lf", &want), 1);
            near(score[k][t], want);
        }
        for (int k = 0; k < AS_NOISE_FILTERS; k++) {
            assert_int_equal(fscanf(f, ",%u", &x), 1);
            if (found[k][t] != x)
                print_error("%s, row %u\n", as_noise_filter((unsigned)k)->id, t);
            assert_int_equal(found[k][t], x);
        }
    }
    fclose(f);
    assert_int_equal(rows, N);
}

static struct as_votes *crowd_read(uint32_t tasks)
{
    static uint32_t task[1000], worker[1000];
    static uint16_t label[1000];
    struct as_labels in = { .tasks = tasks, .workers = 6, .classes = K, .task = task,
                            .worker = worker, .label = label };
    struct as_votes *v;
    unsigned t, w, y;
    FILE *f = golden("crowdlab/labels.csv");

    for (; fscanf(f, "%u,%u,%u", &t, &w, &y) == 3; in.n++) {
        assert_true(in.n < 1000);
        task[in.n] = t;
        worker[in.n] = w;
        label[in.n] = (uint16_t)y;
    }
    fclose(f);
    assert_int_equal(as_votes_new(&in, AS_REJECT, &v, NULL), AS_OK);
    return v;
}

static void crowdlab_equals_its_golden_folder(void **state)
{
    struct as_probs in = shared_input(given);
    struct as_votes *v = crowd_read(N);
    struct as_crowdlab *c;
    char line[128];
    unsigned rows = 0, j, n;
    double quality, agreement, weight;

    (void)state;
    assert_int_equal(as_crowdlab(v, in.p, &c), AS_OK);
    FILE *f = golden("crowdlab/expected.csv");
    for (; fgets(line, sizeof line, f); rows++) {
        char *at = strchr(line, ',') + 1;
        assert_int_equal(c->label[rows], *at == ',' ? AS_ABSTAIN : atoi(at));
        assert_int_equal(c->flags[rows], *at == ',' ? AS_NO_VOTES : 0);
        near(c->quality[rows], atof(strchr(at, ',') + 1));
    }
    fclose(f);
    assert_int_equal(rows, N);
    f = golden("crowdlab/expected-workers.csv");
    for (rows = 0; fscanf(f, "%u,%u,%lf,%lf,%lf", &j, &n, &quality, &agreement, &weight) == 5;
         rows++) {
        assert_int_equal(c->worker[j].n, n);
        near(c->worker[j].quality, quality);
        near(c->worker[j].agreement, agreement);
        near(c->worker[j].weight, weight);
    }
    fclose(f);
    assert_int_equal(rows, 6);
    as_crowdlab_free(c);
    as_votes_free(v);
}

static double figure(const char *file, const char *what)
{
    char line[128];
    FILE *f = golden(file);
    double value = NAN;
    size_t n = strlen(what);

    while (fgets(line, sizeof line, f))
        if (strncmp(line, what, n) == 0 && line[n] == ',')
            value = atof(line + n + 1);
    fclose(f);
    assert_true(!isnan(value));
    return value;
}

static void calibration_equals_its_golden_folder(void **state)
{
    struct as_probs in = shared_input(truth);
    struct as_calibration c;
    struct as_bin bin[10];
    double lo, hi, confidence, accuracy;
    unsigned n, b = 0;

    (void)state;
    assert_int_equal(as_calibrate(&in, 10, 0, bin, &c), AS_OK);
    FILE *f = golden("calibration/expected.csv");
    for (; fscanf(f, "%lf,%lf,%u,%lf,%lf", &lo, &hi, &n, &confidence, &accuracy) == 5; b++) {
        near(bin[b].lo, lo);
        near(bin[b].hi, hi);
        assert_int_equal(bin[b].n, n);
        near(bin[b].confidence, confidence);
        near(bin[b].accuracy, accuracy);
        assert_true(bin[b].low >= 0 && bin[b].high <= 1);
        assert_true(!n || (bin[b].low <= accuracy && accuracy <= bin[b].high));
    }
    fclose(f);
    assert_int_equal(b, 10);
#define SAME(what) near(c.what, figure("calibration/expected-figures.csv", #what))
    SAME(ece);
    SAME(mce);
    SAME(brier);
    SAME(log_loss);
    SAME(accuracy);
    SAME(confidence);
#undef SAME
}

static void mcnemar_equals_its_golden_folder(void **state)
{
    struct as_probs in = shared_input(truth);
    struct as_comparison c;
    uint16_t first[N];

    (void)state;
    for (size_t i = 0; i < N; i++) {
        first[i] = 0;
        for (uint16_t k = 1; k < K; k++)
            if (in.p[i * K + k] > in.p[i * K + first[i]])
                first[i] = k;
    }
    assert_int_equal(as_compare(first, given, truth, N, NULL, &c), AS_OK);
#define SAME(what) near((double)c.what, figure("compare/expected.csv", #what))
    SAME(only_a);
    SAME(only_b);
    SAME(difference);
    SAME(exact_p);
    SAME(mid_p);
    SAME(chi2);
    SAME(chi2_p);
#undef SAME
}

/* ------------------------------------------------------------------ the public digits set */

#define DIGITS 1797
static double digit_p[DIGITS * 10];
static uint16_t digit_given[DIGITS], digit_true[DIGITS];

/* Rows of task,[given,]true,p0 … p9. */
static int digits_read(const char *name, int with_given)
{
    char path[512], line[512];
    size_t n = 0;

    snprintf(path, sizeof path, "%s/data/noisy/digits/%s", getenv("ANNOTARY_TESTDATA"), name);
    FILE *f = fopen(path, "r");
    if (!f)
        return 0;
    assert_non_null(fgets(line, sizeof line, f));
    for (; fgets(line, sizeof line, f); n++) {
        char *at = line;
        assert_true(n < DIGITS);
        strsep(&at, ",");
        if (with_given)
            digit_given[n] = (uint16_t)atoi(strsep(&at, ","));
        digit_true[n] = (uint16_t)atoi(strsep(&at, ","));
        for (size_t k = 0; k < 10; k++)
            digit_p[n * 10 + k] = atof(strsep(&at, ","));
    }
    fclose(f);
    assert_int_equal(n, DIGITS);
    return 1;
}

static const struct {
    size_t count, sum, first[20];
    double precision, recall;
} reference[AS_NOISE_FILTERS] = {
    { 142, 126281, { 3, 4, 5, 16, 31, 65, 70, 73, 85, 101, 112, 140, 146, 154, 166, 168, 170, 180,
                     193, 199 }, .8873, .8811 },
    { 135, 119831, { 3, 4, 31, 65, 70, 73, 85, 86, 95, 112, 140, 146, 154, 166, 168, 170, 180, 193,
                     199, 211 }, .9333, .8811 },
    { 122, 106955, { 3, 4, 31, 65, 70, 73, 85, 112, 140, 146, 154, 166, 168, 170, 180, 193, 199,
                     211, 221, 264 }, .9508, .8112 },
    { 108, 94251, { 3, 4, 31, 65, 70, 73, 85, 95, 112, 140, 146, 154, 166, 168, 180, 193, 199, 221,
                    264, 266 }, .9630, .7273 },
    { 224, 200948, { 3, 4, 5, 16, 31, 37, 65, 69, 70, 73, 85, 86, 87, 92, 95, 101, 106, 112, 123,
                     127 }, .6295, .9860 },
    { 108, 97431, { 3, 4, 65, 70, 73, 85, 112, 140, 146, 154, 166, 168, 180, 193, 199, 221, 264,
                    266, 287, 288 }, .9815, .7413 },
    { 108, 88151, { 3, 4, 5, 16, 65, 70, 85, 101, 112, 140, 146, 154, 166, 168, 170, 180, 193, 199,
                    211, 221 }, .9630, .7273 },
};

static const uint64_t reference_calibrated[100] = {
    158, 4, 1, 0, 0, 1, 0, 0, 0, 8,     10, 168, 0, 1, 0, 0, 2, 0, 4, 0,
    0, 3, 162, 1, 3, 1, 0, 1, 0, 2,     4, 1, 6, 169, 1, 0, 0, 0, 1, 0,
    0, 0, 0, 11, 163, 1, 0, 0, 0, 0,    0, 1, 0, 0, 11, 170, 0, 0, 1, 1,
    2, 1, 1, 0, 1, 7, 170, 3, 0, 1,     0, 1, 0, 0, 0, 0, 11, 163, 1, 0,
    1, 3, 2, 0, 0, 0, 0, 11, 159, 0,    1, 1, 0, 3, 1, 0, 2, 2, 7, 171,
};
static const uint64_t reference_joint[100] = {
    123, 3, 1, 0, 0, 1, 0, 0, 0, 6,     7, 119, 0, 1, 0, 0, 1, 0, 3, 0,
    0, 2, 113, 1, 2, 1, 0, 1, 0, 1,     3, 1, 4, 125, 1, 0, 0, 0, 1, 0,
    0, 0, 0, 8, 121, 1, 0, 0, 0, 0,     0, 1, 0, 0, 8, 128, 0, 0, 1, 1,
    2, 1, 1, 0, 1, 6, 144, 2, 0, 1,     0, 1, 0, 0, 0, 0, 8, 126, 1, 0,
    1, 2, 1, 0, 0, 0, 0, 7, 102, 0,     1, 1, 0, 2, 1, 0, 1, 1, 5, 121,
};

static void every_filter_finds_what_the_reference_found_on_digits(void **state)
{
    static uint8_t found[DIGITS];
    struct as_probs in = { DIGITS, 10, digit_p, digit_given };
    uint64_t joint[100], calibrated[100];
    size_t errors, count;

    (void)state;
    if (!digits_read("pred_probs.csv", 1)) {
        print_message("skipped: no real data\n");
        skip();
    }
    assert_int_equal(as_noise_joint(&in, NULL, joint, calibrated, &errors), AS_OK);
    assert_memory_equal(joint, reference_joint, sizeof joint);
    assert_memory_equal(calibrated, reference_calibrated, sizeof calibrated);
    assert_int_equal(errors, 108);
    for (unsigned k = 0; k < AS_NOISE_FILTERS; k++) {
        size_t sum = 0, seen = 0, right = 0, flipped = 0;
        assert_int_equal(as_noise_find(&in, (enum as_noise_filter)k, found, &count), AS_OK);
        assert_int_equal(count, reference[k].count);
        for (size_t i = 0; i < DIGITS; i++) {
            flipped += digit_given[i] != digit_true[i];
            if (!found[i])
                continue;
            if (seen < 20)
                assert_int_equal(i, reference[k].first[seen]);
            seen++;
            sum += i;
            right += digit_given[i] != digit_true[i];
        }
        assert_int_equal(sum, reference[k].sum);
        assert_true(fabs((double)right / (double)count - reference[k].precision) < 5e-5);
        assert_true(fabs((double)right / (double)flipped - reference[k].recall) < 5e-5);
    }
}

static void every_score_has_the_mean_of_the_reference_on_digits(void **state)
{
    static const struct { double mean, first[5]; } want[3] = {
        { .72996709, { .91422009, .94459006, .86942713, .02395900, .00419700 } },
        { .78610970, { .93912357, .96459054, .88889911, .07027600, .03834947 } },
        { .77952872, { .90608743, .93270125, .89330165, .23164332, .09230188 } },
    };
    static double score[DIGITS];
    static size_t order[DIGITS];
    struct as_probs in = { DIGITS, 10, digit_p, digit_given };
    size_t n;

    (void)state;
    if (!digits_read("pred_probs.csv", 1)) {
        print_message("skipped: no real data\n");
        skip();
    }
    for (unsigned k = 0; k < 3; k++) {
        double sum = 0;
        assert_int_equal(as_noise_score(&in, (enum as_noise_score)k, score), AS_OK);
        for (size_t i = 0; i < DIGITS; i++)
            sum += score[i];
        assert_true(fabs(sum / DIGITS - want[k].mean) < 1e-8);
        for (size_t i = 0; i < 5; i++)
            assert_true(fabs(score[i] - want[k].first[i]) < 1e-8);
        assert_int_equal(as_noise_rank(score, NULL, DIGITS, order, &n), AS_OK);
        assert_int_equal(n, DIGITS);
        for (size_t i = 1; i < n; i++)
            assert_true(score[order[i - 1]] <= score[order[i]]);
    }
}

static struct as_votes *digit_labels(void)
{
    static uint32_t task[6000], worker[6000];
    static uint16_t label[6000];
    char path[512], line[64];
    struct as_labels in = { .tasks = DIGITS, .workers = 8, .classes = 10, .task = task,
                            .worker = worker, .label = label };
    struct as_votes *v;
    unsigned t, w, y;

    snprintf(path, sizeof path, "%s/data/noisy/digits/crowdlab_labels.csv",
             getenv("ANNOTARY_TESTDATA"));
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    for (; fscanf(f, "%u,a%u,%u", &t, &w, &y) == 3; in.n++) {
        task[in.n] = t;
        worker[in.n] = w;
        label[in.n] = (uint16_t)y;
    }
    fclose(f);
    assert_int_equal(in.n, 5737);
    assert_int_equal(as_votes_new(&in, AS_KEEP_LAST, &v, NULL), AS_OK);
    return v;
}

static void crowdlab_equals_the_reference_on_digits(void **state)
{
    static const double first[5] = { .466927, .776659, .504992, .521748, .633076 };
    static const double people[8] = { .467438, .511400, .537852, .590903, .631257, .680709,
                                      .732467, .776944 };
    struct as_crowdlab *c;
    double right = 0, quality = 0;

    (void)state;
    if (!digits_read("crowdlab_pred_probs.csv", 0)) {
        print_message("skipped: no real data\n");
        skip();
    }
    struct as_votes *v = digit_labels();
    assert_int_equal(as_crowdlab(v, digit_p, &c), AS_OK);
    for (size_t i = 0; i < DIGITS; i++) {
        right += c->label[i] == digit_true[i];
        quality += c->quality[i];
    }
    assert_true(fabs(right / DIGITS - .9761) < 5e-5);
    assert_true(fabs(quality / DIGITS - .641291) < 1e-6);
    for (size_t i = 0; i < 5; i++)
        assert_true(fabs(c->quality[i] - first[i]) < 1e-6);
    for (size_t j = 0; j < 8; j++)
        assert_true(fabs(c->worker[j].quality - people[j]) < 1e-6);
    as_crowdlab_free(c);
    as_votes_free(v);
}

/* ------------------------------------------------------------------ laws */

static void the_order_of_rows_changes_no_count(void **state)
{
    struct as_probs in = shared_input(given);
    static double q[N * K];
    static uint16_t label[N];
    struct as_probs other = { N, K, q, label };
    uint8_t a[N], b[N];

    (void)state;
    for (size_t i = 0; i < N; i++) {
        size_t to = (i * 47 + 5) % N;
        memcpy(q + to * K, p + i * K, K * sizeof *q);
        label[to] = given[i];
    }
    for (unsigned k = 0; k < AS_NOISE_FILTERS; k++) {
        assert_int_equal(as_noise_find(&in, (enum as_noise_filter)k, a, NULL), AS_OK);
        assert_int_equal(as_noise_find(&other, (enum as_noise_filter)k, b, NULL), AS_OK);
        for (size_t i = 0; i < N; i++)
            assert_int_equal(a[i], b[(i * 47 + 5) % N]);
    }
}

static void calibrated_rows_keep_their_sums(void **state)
{
    struct as_probs in = shared_input(given);
    uint64_t calibrated[K * K];
    size_t all = 0;

    (void)state;
    assert_int_equal(as_noise_joint(&in, NULL, NULL, calibrated, NULL), AS_OK);
    for (unsigned s = 0; s < K; s++) {
        size_t sum = 0, want = 0;
        for (unsigned k = 0; k < K; k++)
            sum += calibrated[s * K + k];
        for (size_t i = 0; i < N; i++)
            want += given[i] == s;
        assert_int_equal(sum, want);
        all += sum;
    }
    assert_int_equal(all, N);
}

static void bins_of_equal_numbers_hold_equal_numbers(void **state)
{
    struct as_probs in = shared_input(truth);
    struct as_bin bin[8];
    struct as_calibration c;

    (void)state;
    assert_int_equal(as_calibrate(&in, 8, 1, bin, &c), AS_OK);
    for (unsigned b = 0; b < 8; b++) {
        assert_int_equal(bin[b].n, N / 8);
        assert_true(bin[b].lo <= bin[b].confidence && bin[b].confidence <= bin[b].hi);
    }
    assert_true(c.ece <= c.mce && c.mce <= 1);
}

/* Answers drawn with the probability they claim are calibrated. */
static void a_model_that_says_what_it_knows_has_next_to_no_calibration_error(void **state)
{
    static double q[20000 * 2];
    static uint16_t z[20000];
    struct as_probs in = { 20000, 2, q, z };
    struct as_calibration c;

    (void)state;
    for (uint32_t i = 0; i < 20000; i++) {
        q[2 * i] = .5 + as_uniform(3, 1, i) / 2;
        q[2 * i + 1] = 1 - q[2 * i];
        z[i] = as_uniform(3, 2, i) >= q[2 * i];
    }
    assert_int_equal(as_calibrate(&in, 15, 0, NULL, &c), AS_OK);
    assert_true(c.ece < .015);
    for (uint32_t i = 0; i < 20000; i++)
        z[i] = as_uniform(3, 2, i) >= .5;               /* and one that brags has much */
    assert_int_equal(as_calibrate(&in, 15, 0, NULL, &c), AS_OK);
    assert_true(c.ece > .2);
}

/* Two models that are equally good: the interval covers no difference in 93 to 97 of a hundred. */
static void the_interval_of_a_difference_covers_it(void **state)
{
    uint16_t a[300], b[300], z[300] = { 0 };
    struct as_compare_opts o;
    int covered = 0, small = 0;

    (void)state;
    as_compare_opts_init(&o);
    o.rounds = 500;
    for (uint32_t run = 0; run < 1000; run++) {
        struct as_comparison c;
        for (uint32_t i = 0; i < 300; i++) {
            int easy = as_uniform(1000 * run, 1, i) < .6;
            a[i] = easy || as_uniform(1000 * run, 2, i) < .5 ? 0 : 1;
            b[i] = easy || as_uniform(1000 * run, 3, i) < .5 ? 0 : 1;
        }
        o.seed = run;
        assert_int_equal(as_compare(a, b, z, 300, &o, &c), AS_OK);
        covered += c.lo <= 0 && 0 <= c.hi;
        small += c.mid_p < .05;
        assert_true(c.lo <= c.difference && c.difference <= c.hi);
        assert_true(c.mid_p <= c.exact_p && c.exact_p <= 1 && c.boot_p > 0 && c.boot_p <= 1);
    }
    assert_in_range(covered, 930, 970);
    assert_in_range(small, 30, 70);
}

static void mcnemar_knows_its_small_cases(void **state)
{
    const uint16_t z[6] = { 0, 0, 0, 0, 0, AS_ABSTAIN }, a[6] = { 0, 0, 0, 0, 0, 0 };
    const uint16_t b[6] = { 1, 1, 1, 1, 1, 1 };
    struct as_comparison c;

    (void)state;
    assert_int_equal(as_compare(a, b, z, 6, NULL, &c), AS_OK);
    assert_int_equal(c.only_a, 5);
    near(c.exact_p, 2 / 32.);
    near(c.mid_p, 1 / 32.);
    near(c.chi2, 16 / 5.);
    near(c.difference, 1);
    assert_int_equal(as_compare(a, a, z, 6, NULL, &c), AS_OK);
    assert_true(c.exact_p == 1 && c.mid_p == 1 && c.chi2_p == 1 && c.boot_p == 1);
    assert_int_equal(as_compare(a, b, z + 5, 1, NULL, &c), AS_EUNDEFINED);
    assert_int_equal(as_compare(NULL, NULL, NULL, 0, NULL, &c), AS_EUNDEFINED);
    assert_int_equal(as_compare(NULL, b, z, 6, NULL, &c), AS_EINVAL);
}

/* ------------------------------------------------------------------ odd input */

static void what_is_no_probability_is_refused(void **state)
{
    static const double bad[][2] = { { NAN, 1 }, { .5, .6 }, { -.1, 1.1 }, { 0, 0 },
                                     { INFINITY, 0 }, { INFINITY, -INFINITY } };
    double good[2] = { .5, .5 }, score[1];
    uint16_t label[1] = { 0 };
    uint8_t found[1];
    struct as_calibration c;

    (void)state;
    for (size_t k = 0; k < sizeof bad / sizeof *bad + 2; k++) {
        int wrong = k < sizeof bad / sizeof *bad;
        struct as_probs in = { 1, 2, wrong ? bad[k] : good, label };
        label[0] = wrong || k % 2 ? 0 : 2;
        int code = wrong || label[0] ? AS_EINVAL : AS_OK;
        assert_int_equal(as_noise_score(&in, AS_SELF_CONFIDENCE, score), code);
        assert_int_equal(as_noise_joint(&in, NULL, NULL, NULL, NULL), code);
        assert_int_equal(as_noise_find(&in, AS_NOISE_BOTH, found, NULL), code);
        assert_int_equal(as_calibrate(&in, 10, 0, NULL, &c), code);
    }
    struct as_probs in = { 1, 2, good, NULL };
    assert_int_equal(as_noise_score(&in, AS_SELF_CONFIDENCE, score), AS_EINVAL);
    in = (struct as_probs){ 1, AS_NOISE_CLASSES_MAX + 1, good, label };
    assert_int_equal(as_noise_score(&in, AS_SELF_CONFIDENCE, score), AS_ETOOBIG);
    in = (struct as_probs){ 1, 0, good, label };
    assert_int_equal(as_noise_score(&in, AS_SELF_CONFIDENCE, score), AS_EINVAL);
    in = (struct as_probs){ 1, 2, good, label };
    assert_int_equal(as_noise_score(&in, (enum as_noise_score)9, score), AS_EINVAL);
    assert_int_equal(as_noise_find(&in, AS_NOISE_FILTERS, found, NULL), AS_EINVAL);
    assert_int_equal(as_calibrate(&in, 0, 0, NULL, &c), AS_EINVAL);
    in.n = 0;
    assert_int_equal(as_calibrate(&in, 10, 0, NULL, &c), AS_EUNDEFINED);
    assert_int_equal(as_noise_find(&in, AS_NOISE_BOTH, found, NULL), AS_OK);
}

static void certain_and_impossible_labels_have_scores(void **state)
{
    const double sure[] = { 1, 0, 1, 0, .5, .5, 1 - 1e-12, 1e-12 };
    const uint16_t label[] = { 0, 1, 1, 1 };
    struct as_probs in = { 4, 2, sure, label };
    double score[4];
    uint8_t found[4];

    (void)state;
    assert_int_equal(as_noise_score(&in, AS_WEIGHTED_ENTROPY, score), AS_OK);
    assert_true(score[0] == 1 && score[1] == 0);
    assert_true(score[2] > .5 && score[2] < 1 && score[3] > 0 && score[3] < .1);
    assert_int_equal(as_noise_score(&in, AS_NORMALIZED_MARGIN, score), AS_OK);
    assert_true(score[0] == 1 && score[1] == 0 && score[2] == .5);
    for (unsigned k = 0; k < AS_NOISE_FILTERS; k++) {
        assert_int_equal(as_noise_find(&in, (enum as_noise_filter)k, found, NULL), AS_OK);
        assert_int_equal(found[0] | found[2], 0);       /* the model doubts neither */
    }
    in.classes = 1;                                     /* one class: nothing can be wrong */
    const double ones[] = { 1, 1, 1, 1 };
    const uint16_t zeros[4] = { 0 };
    in.p = ones;
    in.label = zeros;
    for (unsigned k = 0; k < 3; k++) {
        assert_int_equal(as_noise_score(&in, (enum as_noise_score)k, score), AS_OK);
        assert_true(score[3] >= 0 && score[3] <= 1);
    }
    assert_int_equal(as_noise_find(&in, AS_NOISE_BY_RATE, found, NULL), AS_OK);
}

static void crowdlab_needs_two_labels_somewhere(void **state)
{
    const uint32_t task[] = { 0, 1, 1 }, worker[] = { 0, 0, 1 };
    const uint16_t label[] = { 1, 0, 0 };
    const double q[] = { .2, .8, .6, .4, .5, .5 }, bad[] = { .2, .9, .6, .4, .5, .5 };
    struct as_labels in = { .n = 2, .tasks = 3, .workers = 3, .classes = 2, .task = task,
                            .worker = worker, .label = label };
    struct as_votes *v;
    struct as_crowdlab *c;

    (void)state;
    assert_int_equal(as_votes_new(&in, AS_REJECT, &v, NULL), AS_OK);
    assert_int_equal(as_crowdlab(v, q, &c), AS_EUNFIT);
    assert_null(c);
    as_votes_free(v);
    in.n = 3;
    assert_int_equal(as_votes_new(&in, AS_REJECT, &v, NULL), AS_OK);
    assert_int_equal(as_crowdlab(v, bad, &c), AS_EINVAL);
    assert_int_equal(as_crowdlab(v, NULL, &c), AS_EINVAL);
    assert_int_equal(as_crowdlab(v, q, &c), AS_OK);
    assert_int_equal(c->label[0], 1);
    assert_int_equal(c->label[1], 0);
    assert_int_equal(c->label[2], AS_ABSTAIN);          /* nobody answered: the model's own word */
    near(c->quality[2], .5);
    assert_int_equal(c->worker[2].n, 0);
    as_crowdlab_free(c);
    as_votes_free(v);
    in.n = 0;
    assert_int_equal(as_votes_new(&in, AS_REJECT, &v, NULL), AS_OK);
    assert_int_equal(as_crowdlab(v, q, &c), AS_EUNFIT);
    as_votes_free(v);
}

static void ranking_refuses_what_is_no_number(void **state)
{
    const double score[] = { .3, .1, .3, .2 }, bad[] = { 1, NAN };
    const uint8_t found[] = { 1, 0, 1, 1 };
    size_t order[4], n;

    (void)state;
    assert_int_equal(as_noise_rank(score, found, 4, order, &n), AS_OK);
    assert_int_equal(n, 3);
    assert_int_equal(order[0], 3);
    assert_int_equal(order[1], 0);
    assert_int_equal(order[2], 2);
    assert_int_equal(as_noise_rank(bad, NULL, 2, order, &n), AS_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(joint_counts_equal_their_golden_folder),
        UNIT(scores_and_filters_equal_their_golden_folder),
        UNIT(crowdlab_equals_its_golden_folder),
        UNIT(calibration_equals_its_golden_folder),
        UNIT(mcnemar_equals_its_golden_folder),
        UNIT(every_filter_finds_what_the_reference_found_on_digits),
        UNIT(every_score_has_the_mean_of_the_reference_on_digits),
        UNIT(crowdlab_equals_the_reference_on_digits),
        UNIT(the_order_of_rows_changes_no_count),
        UNIT(calibrated_rows_keep_their_sums),
        UNIT(bins_of_equal_numbers_hold_equal_numbers),
        UNIT(a_model_that_says_what_it_knows_has_next_to_no_calibration_error),
        UNIT(the_interval_of_a_difference_covers_it),
        UNIT(mcnemar_knows_its_small_cases),
        UNIT(what_is_no_probability_is_refused),
        UNIT(certain_and_impossible_labels_have_scores),
        UNIT(crowdlab_needs_two_labels_somewhere),
        UNIT(ranking_refuses_what_is_no_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
