/* api_import.c -- data comes in: our imports as jobs, Label Studio's import at once; and jobs. */
#include "core/json.h"
#include "domain/import_preview.h"
#include "domain/import_row.h"
#include "domain/importer.h"
#include "domain/run.h"
#include "http/api.h"
#include "http/field.h"
#include "http/reply.h"
#include "http/shape.h"
#include "http/upload.h"

struct import_arg {
    struct import_opts o;
    struct import_source *file;
    struct part **part;
    int n;
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

/* Every file of the request, in its order. */
static void files_in(struct rq *r, struct import_arg *a)
{
    int n = 0;

    for (struct part *p = r->parts; p; p = p->next)
        n += p->spool && p->bytes > 0;
    a->file = NEW_N(r->cx, struct import_source, n + 1);
    a->part = NEW_N(r->cx, struct part *, n + 1);
    for (struct part *p = r->parts; p; p = p->next) {
        if (!p->spool || p->bytes == 0)
            continue;
        a->file[a->n] = (struct import_source){.spool = p->spool, .name = p->file_name,
                                               .format = a->o.format, .bytes = p->bytes};
        a->part[a->n++] = p;
    }
}

/* A file without a name is called as the caller said, or "upload.json". */
static int names_in(struct rq *r, struct import_arg *a, const char *name)
{
    const char *format = a->o.format;

    for (int i = 0; i < a->n; i++) {
        if (a->n == 1 && name && *name)
            a->file[i].name = name;
        else if (!*a->file[i].name)
            a->file[i].name = format ? talloc_asprintf(r->cx->mem, "upload.%s", format) : "upload";
        if (strlen(a->file[i].name) > (size_t)LIMIT_NAME_BYTES)
            return fail_at(r->cx, E_INVALID, "name", "The name of the file is too long.");
    }
    return 0;
}

/* How columns become fields: ?map={"body":"text","id":null} */
static int map_in(struct rq *r, struct import_opts *o)
{
    const char *map = form_or_query(r, "map");

    if (!map || !*map)
        return 0;
    if (json_read(r->cx, map, strlen(map), &o->map) < 0)
        return fail_at(r->cx, E_INVALID, "map", "The map of columns is not valid JSON.");
    return import_map_check(r->cx, o->map);
}

int import_in(struct rq *r)
{
    struct import_arg *a = NEW(r->cx, struct import_arg);
    const char *format = form_or_query(r, "format");
    int64_t priority = 0;

    r->arg = a;
    if (form_or_query(r, "priority") && !str_int(form_or_query(r, "priority"), &priority))
        return fail_at(r->cx, E_INVALID, "priority", "A priority is a whole number.");
    a->o = (struct import_opts){ .format = format && *format ? format : NULL, .priority = priority,
                                 .dry_run = truth(form_or_query(r, "dry_run")),
                                 .preannotated = form_or_query(r, "preannotated_from_fields") };
    if (map_in(r, &a->o) < 0)
        return E_INVALID;
    files_in(r, a);
    if (a->n == 0)
        return fail_at(r->cx, E_INVALID, "file", "There is no data in this request.");
    return names_in(r, a, form_or_query(r, "name"));
}

/* application/jsonl is another thing. */
static bool is_json(const char *type)
{
    return strncasecmp(type, "application/json", 16) == 0 && strchr("; ", type[16]);
}

/* Label Studio's: the ids are wanted, its JSON may be one bare object, it may be a first look. */
int import_now_in(struct rq *r)
{
    const char *type = r->head[RH_CONTENT_TYPE];
    struct import_arg *a;
    int rc = import_in(r);

    if (rc < 0)
        return rc;
    a = r->arg;
    a->o.want_ids = true;
    a->o.keep = !query_flag(r, "commit_to_project", true);
    if (!a->o.format && type && is_json(type)) {
        a->o.format = a->file[0].format = "json";
        if (strcmp(a->file[0].name, "upload") == 0)
            a->file[0].name = "upload.json";
    }
    for (int i = 0; i < a->n && a->o.keep; i++)
        if (a->file[i].bytes > LIMIT_BLOB_BYTES)
            return fail_at(r->cx, E_TOOBIG, "file", "A file that is kept has at most %lld MiB.",
                           (long long)(LIMIT_BLOB_BYTES >> 20));
    return 0;
}

/* The beginning of a file is the body; ?cut says that there is more of it. */
int import_preview_in(struct rq *r)
{
    struct import_arg *a = NEW(r->cx, struct import_arg);
    const char *format = query_str(r, "format");
    enum source_kind kind;

    r->arg = a;
    a->o = (struct import_opts){ .format = format && *format ? format : NULL, .dry_run = true };
    if (a->o.format && !source_find(a->o.format, &kind))
        return fail_at(r->cx, E_INVALID, "format", "\"%.40s\" is no format that can be read.",
                       format);
    if (!r->body || r->nbody == 0)
        return fail_at(r->cx, E_INVALID, "file", "There is no data in this request.");
    return map_in(r, &a->o);
}

/* ---- acts ------------------------------------------------------------------------------ */

static int begin(struct rq *r, bool queue)
{
    struct import_arg *a = r->arg;

    return import_begin_files(r->cx, r->id[0], a->file, a->n, &a->o, queue, &a->import, &a->job);
}

/* Once the row is committed the spool files are the importer's; until then, the request's. */
static void give_files(struct import_arg *a)
{
    for (int i = 0; i < a->n; i++)
        upload_keep(a->part[i]);
}

static int reply_begun(struct rq *r)
{
    struct import_arg *a = r->arg;

    return reply_json(r, 202, json_pack("{s:I, s:I}", "job", (json_int_t)a->job,
                                        "import", (json_int_t)a->import));
}

static int begun(struct rq *r)
{
    give_files(r->arg);
    return reply_begun(r);
}

int import_create(struct rq *r)
{
    int rc = begin(r, true);

    if (rc < 0)
        return rc;
    r->after = begun;
    return reply_begun(r);
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

static json_t *shape_ids(const int64_t *ids, int n)
{
    json_t *list = json_array();

    for (int k = 0; k < n; k++)
        json_array_append_new(list, json_integer(ids[k]));
    return list;
}

/* What Label Studio tells about the files, finished or not. */
static void shape_seen(json_t *o, const struct import *i)
{
    json_t *formats = json_object_get(i->seen, "formats"),
           *columns = json_object_get(i->seen, "columns");

    json_object_set_new(o, "file_upload_ids", shape_ids(i->uploads, i->nuploads));
    json_object_set_new(o, "found_formats", formats ? json_incref(formats) : json_object());
    json_object_set_new(o, "data_columns", columns ? json_incref(columns) : json_array());
    json_object_set_new(o, "could_be_tasks_list",
                        json_boolean(json_flag(i->seen, "could_be_tasks_list", false)));
    json_object_set_new(o, "task_ids", shape_ids(i->task_ids, i->ntask_ids));
}

int import_finish(struct rq *r, int64_t import)
{
    struct import done;
    json_t *o;
    int rc;

    if ((rc = import_run(r->run, r->cx, import, NULL, NULL, &done)) < 0)
        return rc;
    if (strcmp(done.state, "failed") == 0)
        return reply_refused(r, &done);
    /* the old client would poll when it saw a key "import" */
    o = json_pack("{s:I, s:I, s:I, s:f, s:I}", "task_count", (json_int_t)done.tasks,
                  "annotation_count", (json_int_t)done.annotations, "prediction_count",
                  (json_int_t)done.predictions, "duration", done.seconds, "import_id",
                  (json_int_t)done.id);
    shape_seen(o, &done);
    return reply_json(r, 201, o);
}

static int run_now(struct rq *r)
{
    struct import_arg *a = r->arg;

    give_files(a);
    return import_finish(r, a->import);
}

int import_now(struct rq *r)
{
    int rc = begin(r, false);

    if (rc < 0)
        return rc;
    r->after = run_now;
    return 0;
}

int import_preview_show(struct rq *r)
{
    struct import_arg *a = r->arg;
    const char *name = query_str(r, "name");
    json_t *o;
    int rc = import_preview(r->cx, r->id[0], &a->o, name && *name ? name : "upload", r->body,
                            r->nbody, query_flag(r, "cut", false), &o);

    return rc < 0 ? rc : reply_json(r, 200, json_incref(o));
}

/* ---- looking at it --------------------------------------------------------------------- */

static const char *status_of(const struct import *i)
{
    return strcmp(i->state, "done") == 0 || strcmp(i->state, "checked") == 0 ? "completed"
           : strcmp(i->state, "failed") == 0 || strcmp(i->state, "swept") == 0 ? "failed"
                                                                               : "in_progress";
}

static json_t *shape_import(const struct import *i)
{
    return json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:s, s:o, s:o, s:o}",
                     "id", (json_int_t)i->id, "project", (json_int_t)i->project, "status",
                     status_of(i), "state", i->state, "format", i->format, "name", i->name, "bytes",
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
    shape_seen(o, &i);
    json_object_set_new(o, "commit_to_project", json_boolean(!i.kept));
    json_object_set_new(o, "duration", json_integer((json_int_t)i.seconds));
    json_object_set_new(o, "updated_at", json_time(i.ended ? i.ended : i.created));
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
    json_object_set_new(o, "stoppable", json_boolean(run_job_stops(j->kind)));
    json_object_set_new(o, "stopping", json_boolean(j->stopping));
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
    if (strcmp(i.state, "failed") == 0 && strcmp(j->state, "cancelled") != 0)
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

    rc = query_flag(r, "newest", false)
             ? run_job_newest(r->cx, r->id[0], query_int(r, "after", 0), limit, &j, &n)
             : run_job_list(r->cx, r->id[0], query_int(r, "after", 0), limit, &j, &n);
    if (rc < 0)
        return rc;
    for (int i = 0; i < n; i++) {
        if ((rc = shape_job(r, &j[i], &o)) < 0)
            return rc;
        json_array_append(list, o);
    }
    return reply_json(r, 200, shape_list(json_incref(list), n, limit, n ? j[n - 1].id : 0));
}
