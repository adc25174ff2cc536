/*
 * rank.h -- inside `annotary rank`: cmd_rank.c has the options and the tables that come out,
 * rank_in.c reads comparisons and lists.
 */
#ifndef CLI_RANK_H
#define CLI_RANK_H

#include "cli/table_io.h"

struct duels_file {
    struct input in;
    struct as_duels duels;
    struct as_cell style[AS_RANK_STYLES_MAX];       /* NAME of left_NAME and right_NAME */
    int64_t strangers;              /* test: rows with an item that was not ranked */
};

/*
 * Comparisons: left, right, label (the winner's name, or tie), and where there are such, worker,
 * weight, period, and with `styles` every pair left_NAME, right_NAME.  Lists: list, place, item.
 * New names are added to items and workers, unless `known`: then rows with others are left out.
 */
int duels_read(struct cli *cli, const char *path, bool skip_bad, bool styles, bool known,
               struct as_names *items, struct as_names *workers, struct duels_file *f);

#endif
