/*
 * door.h -- a domain call as an act, without writing the same five lines for each.
 *
 *     DOOR(member_end, int64_t project; int64_t person;, a->project, a->person)
 *     …
 *     rc = DO(st, cx, ACT_WRITE, member_end, project, person);
 *
 * DOOR makes a struct of the arguments and a function that store/act can run;
 * DO fills the one and runs the other.  For commands and tests; http has its
 * own street.
 */
#ifndef CLI_DOOR_H
#define CLI_DOOR_H

#include "store/act.h"

#define DOOR(fn_, fields, ...)                                                                     \
    struct fn_##_door {                                                                            \
        fields                                                                                     \
    };                                                                                             \
    static int fn_##_in(struct ctx *cx, void *arg)                                                 \
    {                                                                                              \
        struct fn_##_door *a = arg;                                                                \
        return fn_(cx, __VA_ARGS__);                                                               \
    }

/* For functions that take nothing but the context. */
#define DOOR0(fn_)                                                                                 \
    static int fn_##_in(struct ctx *cx, void *arg)                                                 \
    {                                                                                              \
        (void)arg;                                                                                 \
        return fn_(cx);                                                                            \
    }

#define DO(st, cx, kind, fn_, ...)                                                                 \
    act_run(st, cx, kind, fn_##_in, &(struct fn_##_door){__VA_ARGS__})
#define DO0(st, cx, kind, fn_) act_run(st, cx, kind, fn_##_in, NULL)

#endif
