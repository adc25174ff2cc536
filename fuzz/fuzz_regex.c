/*
 * A pattern, a zero byte, a text: no pattern crashes, runs out of its program
 * or takes longer than a few steps for each byte of the text.
 */
#include "core/regex.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const uint8_t *zero = n ? memchr(data, 0, n) : NULL;
    const char *why = NULL;
    struct regex *re;

    if (!zero)
        return 0;
    re = regex_new(NULL, (const char *)data, &why);
    if (!re)
        return 0;
    regex_finds(re, (const char *)zero + 1, n - 1 - (size_t)(zero - data));
    talloc_free(re);
    return 0;
}
