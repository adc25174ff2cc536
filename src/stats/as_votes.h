/* as_votes.h -- rows of answers become votes */
#ifndef STATS_AS_VOTES_H
#define STATS_AS_VOTES_H

#include "stats/as_base.h"

#define AS_ROWS_MAX      ((size_t)UINT32_MAX)

struct as_labels {
    size_t n;                       /* rows */
    uint32_t tasks, workers, classes;
    const uint32_t *task, *worker;  /* [n] */
    const uint16_t *label;          /* [n], a class or AS_ABSTAIN */
    const float *weight;            /* [n] finite and >= 0; NULL: 1 each */
    const int64_t *time;            /* [n] decides what is "last"; NULL: the order of the rows */
    const uint16_t *gold;           /* [tasks] the known class or AS_ABSTAIN; NULL: nothing known */
};

/* What to do when one worker answered one task more than once.  This is settled first, then
   abstains are dropped; so an abstain that is a worker's last word takes the answer back. */
enum as_duplicates { AS_KEEP_LAST, AS_KEEP_FIRST, AS_KEEP_ALL, AS_REJECT };

struct as_fault {                   /* where the input is wrong; UINT32_MAX: does not apply */
    size_t row;                     /* SIZE_MAX: no single row */
    uint32_t task, worker;
    const char *why;
};

struct as_votes;                    /* checked, free of duplicates, sorted by task and worker */

/* AS_EINVAL, AS_EDUPLICATE, AS_ETOOBIG (*fault says where, if given), AS_ENOMEM.  O(rows). */
int as_votes_new(const struct as_labels *in, enum as_duplicates policy, struct as_votes **out,
                 struct as_fault *fault);
void as_votes_free(struct as_votes *v);

/* Other known answers for the same votes: [tasks], copied; NULL: nothing is known.
   AS_EINVAL, AS_ENOMEM.  O(votes), for the digest. */
int as_votes_gold(struct as_votes *v, const uint16_t *gold);
const uint16_t *as_votes_known(const struct as_votes *v);       /* [tasks] or NULL */

struct as_votes_info {
    size_t rows, kept, abstained, duplicates;
    uint32_t tasks, workers, classes, empty_tasks, gold_tasks;
    uint64_t digest;                /* of the votes as kept: for logs and caches, no secret */
};
void as_votes_info(const struct as_votes *v, struct as_votes_info *out);

#endif
