/* annotation.c -- see annotation.h. */
#include "domain/annotation.h"

#include <limits.h>

#include "core/json.h"
#include "domain/audit.h"
#include "domain/config.h"
#include "domain/consensus.h"
#include "domain/draft.h"
#include "domain/lane.h"
#include "domain/lease.h"
#include "domain/project.h"
#include "domain/ruling.h"
#include "domain/tally.h"
#include "domain/task_set.h"
#include "domain/user.h"
#include "label/result.h"
#include "store/db.h"
#include "store/vault.h"

#define COLUMNS                                                                                    \
    "a.id, a.project_id, a.task_id, a.person_id, a.vendor_id, a.lease_id, a.n, a.counted, a.late," \
    " a.was_cancelled, a.ground_truth, a.origin, a.unique_id, a.lead_ms, a.parent_prediction,"     \
    " a.parent_annotation, a.created_ms, a.updated_ms, a.withdrawn_ms, r.result,"                  \
    " COALESCE(u.email, u.name) FROM annotation a"                                                 \
    " JOIN revision r ON r.annotation_id = a.id AND r.n = a.n JOIN person u ON u.id = a.person_id"

static int read_row(struct ctx *cx, struct rows *q, struct annotation *a)
{
    size_t n;
    const void *sealed = rows_blob(q, 19, &n);

    *a = (struct annotation){
        .id = rows_int(q, 0),
        .project = rows_int(q, 1),
        .task = rows_int(q, 2),
        .person = rows_int(q, 3),
        .vendor = rows_int(q, 4),
        .lease = rows_int(q, 5),
        .n = rows_int(q, 6),
        .counted = rows_int(q, 7) != 0,
        .late = rows_int(q, 8) != 0,
        .was_cancelled = rows_int(q, 9) != 0,
        .ground_truth = rows_int(q, 10) != 0,
        .origin = rows_text_keep(q, 11),
        .unique_id = rows_text_keep(q, 12),
        .lead_ms = rows_int(q, 13),
        .parent_prediction = rows_int(q, 14),
        .parent_annotation = rows_int(q, 15),
        .created = rows_int(q, 16),
        .updated = rows_int(q, 17),
        .withdrawn = rows_int(q, 18),
        .author = rows_text_keep(q, 20),
    };
    sealed = talloc_memdup(cx->mem, sealed, (unsigned)n);
    return vault_open(cx, a->project, sealed, n, &a->result, &a->nresult);
}

static int read_one(struct ctx *cx, struct rows *q, struct annotation *out)
{
    int rc = rows_next(q);

    if (rc <= 0)
        return rc;
    rc = read_row(cx, q, out);
    rows_end(q);
    return rc < 0 ? rc : 1;
}

/* Rows of a query that has COLUMNS, all of them, at most `most`. */
static int read_all(struct ctx *cx, struct rows *q, int most, struct annotation **out, int *n)
{
    int cap = 16, rc;

    *out = NEW_N(cx, struct annotation, cap);
    *n = 0;
    while (*n < most && (rc = rows_next(q)) > 0) {
        if (*n == cap)
            *out = talloc_realloc(cx->mem, *out, struct annotation, (unsigned)(cap *= 2));
        if ((rc = read_row(cx, q, &(*out)[*n])) < 0)
            return rc;
        (*n)++;
    }
    rows_end(q);
    return 0;
}

/* Is the answer possible under the project's present config?  A cancelled one need not be. */
static int check(struct ctx *cx, int64_t project, const json_t *parsed, bool cancelled,
                 int64_t *config_n, int64_t *instr_n)
{
    const struct label_config *config;
    struct project p;
    int rc;

    if ((rc = project_get(cx, project, &p)) < 0 ||
        (rc = config_parsed(cx, project, p.config_n, &config)) < 0)
        return rc;
    *config_n = p.config_n;
    *instr_n = p.instr_n;
    return label_check(cx, config, NULL, parsed, cancelled ? LABEL_CHECK_DRAFT : 0);
}

/* The bytes as they came, unless a region wanted an id. */
static void bytes_of(struct ctx *cx, const struct annotation_new *new, const char **p, size_t *n)
{
    *p = new->result;
    *n = new->nresult;
    if (label_give_ids(cx, (json_t *)new->parsed) > 0) {
        *p = json_text(cx, new->parsed);
        *n = strlen(*p);
    }
}

static int add_revision(struct ctx *cx, int64_t project, int64_t id, int64_t n, const char *result,
                        size_t nresult, int64_t config_n, int64_t instr_n, int64_t active_ms,
                        const char *reason)
{
    struct sealed s = vault_seal(cx, project, result, nresult);
    int rc = db_run(cx,
                    "INSERT INTO revision(annotation_id, n, parent_n, person_id, result, config_n,"
                    " instr_n, active_ms, reason, created_ms) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    "iiiobiiiti", id, n, n - 1, cx->who.person, s.p, s.n, config_n, instr_n,
                    active_ms, reason, cx->now);

    return rc < 0 ? rc : 0;
}

/* How an answer came: decided by the caller, written here. */
struct entry {
    int64_t project, task, person, vendor, lease;
    bool counted, late;
    const char *origin;
};

static int insert(struct ctx *cx, const struct entry *e, const struct annotation_new *new,
                  int64_t config_n, int64_t instr_n, int64_t *id)
{
    const char *bytes;
    size_t n;
    int rc =
        db_int(cx, id,
               "INSERT INTO annotation(project_id, task_id, person_id, vendor_id, lease_id, n,"
               " counted, late, was_cancelled, ground_truth, origin, unique_id, lead_ms,"
               " parent_prediction, parent_annotation, created_ms, updated_ms)"
               " VALUES(?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
               "iiiiozzzzttiooii", e->project, e->task, e->person, e->vendor, e->lease, e->counted,
               e->late, new->was_cancelled, new->ground_truth, e->origin, new->unique_id,
               new->active_ms, new->parent_prediction, new->parent_annotation, cx->now, cx->now);

    if (rc < 0)
        return rc;
    bytes_of(cx, new, &bytes, &n);
    rc = add_revision(cx, e->project, *id, 1, bytes, n, config_n, instr_n, new->active_ms, NULL);
    if (rc < 0)
        return rc;
    if (!e->counted &&
        (rc = slot_tally(cx, e->project, e->task, 0, !new->was_cancelled, new->was_cancelled)) < 0)
        return rc;
    /* What is known moves every task of a method that learns from it. */
    if (new->ground_truth &&
        (rc = consensus_want(cx, e->project, cx->now + ANNOTATION_SETTLE_MS)) < 0)
        return rc;
    rc = project_count_add(cx, e->project, &(struct project_counts){.annotations = 1});
    if (rc < 0 || !tally_counts(e->origin))
        return rc;
    return tally_answer(cx, e->project, e->person, cx->now, 1, new->active_ms);
}

/* A complete task is settled again: what is true of it is known now, or no longer. */
static int truth_changed(struct ctx *cx, int64_t project, int64_t task)
{
    int64_t due = cx->now + ANNOTATION_SETTLE_MS;
    struct slot slot;
    int rc = slot_get(cx, project, task, &slot);

    if (rc < 0 || slot.answered == 0 || slot.answered < slot.required)
        return rc;
    rc = slot_settle_at(cx, project, task, due);
    return rc < 0 ? rc : consensus_want(cx, project, due);
}

int annotation_recount(struct ctx *cx, int64_t project, int64_t task, const struct slot *was)
{
    struct slot is;
    bool complete, before = was->answered >= was->required;
    struct project_counts d = {0};
    int rc = slot_get(cx, project, task, &is);

    if (rc < 0)
        return rc;
    complete = is.answered >= is.required;
    d.finished = complete - before;
    d.touched = (is.answered > 0) - (was->answered > 0);
    if ((d.finished || d.touched) && (rc = project_count_add(cx, project, &d)) < 0)
        return rc;
    if (before && !complete) {
        rc = consensus_forget(cx, project, tasks_of(cx, &task, 1));
        return rc < 0 ? rc : consensus_want(cx, project, cx->now + ANNOTATION_SETTLE_MS);
    }
    if (!complete || is.answered == 0)
        return 0;
    if ((rc = slot_settle_at(cx, project, task, cx->now + ANNOTATION_SETTLE_MS)) < 0)
        return rc;
    return consensus_want(cx, project, cx->now + ANNOTATION_SETTLE_MS);
}

/* 1 and the answer given before under this unique_id by the same person; 0 when it is new. */
static int repeated(struct ctx *cx, int64_t project, int64_t person, const char *unique_id,
                    struct annotation *out)
{
    struct rows *q;
    int rc;

    if (!unique_id)
        return 0;
    if (!*unique_id || strlen(unique_id) > (size_t)LIMIT_NAME_BYTES)
        return fail_at(cx, E_INVALID, "unique_id", "A unique_id has 1 to %lld bytes.",
                       (long long)LIMIT_NAME_BYTES);
    rc = db_query(cx, &q, "SELECT " COLUMNS " WHERE a.project_id = ? AND a.unique_id = ?"
                           " AND a.project_id > 0", "it",
                  project, unique_id);
    if (rc < 0 || (rc = read_one(cx, q, out)) <= 0)
        return rc;
    return out->person == person
               ? 1
               : fail_at(cx, E_EXISTS, "unique_id", "Another answer has this unique_id already.");
}

/*
 * Does the answer still get the slot it was lent?  Live: yes.  Ended, but of
 * the present epoch and with a slot open: yes, late.  Else it is surplus.
 */
static int take_slot(struct ctx *cx, const struct lease *l, int64_t epoch, bool *counted,
                     bool *late)
{
    int rc = 0;

    if (l->epoch == epoch && strcmp(l->state, "active") == 0) {
        *late = l->ends <= cx->now;
        rc = slot_answer(cx, l->project, l->task);
    } else if (l->epoch == epoch &&
               (strcmp(l->state, "expired") == 0 || strcmp(l->state, "released") == 0)) {
        *late = true;
        rc = slot_answer_open(cx, l->project, l->task);
    }
    *counted = rc > 0;
    return rc < 0 ? rc : 0;
}

static int submit_entry(struct ctx *cx, const struct lease *l, int64_t epoch,
                        const struct annotation_new *new, const char *origin,
                        struct annotation *out)
{
    struct entry e = {.project = l->project, .task = l->task, .person = l->person,
                      .vendor = l->vendor, .lease = l->id, .origin = origin};
    int64_t config_n, instr_n, id;
    struct slot was;
    int rc;

    if ((rc = check(cx, l->project, new->parsed, new->was_cancelled, &config_n, &instr_n)) < 0 ||
        (rc = slot_hold(cx, l->project, l->task, &was)) < 0 ||
        (rc = take_slot(cx, l, epoch, &e.counted, &e.late)) < 0 ||
        (rc = insert(cx, &e, new, config_n, instr_n, &id)) < 0)
        return rc;
    if (e.counted) {
        if ((rc = lease_state(cx, l->id, "submitted", new->active_ms)) < 0 ||
            (rc = draft_drop(cx, l->project, l->task, l->person)) < 0 ||
            (rc = annotation_recount(cx, l->project, l->task, &was)) < 0)
            return rc;
    }
    rc =
        audit(cx, l->project, "annotation.submit", id, "{\"task\":%lld,\"counted\":%s,\"late\":%s}",
              (long long)l->task, e.counted ? "true" : "false", e.late ? "true" : "false");
    return rc < 0 ? rc : annotation_get(cx, id, out);
}

int annotation_submit(struct ctx *cx, int64_t lease, int64_t epoch,
                      const struct annotation_new *new, struct annotation *out)
{
    struct lease l;
    int rc = lease_lock(cx, lease, &l);

    if (rc < 0)
        return rc;
    if (l.person != cx->who.person)
        return fail(cx, E_NOTFOUND, "There is no such lease.");
    if ((rc = repeated(cx, l.project, l.person, new->unique_id, out)) != 0)
        return rc < 0 ? rc : 0;
    if (strcmp(l.state, "submitted") == 0)
        return fail(cx, E_STALE, "You have answered this task already.");
    return submit_entry(cx, &l, epoch, new, new->origin ? new->origin : "human", out);
}

/* The author a manager's script names; themselves otherwise. */
static int author_of(struct ctx *cx, const struct access *a, const struct annotation_new *new,
                     struct who *was)
{
    *was = cx->who;
    if (!new->person || new->person == cx->who.person)
        return 0;
    if (a->role < ROLE_MANAGER)
        return fail_at(cx, E_FORBIDDEN, "completed_by",
                       "Only a manager may answer in another's name.");
    cx->who.person = new->person;
    return 0;
}

/* Claim and answer in one go, if a slot is open for the author; else the answer is surplus. */
static int place_unleased(struct ctx *cx, const struct access *a, int64_t task,
                          const struct annotation_new *new, int64_t *id, bool *counted)
{
    struct entry e = {.project = a->project, .task = task, .person = cx->who.person,
                      .vendor = a->vendor, .origin = new->origin ? new->origin : "api"};
    int64_t config_n, instr_n;
    struct slot was;
    int rc, first = 0;

    if ((rc = check(cx, a->project, new->parsed, new->was_cancelled, &config_n, &instr_n)) < 0 ||
        (rc = slot_hold(cx, a->project, task, &was)) < 0)
        return rc;
    if (!new->ground_truth && !new->was_cancelled && was.open > 0 &&
        (first = lease_imported(cx, a->project, task, cx->who.person, a->vendor)) < 0)
        return first;
    if (first && (rc = slot_answer_open(cx, a->project, task)) < 0)
        return rc;
    *counted = e.counted = first && rc > 0;
    if ((rc = insert(cx, &e, new, config_n, instr_n, id)) < 0)
        return rc;
    if (e.counted)
        return annotation_recount(cx, a->project, task, &was);
    return new->ground_truth ? truth_changed(cx, a->project, task) : 0;
}

static int add_unleased(struct ctx *cx, const struct access *a, int64_t task,
                        const struct annotation_new *new, struct annotation *out)
{
    bool counted;
    int64_t id;
    int rc = place_unleased(cx, a, task, new, &id, &counted);

    if (rc >= 0)
        rc = audit(cx, a->project, "annotation.add", id, "{\"task\":%lld,\"counted\":%s}",
                   (long long)task, counted ? "true" : "false");
    return rc < 0 ? rc : annotation_get(cx, id, out);
}

int annotation_accept(struct ctx *cx, const struct access *a, int64_t task,
                      const struct annotation_new *new, bool *made)
{
    struct annotation there;
    struct who was;
    int64_t id;
    bool counted;
    int rc = author_of(cx, a, new, &was);

    *made = false;
    if (rc < 0)
        return rc;
    if ((rc = repeated(cx, a->project, cx->who.person, new->unique_id, &there)) == 0) {
        rc = place_unleased(cx, a, task, new, &id, &counted);
        *made = rc >= 0;
    }
    cx->who = was;
    return rc < 0 ? rc : 0;
}

int annotation_add(struct ctx *cx, const struct access *a, int64_t task,
                   const struct annotation_new *new, struct annotation *out)
{
    struct lease l;
    struct who was;
    int rc;

    if ((rc = author_of(cx, a, new, &was)) < 0)
        return rc;
    if ((rc = repeated(cx, a->project, cx->who.person, new->unique_id, out)) == 0) {
        rc = lease_mine(cx, a->project, task, &l);
        if (rc > 0 && strcmp(l.state, "active") == 0 && !new->ground_truth)
            rc = submit_entry(cx, &l, l.epoch, new, new->origin ? new->origin : "api", out);
        else if (rc >= 0 && a->role < ROLE_MANAGER)
            rc = fail(cx, E_FORBIDDEN, "Take the task first: you hold no lease on it.");
        else if (rc >= 0)
            rc = add_unleased(cx, a, task, new, out);
    }
    cx->who = was;
    return rc < 0 ? rc : 0;
}

int annotation_import(struct ctx *cx, int64_t project, int64_t task, int64_t import, int64_t person,
                      int64_t vendor, bool counted, const struct annotation_new *new,
                      int64_t config_n, int64_t created, int64_t *id)
{
    int64_t at = created ? created : cx->now;
    int rc;

    if (counted && (rc = lease_imported(cx, project, task, person, vendor)) < 0)
        return rc;
    rc = db_int(cx, id,
                "INSERT INTO annotation(project_id, task_id, person_id, vendor_id, n, counted,"
                " was_cancelled, ground_truth, origin, import_id, unique_id, lead_ms, created_ms,"
                " updated_ms) VALUES(?, ?, ?, ?, 1, ?, ?, ?, 'import', ?, ?, ?, ?, ?) RETURNING id",
                "iiiizzzitiii", project, task, person, vendor, counted, new->was_cancelled,
                new->ground_truth, import, new->unique_id, new->active_ms, at, at);
    if (rc < 0)
        return rc;
    return add_revision(cx, project, *id, 1, new->result, new->nresult, config_n, 1, new->active_ms,
                        NULL);
}

int annotation_get(struct ctx *cx, int64_t id, struct annotation *out)
{
    struct rows *q;
    int rc = db_query(cx, &q, "SELECT " COLUMNS " WHERE a.id = ?", "i", id);

    if (rc < 0 || (rc = read_one(cx, q, out)) < 0)
        return rc;
    return rc && !out->withdrawn ? 0 : fail(cx, E_NOTFOUND, "There is no such annotation.");
}

/* An edit of the author or a manager; the rest may only read. */
static int may_edit(struct ctx *cx, const struct access *a, const struct annotation *old)
{
    if (a->role >= ROLE_MANAGER || a->role == ROLE_REVIEWER)
        return 0;
    if (old->person != cx->who.person)
        return fail(cx, E_NOTFOUND, "There is no such annotation.");
    return 0;
}

int annotation_set(struct ctx *cx, const struct access *a, int64_t id, int64_t seen,
                   const struct annotation_edit *e, struct annotation *out)
{
    struct annotation old;
    struct slot slot;
    int64_t config_n, instr_n;
    int rc;

    if ((rc = annotation_get(cx, id, &old)) < 0 || (rc = may_edit(cx, a, &old)) < 0 ||
        (rc = slot_hold(cx, old.project, old.task, &slot)) < 0)
        return rc;
    if (seen == 0 && a->role < ROLE_MANAGER)
        return fail(cx, E_INVALID, "Say with If-Match which revision you are changing.");
    if (seen != 0 && seen != old.n)
        return fail(cx, E_CHANGED, "Somebody saved revision %lld meanwhile; you saw %lld.",
                    (long long)old.n, (long long)seen);
    rc = check(cx, old.project, e->result ? e->parsed : json_keep(cx, json_array()),
               !e->result || e->was_cancelled == 1, &config_n, &instr_n);
    if (rc < 0)
        return rc;
    /* The number of the newest revision is the fence: of two writers one changes no row. */
    rc = db_run(cx,
                "UPDATE annotation SET n = n + 1, updated_ms = ?, lead_ms = ?, was_cancelled = ?,"
                " ground_truth = ? WHERE id = ? AND n = ?",
                "iizzii", cx->now, e->active_ms == -1 ? old.lead_ms : e->active_ms,
                e->was_cancelled == -1 ? old.was_cancelled : e->was_cancelled != 0,
                e->ground_truth == -1 ? old.ground_truth : e->ground_truth != 0, id, old.n);
    if (rc == 0)
        return fail(cx, E_CHANGED, "Somebody saved another revision meanwhile.");
    if (rc < 0)
        return rc;
    rc = add_revision(cx, old.project, id, old.n + 1, e->result ? e->result : old.result,
                      e->result ? e->nresult : old.nresult, config_n, instr_n,
                      e->active_ms == -1 ? old.lead_ms : e->active_ms, e->reason);
    if (rc < 0)
        return rc;
    if (e->active_ms != -1 && tally_counts(old.origin) &&
        (rc = tally_answer(cx, old.project, old.person, old.created, 0,
                           e->active_ms - old.lead_ms)) < 0)
        return rc;
    if (slot.answered >= slot.required && slot.answered > 0 &&
        ((rc = slot_settle_at(cx, old.project, old.task, cx->now + ANNOTATION_SETTLE_MS)) < 0 ||
         (rc = consensus_want(cx, old.project, cx->now + ANNOTATION_SETTLE_MS)) < 0))
        return rc;
    rc = audit(cx, old.project, "annotation.set", id, "{\"revision\":%lld}", (long long)old.n + 1);
    return rc < 0 ? rc : annotation_get(cx, id, out);
}

static int hide(struct ctx *cx, const struct annotation *a)
{
    int rc =
        db_run(cx,
               "UPDATE annotation SET withdrawn_ms = ?, counted = 0, unique_id = NULL WHERE id = ?"
               " AND withdrawn_ms IS NULL",
               "ii", cx->now, a->id);

    if (rc <= 0)
        return rc < 0 ? rc : fail(cx, E_NOTFOUND, "There is no such annotation.");
    rc = project_count_add(cx, a->project, &(struct project_counts){.annotations = -1});
    if (rc < 0 || !tally_counts(a->origin))
        return rc;
    return tally_answer(cx, a->project, a->person, a->created, -1, -a->lead_ms);
}

int annotation_withdraw(struct ctx *cx, int64_t id, int64_t *lease, int64_t *epoch)
{
    struct annotation a;
    struct consensus *settled;
    struct slot was;
    struct lease l;
    int n, rc;

    if ((rc = annotation_get(cx, id, &a)) < 0)
        return rc;
    if (a.person != cx->who.person || !a.lease)
        return fail(cx, E_NOTFOUND, "There is no such annotation.");
    if ((rc = lease_lock(cx, a.lease, &l)) < 0 ||
        (rc = slot_hold(cx, a.project, a.task, &was)) < 0 ||
        (rc = consensus_of(cx, a.project, a.task, &settled, &n)) < 0)
        return rc;
    if (n > 0 || cx->now - a.created > ANNOTATION_UNDO_MS)
        return fail(cx, E_STALE, "It is too late to take this answer back.");
    if ((rc = hide(cx, &a)) < 0)
        return rc;
    if (a.counted && ((rc = slot_take_again(cx, a.project, a.task)) < 0 ||
                      (rc = lease_revive(cx, a.lease)) < 0 ||
                      (rc = annotation_recount(cx, a.project, a.task, &was)) < 0))
        return rc;
    if ((rc = lease_get(cx, a.lease, &l)) < 0 ||
        (rc = draft_put(cx, a.project, a.task, a.person, a.result, a.nresult, a.lead_ms)) < 0)
        return rc;
    *lease = l.id;
    *epoch = l.epoch;
    return audit(cx, a.project, "annotation.withdraw", id, NULL);
}

static int take_out(struct ctx *cx, int64_t id, struct annotation *out)
{
    struct annotation a;
    struct slot was;
    int rc;

    if ((rc = annotation_get(cx, id, out)) < 0)
        return rc;
    a = *out;
    if ((rc = slot_hold(cx, a.project, a.task, &was)) < 0 || (rc = hide(cx, &a)) < 0)
        return rc;
    if (a.counted && ((rc = slot_reopen(cx, a.project, a.task)) < 0 ||
                      (rc = annotation_recount(cx, a.project, a.task, &was)) < 0))
        return rc;
    if (!a.counted && (rc = slot_tally(cx, a.project, a.task, 0, a.was_cancelled ? 0 : -1,
                                       a.was_cancelled ? -1 : 0)) < 0)
        return rc;
    if (a.ground_truth && (rc = truth_changed(cx, a.project, a.task)) < 0)
        return rc;
    return strcmp(a.origin, "ruling") == 0 ? ruling_drop(cx, a.project, a.task) : 0;
}

int annotation_remove(struct ctx *cx, int64_t id)
{
    struct annotation a;

    return take_out(cx, id, &a);
}

int annotation_delete(struct ctx *cx, int64_t id)
{
    struct annotation a;
    int rc = take_out(cx, id, &a);

    return rc < 0 ? rc : audit(cx, a.project, "annotation.delete", id, "{\"task\":%lld}",
                               (long long)a.task);
}

int annotation_rule(struct ctx *cx, const struct access *a, int64_t task,
                    const struct annotation_new *new, int64_t *id)
{
    struct entry e = {.project = a->project, .task = task, .person = cx->who.person,
                      .vendor = a->vendor, .origin = "ruling"};
    struct annotation_new answer = *new;
    int64_t config_n, instr_n;
    int rc = check(cx, a->project, new->parsed, false, &config_n, &instr_n);

    answer.ground_truth = true;
    return rc < 0 ? rc : insert(cx, &e, &answer, config_n, instr_n, id);
}

int annotation_unrule(struct ctx *cx, int64_t id)
{
    struct annotation a;
    int rc;

    if ((rc = annotation_get(cx, id, &a)) < 0 || (rc = hide(cx, &a)) < 0)
        return rc;
    return slot_tally(cx, a.project, a.task, 0, -1, 0);
}

int annotation_list(struct ctx *cx, const struct access *a, int64_t task, struct annotation **out,
                    int *n)
{
    struct rows *q;
    bool all = a->core || a->role == ROLE_REVIEWER;
    /* The rule: an annotator is blind to every answer but their own. */
    int rc = db_query(cx, &q,
                      "SELECT " COLUMNS " WHERE a.project_id = ? AND a.task_id = ?"
                      " AND a.withdrawn_ms IS NULL AND (? = 1 OR a.person_id = ?) ORDER BY a.id",
                      "iizi", a->project, task, all, cx->who.person);

    return rc < 0 ? rc : read_all(cx, q, (int)LIMIT_OVERLAP, out, n);
}

int annotation_range(struct ctx *cx, int64_t project, int64_t first, int64_t last,
                     struct annotation **out, int *n)
{
    struct rows *q;
    int rc =
        db_query(cx, &q,
                 "SELECT " COLUMNS " WHERE a.project_id = ? AND a.task_id >= ? AND a.task_id <= ?"
                 " AND a.withdrawn_ms IS NULL ORDER BY a.task_id, a.id",
                 "iii", project, first, last);

    return rc < 0 ? rc : read_all(cx, q, INT_MAX, out, n);
}

int annotation_own(struct ctx *cx, int64_t project, int limit, struct annotation **out, int *n)
{
    struct rows *q;
    int rc = db_query(cx, &q,
                      "SELECT " COLUMNS " WHERE a.project_id = ? AND a.person_id = ?"
                      " AND a.withdrawn_ms IS NULL ORDER BY a.id DESC LIMIT ?",
                      "iii", project, cx->who.person, (int64_t)limit);

    return rc < 0 ? rc : read_all(cx, q, limit, out, n);
}

int annotation_revisions(struct ctx *cx, int64_t id, struct revision **out, int *n)
{
    struct annotation a;
    struct rows *q;
    int rc, cap = 8;

    if ((rc = annotation_get(cx, id, &a)) < 0)
        return rc;
    rc = db_query(cx, &q,
                  "SELECT n, parent_n, person_id, config_n, active_ms, created_ms, reason, result"
                  " FROM revision WHERE annotation_id = ? ORDER BY n LIMIT ?",
                  "ii", id, LIMIT_PAGE_ROWS);
    if (rc < 0)
        return rc;
    *out = NEW_N(cx, struct revision, cap);
    *n = 0;
    while ((rc = rows_next(q)) > 0) {
        struct revision *r;
        size_t size;
        const void *sealed = rows_blob(q, 7, &size);

        if (*n == cap)
            *out = talloc_realloc(cx->mem, *out, struct revision, (unsigned)(cap *= 2));
        r = &(*out)[(*n)++];
        *r = (struct revision){rows_int(q, 0), rows_int(q, 1), rows_int(q, 2), rows_int(q, 3),
                               rows_int(q, 4), rows_int(q, 5), rows_text_keep(q, 6), NULL, 0};
        sealed = talloc_memdup(cx->mem, sealed, (unsigned)size);
        if ((rc = vault_open(cx, a.project, sealed, size, &r->result, &r->nresult)) < 0)
            return rc;
    }
    return rc;
}

int annotation_forget(struct ctx *cx, int64_t project, const struct tasks *tasks)
{
    int rc = db_run(cx,
                    "DELETE FROM revision WHERE annotation_id IN"
                    " (SELECT id FROM annotation WHERE project_id = ? AND " IN_TASKS ")",
                    "iiit", project, TASKS(tasks));

    return rc < 0 ? rc
                  : db_run(cx, "DELETE FROM annotation WHERE project_id = ? AND " IN_TASKS, "iiit",
                           project, TASKS(tasks));
}
