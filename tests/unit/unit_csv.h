/* unit_csv.h -- whole CSV files for tests: a header, then rows of cells, quotes as in RFC 4180. */
#ifndef UNIT_CSV_H
#define UNIT_CSV_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct csv {
    char *bytes;
    char **cell;                    /* [rows * columns], without the header */
    size_t rows, columns;
};

/* Names become numbers in the order of their first use; O(rows * names), tests are small. */
struct csv_names {
    const char *name[8192];
    uint32_t n;
};

static inline uint32_t csv_id(struct csv_names *s, const char *name)
{
    for (uint32_t k = 0; k < s->n; k++)
        if (strcmp(s->name[k], name) == 0)
            return k;
    assert_true(s->n < sizeof s->name / sizeof *s->name);
    s->name[s->n] = name;
    return s->n++;
}

/* Ends the cell at *at in place, moves *at behind it; 1 when the line ends there too. */
static inline int csv_cell(char **at)
{
    char *in = *at, *out = *at, stop;

    if (*in == '"') {
        for (in++; *in && (*in != '"' || in[1] == '"'); in++) {
            in += *in == '"';
            *out++ = *in;
        }
        in += *in == '"';
    }
    while (*in && *in != ',' && *in != '\n') {
        if (*in != '\r')
            *out++ = *in;
        in++;
    }
    stop = *in;
    *at = in + (stop != 0);
    *out = 0;
    return stop != ',';
}

/* 0 when there is no such file. */
static inline int csv_read(const char *path, struct csv *c)
{
    FILE *f = fopen(path, "rb");
    size_t n = 0, room = 1 << 16;

    *c = (struct csv){ 0 };
    if (!f)
        return 0;
    c->bytes = malloc(room);
    for (size_t got; (got = fread(c->bytes + n, 1, room - n - 1, f)) > 0; ) {
        n += got;
        if (n + 1 == room)
            c->bytes = realloc(c->bytes, room *= 2);
    }
    fclose(f);
    c->bytes[n] = 0;
    size_t lines = 0, cells = 0;
    for (size_t k = 0; k < n; k++)
        lines += c->bytes[k] == '\n' || k + 1 == n;
    char *at = c->bytes;
    for (c->columns = 1; !csv_cell(&at); c->columns++)
        ;
    c->cell = malloc((lines * c->columns + 1) * sizeof *c->cell);
    while (*at) {
        for (size_t k = 1;; k++) {
            c->cell[cells++] = at;
            if (csv_cell(&at)) {
                assert_int_equal(k, c->columns);
                break;
            }
        }
    }
    c->rows = cells / c->columns;
    return 1;
}

static inline void csv_end(struct csv *c)
{
    free(c->cell);
    free(c->bytes);
}

#endif
