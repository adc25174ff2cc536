/* route.c -- see route.h. */
#include "http/route.h"
#include "http/api.h"

#include <assert.h>

const struct route routes[] = {
#define ROUTE(method, path, on, level, kind, in, act, body, doc)                             \
    { M_##method, path, on, level, ROUTE_##kind, in, act, body, doc },
#include "http/routes.def"
#undef ROUTE
};
const int nroutes = (int)(sizeof routes / sizeof routes[0]);

/* One segment.  Children are few: a list is faster than a table. */
struct node {
    const char *word;                   /* NULL for a parameter */
    bool number;
    struct node *child, *next;
    const struct route *at[M_OTHER];    /* by method */
};

struct router {
    struct node *root;
};

static const char *const method_names[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE" };

const char *method_name(enum method m)
{
    return m < M_OTHER ? method_names[m] : "?";
}

enum method method_parse(const char *name)
{
    for (int m = 0; m < M_OTHER; m++) {
        if (strcmp(name, method_names[m]) == 0)
            return (enum method)m;
    }
    return M_OTHER;
}

static struct node *grow(struct node *at, const char *seg, size_t n)
{
    bool param = seg[0] == '{';
    struct node **end = &at->child;

    for (; *end; end = &(*end)->next) {
        if (param ? !(*end)->word : (*end)->word && strlen((*end)->word) == n &&
                                        memcmp((*end)->word, seg, n) == 0)
            return *end;
    }
    *end = talloc_zero(at, struct node);
    if (param)
        (*end)->number = n >= 4 && memcmp(seg + n - 3, "id}", 3) == 0;
    else
        (*end)->word = talloc_strndup(*end, seg, n);
    return *end;
}

struct router *router_new(void *parent, const struct route *table, int n)
{
    struct router *router = talloc_zero(parent, struct router);

    router->root = talloc_zero(router, struct node);
    for (int i = 0; i < n; i++) {
        struct node *at = router->root;
        const char *p = table[i].path;

        assert(p[0] == '/' && table[i].act);
        while (*p) {
            size_t k;

            p += *p == '/';
            k = strcspn(p, "/");
            if (k)
                at = grow(at, p, k);
            p += k;
        }
        assert(!at->at[table[i].method]);
        at->at[table[i].method] = &table[i];
    }
    return router;
}

/* A fixed word wins over a parameter. */
static const struct node *step(const struct node *at, const char *seg, size_t n)
{
    const struct node *param = NULL;

    for (const struct node *c = at->child; c; c = c->next) {
        if (!c->word)
            param = c;
        else if (strlen(c->word) == n && memcmp(c->word, seg, n) == 0)
            return c;
    }
    return param;
}

static const char *allowed(struct rq *r, const struct node *at)
{
    char *s = talloc_strdup(r->cx->mem, "");

    for (int m = 0; m < M_OTHER; m++) {
        if (at->at[m] || (m == M_HEAD && at->at[M_GET]))
            s = talloc_asprintf_append(s, "%s%s", *s ? ", " : "", method_names[m]);
    }
    return *s ? s : NULL;
}

int router_find(const struct router *router, struct rq *r, const char **allow)
{
    const struct node *at = router->root;
    const char *p = r->path;
    enum method m = r->method == M_HEAD ? M_GET : r->method;
    int nparts = 0;

    *allow = NULL;
    while (*p && at) {
        size_t k;

        p++;                            /* the slash; the path begins with one */
        k = strcspn(p, "/");
        if (k == 0) {
            if (*p)
                return E_NOTFOUND;      /* two slashes in a row name nothing */
            break;
        }
        at = step(at, p, k);
        if (at && !at->word) {
            char *text = talloc_strndup(r->cx->mem, p, k);

            if (nparts == RQ_PATH_PARAMS)
                return E_NOTFOUND;
            if (at->number && (strspn(text, "0123456789") != k || !str_int(text, &r->id[nparts])))
                return E_NOTFOUND;      /* "+1" and " 1" are no addresses of 1 */
            r->part[nparts++] = text;
        }
        p += k;
    }
    if (!at || !(*allow = allowed(r, at)))
        return E_NOTFOUND;
    if (m == M_OTHER || !at->at[m])
        return E_METHOD;
    *allow = NULL;
    r->route = at->at[m];
    return 0;
}
