/*
 * cli.h -- what every command starts with.
 *
 * A command is a row of cmds.def and a function in cmd_NOUN.c.  It names its
 * options and arguments in a struct use, calls cli_args, opens the store if it
 * needs one, and makes domain calls as acts (door.h).  The command line acts
 * as the machine itself (WHO_SYSTEM): who can run it can read the files too.
 *
 * Exit codes: 0 fine, 1 found something wrong, 2 usage, 3 refused, 74 input/output.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "core/json.h"
#include "core/settings.h"
#include "store/store.h"

enum { EXIT_OK = 0, EXIT_FOUND = 1, EXIT_USAGE = 2, EXIT_REFUSED = 3, EXIT_IO = 74 };

struct cli {
    struct ctx *cx;
    struct settings set;
    struct store *st;           /* after cli_open */
    bool json;                  /* --json */
};

/* One option; exactly one of the three places is given. */
struct opt {
    const char *name;           /* "force": --force */
    const char *arg;            /* "FILE"; NULL for a flag */
    const char *what;
    const char **text;
    int64_t *number;
    bool *flag;
};

struct use {
    const char *command;        /* "org add" */
    const char *args;           /* "NAME" */
    const char *what;           /* a sentence or two */
    const char *examples;       /* lines, or NULL */
    const struct opt *opts;     /* ended by a NULL name; or NULL */
    int min, max;               /* arguments */
    bool alone;                 /* works on files only: no store, no settings, --json is its own */
};

/*
 * Read the options of this command and those of all (--data, --database, --config, --json).  Ends
 * the program with 0 on --help and with 2 when they are wrong.  The arguments go to args[use->max].
 */
void cli_args(struct cli *cli, const struct use *use, int argc, char **argv, const char **args);

/* Say what is wrong with the usage and return 2. */
int cli_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Commands with verbs (`org add`): run the verb that argv[1] names. */
struct verb {
    const char *name, *what;
    int (*run)(struct cli *cli, int argc, char **argv);
};
int cli_verbs(struct cli *cli, const char *command, const struct verb *verbs, int argc,
              char **argv);

/* Open the store of the settings; closed by main.  `create` makes what is missing. */
int cli_open(struct cli *cli, bool create, bool exclusive);

/* Say the sentence of a failure on standard error; the exit code for it.  >= 0 is 0. */
int cli_done(struct cli *cli, int rc);

/* A list: JSON objects with the same members; printed as a table, or with --json as an array. */
json_t *cli_list(struct cli *cli);
void cli_row(json_t *list, json_t *row);
int cli_print(struct cli *cli, json_t *list);

/* One thing: `text` for people, `row` with --json.  Takes the reference of row. */
int cli_say(struct cli *cli, json_t *row, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

json_t *cli_time(int64_t ms);               /* ISO 8601, or null for 0 */

/* From the terminal, twice and unseen, or the first line of standard input. */
int cli_password(struct cli *cli, bool from_stdin, const char **password);

/* The organisation meant by --org: the only one when `given` is 0.  E_INVALID when there are
 * several. */
int cli_org(struct cli *cli, int64_t given, int64_t *org);

/* A whole file on cx->mem, at most `max` bytes; "-" is standard input.  E_NOTFOUND, E_IO, E_TOOBIG
 */
int cli_read(struct cli *cli, const char *path, size_t max, char **text, size_t *n);

#define CMD(name, fn, what) int fn(struct cli *cli, int argc, char **argv);
#include "cli/cmds.def"
#undef CMD

#endif
