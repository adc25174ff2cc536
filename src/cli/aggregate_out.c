/* aggregate_out.c -- what `annotary aggregate` writes down: answers, people, report. */
#include "cli/aggregate.h"
#include "cli/plot.h"
#include "core/clock.h"
#include "core/str.h"

#include <time.h>

#define PLOT_SIDE 300               /* of the reliability diagram */
#define CLASSES_LISTED 1000         /* in the report */

void job_put_name(struct table *t, const struct as_names *names, uint32_t id)
{
    char room[12];
    struct as_cell c = as_name(names, id, room);

    table_text(t, c.s, c.n);
}

static void put_label(struct table *t, const struct job *j, uint16_t label)
{
    if (label == AS_ABSTAIN)
        table_empty(t);
    else
        job_put_name(t, j->names.classes, label);
}

static int write_answers(struct job *j)
{
    static const char *const columns[] = {"task", "label", "confidence", NULL};
    const struct as_result *r = j->result;
    struct table t;
    int rc = table_open(j->cli, j->out ? j->out : "-", columns, &t);

    for (uint32_t k = 0; rc >= 0 && k < r->tasks; k++) {
        job_put_name(&t, j->names.tasks, k);
        put_label(&t, j, r->label[k]);
        table_real(&t, as_confidence(r, k));
    }
    return rc < 0 ? rc : table_close(&t, rc);
}

int job_write_workers(struct job *j, const struct as_worker *worker, uint32_t n)
{
    static const char *const columns[] = {"worker", "n", "skill", "lo", "hi", NULL};
    struct table t;
    int rc = table_open(j->cli, j->workers, columns, &t);

    for (uint32_t k = 0; rc >= 0 && k < n; k++) {
        job_put_name(&t, j->names.workers, k);
        table_whole(&t, (int64_t)worker[k].n);
        table_real(&t, worker[k].skill);
        table_real(&t, worker[k].lo);
        table_real(&t, worker[k].hi);
    }
    return rc < 0 ? rc : table_close(&t, rc);
}

static int write_confusions(struct job *j)
{
    static const char *const columns[] = {"worker", "truth", "label", "probability", NULL};
    const struct as_result *r = j->result;
    struct table t;
    int rc;

    if (!r->confusion)
        return fail(j->cli->cx, E_INVALID, "%s has no confusion tables: leave out --confusions.",
                    j->info->id);
    rc = table_open(j->cli, j->confusions, columns, &t);
    for (uint32_t w = 0; rc >= 0 && w < r->workers; w++)
        for (uint32_t k = 0; k < r->classes; k++)
            for (uint32_t l = 0; l < r->classes; l++) {
                job_put_name(&t, j->names.workers, w);
                job_put_name(&t, j->names.classes, k);
                job_put_name(&t, j->names.classes, l);
                table_real(&t, r->confusion[((size_t)w * r->classes + k) * r->classes + l]);
            }
    return rc < 0 ? rc : table_close(&t, rc);
}

static int write_posterior(struct job *j)
{
    static const char *const columns[] = {"task", "label", "probability", NULL};
    const struct as_result *r = j->result;
    struct table t;
    int rc = table_open(j->cli, j->posterior, columns, &t);

    for (uint32_t k = 0; rc >= 0 && k < r->tasks; k++)
        for (uint32_t c = 0; c < r->classes; c++) {
            double p = as_q(r, k, c);

            if (r->q_start && p == 0)
                continue;                       /* many classes: those somebody named */
            job_put_name(&t, j->names.tasks, k);
            job_put_name(&t, j->names.classes, c);
            table_real(&t, p);
        }
    return rc < 0 ? rc : table_close(&t, rc);
}

/* ------------------------------------------------------------------ the report */

static json_t *counts(const struct job *j)
{
    const struct as_votes_info *v = &j->votes_info;
    char digest[17];

    snprintf(digest, sizeof digest, "%016llx", (unsigned long long)j->result->digest);
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s}", "file",
                     input_name(&j->in), "rows", (json_int_t)v->rows, "labels",
                     (json_int_t)v->kept, "duplicates", (json_int_t)v->duplicates, "abstained",
                     (json_int_t)v->abstained, "bad_rows", (json_int_t)j->in.bad, "tasks",
                     (json_int_t)v->tasks, "tasks_without_labels", (json_int_t)v->empty_tasks,
                     "workers", (json_int_t)v->workers, "classes", (json_int_t)v->classes,
                     "digest", digest);
}

static json_t *settings_used(const struct job *j)
{
    const struct as_opts *o = &j->opts;
    json_t *v = json_pack("{s:I, s:i, s:f, s:f, s:s, s:i, s:b}", "seed", (json_int_t)o->seed,
                          "max_iter", o->max_iter, "tol", o->tol, "level", o->level, "ties",
                          o->ties == AS_TIE_LOWEST ? "lowest" : "undecided", "restarts",
                          o->restarts, "gold_used", j->use_gold);

    json_object_set_new(v, "prior", o->prior < 0 ? json_null() : json_real(o->prior));
    return v;
}

static json_t *shares(const struct job *j)
{
    const struct as_result *r = j->result;
    json_t *list = json_array();
    char room[12];

    for (uint32_t k = 0; k < r->classes && k < CLASSES_LISTED; k++) {
        struct as_cell c = as_name(j->names.classes, k, room);
        json_t *name = utf8_valid(c.s, c.n) ? json_stringn(c.s, c.n) : json_null();

        json_array_append_new(list, json_pack("{s:o, s:f}", "label", name, "share",
                                              r->class_share[k]));
    }
    return list;
}

static json_t *scored(const struct job *j)
{
    const struct score *s = &j->score;
    double n = s->n ? (double)s->n : 1;
    json_t *bins;

    if (!j->known)
        return json_null();
    bins = json_array();
    for (int b = 0; b < RELIABILITY_BINS; b++)
        if (s->bin_n[b])
            json_array_append_new(
                bins, json_pack("{s:I, s:f, s:f}", "n", (json_int_t)s->bin_n[b], "confidence",
                                s->bin_confidence[b] / (double)s->bin_n[b], "accuracy",
                                (double)s->bin_right[b] / (double)s->bin_n[b]));
    return json_pack("{s:I, s:I, s:f, s:f, s:I, s:I, s:s, s:o}", "tasks", (json_int_t)s->n,
                     "right", (json_int_t)s->right, "accuracy", (double)s->right / n,
                     "accuracy_ties_split", s->split / n, "class_never_given",
                     (json_int_t)s->strange, "tasks_without_labels", (json_int_t)j->unasked, "how",
                     s->parts ? "the method knew four fifths at a time" : "the method knew none",
                     "reliability", bins);
}

static int write_report(struct job *j)
{
    const struct as_result *r = j->result;
    json_t *trace = json_array(), *v;
    int64_t tied = 0, undecided = 0;
    double sum = 0;

    for (int k = 0; k < r->trace_n; k++)
        json_array_append_new(trace, json_real(r->trace[k]));
    for (uint32_t t = 0; t < r->tasks; t++) {
        tied += (r->flags[t] & AS_TIED) != 0;
        undecided += r->label[t] == AS_ABSTAIN;
        sum += as_confidence(r, t);
    }
    v = json_pack("{s:s, s:s, s:s, s:i, s:s, s:o, s:o, s:i, s:b, s:b, s:o, s:o, s:f, s:I, s:I, "
                  "s:o}",
                  "method", r->method, "title", j->info->title, "paper", j->info->paper, "version",
                  r->version, "program", ANNOTARY_VERSION, "input", counts(j), "options",
                  settings_used(j), "iterations", r->iterations, "converged", r->converged != 0,
                  "stopped", r->stopped != 0, "objective", trace, "class_shares", shares(j),
                  "mean_confidence", r->tasks ? sum / r->tasks : 0.0, "tied", (json_int_t)tied,
                  "undecided", (json_int_t)undecided, "gold", scored(j));
    json_object_set_new(v, "note", r->note ? json_string(r->note) : json_null());
    json_object_set_new(v, "seconds", json_real((double)(clock_now() - j->began_ms) / 1000));
    json_object_set_new(v, "cpu_seconds", json_real((double)clock() / CLOCKS_PER_SEC));
    return report_write(j->cli, j->report, v);
}

/* ------------------------------------------------------------------ the picture */

static int write_plot(struct job *j)
{
    const struct as_result *r = j->result;
    struct bar *bar = NEW_N(j->cli->cx, struct bar, r->workers + 1);
    struct reliable bin[RELIABILITY_BINS] = {0};
    char (*room)[12] = talloc_array_size(j->cli->cx->mem, sizeof *room, r->workers + 1);
    bool gold = j->known && j->score.n;
    uint32_t n = 0;
    struct plot p;

    for (uint32_t k = 0; k < r->workers; k++)
        if (r->worker[k].n)
            bar[n++] = (struct bar){as_name(j->names.workers, k, room[k]), r->worker[k].skill,
                                    r->worker[k].lo, r->worker[k].hi};
    for (int b = 0; b < RELIABILITY_BINS; b++)
        if (j->score.bin_n[b])
            bin[b] = (struct reliable){j->score.bin_confidence[b] / (double)j->score.bin_n[b],
                                       (double)j->score.bin_right[b] / (double)j->score.bin_n[b],
                                       j->score.bin_n[b]};
    const char *title = talloc_asprintf(j->cli->cx->mem, "%s: %s", j->info->title,
                                        gold ? "confidence against truth, and skill of each worker"
                                             : "skill of each worker");
    const char *what = talloc_asprintf(
        j->cli->cx->mem, "%zu labels of %u workers on %u tasks. %s%s", j->votes_info.kept, n,
        r->tasks, gold ? "Above: how often answers of like confidence are right, with 95 % "
        "intervals; on the dashed line confidence is honest. " : "",
        "Dots: the share of labels that is right, by worker; lines: where it may lie.");
    int rc = plot_open(j->cli, j->plot, 760, (gold ? PLOT_SIDE + 80 : 0) + plot_bars_height(n),
                       title, what, &p);

    if (rc < 0)
        return rc;
    if (gold)
        plot_reliability(&p, 110, 54, PLOT_SIDE, bin, RELIABILITY_BINS);
    plot_bars(&p, 10, gold ? PLOT_SIDE + 80 + 44 : 44, 740, bar, n, 0, 1, "skill");
    return plot_close(&p, 0);
}

int job_write(struct job *j)
{
    int rc = write_answers(j);

    if (rc >= 0 && j->workers)
        rc = job_write_workers(j, j->result->worker, j->result->workers);
    if (rc >= 0 && j->confusions)
        rc = write_confusions(j);
    if (rc >= 0 && j->posterior)
        rc = write_posterior(j);
    if (rc >= 0 && j->report)
        rc = write_report(j);
    if (rc >= 0 && j->plot)
        rc = write_plot(j);
    return rc;
}

/* ------------------------------------------------------------------ words for a person */

void job_tell(struct job *j)
{
    const struct as_votes_info *v = &j->votes_info;
    const struct as_result *r = j->result;
    const struct score *s = &j->score;
    FILE *to = j->out && strcmp(j->out, "-") != 0 ? stdout : stderr;

    if (!r) {
        printf("%zu labels of %u workers on %u tasks, %u classes, packed into %s.\n", v->kept,
               v->workers, v->tasks, v->classes, j->pack);
        return;
    }
    fprintf(to, "%s: %zu labels of %u workers on %u tasks, %u classes; %d %s%s.\n", r->method,
            v->kept, v->workers, v->tasks, v->classes, r->iterations,
            r->iterations == 1 ? "iteration" : "iterations", r->converged ? "" : ", not converged");
    if (r->note)
        fprintf(to, "%s\n", r->note);
    if (j->in.bad)
        fprintf(to, "%lld bad rows were left out.\n", (long long)j->in.bad);
    if (j->known && s->n)
        fprintf(to, "Right on %lld of %lld known tasks: %.2f %%%s.\n", (long long)s->right,
                (long long)s->n, 100 * (double)s->right / (double)s->n,
                s->parts ? " (each fifth hidden in turn)" : "");
    else if (j->known)
        fputs("None of the known tasks has a label here.\n", to);
    if (s->strange)
        fprintf(to, "%lld of them have a class that nobody gave.\n", (long long)s->strange);
}
