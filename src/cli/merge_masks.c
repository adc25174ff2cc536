/*
 * merge_masks.c -- annotary merge masks: one mask a picture.
 *
 * A mask is written as lengths of runs, row by row, background first, with blanks between them.
 */
#include "cli/merge.h"

#include <math.h>

static method_at *const registries[] = {as_mask_method, NULL};

struct masks {
    struct merge m;
    const char *method, *smooth, *level, *tol;
    int64_t width, height, max_iter;
    struct as_mask_opts opts;
    struct as_masks masks;
    uint32_t *wide, *high;          /* [tasks] */
    uint32_t *run;
    size_t runs;
    struct progress bar;
};

enum { TASK, WORKER, RLE, WIDTH, HEIGHT };

/* Appends the runs of a cell; false when they are no whole numbers, or more than `pixels`. */
static bool take_runs(struct masks *x, struct as_cell c, uint64_t pixels)
{
    uint64_t sum = 0;
    size_t k = 0, from = x->runs;

    while (k < c.n) {
        uint64_t n = 0;
        size_t digits = 0;

        while (k < c.n && c.s[k] == ' ')
            k++;
        for (; k < c.n && c.s[k] >= '0' && c.s[k] <= '9' && digits < 11; k++, digits++)
            n = n * 10 + (uint64_t)(c.s[k] - '0');
        if (!digits && k == c.n)
            break;
        sum += n;
        if (!digits || (k < c.n && c.s[k] != ' ') || sum > pixels) {
            x->runs = from;
            return false;
        }
        x->run[x->runs++] = (uint32_t)n;
    }
    return true;
}

/* The size of the picture of this row: its own columns, else the options.  0 when it is wrong. */
static uint32_t size_of(const struct as_cell *row, uint32_t column, int64_t given)
{
    double x = (double)given;

    if (column != UINT32_MAX && !as_cell_number(row[column], &x))
        return 0;
    return x >= 1 && x <= 1e9 && x <= floor(x) ? (uint32_t)x : 0;
}

static int take(struct masks *x, const struct as_cell *row, const uint32_t *at, uint32_t task)
{
    struct as_blame b = {as_csv_line(x->m.csv), {NULL, 0}, NULL};
    uint32_t w = size_of(row, at[WIDTH], x->width), h = size_of(row, at[HEIGHT], x->height);

    if (!w || !h)
        b.why = "the size of the picture is not said: columns width and height, or the options";
    else if (x->wide[task] && (x->wide[task] != w || x->high[task] != h))
        b.why = "this picture had another size above";
    else if (!take_runs(x, row[at[RLE]], (uint64_t)w * h))
        b.why = "a mask is whole numbers with blanks between, within the picture",
        b.cell = row[at[RLE]];
    if (b.why) {
        input_bad(&x->m.in, &b);
        return 0;
    }
    x->wide[task] = w;
    x->high[task] = h;
    return 1;
}

static int read_masks(struct masks *x)
{
    static const char *const columns[] = {"task", "worker", "rle", "?width", "?height", NULL};
    const struct as_cell *row;
    uint32_t at[5], t, w;
    int rc = merge_open(&x->m, columns, at), more;
    size_t k = 0;

    if (rc < 0)
        return rc;
    unsigned room = (unsigned)merge_room(&x->m);
    void *mem = x->m.cli->cx->mem;
    uint32_t *task = talloc_array(mem, uint32_t, room), *worker = talloc_array(mem, uint32_t, room);
    size_t *start = talloc_zero_array(mem, size_t, room + 1);
    x->wide = talloc_zero_array(mem, uint32_t, room);
    x->high = talloc_zero_array(mem, uint32_t, room);
    /* a run takes two bytes of the file at least, or is the last of its cell */
    x->run = talloc_array(mem, uint32_t, (unsigned)(x->m.in.n / 2 + room));
    while ((more = merge_next(&x->m, at, &row, &t, &w)) > 0) {
        if (!take(x, row, at, t))
            continue;
        task[k] = t;
        worker[k] = w;
        start[++k] = x->runs;
    }
    x->masks = (struct as_masks){.tasks = as_names_count(x->m.tasks),
                                 .workers = as_names_count(x->m.people), .classes = 2,
                                 .width = x->wide, .height = x->high, .n = k, .task = task,
                                 .worker = worker, .start = start, .run = x->run};
    for (uint32_t i = 0; i < x->masks.tasks; i++)       /* of tasks whose rows are all bad */
        if (!x->wide[i])
            x->wide[i] = x->high[i] = 1;
    return more < 0 ? more : input_check(x->m.cli, &x->m.in);
}

static int answer(struct masks *x, const struct as_method_info *info)
{
    static const char *const columns[] = {"task", "rle", "confidence", NULL};
    struct as_mask_result *r;
    struct table t;
    int rc = as_merge_masks(&x->masks, info->id, &x->opts, &r);

    if (rc)
        return stats_fail(x->m.cli, rc, info->id);
    KEEP(x->m.cli, r, as_mask_result_free);
    if ((rc = table_open(x->m.cli, x->m.out ? x->m.out : "-", columns, &t)) < 0)
        return rc;
    for (uint32_t k = 0; k < r->tasks; k++) {
        char *rle = talloc_strdup(x->m.cli->cx->mem, "");

        for (size_t i = r->start[k]; i < r->start[k + 1]; i++)
            rle = talloc_asprintf_append_buffer(rle, "%s%u", i > r->start[k] ? " " : "", r->run[i]);
        merge_name(&t, x->m.tasks, k);
        table_words(&t, rle);
        table_real(&t, r->confidence[k]);
        talloc_free(rle);
    }
    rc = table_close(&t, 0);
    if (x->m.out && strcmp(x->m.out, "-") != 0 && rc >= 0)
        printf("%s: %zu masks of %u people on %u pictures.\n", r->method, x->masks.n, r->workers,
               r->tasks);
    return rc < 0 ? rc : merge_workers(&x->m, r->worker, r->workers);
}

int merge_masks(struct cli *cli, int argc, char **argv)
{
    struct masks *x = NEW(cli->cx, struct masks);
    const struct opt opts[] = {
        {.name = "method", .arg = "M", .what = "one of those below; staple", .text = &x->method},
        {.name = "out", .arg = "FILE", .what = "task,rle,confidence as CSV, .json or .jsonl",
         .text = &x->m.out},
        {.name = "workers", .arg = "FILE", .what = "worker,n,skill,lo,hi", .text = &x->m.workers},
        {.name = "width", .arg = "N", .what = "of every picture, in pixels, where there is no "
         "column of this name", .number = &x->width},
        {.name = "height", .arg = "N", .what = "the same", .number = &x->height},
        {.name = "smooth", .arg = "X", .what = "how much neighbouring pixels want to be alike; 0",
         .text = &x->smooth},
        {.name = "max-iter", .arg = "N", .what = "iterations at most", .number = &x->max_iter},
        {.name = "tol", .arg = "X", .what = "and until a picture gains less than this",
         .text = &x->tol},
        {.name = "level", .arg = "X", .what = "of the intervals; .95", .text = &x->level},
        {.name = "skip-bad", .what = "leave bad rows out", .flag = &x->m.skip_bad},
        {.name = "list", .what = "print the methods as JSON", .flag = &x->m.list},
        {0},
    };
    const struct use use = {
        .command = "merge masks", .args = "MASKS", .opts = opts, .max = 1, .alone = true,
        .what = "One mask a picture out of several.  MASKS is a CSV file with the columns task, "
                "worker, rle (lengths of runs, row by row, background first) and, if there are, "
                "width and height.",
        .examples = methods_help(cli, "  annotary merge masks masks.csv --width 64 --height 64 "
                                 "-o merged.csv\n", registries),
    };
    const struct as_method_info *info;
    int rc;

    x->m.cli = cli;
    as_mask_opts_init(&x->opts);
    cli_args(cli, &use, argc, argv, &x->m.path);
    if (x->m.list)
        return methods_list(cli, registries);
    if (!x->m.path)
        return cli_usage("Say which file holds the masks; see annotary merge masks --help.");
    if (option_real("smooth", x->smooth, 0, 100, &x->opts.smooth) ||
        option_real("tol", x->tol, 0, 1, &x->opts.tol) ||
        option_real("level", x->level, .5, .9999, &x->opts.level))
        return EXIT_USAGE;
    if (x->max_iter < 0 || x->max_iter > 1000000)
        return cli_usage("--max-iter goes to 1000000.");
    x->opts.max_iter = x->max_iter ? (int)x->max_iter : x->opts.max_iter;
    if (!(info = method_find(x->method ? x->method : "staple", registries)))
        return EXIT_USAGE;
    rc = read_masks(x);
    if (rc >= 0)
        rc = answer(x, info);
    return input_exit(cli, &x->m.in, rc);
}
