/*
 * tiling.h -- a picture that no browser shows whole is cut into tiles, beside the server.
 *
 * The decoder runs in a process of its own (this program again, "tiles
 * --confined"), which has the picture, a file to write to and nothing else: a
 * picture made to break it breaks one import.  What it wrote is looked at like
 * anything that came from outside.
 */
#ifndef DOMAIN_TILING_H
#define DOMAIN_TILING_H

#include "core/ctx.h"
#include "core/id.h"

struct run;

/* Of the picture in an open file: is it more than a browser is given whole?  False for what is
 * no JPEG or PNG. */
bool tiling_needed(int fd);

/*
 * Not inside an act, and it may take minutes.  `tell` is called again and again
 * with rows done and in all.  The tiles become one blob.
 * E_INVALID, E_TOOBIG  the picture; cx->why says what to do
 * E_FULL, E_BUSY
 */
int tiling_run(struct ctx *cx, struct run *run, int fd,
               void (*tell)(void *arg, int64_t done, int64_t total), void *arg,
               char hash[ID_SHA256_HEX], int64_t *bytes);

#endif
