/* api_token.c -- keys for scripts: ours, and Label Studio's personal access tokens. */
#include "core/clock.h"
#include "domain/token.h"
#include "http/api.h"
#include "http/field.h"
#include "http/reply.h"
#include "http/shape.h"

#define DAY_MS (24 * 3600 * 1000LL)

static const char *scope_word(uint32_t scopes)
{
    return scopes & SCOPE_MANAGE ? "all" : scopes & SCOPE_WRITE ? "write" : "read";
}

static json_t *shape_token(const struct token *t)
{
    json_t *o = json_pack("{s:I, s:s, s:s, s:s, s:o, s:o, s:o}", "id", (json_int_t)t->id,
                          "name", t->name, "kind", t->kind, "scope", scope_word(t->scopes),
                          "created_at", json_time(t->created), "expires_at", json_time(t->ends),
                          "last_used_at", json_time(t->used));

    if (t->text)
        json_object_set_new(o, "token", json_string(t->text));
    return o;
}

static int reply_token(struct rq *r, const struct token *t)
{
    reply_json(r, 201, shape_token(t));
    r->reply.secret = true;
    return 0;
}

int tokens_list(struct rq *r)
{
    struct token *t;
    json_t *list;
    int limit = page_limit(r), n;
    int rc = token_list(r->cx, 0, query_int(r, "after", 0), limit, &t, &n);

    if (rc < 0)
        return rc;
    list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, shape_token(&t[i]));
    return reply_json(r, 200, shape_list(list, n, limit, n ? t[n - 1].id : 0));
}

int tokens_in(struct rq *r)
{
    struct token_new *new = NEW(r->cx, struct token_new);
    struct field f;
    const char *scope = "all";
    int64_t days = 90;

    r->arg = new;
    if (field_body(r, &f) < 0)
        return f.rc;
    field_need(&f, "name");
    field_str(&f, "name", &new->name);
    field_str(&f, "scope", &scope);
    field_int(&f, "days", 1, 365, &days);
    new->ends = clock_now() + days * DAY_MS - (days == 365 ? 60000 : 0);
    if (strcmp(scope, "read") == 0)
        new->scopes = SCOPE_READ;
    else if (strcmp(scope, "write") == 0)
        new->scopes = SCOPE_READ | SCOPE_WRITE;
    else if (strcmp(scope, "all") == 0)
        new->scopes = SCOPE_ALL;
    else
        f.rc = fail_at(r->cx, E_INVALID, "scope", "A scope is read, write or all.");
    return f.rc;
}

int tokens_add(struct rq *r)
{
    struct token t;
    int rc = token_add(r->cx, r->arg, &t);

    return rc < 0 ? rc : reply_token(r, &t);
}

int tokens_revoke(struct rq *r)
{
    int rc = token_revoke(r->cx, r->id[0]);

    return rc < 0 ? rc : reply_empty(r, 204);
}

/* ---- Label Studio's: a refresh JWT, exchanged for an access JWT -------------------------- */

int pat_list(struct rq *r)
{
    struct token *t;
    json_t *list;
    int n, rc = token_list(r->cx, 0, 0, (int)LIMIT_PAGE_ROWS, &t, &n);

    if (rc < 0)
        return rc;
    list = json_array();
    for (int i = 0; i < n; i++) {
        if (strcmp(t[i].kind, "refresh") == 0)
            json_array_append_new(list, json_pack("{s:s, s:o, s:o}", "token", "",
                                                  "created_at", json_time(t[i].created),
                                                  "expires_at", json_time(t[i].ends)));
    }
    return reply_json(r, 200, list);
}

int pat_add(struct rq *r)
{
    struct token_new new = { .name = "label-studio" };
    struct token t;
    int rc = token_add_refresh(r->cx, &new, &t);

    return rc < 0 ? rc : reply_token(r, &t);
}

int pat_in(struct rq *r)
{
    struct field f;
    const char *refresh = NULL;

    if (field_body(r, &f) < 0)
        return f.rc;
    field_need(&f, "refresh");
    field_str(&f, "refresh", &refresh);
    r->arg = (void *)(uintptr_t)refresh;
    return f.rc;
}

int pat_refresh(struct rq *r)
{
    char *access;
    int rc = token_exchange(r->cx, r->arg, &access);

    return rc < 0 ? rc : reply_json(r, 200, json_pack("{s:s}", "access", access));
}

int pat_rotate(struct rq *r)
{
    struct token t;
    int rc = token_rotate(r->cx, r->arg, &t);

    if (rc < 0)
        return rc;
    reply_json(r, 200, json_pack("{s:s}", "refresh", t.text));
    r->reply.secret = true;
    return 0;
}

int pat_blacklist(struct rq *r)
{
    int rc = token_blacklist(r->cx, r->arg);

    return rc < 0 ? rc : reply_empty(r, 204);
}
