/*
 * geom.c -- areas and overlaps; see geom.h.
 *
 * Overlap of two outlines A, B under the even-odd rule.  Cut the plane at the
 * heights of all corners and of all crossings between edges.  Between two such
 * heights no edges cross, so each edge is a straight side of trapezoids; at the
 * middle height sort the edges by x and walk from left to right, counting how
 * many edges of A and of B have been passed: where a count is odd one is
 * inside.  A stretch of width w (at the middle) adds w * (height of the band),
 * which is the exact area of its trapezoid.
 */
#include "label/geom.h"
#include "core/json.h"
#include "core/str.h"
#include "label/mask.h"

#include <math.h>

#define EVENTS_MOST 20000      /* heights of crossings kept; beyond that bands are approximate */
#define CIRCLE 6.283185307179586

struct edge {
    double x0, y0, x1, y1;      /* y0 < y1 */
    int of;                     /* 0 = A, 1 = B */
};

struct areas {
    double a, b, both;
};

static int by_double(const void *p, const void *q)
{
    double a = *(const double *)p, b = *(const double *)q;

    return (a > b) - (a < b);
}

static int add_edges(struct edge *e, int n, const struct point *p, int np, int of)
{
    for (int i = 0; i < np; i++) {
        const struct point *a = &p[i], *b = &p[(i + 1) % np];

        if (a->y == b->y || !isfinite(a->x + a->y + b->x + b->y))
            continue;
        e[n++] = a->y < b->y ? (struct edge){a->x, a->y, b->x, b->y, of}
                             : (struct edge){b->x, b->y, a->x, a->y, of};
    }
    return n;
}

static double x_at(const struct edge *e, double y)
{
    return e->x0 + (e->x1 - e->x0) * ((y - e->y0) / (e->y1 - e->y0));
}

/* The height where two edges cross inside both; NAN when they do not. */
static double crossing(const struct edge *p, const struct edge *q)
{
    double lo = fmax(p->y0, q->y0), hi = fmin(p->y1, q->y1), d0, d1;

    if (lo >= hi)
        return NAN;
    d0 = x_at(p, lo) - x_at(q, lo);
    d1 = x_at(p, hi) - x_at(q, hi);
    if ((d0 > 0) == (d1 > 0) || d0 == d1)
        return NAN;
    return lo + (hi - lo) * (d0 / (d0 - d1));
}

static int heights(const struct edge *e, int n, double *y, int most)
{
    int k = 0;

    for (int i = 0; i < n; i++) {
        y[k++] = e[i].y0;
        y[k++] = e[i].y1;
    }
    for (int i = 0; i < n; i++)
        for (int j = i + 1; j < n && k < most; j++) {
            double c = crossing(&e[i], &e[j]);

            if (!isnan(c))
                y[k++] = c;
        }
    qsort(y, (size_t)k, sizeof *y, by_double);
    return k;
}

struct cut {
    double x;
    int of;
};

static int by_x(const void *p, const void *q)
{
    double a = ((const struct cut *)p)->x, b = ((const struct cut *)q)->x;

    return (a > b) - (a < b);
}

static void band(const struct edge *e, const int *live, int nlive, struct cut *cuts, double from,
                 double to, struct areas *s)
{
    double middle = (from + to) / 2, tall = to - from;
    int in[2] = {0, 0};

    for (int i = 0; i < nlive; i++)
        cuts[i] = (struct cut){x_at(&e[live[i]], middle), e[live[i]].of};
    qsort(cuts, (size_t)nlive, sizeof *cuts, by_x);
    for (int i = 0; i + 1 < nlive; i++) {
        double area = (cuts[i + 1].x - cuts[i].x) * tall;

        in[cuts[i].of] ^= 1;
        s->a += in[0] ? area : 0;
        s->b += in[1] ? area : 0;
        s->both += in[0] && in[1] ? area : 0;
    }
}

static int by_low(const void *p, const void *q)
{
    double a = ((const struct edge *)p)->y0, b = ((const struct edge *)q)->y0;

    return (a > b) - (a < b);
}

/* Sweep upwards; `live` holds the edges that reach into the band. */
static struct areas sweep(struct ctx *cx, const struct point *a, int na, const struct point *b,
                          int nb)
{
    struct areas s = {0, 0, 0};
    void *side = talloc_new(cx->mem);
    struct edge *e = talloc_array(side, struct edge, (unsigned)(na + nb + 1));
    int n = add_edges(e, add_edges(e, 0, a, na, 0), b, nb, 1), nlive = 0, next = 0, k;
    int most = 2 * n + EVENTS_MOST;
    int *live = talloc_array(side, int, (unsigned)n + 1);
    struct cut *cuts = talloc_array(side, struct cut, (unsigned)n + 1);
    double *y = talloc_array(side, double, (unsigned)most + 1);

    qsort(e, (size_t)n, sizeof *e, by_low);
    k = heights(e, n, y, most);
    for (int i = 0; i + 1 < k; i++) {
        int kept = 0;

        if (y[i + 1] <= y[i])
            continue;
        for (int j = 0; j < nlive; j++)
            if (e[live[j]].y1 > y[i])
                live[kept++] = live[j];
        nlive = kept;
        for (; next < n && e[next].y0 <= y[i]; next++)
            if (e[next].y1 > y[i])
                live[nlive++] = next;
        band(e, live, nlive, cuts, y[i], y[i + 1], &s);
    }
    talloc_free(side);
    return s;
}

static struct areas one_area(const struct point *p, int n)
{
    struct ctx *cx = ctx_new(NULL);
    struct areas s = sweep(cx, p, n, NULL, 0);

    ctx_free(cx);
    return s;
}

double geom_area(const struct point *p, int n)
{
    return n < 3 ? 0 : one_area(p, n).a;
}

double geom_polygon_iou(struct ctx *cx, const struct point *a, int na, const struct point *b,
                        int nb)
{
    struct areas s;
    double all;

    if (na < 3 || nb < 3)
        return 0;
    s = sweep(cx, a, na, b, nb);
    all = s.a + s.b - s.both;
    return all > 0 ? fmin(1, fmax(0, s.both / all)) : 0;
}

double geom_interval_iou(double a0, double a1, double b0, double b1)
{
    double both = fmin(a1, b1) - fmax(a0, b0), all = fmax(a1, b1) - fmin(a0, b0);

    if (!isfinite(both) || !isfinite(all))
        return 0;
    if (all <= 0)
        return a0 == b0 && a1 == b1 ? 1 : 0;    /* two equal instants */
    return both > 0 ? both / all : 0;
}

/* ---- outlines ---- */

static double size_of(const json_t *item, const char *key)
{
    double v = json_num(item, key, 0);

    return v > 0 && v < 1e9 ? v / 100 : 1;
}

/* A box turned clockwise about its top-left corner, in pixels. */
static int outline_box(struct ctx *cx, const json_t *v, double sx, double sy, struct point **out)
{
    double x = json_num(v, "x", 0) * sx, y = json_num(v, "y", 0) * sy;
    double w = json_num(v, "width", 0) * sx, h = json_num(v, "height", 0) * sy;
    double turn = json_num(v, "rotation", 0) * CIRCLE / 360, c = cos(turn), s = sin(turn);
    struct point *p = *out = NEW_N(cx, struct point, 4);

    p[0] = (struct point){x, y};
    p[1] = (struct point){x + w * c, y + w * s};
    p[2] = (struct point){x + w * c - h * s, y + w * s + h * c};
    p[3] = (struct point){x - h * s, y + h * c};
    return 4;
}

static int outline_ellipse(struct ctx *cx, const json_t *v, double sx, double sy,
                           struct point **out)
{
    double x = json_num(v, "x", 0) * sx, y = json_num(v, "y", 0) * sy;
    double rx = json_num(v, "radiusX", 0) * sx, ry = json_num(v, "radiusY", 0) * sy;
    double turn = json_num(v, "rotation", 0) * CIRCLE / 360, c = cos(turn), s = sin(turn);
    struct point *p = *out = NEW_N(cx, struct point, GEOM_ELLIPSE_POINTS);

    for (int i = 0; i < GEOM_ELLIPSE_POINTS; i++) {
        double at = CIRCLE * i / GEOM_ELLIPSE_POINTS, u = rx * cos(at), w = ry * sin(at);

        p[i] = (struct point){x + u * c - w * s, y + u * s + w * c};
    }
    return GEOM_ELLIPSE_POINTS;
}

static int outline_polygon(struct ctx *cx, const json_t *v, double sx, double sy, int points,
                           struct point **out)
{
    const json_t *list = json_object_get(v, "points");
    size_t n = json_array_size(list), most = (size_t)points, take = n < most ? n : most;
    struct point *p = *out = NEW_N(cx, struct point, take + 1);

    for (size_t i = 0; i < take; i++) {
        const json_t *one = json_array_get(list, i * n / take);

        p[i].x = json_number_value(json_array_get(one, 0)) * sx;
        p[i].y = json_number_value(json_array_get(one, 1)) * sy;
    }
    return (int)take;
}

static int outline(struct ctx *cx, const json_t *item, int points, struct point **out)
{
    const json_t *v = json_object_get(item, "value");
    double sx = size_of(item, "original_width"), sy = size_of(item, "original_height");

    switch (answer_kind(item)) {
    case ANSWER_BOX:
        return outline_box(cx, v, sx, sy, out);
    case ANSWER_ELLIPSE:
        return outline_ellipse(cx, v, sx, sy, out);
    case ANSWER_POLYGON:
        return outline_polygon(cx, v, sx, sy, points, out);
    default:
        *out = NULL;
        return 0;
    }
}

int geom_outline(struct ctx *cx, const json_t *item, struct point **out)
{
    return outline(cx, item, GEOM_OUTLINE_POINTS, out);
}

/* ---- two region items ---- */

struct hull {
    double x0, y0, x1, y1;
};

static struct hull hull_of(const struct point *p, int n)
{
    struct hull h = {INFINITY, INFINITY, -INFINITY, -INFINITY};

    for (int i = 0; i < n; i++) {
        h.x0 = fmin(h.x0, p[i].x);
        h.x1 = fmax(h.x1, p[i].x);
        h.y0 = fmin(h.y0, p[i].y);
        h.y1 = fmax(h.y1, p[i].y);
    }
    return h;
}

/* Most pairs do not touch: look at the upright hulls first. */
static double outline_iou(struct ctx *cx, const json_t *a, const json_t *b, int points)
{
    struct point *p, *q;
    int n = outline(cx, a, points, &p), m = outline(cx, b, points, &q);
    struct hull h = hull_of(p, n), g = hull_of(q, m);
    double iou = 0;

    if (h.x0 < g.x1 && g.x0 < h.x1 && h.y0 < g.y1 && g.y0 < h.y1)
        iou = geom_polygon_iou(cx, p, n, q, m);
    talloc_free(p);
    talloc_free(q);
    return iou;
}

static double masks_iou(struct ctx *cx, const json_t *a, const json_t *b)
{
    struct mask_budget left = MASK_BUDGET;
    struct ctx side = *cx;
    struct mask p, q;
    double iou = 0;

    side.mem = talloc_new(cx->mem);
    if (mask_read(&side, a, &left, &p) == 0 && mask_read(&side, b, &left, &q) == 0)
        iou = mask_iou(&p, &q);
    talloc_free(side.mem);
    return iou;
}

static double keypoint_iou(const json_t *a, const json_t *b)
{
    const json_t *v = json_object_get(a, "value"), *w = json_object_get(b, "value");
    double sx = size_of(a, "original_width"), sy = size_of(a, "original_height");
    double dx = (json_num(v, "x", 0) - json_num(w, "x", 0)) * sx;
    double dy = (json_num(v, "y", 0) - json_num(w, "y", 0)) * sy;
    double s = 0.05 * hypot(100 * sx, 100 * sy);

    return exp(-(dx * dx + dy * dy) / (2 * s * s));
}

/* Equal, or both missing. */
static bool same_value(const json_t *v, const json_t *w, const char *key)
{
    const json_t *a = json_object_get(v, key), *b = json_object_get(w, key);

    return a == b || json_equal(a, b);
}

static double span_iou(const json_t *a, const json_t *b)
{
    static const char *const ends[] = {"start", "end", "startOffset", "endOffset"};
    const json_t *v = json_object_get(a, "value"), *w = json_object_get(b, "value");
    double a0, a1, b0, b1;
    bool same = true;

    if (!same_value(v, w, "channel"))
        return 0;
    if (answer_span(a, &a0, &a1) && answer_span(b, &b0, &b1))
        return geom_interval_iou(a0, a1, b0, b1);
    for (int i = 0; i < 4; i++)     /* xpaths, dates: equal or not */
        same &= same_value(v, w, ends[i]);
    return same;
}

/* ---- video ---- */

#define FRAMES_MOST 10000       /* longer films are looked at in this many steps */

struct box {
    double x, y, w, h;
    bool on;
};

/* The shape at a frame: linear between keyframes, gone after one that is not enabled. */
static struct box box_at(const json_t *seq, double frame, size_t *hint)
{
    size_t n = json_array_size(seq), i = *hint;
    const json_t *k, *next;
    double f0, f1, t;

    while (i + 1 < n && json_num(json_array_get(seq, i + 1), "frame", 0) <= frame)
        i++;
    *hint = i;
    k = json_array_get(seq, i);
    f0 = json_num(k, "frame", 0);
    if (!k || frame < f0 || (frame > f0 && !json_flag(k, "enabled", true)))
        return (struct box){0, 0, 0, 0, false};
    next = json_array_get(seq, i + 1);
    f1 = json_num(next, "frame", f0);
    t = next && f1 > f0 ? (frame - f0) / (f1 - f0) : 0;
#define BETWEEN(key) (json_num(k, key, 0) * (1 - t) + (next ? json_num(next, key, 0) * t : 0))
    return (struct box){BETWEEN("x"), BETWEEN("y"), BETWEEN("width"), BETWEEN("height"), true};
#undef BETWEEN
}

static double box_iou(const struct box *a, const struct box *b)
{
    double w = fmin(a->x + a->w, b->x + b->w) - fmax(a->x, b->x);
    double h = fmin(a->y + a->h, b->y + b->h) - fmax(a->y, b->y);
    double both = w > 0 && h > 0 ? w * h : 0, all = a->w * a->h + b->w * b->h - both;

    return all > 0 ? both / all : 0;
}

static double sequence_iou(const json_t *p, const json_t *q, double frames)
{
    size_t i = 0, j = 0;
    double last = frames, sum = 0, shown = 0, step;

    if (last < 1) {
        last = json_num(json_array_get(p, json_array_size(p) - 1), "frame", 1);
        last = fmax(last, json_num(json_array_get(q, json_array_size(q) - 1), "frame", 1));
    }
    step = fmax(1, ceil(last / FRAMES_MOST));
    for (double f = 1; f <= last; f += step) {
        struct box a = box_at(p, f, &i), b = box_at(q, f, &j);

        shown += a.on || b.on;
        sum += a.on && b.on ? box_iou(&a, &b) : 0;
    }
    return shown > 0 ? sum / shown : 0;
}

/* Ranges of frames: overlap of the unions, counted with the ends, on sorted copies. */
static double ranges_length(struct ctx *cx, const json_t *p, const json_t *q)
{
    size_t n = json_array_size(p), m = json_array_size(q), k = 0;
    double (*r)[2] = (double (*)[2])NEW_N(cx, double, 2 * (n + m) + 2);
    double end = -INFINITY, sum = 0;

    for (size_t i = 0; i < n + m; i++) {
        const json_t *one = i < n ? json_array_get(p, i) : json_array_get(q, i - n);

        r[k][0] = json_num(one, "start", 0);
        r[k++][1] = json_num(one, "end", 0) + 1;
    }
    qsort(r, k, sizeof *r, by_double);
    for (size_t i = 0; i < k; i++) {
        if (r[i][1] > end)
            sum += r[i][1] - fmax(r[i][0], end);
        end = fmax(end, r[i][1]);
    }
    return sum;
}

static double ranges_iou(struct ctx *cx, const json_t *p, const json_t *q)
{
    double a = ranges_length(cx, p, NULL), b = ranges_length(cx, q, NULL);
    double all = ranges_length(cx, p, q);

    return all > 0 ? fmax(0, a + b - all) / all : 0;
}

static double video_iou(struct ctx *cx, const json_t *a, const json_t *b)
{
    const json_t *v = json_object_get(a, "value"), *w = json_object_get(b, "value");
    const json_t *p = json_object_get(v, "sequence"), *q = json_object_get(w, "sequence");

    if (json_array_size(p) && json_array_size(q))
        return sequence_iou(p, q, fmin(1e7, json_num(v, "framesCount", 0)));
    return ranges_iou(cx, json_object_get(v, "ranges"), json_object_get(w, "ranges"));
}

double label_iou(struct ctx *cx, const json_t *a, const json_t *b)
{
    return label_iou_coarse(cx, a, b, GEOM_OUTLINE_POINTS);
}

bool label_on_same(const json_t *a, const json_t *b)
{
    return answer_kind(a) == answer_kind(b) &&
           json_int(a, "item_index", 0) == json_int(b, "item_index", 0) &&
           strcmp(json_str(a, "to_name", ""), json_str(b, "to_name", "")) == 0;
}

double label_iou_coarse(struct ctx *cx, const json_t *a, const json_t *b, int points)
{
    if (!label_on_same(a, b))
        return 0;
    switch (answer_kind(a)) {
    case ANSWER_BOX:
    case ANSWER_ELLIPSE:
    case ANSWER_POLYGON:
        return outline_iou(cx, a, b, points);
    case ANSWER_MASK:
        return masks_iou(cx, a, b);
    case ANSWER_KEYPOINT:
        return keypoint_iou(a, b);
    case ANSWER_SPAN:
        return span_iou(a, b);
    case ANSWER_VIDEO:
        return video_iou(cx, a, b);
    default:
        return 0;
    }
}
