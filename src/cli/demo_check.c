/*
 * demo_check.c -- exports are fetched and compared with what was sent.
 *
 * JSON is the strict one: every answer that was acknowledged is in it, byte
 * for byte the same value, and nothing else is; task data is what was
 * uploaded; each task has one consensus.  So no truth can have leaked.  The
 * other formats are read back and counted.
 */
#include "cli/demo.h"
#include "formats/format.h"
#include "formats/reader.h"

#include <archive.h>
#include <archive_entry.h>

struct check {
    struct demo *d;
    struct demo_project *p;
    struct ctx *cx;
    const char *format, *answer;
    struct hanswer got;
};

static int wrong(struct check *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int wrong(struct check *c, const char *fmt, ...)
{
    va_list ap;
    char *why;

    va_start(ap, fmt);
    why = talloc_vasprintf(c->cx->mem, fmt, ap);
    va_end(ap);
    return fail(c->cx, E_INVALID, "The export of \"%s\" as %s (%s) is wrong: %s", c->p->e->title,
                c->format, c->answer, why);
}

static int fetch(struct check *c)
{
    struct hcall call = {.method = "GET", .token = c->d->person[0].token};
    int rc;

    call.path = talloc_asprintf(c->cx->mem, "/api/projects/%lld/export?format=%s&answer=%s",
                                (long long)c->p->id, c->format, c->answer);
    if ((rc = hclient_call(c->cx, c->d->http, &call, &c->got)) < 0)
        return rc;
    return c->got.status == 200 ? 0 : wrong(c, "%d %.500s", c->got.status, c->got.body);
}

/* ---- JSON, every annotation ------------------------------------------------------------- */

static struct demo_sent *sent_find(struct demo_project *p, int64_t annotation)
{
    for (int i = 0; i < p->nsent; i++)
        if (p->sent[i].annotation == annotation)
            return &p->sent[i];
    return NULL;
}

static int check_annotation(struct check *c, const json_t *a, int item)
{
    const struct demo_sent *s = sent_find(c->p, json_int(a, "id", 0));
    json_t *result = json_object_get(a, "result"), *sent;
    int rc;

    if (!s || s->item != item)
        return wrong(c, "answer %lld was never sent.", (long long)json_int(a, "id", 0));
    if ((rc = json_stored(c->cx, s->result, strlen(s->result), &sent)) < 0)
        return rc;
    if (!json_equal(sent, result))
        return wrong(c, "answer %lld is not what was sent.", (long long)s->annotation);
    if (json_int(a, "completed_by", 0) != c->d->person[s->who].id)
        return wrong(c, "answer %lld has another author.", (long long)s->annotation);
    if (json_flag(a, "ground_truth", true) || json_flag(a, "was_cancelled", true))
        return wrong(c, "answer %lld is marked as truth, or cancelled.", (long long)s->annotation);
    demo_score_add(&c->p->by[s->who], c->p->e->kind, c->p->e->item[item].truth, result);
    return 0;
}

/* The data as it was uploaded; a picture's task has the picture and nothing beside. */
static bool data_same(const struct demo_example *e, const json_t *data, int item)
{
    return e->kind == DEMO_BOXES ? json_object_size(data) == 1
                                 : json_equal(data, e->item[item].data);
}

/* The task a row is about, or -1; each may come once. */
static int row_item(struct check *c, const json_t *row, bool *seen)
{
    const json_t *data = json_object_get(row, "data");
    int item = demo_find(c->p->e, data);

    if (item < 0 || seen[item] || !data_same(c->p->e, data, item))
        return wrong(c, "task %lld is not one that was imported, or comes twice.",
                     (long long)json_int(row, "id", 0));
    seen[item] = true;
    return item;
}

static int rows_of(struct check *c, json_t **rows)
{
    int rc = fetch(c);

    if (rc < 0 || (rc = json_read(c->cx, c->got.body, c->got.n, rows)) < 0)
        return rc;
    if (!json_is_array(*rows) || json_array_size(*rows) != (size_t)c->p->e->nitems)
        return wrong(c, "it has %zu tasks instead of %d.", json_array_size(*rows), c->p->e->nitems);
    return 0;
}

static int check_answers(struct check *c)
{
    bool *seen = NEW_N(c->cx, bool, c->p->e->nitems);
    json_t *rows, *row, *a;
    int item, rc, total = 0;
    size_t i, k;

    c->format = "JSON";
    c->answer = "annotations";
    if ((rc = rows_of(c, &rows)) < 0)
        return rc;
    json_array_foreach(rows, i, row) {
        json_t *list = json_object_get(row, "annotations");

        if ((item = row_item(c, row, seen)) < 0)
            return item;
        if (json_array_size(list) < DEMO_OVERLAP ||
            json_array_size(json_object_get(row, "predictions")))
            return wrong(c, "task %lld has %zu answers, or predictions.",
                         (long long)json_int(row, "id", 0), json_array_size(list));
        json_array_foreach(list, k, a)
            if ((rc = check_annotation(c, a, item)) < 0)
                return rc;
        total += (int)json_array_size(list);
    }
    return total == c->p->nsent ? 0 : wrong(c, "it has %d answers; %d were sent.", total,
                                            c->p->nsent);
}

/* ---- JSON, consensus -------------------------------------------------------------------- */

static int check_consensus(struct check *c)
{
    bool *seen = NEW_N(c->cx, bool, c->p->e->nitems);
    json_t *rows, *row;
    int item, rc;
    size_t i;

    c->format = "JSON";
    c->answer = "consensus";
    if ((rc = rows_of(c, &rows)) < 0)
        return rc;
    json_array_foreach(rows, i, row) {
        const json_t *list = json_object_get(row, "annotations"), *one = json_array_get(list, 0);

        if ((item = row_item(c, row, seen)) < 0)
            return item;
        if (json_array_size(list) != 1 ||
            strcmp(json_str(one, "completed_by", ""), "consensus") != 0 ||
            !json_is_array(json_object_get(one, "result")))
            return wrong(c, "task %lld has no consensus.", (long long)json_int(row, "id", 0));
        demo_score_add(&c->p->agreed, c->p->e->kind, c->p->e->item[item].truth,
                       json_object_get(one, "result"));
    }
    return 0;
}

/* ---- the other formats are read back ---------------------------------------------------- */

/* Rows by the reader that imports use. */
static int count_rows(struct check *c, int *n)
{
    enum source_kind kind;
    struct reader *r;
    struct row row;
    FILE *f;
    int rc;

    if (!source_find(str_lower(c->cx, c->format), &kind))
        return wrong(c, "it cannot be read back.");
    if (!(f = fmemopen((void *)(uintptr_t)c->got.body, c->got.n, "rb")))
        return wrong(c, "it is empty.");
    if ((rc = reader_open_file(c->cx, kind, "export", f, &r)) < 0)
        return rc;
    for (*n = 0; (rc = reader_next(r, &row)) > 0; (*n)++)
        if (row.why)
            break;
    if (rc > 0)
        rc = wrong(c, "row %lld: %s", (long long)row.line, row.why);
    reader_close(r);
    return rc;
}

static int count_member(struct check *c, const char *member, int *n)
{
    json_t *v;
    int rc = json_read(c->cx, c->got.body, c->got.n, &v);

    *n = (int)json_array_size(member ? json_object_get(v, member) : v);
    return rc;
}

static int count_files(struct check *c, const char *ending, int *n)
{
    struct archive *a = archive_read_new();
    struct archive_entry *e;
    int rc;

    archive_read_support_format_zip(a);
    rc = archive_read_open_memory(a, c->got.body, c->got.n);
    for (*n = 0; rc == ARCHIVE_OK && (rc = archive_read_next_header(a, &e)) == ARCHIVE_OK;) {
        const char *name = archive_entry_pathname(e);

        *n += name && str_ends(name, ending) && !str_ends(name, "classes.txt");
        if ((rc = archive_read_data_skip(a)) != ARCHIVE_OK)
            break;
    }
    archive_read_free(a);
    return rc == ARCHIVE_EOF ? 0 : wrong(c, "the archive cannot be read.");
}

/* Blocks of lines, each ended by an empty one. */
static int count_blocks(struct check *c, int *n)
{
    const char *at = c->got.body;

    if (!str_starts(at, "-DOCSTART- "))
        return wrong(c, "it does not begin with -DOCSTART-.");
    for (*n = 0; (at = strstr(at, "\n\n")); at += 2)
        ++*n;
    return 0;
}

enum reading { ROWS, LIST, IMAGES, FILES_XML, FILES_TXT, BLOCKS };

static const struct {
    const char *format, *answer;
    enum reading how;
    int kinds;                      /* bits of enum demo_kind */
    bool each;                      /* as many as answers, else as tasks */
} others[] = {
    {"JSONL", "annotations", ROWS, 15, false},
    {"JSON_MIN", "consensus", LIST, 15, false},
    {"CSV", "annotations", ROWS, 15, true},
    {"TSV", "consensus", ROWS, 15, false},
    {"CONLL2003", "consensus", BLOCKS, 1 << DEMO_SPANS, false},
    {"COCO", "consensus", IMAGES, 1 << DEMO_BOXES, false},
    {"VOC", "consensus", FILES_XML, 1 << DEMO_BOXES, false},
    {"YOLO", "consensus", FILES_TXT, 1 << DEMO_BOXES, false},
};

static int check_other(struct check *c, enum reading how, int want)
{
    int n = 0, rc = fetch(c);

    if (rc < 0)
        return rc;
    switch (how) {
    case ROWS:
        rc = count_rows(c, &n);
        break;
    case LIST:
        rc = count_member(c, NULL, &n);
        break;
    case IMAGES:
        rc = count_member(c, "images", &n);
        break;
    case FILES_XML:
        rc = count_files(c, ".xml", &n);
        break;
    case FILES_TXT:
        rc = count_files(c, ".txt", &n);
        break;
    case BLOCKS:
        rc = count_blocks(c, &n);
        break;
    }
    if (rc < 0)
        return rc;
    return n == want ? 0 : wrong(c, "it has %d rows instead of %d.", n, want);
}

static int check_all(struct check *c, int *formats)
{
    int rc;

    if ((rc = check_answers(c)) < 0 || (rc = check_consensus(c)) < 0)
        return rc;
    *formats = 2;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (!(others[i].kinds & 1 << c->p->e->kind))
            continue;
        c->format = others[i].format;
        c->answer = others[i].answer;
        rc = check_other(c, others[i].how, others[i].each ? c->p->nsent : c->p->e->nitems);
        if (rc < 0)
            return rc;
        ++*formats;
    }
    return 0;
}

int demo_check(struct demo *d, struct demo_project *p)
{
    struct ctx *cx = ctx_new(d->cx->mem);
    struct check c = {.d = d, .p = p, .cx = cx};
    int formats = 0, rc = check_all(&c, &formats);

    if (rc < 0)
        fail(d->cx, rc, "%s", cx->why ? cx->why : err_word(rc));
    else
        demo_step(d, "Exported \"%s\": %d exports are what they must be", p->e->title, formats);
    ctx_free(cx);
    return rc;
}
