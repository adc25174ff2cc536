/*
 * task_set.h -- many tasks in one statement.
 *
 *     db_run(cx, "DELETE FROM draft WHERE project_id = ? AND " IN_TASKS, "iiit", project,
 *            TASKS(s));
 *
 * The ids travel as a JSON array.  First and last stand beside them, so that a
 * database that has not counted its rows yet still looks only there.
 */
#ifndef DOMAIN_TASK_SET_H
#define DOMAIN_TASK_SET_H

#include "core/str.h"

struct tasks {
    int64_t first, last;
    const char *ids;
};

#define IN_TASKS TASK_COLUMN_IN("task_id")
#define TASK_COLUMN_IN(column)                                                                     \
    column " >= ? AND " column " <= ? AND " column " IN ({lite:SELECT value FROM json_each(?)}"    \
           "{pg:SELECT CAST(x AS BIGINT) FROM json_array_elements_text(CAST(? AS JSON)) x})"
/*
 * The same for tasks that lie far apart (a page in another order than that of
 * the ids): each is looked up alone.  One value, TASK_IDS(s), of format "t".
 */
#define TASK_ONE_OF(column)                                                                        \
    "{lite:" column " IN (SELECT value FROM json_each(?))}"                                        \
    "{pg:" column " = ANY (ARRAY(SELECT CAST(x AS BIGINT)"                                         \
    " FROM json_array_elements_text(CAST(? AS JSON)) x))}"
#define TASK_IDS(s) (s)->ids
#define TASKS(s) (s)->first, (s)->last, (s)->ids

static inline struct tasks *tasks_of(struct ctx *cx, const int64_t *task, int n)
{
    struct tasks *s = NEW(cx, struct tasks);
    struct buf b;

    buf_init(&b, cx, (size_t)n * 24 + 16);
    buf_addc(&b, '[');
    for (int i = 0; i < n; i++) {
        buf_addf(&b, "%s%lld", i ? "," : "", (long long)task[i]);
        if (i == 0 || task[i] < s->first)
            s->first = task[i];
        if (i == 0 || task[i] > s->last)
            s->last = task[i];
    }
    buf_addc(&b, ']');
    s->ids = b.s;
    return s;
}

#endif
