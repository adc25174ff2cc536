/* cmd_aggregate.c -- annotary aggregate: many people's labels in, one answer a task out. */
#include "cli/aggregate.h"
#include "core/clock.h"
#include "core/str.h"

#include <math.h>

#define EXAMPLES \
    "  annotary aggregate labels.csv --method majority -o out.csv\n" \
    "  annotary aggregate labels.csv --method dawid-skene -o out.csv \\\n" \
    "      --gold truth.csv --workers people.csv --json report.json\n"

static method_at *const registries[] = {as_method, numbers_only, NULL};

/* ------------------------------------------------------------------ progress */

static void told_reading(void *arg, size_t done, size_t bytes)
{
    progress_show(arg, (int64_t)done, (int64_t)bytes);
}

static int told_round(void *arg, int iteration, double objective)
{
    (void)objective;
    progress_show(arg, iteration, 0);
    return 0;
}

/* ------------------------------------------------------------------ options */

static int options(struct job *j)
{
    static const char *const ties[] = {"lowest", "undecided", NULL};
    static const char *const policies[] = {"last", "first", "all", "error", NULL};
    struct as_opts *o = &j->opts;
    int word, policy = option_word("duplicates", j->duplicates, policies);

    as_opts_init(o);
    if (policy < 0 || option_real("prior", j->prior, 0, 1e6, &o->prior) ||
        option_real("tol", j->tol, 0, 1, &o->tol) ||
        option_real("level", j->level, 0.5, 0.9999, &o->level))
        return EXIT_USAGE;
    if ((word = option_word("ties", j->ties, ties)) < 0)
        return EXIT_USAGE;
    o->ties = word ? AS_TIE_UNDECIDED : AS_TIE_LOWEST;
    if (j->max_iter < 0 || j->max_iter > 1000000 || j->restarts < 0 || j->restarts > 10000)
        return cli_usage("--max-iter goes to 1000000, --restarts to 10000.");
    if (j->max_iter)
        o->max_iter = (int)j->max_iter;
    o->restarts = (int)j->restarts;
    o->seed = (uint64_t)j->seed;
    o->threads = threads_of(j->threads);
    o->progress = told_round;
    o->progress_arg = &j->bar;
    j->policy = (enum as_duplicates)policy;
    if (!(j->info = method_find(j->method, registries)))
        return EXIT_USAGE;
    if (j->numbers && !numbers_can(j->info->id))
        return cli_usage("%s does not take numbers; leave out --numbers.", j->info->id);
    for (unsigned k = 0; numbers_only(k); k++)
        j->numbers |= numbers_only(k) == j->info;
    if (j->numbers && j->multi)
        return cli_usage("Numbers stand in no sets; --multi is about classes.");
    if (!j->multi && (j->separator || j->per_class))
        return cli_usage("--separator and --per-class go with --multi.");
    if (j->separator && !*j->separator)
        return cli_usage("--separator must not be empty.");
    return EXIT_OK;
}

/* --class-prior a=.7,b=.3: every class, a positive number. */
static int class_priors(struct job *j)
{
    uint32_t classes = j->votes_info.classes, n, given = 0;
    const struct as_cell *cell;
    int rc = option_list(j->cli, "class-prior", j->class_prior, &cell, &n);

    if (rc < 0 || !n)
        return rc;
    j->prior_of = NEW_N(j->cli->cx, double, classes);
    for (uint32_t k = 0; k < n; k++) {
        const char *eq = memrchr(cell[k].s, '=', cell[k].n);
        struct as_cell name = {cell[k].s, eq ? (size_t)(eq - cell[k].s) : 0};
        struct as_cell value = {eq ? eq + 1 : "", eq ? cell[k].n - name.n - 1 : 0};
        uint32_t id = as_names_find(j->names.classes, name);
        double p;

        if (!eq || id >= classes || !as_cell_number(value, &p) || p <= 0)
            return fail(j->cli->cx, E_INVALID, "--class-prior is CLASS=NUMBER,… over the classes "
                        "of the labels; \"%.*s\" does not fit.", (int)cell[k].n, cell[k].s);
        given += j->prior_of[id] == 0;
        j->prior_of[id] = p;
    }
    if (given != classes)
        return fail(j->cli->cx, E_INVALID, "--class-prior must give a number to every class.");
    j->opts.class_prior = j->prior_of;
    return 0;
}

/* --cost: a table label,truth,cost, or the word distance.  What it leaves out costs 1, being right
   nothing. */
static int costs(struct job *j)
{
    uint32_t n = j->votes_info.classes;
    struct input in;
    const struct as_cell *row;
    struct as_csv *c;
    struct as_blame b;
    int rc, more;

    if (!j->cost)
        return 0;
    if (n > AS_DENSE_CLASSES)
        return fail(j->cli->cx, E_TOOBIG, "--cost is for up to %d classes.", AS_DENSE_CLASSES);
    double *cost = NEW_N(j->cli->cx, double, n * n);
    for (uint32_t k = 0; k < n; k++)
        for (uint32_t l = 0; l < n; l++)
            cost[k * n + l] = !strcmp(j->cost, "distance") ? fabs((double)k - l) : k != l;
    j->opts.cost = cost;
    if (!strcmp(j->cost, "distance"))
        return 0;
    if ((rc = input_open(j->cli, j->cost, false, &in)) < 0)
        return rc;
    if ((rc = as_csv_open(in.s, in.n, &c, &b)))
        return input_fail(j->cli, &in, rc, &b);
    KEEP(j->cli, c, as_csv_close);
    uint32_t label = as_csv_column(c, "label"), truth = as_csv_column(c, "truth"),
             price = as_csv_column(c, "cost");
    if (label == UINT32_MAX || truth == UINT32_MAX || price == UINT32_MAX)
        return fail(j->cli->cx, E_INVALID, "%s must have the columns label, truth, cost.", in.path);
    while ((more = as_csv_next(c, &row, &b))) {
        uint32_t k = more > 0 ? as_names_find(j->names.classes, row[label]) : n;
        uint32_t l = more > 0 ? as_names_find(j->names.classes, row[truth]) : n;

        if (more > 0 && (k >= n || l >= n || !as_cell_number(row[price], &cost[k * n + l]) ||
                         cost[k * n + l] < 0)) {
            b = (struct as_blame){as_csv_line(c), {NULL, 0},
                                  "label and truth are classes, the cost a number of 0 or more"};
            more = AS_EINVAL;
        }
        if (more < 0)
            input_bad(&in, &b);
    }
    return input_check(j->cli, &in);
}

/* ------------------------------------------------------------------ reading */

static int read_packed(struct job *j)
{
    struct as_blame b;
    int rc = as_votes_packed(j->in.s, j->in.n, &j->votes, &j->names, &b);

    if (rc)
        return input_fail(j->cli, &j->in, rc, &b);
    KEEP(j->cli, j->votes, as_votes_free);
    KEEP(j->cli, j->names.tasks, as_names_free);
    KEEP(j->cli, j->names.workers, as_names_free);
    KEEP(j->cli, j->names.classes, as_names_free);
    if (j->classes || j->duplicates)
        return fail(j->cli->cx, E_INVALID, "%s is packed: its classes and duplicates are settled.",
                    j->in.path);
    return 0;
}

int job_answered_twice(struct job *j, const struct as_fault *f)
{
    char room[12], other[12];
    struct as_cell t = as_name(j->names.tasks, f->task, room);
    struct as_cell w = as_name(j->names.workers, f->worker, other);
    size_t lines[2] = {0}, n = 0;

    for (size_t r = 0; r < j->answers->n && n < 2; r++)
        if (j->answers->task[r] == f->task && j->answers->worker[r] == f->worker)
            lines[n++] = as_answers_line(j->in.s, j->in.n, NULL, r);
    return fail(j->cli->cx, E_INVALID, "%s: worker \"%.*s\" answered task \"%.*s\" more than once, "
                "on lines %zu and %zu.", j->in.path, (int)w.n, w.s, (int)t.n, t.s, lines[0],
                lines[1]);
}

static int read_csv(struct job *j)
{
    struct as_reading how = {.bad = input_bad, .bad_arg = &j->in, .progress = told_reading,
                             .progress_arg = &j->bar};
    struct as_labels labels;
    struct as_fault fault;
    struct as_blame b;
    uint32_t n;
    int rc = option_list(j->cli, "classes", j->classes, &how.classes, &n);

    if (rc < 0)
        return rc;
    how.nclasses = n;
    j->bar.what = "Reading";
    rc = as_answers_read(j->in.s, j->in.n, &how, &j->answers, &b);
    progress_end(&j->bar);
    if (rc)
        return input_fail(j->cli, &j->in, rc, &b);
    KEEP(j->cli, j->answers, as_answers_free);
    if ((rc = input_check(j->cli, &j->in)) < 0)
        return rc;
    j->names = (struct as_named){j->answers->tasks, j->answers->workers, j->answers->classes};
    as_answers_labels(j->answers, &labels);
    if (!labels.n || !labels.classes)
        return fail(j->cli->cx, E_INVALID, "%s holds no label.", j->in.path);
    rc = as_votes_new(&labels, j->policy, &j->votes, &fault);
    if (rc == AS_EDUPLICATE)
        return job_answered_twice(j, &fault);
    if (rc)
        return stats_fail(j->cli, rc, j->in.path);
    KEEP(j->cli, j->votes, as_votes_free);
    as_answers_forget(j->answers);
    return 0;
}

static int read_gold(struct job *j)
{
    struct as_reading how = {.bad = input_bad, .bad_arg = &j->gold_in};
    const uint16_t *packed = as_votes_known(j->votes);
    uint32_t n = j->votes_info.tasks;
    struct as_truth *truth;
    struct as_blame b;
    int rc;

    if (j->gold) {
        rc = as_truth_read(j->gold_in.s, j->gold_in.n, j->names.tasks, j->names.classes, &how,
                           &truth, &b);
        if (rc)
            return input_fail(j->cli, &j->gold_in, rc, &b);
        KEEP(j->cli, truth, as_truth_free);
        if ((rc = input_check(j->cli, &j->gold_in)) < 0)
            return rc;
        j->known = truth->label;
        j->known_any = truth->known;
        j->unasked = truth->unasked;
    } else if (packed) {
        j->known = talloc_memdup(j->cli->cx->mem, packed, n * sizeof *packed);
        j->known_any = NEW_N(j->cli->cx, uint8_t, n);
        for (uint32_t t = 0; t < n; t++)
            j->known_any[t] = packed[t] != AS_ABSTAIN;
    }
    if (!j->known && (j->use_gold || j->keep_gold || j->info->needs_gold))
        return fail(j->cli->cx, E_INVALID, "%s needs known answers: give --gold.",
                    j->info->needs_gold ? j->info->id : "This");
    if (!j->known)
        return 0;
    j->opts.clamp_gold = j->keep_gold;
    j->use_gold |= j->keep_gold || j->info->needs_gold;
    rc = as_votes_gold(j->votes, j->use_gold ? j->known : NULL);
    return rc ? stats_fail(j->cli, rc, "the known answers") : 0;
}

/* ------------------------------------------------------------------ the work */

int job_run(struct job *j, struct as_result **out)
{
    int rc;

    j->bar.what = j->info->id;
    rc = as_aggregate(j->votes, j->info->id, &j->opts, out);
    progress_end(&j->bar);
    if (rc)
        return stats_fail(j->cli, rc, j->info->id);
    return 0;
}

static int put_bytes(void *arg, const void *bytes, size_t n)
{
    return fwrite(bytes, 1, n, arg) == n ? 0 : E_IO;
}

static int pack(struct job *j)
{
    struct table t;
    int rc = table_bytes(j->cli, j->pack, &t);

    if (rc < 0)
        return rc;
    rc = as_votes_pack(j->votes, &j->names, put_bytes, t.f);
    return table_close(&t, rc ? fail(j->cli->cx, E_IO, "%s cannot be written.", j->pack) : 0);
}

/* Neither labels nor gold are written over. */
static int open_files(struct job *j)
{
    const char *const outs[] = {j->out, j->workers, j->confusions, j->posterior, j->report, j->pack,
                                j->plot};
    int rc = input_open(j->cli, j->labels, j->skip_bad, &j->in);

    if (rc >= 0 && j->gold)
        rc = input_open(j->cli, j->gold, j->skip_bad, &j->gold_in);
    for (size_t k = 0; rc >= 0 && k < sizeof outs / sizeof *outs; k++)
        if ((rc = table_not_input(j->cli, outs[k], &j->in)) >= 0)
            rc = table_not_input(j->cli, outs[k], &j->gold_in);
    return rc;
}

static int work(struct job *j)
{
    int rc = open_files(j);

    if (rc < 0)
        return rc;
    if (j->numbers)
        return numbers_work(j);
    if (j->multi)
        return multi_work(j);
    rc = as_is_packed(j->in.s, j->in.n) ? read_packed(j) : read_csv(j);
    if (rc < 0)
        return rc;
    as_votes_info(j->votes, &j->votes_info);
    if ((rc = read_gold(j)) < 0 || (rc = class_priors(j)) < 0 || (rc = costs(j)) < 0)
        return rc;
    if (j->pack && (rc = pack(j)) < 0)
        return rc;
    if (j->pack && !j->out && !j->report)
        return 0;
    if ((rc = job_run(j, &j->result)) < 0)
        return rc;
    KEEP(j->cli, j->result, as_result_free);
    return (rc = job_score(j)) < 0 ? rc : job_write(j);
}

/* The method, and every file but the labels. */
static struct opt *opts_files(struct job *j, struct opt *to)
{
    const struct opt list[] = {
        {.name = "method", .arg = "M", .what = "one of those below", .text = &j->method},
        {.name = "out", .arg = "FILE", .what = "task,label,confidence as CSV; as JSON when its "
         "name ends in .json or .jsonl; without it, CSV on standard output", .text = &j->out},
        {.name = "gold", .arg = "FILE", .what = "task,label: known answers, to score with",
         .text = &j->gold},
        {.name = "use-gold", .what = "let the method learn from them too; the score then hides a "
         "fifth of them at a time", .flag = &j->use_gold},
        {.name = "keep-gold", .what = "and let them be the answer of their tasks",
         .flag = &j->keep_gold},
        {.name = "workers", .arg = "FILE", .what = "worker,n,skill,lo,hi", .text = &j->workers},
        {.name = "confusions", .arg = "FILE", .what = "worker,truth,label,probability, where the "
         "method has them", .text = &j->confusions},
        {.name = "posterior", .arg = "FILE", .what = "task,label,probability of every class",
         .text = &j->posterior},
        {.name = "json", .arg = "FILE", .what = "a report of the run", .text = &j->report},
        {.name = "plot", .arg = "FILE", .what = "an SVG picture: skills with their intervals and, "
         "with gold, whether confidence is honest", .text = &j->plot},
        {.name = "pack", .arg = "FILE", .what = "write the labels down packed, to be read again "
         "at once", .text = &j->pack},
    };

    memcpy(to, list, sizeof list);
    return to + sizeof list / sizeof *list;
}

/* What the labels mean. */
static struct opt *opts_reading(struct job *j, struct opt *to)
{
    const struct opt list[] = {
        {.name = "prior", .arg = "X", .what = "pseudo counts of the method's prior; 0 is maximum "
         "likelihood", .text = &j->prior},
        {.name = "class-prior", .arg = "A=X,B=Y", .what = "how common the classes are",
         .text = &j->class_prior},
        {.name = "classes", .arg = "A,B,…", .what = "the classes in their order; else those seen, "
         "sorted", .text = &j->classes},
        {.name = "duplicates", .arg = "WHICH", .what = "of a worker who answered twice: last, "
         "first, all or error", .text = &j->duplicates},
        {.name = "cost", .arg = "FILE", .what = "label,truth,cost of deciding: the label of least "
         "expected cost is the answer; or the word distance", .text = &j->cost},
        {.name = "numbers", .what = "labels are numbers: catd and pm take both",
         .flag = &j->numbers},
        {.name = "multi", .what = "a label is a set of classes, a|b; an empty cell the empty set",
         .flag = &j->multi},
        {.name = "separator", .arg = "TEXT", .what = "between the classes of a set; |",
         .text = &j->separator},
        {.name = "per-class", .what = "fit every class of the sets alone", .flag = &j->per_class},
        {.name = "ties", .arg = "HOW", .what = "lowest (the first class) or undecided",
         .text = &j->ties},
    };

    memcpy(to, list, sizeof list);
    return to + sizeof list / sizeof *list;
}

/* How the method runs. */
static struct opt *opts_fitting(struct job *j, struct opt *to)
{
    const struct opt list[] = {
        {.name = "max-iter", .arg = "N", .what = "iterations at most", .number = &j->max_iter},
        {.name = "tol", .arg = "X", .what = "stop when a label gains less than this",
         .text = &j->tol},
        {.name = "restarts", .arg = "N", .what = "of methods that begin by chance",
         .number = &j->restarts},
        {.name = "level", .arg = "X", .what = "of the intervals; .95", .text = &j->level},
        {.name = "seed", .arg = "N", .what = "of chance; the same seed gives the same bytes",
         .number = &j->seed},
        {.name = "threads", .arg = "N", .what = "the result does not depend on it",
         .number = &j->threads},
        {.name = "skip-bad", .what = "leave bad rows out", .flag = &j->skip_bad},
        {.name = "list", .what = "print the methods as JSON", .flag = &j->list},
    };

    memcpy(to, list, sizeof list);
    return to + sizeof list / sizeof *list;
}

int cmd_aggregate(struct cli *cli, int argc, char **argv)
{
    struct job j = {.cli = cli, .began_ms = clock_now()};
    struct opt opts[48] = {0};
    const struct use use = {
        .command = "aggregate", .args = "LABELS", .opts = opts, .min = 0, .max = 1, .alone = true,
        .what = "One answer for every task out of many people's labels.  LABELS is a CSV file with "
                "the columns task, worker, label (weight and time, if there are), or a packed file "
                "(--pack).  Exit code 1: rows are bad and are named with their lines.",
        .examples = methods_help(cli, EXAMPLES, registries),
    };
    int rc;

    opts_fitting(&j, opts_reading(&j, opts_files(&j, opts)));
    cli_args(cli, &use, argc, argv, &j.labels);
    if (j.list)
        return methods_list(cli, registries);
    if (!j.labels)
        return cli_usage("Say which file holds the labels; see annotary aggregate --help.");
    if (!j.method && j.pack && !j.out && !j.report)
        j.method = registries[0](0)->id;        /* packing only: none is run */
    if (!j.method)
        return cli_usage("Say with --method which method; see annotary aggregate --help.");
    if ((rc = options(&j)))
        return rc;
    rc = work(&j);
    if (rc >= 0 && !j.numbers && !j.multi)
        job_tell(&j);
    return input_exit(cli, j.gold_in.bad ? &j.gold_in : &j.in, rc);
}
