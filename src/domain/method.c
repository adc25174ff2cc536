/* method.c -- see method.h. */
#include "domain/method.h"

#include "core/str.h"
#include "label/answer.h"
#include "stats/annotary_stats.h"

typedef const struct as_method_info *registry_fn(unsigned at);

/* The one method of stats that has no registry of its own: the groups of one task. */
static const struct as_method_info merge_info = {
    "merge", "Merge of regions", "as_merge_regions",
    "Regions of a task are matched to groups by their overlap, and a group is kept when more than "
    "half of those who answered are behind it. It looks at one task alone and costs next to "
    "nothing. Use it for any kind of region.", 0};

static const struct {
    const char *word, *by_default;
    struct {
        registry_fn *fn;
        enum method_engine engine;
    } from[2];
} families[METHOD_FAMILIES] = {
    [METHOD_VOTES] = {"votes", "majority", {{as_method, ENGINE_VOTES}}},
    [METHOD_GRADES] = {"grades", "majority",
                       {{as_method, ENGINE_VOTES}, {as_numeric_method, ENGINE_NUMBERS}}},
    [METHOD_NUMBERS] = {"numbers", "median", {{as_numeric_method, ENGINE_NUMBERS}}},
    [METHOD_TEXTS] = {"texts", "medoid", {{as_text_method, ENGINE_TEXTS}}},
    [METHOD_REGIONS] = {"regions", "merge", {{as_merge_method, ENGINE_REGIONS}}},
    [METHOD_MASKS] = {"masks", "majority", {{as_mask_method, ENGINE_TASK}}},
    [METHOD_OTHER] = {"other", "medoid", {{NULL, ENGINE_TASK}}},
};

const char *method_family_word(enum method_family family)
{
    return families[family].word;
}

static const struct as_method_info *of_registry(registry_fn *fn, const char *id)
{
    const struct as_method_info *info;

    for (unsigned k = 0; (info = fn(k)); k++)
        if (strcmp(info->id, id) == 0)
            return info;
    return NULL;
}

static struct way first(enum method_family family)
{
    const char *id = families[family].by_default;
    registry_fn *fn = families[family].from[0].fn;

    if (family == METHOD_REGIONS)
        return (struct way){&merge_info, ENGINE_TASK};
    return (struct way){of_registry(fn ? fn : as_text_method, id), ENGINE_TASK};
}

/* Classes in an order, which only ratings have; the registry does not say who wants one. */
static bool wants_order(const struct as_method_info *info)
{
    return str_starts(info->id, "ordinal-");
}

static bool stands_before(enum method_family family, int registry, const char *id)
{
    return registry > 0 && of_registry(families[family].from[0].fn, id);
}

bool method_at(enum method_family family, int k, struct way *out)
{
    const struct as_method_info *info;

    *out = first(family);
    if (k-- == 0)
        return true;
    for (int r = 0; r < 2 && families[family].from[r].fn; r++)
        for (unsigned i = 0; (info = families[family].from[r].fn(i)); i++) {
            if (strcmp(info->id, families[family].by_default) == 0 ||
                (family == METHOD_VOTES && wants_order(info)) ||
                stands_before(family, r, info->id) || k-- > 0)
                continue;
            *out = (struct way){info, families[family].from[r].engine};
            return true;
        }
    return false;
}

/* ---- controls ---- */

enum method_family method_family(const struct label_tag *t)
{
    if (!t)
        return METHOD_OTHER;
    if (label_is(t, "Choices") || label_is(t, "Taxonomy") || label_is(t, "DateTime") ||
        label_is(t, "Pairwise"))
        return METHOD_VOTES;
    if (label_is(t, "Rating"))
        return METHOD_GRADES;
    if (label_is(t, "Number"))
        return METHOD_NUMBERS;
    if (label_is(t, "TextArea"))
        return METHOD_TEXTS;
    if (label_is(t, "Ranker") || label_is(t, "Relations") || label_is(t, "Vector") ||
        label_is(t, "VectorLabels"))
        return METHOD_OTHER;
    if (label_is(t, "BrushLabels") || label_is(t, "Brush") || label_is(t, "MagicWand") ||
        label_is(t, "BitmaskLabels") || label_is(t, "Bitmask"))
        return METHOD_MASKS;
    return METHOD_REGIONS;
}

bool method_is_set(const struct label_tag *t)
{
    const char *choice = label_attr(t, "choice");

    return label_is(t, "Choices") && choice && strcmp(choice, "multiple") == 0;
}

/* Answers that are given for a region or an item at a time belong together with it. */
static bool is_partial(const struct label_tag *t)
{
    return label_flag(t, "perRegion") || label_flag(t, "perItem");
}

/* The number of classes, when the config fixes it; 0: the tasks decide. */
static int classes_of(const struct label_tag *t)
{
    struct ctx *cx;
    const struct label_tag **option;
    int n;

    if (method_is_set(t) || label_is(t, "Pairwise"))
        return 2;
    if (!label_is(t, "Choices") || label_dynamic(t))
        return 0;
    cx = ctx_new(NULL);
    n = label_options(cx, t, &option);
    ctx_free(cx);
    return n;
}

/* A method of votes tells by itself that it takes no three classes. */
static bool takes_three(const struct as_method_info *info)
{
    static const uint32_t task[] = {0, 0, 0, 1, 1, 1, 2, 2, 2};
    static const uint32_t worker[] = {0, 1, 2, 0, 1, 2, 0, 1, 2};
    static const uint16_t label[] = {0, 0, 1, 1, 1, 1, 2, 2, 0}, gold[] = {0, 1, 2};
    struct as_votes *v = NULL;
    struct as_result *r = NULL;
    struct as_opts o;
    int rc;

    as_opts_init(&o);
    o.max_iter = 1;
    rc = as_votes_new(&(struct as_labels){.n = 9, .tasks = 3, .workers = 3, .classes = 3,
                                          .task = task, .worker = worker, .label = label,
                                          .gold = gold}, AS_KEEP_LAST, &v, NULL);
    if (rc == AS_OK)
        rc = as_aggregate(v, info->id, &o, &r);
    as_result_free(r);
    as_votes_free(v);
    return rc != AS_EUNFIT;
}

/* Places that can be averaged: boxes of images, spans of plain text and of sound. */
static bool has_places(const struct label_config *c, const struct label_tag *t)
{
    const char *shows = label_shows(c, t);

    if (!shows)
        return false;
    if (label_is(t, "RectangleLabels") || label_is(t, "Rectangle"))
        return strcmp(shows, "Image") == 0;
    return label_is(t, "Labels") && (strcmp(shows, "Text") == 0 || strcmp(shows, "Audio") == 0);
}

static bool fits(const struct label_config *c, const struct label_tag *t, bool truth,
                 const struct way *m)
{
    if (m->engine == ENGINE_TASK)
        return true;
    if (is_partial(t) || (m->info->needs_gold && !truth))
        return false;
    if (m->engine == ENGINE_VOTES)
        return classes_of(t) == 2 || takes_three(m->info);
    return m->engine != ENGINE_REGIONS || has_places(c, t);
}

bool method_fits(const struct label_config *c, const struct label_tag *t, bool truth, int k,
                 struct way *out)
{
    for (int i = 0; method_at(method_family(t), i, out); i++)
        if (fits(c, t, truth, out) && k-- == 0)
            return true;
    return false;
}

static bool find(const struct label_config *c, const struct label_tag *t, bool truth,
                 const char *id, struct way *out)
{
    for (int i = 0; id && method_at(method_family(t), i, out); i++)
        if (strcmp(out->info->id, id) == 0)
            return fits(c, t, truth, out);
    return false;
}

struct way method_of(const struct label_config *c, const struct label_tag *t,
                        const char *project, const json_t *chosen)
{
    struct way m;

    if (t && t->name &&
        find(c, t, true, json_string_value(json_object_get(chosen, t->name)), &m))
        return m;
    if (t && find(c, t, true, project, &m))
        return m;
    return first(method_family(t));
}

bool method_is_default(const struct label_tag *t, const struct way *m)
{
    return m->engine == ENGINE_TASK && m->info == first(method_family(t)).info;
}

/* ---- refusing ---- */

static void list_one(const struct way *m, struct buf *b)
{
    if (!b->s || !strstr(b->s, talloc_asprintf(b->cx->mem, " %s,", m->info->id)))
        buf_addf(b, " %s,", m->info->id);
}

static void list_all(const struct label_config *c, const struct label_tag *t, bool truth,
                     struct buf *b)
{
    struct way m;

    for (int k = 0; method_fits(c, t, truth, k, &m); k++)
        list_one(&m, b);
}

static int refuse(struct ctx *cx, const char *path, const char *id, struct buf *b)
{
    return fail_at(cx, E_INVALID, path, "\"%.40s\" does not fit. What fits:%.*s.", id,
                   b->n ? (int)b->n - 1 : 0, b->s ? b->s : "");
}

int method_check(struct ctx *cx, const struct label_config *c, const char *project, bool truth)
{
    struct way m;
    struct buf b;

    for (int f = 0; f < METHOD_FAMILIES; f++)
        if (strcmp(families[f].by_default, project) == 0)
            return 0;
    buf_init(&b, cx, 8192);
    for (int f = 0; f < METHOD_FAMILIES && c->ncontrols == 0; f++)
        for (int k = 0; method_at((enum method_family)f, k, &m); k++) {
            if (strcmp(m.info->id, project) == 0)
                return 0;
            list_one(&m, &b);
        }
    for (int i = 0; i < c->ncontrols; i++) {
        if (find(c, c->controls[i], truth, project, &m))
            return 0;
        list_all(c, c->controls[i], truth, &b);
    }
    return refuse(cx, "consensus_method", project, &b);
}

int method_check_control(struct ctx *cx, const struct label_config *c, const char *control,
                         const char *id, bool truth)
{
    const char *path = talloc_asprintf(cx->mem, "consensus_methods.%s", control);
    struct way m;
    struct buf b;

    buf_init(&b, cx, 8192);
    for (int i = 0; i < c->ncontrols; i++) {
        const struct label_tag *t = c->controls[i];

        if (!t->name || strcmp(t->name, control) != 0)
            continue;
        if (find(c, t, truth, id, &m))
            return 0;
        list_all(c, t, truth, &b);
        return refuse(cx, path, id, &b);
    }
    return fail_at(cx, E_INVALID, path, "The labelling config has no control of this name.");
}
