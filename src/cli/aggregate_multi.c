/*
 * aggregate_multi.c -- `annotary aggregate --multi`: a label is a set of classes, a|b.
 *
 * The cells are read as if each set were a class; then every set that occurs is taken apart once.
 */
#include "cli/aggregate.h"

struct multi {
    struct job *j;
    const char *between;            /* the separator */
    size_t between_n;
    uint32_t cells;                 /* sets that occur, as cells of the file … */
    size_t *begin;                  /* [cells + 1] … and where their classes stand in part */
    uint32_t *part;
    struct as_sets in;
    struct as_multi *r;
};

static int read_rows(struct job *j)
{
    struct as_reading how = {.bad = input_bad, .bad_arg = &j->in};
    struct as_blame b;
    int rc;

    if (as_is_packed(j->in.s, j->in.n))
        return fail(j->cli->cx, E_INVALID, "%s is packed: it holds no sets.", j->in.path);
    rc = as_answers_read(j->in.s, j->in.n, &how, &j->answers, &b);
    if (rc)
        return input_fail(j->cli, &j->in, rc, &b);
    KEEP(j->cli, j->answers, as_answers_free);
    j->names = (struct as_named){j->answers->tasks, j->answers->workers, NULL};
    return input_check(j->cli, &j->in);
}

/* Adds the classes of one cell behind x->part[*n], or only counts them where there is no room. */
static int take_apart(struct multi *x, struct as_cell c, size_t *n)
{
    while (c.n) {
        const char *bar = memmem(c.s, c.n, x->between, x->between_n);
        struct as_cell one = {c.s, bar ? (size_t)(bar - c.s) : c.n};
        size_t gone = bar ? one.n + x->between_n : c.n;
        struct job *j = x->j;

        c = (struct as_cell){c.s + gone, c.n - gone};
        if (!one.n)
            continue;
        if (x->part && j->classes &&
            as_names_find(j->names.classes, one) == UINT32_MAX)
            return fail(j->cli->cx, E_INVALID, "%s: \"%.*s\" is none of --classes.", j->in.path,
                        (int)one.n, one.s);
        if (x->part && as_names_add(j->names.classes, one, &x->part[*n]))
            return fail(j->cli->cx, E_TOOBIG, "%s holds too many classes.", j->in.path);
        ++*n;
    }
    return 0;
}

/* Class ids of every set that occurs: as --classes has them, or sorted. */
static int classes(struct multi *x)
{
    struct job *j = x->j;
    const struct as_cell *given;
    uint32_t n, id, *becomes;
    size_t total = 0, at = 0;
    char room[12];
    int rc = option_list(j->cli, "classes", j->classes, &given, &n);

    if (rc < 0)
        return rc;
    if (as_names_new(&j->names.classes))
        return fail(j->cli->cx, E_FULL, "Not enough memory.");
    KEEP(j->cli, j->names.classes, as_names_free);
    for (uint32_t k = 0; k < n; k++)
        if (as_names_add(j->names.classes, given[k], &id))
            return fail(j->cli->cx, E_FULL, "Not enough memory.");
    x->cells = as_names_count(j->answers->classes);
    for (uint32_t c = 0; c < x->cells; c++)
        take_apart(x, as_name(j->answers->classes, c, room), &total);
    x->begin = NEW_N(j->cli->cx, size_t, x->cells + 1);
    x->part = NEW_N(j->cli->cx, uint32_t, total + 1);
    for (uint32_t c = 0; c < x->cells; c++) {
        x->begin[c] = at;
        if ((rc = take_apart(x, as_name(j->answers->classes, c, room), &at)) < 0)
            return rc;
    }
    x->begin[x->cells] = at;
    if (!(n = as_names_count(j->names.classes)))
        return fail(j->cli->cx, E_INVALID, "%s holds no label.", j->in.path);
    if (j->classes)
        return 0;
    becomes = NEW_N(j->cli->cx, uint32_t, n);
    if ((rc = as_names_sort(j->names.classes, AS_BYTES, becomes)))
        return stats_fail(j->cli, rc, j->in.path);
    for (size_t k = 0; k < at; k++)
        x->part[k] = becomes[x->part[k]];
    return 0;
}

/* Every answer with its set; an empty cell is the empty set. */
static int sets(struct multi *x)
{
    const struct as_answers *a = x->j->answers;
    struct ctx *cx = x->j->cli->cx;
    size_t *start = NEW_N(cx, size_t, a->n + 1), at = 0;
    uint32_t count = as_names_count(x->j->names.classes);
    uint16_t *label;

    if (count > AS_CLASSES_MAX)
        return fail(cx, E_TOOBIG, "%s holds too many classes.", x->j->in.path);
    if (!start)
        return fail(cx, E_TOOBIG, "%s holds too many sets.", x->j->in.path);
    for (size_t r = 0; r < a->n; r++) {
        start[r] = at;
        if (a->label[r] != AS_ABSTAIN)
            at += x->begin[a->label[r] + 1] - x->begin[a->label[r]];
    }
    start[a->n] = at;
    label = NEW_N(cx, uint16_t, at + 1);
    if (!label)
        return fail(cx, E_TOOBIG, "%s holds too many sets.", x->j->in.path);
    for (size_t r = 0; r < a->n; r++)
        for (size_t s = start[r]; s < start[r + 1]; s++)
            label[s] = (uint16_t)x->part[x->begin[a->label[r]] + s - start[r]];
    x->in = (struct as_sets){.n = a->n, .tasks = as_names_count(a->tasks),
                             .workers = as_names_count(a->workers), .classes = count,
                             .task = a->task, .worker = a->worker, .start = start, .label = label,
                             .weight = a->weight, .time = a->time};
    return 0;
}

static int fit(struct multi *x)
{
    struct job *j = x->j;
    struct as_fault f;
    int rc;

    j->bar.what = j->info->id;
    rc = as_aggregate_multi(&x->in, j->policy, j->info->id, j->per_class, &j->opts, &x->r, &f);
    progress_end(&j->bar);
    if (rc == AS_EDUPLICATE)
        return job_answered_twice(j, &f);
    if (rc)
        return stats_fail(j->cli, rc, j->info->id);
    KEEP(j->cli, x->r, as_multi_free);
    return 0;
}

/* ------------------------------------------------------------------ out */

static int write_answers(const struct multi *x)
{
    static const char *const columns[] = {"task", "label", "confidence", NULL};
    const struct as_multi *r = x->r;
    struct ctx *cx = x->j->cli->cx;
    struct table t;
    int rc = table_open(x->j->cli, x->j->out ? x->j->out : "-", columns, &t);

    for (uint32_t i = 0; rc >= 0 && i < r->tasks; i++) {
        char *set = talloc_strdup(cx->mem, ""), room[12];

        for (uint32_t k = 0; k < r->classes; k++) {
            struct as_cell c = as_name(x->j->names.classes, k, room);

            if (r->has[(size_t)i * r->classes + k])
                set = talloc_asprintf_append_buffer(set, "%s%.*s", *set ? x->between : "",
                                                    (int)c.n, c.s);
        }
        job_put_name(&t, x->j->names.tasks, i);
        table_text(&t, set, strlen(set));
        table_real(&t, r->confidence[i]);
        talloc_free(set);
    }
    return rc < 0 ? rc : table_close(&t, rc);
}

static int write_posterior(const struct multi *x)
{
    static const char *const columns[] = {"task", "label", "probability", NULL};
    const struct as_multi *r = x->r;
    struct table t;
    int rc = x->j->posterior ? table_open(x->j->cli, x->j->posterior, columns, &t) : 0;

    if (rc < 0 || !x->j->posterior)
        return rc;
    for (size_t c = 0; c < (size_t)r->tasks * r->classes; c++) {
        job_put_name(&t, x->j->names.tasks, (uint32_t)(c / r->classes));
        job_put_name(&t, x->j->names.classes, (uint32_t)(c % r->classes));
        table_real(&t, r->q[c]);
    }
    return table_close(&t, rc);
}

static int write_report(const struct multi *x)
{
    const struct job *j = x->j;
    json_t *trace;
    char digest[17];

    if (!j->report)
        return 0;
    trace = json_array();
    for (int k = 0; k < x->r->trace_n; k++)
        json_array_append_new(trace, json_real(x->r->trace[k]));
    snprintf(digest, sizeof digest, "%016llx", (unsigned long long)x->r->digest);
    return report_write(j->cli, j->report, json_pack(
        "{s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:b, s:i, s:b, s:b, s:o}",
        "method", x->r->method, "title", j->info->title, "paper", j->info->paper, "version",
        x->r->version, "program", ANNOTARY_VERSION, "file", input_name(&j->in), "digest", digest,
        "rows", (json_int_t)x->in.n, "bad_rows", (json_int_t)j->in.bad, "tasks",
        (json_int_t)x->r->tasks, "workers", (json_int_t)x->r->workers, "classes",
        (json_int_t)x->r->classes, "per_class", j->per_class, "iterations", x->r->iterations,
        "converged", x->r->converged != 0, "stopped", x->r->stopped != 0, "objective", trace));
}

int multi_work(struct job *j)
{
    struct multi x = {.j = j, .between = j->separator ? j->separator : "|"};
    int rc;

    if (j->class_prior || j->gold || j->use_gold || j->keep_gold || j->confusions || j->pack ||
        j->plot || j->cost)
        return fail(j->cli->cx, E_INVALID, "--multi gives sets, people and probabilities; it takes "
                    "no --gold, --class-prior, --cost, --confusions, --pack or --plot.");
    x.between_n = strlen(x.between);
    if ((rc = read_rows(j)) < 0 || (rc = classes(&x)) < 0 || (rc = sets(&x)) < 0 ||
        (rc = fit(&x)) < 0 || (rc = write_answers(&x)) < 0 || (rc = write_posterior(&x)) < 0 ||
        (rc = write_report(&x)) < 0 ||
        (rc = j->workers ? job_write_workers(j, x.r->worker, x.r->workers) : 0) < 0)
        return rc;
    fprintf(j->out && strcmp(j->out, "-") != 0 ? stdout : stderr,
            "%s: %zu sets of %u workers on %u tasks, %u classes.\n", x.r->method, x.in.n,
            x.r->workers, x.r->tasks, x.r->classes);
    return rc;
}
