/*
 * read_csv.c -- CSV and TSV as sources: a header row, then a task a row.
 *
 * Physical lines are fed to libcsv one by one; a record is complete when a
 * line ends outside of quotes, so the line of its start is known exactly even
 * where cells hold line breaks.  Cells become strings, spaces kept.
 *
 * Refused at once: no header, an empty or repeated column name.  A row with
 * another number of cells, a NUL byte or bytes that are not UTF-8 is a bad row.
 */
#include "formats/source.h"

#include <csv.h>

#define COLUMNS_MAX 10000

struct cells {
    struct csv_parser parser;
    struct ctx *rx;             /* memory of one record */
    const char **names;         /* quoted and escaped, ready for JSON */
    int ncolumns;
    struct buf row;             /* the JSON object as it grows */
    size_t bytes;               /* of the record so far */
    int n;                      /* cells of the record so far */
    bool is_complete, in_header, is_bad_text, has_nul;
    const char **header;        /* the cells of the header row */
};

static void on_cell(void *data, size_t n, void *arg)
{
    struct cells *c = arg;
    const char *s = data;

    c->bytes += n;
    c->is_bad_text |= !utf8_valid(s, n);
    c->has_nul |= n && memchr(s, 0, n) != NULL;
    if (c->in_header) {
        if (c->n < COLUMNS_MAX) {
            c->header = talloc_realloc(c, c->header, const char *, (unsigned)c->n + 1);
            c->header[c->n] = talloc_strndup(c, s ? s : "", n);
        }
    } else if (c->n < c->ncolumns) {
        buf_addc(&c->row, c->n ? ',' : '{');
        buf_adds(&c->row, c->names[c->n]);
        buf_addc(&c->row, ':');
        buf_add_json(&c->row, s ? s : "", n);
    }
    c->n++;
}

static void on_row(int ended_by, void *arg)
{
    struct cells *c = arg;

    (void)ended_by;
    c->is_complete = true;
}

static int no_space(unsigned char c)
{
    (void)c;
    return 0;
}

static void begin_record(struct reader *r)
{
    struct cells *c = r->state;

    buf_init(&c->row, r->rx, (size_t)LIMIT_ROW_BYTES);
    c->n = 0;
    c->bytes = 0;
    c->is_complete = c->is_bad_text = c->has_nul = false;
}

static bool is_line_end(const char *s, size_t n)
{
    return (n == 1 && (*s == '\n' || *s == '\r')) || (n == 2 && s[0] == '\r' && s[1] == '\n');
}

static int too_large(struct reader *r, int64_t line)
{
    return fail(r->cx, E_TOOBIG, "The row that begins at line %lld is larger than %lld bytes. "
                "A quotation mark may be open.", (long long)line, (long long)LIMIT_ROW_BYTES);
}

/*
 * Read one record.  1 a record, 0 the end, negative fatal; *open_quote tells
 * that the file ended inside quotes.
 */
static int record(struct reader *r, int64_t *line, bool *open_quote)
{
    struct cells *c = r->state;
    size_t n, fed = 0;
    const char *s;
    int rc;

    begin_record(r);
    *line = r->in.line;
    *open_quote = false;
    while (!c->is_complete) {
        rc = input_line(r, &s, &n);
        if (rc == E_TOOBIG)
            return too_large(r, *line);
        if (rc < 0)
            return rc;
        if (rc == 0) {
            if (fed == 0)
                return 0;
            csv_parse(&c->parser, "\n", 1, on_cell, on_row, c);     /* ends all but a quotation */
            *open_quote = !c->is_complete;
            csv_fini(&c->parser, on_cell, on_row, c);
            return 1;
        }
        if (fed == 0 && is_line_end(s, n)) {
            (*line)++;
            continue;
        }
        fed += n;
        if (fed > (size_t)LIMIT_ROW_BYTES)
            return too_large(r, *line);
        if (csv_parse(&c->parser, s, n, on_cell, on_row, c) != n)
            return fail(r->cx, E_INVALID, "The row at line %lld cannot be read as CSV.",
                        (long long)*line);
    }
    return 1;
}

static int header_check(struct reader *r, int64_t line)
{
    struct cells *c = r->state;

    if (c->is_bad_text || c->has_nul)
        return fail(r->cx, E_INVALID, "The header row is not UTF-8 text.");
    if (c->n > COLUMNS_MAX)
        return fail(r->cx, E_TOOBIG, "The header row has more than %d columns.", COLUMNS_MAX);
    c->names = talloc_array(c, const char *, (unsigned)c->n);
    for (int i = 0; i < c->n; i++) {
        struct buf b;

        if (!*c->header[i])
            return fail(r->cx, E_INVALID, "Column %d of the header row (line %lld) has no name.",
                        i + 1, (long long)line);
        for (int j = 0; j < i; j++)
            if (strcmp(c->header[i], c->header[j]) == 0)
                return fail(r->cx, E_INVALID, "Two columns of the header row are called \"%.*s\".",
                            80, c->header[i]);
        buf_init(&b, r->rx, (size_t)LIMIT_ROW_BYTES);
        buf_add_json(&b, c->header[i], strlen(c->header[i]));
        c->names[i] = talloc_strdup(c, b.s);
    }
    c->ncolumns = c->n;
    c->in_header = false;
    return 0;
}

static int cells_free(struct cells *c)
{
    csv_free(&c->parser);
    return 0;
}

static int open_with(struct reader *r, char separator)
{
    struct cells *c = talloc_zero(r, struct cells);
    int64_t line;
    bool open_quote;
    int rc;

    if (csv_init(&c->parser, 0) != 0)
        return fail(r->cx, E_BUSY, "Out of memory. Try again later.");
    talloc_set_destructor(c, cells_free);
    csv_set_delim(&c->parser, (unsigned char)separator);
    csv_set_space_func(&c->parser, no_space);
    r->state = c;
    c->in_header = true;
    rc = record(r, &line, &open_quote);
    if (rc < 0)
        return rc;
    if (rc == 0)
        return fail(r->cx, E_INVALID, "The file is empty: a header row is needed.");
    if (open_quote)
        return fail(r->cx, E_INVALID, "A quotation mark of the header row is never closed.");
    return header_check(r, line);
}

static int csv_open(struct reader *r)
{
    return open_with(r, ',');
}

static int tsv_open(struct reader *r)
{
    return open_with(r, '\t');
}

static int cells_next(struct reader *r, struct row *row)
{
    struct cells *c = r->state;
    bool open_quote;
    int rc = record(r, &row->line, &open_quote);

    if (rc <= 0)
        return rc;
    if (open_quote)
        return row_bad(r, row, E_INVALID, "A quotation mark opens here and is never closed.");
    if (c->is_bad_text)
        return row_bad(r, row, E_INVALID, "The row is not UTF-8.");
    if (c->has_nul)
        return row_bad(r, row, E_INVALID, "The row holds a NUL byte.");
    if (c->n != c->ncolumns)
        return row_bad(r, row, E_INVALID,
                       talloc_asprintf(r->rx->mem, "The row has %d cells, the header has %d.",
                                       c->n, c->ncolumns));
    buf_addc(&c->row, '}');
    if (c->row.rc < 0 || c->row.n > (size_t)LIMIT_TASK_BYTES)
        return row_bad(r, row, E_TOOBIG,
                       talloc_asprintf(r->rx->mem, "The row is larger than %lld bytes.",
                                       (long long)LIMIT_TASK_BYTES));
    row->object = row->data = (struct bytes){c->row.s, c->row.n};
    return 1;
}

const struct source source_csv = {csv_open, cells_next, NULL};
const struct source source_tsv = {tsv_open, cells_next, NULL};
