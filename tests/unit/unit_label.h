/* unit_label.h -- files of tests/golden/label and of the shared test data, for the label tests. */
#ifndef UNIT_LABEL_H
#define UNIT_LABEL_H

#include "core/json.h"

#include <glob.h>

/* cmocka's fail_msg would call our fail(). */
#define unit_fails(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

static inline char *file_read(struct ctx *cx, const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    char *s;

    *n = 0;

    if (!f)
        return NULL;
    s = talloc_size(cx->mem, 4 << 20);
    *n = fread(s, 1, (4 << 20) - 1, f);
    s[*n] = 0;
    fclose(f);
    return s;
}

static inline const char *source(struct ctx *cx, const char *name)
{
    const char *root = getenv("ANNOTARY_SOURCE");

    return talloc_asprintf(cx->mem, "%s/%s", root ? root : ".", name);
}

static inline const char *golden(struct ctx *cx, const char *name)
{
    return source(cx, talloc_asprintf(cx->mem, "tests/golden/label/%s", name));
}

static inline const char *shared(struct ctx *cx, const char *name)
{
    const char *root = getenv("ANNOTARY_TESTDATA");

    return talloc_asprintf(cx->mem, "%s/labelstudio/%s", root ? root : "../shared", name);
}

static inline json_t *json_file(struct ctx *cx, const char *path)
{
    size_t n;
    char *s = file_read(cx, path, &n);
    json_t *v = NULL;

    if (s && json_read(cx, s, n, &v) < 0)
        print_error("%s: %s\n", path, cx->why);
    return v;
}

/* "…/ok/name.xml" → "…/ok/name" + ending */
static inline const char *beside(struct ctx *cx, const char *path, const char *ending)
{
    return talloc_asprintf(cx->mem, "%.*s%s", (int)(strlen(path) - 4), path, ending);
}

#endif
