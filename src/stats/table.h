/* table.h -- what the files table*.c share.  Not installed. */
#ifndef STATS_TABLE_H
#define STATS_TABLE_H

#include <string.h>

#include "stats/as_table.h"
#include "stats/mem.h"

/* Names whose text stands in a packed file: end[i] is where name i ends.  end NULL: digits. */
int as_names_of_text(uint32_t count, const uint64_t *end, const char *text, struct as_names **out);

static inline uint64_t as_load64(const void *p)
{
    uint64_t x;

    memcpy(&x, p, sizeof x);
    return x;
}

static inline uint32_t as_load32(const void *p)
{
    uint32_t x;

    memcpy(&x, p, sizeof x);
    return x;
}

static inline int as_blame_at(struct as_blame *b, int code, size_t line, struct as_cell cell,
                              const char *why)
{
    if (b)
        *b = (struct as_blame){ line, cell, why };
    return code;
}

#define AS_NO_CELL ((struct as_cell){ NULL, 0 })

#endif
