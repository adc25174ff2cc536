/*
 * import_preview.h -- the first rows of a file, before anything is stored.
 *
 * Looks at the beginning of a file: at most PREVIEW_ROWS rows are shown, and
 * PREVIEW_LOOK are read for the columns.  Each row goes through the checks of
 * an import, so what is wrong with it is said in the same words.
 *
 * Owns no table.
 */
#ifndef DOMAIN_IMPORT_PREVIEW_H
#define DOMAIN_IMPORT_PREVIEW_H

#include "domain/importer.h"

#define PREVIEW_ROWS 10
#define PREVIEW_LOOK 200

/*
 * {
 *   "format": "csv",
 *   "rows": [{"line": 2, "data": {…}} or {"line": 3, "field"?, "why"}],
 *       data under the names of the fields (o->map), long texts cut at 300 characters
 *   "columns": [{"name": "body", "filled": 200, "example": "…"}],  names as in the file
 *   "needs": [{"field": "text", "tag": "Text", "missing": 0}],   the $fields of the config;
 *       missing: rows looked at that have no such field under o->map
 *   "looked": 200, "bad": 1, "more": true, "problem"?: "…"
 * }
 * `cut`: the bytes are only the beginning of the file, so its last row may be broken off.
 * A new value, kept by cx->mem.  E_INVALID: no kind that can be read.
 */
int import_preview(struct ctx *cx, int64_t project, const struct import_opts *o, const char *name,
                   const char *bytes, size_t n, bool cut, json_t **out);

#endif
