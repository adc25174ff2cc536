/*
 * tag_span.c -- stretches: of text, of hypertext, of a dialogue, of sound, of a
 * series, of a film.
 *
 * Text counts UTF-16 code units, the end not included; sound counts seconds;
 * films count frames from 1.
 */
#include "core/json.h"
#include "core/str.h"
#include "label/tags.h"

#include <ctype.h>
#include <math.h>

/* What the object shows of this task; inside a Repeater, of this part. */
static const json_t *shown(const struct check *k)
{
    const char *ref = k->object ? label_attr(k->object, "value") : NULL;

    if (!k->data || !ref)
        return NULL;
    return label_data(k->data, tags_repeat_name(k->cx, k->object, ref, k->repeat));
}

/* A whole number at value[key], >= 0; -1 (and said) when it is not. */
static int64_t whole(struct check *k, const char *key)
{
    const json_t *v = json_object_get(k->value, key);
    double x = json_number_value(v);

    if (json_is_number(v) && x >= 0 && x <= 9e15 && x == floor(x))
        return (int64_t)x;
    check_say(k, talloc_asprintf(k->cx->mem, ".value.%s", key),
              "\"%s\" must be a whole number, 0 or more.", key);
    return -1;
}

/* Code units of a text of the task; many spans in a row ask for the same one. */
static int64_t units_of(struct check *k, const json_t *text)
{
    if (k->measured != text) {
        k->measured = text;
        k->length = (int64_t)utf8_units16(json_string_value(text), json_string_length(text));
    }
    return k->length;
}

static void text_span(struct check *k)
{
    int64_t start = whole(k, "start"), end = whole(k, "end"), length;
    const json_t *text = shown(k);
    const char *type = k->object ? label_attr(k->object, "valueType") : NULL;

    check_str_maybe(k, "text");
    if (start < 0 || end < 0)
        return;
    if (end < start)
        check_say(k, ".value.end", "The end stands before the start.");
    /* A link is not the text itself. */
    if (!json_is_string(text) || (type && str_same_nocase(type, "url")) ||
        str_starts(json_string_value(text), "http"))
        return;
    length = units_of(k, text);
    if (end > length)
        check_say(k, ".value.end", "The end is %lld, but the text ends at %lld.", (long long)end,
                  (long long)length);
}

static void sound_span(struct check *k)
{
    double start, end, length = json_num(k->item, "original_length", INFINITY);
    bool ok = check_num(k, "start", 0, INFINITY, &start);

    ok = check_num(k, "end", 0, INFINITY, &end) && ok;
    check_num_maybe(k, "channel", 0, 1000);
    if (!ok)
        return;
    if (end < start)
        check_say(k, ".value.end", "The end stands before the start.");
    if (end > length + 0.1)
        check_say(k, ".value.end", "The end is %g s, but the recording ends at %g s.", end, length);
}

void check_span(struct check *k)
{
    const char *on = k->object ? k->object->tag : "";

    if (json_object_get(k->value, "startOffset"))
        check_hypertext(k);
    else if (strcmp(on, "Text") == 0)
        text_span(k);
    else
        sound_span(k);
}

/* Labels on anything: what the object is decides, the keys where it is unknown. */
void check_labels(struct check *k)
{
    bool on_image = k->object && (label_is(k->object, "Image") || label_is(k->object, "Pdf"));
    bool is_span = json_object_get(k->value, "start") || json_object_get(k->value, "end");

    if (on_image || (!k->object && !is_span))
        check_image_geometry(k);
    else if (k->object && label_is(k->object, "Paragraphs"))
        check_paragraphs(k);
    else
        check_span(k);
    check_label_list(k, "labels");
}

static void offsets(struct check *k)
{
    const json_t *g = json_object_get(k->value, "globalOffsets");
    const json_t *from = json_object_get(g, "start"), *to = json_object_get(g, "end");

    whole(k, "startOffset");
    whole(k, "endOffset");
    if (!g || json_is_null(g))
        return;
    if (!json_is_integer(from) || !json_is_integer(to) || json_integer_value(from) < 0 ||
        json_integer_value(to) < json_integer_value(from))
        check_say(k, ".value.globalOffsets",
                  "globalOffsets must be {start, end}: whole numbers, the end not before the "
                  "start.");
}

static void xpath(struct check *k, const char *key)
{
    const char *s = json_str(k->value, key, NULL);

    if (!s || strlen(s) > 4096)
        check_say(k, talloc_asprintf(k->cx->mem, ".value.%s", key),
                  "\"%s\" must be a path such as /div[1]/p[2]/text()[1].", key);
}

void check_hypertext(struct check *k)
{
    const char *key = json_object_get(k->value, "htmllabels") ? "htmllabels" : "hypertextlabels";

    xpath(k, "start");
    xpath(k, "end");
    offsets(k);
    check_str_maybe(k, "text");
    if (label_is(k->tag, "HyperTextLabels"))
        check_label_list(k, key);
}

/* The index of a phrase: digits in a string; a number is taken too.  -1 when it is neither. */
static int64_t phrase(struct check *k, const char *key)
{
    const json_t *v = json_object_get(k->value, key);
    int64_t i = -1;

    if (json_is_integer(v))
        i = json_integer_value(v);
    else if (json_is_string(v) && !str_int(json_string_value(v), &i))
        i = -1;
    if (i < 0)
        check_say(k, talloc_asprintf(k->cx->mem, ".value.%s", key),
                  "\"%s\" must be the index of a phrase, such as \"0\".", key);
    return i;
}

static void in_phrase(struct check *k, const json_t *list, int64_t i, const char *key,
                      const char *offset_key)
{
    const char *text_key = label_attr(k->object, "textKey");
    const json_t *one = json_array_get(list, (size_t)i), *text;
    int64_t offset = json_int(k->value, offset_key, 0);

    if (!one) {
        check_say(k, talloc_asprintf(k->cx->mem, ".value.%s", key),
                  "There is no phrase %lld: the dialogue has %zu.", (long long)i,
                  json_array_size(list));
        return;
    }
    text = json_is_string(one) ? one : json_object_get(one, text_key ? text_key : "text");
    if (json_is_string(text) && offset > units_of(k, text))
        check_say(k, talloc_asprintf(k->cx->mem, ".value.%s", offset_key),
                  "\"%s\" is %lld, past the end of phrase %lld.", offset_key, (long long)offset,
                  (long long)i);
}

void check_paragraphs(struct check *k)
{
    int64_t start = phrase(k, "start"), end = phrase(k, "end");
    int64_t from = whole(k, "startOffset"), to = whole(k, "endOffset");
    const json_t *list = shown(k);

    check_str_maybe(k, "text");
    if (start >= 0 && end >= 0 && (end < start || (end == start && from >= 0 && to >= 0 &&
                                                   to < from)))
        check_say(k, ".value.end", "The end stands before the start.");
    if (json_is_array(list) && start >= 0 && end >= 0) {
        in_phrase(k, list, start, "start", "startOffset");
        in_phrase(k, list, end, "end", "endOffset");
    }
    if (label_is(k->tag, "ParagraphLabels"))
        check_label_list(k, "paragraphlabels");
}

static void series_end(struct check *k, const char *key)
{
    const json_t *v = json_object_get(k->value, key);

    if (!json_is_number(v) && !(json_is_string(v) && json_string_length(v) > 0))
        check_say(k, talloc_asprintf(k->cx->mem, ".value.%s", key),
                  "\"%s\" must be a time: a number, or text in the format of the series.", key);
}

void check_timeseries(struct check *k)
{
    const json_t *a = json_object_get(k->value, "start"), *b = json_object_get(k->value, "end");

    series_end(k, "start");
    series_end(k, "end");
    check_bool_maybe(k, "instant");
    if (json_is_number(a) && json_is_number(b) && json_number_value(b) < json_number_value(a))
        check_say(k, ".value.end", "The end stands before the start.");
    check_label_list(k, "timeserieslabels");
}

void check_timeline(struct check *k)
{
    const json_t *list = json_object_get(k->value, "ranges"), *one;
    size_t i;

    if (!json_is_array(list) || json_array_size(list) == 0)
        check_say(k, ".value.ranges", "\"ranges\" must be a list of {start, end} frames.");
    json_array_foreach(list, i, one) {
        int64_t start = json_int(one, "start", -1), end = json_int(one, "end", -1);

        if (check_full(k))
            return;
        if (start < 0 || end < start)
            check_say(k, talloc_asprintf(k->cx->mem, ".value.ranges[%zu]", i),
                      "A range is {start, end} in frames, the end not before the start.");
    }
    check_label_list(k, "timelinelabels");
}

static void keyframe(struct check *k, size_t i, const json_t *one, int64_t *last)
{
    static const char *const percents[] = {"x", "y", "width", "height"};
    int64_t frame = json_int(one, "frame", -1);
    const char *where = talloc_asprintf(k->cx->mem, ".value.sequence[%zu]", i);

    if (frame < 0)
        check_say(k, where, "A keyframe needs \"frame\", a whole number from 1.");
    else if (frame <= *last)
        check_say(k, where, "Keyframes must come in order: %lld after %lld.", (long long)frame,
                  (long long)*last);
    *last = frame;
    for (int j = 0; j < 4; j++) {
        const json_t *v = json_object_get(one, percents[j]);
        double x = json_number_value(v);

        if (!json_is_number(v) || x < (j < 2 ? -101 : 0) || x > 201)
            check_say(k, talloc_asprintf(k->cx->mem, "%s.%s", where, percents[j]),
                      "\"%s\" must be a number, in percent of the picture.", percents[j]);
    }
    if (json_object_get(one, "enabled") && !json_is_boolean(json_object_get(one, "enabled")))
        check_say(k, where, "\"enabled\" must be true or false.");
}

void check_video(struct check *k)
{
    const json_t *list = json_object_get(k->value, "sequence"), *one;
    int64_t last = -1;
    size_t i;

    check_num_maybe(k, "framesCount", 0, 1e9);
    check_num_maybe(k, "duration", 0, 1e9);
    if (!json_is_array(list) || json_array_size(list) == 0)
        check_say(k, ".value.sequence", "\"sequence\" must be a list of keyframes.");
    json_array_foreach(list, i, one) {
        if (check_full(k))
            return;
        keyframe(k, i, one, &last);
    }
}
