/*
 * similar.c -- how alike two people's answers of one control are; see geom.h.
 */
#include "core/json.h"
#include "core/str.h"
#include "label/geom.h"

#include <ctype.h>
#include <math.h>

#define EDIT_MOST 2000          /* code points; longer texts are compared by their words */

/* ---- sets ---- */

static void add_each(struct ctx *cx, json_t *set, const json_t *list)
{
    const json_t *one;
    size_t i;

    json_array_foreach(list, i, one)
        json_object_set_new(set, json_text(cx, one), json_true());
}

/* A path counts with all its beginnings: near misses high up are worse than deep down. */
static void add_paths(struct ctx *cx, json_t *set, const json_t *list)
{
    const json_t *path, *one;
    size_t i, j;

    json_array_foreach(list, i, path) {
        struct buf b;

        buf_init(&b, cx, (size_t)LIMIT_RESULT_BYTES * 2);
        json_array_foreach(path, j, one) {
            buf_adds(&b, json_text(cx, one));
            json_object_set_new(set, b.s ? b.s : "", json_true());
        }
    }
}

static double jaccard(const json_t *a, const json_t *b)
{
    size_t both = 0, all;
    const char *key;
    json_t *v;

    json_object_foreach((json_t *)a, key, v)
        both += json_object_get(b, key) != NULL;
    all = json_object_size(a) + json_object_size(b) - both;
    return all ? (double)both / (double)all : 1;
}

static double sets(struct ctx *cx, const json_t *a, const json_t *b,
                   void (*add)(struct ctx *, json_t *, const json_t *))
{
    json_t *p = json_keep(cx, json_object()), *q = json_keep(cx, json_object());

    add(cx, p, a);
    add(cx, q, b);
    return jaccard(p, q);
}

static bool same_labels(struct ctx *cx, const json_t *a, const json_t *b)
{
    const json_t *p = answer_labels(a), *q = answer_labels(b);

    if (json_array_size(p) == 1 && json_array_size(q) == 1)     /* nearly always */
        return json_equal(json_array_get(p, 0), json_array_get(q, 0));
    return json_array_size(p) == json_array_size(q) && sets(cx, p, q, add_each) >= 1;
}

/* ---- text ---- */

/* Case folded (ASCII), runs of white space to one blank, none at the ends; as code points. */
static uint32_t *folded(struct ctx *cx, const char *s, size_t *n)
{
    size_t len = strlen(s), k;
    uint32_t *out = NEW_N(cx, uint32_t, len + 1), cp;
    bool gap = false;

    for (*n = 0; len && (k = utf8_decode(s, len, &cp)); s += k, len -= k) {
        if (cp == ' ' || cp == '\t' || cp == '\n' || cp == '\r' || cp == 0xa0) {
            gap = *n > 0;
            continue;
        }
        if (gap)
            out[(*n)++] = ' ';
        gap = false;
        out[(*n)++] = cp < 128 ? (uint32_t)tolower((int)cp) : cp;
    }
    return out;
}

static double edit_similarity(struct ctx *cx, const uint32_t *a, size_t n, const uint32_t *b,
                              size_t m)
{
    uint32_t *row = NEW_N(cx, uint32_t, m + 1);

    for (size_t j = 0; j <= m; j++)
        row[j] = (uint32_t)j;
    for (size_t i = 1; i <= n; i++) {
        uint32_t diagonal = row[0];

        row[0] = (uint32_t)i;
        for (size_t j = 1; j <= m; j++) {
            uint32_t up = row[j], best = diagonal + (a[i - 1] != b[j - 1]);

            if (up + 1 < best)
                best = up + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
            diagonal = up;
        }
    }
    return 1 - (double)row[m] / (double)(n > m ? n : m);
}

static json_t *words(struct ctx *cx, const uint32_t *s, size_t n)
{
    json_t *set = json_keep(cx, json_object());

    for (size_t i = 0, j; i < n; i = j + 1) {
        struct buf b;

        buf_init(&b, cx, (size_t)LIMIT_RESULT_BYTES * 16);
        for (j = i; j < n && s[j] != ' '; j++)
            buf_addf(&b, "%x.", s[j]);
        if (b.n)
            json_object_set_new(set, b.s, json_true());
    }
    return set;
}

static double texts(struct ctx *cx, const char *s, const char *t)
{
    size_t n, m;
    uint32_t *a = folded(cx, s, &n), *b = folded(cx, t, &m);

    if (n == m && memcmp(a, b, n * sizeof *a) == 0)
        return 1;
    if (n == 0 || m == 0)
        return 0;
    if (n > EDIT_MOST || m > EDIT_MOST)
        return jaccard(words(cx, a, n), words(cx, b, m));
    return edit_similarity(cx, a, n, b, m);
}

/* ---- numbers ---- */

static double numbers(const struct label_tag *t, double a, double b)
{
    double least = t ? label_number(t, "min", NAN) : NAN;
    double most = t ? label_number(t, "max", NAN) : NAN, range;

    if (a == b)
        return 1;
    if (t && label_is(t, "Rating"))
        range = fmax(1, label_number(t, "maxRating", 5) - 1);
    else if (most > least)
        range = most - least;
    else
        range = fmax(fabs(a), fabs(b));
    return fmax(0, 1 - fabs(a - b) / range);
}

/* ---- rankings ---- */

static json_t *places(struct ctx *cx, const json_t *list)
{
    json_t *o = json_keep(cx, json_object());
    const json_t *one;
    size_t i;

    json_array_foreach(list, i, one)
        json_object_set_new(o, json_text(cx, one), json_integer((json_int_t)i));
    return o;
}

#define RANKED_MOST 2000        /* pairs are counted one by one */

/* Pairs of ids that both ranked, in the same order; ids of one side only count against. */
static double orders(struct ctx *cx, const json_t *a, const json_t *b)
{
    json_t *pa = places(cx, a), *pb = places(cx, b), *v;
    int64_t *x = NEW_N(cx, int64_t, json_object_size(pa) + 1);
    int64_t *y = NEW_N(cx, int64_t, json_object_size(pa) + 1);
    int n = 0, same = 0, all = 0;
    const char *id;
    double shared;

    json_object_foreach(pa, id, v)
        if (json_object_get(pb, id) && n < RANKED_MOST) {
            x[n] = json_integer_value(v);
            y[n++] = json_integer_value(json_object_get(pb, id));
        }
    for (int i = 0; i < n; i++)
        for (int j = i + 1; j < n; j++, all++)
            same += (x[i] < x[j]) == (y[i] < y[j]);
    shared = jaccard(pa, pb);
    return shared * (all ? (double)same / all : 1);
}

static void add_bucketed(struct ctx *cx, json_t *o, const json_t *buckets)
{
    const char *bucket;
    json_t *ids;
    const json_t *one;
    size_t i;

    json_object_foreach((json_t *)buckets, bucket, ids)
        json_array_foreach(ids, i, one)
            json_object_set_new(o, json_text(cx, one), json_string(bucket));
}

static double bucketed(struct ctx *cx, const json_t *a, const json_t *b)
{
    json_t *p = json_keep(cx, json_object()), *q = json_keep(cx, json_object()), *v;
    size_t same = 0, all;
    const char *id;

    add_bucketed(cx, p, a);
    add_bucketed(cx, q, b);
    all = json_object_size(q);
    json_object_foreach(p, id, v) {
        const json_t *other = json_object_get(q, id);

        all += other == NULL;
        same += other && json_equal(v, other);
    }
    return all ? (double)same / (double)all : 1;
}

/* ---- items and answers ---- */

double label_item_similarity(struct ctx *cx, const struct label_tag *control, const json_t *a,
                             const json_t *b)
{
    const json_t *v = json_object_get(a, "value"), *w = json_object_get(b, "value"), *p, *q;
    enum answer_kind kind = answer_kind(a);
    double x, y;

    if (kind != answer_kind(b))
        return 0;
    if (answer_is_region(a))
        return same_labels(cx, a, b) ? label_iou(cx, a, b) : 0;
    switch (kind) {
    case ANSWER_CHOICE:
        return sets(cx, json_object_get(v, "choices"), json_object_get(w, "choices"), add_each);
    case ANSWER_TAXONOMY:
        return sets(cx, json_object_get(v, "taxonomy"), json_object_get(w, "taxonomy"), add_paths);
    case ANSWER_NUMBER:
        return answer_number(a, &x) && answer_number(b, &y) ? numbers(control, x, y) : 0;
    case ANSWER_TEXT:
        return texts(cx, answer_text(cx, a), answer_text(cx, b));
    case ANSWER_DATETIME:
        return strcmp(json_str(v, "datetime", "?"), json_str(w, "datetime", "!")) == 0;
    case ANSWER_PAIRWISE:
        return strcmp(json_str(v, "selected", "?"), json_str(w, "selected", "!")) == 0;
    case ANSWER_RANKER:
        p = json_object_get(v, "ranker");
        q = json_object_get(w, "ranker");
        if (json_is_object(p) && json_is_object(q))
            return bucketed(cx, p, q);
        return json_is_array(p) && json_is_array(q) ? orders(cx, p, q) : 0;
    default:
        return v == w || json_equal(v, w);
    }
}

struct pair {
    double s;
    int i, j;
};

/* Best first; ties in the order of the items, so that the outcome is always the same. */
static int by_similarity(const void *p, const void *q)
{
    const struct pair *a = p, *b = q;

    if (a->s != b->s)
        return a->s < b->s ? 1 : -1;
    return a->i != b->i ? a->i - b->i : a->j - b->j;
}

#define PAIRS_MOST 250000       /* a result with more is compared in part, its beginning */

/*
 * Outlines that cross themselves everywhere cost the cube of their points, so
 * the points shrink with the cube root of the pairs: the whole stays bounded.
 */
static int points_for(int64_t pairs)
{
    int points = (int)(GEOM_OUTLINE_POINTS / cbrt((double)pairs));

    return points < 16 ? 16 : points;
}

static double matched(struct ctx *cx, const struct answer *a, const struct answer *b)
{
    int n = a->n, m = b->n, k = 0, points;
    struct pair *pairs;
    bool *used_a, *used_b;
    double sum = 0;
    struct ctx side = *cx;

    while ((int64_t)n * m > PAIRS_MOST) {
        n = (n + 1) / 2;
        m = (m + 1) / 2;
    }
    points = points_for((int64_t)n * m);
    pairs = NEW_N(cx, struct pair, (int64_t)n * m + 1);
    used_a = NEW_N(cx, bool, n);
    used_b = NEW_N(cx, bool, m);
    side.mem = talloc_new(cx->mem);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++) {
            double s = 0;

            if (same_labels(&side, a->items[i], b->items[j]))
                s = label_iou_coarse(&side, a->items[i], b->items[j], points);
            if (s > 0)
                pairs[k++] = (struct pair){s, i, j};
        }
    talloc_free(side.mem);
    qsort(pairs, (size_t)k, sizeof *pairs, by_similarity);
    for (int x = 0; x < k; x++) {
        if (used_a[pairs[x].i] || used_b[pairs[x].j])
            continue;
        used_a[pairs[x].i] = used_b[pairs[x].j] = true;
        sum += pairs[x].s;
    }
    return sum / (n > m ? n : m);
}

static const char *relation_key(struct ctx *cx, const json_t *item)
{
    const json_t *labels = json_object_get(item, "labels");

    return talloc_asprintf(cx->mem, "%s\n%s\n%s\n%s", json_str(item, "from_id", ""),
                           json_str(item, "to_id", ""), json_str(item, "direction", "right"),
                           labels ? json_text(cx, labels) : "[]");
}

static double related(struct ctx *cx, const struct answer *a, const struct answer *b)
{
    json_t *p = json_keep(cx, json_object()), *q = json_keep(cx, json_object());

    for (int i = 0; i < a->n; i++)
        json_object_set_new(p, relation_key(cx, a->items[i]), json_true());
    for (int i = 0; i < b->n; i++)
        json_object_set_new(q, relation_key(cx, b->items[i]), json_true());
    return jaccard(p, q);
}

static const char *pair_key(struct ctx *cx, const struct label_tag *t, const json_t *item)
{
    if (t && label_flag(t, "perRegion"))
        return json_str(item, "id", "");
    return talloc_asprintf(cx->mem, "%lld", (long long)json_int(item, "item_index", 0));
}

/* Per region or per item: pairs share the region's id or the item's index. */
static double paired(struct ctx *cx, const struct answer *a, const struct answer *b)
{
    json_t *other = json_keep(cx, json_object());
    double sum = 0;
    int met = 0;

    for (int j = 0; j < b->n; j++)
        json_object_set_new(other, pair_key(cx, b->tag, b->items[j]), json_integer(j));
    for (int i = 0; i < a->n; i++) {
        const json_t *at = json_object_get(other, pair_key(cx, a->tag, a->items[i]));

        if (!at)
            continue;
        met++;
        sum += label_item_similarity(cx, a->tag, a->items[i], b->items[json_integer_value(at)]);
    }
    return sum / (a->n + b->n - met > 0 ? a->n + b->n - met : 1);
}

double label_similarity(struct ctx *cx, const struct answer *a, const struct answer *b)
{
    struct ctx side = *cx;
    double s;

    if (a->n == 0 || b->n == 0)
        return a->n == b->n ? 1 : 0;
    if (a->kind != b->kind)
        return 0;
    /* What the comparison needs goes with it; agreement asks for very many. */
    side.mem = talloc_new(cx->mem);
    if (a->kind == ANSWER_RELATION)
        s = related(&side, a, b);
    else if (answer_is_region(a->items[0]))
        s = matched(&side, a, b);
    else if (a->n == 1 && b->n == 1 && !(a->tag && label_flag(a->tag, "perRegion")))
        s = label_item_similarity(&side, a->tag, a->items[0], b->items[0]);
    else
        s = paired(&side, a, b);
    talloc_free(side.mem);
    return s;
}
