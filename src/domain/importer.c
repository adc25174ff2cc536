/* importer.c -- see importer.h: the row of an import, from its beginning to its end.  How the file
 * is read stands in importer_load.c. */
#include "domain/importer_load.h"

#include "core/clock.h"
#include "core/json.h"
#include "core/log.h"
#include "core/str.h"
#include "domain/audit.h"
#include "domain/config.h"
#include "domain/consensus.h"
#include "domain/file_upload.h"
#include "domain/lane.h"
#include "domain/notice.h"
#include "domain/project.h"
#include "domain/run.h"
#include "domain/task.h"
#include "formats/reader.h"
#include "store/blob.h"
#include "store/db.h"
#include "store/job.h"

#define ROWS_WORTH_COUNTING 1000

/* ---- the row of an import ---- */

#define COLUMNS                                                                                    \
    "id, project_id, job_id, state, format, name, bytes, digest, tasks, annotations, predictions," \
    " report, created_ms, ended_ms, options FROM import"

static int64_t *read_ids(struct ctx *cx, const json_t *list, int *n)
{
    int64_t *ids = NEW_N(cx, int64_t, json_array_size(list) + 1);
    const json_t *e;
    size_t k;

    *n = 0;
    json_array_foreach(list, k, e)
        ids[(*n)++] = json_integer_value(e);
    return ids;
}

static int read_report(struct ctx *cx, const char *text, struct import *i)
{
    json_t *v, *list, *e;
    size_t k;
    int rc = json_stored(cx, text, strlen(text), &v);

    if (rc < 0)
        return rc;
    list = json_object_get(v, "errors");
    i->errors = NEW_N(cx, struct import_error, json_array_size(list) + 1);
    json_array_foreach(list, k, e) i->errors[i->nerrors++] = (struct import_error){
        json_int(e, "line", 0), json_str(e, "field", NULL), json_str(e, "why", "")};
    i->task_ids = read_ids(cx, json_object_get(v, "ids"), &i->ntask_ids);
    i->uploads = read_ids(cx, json_object_get(v, "uploads"), &i->nuploads);
    i->seen = json_object_get(v, "seen");
    i->seconds = json_num(v, "seconds", 0);
    return 0;
}

static int read_row(struct ctx *cx, struct rows *q, struct import *i)
{
    json_t *opts;
    int rc = json_stored(cx, rows_text(q, 14), strlen(rows_text(q, 14)), &opts);

    if (rc < 0)
        return rc;
    *i = (struct import){
        .id = rows_int(q, 0),
        .project = rows_int(q, 1),
        .job = rows_int(q, 2),
        .state = rows_text_keep(q, 3),
        .format = rows_text_keep(q, 4),
        .name = rows_text_keep(q, 5),
        .bytes = rows_int(q, 6),
        .digest = rows_text_keep(q, 7),
        .tasks = rows_int(q, 8),
        .annotations = rows_int(q, 9),
        .predictions = rows_int(q, 10),
        .created = rows_int(q, 12),
        .ended = rows_int(q, 13),
    };
    i->kept = json_flag(opts, "keep", false);
    return read_report(cx, rows_text_keep(q, 11), i);
}

int import_get(struct ctx *cx, int64_t id, struct import *out)
{
    struct rows *q;
    int rc = db_query(cx, &q, "SELECT " COLUMNS " WHERE id = ?", "i", id);

    if (rc < 0)
        return rc;
    if ((rc = rows_next(q)) <= 0)
        return rc < 0 ? rc : fail(cx, E_NOTFOUND, "There is no such import.");
    rc = read_row(cx, q, out);
    rows_end(q);
    return rc;
}

int import_list(struct ctx *cx, int64_t project, int64_t after, int limit, struct import **out,
                int *n)
{
    struct rows *q;
    int rc;

    if (limit < 1 || limit > LIMIT_PAGE_ROWS)
        limit = (int)LIMIT_PAGE_ROWS;
    *out = NEW_N(cx, struct import, limit);
    *n = 0;
    rc = db_query(cx, &q, "SELECT " COLUMNS " WHERE project_id = ? AND id > ? ORDER BY id LIMIT ?",
                  "iii", project, after, (int64_t)limit);
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        if ((rc = read_row(cx, q, &(*out)[(*n)++])) < 0)
            return rc;
    return rc;
}

/* ---- what one import is about ---- */

/* An import that began with an older program has one file, named in its row alone. */
static int load_sources(struct load *l, struct ctx *cx, const json_t *opts, struct rows *q)
{
    const json_t *files = json_object_get(opts, "files");

    l->uploads = json_object_get(opts, "uploads");
    if (files)
        return sources_read(cx, files, &l->source, &l->nsources);
    l->source = NEW(cx, struct import_source);
    l->nsources = 1;
    *l->source = (struct import_source){.spool = l->spool, .name = rows_text_keep(q, 2)};
    if (*rows_text(q, 1))
        l->source->format = rows_text_keep(q, 1);
    return 0;
}

static int load_read(struct ctx *cx, void *arg)
{
    struct load *l = arg;
    struct project p;
    struct rows *q;
    json_t *o;
    int rc;

    rc =
        db_query(cx, &q,
                 "SELECT project_id, format, name, spool, options, bytes, created_by, job_id"
                 " FROM import WHERE id = ?",
                 "i", l->import);
    if (rc < 0)
        return rc;
    if ((rc = rows_next(q)) <= 0)
        return rc < 0 ? rc : fail(cx, E_NOTFOUND, "There is no such import.");
    l->project = rows_int(q, 0);
    l->person = rows_int(q, 6);
    l->job = rows_int(q, 7);
    l->opts.name = rows_text_keep(q, 2);
    l->spool = rows_text_keep(q, 3);
    l->bytes = rows_int(q, 5);
    if ((rc = json_stored(cx, rows_text(q, 4), strlen(rows_text(q, 4)), &o)) < 0 ||
        (rc = load_sources(l, cx, o, q)) < 0)
        return rc;
    rows_end(q);
    l->opts.keep = json_flag(o, "keep", false);
    l->opts.dry_run = json_flag(o, "dry_run", false);
    l->opts.priority = json_int(o, "priority", 0);
    l->opts.preannotated = json_str(o, "preannotated", NULL);
    l->opts.map = json_object_get(o, "map");
    l->opts.want_ids = json_flag(o, "want_ids", false);
    if ((rc = project_get(cx, l->project, &p)) < 0)
        return rc;
    l->config_n = p.config_n;
    l->overlap = p.overlap;
    l->shuffled = strcmp(p.sampling, "random") == 0;
    if ((rc = task_index_key(cx, l->project, l->key)) < 0)
        return rc;
    return config_parsed(cx, l->project, p.config_n, &l->config);
}

/* ---- the end ---- */

static const char *report_text(struct ctx *cx, const struct load *l)
{
    struct buf b;

    buf_init(&b, cx, 16 * 1024 * 1024);
    buf_addf(&b, "{\"seconds\":%.3f,\"errors\":[", (double)(clock_mono_us() - l->started_us) / 1e6);
    for (int i = 0; i < l->nerrors; i++) {
        buf_addf(&b, "%s{\"line\":%lld,\"why\":", i ? "," : "", (long long)l->error[i].line);
        buf_add_json(&b, l->error[i].why, strlen(l->error[i].why));
        if (l->error[i].field) {
            buf_adds(&b, ",\"field\":");
            buf_add_json(&b, l->error[i].field, strlen(l->error[i].field));
        }
        buf_addc(&b, '}');
    }
    buf_adds(&b, "],\"ids\":[");
    for (int64_t i = 0; i < l->nids; i++)
        buf_addf(&b, "%s%lld", i ? "," : "", (long long)l->ids[i]);
    buf_adds(&b, "]");
    if (l->uploads)
        buf_addf(&b, ",\"uploads\":%s", json_text(cx, l->uploads));
    buf_addf(&b, ",\"seen\":%s}", json_text(cx, seen_json(&l->seen)));
    return b.s;
}

static int set_state(struct ctx *cx, const struct load *l, const char *state)
{
    int rc = db_run(cx,
                    "UPDATE import SET state = ?, tasks = ?, annotations = ?, predictions = ?,"
                    " digest = ?, report = ?, ended_ms = ? WHERE id = ?",
                    "tiiittii", state, l->rows, l->answers, l->guesses, l->digest,
                    report_text(cx, l), cx->now, l->import);

    return rc < 0 ? rc : 0;
}

/* Who began an import as a job may have gone on to other things; a trial is waited for, and who
 * stopped one knows. */
static int tell(struct ctx *cx, struct load *l)
{
    json_t *about;

    if (l->job == 0 || l->opts.dry_run || l->stopped)
        return 0;
    about = json_keep(cx, json_pack("{s:I, s:I, s:s, s:I, s:i}", "import", (json_int_t)l->import,
                                    "job", (json_int_t)l->job, "name", l->opts.name, "tasks",
                                    (json_int_t)l->rows, "errors", l->nerrors));
    return notice_tell(cx, l->person, l->project, l->nerrors ? "import.failed" : "import.done",
                       json_text(cx, about));
}

static int publish(struct ctx *cx, void *arg)
{
    struct load *l = arg;
    struct project_counts d = {.tasks = l->rows, .finished = l->finished, .touched = l->touched,
                               .annotations = l->answers, .predictions = l->guesses};
    int rc;

    if ((rc = set_state(cx, l, "done")) < 0 || (rc = lane_publish(cx, l->project, l->import)) < 0 ||
        (rc = project_count_add(cx, l->project, &d)) < 0)
        return rc;
    if (l->finished && (rc = consensus_want(cx, l->project, cx->now)) < 0)
        return rc;
    if ((rc = tell(cx, l)) < 0)
        return rc;
    return audit(cx, l->project, "import.publish", l->import,
                 "{\"tasks\":%lld,\"annotations\":%lld,\"sha256\":\"%s\"}", (long long)l->rows,
                 (long long)l->answers, l->digest);
}

/*
 * PostgreSQL plans by what it has counted, and counts by itself only after a
 * while: until then it would read the whole project for one page of it.
 */
static int count_rows(struct ctx *cx, void *arg)
{
    (void)arg;
    return db_is_pg(cx) ? db_run(cx, "{pg:ANALYZE task, slot, task_field, annotation, revision, "
                                     "lease, prediction}{lite:SELECT 1}", "") : 0;
}

static int give_up(struct ctx *cx, void *arg)
{
    struct load *l = arg;
    int rc = set_state(cx, l, l->opts.dry_run && !l->nerrors ? "checked" : "failed");

    if (rc == 0)
        rc = tell(cx, l);
    return rc < 0 ? rc
                  : audit(cx, l->project, "import.end", l->import, "{\"errors\":%d,\"dry_run\":%s}",
                          l->nerrors, l->opts.dry_run ? "true" : "false");
}

/* ---- kept for later ---- */

struct kept {
    struct load *l;
    struct kept_file {
        char hash[ID_SHA256_HEX];
        int64_t bytes;
    } *file;
};

static int keep_rows(struct ctx *cx, void *arg)
{
    struct kept *k = arg;
    struct load *l = k->l;
    json_t *ids = json_keep(cx, json_array());
    int64_t id;
    int rc;

    for (int i = 0; i < l->nsources; i++) {
        if ((rc = file_upload_add(cx, l->project, k->file[i].hash, l->source[i].name,
                                  k->file[i].bytes, &id)) < 0)
            return rc;
        json_array_append_new(ids, json_integer(id));
    }
    l->uploads = ids;
    if ((rc = set_state(cx, l, "checked")) < 0)
        return rc;
    return audit(cx, l->project, "import.keep", l->import, "{\"tasks\":%lld,\"files\":%d}",
                 (long long)l->rows, l->nsources);
}

/* The files were good: each becomes a blob with a row. */
static int keep_files(struct load *l)
{
    struct kept k = {l, NEW_N(l->cx, struct kept_file, l->nsources)};
    int rc = 0;

    for (int i = 0; i < l->nsources && rc == 0; i++)
        rc = blob_adopt(l->cx, run_store(l->run), l->source[i].spool, k.file[i].hash,
                        &k.file[i].bytes);
    return rc < 0 ? rc : run_wait(l->run, l->cx, false, keep_rows, &k);
}

/* ---- sweeping ---- */

struct sweep {
    int64_t import, project, first;
    int gone;
};

static int sweep_slice(struct ctx *cx, void *arg)
{
    struct sweep *s = arg;

    s->gone = s->first ? task_sweep(cx, s->project, s->import, s->first) : 0;
    return s->gone < 0 ? s->gone : 0;
}

static int sweep_end(struct ctx *cx, void *arg)
{
    struct sweep *s = arg;
    int rc = lane_drop(cx, s->project, s->import);

    if (rc >= 0)
        rc = db_run(
            cx,
            "UPDATE import SET state = 'swept', ended_ms = ? WHERE id = ? AND state <> 'failed'",
            "ii", cx->now, s->import);
    /* None of its rows is left: nothing need be hidden on its account. */
    if (rc >= 0)
        rc = db_run(cx, "UPDATE import SET first_task = 0 WHERE id = ?", "i", s->import);
    return rc < 0 ? rc : 0;
}

static int sweep_one(struct run *run, struct ctx *cx, struct sweep *s)
{
    int rc;

    do {
        rc = run_wait(run, cx, true, sweep_slice, s);
    } while (rc == 0 && s->gone > 0);
    return rc < 0 ? rc : run_wait(run, cx, true, sweep_end, s);
}

struct sweeps {
    struct sweep one[64];
    char *spool[64];
    int n;
};

/* Those that a job will not take up again: their job is gone, or they were never queued. */
static int sweep_find(struct ctx *cx, void *arg)
{
    struct sweeps *s = arg;
    struct rows *q;
    int rc =
        db_query(cx, &q,
                 "SELECT i.id, i.project_id, i.first_task, i.spool FROM import i"
                 " WHERE i.state IN ('checking', 'loading') AND NOT EXISTS (SELECT 1 FROM job j"
                 "  WHERE j.id = i.job_id AND j.state IN ('waiting', 'running')) LIMIT 64",
                 "");

    s->n = 0;
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0) {
        s->spool[s->n] = rows_text_keep(q, 3);
        s->one[s->n++] = (struct sweep){rows_int(q, 0), rows_int(q, 1), rows_int(q, 2), 0};
    }
    return rc;
}

int import_sweep(struct run *run, struct ctx *cx)
{
    struct sweeps s;
    int rc;

    do {
        if ((rc = run_read(run, cx, sweep_find, &s)) < 0)
            return rc;
        for (int i = 0; i < s.n; i++) {
            log_info("import swept id=%lld project=%lld", (long long)s.one[i].import,
                     (long long)s.one[i].project);
            if ((rc = sweep_one(run, cx, &s.one[i])) < 0)
                return rc;
            sources_forget(cx, run, s.spool[i]);
        }
    } while (s.n == 64);
    return 0;
}

/* ---- the whole ---- */

struct begin {
    struct load *l;
    struct sweep s;
};

/* A job that is taken up again starts from the file: what the last try stored goes first. */
static int begin_again(struct ctx *cx, void *arg)
{
    struct begin *b = arg;
    int rc =
        db_int(cx, &b->s.first, "SELECT first_task FROM import WHERE id = ?", "i", b->l->import);

    if (rc >= 0)
        rc = db_run(cx, "UPDATE import SET state = 'loading' WHERE id = ?", "i", b->l->import);
    return rc < 0 ? rc : 0;
}

static int publish_all(struct load *l)
{
    int rc = run_wait(l->run, l->cx, false, publish, l);

    if (rc == 0 && l->rows >= ROWS_WORTH_COUNTING) {
        struct ctx *cx = ctx_new(l->cx->mem);

        run_wait(l->run, cx, true, count_rows, NULL);   /* without it all is slower, but right */
        ctx_free(cx);
    }
    return rc;
}

static int load_checked(struct load *l)
{
    struct begin b = {.l = l, .s = {.import = l->import, .project = l->project}};
    int rc = run_wait(l->run, l->cx, true, begin_again, &b);

    while (rc == 0 && b.s.first) {
        if ((rc = run_wait(l->run, l->cx, true, sweep_slice, &b.s)) == 0 && b.s.gone == 0)
            break;
    }
    if (rc == 0 && (rc = load_store(l)) == 0)
        return publish_all(l);
    if (rc == E_INVALID || rc == E_EXISTS || rc == E_TOOBIG) {
        load_complain(l, 0, NULL, l->cx->why ? l->cx->why : "The tasks cannot be stored.");
        b.s.first = l->first_task;
        rc = sweep_one(l->run, l->cx, &b.s);
    }
    return rc < 0 ? rc : run_wait(l->run, l->cx, false, give_up, l);
}

static int read_back(struct ctx *cx, void *arg)
{
    struct import *out = arg;

    return import_get(cx, out->id, out);
}

int import_run(struct run *run, struct ctx *cx, int64_t import,
               bool (*progress)(void *arg, int64_t done, int64_t total), void *arg,
               struct import *out)
{
    struct load *l = load_new(run, cx, import);
    int rc;

    l->progress = progress;
    l->progress_arg = arg;
    if ((rc = run_read(run, cx, load_read, l)) == 0 && (rc = load_digest(l)) == 0 &&
        (rc = load_check(l)) == 0) {
        if (l->nerrors || l->opts.dry_run)
            rc = run_wait(run, cx, false, give_up, l);
        else if (l->opts.keep)
            rc = keep_files(l);
        else
            rc = load_checked(l);
    }
    load_free(l);
    if (rc < 0)
        return rc;
    sources_forget(cx, run, l->spool);
    out->id = import;
    return run_read(run, cx, read_back, out);
}
