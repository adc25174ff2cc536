/* test_media.c -- pictures become tiles: every size, every pixel, bounded memory; broken files. */
#include "unit.h"

#include <jpeglib.h>
#include <png.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/str.h"
#include "media/pack.h"
#include "media/picture.h"
#include "media/tile_folder.h"
#include "media/tiler.h"

/* ---- a picture that is made as it is read ---- */

struct made {
    int64_t width, height, y;
    int channels;
};

/* Slow waves, so that neither JPEG nor the halving moves a pixel by much. */
static uint8_t shade(double x, double y, int k)
{
    return (uint8_t)(127 + 60 * __builtin_sin(x / 90 + k) + 60 * __builtin_sin(y / 120 + 2 * k));
}

static int made_row(void *arg, uint8_t *row)
{
    struct made *m = arg;

    for (int64_t x = 0; x < m->width; x++)
        for (int k = 0; k < m->channels; k++)
            row[x * m->channels + k] = shade((double)x, (double)m->y, k);
    m->y++;
    return 0;
}

static struct pyramid pyramid_of(struct ctx *cx, int64_t w, int64_t h, int tile, int overlap)
{
    struct pyramid p = {.width = w, .height = h, .tile = tile, .overlap = overlap};

    assert_ok(pyramid_init(cx, &p));
    return p;
}

/* Reads a JPEG tile back into rows. */
static uint8_t *pixels_of(struct ctx *cx, const uint8_t *bytes, size_t n, int64_t *w, int64_t *h,
                          int *channels)
{
    FILE *f = fmemopen((void *)(uintptr_t)bytes, n, "rb");
    struct picture *p;
    uint8_t *out;

    assert_ok(picture_open(cx, f, &p));
    *w = p->head.width;
    *h = p->head.height;
    *channels = p->channels;
    out = NEW_N(cx, uint8_t, *w * *h * *channels);
    for (int64_t y = 0; y < *h; y++)
        assert_ok(picture_row(p, out + y * *w * *channels));
    picture_close(p);
    fclose(f);
    return out;
}

/* ---- every tile against the picture it was cut from ---- */

struct checked {
    struct ctx *cx;
    const struct pyramid *p;
    int64_t tiles;
    bool *seen;
    int worst;
};

static int check_tile(void *arg, int level, int64_t column, int64_t row, const uint8_t *bytes,
                      size_t n)
{
    struct checked *c = arg;
    struct ctx *cx = ctx_new(c->cx->mem);
    int64_t at = pyramid_place(c->p, level, column, row), x0, x1, y0, y1, w, h;
    double scale = (double)(1 << (c->p->levels - 1 - level));
    int channels;
    uint8_t *px;

    assert_true(at >= 0 && !c->seen[at]);
    c->seen[at] = true;
    c->tiles++;
    px = pixels_of(cx, bytes, n, &w, &h, &channels);
    pyramid_span(c->p, pyramid_width(c->p, level), column, &x0, &x1);
    pyramid_span(c->p, pyramid_height(c->p, level), row, &y0, &y1);
    assert_int_equal(w, x1 - x0);
    assert_int_equal(h, y1 - y0);
    /* A pixel of a low level is the mean of a square: its middle is near it while the waves are
     * long. */
    for (int64_t y = 0; scale <= 8 && y < h; y += 3)
        for (int64_t x = 0; x < w; x += 3)
            for (int k = 0; k < channels; k++) {
                double mx = ((double)(x0 + x) + 0.5) * scale - 0.5;
                double my = ((double)(y0 + y) + 0.5) * scale - 0.5;
                int off = px[(y * w + x) * channels + k] -
                          shade(mx < (double)c->p->width ? mx : (double)c->p->width - 1,
                                my < (double)c->p->height ? my : (double)c->p->height - 1, k);

                off = off < 0 ? -off : off;
                c->worst = off > c->worst ? off : c->worst;
            }
    ctx_free(cx);
    return 0;
}

static void cut_and_check(struct ctx *cx, int64_t w, int64_t h, int tile, int overlap, int channels)
{
    struct pyramid p = pyramid_of(cx, w, h, tile, overlap);
    struct made m = {w, h, 0, channels};
    struct checked c = {cx, &p, 0, NEW_N(cx, bool, pyramid_tiles(&p)), 0};
    struct tiler_in in = {channels, made_row, &m};
    struct tiler_out out = {.tile = check_tile, .arg = &c};

    assert_ok(tiler_run(cx, &p, 90, &in, &out));
    assert_int_equal(c.tiles, pyramid_tiles(&p));
    if (c.worst > 16)
        print_error("%lld x %lld, tile %d, overlap %d: a pixel is off by %d\n", (long long)w,
                    (long long)h, tile, overlap, c.worst);
    assert_true(c.worst <= 16);
}

static void every_size_is_cut_whole_and_every_pixel_is_where_it_was(void **state)
{
    static const struct {
        int64_t w, h;
        int tile, overlap;
    } sizes[] = {{1, 1, 64, 0},      {1, 700, 64, 1},   {700, 1, 64, 1},    {64, 64, 64, 0},
                 {65, 64, 64, 1},    {127, 129, 64, 1}, {257, 511, 128, 0}, {513, 300, 256, 1},
                 {1025, 767, 256, 4}, {640, 641, 64, 16}, {300, 1500, 254, 1}};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        cut_and_check(*state, sizes[i].w, sizes[i].h, sizes[i].tile, sizes[i].overlap, 3);
        cut_and_check(*state, sizes[i].w, sizes[i].h, sizes[i].tile, sizes[i].overlap, 1);
    }
}

static void levels_go_down_to_one_pixel(void **state)
{
    static const struct {
        int64_t w, h;
        int levels;
    } rows[] = {{1, 1, 1}, {2, 1, 2}, {3, 2, 3}, {256, 256, 9}, {257, 1, 10}, {40000, 30000, 17}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pyramid p = pyramid_of(*state, rows[i].w, rows[i].h, 256, 1);

        assert_int_equal(p.levels, rows[i].levels);
        assert_int_equal(pyramid_width(&p, 0), 1);
        assert_int_equal(pyramid_height(&p, 0), 1);
        assert_int_equal(pyramid_width(&p, p.levels - 1), rows[i].w);
        assert_true(pyramid_columns(&p, pyramid_preview(&p)) == 1);
    }
}

static void a_pyramid_out_of_bounds_is_refused(void **state)
{
    struct ctx *cx = *state;
    struct pyramid none = {.width = 0, .height = 5, .tile = 256};
    struct pyramid wide = {.width = LIMIT_PICTURE_SIDE + 1, .height = 5, .tile = 256};
    struct pyramid many = {.width = 200000, .height = 200000, .tile = 256};
    struct pyramid thin = {.width = 100, .height = 100, .tile = 16};
    struct pyramid deep = {.width = 100, .height = 100, .tile = 64, .overlap = 40};

    assert_int_equal(pyramid_init(cx, &none), E_INVALID);
    assert_int_equal(pyramid_init(cx, &wide), E_TOOBIG);
    assert_int_equal(pyramid_init(cx, &many), E_TOOBIG);
    assert_int_equal(pyramid_init(cx, &thin), E_INVALID);
    assert_int_equal(pyramid_init(cx, &deep), E_INVALID);
}

/* ---- memory ---- */

static int count_bytes(void *arg, int level, int64_t column, int64_t row, const uint8_t *bytes,
                       size_t n)
{
    (void)level;
    (void)column;
    (void)row;
    (void)bytes;
    *(int64_t *)arg += (int64_t)n;
    return 0;
}

/* 20,000 columns of 3 bytes: held whole, or a row of tiles of it, this would be 120 or 30 MB. */
static void memory_grows_with_the_width_alone(void **state)
{
    int64_t side = getenv("ANNOTARY_TILES_SIDE") ? atoll(getenv("ANNOTARY_TILES_SIDE")) : 0;
    int64_t w = side ? side : 20000, h = side ? side : 2000, bytes = 0;
    struct pyramid p = pyramid_of(*state, w, h, 512, 1);
    struct made m = {w, h, 0, 3};
    struct tiler_in in = {3, made_row, &m};
    struct tiler_out out = {.tile = count_bytes, .arg = &bytes};
    struct rusage before, after;

    getrusage(RUSAGE_SELF, &before);
    assert_ok(tiler_run(*state, &p, 85, &in, &out));
    getrusage(RUSAGE_SELF, &after);
    print_message("%lld x %lld: %lld MB of tiles, peak %lld MB more\n", (long long)w, (long long)h,
                  (long long)bytes / 1000000,
                  (long long)(after.ru_maxrss - before.ru_maxrss) / 1024);
#ifndef __SANITIZE_ADDRESS__
    assert_true(after.ru_maxrss - before.ru_maxrss < 64 * 1024);
#endif
}

/* ---- one file ---- */

static int into_buf(void *arg, const void *bytes, size_t n)
{
    return buf_add(arg, bytes, n);
}

static int into_pack(void *arg, int level, int64_t column, int64_t row, const uint8_t *bytes,
                     size_t n)
{
    assert_ok(pack_tile(arg, level, column, row, (int64_t)n));
    return pack_bytes(arg, bytes, n);
}

static struct buf packed(struct ctx *cx, const struct pyramid *p)
{
    struct made m = {p->width, p->height, 0, 3};
    struct tiler_in in = {3, made_row, &m};
    struct buf b;
    struct pack_out *k;
    struct tiler_out out = {.tile = into_pack};

    buf_init(&b, cx, 64 << 20);
    out.arg = k = pack_begin(cx, into_buf, &b);
    assert_ok(tiler_run(cx, p, 85, &in, &out));
    assert_ok(pack_end(k, p));
    return b;
}

static int file_of(const void *bytes, size_t n)
{
    FILE *f = tmpfile();

    assert_int_equal(fwrite(bytes, 1, n, f), n);
    fflush(f);
    return fileno(f);
}

static void a_pack_gives_back_every_tile(void **state)
{
    struct ctx *cx = *state;
    struct pyramid p = pyramid_of(cx, 1000, 701, 256, 1);
    struct buf b = packed(cx, &p);
    struct pack k;
    int64_t at, n, w, h;
    int channels;

    assert_ok(pack_open(cx, file_of(b.s, b.n), (int64_t)b.n, &k));
    assert_int_equal(k.p.width, 1000);
    assert_int_equal(k.p.levels, 11);
    for (int l = 0; l < p.levels; l++)
        for (int64_t y = 0; y < pyramid_rows(&p, l); y++)
            for (int64_t x = 0; x < pyramid_columns(&p, l); x++) {
                int64_t from, to;

                assert_ok(pack_find(cx, &k, l, x, y, &at, &n));
                pixels_of(cx, (const uint8_t *)b.s + at, (size_t)n, &w, &h, &channels);
                pyramid_span(&p, pyramid_width(&p, l), x, &from, &to);
                assert_int_equal(w, to - from);
            }
    assert_int_equal(pack_find(cx, &k, 10, 4, 0, &at, &n), E_NOTFOUND);
    assert_int_equal(pack_find(cx, &k, 11, 0, 0, &at, &n), E_NOTFOUND);
    assert_int_equal(pack_find(cx, &k, -1, 0, 0, &at, &n), E_NOTFOUND);
}

static void a_damaged_pack_is_refused(void **state)
{
    struct ctx *cx = *state;
    struct pyramid p = pyramid_of(cx, 300, 200, 256, 0);
    struct buf b = packed(cx, &p);
    struct pack k;
    int64_t at, n;

    assert_int_equal(pack_open(cx, file_of(b.s, b.n - 1), (int64_t)b.n - 1, &k), E_INVALID);
    assert_int_equal(pack_open(cx, file_of("", 0), 0, &k), E_INVALID);
    /* An index that points behind the tiles. */
    assert_ok(pack_open(cx, file_of(b.s, b.n), (int64_t)b.n, &k));
    b.s[k.index + 4] = 1;
    assert_ok(pack_open(cx, file_of(b.s, b.n), (int64_t)b.n, &k));
    assert_int_equal(pack_find(cx, &k, 0, 0, 0, &at, &n), E_INVALID);
    /* Any one byte of its end. */
    for (size_t i = b.n - 64; i < b.n; i++) {
        b.s[i] ^= 0x55;
        if (pack_open(cx, file_of(b.s, b.n), (int64_t)b.n, &k) == 0)
            for (int l = 0; l < k.p.levels; l++)
                pack_find(cx, &k, l, 0, 0, &at, &n);
        b.s[i] ^= 0x55;
    }
}

static void a_pack_that_lacks_a_tile_or_has_one_twice_is_not_ended(void **state)
{
    struct ctx *cx = *state;
    struct pyramid p = pyramid_of(cx, 2, 1, 64, 0);
    struct buf b;
    struct pack_out *k;

    buf_init(&b, cx, 1 << 20);
    k = pack_begin(cx, into_buf, &b);
    assert_ok(pack_tile(k, 1, 0, 0, 3));
    assert_int_equal(pack_end(k, &p), E_INVALID);
    assert_says(cx, "1 of the 2 tiles");
    assert_ok(pack_tile(k, 1, 0, 0, 3));
    assert_int_equal(pack_end(k, &p), E_INVALID);
    assert_says(cx, "twice");
    k = pack_begin(cx, into_buf, &b);
    assert_ok(pack_tile(k, 1, 7, 0, 3));
    assert_int_equal(pack_end(k, &p), E_INVALID);
    assert_says(cx, "no tile 1/7_0");
}

/* ---- files ---- */

/* A JPEG file of a made picture; `how`: 'b'aseline, 'p'rogressive, 'c'myk. */
static FILE *jpeg_file(int w, int h, char how)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr err;
    FILE *f = tmpfile();
    int channels = how == 'c' ? 4 : 3;
    struct made m = {w, h, 0, channels};
    uint8_t *row = talloc_array(NULL, uint8_t, (unsigned)(w * channels));

    c.err = jpeg_std_error(&err);
    jpeg_create_compress(&c);
    jpeg_stdio_dest(&c, f);
    c.image_width = (JDIMENSION)w;
    c.image_height = (JDIMENSION)h;
    c.input_components = channels;
    c.in_color_space = how == 'c' ? JCS_CMYK : JCS_RGB;
    jpeg_set_defaults(&c);
    if (how == 'p')
        jpeg_simple_progression(&c);
    jpeg_start_compress(&c, TRUE);
    for (int y = 0; y < h; y++) {
        made_row(&m, row);
        jpeg_write_scanlines(&c, &row, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    talloc_free(row);
    rewind(f);
    return f;
}

static FILE *png_file(int w, int h, int type, int depth, bool interlaced)
{
    png_structp d = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(d);
    FILE *f = tmpfile();
    uint8_t *row = talloc_zero_array(NULL, uint8_t, (unsigned)(w * 8));
    png_color colours[2] = {{10, 20, 30}, {200, 210, 220}};

    png_init_io(d, f);
    png_set_IHDR(d, info, (png_uint_32)w, (png_uint_32)h, depth, type,
                 interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, 0, 0);
    if (type == PNG_COLOR_TYPE_PALETTE)
        png_set_PLTE(d, info, colours, 2);
    png_write_info(d, info);
    for (int pass = png_set_interlace_handling(d); pass > 0; pass--)
        for (int y = 0; y < h; y++)
            png_write_row(d, row);
    png_write_end(d, NULL);
    png_destroy_write_struct(&d, &info);
    talloc_free(row);
    rewind(f);
    return f;
}

static int rows_of(struct ctx *cx, FILE *f, int *channels, uint8_t first[3])
{
    struct picture *p;
    int rc = picture_open(cx, f, &p);
    uint8_t *row;

    if (rc < 0)
        return rc;
    *channels = p->channels;
    row = NEW_N(cx, uint8_t, p->head.width * p->channels);
    for (int64_t y = 0; y < p->head.height && rc == 0; y++) {
        rc = picture_row(p, row);
        if (y == 0)
            memcpy(first, row, (size_t)p->channels);
    }
    picture_close(p);
    return rc;
}

static void every_kind_of_file_gives_rows(void **state)
{
    static const struct {
        int type, depth, channels, first;
    } pngs[] = {{PNG_COLOR_TYPE_RGB, 8, 3, 0},      {PNG_COLOR_TYPE_RGB, 16, 3, 0},
                {PNG_COLOR_TYPE_GRAY, 1, 1, 0},     {PNG_COLOR_TYPE_GRAY, 16, 1, 0},
                {PNG_COLOR_TYPE_PALETTE, 1, 3, 10}, {PNG_COLOR_TYPE_RGB_ALPHA, 8, 3, 255},
                {PNG_COLOR_TYPE_RGB_ALPHA, 16, 3, 255}, {PNG_COLOR_TYPE_GRAY_ALPHA, 8, 1, 255}};
    struct ctx *cx = *state;
    uint8_t first[4];
    int channels;

    for (size_t i = 0; i < sizeof pngs / sizeof *pngs; i++)
        for (int interlaced = 0; interlaced < 2; interlaced++) {
            assert_ok(rows_of(cx, png_file(37, 21, pngs[i].type, pngs[i].depth, interlaced),
                              &channels, first));
            assert_int_equal(channels, pngs[i].channels);
            assert_int_equal(first[0], pngs[i].first);
        }
    for (const char *how = "bpc"; *how; how++) {
        assert_ok(rows_of(cx, jpeg_file(70, 50, *how), &channels, first));
        assert_int_equal(channels, 3);
    }
}

static void a_broken_file_is_told_and_no_tile_is_made_of_grey(void **state)
{
    struct ctx *cx = *state;
    uint8_t first[4];
    int channels;
    FILE *f = jpeg_file(400, 400, 'b');

    fseek(f, 0, SEEK_END);
    assert_ok(ftruncate(fileno(f), ftell(f) / 2));
    rewind(f);
    assert_int_equal(rows_of(cx, f, &channels, first), E_INVALID);
    assert_says(cx, "breaks off at row");
    f = png_file(400, 400, PNG_COLOR_TYPE_RGB, 8, false);
    assert_ok(ftruncate(fileno(f), 60));
    assert_int_equal(rows_of(cx, f, &channels, first), E_INVALID);
    assert_says(cx, "PNG");
    f = tmpfile();
    fputs("GIF89a", f);
    assert_int_equal(rows_of(cx, f, &channels, first), E_INVALID);
    assert_says(cx, "neither a JPEG nor a PNG");
    f = tmpfile();
    fputs("\xff\xd8\xff", f);
    assert_int_equal(rows_of(cx, f, &channels, first), E_INVALID);
}

/* What a header claims is held to the limits before a decoder sees it. */
static void a_header_that_claims_too_much_is_refused_by_it(void **state)
{
    struct ctx *cx = *state;
    uint8_t first[4];
    int channels;
    FILE *f = png_file(8, 8, PNG_COLOR_TYPE_RGB, 8, true);

    fseek(f, 16, SEEK_SET);
    fwrite("\0\0\x40\0\0\0\x40\0", 1, 8, f);            /* 16,384 x 16,384, interlaced */
    assert_int_equal(rows_of(cx, f, &channels, first), E_TOOBIG);
    assert_says(cx, "without interlacing");
    f = png_file(8, 8, PNG_COLOR_TYPE_RGB, 8, false);
    fseek(f, 16, SEEK_SET);
    fwrite("\x7f\xff\xff\xff\x7f\xff\xff\xff", 1, 8, f);
    assert_int_equal(rows_of(cx, f, &channels, first), E_TOOBIG);
    f = png_file(8, 8, PNG_COLOR_TYPE_RGB, 8, false);
    fseek(f, 16, SEEK_SET);
    fwrite("\0\0\x40\0\0\0\x40\0", 1, 8, f);            /* its checksum is another's now */
    assert_int_equal(rows_of(cx, f, &channels, first), E_INVALID);
}

/* An EXIF segment behind the start: turned by a quarter. */
static void a_picture_that_is_stored_turned_is_refused(void **state)
{
    static const uint8_t exif[] = {0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M',
                                   0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6,
                                   0, 0, 0, 0, 0, 0};
    struct ctx *cx = *state;
    FILE *f = jpeg_file(40, 30, 'b'), *g = tmpfile();
    struct picture_head h;
    struct picture *p;
    int c;

    fwrite("\xff\xd8", 1, 2, g);
    fwrite(exif, 1, sizeof exif, g);
    fseek(f, 2, SEEK_SET);
    while ((c = fgetc(f)) != EOF)
        fputc(c, g);
    assert_ok(picture_look(cx, g, &h));
    assert_int_equal(h.turned, 6);
    assert_int_equal(h.width, 40);
    assert_int_equal(picture_open(cx, g, &p), E_INVALID);
    assert_says(cx, "upright");
}

/* ---- .dzi ---- */

static void a_dzi_file_says_what_it_was_made_of(void **state)
{
    struct ctx *cx = *state;
    struct pyramid p = pyramid_of(cx, 40000, 30000, 254, 1), q;
    const char *s = dzi_text(cx, &p);

    assert_true(dzi_sniff(s, strlen(s)));
    assert_ok(dzi_read(cx, s, strlen(s), &q));
    assert_int_equal(q.width, 40000);
    assert_int_equal(q.height, 30000);
    assert_int_equal(q.tile, 254);
    assert_int_equal(q.overlap, 1);
    assert_int_equal(q.levels, 17);
    s = "<?xml version='1.0'?><Image TileSize = '256' Overlap='0'\n\tFormat='PNG' "
        "xmlns='http://schemas.microsoft.com/deepzoom/2009'><Size Height='5' Width='7' /></Image>";
    assert_true(dzi_sniff(s, strlen(s)));
    assert_ok(dzi_read(cx, s, strlen(s), &q));
    assert_true(q.png && q.width == 7 && q.height == 5);
    assert_false(dzi_sniff("<svg>", 5));
    assert_false(dzi_sniff("", 0));
    s = "<Image TileSize='256' Format='webp'><Size Width='7' Height='5'/></Image>";
    assert_int_equal(dzi_read(cx, s, strlen(s), &q), E_INVALID);
    s = "<Image TileSize='99999999' Format='jpg'><Size Width='7' Height='5'/></Image>";
    assert_int_equal(dzi_read(cx, s, strlen(s), &q), E_INVALID);
    s = "<Image TileSize='256' Format='jpg'><Size Width='7";
    assert_int_equal(dzi_read(cx, s, strlen(s), &q), E_INVALID);
}

static void names_of_tiles_are_read_strictly(void **state)
{
    static const char *const bad[] = {"", "12", "12/3", "12/3_", "12/3_4", "12/3_4.gif",
                                      "/3_4.jpg", "99/0_0.jpg", "1/-1_0.jpg", "1/0_0.jpg.exe",
                                      "1/9999999999_0.jpg"};
    int64_t x, y;
    int level;
    bool png;

    (void)state;
    assert_ok(dzi_tile_name("12/3_45.jpg", &level, &x, &y, &png));
    assert_true(level == 12 && x == 3 && y == 45 && !png);
    assert_ok(dzi_tile_name("0/0_0.PNG", &level, &x, &y, &png));
    assert_true(png);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(dzi_tile_name(bad[i], &level, &x, &y, &png), -1);
}

/* ---- a folder ---- */

static void a_folder_appears_whole_or_not_at_all(void **state)
{
    struct ctx *cx = *state;
    char *top = talloc_strdup(cx->mem, "/tmp/annotary-tiles-XXXXXX"), *path;
    struct pyramid p = pyramid_of(cx, 300, 200, 128, 1);
    struct made m = {300, 200, 0, 3};
    struct tiler_in in = {3, made_row, &m};
    struct tile_folder *f;
    struct tiler_out out = {.tile = tile_folder_tile};

    assert_non_null(mkdtemp(top));
    path = talloc_asprintf(cx->mem, "%s/slide", top);
    assert_ok(tile_folder_begin(cx, path, "slide", &p, &f));
    out.arg = f;
    assert_ok(tiler_run(cx, &p, 85, &in, &out));
    assert_int_equal(access(path, F_OK), -1);
    assert_ok(tile_folder_end(f));
    assert_ok(access(talloc_asprintf(cx->mem, "%s/slide.dzi", path), F_OK));
    assert_ok(access(talloc_asprintf(cx->mem, "%s/slide_files/9/2_1.jpg", path), F_OK));
    assert_int_equal(tile_folder_begin(cx, path, "slide", &p, &f), E_EXISTS);
    assert_ok(tile_folder_begin(cx, talloc_asprintf(cx->mem, "%s/b", top), "b", &p, &f));
    tile_folder_abort(f);
    path = talloc_asprintf(cx->mem, "test \"$(ls %s)\" = slide && rm -r %s", top, top);
    assert_int_equal(system(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(memory_grows_with_the_width_alone),
        UNIT(every_size_is_cut_whole_and_every_pixel_is_where_it_was),
        UNIT(levels_go_down_to_one_pixel),
        UNIT(a_pyramid_out_of_bounds_is_refused),
        UNIT(a_pack_gives_back_every_tile),
        UNIT(a_damaged_pack_is_refused),
        UNIT(a_pack_that_lacks_a_tile_or_has_one_twice_is_not_ended),
        UNIT(every_kind_of_file_gives_rows),
        UNIT(a_broken_file_is_told_and_no_tile_is_made_of_grey),
        UNIT(a_header_that_claims_too_much_is_refused_by_it),
        UNIT(a_picture_that_is_stored_turned_is_refused),
        UNIT(a_dzi_file_says_what_it_was_made_of),
        UNIT(names_of_tiles_are_read_strictly),
        UNIT(a_folder_appears_whole_or_not_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
