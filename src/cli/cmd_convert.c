/* cmd_convert.c -- annotary convert: a file of tasks into an export format; no server needed. */
#include "cli/cli.h"
#include "formats/convert.h"
#include "formats/format.h"

#include <unistd.h>

#define SUMMARY_MAX (1024 * 1024)

static void tell(void *arg, int64_t tasks, int64_t done, int64_t total)
{
    (void)arg;
    if (total > 0)
        fprintf(stderr, "\r%lld tasks, %d %%", (long long)tasks, (int)(done * 100 / total));
    else
        fprintf(stderr, "\r%lld tasks", (long long)tasks);
}

int cmd_convert(struct cli *cli, int argc, char **argv)
{
    const char *config = NULL, *input = NULL, *to = NULL, *out = NULL;
    bool force = false;
    const struct opt opts[] = {
        {.name = "config", .arg = "FILE.xml", .what = "the labelling config", .text = &config},
        {.name = "input", .arg = "FILE", .what = "tasks with annotations, as Label Studio exports "
         "them; or JSONL, CSV, TSV", .text = &input},
        {.name = "to", .arg = "FORMAT", .what = format_names(cli->cx), .text = &to},
        {.name = "out", .arg = "PATH", .what = "a file, an empty folder, or a .zip", .text = &out},
        {.name = "force", .what = "write into a folder that holds files", .flag = &force},
        {0},
    };
    const struct use use = {
        .command = "convert", .opts = opts,
        .what = "Turn a file of tasks and answers into an export format.  The output appears whole "
                "or not at all.  Exit code 1: some rows were bad and are named.",
        .examples = "  annotary convert --config c.xml --input tasks.json --to COCO --out coco/\n"
                    "  annotary convert --input tasks.json --to CSV --out answers.csv\n",
    };
    struct convert_progress progress = {.tell = tell};
    struct buf summary;
    int rc;

    cli_args(cli, &use, argc, argv, NULL);
    if (!input || !to || !out)
        return cli_usage("convert needs --input, --to and --out; see annotary convert --help");
    buf_init(&summary, cli->cx, SUMMARY_MAX);
    rc = convert_with(cli->cx, config, input, to, out, force,
                      isatty(STDERR_FILENO) ? &progress : NULL, &summary);
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
    if (summary.s)
        fputs(summary.s, cli->json || rc < 0 ? stderr : stdout);
    if (cli->json && rc >= 0)
        cli_say(cli, json_pack("{s:i}", "bad_rows", rc), "%s", "");
    if (rc == E_INVALID) {
        cli_done(cli, rc);
        return EXIT_FOUND;
    }
    return rc > 0 ? EXIT_FOUND : cli_done(cli, rc);
}
