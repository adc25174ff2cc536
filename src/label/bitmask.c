/*
 * bitmask.c -- see bitmask.h.  The only file that knows libpng.
 *
 * libpng leaves by longjmp.  So decode() and encode() below keep all that must
 * outlive a jump in a struct of the caller's frame, own no resource besides the
 * two of libpng, and are short.  Memory of libpng comes from a child of
 * cx->mem within a budget, and goes with it whatever happens.
 */
#include "label/bitmask.h"

#include <png.h>
#include <setjmp.h>
#include <sodium.h>
#include <string.h>
#include <zlib.h>

#include "core/str.h"

#define PREFIX "data:image/png;base64,"
#define PREFIX_LEN (sizeof PREFIX - 1)
#define SIGNATURE "\x89PNG\r\n\x1a\n"
#define CODEC_BYTES (8 << 20)       /* of libpng and zlib together, besides rows */

/* ---- the chunks ---- */

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool is(const uint8_t *type, const char *name)
{
    return memcmp(type, name, 4) == 0;
}

/* The depths that a colour type may have, as bits. */
static unsigned depths_of(uint8_t colour)
{
    switch (colour) {
    case PNG_COLOR_TYPE_GRAY:
        return 1 | 2 | 4 | 8 | 16;
    case PNG_COLOR_TYPE_PALETTE:
        return 1 | 2 | 4 | 8;
    case PNG_COLOR_TYPE_RGB:
    case PNG_COLOR_TYPE_GRAY_ALPHA:
    case PNG_COLOR_TYPE_RGB_ALPHA:
        return 8 | 16;
    default:
        return 0;
    }
}

static int read_header(struct ctx *cx, const uint8_t *h, struct bitmask *out)
{
    uint8_t depth = h[8];
    uint64_t pixels;

    out->width = be32(h);
    out->height = be32(h + 4);
    out->interlaced = h[12] != 0;
    pixels = (uint64_t)out->width * out->height;
    if (pixels == 0 || out->width > INT32_MAX || out->height > INT32_MAX ||
        (depth & (depth - 1)) != 0 || (depths_of(h[9]) & depth) == 0 || h[10] != 0 || h[11] != 0 ||
        h[12] > 1)
        return fail(cx, E_INVALID, "The header of the picture is none that a PNG may have.");
    if (pixels > LIMIT_PIXELS)
        return fail(cx, E_TOOBIG, "The mask has more than %lld pixels.", (long long)LIMIT_PIXELS);
    if (out->interlaced && pixels > LIMIT_INTERLACED_PIXELS)
        return fail(cx, E_TOOBIG, "An interlaced mask may have %lld pixels; this has more.",
                    (long long)LIMIT_INTERLACED_PIXELS);
    return 0;
}

/* What has been seen of the picture so far. */
struct seen {
    bool header, palette, pixels, end;
};

/* What pixels are made of.  Profiles, texts and the like never reach libpng. */
static bool is_needed(const uint8_t *type)
{
    return is(type, "IHDR") || is(type, "PLTE") || is(type, "tRNS") || is(type, "IDAT") ||
           is(type, "IEND");
}

static int see(struct ctx *cx, const uint8_t *type, const uint8_t *data, uint32_t n,
               struct seen *seen, struct bitmask *out)
{
    bool first = !seen->header, may_skip = type[0] & 0x20;

    if (first != is(type, "IHDR") || (first && n != 13))
        return fail(cx, E_INVALID, "The picture does not begin with its header.");
    if (first) {
        seen->header = true;
        seen->palette = data[9] != PNG_COLOR_TYPE_PALETTE;
        return read_header(cx, data, out);
    }
    if (is(type, "PLTE"))
        seen->palette = true;
    else if (is(type, "IDAT"))
        seen->pixels = true;
    else if (is(type, "IEND"))
        seen->end = true;
    else if (!may_skip)
        return fail(cx, E_INVALID, "The picture has a part that a PNG does not have.");
    if ((seen->pixels && !seen->palette) || (seen->end && !seen->pixels))
        return fail(cx, E_INVALID, "The picture lacks its %s.",
                    seen->palette ? "pixels" : "palette");
    return 0;
}

/* Checks all chunks, and moves those that are needed together. */
static int walk(struct ctx *cx, uint8_t *p, struct bitmask *out)
{
    uint8_t *end = p + out->n, *kept = p + 8;
    struct seen seen = {false};
    uint32_t n;
    int rc;

    if (out->n < 8 || memcmp(p, SIGNATURE, 8) != 0)
        return fail(cx, E_INVALID, "The address holds no PNG.");
    for (p += 8; !seen.end; p += 12 + n) {
        if (end - p < 12 || (n = be32(p)) > (size_t)(end - p) - 12)
            return fail(cx, E_INVALID, "The picture is cut off.");
        if (be32(p + 8 + n) != crc32(0, p + 4, n + 4))
            return fail(cx, E_INVALID, "The picture is damaged: a checksum does not fit.");
        if ((rc = see(cx, p + 4, p + 8, n, &seen, out)) < 0)
            return rc;
        if (is_needed(p + 4)) {
            memmove(kept, p, 12 + (size_t)n);
            kept += 12 + (size_t)n;
        }
    }
    if (p != end)
        return fail(cx, E_INVALID, "Something follows the end of the picture.");
    out->n = (size_t)(kept - out->png);
    return 0;
}

int bitmask_open(struct ctx *cx, const json_t *address, struct bitmask *out)
{
    const char *s = json_string_value(address), *stop;
    size_t n = json_string_length(address);
    uint8_t *bytes;
    int rc;

    *out = (struct bitmask){.png = NULL};
    if (!s || n < PREFIX_LEN || memcmp(s, PREFIX, PREFIX_LEN) != 0)
        return fail(cx, E_INVALID, "A bitmask must be a PNG in a data address: \"" PREFIX "…\".");
    s += PREFIX_LEN;
    n -= PREFIX_LEN;
    bytes = talloc_size(cx->mem, n / 4 * 3 + 3);
    if (!bytes)
        return fail(cx, E_BUSY, "Out of memory. Try again later.");
    out->png = bytes;
    if (sodium_base642bin(bytes, n / 4 * 3 + 3, s, n, NULL, &out->n, &stop,
                          sodium_base64_VARIANT_ORIGINAL) != 0 || stop != s + n)
        rc = fail(cx, E_INVALID, "The address is not well-formed base64.");
    else
        rc = walk(cx, bytes, out);
    if (rc < 0) {
        talloc_free(bytes);
        out->png = NULL;
    }
    return rc;
}

/* ---- libpng's errors, memory and bytes ---- */

/* What one use of libpng shares with its callbacks. */
struct codec {
    void *mem;                  /* all that libpng allocates */
    size_t left;                /* bytes that it still may */
    const uint8_t *in;
    size_t nin;
    struct buf *out;            /* when writing */
};

static PNG_NORETURN void on_error(png_structp png, png_const_charp why)
{
    (void)why;
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp why)
{
    (void)png;
    (void)why;
}

static png_voidp on_malloc(png_structp png, png_alloc_size_t n)
{
    struct codec *c = png_get_mem_ptr(png);
    void *p;

    if (n > c->left || !(p = talloc_size(c->mem, n)))
        return NULL;
    c->left -= n;
    return p;
}

static void on_free(png_structp png, png_voidp p)
{
    struct codec *c = png_get_mem_ptr(png);

    c->left += talloc_get_size(p);
    talloc_free(p);
}

static void on_read(png_structp png, png_bytep to, size_t n)
{
    struct codec *c = png_get_io_ptr(png);

    if (n > c->nin)
        png_error(png, "cut off");
    memcpy(to, c->in, n);
    c->in += n;
    c->nin -= n;
}

static void on_write(png_structp png, png_bytep p, size_t n)
{
    struct codec *c = png_get_io_ptr(png);

    if (buf_add(c->out, p, n) < 0)
        png_error(png, "too long");
}

static void on_flush(png_structp png)
{
    (void)png;
}

/* ---- from pixels to stretches ---- */

struct runs {
    void *mem;
    struct rle_run *run;
    size_t n, room, most;
    bool many;                  /* more than `most` */
};

static void put(struct runs *r, uint32_t from, uint32_t to)
{
    if (r->n && r->run[r->n - 1].to == from) {
        r->run[r->n - 1].to = to;
        return;
    }
    if (r->n == r->most) {
        r->many = true;
        return;
    }
    if (r->n == r->room) {
        r->room = r->room ? 2 * r->room : 64;
        r->run = talloc_realloc(r->mem, r->run, struct rle_run, (unsigned)r->room);
    }
    r->run[r->n++] = (struct rle_run){from, to};
}

/* A row of 8-bit samples, `channels` a pixel; the last is alpha when they are 2 or 4. */
static bool is_set(const uint8_t *pixel, int channels)
{
    switch (channels) {
    case 1:
        return pixel[0] > 127;
    case 3:
        return pixel[0] + pixel[1] + pixel[2] > 3 * 127;
    default:
        return pixel[channels - 1] > 0;
    }
}

/* The first pixel from `x` on that is not wholly zero; most of most masks is. */
static uint32_t skip_clear(const uint8_t *row, uint32_t x, uint32_t width, int channels)
{
    size_t at = (size_t)x * (size_t)channels, end = (size_t)width * (size_t)channels;
    uint64_t word;

    for (; end - at >= sizeof word; at += sizeof word) {
        memcpy(&word, row + at, sizeof word);
        if (word)
            break;
    }
    return (uint32_t)(at / (size_t)channels);
}

static void scan(struct runs *r, const uint8_t *row, uint32_t width, int channels, uint32_t first)
{
    uint32_t x = 0, from;

    while ((x = skip_clear(row, x, width, channels)) < width) {
        if (!is_set(row + (size_t)x * (size_t)channels, channels)) {
            x++;
            continue;
        }
        for (from = x++; x < width && is_set(row + (size_t)x * (size_t)channels, channels); x++)
            ;
        put(r, first + from, first + x);
    }
}

/* One decoding. */
struct decoding {
    struct codec codec;
    const struct bitmask *of;
    struct runs runs;
    uint8_t *row, *all;         /* all: a byte a pixel, interlaced only */
    int channels;
    png_structp png;
    png_infop info;
};

/* Everything becomes grey or RGB of 8 bits, with alpha where the picture can say "clear". */
static void set_form(struct decoding *d)
{
    png_set_expand(d->png);
    png_set_scale_16(d->png);
}

/* Where the pixels of the seven passes lie: the first, and how far apart. */
static const struct {
    uint32_t x, y, dx, dy;
} passes[PNG_INTERLACE_ADAM7_PASSES] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                                        {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};

/* Passes are taken as they come, one row of theirs after the other. */
static void read_pass(struct decoding *d, int pass)
{
    const struct bitmask *b = d->of;

    if (passes[pass].x >= b->width)
        return;
    for (uint32_t y = passes[pass].y; y < b->height; y += passes[pass].dy) {
        const uint8_t *pixel = d->row;

        png_read_row(d->png, d->row, NULL);
        for (uint32_t x = passes[pass].x; x < b->width; x += passes[pass].dx) {
            d->all[(size_t)y * b->width + x] = is_set(pixel, d->channels) ? 255 : 0;
            pixel += d->channels;
        }
    }
}

static void read_pixels(struct decoding *d)
{
    const struct bitmask *b = d->of;

    if (b->interlaced)
        for (int pass = 0; pass < PNG_INTERLACE_ADAM7_PASSES; pass++)
            read_pass(d, pass);
    for (uint32_t y = 0; y < b->height && !d->runs.many; y++) {
        const uint8_t *row = b->interlaced ? d->all + (size_t)y * b->width : d->row;

        if (!b->interlaced)
            png_read_row(d->png, d->row, NULL);
        scan(&d->runs, row, b->width, b->interlaced ? 1 : d->channels, y * b->width);
    }
}

/* 0, or -1 when libpng gave up. */
static int decode(struct decoding *d)
{
    d->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning, &d->codec,
                                      on_malloc, on_free);
    if (!d->png)
        return -1;
    if (setjmp(png_jmpbuf(d->png)) != 0)
        return -1;
    d->info = png_create_info_struct(d->png);
    if (!d->info)
        return -1;
    png_set_user_limits(d->png, d->of->width, d->of->height);
    png_set_read_fn(d->png, &d->codec, on_read);
    png_read_info(d->png, d->info);
    set_form(d);
    png_read_update_info(d->png, d->info);
    d->channels = png_get_channels(d->png, d->info);
    if (png_get_bit_depth(d->png, d->info) != 8 ||
        png_get_rowbytes(d->png, d->info) != (size_t)d->of->width * (size_t)d->channels)
        return -1;
    read_pixels(d);
    return 0;
}

int bitmask_runs(struct ctx *cx, const struct bitmask *b, size_t most, struct rle_run **out,
                 size_t *nruns)
{
    struct decoding d = {.of = b};
    size_t row = (size_t)b->width * 4;
    int rc;

    d.codec = (struct codec){.mem = talloc_new(cx->mem), .in = b->png, .nin = b->n,
                             .left = CODEC_BYTES + 8 * row};
    d.runs = (struct runs){.mem = cx->mem, .most = most};
    d.row = talloc_size(d.codec.mem, row);
    d.all = b->interlaced ? talloc_size(d.codec.mem, (size_t)b->width * b->height) : NULL;
    if (!d.row || (b->interlaced && !d.all))
        rc = fail(cx, E_BUSY, "Out of memory. Try again later.");
    else if (decode(&d) < 0)
        rc = fail(cx, E_INVALID, "The pixels of the mask cannot be decoded.");
    else if (d.runs.many)
        rc = fail(cx, E_TOOBIG, "The mask falls into more than %zu stretches.", most);
    else
        rc = 0;
    if (d.png)
        png_destroy_read_struct(&d.png, &d.info, NULL);
    talloc_free(d.codec.mem);
    *out = d.runs.run;
    *nruns = d.runs.n;
    return rc;
}

/* ---- writing ---- */

/* One encoding. */
struct encoding {
    struct codec codec;
    const struct rle_run *run;
    size_t nruns;
    uint32_t width, height;
    uint8_t *row;
    png_structp png;
    png_infop info;
};

/* Row y: what of run `i` and those after it lies in it.  The next row goes on with the last. */
static size_t fill_row(struct encoding *e, uint32_t y, size_t i)
{
    uint32_t first = y * e->width, end = first + e->width;

    memset(e->row, 0, (size_t)e->width * 4);
    for (; i < e->nruns && e->run[i].from < end; i++) {
        uint32_t from = e->run[i].from > first ? e->run[i].from : first;
        uint32_t to = e->run[i].to < end ? e->run[i].to : end;

        for (uint32_t x = from; x < to; x++)
            e->row[(size_t)(x - first) * 4 + 3] = 255;
        if (e->run[i].to > end)
            break;
    }
    return i;
}

static void write_pixels(struct encoding *e)
{
    size_t i = 0;

    for (uint32_t y = 0; y < e->height; y++) {
        i = fill_row(e, y, i);
        png_write_row(e->png, e->row);
    }
}

/* 0, or -1 when libpng gave up. */
static int encode(struct encoding *e)
{
    e->png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning,
                                       &e->codec, on_malloc, on_free);
    if (!e->png)
        return -1;
    if (setjmp(png_jmpbuf(e->png)) != 0)
        return -1;
    e->info = png_create_info_struct(e->png);
    if (!e->info)
        return -1;
    png_set_write_fn(e->png, &e->codec, on_write, on_flush);
    png_set_IHDR(e->png, e->info, e->width, e->height, 8, PNG_COLOR_TYPE_RGB_ALPHA,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    /* Long runs of nothing pack best as they are. */
    png_set_filter(e->png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
    png_write_info(e->png, e->info);
    write_pixels(e);
    png_write_end(e->png, NULL);
    return 0;
}

static int address_of(struct ctx *cx, const struct buf *png, char **address)
{
    size_t room = sodium_base64_encoded_len(png->n, sodium_base64_VARIANT_ORIGINAL);
    char *s = talloc_size(cx->mem, PREFIX_LEN + room);

    if (!s)
        return fail(cx, E_BUSY, "Out of memory. Try again later.");
    memcpy(s, PREFIX, PREFIX_LEN);
    sodium_bin2base64(s + PREFIX_LEN, room, (const uint8_t *)png->s, png->n,
                      sodium_base64_VARIANT_ORIGINAL);
    *address = s;
    return 0;
}

int bitmask_encode(struct ctx *cx, const struct rle_run *run, size_t nruns, uint32_t width,
                   uint32_t height, char **address)
{
    struct encoding e = {.run = run, .nruns = nruns, .width = width, .height = height};
    size_t row = (size_t)width * 4;
    struct buf out;
    int rc;

    if (!width || !height)
        return fail(cx, E_INVALID, "A mask needs at least one pixel.");
    if ((uint64_t)width * height > LIMIT_PIXELS)
        return fail(cx, E_TOOBIG, "The mask has more than %lld pixels.", (long long)LIMIT_PIXELS);
    buf_init(&out, cx, (size_t)LIMIT_RESULT_BYTES / 4 * 3);
    e.codec = (struct codec){.mem = talloc_new(cx->mem), .out = &out,
                             .left = CODEC_BYTES + 8 * row};
    e.row = talloc_size(e.codec.mem, row);
    if (!e.row)
        rc = fail(cx, E_BUSY, "Out of memory. Try again later.");
    else if (encode(&e) < 0)
        rc = out.rc < 0 ? out.rc : fail(cx, E_INTERNAL, "The mask could not be written.");
    else
        rc = address_of(cx, &out, address);
    if (e.png)
        png_destroy_write_struct(&e.png, &e.info);
    talloc_free(e.codec.mem);
    talloc_free(out.s);
    return rc;
}
