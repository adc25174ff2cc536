/*
 * tiler.h -- rows of a picture go in at the top, tiles of all levels come out.
 *
 * Nothing is held but one encoder for each tile that is begun and one row a
 * level: memory grows with the width, not with the picture.  Each level is
 * halved by the mean of 2 x 2 pixels as its rows go by.
 */
#ifndef MEDIA_TILER_H
#define MEDIA_TILER_H

#include "media/pyramid.h"

/* Where rows come from: one of width x channels bytes a call. */
struct tiler_in {
    int channels;               /* 1 or 3 */
    int (*row)(void *arg, uint8_t *row);
    void *arg;
};

/* Where tiles go; the levels run side by side. */
struct tiler_out {
    int (*tile)(void *arg, int level, int64_t column, int64_t row, const uint8_t *bytes, size_t n);
    void *arg;
    void (*progress)(void *arg, int64_t done, int64_t total);   /* rows; may be NULL */
    void *progress_arg;
};

/* `quality` of the JPEG tiles, 1 to 100.  What a callback answers below zero ends it. */
int tiler_run(struct ctx *cx, const struct pyramid *p, int quality, const struct tiler_in *in,
              const struct tiler_out *out);

#endif
