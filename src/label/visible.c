/*
 * visible.c -- is a control on screen for this result?  See result.h.
 *
 * Lists in when… attributes are split at commas.  The items are looked up by
 * id and by name, so that a question costs what that region holds.
 */
#include "core/json.h"
#include "core/str.h"
#include "label/answer.h"
#include "label/tags.h"

static void put(json_t *index, const char *key, const json_t *item)
{
    json_t *list;

    if (!key)
        return;
    list = json_object_get(index, key);
    if (!list) {
        list = json_array();
        json_object_set_new(index, key, list);
    }
    json_array_append(list, (json_t *)item);
}

struct result_index *tags_index(struct ctx *cx, const json_t *result)
{
    struct result_index *ix = NEW(cx, struct result_index);
    const json_t *item;
    size_t i;

    ix->by_id = json_keep(cx, json_object());
    ix->by_name = json_keep(cx, json_object());
    json_array_foreach(result, i, item) {
        put(ix->by_id, json_str(item, "id", NULL), item);
        put(ix->by_name, json_str(item, "from_name", NULL), item);
    }
    return ix;
}

const json_t *tags_of_id(const struct result_index *ix, const char *id)
{
    return id ? json_object_get(ix->by_id, id) : NULL;
}

const json_t *tags_of_name(const struct result_index *ix, const char *name)
{
    return name ? json_object_get(ix->by_name, name) : NULL;
}

/* `one` is in the comma list, or is the whole of it. */
static bool listed(const char *list, const char *one)
{
    size_t n = strlen(one);

    if (strcmp(list, one) == 0)
        return true;
    for (const char *p = list; *p;) {
        size_t k = strcspn(p, ","), lead = strspn(p, " \t\r\n"), len;

        if (lead > k)
            lead = k;
        for (len = k - lead; len && strchr(" \t\r\n", p[lead + len - 1]); len--)
            ;
        if (len == n && memcmp(p + lead, one, n) == 0)
            return true;
        p += k + (p[k] == ',');
    }
    return false;
}

static bool region_matches(const struct label_tag *t, const struct result_index *ix,
                           const json_t *region)
{
    const char *names = label_attr(t, "whenTagName"), *labels = label_attr(t, "whenLabelValue");
    const json_t *same = tags_of_id(ix, json_str(region, "id", NULL)), *item;
    bool name_ok = !names || !*names, label_ok = !labels || !*labels;
    size_t i;

    json_array_foreach(same, i, item) {
        name_ok |= names && (listed(names, json_str(item, "to_name", "")) ||
                             listed(names, json_str(item, "from_name", "")));
        for (int j = 0; labels && j < answer_nlabels(item); j++)
            label_ok |= answer_label(item, j) && listed(labels, answer_label(item, j));
    }
    return name_ok && label_ok;
}

/* The list names what is stored, or the value of the option that stores its alias. */
static bool value_listed(const struct label_tag *t, const char *list, const char *stored)
{
    for (int i = 0; i < t->nchildren; i++) {
        const struct label_tag *kid = t->children[i];
        const char *value = label_attr(kid, "value");

        if (value && strcmp(label_stored(kid), stored) == 0 && listed(list, value))
            return true;
        if (value_listed(kid, list, stored))
            return true;
    }
    return false;
}

static bool choice_listed(const struct label_tag *asked, const char *list, const char *stored)
{
    return listed(list, stored) || (asked && value_listed(asked, list, stored));
}

static bool item_chosen(const struct label_tag *asked, const char *list, const json_t *item)
{
    const json_t *value = json_object_get(item, "value");
    const json_t *choices = json_object_get(value, "choices"), *one;
    size_t i;

    json_array_foreach(choices, i, one) {
        const json_t *leaf = json_is_array(one) && json_array_size(one)
                                 ? json_array_get(one, json_array_size(one) - 1) : one;

        if (!json_is_string(leaf))
            continue;
        if (!list || !*list || choice_listed(asked, list, json_string_value(leaf)))
            return true;
    }
    return false;
}

/* At most this many items of one name are looked at: there is one, or one a region or item. */
#define LOOK_AT 100

static bool chosen_in(const struct label_config *c, const struct label_tag *t,
                      const struct result_index *ix, const json_t *region, const char *name)
{
    const struct label_tag *asked = label_control(c, name);
    const char *list = label_attr(t, "whenChoiceValue");
    bool by_region = region && asked && label_flag(asked, "perRegion");
    const json_t *items = by_region ? tags_of_id(ix, json_str(region, "id", NULL))
                                    : tags_of_name(ix, name);
    const json_t *item;
    size_t i;

    json_array_foreach(items, i, item) {
        if (i == LOOK_AT)
            break;
        if (strcmp(json_str(item, "from_name", ""), name) == 0 &&
            item_chosen(asked, list, item))
            return true;
    }
    return false;
}

static bool choice_selected(struct ctx *cx, const struct label_config *c, const struct label_tag *t,
                            const struct result_index *ix, const json_t *region, int64_t index)
{
    const char *names = label_attr(t, "whenTagName");

    if (!names || !*names) {
        for (int i = 0; i < c->ncontrols; i++)
            if (c->controls[i]->name && label_is(c->controls[i], "Choices") &&
                chosen_in(c, t, ix, region, c->controls[i]->name))
                return true;
        return false;
    }
    for (const char *p = names; *p;) {
        size_t k = strcspn(p, ",");
        const char *name = str_trim(cx, talloc_strndup(cx->mem, p, k));

        name = tags_repeat_name(cx, t, name, index);
        if (chosen_in(c, t, ix, region, name) ||
            (index >= 0 && chosen_in(c, t, ix, region,
                                     talloc_asprintf(cx->mem, "%s_%lld", name, (long long)index))))
            return true;
        p += k + (p[k] == ',');
    }
    return false;
}

bool tags_hidden(struct ctx *cx, const struct label_config *c, const struct label_tag *control,
                 const struct result_index *ix, const json_t *region, int64_t index)
{
    for (const struct label_tag *t = control; t; t = t->parent) {
        const char *when = label_attr(t, "visibleWhen");

        if (!when || !*when)
            continue;
        if (strcmp(when, "region-selected") == 0 && (!region || !region_matches(t, ix, region)))
            return true;
        if (strcmp(when, "no-region-selected") == 0 && region)
            return true;
        if (strcmp(when, "choice-selected") == 0 &&
            !choice_selected(cx, c, t, ix, region, index))
            return true;
        if (strcmp(when, "choice-unselected") == 0 &&
            choice_selected(cx, c, t, ix, region, index))
            return true;
    }
    return false;
}

bool label_hidden(struct ctx *cx, const struct label_config *c, const struct label_tag *control,
                  const json_t *result, const json_t *region)
{
    return tags_hidden(cx, c, control, tags_index(cx, result), region, -1);
}
