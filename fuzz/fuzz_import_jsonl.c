/*
 * fuzz_import_jsonl.c -- any bytes as JSONL or as a JSON list: rows or reasons, never a crash.
 *
 * The first byte picks the kind.  A good row must parse, and what is said of
 * it (task_read, then every text format) must hold together.
 */
#include "formats/format.h"
#include "formats/reader.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int swallow(struct ctx *cx, void *arg, const void *data, size_t n)
{
    (void)cx, (void)arg, (void)data, (void)n;
    return 0;
}

static const struct schema *schema(struct ctx *cx)
{
    static const char xml[] =
        "<View><Image name='i' value='$image'/><Text name='t' value='$text'/>"
        "<RectangleLabels name='b' toName='i'><Label value='A'/></RectangleLabels>"
        "<PolygonLabels name='p' toName='i'><Label value='B'/></PolygonLabels>"
        "<EllipseLabels name='e' toName='i'><Label value='C'/></EllipseLabels>"
        "<KeyPointLabels name='k' toName='i'><Label value='D'/></KeyPointLabels>"
        "<Labels name='l' toName='t'><Label value='E'/></Labels>"
        "<Choices name='c' toName='t'><Choice value='x'/></Choices></View>";
    struct label_config *c;

    assert(label_parse(cx, xml, sizeof xml - 1, &c) == 0);
    return schema_make(cx, c, xml, sizeof xml - 1);
}

static void write_all(const struct export_task *t)
{
    static const char *const names[] = {"JSONL", "JSON_MIN", "COCO", "CONLL2003"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct ctx *cx = ctx_new(NULL);
        struct writer *w;

        assert(writer_open(cx, format_find(names[i]), schema(cx),
                           sink_stream(cx, swallow, NULL), &w) == 0);
        assert(writer_task(w, t) == 0 && writer_close(w) == 0);
        ctx_free(cx);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct export_task task;
    struct ctx *cx;
    struct reader *r;
    struct row row;
    json_t *v;
    FILE *f;

    if (n < 2)
        return 0;
    cx = ctx_new(NULL);
    f = fmemopen((void *)(uintptr_t)(data + 1), n - 1, "rb");
    assert(f);
    if (reader_open_file(cx, data[0] & 1 ? SOURCE_JSON : SOURCE_JSONL, "f", f, &r) >= 0)
        while (reader_next(r, &row) > 0) {
            assert(row.line > 0);
            if (row.why || json_stored(cx, row.object.s, row.object.n, &v) < 0)
                continue;
            if (task_read(cx, row.object, &task) == 0 && (data[0] & 2))
                write_all(&task);
        }
    ctx_free(cx);
    return 0;
}
