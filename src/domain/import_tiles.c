/* import_tiles.c -- see import_tiles.h. */
#include "domain/import_tiles.h"

#include "domain/run.h"
#include "domain/tiling.h"
#include "formats/reader.h"
#include "media/pack.h"
#include "store/blob.h"

struct packing {
    struct load *l;
    struct blob_writer *w;      /* NULL while checking */
};

static void *begin(struct ctx *cx, void *arg)
{
    struct packing *k = NEW(cx, struct packing);

    k->l = arg;
    if (!k->l->storing)
        return k;
    if ((k->l->file_rc = blob_begin(cx, run_store(k->l->run), &k->w)) < 0)
        return NULL;
    blob_allow(k->w, LIMIT_TILES_BYTES);
    return k;
}

static int put(void *to, const void *bytes, size_t n)
{
    struct packing *k = to;

    return k->w ? k->l->file_rc = blob_write(k->w, bytes, n) : 0;
}

static const char *end(struct ctx *cx, void *arg, void *to, const char *name)
{
    struct packing *k = to;
    struct load *l = arg;
    char hash[ID_SHA256_HEX] = "";
    struct media m = {.project = l->project, .hash = hash, .name = name, .mime = PACK_TYPE};

    if (k->w) {
        if ((l->file_rc = blob_commit(k->w, hash, &m.bytes)) < 0)
            return NULL;
        load_keep_file(l, &m);
    }
    return media_address_of(cx, &m);
}

/* ---- one picture ---- */

/* How far the cutting is, as if so much of the picture's bytes were read. */
struct cutting {
    struct load *l;
    int64_t bytes;
};

static void tell(void *arg, int64_t done, int64_t total)
{
    struct cutting *c = arg;
    struct load *l = c->l;
    int64_t at = l->before + reader_done(l->reader);

    if (l->progress && total > 0 && total <= LIMIT_PICTURE_SIDE && done >= 0 && done <= total)
        l->progress(l->progress_arg, at - c->bytes + c->bytes * done / total,
                    2 * (l->bytes > 0 ? l->bytes : 1));
}

static int stored(struct ctx *cx, struct load *l, struct blob_writer *w, struct media *m)
{
    char hash[ID_SHA256_HEX];
    struct cutting c = {.l = l};
    int fd = blob_written(w, &c.bytes), rc;

    if (!tiling_needed(fd)) {
        rc = c.bytes > LIMIT_BLOB_BYTES ? fail(cx, E_TOOBIG, "A file may have at most %lld MiB.",
                                               (long long)(LIMIT_BLOB_BYTES >> 20))
                                        : blob_commit(w, hash, &m->bytes);
        if (rc == E_TOOBIG)
            blob_abort(w);
    } else {
        rc = tiling_run(cx, l->run, fd, tell, &c, hash, &m->bytes);
        m->mime = PACK_TYPE;
        blob_abort(w);
    }
    m->hash = rc == 0 ? talloc_strdup(cx->mem, hash) : NULL;
    return rc;
}

int import_picture(struct ctx *cx, struct load *l, struct file_in *f, struct media *m)
{
    struct blob_writer *w;
    char buf[16384];
    int64_t k;
    int rc = blob_begin(cx, run_store(l->run), &w);

    if (rc < 0)
        return rc;
    blob_allow(w, LIMIT_PICTURE_BYTES);
    while ((k = f->read(f, buf, sizeof buf)) > 0)
        if ((rc = blob_write(w, buf, (size_t)k)) < 0)
            break;
    if (k >= 0 && rc == 0)
        return stored(cx, l, w, m);
    blob_abort(w);
    return rc < 0 ? rc : (int)k;
}

void import_tiles(struct reader *r)
{
    reader_on_tiles(r, begin, put, end);
}
