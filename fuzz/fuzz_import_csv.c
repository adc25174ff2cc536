/*
 * fuzz_import_csv.c -- any bytes as CSV, TSV or plain text: rows or reasons, never a crash.
 *
 * The first byte picks the kind.  Every good row must be valid JSON.
 */
#include "formats/reader.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const enum source_kind kinds[] = {SOURCE_CSV, SOURCE_TSV, SOURCE_TEXT, SOURCE_GUESS};
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
    if (reader_open_file(cx, kinds[data[0] & 3], "f", f, &r) >= 0)
        while (reader_next(r, &row) > 0) {
            assert(row.line > 0);
            if (!row.why)
                assert(json_scan(cx, row.data.s, row.data.n, NULL, NULL, NULL) == 0 &&
                       json_stored(cx, row.data.s, row.data.n, &v) == 0);
        }
    ctx_free(cx);
    return 0;
}
