/* api_notice.c -- what one is told of; and stopping a job. */
#include "core/json.h"
#include "domain/notice.h"
#include "domain/run.h"
#include "http/api.h"
#include "http/field.h"
#include "http/reply.h"
#include "http/shape.h"

int notices_list(struct rq *r)
{
    struct notice *list;
    int limit = page_limit(r), n, rc;
    int64_t unread = 0;
    json_t *out;

    if (limit > NOTICE_KEPT)
        limit = NOTICE_KEPT;
    if ((rc = notice_list(r->cx, query_int(r, "before", 0), limit, &list, &n)) < 0 ||
        (rc = notice_unread(r->cx, &unread)) < 0)
        return rc;
    out = json_keep(r->cx, json_array());
    for (int i = 0; i < n; i++) {
        json_t *about;

        if ((rc = json_stored(r->cx, list[i].about, strlen(list[i].about), &about)) < 0)
            return rc;
        json_array_append_new(
            out, json_pack("{s:I, s:s, s:{s:I, s:s}, s:O, s:o, s:b}", "id", (json_int_t)list[i].id,
                           "kind", list[i].kind, "project", "id", (json_int_t)list[i].project,
                           "title", list[i].title, "about", about, "created_at",
                           json_time(list[i].created), "read", list[i].read != 0));
    }
    return reply_json(r, 200,
                      json_pack("{s:I, s:o, s:O}", "unread", (json_int_t)unread, "next",
                                n == limit ? json_integer(list[n - 1].id) : json_null(), "results",
                                out));
}

int notices_in(struct rq *r)
{
    int64_t *upto = NEW(r->cx, int64_t);
    struct field f;

    r->arg = upto;
    if (field_body(r, &f) < 0)
        return f.rc;
    field_need(&f, "upto");
    field_int(&f, "upto", 1, INT64_MAX, upto);
    return f.rc;
}

int notices_seen(struct rq *r)
{
    int rc = notice_read(r->cx, *(int64_t *)r->arg);

    return rc < 0 ? rc : reply_empty(r, 204);
}

int job_stop(struct rq *r)
{
    int rc = run_job_cancel(r->cx, r->id[0]);

    return rc < 0 ? rc : reply_empty(r, 204);
}
