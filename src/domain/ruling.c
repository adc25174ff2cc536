/* ruling.c -- see ruling.h. */
#include "domain/ruling.h"

#include "core/id.h"
#include "core/json.h"
#include "core/str.h"
#include "domain/agreement.h"
#include "domain/audit.h"
#include "domain/config.h"
#include "domain/consensus.h"
#include "domain/exposure.h"
#include "domain/lane.h"
#include "domain/project.h"
#include "domain/task_set.h"
#include "label/answer.h"
#include "store/db.h"

/* ---- reading ---- */

int ruling_of(struct ctx *cx, int64_t project, int64_t task, struct ruling *out)
{
    struct rows *q;
    int rc = db_query(cx, &q,
                      "SELECT r.task_id, COALESCE(r.annotation_id, 0), r.person_id, r.made_ms,"
                      " r.kind, r.reason FROM ruling r WHERE r.project_id = ? AND r.task_id = ?",
                      "ii", project, task);

    if (rc < 0 || (rc = rows_next(q)) <= 0)
        return rc;
    *out = (struct ruling){rows_int(q, 0), rows_int(q, 1),       rows_int(q, 2),
                           rows_int(q, 3), rows_text_keep(q, 4), rows_text_keep(q, 5)};
    rows_end(q);
    return 1;
}

/* An order of its own for each task, which tells nothing about who or when. */
static uint64_t shuffled(int64_t task, int64_t annotation)
{
    uint64_t x = (uint64_t)annotation * 0x9e3779b97f4a7c15ULL + (uint64_t)task;

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

static int by_lot(const void *x, const void *y)
{
    const struct annotation *a = x, *b = y;
    uint64_t p = shuffled(a->task, a->id), q = shuffled(b->task, b->id);

    return p < q ? -1 : p > q;
}

/* The counted answers of a task, in the order of their numbers. */
static int answers(struct ctx *cx, const struct access *a, int64_t task, struct dispute_view *v)
{
    struct access core = *a;
    struct annotation *all;
    int n, rc;

    core.core = true;
    if ((rc = annotation_list(cx, &core, task, &all, &n)) < 0)
        return rc;
    v->answer = all;
    v->n = 0;
    for (int i = 0; i < n; i++)
        if (all[i].counted && !all[i].was_cancelled && !all[i].ground_truth)
            v->answer[v->n++] = all[i];
    qsort(v->answer, (size_t)v->n, sizeof *v->answer, by_lot);
    return 0;
}

/* How far each two agree, from the table that consensus wrote. */
static int pairs(struct ctx *cx, int64_t project, int64_t task, struct dispute_view *v)
{
    struct rows *q;
    int rc = agreement_of(cx, project, task, &v->agreement);

    if (rc <= 0) {
        v->agreement = -1;
        return rc;
    }
    v->pair = NEW_N(cx, double, v->n * v->n + 1);
    rc = db_query(cx, &q,
                  "SELECT a_person, b_person, value FROM agreement_pair"
                  " WHERE project_id = ? AND task_id = ?",
                  "ii", project, task);
    while (rc >= 0 && (rc = rows_next(q)) > 0)
        for (int i = 0; i < v->n; i++)
            for (int j = 0; j < v->n; j++)
                if (v->answer[i].person == rows_int(q, 0) &&
                    v->answer[j].person == rows_int(q, 1))
                    v->pair[i * v->n + j] = v->pair[j * v->n + i] = rows_num(q, 2);
    for (int i = 0; i < v->n; i++)
        v->pair[i * v->n + i] = 1;
    return rc;
}

static int digest(struct ctx *cx, struct dispute_view *v)
{
    char hex[ID_SHA256_HEX];
    struct buf b;

    buf_init(&b, cx, (size_t)LIMIT_OVERLAP * 48);
    for (int i = 0; i < v->n; i++)
        buf_addf(&b, "%lld.%lld ", (long long)v->answer[i].id, (long long)v->answer[i].n);
    buf_addf(&b, "%lld %lld", v->ruled ? (long long)v->ruling.annotation : -1LL,
             v->ruled ? (long long)v->ruling.made : 0LL);
    if (b.rc < 0)
        return b.rc;
    id_sha256_hex(hex, b.s, b.n);
    snprintf(v->seen, sizeof v->seen, "%.16s", hex);
    return 0;
}

static int find_ruling(struct ctx *cx, int64_t project, int64_t task, struct dispute_view *v)
{
    struct annotation own;
    int rc = ruling_of(cx, project, task, &v->ruling);

    v->ruled = rc > 0;
    if (rc <= 0 || !v->ruling.annotation)
        return rc;
    if ((rc = annotation_get(cx, v->ruling.annotation, &own)) < 0)
        return rc;
    v->result = own.result;
    v->nresult = own.nresult;
    return 0;
}

/* Members who may be lent the task and have neither answered nor skipped it. */
static int others(struct ctx *cx, int64_t project, int64_t task, int64_t *out)
{
    return db_int(cx, out,
                  "SELECT COUNT(*) FROM member m JOIN person u ON u.id = m.person_id"
                  " WHERE m.project_id = ? AND m.ended_ms IS NULL AND u.active = 1"
                  " AND u.kind = 'person' AND m.role <> ? AND m.person_id <> ?"
                  " AND NOT EXISTS (SELECT 1 FROM lease l WHERE l.project_id = m.project_id"
                  "  AND l.task_id = ? AND l.person_id = m.person_id"
                  "  AND l.state IN ('active', 'submitted', 'skipped'))",
                  "iiii", project, (int64_t)ROLE_AUDITOR, cx->who.person, task);
}

/* The task held and all that a judge must see of it, or why there is nothing to judge. */
static int view(struct ctx *cx, const struct access *a, int64_t task, struct slot *slot,
                struct dispute_view *v)
{
    int rc;

    *v = (struct dispute_view){0};
    if ((rc = slot_hold(cx, a->project, task, slot)) < 0 ||
        (rc = answers(cx, a, task, v)) < 0 || (rc = pairs(cx, a->project, task, v)) < 0 ||
        (rc = find_ruling(cx, a->project, task, v)) < 0)
        return rc;
    for (int i = 0; i < v->n; i++)
        if (v->answer[i].person == cx->who.person)
            return fail(cx, E_FORBIDDEN,
                        "You gave one of these answers: somebody else must settle this task.");
    if (!a->core && !v->ruled && !(v->agreement >= 0 && v->agreement < AGREEMENT_GOAL))
        return fail(cx, E_NOTFOUND, "There is no dispute about this task.");
    if (v->n == 0 || slot->answered < slot->required)
        return fail(cx, E_STALE, "This task waits for answers; there is nothing to settle yet.");
    return digest(cx, v);
}

int ruling_open(struct ctx *cx, const struct access *a, int64_t task, struct dispute_view *out)
{
    struct slot slot;
    int rc = view(cx, a, task, &slot, out);

    if (rc < 0 || (rc = others(cx, a->project, task, &out->others)) < 0 ||
        (!a->core && (rc = exposure_grant(cx, a, task, 0)) < 0))
        return rc;
    return audit(cx, a->project, "dispute.open", task, "{\"answers\":%d}", out->n);
}

/* ---- ruling ---- */

/* The ruling that stands, if any, goes: its answer is hidden, its row deleted. */
static int remove_old(struct ctx *cx, int64_t project, int64_t task, const struct ruling *old)
{
    int rc = 0;

    if (old->annotation && (rc = annotation_unrule(cx, old->annotation)) < 0)
        return rc;
    rc = db_run(cx, "DELETE FROM ruling WHERE project_id = ? AND task_id = ?", "ii", project, task);
    return rc < 0 ? rc : 0;
}

/* The task is settled anew, at once; its place among the disputes changes now. */
static int settle_again(struct ctx *cx, int64_t project, int64_t task, bool ruled)
{
    int rc;

    if ((rc = slot_settle_at(cx, project, task, cx->now)) < 0 ||
        (rc = consensus_want(cx, project, cx->now)) < 0)
        return rc;
    return agreement_rule(cx, project, task, ruled);
}

static int same_view(struct ctx *cx, const struct dispute_view *v, const char *seen)
{
    if (seen && strcmp(seen, v->seen) == 0)
        return 0;
    return fail(cx, E_CHANGED, "An answer changed, or somebody settled this task, since you opened"
                               " it. Look at it again.");
}

/* An answer taken as it is: its bytes. */
static int take_pick(struct ctx *cx, const struct dispute_view *v, int pick,
                     struct annotation_new *answer)
{
    const struct annotation *from;
    json_t *parsed;
    int rc;

    if (pick < 1 || pick > v->n)
        return fail_at(cx, E_INVALID, "pick", "There are answers 1 to %d.", v->n);
    from = &v->answer[pick - 1];
    if ((rc = json_stored(cx, from->result, from->nresult, &parsed)) < 0)
        return rc;
    answer->result = from->result;
    answer->nresult = from->nresult;
    answer->parsed = parsed;
    answer->parent_annotation = from->id;
    return 0;
}

int ruling_set(struct ctx *cx, const struct access *a, int64_t task, const struct ruling_new *new)
{
    const char *kind = new->bad ? "bad" : new->pick ? "pick" : "edit";
    struct annotation_new answer = new->answer;
    struct dispute_view v;
    struct slot slot;
    int64_t id = 0;
    int rc;

    if (new->reason && strlen(new->reason) > RULING_REASON_BYTES)
        return fail_at(cx, E_INVALID, "reason", "A reason has at most %d bytes.",
                       RULING_REASON_BYTES);
    if ((rc = view(cx, a, task, &slot, &v)) < 0 || (rc = same_view(cx, &v, new->seen)) < 0)
        return rc;
    if (v.ruled && (rc = remove_old(cx, a->project, task, &v.ruling)) < 0)
        return rc;
    if (!new->bad && ((new->pick && (rc = take_pick(cx, &v, new->pick, &answer)) < 0) ||
                      (rc = annotation_rule(cx, a, task, &answer, &id)) < 0))
        return rc;
    rc = db_run(cx,
                "INSERT INTO ruling(project_id, task_id, annotation_id, person_id, kind, reason,"
                " made_ms) VALUES(?, ?, ?, ?, ?, ?, ?)",
                "iioitti", a->project, task, id, cx->who.person, kind,
                new->reason ? new->reason : "", cx->now);
    if (rc < 0 || (rc = settle_again(cx, a->project, task, true)) < 0)
        return rc;
    return audit(cx, a->project, "ruling.set", task, "{\"kind\":\"%s\",\"annotation\":%lld}", kind,
                 (long long)id);
}

int ruling_drop(struct ctx *cx, int64_t project, int64_t task)
{
    int rc = db_run(cx, "DELETE FROM ruling WHERE project_id = ? AND task_id = ?", "ii", project,
                    task);

    return rc <= 0 ? rc : settle_again(cx, project, task, false);
}

int ruling_undo(struct ctx *cx, const struct access *a, int64_t task)
{
    struct ruling old;
    struct slot slot;
    int rc;

    if ((rc = slot_hold(cx, a->project, task, &slot)) < 0 ||
        (rc = ruling_of(cx, a->project, task, &old)) < 0)
        return rc;
    if (rc == 0)
        return fail(cx, E_NOTFOUND, "Nobody ruled on this task.");
    if ((rc = remove_old(cx, a->project, task, &old)) < 0 ||
        (rc = settle_again(cx, a->project, task, false)) < 0)
        return rc;
    return audit(cx, a->project, "ruling.undo", task, "{\"kind\":\"%s\"}", old.kind);
}

int ruling_more(struct ctx *cx, const struct access *a, int64_t task, const char *seen)
{
    struct dispute_view v;
    struct slot slot;
    int64_t left;
    int rc;

    if ((rc = view(cx, a, task, &slot, &v)) < 0 || (rc = same_view(cx, &v, seen)) < 0 ||
        (rc = others(cx, a->project, task, &left)) < 0)
        return rc;
    if (v.ruled)
        return fail(cx, E_STALE, "Somebody ruled on this task: take that back first.");
    if (left == 0)
        return fail(cx, E_INVALID, "Everybody in this project has answered or skipped this task."
                                   " Invite one more person first.");
    if (slot.required >= LIMIT_OVERLAP)
        return fail(cx, E_INVALID, "This task has as many answers as a task can have.");
    if ((rc = slot_require(cx, a->project, task, slot.answered + 1)) < 0 ||
        (rc = annotation_recount(cx, a->project, task, &slot)) < 0)
        return rc;
    return audit(cx, a->project, "ruling.more", task, "{\"overlap\":%lld}",
                 (long long)slot.answered + 1);
}

int ruling_forget(struct ctx *cx, int64_t project, const struct tasks *tasks)
{
    return db_run(cx, "DELETE FROM ruling WHERE project_id = ? AND " IN_TASKS, "iiit", project,
                  TASKS(tasks));
}

/* ---- in place of what was agreed ---- */

int ruling_apply(struct ctx *cx, const struct label_config *config, const json_t *result, int n,
                 struct opinions *o)
{
    struct answer *list;
    int count, rc;

    o->n = 0;
    if (!result)
        return 0;
    if ((rc = answer_split(cx, config, result, &list, &count)) < 0)
        return rc;
    o->list = NEW_N(cx, struct opinion, count + 1);
    for (int i = 0; i < count; i++) {
        json_t *items = json_keep(cx, json_array());

        /* Relations come last and have no control of their own: they go with the one before. */
        if (list[i].kind == ANSWER_RELATION && o->n)
            items = o->list[o->n - 1].answer;
        for (int k = 0; k < list[i].n; k++)
            json_array_append(items, (json_t *)list[i].items[k]);
        if (list[i].kind != ANSWER_RELATION)
            o->list[o->n++] = (struct opinion){list[i].control, "ruling", items, 1, n};
    }
    return 0;
}
