/* task.c -- see task.h. */
#include "formats/task.h"

#include <math.h>

/* Note a member in its place; false when it stood there already. */
static bool put(struct bytes *slot, struct bytes v)
{
    if (slot->s)
        return false;
    *slot = v;
    return true;
}

static struct bytes *slot_of(struct task_parts *t, struct bytes key)
{
    const struct {
        const char *name;
        struct bytes *slot;
    } names[] = {
        {"data", &t->data},               {"annotations", &t->annotations},
        {"completions", &t->completions}, {"predictions", &t->predictions},
        {"id", &t->id},                   {"meta", &t->meta},
        {"inner_id", &t->inner_id},       {"project", &t->project},
        {"created_at", &t->created_at},   {"updated_at", &t->updated_at},
        {"agreement", &t->agreement},     {"unique_id", &t->unique_id},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (bytes_are(key, names[i].name))
            return names[i].slot;
    return NULL;
}

static bool is_null(struct bytes b)
{
    return bytes_kind(b, 'n');
}

static int parts_check(struct ctx *cx, struct task_parts *t, struct bytes object)
{
    if (is_null(t->annotations))
        t->annotations = (struct bytes){0};
    if (!t->annotations.s && bytes_kind(t->completions, '['))
        t->annotations = t->completions;
    if (is_null(t->predictions))
        t->predictions = (struct bytes){0};
    if (!bytes_kind(t->data, '{')) {
        if (bytes_kind(t->annotations, '[') || bytes_kind(t->predictions, '['))
            return fail(cx, E_INVALID, "A task with answers needs its data as an object "
                        "in \"data\".");
        *t = (struct task_parts){.data = object, .is_bare = true};
    }
    if (t->annotations.s && !bytes_kind(t->annotations, '['))
        return fail(cx, E_INVALID, "\"annotations\" must be a list.");
    if (t->predictions.s && !bytes_kind(t->predictions, '['))
        return fail(cx, E_INVALID, "\"predictions\" must be a list.");
    if (t->meta.s && !bytes_kind(t->meta, '{'))
        t->meta = (struct bytes){0};
    if (t->data.n > (size_t)LIMIT_TASK_BYTES)
        return fail(cx, E_TOOBIG, "The data of this task is larger than %lld bytes.",
                    (long long)LIMIT_TASK_BYTES);
    return 0;
}

int task_parts(struct ctx *cx, struct bytes object, struct task_parts *out)
{
    struct bytes key, value, *slot;
    struct walk w;

    *out = (struct task_parts){0};
    if (walk_start(&w, object) != '{')
        return fail(cx, E_INVALID, "A task must be an object.");
    while (walk_member(&w, &key, &value)) {
        slot = slot_of(out, key);
        if (slot && !put(slot, value))
            return fail(cx, E_INVALID, "The member \"%.*s\" stands here twice.", (int)key.n, key.s);
    }
    return parts_check(cx, out, object);
}

static double number(struct bytes b)
{
    char text[64];

    if (!b.s || b.n == 0 || b.n >= sizeof text || *b.s == '"' || *b.s == 'n')
        return NAN;
    memcpy(text, b.s, b.n);
    text[b.n] = 0;
    return strtod(text, NULL);
}

static int annotation_read(struct ctx *cx, struct bytes object, int place,
                           struct export_annotation *a)
{
    struct bytes key, v;
    struct walk w;

    a->lead_time = NAN;
    if (walk_start(&w, object) != '{')
        return fail(cx, E_INVALID, "annotations[%d] must be an object.", place);
    while (walk_member(&w, &key, &v)) {
        if (bytes_are(key, "id"))
            a->id = bytes_int(v, 0);
        else if (bytes_are(key, "result"))
            a->result = v;
        else if (bytes_are(key, "completed_by") && !is_null(v))
            a->completed_by = v;
        else if (bytes_are(key, "was_cancelled") || bytes_are(key, "skipped"))
            a->was_cancelled |= bytes_kind(v, 't');
        else if (bytes_are(key, "ground_truth"))
            a->ground_truth = bytes_kind(v, 't');
        else if (bytes_are(key, "created_at"))
            a->created_at = bytes_string(cx, v);
        else if (bytes_are(key, "updated_at"))
            a->updated_at = bytes_string(cx, v);
        else if (bytes_are(key, "lead_time"))
            a->lead_time = number(v);
    }
    if (!bytes_kind(a->result, '['))
        return fail(cx, E_INVALID, "annotations[%d].result must be a list.", place);
    return 0;
}

static int prediction_read(struct ctx *cx, struct bytes object, int place,
                           struct export_prediction *p)
{
    struct bytes key, v;
    struct walk w;

    p->score = NAN;
    if (walk_start(&w, object) != '{')
        return fail(cx, E_INVALID, "predictions[%d] must be an object.", place);
    while (walk_member(&w, &key, &v)) {
        if (bytes_are(key, "id"))
            p->id = bytes_int(v, 0);
        else if (bytes_are(key, "result"))
            p->result = v;
        else if (bytes_are(key, "score"))
            p->score = number(v);
        else if (bytes_are(key, "model_version"))
            p->model_version = bytes_string(cx, v);
        else if (bytes_are(key, "created_at"))
            p->created_at = bytes_string(cx, v);
    }
    if (!bytes_kind(p->result, '['))
        return fail(cx, E_INVALID, "predictions[%d].result must be a list.", place);
    return 0;
}

static int count(struct bytes list)
{
    struct bytes v;
    struct walk w;
    int n = 0;

    if (walk_start(&w, list) == '[')
        while (walk_element(&w, &v))
            n++;
    return n;
}

int task_read(struct ctx *cx, struct bytes object, struct export_task *out)
{
    struct task_parts p;
    struct bytes v;
    struct walk w;
    int rc;

    *out = (struct export_task){.agreement = NAN};
    if ((rc = task_parts(cx, object, &p)) < 0)
        return rc;
    out->id = bytes_int(p.id, 0);
    out->inner_id = bytes_int(p.inner_id, 0);
    out->project = bytes_int(p.project, 0);
    out->data = p.data;
    out->meta = p.meta;
    out->created_at = bytes_string(cx, p.created_at);
    out->updated_at = bytes_string(cx, p.updated_at);
    out->agreement = number(p.agreement);
    if (!p.is_bare)
        out->raw = object;
    out->annotations = NEW_N(cx, struct export_annotation, count(p.annotations) + 1);
    out->predictions = NEW_N(cx, struct export_prediction, count(p.predictions) + 1);
    if (walk_start(&w, p.annotations) == '[')
        for (; walk_element(&w, &v); out->nannotations++)
            if ((rc = annotation_read(cx, v, out->nannotations,
                                      &out->annotations[out->nannotations])) < 0)
                return rc;
    if (walk_start(&w, p.predictions) == '[')
        for (; walk_element(&w, &v); out->npredictions++)
            if ((rc = prediction_read(cx, v, out->npredictions,
                                      &out->predictions[out->npredictions])) < 0)
                return rc;
    return 0;
}
