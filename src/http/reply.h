/*
 * reply.h -- the answer of a request: status, headers, bytes.
 *
 * Bytes live as long as the request.  Every answer carries X-Request-Id and
 * nosniff; API answers are never cached; HTML pages carry the policy of ui.md.
 * A header value with a line break is a mistake of ours and ends the program.
 */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include "core/json.h"
#include "http/rq.h"

void reply_reset(struct rq *r);             /* an act that is run again starts afresh */

/* All return 0, so that an act can end with `return reply_…`. */
int reply_json(struct rq *r, int status, json_t *v);                /* takes v over */
int reply_bytes(struct rq *r, int status, const char *type, const char *body, size_t n);
int reply_text(struct rq *r, int status, const char *text);
int reply_empty(struct rq *r, int status);
int reply_file(struct rq *r, const char *type, int fd, int64_t size);
int reply_file_part(struct rq *r, const char *type, int fd, int64_t at, int64_t size);
int reply_stream(struct rq *r, const char *type, produce_fn *produce);

/*
 * The error of the context as an answer: {"detail", "code", "fields", "request_id"}.
 * Wrong fields of a labelling config also stand as a list under "label_config",
 * and all of them under "validation_errors", where Label Studio's clients look.
 */
int reply_error(struct rq *r, int code);

void reply_header(struct rq *r, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Content-Disposition: attachment, the name made harmless. */
void reply_attachment(struct rq *r, const char *file_name);

/* A list page: {"count", "next", "previous", "results"}; takes results over. */
json_t *reply_page(struct rq *r, int64_t count, int page, int page_size, json_t *results);

json_t *json_time(int64_t ms);              /* ISO 8601, null for 0 */

#endif
