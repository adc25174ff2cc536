/* opinion_mask.c -- see opinion_mask.h. */
#include "domain/opinion_mask.h"

#include "core/json.h"
#include "label/answer.h"
#include "label/rle.h"
#include "stats/annotary_stats.h"

/* What one person painted with one label: stretches in order, apart from each other. */
struct painted {
    struct rle_run *run;
    size_t n;
    int64_t pixels;             /* of the picture; 0: nothing was painted */
    const json_t *item;         /* the first of theirs */
    bool unclear;               /* what they painted cannot be read here: no voice */
};

struct label_masks {
    const json_t *labels;       /* NULL: painted without a label */
    int64_t item_index, pixels;
    struct painted *by;         /* [n] */
};

struct masks {
    int n;
    struct label_masks *of;
    int nof;
};

/* ---- reading ---- */

static bool read_runs(struct ctx *cx, const json_t *item, struct painted *out)
{
    uint8_t *bytes;
    size_t n;

    *out = (struct painted){.item = item};
    if (rle_bytes(cx, json_object_get(json_object_get(item, "value"), "rle"), &bytes, &n) == 0 &&
        rle_runs(cx, bytes, n, &out->run, &out->n, &out->pixels) == 0)
        return true;
    fail_clear(cx);
    return false;
}

/* Both are in order; what touches becomes one. */
static void paint(struct ctx *cx, struct painted *to, const struct painted *more)
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
    to->run = all;
    to->n = n;
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
    *k = (struct label_masks){labels, index, 0, NEW_N(cx, struct painted, m->n)};
    m->nof++;
    return k;
}

/* The size of the picture is the one that most people's masks have. */
static void settle_size(struct label_masks *k, int n)
{
    int best = 0;

    for (int i = 0; i < n; i++) {
        int same = 0;

        for (int j = 0; j < n; j++)
            same += k->by[i].pixels && k->by[j].pixels == k->by[i].pixels;
        if (same > best) {
            best = same;
            k->pixels = k->by[i].pixels;
        }
    }
    for (int i = 0; i < n; i++)
        if (k->by[i].pixels && k->by[i].pixels != k->pixels)
            k->by[i] = (struct painted){.unclear = true};
}

void masks_read(struct ctx *cx, const struct answer *const *of, int n, struct masks **out)
{
    struct masks *m = NEW(cx, struct masks);
    int most = 0;

    for (int i = 0; i < n; i++)
        most += of[i] ? of[i]->n : 0;
    m->n = n;
    m->of = NEW_N(cx, struct label_masks, most + 1);
    for (int i = 0; i < n; i++)
        for (int j = 0; of[i] && j < of[i]->n; j++) {
            struct painted one, *mine = &find(cx, m, of[i]->items[j])->by[i];

            if (mine->unclear)
                continue;
            if (!read_runs(cx, of[i]->items[j], &one) ||
                (mine->pixels && mine->pixels != one.pixels))
                *mine = (struct painted){.unclear = true};
            else if (mine->pixels)
                paint(cx, mine, &one);
            else
                *mine = one;
        }
    for (int k = 0; k < m->nof; k++)
        settle_size(&m->of[k], n);
    *out = m;
}

/* ---- agreement ---- */

static int64_t area(const struct painted *p)
{
    int64_t sum = 0;

    for (size_t i = 0; i < p->n; i++)
        sum += p->run[i].to - p->run[i].from;
    return sum;
}

double masks_similarity(const struct masks *m, int a, int b)
{
    double sum = 0;
    int n = 0;

    for (int k = 0; k < m->nof; k++) {
        const struct painted *p = &m->of[k].by[a], *q = &m->of[k].by[b];
        int64_t both = rle_shared(p->run, p->n, q->run, q->n), any = area(p) + area(q) - both;

        if (!p->pixels && !q->pixels)
            continue;
        sum += any ? (double)both / (double)any : 1;    /* both were painted and then rubbed out */
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

/* Without a believable width the picture is one line: then nothing is near but left and right. */
static void read_size(const struct label_masks *k, int n, struct input *to)
{
    to->width = (uint32_t)k->pixels;
    to->height = 1;
    for (int i = 0; i < n; i++) {
        int64_t w = json_int(k->by[i].item, "original_width", 0),
                h = json_int(k->by[i].item, "original_height", 0);

        if (w > 0 && h > 0 && w <= k->pixels && h == k->pixels / w && w * h == k->pixels) {
            to->width = (uint32_t)w;
            to->height = (uint32_t)h;
            return;
        }
    }
}

static void prepare(struct ctx *cx, const struct masks *m, const struct label_masks *k,
                    struct input *to)
{
    size_t runs = 0, n = 0, count = 0;

    for (int i = 0; i < m->n; i++)
        runs += 2 * k->by[i].n;
    to->task = NEW_N(cx, uint32_t, m->n);
    to->worker = NEW_N(cx, uint32_t, m->n);
    to->start = NEW_N(cx, size_t, m->n + 1);
    to->run = talloc_array(cx->mem, uint32_t, (unsigned)runs + 1);
    read_size(k, m->n, to);
    for (int i = 0; i < m->n; i++) {
        uint32_t at = 0;

        if (k->by[i].unclear)
            continue;
        to->worker[count] = (uint32_t)i;
        to->start[count++] = n;
        for (size_t j = 0; j < k->by[i].n; j++) {
            to->run[n++] = k->by[i].run[j].from - at;
            to->run[n++] = k->by[i].run[j].to - k->by[i].run[j].from;
            at = k->by[i].run[j].to;
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
    json_t *item, *value, *list = json_array();
    size_t n = 0, nbytes;
    uint32_t at = 0;
    uint8_t *bytes;
    int rc;

    for (size_t i = 0; i < r->start[1]; i++) {
        if (i % 2)
            run[n++] = (struct rle_run){at, at + r->run[i]};
        at += r->run[i];
    }
    json_keep(cx, list);
    if (n == 0)
        return 0;
    if ((rc = rle_encode_runs(cx, run, n, k->pixels, &bytes, &nbytes)) < 0)
        return rc;
    for (size_t i = 0; i < nbytes; i++)
        json_array_append_new(list, json_integer(bytes[i]));
    item = json_keep(cx, json_copy((json_t *)typical(m, k, r)));
    value = json_copy(json_object_get(item, "value"));
    json_object_set_new(item, "value", value);
    json_object_set(value, "rle", list);
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
        struct input in;

        if (!m->of[k].pixels)
            continue;
        prepare(cx, m, &m->of[k], &in);
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
    }
    *confidence = n ? sum / n : 1;
    return rc;
}
