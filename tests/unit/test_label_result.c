/* What label_check promises: possible answers pass, impossible ones are named by their path. */
#include "unit.h"

#include "core/str.h"
#include "label/report.h"
#include "label/result.h"
#include "unit_label.h"

static struct label_config *config_of(struct ctx *cx, const char *path)
{
    struct label_config *c = NULL;
    size_t n;
    char *xml = file_read(cx, path, &n);

    if (!xml || label_parse(cx, xml, n, &c) < 0)
        unit_fails("%s: %s", path, cx->why);
    return c;
}

static struct label_config *own_config(struct ctx *cx, const char *name)
{
    return config_of(cx, golden(cx, talloc_asprintf(cx->mem, "ok/%s.xml", name)));
}

static void good_tasks_of_our_configs_pass(void **state)
{
    struct ctx *cx = *state;
    glob_t g;
    size_t n;

    assert_int_equal(glob(golden(cx, "ok/*.task.json"), 0, NULL, &g), 0);
    assert_true(g.gl_pathc >= 30);
    for (size_t i = 0; i < g.gl_pathc; i++) {
        const char *path = g.gl_pathv[i];
        const char *config = talloc_asprintf(cx->mem, "%.*s.xml", (int)(strlen(path) - 10), path);
        char *xml = file_read(cx, config, &n);
        struct buf out;

        buf_init(&out, cx, 65536);
        if (label_report(cx, xml, n, json_file(cx, path), false, &out) < 0)
            unit_fails("%s:\n%s", path, out.s);
    }
    globfree(&g);
}

/* Of the tags that people draw with none is stored unseen. */
static void all_that_is_drawn_on_an_image_is_checked(void **state)
{
    struct ctx *cx = *state;
    const struct label_tag **list;

    assert_int_equal(label_unchecked(cx, own_config(cx, "vector-roads"), &list), 0);
    assert_int_equal(label_unchecked(cx, own_config(cx, "invoice-ocr"), &list), 0);
}

static bool has_path(const struct ctx *cx, const char *path)
{
    for (const struct field_error *f = cx->fields; f; f = f->next)
        if (strcmp(f->path, path) == 0)
            return true;
    return false;
}

/* wrong.json: config, task data, result, and exactly the paths that must be named. */
static void impossible_answers_are_named_by_their_path(void **state)
{
    struct ctx *cx = *state;
    json_t *list = json_file(cx, golden(cx, "wrong.json")), *one, *path;
    size_t i, j;

    assert_true(json_array_size(list) >= 90);
    json_array_foreach(list, i, one) {
        struct label_config *c = own_config(cx, json_str(one, "config", ""));
        json_t *paths = json_object_get(one, "paths"), *data = json_object_get(one, "data");

        fail_clear(cx);
        assert_int_equal(label_check(cx, c, json_is_object(data) ? data : NULL,
                                     json_object_get(one, "result"), 0), E_INVALID);
        json_array_foreach(paths, j, path)
            if (!has_path(cx, json_string_value(path)))
                unit_fails("case %zu lacks %s; it says %s", i, json_string_value(path), cx->why);
        if (cx->nfields != (int)json_array_size(paths))
            unit_fails("case %zu says %d things, the last: %s: %s", i, cx->nfields,
                     cx->fields->path, cx->fields->why);
    }
}

static void a_draft_may_lack_what_is_required(void **state)
{
    struct ctx *cx = *state;
    struct label_config *c = own_config(cx, "letter-transcript");
    json_t *empty = json_keep(cx, json_array());

    assert_ok(label_check(cx, c, NULL, empty, LABEL_CHECK_DRAFT));
    assert_int_equal(label_check(cx, c, NULL, empty, 0), E_INVALID);
    assert_says(cx, "Please copy the letter.");
}

/*
 * Samples of the public templates that our rules refuse, and why.  They are
 * upstream's own test material for half-migrated or hand-made answers.
 */
static const struct {
    const char *start, *why;
} refused[] = {
    {"editor__classification-mixed", "an answer of a control the config does not have"},
    {"editor__image-magic-wand", "the same"},
    {"editor__image-ocr", "the same"},
    {"editor__pairwise", "to_name names the control itself: an older editor did that"},
    {"editor__transcribe-audio", "the same"},
    {"editor__video-bboxes", "boxes drawn upwards have a negative height"},
    {"ranking-and-scoring__document-retrieval", "a choice that the config does not offer"},
    {"test__control-tags__number__number-per-region", "a per-region answer without a region"},
    {"test__control-tags__per-item__per-region-mig", "the same, left over from before a change"},
    {"test__control-tags__per-item__required-per-item-mig", "required answers are missing"},
    {"test__control-tags__per-item__required-per-region-mig", "the same"},
    {"test__outliner__hide-all__simple-regions-config", "a label that the config does not offer"},
    {"test__sync__video-audio-paragraphs", "an offset past the end of its phrase"},
};

static bool is_explained(const char *path)
{
    const char *name = strrchr(path, '/') + 1;

    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (strncmp(name, refused[i].start, strlen(refused[i].start)) == 0)
            return true;
    return false;
}

static int check_samples(struct ctx *cx, const struct label_config *c, json_t *task,
                         const char *key, unsigned flags, const char *path)
{
    json_t *list = json_object_get(task, key), *one;
    size_t i;
    int passed = 0;

    json_array_foreach(list, i, one) {
        json_t *result = json_object_get(one, "result");

        fail_clear(cx);
        if (!result)
            continue;
        if (label_check(cx, c, json_object_get(task, "data"), result, flags) == 0)
            passed++;
        else if (!is_explained(path))
            unit_fails("%s: %s: %s", path, cx->fields->path, cx->fields->why);
    }
    return passed;
}

static void samples_of_the_public_templates_pass(void **state)
{
    struct ctx *cx = *state;
    int passed = 0;
    glob_t g;

    if (glob(shared(cx, "templates/*.xml"), 0, NULL, &g) != 0) {
        print_message("SKIP: no shared templates here\n");
        skip();
    }
    for (size_t i = 0; i < g.gl_pathc; i++) {
        struct ctx *one = ctx_new(NULL);
        struct label_config *c = config_of(one, g.gl_pathv[i]);
        json_t *tasks = json_file(one, beside(one, g.gl_pathv[i], ".json")), *task;
        size_t j;

        if (tasks && !json_is_array(tasks))
            tasks = json_keep(one, json_pack("[O]", tasks));
        json_array_foreach(tasks, j, task) {
            passed += check_samples(one, c, task, "annotations", 0, g.gl_pathv[i]);
            passed += check_samples(one, c, task, "predictions", LABEL_CHECK_DRAFT, g.gl_pathv[i]);
        }
        ctx_free(one);
    }
    globfree(&g);
    assert_true(passed > 60);
}

static json_t *json_of(struct ctx *cx, const char *s)
{
    json_t *v;

    assert_ok(json_read(cx, s, strlen(s), &v));
    return v;
}

static void a_hundred_problems_are_enough(void **state)
{
    struct ctx *cx = *state;
    struct label_config *c = own_config(cx, "tram-stop-boxes");
    json_t *list = json_keep(cx, json_array());

    for (int i = 0; i < 5000; i++)
        json_array_append_new(list, json_pack("{s:s}", "from_name", "nobody"));
    assert_int_equal(label_check(cx, c, NULL, list, 0), E_INVALID);
    assert_int_equal(cx->nfields, 100);
    assert_says(cx, "result[0]");
}

static void too_many_items_are_refused(void **state)
{
    struct ctx *cx = *state;
    struct label_config *c = own_config(cx, "tram-stop-boxes");
    json_t *list = json_keep(cx, json_array());

    for (int64_t i = 0; i <= LIMIT_RESULT_ITEMS; i++)
        json_array_append_new(list, json_object());
    assert_int_equal(label_check(cx, c, NULL, list, 0), E_TOOBIG);
}

/* Twenty thousand regions with a per-region question each: seconds would be a square somewhere. */
static void a_full_result_is_checked_quickly(void **state)
{
    struct ctx *cx = *state;
    struct label_config *c = own_config(cx, "region-questions");
    json_t *list = json_keep(cx, json_array());

    for (int i = 0; i < 10000; i++) {
        char id[16];

        snprintf(id, sizeof id, "r%d", i);
        json_array_append_new(list, json_pack(
            "{s:s s:s s:s s:s s:{s:i s:i s:i s:i s:[s]}}", "id", id, "from_name", "item",
            "to_name", "shelf", "type", "rectanglelabels", "value", "x", 1, "y", 1, "width", 2,
            "height", 2, "rectanglelabels", "Jar"));
        json_array_append_new(list, json_pack(
            "{s:s s:s s:s s:s s:{s:[s]}}", "id", id, "from_name", "damage", "to_name", "shelf",
            "type", "choices", "value", "choices", "Whole"));
    }
    assert_ok(label_check(cx, c, NULL, list, 0));
}

static void wrong_types_everywhere_never_crash(void **state)
{
    struct ctx *cx = *state;
    static const char *const odd[] = {
        "null", "true", "-1",     "1e308",      "\"\"",         "\"x\"",         "[]",
        "[[]]", "{}",   "[null]", "{\"a\":{}}", "[{\"x\":[]}]", "\"\\u202etxt\""};
    static const char *const keys[] = {
        "id", "from_name", "to_name", "type", "value", "item_index", "original_width", "meta",
        "value.x", "value.width", "value.rectanglelabels", "value.choices", "value.taxonomy",
        "value.points", "value.rle", "value.format", "value.vertices", "value.imageDataURL",
        "value.ocrtext", "value.pageIndex", "value.ranker", "value.start", "value.end",
        "value.ranges", "value.sequence", "value.text", "value.labels", "value.selected",
        "value.datetime", "value.number", "value.rating", "value.startOffset", "from_id", "labels"};
    glob_t g;

    assert_int_equal(glob(golden(cx, "ok/*.task.json"), 0, NULL, &g), 0);
    for (size_t i = 0; i < g.gl_pathc; i++) {
        struct ctx *one = ctx_new(NULL);
        const char *path = g.gl_pathv[i];
        struct label_config *c = config_of(
            one, talloc_asprintf(one->mem, "%.*s.xml", (int)(strlen(path) - 10), path));
        json_t *task = json_file(one, path);
        json_t *good = json_object_get(
            json_array_get(json_object_get(task, "annotations"), 0), "result");

        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
            for (size_t o = 0; o < sizeof odd / sizeof *odd; o++) {
                json_t *bad = json_deep_copy(good), *item = json_array_get(bad, 0);
                const char *key = keys[k];

                if (str_starts(key, "value.")) {
                    item = json_object_get(item, "value");
                    key += 6;
                }
                json_object_set(item, key, json_of(one, odd[o]));
                fail_clear(one);
                label_check(one, c, json_object_get(task, "data"), bad, 0);
                label_check(one, c, NULL, bad, LABEL_CHECK_DRAFT);
                json_decref(bad);
            }
        ctx_free(one);
    }
    globfree(&g);
}

static void ids_are_given_where_one_is_wanted(void **state)
{
    struct ctx *cx = *state;
    json_t *list = json_of(cx, "[{\"type\":\"choices\"},{\"type\":\"relation\"},{\"id\":\"a\"},"
                               "{\"id\":null},3]");

    assert_int_equal(label_give_ids(cx, list), 2);
    assert_int_equal(strlen(json_str(json_array_get(list, 0), "id", "")), 10);
    assert_null(json_object_get(json_array_get(list, 1), "id"));
    assert_string_equal(json_str(json_array_get(list, 2), "id", ""), "a");
}

static void visibility_follows_choices_and_regions(void **state)
{
    struct ctx *cx = *state;
    struct label_config *c = own_config(cx, "follow-up-question");
    const struct label_tag *why = label_control(c, "why");
    json_t *yes = json_of(cx, "[{\"from_name\":\"true\",\"type\":\"choices\","
                              "\"value\":{\"choices\":[\"Yes\"]}}]");
    json_t *no = json_of(cx, "[{\"from_name\":\"true\",\"type\":\"choices\","
                             "\"value\":{\"choices\":[\"No\"]}}]");

    assert_true(label_hidden(cx, c, why, yes, NULL));
    assert_false(label_hidden(cx, c, why, no, NULL));
    assert_true(label_hidden(cx, c, why, json_keep(cx, json_array()), NULL));
    assert_false(label_hidden(cx, c, label_control(c, "true"), yes, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(good_tasks_of_our_configs_pass),
        UNIT(all_that_is_drawn_on_an_image_is_checked),
        UNIT(impossible_answers_are_named_by_their_path),
        UNIT(a_draft_may_lack_what_is_required),
        UNIT(samples_of_the_public_templates_pass),
        UNIT(a_hundred_problems_are_enough),
        UNIT(too_many_items_are_refused),
        UNIT(a_full_result_is_checked_quickly),
        UNIT(wrong_types_everywhere_never_crash),
        UNIT(ids_are_given_where_one_is_wanted),
        UNIT(visibility_follows_choices_and_regions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
