/*
 * file_upload.h -- files that were uploaded, looked at, and are not tasks yet.
 *
 * Label Studio uploads first (import with commit_to_project=false), shows what
 * it found, and makes tasks of it later.  Here such a file is a blob with a
 * row; domain/importer makes tasks of it.  It holds the data of many tasks at
 * once, so only the core team reads it, and that is written down
 * (exposure_file).  It stays until somebody deletes it, or its project.
 *
 * An upload that is being imported, or whose tasks are there, is not imported
 * again: the same file twice by mistake would ask people twice.
 *
 * Owns table: file_upload.  Reads: import, task.
 */
#ifndef DOMAIN_FILE_UPLOAD_H
#define DOMAIN_FILE_UPLOAD_H

#include "core/ctx.h"

struct file_upload {
    int64_t id, project, bytes, created;
    const char *hash, *name;
};

/* "upload/7/1f0c…-tasks.json": what Label Studio calls `file`; on cx->mem. */
const char *file_upload_path(struct ctx *cx, const struct file_upload *u);

/* Part of a larger act: no audit. */
int file_upload_add(struct ctx *cx, int64_t project, const char *hash, const char *name,
                    int64_t bytes, int64_t *id);

int file_upload_get(struct ctx *cx, int64_t id, struct file_upload *out);  /* READ; E_NOTFOUND */

/* READ.  By the last part of its path.  E_NOTFOUND */
int file_upload_find(struct ctx *cx, int64_t project, const char *name, struct file_upload *out);

/* READ.  Those of `ids` (NULL: all after `after`) that are the project's, by id. */
int file_upload_list(struct ctx *cx, int64_t project, const int64_t *ids, int nids, int64_t after,
                     int limit, struct file_upload **out, int *n);

/* WRITE, audit 'upload.change': other bytes in its place.  Tasks made of it stay as they are. */
int file_upload_replace(struct ctx *cx, int64_t id, const char *hash, const char *name,
                        int64_t bytes);

/* WRITE, audit 'upload.delete'.  NULL: all of the project.  *gone may be smaller than nids. */
int file_upload_delete(struct ctx *cx, int64_t project, const int64_t *ids, int nids,
                       int64_t *gone);

/*
 * Those of `ids`, by id, when all of them may become tasks.  At most LIMIT_PAGE_ROWS.
 * E_NOTFOUND  not of this project
 * E_EXISTS    under way, or its tasks are there
 */
int file_upload_take(struct ctx *cx, int64_t project, const int64_t *ids, int nids,
                     struct file_upload **out);

/* In the same act: they become tasks in `import`. */
int file_upload_taken(struct ctx *cx, const struct file_upload *u, int n, int64_t import);

/* Of a deleted project: a slice of rows; returns how many went. */
int file_upload_forget_some(struct ctx *cx, int64_t project);

#endif
