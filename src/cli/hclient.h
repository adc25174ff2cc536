/*
 * hclient.h -- a small HTTP client, for the demo only.
 *
 * One connection, kept open; one request at a time; no proxy, no redirect, no
 * cookie.  A server that is busy (429, 503) is asked again for up to 10 s,
 * with the same Idempotency-Key, as every good client does.
 */
#ifndef CLI_HCLIENT_H
#define CLI_HCLIENT_H

#include "core/json.h"

#define HCLIENT_ANSWER_BYTES (64 * 1024 * 1024)

struct hclient;

struct hcall {
    const char *method, *path;  /* path from the "/" on, with its query */
    const char *token;          /* "anno_…", or NULL */
    const char *key;            /* Idempotency-Key, or NULL */
    const char *type;           /* of the body; NULL: application/json */
    const void *body;           /* NULL: none */
    size_t nbody;
};

struct hanswer {
    int status;
    const char *body;           /* on cx->mem, NUL-terminated */
    size_t n;
};

/* For "http://127.0.0.1:PORT".  Ended with cx->mem. */
struct hclient *hclient_new(struct ctx *cx, int port);

/* Any status is an answer.  E_IO  nobody answers, or the answer breaks off;  E_TOOBIG */
int hclient_call(struct ctx *cx, struct hclient *h, const struct hcall *call, struct hanswer *out);

/*
 * JSON in (may be NULL; the reference is taken) and JSON out (lives with cx->mem).  A status other
 * than `want` fails with the server's own sentence: E_INVALID.  *out is NULL for an empty answer.
 */
int hclient_json(struct ctx *cx, struct hclient *h, const char *token, const char *method,
                 const char *path, json_t *body, int want, json_t **out);

#endif
