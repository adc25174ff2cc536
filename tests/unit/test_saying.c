/* test_saying.c -- which labels are said, and what is said where another says something else. */
#include "unit.h"
#include "unit_png.h"
#include "unit_store.h"

#include "core/json.h"
#include "core/rng.h"
#include "domain/saying.h"
#include "domain/task_set.h"
#include "label/config.h"
#include "store/act.h"
#include "store/db.h"

static const char xml[] =
    "<View><Text name='t' value='$t'/><Image name='i' value='$i'/>"
    "<Choices name='c' toName='t'><Choice value='a'/><Choice value='b'/><Choice value='d'/>"
    "</Choices>"
    "<Choices name='dyn' toName='t' value='$opts'/>"
    "<Rating name='stars' toName='t'/>"
    "<Taxonomy name='x' toName='t'><Choice value='p'><Choice value='q'/></Choice></Taxonomy>"
    "<RectangleLabels name='box' toName='i'><Label value='cat'/><Label value='dog'/>"
    "</RectangleLabels>"
    "<BitmaskLabels name='bit' toName='i'><Label value='cat'/><Label value='dog'/></BitmaskLabels>"
    "</View>";

/* One item about the text. */
#define ITEM(name, type, value)                                                                    \
    "{\"from_name\":\"" name "\",\"to_name\":\"t\",\"type\":\"" type "\",\"value\":{" value "}}"
#define CHOICE(v) ITEM("c", "choices", "\"choices\":" v)
#define DYN ITEM("dyn", "choices", "\"choices\":[\"secret\"]")
#define STARS(n) ITEM("stars", "rating", "\"rating\":" n)
#define PATH(p) ITEM("x", "taxonomy", "\"taxonomy\":[" p "]")
#define BOX(x, l)                                                                                  \
    "{\"id\":\"r" #x "\",\"from_name\":\"box\",\"to_name\":\"i\",\"type\":\"rectanglelabels\","    \
    "\"value\":{\"x\":" #x ",\"y\":0,\"width\":10,\"height\":10,\"rectanglelabels\":[\"" l "\"]}}"

static const char *said(struct ctx *cx, int n, const char *const *result)
{
    struct opinion_in *in = NEW_N(cx, struct opinion_in, n);
    struct label_config *config;
    struct opinions o;
    const char *out;

    assert_ok(label_parse(cx, xml, strlen(xml), &config));
    for (int i = 0; i < n; i++) {
        json_t *v;

        assert_ok(json_read(cx, result[i], strlen(result[i]), &v));
        in[i] = (struct opinion_in){i + 1, 1, i + 11, v};
    }
    assert_ok(opinion_form(cx, config, in, n, NULL, NULL, &o));
    assert_ok(saying_of(cx, config, in, n, &o, &out));
    return out;
}

#define SAID(...)                                                                                  \
    said(cx, (int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)),                  \
         (const char *const[]){__VA_ARGS__})

static void choices_are_paired_by_set(void **state)
{
    struct ctx *cx = *state;

    assert_string_equal(SAID("[" CHOICE("[\"a\"]") "]", "[" CHOICE("[\"b\"]") "]"),
                        "[[\"c\",\"a\",1,1,1],[\"c\",\"b\",1,1,0],[\"c\",\"a\",\"b\",1]]");
    /* One word too many has no partner; nor has what only one of them answered at all. */
    assert_string_equal(SAID("[" CHOICE("[\"a\",\"b\"]") "]", "[" CHOICE("[\"a\"]") "]"),
                        "[[\"c\",\"a\",1,2,1],[\"c\",\"b\",1,1,0],[\"c\",\"a\",\"a\",1],"
                        "[\"c\",\"\",\"b\",1]]");
    assert_string_equal(SAID("[" CHOICE("[\"a\"]") "]", "[]"),
                        "[[\"c\",\"a\",1,1,1],[\"c\",\"\",\"a\",1]]");
}

/* A bitmask of 6 x 4 with one row painted. */
static const char *row(struct ctx *cx, uint32_t y, const char *label)
{
    struct png_made png;

    png_begin(cx, &png, 6, 4, 4, 8, false, false);
    for (uint32_t x = 0; x < 6; x++)
        png_sample(&png, x, y, 1, 255);
    return talloc_asprintf(
        cx->mem, "{\"id\":\"m%u%s\",\"from_name\":\"bit\",\"to_name\":\"i\",\"type\":"
                 "\"bitmasklabels\",\"value\":{\"imageDataURL\":\"%s\","
                 "\"bitmasklabels\":[\"%s\"]}}",
        y, label, json_string_value(png_address(cx, &png)), label);
}

static void masks_are_paired_where_they_overlap(void **state)
{
    struct ctx *cx = *state;
    const char *a = talloc_asprintf(cx->mem, "[%s,%s]", row(cx, 0, "cat"), row(cx, 2, "dog"));
    const char *b = talloc_asprintf(cx->mem, "[%s]", row(cx, 2, "cat"));
    const char *broken = "[{\"id\":\"m\",\"from_name\":\"bit\",\"to_name\":\"i\",\"type\":"
                         "\"bitmasklabels\",\"value\":{\"imageDataURL\":\"x\",\"bitmasklabels\":"
                         "[\"cat\"]}}]";

    assert_string_equal(SAID(a, a), "[[\"bit\",\"cat\",1,2,1],[\"bit\",\"dog\",1,2,1],"
                                    "[\"bit\",\"cat\",\"cat\",1],[\"bit\",\"dog\",\"dog\",1]]");
    assert_non_null(strstr(SAID(a, b), "[\"bit\",\"cat\",\"dog\",1]"));
    assert_non_null(strstr(SAID(a, b), "[\"bit\",\"\",\"cat\",1]"));
    assert_non_null(strstr(SAID(b, broken), "[\"bit\",\"\",\"cat\",2]"));
}

static void what_comes_from_the_task_is_not_counted(void **state)
{
    struct ctx *cx = *state;

    assert_string_equal(SAID("[" DYN "]", "[" DYN "]"), "[]");
    assert_string_equal(SAID("[" CHOICE("[\"undeclared\"]") "]"), "[]");
    assert_string_equal(SAID("[]", "[]"), "[]");
}

static void ratings_and_paths_are_words_too(void **state)
{
    struct ctx *cx = *state;

    assert_string_equal(SAID("[" STARS("3") "]", "[" STARS("4") "]"),
                        "[[\"stars\",\"3\",1,1,1],[\"stars\",\"4\",1,1,0],"
                        "[\"stars\",\"3\",\"4\",1]]");
    assert_string_equal(SAID("[" PATH("[\"p\",\"q\"]") "]"), "[[\"x\",\"p / q\",1,1,1]]");
}

static void regions_are_paired_by_place_whatever_their_labels(void **state)
{
    struct ctx *cx = *state;
    const char *out = SAID("[" BOX(0, "cat") "," BOX(50, "cat") "]",
                           "[" BOX(1, "dog") "," BOX(80, "dog") "]");

    assert_non_null(strstr(out, "[\"box\",\"cat\",1,2,0]"));
    assert_non_null(strstr(out, "[\"box\",\"cat\",\"dog\",1]"));
    assert_non_null(strstr(out, "[\"box\",\"\",\"cat\",1]"));
    assert_non_null(strstr(out, "[\"box\",\"\",\"dog\",1]"));
}

/* ---- sums ---- */

static struct unit_store us;

struct step {
    int64_t task[8];
    int n;
    struct rng *rng;
    int64_t wrong;
    struct label_sum *label;
    int nlabel;
};

static int settle(struct ctx *cx, void *arg)
{
    static const char *const words[] = {"a", "b", "d", "\t", "it's"};
    struct step *s = arg;
    struct saying_change c;
    int rc;

    saying_begin(&c, cx, 7);
    if ((rc = saying_forget(&c, tasks_of(cx, s->task, s->n))) < 0)
        return rc;
    for (int i = 0; i < s->n && rc >= 0; i++) {
        const char *x = words[rng_below(s->rng, 3)], *y = words[3 + rng_below(s->rng, 2)];

        if (rng_below(s->rng, 4) == 0)
            continue;
        rc = saying_put(&c, s->task[i],
                        json_text(cx, json_keep(cx, json_pack("[[s,s,i,i,i],[s,s,s,i]]", "c", x, 1,
                                                              2, 1, "c", "", y, 3))));
    }
    return rc < 0 ? rc : saying_end(&c);
}

static int look(struct ctx *cx, void *arg)
{
    struct step *s = arg;
    int rc = saying_verify(cx, 7, &s->wrong);

    return rc < 0 ? rc : saying_labels(cx, 7, &s->label, &s->nlabel);
}

static int spoil(struct ctx *cx, void *arg)
{
    (void)arg;
    return db_run(cx, "UPDATE label_sum SET answers = answers + 1 WHERE label = 'a'", "");
}

static void sums_of_labels_follow_what_the_tasks_say(void **state)
{
    struct ctx *cx = *state;
    struct rng rng = {11};
    struct step s = {.rng = &rng, .n = 8};

    unit_store_open(&us, cx);
    for (int round = 0; round < 40; round++) {
        int64_t first = 1 + (int64_t)rng_below(&rng, 60);

        for (int i = 0; i < s.n; i++)
            s.task[i] = first + i;
        assert_ok(act_run(us.st, cx, ACT_HOUSE, settle, &s));
        assert_ok(act_run(us.st, cx, ACT_READ, look, &s));
        assert_int_equal(s.wrong, 0);
    }
    assert_int_equal(s.nlabel, 3);
    assert_int_equal(s.label[0].answers, 2 * s.label[0].tasks);
    assert_true(act_run(us.st, cx, ACT_HOUSE, spoil, &s) >= 0);
    assert_ok(act_run(us.st, cx, ACT_READ, look, &s));
    assert_int_equal(s.wrong, 1);
    unit_store_close(&us);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(choices_are_paired_by_set),
        UNIT(masks_are_paired_where_they_overlap),
        UNIT(what_comes_from_the_task_is_not_counted),
        UNIT(ratings_and_paths_are_words_too),
        UNIT(regions_are_paired_by_place_whatever_their_labels),
        UNIT(sums_of_labels_follow_what_the_tasks_say),
    };

    return cmocka_run_group_tests_name("saying", tests, NULL, NULL);
}
