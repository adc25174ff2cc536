/*
 * media.h -- files of a project: pictures and texts that tasks show.
 *
 * A file is a blob (store/blob) with a name and a type, known to a project;
 * tasks show it by the address "/media/PROJECT/HASH".  Its type is what its
 * first bytes say, never what somebody claimed; only pictures and plain text
 * are ever served inline.
 *
 * A picture in tiles is one file (media/pack.h).  Its address ends in ".dzi",
 * and its tiles have addresses beside that, as Deep Zoom names them; whoever
 * may see the picture may see them.
 *
 * The core team may fetch any file of a project; a party only one that a task
 * they were lent shows.  One that only deleted tasks show is fetched by nobody,
 * and goes with the last of them.
 *
 * Owns tables: media, media_use.
 */
#ifndef DOMAIN_MEDIA_H
#define DOMAIN_MEDIA_H

#include "core/ctx.h"

struct tasks;                   /* task_set.h */
#include "core/id.h"
#include "domain/access.h"

struct media {
    int64_t project, id, bytes;
    const char *hash, *name, *mime;
};

/* "/media/7/<64 hex>", on cx->mem; and back: true when `address` is one of this project. */
const char *media_address(struct ctx *cx, int64_t project, const char *hash);
const char *media_address_of(struct ctx *cx, const struct media *m);    /* in tiles: with ".dzi" */
bool media_hash(const char *address, int64_t project, char hash[ID_SHA256_HEX]);

/* The row of a committed blob.  Part of a larger act: no audit.  Adding it twice is no error. */
int media_add(struct ctx *cx, int64_t project, const char *hash, const char *name, const char *mime,
              int64_t bytes, int64_t *id);

/* Note every address of this project found in the strings of a task's data. */
int media_note_uses(struct ctx *cx, int64_t project, int64_t task, const void *parsed_json);

/* E_NOTFOUND  no such file, or the caller was never lent a task that shows it */
int media_get(struct ctx *cx, const struct access *a, const char *hash, struct media *out);
bool media_is_tiles(const struct media *m);
int media_list(struct ctx *cx, int64_t project, int64_t after_id, int limit, struct media **out,
               int *n);

int media_forget(struct ctx *cx, int64_t project, const struct tasks *tasks);
/* Of tasks that go for good from the bin: the files that no other task shows go too. */
int media_drop(struct ctx *cx, int64_t project, int64_t bin, const struct tasks *tasks);

/* Of a deleted project, its bin empty: a slice of rows; returns how many went.  Blobs stay until
 * no project has them (leftover.h). */
int media_forget_some(struct ctx *cx, int64_t project);

#endif
