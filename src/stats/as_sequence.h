/* as_sequence.h -- a tag for every token out of several people's, where neighbours matter */
#ifndef STATS_AS_SEQUENCE_H
#define STATS_AS_SEQUENCE_H

#include "stats/as_aggregate.h"

#define AS_TAGS_MAX 256

/* Spans are written as IOB2: B-x begins a span of type x, I-x goes on with it.  Tags of any other
   name stand outside; with those alone (parts of speech) every tag may follow every other. */
enum as_tag_kind { AS_TAG_OUT, AS_TAG_BEGIN, AS_TAG_IN };

struct as_tag {
    uint8_t kind;                   /* enum as_tag_kind */
    uint16_t type;                  /* what follows the dash, numbered as first met; OUT: 0 */
};

/* Reads B-x and I-x from names.  AS_EUNFIT: an I-x has no B-x in the set. */
int as_tags_parse(const char *const *name, uint32_t n, struct as_tag *out);

struct as_sentences {               /* tokens lie one behind the other, as tasks of the votes */
    uint32_t n;
    const size_t *start;            /* [n + 1] first token of each, rising; start[n] = tokens */
    const struct as_tag *tag;       /* [classes of the votes] */
};

#define AS_REPAIRED 8               /* flag of a token: I-x that began nothing was made B-x */

struct as_span_score {              /* equal means: same sentence, same tokens, same type */
    uint64_t said, truth, right;    /* spans */
    double precision, recall, f1;   /* 0 where there are none */
};

struct as_sequence_result {         /* as_sequence_result_free ends it with all that hangs on it */
    const char *method;
    int version;
    uint32_t tokens, workers, tags;
    uint64_t seed, digest;
    uint16_t *label;                /* [tokens] valid IOB2 */
    uint8_t *flags;                 /* [tokens] AS_TIED, AS_NO_VOTES, AS_REPAIRED */
    double *q;                      /* [tokens * tags] P(tag), rows sum to 1 */
    struct as_worker *worker;       /* [workers] skill: expected share of right tokens; those of a
                                       sentence are not independent, so lo … hi is narrow */
    struct as_span_score *spans;    /* [workers] theirs against the result's, where they read */
    double *confusion;              /* [workers * tags * tags] P(given l | truth k); or NULL */
    double *transition;             /* [(tags + 1) * tags] P(next | tag), last row: P(first); or
                                       NULL */
    int iterations, converged, stopped;
    double *trace;                  /* [trace_n] objective per iteration, never falls */
    int trace_n;
};

/* The registry, in the order of seq.def: majority, token-ds, hmm, bsc; then NULL. */
const struct as_method_info *as_sequence_method(unsigned at);

/*
 * Tasks of the votes are tokens, classes are tags.  Of the options: max_iter, tol, prior (pseudo
 * votes in each cell of a worker's table; default 1, in bsc .1), level, threads, seed (kept only),
 * progress.  Known classes in the votes are not used.
 * AS_ENOMETHOD, AS_EINVAL (sentences that do not cover the tokens, options), AS_EUNFIT (I-x without
 * B-x), AS_ETOOBIG, AS_ENOTMONOTONE, AS_ENOMEM.
 */
int as_merge_sequence(const struct as_votes *v, const struct as_sentences *s, const char *method,
                      const struct as_opts *o, struct as_sequence_result **out);
void as_sequence_result_free(struct as_sequence_result *r);

/* Makes label[tokens] valid: an I-x that follows neither B-x nor I-x becomes B-x.  Returns how many
   were changed; flags[tokens] gets AS_REPAIRED there, unless NULL.  Labels that are no tag stay. */
size_t as_tags_repair(const struct as_sentences *s, uint32_t tags, uint16_t *label, uint8_t *flags);

/* Exact spans; an I-x that follows neither B-x nor I-x begins one.  Labels that are no tag (such as
   AS_ABSTAIN) stand outside. */
void as_span_scores(const struct as_sentences *s, uint32_t tags, const uint16_t *said,
                    const uint16_t *truth, struct as_span_score *out);

/* The likeliest path: emission[n * tags], first[tags] and step[tags * tags] (from, to) are
   logarithms (-INFINITY: impossible); of equal paths the one whose last tags are lowest.
   AS_EINVAL (NaN, +INFINITY, no path), AS_ENOMEM. */
int as_viterbi(size_t n, uint32_t tags, const double *emission, const double *first,
               const double *step, uint16_t *path);

#endif
