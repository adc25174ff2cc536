/* importer_load.c -- see importer_load.h. */
#include "domain/importer_load.h"

#include <uthash.h>

#include "core/clock.h"
#include "domain/import_row.h"
#include "domain/import_tiles.h"
#include "domain/lane.h"
#include "domain/project.h"
#include "domain/run.h"
#include "domain/user.h"
#include "label/config.h"
#include "store/act.h"
#include "store/blob.h"
#include "store/db.h"

#define IDS_KEPT 100000
#define SLICE_BUSY_US 1500      /* the writer's time for one slice while others work */
#define SLICE_ALONE_US 12000
#define SLICE_BYTES (8 << 20)   /* of data: two slices are in memory at once */
#define SLICE_LEAST 50          /* rows; fewer would pay more for the commits than for the rows */

struct author {
    char *key;
    int64_t person, vendor;
    UT_hash_handle hh;
};

struct load *load_new(struct run *run, struct ctx *cx, int64_t import)
{
    struct load *l = NEW(cx, struct load);

    l->run = run;
    l->cx = cx;
    l->import = import;
    l->started_us = clock_mono_us();
    l->slice = SLICE_LEAST;
    l->inside = ctx_new(NULL);
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->arrived, NULL);
    return l;
}

void load_free(struct load *l)
{
    HASH_CLEAR(hh, l->authors);
    ctx_free(l->inside);
}

/* ---- one file of it ---- */

void load_keep_file(struct load *l, const struct media *m)
{
    l->file = talloc_realloc(l->cx->mem, l->file, struct media, (unsigned)l->nfiles + 1);
    l->file[l->nfiles++] = (struct media){.hash = talloc_strdup(l->cx->mem, m->hash),
                                          .name = talloc_strdup(l->cx->mem, m->name),
                                          .mime = talloc_strdup(l->cx->mem, m->mime),
                                          .bytes = m->bytes};
}

/* A picture out of an archive: stored while storing, only looked at while checking. */
static const char *take_file(struct ctx *cx, void *arg, struct file_in *f)
{
    struct load *l = arg;
    struct media m = {.project = l->project, .name = f->name, .mime = f->type};

    if (!l->storing)
        return media_address(cx, l->project, "");
    if ((l->file_rc = import_picture(cx, l, f, &m)) < 0)
        return NULL;
    load_keep_file(l, &m);
    return media_address_of(cx, &m);
}

/* "$photo" of the only tag of this kind: files that are tasks by themselves go into `photo`. */
static const char *only_field(const struct label_config *c, const char *tag, const char *otherwise)
{
    const char *field = NULL;

    for (int i = 0; i < c->nobjects; i++) {
        const char *value = label_attr(c->objects[i], "value");

        if (!label_is(c->objects[i], tag) || !value)
            continue;
        if (field || value[0] != '$' || strpbrk(value, ".["))
            return otherwise;
        field = value + 1;
    }
    return field && *field ? field : otherwise;
}

int load_open(struct load *l, const struct import_source *s, struct ctx *cx, struct reader **out)
{
    enum source_kind kind = SOURCE_GUESS;
    FILE *f;
    int rc;

    if (s->format)
        source_find(s->format, &kind);
    if ((rc = source_open(cx, l->run, s, &f)) < 0 ||
        (rc = reader_open_file(cx, kind, s->name, f, out)) < 0)
        return rc;
    l->reader = *out;
    reader_on_file(*out, take_file, l);
    import_tiles(*out);
    reader_fields(*out, only_field(l->config, "Image", "image"),
                  only_field(l->config, "Text", "text"));
    return 0;
}

void load_close(struct load *l, struct reader *r)
{
    if (reader_total(r) > 0)
        l->before += reader_total(r);
    reader_close(r);
}

bool load_tell(struct load *l, const struct reader *r)
{
    int64_t total = l->bytes > 0 ? l->bytes : 1;

    if (l->progress && l->progress(l->progress_arg, l->before + reader_done(r), 2 * total))
        l->stopped = true;
    return l->stopped;
}

/* ---- the second reading ---- */

struct slice {
    struct load *l;
    struct ctx *cx;             /* NULL: nothing is in it */
    struct import_row *row;
    int n;
    struct media *file;
    int nfiles;
    int64_t ord;                /* place of its first row in the import, from 0 */
    struct run_write write;
    bool sent, done;            /* done: under the lock of the load */
    /* what the act found, taken over only after it was committed */
    int64_t finished, touched, first;
    int64_t ids[512];           /* at least LIMIT_SLICE_ROWS */
};

/* Members are meant by id or e-mail; anybody else is an external author of this project. */
static int author_find(struct ctx *cx, struct load *l, const struct import_author *a,
                       struct author **out)
{
    char *key = talloc_asprintf(cx->mem, "%lld %s", (long long)a->id, a->name);
    struct author *found;
    int64_t person;
    int rc;

    HASH_FIND_STR(l->authors, key, found);
    if (!found) {
        rc = a->id || a->email ? user_lookup(cx, l->project, a->id, a->email, &person) : 0;
        if (rc == 0)
            rc = user_external(cx, l->project, a->name, &person);
        if (rc < 0)
            return rc;
        found = NEW(l->inside, struct author);
        found->key = talloc_strdup(l->inside->mem, key);
        found->person = person;
        rc = db_int(
            cx, &found->vendor,
            "SELECT COALESCE((SELECT m.vendor_id FROM member m WHERE m.project_id = p.id"
            "  AND m.person_id = ?), v.id) FROM project p JOIN vendor v ON v.org_id = p.org_id"
            " AND v.inhouse = 1 WHERE p.id = ?",
            "ii", person, l->project);
        if (rc < 0)
            return rc;
        HASH_ADD_KEYPTR(hh, l->authors, found->key, strlen(found->key), found);
    }
    *out = found;
    return 0;
}

static bool first_of_author(struct author **who, int i)
{
    for (int k = 0; k < i; k++)
        if (who[k]->person == who[i]->person)
            return false;
    return true;
}

static int store_answers(struct ctx *cx, struct load *l, const struct import_row *r, int64_t task,
                         int64_t *counted)
{
    struct author **who = NEW_N(cx, struct author *, r->nanswers + 1);
    int64_t id;
    int rc;

    for (int i = 0; i < r->nanswers; i++) {
        const struct annotation_new *new = &r->answer[i].new;
        bool counts;

        if ((rc = author_find(cx, l, &r->answer[i].author, &who[i])) < 0)
            return rc;
        counts = !new->was_cancelled && !new->ground_truth && first_of_author(who, i);
        rc = annotation_import(cx, l->project, task, l->import, who[i]->person, who[i]->vendor,
                               counts, new, l->config_n, r->answer[i].created, &id);
        if (rc < 0)
            return rc;
        *counted += counts;
    }
    return 0;
}

/* Answers and guesses of one row, whose task is there; and how it is to be placed. */
static int store_rest(struct ctx *cx, struct slice *s, int k, struct placed *out)
{
    struct import_row *r = &s->row[k];
    struct load *l = s->l;
    int64_t guess, ord = s->ord + k;
    int rc;

    *out = (struct placed){.task = s->ids[k], .required = l->overlap};
    if (r->nanswers && (rc = store_answers(cx, l, r, out->task, &out->answered)) < 0)
        return rc;
    for (int i = 0; i < r->nguesses; i++)
        if ((rc = prediction_store(cx, l->project, out->task, l->import, &r->guess[i],
                                   &guess)) < 0)
            return rc;
    if (out->answered > out->required)
        out->required = out->answered;
    out->ord = 1 + (l->shuffled ? lane_shuffle(ord, l->rows, (uint64_t)l->import) : ord);
    return 0;
}

static int store_rows(struct ctx *cx, struct slice *s)
{
    struct load *l = s->l;
    struct task_new **task = NEW_N(cx, struct task_new *, s->n + 1);
    struct placed *place = NEW_N(cx, struct placed, s->n + 1);
    int rc;

    for (int i = 0; i < s->n; i++)
        task[i] = &s->row[i].task;
    rc = task_store(cx, l->project, l->import, l->inner + s->ord, task, s->n, s->ids);
    for (int i = 0; i < s->n && rc >= 0; i++)
        rc = store_rest(cx, s, i, &place[i]);
    if (rc < 0 ||
        (rc = lane_place(cx, l->project, l->lane, l->opts.priority, place, s->n)) < 0)
        return rc;
    for (int i = 0; i < s->n && rc >= 0; i++) {
        s->touched += place[i].answered > 0;
        if (place[i].answered < place[i].required)
            continue;
        s->finished++;
        rc = slot_settle_at(cx, l->project, place[i].task, cx->now);
    }
    s->first = s->ids[0];
    return rc;
}

static int store_slice(struct ctx *cx, void *arg)
{
    struct slice *s = arg;
    struct load *l = s->l;
    int64_t id;
    int rc = 0;

    s->finished = s->touched = s->first = 0;
    HASH_CLEAR(hh, l->authors);         /* of an act that was repeated */
    for (int i = 0; i < s->nfiles && rc >= 0; i++)
        rc = media_add(cx, l->project, s->file[i].hash, s->file[i].name, s->file[i].mime,
                       s->file[i].bytes, &id);
    if (rc >= 0)
        rc = store_rows(cx, s);
    if (rc >= 0 && l->first_task == 0)
        rc = db_run(cx, "UPDATE import SET first_task = ? WHERE id = ? AND first_task = 0", "ii",
                    s->first, l->import);
    return rc < 0 ? rc : 0;
}

static void slice_done(struct run_write *w)
{
    struct slice *s = w->owner;

    pthread_mutex_lock(&s->l->lock);
    s->done = true;
    pthread_cond_signal(&s->l->arrived);
    pthread_mutex_unlock(&s->l->lock);
}

/* Hand it to the writer; the next one is read meanwhile. */
static int slice_send(struct load *l, struct slice *s)
{
    struct timespec pause = {.tv_nsec = 2000000};
    int rc;

    s->file = l->file;
    s->nfiles = l->nfiles;
    s->ord = l->ord;
    l->file = NULL;
    l->nfiles = 0;
    l->ord += s->n;
    s->cx->now = clock_now();
    s->cx->who = (struct who){.kind = WHO_SYSTEM, .org = l->cx->who.org, .ip = ""};
    s->write = (struct run_write){.fn = store_slice, .arg = s, .cx = s->cx, .house = true,
                                  .done = slice_done, .owner = s};
    s->done = false;
    /* A full queue is other people's work: wait for a place. */
    while ((rc = run_send(l->run, &s->write)) == E_BUSY || rc == E_TOOMANY)
        nanosleep(&pause, NULL);
    s->sent = rc == 0;
    return rc;
}

/*
 * How many rows the next slice has.  While other acts are committed beside the
 * import, people wait behind each slice: it holds the writer for SLICE_BUSY_US.
 * Alone it may take longer, for fewer commits and fewer pages written twice.
 */
static void slice_adapt(struct load *l, const struct slice *s)
{
    int64_t us = s->write.ended_us - s->write.started_us, fit;
    struct run_stats now;
    bool busy;

    run_stats(l->run, &now);
    busy = now.acts - l->seen_acts > 1;
    l->seen_acts = now.acts;
    fit = s->n * (busy ? SLICE_BUSY_US : SLICE_ALONE_US) / (us > 0 ? us : 1);
    l->slice = fit < l->slice && busy ? fit : (l->slice + fit) / 2;
    if (l->slice < SLICE_LEAST)
        l->slice = SLICE_LEAST;
    if (l->slice > LIMIT_SLICE_ROWS)
        l->slice = LIMIT_SLICE_ROWS;
}

/* Wait for the writer, take over what it found, and empty the slice. */
static int slice_end(struct load *l, struct slice *s)
{
    int rc = 0;

    if (s->sent) {
        pthread_mutex_lock(&l->lock);
        while (!s->done)
            pthread_cond_wait(&l->arrived, &l->lock);
        pthread_mutex_unlock(&l->lock);
        rc = s->write.rc;
    }
    if (rc < 0)
        fail(l->cx, rc, "%s", s->cx->why ? s->cx->why : "The tasks cannot be stored.");
    if (rc == 0 && s->sent) {
        slice_adapt(l, s);
        l->finished += s->finished;
        l->touched += s->touched;
        if (l->first_task == 0)
            l->first_task = s->first;
        for (int i = 0; i < s->n && l->opts.want_ids && l->nids < IDS_KEPT; i++)
            l->ids[l->nids++] = s->ids[i];
    }
    if (s->cx)
        ctx_free(s->cx);
    s->cx = NULL;
    s->sent = false;
    s->n = 0;
    return rc;
}

static int stage(struct ctx *cx, void *arg)
{
    struct load *l = arg;
    int rc;

    if ((rc = project_take_inner(cx, l->project, l->rows, &l->inner)) < 0)
        return rc;
    return lane_stage(cx, l->project, l->import, l->opts.priority, &l->lane);
}

/* One slice's worth of rows, parsed beside the writer; 1 when there may be more. */
static int fill(struct load *l, struct ctx *cx, struct reader *r, struct slice *s)
{
    int64_t until = clock_mono_us() + LIMIT_SLICE_MS * 1000;
    size_t bytes = 0;
    struct row row;
    int rc = 0;

    while (s->n < l->slice && (rc = reader_next(r, &row)) > 0) {
        struct import_row *to = &s->row[s->n];

        if (row.why)
            return fail(cx, l->file_rc == E_FULL || l->file_rc == E_BUSY ? l->file_rc : E_INVALID,
                        "Line %lld: %s", (long long)row.line, row.why);
        if ((rc = import_row_read(cx, l->config, &l->opts, &row, true, to)) < 0)
            return rc;
        task_prepare(cx, l->project, l->key, &to->task);
        s->n++;
        bytes += row.object.n;
        rc = 1;                     /* full or late: there may be more */
        if ((clock_mono_us() > until && s->n >= 100) || bytes > SLICE_BYTES)
            break;
    }
    return rc;
}

/* Fill one slice while the other is being stored; the first failure of either ends it. */
static int store_slices(struct load *l, struct reader *r)
{
    struct slice *two = NEW_N(l->cx, struct slice, 2);
    int rc = 1, k = 0, ended;

    for (; rc > 0; k = !k) {
        struct slice *s = &two[k];

        if ((rc = slice_end(l, s)) < 0)
            break;
        s->l = l;
        s->cx = ctx_new(NULL);
        s->row = NEW_N(s->cx, struct import_row, LIMIT_SLICE_ROWS);
        if ((rc = fill(l, s->cx, r, s)) < 0) {
            fail(l->cx, rc, "%s", s->cx->why);
            break;
        }
        /* The one before must be on disk first: its rows stand before these, and on PostgreSQL two
         * slices would run at once. */
        ended = slice_end(l, &two[!k]);
        if (ended < 0 || (s->n && (ended = slice_send(l, s)) < 0))
            rc = ended;
        if (load_tell(l, r) && rc >= 0)
            rc = fail(l->cx, E_INVALID, IMPORT_STOPPED);
    }
    for (int i = 0; i < 2; i++)
        if ((ended = slice_end(l, &two[i])) < 0 && rc >= 0)
            rc = ended;
    return rc;
}

/* Second reading: slices of rows, parsed here, stored by the writer between the acts of others. */
int load_store(struct load *l)
{
    int rc = run_wait(l->run, l->cx, true, stage, l);

    l->storing = true;
    if (l->opts.want_ids)
        l->ids = NEW_N(l->cx, int64_t, l->rows < IDS_KEPT ? l->rows : IDS_KEPT);
    for (int i = 0; i < l->nsources && rc == 0; i++) {
        struct ctx *file = ctx_new(l->cx->mem);
        struct reader *r;

        if ((rc = load_open(l, &l->source[i], file, &r)) == 0) {
            rc = store_slices(l, r);
            load_close(l, r);
        } else if (file->why) {
            fail(l->cx, rc, "%s", file->why);
        }
        ctx_free(file);
    }
    if (rc == 0 && l->ord != l->rows)
        rc = fail(l->cx, E_INVALID, "The file changed while it was read.");
    return rc;
}
