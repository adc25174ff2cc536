/*
 * fmt_conll2003.c -- CoNLL 2003: a token a line, BIO tags of text spans.
 *
 *     -DOCSTART- -X- O
 *     Anna -X- _ B-PER
 *     Karlsson -X- _ I-PER
 *
 * An answer is a sentence block; blocks are divided by an empty line.  A
 * token belongs to the first span that touches it.  Offsets of spans are
 * UTF-16 code units, as the editor writes them.
 */
#include "formats/rows.h"
#include "formats/treebank.h"

static int conll_open(struct writer *w)
{
    if (!w->schema->text_key)
        return fail(w->cx, E_INVALID, "CONLL2003 needs Labels on a Text; this config has none.");
    sink_begin(w->sink, w->format->file);
    return sink_puts(w->sink, "-DOCSTART- -X- O\n");
}

struct tag_span {
    double start, end;
    const char *label;
};

static int by_start(const void *a, const void *b)
{
    const struct tag_span *x = a, *y = b;

    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

static int spans_of(struct writer *w, const struct row_answers *r, struct tag_span **out)
{
    int n = 0;

    *out = NEW_N(w->cx, struct tag_span, r->nitems + 1);
    for (int i = 0; i < r->ngroups; i++) {
        if (strcmp(r->groups[i].control->tag, "Labels") != 0)
            continue;
        for (int j = 0; j < r->groups[i].n; j++) {
            json_t *v = json_object_get(r->groups[i].items[j], "value");
            json_t *start = json_object_get(v, "start"), *end = json_object_get(v, "end");
            const char *label = json_string_value(json_array_get(json_object_get(v, "labels"), 0));

            if (json_is_number(start) && json_is_number(end) && label)
                (*out)[n++] = (struct tag_span){json_number_value(start), json_number_value(end),
                                                label};
            else
                w->left_out++;
        }
    }
    qsort(*out, (size_t)n, sizeof **out, by_start);
    w->regions += n;
    return n;
}

/* Labels keep their spaces, as the official converter does; line ends would break the file. */
static void put_label(struct sink *s, const char *label)
{
    for (; *label; label++)
        sink_put(s, *label == '\n' || *label == '\r' ? " " : label, 1);
}

static int put_block(struct writer *w, const char *text, size_t n, const struct row_answers *r)
{
    struct token *tokens;
    struct tag_span *spans;
    int ntokens = treebank_split(w->cx, text, n, &tokens), nspans = spans_of(w, r, &spans);
    int at = 0, begun = -1;
    size_t seen = 0;
    double unit = 0;

    for (int i = 0; i < ntokens; i++) {
        const struct token *t = &tokens[i];
        double start, end;

        unit += (double)utf8_units16(text + seen, t->at - seen);
        start = unit;
        end = unit += (double)utf8_units16(text + t->at, t->len);
        seen = t->at + t->len;
        while (at < nspans && spans[at].end <= start)
            at++;
        sink_put(w->sink, text + t->at, t->len);
        if (at < nspans && spans[at].start < end) {
            sink_puts(w->sink, begun == at ? " -X- _ I-" : " -X- _ B-");
            put_label(w->sink, spans[at].label);
            begun = at;
        } else {
            sink_puts(w->sink, " -X- _ O");
        }
        sink_put(w->sink, "\n", 1);
    }
    return sink_put(w->sink, "\n", 1);
}

static int conll_task(struct writer *w, const struct export_task *t)
{
    struct row_answers *rows;
    json_t *data, *text;
    int n, rc;

    if ((rc = rows_data(w, t, &data)) < 0 || (rc = rows_make(w, t, &rows, &n)) < 0)
        return rc;
    text = label_data(data, talloc_asprintf(w->cx->mem, "$%s", w->schema->text_key));
    if (!json_is_string(text)) {
        w->left_out += n;
        return 0;
    }
    for (int i = 0; i < n && rc == 0; i++) {
        rc = put_block(w, json_string_value(text), json_string_length(text), &rows[i]);
        w->answers += rows[i].annotation != NULL;
    }
    return rc;
}

static int conll_close(struct writer *w)
{
    return sink_end(w->sink);
}

const struct format fmt_conll2003 = {
    .name = "CONLL2003", .file = "result.conll", .ext = ".conll",
    .mime = "text/plain; charset=utf-8",
    .what = "a token a line with BIO tags of text spans", .needs_schema = true,
    .open = conll_open, .task = conll_task, .close = conll_close,
};
