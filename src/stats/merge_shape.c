/*
 * merge_shape.c -- how alike two regions are, and where several of them meet, shape by shape.
 *
 *   boxes, spans     overlap over union
 *   turned boxes     the same of their polygons: one clipped by the sides of the other (Sutherland
 *                    & Hodgman 1974), areas by the shoelace formula
 *   cuboids          overlap as seen from above times overlap of heights, over the union
 *   points           mean of exp(-d^2 / (2 reach^2)), as object keypoint similarity in COCO with
 *                    one reach for all
 *
 * Regions meet number by number, in the weighted mean or the weighted median.  An angle is averaged
 * as a direction, after each box was turned by quarters (width and height change places) to lie as
 * near to the group's medoid as it can; a directed one stays as it is.
 */
#include <math.h>

#include "stats/merge.h"
#include "stats/tally.h"

#define CORNERS_MAX 16

static double overlap(double a0, double a1, double b0, double b1)
{
    double w = fmin(a1, b1) - fmax(a0, b0);
    return w > 0 ? w : 0;
}

static double share(double both, double all)
{
    return all > 0 ? fmin(both / all, 1) : 0;
}

/* Things without extent are alike only when they are the same thing. */
double as_box_iou(const struct as_box *a, const struct as_box *b)
{
    double both = overlap(a->x0, a->x1, b->x0, b->x1) * overlap(a->y0, a->y1, b->y0, b->y1);
    double all = (a->x1 - a->x0) * (a->y1 - a->y0) + (b->x1 - b->x0) * (b->y1 - b->y0) - both;

    if (a->x0 == b->x0 && a->y0 == b->y0 && a->x1 == b->x1 && a->y1 == b->y1)
        return 1;
    return share(both, all);
}

double as_span_iou(const struct as_span *a, const struct as_span *b)
{
    double both = overlap(a->start, a->end, b->start, b->end);
    double all = (a->end - a->start) + (b->end - b->start) - both;

    if (a->start == b->start && a->end == b->end)
        return 1;
    return share(both, all);
}

/* ------------------------------------------------------------------ turned boxes */

struct polygon {
    int n;
    double x[CORNERS_MAX], y[CORNERS_MAX];
};

static void corners(const double *a, struct polygon *p)
{
    static const double sx[] = { -.5, .5, .5, -.5 }, sy[] = { -.5, -.5, .5, .5 };
    double c = cos(a[4] * M_PI / 180), s = sin(a[4] * M_PI / 180);

    p->n = 4;
    for (int k = 0; k < 4; k++) {
        double u = sx[k] * a[2], v = sy[k] * a[3];
        p->x[k] = a[0] + u * c - v * s;
        p->y[k] = a[1] + u * s + v * c;
    }
}

/* The part of p on the left of the line from corner k of q to the next. */
static void clip(struct polygon *p, const struct polygon *q, int k)
{
    struct polygon old = *p;
    int next = (k + 1) % q->n;
    double dx = q->x[next] - q->x[k], dy = q->y[next] - q->y[k];

    p->n = 0;
    for (int a = 0; a < old.n && p->n + 2 <= CORNERS_MAX; a++) {
        int b = (a + 1) % old.n;
        double in_a = dx * (old.y[a] - q->y[k]) - dy * (old.x[a] - q->x[k]);
        double in_b = dx * (old.y[b] - q->y[k]) - dy * (old.x[b] - q->x[k]);
        if (in_a >= 0) {
            p->x[p->n] = old.x[a];
            p->y[p->n++] = old.y[a];
        }
        if ((in_a < 0) != (in_b < 0)) {
            double f = in_a / (in_a - in_b);
            p->x[p->n] = old.x[a] + f * (old.x[b] - old.x[a]);
            p->y[p->n++] = old.y[a] + f * (old.y[b] - old.y[a]);
        }
    }
}

static double area(const struct polygon *p)
{
    double sum = 0;

    for (int k = 0; k < p->n; k++) {
        int next = (k + 1) % p->n;
        sum += (p->x[k] - p->x[0]) * (p->y[next] - p->y[0])
               - (p->x[next] - p->x[0]) * (p->y[k] - p->y[0]);
    }
    return fabs(sum) / 2;
}

static int same(const double *a, const double *b, int n)
{
    while (n && a[n - 1] <= b[n - 1] && a[n - 1] >= b[n - 1])
        n--;
    return !n;
}

static double turned_overlap(const double *a, const double *b)
{
    struct polygon p, q;

    corners(a, &p);
    corners(b, &q);
    for (int k = 0; k < 4 && p.n; k++)
        clip(&p, &q, k);
    return p.n > 2 ? area(&p) : 0;
}

static double turned_iou(const double *a, const double *b)
{
    double both = turned_overlap(a, b);

    return same(a, b, 5) ? 1 : share(both, a[2] * a[3] + b[2] * b[3] - both);
}

static double cuboid_iou(const double *a, const double *b)
{
    const double above_a[] = { a[0], a[1], a[3], a[4], a[6] };
    const double above_b[] = { b[0], b[1], b[3], b[4], b[6] };
    double both = turned_overlap(above_a, above_b)
                  * overlap(a[2] - a[5] / 2, a[2] + a[5] / 2, b[2] - b[5] / 2, b[2] + b[5] / 2);

    return same(a, b, 7) ? 1 : share(both, a[3] * a[4] * a[5] + b[3] * b[4] * b[5] - both);
}

/* ------------------------------------------------------------------ all shapes */

static double points_likeness(const double *a, const double *b, uint32_t numbers, double reach)
{
    double sum = 0;

    for (uint32_t k = 0; k + 1 < numbers; k += 2) {
        double d = hypot(a[k] - b[k], a[k + 1] - b[k + 1]) / reach;
        sum += exp(-d * d / 2);
    }
    return sum / (numbers / 2);
}

double as_shape_iou(enum as_shape shape, uint32_t numbers, const double *a, const double *b,
                    double reach)
{
    if (!as_shape_good(shape, numbers, a) || !as_shape_good(shape, numbers, b))
        return 0;
    switch (shape) {
    case AS_SHAPE_BOX:
        return as_box_iou(&(struct as_box){ a[0], a[1], a[2], a[3] },
                          &(struct as_box){ b[0], b[1], b[2], b[3] });
    case AS_SHAPE_SPAN:
        return as_span_iou(&(struct as_span){ a[0], a[1] }, &(struct as_span){ b[0], b[1] });
    case AS_SHAPE_TURNED:
        return turned_iou(a, b);
    case AS_SHAPE_CUBOID:
        return cuboid_iou(a, b);
    case AS_SHAPE_POINTS:
        return reach > 0 ? points_likeness(a, b, numbers, reach) : 0;
    case AS_SHAPE_NONE:
        break;
    }
    return 0;
}

int as_shape_good(enum as_shape shape, uint32_t numbers, const double *a)
{
    static const uint32_t wanted[] = { 0, 4, 2, 5, 0, 7 };

    if (shape == AS_SHAPE_POINTS ? numbers < 2 || numbers % 2 || numbers > AS_MERGE_NUMBERS_MAX
                                 : shape > AS_SHAPE_CUBOID || numbers != wanted[shape])
        return 0;
    for (uint32_t k = 0; k < numbers; k++)
        if (!(fabs(a[k]) <= 1e100))
            return 0;
    if (shape == AS_SHAPE_BOX)
        return a[0] <= a[2] && a[1] <= a[3];
    if (shape == AS_SHAPE_SPAN)
        return a[0] <= a[1];
    if (shape == AS_SHAPE_CUBOID)
        return a[3] >= 0 && a[4] >= 0 && a[5] >= 0;
    return shape != AS_SHAPE_TURNED || (a[2] >= 0 && a[3] >= 0);
}

/* ------------------------------------------------------------------ meeting */

struct meeting {
    const struct as_scene *s;
    const uint32_t *member;
    uint32_t n, like;
    double total;
    uint32_t side, angle;           /* where two sides and the angle stand; UINT32_MAX: no angle */
};

/* a + 90 k degrees, seen from the angle of `like`: within -180 … 180. */
static double offset(const struct meeting *m, uint32_t region, int quarters)
{
    const double *at = m->s->at + m->angle;
    size_t numbers = m->s->numbers;
    double d = at[region * numbers] - at[m->like * numbers] + 90 * quarters;

    return d - 360 * floor((d + 180) / 360);
}

/* One number of a region; of what has an angle, as it lies nearest to `like`. */
static double number(const struct meeting *m, uint32_t region, uint32_t k)
{
    const struct as_scene *s = m->s;
    const double *a = &s->at[(size_t)region * s->numbers];
    int best = 0;

    if (k != m->angle && k - m->side > 1)
        return a[k];
    for (int q = 1; q < 4 && !s->o.directed; q++)
        if (fabs(offset(m, region, q)) < fabs(offset(m, region, best)) - 1e-9)
            best = q;
    if (k == m->angle)
        return offset(m, region, best);
    return a[best % 2 ? 2 * m->side + 1 - k : k];
}

static double weight(const struct meeting *m, uint32_t a)
{
    return m->total > 0 ? m->s->weight[m->member[a]] / m->total : 1.0 / m->n;
}

static double mean(const struct meeting *m, uint32_t k)
{
    double sum = 0, x = 0, y = 0;

    for (uint32_t a = 0; a < m->n; a++) {
        double v = number(m, m->member[a], k), w = weight(m, a);
        sum += w * v;
        x += w * cos(v * M_PI / 180);
        y += w * sin(v * M_PI / 180);
    }
    if (k == m->angle)
        return hypot(x, y) > 1e-9 ? atan2(y, x) * 180 / M_PI : 0;
    return sum;
}

/* The least value with half of the weight at or below it.  Where that is exactly half, the middle
   to the next; but a span ends where somebody ended it. */
static double median(const struct meeting *m, uint32_t k)
{
    double best = INFINITY, next = INFINITY, at_best = 0;

    for (uint32_t a = 0; a < m->n; a++) {
        double at = number(m, m->member[a], k), below = 0;
        for (uint32_t b = 0; b < m->n; b++)
            if (number(m, m->member[b], k) <= at)
                below += weight(m, b);
        if (below >= .5 - AS_TIE_EPS && at < best) {
            best = at;
            at_best = below;
        }
    }
    if (m->s->shape == AS_SHAPE_SPAN || at_best > .5 + AS_TIE_EPS)
        return best;
    for (uint32_t a = 0; a < m->n; a++) {
        double at = number(m, m->member[a], k);
        if (at > best && at < next && weight(m, a) > 0)
            next = at;
    }
    return isfinite(next) ? (best + next) / 2 : best;
}

void as_shape_fuse(const struct as_scene *s, const uint32_t *member, uint32_t n, uint32_t like,
                   double *out)
{
    struct meeting m = { .s = s, .member = member, .n = n, .like = like,
                         .side = AS_MERGE_NUMBERS_MAX, .angle = UINT32_MAX };
    enum as_fuse how = s->o.fuse;

    if (s->shape == AS_SHAPE_TURNED || s->shape == AS_SHAPE_CUBOID) {
        m.angle = s->numbers - 1;
        m.side = s->shape == AS_SHAPE_TURNED ? 2 : 3;
    }
    for (uint32_t a = 0; a < n; a++)
        m.total += s->weight[member[a]];
    if (how == AS_FUSE_DEFAULT)
        how = n >= 3 || s->shape == AS_SHAPE_SPAN ? AS_FUSE_MEDIAN : AS_FUSE_MEAN;
    for (uint32_t k = 0; k < s->numbers; k++)
        out[k] = how == AS_FUSE_MEDIAN ? median(&m, k) : mean(&m, k);
    if (m.angle != UINT32_MAX) {
        double turn = s->o.directed ? 360 : 180, *angle = &out[m.angle];
        *angle += s->at[(size_t)like * s->numbers + m.angle];
        *angle -= turn * floor(*angle / turn);
        *angle = *angle < turn ? *angle : 0;        /* rounding of a tiny negative angle */
    }
}
