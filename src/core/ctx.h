/*
 * ctx.h -- what every call carries.
 *
 * A context lives as long as one request, command or job.  Memory hangs on
 * cx->mem and is freed whole at the end; time and chance come in through
 * cx->now and cx->rng, so that a month of work can be replayed in a second.
 * A context is used by one thread at a time; it may be handed on.
 */
#ifndef CORE_CTX_H
#define CORE_CTX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <talloc.h>

#include "core/banned.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/rng.h"

struct db;      /* store/db.h: the connection this act runs on */

enum who_kind {
    WHO_NOBODY,     /* not logged in */
    WHO_PERSON,     /* a session or a token of a person */
    WHO_SYSTEM,     /* the command line, a job: authority comes from the machine itself */
};

/* On whose behalf.  Filled by domain/access, read everywhere. */
struct who {
    enum who_kind kind;
    int64_t person;         /* 0 unless WHO_PERSON, or a job does what a person asked for */
    int64_t org;            /* 0 unless WHO_PERSON */
    int64_t token;          /* id of the API token used, or 0 */
    int org_role;           /* enum role (domain/access.h) in the organisation; 0 = plain person */
    uint32_t scopes;        /* bits of domain/token.h; ~0 for a session */
    const char *ip;         /* address of the client, "" when there is none */
};

/* One wrong field: a path such as "result[3].value.x" and a sentence. */
struct field_error {
    const char *path, *why;
    struct field_error *next;
};

struct ctx {
    void *mem;                      /* talloc context of this request */
    struct db *db;                  /* NULL outside an act */
    int64_t now;                    /* unix milliseconds */
    struct rng rng;
    struct who who;
    const char *why;                /* sentence of the last failure, or NULL */
    struct field_error *fields;     /* newest first; see ctx_fields() */
    int nfields;
    int audits;                     /* audit rows appended by the running act */
    int64_t looked, looked_bytes;   /* task contents opened for a core reader: domain/exposure.h */
    int64_t looked_project;
};

/* A context with the present time and fresh randomness.  Free with ctx_free. */
struct ctx *ctx_new(void *parent);
void ctx_free(struct ctx *cx);

/*
 * Fail in one line: `return fail(cx, E_INVALID, "…")`.  Returns `code`.
 * The sentence is for the person who must act; it holds no path of this
 * machine, no SQL and no secret.
 */
int fail(struct ctx *cx, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The same, naming the field.  At most 100 fields are kept. */
int fail_at(struct ctx *cx, int code, const char *path, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Forget an expected failure. */
void fail_clear(struct ctx *cx);

/* Memory for `n` things, zeroed; never NULL (a small allocation that fails ends the program). */
#define NEW(cx, type) talloc_zero((cx)->mem, type)
#define NEW_N(cx, type, n) talloc_zero_array((cx)->mem, type, (unsigned)(n))

#endif
