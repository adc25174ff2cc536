/* throttle.c -- see throttle.h. */
#include "domain/throttle.h"
#include "core/id.h"
#include "core/str.h"
#include "store/db.h"

#include <arpa/inet.h>

#define SLICE 500
#define MINUTE_MS (60 * 1000LL)

struct counter {
    int64_t fails, since, until;
};

/* An IPv6 customer owns at least a /64: count the network, not the address. */
static const char *network(struct ctx *cx)
{
    struct in6_addr six;
    const char *ip = cx->who.ip ? cx->who.ip : "";
    char *out;

    if (inet_pton(AF_INET6, ip, &six) != 1)
        return ip;
    if (IN6_IS_ADDR_V4MAPPED(&six))
        return strrchr(ip, '.') ? strrchr(ip, ':') + 1 : ip;
    out = talloc_size(cx->mem, 17);
    id_hex(out, &six, 8);
    return out;
}

/* "pair:" and 32 hex digits: enough to tell accounts apart, nothing to read back. */
static const char *name_of(struct ctx *cx, const char *kind, const char *email, bool with_ip)
{
    char hex[ID_SHA256_HEX];
    char *low = email ? str_trim(cx, str_lower(cx, email)) : NULL;
    char *text = talloc_asprintf(cx->mem, "%s\n%s", low ? low : "", with_ip ? network(cx) : "");

    id_sha256_hex(hex, text, strlen(text));
    return talloc_asprintf(cx->mem, "%s:%.32s", kind, hex);
}

static int read_counter(struct ctx *cx, const char *name, struct counter *c)
{
    struct rows *q;
    int rc = db_query(cx, &q, "SELECT fails, since_ms, until_ms FROM throttle WHERE name = ?", "t",
                      name);

    *c = (struct counter){0};
    if (rc < 0 || (rc = rows_next(q)) <= 0)
        return rc;
    *c = (struct counter){rows_int(q, 0), rows_int(q, 1), rows_int(q, 2)};
    rows_end(q);
    return 1;
}

static int write_counter(struct ctx *cx, const char *name, const struct counter *c)
{
    int rc = db_run(cx,
                    "INSERT INTO throttle (name, fails, since_ms, until_ms) VALUES (?, ?, ?, ?)"
                    " ON CONFLICT (name) DO UPDATE SET fails = excluded.fails,"
                    " since_ms = excluded.since_ms, until_ms = excluded.until_ms",
                    "tiii", name, c->fails, c->since, c->until);

    return rc < 0 ? rc : 0;
}

/* The same, and nobody else changes it before this act ends. */
static int hold_counter(struct ctx *cx, const char *name, struct counter *c)
{
    int rc = db_run(cx,
                    "INSERT INTO throttle (name, fails, since_ms, until_ms) VALUES (?, 0, 0, 0)"
                    " ON CONFLICT (name) DO UPDATE SET fails = throttle.fails",
                    "t", name);

    return rc < 0 ? rc : read_counter(cx, name, c);
}

/* One more in a window of `window` that begins with its first attempt. */
static int count_in_window(struct ctx *cx, const char *name, int64_t window)
{
    struct counter c;
    int rc = hold_counter(cx, name, &c);

    if (rc < 0)
        return rc;
    if (cx->now - c.since >= window)
        c = (struct counter){.since = cx->now};
    c.fails++;
    c.until = c.since + window;
    return write_counter(cx, name, &c);
}

static int is_hot(struct ctx *cx, const char *email, bool *hot)
{
    struct counter c;
    int rc = read_counter(cx, name_of(cx, "account", email, false), &c);

    *hot = rc > 0 && cx->now < c.until && c.fails >= THROTTLE_HOT_FAILS;
    return rc < 0 ? rc : 0;
}

static int wait_for(struct ctx *cx, int64_t until, int64_t *wait_ms)
{
    int64_t left = until - cx->now;

    if (wait_ms)
        *wait_ms = left;
    return fail(cx, E_TOOMANY, "Too many attempts. Try again in %lld seconds.",
                (long long)((left + 999) / 1000));
}

int throttle_ask(struct ctx *cx, const char *email, int64_t *wait_ms)
{
    struct counter c;
    int rc;

    if (wait_ms)
        *wait_ms = 0;
    if ((rc = read_counter(cx, name_of(cx, "address", NULL, true), &c)) < 0)
        return rc;
    if (rc > 0 && cx->now < c.until && c.fails >= THROTTLE_IP_PER_MINUTE)
        return wait_for(cx, c.until, wait_ms);
    if ((rc = read_counter(cx, name_of(cx, "pair", email, true), &c)) < 0)
        return rc;
    if (rc > 0 && cx->now < c.until)
        return wait_for(cx, c.until, wait_ms);
    return 0;
}

int throttle_fail(struct ctx *cx, const char *email)
{
    const char *pair = name_of(cx, "pair", email, true);
    struct counter c;
    bool hot;
    int rc;

    if ((rc = count_in_window(cx, name_of(cx, "address", NULL, true), MINUTE_MS)) < 0 ||
        (rc = count_in_window(cx, name_of(cx, "account", email, false), THROTTLE_HOT_MS)) < 0 ||
        (rc = is_hot(cx, email, &hot)) < 0 || (rc = hold_counter(cx, pair, &c)) < 0)
        return rc;
    if (cx->now - c.since >= THROTTLE_FORGET_MS)
        c = (struct counter){0};
    c.fails++;
    c.since = cx->now;      /* of the last failure: the quiet time counts from here */
    int64_t over = c.fails - (hot ? THROTTLE_FREE_HOT : THROTTLE_FREE);
    if (over >= 0) {
        int64_t pause = over > 6 ? THROTTLE_LONGEST_MS : THROTTLE_FIRST_MS << over;

        c.until = cx->now + (pause < THROTTLE_LONGEST_MS ? pause : THROTTLE_LONGEST_MS);
    }
    return write_counter(cx, pair, &c);
}

int throttle_pass(struct ctx *cx, const char *email)
{
    int rc = count_in_window(cx, name_of(cx, "address", NULL, true), MINUTE_MS);

    if (rc < 0)
        return rc;
    rc = db_run(cx, "DELETE FROM throttle WHERE name = ?", "t", name_of(cx, "pair", email, true));
    return rc < 0 ? rc : 0;
}

int throttle_sweep(struct ctx *cx)
{
    return db_run(cx,
                  "DELETE FROM throttle WHERE name IN (SELECT name FROM throttle"
                  " WHERE since_ms <= ? AND until_ms <= ? LIMIT ?)",
                  "iii", cx->now - THROTTLE_FORGET_MS, cx->now, (int64_t)SLICE);
}
