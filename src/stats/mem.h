/*
 * mem.h -- memory that ends all at once.  Not installed.
 *
 * as_take gives zeroed memory on a cache line, which lives until as_pool_end; or NULL: too much, or
 * none left.
 */
#ifndef STATS_MEM_H
#define STATS_MEM_H

#include <stddef.h>

struct as_pool {
    struct as_chunk *last;
};
void *as_take(struct as_pool *p, size_t n, size_t size);
void as_pool_end(struct as_pool *p);

#endif
