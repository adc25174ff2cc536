/* addrmap.c -- see addrmap.h. */
#include "store/addrmap.h"

#include <assert.h>
#include <talloc.h>

static uint32_t place(const struct addrmap *m, const void *key)
{
    uint64_t h = (uint64_t)(uintptr_t)key * UINT64_C(0x9E3779B97F4A7C15);
    uint32_t i = (uint32_t)(h >> 32) & (m->cap - 1);

    while (m->slot[i].key && m->slot[i].key != key)
        i = (i + 1) & (m->cap - 1);
    return i;
}

void *addrmap_get(const struct addrmap *m, const void *key)
{
    return m->cap ? m->slot[place(m, key)].value : NULL;
}

void addrmap_put(struct addrmap *m, void *mem, const void *key, void *value)
{
    uint32_t i;

    if (m->n * 2 >= m->cap) {
        struct addrmap old = *m;

        m->cap = old.cap ? old.cap * 2 : 64;
        m->slot = talloc_zero_array(mem, struct addrmap_slot, m->cap);
        assert(m->slot);
        for (uint32_t j = 0; j < old.cap; j++)
            if (old.slot[j].key)
                m->slot[place(m, old.slot[j].key)] = old.slot[j];
        talloc_free(old.slot);
    }
    i = place(m, key);
    if (!m->slot[i].key)
        m->n++;
    m->slot[i] = (struct addrmap_slot){key, value};
}
