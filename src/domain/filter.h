/*
 * filter.h -- conditions on tasks, compiled to SQL from a fixed list of columns.
 *
 * Label Studio's query: {"filters": {"conjunction": "and", "items": [{"filter":
 * "filter:tasks:data.topic", "operator": "equal", "type": "String", "value":
 * "x"}, …]}, "ordering": ["-tasks:id"], "selectedItems": {"all": false,
 * "included": [1, 2]}}.
 *
 * Only the columns of filter.c's table exist; every value is bound, never
 * pasted; nothing can be reached through a relation.  Conditions narrow what
 * the caller may see anyway, counts included.  Fields of the task data are
 * looked up in task_field (scalars of the first level; of texts over 64 bytes
 * only the beginning, and only by `contains`); results are sealed and cannot be searched.
 */
#ifndef DOMAIN_FILTER_H
#define DOMAIN_FILTER_H

#include <jansson.h>

#include "domain/task.h"

/*
 * E_INVALID  an unknown column, operator or type; fields name the item
 * E_TOOBIG   more than LIMIT_FILTER_ITEMS conditions
 */
int filter_compile(struct ctx *cx, int64_t project, const json_t *query, struct task_filter *out);

#endif
