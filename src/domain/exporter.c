/* exporter.c -- see exporter.h. */
#include "domain/exporter.h"

#include <math.h>

#include "core/clock.h"
#include "core/str.h"
#include "domain/annotation.h"
#include "domain/audit.h"
#include "domain/config.h"
#include "domain/consensus.h"
#include "domain/draft.h"
#include "domain/exposure.h"
#include "domain/prediction.h"
#include "domain/project.h"
#include "domain/run.h"
#include "domain/task.h"
#include "store/act.h"
#include "store/db.h"

#define PAGE 200                /* tasks read in one act */
#define PAGE_SPAN 4096 /* rows between the first and the last of them, unpublished ones included   \
                        */

struct export {
    struct ctx *cx;             /* of the whole export */
    struct run *run;
    struct access access;
    const struct export_opts *o;
    struct project project;
    const struct label_config *config;
    char *xml;
    int64_t after;
    int next_id;                /* place in o->ids */
    struct export_task *page;
    int npage;
    /* what a page was read from: rows of all its tasks, by task */
    struct content *content;
    struct annotation *annotation;
    struct prediction *prediction;
    int ncontent, nannotation, nprediction;
    int at_content, at_annotation, at_prediction;
    bool over;
    struct export_done done;
};

static struct bytes bytes_str(const char *s)
{
    return (struct bytes){s, strlen(s)};
}

static const char *iso(struct ctx *cx, int64_t ms)
{
    char buf[CLOCK_ISO_SIZE];

    return talloc_strdup(cx->mem, clock_iso(buf, ms));
}

static int read_project(struct ctx *cx, void *arg)
{
    struct export *e = arg;
    int rc;

    if ((rc = project_get(cx, e->access.project, &e->project)) < 0 ||
        (rc = config_xml(cx, e->project.id, e->project.config_n, &e->xml)) < 0)
        return rc;
    return config_parsed(cx, e->project.id, e->project.config_n, &e->config);
}

/* ---- one task ---- */

static void add_annotation(struct ctx *cx, struct export_task *t, const struct annotation *a)
{
    struct export_annotation *out = &t->annotations[t->nannotations++];
    struct buf b;

    *out = (struct export_annotation){
        .id = a->id,
        .result = {a->result, a->nresult},
        .completed_by = bytes_str(talloc_asprintf(cx->mem, "%lld", (long long)a->person)),
        .was_cancelled = a->was_cancelled,
        .ground_truth = a->ground_truth,
        .created_at = iso(cx, a->created),
        .updated_at = iso(cx, a->updated),
        .lead_time = (double)a->lead_ms / 1000,
    };
    buf_init(&b, cx, 4096);
    buf_addf(&b,
             "\"task\":%lld,\"project\":%lld,\"revision\":%lld,\"counted\":%s,\"origin\":\"%s\"",
             (long long)a->task, (long long)a->project, (long long)a->n,
             a->counted ? "true" : "false", a->origin);
    buf_adds(&b, ",\"unique_id\":");
    if (a->unique_id)
        buf_add_json(&b, a->unique_id, strlen(a->unique_id));
    else
        buf_adds(&b, "null");
    if (a->parent_prediction)
        buf_addf(&b, ",\"parent_prediction\":%lld", (long long)a->parent_prediction);
    else
        buf_adds(&b, ",\"parent_prediction\":null");
    if (a->parent_annotation)
        buf_addf(&b, ",\"parent_annotation\":%lld", (long long)a->parent_annotation);
    else
        buf_adds(&b, ",\"parent_annotation\":null");
    out->extra = (struct bytes){b.s, b.n};
}

static void add_annotations(struct ctx *cx, struct export *e, struct export_task *t, int64_t task)
{
    int from, n;

    while (e->at_annotation < e->nannotation && e->annotation[e->at_annotation].task < task)
        e->at_annotation++;
    for (from = e->at_annotation, n = 0;
         from + n < e->nannotation && e->annotation[from + n].task == task;)
        n++;
    if (!n)
        return;
    t->annotations = NEW_N(cx, struct export_annotation, n);
    for (int i = 0; i < n; i++)
        add_annotation(cx, t, &e->annotation[from + i]);
}

/* The agreed answer as one annotation: the items of all controls in one result. */
static int add_consensus(struct ctx *cx, struct export *e, struct export_task *out,
                         const struct task *t)
{
    struct consensus *c;
    double least = 1;
    struct buf b;
    int n, rc = consensus_of(cx, e->project.id, t->id, &c, &n);

    if (rc < 0 || n == 0 || c[0].bad)
        return rc;
    buf_init(&b, cx, (size_t)LIMIT_RESULT_BYTES);
    buf_addc(&b, '[');
    for (int i = 0; i < n; i++) {
        if (c[i].confidence < least)
            least = c[i].confidence;
        if (c[i].nanswer <= 2)          /* "[]" */
            continue;
        if (b.n > 1)
            buf_addc(&b, ',');
        buf_add(&b, c[i].answer + 1, c[i].nanswer - 2);
    }
    if (buf_addc(&b, ']') < 0)
        return b.rc;
    out->annotations = NEW_N(cx, struct export_annotation, 1);
    out->annotations[out->nannotations++] = (struct export_annotation){
        .id = t->id,
        .result = {b.s, b.n},
        .completed_by = bytes_str("\"consensus\""),
        .created_at = iso(cx, c[0].computed ? c[0].computed : t->updated),
        .updated_at = iso(cx, c[0].computed ? c[0].computed : t->updated),
        .lead_time = (double)NAN,
        .extra = bytes_str(talloc_asprintf(
            cx->mem, "\"task\":%lld,\"project\":%lld,\"origin\":\"consensus\",\"confidence\":%.6f,"
                     "\"answers\":%lld",
            (long long)t->id, (long long)e->project.id, least,
            (long long)c[0].n)),
    };
    return 0;
}

static void add_predictions(struct ctx *cx, struct export *e, struct export_task *t, int64_t task)
{
    int from, n;

    while (e->at_prediction < e->nprediction && e->prediction[e->at_prediction].task < task)
        e->at_prediction++;
    for (from = e->at_prediction, n = 0;
         from + n < e->nprediction && e->prediction[from + n].task == task;)
        n++;
    if (!n)
        return;
    t->predictions = NEW_N(cx, struct export_prediction, n);
    for (int i = 0; i < n; i++) {
        const struct prediction *p = &e->prediction[from + i];

        t->predictions[t->npredictions++] = (struct export_prediction){
            .id = p->id,
            .result = {p->result, p->nresult},
            .score = p->score,
            .model_version = p->model_version,
            .created_at = iso(cx, p->created),
            .extra = bytes_str(talloc_asprintf(cx->mem, "\"task\":%lld,\"project\":%lld",
                                               (long long)task, (long long)e->project.id)),
        };
    }
}

static const char *task_extra(struct ctx *cx, const struct task *t)
{
    struct buf b;

    buf_init(&b, cx, 8192);
    buf_addf(&b,
             "\"drafts\":[],\"total_annotations\":%lld,\"cancelled_annotations\":%lld,"
             "\"total_predictions\":%lld,\"is_labeled\":%s,\"overlap\":%lld,\"file_upload\":",
             (long long)(t->annotations - t->slot.cancelled), (long long)t->slot.cancelled,
             (long long)t->predictions, t->slot.answered >= t->slot.required ? "true" : "false",
             (long long)t->slot.required);
    if (t->file_name)
        buf_add_json(&b, t->file_name, strlen(t->file_name));
    else
        buf_adds(&b, "null");
    return b.s;
}

/* 1 and the content; 0 when the task was deleted between two statements. */
static int content_of(struct ctx *cx, struct export *e, int64_t task, const struct content **out)
{
    struct content *one;
    int rc;

    while (e->at_content < e->ncontent && e->content[e->at_content].task < task)
        e->at_content++;
    if (e->at_content < e->ncontent && e->content[e->at_content].task == task) {
        *out = &e->content[e->at_content];
        return 1;
    }
    /* The rows of an unpublished import may have filled the span. */
    one = NEW(cx, struct content);
    rc = exposure_open(cx, &e->access, task, one);
    *out = one;
    if (rc != E_NOTFOUND)
        return rc < 0 ? rc : 1;
    fail_clear(cx);
    return 0;
}

/* 1 when the task belongs into the export. */
static int read_task(struct ctx *cx, struct export *e, const struct task *t,
                     struct export_task *out)
{
    const struct content *c;
    int rc = 0;

    if (!e->o->all_tasks && t->annotations == 0)
        return 0;
    if ((rc = content_of(cx, e, t->id, &c)) <= 0)
        return rc;
    *out = (struct export_task){
        .id = t->id,
        .inner_id = t->inner_id,
        .project = t->project,
        .data = {c->data, c->ndata},
        .meta = c->meta ? (struct bytes){c->meta, c->nmeta} : bytes_str("{}"),
        .created_at = iso(cx, t->created),
        .updated_at = iso(cx, t->updated),
        .agreement = t->agreement < 0 ? (double)NAN : t->agreement * 100,
        .extra = bytes_str(task_extra(cx, t)),
    };
    if (!e->o->consensus)
        add_annotations(cx, e, out, t->id);
    else if ((rc = add_consensus(cx, e, out, t)) < 0)
        return rc;
    if (e->o->with_predictions)
        add_predictions(cx, e, out, t->id);
    if (e->o->consensus && out->nannotations == 0 && !e->o->all_tasks)
        return 0;
    return 1;
}

/* ---- pages ---- */

static int pick(struct ctx *cx, struct export *e, struct task **t, int *n)
{
    int rc;

    if (!e->o->ids) {
        rc = task_list(cx, e->project.id, NULL, e->after, PAGE, t, n);
        e->over = *n < PAGE;
        return rc;
    }
    *t = NEW_N(cx, struct task, PAGE);
    for (*n = 0; *n < PAGE && e->next_id < e->o->nids; e->next_id++) {
        rc = task_get(cx, e->o->ids[e->next_id], &(*t)[*n]);
        if (rc == E_NOTFOUND) {
            fail_clear(cx);
            continue;
        }
        if (rc < 0)
            return rc;
        if ((*t)[*n].project == e->project.id)
            (*n)++;
    }
    e->over = e->next_id == e->o->nids;
    return 0;
}

/* Everything that stands in the tasks first … last, three statements a page. */
static int read_rows(struct ctx *cx, struct export *e, int64_t first, int64_t last)
{
    int rc;

    e->at_content = e->at_annotation = e->at_prediction = 0;
    e->ncontent = e->nannotation = e->nprediction = 0;
    if ((rc = exposure_open_range(cx, &e->access, first, last, PAGE_SPAN, &e->content,
                                  &e->ncontent)) < 0)
        return rc;
    if (!e->o->consensus && (rc = annotation_range(cx, e->project.id, first, last, &e->annotation,
                                                   &e->nannotation)) < 0)
        return rc;
    if (e->o->with_predictions && (rc = prediction_range(cx, e->project.id, first, last,
                                                         &e->prediction, &e->nprediction)) < 0)
        return rc;
    return 0;
}

static int read_page(struct ctx *cx, void *arg)
{
    struct export *e = arg;
    struct task *t;
    int n, rc;

    cx->who = e->cx->who;
    if ((rc = pick(cx, e, &t, &n)) < 0)
        return rc;
    e->page = NEW_N(cx, struct export_task, n + 1);
    e->npage = 0;
    for (int i = 0; i < n; i++) {
        /* A page of chosen ids may be scattered: then each task is a range of its own. */
        if ((e->o->ids || i == 0) &&
            (rc = read_rows(cx, e, t[i].id, e->o->ids ? t[i].id : t[n - 1].id)) < 0)
            return rc;
        if ((rc = read_task(cx, e, &t[i], &e->page[e->npage])) < 0)
            return rc;
        e->npage += rc;
        e->after = t[i].id;
    }
    return 0;
}

static int log_begin(struct ctx *cx, void *arg)
{
    struct export *e = arg;

    return audit(cx, e->project.id, "export.begin", 0, "{\"format\":\"%s\",\"answer\":\"%s\"}",
                 e->o->format->name, e->o->consensus ? "consensus" : "annotations");
}

static int log_end(struct ctx *cx, void *arg)
{
    struct export *e = arg;

    return audit(cx, e->project.id, "export.end", 0, "{\"tasks\":%lld,\"annotations\":%lld}",
                 (long long)e->done.tasks, (long long)e->done.annotations);
}

static int write_page(struct export *e, struct writer *w)
{
    int rc;

    for (int i = 0; i < e->npage; i++) {
        if ((rc = writer_task(w, &e->page[i])) < 0)
            return rc;
        e->done.tasks++;
        e->done.annotations += e->page[i].nannotations;
    }
    return 0;
}

int export_schema(struct ctx *cx, int64_t project, const struct schema **out)
{
    const struct label_config *c;
    struct project p;
    char *xml;
    int rc;

    if ((rc = project_get(cx, project, &p)) < 0 ||
        (rc = config_parsed(cx, project, p.config_n, &c)) < 0 ||
        (rc = config_xml(cx, project, p.config_n, &xml)) < 0)
        return rc;
    *out = schema_make(cx, c, xml, strlen(xml));
    return 0;
}

int export_run(struct run *run, struct ctx *cx, const struct access *a, const struct export_opts *o,
               struct sink *sink, void (*progress)(void *arg, int64_t done, int64_t total),
               void *arg, struct export_done *out)
{
    struct export *e = NEW(cx, struct export);
    const struct schema *schema;
    struct writer *w;
    int rc;

    *e = (struct export){.cx = cx, .run = run, .access = *a, .o = o};
    if ((rc = run_read(run, cx, read_project, e)) < 0)
        return rc;
    schema = schema_make(cx, e->config, e->xml, strlen(e->xml));
    if ((rc = writer_open(cx, o->format, schema, sink, &w)) < 0 ||
        (rc = run_wait(run, cx, false, log_begin, e)) < 0)
        return rc;
    while (rc == 0 && !e->over) {
        struct ctx *page = ctx_new(cx->mem);

        /* Every look of these pages is covered by the rows of log_begin and log_end. */
        rc = act_run(run_store(run), page, ACT_READ, read_page, e);
        if (rc < 0)
            fail(cx, rc, "%s", page->why ? page->why : "A page of tasks cannot be read.");
        else
            rc = write_page(e, w);
        ctx_free(page);
        if (progress)
            progress(arg, e->done.tasks, e->project.count.tasks);
    }
    if (rc < 0 || (rc = writer_close(w)) < 0)
        return rc;
    *out = e->done;
    return run_wait(run, cx, false, log_end, e);
}
