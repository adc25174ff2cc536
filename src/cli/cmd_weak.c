/* cmd_weak.c -- annotary weak: votes of labelling functions in, one label a row out. */
#include "cli/table_io.h"
#include "core/str.h"

#include <math.h>

#define EXAMPLES \
    "  annotary weak votes.csv --method lf-table\n" \
    "  annotary weak train.csv --method metal --apply test.csv -o labels.csv --lfs functions.csv\n"

static method_at *const registries[] = {as_weak_method, NULL};

struct matrix {                     /* one file */
    struct input in;
    struct as_names *rows;          /* NULL: rows have no names, they are numbered */
    struct as_lf_votes votes;
    struct as_cell *lf;             /* [lfs] names of the columns */
};

struct weak {
    struct cli *cli;
    const char *labels, *apply, *method, *balance, *accuracy, *mass, *alike, *tol, *level, *ties,
        *classes, *out, *lfs;
    int64_t max_iter, seed;
    bool skip_bad, list, no_gold;
    const struct as_method_info *info;
    struct as_weak_opts opts;
    struct matrix data, other;
    uint32_t classes_n;             /* of all files together */
    struct progress bar;
};

/* ------------------------------------------------------------------ reading */

/* A class is a whole number from 0, -1 abstains; an empty label is not known. */
static bool class_of(struct as_cell c, int16_t *out)
{
    double x = -1;

    if (c.n && (!as_cell_number(c, &x) || x < -1 || x > INT16_MAX - 1 || x > floor(x)))
        return false;
    *out = (int16_t)x;
    return true;
}

/* Columns lf0, lf1, … in the order of the file. */
static int lf_columns(struct weak *w, const struct as_csv *c, struct matrix *m, uint32_t **at)
{
    const struct as_cell *name;
    uint32_t n = as_csv_header(c, &name);

    *at = NEW_N(w->cli->cx, uint32_t, n);
    m->lf = NEW_N(w->cli->cx, struct as_cell, n);
    for (uint32_t k = 0; k < n; k++) {
        if (name[k].n < 3 || memcmp(name[k].s, "lf", 2) != 0)
            continue;
        m->lf[m->votes.lfs] = name[k];
        (*at)[m->votes.lfs++] = k;
    }
    if (!m->votes.lfs)
        return fail(w->cli->cx, E_INVALID, "%s line 1: the votes of the functions stand in columns "
                    "lf0, lf1, …; there is none.", m->in.path);
    return 0;
}

static bool take_row(struct matrix *m, const struct as_cell *row, const uint32_t *at,
                     uint32_t label, size_t line, int16_t *vote, int16_t *gold, uint32_t *classes)
{
    struct as_blame b = {line, {NULL, 0}, "a vote is a class from 0, or -1"};

    for (uint32_t k = 0; k < m->votes.lfs; k++) {
        if (!class_of(row[at[k]], &vote[k]) || !row[at[k]].n) {
            b.cell = row[at[k]];
            input_bad(&m->in, &b);
            return false;
        }
        *classes = vote[k] >= 0 && (uint32_t)vote[k] >= *classes ? (uint32_t)vote[k] + 1 : *classes;
    }
    *gold = -1;
    if (label != UINT32_MAX && !class_of(row[label], gold)) {
        b.cell = row[label];
        b.why = "the label is a class from 0, or empty";
        input_bad(&m->in, &b);
        return false;
    }
    *classes = *gold >= 0 && (uint32_t)*gold >= *classes ? (uint32_t)*gold + 1 : *classes;
    return true;
}

static int read_matrix(struct weak *w, const char *path, struct matrix *m)
{
    const struct as_cell *row;
    struct as_csv *c;
    struct as_blame b;
    uint32_t *at, id;
    size_t room = 2, n = 0;
    int rc = input_open(w->cli, path, w->skip_bad, &m->in), more;

    if (rc < 0)
        return rc;
    if ((rc = as_csv_open(m->in.s, m->in.n, &c, &b)))
        return input_fail(w->cli, &m->in, rc, &b);
    KEEP(w->cli, c, as_csv_close);
    if ((rc = lf_columns(w, c, m, &at)) < 0)
        return rc;
    uint32_t task = as_csv_column(c, "task"), label = as_csv_column(c, "label");
    for (size_t k = 0; k < m->in.n; k++)
        room += m->in.s[k] == '\n';
    int16_t *vote = talloc_array_size(w->cli->cx->mem, m->votes.lfs * sizeof *vote, (unsigned)room);
    int16_t *gold = NEW_N(w->cli->cx, int16_t, room);
    if (!vote || !gold || room > UINT32_MAX || as_names_new(&m->rows))
        return stats_fail(w->cli, AS_ENOMEM, m->in.path);
    KEEP(w->cli, m->rows, as_names_free);
    while ((more = as_csv_next(c, &row, &b))) {
        if (more == AS_EINVAL)
            input_bad(&m->in, &b);
        else if (more < 0)
            return stats_fail(w->cli, more, m->in.path);
        else if (take_row(m, row, at, label, as_csv_line(c), vote + n * m->votes.lfs, gold + n,
                          &w->classes_n)) {
            if (task != UINT32_MAX && (as_names_add(m->rows, row[task], &id) || id != n)) {
                input_bad(&m->in, &(struct as_blame){as_csv_line(c), row[task],
                                                     "this task stands above already"});
                continue;
            }
            n++;
        }
    }
    m->votes.rows = n;
    m->votes.vote = vote;
    m->votes.gold = gold;
    return input_check(w->cli, &m->in);
}

static void put_row(struct table *t, const struct matrix *m, size_t row)
{
    char room[12];

    if (!as_names_count(m->rows))
        table_whole(t, (int64_t)row);
    else {
        struct as_cell c = as_name(m->rows, (uint32_t)row, room);
        table_text(t, c.s, c.n);
    }
}

/* ------------------------------------------------------------------ the table of functions */

static int write_table(struct weak *w)
{
    static const char *const columns[] = {"lf", "polarity", "coverage", "overlaps", "conflicts",
                                          "correct", "incorrect", "accuracy", NULL};
    struct as_lf_table *l;
    struct table t;
    int rc = as_lf_table(&w->data.votes, &l);

    if (rc)
        return stats_fail(w->cli, rc, "lf-table");
    KEEP(w->cli, l, as_lf_table_free);
    if ((rc = table_open(w->cli, w->out ? w->out : "-", columns, &t)) < 0)
        return rc;
    for (uint32_t j = 0; j < l->lfs; j++) {
        struct buf classes;

        buf_init(&classes, w->cli->cx, 1 << 20);
        for (uint32_t k = 0; k < l->classes; k++)
            if (l->polarity[(size_t)j * l->classes + k])
                buf_addf(&classes, "%s%u", classes.n ? " " : "", k);
        table_text(&t, w->data.lf[j].s + 2, w->data.lf[j].n - 2);
        table_text(&t, classes.s ? classes.s : "", classes.n);
        table_real(&t, l->lf[j].coverage);
        table_real(&t, l->lf[j].overlaps);
        table_real(&t, l->lf[j].conflicts);
        table_whole(&t, (int64_t)l->lf[j].correct);
        table_whole(&t, (int64_t)l->lf[j].incorrect);
        table_real(&t, l->lf[j].correct + l->lf[j].incorrect ? l->lf[j].accuracy : (double)NAN);
    }
    return table_close(&t, rc);
}

/* ------------------------------------------------------------------ a label model */

static int write_labels(struct weak *w, const struct matrix *m, const struct as_weak_result *r)
{
    static const char *const columns[] = {"task", "label", "confidence", NULL};
    struct table t;
    int rc = table_open(w->cli, w->out ? w->out : "-", columns, &t);

    for (size_t k = 0; rc >= 0 && k < r->rows; k++) {
        put_row(&t, m, k);
        if (r->label[k] < 0)
            table_empty(&t);
        else
            table_whole(&t, r->label[k]);
        table_real(&t, r->confidence[k]);
    }
    return rc < 0 ? rc : table_close(&t, rc);
}

static int write_functions(struct weak *w, const struct as_weak_result *r)
{
    static const char *const columns[] = {"lf", "n", "accuracy", "lo", "hi", "weight", "group",
                                          NULL};
    struct table t;
    int rc = table_open(w->cli, w->lfs, columns, &t);

    for (uint32_t j = 0; rc >= 0 && j < r->lfs; j++) {
        table_text(&t, w->data.lf[j].s + 2, w->data.lf[j].n - 2);
        table_whole(&t, (int64_t)r->lf[j].votes);
        table_real(&t, r->lf[j].accuracy);
        table_real(&t, r->lf[j].lo);
        table_real(&t, r->lf[j].hi);
        table_real(&t, r->lf[j].weight);
        table_text(&t, w->data.lf[r->lf[j].group].s + 2, w->data.lf[r->lf[j].group].n - 2);
    }
    return rc < 0 ? rc : table_close(&t, rc);
}

static void tell(struct weak *w, const struct matrix *m, const struct as_weak_result *r)
{
    static const char *const from[] = {"uniform", "as the known rows have it", "as given"};
    FILE *to = w->out && strcmp(w->out, "-") != 0 ? stdout : stderr;
    size_t known = 0, right = 0;

    fprintf(to, "%s: %u functions on %zu rows, %zu with a vote; class balance %s.\n", r->method,
            r->lfs, r->rows, r->covered, from[r->balance_from]);
    for (size_t k = 0; k < r->rows; k++) {
        known += m->votes.gold[k] >= 0;
        right += m->votes.gold[k] >= 0 && m->votes.gold[k] == r->label[k];
    }
    if (known)
        fprintf(to, "Right on %zu of %zu rows whose label is known: %.2f %%.\n", right, known,
                100 * (double)right / (double)known);
}

static int told(void *arg, int iteration, double objective)
{
    (void)objective;
    progress_show(arg, iteration, 0);
    return 0;
}

static int model(struct weak *w)
{
    struct as_weak_result *r, *other;
    const int16_t *gold = w->data.votes.gold;
    int rc;

    if (w->no_gold)
        w->data.votes.gold = NULL;
    w->bar.what = w->info->id;
    w->opts.progress = told;
    w->opts.progress_arg = &w->bar;
    rc = as_weak(&w->data.votes, w->info->id, &w->opts, &r);
    w->data.votes.gold = gold;
    progress_end(&w->bar);
    if (rc)
        return stats_fail(w->cli, rc, w->info->id);
    KEEP(w->cli, r, as_weak_free);
    if (w->lfs && (rc = write_functions(w, r)) < 0)
        return rc;
    if (!w->apply) {
        rc = write_labels(w, &w->data, r);
        tell(w, &w->data, r);
        return rc;
    }
    if ((rc = as_weak_apply(r, &w->other.votes, &other)))
        return stats_fail(w->cli, rc, w->apply);
    KEEP(w->cli, other, as_weak_free);
    rc = write_labels(w, &w->other, other);
    tell(w, &w->other, other);
    return rc;
}

/* ------------------------------------------------------------------ the command */

static int balance(struct weak *w)
{
    const struct as_cell *cell;
    uint32_t n;
    int rc = option_list(w->cli, "balance", w->balance, &cell, &n);

    if (rc < 0 || !n)
        return rc;
    double *share = NEW_N(w->cli->cx, double, n);
    for (uint32_t k = 0; k < n; k++)
        if (!as_cell_number(cell[k], &share[k]) || share[k] <= 0)
            return fail(w->cli->cx, E_INVALID, "--balance is a positive number for every class.");
    if (n < w->classes_n)
        return fail(w->cli->cx, E_INVALID, "--balance gives %u classes, the votes have %u.", n,
                    w->classes_n);
    w->classes_n = n;
    w->opts.balance = share;
    return 0;
}

static int options(struct weak *w)
{
    static const char *const ties[] = {"lowest", "undecided", NULL};
    int word = option_word("ties", w->ties, ties);

    as_weak_opts_init(&w->opts);
    if (word < 0 || option_real("accuracy", w->accuracy, .01, .99, &w->opts.accuracy) ||
        option_real("mass", w->mass, 0, 1e6, &w->opts.mass) ||
        option_real("alike", w->alike, 0, 1, &w->opts.alike) ||
        option_real("tol", w->tol, 0, 1, &w->opts.tol) ||
        option_real("level", w->level, .5, .9999, &w->opts.level))
        return EXIT_USAGE;
    w->opts.ties = word ? AS_TIE_UNDECIDED : AS_TIE_LOWEST;
    if (w->max_iter < 0 || w->max_iter > 1000000)
        return cli_usage("--max-iter goes to 1000000.");
    if (w->max_iter)
        w->opts.max_iter = (int)w->max_iter;
    w->opts.seed = (uint64_t)w->seed;
    if (!w->method)
        return cli_usage("Say with --method which method; see annotary weak --help.");
    return (w->info = method_find(w->method, registries)) ? EXIT_OK : EXIT_USAGE;
}

static int work(struct weak *w)
{
    int rc = read_matrix(w, w->labels, &w->data);

    if (rc >= 0 && w->apply)
        rc = read_matrix(w, w->apply, &w->other);
    if (rc < 0 || (rc = balance(w)) < 0)
        return rc;
    if (w->apply && w->other.votes.lfs != w->data.votes.lfs)
        return fail(w->cli->cx, E_INVALID, "%s has %u functions, %s has %u.", w->data.in.path,
                    w->data.votes.lfs, w->other.in.path, w->other.votes.lfs);
    const char *const outs[] = {w->out, w->lfs};
    for (size_t k = 0; k < 2; k++)
        if ((rc = table_not_input(w->cli, outs[k], &w->data.in)) < 0 ||
            (w->apply && (rc = table_not_input(w->cli, outs[k], &w->other.in)) < 0))
            return rc;
    w->data.votes.classes = w->other.votes.classes = w->classes_n < 2 ? 2 : w->classes_n;
    return !strcmp(w->info->id, "lf-table") ? write_table(w) : model(w);
}

int cmd_weak(struct cli *cli, int argc, char **argv)
{
    struct weak *w = NEW(cli->cx, struct weak);
    const struct opt opts[] = {
        {.name = "method", .arg = "M", .what = "one of those below", .text = &w->method},
        {.name = "out", .arg = "FILE", .what = "task,label,confidence as CSV, .json or .jsonl",
         .text = &w->out},
        {.name = "lfs", .arg = "FILE", .what = "lf,n,accuracy,lo,hi,weight,group",
         .text = &w->lfs},
        {.name = "apply", .arg = "FILE", .what = "label these rows with the model learned",
         .text = &w->apply},
        {.name = "balance", .arg = "X,Y,…", .what = "how common the classes are; else as the known "
         "rows have it, else alike", .text = &w->balance},
        {.name = "no-gold", .what = "known labels only score", .flag = &w->no_gold},
        {.name = "accuracy", .arg = "X", .what = "what a function is expected to be; .7",
         .text = &w->accuracy},
        {.name = "mass", .arg = "X", .what = "what this expectation is worth",
         .text = &w->mass},
        {.name = "alike", .arg = "X", .what = "functions with more in common share one voice; .9",
         .text = &w->alike},
        {.name = "ties", .arg = "HOW", .what = "lowest (the first class) or undecided",
         .text = &w->ties},
        {.name = "max-iter", .arg = "N", .what = "iterations at most", .number = &w->max_iter},
        {.name = "tol", .arg = "X", .what = "stop when a vote gains less than this",
         .text = &w->tol},
        {.name = "level", .arg = "X", .what = "of the intervals; .95", .text = &w->level},
        {.name = "seed", .arg = "N", .what = "of chance", .number = &w->seed},
        {.name = "skip-bad", .what = "leave bad rows out", .flag = &w->skip_bad},
        {.name = "list", .what = "print the methods as JSON", .flag = &w->list},
        {0},
    };
    const struct use use = {
        .command = "weak", .args = "VOTES", .opts = opts, .max = 1, .alone = true,
        .what = "One label a row out of the votes of labelling functions.  VOTES is a CSV file "
                "with columns lf0, lf1, …: a class from 0, or -1 where the function abstains; task "
                "and label, if there are (an empty label is not known).",
        .examples = methods_help(cli, EXAMPLES, registries),
    };
    int rc;

    w->cli = cli;
    cli_args(cli, &use, argc, argv, &w->labels);
    if (w->list)
        return methods_list(cli, registries);
    if (!w->labels)
        return cli_usage("Say which file holds the votes; see annotary weak --help.");
    if ((rc = options(w)))
        return rc;
    rc = work(w);
    return input_exit(cli, w->other.in.bad ? &w->other.in : &w->data.in, rc);
}
