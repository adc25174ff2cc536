/* openapi.c -- see openapi.h. */
#include "http/openapi.h"
#include "core/str.h"

#include <ctype.h>

static const char *const levels[] = { "anybody", "anybody logged in", "readers", "annotators",
                                      "reviewers", "auditors", "managers", "owners",
                                      "all but annotators" };

/* "/api/projects/{id}/leases" with POST is post_projects_id_leases. */
static json_t *operation_id(const struct route *route)
{
    char name[200];
    size_t n = 0;
    const char *p = route->path;

    for (const char *m = method_name(route->method); *m; m++)
        name[n++] = (char)tolower(*m);
    if (str_starts(p, "/api/"))
        p += 4;
    for (; *p && n < sizeof name - 1; p++) {
        if (isalnum((unsigned char)*p))
            name[n++] = *p;
        else if (name[n - 1] != '_')
            name[n++] = '_';
    }
    while (n > 0 && name[n - 1] == '_')
        n--;
    return json_stringn(name, n);
}

static json_t *parameters(const struct route *route)
{
    json_t *list = json_array();
    const char *p = route->path;

    while ((p = strchr(p, '{'))) {
        size_t n = strcspn(++p, "}");
        bool number = n >= 2 && memcmp(p + n - 2, "id", 2) == 0;

        json_array_append_new(list, json_pack("{s:o, s:s, s:b, s:{s:s}}",
                                              "name", json_stringn(p, n), "in", "path",
                                              "required", 1,
                                              "schema", "type", number ? "integer" : "string"));
    }
    if (route->kind == ROUTE_WRITE || route->kind == ROUTE_UPLOAD)
        json_array_append_new(list,
                              json_pack("{s:s}", "$ref", "#/components/parameters/IdempotencyKey"));
    return list;
}

static json_t *answers(const struct route *route)
{
    json_t *o = json_pack("{s:{s:s}, s:{s:s}}", "2XX", "description", "Done.",
                          "400", "$ref", "#/components/responses/Error");

    if (route->level != MAY_PUBLIC)
        json_object_set_new(o, "401", json_pack("{s:s}", "$ref", "#/components/responses/Error"));
    if (route->level > MAY_LOGIN) {
        json_object_set_new(o, "403", json_pack("{s:s}", "$ref", "#/components/responses/Error"));
        json_object_set_new(o, "404", json_pack("{s:s}", "$ref", "#/components/responses/Error"));
    }
    json_object_set_new(o, "503", json_pack("{s:s}", "$ref", "#/components/responses/Error"));
    return o;
}

static json_t *body(const struct route *route)
{
    const char *type =
        route->kind == ROUTE_UPLOAD ? "application/octet-stream" : "application/json";
    json_t *content = json_pack("{s:{s:{}}}", type, "schema");

    if (route->kind == ROUTE_UPLOAD)
        json_object_set_new(content, "multipart/form-data", json_pack("{s:{}}", "schema"));
    return json_pack("{s:o, s:b}", "content", content, "required", 0);
}

static json_t *operation(const struct route *route)
{
    json_t *o = json_pack("{s:o, s:s, s:o, s:o, s:s}",
                          "operationId", operation_id(route), "summary", route->doc,
                          "parameters", parameters(route), "responses", answers(route),
                          "x-may", levels[route->level]);

    if (route->body)
        json_object_set_new(o, "requestBody", body(route));
    if (route->level == MAY_PUBLIC)
        json_object_set_new(o, "security", json_array());
    return o;
}

static json_t *components(void)
{
    return json_pack("{s:{s:{s:s, s:s, s:s}, s:{s:s, s:s}, s:{s:s, s:s, s:s}},"
                     " s:{s:{s:s, s:s, s:s, s:{s:s, s:i}}},"
                     " s:{s:{s:s, s:{s:{s:{s:s}}}}},"
                     " s:{s:{s:s, s:{s:{s:s}, s:{s:s}, s:{s:s, s:{s:s}}, s:{s:s}}, s:[s]}}}",
                     "securitySchemes", "token", "type", "apiKey", "in", "header", "name",
                     "Authorization", "bearer", "type", "http", "scheme", "bearer", "session",
                     "type", "apiKey", "in", "cookie", "name", "__Host-annotary", "parameters",
                     "IdempotencyKey", "name", "Idempotency-Key", "in", "header", "description",
                     "The same key with the same body gives the same answer, for seven days.",
                     "schema", "type", "string", "maxLength", 200, "responses", "Error",
                     "description", "What is wrong, in one sentence.", "content",
                     "application/json", "schema", "$ref", "#/components/schemas/Error", "schemas",
                     "Error", "type", "object", "properties", "detail", "type", "string", "code",
                     "type", "string", "fields", "type", "object", "additionalProperties", "type",
                     "string", "request_id", "type", "string", "required", "detail");
}

json_t *openapi(const struct route *table, int n)
{
    json_t *paths = json_object();

    for (int i = 0; i < n; i++) {
        const char *m = method_name(table[i].method);
        char name[8] = "";
        json_t *path = json_object_get(paths, table[i].path);

        for (int k = 0; m[k] && k < 7; k++)
            name[k] = (char)tolower(m[k]);
        if (!path) {
            path = json_object();
            json_object_set_new(paths, table[i].path, path);
        }
        json_object_set_new(path, name, operation(&table[i]));
    }
    return json_pack("{s:s, s:{s:s, s:s}, s:[{s:[]}, {s:[]}, {s:[]}], s:o, s:o}",
                     "openapi", "3.1.0", "info", "title", "Annotary", "version", ANNOTARY_VERSION,
                     "security", "token", "bearer", "session",
                     "paths", paths, "components", components());
}
