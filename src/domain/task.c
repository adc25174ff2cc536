/* task.c -- see task.h. */
#include "domain/task.h"

#include <assert.h>

#include "core/id.h"
#include "core/json.h"
#include "core/str.h"
#include "domain/annotation.h"
#include "domain/comment.h"
#include "domain/audit.h"
#include "domain/bin.h"
#include "domain/consensus.h"
#include "domain/draft.h"
#include "domain/lease.h"
#include "domain/media.h"
#include "domain/prediction.h"
#include "domain/project.h"
#include "domain/ruling.h"
#include "domain/tally.h"
#include "domain/task_data.h"
#include "domain/task_set.h"
#include "store/db.h"
#include "store/vault.h"

int task_index_key(struct ctx *cx, int64_t project, uint8_t key[32])
{
    struct rows *q;
    size_t n;
    const void *p;
    int rc = db_query(cx, &q, "SELECT index_key FROM project WHERE id = ?", "i", project);

    if (rc < 0)
        return rc;
    if ((rc = rows_next(q)) <= 0)
        return rc < 0 ? rc : fail(cx, E_NOTFOUND, "There is no such project.");
    p = rows_blob(q, 0, &n);
    memcpy(key, p, n < 32 ? n : 32);
    rows_end(q);
    return 0;
}

void task_prepare(struct ctx *cx, int64_t project, const uint8_t key[32], struct task_new *new)
{
    struct bytes data = {new->data, new->ndata};

    task_data_digest(cx, data, new->hash);
    id_hmac_sha256(new->item, key, 32, new->hash, 32);
    new->sealed_data = vault_seal(cx, project, new->data, new->ndata);
    if (new->meta)
        new->sealed_meta = vault_seal(cx, project, new->meta, new->nmeta);
    new->nscalars = task_data_scalars(cx, data, &new->scalar);
    new->shows_files = memmem(new->data, new->ndata, "/media", 6) != NULL;
    new->is_prepared = true;
}

#define NUMBER "INSERT INTO task_field(project_id, field, task_id, num) VALUES "
#define NUMBER_ROW "(?, ?, ?, ?)"
#define WORD "INSERT INTO task_field(project_id, field, task_id, word, head) VALUES "
#define WORD_ROW "(?, ?, ?, ?, ?)"

/* The scalars on the first level, so that filters need not read content. */
static int store_fields(struct ctx *cx, int64_t project, struct task_new *const *new, int n,
                        const int64_t *id)
{
    static const char number[] = NUMBER NUMBER_ROW, numbers[] = NUMBER DB_ROWS_16(NUMBER_ROW),
                      word[] = WORD WORD_ROW, words[] = WORD DB_ROWS_16(WORD_ROW);
    struct db_batch num = {number, numbers, .cols = 4, .rows = 16},
                    text = {word, words, .cols = 5, .rows = 16};
    struct db_val *v;
    int rc;

    for (int i = 0; i < n; i++) {
        for (const struct task_scalar *f = new[i]->scalar;
             f < new[i]->scalar + new[i]->nscalars; f++) {
            if ((rc = batch_row(cx, f->is_number ? &num : &text, &v)) < 0)
                return rc;
            v[0] = db_i(project);
            v[1] = db_t(f->name);
            v[2] = db_i(id[i]);
            v[3] = f->is_number ? db_d(f->num) : db_t(f->word);
            if (!f->is_number)
                v[4] = db_t(f->head);
        }
    }
    return (rc = batch_end(cx, &num)) < 0 ? rc : batch_end(cx, &text);
}

/* Most tasks show no file of ours: a look at the bytes spares them the parsing. */
static int note_media(struct ctx *cx, int64_t project, int64_t task, const struct task_new *new)
{
    json_t *parsed;
    int rc;

    if (!new->shows_files)
        return 0;
    if ((rc = json_stored(cx, new->data, new->ndata, &parsed)) < 0)
        return rc;
    return media_note_uses(cx, project, task, parsed);
}

static int check_new(struct ctx *cx, const struct task_new *new)
{
    if (new->ndata == 0 || *new->data != '{')
        return fail_at(cx, E_INVALID, "data", "The data of a task is a JSON object.");
    if (new->ndata > (size_t)LIMIT_TASK_BYTES)
        return fail_at(cx, E_TOOBIG, "data", "The data of a task has at most %lld bytes.",
                       (long long)LIMIT_TASK_BYTES);
    if (new->unique_id && strlen(new->unique_id) > (size_t)LIMIT_NAME_BYTES)
        return fail_at(cx, E_INVALID, "unique_id", "A unique_id has at most %lld bytes.",
                       (long long)LIMIT_NAME_BYTES);
    if (new->overlap < 0 || new->overlap > LIMIT_OVERLAP)
        return fail_at(cx, E_INVALID, "overlap", "The overlap is a number from 1 to %lld.",
                       (long long)LIMIT_OVERLAP);
    return 0;
}

static int is_new(struct ctx *cx, int64_t project, const char *unique_id)
{
    int64_t other;
    int rc = db_int(cx, &other, "SELECT id FROM task WHERE project_id = ? AND unique_id = ?"
                                " AND project_id > 0", "it",
                    project, unique_id);

    if (rc <= 0)
        return rc;
    return fail_at(cx, E_EXISTS, "unique_id", "Task %lld has this unique_id already.",
                   (long long)other);
}

#define TASK                                                                                       \
    "INSERT INTO task(id, project_id, import_id, inner_id, unique_id, data, meta, hash, item_key," \
    " file_name, created_ms, updated_ms) VALUES "
#define TASK_ROW "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

static int store_rows(struct ctx *cx, int64_t project, int64_t import, int64_t inner,
                      struct task_new *const *new, int n, const int64_t *id)
{
    static const char one[] = TASK TASK_ROW, many[] = TASK DB_ROWS_8(TASK_ROW);
    struct db_batch b = {one, many, .cols = 12, .rows = 8};
    struct db_val *v;
    int rc;

    for (int i = 0; i < n; i++) {
        const struct task_new *t = new[i];

        assert(t->is_prepared);
        if ((rc = check_new(cx, t)) < 0)
            return rc;
        /* What it is compared with must be there. */
        if (t->unique_id && ((rc = batch_end(cx, &b)) < 0 ||
                             (rc = is_new(cx, project, t->unique_id)) < 0))
            return rc;
        if ((rc = batch_row(cx, &b, &v)) < 0)
            return rc;
        v[0] = db_i(id[i]);
        v[1] = db_i(project);
        v[2] = db_i(import);
        v[3] = db_i(inner + i);
        v[4] = db_t(t->unique_id);
        v[5] = db_b(t->sealed_data.p, t->sealed_data.n);
        v[6] = db_b(t->sealed_meta.p, t->sealed_meta.n);
        v[7] = db_b(t->hash, sizeof t->hash);
        v[8] = db_b(t->item, sizeof t->item);
        v[9] = db_t(t->file_name);
        v[10] = db_i(cx->now);
        v[11] = db_i(cx->now);
    }
    return batch_end(cx, &b);
}

int task_store(struct ctx *cx, int64_t project, int64_t import, int64_t inner,
               struct task_new *const *new, int n, int64_t *id)
{
    int rc;

    if ((rc = db_take_ids(cx, "task", n, id)) < 0 ||
        (rc = store_rows(cx, project, import, inner, new, n, id)) < 0 ||
        (rc = store_fields(cx, project, new, n, id)) < 0)
        return rc;
    for (int i = 0; i < n && rc >= 0; i++)
        rc = note_media(cx, project, id[i], new[i]);
    return rc < 0 ? rc : 0;
}

int task_add(struct ctx *cx, int64_t project, const struct task_new *new, int64_t *id)
{
    struct task_new made = *new, *one = &made;
    struct project p;
    uint8_t key[32];
    int64_t inner;
    int rc;

    if ((rc = check_new(cx, new)) < 0 || (rc = task_index_key(cx, project, key)) < 0)
        return rc;
    task_prepare(cx, project, key, &made);
    if ((rc = project_get(cx, project, &p)) < 0 ||
        (rc = project_take_inner(cx, project, 1, &inner)) < 0 ||
        (rc = task_store(cx, project, 0, inner, &one, 1, id)) < 0 ||
        (rc = lane_append(cx, project, *id, new->priority,
                          new->overlap ? new->overlap : p.overlap)) < 0 ||
        (rc = project_count_add(cx, project, &(struct project_counts){.tasks = 1})) < 0)
        return rc;
    return audit(cx, project, "task.add", *id, NULL);
}

static int set_data(struct ctx *cx, const struct task *t, const struct task_edit *e)
{
    struct task_new new = {.data = e->data, .ndata = e->ndata}, *one = &new;
    uint8_t key[32];
    int rc;

    if ((rc = check_new(cx, &new)) < 0 || (rc = task_index_key(cx, t->project, key)) < 0)
        return rc;
    task_prepare(cx, t->project, key, &new);
    rc = db_run(
        cx, "UPDATE task SET data = ?, hash = ?, item_key = ?, version = version + 1 WHERE id = ?",
        "bbbi", new.sealed_data.p, new.sealed_data.n, new.hash, sizeof new.hash, new.item,
        sizeof new.item, t->id);
    if (rc < 0)
        return rc;
    rc = db_run(cx, "DELETE FROM task_field WHERE project_id = ? AND task_id = ?", "ii", t->project,
                t->id);
    if (rc < 0 || (rc = store_fields(cx, t->project, &one, 1, &t->id)) < 0)
        return rc;
    return note_media(cx, t->project, t->id, &new);
}

int task_set(struct ctx *cx, int64_t id, const struct task_edit *e)
{
    struct sealed meta;
    struct task t;
    int rc;

    if ((rc = task_get(cx, id, &t)) < 0)
        return rc;
    if (e->overlap != -1 && (e->overlap < 1 || e->overlap > LIMIT_OVERLAP))
        return fail_at(cx, E_INVALID, "overlap", "The overlap is a number from 1 to %lld.",
                       (long long)LIMIT_OVERLAP);
    if (e->data && (rc = set_data(cx, &t, e)) < 0)
        return rc;
    if (e->meta) {
        meta = vault_seal(cx, t.project, e->meta, e->nmeta);
        if ((rc = db_run(cx, "UPDATE task SET meta = ? WHERE id = ?", "bi", meta.p, meta.n, id)) <
            0)
            return rc;
    }
    if (e->overlap != -1 && ((rc = slot_require(cx, t.project, id, e->overlap)) < 0 ||
                             (rc = annotation_recount(cx, t.project, id, &t.slot)) < 0))
        return rc;
    if ((rc = db_run(cx, "UPDATE task SET updated_ms = ? WHERE id = ?", "ii", cx->now, id)) < 0)
        return rc;
    return audit(cx, t.project, "task.set", id, "{\"data\":%s}", e->data ? "true" : "false");
}

static struct tasks *set_of(struct ctx *cx, const struct task *t, int n)
{
    int64_t *id = NEW_N(cx, int64_t, n + 1);

    for (int i = 0; i < n; i++)
        id[i] = t[i].id;
    return tasks_of(cx, id, n);
}

int task_require_some(struct ctx *cx, int64_t project, int64_t after, int64_t overlap,
                      int64_t *last, int *n)
{
    struct task *t;
    int rc = task_list(cx, project, NULL, after, (int)LIMIT_SLICE_ROWS, &t, n);

    if (rc >= 0 && *n)
        rc = slot_lock(cx, project, set_of(cx, t, *n));
    for (int i = 0; i < *n && rc >= 0; i++) {
        rc = slot_require(cx, project, t[i].id, overlap);
        if (rc > 0)
            rc = annotation_recount(cx, project, t[i].id, &t[i].slot);
        *last = t[i].id;
    }
    if (rc < 0 || *n == 0)
        return rc;
    return audit(cx, project, "task.set_some", 0, "{\"overlap\":%lld,\"last\":%lld}",
                 (long long)overlap, (long long)*last);
}

/* What hangs on tasks goes with them, each by its owner. */
static int forget(struct ctx *cx, int64_t project, const struct tasks *tasks)
{
    static int (*const owners[])(struct ctx *, int64_t, const struct tasks *) = {
        annotation_forget, ruling_forget, prediction_forget, comment_forget,
        draft_forget,      lease_forget,  media_forget,      slot_delete,
    };
    int rc = 0;

    for (size_t i = 0; i < sizeof owners / sizeof *owners && rc >= 0; i++)
        rc = owners[i](cx, project, tasks);
    if (rc >= 0)
        rc = db_run(cx, "DELETE FROM task_field WHERE project_id = ? AND " IN_TASKS, "iiit",
                    project, TASKS(tasks));
    if (rc >= 0)
        rc = db_run(cx,
                    "DELETE FROM task WHERE project_id = ? AND " TASK_COLUMN_IN("id"), "iiit",
                    project, TASKS(tasks));
    return rc < 0 ? rc : consensus_forget(cx, project, tasks);
}

void task_count(const struct task *t, int sign, struct project_counts *d)
{
    d->tasks += sign;
    d->finished += sign * (t->slot.answered >= t->slot.required);
    d->touched += sign * (t->slot.answered > 0);
    d->annotations += sign * t->annotations;
    d->skipped += sign * t->slot.skipped;
    d->predictions += sign * t->predictions;
}

int task_delete(struct ctx *cx, int64_t id, bool for_good)
{
    struct bin_into into = {.for_good = for_good};
    struct task_key key = {.id = id};
    struct deletion d;
    struct task t;
    int rc;

    if ((rc = task_get(cx, id, &t)) < 0 || (rc = bin_put(cx, t.project, &into, &key, 1)) < 0)
        return rc;
    if (rc == 0)
        return fail(cx, E_NOTFOUND, "There is no such task.");
    if ((rc = bin_get(cx, t.project, into.id, &d)) < 0 ||
        (d.ends == 0 && (rc = bin_empty(cx, t.project, into.id, 1)) < 0))
        return rc;
    return audit(cx, t.project, "task.delete", id, "{\"annotations\":%lld,\"for_good\":%s}",
                 (long long)t.annotations, d.ends ? "false" : "true");
}

int task_delete_set(struct ctx *cx, int64_t project, struct bin_into *into,
                    const struct task_key *key, int nkeys)
{
    int n = bin_put(cx, project, into, key, nkeys), rc;

    if (n <= 0)
        return n;
    rc = audit(cx, project, "task.delete_some", 0, "{\"count\":%d,\"first\":%lld,\"last\":%lld}",
               n, (long long)key[0].id, (long long)key[nkeys - 1].id);
    return rc < 0 ? rc : n;
}

int task_delete_some(struct ctx *cx, int64_t project, struct bin_into *into)
{
    struct task_key *key;
    int n, rc = task_keys(cx, project, NULL, NULL, NULL, (int)LIMIT_SLICE_ROWS, &key, &n);

    return rc < 0 || n == 0 ? rc : task_delete_set(cx, project, into, key, n);
}

int task_sweep(struct ctx *cx, int64_t project, int64_t import, int64_t first)
{
    int64_t *task = NEW_N(cx, int64_t, LIMIT_SLICE_ROWS);
    struct rows *q;
    int n = 0, rc;

    rc = db_query(cx, &q,
                  "SELECT id FROM task WHERE project_id = ? AND id >= ? AND import_id = ?"
                  " ORDER BY id LIMIT ?",
                  "iiii", project, first, import, LIMIT_SLICE_ROWS);
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        task[n++] = rows_int(q, 0);
    if (rc >= 0 && n)
        rc = forget(cx, project, tasks_of(cx, task, n));
    return rc < 0 ? rc : n;
}
