/* tags.c -- the table of tags.def; see tags.h. */
#include "label/tags.h"
#include "core/str.h"
#include "label/parse.h"

static const struct label_row rows[] = {
#define TAG(name, kind, same_as, type, key, check) \
    {#name, LABEL_##kind, same_as, type, key, check},
#include "label/tags.def"
#undef TAG
};

const struct label_row *tags_find(const char *tag)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (str_same_nocase(rows[i].name, tag))
            return &rows[i];
    return NULL;
}

const struct label_row *tags_of_type(const char *result_type)
{
    if (strcmp(result_type, "htmllabels") == 0)
        result_type = "hypertextlabels";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].type && strcmp(rows[i].type, result_type) == 0)
            return &rows[i];
    return NULL;
}

const char *tags_near(const char *tag)
{
    const char *best = NULL;
    int least = 3;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int d = parse_apart(tag, rows[i].name);

        if (d < least && (size_t)d * 2 < strlen(rows[i].name)) {
            least = d;
            best = rows[i].name;
        }
    }
    return best;
}

const char *tags_kind_word(enum label_kind kind)
{
    static const char *const words[] = {"object", "control", "visual", "child",
                                        "html",   "unknown", "text"};

    return words[kind];
}

/* An item of type "relation" never reaches a checker: result.c looks at the ends itself. */
void check_never(struct check *k)
{
    (void)k;
}
