/*
 * field.h -- what the caller sent, by name and type.
 *
 * Each getter leaves the default where the field is absent or null, and fails
 * with the field's path where it has the wrong type; unknown keys are ignored.
 * Failures add up in cx->fields, so that a form is told all its errors at once:
 *
 *     field_str(&f, "title", &e.title);
 *     field_int(&f, "overlap", 1, 30000, &e.overlap);
 *     return f.rc;
 */
#ifndef HTTP_FIELD_H
#define HTTP_FIELD_H

#include "core/json.h"
#include "http/rq.h"

struct field {
    struct rq *r;
    json_t *o;              /* the object; an empty one when there was no body */
    const char *path;       /* in front of each name, "" at the top */
    int rc;                 /* the first failure, or 0 */
};

/* Parse the body as a JSON object (a form also does: x-www-form-urlencoded).  Same rc as f->rc.  An
 * absent body is an empty object. */
int field_body(struct rq *r, struct field *f);
int field_json(struct rq *r, json_t **out);         /* any JSON; E_INVALID when there is no body */
void field_of(struct rq *r, json_t *o, const char *path, struct field *f);

bool field_has(const struct field *f, const char *name);        /* present and not null */
void field_need(struct field *f, const char *name);             /* "This field is required." */
void field_str(struct field *f, const char *name, const char **out);
void field_int(struct field *f, const char *name, int64_t least, int64_t most, int64_t *out);
void field_num(struct field *f, const char *name, double *out);
void field_flag(struct field *f, const char *name, bool *out);      /* true, "true", "True", 1 */
void field_tri(struct field *f, const char *name, int *out);        /* the same into -1, 0, 1 */

/* The bytes of the member `name` of the body's outermost object, exactly as sent; and parsed.
 * Absent: NULL. */
int field_raw(struct rq *r, json_t *o, const char *name, const char **bytes, size_t *n,
              json_t **parsed);

/* Query parameters; the first of that name.  NULL / default when absent. */
const char *query_str(struct rq *r, const char *name);
int64_t query_int(struct rq *r, const char *name,
                  int64_t otherwise); /* malformed counts as absent */
bool query_flag(struct rq *r, const char *name, bool otherwise);
int query_ids(struct rq *r, const char *name, int64_t **ids, int *n); /* repeated or by commas */

#endif
