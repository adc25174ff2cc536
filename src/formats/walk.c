/* walk.c -- see walk.h. */
#include "formats/walk.h"
#include "core/str.h"

static const char *space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r'))
        p++;
    return p;
}

/* From an opening quote to behind the closing one. */
/* By memchr, which looks at many bytes at once: most of a row is the inside of strings. */
static const char *skip_string(const char *p, const char *end)
{
    for (p++; p < end;) {
        const char *quote = memchr(p, '"', (size_t)(end - p)), *escape;

        if (!quote)
            return end;
        if (!(escape = memchr(p, '\\', (size_t)(quote - p))))
            return quote + 1;
        p = escape + 2;
    }
    return end;
}

const char *walk_skip(const char *p, const char *end)
{
    int depth = 0;

    while (p < end) {
        switch (*p) {
        case '"':
            p = skip_string(p, end);
            break;
        case '{':
        case '[':
            depth++;
            p++;
            break;
        case '}':
        case ']':
            if (depth == 0)
                return p;
            depth--;
            p++;
            break;
        case ',':
        case ' ':
        case '\n':
        case '\r':
        case '\t':
            if (depth == 0)
                return p;
            p++;
            continue;
        default:
            p++;
            if (depth == 0 && (p == end || strchr(",]} \n\r\t", *p)))
                return p;
            continue;
        }
        if (depth == 0)
            return p;
    }
    return end;
}

char walk_start(struct walk *w, struct bytes v)
{
    if (!v.s)
        return 0;
    w->end = v.s + v.n;
    w->p = space(v.s, w->end);
    if (w->p == w->end)
        return 0;
    return *w->p++;
}

/* Stand on the next thing of a list, or tell that it is over. */
static bool more(struct walk *w)
{
    w->p = space(w->p, w->end);
    if (w->p < w->end && *w->p == ',')
        w->p = space(w->p + 1, w->end);
    return w->p < w->end && *w->p != ']' && *w->p != '}';
}

bool walk_element(struct walk *w, struct bytes *value)
{
    if (!more(w))
        return false;
    value->s = w->p;
    w->p = walk_skip(w->p, w->end);
    value->n = (size_t)(w->p - value->s);
    return value->n > 0;
}

bool walk_member(struct walk *w, struct bytes *key, struct bytes *value)
{
    const char *from;

    if (!more(w) || *w->p != '"')
        return false;
    from = w->p;
    w->p = skip_string(w->p, w->end);
    if (w->p - from < 2)
        return false;
    *key = (struct bytes){from + 1, (size_t)(w->p - from) - 2};
    w->p = space(w->p, w->end);
    if (w->p == w->end || *w->p != ':')
        return false;
    w->p = space(w->p + 1, w->end);
    value->s = w->p;
    w->p = walk_skip(w->p, w->end);
    value->n = (size_t)(w->p - value->s);
    return value->n > 0;
}

bool bytes_are(struct bytes b, const char *text)
{
    return b.s && b.n == strlen(text) && memcmp(b.s, text, b.n) == 0;
}

bool bytes_kind(struct bytes b, char first)
{
    return b.s && b.n && *b.s == first;
}

const char *bytes_string(struct ctx *cx, struct bytes b)
{
    json_t *v;

    if (!bytes_kind(b, '"') || b.n < 2)
        return NULL;
    if (!memchr(b.s, '\\', b.n))
        return talloc_strndup(cx->mem, b.s + 1, b.n - 2);
    if (json_stored(cx, b.s, b.n, &v) < 0)
        return NULL;
    return json_string_value(v);
}

int64_t bytes_int(struct bytes b, int64_t otherwise)
{
    char text[24];
    int64_t v;

    if (!b.s || b.n == 0 || b.n >= sizeof text)
        return otherwise;
    memcpy(text, b.s, b.n);
    text[b.n] = 0;
    return str_int(text, &v) ? v : otherwise;
}
