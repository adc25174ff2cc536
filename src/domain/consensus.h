/*
 * consensus.h -- what the answers of a task say together, and how far they agree.
 *
 * When a task has all its answers, its slot is due for settlement a moment
 * later (ANNOTATION_SETTLE_MS, so that an author may still take an answer
 * back).  The "consensus" job of the project then computes, for each control,
 * one answer by the control's method, and the agreement of the task and of
 * each pair of its authors.  All of it can be recomputed from the stored
 * answers at any time: consensus_verify does, and compares.
 *
 * A control may have a method that is fitted over all complete tasks (fit.h).
 * Then a new answer anywhere moves the others a little: the job fits anew, and
 * when the fit is another one than skill.h remembers it settles every complete
 * task, not only those that are due.
 *
 * Counted answers only; surplus, cancelled and ground-truth answers are left out.
 * A ruling on the task (ruling.h) takes the place of what the answers say; how
 * far they agree stays.
 *
 * How far people agree stands in agreement.h.
 *
 * Owns table: consensus.
 */
#ifndef DOMAIN_CONSENSUS_H
#define DOMAIN_CONSENSUS_H

#include "core/ctx.h"

struct tasks;                   /* task_set.h */
#include "domain/opinion.h"

struct consensus {
    int64_t task;
    const char *control, *method;       /* "": everybody said that there is nothing */
    const char *answer;         /* JSON array of result items */
    size_t nanswer;
    double confidence;
    const char *inputs;         /* JSON: [[annotation, revision], …] */
    int64_t n, computed;
    bool bad;                   /* somebody ruled that nobody is right: there is no answer */
};

/* Make sure a job settles the project's due tasks.  Called by annotation when a task is complete.
 */
int consensus_want(struct ctx *cx, int64_t project, int64_t due);

/*
 * Settling is read, think, write: the reading and the thinking run beside the
 * writer, and what is written is dropped when the task changed meanwhile
 * (it is due again then).  worker.c walks the three steps.
 */
struct settled {
    int64_t task, due;          /* slot.settle as it was read */
    struct opinion_in *in;
    int n;
    struct opinions o;
    int64_t answered;           /* when the last answer came */
    bool ruled;
    int64_t ruling, ruling_n;   /* its answer and revision; 0: nobody is right */
    const char *said;           /* saying.h */
    struct certainty *sure;     /* [nsure], calibration.h */
    int nsure;
    bool differs;               /* from what the tables hold */
};

/* READ: tasks due at cx->now, at most `limit`; *next is the earliest due time left, 0 when none. */
int consensus_due(struct ctx *cx, int64_t project, int limit, int64_t **task, int *n,
                  int64_t *next);

/* READ: complete tasks after a cursor. */
int consensus_complete(struct ctx *cx, int64_t project, int64_t after, int limit, int64_t **task,
                       int *n);

/* READ: what the answers of each task say, by the models of the project. */
struct fits;
int consensus_form(struct ctx *cx, int64_t project, const struct fits *fits, const int64_t *task,
                   int n, struct settled *out);

/* WRITE, audit 'consensus.settle'.  *stored counts the tasks that were written. */
int consensus_store(struct ctx *cx, int64_t project, const struct settled *s, int n, int *stored);

int consensus_list(struct ctx *cx, int64_t project, int64_t after_task, int limit,
                   struct consensus **out, int *n);
int consensus_of(struct ctx *cx, int64_t project, int64_t task, struct consensus **out, int *n);

/* READ: recompute up to `limit` complete tasks after `after`; those whose tables differ go to
 * wrong[]. */
int consensus_verify(struct ctx *cx, int64_t project, const struct fits *fits, int64_t after,
                     int limit, int64_t *last, int *checked, int64_t *wrong, int *nwrong);

int consensus_forget(struct ctx *cx, int64_t project, const struct tasks *tasks); 

/* Parts of a larger act, for bin.h: what tasks add to the sums of agreement and labels (see
 * agreement_count); and those that have all their answers are due once more. */
int consensus_count(struct ctx *cx, int64_t project, int64_t at, const struct tasks *tasks,
                    int sign);
int consensus_again(struct ctx *cx, int64_t project, const struct tasks *tasks);

#endif
