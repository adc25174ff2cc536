/*
 * project.h -- a label config, its rules and its counters.
 *
 * Counters are kept, never counted: they stand in a narrow row of their own
 * and change only in the act that changes what they count.
 *
 * Owns tables: project, project_count.
 */
#ifndef DOMAIN_PROJECT_H
#define DOMAIN_PROJECT_H

#include <jansson.h>

#include "core/ctx.h"

struct project_counts {
    int64_t tasks, finished, touched, annotations, skipped, predictions;
};

struct project {
    int64_t id, org;
    const char *title, *description, *instruction;
    int64_t config_n, instr_n, overlap;
    const char *sampling;       /* "sequential" "random": the order of later imports */
    const char *skip_queue;     /* "others" "me" "ignore" */
    const char *method;         /* of consensus, for every control it fits: method.h */
    const char *methods;        /* JSON {control: method}: the controls that have their own */
    bool published, paused;
    const char *settings;       /* JSON object: Label Studio's other fields, echoed as given */
    int64_t created_by, created, updated;
    struct project_counts count;
};

/* What a person wants set: NULL or -1 leaves a field as it is. */
struct project_edit {
    const char *title, *description, *instruction, *xml, *sampling, *skip_queue, *method, *settings;
    json_t *methods;            /* {control: method}, "" or null to take a choice back */
    int64_t overlap;
    int64_t config_was;         /* the version `xml` was made from; 0: not said */
    int published, paused;
    bool force;                 /* take a config under which existing answers are invalid */
};
#define PROJECT_EDIT_NONE                                                                          \
    (struct project_edit){.overlap = -1, .published = -1, .paused = -1}

/*
 * The creator (when a person) becomes its owner, as a member of the in-house
 * team.  Without xml the config is an empty <View/>.
 * E_INVALID  the config does not parse, a value is out of range (fields say which)
 */
int project_add(struct ctx *cx, int64_t org, const struct project_edit *e, int64_t *id);

/*
 * E_INVALID as above; also when the new config would make stored answers
 * invalid: cx->fields lists the first of them, unless e->force.
 * E_CHANGED  the config is no longer the version e->config_was
 * A method that does not fit is refused with those that do; a new one settles anew by a job.
 * A new overlap holds at once for tasks not yet begun and, through a job, for all.
 */
int project_set(struct ctx *cx, int64_t id, const struct project_edit *e);

/* From sight and from every list; the rows go in slices by a job. */
int project_delete(struct ctx *cx, int64_t id);

int project_get(struct ctx *cx, int64_t id, struct project *out);      /* E_NOTFOUND */

/* WRITE: whoever else locks this project waits until this act is over. */
int project_lock(struct ctx *cx, int64_t id);

/* Does anybody's answer count as the truth? */
int project_has_truth(struct ctx *cx, int64_t id, bool *out);

/* Those the caller may see (all of the organisation for its owner, manager, auditor), by id. */
struct project_filter {
    const char *title;          /* part of it, any case; NULL: all */
    const int64_t *ids;         /* only these; NULL: all */
    int nids;
    bool newest_first;
};
int project_list(struct ctx *cx, const struct project_filter *f, int64_t after, int limit,
                 struct project **out, int *n);
int project_total(struct ctx *cx, const struct project_filter *f, int64_t *total);

/* For the rooms' other nouns: move counters by deltas. */
int project_count_add(struct ctx *cx, int64_t id, const struct project_counts *delta);

/* Take `n` numbers: arrival numbers of lanes, or inner ids of tasks.  *first is the first of them.
 */
int project_take_ord(struct ctx *cx, int64_t id, int64_t n, int64_t *first);
int project_take_inner(struct ctx *cx, int64_t id, int64_t n, int64_t *first);

#endif
