/* test_formats_writer.c -- sinks, cells, words, and where convert puts things. */
#include "unit.h"

#include "core/clock.h"
#include "formats/convert.h"
#include "formats/flat.h"
#include "formats/reader.h"
#include "formats/shape.h"
#include "formats/treebank.h"

#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int to_buf(struct ctx *cx, void *arg, const void *data, size_t n)
{
    (void)cx;
    return buf_add(arg, data, n);
}

static const struct schema *schema_of(struct ctx *cx, const char *xml)
{
    struct label_config *c;

    assert_ok(label_parse(cx, xml, strlen(xml), &c));
    return schema_make(cx, c, xml, strlen(xml));
}

#define TEXT_XML                                                                                   \
    "<View><Text name=\"t\" value=\"$text\"/><Choices name=\"c\" toName=\"t\">"                    \
    "<Choice value=\"a\"/></Choices></View>"
#define BOX_XML                                                                                    \
    "<View><Image name=\"i\" value=\"$image\"/><RectangleLabels name=\"b\" toName=\"i\">"          \
    "<Label value=\"Car\"/></RectangleLabels></View>"

/* The whole export of some tasks through one stream. */
static const char *written(struct ctx *cx, const char *format, const char *xml,
                           struct export_task *tasks, int n)
{
    struct writer *w;
    struct buf b;

    buf_init(&b, cx, 64 << 20);
    buf_adds(&b, "");
    assert_ok(writer_open(cx, format_find(format), xml ? schema_of(cx, xml) : NULL,
                          sink_stream(cx, to_buf, &b), &w));
    for (int i = 0; i < n; i++)
        assert_ok(writer_task(w, &tasks[i]));
    assert_ok(writer_close(w));
    return b.s;
}

static struct bytes bytes_of(const char *s)
{
    return (struct bytes){s, strlen(s)};
}

static void formats_are_found_in_any_case(void **state)
{
    struct ctx *cx = *state;

    assert_string_equal(format_find("json_Min")->name, "JSON_MIN");
    assert_string_equal(format_find("conll2003")->file, "result.conll");
    assert_null(format_find("YOLO9"));
    assert_null(format_find(""));
    assert_string_equal(format_names(cx),
                        "JSON, JSON_MIN, JSONL, CSV, TSV, COCO, YOLO, VOC, CONLL2003");
    assert_null(format_at(9));
}

static void json_from_parts_is_a_label_studio_task(void **state)
{
    struct ctx *cx = *state;
    struct export_annotation a = {.id = 3, .result = bytes_of("[{\"value\":{\"x\":1.50}}]"),
                                  .completed_by = bytes_of("7"), .lead_time = 2.5,
                                  .created_at = "2026-01-02T00:00:00.000000Z",
                                  .extra = bytes_of("\"unique_id\":\"u\"")};
    struct export_prediction p = {.id = 4, .result = bytes_of("[]"), .score = 0.25,
                                  .model_version = "m\"1"};
    struct export_task t = {.id = 1, .inner_id = 2, .data = bytes_of("{\"t\" : \"x\"}"),
                            .annotations = &a, .nannotations = 1, .predictions = &p,
                            .npredictions = 1, .agreement = NAN};

    assert_string_equal(written(cx, "JSON", NULL, &t, 1),
                        "[\n{\"id\":1,\"data\":{\"t\" : \"x\"},\"annotations\":[{\"id\":3,"
                        "\"completed_by\":7,\"result\":[{\"value\":{\"x\":1.50}}],"
                        "\"was_cancelled\":false,\"ground_truth\":false,"
                        "\"created_at\":\"2026-01-02T00:00:00.000000Z\",\"lead_time\":2.5,"
                        "\"unique_id\":\"u\"}],\"predictions\":[{\"id\":4,\"result\":[],"
                        "\"score\":0.25,\"model_version\":\"m\\\"1\"}],\"inner_id\":2}\n]\n");
    assert_string_equal(written(cx, "JSON", NULL, NULL, 0), "[\n]\n");
    assert_string_equal(written(cx, "JSONL", NULL, NULL, 0), "");
}

static void jsonl_keeps_every_task_on_one_line(void **state)
{
    struct ctx *cx = *state;
    struct export_task t = {.raw = bytes_of("{\r\n  \"data\": {\n\t\"a\": \"x\\ny\" }\n}")};

    assert_string_equal(written(cx, "JSONL", NULL, &t, 1), "{\"data\": {\"a\": \"x\\ny\" }}\n");
}

static void a_cell_never_is_a_formula(void **state)
{
    (void)state;
    static const char *const bad[] = {"=1", "+x", "-x", "@x", "\tx", "\rx", "-", "+", "=", "-1-1",
                                      "+1+cmd", "\xef\xbc\x9d" "1", "\xef\xbc\x8b" "x",
                                      "\xef\xbc\x8d" "x", "\xef\xbc\xa0x", "\xe2\x88\x92x"};
    static const char *const fine[] = {"", "x=1", "-1", "+49", "-1.5", "'=1", " =1", "1-1", "{=}"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_true(flat_is_formula(bad[i], strlen(bad[i])));
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        assert_false(flat_is_formula(fine[i], strlen(fine[i])));
}

static void csv_comes_back_as_it_was(void **state)
{
    struct ctx *cx = *state;
    struct export_task t[2] = {
        {.id = 1,
         .data = bytes_of("{\"text\":\"a,\\\"b\\\"\\r\\n\xd7\xa9\xd7\x9c\"}"),
         .agreement = NAN},
        {.id = 2, .data = bytes_of("{\"text\":\"=x\",\"more\":[1,{}]}"), .agreement = NAN},
    };
    const char *csv = written(cx, "CSV", TEXT_XML, t, 2);
    FILE *f = tmpfile();
    struct reader *r;
    struct row row;
    json_t *v;

    fputs(csv, f);
    rewind(f);
    assert_ok(reader_open_file(cx, SOURCE_CSV, NULL, f, &r));
    assert_int_equal(reader_next(r, &row), 1);
    assert_ok(json_stored(cx, row.data.s, row.data.n, &v));
    assert_string_equal(json_str(v, "text", ""), "a,\"b\"\r\n\xd7\xa9\xd7\x9c");
    assert_int_equal(reader_next(r, &row), 1);
    assert_ok(json_stored(cx, row.data.s, row.data.n, &v));
    assert_string_equal(json_str(v, "text", ""), "'=x");
    assert_string_equal(json_str(v, "more", ""), "[1,{}]");
    assert_int_equal(reader_next(r, &row), 0);
    reader_close(r);
}

static void words_are_cut_by_the_treebank_rules(void **state)
{
    struct ctx *cx = *state;
    static const char *const t[][2] = {
        {"Good muffins cost $3.88\nin New York.", "Good|muffins|cost|$|3.88|in|New|York|."},
        {"They'll save and invest more.", "They|'ll|save|and|invest|more|."},
        {"hi, my name can't hello,", "hi|,|my|name|ca|n't|hello|,"},
        {"\"We beat some pretty good teams.\"", "\"|We|beat|some|pretty|good|teams|.|\""},
        {"I cannot cannot work under these conditions!",
         "I|can|not|can|not|work|under|these|conditions|!"},
        {"It's 5:30, isn't it? (yes) [no] {a} <b>",
         "It|'s|5:30|,|is|n't|it|?|(|yes|)|[|no|]|{|a|}|<|b|>"},
        {"a--b... c; d@e #f %g &h", "a|--|b|...|c|;|d|@|e|#|f|%|g|&|h"},
        {"Gonna gotta lemme gimme wanna go 'tis d'ye more'n",
         "Gon|na|got|ta|lem|me|gim|me|wan|na|go|'t|is|d|'ye|more|'n"},
        {"the boys' toys 'n' O'Neill's", "the|boys|'|toys|'n|'|O'Neill|'s"},
        {"''quoted'' ``too``", "''|quoted|''|``|too|``"},
        {"", ""},
        {" \n\t", ""},
        {"end.)", "end|.|)"},
        {"\xe6\x9d\xb1\xe4\xba\xac\xe3\x80\x80\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d.",
         "\xe6\x9d\xb1\xe4\xba\xac|\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d|."},
    };

    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct token *tok;
        int n = treebank_split(cx, t[i][0], strlen(t[i][0]), &tok);
        char *got = talloc_strdup(cx->mem, "");

        for (int k = 0; k < n; k++)
            got = talloc_asprintf_append(got, "%s%.*s", k ? "|" : "", (int)tok[k].len,
                                         t[i][0] + tok[k].at);
        assert_string_equal(got, t[i][1]);
    }
}

static void a_rotated_box_has_an_upright_hull(void **state)
{
    (void)state;
    struct shape s = {.width = 200, .height = 100, .x = 50, .y = 50, .w = 20, .h = 10,
                      .rotation = 90};
    double x, y, w, h;

    shape_hull(&s, false, &x, &y, &w, &h);      /* percent space, as the official converter */
    assert_true(fabs(x - 40) < 1e-9 && fabs(y - 50) < 1e-9 && fabs(w - 10) < 1e-9 &&
                fabs(h - 20) < 1e-9);
    shape_hull(&s, true, &x, &y, &w, &h);       /* 40 x 10 pixels become 10 x 40 */
    assert_true(fabs(x - 45) < 1e-9 && fabs(y - 50) < 1e-9 && fabs(w - 5) < 1e-9 &&
                fabs(h - 40) < 1e-9);
}

static void file_names_out_of_addresses_are_harmless(void **state)
{
    struct ctx *cx = *state;
    static const char *const bad[] = {"..", ".", "", "a/../../b", "https://x/..", "https://x/",
                                      "/data/upload/..", "/data/upload/1/", "/data/upload/a\\b",
                                      "/data/upload/\x01\n?", "/data/upload/x#../../y"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *s = image_stem(cx, bad[i]);

        assert_true(*s && !strchr(s, '/') && !strchr(s, '\\') && strcmp(s, "..") && strcmp(s, "."));
    }
    assert_true(strlen(sink_name(cx, talloc_asprintf(cx->mem, "%0500d", 1))) <= 200);
    assert_string_equal(image_stem(cx, "/data/upload/3/a.b.png"), "a.b");
}

static void a_folder_refuses_names_that_leave_it(void **state)
{
    struct ctx *cx = *state;
    static const char *const bad[] = {"", "/x", "../x", "a/../x", "a//x", "./x", "a/", "a/.."};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct sink *s = sink_folder(cx, "/tmp");

        assert_int_equal(sink_begin(s, bad[i]), E_INVALID);
    }
}

static void a_zip_is_the_same_for_the_same_tasks(void **state)
{
    struct ctx *cx = *state;
    struct export_annotation a = {
        .id = 1,
        .lead_time = NAN,
        .result = bytes_of(
            "[{\"id\":\"r\",\"from_name\":\"b\",\"to_name\":\"i\",\"type\":\"rectanglelabels\","
            "\"original_width\":10,\"original_height\":10,\"value\":{\"x\":0,\"y\":0,"
            "\"width\":50,\"height\":50,\"rectanglelabels\":[\"Car\"]}}]")};
    struct export_task t[2] = {{.id = 1,
                                .data = bytes_of("{\"image\":\"/data/upload/1/\xd7\xa9.png\"}"),
                                .annotations = &a,
                                .nannotations = 1,
                                .agreement = NAN},
                               {.id = 2, .data = bytes_of("{\"image\":7}"), .agreement = NAN}};
    struct buf zip[2];

    for (int k = 0; k < 2; k++) {
        struct writer *w;

        buf_init(&zip[k], cx, 1 << 20);
        assert_ok(writer_open(cx, format_find("YOLO"), schema_of(cx, BOX_XML),
                              sink_zip(cx, to_buf, &zip[k]), &w));
        assert_ok(writer_task(w, &t[0]));
        assert_ok(writer_task(w, &t[1]));
        assert_ok(writer_close(w));
    }
    assert_int_equal(zip[0].n, zip[1].n);
    assert_memory_equal(zip[0].s, zip[1].s, zip[0].n);
    assert_memory_equal(zip[0].s, "PK\x03\x04", 4);
    assert_non_null(memmem(zip[0].s, zip[0].n, "labels/\xd7\xa9.txt", 13));
}

static void a_format_that_does_not_fit_the_config_says_so(void **state)
{
    struct ctx *cx = *state;
    static const char *const image[] = {"COCO", "YOLO", "VOC"};
    struct writer *w;
    struct buf b;

    buf_init(&b, cx, 1 << 20);
    for (int i = 0; i < 3; i++)
        assert_int_equal(writer_open(cx, format_find(image[i]), schema_of(cx, TEXT_XML),
                                     sink_stream(cx, to_buf, &b), &w), E_INVALID);
    assert_int_equal(writer_open(cx, format_find("CONLL2003"), schema_of(cx, BOX_XML),
                                 sink_stream(cx, to_buf, &b), &w), E_INVALID);
    assert_int_equal(writer_open(cx, format_find("CSV"), NULL, sink_stream(cx, to_buf, &b), &w),
                     E_INVALID);
}

static int refuse(struct ctx *cx, void *arg, const void *data, size_t n)
{
    (void)arg, (void)data, (void)n;
    return fail(cx, E_FULL, "The disk is full.");
}

static void a_sink_that_fails_stops_the_writer(void **state)
{
    struct ctx *cx = *state;
    struct export_task t = {.raw = bytes_of("{\"data\":{}}")};
    int rc = 0;

    for (int i = 0; format_at(i); i++) {
        const struct format *f = format_at(i);
        struct writer *w;

        if (f->has_files || strcmp(f->name, "COCO") == 0 || strcmp(f->name, "CONLL2003") == 0)
            continue;
        t.data = bytes_of("{}");
        assert_ok(writer_open(cx, f, schema_of(cx, TEXT_XML), sink_stream(cx, refuse, NULL), &w));
        for (int k = 0; k < 10000 && rc == 0; k++)
            rc = writer_task(w, &t);
        assert_true(rc < 0 || writer_close(w) == E_FULL);
        rc = 0;
    }
}

static void broken_stored_json_stops_with_the_task_named(void **state)
{
    struct ctx *cx = *state;
    struct export_task t = {.id = 99, .data = bytes_of("{\"a\":"), .agreement = NAN};
    struct writer *w;
    struct buf b;

    buf_init(&b, cx, 1 << 20);
    assert_ok(writer_open(cx, format_find("CSV"), schema_of(cx, TEXT_XML),
                          sink_stream(cx, to_buf, &b), &w));
    assert_int_equal(writer_task(w, &t), E_INVALID);
    assert_says(cx, "task 99");
}

/* ---- where convert puts things ---- */

static void put_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static bool is_there(struct ctx *cx, const char *dir, const char *name)
{
    return access(talloc_asprintf(cx->mem, "%s/%s", dir, name), F_OK) == 0;
}

static void convert_keeps_its_promises_about_places(void **state)
{
    struct ctx *cx = *state;
    char dir[] = "/tmp/test-convert-XXXXXX";
    const char *xml, *in, *out;
    struct buf s;

    assert_non_null(mkdtemp(dir));
    buf_init(&s, cx, 1 << 20);
    xml = talloc_asprintf(cx->mem, "%s/c.xml", dir);
    in = talloc_asprintf(cx->mem, "%s/in.jsonl", dir);
    put_file(xml, BOX_XML);
    put_file(in, "{\"data\":{\"image\":\"/data/upload/1/a.png\"},\"annotations\":[]}\n{\"bad\n");

    out = talloc_asprintf(cx->mem, "%s/new", dir);          /* nothing yet: a folder */
    assert_int_equal(convert(cx, xml, in, "yolo", out, false, &s), 1);
    assert_non_null(strstr(s.s, "Line 2: Not valid JSON"));
    assert_true(is_there(cx, out, "labels/a.txt") && is_there(cx, out, "classes.txt"));
    assert_int_equal(convert(cx, xml, in, "json", out, false, &s), E_EXISTS);
    put_file(talloc_asprintf(cx->mem, "%s/mine.txt", out), "kept");
    assert_int_equal(convert(cx, xml, in, "json", out, true, &s), 1);
    assert_true(is_there(cx, out, "mine.txt") && is_there(cx, out, "result.json") &&
                is_there(cx, out, "labels/a.txt"));

    out = talloc_asprintf(cx->mem, "%s/x.json", dir);       /* a file by its ending */
    assert_int_equal(convert(cx, xml, in, "JSON", out, false, &s), 1);
    assert_int_equal(convert(cx, xml, in, "COCO", out, false, &s), 1);      /* overwritten */
    assert_int_equal(convert(cx, xml, in, "VOC", out, false, &s), E_INVALID);
    assert_true(is_there(cx, dir, "x.json"));
    out = talloc_asprintf(cx->mem, "%s/x.zip", dir);
    assert_int_equal(convert(cx, xml, in, "yolo", out, false, &s), 1);
    assert_true(is_there(cx, dir, "x.zip"));
    assert_ok(mkdir(talloc_asprintf(cx->mem, "%s/empty", dir), 0755));
    out = talloc_asprintf(cx->mem, "%s/empty", dir);
    assert_int_equal(convert(cx, xml, in, "TSV", out, false, &s), 1);
    assert_true(is_there(cx, out, "result.csv"));

    assert_int_equal(convert(cx, xml, in, "JSON", "/dev/null", false, &s), 1);
    assert_false(access("/dev/null", W_OK));                /* and it is still what it was */
    {
        struct stat st;

        assert_ok(stat("/dev/null", &st));
        assert_true(S_ISCHR(st.st_mode));
    }
    assert_int_equal(convert(cx, "/nowhere", in, "JSON", out, true, &s), E_NOTFOUND);
    assert_int_equal(convert(cx, xml, "/nowhere", "JSON", out, true, &s), E_NOTFOUND);
    assert_int_equal(convert(cx, xml, in, "PARQUET", out, true, &s), E_INVALID);
    put_file(in, "[{\"data\":{}},");
    out = talloc_asprintf(cx->mem, "%s/half", dir);
    put_file(talloc_asprintf(cx->mem, "%s/in.json", dir), "[{\"data\":{}},");
    assert_int_equal(convert(cx, xml, talloc_asprintf(cx->mem, "%s/in.json", dir), "JSON", out,
                             false, &s), E_INVALID);
    assert_false(is_there(cx, dir, "half"));                /* whole or not at all */
    assert_int_equal(system(talloc_asprintf(cx->mem, "test -z \"$(ls %s | grep part)\" && rm -r %s",
                                            dir, dir)), 0);
}

static void memory_does_not_grow_with_the_number_of_tasks(void **state)
{
    struct ctx *cx = *state;
    struct export_annotation a = {.id = 1,
                                  .lead_time = 1,
                                  .created_at = "2026-01-02T00:00:00Z",
                                  .result =
                                      bytes_of("[{\"id\":\"r\",\"from_name\":\"c\",\"type\":"
                                               "\"choices\",\"value\":{\"choices\":[\"a\"]}}]")};
    struct export_task t = {.id = 1, .data = bytes_of("{\"text\":\"some words\"}"),
                            .annotations = &a, .nannotations = 1, .agreement = NAN};
    static const char *const names[] = {"JSON", "JSON_MIN", "CSV"};

    for (int k = 0; k < 3; k++) {
        struct writer *w;
        size_t before;
        struct buf b;

        buf_init(&b, cx, 64 << 20);
        assert_ok(writer_open(cx, format_find(names[k]), schema_of(cx, TEXT_XML),
                              sink_stream(cx, to_buf, &b), &w));
        for (int i = 0; i < 100; i++)
            assert_ok(writer_task(w, &t));
        before = talloc_total_size(cx) - b.cap;
        for (int i = 0; i < 20000; i++)
            assert_ok(writer_task(w, &t));
        assert_true(talloc_total_size(cx) - b.cap <= before + 4096);
        assert_ok(writer_close(w));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(formats_are_found_in_any_case),
        UNIT(json_from_parts_is_a_label_studio_task),
        UNIT(jsonl_keeps_every_task_on_one_line),
        UNIT(a_cell_never_is_a_formula),
        UNIT(csv_comes_back_as_it_was),
        UNIT(words_are_cut_by_the_treebank_rules),
        UNIT(a_rotated_box_has_an_upright_hull),
        UNIT(file_names_out_of_addresses_are_harmless),
        UNIT(a_folder_refuses_names_that_leave_it),
        UNIT(a_zip_is_the_same_for_the_same_tasks),
        UNIT(a_format_that_does_not_fit_the_config_says_so),
        UNIT(a_sink_that_fails_stops_the_writer),
        UNIT(broken_stored_json_stops_with_the_task_named),
        UNIT(convert_keeps_its_promises_about_places),
        UNIT(memory_does_not_grow_with_the_number_of_tasks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
