/* api_bin.c -- deleted tasks: what can be had back, having it back, and letting it go for good. */
#include "domain/bin.h"
#include "http/api.h"
#include "http/field.h"
#include "http/reply.h"
#include "http/shape.h"

static json_t *shape_deletion(const struct deletion *d)
{
    return json_pack("{s:I, s:o, s:s, s:o, s:I, s:I, s:o, s:o}", "id", (json_int_t)d->id, "person",
                     d->person ? json_integer(d->person) : json_null(), "name", d->name, "job",
                     d->job ? json_integer(d->job) : json_null(), "total", (json_int_t)d->total,
                     "tasks", (json_int_t)d->tasks, "created_at", json_time(d->made), "ends_at",
                     json_time(d->ends));
}

int deletions_list(struct rq *r)
{
    struct deletion *d;
    json_t *list;
    int limit = page_limit(r), n;
    int rc = bin_list(r->cx, r->id[0], query_int(r, "after", 0), limit, &d, &n);

    if (rc < 0)
        return rc;
    list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, shape_deletion(&d[i]));
    return reply_json(r, 200, shape_list(list, n, limit, n ? d[n - 1].id : 0));
}

static int reply_begun(struct rq *r, int rc, int64_t job, int64_t total)
{
    return rc < 0 ? rc : reply_json(r, 202, json_pack("{s:I, s:I}", "job", (json_int_t)job,
                                                      "total", (json_int_t)total));
}

int deletion_undo(struct rq *r)
{
    int64_t job = 0, total = 0;
    int rc = bin_restore(r->cx, r->access.project, r->id[1], &job, &total);

    return reply_begun(r, rc, job, total);
}

int deletion_purge(struct rq *r)
{
    int64_t job = 0, total = 0;
    int rc = bin_purge(r->cx, r->access.project, r->id[1], &job, &total);

    return reply_begun(r, rc, job, total);
}
