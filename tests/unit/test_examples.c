/* The sample projects: their configs are strict, and every truth is an answer the checker takes. */
#include "unit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "label/config.h"
#include "label/result.h"

static FILE *example(const char *folder, const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "%s/examples/%s/%s", getenv("ANNOTARY_SOURCE"), folder, name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    return f;
}

static json_t *line(FILE *f)
{
    static char text[65536];

    if (!fgets(text, sizeof text, f))
        return NULL;
    json_t *v = json_loads(text, 0, NULL);
    assert_non_null(v);
    return v;
}

static void project_is_sound(struct ctx *cx, const char *folder)
{
    static char xml[65536];
    struct label_config *c;
    json_t *task, *truth;
    int n = 0;

    FILE *f = example(folder, "config.xml");
    size_t len = fread(xml, 1, sizeof xml, f);
    fclose(f);
    assert_ok(label_parse_strict(cx, xml, len, &c));
    assert_int_equal(c->nproblems, 0);
    FILE *tasks = example(folder, "tasks.jsonl"), *truths = example(folder, "truth.jsonl");
    for (; (task = line(tasks)); n++) {
        assert_non_null(truth = line(truths));
        json_t *data = json_object_get(task, "data");
        assert_string_equal(json_string_value(json_object_get(data, "id")),
                            json_string_value(json_object_get(truth, "id")));
        if (label_check(cx, c, data, json_object_get(truth, "result"), 0))
            print_error("%s, line %d: %s\n", folder, n + 1, cx->why);
        assert_null(cx->why);
        const char *image = json_string_value(json_object_get(data, "image"));
        if (image)
            fclose(example(folder, image));
        json_decref(task);
        json_decref(truth);
    }
    assert_null(line(truths));
    assert_int_equal(n, 60);
    fclose(tasks);
    fclose(truths);
}

static void every_sample_project_has_sixty_sound_tasks(void **state)
{
    project_is_sound(*state, "text-classification");
    project_is_sound(*state, "text-spans");
    project_is_sound(*state, "image-boxes");
    project_is_sound(*state, "pairwise");
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(every_sample_project_has_sixty_sound_tasks) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
