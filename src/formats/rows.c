/* rows.c -- see rows.h. */
#include "formats/rows.h"

#include <math.h>

static int broken(struct writer *w, const struct export_task *t, const char *what)
{
    return fail(w->cx, E_INVALID, "The %s of task %lld is not valid JSON.", what, (long long)t->id);
}

int rows_data(struct writer *w, const struct export_task *t, json_t **out)
{
    if (json_stored(w->cx, t->data.s, t->data.n, out) < 0 || !json_is_object(*out))
        return broken(w, t, "data");
    return 0;
}

/* Place of the group of a control; made when it is not there yet. */
static int group_of(struct writer *w, struct row_answers *r, const struct schema_control *c)
{
    for (int i = 0; i < r->ngroups; i++)
        if (r->groups[i].control == c)
            return i;
    if ((r->ngroups & (r->ngroups - 1)) == 0)       /* 0, 1, 2, 4, 8, …: full */
        r->groups = talloc_realloc(w->cx->mem, r->groups, struct group,
                                   r->ngroups ? 2 * (unsigned)r->ngroups : 1);
    r->groups[r->ngroups] = (struct group){.control = c};
    return r->ngroups++;
}

/* Two passes, count and fill: memory stays in proportion to the result, whatever it says. */
static void collect(struct writer *w, struct row_answers *r)
{
    size_t i;
    json_t *item;
    int *group = NEW_N(w->cx, int, json_array_size(r->result) + 1);

    json_array_foreach(r->result, i, item) {
        const char *from = json_str(item, "from_name", NULL);
        const struct schema_control *c = from ? schema_control(w->schema, from) : NULL;

        group[i] = -1;
        if (!c || !json_is_object(json_object_get(item, "value")))
            continue;
        group[i] = group_of(w, r, c);
        r->groups[group[i]].n++;
        r->nitems++;
    }
    for (int g = 0; g < r->ngroups; g++) {
        r->groups[g].items = NEW_N(w->cx, json_t *, r->groups[g].n);
        r->groups[g].n = 0;
    }
    json_array_foreach(r->result, i, item)
        if (group[i] >= 0) {
            struct group *g = &r->groups[group[i]];

            g->items[g->n++] = item;
        }
    talloc_free(group);
}

static const char *date_of(const struct row_answers *r)
{
    return r->annotation->created_at ? r->annotation->created_at : "";
}

/* Newest first; equal dates keep their order. */
static int newest_first(const void *a, const void *b)
{
    const struct row_answers *x = a, *y = b;
    int rc = strcmp(date_of(y), date_of(x));

    return rc ? rc : x->place - y->place;
}

int rows_make(struct writer *w, const struct export_task *t, struct row_answers **out, int *n)
{
    struct row_answers *rows = NEW_N(w->cx, struct row_answers, t->nannotations + 1);

    *out = rows;
    *n = 0;
    if (t->nannotations == 0) {
        *n = 1;
        return 0;
    }
    for (int i = 0; i < t->nannotations; i++) {
        const struct export_annotation *a = &t->annotations[i];

        if (a->was_cancelled)
            continue;
        rows[*n].annotation = a;
        rows[*n].place = i;
        if (json_stored(w->cx, a->result.s, a->result.n, &rows[*n].result) < 0 ||
            !json_is_array(rows[*n].result))
            return broken(w, t, "result");
        collect(w, &rows[*n]);
        (*n)++;
    }
    qsort(rows, (size_t)*n, sizeof *rows, newest_first);
    return 0;
}

const char *rows_annotator(struct ctx *cx, const struct export_annotation *a)
{
    json_t *v;

    if (!a || !a->completed_by.s || json_stored(cx, a->completed_by.s, a->completed_by.n, &v) < 0)
        return "";
    if (json_is_object(v))
        return json_str(v, "email", "");
    if (json_is_string(v))
        return json_string_value(v);
    return json_text(cx, v);
}

json_t *rows_value(struct ctx *cx, const json_t *item)
{
    json_t *v = json_keep(cx, json_copy(json_object_get(item, "value")));
    static const char *const sizes[] = {"original_width", "original_height"};

    for (int i = 0; i < 2; i++) {
        json_t *size = json_object_get(item, sizes[i]);

        if (size)
            json_object_set(v, sizes[i], size);
    }
    return v;
}

/* One choice, or one text: the thing itself. */
static json_t *single(const struct group *g, json_t *value)
{
    const char *key = strcmp(g->control->tag, "Choices") == 0 ? "choices" : "text";
    json_t *list = json_object_get(value, key);

    if (json_array_size(list) == 1 && !json_is_array(json_array_get(list, 0)))
        return json_array_get(list, 0);
    return value;
}

json_t *rows_plain(struct ctx *cx, const struct group *g)
{
    json_t *list = json_keep(cx, json_array());

    for (int i = 0; i < g->n; i++) {
        json_t *value = rows_value(cx, g->items[i]);

        json_array_append(list, g->control->is_plain ? single(g, value) : value);
    }
    return g->control->is_plain && g->n == 1 ? json_array_get(list, 0) : list;
}

const char *num_text(char buf[NUM_SIZE], double v)
{
    if (!isfinite(v))
        return memcpy(buf, "0", 2);
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(buf, NUM_SIZE, "%.*g", digits, v);
        if (strtod(buf, NULL) == v)
            break;
    }
    return buf;
}
