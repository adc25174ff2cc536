/*
 * task_facts.c -- what lists show beside the rows of tasks; see task.h.
 *
 * A page is asked about as a whole: a few statements, however many tasks.
 */
#include "domain/task.h"

#include <math.h>

#include "core/str.h"
#include "domain/task_set.h"
#include "store/db.h"

struct page {
    struct ctx *cx;
    int64_t project;
    const struct tasks *set;
    struct task_facts *facts;
    int n;
    struct place {
        int64_t id;
        int at;                 /* in `task` */
    } *place;                   /* by id */
    struct task_name *name;
    int nnames;
};

static int compare(const void *a, const void *b)
{
    int64_t x = ((const struct place *)a)->id, y = ((const struct place *)b)->id;

    return (x > y) - (x < y);
}

static struct task_facts *facts_of(struct page *p, int64_t task)
{
    const struct place *found = bsearch(&(struct place){.id = task}, p->place, (size_t)p->n,
                                        sizeof *p->place, compare);

    return found ? &p->facts[found->at] : NULL;
}

static void note_name(struct page *p, int64_t person, const char *name)
{
    for (int i = 0; i < p->nnames; i++)
        if (p->name[i].person == person)
            return;
    p->name = talloc_realloc(p->cx->mem, p->name, struct task_name, (unsigned)p->nnames + 1);
    p->name[p->nnames++] = (struct task_name){person, talloc_strdup(p->cx->mem, name)};
}

static int answers(struct page *p)
{
    struct rows *q;
    int rc = db_query(p->cx, &q,
                      "SELECT a.task_id, a.person_id, COALESCE(NULLIF(p.name, ''), p.email, ''),"
                      " a.created_ms, a.lead_ms FROM annotation a JOIN person p ON p.id ="
                      " a.person_id WHERE a.project_id = ? AND " TASK_ONE_OF("a.task_id")
                      " AND a.withdrawn_ms IS NULL AND a.was_cancelled = 0"
                      " ORDER BY a.task_id, a.id",
                      "it", p->project, TASK_IDS(p->set));

    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0) {
        struct task_facts *f = facts_of(p, rows_int(q, 0));
        double lead = (double)rows_int(q, 4) / 1000;

        if (!f)
            continue;
        f->person = talloc_realloc(p->cx->mem, f->person, int64_t, (unsigned)f->people + 1);
        f->person[f->people++] = rows_int(q, 1);
        f->lead_s = f->people == 1 ? lead : f->lead_s + (lead - f->lead_s) / f->people;
        if (rows_int(q, 3) > f->completed)
            f->completed = rows_int(q, 3);
        note_name(p, rows_int(q, 1), rows_text(q, 2));
    }
    return rc;
}

static int scores(struct page *p)
{
    struct rows *q;
    int rc = db_query(p->cx, &q,
                      "SELECT task_id, AVG(score) FROM prediction WHERE project_id = ?"
                      " AND " TASK_ONE_OF("task_id") " AND score IS NOT NULL GROUP BY task_id",
                      "it", p->project, TASK_IDS(p->set));

    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0) {
        struct task_facts *f = facts_of(p, rows_int(q, 0));

        if (f)
            f->score = rows_num(q, 1);
    }
    return rc;
}

static int comments(struct page *p)
{
    struct rows *q;
    int rc = db_query(p->cx, &q,
                      "SELECT task_id, COUNT(*) FROM comment WHERE project_id = ?"
                      " AND " TASK_ONE_OF("task_id")
                      " GROUP BY task_id", "it", p->project, TASK_IDS(p->set));

    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0) {
        struct task_facts *f = facts_of(p, rows_int(q, 0));

        if (f)
            f->comments = rows_int(q, 1);
    }
    return rc;
}

int task_facts(struct ctx *cx, int64_t project, const struct task *t, int n,
               struct task_facts **out, struct task_name **names, int *nnames)
{
    struct page p = {.cx = cx, .project = project, .n = n,
                     .facts = NEW_N(cx, struct task_facts, n + 1),
                     .place = NEW_N(cx, struct place, n + 1)};
    int64_t *id = NEW_N(cx, int64_t, n + 1);
    int rc;

    *out = p.facts;
    *nnames = 0;
    if (n == 0)
        return 0;
    for (int i = 0; i < n; i++) {
        id[i] = t[i].id;
        p.place[i] = (struct place){t[i].id, i};
        p.facts[i].lead_s = p.facts[i].score = NAN;
    }
    qsort(p.place, (size_t)n, sizeof *p.place, compare);
    p.set = tasks_of(cx, id, n);
    if ((rc = answers(&p)) < 0 || (rc = scores(&p)) < 0 || (rc = comments(&p)) < 0)
        return rc;
    for (int i = 0; i < n; i++)
        if (t[i].slot.answered < t[i].slot.required)
            p.facts[i].completed = 0;
    *names = p.name;
    *nnames = p.nnames;
    return 0;
}

/* ---- fields ----------------------------------------------------------------------------- */

static int note_field(struct ctx *cx, struct task_field *list, int *n, const char *name, char kind)
{
    int i = 0;

    while (i < *n && strcmp(list[i].name, name) != 0)
        i++;
    if (i == TASK_FIELDS_MAX)
        return 0;
    if (i == *n)
        list[(*n)++] = (struct task_field){.name = talloc_strdup(cx->mem, name)};
    list[i].number |= kind == 'n';
    list[i].word |= kind == 'w';
    return 1;
}

/* From name to name along an index: its rows of one name are stepped over. */
static int hop(struct ctx *cx, int64_t project, const char *sql, char kind, struct task_field *list,
               int *n)
{
    char *last = talloc_strdup(cx->mem, "");
    int rc;

    while ((rc = db_text(cx, &last, sql, "it", project, last)) > 0)
        if (!note_field(cx, list, n, last, kind))
            return 0;
    return rc;
}

static int near_end(struct ctx *cx, int64_t project, const char *sql, struct task_field *list,
                    int *n)
{
    struct rows *q;
    int rc = db_query(cx, &q, sql, "i", project);

    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        note_field(cx, list, n, rows_text(q, 0), ' ');
    return rc;
}

int task_fields(struct ctx *cx, int64_t project, struct task_field **out, int *n)
{
    int rc;

    *out = NEW_N(cx, struct task_field, TASK_FIELDS_MAX);
    *n = 0;
    rc = near_end(cx, project, "SELECT field FROM task_field WHERE project_id = ?"
                               " ORDER BY task_id, field LIMIT 100", *out, n);
    if (rc >= 0)
        rc = near_end(cx, project, "SELECT field FROM task_field WHERE project_id = ?"
                                   " ORDER BY task_id DESC, field DESC LIMIT 100", *out, n);
    if (rc >= 0)
        rc = hop(cx, project, "SELECT field FROM task_field WHERE project_id = ? AND field > ?"
                              " AND num IS NOT NULL ORDER BY field LIMIT 1", 'n', *out, n);
    if (rc >= 0)
        rc = hop(cx, project, "SELECT field FROM task_field WHERE project_id = ? AND field > ?"
                              " AND word IS NOT NULL ORDER BY field LIMIT 1", 'w', *out, n);
    return rc < 0 ? rc : 0;
}

/* ---- spread ----------------------------------------------------------------------------- */

static int ends(struct ctx *cx, const char *sql, int64_t project, const char *field, double *out)
{
    struct rows *q;
    int rc = db_query(cx, &q, sql, "it", project, field);

    if (rc < 0 || (rc = rows_next(q)) <= 0)
        return rc;
    *out = rows_num(q, 0);
    rows_end(q);
    return 1;
}

/* Rows of (bin, count); a number at the very top belongs to the last bin. */
static int read_bins(struct rows *q, struct task_spread *s)
{
    int rc;

    while ((rc = rows_next(q)) > 0) {
        int64_t bin = rows_int(q, 0);

        s->bin[bin < 0 ? 0 : bin >= SPREAD_BINS ? SPREAD_BINS - 1 : bin] += rows_int(q, 1);
    }
    return rc;
}

static int field_numbers(struct ctx *cx, int64_t project, const char *field, struct task_spread *s)
{
#define NUM                                                                                        \
    "SELECT num FROM task_field WHERE project_id = ? AND field = ? AND num IS NOT NULL"            \
    " ORDER BY num"
    struct rows *q;
    int rc = ends(cx, NUM " LIMIT 1", project, field, &s->low);

    if (rc <= 0)
        return rc;
    if ((rc = ends(cx, NUM " DESC LIMIT 1", project, field, &s->high)) <= 0)
        return rc;
#undef NUM
    s->numbers = true;
    if (!isfinite(s->high - s->low))
        return 1;
    rc = db_query(cx, &q,
                  "SELECT CAST(FLOOR((num - ?) * ?) AS BIGINT) AS bin, COUNT(*) FROM task_field"
                  " WHERE project_id = ? AND field = ? AND num IS NOT NULL GROUP BY bin",
                  "ddit", s->low, s->high > s->low ? SPREAD_BINS / (s->high - s->low) : 0, project,
                  field);
    if (rc < 0)
        return rc;
    return (rc = read_bins(q, s)) < 0 ? rc : 1;
}

static int field_words(struct ctx *cx, int64_t project, const char *field, struct task_spread *s)
{
    struct rows *q;
    int rc = db_query(cx, &q,
                      "SELECT word, COUNT(*) AS n FROM task_field WHERE project_id = ?"
                      " AND field = ? AND word IS NOT NULL GROUP BY word HAVING COUNT(*) > 1"
                      " ORDER BY n DESC, word LIMIT ?",
                      "iti", project, field, (int64_t)SPREAD_WORDS);

    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0) {
        s->word[s->nwords].word = rows_text_keep(q, 0);
        s->word[s->nwords++].n = rows_int(q, 1);
    }
    return rc;
}

static int agreement_bins(struct ctx *cx, int64_t project, struct task_spread *s)
{
    struct rows *q;
    int rc = db_query(cx, &q, "SELECT tenth * 2, tasks FROM agreement_sum WHERE project_id = ?",
                      "i", project);

    s->numbers = true;
    s->high = 100;
    if (rc < 0 || (rc = read_bins(q, s)) < 0)
        return rc;
    for (int i = 0; i < SPREAD_BINS; i += 2) {      /* kept by tenths: two bins of one height */
        s->bin[i + 1] = s->bin[i] / 2;
        s->bin[i] -= s->bin[i + 1];
    }
    return 0;
}

int task_spread(struct ctx *cx, int64_t project, const char *name, struct task_spread *out)
{
    int rc;

    *out = (struct task_spread){0};
    if (strcmp(name, "agreement") == 0)
        return agreement_bins(cx, project, out);
    if (!str_starts(name, "data."))
        return fail_at(cx, E_INVALID, "name",
                       "Only fields of the data and the agreement are known.");
    rc = field_numbers(cx, project, name + 5, out);
    return rc != 0 ? rc < 0 ? rc : 0 : field_words(cx, project, name + 5, out);
}
