/* Laws that rankings obey whatever the data: renaming, order, copies, threads, and intervals that
   hold the truth as often as they say. */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "stats/annotary_stats.h"
#include "stats/chance.h"
#include "stats/solve.h"

#define ROWS 4000
#define ITEMS 40
#define JUDGES 30
#define STYLES 2

#define near(got, want, within) do { \
        double g_ = (got), w_ = (want); \
        if (!(fabs(g_ - w_) <= (within))) \
            print_error("%s:%d: %.9g, wanted %.9g\n", __FILE__, __LINE__, g_, w_); \
        assert_true(fabs(g_ - w_) <= (within)); \
    } while (0)

static const char *const every[] = { "bt", "bt-davidson", "bt-rao-kupper", "crowd-bt",
                                     "plackett-luce", "elo", "trueskill", "glicko2" };
#define EVERY (sizeof every / sizeof *every)
#define ORDERLESS 5                 /* the first of them do not go by the order of the rows */

struct league {                     /* made-up comparisons, and the truth behind them */
    uint32_t left[ROWS], right[ROWS], judge[ROWS];
    uint8_t outcome[ROWS];
    double x[ROWS * STYLES];
    double theta[ITEMS], quality[JUDGES], home, beta[STYLES];
    struct as_duels in;
};

static struct league one, other;

/* Judges of quality 1 when honest; ties where `tied` of the draws say so. */
static void play(struct league *l, uint64_t seed, size_t rows, double tied, int honest, int style)
{
    struct as_rng g = { .seed = seed };
    double mean = 0;

    for (int i = 0; i < ITEMS; i++)
        mean += l->theta[i] = as_draw_normal(&g);
    for (int i = 0; i < ITEMS; i++)
        l->theta[i] -= mean / ITEMS;
    for (int j = 0; j < JUDGES; j++)
        l->quality[j] = honest ? 1 : as_draw_beta(&g, 10, 1.5);
    l->home = style ? .3 : 0;
    l->beta[0] = style ? .5 : 0;
    l->beta[1] = style ? -.25 : 0;
    for (size_t k = 0; k < rows; k++) {
        double d;
        l->left[k] = (uint32_t)as_draw_below(&g, ITEMS);
        l->right[k] = (uint32_t)((l->left[k] + 1 + as_draw_below(&g, ITEMS - 1)) % ITEMS);
        l->judge[k] = (uint32_t)as_draw_below(&g, JUDGES);
        d = l->theta[l->left[k]] - l->theta[l->right[k]] + l->home;
        for (int s = 0; s < STYLES; s++) {      /* style goes with strength: that is the trouble */
            l->x[k * STYLES + (size_t)s] = as_draw_normal(&g)
                + (s ? 0 : l->theta[l->left[k]] - l->theta[l->right[k]]) / 2;
            d += l->beta[s] * l->x[k * STYLES + (size_t)s];
        }
        if (as_draw(&g) > l->quality[l->judge[k]])
            d = -d;
        l->outcome[k] = as_draw(&g) < 1 / (1 + exp(-d)) ? AS_LEFT : AS_RIGHT;
        if (as_draw(&g) < tied)
            l->outcome[k] = AS_TIE;
    }
    l->in = (struct as_duels){ .n = rows, .items = ITEMS, .judges = JUDGES, .left = l->left,
                               .right = l->right, .judge = l->judge, .outcome = l->outcome,
                               .styles = style ? STYLES : 0, .x = style ? l->x : NULL };
}

static struct as_rank *rank_of(const struct as_duels *in, const char *method,
                               const struct as_rank_opts *o)
{
    struct as_rank *r = NULL;

    assert_int_equal(as_rank(in, method, o, &r), AS_OK);
    assert_true(r->converged);
    return r;
}

/* ------------------------------------------------------------------ the solver under it */

#define SIDE 9

static void a_matrix_of_blocks_is_solved_and_inverted(void **state)
{
    static const uint32_t first[SIDE] = { 0, 0, 0, 0, 4, 4, 4, 0, 0 };  /* 4, 3, and 2 full rows */
    static double a[SIDE * SIDE], l[SIDE * SIDE], inv[SIDE * SIDE];
    struct as_rng g = { .seed = 3 };
    double x[SIDE], d[SIDE];

    (void)state;
    for (size_t i = 0; i < SIDE; i++)
        for (size_t j = first[i]; j <= i; j++)
            a[i * SIDE + j] = a[j * SIDE + i] = i == j ? 5 : as_draw(&g) - .5;
    memcpy(l, a, sizeof l);
    assert_int_equal(as_chol(l, SIDE, first), AS_OK);
    for (size_t i = 0; i < SIDE; i++)
        x[i] = (double)i - 3;
    as_chol_solve(l, SIDE, first, x);
    for (size_t i = 0; i < SIDE; i++)
        near(as_dot(a + i * SIDE, x, SIDE), (double)i - 3, 1e-13);
    as_chol_inverse(l, SIDE, first, inv);
    for (size_t i = 0; i < SIDE; i++)
        for (size_t j = 0; j < SIDE; j++)
            near(as_dot(a + i * SIDE, inv + j * SIDE, SIDE), i == j, 1e-13);
    memcpy(l, a, sizeof l);
    assert_int_equal(as_chol(l, SIDE, NULL), AS_OK);
    as_chol_diagonal(l, SIDE, NULL, d);
    for (size_t i = 0; i < SIDE; i++)
        near(d[i], inv[i * SIDE + i], 1e-13);
    a[SIDE * SIDE - 1] = -1;
    assert_int_equal(as_chol(a, SIDE, first), AS_EUNDEFINED);
}

/* ------------------------------------------------------------------ order and names */

static void the_order_of_rows_items_and_sides_changes_nothing(void **state)
{
    struct as_rng g = { .seed = 5 };
    uint32_t name[ITEMS];

    (void)state;
    play(&one, 1, 1500, .2, 0, 0);
    other = one;
    for (uint32_t i = 0; i < ITEMS; i++)
        name[i] = i;
    for (uint32_t i = ITEMS; i > 1; i--) {
        uint32_t j = (uint32_t)as_draw_below(&g, i), keep = name[j];
        name[j] = name[i - 1];
        name[i - 1] = keep;
    }
    for (size_t k = 0; k < one.in.n; k++) {
        size_t to = (k * 7 + 3) % one.in.n;         /* 1500 has no factor 7 */
        int turn = k % 3 == 0;
        other.left[to] = name[turn ? one.right[k] : one.left[k]];
        other.right[to] = name[turn ? one.left[k] : one.right[k]];
        other.judge[to] = JUDGES - 1 - one.judge[k];
        other.outcome[to] = one.outcome[k] == AS_TIE || !turn ? one.outcome[k]
                          : one.outcome[k] == AS_LEFT ? AS_RIGHT : AS_LEFT;
    }
    other.in = one.in;
    other.in.left = other.left;
    other.in.right = other.right;
    other.in.judge = other.judge;
    other.in.outcome = other.outcome;
    for (size_t m = 0; m < ORDERLESS; m++) {
        struct as_rank *a = rank_of(&one.in, every[m], NULL);
        struct as_rank *b = rank_of(&other.in, every[m], NULL);
        double within = m == 3 ? 1e-3 : 1e-6;       /* EM stops where it is nearly flat */
        for (uint32_t i = 0; i < ITEMS; i++) {
            near(b->item[name[i]].theta, a->item[i].theta, within);
            near(b->item[name[i]].se, a->item[i].se, within);
        }
        for (uint32_t j = 0; a->judge && j < JUDGES; j++)
            near(b->judge[JUDGES - 1 - j].quality, a->judge[j].quality, 1e-3);
        as_rank_free(a);
        as_rank_free(b);
    }
}

static void a_weight_of_two_is_two_rows(void **state)
{
    static float two[ROWS];

    (void)state;
    play(&one, 2, 1000, .2, 0, 0);
    other = one;
    memcpy(other.left + 1000, one.left, sizeof one.left - 1000 * sizeof *one.left);
    memcpy(other.right + 1000, one.right, sizeof one.left - 1000 * sizeof *one.left);
    memcpy(other.judge + 1000, one.judge, sizeof one.left - 1000 * sizeof *one.left);
    memcpy(other.outcome + 1000, one.outcome, sizeof one.outcome - 1000);
    other.in = one.in;
    other.in.n = 2000;
    other.in.left = other.left;
    other.in.right = other.right;
    other.in.judge = other.judge;
    other.in.outcome = other.outcome;
    for (size_t k = 0; k < 1000; k++)
        two[k] = 2;
    one.in.weight = two;
    for (size_t m = 0; m < ORDERLESS; m++) {
        struct as_rank *a = rank_of(&one.in, every[m], NULL);
        struct as_rank *b = rank_of(&other.in, every[m], NULL);
        for (uint32_t i = 0; i < ITEMS; i++) {
            near(b->item[i].theta, a->item[i].theta, m == 3 ? 1e-3 : 1e-6);
            near(b->item[i].se, a->item[i].se, m == 3 ? 1e-3 : 1e-6);
        }
        as_rank_free(a);
        as_rank_free(b);
    }
}

static void no_figure_depends_on_the_number_of_threads(void **state)
{
    static const int threads[] = { 1, 2, 8 };
    struct as_rank *r[3];
    struct as_rank_opts o;

    (void)state;
    play(&one, 3, 1500, .2, 1, 0);
    as_rank_opts_init(&o);
    o.spread = AS_SPREAD_BOOTSTRAP;
    o.rounds = 50;
    o.seed = 9;
    for (int way = 0; way < 2; way++) {
        o.by_judge = way;
        for (int t = 0; t < 3; t++) {
            o.threads = threads[t];
            r[t] = rank_of(&one.in, way ? "bt-rao-kupper" : "bt", &o);
            assert_memory_equal(r[t]->item, r[0]->item, ITEMS * sizeof *r[0]->item);
        }
        for (int t = 0; t < 3; t++)
            as_rank_free(r[t]);
    }
}

static void objectives_never_fall(void **state)
{
    struct as_rank_opts o;

    (void)state;
    play(&one, 4, 1500, .2, 0, 1);
    as_rank_opts_init(&o);
    o.home = 1;
    for (size_t m = 0; m < 4; m++)
        for (int way = 0; way < 2; way++) {
            o.noise = way ? AS_NOISE_BIAS : AS_NOISE_FLIP;
            o.ties = way ? AS_TIE_DROP : AS_TIE_HALF;
            struct as_rank *r = rank_of(&one.in, every[m], &o);
            assert_true(r->trace_n > 1);
            for (int k = 1; k < r->trace_n; k++)
                assert_true(r->trace[k] >= r->trace[k - 1] - 1e-9 * fabs(r->trace[k]));
            near(r->objective, r->trace[r->trace_n - 1], 1e-6);
            as_rank_free(r);
        }
}

#define MANY 2600               /* more than AS_RANK_DENSE: conjugate gradients, and a bootstrap */

static void many_items_are_ranked_without_a_matrix(void **state)
{
    static uint32_t left[ROWS + 2 * MANY], right[ROWS + 2 * MANY], judge[ROWS + 2 * MANY];
    static uint8_t outcome[ROWS + 2 * MANY];
    struct as_rank_opts o;

    (void)state;
    play(&one, 6, 1500, .2, 0, 0);
    memcpy(left, one.left, sizeof one.left);
    memcpy(right, one.right, sizeof one.right);
    memcpy(judge, one.judge, sizeof one.judge);
    memcpy(outcome, one.outcome, sizeof one.outcome);
    struct as_duels in = { .n = 1500, .items = ITEMS + MANY, .judges = JUDGES + 1, .left = left,
                           .right = right, .judge = judge, .outcome = outcome };
    for (uint32_t i = 0; i + 1 < MANY; i++) {       /* beside it a chain: each beats the next */
        left[in.n] = ITEMS + i;
        right[in.n] = ITEMS + i + 1;
        judge[in.n] = JUDGES;
        outcome[in.n++] = AS_LEFT;
    }
    as_rank_opts_init(&o);
    o.rounds = 5;
    for (size_t m = 0; m < 4; m++) {
        struct as_rank *all = rank_of(&in, every[m], &o);
        double within = m == 0 ? 1e-5 : m == 3 ? 2e-2 : 1;      /* others share a parameter */
        assert_int_equal(all->spread, AS_SPREAD_BOOTSTRAP);
        assert_int_equal(all->weak_parts, 2);
        struct as_rank *small = rank_of(&one.in, every[m], NULL);
        for (uint32_t i = 0; i < ITEMS; i++) {
            near(all->item[i].theta, small->item[i].theta, within);
            assert_true(all->item[i].lo < all->item[i].hi);
        }
        for (uint32_t i = ITEMS; m < 3 && i + 1 < ITEMS + MANY; i++)
            assert_true(all->item[i].theta > all->item[i + 1].theta - 1e-6);
        as_rank_free(all);
        as_rank_free(small);
    }
    struct as_rank *r;
    assert_int_equal(as_rank(&in, "plackett-luce", NULL, &r), AS_ETOOBIG);
    for (size_t m = ORDERLESS; m < EVERY; m++)
        as_rank_free(rank_of(&in, every[m], NULL));
}

static int stop_at_two(void *arg, int iteration, double objective)
{
    (void)objective;
    *(int *)arg = iteration;
    return iteration == 2;
}

static void a_stopped_fit_gives_its_last_state(void **state)
{
    struct as_rank_opts o;
    struct as_rank *r;
    int seen = 0;

    (void)state;
    play(&one, 4, 1500, .2, 0, 0);
    as_rank_opts_init(&o);
    o.progress = stop_at_two;
    o.progress_arg = &seen;
    assert_int_equal(as_rank(&one.in, "crowd-bt", &o, &r), AS_OK);
    assert_int_equal(seen, 2);
    assert_true(r->stopped && !r->converged);
    as_rank_free(r);
}

/* ------------------------------------------------------------------ intervals */

struct cover {
    unsigned in, all;
};

static void cover_item(struct cover *c, const struct as_rank *r, const double *theta)
{
    for (uint32_t i = 0; i < ITEMS; i++) {
        c->in += r->item[i].lo <= theta[i] && theta[i] <= r->item[i].hi;
        c->all++;
    }
}

static void is_honest(const char *what, const struct cover *c, unsigned least)
{
    double share = c->in / (double)c->all;

    print_message("%s: %u intervals hold the truth in %.2f %%\n", what, c->all, 100 * share);
    assert_true(c->all >= least);
    assert_true(share >= .93 && share <= .97);
}

static void intervals_of_strengths_hold_the_truth(void **state)
{
    static const enum as_spread spread[] = { AS_SPREAD_MODEL, AS_SPREAD_SANDWICH,
                                             AS_SPREAD_BOOTSTRAP };
    static const char *const what[] = { "model", "sandwich", "bootstrap" };
    struct as_rank_opts o;

    (void)state;
    as_rank_opts_init(&o);
    for (int s = 0; s < 3; s++) {
        struct cover c = { 0 };
        for (uint64_t seed = 1; seed <= 60; seed++) {
            play(&one, seed, 2000, 0, 1, 0);
            one.in.judge = NULL;
            o.spread = spread[s];
            struct as_rank *r = rank_of(&one.in, "bt", &o);
            cover_item(&c, r, one.theta);
            as_rank_free(r);
        }
        is_honest(what[s], &c, 2000);
    }
}

static void style_and_home_are_told_from_strength(void **state)
{
    struct cover items = { 0 }, params = { 0 };
    struct as_rank_opts o;
    double raw = 0, adjusted = 0;

    (void)state;
    as_rank_opts_init(&o);
    o.home = 1;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        play(&one, seed, 2000, 0, 1, 1);
        struct as_rank *r = rank_of(&one.in, "bt", &o);
        cover_item(&items, r, one.theta);
        assert_int_equal(r->params, 1 + STYLES);
        for (int k = 0; k < r->params; k++) {
            double truth = k ? one.beta[k - 1] * r->style_scale[k - 1] : one.home;
            params.in += r->param[k].lo <= truth && truth <= r->param[k].hi;
            params.all++;
        }
        for (uint32_t i = 0; i < ITEMS; i++) {
            raw += fabs(r->item[i].raw - one.theta[i]);
            adjusted += fabs(r->item[i].theta - one.theta[i]);
        }
        as_rank_free(r);
    }
    is_honest("with style", &items, 2000);
    print_message("home and style: %u of %u\n", params.in, params.all);
    assert_true(params.in >= params.all * 9 / 10);
    print_message("error of the raw board %.4f, adjusted %.4f\n", raw / items.all,
                  adjusted / items.all);
    assert_true(adjusted < .9 * raw);       /* the raw board takes style for strength */
}

static void judges_are_told_apart(void **state)
{
    struct cover items = { 0 }, judges = { 0 };
    double plain = 0, weighed = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        play(&one, seed, 3000, 0, 0, 0);
        struct as_rank *r = rank_of(&one.in, "crowd-bt", NULL), *b = rank_of(&one.in, "bt", NULL);
        cover_item(&items, r, one.theta);
        for (uint32_t j = 0; j < JUDGES; j++) {
            judges.in += r->judge[j].lo <= one.quality[j] && one.quality[j] <= r->judge[j].hi;
            judges.all++;
        }
        for (uint32_t i = 0; i < ITEMS; i++) {
            weighed += fabs(r->item[i].theta - one.theta[i]);
            plain += fabs(b->item[i].theta - one.theta[i]);
        }
        as_rank_free(r);
        as_rank_free(b);
    }
    print_message("with judges: items %u of %u, judges %u of %u; error %.4f, without %.4f\n",
                  items.in, items.all, judges.in, judges.all, weighed / items.all,
                  plain / items.all);
    assert_true(weighed < plain);
    assert_true(items.in >= items.all * 9 / 10 && judges.in >= judges.all * 9 / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(a_matrix_of_blocks_is_solved_and_inverted),
        UNIT(the_order_of_rows_items_and_sides_changes_nothing),
        UNIT(a_weight_of_two_is_two_rows),
        UNIT(no_figure_depends_on_the_number_of_threads),
        UNIT(objectives_never_fall),
        UNIT(many_items_are_ranked_without_a_matrix),
        UNIT(a_stopped_fit_gives_its_last_state),
        UNIT(intervals_of_strengths_hold_the_truth),
        UNIT(style_and_home_are_told_from_strength),
        UNIT(judges_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
