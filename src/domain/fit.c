/* fit.c -- see fit.h.  Reading the answers and giving verdicts; the fitting itself is fit_run.c. */
#include "domain/fit.h"

#include <math.h>

#include "core/json.h"
#include "core/str.h"
#include "domain/config.h"
#include "domain/fit_pool.h"
#include "domain/project.h"
#include "label/answer.h"
#include "store/db.h"
#include "store/vault.h"

#define FNV_BASE 14695981039346656037ULL
#define FNV_PRIME 1099511628211ULL
#define SAME_CLASSES 65535              /* of stats */

static void digest(struct fit *fit, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        fit->digest = (fit->digest ^ ((const uint8_t *)bytes)[i]) * FNV_PRIME;
}

static int pool_free(struct pool *p)
{
    HASH_CLEAR(hh, p->items);
    HASH_CLEAR(hh, p->classes);
    return 0;
}

static int people_free(struct people *p)
{
    HASH_CLEAR(hh, p->table);
    return 0;
}

static uint32_t person_index(struct people *all, int64_t id)
{
    struct person *p;

    HASH_FIND(hh, all->table, &id, sizeof id, p);
    if (p)
        return p->index;
    p = talloc_zero(all, struct person);
    p->id = id;
    p->index = all->n;
    HASH_ADD(hh, all->table, id, sizeof p->id, p);
    if (all->n == all->cap)
        all->id = talloc_realloc(all, all->id, int64_t, all->cap = all->cap ? 2 * all->cap : 64);
    all->id[all->n++] = id;
    return p->index;
}

static uint32_t name_id(struct pool *p, struct named **table, uint32_t *count, const char *name)
{
    struct named *e;
    size_t n = strlen(name);

    HASH_FIND(hh, *table, name, n, e);
    if (!e) {
        e = talloc_zero_size(p, sizeof *e + n + 1);
        memcpy(e->name, name, n);
        e->id = (*count)++;
        HASH_ADD_KEYPTR(hh, *table, e->name, n, e);
    }
    return e->id;
}

static const char *item_name(char *name, size_t size, int64_t task, const char *control)
{
    snprintf(name, size, "%lld %s", (long long)task, control);
    return name;
}

/* ---- answers ---- */

static struct vote *add(struct fit *fit, uint32_t item, uint32_t worker)
{
    struct pool *p = fit->pool;

    if (p->n == p->cap)
        p->vote = talloc_realloc(p, p->vote, struct vote,
                                 (unsigned)(p->cap = p->cap ? 2 * p->cap : 1024));
    p->vote[p->n] = (struct vote){.item = item, .worker = worker, .class = NOBODY};
    return &p->vote[p->n++];
}

static uint32_t class_of(struct fit *fit, const char *name)
{
    digest(fit, name, strlen(name) + 1);
    return name_id(fit->pool, &fit->pool->classes, &fit->pool->nclasses, name);
}

static void add_set(struct ctx *row, struct fit *fit, uint32_t item, uint32_t worker,
                    const struct answer *a)
{
    const json_t *one;
    size_t i;

    add(fit, item, worker);
    json_array_foreach(json_object_get(json_object_get(a->items[0], "value"), "choices"), i, one) {
        uint32_t class = class_of(fit, json_text(row, one));

        add(fit, item, worker)->class = class;
    }
}

/* Regions of one page of one object meet only each other: the place is part of the class. */
static const char *region_class(struct ctx *row, const json_t *item)
{
    const json_t *labels = answer_labels(item), *value = json_object_get(item, "value");

    return talloc_asprintf(row->mem, "%s %lld %s %s", json_str(item, "to_name", ""),
                           (long long)json_int(item, "item_index", 0),
                           json_text(row, json_object_get(value, "channel")),
                           labels ? json_text(row, labels) : "");
}

static bool place_of(const struct answer *a, int i, float place[4])
{
    const json_t *value = json_object_get(a->items[i], "value");
    double start, end;

    if (a->kind == ANSWER_BOX) {
        double x = json_num(value, "x", 0), y = json_num(value, "y", 0);

        place[0] = (float)x;
        place[1] = (float)y;
        place[2] = (float)(x + json_num(value, "width", 0));
        place[3] = (float)(y + json_num(value, "height", 0));
        return fabs(json_num(value, "rotation", 0)) <= 0;
    }
    if (a->kind != ANSWER_SPAN || !answer_span(a->items[i], &start, &end) || end < start)
        return false;
    place[0] = (float)start;
    place[1] = (float)end;
    place[2] = place[3] = 0;
    return true;
}

static void add_regions(struct ctx *row, struct fit *fit, uint32_t item, uint32_t worker,
                        int64_t annotation, const struct answer *a)
{
    add(fit, item, worker);                     /* looked */
    for (int i = 0; a && i < a->n; i++) {
        float place[4];
        struct vote *v;
        uint32_t class;

        if (!place_of(a, i, place)) {
            fit->note = "Some of the regions have no place that can be averaged, such as turned "
                        "boxes.";
            return;
        }
        class = class_of(fit, region_class(row, a->items[i]));
        digest(fit, place, sizeof place);
        v = add(fit, item, worker);
        v->class = class;
        v->annotation = annotation;
        v->index = i;
        memcpy(v->place, place, sizeof place);
    }
}

static void add_answer(struct ctx *row, struct fits *f, struct fit *fit, uint32_t item,
                       uint32_t worker, const struct answer *a)
{
    struct pool *p = fit->pool;
    struct vote *v;
    double number;
    const char *text;

    if (fit->method.engine == ENGINE_VOTES && method_is_set(fit->tag)) {
        add_set(row, fit, item, worker, a);
    } else if (fit->method.engine == ENGINE_VOTES) {
        if ((text = answer_vote(row, a))) {
            uint32_t class = class_of(fit, text);

            add(fit, item, worker)->class = class;
        }
    } else if (fit->method.engine == ENGINE_NUMBERS) {
        if (a->n && answer_number(a->items[0], &number)) {
            digest(fit, &number, sizeof number);
            add(fit, item, worker)->number = number;
        }
    } else if (a->n == 1) {
        text = answer_text(row, a->items[0]);
        v = add(fit, item, worker);
        v->length = strlen(text);
        v->text = talloc_strndup(p, text, v->length);
        p->text_bytes += v->length;
        digest(fit, text, v->length + 1);
    }
    (void)f;
}

static bool is_full(const struct pool *p)
{
    return p->n >= POOL_VOTES_MAX || p->text_bytes >= POOL_TEXT_BYTES;
}

struct given {
    int64_t task, person, annotation;
    const struct answer *list;
    int n;
};

/* What one person said of one control, which a Repeater may ask several times. */
static void take_given(struct ctx *row, struct fits *f, struct fit *fit, const struct given *g)
{
    struct pool *p = fit->pool;
    uint32_t worker;
    bool regions = fit->method.engine == ENGINE_REGIONS, said = false;
    char name[512];

    if (fit->method.engine == ENGINE_TASK)
        return;
    if (is_full(p)) {
        p->bounded = true;
        return;
    }
    worker = person_index(f->people, g->person);
    for (int i = 0; i <= g->n; i++) {
        const struct answer *a = i < g->n ? &g->list[i] : NULL;
        uint32_t item;

        if (a ? a->tag != fit->tag : !regions || said)
            continue;
        item_name(name, sizeof name, g->task, a ? a->control : fit->control);
        digest(fit, name, strlen(name));
        digest(fit, &g->person, sizeof g->person);
        item = name_id(p, &p->items, &p->nitems, name);
        said = true;
        if (regions)
            add_regions(row, fit, item, worker, g->annotation, a);
        else
            add_answer(row, f, fit, item, worker, a);
    }
}

/* The answer that is known, for the methods that use it; only of tasks that others answered. */
static void take_truth(struct ctx *row, struct fit *fit, const struct given *g)
{
    struct pool *p = fit->pool;
    char name[512];

    if (fit->method.engine != ENGINE_VOTES || method_is_set(fit->tag))
        return;
    for (int i = 0; i < g->n; i++) {
        const char *text = g->list[i].tag == fit->tag ? answer_vote(row, &g->list[i]) : NULL;
        struct named *e;
        uint32_t class;

        if (!text)
            continue;
        item_name(name, sizeof name, g->task, g->list[i].control);
        HASH_FIND_STR(p->items, name, e);
        if (!e || (class = class_of(fit, text)) >= SAME_CLASSES)
            continue;
        digest(fit, name, strlen(name));
        if (e->id >= p->ngold) {
            p->gold = talloc_realloc(p, p->gold, uint16_t, p->nitems);
            memset(p->gold + p->ngold, 0, (p->nitems - p->ngold) * sizeof *p->gold);
            p->ngold = p->nitems;
        }
        p->gold[e->id] = (uint16_t)(class + 1);
    }
}

static int read_answers(struct ctx *cx, struct fits *f, int64_t project, bool truth)
{
    struct rows *q;
    int rc = db_query(cx, &q,
                      "SELECT a.task_id, a.person_id, a.id, r.result FROM annotation a"
                      " JOIN revision r ON r.annotation_id = a.id AND r.n = a.n"
                      " JOIN slot s ON s.project_id = a.project_id AND s.task_id = a.task_id"
                      " WHERE a.project_id = ? AND a.withdrawn_ms IS NULL AND a.was_cancelled = 0"
                      " AND ((a.ground_truth = 1 AND ? = 1)"
                      " OR (a.counted = 1 AND a.ground_truth = 0 AND ? = 0))"
                      " AND s.answered >= s.required ORDER BY a.task_id, a.id",
                      "izz", project, truth, truth);

    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0) {
        struct ctx *row = ctx_new(cx->mem);
        struct given g = {rows_int(q, 0), rows_int(q, 1), rows_int(q, 2), NULL, 0};
        struct answer *list;
        const char *plain;
        size_t size;
        const void *sealed = rows_blob(q, 3, &size);
        json_t *result;

        if (vault_open(row, project, sealed, size, &plain, &size) == 0 &&
            json_stored(row, plain, size, &result) == 0 &&
            answer_split(row, f->config, result, &list, &g.n) == 0) {
            g.list = list;
            for (int i = 0; i < f->n && truth; i++)
                take_truth(row, &f->of[i], &g);
            for (int i = 0; i < f->n && !truth; i++)
                take_given(row, f, &f->of[i], &g);
        }
        ctx_free(row);
    }
    rows_end(q);
    return rc < 0 ? rc : 0;
}

int fits_read(struct ctx *cx, int64_t project, struct fits **out)
{
    static const char alone[] = "It looks at each task alone: nothing is learnt about people.";
    struct fits *f = NEW(cx, struct fits);
    bool fitted = false;
    struct project p;
    int rc;

    if ((rc = project_get(cx, project, &p)) < 0 ||
        (rc = config_parsed(cx, project, p.config_n, &f->config)) < 0 ||
        (rc = json_stored(cx, p.methods, strlen(p.methods), &f->chosen)) < 0)
        return rc;
    *out = f;
    f->cx = cx;
    f->method = p.method;
    f->of = NEW_N(cx, struct fit, f->config->ncontrols + 1);
    f->people = NEW(cx, struct people);
    talloc_set_destructor(f->people, people_free);
    for (int i = 0; i < f->config->ncontrols; i++) {
        const struct label_tag *t = f->config->controls[i];
        struct way m = method_of(f->config, t, f->method, f->chosen);

        if (method_is_default(t, &m) || !t->name)
            continue;
        fitted = fitted || m.engine != ENGINE_TASK;
        f->of[f->n] = (struct fit){.tag = t, .control = t->name, .method = m,
                                   .note = m.engine == ENGINE_TASK ? alone : "",
                                   .unit = m.engine == ENGINE_NUMBERS ? "spread" : "share",
                                   .digest = FNV_BASE, .pool = NEW(cx, struct pool)};
        talloc_set_destructor(f->of[f->n++].pool, pool_free);
    }
    if (!fitted)
        return 0;
    rc = read_answers(cx, f, project, false);
    return rc < 0 ? rc : read_answers(cx, f, project, true);
}

int fits_make(struct ctx *cx, int64_t project, struct fits **out)
{
    int rc = fits_read(cx, project, out);

    return rc < 0 ? rc : fits_run(*out, NULL, NULL);
}

/* ---- verdicts ---- */

static const double *weights(struct ctx *cx, const struct fits *f, const struct fit *fit,
                             const struct opinion_ask *ask)
{
    double *w = NEW_N(cx, double, ask->n + 1);

    for (int i = 0; i < ask->n; i++) {
        struct person *p;

        HASH_FIND(hh, f->people->table, &ask->in[i].person, sizeof(int64_t), p);
        w[i] = p ? fit->pool->weight[p->index] : 1;
    }
    return w;
}

static void say_set(struct ctx *cx, const struct pool *p, uint32_t item, struct verdict *out)
{
    const uint8_t *set = p->in_set + (size_t)item * p->nclasses;

    out->kind = VERDICT_SET;
    out->set = json_keep(cx, json_array());
    for (uint32_t k = 0; k < p->nclasses; k++)
        if (set[k])
            json_array_append_new(out->set, json_loads(p->class_name[k], JSON_DECODE_ANY, NULL));
}

void fits_verdict(void *view, struct ctx *cx, const struct opinion_ask *ask, struct verdict *out)
{
    const struct fits_view *v = view;
    const struct fit *fit = NULL;
    const struct pool *p;
    struct named *e;
    char name[512];

    *out = (struct verdict){.method = NULL};
    for (int i = 0; i < v->fits->n; i++)
        if (v->fits->of[i].tag == ask->tag)
            fit = &v->fits->of[i];
    if (fit && fit->method.engine == ENGINE_TASK)
        out->method = fit->method.info->id;
    if (!fit || !(p = fit->pool)->fitted)
        return;
    out->method = fit->method.info->id;
    item_name(name, sizeof name, v->task, ask->control);
    HASH_FIND_STR(p->items, name, e);
    if (!e || p->sure[e->id] < 0) {
        out->weight = weights(cx, v->fits, fit, ask);
        return;
    }
    out->confidence = p->sure[e->id];
    if (p->in_set) {
        say_set(cx, p, e->id, out);
    } else if (p->best) {
        out->kind = VERDICT_VOTE;
        out->text = p->class_name[p->best[e->id]];
    } else if (p->value) {
        out->kind = VERDICT_NUMBER;
        out->number = p->value[e->id];
    } else if (p->text) {
        out->kind = VERDICT_TEXT;
        out->text = p->text[e->id];
    } else {
        out->kind = VERDICT_REGIONS;
        out->region = p->region + p->region_start[e->id];
        out->nregion = (int)(p->region_start[e->id + 1] - p->region_start[e->id]);
    }
}
