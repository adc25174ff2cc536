/*
 * fmt_voc.c -- Pascal VOC: Annotations/NAME.xml an image, boxes in whole pixels.
 *
 * The unrotated box: xmin = int(x), xmax = xmin + int(width).  Tasks whose
 * answer has no region with original_width get no file, since VOC cannot say
 * a size it does not know.  One answer a task, the oldest, as in YOLO.
 */
#include "formats/shape.h"

struct voc_state {
    struct names *names;
};

static int voc_open(struct writer *w)
{
    struct voc_state *st = talloc_zero(w, struct voc_state);

    if (!w->schema->image_key || !w->schema->has_boxes)
        return fail(w->cx, E_INVALID, "VOC needs boxes with labels on an Image; "
                    "this config has none.");
    st->names = names_new(st);
    w->state = st;
    return 0;
}

/* Text of an XML element; characters that XML 1.0 cannot hold become U+FFFD. */
static void add_text(struct buf *b, const char *s)
{
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;

        if (c == '&')
            buf_adds(b, "&amp;");
        else if (c == '<')
            buf_adds(b, "&lt;");
        else if (c == '>')
            buf_adds(b, "&gt;");
        else if (c < 0x20 && c != '\t' && c != '\n')
            buf_adds(b, "\xef\xbf\xbd");
        else if (c == 0xef && (unsigned char)s[1] == 0xbf && (unsigned char)s[2] >= 0xbe) {
            buf_adds(b, "\xef\xbf\xbd");        /* U+FFFE, U+FFFF */
            s += 2;
        } else
            buf_addc(b, *s);
    }
}

static void add_tag(struct buf *b, const char *tag, const char *text)
{
    buf_addf(b, "<%s>", tag);
    add_text(b, text);
    buf_addf(b, "</%s>\n", tag);
}

static void add_head(struct writer *w, struct buf *b, const struct row_answers *r,
                     const char *file, const struct shape *s)
{
    buf_adds(b, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotation>\n"
                "<folder>images</folder>\n");
    add_tag(b, "filename", file);
    buf_adds(b, "<source>\n<database>MyDatabase</database>\n<annotation>COCO2017</annotation>\n"
                "<image>flickr</image>\n<flickrid>NULL</flickrid>\n");
    add_tag(b, "annotator", rows_annotator(w->cx, r->annotation));
    buf_adds(b, "</source>\n<owner>\n<flickrid>NULL</flickrid>\n"
                "<name>Label Studio</name>\n</owner>\n");
    buf_addf(b, "<size>\n<width>%.0f</width>\n<height>%.0f</height>\n<depth>3</depth>\n</size>\n"
                "<segmented>0</segmented>\n", s->width, s->height);
}

static void add_object(struct buf *b, const struct shape *s)
{
    long long x = (long long)(s->x / 100 * s->width), y = (long long)(s->y / 100 * s->height);
    long long w = (long long)(s->w / 100 * s->width), h = (long long)(s->h / 100 * s->height);

    buf_adds(b, "<object>\n");
    add_tag(b, "name", s->label);
    buf_adds(b, "<pose>Unspecified</pose>\n<truncated>0</truncated>\n<difficult>0</difficult>\n");
    buf_addf(b, "<bndbox>\n<xmin>%lld</xmin>\n<ymin>%lld</ymin>\n<xmax>%lld</xmax>\n"
                "<ymax>%lld</ymax>\n</bndbox>\n</object>\n", x, y, x + w, y + h);
}

/* A number of pixels that fits where it is going. */
static bool is_sane(const struct shape *s)
{
    return s->x > -1e6 && s->x < 1e6 && s->y > -1e6 && s->y < 1e6 && s->w >= 0 && s->w < 1e6 &&
           s->h >= 0 && s->h < 1e6 && s->width < 1e7 && s->height < 1e7;
}

static bool add_row(struct writer *w, struct buf *b, const struct row_answers *r, const char *file)
{
    bool has_head = false;

    for (int i = 0; i < r->ngroups; i++)
        for (int j = 0; j < r->groups[i].n; j++) {
            struct shape s;

            shape_of(w->cx, r->groups[i].control, r->groups[i].items[j], &s);
            if (!(s.width > 0 && s.height > 0) || !is_sane(&s)) {
                w->left_out++;
                continue;
            }
            if (!has_head)
                add_head(w, b, r, file, &s);
            has_head = true;
            if (s.kind != SHAPE_BOX || !s.label) {
                w->left_out++;
                continue;
            }
            add_object(b, &s);
            w->regions++;
        }
    if (has_head)
        buf_adds(b, "</annotation>\n");
    return has_head;
}

static int voc_task(struct writer *w, const struct export_task *t)
{
    struct voc_state *st = w->state;
    struct row_answers *rows, *last = NULL;
    const char *address, *name;
    struct buf b;
    json_t *data;
    int n, rc;

    if ((rc = rows_data(w, t, &data)) < 0 || (rc = rows_make(w, t, &rows, &n)) < 0)
        return rc;
    for (int i = 0; i < n; i++)
        if (rows[i].nitems)
            last = &rows[i];
    if (!last)
        return 0;
    address = image_address(w->cx, data, w->schema->image_key);
    buf_init(&b, w->cx, 64 * 1024 * 1024);
    if (!add_row(w, &b, last, image_file(w->cx, address)))
        return 0;
    if (b.rc < 0)
        return b.rc;
    w->answers++;
    name = talloc_asprintf(w->cx->mem, "Annotations/%s.xml",
                           names_take(st->names, w->cx, image_stem(w->cx, address)));
    if ((rc = sink_begin(w->sink, name)) < 0)
        return rc;
    sink_put(w->sink, b.s, b.n);
    return sink_end(w->sink);
}

static int voc_close(struct writer *w)
{
    return sink_end(w->sink);
}

const struct format fmt_voc = {
    .name = "VOC", .file = "Annotations", .ext = ".zip", .mime = "application/zip",
    .what = "an XML file an image, boxes in pixels", .has_files = true, .needs_schema = true,
    .open = voc_open, .task = voc_task, .close = voc_close,
};
