/* What the statistics room promises of votes and of one answer per task. */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "stats/tally.h"

static struct as_votes *votes_of(const struct as_labels *in, enum as_duplicates policy)
{
    struct as_votes *v;

    assert_int_equal(as_votes_new(in, policy, &v, NULL), AS_OK);
    return v;
}

static struct as_result *answer_of(const struct as_votes *v, const char *method)
{
    struct as_result *r;

    assert_int_equal(as_aggregate(v, method, NULL, &r), AS_OK);
    return r;
}

/* NULL where the method does not fit the input (gold, two classes). */
static struct as_result *answer_if_fit(const struct as_votes *v, const char *method)
{
    struct as_result *r;
    int rc = as_aggregate(v, method, NULL, &r);

    assert_true(rc == AS_OK || rc == AS_EUNFIT);
    return r;
}

/* ------------------------------------------------------------------ the made-up crowd */

static void the_crowd_is_the_same_in_every_language(void **state)
{
    static const struct { uint32_t n; uint64_t workers, labels, truths, weighted; } want[] = {
        { 1000, 246635, 7468, 1486, 3681825 },
        { 10000, 2472330, 75195, 15038, 37377005 },
        { 100000, 49743850, 749635, 149923, 373492786 },
    };
    static const uint32_t first[6][3] = { { 0, 79, 1 }, { 0, 99, 3 }, { 0, 19, 1 },
                                          { 0, 39, 0 }, { 0, 59, 1 }, { 1, 58, 3 } };
    static uint32_t task[500000], worker[500000];
    static uint16_t label[500000], truth[100000];

    (void)state;
    for (size_t c = 0; c < 3; c++) {
        uint32_t n = want[c].n, w = n / 500 > 100 ? n / 500 : 100;
        uint64_t sw = 0, sl = 0, st = 0, mixed = 0;
        assert_int_equal(as_synth_crowd(n, 5, 4, w, 7, task, worker, label, truth, NULL), AS_OK);
        for (size_t k = 0; k < (size_t)n * 5; k++) {
            sw += worker[k];
            sl += label[k];
            mixed += label[k] * (k % 997);
        }
        for (uint32_t t = 0; t < n; t++)
            st += truth[t];
        assert_int_equal(sw, want[c].workers);
        assert_int_equal(sl, want[c].labels);
        assert_int_equal(st, want[c].truths);
        assert_int_equal(mixed, want[c].weighted);
        for (size_t k = 0; c == 0 && k < 6; k++) {
            assert_int_equal(task[k], first[k][0]);
            assert_int_equal(worker[k], first[k][1]);
            assert_int_equal(label[k], first[k][2]);
        }
    }
    assert_int_equal(as_synth_crowd(1, 5, 4, 4, 7, task, worker, label, truth, NULL), AS_EINVAL);
}

/* ------------------------------------------------------------------ golden folders */

static FILE *golden(const char *folder, const char *name)
{
    char path[512], line[128];

    snprintf(path, sizeof path, "%s/tests/golden/stats/aggregate/%s%s",
             getenv("ANNOTARY_SOURCE"), folder, name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));       /* the header */
    return f;
}

enum { GOLDEN_ROWS = 300, GOLDEN_TASKS = 60, GOLDEN_WORKERS = 20 };

struct golden {
    uint32_t task[GOLDEN_ROWS], worker[GOLDEN_ROWS];
    uint16_t label[GOLDEN_ROWS], truth[GOLDEN_TASKS], gold[GOLDEN_TASKS];
};

/* The rows of a folder; the class of every third task is known. */
static struct as_votes *golden_read(struct golden *g, const char *folder, const char *name,
                                    uint32_t classes)
{
    uint32_t st[GOLDEN_ROWS], sw[GOLDEN_ROWS], t, w, l;
    uint16_t sl[GOLDEN_ROWS];
    size_t n = 0;

    FILE *f = golden(folder, name);
    for (; fscanf(f, "%u,%u,%u", &t, &w, &l) == 3; n++) {
        g->task[n] = t;
        g->worker[n] = w;
        g->label[n] = (uint16_t)l;
    }
    fclose(f);
    assert_int_equal(as_synth_crowd(GOLDEN_TASKS, 5, 4, GOLDEN_WORKERS, 7, st, sw, sl, g->truth,
                                    NULL), AS_OK);
    for (t = 0; t < GOLDEN_TASKS; t++)
        g->gold[t] = (uint16_t)(t % 3 ? AS_ABSTAIN : g->truth[t] % classes);
    struct as_labels in = { .n = n, .tasks = GOLDEN_TASKS, .workers = GOLDEN_WORKERS,
                            .classes = classes, .task = g->task, .worker = g->worker,
                            .label = g->label, .gold = g->gold };
    return votes_of(&in, AS_KEEP_LAST);
}

static void golden_compare(const struct as_result *r, const char *folder)
{
    unsigned tied, rows = 0;
    uint32_t t, w, l;
    double want;

    FILE *f = golden(folder, "answers.csv");
    for (; fscanf(f, "%u,%u,%lf,%u", &t, &l, &want, &tied) == 4; rows++) {
        if (!(fabs(as_confidence(r, t) - want) < 2e-9))
            print_error("%stask %u: confidence %.12f, expected %.12f\n", folder, t,
                        as_confidence(r, t), want);
        assert_int_equal(r->label[t], l);
        assert_true(fabs(as_confidence(r, t) - want) < 2e-9);
        assert_int_equal(r->flags[t] & AS_TIED, tied);
    }
    fclose(f);
    double sure[GOLDEN_TASKS], margin[GOLDEN_TASKS], entropy[GOLDEN_TASKS];
    as_certainty(r, sure, margin, entropy);
    as_certainty(r, NULL, NULL, NULL);
    for (t = 0; t < GOLDEN_TASKS; t++)
        assert_true(sure[t] == as_confidence(r, t) && margin[t] == as_margin(r, t)
                    && entropy[t] == as_entropy(r, t));
    assert_int_equal(rows, 59);
    assert_int_equal(r->flags[59], AS_NO_VOTES);
    assert_int_equal(r->label[59], AS_ABSTAIN);
    f = golden(folder, "workers.csv");
    for (; fscanf(f, "%u,%u,%lf", &w, &l, &want) == 3; rows++) {
        assert_int_equal(r->worker[w].n, l);
        if (!(fabs(r->worker[w].weight - want) < 2e-9 * fmax(1, fabs(want))))
            print_error("%sworker %u: weight %.12f, expected %.12f\n", folder, w,
                        r->worker[w].weight, want);
        assert_true(fabs(r->worker[w].weight - want) < 2e-9 * fmax(1, fabs(want)));
        assert_true(r->worker[w].lo <= r->worker[w].skill);
        assert_true(r->worker[w].skill <= r->worker[w].hi);
    }
    fclose(f);
    assert_int_equal(rows, 79);
}

static void every_method_equals_its_golden_folder(void **state)
{
    static struct golden g;
    const struct as_method_info *m;

    (void)state;
    for (unsigned k = 0; (m = as_method(k)); k++) {
        char folder[64];
        snprintf(folder, sizeof folder, "%s/", m->id);
        struct as_votes *v = golden_read(&g, "", "crowd.csv", 4);
        struct as_result *r = answer_if_fit(v, m->id);
        if (!r) {                       /* for two classes: it has an input of its own */
            as_votes_free(v);
            v = golden_read(&g, folder, "input.csv", 2);
            r = answer_of(v, m->id);
        }
        golden_compare(r, folder);
        as_result_free(r);
        as_votes_free(v);
    }
}

/* ------------------------------------------------------------------ votes */

static void duplicates_follow_the_policy(void **state)
{
    const uint32_t task[] = { 0, 0, 0, 0 }, worker[] = { 0, 1, 0, 2 };
    const uint16_t label[] = { 1, 0, 2, 2 };
    const int64_t time[] = { 9, 1, 3, 4 };
    struct as_labels in = { .n = 4, .tasks = 1, .workers = 3, .classes = 3,
                            .task = task, .worker = worker, .label = label };
    struct as_fault fault;
    struct as_votes_info info;
    struct as_votes *v;
    struct as_result *r;

    (void)state;
    r = answer_of(v = votes_of(&in, AS_KEEP_LAST), "majority");
    assert_int_equal(r->label[0], 2);
    assert_true(as_confidence(r, 0) > .66 && as_confidence(r, 0) < .67);
    as_votes_info(v, &info);
    assert_int_equal(info.duplicates, 1);
    assert_int_equal(info.kept, 3);
    as_result_free(r);
    as_votes_free(v);

    r = answer_of(v = votes_of(&in, AS_KEEP_FIRST), "majority");
    assert_int_equal(r->label[0], 0);                   /* 1, 0, 2: a tie, the lowest class */
    assert_int_equal(r->flags[0], AS_TIED);
    assert_true(as_margin(r, 0) == 0);
    as_result_free(r);
    as_votes_free(v);

    r = answer_of(v = votes_of(&in, AS_KEEP_ALL), "majority");
    assert_true(as_confidence(r, 0) == .5);
    as_result_free(r);
    as_votes_free(v);

    assert_int_equal(as_votes_new(&in, AS_REJECT, &v, &fault), AS_EDUPLICATE);
    assert_int_equal(fault.task, 0);
    assert_int_equal(fault.worker, 0);

    in.time = time;                                     /* now the first row is the last word */
    r = answer_of(v = votes_of(&in, AS_KEEP_LAST), "majority");
    assert_int_equal(r->flags[0], AS_TIED);
    as_result_free(r);
    as_votes_free(v);
}

static void an_abstain_counts_for_nobody_and_takes_an_answer_back(void **state)
{
    const uint32_t task[] = { 0, 0, 0, 1 }, worker[] = { 0, 1, 0, 1 };
    const uint16_t label[] = { 1, 0, AS_ABSTAIN, AS_ABSTAIN };
    struct as_labels in = { .n = 4, .tasks = 2, .workers = 2, .classes = 2,
                            .task = task, .worker = worker, .label = label };
    struct as_votes_info info;
    struct as_votes *v = votes_of(&in, AS_KEEP_LAST);
    struct as_result *r = answer_of(v, "wawa");

    (void)state;
    as_votes_info(v, &info);
    assert_int_equal(info.abstained, 2);
    assert_int_equal(info.empty_tasks, 1);
    assert_int_equal(r->label[0], 0);
    assert_true(as_confidence(r, 0) == 1);
    assert_int_equal(r->flags[1], AS_NO_VOTES);
    assert_true(as_q(r, 1, 0) == 1 && as_q(r, 1, 1) == 0);
    assert_int_equal(r->worker[0].n, 0);
    assert_true(r->worker[0].lo < .05 && r->worker[0].hi > .95);    /* nothing known of them */
    as_result_free(r);
    as_votes_free(v);
}

static void bad_rows_are_named(void **state)
{
    const uint32_t task[] = { 0, 5 }, worker[] = { 0, 0 };
    const uint16_t label[] = { 0, 0 }, high[] = { 0, 9 };
    const float nan_weight[] = { 1, NAN };
    struct as_labels in = { .n = 2, .tasks = 5, .workers = 1, .classes = 2,
                            .task = task, .worker = worker, .label = label };
    struct as_fault f;
    struct as_votes *v;

    (void)state;
    assert_int_equal(as_votes_new(&in, AS_KEEP_LAST, &v, &f), AS_EINVAL);
    assert_int_equal(f.row, 1);
    assert_int_equal(f.task, 5);
    assert_string_equal(f.why, "no such task");
    in.tasks = 6;
    in.weight = nan_weight;
    assert_int_equal(as_votes_new(&in, AS_KEEP_LAST, &v, &f), AS_EINVAL);
    assert_int_equal(f.row, 1);
    in.weight = NULL;
    in.label = high;
    assert_int_equal(as_votes_new(&in, AS_KEEP_LAST, &v, &f), AS_EINVAL);
    in.classes = 100000;
    assert_int_equal(as_votes_new(&in, AS_KEEP_LAST, &v, &f), AS_ETOOBIG);
    in.classes = 0;
    assert_int_equal(as_votes_new(&in, AS_KEEP_LAST, &v, NULL), AS_EINVAL);
    assert_null(v);
}

/* ------------------------------------------------------------------ laws every method obeys */

enum { LAW_TASKS = 300, LAW_ROWS = LAW_TASKS * 5, LAW_WORKERS = 40, LAW_CLASSES = 5 };

struct law {
    uint32_t task[LAW_ROWS], worker[LAW_ROWS];
    uint16_t label[LAW_ROWS], truth[LAW_TASKS], gold[LAW_TASKS];
    struct as_labels in;
};

static void law_begin(struct law *a)
{
    assert_int_equal(as_synth_crowd(LAW_TASKS, 5, LAW_CLASSES, LAW_WORKERS, 3, a->task, a->worker,
                                    a->label, a->truth, NULL), AS_OK);
    for (uint32_t t = 0; t < LAW_TASKS; t++)
        a->gold[t] = t % 4 ? AS_ABSTAIN : a->truth[t];
    a->in = (struct as_labels){ .n = LAW_ROWS, .tasks = LAW_TASKS, .workers = LAW_WORKERS,
                                .classes = LAW_CLASSES, .task = a->task, .worker = a->worker,
                                .label = a->label, .gold = a->gold };
}

static void order_of_rows_changes_not_one_byte(void **state)
{
    static struct law a, b;
    const struct as_method_info *m;

    (void)state;
    law_begin(&a);
    law_begin(&b);
    for (size_t k = 0; k < LAW_ROWS; k++) {
        size_t other = (k * 1009 + 17) % LAW_ROWS;      /* 1009 is prime to the number of rows */
        b.task[k] = a.task[other];
        b.worker[k] = a.worker[other];
        b.label[k] = a.label[other];
    }
    struct as_votes *va = votes_of(&a.in, AS_KEEP_LAST), *vb = votes_of(&b.in, AS_KEEP_LAST);
    for (unsigned k = 0; (m = as_method(k)); k++) {
        struct as_result *ra = answer_if_fit(va, m->id), *rb = answer_if_fit(vb, m->id);
        if (!ra)
            continue;
        assert_memory_equal(ra->q, rb->q, sizeof *ra->q * LAW_TASKS * LAW_CLASSES);
        assert_memory_equal(ra->label, rb->label, sizeof *ra->label * LAW_TASKS);
        assert_memory_equal(ra->worker, rb->worker, sizeof *ra->worker * LAW_WORKERS);
        assert_int_equal(ra->digest, rb->digest);
        as_result_free(ra);
        as_result_free(rb);
    }
    as_votes_free(va);
    as_votes_free(vb);
}

static void new_names_change_nothing_but_names(void **state)
{
    static struct law a, b;
    const struct as_method_info *m;

    (void)state;
    law_begin(&a);
    law_begin(&b);
    for (size_t k = 0; k < LAW_ROWS; k++) {
        b.task[k] = LAW_TASKS - 1 - a.task[k];
        b.worker[k] = (a.worker[k] * 7 + 3) % LAW_WORKERS;
        b.label[k] = (uint16_t)((a.label[k] + 2) % LAW_CLASSES);
    }
    for (uint32_t t = 0; t < LAW_TASKS; t++)
        b.gold[LAW_TASKS - 1 - t] = (uint16_t)(a.gold[t] == AS_ABSTAIN ? AS_ABSTAIN
                                               : (a.gold[t] + 2) % LAW_CLASSES);
    struct as_votes *va = votes_of(&a.in, AS_KEEP_LAST), *vb = votes_of(&b.in, AS_KEEP_LAST);
    for (unsigned k = 0; (m = as_method(k)); k++) {
        if (strcmp(m->id, "majority") && strcmp(m->id, "gold-majority"))
            continue;               /* the others pass a tie of their first vote on */
        struct as_result *ra = answer_of(va, m->id), *rb = answer_of(vb, m->id);
        for (uint32_t t = 0; t < LAW_TASKS; t++) {
            uint32_t u = LAW_TASKS - 1 - t;
            for (uint32_t c = 0; c < LAW_CLASSES; c++)
                assert_true(fabs(as_q(ra, t, c) - as_q(rb, u, (c + 2) % LAW_CLASSES)) < 1e-6);
            assert_int_equal(ra->flags[t], rb->flags[u]);
            if (!(ra->flags[t] & AS_TIED))
                assert_int_equal((ra->label[t] + 2) % LAW_CLASSES, rb->label[u]);
        }
        as_result_free(ra);
        as_result_free(rb);
    }
    as_votes_free(va);
    as_votes_free(vb);
}

static void three_copies_equal_weight_three(void **state)
{
    static struct law a;
    static uint32_t task[3 * LAW_ROWS], worker[3 * LAW_ROWS];
    static uint16_t label[3 * LAW_ROWS];
    static float weight[LAW_ROWS];
    size_t n = 0;
    struct as_result *ra, *rb;
    struct as_votes *va, *vb;
    const char *const methods[] = { "majority", "wawa", "zbs" };

    (void)state;
    law_begin(&a);
    for (size_t k = 0; k < LAW_ROWS; k++) {
        int copies = a.worker[k] == 5 ? 3 : 1;
        weight[k] = (float)copies;
        for (int c = 0; c < copies; c++, n++) {
            task[n] = a.task[k];
            worker[n] = a.worker[k];
            label[n] = a.label[k];
        }
    }
    a.in.weight = weight;
    va = votes_of(&a.in, AS_KEEP_LAST);
    struct as_labels many = { .n = n, .tasks = LAW_TASKS, .workers = LAW_WORKERS,
                              .classes = LAW_CLASSES, .task = task, .worker = worker,
                              .label = label };
    vb = votes_of(&many, AS_KEEP_ALL);
    for (size_t k = 0; k < 3; k++) {
        ra = answer_of(va, methods[k]);
        rb = answer_of(vb, methods[k]);
        for (uint32_t t = 0; t < LAW_TASKS; t++)
            assert_true(fabs(as_confidence(ra, t) - as_confidence(rb, t)) < 1e-12);
        as_result_free(ra);
        as_result_free(rb);
    }
    as_votes_free(va);
    as_votes_free(vb);
}

static void a_known_answer_is_obeyed_when_asked(void **state)
{
    static struct law a;
    struct as_opts o;
    struct as_result *r;
    const struct as_method_info *m;

    (void)state;
    law_begin(&a);
    struct as_votes *v = votes_of(&a.in, AS_KEEP_LAST);
    as_opts_init(&o);
    o.clamp_gold = 1;
    for (unsigned k = 0; (m = as_method(k)); k++) {
        if (as_aggregate(v, m->id, &o, &r) == AS_EUNFIT)
            continue;
        assert_non_null(r);
        for (uint32_t t = 0; t < LAW_TASKS; t += 4) {
            assert_int_equal(r->label[t], a.truth[t]);
            assert_int_equal(r->flags[t], AS_GOLD);
            assert_true(as_q(r, t, a.truth[t]) == 1);
        }
        as_result_free(r);
    }
    as_votes_free(v);
}

static void weighing_people_beats_counting_heads(void **state)
{
    static uint32_t task[50000], worker[50000];
    static uint16_t label[50000], truth[10000];
    const char *const methods[] = { "majority", "wawa", "zbs" };
    double right[3] = { 0 };

    (void)state;
    assert_int_equal(as_synth_crowd(10000, 5, 4, 100, 7, task, worker, label, truth, NULL), AS_OK);
    struct as_labels in = { .n = 50000, .tasks = 10000, .workers = 100, .classes = 4,
                            .task = task, .worker = worker, .label = label };
    struct as_votes *v = votes_of(&in, AS_KEEP_LAST);
    for (size_t k = 0; k < 3; k++) {
        struct as_result *r = answer_of(v, methods[k]);
        for (uint32_t t = 0; t < 10000; t++)
            right[k] += r->label[t] == truth[t];
        as_result_free(r);
    }
    assert_true(right[0] > 8600 && right[0] < 8760);
    assert_true(right[1] > right[0] + 200);             /* the reference has .9042 */
    assert_true(fabs(right[1] - 9042) <= 5);
    assert_true(right[2] >= right[1]);
    as_votes_free(v);
}

/* ------------------------------------------------------------------ degenerate input */

static void nothing_is_a_clean_answer(void **state)
{
    struct as_labels in = { .tasks = 0, .workers = 0, .classes = 1 };
    const struct as_method_info *m;
    struct as_result *r;

    (void)state;
    for (uint32_t tasks = 0; tasks < 3; tasks++) {
        in.tasks = tasks;
        struct as_votes *v = votes_of(&in, AS_KEEP_LAST);
        for (unsigned k = 0; (m = as_method(k)); k++) {
            int rc = as_aggregate(v, m->id, NULL, &r);
            assert_int_equal(rc, m->needs_gold || !strcmp(m->id, "kos") ? AS_EUNFIT : AS_OK);
            for (uint32_t t = 0; !rc && t < tasks; t++) {
                assert_int_equal(r->flags[t], AS_NO_VOTES);
                assert_true(as_q(r, t, 0) == 1);
            }
            as_result_free(r);
        }
        as_votes_free(v);
    }
}

static void many_classes_use_a_sparse_table(void **state)
{
    const uint32_t task[] = { 0, 0, 0, 2, 2 }, worker[] = { 0, 1, 2, 0, 1 };
    const uint16_t label[] = { 65534, 3, 65534, 7, 9 }, gold[] = { AS_ABSTAIN, 12, 65000 };
    struct as_labels in = { .n = 5, .tasks = 3, .workers = 3, .classes = 65535, .task = task,
                            .worker = worker, .label = label, .gold = gold };
    struct as_votes *v = votes_of(&in, AS_KEEP_LAST);
    struct as_result *r = answer_of(v, "majority");
    struct as_opts o;

    (void)state;
    assert_null(r->q);
    assert_int_equal(r->label[0], 65534);
    assert_true(fabs(as_q(r, 0, 65534) - 2 / 3.) < 1e-6);
    assert_true(fabs(as_q(r, 0, 3) - 1 / 3.) < 1e-6);
    assert_true(as_q(r, 0, 4) == 0);
    assert_int_equal(r->flags[1], AS_NO_VOTES);
    assert_true(fabs(as_q(r, 1, 65534) - 1 / 3.) < 1e-6);
    assert_int_equal(r->flags[2], AS_TIED);
    as_result_free(r);
    as_opts_init(&o);
    o.clamp_gold = 1;
    o.ties = AS_TIE_UNDECIDED;
    assert_int_equal(as_aggregate(v, "majority", &o, &r), AS_OK);
    assert_int_equal(r->label[1], 12);
    assert_true(as_q(r, 1, 12) == 1);
    assert_true(as_q(r, 2, 65000) == 1 && as_q(r, 2, 7) == 0);
    as_result_free(r);
    as_votes_free(v);
}

static void a_hundred_thousand_answers_to_one_question(void **state)
{
    static uint32_t task[100000], worker[100000];
    static uint16_t label[100000];
    static float weight[100000];

    (void)state;
    for (uint32_t k = 0; k < 100000; k++) {
        worker[k] = (k * 7919u) % 100000;
        label[k] = k % 3 ? 1 : 0;
    }
    struct as_labels in = { .n = 100000, .tasks = 1, .workers = 100000, .classes = 2,
                            .task = task, .worker = worker, .label = label };
    for (int zero = 0; zero < 2; zero++) {
        in.weight = zero ? weight : NULL;               /* all weights 0: heads count alike */
        struct as_votes *v = votes_of(&in, AS_REJECT);
        struct as_result *r = answer_of(v, "wawa");
        assert_int_equal(r->label[0], 1);
        assert_int_equal(r->worker[7919].n, 1);
        as_result_free(r);
        as_votes_free(v);
    }
}

static void bad_options_are_refused(void **state)
{
    struct as_labels in = { .tasks = 1, .workers = 1, .classes = 2 };
    struct as_votes *v = votes_of(&in, AS_KEEP_LAST);
    const double wrong[2] = { 1, 0 };
    struct as_result *r;
    struct as_opts o;

    (void)state;
    as_opts_init(&o);
    assert_int_equal(as_aggregate(v, "no-such", &o, &r), AS_ENOMETHOD);
    assert_int_equal(as_aggregate(v, NULL, &o, &r), AS_ENOMETHOD);
    assert_int_equal(as_aggregate(v, "gold-majority", &o, &r), AS_EUNFIT);
    o.tol = NAN;
    assert_int_equal(as_aggregate(v, "wawa", &o, &r), AS_EINVAL);
    as_opts_init(&o);
    o.level = 1;
    assert_int_equal(as_aggregate(v, "wawa", &o, &r), AS_EINVAL);
    as_opts_init(&o);
    o.class_prior = wrong;
    assert_int_equal(as_aggregate(v, "wawa", &o, &r), AS_EINVAL);
    assert_null(r);
    for (int code = 0; code >= -10; code--)
        assert_true(strlen(as_text(code)) > 5);
    as_votes_free(v);
}

static uint32_t dice(uint32_t sides)
{
    static uint64_t thrown;

    return (uint32_t)(as_uniform(5, 9, thrown++) * sides);
}

static void any_small_input_gives_a_code_or_a_whole_answer(void **state)
{
    uint32_t task[40], worker[40];
    uint16_t label[40], gold[8];
    float weight[40];
    int64_t time[40];
    unsigned answered = 0;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        uint32_t tasks = 1 + dice(8), workers = 1 + dice(9), classes = 1 + dice(round % 2 ? 6 : 90);
        int sound = round % 3;
        for (size_t k = 0; k < 40; k++) {
            task[k] = dice(tasks + (sound ? 0 : dice(20) == 0));
            worker[k] = dice(workers);
            label[k] = (uint16_t)(dice(6) ? dice(classes) : AS_ABSTAIN);
            weight[k] = dice(5) ? (float)dice(3) : sound ? 0.f : dice(9) ? 1e30f : -1.f;
            time[k] = dice(4);
        }
        for (size_t t = 0; t < 8; t++)
            gold[t] = (uint16_t)(dice(2) ? AS_ABSTAIN : dice(classes));
        struct as_labels in = { .n = dice(41), .tasks = tasks, .workers = workers,
                                .classes = classes, .task = task, .worker = worker,
                                .label = label, .weight = dice(2) ? weight : NULL,
                                .time = dice(2) ? time : NULL, .gold = dice(2) ? gold : NULL };
        struct as_votes *v;
        struct as_opts o;
        if (as_votes_new(&in, (enum as_duplicates)dice(4), &v, NULL))
            continue;
        as_opts_init(&o);
        o.clamp_gold = (int)dice(2);
        o.ties = (enum as_ties)dice(2);
        o.max_iter = 1 + (int)dice(9);
        o.threads = 1 + (int)dice(3);
        o.restarts = 1 + (int)dice(2);
        unsigned methods = 0;
        while (as_method(methods))
            methods++;
        const struct as_method_info *m = as_method(dice(methods));
        struct as_result *r;
        int rc = as_aggregate(v, m->id, &o, &r);
        if (rc != AS_OK && rc != AS_EUNFIT)
            print_error("%s: code %d on round %d\n", m->id, rc, round);
        assert_true(rc == AS_OK || rc == AS_EUNFIT);
        for (uint32_t t = 0; !rc && t < tasks; t++) {
            double sum = 0;
            for (uint32_t k = 0; k < classes; k++)
                sum += as_q(r, t, k);
            assert_true(fabs(sum - 1) < 1e-5);
            assert_true(r->label[t] < classes || r->flags[t] & (AS_TIED | AS_NO_VOTES));
        }
        for (uint32_t j = 0; !rc && j < workers; j++)
            assert_true(r->worker[j].lo >= 0 && r->worker[j].lo <= r->worker[j].hi
                        && r->worker[j].hi <= 1);
        answered += !rc;
        as_result_free(r);
        as_votes_free(v);
    }
    assert_true(answered > 700);
}

/* ------------------------------------------------------------------ intervals */

static void beta_quantiles_are_right(void **state)
{
    (void)state;
    assert_true(fabs(as_beta_quantile(.3, 1, 1) - .3) < 1e-12);
    for (int k = 1; k < 20; k++) {
        double p = k / 20.;
        double one = as_beta_quantile(p, 1, 7), two = as_beta_quantile(p, 2, 2);
        assert_true(fabs(one - (1 - pow(1 - p, 1 / 7.))) < 1e-11);
        assert_true(fabs(3 * two * two - 2 * two * two * two - p) < 1e-11);
        assert_true(fabs(as_beta_cdf(as_beta_quantile(p, 3e5, 7e5), 3e5, 7e5) - p) < 1e-6);
    }
    assert_true(fabs(as_beta_quantile(.5, 400, 400) - .5) < 1e-12);
}

static void an_interval_narrows_with_answers(void **state)
{
    static struct law a;
    (void)state;
    law_begin(&a);
    double before = 0;
    for (size_t n = LAW_ROWS; n >= 60; n /= 5) {
        a.in.n = n;
        struct as_votes *v = votes_of(&a.in, AS_KEEP_LAST);
        struct as_result *r = answer_of(v, "majority");
        double width = 0;
        for (uint32_t j = 0; j < LAW_WORKERS; j++)
            width += r->worker[j].hi - r->worker[j].lo;
        assert_true(width > before);
        before = width;
        as_result_free(r);
        as_votes_free(v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(the_crowd_is_the_same_in_every_language),
        UNIT(every_method_equals_its_golden_folder),
        UNIT(duplicates_follow_the_policy),
        UNIT(an_abstain_counts_for_nobody_and_takes_an_answer_back),
        UNIT(bad_rows_are_named),
        UNIT(order_of_rows_changes_not_one_byte),
        UNIT(new_names_change_nothing_but_names),
        UNIT(three_copies_equal_weight_three),
        UNIT(a_known_answer_is_obeyed_when_asked),
        UNIT(weighing_people_beats_counting_heads),
        UNIT(nothing_is_a_clean_answer),
        UNIT(many_classes_use_a_sparse_table),
        UNIT(a_hundred_thousand_answers_to_one_question),
        UNIT(bad_options_are_refused),
        UNIT(any_small_input_gives_a_code_or_a_whole_answer),
        UNIT(beta_quantiles_are_right),
        UNIT(an_interval_narrows_with_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
