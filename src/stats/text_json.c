/*
 * text_json.c -- JSON as it would be written by one hand: keys in order of their bytes, no blanks,
 * numbers in their canonical form, letters instead of escapes where they need none.
 *
 * Nothing is stored: an object is written by looking for its smallest key, then for the next one,
 * so the cost is its length times its members.  Objects and arrays only; what is no valid JSON, is
 * beyond the limits below or says a key twice is left to the other forms.
 */
#include <string.h>

#include "stats/text_canon.h"

#define JSON_BYTES_MAX   65536
#define JSON_MEMBERS_MAX 256         /* of one object */
#define JSON_DEPTH_MAX   32

static int value(const char **s, const char *end, struct as_out *o, int depth);

static void blanks(const char **s, const char *end)
{
    while (*s < end && (**s == ' ' || **s == '\t' || **s == '\n' || **s == '\r'))
        ++*s;
}

static int takes(const char **s, const char *end, char c)
{
    blanks(s, end);
    if (*s == end || **s != c)
        return 0;
    ++*s;
    return 1;
}

/* o NULL: only pass over it. */
static void put(struct as_out *o, const char *s, size_t n)
{
    if (o)
        as_out_put(o, s, n);
}

/* ------------------------------------------------------------------ strings */

static int hex4(const char *s, const char *end, uint32_t *out)
{
    *out = 0;
    if (end - s < 4)
        return 0;
    for (int k = 0; k < 4; k++) {
        char c = s[k];
        uint32_t v = c >= '0' && c <= '9' ? (uint32_t)(c - '0')
                     : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                     : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10) : 16;
        if (v == 16)
            return 0;
        *out = *out << 4 | v;
    }
    return 1;
}

static void put_rune(struct as_out *o, uint32_t c)
{
    char s[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint32_t lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };

    for (size_t k = n; --k; c >>= 6)
        s[k] = (char)(0x80 | (c & 0x3F));
    s[0] = (char)(lead[n] | c);
    put(o, s, n);
}

/* Behind a backslash and u. */
static int unicode(const char **s, const char *end, struct as_out *o)
{
    const char *at = *s;
    uint32_t c, low;

    if (!hex4(at, end, &c))
        return 0;
    *s += 4;
    if (c >= 0xD800 && c < 0xDC00) {
        if (end - *s < 6 || (*s)[0] != '\\' || (*s)[1] != 'u' || !hex4(*s + 2, end, &low)
            || low < 0xDC00 || low > 0xDFFF)
            return 0;
        *s += 6;
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    } else if (c >= 0xDC00 && c < 0xE000) {
        return 0;
    }
    if (c < 0x20 || c == '"' || c == '\\') {
        put(o, "\\u", 2);
        put(o, at, 4);
    } else {
        put_rune(o, c);
    }
    return 1;
}

static int string(const char **s, const char *end, struct as_out *o)
{
    if (!takes(s, end, '"'))
        return 0;
    put(o, "\"", 1);
    while (*s < end && **s != '"') {
        char c = *(*s)++;
        if ((unsigned char)c < 0x20)
            return 0;
        if (c != '\\') {
            put(o, &c, 1);
            continue;
        }
        if (*s == end || !strchr("\"\\/bfnrtu", **s))
            return 0;
        c = *(*s)++;
        if (c == 'u') {
            if (!unicode(s, end, o))
                return 0;
        } else if (c == '/') {
            put(o, "/", 1);
        } else {
            put(o, "\\", 1);
            put(o, &c, 1);
        }
    }
    put(o, "\"", 1);
    return takes(s, end, '"');
}

/* ------------------------------------------------------------------ objects */

/* A key as it stands, between its quotes. */
static int key(const char **s, const char *end, struct as_phrase *out)
{
    blanks(s, end);
    const char *from = *s + 1;
    if (!string(s, end, NULL) || !takes(s, end, ':'))
        return 0;
    const char *to = *s - 1;
    while (*to != '"')
        to--;
    *out = (struct as_phrase){ from, (size_t)(to - from) };
    return 1;
}

static int order(struct as_phrase a, struct as_phrase b)
{
    int c = memcmp(a.text, b.text, a.length < b.length ? a.length : b.length);

    return c ? c : a.length < b.length ? -1 : a.length > b.length;
}

/* Passes over the members from s; *next is where the smallest key behind `last` has its value, and
   *members how many there are.  Moves *s behind the object. */
static int look(const char **s, const char *end, int depth, const struct as_phrase *last,
                struct as_phrase *least, const char **next, int *members)
{
    struct as_phrase k;

    *next = NULL;
    *members = 0;
    if (takes(s, end, '}'))
        return 1;
    do {
        if (!key(s, end, &k) || ++*members > JSON_MEMBERS_MAX)
            return 0;
        if (*next && order(k, *least) == 0)
            return 0;                                   /* said twice */
        if ((!last || order(k, *last) > 0) && (!*next || order(k, *least) < 0)) {
            *least = k;
            *next = *s;
        }
        if (!value(s, end, NULL, depth))
            return 0;
    } while (takes(s, end, ','));
    return takes(s, end, '}');
}

static int object(const char **s, const char *end, struct as_out *o, int depth)
{
    const char *begin = *s, *next;
    struct as_phrase last, least;
    int members, written = 0;

    if (!look(s, end, depth, NULL, &least, &next, &members))
        return 0;
    put(o, "{", 1);
    for (; o && next; written++) {
        const char *at = least.text - 1, *again = begin;
        put(o, ",", written > 0);
        if (!string(&at, end, o))
            return 0;
        put(o, ":", 1);
        if (!value(&next, end, o, depth))
            return 0;
        last = least;
        if (!look(&again, end, depth, &last, &least, &next, &members))
            return 0;
    }
    put(o, "}", 1);
    return !o || written == members;
}

static int array(const char **s, const char *end, struct as_out *o, int depth)
{
    put(o, "[", 1);
    if (takes(s, end, ']')) {
        put(o, "]", 1);
        return 1;
    }
    for (int first = 1; first || takes(s, end, ','); first = 0) {
        put(o, ",", !first);
        if (!value(s, end, o, depth))
            return 0;
    }
    put(o, "]", 1);
    return takes(s, end, ']');
}

/* ------------------------------------------------------------------ values */

static int scalar(const char **s, const char *end, struct as_out *o)
{
    static const char *const words[] = { "true", "false", "null" };
    struct as_out none = { 0 };
    const char *from = *s;

    while (*s < end && !strchr(",]} \t\r\n", **s))
        ++*s;
    struct as_phrase p = { from, (size_t)(*s - from) };
    for (int k = 0; k < 3; k++)
        if (p.length == strlen(words[k]) && !memcmp(p.text, words[k], p.length)) {
            put(o, p.text, p.length);
            return 1;
        }
    if (!p.length || memchr(p.text, '%', p.length) || *p.text == '+')
        return 0;
    return as_canon_number(p, o ? o : &none);
}

static int value(const char **s, const char *end, struct as_out *o, int depth)
{
    blanks(s, end);
    if (*s == end || depth > JSON_DEPTH_MAX)
        return 0;
    if (**s == '"')
        return string(s, end, o);
    if (takes(s, end, '{'))
        return object(s, end, o, depth + 1);
    if (takes(s, end, '['))
        return array(s, end, o, depth + 1);
    return scalar(s, end, o);
}

int as_canon_json(struct as_phrase p, struct as_out *o)
{
    const char *s = p.text, *end = s + p.length;

    if (!p.length || p.length > JSON_BYTES_MAX || (*s != '{' && *s != '['))
        return 0;
    if (!value(&s, end, o, 0))
        return 0;
    blanks(&s, end);
    return s == end;
}
