/* check.c -- what the checkers of all tags share; see tags.h. */
#include "core/json.h"
#include "core/str.h"
#include "label/tags.h"

#include <math.h>
#include <stdarg.h>

#define PROBLEMS_KEPT 100

bool check_full(const struct check *k)
{
    return k->cx->nfields >= PROBLEMS_KEPT;
}

void check_say(struct check *k, const char *where, const char *fmt, ...)
{
    va_list ap;
    char *why, *path;

    if (check_full(k))
        return;
    va_start(ap, fmt);
    why = talloc_vasprintf(k->cx->mem, fmt, ap);
    va_end(ap);
    path = talloc_asprintf(k->cx->mem, "result[%lld]%s", (long long)k->at, where);
    fail_at(k->cx, E_INVALID, path, "%s", why);
}

static const char *below(struct check *k, const char *key)
{
    return talloc_asprintf(k->cx->mem, ".value.%s", key);
}

bool check_num(struct check *k, const char *key, double least, double most, double *out)
{
    const json_t *v = json_object_get(k->value, key);
    double x = json_number_value(v);

    if (!v)
        check_say(k, below(k, key), "\"%s\" is missing.", key);
    else if (!json_is_number(v) || !isfinite(x))
        check_say(k, below(k, key), "\"%s\" must be a number.", key);
    else if (x < least || x > most)
        check_say(k, below(k, key), isinf(most) ? "\"%s\" is %g; it must be at least %g."
                                                : "\"%s\" is %g; it must be between %g and %g.",
                  key, x, least, most);
    else {
        if (out)
            *out = x;
        return true;
    }
    return false;
}

bool check_num_maybe(struct check *k, const char *key, double least, double most)
{
    const json_t *v = json_object_get(k->value, key);

    return !v || json_is_null(v) || check_num(k, key, least, most, NULL);
}

bool check_bool_maybe(struct check *k, const char *key)
{
    const json_t *v = json_object_get(k->value, key);

    if (!v || json_is_boolean(v) || json_is_null(v))
        return true;
    check_say(k, below(k, key), "\"%s\" must be true or false.", key);
    return false;
}

bool check_str_maybe(struct check *k, const char *key)
{
    const json_t *v = json_object_get(k->value, key);

    if (!v || json_is_string(v) || json_is_null(v))
        return true;
    check_say(k, below(k, key), "\"%s\" must be text.", key);
    return false;
}

bool check_single(const struct label_tag *control)
{
    const char *v = label_attr(control, "choice");

    return !v || !str_same_nocase(v, "multiple");
}

const json_t *check_dynamic(const struct check *k)
{
    const json_t *list = k->data ? label_data(k->data, label_attr(k->tag, "value")) : NULL;

    return json_is_array(list) ? list : NULL;
}

bool check_anything(const struct check *k)
{
    return label_dynamic(k->tag) && !check_dynamic(k);
}

/* Strings, or objects with alias, value and perhaps children. */
static void add_dynamic(json_t *set, const json_t *list, int depth)
{
    const json_t *one;
    size_t i;

    if (depth > LIMIT_JSON_DEPTH)
        return;
    json_array_foreach(list, i, one) {
        const char *s = json_is_string(one) ? json_string_value(one) : json_str(one, "alias", NULL);

        if (!s || !*s)
            s = json_str(one, "value", NULL);
        if (s)
            json_object_set_new(set, s, json_true());
        add_dynamic(set, json_object_get(one, "children"), depth + 1);
    }
}

static json_t *option_set(const struct check *k)
{
    const struct label_tag **opts;
    json_t *set;
    int n;

    if (k->options[k->tag->order])
        return k->options[k->tag->order];
    set = k->options[k->tag->order] = json_keep(k->cx, json_object());
    n = label_options(k->cx, k->tag, &opts);
    for (int i = 0; i < n; i++)
        json_object_set_new(set, label_stored(opts[i]), json_true());
    add_dynamic(set, check_dynamic(k), 0);
    return set;
}

bool check_is_option(const struct check *k, const char *stored)
{
    return check_anything(k) || json_object_get(option_set(k), stored) != NULL;
}

void check_label_list(struct check *k, const char *key)
{
    const json_t *list = json_object_get(k->value, key), *one;
    json_t *seen;
    size_t i;

    /* A region may wait for its label. */
    if (!list || json_is_null(list))
        return;
    if (!json_is_array(list)) {
        check_say(k, below(k, key), "\"%s\" must be a list of labels.", key);
        return;
    }
    if (check_single(k->tag) && json_array_size(list) > 1)
        check_say(k, below(k, key), "\"%.80s\" takes one label a region, not %zu.", k->tag->name,
                  json_array_size(list));
    seen = json_keep(k->cx, json_object());
    json_array_foreach(list, i, one) {
        const char *s = json_string_value(one);
        const char *where = talloc_asprintf(k->cx->mem, ".value.%s[%zu]", key, i);

        if (check_full(k))
            return;
        if (!s)
            check_say(k, where, "A label must be text.");
        else if (!check_is_option(k, s))
            check_say(k, where, "\"%.80s\" is not a label of \"%.80s\".", s, k->tag->name);
        else if (json_object_get(seen, s))
            check_say(k, where, "\"%.80s\" stands here twice.", s);
        if (s)
            json_object_set_new(seen, s, json_true());
    }
}
