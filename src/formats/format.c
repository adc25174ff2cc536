/* format.c -- see format.h. */
#include "formats/format.h"

#define FORMAT(name) extern const struct format fmt_##name;
#include "formats/formats.def"
#undef FORMAT

static const struct format *const formats[] = {
#define FORMAT(name) &fmt_##name,
#include "formats/formats.def"
#undef FORMAT
    NULL,
};

const struct format *format_find(const char *name)
{
    for (int i = 0; formats[i]; i++)
        if (str_same_nocase(formats[i]->name, name))
            return formats[i];
    return NULL;
}

const struct format *format_at(int i)
{
    if (i < 0 || i >= (int)(sizeof formats / sizeof *formats))
        return NULL;
    return formats[i];
}

const char *format_names(struct ctx *cx)
{
    char *s = talloc_strdup(cx->mem, formats[0]->name);

    for (int i = 1; formats[i]; i++)
        s = talloc_asprintf_append(s, ", %s", formats[i]->name);
    return s;
}

int writer_open(struct ctx *cx, const struct format *f, const struct schema *schema,
                struct sink *sink, struct writer **out)
{
    struct writer *w = NEW(cx, struct writer);

    w->cx = cx;
    w->format = f;
    w->schema = schema;
    w->sink = sink;
    *out = w;
    if (f->needs_schema && !schema)
        return w->rc = fail(cx, E_INVALID, "%s needs the labelling config.", f->name);
    return w->rc = f->open(w);
}

/*
 * A task is handled on memory of its own, freed behind it.  After a failure
 * that memory stays, since cx->why may stand in it; nothing follows anyway.
 */
int writer_task(struct writer *w, const struct export_task *t)
{
    struct ctx *cx = w->cx;
    void *mem = cx->mem;

    if (w->rc < 0)
        return w->rc;
    cx->mem = talloc_new(mem);
    w->rc = w->format->task(w, t);
    if (w->rc == 0)
        talloc_free(cx->mem);
    cx->mem = mem;
    w->tasks++;
    return w->rc;
}

int writer_close(struct writer *w)
{
    if (w->rc == 0)
        w->rc = w->format->close(w);
    if (w->rc == 0)
        w->rc = sink_close(w->sink);
    return w->rc;
}
