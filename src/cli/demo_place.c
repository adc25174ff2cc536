/* demo_place.c -- the demo's data folder, and the server on a thread of this process. */
#include "cli/demo.h"
#include "cli/door.h"
#include "core/log.h"
#include "domain/org.h"
#include "domain/run.h"
#include "domain/serve.h"
#include "http/server.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

DOOR0(setup_open)

#define USUAL "./annotary-data/demo"
#define MARK "demo"                 /* a file that says: made by the demo, may be replaced */
#define TRIES 1000

/* ---- the folder ------------------------------------------------------------------------- */

static const char *in(struct demo *d, const char *folder, const char *name)
{
    return talloc_asprintf(d->cx->mem, "%s/%s", folder, name);
}

static bool has(struct demo *d, const char *folder, const char *name)
{
    return access(in(d, folder, name), F_OK) == 0;
}

static bool holds_annotary(struct demo *d, const char *folder)
{
    return has(d, folder, "annotary.db") || has(d, folder, "annotary.lock");
}

static int drop(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path);
}

/* What a store puts into its folder, and nothing else. */
static void empty_folder(struct demo *d, const char *folder)
{
    static const char *const names[] = {"annotary.db", "annotary.db-wal", "annotary.db-shm",
                                        "annotary.lock", "blobs", "spool", "backups", MARK};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        nftw(in(d, folder, names[i]), drop, 16, FTW_DEPTH | FTW_PHYS);
}

/* Nobody may be serving what is about to go. */
static int replace(struct demo *d, const char *folder)
{
    struct store_opts o = {.data = folder, .exclusive = true, .readers = 1};
    struct store *st;
    int rc = store_open(d->cx, &o, &st);

    if (rc == E_FORBIDDEN)
        return fail(d->cx, E_EXISTS, "A server is running on %s. Stop it first.", folder);
    if (rc == 0)
        store_close(st);
    fail_clear(d->cx);
    empty_folder(d, folder);
    return 0;
}

static int mark(struct demo *d)
{
    int fd;

    if (mkdir("./annotary-data", 0700) != 0 && errno != EEXIST)
        return fail(d->cx, E_IO, "./annotary-data cannot be made: %s.", strerror(errno));
    if (mkdir(d->folder, 0700) != 0 && errno != EEXIST)
        return fail(d->cx, E_IO, "The folder %s cannot be made: %s.", d->folder, strerror(errno));
    fd = open(in(d, d->folder, MARK), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(d->cx, E_IO, "The folder %s cannot be written: %s.", d->folder,
                    strerror(errno));
    close(fd);
    return 0;
}

static int temporary(struct demo *d)
{
    const char *tmp = getenv("TMPDIR");
    char *path = talloc_asprintf(d->cx->mem, "%s/annotary-demo-XXXXXX", tmp && *tmp ? tmp : "/tmp");

    if (!mkdtemp(path))
        return fail(d->cx, E_IO, "No temporary folder can be made: %s.", strerror(errno));
    d->folder = path;
    d->temporary = true;
    return 0;
}

int demo_folder(struct demo *d, const char *given, bool once, bool fresh)
{
    int rc;

    if (once && !given)
        return temporary(d);
    d->folder = given ? given : USUAL;
    /* An earlier demo keeps its place, and what somebody labelled in it. */
    for (int i = 2; !given && !fresh && i < TRIES && holds_annotary(d, d->folder); i++)
        d->folder = talloc_asprintf(d->cx->mem, USUAL "-%d", i);
    if (holds_annotary(d, d->folder)) {
        if (!has(d, d->folder, MARK))
            return fail(d->cx, E_EXISTS, "%s holds an Annotary that is no demo. Choose another "
                        "folder with --data.", d->folder);
        if (!fresh)
            return fail(d->cx, E_EXISTS, "%s holds an earlier demo. Say --fresh to replace it, or "
                        "choose another folder with --data.", d->folder);
        if ((rc = replace(d, d->folder)) < 0)
            return rc;
    }
    return given ? (mkdir(d->folder, 0700), mark(d)) : mark(d);
}

void demo_folder_forget(struct demo *d)
{
    if (!d->temporary)
        return;
    empty_folder(d, d->folder);
    rmdir(d->folder);
}

/* ---- the server ------------------------------------------------------------------------- */

static struct server *_Atomic serving;      /* the signal handler looks at it */
static struct workers *workers;
static pthread_t loop;
static bool looping;
static atomic_bool stopped;

static void on_signal(int sig)
{
    struct server *s = atomic_load(&serving);

    (void)sig;
    atomic_store(&stopped, true);
    if (s)
        server_stop(s);
}

bool demo_stopped(void)
{
    return atomic_load(&stopped);
}

static void *serve(void *arg)
{
    server_loop(arg);
    return NULL;
}

static int open_store(struct demo *d)
{
    const char *database = d->cli->set.database;
    struct store_opts o = {.data = d->folder, .create = true, .server = true,
                           .database = *database ? database : NULL};
    int rc = store_open(d->cx, &o, &d->cli->st);

    if (rc < 0)
        return rc;
    rc = DO0(d->cli->st, d->cx, ACT_READ, setup_open);
    if (rc == 0)
        return fail(d->cx, E_EXISTS, "This database is in use already: the demo wants an empty "
                    "one.");
    return rc < 0 ? rc : 0;
}

int demo_serve(struct demo *d, int port, char **setup)
{
    struct server_opts o = {.port = port, .next_port = port != 0};
    struct sigaction sa = {.sa_handler = on_signal};
    struct server *s;
    int rc;

    log_set_level(LOG_WARN);
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    if ((rc = open_store(d)) < 0)
        return rc;
    d->run = run_new(d->cx, d->cli->st);
    if ((rc = serve_begin(d->cx, d->run, setup, &workers)) < 0 ||
        (rc = server_open(d->cx, &o, d->run, &s)) < 0)
        return rc;
    atomic_store(&serving, s);
    if (pthread_create(&loop, NULL, serve, s) != 0)
        return fail(d->cx, E_INTERNAL, "No thread can be started.");
    looping = true;
    d->port = server_port(s);
    d->http = hclient_new(d->cx, d->port);
    return 0;
}

void demo_wait(void)
{
    if (looping)
        pthread_join(loop, NULL);
    looping = false;
}

void demo_close(void)
{
    struct server *s = atomic_load(&serving);

    if (s && looping)
        server_stop(s);
    demo_wait();
    serve_end(workers);
    workers = NULL;
    atomic_store(&serving, NULL);   /* from here on a signal only sets the flag */
    if (s)
        server_close(s);
}
