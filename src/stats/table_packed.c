/*
 * table_packed.c -- votes as a file, and a file as votes.
 *
 * Reading is checking: the arrays stay where they are.  What a method takes for granted of
 * struct as_votes is looked at vote by vote, and the digest must come out as written, so a broken
 * or a hostile file is refused instead of believed.
 */
#include <math.h>

#include "stats/table.h"
#include "stats/tally.h"

#define ORDER 0x01020304u
#define ALIGN 64u
#define FLAGS (AS_PACKED_WEIGHTS | AS_PACKED_GOLD | AS_PACKED_TASKS | AS_PACKED_WORKERS \
               | AS_PACKED_CLASSES | AS_PACKED_REPEATS)

static const unsigned name_flag[3] = { AS_PACKED_TASKS, AS_PACKED_WORKERS, AS_PACKED_CLASSES };

static uint64_t aligned(uint64_t x)
{
    return (x + ALIGN - 1) / ALIGN * ALIGN;
}

static void counts(const struct as_packed *h, uint32_t count[3])
{
    count[0] = h->tasks;
    count[1] = h->workers;
    count[2] = h->classes;
}

/* No sum here can run over: counts are below 2^32, texts are looked at first. */
int as_packed_lay(const struct as_packed *h, struct as_packed_parts *out)
{
    uint32_t count[3];

    counts(h, count);
    if (h->rows > AS_ROWS_MAX)
        return AS_ETOOBIG;
    out->start = aligned(sizeof *h);
    out->worker = aligned(out->start + 4 * ((uint64_t)h->tasks + 1));
    out->label = aligned(out->worker + 4 * h->rows);
    out->weight = aligned(out->label + 2 * h->rows);
    out->gold = aligned(out->weight + (h->flags & AS_PACKED_WEIGHTS ? 4 * h->rows : 0));
    out->names = aligned(out->gold + (h->flags & AS_PACKED_GOLD ? 2 * (uint64_t)h->tasks : 0));
    out->end = out->names;
    for (int k = 0; k < 3; k++) {
        if (!(h->flags & name_flag[k]))
            continue;
        if (h->text[k] > SIZE_MAX / 8)
            return AS_ETOOBIG;
        out->end = aligned(out->end + 8 * (uint64_t)count[k] + h->text[k]);
    }
    return AS_OK;
}

int as_is_packed(const void *bytes, size_t n)
{
    return n >= 8 && memcmp(bytes, AS_PACKED_MAGIC, 8) == 0;
}

static int wrong(struct as_blame *b, const char *why)
{
    return as_blame_at(b, AS_EINVAL, 0, AS_NO_CELL, why);
}

static int check_head(const struct as_packed *h, size_t n, struct as_packed_parts *at,
                      struct as_blame *b)
{
    if (!as_is_packed(h, n) || n < sizeof *h)
        return wrong(b, "this is no packed file");
    if (h->order != ORDER)
        return wrong(b, "the file was written by a machine of another byte order");
    if ((h->flags & ~(uint32_t)FLAGS) || h->zero)
        return wrong(b, "the file is of a newer kind");
    if (h->classes < 1 || h->classes > AS_CLASSES_MAX)
        return wrong(b, "the number of classes must be 1 to 65535");
    for (int k = 0; k < 3; k++)
        if (!(h->flags & name_flag[k]) && h->text[k])
            return wrong(b, "there are names where the file says there are none");
    if (as_packed_lay(h, at))
        return wrong(b, "the file claims more than there can be");
    if (at->end != n || h->bytes != n)
        return wrong(b, "the file is cut short, or longer than it says");
    return AS_OK;
}

/* The votes, one by one; *digest becomes theirs. */
static int check_votes(struct as_votes *v, uint64_t *digest, struct as_blame *b)
{
    uint64_t h = as_digest_begin(v);
    int repeats = 0;

    if (v->start[0] != 0 || v->start[v->tasks] != v->n)
        return wrong(b, "the votes do not fill the file");
    for (uint32_t t = 0; t < v->tasks; t++) {
        uint32_t from = v->start[t], to = v->start[t + 1];
        if (to < from || to > v->n)
            return wrong(b, "a task begins behind its end");
        v->info.empty_tasks += from == to;
        for (uint32_t k = from; k < to; k++) {
            if (v->worker[k] >= v->workers)
                return wrong(b, "there is a worker above the number of workers");
            if (v->label[k] >= v->classes)
                return wrong(b, "there is a label above the number of classes");
            if (k > from && v->worker[k] <= v->worker[k - 1]) {
                if (v->worker[k] < v->worker[k - 1])
                    return wrong(b, "the workers of a task are not in order");
                repeats = 1;
            }
            if (v->weight && !(v->weight[k] >= 0 && isfinite(v->weight[k])))
                return wrong(b, "a weight must be a number of 0 or more");
            h = as_digest_vote(h, t, v->worker[k], v->label[k], v->weight ? v->weight + k : NULL);
        }
    }
    for (uint32_t t = 0; v->gold && t < v->tasks; t++) {
        if (v->gold[t] >= v->classes && v->gold[t] != AS_ABSTAIN)
            return wrong(b, "a known answer is no class");
        if (v->gold[t] != AS_ABSTAIN) {
            v->info.gold_tasks++;
            h = as_digest_gold(h, t, v->gold[t]);
        }
    }
    if (repeats != v->repeats)
        return wrong(b, "whether workers answered twice is not as the file says");
    *digest = h;
    return AS_OK;
}

static int check_names(const char *base, const struct as_packed *h, uint64_t at,
                       struct as_named *names, struct as_blame *b)
{
    struct as_names **to[3] = { &names->tasks, &names->workers, &names->classes };
    uint32_t count[3];
    int rc = AS_OK;

    counts(h, count);
    for (int k = 0; k < 3 && !rc; k++) {
        if (!(h->flags & name_flag[k])) {
            rc = as_names_of_text(count[k], NULL, NULL, to[k]);
            continue;
        }
        const uint64_t *end = (const uint64_t *)(const void *)(base + at);
        const char *text = base + at + 8 * (uint64_t)count[k];
        for (uint32_t i = 0; i < count[k]; i++)
            if (end[i] < (i ? end[i - 1] : 0) || end[i] > h->text[k])
                return wrong(b, "a name ends where it cannot");
        if ((count[k] ? end[count[k] - 1] : 0) != h->text[k])
            return wrong(b, "the names do not fill their part");
        rc = as_names_of_text(count[k], end, text, to[k]);
        at = aligned(at + 8 * (uint64_t)count[k] + h->text[k]);
    }
    return rc;
}

/* Points into the file.  The fields of as_votes are not const, as votes.c fills them; nobody else
   writes there. */
static struct as_votes *votes_at(const void *bytes, const struct as_packed_parts *at,
                                 struct as_pool *pool)
{
    const struct as_packed *h = bytes;
    char *base = (char *)(uintptr_t)bytes;
    struct as_votes *v = as_take(pool, 1, sizeof *v);

    if (!v)
        return NULL;
    v->tasks = v->info.tasks = h->tasks;
    v->workers = v->info.workers = h->workers;
    v->classes = v->info.classes = h->classes;
    v->n = v->info.rows = v->info.kept = (size_t)h->rows;
    v->start = (uint32_t *)(void *)(base + at->start);
    v->worker = (uint32_t *)(void *)(base + at->worker);
    v->label = (uint16_t *)(void *)(base + at->label);
    if (h->flags & AS_PACKED_WEIGHTS)
        v->weight = (float *)(void *)(base + at->weight);
    if (h->flags & AS_PACKED_GOLD)
        v->gold = (uint16_t *)(void *)(base + at->gold);
    v->repeats = (h->flags & AS_PACKED_REPEATS) != 0;
    return v;
}

int as_votes_packed(const void *bytes, size_t n, struct as_votes **out, struct as_named *names,
                    struct as_blame *blame)
{
    const struct as_packed *h = bytes;
    struct as_packed_parts at;
    struct as_named got = { 0 };
    struct as_pool pool = { 0 };

    *out = NULL;
    if (blame)
        *blame = (struct as_blame){ .why = "not enough memory" };
    if (names)
        *names = got;
    if ((uintptr_t)bytes % 8)
        return wrong(blame, "the bytes must begin at a multiple of 8");
    int rc = check_head(h, n, &at, blame);
    if (rc)
        return rc;
    struct as_votes *v = votes_at(bytes, &at, &pool);
    if (!v)
        return AS_ENOMEM;
    rc = check_votes(v, &v->info.digest, blame);
    if (!rc && v->info.digest != h->digest)
        rc = wrong(blame, "the digest does not fit: the file was changed");
    if (!rc)
        rc = check_names(bytes, h, at.names, &got, blame);
    if (rc || !names)
        as_named_free(&got);
    if (rc) {
        as_pool_end(&pool);
        return rc;
    }
    if (names)
        *names = got;
    v->pool = pool;
    *out = v;
    return AS_OK;
}

void as_named_free(struct as_named *names)
{
    as_names_free(names->tasks);
    as_names_free(names->workers);
    as_names_free(names->classes);
    *names = (struct as_named){ 0 };
}

int as_packed_seal(void *bytes, size_t n)
{
    struct as_packed *h = bytes;
    struct as_packed_parts at;
    struct as_pool pool = { 0 };

    if ((uintptr_t)bytes % 8 || n < sizeof *h)
        return AS_EINVAL;
    memcpy(h->magic, AS_PACKED_MAGIC, 8);
    h->order = ORDER;
    h->zero = 0;
    h->bytes = n;
    int rc = check_head(h, n, &at, NULL);
    if (rc)
        return rc;
    struct as_votes *v = votes_at(bytes, &at, &pool);
    rc = v ? check_votes(v, &h->digest, NULL) : AS_ENOMEM;
    as_pool_end(&pool);
    return rc;
}

/* ------------------------------------------------------------------ writing */

struct pen {
    int (*put)(void *arg, const void *bytes, size_t n);
    void *arg;
    uint64_t at;
    int rc;
};

static void put(struct pen *p, const void *bytes, size_t n)
{
    if (!p->rc && n)
        p->rc = p->put(p->arg, bytes, n);
    p->at += n;
}

static void put_part(struct pen *p, const void *bytes, size_t n)
{
    static const char zeros[ALIGN];

    put(p, bytes, n);
    put(p, zeros, (size_t)(aligned(p->at) - p->at));
}

/* Is every name the id in digits?  Then none need be written.  *text becomes their bytes. */
static int worth_writing(const struct as_names *m, uint32_t count, uint64_t *text)
{
    struct as_names *digits;
    char room[12], own[12];
    int differ = 0;

    *text = 0;
    if (!m || as_names_of_text(count, NULL, NULL, &digits))
        return 0;
    for (uint32_t k = 0; k < count; k++) {
        struct as_cell a = as_name(m, k, room), b = as_name(digits, k, own);
        *text += a.n;
        differ |= a.n != b.n || memcmp(a.s, b.s, a.n) != 0;
    }
    as_names_free(digits);
    return differ;
}

static void put_names(struct pen *p, const struct as_names *m, uint32_t count)
{
    uint64_t end = 0;
    char room[12];

    for (uint32_t k = 0; k < count; k++) {
        end += as_name(m, k, room).n;
        put(p, &end, sizeof end);
    }
    for (uint32_t k = 0; k < count; k++) {
        struct as_cell c = as_name(m, k, room);
        put(p, c.s, c.n);
    }
    put_part(p, NULL, 0);
}

/* v->repeats may be set for answers that were then dropped as abstains. */
static int any_repeats(const struct as_votes *v)
{
    for (uint32_t t = 0; v->repeats && t < v->tasks; t++)
        for (uint32_t k = v->start[t]; k + 1 < v->start[t + 1]; k++)
            if (v->worker[k] == v->worker[k + 1])
                return 1;
    return 0;
}

int as_votes_pack(const struct as_votes *v, const struct as_named *names,
                  int (*to)(void *arg, const void *bytes, size_t n), void *arg)
{
    const struct as_names *m[3] = { names ? names->tasks : NULL, names ? names->workers : NULL,
                                    names ? names->classes : NULL };
    struct pen p = { .put = to, .arg = arg };
    struct as_packed h = { .order = ORDER, .rows = v->n, .tasks = v->tasks,
                           .workers = v->workers, .classes = v->classes,
                           .digest = v->info.digest };
    struct as_packed_parts at;
    uint32_t count[3];

    memcpy(h.magic, AS_PACKED_MAGIC, 8);
    h.flags = (v->weight ? AS_PACKED_WEIGHTS : 0u) | (v->gold ? AS_PACKED_GOLD : 0u)
              | (any_repeats(v) ? AS_PACKED_REPEATS : 0u);
    counts(&h, count);
    for (int k = 0; k < 3; k++)
        if (worth_writing(m[k], count[k], &h.text[k]))
            h.flags |= name_flag[k];
        else
            h.text[k] = 0;
    int rc = as_packed_lay(&h, &at);
    if (rc)
        return rc;
    h.bytes = at.end;
    put_part(&p, &h, sizeof h);
    put_part(&p, v->start, 4 * ((size_t)v->tasks + 1));
    put_part(&p, v->worker, 4 * v->n);
    put_part(&p, v->label, 2 * v->n);
    put_part(&p, v->weight, v->weight ? 4 * v->n : 0);
    put_part(&p, v->gold, v->gold ? 2 * (size_t)v->tasks : 0);
    for (int k = 0; k < 3; k++)
        if (h.flags & name_flag[k])
            put_names(&p, m[k], count[k]);
    return p.rc;
}
