/*
 * import_seen.h -- what the first reading noticed, for whoever looks before they commit.
 *
 * Label Studio's reply names the formats found, by their number of files, and
 * the data columns that every row has.
 */
#ifndef DOMAIN_IMPORT_SEEN_H
#define DOMAIN_IMPORT_SEEN_H

#include <jansson.h>

#include "core/ctx.h"
#include "formats/walk.h"

#define SEEN_COLUMNS 1000       /* of the first row; more are not told */

struct seen {
    struct ctx *cx;             /* where the names live */
    struct bytes *column;       /* as written in JSON, without quotes */
    int ncolumns;
    bool begun;
    json_t *formats;
    bool could_be_list;         /* CSV, TSV or text: each line is a task, or the whole file one */
};

void seen_begin(struct seen *s, struct ctx *cx);
void seen_file(struct seen *s, const char *format);
void seen_row(struct seen *s, struct bytes data);

/* {"formats", "columns", "could_be_tasks_list"}, kept by s->cx. */
json_t *seen_json(const struct seen *s);

#endif
