/*
 * treebank.c -- see treebank.h.
 *
 * The conventions are a list of rewrites that put spaces into the text, each
 * looking at what the ones before have left.  So the text is kept as an array
 * of bytes, each with the place it came from (-1 for a space put in), and each
 * rule is one pass from one array into the other.
 */
#include "formats/treebank.h"
#include "core/str.h"

struct text {
    char *c;
    int32_t *at;
    size_t n, cap;
};

struct passes {
    struct ctx *cx;
    struct text a, b;           /* from a into b, then they change places */
};

/* A quotation mark that a rule has already dealt with. */
#define OPENED '\x01'
#define CLOSED '\x02'

static void put(struct passes *p, char c, int32_t at)
{
    struct text *t = &p->b;

    if (t->n == t->cap) {
        t->cap = 2 * t->cap + 64;
        t->c = talloc_realloc(p->cx->mem, t->c, char, (unsigned)t->cap);
        t->at = talloc_realloc(p->cx->mem, t->at, int32_t, (unsigned)t->cap);
    }
    t->c[t->n] = c;
    t->at[t->n++] = at;
}

static void gap(struct passes *p)
{
    put(p, ' ', -1);
}

static void copy(struct passes *p, size_t from, size_t n)
{
    for (size_t i = from; i < from + n; i++)
        put(p, p->a.c[i], p->a.at[i]);
}

static void turn(struct passes *p)
{
    struct text t = p->a;

    p->a = p->b;
    p->b = t;
    p->b.n = 0;
}

/* Byte i, or 0 past the end. */
static char look(const struct passes *p, size_t i)
{
    return i < p->a.n ? p->a.c[i] : 0;
}

static bool is_in(char c, const char *set)
{
    return c && strchr(set, c);
}

static bool is_space(char c)
{
    return is_in(c, " \t\n\r\v\f\x1c\x1d\x1e\x1f");
}

/* ---- rules ---- */

/* Each of `set` stands alone. */
static void rule_alone(struct passes *p, const char *set)
{
    for (size_t i = 0; i < p->a.n; i++) {
        bool hit = is_in(p->a.c[i], set);

        if (hit)
            gap(p);
        copy(p, i, 1);
        if (hit)
            gap(p);
    }
    turn(p);
}

/* A run of exactly these bytes stands alone. */
static void rule_run(struct passes *p, const char *run)
{
    size_t n = strlen(run);

    for (size_t i = 0; i < p->a.n;) {
        if (p->a.n - i >= n && memcmp(p->a.c + i, run, n) == 0) {
            gap(p);
            copy(p, i, n);
            gap(p);
            i += n;
        } else {
            copy(p, i++, 1);
        }
    }
    turn(p);
}

static void put_opened(struct passes *p, size_t i, size_t n)
{
    gap(p);
    for (size_t k = i; k < i + n; k++)
        put(p, OPENED, p->a.at[k]);
    gap(p);
}

/* A " at the very start, and "  or '' behind a space or an opening bracket, open a quotation. */
static void rule_opening_quotes(struct passes *p)
{
    size_t i = 0;

    if (look(p, 0) == '"') {
        put_opened(p, 0, 1);
        i = 1;
    }
    while (i < p->a.n) {
        bool before = is_in(p->a.c[i], " ([{<");
        size_t n = 0;

        if (before && look(p, i + 1) == '"')
            n = 1;
        else if (before && look(p, i + 1) == '\'' && look(p, i + 2) == '\'')
            n = 2;
        copy(p, i++, 1);
        if (n) {
            put_opened(p, i, n);
            i += n;
        }
    }
    turn(p);
}

/* : and , are cut off unless a digit follows; also at the very end. */
static void rule_colon_comma(struct passes *p)
{
    for (size_t i = 0; i < p->a.n;) {
        char next = look(p, i + 1);
        bool hit = is_in(p->a.c[i], ":,");
        bool last = i + 1 == p->a.n;

        if (hit && (last || next < '0' || next > '9')) {
            gap(p);
            copy(p, i, 1);
            gap(p);
            if (!last)
                copy(p, i + 1, 1);
            i += 2;
        } else {
            copy(p, i++, 1);
        }
    }
    turn(p);
}

/* The full stop that ends the text, with closing marks behind it. */
static void rule_last_stop(struct passes *p)
{
    size_t end = p->a.n, stop;

    while (end && is_space(p->a.c[end - 1]))
        end--;
    stop = end;
    while (stop && is_in(p->a.c[stop - 1], "])}>\"'"))
        stop--;
    if (stop < 2 || p->a.c[stop - 1] != '.' || p->a.c[stop - 2] == '.')
        return;
    copy(p, 0, stop - 1);
    gap(p);
    copy(p, stop - 1, end - stop + 1);
    gap(p);
    turn(p);
}

/* A ' before a space, not behind another one, is a closing quote. */
static void rule_quote_space(struct passes *p)
{
    for (size_t i = 0; i < p->a.n;) {
        if (p->a.c[i] != '\'' && look(p, i + 1) == '\'' && look(p, i + 2) == ' ') {
            copy(p, i, 1);
            gap(p);
            copy(p, i + 1, 2);
            i += 3;
        } else {
            copy(p, i++, 1);
        }
    }
    turn(p);
}

static void rule_closing_quotes(struct passes *p)
{
    for (size_t i = 0; i < p->a.n;) {
        size_t n = look(p, i) == '"' ? 1 : look(p, i) == '\'' && look(p, i + 1) == '\'' ? 2 : 0;

        if (n == 0) {
            copy(p, i++, 1);
            continue;
        }
        gap(p);
        for (size_t k = 0; k < n; k++)
            put(p, CLOSED, p->a.at[i + k]);
        gap(p);
        i += n;
    }
    turn(p);
}

/* Length of the first ending that stands at i and has a space behind it; 0 when none does. */
static size_t ending(const struct passes *p, size_t i, const char *const *endings)
{
    for (; *endings; endings++) {
        size_t n = strlen(*endings);

        if (p->a.n - i > n && memcmp(p->a.c + i, *endings, n) == 0 && p->a.c[i + n] == ' ')
            return n;
    }
    return 0;
}

static void rule_endings(struct passes *p, const char *const *endings)
{
    for (size_t i = 0; i < p->a.n;) {
        size_t n = i && !is_in(p->a.c[i - 1], "' ") ? ending(p, i, endings) : 0;

        if (n) {
            gap(p);
            copy(p, i, n + 1);
            i += n + 1;
        } else {
            copy(p, i++, 1);
        }
    }
    turn(p);
}

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '_' || (unsigned char)c >= 0x80;
}

static bool same(const struct passes *p, size_t i, const char *word, size_t n)
{
    if (p->a.n - i < n)
        return false;
    for (size_t k = 0; k < n; k++) {
        char c = p->a.c[i + k];

        if (c >= 'A' && c <= 'Z')
            c = (char)(c + 32);
        if (c != word[k])
            return false;
    }
    return true;
}

struct joined {
    const char *word;
    size_t cut;             /* bytes of the first half */
    bool after_space;       /* 'tis, 'twas: only behind a space */
    bool before_space;      /* wanna: only before white space */
};

static const struct joined joined[] = {
    {"cannot", 3, false, false}, {"d'ye", 1, false, false},  {"gimme", 3, false, false},
    {"gonna", 3, false, false},  {"gotta", 3, false, false}, {"lemme", 3, false, false},
    {"more'n", 4, false, false}, {"wanna", 3, false, true},  {"'tis", 2, true, false},
    {"'twas", 2, true, false},
};

static const struct joined *joined_at(const struct passes *p, size_t i, size_t *n)
{
    char before = i ? p->a.c[i - 1] : 0;

    for (size_t k = 0; k < sizeof joined / sizeof *joined; k++) {
        const struct joined *j = &joined[k];
        char after;

        *n = strlen(j->word);
        if (!same(p, i, j->word, *n))
            continue;
        after = look(p, i + *n);
        if (j->after_space ? before != ' ' : is_word(before))
            continue;
        if (is_word(after) || (j->before_space && !is_space(after)))
            continue;
        return j;
    }
    return NULL;
}

static void rule_joined(struct passes *p)
{
    for (size_t i = 0; i < p->a.n;) {
        size_t n;
        const struct joined *j = joined_at(p, i, &n);

        if (!j) {
            copy(p, i++, 1);
            continue;
        }
        gap(p);
        copy(p, i, j->cut);
        gap(p);
        copy(p, i + j->cut, n - j->cut);
        gap(p);
        i += n;
    }
    turn(p);
}

static void rules(struct passes *p)
{
    static const char *const one[] = {"'s", "'S", "'m", "'M", "'d", "'D", "'", NULL};
    static const char *const two[] = {"'ll", "'LL", "'re", "'RE", "'ve", "'VE", "n't", "N'T", NULL};

    rule_run(p, "``");
    rule_opening_quotes(p);
    rule_colon_comma(p);
    rule_run(p, "...");
    rule_alone(p, ";@#$%&");
    rule_last_stop(p);
    rule_alone(p, "?!");
    rule_quote_space(p);
    rule_alone(p, "[](){}<>");
    rule_run(p, "--");
    gap(p);
    copy(p, 0, p->a.n);
    gap(p);
    turn(p);
    rule_closing_quotes(p);
    rule_endings(p, one);
    rule_endings(p, two);
    rule_joined(p);
}

/* White space of any script. */
static bool is_blank(uint32_t cp)
{
    return cp == ' ' || (cp >= 9 && cp <= 13) || (cp >= 0x1c && cp <= 0x1f) || cp == 0x85 ||
           cp == 0xa0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 ||
           cp == 0x2029 || cp == 0x202f || cp == 0x205f || cp == 0x3000;
}

int treebank_split(struct ctx *cx, const char *text, size_t n, struct token **out)
{
    struct passes p = {.cx = cx};
    struct token *list;
    int count = 0;
    bool inside = false;

    for (size_t i = 0; i < n; i++)
        put(&p, text[i], (int32_t)i);
    turn(&p);
    rules(&p);
    list = NEW_N(cx, struct token, p.a.n / 2 + 2);
    for (size_t i = 0; i < p.a.n;) {
        uint32_t cp = ' ';
        size_t k = utf8_decode(p.a.c + i, p.a.n - i, &cp);

        if (k == 0)
            k = 1, cp = 0xfffd;
        if (is_blank(cp)) {
            inside = false;
        } else {
            if (!inside)
                list[count++] = (struct token){(size_t)p.a.at[i], 0};
            inside = true;
            list[count - 1].len = (size_t)p.a.at[i] + k - list[count - 1].at;
        }
        i += k;
    }
    *out = list;
    return count;
}
