/* cmd_doctor.c -- annotary doctor: look whether everything is sound.  Changes nothing. */
#include "cli/cli.h"
#include "cli/door.h"
#include "domain/audit.h"
#include "domain/checkup.h"
#include "domain/org.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

DOOR0(setup_open)
DOOR(checkup_rules, struct checkup **out; int *n;, a->out, a->n)
DOOR(checkup_counts, struct checkup **out; int *n;, a->out, a->n)
DOOR(audit_root, char **hex;, a->hex)

#define SPARE_FILES 200                     /* beside the connections */
#define SPARE_BYTES (1024LL * 1024 * 1024)

struct exam {
    struct cli *cli;
    json_t *list;
    int found;
};

/* One line of the report. */
static void note(struct exam *e, bool good, const char *check, const char *detail)
{
    e->found += !good;
    cli_row(e->list, json_pack("{s:s, s:s, s:s}", "state", good ? "ok" : "WRONG", "check", check,
                               "detail", detail));
}

static char *number(struct cli *cli, int64_t n)
{
    return talloc_asprintf(cli->cx->mem, "%lld", (long long)n);
}

static void look_at_machine(struct exam *e)
{
    struct cli *cli = e->cli;
    int64_t want = LIMIT_CONNECTIONS + SPARE_FILES;
    struct rlimit files = {0};
    struct statvfs fs;
    struct stat s;

    getrlimit(RLIMIT_NOFILE, &files);
    bool enough = files.rlim_max == RLIM_INFINITY || (int64_t)files.rlim_max >= want;
    note(e, enough, "open files", talloc_asprintf(cli->cx->mem, "limit %lld, wanted %lld",
                                                  (long long)files.rlim_max, (long long)want));
    if (statvfs(store_dir(cli->st), &fs) == 0) {
        int64_t spare = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;

        note(e, spare >= SPARE_BYTES, "free disk space",
             talloc_asprintf(cli->cx->mem, "%lld MiB", (long long)(spare >> 20)));
    }
    if (stat(store_dir(cli->st), &s) == 0)
        note(e, (s.st_mode & 077) == 0, "the data folder is private",
             talloc_asprintf(cli->cx->mem, "mode %03o", s.st_mode & 0777u));
}

static int look_at_store(struct exam *e)
{
    struct cli *cli = e->cli;
    int rc;

    note(e, true, "schema", number(cli, store_schema(cli->st)));
    rc = store_check(cli->cx, cli->st);
    if (rc < 0 && rc != E_INVALID)
        return rc;
    note(e, rc == 0, "the database is intact", rc == 0 ? "" : cli->cx->why);
    fail_clear(cli->cx);
    return 0;
}

static int look_at_rules(struct exam *e)
{
    struct cli *cli = e->cli;
    struct checkup *c;
    int n, rc;

    if ((rc = DO0(cli->st, cli->cx, ACT_READ, setup_open)) < 0)
        return rc;
    note(e, rc == 0, "there is an owner", rc == 0 ? "" : "set-up was not finished");
    if ((rc = DO(cli->st, cli->cx, ACT_READ, checkup_rules, &c, &n)) < 0)
        return rc;
    for (int i = 0; i < n; i++)
        note(e, c[i].wrong == 0, c[i].what,
             c[i].wrong ? talloc_asprintf(cli->cx->mem, "%lld break it", (long long)c[i].wrong)
                        : "");
    return 0;
}

static int look_at_contents(struct exam *e)
{
    struct cli *cli = e->cli;
    struct checkup *c;
    char *root;
    int n, rc;

    if ((rc = DO(cli->st, cli->cx, ACT_READ, checkup_counts, &c, &n)) < 0)
        return rc;
    for (int i = 0; i < n; i++)
        note(e, true, c[i].what, number(cli, c[i].wrong));
    if ((rc = DO(cli->st, cli->cx, ACT_READ, audit_root, &root)) < 0)
        return rc;
    note(e, true, "audit root", root);
    return 0;
}

int cmd_doctor(struct cli *cli, int argc, char **argv)
{
    const struct use use = {
        .command = "doctor",
        .what = "Look whether the machine, the database and the stored rules are sound.  Changes "
                "nothing; may run beside a server.  Exit code 1: something is wrong.",
        .examples = "  annotary doctor --data /srv/annotary\n",
    };
    struct exam e = {.cli = cli, .list = cli_list(cli)};
    int rc;

    cli_args(cli, &use, argc, argv, NULL);
    if ((rc = cli_open(cli, false, false)) < 0)
        return cli_done(cli, rc);
    look_at_machine(&e);
    if ((rc = look_at_store(&e)) < 0 || (rc = look_at_rules(&e)) < 0 ||
        (rc = look_at_contents(&e)) < 0)
        return cli_done(cli, rc);
    cli_print(cli, e.list);
    return e.found ? EXIT_FOUND : EXIT_OK;
}
