/* What the statistics room promises of tables: CSV, names, answers, truths, packed files. */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "stats/tally.h"

static struct as_cell cell(const char *s)
{
    return (struct as_cell){ s, strlen(s) };
}

/* A row as "a|b|c"; "!why" for a bad one, "" at the end. */
static const char *row_of(struct as_csv *c)
{
    static char text[512];
    const struct as_cell *row;
    struct as_blame b;
    size_t n = 0;
    int rc = as_csv_next(c, &row, &b);

    text[0] = 0;
    if (rc < 0) {
        snprintf(text, sizeof text, "!%zu %s", b.line, b.why);
        return text;
    }
    for (uint32_t k = 0; rc > 0 && k < as_csv_header(c, NULL); k++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%.*s", k ? "|" : "", (int)row[k].n,
                              row[k].s);
    return text;
}

static struct as_csv *csv_of(const char *text)
{
    struct as_csv *c;
    struct as_blame b;

    assert_int_equal(as_csv_open(text, strlen(text), &c, &b), AS_OK);
    return c;
}

/* ------------------------------------------------------------------ CSV */

static void quotes_hold_commas_lines_and_quotes(void **state)
{
    struct as_csv *c = csv_of("a,b\r\n\"x,\"\"y\"\"\",2\r\n\"two\nlines\",\"\"\n,\n\n\r\n"
                              "5\" pipe,z");

    (void)state;
    assert_int_equal(as_csv_column(c, "b"), 1);
    assert_int_equal(as_csv_column(c, "c"), UINT32_MAX);
    assert_string_equal(row_of(c), "x,\"y\"|2");
    assert_string_equal(row_of(c), "two\nlines|");
    assert_int_equal(as_csv_line(c), 3);
    assert_string_equal(row_of(c), "|");
    assert_int_equal(as_csv_line(c), 5);
    assert_string_equal(row_of(c), "5\" pipe|z");
    assert_int_equal(as_csv_line(c), 8);
    assert_string_equal(row_of(c), "");
    as_csv_close(c);
}

static void a_bad_row_is_named_and_the_next_one_is_read(void **state)
{
    struct as_csv *c = csv_of("a,b\n1\n1,2,3\n\"x\"y,2\n1,2\n\"open,1\n2,3\n");

    (void)state;
    assert_string_equal(row_of(c), "!2 fewer cells than the header has columns");
    assert_string_equal(row_of(c), "!3 more cells than the header has columns");
    assert_string_equal(row_of(c), "!4 after a closing quote comes a comma or the end of the line");
    assert_string_equal(row_of(c), "1|2");
    assert_string_equal(row_of(c), "!6 a quote is opened and never closed");
    assert_string_equal(row_of(c), "");
    as_csv_close(c);
}

static void a_file_without_a_header_is_refused(void **state)
{
    struct as_csv *c;
    struct as_blame b;

    (void)state;
    assert_int_equal(as_csv_open("", 0, &c, &b), AS_EINVAL);
    assert_string_equal(b.why, "the file is empty");
    assert_int_equal(as_csv_open(NULL, 0, &c, &b), AS_EINVAL);
    assert_int_equal(as_csv_open("\xff\xfe" "a\0", 4, &c, &b), AS_EINVAL);
    assert_int_equal(as_csv_open("\"a\nb", 4, &c, &b), AS_EINVAL);
    assert_int_equal(as_csv_open("\xef\xbb\xbf" "a,b\n1,2", 10, &c, &b), AS_OK);
    assert_int_equal(as_csv_column(c, "a"), 0);
    as_csv_close(c);
}

static void cells_of_every_length_are_found(void **state)
{
    char text[4096];
    const struct as_cell *row;

    (void)state;
    for (size_t a = 0; a < 40; a++) {       /* every way the eight-byte steps can fall */
        size_t n = (size_t)snprintf(text, sizeof text, "h,i\n");
        memset(text + n, 'x', a);
        n += a;
        n += (size_t)snprintf(text + n, sizeof text - n, ",%s\n", a % 3 ? "yy" : "");
        char *exact = malloc(n);            /* so that a sanitizer sees one byte too far */
        memcpy(exact, text, n);
        struct as_csv *c;
        assert_int_equal(as_csv_open(exact, n, &c, NULL), AS_OK);
        assert_int_equal(as_csv_next(c, &row, NULL), 1);
        assert_int_equal(row[0].n, a);
        assert_int_equal(row[1].n, a % 3 ? 2 : 0);
        assert_int_equal(as_csv_next(c, &row, NULL), 0);
        as_csv_close(c);
        free(exact);
    }
}

/* ------------------------------------------------------------------ numbers and moments */

static void numbers_are_read_as_strtod_reads_them(void **state)
{
    static const char *const good[] = { "0", "-0", "1", "+7", "3.25", ".5", "5.", "-12.75e2",
        "1e22",
        "1e-22", "123456789012345", "1234567890123456789", "0.1234567890123456789", "1e300",
        "9007199254740993",
        "4.9e-324", "1e-400", "0.30000000000000004" };
    static const char *const bad[] = { "", " ", "-", ".", "e5", "1e", "1e+", "1..2", "0x10", "nan",
        "inf", "1e400", "1,5", "12a", "--1" };
    double x;

    (void)state;
    for (size_t k = 0; k < sizeof good / sizeof *good; k++) {
        assert_int_equal(as_cell_number(cell(good[k]), &x), 1);
        double want = strtod(good[k], NULL);
        assert_memory_equal(&x, &want, sizeof x);
    }
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        assert_int_equal(as_cell_number(cell(bad[k]), &x), 0);
    assert_int_equal(as_cell_number(cell(" 2.5\t"), &x), 1);
    assert_true(x > 2.4 && x < 2.6);
    for (uint64_t i = 0; i < 20000; i++) {
        char text[64];
        double want = (as_uniform(3, 1, i) - .5) * pow(10, floor(as_uniform(3, 2, i) * 40 - 20));
        snprintf(text, sizeof text, i % 2 ? "%.17g" : "%.9g", want);
        want = strtod(text, NULL);
        assert_int_equal(as_cell_number(cell(text), &x), 1);
        assert_memory_equal(&x, &want, sizeof x);
    }
}

static void moments_become_milliseconds(void **state)
{
    static const struct { const char *text; int64_t ms; } good[] = {
        { "0", 0 }, { "-5", -5 }, { "9223372036854775807", INT64_MAX },
        { "1970-01-01", 0 }, { "1970-01-01T00:00:01Z", 1000 },
        { "2024-02-29T12:34:56.789Z", 1709210096789 }, { "2024-02-29 12:34", 1709210040000 },
        { "2000-03-01T00:00:00+01:00", 951865200000 }, { "1969-12-31T23:59:59Z", -1000 },
    };
    static const char *const bad[] = { "", "-", "12x", "2024-13-01", "2024-01-01T", "2024-1-1",
        "9223372036854775808", "2024-01-01T10:00:00Q", "1.5" };
    int64_t ms;

    (void)state;
    for (size_t k = 0; k < sizeof good / sizeof *good; k++) {
        assert_int_equal(as_cell_time(cell(good[k].text), &ms), 1);
        assert_int_equal(ms, good[k].ms);
    }
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        assert_int_equal(as_cell_time(cell(bad[k]), &ms), 0);
}

/* ------------------------------------------------------------------ names */

static void every_name_keeps_its_id(void **state)
{
    enum { N = 50000 };
    static char text[N][24];
    struct as_names *m;
    uint32_t id;
    char room[12];

    (void)state;
    assert_int_equal(as_names_new(&m), AS_OK);
    for (uint32_t k = 0; k < N; k++) {      /* lengths 0 … 23, many alike in the first bytes */
        snprintf(text[k], sizeof text[k], k % 2 ? "%u" : "some longer name %u", k);
        if (k == 0)
            text[k][0] = 0;
        assert_int_equal(as_names_add(m, cell(text[k]), &id), AS_OK);
        assert_int_equal(id, k);
    }
    for (uint32_t k = 0; k < N; k++) {
        assert_int_equal(as_names_find(m, cell(text[k])), k);
        assert_int_equal(as_names_add(m, cell(text[k]), &id), AS_OK);
        assert_int_equal(id, k);
        assert_ptr_equal(as_name(m, k, room).s, text[k]);
    }
    assert_int_equal(as_names_count(m), N);
    assert_int_equal(as_names_find(m, cell("nobody")), UINT32_MAX);
    assert_int_equal(as_names_find(m, (struct as_cell){ "1\0", 2 }), UINT32_MAX);
    as_names_free(m);
}

/* ------------------------------------------------------------------ answers */

static struct as_answers *answers_of(const char *text, const struct as_reading *how)
{
    struct as_answers *a;
    struct as_blame b;

    assert_int_equal(as_answers_read(text, strlen(text), how, &a, &b), AS_OK);
    return a;
}

static void columns_are_found_by_name_and_classes_are_sorted(void **state)
{
    struct as_answers *a = answers_of("label,note,worker,time,task,weight\n"
                                      "zebra,,ann,5,t1,.5\n\"a\"\"b\",x,bob,2024-01-01,t2,2\n"
                                      ",,ann,7,t2,1\nzebra,,bob,8,t1,1\n", NULL);
    struct as_labels l;
    char room[12];

    (void)state;
    assert_int_equal(a->n, 4);
    assert_int_equal(as_names_count(a->classes), 2);
    assert_int_equal(as_name(a->classes, 0, room).n, 3);
    assert_memory_equal(as_name(a->classes, 0, room).s, "a\"b", 3);
    assert_int_equal(a->label[0], 1);
    assert_int_equal(a->label[1], 0);
    assert_int_equal(a->label[2], AS_ABSTAIN);
    assert_int_equal(a->empty, 1);
    assert_int_equal(a->task[2], 1);
    assert_int_equal(a->worker[3], 1);
    assert_int_equal(a->time[0], 5);
    assert_true(a->weight[0] < .6f && a->weight[1] > 1.9f);
    as_answers_labels(a, &l);
    assert_int_equal(l.tasks, 2);
    assert_int_equal(l.classes, 2);
    as_answers_forget(a);
    assert_null(a->task);
    assert_int_equal(as_names_find(a->workers, cell("bob")), 1);
    as_answers_free(a);
}

static int lines_of(void *arg, const struct as_blame *b)
{
    size_t *sum = arg;

    *sum = *sum * 10 + b->line;
    return 0;
}

static void bad_rows_are_told_and_left_out(void **state)
{
    const char *text = "task,worker,label,weight\na,b,1,1\n,b,1,1\na,,1,1\na,c,1,-1\na,c,1,x\n"
                       "a,c,1\na,d,2,1\n";
    size_t lines = 0;
    struct as_reading how = { .bad = lines_of, .bad_arg = &lines };
    struct as_answers *a = answers_of(text, &how);
    struct as_blame b;

    (void)state;
    assert_int_equal(a->n, 2);
    assert_int_equal(a->bad, 5);
    assert_int_equal(lines, 34567);
    as_answers_free(a);
    assert_int_equal(as_answers_read(text, strlen(text), NULL, &a, &b), AS_EINVAL);
    assert_int_equal(b.line, 3);
    assert_string_equal(b.why, "the task is empty");
    assert_int_equal(as_answers_line(text, strlen(text), NULL, 0), 2);
    assert_int_equal(as_answers_read("task,label\n", 11, NULL, &a, &b), AS_EINVAL);
    assert_memory_equal(b.cell.s, "worker", 6);
}

static void given_classes_are_the_only_ones(void **state)
{
    const struct as_cell classes[] = { { "no", 2 }, { "yes", 3 }, { "maybe", 5 } };
    struct as_reading how = { .classes = classes, .nclasses = 3 };
    struct as_answers *a = answers_of("task,worker,label\n1,1,yes\n1,2,no\n", &how);
    struct as_blame b;
    const char *bad = "task,worker,label\n1,1,yes\n1,2,perhaps\n";

    (void)state;
    assert_int_equal(a->label[0], 1);
    assert_int_equal(a->label[1], 0);
    assert_int_equal(as_names_count(a->classes), 3);
    as_answers_free(a);
    assert_int_equal(as_answers_read(bad, strlen(bad), &how, &a, &b), AS_EINVAL);
    assert_int_equal(b.line, 3);
}

static void numbers_are_read_as_values(void **state)
{
    struct as_reading how = { .numbers = 1 };
    struct as_answers *a = answers_of("task,worker,label\n1,1,-2.5\n1,2,\n2,2,1e3\n", &how);
    const char *bad = "task,worker,label\n1,1,high\n";
    struct as_blame b;

    (void)state;
    assert_int_equal(a->n, 2);
    assert_true(a->value[0] < -2.4 && a->value[1] > 999);
    assert_null(a->label);
    as_answers_free(a);
    assert_int_equal(as_answers_read(bad, strlen(bad), &how, &a, &b), AS_EINVAL);
    assert_string_equal(b.why, "the label is no number");
}

static void too_many_labels_are_refused(void **state)
{
    static char text[1200000];
    size_t n = (size_t)snprintf(text, sizeof text, "task,worker,label\n");
    struct as_answers *a;
    struct as_blame b;

    (void)state;
    for (unsigned k = 0; k < 70000; k++)
        n += (size_t)snprintf(text + n, sizeof text - n, "1,%u,%u\n", k, k);
    assert_int_equal(as_answers_read(text, n, NULL, &a, &b), AS_ETOOBIG);
    assert_int_equal(b.line, 65537);
}

static void truths_are_laid_beside_the_tasks(void **state)
{
    struct as_answers *a = answers_of("task,worker,label\nx,1,p\ny,1,q\nz,1,p\n", NULL);
    const char *text = "task,label\ny,q\nnowhere,p\nz,unheard\nx,\ny,q\n";
    const char *twice = "task,label\ny,q\ny,p\n";
    struct as_truth *t;
    struct as_blame b;

    (void)state;
    assert_int_equal(as_truth_read(text, strlen(text), a->tasks, a->classes, NULL, &t, &b), AS_OK);
    assert_int_equal(t->label[0], AS_ABSTAIN);
    assert_int_equal(t->label[1], 1);
    assert_int_equal(t->label[2], AS_ABSTAIN);
    assert_int_equal(t->known[0], 0);
    assert_int_equal(t->known[2], 1);
    assert_int_equal(t->strange, 1);
    assert_int_equal(t->unasked, 1);
    as_truth_free(t);
    assert_int_equal(as_truth_read(twice, strlen(twice), a->tasks, a->classes, NULL, &t, &b),
                     AS_EINVAL);
    assert_int_equal(b.line, 3);
    assert_int_equal(as_truth_read("task,label\nx,2\n", 15, a->tasks, NULL, NULL, &t, &b), AS_OK);
    assert_true(t->value[0] > 1.9 && isnan(t->value[1]));
    as_truth_free(t);
    as_answers_free(a);
}

/* ------------------------------------------------------------------ packed */

struct bytes {
    _Alignas(64) unsigned char b[1 << 16];
    size_t n;
};

static int keep(void *arg, const void *bytes, size_t n)
{
    struct bytes *to = arg;

    assert_true(to->n + n <= sizeof to->b);
    memcpy(to->b + to->n, bytes, n);
    to->n += n;
    return 0;
}

static void packed(struct bytes *to, const char *text, enum as_duplicates policy, int gold)
{
    struct as_answers *a = answers_of(text, NULL);
    struct as_labels l;
    struct as_votes *v;
    uint16_t known[3] = { 0, AS_ABSTAIN, 1 };

    as_answers_labels(a, &l);
    assert_int_equal(as_votes_new(&l, policy, &v, NULL), AS_OK);
    if (gold)
        assert_int_equal(as_votes_gold(v, known), AS_OK);
    struct as_named names = { a->tasks, a->workers, a->classes };
    to->n = 0;
    assert_int_equal(as_votes_pack(v, &names, keep, to), AS_OK);
    as_votes_free(v);
    as_answers_free(a);
}

static const char crowd[] = "task,worker,label,weight\n0,zoe,p,1\n0,ann,q,2\n1,ann,p,1\n2,bob,q,1\n"
                            "2,zoe,q,1\n0,bob,p,.5\n2,zoe,p,1\n";

static void packed_votes_are_the_same_votes(void **state)
{
    static struct bytes file;
    struct as_votes *v;
    struct as_votes_info i, was;
    struct as_named names;
    struct as_blame b;
    char room[12];

    (void)state;
    for (int gold = 0; gold < 2; gold++)
        for (int policy = AS_KEEP_LAST; policy <= AS_KEEP_ALL; policy++) {
            packed(&file, crowd, (enum as_duplicates)policy, gold);
            assert_true(as_is_packed(file.b, file.n));
            assert_int_equal(as_votes_packed(file.b, file.n, &v, &names, &b), AS_OK);
            as_votes_info(v, &i);
            assert_int_equal(i.tasks, 3);
            assert_int_equal(i.kept, policy == AS_KEEP_ALL ? 7 : 6);
            assert_int_equal(i.gold_tasks, gold ? 2 : 0);
            assert_ptr_equal(v->worker, file.b + 64 * 3);       /* no copy */
            assert_memory_equal(as_name(names.workers, 0, room).s, "ann", 3);
            assert_int_equal(as_names_find(names.workers, cell("bob")), 1);
            assert_memory_equal(as_name(names.tasks, 2, room).s, "2", 1);
            assert_int_equal(as_names_find(names.tasks, cell("2")), 2);
            assert_int_equal(as_names_find(names.tasks, cell("3")), UINT32_MAX);
            assert_int_equal(as_names_find(names.tasks, cell("02")), UINT32_MAX);
            was = i;
            assert_int_equal(as_votes_gold(v, as_votes_known(v)), AS_OK);
            as_votes_info(v, &i);
            assert_int_equal(i.digest, was.digest);
            as_votes_free(v);
            as_named_free(&names);
        }
}

static void a_changed_packed_file_is_refused(void **state)
{
    static struct bytes file, other;
    struct as_votes *v;
    struct as_named names;
    struct as_blame b;
    struct as_packed_parts at;
    unsigned refused = 0;

    (void)state;
    packed(&file, crowd, AS_KEEP_LAST, 1);
    assert_int_equal(as_packed_lay((const struct as_packed *)(const void *)file.b, &at), AS_OK);
    for (size_t k = 0; k < file.n; k++) {
        other = file;
        other.b[k] = (unsigned char)(other.b[k] ^ 1u << k % 8);
        int rc = as_votes_packed(other.b, other.n, &v, &names, &b);
        if (rc == AS_OK) {          /* only padding, and the letters of a name */
            as_votes_free(v);
            as_named_free(&names);
        } else {
            assert_int_equal(rc, AS_EINVAL);
            assert_non_null(b.why);
            refused++;
        }
        if (rc == AS_OK)
            assert_true(k >= sizeof(struct as_packed));
    }
    assert_true(refused > 160);
    for (size_t n = 0; n < file.n; n += 7)
        assert_int_equal(as_votes_packed(file.b, n, &v, &names, &b), AS_EINVAL);
    assert_int_equal(as_votes_packed(file.b + 4, file.n - 4, &v, &names, &b), AS_EINVAL);
    other = file;
    assert_int_equal(as_packed_seal(other.b, other.n), AS_OK);
    assert_memory_equal(other.b, file.b, file.n);
}

static void a_packed_file_answers_as_the_csv_does(void **state)
{
    static struct bytes file;
    struct as_answers *a = answers_of(crowd, NULL);
    struct as_labels l;
    struct as_votes *v, *p;
    struct as_result *r, *s;
    const struct as_method_info *m;

    (void)state;
    packed(&file, crowd, AS_KEEP_LAST, 0);
    as_answers_labels(a, &l);
    assert_int_equal(as_votes_new(&l, AS_KEEP_LAST, &v, NULL), AS_OK);
    assert_int_equal(as_votes_packed(file.b, file.n, &p, NULL, NULL), AS_OK);
    for (unsigned k = 0; (m = as_method(k)); k++) {
        int rc = as_aggregate(v, m->id, NULL, &r);
        assert_int_equal(as_aggregate(p, m->id, NULL, &s), rc);
        if (rc)
            continue;
        assert_memory_equal(r->label, s->label, r->tasks * sizeof *r->label);
        assert_int_equal(r->digest, s->digest);
        as_result_free(r);
        as_result_free(s);
    }
    as_votes_free(v);
    as_votes_free(p);
    as_answers_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_hold_commas_lines_and_quotes),
        cmocka_unit_test(a_bad_row_is_named_and_the_next_one_is_read),
        cmocka_unit_test(a_file_without_a_header_is_refused),
        cmocka_unit_test(cells_of_every_length_are_found),
        cmocka_unit_test(numbers_are_read_as_strtod_reads_them),
        cmocka_unit_test(moments_become_milliseconds),
        cmocka_unit_test(every_name_keeps_its_id),
        cmocka_unit_test(columns_are_found_by_name_and_classes_are_sorted),
        cmocka_unit_test(bad_rows_are_told_and_left_out),
        cmocka_unit_test(given_classes_are_the_only_ones),
        cmocka_unit_test(numbers_are_read_as_values),
        cmocka_unit_test(too_many_labels_are_refused),
        cmocka_unit_test(truths_are_laid_beside_the_tasks),
        cmocka_unit_test(packed_votes_are_the_same_votes),
        cmocka_unit_test(a_changed_packed_file_is_refused),
        cmocka_unit_test(a_packed_file_answers_as_the_csv_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
