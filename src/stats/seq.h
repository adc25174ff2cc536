/*
 * seq.h -- what a method for sequences sees.  Not installed; the public face is as_sequence.h.
 *
 * seq.c has checked the input and laid out the result.  A method fills q, label and, if it has
 * them, confusion, transition and trace; afterwards seq.c measures workers.
 */
#ifndef STATS_SEQ_H
#define STATS_SEQ_H

#include "stats/as_sequence.h"
#include "stats/tally.h"

struct as_seq_fit {
    const struct as_votes *votes;
    const struct as_sentences *sentences;
    const struct as_opts *opts;
    struct as_sequence_result *out;
    struct as_pool *pool, *keep;    /* scratch; what the result keeps */
    uint32_t tokens, tags;
    uint8_t *first;                 /* [tokens] 1: a sentence begins */
};

struct as_seq {
    struct as_method_info info;
    int (*run)(struct as_seq_fit *f);
};
#define SEQ(name) extern const struct as_seq as_seq_##name;
#include "stats/seq.def"
#undef SEQ

/* May `to` follow `from` (NULL: begin a sentence)? */
int as_tag_follows(const struct as_tag *from, const struct as_tag *to);

/* The B of a type, or -1. */
int as_tag_begin(const struct as_tag *tag, uint32_t tags, uint16_t type);

/* Adds the spans of n tokens in a row to a score; then its rates. */
void as_span_count(struct as_span_score *out, const struct as_tag *tag, uint32_t tags,
                   const uint16_t *said, const uint16_t *truth, size_t n);
void as_span_rates(struct as_span_score *s);

/* One categorical method of this library on tokens, as if they had no neighbours: q and label, the
   latter not repaired.  The result is returned for its tables; end it with as_result_free. */
int as_seq_by_token(struct as_seq_fit *f, const char *method, double prior,
                    struct as_result **out);

/* ------------------------------------------------------------------ chains (seq_chain.c) */

/*
 * A chain of tags with log emissions e[tokens * tags] and weights of steps w[(tags + 1) * tags],
 * the last row for beginnings; the weights need not sum to 1.
 *
 *     Z = sum over paths of  w(first) exp(e) prod w(step) exp(e)
 *
 * as_chain gives sum over sentences of log Z, the marginals q, and taken[(tags + 1) * tags], the
 * expected number of times each step is taken.  Sentences are cut into fixed stripes, so the number
 * of threads changes nothing.  Negative: AS_ENOMEM as *rc.
 */
double as_chain(const struct as_seq_fit *f, const double *e, const double *w, double *q,
                double *taken, int *rc);

/* The likeliest path of every sentence. */
int as_chain_best(const struct as_seq_fit *f, const double *e, const double *w, uint16_t *label);

/* ------------------------------------------------------------------ workers in a chain */

/*
 * The model of hmm and bsc:  a chain of true tags z; a worker's tag y depends on z and on a group
 * of what he said one token before.
 *
 *     logt[((j*G + g)*K + l)*K + k] = log P(y = l | z = k, group g, worker j)
 */
struct as_seq_model {
    struct as_seq_fit *f;
    uint32_t tags, groups;          /* K, G */
    size_t cells;                   /* workers * G * K * K */
    uint32_t *row;                  /* [votes] where the K numbers of a vote begin */
    double *prior;                  /* [G * K * K] pseudo votes, the same for every worker */
    double *count, *logt;           /* [cells] */
    double *walk, *taken;           /* [(K + 1) * K] weights of steps, expected steps */
    double *emission;               /* [tokens * K] */
};

/* group_of: number below `groups` for the tag said before (NULL: none). */
int as_seq_model_new(struct as_seq_fit *f, uint32_t groups,
                     uint32_t (*group_of)(const struct as_tag *before), struct as_seq_model *m);

/*
 * From the posterior in out->q: counts, m_step, chain, and again, until the objective (log Z plus
 * what m_step returns) stands still.  Then the likeliest path, confusion tables and steps.
 */
int as_seq_model_run(struct as_seq_model *m, double (*m_step)(struct as_seq_model *m));

#endif
