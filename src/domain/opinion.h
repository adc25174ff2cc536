/*
 * opinion.h -- several people's answers to one task, made into one.
 *
 * Pure: answers in, one answer for each control out, with how sure it is, and
 * how far the people agree.  A model of the whole project (fit.h) may have its
 * say; without one an answer is made by what it says:
 *
 *     choices, taxonomy, sides, dates, ratings   most votes
 *     numbers                                    the median
 *     boxes, spans                               merged: groups backed by more than half
 *     masks                                      one a label, most votes of each pixel
 *     other regions                              merged; the region most like the rest stands for
 *                                                its group
 *     texts, rankings, anything else             the answer most like the others (medoid)
 *
 * Agreement of two people on a control is label_similarity; for regions the
 * best one-to-one matching of equal labels with IoU >= 0.5, unmatched counting
 * 0; for masks the mean IoU over labels.  Of a task: the mean over its controls
 * of the mean over pairs.
 */
#ifndef DOMAIN_OPINION_H
#define DOMAIN_OPINION_H

#include <jansson.h>

#include "core/ctx.h"

#define OPINION_IOU 0.5

struct label_config;
struct label_tag;

/* One counted answer. */
struct opinion_in {
    int64_t annotation, revision, person;
    const json_t *result;
};

/* What all of them say about one control. */
struct opinion {
    const char *control, *method;       /* an id of method.h */
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

/* A model of the whole project is asked what it says of one control of this task. */
struct opinion_ask {
    const char *control;
    const struct label_tag *tag;        /* NULL when the config has no such control */
    const struct opinion_in *in;
    int n;
};
enum verdict_kind {
    VERDICT_NONE,                       /* nothing: the control's default, by `weight` */
    VERDICT_VOTE,                       /* `text` as in answer_vote */
    VERDICT_SET,                        /* `set` is the list of choices */
    VERDICT_NUMBER,
    VERDICT_TEXT,
    VERDICT_REGIONS,
};
struct verdict_region {
    int64_t annotation;                 /* the most typical one: which item of whose answer */
    int item;
    double place[4];                    /* box: x0, y0, x1, y1; span: start, end */
};
struct verdict {
    const char *method;                 /* NULL: the control's default */
    enum verdict_kind kind;
    const char *text;
    json_t *set;
    double number;
    const struct verdict_region *region;
    int nregion;
    double confidence;
    const double *weight;               /* [n] of the answers given; NULL: 1 each */
};
typedef void verdict_fn(void *model, struct ctx *cx, const struct opinion_ask *ask,
                        struct verdict *out);

/* `ask` NULL: each control by its default method. */
int opinion_form(struct ctx *cx, const struct label_config *config, const struct opinion_in *in,
                 int n, verdict_fn *ask, void *model, struct opinions *out);

#endif
