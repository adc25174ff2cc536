/*
 * leftover.h -- blobs that nobody needs any more leave the disk.
 *
 * Whoever deletes a row that names a blob notes the blob here, in the same
 * act.  A sweep removes those that no row names and that were not placed
 * within LEFTOVER_MS: a file is placed before its row is written.
 *
 * Owns table: leftover.  Reads: media, file_upload.
 */
#ifndef DOMAIN_LEFTOVER_H
#define DOMAIN_LEFTOVER_H

#include "core/ctx.h"

struct run;

#define LEFTOVER_MS (60 * 60 * 1000)

/* Part of a larger act: no audit. */
int leftover_note(struct ctx *cx, const char *hash);

/* Not inside an act.  Looks at every blob that was noted LEFTOVER_MS ago. */
int leftover_sweep(struct run *run, struct ctx *cx);

#endif
