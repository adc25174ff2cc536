/* report.c -- see report.h. */
#include "label/report.h"
#include "core/json.h"
#include "label/result.h"

#define TASKS_MOST 10000

struct report {
    struct ctx *cx;
    struct buf *out;
    const struct label_config *cfg;
    int errors, tasks, results;
};

static void say_problems(struct report *r)
{
    for (int i = 0; i < r->cfg->nproblems; i++) {
        const struct label_problem *p = &r->cfg->problems[i];

        buf_addf(r->out, "%s line %d, column %d: %s\n", p->is_error ? "error  " : "warning",
                 p->line, p->column, p->why);
    }
}

static void say_tags(struct report *r, const char *word, struct label_tag *const *tags, int n)
{
    buf_addf(r->out, "%s: %d", word, n);
    for (int i = 0; i < n; i++)
        buf_addf(r->out, "%s %s (%s)", i ? "," : " –", tags[i]->name ? tags[i]->name : "unnamed",
                 tags[i]->tag);
    buf_addc(r->out, '\n');
}

static void say_unchecked(struct report *r)
{
    const struct label_tag **tags;
    int n = label_unchecked(r->cx, r->cfg, &tags);

    for (int i = 0; i < n; i++)
        buf_addf(r->out, "notice  line %d: answers of \"%s\" (%s) are stored without a check.\n",
                 tags[i]->line, tags[i]->name ? tags[i]->name : "", tags[i]->tag);
}

/* Oldest first; cx->fields runs the other way. */
static void say_fields(struct report *r, const char *where)
{
    int n = 0;
    const struct field_error *f, *list[128];

    for (f = r->cx->fields; f && n < 128; f = f->next)
        list[n++] = f;
    for (r->errors += n; n > 0; n--)
        buf_addf(r->out, "error   %s%s: %s\n", where, list[n - 1]->path, list[n - 1]->why);
}

/* References inside a Repeater name its parts ("$parts[{{idx}}].text"): the Repeater's list is
 * asked for. */
static bool in_repeater(const struct label_tag *t)
{
    for (t = t->parent; t; t = t->parent)
        if (label_is(t, "Repeater"))
            return true;
    return false;
}

static void check_field(struct report *r, const struct label_tag *t, const char *attr,
                        const json_t *data, const char *where)
{
    const char *ref = label_attr(t, attr);

    if (!ref || *ref != '$' || in_repeater(t) || label_data(data, ref))
        return;
    r->errors++;
    buf_addf(r->out, "error   %sdata: the task has no \"%.80s\", which <%s> at line %d shows.\n",
             where, ref + 1, t->tag, t->line);
}

static void check_data(struct report *r, const struct label_tag *t, const json_t *data,
                       const char *where)
{
    if (t->kind == LABEL_OBJECT) {
        check_field(r, t, "value", data, where);
        check_field(r, t, "valueList", data, where);
    } else if (label_is(t, "Repeater")) {
        check_field(r, t, "on", data, where);
    } else if (t->kind == LABEL_CONTROL && label_dynamic(t)) {
        check_field(r, t, "value", data, where);
    }
    for (int i = 0; i < t->nchildren; i++)
        check_data(r, t->children[i], data, where);
}

static void check_results(struct report *r, const json_t *task, const json_t *data,
                          const char *key, unsigned flags, const char *where)
{
    const json_t *list = json_object_get(task, key), *one;
    size_t i;

    json_array_foreach(list, i, one) {
        const json_t *result = json_is_array(one) ? one : json_object_get(one, "result");

        if (!result || (json_is_true(json_object_get(one, "was_cancelled")) &&
                        json_array_size(result) == 0))
            continue;
        fail_clear(r->cx);
        r->results++;
        if (label_check(r->cx, r->cfg, data, result, flags) < 0)
            say_fields(r, talloc_asprintf(r->cx->mem, "%s%s[%zu].", where, key, i));
    }
}

static void check_task(struct report *r, const json_t *task, const char *where)
{
    const json_t *data = json_object_get(task, "data");

    r->tasks++;
    if (!json_is_object(task)) {
        r->errors++;
        buf_addf(r->out, "error   %sa task must be an object.\n", where);
        return;
    }
    if (!json_is_object(data))
        data = task;        /* a bare data object */
    check_data(r, r->cfg->root, data, where);
    check_results(r, task, data, "annotations", 0, where);
    check_results(r, task, data, "predictions", LABEL_CHECK_DRAFT, where);
}

static void check_tasks(struct report *r, const json_t *task)
{
    const json_t *one;
    size_t i;

    if (!json_is_array(task)) {
        check_task(r, task, "");
        return;
    }
    json_array_foreach(task, i, one) {
        if (i == TASKS_MOST) {
            buf_addf(r->out, "notice  only the first %d tasks were checked.\n", TASKS_MOST);
            return;
        }
        check_task(r, one, talloc_asprintf(r->cx->mem, "task[%zu].", i));
    }
}

int label_report(struct ctx *cx, const char *xml, size_t n, const json_t *task, bool strict,
                 struct buf *out)
{
    struct report r = {.cx = cx, .out = out};
    struct label_config *c;
    int rc = strict ? label_parse_strict(cx, xml, n, &c) : label_parse(cx, xml, n, &c);

    r.cfg = c;
    say_problems(&r);
    if (rc < 0) {
        buf_addf(out, "The config is not accepted: %d error%s.\n", c->nerrors,
                 c->nerrors == 1 ? "" : "s");
        return rc;
    }
    say_tags(&r, "Objects", c->objects, c->nobjects);
    say_tags(&r, "Controls", c->controls, c->ncontrols);
    say_unchecked(&r);
    if (task) {
        check_tasks(&r, task);
        buf_addf(out, "Tasks: %d, results: %d, errors: %d\n", r.tasks, r.results, r.errors);
    }
    buf_adds(out, r.errors ? "The config is fine, but the task does not fit it.\n" : "OK\n");
    if (out->rc < 0)
        return out->rc;
    if (r.errors)
        return fail(cx, E_INVALID, "The task does not fit the config.");
    return 0;
}
