/* sniff.c -- what a file is, by its first bytes; names are never believed.  See source.h. */
#include "formats/source.h"

static bool has(const char *s, size_t n, size_t at, const char *magic, size_t m)
{
    return n >= at + m && memcmp(s + at, magic, m) == 0;
}

/* An SVG begins, after white space, a declaration and comments, with its root element. */
static bool is_svg(const char *s, size_t n)
{
    const char *end = s + n;

    if (has(s, n, 0, "\xef\xbb\xbf", 3))
        s += 3;
    for (;;) {
        const char *close;

        while (s < end && strchr(" \t\r\n", *s) && *s)
            s++;
        if (end - s >= 4 && memcmp(s, "<svg", 4) == 0)
            return end - s == 4 || strchr(" \t\r\n>/", s[4]) != NULL;
        if (end - s < 4 || (memcmp(s, "<?", 2) != 0 && memcmp(s, "<!", 2) != 0))
            return false;
        close = memcmp(s, "<!--", 4) == 0 ? memmem(s, (size_t)(end - s), "-->", 3)
                                          : memchr(s, '>', (size_t)(end - s));
        if (!close)
            return false;
        s = close + (*close == '>' ? 1 : 3);
    }
}

const char *sniff_picture(const char *s, size_t n)
{
    if (has(s, n, 0, "\xff\xd8\xff", 3))
        return "image/jpeg";
    if (has(s, n, 0, "\x89PNG\r\n\x1a\n", 8))
        return "image/png";
    if (has(s, n, 0, "GIF87a", 6) || has(s, n, 0, "GIF89a", 6))
        return "image/gif";
    if (has(s, n, 0, "RIFF", 4) && has(s, n, 8, "WEBP", 4))
        return "image/webp";
    if (is_svg(s, n))
        return "image/svg+xml";
    return NULL;
}

bool sniff_archive(const char *s, size_t n)
{
    return has(s, n, 0, "PK\x03\x04", 4) || has(s, n, 0, "PK\x05\x06", 4) ||
           has(s, n, 0, "\x1f\x8b", 2) || has(s, n, 257, "ustar", 5) ||
           has(s, n, 0, "7z\xbc\xaf\x27\x1c", 6) || has(s, n, 0, "Rar!", 4) ||
           has(s, n, 0, "BZh", 3) || has(s, n, 0, "\xfd" "7zXZ", 5) ||
           has(s, n, 0, "\x28\xb5\x2f\xfd", 4);
}
