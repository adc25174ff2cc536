/* aggregate_numbers.c -- `annotary aggregate` where the labels are numbers. */
#include "cli/aggregate.h"

#include <math.h>

const struct as_method_info *numbers_only(unsigned at)
{
    const struct as_method_info *m, *other;

    for (unsigned k = 0; (m = as_numeric_method(k)); k++) {
        bool both = false;

        for (unsigned i = 0; (other = as_method(i)); i++)
            both |= !strcmp(m->id, other->id);
        if (!both && at-- == 0)
            return m;
    }
    return NULL;
}

bool numbers_can(const char *id)
{
    const struct as_method_info *m;

    for (unsigned k = 0; (m = as_numeric_method(k)); k++)
        if (!strcmp(m->id, id))
            return true;
    return false;
}

struct numbers {
    struct job *j;
    struct as_numeric *r;
    struct as_truth *truth;
    int64_t n;                      /* tasks with a truth and an answer */
    double mae, rmse, pearson;
};

static int read_numbers(struct job *j)
{
    struct as_reading how = {.numbers = 1, .bad = input_bad, .bad_arg = &j->in};
    struct as_blame b;
    int rc = as_answers_read(j->in.s, j->in.n, &how, &j->answers, &b);

    if (rc)
        return input_fail(j->cli, &j->in, rc, &b);
    KEEP(j->cli, j->answers, as_answers_free);
    j->names = (struct as_named){j->answers->tasks, j->answers->workers, NULL};
    if ((rc = input_check(j->cli, &j->in)) < 0)
        return rc;
    return j->answers->n ? 0 : fail(j->cli->cx, E_INVALID, "%s holds no label.", j->in.path);
}

static int fit(struct numbers *x)
{
    struct job *j = x->j;
    struct as_numbers in = {.n = j->answers->n, .tasks = as_names_count(j->names.tasks),
                            .workers = as_names_count(j->names.workers), .task = j->answers->task,
                            .worker = j->answers->worker, .value = j->answers->value,
                            .weight = j->answers->weight, .time = j->answers->time};
    struct as_fault fault;

    j->bar.what = j->info->id;
    int rc = as_numeric(&in, j->policy, j->info->id, &j->opts, &x->r, &fault);
    progress_end(&j->bar);
    if (rc == AS_EDUPLICATE)
        return job_answered_twice(j, &fault);
    if (rc)
        return stats_fail(j->cli, rc, j->info->id);
    KEEP(j->cli, x->r, as_numeric_free);
    return 0;
}

static int score(struct numbers *x)
{
    struct job *j = x->j;
    struct as_reading how = {.bad = input_bad, .bad_arg = &j->gold_in};
    struct as_blame b;
    double a = 0, t = 0, aa = 0, tt = 0, at = 0;
    int rc;

    if (!j->gold)
        return 0;
    rc = as_truth_read(j->gold_in.s, j->gold_in.n, j->names.tasks, NULL, &how, &x->truth, &b);
    if (rc)
        return input_fail(j->cli, &j->gold_in, rc, &b);
    KEEP(j->cli, x->truth, as_truth_free);
    for (uint32_t k = 0; k < x->r->tasks; k++) {
        double got = x->r->value[k], true_one = x->truth->value[k];

        if (!x->truth->known[k] || !x->r->n[k])
            continue;
        x->n++;
        x->mae += fabs(got - true_one);
        x->rmse += (got - true_one) * (got - true_one);
        a += got;
        t += true_one;
        aa += got * got;
        tt += true_one * true_one;
        at += got * true_one;
    }
    double n = x->n ? (double)x->n : 1, spread = (aa - a * a / n) * (tt - t * t / n);
    x->mae /= n;
    x->rmse = sqrt(x->rmse / n);
    x->pearson = spread > 0 ? (at - a * t / n) / sqrt(spread) : 0;
    return input_check(j->cli, &j->gold_in);
}

static int write_answers(struct numbers *x)
{
    static const char *const columns[] = {"task", "label", "error", "n", NULL};
    struct job *j = x->j;
    struct table t;
    int rc = table_open(j->cli, j->out ? j->out : "-", columns, &t);

    for (uint32_t k = 0; rc >= 0 && k < x->r->tasks; k++) {
        job_put_name(&t, j->names.tasks, k);
        table_real(&t, x->r->n[k] ? x->r->value[k] : (double)NAN);
        table_real(&t, x->r->n[k] ? x->r->error[k] : (double)NAN);
        table_whole(&t, x->r->n[k]);
    }
    return rc < 0 ? rc : table_close(&t, rc);
}

static int write_workers(struct numbers *x)
{
    static const char *const columns[] = {"worker", "n", "bias", "gain", "spread", "lo", "hi",
                                          "weight", NULL};
    struct job *j = x->j;
    struct table t;
    int rc = j->workers ? table_open(j->cli, j->workers, columns, &t) : 0;

    for (uint32_t k = 0; rc >= 0 && j->workers && k < x->r->workers; k++) {
        const struct as_numeric_worker *w = &x->r->worker[k];

        job_put_name(&t, j->names.workers, k);
        table_whole(&t, (int64_t)w->n);
        table_real(&t, w->bias);
        table_real(&t, w->gain);
        table_real(&t, w->spread);
        table_real(&t, w->lo);
        table_real(&t, w->hi);
        table_real(&t, w->weight);
    }
    return rc < 0 || !j->workers ? rc : table_close(&t, rc);
}

static int write_report(struct numbers *x)
{
    struct job *j = x->j;
    json_t *trace, *gold = json_null(), *v;
    char digest[17];

    if (!j->report)
        return 0;
    trace = json_array();
    for (int k = 0; k < x->r->trace_n; k++)
        json_array_append_new(trace, json_real(x->r->trace[k]));
    if (x->truth)
        gold = json_pack("{s:I, s:f, s:f, s:f}", "tasks", (json_int_t)x->n, "mae", x->mae, "rmse",
                         x->rmse, "pearson", x->pearson);
    snprintf(digest, sizeof digest, "%016llx", (unsigned long long)x->r->digest);
    v = json_pack("{s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:i, s:b, s:b, s:o, "
                  "s:o}",
                  "method", x->r->method, "title", j->info->title, "paper", j->info->paper,
                  "version", x->r->version, "program", ANNOTARY_VERSION, "file", input_name(&j->in),
                  "digest", digest, "rows", (json_int_t)j->answers->n, "bad_rows",
                  (json_int_t)j->in.bad, "tasks", (json_int_t)x->r->tasks, "workers",
                  (json_int_t)x->r->workers, "iterations", x->r->iterations, "converged",
                  x->r->converged != 0, "stopped", x->r->stopped != 0, "objective", trace, "gold",
                  gold);
    return report_write(j->cli, j->report, v);
}

int numbers_work(struct job *j)
{
    struct numbers x = {.j = j};
    int rc;

    if (j->classes || j->class_prior || j->use_gold || j->keep_gold || j->confusions ||
        j->posterior || j->pack || j->plot || j->cost)
        return fail(j->cli->cx, E_INVALID, "%s is about numbers: there are no classes, and gold "
                    "only scores.", j->info->id);
    if ((rc = read_numbers(j)) < 0 || (rc = fit(&x)) < 0 || (rc = score(&x)) < 0 ||
        (rc = write_answers(&x)) < 0 || (rc = write_workers(&x)) < 0 ||
        (rc = write_report(&x)) < 0)
        return rc;
    FILE *to = j->out && strcmp(j->out, "-") != 0 ? stdout : stderr;
    fprintf(to, "%s: %zu numbers of %u workers on %u tasks.\n", x.r->method, j->answers->n,
            x.r->workers, x.r->tasks);
    if (x.truth)
        fprintf(to, "On %lld known tasks: mean error %.4f, root mean square %.4f, correlation "
                "%.4f.\n", (long long)x.n, x.mae, x.rmse, x.pearson);
    return rc;
}
