/*
 * route.h -- which handler, and who may.
 *
 * The table is routes.def, one row a route:
 *
 *     ROUTE(method, path, object, level, kind, in, act, body limit, what it does)
 *
 * `object` and `level` are the rule (domain/access.h); the macro takes nine
 * words, so a row that forgets its rule does not compile.  `in` decodes on a
 * worker and sees no database; `act` runs inside the act: one domain call,
 * then the answer.  A path parameter {id} or {…_id} must be a number; the
 * first one is the id that `object` names.
 *
 * Finding costs the length of the path: a small tree of segments, built at
 * start.  A path is served with and without a slash at its end.
 */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include "http/rq.h"

enum route_kind {
    ROUTE_LOOP,         /* answered by the loop itself: no worker, no database */
    ROUTE_PLAIN,        /* on a worker, without a database */
    ROUTE_READ,
    ROUTE_WRITE,
    ROUTE_HOUSE,        /* a write that leaves no audit row (domain says which) */
    ROUTE_UPLOAD,       /* a write whose body is streamed to the spool */
};

typedef int route_fn(struct rq *r);

struct route {
    enum method method;
    const char *path;
    enum object on;
    enum level level;
    enum route_kind kind;
    route_fn *in, *act;
    int64_t body; /* largest body; 0: none is expected (64 KiB are read and ignored) */
    const char *doc;
};

extern const struct route routes[];
extern const int nroutes;

struct router;

/* Ends the program when two rows collide: a mistake of ours. */
struct router *router_new(void *parent, const struct route *table, int n);

/*
 * Fill r->route, r->part and r->id from r->path (HEAD finds GET).
 * E_NOTFOUND  no such path, or {id} is no number
 * E_METHOD    the path exists; *allow is the value of the Allow header
 */
int router_find(const struct router *router, struct rq *r, const char **allow);

const char *method_name(enum method m);
enum method method_parse(const char *name);

#endif
