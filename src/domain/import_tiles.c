/* import_tiles.c -- see import_tiles.h. */
#include "domain/import_tiles.h"

#include "domain/run.h"
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

void import_tiles(struct reader *r)
{
    reader_on_tiles(r, begin, put, end);
}
