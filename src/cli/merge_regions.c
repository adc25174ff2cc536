/*
 * merge_regions.c -- annotary merge boxes, annotary merge spans.
 *
 * A row is a region somebody drew; a row whose numbers are empty says that they looked and drew
 * nothing, which counts against the regions of the others.
 */
#include "cli/merge.h"

#define NUMBERS_MAX 4

static method_at *const registries[] = {as_merge_method, NULL};

struct regions {
    struct merge m;
    const char *method, *iou, *keep, *fuse, *weights;
    bool any_label, all, boxes;
    struct as_merge_opts opts;
    struct as_names *labels;
    uint32_t at[9];                 /* columns: task, worker, the numbers, label, confidence */
    struct as_regions in;
    uint32_t *task, *worker, *look_task, *look_worker;
    uint16_t *label;
    float *sure;
    double *place;
};

static uint32_t numbers(const struct regions *g)
{
    return g->boxes ? 4 : 2;
}

/* ------------------------------------------------------------------ in */

/* NULL, or what is wrong with *cell; *none when no number stands there. */
static const char *place_of(const struct regions *g, const struct as_cell *row, double *x,
                            bool *none, struct as_cell *cell)
{
    uint32_t n = numbers(g), empty = 0;

    for (uint32_t k = 0; k < n; k++) {
        *cell = row[g->at[2 + k]];
        empty += cell->n == 0;
        if (cell->n && !as_cell_number(*cell, &x[k]))
            return "this is no number";
    }
    *none = empty == n;
    *cell = (struct as_cell){NULL, 0};
    if (empty && !*none)
        return "a number is missing";
    for (uint32_t k = 0; !*none && k < n / 2; k++)
        if (x[k + n / 2] < x[k])
            return "the end lies before the start";
    return NULL;
}

static int take(struct regions *g, const struct as_cell *row, uint32_t task, uint32_t worker)
{
    uint32_t n = numbers(g), label = 0, of_label = g->at[2 + n], of_sure = g->at[3 + n];
    struct as_blame b = {.line = as_csv_line(g->m.csv)};
    double x[NUMBERS_MAX], sure = 1;
    bool none = false;

    b.why = place_of(g, row, x, &none, &b.cell);
    if (!b.why && !none && of_sure != UINT32_MAX && row[of_sure].n &&
        (!as_cell_number(row[of_sure], &sure) || sure < 0 || sure > 1))
        b.why = "the confidence is a number from 0 to 1", b.cell = row[of_sure];
    if (b.why) {
        input_bad(&g->m.in, &b);
        return 0;
    }
    if (none) {
        g->look_task[g->in.looks] = task;
        g->look_worker[g->in.looks++] = worker;
        return 0;
    }
    if (of_label != UINT32_MAX && as_names_add(g->labels, row[of_label], &label))
        return stats_fail(g->m.cli, AS_ENOMEM, g->m.in.path);
    if (label >= AS_CLASSES_MAX)
        return fail(g->m.cli->cx, E_TOOBIG, "%s has more than 65535 labels.", g->m.in.path);
    g->task[g->in.n] = task;
    g->worker[g->in.n] = worker;
    g->label[g->in.n] = (uint16_t)label;
    g->sure[g->in.n] = (float)sure;
    memcpy(g->place + g->in.n * n, x, n * sizeof *x);
    g->in.n++;
    return 0;
}

static void room_for(struct regions *g, unsigned rows)
{
    void *mem = g->m.cli->cx->mem;

    g->task = talloc_array(mem, uint32_t, rows);
    g->worker = talloc_array(mem, uint32_t, rows);
    g->look_task = talloc_array(mem, uint32_t, rows);
    g->look_worker = talloc_array(mem, uint32_t, rows);
    g->label = talloc_array(mem, uint16_t, rows);
    g->sure = talloc_array(mem, float, rows);
    g->place = talloc_array_size(mem, numbers(g) * sizeof *g->place, rows);
}

static int read_regions(struct regions *g)
{
    static const char *const of_boxes[] = {"task", "worker", "x0", "y0", "x1", "y1", "?label",
                                           "?confidence", NULL};
    static const char *const of_spans[] = {"task", "worker", "start", "end", "?label",
                                           "?confidence", NULL};
    const struct as_cell *row;
    uint32_t t, w;
    int rc = merge_open(&g->m, g->boxes ? of_boxes : of_spans, g->at), more;

    if (rc < 0)
        return rc;
    if (as_names_new(&g->labels))
        return stats_fail(g->m.cli, AS_ENOMEM, g->m.path);
    KEEP(g->m.cli, g->labels, as_names_free);
    room_for(g, (unsigned)merge_room(&g->m));
    while ((more = merge_next(&g->m, g->at, &row, &t, &w)) > 0)
        if ((rc = take(g, row, t, w)) < 0)
            return rc;
    uint32_t *becomes = NEW_N(g->m.cli->cx, uint32_t, as_names_count(g->labels) + 1);
    if (as_names_sort(g->labels, AS_BYTES, becomes))
        return stats_fail(g->m.cli, AS_ENOMEM, g->m.path);
    for (size_t k = 0; as_names_count(g->labels) && k < g->in.n; k++)
        g->label[k] = (uint16_t)becomes[g->label[k]];
    g->in.tasks = as_names_count(g->m.tasks);
    g->in.workers = as_names_count(g->m.people);
    g->in.task = g->task;
    g->in.worker = g->worker;
    g->in.label = g->label;
    g->in.sure = g->sure;
    g->in.shape = g->boxes ? AS_SHAPE_BOX : AS_SHAPE_SPAN;
    g->in.numbers = numbers(g);
    g->in.at = g->place;
    g->in.look_task = g->look_task;
    g->in.look_worker = g->look_worker;
    return more < 0 ? more : input_check(g->m.cli, &g->m.in);
}

/* worker,skill: as `annotary aggregate --workers` writes it.  Who is not in it weighs 1. */
static int read_weights(struct regions *g)
{
    struct input in;
    const struct as_cell *row;
    struct as_csv *c;
    struct as_blame b;
    int rc, more;

    if (!g->weights)
        return 0;
    if ((rc = input_open(g->m.cli, g->weights, g->m.skip_bad, &in)) < 0)
        return rc;
    if ((rc = as_csv_open(in.s, in.n, &c, &b)))
        return input_fail(g->m.cli, &in, rc, &b);
    KEEP(g->m.cli, c, as_csv_close);
    uint32_t worker = as_csv_column(c, "worker"), skill = as_csv_column(c, "skill");
    if (worker == UINT32_MAX || skill == UINT32_MAX)
        return fail(g->m.cli->cx, E_INVALID, "%s must have the columns worker and skill.", in.path);
    double *weight = NEW_N(g->m.cli->cx, double, g->in.workers + 1);
    for (uint32_t k = 0; k < g->in.workers; k++)
        weight[k] = 1;
    while ((more = as_csv_next(c, &row, &b))) {
        double x;

        if (more > 0 && (!as_cell_number(row[skill], &x) || x < 0)) {
            b = (struct as_blame){as_csv_line(c), row[skill], "a skill is a number of 0 or more"};
            more = AS_EINVAL;
        }
        uint32_t id = more > 0 ? as_names_find(g->m.people, row[worker]) : UINT32_MAX;

        if (more < 0)
            input_bad(&in, &b);
        else if (id != UINT32_MAX)
            weight[id] = x;
    }
    g->opts.worker_weight = weight;
    return input_check(g->m.cli, &in);
}

/* ------------------------------------------------------------------ out */

static int write_things(struct regions *g, const struct as_things *r)
{
    static const char *const of_boxes[] = {"task", "label", "x0", "y0", "x1", "y1", "existence",
                                           "backing", "looked", "label_share", "kept", NULL};
    static const char *const of_spans[] = {"task", "label", "start", "end", "existence",
                                           "backing", "looked", "label_share", "kept", NULL};
    struct table t;
    int rc = table_open(g->m.cli, g->m.out ? g->m.out : "-", g->boxes ? of_boxes : of_spans, &t);

    for (size_t k = 0; rc >= 0 && k < r->n; k++) {
        const struct as_thing *thing = &r->thing[k];

        if (!thing->kept && !g->all)
            continue;
        merge_name(&t, g->m.tasks, thing->task);
        if (as_names_count(g->labels))
            merge_name(&t, g->labels, thing->label);
        else
            table_empty(&t);
        for (uint32_t n = 0; n < numbers(g); n++)
            table_real(&t, r->place[k * r->numbers + n]);
        table_real(&t, thing->existence);
        table_whole(&t, thing->backing);
        table_whole(&t, thing->looked);
        table_real(&t, thing->label_share);
        table_whole(&t, thing->kept != 0);
    }
    return rc < 0 ? rc : table_close(&t, rc);
}

static int write_lookers(struct regions *g, const struct as_things *r)
{
    static const char *const columns[] = {"worker", "n", "skill", "lo", "hi", "miss", "alarm",
                                          "iou", NULL};
    struct table t;
    int rc = g->m.workers ? table_open(g->m.cli, g->m.workers, columns, &t) : 0;

    for (uint32_t k = 0; rc >= 0 && g->m.workers && k < r->workers; k++) {
        const struct as_looker *w = &r->worker[k];

        merge_name(&t, g->m.people, k);
        table_whole(&t, (int64_t)w->n);
        table_real(&t, w->skill);
        table_real(&t, w->lo);
        table_real(&t, w->hi);
        table_real(&t, w->miss);
        table_real(&t, w->alarm);
        table_real(&t, w->iou);
    }
    return rc < 0 || !g->m.workers ? rc : table_close(&t, rc);
}

static int answer(struct regions *g, const struct as_method_info *info)
{
    struct as_things *r;
    int rc = as_merge_all(&g->in, info->id, &g->opts, &r);

    if (rc)
        return stats_fail(g->m.cli, rc, info->id);
    KEEP(g->m.cli, r, as_things_free);
    rc = write_things(g, r);
    if (rc >= 0)
        rc = write_lookers(g, r);
    if (rc >= 0 && g->m.out && strcmp(g->m.out, "-") != 0)
        printf("%s: %zu regions of %u people on %u tasks; %zu of %zu groups kept.\n", r->method,
               g->in.n, r->workers, g->in.tasks, r->kept, r->n);
    return rc;
}

/* ------------------------------------------------------------------ the verbs */

static int options(struct regions *g)
{
    static const char *const fuses[] = {"default", "mean", "median", NULL};
    int fuse = option_word("fuse", g->fuse, fuses);

    as_merge_opts_init(&g->opts);
    if (fuse < 0 || option_real("iou", g->iou, 1e-6, 1, &g->opts.iou) ||
        option_real("keep", g->keep, 0, .999999, &g->opts.keep))
        return EXIT_USAGE;
    g->opts.fuse = (enum as_fuse)fuse;
    g->opts.any_label = g->any_label;
    return EXIT_OK;
}

static int run(struct cli *cli, int argc, char **argv, bool boxes)
{
    struct regions *g = NEW(cli->cx, struct regions);
    const struct opt opts[] = {
        {.name = "method", .arg = "M", .what = "one of those below; optimal", .text = &g->method},
        {.name = "out", .arg = "FILE", .what = "the regions kept, as CSV, .json or .jsonl",
         .text = &g->m.out},
        {.name = "workers", .arg = "FILE", .what = "worker,n,skill,lo,hi,miss,alarm,iou",
         .text = &g->m.workers},
        {.name = "iou", .arg = "X", .what = "overlap that makes two the same; .5", .text = &g->iou},
        {.name = "keep", .arg = "X", .what = "a region is kept when it exists with more than this "
         "probability; .5", .text = &g->keep},
        {.name = "any-label", .what = "regions meet whatever their labels, and vote on it",
         .flag = &g->any_label},
        {.name = "fuse", .arg = "HOW", .what = "mean or median of the coordinates",
         .text = &g->fuse},
        {.name = "weights", .arg = "FILE", .what = "worker,skill: what people weigh",
         .text = &g->weights},
        {.name = "all", .what = "also the regions that are not kept", .flag = &g->all},
        {.name = "skip-bad", .what = "leave bad rows out", .flag = &g->m.skip_bad},
        {.name = "list", .what = "print the methods as JSON", .flag = &g->m.list},
        {0},
    };
    const struct use use = {
        .command = boxes ? "merge boxes" : "merge spans", .args = "REGIONS", .opts = opts,
        .max = 1, .alone = true,
        .what = boxes ? "Boxes of several people become one set.  REGIONS is a CSV file with the "
                        "columns task, worker, x0, y0, x1, y1 and, if there are, label and "
                        "confidence; a row without numbers says that somebody looked and drew "
                        "nothing."
                      : "Spans of several people become one set.  REGIONS is a CSV file with the "
                        "columns task, worker, start, end (half open) and, if there are, label and "
                        "confidence; a row without numbers says that somebody looked and marked "
                        "nothing.",
        .examples = methods_help(cli, boxes ? "  annotary merge boxes boxes.csv -o merged.csv\n"
                                              "  annotary merge boxes boxes.csv --iou .6 --all\n"
                                            : "  annotary merge spans spans.csv -o merged.csv\n",
                                 registries),
    };
    const struct as_method_info *info;
    int rc;

    g->m.cli = cli;
    g->boxes = boxes;
    cli_args(cli, &use, argc, argv, &g->m.path);
    if (g->m.list)
        return methods_list(cli, registries);
    if (!g->m.path)
        return cli_usage("Say which file holds the regions; see annotary %s --help.", use.command);
    if ((rc = options(g)))
        return rc;
    if (!(info = method_find(g->method ? g->method : "optimal", registries)))
        return EXIT_USAGE;
    if ((rc = read_regions(g)) >= 0 && (rc = read_weights(g)) >= 0)
        rc = answer(g, info);
    return input_exit(cli, &g->m.in, rc);
}

int merge_boxes(struct cli *cli, int argc, char **argv)
{
    return run(cli, argc, argv, true);
}

int merge_spans(struct cli *cli, int argc, char **argv)
{
    return run(cli, argc, argv, false);
}
