/* as_base.h -- codes, limits, and what every method says of itself */
#ifndef STATS_AS_BASE_H
#define STATS_AS_BASE_H

#include <stddef.h>
#include <stdint.h>

#define AS_VERSION 1                /* grows when a result may change for the same input */

enum as_code {
    AS_OK = 0,
    AS_EINVAL = -1,                 /* an id, a number or an option out of range */
    AS_ENOMEM = -2,
    AS_ETOOBIG = -3,                /* above a limit of this header */
    AS_EDUPLICATE = -4,             /* AS_REJECT, and somebody answered twice */
    AS_ENOMETHOD = -5,              /* no method of this name */
    AS_EUNFIT = -6,                 /* the method needs what this input lacks (gold, two answers) */
    AS_EUNDEFINED = -7,             /* the figure does not exist, e.g. alpha of a single class */
    AS_ENOTMONOTONE = -8,           /* an objective fell: a mistake of ours */
    AS_EINTERNAL = -9,              /* a posterior that does not sum to one: ours too */
};

#define AS_ABSTAIN       0xffff     /* as a label: no answer; as an answer: none was reached */
#define AS_CLASSES_MAX   65535      /* classes 0 … 65534 */

/* One plain sentence for a code, never NULL. */
const char *as_text(int code);

/* What a method says of itself: a row of a registry (agg.def, rank.def, weak.def, agree.def …). */
struct as_method_info {
    const char *id, *title, *paper;
    const char *about;              /* three sentences: what it does, its cost, when to use it */
    int needs_gold;
};

#endif
