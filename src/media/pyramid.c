/* pyramid.c -- see pyramid.h. */
#include "media/pyramid.h"

#include "core/str.h"

static int64_t halved(int64_t side, int times)
{
    return (side + ((int64_t)1 << times) - 1) >> times;
}

int pyramid_init(struct ctx *cx, struct pyramid *p)
{
    int64_t side = p->width > p->height ? p->width : p->height;

    if (p->width < 1 || p->height < 1)
        return fail(cx, E_INVALID, "The picture has no pixels.");
    if (side > LIMIT_PICTURE_SIDE || p->width > LIMIT_PICTURE_PIXELS / p->height)
        return fail(cx, E_TOOBIG,
                    "The picture is %lld x %lld pixels; at most %lld a side and %lld million in "
                    "all are taken.", (long long)p->width, (long long)p->height,
                    (long long)LIMIT_PICTURE_SIDE, (long long)LIMIT_PICTURE_PIXELS / 1000000);
    if (p->tile < 64 || p->tile > 4096)
        return fail(cx, E_INVALID, "A tile is 64 to 4096 pixels wide.");
    if (p->overlap < 0 || p->overlap > p->tile / 4)
        return fail(cx, E_INVALID, "Tiles overlap by 0 to %d pixels.", p->tile / 4);
    for (p->levels = 1; halved(side, p->levels - 1) > 1;)
        p->levels++;
    if (pyramid_tiles(p) > LIMIT_TILES)
        return fail(cx, E_TOOBIG, "The picture would be more than %lld tiles; take larger ones.",
                    (long long)LIMIT_TILES);
    return 0;
}

int64_t pyramid_width(const struct pyramid *p, int level)
{
    return halved(p->width, p->levels - 1 - level);
}

int64_t pyramid_height(const struct pyramid *p, int level)
{
    return halved(p->height, p->levels - 1 - level);
}

static int64_t count(const struct pyramid *p, int64_t side)
{
    return (side + p->tile - 1) / p->tile;
}

int64_t pyramid_columns(const struct pyramid *p, int level)
{
    return count(p, pyramid_width(p, level));
}

int64_t pyramid_rows(const struct pyramid *p, int level)
{
    return count(p, pyramid_height(p, level));
}

void pyramid_span(const struct pyramid *p, int64_t size, int64_t at, int64_t *from, int64_t *to)
{
    *from = at * p->tile - (at ? p->overlap : 0);
    *to = (at + 1) * p->tile + p->overlap;
    if (*to > size)
        *to = size;
}

int64_t pyramid_tiles(const struct pyramid *p)
{
    int64_t n = 0;

    for (int l = 0; l < p->levels; l++)
        n += pyramid_columns(p, l) * pyramid_rows(p, l);
    return n;
}

int64_t pyramid_place(const struct pyramid *p, int level, int64_t column, int64_t row)
{
    int64_t n = 0;

    if (level < 0 || level >= p->levels || column < 0 || column >= pyramid_columns(p, level) ||
        row < 0 || row >= pyramid_rows(p, level))
        return -1;
    for (int l = 0; l < level; l++)
        n += pyramid_columns(p, l) * pyramid_rows(p, l);
    return n + row * pyramid_columns(p, level) + column;
}

int pyramid_preview(const struct pyramid *p)
{
    int l = p->levels - 1;

    while (l > 0 && (pyramid_columns(p, l) > 1 || pyramid_rows(p, l) > 1))
        l--;
    return l;
}

/* ---- .dzi ---- */

#define DZI_SPACE "http://schemas.microsoft.com/deepzoom/200"       /* 2008, or 2009 */

bool dzi_sniff(const char *s, size_t n)
{
    const char *image = memmem(s, n, "<Image", 6);

    if (n && *s != '<' && memcmp(s, "\xef\xbb\xbf<", n < 4 ? n : 4) != 0)
        return false;
    return image && memmem(image, n - (size_t)(image - s), DZI_SPACE, sizeof DZI_SPACE - 1);
}

/* The value of an attribute of an element: a word of at most `max` characters. */
static bool attribute(const char *s, const char *end, const char *element, const char *name,
                      char *out, size_t max)
{
    const char *at = memmem(s, (size_t)(end - s), element, strlen(element));
    size_t n = strlen(name), k = 0;
    char quote;

    if (!at || !(end = memchr(at, '>', (size_t)(end - at))))
        return false;
    for (at += strlen(element); (at = memmem(at, (size_t)(end - at), name, n)); at += n) {
        const char *p = at + n;

        if (!strchr(" \t\r\n", at[-1]))
            continue;
        while (p < end && strchr(" \t\r\n", *p))
            p++;
        if (p == end || *p++ != '=')
            continue;
        while (p < end && strchr(" \t\r\n", *p))
            p++;
        if (p == end || ((quote = *p++) != '"' && quote != '\''))
            return false;
        while (p < end && *p != quote && k < max - 1)
            out[k++] = *p++;
        out[k] = 0;
        return p < end && *p == quote;
    }
    return false;
}

static bool number(const char *s, const char *end, const char *element, const char *name,
                   int64_t *out)
{
    char word[24];

    return attribute(s, end, element, name, word, sizeof word) && str_int(word, out);
}

int dzi_read(struct ctx *cx, const char *s, size_t n, struct pyramid *out)
{
    const char *end = s + n;
    int64_t tile, overlap = 0;
    char format[8];

    *out = (struct pyramid){0};
    if (memchr(s, 0, n) || !number(s, end, "<Image", "TileSize", &tile) ||
        !attribute(s, end, "<Image", "Format", format, sizeof format) ||
        !number(s, end, "<Size", "Width", &out->width) ||
        !number(s, end, "<Size", "Height", &out->height))
        return fail(cx, E_INVALID, "The .dzi file says no TileSize, Format, Width and Height.");
    number(s, end, "<Image", "Overlap", &overlap);
    out->png = str_same_nocase(format, "png");
    if (!out->png && !str_same_nocase(format, "jpg") && !str_same_nocase(format, "jpeg"))
        return fail(cx, E_INVALID, "Tiles are jpg or png; these are called \"%s\".", format);
    if (tile > 1 << 20 || overlap > 1 << 20 || tile < 0 || overlap < 0)
        return fail(cx, E_INVALID, "The .dzi file says a tile of %lld pixels, overlap %lld.",
                    (long long)tile, (long long)overlap);
    out->tile = (int)tile;
    out->overlap = (int)overlap;
    return pyramid_init(cx, out);
}

const char *dzi_text(struct ctx *cx, const struct pyramid *p)
{
    return talloc_asprintf(cx->mem,
                           "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                           "<Image xmlns=\"http://schemas.microsoft.com/deepzoom/2008\" "
                           "Format=\"%s\" Overlap=\"%d\" TileSize=\"%d\">\n"
                           "  <Size Width=\"%lld\" Height=\"%lld\"/>\n</Image>\n",
                           p->png ? "png" : "jpg", p->overlap, p->tile, (long long)p->width,
                           (long long)p->height);
}

static bool digits(const char **s, int64_t *out)
{
    const char *at = *s;

    for (*out = 0; *at >= '0' && *at <= '9' && at - *s < 9; at++)
        *out = *out * 10 + (*at - '0');
    if (at == *s)
        return false;
    *s = at;
    return true;
}

int dzi_tile_name(const char *name, int *level, int64_t *column, int64_t *row, bool *png)
{
    int64_t l;

    if (!digits(&name, &l) || *name++ != '/' || !digits(&name, column) || *name++ != '_' ||
        !digits(&name, row) || l >= PYRAMID_LEVELS)
        return -1;
    *level = (int)l;
    *png = str_same_nocase(name, ".png");
    return *png || str_same_nocase(name, ".jpg") || str_same_nocase(name, ".jpeg") ? 0 : -1;
}
