/* api_export.c -- labels go out as a stream. */
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/json.h"
#include "domain/exporter.h"
#include "domain/run.h"
#include "formats/keeps.h"
#include "http/api.h"
#include "http/field.h"
#include "http/reply.h"
#include "http/shape.h"
#include "http/stream.h"

/* Formats that Label Studio's clients name in their own way. */
static const char *format_name(struct rq *r)
{
    static const char *const names[] = { "format", "exportType", "export_type", NULL };

    for (int i = 0; names[i]; i++) {
        const char *s = query_str(r, names[i]);

        if (s && *s)
            return str_same_nocase(s, "CONLL")        ? "CONLL2003"
                   : str_same_nocase(s, "PASCAL_VOC") ? "VOC"
                                                      : s;
    }
    return "JSON";
}

int export_in(struct rq *r)
{
    struct export_opts *o = NEW(r->cx, struct export_opts);
    const char *answer = query_str(r, "answer"), *name = format_name(r);
    int64_t *ids;
    int rc;

    r->arg = o;
    if (!(o->format = format_find(name)))
        return fail_at(r->cx, E_INVALID, "format", "\"%.40s\" is no export format. There are: %s.",
                       name, format_names(r->cx));
    if (answer && strcmp(answer, "consensus") != 0 && strcmp(answer, "annotations") != 0)
        return fail_at(r->cx, E_INVALID, "answer", "An answer is annotations or consensus.");
    o->consensus = answer && strcmp(answer, "consensus") == 0;
    o->all_tasks = query_flag(r, "download_all_tasks", false);
    o->with_predictions = query_flag(r, "predictions", true);
    o->with_drafts = query_flag(r, "drafts", false);
    if ((rc = query_ids(r, query_str(r, "ids[]") ? "ids[]" : "ids", &ids, &o->nids)) < 0)
        return rc;
    o->ids = o->nids ? ids : NULL;
    return 0;
}

/* Label Studio's COCO is an archive (its pictures would lie beside); its clients unpack it. */
static bool is_zip(struct rq *r)
{
    struct export_opts *o = r->arg;

    return o->format->has_files ||
           (strcmp(o->format->name, "COCO") == 0 && !query_str(r, "format"));
}

static int produce(struct rq *r, struct ctx *cx, struct pipe *to)
{
    struct export_opts *o = r->arg;
    struct sink *sink = is_zip(r) ? sink_zip(cx, pipe_write, to)
                                : sink_stream(cx, pipe_write, to);
    struct export_done done;

    return export_run(r->run, cx, &r->access, o, sink, NULL, NULL, &done);
}

int export_start(struct rq *r)
{
    struct export_opts *o = r->arg;
    char iso[CLOCK_ISO_SIZE];
    char *day = talloc_strndup(r->cx->mem, clock_iso(iso, r->cx->now), 16);

    for (char *p = day; *p; p++) {
        if (*p == 'T' || *p == ':')
            *p = '-';
    }
    reply_attachment(r, talloc_asprintf(r->cx->mem, "project-%lld-at-%s%s", (long long)r->id[0],
                                        day, is_zip(r) ? ".zip" : o->format->ext));
    return reply_stream(r, is_zip(r) ? "application/zip" : o->format->mime, produce);
}

/* Each with what it keeps of this project's answers; one that refuses the config is disabled. */
int export_formats(struct rq *r)
{
    const struct schema *schema;
    const struct format *f;
    json_t *list;
    int rc = export_schema(r->cx, r->id[0], &schema);

    if (rc < 0)
        return rc;
    list = json_array();
    for (int i = 0; (f = format_at(i)); i++) {
        json_t *keeps = format_keeps(r->cx, f, schema);
        bool fits = json_flag(keeps, "fits", true);

        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s, s:[], s:b, s:s*, s:O, s:O}", "name", f->name,
                            "title", f->name, "description", f->what, "link", "", "tags",
                            "disabled", !fits, "why", json_str(keeps, "why", NULL), "controls",
                            json_object_get(keeps, "controls"), "loses",
                            json_object_get(keeps, "loses")));
    }
    return reply_json(r, 200, list);
}
