/*
 * json.c -- see json.h.
 *
 * The scanner is a single pass with an explicit stack of at most
 * LIMIT_JSON_DEPTH levels; it owns nothing and copies nothing.
 */
#include "core/json.h"
#include "core/str.h"

/* The name of a member, still escaped. */
struct name {
    const char *p;
    size_t n;
};

struct scan {
    struct ctx *cx;
    const char *s, *end, *p;
    const char *key;
    size_t nkey;
    int64_t values;
    struct json_span *spans;
    int nspans, cap;
    struct name *names;         /* of the objects that are open, innermost last */
    size_t nnames, names_cap;
    int depth;
    int64_t index[64 + 1];      /* place in the array at each depth, -1 in an object */
};

static int refuse(struct scan *z, const char *what)
{
    int line = 1, column = 1;

    for (const char *q = z->s; q < z->p && q < z->end; q++) {
        if (*q == '\n') {
            line++;
            column = 1;
        } else {
            column += ((unsigned char)*q & 0xc0) != 0x80;
        }
    }
    return fail(z->cx, E_INVALID, "Not valid JSON: %s at line %d, column %d.", what, line, column);
}

static void space(struct scan *z)
{
    while (z->p < z->end && (*z->p == ' ' || *z->p == '\t' || *z->p == '\n' || *z->p == '\r'))
        z->p++;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* A string; the cursor stands on the opening quote and is left behind the closing one. */
static int string(struct scan *z, const char **from, size_t *n)
{
    uint32_t cp;

    *from = ++z->p;
    while (z->p < z->end && *z->p != '"') {
        unsigned char c = (unsigned char)*z->p;

        if (c < 0x20)
            return refuse(z, "a control character in a string");
        if (c == '\\') {
            if (z->end - z->p < 2)
                break;
            if (z->p[1] == 'u') {
                if (z->end - z->p < 6 || !is_hex(z->p[2]) || !is_hex(z->p[3]) ||
                    !is_hex(z->p[4]) || !is_hex(z->p[5]))
                    return refuse(z, "a bad \\u escape");
                z->p += 6;
            } else if (!strchr("\"\\/bfnrt", z->p[1]) || z->p[1] == 0) {
                return refuse(z, "an unknown escape");
            } else {
                z->p += 2;
            }
        } else if (c < 0x80) {
            z->p++;
        } else {
            size_t k = utf8_decode(z->p, (size_t)(z->end - z->p), &cp);

            if (k == 0)
                return refuse(z, "a byte that is not UTF-8");
            z->p += k;
        }
    }
    if (z->p >= z->end)
        return refuse(z, "a string without an end");
    *n = (size_t)(z->p - *from);
    z->p++;
    return 0;
}

static bool digits(struct scan *z)
{
    const char *from = z->p;

    while (z->p < z->end && *z->p >= '0' && *z->p <= '9')
        z->p++;
    return z->p > from;
}

static int number(struct scan *z)
{
    if (*z->p == '-')
        z->p++;
    if (z->p < z->end && *z->p == '0')
        z->p++;
    else if (!digits(z))
        return refuse(z, "a bad number");
    if (z->p < z->end && *z->p == '.') {
        z->p++;
        if (!digits(z))
            return refuse(z, "a bad number");
    }
    if (z->p < z->end && (*z->p == 'e' || *z->p == 'E')) {
        z->p++;
        if (z->p < z->end && (*z->p == '+' || *z->p == '-'))
            z->p++;
        if (!digits(z))
            return refuse(z, "a bad number");
    }
    return 0;
}

static int word(struct scan *z, const char *w)
{
    size_t n = strlen(w);

    if ((size_t)(z->end - z->p) < n || memcmp(z->p, w, n) != 0)
        return refuse(z, "an unknown word");
    z->p += n;
    return 0;
}

static void keep_span(struct scan *z, const char *from)
{
    struct json_span *sp;

    if (z->nspans == z->cap) {
        z->cap = z->cap ? 2 * z->cap : 16;
        z->spans = talloc_realloc(z->cx->mem, z->spans, struct json_span, (unsigned)z->cap);
    }
    sp = &z->spans[z->nspans++];
    sp->at = (size_t)(from - z->s);
    sp->len = (size_t)(z->p - from);
    sp->depth = z->depth;
    sp->index[0] = sp->index[1] = sp->index[2] = -1;
    for (int d = 1, i = 0; d <= z->depth && i < 3; d++)
        if (z->index[d] >= 0)
            sp->index[i++] = z->index[d];
}

static int value(struct scan *z);

static int array(struct scan *z)
{
    int rc;

    z->p++;
    z->index[z->depth] = 0;
    space(z);
    if (z->p < z->end && *z->p == ']') {
        z->p++;
        return 0;
    }
    for (;;) {
        if ((rc = value(z)) < 0)
            return rc;
        space(z);
        if (z->p < z->end && *z->p == ',') {
            z->p++;
            z->index[z->depth]++;
        } else if (z->p < z->end && *z->p == ']') {
            z->p++;
            return 0;
        } else {
            return refuse(z, "a missing ',' or ']'");
        }
    }
}

static int compare_names(const void *a, const void *b)
{
    const struct name *x = a, *y = b;
    int c = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);

    return c ? c : (x->n > y->n) - (x->n < y->n);
}

static void keep_name(struct scan *z, const char *p, size_t n)
{
    if (z->nnames == z->names_cap) {
        z->names_cap = z->names_cap ? 2 * z->names_cap : 64;
        z->names = talloc_realloc(z->cx->mem, z->names, struct name, (unsigned)z->names_cap);
    }
    z->names[z->nnames++] = (struct name){p, n};
}

/*
 * An object that has closed: no name may stand in it twice.  Few names are
 * compared with each other, many are sorted first.  An escaped name may equal
 * one that is not: then jansson decides, which decodes them.
 */
static int names_differ(struct scan *z, size_t from, const char *open)
{
    struct name *list = z->names + from;
    size_t n = z->nnames - from;
    bool twice = false, escaped = false;

    z->nnames = from;
    for (size_t i = 0; i < n; i++)
        escaped = escaped || memchr(list[i].p, '\\', list[i].n);
    if (escaped) {
        json_t *v = json_loadb(open, (size_t)(z->p - open), JSON_REJECT_DUPLICATES, NULL);

        twice = v == NULL;
        json_decref(v);
    } else if (n <= 16) {
        for (size_t i = 1; i < n && !twice; i++)
            for (size_t j = 0; j < i && !twice; j++)
                twice = list[i].n == list[j].n && memcmp(list[i].p, list[j].p, list[i].n) == 0;
    } else {
        qsort(list, n, sizeof *list, compare_names);
        for (size_t i = 1; i < n && !twice; i++)
            twice = compare_names(&list[i - 1], &list[i]) == 0;
    }
    return twice ? refuse(z, "a name that stands twice in one object") : 0;
}

static int member(struct scan *z)
{
    const char *name, *from;
    size_t n;
    int rc;

    space(z);
    if (z->p >= z->end || *z->p != '"')
        return refuse(z, "a missing name");
    if ((rc = string(z, &name, &n)) < 0)
        return rc;
    keep_name(z, name, n);
    space(z);
    if (z->p >= z->end || *z->p != ':')
        return refuse(z, "a missing ':'");
    z->p++;
    space(z);
    from = z->p;
    if ((rc = value(z)) < 0)
        return rc;
    if (z->key && n == z->nkey && memcmp(name, z->key, n) == 0)
        keep_span(z, from);
    return 0;
}

static int object(struct scan *z)
{
    const char *open = z->p;
    size_t from = z->nnames;
    int rc;

    z->p++;
    z->index[z->depth] = -1;
    space(z);
    if (z->p < z->end && *z->p == '}') {
        z->p++;
        return 0;
    }
    for (;;) {
        if ((rc = member(z)) < 0)
            return rc;
        space(z);
        if (z->p < z->end && *z->p == ',') {
            z->p++;
        } else if (z->p < z->end && *z->p == '}') {
            z->p++;
            return names_differ(z, from, open);
        } else {
            return refuse(z, "a missing ',' or '}'");
        }
    }
}

/* Recursion is bounded: the depth is checked before each descent. */
static int value(struct scan *z)
{
    const char *text;
    size_t n;
    int rc;

    space(z);
    if (z->p >= z->end)
        return refuse(z, "nothing where a value should be");
    if (++z->values > LIMIT_JSON_VALUES)
        return fail(z->cx, E_TOOBIG, "The JSON holds more than %lld values.",
                    (long long)LIMIT_JSON_VALUES);
    switch (*z->p) {
    case '{':
    case '[':
        if (z->depth >= LIMIT_JSON_DEPTH)
            return fail(z->cx, E_TOOBIG, "The JSON is nested deeper than %lld levels.",
                        (long long)LIMIT_JSON_DEPTH);
        z->depth++;
        rc = *z->p == '{' ? object(z) : array(z);
        z->depth--;
        return rc;
    case '"':
        return string(z, &text, &n);
    case 't':
        return word(z, "true");
    case 'f':
        return word(z, "false");
    case 'n':
        return word(z, "null");
    default:
        return number(z);
    }
}

int json_scan(struct ctx *cx, const char *s, size_t n, const char *key, struct json_span **spans,
              int *nspans)
{
    struct scan z = {.cx = cx, .s = s, .end = s + n, .p = s, .key = key};
    int rc;

    z.nkey = key ? strlen(key) : 0;
    rc = value(&z);
    talloc_free(z.names);
    if (rc < 0)
        return rc;
    space(&z);
    if (z.p < z.end)
        return refuse(&z, "something after the end");
    if (spans) {
        *spans = z.spans;
        *nspans = z.nspans;
    }
    return 0;
}

struct held {
    json_t *v;
};

static int release(struct held *h)
{
    json_decref(h->v);
    return 0;
}

json_t *json_keep(struct ctx *cx, json_t *v)
{
    struct held *h = NEW(cx, struct held);

    h->v = v;
    talloc_set_destructor(h, release);
    return v;
}

static int load(struct ctx *cx, const char *s, size_t n, size_t flags, json_t **out)
{
    json_error_t e;
    json_t *v = json_loadb(s, n, flags | JSON_DECODE_ANY, &e);

    if (!v)
        return fail(cx, E_INVALID, "Not valid JSON: %s at line %d, column %d.", e.text, e.line,
                    e.column);
    *out = json_keep(cx, v);
    return 0;
}

int json_read(struct ctx *cx, const char *s, size_t n, json_t **out)
{
    int rc = json_scan(cx, s, n, NULL, NULL, NULL);

    return rc < 0 ? rc : load(cx, s, n, JSON_REJECT_DUPLICATES, out);
}

int json_scanned(struct ctx *cx, const char *s, size_t n, json_t **out)
{
    return load(cx, s, n, JSON_REJECT_DUPLICATES, out);
}

int json_stored(struct ctx *cx, const char *s, size_t n, json_t **out)
{
    return load(cx, s, n, 0, out);
}

char *json_text(struct ctx *cx, const json_t *v)
{
    char *raw = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY), *s;

    if (!raw)
        return talloc_strdup(cx->mem, "null");
    s = talloc_strdup(cx->mem, raw);
    free(raw);
    return s;
}

char *json_sorted(struct ctx *cx, const json_t *v)
{
    char *raw = json_dumps(v, JSON_COMPACT | JSON_SORT_KEYS), *s;

    if (!raw)
        return NULL;
    s = talloc_strdup(cx->mem, raw);
    free(raw);
    return s;
}

const char *json_str(const json_t *o, const char *key, const char *otherwise)
{
    const json_t *v = json_object_get(o, key);

    return json_is_string(v) ? json_string_value(v) : otherwise;
}

int64_t json_int(const json_t *o, const char *key, int64_t otherwise)
{
    const json_t *v = json_object_get(o, key);

    return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

double json_num(const json_t *o, const char *key, double otherwise)
{
    const json_t *v = json_object_get(o, key);

    return json_is_number(v) ? json_number_value(v) : otherwise;
}

bool json_flag(const json_t *o, const char *key, bool otherwise)
{
    const json_t *v = json_object_get(o, key);

    return json_is_boolean(v) ? json_is_true(v) : otherwise;
}
