/* ctx.c -- see ctx.h. */
#include "core/ctx.h"
#include "core/clock.h"
#include "core/id.h"

#include <stdarg.h>

#define FIELDS_KEPT 100

struct ctx *ctx_new(void *parent)
{
    struct ctx *cx = talloc_zero(parent, struct ctx);

    cx->mem = talloc_new(cx);
    cx->now = clock_now();
    cx->who.ip = "";
    id_random(&cx->rng.state, sizeof cx->rng.state);
    return cx;
}

void ctx_free(struct ctx *cx)
{
    talloc_free(cx);
}

int fail(struct ctx *cx, int code, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    cx->why = talloc_vasprintf(cx->mem, fmt, ap);
    va_end(ap);
    return code;
}

int fail_at(struct ctx *cx, int code, const char *path, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    cx->why = talloc_vasprintf(cx->mem, fmt, ap);
    va_end(ap);
    if (cx->nfields < FIELDS_KEPT) {
        struct field_error *f = NEW(cx, struct field_error);

        f->path = talloc_strdup(cx->mem, path);
        f->why = cx->why;
        f->next = cx->fields;
        cx->fields = f;
        cx->nfields++;
    }
    return code;
}

void fail_clear(struct ctx *cx)
{
    cx->why = NULL;
    cx->fields = NULL;
    cx->nfields = 0;
}
