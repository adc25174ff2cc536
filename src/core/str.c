/* str.c -- see str.h. */
#include "core/str.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>

void buf_init(struct buf *b, struct ctx *cx, size_t max)
{
    *b = (struct buf){.cx = cx, .max = max};
}

static int room(struct buf *b, size_t more)
{
    size_t cap = b->cap ? b->cap : 256;

    if (b->rc < 0)
        return b->rc;
    if (more > b->max || b->n > b->max - more)
        return b->rc = fail(b->cx, E_TOOBIG, "This would be larger than %zu bytes.", b->max);
    if (b->n + more + 1 <= b->cap)
        return 0;
    while (cap < b->n + more + 1)
        cap *= 2;
    b->s = talloc_realloc(b->cx->mem, b->s, char, (unsigned)cap);
    if (!b->s)
        return b->rc = fail(b->cx, E_BUSY, "Out of memory. Try again later.");
    b->cap = cap;
    return 0;
}

int buf_add(struct buf *b, const void *s, size_t n)
{
    if (room(b, n) < 0)
        return b->rc;
    if (n)
        memcpy(b->s + b->n, s, n);
    b->n += n;
    b->s[b->n] = 0;
    return 0;
}

int buf_adds(struct buf *b, const char *s)
{
    return buf_add(b, s, strlen(s));
}

int buf_addc(struct buf *b, char c)
{
    return buf_add(b, &c, 1);
}

int buf_addf(struct buf *b, const char *fmt, ...)
{
    va_list ap, again;
    int n;

    va_start(ap, fmt);
    va_copy(again, ap);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n >= 0 && room(b, (size_t)n) == 0) {
        vsnprintf(b->s + b->n, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
    return b->rc;
}

int buf_add_json(struct buf *b, const char *s, size_t n)
{
    size_t from = 0;

    buf_addc(b, '"');
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        const char *esc = NULL;

        if (c == '"')
            esc = "\\\"";
        else if (c == '\\')
            esc = "\\\\";
        else if (c == '\n')
            esc = "\\n";
        else if (c >= 0x20)
            continue;
        buf_add(b, s + from, i - from);
        if (esc)
            buf_adds(b, esc);
        else
            buf_addf(b, "\\u%04x", c);
        from = i + 1;
    }
    buf_add(b, s + from, n - from);
    return buf_addc(b, '"');
}

bool str_same_nocase(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
    return *a == *b;
}

bool str_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *s, const char *suffix)
{
    size_t n = strlen(s), m = strlen(suffix);

    return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

char *str_lower(struct ctx *cx, const char *s)
{
    char *out = talloc_strdup(cx->mem, s);

    for (char *p = out; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    return out;
}

char *str_trim(struct ctx *cx, const char *s)
{
    size_t n;

    while (isspace((unsigned char)*s))
        s++;
    for (n = strlen(s); n && isspace((unsigned char)s[n - 1]); n--)
        ;
    return talloc_strndup(cx->mem, s, n);
}

bool str_int(const char *s, int64_t *out)
{
    char *end;

    errno = 0;
    *out = strtoll(s, &end, 10);
    return errno == 0 && end != s && *end == 0;
}

size_t utf8_decode(const char *str, size_t n, uint32_t *cp)
{
    const unsigned char *s = (const unsigned char *)str;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len;
    uint32_t c;

    if (n == 0)
        return 0;
    if (s[0] < 0x80)
        len = 1, c = s[0];
    else if (s[0] >= 0xc2 && s[0] <= 0xdf)
        len = 2, c = s[0] & 0x1fu;
    else if ((s[0] & 0xf0) == 0xe0)
        len = 3, c = s[0] & 0x0fu;
    else if (s[0] >= 0xf0 && s[0] <= 0xf4)
        len = 4, c = s[0] & 0x07u;
    else
        return 0;
    if (len > n)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3fu);
    }
    if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *cp = c;
    return len;
}

bool utf8_valid(const char *s, size_t n)
{
    uint32_t cp;

    while (n) {
        size_t k = utf8_decode(s, n, &cp);

        if (k == 0)
            return false;
        s += k;
        n -= k;
    }
    return true;
}

size_t utf8_chars(const char *s, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)s[i] & 0xc0) != 0x80;
    return count;
}

size_t utf8_units16(const char *s, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];

        count += (c & 0xc0) != 0x80;
        count += c >= 0xf0;
    }
    return count;
}
