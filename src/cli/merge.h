/*
 * merge.h -- inside `annotary merge`: cmd_merge.c has the verbs, merge_regions.c boxes and spans,
 * merge_masks.c masks, merge_text.c texts.
 */
#ifndef CLI_MERGE_H
#define CLI_MERGE_H

#include "cli/table_io.h"

struct merge {                      /* what every verb has */
    struct cli *cli;
    const char *path, *out, *workers;
    bool skip_bad, list;
    struct input in;
    struct as_csv *csv;
    struct as_names *tasks, *people;
};

/* Opens the file and finds the columns named (ended by NULL); at[k] UINT32_MAX where one that may
   be missing (a name that begins with a ?) is. */
int merge_open(struct merge *m, const char *const *columns, uint32_t *at);

/* The next row: 1 with the ids of its task and worker, 0 at the end, or E_*; bad rows are named. */
int merge_next(struct merge *m, const uint32_t *at, const struct as_cell **row, uint32_t *task,
               uint32_t *worker);

/* Rows there can be at most. */
size_t merge_room(const struct merge *m);

/* worker,n,skill,lo,hi */
int merge_workers(const struct merge *m, const struct as_worker *w, uint32_t n);

void merge_name(struct table *t, const struct as_names *names, uint32_t id);

int merge_boxes(struct cli *cli, int argc, char **argv);
int merge_spans(struct cli *cli, int argc, char **argv);
int merge_masks(struct cli *cli, int argc, char **argv);
int merge_text(struct cli *cli, int argc, char **argv);

#endif
