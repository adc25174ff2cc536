/*
 * strict.c -- what a request may look like.
 *
 * libmicrohttpd takes some requests that two servers in a row could read in two
 * ways (two Content-Length, Content-Length with Transfer-Encoding).  All that
 * is still visible in the handler is refused here; what is not (a bare line
 * feed, a folded line) is the business of the proxy in front (trust.md 4.6).
 */
#include "http/inside.h"

static const struct {
    const char *name;
    bool twice;
} known[] = {
#define H(id, name, twice) { name, twice },
    RQ_HEADERS(H)
#undef H
};

struct look {
    struct rq *r;
    int fields, rc;
    size_t bytes;
};

static bool is_token(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];

        if (c <= 0x20 || c >= 0x7f || strchr("\"(),/:;<=>?@[\\]{}", c))
            return false;
    }
    return n > 0;
}

static bool is_value(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static int keep_header(struct look *look, const char *name, const char *value)
{
    struct rq *r = look->r;
    char *text;

    for (int i = 0; i < RH_COUNT; i++) {
        if (!str_same_nocase(name, known[i].name))
            continue;
        text = talloc_strdup(r->cx->mem, value);
        if (!r->head[i])
            r->head[i] = text;
        else if (known[i].twice)
            r->head[i] = talloc_asprintf(r->cx->mem, "%s%s%s", r->head[i],
                                         i == RH_COOKIE ? "; " : ", ", text);
        else
            return fail(r->cx, E_INVALID, "The header %s was sent twice.", known[i].name);
    }
    return 0;
}

static enum MHD_Result header(void *cls, enum MHD_ValueKind kind, const char *name, size_t nname,
                              const char *value, size_t nvalue)
{
    struct look *look = cls;
    struct ctx *cx = look->r->cx;

    (void)kind;
    look->bytes += nname + nvalue + 4;
    if (++look->fields > LIMIT_HEADER_FIELDS)
        look->rc = fail(cx, E_INVALID, "More than %d header fields.", (int)LIMIT_HEADER_FIELDS);
    else if (look->bytes > (size_t)LIMIT_HEADER_BYTES)
        look->rc = fail(cx, E_INVALID, "More than %d bytes of headers.", (int)LIMIT_HEADER_BYTES);
    else if (!is_token(name, nname))
        look->rc = fail(cx, E_INVALID, "A header has a malformed name.");
    else if (value && !is_value(value, nvalue))
        look->rc = fail(cx, E_INVALID, "A header has a control character in its value.");
    else
        look->rc = keep_header(look, name, value ? value : "");
    return look->rc < 0 ? MHD_NO : MHD_YES;
}

/* Host goes into links of ours: names, addresses and a port only. */
static bool is_host(const char *s)
{
    size_t n = strlen(s);

    return n > 0 && n < 256 &&
           strspn(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._:[]") == n;
}

/* The body's framing.  *body: is one announced? */
static int framing(struct rq *r, bool *body)
{
    const char *cl = r->head[RH_CONTENT_LENGTH], *te = r->head[RH_TRANSFER_ENCODING];

    *body = te || (cl && strcmp(cl, "0") != 0);
    if (cl && te)
        return fail(r->cx, E_INVALID, "Content-Length and Transfer-Encoding exclude each other.");
    if (cl && (strlen(cl) == 0 || strlen(cl) > 18 || strspn(cl, "0123456789") != strlen(cl)))
        return fail(r->cx, E_INVALID, "Content-Length is not a number.");
    if (te && !str_same_nocase(te, "chunked"))
        return fail(r->cx, E_INVALID, "The only Transfer-Encoding understood is chunked.");
    return 0;
}

int strict_headers(struct rq *r, bool *body)
{
    struct look look = { .r = r };
    int rc;

    MHD_get_connection_values_n(r->in->conn, MHD_HEADER_KIND, header, &look);
    rc = framing(r, body);          /* also when refused: it says how to go on reading */
    if (look.rc < 0)
        return look.rc;
    if (rc < 0)
        return rc;
    if (r->in->peer->long_line)
        return fail(r->cx, E_INVALID, "The request line is longer than %d bytes.",
                    (int)LIMIT_REQUEST_LINE);
    if (r->head[RH_HOST] && !is_host(r->head[RH_HOST]))
        return fail(r->cx, E_INVALID, "The Host header is malformed.");
    return 0;
}

static int nibble(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Percent-decode; no NUL, no bare %, UTF-8 only.  NULL when it is not clean. */
static char *decode(struct ctx *cx, const char *s, size_t n)
{
    char *out = talloc_array(cx->mem, char, (unsigned)n + 1), *o = out;

    for (size_t i = 0; i < n; i++) {
        char c = s[i];

        if (c == '%') {
            int hi = n - i > 2 ? nibble(s[i + 1]) : -1;
            int lo = n - i > 2 ? nibble(s[i + 2]) : -1;

            if (hi < 0 || lo < 0)
                return NULL;
            c = (char)(hi * 16 + lo);
            i += 2;
        }
        if (c == 0)
            return NULL;
        *o++ = c;
    }
    *o = 0;
    return utf8_valid(out, (size_t)(o - out)) ? out : NULL;
}

struct args {
    struct rq *r;
    struct param **end;
    int n, rc;
};

static enum MHD_Result argument(void *cls, enum MHD_ValueKind kind, const char *name, size_t nname,
                                const char *value, size_t nvalue)
{
    struct args *a = cls;
    struct param *p = NEW(a->r->cx, struct param);

    (void)kind;
    p->name = decode(a->r->cx, name, nname);
    p->value = value ? decode(a->r->cx, value, nvalue) : "";
    if (!p->name || !p->value || ++a->n > 1000) {
        a->rc = fail(a->r->cx, E_INVALID, "The query of the address is not clean UTF-8.");
        return MHD_NO;
    }
    *a->end = p;
    a->end = &p->next;
    return MHD_YES;
}

int strict_path(struct rq *r, const char *raw)
{
    struct args a = { .r = r, .end = &r->query };
    char *path = decode(r->cx, raw, strlen(raw));

    r->path = path ? path : "/";
    if (!path || path[0] != '/')
        return fail(r->cx, E_INVALID, "The path of the address is not clean UTF-8.");
    for (const char *p = raw; *p; p++) {            /* a hidden slash would shift the segments */
        if (p[0] == '\\' || (p[0] == '%' && p[1] == '2' && (p[2] == 'f' || p[2] == 'F')) ||
            (p[0] == '%' && p[1] == '5' && (p[2] == 'c' || p[2] == 'C')))
            return fail(r->cx, E_NOTFOUND, "Not found.");
    }
    if (strstr(path, "/../") || strstr(path, "/./") || str_ends(path, "/..") ||
        str_ends(path, "/."))
        return fail(r->cx, E_NOTFOUND, "Not found.");
    for (const char *p = path; *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return fail(r->cx, E_INVALID, "The path of the address holds a control character.");
    }
    MHD_get_connection_values_n(r->in->conn, MHD_GET_ARGUMENT_KIND, argument, &a);
    return a.rc;
}
