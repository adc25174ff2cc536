/* api_member.c -- who works in a project, the invitations to it, and the suppliers of people. */
#include "domain/invite.h"
#include "domain/member.h"
#include "domain/vendor.h"
#include "http/api.h"
#include "http/field.h"
#include "http/reply.h"
#include "http/shape.h"

struct place {
    int64_t person, vendor;
    const char *email, *role_word;
    int role;
};

static json_t *shape_member(const struct member *m)
{
    return json_pack("{s:I, s:s, s:s, s:s, s:{s:I, s:s}, s:o, s:o, s:b}", "person",
                     (json_int_t)m->person, "name", m->name, "email", m->email, "role",
                     role_name(m->role), "vendor", "id", (json_int_t)m->vendor, "name",
                     m->vendor_name ? m->vendor_name : "", "joined_at", json_time(m->created),
                     "ended_at", json_time(m->ended), "active", m->active);
}

int members_list(struct rq *r)
{
    struct member *m;
    json_t *list;
    int limit = page_limit(r), n;
    int rc = member_list(r->cx, r->id[0], query_flag(r, "ended", false), query_int(r, "after", 0),
                         limit, &m, &n);

    if (rc < 0)
        return rc;
    list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, shape_member(&m[i]));
    return reply_json(r, 200, shape_list(list, n, limit, n ? m[n - 1].person : 0));
}

static int place_in(struct rq *r, bool person)
{
    struct place *p = NEW(r->cx, struct place);
    struct field f;

    r->arg = p;
    if (field_body(r, &f) < 0)
        return f.rc;
    if (person) {
        field_need(&f, json_object_get(f.o, "user") ? "user" : "person");
        field_int(&f, "user", 1, INT64_MAX, &p->person);
        field_int(&f, "person", 1, INT64_MAX, &p->person);
    }
    field_str(&f, "email", &p->email);
    field_str(&f, "role", &p->role_word);
    field_int(&f, "vendor", 1, INT64_MAX, &p->vendor);
    p->role = p->role_word && *p->role_word ? role_parse(p->role_word) : ROLE_NONE;
    if (p->role_word && *p->role_word && p->role == ROLE_NONE)
        f.rc = fail_at(r->cx, E_INVALID, "role", "There is no such role.");
    return f.rc;
}

int members_in(struct rq *r)
{
    return place_in(r, true);
}

static int reply_member(struct rq *r, int status, int64_t person)
{
    struct member m;
    int rc = member_get(r->cx, r->id[0], person, &m);

    return rc < 0 ? rc : reply_json(r, status, shape_member(&m));
}

int members_add(struct rq *r)
{
    struct place *p = r->arg;
    int role = p->role ? p->role : ROLE_ANNOTATOR;
    int rc = member_add(r->cx, r->id[0], p->person, role, p->vendor);

    return rc < 0 ? rc : reply_member(r, 201, p->person);
}

/* An empty role ends the membership: the page has one control for both. */
int members_change(struct rq *r)
{
    struct place *p = r->arg;
    bool end = p->role_word && !*p->role_word;
    int rc = end ? member_end(r->cx, r->id[0], p->person)
                 : member_set(r->cx, r->id[0], p->person, p->role, p->vendor);

    if (rc < 0)
        return rc;
    return end ? reply_empty(r, 204) : reply_member(r, 200, p->person);
}

int members_end(struct rq *r)
{
    int rc = member_end(r->cx, r->id[0], r->id[1]);

    return rc < 0 ? rc : reply_empty(r, 204);
}

/* ---- invitations, from the side of the inviting ----------------------------------------- */

static json_t *shape_invitation(struct rq *r, const struct invite *i)
{
    json_t *o = json_pack("{s:I, s:s?, s:s, s:I, s:o, s:o, s:o}", "id", (json_int_t)i->id,
                          "email", *i->email ? i->email : NULL, "role", role_name(i->role),
                          "vendor_id", (json_int_t)i->vendor, "created_at", json_time(i->created),
                          "expires_at", json_time(i->ends), "accepted_at", json_time(i->used));

    if (i->used)
        json_object_set_new(o, "revoked", json_boolean(i->used_by == 0));
    if (i->token) {
        json_object_set_new(o, "token", json_string(i->token));
        json_object_set_new(o, "path", json_sprintf("/invite/%s", i->token));
        json_object_set_new(o, "url",
                            json_sprintf("%s://%s/invite/%s", r->https ? "https" : "http",
                                         r->head[RH_HOST] ? r->head[RH_HOST] : "localhost",
                                         i->token));
    }
    return o;
}

int invitations_in(struct rq *r)
{
    return place_in(r, false);
}

int invitations_add(struct rq *r)
{
    struct place *p = r->arg;
    struct invite_new new = { .project = r->id[0], .role = p->role, .vendor = p->vendor,
                              .email = p->email };
    struct invite i;
    int rc = invite_add(r->cx, &new, &i);

    if (rc < 0)
        return rc;
    reply_json(r, 201, shape_invitation(r, &i));
    r->reply.secret = true;
    return 0;
}

int invitations_list(struct rq *r)
{
    struct invite *v;
    json_t *list;
    int limit = page_limit(r), n;
    int rc = invite_list(r->cx, 0, r->id[0], query_int(r, "after", 0), limit, &v, &n);

    if (rc < 0)
        return rc;
    list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, shape_invitation(r, &v[i]));
    return reply_json(r, 200, shape_list(list, n, limit, n ? v[n - 1].id : 0));
}

int invitations_revoke(struct rq *r)
{
    int rc = invite_revoke(r->cx, r->id[1] ? r->id[1] : r->id[0]);

    return rc < 0 ? rc : reply_empty(r, 204);
}

/* ---- vendors --------------------------------------------------------------------------- */

int vendors_list(struct rq *r)
{
    struct vendor *v;
    json_t *list;
    int limit = page_limit(r), n;
    int rc = vendor_list(r->cx, 0, query_int(r, "after", 0), limit, &v, &n);

    if (rc < 0)
        return rc;
    list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:I, s:s, s:b, s:o}", "id", (json_int_t)v[i].id,
                                              "name", v[i].name, "inhouse", v[i].inhouse,
                                              "created_at", json_time(v[i].created)));
    return reply_json(r, 200, shape_list(list, n, limit, n ? v[n - 1].id : 0));
}

int vendors_in(struct rq *r)
{
    struct field f;
    const char *name = NULL;

    if (field_body(r, &f) < 0)
        return f.rc;
    field_need(&f, "name");
    field_str(&f, "name", &name);
    r->arg = (void *)(uintptr_t)name;
    return f.rc;
}

int vendors_add(struct rq *r)
{
    int64_t id;
    int rc = vendor_add(r->cx, 0, r->arg, &id);

    return rc < 0
               ? rc
               : reply_json(r, 201, json_pack("{s:I, s:s}", "id", (json_int_t)id, "name", r->arg));
}
