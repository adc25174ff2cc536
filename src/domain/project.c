/* project.c -- see project.h. */
#include "domain/project.h"

#include <jansson.h>

#include "core/id.h"
#include "core/json.h"
#include "core/str.h"
#include "domain/access.h"
#include "domain/audit.h"
#include "domain/config.h"
#include "domain/consensus.h"
#include "domain/guide.h"
#include "domain/lane.h"
#include "domain/member.h"
#include "domain/method.h"
#include "domain/notice.h"
#include "label/config.h"
#include "label/result.h"
#include "store/db.h"
#include "store/job.h"
#include "store/vault.h"

#define EMPTY_CONFIG "<View></View>"
#define CONFLICT_SCAN 1000      /* stored answers looked at when a config loses something */

static int check_word(struct ctx *cx, const char *path, const char *given, const char *const *words)
{
    struct buf b;

    if (!given)
        return 0;
    buf_init(&b, cx, 1000);
    for (int i = 0; words[i]; i++) {
        if (strcmp(given, words[i]) == 0)
            return 0;
        buf_addf(&b, "%s%s", i ? ", " : "", words[i]);
    }
    return fail_at(cx, E_INVALID, path, "\"%.40s\" is not one of: %s.", given, b.s);
}

static int check_edit(struct ctx *cx, const struct project_edit *e)
{
    static const char *const samplings[] = {"sequential", "random", NULL};
    static const char *const skips[] = {"others", "me", "ignore", NULL};
    int bad = 0;

    if (e->title && (!*e->title || strlen(e->title) > (size_t)LIMIT_NAME_BYTES))
        bad = fail_at(cx, E_INVALID, "title", "A title has 1 to %lld bytes.",
                      (long long)LIMIT_NAME_BYTES);
    if (e->description && strlen(e->description) > (size_t)LIMIT_TEXT_BYTES)
        bad = fail_at(cx, E_INVALID, "description", "The description is longer than %lld bytes.",
                      (long long)LIMIT_TEXT_BYTES);
    if (e->instruction && strlen(e->instruction) > (size_t)LIMIT_TEXT_BYTES)
        bad = fail_at(cx, E_INVALID, "expert_instruction",
                      "The instruction is longer than %lld bytes.", (long long)LIMIT_TEXT_BYTES);
    if (e->overlap != -1 && (e->overlap < 1 || e->overlap > LIMIT_OVERLAP))
        bad = fail_at(cx, E_INVALID, "maximum_annotations",
                      "The overlap is a number from 1 to %lld.", (long long)LIMIT_OVERLAP);
    if (check_word(cx, "sampling", e->sampling, samplings) < 0 ||
        check_word(cx, "skip_queue", e->skip_queue, skips) < 0)
        bad = E_INVALID;
    return bad;
}

/*
 * Do the methods fit the config?  *methods is what the project will keep: its
 * own choices, those of `old` that are not changed included.
 */
static int check_methods(struct ctx *cx, const struct label_config *c, const struct project_edit *e,
                         const char *old, bool truth, const char **methods)
{
    json_t *kept, *id;
    const char *control;
    int rc = json_stored(cx, old, strlen(old), &kept), bad = 0;

    if (rc < 0)
        return rc;
    if (e->method)
        bad = method_check(cx, c, e->method, truth);
    json_object_foreach(e->methods, control, id) {
        const char *name = json_string_value(id);

        if (json_is_null(id) || (name && !*name)) {
            json_object_del(kept, control);
        } else if (!name) {
            bad = fail_at(cx, E_INVALID, talloc_asprintf(cx->mem, "consensus_methods.%s", control),
                          "A method is named by a text.");
        } else if ((rc = method_check_control(cx, c, control, name, truth)) < 0) {
            bad = rc;
        } else {
            json_object_set(kept, control, id);
        }
    }
    *methods = json_text(cx, kept);
    if (!bad && strlen(*methods) > (size_t)LIMIT_TEXT_BYTES)
        bad = fail_at(cx, E_INVALID, "consensus_methods", "These are more choices than are kept.");
    return bad;
}

int project_lock(struct ctx *cx, int64_t id)
{
    int rc = db_run(cx, "UPDATE project SET updated_ms = updated_ms WHERE id = ?", "i", id);

    return rc < 0 ? rc : 0;
}

int project_has_truth(struct ctx *cx, int64_t id, bool *out)
{
    int64_t n = 0;
    int rc = db_int(cx, &n,
                    "SELECT COUNT(*) FROM (SELECT id FROM annotation WHERE project_id = ?"
                    " AND ground_truth = 1 AND withdrawn_ms IS NULL LIMIT 1) x",
                    "i", id);

    *out = n > 0;
    return rc < 0 ? rc : 0;
}

/* The config as it will be, and whether there are known answers. */
static int check_choices(struct ctx *cx, const struct project *p, const struct project_edit *e,
                         const char **methods)
{
    const struct label_config *c;
    struct label_config *new;
    bool truth = false;
    int rc;

    *methods = p ? p->methods : "{}";
    if (!e->method && !e->methods)
        return 0;
    if (e->xml || !p) {
        const char *xml = e->xml ? e->xml : EMPTY_CONFIG;

        if ((rc = label_parse(cx, xml, strlen(xml), &new)) < 0)
            return rc;
        c = new;
    } else if ((rc = config_parsed(cx, p->id, p->config_n, &c)) < 0) {
        return rc;
    }
    rc = p ? project_has_truth(cx, p->id, &truth) : 0;
    return rc < 0 ? rc : check_methods(cx, c, e, *methods, truth, methods);
}

int project_add(struct ctx *cx, int64_t org, const struct project_edit *e, int64_t *id)
{
    const char *methods;
    uint8_t key[32];
    int64_t config_n;
    int rc;

    if ((rc = check_edit(cx, e)) < 0 || (rc = check_choices(cx, NULL, e, &methods)) < 0)
        return rc;
    id_random(key, sizeof key);
    rc =
        db_int(cx, id,
               "INSERT INTO project(org_id, title, description, instruction, overlap, sampling,"
               " skip_queue, method, methods, published, settings, index_key, created_by,"
               " created_ms, updated_ms) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
               " RETURNING id",
               "itttittttztboii", org, e->title ? e->title : "New project",
               e->description ? e->description : "", e->instruction ? e->instruction : "",
               e->overlap == -1 ? (int64_t)1 : e->overlap, e->sampling ? e->sampling : "sequential",
               e->skip_queue ? e->skip_queue : "others", e->method ? e->method : "majority",
               methods, e->published != 0, e->settings ? e->settings : "{}", key, sizeof key,
               cx->who.person, cx->now, cx->now);
    if (rc < 0)
        return rc;
    rc = db_run(cx, "INSERT INTO project_count(project_id) VALUES(?)", "i", *id);
    if (rc < 0 || (rc = lane_begin(cx, *id)) < 0)
        return rc;
    if ((rc = config_add(cx, *id, e->xml ? e->xml : EMPTY_CONFIG, &config_n)) < 0 ||
        (rc = guide_add(cx, *id, 1, e->instruction ? e->instruction : "")) < 0)
        return rc;
    if (cx->who.kind == WHO_PERSON &&
        (rc = member_make(cx, *id, cx->who.person, ROLE_OWNER, 0)) < 0)
        return rc;
    return audit(cx, *id, "project.add", *id, "{\"config\":%lld}", (long long)config_n);
}

/* Does `new` still hold all that `old` allowed: controls, their types, their labels? */
static bool keeps_all(struct ctx *cx, const struct label_config *old,
                      const struct label_config *new)
{
    json_t *was = label_parsed(cx, old), *is = label_parsed(cx, new), *control, *label;
    const char *name;
    size_t i;

    json_object_foreach(was, name, control) {
        json_t *now = json_object_get(is, name), *now_labels = json_object_get(now, "labels");

        if (!now || !json_equal(json_object_get(control, "type"), json_object_get(now, "type")) ||
            !json_equal(json_object_get(control, "to_name"), json_object_get(now, "to_name")))
            return false;
        json_array_foreach(json_object_get(control, "labels"), i, label) {
            size_t j;
            json_t *other;
            bool found = false;

            json_array_foreach(now_labels, j, other)
                found = found || json_equal(label, other);
            if (!found)
                return false;
        }
    }
    return true;
}

/* E_INVALID with a field for each stored answer that `new` would make impossible. */
static int conflicts(struct ctx *cx, int64_t project, const struct label_config *new)
{
    struct rows *q;
    int seen = 0, wrong = 0, rc;

    rc = db_query(cx, &q,
                  "SELECT a.id, r.result FROM annotation a JOIN revision r"
                  " ON r.annotation_id = a.id AND r.n = a.n"
                  " WHERE a.project_id = ? AND a.withdrawn_ms IS NULL AND a.was_cancelled = 0"
                  " ORDER BY a.id DESC LIMIT ?",
                  "ii", project, (int64_t)CONFLICT_SCAN + 1);
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0 && ++seen <= CONFLICT_SCAN && wrong < 20) {
        struct ctx *try = ctx_new(cx->mem);
        const char *plain;
        size_t n, sealed;
        const void *p = rows_blob(q, 1, &sealed);
        json_t *v;

        if (vault_open(try, project, p, sealed, &plain, &n) == 0 &&
            json_stored(try, plain, n, &v) == 0 && label_check(try, new, NULL, v, 0) < 0) {
            char path[64];

            snprintf(path, sizeof path, "annotation %lld", (long long)rows_int(q, 0));
            fail_at(cx, E_INVALID, path, "%s", try->why);
            wrong++;
        }
        ctx_free(try);
    }
    rows_end(q);
    if (rc < 0)
        return rc;
    if (wrong)
        return fail(
            cx, E_INVALID,
            "The new labelling config would make stored answers invalid (the first are listed)."
            " Send force=true to change it all the same.");
    if (seen > CONFLICT_SCAN)
        return fail(cx, E_INVALID,
                    "The new labelling config takes something away, and there are more answers than"
                    " can be checked at once. Send force=true to change it all the same.");
    return 0;
}

static int set_config(struct ctx *cx, const struct project *p, const struct project_edit *e)
{
    const struct label_config *old;
    struct label_config *new;
    char *xml;
    int64_t n;
    int rc;

    if ((rc = config_xml(cx, p->id, p->config_n, &xml)) < 0)
        return rc;
    if (strcmp(xml, e->xml) == 0)
        return 0;
    if (e->config_was && e->config_was != p->config_n)
        return fail(cx, E_CHANGED, "Somebody else changed the labelling config in the meantime.");
    if ((rc = label_parse(cx, e->xml, strlen(e->xml), &new)) < 0)
        return rc;
    if (!e->force && p->count.annotations > 0) {
        if ((rc = config_parsed(cx, p->id, p->config_n, &old)) < 0)
            return rc;
        if (!keeps_all(cx, old, new) && (rc = conflicts(cx, p->id, new)) < 0)
            return rc;
    }
    if ((rc = config_add(cx, p->id, e->xml, &n)) < 0)
        return rc;
    rc = db_run(cx, "UPDATE project SET config_n = ? WHERE id = ?", "ii", n, p->id);
    return rc < 0 ? rc : 0;
}

int project_set(struct ctx *cx, int64_t id, const struct project_edit *e)
{
    struct project p;
    const char *methods;
    bool instructed;
    int rc;

    if ((rc = project_get(cx, id, &p)) < 0 || (rc = check_edit(cx, e)) < 0 ||
        (rc = check_choices(cx, &p, e, &methods)) < 0)
        return rc;
    if (e->xml && (rc = set_config(cx, &p, e)) < 0)
        return rc;
    instructed = e->instruction && strcmp(e->instruction, p.instruction) != 0;
    rc = db_run(cx,
                "UPDATE project SET title = ?, description = ?, instruction = ?,"
                " instr_n = instr_n + ?, overlap = ?, sampling = ?, skip_queue = ?, method = ?,"
                " methods = ?, published = ?, paused = ?, settings = ?, updated_ms = ?"
                " WHERE id = ?",
                "tttiittttzztii", e->title ? e->title : p.title,
                e->description ? e->description : p.description,
                e->instruction ? e->instruction : p.instruction, (int64_t)instructed,
                e->overlap == -1 ? p.overlap : e->overlap, e->sampling ? e->sampling : p.sampling,
                e->skip_queue ? e->skip_queue : p.skip_queue, e->method ? e->method : p.method,
                methods, e->published == -1 ? p.published : e->published != 0,
                e->paused == -1 ? p.paused : e->paused != 0, e->settings ? e->settings : p.settings,
                cx->now, id);
    if (rc < 0 || (instructed && (rc = guide_add(cx, id, p.instr_n + 1, e->instruction)) < 0))
        return rc;
    if (e->overlap != -1 && e->overlap != p.overlap) {
        const char *arg = talloc_asprintf(cx->mem, "{\"overlap\":%lld}", (long long)e->overlap);

        if ((rc = job_add(cx, id, "overlap", NULL, arg, cx->now, NULL)) < 0)
            return rc;
    }
    if ((e->method && strcmp(e->method, p.method) != 0) || strcmp(methods, p.methods) != 0)
        if ((rc = consensus_want(cx, id, cx->now)) < 0)
            return rc;
    return audit(cx, id, "project.set", id, "{\"config\":%s,\"overlap\":%lld}",
                 e->xml ? "true" : "false", (long long)e->overlap);
}

int project_delete(struct ctx *cx, int64_t id)
{
    int rc = db_run(
        cx, "UPDATE project SET deleted_ms = ?, paused = 1 WHERE id = ? AND deleted_ms IS NULL",
        "ii", cx->now, id);

    if (rc <= 0)
        return rc < 0 ? rc : fail(cx, E_NOTFOUND, "There is no such project.");
    if ((rc = job_add(cx, id, "delete_project", NULL, "{}", cx->now, NULL)) < 0)
        return rc;
    return audit(cx, id, "project.delete", id, NULL);
}

#define COLUMNS                                                                                    \
    "p.id, p.org_id, p.title, p.description, p.instruction, p.config_n, p.instr_n, p.overlap,"     \
    " p.sampling, p.skip_queue, p.method, p.published, p.paused, p.settings, p.created_by,"        \
    " p.created_ms, p.updated_ms, p.methods, c.tasks, c.finished, c.touched, c.annotations,"       \
    " c.skipped, c.predictions FROM project p JOIN project_count c ON c.project_id = p.id"

static void read_row(struct rows *q, struct project *p)
{
    *p = (struct project){
        .id = rows_int(q, 0),
        .org = rows_int(q, 1),
        .title = rows_text_keep(q, 2),
        .description = rows_text_keep(q, 3),
        .instruction = rows_text_keep(q, 4),
        .config_n = rows_int(q, 5),
        .instr_n = rows_int(q, 6),
        .overlap = rows_int(q, 7),
        .sampling = rows_text_keep(q, 8),
        .skip_queue = rows_text_keep(q, 9),
        .method = rows_text_keep(q, 10),
        .published = rows_int(q, 11) != 0,
        .paused = rows_int(q, 12) != 0,
        .settings = rows_text_keep(q, 13),
        .created_by = rows_int(q, 14),
        .created = rows_int(q, 15),
        .updated = rows_int(q, 16),
        .methods = rows_text_keep(q, 17),
        .count = {rows_int(q, 18), rows_int(q, 19), rows_int(q, 20), rows_int(q, 21),
                  rows_int(q, 22), rows_int(q, 23)},
    };
}

int project_get(struct ctx *cx, int64_t id, struct project *out)
{
    struct rows *q;
    int rc =
        db_query(cx, &q, "SELECT " COLUMNS " WHERE p.id = ? AND p.deleted_ms IS NULL", "i", id);

    if (rc < 0)
        return rc;
    if ((rc = rows_next(q)) <= 0)
        return rc < 0 ? rc : fail(cx, E_NOTFOUND, "There is no such project.");
    read_row(q, out);
    rows_end(q);
    return 0;
}

/* The projects the caller may see, as a condition; everything else narrows it. */
static int filter_sql(struct ctx *cx, const struct project_filter *f, struct buf *sql,
                      struct db_val *v, int *n)
{
    bool all = cx->who.kind == WHO_SYSTEM || cx->who.org_role >= ROLE_AUDITOR;

    buf_adds(sql, " WHERE p.deleted_ms IS NULL");
    if (cx->who.org) {
        buf_adds(sql, " AND p.org_id = ?");
        v[(*n)++] = (struct db_val){.type = 'i', .i = cx->who.org};
    }
    if (!all) {
        buf_adds(sql, " AND p.id IN (SELECT project_id FROM member WHERE person_id = ?"
                      " AND ended_ms IS NULL)");
        v[(*n)++] = (struct db_val){.type = 'i', .i = cx->who.person};
    }
    if (f && f->title) {
        buf_adds(sql, " AND LOWER(p.title) LIKE ?");
        v[(*n)++] = (struct db_val){
            .type = 't', .p = talloc_asprintf(cx->mem, "%%%s%%", str_lower(cx, f->title))};
    }
    if (f && f->ids) {
        buf_adds(sql, " AND p.id IN (");
        for (int i = 0; i < f->nids; i++)
            buf_addf(sql, "%s%lld", i ? "," : "", (long long)f->ids[i]);
        buf_adds(sql, f->nids ? ")" : "0)");
    }
    return sql->rc;
}

int project_list(struct ctx *cx, const struct project_filter *f, int64_t after, int limit,
                 struct project **out, int *n)
{
    struct db_val v[8];
    struct rows *q;
    struct buf sql;
    int nv = 0, rc;
    bool down = f && f->newest_first;

    if (limit < 1 || limit > LIMIT_PAGE_ROWS)
        limit = (int)LIMIT_PAGE_ROWS;
    buf_init(&sql, cx, 65536);
    buf_adds(&sql, "SELECT " COLUMNS);
    if ((rc = filter_sql(cx, f, &sql, v, &nv)) < 0)
        return rc;
    if (after) {
        buf_adds(&sql, down ? " AND p.id < ?" : " AND p.id > ?");
        v[nv++] = (struct db_val){.type = 'i', .i = after};
    }
    buf_addf(&sql, " ORDER BY p.id%s LIMIT %d", down ? " DESC" : "", limit);
    *out = NEW_N(cx, struct project, limit);
    *n = 0;
    if ((rc = db_query_vals(cx, &q, db_dynamic(cx, sql.s), v, nv)) < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        read_row(q, &(*out)[(*n)++]);
    return rc;
}

int project_total(struct ctx *cx, const struct project_filter *f, int64_t *total)
{
    struct db_val v[8];
    struct rows *q;
    struct buf sql;
    int nv = 0, rc;

    buf_init(&sql, cx, 65536);
    buf_adds(&sql, "SELECT COUNT(*) FROM project p");
    if ((rc = filter_sql(cx, f, &sql, v, &nv)) < 0 ||
        (rc = db_query_vals(cx, &q, db_dynamic(cx, sql.s), v, nv)) < 0)
        return rc;
    if ((rc = rows_next(q)) > 0)
        *total = rows_int(q, 0);
    rows_end(q);
    return rc < 0 ? rc : 0;
}

/* The answer that finishes the last task is told; an import that brings them all is not. */
static int tell_finished(struct ctx *cx, int64_t id)
{
    int64_t tasks = 0;
    int rc = db_int(cx, &tasks,
                    "SELECT tasks FROM project_count WHERE project_id = ? AND finished = tasks",
                    "i", id);

    if (rc <= 0 || tasks == 0)
        return rc < 0 ? rc : 0;
    return notice_tell_roles(cx, id, ROLE_MANAGER, false, "project.finished",
                             talloc_asprintf(cx->mem, "{\"tasks\":%lld}", (long long)tasks));
}

int project_count_add(struct ctx *cx, int64_t id, const struct project_counts *d)
{
    int rc = db_run(cx,
                    "UPDATE project_count SET tasks = tasks + ?, finished = finished + ?,"
                    " touched = touched + ?, annotations = annotations + ?, skipped = skipped + ?,"
                    " predictions = predictions + ? WHERE project_id = ?",
                    "iiiiiii", d->tasks, d->finished, d->touched, d->annotations, d->skipped,
                    d->predictions, id);

    return rc < 0 || d->finished <= 0 || d->tasks > 0 ? (rc < 0 ? rc : 0) : tell_finished(cx, id);
}

int project_take_ord(struct ctx *cx, int64_t id, int64_t n, int64_t *first)
{
    int rc = db_int(cx, first,
                    "UPDATE project_count SET next_ord = next_ord + ? WHERE project_id = ?"
                    " RETURNING next_ord",
                    "ii", n, id);

    *first -= n;
    return rc < 0 ? rc : 0;
}

int project_take_inner(struct ctx *cx, int64_t id, int64_t n, int64_t *first)
{
    int rc = db_int(cx, first,
                    "UPDATE project_count SET next_inner = next_inner + ? WHERE project_id = ?"
                    " RETURNING next_inner",
                    "ii", n, id);

    *first -= n;
    return rc < 0 ? rc : 0;
}
