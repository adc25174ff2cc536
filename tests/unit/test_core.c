/* What core promises: strict JSON with spans, bounded text, dates that come back. */
#include "unit.h"

#include "core/clock.h"
#include "core/id.h"
#include "core/json.h"
#include "core/str.h"

static void json_notes_where_results_stand(void **state)
{
    struct ctx *cx = *state;
    const char *s = "[{\"result\": [1, 2.50] , \"x\": {\"result\":{}}}, {\"result\":\"a\"}]";
    struct json_span *sp;
    int n;

    assert_ok(json_scan(cx, s, strlen(s), "result", &sp, &n));
    assert_int_equal(n, 3);
    assert_memory_equal(s + sp[0].at, "[1, 2.50]", sp[0].len);
    assert_int_equal(sp[0].depth, 2);
    assert_int_equal(sp[0].index[0], 0);
    assert_int_equal(sp[1].depth, 3);
    assert_int_equal(sp[2].index[0], 1);
}

static void json_refuses_and_says_where(void **state)
{
    struct ctx *cx = *state;
    static const char *const bad[] = {"",     "{",         "[1,]",         "{\"a\" 1}", "nul",
                                      "01",   "\"\\x\"",   "[1] 2",        "\"\xff\"",  "1.",
                                      "\"\n\"", "{\"a\":1,}", "\"\\ud83\"", "-",         "[1 2]"};
    json_t *v;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fail_clear(cx);
        assert_int_equal(json_read(cx, bad[i], strlen(bad[i]), &v), E_INVALID);
        assert_says(cx, "line");
    }
    assert_int_equal(json_read(cx, "{\"a\":1,\"a\":2}", 13, &v), E_INVALID);
}

static void json_depth_has_a_limit(void **state)
{
    struct ctx *cx = *state;
    char s[512];
    json_t *v;

    memset(s, '[', 65);
    memset(s + 65, ']', 65);
    assert_int_equal(json_read(cx, s, 130, &v), E_TOOBIG);
    assert_ok(json_read(cx, s + 1, 128, &v));
}

static void text_has_a_maximum(void **state)
{
    struct ctx *cx = *state;
    struct buf b;

    buf_init(&b, cx, 8);
    assert_ok(buf_adds(&b, "12345678"));
    assert_int_equal(buf_addc(&b, '9'), E_TOOBIG);
    assert_string_equal(b.s, "12345678");
    buf_init(&b, cx, 100);
    buf_add_json(&b, "a\"\\\n\x01", 5);
    assert_string_equal(b.s, "\"a\\\"\\\\\\n\\u0001\"");
}

static void utf8_is_strict(void **state)
{
    (void)state;
    assert_true(utf8_valid("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 10));
    assert_false(utf8_valid("\xc0\x80", 2));
    assert_false(utf8_valid("\xed\xa0\x80", 3));
    assert_false(utf8_valid("\xf4\x90\x80\x80", 4));
    assert_int_equal(utf8_units16("\xf0\x9f\x98\x80z", 5), 3);
    assert_int_equal(utf8_chars("\xf0\x9f\x98\x80z", 5), 2);
}

static void dates_come_back(void **state)
{
    char buf[CLOCK_ISO_SIZE];

    (void)state;
    assert_string_equal(clock_iso(buf, 1700000000123), "2023-11-14T22:13:20.123000Z");
    assert_true(clock_parse(buf) == 1700000000123);
    assert_true(clock_parse("2023-11-14T23:13:20+01:00") == 1700000000000);
    assert_true(clock_parse("yesterday") == -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(json_notes_where_results_stand), UNIT(json_refuses_and_says_where),
        UNIT(json_depth_has_a_limit),         UNIT(text_has_a_maximum),
        UNIT(utf8_is_strict),                 UNIT(dates_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
