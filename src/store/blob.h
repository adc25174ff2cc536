/*
 * blob.h -- files by the digest of their content, under DATA/blobs/ab/cdef….
 *
 * Written to spool/, fsynced, renamed into place, the folder fsynced: a blob
 * exists whole or not at all.  The name is the SHA-256 in hex; no path of a
 * user ever reaches the file system.  Reading checks that the name is 64 hex
 * digits.  Which project may see a blob is a matter of domain/media.
 */
#ifndef STORE_BLOB_H
#define STORE_BLOB_H

#include "core/ctx.h"
#include "core/id.h"

struct store;
struct blob_writer;

int blob_begin(struct ctx *cx, struct store *st, struct blob_writer **out);
void blob_allow(struct blob_writer *w, int64_t bytes);     /* in place of LIMIT_BLOB_BYTES */
/* E_TOOBIG over LIMIT_BLOB_BYTES; E_FULL */
int blob_write(struct blob_writer *w, const void *p, size_t n);
int blob_commit(struct blob_writer *w, char hash[ID_SHA256_HEX], int64_t *bytes);
void blob_abort(struct blob_writer *w);             /* also run when cx is freed */

/* The file so far, to be read; the position in it is the reader's. */
int blob_written(const struct blob_writer *w, int64_t *bytes);

/* A finished spool file becomes a blob; it leaves the spool in any case.  E_TOOBIG, E_FULL */
int blob_adopt(struct ctx *cx, struct store *st, const char *name, char hash[ID_SHA256_HEX],
               int64_t *bytes);
int blob_adopt_large(struct ctx *cx, struct store *st, const char *name, int64_t most,
                     char hash[ID_SHA256_HEX], int64_t *bytes);

/* Off the disk, unless it was placed after `since_ms`: then false.  Gone already: true. */
bool blob_remove(struct ctx *cx, struct store *st, const char *hash, int64_t since_ms);

/* An open descriptor and the size.  E_NOTFOUND. */
int blob_open(struct ctx *cx, struct store *st, const char *hash, int *fd, int64_t *bytes);

/* A file under spool/, unlinked by the caller when done: name without path on cx->mem. */
int spool_create(struct ctx *cx, struct store *st, char **name, int *fd);
int spool_open(struct ctx *cx, struct store *st, const char *name, int *fd);
void spool_remove(struct store *st, const char *name);
const char *spool_path(struct ctx *cx, struct store *st, const char *name);

#endif
