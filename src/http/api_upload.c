/* api_upload.c -- files that were uploaded and are not tasks yet, as Label Studio shows them. */
#include "core/json.h"
#include "domain/exposure.h"
#include "domain/file_upload.h"
#include "domain/importer.h"
#include "domain/run.h"
#include "http/api.h"
#include "http/field.h"
#include "http/reply.h"
#include "http/shape.h"
#include "http/upload.h"

struct upload_arg {
    int64_t *ids;               /* NULL: all */
    int nids;
    bool as_list;
    int64_t import, job;
    struct file_upload file;    /* what is to stand in its place; hash NULL: nothing was sent */
};

/* The member "file_upload_ids": absent, or a list of whole numbers. */
static int ids_in(struct rq *r, const json_t *o, struct upload_arg *a)
{
    const json_t *list = json_object_get(o, "file_upload_ids"), *v;
    size_t i;

    if (!list || json_is_null(list))
        return 0;
    if (!json_is_array(list))
        return fail_at(r->cx, E_INVALID, "file_upload_ids", "This is a list of whole numbers.");
    if (json_array_size(list) > (size_t)LIMIT_PAGE_ROWS)
        return fail_at(r->cx, E_TOOBIG, "file_upload_ids", "At most %d files at once.",
                       (int)LIMIT_PAGE_ROWS);
    a->ids = NEW_N(r->cx, int64_t, json_array_size(list) + 1);
    json_array_foreach(list, i, v) {
        if (!json_is_integer(v))
            return fail_at(r->cx, E_INVALID, "file_upload_ids", "This is a list of whole numbers.");
        a->ids[a->nids++] = json_integer_value(v);
    }
    return 0;
}

/* ---- tasks of them ---- */

int reimport_in(struct rq *r)
{
    struct upload_arg *a = NEW(r->cx, struct upload_arg);
    struct field f;

    r->arg = a;
    a->as_list = true;
    if (field_body(r, &f) < 0)
        return f.rc;
    field_flag(&f, "files_as_tasks_list", &a->as_list);
    return f.rc < 0 ? f.rc : ids_in(r, f.o, a);
}

static int run_now(struct rq *r)
{
    return import_finish(r, ((struct upload_arg *)r->arg)->import);
}

int reimport(struct rq *r)
{
    struct upload_arg *a = r->arg;
    struct import_opts o = {.want_ids = true};
    int rc;

    if (a->nids == 0)
        return reply_json(r, 200, json_pack("{s:i, s:i, s:i, s:i, s:[], s:{}, s:[]}", "task_count",
                                            0, "annotation_count", 0, "prediction_count", 0,
                                            "duration", 0, "file_upload_ids", "found_formats",
                                            "data_columns"));
    rc = import_begin_uploads(r->cx, r->id[0], a->ids, a->nids, a->as_list, &o, false, &a->import,
                              &a->job);
    if (rc < 0)
        return rc;
    r->after = run_now;
    return 0;
}

/* ---- looking at them ---- */

static json_t *shape_upload(struct rq *r, const struct file_upload *u)
{
    return json_pack("{s:I, s:s, s:I, s:s, s:o}", "id", (json_int_t)u->id, "file",
                     file_upload_path(r->cx, u), "size", (json_int_t)u->bytes, "name", u->name,
                     "created_at", json_time(u->created));
}

/* ?ids=[1,2], ?ids=1,2 or ids=1&ids=2. */
static int query_uploads(struct rq *r, int64_t **ids, int *n)
{
    for (struct param *p = r->query; p; p = p->next) {
        size_t len = strlen(p->value);

        if (strcmp(p->name, "ids") == 0 && len >= 2 && p->value[0] == '[' &&
            p->value[len - 1] == ']')
            p->value = talloc_strndup(r->cx->mem, p->value + 1, len - 2);
    }
    return query_ids(r, "ids", ids, n);
}

int uploads_list(struct rq *r)
{
    struct file_upload *u;
    bool all = query_flag(r, "all", false) || !query_str(r, "ids");
    int64_t *ids = NULL;
    json_t *list;
    int n = 0, rc;

    if (!all && (rc = query_uploads(r, &ids, &n)) < 0)
        return rc;
    if (!all && n == 0)
        return reply_json(r, 200, json_array());
    rc = file_upload_list(r->cx, r->id[0], all ? NULL : ids, n, query_int(r, "after", 0),
                          query_str(r, "limit") ? page_limit(r) : (int)LIMIT_PAGE_ROWS, &u, &n);
    if (rc < 0)
        return rc;
    list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, shape_upload(r, &u[i]));
    return reply_json(r, 200, list);
}

int upload_show(struct rq *r)
{
    struct file_upload u;
    int rc = file_upload_get(r->cx, r->id[0], &u);

    return rc < 0 ? rc : reply_json(r, 200, shape_upload(r, &u));
}

int upload_bytes(struct rq *r)
{
    struct file_upload u;
    int64_t bytes;
    int fd, rc;

    if ((rc = file_upload_find(r->cx, r->id[0], r->part[1], &u)) < 0 ||
        (rc = exposure_file(r->cx, &r->access, u.bytes)) < 0 ||
        (rc = run_blob(r->cx, r->run, u.hash, &fd, &bytes)) < 0)
        return rc;
    reply_file(r, "application/octet-stream", fd, bytes);
    reply_attachment(r, u.name);
    return 0;
}

/* ---- changing them ---- */

int uploads_in(struct rq *r)
{
    struct upload_arg *a = NEW(r->cx, struct upload_arg);
    struct field f;

    r->arg = a;
    return field_body(r, &f) < 0 ? f.rc : ids_in(r, f.o, a);
}

int uploads_drop(struct rq *r)
{
    struct upload_arg *a = r->arg;
    int64_t gone = 0;
    int rc = a->ids && a->nids == 0 ? 0
                                    : file_upload_delete(r->cx, r->id[0], a->ids, a->nids, &gone);

    return rc < 0 ? rc : reply_json(r, 200, json_pack("{s:I}", "deleted", (json_int_t)gone));
}

int upload_drop(struct rq *r)
{
    int64_t gone;
    int rc = file_upload_delete(r->cx, r->access.project, &r->id[0], 1, &gone);

    return rc < 0 ? rc : reply_empty(r, 204);
}

/* The bytes become a blob before the act: a place on disk is no business of the writer's. */
int upload_in(struct rq *r)
{
    struct upload_arg *a = NEW(r->cx, struct upload_arg);
    char *hash = talloc_zero_array(r->cx->mem, char, ID_SHA256_HEX);
    struct part *p = upload_file(r);
    int rc;

    r->arg = a;
    if (!p || p->bytes == 0)
        return 0;
    if (!*p->file_name || strlen(p->file_name) > (size_t)LIMIT_NAME_BYTES)
        return fail_at(r->cx, E_INVALID, "file", "The file has no name, or too long a one.");
    a->file.name = p->file_name;
    if ((rc = run_keep(r->cx, r->run, upload_keep(p), hash, &a->file.bytes)) < 0)
        return rc;
    a->file.hash = hash;
    return 0;
}

int upload_change(struct rq *r)
{
    struct upload_arg *a = r->arg;
    int rc;

    if (a->file.hash && (rc = file_upload_replace(r->cx, r->id[0], a->file.hash, a->file.name,
                                                  a->file.bytes)) < 0)
        return rc;
    return upload_show(r);
}
