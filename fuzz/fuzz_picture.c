/* Any bytes as a picture of any size: it becomes tiles, or a sentence. */
#include "media/picture.h"
#include "media/tiler.h"

#include <assert.h>

#define PIXELS_MOST 4000000     /* larger ones are only begun: time, not crashes */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int take_row(void *arg, uint8_t *row)
{
    return picture_row(arg, row);
}

static int take_tile(void *arg, int level, int64_t column, int64_t row, const uint8_t *bytes,
                     size_t n)
{
    assert(pyramid_place(arg, level, column, row) >= 0 && n > 100 && bytes[0] == 0xff);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct ctx *cx = ctx_new(NULL);
    FILE *f = n ? fmemopen((void *)(uintptr_t)data, n, "rb") : NULL;
    struct picture *p;
    struct pyramid q = {.tile = 64, .overlap = 1};

    if (n && data[0] == '<' && dzi_sniff((const char *)data, n))
        dzi_read(cx, (const char *)data, n, &q);
    q.tile = 64;
    q.overlap = 1;
    if (f && picture_open(cx, f, &p) == 0) {
        struct tiler_in in = {p->channels, take_row, p};
        struct tiler_out out = {.tile = take_tile, .arg = &q};

        q.width = p->head.width;
        q.height = p->head.height;
        if (q.width * q.height <= PIXELS_MOST && pyramid_init(cx, &q) == 0 &&
            tiler_run(cx, &q, 60, &in, &out) < 0)
            assert(cx->why);
        picture_close(p);
    }
    if (f)
        fclose(f);
    ctx_free(cx);
    return 0;
}
