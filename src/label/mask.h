/*
 * mask.h -- what one item of a result paints, whichever way its mask is packed.
 *
 * Brushes pack runs (rle.h), bitmasks a PNG (bitmask.h); here both are stretches
 * of painted pixels, row by row.
 */
#ifndef LABEL_MASK_H
#define LABEL_MASK_H

#include "label/rle.h"

struct mask {
    struct rle_run *run;        /* in order and apart */
    size_t n;
    int64_t pixels;             /* of the picture */
    int64_t painted;
    int64_t width;              /* of the picture; 0 where neither packing nor item say */
};

/*
 * A PNG of a few bytes may hold a hundred million pixels, and a result thousands
 * of those: who reads many masks carries one of these through all of them.
 */
struct mask_budget {
    int64_t runs, pixels;       /* left: stretches of any, pixels of PNGs */
};

#define MASK_BUDGET ((struct mask_budget){LIMIT_MASK_RUNS, LIMIT_MASK_PIXELS})

/*
 * On cx->mem, `out->run` apart, so that it can be freed.
 * E_INVALID  no mask, a broken one, or one of another size than the item says
 * E_TOOBIG   beyond a limit, or what is left of the budget
 */
int mask_read(struct ctx *cx, const json_t *item, struct mask_budget *left, struct mask *out);

/* Intersection over union; 0 when both are empty, or of pictures of different sizes. */
double mask_iou(const struct mask *a, const struct mask *b);

/* Whether both can be of one picture, as far as they say. */
bool mask_same_size(const struct mask *a, const struct mask *b);

/*
 * Put another mask in the place of the one in `value`, packed the same way.
 * `width` divides `pixels`.  Codes as rle_encode_runs and bitmask_encode.
 */
int mask_replace(struct ctx *cx, json_t *value, const struct rle_run *run, size_t n,
                 int64_t pixels, int64_t width);

#endif
