/*
 * walk.h -- stepping through JSON bytes without copying them.
 *
 * A walk points into bytes that json_scan has accepted and hands out the spans
 * of members and elements, so that what was sent can be kept as it was sent.
 * It owns nothing and never fails: on bytes that are not JSON it merely stops.
 */
#ifndef FORMATS_WALK_H
#define FORMATS_WALK_H

#include "core/json.h"

/* A run of bytes that somebody else owns; s == NULL means absent. */
struct bytes {
    const char *s;
    size_t n;
};

struct walk {
    const char *p, *end;
};

/* Start on a value; its first byte ('{', '[', '"', …) or 0 when there is none. */
char walk_start(struct walk *w, struct bytes v);

/* The next member of an object; `key` is without quotes, still escaped.  False at the end. */
bool walk_member(struct walk *w, struct bytes *key, struct bytes *value);

/* The next element of an array.  False at the end. */
bool walk_element(struct walk *w, struct bytes *value);

/* The bytes behind one value that begins at `p` (no white space before it). */
const char *walk_skip(const char *p, const char *end);

bool bytes_are(struct bytes b, const char *text);
bool bytes_kind(struct bytes b, char first);        /* begins with that byte */

/* The text of a JSON string, on cx->mem; NULL when it is no string. */
const char *bytes_string(struct ctx *cx, struct bytes b);

/* A whole number written plainly; `otherwise` when it is none. */
int64_t bytes_int(struct bytes b, int64_t otherwise);

#endif
