/*
 * pack.h -- all tiles of a picture in one file, which is how the server keeps them.
 *
 * 16 bytes that no picture begins with; the tiles, one after the other in any
 * order; 12 bytes a tile (where it begins, how long it is) in the order of
 * pyramid_place; 64 bytes that say what the picture is and where those stand.
 * Numbers are little-endian.
 * One tile is found with two reads, however many there are.
 */
#ifndef MEDIA_PACK_H
#define MEDIA_PACK_H

#include "media/pyramid.h"

#define PACK_TYPE "application/x-annotary-tiles"        /* what domain/media calls such a file */

/* ---- writing ---- */

struct pack_out;
typedef int pack_write(void *arg, const void *bytes, size_t n);

struct pack_out *pack_begin(struct ctx *cx, pack_write *write, void *arg);
/* A tile of so many bytes begins: they follow by pack_bytes, in pieces. */
int pack_tile(struct pack_out *k, int level, int64_t column, int64_t row, int64_t bytes);
int pack_bytes(struct pack_out *k, const void *bytes, size_t n);
int64_t pack_count(const struct pack_out *k);
/* E_INVALID  tiles are missing, or there are some that no such picture has */
int pack_end(struct pack_out *k, const struct pyramid *p);

/* ---- reading ---- */

struct pack {
    int fd;
    struct pyramid p;
    int64_t index;              /* where it begins: tiles end there */
};

int pack_open(struct ctx *cx, int fd, int64_t bytes, struct pack *out);     /* E_INVALID */
/* E_NOTFOUND */
int pack_find(struct ctx *cx, const struct pack *k, int level, int64_t column, int64_t row,
              int64_t *at, int64_t *bytes);

#endif
