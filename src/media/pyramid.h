/*
 * pyramid.h -- a picture in tiles, as Deep Zoom lays them out.
 *
 * Level levels-1 is the whole picture, each level below it half as wide and
 * high, rounded up, down to a single pixel at level 0.  A level is cut into
 * squares of `tile` pixels; each square also has `overlap` pixels of its
 * neighbours on every side where there is one.
 */
#ifndef MEDIA_PYRAMID_H
#define MEDIA_PYRAMID_H

#include "core/ctx.h"

#define PYRAMID_LEVELS 32

struct pyramid {
    int64_t width, height;
    int tile, overlap, levels;
    bool png;                   /* tiles are PNG, not JPEG */
};

/* E_INVALID, E_TOOBIG  no pyramid that can be kept; fills in p->levels */
int pyramid_init(struct ctx *cx, struct pyramid *p);

int64_t pyramid_width(const struct pyramid *p, int level);
int64_t pyramid_height(const struct pyramid *p, int level);
int64_t pyramid_columns(const struct pyramid *p, int level);
int64_t pyramid_rows(const struct pyramid *p, int level);

/* The pixels along one axis of tile `at`: [*from, *to) of `size`. */
void pyramid_span(const struct pyramid *p, int64_t size, int64_t at, int64_t *from, int64_t *to);

int64_t pyramid_tiles(const struct pyramid *p);         /* of all levels */
/* Tiles are counted level by level, row by row; -1: there is no such tile. */
int64_t pyramid_place(const struct pyramid *p, int level, int64_t column, int64_t row);

/* The largest level that is one tile. */
int pyramid_preview(const struct pyramid *p);

/* ---- the .dzi file, which says all of this in XML ---- */

bool dzi_sniff(const char *s, size_t n);                /* do these first bytes begin one? */
int dzi_read(struct ctx *cx, const char *s, size_t n, struct pyramid *out);     /* E_INVALID */
const char *dzi_text(struct ctx *cx, const struct pyramid *p);

/* "12/3_4.jpg" behind "NAME_files/": 0, or -1 when it is no tile's name. */
int dzi_tile_name(const char *name, int *level, int64_t *column, int64_t *row, bool *png);

#endif
