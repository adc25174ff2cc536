/* api_media.c -- files that tasks show: pictures, texts, tiles of pictures. */
#include "http/api.h"

#include "core/str.h"
#include "domain/media.h"
#include "domain/run.h"
#include "http/field.h"
#include "http/reply.h"
#include "http/shape.h"
#include "media/pack.h"

#include <unistd.h>

/* Only these are shown in place; everything else is a download. */
static bool shown_inline(const char *mime)
{
    static const char *const list[] = { "image/png", "image/jpeg", "image/gif", "image/webp",
                                        "image/bmp", "image/svg+xml", "text/plain", NULL };

    for (int i = 0; list[i]; i++) {
        if (strcmp(mime, list[i]) == 0)
            return true;
    }
    return false;
}

/* May be kept by the browser, and runs nothing. */
static int shown(struct rq *r)
{
    reply_header(r, "Cache-Control", "private, max-age=3600, immutable");
    reply_header(r, "Content-Security-Policy",
                 "default-src 'none'; style-src 'unsafe-inline'; sandbox");
    r->reply.cached = true;
    return 0;
}

/* The file behind "HASH" and `suffix`, when the caller may see it. */
static int find(struct rq *r, const char *suffix, struct media *m, int *fd)
{
    char *hash = talloc_strdup(r->cx->mem, r->part[1]);
    int rc;

    hash[strlen(hash) - strlen(suffix)] = 0;
    rc = media_get(r->cx, &r->access, hash, m);
    return rc < 0 ? rc : run_blob(r->cx, r->run, m->hash, fd, &m->bytes);
}

/* ---- one in tiles ---- */

static int tile(struct rq *r, const struct pack *k, int level, int64_t column, int64_t row)
{
    int64_t at, bytes;
    int rc = pack_find(r->cx, k, level, column, row, &at, &bytes);

    if (rc < 0)
        return rc;
    reply_file_part(r, k->p.png ? "image/png" : "image/jpeg", k->fd, at, bytes);
    return shown(r);
}

static int description(struct rq *r, const struct pack *k)
{
    const char *xml = dzi_text(r->cx, &k->p);

    reply_bytes(r, 200, "application/xml", xml, strlen(xml));
    close(k->fd);
    return shown(r);
}

/* Its description, or with `name` a tile; without either a small picture of the whole. */
static int in_tiles(struct rq *r, const struct media *m, int fd, bool is_dzi, const char *name)
{
    struct pack k;
    int64_t column = 0, row = 0;
    int level, rc = pack_open(r->cx, fd, m->bytes, &k);
    bool png = k.p.png;

    if (rc == 0 && is_dzi)
        return description(r, &k);
    level = rc == 0 ? pyramid_preview(&k.p) : 0;
    if (rc == 0 && name && dzi_tile_name(name, &level, &column, &row, &png) < 0)
        rc = fail(r->cx, E_NOTFOUND, "There is no such tile.");
    if (rc == 0)
        rc = tile(r, &k, level, column, row);
    if (rc < 0)
        close(fd);
    return rc;
}

int media_tile(struct rq *r)
{
    struct media m;
    int fd, rc;

    if (!str_ends(r->part[1], "_files"))
        return fail(r->cx, E_NOTFOUND, "There is no such tile.");
    if ((rc = find(r, "_files", &m, &fd)) < 0)
        return rc;
    if (media_is_tiles(&m))
        return in_tiles(r, &m, fd, false,
                        talloc_asprintf(r->cx->mem, "%s/%s", r->part[2], r->part[3]));
    close(fd);
    return fail(r->cx, E_NOTFOUND, "This picture has no tiles.");
}

/* ---- any ---- */

int media_show(struct rq *r)
{
    bool is_dzi = str_ends(r->part[1], ".dzi");
    struct media m;
    int fd, rc = find(r, is_dzi ? ".dzi" : "", &m, &fd);

    if (rc < 0)
        return rc;
    if (media_is_tiles(&m))
        return in_tiles(r, &m, fd, is_dzi, NULL);
    if (is_dzi) {
        close(fd);
        return fail(r->cx, E_NOTFOUND, "This picture has no tiles.");
    }
    reply_file(r, shown_inline(m.mime) ? m.mime : "application/octet-stream", fd, m.bytes);
    if (!shown_inline(m.mime))
        reply_attachment(r, m.name);
    return shown(r);
}

int media_names(struct rq *r)
{
    struct media *m;
    json_t *list;
    int limit = page_limit(r), n;
    int rc = media_list(r->cx, r->id[0], query_int(r, "after", 0), limit, &m, &n);

    if (rc < 0)
        return rc;
    list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:I, s:s, s:s, s:I, s:s}", "id",
                                              (json_int_t)m[i].id, "file", m[i].name, "type",
                                              m[i].mime, "size", (json_int_t)m[i].bytes, "url",
                                              media_address_of(r->cx, &m[i])));
    return reply_json(r, 200, list);
}
