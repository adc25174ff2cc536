/* answer.c -- see answer.h. */
#include "label/answer.h"
#include "core/json.h"
#include "core/str.h"
#include "label/tags.h"

static const struct {
    const char *type;
    enum answer_kind kind;
} types[] = {
    {"choices", ANSWER_CHOICE},          {"taxonomy", ANSWER_TAXONOMY},
    {"textarea", ANSWER_TEXT},           {"number", ANSWER_NUMBER},
    {"rating", ANSWER_NUMBER},           {"datetime", ANSWER_DATETIME},
    {"pairwise", ANSWER_PAIRWISE},       {"ranker", ANSWER_RANKER},
    {"hypertextlabels", ANSWER_SPAN},    {"htmllabels", ANSWER_SPAN},
    {"paragraphlabels", ANSWER_SPAN},    {"rectangle", ANSWER_BOX},
    {"rectanglelabels", ANSWER_BOX},     {"ellipse", ANSWER_ELLIPSE},
    {"ellipselabels", ANSWER_ELLIPSE},   {"polygon", ANSWER_POLYGON},
    {"polygonlabels", ANSWER_POLYGON},   {"keypoint", ANSWER_KEYPOINT},
    {"keypointlabels", ANSWER_KEYPOINT}, {"brush", ANSWER_MASK},
    {"brushlabels", ANSWER_MASK},        {"magicwand", ANSWER_MASK},
    {"bitmask", ANSWER_MASK},            {"bitmasklabels", ANSWER_MASK},
    {"videorectangle", ANSWER_VIDEO},    {"timelinelabels", ANSWER_VIDEO},
    {"relation", ANSWER_RELATION},
};

/* "labels", "ocrlabels" and "timeserieslabels" sit on many things: the keys of the value decide. */
static enum answer_kind by_keys(const json_t *value)
{
    if (json_object_get(value, "ranges") || json_object_get(value, "sequence"))
        return ANSWER_VIDEO;
    if (json_object_get(value, "rle") || json_object_get(value, "imageDataURL"))
        return ANSWER_MASK;
    if (json_object_get(value, "points"))
        return ANSWER_POLYGON;
    if (json_object_get(value, "radiusX"))
        return ANSWER_ELLIPSE;
    if (json_object_get(value, "start"))
        return ANSWER_SPAN;
    if (json_object_get(value, "x") && json_object_get(value, "height"))
        return ANSWER_BOX;
    if (json_object_get(value, "x"))
        return ANSWER_KEYPOINT;
    return ANSWER_OTHER;
}

enum answer_kind answer_kind(const json_t *item)
{
    const char *type = json_str(item, "type", "");

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].type, type) == 0)
            return types[i].kind;
    if (strcmp(type, "labels") == 0 || strcmp(type, "ocrlabels") == 0 ||
        strcmp(type, "timeserieslabels") == 0)
        return by_keys(json_object_get(item, "value"));
    return ANSWER_OTHER;
}

const char *answer_kind_word(enum answer_kind kind)
{
    static const char *const words[] = {
        "other", "choice", "taxonomy", "text", "number", "datetime", "pairwise", "ranker", "span",
        "box", "ellipse", "polygon", "keypoint", "mask", "video", "relation"};

    return words[kind];
}

const json_t *answer_labels(const json_t *item)
{
    static const char *const others[] = {"labels", "hypertextlabels", "htmllabels",
                                         "timelinelabels", "timeserieslabels"};
    const json_t *value = json_object_get(item, "value"), *list;
    const char *type = json_str(item, "type", "");

    if (strcmp(type, "relation") == 0)
        list = json_object_get(item, "labels");
    else
        list = json_object_get(value, type);
    for (size_t i = 0; !json_is_array(list) && i < sizeof others / sizeof *others; i++)
        list = json_object_get(value, others[i]);
    return json_is_array(list) && strcmp(type, "taxonomy") != 0 && strcmp(type, "ranker") != 0
               ? list : NULL;
}

const char *answer_label(const json_t *item, int i)
{
    return i < 0 ? NULL : json_string_value(json_array_get(answer_labels(item), (size_t)i));
}

int answer_nlabels(const json_t *item)
{
    return (int)json_array_size(answer_labels(item));
}

bool answer_is_region(const json_t *item)
{
    switch (answer_kind(item)) {
    case ANSWER_SPAN:
    case ANSWER_BOX:
    case ANSWER_ELLIPSE:
    case ANSWER_POLYGON:
    case ANSWER_KEYPOINT:
    case ANSWER_MASK:
    case ANSWER_VIDEO:
        return true;
    default:
        return false;
    }
}

/* A number, or digits in a string (paragraphs; some series). */
static bool number_of(const json_t *v, double *out)
{
    char *end;

    if (json_is_number(v)) {
        *out = json_number_value(v);
        return true;
    }
    if (!json_is_string(v) || !*json_string_value(v))
        return false;
    *out = strtod(json_string_value(v), &end);
    return *end == 0;
}

bool answer_span(const json_t *item, double *start, double *end)
{
    const json_t *v = json_object_get(item, "value"), *g = json_object_get(v, "globalOffsets");

    if (g)
        return number_of(json_object_get(g, "start"), start) &&
               number_of(json_object_get(g, "end"), end);
    if (!number_of(json_object_get(v, "start"), start) ||
        !number_of(json_object_get(v, "end"), end))
        return false;
    if (json_object_get(v, "startOffset")) {
        *start += json_num(v, "startOffset", 0) / 1e6;
        *end += json_num(v, "endOffset", 0) / 1e6;
    }
    return true;
}

bool answer_number(const json_t *item, double *out)
{
    const json_t *v = json_object_get(item, "value"), *x = json_object_get(v, "number");

    if (!x)
        x = json_object_get(v, "rating");
    *out = json_number_value(x);
    return json_is_number(x);
}

const char *answer_text(struct ctx *cx, const json_t *item)
{
    const json_t *v = json_object_get(json_object_get(item, "value"), "text"), *one;
    struct buf b;
    size_t i;

    if (json_is_string(v))
        return json_string_value(v);
    buf_init(&b, cx, (size_t)LIMIT_RESULT_BYTES);
    json_array_foreach(v, i, one) {
        if (i)
            buf_addc(&b, '\n');
        buf_add(&b, json_string_value(one) ? json_string_value(one) : "", json_string_length(one));
    }
    return b.s ? b.s : "";
}

/* ---- splitting ---- */

static struct answer *new_answer(struct ctx *cx, const struct label_config *c, struct answer *a,
                                 const json_t *items)
{
    const json_t *item;
    size_t i;

    a->n = (int)json_array_size(items);
    a->items = NEW_N(cx, const json_t *, a->n + 1);
    json_array_foreach(items, i, item)
        a->items[i] = item;
    a->kind = answer_kind(a->items[0]);
    if (a->kind == ANSWER_RELATION) {
        a->control = "";
    } else {
        a->control = json_str(a->items[0], "from_name", "");
        a->tag = c ? label_control(c, a->control) : NULL;
    }
    return a;
}

int answer_split(struct ctx *cx, const struct label_config *c, const json_t *result,
                 struct answer **out, int *n)
{
    json_t *groups = json_keep(cx, json_object());
    json_t *relations = json_keep(cx, json_array()), *list;
    const json_t *item;
    const char *key;
    size_t i;

    if (!json_is_array(result))
        return fail(cx, E_INVALID, "The result must be a list.");
    json_array_foreach(result, i, item) {
        const char *from = json_str(item, "from_name", NULL);

        if (strcmp(json_str(item, "type", ""), "relation") == 0) {
            json_array_append(relations, (json_t *)item);
        } else if (from) {
            if (!(list = json_object_get(groups, from))) {
                list = json_array();
                json_object_set_new(groups, from, list);
            }
            json_array_append(list, (json_t *)item);
        }
    }
    *out = NEW_N(cx, struct answer, json_object_size(groups) + 1);
    *n = 0;
    json_object_foreach(groups, key, list)
        new_answer(cx, c, &(*out)[(*n)++], list);
    if (json_array_size(relations))
        new_answer(cx, c, &(*out)[(*n)++], relations);
    return 0;
}

const struct answer *answer_of(const struct answer *list, int n, const char *control)
{
    for (int i = 0; i < n; i++)
        if (strcmp(list[i].control, control) == 0)
            return &list[i];
    return NULL;
}

/* ---- one comparable string ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_escaped(struct buf *b, const char *s)
{
    for (; *s; s++) {
        if (*s == '/' || *s == '\t' || *s == '\\')
            buf_addc(b, '\\');
        buf_addc(b, *s);
    }
}

static const char *path_text(struct ctx *cx, const json_t *path)
{
    const json_t *one;
    struct buf b;
    size_t i;

    buf_init(&b, cx, (size_t)LIMIT_RESULT_BYTES * 2);
    if (json_is_string(path))
        add_escaped(&b, json_string_value(path));
    json_array_foreach(path, i, one) {
        if (i)
            buf_addc(&b, '/');
        add_escaped(&b, json_is_string(one) ? json_string_value(one) : "");
    }
    return b.s ? b.s : "";
}

static const char *set_text(struct ctx *cx, const json_t *list)
{
    size_t n = json_array_size(list), i;
    const char **all = NEW_N(cx, const char *, n + 1);
    const json_t *one;
    struct buf b;

    json_array_foreach(list, i, one)
        all[i] = path_text(cx, one);
    qsort(all, n, sizeof *all, by_text);
    buf_init(&b, cx, (size_t)LIMIT_RESULT_BYTES * 2);
    buf_adds(&b, "");
    for (i = 0; i < n; i++) {
        if (i)
            buf_addc(&b, '\t');
        buf_adds(&b, all[i]);
    }
    return b.s;
}

const char *answer_vote(struct ctx *cx, const struct answer *a)
{
    const json_t *value;
    double x;

    if (a->n == 0)
        return NULL;
    value = json_object_get(a->items[0], "value");
    switch (a->kind) {
    case ANSWER_CHOICE:
        return set_text(cx, json_object_get(value, "choices"));
    case ANSWER_TAXONOMY:
        return set_text(cx, json_object_get(value, "taxonomy"));
    case ANSWER_TEXT:
        return answer_text(cx, a->items[0]);
    case ANSWER_NUMBER:
        return answer_number(a->items[0], &x) ? talloc_asprintf(cx->mem, "%.17g", x) : NULL;
    case ANSWER_DATETIME:
        return json_str(value, "datetime", NULL);
    case ANSWER_PAIRWISE:
        return json_str(value, "selected", NULL);
    default:
        return NULL;
    }
}
