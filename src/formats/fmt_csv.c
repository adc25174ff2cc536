/*
 * fmt_csv.c -- CSV and TSV: the rows of JSON_MIN as cells.
 *
 * The columns are the union of all members of all rows, sorted by code point,
 * so they are known only at the end: rows wait in a temporary file as
 * (number of cells, then column, length, bytes of each), and are written out
 * by close.  Memory holds the names of the columns and one row.
 *
 * A spreadsheet must not run what a stranger typed: a text cell that begins
 * with = + - @, TAB, CR or the full-width forms of these gets a ' before it,
 * unless it is a plain number.  Number cells (-1) are numbers and stay.
 * Quoting is RFC 4180; text is always quoted, numbers never.
 */
#include "formats/flat.h"

#define COLUMNS_MAX 10000

struct csv_state {
    char separator;
    FILE *spool;
    const char **columns;
    int ncolumns, cap;
    int last;                   /* column found last: the next one most often follows it */
    int64_t rows;
};

static int csv_state_free(struct csv_state *st)
{
    if (st->spool)
        fclose(st->spool);
    return 0;
}

static int open_with(struct writer *w, char separator)
{
    struct csv_state *st = talloc_zero(w, struct csv_state);

    st->separator = separator;
    talloc_set_destructor(st, csv_state_free);
    w->state = st;
    return sink_spool(w->sink, &st->spool);
}

static int csv_open(struct writer *w)
{
    return open_with(w, ',');
}

static int tsv_open(struct writer *w)
{
    return open_with(w, '\t');
}

/* ---- cells ---- */

static bool is_plain_number(const char *s, size_t n)
{
    size_t i = *s == '-' || *s == '+', digits = 0, points = 0;

    for (; i < n; i++) {
        if (s[i] >= '0' && s[i] <= '9')
            digits++;
        else if (s[i] == '.' && points == 0)
            points++;
        else
            return false;
    }
    return digits > 0;
}

bool flat_is_formula(const char *s, size_t n)
{
    uint32_t cp;

    if (n == 0 || utf8_decode(s, n, &cp) == 0)
        return false;
    switch (cp) {
    case '=': case '+': case '-': case '@': case '\t': case '\r':
    case 0xff1d: case 0xff0b: case 0xff0d: case 0xff20:      /* full-width = + - @ */
    case 0x2212:                                             /* the minus sign proper */
        return !is_plain_number(s, n);
    default:
        return false;
    }
}

static void quote(struct buf *b, const char *s, size_t n)
{
    size_t from = 0;

    buf_addc(b, '"');
    if (flat_is_formula(s, n))
        buf_addc(b, '\'');
    for (size_t i = 0; i < n; i++)
        if (s[i] == '"') {
            buf_add(b, s + from, i - from + 1);
            from = i;
        }
    buf_add(b, s + from, n - from);
    buf_addc(b, '"');
}

static void cell(struct writer *w, struct buf *b, const json_t *v)
{
    char *text;

    if (json_is_string(v)) {
        quote(b, json_string_value(v), json_string_length(v));
    } else if (json_is_null(v)) {
        buf_adds(b, "\"\"");
    } else {
        text = json_text(w->cx, v);
        if (json_is_number(v))
            buf_adds(b, text);
        else
            quote(b, text, strlen(text));
    }
}

/* ---- rows ---- */

static int column_of(struct writer *w, const char *name)
{
    struct csv_state *st = w->state;

    for (int i = 0; i < st->ncolumns; i++) {
        int at = (st->last + 1 + i) % st->ncolumns;

        if (strcmp(st->columns[at], name) == 0)
            return st->last = at;
    }
    if (st->ncolumns == COLUMNS_MAX)
        return fail(w->cx, E_TOOBIG, "The table would have more than %d columns.", COLUMNS_MAX);
    if (st->ncolumns == st->cap) {
        st->cap = st->cap ? 2 * st->cap : 16;
        st->columns = talloc_realloc(st, st->columns, const char *, (unsigned)st->cap);
    }
    st->columns[st->ncolumns] = talloc_strdup(st, name);
    return st->last = st->ncolumns++;
}

static int spool_row(struct writer *w, json_t *row)
{
    struct csv_state *st = w->state;
    uint32_t head[2] = {(uint32_t)json_object_size(row), 0};
    bool ok = fwrite(head, sizeof *head, 1, st->spool) == 1;
    const char *key;
    json_t *v;

    json_object_foreach(row, key, v) {
        struct buf b;
        int column = column_of(w, key);

        if (column < 0)
            return column;
        buf_init(&b, w->cx, (size_t)2 * (size_t)LIMIT_ROW_BYTES);
        cell(w, &b, v);
        if (b.rc < 0)
            return b.rc;
        head[0] = (uint32_t)column;
        head[1] = (uint32_t)b.n;
        ok = ok && fwrite(head, sizeof *head, 2, st->spool) == 2 &&
             fwrite(b.s, 1, b.n, st->spool) == b.n;
    }
    st->rows++;
    return ok ? 0 : fail(w->cx, E_FULL, "The temporary file of the export could not be written.");
}

static int csv_task(struct writer *w, const struct export_task *t)
{
    struct row_answers *rows;
    json_t *data;
    int n, rc;

    if ((rc = rows_data(w, t, &data)) < 0 || (rc = rows_make(w, t, &rows, &n)) < 0)
        return rc;
    for (int i = 0; i < n && rc == 0; i++) {
        rc = spool_row(w, flat_row(w, t, data, &rows[i], true));
        w->answers += rows[i].annotation != NULL;
    }
    return rc;
}

/* ---- the end: header, then the rows back from the spool ---- */

struct column {
    const char *name;
    int place;              /* in order of appearance, as the spool counts */
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct column *)a)->name, ((const struct column *)b)->name);
}

struct span {
    size_t at, n;
};

static int spool_lost(struct writer *w)
{
    return fail(w->cx, E_IO, "The temporary file of the export could not be read.");
}

/* One row of the spool: its cells in `b`, their places in `at` (n == 0: absent). */
static int row_back(struct writer *w, struct buf *b, struct span *at)
{
    struct csv_state *st = w->state;
    uint32_t cells, head[2];

    b->n = 0;
    memset(at, 0, (size_t)st->ncolumns * sizeof *at);
    if (fread(&cells, sizeof cells, 1, st->spool) != 1)
        return spool_lost(w);
    for (uint32_t i = 0; i < cells; i++) {
        static const char zeros[4096];

        if (fread(head, sizeof *head, 2, st->spool) != 2 || head[0] >= (uint32_t)st->ncolumns)
            return spool_lost(w);
        at[head[0]] = (struct span){b->n, head[1]};
        for (uint32_t left = head[1]; left;) {      /* grow, then read into place */
            uint32_t k = left < sizeof zeros ? left : (uint32_t)sizeof zeros;

            if (buf_add(b, zeros, k) < 0)
                return b->rc;
            if (fread(b->s + b->n - k, 1, k, st->spool) != k)
                return spool_lost(w);
            left -= k;
        }
    }
    return 0;
}

static int put_header(struct writer *w, const struct column *columns)
{
    struct csv_state *st = w->state;
    struct buf b;

    buf_init(&b, w->cx, (size_t)LIMIT_ROW_BYTES);
    for (int i = 0; i < st->ncolumns; i++) {
        if (i)
            buf_addc(&b, st->separator);
        quote(&b, columns[i].name, strlen(columns[i].name));
    }
    buf_addc(&b, '\n');
    return b.rc < 0 ? b.rc : sink_put(w->sink, b.s, b.n);
}

static int csv_close(struct writer *w)
{
    struct csv_state *st = w->state;
    struct column *columns = NEW_N(w->cx, struct column, st->ncolumns + 1);
    struct span *at = NEW_N(w->cx, struct span, st->ncolumns + 1);
    struct buf b;
    int rc;

    for (int i = 0; i < st->ncolumns; i++)
        columns[i] = (struct column){st->columns[i], i};
    qsort(columns, (size_t)st->ncolumns, sizeof *columns, by_name);
    sink_begin(w->sink, w->format->file);
    if (fflush(st->spool) != 0)
        return fail(w->cx, E_FULL, "The temporary file of the export could not be written.");
    rewind(st->spool);
    if (st->ncolumns && (rc = put_header(w, columns)) < 0)
        return rc;
    buf_init(&b, w->cx, (size_t)1 << 30);
    for (int64_t r = 0; r < st->rows; r++) {
        if ((rc = row_back(w, &b, at)) < 0)
            return rc;
        for (int i = 0; i < st->ncolumns; i++) {
            struct span s = at[columns[i].place];

            if (i)
                sink_put(w->sink, &st->separator, 1);
            if (s.n)
                sink_put(w->sink, b.s + s.at, s.n);
            else
                sink_put(w->sink, "\"\"", 2);
        }
        if ((rc = sink_put(w->sink, "\n", 1)) < 0)
            return rc;
    }
    return sink_end(w->sink);
}

const struct format fmt_csv = {
    .name = "CSV", .file = "result.csv", .ext = ".csv", .mime = "text/csv; charset=utf-8",
    .what = "one line an answer, compound answers as JSON text", .needs_schema = true,
    .open = csv_open, .task = csv_task, .close = csv_close,
};

const struct format fmt_tsv = {
    .name = "TSV", .file = "result.csv", .ext = ".tsv",
    .mime = "text/tab-separated-values; charset=utf-8",
    .what = "the same with tabs between the cells", .needs_schema = true,
    .open = tsv_open, .task = csv_task, .close = csv_close,
};
