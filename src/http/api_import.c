/* api_import.c -- data comes in: our imports as jobs, Label Studio's import at once; and jobs. */
#include "core/json.h"
#include "domain/importer.h"
#include "domain/run.h"
#include "http/api.h"
#include "http/field.h"
#include "http/reply.h"
#include "http/shape.h"
#include "http/upload.h"

struct import_arg {
    struct import_opts o;
    struct part *file;
    int64_t import, job;
};

/* ---- what was sent --------------------------------------------------------------------- */

static const char *form_or_query(struct rq *r, const char *name)
{
    struct part *p = upload_part(r, name);

    return p && p->value ? p->value : query_str(r, name);
}

static bool truth(const char *s)
{
    return s && (strcmp(s, "1") == 0 || str_same_nocase(s, "true"));
}

int import_in(struct rq *r)
{
    struct import_arg *a = NEW(r->cx, struct import_arg);
    const char *name = form_or_query(r, "name"), *format = form_or_query(r, "format");
    int64_t priority = 0;
    int files = 0;

    r->arg = a;
    for (struct part *p = r->parts; p; p = p->next)
        files += p->spool != NULL;
    if (!(a->file = upload_file(r)) || a->file->bytes == 0)
        return fail_at(r->cx, E_INVALID, "file", "There is no data in this request.");
    if (files > 1)
        return fail_at(r->cx, E_INVALID, "file", "One file at a time, or several in a zip.");
    if (form_or_query(r, "priority") && !str_int(form_or_query(r, "priority"), &priority))
        return fail_at(r->cx, E_INVALID, "priority", "A priority is a whole number.");
    a->o = (struct import_opts){ .format = format && *format ? format : NULL, .priority = priority,
                                 .name = name && *name ? name : *a->file->file_name
                                             ? a->file->file_name : "upload",
                                 .dry_run = truth(form_or_query(r, "dry_run")),
                                 .preannotated = form_or_query(r, "preannotated_from_fields") };
    if (strlen(a->o.name) > (size_t)LIMIT_NAME_BYTES)
        return fail_at(r->cx, E_INVALID, "name", "The name of the file is too long.");
    return 0;
}

/* Label Studio's: the ids are wanted, and its JSON may be one bare object. */
int import_now_in(struct rq *r)
{
    int rc = import_in(r);
    struct import_arg *a = r->arg;
    const char *type = r->head[RH_CONTENT_TYPE];

    if (rc < 0)
        return rc;
    a->o.want_ids = true;
    if (!a->o.format && type && strncasecmp(type, "application/json", 16) == 0)
        a->o.format = "json";
    return 0;
}

/* ---- acts ------------------------------------------------------------------------------ */

static int begin(struct rq *r, bool queue)
{
    struct import_arg *a = r->arg;

    return import_begin(r->cx, r->id[0], a->file->spool, a->file->bytes, &a->o, queue, &a->import,
                        &a->job);
}

/* Once the row is committed the spool file is the importer's; until then it is the request's. */
static int keep_file(struct rq *r)
{
    struct import_arg *a = r->arg;

    upload_keep(a->file);
    return reply_json(r, 202, json_pack("{s:I, s:I}", "job", (json_int_t)a->job,
                                        "import", (json_int_t)a->import));
}

int import_create(struct rq *r)
{
    int rc = begin(r, true);

    if (rc < 0)
        return rc;
    r->after = keep_file;
    struct import_arg *a = r->arg;

    return reply_json(r, 202, json_pack("{s:I, s:I}", "job", (json_int_t)a->job,
                                        "import", (json_int_t)a->import));
}

static json_t *shape_errors(const struct import *i)
{
    json_t *list = json_array();

    for (int k = 0; k < i->nerrors; k++)
        json_array_append_new(list,
                              json_pack("{s:I, s:s?, s:s}", "line", (json_int_t)i->errors[k].line,
                                        "field", i->errors[k].field, "why", i->errors[k].why));
    return list;
}

static int reply_refused(struct rq *r, const struct import *i)
{
    const char *why = i->nerrors ? i->errors[0].why : "The file could not be imported.";

    return reply_json(r, 400, json_pack("{s:s, s:s, s:o, s:{s:[s]}, s:s}", "detail", why,
                                        "code", "E_INVALID", "errors", shape_errors(i),
                                        "validation_errors", "non_field_errors", why,
                                        "request_id", r->request_id));
}

static json_t *shape_ids(const struct import *i)
{
    json_t *list = json_array();

    for (int k = 0; k < i->ntask_ids; k++)
        json_array_append_new(list, json_integer(i->task_ids[k]));
    return list;
}

static int run_now(struct rq *r)
{
    struct import_arg *a = r->arg;
    struct import done;
    int rc;

    upload_keep(a->file);
    if ((rc = import_run(r->run, r->cx, a->import, NULL, NULL, &done)) < 0)
        return rc;
    if (strcmp(done.state, "done") != 0)
        return reply_refused(r, &done);
    /* the old client would poll when it saw a key "import" */
    return reply_json(
        r, 201,
        json_pack("{s:I, s:I, s:I, s:f, s:[], s:{s:i}, s:[], s:b, s:I, s:o}", "task_count",
                  (json_int_t)done.tasks, "annotation_count", (json_int_t)done.annotations,
                  "prediction_count", (json_int_t)done.predictions, "duration", done.seconds,
                  "file_upload_ids", "found_formats", *done.format ? done.format : "json", 1,
                  "data_columns", "could_be_tasks_list", 0, "import_id", (json_int_t)done.id,
                  "task_ids", shape_ids(&done)));
}

int import_now(struct rq *r)
{
    int rc = begin(r, false);

    if (rc < 0)
        return rc;
    r->after = run_now;
    return 0;
}

/* ---- looking at it --------------------------------------------------------------------- */

static json_t *shape_import(const struct import *i)
{
    bool done = strcmp(i->state, "done") == 0;

    return json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:s, s:o, s:o, s:o}",
                     "id", (json_int_t)i->id, "project", (json_int_t)i->project, "status",
                     done                              ? "completed"
                     : strcmp(i->state, "failed") == 0 ? "failed"
                                                       : "in_progress",
                     "state", i->state, "format", i->format, "name", i->name, "bytes",
                     (json_int_t)i->bytes, "job", (json_int_t)i->job, "task_count",
                     (json_int_t)i->tasks, "annotation_count", (json_int_t)i->annotations,
                     "prediction_count", (json_int_t)i->predictions, "digest", i->digest,
                     "created_at", json_time(i->created), "finished_at", json_time(i->ended),
                     "errors", shape_errors(i));
}

int import_show(struct rq *r)
{
    struct import i;
    json_t *o;
    int rc = import_get(r->cx, r->id[1], &i);

    if (rc < 0)
        return rc;
    if (i.project != r->id[0])
        return fail(r->cx, E_NOTFOUND, "There is no such import.");
    o = shape_import(&i);
    json_object_set_new(o, "task_ids", shape_ids(&i));
    json_object_set_new(o, "error", json_string(i.nerrors ? i.errors[0].why : ""));
    return reply_json(r, 200, o);
}

int imports_list(struct rq *r)
{
    struct import *i;
    json_t *list;
    int limit = page_limit(r), n;
    int rc = import_list(r->cx, r->id[0], query_int(r, "after", 0), limit, &i, &n);

    if (rc < 0)
        return rc;
    list = json_array();
    for (int k = 0; k < n; k++)
        json_array_append_new(list, shape_import(&i[k]));
    return reply_json(r, 200, shape_list(list, n, limit, n ? i[n - 1].id : 0));
}

/* An import is a job like others; what was wrong with its rows stands in its own row. */
static int shape_job(struct rq *r, const struct run_job *j, json_t **out)
{
    json_t *o = json_keep(
        r->cx, json_pack("{s:I, s:I, s:s, s:s, s:I, s:I, s:o, s:o}", "id", (json_int_t)j->id,
                         "project", (json_int_t)j->project, "kind", j->kind, "state", j->state,
                         "done", (json_int_t)j->done, "total", (json_int_t)j->total, "created_at",
                         json_time(j->created), "updated_at", json_time(j->ended)));
    json_t *report = NULL, *arg = NULL;
    struct import i;

    *out = o;
    if (*j->report && json_stored(r->cx, j->report, strlen(j->report), &report) >= 0) {
        json_object_set(o, "result", report);
        if (json_str(report, "why", NULL))
            json_object_set_new(o, "error", json_string(json_str(report, "why", "")));
    }
    if (strcmp(j->kind, "import") != 0 || json_stored(r->cx, j->arg, strlen(j->arg), &arg) < 0)
        return 0;
    if (import_get(r->cx, json_int(arg, "import", 0), &i) < 0) {
        fail_clear(r->cx);
        return 0;
    }
    json_object_set_new(o, "errors", shape_errors(&i));
    json_object_set_new(o, "import", shape_import(&i));
    if (strcmp(i.state, "failed") == 0)
        json_object_set_new(o, "state", json_string("failed"));
    if (strcmp(j->state, "done") == 0) {            /* a person counts tasks, not bytes */
        json_object_set_new(o, "done", json_integer(i.tasks));
        json_object_set_new(o, "total", json_integer(i.tasks));
    }
    return 0;
}

int job_show(struct rq *r)
{
    struct run_job j;
    json_t *o;
    int rc;

    if ((rc = run_job_get(r->cx, r->id[0], &j)) < 0 || (rc = shape_job(r, &j, &o)) < 0)
        return rc;
    return reply_json(r, 200, json_incref(o));
}

int jobs_list(struct rq *r)
{
    struct run_job *j;
    json_t *list = json_keep(r->cx, json_array()), *o;
    int limit = page_limit(r), n, rc;

    if ((rc = run_job_list(r->cx, r->id[0], query_int(r, "after", 0), limit, &j, &n)) < 0)
        return rc;
    for (int i = 0; i < n; i++) {
        if ((rc = shape_job(r, &j[i], &o)) < 0)
            return rc;
        json_array_append(list, o);
    }
    return reply_json(r, 200, shape_list(json_incref(list), n, limit, n ? j[n - 1].id : 0));
}
