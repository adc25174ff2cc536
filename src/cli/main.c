/* main.c -- find the command in cmds.def and run it. */
#include "cli/cli.h"
#include "core/log.h"

#include <signal.h>

static const struct verb commands[] = {
#define CMD(name, fn, what) {name, what, fn},
#include "cli/cmds.def"
#undef CMD
    {NULL, NULL, NULL},
};

int main(int argc, char **argv)
{
    struct cli cli = {.cx = ctx_new(NULL)};
    int code;

    signal(SIGPIPE, SIG_IGN);       /* a closed pipe is an error of write, not the end */
    log_set_level(LOG_WARN);
    cli.cx->who = (struct who){.kind = WHO_SYSTEM, .ip = ""};
    settings_init(&cli.set);
    if (argc == 2 && !strcmp(argv[1], "--version"))
        argv[1] = "version";
    code = cli_verbs(&cli, NULL, commands, argc, argv);
    if (cli.st)
        store_close(cli.st);
    if ((fflush(stdout) != 0 || ferror(stdout)) && code == EXIT_OK) {
        fputs("annotary: the output cannot be written\n", stderr);
        code = EXIT_IO;
    }
    ctx_free(cli.cx);
    return code;
}
