/* cmd_merge.c -- annotary merge: boxes, masks, spans, text of several people become one answer. */
#include "cli/merge.h"

int merge_open(struct merge *m, const char *const *columns, uint32_t *at)
{
    struct as_blame b;
    int rc = input_open(m->cli, m->path, m->skip_bad, &m->in);

    if (rc < 0 || (rc = table_not_input(m->cli, m->out, &m->in)) < 0 ||
        (rc = table_not_input(m->cli, m->workers, &m->in)) < 0)
        return rc;
    if ((rc = as_csv_open(m->in.s, m->in.n, &m->csv, &b)))
        return input_fail(m->cli, &m->in, rc, &b);
    KEEP(m->cli, m->csv, as_csv_close);
    if (as_names_new(&m->tasks) || as_names_new(&m->people))
        return stats_fail(m->cli, AS_ENOMEM, m->path);
    KEEP(m->cli, m->tasks, as_names_free);
    KEEP(m->cli, m->people, as_names_free);
    for (int k = 0; columns[k]; k++) {
        bool may = columns[k][0] == '?';

        at[k] = as_csv_column(m->csv, columns[k] + may);
        if (at[k] == UINT32_MAX && !may)
            return fail(m->cli->cx, E_INVALID, "%s line 1: the header has no such column: \"%s\".",
                        m->in.path, columns[k]);
    }
    return 0;
}

int merge_next(struct merge *m, const uint32_t *at, const struct as_cell **row, uint32_t *task,
               uint32_t *worker)
{
    struct as_blame b;
    int more;

    while ((more = as_csv_next(m->csv, row, &b))) {
        if (more == AS_EINVAL) {
            input_bad(&m->in, &b);
            continue;
        }
        if (more < 0)
            return stats_fail(m->cli, more, m->in.path);
        if (!(*row)[at[0]].n || !(*row)[at[1]].n) {
            b = (struct as_blame){.line = as_csv_line(m->csv),
                                  .why = "the task or the worker is empty"};
            input_bad(&m->in, &b);
            continue;
        }
        if (as_names_add(m->tasks, (*row)[at[0]], task) ||
            as_names_add(m->people, (*row)[at[1]], worker))
            return stats_fail(m->cli, AS_ENOMEM, m->in.path);
        return 1;
    }
    return 0;
}

size_t merge_room(const struct merge *m)
{
    size_t rows = 2;

    for (size_t k = 0; k < m->in.n; k++)
        rows += m->in.s[k] == '\n';
    return rows;
}

void merge_name(struct table *t, const struct as_names *names, uint32_t id)
{
    char room[12];
    struct as_cell c = as_name(names, id, room);

    table_text(t, c.s, c.n);
}

int merge_workers(const struct merge *m, const struct as_worker *w, uint32_t n)
{
    static const char *const columns[] = {"worker", "n", "skill", "lo", "hi", NULL};
    struct table t;
    int rc = m->workers ? table_open(m->cli, m->workers, columns, &t) : 0;

    if (rc < 0 || !m->workers)
        return rc;
    for (uint32_t k = 0; k < n; k++) {
        merge_name(&t, m->people, k);
        table_whole(&t, (int64_t)w[k].n);
        table_real(&t, w[k].skill);
        table_real(&t, w[k].lo);
        table_real(&t, w[k].hi);
    }
    return table_close(&t, 0);
}

int cmd_merge(struct cli *cli, int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"boxes", "boxes that overlap become one, with how many stand behind it", merge_boxes},
        {"masks", "one mask a picture", merge_masks},
        {"spans", "stretches of text or time, as boxes in one dimension", merge_spans},
        {"text", "one text out of several transcripts or translations", merge_text},
        {NULL, NULL, NULL},
    };

    return cli_verbs(cli, "merge", verbs, argc, argv);
}
