/* bulk.c -- see bulk.h. */
#include "domain/bulk.h"

#include "core/json.h"
#include "core/str.h"
#include "domain/annotation.h"
#include "domain/audit.h"
#include "domain/bin.h"
#include "domain/filter.h"
#include "domain/lane.h"
#include "domain/prediction.h"
#include "domain/project.h"
#include "domain/run.h"
#include "domain/task.h"
#include "domain/task_set.h"
#include "store/act.h"
#include "store/db.h"
#include "store/job.h"

#define SLICE 100               /* tasks an act: a few milliseconds of the writer's time */

struct bulk {
    int64_t project, job, upto, person, of;     /* of: the job that is undone; 0: none */
    const struct action *action;
    const json_t *query;
    int64_t priority, more, *people, lane;
    int npeople;
    const char *model_version;
    bool for_good;
    struct access access;

    struct task_key *key;       /* of the slice at hand */
    int nkeys;
    int64_t after, done, left, total;
    bool bin;                   /* what was deleted can be had back */
};

typedef int one_fn(struct ctx *cx, struct bulk *b, const struct slot *was);

static int set_priority(struct ctx *cx, struct bulk *b, const struct slot *was);
static int assign(struct ctx *cx, struct bulk *b, const struct slot *was);
static int ask_more(struct ctx *cx, struct bulk *b, const struct slot *was);
static int accept_guess(struct ctx *cx, struct bulk *b, const struct slot *was);
static int drop_answers(struct ctx *cx, struct bulk *b, const struct slot *was);
static int drop_guesses(struct ctx *cx, struct bulk *b, const struct slot *was);

/* Each answers 1 when it changed the task, 0 when the task was left as it is; without one, the
 * tasks of a slice are deleted together.  undo: what was before is kept in our table. */
static const struct action {
    const char *name, *title;
    one_fn *one;
    bool undo;
} actions[] = {
    {"delete_tasks", "Delete tasks", NULL, false},
    {"delete_tasks_annotations", "Delete annotations", drop_answers, false},
    {"delete_tasks_predictions", "Delete predictions", drop_guesses, false},
    {"predictions_to_annotations", "Create annotations from predictions", accept_guess, false},
    {"priority", "Set the priority", set_priority, true},
    {"assign", "Assign to people", assign, true},
    {"ask", "Ask for more answers", ask_more, true},
};

static const struct action *find(const char *name)
{
    for (size_t i = 0; name && i < sizeof actions / sizeof *actions; i++)
        if (strcmp(actions[i].name, name) == 0)
            return &actions[i];
    return NULL;
}

/* ---- what was asked for ------------------------------------------------------------------ */

static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int read_people(struct ctx *cx, const json_t *list, struct bulk *b)
{
    size_t i;
    json_t *one;
    int64_t role;

    if (!json_is_array(list) || json_array_size(list) > BULK_PEOPLE)
        return fail_at(cx, E_INVALID, "args.people", "Name at most %d people, by their ids.",
                       BULK_PEOPLE);
    b->people = NEW_N(cx, int64_t, json_array_size(list) + 1);
    json_array_foreach((json_t *)list, i, one) {
        int64_t person = json_integer_value(one);
        int rc = cx->db ? db_int(cx, &role,
                                 "SELECT role FROM member WHERE project_id = ? AND person_id = ?"
                                 " AND ended_ms IS NULL", "ii", b->project, person) : 1;

        if (rc < 0)
            return rc;
        if (rc == 0)
            return fail_at(cx, E_INVALID, "args.people", "Person %lld is no member of this "
                           "project.", (long long)person);
        b->people[b->npeople++] = person;
    }
    qsort(b->people, (size_t)b->npeople, sizeof *b->people, compare_ids);
    return 0;
}

/* A whole number, or absent where that may be. */
static int read_number(struct ctx *cx, const json_t *args, const char *name, bool needed,
                       int64_t *out)
{
    const json_t *v = json_object_get(args, name);

    if (json_is_integer(v))
        *out = json_integer_value(v);
    else if (v || needed)
        return fail_at(cx, E_INVALID, "args", "args.%s is a whole number.", name);
    return 0;
}

static int read_args(struct ctx *cx, const json_t *args, struct bulk *b)
{
    int rc;

    b->more = 1;
    if ((rc = read_number(cx, args, "priority", b->action->one == set_priority, &b->priority)) <
            0 ||
        (rc = read_number(cx, args, "more", false, &b->more)) < 0)
        return rc;
    b->model_version = json_str(args, "model_version", "");
    b->for_good = json_flag(args, "for_good", false);
    if (b->priority < -1000000 || b->priority > 1000000)
        return fail_at(cx, E_INVALID, "args.priority",
                       "A priority is a number from -1000000 to 1000000.");
    if (b->more < 1 || b->more > 100)
        return fail_at(cx, E_INVALID, "args.more", "Ask for 1 to 100 answers more.");
    return b->action->one == assign ? read_people(cx, json_object_get(args, "people"), b) : 0;
}

static int read_ask(struct ctx *cx, int64_t project, const json_t *ask, struct bulk *b)
{
    *b = (struct bulk){.project = project, .query = json_object_get(ask, "query"),
                       .upto = json_int(ask, "upto", 0), .person = json_int(ask, "person", 0),
                       .of = json_int(ask, "undo", 0)};
    if (b->of)
        return 0;
    if (!(b->action = find(json_str(ask, "action", NULL))))
        return fail_at(cx, E_INVALID, "action", "There is no such action.");
    return read_args(cx, json_object_get(ask, "args"), b);
}

static int64_t known_total(const struct project *p, const json_t *query)
{
    const json_t *sel = json_object_get(query, "selectedItems");
    bool all = json_flag(sel, "all", true);

    if (!all)
        return (int64_t)json_array_size(json_object_get(sel, "included"));
    if (json_array_size(json_object_get(json_object_get(query, "filters"), "items")) ||
        json_array_size(json_object_get(json_object_get(query, "filters"), "also")))
        return 0;
    return p->count.tasks - (int64_t)json_array_size(json_object_get(sel, "excluded"));
}

int bulk_begin(struct ctx *cx, int64_t project, const json_t *ask, int64_t *job, int64_t *total)
{
    json_t *arg = json_keep(cx, json_object()), *query;
    struct task_filter f;
    struct project p;
    struct bulk b;
    int64_t upto = 0;
    int rc;

    if ((rc = read_ask(cx, project, ask, &b)) < 0)
        return rc;
    query = b.query ? json_copy((json_t *)b.query) : json_object();
    json_object_del(query, "ordering");         /* the order is that of the ids */
    json_object_set_new(arg, "query", query);
    if ((rc = filter_compile(cx, project, query, false, &f)) < 0 ||
        (rc = project_get(cx, project, &p)) < 0 ||
        (rc = db_int(cx, &upto, "SELECT MAX(id) FROM task WHERE project_id = ?", "i", project)) < 0)
        return rc;
    json_object_set_new(arg, "action", json_string(b.action->name));
    if (json_object_get(ask, "args"))
        json_object_set(arg, "args", json_object_get(ask, "args"));
    json_object_set_new(arg, "upto", json_integer(upto));
    json_object_set_new(arg, "person", json_integer(cx->who.person));
    *total = known_total(&p, query);
    if ((rc = job_add(cx, project, "bulk", NULL, json_text(cx, arg), cx->now, job)) < 0)
        return rc;
    return audit(cx, project, "bulk.begin", *job, "{\"action\":\"%s\"}", b.action->name);
}

int bulk_undo(struct ctx *cx, int64_t project, int64_t of, int64_t *job, int64_t *total)
{
    struct deletion d;
    struct job j;
    int rc = job_get(cx, of, &j);

    if (rc == E_NOTFOUND || (rc >= 0 && (j.project != project || strcmp(j.kind, "bulk") != 0)))
        return fail(cx, E_NOTFOUND, "There is no job %lld.", (long long)of);
    if (rc < 0 || (rc = bin_of_job(cx, project, of, &d)) < 0)
        return rc;
    if (rc > 0 && d.tasks > 0)
        return bin_restore(cx, project, d.id, job, total);
    if (strcmp(j.state, "waiting") == 0 || strcmp(j.state, "running") == 0)
        return fail(cx, E_CHANGED, "The job is at work still; stop it first, or wait until it has"
                    " ended.");
    if ((rc = db_int(cx, total, "SELECT COUNT(*) FROM undo WHERE project_id = ?"
                                " AND job_id = ?", "ii", project, of)) < 0)
        return rc;
    if (*total == 0)
        return fail(cx, E_STALE, "This cannot be undone any more.");
    rc = job_add(cx, project, "bulk", NULL,
                 talloc_asprintf(cx->mem, "{\"undo\":%lld,\"person\":%lld}", (long long)of,
                                 (long long)cx->who.person), cx->now, job);
    return rc < 0 ? rc : audit(cx, project, "bulk.undo", *job, "{\"of\":%lld}", (long long)of);
}

/* ---- one task ---------------------------------------------------------------------------- */

static int64_t id_of(const struct bulk *b, int i)
{
    return b->key[i].id;
}

static int set_priority(struct ctx *cx, struct bulk *b, const struct slot *was)
{
    return slot_prioritise(cx, b->project, was->task, b->priority);
}

static int assign(struct ctx *cx, struct bulk *b, const struct slot *was)
{
    int rc = 0;

    if (b->npeople && !b->lane)
        rc = lane_for_people(cx, b->project, b->people, b->npeople, &b->lane);
    return rc < 0 ? rc : slot_move(cx, b->project, was->task, b->lane, was->priority);
}

static int ask_more(struct ctx *cx, struct bulk *b, const struct slot *was)
{
    int64_t want = was->required + b->more;
    int rc = slot_require(cx, b->project, was->task, want > LIMIT_OVERLAP ? LIMIT_OVERLAP : want);

    return rc <= 0 ? rc : (rc = annotation_recount(cx, b->project, was->task, was)) < 0 ? rc : 1;
}

static int accept_guess(struct ctx *cx, struct bulk *b, const struct slot *was)
{
    struct annotation_new new = {.person = b->person, .origin = "api"};
    struct prediction p;
    json_t *parsed;
    bool made = false;
    int rc = prediction_newest(cx, b->project, was->task, b->model_version, &p);

    if (rc <= 0)
        return rc;
    if ((rc = json_stored(cx, p.result, p.nresult, &parsed)) < 0)
        return rc;
    new.result = p.result;
    new.nresult = p.nresult;
    new.parsed = parsed;
    new.parent_prediction = p.id;
    new.unique_id = talloc_asprintf(cx->mem, "prediction:%lld:%lld", (long long)p.id,
                                    (long long)b->person);
    rc = annotation_accept(cx, &b->access, was->task, &new, &made);
    if (rc == E_INVALID) {      /* a guess that is no whole answer is left alone */
        fail_clear(cx);
        return 0;
    }
    return rc < 0 ? rc : made;
}

static int drop_answers(struct ctx *cx, struct bulk *b, const struct slot *was)
{
    struct annotation *a;
    int n, rc = annotation_list(cx, &b->access, was->task, &a, &n);

    for (int i = 0; i < n && rc >= 0; i++)
        rc = annotation_remove(cx, a[i].id);
    return rc < 0 ? rc : n > 0;
}

static int drop_guesses(struct ctx *cx, struct bulk *b, const struct slot *was)
{
    return prediction_clear(cx, b->project, tasks_of(cx, &was->task, 1));
}

/* ---- a slice ----------------------------------------------------------------------------- */

static int pick(struct ctx *cx, void *arg)
{
    struct bulk *b = arg;
    struct task_key after = {.id = b->after}, upto = {.id = b->upto};
    struct task_filter f;
    int rc = filter_compile(cx, b->project, b->query, false, &f);

    return rc < 0 ? rc : task_keys(cx, b->project, &f, &after, &upto, SLICE, &b->key, &b->nkeys);
}

static int count(struct ctx *cx, void *arg)
{
    struct bulk *b = arg;
    struct task_filter f;
    int rc = filter_compile(cx, b->project, b->query, true, &f);

    return rc < 0 ? rc : task_total(cx, b->project, &f, &b->total);
}

static int note_was(struct ctx *cx, const struct bulk *b, const struct slot *was)
{
    return db_run(cx, "INSERT INTO undo(project_id, job_id, task_id, priority, required, lane)"
                      " VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT(project_id, job_id, task_id)"
                      " DO NOTHING", "iiiiii", b->project, b->job, was->task, was->priority,
                  was->required, was->lane);
}

/* 1 changed, 0 left alone. */
static int one_task(struct ctx *cx, struct bulk *b, int64_t task)
{
    struct slot was;
    int rc = slot_hold(cx, b->project, task, &was);

    if (rc == E_NOTFOUND) {     /* deleted between the look and the act */
        fail_clear(cx);
        return 0;
    }
    if (rc < 0)
        return rc;
    if (b->action->undo && (rc = note_was(cx, b, &was)) <= 0)
        return rc < 0 ? rc : 1; /* done before the job was cut short */
    return b->action->one(cx, b, &was);
}

static const struct tasks *slice_set(struct ctx *cx, const struct bulk *b)
{
    int64_t *id = NEW_N(cx, int64_t, b->nkeys + 1);

    for (int i = 0; i < b->nkeys; i++)
        id[i] = id_of(b, i);
    return tasks_of(cx, id, b->nkeys);
}

static int delete_slice(struct ctx *cx, struct bulk *b)
{
    struct bin_into into = {.job = b->job, .for_good = b->for_good};
    int n = task_delete_set(cx, b->project, &into, b->key, b->nkeys);

    if (n > 0)
        b->done += n;
    return n < 0 ? n : 0;
}

static int write_slice(struct ctx *cx, void *arg)
{
    struct bulk *b = arg;
    int done = 0, rc = access_check(cx, ON_PROJECT, b->project, MAY_MANAGE, &b->access);

    b->lane = 0;
    if (rc < 0)
        return rc;
    if (!b->action->one)
        return delete_slice(cx, b);
    if ((rc = slot_lock(cx, b->project, slice_set(cx, b))) < 0)
        return rc;
    for (int i = 0; i < b->nkeys; i++) {
        if ((rc = one_task(cx, b, id_of(b, i))) < 0)
            return rc;
        done += rc;
    }
    b->done += done;
    b->left += b->nkeys - done;
    return audit(cx, b->project, "bulk.slice", b->job,
                 "{\"action\":\"%s\",\"count\":%d,\"last\":%lld}", b->action->name, done,
                 (long long)id_of(b, b->nkeys - 1));
}

/* ---- undoing ----------------------------------------------------------------------------- */

struct before {
    int64_t task, priority, required, lane;
};

static int pick_undo(struct ctx *cx, struct bulk *b, struct before *out, int *n)
{
    struct rows *q;
    int rc = db_query(cx, &q, "SELECT task_id, priority, required, lane FROM undo WHERE"
                              " project_id = ? AND job_id = ? AND task_id > ? ORDER BY task_id"
                              " LIMIT ?", "iiii", b->project, b->of, b->after, (int64_t)SLICE);

    *n = 0;
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        out[(*n)++] = (struct before){rows_int(q, 0), rows_int(q, 1), rows_int(q, 2),
                                      rows_int(q, 3)};
    return rc;
}

/* Its lane where that was one of people's, else the live lane of its priority; and as many answers
 * as were wanted, where not more were given since. */
static int put_back(struct ctx *cx, struct bulk *b, const struct before *w)
{
    struct slot now;
    int rc = slot_hold(cx, b->project, w->task, &now);

    if (rc == E_NOTFOUND) {
        fail_clear(cx);
        return 0;
    }
    if (rc < 0)
        return rc;
    if (now.required != w->required) {
        if ((rc = slot_require(cx, b->project, w->task, w->required)) < 0 ||
            (rc > 0 && (rc = annotation_recount(cx, b->project, w->task, &now)) < 0))
            return rc;
    }
    if (now.priority != w->priority || now.lane != w->lane)
        rc = slot_move(cx, b->project, w->task, lane_is_for_people(cx, b->project, w->lane) > 0
                                                    ? w->lane : 0, w->priority);
    return rc < 0 ? rc : 1;
}

static int undo_slice(struct ctx *cx, void *arg)
{
    struct bulk *b = arg;
    struct before was[SLICE];
    int64_t id[SLICE];
    int n, rc = pick_undo(cx, b, was, &n), done = 0;

    b->nkeys = 0;
    if (rc < 0 || n == 0)
        return rc;
    for (int i = 0; i < n; i++)
        id[i] = was[i].task;
    if ((rc = slot_lock(cx, b->project, tasks_of(cx, id, n))) < 0)
        return rc;
    for (int i = 0; i < n; i++) {
        if ((rc = put_back(cx, b, &was[i])) < 0)
            return rc;
        done += rc;
    }
    b->nkeys = n;
    b->after = was[n - 1].task;
    b->done += done;
    if ((rc = db_run(cx, "DELETE FROM undo WHERE project_id = ? AND job_id = ? AND task_id <= ?",
                     "iii", b->project, b->of, b->after)) < 0)
        return rc;
    return audit(cx, b->project, "bulk.slice", b->job, "{\"undo\":%lld,\"count\":%d}",
                 (long long)b->of, done);
}

/* ---- the worker's side ------------------------------------------------------------------- */

static int schedule_purge(struct ctx *cx, void *arg)
{
    struct bulk *b = arg;

    return job_add(cx, b->project, "bulk_purge", NULL,
                   talloc_asprintf(cx->mem, "{\"job\":%lld}", (long long)b->job),
                   cx->now + BULK_UNDO_MS, NULL);
}

static int go(struct run *run, struct ctx *cx, struct bulk *b, bulk_tell *tell, void *tell_arg)
{
    int rc;

    do {
        struct ctx *slice;

        if (tell(tell_arg, b->done + b->left, b->total))
            return 0;
        slice = ctx_new(cx->mem);

        slice->who = cx->who;
        slice->who.person = b->person;          /* the audit names who asked for it */
        if (b->of) {
            rc = run_wait(run, slice, false, undo_slice, b);
        } else {
            rc = act_run(run_store(run), slice, ACT_READ, pick, b);
            if (rc >= 0 && b->nkeys)
                rc = run_wait(run, slice, false, write_slice, b);
            if (rc >= 0 && b->nkeys)
                b->after = id_of(b, b->nkeys - 1);
        }
        if (rc < 0)
            fail(cx, rc, "%s", slice->why ? slice->why : "It could not be done.");
        ctx_free(slice);
    } while (rc >= 0 && b->nkeys);
    return rc;
}

/* What was done, also by an earlier try of the same job; and what is for good is due now. */
static int sum_up(struct ctx *cx, void *arg)
{
    struct bulk *b = arg;
    struct deletion d;
    int rc = bin_of_job(cx, b->project, b->job, &d);

    if (rc <= 0)
        return rc;
    b->done = d.total;
    b->bin = d.ends > 0;
    return b->bin ? 0 : bin_purge_soon(cx, b->project, d.id);
}

int bulk_run(struct run *run, struct ctx *cx, int64_t job, int64_t project, const char *arg,
             bulk_tell *tell, void *tell_arg, const char **report)
{
    struct bulk b;
    json_t *ask;
    int rc = json_stored(cx, arg, strlen(arg), &ask);

    if (rc < 0)
        return rc;
    if ((rc = read_ask(cx, project, ask, &b)) < 0)
        return rc;
    b.job = job;
    if (!b.of && (rc = act_run(run_store(run), cx, ACT_READ, count, &b)) < 0)
        return rc;
    if ((rc = go(run, cx, &b, tell, tell_arg)) < 0)
        return rc;
    if (!b.of && (rc = run_wait(run, cx, true, b.action->undo ? schedule_purge : sum_up, &b)) < 0)
        return rc;
    *report = talloc_asprintf(cx->mem, "{\"done\":%lld,\"left\":%lld,\"undo\":%s}",
                              (long long)b.done, (long long)b.left,
                              !b.of && (b.action->undo || b.bin) && b.done ? "true" : "false");
    return 0;
}

struct purge {
    int64_t project, job;
    int gone;
};

static int purge_slice(struct ctx *cx, void *arg)
{
    struct purge *p = arg;

    p->gone = db_run(cx, "DELETE FROM undo WHERE project_id = ? AND job_id = ? AND task_id IN"
                         " (SELECT task_id FROM undo WHERE project_id = ? AND job_id = ?"
                         " ORDER BY task_id LIMIT ?)",
                     "iiiii", p->project, p->job, p->project, p->job, LIMIT_SLICE_ROWS);
    return p->gone < 0 ? p->gone : 0;
}

int bulk_purge(struct run *run, struct ctx *cx, int64_t project, const char *arg)
{
    struct purge p = {.project = project};
    json_t *ask;
    int rc = json_stored(cx, arg, strlen(arg), &ask);

    if (rc < 0)
        return rc;
    p.job = json_int(ask, "job", 0);
    do
        rc = run_wait(run, cx, true, purge_slice, &p);
    while (rc >= 0 && p.gone > 0);
    return rc;
}
