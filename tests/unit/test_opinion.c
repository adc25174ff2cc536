/* test_opinion.c -- masks of several people become one a label: brushes and bitmasks alike. */
#include "unit.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "core/json.h"
#include "core/rng.h"
#include "domain/opinion.h"
#include "label/config.h"
#include "label/mask.h"
#include "unit_png.h"

#define WIDE 12
#define TALL 10
#define PIXELS (WIDE * TALL)

static const char CONFIG[] =
    "<View><Image name=\"i\" value=\"$image\"/><BrushLabels name=\"b\" toName=\"i\">"
    "<Label value=\"cat\"/><Label value=\"dog\"/></BrushLabels><BitmaskLabels name=\"m\" "
    "toName=\"i\"><Label value=\"cat\"/><Label value=\"dog\"/></BitmaskLabels></View>";

/* Every test here runs once with brushes and once with bitmasks. */
static const struct way {
    const char *control, *type, *key;
} ways[] = {{"b", "brushlabels", "rle"}, {"m", "bitmasklabels", "imageDataURL"}};
static const struct way *way = &ways[0];

static json_t *item_of(const struct way *w, const char *label, int wide, int tall, json_t *mask)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:{s:s, s:o, s:[s]}}", "id", "r", "from_name",
                     w->control, "to_name", "i", "type", w->type, "original_width", wide,
                     "original_height", tall, "value", "format", "rle", w->key, mask, w->type,
                     label);
}

static json_t *brush(struct ctx *cx, const char *label, const uint8_t *alpha, int wide, int tall)
{
    json_t *list = json_array();
    struct png_made png;
    uint8_t *bytes;
    size_t n;

    if (way == &ways[1]) {
        json_decref(list);
        png_begin(cx, &png, (uint32_t)wide, (uint32_t)tall, 6, 8, false, false);
        for (int p = 0; p < wide * tall; p++)
            png_sample(&png, (uint32_t)(p % wide), (uint32_t)(p / wide), 3, alpha[p]);
        return item_of(way, label, wide, tall, json_incref(png_address(cx, &png)));
    }
    assert_ok(rle_encode(cx, alpha, (int64_t)wide * tall, &bytes, &n));
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_integer(bytes[i]));
    return item_of(way, label, wide, tall, list);
}

static void by_method(void *method, struct ctx *cx, const struct opinion_ask *ask,
                      struct verdict *out)
{
    (void)cx;
    (void)ask;
    *out = (struct verdict){.method = method};
}

static struct opinions form(struct ctx *cx, json_t **result, int n, const char *method)
{
    struct opinion_in *in = NEW_N(cx, struct opinion_in, n + 1);
    struct label_config *config;
    struct opinions o;

    for (int i = 0; i < n; i++)
        in[i] = (struct opinion_in){i + 1, 1, i + 1, result[i]};
    assert_ok(label_parse(cx, CONFIG, strlen(CONFIG), &config));
    assert_ok(opinion_form(cx, config, in, n, method ? by_method : NULL,
                           (void *)(uintptr_t)method, &o));
    return o;
}

static const uint8_t *pixels_of(struct ctx *cx, const json_t *item, int64_t *got)
{
    struct mask_budget left = MASK_BUDGET;
    struct mask m;
    uint8_t *alpha;

    assert_non_null(json_object_get(json_object_get(item, "value"), way->key));
    assert_ok(mask_read(cx, item, &left, &m));
    alpha = NEW_N(cx, uint8_t, m.pixels);
    for (size_t i = 0; i < m.n; i++)
        memset(alpha + m.run[i].from, 255, m.run[i].to - m.run[i].from);
    *got = m.pixels;
    return alpha;
}

static const char *label_of(const json_t *item)
{
    return json_string_value(json_array_get(
        json_object_get(json_object_get(item, "value"), way->type), 0));
}

static void each_pixel_goes_with_most_people(void **state)
{
    struct ctx *cx = *state;
    struct rng rng = {11};

    for (int round = 0; round < 60; round++) {
        int people = 1 + (int)rng_below(&rng, 5), votes[PIXELS] = {0}, painted = 0;
        json_t *result[5];
        struct opinions o;
        int64_t got;

        for (int i = 0; i < people; i++) {
            uint8_t alpha[PIXELS];

            result[i] = json_keep(cx, json_array());
            /* in two strokes, the second over the first */
            for (int stroke = 0; stroke < 2; stroke++) {
                for (int p = 0; p < PIXELS; p++)
                    alpha[p] = rng_below(&rng, 3) == 0 ? 255 : 0;
                json_array_append_new(result[i], brush(cx, "cat", alpha, WIDE, TALL));
            }
            uint8_t any[PIXELS] = {0};

            for (int stroke = 0; stroke < 2; stroke++) {
                const uint8_t *a = pixels_of(cx, json_array_get(result[i], (size_t)stroke), &got);

                for (int p = 0; p < PIXELS; p++)
                    any[p] |= a[p];
            }
            for (int p = 0; p < PIXELS; p++)
                votes[p] += any[p] != 0;
        }
        for (int p = 0; p < PIXELS; p++)
            painted += 2 * votes[p] > people;
        o = form(cx, result, people, NULL);
        assert_int_equal(o.n, 1);
        assert_string_equal(o.list[0].method, "majority");
        assert_int_equal(o.list[0].n, people);
        assert_true(o.list[0].confidence >= 0 && o.list[0].confidence <= 1);
        assert_int_equal(json_array_size(o.list[0].answer), painted > 0);
        if (!painted)
            continue;
        const json_t *item = json_array_get(o.list[0].answer, 0);
        const uint8_t *alpha = pixels_of(cx, item, &got);

        assert_int_equal(got, PIXELS);
        for (int p = 0; p < PIXELS; p++)
            assert_int_equal(alpha[p] != 0, 2 * votes[p] > people);
        assert_string_equal(label_of(item), "cat");
        assert_true(fabs(json_number_value(json_object_get(item, "score")) -
                         o.list[0].confidence) < 1e-12);
    }
}

/* Rows y0 … y1 of the picture. */
static void stripe(uint8_t alpha[PIXELS], int y0, int y1)
{
    memset(alpha, 0, PIXELS);
    for (int p = y0 * WIDE; p < y1 * WIDE; p++)
        alpha[p] = 255;
}

static void labels_are_apart_and_what_few_painted_is_not_there(void **state)
{
    struct ctx *cx = *state;
    uint8_t cat[PIXELS], dog[PIXELS];
    json_t *result[3];
    struct opinions o;
    int64_t got;

    for (int i = 0; i < 3; i++) {
        stripe(cat, 0, 4);
        stripe(dog, 6, 9);
        result[i] = json_keep(cx, json_array());
        json_array_append_new(result[i], brush(cx, "cat", cat, WIDE, TALL));
        if (i == 0)
            json_array_append_new(result[i], brush(cx, "dog", dog, WIDE, TALL));
    }
    o = form(cx, result, 3, NULL);
    assert_int_equal(json_array_size(o.list[0].answer), 1);
    assert_string_equal(label_of(json_array_get(o.list[0].answer, 0)), "cat");
    assert_memory_equal(pixels_of(cx, json_array_get(o.list[0].answer, 0), &got), cat, PIXELS);
    /* One pair agrees on the only label, two pairs on one of two. */
    assert_true(fabs(o.agreement - (1 + .5 + .5) / 3) < 1e-12);
    result[0] = json_keep(cx, json_array());           /* nothing is an answer too */
    o = form(cx, result, 3, NULL);
    assert_int_equal(json_array_size(o.list[0].answer), 1);
    assert_true(fabs(o.pair[1] - 0) < 1e-12 && fabs(o.pair[5] - 1) < 1e-12);
}

static void a_project_may_choose_another_method(void **state)
{
    static const char *const methods[] = {"majority", "weighted", "staple"};
    struct ctx *cx = *state;

    for (int m = 0; m < 3; m++) {
        json_t *result[4];
        uint8_t alpha[PIXELS];
        struct opinions o;
        int64_t got;

        for (int i = 0; i < 4; i++) {           /* three agree, one painted elsewhere */
            stripe(alpha, i == 3 ? 5 : 2, i == 3 ? 10 : 6);
            result[i] = json_keep(cx, json_array());
            json_array_append_new(result[i], brush(cx, "cat", alpha, WIDE, TALL));
        }
        o = form(cx, result, 4, methods[m]);
        assert_string_equal(o.list[0].method, methods[m]);
        stripe(alpha, 2, 6);
        assert_memory_equal(pixels_of(cx, json_array_get(o.list[0].answer, 0), &got), alpha,
                            PIXELS);
    }
}

static void what_cannot_be_read_or_is_of_another_size_is_left_out(void **state)
{
    struct ctx *cx = *state;
    uint8_t alpha[PIXELS];
    json_t *result[4];
    struct opinions o;
    int64_t got;

    stripe(alpha, 1, 3);
    for (int i = 0; i < 4; i++) {
        result[i] = json_keep(cx, json_array());
        json_array_append_new(result[i], brush(cx, "cat", alpha, WIDE, i == 1 ? TALL - 1 : TALL));
    }
    json_object_set_new(json_object_get(json_array_get(result[2], 0), "value"), way->key,
                        json_pack("[i, i, i]", 1, 2, 3));
    o = form(cx, result, 4, NULL);
    assert_int_equal(json_array_size(o.list[0].answer), 1);     /* two can be read */
    o = form(cx, (json_t *[]){result[0], result[3], result[1]}, 3, NULL);
    assert_int_equal(json_array_size(o.list[0].answer), 1);
    pixels_of(cx, json_array_get(o.list[0].answer, 0), &got);
    assert_int_equal(got, PIXELS);
    result[0] = json_pack("[{s:s, s:s, s:s, s:{s:s}}]", "from_name", way->control, "to_name", "i",
                          "type", way->type, "value", way->key, "no list");
    json_keep(cx, result[0]);
    o = form(cx, result, 1, "staple");
    assert_int_equal(o.n, 1);
    assert_int_equal(json_array_size(o.list[0].answer), 0);
}

/* As many pixels in another shape are another picture. */
static void masks_of_another_shape_have_no_voice(void **state)
{
    struct ctx *cx = *state;
    uint8_t alpha[PIXELS];
    json_t *result[3], *value;
    struct opinions o;
    int64_t got;

    stripe(alpha, 1, 3);
    for (int i = 0; i < 3; i++) {
        result[i] = json_keep(cx, json_array());
        json_array_append_new(result[i], brush(cx, "cat", alpha, i ? WIDE : TALL,
                                               i ? TALL : WIDE));
    }
    o = form(cx, result, 3, NULL);
    assert_int_equal(json_array_size(o.list[0].answer), 1);
    assert_memory_equal(pixels_of(cx, json_array_get(o.list[0].answer, 0), &got), alpha, PIXELS);
    assert_true(fabs(o.pair[1]) < 1e-12 && fabs(o.pair[5] - 1) < 1e-12);
    if (way == &ways[0])
        return;
    /* A picture that is not of the size that its item says cannot be read. */
    value = json_array_get(result[0], 0);
    json_object_set_new(value, "original_width", json_integer(WIDE));
    o = form(cx, result, 1, NULL);
    assert_int_equal(json_array_size(o.list[0].answer), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(each_pixel_goes_with_most_people),
        UNIT(labels_are_apart_and_what_few_painted_is_not_there),
        UNIT(a_project_may_choose_another_method),
        UNIT(what_cannot_be_read_or_is_of_another_size_is_left_out),
        UNIT(masks_of_another_shape_have_no_voice),
    };
    int failed = 0;

    for (way = ways; way < ways + 2; way++)
        failed += cmocka_run_group_tests_name(way->type, tests, NULL, NULL);
    return failed;
}
