/*
 * fmt_json_min.c -- JSON_MIN: one flat object an answer.
 *
 * Data fields, `id`, one member a control, then who and when.  flat_row is
 * shared with CSV, which shows the same row as cells.
 */
#include "formats/flat.h"

#include <math.h>

static void set_text(json_t *row, const char *key, const char *v)
{
    json_object_set_new(row, key, v ? json_string(v) : json_null());
}

static void set_annotator(struct ctx *cx, json_t *row, const struct export_annotation *a,
                          bool as_text)
{
    int64_t id = a ? bytes_int(a->completed_by, 0) : 0;

    if (id && !as_text)
        json_object_set_new(row, "annotator", json_integer(id));
    else
        set_text(row, "annotator",
                 as_text || (a && a->completed_by.s) ? rows_annotator(cx, a) : NULL);
}

json_t *flat_row(struct writer *w, const struct export_task *t, json_t *data,
                 const struct row_answers *r, bool as_text)
{
    const struct export_annotation *a = r->annotation;
    json_t *row = json_keep(w->cx, json_copy(data));

    if (t->id)
        json_object_set_new(row, "id", json_integer(t->id));
    for (int i = 0; i < r->ngroups; i++)
        json_object_set(row, r->groups[i].control->name, rows_plain(w->cx, &r->groups[i]));
    set_annotator(w->cx, row, a, as_text);
    if (a && a->id)
        json_object_set_new(row, "annotation_id", json_integer(a->id));
    else
        json_object_set_new(row, "annotation_id", json_null());
    set_text(row, "created_at", a ? a->created_at : NULL);
    set_text(row, "updated_at", a ? a->updated_at : NULL);
    json_object_set_new(row, "lead_time",
                        a && isfinite(a->lead_time) ? json_real(a->lead_time) : json_null());
    if (isfinite(t->agreement))
        json_object_set_new(row, "agreement", json_real(t->agreement));
    return row;
}

struct min_state {
    int64_t n;
};

static int min_open(struct writer *w)
{
    w->state = talloc_zero(w, struct min_state);
    sink_begin(w->sink, w->format->file);
    return sink_puts(w->sink, "[");
}

static int min_task(struct writer *w, const struct export_task *t)
{
    struct min_state *st = w->state;
    struct row_answers *rows;
    json_t *data;
    int n, rc;

    if ((rc = rows_data(w, t, &data)) < 0 || (rc = rows_make(w, t, &rows, &n)) < 0)
        return rc;
    for (int i = 0; i < n; i++) {
        char *text = json_text(w->cx, flat_row(w, t, data, &rows[i], false));

        sink_puts(w->sink, st->n++ ? ",\n" : "\n");
        rc = sink_puts(w->sink, text);
        w->answers += rows[i].annotation != NULL;
    }
    return rc;
}

static int min_close(struct writer *w)
{
    sink_puts(w->sink, "\n]\n");
    return sink_end(w->sink);
}

const struct format fmt_json_min = {
    .name = "JSON_MIN", .file = "result.json", .ext = ".json", .mime = "application/json",
    .what = "one flat object an answer", .needs_schema = true,
    .open = min_open, .task = min_task, .close = min_close,
};
