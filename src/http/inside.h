/*
 * inside.h -- what the files of the server share: server, take, give, upload, act.
 *
 * A request walks:
 *
 *     BODY ──► AWAY (suspended; a worker or the writer has it) ──► READY ──► GIVEN
 *       ├─ CHUNK (suspended; a worker writes a piece of an upload), and back
 *       └────► DROP (refused; the rest of its body is read and forgotten) ──┘
 *
 * Only the loop thread reads or writes `stage`, `suspended` and `dead`.  Others
 * hand a request back through inside_done().
 */
#ifndef HTTP_INSIDE_H
#define HTTP_INSIDE_H

#include <microhttpd.h>
#include <stdatomic.h>
#include <uthash.h>

#include "domain/run.h"
#include "http/rq.h"
#include "http/server.h"
#include "http/reaper.h"
#include "http/work.h"

#define UNEXPECTED_BODY (64 * 1024)             /* read and ignored where none is wanted */
#define DROP_BYTES (16 * 1024 * 1024) /* of a refused body; beyond, the connection is closed */
#define SLOW_WAITING 64                         /* exports that wait for a thread */
#define SWEEP_MS 10000                          /* given to what is under way at a stop */

enum stage { STAGE_BODY, STAGE_CHUNK, STAGE_DROP, STAGE_AWAY, STAGE_READY, STAGE_GIVEN };

/* One address and how many connections it has. */
struct peer {
    char key[16];
    int n;
    UT_hash_handle hh;
};

struct connection {
    int fd;
    char ip[64];
    struct peer *peer;
    bool proxy;                     /* one we believe */
    bool long_line;                 /* the request line was too long */
    struct connection *prev, *next;
};

struct inside {
    struct rq *rq;
    struct work_item item;
    struct run_write write;
    struct rq *next_done;
    struct MHD_Connection *conn;
    struct connection *peer;
    enum stage stage;
    bool suspended, dead, counted_write;
    int64_t begun_us;               /* first call of the handler */
    int64_t got;                    /* bytes of the body so far */
    int64_t dropped;
    char *body;
    size_t cap;

    struct pipe *pipe;              /* of a stream */
    bool making;                    /* its producer still runs */
};

struct server {
    struct MHD_Daemon *mhd;
    struct run *run;
    struct server_opts opts;
    struct router *router;
    struct work *work, *slow;           /* requests; what may take long: exports, imports */
    struct reaper *reaper;
    int listen_fd, epoll_fd, wake_fd, port;
    _Atomic(struct rq *) done;          /* completion list, newest first */
    atomic_int writes;                  /* sent to the writer, not yet back */
    atomic_llong write_bytes;
    atomic_bool stop;
    int64_t bodies;                     /* bytes of bodies in memory */
    int away;                           /* requests out of the loop's hands */
    struct connection *connections;
    struct peer *peers;
    atomic_llong requests, refused, nconnections, open;
    bool stopped;
};

/* take.c: MHD's handler, and the end of a request. */
enum MHD_Result take(void *cls, struct MHD_Connection *conn, const char *url, const char *method,
                     const char *version, const char *data, size_t *ndata, void **state);
void take_end(struct rq *r);

/* give.c */
enum MHD_Result give(struct rq *r);

/* strict.c: headers, query and path, as strictly as the handler can see them. */
int strict_headers(struct rq *r, bool *body);
int strict_path(struct rq *r, const char *raw);

/* server.c: hand a request back to the loop; from any thread. */
void inside_done(struct rq *r);
void inside_suspend(struct rq *r);

#endif
