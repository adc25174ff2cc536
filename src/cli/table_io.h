/*
 * table_io.h -- what the statistics commands share: files in, tables out, a list of methods.
 *
 * A file is mapped and read where it lies.  Rows that cannot be used are named with their line.  A
 * table goes out as CSV, or as JSON when its name ends so, and appears whole or not at all.
 */
#ifndef CLI_TABLE_IO_H
#define CLI_TABLE_IO_H

#include "cli/cli.h"
#include "cli/progress.h"
#include "stats/annotary_stats.h"

#define BAD_ROWS_SHOWN 20

/* ------------------------------------------------------------------ in */

struct input {
    const char *path, *s;
    size_t n;
    bool skip;                  /* bad rows are left out instead of ending the command */
    int64_t bad;                /* rows named so far */
    uint64_t dev, ino;          /* which file it is; 0 for a pipe */
};

/* The bytes of a file; "-" is standard input.  They live as long as the program.  E_IO */
int input_open(struct cli *cli, const char *path, bool skip, struct input *in);

/* The path for a report: JSON holds UTF-8 only. */
const char *input_name(const struct input *in);

/* Fits as_reading.bad, with a struct input: names the row, and goes on so that all are named. */
int input_bad(void *arg, const struct as_blame *b);

/* After reading: E_INVALID when rows were bad and may not be left out (exit code 1, input_exit). */
int input_check(struct cli *cli, const struct input *in);

/* Fail because the whole file is of no use: one sentence, with the line and what stands there. */
int input_fail(struct cli *cli, const struct input *in, int as_rc, const struct as_blame *b);

/* Ties what the library made to the life of the context: `end` is its own as_*_free. */
void stats_keep(struct cli *cli, void *thing, void (*end)(void *thing));
#define KEEP(cli, thing, end) stats_keep(cli, thing, (void (*)(void *))(end))

/* Fail because the library refused. */
int stats_fail(struct cli *cli, int as_rc, const char *what);

/* As cli_done, but 1 when it was a row that was bad. */
int input_exit(struct cli *cli, const struct input *in, int rc);

/* ------------------------------------------------------------------ out */

enum table_kind { TABLE_CSV, TABLE_JSON, TABLE_JSONL };

struct table {
    struct cli *cli;
    FILE *f;
    const char *path, *temp;    /* temp NULL: written straight */
    enum table_kind kind;
    const char *const *columns; /* ended by NULL */
    int at;                     /* column to come */
    int64_t rows;
};

/* Is `path` one of the inputs?  Then E_INVALID: it would be lost. */
int table_not_input(struct cli *cli, const char *path, const struct input *in);

/* "-" is standard output, as CSV.  E_IO */
int table_open(struct cli *cli, const char *path, const char *const *columns, struct table *t);
int table_bytes(struct cli *cli, const char *path, struct table *t);    /* no columns: t->f */
void table_text(struct table *t, const char *s, size_t n);      /* UTF-8, or made so in JSON */
void table_words(struct table *t, const char *s);
void table_real(struct table *t, double x);                     /* not finite: empty, null */
void table_whole(struct table *t, int64_t x);
void table_empty(struct table *t);
/* Puts it in place, or away when rc < 0.  rc, or E_IO, E_FULL. */
int table_close(struct table *t, int rc);

/* A report the same way; takes the reference of v. */
int report_write(struct cli *cli, const char *path, json_t *v);

/* ------------------------------------------------------------------ options and methods */

/* The methods that a command offers: registry after registry. */
typedef const struct as_method_info *method_at(unsigned at);

/* For --help: every method with its sentences and its paper, on cx->mem. */
const char *methods_help(struct cli *cli, const char *examples, method_at *const *registries);
int methods_list(struct cli *cli, method_at *const *registries);        /* --list: JSON */

/* NULL after saying which there are, and which was meant. */
const struct as_method_info *method_find(const char *name, method_at *const *registries);

/* The option's text as a number within low … high, or the usage error (2).  NULL leaves *x. */
int option_real(const char *name, const char *text, double low, double high, double *x);

/* One of the words, by its place; -1 after the usage error. */
int option_word(const char *name, const char *text, const char *const *words);

/* The names of a comma separated list, quoted as in CSV; text NULL: none.  E_INVALID */
int option_list(struct cli *cli, const char *name, const char *text, const struct as_cell **cells,
                uint32_t *n);

/* --threads: 0 is as many as the machine has. */
int threads_of(int64_t asked);

struct as_cell cell_of(const char *s);

#endif
