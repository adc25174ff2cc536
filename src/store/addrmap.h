/*
 * addrmap.h -- from an address to a thing: open addressing, never shrinks.
 *
 * A connection finds its prepared statement by the address of the SQL text,
 * which costs a few nanoseconds where hashing the text would cost hundreds.
 */
#ifndef STORE_ADDRMAP_H
#define STORE_ADDRMAP_H

#include <stdint.h>

struct addrmap {
    struct addrmap_slot {
        const void *key;
        void *value;
    } *slot;                /* on `mem` of the first put */
    uint32_t cap, n;        /* cap is a power of two */
};

void *addrmap_get(const struct addrmap *m, const void *key);       /* NULL when absent */
void addrmap_put(struct addrmap *m, void *mem, const void *key, void *value);

#endif
