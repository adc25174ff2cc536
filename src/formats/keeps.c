/* keeps.c -- see keeps.h. */
#include "formats/keeps.h"

#include <assert.h>

#include "core/json.h"

enum family { WHOLE, FLAT, CELLS, COCO, YOLO, VOC, CONLL };

static const struct {
    const char *format;
    enum family family;
    const char *loses[8];
} table[] = {
    { "JSON", WHOLE, { NULL } },
    { "JSONL", WHOLE, { NULL } },
    { "JSON_MIN", FLAT, { "ids", "relations", "predictions", "cancelled", NULL } },
    { "CSV", CELLS, { "ids", "relations", "predictions", "cancelled", NULL } },
    { "TSV", CELLS, { "ids", "relations", "predictions", "cancelled", NULL } },
    { "COCO", COCO, { "data", "authors", "labels", "relations", "sizeless", "predictions",
                      "cancelled", NULL } },
    { "YOLO", YOLO, { "others", "data", "authors", "labels", "relations", "predictions",
                      "cancelled", NULL } },
    { "VOC", VOC, { "others", "data", "authors", "labels", "relations", "sizeless", "predictions",
                    NULL } },
    { "CONLL2003", CONLL, { "data", "authors", "labels", "relations", "predictions", "cancelled",
                            NULL } },
};

/* What becomes of the answers of one control: *loses stays NULL when nothing is lost. */
static const char *flat_control(const struct schema_control *c, enum family f, const char **loses)
{
    if (f == CELLS && !c->is_plain) {
        *loses = "cell";
        return "part";
    }
    return "all";
}

static const char *image_control(const struct schema_control *c, enum family f, bool pose,
                                 const char **loses)
{
    bool box = strcmp(c->tag, "RectangleLabels") == 0 || strcmp(c->tag, "Labels") == 0;

    if (c->shows && strcmp(c->shows, "Image") != 0)
        return "none";
    if (box) {
        *loses = f == COCO ? "hull" : "unrotated";
        return "part";
    }
    if (f == VOC)
        return "none";
    if (strcmp(c->tag, "PolygonLabels") == 0)
        return f == YOLO && pose ? "none" : "all";
    if (strcmp(c->tag, "EllipseLabels") == 0) {
        *loses = "outline";
        return f == YOLO && pose ? "none" : "part";
    }
    if (strcmp(c->tag, "KeyPointLabels") == 0) {
        *loses = f == COCO ? "one_group" : "parent";
        return "part";
    }
    return "none";
}

static const char *control_kept(const struct schema *s, const struct schema_control *c,
                                enum family f, const char **loses)
{
    switch (f) {
    case WHOLE:
        return "all";
    case FLAT:
    case CELLS:
        return flat_control(c, f, loses);
    case CONLL:
        if (strcmp(c->tag, "Labels") != 0 || !c->shows || strcmp(c->shows, "Text") != 0)
            return "none";
        *loses = "first";
        return "part";
    case COCO:
    case YOLO:
    case VOC:
        break;
    }
    return image_control(c, f, s->nkeypoints > 0, loses);
}

static const char *refusal(const struct schema *s, enum family f)
{
    if ((f == COCO || f == YOLO) && !s->image_key)
        return "It needs regions with labels on an Image; these questions have none.";
    if (f == VOC && (!s->image_key || !s->has_boxes))
        return "It needs boxes with labels on an Image; these questions have none.";
    if (f == CONLL && !s->text_key)
        return "It needs Labels on a Text; these questions have none.";
    return NULL;
}

json_t *format_keeps(struct ctx *cx, const struct format *f, const struct schema *s)
{
    json_t *controls = json_array(), *loses = json_array();
    size_t row = 0;
    const char *why;

    while (row < sizeof table / sizeof *table && strcmp(table[row].format, f->name) != 0)
        row++;
    assert(row < sizeof table / sizeof *table);
    why = refusal(s, table[row].family);
    for (int i = 0; i < s->ncontrols && !why; i++) {
        const struct schema_control *c = &s->controls[i];
        const char *lost = NULL, *kept = control_kept(s, c, table[row].family, &lost);

        if (strcmp(c->tag, "Relations") == 0)
            continue;
        json_array_append_new(controls, json_pack("{s:s, s:s, s:s, s:s*}", "name", c->name, "tag",
                                                  c->tag, "keeps", kept, "loses",
                                                  strcmp(kept, "none") == 0 ? NULL : lost));
    }
    for (int i = 0; table[row].loses[i]; i++)
        json_array_append_new(loses, json_string(table[row].loses[i]));
    return json_keep(cx, json_pack("{s:b, s:s*, s:o, s:o}", "fits", why == NULL, "why", why,
                                   "controls", controls, "loses", loses));
}
