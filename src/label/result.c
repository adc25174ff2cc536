/*
 * result.c -- see result.h.  The walk over a result; what a tag's own value may
 * be stands in its tag_*.c.
 *
 * Three passes: each item by itself (and its checker); then how often labels
 * were used; then what is required and missing.  Sets and lookups are hashed,
 * so the cost is that of the result, not its square.
 */
#include "label/result.h"
#include "core/id.h"
#include "core/json.h"
#include "core/str.h"
#include "label/answer.h"
#include "label/tags.h"

#include <math.h>

#define ID_MOST 64
#define REPEATS_MOST 10000

static void optional(struct check *k, const char *key, bool ok, const char *what)
{
    const json_t *v = json_object_get(k->item, key);

    if (v && !json_is_null(v) && !ok)
        check_say(k, talloc_asprintf(k->cx->mem, ".%s", key), "\"%s\" must be %s.", key, what);
}

static void check_sizes(struct check *k)
{
    static const char *const keys[] = {"original_width", "original_height", "original_length"};

    for (int i = 0; i < 3; i++) {
        const json_t *v = json_object_get(k->item, keys[i]);

        optional(k, keys[i], json_is_number(v) && json_number_value(v) > 0, "a number above 0");
    }
    optional(k, "image_rotation", json_is_number(json_object_get(k->item, "image_rotation")),
             "a number");
    optional(k, "score", json_is_number(json_object_get(k->item, "score")), "a number");
    optional(k, "origin", json_is_string(json_object_get(k->item, "origin")), "text");
    optional(k, "meta", json_is_object(json_object_get(k->item, "meta")), "an object");
}

static void check_item_index(struct check *k)
{
    const json_t *v = json_object_get(k->item, "item_index"), *list;
    json_int_t i = json_integer_value(v);

    optional(k, "item_index", json_is_integer(v) && i >= 0, "a whole number, 0 or more");
    if (!json_is_integer(v) || i < 0 || !k->data || !k->object)
        return;
    list = label_data(k->data, label_attr(k->object, "valueList"));
    if (json_is_array(list) && (size_t)i >= json_array_size(list))
        check_say(k, ".item_index", "There is no item %lld: the task has %zu.", (long long)i,
                  json_array_size(list));
}

/* Text of 1 to 64 bytes; the same id twice from one control is two answers for one region. */
static void check_id(struct check *k, json_t *seen)
{
    const json_t *v = json_object_get(k->item, "id");
    const char *id = json_string_value(v), *key;

    if (!v || json_is_null(v))
        return;
    if (!id || !*id || strlen(id) > ID_MOST) {
        check_say(k, ".id", "\"id\" must be text of 1 to %d bytes.", ID_MOST);
        return;
    }
    key = talloc_asprintf(k->cx->mem, "%s\n%s\n%lld", id, json_str(k->item, "from_name", ""),
                          (long long)json_int(k->item, "item_index", -1));
    if (json_object_get(seen, key))
        check_say(k, ".id", "The id \"%s\" is used twice for \"%.80s\".", id,
                  json_str(k->item, "from_name", ""));
    json_object_set_new(seen, key, json_true());
}

/* The index inside a Repeater that a from_name stands for, or -1. */
static int64_t repeat_of(struct check *k, const char *said)
{
    const struct label_tag *rep = tags_repeater(k->tag);
    const char *flag, *at, *digits = NULL;

    if (!rep || strcmp(said, k->tag->name) == 0)
        return -1;
    flag = tags_index_flag(rep);
    at = strstr(k->tag->name, flag);
    digits = at ? said + (at - k->tag->name) : strrchr(said, '_') + 1;
    return strtoll(digits, NULL, 10);
}

static bool to_name_fits(struct check *k, const char *to)
{
    const char *from = json_str(k->item, "from_name", "");
    const struct label_tag *object = label_object(k->cfg, to);

    /* Older files, and controls that ask about nothing, name the control itself. */
    if (strcmp(to, from) == 0)
        return true;
    if (k->tag->nto == 0)
        return object != NULL;
    for (int i = 0; i < k->tag->nto; i++) {
        if (strcmp(k->tag->to_name[i], to) == 0)
            return true;
        if (object && label_object(k->cfg, k->tag->to_name[i]) == object &&
            tags_repeater(object) && repeat_of(k, from) >= 0)
            return true;
    }
    /* Pairwise: older files join the names. */
    return label_is(k->tag, "Pairwise") && strchr(to, ',');
}

static bool check_names(struct check *k)
{
    const char *from = json_str(k->item, "from_name", NULL);
    const char *to = json_str(k->item, "to_name", NULL);

    if (!from) {
        check_say(k, ".from_name", "\"from_name\" is missing: which control answered?");
        return false;
    }
    k->tag = label_control(k->cfg, from);
    if (!k->tag) {
        k->object = label_object(k->cfg, from);
        if (!k->object || !k->object->row->type)
            check_say(k, ".from_name", "The config has no control \"%.80s\".", from);
        return false;
    }
    k->repeat = repeat_of(k, from);
    if (!to) {
        check_say(k, ".to_name", "\"to_name\" is missing: what was asked about?");
        return false;
    }
    k->object = label_object(k->cfg, to);
    if (!to_name_fits(k, to))
        check_say(k, ".to_name", "\"%.80s\" asks about \"%.80s\", not \"%.80s\".", from,
                  k->tag->nto ? k->tag->to_name[0] : "nothing", to);
    return true;
}

/* True when the type is one that this control gives and the room knows how to check. */
static bool check_type(struct check *k)
{
    const struct label_row *row;

    k->type = json_str(k->item, "type", NULL);
    if (!k->type || strlen(k->type) > (size_t)LIMIT_NAME_BYTES) {
        check_say(k, ".type", "\"type\" is missing: \"%s\" is expected.", k->tag->row->type);
        return false;
    }
    row = tags_of_type(k->type);
    if (row == k->tag->row)
        return true;
    if (label_is(k->tag, "TimelineLabels") && strcmp(k->type, "timeserieslabels") == 0)
        return true;
    if (row)
        check_say(k, ".type", "\"%.80s\" is a <%s>: its type is \"%s\", not \"%.40s\".",
                  k->tag->name, k->tag->tag, k->tag->row->type, k->type);
    return false;       /* a type of nobody is stored as it is */
}

static void check_chat(struct check *k)
{
    const json_t *m = json_object_get(json_object_get(k->item, "value"), "chatmessage");

    if (!k->object || !k->object->row->type)
        return;
    if (!json_is_object(m) || !json_is_string(json_object_get(m, "role")) ||
        !json_is_string(json_object_get(m, "content")))
        check_say(k, ".value.chatmessage", "A message must hold a role and a content.");
}

static bool is_empty_text(const json_t *v)
{
    if (json_is_array(v) && json_array_size(v) == 1)
        v = json_array_get(v, 0);
    return (json_is_string(v) && json_string_length(v) == 0) ||
           (json_is_array(v) && json_array_size(v) == 0);
}

/* An empty list, an empty text and no stars are no answers. */
static bool is_answered(const json_t *item)
{
    static const char *const lists[] = {"choices", "taxonomy", "ranker"};
    const json_t *value = json_object_get(item, "value"), *v;

    for (int i = 0; i < 3; i++)
        if (json_is_array(v = json_object_get(value, lists[i])))
            return json_array_size(v) > 0;
    if (strcmp(json_str(item, "type", ""), "textarea") == 0)
        return !is_empty_text(json_object_get(value, "text"));
    if ((v = json_object_get(value, "rating")))
        return json_number_value(v) > 0;
    return json_object_size(value) > 0;
}

/* perRegion: the id must be that of a region. */
static void check_region(struct check *k)
{
    const json_t *same, *one;
    size_t i;

    if (!label_flag(k->tag, "perRegion") || k->flags & LABEL_CHECK_DRAFT)
        return;
    same = tags_of_id(k->index, json_str(k->item, "id", NULL));
    json_array_foreach(same, i, one) {
        const struct label_tag *t = label_control(k->cfg, json_str(one, "from_name", ""));

        if (one != k->item && (!t || !label_flag(t, "perRegion")))
            return;
    }
    check_say(k, ".id", "\"%.80s\" answers about a region, but no region has this id.",
              k->tag->name);
}

/* A question about the whole (or one item of it) is answered once; texts may come in several. */
static void check_once(struct check *k, json_t *seen)
{
    const char *key;

    if (answer_is_region(k->item) || answer_kind(k->item) == ANSWER_TEXT ||
        answer_kind(k->item) == ANSWER_OTHER || label_flag(k->tag, "perRegion") ||
        json_object_get(k->value, "start"))
        return;
    key = talloc_asprintf(k->cx->mem, "\n%s\n%lld", json_str(k->item, "from_name", ""),
                          (long long)json_int(k->item, "item_index", -1));
    if (json_object_get(seen, key))
        check_say(k, ".from_name", "\"%.80s\" is answered twice.", k->tag->name);
    json_object_set_new(seen, key, json_true());
}

static void check_item(struct check *k, json_t *seen)
{
    const json_t *value = json_object_get(k->item, "value");
    bool named;

    if (!json_is_object(k->item)) {
        check_say(k, "", "This must be an object.");
        return;
    }
    check_id(k, seen);
    check_sizes(k);
    if (!(named = check_names(k)))
        check_chat(k);
    check_item_index(k);
    if (!named || !check_type(k))
        return;
    if (!json_is_object(value)) {
        check_say(k, ".value", "\"value\" must be an object.");
        return;
    }
    k->value = value;
    check_once(k, seen);
    check_region(k);
    if (k->tag->row->check)
        k->tag->row->check(k);
}

/* ---- relations ---- */

static const struct label_tag *relations_tag(const struct label_config *c)
{
    for (int i = 0; i < c->ncontrols; i++)
        if (label_is(c->controls[i], "Relations"))
            return c->controls[i];
    return NULL;
}

static void check_end(struct check *k, const char *key)
{
    const char *id = json_str(k->item, key, NULL);

    if (!id || !tags_of_id(k->index, id))
        check_say(k, talloc_asprintf(k->cx->mem, ".%s", key), "No region has the id \"%.80s\".",
                  id ? id : "");
}

static void check_relation(struct check *k)
{
    const char *way = json_str(k->item, "direction", NULL);
    const json_t *labels = json_object_get(k->item, "labels"), *one;
    size_t i;

    check_end(k, "from_id");
    check_end(k, "to_id");
    optional(k, "direction", way && (strcmp(way, "left") == 0 || strcmp(way, "right") == 0 ||
                                     strcmp(way, "bi") == 0), "left, right or bi");
    optional(k, "labels", json_is_array(labels), "a list of labels");
    k->tag = relations_tag(k->cfg);
    if (k->tag && check_single(k->tag) && label_attr(k->tag, "choice") &&
        json_array_size(labels) > 1)
        check_say(k, ".labels", "A relation takes one label here.");
    json_array_foreach(labels, i, one) {
        const char *where = talloc_asprintf(k->cx->mem, ".labels[%zu]", i);

        if (!json_is_string(one))
            check_say(k, where, "A label must be text.");
        else if (k->tag && !check_is_option(k, json_string_value(one)))
            check_say(k, where, "\"%.80s\" is not a label of the relations.",
                      json_string_value(one));
    }
}

/* ---- how often, and what is missing ---- */

static void count_labels(struct check *k, json_t *counts, const json_t *item)
{
    for (int i = 0; i < answer_nlabels(item); i++) {
        const char *s = answer_label(item, i);

        if (s)
            json_object_set_new(counts, s, json_integer(json_int(counts, s, 0) + 1));
    }
    (void)k;
}

/* maxUsages of the label, else of its control; choices count only their own control's sets. */
static void check_usages(struct check *k, const struct label_tag *t)
{
    const json_t *items = tags_of_name(k->index, t->name), *item;
    const struct label_tag **opts;
    double general = label_number(t, "maxUsages", INFINITY);
    json_t *counts;
    size_t i;
    int n;

    if (!items || !t->row->key || label_is(t, "Choices"))
        return;
    counts = json_keep(k->cx, json_object());
    json_array_foreach(items, i, item)
        count_labels(k, counts, item);
    n = label_options(k->cx, t, &opts);
    for (int j = 0; j < n; j++) {
        double most = label_number(opts[j], "maxUsages", general);
        int64_t used = json_int(counts, label_stored(opts[j]), 0);

        if (most >= 1 && (double)used > most && !check_full(k))
            fail_at(k->cx, E_INVALID, talloc_asprintf(k->cx->mem, "result.%s", t->name),
                    "The label \"%.80s\" may be used %g times, not %lld.", label_stored(opts[j]),
                    most, (long long)used);
    }
}

static void say_missing(struct check *k, const struct label_tag *t, const char *path,
                        const char *about)
{
    const char *own = label_attr(t, "requiredMessage");

    if (check_full(k))
        return;
    if (own && *own)
        fail_at(k->cx, E_INVALID, path, "%.500s", own);
    else
        fail_at(k->cx, E_INVALID, path, "\"%.80s\" is required%s.", t->name, about);
}

/* An answer named `name`, for the item `index` when that is not -1. */
static bool has_answer(struct check *k, const char *name, int64_t index)
{
    const json_t *items = tags_of_name(k->index, name), *item;
    size_t i;

    json_array_foreach(items, i, item)
        if (is_answered(item) && (index < 0 || json_int(item, "item_index", 0) == index))
            return true;
    return false;
}

static bool about_same_object(const struct label_config *c, const struct label_tag *t,
                              const json_t *item)
{
    const struct label_tag *o = label_object(c, json_str(item, "to_name", ""));

    for (int i = 0; o && i < t->nto; i++)
        if (label_object(c, t->to_name[i]) == o)
            return true;
    return t->nto == 0;
}

static bool answered_for(struct check *k, const struct label_tag *t, const char *id)
{
    const json_t *same = tags_of_id(k->index, id), *item;
    size_t i;

    json_array_foreach(same, i, item)
        if (label_control(k->cfg, json_str(item, "from_name", "")) == t && is_answered(item))
            return true;
    return false;
}

/* perRegion and required: every region on that object needs one, unless hidden for it. */
static void require_per_region(struct check *k, const struct label_tag *t)
{
    json_t *done = json_keep(k->cx, json_object());
    const json_t *item;
    size_t i;

    json_array_foreach(k->result, i, item) {
        const struct label_tag *from = label_control(k->cfg, json_str(item, "from_name", ""));
        const char *id = json_str(item, "id", NULL);

        if (check_full(k))
            return;
        if (!from || !id || label_flag(from, "perRegion") || !answer_is_region(item) ||
            !about_same_object(k->cfg, t, item) || json_object_get(done, id))
            continue;
        json_object_set_new(done, id, json_true());
        if (!answered_for(k, t, id) && !tags_hidden(k->cx, k->cfg, t, k->index, item, -1))
            say_missing(k, t, talloc_asprintf(k->cx->mem, "result[%zu]", i), " for this region");
    }
}

static const struct label_tag *object_of(struct check *k, const struct label_tag *t)
{
    return t->nto ? label_object(k->cfg, t->to_name[0]) : NULL;
}

static void require_per_item(struct check *k, const struct label_tag *t)
{
    const struct label_tag *o = object_of(k, t);
    const json_t *list = o && k->data ? label_data(k->data, label_attr(o, "valueList")) : NULL;
    size_t n = json_array_size(list);

    if (n == 0 && !has_answer(k, t->name, -1))
        say_missing(k, t, talloc_asprintf(k->cx->mem, "result.%s", t->name), "");
    for (size_t i = 0; i < n && i < REPEATS_MOST && !check_full(k); i++)
        if (!has_answer(k, t->name, (int64_t)i))
            say_missing(k, t, talloc_asprintf(k->cx->mem, "result.%s", t->name),
                        talloc_asprintf(k->cx->mem, " for item %zu", i));
}

/* Inside a Repeater the task says how often; without the task nobody can. */
static void require_repeated(struct check *k, const struct label_tag *t)
{
    const char *on = label_attr(tags_repeater(t), "on");
    size_t n = k->data ? json_array_size(label_data(k->data, on)) : 0;

    for (size_t i = 0; i < n && i < REPEATS_MOST && !check_full(k); i++) {
        const char *name = tags_repeat_name(k->cx, t, t->name, (int64_t)i);
        const char *plain = talloc_asprintf(k->cx->mem, "%s_%zu", t->name, i);

        if (!has_answer(k, name, -1) && !has_answer(k, plain, -1) &&
            !tags_hidden(k->cx, k->cfg, t, k->index, NULL, (int64_t)i))
            say_missing(k, t, talloc_asprintf(k->cx->mem, "result.%s", name),
                        talloc_asprintf(k->cx->mem, " for part %zu", i));
    }
}

static void check_required(struct check *k, const struct label_tag *t)
{
    if (!t->name || !label_flag(t, "required"))
        return;
    if (label_flag(t, "perRegion"))
        require_per_region(k, t);
    else if (tags_repeater(t))
        require_repeated(k, t);
    else if (tags_hidden(k->cx, k->cfg, t, k->index, NULL, -1))
        return;
    else if (label_flag(t, "perItem"))
        require_per_item(k, t);
    else if (!has_answer(k, t->name, -1))
        say_missing(k, t, talloc_asprintf(k->cx->mem, "result.%s", t->name), "");
}

/* The sentence of the first problem, not the last. */
static int finish(struct check *k, int before)
{
    const struct field_error *f = k->cx->fields;

    if (k->cx->nfields == before)
        return 0;
    for (int i = k->cx->nfields - before; i > 1 && f->next; i--)
        f = f->next;
    k->cx->why = talloc_asprintf(k->cx->mem, "%s: %s", f->path, f->why);
    return E_INVALID;
}

int label_check(struct ctx *cx, const struct label_config *c, const json_t *data,
                const json_t *result, unsigned flags)
{
    int before = cx->nfields;
    json_t *seen = json_keep(cx, json_object());
    struct check k = {.cx = cx, .cfg = c, .data = data, .result = result, .flags = flags};
    const json_t *item;
    size_t i;

    if (!json_is_array(result))
        return fail_at(cx, E_INVALID, "result", "The result must be a list.");
    if ((int64_t)json_array_size(result) > LIMIT_RESULT_ITEMS)
        return fail_at(cx, E_TOOBIG, "result", "The result holds more than %lld items.",
                       (long long)LIMIT_RESULT_ITEMS);
    k.index = tags_index(cx, result);
    k.options = NEW_N(cx, json_t *, c->ncontrols + 1);
    k.levels = json_keep(cx, json_object());
    json_array_foreach(result, i, item) {
        struct check one = k;

        if (check_full(&k))
            return finish(&k, before);
        one.at = (int64_t)i;
        one.item = item;
        if (strcmp(json_str(item, "type", ""), "relation") == 0)
            check_relation(&one);
        else
            check_item(&one, seen);
    }
    for (int j = 0; j < c->ncontrols && !check_full(&k); j++) {
        if (c->controls[j]->name)
            check_usages(&k, c->controls[j]);
        if (!(flags & LABEL_CHECK_DRAFT))
            check_required(&k, c->controls[j]);
    }
    return finish(&k, before);
}

int label_unchecked(struct ctx *cx, const struct label_config *c, const struct label_tag ***out)
{
    int n = 0;

    *out = NEW_N(cx, const struct label_tag *, c->ncontrols + 1);
    for (int i = 0; i < c->ncontrols; i++)
        if (!c->controls[i]->row->check)
            (*out)[n++] = c->controls[i];
    return n;
}

int label_give_ids(struct ctx *cx, json_t *result)
{
    json_t *item;
    size_t i;
    int given = 0;

    (void)cx;
    json_array_foreach(result, i, item) {
        const json_t *id = json_object_get(item, "id");
        char fresh[11];

        if (!json_is_object(item) || (id && !json_is_null(id)) ||
            strcmp(json_str(item, "type", ""), "relation") == 0)
            continue;
        id_base62(fresh, 10);
        json_object_set_new(item, "id", json_string(fresh));
        given++;
    }
    return given;
}
