/*
 * str.h -- text that grows, up to a maximum it is born with.
 */
#ifndef CORE_STR_H
#define CORE_STR_H

#include "core/ctx.h"

struct buf {
    struct ctx *cx;
    char *s;            /* always NUL-terminated once anything was added; NULL before */
    size_t n, cap, max;
    int rc;             /* 0, or E_TOOBIG for good: later additions do nothing */
};

void buf_init(struct buf *b, struct ctx *cx, size_t max);
int buf_add(struct buf *b, const void *s, size_t n);
int buf_adds(struct buf *b, const char *s);
int buf_addc(struct buf *b, char c);
int buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int buf_add_json(struct buf *b, const char *s, size_t n);   /* as a quoted JSON string */

bool str_same_nocase(const char *a, const char *b);         /* ASCII */
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
char *str_lower(struct ctx *cx, const char *s);             /* ASCII */
char *str_trim(struct ctx *cx, const char *s);
bool str_int(const char *s, int64_t *out);                  /* the whole of s is a number */

/* UTF-8: strict (no overlong forms, no surrogates, at most U+10FFFF). */
bool utf8_valid(const char *s, size_t n);
size_t utf8_decode(const char *s, size_t n, uint32_t *cp);  /* bytes read; 0 when malformed */
size_t utf8_chars(const char *s, size_t n);                 /* code points */
size_t utf8_units16(const char *s, size_t n); /* UTF-16 code units, Label Studio's offsets */

#endif
