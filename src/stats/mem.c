/*
 * mem.c -- pools, the only place of this room that asks the system for memory.
 *
 * What is given out begins on a cache line, so rows of four doubles never lie across two.  Large
 * pieces begin on a large page and ask for such: their first touch costs a tenth of reading a file
 * otherwise, and tables of which rows are read here and there need fewer translations.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "stats/mem.h"

#define LINE  64
#define PAGE  ((size_t)4096)
#define LARGE ((size_t)2 << 20)

struct as_chunk {
    struct as_chunk *before;
    unsigned char byte[];
};

void *as_take(struct as_pool *p, size_t n, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX / 4)
        return NULL;
    size_t align = bytes >= LARGE ? LARGE : LINE;
    struct as_chunk *c = calloc(1, sizeof *c + align + bytes);
    if (!c)
        return NULL;
    c->before = p->last;
    p->last = c;
    unsigned char *at = c->byte + (align - (uintptr_t)c->byte % align) % align;
    if (align == LARGE)         /* a hint; where it is not taken nothing is lost */
        (void)madvise(at, bytes & ~(PAGE - 1), MADV_HUGEPAGE);
    return at;
}

void as_pool_end(struct as_pool *p)
{
    while (p->last) {
        struct as_chunk *c = p->last;
        p->last = c->before;
        free(c);
    }
}

/* The pool stands on the cache line before the result, in the first of its own chunks. */
void *as_own(size_t size)
{
    struct as_pool pool = { 0 };
    unsigned char *line = as_take(&pool, 1, LINE + size);

    if (!line)
        return NULL;
    memcpy(line, &pool, sizeof pool);
    return line + LINE;
}

struct as_pool *as_owned(void *result)
{
    return (struct as_pool *)(void *)((unsigned char *)result - LINE);
}

void as_disown(void *result)
{
    if (!result)
        return;
    struct as_pool pool = *as_owned(result);
    as_pool_end(&pool);
}

int as_row(const struct as_method_info *(*registry)(unsigned at), const char *id)
{
    const struct as_method_info *info;

    for (unsigned at = 0; id && (info = registry(at)); at++)
        if (strcmp(info->id, id) == 0)
            return (int)at;
    return -1;
}
