/* agree_in.c -- see agree.h: a file of labels, or of spans. */
#include "cli/agree.h"

#define SETS_MAX 64                 /* members of all sets together: a bit each */

/* ------------------------------------------------------------------ reading labels */

static bool all_numbers(const struct as_names *m, double *value)
{
    char room[12];

    for (uint32_t k = 0; k < as_names_count(m); k++)
        if (!as_cell_number(as_name(m, k, room), &value[k]))
            return false;
    return as_names_count(m) > 0;
}

/* Labels that are numbers stand in the order of the numbers, not of their letters. */
static void by_value(struct agree *a, double *value)
{
    uint32_t n = as_names_count(a->answers->classes);
    uint32_t *rank = NEW_N(a->cli->cx, uint32_t, n);
    double *sorted = NEW_N(a->cli->cx, double, n);

    for (uint32_t k = 0; k < n; k++)
        for (uint32_t l = 0; l < n; l++)
            rank[k] += value[l] < value[k] || (value[l] <= value[k] && l < k);
    for (uint32_t k = 0; k < n; k++)
        sorted[rank[k]] = value[k];
    for (size_t r = 0; r < a->answers->n; r++)
        if (a->answers->label[r] != AS_ABSTAIN)
            a->answers->label[r] = (uint16_t)rank[a->answers->label[r]];
    a->opts.value = sorted;
}

/* Labels that are sets, as red|green: a bit a member. */
static int as_sets(struct agree *a)
{
    struct as_names *classes = a->answers->classes, *members;
    uint32_t n = as_names_count(classes), id;
    uint64_t *set = NEW_N(a->cli->cx, uint64_t, n);
    char room[12];

    if (as_names_new(&members))
        return stats_fail(a->cli, AS_ENOMEM, "sets");
    KEEP(a->cli, members, as_names_free);
    for (uint32_t k = 0; k < n; k++) {
        struct as_cell c = as_name(classes, k, room);

        for (const char *s = c.s, *end = c.s + c.n; s <= end;) {
            const char *bar = memchr(s, '|', (size_t)(end - s));
            struct as_cell one = {s, (size_t)((bar ? bar : end) - s)};

            if (one.n && as_names_add(members, one, &id))
                return stats_fail(a->cli, AS_ENOMEM, "sets");
            if (one.n && id >= SETS_MAX)
                return fail(a->cli->cx, E_TOOBIG, "Sets have more than %d members.", SETS_MAX);
            if (one.n)
                set[k] |= (uint64_t)1 << id;
            s = one.s + one.n + 1;
        }
    }
    a->opts.set = set;
    return 0;
}

int agree_labels(struct agree *a)
{
    struct as_reading how = {.bad = input_bad, .bad_arg = &a->in};
    struct as_labels labels;
    struct as_blame b;
    uint32_t n;
    int rc = option_list(a->cli, "classes", a->classes, &how.classes, &n);

    if (rc < 0)
        return rc;
    how.nclasses = n;
    if ((rc = as_answers_read(a->in.s, a->in.n, &how, &a->answers, &b)))
        return input_fail(a->cli, &a->in, rc, &b);
    KEEP(a->cli, a->answers, as_answers_free);
    if ((rc = input_check(a->cli, &a->in)) < 0)
        return rc;
    n = as_names_count(a->answers->classes);
    if (!n)
        return fail(a->cli->cx, E_INVALID, "%s holds no label.", a->in.path);
    double *value = NEW_N(a->cli->cx, double, n);
    if (n <= AS_MATRIX_MAX && !a->classes && all_numbers(a->answers->classes, value))
        by_value(a, value);
    if ((a->distance_word == AS_D_JACCARD || a->distance_word == AS_D_MASI) &&
        (rc = as_sets(a)) < 0)
        return rc;
    a->workers = a->answers->workers;
    as_answers_labels(a->answers, &labels);
    if ((rc = as_votes_new(&labels, AS_KEEP_LAST, &a->votes, NULL)))
        return stats_fail(a->cli, rc, a->in.path);
    KEEP(a->cli, a->votes, as_votes_free);
    return 0;
}

/* ------------------------------------------------------------------ reading spans */

struct span_columns {
    uint32_t who, what, start, end;
};

/* Files of spans often have no header: then the first row is one of them. */
static bool spans_columns(const struct as_csv *c, struct span_columns *at)
{
    const struct as_cell *name;
    double x;

    at->who = as_csv_column(c, "annotator");
    at->who = at->who == UINT32_MAX ? as_csv_column(c, "worker") : at->who;
    at->what = as_csv_column(c, "category");
    at->what = at->what == UINT32_MAX ? as_csv_column(c, "label") : at->what;
    at->start = as_csv_column(c, "start");
    at->end = as_csv_column(c, "end");
    if (as_csv_header(c, &name) != 4 || !as_cell_number(name[2], &x) ||
        !as_cell_number(name[3], &x))
        return false;
    *at = (struct span_columns){0, 1, 2, 3};
    return true;
}

static int take_span(struct agree *a, const struct as_cell *row, const struct span_columns *at,
                     size_t line, struct as_stretch *to)
{
    const char *why = NULL;
    struct as_cell cell = {NULL, 0};

    if (!as_cell_number(row[at->start], &to->start))
        why = "the start is no number", cell = row[at->start];
    else if (!as_cell_number(row[at->end], &to->end))
        why = "the end is no number", cell = row[at->end];
    else if (to->end < to->start)
        why = "the end lies before the start";
    if (why) {
        input_bad(&a->in, &(struct as_blame){line, cell, why});
        return 0;
    }
    if (as_names_add(a->workers, row[at->who], &to->annotator) ||
        as_names_add(a->categories, row[at->what], &to->category))
        return stats_fail(a->cli, AS_ENOMEM, a->in.path);
    return 1;
}

int agree_spans(struct agree *a)
{
    struct span_columns at;
    struct as_stretch *unit;
    const struct as_cell *row;
    struct as_csv *c;
    struct as_blame b;
    size_t room = 0, n = 0;
    int rc = as_csv_open(a->in.s, a->in.n, &c, &b), more;

    if (rc)
        return input_fail(a->cli, &a->in, rc, &b);
    KEEP(a->cli, c, as_csv_close);
    if (as_names_new(&a->workers) || as_names_new(&a->categories))
        return stats_fail(a->cli, AS_ENOMEM, a->in.path);
    KEEP(a->cli, a->workers, as_names_free);
    KEEP(a->cli, a->categories, as_names_free);
    more = spans_columns(c, &at);
    if (at.who == UINT32_MAX || at.what == UINT32_MAX || at.start == UINT32_MAX ||
        at.end == UINT32_MAX)
        return fail(a->cli->cx, E_INVALID, "%s line 1: spans have the columns annotator, category, "
                    "start, end (or worker and label).", a->in.path);
    for (size_t k = 0; k < a->in.n; k++)
        room += a->in.s[k] == '\n';
    room = room < AS_SPANS_MAX + 1 ? room + 2 : AS_SPANS_MAX + 2;
    unit = NEW_N(a->cli->cx, struct as_stretch, room);
    as_csv_header(c, &row);
    for (more = more ? 1 : as_csv_next(c, &row, &b); more; more = as_csv_next(c, &row, &b)) {
        if (more == AS_EINVAL)
            input_bad(&a->in, &b);
        else if (more < 0)
            return stats_fail(a->cli, more, a->in.path);
        else if ((rc = take_span(a, row, &at, as_csv_line(c), &unit[n])) < 0)
            return rc;
        else
            n += (size_t)rc;
        if (n == room)
            return fail(a->cli->cx, E_TOOBIG, "%s has more than %d spans.", a->in.path,
                        AS_SPANS_MAX);
    }
    a->line = (struct as_continuum){.unit = unit, .n = n,
                                    .annotators = as_names_count(a->workers),
                                    .categories = as_names_count(a->categories)};
    return input_check(a->cli, &a->in);
}
