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

static struct group *group_of(struct row_answers *r, const struct schema_control *c)
{
    for (int i = 0; i < r->ngroups; i++)
        if (r->groups[i].control == c)
            return &r->groups[i];
    r->groups[r->ngroups].control = c;
    return &r->groups[r->ngroups++];
}

static void collect(struct writer *w, struct row_answers *r)
{
    size_t most = json_array_size(r->result), i;
    json_t *item;

    r->groups = NEW_N(w->cx, struct group, w->schema->ncontrols + 1);
    json_array_foreach(r->result, i, item) {
        const char *from = json_str(item, "from_name", NULL);
        const struct schema_control *c = from ? schema_control(w->schema, from) : NULL;
        struct group *g;

        if (!c || !json_is_object(json_object_get(item, "value")))
            continue;
        g = group_of(r, c);
        if (!g->items)
            g->items = NEW_N(w->cx, json_t *, most);
        g->items[g->n++] = item;
        r->nitems++;
    }
}

/* Newest first; equal dates keep their order. */
static void sort(struct row_answers *rows, int n)
{
    for (int i = 1; i < n; i++) {
        struct row_answers r = rows[i];
        const char *at = r.annotation->created_at ? r.annotation->created_at : "";
        int j = i;

        for (; j > 0; j--) {
            const char *other = rows[j - 1].annotation->created_at;

            if (strcmp(other ? other : "", at) >= 0)
                break;
            rows[j] = rows[j - 1];
        }
        rows[j] = r;
    }
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
        if (json_stored(w->cx, a->result.s, a->result.n, &rows[*n].result) < 0 ||
            !json_is_array(rows[*n].result))
            return broken(w, t, "result");
        collect(w, &rows[*n]);
        (*n)++;
    }
    sort(rows, *n);
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
