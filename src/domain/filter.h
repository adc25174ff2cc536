/*
 * filter.h -- conditions on tasks, compiled to SQL from a fixed list of columns.
 *
 * Label Studio's query: {"filters": {"conjunction": "and", "items": [{"filter":
 * "filter:tasks:data.topic", "operator": "equal", "type": "String", "value":
 * "x"}, …]}, "ordering": ["-tasks:id"], "selectedItems": {"all": false,
 * "included": [1, 2]}}.  Ours: filters.also, items that must hold beside them.
 *
 * Only the columns of filter.c's table exist; every value is bound, never
 * pasted; nothing can be reached through a relation.  Conditions narrow what
 * the caller may see anyway, counts included.
 *
 * What a condition costs:
 *   data.FIELD  scalars of the first level, in task_field.  Equality, lists and
 *               ranges are looks into its indexes; of texts over 64 bytes only
 *               the beginning is kept, and only contains and regex see it.
 *   search      the number of a task, or a part of any of its fields
 *   the others  are worked out task by task, over the slots of the project;
 *               task.h bounds the time that a question may take.
 * A negation is true wherever its opposite is not: also where nothing is known.
 * Results are sealed and cannot be searched: E_INVALID says so.
 */
#ifndef DOMAIN_FILTER_H
#define DOMAIN_FILTER_H

#include <jansson.h>

#include "domain/task.h"

/*
 * `whole`: for a question about all that fulfil it (a map, a count), not for a page.
 *
 * E_INVALID  an unknown column, operator or type; fields name the item
 * E_TOOBIG   more than LIMIT_FILTER_ITEMS conditions
 */
int filter_compile(struct ctx *cx, int64_t project, const json_t *query, bool whole,
                   struct task_filter *out);

#endif
