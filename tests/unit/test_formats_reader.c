/* test_formats_reader.c -- good rows, bad rows and hostile files on the way in. */
#include "unit.h"

#include "core/str.h"
#include "formats/reader.h"

#include <archive.h>
#include <archive_entry.h>
#include <math.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static FILE *file_of(const void *s, size_t n)
{
    FILE *f = tmpfile();

    assert_non_null(f);
    assert_int_equal(fwrite(s, 1, n, f), n);
    rewind(f);
    return f;
}

/* Everything a reader says, as one text: "line:data" or "line!why", a row a line. */
static const char *told(struct ctx *cx, enum source_kind kind, const void *s, size_t n)
{
    struct reader *r;
    struct row row;
    struct buf b;
    int rc = reader_open_file(cx, kind, NULL, file_of(s, n), &r);

    buf_init(&b, cx, 64 << 20);
    while (rc >= 0 && (rc = reader_next(r, &row)) > 0) {
        if (row.why)
            buf_addf(&b, "%lld!%s\n", (long long)row.line, row.why);
        else
            buf_addf(&b, "%lld:%.*s\n", (long long)row.line, (int)row.data.n, row.data.s);
    }
    if (rc < 0)
        buf_addf(&b, "%s %s", err_name(rc), cx->why);
    reader_close(r);
    return b.s ? b.s : "";
}

#define READS(kind, input, output)                                                                 \
    assert_string_equal(told(cx, kind, input, sizeof(input) - 1), output)

static void a_list_is_read_element_by_element(void **state)
{
    struct ctx *cx = *state;

    READS(SOURCE_GUESS, "[{\"a\":1},\n {\"data\":{\"b\":2},\"id\":7}\n]\n",
          "1:{\"a\":1}\n2:{\"b\":2}\n");
    READS(SOURCE_GUESS, " {\"data\":{\"b\":[\"]\",\"}\"]}} ", "1:{\"b\":[\"]\",\"}\"]}\n");
    READS(SOURCE_GUESS, "[]", "");
    READS(SOURCE_GUESS, "\xef\xbb\xbf[{\"a\":\"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d\"}]",
          "1:{\"a\":\"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d\"}\n");
}

static void one_bad_element_costs_one_row(void **state)
{
    struct ctx *cx = *state;

    READS(SOURCE_JSON, "[{\"a\":1},\n{\"a\":},\n7,\"x\",null,\n{\"b\":2}]",
          "1:{\"a\":1}\n"
          "2!Not valid JSON: a bad number at line 2, column 6.\n"
          "3!A task must be an object.\n3!A task must be an object.\n3!A task must be an object.\n"
          "4:{\"b\":2}\n");
}

static void places_in_a_list_are_places_in_the_file(void **state)
{
    struct ctx *cx = *state;

    READS(SOURCE_JSON, "[\n{\"a\":1},   {\"a\":!},\n{\n\"a\": x\n}]",
          "2:{\"a\":1}\n2!Not valid JSON: a bad number at line 2, column 17.\n"
          "3!Not valid JSON: a bad number at line 4, column 6.\n");
}

static void a_broken_list_ends_with_a_reason(void **state)
{
    struct ctx *cx = *state;

    READS(SOURCE_JSON, "[{\"a\":1}",
          "1:{\"a\":1}\nE_INVALID Not valid JSON: the list has no end at line 1.");
    READS(SOURCE_JSON, "[{\"a\":1},]",
          "1:{\"a\":1}\nE_INVALID Not valid JSON: nothing after a ',' at line 1.");
    READS(SOURCE_JSON, "[{\"a\":1} {\"a\":2}]",
          "1:{\"a\":1}\nE_INVALID Not valid JSON: a missing ',' between two tasks at line 1.");
    READS(SOURCE_JSON, "[{\"a\":1}] x",
          "1:{\"a\":1}\nE_INVALID Not valid JSON: something after the end at line 1.");
    READS(SOURCE_JSON, "[\n{\"a\":\"",
          "E_INVALID Not valid JSON: the file ends inside the task that begins at line 2.");
    READS(SOURCE_JSON, "", "E_INVALID The file is empty.");
    READS(SOURCE_JSON, "true", "E_INVALID Not valid JSON: neither a list nor an object at line 1.");
}

static void what_the_parser_would_refuse_is_refused_here(void **state)
{
    struct ctx *cx = *state;

    assert_non_null(strstr(told(cx, SOURCE_JSONL, "{\"a\":\"\\u0000\"}", 14), "1!"));
    assert_non_null(strstr(told(cx, SOURCE_JSONL, "{\"a\":\"\\ud800\"}", 14), "1!"));
    assert_non_null(strstr(told(cx, SOURCE_JSONL, "{\"a\":99999999999999999999}", 26), "1!"));
    assert_non_null(strstr(told(cx, SOURCE_JSONL, "{\"a\":1e999}", 11), "1!"));
    assert_non_null(strstr(told(cx, SOURCE_JSONL, "{\"a\":\"\xff\"}", 9), "1!"));
    READS(SOURCE_JSONL, "{\"a\":\"\\u00e9 1e5\"}", "1:{\"a\":\"\\u00e9 1e5\"}\n");
}

static void lines_are_counted_through_blank_ones_and_any_line_end(void **state)
{
    struct ctx *cx = *state;

    READS(SOURCE_JSONL, "{\"a\":1}\r\n\r\n \n{\"a\":2}\r{\"a\":\n{\"a\":4}",
          "1:{\"a\":1}\n4:{\"a\":2}\n5!Not valid JSON: nothing where a value should be at line 5, "
          "column 6.\n"
          "6:{\"a\":4}\n");
    READS(SOURCE_JSONL, "", "");
    READS(SOURCE_JSONL, "\n\n", "");
}

static void the_kind_is_found_by_content_and_name(void **state)
{
    struct ctx *cx = *state;
    static const struct {
        const char *name, *text;
        enum source_kind kind;
    } t[] = {
        {NULL, "[{}]", SOURCE_JSON},
        {"x.json", "{\"a\":1}\n{\"a\":2}\n", SOURCE_JSONL},
        {"x.json", "{\n\"a\":1}\n", SOURCE_JSON},
        {"x.JSONL", "{\"a\":1}", SOURCE_JSONL},
        {"x.csv", "a\n1\n", SOURCE_CSV},
        {NULL, "a,b\n1,2\n", SOURCE_CSV},
        {NULL, "a\tb,c\n1\t2\n", SOURCE_TSV},
        {"x.txt", "a, b", SOURCE_TEXT},
        {NULL, "hello", SOURCE_TEXT},
    };

    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct reader *r;

        assert_ok(reader_open_file(cx, SOURCE_GUESS, t[i].name,
                                   file_of(t[i].text, strlen(t[i].text)), &r));
        assert_int_equal(reader_kind(r), t[i].kind);
        reader_close(r);
    }
}

static void answers_come_as_the_bytes_they_were(void **state)
{
    struct ctx *cx = *state;
    static const char in[] =
        "{\"id\":5,\"data\":{\"t\":\"x\"},\"meta\":{\"m\":1},"
        "\"annotations\":[{\"result\":[ {\"value\": {\"x\": 1.50}} ],"
        "\"was_cancelled\":false,\"lead_time\":2.5,\"completed_by\":{\"email\":\"a@b\"}}],"
        "\"predictions\":[{\"result\":[],\"score\":0.5,\"model_version\":\"v\\u0031\"}]}";
    struct export_task t;
    struct reader *r;
    struct row row;

    assert_ok(reader_open_file(cx, SOURCE_JSONL, NULL, file_of(in, sizeof in - 1), &r));
    assert_int_equal(reader_next(r, &row), 1);
    assert_null(row.why);
    assert_int_equal(row.id, 5);
    assert_true(bytes_are(row.meta, "{\"m\":1}"));
    assert_ok(task_read(cx, row.object, &t));
    assert_int_equal(t.nannotations, 1);
    assert_true(bytes_are(t.annotations[0].result, "[ {\"value\": {\"x\": 1.50}} ]"));
    assert_true(bytes_are(t.annotations[0].completed_by, "{\"email\":\"a@b\"}"));
    assert_true(fabs(t.annotations[0].lead_time - 2.5) < 1e-12);
    assert_string_equal(t.predictions[0].model_version, "v1");
    reader_close(r);
}

static void old_files_with_completions_are_read(void **state)
{
    struct ctx *cx = *state;
    struct bytes o = {"{\"data\":{},\"completions\":[{\"result\":[],\"skipped\":true}]}", 0};
    struct export_task t;

    o.n = strlen(o.s);
    assert_ok(task_read(cx, o, &t));
    assert_int_equal(t.nannotations, 1);
    assert_true(t.annotations[0].was_cancelled);
}

static void broken_answers_are_named(void **state)
{
    struct ctx *cx = *state;
    static const char *const bad[] = {
        "{\"data\":{},\"annotations\":{}}", "{\"data\":{},\"annotations\":[1]}",
        "{\"data\":{},\"annotations\":[{\"result\":{}}]}", "{\"data\":{},\"annotations\":[{}]}",
        "{\"data\":{},\"predictions\":[{\"result\":1}]}", "{\"data\":1,\"annotations\":[]}",
        "{\"data\":{},\"data\":{}}",
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct export_task t;

        assert_int_equal(task_read(cx, (struct bytes){bad[i], strlen(bad[i])}, &t), E_INVALID);
    }
}

static void csv_cells_are_strings_as_they_stand(void **state)
{
    struct ctx *cx = *state;

    READS(SOURCE_CSV, "a,b\n1, x \n\"q\"\"q\",\"\"\n",
          "2:{\"a\":\"1\",\"b\":\" x \"}\n3:{\"a\":\"q\\\"q\",\"b\":\"\"}\n");
    READS(SOURCE_CSV, "\xef\xbb\xbf" "a,b\r\n007,-1\r\n", "2:{\"a\":\"007\",\"b\":\"-1\"}\n");
    READS(SOURCE_TSV, "a\tb\n1,2\t3", "2:{\"a\":\"1,2\",\"b\":\"3\"}\n");
    READS(SOURCE_CSV, "a,b\r1,2\r3,4\r",
          "2:{\"a\":\"1\",\"b\":\"2\"}\n3:{\"a\":\"3\",\"b\":\"4\"}\n");
}

static void csv_rows_know_the_line_they_begin_on(void **state)
{
    struct ctx *cx = *state;

    READS(SOURCE_CSV, "a,b\n\"1\n2\n3\",x\n\n\ny,z\np\n\"\r\n\",w\n",
          "2:{\"a\":\"1\\n2\\n3\",\"b\":\"x\"}\n7:{\"a\":\"y\",\"b\":\"z\"}\n"
          "8!The row has 1 cells, the header has 2.\n9:{\"a\":\"\\u000d\\n\",\"b\":\"w\"}\n");
}

static void bad_csv_rows_say_why(void **state)
{
    struct ctx *cx = *state;

    READS(SOURCE_CSV, "a,b\n1,2,3\n\xff,2\nx\0y,2\n3,4\n",
          "2!The row has 3 cells, the header has 2.\n3!The row is not UTF-8.\n"
          "4!The row holds a NUL byte.\n5:{\"a\":\"3\",\"b\":\"4\"}\n");
    READS(SOURCE_CSV, "a,b\n1,2\n\"3,4\n5,6\n",
          "2:{\"a\":\"1\",\"b\":\"2\"}\n3!A quotation mark opens here and is never closed.\n");
}

static void a_header_that_cannot_name_fields_is_refused(void **state)
{
    struct ctx *cx = *state;

    READS(SOURCE_CSV, "a,a\n", "E_INVALID Two columns of the header row are called \"a\".");
    READS(SOURCE_CSV, "a,\n", "E_INVALID Column 2 of the header row (line 1) has no name.");
    READS(SOURCE_CSV, "", "E_INVALID The file is empty: a header row is needed.");
    READS(SOURCE_CSV, "\xff\n", "E_INVALID The header row is not UTF-8 text.");
    READS(SOURCE_CSV, "\"a\n", "E_INVALID A quotation mark of the header row is never closed.");
    READS(SOURCE_CSV, "\xff\xfe" "a\0", "E_INVALID The file is UTF-16. Save it as UTF-8.");
    READS(SOURCE_CSV, "a,b\n", "");
}

static void text_is_a_task_a_line(void **state)
{
    struct ctx *cx = *state;

    READS(SOURCE_TEXT, "one\r\n\ntwo \"2\"\n\xc3(\n",
          "1:{\"text\":\"one\"}\n3:{\"text\":\"two \\\"2\\\"\"}\n4!The line is not UTF-8.\n");
}

static char *long_text(struct ctx *cx, const char *head, size_t n, const char *tail)
{
    size_t h = strlen(head), t = strlen(tail);
    char *s = talloc_array(cx->mem, char, (unsigned)(h + n + t + 1));

    memcpy(s, head, h);
    memset(s + h, 'x', n);
    memcpy(s + h + n, tail, t + 1);
    return s;
}

static void a_giant_row_is_a_bad_row_and_the_next_one_is_read(void **state)
{
    struct ctx *cx = *state;
    size_t big = (size_t)LIMIT_ROW_BYTES + 100;
    char *s = long_text(cx, "{\"a\":\"", big, "\"}\n{\"b\":1}\n");
    const char *said = told(cx, SOURCE_JSONL, s, strlen(s));

    assert_true(str_starts(said, "1!The line is longer than"));
    assert_true(str_ends(said, "2:{\"b\":1}\n"));
    s = long_text(cx, "[{\"a\":\"", big, "\"},\n{\"b\":1}]");
    said = told(cx, SOURCE_JSON, s, strlen(s));
    assert_true(str_starts(said, "1!The task is larger than"));
    assert_true(str_ends(said, "2:{\"b\":1}\n"));
    s = long_text(cx, "{\"a\":\"", (size_t)LIMIT_TASK_BYTES, "\"}\n{\"b\":1}\n");
    said = told(cx, SOURCE_JSONL, s, strlen(s));
    assert_true(str_starts(said, "1!The data of this task is larger"));
    assert_true(str_ends(said, "2:{\"b\":1}\n"));
    s = long_text(cx, "a,b\n\"", big, "");
    assert_true(
        str_starts(told(cx, SOURCE_CSV, s, strlen(s)), "E_TOOBIG The row that begins at line 2"));
}

static void deep_nesting_is_a_bad_row(void **state)
{
    struct ctx *cx = *state;
    char *s = talloc_array(cx->mem, char, 20001);

    memset(s, '[', 20000);
    memcpy(s, "{\"a\":", 5);
    s[20000] = 0;
    assert_true(str_starts(told(cx, SOURCE_JSONL, s, 20000), "1!The JSON is nested deeper"));
}

/* ---- archives ---- */

struct made {
    char *s;
    size_t n, cap;
};

static la_ssize_t collect(struct archive *a, void *arg, const void *data, size_t n)
{
    struct made *m = arg;

    (void)a;
    if (m->n + n > m->cap) {
        m->cap = 2 * (m->n + n);
        m->s = realloc(m->s, m->cap);
    }
    memcpy(m->s + m->n, data, n);
    m->n += n;
    return (la_ssize_t)n;
}

enum pack { PACK_ZIP, PACK_TAR, PACK_TGZ };

static struct archive *pack_begin(struct made *m, enum pack kind)
{
    struct archive *a = archive_write_new();

    *m = (struct made){0};
    if (kind == PACK_ZIP)
        archive_write_set_format_zip(a);
    else
        archive_write_set_format_pax_restricted(a);
    if (kind == PACK_TGZ)
        archive_write_add_filter_gzip(a);
    archive_write_set_bytes_in_last_block(a, 1);
    assert_int_equal(archive_write_open(a, m, NULL, collect, NULL), ARCHIVE_OK);
    return a;
}

static void pack_add(struct archive *a, const char *name, const void *s, size_t n)
{
    struct archive_entry *e = archive_entry_new();

    archive_entry_set_pathname(e, name);
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_perm(e, 0644);
    archive_entry_set_size(e, (la_int64_t)n);
    assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
    assert_int_equal(archive_write_data(a, s, n), n);
    archive_entry_free(e);
}

static void pack_link(struct archive *a, const char *name, const char *to)
{
    struct archive_entry *e = archive_entry_new();

    archive_entry_set_pathname(e, name);
    archive_entry_set_filetype(e, AE_IFLNK);
    archive_entry_set_symlink(e, to);
    archive_entry_set_size(e, 0);
    archive_write_header(a, e);
    archive_entry_free(e);
}

static const char png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR and so on";

struct seen {
    int n;
    char names[20][64];
    char types[20][32];
    int64_t bytes;
};

static const char *take(struct ctx *cx, void *arg, struct file_in *f)
{
    struct seen *s = arg;
    char block[1000];
    int64_t k;

    assert_true(s->n < 20);
    snprintf(s->names[s->n], sizeof *s->names, "%s", f->name);
    snprintf(s->types[s->n], sizeof *s->types, "%s", f->type);
    while ((k = f->read(f, block, sizeof block)) > 0)
        s->bytes += k;
    if (k < 0)
        return NULL;
    return talloc_asprintf(cx->mem, "/blob/%d", s->n++);
}

static const char *told_files(struct ctx *cx, const struct made *m, struct seen *s)
{
    struct reader *r;
    struct row row;
    struct buf b;
    int rc = reader_open_file(cx, SOURCE_GUESS, "x.zip", file_of(m->s, m->n), &r);

    *s = (struct seen){0};
    buf_init(&b, cx, 1 << 20);
    if (rc == 0)
        reader_on_file(r, take, s);
    while (rc >= 0 && (rc = reader_next(r, &row)) > 0)
        buf_addf(&b, "%lld %s %.*s\n", (long long)row.line, row.name,
                 row.why ? (int)strlen(row.why) : (int)row.data.n, row.why ? row.why : row.data.s);
    if (rc < 0)
        buf_addf(&b, "%s %s", err_name(rc), cx->why);
    reader_close(r);
    return b.s ? b.s : "";
}

static void pictures_and_texts_come_out_of_any_archive(void **state)
{
    struct ctx *cx = *state;

    for (int kind = PACK_ZIP; kind <= PACK_TGZ; kind++) {
        struct made m;
        struct archive *a = pack_begin(&m, (enum pack)kind);
        struct seen s;

        pack_add(a, "a/one.png", png, sizeof png);
        pack_add(a, "b.txt", "\xef\xbb\xbfhello\nyou", 12);
        pack_add(a, "c.jpg", "\xff\xd8\xff\xe0 and so on", 14);
        pack_add(a, "liar.png", "\x01\x02\xff", 3);
        pack_add(a, "d.svg", "<?xml version='1.0'?><!-- x --><svg></svg>", 42);
        archive_write_free(a);
        assert_string_equal(told_files(cx, &m, &s),
                            "1 a/one.png {\"image\":\"/blob/0\"}\n"
                            "2 b.txt {\"text\":\"hello\\nyou\"}\n"
                            "3 c.jpg {\"image\":\"/blob/1\"}\n"
                            "4 liar.png The file is neither a picture nor UTF-8 text.\n"
                            "5 d.svg {\"image\":\"/blob/2\"}\n");
        assert_string_equal(s.types[0], "image/png");
        assert_string_equal(s.types[1], "image/jpeg");
        assert_string_equal(s.types[2], "image/svg+xml");
        assert_int_equal(s.bytes, sizeof png + 14 + 42);
        free(m.s);
    }
}

static void names_of_an_archive_touch_no_path(void **state)
{
    struct ctx *cx = *state;
    struct made m;
    struct archive *a = pack_begin(&m, PACK_TAR);
    struct seen s;
    const char *said;

    pack_add(a, "../../../../tmp/annotary-slipped.png", png, sizeof png);
    pack_add(a, "/tmp/annotary-slipped.png", png, sizeof png);
    pack_link(a, "link", "/etc/passwd");
    pack_add(a, "link/x.txt", "text", 4);
    archive_write_free(a);
    said = told_files(cx, &m, &s);
    assert_int_equal(s.n, 2);
    assert_non_null(strstr(said, "3 link Only plain files are taken from an archive."));
    assert_non_null(strstr(said, "4 link/x.txt {\"text\":\"text\"}"));
    assert_int_not_equal(access("/tmp/annotary-slipped.png", F_OK), 0);
    free(m.s);
}

static void an_archive_inside_an_archive_is_not_opened(void **state)
{
    struct ctx *cx = *state;
    struct made inner, m;
    struct archive *a = pack_begin(&inner, PACK_ZIP);
    struct seen s;

    pack_add(a, "x.txt", "x", 1);
    archive_write_free(a);
    a = pack_begin(&m, PACK_ZIP);
    pack_add(a, "inner.zip", inner.s, inner.n);
    pack_add(a, "inner.png", inner.s, inner.n);
    archive_write_free(a);
    assert_string_equal(told_files(cx, &m, &s),
                        "1 inner.zip An archive inside an archive is not opened.\n"
                        "2 inner.png An archive inside an archive is not opened.\n");
    free(inner.s);
    free(m.s);
}

static void a_bomb_is_refused_while_it_unpacks(void **state)
{
    struct ctx *cx = *state;
    size_t n = 64u << 20;
    char *zeros = calloc(1, n);
    struct rusage before, after;

    memcpy(zeros, png, sizeof png);
    for (int kind = PACK_ZIP; kind <= PACK_TGZ; kind += 2) {
        struct made m;
        struct archive *a = pack_begin(&m, (enum pack)kind);
        struct seen s;
        const char *said;

        for (int i = 0; i < 4; i++)
            pack_add(a, "bomb.png", zeros, n);
        archive_write_free(a);
        getrusage(RUSAGE_SELF, &before);
        said = told_files(cx, &m, &s);
        getrusage(RUSAGE_SELF, &after);
        assert_non_null(
            strstr(said, "E_TOOBIG The archive unpacks to more than 100 times its size."));
        assert_true(after.ru_maxrss - before.ru_maxrss < 32 * 1024);
        free(m.s);
    }
    memcpy(zeros, "PK\x03\x04", 4);      /* rows that leave their file unread must not help */
    for (int kind = PACK_TAR; kind <= PACK_TGZ; kind++) {
        struct made m;
        struct archive *a = pack_begin(&m, (enum pack)kind);
        struct seen s;
        const char *said;

        pack_add(a, "nested.zip", zeros, n);
        pack_add(a, "x.txt", "x", 1);
        archive_write_free(a);
        said = told_files(cx, &m, &s);
        if (kind == PACK_TGZ)
            assert_non_null(strstr(said, "E_TOOBIG The archive unpacks"));
        else
            assert_non_null(strstr(said, "2 x.txt {\"text\":\"x\"}"));
        free(m.s);
    }
    free(zeros);
}

static void a_gzip_of_zeros_is_no_archive(void **state)
{
    struct ctx *cx = *state;
    size_t n = 64u << 20;
    char *zeros = calloc(1, n);
    struct made m = {0};
    struct archive *a = archive_write_new();
    struct archive_entry *e = archive_entry_new();
    struct seen s;

    archive_write_set_format_raw(a);
    archive_write_add_filter_gzip(a);
    archive_write_open(a, &m, NULL, collect, NULL);
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_pathname(e, "x");
    archive_write_header(a, e);
    archive_write_data(a, zeros, n);
    archive_entry_free(e);
    archive_write_free(a);
    assert_true(str_starts(told_files(cx, &m, &s), "E_INVALID "));
    free(m.s);
    free(zeros);
}

static void fields_are_named_as_the_project_wants(void **state)
{
    struct ctx *cx = *state;
    struct reader *r;
    struct row row;

    assert_ok(reader_open_file(cx, SOURCE_TEXT, NULL, file_of("x\n", 2), &r));
    reader_fields(r, "photo", "a \"quote\"");
    assert_int_equal(reader_next(r, &row), 1);
    assert_true(bytes_are(row.data, "{\"a \\\"quote\\\"\":\"x\"}"));
    reader_close(r);
}

static void broken_archives_say_so(void **state)
{
    struct ctx *cx = *state;
    struct made m;
    struct archive *a = pack_begin(&m, PACK_ZIP);
    struct seen s;

    pack_add(a, "a.txt", "hello hello hello", 17);
    archive_write_free(a);
    for (size_t n = 4; n < m.n; n += 7) {
        struct made cut = {m.s, n, 0};

        told_files(cx, &cut, &s);       /* any answer but a crash */
    }
    m.n = 4;
    assert_true(str_starts(told_files(cx, &m, &s), "E_INVALID The archive"));
    free(m.s);
    m = (struct made){(char *)(uintptr_t)"7z\xbc\xaf\x27\x1c....", 10, 0};
    assert_true(str_starts(told_files(cx, &m, &s), "E_INVALID "));
}

static void a_folder_is_read_in_the_order_of_its_names(void **state)
{
    struct ctx *cx = *state;
    char dir[] = "/tmp/test-folder-XXXXXX", *sub;
    struct seen s = {0};
    struct reader *r;
    struct row row;

    assert_non_null(mkdtemp(dir));
    sub = talloc_asprintf(cx->mem, "%s/b", dir);
    mkdir(sub, 0700);
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = {"z.txt", "a.png", "b/m.txt"};
        FILE *f = fopen(talloc_asprintf(cx->mem, "%s/%s", dir, names[i]), "wb");

        fwrite(i == 1 ? png : "some text", 1, 9, f);
        fclose(f);
    }
    assert_ok(symlink("/etc/passwd", talloc_asprintf(cx->mem, "%s/link.txt", dir)));
    assert_ok(reader_open(cx, SOURCE_GUESS, dir, &r));
    reader_on_file(r, take, &s);
    assert_int_equal(reader_next(r, &row), 1);
    assert_string_equal(row.name, "a.png");
    assert_true(bytes_are(row.data, "{\"image\":\"/blob/0\"}"));
    assert_int_equal(reader_next(r, &row), 1);
    assert_string_equal(row.name, "b/m.txt");
    assert_int_equal(reader_next(r, &row), 1);
    assert_string_equal(row.name, "z.txt");
    assert_int_equal(reader_next(r, &row), 0);
    reader_close(r);
    for (int i = 0; i < 5; i++) {
        static const char *const names[] = {"z.txt", "a.png", "b/m.txt", "link.txt", "b"};
        char *p = talloc_asprintf(cx->mem, "%s/%s", dir, names[i]);

        assert_ok(remove(p));
    }
    rmdir(dir);
    assert_int_equal(reader_open(cx, SOURCE_GUESS, dir, &r), E_NOTFOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(a_list_is_read_element_by_element),
        UNIT(one_bad_element_costs_one_row),
        UNIT(places_in_a_list_are_places_in_the_file),
        UNIT(a_broken_list_ends_with_a_reason),
        UNIT(what_the_parser_would_refuse_is_refused_here),
        UNIT(lines_are_counted_through_blank_ones_and_any_line_end),
        UNIT(the_kind_is_found_by_content_and_name),
        UNIT(answers_come_as_the_bytes_they_were),
        UNIT(old_files_with_completions_are_read),
        UNIT(broken_answers_are_named),
        UNIT(csv_cells_are_strings_as_they_stand),
        UNIT(csv_rows_know_the_line_they_begin_on),
        UNIT(bad_csv_rows_say_why),
        UNIT(a_header_that_cannot_name_fields_is_refused),
        UNIT(text_is_a_task_a_line),
        UNIT(a_giant_row_is_a_bad_row_and_the_next_one_is_read),
        UNIT(deep_nesting_is_a_bad_row),
        UNIT(pictures_and_texts_come_out_of_any_archive),
        UNIT(names_of_an_archive_touch_no_path),
        UNIT(an_archive_inside_an_archive_is_not_opened),
        UNIT(a_bomb_is_refused_while_it_unpacks),
        UNIT(a_gzip_of_zeros_is_no_archive),
        UNIT(fields_are_named_as_the_project_wants),
        UNIT(broken_archives_say_so),
        UNIT(a_folder_is_read_in_the_order_of_its_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
