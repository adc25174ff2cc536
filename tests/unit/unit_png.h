/* unit_png.h -- PNGs for tests, made without libpng: any form, and broken ones. */
#ifndef UNIT_PNG_H
#define UNIT_PNG_H

#include <jansson.h>
#include <sodium.h>
#include <string.h>
#include <zlib.h>

#include "core/ctx.h"
#include "core/json.h"

/* One in the making: samples are set, then it is packed. */
struct png_made {
    uint32_t w, h;
    int colour, depth, channels;
    bool interlaced, clear;             /* clear: with a tRNS chunk that makes sample 0 clear */
    uint16_t *sample;                   /* [h][w][channels], 0 until set */
};

static inline void png_begin(struct ctx *cx, struct png_made *p, uint32_t w, uint32_t h, int colour,
                             int depth, bool interlaced, bool clear)
{
    static const int channels[] = {1, 0, 3, 1, 2, 0, 4};

    *p = (struct png_made){w, h, colour, depth, channels[colour], interlaced,
                           clear && colour < 4, NULL};
    p->sample = NEW_N(cx, uint16_t, w * h * (unsigned)p->channels);
}

static inline void png_sample(struct png_made *p, uint32_t x, uint32_t y, int channel, unsigned v)
{
    p->sample[((size_t)y * p->w + x) * (size_t)p->channels + (size_t)channel] = (uint16_t)v;
}

static inline void png_be32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static inline uint32_t png_from_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline size_t png_chunk(uint8_t *to, const char *type, const void *data, size_t n)
{
    png_be32(to, (uint32_t)n);
    memcpy(to + 4, type, 4);
    if (n)
        memcpy(to + 8, data, n);
    png_be32(to + 8 + n, (uint32_t)crc32(0, to + 4, (uInt)n + 4));
    return n + 12;
}

/* The pixels x0, x0 + dx, … of the rows y0, y0 + dy, …, unfiltered. */
static inline size_t png_rows(const struct png_made *p, uint8_t *to, uint32_t x0, uint32_t y0,
                              uint32_t dx, uint32_t dy)
{
    uint8_t *start = to;

    for (uint32_t y = y0; y < p->h && x0 < p->w; y += dy) {
        uint32_t held = 0;
        int bits = 0;

        *to++ = 0;
        for (uint32_t x = x0; x < p->w; x += dx)
            for (int k = 0; k < p->channels; k++) {
                held = held << p->depth |
                       p->sample[((size_t)y * p->w + x) * (size_t)p->channels + (size_t)k];
                for (bits += p->depth; bits >= 8; bits -= 8)
                    *to++ = (uint8_t)(held >> (bits - 8));
            }
        if (bits)
            *to++ = (uint8_t)(held << (8 - bits));
    }
    return (size_t)(to - start);
}

/* Packed; one byte more than *n may be written. */
static inline uint8_t *png_bytes(struct ctx *cx, const struct png_made *p, size_t *n)
{
    static const uint8_t pass[7][4] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                                       {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
    size_t room = (size_t)p->h * (p->w * (size_t)p->channels * 2 + 3) * 3 + 4096, nraw = 0;
    uint8_t *raw = NEW_N(cx, uint8_t, room), *z = NEW_N(cx, uint8_t, room);
    uint8_t *out = NEW_N(cx, uint8_t, room), head[13] = {0}, palette[6] = {0, 0, 0, 255, 255, 255};
    uint8_t clear[6] = {0, 255};
    uLongf nz = room;
    size_t at = 8;

    if (!p->interlaced)
        nraw = png_rows(p, raw, 0, 0, 1, 1);
    for (int i = 0; i < 7 && p->interlaced; i++)
        nraw += png_rows(p, raw + nraw, pass[i][0], pass[i][1], pass[i][2], pass[i][3]);
    compress(z, &nz, raw, nraw);
    memcpy(out, "\x89PNG\r\n\x1a\n", 8);
    png_be32(head, p->w);
    png_be32(head + 4, p->h);
    head[8] = (uint8_t)p->depth;
    head[9] = (uint8_t)p->colour;
    head[12] = p->interlaced;
    at += png_chunk(out + at, "IHDR", head, 13);
    if (p->colour == 3)
        at += png_chunk(out + at, "PLTE", palette, 6);
    if (p->clear && p->colour != 3)
        clear[1] = 0;
    if (p->clear)
        at += png_chunk(out + at, "tRNS", clear, p->colour == 2 ? 6 : 2);
    at += png_chunk(out + at, "IDAT", z, nz);
    at += png_chunk(out + at, "IEND", NULL, 0);
    *n = at;
    return out;
}

/* Every checksum made to fit again. */
static inline void png_checksums(uint8_t *s, size_t n)
{
    for (size_t at = 8; at + 12 <= n && png_from_be32(s + at) <= n - at - 12;) {
        uint32_t k = png_from_be32(s + at);

        png_be32(s + at + 8 + k, (uint32_t)crc32(0, s + at + 4, k + 4));
        at += 12 + k;
    }
}

/* With another chunk of `k` bytes behind the header. */
static inline uint8_t *png_with(struct ctx *cx, const uint8_t *s, size_t n, const char *type,
                                size_t k, size_t *nout)
{
    uint8_t *out = NEW_N(cx, uint8_t, n + k + 12), *data = NEW_N(cx, uint8_t, k);

    memcpy(out, s, 33);
    *nout = 33 + png_chunk(out + 33, type, data, k);
    memcpy(out + *nout, s + 33, n - 33);
    *nout += n - 33;
    return out;
}

static inline json_t *png_address_of(struct ctx *cx, const uint8_t *s, size_t n)
{
    size_t room = sodium_base64_encoded_len(n, sodium_base64_VARIANT_ORIGINAL);
    char *text = talloc_array(cx->mem, char, (unsigned)room);

    sodium_bin2base64(text, room, s, n, sodium_base64_VARIANT_ORIGINAL);
    return json_keep(cx, json_sprintf("data:image/png;base64,%s", text));
}

static inline json_t *png_address(struct ctx *cx, const struct png_made *p)
{
    size_t n;
    const uint8_t *s = png_bytes(cx, p, &n);

    return png_address_of(cx, s, n);
}

#endif
