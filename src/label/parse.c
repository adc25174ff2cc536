/*
 * parse.c -- see parse.h.
 *
 * Places: libxml2 counts lines and columns in its own ways, so we take the byte
 * it stands on and count ourselves.  When a start tag is reported the cursor is
 * inside that tag, and no "<" can stand in an attribute: the last "<" before
 * the cursor is where the tag begins.
 */
#include "label/parse.h"
#include "core/str.h"
#include "label/tags.h"

#include <libxml/parser.h>
#include <pthread.h>
#include <stdarg.h>

#define PROBLEMS_KEPT 100

struct reader {
    struct ctx *cx;
    struct label_config *c;
    xmlParserCtxtPtr xp;
    const char *s;          /* what libxml2 was given */
    size_t n;
    size_t seen_at;         /* a place already counted … */
    int seen_line, seen_column;
    struct label_tag *now;  /* the open tag */
    struct buf *text;       /* one a level: own text so far */
    size_t *piece_from;     /* one a level: where the text since the last child begins */
    int depth;
    int64_t tags;
    int rc;
};

static void count_to(const char *s, size_t from, size_t to, int *line, int *column)
{
    for (size_t i = from; i < to; i++) {
        if (s[i] == '\n') {
            (*line)++;
            *column = 1;
        } else {
            *column += ((unsigned char)s[i] & 0xc0) != 0x80;
        }
    }
}

/* Events come in order, so each byte is counted once; an error may look back. */
static void place(struct reader *r, size_t at, int *line, int *column)
{
    if (at < r->seen_at) {
        *line = *column = 1;
        count_to(r->s, 0, at, line, column);
        return;
    }
    count_to(r->s, r->seen_at, at, &r->seen_line, &r->seen_column);
    r->seen_at = at;
    *line = r->seen_line;
    *column = r->seen_column;
}

static size_t cursor(const struct reader *r)
{
    const xmlParserInput *in = r->xp->input;
    size_t at = in ? (size_t)in->consumed + (size_t)(in->cur - in->base) : r->n;

    return at < r->n ? at : r->n;
}

static size_t tag_start(const struct reader *r)
{
    size_t at = cursor(r);
    const char *lt = at ? memrchr(r->s, '<', at) : NULL;

    return lt ? (size_t)(lt - r->s) : at;
}

void parse_note(struct label_config *c, int line, int column, bool is_error, const char *fmt, ...)
{
    struct label_problem *p;
    va_list ap;

    c->nerrors += is_error;
    if (c->nproblems == PROBLEMS_KEPT)
        return;
    if (!c->problems)
        c->problems = talloc_array(c, struct label_problem, PROBLEMS_KEPT);
    p = &c->problems[c->nproblems++];
    va_start(ap, fmt);
    *p = (struct label_problem){line, column, talloc_vasprintf(c->problems, fmt, ap), is_error,
                                {NULL, NULL, NULL}};
    va_end(ap);
}

void parse_fix(struct label_config *c, const char *attr, const char *was, const char *text)
{
    if (c->nproblems == 0 || c->nproblems == PROBLEMS_KEPT)
        return;
    c->problems[c->nproblems - 1].fix = (struct label_fix){
        attr ? talloc_strdup(c->problems, attr) : NULL,
        was ? talloc_strdup(c->problems, was) : NULL,
        talloc_strdup(c->problems, text)};
}

int parse_apart(const char *a, const char *b)
{
    size_t na = strlen(a), nb = strlen(b);
    int row[66], was, up;

    if (na > 64 || nb > 64)
        return strcmp(a, b) == 0 ? 0 : 3;
    for (size_t j = 0; j <= nb; j++)
        row[j] = (int)j;
    for (size_t i = 1; i <= na; i++) {
        was = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= nb; j++) {
            up = row[j];
            row[j] = was + (a[i - 1] != b[j - 1]);
            if (up + 1 < row[j])
                row[j] = up + 1;
            if (row[j - 1] + 1 < row[j])
                row[j] = row[j - 1] + 1;
            was = up;
        }
    }
    return row[nb] < 3 ? row[nb] : 3;
}

/* Say it and stop reading: what follows could only be guessed. */
static void refuse(struct reader *r, int code, size_t at, const char *why)
{
    int line, column;

    if (r->rc < 0)
        return;
    r->rc = code;
    place(r, at, &line, &column);
    parse_note(r->c, line, column, true, "%s", why);
    xmlStopParser(r->xp);
}

static char *joined_name(struct label_config *c, const xmlChar *local, const xmlChar *prefix)
{
    if (!prefix)
        return talloc_strdup(c, (const char *)local);
    return talloc_asprintf(c, "%s:%s", (const char *)prefix, (const char *)local);
}

/* libxml2 gives five pointers an attribute: local name, prefix, URI, value, end of value. */
static void take_attributes(struct reader *r, struct label_tag *t, int n, const xmlChar **a)
{
    t->attrs = talloc_zero_array(t, struct label_attr, (unsigned)n);
    t->nattrs = n;
    for (int i = 0; i < n; i++, a += 5) {
        t->attrs[i].name = joined_name(r->c, a[0], a[1]);
        t->attrs[i].value = talloc_strndup(t, (const char *)a[3], (size_t)(a[4] - a[3]));
    }
}

static void set_kind(struct reader *r, struct label_tag *t, const char *written)
{
    const char *low = str_lower(r->cx, written);

    t->row = tags_find(written);
    if (t->row) {
        t->tag = t->row->name;
        t->kind = t->row->kind;
    } else if (parse_html_tag(low)) {
        t->tag = talloc_strdup(t, low);
        t->kind = LABEL_HTML;
    } else {
        t->tag = talloc_strdup(t, written);
        t->kind = LABEL_UNKNOWN;
    }
}

static void adopt(struct label_tag *parent, struct label_tag *t)
{
    int n = parent->nchildren;

    /* Room doubles: at each power of two there is none left. */
    if ((n & (n - 1)) == 0)
        parent->children = talloc_realloc(parent, parent->children, struct label_tag *,
                                          (unsigned)(n ? 2 * n : 1));
    parent->children[parent->nchildren++] = t;
    t->parent = parent;
}

/* Words of an HTML tag since its last child become a "#text" child, so that their order stays. */
static void close_piece(struct reader *r, struct label_tag *t, int level)
{
    struct buf *b = &r->text[level];
    size_t from = r->piece_from[level];
    bool blank = true;
    struct label_tag *piece;

    r->piece_from[level] = b->n;
    for (size_t i = from; i < b->n && blank; i++)
        blank = strchr(" \t\r\n", b->s[i]) != NULL;
    if (t->kind != LABEL_HTML || blank)
        return;
    piece = talloc_zero(r->c, struct label_tag);
    piece->tag = "#text";
    piece->kind = LABEL_TEXT;
    piece->text = talloc_strndup(piece, b->s + from, b->n - from);
    piece->line = t->line;
    piece->column = t->column;
    adopt(t, piece);
}

static void on_start(void *data, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri,
                     int nns, const xmlChar **ns, int nattrs, int ndefaulted, const xmlChar **attrs)
{
    struct reader *r = data;
    struct label_tag *t;
    size_t at = tag_start(r);

    (void)uri, (void)nns, (void)ns, (void)ndefaulted;
    if (r->rc < 0)
        return;
    if (r->depth >= LIMIT_CONFIG_DEPTH) {
        refuse(r, E_TOOBIG, at, "The tags are nested too deep: at most 64 levels.");
        return;
    }
    if (++r->tags > LIMIT_CONFIG_TAGS) {
        refuse(r, E_TOOBIG, at, "The config holds more than 20,000 tags.");
        return;
    }
    t = talloc_zero(r->c, struct label_tag);
    t->text = "";
    place(r, at, &t->line, &t->column);
    set_kind(r, t, joined_name(r->c, local, prefix));
    take_attributes(r, t, nattrs, attrs);
    if (r->now) {
        close_piece(r, r->now, r->depth);
        adopt(r->now, t);
    } else {
        r->c->root = t;
    }
    r->now = t;
    r->depth++;
    buf_init(&r->text[r->depth], r->cx, (size_t)LIMIT_CONFIG_BYTES);
    r->piece_from[r->depth] = 0;
}

static void on_end(void *data, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    struct reader *r = data;
    struct buf *b;

    (void)local, (void)prefix, (void)uri;
    if (r->rc < 0 || !r->now)
        return;
    b = &r->text[r->depth];
    if (r->now->nchildren)
        close_piece(r, r->now, r->depth);
    if (b->n)
        r->now->text = talloc_strdup(r->now, str_trim(r->cx, b->s));
    r->now = r->now->parent;
    r->depth--;
}

static void on_text(void *data, const xmlChar *s, int n)
{
    struct reader *r = data;

    if (r->rc == 0 && r->now)
        buf_add(&r->text[r->depth], s, (size_t)n);
}

static void on_doctype(void *data, const xmlChar *name, const xmlChar *public_id,
                       const xmlChar *system_id)
{
    struct reader *r = data;

    (void)name, (void)public_id, (void)system_id;
    refuse(r, E_INVALID, tag_start(r), "A DOCTYPE is not allowed here. Remove it.");
}

static void on_instruction(void *data, const xmlChar *target, const xmlChar *text)
{
    struct reader *r = data;

    (void)target, (void)text;
    refuse(r, E_INVALID, tag_start(r),
           "A processing instruction (<?…?>) is not allowed here. Remove it.");
}

static xmlEntityPtr on_entity(void *data, const xmlChar *name)
{
    struct reader *r = data;

    refuse(r, E_INVALID, cursor(r),
           talloc_asprintf(r->cx->mem,
                           "The entity &%.40s; is not one of &amp; &lt; &gt; &quot; &apos;. "
                           "Write the character itself.",
                           (const char *)name));
    return NULL;
}

/* libxml2's own sentence, on one line, ended with a full stop. */
static const char *sentence(struct ctx *cx, const char *raw)
{
    char *s = str_trim(cx, raw ? raw : "malformed");
    size_t n = strlen(s);

    for (char *p = s; *p; p++)
        if (*p == '\n' || *p == '\r')
            *p = ' ';
    if (n > 200)
        s[200] = 0;
    if (!utf8_valid(s, strlen(s)))
        return "Not valid XML.";
    return talloc_asprintf(cx->mem, "Not valid XML: %s%s", s, n && s[n - 1] == '.' ? "" : ".");
}

/* The end tags that are missing, innermost first. */
static const char *closings(struct reader *r)
{
    char *s = talloc_strdup(r->cx->mem, "");

    for (int i = r->xp->nameNr - 1; i >= 0; i--)
        s = talloc_asprintf_append(s, "</%s>", (const char *)r->xp->nameTab[i]);
    return s;
}

/* An end tag of another name: misspelt, or the one before it is missing. */
static void mend_end_tag(struct reader *r, const char *at)
{
    const char *open =
        r->xp->nameNr ? (const char *)r->xp->nameTab[r->xp->nameNr - 1] : NULL;
    char *said;

    if (!open || !str_starts(at, "</"))
        return;
    said = talloc_strndup(r->cx->mem, at + 2, strcspn(at + 2, " \t\r\n>"));
    if (parse_apart(said, open) < 3)
        parse_fix(r->c, NULL, talloc_asprintf(r->cx->mem, "</%s", said),
                  talloc_asprintf(r->cx->mem, "</%s", open));
    else
        parse_fix(r->c, NULL, "", talloc_asprintf(r->cx->mem, "</%s>", open));
}

static void on_error(void *data, xmlErrorPtr e)
{
    struct reader *r = data;
    size_t at;

    /* An undeclared prefix is a matter of taste here; warnings are too. */
    if (e->level < XML_ERR_ERROR || e->domain == XML_FROM_NAMESPACE || r->rc < 0)
        return;
    at = cursor(r);
    switch (e->code) {
    case XML_ERR_TAG_NAME_MISMATCH:
        at = tag_start(r);
        refuse(r, E_INVALID, at,
               talloc_asprintf(r->cx->mem, "The closing tag does not match: <%s> is still open.",
                               r->now ? r->now->tag : "?"));
        mend_end_tag(r, r->s + at);
        return;
    case XML_ERR_TAG_NOT_FINISHED:
        refuse(r, E_INVALID, at,
               talloc_asprintf(r->cx->mem, "The text ends while <%s> is still open.",
                               r->now ? r->now->tag : "?"));
        if (at == r->n)
            parse_fix(r->c, NULL, "", closings(r));
        return;
    case XML_ERR_DOCUMENT_END:
        refuse(r, E_INVALID, at, "Something stands after the end of the outermost tag.");
        return;
    case XML_ERR_ATTRIBUTE_REDEFINED:
        refuse(r, E_INVALID, tag_start(r), "An attribute stands twice in this tag.");
        return;
    case XML_ERR_NAME_REQUIRED:
        if (at > 0 && r->s[at] != '&' && r->s[at - 1] == '&')
            at--;
        refuse(r, E_INVALID, at, "A lone & or a broken name. Write & as &amp;.");
        if (r->s[at] == '&')
            parse_fix(r->c, NULL, "&", "&amp;");
        return;
    case XML_ERR_LT_IN_ATTRIBUTE:
        refuse(r, E_INVALID, at, "A value may not hold <. Write it as &lt;.");
        if (r->s[at] == '<')
            parse_fix(r->c, NULL, "<", "&lt;");
        return;
    case XML_ERR_ATTRIBUTE_NOT_STARTED:
        refuse(r, E_INVALID, at, "The value of an attribute must stand in quotes.");
        return;
    default:
        refuse(r, E_INVALID, at, sentence(r->cx, e->message));
    }
}

static xmlParserInputPtr load_nothing(const char *url, const char *id, xmlParserCtxtPtr xp)
{
    (void)url, (void)id, (void)xp;
    return NULL;
}

static void libxml_once(void)
{
    xmlInitParser();
    xmlSetExternalEntityLoader(load_nothing);
}

static void set_handlers(xmlSAXHandlerPtr h)
{
    memset(h, 0, sizeof *h);
    h->initialized = XML_SAX2_MAGIC;
    h->startElementNs = on_start;
    h->endElementNs = on_end;
    h->characters = on_text;
    h->cdataBlock = on_text;
    h->ignorableWhitespace = on_text;
    h->internalSubset = on_doctype;
    h->processingInstruction = on_instruction;
    h->getEntity = on_entity;
    h->serror = on_error;
}

/*
 * We know the bytes are UTF-8, so what the declaration claims is not asked for:
 * blank it out, byte by byte, and places stay true.
 */
static int blank_declaration(struct reader *r, char *s, size_t n)
{
    size_t at = n >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    const char *end;

    memset(s, ' ', at);
    if (n - at < 6 || memcmp(s + at, "<?xml", 5) != 0 || !strchr(" \t\r\n", s[at + 5]))
        return 0;
    end = memmem(s + at, n - at, "?>", 2);
    if (!end) {
        refuse(r, E_INVALID, at, "The XML declaration has no end.");
        return r->rc;
    }
    for (char *p = s + at; p < end + 2; p++)
        if (*p != '\n')
            *p = ' ';
    return 0;
}

static int first_look(struct ctx *cx, const char *xml, size_t n, struct label_config *c)
{
    const char *nul = n ? memchr(xml, 0, n) : NULL;
    int line = 1, column = 1;
    size_t at = 0;
    uint32_t cp;

    if (n > (size_t)LIMIT_CONFIG_BYTES) {
        parse_note(c, 1, 1, true, "The config is larger than %lld bytes.",
                   (long long)LIMIT_CONFIG_BYTES);
        return E_TOOBIG;
    }
    if (*str_trim(cx, n ? talloc_strndup(cx->mem, xml, n) : "") == 0 && !nul) {
        parse_note(c, 1, 1, true, "The config is empty. It needs one View.");
        return E_INVALID;
    }
    if (nul) {
        count_to(xml, 0, (size_t)(nul - xml), &line, &column);
        parse_note(c, line, column, true, "A NUL byte is not allowed.");
        return E_INVALID;
    }
    for (size_t k; at < n; at += k)
        if (!(k = utf8_decode(xml + at, n - at, &cp)))
            break;
    if (at < n) {
        count_to(xml, 0, at, &line, &column);
        parse_note(c, line, column, true, "This byte is not UTF-8.");
        return E_INVALID;
    }
    return 0;
}

int parse_xml(struct ctx *cx, const char *xml, size_t n, struct label_config *c)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct reader r = {.cx = cx, .c = c, .n = n, .seen_line = 1, .seen_column = 1};
    int rc = first_look(cx, xml, n, c);
    char *s;

    if (rc < 0)
        return rc;
    pthread_once(&once, libxml_once);
    r.xp = xmlNewParserCtxt();
    if (!r.xp)
        return fail(cx, E_BUSY, "Out of memory. Try again later.");
    r.s = s = talloc_strndup(cx->mem, xml, n);
    r.text = NEW_N(cx, struct buf, LIMIT_CONFIG_DEPTH + 1);
    r.piece_from = NEW_N(cx, size_t, LIMIT_CONFIG_DEPTH + 1);
    set_handlers(r.xp->sax);
    r.xp->userData = &r;
    if (blank_declaration(&r, s, n) == 0) {
        /* NOENT: else "&amp;" in an attribute comes as "&#38;"; there are no other entities */
        xmlCtxtReadMemory(r.xp, s, (int)n, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOENT);
        if (r.rc == 0 && !r.xp->wellFormed)
            refuse(&r, E_INVALID, cursor(&r), "Not valid XML.");
    }
    xmlFreeParserCtxt(r.xp);
    return r.rc;
}

bool parse_html_tag(const char *tag)
{
    static const char *const allowed[] = {
        "a",    "abbr", "article", "aside",  "b",     "blockquote", "br",    "caption", "code",
        "dd",   "del",  "details", "div",    "dl",    "dt",         "em",    "figcaption", "figure",
        "footer", "h1", "h2",      "h3",     "h4",    "h5",         "h6",    "hr",      "i",
        "img",  "ins",  "kbd",     "li",     "main",  "mark",       "ol",    "p",       "pre",
        "q",    "s",    "section", "small",  "span",  "strong",     "sub",   "summary", "sup",
        "tbody", "td",  "tfoot",   "th",     "thead", "tr",         "u",     "ul",      "nav",
    };

    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        if (strcmp(allowed[i], tag) == 0)
            return true;
    return false;
}
