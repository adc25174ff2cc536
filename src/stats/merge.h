/*
 * merge.h -- the regions of one task, and what is common to their shapes.  Not installed.
 */
#ifndef STATS_MERGE_H
#define STATS_MERGE_H

#include "stats/as_merge.h"
#include "stats/mem.h"

struct as_scene {                   /* fill in up to `o`, then as_scene_merge */
    uint32_t n, answers;
    const uint32_t *worker;         /* [n] */
    const uint16_t *label;          /* [n] */
    const double *sure;             /* [n] times the worker's weight; NULL: 1 each */
    enum as_shape shape;
    uint32_t numbers;
    const double *at;               /* [n * numbers] */
    double (*iou)(void *arg, uint32_t a, uint32_t b);   /* AS_SHAPE_NONE */
    void *arg;
    struct as_merge_opts o;

    double weight_all;              /* of all who looked */
    double *weight;                 /* [n] of a region */
    struct as_pool *pool;           /* scratch */
    uint32_t *order;                /* regions in the order they are placed */
    uint32_t *rank;                 /* of each worker */
    uint32_t *first, *last, *next;  /* members of a group, as linked lists */
    uint32_t *member;               /* one group, laid out */
    uint32_t groups;
};
int as_scene_merge(struct as_scene *s, struct as_merged **out);

/* merge_shape.c */

/* Is this a region of its shape, with finite numbers in order? */
int as_shape_good(enum as_shape shape, uint32_t numbers, const double *a);

/* The place of a group: regions at + member[k] * numbers, weight[member[k]], k < n.  Turned boxes
   are taken as near to `like` as their symmetry allows. */
void as_shape_fuse(const struct as_scene *s, const uint32_t *member, uint32_t n, uint32_t like,
                   double *out);

/* merge_trust.c: who sees what is there.  Vote v of thing c stands in [start[c], start[c + 1]). */
struct as_sightings {
    size_t things;
    uint32_t workers;
    const size_t *start;            /* [things + 1] */
    const uint32_t *worker;         /* of a vote */
    const uint8_t *drawn;           /* of a vote */
    double *there;                  /* [things] P; begins with the shares */
    struct as_looker *looker;       /* [workers] miss, alarm, n, skill, lo, hi are filled in */
    double share;
};
int as_trust(struct as_sightings *s, const struct as_merge_opts *o, struct as_things *out,
             struct as_pool *kept);

#endif
