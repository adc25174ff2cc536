/* methods.c -- see table_io.h: what the methods say of themselves, and options with numbers. */
#include "cli/table_io.h"
#include "core/str.h"

#include <unistd.h>

#define HELP_MAX (256 * 1024)
#define WIDTH 78
#define INDENT 6
#define NAME_MAX_LEN 64
#define THREADS_MAX 64

/* The next method over all registries; *r and *at stand before the first one at 0. */
static const struct as_method_info *next(method_at *const *registries, int *r, unsigned *at)
{
    for (; registries[*r]; ++*r, *at = 0) {
        const struct as_method_info *m = registries[*r](*at);

        if (m) {
            ++*at;
            return m;
        }
    }
    return NULL;
}

/* Words of `text`, broken into lines; characters count, not bytes. */
static void wrapped(struct buf *b, const char *text)
{
    size_t column = WIDTH + 1;

    while (*text) {
        size_t n = strcspn(text, " "), chars = utf8_chars(text, n);

        if (column + 1 + chars > WIDTH) {
            if (column <= WIDTH)
                buf_addc(b, '\n');
            buf_addf(b, "%*s", INDENT, "");
            column = INDENT;
        } else {
            buf_addc(b, ' ');
            column++;
        }
        buf_add(b, text, n);
        column += chars;
        text += n + strspn(text + n, " ");
    }
    buf_addc(b, '\n');
}

const char *methods_help(struct cli *cli, const char *examples, method_at *const *registries)
{
    const struct as_method_info *m;
    struct buf b;
    int r = 0;
    unsigned at = 0;

    buf_init(&b, cli->cx, HELP_MAX);
    buf_adds(&b, examples);
    buf_adds(&b, "\nMethods:\n");
    while ((m = next(registries, &r, &at))) {
        buf_addf(&b, "  %s -- %s\n", m->id, m->title);
        wrapped(&b, m->about);
        if (*m->paper)
            wrapped(&b, talloc_asprintf(cli->cx->mem, "[%s]", m->paper));
    }
    return b.s;
}

int methods_list(struct cli *cli, method_at *const *registries)
{
    const struct as_method_info *m;
    json_t *list = cli_list(cli);
    int r = 0;
    unsigned at = 0;

    while ((m = next(registries, &r, &at)))
        cli_row(list, json_pack("{s:s, s:s, s:s, s:s, s:b}", "id", m->id, "title", m->title,
                                "paper", m->paper, "about", m->about, "needs_gold",
                                m->needs_gold));
    puts(json_text(cli->cx, list));
    return EXIT_OK;
}

/* How many letters must change to turn one word into the other. */
static size_t distance(const char *a, const char *b)
{
    size_t row[NAME_MAX_LEN + 1], n = strlen(b);

    if (strlen(a) > NAME_MAX_LEN || n > NAME_MAX_LEN)
        return NAME_MAX_LEN;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 0; a[i]; i++) {
        size_t corner = row[0];

        row[0] = i + 1;
        for (size_t j = 0; j < n; j++) {
            size_t best = corner + (a[i] != b[j]);

            best = row[j] + 1 < best ? row[j] + 1 : best;
            best = row[j + 1] + 1 < best ? row[j + 1] + 1 : best;
            corner = row[j + 1];
            row[j + 1] = best;
        }
    }
    return row[n];
}

const struct as_method_info *method_find(const char *name, method_at *const *registries)
{
    const struct as_method_info *m, *near = NULL;
    size_t best = 5;
    int r = 0;
    unsigned at = 0;

    while ((m = next(registries, &r, &at))) {
        if (!strcmp(m->id, name))
            return m;
        /* what begins alike is nearer than what is spelt alike */
        size_t d = *name && str_starts(m->id, name) ? 0 : 1 + distance(name, m->id);

        if (d < best) {
            best = d;
            near = m;
        }
    }
    fprintf(stderr, "annotary: there is no method \"%s\"", name);
    if (near)
        fprintf(stderr, "; did you mean %s?\n", near->id);
    else
        fputs(".\n", stderr);
    fputs("There are:", stderr);
    for (r = 0, at = 0; (m = next(registries, &r, &at)); )
        fprintf(stderr, " %s", m->id);
    fputc('\n', stderr);
    return NULL;
}

int option_real(const char *name, const char *text, double low, double high, double *x)
{
    double got;

    if (!text)
        return EXIT_OK;
    if (!as_cell_number(cell_of(text), &got) || got < low || got > high)
        return cli_usage("--%s must be a number from %g to %g.", name, low, high);
    *x = got;
    return EXIT_OK;
}

int option_word(const char *name, const char *text, const char *const *words)
{
    for (int k = 0; text && words[k]; k++)
        if (!strcmp(words[k], text))
            return k;
    if (!text)
        return 0;
    fprintf(stderr, "annotary: --%s is one of", name);
    for (int k = 0; words[k]; k++)
        fprintf(stderr, "%s %s", k ? "," : "", words[k]);
    fputc('\n', stderr);
    return -1;
}

int option_list(struct cli *cli, const char *name, const char *text, const struct as_cell **cells,
                uint32_t *n)
{
    struct as_csv *c;
    struct as_blame b;

    *n = 0;
    if (!text)
        return 0;
    if (as_csv_open(text, strlen(text), &c, &b))
        return fail(cli->cx, E_INVALID, "--%s: %s.", name, b.why);
    KEEP(cli, c, as_csv_close);
    *n = as_csv_header(c, cells);
    return 0;
}

int threads_of(int64_t asked)
{
    long have = sysconf(_SC_NPROCESSORS_ONLN);

    if (asked <= 0)
        asked = have > 0 ? have : 1;
    return asked < THREADS_MAX ? (int)asked : THREADS_MAX;
}

struct as_cell cell_of(const char *s)
{
    return (struct as_cell){s, strlen(s)};
}
