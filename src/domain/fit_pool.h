/* fit_pool.h -- the answers of one control, side by side, and what a model said of them; fit.c's
 * and fit_run.c's own. */
#ifndef DOMAIN_FIT_POOL_H
#define DOMAIN_FIT_POOL_H

#include <uthash.h>

#include "domain/fit.h"

#define NOBODY UINT32_MAX

struct named {                          /* a task's control, or a class, and its number */
    uint32_t id;
    UT_hash_handle hh;
    char name[];
};

struct person {
    int64_t id;
    uint32_t index;
    UT_hash_handle hh;
};

struct people {
    struct person *table;
    int64_t *id;                        /* [n] by index */
    uint32_t n, cap;
};

/* A row of the pool.  In a set, class NOBODY opens an answer and its choices follow; of regions it
 * says that somebody looked. */
struct vote {
    uint32_t item, worker, class;
    union {
        double number;
        struct { const char *text; size_t length; };
        struct { int64_t annotation; int index; float place[4]; };
    };
};

struct pool {
    struct named *items, *classes;
    uint32_t nitems, nclasses;
    struct vote *vote;
    size_t n, cap, text_bytes;
    bool bounded;
    uint16_t *gold;                     /* [ngold] class + 1 of the item, 0: none */
    uint32_t ngold;
    const char **class_name;            /* [nclasses] in order */
    uint32_t *rank;                     /* [nclasses] place of a class in that order */
    /* what came out */
    bool fitted;
    double *weight;                     /* [people] of their word; 1 where nothing is known */
    uint16_t *best;                     /* [items] place of the class; votes */
    uint8_t *in_set;                    /* [items * nclasses]; sets */
    double *value, *sure;               /* [items] */
    const char **text;                  /* [items] */
    uint32_t *region_start;             /* [items + 1] into region; regions */
    struct verdict_region *region;
};

/* Fits one control; what the method refuses is left to the default, with a note. */
void fit_one(struct fits *f, struct fit *fit, int (*progress)(void *, int, double), void *arg);

#endif
