/* cmd_version.c -- annotary version. */
#include "cli/cli.h"

int cmd_version(struct cli *cli, int argc, char **argv)
{
    const struct use use = {.command = "version", .what = "Print the version.",
                            .examples = "  annotary version --json\n"};

    cli_args(cli, &use, argc, argv, NULL);
    return cli_say(cli, json_pack("{s:s}", "version", ANNOTARY_VERSION), "annotary %s",
                   ANNOTARY_VERSION);
}
