/* test_label_bitmask.c -- masks in PNG: every form of it, broken ones, huge ones. */
#include "unit.h"

#include <jansson.h>
#include <sodium.h>
#include <string.h>
#include <zlib.h>

#include "core/json.h"
#include "core/rng.h"
#include "label/bitmask.h"
#include "label/mask.h"
#include "unit_label.h"
#include "unit_png.h"

#define MANY 100000

static void read_back(struct ctx *cx, const json_t *address, uint32_t w, uint32_t h,
                      const uint8_t *want)
{
    struct bitmask b;
    struct rle_run *run;
    size_t n;

    if (bitmask_open(cx, address, &b) < 0 || bitmask_runs(cx, &b, MANY, &run, &n) < 0)
        unit_fails("%u x %u: %s", w, h, cx->why);
    assert_int_equal(b.width, w);
    assert_int_equal(b.height, h);
    for (size_t i = 0, at = 0; i <= n; i++) {
        size_t from = i < n ? run[i].from : (size_t)w * h, to = i < n ? run[i].to : from;

        assert_true(i == 0 || i == n || run[i].from > run[i - 1].to);
        for (; at < from; at++)
            assert_false(want[at]);
        for (; at < to; at++)
            assert_true(want[at]);
    }
}

/* ---- what is painted ---- */

static const uint32_t sizes[][2] = {{1, 1}, {1, 9}, {3, 5}, {8, 8}, {17, 9}, {33, 20}, {64, 2}};

/* A sample of `depth` bits on one side of the middle. */
static unsigned grey_of(struct rng *rng, int depth, bool bright)
{
    unsigned half = 1u << (depth - 1), margin = depth == 16 ? 256 : 0;

    return bright ? half + margin + (unsigned)rng_below(rng, half - margin)
                  : (unsigned)rng_below(rng, half - margin);
}

static void paint_one(struct rng *rng, struct png_made *p, uint32_t x, uint32_t y, bool on)
{
    unsigned most = (1u << p->depth) - 1, least = p->depth == 16 ? 257 : 1, s[4];

    switch (p->colour) {
    case 0:                                     /* with tRNS one grey is clear, the rest painted */
        s[0] = p->clear ? (on ? 1 : 0) : grey_of(rng, p->depth, on);
        break;
    case 2:
        for (int k = 0; k < 3; k++)
            s[k] = grey_of(rng, p->depth, on);
        if (p->clear)
            s[0] = s[1] = s[2] = on ? 1 : 0;
        break;
    case 3:                                     /* entry 0 is black, 1 white; clear: 0 is */
        s[0] = on;
        break;
    default:                                    /* 4 and 6: whatever the colour */
        for (int k = 0; k < p->channels - 1; k++)
            s[k] = (unsigned)rng_below(rng, most + 1);
        s[p->channels - 1] = on ? least + (unsigned)rng_below(rng, most - least + 1) : 0;
    }
    for (int k = 0; k < p->channels; k++)
        png_sample(p, x, y, k, s[k]);
}

static void every_form_of_png_says_the_same_pixels(void **state)
{
    static const struct {
        int colour, depths[6];
    } forms[] = {
        {0, {1, 2, 4, 8, 16}}, {2, {8, 16}}, {3, {1, 2, 4, 8}}, {4, {8, 16}}, {6, {8, 16}}};
    struct rng rng = {5};

    (void)state;
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++)
        for (const int *depth = forms[f].depths; *depth; depth++)
            for (int way = 0; way < 4; way++)
                for (size_t z = 0; z < sizeof sizes / sizeof *sizes; z++) {
                    struct ctx *cx = ctx_new(NULL);
                    uint32_t w = sizes[z][0], h = sizes[z][1];
                    uint8_t *want = NEW_N(cx, uint8_t, w * h);
                    struct png_made p;

                    png_begin(cx, &p, w, h, forms[f].colour, *depth, way & 1, way & 2);
                    for (uint32_t i = 0; i < w * h; i++) {
                        want[i] = (uint8_t)rng_below(&rng, 2);
                        paint_one(&rng, &p, i % w, i / w, want[i]);
                    }
                    read_back(cx, png_address(cx, &p), w, h, want);
                    ctx_free(cx);
                }
}

static void a_mask_of_the_whole_picture_is_painted_everywhere(void **state)
{
    struct ctx *cx = *state;
    uint8_t want[12];
    struct png_made p;

    memset(want, 1, sizeof want);
    png_begin(cx, &p, 4, 3, 6, 8, false, false);        /* black and opaque, all of it */
    for (uint32_t i = 0; i < 12; i++)
        png_sample(&p, i % 4, i / 4, 3, 255);
    read_back(cx, png_address(cx, &p), 4, 3, want);
}

static void what_is_written_is_read_back(void **state)
{
    struct rng rng = {9};

    (void)state;
    for (size_t z = 0; z < sizeof sizes / sizeof *sizes; z++)
        for (int full = 0; full < 4; full++) {
            struct ctx *cx = ctx_new(NULL);
            uint32_t w = sizes[z][0], h = sizes[z][1], at = 0;
            struct rle_run *run = NEW_N(cx, struct rle_run, w * h + 1);
            uint8_t *want = NEW_N(cx, uint8_t, w * h);
            char *address;
            size_t n = 0;

            while (full && at < w * h) {
                uint32_t from = full == 3 ? 0 : at + (uint32_t)rng_below(&rng, 40);
                uint32_t to = full == 3 ? w * h : from + 1 + (uint32_t)rng_below(&rng, 40);

                if (from >= w * h)
                    break;
                run[n++] = (struct rle_run){from, to < w * h ? to : w * h};
                memset(want + from, 1, run[n - 1].to - from);
                at = run[n - 1].to + 1;
            }
            assert_ok(bitmask_encode(cx, run, n, w, h, &address));
            read_back(cx, json_keep(cx, json_string(address)), w, h, want);
            ctx_free(cx);
        }
}

/* As a canvas gives it: 8 bits, RGBA, and a browser that reads it sees black on clear. */
static void what_is_written_is_black_on_clear(void **state)
{
    struct ctx *cx = *state;
    struct rle_run run = {1, 3};
    char *address;
    uint8_t png[400], raw[64];
    uLongf nraw = sizeof raw;
    size_t n, at = 33;

    assert_ok(bitmask_encode(cx, &run, 1, 2, 2, &address));
    assert_int_equal(strncmp(address, "data:image/png;base64,iVBORw0KGgo", 33), 0);
    assert_ok(sodium_base642bin(png, sizeof png, address + 22, strlen(address + 22), NULL, &n, NULL,
                                sodium_base64_VARIANT_ORIGINAL));
    assert_int_equal(png[24], 8);
    assert_int_equal(png[25], 6);
    assert_memory_equal(png + at + 4, "IDAT", 4);
    assert_int_equal(uncompress(raw, &nraw, png + at + 8, png[at + 3]), Z_OK);
    assert_int_equal(nraw, 2 * 9);
    assert_memory_equal(raw + 1, ((uint8_t[]){0, 0, 0, 0, 0, 0, 0, 255}), 8);
}

static void what_cannot_be_written_is_said(void **state)
{
    struct ctx *cx = *state;
    char *address;

    assert_int_equal(bitmask_encode(cx, NULL, 0, 0, 3, &address), E_INVALID);
    assert_int_equal(bitmask_encode(cx, NULL, 0, 20000, 20000, &address), E_TOOBIG);
}

/* ---- what is no picture ---- */

static struct png_made small(struct ctx *cx)
{
    struct png_made p;

    png_begin(cx, &p, 9, 7, 6, 8, false, false);
    for (uint32_t i = 0; i < 63; i++)
        png_sample(&p, i % 9, i / 9, 3, i % 4 ? 255 : 0);
    return p;
}

static void refused(struct ctx *cx, const json_t *address, int code, const char *says)
{
    struct bitmask b;

    assert_int_equal(bitmask_open(cx, address, &b), code);
    assert_says(cx, says);
    assert_null(b.png);
}

static void what_is_no_address_of_a_png_is_refused(void **state)
{
    struct ctx *cx = *state;
    static const char *const bad[] = {
        "", "data:image/png;base64", "data:image/jpeg;base64,/9j/4AA", "https://x.example/a.png",
        "data:image/png,abc", "data:image/svg+xml;base64,PHN2Zy8+"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        refused(cx, json_keep(cx, json_string(bad[i])), E_INVALID, "must be a PNG");
    refused(cx, NULL, E_INVALID, "must be a PNG");
    refused(cx, json_keep(cx, json_integer(3)), E_INVALID, "must be a PNG");
    refused(cx, json_keep(cx, json_string("data:image/png;base64,")), E_INVALID, "no PNG");
    refused(cx, json_keep(cx, json_string("data:image/png;base64,AAA")), E_INVALID, "base64");
    refused(cx, json_keep(cx, json_string("data:image/png;base64,AA AA=")), E_INVALID, "base64");
    refused(cx, json_keep(cx, json_string("data:image/png;base64,AAAA")), E_INVALID, "no PNG");
}

static void a_picture_cut_anywhere_or_changed_anywhere_is_refused(void **state)
{
    struct ctx *cx = *state;
    struct png_made p = small(cx);
    size_t n;
    uint8_t *bytes = png_bytes(cx, &p, &n);
    struct bitmask b;

    for (size_t cut = 0; cut < n; cut++)
        assert_int_equal(bitmask_open(cx, png_address_of(cx, bytes, cut), &b), E_INVALID);
    for (size_t at = 0; at < n; at++) {
        bytes[at] ^= 0x10;
        assert_true(bitmask_open(cx, png_address_of(cx, bytes, n), &b) < 0);
        bytes[at] ^= 0x10;
    }
    assert_ok(bitmask_open(cx, png_address_of(cx, bytes, n), &b));
    bytes[n] = 0;
    refused(cx, png_address_of(cx, bytes, n + 1), E_INVALID, "follows the end");
}

/* The checksum fits, the header is no PNG's. */
static void impossible_headers_are_refused(void **state)
{
    static const struct {
        int at;
        uint8_t is;
        const char *says;
    } wrong[] = {{24, 3, "header"}, {24, 0, "header"}, {24, 255, "header"}, {25, 1, "header"},
                 {25, 5, "header"}, {25, 7, "header"}, {26, 1, "header"},   {27, 1, "header"},
                 {28, 2, "header"}, {16, 128, "header"}, {25, 3, "palette"}, {12, 'J', "begin"}};
    struct ctx *cx = *state;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct png_made p = small(cx);
        size_t n;
        uint8_t *bytes = png_bytes(cx, &p, &n);

        bytes[wrong[i].at] = wrong[i].is;
        png_checksums(bytes, n);
        refused(cx, png_address_of(cx, bytes, n), E_INVALID, wrong[i].says);
    }
}

static void other_chunks_are_passed_over_unless_they_must_be_known(void **state)
{
    struct ctx *cx = *state;
    struct png_made p = small(cx);
    size_t n, more;
    uint8_t *bytes = png_bytes(cx, &p, &n), *with, want[63];

    for (int i = 0; i < 63; i++)
        want[i] = i % 4 != 0;
    with = png_with(cx, bytes, n, "iCCP", 200, &more);          /* no profile at all */
    read_back(cx, png_address_of(cx, with, more), 9, 7, want);
    with = png_with(cx, bytes, n, "tEXt", 50000, &more);
    read_back(cx, png_address_of(cx, with, more), 9, 7, want);
    with = png_with(cx, bytes, n, "aBCd", 4, &more);
    read_back(cx, png_address_of(cx, with, more), 9, 7, want);
    with = png_with(cx, bytes, n, "ABCd", 4, &more);
    refused(cx, png_address_of(cx, with, more), E_INVALID, "does not have");
    with = png_with(cx, bytes, n, "IHDR", 13, &more);
    refused(cx, png_address_of(cx, with, more), E_INVALID, "begin");
}

/* Whole to look at, and yet no pixels: said when they are wanted. */
static void pixels_that_cannot_be_unpacked_are_said(void **state)
{
    struct ctx *cx = *state;
    struct png_made p = small(cx);
    struct bitmask b;
    struct rle_run *run;
    size_t n, k;
    uint8_t *bytes = png_bytes(cx, &p, &n);
    int broken = 0;

    for (size_t at = 41; at < n - 16; at++) {
        bytes[at] ^= 0x55;
        png_checksums(bytes, n);
        assert_ok(bitmask_open(cx, png_address_of(cx, bytes, n), &b));
        if (bitmask_runs(cx, &b, MANY, &run, &k) == E_INVALID) {
            assert_says(cx, "cannot be decoded");
            broken++;
        }
        bytes[at] ^= 0x55;
    }
    assert_true(broken > 10);
}

/* ---- large ones ---- */

static void size_alone_costs_nothing(void **state)
{
    struct ctx *cx = *state;
    struct png_made p = small(cx);
    size_t n;
    uint8_t *bytes = png_bytes(cx, &p, &n);

    bytes[16] = bytes[20] = 0x7f;                               /* two thousand million a side */
    png_checksums(bytes, n);
    refused(cx, png_address_of(cx, bytes, n), E_TOOBIG, "more than 100000000 pixels");
    png_begin(cx, &p, 9, 7, 0, 8, true, false);
    bytes = png_bytes(cx, &p, &n);
    bytes[18] = 0x20;                                           /* 8201 x 8199, interlaced */
    bytes[22] = 0x20;
    png_checksums(bytes, n);
    refused(cx, png_address_of(cx, bytes, n), E_TOOBIG, "interlaced");
}

static void a_large_picture_takes_a_row_of_memory(void **state)
{
    struct ctx *cx = *state;
    struct png_made p;
    struct bitmask b;
    struct rle_run *run;
    const json_t *address;
    size_t n, before;

    png_begin(cx, &p, 4000, 3000, 0, 1, false, false);
    for (uint32_t y = 0; y < 3000; y++)
        png_sample(&p, 17, y, 0, 1);
    address = png_address(cx, &p);
    assert_ok(bitmask_open(cx, address, &b));
    before = talloc_total_size(cx->mem);
    assert_ok(bitmask_runs(cx, &b, MANY, &run, &n));
    assert_int_equal(n, 3000);
    assert_true(talloc_total_size(cx->mem) - before < 100000);
    assert_int_equal(bitmask_runs(cx, &b, 2999, &run, &n), E_TOOBIG);
    assert_says(cx, "2999 stretches");
}

/* Many small items of many pixels: the budget ends it, not the machine. */
static void a_budget_bounds_what_many_masks_cost(void **state)
{
    struct ctx *cx = *state;
    struct png_made p;
    struct mask_budget left = {.runs = 100, .pixels = 30000};
    struct mask m;
    json_t *item;

    png_begin(cx, &p, 100, 100, 0, 1, false, false);
    for (uint32_t y = 0; y < 30; y++)
        png_sample(&p, 0, y, 0, 1);
    item = json_keep(cx, json_pack("{s:s, s:{s:O}}", "type", "bitmask", "value", "imageDataURL",
                                   png_address(cx, &p)));
    for (int i = 0; i < 3; i++) {
        assert_ok(mask_read(cx, item, &left, &m));
        assert_int_equal(m.painted, 30);
        assert_int_equal(m.width, 100);
    }
    assert_int_equal(left.runs, 10);
    assert_int_equal(mask_read(cx, item, &left, &m), E_TOOBIG);
    assert_null(m.run);
    left.pixels = 1000000;
    assert_int_equal(mask_read(cx, item, &left, &m), E_TOOBIG);         /* stretches are out too */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(every_form_of_png_says_the_same_pixels),
        UNIT(a_mask_of_the_whole_picture_is_painted_everywhere),
        UNIT(what_is_written_is_read_back),
        UNIT(what_is_written_is_black_on_clear),
        UNIT(what_cannot_be_written_is_said),
        UNIT(what_is_no_address_of_a_png_is_refused),
        UNIT(a_picture_cut_anywhere_or_changed_anywhere_is_refused),
        UNIT(impossible_headers_are_refused),
        UNIT(other_chunks_are_passed_over_unless_they_must_be_known),
        UNIT(pixels_that_cannot_be_unpacked_are_said),
        UNIT(size_alone_costs_nothing),
        UNIT(a_large_picture_takes_a_row_of_memory),
        UNIT(a_budget_bounds_what_many_masks_cost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
