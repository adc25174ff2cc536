/* as_merge.h -- boxes, spans and other regions of several people become one set */
#ifndef STATS_AS_MERGE_H
#define STATS_AS_MERGE_H

#include "stats/as_aggregate.h"

#define AS_MERGE_MAX 8192                   /* regions of one task, all workers together */
#define AS_MERGE_NUMBERS_MAX 1024           /* of one region */

struct as_box  { double x0, y0, x1, y1; };  /* x0 <= x1, y0 <= y1 */
struct as_span { double start, end; };      /* half open, start <= end */

double as_box_iou(const struct as_box *a, const struct as_box *b);
double as_span_iou(const struct as_span *a, const struct as_span *b);

enum as_shape {                     /* what the numbers of a region are */
    AS_SHAPE_NONE,                  /* there are none */
    AS_SHAPE_BOX,                   /* 4: x0, y0, x1, y1 */
    AS_SHAPE_SPAN,                  /* 2: start, end */
    AS_SHAPE_TURNED,                /* 5: centre x, y, width, height, degrees clockwise (y down) */
    AS_SHAPE_POINTS,                /* 2 each: x, y of the same points, in the same order */
    AS_SHAPE_CUBOID,                /* 7: centre x, y, z, length, width, height, degrees about z */
};
/* IoU of turned boxes is that of their polygons; of cuboids that of their volumes, which are turned
   boxes as seen from above.  Points have no area: their likeness is the mean of
   exp(-d^2 / (2 reach^2)), so two points 1.18 reaches apart are half alike.  a and b are regions of
   `numbers` numbers; 0 for what is no region of that shape. */
double as_shape_iou(enum as_shape shape, uint32_t numbers, const double *a, const double *b,
                    double reach);

enum as_fuse { AS_FUSE_DEFAULT, AS_FUSE_MEAN, AS_FUSE_MEDIAN };
enum as_meet { AS_MEET_OPTIMAL, AS_MEET_GREEDY };

struct as_merge_opts {              /* as_merge_opts_init first */
    double iou;                     /* .5: least mean IoU with a group to join it */
    double keep;                    /* .5: a group must be backed by MORE than this */
    int any_label;                  /* 0: only equal labels meet; 1: the group votes on its label */
    enum as_meet meet;              /* each person's regions matched as a whole; or one by one */
    enum as_fuse fuse;              /* default: of three or more, and of spans, the median of each
                                       number; else the mean.  A span's is an offset given */
    const double *worker_weight;    /* [answers] or [workers] >= 0; NULL: 1 each */
    double reach;                   /* of points: about the error of a careful hand */
    int directed;                   /* 1: a box turned by 180 degrees is another box */
    int max_iter;                   /* 1000, of as_merge_all */
    double tol;                     /* 1e-7 of objective gain per thing and person, of the same */
};
void as_merge_opts_init(struct as_merge_opts *o);

/* ------------------------------------------------------------------ one task */

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
    uint32_t numbers;
    double *place;                  /* [groups * numbers] where the groups are */
};

/*
 * Groups the regions of one task over the `answers` people who looked at it (worker ids
 * 0 … answers-1, also those who drew nothing).  Workers are taken by falling weight, then by id;
 * each one's regions are matched as a whole to the groups so far, so that no group holds two
 * regions of one worker.  AS_MEET_GREEDY takes regions one by one, by falling weight, into the
 * best group that has none of that worker, as several vendors do.  The order of the rows does not
 * matter, except to as_merge_regions, which asks `iou` and gives no place but the medoid.
 * AS_EINVAL, AS_ETOOBIG, AS_ENOMEM.  End with as_merged_free.
 */
int as_merge_boxes(const struct as_box *box, const uint32_t *worker, const uint16_t *label,
                   uint32_t n, uint32_t answers, const struct as_merge_opts *o,
                   struct as_merged **out);
int as_merge_spans(const struct as_span *span, const uint32_t *worker, const uint16_t *label,
                   uint32_t n, uint32_t answers, const struct as_merge_opts *o,
                   struct as_merged **out);
int as_merge_shapes(enum as_shape shape, uint32_t numbers, const double *at,
                    const uint32_t *worker, const uint16_t *label, uint32_t n, uint32_t answers,
                    const struct as_merge_opts *o, struct as_merged **out);
int as_merge_regions(double (*iou)(void *arg, uint32_t a, uint32_t b), void *arg,
                     const uint32_t *worker, const uint16_t *label, uint32_t n, uint32_t answers,
                     const struct as_merge_opts *o, struct as_merged **out);
void as_merged_free(struct as_merged *m);

/* ------------------------------------------------------------------ many tasks */

struct as_regions {
    uint32_t tasks, workers;
    size_t n;                       /* regions */
    const uint32_t *task, *worker;  /* [n] */
    const uint16_t *label;          /* [n] */
    const float *sure;              /* [n] stated confidence, 0 … 1; NULL: 1 each */
    enum as_shape shape;
    uint32_t numbers;               /* of a region */
    const double *at;               /* [n * numbers] */
    size_t looks;                   /* who looked at what and may have drawn nothing; whoever */
    const uint32_t *look_task, *look_worker;    /* drew on a task has looked in any case */
};

struct as_thing {                   /* something that one or more people saw */
    uint32_t task;
    uint16_t label;
    uint32_t backing, looked;       /* people with a region of it; who looked at the task */
    double existence;               /* P(it is there) */
    double label_share;             /* P(label), given it is there */
    int tied, kept;
    size_t medoid;                  /* row of the region most like the others */
};

struct as_looker {
    uint64_t n;                     /* things in tasks this worker looked at */
    double skill, lo, hi;           /* share of them rightly drawn or left out, 95 % interval */
    double miss, alarm;             /* P(not drawn | it is there); P(drawn | it is not), where
                                       what nobody drew counts as well */
    double iou;                     /* of this worker's regions with the places, 0 for none */
    double weight;                  /* of one region in the last round */
};

struct as_things {                  /* as_things_free ends it */
    const char *method;
    size_t n, kept;
    struct as_thing *thing;         /* [n] by task; in each the kept ones come first */
    uint32_t numbers;
    double *place;                  /* [n * numbers] */
    size_t *of;                     /* [regions] thing of every region given */
    uint32_t workers;
    struct as_looker *worker;       /* [workers] */
    double share;                   /* expected share of the things that are there */
    int iterations, converged;
    double *trace;                  /* [trace_n] objective of the existence model, last round */
    int trace_n;
};

/* optimal, greedy; NULL past the end. */
const struct as_method_info *as_merge_method(unsigned at);

/*
 * The same over many tasks, so that it shows who misses things and who sees some that are not
 * there: existence is a posterior, and a thing is kept above opts.keep.  Places are weighted by how
 * well each worker's regions lie, and by stated confidence.  See merge_all.c.
 * AS_ENOMETHOD, AS_EINVAL, AS_ETOOBIG, AS_ENOMEM.
 */
int as_merge_all(const struct as_regions *in, const char *method, const struct as_merge_opts *o,
                 struct as_things **out);
void as_things_free(struct as_things *t);

#endif
