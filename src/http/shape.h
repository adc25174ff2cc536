/*
 * shape.h -- how the domain's nouns look in answers.  Each returns a new value.
 *
 * Where Label Studio has the noun, the shape is its shape, with our own keys
 * beside (labelstudio.md §5); extra keys harm no client.
 */
#ifndef HTTP_SHAPE_H
#define HTTP_SHAPE_H

#include <jansson.h>

#include "domain/user.h"
#include "http/rq.h"

json_t *shape_list(json_t *results, int n, int limit, int64_t last);    /* {"results", "next"}: a page by cursor */
json_t *shape_role(int role);                   /* "owner" …, null for none */
json_t *shape_person(const struct user *u);     /* ours: id, email, name, org_role */
json_t *shape_user(const struct user *u);       /* Label Studio's: id, email, username, first_name … */

int page_limit(struct rq *r);                   /* ?limit=, 1 … LIMIT_PAGE_ROWS, 100 when absent */

#endif
