/* tiler.c -- see tiler.h. */
#include "media/tiler.h"

#include "media/jpeg_out.h"

/* One row of tiles that is being made; with an overlap two of a level are, for a while. */
struct band {
    struct jpeg_out **column;
    bool is_open;
};

struct level {
    int n;
    int64_t width, height, columns, rows;
    int64_t y;                  /* of the row that comes next */
    struct band band[2];
    uint8_t *above, *half;      /* an even row waits for the odd one; what both become */
};

struct tiler {
    struct ctx *cx;
    const struct pyramid *p;
    int quality, channels;
    const struct tiler_out *out;
    struct level level[PYRAMID_LEVELS];
};

static int band_open(struct tiler *t, const struct level *l, struct band *b, int64_t row)
{
    int64_t x0, x1, y0, y1;
    int rc = 0;

    if (!b->column)
        b->column = NEW_N(t->cx, struct jpeg_out *, l->columns);
    pyramid_span(t->p, l->height, row, &y0, &y1);
    for (int64_t c = 0; c < l->columns && rc == 0; c++) {
        if (!b->column[c])
            b->column[c] = jpeg_out_new(t->cx);
        pyramid_span(t->p, l->width, c, &x0, &x1);
        rc = jpeg_out_begin(b->column[c], x1 - x0, y1 - y0, t->channels, t->quality);
    }
    b->is_open = true;
    return rc;
}

static int band_end(struct tiler *t, const struct level *l, struct band *b, int64_t row)
{
    const uint8_t *bytes;
    size_t n;
    int rc = 0;

    for (int64_t c = 0; c < l->columns && rc == 0; c++)
        if ((rc = jpeg_out_end(b->column[c], &bytes, &n)) == 0)
            rc = t->out->tile(t->out->arg, l->n, c, row, bytes, n);
    b->is_open = false;
    return rc;
}

/* One row of pixels into the tiles of tile row `row`. */
static int band_take(struct tiler *t, const struct level *l, struct band *b, int64_t row,
                     const uint8_t *pixels)
{
    int64_t x0, x1, y0, y1;
    int rc = b->is_open ? 0 : band_open(t, l, b, row);

    for (int64_t c = 0; c < l->columns && rc == 0; c++) {
        pyramid_span(t->p, l->width, c, &x0, &x1);
        rc = jpeg_out_row(b->column[c], pixels + x0 * t->channels);
    }
    pyramid_span(t->p, l->height, row, &y0, &y1);
    return rc == 0 && l->y == y1 - 1 ? band_end(t, l, b, row) : rc;
}

static int to_tiles(struct tiler *t, struct level *l, const uint8_t *pixels)
{
    int64_t first = (l->y - t->p->overlap) / t->p->tile, last = (l->y + t->p->overlap) / t->p->tile;
    int rc = 0;

    if (l->y < t->p->overlap)
        first = 0;
    if (last > l->rows - 1)
        last = l->rows - 1;
    for (int64_t r = first; r <= last && rc == 0; r++)
        rc = band_take(t, l, &l->band[r & 1], r, pixels);
    return rc;
}

/* The mean of two rows and of each two neighbours in them; an odd one at the end stands for two. */
static void halve(const uint8_t *a, const uint8_t *b, int64_t width, int channels, uint8_t *to)
{
    int64_t pairs = width / 2;

    for (int64_t x = 0; x < pairs; x++)
        for (int k = 0; k < channels; k++) {
            int64_t i = 2 * x * channels + k, j = i + channels;

            to[x * channels + k] = (uint8_t)((a[i] + a[j] + b[i] + b[j] + 2) >> 2);
        }
    for (int k = 0; width % 2 && k < channels; k++) {
        int64_t i = (width - 1) * channels + k;

        to[pairs * channels + k] = (uint8_t)((a[i] + b[i] + 1) >> 1);
    }
}

/* A row goes into the tiles of its level; every second time a row of the next level comes of it. */
static int take(struct tiler *t, int n, const uint8_t *pixels)
{
    for (;;) {
        struct level *l = &t->level[n];
        int64_t y = l->y;
        int rc = to_tiles(t, l, pixels);

        if (rc < 0)
            return rc;
        l->y++;
        if (n == 0)
            return 0;
        if (y % 2 == 0 && y < l->height - 1) {
            memcpy(l->above, pixels, (size_t)(l->width * t->channels));
            return 0;
        }
        halve(y % 2 ? l->above : pixels, pixels, l->width, t->channels, l->half);
        pixels = l->half;
        n--;
    }
}

static void level_init(struct tiler *t, int n)
{
    struct level *l = &t->level[n];

    l->n = n;
    l->width = pyramid_width(t->p, n);
    l->height = pyramid_height(t->p, n);
    l->columns = pyramid_columns(t->p, n);
    l->rows = pyramid_rows(t->p, n);
    l->above = NEW_N(t->cx, uint8_t, l->width * t->channels);
    l->half = NEW_N(t->cx, uint8_t, (l->width + 1) / 2 * t->channels);
}

static void let_go(struct tiler *t)
{
    for (int n = 0; n < t->p->levels; n++)
        for (int b = 0; b < 2; b++) {
            struct jpeg_out **column = t->level[n].band[b].column;

            for (int64_t c = 0; column && c < t->level[n].columns; c++)
                if (column[c])
                    jpeg_out_free(column[c]);
        }
}

int tiler_run(struct ctx *cx, const struct pyramid *p, int quality, const struct tiler_in *in,
              const struct tiler_out *out)
{
    struct tiler *t = NEW(cx, struct tiler);
    uint8_t *row = NEW_N(cx, uint8_t, p->width * in->channels);
    int rc = 0;

    *t = (struct tiler){.cx = cx, .p = p, .quality = quality, .channels = in->channels, .out = out};
    for (int n = 0; n < p->levels; n++)
        level_init(t, n);
    for (int64_t y = 0; y < p->height && rc == 0; y++) {
        if ((rc = in->row(in->arg, row)) == 0)
            rc = take(t, p->levels - 1, row);
        if (out->progress && y % 64 == 63)
            out->progress(out->progress_arg, y + 1, p->height);
    }
    let_go(t);
    return rc;
}
