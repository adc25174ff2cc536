/*
 * opinion.h -- several people's answers to one task, made into one.
 *
 * Pure: answers in, one answer for each control out, with how sure it is, and
 * how far the people agree.  How an answer is made depends on what it says:
 *
 *     choices, taxonomy, sides, dates, ratings   a vote, by a method of stats
 *     numbers                                    the median
 *     boxes, spans                               merged: groups backed by more than half
 *     other regions                              merged; the region most like the rest stands for
 * its group texts, rankings, anything else             the answer most like the others (medoid)
 *
 * Agreement of two people on a control is label_similarity; for regions the
 * best one-to-one matching of equal labels with IoU >= 0.5, unmatched counting
 * 0.  Of a task: the mean over its controls of the mean over pairs.
 */
#ifndef DOMAIN_OPINION_H
#define DOMAIN_OPINION_H

#include <jansson.h>

#include "core/ctx.h"

#define OPINION_IOU 0.5

struct label_config;

/* One counted answer. */
struct opinion_in {
    int64_t annotation, revision, person;
    const json_t *result;
};

/* What all of them say about one control. */
struct opinion {
    const char *control, *method;       /* "majority" "wawa" "median" "merge" "medoid" */
    json_t *answer;                     /* array of result items; kept by cx->mem */
    double confidence;                  /* 0 … 1 */
    int n;                              /* answers that say something about it */
};

struct opinions {
    struct opinion *list;
    int n;
    double agreement;                   /* -1: fewer than two answers */
    double *pair;                       /* [n * n] of the answers given, row-major; NULL when < 2 */
};

/*
 * `weight` gives each answer's author a say in votes and merges (the skill of
 * a method such as wawa); NULL: 1 each.
 */
int opinion_form(struct ctx *cx, const struct label_config *config, const char *method,
                 const struct opinion_in *in, int n, const double *weight, struct opinions *out);

/* The one string an answer votes with for a control, or NULL: see answer_vote.  For whole-project
 * methods. */
int opinion_votes(struct ctx *cx, const struct label_config *config, const json_t *result,
                  const char ***control, const char ***vote, int *n);

#endif
