/* api_user.c -- people: oneself, and those of the organisation; in our shape and in Label Studio's.
 */
#include "domain/user.h"
#include "domain/token.h"
#include "http/api.h"
#include "http/field.h"
#include "http/reply.h"
#include "http/shape.h"

int user_whoami(struct rq *r)
{
    struct user u;
    int rc = user_get(r->cx, r->cx->who.person, &u);

    return rc < 0 ? rc : reply_json(r, 200, shape_user(&u));
}

int user_show(struct rq *r)
{
    struct user u;
    int rc = user_get(r->cx, r->id[0], &u);

    return rc < 0 ? rc : reply_json(r, 200, shape_user(&u));
}

/* Label Studio's list is a bare array. */
int user_list_all(struct rq *r)
{
    struct user *u;
    json_t *list;
    int n, rc = user_list(r->cx, 0, query_int(r, "after", 0), (int)LIMIT_PAGE_ROWS, &u, &n);

    if (rc < 0)
        return rc;
    list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, shape_user(&u[i]));
    return reply_json(r, 200, list);
}

int people_list(struct rq *r)
{
    struct user *u;
    json_t *list;
    int limit = page_limit(r), n, rc = user_list(r->cx, 0, query_int(r, "after", 0), limit, &u, &n);

    if (rc < 0)
        return rc;
    list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, shape_person(&u[i]));
    return reply_json(r, 200, shape_list(list, n, limit, n ? u[n - 1].id : 0));
}

/* ---- changing somebody ----------------------------------------------------------------- */

/* Role by name; null and "" mean none.  -1 stays when the field is absent. */
static void field_role(struct field *f, const char *name, int *role)
{
    json_t *v = json_object_get(f->o, name);

    if (!v)
        return;
    *role = json_is_string(v) ? role_parse(json_string_value(v)) : ROLE_NONE;
    if (json_is_string(v) && *json_string_value(v) && *role == ROLE_NONE)
        f->rc = fail_at(f->r->cx, E_INVALID, name, "There is no such role.");
}

int person_in(struct rq *r)
{
    struct user_set *set = NEW(r->cx, struct user_set);
    struct field f;
    json_t *prefs;

    r->arg = set;
    set->active = set->org_role = -1;
    if (field_body(r, &f) < 0)
        return f.rc;
    field_str(&f, "name", &set->name);
    field_tri(&f, "active", &set->active);
    field_role(&f, "org_role", &set->org_role);
    prefs = json_object_get(f.o, "prefs");
    if (prefs && !json_is_object(prefs))
        f.rc = fail_at(r->cx, E_INVALID, "prefs", "This must be an object.");
    else if (prefs)
        set->prefs = json_text(r->cx, prefs);
    return f.rc;
}

static int person_set(struct rq *r, int64_t id)
{
    struct user u;
    int rc;

    if ((rc = user_set(r->cx, id, r->arg)) < 0 || (rc = user_get(r->cx, id, &u)) < 0)
        return rc;
    return reply_json(r, 200, shape_person(&u));
}

int person_change(struct rq *r)
{
    return person_set(r, r->id[0]);
}

int account_change(struct rq *r)
{
    return person_set(r, r->cx->who.person);
}

/* ---- Label Studio's own key ------------------------------------------------------------ */

/* Keys are stored as digests: only the one that was brought can be said again, and the one that
 * came with a log-in by form. */
int user_token(struct rq *r)
{
    const char *key = r->cred.kind == CRED_TOKEN ? strstr(r->cred.text, "anno_") : NULL;
    int rc;

    if (r->cred.kind == CRED_SESSION && (rc = token_of_session(r->cx, r->cred.text, &key)) < 0)
        return rc;
    reply_json(r, 200, json_pack("{s:s, s:s}", "token", key ? key : "", "detail", key ? key :
                                 "A key is shown once, when it is made. Make a new one."));
    return 0;
}

int user_token_reset(struct rq *r)
{
    struct token t;
    int rc = token_reset(r->cx, "label-studio", &t);

    if (rc < 0)
        return rc;
    reply_json(r, 201, json_pack("{s:s}", "token", t.text));
    r->reply.secret = true;
    return 0;
}
