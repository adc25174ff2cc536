/* as_masks.h -- pixel masks of several people become one */
#ifndef STATS_AS_MASKS_H
#define STATS_AS_MASKS_H

#include "stats/as_aggregate.h"

#define AS_MASK_PIXELS_MAX  ((uint64_t)1 << 31)     /* of one picture */
#define AS_MASK_CLASSES_MAX 256                     /* background is class 0 */
#define AS_MASK_SHARED_MAX  4096                    /* masks of one picture */

struct as_masks {
    uint32_t tasks, workers, classes;   /* classes 2: background and foreground */
    const uint32_t *width, *height;     /* [tasks] of the picture, in pixels, 1 or more */
    size_t n;                           /* masks, at most one of a worker on a task */
    const uint32_t *task, *worker;      /* [n] */
    const size_t *start;                /* [n + 1] runs of mask k: start[k] … start[k + 1] - 1 */
    const uint32_t *run;                /* lengths, row by row; missing at the end: background */
    const uint16_t *value;              /* class of each run; NULL: 0, 1, 0, 1 … in each mask */
};

struct as_mask_opts {                   /* as_mask_opts_init first */
    int max_iter;                       /* 200 */
    double tol;                         /* 1e-7 of objective gain a picture */
    double trust, history;              /* 1, .1: of staple, in regions of a picture: what each is
                                           held to have drawn right before; how much a worker's
                                           other pictures say of this one (0: nothing is asked of
                                           one picture alone) */
    double smooth;                      /* 0: none; else what a neighbour of the same class adds to
                                           a pixel's log odds (Ising model) */
    double level;                       /* .95 of the intervals */
};
void as_mask_opts_init(struct as_mask_opts *o);

struct as_mask_result {                 /* as_mask_result_free ends it */
    const char *method;
    uint32_t tasks, workers, classes;
    size_t *start;                      /* [tasks + 1] runs of the answer, as in struct as_masks: */
    uint32_t *run;                      /* with two classes by turns from background on, else */
    uint16_t *value;                    /* none is empty and neighbours differ */
    double *confidence;                 /* [tasks] expected IoU of the answer with the truth, by the
                                           method's model; staple takes pixels for independent,
                                           so it is surer than it should be */
    uint8_t *flags;                     /* [tasks] AS_TIED: a pixel was; AS_NO_VOTES: no mask */
    struct as_worker *worker;           /* [workers] n masks; skill: mean IoU with the answer */
    double *confusion;                  /* staple: [workers * classes * classes] P(said l | k) at
                                           [worker][k][l], near what was drawn; else NULL */
    int iterations, converged;
    double *trace;                      /* [trace_n] objective per iteration, if there is one */
    int trace_n;
};

/* The registry, in the order of mask.def: majority, weighted, staple.  NULL past the end. */
const struct as_method_info *as_mask_method(unsigned at);

/*
 * The masks of each picture are cut where any of them changes, and pixels on which all people say
 * the same pattern of classes are one; so the cost does not grow with the pixels.  O(runs * masks
 * of a picture) to cut, O(patterns * masks * classes) an iteration.  Only `smooth` looks at pixels.
 * AS_EINVAL (also runs longer than the picture), AS_EDUPLICATE, AS_ENOMETHOD, AS_ETOOBIG,
 * AS_ENOMEM.
 */
int as_merge_masks(const struct as_masks *in, const char *method, const struct as_mask_opts *o,
                   struct as_mask_result **out);
void as_mask_result_free(struct as_mask_result *r);

#endif
