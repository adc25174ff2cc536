/* import_seen.c -- see import_seen.h. */
#include "domain/import_seen.h"

#include "core/json.h"

void seen_begin(struct seen *s, struct ctx *cx)
{
    *s = (struct seen){.cx = cx, .formats = json_keep(cx, json_object())};
}

void seen_file(struct seen *s, const char *format)
{
    const char *word = talloc_asprintf(s->cx->mem, ".%s", format);

    json_object_set_new(s->formats, word, json_integer(json_int(s->formats, word, 0) + 1));
    s->could_be_list = s->could_be_list || strcmp(format, "csv") == 0 ||
                       strcmp(format, "tsv") == 0 || strcmp(format, "txt") == 0;
}

static void first_row(struct seen *s, struct bytes data)
{
    struct bytes key, value;
    struct walk w;

    s->begun = true;
    s->column = NEW_N(s->cx, struct bytes, SEEN_COLUMNS);
    if (walk_start(&w, data) != '{')
        return;
    while (s->ncolumns < SEEN_COLUMNS && walk_member(&w, &key, &value))
        s->column[s->ncolumns++] = (struct bytes){talloc_strndup(s->cx->mem, key.s, key.n), key.n};
}

/* Rows have their keys in the same order as a rule: the one expected next is looked at first. */
static bool has(struct bytes data, struct walk *w, struct bytes column)
{
    struct bytes key, value;

    for (int turn = 0; turn < 2; turn++) {
        while (walk_member(w, &key, &value))
            if (key.n == column.n && memcmp(key.s, column.s, key.n) == 0)
                return true;
        walk_start(w, data);
    }
    return false;
}

void seen_row(struct seen *s, struct bytes data)
{
    struct walk w;
    int kept = 0;

    if (!s->begun) {
        first_row(s, data);
        return;
    }
    walk_start(&w, data);
    for (int i = 0; i < s->ncolumns; i++)
        if (has(data, &w, s->column[i]))
            s->column[kept++] = s->column[i];
    s->ncolumns = kept;
}

json_t *seen_json(const struct seen *s)
{
    json_t *columns = json_array();

    for (int i = 0; i < s->ncolumns; i++) {
        struct bytes quoted = {talloc_asprintf(s->cx->mem, "\"%s\"", s->column[i].s),
                               s->column[i].n + 2};

        json_array_append_new(columns, json_string(bytes_string(s->cx, quoted)));
    }
    return json_keep(s->cx, json_pack("{s:O, s:o, s:b}", "formats", s->formats, "columns", columns,
                                      "could_be_tasks_list", s->could_be_list));
}
