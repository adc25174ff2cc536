/* media.c -- see media.h. */
#include "domain/media.h"

#include <jansson.h>

#include "domain/leftover.h"
#include "domain/task_set.h"
#include "media/pack.h"
#include "store/db.h"

#define MEDIA_USES_MAX 1000     /* addresses noted for one task */

const char *media_address(struct ctx *cx, int64_t project, const char *hash)
{
    return talloc_asprintf(cx->mem, "/media/%lld/%s", (long long)project, hash);
}

bool media_is_tiles(const struct media *m)
{
    return strcmp(m->mime, PACK_TYPE) == 0;
}

const char *media_address_of(struct ctx *cx, const struct media *m)
{
    const char *plain = media_address(cx, m->project, m->hash);

    return media_is_tiles(m) ? talloc_asprintf(cx->mem, "%s.dzi", plain) : plain;
}

bool media_hash(const char *address, int64_t project, char hash[ID_SHA256_HEX])
{
    char prefix[40];
    size_t n = (size_t)snprintf(prefix, sizeof prefix, "/media/%lld/", (long long)project);

    if (strncmp(address, prefix, n) != 0 || strlen(address + n) < ID_SHA256_HEX - 1)
        return false;
    for (int i = 0; i < ID_SHA256_HEX - 1; i++) {
        char c = address[n + (size_t)i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        hash[i] = c;
    }
    hash[ID_SHA256_HEX - 1] = 0;
    return true;
}

int media_add(struct ctx *cx, int64_t project, const char *hash, const char *name, const char *mime,
              int64_t bytes, int64_t *id)
{
    int64_t made;
    int rc = db_int(cx, id, "SELECT id FROM media WHERE project_id = ? AND hash = ?", "it", project,
                    hash);

    if (rc != 0)
        return rc < 0 ? rc : 0;
    rc = db_int(cx, &made,
                "INSERT INTO media(project_id, hash, id, name, mime, bytes, created_ms)"
                " SELECT ?, ?, COALESCE(MAX(id), 0) + 1, ?, ?, ?, ? FROM media WHERE project_id = ?"
                " ON CONFLICT(project_id, hash) DO NOTHING RETURNING id",
                "itttiii", project, hash, name, mime, bytes, cx->now, project);
    *id = rc > 0 ? made : 0;
    return rc < 0 ? rc : 0;
}

static int note(struct ctx *cx, int64_t project, int64_t task, const json_t *v, int *left)
{
    char hash[ID_SHA256_HEX];
    const char *key;
    json_t *child;
    size_t i;
    int rc;

    if (json_is_string(v)) {
        if (*left == 0 || !media_hash(json_string_value(v), project, hash))
            return 0;
        (*left)--;
        rc = db_run(cx,
                    "INSERT INTO media_use(project_id, hash, task_id) VALUES(?, ?, ?)"
                    " ON CONFLICT(project_id, hash, task_id) DO NOTHING",
                    "iti", project, hash, task);
        return rc < 0 ? rc : 0;
    }
    json_object_foreach((json_t *)v, key, child)
        if ((rc = note(cx, project, task, child, left)) < 0)
            return rc;
    json_array_foreach((json_t *)v, i, child)
        if ((rc = note(cx, project, task, child, left)) < 0)
            return rc;
    return 0;
}

int media_note_uses(struct ctx *cx, int64_t project, int64_t task, const void *parsed_json)
{
    int left = MEDIA_USES_MAX;

    return note(cx, project, task, parsed_json, &left);
}

static void read_row(struct rows *q, struct media *m)
{
    *m = (struct media){
        .project = rows_int(q, 0),
        .id = rows_int(q, 1),
        .bytes = rows_int(q, 2),
        .hash = rows_text_keep(q, 3),
        .name = rows_text_keep(q, 4),
        .mime = rows_text_keep(q, 5),
    };
}

/* Not one that only deleted tasks show (bin.h). */
#define ALIVE                                                                                      \
    " AND (NOT EXISTS (SELECT 1 FROM media_use u WHERE u.project_id = -m.project_id"               \
    "   AND u.hash = m.hash)"                                                                      \
    "  OR EXISTS (SELECT 1 FROM media_use u WHERE u.project_id = m.project_id"                     \
    "   AND u.hash = m.hash))"
#define COLUMNS "m.project_id, m.id, m.bytes, m.hash, m.name, m.mime FROM media m"

int media_get(struct ctx *cx, const struct access *a, const char *hash, struct media *out)
{
    struct rows *q;
    /* The rule: the core sees every file of its project; a party what a task it was lent shows. */
    int rc =
        db_query(cx, &q,
                 "SELECT " COLUMNS " WHERE m.project_id = ? AND m.hash = ? AND (? = 1 OR EXISTS ("
                 " SELECT 1 FROM media_use u JOIN look l ON l.project_id = u.project_id"
                 "  AND l.task_id = u.task_id AND l.person_id = ?"
                 " WHERE u.project_id = m.project_id AND u.hash = m.hash))" ALIVE,
                 "itzi", a->project, hash, a->core, cx->who.person);

    if (rc < 0)
        return rc;
    if ((rc = rows_next(q)) <= 0)
        return rc < 0 ? rc : fail(cx, E_NOTFOUND, "There is no such file.");
    read_row(q, out);
    rows_end(q);
    return 0;
}

int media_list(struct ctx *cx, int64_t project, int64_t after_id, int limit, struct media **out,
               int *n)
{
    struct rows *q;
    int rc;

    if (limit < 1 || limit > LIMIT_PAGE_ROWS)
        limit = (int)LIMIT_PAGE_ROWS;
    *out = NEW_N(cx, struct media, limit);
    *n = 0;
    rc = db_query(cx, &q,
                  "SELECT " COLUMNS " WHERE m.project_id = ? AND m.id > ?" ALIVE
                  " ORDER BY m.id LIMIT ?", "iii", project, after_id, (int64_t)limit);
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        read_row(q, &(*out)[(*n)++]);
    return rc;
}

int media_forget(struct ctx *cx, int64_t project, const struct tasks *tasks)
{
    return db_run(cx, "DELETE FROM media_use WHERE project_id = ? AND " IN_TASKS, "iiit", project,
                  TASKS(tasks));
}

/* The files that these tasks in the bin show. */
static int shown(struct ctx *cx, int64_t bin, const struct tasks *tasks, const char ***out, int *n)
{
    struct rows *q;
    int cap = 16, rc;

    *out = NEW_N(cx, const char *, cap);
    *n = 0;
    rc = db_query(cx, &q, "SELECT DISTINCT hash FROM media_use WHERE project_id = ? AND " IN_TASKS,
                  "iiit", bin, TASKS(tasks));
    while (rc >= 0 && (rc = rows_next(q)) > 0) {
        if (*n == cap)
            *out = talloc_realloc(cx->mem, *out, const char *, (unsigned)(cap *= 2));
        (*out)[(*n)++] = rows_text_keep(q, 0);
    }
    return rc;
}

int media_drop(struct ctx *cx, int64_t project, int64_t bin, const struct tasks *tasks)
{
    const char **hash;
    int n, rc = shown(cx, bin, tasks, &hash, &n);

    if (rc >= 0)
        rc = media_forget(cx, bin, tasks);
    for (int i = 0; i < n && rc >= 0; i++) {
        rc = db_run(cx,
                    "DELETE FROM media WHERE project_id = ? AND hash = ? AND NOT EXISTS (SELECT 1"
                    " FROM media_use u WHERE u.project_id IN (?, ?) AND u.hash = media.hash)",
                    "itii", project, hash[i], project, bin);
        if (rc > 0)
            rc = leftover_note(cx, hash[i]);
    }
    return rc < 0 ? rc : 0;
}

int media_forget_some(struct ctx *cx, int64_t project)
{
    struct media *m;
    int n, rc = media_list(cx, project, 0, 0, &m, &n);

    for (int i = 0; i < n && rc >= 0; i++)
        if ((rc = leftover_note(cx, m[i].hash)) == 0)
            rc = db_run(cx, "DELETE FROM media WHERE project_id = ? AND hash = ?", "it", project,
                        m[i].hash);
    return rc < 0 ? rc : n;
}
