/* as_merge.h -- boxes and spans of several people become one set */
#ifndef STATS_AS_MERGE_H
#define STATS_AS_MERGE_H

#include "stats/as_base.h"

#define AS_MERGE_MAX 8192                   /* regions of one task, all workers together */

struct as_box  { double x0, y0, x1, y1; };  /* x0 <= x1, y0 <= y1 */
struct as_span { double start, end; };      /* half open, start <= end */

double as_box_iou(const struct as_box *a, const struct as_box *b);
double as_span_iou(const struct as_span *a, const struct as_span *b);

enum as_fuse { AS_FUSE_DEFAULT, AS_FUSE_MEAN, AS_FUSE_MEDIAN };

struct as_merge_opts {              /* as_merge_opts_init first */
    double iou;                     /* .5: least mean IoU with a group to join it */
    double keep;                    /* .5: a group must be backed by MORE than this share */
    int any_label;                  /* 0: only equal labels meet; 1: the group votes on its label */
    enum as_fuse fuse;              /* default: boxes mean; spans median, an offset somebody gave */
    const double *worker_weight;    /* [answers] >= 0; NULL: 1 each */
};
void as_merge_opts_init(struct as_merge_opts *o);

struct as_group {
    uint16_t label;
    uint32_t backing;               /* workers with a region in it */
    double existence;               /* their share of all answers, by weight */
    double label_share;             /* share of the backing weight that gave this label */
    int tied, kept;
    uint32_t medoid;                /* the region most like the others of the group */
    union { struct as_box box; struct as_span span; } at;
};

struct as_merged {
    uint32_t groups, kept;          /* the kept ones come first, each part as it was founded */
    struct as_group *group;
    int32_t *of;                    /* [n] group of every region given */
};

/*
 * Groups the regions of one task over the `answers` people who looked at it (worker ids
 * 0 … answers-1, also those who drew nothing).  Workers are taken by falling weight, then by id;
 * each one's regions are matched as a whole to the groups so far, so that no group holds two
 * regions of one worker.  Boxes and spans do not depend on the order of the rows; as_merge_regions,
 * for any other shape, asks `iou` and gives no geometry but the medoid.
 * AS_EINVAL, AS_ETOOBIG, AS_ENOMEM.  End with as_merged_free.
 */
int as_merge_boxes(const struct as_box *box, const uint32_t *worker, const uint16_t *label,
                   uint32_t n, uint32_t answers, const struct as_merge_opts *o,
                   struct as_merged **out);
int as_merge_spans(const struct as_span *span, const uint32_t *worker, const uint16_t *label,
                   uint32_t n, uint32_t answers, const struct as_merge_opts *o,
                   struct as_merged **out);
int as_merge_regions(double (*iou)(void *arg, uint32_t a, uint32_t b), void *arg,
                     const uint32_t *worker, const uint16_t *label, uint32_t n, uint32_t answers,
                     const struct as_merge_opts *o, struct as_merged **out);
void as_merged_free(struct as_merged *m);

#endif
