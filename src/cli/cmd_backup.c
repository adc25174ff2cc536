/*
 * cmd_backup.c -- annotary backup and restore.
 *
 * A backup is a folder: annotary.db (one consistent moment), blobs/ (all files
 * that the database may name: files are written before rows and never change),
 * and manifest.json with the digest of the database.  It is made under another
 * name and renamed when it is whole, so that half a backup is never taken for
 * one.  restore checks the digest, keeps what it replaces, and refuses to run
 * beside a server.
 */
#include "cli/cli.h"
#include "core/clock.h"
#include "core/id.h"
#include "core/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MANIFEST_MAX 65536

static int trouble(struct ctx *cx, const char *what, const char *path)
{
    int e = errno;

    return fail(cx, e == ENOSPC || e == EDQUOT ? E_FULL : E_IO, "%s %s: %s", what, path,
                strerror(e));
}

static char *join(struct ctx *cx, const char *a, const char *b)
{
    return talloc_asprintf(cx->mem, "%s/%s", a, b);
}

static int sync_dir(struct ctx *cx, const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || fsync(fd) != 0) {
        int rc = trouble(cx, "cannot sync", path);

        if (fd >= 0)
            close(fd);
        return rc;
    }
    close(fd);
    return 0;
}

static int pump(struct ctx *cx, int in, int out, const char *from, const char *to)
{
    static char chunk[256 * 1024];
    ssize_t n;

    while ((n = read(in, chunk, sizeof chunk)) > 0)
        for (ssize_t at = 0, w; at < n; at += w)
            if ((w = write(out, chunk + at, (size_t)(n - at))) < 0)
                return trouble(cx, "cannot write", to);
    if (n < 0)
        return trouble(cx, "cannot read", from);
    return fsync(out) == 0 ? 0 : trouble(cx, "cannot sync", to);
}

/* A new file with the same bytes, on disk. */
static int copy_file(struct ctx *cx, const char *from, const char *to)
{
    int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), out, rc;

    if (in < 0)
        return trouble(cx, "cannot read", from);
    if ((out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0) {
        rc = trouble(cx, "cannot write", to);
    } else {
        rc = pump(cx, in, out, from, to);
        close(out);
    }
    close(in);
    return rc;
}

static bool is_hex(const char *s)
{
    return *s && strspn(s, "0123456789abcdef") == strlen(s);
}

/*
 * Copy blobs/ab/cdef… that are missing at the other side; `add` counts them.
 * Only names that are digests: nothing else belongs there.
 */
static int copy_blobs(struct ctx *cx, const char *from, const char *to, int64_t *added)
{
    DIR *top = opendir(from);
    struct dirent *a, *b;
    int rc = 0;

    if (mkdir(to, 0700) != 0 && errno != EEXIST)
        rc = trouble(cx, "cannot make", to);
    while (top && rc == 0 && (a = readdir(top))) {
        char *in = join(cx, from, a->d_name), *out = join(cx, to, a->d_name);
        DIR *d = is_hex(a->d_name) ? opendir(in) : NULL;

        if (d && mkdir(out, 0700) != 0 && errno != EEXIST)
            rc = trouble(cx, "cannot make", out);
        while (d && rc == 0 && (b = readdir(d))) {
            char *file = join(cx, out, b->d_name);

            if (!is_hex(b->d_name) || access(file, F_OK) == 0)
                continue;
            rc = copy_file(cx, join(cx, in, b->d_name), file);
            (*added)++;
        }
        if (d) {
            closedir(d);
            rc = rc < 0 ? rc : sync_dir(cx, out);
        }
    }
    if (top)
        closedir(top);
    return rc < 0 ? rc : sync_dir(cx, to);
}

static int digest_file(struct ctx *cx, const char *path, char hex[ID_SHA256_HEX])
{
    static uint8_t chunk[256 * 1024];
    uint8_t sum[ID_SHA256_BYTES];
    crypto_hash_sha256_state s;
    FILE *f = fopen(path, "re");
    size_t n;

    if (!f)
        return trouble(cx, "cannot read", path);
    crypto_hash_sha256_init(&s);
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        crypto_hash_sha256_update(&s, chunk, n);
    bool broken = ferror(f) != 0;
    fclose(f);
    if (broken)
        return fail(cx, E_IO, "cannot read %s", path);
    crypto_hash_sha256_final(&s, sum);
    id_hex(hex, sum, sizeof sum);
    return 0;
}

/* --- backup -------------------------------------------------------------------------------- */

static void tell(void *arg, int64_t done, int64_t total)
{
    (void)arg;
    if (isatty(STDERR_FILENO) && total > 0)
        fprintf(stderr, "\r%d %%%s", (int)(done * 100 / total), done == total ? "\n" : "");
}

static int write_manifest(struct cli *cli, const char *folder, int64_t blobs)
{
    char hex[ID_SHA256_HEX], now[CLOCK_ISO_SIZE], *path = join(cli->cx, folder, "manifest.json");
    int rc = digest_file(cli->cx, join(cli->cx, folder, "annotary.db"), hex);

    if (rc < 0)
        return rc;
    const char *text = json_text(cli->cx, json_keep(cli->cx,
        json_pack("{s:s, s:s, s:i, s:s, s:s, s:I}", "format", "annotary-backup-1", "version",
                  ANNOTARY_VERSION, "schema", store_schema(cli->st), "made",
                  clock_iso(now, cli->cx->now), "sha256", hex, "blobs", blobs)));
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return trouble(cli->cx, "cannot write", path);
    bool ok = dprintf(fd, "%s\n", text) > 0 && fsync(fd) == 0;
    rc = ok ? 0 : trouble(cli->cx, "cannot write", path);
    close(fd);
    return rc;
}

static int make_backup(struct cli *cli, const char *part, int64_t *blobs)
{
    struct ctx *cx = cli->cx;
    int rc;

    if (mkdir(part, 0700) != 0)
        return trouble(cx, "cannot make", part);
    /* The database first: every file it names is in blobs/ by then. */
    if ((rc = store_backup(cx, cli->st, join(cx, part, "annotary.db"), tell, NULL)) < 0 ||
        (rc = copy_blobs(cx, join(cx, store_dir(cli->st), "blobs"), join(cx, part, "blobs"),
                         blobs)) < 0 ||
        (rc = write_manifest(cli, part, *blobs)) < 0)
        return rc;
    return sync_dir(cx, part);
}

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *f)
{
    (void)s;
    (void)kind;
    (void)f;
    return remove(path);
}

int cmd_backup(struct cli *cli, int argc, char **argv)
{
    const struct use use = {
        .command = "backup", .args = "FOLDER", .min = 1, .max = 1,
        .what = "Copy the database and all files into a new folder, while the server runs.  With "
                "PostgreSQL use pg_dump, and copy DATA/blobs afterwards.",
        .examples = "  annotary backup /backup/annotary-$(date +%F)\n",
    };
    struct ctx *cx = cli->cx;
    const char *to;
    int64_t blobs = 0;
    int rc;

    cli_args(cli, &use, argc, argv, &to);
    char *folder = talloc_strdup(cx->mem, to);
    while (strlen(folder) > 1 && folder[strlen(folder) - 1] == '/')
        folder[strlen(folder) - 1] = 0;
    char *part = talloc_asprintf(cx->mem, "%s.part-%d", folder, (int)getpid());
    if (access(folder, F_OK) == 0)
        return cli_done(cli, fail(cx, E_EXISTS, "%s is there already.", folder));
    if ((rc = cli_open(cli, false, false)) < 0)
        return cli_done(cli, rc);
    rc = make_backup(cli, part, &blobs);
    if (rc >= 0 && rename(part, folder) != 0)
        rc = trouble(cx, "cannot rename", part);
    if (rc < 0) {
        nftw(part, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        return cli_done(cli, rc);
    }
    return cli_say(cli, json_pack("{s:s, s:i, s:I}", "folder", folder, "schema",
                                  store_schema(cli->st), "blobs", blobs),
                   "Backup in %s: the database and %lld files.", folder, (long long)blobs);
}

/* --- restore ------------------------------------------------------------------------------- */

static int check_backup(struct cli *cli, const char *from)
{
    struct ctx *cx = cli->cx;
    char hex[ID_SHA256_HEX], *text, *path = join(cx, from, "manifest.json");
    json_t *m;
    size_t n;
    int rc;

    if (access(path, F_OK) != 0)
        return fail(cx, E_INVALID, "%s is no backup: it has no manifest.json.", from);
    if ((rc = cli_read(cli, path, MANIFEST_MAX, &text, &n)) < 0 ||
        (rc = json_read(cx, text, n, &m)) < 0)
        return rc;
    if (strcmp(json_str(m, "format", ""), "annotary-backup-1") != 0)
        return fail(cx, E_INVALID, "%s was made by another program or version.", from);
    if ((rc = digest_file(cx, join(cx, from, "annotary.db"), hex)) < 0)
        return rc;
    if (strcmp(json_str(m, "sha256", ""), hex) != 0)
        return fail(cx, E_INVALID, "The database in %s is not the one that was backed up.", from);
    return 0;
}

/* The exclusive lock of the data folder, or E_FORBIDDEN while anybody has it open. */
static int lock_data(struct cli *cli, int *fd)
{
    char *path = join(cli->cx, cli->set.data, "annotary.lock");

    if (mkdir(cli->set.data, 0700) != 0 && errno != EEXIST)
        return trouble(cli->cx, "cannot make", cli->set.data);
    if ((*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) < 0)
        return trouble(cli->cx, "cannot open", path);
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    close(*fd);
    return fail(cli->cx, E_FORBIDDEN,
                "Another Annotary process uses %s.  Stop the server first.", cli->set.data);
}

/* Aside, not away: what was there goes to backups/replaced-TIME.*, with its log. */
static int put_aside(struct cli *cli, char **kept)
{
    static const char *const tails[] = {"", "-wal", "-shm"};
    struct ctx *cx = cli->cx;
    char *db = join(cx, cli->set.data, "annotary.db"), *dir = join(cx, cli->set.data, "backups");

    *kept = NULL;
    if (access(db, F_OK) != 0)
        return 0;
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return trouble(cx, "cannot make", dir);
    *kept = talloc_asprintf(cx->mem, "%s/replaced-%lld.db", dir, (long long)cx->now);
    for (int i = 0; i < 3; i++) {
        char *from = talloc_asprintf(cx->mem, "%s%s", db, tails[i]);

        if (rename(from, talloc_asprintf(cx->mem, "%s%s", *kept, tails[i])) != 0 &&
            errno != ENOENT)
            return trouble(cx, "cannot move", from);
    }
    return sync_dir(cx, dir);
}

static int put_in_place(struct cli *cli, const char *from, char **kept, int64_t *blobs)
{
    struct ctx *cx = cli->cx;
    char *db = join(cx, cli->set.data, "annotary.db");
    char *part = talloc_asprintf(cx->mem, "%s.restore", db);
    int rc;

    if (unlink(part) != 0 && errno != ENOENT)
        return trouble(cx, "cannot remove", part);
    if ((rc = copy_blobs(cx, join(cx, from, "blobs"), join(cx, cli->set.data, "blobs"),
                         blobs)) < 0 ||
        (rc = copy_file(cx, join(cx, from, "annotary.db"), part)) < 0 ||
        (rc = put_aside(cli, kept)) < 0)
        return rc;
    if (rename(part, db) != 0)
        return trouble(cx, "cannot rename", part);
    return sync_dir(cx, cli->set.data);
}

int cmd_restore(struct cli *cli, int argc, char **argv)
{
    bool force = false;
    const struct opt opts[] = {{.name = "force", .what = "also where there is a database: it is "
                                "kept in DATA/backups", .flag = &force}, {0}};
    const struct use use = {
        .command = "restore", .args = "FOLDER", .min = 1, .max = 1, .opts = opts,
        .what = "Put a backup into the data folder.  Refused while a server runs.",
        .examples = "  annotary restore /backup/annotary-2026-11-01 --data /srv/annotary\n",
    };
    const char *from;
    char *kept = NULL;
    int64_t blobs = 0;
    int fd = -1, rc;

    cli_args(cli, &use, argc, argv, &from);
    if (*cli->set.database)
        return cli_done(cli, fail(cli->cx, E_INVALID, "With PostgreSQL use pg_restore, and copy "
                                                      "blobs/ into the data folder."));
    if ((rc = check_backup(cli, from)) < 0 || (rc = lock_data(cli, &fd)) < 0)
        return cli_done(cli, rc);
    if (!force && access(join(cli->cx, cli->set.data, "annotary.db"), F_OK) == 0)
        rc = fail(cli->cx, E_EXISTS, "There is a database in %s already.  --force puts it aside.",
                  cli->set.data);
    else
        rc = put_in_place(cli, from, &kept, &blobs);
    close(fd);
    /* Opening it migrates a backup of an older version, and shows that it can be opened. */
    if (rc < 0 || (rc = cli_open(cli, true, false)) < 0 ||
        (rc = store_check(cli->cx, cli->st)) < 0)
        return cli_done(cli, rc);
    return cli_say(cli, json_pack("{s:s, s:I, s:s?}", "data", cli->set.data, "blobs", blobs,
                                  "kept", kept),
                   "Restored into %s%s%s.", cli->set.data,
                   kept ? "; what was there before is " : "", kept ? kept : "");
}
