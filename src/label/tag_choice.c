/* tag_choice.c -- choosing: choices, taxonomies, one of a pair, an order. */
#include "core/json.h"
#include "core/str.h"
#include "label/tags.h"

/*
 * What stands below a step of a path, by name; made when first asked for, so
 * that a long list costs once a result and not once a path.  `at` is the tag
 * or the list; *fresh says that the caller must fill it.
 */
static json_t *level(struct check *k, const void *at, bool *fresh)
{
    char key[32];
    json_t *o;

    snprintf(key, sizeof key, "%p", at);
    *fresh = (o = json_object_get(k->levels, key)) == NULL;
    if (*fresh) {
        o = json_object();
        json_object_set_new(k->levels, key, o);
    }
    return o;
}

/* The Choice tags below `t`, through layout tags; a pointer kept as a number. */
static void add_tags(json_t *o, const struct label_tag *t)
{
    for (int i = 0; i < t->nchildren; i++) {
        const struct label_tag *kid = t->children[i];

        if (!label_is(kid, "Choice")) {
            if (kid->kind != LABEL_CONTROL)
                add_tags(o, kid);
        } else if (!json_object_get(o, label_stored(kid))) {
            json_object_set_new(o, label_stored(kid), json_integer((json_int_t)(intptr_t)kid));
        }
    }
}

static const struct label_tag *step(struct check *k, const struct label_tag *t, const char *s)
{
    bool fresh;
    json_t *o = level(k, t, &fresh);

    if (fresh)
        add_tags(o, t);
    return (const struct label_tag *)(intptr_t)json_integer_value(json_object_get(o, s));
}

static bool has_options(const struct label_tag *t)
{
    for (int i = 0; i < t->nchildren; i++)
        if (label_is(t->children[i], "Choice") || has_options(t->children[i]))
            return true;
    return false;
}

/* The same for choices of the task: texts, or objects with an alias or a value. */
static const json_t *step_dynamic(struct check *k, const json_t *list, const char *s)
{
    bool fresh;
    json_t *o = level(k, list, &fresh), *one;
    size_t i;

    json_array_foreach(fresh ? (json_t *)list : NULL, i, one) {
        const char *name = json_is_string(one) ? json_string_value(one)
                                               : json_str(one, "alias", NULL);

        if (!name || !*name)
            name = json_str(one, "value", NULL);
        if (name && !json_object_get(o, name))
            json_object_set(o, name, one);
    }
    return json_object_get(o, s);
}

/* Every step of the path exists, and it ends at a leaf where only leaves may be chosen. */
static void known_path(struct check *k, const char *where, const json_t *path)
{
    const struct label_tag *t = k->tag;
    const json_t *list = check_dynamic(k), *one;
    bool in_config = true, in_data = list != NULL, leaf = false;
    size_t i;

    json_array_foreach(path, i, one) {
        const char *s = json_string_value(one);
        const json_t *d = NULL;

        if (!s) {
            check_say(k, where, "A path is a list of texts.");
            return;
        }
        if (in_config && !(t = step(k, t, s)))
            in_config = false;
        if (in_data && !(d = step_dynamic(k, list, s)))
            in_data = false;
        list = json_object_get(d, "children");
        if (!in_config && !in_data) {
            check_say(k, where, "\"%.80s\" is not in \"%.80s\" at this place of the path.", s,
                      k->tag->name);
            return;
        }
        leaf = in_config ? !has_options(t) : json_array_size(list) == 0;
    }
    if (!leaf && label_flag(k->tag, "leafsOnly"))
        check_say(k, where, "Only the last level of \"%.80s\" may be chosen.", k->tag->name);
}

static void check_path(struct check *k, const char *where, const json_t *path)
{
    const json_t *one;
    size_t i;

    if (json_array_size(path) == 0) {
        check_say(k, where, "A path must be a list of at least one text.");
    } else if (check_anything(k)) {
        json_array_foreach(path, i, one)
            if (!json_is_string(one)) {
                check_say(k, where, "A path is a list of texts.");
                return;
            }
    } else {
        known_path(k, where, path);
    }
}

static void twice(struct check *k, json_t *seen, const json_t *one, const char *where)
{
    const char *text = json_text(k->cx, one);

    if (json_object_get(seen, text))
        check_say(k, where, "This answer stands here twice.");
    json_object_set_new(seen, text, json_true());
}

void check_choices(struct check *k)
{
    const json_t *list = json_object_get(k->value, "choices"), *one;
    json_t *seen = json_keep(k->cx, json_object());
    size_t i;

    if (!json_is_array(list)) {
        check_say(k, ".value.choices", "\"choices\" must be a list.");
        return;
    }
    if (check_single(k->tag) && json_array_size(list) > 1)
        check_say(k, ".value.choices", "\"%.80s\" takes one choice, not %zu.", k->tag->name,
                  json_array_size(list));
    json_array_foreach(list, i, one) {
        const char *where = talloc_asprintf(k->cx->mem, ".value.choices[%zu]", i);

        if (check_full(k))
            return;
        if (json_is_array(one))
            check_path(k, where, one);
        else if (!json_is_string(one))
            check_say(k, where, "A choice must be text.");
        else if (!check_is_option(k, json_string_value(one)))
            check_say(k, where, "\"%.80s\" is not a choice of \"%.80s\".", json_string_value(one),
                      k->tag->name);
        twice(k, seen, one, where);
    }
}

void check_taxonomy(struct check *k)
{
    const json_t *list = json_object_get(k->value, "taxonomy"), *one;
    double most = label_number(k->tag, "maxUsages", 0);
    json_t *seen = json_keep(k->cx, json_object());
    size_t i;

    if (!json_is_array(list)) {
        check_say(k, ".value.taxonomy", "\"taxonomy\" must be a list of paths.");
        return;
    }
    if (most >= 1 && (double)json_array_size(list) > most)
        check_say(k, ".value.taxonomy", "\"%.80s\" takes at most %g paths, not %zu.", k->tag->name,
                  most, json_array_size(list));
    json_array_foreach(list, i, one) {
        const char *where = talloc_asprintf(k->cx->mem, ".value.taxonomy[%zu]", i);

        if (check_full(k))
            return;
        if (json_is_array(one))
            check_path(k, where, one);
        else
            check_say(k, where, "A path must be a list of texts.");
        twice(k, seen, one, where);
    }
    if (json_object_get(k->value, "start"))
        check_span(k);      /* labeling="true": a path on a stretch of text */
}

void check_pairwise(struct check *k)
{
    const char *side = json_str(k->value, "selected", NULL);

    if (!side || (strcmp(side, "left") != 0 && strcmp(side, "right") != 0))
        check_say(k, ".value.selected", "\"selected\" must be \"left\" or \"right\".");
}

/* ---- ranker ---- */

static const char *id_text(struct check *k, const json_t *v)
{
    if (json_is_string(v))
        return json_string_value(v);
    if (json_is_integer(v))
        return talloc_asprintf(k->cx->mem, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
    return NULL;
}

/* The ids of the list on screen, or NULL when the task is not at hand. */
static json_t *listed_ids(struct check *k)
{
    const json_t *list = k->data && k->object
                             ? label_data(k->data, label_attr(k->object, "value")) : NULL;
    const json_t *one;
    json_t *set;
    size_t i;

    if (!json_is_array(list))
        return NULL;
    set = json_keep(k->cx, json_object());
    json_array_foreach(list, i, one) {
        const char *id = id_text(k, json_is_object(one) ? json_object_get(one, "id") : one);

        if (id)
            json_object_set_new(set, id, json_true());
    }
    return set;
}

static void ranked(struct check *k, const char *where, const json_t *ids, json_t *known,
                   json_t *seen)
{
    const json_t *one;
    size_t i;

    if (!json_is_array(ids)) {
        check_say(k, where, "A ranking must be a list of ids.");
        return;
    }
    json_array_foreach(ids, i, one) {
        const char *id = id_text(k, one), *at = talloc_asprintf(k->cx->mem, "%s[%zu]", where, i);

        if (check_full(k))
            return;
        if (!id)
            check_say(k, at, "An id must be text or a whole number.");
        else if (known && !json_object_get(known, id))
            check_say(k, at, "\"%.80s\" is not an id of the list.", id);
        else if (json_object_get(seen, id))
            check_say(k, at, "\"%.80s\" is ranked twice.", id);
        if (id)
            json_object_set_new(seen, id, json_true());
    }
}

void check_ranker(struct check *k)
{
    const json_t *v = json_object_get(k->value, "ranker"), *ids;
    json_t *known = listed_ids(k), *seen = json_keep(k->cx, json_object());
    const char *bucket;

    if (json_is_array(v)) {
        ranked(k, ".value.ranker", v, known, seen);
        return;
    }
    if (!json_is_object(v)) {
        check_say(k, ".value.ranker",
                  "\"ranker\" must be a list of ids, or {bucket: [ids]}.");
        return;
    }
    json_object_foreach((json_t *)v, bucket, ids) {
        const char *where = talloc_asprintf(k->cx->mem, ".value.ranker.%.80s", bucket);

        if (strcmp(bucket, "_") != 0 && !check_is_option(k, bucket))
            check_say(k, where, "\"%.80s\" is not a bucket of \"%.80s\".", bucket, k->tag->name);
        ranked(k, where, ids, known, seen);
    }
}
