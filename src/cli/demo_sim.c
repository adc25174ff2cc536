/*
 * demo_sim.c -- what a person of some skill would answer.
 *
 * Skill s is the share of choices and pairs that are right.  With spans and
 * boxes a person of skill s overlooks things, takes the wrong label, marks a
 * word too many or too few, draws a little beside the edge, and now and then
 * marks what is nothing; each the more often the smaller s is.
 */
#include "cli/demo.h"
#include "core/str.h"

#include <math.h>

#define MISS .35            /* of all a person could get wrong, how often it is this */
#define MISLABEL .30
#define SHIFT .70
#define EXTRA .35
#define STEADY .015         /* even the best hand is this share of a box off */
#define SHAKY .22

struct sim {
    struct ctx *cx;
    const struct demo_example *e;
    struct rng rng;
    double fault;           /* 1 - skill */
    int made;
};

static bool happens(struct sim *s, double p)
{
    return rng_unit(&s->rng) < p;
}

static const char *other_label(struct sim *s, const char *label)
{
    const char *l;

    do
        l = s->e->label[rng_below(&s->rng, (uint64_t)s->e->nlabels)];
    while (label && s->e->nlabels > 1 && strcmp(l, label) == 0);
    return l;
}

static void set_label(json_t *region, const char *label)
{
    json_object_set_new(json_object_get(region, "value"), json_str(region, "type", ""),
                        json_pack("[s]", label));
}

static const char *get_label(const json_t *region)
{
    const json_t *v = json_object_get(region, "value");

    return json_string_value(json_array_get(json_object_get(v, json_str(region, "type", "")), 0));
}

/* A copy of its own, with an id as the page makes them. */
static json_t *draw(struct sim *s, const json_t *like)
{
    json_t *region = json_deep_copy(like);

    json_object_set_new(region, "id",
                        json_string(talloc_asprintf(s->cx->mem, "%08x%02x",
                                                    (unsigned)rng_below(&s->rng, 1u << 31),
                                                    (unsigned)(++s->made & 0xff))));
    return region;
}

/* ---- choices and pairs ------------------------------------------------------------------ */

static json_t *answer_choice(struct sim *s, const json_t *truth)
{
    json_t *item = draw(s, json_array_get(truth, 0));

    if (happens(s, s->fault))
        set_label(item, other_label(s, get_label(item)));
    return json_pack("[o]", item);
}

static json_t *answer_pair(struct sim *s, const json_t *truth)
{
    json_t *item = draw(s, json_array_get(truth, 0)), *v = json_object_get(item, "value");

    if (happens(s, s->fault))
        json_object_set_new(v, "selected",
                            json_string(strcmp(json_str(v, "selected", ""), "left") == 0 ? "right"
                                                                                         : "left"));
    return json_pack("[o]", item);
}

/* ---- spans ------------------------------------------------------------------------------ */

/* The words of a text, by UTF-16 units and by bytes. */
struct word {
    int start, end;
    size_t from, to;
};

static bool is_letter(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '\'' || (c >= 0xc0 && c < 0x2000);
}

static int words_of(struct ctx *cx, const char *text, struct word **out)
{
    struct word *w = NEW_N(cx, struct word, strlen(text) / 2 + 2);
    size_t n = strlen(text), at = 0, k;
    int unit = 0, count = 0;
    bool inside = false;
    uint32_t c;

    while (at < n && (k = utf8_decode(text + at, n - at, &c)) > 0) {
        if (is_letter(c) && !inside)
            w[count] = (struct word){.start = unit, .from = at};
        else if (!is_letter(c) && inside)
            count++;
        inside = is_letter(c);
        at += k;
        unit += c > 0xffff ? 2 : 1;
        if (inside) {
            w[count].end = unit;
            w[count].to = at;
        }
    }
    *out = w;
    return count + inside;
}

static void set_span(struct sim *s, json_t *region, const char *text, const struct word *first,
                     const struct word *last)
{
    json_t *v = json_object_get(region, "value");

    json_object_set_new(v, "start", json_integer(first->start));
    json_object_set_new(v, "end", json_integer(last->end));
    json_object_set_new(v, "text", json_string(talloc_strndup(s->cx->mem, text + first->from,
                                                              last->to - first->from)));
}

/* One word more or less, at one end. */
static void shift_span(struct sim *s, json_t *region, const char *text, const struct word *w, int n)
{
    const json_t *v = json_object_get(region, "value");
    int first = 0, last = 0;
    bool more = happens(s, .5), at_start = happens(s, .5);

    while (first < n - 1 && w[first].end <= json_int(v, "start", 0))
        first++;
    for (last = first; last < n - 1 && w[last].end < json_int(v, "end", 0);)
        last++;
    if (first == last)
        more = true;                /* of one word none can be taken */
    if (at_start)
        first += more ? (first > 0 ? -1 : 0) : 1;
    else
        last += more ? (last < n - 1 ? 1 : 0) : -1;
    set_span(s, region, text, &w[first], &w[last]);
}

static json_t *answer_spans(struct sim *s, const json_t *data, const json_t *truth)
{
    const char *text = json_str(data, "text", "");
    json_t *result = json_array(), *region;
    struct word *w;
    int n = words_of(s->cx, text, &w);
    size_t i;

    json_array_foreach(truth, i, region) {
        json_t *mine;

        if (happens(s, s->fault * MISS))
            continue;
        mine = draw(s, region);
        if (happens(s, s->fault * MISLABEL))
            set_label(mine, other_label(s, get_label(mine)));
        if (happens(s, s->fault * SHIFT))
            shift_span(s, mine, text, w, n);
        json_array_append_new(result, mine);
    }
    if (n && s->e->pattern && happens(s, s->fault * EXTRA)) {
        const struct word *one = &w[rng_below(&s->rng, (uint64_t)n)];
        json_t *mine = draw(s, s->e->pattern);

        set_label(mine, other_label(s, NULL));
        set_span(s, mine, text, one, one);
        json_array_append_new(result, mine);
    }
    return result;
}

/* ---- boxes ------------------------------------------------------------------------------ */

/* About normal, mean 0, deviation 1. */
static double sway(struct sim *s)
{
    double sum = 0;

    for (int i = 0; i < 3; i++)
        sum += rng_unit(&s->rng);
    return (sum - 1.5) * 2;
}

static double held(double x, double least, double most)
{
    x = x < least ? least : x > most ? most : x;
    return round(x * 1000) / 1000;
}

static void set_box(json_t *region, double x, double y, double w, double h)
{
    json_t *v = json_object_get(region, "value");

    x = held(x, 0, 99);
    y = held(y, 0, 99);
    json_object_set_new(v, "x", json_real(x));
    json_object_set_new(v, "y", json_real(y));
    json_object_set_new(v, "width", json_real(held(w, .5, 100 - x)));
    json_object_set_new(v, "height", json_real(held(h, .5, 100 - y)));
}

/* Each edge for itself, in shares of the box. */
static void jitter_box(struct sim *s, json_t *region)
{
    const json_t *v = json_object_get(region, "value");
    double x = json_num(v, "x", 0), y = json_num(v, "y", 0);
    double w = json_num(v, "width", 0), h = json_num(v, "height", 0);
    double off = STEADY + SHAKY * s->fault;
    double left = x + off * w * sway(s), right = x + w + off * w * sway(s);
    double top = y + off * h * sway(s), bottom = y + h + off * h * sway(s);

    set_box(region, left, top, right - left, bottom - top);
}

static json_t *answer_boxes(struct sim *s, const json_t *truth)
{
    json_t *result = json_array(), *region;
    size_t i;

    json_array_foreach(truth, i, region) {
        json_t *mine;

        if (happens(s, s->fault * MISS))
            continue;
        mine = draw(s, region);
        if (happens(s, s->fault * MISLABEL))
            set_label(mine, other_label(s, get_label(mine)));
        jitter_box(s, mine);
        json_array_append_new(result, mine);
    }
    if (s->e->pattern && happens(s, s->fault * EXTRA)) {
        json_t *mine = draw(s, s->e->pattern);

        set_label(mine, other_label(s, NULL));
        set_box(mine, 80 * rng_unit(&s->rng), 80 * rng_unit(&s->rng), 5 + 10 * rng_unit(&s->rng),
                5 + 10 * rng_unit(&s->rng));
        json_array_append_new(result, mine);
    }
    return result;
}

/* ---- one answer ------------------------------------------------------------------------- */

/* A stream of its own for each project, person and task: the order of the work changes nothing. */
static struct rng stream(enum demo_kind kind, int who, int item)
{
    const uint64_t part[] = {(uint64_t)kind, (uint64_t)who, (uint64_t)item};
    struct rng r = {DEMO_SEED};

    for (int i = 0; i < 3; i++)
        r.state = rng_next(&r) ^ (part[i] + 1);
    r.state = rng_next(&r);
    return r;
}

json_t *demo_answer(struct ctx *cx, const struct demo_example *e, int item, int who, double skill)
{
    struct sim s = {.cx = cx, .e = e, .rng = stream(e->kind, who, item), .fault = 1 - skill};
    const struct demo_item *it = &e->item[item];
    json_t *result = NULL;

    switch (e->kind) {
    case DEMO_CHOICE:
        result = answer_choice(&s, it->truth);
        break;
    case DEMO_SPANS:
        result = answer_spans(&s, it->data, it->truth);
        break;
    case DEMO_BOXES:
        result = answer_boxes(&s, it->truth);
        break;
    case DEMO_PAIR:
        result = answer_pair(&s, it->truth);
        break;
    }
    return json_keep(cx, result);
}
