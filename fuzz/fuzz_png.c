/*
 * Any bytes as a bitmask, as they are and with every checksum made to fit, so that what lies behind
 * the checksums is reached too; what decodes, encodes, and decodes to the same stretches.
 */
#include <assert.h>
#include <jansson.h>
#include <sodium.h>
#include <string.h>
#include <zlib.h>

#include "core/json.h"
#include "label/bitmask.h"

#define PIXELS_MOST 1000000     /* larger ones are only looked at: time, not crashes */
#define RUNS_MOST 100000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void mend(uint8_t *s, size_t n)
{
    for (size_t at = 8; at + 12 <= n && be32(s + at) <= n - at - 12; at += 12 + be32(s + at)) {
        uint8_t *end = s + at + 8 + be32(s + at);
        uint32_t sum = (uint32_t)crc32(0, s + at + 4, be32(s + at) + 4);

        for (int i = 0; i < 4; i++)
            end[i] = (uint8_t)(sum >> (24 - 8 * i));
    }
}

static void check(const struct rle_run *run, size_t n, const struct bitmask *b)
{
    for (size_t i = 0; i < n; i++) {
        assert(run[i].from < run[i].to && run[i].to <= (uint64_t)b->width * b->height);
        assert(i == 0 || run[i - 1].to < run[i].from);
    }
}

static void once(const uint8_t *s, size_t n)
{
    struct ctx *cx = ctx_new(NULL);
    size_t room = sodium_base64_encoded_len(n, sodium_base64_VARIANT_ORIGINAL), k, again_n;
    char *text = talloc_array(cx->mem, char, (unsigned)room), *address;
    struct rle_run *run, *again;
    struct bitmask b, c;

    sodium_bin2base64(text, room, s, n, sodium_base64_VARIANT_ORIGINAL);
    if (bitmask_open(cx, json_keep(cx, json_sprintf("data:image/png;base64,%s", text)), &b) == 0 &&
        (uint64_t)b.width * b.height <= PIXELS_MOST &&
        bitmask_runs(cx, &b, RUNS_MOST, &run, &k) == 0) {
        check(run, k, &b);
        assert(bitmask_encode(cx, run, k, b.width, b.height, &address) == 0);
        assert(bitmask_open(cx, json_keep(cx, json_string(address)), &c) == 0);
        assert(c.width == b.width && c.height == b.height);
        assert(bitmask_runs(cx, &c, RUNS_MOST, &again, &again_n) == 0 && again_n == k);
        assert(k == 0 || memcmp(run, again, k * sizeof *run) == 0);
    }
    ctx_free(cx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    uint8_t *copy = malloc(n + 1);

    assert(copy);
    once(data, n);
    memcpy(copy, data, n);
    mend(copy, n);
    once(copy, n);
    free(copy);
    return 0;
}
