/*
 * tag_region.c -- regions of images: boxes, ellipses, polygons, points, masks.
 *
 * Coordinates are percent of the original image.  The corner of a turned box
 * may leave the image, as far as the box is large; the rest stays inside, give
 * or take LABEL_PERCENT_SLACK.
 */
#include "core/json.h"
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

void check_mask(struct check *k)
{
    int64_t w = json_int(k->item, "original_width", 0), h = json_int(k->item, "original_height", 0);
    const char *format = json_str(k->value, "format", NULL);
    void *keep = k->cx->mem;
    uint8_t *bytes;
    size_t n;
    int rc;
    char *why;
    struct ctx side = *k->cx;

    if (!format || strcmp(format, "rle") != 0) {
        check_say(k, ".value.format", "A mask must have format \"rle\".");
        return;
    }
    if (w < 0 || h < 0 || w > LIMIT_PIXELS || h > LIMIT_PIXELS || (w && h > LIMIT_PIXELS / w)) {
        check_say(k, ".original_width", "An image holds at most %lld pixels.",
                  (long long)LIMIT_PIXELS);
        return;
    }
    /* The bytes live only as long as this look at them. */
    side.mem = talloc_new(keep);
    rc = rle_bytes(&side, json_object_get(k->value, "rle"), &bytes, &n);
    if (rc == 0)
        rc = rle_decode(&side, bytes, n, w * h, NULL, NULL);
    why = talloc_strdup(keep, rc < 0 && side.why ? side.why : "");
    talloc_free(side.mem);
    if (rc < 0)
        check_say(k, ".value.rle", "%s", why);
}

void check_image_geometry(struct check *k)
{
    if (json_object_get(k->value, "rle") || json_object_get(k->value, "format"))
        check_mask(k);
    else if (json_object_get(k->value, "points"))
        polygon(k);
    else if (json_object_get(k->value, "radiusX") || json_object_get(k->value, "radiusY"))
        ellipse(k);
    else if (json_object_get(k->value, "height"))
        box(k);
    else if (json_object_get(k->value, "vertices") || json_object_get(k->value, "imageDataURL"))
        return;     /* vectors and bitmasks are stored as they come */
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
    check_mask(k);
    labels(k);
}
