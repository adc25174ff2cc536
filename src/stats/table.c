/*
 * table.c -- a table of answers becomes columns of ids; a table of truths is laid beside it.
 *
 * Rows are read some at a time: their names are looked up together (table_names.c says why).  The
 * columns are made once, for as many rows as the file has ends of lines.
 */
#include <math.h>
#include <stdlib.h>

#include "stats/table.h"

#define SOME 256                    /* rows between two look-ups */
#define TELL 65536                  /* rows between two words of progress */
#define NONE UINT32_MAX

struct owned {
    struct as_answers a;
    struct as_pool pool, rows;      /* rows: the columns, which may end before the names */
    struct as_csv *csv;             /* holds the cells that had doubled quotes */
};

struct intake {                     /* one reading */
    struct as_answers *a;
    struct as_csv *csv;
    const struct as_reading *how;
    struct as_blame *blame;
    size_t bytes;
    uint32_t task, worker, label, weight, time;     /* columns */
    struct as_cell tasks[SOME], workers[SOME];
    size_t waiting;                 /* rows whose names were not looked up yet */
};

/* A row is wrong: does the caller want to go on?  0, or AS_EINVAL. */
static int bad(struct intake *in, size_t line, struct as_cell cell, const char *why)
{
    struct as_blame b = { line, cell, why };

    if (in->blame)
        *in->blame = b;
    if (!in->how->bad || in->how->bad(in->how->bad_arg, &b))
        return AS_EINVAL;
    in->a->bad++;
    return 0;
}

static int no_column(struct as_blame *blame, const char *name)
{
    return as_blame_at(blame, AS_EINVAL, 1, (struct as_cell){ name, strlen(name) },
                       "the header has no such column");
}

static int find_columns(struct intake *in)
{
    in->task = as_csv_column(in->csv, "task");
    in->worker = as_csv_column(in->csv, "worker");
    in->label = as_csv_column(in->csv, "label");
    in->weight = as_csv_column(in->csv, "weight");
    in->time = as_csv_column(in->csv, "time");
    if (in->task == NONE)
        return no_column(in->blame, "task");
    if (in->worker == NONE)
        return no_column(in->blame, "worker");
    if (in->label == NONE)
        return no_column(in->blame, "label");
    return AS_OK;
}

/* The most rows there can be: as many as ends of lines, and no row is shorter than ",,\n". */
static size_t most_rows(const char *s, size_t n)
{
    size_t rows = 1, k = 0;

    while (k < n) {
        unsigned char some = 0;             /* in bytes, so that a machine adds 16 at a time */
        size_t stop = n - k < 255 ? n : k + 255;
        for (; k < stop; k++)
            some = (unsigned char)(some + (s[k] == '\n'));
        rows += some;
    }
    return rows < n / 3 + 1 ? rows : n / 3 + 1;
}

static int columns_new(struct intake *in, struct as_pool *pool, size_t rows)
{
    struct as_answers *a = in->a;

    a->task = as_take(pool, rows, sizeof *a->task);
    a->worker = as_take(pool, rows, sizeof *a->worker);
    if (in->how->numbers)
        a->value = as_take(pool, rows, sizeof *a->value);
    else
        a->label = as_take(pool, rows, sizeof *a->label);
    if (in->weight != NONE)
        a->weight = as_take(pool, rows, sizeof *a->weight);
    if (in->time != NONE)
        a->time = as_take(pool, rows, sizeof *a->time);
    if (!a->task || !a->worker || (!a->label && !a->value) || (in->weight != NONE && !a->weight)
        || (in->time != NONE && !a->time))
        return AS_ENOMEM;
    int rc = as_names_new(&a->tasks);
    if (!rc)
        rc = as_names_new(&a->workers);
    if (!rc && !in->how->numbers)
        rc = as_names_new(&a->classes);
    for (size_t k = 0; !rc && !in->how->numbers && k < in->how->nclasses; k++) {
        uint32_t id = 0;
        if ((rc = as_names_add(a->classes, in->how->classes[k], &id)) == 0 && id != k)
            rc = as_blame_at(in->blame, AS_EINVAL, 0, in->how->classes[k],
                             "this class is given twice");
    }
    return rc;
}

/* The label of a row.  0: taken; 1: left out; AS_EINVAL, AS_ETOOBIG, AS_ENOMEM. */
static int take_label(struct intake *in, struct as_cell cell, size_t line)
{
    struct as_answers *a = in->a;
    size_t at = a->n + in->waiting;
    uint32_t id = AS_ABSTAIN;

    a->empty += cell.n == 0;
    if (in->how->numbers) {
        if (!cell.n)
            return 1;
        if (as_cell_number(cell, &a->value[at]))
            return 0;
        return bad(in, line, cell, "the label is no number") < 0 ? AS_EINVAL : 1;
    }
    if (cell.n && in->how->nclasses) {
        id = as_names_find(a->classes, cell);
        if (id == NONE)
            return bad(in, line, cell, "the label is none of the classes") < 0 ? AS_EINVAL : 1;
    } else if (cell.n) {
        int rc = as_names_add(a->classes, cell, &id);
        if (rc)
            return rc;
        if (id >= AS_CLASSES_MAX)
            return as_blame_at(in->blame, AS_ETOOBIG, line, cell, "more than 65535 labels");
    }
    a->label[at] = (uint16_t)id;
    return 0;
}

/* Weight and time of a row; codes as take_label. */
static int take_extras(struct intake *in, const struct as_cell *row, size_t line)
{
    size_t at = in->a->n + in->waiting;
    double w = 1;

    if (in->weight != NONE) {
        if (!as_cell_number(row[in->weight], &w) || w < 0 || !isfinite((float)w))
            return bad(in, line, row[in->weight], "the weight must be a number of 0 or more") < 0
                   ? AS_EINVAL : 1;
        in->a->weight[at] = (float)w;
    }
    if (in->time != NONE && !as_cell_time(row[in->time], &in->a->time[at]))
        return bad(in, line, row[in->time], "the time must be a whole number or a moment such as "
                   "2024-05-01T12:00:00Z") < 0 ? AS_EINVAL : 1;
    return 0;
}

static int flush(struct intake *in)
{
    struct as_answers *a = in->a;
    int rc = as_names_add_all(a->tasks, in->tasks, in->waiting, a->task + a->n);

    if (!rc)
        rc = as_names_add_all(a->workers, in->workers, in->waiting, a->worker + a->n);
    a->n += in->waiting;
    in->waiting = 0;
    return rc;
}

static int take_row(struct intake *in, const struct as_cell *row)
{
    size_t line = as_csv_line(in->csv);
    struct as_cell task = row[in->task], worker = row[in->worker];

    if (!task.n || !worker.n)
        return bad(in, line, AS_NO_CELL, task.n ? "the worker is empty" : "the task is empty");
    int rc = take_extras(in, row, line);
    if (!rc)
        rc = take_label(in, row[in->label], line);
    if (rc)
        return rc < 0 ? rc : 0;
    in->tasks[in->waiting] = task;
    in->workers[in->waiting++] = worker;
    return in->waiting == SOME ? flush(in) : 0;
}

static int read_rows(struct intake *in, const char *bytes)
{
    const struct as_cell *row;
    struct as_blame b;
    size_t seen = 0;
    int rc;

    while ((rc = as_csv_next(in->csv, &row, &b))) {
        if (rc == AS_EINVAL)
            rc = bad(in, b.line, b.cell, b.why);
        else if (rc > 0)
            rc = take_row(in, row);
        if (rc < 0)
            return rc;
        if (++seen % TELL == 0 && in->how->progress)
            in->how->progress(in->how->progress_arg, (size_t)(row[0].s - bytes), in->bytes);
    }
    return flush(in);
}

/* ------------------------------------------------------------------ the order of the classes */

/* Classes came as they were seen; they are sorted by name, so that ties do not depend on that. */
static int sort_classes(struct as_answers *a)
{
    struct as_pool pool = { 0 };
    uint32_t *becomes = as_take(&pool, as_names_count(a->classes), sizeof *becomes);
    int rc = becomes ? as_names_sort(a->classes, AS_BYTES, becomes) : AS_ENOMEM;

    for (size_t r = 0; !rc && r < a->n; r++)
        if (a->label[r] != AS_ABSTAIN)
            a->label[r] = (uint16_t)becomes[a->label[r]];
    as_pool_end(&pool);
    return rc;
}

/* The same for workers: a method takes a task's answers in their order. */
static int sort_workers(struct as_answers *a)
{
    struct as_pool pool = { 0 };
    uint32_t *becomes = as_take(&pool, as_names_count(a->workers), sizeof *becomes);
    int rc = becomes ? as_names_sort(a->workers, AS_SHORT_FIRST, becomes) : AS_ENOMEM;

    for (size_t r = 0; !rc && r < a->n; r++)
        a->worker[r] = becomes[a->worker[r]];
    as_pool_end(&pool);
    return rc;
}

/* ------------------------------------------------------------------ answers */

int as_answers_read(const char *bytes, size_t n, const struct as_reading *how,
                    struct as_answers **out, struct as_blame *blame)
{
    static const struct as_reading plain;
    struct as_pool pool = { 0 };
    struct owned *own = as_take(&pool, 1, sizeof *own);
    struct intake *in = own ? as_take(&pool, 1, sizeof *in) : NULL;

    *out = NULL;
    if (blame)
        *blame = (struct as_blame){ .why = "not enough memory" };
    if (!in) {
        as_pool_end(&pool);
        return AS_ENOMEM;
    }
    *in = (struct intake){ .a = &own->a, .how = how ? how : &plain, .blame = blame, .bytes = n };
    int rc = as_csv_open(bytes, n, &in->csv, blame);
    if (!rc)
        rc = find_columns(in);
    if (!rc)
        rc = columns_new(in, &own->rows, most_rows(bytes, n));
    if (!rc)
        rc = read_rows(in, bytes);
    if (!rc)
        rc = sort_workers(&own->a);
    if (!rc && own->a.classes && !in->how->nclasses)
        rc = sort_classes(&own->a);
    own->csv = in->csv;
    own->pool = pool;
    if (rc)
        as_answers_free(&own->a);
    else
        *out = &own->a;
    return rc;
}

void as_answers_free(struct as_answers *a)
{
    if (!a)
        return;
    struct owned *own = (struct owned *)(void *)a;      /* a is the first member */
    struct as_pool pool = own->pool;
    as_names_free(a->tasks);
    as_names_free(a->workers);
    as_names_free(a->classes);
    as_csv_close(own->csv);
    as_answers_forget(a);
    as_pool_end(&pool);
}

void as_answers_forget(struct as_answers *a)
{
    struct owned *own = (struct owned *)(void *)a;

    as_pool_end(&own->rows);
    a->task = a->worker = NULL;
    a->label = NULL;
    a->value = NULL;
    a->weight = NULL;
    a->time = NULL;
}

void as_answers_labels(const struct as_answers *a, struct as_labels *out)
{
    *out = (struct as_labels){
        .n = a->n, .tasks = as_names_count(a->tasks), .workers = as_names_count(a->workers),
        .classes = a->classes ? as_names_count(a->classes) : 0,
        .task = a->task, .worker = a->worker, .label = a->label, .weight = a->weight,
        .time = a->time,
    };
}

/* Reads once more and stops at the row: which line a row was is wanted once, after a mistake. */
size_t as_answers_line(const char *bytes, size_t n, const struct as_reading *how, size_t row)
{
    struct as_csv *c;
    const struct as_cell *cell;
    size_t at = 0, line = 0;
    int rc = as_csv_open(bytes, n, &c, NULL);

    if (rc)
        return 0;
    uint32_t label = as_csv_column(c, "label");
    while (!line && label != NONE && (rc = as_csv_next(c, &cell, NULL))) {
        if (rc < 0 || (how && how->numbers && !cell[label].n))
            continue;
        if (at++ == row)
            line = as_csv_line(c);
    }
    as_csv_close(c);
    return line;
}

/* ------------------------------------------------------------------ truths */

struct owned_truth {
    struct as_truth t;
    struct as_pool pool;
};

struct truths {
    struct as_truth *t;
    struct as_names *tasks, *classes;
    struct as_csv *csv;
    const struct as_reading *how;
    struct as_blame *blame;
    uint32_t task, label;
};

static int bad_truth(struct truths *in, size_t line, struct as_cell cell, const char *why)
{
    struct as_blame b = { line, cell, why };

    if (in->blame)
        *in->blame = b;
    return !in->how->bad || in->how->bad(in->how->bad_arg, &b) ? AS_EINVAL : 0;
}

static int take_truth(struct truths *in, const struct as_cell *row)
{
    struct as_truth *t = in->t;
    struct as_cell label = row[in->label];
    size_t line = as_csv_line(in->csv);
    double value = 0;
    uint32_t k = AS_ABSTAIN;

    if (!label.n)
        return 0;                           /* a task whose truth nobody knows */
    if (!in->classes && !as_cell_number(label, &value))
        return bad_truth(in, line, label, "the label is no number");
    if (in->classes) {
        k = as_names_find(in->classes, label);
        k = k == NONE ? AS_ABSTAIN : k;
    }
    t->rows++;
    uint32_t task = as_names_find(in->tasks, row[in->task]);
    if (task == NONE) {
        t->unasked++;
        return 0;
    }
    if (t->known[task]) {
        int same = in->classes ? t->label[task] == k && k != AS_ABSTAIN : t->value[task] == value;
        return same ? 0 : bad_truth(in, line, row[in->task], "this task had another truth above");
    }
    t->known[task] = 1;
    if (in->classes)
        t->label[task] = (uint16_t)k;
    else
        t->value[task] = value;
    t->strange += in->classes && k == AS_ABSTAIN;
    return 0;
}

static int truths_new(struct truths *in, struct as_pool *pool)
{
    uint32_t n = as_names_count(in->tasks);
    struct as_truth *t = in->t;

    in->task = as_csv_column(in->csv, "task");
    in->label = as_csv_column(in->csv, "label");
    if (in->task == NONE || in->label == NONE)
        return no_column(in->blame, in->task == NONE ? "task" : "label");
    t->known = as_take(pool, n, sizeof *t->known);
    if (in->classes)
        t->label = as_take(pool, n, sizeof *t->label);
    else
        t->value = as_take(pool, n, sizeof *t->value);
    if (!t->known || (!t->label && !t->value))
        return AS_ENOMEM;
    for (uint32_t k = 0; k < n; k++) {
        if (t->label)
            t->label[k] = AS_ABSTAIN;
        else
            t->value[k] = (double)NAN;
    }
    return AS_OK;
}

int as_truth_read(const char *bytes, size_t n, struct as_names *tasks, struct as_names *classes,
                  const struct as_reading *how, struct as_truth **out, struct as_blame *blame)
{
    static const struct as_reading plain;
    struct as_pool pool = { 0 };
    struct owned_truth *own = as_take(&pool, 1, sizeof *own);
    const struct as_cell *row;
    struct as_blame b;

    *out = NULL;
    if (blame)
        *blame = (struct as_blame){ .why = "not enough memory" };
    if (!own)
        return AS_ENOMEM;
    struct truths in = { .t = &own->t, .tasks = tasks, .classes = classes,
                         .how = how ? how : &plain, .blame = blame };
    int rc = as_csv_open(bytes, n, &in.csv, blame);
    if (!rc)
        rc = truths_new(&in, &pool);
    while (rc >= 0 && in.csv && (rc = as_csv_next(in.csv, &row, &b))) {
        if (rc == AS_EINVAL)
            rc = bad_truth(&in, b.line, b.cell, b.why);
        else if (rc > 0)
            rc = take_truth(&in, row);
        if (rc < 0)
            break;
    }
    as_csv_close(in.csv);
    own->pool = pool;
    if (rc < 0)
        as_truth_free(&own->t);
    else
        *out = &own->t;
    return rc < 0 ? rc : AS_OK;
}

void as_truth_free(struct as_truth *t)
{
    if (!t)
        return;
    struct as_pool pool = ((struct owned_truth *)(void *)t)->pool;
    as_pool_end(&pool);
}
