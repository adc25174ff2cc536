/*
 * fmt_yolo.c -- YOLO: labels/NAME.txt an image, classes.txt, notes.json.
 *
 * A line a region: class, then centre and size of the unrotated box, or the
 * points of a polygon, as shares of 1.  With KeyPointLabels in the config a
 * line is a box and the keypoints whose parent it is (pose training), and the
 * classes are those of RectangleLabels alone, in the order of the config.
 *
 * The number of a class is its line in classes.txt, counted from 0, which is what
 * training tools go by; a `category` of the config is COCO's and not used here.
 *
 * One file an image, so one answer a task: the oldest, as the official
 * converter leaves it.  An image without regions gets an empty file.
 */
#include "formats/shape.h"

#include "core/clock.h"

struct yolo_state {
    struct names *names;
    const struct schema_class *classes;
    int nclasses;
    struct schema_class *more;      /* labels that the config does not name, on this state */
    int nmore, cap;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct schema_class *)a)->name, ((const struct schema_class *)b)->name);
}

/* All classes by code point, numbered without gaps. */
static struct schema_class *sorted(struct yolo_state *st, const struct schema *s)
{
    struct schema_class *list = talloc_zero_array(st, struct schema_class,
                                                  (unsigned)s->nclasses + 1);

    memcpy(list, s->classes, (size_t)s->nclasses * sizeof *list);
    qsort(list, (size_t)s->nclasses, sizeof *list, by_name);
    for (int i = 0; i < s->nclasses; i++)
        list[i].id = i;
    return list;
}

static int yolo_open(struct writer *w)
{
    struct yolo_state *st = talloc_zero(w, struct yolo_state);

    if (!w->schema->image_key)
        return fail(w->cx, E_INVALID, "YOLO needs regions with labels on an Image; "
                    "this config has none.");
    st->names = names_new(st);
    st->classes = w->schema->nkeypoints ? w->schema->boxes : sorted(st, w->schema);
    st->nclasses = w->schema->nkeypoints ? w->schema->nboxes : w->schema->nclasses;
    w->state = st;
    return 0;
}

/* Number of a class; a label that the config does not name takes the next free one. */
static int class_of(struct writer *w, const char *label)
{
    struct yolo_state *st = w->state;

    for (int i = 0; i < st->nclasses; i++)
        if (strcmp(st->classes[i].name, label) == 0)
            return st->classes[i].id;
    for (int i = 0; i < st->nmore; i++)
        if (strcmp(st->more[i].name, label) == 0)
            return st->more[i].id;
    if (st->nmore == SHAPE_MORE_LABELS)
        return fail(w->cx, E_TOOBIG, "The answers hold more than %d labels that the config does "
                    "not name.", SHAPE_MORE_LABELS);
    if (st->nmore == st->cap) {
        st->cap = st->cap ? 2 * st->cap : 16;
        st->more = talloc_realloc(st, st->more, struct schema_class, (unsigned)st->cap);
    }
    st->more[st->nmore] = (struct schema_class){talloc_strdup(st, label),
                                                 st->nclasses + st->nmore};
    return st->more[st->nmore++].id;
}

static void add_share(struct buf *b, double percent)
{
    char text[NUM_SIZE];

    buf_addc(b, ' ');
    buf_adds(b, num_text(text, percent / 100));
}

static void add_box(struct buf *b, int class, const struct shape *s)
{
    buf_addf(b, "%d", class);
    add_share(b, s->x + s->w / 2);
    add_share(b, s->y + s->h / 2);
    add_share(b, s->w);
    add_share(b, s->h);
}

static void add_keypoints(struct writer *w, struct buf *b, const struct shape *box,
                          const struct shape *list, int n)
{
    for (int k = 0; k < w->schema->nkeypoints; k++) {
        const struct shape *found = NULL;

        for (int i = 0; i < n; i++)
            if (list[i].kind == SHAPE_KEYPOINT && *box->id &&
                strcmp(list[i].parent, box->id) == 0 &&
                strcmp(list[i].label, w->schema->keypoints[k]) == 0)
                found = &list[i];
        if (found) {
            add_share(b, found->x);
            add_share(b, found->y);
            buf_adds(b, " 2");
        } else {
            buf_adds(b, " 0.0 0.0 0");
        }
    }
}

static int add_regions(struct writer *w, struct buf *b, const struct shape *list, int n)
{
    bool pose = w->schema->nkeypoints > 0, has_points = false;

    for (int i = 0; i < n; i++)
        has_points |= list[i].kind == SHAPE_KEYPOINT;
    for (int i = 0; i < n; i++) {
        const struct shape *s = &list[i];
        bool is_line = s->kind == SHAPE_BOX || (s->kind == SHAPE_POLYGON && !pose);
        int class = is_line ? class_of(w, s->label) : 0;

        if (class < 0)
            return class;
        if (s->kind == SHAPE_BOX) {
            add_box(b, class, s);
            if (pose && has_points)     /* an answer without any point gets plain boxes */
                add_keypoints(w, b, s, list, n);
        } else if (is_line) {
            buf_addf(b, "%d", class);
            for (int k = 0; k < s->npoints; k++) {
                add_share(b, s->points[k].x);
                add_share(b, s->points[k].y);
            }
        } else {
            w->left_out += s->kind != SHAPE_KEYPOINT || !pose;
            continue;
        }
        buf_addc(b, '\n');
        w->regions++;
    }
    return b->rc;
}

static int put_file(struct writer *w, const struct row_answers *r, const char *address)
{
    struct yolo_state *st = w->state;
    struct shape *list = NEW_N(w->cx, struct shape, (r ? r->nitems : 0) + 1);
    const char *name;
    int n = 0, rc;
    struct buf b;

    for (int i = 0; r && i < r->ngroups; i++)
        for (int j = 0; j < r->groups[i].n; j++) {
            shape_of(w->cx, r->groups[i].control, r->groups[i].items[j], &list[n]);
            if (list[n].label)
                n++;
            else
                w->left_out++;
        }
    buf_init(&b, w->cx, 64 * 1024 * 1024);
    if ((rc = add_regions(w, &b, list, n)) < 0)
        return rc;
    name = talloc_asprintf(w->cx->mem, "labels/%s.txt",
                           names_take(st->names, w->cx, image_stem(w->cx, address)));
    if ((rc = sink_begin(w->sink, name)) < 0)
        return rc;
    sink_put(w->sink, b.s, b.n);
    return sink_end(w->sink);
}

static int yolo_task(struct writer *w, const struct export_task *t)
{
    const struct row_answers *last = NULL;
    struct row_answers *rows;
    const char *address;
    json_t *data;
    int n, rc;

    if ((rc = rows_data(w, t, &data)) < 0 || (rc = rows_make(w, t, &rows, &n)) < 0)
        return rc;
    if (n == 0)
        return 0;
    for (int i = 0; i < n; i++)
        if (rows[i].nitems)
            last = &rows[i];
    address = image_address(w->cx, data, w->schema->image_key);
    w->answers += last != NULL;
    return put_file(w, last, address);
}

static void put_notes(struct writer *w, struct buf *b, const struct schema_class *c, bool first)
{
    buf_addf(b, "%s{\"id\": %d, \"name\": ", first ? "" : ", ", c->id);
    buf_add_json(b, c->name, strlen(c->name));
    if (w->schema->nkeypoints) {
        buf_adds(b, ", \"keypoints\": [");
        for (int k = 0; k < w->schema->nkeypoints; k++) {
            if (k)
                buf_adds(b, ", ");
            buf_add_json(b, w->schema->keypoints[k], strlen(w->schema->keypoints[k]));
        }
        buf_addc(b, ']');
    }
    buf_addc(b, '}');
}

static int yolo_close(struct writer *w)
{
    struct yolo_state *st = w->state;
    struct buf notes, classes;
    char date[CLOCK_ISO_SIZE];

    buf_init(&notes, w->cx, 64 * 1024 * 1024);
    buf_init(&classes, w->cx, 64 * 1024 * 1024);
    buf_adds(&notes, "{\"categories\": [");
    for (int i = 0; i < st->nclasses + st->nmore; i++) {
        const struct schema_class *c =
            i < st->nclasses ? &st->classes[i] : &st->more[i - st->nclasses];

        put_notes(w, &notes, c, i == 0);
        buf_addf(&classes, "%s\n", c->name);
    }
    clock_iso(date, w->cx->now);
    buf_addf(&notes, "], \"info\": {\"year\": %.4s, \"version\": \"1.0\", "
                     "\"contributor\": \"Label Studio\"}}\n", date);
    sink_begin(w->sink, "classes.txt");
    sink_put(w->sink, classes.s, classes.n);
    sink_begin(w->sink, "notes.json");
    sink_put(w->sink, notes.s, notes.n);
    return sink_end(w->sink);
}

const struct format fmt_yolo = {
    .name = "YOLO", .file = "classes.txt", .ext = ".zip", .mime = "application/zip",
    .what = "a text file an image, boxes and polygons as shares of 1",
    .has_files = true, .needs_schema = true,
    .open = yolo_open, .task = yolo_task, .close = yolo_close,
};
