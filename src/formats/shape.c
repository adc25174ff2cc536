/* shape.c -- see shape.h. */
#include "formats/shape.h"
#include "core/id.h"

#include <math.h>

#define ELLIPSE_POINTS 64
#define POINTS_MAX 100000

static const char *first_label(const json_t *value)
{
    static const char *const keys[] = {"rectanglelabels", "polygonlabels", "ellipselabels",
                                       "keypointlabels", "brushlabels", "labels"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        json_t *list = json_object_get(value, keys[i]);

        if (json_array_size(list) > 0)
            return json_string_value(json_array_get(list, 0));
    }
    return NULL;
}

static bool has(const json_t *value, const char *key)
{
    return json_object_get(value, key) != NULL;
}

static bool numbers(const json_t *value, const char *a, const char *b)
{
    return json_is_number(json_object_get(value, a)) && json_is_number(json_object_get(value, b));
}

static void take_polygon(struct ctx *cx, const json_t *value, struct shape *s)
{
    json_t *list = json_object_get(value, "points"), *p;
    size_t i;

    s->points = NEW_N(cx, struct shape_point, json_array_size(list) + 1);
    json_array_foreach(list, i, p) {
        json_t *x = json_array_get(p, 0), *y = json_array_get(p, 1);

        if (json_is_number(x) && json_is_number(y) && s->npoints < POINTS_MAX)
            s->points[s->npoints++] = (struct shape_point){json_number_value(x),
                                                           json_number_value(y)};
    }
    s->kind = s->npoints >= 3 ? SHAPE_POLYGON : SHAPE_NONE;
}

/* Rotated in pixel space about its centre; without sizes the image counts as square. */
static void take_ellipse(struct ctx *cx, const json_t *value, struct shape *s)
{
    double rx = json_num(value, "radiusX", 0), ry = json_num(value, "radiusY", 0);
    double turn = s->rotation * M_PI / 180;
    double iw = s->width > 0 ? s->width : 100, ih = s->height > 0 ? s->height : 100;

    s->points = NEW_N(cx, struct shape_point, ELLIPSE_POINTS);
    for (int i = 0; i < ELLIPSE_POINTS; i++) {
        double a = 2 * M_PI * i / ELLIPSE_POINTS;
        double px = rx * cos(a) * iw, py = ry * sin(a) * ih;

        s->points[i].x = s->x + (px * cos(turn) - py * sin(turn)) / iw;
        s->points[i].y = s->y + (px * sin(turn) + py * cos(turn)) / ih;
    }
    s->npoints = ELLIPSE_POINTS;
    s->kind = SHAPE_POLYGON;
}

void shape_of(struct ctx *cx, const struct schema_control *control, const json_t *item,
              struct shape *s)
{
    const json_t *value = json_object_get(item, "value");

    *s = (struct shape){.id = json_str(item, "id", ""),
                        .parent = json_str(item, "parentID", json_str(item, "parent_id", ""))};
    s->label = first_label(value);
    s->width = json_num(item, "original_width", 0);
    s->height = json_num(item, "original_height", 0);
    s->x = json_num(value, "x", 0);
    s->y = json_num(value, "y", 0);
    s->w = json_num(value, "width", 0);
    s->h = json_num(value, "height", 0);
    s->rotation = json_num(value, "rotation", 0);
    if (control->shows && strcmp(control->shows, "Image") != 0)
        return;
    if (has(value, "rectanglelabels") || has(value, "labels")) {
        if (numbers(value, "x", "y") && numbers(value, "width", "height"))
            s->kind = SHAPE_BOX;
    } else if (has(value, "polygonlabels")) {
        take_polygon(cx, value, s);
    } else if (has(value, "ellipselabels")) {
        if (numbers(value, "radiusX", "radiusY") && numbers(value, "x", "y"))
            take_ellipse(cx, value, s);
    } else if (has(value, "keypointlabels") && numbers(value, "x", "y")) {
        s->kind = SHAPE_KEYPOINT;
    }
}

void shape_hull(const struct shape *s, bool in_pixels, double *x, double *y, double *w, double *h)
{
    double kx = in_pixels && s->width > 0 ? s->width : 1;
    double ky = in_pixels && s->height > 0 ? s->height : 1;
    double a = s->rotation * M_PI / 180, c = cos(a), n = sin(a);
    double wx = s->w * kx * c, wy = s->w * kx * n, hx = -s->h * ky * n, hy = s->h * ky * c;
    double x0, x1, y0, y1;

    if (s->rotation == 0) {
        *x = s->x, *y = s->y, *w = s->w, *h = s->h;
        return;
    }
    x0 = fmin(fmin(0, wx), fmin(hx, wx + hx)) / kx;
    x1 = fmax(fmax(0, wx), fmax(hx, wx + hx)) / kx;
    y0 = fmin(fmin(0, wy), fmin(hy, wy + hy)) / ky;
    y1 = fmax(fmax(0, wy), fmax(hy, wy + hy)) / ky;
    *x = s->x + x0, *y = s->y + y0, *w = x1 - x0, *h = y1 - y0;
}

/* ---- names of image files ---- */

const char *image_address(struct ctx *cx, const json_t *data, const char *key)
{
    char *ref = talloc_asprintf(cx->mem, "$%s", key ? key : "");
    json_t *v = key ? label_data(data, ref) : NULL;

    if (json_is_array(v))
        v = json_array_get(v, 0);
    return json_is_string(v) ? json_string_value(v) : "";
}

bool image_is_upload(const char *address)
{
    return strstr(address, "/data/upload/") != NULL;
}

/* Last part of the path, without query and fragment. */
static const char *base_name(struct ctx *cx, const char *address)
{
    size_t n = strcspn(address, "?#");
    const char *from = address;

    for (size_t i = 0; i < n; i++)
        if (address[i] == '/')
            from = address + i + 1;
    return sink_name(cx, talloc_strndup(cx->mem, from, (size_t)(address + n - from)));
}

const char *image_file(struct ctx *cx, const char *address)
{
    char hex[ID_SHA256_HEX];

    if (image_is_upload(address))
        return base_name(cx, address);
    id_sha256_hex(hex, address, strlen(address));
    return talloc_asprintf(cx->mem, "%.8s__%s", hex, base_name(cx, address));
}

const char *image_stem(struct ctx *cx, const char *address)
{
    char *name = talloc_strdup(cx->mem, image_file(cx, address));
    char *dot = strrchr(name, '.');

    if (dot && dot > name)
        *dot = 0;
    return name;
}

/* A set of 64-bit digests with a count each: 16 bytes an image, open addressing. */
struct names {
    struct slot {
        uint64_t digest;
        uint32_t times;
    } *slots;
    size_t used, cap;
};

struct names *names_new(void *mem)
{
    struct names *n = talloc_zero(mem, struct names);

    n->cap = 1024;
    n->slots = talloc_zero_array(n, struct slot, (unsigned)n->cap);
    return n;
}

static struct slot *find(struct names *n, uint64_t digest)
{
    size_t i = digest & (n->cap - 1);

    while (n->slots[i].times && n->slots[i].digest != digest)
        i = (i + 1) & (n->cap - 1);
    return &n->slots[i];
}

static void grow(struct names *n)
{
    struct slot *old = n->slots;
    size_t cap = n->cap;

    n->cap *= 2;
    n->slots = talloc_zero_array(n, struct slot, (unsigned)n->cap);
    for (size_t i = 0; i < cap; i++)
        if (old[i].times)
            *find(n, old[i].digest) = old[i];
    talloc_free(old);
}

const char *names_take(struct names *n, struct ctx *cx, const char *stem)
{
    const char *name = stem;
    uint32_t times = 0;

    for (;;) {
        uint8_t sha[ID_SHA256_BYTES];
        struct slot *s;
        uint64_t digest;

        id_sha256(sha, name, strlen(name));
        memcpy(&digest, sha, sizeof digest);
        s = find(n, digest);
        if (s->times == 0) {
            *s = (struct slot){digest, 1};
            if (++n->used * 2 > n->cap)
                grow(n);
            return name;
        }
        times = times ? times + 1 : ++s->times;
        name = talloc_asprintf(cx->mem, "%s-%u", stem, times);
    }
}
