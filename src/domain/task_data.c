/* task_data.c -- see task_data.h. */
#include "domain/task_data.h"

#include "core/id.h"
#include "core/str.h"

#define FIELDS_HELD 64          /* no less than LIMIT_TASK_FIELDS */

struct member {
    struct bytes key, value;
};

static void digest_value(struct ctx *cx, struct bytes v);

static int compare_keys(const void *a, const void *b)
{
    const struct bytes *x = &((const struct member *)a)->key, *y = &((const struct member *)b)->key;
    int c = memcmp(x->s, y->s, x->n < y->n ? x->n : y->n);

    return c ? c : (x->n > y->n) - (x->n < y->n);
}

static void digest_object(struct ctx *cx, struct walk *w)
{
    struct member *m = NULL, next;
    size_t n = 0, cap = 0;

    while (walk_member(w, &next.key, &next.value)) {
        if (n == cap) {
            cap = cap ? 2 * cap : 16;
            m = talloc_realloc(cx->mem, m, struct member, (unsigned)cap);
        }
        m[n++] = next;
    }
    if (n)
        qsort(m, n, sizeof *m, compare_keys);
    id_sha256_add("{", 1);
    for (size_t i = 0; i < n; i++) {
        id_sha256_add(i ? ",\"" : "\"", i ? 2 : 1);
        id_sha256_add(m[i].key.s, m[i].key.n);
        id_sha256_add("\":", 2);
        digest_value(cx, m[i].value);
    }
    id_sha256_add("}", 1);
    talloc_free(m);
}

/* Recursion is bounded: json_scan has counted the levels. */
static void digest_value(struct ctx *cx, struct bytes v)
{
    struct bytes element;
    struct walk w;
    char kind = walk_start(&w, v);
    bool first = true;

    if (kind == '{') {
        digest_object(cx, &w);
    } else if (kind == '[') {
        id_sha256_add("[", 1);
        while (walk_element(&w, &element)) {
            if (!first)
                id_sha256_add(",", 1);
            digest_value(cx, element);
            first = false;
        }
        id_sha256_add("]", 1);
    } else {
        id_sha256_add(v.s, v.n);
    }
}

void task_data_digest(struct ctx *cx, struct bytes data, uint8_t hash[32])
{
    id_sha256_begin();
    digest_value(cx, data);
    id_sha256_end(hash);
}

static const char *plain(struct ctx *cx, struct bytes text)
{
    if (memchr(text.s, '\\', text.n))
        return bytes_string(cx, text);
    return talloc_strndup(cx->mem, text.s + 1, text.n - 2);
}

static void text_scalar(struct ctx *cx, struct bytes v, struct task_scalar *out)
{
    size_t n;

    /* Of prose only the beginning is looked at: enough for 64 bytes even if each is escaped. */
    if (v.n > 6 * FIELD_WORD_BYTES + 16 && !memchr(v.s, '\\', FIELD_WORD_BYTES + 8)) {
        n = FIELD_WORD_BYTES;
        while (n && ((unsigned char)v.s[1 + n] & 0xc0) == 0x80)
            n--;
        out->head = talloc_strndup(cx->mem, v.s + 1, n);
        return;
    }
    out->word = plain(cx, v);
    if (!out->word || strlen(out->word) <= FIELD_WORD_BYTES)
        return;
    n = FIELD_WORD_BYTES;
    while (n && ((unsigned char)out->word[n] & 0xc0) == 0x80)
        n--;
    out->head = talloc_strndup(cx->mem, out->word, n);
    out->word = NULL;
}

int task_data_scalars(struct ctx *cx, struct bytes data, struct task_scalar **out)
{
    struct task_scalar found[FIELDS_HELD];
    struct bytes key, v;
    struct walk w;
    int n = 0;

    *out = NULL;
    if (walk_start(&w, data) != '{')
        return 0;
    while (n < LIMIT_TASK_FIELDS && n < FIELDS_HELD && walk_member(&w, &key, &v)) {
        struct task_scalar *s = &found[n];
        char kind = v.n ? *v.s : 0;

        if (kind == '{' || kind == '[' || kind == 'n' || key.n > (size_t)LIMIT_NAME_BYTES)
            continue;
        *s = (struct task_scalar){
            .name = memchr(key.s, '\\', key.n)
                        ? bytes_string(cx, (struct bytes){key.s - 1, key.n + 2})
                        : talloc_strndup(cx->mem, key.s, key.n)};
        if (kind == '"') {
            text_scalar(cx, v, s);
        } else if (kind == 't' || kind == 'f') {
            s->word = kind == 't' ? "true" : "false";
        } else {
            s->is_number = true;
            s->num = strtod(talloc_strndup(cx->mem, v.s, v.n < 400 ? v.n : 400), NULL);
        }
        n += s->name != NULL;
    }
    if (n)
        *out = talloc_memdup(cx->mem, found, (unsigned)n * sizeof *found);
    return n;
}

/* Where a text in quotes may be cut, so that no escape and no code point is torn. */
static size_t cut_at(struct bytes v)
{
    size_t at = 1, last = 1;

    while (at < v.n - 1 && at <= BRIEF_BYTES) {
        last = at;
        if (v.s[at] == '\\')
            at += v.s[at + 1] == 'u' ? 6 : 2;
        else
            do
                at++;
            while (((unsigned char)v.s[at] & 0xc0) == 0x80);
    }
    return last;
}

static bool is_address(struct bytes v)
{
    return v.n > 8 && v.n <= BRIEF_ADDRESS_BYTES &&
           (v.s[1] == '/' || memcmp(v.s + 1, "http", 4) == 0 || memcmp(v.s + 1, "data:", 5) == 0);
}

void task_data_brief(struct buf *b, const char *data, size_t size)
{
    struct bytes key, v;
    struct walk w;
    int n = 0;

    buf_addc(b, '{');
    if (walk_start(&w, (struct bytes){data, size}) == '{')
        while (n < BRIEF_MEMBERS && walk_member(&w, &key, &v)) {
            buf_adds(b, n++ ? ",\"" : "\"");
            buf_add(b, key.s, key.n);
            buf_adds(b, "\":");
            if (v.n <= BRIEF_BYTES || is_address(v)) {
                buf_add(b, v.s, v.n);
            } else if (*v.s == '"') {
                buf_add(b, v.s, cut_at(v));
                buf_adds(b, "\xe2\x80\xa6\"");
            } else {
                buf_adds(b, *v.s == '[' ? "\"[\xe2\x80\xa6]\"" : "\"{\xe2\x80\xa6}\"");
            }
        }
    buf_addc(b, '}');
}
