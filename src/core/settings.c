/* settings.c -- see settings.h. */
#include "core/settings.h"
#include "core/str.h"

#include <ctype.h>
#include <stddef.h>

#define FILE_MAX (64 * 1024)

const struct setting_row setting_rows[] = {
#define SETTING(kind, name, otherwise, what) {#name, #kind, #otherwise, what},
#include "core/settings.def"
#undef SETTING
};
const int nsetting_rows = (int)(sizeof setting_rows / sizeof *setting_rows);

void settings_init(struct settings *s)
{
    *s = (struct settings){
#define SETTING(kind, name, otherwise, what) .name = otherwise,
#include "core/settings.def"
#undef SETTING
    };
}

/* One reader a kind; `p` is the place in the struct. */
static int read_text(struct ctx *cx, void *p, const char *v)
{
    *(setting_text *)p = talloc_strdup(cx->mem, v);
    return 0;
}

static int read_number(struct ctx *cx, void *p, const char *v)
{
    (void)cx;
    return str_int(v, p) && *(int64_t *)p >= 0 ? 0 : E_INVALID;
}

static int read_flag(struct ctx *cx, void *p, const char *v)
{
    bool yes = str_same_nocase(v, "yes") || str_same_nocase(v, "true") || !strcmp(v, "1");
    bool no = str_same_nocase(v, "no") || str_same_nocase(v, "false") || !strcmp(v, "0");

    (void)cx;
    *(setting_flag *)p = yes;
    return yes || no ? 0 : E_INVALID;
}

static const struct {
    const char *name, *needs;
    size_t at;
    int (*read)(struct ctx *cx, void *p, const char *v);
} readers[] = {
#define NEEDS_text "a text"
#define NEEDS_number "a number that is not negative"
#define NEEDS_flag "yes or no"
#define SETTING(kind, name, otherwise, what)                                                       \
    {#name, NEEDS_##kind, offsetof(struct settings, name), read_##kind},
#include "core/settings.def"
#undef SETTING
};

static bool same_name(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if ((*a == '-' ? '_' : *a) != *b)
            return false;
    return !*a && !*b;
}

int settings_set(struct ctx *cx, struct settings *s, const char *name, const char *value,
                 const char *where)
{
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        if (!same_name(name, readers[i].name))
            continue;
        if (readers[i].read(cx, (char *)s + readers[i].at, value) < 0)
            return fail(cx, E_INVALID, "%s: %s needs %s.", where, readers[i].name,
                        readers[i].needs);
        return 0;
    }
    return fail(cx, E_INVALID, "%s: there is no setting named \"%s\".", where, name);
}

static int one_line(struct ctx *cx, struct settings *s, char *line, const char *where)
{
    char *eq, *text;

    text = str_trim(cx, line);
    if (!*text || *text == '#')
        return 0;
    if (!(eq = strchr(text, '=')))
        return fail(cx, E_INVALID, "%s: a line looks like \"name = value\".", where);
    *eq = 0;
    return settings_set(cx, s, str_trim(cx, text), str_trim(cx, eq + 1), where);
}

int settings_file(struct ctx *cx, struct settings *s, const char *path)
{
    char *all = talloc_size(cx->mem, FILE_MAX + 1);
    FILE *f = fopen(path, "re");
    size_t n;
    int rc = 0, number = 1;

    if (!f)
        return fail(cx, E_NOTFOUND, "%s cannot be read.", path);
    n = fread(all, 1, FILE_MAX + 1, f);
    fclose(f);
    if (n > FILE_MAX || memchr(all, 0, n))
        return fail(cx, E_INVALID, "%s is no file of settings.", path);
    all[n] = 0;
    for (char *line = all, *end; line && rc == 0; line = end, number++) {
        if ((end = strchr(line, '\n')))
            *end++ = 0;
        rc = one_line(cx, s, line, talloc_asprintf(cx->mem, "%s, line %d", path, number));
    }
    return rc;
}

int settings_env(struct ctx *cx, struct settings *s)
{
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        char *name = talloc_asprintf(cx->mem, "ANNOTARY_%s", readers[i].name);
        const char *value;
        int rc;

        for (char *p = name; *p; p++)
            *p = (char)toupper((unsigned char)*p);
        value = getenv(name);
        if (value && (rc = settings_set(cx, s, readers[i].name, value, name)) < 0)
            return rc;
    }
    return 0;
}
