/*
 * task_data.h -- what can be told from the bytes of a task's data without parsing them.
 *
 * Part of task.c's work, apart because it needs no database.  The bytes have
 * passed json_scan: they are one JSON object without a name twice.  A million
 * rows go through here, so nothing is built that is not needed.
 */
#ifndef DOMAIN_TASK_DATA_H
#define DOMAIN_TASK_DATA_H

#include "core/str.h"
#include "formats/walk.h"

/*
 * SHA-256 of the canonical form: members sorted by their names as written,
 * white space gone, all else as sent.  The same data in another order or
 * layout is the same content.
 */
void task_data_digest(struct ctx *cx, struct bytes data, uint8_t hash[32]);

/* One scalar of the first level. */
#define FIELD_WORD_BYTES 64
struct task_scalar {
    const char *name;
    bool is_number;
    double num;
    const char *word;           /* a text of at most FIELD_WORD_BYTES, else NULL */
    const char *head;           /* then its beginning */
};

/* At most LIMIT_TASK_FIELDS of them, on cx->mem; their number. */
int task_data_scalars(struct ctx *cx, struct bytes data, struct task_scalar **out);

/*
 * The data as a list shows it: an object of at most BRIEF_MEMBERS members, long
 * texts cut, addresses whole, what is nested and long only told by its kind.
 */
#define BRIEF_MEMBERS 64
#define BRIEF_BYTES 200
#define BRIEF_ADDRESS_BYTES 2048
void task_data_brief(struct buf *b, const char *data, size_t n);

#endif
