/* rank_in.c -- see rank.h: a file of comparisons, or of lists, becomes struct as_duels. */
#include "cli/rank.h"
#include "core/str.h"

#include <math.h>

#define NONE UINT32_MAX

struct reading {
    struct cli *cli;
    struct duels_file *f;
    struct as_names *items, *workers, *periods;
    bool known;
    uint32_t left, right, label, worker, weight, period;        /* columns */
    uint32_t style_left[AS_RANK_STYLES_MAX], style_right[AS_RANK_STYLES_MAX];
    uint32_t *l, *r, *judge, *at_period;
    uint8_t *outcome;
    float *w;
    double *a, *b;                  /* measures of styles, row by row */
};

static int bad(struct reading *k, size_t line, struct as_cell cell, const char *why)
{
    return input_bad(&k->f->in, &(struct as_blame){line, cell, why});
}

static bool same_cell(struct as_cell a, struct as_cell b)
{
    return a.n == b.n && memcmp(a.s, b.s, a.n) == 0;
}

/* Every left_NAME that has a right_NAME. */
static int style_columns(struct reading *k, const struct as_csv *c)
{
    const struct as_cell *name;
    uint32_t n = as_csv_header(c, &name);
    unsigned *styles = &k->f->duels.styles;

    for (uint32_t i = 0; i < n; i++) {
        if (name[i].n < 6 || memcmp(name[i].s, "left_", 5) != 0)
            continue;
        const char *other = talloc_asprintf(k->cli->cx->mem, "right_%.*s", (int)name[i].n - 5,
                                            name[i].s + 5);
        uint32_t right = as_csv_column(c, other);

        if (right == NONE)
            continue;
        if (*styles == AS_RANK_STYLES_MAX)
            return fail(k->cli->cx, E_TOOBIG, "%s has more than %d styles.", k->f->in.path,
                        AS_RANK_STYLES_MAX);
        k->f->style[*styles] = (struct as_cell){name[i].s + 5, name[i].n - 5};
        k->style_left[*styles] = i;
        k->style_right[(*styles)++] = right;
    }
    if (!*styles)
        return fail(k->cli->cx, E_INVALID, "%s line 1: styles stand in pairs of columns left_NAME, "
                    "right_NAME; there is none.", k->f->in.path);
    return 0;
}

static int columns(struct reading *k, const struct as_csv *c, bool styles)
{
    static const char *const must[] = {"left", "right", "label"};
    uint32_t *const at[] = {&k->left, &k->right, &k->label};

    for (int i = 0; i < 3; i++)
        if ((*at[i] = as_csv_column(c, must[i])) == NONE)
            return fail(k->cli->cx, E_INVALID, "%s line 1: the header has no such column: \"%s\".",
                        k->f->in.path, must[i]);
    k->worker = as_csv_column(c, "worker");
    k->weight = as_csv_column(c, "weight");
    k->period = as_csv_column(c, "period");
    return styles ? style_columns(k, c) : 0;
}

static int room_for(struct reading *k)
{
    size_t rows = 2;

    for (size_t i = 0; i < k->f->in.n; i++)
        rows += k->f->in.s[i] == '\n';
    if (rows > AS_RANK_ROWS_MAX)
        return fail(k->cli->cx, E_TOOBIG, "%s has too many rows.", k->f->in.path);
    size_t cells = rows * (k->f->duels.styles ? k->f->duels.styles : 1);
    k->l = NEW_N(k->cli->cx, uint32_t, rows);
    k->r = NEW_N(k->cli->cx, uint32_t, rows);
    k->outcome = NEW_N(k->cli->cx, uint8_t, rows);
    k->judge = k->worker != NONE ? NEW_N(k->cli->cx, uint32_t, rows) : NULL;
    k->w = k->weight != NONE ? NEW_N(k->cli->cx, float, rows) : NULL;
    k->at_period = k->period != NONE ? NEW_N(k->cli->cx, uint32_t, rows) : NULL;
    k->a = talloc_array(k->cli->cx->mem, double, (unsigned)cells);
    k->b = talloc_array(k->cli->cx->mem, double, (unsigned)cells);
    return 0;
}

/* Ids of the two, or false where the row is left out. */
static bool two_items(struct reading *k, struct as_cell l, struct as_cell r, size_t row)
{
    if (k->known) {
        k->l[row] = as_names_find(k->items, l);
        k->r[row] = as_names_find(k->items, r);
        k->f->strangers += k->l[row] == NONE || k->r[row] == NONE;
        return k->l[row] != NONE && k->r[row] != NONE;
    }
    return as_names_add(k->items, l, &k->l[row]) == 0 && as_names_add(k->items, r, &k->r[row]) == 0;
}

/* The columns that need not be there.  NULL, or what is wrong with *cell. */
static const char *extras(struct reading *k, const struct as_cell *row, size_t at,
                          struct as_cell *cell)
{
    double x;

    if (k->w) {
        *cell = row[k->weight];
        if (!as_cell_number(*cell, &x) || x < 0 || !isfinite((float)x))
            return "the weight must be a number of 0 or more";
        k->w[at] = (float)x;
    }
    for (unsigned s = 0; s < k->f->duels.styles; s++) {
        size_t i = at * k->f->duels.styles + s;

        *cell = row[k->style_left[s]];
        if (!as_cell_number(*cell, &k->a[i]) || k->a[i] < 0)
            return "a style is a number of 0 or more";
        *cell = row[k->style_right[s]];
        if (!as_cell_number(*cell, &k->b[i]) || k->b[i] < 0)
            return "a style is a number of 0 or more";
    }
    if (k->at_period) {
        uint32_t before = as_names_count(k->periods), id;

        *cell = row[k->period];
        if (as_names_add(k->periods, *cell, &id) || (before && id + 1 < before))
            return "this period was over: rows stand in the order of their periods";
        k->at_period[at] = id;
    }
    return NULL;
}

static bool take_duel(struct reading *k, const struct as_cell *row, size_t line, size_t at)
{
    struct as_cell l = row[k->left], r = row[k->right], y = row[k->label], cell = {NULL, 0};
    const char *why = NULL;

    if (!l.n || !r.n)
        why = "an item has no name";
    else if (same_cell(l, r))
        why = "an item stands against itself", cell = l;
    else if (same_cell(y, l) || same_cell(y, r))
        k->outcome[at] = same_cell(y, l) ? AS_LEFT : AS_RIGHT;
    else if (as_cell_same(y, "tie"))
        k->outcome[at] = AS_TIE;
    else
        why = "the label is neither of the two, nor tie", cell = y;
    if (!why)
        why = extras(k, row, at, &cell);
    if (why) {
        bad(k, line, cell, why);
        return false;
    }
    if (!two_items(k, l, r, at))
        return false;
    return !k->judge || as_names_add(k->workers, row[k->worker], &k->judge[at]) == 0;
}

static int read_duels(struct reading *k, struct as_csv *c)
{
    struct as_duels *d = &k->f->duels;
    const struct as_cell *row;
    struct as_blame b;
    int rc = room_for(k), more;

    if (rc < 0)
        return rc;
    while ((more = as_csv_next(c, &row, &b))) {
        if (more == AS_EINVAL)
            input_bad(&k->f->in, &b);
        else if (more < 0)
            return stats_fail(k->cli, more, k->f->in.path);
        else
            d->n += take_duel(k, row, as_csv_line(c), d->n);
    }
    d->left = k->l;
    d->right = k->r;
    d->outcome = k->outcome;
    d->weight = k->w;
    d->period = k->at_period;
    d->judge = k->judge;
    d->judges = k->judge ? as_names_count(k->workers) : 0;
    if (d->styles) {
        double *x = talloc_array(k->cli->cx->mem, double, (unsigned)(d->n * d->styles + 1));

        as_style(k->a, k->b, d->n * d->styles, x);
        d->x = x;
    }
    return 0;
}

/* ------------------------------------------------------------------ lists */

struct placed {
    uint32_t list, item;
    double place;
    size_t line;
};

static int by_place(const void *x, const void *y)
{
    const struct placed *a = x, *b = y;

    if (a->list != b->list)
        return a->list < b->list ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

/* Places of one list must differ, and an item stands in it once. */
static void check_lists(struct reading *k, const struct placed *p, size_t n)
{
    uint32_t *seen = NEW_N(k->cli->cx, uint32_t, as_names_count(k->items) + 1);

    for (size_t i = 0; i < n; i++) {
        if (i && p[i].list == p[i - 1].list && p[i].place <= p[i - 1].place)
            bad(k, p[i].line, (struct as_cell){NULL, 0}, "this place of the list is taken");
        if (seen[p[i].item] == p[i].list + 1)
            bad(k, p[i].line, (struct as_cell){NULL, 0}, "the item stands in this list already");
        seen[p[i].item] = p[i].list + 1;
    }
}

static int read_lists(struct reading *k, struct as_csv *c, uint32_t list, uint32_t place,
                      uint32_t item)
{
    struct as_duels *d = &k->f->duels;
    const struct as_cell *row;
    struct as_blame b;
    size_t room = 2, n = 0;
    int more;

    for (size_t i = 0; i < k->f->in.n; i++)
        room += k->f->in.s[i] == '\n';
    struct placed *p = NEW_N(k->cli->cx, struct placed, room);
    while ((more = as_csv_next(c, &row, &b))) {
        if (more < 0 && more != AS_EINVAL)
            return stats_fail(k->cli, more, k->f->in.path);
        if (more == AS_EINVAL) {
            input_bad(&k->f->in, &b);
            continue;
        }
        p[n].line = as_csv_line(c);
        if (!as_cell_number(row[place], &p[n].place))
            bad(k, p[n].line, row[place], "the place is no number");
        else if (as_names_add(k->workers, row[list], &p[n].list) ||
                 as_names_add(k->items, row[item], &p[n].item))
            return stats_fail(k->cli, AS_ENOMEM, k->f->in.path);
        else
            n++;
    }
    qsort(p, n, sizeof *p, by_place);
    check_lists(k, p, n);
    d->lists = as_names_count(k->workers);
    size_t *start = NEW_N(k->cli->cx, size_t, d->lists + 1);
    uint32_t *items = NEW_N(k->cli->cx, uint32_t, n + 1);
    for (size_t i = 0; i < n; i++) {
        items[i] = p[i].item;
        start[p[i].list + 1] = i + 1;
    }
    d->list_start = start;
    d->list_item = items;
    return 0;
}

int duels_read(struct cli *cli, const char *path, bool skip_bad, bool styles, bool known,
               struct as_names *items, struct as_names *workers, struct duels_file *f)
{
    struct reading k = {.cli = cli, .f = f, .items = items, .workers = workers, .known = known};
    struct as_csv *c;
    struct as_blame b;
    int rc = input_open(cli, path, skip_bad, &f->in);

    if (rc < 0)
        return rc;
    if ((rc = as_csv_open(f->in.s, f->in.n, &c, &b)))
        return input_fail(cli, &f->in, rc, &b);
    KEEP(cli, c, as_csv_close);
    if (as_names_new(&k.periods))
        return stats_fail(cli, AS_ENOMEM, path);
    KEEP(cli, k.periods, as_names_free);
    uint32_t list = as_csv_column(c, "list"), place = as_csv_column(c, "place"),
             item = as_csv_column(c, "item");
    if (list != NONE && place != NONE && item != NONE)
        rc = read_lists(&k, c, list, place, item);
    else if ((rc = columns(&k, c, styles)) >= 0)
        rc = read_duels(&k, c);
    f->duels.items = as_names_count(items);
    return rc < 0 ? rc : input_check(cli, &f->in);
}
