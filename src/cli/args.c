/* args.c -- options, arguments, verbs and help of a command; argp does the reading. */
#include "cli/cli.h"
#include "core/log.h"
#include "core/str.h"

#include <argp.h>
#include <unistd.h>

#define KEY_CONFIG 0x100
#define KEY_JSON 0x101
#define KEY_SETTING 0x200           /* + place in setting_rows */
#define KEY_OWN 0x400               /* + place in use->opts */
#define OPTS_MAX 64

/* Settings that every command understands; `serve` offers the others as options of its own. */
static const char *const common[] = {"data", "database"};

struct reading {
    struct cli *cli;
    const struct use *use;
    const char **args;
    int nargs;
    const char *config;
    struct {
        const char *name, *value;
    } given[OPTS_MAX];              /* settings on the command line: last, so that they win */
    int ngiven;
};

static void own(const struct opt *o, const char *arg, struct argp_state *state)
{
    if (o->flag)
        *o->flag = true;
    else if (o->text)
        *o->text = arg;
    else if (!str_int(arg, o->number))
        argp_error(state, "--%s needs a number", o->name);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct reading *r = state->input;

    if (key == KEY_CONFIG) {
        r->config = arg;
    } else if (key == KEY_JSON) {
        r->cli->json = true;
    } else if (key == 'o') {
        for (const struct opt *out = r->use->opts; out->name; out++)
            if (!strcmp(out->name, "out"))
                own(out, arg, state);
    } else if (key >= KEY_OWN && key < KEY_OWN + OPTS_MAX) {
        own(&r->use->opts[key - KEY_OWN], arg, state);
    } else if (key >= KEY_SETTING && key < KEY_SETTING + OPTS_MAX) {
        r->given[r->ngiven].name = setting_rows[key - KEY_SETTING].name;
        r->given[r->ngiven].value = arg;
        r->ngiven += r->ngiven < OPTS_MAX - 1;
    } else if (key == ARGP_KEY_ARG) {
        if (r->nargs >= r->use->max)
            argp_error(state, "too many arguments: \"%s\"", arg);
        r->args[r->nargs++] = arg;
    } else if (key == ARGP_KEY_END) {
        if (r->nargs < r->use->min)
            argp_error(state, "an argument is missing");
    } else {
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

/* annotary.conf < environment < flags. */
static int settle(struct reading *r)
{
    struct cli *cli = r->cli;
    const char *path = r->config ? r->config : getenv("ANNOTARY_CONF");
    int rc = 0;

    if (!path && access("annotary.conf", R_OK) == 0)
        path = "annotary.conf";
    if (path)
        rc = settings_file(cli->cx, &cli->set, path);
    if (rc == 0)
        rc = settings_env(cli->cx, &cli->set);
    for (int i = 0; rc == 0 && i < r->ngiven; i++)
        rc = settings_set(cli->cx, &cli->set, r->given[i].name, r->given[i].value,
                          "command line");
    return rc;
}

/* Among the settings, those of `common`; none that the command has as an option of its own. */
static int place_of(const char *name)
{
    for (int i = 0; i < nsetting_rows; i++)
        if (!strcmp(setting_rows[i].name, name))
            return i;
    return -1;
}

void cli_args(struct cli *cli, const struct use *use, int argc, char **argv, const char **args)
{
    struct argp_option o[OPTS_MAX + 8] = {{0}};
    struct reading r = {.cli = cli, .use = use, .args = args};
    struct argp argp = {.options = o, .parser = parse, .args_doc = use->args};
    int n = 0, rc;

    for (int i = 0; use->opts && use->opts[i].name; i++)
        o[n++] = (struct argp_option){.name = use->opts[i].name, .key = KEY_OWN + i,
                                      .arg = use->opts[i].arg, .doc = use->opts[i].what,
                                      .group = 1};
    for (int i = 0; use->opts && use->opts[i].name; i++)
        if (!strcmp(use->opts[i].name, "out"))
            o[n++] = (struct argp_option){.key = 'o', .arg = use->opts[i].arg,
                                          .doc = "the same as --out", .group = 1};
    for (size_t i = 0; !use->alone && i < sizeof common / sizeof *common; i++) {
        int at = place_of(common[i]);

        o[n++] = (struct argp_option){.name = common[i], .key = KEY_SETTING + at,
                                      .arg = i ? "URL" : "FOLDER", .doc = setting_rows[at].what,
                                      .group = 2};
    }
    if (!use->alone) {
        o[n++] = (struct argp_option){.name = "config-file", .key = KEY_CONFIG, .arg = "FILE",
                                      .doc = "settings; else annotary.conf here", .group = 2};
        o[n++] = (struct argp_option){.name = "json", .key = KEY_JSON,
                                      .doc = "print JSON for programs", .group = 2};
    }
    argp.doc = talloc_asprintf(cli->cx->mem, "%s%s%s", use->what,
                               use->examples ? "\vExamples:\n" : "",
                               use->examples ? use->examples : "");
    argp_err_exit_status = EXIT_USAGE;
    argv[0] = talloc_asprintf(cli->cx->mem, "annotary %s", use->command);
    for (int i = 0; i < use->max; i++)
        args[i] = NULL;
    argp_parse(&argp, argc, argv, 0, NULL, &r);
    if (!use->alone && (rc = settle(&r)) < 0)
        exit(cli_usage("%s", cli->cx->why));
}

int cli_usage(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fputs("annotary: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    return EXIT_USAGE;
}

static void list_verbs(FILE *to, const char *command, const struct verb *verbs)
{
    fprintf(to, "Usage: annotary %s%sCOMMAND [ARGUMENTS]\n\n", command ? command : "",
            command ? " " : "");
    for (; verbs->name; verbs++)
        fprintf(to, "  %-12s %s\n", verbs->name, verbs->what);
    fprintf(to, "\n`annotary %s%sCOMMAND --help` says more.\n", command ? command : "",
            command ? " " : "");
    fputs("Exit codes: 0 fine, 1 found something wrong, 2 usage, 3 refused, 74 input/output.\n",
          to);
}

int cli_verbs(struct cli *cli, const char *command, const struct verb *verbs, int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : NULL;

    if (!name) {
        list_verbs(stderr, command, verbs);
        return EXIT_USAGE;
    }
    if (!strcmp(name, "help") || !strcmp(name, "--help") || !strcmp(name, "-?")) {
        /* `annotary help org` is `annotary org --help`. */
        if (!strcmp(name, "help") && argc > 2) {
            argv[1] = argv[2];
            argv[2] = "--help";
            return cli_verbs(cli, command, verbs, argc, argv);
        }
        list_verbs(stdout, command, verbs);
        return EXIT_OK;
    }
    for (const struct verb *v = verbs; v->name; v++)
        if (!strcmp(v->name, name))
            return v->run(cli, argc - 1, argv + 1);
    return cli_usage("there is no command \"%s%s%s\"; see annotary %s%shelp",
                     command ? command : "", command ? " " : "", name, command ? command : "",
                     command ? " " : "");
}
