/* schema.c -- see schema.h. */
#include "formats/schema.h"
#include "core/str.h"

static int by_name(const void *a, const void *b)
{
    const struct schema_class *x = a, *y = b;

    return strcmp(x->name, y->name);    /* UTF-8: byte order is code point order */
}

static bool add_class(struct schema_class *list, int *n, const char *name, int id)
{
    for (int i = 0; i < *n; i++)
        if (strcmp(list[i].name, name) == 0)
            return false;
    list[(*n)++] = (struct schema_class){name, id};
    return true;
}

/*
 * The official converter gives "TextArea" answers of one text as a plain
 * string, but only when the config spells the tag exactly so; old configs say
 * "Textarea" and get a list.  The parser keeps only canonical names, so look
 * at the place in the source where the tag stands.
 */
static bool spelled(const char *xml, size_t n, const struct label_tag *t)
{
    const char *p = xml, *end = xml + n;
    int column = 1;
    size_t len = strlen(t->tag);

    for (int line = 1; line < t->line && p < end; p++)
        line += *p == '\n';
    while (p < end && column < t->column) {
        for (p++; p < end && ((unsigned char)*p & 0xc0) == 0x80; p++)
            ;
        column++;
    }
    if (p >= end || *p != '<')
        return true;
    p++;
    return (size_t)(end - p) > len && memcmp(p, t->tag, len) == 0;
}

static const char *field_of(const struct label_tag *object)
{
    const char *v = label_attr(object, "value");

    if (!v)
        v = label_attr(object, "valueList");
    if (!v || *v != '$')
        return NULL;
    return v + 1;
}

static bool gives_regions(const struct label_tag *t)
{
    return label_is(t, "RectangleLabels") || label_is(t, "PolygonLabels") ||
           label_is(t, "EllipseLabels") || label_is(t, "KeyPointLabels") || label_is(t, "Labels") ||
           label_is(t, "BrushLabels");
}

/* Labels with a fixed number first; the others, sorted, take the free numbers from 0 up. */
static void number_classes(struct schema *s)
{
    int fixed = 0, next = 0;

    for (int i = 0; i < s->nclasses; i++)
        if (s->classes[i].id >= 0) {
            struct schema_class c = s->classes[i];

            memmove(&s->classes[fixed + 1], &s->classes[fixed], (size_t)(i - fixed) * sizeof c);
            s->classes[fixed++] = c;
        }
    qsort(s->classes + fixed, (size_t)(s->nclasses - fixed), sizeof *s->classes, by_name);
    for (int i = fixed; i < s->nclasses; i++) {
        for (int j = 0; j < fixed; j++)
            if (s->classes[j].id == next) {
                next++;
                j = -1;
            }
        s->classes[i].id = next++;
    }
}

static int category_of(const struct label_tag *t)
{
    const char *v = label_attr(t, "category");
    int64_t id;

    return v && str_int(v, &id) && id > 0 && id < 1000000 ? (int)id : -1;
}

static void add_keypoint(struct schema *s, double *order, const char *name, double index)
{
    int at = s->nkeypoints;

    while (at > 0 && order[at - 1] > index) {
        order[at] = order[at - 1];
        s->keypoints[at] = s->keypoints[at - 1];
        at--;
    }
    order[at] = index;
    s->keypoints[at] = name;
    s->nkeypoints++;
}

static void take_control(struct ctx *cx, struct schema *s, const struct label_config *c,
                         const struct label_tag *t, double *order)
{
    const struct label_tag **options;
    const char *shows = label_shows(c, t);
    bool on_image = shows && strcmp(shows, "Image") == 0;
    int n = label_options(cx, t, &options);

    for (int i = 0; i < n; i++) {
        const char *name = label_stored(options[i]);

        if (!name || !(label_is(options[i], "Label") || label_is(options[i], "Choice")))
            continue;
        add_class(s->classes, &s->nclasses, name, category_of(options[i]));
        if (on_image && label_is(t, "RectangleLabels"))
            add_class(s->boxes, &s->nboxes, name, 0);
        if (on_image && label_is(t, "KeyPointLabels"))
            add_keypoint(s, order, name, label_number(options[i], "model_index", 1e6));
    }
    for (int i = 0; i < t->nto; i++) {
        const struct label_tag *o = label_object(c, t->to_name[i]);

        if (o && !s->image_key && label_is(o, "Image") && gives_regions(t))
            s->image_key = field_of(o);
        if (o && !s->text_key && label_is(o, "Text") && label_is(t, "Labels"))
            s->text_key = field_of(o);
    }
    if (on_image && (label_is(t, "RectangleLabels") || label_is(t, "Labels")))
        s->has_boxes = true;
}

static int count_options(struct ctx *cx, const struct label_config *c)
{
    const struct label_tag **options;
    int n = 0;

    for (int i = 0; i < c->ncontrols; i++)
        n += label_options(cx, c->controls[i], &options);
    return n;
}

const struct schema *schema_make(struct ctx *cx, const struct label_config *c, const char *xml,
                                 size_t n)
{
    struct schema *s = NEW(cx, struct schema);
    int most = count_options(cx, c) + 1;
    double *order = NEW_N(cx, double, most);

    s->controls = NEW_N(cx, struct schema_control, c->ncontrols + 1);
    s->classes = NEW_N(cx, struct schema_class, most);
    s->boxes = NEW_N(cx, struct schema_class, most);
    s->keypoints = NEW_N(cx, const char *, most);
    for (int i = 0; i < c->ncontrols; i++) {
        const struct label_tag *t = c->controls[i];
        struct schema_control *k = &s->controls[s->ncontrols];

        if (!t->name || t->nto == 0)
            continue;           /* says nothing about any object: not exported */
        take_control(cx, s, c, t, order);
        k->name = t->name;
        k->tag = t->tag;
        k->shows = label_shows(c, t);
        k->is_plain = (label_is(t, "Choices") || label_is(t, "TextArea")) && spelled(xml, n, t);
        s->ncontrols++;
    }
    number_classes(s);
    for (int i = 0; i < s->nboxes; i++)
        s->boxes[i].id = i;
    return s;
}

const struct schema_control *schema_control(const struct schema *s, const char *name)
{
    for (int i = 0; i < s->ncontrols; i++)
        if (strcmp(s->controls[i].name, name) == 0)
            return &s->controls[i];
    return NULL;
}

int schema_class(const struct schema *s, const char *name)
{
    for (int i = 0; i < s->nclasses; i++)
        if (strcmp(s->classes[i].name, name) == 0)
            return s->classes[i].id;
    return -1;
}
