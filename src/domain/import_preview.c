/* import_preview.c -- see import_preview.h. */
#include "domain/import_preview.h"

#include <ctype.h>

#include "core/json.h"
#include "core/str.h"
#include "domain/config.h"
#include "domain/import_row.h"
#include "domain/media.h"
#include "domain/project.h"
#include "label/config.h"

#define TEXT_MOST 300           /* characters of a text that are shown */
#define COLUMNS_MOST 200

struct look {
    struct ctx *cx;
    const struct label_config *config;
    const struct import_opts *o;
    int64_t project, looked, bad;
    json_t *rows, *columns, *needs;
};

/* ---- what the config asks for ---- */

static void need(struct look *l, const char *ref, const char *tag)
{
    size_t n = strcspn(ref, ".[");
    char *field = talloc_strndup(l->cx->mem, ref, n);
    json_t *one;
    size_t i;

    json_array_foreach(l->needs, i, one)
        if (strcmp(json_str(one, "field", ""), field) == 0)
            return;
    json_array_append_new(l->needs, json_pack("{s:s, s:s, s:i}", "field", field, "tag", tag,
                                              "missing", 0));
}

/* "$name", where a name begins: not "$5 a piece". */
static void needs_of(struct look *l, const struct label_tag *t)
{
    for (int i = 0; i < t->nattrs; i++) {
        const char *v = t->attrs[i].value;

        if (v[0] == '$' && (isalpha((unsigned char)v[1]) || v[1] == '_' || (v[1] & 0x80)))
            need(l, v + 1, t->tag);
    }
    for (int i = 0; i < t->nchildren; i++)
        needs_of(l, t->children[i]);
}

static void count_missing(struct look *l, const json_t *data)
{
    json_t *one;
    size_t i;

    json_array_foreach(l->needs, i, one)
        if (!json_object_get(data, json_str(one, "field", "")))
            json_object_set_new(one, "missing", json_integer(json_int(one, "missing", 0) + 1));
}

/* ---- rows ---- */

static json_t *shown(struct ctx *cx, json_t *v)
{
    const char *s = json_is_string(v) ? json_string_value(v) : NULL;
    size_t at = 0, n = s ? strlen(s) : 0, k;
    uint32_t cp;

    if (!s) {
        char *text = json_is_object(v) || json_is_array(v) ? json_text(cx, v) : NULL;

        if (!text || strlen(text) <= 4 * TEXT_MOST)
            return json_incref(v);
        s = text;
        n = strlen(text);
    }
    for (int i = 0; i < TEXT_MOST && at < n; i++, at += k)
        if (!(k = utf8_decode(s + at, n - at, &cp)))
            break;
    return at < n ? json_string(talloc_asprintf(cx->mem, "%.*s…", (int)at, s)) : json_string(s);
}

static json_t *column_of(struct look *l, const char *name)
{
    json_t *one;
    size_t i;

    json_array_foreach(l->columns, i, one)
        if (strcmp(json_str(one, "name", ""), name) == 0)
            return one;
    if (json_array_size(l->columns) >= COLUMNS_MOST)
        return NULL;
    one = json_pack("{s:s, s:i}", "name", name, "filled", 0);
    json_array_append_new(l->columns, one);
    return one;
}

static bool filled(const json_t *v)
{
    return !json_is_null(v) && !(json_is_string(v) && *json_string_value(v) == 0);
}

static void see_columns(struct look *l, struct ctx *cx, const json_t *data)
{
    const char *name;
    json_t *v, *c;

    json_object_foreach((json_t *)data, name, v) {
        if (!(c = column_of(l, name)) || !filled(v))
            continue;
        if (!json_object_get(c, "example"))
            json_object_set_new(c, "example", shown(cx, v));
        json_object_set_new(c, "filled", json_integer(json_int(c, "filled", 0) + 1));
    }
}

static void bad_row(struct look *l, struct ctx *cx, const struct row *row, const char *field,
                    const char *why)
{
    l->bad++;
    if (json_array_size(l->rows) < 2 * PREVIEW_ROWS)
        json_array_append_new(l->rows, json_pack("{s:I, s:s*, s:s}", "line", (json_int_t)row->line,
                                                 "field", field, "why", why ? why : cx->why));
}

static void good_row(struct look *l, struct ctx *cx, const struct row *row, json_t *data)
{
    json_t *o = json_object(), *v;
    const char *name;

    count_missing(l, data);
    if (json_array_size(l->rows) >= PREVIEW_ROWS) {
        json_decref(o);
        return;
    }
    json_object_foreach(data, name, v)
        json_object_set_new(o, name, shown(cx, v));
    json_array_append_new(l->rows,
                          json_pack("{s:I, s:o}", "line", (json_int_t)row->line, "data", o));
}

static void look_at(struct look *l, const struct row *row)
{
    struct ctx *cx = ctx_new(l->cx->mem);
    struct import_row r;
    json_t *was = NULL, *data;

    l->looked++;
    if (row->why)
        bad_row(l, cx, row, row->name, row->why);
    else if (json_stored(cx, row->data.s, row->data.n, &was) < 0 ||
             (see_columns(l, cx, was), import_row_read(cx, l->config, l->o, row, false, &r)) < 0)
        bad_row(l, cx, row, cx->fields ? cx->fields->path : NULL, NULL);
    else if (json_stored(cx, r.task.data, r.task.ndata, &data) == 0)
        good_row(l, cx, row, data);
    ctx_free(cx);
}

/* Pictures of an archive are only looked at. */
static const char *take_nothing(struct ctx *cx, void *arg, struct file_in *f)
{
    struct look *l = arg;

    (void)f;
    return media_address(cx, l->project, "");
}

static int look_through(struct look *l, const char *name, const char *bytes, size_t n, bool cut,
                        json_t *out)
{
    struct ctx *cx = l->cx;
    enum source_kind kind = SOURCE_GUESS;
    FILE *f = fmemopen((void *)(uintptr_t)bytes, n, "rb");
    struct reader *r;
    struct row row;
    int rc;

    if (!f)
        return fail(cx, E_BUSY, "Out of memory. Try again later.");
    if (l->o->format)
        source_find(l->o->format, &kind);
    if ((rc = reader_open_file(cx, kind, name, f, &r)) < 0)
        return rc;
    reader_on_file(r, take_nothing, l);
    while (l->looked < PREVIEW_LOOK && (rc = reader_next(r, &row)) > 0) {
        if (cut && reader_done(r) >= (int64_t)n && row.why)
            break;                          /* what is cut off here goes on in the file */
        look_at(l, &row);
    }
    json_object_set_new(out, "format", json_string(source_word(reader_kind(r))));
    json_object_set_new(out, "more", json_boolean(cut || rc > 0));
    if (rc < 0 && !cut)
        json_object_set_new(out, "problem", json_string(cx->why));
    reader_close(r);
    fail_clear(cx);
    return 0;
}

int import_preview(struct ctx *cx, int64_t project, const struct import_opts *o, const char *name,
                   const char *bytes, size_t n, bool cut, json_t **out)
{
    struct look l = { .cx = cx, .o = o, .project = project };
    struct project p;
    int rc;

    if ((rc = project_get(cx, project, &p)) < 0 ||
        (rc = config_parsed(cx, project, p.config_n, &l.config)) < 0)
        return rc;
    *out = json_keep(cx, json_pack("{s:[], s:[], s:[]}", "rows", "columns", "needs"));
    l.rows = json_object_get(*out, "rows");
    l.columns = json_object_get(*out, "columns");
    l.needs = json_object_get(*out, "needs");
    needs_of(&l, l.config->root);
    if ((rc = look_through(&l, name, bytes, n, cut, *out)) < 0)
        return rc;
    json_object_set_new(*out, "looked", json_integer(l.looked));
    json_object_set_new(*out, "bad", json_integer(l.bad));
    return 0;
}
