/* import_source.c -- see import_source.h. */
#include "domain/import_source.h"

#include <unistd.h>

#include "core/json.h"
#include "core/str.h"
#include "domain/run.h"
#include "store/blob.h"

json_t *sources_json(struct ctx *cx, const struct import_source *s, int n)
{
    json_t *list = json_keep(cx, json_array());

    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:s*, s:s*, s:s, s:s*, s:I}", "spool", s[i].spool,
                                              "hash", s[i].hash, "name", s[i].name, "format",
                                              s[i].format, "bytes", (json_int_t)s[i].bytes));
    return list;
}

int sources_read(struct ctx *cx, const json_t *list, struct import_source **out, int *n)
{
    const json_t *v;
    size_t i;

    *n = 0;
    *out = NEW_N(cx, struct import_source, json_array_size(list) + 1);
    json_array_foreach(list, i, v)
        (*out)[(*n)++] = (struct import_source){json_str(v, "spool", NULL),
                                                json_str(v, "hash", NULL), json_str(v, "name", ""),
                                                json_str(v, "format", NULL),
                                                json_int(v, "bytes", 0)};
    return *n ? 0 : fail(cx, E_INTERNAL, "An import without files.");
}

int source_open(struct ctx *cx, struct run *run, const struct import_source *s, FILE **out)
{
    int64_t bytes;
    int fd, rc;

    if ((rc = s->hash ? blob_open(cx, run_store(run), s->hash, &fd, &bytes)
                      : spool_open(cx, run_store(run), s->spool, &fd)) < 0)
        return rc;
    if (!(*out = fdopen(fd, "rb"))) {
        close(fd);
        return fail(cx, E_IO, "The uploaded file cannot be read.");
    }
    return 0;
}

const char *sources_spool(struct ctx *cx, const struct import_source *s, int n)
{
    struct buf b;

    buf_init(&b, cx, (size_t)n * 80 + 1);
    buf_adds(&b, "");
    for (int i = 0; i < n; i++)
        if (s[i].spool)
            buf_addf(&b, "%s%s", b.n ? "," : "", s[i].spool);
    return b.s;
}

void sources_forget(struct ctx *cx, struct run *run, const char *spool)
{
    char *list = talloc_strdup(cx->mem, spool), *save = NULL;

    for (char *name = strtok_r(list, ",", &save); name; name = strtok_r(NULL, ",", &save))
        run_spool_remove(run, name);
}
