/*
 * rle.h -- brush masks as Label Studio packs them.
 *
 * A bit stream, most significant bit first: 32 bits N = width * height * 4
 * words; 5 bits word size - 1; four times 4 bits run size - 1; then blocks:
 * 1 bit "run", 2 bits which run size, that many bits count - 1, then one word
 * (run) or count words.  It ends after N words; the rest is padding: 1 to 8
 * bits, so that a stream of whole bytes has one more.  The mask is every fourth
 * word, the alpha of a pixel.
 *
 * The decoder points into the caller's bytes and allocates only the mask.
 */
#ifndef LABEL_RLE_H
#define LABEL_RLE_H

#include <jansson.h>

#include "core/ctx.h"

/*
 * The bytes of a JSON list of integers 0…255 (on cx->mem).
 * E_INVALID  not such a list
 */
int rle_bytes(struct ctx *cx, const json_t *list, uint8_t **out, size_t *n);

/*
 * Decode to one byte a pixel (on cx->mem).  `pixels` is width * height when
 * known, else 0; *got says how many there are.  With out == NULL only checks.
 *
 * E_INVALID  truncated, not a multiple of 4, or not `pixels`
 * E_TOOBIG   more than LIMIT_PIXELS
 */
int rle_decode(struct ctx *cx, const uint8_t *s, size_t n, int64_t pixels, uint8_t **out,
               int64_t *got);

/* A stretch of pixels whose alpha is not 0: from, and the first one after. */
struct rle_run {
    uint32_t from, to;
};

/*
 * The painted stretches, in order, without a byte a pixel: cost and memory are
 * those of the packed bytes.  Codes as rle_decode.
 */
int rle_runs(struct ctx *cx, const uint8_t *s, size_t n, struct rle_run **out, size_t *nruns,
             int64_t *pixels);

/* Painted pixels that both share. */
int64_t rle_shared(const struct rle_run *a, size_t na, const struct rle_run *b, size_t nb);

/*
 * Encode a mask (any byte values; all four channels get them) with run sizes
 * 3, 4, 8, 16.
 * E_TOOBIG   more than LIMIT_PIXELS
 */
int rle_encode(struct ctx *cx, const uint8_t *alpha, int64_t pixels, uint8_t **out, size_t *n);

/* The same from painted stretches, in order and apart, as 255.  Cost and memory are theirs. */
int rle_encode_runs(struct ctx *cx, const struct rle_run *run, size_t nruns, int64_t pixels,
                    uint8_t **out, size_t *n);

#endif
