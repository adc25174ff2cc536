/* pack.c -- see pack.h. */
#include "media/pack.h"

#include <unistd.h>

#define MAGIC "annotary tiles 1"
#define MAGIC_BYTES 16
#define END_BYTES 64
#define PLACE_BYTES 12

static void put(uint8_t *to, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        to[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get(const uint8_t *from, int bytes)
{
    uint64_t v = 0;

    for (int i = bytes - 1; i >= 0; i--)
        v = v << 8 | from[i];
    return v;
}

/* ---- writing ---- */

struct place {
    int level;
    int64_t column, row, at, bytes;
};

struct pack_out {
    struct ctx *cx;
    pack_write *write;
    void *arg;
    int64_t at;                 /* bytes written */
    struct place *place;
    int64_t n, cap;
};

struct pack_out *pack_begin(struct ctx *cx, pack_write *write, void *arg)
{
    struct pack_out *k = NEW(cx, struct pack_out);

    *k = (struct pack_out){.cx = cx, .write = write, .arg = arg};
    return k;
}

int64_t pack_count(const struct pack_out *k)
{
    return k->n;
}

int pack_bytes(struct pack_out *k, const void *bytes, size_t n)
{
    int rc = k->write(k->arg, bytes, n);

    k->at += (int64_t)n;
    return rc;
}

int pack_tile(struct pack_out *k, int level, int64_t column, int64_t row, int64_t bytes)
{
    int rc = k->at ? 0 : pack_bytes(k, MAGIC, MAGIC_BYTES);

    if (rc < 0)
        return rc;
    if (k->n == LIMIT_TILES)
        return fail(k->cx, E_TOOBIG, "The picture has more than %lld tiles.",
                    (long long)LIMIT_TILES);
    if (k->n == k->cap) {
        k->cap = k->cap ? 2 * k->cap : 256;
        k->place = talloc_realloc(k, k->place, struct place, (unsigned)k->cap);
    }
    k->place[k->n++] = (struct place){level, column, row, k->at, bytes};
    return 0;
}

static int fill(struct pack_out *k, const struct pyramid *p, uint8_t *index, int64_t tiles)
{
    for (int64_t i = 0; i < k->n; i++) {
        const struct place *t = &k->place[i];
        int64_t at = pyramid_place(p, t->level, t->column, t->row);

        if (at < 0)
            return fail(k->cx, E_INVALID, "A picture of %lld x %lld has no tile %d/%lld_%lld.",
                        (long long)p->width, (long long)p->height, t->level, (long long)t->column,
                        (long long)t->row);
        if (get(index + at * PLACE_BYTES + 8, 4))
            return fail(k->cx, E_INVALID, "The tile %d/%lld_%lld is there twice.", t->level,
                        (long long)t->column, (long long)t->row);
        put(index + at * PLACE_BYTES, (uint64_t)t->at, 8);
        put(index + at * PLACE_BYTES + 8, (uint64_t)t->bytes, 4);
    }
    if (k->n < tiles)
        return fail(k->cx, E_INVALID, "%lld of the %lld tiles are missing.",
                    (long long)(tiles - k->n), (long long)tiles);
    return 0;
}

int pack_end(struct pack_out *k, const struct pyramid *p)
{
    int64_t tiles = pyramid_tiles(p);
    uint8_t *index = talloc_zero_array(k, uint8_t, (unsigned)(tiles * PLACE_BYTES));
    uint8_t end[END_BYTES] = MAGIC;
    int rc = fill(k, p, index, tiles);

    put(end + 16, (uint64_t)p->width, 8);
    put(end + 24, (uint64_t)p->height, 8);
    put(end + 32, (uint64_t)p->tile, 4);
    put(end + 36, (uint64_t)p->overlap, 4);
    put(end + 40, p->png, 4);
    put(end + 48, (uint64_t)k->at, 8);
    if (rc == 0)
        rc = pack_bytes(k, index, (size_t)(tiles * PLACE_BYTES));
    return rc == 0 ? pack_bytes(k, end, sizeof end) : rc;
}

/* ---- reading ---- */

static bool read_at(int fd, void *to, size_t n, int64_t at)
{
    return at >= 0 && pread(fd, to, n, at) == (ssize_t)n;
}

/* Whoever wrote it may have been misled by a picture: nothing in it is believed. */
int pack_open(struct ctx *cx, int fd, int64_t bytes, struct pack *out)
{
    uint8_t end[END_BYTES];

    *out = (struct pack){.fd = fd};
    if (!read_at(fd, end, sizeof end, bytes - END_BYTES) || memcmp(end, MAGIC, MAGIC_BYTES) != 0)
        return fail(cx, E_INVALID, "The tiles of the picture are damaged.");
    out->p = (struct pyramid){.width = (int64_t)get(end + 16, 8),
                              .height = (int64_t)get(end + 24, 8),
                              .tile = (int)get(end + 32, 4),
                              .overlap = (int)get(end + 36, 4),
                              .png = get(end + 40, 4) != 0};
    out->index = (int64_t)get(end + 48, 8);
    if (pyramid_init(cx, &out->p) < 0 || out->index < MAGIC_BYTES ||
        bytes - out->index != pyramid_tiles(&out->p) * PLACE_BYTES + END_BYTES)
        return fail(cx, E_INVALID, "The tiles of the picture are damaged.");
    return 0;
}

int pack_find(struct ctx *cx, const struct pack *k, int level, int64_t column, int64_t row,
              int64_t *at, int64_t *bytes)
{
    int64_t place = pyramid_place(&k->p, level, column, row);
    uint8_t b[PLACE_BYTES];

    if (place < 0)
        return fail(cx, E_NOTFOUND, "The picture has no such tile.");
    if (!read_at(k->fd, b, sizeof b, k->index + place * PLACE_BYTES))
        return fail(cx, E_INVALID, "The tiles of the picture are damaged.");
    *at = (int64_t)get(b, 8);
    *bytes = (int64_t)get(b + 8, 4);
    if (*at < MAGIC_BYTES || *at > k->index || *bytes > k->index - *at)
        return fail(cx, E_INVALID, "The tiles of the picture are damaged.");
    return 0;
}
