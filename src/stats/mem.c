/* mem.c -- pools, the only place of this room that asks the system for memory. */
#include <stdint.h>
#include <stdlib.h>

#include "stats/mem.h"

struct as_chunk {
    struct as_chunk *before;
    _Alignas(max_align_t) unsigned char byte[];
};

void *as_take(struct as_pool *p, size_t n, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX / 4)
        return NULL;
    struct as_chunk *c = calloc(1, sizeof *c + bytes);
    if (!c)
        return NULL;
    c->before = p->last;
    p->last = c;
    return c->byte;
}

void as_pool_end(struct as_pool *p)
{
    while (p->last) {
        struct as_chunk *c = p->last;
        p->last = c->before;
        free(c);
    }
}
