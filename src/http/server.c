/*
 * server.c -- see server.h.
 *
 * libmicrohttpd runs in external mode: its epoll descriptor and our wake-up
 * are polled here, then MHD_run().  Its own threads are not used: at 128
 * events in one round they fall asleep with requests unserved (server.md §7).
 */
#include "http/inside.h"
#include "core/clock.h"
#include "core/log.h"
#include "http/stream.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define KEEP_ALIVE_MS 60000
#define PORTS_TRIED 20

/* ---- the way back to the loop ---------------------------------------------------------- */

static void wake(struct server *s)
{
    uint64_t one = 1;
    ssize_t n = write(s->wake_fd, &one, sizeof one);

    (void)n;                /* full means that a wake-up is on its way already */
}

void inside_done(struct rq *r)
{
    struct server *s = r->server;
    struct rq *head = atomic_load(&s->done);

    do {
        r->in->next_done = head;
    } while (!atomic_compare_exchange_weak(&s->done, &head, r));
    if (!head)
        wake(s);
}

void inside_suspend(struct rq *r)
{
    if (r->in->suspended)
        return;
    MHD_suspend_connection(r->in->conn);
    r->in->suspended = true;
    reaper_set(r->server->reaper, r->in->peer->fd, -1);
}

static void take_back(struct server *s)
{
    struct rq *r = atomic_exchange(&s->done, NULL), *oldest = NULL, *next;

    for (; r; r = next) {                       /* they were pushed newest first */
        next = r->in->next_done;
        r->in->next_done = oldest;
        oldest = r;
    }
    for (r = oldest; r; r = next) {
        next = r->in->next_done;
        r->in->making = r->in->pipe && !pipe_taken(r->in->pipe);
        s->away -= !r->in->making;
        if (r->in->stage == STAGE_AWAY)
            r->in->stage = STAGE_READY;
        else if (r->in->stage == STAGE_CHUNK)
            r->in->stage = r->reply.status ? STAGE_DROP : STAGE_BODY;
        if (r->in->dead && r->in->making) {
            pipe_abandon(r->in->pipe);          /* its last note will come */
        } else if (r->in->dead) {
            take_end(r);
        } else if (r->in->suspended) {
            r->in->suspended = false;
            MHD_resume_connection(r->in->conn);
        }
    }
}

/* ---- connections ----------------------------------------------------------------------- */

static void address_key(const struct sockaddr *a, char key[16])
{
    memset(key, 0, 16);
    if (a->sa_family == AF_INET)
        memcpy(key, &((const struct sockaddr_in *)(const void *)a)->sin_addr, 4);
    else if (a->sa_family == AF_INET6)
        memcpy(key, &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr, 16);
}

static void address_text(const struct sockaddr *a, char *text, size_t size)
{
    text[0] = 0;
    if (a->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)a)->sin_addr, text,
                  (socklen_t)size);
    else if (a->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr, text,
                  (socklen_t)size);
}

static bool is_proxy(const struct server *s, const char *ip)
{
    if (!s->opts.behind_proxy)
        return false;
    if (!s->opts.proxies)
        return strcmp(ip, "127.0.0.1") == 0 || strcmp(ip, "::1") == 0;
    for (const char *const *p = s->opts.proxies; *p; p++) {
        if (strcmp(ip, *p) == 0)
            return true;
    }
    return false;
}

static enum MHD_Result admit(void *cls, const struct sockaddr *a, socklen_t n)
{
    struct server *s = cls;
    char key[16], ip[64];
    struct peer *p;

    (void)n;
    address_key(a, key);
    address_text(a, ip, sizeof ip);
    HASH_FIND(hh, s->peers, key, sizeof key, p);
    return !p || p->n < s->opts.per_ip || is_proxy(s, ip) ? MHD_YES : MHD_NO;
}

static void connected(struct server *s, struct MHD_Connection *conn, void **socket)
{
    struct connection *c = talloc_zero(s, struct connection);
    const struct sockaddr *a;
    char key[16];

    a = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
    c->fd = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    address_text(a, c->ip, sizeof c->ip);
    c->proxy = is_proxy(s, c->ip);
    address_key(a, key);
    HASH_FIND(hh, s->peers, key, sizeof key, c->peer);
    if (!c->peer) {
        c->peer = talloc_zero(s, struct peer);
        memcpy(c->peer->key, key, sizeof key);
        HASH_ADD(hh, s->peers, key, sizeof key, c->peer);
    }
    c->peer->n++;
    atomic_fetch_add(&s->nconnections, 1);
    assert(reaper_has_room(s->reaper, c->fd));      /* the table has a slot for every descriptor */
    reaper_set(s->reaper, c->fd, s->opts.header_ms);
    *socket = c;
}

static void disconnected(struct server *s, struct connection *c)
{
    reaper_clear(s->reaper, c->fd);                 /* the descriptor is still open here */
    if (--c->peer->n == 0) {
        HASH_DEL(s->peers, c->peer);
        talloc_free(c->peer);
    }
    atomic_fetch_sub(&s->nconnections, 1);
    talloc_free(c);
}

static void on_connection(void *cls, struct MHD_Connection *conn, void **socket,
                          enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        connected(cls, conn, socket);
    else if (*socket)
        disconnected(cls, *socket);
}

/* The request line is in: the headers have their own deadline. */
static void *on_line(void *cls, const char *uri, struct MHD_Connection *conn)
{
    struct server *s = cls;
    struct connection *c =
        MHD_get_connection_info(conn, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;

    c->long_line = strlen(uri) > (size_t)LIMIT_REQUEST_LINE - 16;
    reaper_set(s->reaper, c->fd, s->opts.header_ms);
    return NULL;
}

static void on_completed(void *cls, struct MHD_Connection *conn, void **state,
                         enum MHD_RequestTerminationCode code)
{
    struct server *s = cls;
    struct rq *r = *state;
    struct connection *c;

    (void)code;
    if (!r)
        return;
    *state = NULL;
    c = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    reaper_set(s->reaper, c->fd, s->opts.idle_ms);
    r->in->dead = r->in->stage == STAGE_AWAY || r->in->stage == STAGE_CHUNK || r->in->making;
    if (r->in->making)
        pipe_abandon(r->in->pipe);
    if (!r->in->dead)                   /* else somebody still has it: freed when it comes back */
        take_end(r);
}

static size_t as_sent(void *cls, struct MHD_Connection *conn, char *s)
{
    (void)cls;
    (void)conn;
    return strlen(s);                   /* strict.c decodes, and refuses what is not clean */
}

static void on_log(void *cls, const char *fmt, va_list ap)
{
    char line[300];

    (void)cls;
    vsnprintf(line, sizeof line, fmt, ap);
    line[strcspn(line, "\r\n")] = 0;
    log_line(LOG_DEBUG, "http: %s", line);
}

/* ---- start ----------------------------------------------------------------------------- */

static int listen_at(const struct sockaddr *a, socklen_t n)
{
    int one = 1, fd = socket(a->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, a, n) == 0 && listen(fd, 512) == 0)
        return fd;
    one = errno;
    close(fd);
    errno = one;
    return -1;
}

static bool is_loopback(const struct sockaddr *a)
{
    char ip[64];

    address_text(a, ip, sizeof ip);
    return strncmp(ip, "127.", 4) == 0 || strcmp(ip, "::1") == 0;
}

static int listen_on(struct ctx *cx, struct server *s)
{
    const char *address = s->opts.address ? s->opts.address : "127.0.0.1";
    struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM }, *a;
    struct sockaddr_storage bound;
    socklen_t n = sizeof bound;

    if (s->opts.port < 0 || s->opts.port > UINT16_MAX)
        return fail(cx, E_INVALID, "A port is a number from 0 to 65535.");
    if (getaddrinfo(address, NULL, &hints, &a) != 0)
        return fail(cx, E_INVALID, "\"%s\" is not an address to listen on.", address);
    if (!is_loopback(a->ai_addr) && !s->opts.behind_proxy) {
        freeaddrinfo(a);
        return fail(cx, E_INVALID,
                    "Plain HTTP is for this machine only. To listen on %s, put a proxy with TLS "
                    "in front and say --behind-proxy.", address);
    }
    for (int i = 0; i < (s->opts.next_port && s->opts.port ? PORTS_TRIED : 1) &&
         s->opts.port + i <= UINT16_MAX; i++) {
        uint16_t port = htons((uint16_t)(s->opts.port + i));

        if (a->ai_family == AF_INET)
            ((struct sockaddr_in *)(void *)a->ai_addr)->sin_port = port;
        else
            ((struct sockaddr_in6 *)(void *)a->ai_addr)->sin6_port = port;
        s->listen_fd = listen_at(a->ai_addr, a->ai_addrlen);
        if (s->listen_fd >= 0 || errno != EADDRINUSE)
            break;
    }
    freeaddrinfo(a);
    if (s->listen_fd < 0)
        return fail(cx, errno == EADDRINUSE ? E_EXISTS : E_INVALID,
                    "Cannot listen on %s port %d: %s.", address, s->opts.port,
                    errno == EADDRINUSE ? "it is in use" : "not allowed here");
    getsockname(s->listen_fd, (struct sockaddr *)&bound, &n);
    s->port = ntohs(bound.ss_family == AF_INET
                        ? ((struct sockaddr_in *)(void *)&bound)->sin_port
                        : ((struct sockaddr_in6 *)(void *)&bound)->sin6_port);
    return 0;
}

/* As many descriptors as the system lets us have, up to what the connections need. */
static int descriptors(void)
{
    struct rlimit lim;
    rlim_t want = (rlim_t)LIMIT_CONNECTIONS + 2000;

    getrlimit(RLIMIT_NOFILE, &lim);
    if (lim.rlim_cur < want) {
        lim.rlim_cur = lim.rlim_max < want ? lim.rlim_max : want;
        setrlimit(RLIMIT_NOFILE, &lim);
        getrlimit(RLIMIT_NOFILE, &lim);
    }
    return lim.rlim_cur > 1 << 20 ? 1 << 20 : (int)lim.rlim_cur;
}

static void defaults(struct server *s)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct server_opts *o = &s->opts;

    if (o->workers == 0)
        o->workers = cores > 2 ? (int)(2 * cores) : 4;
    if (o->per_ip == 0)
        o->per_ip = (int)LIMIT_CONNECTIONS_PER_IP;
    if (o->header_ms == 0)
        o->header_ms = LIMIT_HEADER_MS;
    if (o->idle_ms == 0)
        o->idle_ms = KEEP_ALIVE_MS;
    if (o->body_grace_ms == 0)
        o->body_grace_ms = 5000;
    if (!o->routes) {
        o->routes = routes;
        o->nroutes = nroutes;
    }
}

static struct MHD_Daemon *daemon_start(struct server *s, int fds)
{
    unsigned most =
        fds - 1000 < (int)LIMIT_CONNECTIONS ? (unsigned)(fds / 2) : (unsigned)LIMIT_CONNECTIONS;

    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG,
        0, admit, s, take, s,
        MHD_OPTION_LISTEN_SOCKET, s->listen_fd,
        MHD_OPTION_CONNECTION_LIMIT, most,
        MHD_OPTION_CONNECTION_TIMEOUT, 120u,            /* the reaper is stricter */
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(40 * 1024),
        MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, s,
        MHD_OPTION_URI_LOG_CALLBACK, on_line, s,
        MHD_OPTION_UNESCAPE_CALLBACK, as_sent, s,
        MHD_OPTION_EXTERNAL_LOGGER, on_log, s,
        MHD_OPTION_END);
}

static int server_free(struct server *s)
{
    if (s->epoll_fd >= 0)
        close(s->epoll_fd);
    if (s->wake_fd >= 0)
        close(s->wake_fd);
    if (s->listen_fd >= 0)
        close(s->listen_fd);
    return 0;
}

int server_open(struct ctx *cx, const struct server_opts *o, struct run *run, struct server **out)
{
    struct server *s = talloc_zero(NULL, struct server);
    struct epoll_event ev = { .events = EPOLLIN };
    int rc, fds = descriptors();

    s->opts = *o;
    s->run = run;
    s->epoll_fd = s->wake_fd = s->listen_fd = -1;
    talloc_set_destructor(s, server_free);
    defaults(s);
    if ((rc = listen_on(cx, s)) < 0) {
        talloc_free(s);
        return rc;
    }
    s->router = router_new(s, s->opts.routes, s->opts.nroutes);
    s->mhd = daemon_start(s, fds);
    s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    s->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (!s->mhd || s->epoll_fd < 0 || s->wake_fd < 0) {
        if (s->mhd)
            MHD_stop_daemon(s->mhd);
        talloc_free(s);
        return fail(cx, E_INTERNAL, "The HTTP server could not start.");
    }
    ev.data.fd = s->wake_fd;
    epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, s->wake_fd, &ev);
    ev.data.fd = MHD_get_daemon_info(s->mhd, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, ev.data.fd, &ev);
    s->reaper = reaper_new(NULL, fds);
    s->work = work_new(NULL, s->opts.workers, (int)LIMIT_WORKER_QUEUE);
    s->slow = work_new(NULL, (int)LIMIT_STREAMS, SLOW_WAITING);
    *out = s;
    return 0;
}

int server_port(const struct server *s)
{
    return s->port;
}

/* ---- the loop -------------------------------------------------------------------------- */

static void turn(struct server *s, int longest_ms)
{
    struct epoll_event ev[4];
    MHD_UNSIGNED_LONG_LONG ms;
    uint64_t count;
    int wait = longest_ms;

    if (MHD_get_timeout(s->mhd, &ms) == MHD_YES && ms < (MHD_UNSIGNED_LONG_LONG)wait)
        wait = (int)ms;
    if (atomic_load(&s->done))
        wait = 0;
    if (epoll_wait(s->epoll_fd, ev, 4, wait) > 0) {
        ssize_t n = read(s->wake_fd, &count, sizeof count);

        (void)n;
    }
    take_back(s);
    MHD_run(s->mhd);
}

/* No new connection; answer what is under way; then nobody is suspended, and MHD may be stopped. */
static void wind_down(struct server *s)
{
    int64_t end = clock_mono_us() + SWEEP_MS * 1000LL;
    int fd = MHD_quiesce_daemon(s->mhd);

    if (fd >= 0) {
        close(fd);
        s->listen_fd = -1;
    }
    while (atomic_load(&s->open) > 0 && clock_mono_us() < end)
        turn(s, 50);
    reaper_cut_all(s->reaper);
    while (atomic_load(&s->open) > 0 || s->away > 0)    /* an act that waits for its commit ends */
        turn(s, 50);
    for (int i = 0; i < 3; i++)
        turn(s, 10);
}

void server_loop(struct server *s)
{
    while (!atomic_load(&s->stop))
        turn(s, 1000);
    wind_down(s);
    s->stopped = true;
}

void server_stop(struct server *s)
{
    atomic_store(&s->stop, true);
    wake(s);
}

void server_close(struct server *s)
{
    if (!s->stopped)
        wind_down(s);
    work_stop(s->work);
    work_stop(s->slow);
    MHD_stop_daemon(s->mhd);
    reaper_stop(s->reaper);
    talloc_free(s);
}

void server_stats(struct server *s, struct server_stats *out)
{
    out->requests = atomic_load(&s->requests);
    out->refused = atomic_load(&s->refused);
    out->cut = reaper_cuts(s->reaper);
    out->connections = atomic_load(&s->nconnections);
    out->open = atomic_load(&s->open);
}
