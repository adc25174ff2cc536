/* tile_folder.c -- see tile_folder.h. */
#include "media/tile_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

struct tile_folder {
    struct ctx *cx;
    const struct pyramid *p;
    const char *path, *part, *name;
    int level[PYRAMID_LEVELS];          /* descriptors of their folders; -1: not made yet */
};

static int no_disk(struct ctx *cx)
{
    return fail(cx, errno == ENOSPC || errno == EDQUOT ? E_FULL : E_IO,
                "The folder cannot be written: %s.", strerror(errno));
}

int tile_folder_begin(struct ctx *cx, const char *path, const char *name, const struct pyramid *p,
                      struct tile_folder **out)
{
    struct tile_folder *f = NEW(cx, struct tile_folder);
    char *part = talloc_asprintf(cx->mem, "%s.part-XXXXXX", path);

    if (access(path, F_OK) == 0)
        return fail(cx, E_EXISTS, "%s is there already; give another name with --out.", path);
    if (!mkdtemp(part))
        return no_disk(cx);
    *f = (struct tile_folder){.cx = cx, .p = p, .path = path, .part = part, .name = name};
    for (int l = 0; l < PYRAMID_LEVELS; l++)
        f->level[l] = -1;
    *out = f;
    if (mkdir(talloc_asprintf(cx->mem, "%s/%s_files", part, name), 0777) < 0) {
        no_disk(cx);
        tile_folder_abort(f);
        return E_IO;
    }
    return 0;
}

static int level_folder(struct tile_folder *f, int level)
{
    char *path;

    if (f->level[level] >= 0)
        return 0;
    path = talloc_asprintf(f->cx->mem, "%s/%s_files/%d", f->part, f->name, level);
    if (mkdir(path, 0777) < 0 ||
        (f->level[level] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
        return no_disk(f->cx);
    talloc_free(path);
    return 0;
}

static int put_file(struct tile_folder *f, int at, const char *name, const void *bytes, size_t n)
{
    int fd = openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666), rc = 0;

    if (fd < 0)
        return no_disk(f->cx);
    for (size_t done = 0; done < n && rc == 0;) {
        ssize_t k = write(fd, (const char *)bytes + done, n - done);

        if (k < 0 && errno != EINTR)
            rc = no_disk(f->cx);
        else if (k > 0)
            done += (size_t)k;
    }
    if (close(fd) < 0 && rc == 0)
        rc = no_disk(f->cx);
    return rc;
}

int tile_folder_tile(void *folder, int level, int64_t column, int64_t row, const uint8_t *bytes,
                     size_t n)
{
    struct tile_folder *f = folder;
    char name[64];
    int rc = level_folder(f, level);

    snprintf(name, sizeof name, "%lld_%lld.jpg", (long long)column, (long long)row);
    return rc < 0 ? rc : put_file(f, f->level[level], name, bytes, n);
}

static void levels_close(struct tile_folder *f)
{
    for (int l = 0; l < PYRAMID_LEVELS; l++)
        if (f->level[l] >= 0)
            close(f->level[l]);
}

int tile_folder_end(struct tile_folder *f)
{
    const char *dzi = dzi_text(f->cx, f->p);
    int rc = put_file(f, AT_FDCWD, talloc_asprintf(f->cx->mem, "%s/%s.dzi", f->part, f->name), dzi,
                      strlen(dzi));

    if (rc == 0 && (chmod(f->part, 0755) < 0 || rename(f->part, f->path) < 0))
        rc = no_disk(f->cx);
    if (rc < 0)
        tile_folder_abort(f);
    else
        levels_close(f);
    return rc;
}

static int drop(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

void tile_folder_abort(struct tile_folder *f)
{
    levels_close(f);
    nftw(f->part, drop, 16, FTW_DEPTH | FTW_PHYS);
}
