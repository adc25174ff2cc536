/* setting.c -- see setting.h. */
#include "domain/setting.h"
#include "core/id.h"
#include "store/db.h"

#include <sodium.h>

/* A name outside our rows is a mistake of ours. */
static void ours(const char *name)
{
    if (strncmp(name, "secret.", 7) != 0 && strncmp(name, "setup.", 6) != 0)
        abort();
}

int setting_get(struct ctx *cx, const char *name, char **value)
{
    ours(name);
    return db_text(cx, value, "SELECT value FROM setting WHERE name = ?", "t", name);
}

int setting_put(struct ctx *cx, const char *name, const char *value)
{
    ours(name);
    return db_run(cx,
                  "INSERT INTO setting (name, value) VALUES (?, ?)"
                  " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                  "tt", name, value);
}

int setting_drop(struct ctx *cx, const char *name)
{
    ours(name);
    return db_run(cx, "DELETE FROM setting WHERE name = ?", "t", name);
}

int setting_take(struct ctx *cx, const char *name, const char *value)
{
    ours(name);
    return db_run(cx, "DELETE FROM setting WHERE name = ? AND value = ?", "tt", name, value);
}

/* ON CONFLICT DO NOTHING: of two processes that start together, one wins and both use its secret.
 */
static int secret_make(struct ctx *cx, const char *name)
{
    uint8_t key[SECRET_BYTES];
    char hex[2 * SECRET_BYTES + 1];

    id_random(key, sizeof key);
    id_hex(hex, key, sizeof key);
    int rc = db_run(cx,
                    "INSERT INTO setting (name, value) VALUES (?, ?)"
                    " ON CONFLICT (name) DO NOTHING",
                    "tt", name, hex);
    sodium_memzero(key, sizeof key);
    sodium_memzero(hex, sizeof hex);
    return rc;
}

int secret_ready(struct ctx *cx)
{
    char *there;
    int rc = setting_get(cx, "secret.jwt", &there);

    if (rc < 0)
        return rc;
    return rc > 0 ? 0 : (rc = secret_make(cx, "secret.jwt")) < 0 ? rc : 0;
}

int secret_get(struct ctx *cx, const char *name, uint8_t out[SECRET_BYTES])
{
    char *hex;
    size_t n = 0;
    int rc = setting_get(cx, talloc_asprintf(cx->mem, "secret.%s", name), &hex);

    if (rc < 0)
        return rc;
    if (rc == 0 ||
        sodium_hex2bin(out, SECRET_BYTES, hex, strlen(hex), NULL, &n, NULL) != 0 ||
        n != SECRET_BYTES)
        return fail(cx, E_INTERNAL, "the server has no secret named %s; start it once", name);
    return 0;
}
