/* Sets of classes: golden folders, laws, a planted crowd, refusals. */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/annotary_stats.h"
#include "stats/chance.h"
#include "unit_csv.h"

#define TASKS 120
#define PEOPLE 12
#define EACH 5
#define CLASSES 6
#define ROWS (TASKS * EACH)

struct sets {
    uint32_t task[ROWS], worker[ROWS];
    size_t start[ROWS + 1];
    uint16_t label[ROWS * CLASSES];
    struct as_sets in;
};
static struct sets given, other;
static uint8_t truth[TASKS][CLASSES];

static struct as_multi *solve(const struct sets *s, const char *method, int per_class)
{
    struct as_multi *r;

    assert_int_equal(as_aggregate_multi(&s->in, AS_KEEP_LAST, method, per_class, NULL, &r, NULL),
                     AS_OK);
    return r;
}

/* bits[r] is the set of answer r. */
static void lay(struct sets *s, const uint32_t *bits, size_t n, uint32_t tasks, uint32_t workers,
                uint32_t classes)
{
    size_t at = 0;

    for (size_t r = 0; r < n; r++) {
        s->start[r] = at;
        for (uint32_t k = 0; k < classes; k++)
            if (bits[r] >> k & 1)
                s->label[at++] = (uint16_t)k;
    }
    s->start[n] = at;
    s->in = (struct as_sets){ .n = n, .tasks = tasks, .workers = workers, .classes = classes,
                              .task = s->task, .worker = s->worker, .start = s->start,
                              .label = s->label };
}

/* "a|c" as bits. */
static uint32_t bits_of(const char *cell)
{
    uint32_t bits = 0;

    for (; *cell; cell++)
        if (*cell != '|')
            bits |= 1u << (*cell - 'a');
    return bits;
}

static struct csv golden(const char *name)
{
    char path[512];
    struct csv c;

    snprintf(path, sizeof path, "%s/tests/golden/stats/multi/%s", getenv("ANNOTARY_SOURCE"), name);
    assert_true(csv_read(path, &c));
    return c;
}

static void golden_read(void)
{
    static uint32_t bits[ROWS];
    struct csv c = golden("input.csv");

    for (size_t r = 0; r < c.rows; r++) {
        given.task[r] = (uint32_t)atoi(c.cell[3 * r]);
        given.worker[r] = (uint32_t)atoi(c.cell[3 * r + 1]);
        bits[r] = bits_of(c.cell[3 * r + 2]);
    }
    lay(&given, bits, c.rows, 30, 8, 4);
    csv_end(&c);
}

static void equals_folder(const char *folder, const char *method, int per_class, double within)
{
    char name[96];
    struct as_multi *r = solve(&given, method, per_class);

    snprintf(name, sizeof name, "%s/expected.csv", folder);
    struct csv c = golden(name);
    assert_int_equal(c.rows, 30);
    for (size_t t = 0; t < c.rows; t++) {
        uint32_t bits = 0;
        for (uint32_t k = 0; k < 4; k++)
            bits |= (uint32_t)r->has[4 * t + k] << k;
        assert_int_equal(bits, bits_of(c.cell[3 * t + 1]));
        assert_true(fabs(r->confidence[t] - atof(c.cell[3 * t + 2])) < within);
    }
    csv_end(&c);
    snprintf(name, sizeof name, "%s/expected-posterior.csv", folder);
    c = golden(name);
    assert_int_equal(c.rows, 120);
    for (size_t k = 0; k < c.rows; k++)
        assert_true(fabs(r->q[k] - atof(c.cell[3 * k + 2])) < within);
    csv_end(&c);
    snprintf(name, sizeof name, "%s/expected-workers.csv", folder);
    c = golden(name);
    for (size_t j = 0; j < c.rows; j++) {
        assert_int_equal(r->worker[j].n, atoi(c.cell[3 * j + 1]));
        assert_true(fabs(r->worker[j].skill - atof(c.cell[3 * j + 2])) < within);
        assert_true(r->worker[j].lo <= r->worker[j].skill);
        assert_true(r->worker[j].skill <= r->worker[j].hi);
    }
    csv_end(&c);
    as_multi_free(r);
}

static void every_folder_holds_what_comes_out(void **state)
{
    (void)state;
    golden_read();
    equals_folder("majority", "majority", 0, 2e-9);
    equals_folder("majority", "majority", 1, 2e-9);
    equals_folder("dawid-skene", "dawid-skene", 0, 1e-6);
    equals_folder("dawid-skene-apart", "dawid-skene", 1, 1e-6);
}

/* Half of the people see .9 of what is there, half give anything; true sets are often empty. */
static void plant(uint64_t seed)
{
    static uint32_t bits[ROWS];
    struct as_rng g = { seed, 1, 0 };

    for (uint32_t t = 0; t < TASKS; t++)
        for (uint32_t k = 0; k < CLASSES; k++)
            truth[t][k] = as_draw(&g) < .25;
    for (uint32_t r = 0; r < ROWS; r++) {
        given.task[r] = r / EACH;
        given.worker[r] = (r / EACH * 7 + r % EACH * 5) % PEOPLE;
        bits[r] = 0;
        for (uint32_t k = 0; k < CLASSES; k++) {
            double x = as_draw(&g), yes = truth[given.task[r]][k] ? .9 : .06;
            bits[r] |= (uint32_t)(x < (given.worker[r] % 2 ? .45 : yes)) << k;
        }
    }
    lay(&given, bits, ROWS, TASKS, PEOPLE, CLASSES);
}

static int wrong(const struct as_multi *r)
{
    int n = 0;

    for (uint32_t t = 0; t < TASKS; t++)
        for (uint32_t k = 0; k < CLASSES; k++)
            n += r->has[t * CLASSES + k] != truth[t][k];
    return n;
}

static void knowing_people_beats_the_majority(void **state)
{
    (void)state;
    plant(5);
    struct as_multi *m = solve(&given, "majority", 0), *d = solve(&given, "dawid-skene", 0);
    struct as_multi *e = solve(&given, "dawid-skene", 1);
    assert_true(wrong(d) * 2 < wrong(m) && wrong(e) * 2 < wrong(m));
    assert_true(wrong(d) <= wrong(e));      /* more is known of people from all classes together */
    assert_true(d->worker[0].skill > .85 && d->worker[1].skill < .65);
    for (int i = 1; i < d->trace_n; i++)
        assert_true(d->trace[i] >= d->trace[i - 1] - 1e-9);
    for (int i = 1; i < e->trace_n; i++)
        assert_true(e->trace[i] >= e->trace[i - 1] - 1e-9);
    assert_true(d->trace_n > 1 && e->trace_n > 1 && m->trace_n == 0);
    as_multi_free(m);
    as_multi_free(d);
    as_multi_free(e);
}

static void every_method_answers_or_says_why_not(void **state)
{
    const struct as_method_info *m;

    (void)state;
    plant(6);
    for (unsigned i = 0; (m = as_method(i)); i++)
        for (int apart = 0; apart < 2; apart++) {
            struct as_multi *r;
            int rc = as_aggregate_multi(&given.in, AS_KEEP_LAST, m->id, apart, NULL, &r, NULL);
            assert_int_equal(rc, m->needs_gold ? AS_EUNFIT : AS_OK);
            for (size_t c = 0; r && c < (size_t)TASKS * CLASSES; c++)
                assert_true(r->q[c] >= 0 && r->q[c] <= 1);
            as_multi_free(r);
        }
}

/* Rows backwards, sets backwards, classes and tasks renamed: the same answers under other names. */
static void the_order_of_rows_and_the_names_change_nothing(void **state)
{
    (void)state;
    plant(7);
    size_t at = 0;
    for (size_t r = 0; r < ROWS; r++) {
        size_t from = ROWS - 1 - r;
        other.task[r] = TASKS - 1 - given.task[from];
        other.worker[r] = PEOPLE - 1 - given.worker[from];
        other.start[r] = at;
        for (size_t s = given.start[from]; s < given.start[from + 1]; s++)
            other.label[at++] = (uint16_t)(CLASSES - 1 - given.label[s]);
    }
    other.start[ROWS] = at;
    other.in = given.in;
    other.in.task = other.task, other.in.worker = other.worker;
    other.in.start = other.start, other.in.label = other.label;
    for (int apart = 0; apart < 2; apart++) {
        struct as_multi *a = solve(&given, "dawid-skene", apart);
        struct as_multi *b = solve(&other, "dawid-skene", apart);
        for (size_t c = 0; c < (size_t)TASKS * CLASSES; c++) {
            size_t d = (size_t)TASKS * CLASSES - 1 - c;
            assert_true(fabs(a->q[c] - b->q[d]) < 1e-6);
            assert_int_equal(a->has[c], b->has[d]);
        }
        as_multi_free(a);
        as_multi_free(b);
    }
}

static void a_set_is_taken_back_as_a_whole(void **state)
{
    static const uint32_t bits[] = { 3, 4, 0 };
    struct as_multi *r;
    struct as_fault f;

    (void)state;
    for (size_t k = 0; k < 3; k++)
        given.task[k] = k == 2, given.worker[k] = 0;
    lay(&given, bits, 3, 3, 1, 3);
    r = solve(&given, "majority", 0);
    assert_memory_equal(r->has, "\0\0\1\0\0\0\0\0\0", 9);
    assert_true(r->confidence[0] == 1 && r->confidence[1] == 1 && r->confidence[2] == 0);
    assert_int_equal(r->flags[1], 0);           /* the empty set is an answer … */
    assert_int_equal(r->flags[2], AS_NO_VOTES); /* … and silence is none */
    as_multi_free(r);
    assert_int_equal(as_aggregate_multi(&given.in, AS_KEEP_FIRST, "majority", 1, NULL, &r, NULL),
                     AS_OK);
    assert_memory_equal(r->has, "\1\1\0", 3);
    as_multi_free(r);
    assert_int_equal(as_aggregate_multi(&given.in, AS_REJECT, "majority", 0, NULL, &r, &f),
                     AS_EDUPLICATE);
    assert_true(f.task == 0 && f.worker == 0);
    assert_int_equal(as_aggregate_multi(&given.in, AS_KEEP_ALL, "majority", 0, NULL, &r, NULL),
                     AS_OK);
    assert_memory_equal(r->has, "\0\0\0", 3);    /* even odds keep a class out */
    assert_true(r->flags[0] & AS_TIED);
    as_multi_free(r);
}

static void what_is_known_is_kept_where_it_should_be(void **state)
{
    uint16_t known[120];
    struct as_opts o;
    struct as_multi *r;

    (void)state;
    golden_read();
    for (size_t c = 0; c < 120; c++)
        known[c] = c % 4 == 1 ? 1 : AS_ABSTAIN;
    given.in.known = known;
    as_opts_init(&o);
    o.clamp_gold = 1;
    for (int apart = 0; apart < 2; apart++) {
        int rc = as_aggregate_multi(&given.in, AS_KEEP_LAST, "dawid-skene", apart, &o, &r, NULL);
        assert_int_equal(rc, AS_OK);
        for (size_t t = 0; t < 30; t++)
            assert_true(r->has[4 * t + 1] && r->q[4 * t + 1] == 1);
        as_multi_free(r);
    }
}

static int refused(const struct as_sets *in, const char *method, struct as_fault *f)
{
    struct as_multi *r;
    int rc = as_aggregate_multi(in, AS_KEEP_LAST, method, 0, NULL, &r, f);

    assert_null(r);
    return rc;
}

static void bad_input_gets_a_code_and_the_row(void **state)
{
    static const uint32_t bits[] = { 1, 2 };
    float weight[] = { 1, NAN };
    uint16_t known[6] = { 0, 1, 2 };
    struct as_fault f;
    struct as_sets in;

    (void)state;
    memset(given.task, 0, sizeof given.task);
    given.worker[0] = 0, given.worker[1] = 1;
    lay(&given, bits, 2, 2, 2, 3);
    in = given.in, in.weight = weight;
    assert_int_equal(refused(&in, "majority", &f), AS_EINVAL);
    assert_int_equal(f.row, 1);
    in = given.in, in.classes = 1;
    assert_int_equal(refused(&in, "majority", &f), AS_EINVAL);
    assert_int_equal(f.row, 1);
    in = given.in, in.workers = 1;
    assert_int_equal(refused(&in, "majority", &f), AS_EINVAL);
    in = given.in, in.tasks = 0;
    assert_int_equal(refused(&in, "majority", NULL), AS_EINVAL);
    in = given.in, in.classes = 0;
    assert_int_equal(refused(&in, "majority", NULL), AS_EINVAL);
    in = given.in, in.tasks = UINT32_MAX;
    assert_int_equal(refused(&in, "majority", NULL), AS_ETOOBIG);
    in = given.in, in.classes = 65536;
    assert_int_equal(refused(&in, "majority", NULL), AS_ETOOBIG);
    in = given.in, in.known = known;
    assert_int_equal(refused(&in, "majority", NULL), AS_EINVAL);
    assert_int_equal(refused(&given.in, "none", NULL), AS_ENOMETHOD);
    given.start[1] = 9;
    assert_int_equal(refused(&given.in, "majority", &f), AS_EINVAL);
}

static void nothing_is_an_answer_too(void **state)
{
    struct as_sets in = { .tasks = 2, .workers = 1, .classes = 3 };

    (void)state;
    for (int apart = 0; apart < 2; apart++) {
        struct as_multi *r;
        int rc = as_aggregate_multi(&in, AS_KEEP_LAST, "dawid-skene", apart, NULL, &r, NULL);
        assert_int_equal(rc, AS_OK);
        for (uint32_t t = 0; t < 2; t++)
            assert_true(r->flags[t] & AS_NO_VOTES && r->confidence[t] == 0 && !r->has[3 * t]);
        as_multi_free(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_folder_holds_what_comes_out),
        cmocka_unit_test(knowing_people_beats_the_majority),
        cmocka_unit_test(every_method_answers_or_says_why_not),
        cmocka_unit_test(the_order_of_rows_and_the_names_change_nothing),
        cmocka_unit_test(a_set_is_taken_back_as_a_whole),
        cmocka_unit_test(what_is_known_is_kept_where_it_should_be),
        cmocka_unit_test(bad_input_gets_a_code_and_the_row),
        cmocka_unit_test(nothing_is_an_answer_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
