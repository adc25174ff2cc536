/*
 * rq.h -- one request, from its first byte to the last byte of its answer.
 *
 * A request owns a context; everything it needs hangs on cx->mem and goes when
 * it goes.  It is touched by one thread at a time: the loop takes it in, a
 * worker decodes it, the writer may run its act, the loop gives the answer.
 * Each hand-over goes through a lock or the completion list.
 *
 * Handlers see this header, field.h and reply.h; nothing of libmicrohttpd.
 */
#ifndef HTTP_RQ_H
#define HTTP_RQ_H

#include "core/ctx.h"
#include "core/str.h"
#include "domain/access.h"

struct route;
struct run;
struct server;

enum method { M_GET, M_HEAD, M_POST, M_PUT, M_PATCH, M_DELETE, M_OTHER };

/* The request headers that anything here reads.  name, may it come twice? */
#define RQ_HEADERS(H)                                                                        \
    H(ACCEPT_ENCODING, "Accept-Encoding", true)                                              \
    H(AUTHORIZATION, "Authorization", false)                                                 \
    H(CONTENT_LENGTH, "Content-Length", false)                                               \
    H(CONTENT_TYPE, "Content-Type", false)                                                   \
    H(COOKIE, "Cookie", true)                                                                \
    H(CSRF, "X-CSRF-Token", false)                                                           \
    H(FILE_NAME, "X-File-Name", false)                                                       \
    H(FORWARDED_FOR, "X-Forwarded-For", true)                                                \
    H(FORWARDED_PROTO, "X-Forwarded-Proto", false)                                           \
    H(HOST, "Host", false)                                                                   \
    H(IDEMPOTENCY_KEY, "Idempotency-Key", false)                                             \
    H(IF_MATCH, "If-Match", false)                                                           \
    H(IF_NONE_MATCH, "If-None-Match", false)                                                 \
    H(ORIGIN, "Origin", false)                                                               \
    H(SEC_FETCH_SITE, "Sec-Fetch-Site", false)                                               \
    H(TRANSFER_ENCODING, "Transfer-Encoding", false)                                         \
    H(API_KEY, "X-API-Key", false)

enum rq_header {
#define H(id, name, twice) RH_##id,
    RQ_HEADERS(H)
#undef H
    RH_COUNT
};

/* One query parameter, decoded; they stand in the order sent. */
struct param {
    const char *name, *value;
    struct param *next;
};

#define RQ_PATH_PARAMS 4

enum reply_kind { REPLY_BYTES, REPLY_FILE, REPLY_STREAM };

struct reply_header {
    const char *name, *value;
    struct reply_header *next;
};

struct rq;

struct pipe;

/* Makes a stream (stream.h): on a thread of its own, not inside an act; `cx` carries r's caller. */
typedef int produce_fn(struct rq *r, struct ctx *cx, struct pipe *to);

struct reply {
    int status;                 /* 0: nothing answered yet */
    enum reply_kind kind;
    const char *type;           /* content type; NULL without a body */
    const char *body;           /* REPLY_BYTES: as long-lived as the request */
    size_t n;
    int fd;                     /* REPLY_FILE: closed by the server */
    int64_t at, size;           /* the part of it that is sent */
    produce_fn *produce;        /* REPLY_STREAM */
    struct reply_header *headers;
    bool page;                  /* HTML: gets the policy headers of ui.md */
    bool cached;                /* names its own Cache-Control */
    bool secret;                /* never kept for an Idempotency-Key */
};

/* What the request says about its sender; checked inside the act. */
struct cred {
    enum { CRED_NONE, CRED_SESSION, CRED_TOKEN, CRED_BEARER } kind;
    const char *text;           /* the cookie's value, the token, the JWT */
};

/* One part of an upload.  A form field stands in `value`, a file in the spool. */
struct part {
    const char *name, *file_name, *type;
    const char *value;          /* NULL for a file */
    const char *spool;          /* NULL for a form field */
    int64_t bytes;
    struct part *next;
};

struct rq {
    struct ctx *cx;
    struct server *server;
    struct run *run;
    const struct route *route;
    enum method method;
    const char *path;                       /* decoded, without the query */
    const char *part[RQ_PATH_PARAMS];       /* the path's parameters, in order */
    int64_t id[RQ_PATH_PARAMS];             /* those named {id} or {…_id} as numbers, else 0 */
    enum object on; /* what id[0] names: the route's, unless `in` says otherwise */
    struct param *query;
    const char *head[RH_COUNT];             /* NULL when not sent */
    bool https;                             /* directly or as a trusted proxy says */
    char request_id[17];

    const char *body;                       /* NUL-terminated; NULL when there was none */
    size_t nbody;
    struct upload *upload;                  /* for UPLOAD routes */
    struct part *parts;

    struct cred cred;
    const char *csrf;                       /* of the session, once identified */
    bool touch; /* it is time to note that the session or key was used */
    struct access access;                   /* once access_check has said yes */
    void *arg;                              /* what `in` decoded */
    int (*after)(struct rq *r); /* set by the act: goes on after its commit, outside of any act,
                                   on a thread that may take its time */
    uint8_t key_hash[32];
    struct reply reply;

    struct inside *in;                      /* the server's own */
};

#endif
