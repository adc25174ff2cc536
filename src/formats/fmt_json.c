/*
 * fmt_json.c -- JSON and JSONL: everything, as Label Studio exports it.
 *
 * Stored bytes are spliced, never parsed: the speed is that of memcpy, and
 * numbers and hashes stay what they were.  JSONL is the same, a task a line;
 * line breaks between the values of stored JSON are dropped there.
 */
#include "formats/rows.h"

#include <inttypes.h>
#include <math.h>

struct json_state {
    bool a_line_each;
    int64_t n;
};

static int open_as(struct writer *w, bool a_line_each)
{
    struct json_state *st = talloc_zero(w, struct json_state);

    st->a_line_each = a_line_each;
    w->state = st;
    sink_begin(w->sink, w->format->file);
    return a_line_each ? sink_put(w->sink, "", 0) : sink_puts(w->sink, "[");
}

static int json_open(struct writer *w)
{
    return open_as(w, false);
}

static int jsonl_open(struct writer *w)
{
    return open_as(w, true);
}

/* Bytes without the line breaks between values; JSON strings hold none. */
static int put_one_line(struct sink *s, struct bytes b)
{
    const char *p = b.s, *end = b.s + b.n;

    while (p < end) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        const char *stop = nl ? nl : end;

        if (stop > p && stop[-1] == '\r' && nl)
            sink_put(s, p, (size_t)(stop - p) - 1);
        else
            sink_put(s, p, (size_t)(stop - p));
        p = nl ? nl + 1 : end;
        while (nl && p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
            p++;
    }
    return 0;
}

static void put_bytes(struct writer *w, struct bytes b)
{
    struct json_state *st = w->state;

    if (st->a_line_each)
        put_one_line(w->sink, b);
    else
        sink_put(w->sink, b.s, b.n);
}

static void put_key(struct writer *w, const char *key)
{
    sink_puts(w->sink, ",\"");
    sink_puts(w->sink, key);
    sink_puts(w->sink, "\":");
}

static void put_int(struct writer *w, const char *key, int64_t v)
{
    char text[24];

    if (v == 0)
        return;
    put_key(w, key);
    snprintf(text, sizeof text, "%" PRId64, v);
    sink_puts(w->sink, text);
}

static void put_text(struct writer *w, const char *key, const char *v)
{
    struct buf b;

    if (!v)
        return;
    buf_init(&b, w->cx, (size_t)LIMIT_ROW_BYTES);
    buf_add_json(&b, v, strlen(v));
    put_key(w, key);
    sink_put(w->sink, b.s, b.n);
}

static void put_num(struct writer *w, const char *key, double v)
{
    char text[NUM_SIZE];

    if (isnan(v))
        return;
    put_key(w, key);
    sink_puts(w->sink, num_text(text, v));
}

static void put_value(struct writer *w, const char *key, struct bytes v, const char *otherwise)
{
    if (!v.s && !otherwise)
        return;
    put_key(w, key);
    if (v.s)
        put_bytes(w, v);
    else
        sink_puts(w->sink, otherwise);
}

static void put_extra(struct writer *w, struct bytes extra)
{
    if (!extra.s || !extra.n)
        return;
    sink_put(w->sink, ",", 1);
    put_bytes(w, extra);
}

static void put_annotation(struct writer *w, const struct export_annotation *a)
{
    char text[32];

    snprintf(text, sizeof text, "{\"id\":%" PRId64, a->id);
    sink_puts(w->sink, text);
    put_value(w, "completed_by", a->completed_by, NULL);
    put_value(w, "result", a->result, "[]");
    sink_puts(w->sink, a->was_cancelled ? ",\"was_cancelled\":true" : ",\"was_cancelled\":false");
    sink_puts(w->sink, a->ground_truth ? ",\"ground_truth\":true" : ",\"ground_truth\":false");
    put_text(w, "created_at", a->created_at);
    put_text(w, "updated_at", a->updated_at);
    put_num(w, "lead_time", a->lead_time);
    put_extra(w, a->extra);
    sink_put(w->sink, "}", 1);
}

static void put_prediction(struct writer *w, const struct export_prediction *p)
{
    char text[32];

    snprintf(text, sizeof text, "{\"id\":%" PRId64, p->id);
    sink_puts(w->sink, text);
    put_value(w, "result", p->result, "[]");
    put_num(w, "score", p->score);
    put_text(w, "model_version", p->model_version);
    put_text(w, "created_at", p->created_at);
    put_extra(w, p->extra);
    sink_put(w->sink, "}", 1);
}

static void put_task(struct writer *w, const struct export_task *t)
{
    char text[32];

    snprintf(text, sizeof text, "{\"id\":%" PRId64 ",", t->id);
    sink_puts(w->sink, t->id ? text : "{");
    sink_puts(w->sink, "\"data\":");
    put_bytes(w, t->data);
    sink_puts(w->sink, ",\"annotations\":[");
    for (int i = 0; i < t->nannotations; i++) {
        if (i)
            sink_put(w->sink, ",", 1);
        put_annotation(w, &t->annotations[i]);
    }
    sink_puts(w->sink, "],\"predictions\":[");
    for (int i = 0; i < t->npredictions; i++) {
        if (i)
            sink_put(w->sink, ",", 1);
        put_prediction(w, &t->predictions[i]);
    }
    sink_put(w->sink, "]", 1);
    put_value(w, "meta", t->meta, NULL);
    put_text(w, "created_at", t->created_at);
    put_text(w, "updated_at", t->updated_at);
    put_int(w, "inner_id", t->inner_id);
    put_int(w, "project", t->project);
    put_num(w, "agreement", t->agreement);
    put_extra(w, t->extra);
    sink_put(w->sink, "}", 1);
}

static int json_task(struct writer *w, const struct export_task *t)
{
    struct json_state *st = w->state;

    if (!st->a_line_each)
        sink_puts(w->sink, st->n ? ",\n" : "\n");
    if (t->raw.s)
        put_bytes(w, t->raw);
    else
        put_task(w, t);
    st->n++;
    w->answers += t->nannotations;
    return st->a_line_each ? sink_put(w->sink, "\n", 1) : sink_put(w->sink, "", 0);
}

static int json_close(struct writer *w)
{
    struct json_state *st = w->state;

    if (!st->a_line_each)
        sink_puts(w->sink, "\n]\n");
    return sink_end(w->sink);
}

const struct format fmt_json = {
    .name = "JSON", .file = "result.json", .ext = ".json", .mime = "application/json",
    .what = "tasks with all answers and predictions, one list",
    .open = json_open, .task = json_task, .close = json_close,
};

const struct format fmt_jsonl = {
    .name = "JSONL", .file = "result.jsonl", .ext = ".jsonl", .mime = "application/x-ndjson",
    .what = "the same as JSON, one task a line",
    .open = jsonl_open, .task = json_task, .close = json_close,
};
