/* api_project.c -- projects, in Label Studio's shape with our own words beside. */
#include "core/json.h"
#include "domain/bin.h"
#include "domain/config.h"
#include "domain/impact.h"
#include "domain/member.h"
#include "domain/project.h"
#include "domain/run.h"
#include "domain/task.h"
#include "http/api.h"
#include "http/field.h"
#include "http/reply.h"
#include "http/shape.h"
#include "label/config.h"
#include "label/places.h"

#define PAGE_MOST 1000          /* a client may ask for ten million; it gets this and a next page */

struct change {
    struct project_edit e;
    json_t *echo;               /* Label Studio's other fields, kept as given */
};

/* ---- reading a form -------------------------------------------------------------------- */

struct word {
    const char *theirs, *ours;
};

static const struct word samplings[] = {
    {"Sequential sampling", "sequential"},
    {"Uniform sampling", "random"},
    {"Uncertainty sampling", "sequential"},
    {"sequential", "sequential"},
    {"random", "random"},
    {NULL, NULL},
};
static const struct word skips[] = {
    { "REQUEUE_FOR_ME", "me" }, { "REQUEUE_FOR_OTHERS", "others" }, { "IGNORE_SKIPPED", "ignore" },
    { "me", "me" }, { "others", "others" }, { "ignore", "ignore" }, { NULL, NULL },
};

static void field_word(struct field *f, const char *name, const struct word *words,
                       const char **out)
{
    const char *given = NULL;

    field_str(f, name, &given);
    if (!given)
        return;
    for (; words->theirs; words++) {
        if (strcmp(given, words->theirs) == 0) {
            *out = words->ours;
            return;
        }
    }
    f->rc = fail_at(f->r->cx, E_INVALID, name, "This is none of the words understood here.");
}

/* Of these, type does not matter: nothing here acts on them. */
static const char *const echoed[] = {
    "show_instruction", "show_skip_button", "enable_empty_annotation", "show_annotation_history",
    "color", "model_version", "is_draft", "min_annotations_to_start_training",
    "show_collab_predictions", "show_ground_truth_first", "show_overlap_first",
    "overlap_cohort_percentage", "task_data_login", "control_weights",
    "evaluate_predictions_automatically", "reveal_preannotations_interactively", "workspace",
    "pinned_at", "sampling", NULL,
};

/* {control: method}, null or "" for the project's own. */
static void read_methods(struct field *f, json_t **out)
{
    json_t *given = json_object_get(f->o, "consensus_methods");

    if (!given || json_is_null(given))
        return;
    if (json_is_object(given))
        *out = given;
    else
        f->rc = fail_at(f->r->cx, E_INVALID, "consensus_methods",
                        "This is an object: the name of a control, and its method.");
}

static int read_change(struct rq *r, struct change *c)
{
    struct field f;

    c->e = PROJECT_EDIT_NONE;
    if (field_body(r, &f) < 0)
        return f.rc;
    field_str(&f, "title", &c->e.title);
    field_str(&f, "description", &c->e.description);
    field_str(&f, "expert_instruction", &c->e.instruction);
    field_str(&f, "label_config", &c->e.xml);
    field_word(&f, "sampling", samplings, &c->e.sampling);
    field_word(&f, "skip_queue", skips, &c->e.skip_queue);
    field_str(&f, "consensus_method", &c->e.method);
    field_int(&f, "maximum_annotations", INT64_MIN, INT64_MAX, &c->e.overlap);
    read_methods(&f, &c->e.methods);
    field_int(&f, "config_version", 1, INT64_MAX, &c->e.config_was);
    field_tri(&f, "is_published", &c->e.published);
    field_tri(&f, "paused", &c->e.paused);
    field_flag(&f, "force", &c->e.force);
    if (c->e.overlap == -1 && field_has(&f, "maximum_annotations"))
        c->e.overlap = -2;                  /* -1 means "as it is"; this is out of range */
    c->echo = json_keep(r->cx, json_object());
    for (int i = 0; echoed[i]; i++) {
        json_t *v = json_object_get(f.o, echoed[i]);

        if (v)
            json_object_set(c->echo, echoed[i], v);
    }
    return f.rc;
}

int project_in(struct rq *r)
{
    struct change *c = NEW(r->cx, struct change);

    r->arg = c;
    return read_change(r, c);
}

int project_new_in(struct rq *r)
{
    int rc = project_in(r);
    struct change *c = r->arg;

    if (rc >= 0 && (!c->e.title || !*c->e.title))
        c->e.title = "New project";
    return rc;
}

/* ---- acts ------------------------------------------------------------------------------ */

static int reply_project(struct rq *r, int status, int64_t id, int role)
{
    struct project p;
    json_t *o;
    int rc;

    if ((rc = project_get(r->cx, id, &p)) < 0 || (rc = shape_project(r, &p, role, &o)) < 0)
        return rc;
    return reply_json(r, status, o);
}

int project_create(struct rq *r)
{
    struct change *c = r->arg;
    int64_t id;
    int rc;

    c->e.settings = json_text(r->cx, c->echo);
    if ((rc = project_add(r->cx, r->cx->who.org, &c->e, &id)) < 0)
        return rc;
    return reply_project(r, 201, id, ROLE_OWNER);
}

int project_show(struct rq *r)
{
    return reply_project(r, 200, r->id[0], r->access.role);
}

int project_change(struct rq *r)
{
    struct change *c = r->arg;
    struct project p;
    json_t *settings;
    int rc;

    if (json_object_size(c->echo) > 0) {
        if ((rc = project_get(r->cx, r->id[0], &p)) < 0 ||
            (rc = json_stored(r->cx, p.settings, strlen(p.settings), &settings)) < 0)
            return rc;
        json_object_update(settings, c->echo);
        c->e.settings = json_text(r->cx, settings);
    }
    if ((rc = project_set(r->cx, r->id[0], &c->e)) < 0)
        return rc;
    return reply_project(r, 200, r->id[0], r->access.role);
}

int project_drop(struct rq *r)
{
    int rc = project_delete(r->cx, r->id[0]);

    return rc < 0 ? rc : reply_empty(r, 204);
}

/* ---- the list -------------------------------------------------------------------------- */

struct list {
    json_t *results;
    int64_t skip, want;
};

static int collect(struct rq *r, const struct project_filter *f, struct list *l)
{
    struct project *p;
    int64_t after = 0;
    int n = 1, rc = 0;

    while (l->want > 0 && n > 0) {
        if ((rc = project_list(r->cx, f, after, 100, &p, &n)) < 0)
            return rc;
        for (int i = 0; i < n && l->want > 0; i++) {
            json_t *o;

            after = p[i].id;
            if (l->skip-- > 0)
                continue;
            if ((rc = shape_project(r, &p[i], ROLE_NONE, &o)) < 0)
                return rc;
            json_array_append_new(l->results, o);
            l->want--;
        }
        if (n < 100)
            break;
    }
    return 0;
}

int project_list_all(struct rq *r)
{
    int64_t page = query_int(r, "page", 1), size = query_int(r, "page_size", 30), total = 0;
    const char *order = query_str(r, "ordering");
    struct project_filter f = { .newest_first = !order || strstr(order, "-") != NULL };
    struct list l = { .results = json_keep(r->cx, json_array()) };
    int64_t *ids;
    int rc;

    f.title = query_str(r, "title") ? query_str(r, "title") : query_str(r, "search");
    if (f.title && !*f.title)
        f.title = NULL;
    if ((rc = query_ids(r, "ids", &ids, &f.nids)) < 0)
        return rc;
    f.ids = f.nids ? ids : NULL;
    size = size < 1 ? 30 : size > PAGE_MOST ? PAGE_MOST : size;
    page = page < 1 ? 1 : page > 1000000 ? 1000000 : page;
    l.skip = (page - 1) * size;
    l.want = size;
    if ((rc = project_total(r->cx, &f, &total)) < 0 || (rc = collect(r, &f, &l)) < 0)
        return rc;
    if (page > 1 && json_array_size(l.results) == 0)
        return fail(r->cx, E_NOTFOUND, "Invalid page."); /* Label Studio's pager stops at this */
    return reply_json(r, 200, reply_page(r, total, (int)page, (int)size, json_incref(l.results)));
}

/* ---- the labelling config on its own ---------------------------------------------------- */

int config_in(struct rq *r)
{
    struct label_config *config;
    struct field f;
    const char *xml = NULL;

    if (field_body(r, &f) < 0)
        return f.rc;
    field_need(&f, "label_config");
    field_str(&f, "label_config", &xml);
    r->arg = (void *)(uintptr_t)xml;
    return f.rc < 0 ? f.rc : label_parse(r->cx, xml, strlen(xml), &config);
}

int config_valid(struct rq *r)
{
    return reply_json(r, 200, json_pack("{s:s}", "label_config", r->arg));
}

static json_t *fix_of(const struct label_fix *f)
{
    return f->text ? json_pack("{s:s*, s:s*, s:s}", "attr", f->attr, "was", f->was, "text", f->text)
                   : NULL;
}

static json_t *problems(const struct label_config *c, bool errors)
{
    json_t *list = json_array();

    for (int i = 0; i < c->nproblems; i++) {
        const struct label_problem *p = &c->problems[i];

        if (p->is_error == errors)
            json_array_append_new(list, json_pack("{s:i, s:i, s:s, s:o*}", "line", p->line,
                                                  "column", p->column, "why", p->why, "fix",
                                                  fix_of(&p->fix)));
    }
    return list;
}

/* The XML itself is the body.  Wrong XML is an answer here, with its places, and status 400. */
int config_parse_in(struct rq *r)
{
    struct label_config *c;
    int rc = label_parse(r->cx, r->body ? r->body : "", r->nbody, &c);

    if (rc < 0 && rc != E_INVALID)
        return rc;
    r->arg = c;
    return 0;
}

static int reply_problems(struct rq *r, const struct label_config *c)
{
    return reply_json(r, 400, json_pack("{s:s, s:s, s:o, s:o}", "detail",
                                        "The labelling config has errors.", "code", "E_INVALID",
                                        "errors", problems(c, true), "warnings",
                                        problems(c, false)));
}

int config_parse(struct rq *r)
{
    struct label_config *c = r->arg;
    json_t *tree;

    if (c->nerrors > 0 || !c->root)
        return reply_problems(r, c);
    tree = query_flag(r, "places", false) ? label_tree_placed(r->cx, c, r->body, r->nbody)
                                          : label_tree(r->cx, c);
    return reply_json(r, 200, json_pack("{s:O, s:[], s:o}", "tree", tree, "errors",
                                        "warnings", problems(c, false)));
}

int config_impact(struct rq *r)
{
    struct label_config *c = r->arg;
    json_t *o;
    int rc;

    if (c->nerrors > 0 || !c->root)
        return reply_problems(r, c);
    if ((rc = impact_of(r->cx, r->id[0], c, &o)) < 0)
        return rc;
    return reply_json(r, 200, json_incref(o));
}

/* What the annotate page needs before its first task: the config as a tree, the guidelines. */
int project_work(struct rq *r)
{
    const struct label_config *c;
    struct project p;
    int rc;

    if ((rc = project_get(r->cx, r->id[0], &p)) < 0 ||
        (rc = config_parsed(r->cx, p.id, p.config_n, &c)) < 0)
        return rc;
    return reply_json(r, 200,
                      json_pack("{s:{s:I, s:s, s:I, s:s}, s:O, s:I, s:{s:s, s:I}}",
                                "project", "id", (json_int_t)p.id, "title", p.title, "overlap",
                                (json_int_t)p.overlap, "skip", p.skip_queue, "tree",
                                label_tree(r->cx, c), "config_version", (json_int_t)p.config_n,
                                "instruction", "text", p.instruction ? p.instruction : "",
                                "version", (json_int_t)p.instr_n));
}

/* ---- all tasks of a project go, slice by slice ------------------------------------------ */

struct slice {
    int64_t project;
    struct bin_into into;
    int n;
};

static int delete_slice(struct ctx *cx, void *arg)
{
    struct slice *s = arg;

    s->n = task_delete_some(cx, s->project, &s->into);
    return s->n < 0 ? s->n : 0;
}

static int delete_end(struct ctx *cx, void *arg)
{
    struct slice *s = arg;

    return s->into.for_good && s->into.id ? bin_purge_soon(cx, s->project, s->into.id) : 0;
}

static int delete_rest(struct rq *r)
{
    struct slice s = { .project = r->id[0],
                       .into = { .for_good = query_flag(r, "for_good", false) } };
    int rc;

    do {
        if ((rc = run_wait(r->run, r->cx, false, delete_slice, &s)) < 0)
            return rc;
    } while (s.n > 0);
    if ((rc = run_wait(r->run, r->cx, true, delete_end, &s)) < 0)
        return rc;
    return reply_empty(r, 204);
}

int project_empty(struct rq *r)
{
    r->after = delete_rest;
    return 0;
}
