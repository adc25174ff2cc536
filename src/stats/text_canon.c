/* text_canon.c -- the forms in which two short answers are the same. */
#include <string.h>

#include "stats/text.h"

static size_t give(const char *text, size_t n, char *out, size_t size)
{
    size_t fits = n < size ? n : size ? size - 1 : 0;

    if (size) {
        memcpy(out, text, fits);
        out[fits] = 0;
    }
    return n;
}

size_t as_canonical(struct as_phrase p, unsigned canon, char *out, size_t size)
{
    while (p.length && strchr(" \t\r\n", p.text[p.length - 1]))
        p.length--;
    while (p.length && strchr(" \t\r\n", *p.text))
        p.text++, p.length--;
    if (canon & AS_CANON_WORDS)
        return as_words_plain(p, out, size);
    return give(p.text, p.length, out, size);
}
