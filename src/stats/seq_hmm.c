/*
 * seq_hmm.c -- HMM-Crowd (Nguyen, Wallace, Li, Nenkova, Lease, ACL 2017), without words: the truth
 * is a Markov chain of tags, and every worker has a confusion table.
 *
 *   z_1 ~ S,  z_t ~ A_{z_{t-1}, .},  y_tj ~ T^j_{z_t, .};   O → I-x and B-x → I-y have A = 0
 *
 *   M   A_jk proportional to 1 + expected steps
 *       T^j_kl proportional to a_kl + expected votes,   a_kl = a (1 + 40 [k = l])
 *   E   forward and backward
 *   objective   sum over sentences of log P(y) + sum log A + sum a_kl log T_kl
 *
 * It starts at Dawid-Skene by token; the answer is the likeliest path.  a = opts.prior, by default
 * 1.  The diagonal is heavy because votes of one person on neighbouring tokens are not independent:
 * a table is learned from less than their number says, and with a light prior the chain counts what
 * was overlooked together as often as it has tokens, and does worse than tokens alone.
 * O(votes * tags + tokens * tags^2) an iteration; memory tokens * tags and workers * tags^2.
 */
#include <math.h>

#include "stats/seq.h"

#define PSEUDO   1.
#define DIAGONAL 40.        /* times as many again where the vote is right */
#define FLOOR    1e-10

static uint32_t one_group(const struct as_tag *before)
{
    (void)before;
    return 0;
}

static double steps(struct as_seq_model *m)
{
    const struct as_tag *tag = m->f->sentences->tag;
    size_t K = m->tags;
    double extra = 0;

    for (size_t j = 0; j <= K; j++) {
        double sum = 0;
        for (size_t k = 0; k < K; k++) {
            int may = as_tag_follows(j < K ? &tag[j] : NULL, &tag[k]);
            sum += m->walk[j * K + k] = may ? 1 + m->taken[j * K + k] : 0;
        }
        for (size_t k = 0; k < K; k++) {
            m->walk[j * K + k] /= sum;
            extra += m->walk[j * K + k] > 0 ? log(m->walk[j * K + k]) : 0;
        }
    }
    return extra;
}

static double m_step(struct as_seq_model *m)
{
    size_t K = m->tags;
    double extra = steps(m);

    for (size_t j = 0; j < m->f->out->workers; j++)
        for (size_t k = 0; k < K; k++) {
            double sum = 0;
            for (size_t l = 0; l < K; l++)
                sum += fmax(m->count[(j * K + l) * K + k], FLOOR);
            for (size_t l = 0; l < K; l++) {
                size_t at = (j * K + l) * K + k;
                m->logt[at] = log(fmax(m->count[at], FLOOR) / sum);
                extra += m->prior[l * K + k] * m->logt[at];
            }
        }
    return extra;
}

static int run(struct as_seq_fit *f)
{
    struct as_result *by_token;
    struct as_seq_model m;
    int rc = as_seq_by_token(f, "dawid-skene", 1, &by_token);

    if (rc)
        return rc;
    as_result_free(by_token);
    if ((rc = as_seq_model_new(f, 1, one_group, &m)))
        return rc;
    double a = f->opts->prior >= 0 ? f->opts->prior : PSEUDO;
    for (size_t c = 0; c < (size_t)m.tags * m.tags; c++)
        m.prior[c] = a * (1 + (c % (m.tags + 1) == 0 ? DIAGONAL : 0));
    return as_seq_model_run(&m, m_step);
}

const struct as_seq as_seq_hmm = {
    { "hmm", "HMM-Crowd", "Nguyen et al., ACL 2017",
      "The true tags are a chain, so what stands beside a token helps to judge it, and only valid "
      "rows of tags are possible. Every worker has a confusion table, as in Dawid-Skene; a "
      "thousand sentences take a second. Use it for named entities and other tags with order.",
      0 },
    run
};
