/* impact.c -- see impact.h. */
#include "domain/impact.h"

#include "core/clock.h"
#include "core/json.h"
#include "domain/config.h"
#include "domain/project.h"
#include "label/config.h"
#include "label/result.h"
#include "store/db.h"
#include "store/vault.h"

#define EXAMPLES 10

struct look {
    struct ctx *cx;
    const struct label_config *old, *new;
    json_t *lost, *added, *examples;
    int64_t seen, broken;
};

/* ---- what the configs allow ---- */

static bool holds(const json_t *list, const json_t *one)
{
    const json_t *x;
    size_t i;

    json_array_foreach((json_t *)list, i, x)
        if (json_equal(x, one))
            return true;
    return false;
}

/* Those of `a` that are not in `b`: [label, …] */
static json_t *without(const json_t *a, const json_t *b)
{
    json_t *out = json_array(), *x;
    size_t i;

    json_array_foreach((json_t *)a, i, x)
        if (!holds(b, x))
            json_array_append(out, x);
    return out;
}

static json_t *counted(json_t *labels)
{
    json_t *out = json_array(), *x;
    size_t i;

    json_array_foreach(labels, i, x)
        json_array_append_new(out, json_pack("{s:O, s:i}", "label", x, "answers", 0));
    json_decref(labels);
    return out;
}

static void compare_control(struct look *l, const char *name, json_t *was, json_t *is)
{
    const char *tag = json_str(was, "type", ""), *now = json_str(is, "type", ""), *what = NULL;
    json_t *gone = without(json_object_get(was, "labels"), json_object_get(is, "labels")), *entry;

    if (!is)
        what = "gone";
    else if (strcmp(tag, now) != 0)
        what = "kind";
    else if (!json_equal(json_object_get(was, "to_name"), json_object_get(is, "to_name")))
        what = "object";
    else if (json_array_size(gone))
        what = "labels";
    if (!what) {
        json_decref(gone);
        return;
    }
    entry = json_pack("{s:s, s:s, s:s, s:i, s:o}", "name", name, "tag", tag, "what", what,
                      "answers", 0, "labels", counted(gone));
    if (strcmp(what, "kind") == 0)
        json_object_set_new(entry, "now", json_string(now));
    json_array_append_new(l->lost, entry);
}

static void compare(struct look *l)
{
    json_t *was = label_parsed(l->cx, l->old), *is = label_parsed(l->cx, l->new), *c;
    const char *name;

    json_object_foreach(was, name, c)
        compare_control(l, name, c, json_object_get(is, name));
    json_object_foreach(is, name, c) {
        json_t *before = json_object_get(was, name);
        json_t *more = without(json_object_get(c, "labels"), json_object_get(before, "labels"));

        if (!before || json_array_size(more))
            json_array_append_new(l->added, json_pack("{s:s, s:s, s:O}", "name", name, "tag",
                                                      json_str(c, "type", ""), "labels", more));
        json_decref(more);
    }
}

/* ---- the answers ---- */

static void add_one(json_t *entry)
{
    json_object_set_new(entry, "answers", json_integer(json_int(entry, "answers", 0) + 1));
}

static bool says(const json_t *value, const json_t *label)
{
    const json_t *x;
    size_t i;

    if (json_equal(value, label))
        return true;
    json_array_foreach((json_t *)value, i, x)           /* paths of a tree are lists in a list */
        if (says(x, label))
            return true;
    return false;
}

/* Is the label in this item, whatever the key of its list is called? */
static bool item_says(const json_t *item, const json_t *label)
{
    json_t *value = json_object_get(item, "value"), *v;
    const char *key;

    if (says(json_object_get(item, "labels"), label))
        return true;
    json_object_foreach(value, key, v)
        if (json_is_array(v) && says(v, label))
            return true;
    return false;
}

static const char *control_of(const struct look *l, const json_t *item)
{
    const char *from = json_str(item, "from_name", NULL);
    const struct label_tag *t = from ? label_control(l->old, from) : NULL;

    return t ? t->name : NULL;
}

/* Each control and each label counts an answer once. */
static void count_lost(struct look *l, const json_t *result)
{
    json_t *entry, *label, *item;
    size_t i, j, k;

    json_array_foreach(l->lost, i, entry) {
        const char *name = json_str(entry, "name", ""), *what = json_str(entry, "what", "");
        bool whole = strcmp(what, "labels") != 0, hit = false;

        json_array_foreach((json_t *)result, j, item)
            hit = hit || (whole && control_of(l, item) && strcmp(control_of(l, item), name) == 0);
        json_array_foreach(json_object_get(entry, "labels"), k, label) {
            bool said = false;

            json_array_foreach((json_t *)result, j, item)
                said = said || (control_of(l, item) && strcmp(control_of(l, item), name) == 0 &&
                                item_says(item, json_object_get(label, "label")));
            if (said)
                add_one(label);
            hit = hit || said;
        }
        if (hit)
            add_one(entry);
    }
}

static void look_at(struct look *l, struct rows *q)
{
    struct ctx *try = ctx_new(l->cx->mem);
    struct ctx *cx = l->cx;
    const char *plain;
    size_t n, sealed;
    const void *p = rows_blob(q, 2, &sealed);
    int64_t project = rows_int(q, 3);
    json_t *v;

    l->seen++;
    if (vault_open(try, project, p, sealed, &plain, &n) == 0 &&
        json_stored(try, plain, n, &v) == 0) {
        l->cx = try;
        count_lost(l, v);
        l->cx = cx;
        if (label_check(try, l->new, NULL, v, 0) < 0) {
            if (l->broken++ < EXAMPLES)
                json_array_append_new(l->examples,
                                      json_pack("{s:I, s:I, s:s}", "annotation",
                                                (json_int_t)rows_int(q, 0), "task",
                                                (json_int_t)rows_int(q, 1), "why",
                                                try->why ? try->why : ""));
        }
    }
    ctx_free(try);
}

static int look_through(struct look *l, int64_t project)
{
    int64_t until = clock_mono_us() + IMPACT_MS * 1000;
    struct rows *q;
    int rc = db_query(l->cx, &q,
                      "SELECT a.id, a.task_id, r.result, a.project_id FROM annotation a"
                      " JOIN revision r ON r.annotation_id = a.id AND r.n = a.n"
                      " WHERE a.project_id = ? AND a.withdrawn_ms IS NULL AND a.was_cancelled = 0"
                      " ORDER BY a.id DESC LIMIT ?",
                      "ii", project, (int64_t)IMPACT_MOST);

    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0) {
        look_at(l, q);
        if (clock_mono_us() > until)
            break;
    }
    rows_end(q);
    return rc < 0 ? rc : 0;
}

int impact_of(struct ctx *cx, int64_t project, const struct label_config *new, json_t **out)
{
    struct look l = { .cx = cx, .new = new };
    struct project p;
    json_t *o;
    int rc;

    if ((rc = project_get(cx, project, &p)) < 0 ||
        (rc = config_parsed(cx, project, p.config_n, &l.old)) < 0)
        return rc;
    o = *out = json_keep(cx, json_pack("{s:I, s:i, s:i, s:[], s:[], s:[]}", "total",
                                       (json_int_t)p.count.annotations, "seen", 0, "broken", 0,
                                       "lost", "added", "examples"));
    l.lost = json_object_get(o, "lost");
    l.added = json_object_get(o, "added");
    l.examples = json_object_get(o, "examples");
    compare(&l);
    if (p.count.annotations > 0 && (rc = look_through(&l, project)) < 0)
        return rc;
    json_object_set_new(o, "seen", json_integer(l.seen));
    json_object_set_new(o, "broken", json_integer(l.broken));
    return 0;
}
