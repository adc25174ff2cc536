/* cmd_agree.c -- annotary agree: how far people agree, with what chance alone would bring. */
#include "cli/agree.h"
#include "core/str.h"

#include <math.h>

#define EXAMPLES \
    "  annotary agree labels.csv\n" \
    "  annotary agree labels.csv --method alpha --distance ordinal\n" \
    "  annotary agree spans.csv --method gamma -o gamma.csv --parts categories.csv\n"

static method_at *const registries[] = {as_agree_method, NULL};
static const char *const weights_words[] = {"identity", "linear", "quadratic", "ordinal", NULL};
static const char *const distance_words[] = {"nominal", "ordinal", "interval", "ratio",
                                             "ordinal-gwet", "linear", "jaccard", "masi", NULL};

static bool of_spans(const char *method)
{
    return method && (!strcmp(method, "alpha-u") || !strcmp(method, "gamma"));
}

/* ------------------------------------------------------------------ one method */

static void put_name(struct table *t, const struct as_names *m, uint32_t id)
{
    char room[12];
    struct as_cell c = as_name(m, id, room);

    table_text(t, c.s, c.n);
}

static const char *option_of(const struct agree *a, const char *method)
{
    return of_spans(method) ? "" : !strcmp(method, "alpha") ? distance_words[a->distance_word]
                                                             : weights_words[a->weight_word];
}

/* Gamma of the categories alone: a row of the parts without a category. */
static void put_cat(struct agree *a, const struct as_agreement *g, const char *name, double value,
                    int undefined)
{
    struct table *t = &a->part_table;

    table_words(t, name);
    table_words(t, "");
    table_whole(t, (int64_t)g->values);
    table_real(t, undefined ? (double)NAN : value);
    table_real(t, (double)NAN);
    table_real(t, (double)NAN);
}

static void keep_for_plot(struct agree *a, const struct as_agreement *g)
{
    if (!a->plot)
        return;
    if (a->bars < sizeof a->bar / sizeof *a->bar)
        a->bar[a->bars++] = (struct bar){cell_of(method_find(g->method, registries)->id), g->value,
                                         g->lo, g->hi};
    uint32_t n = as_names_count(a->workers);
    if (!g->pairs || n > PLOT_MATRIX_MAX || a->pair)
        return;
    a->pair = NEW_N(a->cli->cx, double, n * n);
    a->raters = n;
    for (uint32_t k = 0; k < n * n; k++)
        a->pair[k] = (double)NAN;
    for (size_t k = 0; k < g->pairs; k++) {
        const struct as_agree_pair *p = &g->pair[k];

        if (!p->undefined)
            a->pair[p->a * n + p->b] = a->pair[p->b * n + p->a] = p->value;
    }
}

static int write_plot(struct agree *a)
{
    struct as_cell *name = NEW_N(a->cli->cx, struct as_cell, a->raters + 1);
    char (*room)[12] = talloc_array_size(a->cli->cx->mem, sizeof *room, a->raters + 1);
    int side = a->raters ? (a->raters < 12 ? (int)a->raters * 40 : 480) : 0;
    int high = plot_bars_height(a->bars);
    double low = 0;
    struct plot p;

    for (uint32_t k = 0; k < a->bars; k++)
        low = fmin(low, isfinite(a->bar[k].lo) ? fmax(a->bar[k].lo, -1) : 0);
    for (uint32_t k = 0; k < a->raters; k++)
        name[k] = as_name(a->workers, k, room[k]);
    int rc = plot_open(a->cli, a->plot, 760, high + (side ? side + 140 : 0),
                       "Agreement, corrected for chance",
                       a->raters ? "Above: each figure with its interval; 1 is perfect, 0 as by "
                       "chance. Below: every pair of people; the darker, the more they agree."
                       : "Each figure with its interval; 1 is perfect, 0 as by chance.", &p);
    if (rc < 0)
        return rc;
    plot_bars(&p, 10, 44, 740, a->bar, a->bars, low, 1, "agreement");
    if (a->raters)
        plot_matrix(&p, 10, high + 110, side, name, a->pair, a->raters, 0, 1);
    return plot_close(&p, 0);
}

static void put_agreement(struct agree *a, const struct as_agreement *g)
{
    struct table *t = &a->table;

    table_words(t, g->method);
    table_words(t, option_of(a, g->method));
    table_real(t, g->value);
    table_real(t, g->lo);
    table_real(t, g->hi);
    table_real(t, g->se);
    table_real(t, g->rounds ? g->boot_lo : (double)NAN);
    table_real(t, g->rounds ? g->boot_hi : (double)NAN);
    table_real(t, g->observed);
    table_real(t, g->expected);
    table_whole(t, (int64_t)g->units);
    table_whole(t, g->raters);
    table_whole(t, (int64_t)g->values);
    keep_for_plot(a, g);
    for (size_t k = 0; a->pair_table.f && k < g->pairs; k++) {
        const struct as_agree_pair *p = &g->pair[k];

        table_words(&a->pair_table, g->method);
        put_name(&a->pair_table, a->workers, p->a);
        put_name(&a->pair_table, a->workers, p->b);
        table_whole(&a->pair_table, (int64_t)p->units);
        table_real(&a->pair_table, p->undefined ? (double)NAN : p->value);
        table_real(&a->pair_table, p->undefined ? (double)NAN : p->lo);
        table_real(&a->pair_table, p->undefined ? (double)NAN : p->hi);
        table_real(&a->pair_table, p->observed);
        table_real(&a->pair_table, p->expected);
        table_real(&a->pair_table, p->undefined ? (double)NAN : p->max);
    }
    for (uint32_t k = 0; a->part_table.f && k < g->parts; k++) {
        const struct as_agree_part *p = &g->part[k];

        table_words(&a->part_table, g->method);
        put_name(&a->part_table, a->categories, p->category);
        table_whole(&a->part_table, (int64_t)p->units);
        table_real(&a->part_table, p->undefined ? (double)NAN : p->value);
        table_real(&a->part_table, p->observed);
        table_real(&a->part_table, p->expected);
    }
    if (a->part_table.f && !strcmp(g->method, "gamma")) {
        put_cat(a, g, "gamma-cat", g->cat, g->cat_undefined);
        put_cat(a, g, "gamma-cat-pure", g->cat_pure, g->pure_undefined);
    }
}

static int one_method(struct agree *a, const char *method)
{
    struct as_agreement *g;
    int rc = of_spans(method) ? as_agree_spans(&a->line, method, &a->opts, &g)
                              : as_agree(a->votes, method, &a->opts, &g);

    if (rc)
        return stats_fail(a->cli, rc, method);
    put_agreement(a, g);
    as_agreement_free(g);
    return 0;
}

/* Without --method: all of them, as far as they fit these answers. */
static int all_methods(struct agree *a)
{
    const struct as_method_info *m;
    int rc = 0, any = 0;

    for (unsigned k = 0; (m = as_agree_method(k)); k++) {
        if (of_spans(m->id) || (!strcmp(m->id, "ac1") && a->weight_word))
            continue;
        rc = one_method(a, m->id);
        any |= rc >= 0;
        if (rc == E_INTERNAL)
            return rc;
    }
    if (!any)
        return rc;
    fail_clear(a->cli->cx);
    return 0;
}

/* How well one rater agrees with the others. */
static int judge(struct agree *a)
{
    struct as_judge j;
    double bound = .8;
    uint32_t id = as_names_find(a->workers, cell_of(a->judge));

    if (option_real("bound", a->bound, 0, 1, &bound))
        return E_INVALID;
    if (id == UINT32_MAX)
        return fail(a->cli->cx, E_NOTFOUND, "There is no worker \"%s\" in %s.", a->judge,
                    a->in.path);
    int rc = as_judge(a->votes, id, bound, a->opts.level, &j);
    if (rc)
        return stats_fail(a->cli, rc, a->judge);
    fprintf(stderr, "%s agrees with people in %.1f %% of %llu tasks (%.1f to %.1f); people among "
            "themselves in %.1f %%; kappa %.3f: %s at %.0f %%.\n", a->judge, 100 * j.value,
            (unsigned long long)j.units, 100 * j.lo, 100 * j.hi, 100 * j.people, j.kappa,
            j.trusted ? "to be trusted" : "not shown to be trusted", 100 * bound);
    return 0;
}

/* ------------------------------------------------------------------ the command */

static int options(struct agree *a)
{
    struct as_agree_opts *o = &a->opts;

    as_agree_opts_init(o);
    a->weight_word = option_word("weights", a->weights, weights_words);
    a->distance_word = option_word("distance", a->distance, distance_words);
    if (a->weight_word < 0 || a->distance_word < 0 ||
        option_real("level", a->level, 0.5, 0.9999, &o->level) ||
        option_real("alpha", a->alpha, 0, 1e6, &o->alpha) ||
        option_real("beta", a->beta, 0, 1e6, &o->beta) ||
        option_real("empty", a->empty, 1e-9, 1e6, &o->empty) ||
        option_real("precision", a->precision, 1e-4, 1, &o->precision))
        return EXIT_USAGE;
    o->weights = (enum as_weights)a->weight_word;
    o->distance = (enum as_distance)a->distance_word;
    if (a->rounds < 0 || a->rounds > AS_BOOT_MAX)
        return cli_usage("--rounds goes to %d.", AS_BOOT_MAX);
    o->rounds = (uint32_t)a->rounds;
    o->seed = (uint64_t)a->seed;
    o->threads = threads_of(a->threads);
    if (a->method && !method_find(a->method, registries))
        return EXIT_USAGE;
    if (a->judge && of_spans(a->method))
        return cli_usage("--judge is of labels, not of spans.");
    return EXIT_OK;
}

static int work(struct agree *a)
{
    static const char *const columns[] = {"method", "option", "value", "lo", "hi", "se", "boot_lo",
                                          "boot_hi", "observed", "expected", "units", "raters",
                                          "values", NULL};
    static const char *const pair_columns[] = {"method", "a", "b", "units", "value", "lo", "hi",
                                               "observed", "expected", "max", NULL};
    static const char *const part_columns[] = {"method", "category", "units", "value", "observed",
                                               "expected", NULL};
    const char *const outs[] = {a->out, a->pairs, a->parts, a->plot};
    int rc = input_open(a->cli, a->labels, a->skip_bad, &a->in);

    for (size_t k = 0; rc >= 0 && k < sizeof outs / sizeof *outs; k++)
        rc = table_not_input(a->cli, outs[k], &a->in);
    if (rc >= 0)
        rc = of_spans(a->method) ? agree_spans(a) : agree_labels(a);
    if (rc >= 0)
        rc = table_open(a->cli, a->out ? a->out : "-", columns, &a->table);
    if (rc >= 0 && a->pairs)
        rc = table_open(a->cli, a->pairs, pair_columns, &a->pair_table);
    if (rc >= 0 && a->parts)
        rc = table_open(a->cli, a->parts, part_columns, &a->part_table);
    if (rc >= 0)
        rc = a->method ? one_method(a, a->method) : all_methods(a);
    if (rc >= 0 && a->judge)
        rc = judge(a);
    if (rc >= 0 && a->plot)
        rc = write_plot(a);
    rc = table_close(&a->table, rc);
    rc = table_close(&a->pair_table, rc);
    return table_close(&a->part_table, rc);
}

int cmd_agree(struct cli *cli, int argc, char **argv)
{
    struct agree *a = NEW(cli->cx, struct agree);
    const struct opt opts[] = {
        {.name = "method", .arg = "M", .what = "one of those below; without it, all that labels "
         "allow", .text = &a->method},
        {.name = "out", .arg = "FILE", .what = "the figures, as CSV, .json or .jsonl",
         .text = &a->out},
        {.name = "pairs", .arg = "FILE", .what = "each pair of people: percent, cohen, scott",
         .text = &a->pairs},
        {.name = "parts", .arg = "FILE", .what = "each category: alpha-u, gamma",
         .text = &a->parts},
        {.name = "plot", .arg = "FILE", .what = "an SVG picture: figures with intervals, and every "
         "pair of up to 60 people", .text = &a->plot},
        {.name = "weights", .arg = "W", .what = "what a near miss is worth: identity, linear, "
         "quadratic, ordinal", .text = &a->weights},
        {.name = "distance", .arg = "D", .what = "of alpha: nominal, ordinal, interval, ratio, "
         "ordinal-gwet, linear; jaccard and masi for sets written as a|b", .text = &a->distance},
        {.name = "classes", .arg = "A,B,…", .what = "the classes in their order; else by number, "
         "or sorted", .text = &a->classes},
        {.name = "rounds", .arg = "N", .what = "of the bootstrap; 0: none", .number = &a->rounds},
        {.name = "level", .arg = "X", .what = "of the intervals; .95", .text = &a->level},
        {.name = "alpha", .arg = "X", .what = "of gamma: weight of the place", .text = &a->alpha},
        {.name = "beta", .arg = "X", .what = "of gamma: weight of the category", .text = &a->beta},
        {.name = "empty", .arg = "X", .what = "of gamma: cost of a missing span",
         .text = &a->empty},
        {.name = "precision", .arg = "X", .what = "of gamma's expectation", .text = &a->precision},
        {.name = "judge", .arg = "WORKER", .what = "say how well this one (a model, say) agrees "
         "with the others", .text = &a->judge},
        {.name = "bound", .arg = "X", .what = "what a judge must reach; .8", .text = &a->bound},
        {.name = "seed", .arg = "N", .what = "of chance", .number = &a->seed},
        {.name = "threads", .arg = "N", .what = "the result does not depend on it",
         .number = &a->threads},
        {.name = "skip-bad", .what = "leave bad rows out", .flag = &a->skip_bad},
        {.name = "list", .what = "print the methods as JSON", .flag = &a->list},
        {0},
    };
    const struct use use = {
        .command = "agree", .args = "LABELS", .opts = opts, .max = 1, .alone = true,
        .what = "How far people agree, corrected for chance, with intervals.  LABELS is a CSV file "
                "with the columns task, worker, label; for alpha-u and gamma annotator, category, "
                "start, end.",
        .examples = methods_help(cli, EXAMPLES, registries),
    };
    int rc;

    a->cli = cli;
    a->rounds = 1000;
    cli_args(cli, &use, argc, argv, &a->labels);
    if (a->list)
        return methods_list(cli, registries);
    if (!a->labels)
        return cli_usage("Say which file holds the labels; see annotary agree --help.");
    if ((rc = options(a)))
        return rc;
    return input_exit(cli, &a->in, work(a));
}
