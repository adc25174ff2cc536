/* test_regex.c -- regular expressions: what they find, what is refused, that none is slow. */
#include "core/clock.h"
#include "core/regex.h"
#include "unit.h"

static bool finds(const char *pattern, const char *text)
{
    const char *why = NULL;
    struct regex *re = regex_new(NULL, pattern, &why);
    bool found;

    if (!re)
        print_error("%s: %s\n", pattern, why);
    assert_non_null(re);
    found = regex_finds(re, text, strlen(text));
    talloc_free(re);
    return found;
}

static void patterns_find_what_they_say(void **state)
{
    static const struct {
        const char *pattern, *yes, *no;
    } cases[] = {
        {"ferry", "the ferry leaves", "the fery"},
        {"^ferry$", "ferry", "ferry "},
        {"a.c", "xaéc", "ac"},
        {"colou?r", "color", "colouur"},
        {"(ab)+c", "ababc", "ac"},
        {"(?:a|b)*c$", "abbac", "abbad"},
        {"x{3}", "xxx", "xx"},
        {"^x{2,3}$", "xxx", "xxxx"},
        {"^x{0,2}y$", "y", "xxxy"},
        {"^x{2,}$", "xxxxx", "x"},
        {"^a{0}b$", "b", "ab"},
        {"[a-c]9", "b9", "d9"},
        {"^[^a-c]$", "d", "a"},
        {"[]x]", "]", "y"},
        {"[a-]", "-", "b"},
        {"\\d{4}-\\d\\d", "on 2026-01", "on 26-1"},
        {"^\\w+\\s\\w+$", "two words", "oneword"},
        {"^\\D+$", "abc", "ab1"},
        {"^[\\d\\s]+$", "1 2", "1 b"},
        {"\\.\\*\\[", "a.*[", "axxx"},
        {"港口|码头", "在码头上", "在船上"},
        {"^(a|b|)c", "c", "dc"},
        {"a+?b", "aab", "b"},
        {"", "anything", NULL},
        {"^$", "", "x"},
        {"(^a|b$)", "xb", "xa"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool yes = finds(cases[i].pattern, cases[i].yes);
        bool no = cases[i].no && finds(cases[i].pattern, cases[i].no);

        if (!yes || no)
            print_error("pattern %s\n", cases[i].pattern);
        assert_true(yes && !no);
    }
}

static void what_is_not_offered_is_refused_with_a_sentence(void **state)
{
    static const char *const wrong[] = {
        "(a", "a)", "[a", "*a", "a**", "a{2", "a{3,2}", "a{999}", "a{,3}", "{2}", "\\", "\\1",
        "\\b",
        "(?=a)", "(?i)a", "[[:alpha:]]", "[z-a]", "[\\d-z]", "[a-c-e]", "^*", "$+", "(a{200}){200}",
        "((((((((((((((((((((((((((((((((((a))))))))))))))))))))))))))))))))))",
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *why = NULL;

        if (regex_new(NULL, wrong[i], &why))
            print_error("%s is taken\n", wrong[i]);
        assert_true(why && why[strlen(why) - 1] != ' ' && strlen(why) > 10);
    }
}

/* Patterns that take a backtracking engine longer than anybody waits. */
static void no_pattern_is_slow(void **state)
{
    static const char *const hard[] = {"(a*)*b", "(a|a)*b", "(a|aa)+$", "(a?){60}a{60}b",
                                       "(.*)(.*)(.*)(.*)x", "((a{1,20}){1,20})c"};
    char text[4001];

    (void)state;
    memset(text, 'a', 4000);
    text[4000] = 0;
    for (size_t i = 0; i < sizeof hard / sizeof *hard; i++) {
        int64_t began = clock_mono_us();

        finds(hard[i], text);
        assert_true(clock_mono_us() - began < 3000000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(patterns_find_what_they_say),
        UNIT(what_is_not_offered_is_refused_with_a_sentence),
        UNIT(no_pattern_is_slow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
