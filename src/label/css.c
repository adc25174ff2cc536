/*
 * css.c -- see css.h.
 *
 * A tiny reader of CSS that knows comments, strings and brackets, so that a
 * ";" or "}" inside them does not cut.  A backslash outside of a string
 * content value drops the declaration: escapes are how url( hides.
 */
#include "label/css.h"
#include "core/str.h"

#include <ctype.h>

/* Longhands share a prefix with their shorthand: "border" allows "border-top-color". */
static const char *const families[] = {
    "align",      "background", "border",   "bottom",      "box",
    "caption",    "clear",     "color",     "column",   "columns",     "content",
    "cursor",     "direction", "display",   "fill",     "flex",        "float",
    "font",       "gap",       "grid",      "height",   "hyphens",     "inset",
    "justify",    "left",      "letter",    "line",     "list",        "margin",
    "max",        "min",       "object",    "opacity",  "order",       "outline",
    "overflow",   "padding",   "place",     "position", "resize",      "right",
    "row",        "stroke",    "tab",       "table",    "text",        "top",
    "transform",  "unicode",   "user",      "vertical", "visibility",  "white",
    "width",      "word",      "writing",   "z",        "scroll",      "aspect",
    "transition", "accent",    "break",     "counter",  "quotes",      "overscroll",
};

static bool property_allowed(const char *p)
{
    size_t n = strcspn(p, "-");

    if (strncmp(p, "--", 2) == 0)
        return false;
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (strlen(families[i]) == n && memcmp(families[i], p, n) == 0)
            return true;
    return false;
}

/* Functions a value may call; anything else with "(" is gone, url() first of all. */
static bool function_allowed(const char *name, size_t n)
{
    static const char *const ok[] = {
        "rgb",     "rgba",      "hsl",    "hsla",   "calc",    "min",     "max",  "clamp",
        "minmax",  "repeat",    "translate", "translatex", "translatey", "scale", "rotate",
        "skew",    "linear-gradient", "radial-gradient", "fit-content", "cubic-bezier", "counter",
        "attr",    "",
    };

    for (size_t i = 0; i < sizeof ok / sizeof *ok; i++)
        if (strlen(ok[i]) == n && memcmp(ok[i], name, n) == 0)
            return true;
    return false;
}

static bool value_allowed(struct ctx *cx, const char *property, const char *value)
{
    const char *low = str_lower(cx, value), *word = low;

    if (!*low || strpbrk(low, "\\<>{}@") || strstr(low, "expression") ||
        strstr(low, "javascript") || strstr(low, "url") || strstr(low, "/*") ||
        strstr(low, "import"))
        return false;
    if (strcmp(property, "position") == 0 && (strstr(low, "fixed") || strstr(low, "sticky")))
        return false;
    for (const char *p = low; *p; p++) {
        if (*p == '"' || *p == '\'') {
            if (!(p = strchr(p + 1, *p)))
                return false;
            word = p + 1;
        } else if (*p == '(') {
            if (!function_allowed(word, (size_t)(p - word)))
                return false;
            word = p + 1;
        } else if (!isalnum((unsigned char)*p) && *p != '-') {
            word = p + 1;
        }
    }
    return true;
}

/* The text without comments. An open comment swallows the rest, as in a browser. */
static char *without_comments(struct ctx *cx, const char *s)
{
    char *out = talloc_strdup(cx->mem, s), *to = out;

    while (*s) {
        if (s[0] == '/' && s[1] == '*') {
            const char *end = strstr(s + 2, "*/");

            *to++ = ' ';
            s = end ? end + 2 : s + strlen(s);
        } else if (*s == '"' || *s == '\'') {
            const char *end = s + 1;

            while (*end && *end != *s && *end != '\n')
                end += 1 + (end[0] == '\\' && end[1]);
            if (*end)
                end++;
            memmove(to, s, (size_t)(end - s));
            to += end - s;
            s = end;
        } else {
            *to++ = *s++;
        }
    }
    *to = 0;
    return out;
}

/* The first of `stops` outside of strings and brackets, or the end. */
static const char *upto(const char *s, const char *stops)
{
    int open = 0;

    for (; *s; s++) {
        if (open == 0 && strchr(stops, *s))
            return s;
        if (*s == '\\' && s[1]) {
            s++;
        } else if (*s == '"' || *s == '\'') {
            char q = *s;

            while (s[1] && s[1] != q && s[1] != '\n')
                s += 1 + (s[1] == '\\' && s[2]);
            if (s[1])
                s++;
        } else if (*s == '(' || *s == '[') {
            open++;
        } else if ((*s == ')' || *s == ']') && open) {
            open--;
        }
    }
    return s;
}

static void one_declaration(struct ctx *cx, struct buf *b, const char *s, size_t n)
{
    char *text = talloc_strndup(cx->mem, s, n), *colon = strchr(text, ':');
    const char *property, *value;

    if (!colon)
        return;
    *colon = 0;
    property = str_lower(cx, str_trim(cx, text));
    value = str_trim(cx, colon + 1);
    for (const char *p = property; *p; p++)
        if (!islower((unsigned char)*p) && *p != '-')
            return;
    if (property_allowed(property) && value_allowed(cx, property, value))
        buf_addf(b, "%s:%s;", property, value);
}

static void declarations(struct ctx *cx, struct buf *b, const char *s)
{
    while (*s) {
        const char *end = upto(s, ";");

        one_declaration(cx, b, s, (size_t)(end - s));
        s = *end ? end + 1 : end;
    }
}

const char *css_declarations(struct ctx *cx, const char *s)
{
    struct buf b;

    buf_init(&b, cx, (size_t)LIMIT_CONFIG_BYTES * 2);
    declarations(cx, &b, without_comments(cx, s));
    return b.s ? b.s : "";
}

static bool selector_allowed(const char *s)
{
    if (!*s || strlen(s) > 1000)
        return false;
    for (; *s; s++)
        if (!isalnum((unsigned char)*s) && !strchr(" .#-_,>+~*:[]=\"'()\t\r\n^$|", *s) &&
            !((unsigned char)*s & 0x80))
            return false;
    return true;
}

static bool media_allowed(const char *s)
{
    for (; *s; s++)
        if (!isalnum((unsigned char)*s) && !strchr(" .-,:()<>=/\t\r\n", *s))
            return false;
    return true;
}

static const char *block_end(const char *s)
{
    int open = 0;

    for (;;) {
        s = upto(s, "{}");
        if (!*s)
            return s;
        if (*s == '{')
            open++;
        else if (open-- == 0)
            return s;
        s++;
    }
}

static void rules(struct ctx *cx, struct buf *b, const char *s, int depth)
{
    while (*s) {
        const char *brace = upto(s, "{};"), *end;
        char *head, *body;

        if (*brace != '{') {        /* "@import …;", a stray "}" */
            s = *brace ? brace + 1 : brace;
            continue;
        }
        head = str_trim(cx, talloc_strndup(cx->mem, s, (size_t)(brace - s)));
        end = block_end(brace + 1);
        body = talloc_strndup(cx->mem, brace + 1, (size_t)(end - brace - 1));
        if (depth == 0 && str_starts(str_lower(cx, head), "@media ") && media_allowed(head + 6)) {
            buf_addf(b, "%s{", head);
            rules(cx, b, body, 1);
            buf_addc(b, '}');
        } else if (selector_allowed(head)) {
            buf_addf(b, "%s{", head);
            declarations(cx, b, body);
            buf_addc(b, '}');
        }
        s = *end ? end + 1 : end;
    }
}

const char *css_sheet(struct ctx *cx, const char *s)
{
    struct buf b;

    buf_init(&b, cx, (size_t)LIMIT_CONFIG_BYTES * 2);
    rules(cx, &b, without_comments(cx, s), 0);
    return b.s ? b.s : "";
}
