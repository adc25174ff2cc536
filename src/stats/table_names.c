/*
 * table_names.c -- names become ids: open addressing over slices of the file.
 *
 * A name of at most eight bytes is a number, and the table holds that number itself: no look at the
 * file, and a name is equal when number and length are.  A longer one stands there by its 64-bit
 * hash and is compared at its place.  At most half of the table is used, and it grows fourfold; a
 * step goes to the next slot.  A column is added in two loops, first all hashes, then all look-ups,
 * so that the misses of a large table overlap instead of queueing.
 */
#include <stdlib.h>

#include "stats/table.h"

#define FIRST 256                   /* slots of a new table */
#define AHEAD 64

struct slot {
    uint64_t key;
    uint32_t id1, n;                /* id + 1, 0 where nothing stands; length of the name */
};

struct as_names {
    struct as_pool pool;            /* of this struct */
    struct as_pool slots, cells;    /* of the two tables, which grow by moving */
    struct slot *slot;
    struct as_cell *cell;
    uint32_t count;
    size_t mask, room;              /* slots - 1; cells */
    const uint64_t *end;            /* of a packed file … */
    const char *text;
    int fixed, digits;              /* … whose names do not grow; that are their ids in digits */
};

static inline uint64_t stir(uint64_t a, uint64_t b)
{
    unsigned __int128 r = (unsigned __int128)a * b;

    return (uint64_t)r ^ (uint64_t)(r >> 64);
}

/* One number for a name; of names up to eight bytes, with the length, it is the name itself. */
static inline uint64_t key_of(struct as_cell c)
{
    const unsigned char *s = (const unsigned char *)c.s;
    size_t n = c.n;

    if (n <= 8) {
        if (n >= 4)
            return as_load32(s) | (uint64_t)as_load32(s + n - 4) << 32;
        return n ? s[0] | (uint64_t)s[n / 2] << 8 | (uint64_t)s[n - 1] << 16 : 0;
    }
    uint64_t h = n * 0x9E3779B97F4A7C15u;
    for (; n > 8; s += 8, n -= 8)
        h = stir(h ^ as_load64(s), 0xD1B54A32D192ED03u);
    return stir(h ^ as_load64(s + n - 8), 0x8CB92BA72F3D8DD7u);
}

static inline size_t place(const struct as_names *m, uint64_t key, size_t n)
{
    return stir(key ^ 0x2545F4914F6CDD1Du, n + 0x9E3779B97F4A7C15u) & m->mask;
}

int as_names_new(struct as_names **out)
{
    struct as_pool pool = { 0 };
    struct as_names *m = as_take(&pool, 1, sizeof *m);

    *out = m;
    if (!m)
        return AS_ENOMEM;
    m->pool = pool;
    m->mask = FIRST - 1;
    m->room = FIRST / 2;
    m->slot = as_take(&m->slots, FIRST, sizeof *m->slot);
    m->cell = as_take(&m->cells, m->room, sizeof *m->cell);
    if (m->slot && m->cell)
        return AS_OK;
    as_names_free(m);
    *out = NULL;
    return AS_ENOMEM;
}

void as_names_free(struct as_names *m)
{
    if (!m)
        return;
    struct as_pool pool = m->pool;
    as_pool_end(&m->slots);
    as_pool_end(&m->cells);
    as_pool_end(&pool);
}

uint32_t as_names_count(const struct as_names *m)
{
    return m->count;
}

/* Room for `more` names. */
static int grow(struct as_names *m, size_t more)
{
    struct as_pool slots = { 0 }, cells = { 0 };
    size_t size = m->mask + 1, want = m->count + more;

    if (want <= m->room)
        return AS_OK;
    if (want >= UINT32_MAX)
        return AS_ETOOBIG;
    while (size / 2 < want)
        size *= 4;
    struct slot *slot = as_take(&slots, size, sizeof *slot);
    struct as_cell *cell = as_take(&cells, size / 2, sizeof *cell);
    if (!slot || !cell) {
        as_pool_end(&slots);
        as_pool_end(&cells);
        return AS_ENOMEM;
    }
    memcpy(cell, m->cell, m->count * sizeof *cell);
    const struct slot *old = m->slot;
    size_t before = m->mask + 1;
    m->mask = size - 1;
    for (size_t k = 0; k < before; k++) {
        if (!old[k].id1)
            continue;
        size_t at = place(m, old[k].key, old[k].n);
        while (slot[at].id1)
            at = (at + 1) & m->mask;
        slot[at] = old[k];
    }
    as_pool_end(&m->slots);
    as_pool_end(&m->cells);
    m->slots = slots;
    m->cells = cells;
    m->slot = slot;
    m->cell = cell;
    m->room = size / 2;
    return AS_OK;
}

/* The slot of a name, or the empty one where it belongs. */
static inline size_t look(const struct as_names *m, struct as_cell c, uint64_t key, size_t at)
{
    for (;; at = (at + 1) & m->mask) {
        const struct slot *s = &m->slot[at];
        if (!s->id1)
            return at;
        if (s->key == key && s->n == c.n
            && (c.n <= 8 || memcmp(m->cell[s->id1 - 1].s, c.s, c.n) == 0))
            return at;
    }
}

static inline uint32_t put(struct as_names *m, struct as_cell c, uint64_t key, size_t at)
{
    struct slot *s = &m->slot[look(m, c, key, at)];

    if (!s->id1) {
        m->cell[m->count] = c;
        *s = (struct slot){ key, ++m->count, (uint32_t)c.n };
    }
    return s->id1 - 1;
}

int as_names_add_all(struct as_names *m, const struct as_cell *name, size_t n, uint32_t *id)
{
    uint64_t key[AHEAD];
    size_t at[AHEAD];

    if (m->fixed)
        return AS_EINVAL;
    for (size_t from = 0; from < n; from += AHEAD) {
        size_t some = n - from < AHEAD ? n - from : AHEAD;
        int rc = grow(m, some);
        if (rc)
            return rc;
        for (size_t k = 0; k < some; k++) {
            struct as_cell c = name[from + k];
            if (c.n > UINT32_MAX)
                return AS_ETOOBIG;
            key[k] = key_of(c);
            at[k] = place(m, key[k], c.n);
            __builtin_prefetch(&m->slot[at[k]], 1);
        }
        for (size_t k = 0; k < some; k++) {
            /* files are often grouped: the name of the row above once more */
            if (k && key[k] == key[k - 1] && name[from + k].n == name[from + k - 1].n
                && name[from + k].n <= 8)
                id[from + k] = id[from + k - 1];
            else
                id[from + k] = put(m, name[from + k], key[k], at[k]);
        }
    }
    return AS_OK;
}

int as_names_add(struct as_names *m, struct as_cell name, uint32_t *id)
{
    if (m->fixed)
        return AS_EINVAL;
    if (name.n > UINT32_MAX)
        return AS_ETOOBIG;
    int rc = m->count < m->room ? AS_OK : grow(m, 1);
    if (!rc) {
        uint64_t key = key_of(name);
        *id = put(m, name, key, place(m, key, name.n));
    }
    return rc;
}

/* Names of one become those of the other; each struct keeps the pool it stands in. */
static void swap(struct as_names *a, struct as_names *b)
{
    struct as_names was = *a;

    *a = *b;
    *b = was;
    struct as_pool mine = a->pool;
    a->pool = b->pool;
    b->pool = mine;
}

/* ------------------------------------------------------------------ in the order of the bytes */

struct named {
    struct as_cell name;
    uint32_t id;
};

static int by_name(const void *x, const void *y)
{
    const struct as_cell *a = &((const struct named *)x)->name;
    const struct as_cell *b = &((const struct named *)y)->name;
    int c = memcmp(a->s, b->s, a->n < b->n ? a->n : b->n);

    return c ? c : a->n < b->n ? -1 : a->n > b->n;
}

static int by_length(const void *x, const void *y)
{
    size_t a = ((const struct named *)x)->name.n, b = ((const struct named *)y)->name.n;

    return a != b ? (a < b ? -1 : 1) : by_name(x, y);
}

int as_names_sort(struct as_names *m, enum as_order order, uint32_t *becomes)
{
    struct as_pool pool = { 0 };
    struct named *all = as_take(&pool, m->count, sizeof *all);
    struct as_names *sorted = NULL;
    int rc = m->fixed ? AS_EINVAL : all ? as_names_new(&sorted) : AS_ENOMEM;

    for (uint32_t k = 0; !rc && k < m->count; k++)
        all[k] = (struct named){ m->cell[k], k };
    if (!rc)
        qsort(all, m->count, sizeof *all, order == AS_SHORT_FIRST ? by_length : by_name);
    for (uint32_t k = 0; !rc && k < m->count; k++)
        rc = as_names_add(sorted, all[k].name, &becomes[all[k].id]);
    if (!rc)
        swap(m, sorted);
    as_names_free(sorted);
    as_pool_end(&pool);
    return rc;
}

/* ------------------------------------------------------------------ names of a packed file */

int as_names_of_text(uint32_t count, const uint64_t *end, const char *text, struct as_names **out)
{
    int rc = as_names_new(out);

    if (rc)
        return rc;
    (*out)->count = count;
    (*out)->end = end;
    (*out)->text = text;
    (*out)->fixed = 1;
    (*out)->digits = !end;
    return AS_OK;
}

/* Digits without a zero in front that make a number below `count`. */
static uint32_t of_digits(struct as_cell c, uint32_t count)
{
    uint64_t x = 0;

    if (!c.n || c.n > 10 || (c.n > 1 && c.s[0] == '0'))
        return UINT32_MAX;
    for (size_t k = 0; k < c.n; k++) {
        if (c.s[k] < '0' || c.s[k] > '9')
            return UINT32_MAX;
        x = x * 10 + (uint64_t)(c.s[k] - '0');
    }
    return x < count ? (uint32_t)x : UINT32_MAX;
}

struct as_cell as_name(const struct as_names *m, uint32_t id, char room[12])
{
    if (id >= m->count)
        return (struct as_cell){ "", 0 };
    if (m->digits) {
        char *s = room + 12;
        size_t n = 0;
        do {
            *--s = (char)('0' + id % 10);
            id /= 10;
            n++;
        } while (id);
        return (struct as_cell){ s, n };
    }
    if (m->fixed) {
        uint64_t from = id ? m->end[id - 1] : 0;
        return (struct as_cell){ m->text + from, (size_t)(m->end[id] - from) };
    }
    return m->cell[id];
}

/* A packed file is looked into by name only when there is a truth to compare with: the table is
   made then. */
static int index_text(struct as_names *m)
{
    struct as_names *copy;
    uint32_t id;
    int rc = as_names_new(&copy);

    for (uint32_t k = 0; rc == AS_OK && k < m->count; k++)
        rc = as_names_add(copy, as_name(m, k, NULL), &id);
    if (rc == AS_OK && copy->count != m->count)         /* a name twice: ids would be wrong */
        rc = AS_EINVAL;
    if (rc == AS_OK)
        swap(m, copy);
    as_names_free(copy);
    return rc;
}

uint32_t as_names_find(struct as_names *m, struct as_cell name)
{
    if (m->digits)
        return of_digits(name, m->count);
    if (m->fixed && index_text(m))
        return UINT32_MAX;
    if (name.n > UINT32_MAX)
        return UINT32_MAX;
    uint64_t key = key_of(name);
    const struct slot *s = &m->slot[look(m, name, key, place(m, key, name.n))];
    return s->id1 ? s->id1 - 1 : UINT32_MAX;
}
