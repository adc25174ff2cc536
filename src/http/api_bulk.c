/*
 * api_bulk.c -- acts on many tasks: ours answer at once with a job; Label
 * Studio's wait for the end of it, as its clients expect.
 */
#include <time.h>

#include "core/json.h"
#include "domain/bulk.h"
#include "domain/filter.h"
#include "domain/lease.h"
#include "domain/run.h"
#include "domain/view.h"
#include "http/api.h"
#include "http/field.h"
#include "http/reply.h"
#include "http/shape.h"

#define WAIT_MS (90 * 1000)             /* then the client is told that it goes on */
#define WAIT_STEP_MS 40
#define NEXT_TASKS 50                   /* looked at for one that the caller may take */

struct many {
    json_t *ask;                        /* as bulk_begin reads it */
    const char *action;
    int64_t view, job, total;
    struct run_job seen;
    struct task_key *key;               /* next_task */
    int nkeys;
    int64_t task;
};

/* ---- ours --------------------------------------------------------------------------------- */

int bulk_in(struct rq *r)
{
    struct many *m = NEW(r->cx, struct many);
    json_t *query, *selected;
    struct field f;

    r->arg = m;
    if (field_body(r, &f) < 0)
        return f.rc;
    field_need(&f, "action");
    field_str(&f, "action", &m->action);
    if (f.rc < 0)
        return f.rc;
    query = json_object_get(f.o, "query");
    if (query && !json_is_null(query) && !json_is_object(query))
        return fail_at(r->cx, E_INVALID, "query", "The query is a JSON object.");
    query = json_is_object(query) ? json_copy(query) : json_object();
    if ((selected = json_object_get(f.o, "selectedItems")))
        json_object_set(query, "selectedItems", selected);
    if (!json_is_object(json_object_get(query, "selectedItems"))) {
        json_decref(query);
        return fail_at(r->cx, E_INVALID, "selectedItems", "Which tasks? Say "
                       "{\"all\": true, \"excluded\": []} or {\"all\": false, \"included\": [1]}.");
    }
    m->ask = json_keep(r->cx, json_pack("{s:s, s:o}", "action", m->action, "query", query));
    if (json_object_get(f.o, "args"))
        json_object_set(m->ask, "args", json_object_get(f.o, "args"));
    return 0;
}

static int reply_begun(struct rq *r, const struct many *m)
{
    return reply_json(r, 202, json_pack("{s:I, s:I}", "job", (json_int_t)m->job, "total",
                                        (json_int_t)m->total));
}

int bulk_act(struct rq *r)
{
    struct many *m = r->arg;
    int rc = bulk_begin(r->cx, r->access.project, m->ask, &m->job, &m->total);

    return rc < 0 ? rc : reply_begun(r, m);
}

int bulk_undo_act(struct rq *r)
{
    struct many m = {0};
    int rc = bulk_undo(r->cx, r->access.project, r->id[1], &m.job, &m.total);

    return rc < 0 ? rc : reply_begun(r, &m);
}

/* ---- Label Studio's ----------------------------------------------------------------------- */

static const struct {
    const char *id, *title, *text;
    int order;
} offered[] = {
    {"retrieve_tasks_predictions", "Retrieve predictions",
     "The connected models predict the selected tasks.", 90},
    {"predictions_to_annotations", "Create annotations from predictions",
     "The newest prediction of each selected task becomes an annotation.", 91},
    {"delete_tasks", "Delete tasks", "The selected tasks go, with their annotations.", 100},
    {"delete_tasks_annotations", "Delete annotations",
     "All annotations of the selected tasks go.", 101},
    {"delete_tasks_predictions", "Delete predictions",
     "All predictions of the selected tasks go.", 102},
    {"next_task", "Get the next task", NULL, 0},
};

int actions_list(struct rq *r)
{
    json_t *list = json_array();

    for (size_t i = 0; i < sizeof offered / sizeof *offered; i++) {
        json_t *o = json_pack("{s:s, s:s, s:i, s:b, s:s}", "id", offered[i].id, "title",
                              offered[i].title, "order", offered[i].order, "experimental", 0,
                              "permission", "tasks.change");

        if (offered[i].text)
            json_object_set_new(o, "dialog", json_pack("{s:s, s:s}", "text", offered[i].text,
                                                       "type", "confirm"));
        json_array_append_new(list, o);
    }
    return reply_json(r, 200, list);
}

int actions_in(struct rq *r)
{
    struct many *m = NEW(r->cx, struct many);
    const char *model = NULL;
    json_t *query, *o;
    struct field f;

    r->arg = m;
    r->id[0] = query_int(r, "project", 0);
    m->view = query_int(r, "view", 0);
    m->action = query_str(r, "id");
    if (field_body(r, &f) < 0)
        return f.rc;
    if (!r->id[0])
        field_int(&f, "project", 1, INT64_MAX, &r->id[0]);
    if (json_is_string(json_object_get(f.o, "model_version")))
        field_str(&f, "model_version", &model);
    if (f.rc < 0)
        return f.rc;
    if (!m->action)
        return fail_at(r->cx, E_INVALID, "id", "Which action?");
    query = json_object();
    if ((o = json_object_get(f.o, "filters")) && json_is_object(o))
        json_object_set(query, "filters", o);
    if ((o = json_object_get(f.o, "selectedItems")) && json_is_object(o))
        json_object_set(query, "selectedItems", o);
    m->ask = json_keep(r->cx, json_pack("{s:s, s:o, s:{s:s?}}", "action", m->action, "query", query,
                                        "args", "model_version", model));
    return 0;
}

static int read_job(struct ctx *cx, void *arg)
{
    struct many *m = arg;

    return run_job_get(cx, m->job, &m->seen);
}

static bool has_ended(const struct run_job *j)
{
    return strcmp(j->state, "waiting") != 0 && strcmp(j->state, "running") != 0;
}

static int reply_done(struct rq *r, const struct many *m, const char *report)
{
    json_t *o = json_loads(report && *report ? report : "{}", 0, NULL);
    json_int_t n = json_integer_value(json_object_get(o, "done"));

    json_decref(o);
    return reply_json(r, 200, json_pack("{s:I, s:o, s:I}", "processed_items", n, "detail",
                                        json_sprintf("%s: %lld", m->action, (long long)n),
                                        "job", (json_int_t)m->job));
}

/* Outside of any act: the client waits for the end, as it would at Label Studio. */
static int await_job(struct rq *r)
{
    struct timespec step = {.tv_nsec = WAIT_STEP_MS * 1000000};
    struct many *m = r->arg;

    for (int ms = 0; ms < WAIT_MS; ms += WAIT_STEP_MS) {
        struct ctx *cx = ctx_new(r->cx->mem);
        int rc;

        cx->who = r->cx->who;
        rc = run_read(r->run, cx, read_job, m);
        if (rc < 0 || has_ended(&m->seen)) {
            bool well = rc >= 0 && strcmp(m->seen.state, "done") == 0;

            rc = rc < 0 ? fail(r->cx, rc, "The job could not be followed.")
               : well ? reply_done(r, m, m->seen.report)
                      : fail(r->cx, E_INVALID, "The action could not be finished.");
            ctx_free(cx);
            return rc;
        }
        ctx_free(cx);
        nanosleep(&step, NULL);
    }
    return reply_json(r, 200, json_pack("{s:I, s:s, s:I}", "processed_items", (json_int_t)m->total,
                                        "detail", "It goes on as a job.", "job",
                                        (json_int_t)m->job));
}

/* ---- the next task of a filtered list ----------------------------------------------------- */

static int pick_next(struct ctx *cx, void *arg)
{
    struct rq *r = arg;
    struct many *m = r->arg;
    struct task_filter f;
    int rc;

    if ((rc = task_patience(cx)) < 0 ||
        (rc = filter_compile(cx, r->access.project, json_object_get(m->ask, "query"), false, &f)) <
            0)
        return rc;
    f.state = "open";
    return task_keys(cx, r->access.project, &f, NULL, NULL, NEXT_TASKS, &m->key, &m->nkeys);
}

static int take_next(struct ctx *cx, void *arg)
{
    struct rq *r = arg;
    struct many *m = r->arg;
    struct lease l;
    int rc = lease_take(cx, &r->access, m->task, &l);

    return rc < 0 ? rc : 0;
}

static int show_next(struct ctx *cx, void *arg)
{
    struct rq *r = arg;
    struct many *m = r->arg;
    struct task t;
    struct buf b;
    int rc;

    (void)cx;
    if ((rc = task_get(r->cx, m->task, &t)) < 0)
        return rc;
    buf_init(&b, r->cx, ANSWER_BYTES);
    return (rc = put_task(r, &b, &t, TASK_ANSWERS)) < 0 ? rc : reply_put(r, 200, &b);
}

static int next_of_list(struct rq *r)
{
    struct many *m = r->arg;
    int rc = run_read(r->run, r->cx, pick_next, r);

    if (rc < 0)
        return rc;
    for (int i = 0; i < m->nkeys; i++) {
        m->task = m->key[i].id;
        rc = run_wait(r->run, r->cx, false, take_next, r);
        if (rc >= 0)
            return run_read(r->run, r->cx, show_next, r);
        if (rc != E_NOTFOUND)
            return rc;
        fail_clear(r->cx);
    }
    return reply_json(r, 404, json_pack("{s:s}", "detail", "There is no task left for you."));
}

int actions_act(struct rq *r)
{
    struct many *m = r->arg;
    struct view v;
    json_t *data;
    int rc;

    if (m->view) {              /* the view's own question stands before the one that came along */
        if ((rc = view_get(r->cx, m->view, &v)) < 0 ||
            (rc = json_stored(r->cx, v.data, strlen(v.data), &data)) < 0)
            return rc;
        if (v.project != r->access.project)
            return fail(r->cx, E_NOTFOUND, "There is no view %lld.", (long long)m->view);
        json_object_set(json_object_get(m->ask, "query"), "filters",
                        json_object_get(data, "filters"));
    }
    if (strcmp(m->action, "next_task") == 0) {
        r->after = next_of_list;
        return 0;
    }
    if (strcmp(m->action, "retrieve_tasks_predictions") == 0)
        return fail(r->cx, E_INVALID, "No model is connected to this project.");
    if ((rc = bulk_begin(r->cx, r->access.project, m->ask, &m->job, &m->total)) < 0)
        return rc;
    r->after = await_job;
    return reply_begun(r, m);
}
