/* cmd_import.c -- annotary import: a file, a folder or standard input becomes tasks. */
#include "cli/cli.h"
#include "cli/door.h"
#include "cli/progress.h"
#include "domain/importer.h"
#include "domain/run.h"
#include "store/blob.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDERS_DEEP 32

DOOR(import_begin, int64_t project; const char *spool; int64_t bytes; const struct import_opts *o;
     int64_t *import; int64_t *job;
     , a->project, a->spool, a->bytes, a->o, false, a->import, a->job)

static int copy_fd(struct cli *cli, int from, int to, int64_t *bytes)
{
    char buf[65536];
    ssize_t k;

    *bytes = 0;
    while ((k = read(from, buf, sizeof buf)) > 0) {
        if (write(to, buf, (size_t)k) != k)
            return fail(cli->cx, errno == ENOSPC ? E_FULL : E_IO,
                        "The data folder cannot be written.");
        *bytes += k;
    }
    return k < 0 ? fail(cli->cx, E_IO, "The file cannot be read: %s.", strerror(errno)) : 0;
}

/* A folder travels as an archive without compression, its files in the order of their names. */
static int pack_entry(struct cli *cli, struct archive *out, const char *folder, const char *name)
{
    const char *path = talloc_asprintf(cli->cx->mem, "%s/%s", folder, name);
    struct archive_entry *e;
    char buf[65536];
    struct stat st;
    ssize_t k;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        if (fd >= 0)
            close(fd);
        return 0;
    }
    e = archive_entry_new();
    archive_entry_set_pathname(e, name);
    archive_entry_set_size(e, st.st_size);
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_perm(e, 0600);
    archive_write_header(out, e);
    while ((k = read(fd, buf, sizeof buf)) > 0)
        if (archive_write_data(out, buf, (size_t)k) < 0)
            break;
    archive_entry_free(e);
    close(fd);
    return k == 0 ? 0 : fail(cli->cx, E_IO, "%s cannot be packed.", name);
}

/* Folders inside of it as well: pictures in tiles are some. */
static int pack_names(struct cli *cli, struct archive *out, const char *folder, const char *below,
                      int depth)
{
    const char *path = talloc_asprintf(cli->cx->mem, "%s/%s", folder, below);
    struct dirent **names;
    int n = scandir(path, &names, NULL, alphasort), rc = 0;

    if (n < 0)
        return fail(cli->cx, E_IO, "The folder %s cannot be read.", path);
    for (int i = 0; i < n; i++) {
        const char *name = talloc_asprintf(cli->cx->mem, "%s%s", below, names[i]->d_name);
        struct stat st;

        if (rc < 0 || names[i]->d_name[0] == '.' ||
            lstat(talloc_asprintf(cli->cx->mem, "%s/%s", folder, name), &st) != 0)
            continue;
        if (!S_ISDIR(st.st_mode))
            rc = pack_entry(cli, out, folder, name);
        else if (depth < FOLDERS_DEEP)
            rc = pack_names(cli, out, folder, talloc_asprintf(cli->cx->mem, "%s/", name),
                            depth + 1);
    }
    for (int i = 0; i < n; i++)
        (free)(names[i]);
    (free)(names);
    return rc;
}

static int pack_folder(struct cli *cli, const char *folder, int to, int64_t *bytes)
{
    struct archive *out = archive_write_new();
    struct stat st;
    int rc;

    archive_write_set_format_pax_restricted(out);
    archive_write_open_fd(out, to);
    rc = pack_names(cli, out, folder, "", 0);
    if (archive_write_close(out) != ARCHIVE_OK && rc == 0)
        rc = fail(cli->cx, E_IO, "The folder cannot be packed.");
    archive_write_free(out);
    fstat(to, &st);
    *bytes = st.st_size;
    return rc;
}

static int spool_input(struct cli *cli, const char *path, char **spool, int64_t *bytes)
{
    struct stat st;
    int to, from, rc;

    if ((rc = spool_create(cli->cx, cli->st, spool, &to)) < 0)
        return rc;
    if (strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        rc = pack_folder(cli, path, to, bytes);
        close(to);
        return rc;
    }
    from = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (from < 0) {
        rc = fail(cli->cx, E_NOTFOUND, "%s cannot be opened: %s.", path, strerror(errno));
    } else {
        rc = copy_fd(cli, from, to, bytes);
        close(from);
    }
    close(to);
    if (rc < 0)
        spool_remove(cli->st, *spool);
    return rc;
}

static int report(struct cli *cli, const struct import *i)
{
    json_t *errors = json_array();

    for (int k = 0; k < i->nerrors; k++)
        json_array_append_new(errors,
                              json_pack("{s:I, s:s?, s:s}", "line", (json_int_t)i->errors[k].line,
                                        "field", i->errors[k].field, "why", i->errors[k].why));
    if (cli->json)
        cli_say(cli,
                json_pack("{s:I, s:s, s:I, s:I, s:I, s:f, s:O}", "import", (json_int_t)i->id,
                          "state", i->state, "tasks", (json_int_t)i->tasks, "annotations",
                          (json_int_t)i->annotations, "predictions", (json_int_t)i->predictions,
                          "seconds", i->seconds, "errors", errors),
                "%s", "");
    for (int k = 0; k < i->nerrors && !cli->json; k++) {
        if (i->errors[k].line)
            fprintf(stderr, "line %lld: ", (long long)i->errors[k].line);
        fprintf(stderr, "%s\n", i->errors[k].why);
    }
    json_decref(errors);
    if (i->nerrors) {
        fprintf(stderr, "annotary: nothing was imported: %d row%s wrong.\n", i->nerrors,
                i->nerrors == 1 ? " is" : "s are");
        return EXIT_FOUND;
    }
    if (!cli->json)
        printf("%s %lld tasks, %lld annotations, %lld predictions in %.1f s.\n",
               strcmp(i->state, "checked") == 0 ? "All rows are fine:" : "Imported",
               (long long)i->tasks, (long long)i->annotations, (long long)i->predictions,
               i->seconds);
    return EXIT_OK;
}

/* Ctrl-C is the way to stop this one. */
static bool show(void *bar, int64_t done, int64_t total)
{
    progress_show(bar, done, total);
    return false;
}

int cmd_import(struct cli *cli, int argc, char **argv)
{
    struct import_opts o = {0};
    int64_t project = 0, priority = 0, bytes, id, job;
    const struct opt opts[] = {
        {"project", "ID", "into this project", NULL, &project, NULL},
        {"format", "FORMAT", "json, jsonl, csv, tsv, text or archive; guessed otherwise", &o.format,
         NULL, NULL},
        {"priority", "N", "of the new tasks; higher comes first", NULL, &priority, NULL},
        {"dry-run", NULL, "only check the rows", NULL, NULL, &o.dry_run},
        {0}};
    const struct use use = {
        .command = "import",
        .args = "FILE",
        .what =
            "Import tasks from a file, a folder of pictures or texts, or \"-\" for standard input."
            " A .dzi file and its tiles are one task. One import is whole or not at all.",
        .examples = "  annotary import --project 1 reviews.jsonl\n"
                    "  annotary import --project 1 --dry-run export-of-label-studio.json\n"
                    "  annotary import --project 2 photos/\n"
                    "  annotary import --project 2 slide-tiles/\n",
        .opts = opts,
        .min = 1,
        .max = 1};
    struct progress bar = {.what = "Importing"};
    struct import out;
    const char *args[1];
    char *spool;
    int rc;

    cli_args(cli, &use, argc, argv, args);
    if (!project)
        return cli_usage("Say with --project into which project.");
    o.priority = priority;
    o.name =
        strrchr(args[0], '/') && strrchr(args[0], '/')[1] ? strrchr(args[0], '/') + 1 : args[0];
    if ((rc = cli_open(cli, false, false)) < 0 ||
        (rc = spool_input(cli, args[0], &spool, &bytes)) < 0 ||
        (rc = DO(cli->st, cli->cx, ACT_WRITE, import_begin, project, spool, bytes, &o, &id, &job)) <
            0)
        return cli_done(cli, rc);
    rc = import_run(run_new(cli->cx, cli->st), cli->cx, id, show, &bar, &out);
    progress_end(&bar);
    return rc < 0 ? cli_done(cli, rc) : report(cli, &out);
}
