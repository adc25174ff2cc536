/* field.c -- see field.h. */
#include "http/field.h"

#include <math.h>

static void wrong(struct field *f, const char *name, const char *why)
{
    char *path = talloc_asprintf(f->r->cx->mem, "%s%s%s", f->path, *f->path ? "." : "", name);
    int rc = fail_at(f->r->cx, E_INVALID, path, "%s", why);

    if (f->rc == 0)
        f->rc = rc;
}

static json_t *member(const struct field *f, const char *name)
{
    json_t *v = json_object_get(f->o, name);

    return v && !json_is_null(v) ? v : NULL;
}

void field_of(struct rq *r, json_t *o, const char *path, struct field *f)
{
    *f = (struct field){ .r = r, .o = o, .path = path };
}

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static char *form_text(struct ctx *cx, const char *s, size_t n)
{
    char *out = talloc_array(cx->mem, char, (unsigned)n + 1), *o = out;

    for (size_t i = 0; i < n; i++) {
        if (s[i] == '+') {
            *o++ = ' ';
        } else if (s[i] == '%' && n - i > 2 && hex(s[i + 1]) >= 0 && hex(s[i + 2]) >= 0) {
            *o++ = (char)(hex(s[i + 1]) * 16 + hex(s[i + 2]));
            i += 2;
        } else {
            *o++ = s[i];
        }
    }
    *o = 0;
    return utf8_valid(out, (size_t)(o - out)) && !memchr(out, 0, (size_t)(o - out)) ? out : NULL;
}

static int form_body(struct rq *r, struct field *f)
{
    const char *p = r->body;

    f->o = json_keep(r->cx, json_object());
    for (int n = 0; *p && n < 1000; n++) {
        size_t k = strcspn(p, "&"), eq = strcspn(p, "=&");
        char *name = form_text(r->cx, p, eq);
        char *value = eq < k ? form_text(r->cx, p + eq + 1, k - eq - 1) : "";

        if (!name || !value)
            return f->rc = fail(r->cx, E_INVALID, "The form is not clean UTF-8.");
        json_object_set_new(f->o, name, json_string(value));
        p += k + (p[k] == '&');
    }
    return 0;
}

int field_json(struct rq *r, json_t **out)
{
    if (r->nbody == 0)
        return fail(r->cx, E_INVALID, "The request needs a JSON body.");
    return json_read(r->cx, r->body, r->nbody, out);
}

int field_body(struct rq *r, struct field *f)
{
    const char *type = r->head[RH_CONTENT_TYPE];

    field_of(r, NULL, "", f);
    if (r->nbody == 0) {
        f->o = json_keep(r->cx, json_object());
        return 0;
    }
    /* curl -d sends JSON under this name: what begins like JSON is JSON */
    if (type && strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0 &&
        !strchr("{[", r->body[strspn(r->body, " \t\r\n")]))
        return form_body(r, f);
    if ((f->rc = field_json(r, &f->o)) < 0)
        return f->rc;
    if (!json_is_object(f->o))
        f->rc = fail(r->cx, E_INVALID, "The body must be a JSON object.");
    return f->rc;
}

bool field_has(const struct field *f, const char *name)
{
    return member(f, name) != NULL;
}

void field_need(struct field *f, const char *name)
{
    if (!member(f, name))
        wrong(f, name, "This field is required.");
}

void field_str(struct field *f, const char *name, const char **out)
{
    json_t *v = member(f, name);

    if (v && !json_is_string(v))
        wrong(f, name, "This must be text.");
    else if (v)
        *out = json_string_value(v);
}

void field_int(struct field *f, const char *name, int64_t least, int64_t most, int64_t *out)
{
    json_t *v = member(f, name);
    int64_t n = 0;
    bool ok;

    if (!v)
        return;
    if (json_is_integer(v)) {
        n = json_integer_value(v);
        ok = true;
    } else if (json_is_real(v)) {
        double d = json_real_value(v);

        ok = d == floor(d) && fabs(d) < 9e15;
        n = ok ? (int64_t)d : 0;
    } else {
        ok = json_is_string(v) && str_int(json_string_value(v), &n);
    }
    if (!ok)
        wrong(f, name, "This must be a whole number.");
    else if (n < least || n > most)
        wrong(f, name, talloc_asprintf(f->r->cx->mem, "This must be between %lld and %lld.",
                                       (long long)least, (long long)most));
    else
        *out = n;
}

void field_num(struct field *f, const char *name, double *out)
{
    json_t *v = member(f, name);

    if (v && !json_is_number(v))
        wrong(f, name, "This must be a number.");
    else if (v)
        *out = json_number_value(v);
}

static int truth(const char *s)
{
    if (strcmp(s, "1") == 0 || str_same_nocase(s, "true") || str_same_nocase(s, "yes"))
        return 1;
    if (strcmp(s, "0") == 0 || str_same_nocase(s, "false") || str_same_nocase(s, "no"))
        return 0;
    return -1;
}

void field_tri(struct field *f, const char *name, int *out)
{
    json_t *v = member(f, name);
    int t;

    if (!v)
        return;
    t = json_is_boolean(v) ? json_is_true(v)
      : json_is_integer(v) ? (json_integer_value(v) == 1 ? 1 : json_integer_value(v) == 0 ? 0 : -1)
      : json_is_string(v) ? truth(json_string_value(v)) : -1;
    if (t < 0)
        wrong(f, name, "This must be true or false.");
    else
        *out = t;
}

void field_flag(struct field *f, const char *name, bool *out)
{
    int t = *out;

    field_tri(f, name, &t);
    *out = t == 1;
}

int field_raw(struct rq *r, json_t *o, const char *name, const char **bytes, size_t *n,
              json_t **parsed)
{
    struct json_span *spans;
    int nspans, rc;

    *bytes = NULL;
    *n = 0;
    *parsed = json_object_get(o, name);
    if (!*parsed)
        return 0;
    if ((rc = json_scan(r->cx, r->body, r->nbody, name, &spans, &nspans)) < 0)
        return rc;
    for (int i = 0; i < nspans; i++) {
        if (spans[i].depth == 1) {
            *bytes = r->body + spans[i].at;
            *n = spans[i].len;
        }
    }
    return *bytes ? 0 : fail_at(r->cx, E_INVALID, name, "This field could not be read.");
}

const char *query_str(struct rq *r, const char *name)
{
    for (struct param *p = r->query; p; p = p->next) {
        if (strcmp(p->name, name) == 0)
            return p->value;
    }
    return NULL;
}

int64_t query_int(struct rq *r, const char *name, int64_t otherwise)
{
    const char *s = query_str(r, name);
    int64_t n;

    return s && str_int(s, &n) ? n : otherwise;
}

bool query_flag(struct rq *r, const char *name, bool otherwise)
{
    const char *s = query_str(r, name);
    int t = s ? truth(s) : -1;

    return t < 0 ? otherwise : t == 1;
}

int query_ids(struct rq *r, const char *name, int64_t **ids, int *n)
{
    *ids = NULL;
    *n = 0;
    for (struct param *p = r->query; p; p = p->next) {
        const char *s = p->value;

        if (strcmp(p->name, name) != 0)
            continue;
        while (*s) {
            char *one = talloc_strndup(r->cx->mem, s, strcspn(s, ","));

            if (*n >= 10000)
                return fail_at(r->cx, E_TOOBIG, name, "At most 10000 ids at once.");
            *ids = talloc_realloc(r->cx->mem, *ids, int64_t, (unsigned)*n + 1);
            if (!str_int(str_trim(r->cx, one), &(*ids)[*n]))
                return fail_at(r->cx, E_INVALID, name, "An id must be a number.");
            (*n)++;
            s += strlen(one);
            s += *s == ',';
        }
    }
    return 0;
}
