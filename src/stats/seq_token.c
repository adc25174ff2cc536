/*
 * seq_token.c -- tokens as if they had no neighbours: the categorical methods of this library, then
 * repair.
 *
 * majority   the most frequent tag of each token
 * token-ds   Dawid-Skene with one pseudo vote in each cell (opts.prior): weak priors follow the
 *            many rare tags too closely.  O(votes * tags) an iteration
 */
#include <string.h>

#include "stats/seq.h"

int as_seq_by_token(struct as_seq_fit *f, const char *method, double prior, struct as_result **out)
{
    struct as_sequence_result *r = f->out;
    struct as_opts o = *f->opts;
    uint16_t common = 0;

    o.prior = prior;
    o.class_prior = NULL;
    o.clamp_gold = 0;
    o.ties = AS_TIE_LOWEST;
    int rc = as_aggregate(f->votes, method, &o, out);
    if (rc)
        return rc;
    for (uint32_t k = 1; k < r->tags; k++)
        if ((*out)->class_share[k] > (*out)->class_share[common])
            common = (uint16_t)k;
    for (uint32_t t = 0; t < r->tokens; t++) {
        uint16_t label = (*out)->label[t];
        r->label[t] = label < r->tags ? label : common;     /* nobody said anything */
        r->flags[t] = (*out)->flags[t] & (AS_TIED | AS_NO_VOTES);
        for (uint32_t k = 0; k < r->tags; k++)
            r->q[(size_t)t * r->tags + k] = as_q(*out, t, k);
    }
    return AS_OK;
}

static int run(struct as_seq_fit *f, const char *method, double prior)
{
    struct as_sequence_result *r = f->out;
    size_t cells = (size_t)r->workers * r->tags * r->tags;
    struct as_result *by_token;
    int rc = as_seq_by_token(f, method, prior, &by_token);

    if (rc)
        return rc;
    r->iterations = by_token->iterations;
    r->converged = by_token->converged;
    r->stopped = by_token->stopped;
    r->trace = as_take(f->keep, (size_t)by_token->trace_n, sizeof *r->trace);
    if (r->trace && by_token->trace_n)
        memcpy(r->trace, by_token->trace, (size_t)by_token->trace_n * sizeof *r->trace);
    r->trace_n = by_token->trace_n;
    if (by_token->confusion && (r->confusion = as_take(f->keep, cells, sizeof *r->confusion)))
        memcpy(r->confusion, by_token->confusion, cells * sizeof *r->confusion);
    if (!r->trace || (by_token->confusion && !r->confusion))
        rc = AS_ENOMEM;
    as_result_free(by_token);
    return rc;
}

static int run_majority(struct as_seq_fit *f)
{
    return run(f, "majority", -1);
}

static int run_ds(struct as_seq_fit *f)
{
    return run(f, "dawid-skene", f->opts->prior >= 0 ? f->opts->prior : 1);
}

const struct as_seq as_seq_majority = {
    { "majority", "Majority by token", "no model",
      "Takes the most frequent tag of every token and makes the rows of tags valid. One pass. A "
      "baseline: where people overlook spans it overlooks them too.", 0 },
    run_majority
};

const struct as_seq as_seq_token_ds = {
    { "token-ds", "Dawid-Skene by token", "Dawid & Skene, Applied Statistics 28 (1979)",
      "Learns for every worker how often each tag is taken for each other one, and knows that many "
      "overlook what few see. Tokens are judged alone, then the rows of tags are made valid. Use "
      "it where sentences are very short.", 0 },
    run_ds
};
