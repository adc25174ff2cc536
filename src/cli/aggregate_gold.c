/*
 * aggregate_gold.c -- how often the answers are right, where the truth is known.
 *
 * By default the method does not see the truth, and the score is plain.  Where it does see it
 * (--use-gold, or a method that needs it), a task would be scored with what was learned from it; so
 * the known tasks are dealt into five parts, each part is hidden in turn, and a run that does not
 * know it answers for it.
 */
#include "cli/aggregate.h"

#include <math.h>

#define PARTS 5
#define PARTS_STREAM 77             /* of chance: which part a task falls into */
#define SAME 1e-9                   /* probabilities this close are tied */

static void count_one(struct score *s, const struct as_result *r, uint32_t task, uint16_t truth)
{
    double p = as_confidence(r, task);
    int bin = (int)(p * RELIABILITY_BINS);
    int64_t tied = 0, among = 0;

    bin = bin < 0 ? 0 : bin >= RELIABILITY_BINS ? RELIABILITY_BINS - 1 : bin;
    s->n++;
    s->strange += truth == AS_ABSTAIN;
    s->right += truth != AS_ABSTAIN && r->label[task] == truth;
    s->bin_n[bin]++;
    s->bin_right[bin] += truth != AS_ABSTAIN && r->label[task] == truth;
    s->bin_confidence[bin] += p;
    if (truth == AS_ABSTAIN)
        return;
    for (uint32_t k = 0; (r->flags[task] & AS_TIED) && k < r->classes; k++)
        if (as_q(r, task, k) >= p * (1 - SAME)) {
            tied++;
            among += k == truth;
        }
    s->split += tied ? (double)among / (double)tied : r->label[task] == truth;
}

static int part_of(const struct job *j, uint32_t task)
{
    return (int)(as_uniform(j->opts.seed, PARTS_STREAM, task) * PARTS);
}

/* The known tasks of one part, by a run that knows the other parts only. */
static int score_part(struct job *j, int part, uint16_t *gold)
{
    struct as_result *r;
    int64_t left = 0;
    int rc;

    for (uint32_t t = 0; t < j->votes_info.tasks; t++) {
        gold[t] = part_of(j, t) == part ? AS_ABSTAIN : j->known[t];
        left += gold[t] != AS_ABSTAIN;
    }
    if (!left && j->info->needs_gold)
        return 0;
    if (as_votes_gold(j->votes, gold))
        return fail(j->cli->cx, E_TOOBIG, "Not enough memory.");
    if ((rc = job_run(j, &r)) < 0)
        return rc;
    for (uint32_t t = 0; t < r->tasks; t++)
        if (j->known_any[t] && part_of(j, t) == part)
            count_one(&j->score, r, t, j->known[t]);
    as_result_free(r);
    return 0;
}

int job_score(struct job *j)
{
    uint32_t n = j->votes_info.tasks;
    int rc = 0;

    if (!j->known)
        return 0;
    if (!j->use_gold) {
        for (uint32_t t = 0; t < n; t++)
            if (j->known_any[t])
                count_one(&j->score, j->result, t, j->known[t]);
        return 0;
    }
    j->score.parts = true;
    uint16_t *gold = NEW_N(j->cli->cx, uint16_t, n);
    for (int part = 0; part < PARTS && rc == 0; part++)
        rc = score_part(j, part, gold);
    return rc;
}
