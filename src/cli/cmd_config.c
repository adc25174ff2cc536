/* cmd_config.c -- annotary config check: a labelling config, read aloud. */
#include "cli/cli.h"
#include "label/report.h"

#define REPORT_MAX (16 * 1024 * 1024)

static int check(struct cli *cli, int argc, char **argv)
{
    bool strict = false;
    const struct opt opts[] = {{.name = "strict", .what = "a missing or unknown toName is an error",
                                .flag = &strict}, {0}};
    const struct use use = {
        .command = "config check", .args = "FILE.xml [TASK.json]", .min = 1, .max = 2, .opts = opts,
        .what = "Say whether a labelling config is sound, and whether a task (or a list of tasks) "
                "with its answers fits it.  \"-\" is standard input.  Exit code 1: it is not.",
        .examples = "  annotary config check config.xml\n"
                    "  annotary config check config.xml tasks.json\n",
    };
    struct ctx *cx = cli->cx;
    const char *args[2];
    char *xml, *text;
    json_t *task = NULL;
    size_t nxml, ntext;
    struct buf out;
    int rc;

    cli_args(cli, &use, argc, argv, args);
    if ((rc = cli_read(cli, args[0], (size_t)LIMIT_CONFIG_BYTES + 1, &xml, &nxml)) < 0)
        return cli_done(cli, rc);
    if (args[1]) {
        if ((rc = cli_read(cli, args[1], (size_t)LIMIT_ROW_BYTES * 16, &text, &ntext)) < 0)
            return cli_done(cli, rc);
        if ((rc = json_read(cx, text, ntext, &task)) < 0) {
            fprintf(stderr, "%s: %s\n", args[1], cx->why);
            return EXIT_FOUND;
        }
    }
    buf_init(&out, cx, REPORT_MAX);
    rc = label_report(cx, xml, nxml, task, strict, &out);
    if (cli->json)
        cli_say(cli, json_pack("{s:b, s:s}", "ok", rc == 0, "report", out.s ? out.s : ""), "%s",
                "");
    else
        fputs(out.s ? out.s : "", stdout);
    return rc == 0 ? EXIT_OK : rc == E_INVALID || rc == E_TOOBIG ? EXIT_FOUND : cli_done(cli, rc);
}

int cmd_config(struct cli *cli, int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"check", "check a config, and tasks against it", check},
        {NULL, NULL, NULL},
    };

    return cli_verbs(cli, "config", verbs, argc, argv);
}
