/*
 * report.h -- what `annotary config check` says: a config, and perhaps a task, read aloud.
 */
#ifndef LABEL_REPORT_H
#define LABEL_REPORT_H

#include "core/str.h"
#include "label/config.h"

/*
 * Write a report in plain text to `out`.  `task` is NULL, a task
 * {data, annotations:[{result}], predictions:[{result}]}, a bare data object,
 * or a list of those.  With `strict`, a missing or unknown toName is an error.
 *
 * 0          the config (and the task) are fine; warnings may stand in the report
 * E_INVALID  errors stand in the report, with line and column or path
 * E_TOOBIG   a limit was met; it stands in the report too
 */
int label_report(struct ctx *cx, const char *xml, size_t n, const json_t *task, bool strict,
                 struct buf *out);

#endif
