/*
 * demo_score.c -- how good an answer is, against the truth.
 *
 *   choice, pair   1 when it is the same, else 0; the mean over answers
 *   spans          F1 of spans that are right in start, end and label, over all answers together
 *   boxes          IoU of each box with its partner of the same label (best matching), a box
 *                  without a partner on either side counting 0; the mean over answers
 */
#include "cli/demo.h"
#include "stats/annotary_stats.h"

#define BOXES_MAX 64

static const json_t *labels_of(const json_t *region)
{
    return json_object_get(json_object_get(region, "value"), json_str(region, "type", ""));
}

/* Members of the value that decide whether two one-item answers are the same. */
static bool same_value(const json_t *a, const json_t *b, const char *member)
{
    const json_t *x = json_object_get(json_object_get(json_array_get(a, 0), "value"), member);
    const json_t *y = json_object_get(json_object_get(json_array_get(b, 0), "value"), member);

    return x && y && json_equal(x, y);
}

static bool same_span(const json_t *a, const json_t *b)
{
    const json_t *v = json_object_get(a, "value"), *w = json_object_get(b, "value");

    return json_int(v, "start", -1) == json_int(w, "start", -2) &&
           json_int(v, "end", -1) == json_int(w, "end", -2) &&
           json_equal(labels_of(a), labels_of(b));
}

static void add_spans(struct demo_score *s, const json_t *truth, const json_t *answer)
{
    size_t i, j;
    json_t *t, *a;

    json_array_foreach(truth, i, t)
        json_array_foreach(answer, j, a)
            if (same_span(t, a)) {
                s->hit++;
                break;
            }
    s->wanted += (int64_t)json_array_size(truth);
    s->given += (int64_t)json_array_size(answer);
}

static struct as_box box_of(const json_t *region)
{
    const json_t *v = json_object_get(region, "value");
    double x = json_num(v, "x", 0), y = json_num(v, "y", 0);

    return (struct as_box){x, y, x + json_num(v, "width", 0), y + json_num(v, "height", 0)};
}

static double boxes_alike(const json_t *truth, const json_t *answer)
{
    double sim[BOXES_MAX * BOXES_MAX], alike = 0;
    size_t n = json_array_size(truth), m = json_array_size(answer);

    if (n > BOXES_MAX || m > BOXES_MAX)
        return 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++) {
            const json_t *t = json_array_get(truth, i), *a = json_array_get(answer, j);
            struct as_box x = box_of(t), y = box_of(a);

            sim[i * m + j] = json_equal(labels_of(t), labels_of(a)) ? as_box_iou(&x, &y) : 0;
        }
    return as_set_similarity(sim, (uint32_t)n, (uint32_t)m, 1e-9, &alike) == AS_OK ? alike : 0;
}

void demo_score_add(struct demo_score *s, enum demo_kind kind, const json_t *truth,
                    const json_t *answer)
{
    s->n++;
    switch (kind) {
    case DEMO_CHOICE:
        s->sum += same_value(truth, answer, "choices");
        break;
    case DEMO_PAIR:
        s->sum += same_value(truth, answer, "selected");
        break;
    case DEMO_SPANS:
        add_spans(s, truth, answer);
        break;
    case DEMO_BOXES:
        s->sum += boxes_alike(truth, answer);
        break;
    }
}

double demo_score(const struct demo_score *s, enum demo_kind kind)
{
    if (kind == DEMO_SPANS)
        return s->given + s->wanted ? 2.0 * (double)s->hit / (double)(s->given + s->wanted) : 1;
    return s->n ? s->sum / (double)s->n : 0;
}
