/*
 * as_table.h -- tables of answers: the bytes of a file in, arrays of ids out.
 *
 * The bytes are the caller's, as a rule a memory-mapped file.  They are read where they stand and
 * must outlive what was read from them: cells and names point into them.
 */
#ifndef STATS_AS_TABLE_H
#define STATS_AS_TABLE_H

#include "stats/as_votes.h"

struct as_cell {                    /* some of the bytes; not terminated */
    const char *s;
    size_t n;
};

struct as_blame {                   /* where a table is wrong */
    size_t line;                    /* 1 is the header; 0: the file as a whole */
    struct as_cell cell;            /* what stands there; s NULL: nothing to show */
    const char *why;                /* half a sentence, never NULL */
};

/* ------------------------------------------------------------------ CSV (RFC 4180) */

#define AS_COLUMNS_MAX 65536

/*
 * A header and rows of as many cells, separated by commas; ends of line are LF or CRLF, empty lines
 * are passed over, a UTF-8 byte order mark too.  A cell that begins with a quote ends with one and
 * may hold commas, ends of line and doubled quotes; elsewhere a quote is a letter like any other.
 */
struct as_csv;

/* AS_EINVAL (empty, UTF-16, a broken header), AS_ETOOBIG, AS_ENOMEM. */
int as_csv_open(const char *bytes, size_t n, struct as_csv **out, struct as_blame *blame);
void as_csv_close(struct as_csv *c);

uint32_t as_csv_header(const struct as_csv *c, const struct as_cell **names);
uint32_t as_csv_column(const struct as_csv *c, const char *name);   /* UINT32_MAX: there is none */

/* 1 and the cells of the next row, which live until as_csv_close; the list itself until the next
   call.  0 at the end.  AS_EINVAL: this row is bad, the next call goes on behind it.  AS_ENOMEM. */
int as_csv_next(struct as_csv *c, const struct as_cell **row, struct as_blame *blame);
size_t as_csv_line(const struct as_csv *c);     /* where the row given last began */

/* The whole cell is a finite number (blanks around it pass).  1 or 0.  Always with a point, in
   every locale. */
int as_cell_number(struct as_cell c, double *out);

/* A whole number, or a moment as 2024-05-01T12:00:00Z (ISO 8601; a fraction and an offset may
   follow), which becomes milliseconds since 1970.  1 or 0. */
int as_cell_time(struct as_cell c, int64_t *out);

int as_cell_same(struct as_cell c, const char *text);               /* 1 or 0 */

/* ------------------------------------------------------------------ names and ids */

struct as_names;                    /* names 0 … count-1, in the order they came */

int as_names_new(struct as_names **out);                            /* AS_ENOMEM */
void as_names_free(struct as_names *m);
uint32_t as_names_count(const struct as_names *m);

/* The id of a name, a new one for a new name.  The bytes are not copied.  AS_ETOOBIG, AS_ENOMEM.
   O(1); _all takes a column at once and waits for memory once instead of row by row. */
int as_names_add(struct as_names *m, struct as_cell name, uint32_t *id);
int as_names_add_all(struct as_names *m, const struct as_cell *name, size_t n, uint32_t *id);

/* New ids in the order of the bytes, or (AS_SHORT_FIRST) of length and then bytes, so that numbers
   stand as numbers: id k becomes becomes[k].  AS_EINVAL (packed), AS_ENOMEM. */
enum as_order { AS_BYTES, AS_SHORT_FIRST };
int as_names_sort(struct as_names *m, enum as_order order, uint32_t *becomes);

/* UINT32_MAX: there is no such name. */
uint32_t as_names_find(struct as_names *m, struct as_cell name);

/* `room` is used where names are numbers that stand nowhere (packed files without names). */
struct as_cell as_name(const struct as_names *m, uint32_t id, char room[12]);

/* ------------------------------------------------------------------ answers and truths */

struct as_reading {                 /* all zero: categories, the first bad row ends it */
    int numbers;                    /* labels are numbers */
    const struct as_cell *classes;  /* [nclasses] the only labels there are, in this order */
    size_t nclasses;                /* 0: the labels seen, sorted by their bytes */
    int (*bad)(void *arg, const struct as_blame *b);        /* 0: leave this row out and go on */
    void *bad_arg;
    void (*progress)(void *arg, size_t done, size_t bytes); /* now and then */
    void *progress_arg;
};

struct as_answers {                 /* everything belongs to it; as_answers_free ends it */
    size_t n;                       /* rows */
    size_t bad, empty;              /* rows left out; labels that were empty */
    struct as_names *tasks, *workers, *classes;     /* no classes with numbers; tasks as they
                                       came, workers short names first, classes as given or sorted:
                                       so no sum depends on the order of a task's rows */
    uint32_t *task, *worker;        /* [n] */
    uint16_t *label;                /* [n] AS_ABSTAIN where the label is empty */
    double *value;                  /* [n] instead of label; rows with an empty one are left out */
    float *weight;                  /* [n] or NULL: there is no such column */
    int64_t *time;                  /* [n] or NULL */
};

/*
 * Columns task, worker, label, and where there are such, weight (a number of 0 or more) and time;
 * their order is free, others are passed over.
 * AS_EINVAL, AS_ETOOBIG (more than AS_CLASSES_MAX labels), AS_ENOMEM.  O(bytes).
 */
int as_answers_read(const char *bytes, size_t n, const struct as_reading *how,
                    struct as_answers **out, struct as_blame *blame);
void as_answers_free(struct as_answers *a);
void as_answers_forget(struct as_answers *a);       /* the columns end, the names stay */
void as_answers_labels(const struct as_answers *a, struct as_labels *out);  /* for as_votes_new */

/* The line of row `row` of what was read, by reading again.  0: there is none. */
size_t as_answers_line(const char *bytes, size_t n, const struct as_reading *how, size_t row);

struct as_truth {                   /* as_truth_free ends it */
    uint16_t *label;                /* [tasks] or AS_ABSTAIN; NULL with numbers */
    double *value;                  /* [tasks] or NaN; NULL with categories */
    uint8_t *known;                 /* [tasks] 1 where the file says something */
    size_t rows, unasked;           /* rows; of them, of tasks nobody answered */
    size_t strange;                 /* known tasks whose class is none of `classes` */
};

/* Columns task, label.  `classes` NULL: numbers.  A task named twice with two truths is a bad row.
   Codes as as_answers_read. */
int as_truth_read(const char *bytes, size_t n, struct as_names *tasks, struct as_names *classes,
                  const struct as_reading *how, struct as_truth **out, struct as_blame *blame);
void as_truth_free(struct as_truth *t);

/* ------------------------------------------------------------------ packed votes */

/*
 * Votes as they stand in memory, so that a mapped file is used without reading it into anything.
 * Numbers are little endian, parts begin at multiples of 64 bytes and follow each other:
 *
 *     header   struct as_packed
 *     start    u32[tasks + 1]     the votes of task t are start[t] … start[t+1]-1
 *     worker   u32[rows]          rising inside a task
 *     label    u16[rows]
 *     weight   f32[rows]          with AS_PACKED_WEIGHTS
 *     gold     u16[tasks]         with AS_PACKED_GOLD; 65535: not known
 *     names    of tasks, workers, classes, each with its flag: u64[count] ends, then the text
 */
#define AS_PACKED_MAGIC "asvotes1"
enum as_packed_flag {
    AS_PACKED_WEIGHTS = 1, AS_PACKED_GOLD = 2, AS_PACKED_TASKS = 4, AS_PACKED_WORKERS = 8,
    AS_PACKED_CLASSES = 16, AS_PACKED_REPEATS = 32,     /* some worker answered a task twice */
};

struct as_packed {
    char magic[8];
    uint32_t order;                 /* 0x01020304, so that a file of another machine shows */
    uint32_t flags;
    uint64_t rows;
    uint32_t tasks, workers, classes, zero;
    uint64_t digest;                /* as_votes_info.digest; checked */
    uint64_t bytes;                 /* of the file */
    uint64_t text[3];               /* bytes of the names of tasks, workers, classes */
};

struct as_named { struct as_names *tasks, *workers, *classes; };

/* Does this begin like a packed file? */
int as_is_packed(const void *bytes, size_t n);

/* Votes that lie in `bytes` (at an address that is a multiple of 8), and their names.  Every byte
   that a method will look at is checked.  AS_EINVAL (*blame says why), AS_ENOMEM.  O(rows). */
int as_votes_packed(const void *bytes, size_t n, struct as_votes **out, struct as_named *names,
                    struct as_blame *blame);
void as_named_free(struct as_named *names);

/* Writes votes down in pieces; `put` returns 0, or what is then returned.  Without names (NULL),
   or where a name is the id in digits, a name is the id in digits. */
int as_votes_pack(const struct as_votes *v, const struct as_named *names,
                  int (*put)(void *arg, const void *bytes, size_t n), void *arg);

/* For programs that write such a file themselves: where the parts begin (a part that is not there
   ends where it begins), and the digest once all parts are in place. */
struct as_packed_parts { uint64_t start, worker, label, weight, gold, names, end; };
int as_packed_lay(const struct as_packed *head, struct as_packed_parts *out);   /* AS_ETOOBIG */
int as_packed_seal(void *bytes, size_t n);                                      /* AS_EINVAL */

#endif
