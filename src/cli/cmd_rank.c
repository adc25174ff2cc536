/* cmd_rank.c -- annotary rank: comparisons in, a ranking out. */
#include "cli/plot.h"
#include "cli/rank.h"
#include "core/clock.h"
#include "core/str.h"

#include <math.h>

#define EXAMPLES \
    "  annotary rank pairs.csv --method bt -o ranking.csv\n" \
    "  annotary rank pairs.csv --method bt-davidson --home --test later.csv\n" \
    "  annotary rank votes.csv --method crowd-bt --workers people.csv\n"

static method_at *const registries[] = {as_rank_method, NULL};

struct rank {
    struct cli *cli;
    const char *pairs, *method, *out, *workers, *params, *report, *test, *prior, *ties, *noise,
        *spread, *level, *tol, *elo_k, *tau, *draw_share, *plot;
    int64_t rounds, max_iter, seed, threads;
    bool home, style, by_judge, skip_bad, list;

    const struct as_method_info *info;
    struct as_rank_opts opts;
    struct duels_file data, later;
    struct as_names *items, *judges;
    struct as_rank *result;
    struct as_rank_test score;
    struct progress bar;
};

/* ------------------------------------------------------------------ out */

static void put_name(struct table *t, const struct as_names *m, uint32_t id)
{
    char room[12];
    struct as_cell c = as_name(m, id, room);

    table_text(t, c.s, c.n);
}

static const char *note_of(uint32_t flags)
{
    return flags & AS_RANK_ALONE ? "never compared"
           : flags & AS_RANK_APART ? "not connected"
           : flags & AS_RANK_NO_WIN ? "never won"
           : flags & AS_RANK_NO_LOSS ? "never lost"
           : flags & AS_RANK_SPLIT ? "split off" : "";
}

/* A rating of its own scale, where the method has one. */
static void put_own(struct table *t, bool own, double x)
{
    table_real(t, own ? x : (double)NAN);
}

static void put_item(struct table *t, const struct rank *r, uint32_t id)
{
    const struct as_ranked *i = &r->result->item[id];
    bool own = i->rating > 0 || i->deviation > 0;

    put_name(t, r->items, id);
    table_whole(t, i->rank);
    table_whole(t, i->rank_lo);
    table_whole(t, i->rank_hi);
    table_real(t, i->score);
    table_real(t, i->score_lo);
    table_real(t, i->score_hi);
    table_real(t, i->theta);
    table_real(t, i->se);
    table_real(t, i->lo);
    table_real(t, i->hi);
    table_whole(t, (int64_t)i->n);
    table_real(t, i->wins);
    table_real(t, i->losses);
    table_real(t, i->ties);
    table_real(t, i->raw);
    table_whole(t, i->raw_rank);
    put_own(t, own, i->rating);
    put_own(t, own && i->deviation > 0, i->deviation);
    put_own(t, own && i->volatility > 0, i->volatility);
    table_words(t, note_of(i->flags));
}

/* Best first; equals in the order of the file. */
static int write_items(struct rank *r)
{
    static const char *const columns[] = {"item", "rank", "rank_lo", "rank_hi", "score", "score_lo",
                                          "score_hi", "theta", "se", "lo", "hi", "n", "wins",
                                          "losses", "ties", "raw", "raw_rank", "rating",
                                          "deviation", "volatility", "note", NULL};
    uint32_t n = r->result->items;
    uint32_t *first = NEW_N(r->cli->cx, uint32_t, n + 2), *order = NEW_N(r->cli->cx, uint32_t, n);
    struct table t;
    int rc = table_open(r->cli, r->out ? r->out : "-", columns, &t);

    if (rc < 0)
        return rc;
    for (uint32_t k = 0; k < n; k++)
        first[r->result->item[k].rank + 1]++;
    for (uint32_t k = 1; k < n + 2; k++)
        first[k] += first[k - 1];
    for (uint32_t k = 0; k < n; k++)
        order[first[r->result->item[k].rank]++] = k;
    for (uint32_t k = 0; k < n; k++)
        put_item(&t, r, order[k]);
    return table_close(&t, 0);
}

static int write_workers(struct rank *r)
{
    static const char *const columns[] = {"worker", "n", "quality", "lo", "hi", "left", NULL};
    struct table t;
    int rc;

    if (!r->result->judge)
        return fail(r->cli->cx, E_INVALID, "%s says nothing of workers: leave out --workers.",
                    r->info->id);
    rc = table_open(r->cli, r->workers, columns, &t);
    for (uint32_t k = 0; rc >= 0 && k < r->result->judges; k++) {
        const struct as_rank_judge *j = &r->result->judge[k];

        put_name(&t, r->judges, k);
        table_whole(&t, (int64_t)j->n);
        table_real(&t, j->quality);
        table_real(&t, j->lo);
        table_real(&t, j->hi);
        table_real(&t, j->left);
    }
    return rc < 0 ? rc : table_close(&t, rc);
}

/* style0 is called by the name of its columns. */
static const char *param_name(const struct rank *r, const char *name)
{
    unsigned k = str_starts(name, "style") ? (unsigned)strtoul(name + 5, NULL, 10) : UINT32_MAX;

    if (k >= r->data.duels.styles)
        return name;
    return talloc_asprintf(r->cli->cx->mem, "style %.*s", (int)r->data.style[k].n,
                           r->data.style[k].s);
}

static int write_params(struct rank *r)
{
    static const char *const columns[] = {"name", "value", "se", "lo", "hi", NULL};
    struct table t;
    int rc = table_open(r->cli, r->params, columns, &t);

    for (int k = 0; rc >= 0 && k < r->result->params; k++) {
        const struct as_rank_param *p = &r->result->param[k];

        table_words(&t, param_name(r, p->name));
        table_real(&t, p->value);
        table_real(&t, p->se);
        table_real(&t, p->lo);
        table_real(&t, p->hi);
    }
    return rc < 0 ? rc : table_close(&t, rc);
}

static int write_report(struct rank *r)
{
    static const char *const spreads[] = {"none", "model", "sandwich", "bootstrap"};
    const struct as_rank *k = r->result;
    char digest[17];
    json_t *v, *score = json_null();

    snprintf(digest, sizeof digest, "%016llx", (unsigned long long)k->digest);
    if (r->test)
        score = json_pack("{s:I, s:I, s:f, s:f, s:f, s:I}", "comparisons",
                          (json_int_t)r->score.n, "ties", (json_int_t)r->score.ties, "accuracy",
                          r->score.accuracy, "logloss", r->score.logloss, "logloss_with_ties",
                          r->score.logloss_all, "unknown_items", (json_int_t)r->later.strangers);
    v = json_pack("{s:s, s:s, s:s, s:i, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:f, s:f, s:i,"
                  " s:b, s:b, s:I, s:o}",
                  "method", k->method, "title", r->info->title, "paper", r->info->paper, "version",
                  k->version, "program", ANNOTARY_VERSION, "digest", digest, "items",
                  (json_int_t)k->items, "workers", (json_int_t)k->judges, "comparisons",
                  (json_int_t)k->counted, "bad_rows", (json_int_t)r->data.in.bad, "parts",
                  (json_int_t)k->weak_parts, "strong_parts", (json_int_t)k->strong_parts,
                  "intervals", spreads[k->spread], "level", k->level, "loglik", k->loglik,
                  "iterations", k->iterations, "converged", k->converged != 0, "stopped",
                  k->stopped != 0, "seed", (json_int_t)k->seed, "test", score);
    return report_write(r->cli, r->report, v);
}

static int write_plot(struct rank *r)
{
    const struct as_rank *k = r->result;
    struct bar *bar = NEW_N(r->cli->cx, struct bar, k->items + 1);
    char (*room)[12] = talloc_array_size(r->cli->cx->mem, sizeof *room, k->items + 1);
    double low = INFINITY, high = -INFINITY;
    struct plot p;

    for (uint32_t i = 0; i < k->items; i++) {
        bar[i] = (struct bar){as_name(r->items, i, room[i]), k->item[i].score,
                              k->item[i].score_lo, k->item[i].score_hi};
        low = fmin(low, bar[i].lo);
        high = fmax(high, bar[i].hi);
    }
    const char *what = talloc_asprintf(r->cli->cx->mem, "%llu comparisons of %u items, best first. "
                                       "Dots: scores; lines: %.0f %% intervals.",
                                       (unsigned long long)k->counted, k->items, 100 * k->level);
    int rc = plot_open(r->cli, r->plot, 760, plot_bars_height(k->items),
                       talloc_asprintf(r->cli->cx->mem, "%s: scores", r->info->title), what, &p);

    if (rc < 0)
        return rc;
    plot_bars(&p, 10, 44, 740, bar, k->items, low, high, "score");
    return plot_close(&p, 0);
}

static void tell(const struct rank *r)
{
    FILE *to = r->out && strcmp(r->out, "-") != 0 ? stdout : stderr;
    const struct as_rank *k = r->result;

    fprintf(to, "%s: %llu %s of %u items", k->method, (unsigned long long)k->counted,
            r->data.duels.lists ? "lists" : "comparisons", k->items);
    fprintf(to, "; %d %s%s.\n", k->iterations, k->iterations == 1 ? "iteration" : "iterations",
            k->converged ? "" : ", not converged");
    if (k->weak_parts > 1)
        fprintf(to, "They fall into %u parts that were never compared with each other.\n",
                k->weak_parts);
    for (int p = 0; p < k->params; p++)
        fprintf(to, "%s %.4f (%.4f to %.4f)\n", param_name(r, k->param[p].name), k->param[p].value,
                k->param[p].lo, k->param[p].hi);
    if (r->test)
        fprintf(to, "On %llu comparisons of %s: %.2f %% of winners foretold, log-loss %.4f.\n",
                (unsigned long long)r->score.n, r->later.in.path, 100 * r->score.accuracy,
                r->score.logloss);
    if (r->later.strangers)
        fprintf(to, "%lld of its rows have an item that was not ranked.\n",
                (long long)r->later.strangers);
}

/* ------------------------------------------------------------------ the command */

static int told(void *arg, int iteration, double objective)
{
    (void)objective;
    progress_show(arg, iteration, 0);
    return 0;
}

static int options(struct rank *r)
{
    static const char *const ties[] = {"half", "drop", NULL};
    static const char *const noise[] = {"flip", "bias", NULL};
    static const char *const spread[] = {"none", "model", "sandwich", "bootstrap", NULL};
    struct as_rank_opts *o = &r->opts;
    int tie = option_word("ties", r->ties, ties), kind = option_word("noise", r->noise, noise);
    int from = option_word("intervals", r->spread ? r->spread : "model", spread);

    as_rank_opts_init(o);
    if (tie < 0 || kind < 0 || from < 0 || option_real("prior", r->prior, 0, 1e6, &o->prior) ||
        option_real("level", r->level, .5, .9999, &o->level) ||
        option_real("tol", r->tol, 0, 1, &o->tol) ||
        option_real("elo-k", r->elo_k, 1e-6, 1e6, &o->elo_k) ||
        option_real("tau", r->tau, 1e-6, 1e3, &o->glicko_tau) ||
        option_real("draws", r->draw_share, 0, .99, &o->draw_share))
        return EXIT_USAGE;
    o->ties = (enum as_tie_rule)tie;
    o->noise = (enum as_noise)kind;
    o->spread = (enum as_spread)from;
    if (r->rounds < 1 || r->rounds > 1000000 || r->max_iter < 0 || r->max_iter > 1000000)
        return cli_usage("--rounds and --max-iter go to 1000000.");
    o->rounds = (int)r->rounds;
    o->max_iter = r->max_iter ? (int)r->max_iter : o->max_iter;
    o->seed = (uint64_t)r->seed;
    o->threads = threads_of(r->threads);
    o->home = r->home;
    o->by_judge = r->by_judge;
    o->progress = told;
    o->progress_arg = &r->bar;
    if (!r->method)
        return cli_usage("Say with --method which method; see annotary rank --help.");
    return (r->info = method_find(r->method, registries)) ? EXIT_OK : EXIT_USAGE;
}

static int read_files(struct rank *r)
{
    int rc;

    if (as_names_new(&r->items) || as_names_new(&r->judges))
        return stats_fail(r->cli, AS_ENOMEM, r->pairs);
    KEEP(r->cli, r->items, as_names_free);
    KEEP(r->cli, r->judges, as_names_free);
    rc = duels_read(r->cli, r->pairs, r->skip_bad, r->style, false, r->items, r->judges, &r->data);
    if (rc >= 0 && !r->data.duels.items)
        rc = fail(r->cli->cx, E_INVALID, "%s holds no comparison.", r->data.in.path);
    if (rc < 0 || !r->test)
        return rc;
    struct as_names *others;

    if (as_names_new(&others))
        return stats_fail(r->cli, AS_ENOMEM, r->test);
    KEEP(r->cli, others, as_names_free);
    rc = duels_read(r->cli, r->test, r->skip_bad, r->style, true, r->items, others, &r->later);
    if (rc >= 0 && (r->later.duels.lists || r->later.duels.styles != r->data.duels.styles))
        return fail(r->cli->cx, E_INVALID, "%s must hold comparisons with the same styles.",
                    r->test);
    return rc;
}

static int work(struct rank *r)
{
    const char *const outs[] = {r->out, r->workers, r->params, r->report, r->plot};
    int rc = read_files(r);

    for (size_t k = 0; rc >= 0 && k < sizeof outs / sizeof *outs; k++)
        if ((rc = table_not_input(r->cli, outs[k], &r->data.in)) >= 0 && r->test)
            rc = table_not_input(r->cli, outs[k], &r->later.in);
    if (rc < 0)
        return rc;
    r->bar.what = r->info->id;
    rc = as_rank(&r->data.duels, r->info->id, &r->opts, &r->result);
    progress_end(&r->bar);
    if (rc)
        return stats_fail(r->cli, rc, r->info->id);
    KEEP(r->cli, r->result, as_rank_free);
    if (r->test && (rc = as_rank_test(r->result, &r->later.duels, &r->score)))
        return stats_fail(r->cli, rc, r->test);
    rc = write_items(r);
    if (rc >= 0 && r->workers)
        rc = write_workers(r);
    if (rc >= 0 && r->params)
        rc = write_params(r);
    if (rc >= 0 && r->report)
        rc = write_report(r);
    if (rc >= 0 && r->plot)
        rc = write_plot(r);
    return rc;
}

/* The method, and every file but the comparisons. */
static struct opt *opts_files(struct rank *r, struct opt *to)
{
    const struct opt list[] = {
        {.name = "method", .arg = "M", .what = "one of those below", .text = &r->method},
        {.name = "out", .arg = "FILE", .what = "the ranking, as CSV, .json or .jsonl; best first",
         .text = &r->out},
        {.name = "workers", .arg = "FILE", .what = "worker,n,quality,lo,hi,left: crowd-bt",
         .text = &r->workers},
        {.name = "params", .arg = "FILE", .what = "name,value,se,lo,hi of what else was fitted",
         .text = &r->params},
        {.name = "json", .arg = "FILE", .what = "a report of the run", .text = &r->report},
        {.name = "plot", .arg = "FILE", .what = "an SVG picture of the ranking",
         .text = &r->plot},
        {.name = "test", .arg = "FILE", .what = "other comparisons: how well they are foretold",
         .text = &r->test},
    };

    memcpy(to, list, sizeof list);
    return to + sizeof list / sizeof *list;
}

/* What the model has. */
static struct opt *opts_model(struct rank *r, struct opt *to)
{
    const struct opt list[] = {
        {.name = "prior", .arg = "X", .what = "pull towards equals; 0: none; else .01",
         .text = &r->prior},
        {.name = "ties", .arg = "HOW", .what = "half a win each, or drop", .text = &r->ties},
        {.name = "home", .what = "fit the advantage of standing left", .flag = &r->home},
        {.name = "style", .what = "take out what columns left_NAME, right_NAME explain",
         .flag = &r->style},
        {.name = "noise", .arg = "HOW", .what = "of crowd-bt: flip (a careless worker turns round) "
         "or bias (leans to a side)", .text = &r->noise},
        {.name = "intervals", .arg = "FROM", .what = "none, model, sandwich or bootstrap",
         .text = &r->spread},
        {.name = "rounds", .arg = "N", .what = "of the bootstrap; 200", .number = &r->rounds},
        {.name = "by-worker", .what = "the bootstrap draws whole workers", .flag = &r->by_judge},
        {.name = "level", .arg = "X", .what = "of the intervals; .95", .text = &r->level},
        {.name = "elo-k", .arg = "X", .what = "step of elo; 4", .text = &r->elo_k},
        {.name = "tau", .arg = "X", .what = "of glicko2: how fast volatility moves; .5",
         .text = &r->tau},
        {.name = "draws", .arg = "X", .what = "of trueskill: how often equals draw; .1",
         .text = &r->draw_share},
    };

    memcpy(to, list, sizeof list);
    return to + sizeof list / sizeof *list;
}

/* How it runs. */
static struct opt *opts_fitting(struct rank *r, struct opt *to)
{
    const struct opt list[] = {
        {.name = "max-iter", .arg = "N", .what = "iterations at most", .number = &r->max_iter},
        {.name = "tol", .arg = "X", .what = "stop when a comparison gains less than this",
         .text = &r->tol},
        {.name = "seed", .arg = "N", .what = "of chance", .number = &r->seed},
        {.name = "threads", .arg = "N", .what = "the result does not depend on it",
         .number = &r->threads},
        {.name = "skip-bad", .what = "leave bad rows out", .flag = &r->skip_bad},
        {.name = "list", .what = "print the methods as JSON", .flag = &r->list},
    };

    memcpy(to, list, sizeof list);
    return to + sizeof list / sizeof *list;
}

int cmd_rank(struct cli *cli, int argc, char **argv)
{
    struct rank *r = NEW(cli->cx, struct rank);
    struct opt opts[40] = {0};
    const struct use use = {
        .command = "rank", .args = "PAIRS", .opts = opts, .max = 1, .alone = true,
        .what = "A ranking out of comparisons.  PAIRS is a CSV file with the columns left, right, "
                "label (the winner's name, or tie), and worker, weight, period, if there are; or "
                "list, place, item for rankings of several (plackett-luce).",
        .examples = methods_help(cli, EXAMPLES, registries),
    };
    int rc;

    r->cli = cli;
    r->rounds = 200;
    opts_fitting(r, opts_model(r, opts_files(r, opts)));
    cli_args(cli, &use, argc, argv, &r->pairs);
    if (r->list)
        return methods_list(cli, registries);
    if (!r->pairs)
        return cli_usage("Say which file holds the comparisons; see annotary rank --help.");
    if ((rc = options(r)))
        return rc;
    rc = work(r);
    if (rc >= 0)
        tell(r);
    return input_exit(cli, r->later.in.bad ? &r->later.in : &r->data.in, rc);
}
