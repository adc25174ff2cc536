/*
 * tag_region.c -- regions of images: boxes, ellipses, polygons, points, vectors, masks.
 *
 * Coordinates are percent of the original image.  The corner of a turned box
 * may leave the image, as far as the box is large; the rest stays inside, give
 * or take LABEL_PERCENT_SLACK.
 */
#include "core/json.h"
#include "label/bitmask.h"
#include "label/rle.h"
#include "label/tags.h"

#include <math.h>

#define LEAST (-LABEL_PERCENT_SLACK)
#define MOST (100 + LABEL_PERCENT_SLACK)
#define TURN_MOST 36000.0       /* degrees: some clients count turns */

static void box(struct check *k)
{
    bool turned = fabs(json_num(k->value, "rotation", 0)) > 1e-9;
    double least = turned ? -100 + LEAST : LEAST, most = turned ? 100 + MOST : MOST;
    double x, y, w, h;
    bool ok = check_num(k, "x", least, most, &x);

    ok = check_num(k, "y", least, most, &y) && ok;
    ok = check_num(k, "width", 0, MOST, &w) && ok;
    ok = check_num(k, "height", 0, MOST, &h) && ok;
    check_num_maybe(k, "rotation", -TURN_MOST, TURN_MOST);
    if (!ok || turned)
        return;
    if (x + w > MOST)
        check_say(k, ".value.width", "The box leaves the image on the right: x + width is %g.",
                  x + w);
    if (y + h > MOST)
        check_say(k, ".value.height", "The box leaves the image at the bottom: y + height is %g.",
                  y + h);
}

static void ellipse(struct check *k)
{
    check_num(k, "x", LEAST, MOST, NULL);
    check_num(k, "y", LEAST, MOST, NULL);
    check_num(k, "radiusX", 0, MOST, NULL);
    check_num(k, "radiusY", 0, MOST, NULL);
    check_num_maybe(k, "rotation", -TURN_MOST, TURN_MOST);
}

static bool is_percent(const json_t *v)
{
    double x = json_number_value(v);

    return json_is_number(v) && x >= LEAST && x <= MOST;
}

static void polygon(struct check *k)
{
    const json_t *list = json_object_get(k->value, "points"), *p;
    size_t least = k->flags & LABEL_CHECK_DRAFT ? 1 : 3, i;

    check_bool_maybe(k, "closed");
    if (!json_is_array(list) || json_array_size(list) < least) {
        check_say(k, ".value.points", "A polygon needs a list of at least %zu points.", least);
        return;
    }
    json_array_foreach(list, i, p) {
        if (check_full(k))
            return;
        if (json_array_size(p) != 2 || !is_percent(json_array_get(p, 0)) ||
            !is_percent(json_array_get(p, 1)))
            check_say(k, talloc_asprintf(k->cx->mem, ".value.points[%zu]", i),
                      "A point is [x, y], both between 0 and 100.");
    }
}

static void keypoint(struct check *k)
{
    check_num(k, "x", LEAST, MOST, NULL);
    check_num(k, "y", LEAST, MOST, NULL);
    check_num_maybe(k, "width", 0, MOST);
}

/* ---- vectors ---- */

/* The id of a vertex as text: some writers count. */
static const char *vertex_id(struct check *k, const json_t *v)
{
    if (json_is_integer(v))
        return talloc_asprintf(k->cx->mem, "%lld", (long long)json_integer_value(v));
    return json_string_value(v);
}

/* A handle of a curve may lie anywhere, also outside of the image. */
static bool is_handle(const json_t *v)
{
    return !v || json_is_null(v) || (json_is_number(json_object_get(v, "x")) &&
                                     json_is_number(json_object_get(v, "y")));
}

static const char *wrong_vertex(struct check *k, const json_t *v, const json_t *ids, bool first)
{
    const json_t *before = json_object_get(v, "prevPointId");
    const json_t *bent = json_object_get(v, "isBezier");
    const char *id = vertex_id(k, json_object_get(v, "id")), *from = vertex_id(k, before);

    if (!is_percent(json_object_get(v, "x")) || !is_percent(json_object_get(v, "y")))
        return "A vertex has an x and a y, both between 0 and 100.";
    if (json_object_get(v, "id") && !id)
        return "The id of a vertex must be text.";
    if (before && !json_is_null(before) &&
        (!from || !json_object_get(ids, from) || (id && strcmp(id, from) == 0)))
        return "\"prevPointId\" must be the id of another vertex, or null.";
    if (!before && !first && json_object_size(ids) && !id)
        return "A vertex among others that have one needs an id.";
    if (bent && !json_is_null(bent) && !json_is_boolean(bent))
        return "\"isBezier\" must be true or false.";
    if (!is_handle(json_object_get(v, "controlPoint1")) ||
        !is_handle(json_object_get(v, "controlPoint2")))
        return "A control point is {x, y}, both numbers.";
    return NULL;
}

/* All ids, as a set; one that comes twice is said. */
static json_t *vertex_ids(struct check *k, const json_t *list)
{
    json_t *ids = json_keep(k->cx, json_object());
    const json_t *v;
    size_t i;

    json_array_foreach(list, i, v) {
        const char *id = vertex_id(k, json_object_get(v, "id"));

        if (id && json_object_get(ids, id) && !check_full(k))
            check_say(k, talloc_asprintf(k->cx->mem, ".value.vertices[%zu].id", i),
                      "Another vertex has the id \"%.80s\".", id);
        if (id)
            json_object_set_new(ids, id, json_true());
    }
    return ids;
}

static void vector(struct check *k)
{
    const json_t *list = json_object_get(k->value, "vertices"), *v, *ids;
    size_t i;

    check_bool_maybe(k, "closed");
    if (!json_is_array(list) || json_array_size(list) == 0) {
        check_say(k, ".value.vertices", "A vector needs a list of vertices.");
        return;
    }
    ids = vertex_ids(k, list);
    json_array_foreach(list, i, v) {
        const char *why = wrong_vertex(k, v, ids, i == 0);

        if (check_full(k))
            return;
        if (why)
            check_say(k, talloc_asprintf(k->cx->mem, ".value.vertices[%zu]", i), "%s", why);
    }
}

/* ---- masks ---- */

/* The size that the item gives of its image, when it can be one; false, and said, when not. */
static bool image_size(struct check *k, int64_t *w, int64_t *h)
{
    *w = json_int(k->item, "original_width", 0);
    *h = json_int(k->item, "original_height", 0);
    if (*w >= 0 && *h >= 0 && *w <= LIMIT_PIXELS && *h <= LIMIT_PIXELS &&
        (!*w || *h <= LIMIT_PIXELS / *w))
        return true;
    check_say(k, ".original_width", "An image holds at most %lld pixels.",
              (long long)LIMIT_PIXELS);
    return false;
}

static int look_at_runs(struct ctx *cx, struct check *k, int64_t w, int64_t h)
{
    uint8_t *bytes;
    size_t n;
    int rc = rle_bytes(cx, json_object_get(k->value, "rle"), &bytes, &n);

    return rc < 0 ? rc : rle_decode(cx, bytes, n, w * h, NULL, NULL);
}

/* Its pixels are not decoded here: somebody waits, and a small picture may have very many. */
static int look_at_picture(struct ctx *cx, struct check *k, int64_t w, int64_t h)
{
    struct bitmask b;
    int rc = bitmask_open(cx, json_object_get(k->value, "imageDataURL"), &b);

    if (rc == 0 && ((w && w != b.width) || (h && h != b.height)))
        return fail(cx, E_INVALID, "The mask is %u x %u pixels, but the image is %lld x %lld.",
                    b.width, b.height, (long long)w, (long long)h);
    return rc;
}

static void mask(struct check *k, bool picture)
{
    void *keep = k->cx->mem;
    struct ctx side = *k->cx;
    int64_t w, h;
    char *why;
    int rc;

    if (!image_size(k, &w, &h))
        return;
    /* The bytes live only as long as this look at them. */
    side.mem = talloc_new(keep);
    rc = picture ? look_at_picture(&side, k, w, h) : look_at_runs(&side, k, w, h);
    why = talloc_strdup(keep, rc < 0 && side.why ? side.why : "");
    talloc_free(side.mem);
    if (rc < 0)
        check_say(k, picture ? ".value.imageDataURL" : ".value.rle", "%s", why);
}

static void brush(struct check *k)
{
    const char *format = json_str(k->value, "format", NULL);

    if (!format || strcmp(format, "rle") != 0)
        check_say(k, ".value.format", "A mask must have format \"rle\".");
    else
        mask(k, false);
}

static void bitmask(struct check *k)
{
    check_str_maybe(k, "format");
    mask(k, true);
}

void check_image_geometry(struct check *k)
{
    if (json_object_get(k->value, "imageDataURL"))
        bitmask(k);
    else if (json_object_get(k->value, "rle") || json_object_get(k->value, "format"))
        brush(k);
    else if (json_object_get(k->value, "points"))
        polygon(k);
    else if (json_object_get(k->value, "radiusX") || json_object_get(k->value, "radiusY"))
        ellipse(k);
    else if (json_object_get(k->value, "height"))
        box(k);
    else if (json_object_get(k->value, "vertices"))
        vector(k);
    else
        keypoint(k);
}

static void labels(struct check *k)
{
    if (k->tag->row->key)
        check_label_list(k, k->tag->row->key);
}

void check_rectangle(struct check *k)
{
    box(k);
    labels(k);
}

void check_ellipse(struct check *k)
{
    ellipse(k);
    labels(k);
}

void check_polygon(struct check *k)
{
    polygon(k);
    labels(k);
}

void check_keypoint(struct check *k)
{
    keypoint(k);
    labels(k);
}

void check_brush(struct check *k)
{
    brush(k);
    labels(k);
}

void check_vector(struct check *k)
{
    vector(k);
    labels(k);
}

void check_bitmask(struct check *k)
{
    bitmask(k);
    labels(k);
}

/* A box on a page of a Pdf with the text read there; on an image any geometry. */
void check_ocr(struct check *k)
{
    const json_t *page = json_object_get(k->value, "pageIndex");

    check_image_geometry(k);
    check_str_maybe(k, "ocrtext");
    if (page && !json_is_null(page) && (!json_is_integer(page) || json_integer_value(page) < 0))
        check_say(k, ".value.pageIndex", "\"pageIndex\" must be a whole number, 0 or more.");
    labels(k);
}
