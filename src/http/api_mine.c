/* api_mine.c -- what a person at work looks up: the guidelines and how they changed, their own last
 * answers, their own preferences. */
#include "core/json.h"
#include "domain/annotation.h"
#include "domain/guide.h"
#include "domain/project.h"
#include "domain/user.h"
#include "http/api.h"
#include "http/field.h"
#include "http/reply.h"
#include "http/shape.h"

#define OWN_ROWS 10
#define OWN_RESULT_BYTES (64 * 1024)    /* a larger answer is fetched when it is opened */

/* The present version, or ?version=; and the list of versions. */
int guidelines_show(struct rq *r)
{
    struct guide g, *list;
    struct project p;
    json_t *versions;
    int n, rc;

    if ((rc = project_get(r->cx, r->id[0], &p)) < 0 ||
        (rc = guide_get(r->cx, p.id, query_int(r, "version", p.instr_n), &g)) < 0 ||
        (rc = guide_list(r->cx, p.id, &list, &n)) < 0)
        return rc;
    versions = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(versions, json_pack("{s:I, s:o}", "version", (json_int_t)list[i].n,
                                                  "created_at", json_time(list[i].created)));
    return reply_json(r, 200, json_pack("{s:I, s:s, s:o, s:o}", "version", (json_int_t)g.n, "text",
                                        g.text ? g.text : "", "created_at", json_time(g.created),
                                        "versions", versions));
}

/* The caller's own last answers, newest first: nobody else's, whatever their role. */
int own_history(struct rq *r)
{
    struct annotation *a;
    struct buf b;
    int n, rc = annotation_own(r->cx, r->id[0], OWN_ROWS, &a, &n);

    if (rc < 0)
        return rc;
    buf_init(&b, r->cx, ANSWER_BYTES);
    buf_addc(&b, '[');
    for (int i = 0; i < n; i++) {
        bool whole = a[i].nresult > 0 && a[i].nresult <= OWN_RESULT_BYTES;

        if (i)
            buf_addc(&b, ',');
        put_open(&b, json_pack("{s:I, s:I, s:I, s:o, s:o, s:I, s:b}", "annotation",
                               (json_int_t)a[i].id, "task", (json_int_t)a[i].task, "revision",
                               (json_int_t)a[i].n, "created_at", json_time(a[i].created),
                               "updated_at", json_time(a[i].updated), "active_ms",
                               (json_int_t)a[i].lead_ms, "was_cancelled", a[i].was_cancelled));
        put_raw(&b, "result", whole ? a[i].result : "null", whole ? a[i].nresult : 4);
        put_close(&b);
    }
    buf_addc(&b, ']');
    return reply_put(r, 200, &b);
}

int account_show(struct rq *r)
{
    json_t *o, *prefs = NULL;
    struct user u;
    int rc = user_get(r->cx, r->cx->who.person, &u);

    if (rc < 0 ||
        (rc = json_stored(r->cx, u.prefs ? u.prefs : "{}", u.prefs ? strlen(u.prefs) : 2,
                          &prefs)) < 0)
        return rc;
    o = shape_person(&u);
    json_object_set(o, "prefs", prefs);
    return reply_json(r, 200, o);
}
