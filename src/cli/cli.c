/* cli.c -- see cli.h: the store, lists, passwords, files and exit codes. */
#include "cli/cli.h"
#include "cli/door.h"
#include "core/clock.h"
#include "core/str.h"
#include "domain/org.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <termios.h>
#include <unistd.h>

DOOR(org_list, int64_t after; int limit; struct org **out; int *n;
     , a->after, a->limit, a->out, a->n)

#define PASSWORD_LINE 1024
#define COLUMNS_MAX 16

int cli_open(struct cli *cli, bool create, bool exclusive)
{
    struct store_opts o = {.data = cli->set.data, .create = create, .exclusive = exclusive,
                           .database = *cli->set.database ? cli->set.database : NULL,
                           .readers = 1, .pg_workers = 1};

    return store_open(cli->cx, &o, &cli->st);
}

static int exit_code(int rc)
{
    if (rc >= 0)
        return EXIT_OK;
    if (rc == E_IO || rc == E_FULL || rc == E_INTERNAL)
        return EXIT_IO;
    return EXIT_REFUSED;
}

int cli_done(struct cli *cli, int rc)
{
    if (rc >= 0)
        return EXIT_OK;
    const char *why = cli->cx->why ? cli->cx->why : err_word(rc);
    struct field_error *f = cli->cx->fields;

    /* The sentence of the newest field is `why` itself: name the field in front of it. */
    if (f && f->why == why) {
        fprintf(stderr, "annotary: %s: %s\n", f->path, why);
        f = f->next;
    } else {
        fprintf(stderr, "annotary: %s\n", why);
    }
    for (; f; f = f->next)
        fprintf(stderr, "  %s: %s\n", f->path, f->why);
    return exit_code(rc);
}

/* --- lists --------------------------------------------------------------------------------- */

json_t *cli_list(struct cli *cli)
{
    return json_keep(cli->cx, json_array());
}

void cli_row(json_t *list, json_t *row)
{
    json_array_append_new(list, row);
}

json_t *cli_time(int64_t ms)
{
    char iso[CLOCK_ISO_SIZE];

    return ms ? json_string(clock_iso(iso, ms)) : json_null();
}

/* A cell for people: text without control characters, times to the second. */
static char *cell(struct ctx *cx, const json_t *v)
{
    char *s;

    if (json_is_null(v))
        return talloc_strdup(cx->mem, "-");
    if (!json_is_string(v))
        return json_text(cx, v);
    s = talloc_strdup(cx->mem, json_string_value(v));
    if (strlen(s) == 27 && s[10] == 'T' && s[26] == 'Z') {
        s[10] = ' ';
        s[19] = 0;
    }
    for (char *p = s; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = ' ';
    return s;
}

/* One row; the last cell needs no filling. */
static void print_row(struct ctx *cx, json_t *row, const size_t *widths, bool names)
{
    const char *key;
    json_t *v;
    int col = 0, last = (int)json_object_size(row) - 1;

    json_object_foreach(row, key, v) {
        const char *s = names ? key : cell(cx, v);
        size_t n = utf8_chars(s, strlen(s));

        printf("%s%*s", s, col < last ? (int)(widths[col] - n) + 2 : 0, "");
        col++;
    }
    putchar('\n');
}

static void print_table(struct ctx *cx, json_t *list)
{
    json_t *first = json_array_get(list, 0), *row, *v;
    size_t widths[COLUMNS_MAX] = {0}, i;
    const char *key;
    int col = 0;

    json_object_foreach(first, key, v) {
        assert(col < COLUMNS_MAX);
        widths[col] = strlen(key);
        json_array_foreach(list, i, row) {
            const char *s = cell(cx, json_object_get(row, key));
            size_t n = utf8_chars(s, strlen(s));

            widths[col] = n > widths[col] ? n : widths[col];
        }
        col++;
    }
    print_row(cx, first, widths, true);
    json_array_foreach(list, i, row)
        print_row(cx, row, widths, false);
}

int cli_print(struct cli *cli, json_t *list)
{
    if (cli->json)
        puts(json_text(cli->cx, list));
    else if (json_array_size(list))
        print_table(cli->cx, list);
    else
        puts("none");
    return EXIT_OK;
}

int cli_say(struct cli *cli, json_t *row, const char *fmt, ...)
{
    va_list ap;

    json_keep(cli->cx, row);
    if (cli->json) {
        puts(json_text(cli->cx, row));
        return EXIT_OK;
    }
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
    return EXIT_OK;
}

/* --- passwords ----------------------------------------------------------------------------- */

/* One line, without its end.  Its length, or -1. */
static ssize_t read_line(int fd, char *s, size_t room)
{
    size_t n = 0;
    char c;

    while (n < room - 1) {
        ssize_t got = read(fd, &c, 1);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || c == '\n')
            break;
        s[n++] = c;
    }
    if (n && s[n - 1] == '\r')
        n--;
    s[n] = 0;
    return (ssize_t)n;
}

static int ask_unseen(struct ctx *cx, const char *prompt, char *s, size_t room)
{
    struct termios was, quiet;
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    ssize_t n;

    if (fd < 0 || tcgetattr(fd, &was) != 0) {
        if (fd >= 0)
            close(fd);
        return fail(cx, E_INVALID, "There is no terminal to ask for the password: "
                                   "use --password-stdin.");
    }
    quiet = was;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    dprintf(fd, "%s: ", prompt);
    tcsetattr(fd, TCSAFLUSH, &quiet);
    n = read_line(fd, s, room);
    tcsetattr(fd, TCSAFLUSH, &was);
    dprintf(fd, "\n");
    close(fd);
    return n < 0 ? fail(cx, E_IO, "The terminal cannot be read.") : 0;
}

int cli_password(struct cli *cli, bool from_stdin, const char **password)
{
    char *one = talloc_zero_size(cli->cx->mem, PASSWORD_LINE);
    char two[PASSWORD_LINE];
    int rc;

    *password = one;
    if (from_stdin) {
        if (read_line(STDIN_FILENO, one, PASSWORD_LINE) <= 0)
            return fail(cli->cx, E_INVALID, "There is no password on standard input.");
        return 0;
    }
    if ((rc = ask_unseen(cli->cx, "Password", one, PASSWORD_LINE)) < 0 ||
        (rc = ask_unseen(cli->cx, "Again", two, sizeof two)) < 0)
        return rc;
    rc = strcmp(one, two) ? fail(cli->cx, E_INVALID, "The two passwords differ.") : 0;
    sodium_memzero(two, sizeof two);
    return rc;
}

/* --- the rest ------------------------------------------------------------------------------ */

int cli_org(struct cli *cli, int64_t given, int64_t *org)
{
    struct org *list;
    int n, rc;

    *org = given;
    if (given)
        return 0;
    rc = DO(cli->st, cli->cx, ACT_READ, org_list, 0, 2, &list, &n);
    if (rc < 0)
        return rc;
    if (n == 0)
        return fail(cli->cx, E_NOTFOUND, "There is no organisation yet: annotary org add NAME.");
    if (n > 1)
        return fail(cli->cx, E_INVALID, "There are several organisations: say which with --org.");
    *org = list[0].id;
    return 0;
}

int cli_read(struct cli *cli, const char *path, size_t max, char **text, size_t *n)
{
    FILE *f = !strcmp(path, "-") ? stdin : fopen(path, "re");
    struct buf b;
    char chunk[65536];
    size_t got;

    if (!f)
        return fail(cli->cx, E_IO, "%s: %s", path, strerror(errno));
    buf_init(&b, cli->cx, max);
    buf_addc(&b, ' ');          /* never NULL, also for an empty file */
    b.n = 0;
    while ((got = fread(chunk, 1, sizeof chunk, f)) > 0 && b.rc == 0)
        buf_add(&b, chunk, got);
    bool broken = ferror(f) != 0;
    if (f != stdin)
        fclose(f);
    if (broken)
        return fail(cli->cx, E_IO, "%s cannot be read.", path);
    if (b.rc < 0)
        return fail(cli->cx, E_TOOBIG, "%s is larger than %zu bytes.", path, max);
    b.s[b.n] = 0;
    *text = b.s;
    *n = b.n;
    return 0;
}
