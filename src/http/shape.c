/* shape.c -- see shape.h. */
#include "http/shape.h"
#include "http/field.h"
#include "http/reply.h"

int page_limit(struct rq *r)
{
    int64_t n = query_int(r, "limit", 100);

    return n < 1 ? 1 : n > LIMIT_PAGE_ROWS ? (int)LIMIT_PAGE_ROWS : (int)n;
}

json_t *shape_list(json_t *results, int n, int limit, int64_t last)
{
    return json_pack("{s:o, s:o}", "results", results, "next",
                     n >= limit && n > 0 ? json_integer(last) : json_null());
}

json_t *shape_role(int role)
{
    return role == ROLE_NONE ? json_null() : json_string(role_name(role));
}

json_t *shape_person(const struct user *u)
{
    return json_pack("{s:I, s:s, s:s, s:o, s:b, s:o}", "id", (json_int_t)u->id, "email", u->email,
                     "name", u->name, "org_role", shape_role(u->org_role), "active", u->active,
                     "created_at", json_time(u->created));
}

json_t *shape_user(const struct user *u)
{
    const char *space = strrchr(u->name, ' ');
    size_t n = space ? (size_t)(space - u->name) : strlen(u->name);
    char initials[3] = { u->name[0], space ? space[1] : 0, 0 };

    if (!utf8_valid(initials, strlen(initials)))
        initials[0] = 0;
    return json_pack("{s:I, s:s, s:s, s:o, s:s, s:s, s:n, s:s, s:I, s:I, s:b, s:o, s:o, s:b}",
                     "id", (json_int_t)u->id, "email", u->email, "username", u->email,
                     "first_name", json_stringn(u->name, n), "last_name", space ? space + 1 : "",
                     "initials", initials, "avatar", "phone", "",
                     "active_organization", (json_int_t)u->org, "organization", (json_int_t)u->org,
                     "allow_newsletters", 0, "date_joined", json_time(u->created),
                     "org_role", shape_role(u->org_role), "is_active", u->active);
}
