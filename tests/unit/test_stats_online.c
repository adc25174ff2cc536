/* While answers come in: beliefs, when to stop, tests of people, live skills, and plans. */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/annotary_stats.h"

#define NEAR(a, b, eps) assert_true(fabs((a) - (b)) < (eps))

static double believe(uint32_t classes, const uint16_t *answer, const double *q, int n,
                      uint16_t *label)
{
    double score[AS_ONLINE_CLASSES_MAX], p[AS_ONLINE_CLASSES_MAX], sum = 0;
    struct as_verdict v;

    assert_int_equal(as_belief(score, classes, NULL), AS_OK);
    for (int k = 0; k < n; k++)
        assert_int_equal(as_belief_add(score, classes, answer[k], q[k]), AS_OK);
    assert_int_equal(as_belief_read(score, classes, p, &v), AS_OK);
    for (uint32_t k = 0; k < classes; k++)
        sum += p[k];
    NEAR(sum, 1, 1e-12);
    if (label)
        *label = v.label;
    return v.confidence;
}

/* ------------------------------------------------------------------ one task */

static void skill_from_test_questions_begins_at_a_half(void **state)
{
    (void)state;
    NEAR(as_gold_skill(0, 0, .5), .5, 1e-15);
    NEAR(as_gold_skill(8, 10, .5), .772727, 1e-6);
    NEAR(as_gold_skill(8, 10, .5), 17. / 22, 1e-15);
    NEAR(as_gold_skill(3, 2, .5), .5, 1e-15);           /* nonsense tells nothing */
}

static void confidence_equals_the_printed_examples(void **state)
{
    const double q[] = { .7, .9, .8 };
    uint16_t label;

    (void)state;
    NEAR(believe(3, (uint16_t[]){ 0, 0 }, q, 2, &label), .976744, 1e-6);
    assert_int_equal(label, 0);
    NEAR(believe(3, (uint16_t[]){ 0, 1 }, q, 2, &label), .760563, 1e-6);
    assert_int_equal(label, 1);
    NEAR(believe(3, (uint16_t[]){ 0, 1, 1 }, q, 3, &label), .962138, 1e-6);
    assert_int_equal(label, 1);         /* the page prints the other answer; the formula does not */
}

static void confidence_equals_the_golden_folder(void **state)
{
    char path[512], line[512];
    int cases = 0;

    (void)state;
    snprintf(path, sizeof path, "%s/tests/golden/stats/online/posterior.csv",
             getenv("ANNOTARY_SOURCE"));
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    while (fgets(line, sizeof line, f)) {
        char *at = line, *cell[6];
        uint16_t answer[16], label;
        double q[16];
        int n = 0;
        for (int c = 0; c < 6; c++)
            assert_non_null(cell[c] = strsep(&at, ","));
        for (char *a = cell[2], *s = cell[3]; *a && n < 16; n++) {
            answer[n] = (uint16_t)strtoul(a, &a, 10);
            q[n] = strtod(s, &s);
        }
        NEAR(believe((uint32_t)atoi(cell[1]), answer, q, n, &label), atof(cell[5]), 1e-10);
        assert_int_equal(label, atoi(cell[4]));
        cases++;
    }
    fclose(f);
    assert_true(cases > 40);
}

static void the_order_of_answers_does_not_matter(void **state)
{
    uint16_t answer[30], back[30];
    double q[30], q_back[30], score[5], p[5];
    struct as_verdict v;

    (void)state;
    for (int k = 0; k < 30; k++) {
        answer[k] = back[29 - k] = (uint16_t)(as_uniform(1, 1, (uint64_t)k) * 5);
        q[k] = q_back[29 - k] = .2 + .75 * as_uniform(1, 2, (uint64_t)k);
    }
    NEAR(believe(5, answer, q, 30, NULL), believe(5, back, q_back, 30, NULL), 1e-12);

    assert_int_equal(as_belief(score, 5, NULL), AS_OK);         /* and what is withdrawn is gone */
    for (int k = 0; k < 30; k++)
        as_belief_add(score, 5, answer[k], q[k]);
    for (int k = 0; k < 30; k++)
        as_belief_take(score, 5, back[k], q_back[k]);
    assert_int_equal(as_belief_read(score, 5, p, &v), AS_OK);
    NEAR(p[3], .2, 1e-12);
    assert_true(v.tied);
    assert_int_equal(v.label, 0);
    NEAR(v.entropy, log(5), 1e-12);
}

static void a_prior_and_a_table_move_the_belief(void **state)
{
    const double prior[] = { .9, .1 }, said_yes[] = { .2, .8 };
    double score[2], p[2];

    (void)state;
    as_belief(score, 2, prior);
    assert_int_equal(as_belief_add_row(score, 2, said_yes), AS_OK);
    as_belief_read(score, 2, p, NULL);
    NEAR(p[1], .08 / (.08 + .18), 1e-12);
}

static void trust_shares_equal_the_printed_example(void **state)
{
    const uint16_t answer[] = { 0, 1, 2 };
    const double trust[] = { 4.4703, 1.8571, .9231 }, none[] = { 0, 0, 0 };
    double share[3];

    (void)state;
    assert_int_equal(as_trust_share(answer, trust, 3, 3, share), AS_OK);
    NEAR(share[0], .616551, 1e-6);
    NEAR(share[1], .256134, 1e-6);
    NEAR(share[2], .127315, 1e-6);
    assert_int_equal(as_trust_share(answer, none, 3, 3, share), AS_OK);
    NEAR(share[1], 1 / 3., 1e-12);
    assert_int_equal(as_trust_share(answer, trust, 0, 3, share), AS_EUNDEFINED);
    assert_int_equal(as_trust_share(answer, trust, 3, 2, share), AS_EINVAL);
}

static void a_belief_refuses_what_makes_no_sense(void **state)
{
    double score[3] = { 0, NAN, 0 }, prior[] = { 1, 0, 1 }, gain;
    struct as_verdict v;

    (void)state;
    assert_int_equal(as_belief_read(score, 3, NULL, &v), AS_EINVAL);
    assert_int_equal(as_belief(score, 3, prior), AS_EINVAL);
    assert_int_equal(as_belief(score, 0, NULL), AS_EINVAL);
    assert_int_equal(as_belief_add(score, 3, 3, .5), AS_EINVAL);
    assert_int_equal(as_belief_add(score, 3, AS_ABSTAIN, .5), AS_EINVAL);
    assert_int_equal(as_belief_add(score, 3, 0, NAN), AS_EINVAL);
    assert_int_equal(as_gain((double[]){ .5, .4 }, 2, .8, 1, &gain), AS_EINVAL);
    assert_int_equal(as_gain((double[]){ .5, .5 }, 2, 1.2, 1, &gain), AS_EINVAL);
    assert_int_equal(as_belief(score, 1, NULL), AS_OK);          /* one class is always right */
    assert_int_equal(as_belief_add(score, 1, 0, .9), AS_OK);
    assert_int_equal(as_belief_read(score, 1, NULL, &v), AS_OK);
    assert_true(v.confidence == 1 && !v.tied);
    assert_int_equal(as_belief(score, 3, NULL), AS_OK);          /* certain people disagree */
    assert_int_equal(as_belief_add(score, 3, 0, 1), AS_OK);
    assert_int_equal(as_belief_add(score, 3, 1, 1), AS_OK);
    assert_int_equal(as_belief_read(score, 3, NULL, &v), AS_OK);
    NEAR(v.confidence, .5, 1e-5);
}

/* ------------------------------------------------------------------ ask again, or stop */

/* All 2^m ways in which m people can answer a yes-or-no question. */
static double gain_by_trying(double p1, double q, int m)
{
    double sum = 0;

    for (int ways = 0; ways < 1 << m; ways++) {
        double yes = p1, no = 1 - p1;
        for (int k = 0; k < m; k++) {
            yes *= ways >> k & 1 ? q : 1 - q;
            no *= ways >> k & 1 ? 1 - q : q;
        }
        sum += fmax(yes, no);
    }
    return sum - fmax(p1, 1 - p1);
}

static void gain_is_what_trying_all_answers_gives(void **state)
{
    double gain, last;

    (void)state;
    for (int n = 0; n < 40; n++) {
        double p1 = .02 + .024 * n, q = .55 + .01 * n, p[] = { 1 - p1, p1 };
        last = 0;
        for (int m = 1; m <= 8; m++) {
            assert_int_equal(as_gain(p, 2, q, (uint32_t)m, &gain), AS_OK);
            NEAR(gain, gain_by_trying(p1, q, m), 1e-11);
            assert_true(gain >= last - 1e-12);          /* more answers never tell less */
            last = gain;
        }
    }
    assert_int_equal(as_gain((double[]){ .5, .3, .2 }, 3, 1. / 3, 1, &gain), AS_OK);
    NEAR(gain, 0, 1e-12);                               /* a guess tells nothing */
    assert_int_equal(as_gain((double[]){ .5, .3, .2 }, 3, 1, 1, &gain), AS_OK);
    NEAR(gain, .5, 1e-12);                              /* an oracle tells all */
}

static void the_stop_rule_stops_when_sure_full_or_not_worth_it(void **state)
{
    const double sure[] = { .97, .03 }, torn[] = { .6, .4 }, far[] = { .94, .06 };
    struct as_stop s;

    (void)state;
    as_stop_init(&s);
    assert_int_equal(as_stop(&s, sure, 2, 2), AS_STOP_SURE);
    assert_int_equal(as_stop(&s, sure, 2, 1), AS_ASK);          /* not before the least */
    assert_int_equal(as_stop(&s, torn, 2, 4), AS_ASK);
    assert_int_equal(as_stop(&s, torn, 2, 5), AS_STOP_FULL);
    assert_int_equal(as_stop(&s, far, 2, 3), AS_ASK);           /* two more could turn it */
    assert_int_equal(as_stop(&s, far, 2, 4), AS_STOP_WORTH);    /* one more could not */
    s.error_cost = 0;
    assert_int_equal(as_stop(&s, far, 2, 4), AS_ASK);
    s.error_cost = 1;
    s.price = .2;
    assert_int_equal(as_stop(&s, torn, 2, 2), AS_ASK);          /* worth .25 now */
    s.price = .3;
    assert_int_equal(as_stop(&s, torn, 2, 2), AS_STOP_WORTH);
    s.most = 1;
    assert_int_equal(as_stop(&s, torn, 2, 0), AS_EINVAL);       /* least above most */
    s.least = 0;
    s.confidence = NAN;
    assert_int_equal(as_stop(&s, torn, 2, 0), AS_EINVAL);
}

/* ------------------------------------------------------------------ testing people */

static void people_pass_or_fail_as_soon_as_it_is_clear(void **state)
{
    uint64_t wrong_calls[2] = { 0 }, asked = 0;
    const double accuracy[] = { .6, .8 };
    int rc;

    (void)state;
    assert_int_equal(as_sprt(0, 0, .6, .8, .05, NULL), 0);
    assert_int_equal(as_sprt(10, 0, .6, .8, .05, NULL), 0);     /* 10 ln(4/3) = 2.88 < ln 19 */
    assert_int_equal(as_sprt(11, 0, .6, .8, .05, NULL), 1);
    assert_int_equal(as_sprt(0, 4, .6, .8, .05, NULL), 0);      /* 4 ln 2 = 2.77 */
    assert_int_equal(as_sprt(0, 5, .6, .8, .05, NULL), -1);
    assert_int_equal(as_sprt(5, 5, .8, .6, .05, &rc), 0);
    assert_int_equal(rc, AS_EINVAL);
    for (uint64_t person = 0; person < 4000; person++) {
        int good = person % 2, verdict = 0;
        uint64_t right = 0, n = 0;
        while (!(verdict = as_sprt(right, n - right, .6, .8, .05, &rc))) {
            right += as_uniform(5, person, n) < accuracy[good];
            n++;
        }
        wrong_calls[good] += verdict != (good ? 1 : -1);
        asked += n;
    }
    assert_true(wrong_calls[0] <= 100 && wrong_calls[1] <= 100);        /* 5 % of 2,000 each */
    assert_true(asked < 4000 * 35);         /* a fixed test as good needs about 50 questions */
}

static void odd_habits_of_answering_are_seen(void **state)
{
    const uint64_t usual_spread[] = { 48, 33, 19 }, one_key[] = { 100, 0, 0 }, few[] = { 1, 1, 0 };
    const double usual[] = { 5, 3, 2 }, never[] = { 1, 1, 0 };
    struct as_habit h;

    (void)state;
    assert_int_equal(as_habit(usual_spread, usual, 3, &h), AS_OK);
    NEAR(h.chi2, 4. / 50 + 9. / 30 + 1. / 20, 1e-12);
    NEAR(h.df, 2, 1e-12);
    NEAR(h.p, exp(-h.chi2 / 2), 1e-9);                  /* two degrees of freedom */
    assert_int_equal(as_habit(one_key, usual, 3, &h), AS_OK);
    assert_true(h.p < 1e-12);
    assert_int_equal(as_habit(few, usual, 3, &h), AS_EUNDEFINED);   /* all cells are one */
    assert_int_equal(as_habit(usual_spread, never, 3, &h), AS_OK);
    assert_true(h.p == 0);                              /* said what cannot be */
    assert_int_equal(as_habit((uint64_t[]){ 0, 0 }, never, 2, &h), AS_EUNDEFINED);
    assert_int_equal(as_habit(few, (double[]){ 1, NAN, 1 }, 3, &h), AS_EINVAL);
}

static void hurrying_shows_in_many_fast_answers(void **state)
{
    double p;

    (void)state;
    assert_int_equal(as_hurry(0, 50, .1, &p), AS_OK);
    assert_true(p >= 1);
    assert_int_equal(as_hurry(2, 3, .1, &p), AS_OK);
    NEAR(p, 3 * .01 * .9 + .001, 1e-12);
    assert_int_equal(as_hurry(25, 50, .1, &p), AS_OK);
    assert_true(p < 1e-9);
    assert_int_equal(as_hurry(4, 3, .1, &p), AS_EINVAL);
    assert_int_equal(as_hurry(1, 3, 0, &p), AS_EINVAL);
}

/* ------------------------------------------------------------------ a project, live */

enum { TASKS = 5000, PER = 12, ROWS = TASKS * PER, PEOPLE = 100, CLASSES = 4 };

struct crowd {
    uint32_t task[ROWS], worker[ROWS];
    uint16_t label[ROWS], truth[TASKS];
    double accuracy[PEOPLE];
    uint32_t order[ROWS];
    struct as_online_opts o;
};

static void crowd_begin(struct crowd *c)
{
    assert_int_equal(as_synth_crowd(TASKS, PER, CLASSES, PEOPLE, 21, c->task, c->worker, c->label,
                                    c->truth, c->accuracy), AS_OK);
    for (uint32_t k = 0; k < ROWS; k++)
        c->order[k] = k;
    for (uint32_t k = ROWS; k > 1; k--) {
        uint32_t j = (uint32_t)(as_uniform(8, 1, k) * k), was = c->order[k - 1];
        c->order[k - 1] = c->order[j];
        c->order[j] = was;
    }
    as_online_opts_init(&c->o);
    c->o.tasks = TASKS;
    c->o.workers = PEOPLE;
    c->o.classes = CLASSES;
    c->o.stop.most = PER;
}

static double share_right(const struct crowd *c, const struct as_online *s, double *confidence)
{
    double right = 0, sure = 0;
    struct as_verdict v;

    for (uint32_t t = 0; t < TASKS; t++) {
        assert_true(as_online_read(s, t, NULL, &v) >= 0);
        right += v.label == c->truth[t];
        sure += v.confidence;
    }
    if (confidence)
        *confidence = sure / TASKS;
    return right / TASKS;
}

/* Accuracy of the first `n` answers of each task. */
static double fixed_overlap(const struct crowd *c, uint32_t n)
{
    static uint32_t had[TASKS];
    struct as_online *s;

    memset(had, 0, sizeof had);
    assert_int_equal(as_online_new(&c->o, &s), AS_OK);
    for (uint32_t k = 0; k < ROWS; k++) {
        uint32_t r = c->order[k];
        if (had[c->task[r]]++ < n)
            assert_int_equal(as_online_answer(s, c->task[r], c->worker[r], c->label[r]), AS_OK);
    }
    assert_int_equal(as_online_refit(s), AS_OK);
    double out = share_right(c, s, NULL);
    as_online_free(s);
    return out;
}

static void stopping_early_delivers_the_confidence_it_claims(void **state)
{
    static struct crowd c;
    struct as_online *s;
    uint32_t asked = 0;
    double claimed, right;

    (void)state;
    crowd_begin(&c);
    assert_int_equal(as_online_new(&c.o, &s), AS_OK);
    for (uint32_t k = 0; k < ROWS; k++) {
        uint32_t r = c.order[k];
        if (as_online_read(s, c.task[r], NULL, NULL) != AS_ASK)
            continue;
        assert_int_equal(as_online_answer(s, c.task[r], c.worker[r], c.label[r]), AS_OK);
        asked++;
        if (as_online_due(s))
            assert_int_equal(as_online_refit(s), AS_OK);
    }
    assert_int_equal(as_online_refit(s), AS_OK);
    right = share_right(&c, s, &claimed);
    assert_true(fabs(claimed - right) < .01);
    uint32_t need = 1;
    while (need < PER && fixed_overlap(&c, need) < right)
        need++;
    assert_true(asked < .9 * need * TASKS);             /* a tenth cheaper at the least */

    int covered = 0;
    for (uint32_t j = 0; j < PEOPLE; j++) {             /* and it has learned who is who */
        struct as_online_worker w;
        assert_int_equal(as_online_worker(s, j, &w), AS_OK);
        assert_true(w.lo <= w.skill && w.skill <= w.hi);
        assert_true(fabs(w.skill - c.accuracy[j]) < .12);
        covered += w.lo <= c.accuracy[j] && c.accuracy[j] <= w.hi;
    }
    assert_true(covered >= 85);
    as_online_free(s);
}

static void the_order_of_arrival_is_forgotten_by_a_refit(void **state)
{
    static struct crowd c;
    struct as_online *a, *b;
    double p[CLASSES], q[CLASSES];
    struct as_verdict va, vb;
    int other = 0, far = 0;

    (void)state;
    crowd_begin(&c);
    for (int tables = 0; tables < 2; tables++) {
        c.o.tables = tables;
        assert_int_equal(as_online_new(&c.o, &a), AS_OK);
        assert_int_equal(as_online_new(&c.o, &b), AS_OK);
        for (uint32_t k = 0; k < ROWS; k++) {
            uint32_t r = c.order[k], s = c.order[ROWS - 1 - k];
            if (r % PER < 4)                        /* four answers a task */
                as_online_answer(a, c.task[r], c.worker[r], c.label[r]);
            if (s % PER < 4)
                as_online_answer(b, c.task[s], c.worker[s], c.label[s]);
        }
        assert_true(as_online_due(a));
        as_online_refit(a);
        as_online_refit(b);
        assert_false(as_online_due(a));
        for (uint32_t t = 0; t < TASKS; t++) {
            as_online_read(a, t, p, &va);
            as_online_read(b, t, q, &vb);
            other += va.label != vb.label;
            far += fabs(va.confidence - vb.confidence) > .01;
        }
        as_online_free(a);
        as_online_free(b);
    }
    assert_true(other <= 2 * TASKS / 500 && far <= 2 * TASKS / 100);
}

static void live_posterior_of_known_people_is_the_plain_one(void **state)
{
    /* With no weight but the crowd's, every worker is held for start_skill. */
    struct as_online_opts o;
    struct as_online *s;
    struct as_verdict v;
    double p[3];

    (void)state;
    as_online_opts_init(&o);
    o.tasks = 2;
    o.workers = 4;
    o.classes = 3;
    o.start_weight = o.worker_weight = 1e12;
    assert_int_equal(as_online_new(&o, &s), AS_OK);
    assert_int_equal(as_online_read(s, 0, p, &v), AS_ASK);
    assert_true(v.tied);
    as_online_answer(s, 0, 2, 1);
    as_online_answer(s, 0, 0, 0);
    as_online_answer(s, 0, 1, 0);
    as_online_read(s, 0, p, &v);
    double plain = believe(3, (uint16_t[]){ 0, 0, 1 }, (double[]){ .7, .7, .7 }, 3, NULL);
    NEAR(v.confidence, plain, 1e-9);
    as_online_free(s);
}

static void an_answer_is_replaced_taken_back_or_overruled_by_the_truth(void **state)
{
    struct as_online_opts o;
    struct as_online *s;
    struct as_verdict v;
    struct as_online_worker w;

    (void)state;
    for (int tables = 0; tables < 2; tables++) {
        as_online_opts_init(&o);
        o.tasks = 3;
        o.workers = 2;
        o.classes = 2;
        o.tables = tables;
        assert_int_equal(as_online_new(&o, &s), AS_OK);
        assert_int_equal(as_online_answer(s, 0, 1, 0), AS_OK);
        assert_int_equal(as_online_answer(s, 0, 1, 1), AS_OK);
        assert_int_equal(as_online_worker(s, 1, &w), AS_OK);
        assert_int_equal(w.n, 1);
        as_online_read(s, 0, NULL, &v);
        assert_int_equal(v.label, 1);
        assert_int_equal(as_online_answer(s, 0, 1, AS_ABSTAIN), AS_OK);
        as_online_read(s, 0, NULL, &v);
        assert_true(v.tied);
        assert_int_equal(as_online_worker(s, 1, &w), AS_OK);
        assert_int_equal(w.n, 0);
        NEAR(w.skill, .7, 1e-9);
        as_online_answer(s, 1, 0, 1);
        assert_int_equal(as_online_gold(s, 1, 0), AS_OK);
        as_online_read(s, 1, NULL, &v);
        assert_int_equal(v.label, 0);
        assert_true(v.confidence > .999);
        as_online_worker(s, 0, &w);
        assert_true(w.skill < .65);
        assert_int_equal(as_online_limit(s, 1, 1), AS_OK);
        assert_int_equal(as_online_read(s, 1, NULL, NULL), AS_STOP_FULL);
        assert_int_equal(as_online_answer(s, 3, 0, 1), AS_EINVAL);
        assert_int_equal(as_online_answer(s, 0, 2, 1), AS_EINVAL);
        assert_int_equal(as_online_answer(s, 0, 0, 2), AS_EINVAL);
        assert_int_equal(as_online_read(s, 3, NULL, NULL), AS_EINVAL);
        as_online_free(s);
    }
}

static void names_of_people_and_classes_change_nothing(void **state)
{
    static struct crowd c;
    struct as_online *a, *b;
    struct as_online_opts o;
    double p[CLASSES], q[CLASSES];

    (void)state;
    crowd_begin(&c);
    for (int tables = 0; tables < 2; tables++) {
        o = c.o;
        o.tables = tables;
        assert_int_equal(as_online_new(&o, &a), AS_OK);
        assert_int_equal(as_online_new(&o, &b), AS_OK);
        for (uint32_t k = 0; k < 600 * PER; k++) {
            uint32_t w = (c.worker[k] * 7 + 3) % PEOPLE;
            as_online_answer(a, c.task[k], c.worker[k], c.label[k]);
            as_online_answer(b, c.task[k], w, (uint16_t)((c.label[k] + 1) % CLASSES));
        }
        as_online_refit(a);
        as_online_refit(b);
        for (uint32_t t = 0; t < 600; t++) {
            as_online_read(a, t, p, NULL);
            as_online_read(b, t, q, NULL);
            for (uint32_t k = 0; k < CLASSES; k++)
                NEAR(p[k], q[(k + 1) % CLASSES], 1e-6);
        }
        as_online_free(a);
        as_online_free(b);
    }
}

static void odd_projects_are_refused_or_empty(void **state)
{
    struct as_online_opts o;
    struct as_online *s;

    (void)state;
    as_online_opts_init(&o);
    assert_int_equal(as_online_new(&o, &s), AS_EINVAL);         /* no classes */
    assert_null(s);
    o.classes = 33;
    assert_int_equal(as_online_new(&o, &s), AS_EINVAL);
    o.classes = 32;
    o.tables = 1;
    o.workers = 1 << 20;
    assert_int_equal(as_online_new(&o, &s), AS_ETOOBIG);
    o.workers = 0;
    o.worker_weight = NAN;
    assert_int_equal(as_online_new(&o, &s), AS_EINVAL);
    o.worker_weight = 10;
    assert_int_equal(as_online_new(&o, &s), AS_OK);
    assert_int_equal(as_online_refit(s), AS_OK);
    assert_false(as_online_due(s));
    as_online_free(s);
    as_online_free(NULL);
}

/* ------------------------------------------------------------------ plans */

static void the_plan_spends_answers_where_they_tell_most(void **state)
{
    const double p[] = { .5, .5, .7, .3, 1, 0 }, skill[] = { .6, .9, .8 };
    const uint32_t open[] = { 2, 1, 3 }, cap[] = { 5, 1, 5 };
    struct as_plan_in in = { .tasks = 3, .people = 3, .classes = 2, .p = p, .open = open,
                             .skill = skill, .cap = cap, .seed = 1 };
    struct as_plan_row row[16];
    size_t n;

    (void)state;
    assert_int_equal(as_plan(&in, row, 16, &n), AS_OK);
    assert_true(n >= 2);
    assert_int_equal(row[0].task, 0);               /* the open question goes to the best */
    assert_int_equal(row[0].person, 1);
    NEAR(row[0].gain, .4, 1e-12);
    assert_int_equal(row[1].task, 1);               /* who is full now: the second best */
    assert_int_equal(row[1].person, 2);
    NEAR(row[1].gain, .1, 1e-12);
    for (size_t k = 0; k < n; k++)
        assert_true(row[k].task != 2);              /* what is certain is not asked */
}

static void a_plan_keeps_all_caps_and_its_audit_share(void **state)
{
    enum { T = 200, P = 12 };
    double p[T * 3], skill[P], price[P];
    uint32_t open[T], cap[P], vendor[P], vendor_cap[3] = { 40, 1000, 0 };
    uint8_t taken[T * P] = { 0 };
    struct as_plan_row row[T * 3], again[T * 3];
    uint32_t task_n[T] = { 0 }, person_n[P] = { 0 }, vendor_n[3] = { 0 }, audited = 0;
    size_t n, n2;

    (void)state;
    for (uint32_t t = 0; t < T; t++) {
        double a = .34 + .6 * as_uniform(3, 1, t);
        p[3 * t] = a;
        p[3 * t + 1] = (1 - a) * .6;
        p[3 * t + 2] = (1 - a) * .4;
        open[t] = t % 4;
    }
    for (uint32_t j = 0; j < P; j++) {
        skill[j] = .5 + .04 * j;
        price[j] = 1 + j % 3;
        cap[j] = 30;
        vendor[j] = j % 3;
        taken[5 * P + j] = 1;                       /* nobody may do task 5 */
    }
    struct as_plan_in in = { .tasks = T, .people = P, .vendors = 3, .classes = 3, .p = p,
                             .open = open, .skill = skill, .price = price, .cap = cap,
                             .vendor = vendor, .vendor_cap = vendor_cap, .taken = taken,
                             .audit = .1, .seed = 4 };
    assert_int_equal(as_plan(&in, row, T * 3, &n), AS_OK);
    assert_int_equal(as_plan(&in, again, T * 3, &n2), AS_OK);
    assert_int_equal(n, n2);
    assert_memory_equal(row, again, n * sizeof *row);
    assert_true(n > 100);
    for (size_t k = 0; k < n; k++) {
        assert_true(row[k].task != 5);
        assert_true(!taken[row[k].task * P + row[k].person]++);         /* a pair once */
        task_n[row[k].task]++;
        person_n[row[k].person]++;
        vendor_n[vendor[row[k].person]]++;
        audited += row[k].audit != 0;
    }
    for (uint32_t t = 0; t < T; t++)
        assert_true(task_n[t] <= open[t]);
    for (uint32_t j = 0; j < P; j++)
        assert_true(person_n[j] <= cap[j]);
    for (uint32_t v = 0; v < 3; v++)
        assert_true(vendor_n[v] <= vendor_cap[v]);
    assert_true(audited >= 20 && audited <= 36);
    in.audit = 2;
    assert_int_equal(as_plan(&in, row, T * 3, &n), AS_EINVAL);
    in.audit = 0;
    in.tasks = 0;
    assert_int_equal(as_plan(&in, row, T * 3, &n), AS_OK);
    assert_int_equal(n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(skill_from_test_questions_begins_at_a_half),
        cmocka_unit_test(confidence_equals_the_printed_examples),
        cmocka_unit_test(confidence_equals_the_golden_folder),
        cmocka_unit_test(the_order_of_answers_does_not_matter),
        cmocka_unit_test(a_prior_and_a_table_move_the_belief),
        cmocka_unit_test(trust_shares_equal_the_printed_example),
        cmocka_unit_test(a_belief_refuses_what_makes_no_sense),
        cmocka_unit_test(gain_is_what_trying_all_answers_gives),
        cmocka_unit_test(the_stop_rule_stops_when_sure_full_or_not_worth_it),
        cmocka_unit_test(people_pass_or_fail_as_soon_as_it_is_clear),
        cmocka_unit_test(odd_habits_of_answering_are_seen),
        cmocka_unit_test(hurrying_shows_in_many_fast_answers),
        cmocka_unit_test(stopping_early_delivers_the_confidence_it_claims),
        cmocka_unit_test(the_order_of_arrival_is_forgotten_by_a_refit),
        cmocka_unit_test(live_posterior_of_known_people_is_the_plain_one),
        cmocka_unit_test(an_answer_is_replaced_taken_back_or_overruled_by_the_truth),
        cmocka_unit_test(names_of_people_and_classes_change_nothing),
        cmocka_unit_test(odd_projects_are_refused_or_empty),
        cmocka_unit_test(the_plan_spends_answers_where_they_tell_most),
        cmocka_unit_test(a_plan_keeps_all_caps_and_its_audit_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
