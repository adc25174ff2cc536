/* What masks, geometry, answers and similarity promise. */
#include "unit.h"

#include "core/id.h"
#include "core/str.h"
#include "label/geom.h"
#include "label/mask.h"
#include "unit_label.h"
#include "unit_png.h"

#include <math.h>

#define assert_near(a, b) assert_true(fabs((a) - (b)) < 1e-6)

static json_t *json_of(struct ctx *cx, const char *s)
{
    json_t *v;

    if (json_read(cx, s, strlen(s), &v) < 0)
        unit_fails("%s: %s", s, cx->why);
    return v;
}

/* ---- masks ---- */

static void masks_come_back_as_they_went(void **state)
{
    struct ctx *cx = *state;
    static const int64_t sizes[] = {1, 2, 3, 7, 64, 1000, 16384, 16385, 40000, 200000};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int style = 0; style < 4; style++) {
            uint8_t *mask = NEW_N(cx, uint8_t, sizes[i]), *packed, *back;
            int64_t got;
            size_t n;

            for (int64_t j = 0; j < sizes[i]; j++)
                mask[j] = style == 0 ? 0 : style == 1 ? 255 : style == 2 ? (j / 37 % 2 ? 255 : 0)
                                                          : (uint8_t)rng_below(&cx->rng, 256);
            assert_ok(rle_encode(cx, mask, sizes[i], &packed, &n));
            assert_ok(rle_decode(cx, packed, n, sizes[i], &back, &got));
            assert_int_equal(got, sizes[i]);
            assert_memory_equal(mask, back, (size_t)got);
            assert_int_equal(rle_decode(cx, packed, n, sizes[i] + 1, NULL, NULL), E_INVALID);
            assert_int_equal(rle_decode(cx, packed, n - 2, sizes[i], NULL, NULL), E_INVALID);
        }
}

static void painted_stretches_say_what_the_mask_says(void **state)
{
    struct ctx *cx = *state;
    uint8_t mask[5000], *packed;
    struct rle_run *runs;
    size_t n, nruns;
    int64_t pixels;

    for (int i = 0; i < 5000; i++)
        mask[i] = rng_below(&cx->rng, 5) ? (i / 100 % 2 ? 255 : 0) : 7;
    assert_ok(rle_encode(cx, mask, 5000, &packed, &n));
    assert_ok(rle_runs(cx, packed, n, &runs, &nruns, &pixels));
    assert_int_equal(pixels, 5000);
    for (size_t i = 0; i < nruns; i++) {
        assert_true(runs[i].from < runs[i].to && (i == 0 || runs[i].from > runs[i - 1].to));
        for (uint32_t at = runs[i].from; at < runs[i].to; at++) {
            assert_int_not_equal(mask[at], 0);
            mask[at] = 0;
        }
    }
    for (int i = 0; i < 5000; i++)
        assert_int_equal(mask[i], 0);
}

static json_t *mask_item(struct ctx *cx, int from, int to)
{
    uint8_t mask[100] = {0}, *packed;
    json_t *list = json_array();
    size_t n;

    memset(mask + from, 255, (size_t)(to - from));
    assert_ok(rle_encode(cx, mask, 100, &packed, &n));
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_integer(packed[i]));
    return json_keep(cx, json_pack("{s:s s:{s:s s:o}}", "type", "brush", "value", "format", "rle",
                                   "rle", list));
}

static void masks_overlap_by_their_pixels(void **state)
{
    struct ctx *cx = *state;

    assert_near(label_iou(cx, mask_item(cx, 0, 50), mask_item(cx, 25, 75)), 1.0 / 3);
    assert_near(label_iou(cx, mask_item(cx, 0, 50), mask_item(cx, 50, 60)), 0);
    assert_near(label_iou(cx, mask_item(cx, 3, 50), mask_item(cx, 3, 50)), 1);
}

static void masks_are_refused_when_cut_or_too_large(void **state)
{
    struct ctx *cx = *state;
    static const uint8_t huge[] = {255, 255, 255, 252, 57, 27, 255, 0};
    static const uint8_t odd[] = {0, 0, 0, 3, 57, 27, 255, 0, 0, 0};
    static const uint8_t none[] = {0, 0, 0, 0, 57, 27, 255, 0};
    uint8_t *out;
    size_t n;

    assert_int_equal(rle_decode(cx, huge, sizeof huge, 0, &out, NULL), E_TOOBIG);
    assert_int_equal(rle_decode(cx, odd, sizeof odd, 0, &out, NULL), E_INVALID);
    assert_int_equal(rle_decode(cx, none, sizeof none, 0, &out, NULL), E_INVALID);
    assert_int_equal(rle_decode(cx, odd, 0, 0, &out, NULL), E_INVALID);
    assert_int_equal(rle_encode(cx, none, 0, &out, &n), E_INVALID);
    assert_int_equal(rle_encode(cx, none, LIMIT_PIXELS + 1, &out, &n), E_TOOBIG);
    assert_int_equal(rle_bytes(cx, json_of(cx, "[1,256]"), &out, &n), E_INVALID);
    assert_int_equal(rle_bytes(cx, json_of(cx, "[1.5]"), &out, &n), E_INVALID);
    assert_int_equal(rle_bytes(cx, NULL, &out, &n), E_INVALID);
}

/* A grey picture of upstream's, through the other reader of masks. */
static bool picture(struct ctx *cx, const char *path, struct mask *out)
{
    struct mask_budget left = MASK_BUDGET;
    uint8_t *bytes;
    size_t n;

    if (!(bytes = (uint8_t *)file_read(cx, path, &n)))
        return false;
    assert_ok(mask_read(cx, json_keep(cx, json_pack("{s:{s:O}}", "value", "imageDataURL",
                                                    png_address_of(cx, bytes, n))), &left, out));
    return true;
}

static void masks_decode_to_the_pixels_upstream_makes(void **state)
{
    struct ctx *cx = *state;
    json_t *tasks = json_file(cx, shared(cx, "exports/gen-brush-0/input.json")), *task, *item;
    struct mask_budget left = MASK_BUDGET;
    size_t i, j;
    int seen = 0;

    if (!tasks) {
        print_message("SKIP: no shared exports here\n");
        skip();
    }
    json_array_foreach(tasks, i, task) {
        json_t *result = json_object_get(
            json_array_get(json_object_get(task, "annotations"), 0), "result");

        json_array_foreach(result, j, item) {
            long long id = json_int(task, "id", 0);
            struct mask mine, theirs;

            if (!picture(cx, shared(cx, talloc_asprintf(
                    cx->mem, "exports/gen-brush-0/expected/BRUSH_TO_PNG/"
                             "task-%lld-annotation-%lld-by-1-tag-%s-0.png",
                    id, id, answer_label(item, 0))), &theirs))
                continue;
            assert_ok(mask_read(cx, item, &left, &mine));
            assert_int_equal(mine.width, theirs.width);
            assert_int_equal(mine.pixels, theirs.pixels);
            assert_int_equal(mine.n, theirs.n);
            assert_memory_equal(mine.run, theirs.run, mine.n * sizeof *mine.run);
            seen++;
        }
    }
    assert_int_equal(seen, 4);
}

/* One list of Label Studio's masks for the browser's writer and for this one. */
static void masks_are_packed_to_the_bytes_upstream_makes(void **state)
{
    struct ctx *cx = *state;
    json_t *list = json_file(cx, source(cx, "web/src/stage/image/mask/rle.golden.json")), *one;
    size_t i, aligned = 0;

    assert_true(json_array_size(list) >= 8);
    json_array_foreach(list, i, one) {
        uint8_t *bytes, *alpha, *again;
        struct rle_run *run;
        int64_t pixels;
        size_t n, k;

        assert_ok(rle_bytes(cx, json_object_get(one, "rle"), &bytes, &n));
        assert_ok(rle_decode(cx, bytes, n, 0, &alpha, &pixels));
        assert_ok(rle_encode(cx, alpha, pixels, &again, &k));
        assert_int_equal(k, n);
        assert_memory_equal(again, bytes, n);
        assert_ok(rle_runs(cx, bytes, n, &run, &k, &pixels));
        assert_ok(rle_encode_runs(cx, run, k, pixels, &again, &k));
        assert_int_equal(k, n);
        assert_memory_equal(again, bytes, n);
        aligned += rle_decode(cx, bytes, n - 1, 0, NULL, NULL) == 0;
    }
    assert_true(aligned > 0);           /* a stream of whole bytes has one more */
}

/* ---- geometry ---- */

static void areas_of_known_shapes(void **state)
{
    struct ctx *cx = *state;
    const struct point unit[] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};
    const struct point half[] = {{0.5, 0}, {1.5, 0}, {1.5, 1}, {0.5, 1}};
    const struct point diamond[] = {{0.5, 0}, {1, 0.5}, {0.5, 1}, {0, 0.5}};
    const struct point bow[] = {{0, 0}, {1, 1}, {1, 0}, {0, 1}};
    const struct point arrow[] = {{0, 0}, {2, 1}, {0, 2}, {1, 1}};
    const struct point line[] = {{0, 0}, {1, 1}, {2, 2}};
    const struct point bad[] = {{NAN, 0}, {1, INFINITY}, {2, 2}};

    assert_near(geom_area(unit, 4), 1);
    assert_near(geom_area(diamond, 4), 0.5);
    assert_near(geom_area(bow, 4), 0.5);
    assert_near(geom_area(arrow, 4), 1);
    assert_near(geom_area(line, 3), 0);
    assert_near(geom_polygon_iou(cx, unit, 4, unit, 4), 1);
    assert_near(geom_polygon_iou(cx, unit, 4, half, 4), 1.0 / 3);
    assert_near(geom_polygon_iou(cx, unit, 4, diamond, 4), 0.5);
    assert_near(geom_polygon_iou(cx, unit, 4, bow, 4), 0.5);
    assert_near(geom_polygon_iou(cx, line, 3, line, 3), 0);
    assert_near(geom_polygon_iou(cx, unit, 4, bad, 3), 0);
    assert_near(geom_polygon_iou(cx, unit, 2, unit, 4), 0);
}

/* Against counting random points: the sweep is exact, so within the noise of counting. */
static void overlaps_agree_with_counting_points(void **state)
{
    struct ctx *cx = *state;

    cx->rng.state = 7;
    for (int round = 0; round < 20; round++) {
        struct point p[7], q[5];
        int both = 0, any = 0;

        for (int i = 0; i < 7; i++)
            p[i] = (struct point){rng_unit(&cx->rng), rng_unit(&cx->rng)};
        for (int i = 0; i < 5; i++)
            q[i] = (struct point){rng_unit(&cx->rng), rng_unit(&cx->rng)};
        for (int k = 0; k < 20000; k++) {
            double x = rng_unit(&cx->rng), y = rng_unit(&cx->rng);
            bool in_p = false, in_q = false;

            for (int i = 0; i < 7; i++) {
                struct point a = p[i], b = p[(i + 1) % 7];

                if ((a.y > y) != (b.y > y) && x < a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y))
                    in_p = !in_p;
            }
            for (int i = 0; i < 5; i++) {
                struct point a = q[i], b = q[(i + 1) % 5];

                if ((a.y > y) != (b.y > y) && x < a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y))
                    in_q = !in_q;
            }
            both += in_p && in_q;
            any += in_p || in_q;
        }
        assert_true(fabs(geom_polygon_iou(cx, p, 7, q, 5) - (double)both / any) < 0.03);
    }
}

static double iou(struct ctx *cx, const char *a, const char *b)
{
    return label_iou(cx, json_of(cx, a), json_of(cx, b));
}

#define BOX(v) "{\"type\":\"rectangle\",\"to_name\":\"i\",\"original_width\":200," \
               "\"original_height\":100,\"value\":{" v "}}"

static void regions_overlap_in_pixel_space(void **state)
{
    struct ctx *cx = *state;

    assert_near(iou(cx, BOX("\"x\":0,\"y\":0,\"width\":50,\"height\":50"),
                    BOX("\"x\":25,\"y\":0,\"width\":50,\"height\":50")), 1.0 / 3);
    /* A box of 100 x 50 pixels turned by 90 degrees about its corner lands to the left. */
    assert_near(iou(cx, BOX("\"x\":50,\"y\":0,\"width\":50,\"height\":50,\"rotation\":90"),
                    BOX("\"x\":25,\"y\":0,\"width\":25,\"height\":100")), 1);
    assert_near(iou(cx, BOX("\"x\":0,\"y\":0,\"width\":50,\"height\":50"),
                    "{\"type\":\"rectangle\",\"to_name\":\"other\",\"value\":{}}"), 0);
    assert_near(iou(cx, BOX("\"x\":0,\"y\":0,\"width\":0,\"height\":0"),
                    BOX("\"x\":0,\"y\":0,\"width\":0,\"height\":0")), 0);
    assert_true(iou(cx, "{\"type\":\"ellipse\",\"value\":{\"x\":50,\"y\":50,\"radiusX\":10,"
                        "\"radiusY\":10}}",
                    "{\"type\":\"ellipse\",\"value\":{\"x\":50,\"y\":50,\"radiusX\":10,"
                    "\"radiusY\":10,\"rotation\":45}}") > 0.99);
    assert_near(iou(cx, "{\"type\":\"labels\",\"value\":{\"start\":0,\"end\":10}}",
                    "{\"type\":\"labels\",\"value\":{\"start\":5,\"end\":15}}"), 1.0 / 3);
    assert_near(iou(cx, "{\"type\":\"timelinelabels\",\"value\":{\"ranges\":[{\"start\":1,"
                        "\"end\":10}]}}",
                    "{\"type\":\"timelinelabels\",\"value\":{\"ranges\":[{\"start\":6,"
                    "\"end\":10}]}}"), 0.5);
}

/* ---- answers and similarity ---- */

static struct answer one_answer(struct ctx *cx, const char *tag, const char *items)
{
    const char *xml = talloc_asprintf(
        cx->mem,
        "<View><Text name='t' value='$t'/><%s name='c' toName='t' max='10' min='0'/></View>", tag);
    struct label_config *c;
    struct answer *list;
    int n;

    assert_ok(label_parse(cx, xml, strlen(xml), &c));
    assert_ok(answer_split(cx, c, json_of(cx, items), &list, &n));
    return n ? list[0] : (struct answer){.control = "c"};
}

#define ITEM(type, value) "{\"from_name\":\"c\",\"to_name\":\"t\",\"type\":\"" type \
                          "\",\"value\":{" value "}}"

static double alike(struct ctx *cx, const char *tag, const char *a, const char *b)
{
    struct answer p = one_answer(cx, tag, talloc_asprintf(cx->mem, "[%s]", a));
    struct answer q = one_answer(cx, tag, talloc_asprintf(cx->mem, "[%s]", b));
    double s = label_similarity(cx, &p, &q);

    assert_near(s, label_similarity(cx, &q, &p));
    return s;
}

static void answers_are_compared_by_their_kind(void **state)
{
    struct ctx *cx = *state;

#define C(v) ITEM("choices", "\"choices\":" v)
    assert_near(alike(cx, "Choices", C("[\"a\"]"), C("[\"a\"]")), 1);
    assert_near(alike(cx, "Choices", C("[\"a\"]"), C("[\"b\"]")), 0);
    assert_near(alike(cx, "Choices", C("[\"a\",\"b\"]"), C("[\"b\",\"c\"]")), 1.0 / 3);
#define T(v) ITEM("taxonomy", "\"taxonomy\":" v)
    assert_near(alike(cx, "Taxonomy", T("[[\"a\",\"b\"]]"), T("[[\"a\",\"c\"]]")), 1.0 / 3);
    assert_near(alike(cx, "Rating", ITEM("rating", "\"rating\":5"), ITEM("rating", "\"rating\":3")),
                0.5);
    assert_near(alike(cx, "Number", ITEM("number", "\"number\":4"), ITEM("number", "\"number\":9")),
                0.5);
#define X(v) ITEM("textarea", "\"text\":[" v "]")
    assert_near(alike(cx, "TextArea", X("\" Two  Hens\\n\""), X("\"two hens\"")), 1);
    assert_near(alike(cx, "TextArea", X("\"abcd\""), X("\"abxd\"")), 0.75);
    assert_near(alike(cx, "TextArea", X("\"\""), X("\"abxd\"")), 0);
#define R(v) ITEM("ranker", "\"ranker\":" v)
    assert_near(alike(cx, "Ranker", R("[1,2,3]"), R("[1,2,3]")), 1);
    assert_near(alike(cx, "Ranker", R("[1,2,3]"), R("[3,2,1]")), 0);
    assert_near(alike(cx, "Ranker", R("[1,2,3]"), R("[1,3,2]")), 2.0 / 3);
    assert_near(alike(cx, "Ranker", R("{\"x\":[1,2]}"), R("{\"x\":[1],\"_\":[2]}")), 0.5);
    assert_near(alike(cx, "Pairwise", ITEM("pairwise", "\"selected\":\"left\""),
                      ITEM("pairwise", "\"selected\":\"right\"")), 0);
    assert_near(alike(cx, "DateTime", ITEM("datetime", "\"datetime\":\"2020\""),
                      ITEM("datetime", "\"datetime\":\"2020\"")), 1);
    assert_near(alike(cx, "Rating", "", ""), 1);
    assert_near(alike(cx, "Rating", "", ITEM("rating", "\"rating\":3")), 0);
    assert_near(alike(cx, "Rating", ITEM("rating", "\"rating\":\"x\""), C("[]")), 0);
}

static void regions_are_matched_one_to_one(void **state)
{
    struct ctx *cx = *state;
#define L(a, b, l) ITEM("labels", "\"start\":" #a ",\"end\":" #b ",\"labels\":[\"" l "\"]")

    assert_near(alike(cx, "Labels", L(0, 10, "x") "," L(20, 30, "y"),
                      L(20, 30, "y") "," L(0, 10, "x")), 1);
    assert_near(alike(cx, "Labels", L(0, 10, "x"), L(0, 10, "y")), 0);
    assert_near(alike(cx, "Labels", L(0, 10, "x") "," L(20, 30, "y"), L(0, 10, "x")), 0.5);
    assert_near(alike(cx, "Labels", L(0, 10, "x") "," L(0, 10, "x"), L(0, 10, "x")), 0.5);
    assert_near(alike(cx, "Labels", L(0, 10, "x"), L(5, 15, "x")), 1.0 / 3);
}

static void answers_are_split_by_control(void **state)
{
    struct ctx *cx = *state;
    json_t *r = json_of(cx, "[{\"from_name\":\"b\",\"type\":\"rectanglelabels\",\"value\":"
                            "{\"rectanglelabels\":[\"k\"]}},"
                            "{\"type\":\"relation\",\"from_id\":\"1\",\"to_id\":\"2\"},"
                            "{\"from_name\":\"a\",\"type\":\"choices\",\"value\":{\"choices\":"
                            "[\"z\",\"a/b\"]}},{\"from_name\":\"b\",\"type\":\"rectangle\"},5]");
    struct answer *list;
    int n;

    assert_ok(answer_split(cx, NULL, r, &list, &n));
    assert_int_equal(n, 3);
    assert_string_equal(list[0].control, "b");
    assert_int_equal(list[0].n, 2);
    assert_int_equal(list[0].kind, ANSWER_BOX);
    assert_string_equal(answer_label(list[0].items[0], 0), "k");
    assert_null(answer_label(list[0].items[0], 1));
    assert_null(answer_label(list[0].items[1], 0));
    assert_string_equal(answer_vote(cx, answer_of(list, n, "a")), "a\\/b\tz");
    assert_null(answer_vote(cx, &list[0]));
    assert_string_equal(list[2].control, "");
    assert_int_equal(list[2].kind, ANSWER_RELATION);
    assert_int_equal(answer_split(cx, NULL, json_of(cx, "{}"), &list, &n), E_INVALID);
}

static void hostile_shapes_stay_bounded(void **state)
{
    struct ctx *cx = *state;
    struct point p[400], q[400];
    double s;

    for (int i = 0; i < 400; i++) {     /* stars that cross themselves everywhere */
        p[i] = (struct point){cos(i * 2.5), sin(i * 2.5)};
        q[i] = (struct point){cos(i * 2.4) * 1e8, sin(i * 2.3) * 1e-8};
    }
    s = geom_polygon_iou(cx, p, 400, q, 400);
    assert_true(s >= 0 && s <= 1);
    s = geom_polygon_iou(cx, p, 400, p, 400);
    assert_true(s > 0.999);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(masks_come_back_as_they_went),
        UNIT(painted_stretches_say_what_the_mask_says),
        UNIT(masks_overlap_by_their_pixels),
        UNIT(masks_are_refused_when_cut_or_too_large),
        UNIT(masks_decode_to_the_pixels_upstream_makes),
        UNIT(masks_are_packed_to_the_bytes_upstream_makes),
        UNIT(areas_of_known_shapes),
        UNIT(overlaps_agree_with_counting_points),
        UNIT(regions_overlap_in_pixel_space),
        UNIT(answers_are_compared_by_their_kind),
        UNIT(regions_are_matched_one_to_one),
        UNIT(answers_are_split_by_control),
        UNIT(hostile_shapes_stay_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
