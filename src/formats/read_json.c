/*
 * read_json.c -- JSON and JSONL as sources.
 *
 * A list is never read whole: its elements are cut out by counting brackets
 * outside of strings, and each is scanned and checked by itself.  So one bad
 * element costs one row, and a list of any length costs the memory of its
 * largest element.  A file with one object is one task.
 */
#include "formats/source.h"

struct list_state {
    bool is_list;
    int64_t n;
    int64_t line_from;          /* bytes before the current line, to count columns */
};

static int broken(struct reader *r, const char *what)
{
    return fail(r->cx, E_INVALID, "Not valid JSON: %s at line %lld.", what,
                (long long)r->in.line);
}

/* Skip white space; the byte that follows, 0 at the end, < 0 E_IO. */
static int peek(struct reader *r)
{
    struct input *in = &r->in;
    struct list_state *st = r->state;

    for (;;) {
        if (in->at == in->n) {
            int64_t got = input_need(r, 1);

            if (got < 0)
                return (int)got;
            if (got == 0)
                return 0;
        }
        switch (in->buf[in->at]) {
        case '\n':
            in->line++;
            st->line_from = in->done - (int64_t)(in->n - in->at) + 1;
            break;
        case ' ': case '\t': case '\r':
            break;
        default:
            return (unsigned char)in->buf[in->at];
        }
        in->at++;
    }
}

static int json_open(struct reader *r)
{
    struct list_state *st = talloc_zero(r, struct list_state);
    int c;

    r->state = st;
    if ((c = peek(r)) < 0)
        return c;
    if (c == '[')
        r->in.at++;
    else if (c != '{')
        return c == 0 ? fail(r->cx, E_INVALID, "The file is empty.")
                      : broken(r, "neither a list nor an object");
    st->is_list = c == '[';
    return 0;
}

struct cut {
    int depth;
    bool in_string, is_escaped, is_scalar;
};

/* Go on through bytes; the number up to the end of the value, 0 when it goes on. */
static size_t cut_on(struct cut *k, const char *s, size_t from, size_t n)
{
    for (size_t i = from; i < n; i++) {
        char c = s[i];

        if (k->in_string) {
            if (k->is_escaped)
                k->is_escaped = false;
            else if (c == '\\')
                k->is_escaped = true;
            else if (c == '"') {
                k->in_string = false;
                if (k->depth == 0)
                    return i + 1;
            }
            continue;
        }
        if (c == '"') {
            k->in_string = true;
        } else if (c == '{' || c == '[') {
            k->depth++;
        } else if (c == '}' || c == ']') {
            if (k->depth == 0)
                return i;           /* the end of the list behind a bare value */
            if (--k->depth == 0)
                return i + 1;
        } else if (k->depth == 0 && (c == ',' || c == '\n' || c == '\r')) {
            return i ? i : 1;
        }
    }
    return 0;
}

static void count_lines(struct reader *r, size_t n)
{
    struct input *in = &r->in;
    struct list_state *st = r->state;
    const char *s = in->buf + in->at, *end = s + n, *nl;
    int64_t base = in->done - (int64_t)(in->n - in->at);

    for (const char *p = s; (nl = memchr(p, '\n', (size_t)(end - p))); p = nl + 1) {
        in->line++;
        st->line_from = base + (nl - s) + 1;
    }
}

/* An element stands at the cursor: cut it out and make it a row. */
static int element(struct reader *r, struct row *row)
{
    struct input *in = &r->in;
    struct list_state *st = r->state;
    struct cut k = {0};
    size_t seen = 0, len;
    int64_t line = in->line;
    int64_t column = in->done - (int64_t)(in->n - in->at) - st->line_from + 1;
    bool too_big = false;

    row->line = line;
    while (!(len = cut_on(&k, in->buf + in->at, seen, in->n - in->at))) {
        int64_t got;

        seen = in->n - in->at;
        if (seen > (size_t)LIMIT_ROW_BYTES) {
            too_big = true;             /* let go of it, but find its end */
            count_lines(r, seen);
            in->at = in->n;
            seen = 0;
        }
        got = input_need(r, seen + 1);
        if (got < 0)
            return (int)got;
        if ((size_t)got == seen)
            return fail(r->cx, E_INVALID, "Not valid JSON: the file ends inside the task that "
                        "begins at line %lld.", (long long)line);
    }
    if (too_big || len > (size_t)LIMIT_ROW_BYTES)
        row_bad(r, row, E_TOOBIG,
                talloc_asprintf(r->rx->mem, "The task is larger than %lld bytes.",
                                (long long)LIMIT_ROW_BYTES));
    else
        row_object(r, row, in->buf + in->at, len, line, column);
    count_lines(r, len);
    in->at += len;
    st->n++;
    return 1;
}

static int after_end(struct reader *r)
{
    int c = peek(r);

    return c > 0 ? broken(r, "something after the end") : c;
}

static int json_next(struct reader *r, struct row *row)
{
    struct list_state *st = r->state;
    int c;

    if ((c = peek(r)) < 0)
        return c;
    if (!st->is_list)
        return st->n == 0 ? element(r, row) : after_end(r);
    if (c == 0)
        return broken(r, "the list has no end");
    if (c == ']') {
        r->in.at++;
        return after_end(r);
    }
    if (st->n > 0) {
        if (c != ',')
            return broken(r, "a missing ',' between two tasks");
        r->in.at++;
        if ((c = peek(r)) < 0)
            return c;
        if (c == 0 || c == ']' || c == ',')
            return broken(r, "nothing after a ','");
    }
    return element(r, row);
}

const struct source source_json = {json_open, json_next, NULL};

/* ---- JSONL ---- */

static int lines_open(struct reader *r)
{
    (void)r;
    return 0;
}

static bool is_blank(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strchr(" \t\r\n", s[i]) || s[i] == 0)
            return false;
    return true;
}

static int jsonl_next(struct reader *r, struct row *row)
{
    const char *s;
    size_t n;
    int rc;

    do {
        row->line = r->in.line;
        rc = input_line(r, &s, &n);
        if (rc == E_TOOBIG)
            return row_bad(r, row, E_TOOBIG,
                           talloc_asprintf(r->rx->mem, "The line is longer than %lld bytes.",
                                           (long long)LIMIT_ROW_BYTES));
        if (rc <= 0)
            return rc;
    } while (is_blank(s, n));
    return row_object(r, row, s, n, row->line, 1);
}

const struct source source_jsonl = {lines_open, jsonl_next, NULL};

/* ---- plain text: a task a line ---- */

static int text_next(struct reader *r, struct row *row)
{
    const char *s;
    size_t n;
    int rc;

    do {
        row->line = r->in.line;
        rc = input_line(r, &s, &n);
        if (rc == E_TOOBIG)
            return row_bad(r, row, E_TOOBIG, "The line is too long.");
        if (rc <= 0)
            return rc;
    } while (is_blank(s, n));
    while (n && (s[n - 1] == '\n' || s[n - 1] == '\r'))
        n--;
    if (!utf8_valid(s, n))
        return row_bad(r, row, E_INVALID, "The line is not UTF-8.");
    if (memchr(s, 0, n))
        return row_bad(r, row, E_INVALID, "The line holds a NUL byte.");
    return row_field(r, row, r->text_field, s, n);
}

const struct source source_text = {lines_open, text_next, NULL};
