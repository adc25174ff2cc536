/* mask.c -- see mask.h. */
#include "label/mask.h"

#include "core/json.h"
#include "label/bitmask.h"

#define TOO_MANY "There are too many masks here, or too large ones, to look into all."
#define IS_RLE(value) (json_object_get(value, "rle") != NULL)

/* What the item says of its picture, when that can be. */
static int64_t width_said(const json_t *item, int64_t pixels)
{
    int64_t w = json_int(item, "original_width", 0), h = json_int(item, "original_height", 0);

    return w > 0 && h > 0 && w <= pixels && pixels % w == 0 && h == pixels / w ? w : 0;
}

static int read_rle(struct ctx *cx, const json_t *item, struct mask *out)
{
    uint8_t *bytes;
    size_t n;
    int rc = rle_bytes(cx, json_object_get(json_object_get(item, "value"), "rle"), &bytes, &n);

    if (rc < 0)
        return rc;
    rc = rle_runs(cx, bytes, n, &out->run, &out->n, &out->pixels);
    talloc_free(bytes);
    out->width = rc < 0 ? 0 : width_said(item, out->pixels);
    return rc;
}

/* A size that the item gives must be that of the picture. */
static int match_size(struct ctx *cx, const json_t *item, const struct bitmask *b)
{
    int64_t w = json_int(item, "original_width", 0), h = json_int(item, "original_height", 0);

    if ((w == 0 || w == b->width) && (h == 0 || h == b->height))
        return 0;
    return fail(cx, E_INVALID, "The mask is %u x %u pixels, but the image is %lld x %lld.",
                b->width, b->height, (long long)w, (long long)h);
}

static int read_png(struct ctx *cx, const json_t *item, struct mask_budget *left, struct mask *out)
{
    struct bitmask b;
    int rc = bitmask_open(cx, json_object_get(json_object_get(item, "value"), "imageDataURL"), &b);

    if (rc < 0)
        return rc;
    out->pixels = (int64_t)b.width * b.height;
    out->width = b.width;
    rc = match_size(cx, item, &b);
    if (rc == 0 && out->pixels > left->pixels)
        rc = fail(cx, E_TOOBIG, TOO_MANY);
    if (rc == 0) {
        left->pixels -= out->pixels;
        rc = bitmask_runs(cx, &b, (size_t)left->runs, &out->run, &out->n);
    }
    talloc_free((void *)(uintptr_t)b.png);
    return rc;
}

int mask_read(struct ctx *cx, const json_t *item, struct mask_budget *left, struct mask *out)
{
    int rc;

    *out = (struct mask){.run = NULL};
    rc = IS_RLE(json_object_get(item, "value")) ? read_rle(cx, item, out)
                                                : read_png(cx, item, left, out);
    if (rc == 0 && (int64_t)out->n > left->runs)
        rc = fail(cx, E_TOOBIG, TOO_MANY);
    if (rc < 0) {
        talloc_free(out->run);
        *out = (struct mask){.run = NULL};
        return rc;
    }
    left->runs -= (int64_t)out->n;
    for (size_t i = 0; i < out->n; i++)
        out->painted += out->run[i].to - out->run[i].from;
    return 0;
}

bool mask_same_size(const struct mask *a, const struct mask *b)
{
    return a->pixels == b->pixels && (!a->width || !b->width || a->width == b->width);
}

double mask_iou(const struct mask *a, const struct mask *b)
{
    int64_t both, all;

    if (!mask_same_size(a, b))
        return 0;
    both = rle_shared(a->run, a->n, b->run, b->n);
    all = a->painted + b->painted - both;
    return all ? (double)both / (double)all : 0;
}

/* ---- writing ---- */

static int replace_rle(struct ctx *cx, json_t *value, const struct rle_run *run, size_t n,
                       int64_t pixels)
{
    json_t *list;
    uint8_t *bytes;
    size_t nbytes;
    int rc = rle_encode_runs(cx, run, n, pixels, &bytes, &nbytes);

    if (rc < 0)
        return rc;
    list = json_array();
    for (size_t i = 0; i < nbytes; i++)
        json_array_append_new(list, json_integer(bytes[i]));
    talloc_free(bytes);
    json_object_set_new(value, "rle", list);
    return 0;
}

int mask_replace(struct ctx *cx, json_t *value, const struct rle_run *run, size_t n,
                 int64_t pixels, int64_t width)
{
    char *address;
    int rc;

    if (IS_RLE(value))
        return replace_rle(cx, value, run, n, pixels);
    rc = bitmask_encode(cx, run, n, (uint32_t)width, (uint32_t)(pixels / width), &address);
    if (rc < 0)
        return rc;
    json_object_set_new(value, "imageDataURL", json_string(address));
    talloc_free(address);
    return 0;
}
