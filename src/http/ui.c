/* ui.c -- see ui.h. */
#include "http/ui.h"
#include "http/reply.h"

static const char not_built[] =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Annotary</title>"
    "<body><h1>Annotary</h1><p>The server is running, but this program was built without the web "
    "UI. Run <code>make build</code>, or use the API under <code>/api/</code>.</p></body></html>";

/* The frame in which hostile HTML of a task is shown: a policy of its own (ui.md §12). */
#define FRAME_PATH "/frame.html"
static const char frame_policy[] =
    "default-src 'none'; img-src 'self' data: blob:; style-src 'unsafe-inline'; "
    "frame-ancestors 'self'";

bool ui_serves(const char *path)
{
    return strcmp(path, "/api") != 0 && !str_starts(path, "/api/") && !str_starts(path, "/data/") &&
           !str_starts(path, "/media/");
}

static const struct ui_file *find(const char *path)
{
    for (const struct ui_file *f = ui_files; f->path; f++) {
        if (strcmp(f->path, path) == 0)
            return f;
    }
    return NULL;
}

static bool takes_gzip(const struct rq *r)
{
    const char *h = r->head[RH_ACCEPT_ENCODING];
    const char *at = h ? strstr(h, "gzip") : NULL;

    return at && !str_starts(at + 4, ";q=0") ;
}

static int serve(struct rq *r, int status, const struct ui_file *f)
{
    bool gzip = f->gzip && takes_gzip(r);

    reply_bytes(r, status, f->type, (const char *)(gzip ? f->gzip : f->bytes),
                gzip ? f->ngzip : f->n);
    if (gzip)
        reply_header(r, "Content-Encoding", "gzip");
    if (f->gzip)
        reply_header(r, "Vary", "Accept-Encoding");
    return 0;
}

static int page(struct rq *r, int status)
{
    const struct ui_file *f = find("/index.html");

    if (f)
        serve(r, status, f);
    else
        reply_bytes(r, status, "text/html; charset=utf-8", not_built, sizeof not_built - 1);
    r->reply.page = true;
    return 0;
}

static int ui_act(struct rq *r)
{
    const struct ui_file *f = strcmp(r->path, "/index.html") == 0 ? NULL : find(r->path);
    const char *last = strrchr(r->path, '/');

    if (!f)
        return page(r, strchr(last ? last : r->path, '.') && strcmp(r->path, "/index.html") ? 404
                                                                                            : 200);
    serve(r, 200, f);
    if (strcmp(r->path, FRAME_PATH) == 0) {
        reply_header(r, "Content-Security-Policy", "%s", frame_policy);
        reply_header(r, "Cache-Control", "no-cache");
        r->reply.cached = true;
    } else if (str_starts(f->type, "text/html")) {
        r->reply.page = true;
    } else {
        reply_header(r, "Cache-Control", str_starts(r->path, "/assets/")
                                             ? "public, max-age=31536000, immutable" : "no-cache");
        r->reply.cached = true;
    }
    return 0;
}

const struct route ui_route = {
    M_GET, "/", ON_NOTHING, MAY_PUBLIC, ROUTE_LOOP, NULL, ui_act, 0, "The web UI.",
};
