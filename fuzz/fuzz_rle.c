/* Any bytes as a brush mask; what decodes, encodes, and decodes to the same mask. */
#include "label/rle.h"

#include <assert.h>

#define PIXELS_MOST 4000000     /* larger masks are only checked: memory, not crashes */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct ctx *cx = ctx_new(NULL);
    uint8_t *alpha, *packed, *again;
    int64_t pixels, got;
    struct rle_run *runs;
    size_t size, k;

    if (rle_decode(cx, data, n, 0, NULL, &pixels) == 0 && pixels <= PIXELS_MOST) {
        assert(rle_decode(cx, data, n, pixels, &alpha, &got) == 0 && got == pixels);
        assert(rle_runs(cx, data, n, &runs, &k, &got) == 0 && got == pixels);
        for (size_t i = 0; i < k; i++)
            assert(runs[i].from < runs[i].to && runs[i].to <= pixels && alpha[runs[i].from]);
        assert(rle_encode(cx, alpha, pixels, &packed, &size) == 0);
        assert(rle_decode(cx, packed, size, pixels, &again, &got) == 0);
        assert(memcmp(alpha, again, (size_t)pixels) == 0);
    }
    ctx_free(cx);
    return 0;
}
