/* opinion_mask.c -- see opinion_mask.h. */
#include "domain/opinion_mask.h"

#include "core/json.h"
#include "label/answer.h"
#include "label/mask.h"
#include "stats/annotary_stats.h"

/* What one person painted with one label: stretches in order, apart from each other. */
struct painted {
    struct mask mask;           /* pixels 0: nothing was painted */
    const json_t *item;         /* the first of theirs */
    bool unclear;               /* what they painted cannot be read here: no voice */
};

struct label_masks {
    const json_t *labels;       /* NULL: painted without a label */
    int64_t item_index;
    int64_t pixels, width;      /* of the picture; width 0: not known */
    struct painted *by;         /* [n] */
};

struct masks {
    int n;
    struct label_masks *of;
    int nof;
};

/* ---- reading ---- */

/* Both are in order; what touches becomes one. */
static void paint(struct ctx *cx, struct mask *to, const struct mask *more)
{
    struct rle_run *all = talloc_array(cx->mem, struct rle_run, (unsigned)(to->n + more->n + 1));
    size_t i = 0, j = 0, n = 0;

    while (i < to->n || j < more->n) {
        bool first = j == more->n || (i < to->n && to->run[i].from <= more->run[j].from);
        struct rle_run r = first ? to->run[i++] : more->run[j++];

        if (n && r.from <= all[n - 1].to)
            all[n - 1].to = r.to > all[n - 1].to ? r.to : all[n - 1].to;
        else
            all[n++] = r;
    }
    talloc_free(to->run);
    talloc_free(more->run);
    to->run = all;
    to->n = n;
    to->painted = 0;
    for (i = 0; i < n; i++)
        to->painted += all[i].to - all[i].from;
}

static struct label_masks *find(struct ctx *cx, struct masks *m, const json_t *item)
{
    const json_t *labels = answer_labels(item);
    int64_t index = json_int(item, "item_index", 0);
    struct label_masks *k;

    for (k = m->of; k < m->of + m->nof; k++)
        if (k->item_index == index &&
            (labels && k->labels ? json_equal(labels, k->labels) : labels == k->labels))
            return k;
    *k = (struct label_masks){labels, index, 0, 0, NEW_N(cx, struct painted, m->n)};
    m->nof++;
    return k;
}

/* The size of the picture is the one that most people's masks have. */
static void settle_size(struct label_masks *k, int n)
{
    struct mask size = {.pixels = 0};
    int best = 0;

    for (int i = 0; i < n; i++) {
        const struct mask *mine = &k->by[i].mask;
        int same = 0;

        for (int j = 0; j < n; j++)
            same += mine->pixels && mask_same_size(&k->by[j].mask, mine);
        if (same > best) {
            best = same;
            size = (struct mask){.pixels = mine->pixels, .width = mine->width};
        }
    }
    for (int i = 0; i < n && !size.width; i++)      /* somebody may know more than the first */
        if (mask_same_size(&k->by[i].mask, &size))
            size.width = k->by[i].mask.width;
    for (int i = 0; i < n; i++)
        if (k->by[i].mask.pixels && !mask_same_size(&k->by[i].mask, &size))
            k->by[i] = (struct painted){.unclear = true};
    k->pixels = size.pixels;
    k->width = size.width;
}

static void read_one(struct ctx *cx, const json_t *item, struct mask_budget *left,
                     struct painted *mine)
{
    struct mask one;

    if (mine->unclear)
        return;
    if (mask_read(cx, item, left, &one) < 0) {
        *mine = (struct painted){.unclear = true};
    } else if (!mine->item) {
        *mine = (struct painted){.mask = one, .item = item};
    } else if (mask_same_size(&mine->mask, &one)) {
        paint(cx, &mine->mask, &one);
    } else {
        *mine = (struct painted){.unclear = true};
    }
}

void masks_read(struct ctx *cx, const struct answer *const *of, int n, struct masks **out)
{
    struct mask_budget left = MASK_BUDGET;
    struct masks *m = NEW(cx, struct masks);
    struct ctx own = *cx;               /* what is unclear is so silently */
    int most = 0;

    own.mem = m;
    for (int i = 0; i < n; i++)
        most += of[i] ? of[i]->n : 0;
    m->n = n;
    m->of = NEW_N(&own, struct label_masks, most + 1);
    for (int i = 0; i < n; i++)
        for (int j = 0; of[i] && j < of[i]->n; j++)
            read_one(&own, of[i]->items[j], &left, &find(&own, m, of[i]->items[j])->by[i]);
    for (int k = 0; k < m->nof; k++)
        settle_size(&m->of[k], n);
    *out = m;
}

/* ---- agreement ---- */

double masks_similarity(const struct masks *m, int a, int b)
{
    double sum = 0;
    int n = 0;

    for (int k = 0; k < m->nof; k++) {
        const struct mask *p = &m->of[k].by[a].mask, *q = &m->of[k].by[b].mask;

        if (!p->pixels && !q->pixels)
            continue;
        /* What both painted and then rubbed out is the same. */
        sum += p->painted || q->painted ? mask_iou(p, q) : 1;
        n++;
    }
    return n ? sum / n : 1;
}

/* ---- merging ---- */

/* The masks of one label as stats wants them: lengths of background and foreground by turns. */
struct input {
    struct as_masks in;
    uint32_t width, height;
    uint32_t *task, *worker, *run;
    size_t *start;
};

static void prepare(struct ctx *cx, const struct masks *m, const struct label_masks *k,
                    struct input *to)
{
    size_t runs = 0, n = 0, count = 0;

    for (int i = 0; i < m->n; i++)
        runs += 2 * k->by[i].mask.n;
    to->task = NEW_N(cx, uint32_t, m->n);
    to->worker = NEW_N(cx, uint32_t, m->n);
    to->start = NEW_N(cx, size_t, m->n + 1);
    to->run = talloc_array(cx->mem, uint32_t, (unsigned)runs + 1);
    /* Without a width the picture is one line: then nothing is near but left and right. */
    to->width = (uint32_t)(k->width ? k->width : k->pixels);
    to->height = (uint32_t)(k->pixels / to->width);
    for (int i = 0; i < m->n; i++) {
        const struct mask *mask = &k->by[i].mask;
        uint32_t at = 0;

        if (k->by[i].unclear)
            continue;
        to->worker[count] = (uint32_t)i;
        to->start[count++] = n;
        for (size_t j = 0; j < mask->n; j++) {
            to->run[n++] = mask->run[j].from - at;
            to->run[n++] = mask->run[j].to - mask->run[j].from;
            at = mask->run[j].to;
        }
    }
    to->start[count] = n;
    to->in = (struct as_masks){.tasks = 1, .workers = (uint32_t)m->n, .classes = 2,
                               .width = &to->width, .height = &to->height, .n = count,
                               .task = to->task, .worker = to->worker, .start = to->start,
                               .run = to->run};
}

/* Of the person whose mask is nearest to the answer: its id, type and labels stay. */
static const json_t *typical(const struct masks *m, const struct label_masks *k,
                             const struct as_mask_result *r)
{
    int best = -1;

    for (int i = 0; i < m->n; i++)
        if (k->by[i].item && (best < 0 || r->worker[i].skill > r->worker[best].skill))
            best = i;
    return k->by[best].item;
}

static int put_item(struct ctx *cx, const struct masks *m, const struct label_masks *k,
                    const struct as_mask_result *r, json_t *answer)
{
    struct rle_run *run = NEW_N(cx, struct rle_run, (int)r->start[1] / 2 + 1);
    json_t *item, *value;
    size_t n = 0;
    uint32_t at = 0;
    int rc;

    for (size_t i = 0; i < r->start[1]; i++) {
        if (i % 2)
            run[n++] = (struct rle_run){at, at + r->run[i]};
        at += r->run[i];
    }
    if (n == 0)
        return 0;
    item = json_keep(cx, json_copy((json_t *)typical(m, k, r)));
    value = json_copy(json_object_get(item, "value"));
    json_object_set_new(item, "value", value);
    rc = mask_replace(cx, value, run, n, k->pixels, k->width ? k->width : k->pixels);
    talloc_free(run);
    if (rc < 0)
        return rc;
    json_object_set_new(item, "score", json_real(r->confidence[0]));
    json_array_append(answer, item);
    return 0;
}

int masks_merge(struct ctx *cx, const struct masks *m, const char *method, json_t *answer,
                double *confidence)
{
    double sum = 0;
    int n = 0, rc = 0;

    for (int k = 0; k < m->nof && rc == 0; k++) {
        struct as_mask_result *r = NULL;
        struct as_mask_opts o;
        struct ctx side = *cx;
        struct input in;

        if (!m->of[k].pixels)
            continue;
        side.mem = talloc_new(cx->mem);
        prepare(&side, m, &m->of[k], &in);
        as_mask_opts_init(&o);
        rc = as_merge_masks(&in.in, method, &o, &r);
        if (rc == AS_OK) {
            sum += r->confidence[0];
            n++;
            rc = put_item(cx, m, &m->of[k], r, answer);
        } else {
            rc = fail(cx, E_INTERNAL, "Consensus failed: %s", as_text(rc));
        }
        as_mask_result_free(r);
        talloc_free(side.mem);
    }
    *confidence = n ? sum / n : 1;
    return rc;
}
