/* saying_of.c -- what one task says; see saying.h.  Knows no database. */
#include "domain/saying.h"

#include "core/json.h"
#include "core/str.h"
#include "label/answer.h"
#include "label/config.h"
#include "label/geom.h"
#include "label/mask.h"

/* Rows of one task: {control: {label: [tasks, answers, agreed]}}, {control: {"a\tb": pairs}}. */
struct tells {
    struct ctx *cx;
    json_t *labels, *pairs;
};

/* One control, and the answers to it side by side; of[i] may be NULL. */
struct side {
    const char *control;
    const struct label_tag *tag;
    enum answer_kind kind;
    const struct answer **of;
    int n;
    struct mask **mask;         /* of ANSWER_MASK: [i][j] is what of[i]->items[j] paints */
};

/* ---- which label ---- */

static bool declared(struct ctx *cx, const struct label_tag *tag, const char *label)
{
    const struct label_tag **option;
    int n = label_options(cx, tag, &option);

    for (int i = 0; i < n; i++)
        if (strcmp(label_stored(option[i]), label) == 0)
            return true;
    return false;
}

/* A path is declared when each of its words is; shown joined. */
static const char *path_word(struct ctx *cx, const struct label_tag *tag, const json_t *path)
{
    const json_t *one;
    struct buf b;
    size_t i;

    buf_init(&b, cx, (size_t)LIMIT_NAME_BYTES * 8);
    json_array_foreach(path, i, one) {
        if (!json_is_string(one) || !declared(cx, tag, json_string_value(one)))
            return NULL;
        buf_addf(&b, "%s%s", i ? " / " : "", json_string_value(one));
    }
    return b.rc < 0 || !b.n ? NULL : b.s;
}

static void add_word(struct ctx *cx, const struct label_tag *tag, const char *word, json_t *set)
{
    if (word && *word && strlen(word) <= (size_t)LIMIT_NAME_BYTES * 4 &&
        !strchr(word, '\t') && (!tag || declared(cx, tag, word)))
        json_object_set_new(set, word, json_true());
}

/* The words of one item, as a set. */
static json_t *words_of(struct ctx *cx, const struct side *s, const json_t *item)
{
    json_t *set = json_keep(cx, json_object());
    const json_t *value = json_object_get(item, "value"), *path;
    double number;
    size_t i;

    switch (s->kind) {
    case ANSWER_TAXONOMY:
        json_array_foreach(json_object_get(value, "taxonomy"), i, path)
            add_word(cx, NULL, path_word(cx, s->tag, path), set);
        break;
    case ANSWER_NUMBER:
        if (label_is(s->tag, "Rating") && answer_number(item, &number))
            add_word(cx, NULL, talloc_asprintf(cx->mem, "%g", number), set);
        break;
    case ANSWER_PAIRWISE:
        add_word(cx, NULL, json_str(value, "selected", NULL), set);
        break;
    default:
        for (int k = 0; k < answer_nlabels(item); k++)
            add_word(cx, s->tag, answer_label(item, k), set);
    }
    return set;
}

/* A control whose words the config knows. */
static bool counts(const struct side *s)
{
    static const bool kinds[] = {
        [ANSWER_CHOICE] = true,   [ANSWER_TAXONOMY] = true, [ANSWER_NUMBER] = true,
        [ANSWER_PAIRWISE] = true, [ANSWER_SPAN] = true,     [ANSWER_BOX] = true,
        [ANSWER_ELLIPSE] = true,  [ANSWER_POLYGON] = true,  [ANSWER_KEYPOINT] = true,
        [ANSWER_MASK] = true,     [ANSWER_VIDEO] = true,    [ANSWER_RELATION] = false,
    };

    return s->tag && kinds[s->kind] && !label_dynamic(s->tag);
}

static bool is_region(enum answer_kind k)
{
    return k >= ANSWER_SPAN && k <= ANSWER_VIDEO;
}

/* ---- counting ---- */

static json_t *table(json_t *of, const char *control)
{
    json_t *t = json_object_get(of, control);

    if (!t)
        json_object_set_new(of, control, t = json_object());
    return t;
}

static void count_label(struct tells *t, const char *control, const char *label, int which)
{
    json_t *all = table(t->labels, control), *row = json_object_get(all, label), *n;

    if (!row)
        json_object_set_new(all, label, row = json_pack("[i, i, i]", which == 1, 0, 0));
    n = json_array_get(row, (size_t)which);
    json_integer_set(n, json_integer_value(n) + 1);
}

static void count_pair(struct tells *t, const char *control, const char *a, const char *b)
{
    json_t *all = table(t->pairs, control), *n;
    const char *key = talloc_asprintf(t->cx->mem, "%s\t%s", strcmp(a, b) < 0 ? a : b,
                                      strcmp(a, b) < 0 ? b : a);

    if (!(n = json_object_get(all, key)))
        json_object_set_new(all, key, n = json_integer(0));
    json_integer_set(n, json_integer_value(n) + 1);
}

static void count_said(struct tells *t, const struct side *s, const struct answer *a, int which)
{
    for (int i = 0; a && i < a->n; i++) {
        json_t *words = words_of(t->cx, s, a->items[i]), *one;
        const char *label;

        json_object_foreach(words, label, one)
            count_label(t, s->control, label, which);
    }
}

/* ---- two people ---- */

static json_t *all_words(struct ctx *cx, const struct side *s, const struct answer *a)
{
    json_t *set = json_keep(cx, json_object());

    for (int i = 0; a && i < a->n; i++)
        json_object_update(set, words_of(cx, s, a->items[i]));
    return set;
}

static const char *only_key(const json_t *o)
{
    return json_object_size(o) == 1 ? json_object_iter_key(json_object_iter((json_t *)o)) : NULL;
}

/* What both say is paired with itself; one word against one word with each other. */
static void pair_sets(struct tells *t, const char *control, json_t *a, json_t *b)
{
    json_t *rest = json_keep(t->cx, json_copy(b)), *mine = json_keep(t->cx, json_copy(a)), *one;
    const char *label;
    void *next;

    json_object_foreach_safe(a, next, label, one) {
        if (!json_object_get(b, label))
            continue;
        count_pair(t, control, label, label);
        json_object_del(rest, label);
        json_object_del(mine, label);
    }
    if (only_key(mine) && only_key(rest)) {
        count_pair(t, control, only_key(mine), only_key(rest));
        return;
    }
    json_object_foreach(mine, label, one)
        count_pair(t, control, "", label);
    json_object_foreach(rest, label, one)
        count_pair(t, control, "", label);
}

struct near {
    double iou;
    int a, b;
};

static int nearest_first(const void *x, const void *y)
{
    const struct near *a = x, *b = y;

    if (a->iou < b->iou || a->iou > b->iou)
        return a->iou > b->iou ? -1 : 1;
    return a->a != b->a ? a->a - b->a : a->b - b->b;
}

/* Every mask once, and not once a pair.  One that cannot be read meets none. */
static void read_masks(struct ctx *cx, struct side *s, int people)
{
    struct mask_budget left = MASK_BUDGET;
    struct ctx own = *cx;

    s->mask = NEW_N(cx, struct mask *, people + 1);
    own.mem = s->mask;
    for (int i = 0; i < people; i++) {
        s->mask[i] = NEW_N(&own, struct mask, s->of[i] ? s->of[i]->n + 1 : 1);
        for (int j = 0; s->of[i] && j < s->of[i]->n; j++)
            mask_read(&own, s->of[i]->items[j], &left, &s->mask[i][j]);
    }
}

/* Item i of person x and item j of person y. */
static double iou_of(struct ctx *cx, const struct side *s, int x, int i, int y, int j)
{
    const json_t *a = s->of[x]->items[i], *b = s->of[y]->items[j];

    if (!s->mask)
        return label_iou(cx, a, b);
    return label_on_same(a, b) ? mask_iou(&s->mask[x][i], &s->mask[y][j]) : 0;
}

static void pair_regions(struct tells *t, const struct side *s, int x, int y)
{
    const struct answer *a = s->of[x], *b = s->of[y];
    int na = a ? a->n : 0, nb = b ? b->n : 0, n = 0;
    int most = s->kind == ANSWER_MASK || s->kind == ANSWER_VIDEO ? SAYING_MASK_PAIRS : SAYING_PAIRS;
    struct ctx *cx = t->cx;
    json_t *none = json_keep(cx, json_object());
    struct near *near;
    bool *used;

    if ((int64_t)na * nb > most)
        return;
    near = NEW_N(cx, struct near, na * nb + 1);
    used = NEW_N(cx, bool, na + nb + 1);
    for (int i = 0; i < na; i++)
        for (int j = 0; j < nb; j++)
            if ((near[n].iou = iou_of(cx, s, x, i, y, j)) >= OPINION_IOU) {
                near[n].a = i;
                near[n++].b = j;
            }
    qsort(near, (size_t)n, sizeof *near, nearest_first);
    for (int k = 0; k < n; k++)
        if (!used[near[k].a] && !used[na + near[k].b]) {
            used[near[k].a] = used[na + near[k].b] = true;
            pair_sets(t, s->control, words_of(cx, s, a->items[near[k].a]),
                      words_of(cx, s, b->items[near[k].b]));
        }
    for (int i = 0; i < na; i++)
        if (!used[i])
            pair_sets(t, s->control, words_of(cx, s, a->items[i]), none);
    for (int j = 0; j < nb; j++)
        if (!used[na + j])
            pair_sets(t, s->control, none, words_of(cx, s, b->items[j]));
}

static void pair_people(struct tells *t, struct side *s)
{
    int n = s->n < SAYING_PEOPLE ? s->n : SAYING_PEOPLE;

    if (s->kind == ANSWER_MASK)
        read_masks(t->cx, s, n);
    for (int a = 0; a < n; a++)
        for (int b = a + 1; b < n; b++)
            if (is_region(s->kind))
                pair_regions(t, s, a, b);
            else
                pair_sets(t, s->control, all_words(t->cx, s, s->of[a]),
                          all_words(t->cx, s, s->of[b]));
    talloc_free(s->mask);
    s->mask = NULL;
}

/* An answer about a region has a partner only where the region has: said, not paired. */
static bool of_regions(const struct side *s)
{
    for (int i = 0; i < s->n; i++)
        if (s->of[i] && s->of[i]->n && !is_region(s->kind) &&
            answer_is_region(s->of[i]->items[0]))
            return true;
    return false;
}

/* ---- all of it ---- */

static int split_all(struct ctx *cx, const struct label_config *config,
                     const struct opinion_in *in, int n, struct answer ***list, int **count)
{
    int rc;

    *list = NEW_N(cx, struct answer *, n + 1);
    *count = NEW_N(cx, int, n + 1);
    for (int i = 0; i < n; i++)
        if ((rc = answer_split(cx, config, in[i].result, &(*list)[i], &(*count)[i])) < 0)
            return rc;
    return 0;
}

static int tell_control(struct tells *t, const struct label_config *config, struct side *s,
                        const struct opinions *agreed)
{
    struct answer *list;
    int n, rc;

    for (int i = 0; i < s->n; i++)
        count_said(t, s, s->of[i], 1);
    for (int k = 0; k < agreed->n; k++) {
        if (strcmp(agreed->list[k].control, s->control) != 0)
            continue;
        if ((rc = answer_split(t->cx, config, agreed->list[k].answer, &list, &n)) < 0)
            return rc;
        count_said(t, s, answer_of(list, n, s->control), 2);
    }
    if (s->n > 1 && !of_regions(s))
        pair_people(t, s);
    return 0;
}

/* In the order of the answers, so that equal answers give equal text. */
static const char *as_text(struct tells *t)
{
    json_t *rows = json_keep(t->cx, json_array()), *all, *v;
    const char *control, *key;

    json_object_foreach(t->labels, control, all)
        json_object_foreach(all, key, v)
            json_array_append_new(
                rows, json_pack("[s, s, O, O, O]", control, key, json_array_get(v, 0),
                                json_array_get(v, 1), json_array_get(v, 2)));
    json_object_foreach(t->pairs, control, all)
        json_object_foreach(all, key, v) {
            const char *tab = strchr(key, '\t');

            json_array_append_new(rows, json_pack("[s, s%, s, O]", control, key,
                                                  (size_t)(tab - key), tab + 1, v));
        }
    return json_text(t->cx, rows);
}

int saying_of(struct ctx *cx, const struct label_config *config, const struct opinion_in *in,
              int n, const struct opinions *agreed, const char **out)
{
    struct tells t = {cx, json_keep(cx, json_object()), json_keep(cx, json_object())};
    struct answer **list;
    int *count, rc;

    if ((rc = split_all(cx, config, in, n, &list, &count)) < 0)
        return rc;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < count[i]; k++) {
            const struct answer *a = &list[i][k];
            struct side s = {.control = a->control, .tag = a->tag, .kind = a->kind, .n = n,
                             .of = NEW_N(cx, const struct answer *, n)};
            bool before = false;

            for (int j = 0; j < i && !before; j++)
                before = answer_of(list[j], count[j], a->control) != NULL;
            if (before || !counts(&s))
                continue;
            for (int j = i; j < n; j++)
                s.of[j] = answer_of(list[j], count[j], a->control);
            if ((rc = tell_control(&t, config, &s, agreed)) < 0)
                return rc;
        }
    *out = as_text(&t);
    return 0;
}
