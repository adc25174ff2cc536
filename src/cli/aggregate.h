/*
 * aggregate.h -- inside `annotary aggregate`: what was asked, what was read, what came out.
 *
 * cmd_aggregate.c reads options and files and calls the method; aggregate_gold.c compares with
 * known answers; aggregate_out.c writes the tables and the report; aggregate_numbers.c does it all
 * where labels are numbers, aggregate_multi.c where they are sets of classes.
 */
#ifndef CLI_AGGREGATE_H
#define CLI_AGGREGATE_H

#include "cli/table_io.h"

#define RELIABILITY_BINS 10

struct score {                      /* against known answers */
    int64_t n, right, strange;      /* strange: the truth is a class that nobody ever gave */
    double split;                   /* right, where each of t tied classes counts 1/t */
    bool parts;                     /* gold was used, so each fifth was hidden in turn */
    int64_t bin_n[RELIABILITY_BINS], bin_right[RELIABILITY_BINS];
    double bin_confidence[RELIABILITY_BINS];        /* sums */
};

struct job {
    struct cli *cli;
    const char *labels, *method, *gold, *prior, *class_prior, *classes, *duplicates, *ties, *tol,
        *level, *cost, *out, *workers, *confusions, *posterior, *report, *pack, *plot, *separator;
    int64_t threads, seed, max_iter, restarts;
    bool numbers, multi, per_class, use_gold, keep_gold, skip_bad, list;

    const struct as_method_info *info;
    struct as_opts opts;
    enum as_duplicates policy;
    double *prior_of;               /* [classes] from --class-prior, or NULL */
    struct input in, gold_in;
    struct as_answers *answers;     /* NULL when the file is packed */
    struct as_votes *votes;
    struct as_named names;
    struct as_votes_info votes_info;
    uint16_t *known;                /* [tasks] the truth or AS_ABSTAIN; NULL: none is given */
    uint8_t *known_any;             /* [tasks] also where the class is strange */
    size_t unasked;                 /* truths of tasks without a label */
    struct progress bar;
    struct as_result *result;
    struct score score;
    int64_t began_ms;
};

/* The method on these votes; a known answer is used only where opts and votes say so. */
int job_run(struct job *j, struct as_result **out);

/* Fills j->score: from the result, or part by part where the method was given the gold. */
int job_score(struct job *j);

/* A worker answered a task twice, and that was not to be: fails with both lines. */
int job_answered_twice(struct job *j, const struct as_fault *f);

void job_put_name(struct table *t, const struct as_names *names, uint32_t id);

/* Methods for numbers that no method for classes is called like; can `id` take numbers at all? */
const struct as_method_info *numbers_only(unsigned at);
bool numbers_can(const char *id);
int numbers_work(struct job *j);

int multi_work(struct job *j);          /* --multi */

int job_write_workers(struct job *j, const struct as_worker *worker, uint32_t n);
int job_write(struct job *j);           /* every file that was asked for */
void job_tell(struct job *j);           /* the lines for a person */

#endif
