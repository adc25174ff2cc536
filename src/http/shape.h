/*
 * shape.h -- how the domain's nouns look in answers.  Each returns a new value.
 *
 * Where Label Studio has the noun, the shape is its shape, with our own keys
 * beside (labelstudio.md §5); extra keys harm no client.
 */
#ifndef HTTP_SHAPE_H
#define HTTP_SHAPE_H

#include <jansson.h>

#include "domain/annotation.h"
#include "domain/prediction.h"
#include "domain/project.h"
#include "domain/task.h"
#include "domain/user.h"
#include "http/rq.h"

json_t *shape_list(json_t *results, int n, int limit,
                   int64_t last);               /* {"results", "next"}: a page by cursor */
json_t *shape_role(int role);                   /* "owner" …, null for none */
json_t *shape_person(const struct user *u);     /* ours: id, email, name, org_role */
json_t *shape_user(const struct user *u); /* Label Studio's: id, email, username, first_name … */

int page_limit(struct rq *r);                   /* ?limit=, 1 … LIMIT_PAGE_ROWS, 100 when absent */

/*
 * Answers and task data are kept exactly as they were sent and leave the same
 * way: the objects that hold them are put together as text.
 *
 *     put_open(b, json_pack(…));  put_raw(b, "result", bytes, n);  put_close(b);
 */
void put_open(struct buf *b, json_t *members);  /* takes it over; at least one member */
void put_raw(struct buf *b, const char *key, const char *json, size_t n);
void put_close(struct buf *b);
int reply_put(struct rq *r, int status, struct buf *b);     /* E_TOOBIG when it outgrew its bound */

/* A project, with its config.  `role` of the caller there, 0 when not known. */
int shape_project(struct rq *r, const struct project *p, int role, json_t **out);

void put_annotation(struct buf *b, const struct annotation *a);
void put_prediction(struct buf *b, const struct prediction *p);

enum { TASK_ROW = 0, TASK_ANSWERS = 1, TASK_BRIEF = 2 };
/* A task as Label Studio shows it (BRIEF: as a list does, left open for put_close); data is null
 * where the caller was never lent it. */
int put_task(struct rq *r, struct buf *b, const struct task *t, int what);

/* After the act that began it: run an import to its end and answer as Label Studio does. */
int import_finish(struct rq *r, int64_t import);

#define ANSWER_BYTES (64 * 1024 * 1024)         /* the most that one answer of this kind may hold */

#endif
