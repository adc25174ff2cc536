/* table_in.c -- see table_io.h: files in, and what is said of them. */
#include "cli/table_io.h"
#include "core/str.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHOWN_CHARS 40              /* of a bad cell */

/* A pipe has no length: it is read to its end. */
static int read_pipe(struct cli *cli, int fd, struct input *in)
{
    size_t cap = 1 << 20, n = 0;
    char *s = mmap(NULL, cap, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ssize_t got = 1;

    while (s != MAP_FAILED && got > 0) {
        if (n == cap) {
            s = mremap(s, cap, cap * 2, MREMAP_MAYMOVE);
            cap *= 2;
            continue;
        }
        got = read(fd, s + n, cap - n);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            n += (size_t)got;
    }
    if (s == MAP_FAILED)
        return fail(cli->cx, E_TOOBIG, "%s does not fit into memory.", in->path);
    if (got < 0)
        return fail(cli->cx, E_IO, "%s cannot be read: %s.", in->path, strerror(errno));
    in->s = s;
    in->n = n;
    return 0;
}

int input_open(struct cli *cli, const char *path, bool skip, struct input *in)
{
    bool std = !strcmp(path, "-");
    int fd = std ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC), rc = 0;
    struct stat st;

    *in = (struct input){.path = std ? "standard input" : path, .s = "", .skip = skip};
    if (fd < 0 || fstat(fd, &st) < 0)
        return fail(cli->cx, E_IO, "%s: %s.", in->path, strerror(errno));
    if (S_ISDIR(st.st_mode)) {
        rc = fail(cli->cx, E_IO, "%s is a folder.", in->path);
    } else if (S_ISREG(st.st_mode) && st.st_size > 0) {
        void *s = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);

        if (s == MAP_FAILED) {
            rc = fail(cli->cx, E_IO, "%s cannot be mapped: %s.", in->path, strerror(errno));
        } else {
            in->s = s;
            in->n = (size_t)st.st_size;
        }
    } else if (!S_ISREG(st.st_mode)) {
        rc = read_pipe(cli, fd, in);
    }
    if (S_ISREG(st.st_mode)) {
        in->dev = st.st_dev;
        in->ino = st.st_ino;
    }
    if (!std)
        close(fd);
    return rc;
}

const char *input_name(const struct input *in)
{
    return utf8_valid(in->path, strlen(in->path)) ? in->path : "?";
}

/* What stands in a cell, for a person: short, and without control characters. */
static const char *shown(char *room, size_t size, struct as_cell c)
{
    size_t n = 0, chars = 0, k = 0;

    if (!c.s)
        return "";
    n = (size_t)snprintf(room, size, ": \"");
    while (k < c.n && chars < SHOWN_CHARS && n + 16 < size) {
        uint32_t cp;
        size_t step = utf8_decode(c.s + k, c.n - k, &cp);

        if (!step || cp < 0x20 || cp == 0x7f) {
            room[n++] = step ? ' ' : '?';
            k++;
        } else {
            memcpy(room + n, c.s + k, step);
            n += step;
            k += step;
        }
        chars++;
    }
    snprintf(room + n, size - n, "%s\"", k < c.n ? "…" : "");
    return room;
}

int input_bad(void *arg, const struct as_blame *b)
{
    struct input *in = arg;
    char room[256];

    in->bad++;
    if (in->bad <= BAD_ROWS_SHOWN)
        fprintf(stderr, "%s line %zu: %s%s\n", in->path, b->line, b->why,
                shown(room, sizeof room, b->cell));
    return 0;
}

int input_check(struct cli *cli, const struct input *in)
{
    if (in->bad > BAD_ROWS_SHOWN)
        fprintf(stderr, "… and %lld more rows.\n", (long long)(in->bad - BAD_ROWS_SHOWN));
    if (!in->bad || in->skip)
        return 0;
    return fail(cli->cx, E_INVALID, "%lld %s of %s cannot be used; --skip-bad leaves them out.",
                (long long)in->bad, in->bad == 1 ? "row" : "rows", in->path);
}

int input_exit(struct cli *cli, const struct input *in, int rc)
{
    int code = cli_done(cli, rc);

    return rc == E_INVALID && in->bad && !in->skip ? EXIT_FOUND : code;
}

struct kept {
    void *thing;
    void (*end)(void *thing);
};

static int let_go(struct kept *k)
{
    k->end(k->thing);
    return 0;
}

void stats_keep(struct cli *cli, void *thing, void (*end)(void *thing))
{
    struct kept *k = NEW(cli->cx, struct kept);

    *k = (struct kept){thing, end};
    talloc_set_destructor(k, let_go);
}

int stats_fail(struct cli *cli, int as_rc, const char *what)
{
    int rc = as_rc == AS_ENOMEM ? E_TOOBIG
             : as_rc == AS_EINTERNAL || as_rc == AS_ENOTMONOTONE ? E_INTERNAL
             : as_rc == AS_ETOOBIG ? E_TOOBIG : E_INVALID;

    return fail(cli->cx, rc, "%s: %s.", what, as_text(as_rc));
}

int input_fail(struct cli *cli, const struct input *in, int as_rc, const struct as_blame *b)
{
    char room[256], line[32] = "";

    if (as_rc == AS_ENOMEM)
        return stats_fail(cli, as_rc, in->path);
    if (b->line)
        snprintf(line, sizeof line, " line %zu", b->line);
    return fail(cli->cx, as_rc == AS_ETOOBIG ? E_TOOBIG : E_INVALID, "%s%s: %s%s.", in->path, line,
                b->why, shown(room, sizeof room, b->cell));
}
