/*
 * mask.h -- what a method for masks sees: pictures cut into patterns.  Not installed.
 *
 * A pattern is what the people of a picture say of a pixel, one class each, in order of worker; its
 * pixels are counted, not listed.  A method fills q of every pattern; mask.c does the rest.
 */
#ifndef STATS_MASK_H
#define STATS_MASK_H

#include "stats/as_masks.h"
#include "stats/mem.h"

struct as_picture {
    uint32_t n;                 /* masks */
    uint32_t *worker;           /* [n] ascending */
    uint32_t patterns;
    uint16_t *said;             /* [patterns * n] */
    double *pixels;             /* [patterns] */
    double *near;               /* [patterns] of them, in the region: what somebody drew, and two
                                   pixels around */
    size_t pieces;              /* the picture, row by row, as pieces of one pattern */
    uint32_t *piece, *length;   /* [pieces] pattern, pixels */
    double *q;                  /* [patterns * classes] P(class); rows sum to 1 */
    uint16_t *answer;           /* [patterns] the best class, the lowest of equals */
    int tied;
};

struct as_mask_fit {
    const struct as_masks *in;
    const struct as_mask_opts *o;
    struct as_picture *picture; /* [tasks] */
    double *weight;             /* [workers] */
    struct as_mask_result *out;
    struct as_pool *pool;       /* scratch */
    struct as_pool *kept;       /* of the result */
};

/* mask_read.c: checks and cuts all pictures. */
int as_mask_read(struct as_mask_fit *f);

/* answer[] of all patterns from q. */
void as_mask_settle(struct as_mask_fit *f, struct as_picture *p);

/* IoU of mask m (0 … n-1) with the answer, over all classes but background; two empty ones: 1. */
double as_mask_iou(const struct as_picture *p, uint32_t m);

/* mask_smooth.c: cuts the picture anew, so that every pixel has its own answer. */
int as_mask_smooth(struct as_mask_fit *f, uint32_t task);

#define MASK(name)                                          \
    extern const struct as_method_info as_mask_##name##_info; \
    int as_mask_##name(struct as_mask_fit *f);
#include "stats/mask.def"
#undef MASK

#endif
