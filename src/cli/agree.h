/*
 * agree.h -- inside `annotary agree`: agree_in.c reads labels and spans, cmd_agree.c has the
 * options, the figures and the picture.
 */
#ifndef CLI_AGREE_H
#define CLI_AGREE_H

#include "cli/plot.h"

struct agree {
    struct cli *cli;
    const char *labels, *method, *weights, *distance, *classes, *level, *alpha, *beta, *empty,
        *precision, *out, *pairs, *parts, *judge, *bound, *plot;
    int64_t rounds, seed, threads;
    bool skip_bad, list;

    struct as_agree_opts opts;
    int weight_word, distance_word;
    struct input in;
    struct as_answers *answers;
    struct as_votes *votes;
    struct as_names *workers, *categories;
    struct as_continuum line;
    struct table table, pair_table, part_table;
    struct bar bar[16];             /* a figure each, for the picture */
    uint32_t bars, raters;
    double *pair;                   /* [raters * raters], where a method has pairs */
};

int agree_labels(struct agree *a);      /* fills answers, votes, workers and the class values */
int agree_spans(struct agree *a);       /* fills line, workers and categories */

#endif
