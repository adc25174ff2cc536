/*
 * bitmask.h -- masks as Label Studio's Bitmask tags keep them: a PNG in a data address.
 *
 *     "data:image/png;base64,…"
 *
 * What is painted: Label Studio writes black pixels on a clear ground, the
 * brush's soft rim half clear, and itself takes every pixel that is not wholly
 * clear for painted.  So does this:
 *
 *     a picture with clear pixels in its format (grey or RGB with alpha, or a
 *     tRNS chunk)                                     alpha above 0
 *     any other (grey, RGB, palette: what scripts     brighter than half:
 *     make of an array)                               (r + g + b) / 3 above 127
 *
 * The colour type says which, not the pixels: a mask that covers all of the
 * picture has no clear pixel either.  Depths of 1 to 16 bits, interlaced or not.
 *
 * The bytes are a stranger's.  Two steps, so that the first may stand in
 * anybody's way: bitmask_open walks the chunks (what a chunk holds is as its
 * checksum says, nothing is cut off or added, the header is possible and within
 * the limits) without looking at pixels, at the cost of the bytes;
 * bitmask_runs decodes, row by row, at the cost of the pixels.
 */
#ifndef LABEL_BITMASK_H
#define LABEL_BITMASK_H

#include <jansson.h>

#include "core/ctx.h"
#include "label/rle.h"

struct bitmask {
    const uint8_t *png;         /* the chunks that pixels need, on cx->mem */
    size_t n;
    uint32_t width, height;     /* 1 or more; width * height <= LIMIT_PIXELS */
    bool interlaced;
};

/*
 * E_INVALID  not a PNG in a data address, or not a whole one
 * E_TOOBIG   more than LIMIT_PIXELS; interlaced, more than LIMIT_INTERLACED_PIXELS
 */
int bitmask_open(struct ctx *cx, const json_t *address, struct bitmask *out);

/*
 * The painted stretches, in order and apart, as rle_runs gives them.  Memory:
 * a row and the stretches; interlaced: a byte a pixel.
 *
 * E_INVALID  its pixels cannot be decoded
 * E_TOOBIG   more than `most` stretches
 */
int bitmask_runs(struct ctx *cx, const struct bitmask *b, size_t most, struct rle_run **out,
                 size_t *nruns);

/*
 * The other way: the address (on cx->mem) of a picture with these stretches in black on a
 * clear ground, 8 bits RGBA as a browser's canvas gives.  Stretches in order
 * and apart, below width * height.
 *
 * E_TOOBIG   more than LIMIT_PIXELS, or the address would pass LIMIT_RESULT_BYTES
 */
int bitmask_encode(struct ctx *cx, const struct rle_run *run, size_t nruns, uint32_t width,
                   uint32_t height, char **address);

#endif
