/*
 * mem.h -- memory that ends all at once, and how a method is entered and left.  Not installed.
 *
 * as_take gives zeroed memory on a cache line, which lives until as_pool_end; or NULL: too much, or
 * none left.
 *
 * A result owns the memory it stands in.  Every entry goes the same way:
 *
 *     if ((row = as_row(as_method, method)) < 0)
 *         return AS_ENOMETHOD;
 *     struct as_result *r = as_own(sizeof *r);     what it needs: as_take(as_owned(r), …)
 *     …
 *     as_disown(r);                                all of it ends
 */
#ifndef STATS_MEM_H
#define STATS_MEM_H

#include <stddef.h>

#include "stats/as_base.h"

struct as_pool {
    struct as_chunk *last;
};
void *as_take(struct as_pool *p, size_t n, size_t size);
void as_pool_end(struct as_pool *p);

void *as_own(size_t size);                      /* zeroed, on a cache line; NULL: none left */
struct as_pool *as_owned(void *result);
void as_disown(void *result);                   /* NULL does nothing */

/* The row of a registry that has this id; -1: none, or id is NULL. */
int as_row(const struct as_method_info *(*registry)(unsigned at), const char *id);

#endif
