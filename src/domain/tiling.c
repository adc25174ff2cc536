/* tiling.c -- see tiling.h. */
#include "domain/tiling.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/log.h"
#include "core/str.h"
#include "domain/run.h"
#include "media/pack.h"
#include "media/picture.h"
#include "store/blob.h"

#define PROGRAM "/proc/self/exe"        /* this one, also when the file was replaced meanwhile */
#define LINE_BYTES 1024

bool tiling_needed(int fd)
{
    struct ctx *cx = ctx_new(NULL);
    struct picture_head h;
    int own = dup(fd);
    FILE *f = own < 0 ? NULL : fdopen(own, "rb");
    bool is_large = f && picture_look(cx, f, &h) == 0 &&
                    (h.width > LIMIT_SHOWN_SIDE || h.height > LIMIT_SHOWN_SIDE ||
                     h.width > LIMIT_SHOWN_PIXELS / h.height);

    if (f)
        fclose(f);
    else if (own >= 0)
        close(own);
    ctx_free(cx);
    return is_large;
}

/* ---- the process ---- */

struct child {
    struct ctx *cx;
    pid_t pid;
    int from;                           /* what it says, line by line */
    void (*tell)(void *arg, int64_t done, int64_t total);
    void *arg;
    int code;                           /* what it said was wrong; 0: nothing */
    const char *why;
};

static int start(struct child *c, int picture, int tiles)
{
    char name[] = "annotary", command[] = "tiles", how[] = "--confined";
    char *argv[] = {name, command, how, NULL}, *env[] = {NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none, usual;
    int said[2], rc;

    if (pipe2(said, O_CLOEXEC) < 0)
        return fail(c->cx, E_BUSY, "The picture cannot be cut now. Try again in a moment.");
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, picture, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, tiles, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, said[1], STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &usual);
    rc = posix_spawn(&c->pid, PROGRAM, &files, &attr, argv, env);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&files);
    close(said[1]);
    c->from = said[0];
    if (rc == 0)
        return 0;
    close(said[0]);
    log_error("tiling: the process does not start: %s", strerror(rc));
    return fail(c->cx, E_BUSY, "The picture cannot be cut now. Try again in a moment.");
}

/* "640 30000": rows; "-1 The picture …": a code and a sentence.  Neither is believed further. */
static void heard(struct child *c, char *line)
{
    long long done, total;

    if (*line == '-') {
        char *end;

        c->code = (int)strtol(line, &end, 10);
        for (char *p = end; *p; p++)
            if (*p < 0x20 || *p > 0x7e)
                *p = '?';
        c->why = str_trim(c->cx, end);
    } else if (sscanf(line, "%lld %lld", &done, &total) == 2 && c->tell) {
        c->tell(c->arg, done, total);
    }
}

static void listen_to(struct child *c)
{
    char line[LINE_BYTES];
    FILE *f = fdopen(c->from, "r");

    while (f && fgets(line, sizeof line, f))
        heard(c, line);
    if (f)
        fclose(f);
    else
        close(c->from);
}

static int ended(struct child *c)
{
    int status;

    while (waitpid(c->pid, &status, 0) < 0)
        if (errno != EINTR)
            return fail(c->cx, E_INTERNAL, "The process that cut the picture is lost.");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    if (WIFEXITED(status) && c->why && *c->why && c->code == E_FULL)
        return fail(c->cx, E_FULL, "The disk is full. Nothing was stored.");
    if (WIFEXITED(status) && c->why && *c->why)
        return fail(c->cx, c->code == E_TOOBIG ? E_TOOBIG : E_INVALID, "%s", c->why);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        return fail(c->cx, E_TOOBIG, "The picture takes more than %lld s to cut into tiles.",
                    (long long)LIMIT_TILER_S);
    log_warn("tiling: the process ended with status %#x", (unsigned)status);
    return fail(c->cx, E_INVALID,
                "The picture cannot be cut into tiles: it is damaged, or needs more than %lld MiB "
                "of memory.", (long long)LIMIT_TILER_BYTES >> 20);
}

/* ---- the whole ---- */

/* What is there now is no less from outside than the picture was. */
static int is_sound(struct ctx *cx, int fd)
{
    int64_t size = lseek(fd, 0, SEEK_END);
    struct pack k;

    return size < 0 ? E_IO : pack_open(cx, fd, size, &k);
}

int tiling_run(struct ctx *cx, struct run *run, int fd,
               void (*tell)(void *arg, int64_t done, int64_t total), void *arg,
               char hash[ID_SHA256_HEX], int64_t *bytes)
{
    struct child c = {.cx = cx, .tell = tell, .arg = arg};
    char *spool;
    int to, rc = spool_create(cx, run_store(run), &spool, &to);

    if (rc < 0)
        return rc;
    if (lseek(fd, 0, SEEK_SET) < 0)
        rc = fail(cx, E_BUSY, "The picture cannot be read now. Try again in a moment.");
    if (rc == 0 && (rc = start(&c, fd, to)) == 0) {
        listen_to(&c);
        rc = ended(&c);
    }
    if (rc == 0)
        rc = is_sound(cx, to);
    close(to);
    if (rc == 0)
        return blob_adopt_large(cx, run_store(run), spool, LIMIT_TILES_BYTES, hash, bytes);
    spool_remove(run_store(run), spool);
    return rc;
}
