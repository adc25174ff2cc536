/*
 * table_csv.c -- a CSV file where it stands in memory, row by row.
 *
 * Most cells are short and plain, so the scan looks at eight bytes at a time: a byte of w equals c
 * where w ^ cccccccc has a zero byte, and (x - 01…) & ~x & 80… marks the first of those (Mycroft's
 * trick; marks above the first may be false, and only the first is used).  Quotes are the slow way.
 */
#include "stats/table.h"

#define ONES  0x0101010101010101u
#define HIGHS 0x8080808080808080u

#define ARENA 65536

struct as_csv {
    struct as_pool pool;
    const char *at, *end;
    size_t line;                    /* of the place `at` */
    size_t row_line;                /* where the last row began */
    uint32_t columns;
    struct as_cell *name, *cell;    /* [columns] */
    char *room;                     /* where doubled quotes are made single */
    size_t left;
};

static inline uint64_t marks(uint64_t w, char c)
{
    uint64_t x = w ^ ONES * (unsigned char)c;

    return (x - ONES) & ~x & HIGHS;
}

/* The first comma or end of line at or after p; `end` if there is none. */
static inline const char *scan(const char *p, const char *end)
{
    for (; end - p >= 8; p += 8) {
        uint64_t w = as_load64(p);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        w = __builtin_bswap64(w);
#endif
        uint64_t m = marks(w, ',') | marks(w, '\n');
        if (m)
            return p + (__builtin_ctzll(m) >> 3);
    }
    while (p < end && *p != ',' && *p != '\n')
        p++;
    return p;
}

static char *room_for(struct as_csv *c, size_t n)
{
    if (n > c->left) {
        size_t size = n > ARENA / 4 ? n : ARENA;
        char *s = as_take(&c->pool, size, 1);
        if (!s || size == n)
            return s;
        c->room = s;
        c->left = size;
    }
    char *s = c->room;
    c->room += n;
    c->left -= n;
    return s;
}

/* The cell whose opening quote is at p.  *after: behind the closing quote, NULL without memory,
   c->end + 1 where there is no closing quote. */
static struct as_cell quoted(struct as_csv *c, const char *p, const char **after)
{
    const char *from = ++p;
    size_t doubled = 0;

    for (;;) {
        const char *q = memchr(p, '"', (size_t)(c->end - p));
        if (!q) {
            *after = c->end + 1;
            return (struct as_cell){ from, (size_t)(c->end - from) };
        }
        for (const char *nl = p; (nl = memchr(nl, '\n', (size_t)(q - nl))); nl++)
            c->line++;
        p = q + 1;
        if (p == c->end || *p != '"')
            break;
        doubled++;
        p++;
    }
    *after = p;
    struct as_cell cell = { from, (size_t)(p - 1 - from) };
    if (!doubled)
        return cell;
    char *to = room_for(c, cell.n - doubled);
    if (!to) {
        *after = NULL;
        return cell;
    }
    cell.s = to;
    for (const char *s = from; s < p - 1; s++) {
        *to++ = *s;
        s += *s == '"';
    }
    cell.n -= doubled;
    return cell;
}

/* Pass over the rest of a bad row. */
static int bad_row(struct as_csv *c, const char *p, struct as_cell cell, const char *why,
                   struct as_blame *blame)
{
    p = memchr(p, '\n', (size_t)(c->end - p));
    c->at = p ? p + 1 : c->end;
    c->line += p != NULL;
    return as_blame_at(blame, AS_EINVAL, c->row_line, cell, why);
}

/* Reads a row into cell[0 … max-1]; *n says how many it has.  1, or AS_EINVAL, AS_ENOMEM. */
static int read_row(struct as_csv *c, struct as_cell *cell, uint32_t max, uint32_t *n,
                    struct as_blame *blame)
{
    const char *p = c->at, *q;
    uint32_t k = 0;

    for (;; p = q + 1, k++) {
        struct as_cell one;
        int plain = p == c->end || *p != '"';
        if (plain) {
            q = scan(p, c->end);
            one = (struct as_cell){ p, (size_t)(q - p) };
        } else {
            one = quoted(c, p, &q);
            if (!q)
                return AS_ENOMEM;
            if (q > c->end)
                return bad_row(c, c->end, AS_NO_CELL, "a quote is opened and never closed", blame);
            if (q < c->end && *q == '\r' && (q + 1 == c->end || q[1] == '\n'))
                q++;
            if (q < c->end && *q != ',' && *q != '\n')
                return bad_row(c, q, one, "after a closing quote comes a comma or the end of the "
                               "line", blame);
        }
        int last = q == c->end || *q == '\n';
        if (last && plain && one.n && one.s[one.n - 1] == '\r')
            one.n--;
        if (k < max)
            cell[k] = one;
        if (last)
            break;
    }
    *n = k + 1;
    c->line += q < c->end;
    c->at = q + (q < c->end);
    return 1;
}

static void skip_empty_lines(struct as_csv *c)
{
    for (; c->at < c->end; c->at++, c->line++) {
        if (*c->at == '\r' && c->at + 1 < c->end && c->at[1] == '\n')
            c->at++;
        if (*c->at != '\n')
            break;
    }
    c->row_line = c->line;
}

int as_csv_next(struct as_csv *c, const struct as_cell **row, struct as_blame *blame)
{
    uint32_t n = 0;

    skip_empty_lines(c);
    if (c->at >= c->end)
        return 0;
    int rc = read_row(c, c->cell, c->columns, &n, blame);
    if (rc < 0)
        return rc;
    if (n != c->columns)
        return as_blame_at(blame, AS_EINVAL, c->row_line, AS_NO_CELL,
                           n < c->columns ? "fewer cells than the header has columns"
                                          : "more cells than the header has columns");
    *row = c->cell;
    return 1;
}

static int read_header(struct as_csv *c, struct as_blame *blame)
{
    struct as_csv again;
    uint32_t n = 0;

    skip_empty_lines(c);
    if (c->at >= c->end)
        return as_blame_at(blame, AS_EINVAL, 0, AS_NO_CELL, "the file is empty");
    again = *c;                             /* once to count the columns, once to keep them */
    int rc = read_row(&again, NULL, 0, &n, blame);
    c->pool = again.pool;
    if (rc < 0)
        return rc;
    if (n > AS_COLUMNS_MAX)
        return as_blame_at(blame, AS_ETOOBIG, 1, AS_NO_CELL, "more than 65536 columns");
    c->name = as_take(&c->pool, n, sizeof *c->name);
    c->cell = as_take(&c->pool, n, sizeof *c->cell);
    if (!c->name || !c->cell)
        return AS_ENOMEM;
    c->columns = n;
    return read_row(c, c->name, n, &n, blame) < 0 ? AS_ENOMEM : AS_OK;
}

int as_csv_open(const char *bytes, size_t n, struct as_csv **out, struct as_blame *blame)
{
    struct as_pool pool = { 0 };
    struct as_csv *c = as_take(&pool, 1, sizeof *c);

    *out = NULL;
    if (blame)
        *blame = (struct as_blame){ .why = "not enough memory" };
    if (!c)
        return AS_ENOMEM;
    c->pool = pool;
    c->at = n ? bytes : "";
    c->end = c->at + n;
    c->line = 1;
    if (n >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0)) {
        as_csv_close(c);
        return as_blame_at(blame, AS_EINVAL, 0, AS_NO_CELL,
                           "the file is UTF-16; save it as UTF-8");
    }
    if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        c->at += 3;
    int rc = read_header(c, blame);
    if (rc < 0) {
        as_csv_close(c);
        return rc;
    }
    *out = c;
    return AS_OK;
}

void as_csv_close(struct as_csv *c)
{
    if (!c)
        return;
    struct as_pool pool = c->pool;          /* the pool holds c itself */
    as_pool_end(&pool);
}

uint32_t as_csv_header(const struct as_csv *c, const struct as_cell **names)
{
    if (names)
        *names = c->name;
    return c->columns;
}

int as_cell_same(struct as_cell c, const char *text)
{
    return c.n == strlen(text) && memcmp(c.s, text, c.n) == 0;
}

uint32_t as_csv_column(const struct as_csv *c, const char *name)
{
    for (uint32_t k = 0; k < c->columns; k++)
        if (as_cell_same(c->name[k], name))
            return k;
    return UINT32_MAX;
}

size_t as_csv_line(const struct as_csv *c)
{
    return c->row_line;
}
