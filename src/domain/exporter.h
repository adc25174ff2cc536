/*
 * exporter.h -- labels go out, streamed.
 *
 * Tasks are read by pages, each in an act of its own, and written to a sink
 * one at a time: memory does not grow with the project, and no reader holds a
 * snapshot for longer than a page.  An export is a look of the core team: one
 * audit row before the first byte, one after the last with count and digest.
 *
 * With answer = consensus each task has one annotation, the agreed answer.
 */
#ifndef DOMAIN_EXPORTER_H
#define DOMAIN_EXPORTER_H

#include "core/ctx.h"
#include "domain/access.h"
#include "formats/format.h"

struct run;

struct export_opts {
    const struct format *format;
    bool consensus;             /* else every annotation */
    bool all_tasks;             /* also those without an answer */
    bool with_drafts, with_predictions;     /* JSON and JSONL; predictions by default */
    const int64_t *ids;         /* only these tasks; NULL: all */
    int nids;
};

struct export_done {
    int64_t tasks, annotations, bytes;
};

/* READ: what the exporters know of a project's config; on cx->mem. */
int export_schema(struct ctx *cx, int64_t project, const struct schema **out);

/* Not inside an act.  `progress` may be NULL.  E_INVALID: the format does not fit the config. */
int export_run(struct run *run, struct ctx *cx, const struct access *a, const struct export_opts *o,
               struct sink *sink, void (*progress)(void *arg, int64_t done, int64_t total),
               void *arg, struct export_done *out);

#endif
