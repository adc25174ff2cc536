/* importer_begin.c -- an import begins: its row, its files, its job.  See importer.h. */
#include "core/json.h"
#include "core/str.h"
#include "domain/audit.h"
#include "domain/file_upload.h"
#include "domain/importer.h"
#include "formats/reader.h"
#include "store/db.h"
#include "store/job.h"

/* "tasks.json", or "tasks.json and 2 more". */
static const char *name_all(struct ctx *cx, const struct import_opts *o,
                            const struct import_source *file, int n)
{
    const char *name = o->name ? o->name : file[0].name;

    return n == 1 ? name : talloc_asprintf(cx->mem, "%s and %d more", name, n - 1);
}

static int add_row(struct ctx *cx, int64_t project, const struct import_source *file, int n,
                   const struct import_opts *o, const json_t *uploads, int64_t *import)
{
    json_t *opts = json_keep(
        cx, json_pack("{s:b, s:b, s:I, s:s*, s:b, s:O, s:O*, s:O*}", "dry_run", o->dry_run, "keep",
                      o->keep, "priority", (json_int_t)o->priority, "preannotated",
                      o->preannotated, "want_ids", o->want_ids, "files",
                      sources_json(cx, file, n), "uploads", uploads, "map", o->map));
    int64_t bytes = 0;
    int rc;

    for (int i = 0; i < n; i++)
        bytes += file[i].bytes;
    rc = db_int(cx, import,
                "INSERT INTO import(project_id, state, format, name, spool, bytes, digest, options,"
                " created_by, created_ms) VALUES(?, 'checking', ?, ?, ?, ?, '', ?, ?, ?)"
                " RETURNING id",
                "itttitii", project, file[0].format ? file[0].format : "",
                name_all(cx, o, file, n), sources_spool(cx, file, n), bytes, json_text(cx, opts),
                cx->who.person, cx->now);
    return rc < 0 ? rc : 0;
}

static int begin_end(struct ctx *cx, int64_t project, bool queue, int64_t import, int64_t *job)
{
    const char *arg = talloc_asprintf(cx->mem, "{\"import\":%lld}", (long long)import);
    int64_t bytes;
    int rc;

    *job = 0;
    if (queue &&
        ((rc = job_add(cx, project, "import", NULL, arg, cx->now, job)) < 0 ||
         (rc = db_run(cx, "UPDATE import SET job_id = ? WHERE id = ?", "ii", *job, import)) < 0))
        return rc;
    if ((rc = db_int(cx, &bytes, "SELECT bytes FROM import WHERE id = ?", "i", import)) < 0)
        return rc;
    return audit(cx, project, "import.begin", import, "{\"bytes\":%lld}", (long long)bytes);
}

int import_begin_files(struct ctx *cx, int64_t project, const struct import_source *file, int n,
                       const struct import_opts *o, bool queue, int64_t *import, int64_t *job)
{
    enum source_kind kind;
    int rc;

    for (int i = 0; i < n; i++)
        if (file[i].format && !source_find(file[i].format, &kind))
            return fail_at(cx, E_INVALID, "format", "\"%.40s\" is no format that can be read.",
                           file[i].format);
    if ((rc = add_row(cx, project, file, n, o, NULL, import)) < 0)
        return rc;
    return begin_end(cx, project, queue, *import, job);
}

int import_begin(struct ctx *cx, int64_t project, const char *spool, int64_t bytes,
                 const struct import_opts *o, bool queue, int64_t *import, int64_t *job)
{
    struct import_source one = {.spool = spool, .bytes = bytes, .format = o->format,
                                .name = o->name ? o->name : "upload"};

    return import_begin_files(cx, project, &one, 1, o, queue, import, job);
}

static bool is_lines(struct ctx *cx, const char *name)
{
    const char *lower = str_lower(cx, name);

    return str_ends(lower, ".txt") || str_ends(lower, ".csv") || str_ends(lower, ".tsv");
}

int import_begin_uploads(struct ctx *cx, int64_t project, const int64_t *ids, int nids,
                         bool as_list, const struct import_opts *o, bool queue, int64_t *import,
                         int64_t *job)
{
    struct import_source *file = NEW_N(cx, struct import_source, nids + 1);
    json_t *list = json_keep(cx, json_array());
    struct file_upload *u;
    int rc;

    if ((rc = file_upload_take(cx, project, ids, nids, &u)) < 0)
        return rc;
    for (int i = 0; i < nids; i++) {
        file[i] = (struct import_source){.hash = u[i].hash, .name = u[i].name, .bytes = u[i].bytes};
        if (!as_list && is_lines(cx, u[i].name))
            file[i].format = source_word(SOURCE_FILE);
        json_array_append_new(list, json_integer(u[i].id));
    }
    if ((rc = add_row(cx, project, file, nids, o, list, import)) < 0 ||
        (rc = file_upload_taken(cx, u, nids, *import)) < 0)
        return rc;
    return begin_end(cx, project, queue, *import, job);
}
