/*
 * server.h -- sockets to requests and back.  All of libmicrohttpd is behind this page.
 *
 * One loop thread owns every socket and never blocks; workers decode and read;
 * the store's writer commits; a reaper cuts off who dawdles (server.md).  An
 * answer to a write is given only after its commit.
 *
 * Bounds: connections, connections per address, headers, bodies, queues; what
 * does not fit is answered 4xx or 503 with Retry-After, never queued without end.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "core/ctx.h"
#include "http/route.h"

struct run;
struct server;

struct server_opts {
    const char *address;            /* NULL: 127.0.0.1; "::1", "0.0.0.0" … */
    int port;                       /* 0: any free one */
    bool next_port;                 /* busy: try the next ones, up to 20 */
    bool behind_proxy; /* a proxy we trust ends TLS in front: needed to listen beyond loopback */
    const char *const
        *proxies; /* addresses believed about X-Forwarded-*, NULL-ended; NULL: loopback */
    int per_ip;                     /* connections of one address; 0: the limit's default */
    int workers;                    /* 0: max(4, 2 × cores) */
    int64_t header_ms;              /* 0: LIMIT_HEADER_MS; shorter in tests */
    int64_t idle_ms;                /* 0: 60 s of keep-alive */
    int64_t body_grace_ms;          /* 0: 5 s before the floor of 1 KiB/s holds */
    const struct route *routes;     /* NULL: routes.def */
    int nroutes;
};

/*
 * Listen and start the threads; nothing is answered before server_loop.  `run` may be NULL when
 * no route needs a database.
 * E_INVALID  a bad address; beyond loopback without behind_proxy
 * E_EXISTS   the port is taken
 */
int server_open(struct ctx *cx, const struct server_opts *o, struct run *run, struct server **out);

int server_port(const struct server *s);

/* Serve, on this thread, until server_stop; then answer what is under way (at most 10 s) and
 * return. */
void server_loop(struct server *s);

void server_stop(struct server *s);         /* from any thread and from a signal handler */
void server_close(struct server *s);        /* after server_loop has returned, or before it began */

struct server_stats {
    int64_t requests, refused, cut;         /* answered; answered 503; sockets the reaper cut off */
    int64_t connections, open;              /* now */
};
void server_stats(struct server *s, struct server_stats *out);

#endif
