/* tree.c -- a config as JSON: the tree for the browser, and what Label Studio's clients expect. */
#include "core/json.h"
#include "core/str.h"
#include "label/config.h"
#include "label/css.h"
#include "label/tags.h"

/* Where a link may lead. */
static bool link_allowed(struct ctx *cx, const char *url)
{
    const char *low = str_lower(cx, str_trim(cx, url));

    return str_starts(low, "http://") || str_starts(low, "https://") ||
           str_starts(low, "mailto:") || *low == '#' || *low == '$';
}

/* An img in a config may show task data ("$field") or an inline picture; it may not call out. */
static bool source_allowed(struct ctx *cx, const char *url)
{
    const char *low = str_lower(cx, str_trim(cx, url));

    return *low == '$' || str_starts(low, "data:image/png;") ||
           str_starts(low, "data:image/jpeg;") || str_starts(low, "data:image/gif;") ||
           str_starts(low, "data:image/webp;");
}

static bool html_attr_allowed(struct ctx *cx, const char *tag, const char *name, const char *value)
{
    static const char *const plain[] = {"class", "id",     "title",  "style", "dir",     "lang",
                                        "alt",   "width",  "height", "align", "colspan", "rowspan",
                                        "start", "valign", "open",   "role"};

    if (strcmp(name, "href") == 0)
        return strcmp(tag, "a") == 0 && link_allowed(cx, value);
    if (strcmp(name, "src") == 0)
        return strcmp(tag, "img") == 0 && source_allowed(cx, value);
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (strcmp(plain[i], name) == 0)
            return true;
    return str_starts(name, "aria-");
}

static json_t *attrs_of(struct ctx *cx, const struct label_tag *t)
{
    json_t *o = json_object();

    for (int i = 0; i < t->nattrs; i++) {
        const char *name = str_lower(cx, t->attrs[i].name), *value = t->attrs[i].value;

        if (t->kind == LABEL_HTML && !html_attr_allowed(cx, t->tag, name, value))
            continue;
        if (str_starts(name, "on") && strcmp(name, "on") != 0 && strcmp(name, "only") != 0)
            continue;
        if (strcmp(name, "style") == 0)
            value = css_declarations(cx, value);
        json_object_set_new(o, name, json_string(value));
    }
    return o;
}

static json_t *tree_of(struct ctx *cx, const struct label_tag *t)
{
    json_t *kids = json_array(), *to = json_array();
    const char *text = t->text;
    bool pieces = false;

    for (int i = 0; i < t->nto; i++)
        json_array_append_new(to, json_string(t->to_name[i]));
    for (int i = 0; i < t->nchildren; i++) {
        pieces |= t->children[i]->kind == LABEL_TEXT;
        json_array_append_new(kids, tree_of(cx, t->children[i]));
    }
    if (label_is(t, "Style"))
        text = css_sheet(cx, text);
    return json_pack("{s:s s:s s:s? s:o s:o s:o s:s s:i}", "tag",
                     t->row && t->row->same_as ? t->row->same_as : t->tag, "kind",
                     tags_kind_word(t->kind), "name", t->name, "toName", to, "attrs",
                     attrs_of(cx, t), "children", kids, "text", pieces ? "" : text, "line",
                     t->line);
}

json_t *label_tree(struct ctx *cx, const struct label_config *c)
{
    return json_keep(cx, tree_of(cx, c->root));
}

/* ---- parsed_label_config ---- */

static const char *without_dollar(const char *s)
{
    while (*s == '$')
        s++;
    return s;
}

static json_t *input_of(const struct label_tag *object)
{
    const char *value = label_attr(object, "value"), *list = label_attr(object, "valueList");
    json_t *o = json_pack("{s:s s:s?}", "type", object->tag, "valueType",
                          label_attr(object, "valueType"));

    if (value)
        json_object_set_new(o, "value", json_string(without_dollar(value)));
    if (list)
        json_object_set_new(o, "valueList", json_string(without_dollar(list)));
    return o;
}

static json_t *conditionals_of(const struct label_tag *t)
{
    static const char *const kinds[][2] = {
        {"whenTagName", "tag"}, {"whenLabelValue", "label"}, {"whenChoiceValue", "choice"}};

    for (int i = 0; i < 3; i++) {
        const char *v = label_attr(t, kinds[i][0]);

        if (v && *v)
            return json_pack("{s:s s:s}", "type", kinds[i][1], "name", v);
    }
    return NULL;
}

/* The documented spelling of a known attribute, whatever was written. */
static const char *spelling(const char *name)
{
    static const char *const known[] = {
        "value",    "alias", "background",    "hotkey",      "selected", "hint",  "html", "color",
        "maxUsages", "size", "selectedColor", "granularity", "category", "style", "showAlias",
        "aliasStyle"};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_same_nocase(known[i], name))
            return known[i];
    return name;
}

static void add_labels(struct ctx *cx, const struct label_tag *t, json_t *o)
{
    const struct label_tag **opts;
    int n = label_options(cx, t, &opts);
    json_t *labels = json_array(), *attrs = json_object();

    for (int i = 0; i < n; i++) {
        const char *stored = label_stored(opts[i]);
        json_t *a;

        if (!*stored || (!label_is(opts[i], "Label") && !label_is(opts[i], "Choice")))
            continue;
        if (!json_object_get(attrs, stored))
            json_array_append_new(labels, json_string(stored));
        a = json_object();
        for (int j = 0; j < opts[i]->nattrs; j++)
            json_object_set_new(a, spelling(opts[i]->attrs[j].name),
                                json_string(opts[i]->attrs[j].value));
        json_object_set_new(attrs, stored, a);
    }
    json_object_set_new(o, "labels", labels);
    json_object_set_new(o, "labels_attrs", attrs);
}

static json_t *parsed_of(struct ctx *cx, const struct label_config *c, const struct label_tag *t)
{
    json_t *o = json_pack("{s:s}", "type", t->tag), *to = json_array(), *inputs = json_array();
    const struct label_tag *rep = tags_repeater(t);
    json_t *when = conditionals_of(t);

    for (int i = 0; i < t->nto; i++) {
        const struct label_tag *object = label_object(c, t->to_name[i]);

        json_array_append_new(to, json_string(t->to_name[i]));
        if (object)
            json_array_append_new(inputs, input_of(object));
    }
    json_object_set_new(o, "to_name", to);
    if (when)
        json_object_set_new(o, "conditionals", when);
    if (label_dynamic(t))
        json_object_set_new(o, "dynamic_labels", json_true());
    json_object_set_new(o, "inputs", inputs);
    add_labels(cx, t, o);
    if (rep) {
        const char *flag = tags_index_flag(rep);

        if (strstr(t->name, flag))
            json_object_set_new(o, "regex", json_pack("{s:s}", flag, ".*"));
    }
    return o;
}

json_t *label_parsed(struct ctx *cx, const struct label_config *c)
{
    json_t *o = json_object();

    for (int i = 0; i < c->ncontrols; i++)
        if (c->controls[i]->name && c->controls[i]->nto)
            json_object_set_new(o, c->controls[i]->name, parsed_of(cx, c, c->controls[i]));
    return json_keep(cx, o);
}
