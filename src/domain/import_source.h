/*
 * import_source.h -- the files that one import reads, one after the other.
 *
 * Each is a finished file of the spool, which becomes the importer's to
 * remove, or an upload that was kept (file_upload.h), which is a blob and
 * stays.  They travel in the import's options, as JSON.
 *
 * Part of importer.c's work.
 */
#ifndef DOMAIN_IMPORT_SOURCE_H
#define DOMAIN_IMPORT_SOURCE_H

#include <jansson.h>
#include <stdio.h>

#include "core/ctx.h"

struct run;

struct import_source {
    const char *spool;          /* one of these two */
    const char *hash;
    const char *name;           /* as the person knows it */
    const char *format;         /* a word of formats/reader; NULL: guess */
    int64_t bytes;
};

json_t *sources_json(struct ctx *cx, const struct import_source *s, int n);
int sources_read(struct ctx *cx, const json_t *list, struct import_source **out, int *n);

/* Outside of any act.  E_NOTFOUND  it is no longer there */
int source_open(struct ctx *cx, struct run *run, const struct import_source *s, FILE **out);

/* The spool files of an import, by commas, as its row holds them; and off the disk with them. */
const char *sources_spool(struct ctx *cx, const struct import_source *s, int n);
void sources_forget(struct ctx *cx, struct run *run, const char *spool);

#endif
