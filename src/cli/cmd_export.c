/* cmd_export.c -- annotary export: labels to a file, a folder or standard output. */
#include "cli/cli.h"
#include "cli/door.h"
#include "cli/progress.h"
#include "domain/access.h"
#include "domain/exporter.h"
#include "domain/run.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

DOOR(access_check, int64_t id; struct access *out;, ON_PROJECT, a->id, MAY_READ, a->out)

static int put(struct ctx *cx, void *arg, const void *data, size_t n)
{
    return fwrite(data, 1, n, arg) == n ? 0 : fail(cx, errno == ENOSPC ? E_FULL : E_IO,
                                                    "The output cannot be written.");
}

static bool has_files(const char *folder)
{
    DIR *d = opendir(folder);
    struct dirent *e;
    bool any = false;

    while (d && !any && (e = readdir(d)))
        any = strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    if (d)
        closedir(d);
    return any;
}

/* Written beside its place and renamed, so that a broken export leaves no half file. */
static int into_file(struct cli *cli, const struct access *a, const struct export_opts *o,
                     const char *path, struct progress *bar, struct export_done *out)
{
    struct stat st;
    bool std = strcmp(path, "-") == 0;
    /* a pipe, a device or a link is written to; to rename over it would replace it */
    bool plain = lstat(path, &st) != 0 || S_ISREG(st.st_mode);
    const char *temp = plain ? talloc_asprintf(cli->cx->mem, "%s.part", path) : path;
    FILE *f = std ? stdout : fopen(temp, "wb");
    struct sink *s;
    int rc;

    if (!f)
        return fail(cli->cx, E_IO, "%s cannot be written: %s.", path, strerror(errno));
    s = o->format->has_files ? sink_zip(cli->cx, put, f) : sink_stream(cli->cx, put, f);
    rc = export_run(run_new(cli->cx, cli->st), cli->cx, a, o, s, std ? NULL : progress_show, bar,
                    out);
    if (std)
        return rc;
    if (fflush(f) != 0 || (plain && fsync(fileno(f)) != 0))
        rc = rc < 0 ? rc : fail(cli->cx, E_IO, "%s cannot be written.", path);
    fclose(f);
    if (rc >= 0 && plain && rename(temp, path) != 0)
        rc = fail(cli->cx, E_IO, "%s cannot be written: %s.", path, strerror(errno));
    if (rc < 0 && plain)
        unlink(temp);
    return rc;
}

int cmd_export(struct cli *cli, int argc, char **argv)
{
    const char *format = "JSON", *answer = "annotations", *path = "-";
    bool all = false, force = false;
    int64_t project = 0;
    const struct opt opts[] = {
        {"project", "ID", "the project", NULL, &project, NULL},
        {"to", "FORMAT", "JSON, JSON_MIN, JSONL, CSV, TSV, COCO, YOLO, VOC, CONLL2003", &format,
         NULL, NULL},
        {"answer", "WHICH", "annotations (every one) or consensus", &answer, NULL, NULL},
        {"out", "PATH", "a file, an empty folder, or - for standard output", &path, NULL, NULL},
        {"all-tasks", NULL, "also tasks nobody has answered", NULL, NULL, &all},
        {"force", NULL, "write into a folder that has files", NULL, NULL, &force},
        {0}};
    const struct use use = {
        .command = "export", .what = "Export the labels of a project.",
        .examples = "  annotary export --project 1 --to JSONL --out labels.jsonl\n"
                    "  annotary export --project 2 --to COCO --answer consensus --out coco/\n",
        .opts = opts};
    struct progress bar = {.what = "Exporting"};
    struct export_done done = {0};
    struct export_opts o;
    struct access a;
    struct stat st;
    int rc;

    cli_args(cli, &use, argc, argv, NULL);
    if (!project)
        return cli_usage("Say with --project which project.");
    o = (struct export_opts){.format = format_find(format),
                             .all_tasks = all,
                             .with_predictions = true,
                             .consensus = strcmp(answer, "consensus") == 0};
    if (!o.format)
        return cli_usage("There is no format \"%s\"; there are %s.", format, format_names(cli->cx));
    if (!o.consensus && strcmp(answer, "annotations") != 0)
        return cli_usage("--answer is annotations or consensus.");
    if ((rc = cli_open(cli, false, false)) < 0 ||
        (rc = DO(cli->st, cli->cx, ACT_READ, access_check, project, &a)) < 0)
        return cli_done(cli, rc);
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        if (has_files(path) && !force)
            return cli_done(cli,
                            fail(cli->cx, E_EXISTS, "%s holds files already; use --force.", path));
        rc = export_run(run_new(cli->cx, cli->st), cli->cx, &a, &o, sink_folder(cli->cx, path),
                        progress_show, &bar, &done);
    } else {
        rc = into_file(cli, &a, &o, path, &bar, &done);
    }
    progress_end(&bar);
    if (rc < 0 || strcmp(path, "-") == 0)
        return cli_done(cli, rc);
    return cli_say(cli, json_pack("{s:I, s:I}", "tasks", (json_int_t)done.tasks, "annotations",
                                  (json_int_t)done.annotations),
                   "Exported %lld tasks with %lld annotations to %s.", (long long)done.tasks,
                   (long long)done.annotations, path);
}
