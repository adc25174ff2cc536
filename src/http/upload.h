/*
 * upload.h -- bodies too large for memory.
 *
 * The loop collects at most UPLOAD_CHUNK bytes, then suspends the connection;
 * a worker cuts the chunk into parts (multipart/form-data) or takes it as one
 * file (anything else), and writes files to the spool as they come.  Memory per
 * upload: one chunk.  The caller's right to upload is checked before the first
 * byte is written.
 *
 * E_INVALID  malformed multipart      E_TOOBIG  a form field over 64 KiB, over 1,000 parts
 */
#ifndef HTTP_UPLOAD_H
#define HTTP_UPLOAD_H

#include "http/rq.h"

#define UPLOAD_CHUNK (256 * 1024)
#define UPLOAD_FIELD (64 * 1024)

struct upload;

void upload_new(struct rq *r);
size_t upload_take(struct upload *u, const char *data,
                   size_t n); /* loop: bytes taken; less than n: full */
bool upload_full(const struct upload *u);
int upload_flush(struct rq *r);         /* worker: write what was collected */
int upload_end(struct rq *r); /* worker: the last of it; fills r->parts */
void upload_forget(struct rq *r);       /* remove spool files that nobody took */
void upload_digest(struct upload *u,
                   uint8_t out[32]); /* SHA-256 of the whole body, after upload_end */

struct part *upload_part(struct rq *r, const char *name);  /* NULL when there is none */
struct part *upload_file(struct rq *r); /* the first file; NULL when there is none */
char *upload_keep(struct part *p);      /* the spool name; the file is now the caller's to remove */

#endif
