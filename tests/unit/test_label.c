/* What the labelling language promises: which configs are accepted, what is refused and where. */
#include "unit.h"

#include "core/str.h"
#include "label/config.h"
#include "label/places.h"
#include "label/report.h"
#include "label/result.h"
#include "unit_label.h"

#include <pthread.h>

static struct label_config *parsed(struct ctx *cx, const char *xml)
{
    struct label_config *c;

    if (label_parse(cx, xml, strlen(xml), &c) < 0)
        print_error("%s\n", cx->why);
    assert_int_equal(c->nerrors, 0);
    return c;
}

static int parse_rc(struct ctx *cx, const char *xml, size_t n)
{
    struct label_config *c;

    fail_clear(cx);
    return label_parse(cx, xml, n, &c);
}

static void our_own_configs_are_accepted(void **state)
{
    struct ctx *cx = *state;
    struct label_config *c;
    glob_t g;
    size_t n;

    assert_int_equal(glob(golden(cx, "ok/*.xml"), 0, NULL, &g), 0);
    assert_true(g.gl_pathc >= 40);
    for (size_t i = 0; i < g.gl_pathc; i++) {
        char *xml = file_read(cx, g.gl_pathv[i], &n);
        json_t *want;

        if (label_parse(cx, xml, n, &c) < 0)
            unit_fails("%s: %s", g.gl_pathv[i], cx->why);
        assert_true(json_is_object(label_tree(cx, c)));
        if ((want = json_file(cx, beside(cx, g.gl_pathv[i], ".parsed.json"))) &&
            !json_equal(want, label_parsed(cx, c)))
            unit_fails("%s: parsed is %s", g.gl_pathv[i], json_text(cx, label_parsed(cx, c)));
        if ((want = json_file(cx, beside(cx, g.gl_pathv[i], ".tree.json"))) &&
            !json_equal(want, label_tree(cx, c)))
            unit_fails("%s: tree is %s", g.gl_pathv[i], json_text(cx, label_tree(cx, c)));
    }
    globfree(&g);
}

static void malformed_configs_are_refused_with_line_and_column(void **state)
{
    struct ctx *cx = *state;
    size_t n;
    char *list = file_read(cx, golden(cx, "bad/index.tsv"), &n), *save = NULL;
    int seen = 0;

    for (char *row = strtok_r(list, "\n", &save); row; row = strtok_r(NULL, "\n", &save)) {
        char name[80], part[80];
        int line, column;
        const struct label_problem *first;
        struct label_config *c;
        char *xml;

        if (*row == '#')
            continue;
        assert_int_equal(sscanf(row, "%79[^\t]\t%d\t%d\t%79[^\n]", name, &line, &column, part), 4);
        xml = file_read(cx, golden(cx, talloc_asprintf(cx->mem, "bad/%s", name)), &n);
        fail_clear(cx);
        assert_int_equal(label_parse(cx, xml, n, &c), E_INVALID);
        assert_true(c->nproblems > 0);
        for (first = c->problems; !first->is_error; first++)
            ;
        if (first->line != line || (column && first->column != column) ||
            !strstr(first->why, part))
            unit_fails("%s: %s", name, cx->why);
        assert_true(cx->nfields > 0);
        assert_non_null(strstr(cx->fields->path, "line "));
        seen++;
    }
    assert_true(seen >= 20);
}

static void every_public_template_is_accepted(void **state)
{
    struct ctx *cx = *state;
    glob_t g;
    size_t n;

    if (glob(shared(cx, "templates/*.xml"), 0, NULL, &g) != 0) {
        print_message("SKIP: no shared templates here\n");
        skip();
    }
    assert_true(g.gl_pathc >= 311);
    for (size_t i = 0; i < g.gl_pathc; i++) {
        struct ctx *one = ctx_new(NULL);
        char *xml = file_read(one, g.gl_pathv[i], &n);
        struct label_config *c;

        if (label_parse(one, xml, n, &c) < 0)
            unit_fails("%s: %s", g.gl_pathv[i], one->why);
        for (int j = 0; j < c->nproblems; j++)
            if (strstr(c->problems[j].why, "not a known tag"))
                unit_fails("%s: %s", g.gl_pathv[i], c->problems[j].why);
        label_tree(one, c);
        label_parsed(one, c);
        ctx_free(one);
    }
    globfree(&g);
}

static void names_match_in_any_case_and_keep_their_own(void **state)
{
    struct ctx *cx = *state;
    struct label_config *c = parsed(
        cx, "<view><TEXT Name='T' value='$T'/><choices NAME='c' toname='T' MAXUSAGES=' 3 '>"
            "<choice value='A' ALIAS='a'/></choices></view>");

    assert_string_equal(c->root->tag, "View");
    assert_string_equal(c->controls[0]->tag, "Choices");
    assert_string_equal(c->objects[0]->name, "T");
    assert_true(label_number(c->controls[0], "maxUsages", 0) == 3);
    assert_string_equal(label_stored(c->controls[0]->children[0]), "a");
    assert_ptr_equal(label_control(c, "c"), c->controls[0]);
    assert_null(label_control(c, "C"));
    assert_null(label_control(c, NULL));
    assert_string_equal(label_shows(c, c->controls[0]), "Text");
}

static void strict_makes_a_missing_to_name_an_error(void **state)
{
    struct ctx *cx = *state;
    const char *xml = "<View><Text name='t' value='$t'/>\n<Rating name='r'/>\n"
                      "<Rating name='q' toName='gone'/></View>";
    struct label_config *c;

    assert_ok(label_parse(cx, xml, strlen(xml), &c));
    assert_int_equal(c->nproblems, 2);
    assert_int_equal(label_parse_strict(cx, xml, strlen(xml), &c), E_INVALID);
    assert_int_equal(c->nerrors, 2);
    assert_int_equal(cx->nfields, 2);
    assert_says(cx, "Line 2, column 1");
}

static void all_problems_are_listed_not_only_the_first(void **state)
{
    struct ctx *cx = *state;
    const char *xml = "<View><Rating toName='t'/>\n<Text value='$t'/>\n<Rating name='a'/>"
                      "<Number name='a'/></View>";
    struct label_config *c;

    assert_int_equal(label_parse(cx, xml, strlen(xml), &c), E_INVALID);
    assert_int_equal(c->nerrors, 3);
    assert_int_equal(cx->nfields, 3);
    for (int i = 1; i < c->nproblems; i++)
        assert_true(c->problems[i].line >= c->problems[i - 1].line);
}

static void nothing_expands_and_nothing_is_fetched(void **state)
{
    struct ctx *cx = *state;
    static const char *const attacks[] = {
        ("<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>"
         "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>]><View>&c;</View>"),
        "<!DOCTYPE v [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><View><Header value='&x;'/></View>",
        "<!DOCTYPE v SYSTEM 'http://127.0.0.1:1/a.dtd'><View/>",
        "<!DOCTYPE v [<!ENTITY % p SYSTEM 'http://127.0.0.1:1/p'> %p;]><View/>",
        "<!DOCTYPE v [<!ATTLIST View name CDATA 'x'>]><View/>",
        "<?xml version='1.0' standalone='no'?><!DOCTYPE View><View/>",
        "<View><![CDATA[ok]]>&x;</View>",
    };

    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++) {
        assert_int_equal(parse_rc(cx, attacks[i], strlen(attacks[i])), E_INVALID);
        assert_null(strstr(cx->why, "root:"));
    }
}

static void size_depth_and_number_of_tags_are_bounded(void **state)
{
    struct ctx *cx = *state;
    struct buf b;

    buf_init(&b, cx, 4 << 20);
    buf_adds(&b, "<View>");
    while (b.n < 2 << 20)
        buf_adds(&b, "<!-- so long, and still not the end of it -->");
    buf_adds(&b, "</View>");
    assert_int_equal(parse_rc(cx, b.s, b.n), E_TOOBIG);

    buf_init(&b, cx, 4 << 20);
    for (int i = 0; i < 65; i++)
        buf_adds(&b, "<View>");
    for (int i = 0; i < 65; i++)
        buf_adds(&b, "</View>");
    assert_int_equal(parse_rc(cx, b.s, b.n), E_TOOBIG);
    assert_ok(parse_rc(cx, b.s + 6, b.n - 6 - 7));

    buf_init(&b, cx, 4 << 20);
    buf_adds(&b, "<View>");
    for (int i = 0; i < 20001; i++)
        buf_adds(&b, "<p/>");
    buf_adds(&b, "</View>");
    assert_int_equal(parse_rc(cx, b.s, b.n), E_TOOBIG);

    /* Many wrong names: a hundred are told, all are counted. */
    buf_init(&b, cx, 4 << 20);
    buf_adds(&b, "<View>");
    for (int i = 0; i < 5000; i++)
        buf_adds(&b, "<Rating name='same'/>");
    buf_adds(&b, "</View>");
    assert_int_equal(parse_rc(cx, b.s, b.n), E_INVALID);
    assert_true(cx->nfields <= 100);
}

static void a_config_of_the_full_size_is_read(void **state)
{
    struct ctx *cx = *state;
    struct label_config *c;
    struct buf b;

    buf_init(&b, cx, 2 << 20);
    buf_adds(&b, "<View><Text name='t' value='$t'/><Choices name='c' toName='t'>");
    for (int i = 0; i < 19000; i++)
        buf_addf(&b, "<Choice value='number %d of many'/>\n", i);
    buf_adds(&b, "</Choices></View>");
    assert_ok(label_parse(cx, b.s, b.n, &c));
    assert_int_equal(c->controls[0]->nchildren, 19000);
    assert_int_equal(c->controls[0]->children[18999]->line, 19000);
}

static void bytes_cut_off_anywhere_are_refused(void **state)
{
    struct ctx *cx = *state;
    size_t n;
    char *xml = file_read(cx, golden(cx, "ok/html-around.xml"), &n);

    for (size_t i = 0; i + 8 < n; i++) {
        char *part = talloc_memdup(cx->mem, xml, i ? i : 1);
        struct ctx *one = ctx_new(NULL);

        assert_true(parse_rc(one, part, i) < 0);
        ctx_free(one);
        talloc_free(part);
    }
}

static void style_keeps_only_what_is_harmless(void **state)
{
    struct ctx *cx = *state;
    struct label_config *c = parsed(
        cx, "<View style='color:red; background:url(x); position:FIXED; top:1px; "
            "width:expression(alert(1)); -moz-binding:url(y); co\\6cor:blue; "
            "margin:calc(1px + 2px); behavior:x; background:/**/u/**/rl(z)'>"
            "<Style>@import 'a'; @charset \"x\"; .a{color:green;content:'}';b\\65 x:1} "
            "@font-face{src:url(x)} a[href^='x']{color:red} "
            "@media (min-width:3px){.b{gap:1px}} .c{background-image:image-set('x' 1x)} "
            "&lt;/style&gt;{color:red} .d{position:sticky;color:blue</Style></View>");
    json_t *tree = label_tree(cx, c), *style = json_array_get(json_object_get(tree, "children"), 0);

    assert_string_equal(json_str(json_object_get(tree, "attrs"), "style", ""),
                        "color:red;top:1px;margin:calc(1px + 2px);");
    assert_string_equal(json_str(style, "text", ""),
                        ".a{color:green;}a[href^='x']{color:red;}"
                        "@media (min-width:3px){.b{gap:1px;}}.c{}.d{color:blue;}");
}

static void html_keeps_its_words_in_order_and_loses_its_teeth(void **state)
{
    struct ctx *cx = *state;
    struct label_config *c = parsed(
        cx, "<View><p onclick='x()' class='k'>one <em>two</em> three</p>"
            "<a href='javascript:x()' title='t'>l</a><a href=' HTTPS://e.org'>m</a>"
            "<img src='http://e.org/x.png' alt='a'/><script>x()</script><iframe src='x'/></View>");
    json_t *kids = json_object_get(label_tree(cx, c), "children");
    json_t *p = json_array_get(kids, 0), *words = json_object_get(p, "children");

    assert_string_equal(json_str(json_array_get(words, 0), "text", ""), "one ");
    assert_string_equal(json_str(json_array_get(words, 1), "tag", ""), "em");
    assert_string_equal(json_str(json_array_get(words, 2), "text", ""), " three");
    assert_string_equal(json_str(p, "text", "?"), "");
    assert_int_equal(json_object_size(json_object_get(p, "attrs")), 1);
    assert_null(json_object_get(json_object_get(json_array_get(kids, 1), "attrs"), "href"));
    assert_non_null(json_object_get(json_object_get(json_array_get(kids, 2), "attrs"), "href"));
    assert_null(json_object_get(json_object_get(json_array_get(kids, 3), "attrs"), "src"));
    assert_string_equal(json_str(json_array_get(kids, 4), "kind", ""), "unknown");
    assert_string_equal(json_str(json_array_get(kids, 5), "kind", ""), "unknown");
}

static void an_editor_is_told_where_everything_stands(void **state)
{
    struct ctx *cx = *state;
    static const char xml[] =
        "<!-- <View> -->\n<View>\n  <Text name='t' value = \"$a\" x:y=\"\xf0\x9f\x90\xa6\"/>"
        "<![CDATA[<b>]]><Choices name=\"c\" toName=\"t\"><Choice value=\"A &amp; &lt;\"/>"
        "</Choices >\n</View>";
    struct label_config *c = parsed(cx, xml);
    json_t *tree = label_tree_placed(cx, c, xml, strlen(xml));
    json_t *kids = json_object_get(tree, "children"), *text = json_array_get(kids, 0);
    json_t *choices = json_array_get(kids, 1);
    json_t *choice = json_array_get(json_object_get(choices, "children"), 0);

    /* the bird is two units; the comment is passed over */
    assert_string_equal(json_text(cx, json_object_get(tree, "at")), "[16,22,149,156]");
    assert_string_equal(json_text(cx, json_object_get(text, "written")),
                        "[[\"name\",\"t\",31,37,38],[\"value\",\"$a\",40,49,51],"
                        "[\"x:y\",\"\xf0\x9f\x90\xa6\",53,58,60]]");
    assert_string_equal(json_text(cx, json_object_get(text, "at")), "[25,63,63,63]");
    assert_string_equal(json_text(cx, json_object_get(choices, "at")), "[78,107,137,148]");
    assert_string_equal(json_text(cx, json_object_get(choice, "written")),
                        "[[\"value\",\"A & <\",115,122,134]]");
}

#define TEXT "<View><Text name='t' value='$t'/>"

static void what_is_evidently_meant_is_offered(void **state)
{
    static const struct {
        const char *xml, *attr, *was, *text;
    } cases[] = {
        { TEXT "<Rating name='r' toName='text'/></View>", "toName", NULL, "t" },
        { TEXT "<Rating name='r'/></View>", "toName", NULL, "t" },
        { TEXT "<Rating toName='t'/></View>", "name", NULL, "rating" },
        { TEXT "<Rating name='t' toName='t'/></View>", "name", NULL, "t2" },
        { "<View><Choises name='c'/></View>", NULL, "<Choises", "<Choices" },
        { "<View><Header value='a & b'/></View>", NULL, "&", "&amp;" },
        { "<View><Header value='a < b'/></View>", NULL, "<", "&lt;" },
        { "<View><Header value='a'></Haeder></View>", NULL, "</Haeder", "</Header" },
        { "<View><View><Header value='a'/>", NULL, "", "</View></View>" },
    };
    struct ctx *cx = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct label_config *c;
        const struct label_fix *f = NULL;

        fail_clear(cx);
        label_parse(cx, cases[i].xml, strlen(cases[i].xml), &c);
        for (int k = 0; k < c->nproblems && !f; k++)
            f = c->problems[k].fix.text ? &c->problems[k].fix : NULL;
        if (!f)
            unit_fails("%s: nothing is offered", cases[i].xml);
        assert_string_equal(f->text, cases[i].text);
        assert_string_equal(f->attr ? f->attr : "-", cases[i].attr ? cases[i].attr : "-");
        assert_string_equal(f->was ? f->was : "-", cases[i].was ? cases[i].was : "-");
    }
}

static void task_data_is_found_by_its_path(void **state)
{
    struct ctx *cx = *state;
    const char *s = "{\"a\":{\"b\":[1,{\"c\":\"deep\"}]},\"x.y\":2,\"l\":[[3]]}";
    json_t *d;

    assert_ok(json_read(cx, s, strlen(s), &d));
    assert_string_equal(json_string_value(label_data(d, "$a.b[1].c")), "deep");
    assert_int_equal(json_integer_value(label_data(d, "$x.y")), 2);
    assert_int_equal(json_integer_value(label_data(d, "$l[0][0]")), 3);
    assert_null(label_data(d, "a"));
    assert_null(label_data(d, "$a.b[9]"));
    assert_null(label_data(d, "$a.b[-1]"));
    assert_null(label_data(d, "$a.b[1"));
    assert_null(label_data(d, "$a.b[99999999999999999999]"));
    assert_null(label_data(NULL, "$a"));
    assert_null(label_data(d, NULL));
}

static void repeated_names_are_found_by_their_number(void **state)
{
    struct ctx *cx = *state;
    struct label_config *c = parsed(
        cx, "<View><Repeater on='$p' indexFlag='{{i}}'><Text name='t_{{i}}' value='$p[{{i}}]'/>"
            "<Rating name='r_{{i}}' toName='t_{{i}}'/><Number name='n' toName='t_{{i}}'/>"
            "</Repeater><Rating name='plain' toName='t_{{i}}'/></View>");

    assert_ptr_equal(label_control(c, "r_12"), c->controls[0]);
    assert_ptr_equal(label_control(c, "n_0"), c->controls[1]);
    assert_ptr_equal(label_object(c, "t_3"), c->objects[0]);
    assert_null(label_control(c, "r_"));
    assert_null(label_control(c, "r_x"));
    assert_null(label_control(c, "plain_0"));
    assert_non_null(json_object_get(json_object_get(label_parsed(cx, c), "r_{{i}}"), "regex"));
}

static void unchecked_controls_are_named(void **state)
{
    struct ctx *cx = *state;
    const struct label_tag **tags;
    struct label_config *c = parsed(
        cx, "<View><Video name='i' value='$i'/><VideoVectorLabels name='v' toName='i'>"
            "<Label value='a'/></VideoVectorLabels><Rating name='r' toName='i'/></View>");

    assert_int_equal(label_unchecked(cx, c, &tags), 1);
    assert_string_equal(tags[0]->name, "v");
}

static void a_parsed_config_can_move_to_a_longer_life(void **state)
{
    struct ctx *cx = *state, *one = ctx_new(NULL);
    const char *xml = "<View><Text name='t' value='$t'/><Rating name='r' toName='t'/></View>";
    struct label_config *c;

    assert_ok(label_parse(one, xml, strlen(xml), &c));
    talloc_steal(cx, c);
    ctx_free(one);
    assert_string_equal(label_control(c, "r")->to_name[0], "t");
    assert_true(json_is_object(label_tree(cx, c)));
}

static void *parse_many(void *arg)
{
    static const char xml[] = "<View><Text name='t' value='$t'/><Rating name='r' toName='t'/>";
    long wrong = 0;

    (void)arg;
    for (int i = 0; i < 300; i++) {
        struct ctx *cx = ctx_new(NULL);
        struct label_config *c;
        char *good = talloc_asprintf(cx->mem, "%s</View>", xml);

        wrong += label_parse(cx, good, strlen(good), &c) != 0;
        wrong += label_parse(cx, xml, strlen(xml), &c) != E_INVALID;
        ctx_free(cx);
    }
    return (void *)wrong;
}

static void threads_parse_side_by_side(void **state)
{
    pthread_t t[4];
    void *wrong;

    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&t[i], NULL, parse_many, NULL), 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(t[i], &wrong);
        assert_null(wrong);
    }
}

static void the_report_reads_a_config_and_a_task_aloud(void **state)
{
    struct ctx *cx = *state;
    const char *xml = "<View><Text name='t' value='$t'/>\n<Rating name='r' toName='t'/>"
                      "<ReactCode name='v' toName='t'/></View>";
    const char *s = "[{\"data\":{},\"annotations\":[{\"result\":[{\"id\":\"a\",\"from_name\":\"r\","
                    "\"to_name\":\"t\",\"type\":\"rating\",\"value\":{\"rating\":9}}]}]},5]";
    struct buf b;
    json_t *task;

    buf_init(&b, cx, 65536);
    assert_ok(label_report(cx, xml, strlen(xml), NULL, false, &b));
    assert_non_null(strstr(b.s, "Objects: 1"));
    assert_non_null(strstr(b.s, "Controls: 2"));
    assert_non_null(strstr(b.s, "\"v\" (ReactCode) are stored without a check"));
    assert_non_null(strstr(b.s, "OK\n"));
    assert_ok(json_read(cx, s, strlen(s), &task));
    buf_init(&b, cx, 65536);
    assert_int_equal(label_report(cx, xml, strlen(xml), task, false, &b), E_INVALID);
    assert_non_null(strstr(b.s, "task[0].data: the task has no \"t\""));
    assert_non_null(strstr(b.s, "task[0].annotations[0].result[0].value.rating"));
    assert_non_null(strstr(b.s, "task[1]"));
    buf_init(&b, cx, 65536);
    assert_int_equal(label_report(cx, "<View>", 6, NULL, true, &b), E_INVALID);
    assert_non_null(strstr(b.s, "line 1, column 7"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(our_own_configs_are_accepted),
        UNIT(malformed_configs_are_refused_with_line_and_column),
        UNIT(every_public_template_is_accepted),
        UNIT(names_match_in_any_case_and_keep_their_own),
        UNIT(strict_makes_a_missing_to_name_an_error),
        UNIT(all_problems_are_listed_not_only_the_first),
        UNIT(nothing_expands_and_nothing_is_fetched),
        UNIT(size_depth_and_number_of_tags_are_bounded),
        UNIT(a_config_of_the_full_size_is_read),
        UNIT(bytes_cut_off_anywhere_are_refused),
        UNIT(style_keeps_only_what_is_harmless),
        UNIT(html_keeps_its_words_in_order_and_loses_its_teeth),
        UNIT(an_editor_is_told_where_everything_stands),
        UNIT(what_is_evidently_meant_is_offered),
        UNIT(task_data_is_found_by_its_path),
        UNIT(repeated_names_are_found_by_their_number),
        UNIT(unchecked_controls_are_named),
        UNIT(a_parsed_config_can_move_to_a_longer_life),
        UNIT(threads_parse_side_by_side),
        UNIT(the_report_reads_a_config_and_a_task_aloud),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
