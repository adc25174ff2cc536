/* act.c -- see act.h. */
#include "http/act.h"
#include "core/clock.h"
#include "core/id.h"
#include "core/log.h"
#include "domain/idem.h"
#include "domain/token.h"
#include "http/auth.h"
#include "http/inside.h"
#include "http/reply.h"
#include "http/route.h"
#include "http/stream.h"
#include "http/upload.h"

#include <sodium.h>

#define SLOW_US 1000000

/* ---- inside the act -------------------------------------------------------------------- */

static bool keeps_answers(const struct rq *r)
{
    return r->head[RH_IDEMPOTENCY_KEY] && r->cx->who.kind == WHO_PERSON &&
           (r->route->kind == ROUTE_WRITE || r->route->kind == ROUTE_UPLOAD);
}

/* 1: answered from what is kept. */
static int replay(struct rq *r)
{
    const char *body;
    size_t n;
    int status, rc;

    rc = idem_find(r->cx, r->head[RH_IDEMPOTENCY_KEY], r->key_hash, &status, &body, &n);
    if (rc <= 0)
        return rc;
    reply_bytes(r, status, n ? "application/json" : NULL,
                talloc_memdup(r->cx->mem, body, n ? (unsigned)n : 1), n);
    reply_header(r, "Idempotent-Replayed", "true");
    return 1;
}

/* Identify and authorise: the first statements of every act. */
static int may(struct rq *r)
{
    int rc;

    fail_clear(r->cx);
    reply_reset(r);
    r->after = NULL;
    r->cx->now = clock_now();
    if ((rc = auth_identify(r)) < 0)
        return rc;
    if (r->route->kind >= ROUTE_WRITE && r->route->level != MAY_PUBLIC && r->cx->who.token &&
        !(r->cx->who.scopes & (SCOPE_WRITE | SCOPE_MANAGE)))
        return fail(r->cx, E_FORBIDDEN, "This key may only read.");
    return access_check(r->cx, r->on, r->id[0], r->route->level, &r->access);
}

static int may_act(struct ctx *cx, void *arg)
{
    (void)cx;
    return may(arg);
}

static int whole_act(struct ctx *cx, void *arg)
{
    struct rq *r = arg;
    int rc = may(r);

    if (rc < 0)
        return rc;
    if (keeps_answers(r) && (rc = replay(r)) != 0)
        return rc < 0 ? rc : 0;
    if ((rc = r->route->act(r)) < 0)
        return rc;
    if (cx->audits == 0)            /* nothing changed: nothing to keep, nobody to note */
        return 0;
    if (keeps_answers(r) && !r->reply.secret && r->reply.status &&
        r->reply.status < 400 && r->reply.kind == REPLY_BYTES)
        rc = idem_keep(cx, r->head[RH_IDEMPOTENCY_KEY], r->key_hash, r->reply.status, r->reply.body,
                       r->reply.n);
    return rc < 0 ? rc : auth_touch(r);
}

/* ---- around it ------------------------------------------------------------------------- */

static void go_on(struct work_item *item);

/* Answered, or to be gone on with by a thread that may take its time. */
static void finish(struct rq *r, int rc)
{
    int64_t us = clock_mono_us() - r->in->begun_us;
    bool stream =
        rc >= 0 && r->reply.status && r->reply.kind == REPLY_STREAM && r->method != M_HEAD;

    if (stream && pipe_start(r))
        return;                         /* its producer hands the request back */
    if (rc >= 0 && r->after) {
        r->in->item.fn = go_on;
        work_push(r->server->slow, WORK_CHORE,
                  &r->in->item); /* never refused: its begin is stored */
        return;
    }
    if (stream)
        rc = fail(r->cx, E_BUSY, "Too many exports are running. Try again in a moment.");
    if (rc < 0 || r->reply.status == 0) {
        if (rc >= 0)
            rc = fail(r->cx, E_INTERNAL, "The handler of %s gave no answer.", r->route->path);
        if (rc == E_INTERNAL || rc == E_IO)
            log_error("request=%s %s %s: %s", r->request_id, method_name(r->method), r->route->path,
                      r->cx->why ? r->cx->why : err_name(rc));
        reply_error(r, rc);
    }
    if (us > SLOW_US)
        log_info("slow request=%s %s %s ms=%lld", r->request_id, method_name(r->method),
                 r->route->path, (long long)us / 1000);
    inside_done(r);
}

static void go_on(struct work_item *item)
{
    struct inside *in = (struct inside *)(void *)((char *)item - offsetof(struct inside, item));
    struct rq *r = in->rq;
    route_fn *after = r->after;

    r->after = NULL;
    finish(r, after(r));
}

/* Decoding failed; but who may not come in at all is told that first. */
static void finish_undecoded(struct rq *r, int rc)
{
    const char *why = r->cx->why;
    struct field_error *fields = r->cx->fields;
    int nfields = r->cx->nfields, first = r->run ? run_read(r->run, r->cx, may_act, r) : 0;

    if (first < 0) {
        finish(r, first);
        return;
    }
    r->cx->why = why;
    r->cx->fields = fields;
    r->cx->nfields = nfields;
    finish(r, rc);
}

static void hash_request(struct rq *r)
{
    crypto_hash_sha256_state h;
    const char *m = method_name(r->method);
    uint8_t digest[32];

    crypto_hash_sha256_init(&h);
    crypto_hash_sha256_update(&h, (const unsigned char *)m, strlen(m) + 1);
    crypto_hash_sha256_update(&h, (const unsigned char *)r->path, strlen(r->path) + 1);
    if (r->upload) {
        upload_digest(r->upload, digest);
        crypto_hash_sha256_update(&h, digest, sizeof digest);
    } else if (r->nbody) {
        crypto_hash_sha256_update(&h, (const unsigned char *)r->body, r->nbody);
    }
    crypto_hash_sha256_final(&h, r->key_hash);
}

static void written(struct run_write *w)
{
    struct rq *r = w->owner;

    atomic_fetch_sub(&r->server->writes, 1);
    atomic_fetch_sub(&r->server->write_bytes, (long long)r->nbody);
    finish(r, w->rc);
}

static void send_write(struct rq *r)
{
    struct run_write *w = &r->in->write;
    int rc;

    *w = (struct run_write){ .fn = whole_act, .arg = r, .cx = r->cx, .bytes = r->nbody,
                             .house = r->route->kind == ROUTE_HOUSE, .done = written, .owner = r };
    atomic_fetch_add(&r->server->writes, 1);
    atomic_fetch_add(&r->server->write_bytes, (long long)r->nbody);
    if ((rc = run_send(r->run, w)) < 0) {
        if (!r->cx->why)
            fail(r->cx, rc, "The server has more to do than it can hold. Try again in a moment.");
        w->rc = rc;
        written(w);
    }
}

static int decode(struct rq *r)
{
    int rc = 0;

    if (r->upload)
        rc = upload_end(r);
    if (rc >= 0 && r->route->in)
        rc = r->route->in(r);
    return rc;
}

static void street(struct rq *r)
{
    int rc;

    auth_read(r);
    if (r->route->kind == ROUTE_PLAIN) {
        rc = decode(r);
        finish(r, rc < 0 ? rc : r->route->act(r));
        return;
    }
    if (!r->run) {
        finish(r, fail(r->cx, E_BUSY, "There is no database."));
        return;
    }
    if (r->cred.kind == CRED_NONE && r->route->level != MAY_PUBLIC) {
        finish(r, fail(r->cx, E_UNAUTH, "Please log in."));
        return;
    }
    if ((rc = decode(r)) < 0) {
        finish_undecoded(r, rc);
        return;
    }
    if (r->route->kind == ROUTE_READ) {
        rc = run_read(r->run, r->cx, whole_act, r);
        auth_touch_later(r);
        finish(r, rc);
        return;
    }
    if (r->head[RH_IDEMPOTENCY_KEY])
        hash_request(r);
    send_write(r);
}

void act_begin(struct work_item *item)
{
    struct inside *in = (struct inside *)(void *)((char *)item - offsetof(struct inside, item));

    street(in->rq);
}

int act_look(struct rq *r, int (*fn)(struct ctx *cx, void *arg), void *arg)
{
    return run_read(r->run, r->cx, fn, arg);
}

/* The first chunk asks first whether this caller may send anything at all. */
void act_chunk(struct work_item *item)
{
    struct inside *in = (struct inside *)(void *)((char *)item - offsetof(struct inside, item));
    struct rq *r = in->rq;
    int rc = 0;

    if (in->got <= UPLOAD_CHUNK) {
        auth_read(r);
        rc = run_read(r->run, r->cx, may_act, r);
    }
    if (rc >= 0)
        rc = upload_flush(r);
    if (rc < 0)
        reply_error(r, rc);
    inside_done(r);
}
