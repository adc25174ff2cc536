/*
 * fmt_coco.c -- COCO: images, categories, annotations in one result.json.
 *
 * Ids run from 0 in order of writing.  Images go straight out; annotations
 * wait in a temporary file, because the format wants one list after the other.
 *
 * Boxes have an empty segmentation and the upright hull of the box rotated in
 * percent space, as the official converter does it (wrong on images that are
 * not square); writer.upright_hull gives the true hull.  Keypoints of a task
 * become one annotation of the category "default".  Ellipses are polygons of
 * 64 points.  Regions without original_width have no pixels and are left out.
 */
#include "formats/shape.h"

#include "core/clock.h"

#include <inttypes.h>
#include <math.h>

struct coco_state {
    FILE *spool;
    int64_t images, annotations;
    struct schema_class *more;      /* labels that the config does not name (dynamic ones) */
    int nmore, cap;
    int next_id;
    bool keypoints;                 /* the config has keypoints: their classes become one */
    int keypoint_id;
};

static int state_free(struct coco_state *st)
{
    if (st->spool)
        fclose(st->spool);
    return 0;
}

static bool is_keypoint(const struct schema *s, const char *name)
{
    for (int i = 0; i < s->nkeypoints; i++)
        if (strcmp(s->keypoints[i], name) == 0)
            return true;
    return false;
}

static int coco_open(struct writer *w)
{
    struct coco_state *st = talloc_zero(w, struct coco_state);
    int most = -1;

    if (!w->schema->image_key)
        return fail(w->cx, E_INVALID, "COCO needs regions with labels on an Image; "
                    "this config has none.");
    talloc_set_destructor(st, state_free);
    w->state = st;
    st->keypoints = w->schema->nkeypoints > 0;
    for (int i = 0; i < w->schema->nclasses; i++) {
        const struct schema_class *c = &w->schema->classes[i];

        if (!(st->keypoints && is_keypoint(w->schema, c->name)) && c->id > most)
            most = c->id;
    }
    st->keypoint_id = most + 1;
    st->next_id = most + 1 + st->keypoints;
    sink_begin(w->sink, w->format->file);
    sink_puts(w->sink, "{\n\"images\": [");
    return sink_spool(w->sink, &st->spool);
}

static int class_of(struct writer *w, const char *label)
{
    struct coco_state *st = w->state;
    int id = schema_class(w->schema, label);

    if (id >= 0)
        return id;
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
    st->more[st->nmore] = (struct schema_class){talloc_strdup(st, label), st->next_id++};
    return st->more[st->nmore++].id;
}

static void put_image(struct writer *w, const char *address, double width, double height)
{
    struct coco_state *st = w->state;
    const char *file = image_is_upload(address)
                           ? address
                           : talloc_asprintf(w->cx->mem, "images/%s", image_file(w->cx, address));
    struct buf b;

    buf_init(&b, w->cx, (size_t)LIMIT_ROW_BYTES);
    buf_adds(&b, st->images ? ",\n" : "\n");
    if (width > 0 && height > 0)
        buf_addf(&b, "{\"width\": %.0f, \"height\": %.0f, ", width, height);
    else
        buf_adds(&b, "{\"width\": null, \"height\": null, ");
    buf_addf(&b, "\"id\": %" PRId64 ", \"file_name\": ", st->images++);
    buf_add_json(&b, file, strlen(file));
    buf_addc(&b, '}');
    sink_put(w->sink, b.s, b.n);
}

static int spool_add(struct writer *w, struct buf *b)
{
    struct coco_state *st = w->state;

    if (b->rc < 0)
        return b->rc;
    if (fwrite(b->s, 1, b->n, st->spool) != b->n)
        return fail(w->cx, E_FULL, "The temporary file of the export could not be written.");
    st->annotations++;
    w->regions++;
    return 0;
}

static void add_num(struct buf *b, double v)
{
    char text[NUM_SIZE];

    buf_adds(b, num_text(text, v));
}

static void add_head(struct writer *w, struct buf *b, int64_t image, int category)
{
    struct coco_state *st = w->state;

    buf_init(b, w->cx, 64 * 1024 * 1024);
    buf_addf(b, "%s{\"id\": %" PRId64 ", \"image_id\": %" PRId64 ", \"category_id\": %d, ",
             st->annotations ? ",\n" : "\n", st->annotations, image, category);
}

static void add_tail(struct buf *b, const double box[4], double area)
{
    buf_adds(b, ", \"bbox\": [");
    for (int i = 0; i < 4; i++) {
        if (i)
            buf_adds(b, ", ");
        add_num(b, box[i]);
    }
    buf_adds(b, "], \"ignore\": 0, \"iscrowd\": 0, \"area\": ");
    add_num(b, area);
    buf_addc(b, '}');
}

static int put_box(struct writer *w, const struct shape *s, int64_t image)
{
    int class = class_of(w, s->label);
    double box[4];
    struct buf b;

    if (class < 0)
        return class;
    shape_hull(s, w->upright_hull, &box[0], &box[1], &box[2], &box[3]);
    box[0] *= s->width / 100;
    box[1] *= s->height / 100;
    box[2] *= s->width / 100;
    box[3] *= s->height / 100;
    add_head(w, &b, image, class);
    buf_adds(&b, "\"segmentation\": []");
    add_tail(&b, box, box[2] * box[3]);
    return spool_add(w, &b);
}

static int put_polygon(struct writer *w, const struct shape *s, int64_t image)
{
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY, twice = 0, box[4];
    int class = class_of(w, s->label);
    struct buf b;

    if (class < 0)
        return class;
    add_head(w, &b, image, class);
    buf_adds(&b, "\"segmentation\": [[");
    for (int i = 0; i < s->npoints; i++) {
        const struct shape_point *p = &s->points[i], *q = &s->points[(i + 1) % s->npoints];
        double x = p->x / 100 * s->width, y = p->y / 100 * s->height;

        twice += x * (q->y / 100 * s->height) - (q->x / 100 * s->width) * y;
        x0 = fmin(x0, x), x1 = fmax(x1, x), y0 = fmin(y0, y), y1 = fmax(y1, y);
        if (i)
            buf_adds(&b, ", ");
        add_num(&b, x);
        buf_adds(&b, ", ");
        add_num(&b, y);
    }
    buf_adds(&b, "]]");
    box[0] = x0, box[1] = y0, box[2] = x1 - x0, box[3] = y1 - y0;
    add_tail(&b, box, fabs(twice) / 2);
    return spool_add(w, &b);
}

/* All keypoints of an answer: three numbers a keypoint of the config, zeros where it is missing. */
static int put_keypoints(struct writer *w, const struct shape *list, int n, int64_t image)
{
    const struct schema *s = w->schema;
    struct coco_state *st = w->state;
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
    int seen = 0;
    struct buf b;

    add_head(w, &b, image, st->keypoint_id);
    buf_adds(&b, "\"keypoints\": [");
    for (int k = 0; k < s->nkeypoints; k++) {
        double x = 0, y = 0;
        int visible = 0;

        for (int i = 0; i < n; i++)
            if (strcmp(list[i].label, s->keypoints[k]) == 0) {
                x = rint(list[i].x / 100 * list[i].width);
                y = rint(list[i].y / 100 * list[i].height);
                visible = 2;
            }
        if (visible) {
            x0 = fmin(x0, x), x1 = fmax(x1, x), y0 = fmin(y0, y), y1 = fmax(y1, y);
            seen++;
        }
        buf_addf(&b, "%s%.0f, %.0f, %d", k ? ", " : "", x, y, visible);
    }
    if (seen == 0)
        return 0;
    buf_addf(&b, "], \"num_keypoints\": %d, \"bbox\": [%.0f, %.0f, %.0f, %.0f], \"iscrowd\": 0}",
             seen, x0, y0, x1 - x0, y1 - y0);
    return spool_add(w, &b);
}

static int put_row(struct writer *w, const struct row_answers *r, const char *address)
{
    struct coco_state *st = w->state;
    int64_t image = st->images;
    struct shape *points = NEW_N(w->cx, struct shape, r->nitems + 1);
    int npoints = 0, rc = 0;
    bool has_image = false;

    if (r->nitems == 0) {
        put_image(w, address, 0, 0);
        return 0;
    }
    for (int i = 0; i < r->ngroups; i++)
        for (int j = 0; j < r->groups[i].n && rc == 0; j++) {
            struct shape s;

            shape_of(w->cx, r->groups[i].control, r->groups[i].items[j], &s);
            if (!s.label || !(s.width > 0 && s.height > 0)) {
                w->left_out++;
                continue;
            }
            if (!has_image)
                put_image(w, address, s.width, s.height);
            has_image = true;
            if (s.kind == SHAPE_BOX)
                rc = put_box(w, &s, image);
            else if (s.kind == SHAPE_POLYGON)
                rc = put_polygon(w, &s, image);
            else if (s.kind == SHAPE_KEYPOINT)
                points[npoints++] = s;
            else
                w->left_out++;
        }
    if (rc == 0 && npoints)
        rc = put_keypoints(w, points, npoints, image);
    return rc;
}

static int coco_task(struct writer *w, const struct export_task *t)
{
    struct row_answers *rows;
    const char *address;
    json_t *data;
    int n, rc;

    if ((rc = rows_data(w, t, &data)) < 0 || (rc = rows_make(w, t, &rows, &n)) < 0)
        return rc;
    address = image_address(w->cx, data, w->schema->image_key);
    for (int i = 0; i < n && rc == 0; i++) {
        rc = put_row(w, &rows[i], address);
        w->answers += rows[i].annotation != NULL;
    }
    return rc;
}

static void put_category(struct writer *w, int *n, const struct schema_class *c)
{
    struct buf b;

    buf_init(&b, w->cx, (size_t)LIMIT_ROW_BYTES);
    buf_addf(&b, "%s{\"id\": %d, \"name\": ", (*n)++ ? ",\n" : "\n", c->id);
    buf_add_json(&b, c->name, strlen(c->name));
    buf_addc(&b, '}');
    sink_put(w->sink, b.s, b.n);
}

static void put_keypoint_category(struct writer *w, int *n)
{
    struct coco_state *st = w->state;
    struct buf b;

    buf_init(&b, w->cx, (size_t)LIMIT_ROW_BYTES);
    buf_addf(&b, "%s{\"id\": %d, \"name\": \"default\", \"supercategory\": \"default\", "
             "\"keypoints\": [",
             (*n)++ ? ",\n" : "\n", st->keypoint_id);
    for (int i = 0; i < w->schema->nkeypoints; i++) {
        if (i)
            buf_adds(&b, ", ");
        buf_add_json(&b, w->schema->keypoints[i], strlen(w->schema->keypoints[i]));
    }
    buf_adds(&b, "], \"skeleton\": []}");
    sink_put(w->sink, b.s, b.n);
}

static int coco_close(struct writer *w)
{
    struct coco_state *st = w->state;
    char block[16384], date[CLOCK_ISO_SIZE];
    size_t k;
    int n = 0;

    sink_puts(w->sink, "\n],\n\"categories\": [");
    for (int i = 0; i < w->schema->nclasses; i++)
        if (!(st->keypoints && is_keypoint(w->schema, w->schema->classes[i].name)))
            put_category(w, &n, &w->schema->classes[i]);
    if (st->keypoints)
        put_keypoint_category(w, &n);
    for (int i = 0; i < st->nmore; i++)
        put_category(w, &n, &st->more[i]);
    sink_puts(w->sink, "\n],\n\"annotations\": [");
    if (fflush(st->spool) != 0)
        return fail(w->cx, E_FULL, "The temporary file of the export could not be written.");
    rewind(st->spool);
    while ((k = fread(block, 1, sizeof block, st->spool)) > 0)
        sink_put(w->sink, block, k);
    clock_iso(date, w->cx->now);
    sink_puts(w->sink, "\n],\n\"info\": {\"year\": ");
    sink_put(w->sink, date, 4);
    sink_puts(w->sink, ", \"version\": \"1.0\", \"description\": \"\", \"contributor\": "
                       "\"Label Studio\", \"url\": \"\", \"date_created\": \"");
    sink_puts(w->sink, date);
    sink_puts(w->sink, "\"}\n}\n");
    return sink_end(w->sink);
}

const struct format fmt_coco = {
    .name = "COCO", .file = "result.json", .ext = ".json", .mime = "application/json",
    .what = "boxes, polygons and keypoints on images, in pixels", .needs_schema = true,
    .open = coco_open, .task = coco_task, .close = coco_close,
};
