/*
 * fit.h -- the models behind consensus, one for each control that has a fitted method.
 *
 * A fitted method looks at all answers of all complete tasks at once, learns
 * what each person's word is worth, and answers every task from that: a task's
 * consensus is the model's posterior, never a second vote.  A fit is a function
 * of the stored answers and the method alone (seed 0, one thread), so that
 * consensus_verify gets the same bytes at any time; its digest says of which
 * answers.  A part of the model is never updated by itself: fitting anew is
 * cheap beside reading the answers, and the job that does it rests accordingly.
 *
 * What is not fitted, with a sentence in `note`: answers beyond POOL_VOTES_MAX
 * or POOL_TEXT_BYTES (their tasks take the control's default method, weighted
 * by what the fit learnt), and controls whose answers the method refuses.
 */
#ifndef DOMAIN_FIT_H
#define DOMAIN_FIT_H

#include "domain/method.h"
#include "domain/opinion.h"

#define POOL_VOTES_MAX 2000000          /* answers of one control that a fit looks at */
#define POOL_TEXT_BYTES (64 << 20)      /* of their texts together */

struct fit_skill {
    int64_t person, n;
    double skill, lo, hi;
};

struct fit {
    const struct label_tag *tag;
    const char *control;                /* its name */
    struct way method;
    const char *unit;                   /* of skill: "share" right, or "spread" about the truth */
    const char *note;                   /* "" or a sentence */
    uint64_t digest;
    int64_t votes;
    struct fit_skill *skill;            /* by person, those who answered */
    int nskill;
    struct pool *pool;                  /* fit.c's own */
};

struct fits {
    struct ctx *cx;
    const struct label_config *config;
    const char *method;                 /* of the project */
    json_t *chosen;
    struct fit *of;
    int n;                              /* 0: every control is settled task by task */
    struct people *people;              /* fit.c's own */
};

/* READ: the answers.  Lives as long as cx. */
int fits_read(struct ctx *cx, int64_t project, struct fits **out);

/* No act: the fitting.  `tell` (or NULL) is called now and then. */
int fits_run(struct fits *f, void (*tell)(void *arg), void *arg);

/* Both. */
int fits_make(struct ctx *cx, int64_t project, struct fits **out);

/* What the model says of one task, for opinion_form. */
struct fits_view {
    const struct fits *fits;
    int64_t task;
};
void fits_verdict(void *view, struct ctx *cx, const struct opinion_ask *ask, struct verdict *out);

#endif
