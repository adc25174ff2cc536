/*
 * places.c -- see places.h.
 *
 * libxml2 has read the text already and found it well-formed, without DOCTYPE
 * and processing instructions.  So a small reading of our own is enough, in
 * step with the tree: between tags only text, comments and CDATA stand.
 */
#include "label/places.h"

#include <string.h>

struct scan {
    const char *s;
    size_t n, at;
    size_t counted;             /* bytes already counted … */
    int64_t units;              /* … and how many units they are */
};

/* Offsets are asked for in the order of the text: each byte is counted once. */
static json_t *unit(struct scan *k, size_t at)
{
    for (; k->counted < at; k->counted++) {
        unsigned char b = (unsigned char)k->s[k->counted];

        k->units += (b & 0xc0) == 0x80 ? 0 : b >= 0xf0 ? 2 : 1;
    }
    return json_integer(k->units);
}

static bool here(const struct scan *k, const char *word)
{
    size_t n = strlen(word);

    return k->n - k->at >= n && memcmp(k->s + k->at, word, n) == 0;
}

static void pass(struct scan *k, const char *end)
{
    const char *p = memmem(k->s + k->at, k->n - k->at, end, strlen(end));

    k->at = p ? (size_t)(p - k->s) + strlen(end) : k->n;
}

/* To the "<" of the next tag, over text, comments, CDATA and the declaration. */
static void next_tag(struct scan *k)
{
    while (k->at < k->n) {
        if (here(k, "<!--"))
            pass(k, "-->");
        else if (here(k, "<![CDATA["))
            pass(k, "]]>");
        else if (here(k, "<?"))
            pass(k, "?>");
        else if (k->s[k->at] == '<')
            return;
        else
            k->at++;
    }
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void spaces(struct scan *k)
{
    while (k->at < k->n && is_space(k->s[k->at]))
        k->at++;
}

static size_t word(struct scan *k)
{
    size_t from = k->at;

    while (k->at < k->n && !is_space(k->s[k->at]) && !strchr("=/>", k->s[k->at]))
        k->at++;
    return k->at - from;
}

static const char *value_of(const struct label_tag *t, const char *name, size_t n)
{
    for (int i = 0; i < t->nattrs; i++)
        if (strlen(t->attrs[i].name) == n && memcmp(t->attrs[i].name, name, n) == 0)
            return t->attrs[i].value;
    return NULL;
}

static json_t *attribute(struct scan *k, const struct label_tag *t)
{
    size_t from = k->at, n = word(k), value, end;
    const char *known = value_of(t, k->s + from, n), *p;
    json_t *start = unit(k, from), *a, *b;
    char quote;

    spaces(k);
    k->at += k->at < k->n;                  /* = */
    spaces(k);
    quote = k->at < k->n ? k->s[k->at] : '"';
    value = k->at < k->n ? k->at + 1 : k->n;
    p = memchr(k->s + value, quote, k->n - value);
    end = p ? (size_t)(p - k->s) : k->n;
    k->at = end + (end < k->n);
    a = unit(k, value);
    b = unit(k, end);
    return json_pack("[o, o, o, o, o]", json_stringn(k->s + from, n),
                     known ? json_string(known) : json_stringn(k->s + value, end - value), start,
                     a, b);
}

static void place(struct scan *k, const struct label_tag *t, json_t *o)
{
    json_t *written = json_array(), *at = json_array(), *kids = json_object_get(o, "children");
    bool closed;

    next_tag(k);
    json_array_append_new(at, unit(k, k->at));
    k->at += k->at < k->n;
    word(k);
    for (spaces(k); k->at < k->n && k->s[k->at] != '>' && k->s[k->at] != '/'; spaces(k))
        json_array_append_new(written, attribute(k, t));
    closed = here(k, "/");
    pass(k, ">");
    json_array_append_new(at, unit(k, k->at));
    for (int i = 0; i < t->nchildren; i++)
        if (t->children[i]->kind != LABEL_TEXT)
            place(k, t->children[i], json_array_get(kids, (size_t)i));
    if (!closed)
        next_tag(k);
    json_array_append_new(at, unit(k, k->at));
    if (!closed)
        pass(k, ">");
    json_array_append_new(at, unit(k, k->at));
    json_object_set_new(o, "at", at);
    json_object_set_new(o, "written", written);
}

json_t *label_tree_placed(struct ctx *cx, const struct label_config *c, const char *xml, size_t n)
{
    struct scan k = { .s = xml, .n = n };
    json_t *tree = label_tree(cx, c);

    place(&k, c->root, tree);
    return tree;
}
