/* The machinery under the label models: descent, pairs of votes, rows that say the same. */
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/as_synth.h"
#include "stats/lbfgs.h"
#include "stats/weak.h"

/* ------------------------------------------------------------------ descent */

static double rosenbrock(void *arg, const double *x, double *g)
{
    double a = 1 - x[0], b = x[1] - x[0] * x[0];

    ++*(int *)arg;
    g[0] = -2 * a - 400 * x[0] * b;
    g[1] = 200 * b;
    return a * a + 100 * b * b;
}

/* sum of 10^(k/20) (x_k - k)^2, k below 50: curvatures three hundredfold apart. */
static double valley(void *arg, const double *x, double *g)
{
    double sum = 0;

    (void)arg;
    for (int k = 0; k < 50; k++) {
        double scale = pow(10, k / 20.), d = x[k] - k;
        sum += scale * d * d;
        g[k] = 2 * scale * d;
    }
    return sum;
}

/* x - ln x, infinite for x <= 0: a step too far must come back. */
static double barrier(void *arg, const double *x, double *g)
{
    (void)arg;
    g[0] = 1 - 1 / x[0];
    return x[0] > 0 ? x[0] - log(x[0]) : INFINITY;
}

static int never_rises(void *arg, double value)
{
    double *last = arg;

    assert_true(value <= *last);
    *last = value;
    return 0;
}

static void descent_finds_the_bottom_of_known_valleys(void **state)
{
    struct as_descent d = { .max_iter = 1000, .slope = 1e-7 };
    double x[50] = { -1.2, 1 };
    int calls = 0;

    (void)state;
    assert_int_equal(as_lbfgs(rosenbrock, &calls, 2, x, &d), AS_OK);
    assert_true(d.converged && fabs(x[0] - 1) < 1e-6 && fabs(x[1] - 1) < 1e-6);
    assert_true(calls < 200);
    memset(x, 0, sizeof x);
    assert_int_equal(as_lbfgs(valley, NULL, 50, x, &d), AS_OK);
    assert_true(d.converged && d.value < 1e-12 && d.iterations < 300);
    x[0] = 1e-3;
    assert_int_equal(as_lbfgs(barrier, NULL, 1, x, &d), AS_OK);
    assert_true(d.converged && fabs(x[0] - 1) < 1e-6);
}

static void descent_never_rises_and_keeps_its_limits(void **state)
{
    double x[50] = { 0 }, last = INFINITY;
    struct as_descent d = { .max_iter = 1000, .slope = 1e-7, .step = never_rises };

    (void)state;
    assert_int_equal(as_lbfgs(valley, &last, 50, x, &d), AS_OK);
    assert_true(d.converged && d.value == last);
    memset(x, 0, sizeof x);
    d = (struct as_descent){ .max_iter = 3 };
    assert_int_equal(as_lbfgs(valley, NULL, 50, x, &d), AS_OK);
    assert_true(!d.converged && d.iterations == 3);
    x[0] = -1;
    assert_int_equal(as_lbfgs(barrier, NULL, 1, x, &d), AS_EINVAL);     /* starts out of bounds */
}

/* ------------------------------------------------------------------ pairs */

#define ROWS 40000              /* more than two blocks, no whole number of words */
#define LFS  5u
#define K    3u

static int16_t vote[(ROWS + 7) * LFS];

static void votes_draw(uint64_t seed, double covers)
{
    for (uint32_t c = 0; c < (ROWS + 7) * LFS; c++)
        vote[c] = as_uniform(seed, 1, c) < covers ? (int16_t)(as_uniform(seed, 2, c) * K) : -1;
}

static void pairs_of_votes_are_counted_exactly(void **state)
{
    static uint32_t count[LFS * K * LFS * K], want[LFS * K * LFS * K];
    struct as_lf_votes in = { ROWS + 7, LFS, K, vote, NULL };
    struct as_column column[LFS * K];
    struct as_pool pool = { 0 };

    (void)state;
    votes_draw(1, .7);
    for (uint32_t c = 0; c < LFS * K; c++)
        column[c] = (struct as_column){ c / K, (int16_t)(c % K) };
    for (size_t i = 0; i < in.rows; i++)
        for (uint32_t a = 0; a < LFS; a++)
            for (uint32_t b = 0; b < LFS; b++) {
                int x = vote[i * LFS + a], y = vote[i * LFS + b];
                size_t from = (size_t)a * K + (size_t)x, to = (size_t)b * K + (size_t)y;
                if (x >= 0 && y >= 0)
                    want[from * LFS * K + to]++;
            }
    assert_int_equal(as_column_pairs(&in, column, LFS * K, &pool, count), AS_OK);
    assert_memory_equal(count, want, sizeof want);
    as_pool_end(&pool);
}

static void rows_that_say_the_same_are_counted_together(void **state)
{
    struct as_lf_votes in = { ROWS, LFS, K, vote, NULL };
    struct as_pool pool = { 0 };
    struct as_patterns seen, again;
    double rows = 0;

    (void)state;
    votes_draw(2, .4);
    assert_int_equal(as_lf_patterns(&in, &pool, &seen), AS_OK);
    assert_true(seen.n <= 1024);                        /* (K + 1)^LFS */
    for (size_t u = 0; u < seen.n; u++) {
        rows += seen.count[u];
        for (size_t w = 0; w < u; w++)
            assert_true(memcmp(seen.vote + u * LFS, seen.vote + w * LFS, LFS * sizeof *vote));
    }
    assert_true(rows == ROWS);
    for (size_t i = 0; i < ROWS / 2; i++)               /* the other way round: the same kinds */
        for (uint32_t j = 0; j < LFS; j++) {
            int16_t *a = &vote[i * LFS + j], *b = &vote[(ROWS - 1 - i) * LFS + j], keep = *a;
            *a = *b;
            *b = keep;
        }
    assert_int_equal(as_lf_patterns(&in, &pool, &again), AS_OK);
    assert_int_equal(again.n, seen.n);
    assert_memory_equal(again.vote, seen.vote, seen.n * LFS * sizeof *vote);
    assert_memory_equal(again.count, seen.count, seen.n * sizeof *seen.count);
    as_pool_end(&pool);
}

/* ------------------------------------------------------------------ groups */

static double jaccard(const struct as_lf_votes *in, uint32_t a, uint32_t b)
{
    double same = 0, all = 0;

    for (size_t i = 0; i < in->rows; i++) {
        int16_t x = in->vote[i * in->lfs + a], y = in->vote[i * in->lfs + b];
        same += x >= 0 && x == y;
        all += (x >= 0) + (y >= 0);
    }
    return all > 0 ? same / (all - same) : 0;
}

static void functions_are_grouped_by_what_they_have_in_common(void **state)
{
    static int16_t near[3000 * LFS];
    struct as_lf_votes in = { 3000, LFS, K, near, NULL };
    struct as_weak_result *r;
    unsigned grouped = 0, apart = 0;

    (void)state;
    for (uint32_t run = 0; run < 40; run++) {
        double slip = .001 * (run + 1);                 /* near the bound, on both sides of it */
        for (uint32_t i = 0; i < 3000; i++)
            for (uint32_t j = 0; j < LFS; j++) {
                int16_t y = (int16_t)(as_uniform(9, 1, i) * K);
                if (as_uniform(10000 * run, 20 + j, i) < slip * (j + 1))
                    y = (int16_t)(as_uniform(10000 * run, 40 + j, i) * (K + 1)) - 1;
                near[i * LFS + j] = y;
            }
        assert_int_equal(as_weak(&in, "ds-abstain", NULL, &r), AS_OK);
        for (uint32_t b = 1; b < LFS; b++)
            for (uint32_t a = 0; a < b; a++) {
                int together = r->lf[a].group == r->lf[b].group;
                if (jaccard(&in, a, b) > .9)
                    assert_true(together);
                grouped += (unsigned)together;
                apart += !together;
            }
        as_weak_free(r);
    }
    assert_true(grouped > 50 && apart > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(descent_finds_the_bottom_of_known_valleys),
        UNIT(descent_never_rises_and_keeps_its_limits),
        UNIT(pairs_of_votes_are_counted_exactly),
        UNIT(rows_that_say_the_same_are_counted_together),
        UNIT(functions_are_grouped_by_what_they_have_in_common),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
