/*
 * geom.h -- how far two answers agree, between 0 and 1.
 *
 * Image geometry is in percent of the original; comparison happens in pixel
 * space (x times width, y times height), where a rotation is a rotation.
 * Without original sizes the image is taken as square.  Ellipses become
 * 64-gons.  Areas are found by a scan line over the trapezoids between event
 * heights, so concave and self-crossing outlines (even-odd) are fine.
 * Cost O((n+m)^2 log(n+m)) for outlines of n and m points.
 */
#ifndef LABEL_GEOM_H
#define LABEL_GEOM_H

#include "label/answer.h"

struct point {
    double x, y;
};

#define GEOM_ELLIPSE_POINTS 64
#define GEOM_OUTLINE_POINTS 1000    /* more are thinned evenly before comparing */

double geom_area(const struct point *p, int n);             /* even-odd, >= 0 */
double geom_polygon_iou(struct ctx *cx, const struct point *a, int na, const struct point *b,
                        int nb);
double geom_interval_iou(double a0, double a1, double b0, double b1);

/*
 * Outline of a region item in pixels: 4 points for a box, 64 for an ellipse,
 * its own for a polygon; 0 when the item has no outline.
 */
int geom_outline(struct ctx *cx, const json_t *item, struct point **out);

/*
 * Intersection over union of two region items, labels left aside: outlines,
 * masks (pixels), spans (intervals), keypoints (exp(-(d/s)^2 / 2), s = 5 % of the
 * diagonal of the image), video boxes (mean over the frames either shows).
 * 0 when their kinds differ or they cannot overlap (another item_index, object
 * or channel).
 */
double label_iou(struct ctx *cx, const json_t *a, const json_t *b);

/* Whether two region items could overlap at all: of one kind, on one object and item. */
bool label_on_same(const json_t *a, const json_t *b);

/* The same as label_iou with polygons thinned to `points`: for very many pairs. */
double label_iou_coarse(struct ctx *cx, const json_t *a, const json_t *b, int points);

/*
 * Two items of one control: regions: label_iou when the label sets are equal,
 * else 0; the other kinds as in label_similarity.
 */
double label_item_similarity(struct ctx *cx, const struct label_tag *control, const json_t *a,
                             const json_t *b);

/*
 * Two people's answers of one control:
 *   choice       Jaccard of the sets: for a single choice that is 1 or 0
 *   taxonomy     Jaccard of the sets of paths, all prefixes counted
 *   rating       1 - |a-b| / (maxRating - 1), not below 0 (maxRating 5 when absent)
 *   number       1 - |a-b| / (max - min) when both are given, else / max(|a|, |b|)
 *   datetime     1 or 0 by equal text
 *   text         1 - edit distance / length of the longer, after folding case and white space;
 *                texts over 2,000 characters: Jaccard of their words
 *   pairwise     1 or 0
 *   ranker       share of pairs in the same order (Kendall) times Jaccard of the ids;
 *                buckets: share of items in the same bucket
 *   regions      greedy one-to-one matching by label_item_similarity; sum / max(na, nb);
 *                polygons are thinned to 1000 / cbrt(pairs) points, not below 16, and
 *                at most 250,000 pairs are looked at, the first of each
 *   relations    Jaccard by (ends, direction, labels), matching ends by id
 *   other        1 when the JSON is equal, else 0
 * Both empty: 1.  One empty: 0.  Per-region and per-item answers are compared
 * item by item, paired by region id or item_index.
 */
double label_similarity(struct ctx *cx, const struct answer *a, const struct answer *b);

#endif
