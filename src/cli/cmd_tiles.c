/* cmd_tiles.c -- annotary tiles: a huge picture becomes tiles; no server needed. */
#include "cli/cli.h"
#include "cli/confine.h"
#include "cli/progress.h"
#include "core/str.h"
#include "media/pack.h"
#include "media/picture.h"
#include "media/tile_folder.h"
#include "media/tiler.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct job {
    struct ctx *cx;
    struct picture *picture;
    struct pyramid p;
    int64_t quality, tiles, bytes;
    struct tile_folder *folder;         /* one of these two */
    struct pack_out *pack;
    int fd;                             /* that the pack goes to */
};

static int take_row(void *arg, uint8_t *row)
{
    return picture_row(arg, row);
}

static int take_tile(void *arg, int level, int64_t column, int64_t row, const uint8_t *bytes,
                     size_t n)
{
    struct job *j = arg;
    int rc;

    j->tiles++;
    j->bytes += (int64_t)n;
    if (j->folder)
        return tile_folder_tile(j->folder, level, column, row, bytes, n);
    rc = pack_tile(j->pack, level, column, row, (int64_t)n);
    return rc < 0 ? rc : pack_bytes(j->pack, bytes, n);
}

static int to_fd(void *arg, const void *bytes, size_t n)
{
    struct job *j = arg;

    for (size_t done = 0; done < n;) {
        ssize_t k = write(j->fd, (const char *)bytes + done, n - done);

        if (k < 0 && errno != EINTR)
            return fail(j->cx, errno == ENOSPC || errno == EDQUOT ? E_FULL : E_IO,
                        "The tiles cannot be written: %s.", strerror(errno));
        if (k > 0)
            done += (size_t)k;
    }
    return 0;
}

static int run(struct job *j, void (*progress)(void *, int64_t, int64_t), void *arg)
{
    struct tiler_in in = {.channels = j->picture->channels, .row = take_row, .arg = j->picture};
    struct tiler_out out = {.tile = take_tile, .arg = j, .progress = progress,
                            .progress_arg = arg};
    int rc = tiler_run(j->cx, &j->p, (int)j->quality, &in, &out);

    picture_close(j->picture);
    return rc;
}

static int begin(struct job *j, FILE *f)
{
    int rc = picture_open(j->cx, f, &j->picture);

    if (rc < 0)
        return rc;
    j->p.width = j->picture->head.width;
    j->p.height = j->picture->head.height;
    if ((rc = pyramid_init(j->cx, &j->p)) < 0)
        picture_close(j->picture);
    return rc;
}

/* ---- for people: a folder ---- */

/* "photos/slide.jpg" is called "slide". */
static const char *bare_name(struct ctx *cx, const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = talloc_strdup(cx->mem, slash ? slash + 1 : path), *dot = strrchr(name, '.');

    if (dot && dot > name)
        *dot = 0;
    return *name ? name : "picture";
}

/* In MB, since this program began; what the shell used before is in getrusage as well. */
static long long peak(void)
{
    FILE *f = fopen("/proc/self/status", "re");
    char line[256];
    long long kb = 0;

    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "VmHWM: %lld", &kb) == 1)
            break;
    if (f)
        fclose(f);
    return kb / 1024;
}

static int said(struct cli *cli, const struct job *j, const char *out)
{
    return cli_say(cli, json_null(),
                   "%s: %lld x %lld pixels, %d levels, %lld tiles, %.1f MB; at most %lld MB of "
                   "memory.", out, (long long)j->p.width, (long long)j->p.height, j->p.levels,
                   (long long)j->tiles, (double)j->bytes / 1e6, peak());
}

static int to_folder(struct cli *cli, struct job *j, const char *path, const char *out)
{
    struct progress bar = {.what = "Cutting"};
    const char *name = bare_name(cli->cx, path);
    FILE *f = fopen(path, "rbe");
    int rc;

    if (!f)
        return fail(cli->cx, E_NOTFOUND, "%s cannot be opened: %s.", path, strerror(errno));
    if (!out)
        out = name;
    if ((rc = begin(j, f)) == 0) {
        if ((rc = tile_folder_begin(cli->cx, out, name, &j->p, &j->folder)) < 0)
            picture_close(j->picture);
        else if ((rc = run(j, progress_show, &bar)) < 0)
            tile_folder_abort(j->folder);
        else
            rc = tile_folder_end(j->folder);
    }
    progress_end(&bar);
    fclose(f);
    return rc < 0 ? rc : said(cli, j, out);
}

/* ---- for the server: one file, in a process that can do nothing else ---- */

static void line(void *arg, int64_t done, int64_t total)
{
    (void)arg;
    dprintf(STDERR_FILENO, "%lld %lld\n", (long long)done, (long long)total);
}

/* The picture is standard input, the file standard output; lines about it go to standard error. */
static int confined(struct job *j)
{
    int rc = confine(j->cx, LIMIT_TILER_BYTES, LIMIT_TILER_S, LIMIT_TILES_BYTES);

    j->fd = STDOUT_FILENO;
    j->pack = pack_begin(j->cx, to_fd, j);
    if (rc == 0 && (rc = begin(j, stdin)) == 0 && (rc = run(j, line, NULL)) == 0)
        rc = pack_end(j->pack, &j->p);
    if (rc < 0)
        dprintf(STDERR_FILENO, "%d %s\n", rc, j->cx->why ? j->cx->why : "");
    return rc < 0 ? EXIT_FOUND : EXIT_OK;
}

int cmd_tiles(struct cli *cli, int argc, char **argv)
{
    const char *out = NULL, *args[1];
    int64_t tile = 512, overlap = 1;
    struct job j = {.cx = cli->cx, .quality = 85};
    bool alone = false;
    const struct opt opts[] = {
        {.name = "out", .arg = "FOLDER", .what = "a new folder; else called like the picture",
         .text = &out},
        {.name = "tile", .arg = "PIXELS", .what = "the side of a tile: 64 to 4096, else 512",
         .number = &tile},
        {.name = "overlap", .arg = "PIXELS", .what = "that a tile shares with each neighbour; "
         "else 1", .number = &overlap},
        {.name = "quality", .arg = "N", .what = "of the JPEG tiles: 1 to 100, else 85",
         .number = &j.quality},
        {.name = "confined", .what = "standard input into one file on standard output, as the "
         "server runs it", .flag = &alone},
        {0},
    };
    const struct use use = {
        .command = "tiles", .args = "PICTURE", .opts = opts, .max = 1, .alone = true,
        .what = "Cut a JPEG or PNG picture of any size into tiles (Deep Zoom: NAME.dzi and "
                "NAME_files/), without ever holding it in memory.  The folder appears whole or "
                "not at all; import it, or a zip of it, and the picture is one task.",
        .examples = "  annotary tiles slide.jpg\n"
                    "  annotary tiles --out slide-tiles --quality 92 slide.png\n"
                    "  annotary tiles map.jpg && annotary import --project 1 map/\n",
    };

    cli_args(cli, &use, argc, argv, args);
    if (j.quality < 1 || j.quality > 100)
        return cli_usage("--quality is 1 to 100.");
    if (tile < 64 || tile > 4096 || overlap < 0 || overlap > tile / 4)
        return cli_usage("--tile is 64 to 4096, --overlap 0 to a quarter of that.");
    j.p = (struct pyramid){.tile = (int)tile, .overlap = (int)overlap};
    if (alone)
        return confined(&j);
    if (!args[0])
        return cli_usage("tiles needs a picture; see annotary tiles --help");
    return cli_done(cli, to_folder(cli, &j, args[0], out));
}
