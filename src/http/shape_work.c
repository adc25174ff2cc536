/* shape_work.c -- projects, tasks, answers and predictions in answers; see shape.h. */
#include "http/shape.h"

#include <math.h>

#include "core/clock.h"
#include "core/json.h"
#include "domain/config.h"
#include "domain/draft.h"
#include "domain/exposure.h"
#include "domain/task_data.h"
#include "http/reply.h"
#include "label/config.h"

/* ---- text put together ----------------------------------------------------------------- */

void put_open(struct buf *b, json_t *members)
{
    char *s = json_text(b->cx, members);

    json_decref(members);
    buf_add(b, s, strlen(s) - 1);
    talloc_free(s);
}

void put_raw(struct buf *b, const char *key, const char *json, size_t n)
{
    buf_addf(b, ",\"%s\":", key);
    buf_add(b, json, n);
}

void put_close(struct buf *b)
{
    buf_addc(b, '}');
}

int reply_put(struct rq *r, int status, struct buf *b)
{
    if (b->rc < 0)
        return fail(r->cx, b->rc,
                    "This answer would be larger than %d MiB. Ask for a smaller page.",
                    ANSWER_BYTES >> 20);
    return reply_bytes(r, status, "application/json", b->s ? b->s : "", b->n);
}

/* ---- projects -------------------------------------------------------------------------- */

/* Label Studio's fields that mean nothing here: kept and echoed as they were given. */
static const char echoed[] =
    "{\"show_instruction\":false,\"show_skip_button\":true,\"enable_empty_annotation\":true,"
    "\"show_annotation_history\":false,\"color\":\"#FFFFFF\",\"model_version\":\"\",\"is_draft\":"
    "false,"
    "\"min_annotations_to_start_training\":0,\"show_collab_predictions\":true,"
    "\"show_ground_truth_first\":false,\"show_overlap_first\":false,"
    "\"overlap_cohort_percentage\":100,\"task_data_login\":null,\"control_weights\":{},"
    "\"evaluate_predictions_automatically\":false,\"reveal_preannotations_interactively\":false,"
    "\"workspace\":null,\"pinned_at\":null,\"ground_truth_number\":0}";

static const char *sampling_name(const struct project *p, const char *given)
{
    bool random = strcmp(p->sampling, "random") == 0;

    if (given && (strcmp(given, "Uniform sampling") == 0) == random)
        return given;
    return random ? "Uniform sampling" : "Sequential sampling";
}

static const char *skip_name(const struct project *p)
{
    return strcmp(p->skip_queue, "me") == 0 ? "REQUEUE_FOR_ME"
         : strcmp(p->skip_queue, "ignore") == 0 ? "IGNORE_SKIPPED" : "REQUEUE_FOR_OTHERS";
}

static json_t *creator(struct rq *r, int64_t id)
{
    struct user u;

    if (id == 0)
        return json_null();
    if (user_get(r->cx, id, &u) >= 0)
        return shape_user(&u);
    fail_clear(r->cx);                  /* not everybody may know who that is */
    return json_pack("{s:I, s:s, s:s, s:s}", "id", (json_int_t)id, "email", "", "first_name", "",
                     "last_name", "");
}

static void counts(json_t *o, const struct project *p)
{
    const struct project_counts *c = &p->count;
    json_t *more = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
                             "task_number", (json_int_t)c->tasks,
                             "finished_task_number", (json_int_t)c->finished,
                             "num_tasks_with_annotations", (json_int_t)c->touched,
                             "total_annotations_number", (json_int_t)c->annotations,
                             "useful_annotation_number", (json_int_t)c->annotations,
                             "skipped_annotations_number", (json_int_t)c->skipped,
                             "total_predictions_number", (json_int_t)c->predictions,
                             "queue_total", (json_int_t)c->tasks,
                             "queue_done", (json_int_t)c->finished);

    json_object_update(o, more);
    json_decref(more);
}

static void own_words(json_t *o, const struct project *p, const char *xml, int role,
                      const char *sampling)
{
    json_t *more = json_pack(
        "{s:I, s:s, s:s, s:s, s:s, s:I, s:I, s:b, s:b, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:I, "
        "s:I, s:{}, s:{}, s:b}",
        "id", (json_int_t)p->id, "title", p->title, "description", p->description,
        "expert_instruction", p->instruction, "label_config", xml, "maximum_annotations",
        (json_int_t)p->overlap, "organization", (json_int_t)p->org, "is_published", p->published,
        "paused", p->paused, "sampling", sampling_name(p, sampling), "skip_queue", skip_name(p),
        "consensus_method", p->method, "consensus_methods",
        json_loads(p->methods, 0, NULL), "created_at", json_time(p->created), "updated_at",
        json_time(p->updated), "my_role", shape_role(role), "config_version",
        (json_int_t)p->config_n, "instruction_version", (json_int_t)p->instr_n,
        "assignment_settings", "review_settings", "config_has_control_tags", 1);

    json_object_update(o, more);
    json_decref(more);
}

int shape_project(struct rq *r, const struct project *p, int role, json_t **out)
{
    const struct label_config *config;
    json_t *settings = NULL, *o = json_loads(echoed, 0, NULL);
    const char *sampling;
    char *xml;
    int rc;

    json_keep(r->cx, o);
    if ((rc = config_xml(r->cx, p->id, p->config_n, &xml)) < 0 ||
        (rc = config_parsed(r->cx, p->id, p->config_n, &config)) < 0 ||
        (rc = json_stored(r->cx, p->settings, strlen(p->settings), &settings)) < 0)
        return rc;
    sampling = json_str(settings, "sampling", NULL);
    json_object_update(o, settings);
    own_words(o, p, xml, role, sampling);
    counts(o, p);
    json_object_set(o, "parsed_label_config", label_parsed(r->cx, config));
    json_object_set_new(o, "config_has_control_tags", json_boolean(config->ncontrols > 0));
    json_object_set_new(o, "created_by", creator(r, p->created_by));
    *out = json_incref(o);
    return 0;
}

/* ---- answers --------------------------------------------------------------------------- */

static json_t *ago(int64_t ms)
{
    int64_t min = ms < 0 ? 0 : ms / 60000;
    int64_t n = min < 60 ? min : min < 1440 ? min / 60 : min / 1440;
    const char *what = min < 60 ? "minute" : min < 1440 ? "hour" : "day";

    return json_sprintf("%lld %s%s", (long long)n, what, n == 1 ? "" : "s");
}

static json_t *id_or_null(int64_t id)
{
    return id ? json_integer(id) : json_null();
}

void put_annotation(struct buf *b, const struct annotation *a)
{
    json_t *o = json_pack("{s:I, s:I, s:I, s:I, s:o, s:o, s:f, s:b, s:b}", "id", (json_int_t)a->id,
                          "task", (json_int_t)a->task, "project", (json_int_t)a->project,
                          "completed_by", (json_int_t)a->person,
                          "created_at", json_time(a->created), "updated_at", json_time(a->updated),
                          "lead_time", (double)a->lead_ms / 1000.0,
                          "ground_truth", a->ground_truth, "was_cancelled", a->was_cancelled);
    json_t *more = json_pack(
        "{s:s?, s:o, s:s?, s:s, s:I, s:b, s:b, s:o, s:o, s:n, s:n, s:n}", "created_username",
        a->author, "created_ago", ago(b->cx->now - a->created), "unique_id", a->unique_id, "origin",
        a->origin, "revision", (json_int_t)a->n, "counted", a->counted, "late", a->late,
        "parent_prediction", id_or_null(a->parent_prediction), "parent_annotation",
        id_or_null(a->parent_annotation), "draft_created_at", "last_action", "last_created_by");

    json_object_update(o, more);
    json_decref(more);
    put_open(b, o);
    put_raw(b, "result", a->nresult ? a->result : "[]", a->nresult ? a->nresult : 2);
    put_close(b);
}

void put_prediction(struct buf *b, const struct prediction *p)
{
    put_open(b, json_pack("{s:I, s:I, s:I, s:o, s:s, s:o, s:o, s:o}", "id", (json_int_t)p->id,
                          "task", (json_int_t)p->task, "project", (json_int_t)p->project,
                          "score", isnan(p->score) ? json_null() : json_real(p->score),
                          "model_version", p->model_version,
                          "created_at", json_time(p->created), "updated_at", json_time(p->updated),
                          "created_ago", ago(b->cx->now - p->created)));
    put_raw(b, "result", p->nresult ? p->result : "[]", p->nresult ? p->nresult : 2);
    put_close(b);
}

/* ---- tasks ----------------------------------------------------------------------------- */

static const char *state_of(const struct task *t)
{
    return t->slot.answered >= t->slot.required ? "settled"
         : t->slot.answered + t->slot.leased > 0 ? "started" : "waiting";
}

/* `lent`: may the caller read the content?  A prediction quotes it. */
static int put_answers(struct rq *r, struct buf *b, const struct task *t, bool lent, double *lead,
                       json_t *people)
{
    struct annotation *a;
    struct prediction *p;
    struct draft d;
    int n, np = 0, rc;

    if ((rc = annotation_list(r->cx, &r->access, t->id, &a, &n)) < 0 ||
        (lent && (rc = prediction_list(r->cx, t->project, t->id, &p, &np)) < 0))
        return rc;
    buf_adds(b, ",\"annotations\":[");
    for (int i = 0; i < n; i++) {
        if (i)
            buf_addc(b, ',');
        put_annotation(b, &a[i]);
        *lead += (double)a[i].lead_ms / 1000.0 / n;
        json_array_append_new(people, json_integer(a[i].person));
    }
    buf_adds(b, "],\"predictions\":[");
    for (int i = 0; i < np; i++) {
        if (i)
            buf_addc(b, ',');
        put_prediction(b, &p[i]);
    }
    buf_adds(b, "],\"drafts\":[");
    if ((rc = draft_get(r->cx, t->project, t->id, r->cx->who.person, &d)) > 0) {
        put_open(b, json_pack("{s:I, s:I, s:o, s:I}", "task", (json_int_t)t->id,
                              "user", (json_int_t)d.person, "updated_at", json_time(d.updated),
                              "counter", (json_int_t)d.counter));
        put_raw(b, "result", d.result, d.nresult);
        put_close(b);
    }
    buf_addc(b, ']');
    return rc < 0 ? rc : 0;
}

static json_t *task_members(struct rq *r, const struct task *t)
{
    bool sees = r->access.role != ROLE_ANNOTATOR;       /* blind: numbers only about oneself */
    json_t *o = json_pack("{s:I, s:I, s:I, s:o, s:o, s:b, s:I, s:I, s:I, s:I, s:I}",
                          "id", (json_int_t)t->id, "project", (json_int_t)t->project,
                          "inner_id", (json_int_t)t->inner_id, "created_at", json_time(t->created),
                          "updated_at", json_time(t->updated),
                          "is_labeled", t->slot.answered >= t->slot.required,
                          "overlap", (json_int_t)t->slot.required,
                          "answered", (json_int_t)t->slot.answered,
                          "total_annotations", (json_int_t)t->annotations,
                          "cancelled_annotations", (json_int_t)t->slot.cancelled,
                          "total_predictions", (json_int_t)t->predictions);
    json_t *more = json_pack(
        "{s:s, s:o, s:s?, s:s?, s:i, s:i, s:n, s:[], s:o}", "state", state_of(t), "agreement",
        sees && t->agreement >= 0 ? json_real(t->agreement) : json_null(), "file_upload",
        t->file_name, "unique_id", t->unique_id, "comment_count", 0, "unresolved_comment_count", 0,
        "last_comment_updated_at", "comment_authors", "priority", json_integer(t->slot.priority));

    json_object_update(o, more);
    json_decref(more);
    return o;
}

int put_task(struct rq *r, struct buf *b, const struct task *t, int what)
{
    struct content c = {0};
    json_t *people = json_keep(r->cx, json_array());
    double lead = 0;
    int rc = exposure_open(r->cx, &r->access, t->id, &c);

    if (rc == E_NOTFOUND)
        fail_clear(r->cx);
    else if (rc < 0)
        return rc;
    put_open(b, task_members(r, t));
    if (what & TASK_BRIEF) {
        buf_adds(b, ",\"data\":");
        if (!c.data)
            return buf_adds(b, "null");
        task_data_brief(b, c.data, c.ndata);
        return b->rc;
    }
    put_raw(b, "data", c.data ? c.data : "null", c.data ? c.ndata : 4);
    put_raw(b, "meta", c.meta ? c.meta : "{}", c.meta ? c.nmeta : 2);
    if (what & TASK_ANSWERS) {
        if ((rc = put_answers(r, b, t, c.data != NULL, &lead, people)) < 0)
            return rc;
        buf_addf(b, ",\"avg_lead_time\":%.3f,\"annotators\":", lead);
        buf_adds(b, json_text(r->cx, people));
    }
    put_close(b);
    return 0;
}
