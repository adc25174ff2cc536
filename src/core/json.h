/*
 * json.h -- strict JSON: bounded, scanned before it is parsed, freed with the context.
 *
 * Before jansson sees a byte, json_scan walks it once: depth at most
 * LIMIT_JSON_DEPTH, at most LIMIT_JSON_VALUES values, valid UTF-8, no name
 * twice in one object.  The same
 * walk notes where in the bytes the value of a wanted key stands, so that an
 * annotation's `result` can be kept exactly as it was sent.
 */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include <jansson.h>

#include "core/ctx.h"

/* A value in the scanned bytes. */
struct json_span {
    size_t at, len;         /* bytes of the value, without surrounding white space */
    int depth;              /* 1 = a member of the outermost object */
    int64_t index[3];       /* places in the enclosing arrays, outermost first, -1 = none */
};

/*
 * Walk `s`; when `key` is given, collect the span of the value of every
 * member with that name (in byte order) into *spans (on cx->mem).
 *
 * E_INVALID  not JSON, or not UTF-8; the sentence gives line and column
 * E_TOOBIG   too deep, or too many values
 */
int json_scan(struct ctx *cx, const char *s, size_t n, const char *key, struct json_span **spans,
              int *nspans);

/* Scan, then parse.  The value lives as long as cx->mem.  Duplicate keys are refused. */
int json_read(struct ctx *cx, const char *s, size_t n, json_t **out);

/* Parse bytes that json_scan has accepted already; duplicate keys are refused. */
int json_scanned(struct ctx *cx, const char *s, size_t n, json_t **out);

/* Parse one file or line that is known to be ours (stored bytes): no scan.  NULL never. */
int json_stored(struct ctx *cx, const char *s, size_t n, json_t **out);

/* Tie a value made by hand to the life of cx->mem; returns it. */
json_t *json_keep(struct ctx *cx, json_t *v);

/* Compact text of a value, on cx->mem; keys keep their order. */
char *json_text(struct ctx *cx, const json_t *v);

/* The same with sorted keys: equal contents give equal bytes.  NULL when it is no object or list.
 */
char *json_sorted(struct ctx *cx, const json_t *v);

/* Members with a default; a member of the wrong type counts as absent. */
const char *json_str(const json_t *o, const char *key, const char *otherwise);
int64_t json_int(const json_t *o, const char *key, int64_t otherwise);
double json_num(const json_t *o, const char *key, double otherwise);
bool json_flag(const json_t *o, const char *key, bool otherwise);

#endif
