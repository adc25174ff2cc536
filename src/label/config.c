/*
 * config.c -- what a tree of tags must hold together by: names, toName, values; see config.h.
 */
#include "label/config.h"
#include "core/str.h"
#include "label/parse.h"
#include "label/tags.h"

#include <math.h>

#define error_at(c, t, ...) parse_note(c, (t)->line, (t)->column, true, __VA_ARGS__)
#define warn_at(c, t, ...) parse_note(c, (t)->line, (t)->column, false, __VA_ARGS__)

/* ---- asking a tag ---- */

const char *label_attr(const struct label_tag *t, const char *name)
{
    for (int i = 0; i < t->nattrs; i++)
        if (str_same_nocase(t->attrs[i].name, name))
            return t->attrs[i].value;
    return NULL;
}

bool label_flag(const struct label_tag *t, const char *name)
{
    const char *v = label_attr(t, name);

    return v && str_same_nocase(v, "true");
}

static bool read_number(const char *s, double *out)
{
    char *end;

    *out = strtod(s, &end);
    while (*end == ' ')
        end++;
    return end != s && *end == 0 && isfinite(*out);
}

double label_number(const struct label_tag *t, const char *name, double otherwise)
{
    const char *v = label_attr(t, name);
    double x;

    return v && read_number(v, &x) ? x : otherwise;
}

bool label_is(const struct label_tag *t, const char *canonical)
{
    return strcmp(t->row && t->row->same_as ? t->row->same_as : t->tag, canonical) == 0;
}

const char *label_stored(const struct label_tag *t)
{
    return t->stored ? t->stored : "";
}

static bool is_option(const struct label_tag *t)
{
    return label_is(t, "Label") || label_is(t, "Choice") || label_is(t, "Bucket") ||
           label_is(t, "Relation");
}

static void gather(const struct label_tag *t, const struct label_tag **out, int *n)
{
    for (int i = 0; i < t->nchildren; i++) {
        const struct label_tag *kid = t->children[i];

        if (kid->kind == LABEL_CONTROL)
            continue;
        if (is_option(kid)) {
            if (out)
                out[*n] = kid;
            (*n)++;
        }
        gather(kid, out, n);
    }
}

int label_options(struct ctx *cx, const struct label_tag *control, const struct label_tag ***out)
{
    int n = 0;

    gather(control, NULL, &n);
    *out = NEW_N(cx, const struct label_tag *, n + 1);
    n = 0;
    gather(control, *out, &n);
    return n;
}

bool label_dynamic(const struct label_tag *control)
{
    const char *v = label_attr(control, "value"), *url = label_attr(control, "apiUrl");

    if (label_is(control, "TextArea"))
        return false;       /* there, value is a first text */
    return (v && *v == '$') || (url && *url);
}

/* ---- finding ---- */

const struct label_tag *tags_repeater(const struct label_tag *t)
{
    for (t = t->parent; t; t = t->parent)
        if (label_is(t, "Repeater"))
            return t;
    return NULL;
}

const char *tags_index_flag(const struct label_tag *repeater)
{
    const char *flag = label_attr(repeater, "indexFlag");

    return flag && *flag ? flag : "{{idx}}";
}

const char *tags_repeat_name(struct ctx *cx, const struct label_tag *t, const char *name,
                             int64_t index)
{
    const struct label_tag *rep = index >= 0 ? tags_repeater(t) : NULL;
    const char *flag, *at;

    if (!rep)
        return name;
    flag = tags_index_flag(rep);
    if (!(at = strstr(name, flag)))
        return name;
    return talloc_asprintf(cx->mem, "%.*s%lld%s", (int)(at - name), name, (long long)index,
                           at + strlen(flag));
}

/* Does `said` read as `pattern` with digits in the place of `flag`? */
static bool fits_flag(const char *pattern, const char *flag, const char *said)
{
    const char *at = strstr(pattern, flag);
    size_t head, tail, n = strlen(said), digits = 0;

    if (!at || !*flag)
        return false;
    head = (size_t)(at - pattern);
    tail = strlen(at + strlen(flag));
    if (n <= head + tail || strncmp(pattern, said, head) != 0 ||
        strcmp(at + strlen(flag), said + n - tail) != 0)
        return false;
    for (const char *p = said + head; p < said + n - tail; p++, digits++)
        if (*p < '0' || *p > '9')
            return false;
    return digits > 0 && digits <= 9;
}

/* A plain name inside a Repeater: "name_3". */
static bool fits_suffix(const char *name, const char *said)
{
    size_t n = strlen(name), digits = 0;

    if (strncmp(name, said, n) != 0 || said[n] != '_')
        return false;
    for (const char *p = said + n + 1; *p; p++, digits++)
        if (*p < '0' || *p > '9')
            return false;
    return digits > 0 && digits <= 9;
}

static bool answers_to(const struct label_tag *t, const char *said)
{
    const struct label_tag *rep;

    if (!t->name)
        return false;
    if (strcmp(t->name, said) == 0)
        return true;
    rep = tags_repeater(t);
    return rep && (fits_flag(t->name, tags_index_flag(rep), said) || fits_suffix(t->name, said));
}

static const struct label_tag *find(const struct label_config *c, enum label_kind kind,
                                    const char *said)
{
    int from = 0, to = c->nby_name;

    if (!said)
        return NULL;
    while (from < to) {
        int mid = from + (to - from) / 2, d = strcmp(c->by_name[mid]->name, said);

        if (d == 0 && c->by_name[mid]->kind == kind)
            return c->by_name[mid];
        if (d < 0)
            from = mid + 1;
        else
            to = mid;
    }
    for (int i = 0; i < c->nrepeated; i++)
        if (c->repeated[i]->kind == kind && answers_to(c->repeated[i], said))
            return c->repeated[i];
    return NULL;
}

const struct label_tag *label_control(const struct label_config *c, const char *from_name)
{
    return find(c, LABEL_CONTROL, from_name);
}

const struct label_tag *label_object(const struct label_config *c, const char *to_name)
{
    return find(c, LABEL_OBJECT, to_name);
}

const char *label_shows(const struct label_config *c, const struct label_tag *control)
{
    const struct label_tag *o = control->nto ? label_object(c, control->to_name[0]) : NULL;

    if (!o)
        return NULL;
    return o->row && o->row->same_as ? o->row->same_as : o->tag;
}

json_t *label_data(const json_t *data, const char *ref)
{
    const json_t *v = data;
    char key[256];

    if (!ref || *ref++ != '$')
        return NULL;
    v = json_object_get(data, ref);     /* a field may have dots in its name */
    if (v)
        return (json_t *)v;
    for (v = data; v && *ref;) {
        size_t n = strcspn(ref, ".[");

        if (n >= sizeof key)
            return NULL;
        if (n) {
            memcpy(key, ref, n);
            key[n] = 0;
            v = json_object_get(v, key);
            ref += n;
        }
        if (*ref == '[') {
            char *end;
            unsigned long i = strtoul(ref + 1, &end, 10);

            if (end == ref + 1 || *end != ']')
                return NULL;
            v = json_array_get(v, i);
            ref = end + 1;
        }
        if (*ref == '.')
            ref++;
        else if (*ref && *ref != '[')
            return NULL;
    }
    return (json_t *)v;
}

/* ---- putting a config together ---- */

static void add_to(struct label_config *c, struct label_tag ***list, int *n, struct label_tag *t)
{
    if ((*n & (*n - 1)) == 0)
        *list = talloc_realloc(c, *list, struct label_tag *, (unsigned)(*n ? 2 * *n : 1));
    (*list)[(*n)++] = t;
}

static void split_to_name(struct ctx *cx, struct label_tag *t)
{
    const char *s = label_attr(t, "toName");
    int room = 1;

    for (const char *p = s; p && *p; p++)
        room += *p == ',';
    t->to_name = talloc_zero_array(t, const char *, (unsigned)room);
    while (s && *s) {
        size_t n = strcspn(s, ",");
        char *one = str_trim(cx, talloc_strndup(cx->mem, s, n));

        if (*one)
            t->to_name[t->nto++] = talloc_strdup(t, one);
        s += n + (s[n] == ',');
    }
}

static const char *stored_of(const struct label_tag *t)
{
    const char *v = label_attr(t, "alias");

    return v && *v ? v : label_attr(t, label_is(t, "Bucket") ? "name" : "value");
}

static void enlist(struct ctx *cx, struct label_config *c, struct label_tag *t)
{
    const char *name = label_attr(t, "name");

    if (name && *name && t->kind != LABEL_CHILD && t->kind != LABEL_HTML)
        t->name = name;
    t->stored = stored_of(t);
    split_to_name(cx, t);
    if (t->kind == LABEL_CONTROL) {
        t->order = c->ncontrols;
        add_to(c, &c->controls, &c->ncontrols, t);
    } else if (t->kind == LABEL_OBJECT) {
        t->order = c->nobjects;
        add_to(c, &c->objects, &c->nobjects, t);
    }
    if (t->name && (t->kind == LABEL_CONTROL || t->kind == LABEL_OBJECT)) {
        add_to(c, &c->by_name, &c->nby_name, t);
        if (tags_repeater(t))
            add_to(c, &c->repeated, &c->nrepeated, t);
    }
    for (int i = 0; i < t->nchildren; i++)
        enlist(cx, c, t->children[i]);
}

static int by_name(const void *a, const void *b)
{
    const struct label_tag *x = *(const struct label_tag *const *)a;
    const struct label_tag *y = *(const struct label_tag *const *)b;
    int d = strcmp(x->name, y->name);

    if (d)
        return d;
    return x->line != y->line ? x->line - y->line : x->column - y->column;
}

static bool name_taken(const struct label_config *c, const char *name)
{
    for (int i = 0; i < c->nby_name; i++)
        if (strcmp(c->by_name[i]->name, name) == 0)
            return true;
    return false;
}

/* "choices", or "choices2" when that is taken. */
static void fix_name(struct ctx *cx, struct label_config *c, const char *wish)
{
    const char *name = wish;

    for (int i = 2; name_taken(c, name) && i < 1000; i++)
        name = talloc_asprintf(cx->mem, "%s%d", wish, i);
    parse_fix(c, "name", NULL, name);
}

/* The object that was meant: the only one there is, or one that is spelt nearly so. */
static void fix_to_name(struct label_config *c, const char *said)
{
    const char *best = c->nobjects == 1 ? c->objects[0]->name : NULL;
    int least = 3;

    for (int i = 0; said && i < c->nobjects; i++) {
        int d = c->objects[i]->name ? parse_apart(said, c->objects[i]->name) : 3;

        if (d < least) {
            least = d;
            best = c->objects[i]->name;
        }
    }
    if (best)
        parse_fix(c, "toName", NULL, best);
}

/* A name is missing, twice there, or too long.  Leaves c->by_name sorted. */
static void check_names(struct ctx *cx, struct label_config *c)
{
    for (int i = 0; i < c->ncontrols + c->nobjects; i++) {
        struct label_tag *t = i < c->ncontrols ? c->controls[i] : c->objects[i - c->ncontrols];

        if (!t->name && !label_is(t, "Relations")) {
            error_at(c, t, "This <%s> has no name. Give it a name of its own.", t->tag);
            fix_name(cx, c, str_lower(cx, t->tag));
        } else if (t->name && strlen(t->name) > (size_t)LIMIT_NAME_BYTES)
            error_at(c, t, "The name of this <%s> is longer than %lld bytes.", t->tag,
                     (long long)LIMIT_NAME_BYTES);
    }
    if (c->nby_name)
        qsort(c->by_name, (size_t)c->nby_name, sizeof *c->by_name, by_name);
    for (int i = 1; i < c->nby_name; i++) {
        const struct label_tag *t = c->by_name[i], *first = c->by_name[i - 1];

        if (strcmp(t->name, first->name) == 0) {
            error_at(c, t, "The name \"%.80s\" is taken already, by <%s> at line %d.", t->name,
                     first->tag, first->line);
            fix_name(cx, c, t->name);
        }
    }
}

static void check_to_name(struct label_config *c, const struct label_tag *t, bool strict)
{
    if (label_is(t, "Relations"))
        return;
    if (!t->nto) {
        parse_note(c, t->line, t->column, strict,
                   "This <%s> has no toName, so it asks about nothing.", t->tag);
        fix_to_name(c, NULL);
    }
    for (int i = 0; i < t->nto; i++) {
        if (label_object(c, t->to_name[i]))
            continue;
        parse_note(c, t->line, t->column, strict,
                   "toName=\"%.80s\" of this <%s> names no object tag.", t->to_name[i], t->tag);
        if (t->nto == 1)
            fix_to_name(c, t->to_name[i]);
    }
}

static void check_numbers(struct label_config *c, const struct label_tag *t)
{
    static const char *const numeric[] = {"maxRating", "maxUsages", "maxSubmissions", "min",
                                          "max",       "step",      NULL};
    double x;

    if (label_is(t, "DateTime"))
        return;
    for (int i = 0; numeric[i]; i++) {
        const char *v = label_attr(t, numeric[i]);

        if (v && *v && !read_number(v, &x))
            warn_at(c, t, "%s=\"%.40s\" is not a number.", numeric[i], v);
    }
    if (label_number(t, "min", -INFINITY) > label_number(t, "max", INFINITY))
        warn_at(c, t, "min is larger than max: no number is possible.");
}

static void check_choice_mode(struct label_config *c, const struct label_tag *t)
{
    const char *v = label_attr(t, "choice");

    if (v && *v && !str_same_nocase(v, "single") && !str_same_nocase(v, "multiple") &&
        !str_same_nocase(v, "single-radio"))
        warn_at(c, t, "choice=\"%.40s\" is neither single nor multiple.", v);
}

static void check_when(struct label_config *c, const struct label_tag *t)
{
    static const char *const known[] = {"region-selected", "no-region-selected",
                                        "choice-selected", "choice-unselected"};
    const char *v = label_attr(t, "visibleWhen");
    bool is_known = false;

    if (!v || !*v)
        return;
    for (int i = 0; i < 4; i++)
        is_known |= strcmp(v, known[i]) == 0;
    if (!is_known)
        warn_at(c, t, "visibleWhen=\"%.40s\" is not known: the tag is always shown.", v);
}

static bool takes_options(const struct label_tag *t)
{
    return t->row && t->kind == LABEL_CONTROL && (t->row->key || label_is(t, "Taxonomy")) &&
           !label_is(t, "Relations") && !label_is(t, "VideoRectangle");
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* No choices, nameless ones, or the same stored value twice among siblings of a flat list. */
static void check_options(struct ctx *cx, struct label_config *c, const struct label_tag *t)
{
    const struct label_tag **opts;
    int n = label_options(cx, t, &opts);
    const char **stored = NEW_N(cx, const char *, n + 1);
    bool nested = false;

    if (!n && !label_dynamic(t) && takes_options(t))
        warn_at(c, t, "This <%s> has nothing to choose from.", t->tag);
    for (int i = 0; i < n; i++) {
        stored[i] = label_stored(opts[i]);
        nested |= opts[i]->nchildren > 0;
        if (!*stored[i])
            warn_at(c, opts[i], "This <%s> has no value.", opts[i]->tag);
        else if (strlen(stored[i]) > (size_t)LIMIT_NAME_BYTES)
            warn_at(c, opts[i], "This value is longer than %lld bytes.",
                    (long long)LIMIT_NAME_BYTES);
    }
    if (nested)
        return;
    qsort(stored, (size_t)n, sizeof *stored, by_text);
    for (int i = 1; i < n; i++)
        if (*stored[i] && strcmp(stored[i], stored[i - 1]) == 0 &&
            (i < 2 || strcmp(stored[i], stored[i - 2]) != 0))
            warn_at(c, t, "\"%.80s\" stands more than once in this <%s>.", stored[i], t->tag);
}

static bool inside_control(const struct label_tag *t)
{
    for (t = t->parent; t; t = t->parent)
        if (t->kind == LABEL_CONTROL || t->kind == LABEL_OBJECT)
            return true;
    return false;
}

static void check_tags(struct ctx *cx, struct label_config *c, const struct label_tag *t)
{
    const char *near;

    if (t->kind == LABEL_UNKNOWN) {
        warn_at(c, t, "<%.40s> is not a known tag. It is shown as a notice.", t->tag);
        if ((near = tags_near(t->tag)))
            parse_fix(c, NULL, talloc_asprintf(cx->mem, "<%s", t->tag),
                      talloc_asprintf(cx->mem, "<%s", near));
    }
    if (t->kind == LABEL_CHILD && !inside_control(t))
        warn_at(c, t, "This <%s> stands outside of a control and does nothing.", t->tag);
    if (t->kind == LABEL_OBJECT && !label_attr(t, "value") && !label_attr(t, "valueList"))
        warn_at(c, t, "This <%s> has no value, so it shows nothing.", t->tag);
    if (t->row)
        check_when(c, t);
    for (int i = 0; i < t->nchildren; i++)
        check_tags(cx, c, t->children[i]);
}

static void check_config(struct ctx *cx, struct label_config *c, bool strict)
{
    if (!label_is(c->root, "View"))
        error_at(c, c->root, "The outermost tag must be <View>, not <%.40s>.", c->root->tag);
    check_names(cx, c);
    for (int i = 0; i < c->ncontrols; i++) {
        const struct label_tag *t = c->controls[i];

        check_to_name(c, t, strict);
        check_numbers(c, t);
        check_choice_mode(c, t);
        check_options(cx, c, t);
    }
    check_tags(cx, c, c->root);
    if (!c->ncontrols)
        warn_at(c, c->root, "There is no control tag, so nothing can be answered.");
}

static int by_place(const void *a, const void *b)
{
    const struct label_problem *x = a, *y = b;

    return x->line != y->line ? x->line - y->line : x->column - y->column;
}

/* Errors into cx->fields; the first one, by place, into cx->why. */
static int report_errors(struct ctx *cx, struct label_config *c, int rc)
{
    if (c->nproblems)
        qsort(c->problems, (size_t)c->nproblems, sizeof *c->problems, by_place);
    if (!c->nerrors)
        return rc;
    for (int i = c->nproblems - 1; i >= 0; i--) {
        const struct label_problem *p = &c->problems[i];

        if (p->is_error) {
            fail_at(cx, E_INVALID,
                    talloc_asprintf(cx->mem, "line %d, column %d", p->line, p->column), "%s",
                    p->why);
            cx->why =
                talloc_asprintf(cx->mem, "Line %d, column %d: %s", p->line, p->column, p->why);
        }
    }
    return rc < 0 ? rc : E_INVALID;
}

static int parse(struct ctx *cx, const char *xml, size_t n, bool strict, struct label_config **out)
{
    struct label_config *c = *out = NEW(cx, struct label_config);
    int rc = parse_xml(cx, xml, n, c);

    if (rc == 0) {
        enlist(cx, c, c->root);
        check_config(cx, c, strict);
    } else {
        c->root = NULL;
    }
    return report_errors(cx, c, rc);
}

int label_parse(struct ctx *cx, const char *xml, size_t n, struct label_config **out)
{
    return parse(cx, xml, n, false, out);
}

int label_parse_strict(struct ctx *cx, const char *xml, size_t n, struct label_config **out)
{
    return parse(cx, xml, n, true, out);
}
