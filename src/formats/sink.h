/*
 * sink.h -- where an export goes: one stream, a folder, or a zip.
 *
 * A format names its entries ("result.json", "labels/a.txt") and writes them
 * one after another; it does not know what stands behind.  A stream takes
 * exactly one entry and forgets its name.  A folder writes files below itself
 * and nowhere else.  A zip goes out through a callback while it is made, with
 * a fixed date, so that equal input gives equal bytes.
 *
 * Entry names are made by the formats from outside text; sink_name makes such
 * text harmless, and a folder refuses what is not.
 */
#ifndef FORMATS_SINK_H
#define FORMATS_SINK_H

#include "core/ctx.h"

/* Takes bytes; 0, or a negative code with cx->why set. */
typedef int sink_write(struct ctx *cx, void *arg, const void *data, size_t n);

struct sink;

struct sink *sink_stream(struct ctx *cx, sink_write *write, void *arg);
struct sink *sink_zip(struct ctx *cx, sink_write *write, void *arg);
struct sink *sink_folder(struct ctx *cx, const char *path);     /* exists, is ours */

/* Where large intermediate files go; TMPDIR or /tmp when not said. */
void sink_spool_in(struct sink *s, const char *folder);

/* A nameless temporary file, gone when closed.  E_FULL, E_IO */
int sink_spool(struct sink *s, FILE **out);

/*
 * One entry at a time.  E_INVALID a name that would leave the folder;
 * E_FULL, E_IO and whatever the callback says.
 */
int sink_begin(struct sink *s, const char *name);
int sink_put(struct sink *s, const void *data, size_t n);
int sink_puts(struct sink *s, const char *text);
int sink_end(struct sink *s);

/* Finish the whole; nothing may be written after it. */
int sink_close(struct sink *s);

/* A text as one file name: no '/', no control characters, not "." or "..", at most 200 bytes. */
const char *sink_name(struct ctx *cx, const char *text);

#endif
