/*
 * audit.c -- see audit.h.
 *
 * audit_root compares two databases that saw the same acts.  Their ids differ
 * (a rolled back insert leaves a gap in PostgreSQL's counters), so each id is
 * replaced by its place among those of its kind, in the order of first sight.
 * In a detail, a member is an id when its name is a kind.
 */
#include "domain/audit.h"
#include "core/id.h"
#include "core/json.h"
#include "domain/access.h"
#include "domain/page.h"
#include "store/db.h"

#include <assert.h>
#include <sodium.h>
#include <stdarg.h>
#include <uthash.h>

static int append(struct ctx *cx, const struct who *as, int64_t project, const char *act,
                  int64_t object, const char *text)
{
    assert(text[0] == '{' && text[strlen(text) - 1] == '}');
    int rc = db_run(cx,
                    "INSERT INTO audit (at_ms, org_id, project_id, person_id, act, object_id,"
                    " detail) VALUES (?, COALESCE(?, (SELECT p.org_id FROM project p"
                    " WHERE p.id = ?)), ?, ?, ?, ?, ?)",
                    "ioiootot", cx->now, as->org, project, project,
                    as->person, act, object, text);

    if (rc < 0)
        return rc;
    cx->audits++;
    return 0;
}

int audit(struct ctx *cx, int64_t project, const char *act, int64_t object, const char *detail, ...)
{
    const char *text = "{}";
    va_list ap;

    if (detail) {
        va_start(ap, detail);
        text = talloc_vasprintf(cx->mem, detail, ap);
        va_end(ap);
    }
    return append(cx, &cx->who, project, act, object, text);
}

int audit_as(struct ctx *cx, const struct who *as, int64_t project, const char *act, int64_t object,
             const char *detail, ...)
{
    const char *text = "{}";
    va_list ap;

    if (detail) {
        va_start(ap, detail);
        text = talloc_vasprintf(cx->mem, detail, ap);
        va_end(ap);
    }
    return append(cx, as, project, act, object, text);
}

static void read_row(struct rows *q, struct audit_row *r)
{
    *r = (struct audit_row){.id = rows_int(q, 0), .at = rows_int(q, 1), .project = rows_int(q, 2),
                            .person = rows_int(q, 3), .act = rows_text_keep(q, 4),
                            .object = rows_int(q, 5), .detail = rows_text_keep(q, 6)};
}

#define COLUMNS "SELECT id, at_ms, project_id, person_id, act, object_id, detail FROM audit"

int audit_list(struct ctx *cx, int64_t project, int64_t after, int limit, struct audit_row **out,
               int *n)
{
    struct rows *q;
    int cap = page_rows(limit), rc;

    *n = 0;
    *out = NEW_N(cx, struct audit_row, cap);
    rc = access_check(cx, project ? ON_PROJECT : ON_ORG, project, MAY_AUDIT, NULL);
    if (rc < 0)
        return rc;
    if (project)
        rc = db_query(cx, &q, COLUMNS " WHERE project_id = ? AND id > ? ORDER BY id LIMIT ?", "iii",
                      project, after, (int64_t)cap);
    else
        rc = db_query(cx, &q,
                      COLUMNS " WHERE (? = 1 OR org_id = ?) AND id > ? ORDER BY id LIMIT ?", "iiii",
                      (int64_t)(cx->who.kind == WHO_SYSTEM), cx->who.org, after, (int64_t)cap);
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        read_row(q, &(*out)[(*n)++]);
    return rc;
}

/* --- the root ------------------------------------------------------------------------------ */

static const char *const kinds[] = {
    "org", "vendor", "person", "project", "task", "lease", "annotation", "prediction", "import",
    "job", "token", "invitation", "config",
};
#define NKINDS (sizeof kinds / sizeof *kinds)

struct seen {
    struct {
        int64_t kind, id;
    } key;
    int64_t place;
    UT_hash_handle hh;
};

struct sights {
    void *mem;
    struct seen *all;
    int64_t count[NKINDS + 1];
};

/* The kind of an object is the first word of its act; several nouns name the same table. */
static int64_t kind_of(const char *word, size_t n)
{
    static const char *const alias[][2] = {{"user", "person"}, {"member", "person"},
                                           {"session", "person"}, {"setup", "person"},
                                           {"invite", "invitation"}};

    for (size_t i = 0; i < sizeof alias / sizeof *alias; i++)
        if (strlen(alias[i][0]) == n && !memcmp(alias[i][0], word, n))
            return kind_of(alias[i][1], strlen(alias[i][1]));
    for (size_t i = 0; i < NKINDS; i++)
        if (strlen(kinds[i]) == n && !memcmp(kinds[i], word, n))
            return (int64_t)i;
    return (int64_t)NKINDS;
}

static int64_t place_of(struct sights *s, int64_t kind, int64_t id)
{
    struct seen *f, look = {.key = {kind, id}};

    if (id == 0)
        return 0;
    HASH_FIND(hh, s->all, &look.key, sizeof look.key, f);
    if (!f) {
        f = talloc_zero(s->mem, struct seen);
        f->key = look.key;
        f->place = ++s->count[kind];
        HASH_ADD(hh, s->all, key, sizeof f->key, f);
    }
    return f->place;
}

/* Renumber what is named like a kind, at any depth; in arrays too. */
static void renumber(struct sights *s, json_t *v, int64_t kind)
{
    const char *key;
    json_t *m;
    size_t i;

    if (json_is_integer(v) && kind < (int64_t)NKINDS) {
        json_integer_set(v, place_of(s, kind, json_integer_value(v)));
    } else if (json_is_array(v)) {
        json_array_foreach(v, i, m)
            renumber(s, m, kind);
    } else if (json_is_object(v)) {
        json_object_foreach(v, key, m)
            renumber(s, m, kind_of(key, strlen(key)));
    }
}

static int add_row(struct ctx *cx, struct sights *s, crypto_hash_sha256_state *sum, struct rows *q)
{
    const char *act = rows_text(q, 4), *detail = rows_text(q, 6);
    json_t *v;
    int rc = json_stored(cx, detail, strlen(detail), &v);

    if (rc < 0)
        return rc;
    renumber(s, v, (int64_t)NKINDS);
    /* One after the other: the order of first sight is part of the promise. */
    int64_t org = place_of(s, kind_of("org", 3), rows_int(q, 7));
    int64_t project = place_of(s, kind_of("project", 7), rows_int(q, 2));
    int64_t person = place_of(s, kind_of("person", 6), rows_int(q, 3));
    int64_t object = place_of(s, kind_of(act, strcspn(act, ".")), rows_int(q, 5));
    char *line = talloc_asprintf(cx->mem, "%lld|%lld|%lld|%lld|%s|%lld|%s\n",
                                 (long long)rows_int(q, 1), (long long)org, (long long)project,
                                 (long long)person, act, (long long)object, json_text(cx, v));

    crypto_hash_sha256_update(sum, (const uint8_t *)line, strlen(line));
    return 0;
}

int audit_root(struct ctx *cx, char **hex)
{
    struct sights s = {.mem = talloc_new(cx->mem)};
    crypto_hash_sha256_state sum;
    uint8_t root[ID_SHA256_BYTES];
    void *keep = cx->mem;
    struct rows *q;
    int rc = db_query(cx, &q,
                      "SELECT id, at_ms, project_id, person_id, act, object_id, detail, org_id"
                      " FROM audit ORDER BY id",
                      "");

    if (rc < 0)
        return rc;
    crypto_hash_sha256_init(&sum);
    while (rc >= 0 && (rc = rows_next(q)) > 0) {
        cx->mem = talloc_new(keep);     /* one row's memory */
        rc = add_row(cx, &s, &sum, q);
        if (rc < 0 && cx->why)
            cx->why = talloc_strdup(keep, cx->why);
        talloc_free(cx->mem);
        cx->mem = keep;
    }
    HASH_CLEAR(hh, s.all);
    talloc_free(s.mem);
    if (rc < 0) {
        rows_end(q);
        return rc;
    }
    crypto_hash_sha256_final(&sum, root);
    *hex = talloc_size(cx->mem, ID_SHA256_HEX);
    id_hex(*hex, root, sizeof root);
    return 0;
}
