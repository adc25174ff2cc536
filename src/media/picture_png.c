/* picture_png.c -- rows out of a PNG file, by libpng.  See picture.h. */
#include "media/picture.h"

#include <png.h>

#define CHUNK_BYTES (8 << 20)   /* of one that is not pixels */

struct png {
    png_structp d;
    png_infop info;
    struct picture *p;
    int stored;                 /* channels as decoded: with the transparent one */
    uint8_t *whole;             /* an interlaced one: all rows, as decoded */
    uint8_t *clear;             /* a row with a transparent channel, as decoded */
    int64_t at;
};

static void give_up(png_structp d, png_const_charp why)
{
    struct png *g = png_get_error_ptr(d);

    fail(g->p->cx, E_INVALID, "The PNG file is broken at row %lld: %.120s.", (long long)g->at, why);
    png_longjmp(d, 1);
}

static void remark(png_structp d, png_const_charp why)
{
    (void)d;
    (void)why;
}

/* Eight bits of grey or RGB, and how far a pixel covers what lies under it. */
static void plain_colours(struct png *g)
{
    int type = png_get_color_type(g->d, g->info);
    bool clear = (type & PNG_COLOR_MASK_ALPHA) || png_get_valid(g->d, g->info, PNG_INFO_tRNS);

    png_set_expand(g->d);
    png_set_scale_16(g->d);
    g->p->channels = type & PNG_COLOR_MASK_COLOR ? 3 : 1;
    g->stored = g->p->channels + clear;
    if (clear)
        g->clear = NEW_N(g->p->cx, uint8_t, g->p->head.width * g->stored);
}

/* On white. */
static void cover(const struct png *g, const uint8_t *from, uint8_t *to)
{
    int n = g->p->channels;

    for (int64_t x = 0; x < g->p->head.width; x++, from += n + 1)
        for (int k = 0; k < n; k++)
            *to++ = (uint8_t)((from[k] * from[n] + 255 * (255 - from[n]) + 127) / 255);
}

static int begin(struct png *g, FILE *f)
{
    const struct picture_head *h = &g->p->head;
    int passes;

    if (setjmp(png_jmpbuf(g->d)))
        return E_INVALID;
    png_init_io(g->d, f);
    png_set_user_limits(g->d, (png_uint_32)LIMIT_PICTURE_SIDE, (png_uint_32)LIMIT_PICTURE_SIDE);
    png_set_chunk_malloc_max(g->d, CHUNK_BYTES);
    png_set_chunk_cache_max(g->d, 16);
    png_set_keep_unknown_chunks(g->d, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
    png_read_info(g->d, g->info);
    if ((int64_t)png_get_image_width(g->d, g->info) != h->width ||
        (int64_t)png_get_image_height(g->d, g->info) != h->height)
        return fail(g->p->cx, E_INVALID, "The PNG file has two headers that differ.");
    plain_colours(g);
    passes = png_set_interlace_handling(g->d);
    png_read_update_info(g->d, g->info);
    if (png_get_rowbytes(g->d, g->info) != (size_t)(h->width * g->stored))
        return fail(g->p->cx, E_INVALID, "The PNG file has colours that are not known here.");
    if (passes > 1)
        g->whole = NEW_N(g->p->cx, uint8_t, h->width * h->height * g->stored);
    for (int pass = 0; passes > 1 && pass < passes; pass++)
        for (g->at = 0; g->at < h->height; g->at++)
            png_read_row(g->d, g->whole + g->at * h->width * g->stored, NULL);
    g->at = 0;
    return 0;
}

static int png_begin(struct picture *p, FILE *f)
{
    struct png *g = NEW(p->cx, struct png);

    g->p = p;
    p->state = g;
    g->d = png_create_read_struct(PNG_LIBPNG_VER_STRING, g, give_up, remark);
    g->info = g->d ? png_create_info_struct(g->d) : NULL;
    return g->info ? begin(g, f) : fail(p->cx, E_INTERNAL, "The PNG decoder cannot begin.");
}

static int decoded(struct png *g, uint8_t *to)
{
    if (setjmp(png_jmpbuf(g->d)))
        return E_INVALID;
    png_read_row(g->d, to, NULL);
    return 0;
}

static int png_next(struct picture *p, uint8_t *row)
{
    struct png *g = p->state;
    size_t n = (size_t)(p->head.width * g->stored);
    uint8_t *to = g->clear ? g->clear : row;
    int rc = 0;

    if (g->at >= p->head.height)
        return fail(p->cx, E_INVALID, "The PNG file breaks off.");
    if (g->whole)
        memcpy(to, g->whole + (size_t)g->at * n, n);
    else
        rc = decoded(g, to);
    g->at++;
    if (rc == 0 && g->clear)
        cover(g, g->clear, row);
    return rc;
}

static void png_end(struct picture *p)
{
    struct png *g = p->state;

    if (g && g->d)
        png_destroy_read_struct(&g->d, &g->info, NULL);
    p->state = NULL;
}

const struct picture_codec picture_png = {png_begin, png_next, png_end};
