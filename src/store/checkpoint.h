/*
 * checkpoint.h -- moving SQLite's write-ahead log into the database, beside the writer.
 *
 * A checkpoint inside a commit would be the slowest answer of all, so a thread
 * of its own copies the pages (PASSIVE) and syncs the database file.  When
 * nearly all is copied it raises a flag; the writer then makes the last short
 * PASSIVE before its next transaction, after which the log starts from the top.
 * After half a minute of silence the log is cut to nothing.
 *
 * A log over 1 GiB holds back jobs, over 4 GiB writes (E_BUSY): somebody reads
 * one snapshot for too long.
 */
#ifndef STORE_CHECKPOINT_H
#define STORE_CHECKPOINT_H

#include "core/ctx.h"

struct checkpointer;

int checkpoint_start(struct ctx *cx, const char *path, struct checkpointer **out);
void checkpoint_stop(struct checkpointer *c);       /* NULL is no harm */

/* Called by the writer: after each commit with the pages in the log; before each transaction. */
void checkpoint_wrote(struct checkpointer *c, int pages);
void checkpoint_turn(struct checkpointer *c, struct db *writer);

int64_t checkpoint_log_bytes(const struct checkpointer *c);     /* 0 for NULL */

#define CHECKPOINT_JOBS_STOP (1LL << 30)
#define CHECKPOINT_WRITES_STOP (4LL << 30)

#endif
