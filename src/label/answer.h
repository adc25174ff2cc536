/*
 * answer.h -- a result array seen as answers, one a control.
 *
 * Consensus, agreement and exporters work on answers, so that only this file
 * knows how the tags spell their keys.  Nothing is copied: items and lists are
 * borrowed from the result, which must outlive the answers.
 */
#ifndef LABEL_ANSWER_H
#define LABEL_ANSWER_H

#include "label/config.h"

/* What kind of thing a result item says; by its `type`. */
enum answer_kind {
    ANSWER_OTHER,       /* unknown or opaque: compare by equality only */
    ANSWER_CHOICE,      /* choices */
    ANSWER_TAXONOMY,    /* paths */
    ANSWER_TEXT,        /* textarea */
    ANSWER_NUMBER,      /* number, rating */
    ANSWER_DATETIME,
    ANSWER_PAIRWISE,
    ANSWER_RANKER,
    ANSWER_SPAN,        /* text, hypertext, paragraphs, audio, series: an interval with labels */
    ANSWER_BOX,         /* rectangle */
    ANSWER_ELLIPSE,
    ANSWER_POLYGON,
    ANSWER_KEYPOINT,
    ANSWER_MASK,        /* brush, magic wand, bitmask */
    ANSWER_VIDEO,       /* video rectangle, timeline */
    ANSWER_RELATION,
};

/* Everything one control was answered in one annotation. */
struct answer {
    const char *control;            /* from_name; "" for relations */
    const struct label_tag *tag;    /* NULL when the config has no such control */
    enum answer_kind kind;          /* of the first item */
    const json_t **items;           /* in the order of the result; relations apart */
    int n;
};

/*
 * Split.  Answers come in the order of first appearance; relations come last
 * as one answer named "".  Items without a from_name are skipped.  `c` may be NULL.
 *
 * E_INVALID  `result` is not an array
 */
int answer_split(struct ctx *cx, const struct label_config *c, const json_t *result,
                 struct answer **out, int *n);

/* The answer of one control, or NULL. */
const struct answer *answer_of(const struct answer *list, int n, const char *control);

enum answer_kind answer_kind(const json_t *item);
const char *answer_kind_word(enum answer_kind kind);

/*
 * The list of labels or choices of an item, wherever its type keeps them
 * (`rectanglelabels`, `labels`, `choices`, …); NULL when it has none.
 */
const json_t *answer_labels(const json_t *item);
const char *answer_label(const json_t *item, int i);    /* NULL past the end or not a string */
int answer_nlabels(const json_t *item);

/* The item speaks about one region (perRegion answers share the region's id). */
bool answer_is_region(const json_t *item);

/* start and end of a span: code units, seconds, frames; paragraphs: phrase + offset / 1e6. */
bool answer_span(const json_t *item, double *start, double *end);

/* The number of a number or rating; the text of a textarea, joined by '\n' (on cx->mem). */
bool answer_number(const json_t *item, double *out);
const char *answer_text(struct ctx *cx, const json_t *item);

/*
 * One answer as one comparable string, for majority votes and counts: sorted
 * choices joined by '\t', taxonomy paths with '/' inside ('\\' before a '/' or
 * '\t' of the value), the number, text, side or date.  NULL for regions,
 * rankings and relations, and for a control without items.
 */
const char *answer_vote(struct ctx *cx, const struct answer *a);

#endif
