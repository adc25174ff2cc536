/* opinion.c -- see opinion.h. */
#include "domain/opinion.h"

#include "core/json.h"
#include "core/str.h"
#include "domain/opinion_mask.h"
#include "label/answer.h"
#include "label/config.h"
#include "label/geom.h"
#include "stats/annotary_stats.h"

/* All answers to one control, side by side: of[i] is NULL where answer i says nothing. */
struct column {
    const char *control;
    const struct label_tag *tag;
    enum answer_kind kind;
    const struct answer **of;
    const struct opinion_in *in;
    struct verdict told;
    int n, said;
    struct masks *masks;                /* of ANSWER_MASK */
};

static int trouble(struct ctx *cx, int code)
{
    return code == AS_OK ? 0 : fail(cx, E_INTERNAL, "Consensus failed: %s", as_text(code));
}

static bool is_region(enum answer_kind k)
{
    return k == ANSWER_SPAN || k == ANSWER_BOX || k == ANSWER_ELLIPSE || k == ANSWER_POLYGON ||
           k == ANSWER_KEYPOINT || k == ANSWER_VIDEO;
}

static bool is_vote(enum answer_kind k)
{
    return k == ANSWER_CHOICE || k == ANSWER_TAXONOMY || k == ANSWER_DATETIME ||
           k == ANSWER_PAIRWISE;
}

/* Ratings vote; free numbers are averaged. */
static bool is_rating(const struct column *c)
{
    return c->kind == ANSWER_NUMBER && c->tag && label_is(c->tag, "Rating");
}

/* ---- agreement ---- */

static int region_similarity(struct ctx *cx, const struct column *c, int a, int b, double *out)
{
    int na = c->of[a] ? c->of[a]->n : 0, nb = c->of[b] ? c->of[b]->n : 0;
    double *sim = NEW_N(cx, double, na * nb + 1);

    for (int i = 0; i < na; i++)
        for (int j = 0; j < nb; j++)
            sim[i * nb + j] =
                label_item_similarity(cx, c->tag, c->of[a]->items[i], c->of[b]->items[j]);
    return trouble(cx, as_set_similarity(sim, (uint32_t)na, (uint32_t)nb, OPINION_IOU, out));
}

static int similarity(struct ctx *cx, const struct column *c, int a, int b, double *out)
{
    if (!c->of[a] || !c->of[b]) {
        *out = !c->of[a] && !c->of[b];
        return 0;
    }
    if (is_region(c->kind))
        return region_similarity(cx, c, a, b, out);
    if (c->kind == ANSWER_MASK) {
        *out = masks_similarity(c->masks, a, b);
        return 0;
    }
    *out = label_similarity(cx, c->of[a], c->of[b]);
    return 0;
}

/* The n × n matrix of one control. */
static int matrix(struct ctx *cx, const struct column *c, double **out)
{
    int rc;

    *out = NEW_N(cx, double, c->n * c->n);
    for (int a = 0; a < c->n; a++) {
        (*out)[a * c->n + a] = 1;
        for (int b = a + 1; b < c->n; b++) {
            if ((rc = similarity(cx, c, a, b, &(*out)[a * c->n + b])) < 0)
                return rc;
            (*out)[b * c->n + a] = (*out)[a * c->n + b];
        }
    }
    return 0;
}

/* ---- one answer for a control ---- */

static void take_items(const struct column *c, int who, json_t *answer)
{
    for (int i = 0; i < c->of[who]->n; i++)
        json_array_append(answer, (json_t *)c->of[who]->items[i]);
}

static int medoid(const struct column *c, const double *sim, struct opinion *out)
{
    double best = -1;
    int who = -1;

    for (int a = 0; a < c->n; a++) {
        double sum = 0;

        if (!c->of[a])
            continue;
        for (int b = 0; b < c->n; b++)
            sum += b == a ? 0 : sim[a * c->n + b];
        if (sum > best) {
            best = sum;
            who = a;
        }
    }
    out->method = "medoid";
    out->confidence = c->n > 1 ? best / (c->n - 1) : 1;
    if (who >= 0)
        take_items(c, who, out->answer);
    return 0;
}

static int compare_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Votes become classes 0 … k-1 in the order of their text, so that ties fall the same way every
 * time. */
static int vote(struct ctx *cx, const struct column *c, struct opinion *out)
{
    const char **text = NEW_N(cx, const char *, c->n), **sorted = NEW_N(cx, const char *, c->n);
    uint32_t *task = NEW_N(cx, uint32_t, c->n), *worker = NEW_N(cx, uint32_t, c->n);
    uint16_t *label = NEW_N(cx, uint16_t, c->n);
    float *weight = NEW_N(cx, float, c->n);
    struct as_result *r = NULL;
    struct as_votes *v = NULL;
    struct as_opts o;
    uint32_t classes = 0;
    int n = 0, rc;

    for (int i = 0; i < c->n; i++)
        if (c->of[i] && (text[i] = answer_vote(cx, c->of[i])))
            sorted[n++] = text[i];
    qsort(sorted, (size_t)n, sizeof *sorted, compare_text);
    for (int i = 0; i < n; i++)
        if (classes == 0 || strcmp(sorted[classes - 1], sorted[i]) != 0)
            sorted[classes++] = sorted[i];
    for (int i = 0; i < c->n; i++) {
        worker[i] = (uint32_t)i;
        weight[i] = c->told.weight ? (float)c->told.weight[i] : 1;
        label[i] = AS_ABSTAIN;
        for (uint32_t k = 0; text[i] && k < classes; k++)
            if (strcmp(sorted[k], text[i]) == 0)
                label[i] = (uint16_t)k;
    }
    if (classes == 0)
        return 0;
    as_opts_init(&o);
    rc = as_votes_new(&(struct as_labels){.n = (size_t)c->n, .tasks = 1, .workers = (uint32_t)c->n,
                                          .classes = classes, .task = task, .worker = worker,
                                          .label = label, .weight = weight},
                      AS_KEEP_LAST, &v, NULL);
    if (rc == 0 && (rc = as_aggregate(v, "majority", &o, &r)) == 0) {
        int who = 0;

        while (label[who] != r->label[0])
            who++;
        out->confidence = as_confidence(r, 0);
        take_items(c, who, out->answer);
    }
    as_result_free(r);
    as_votes_free(v);
    return trouble(cx, rc);
}

static int compare_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The middle value; of two middle ones the lower, so that it is one that somebody gave. */
static int median(struct ctx *cx, const struct column *c, const double *sim, struct opinion *out)
{
    double *all = NEW_N(cx, double, c->n), *mine = NEW_N(cx, double, c->n), middle;
    int n = 0, who = -1, near = 0;

    for (int i = 0; i < c->n; i++)
        if (c->of[i] && c->of[i]->n && answer_number(c->of[i]->items[0], &mine[i]))
            all[n++] = mine[i];
    if (n == 0)
        return medoid(c, sim, out);
    qsort(all, (size_t)n, sizeof *all, compare_double);
    middle = all[(n - 1) / 2];
    for (int i = 0; i < c->n; i++) {
        if (!c->of[i])
            continue;
        if (mine[i] <= middle && mine[i] >= middle && who < 0)
            who = i;
    }
    for (int i = 0; i < c->n; i++)
        near += c->of[i] && sim[who * c->n + i] >= OPINION_IOU;
    out->method = "median";
    out->confidence = (double)near / c->said;
    take_items(c, who, out->answer);
    return 0;
}

/* ---- regions ---- */

struct regions {
    struct ctx *cx;
    const struct column *c;
    const json_t **item;
    uint32_t *worker;
    uint16_t *label;
    uint32_t n;
};

static double iou(void *arg, uint32_t a, uint32_t b)
{
    struct regions *r = arg;

    return label_iou(r->cx, r->item[a], r->item[b]);
}

/* Equal lists of labels are one class; the number of its first appearance. */
static void gather(struct ctx *cx, const struct column *c, struct regions *r)
{
    uint32_t most = 0, classes = 0;
    const json_t **seen;

    for (int i = 0; i < c->n; i++)
        most += c->of[i] ? (uint32_t)c->of[i]->n : 0;
    *r = (struct regions){.cx = cx, .c = c};
    r->item = NEW_N(cx, const json_t *, most + 1);
    r->worker = NEW_N(cx, uint32_t, most + 1);
    r->label = NEW_N(cx, uint16_t, most + 1);
    seen = NEW_N(cx, const json_t *, most + 1);
    for (int i = 0; i < c->n; i++)
        for (int j = 0; c->of[i] && j < c->of[i]->n; j++) {
            const json_t *item = c->of[i]->items[j], *labels = answer_labels(item);
            uint32_t k = 0;

            while (k < classes && !(labels ? json_equal(seen[k], labels) : seen[k] == NULL))
                k++;
            if (k == classes)
                seen[classes++] = labels;
            r->item[r->n] = item;
            r->worker[r->n] = (uint32_t)i;
            r->label[r->n++] = (uint16_t)k;
        }
}

/* Every box of the group upright: then the group's mean box is the answer, else its medoid is. */
static bool upright(const struct regions *r, const struct as_merged *m, int32_t group)
{
    for (uint32_t i = 0; i < r->n; i++)
        if (m->of[i] == group &&
            (json_num(json_object_get(r->item[i], "value"), "rotation", 0) > 0 ||
             json_num(json_object_get(r->item[i], "value"), "rotation", 0) < 0))
            return false;
    return true;
}

static json_t *mean_box(struct ctx *cx, const struct regions *r, const struct as_merged *m,
                        int32_t group)
{
    static const char *const keys[] = {"x", "y", "width", "height"};
    json_t *item = json_keep(cx, json_deep_copy(r->item[m->group[group].medoid]));
    json_t *value = json_object_get(item, "value");
    double sum[4] = {0}, weights = 0;

    for (uint32_t i = 0; i < r->n; i++) {
        double w = r->c->told.weight ? r->c->told.weight[r->worker[i]] : 1;

        if (m->of[i] != group)
            continue;
        weights += w;
        for (int k = 0; k < 4; k++)
            sum[k] += w * json_num(json_object_get(r->item[i], "value"), keys[k], 0);
    }
    for (int k = 0; k < 4 && weights > 0; k++)
        json_object_set_new(value, keys[k], json_real(sum[k] / weights));
    return item;
}

static int merge(struct ctx *cx, const struct column *c, struct opinion *out)
{
    struct as_merge_opts o;
    struct as_merged *m;
    struct regions r;
    double sure = 0;
    int rc;

    gather(cx, c, &r);
    as_merge_opts_init(&o);
    o.iou = OPINION_IOU;
    o.worker_weight = c->told.weight;
    rc = as_merge_regions(iou, &r, r.worker, r.label, r.n, (uint32_t)c->n, &o, &m);
    if (rc != AS_OK)
        return trouble(cx, rc);
    for (uint32_t g = 0; g < m->groups; g++) {
        const struct as_group *group = &m->group[g];

        sure += group->kept ? group->existence : 1 - group->existence;
        if (!group->kept)
            continue;
        if (c->kind == ANSWER_BOX && upright(&r, m, (int32_t)g))
            json_array_append(out->answer, mean_box(cx, &r, m, (int32_t)g));
        else
            json_array_append(out->answer, (json_t *)r.item[group->medoid]);
    }
    out->method = "merge";
    out->confidence = m->groups ? sure / m->groups : 1;
    as_merged_free(m);
    return 0;
}

/* ---- what a model says ---- */

/* The first who said exactly this; -1: nobody did. */
static int who_said(struct ctx *cx, const struct column *c, const char *text)
{
    for (int i = 0; i < c->n; i++) {
        const char *said = c->of[i] ? answer_vote(cx, c->of[i]) : NULL;

        if (said && strcmp(said, text) == 0)
            return i;
    }
    return -1;
}

/* An item like those given, with another value under the key that holds it. */
static void compose(struct ctx *cx, const struct column *c, const char *const *keys, json_t *value,
                    json_t *answer)
{
    json_t *item = NULL;

    json_keep(cx, value);
    for (int i = 0; i < c->n && !item; i++)
        if (c->of[i] && c->of[i]->n)
            item = json_keep(cx, json_deep_copy(c->of[i]->items[0]));
    for (; *keys && item; keys++)
        if (json_object_get(json_object_get(item, "value"), *keys)) {
            json_object_set(json_object_get(item, "value"), *keys, value);
            json_array_append(answer, item);
            return;
        }
}

/* The share of those who answered that are near the answer: what a number has for confidence. */
static double near(struct ctx *cx, const struct column *c, const json_t *answer)
{
    const json_t *item = json_array_get(answer, 0);
    const struct answer mine = {c->control, c->tag, c->kind, &item, 1};
    int n = 0;

    for (int i = 0; i < c->n && item; i++)
        n += c->of[i] && label_similarity(cx, &mine, c->of[i]) >= OPINION_IOU;
    return c->said ? (double)n / c->said : 0;
}

static json_t *placed(struct ctx *cx, const struct column *c, const struct verdict_region *r)
{
    json_t *item = NULL, *value;

    for (int i = 0; i < c->n && !item; i++)
        if (c->in[i].annotation == r->annotation && c->of[i] && r->item < c->of[i]->n)
            item = json_keep(cx, json_deep_copy(c->of[i]->items[r->item]));
    value = json_object_get(item, "value");
    if (item && c->kind == ANSWER_BOX) {
        json_object_set_new(value, "x", json_real(r->place[0]));
        json_object_set_new(value, "y", json_real(r->place[1]));
        json_object_set_new(value, "width", json_real(r->place[2] - r->place[0]));
        json_object_set_new(value, "height", json_real(r->place[3] - r->place[1]));
    }
    return item;
}

static int obey(struct ctx *cx, const struct column *c, struct opinion *out)
{
    static const char *const numbers[] = {"number", "rating", NULL};
    static const char *const texts[] = {"text", NULL}, *const sets[] = {"choices", NULL};
    const struct verdict *v = &c->told;
    int who = v->kind == VERDICT_VOTE || v->kind == VERDICT_TEXT ? who_said(cx, c, v->text) : -1;

    out->method = v->method;
    out->confidence = v->confidence;
    if (who >= 0)
        take_items(c, who, out->answer);
    else if (v->kind == VERDICT_TEXT)
        compose(cx, c, texts, json_pack("[s]", v->text), out->answer);
    else if (v->kind == VERDICT_SET && json_array_size(v->set))
        compose(cx, c, sets, json_incref(v->set), out->answer);
    else if (v->kind == VERDICT_NUMBER)
        compose(cx, c, numbers, json_real(v->number), out->answer);
    for (int i = 0; i < v->nregion; i++) {
        json_t *item = placed(cx, c, &v->region[i]);

        if (item)
            json_array_append(out->answer, item);
    }
    if (v->kind == VERDICT_NUMBER)
        out->confidence = near(cx, c, out->answer);
    return 0;
}

/* ---- all controls ---- */

static int decide(struct ctx *cx, const struct column *c, const double *sim, struct opinion *out)
{
    *out = (struct opinion){.control = c->control, .method = "majority", .n = c->said,
                            .answer = json_keep(cx, json_array())};
    int rc;

    if (c->told.kind != VERDICT_NONE)
        return obey(cx, c, out);
    if (c->kind == ANSWER_MASK)
        rc = masks_merge(cx, c->masks, c->told.method ? c->told.method : "majority", out->answer,
                         &out->confidence);
    else if (is_region(c->kind))
        rc = merge(cx, c, out);
    else if (is_vote(c->kind) || is_rating(c))
        rc = vote(cx, c, out);
    else if (c->kind == ANSWER_NUMBER)
        rc = median(cx, c, sim, out);
    else
        rc = medoid(c, sim, out);
    if (c->told.method)
        out->method = c->told.method;
    return rc;
}

struct split {
    struct answer *list;
    int n;
};

/* Every control that anybody answered, in the order of first appearance. */
static int columns(struct ctx *cx, const struct label_config *config, const struct opinion_in *in,
                   int n, struct column **out, int *ncol)
{
    struct split *all = NEW_N(cx, struct split, n);
    int rc, most = 0;

    for (int i = 0; i < n; i++) {
        if ((rc = answer_split(cx, config, in[i].result, &all[i].list, &all[i].n)) < 0)
            return rc;
        most += all[i].n;
    }
    *out = NEW_N(cx, struct column, most + 1);
    *ncol = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < all[i].n; j++) {
            const struct answer *a = &all[i].list[j];
            struct column *c = *out;

            while (c < *out + *ncol && strcmp(c->control, a->control) != 0)
                c++;
            if (c == *out + *ncol) {
                *c = (struct column){.control = a->control, .tag = a->tag, .kind = a->kind,
                                     .in = in, .n = n};
                c->of = NEW_N(cx, const struct answer *, n);
                (*ncol)++;
            }
            c->of[i] = a;
            c->said++;
        }
    return 0;
}

int opinion_form(struct ctx *cx, const struct label_config *config, const struct opinion_in *in,
                 int n, verdict_fn *ask, void *model, struct opinions *out)
{
    struct column *col;
    double *sim, total;
    int ncol, rc;

    *out = (struct opinions){.agreement = -1};
    if ((rc = columns(cx, config, in, n, &col, &ncol)) < 0)
        return rc;
    for (int k = 0; k < ncol && ask; k++)
        ask(model, cx, &(struct opinion_ask){col[k].control, col[k].tag, in, n}, &col[k].told);
    out->list = NEW_N(cx, struct opinion, ncol + 1);
    out->n = ncol;
    if (n > 1)
        out->pair = NEW_N(cx, double, n * n);
    for (int k = 0; k < ncol; k++) {
        if (col[k].kind == ANSWER_MASK)
            masks_read(cx, col[k].of, n, &col[k].masks);
        if ((rc = matrix(cx, &col[k], &sim)) < 0 ||
            (rc = decide(cx, &col[k], sim, &out->list[k])) < 0)
            return rc;
        talloc_free(col[k].masks);      /* the largest thing here by far */
        for (int i = 0; i < n * n && out->pair; i++)
            out->pair[i] += sim[i] / ncol;
    }
    if (n < 2)
        return 0;
    if (ncol == 0)      /* everybody said nothing: they agree */
        for (int i = 0; i < n * n; i++)
            out->pair[i] = 1;
    total = 0;
    for (int a = 0; a < n; a++)
        for (int b = a + 1; b < n; b++)
            total += out->pair[a * n + b];
    out->agreement = total / (n * (n - 1) / 2.0);
    return 0;
}
