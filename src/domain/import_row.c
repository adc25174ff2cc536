/* import_row.c -- see import_row.h. */
#include "domain/import_row.h"

#include <math.h>

#include "core/clock.h"
#include "core/json.h"
#include "label/config.h"
#include "label/result.h"

/* Lend or copy a run of bytes. */
static const char *hold(struct ctx *cx, struct bytes b, bool keep)
{
    return keep ? talloc_strndup(cx->mem, b.s, b.n) : b.s;
}

static void read_author(struct ctx *cx, struct bytes by, struct import_author *out)
{
    json_t *v = NULL;

    *out = (struct import_author){.name = "unknown"};
    if (!by.s || json_stored(cx, by.s, by.n, &v) < 0)
        return;
    if (json_is_object(v)) {
        out->id = json_int(v, "id", 0);
        out->email = json_str(v, "email", NULL);
    } else if (json_is_integer(v)) {
        out->id = json_integer_value(v);
    } else if (json_is_string(v)) {
        out->name = json_string_value(v);
        if (strchr(out->name, '@'))
            out->email = out->name;
        else if (!*out->name)
            out->name = "unknown";
        return;
    } else {
        return;
    }
    if (out->email)
        out->name = out->email;
    else if (out->id)
        out->name = talloc_asprintf(cx->mem, "author %lld", (long long)out->id);
}

/* Name the place in the file's own words: annotations[1].result[0].value. */
static int wrong(struct ctx *cx, int code, const char *list, int i)
{
    for (struct field_error *f = cx->fields; f; f = f->next)
        f->path = talloc_asprintf(cx->mem, "%s[%d].%s", list, i, f->path);
    return fail(cx, code, "%s[%d]: %s", list, i, cx->why);
}

static int check_result(struct ctx *cx, const struct label_config *config, const json_t *data,
                        struct bytes result, unsigned flags, json_t **parsed)
{
    int rc = json_stored(cx, result.s, result.n, parsed);

    return rc < 0 ? rc : label_check(cx, config, data, *parsed, flags);
}

static int read_answers(struct ctx *cx, const struct label_config *config, const json_t *data,
                        const struct export_task *t, bool keep, struct import_row *out)
{
    out->answer = NEW_N(cx, struct import_answer, t->nannotations + 1);
    for (int i = 0; i < t->nannotations; i++) {
        const struct export_annotation *a = &t->annotations[i];
        struct import_answer *to = &out->answer[out->nanswers++];
        unsigned flags = a->was_cancelled ? LABEL_CHECK_DRAFT : 0;
        json_t *parsed;
        int rc = check_result(cx, config, data, a->result, flags, &parsed);

        if (rc < 0)
            return wrong(cx, rc, "annotations", i);
        read_author(cx, a->completed_by, &to->author);
        to->new = (struct annotation_new){
            .result = hold(cx, a->result, keep),
            .nresult = a->result.n,
            .parsed = parsed,
            .was_cancelled = a->was_cancelled,
            .ground_truth = a->ground_truth,
            .active_ms = isnan(a->lead_time) || a->lead_time < 0 || a->lead_time > 1e9
                             ? 0
                             : (int64_t)(a->lead_time * 1000),
        };
        to->created = a->created_at ? clock_parse(a->created_at) : 0;
        if (to->created < 0)
            to->created = 0;
    }
    return 0;
}

static int read_guesses(struct ctx *cx, const struct label_config *config, const json_t *data,
                        const struct export_task *t, bool keep, struct import_row *out)
{
    out->guess = NEW_N(cx, struct prediction_new, t->npredictions + 1);
    for (int i = 0; i < t->npredictions; i++) {
        const struct export_prediction *p = &t->predictions[i];
        json_t *parsed;
        int rc = check_result(cx, config, data, p->result, LABEL_CHECK_DRAFT, &parsed);

        if (rc < 0)
            return wrong(cx, rc, "predictions", i);
        out->guess[out->nguesses++] = (struct prediction_new){
            .result = hold(cx, p->result, keep),
            .nresult = p->result.n,
            .parsed = parsed,
            .score = p->score,
            .model_version = p->model_version ? p->model_version : "",
        };
    }
    return 0;
}

/* Label Studio's preannotated_from_fields: these data fields are a guess, keyed by control. */
static int guess_fields(struct ctx *cx, const struct label_config *config, const json_t *data,
                        const struct import_opts *o, struct import_row *out)
{
    char *list = talloc_strdup(cx->mem, o->preannotated), *save = NULL;
    json_t *result = json_keep(cx, json_array());
    char *text;

    for (char *f = strtok_r(list, ",", &save); f; f = strtok_r(NULL, ",", &save)) {
        const json_t *v = json_object_get(data, f);
        const struct label_tag *c = label_control(config, f);

        if (!json_is_string(v) || !c || !label_is(c, "Choices") || c->nto == 0)
            continue;
        json_array_append_new(result, json_pack("{s:s, s:s, s:s, s:{s:[s]}}", "from_name", f,
                                                "to_name", c->to_name[0], "type", "choices",
                                                "value", "choices", json_string_value(v)));
    }
    if (json_array_size(result) == 0)
        return 0;
    text = json_text(cx, result);
    out->guess =
        talloc_realloc(cx->mem, out->guess, struct prediction_new, (unsigned)out->nguesses + 1);
    out->guess[out->nguesses++] = (struct prediction_new){.result = text, .nresult = strlen(text),
                                                          .parsed = result, .score = (double)NAN,
                                                          .model_version = "from fields"};
    return label_check(cx, config, data, result, LABEL_CHECK_DRAFT);
}

int import_map_check(struct ctx *cx, const json_t *map)
{
    json_t *taken = json_keep(cx, json_object()), *field;
    const char *column;

    if (!json_is_object(map))
        return fail_at(cx, E_INVALID, "map",
                       "This is an object: the name of a column, and its field.");
    json_object_foreach((json_t *)map, column, field) {
        const char *to = json_string_value(field);

        if (json_is_null(field))
            continue;
        if (!to || !*to || strlen(to) > (size_t)LIMIT_NAME_BYTES)
            return fail_at(cx, E_INVALID, talloc_asprintf(cx->mem, "map.%.80s", column),
                           "A field has a name of 1 to %lld bytes, or is null.",
                           (long long)LIMIT_NAME_BYTES);
        if (json_object_get(taken, to))
            return fail_at(cx, E_INVALID, talloc_asprintf(cx->mem, "map.%.80s", column),
                           "Two columns would become the field \"%.80s\".", to);
        json_object_set_new(taken, to, json_true());
    }
    return 0;
}

/* The data under the names of the fields.  A column outside the map gives way to one in it. */
static int renamed(struct ctx *cx, const json_t *map, struct bytes *data)
{
    json_t *was, *is = json_keep(cx, json_object()), *v;
    const char *column;
    int rc = json_stored(cx, data->s, data->n, &was);

    if (rc < 0)
        return rc;
    json_object_foreach(was, column, v) {
        json_t *to = json_object_get(map, column);

        if (!to && !json_object_get(is, column))
            json_object_set(is, column, v);
        else if (json_is_string(to))
            json_object_set(is, json_string_value(to), v);
    }
    data->s = json_text(cx, is);
    data->n = strlen(data->s);
    return 0;
}

static int read_row(struct ctx *cx, const struct label_config *config, const struct import_opts *o,
                    const struct row *row, bool keep, struct import_row *out)
{
    struct export_task t = {0};
    json_t *data = NULL;
    int rc;

    /* The bytes have passed json_scan.  Parsing them costs more than all else: only where answers
     * ask. */
    *out = (struct import_row){0};
    if ((row->annotations.s || row->predictions.s || o->preannotated) &&
        (rc = json_stored(cx, row->data.s, row->data.n, &data)) < 0)
        return rc;
    if (row->data.n > (size_t)LIMIT_TASK_BYTES)
        return fail_at(cx, E_TOOBIG, "data", "The data of a task has at most %lld bytes.",
                       (long long)LIMIT_TASK_BYTES);
    out->task = (struct task_new){.data = hold(cx, row->data, keep),
                                  .ndata = row->data.n,
                                  .file_name = row->name ? talloc_strdup(cx->mem, row->name) : NULL,
                                  .priority = o->priority};
    if (row->meta.s) {
        out->task.meta = hold(cx, row->meta, keep);
        out->task.nmeta = row->meta.n;
    }
    if (row->unique_id.s && !(out->task.unique_id = bytes_string(cx, row->unique_id)))
        return fail_at(cx, E_INVALID, "unique_id", "A unique_id is a string.");
    if ((row->annotations.s || row->predictions.s) && (rc = task_read(cx, row->object, &t)) < 0)
        return rc;
    if ((rc = read_answers(cx, config, data, &t, keep, out)) < 0 ||
        (rc = read_guesses(cx, config, data, &t, keep, out)) < 0)
        return rc;
    return o->preannotated ? guess_fields(cx, config, data, o, out) : 0;
}

int import_row_read(struct ctx *cx, const struct label_config *config, const struct import_opts *o,
                    const struct row *row, bool keep, struct import_row *out)
{
    struct row named = *row;
    int rc;

    if (!o->map)
        return read_row(cx, config, o, row, keep, out);
    if ((rc = renamed(cx, o->map, &named.data)) < 0)
        return rc;
    return read_row(cx, config, o, &named, keep, out);
}
