/* Laws of the methods for classes: names, copies, threads, starts, costs, and honest intervals. */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "stats/annotary_stats.h"

enum { TASKS = 240, PER_TASK = 5, ROWS = TASKS * PER_TASK, WORKERS = 30, CLASSES = 4 };

struct crowd {
    uint32_t task[3 * ROWS], worker[3 * ROWS];
    uint16_t label[3 * ROWS], truth[TASKS];
    float weight[ROWS];
    struct as_labels in;
};

static void crowd_begin(struct crowd *c, uint32_t classes)
{
    assert_int_equal(as_synth_crowd(TASKS, PER_TASK, classes, WORKERS, 11, c->task, c->worker,
                                    c->label, c->truth, NULL), AS_OK);
    c->in = (struct as_labels){ .n = ROWS, .tasks = TASKS, .workers = WORKERS, .classes = classes,
                                .task = c->task, .worker = c->worker, .label = c->label };
}

static struct as_votes *votes_of(const struct as_labels *in, enum as_duplicates policy)
{
    struct as_votes *v;

    assert_int_equal(as_votes_new(in, policy, &v, NULL), AS_OK);
    return v;
}

static struct as_opts close_opts(void)
{
    struct as_opts o;

    as_opts_init(&o);
    o.tol = 1e-10;
    o.max_iter = 3000;
    o.restarts = 1;
    return o;
}

/* NULL where the method does not fit. */
static struct as_result *fit(const struct as_votes *v, const char *method, const struct as_opts *o)
{
    struct as_result *r;
    int rc = as_aggregate(v, method, o, &r);

    if (rc != AS_OK && rc != AS_EUNFIT)
        print_error("%s: %s\n", method, as_text(rc));
    assert_true(rc == AS_OK || rc == AS_EUNFIT);
    return r;
}

/* ------------------------------------------------------------------ laws */

static void other_names_for_tasks_workers_and_classes_change_nothing_else(void **state)
{
    static struct crowd a, b;
    const char *const methods[] = { "dawid-skene", "one-coin", "glad", "mace", "mmsr", "ibcc",
                                    "bwa" };
    struct as_opts o = close_opts();

    (void)state;
    crowd_begin(&a, CLASSES);
    crowd_begin(&b, CLASSES);
    for (size_t k = 0; k < ROWS; k++) {
        b.task[k] = TASKS - 1 - a.task[k];
        b.worker[k] = (a.worker[k] * 7 + 3) % WORKERS;
        b.label[k] = (uint16_t)((a.label[k] + 3) % CLASSES);
    }
    struct as_votes *va = votes_of(&a.in, AS_KEEP_LAST), *vb = votes_of(&b.in, AS_KEEP_LAST);
    for (size_t m = 0; m < sizeof methods / sizeof *methods; m++) {
        struct as_result *ra = fit(va, methods[m], &o), *rb = fit(vb, methods[m], &o);
        double apart = 0;
        for (uint32_t t = 0; t < TASKS; t++)
            for (uint32_t c = 0; c < CLASSES; c++)
                apart = fmax(apart, fabs(as_q(ra, t, c)
                                         - as_q(rb, TASKS - 1 - t, (c + 3) % CLASSES)));
        if (!(apart < 1e-4))
            print_error("%s: posteriors %g apart\n", methods[m], apart);
        assert_true(apart < 1e-4);
        as_result_free(ra);
        as_result_free(rb);
    }
    as_votes_free(va);
    as_votes_free(vb);
}

static void copies_of_a_worker_equal_their_weight(void **state)
{
    static struct crowd a, b;
    const struct as_method_info *m;
    struct as_opts o = close_opts();

    (void)state;
    for (uint32_t classes = 2; classes <= CLASSES; classes += 2) {
        size_t n = 0;
        crowd_begin(&a, classes);
        crowd_begin(&b, classes);
        for (size_t k = 0; k < ROWS; k++) {
            int copies = a.worker[k] == 5 ? 3 : 1;
            a.weight[k] = (float)copies;
            for (int c = 0; c < copies; c++, n++) {
                b.task[n] = a.task[k];
                b.worker[n] = a.worker[k];
                b.label[n] = a.label[k];
            }
        }
        a.in.weight = a.weight;
        b.in.n = n;
        struct as_votes *va = votes_of(&a.in, AS_KEEP_LAST), *vb = votes_of(&b.in, AS_KEEP_ALL);
        for (unsigned k = 0; (m = as_method(k)); k++) {
            if (!strcmp(m->id, "auto"))
                continue;               /* its five parts are other parts */
            struct as_result *ra = fit(va, m->id, &o), *rb = fit(vb, m->id, &o);
            double apart = 0;
            for (uint32_t t = 0; ra && t < TASKS; t++)
                for (uint32_t c = 0; c < classes; c++)
                    apart = fmax(apart, fabs(as_q(ra, t, c) - as_q(rb, t, c)));
            if (!(apart < 1e-4))
                print_error("%s: posteriors %g apart\n", m->id, apart);
            assert_true(apart < 1e-4);
            as_result_free(ra);
            as_result_free(rb);
        }
        as_votes_free(va);
        as_votes_free(vb);
    }
}

static void the_number_of_threads_changes_not_one_byte(void **state)
{
    static struct crowd a;
    const struct as_method_info *m;
    struct as_opts o;

    (void)state;
    as_opts_init(&o);
    o.restarts = 2;
    for (uint32_t classes = 2; classes <= CLASSES; classes += 2) {
        crowd_begin(&a, classes);
        struct as_votes *v = votes_of(&a.in, AS_KEEP_LAST);
        for (unsigned k = 0; (m = as_method(k)); k++) {
            o.threads = 1;
            struct as_result *one = fit(v, m->id, &o);
            for (o.threads = 2; one && o.threads <= 8; o.threads *= 4) {
                struct as_result *r = fit(v, m->id, &o);
                assert_memory_equal(one->q, r->q, sizeof *r->q * TASKS * classes);
                assert_memory_equal(one->worker, r->worker, sizeof *r->worker * WORKERS);
                as_result_free(r);
            }
            as_result_free(one);
        }
        as_votes_free(v);
    }
}

static void no_objective_falls_and_more_starts_never_do_worse(void **state)
{
    static struct crowd a;
    const char *const restarted[] = { "mace", "ebcc" };
    const struct as_method_info *m;
    struct as_opts o;

    (void)state;
    as_opts_init(&o);
    crowd_begin(&a, CLASSES);
    struct as_votes *v = votes_of(&a.in, AS_KEEP_LAST);
    for (unsigned k = 0; (m = as_method(k)); k++) {
        struct as_result *r = fit(v, m->id, &o);
        for (int n = 1; r && n < r->trace_n; n++)
            assert_true(r->trace[n] >= r->trace[n - 1] - 1e-6);
        as_result_free(r);
    }
    for (size_t k = 0; k < 2; k++) {
        double before = -INFINITY;
        for (o.restarts = 1; o.restarts <= 8; o.restarts *= 2) {
            struct as_result *r = fit(v, restarted[k], &o);
            assert_true(r->trace[r->trace_n - 1] >= before);
            before = r->trace[r->trace_n - 1];
            as_result_free(r);
        }
    }
    as_votes_free(v);
}

static int after_two(void *arg, int iteration, double objective)
{
    (void)objective;
    *(int *)arg = iteration;
    return iteration >= 2;
}

static void a_fit_that_is_stopped_still_answers(void **state)
{
    static struct crowd a;
    const struct as_method_info *m;
    int heard = 0;
    struct as_opts o;

    (void)state;
    as_opts_init(&o);
    o.progress = after_two;
    o.progress_arg = &heard;
    o.tol = 0;
    crowd_begin(&a, CLASSES);
    struct as_votes *v = votes_of(&a.in, AS_KEEP_LAST);
    for (unsigned k = 0; (m = as_method(k)); k++) {
        heard = 0;
        struct as_result *r = fit(v, m->id, &o);
        assert_true(heard <= 2 || (r && !r->stopped));
        for (uint32_t t = 0; r && t < TASKS; t++)
            assert_true(as_confidence(r, t) > 0);
        as_result_free(r);
    }
    as_votes_free(v);
}

static void classes_by_the_ten_thousand_give_an_answer_or_a_clear_code(void **state)
{
    const uint32_t task[] = { 0, 0, 0, 2, 2 }, worker[] = { 0, 1, 2, 0, 1 };
    const uint16_t label[] = { 65534, 3, 65534, 7, 9 };
    struct as_labels in = { .n = 5, .tasks = 3, .workers = 3, .classes = 65535, .task = task,
                            .worker = worker, .label = label };
    struct as_votes *v = votes_of(&in, AS_KEEP_LAST);
    const struct as_method_info *m;
    struct as_result *r;

    (void)state;
    for (unsigned k = 0; (m = as_method(k)); k++) {
        int rc = as_aggregate(v, m->id, NULL, &r);
        assert_true(rc == AS_OK || rc == AS_EUNFIT || rc == AS_ETOOBIG);
        assert_true(rc || r->label[0] == 65534);
        assert_true(rc || r->flags[1] & AS_NO_VOTES);
        as_result_free(r);
    }
    as_votes_free(v);
}

static void kos_takes_two_classes_and_says_so_otherwise(void **state)
{
    static struct crowd a;
    struct as_result *one, *two;
    struct as_opts o;

    (void)state;
    as_opts_init(&o);
    for (uint32_t classes = 1; classes <= 3; classes++) {
        struct as_labels in = { .tasks = 1, .workers = 1, .classes = classes };
        struct as_votes *v = votes_of(&in, AS_KEEP_LAST);
        assert_int_equal(as_aggregate(v, "kos", &o, &one), classes == 2 ? AS_OK : AS_EUNFIT);
        as_result_free(one);
        as_votes_free(v);
    }
    crowd_begin(&a, 2);
    struct as_votes *v = votes_of(&a.in, AS_KEEP_LAST);
    o.seed = 9;
    one = fit(v, "kos", &o);
    two = fit(v, "kos", &o);
    assert_memory_equal(one->q, two->q, sizeof *one->q * TASKS * 2);
    as_result_free(one);
    as_result_free(two);
    as_votes_free(v);
}

/* ------------------------------------------------------------------ deciding by cost */

static void costs_decide_and_grades_fall_in_the_middle(void **state)
{
    const uint32_t task[] = { 0, 0, 0, 0, 0 }, worker[] = { 0, 1, 2, 3, 4 };
    const uint16_t label[] = { 0, 0, 1, 2, 2 };
    const double safe[9] = { 0, 1, 9, 1, 0, 9, 2, 2, 0 };      /* 2 missed costs nine */
    const double wrong[9] = { 0, NAN };
    struct as_labels in = { .n = 5, .tasks = 1, .workers = 5, .classes = 3, .task = task,
                            .worker = worker, .label = label };
    struct as_votes *v = votes_of(&in, AS_KEEP_LAST);
    struct as_result *r;
    struct as_opts o;

    (void)state;
    as_opts_init(&o);
    o.cost = safe;
    r = fit(v, "majority", &o);
    assert_int_equal(r->label[0], 2);
    assert_int_equal(r->flags[0], 0);
    as_result_free(r);
    o.cost = NULL;
    r = fit(v, "majority", &o);
    assert_int_equal(r->label[0], 0);
    assert_int_equal(r->flags[0], AS_TIED);
    as_result_free(r);
    r = fit(v, "ordinal-ds", &o);
    double below = as_q(r, 0, 0), to = below + as_q(r, 0, 1);
    assert_int_equal(r->label[0], below >= .5 ? 0 : to >= .5 ? 1 : 2);
    as_result_free(r);
    o.cost = wrong;
    assert_int_equal(as_aggregate(v, "majority", &o, &r), AS_EINVAL);
    as_votes_free(v);
    in.classes = 65;
    v = votes_of(&in, AS_KEEP_LAST);
    assert_int_equal(as_aggregate(v, "majority", &o, &r), AS_ETOOBIG);
    as_votes_free(v);
}

/* ------------------------------------------------------------------ auto */

static void auto_says_why_and_repeats_itself(void **state)
{
    static struct crowd a;
    struct as_result *one, *two;
    struct as_opts o;

    (void)state;
    as_opts_init(&o);
    crowd_begin(&a, CLASSES);
    struct as_votes *v = votes_of(&a.in, AS_KEEP_LAST);
    one = fit(v, "auto", &o);
    two = fit(v, "auto", &o);
    assert_non_null(strstr(one->note, "foretold"));
    assert_non_null(one->confusion);
    assert_memory_equal(one->q, two->q, sizeof *one->q * TASKS * CLASSES);
    as_result_free(one);
    as_result_free(two);
    as_votes_free(v);

    a.in.n = 20;                        /* four tasks: too little to compare by */
    v = votes_of(&a.in, AS_KEEP_LAST);
    one = fit(v, "auto", &o);
    assert_non_null(strstr(one->note, "Too few"));
    as_result_free(one);
    as_votes_free(v);
}

/* ------------------------------------------------------------------ intervals of skill */

enum { COVER_TASKS = 1000, COVER_EACH = 10, COVER_WORKERS = 50, COVER_CROWDS = 40,
       COVER_ROWS = COVER_TASKS * COVER_EACH };

static void intervals_hold_the_planted_skill_as_often_as_they_say(void **state)
{
    static uint32_t task[COVER_ROWS], worker[COVER_ROWS];
    static uint16_t label[COVER_ROWS], truth[COVER_TASKS];
    const char *const methods[] = { "dawid-skene", "one-coin", "glad", "mace", "ibcc" };
    unsigned held[5] = { 0 }, all[5] = { 0 };
    double skill[COVER_WORKERS];
    struct as_opts o;

    (void)state;
    as_opts_init(&o);
    o.restarts = 1;
    for (uint64_t s = 0; s < COVER_CROWDS; s++) {
        assert_int_equal(as_synth_crowd(COVER_TASKS, COVER_EACH, 3, COVER_WORKERS, 100 + s, task,
                                        worker, label, truth, skill), AS_OK);
        struct as_labels in = { .n = COVER_ROWS, .tasks = COVER_TASKS, .workers = COVER_WORKERS,
                                .classes = 3, .task = task, .worker = worker, .label = label };
        struct as_votes *v = votes_of(&in, AS_KEEP_LAST);
        for (size_t m = 0; m < 5; m++) {
            struct as_result *r = fit(v, methods[m], &o);
            for (uint32_t j = 0; j < COVER_WORKERS; j++) {
                if (r->worker[j].n < 50)
                    continue;
                all[m]++;
                held[m] += r->worker[j].lo <= skill[j] && skill[j] <= r->worker[j].hi;
            }
            as_result_free(r);
        }
        as_votes_free(v);
    }
    for (size_t m = 0; m < 5; m++) {
        double share = (double)held[m] / all[m];
        if (!(share >= .93 && share <= .97))
            print_error("%s: %.4f of %u intervals hold\n", methods[m], share, all[m]);
        assert_true(all[m] >= 2000);
        assert_true(share >= .93 && share <= .97);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(other_names_for_tasks_workers_and_classes_change_nothing_else),
        UNIT(copies_of_a_worker_equal_their_weight),
        UNIT(the_number_of_threads_changes_not_one_byte),
        UNIT(no_objective_falls_and_more_starts_never_do_worse),
        UNIT(a_fit_that_is_stopped_still_answers),
        UNIT(classes_by_the_ten_thousand_give_an_answer_or_a_clear_code),
        UNIT(kos_takes_two_classes_and_says_so_otherwise),
        UNIT(costs_decide_and_grades_fall_in_the_middle),
        UNIT(auto_says_why_and_repeats_itself),
        UNIT(intervals_hold_the_planted_skill_as_often_as_they_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
