/* idem.c -- see idem.h. */
#include "domain/idem.h"
#include "core/id.h"
#include "store/db.h"

#define SLICE 500

static int key_check(struct ctx *cx, const char *key)
{
    size_t n = 0;

    for (; key && key[n] && n <= IDEM_KEY_MAX; n++)
        if (key[n] < 0x21 || key[n] > 0x7e)
            return fail_at(cx, E_INVALID, "Idempotency-Key",
                           "The Idempotency-Key may hold printable ASCII without spaces only.");
    if (n == 0 || n > IDEM_KEY_MAX)
        return fail_at(cx, E_INVALID, "Idempotency-Key",
                       "The Idempotency-Key must have 1 to %d characters.", IDEM_KEY_MAX);
    return 0;
}

int idem_find(struct ctx *cx, const char *key, const uint8_t body_hash[32], int *status,
              const char **body, size_t *n)
{
    struct rows *q;
    size_t hash_n;
    int rc = key_check(cx, key);

    *status = 0;
    *body = NULL;
    *n = 0;
    if (rc < 0)
        return rc;
    rc = db_query(cx, &q,
                  "SELECT body_hash, status, body FROM idem"
                  " WHERE principal = ? AND name = ? AND created_ms > ?",
                  "iti", cx->who.person, key, cx->now - IDEM_KEEP_MS);
    if (rc < 0 || (rc = rows_next(q)) <= 0)
        return rc;
    const void *hash = rows_blob(q, 0, &hash_n);
    if (hash_n != ID_SHA256_BYTES || !id_same(hash, body_hash, ID_SHA256_BYTES)) {
        rows_end(q);
        return fail(cx, E_KEYREUSE,
                    "This Idempotency-Key was used with another body. Use a new key.");
    }
    const void *stored = rows_blob(q, 2, n);
    char *copy = talloc_size(cx->mem, *n + 1);

    if (*n)
        memcpy(copy, stored, *n);
    copy[*n] = 0;
    *body = copy;
    *status = (int)rows_int(q, 1);
    rows_end(q);
    return 1;
}

int idem_keep(struct ctx *cx, const char *key, const uint8_t body_hash[32], int status,
              const char *body, size_t n)
{
    int rc = key_check(cx, key);

    if (rc < 0)
        return rc;
    if (status >= 400)
        return 0;
    /* A key older than IDEM_KEEP_MS is free again, swept or not. */
    rc = db_run(cx, "DELETE FROM idem WHERE principal = ? AND name = ? AND created_ms <= ?", "iti",
                cx->who.person, key, cx->now - IDEM_KEEP_MS);
    if (rc < 0)
        return rc;
    rc = db_run(cx,
                "INSERT INTO idem (principal, name, body_hash, status, body, created_ms)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                "itbibi", cx->who.person, key, body_hash, (size_t)ID_SHA256_BYTES, (int64_t)status,
                n ? body : "", n, cx->now);
    /* The same key came in beside us and was first: run again, and find its answer. */
    if (rc == E_EXISTS)
        return fail(cx, E_RETRY, "The same request is being worked on.");
    return rc < 0 ? rc : 0;
}

int idem_sweep(struct ctx *cx)
{
    return db_run(cx,
                  "DELETE FROM idem WHERE created_ms <= ? AND created_ms <="
                  " (SELECT MAX(o.created_ms) FROM (SELECT created_ms FROM idem"
                  " ORDER BY created_ms LIMIT ?) o)",
                  "ii", cx->now - IDEM_KEEP_MS, (int64_t)SLICE);
}
