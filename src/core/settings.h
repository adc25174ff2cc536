/*
 * settings.h -- what whoever runs Annotary may choose.
 *
 * The table is settings.def.  annotary.conf < environment < flags: each later
 * place overrides the earlier.  A name that is not in the table is refused with
 * its line, because a setting that is silently ignored is worse than none.
 */
#ifndef CORE_SETTINGS_H
#define CORE_SETTINGS_H

#include "core/ctx.h"

typedef const char *setting_text;
typedef int64_t setting_number;
typedef bool setting_flag;

struct settings {
#define SETTING(kind, name, otherwise, what) setting_##kind name;
#include "core/settings.def"
#undef SETTING
};

void settings_init(struct settings *s);

/* One by name ('-' counts as '_'); `where` says in the complaint where it stood.  E_INVALID */
int settings_set(struct ctx *cx, struct settings *s, const char *name, const char *value,
                 const char *where);

/* A file of `name = value` lines; # begins a comment.  E_NOTFOUND; E_INVALID with the line. */
int settings_file(struct ctx *cx, struct settings *s, const char *path);

/* ANNOTARY_DATA, ANNOTARY_PORT …; other names are left alone. */
int settings_env(struct ctx *cx, struct settings *s);

/* The table, for --help and the manual. */
struct setting_row {
    const char *name, *kind, *otherwise, *what;
};
extern const struct setting_row setting_rows[];
extern const int nsetting_rows;

#endif
