/* read_tiles.c -- see read_tiles.h. */
#include "formats/read_tiles.h"

#include "media/pack.h"

#define FILES "_files/"

/* One picture of which something was seen, and not yet all. */
struct tiles {
    struct tiles *next;
    struct ctx *cx;             /* its memory and its sentence */
    char *name;                 /* path without ".dzi" or "_files/…" */
    int64_t line;               /* of the first file of it */
    bool is_known;              /* its .dzi was read */
    struct pyramid p;
    struct pack_out *pack;
    int64_t of_kind[2];         /* tiles that are JPEG, PNG */
    void *to;                   /* what the taker calls it */
};

static int put(void *arg, const void *bytes, size_t n)
{
    struct reader *r = arg;

    return r->tiles_write(r->tiles_to, bytes, n);
}

/* ---- which picture a file belongs to ---- */

struct part {
    size_t name;                /* bytes of the path */
    bool is_dzi, png;
    int level;
    int64_t column, row;
};

static bool part_of(const char *path, const char *head, size_t n, struct part *out)
{
    const char *at = NULL;

    if (str_ends(path, ".dzi") && dzi_sniff(head, n)) {
        *out = (struct part){.name = strlen(path) - 4, .is_dzi = true};
        return true;
    }
    for (const char *next = path; (next = strstr(next, FILES)); next += sizeof FILES - 1)
        at = next;
    if (!at || dzi_tile_name(at + sizeof FILES - 1, &out->level, &out->column, &out->row,
                             &out->png) < 0)
        return false;
    out->name = (size_t)(at - path);
    out->is_dzi = false;
    return true;
}

static struct tiles *find(struct reader *r, const char *path, size_t n, int *open)
{
    *open = 0;
    for (struct tiles *t = r->tiles; t; t = t->next, (*open)++)
        if (strlen(t->name) == n && memcmp(t->name, path, n) == 0)
            return t;
    return NULL;
}

static struct tiles *begin(struct reader *r, const char *path, size_t n, int64_t line)
{
    struct ctx *cx = ctx_new(r);
    struct tiles *t = NEW(cx, struct tiles), **last = &r->tiles;

    *t = (struct tiles){.cx = cx, .name = talloc_strndup(cx->mem, path, n), .line = line};
    t->pack = pack_begin(cx, put, r);
    while (*last)
        last = &(*last)->next;
    *last = t;
    if (r->tiles_begin && !(t->to = r->tiles_begin(cx, r->take_arg)))
        t->cx->why = t->cx->why ? t->cx->why : "The picture cannot be stored.";
    return t;
}

static void drop(struct reader *r, struct tiles *t)
{
    struct tiles **at = &r->tiles;

    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    ctx_free(t->cx);
}

/* ---- one file of it ---- */

static int read_all(struct tiles *t, struct file_in *f, const char *head, size_t n, struct buf *b)
{
    char block[16384];
    int64_t k;

    buf_init(b, t->cx, (size_t)LIMIT_ROW_BYTES);
    if (buf_add(b, head, n) < 0)
        return E_TOOBIG;
    while ((k = f->read(f, block, sizeof block)) > 0)
        if (buf_add(b, block, (size_t)k) < 0)
            return fail(t->cx, E_TOOBIG, "A tile is larger than %lld bytes.",
                        (long long)LIMIT_ROW_BYTES);
    return k < 0 ? fail(t->cx, E_INVALID, "The file could not be read.") : 0;
}

static int take_tile(struct reader *r, struct tiles *t, const struct part *part,
                     const struct buf *b)
{
    const char *type = sniff_picture(b->s ? b->s : "", b->n);
    int rc;

    if (!type || strcmp(type, part->png ? "image/png" : "image/jpeg") != 0)
        return fail(t->cx, E_INVALID, "The tile %d/%lld_%lld is no %s file.", part->level,
                    (long long)part->column, (long long)part->row, part->png ? "PNG" : "JPEG");
    t->of_kind[part->png]++;
    r->tiles_to = t->to;
    if ((rc = pack_tile(t->pack, part->level, part->column, part->row, (int64_t)b->n)) == 0)
        rc = pack_bytes(t->pack, b->s, b->n);
    return rc;
}

static bool is_whole(const struct tiles *t)
{
    return t->is_known && pack_count(t->pack) >= pyramid_tiles(&t->p);
}

/* A row of what went wrong; the picture is over. */
static bool bad(struct reader *r, struct row *row, struct tiles *t)
{
    row->line = t->line;
    row->name = talloc_asprintf(r->rx->mem, "%s.dzi", t->name);
    row_bad(r, row, E_INVALID, talloc_strdup(r->rx->mem, t->cx->why));
    drop(r, t);
    return true;
}

static bool ended(struct reader *r, struct row *row, struct tiles *t)
{
    const char *address = NULL;

    r->tiles_to = t->to;
    if (t->of_kind[!t->p.png])
        fail(t->cx, E_INVALID, "The .dzi file says %s, and some tiles are not.",
             t->p.png ? "png" : "jpg");
    else if (pack_end(t->pack, &t->p) == 0)
        address = r->tiles_end(t->cx, r->take_arg, t->to, t->name);
    if (!address)
        return bad(r, row, t);
    row->line = t->line;
    row->name = talloc_asprintf(r->rx->mem, "%s.dzi", t->name);
    row_field(r, row, r->image_field, address, strlen(address));
    drop(r, t);
    return true;
}

enum tiles_said tiles_take(struct reader *r, struct row *row, const char *path, struct file_in *f,
                           const char *head, size_t n)
{
    struct part part;
    struct tiles *t;
    struct buf b;
    int open;

    if (!r->tiles_begin || !part_of(path, head, n, &part))
        return TILES_OTHER;
    t = find(r, path, part.name, &open);
    if (!t && open == LIMIT_TILES_OPEN) {
        row_bad(r, row, E_TOOBIG,
                talloc_asprintf(r->rx->mem,
                                "More than %lld pictures in tiles are mixed up with each other: "
                                "put the files of each together.", (long long)LIMIT_TILES_OPEN));
        return TILES_ROW;
    }
    if (!t)
        t = begin(r, path, part.name, row->line);
    if (t->cx->why)             /* something is wrong with it already: that is said once */
        return TILES_TAKEN;
    if (read_all(t, f, head, n, &b) == 0) {
        if (!part.is_dzi)
            take_tile(r, t, &part, &b);
        else
            t->is_known = dzi_read(t->cx, b.s ? b.s : "", b.n, &t->p) == 0;
    }
    talloc_free(b.s);
    return !t->cx->why && is_whole(t) && ended(r, row, t) ? TILES_ROW : TILES_TAKEN;
}

bool tiles_rest(struct reader *r, struct row *row)
{
    struct tiles *t = r->tiles;

    if (!t)
        return false;
    if (!t->cx->why && !t->is_known)
        fail(t->cx, E_INVALID, "There are tiles of a picture, but no %s.dzi.", t->name);
    else if (!t->cx->why)
        pack_end(t->pack, &t->p);       /* says which are missing */
    return bad(r, row, t);
}
