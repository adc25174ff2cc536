/* merge_text.c -- annotary merge text: one text a task. */
#include "cli/merge.h"

static method_at *const registries[] = {as_text_method, NULL};

struct text {
    struct merge m;
    const char *method, *alpha, *level, *canon, *tol;
    int64_t rounds, max_iter;
    bool lower;
    struct as_text_opts opts;
    struct as_texts texts;
    struct progress bar;
};

static int read_texts(struct text *x)
{
    static const char *const columns[] = {"task", "worker", "label", NULL};
    const struct as_cell *row;
    uint32_t at[3], t, w;
    int rc = merge_open(&x->m, columns, at), more;

    if (rc < 0)
        return rc;
    unsigned room = (unsigned)merge_room(&x->m);
    struct as_phrase *text = talloc_array(x->m.cli->cx->mem, struct as_phrase, room);
    uint32_t *task = talloc_array(x->m.cli->cx->mem, uint32_t, room);
    uint32_t *worker = talloc_array(x->m.cli->cx->mem, uint32_t, room);
    while ((more = merge_next(&x->m, at, &row, &t, &w)) > 0) {
        size_t k = x->texts.n++;

        task[k] = t;
        worker[k] = w;
        text[k] = (struct as_phrase){row[at[2]].s, row[at[2]].n};
    }
    x->texts.tasks = as_names_count(x->m.tasks);
    x->texts.workers = as_names_count(x->m.people);
    x->texts.text = text;
    x->texts.task = task;
    x->texts.worker = worker;
    return more < 0 ? more : input_check(x->m.cli, &x->m.in);
}

static int told(void *arg, int iteration, double objective)
{
    (void)objective;
    progress_show(arg, iteration, 0);
    return 0;
}

static int answer(struct text *x, const struct as_method_info *info)
{
    static const char *const columns[] = {"task", "label", "confidence", NULL};
    struct as_text_result *r;
    struct table t;
    int rc;

    x->bar.what = info->id;
    rc = as_merge_text(&x->texts, info->id, &x->opts, &r);
    progress_end(&x->bar);
    if (rc)
        return stats_fail(x->m.cli, rc, info->id);
    KEEP(x->m.cli, r, as_text_result_free);
    if ((rc = table_open(x->m.cli, x->m.out ? x->m.out : "-", columns, &t)) < 0)
        return rc;
    for (uint32_t k = 0; k < r->tasks; k++) {
        merge_name(&t, x->m.tasks, k);
        table_text(&t, r->answer[k].text, r->answer[k].length);
        table_real(&t, r->answer[k].confidence);
    }
    rc = table_close(&t, 0);
    if (x->m.out && strcmp(x->m.out, "-") != 0 && rc >= 0)
        printf("%s: %zu texts of %u people on %u tasks.\n", r->method, r->heard, r->workers,
               r->tasks);
    return rc < 0 ? rc : merge_workers(&x->m, r->worker, r->workers);
}

/* words,number,date,unit,json: which forms are the same to `exact`. */
static int canon(struct text *x)
{
    static const char *const words[] = {"words", "number", "date", "unit", "json"};
    const struct as_cell *cell;
    uint32_t n;
    int rc = option_list(x->m.cli, "same", x->canon, &cell, &n);

    if (rc < 0)
        return rc;
    x->opts.canon = n ? 0 : x->opts.canon;
    for (uint32_t k = 0; k < n; k++) {
        unsigned bit = 0;

        for (unsigned w = 0; w < 5; w++)
            bit |= as_cell_same(cell[k], words[w]) ? 1u << w : 0;
        if (!bit)
            return fail(x->m.cli->cx, E_INVALID, "--same is of words, number, date, unit, json.");
        x->opts.canon |= bit;
    }
    return 0;
}

int merge_text(struct cli *cli, int argc, char **argv)
{
    struct text *x = NEW(cli->cx, struct text);
    const struct opt opts[] = {
        {.name = "method", .arg = "M", .what = "one of those below; rover", .text = &x->method},
        {.name = "out", .arg = "FILE", .what = "task,label,confidence as CSV, .json or .jsonl",
         .text = &x->m.out},
        {.name = "workers", .arg = "FILE", .what = "worker,n,skill,lo,hi", .text = &x->m.workers},
        {.name = "rounds", .arg = "N", .what = "of learning who is good: rover, medoid, exact; 0",
         .number = &x->rounds},
        {.name = "same", .arg = "FORMS", .what = "of exact: words, number, date, unit, json",
         .text = &x->canon},
        {.name = "alpha", .arg = "X", .what = "of rasa and hrrasa; .05", .text = &x->alpha},
        {.name = "lower", .what = "rasa trusts who answered much", .flag = &x->lower},
        {.name = "max-iter", .arg = "N", .what = "rounds of rasa and hrrasa at most",
         .number = &x->max_iter},
        {.name = "tol", .arg = "X", .what = "and until an answer gains less than this",
         .text = &x->tol},
        {.name = "level", .arg = "X", .what = "of the intervals; .95", .text = &x->level},
        {.name = "skip-bad", .what = "leave bad rows out", .flag = &x->m.skip_bad},
        {.name = "list", .what = "print the methods as JSON", .flag = &x->m.list},
        {0},
    };
    const struct use use = {
        .command = "merge text", .args = "TEXTS", .opts = opts, .max = 1, .alone = true,
        .what = "One text out of several.  TEXTS is a CSV file with the columns task, worker, "
                "label; an answer without a word is none.",
        .examples = methods_help(cli, "  annotary merge text heard.csv -o said.csv\n", registries),
    };
    const struct as_method_info *info;
    int rc;

    x->m.cli = cli;
    as_text_opts_init(&x->opts);
    x->rounds = x->opts.rounds;
    cli_args(cli, &use, argc, argv, &x->m.path);
    if (x->m.list)
        return methods_list(cli, registries);
    if (!x->m.path)
        return cli_usage("Say which file holds the texts; see annotary merge text --help.");
    if (option_real("alpha", x->alpha, 1e-6, 1, &x->opts.alpha) ||
        option_real("tol", x->tol, 0, 1, &x->opts.tol) ||
        option_real("level", x->level, .5, .9999, &x->opts.level))
        return EXIT_USAGE;
    if (x->rounds < 0 || x->rounds > 1000 || x->max_iter < 0 || x->max_iter > 1000000)
        return cli_usage("--rounds goes to 1000, --max-iter to 1000000.");
    x->opts.rounds = (int)x->rounds;
    x->opts.max_iter = x->max_iter ? (int)x->max_iter : x->opts.max_iter;
    x->opts.lower = x->lower;
    x->opts.progress = told;
    x->opts.progress_arg = &x->bar;
    if (!(info = method_find(x->method ? x->method : "rover", registries)))
        return EXIT_USAGE;
    if ((rc = canon(x)) >= 0 && (rc = read_texts(x)) >= 0)
        rc = answer(x, info);
    return input_exit(cli, &x->m.in, rc);
}
