/* table_out.c -- see table_io.h: tables out, beside their place first and then renamed. */
#include "cli/table_io.h"
#include "core/str.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER (1 << 20)

int table_not_input(struct cli *cli, const char *path, const struct input *in)
{
    struct stat st;

    if (!path || !in->ino || stat(path, &st) != 0 || st.st_dev != in->dev || st.st_ino != in->ino)
        return 0;
    return fail(cli->cx, E_INVALID, "%s is what is read; write to another file.", path);
}

static FILE *open_beside(struct cli *cli, const char *path, const char **temp)
{
    struct stat st;

    *temp = NULL;
    if (!strcmp(path, "-"))
        return stdout;
    if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return fopen(path, "we");           /* a device, a pipe, a link: what it is stays */
    *temp = talloc_asprintf(cli->cx->mem, "%s.part", path);
    return fopen(*temp, "we");
}

static int put_in_place(struct cli *cli, FILE *f, const char *path, const char *temp, int rc)
{
    bool broken = fflush(f) != 0 || ferror(f), full = errno == ENOSPC;

    if (f != stdout && fclose(f) != 0)
        broken = true;
    if (rc >= 0 && broken)
        rc = fail(cli->cx, full ? E_FULL : E_IO, "%s cannot be written.", path);
    if (rc >= 0 && temp && rename(temp, path) != 0)
        rc = fail(cli->cx, E_IO, "%s cannot be written: %s.", path, strerror(errno));
    if (rc < 0 && temp)
        unlink(temp);
    return rc;
}

int table_open(struct cli *cli, const char *path, const char *const *columns, struct table *t)
{
    *t = (struct table){.cli = cli, .path = path, .columns = columns};
    t->kind = str_ends(path, ".json") ? TABLE_JSON : str_ends(path, ".jsonl") ? TABLE_JSONL
                                                                               : TABLE_CSV;
    t->f = open_beside(cli, path, &t->temp);
    if (!t->f)
        return fail(cli->cx, E_IO, "%s cannot be written: %s.", path, strerror(errno));
    if (t->f != stdout)
        setvbuf(t->f, NULL, _IOFBF, BUFFER);
    for (int k = 0; t->kind == TABLE_CSV && columns[k]; k++)
        fprintf(t->f, "%s%s", k ? "," : "", columns[k]);
    if (t->kind != TABLE_JSONL)
        fputs(t->kind == TABLE_CSV ? "\n" : "[", t->f);
    return 0;
}

int table_bytes(struct cli *cli, const char *path, struct table *t)
{
    *t = (struct table){.cli = cli, .path = path, .kind = TABLE_CSV};
    t->f = open_beside(cli, path, &t->temp);
    return t->f ? 0 : fail(cli->cx, E_IO, "%s cannot be written: %s.", path, strerror(errno));
}

/* What stands in front of a cell. */
static void before(struct table *t)
{
    if (t->kind == TABLE_CSV) {
        if (t->at)
            putc(',', t->f);
        return;
    }
    if (t->at == 0 && t->kind == TABLE_JSON)
        fputs(t->rows ? ",\n" : "\n", t->f);
    fprintf(t->f, "%s\"%s\": ", t->at ? ", " : "{", t->columns[t->at]);
}

static void after(struct table *t)
{
    if (t->columns[++t->at])
        return;
    t->at = 0;
    t->rows++;
    if (t->kind != TABLE_CSV)
        putc('}', t->f);
    if (t->kind != TABLE_JSON)
        putc('\n', t->f);
}

static void put_quoted(FILE *f, const char *s, size_t n)
{
    putc('"', f);
    for (size_t k = 0; k < n; k++) {
        if (s[k] == '"')
            putc('"', f);
        putc(s[k], f);
    }
    putc('"', f);
}

static void put_json(FILE *f, const char *s, size_t n)
{
    putc('"', f);
    for (size_t k = 0; k < n; ) {
        unsigned char c = (unsigned char)s[k];
        uint32_t cp;
        size_t step = utf8_decode(s + k, n - k, &cp);

        if (c == '"' || c == '\\')
            fprintf(f, "\\%c", c);
        else if (c < 0x20)
            fprintf(f, "\\u%04x", c);
        else if (!step)
            fputs("\\ufffd", f);
        else
            fwrite(s + k, 1, step, f);
        k += step ? step : 1;
    }
    putc('"', f);
}

void table_text(struct table *t, const char *s, size_t n)
{
    before(t);
    if (t->kind != TABLE_CSV)
        put_json(t->f, s, n);
    else if (n && (memchr(s, ',', n) || memchr(s, '"', n) || memchr(s, '\n', n) ||
                   memchr(s, '\r', n)))
        put_quoted(t->f, s, n);
    else
        fwrite(s, 1, n, t->f);
    after(t);
}

void table_words(struct table *t, const char *s)
{
    table_text(t, s, strlen(s));
}

void table_real(struct table *t, double x)
{
    if (!isfinite(x)) {
        table_empty(t);
        return;
    }
    before(t);
    fprintf(t->f, "%.10g", x == 0 ? 0.0 : x);        /* no minus before a zero */
    after(t);
}

void table_whole(struct table *t, int64_t x)
{
    before(t);
    fprintf(t->f, "%lld", (long long)x);
    after(t);
}

void table_empty(struct table *t)
{
    before(t);
    if (t->kind != TABLE_CSV)
        fputs("null", t->f);
    after(t);
}

int table_close(struct table *t, int rc)
{
    if (!t->f)
        return rc;
    if (t->kind == TABLE_JSON)
        fputs(t->rows ? "\n]\n" : "]\n", t->f);
    rc = put_in_place(t->cli, t->f, t->path, t->temp, rc);
    t->f = NULL;
    return rc;
}

int report_write(struct cli *cli, const char *path, json_t *v)
{
    const char *temp;
    FILE *f = open_beside(cli, path, &temp);

    if (!v && f)
        return put_in_place(cli, f, path, temp, fail(cli->cx, E_INTERNAL, "The report is broken."));
    json_keep(cli->cx, v);
    if (!f)
        return fail(cli->cx, E_IO, "%s cannot be written: %s.", path, strerror(errno));
    json_dumpf(v, f, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
    putc('\n', f);
    return put_in_place(cli, f, path, temp, 0);
}
