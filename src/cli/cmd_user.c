/* cmd_user.c -- annotary user: people and their passwords. */
#include "cli/cli.h"
#include "cli/door.h"
#include "domain/access.h"
#include "domain/password.h"
#include "domain/user.h"

DOOR(user_add, const struct user_new *in; int64_t *id;, a->in, a->id)
DOOR(user_list, int64_t org; int64_t after; int limit; struct user **out; int *n;
     , a->org, a->after, a->limit, a->out, a->n)
DOOR(user_by_email, const char *email; struct user *out;, a->email, a->out)
DOOR(user_set, int64_t id; const struct user_set *in;, a->id, a->in)
DOOR(user_password, int64_t person; const char *seen; const char *new_hash; const char *keep;
     , a->person, a->seen, a->new_hash, a->keep)

/* "none" and nothing are no role; anything else must be one. */
static int role_of(struct ctx *cx, const char *name, int *role)
{
    *role = name ? role_parse(name) : ROLE_NONE;
    if (*role == ROLE_NONE && name && strcmp(name, "none") != 0)
        return fail(cx, E_INVALID, "There is no role \"%s\".", name);
    return 0;
}

static int new_hash(struct cli *cli, const char *email, const char *name, bool from_stdin,
                    char **hash)
{
    const char *about[3] = {email, name, NULL}, *password;
    int rc;

    if ((rc = cli_password(cli, from_stdin, &password)) < 0 ||
        (rc = password_check(cli->cx, password, about)) < 0)
        return rc;
    return password_hash(cli->cx, password, hash);
}

static int add(struct cli *cli, int argc, char **argv)
{
    struct user_new in = {0};
    const char *role = NULL;
    bool from_stdin = false, without = false;
    char *hash = NULL;
    int64_t id;
    int rc;
    const struct opt opts[] = {
        {.name = "name", .arg = "NAME", .what = "else the address", .text = &in.name},
        {.name = "role",
         .arg = "ROLE",
         .what = "in the organisation: owner, manager, auditor, none",
         .text = &role},
        {.name = "org",
         .arg = "ID",
         .what = "the organisation, if there are several",
         .number = &in.org},
        {.name = "password-stdin",
         .what = "read the password from standard input",
         .flag = &from_stdin},
        {.name = "no-password", .what = "they cannot log in until one is set", .flag = &without},
        {0},
    };
    const struct use use = {
        .command = "user add", .args = "EMAIL", .min = 1, .max = 1, .opts = opts,
        .what = "Add a person.  The password is asked for on the terminal.  To let people choose "
                "their own, invite them: annotary member invite.",
        .examples = "  annotary user add ada@lab.example --name Ada --role manager\n"
                    "  pass show ada | annotary user add ada@lab.example --password-stdin\n",
    };

    cli_args(cli, &use, argc, argv, &in.email);
    if (!in.name)
        in.name = in.email;
    if ((rc = role_of(cli->cx, role, &in.org_role)) < 0 || (rc = cli_open(cli, false, false)) < 0 ||
        (rc = cli_org(cli, in.org, &in.org)) < 0 ||
        (!without && (rc = new_hash(cli, in.email, in.name, from_stdin, &hash)) < 0))
        return cli_done(cli, rc);
    in.pass_hash = hash;
    if ((rc = DO(cli->st, cli->cx, ACT_WRITE, user_add, &in, &id)) < 0)
        return cli_done(cli, rc);
    return cli_say(cli, json_pack("{s:I}", "id", id), "Person %lld.", (long long)id);
}

static int list(struct cli *cli, int argc, char **argv)
{
    int64_t org = 0, after = 0;
    const struct opt opts[] = {
        {.name = "org", .arg = "ID", .what = "the organisation, if there are several",
         .number = &org}, {0}};
    const struct use use = {.command = "user list", .opts = opts, .what = "List the people.",
                            .examples = "  annotary user list --json\n"};
    json_t *out = cli_list(cli);
    struct user *u = NULL;
    int n, rc;

    cli_args(cli, &use, argc, argv, NULL);
    if ((rc = cli_open(cli, false, false)) < 0 || (rc = cli_org(cli, org, &org)) < 0)
        return cli_done(cli, rc);
    do {
        if ((rc = DO(cli->st, cli->cx, ACT_READ, user_list, org, after, 500, &u, &n)) < 0)
            return cli_done(cli, rc);
        for (int i = 0; i < n; i++, after = u[i - 1].id)
            cli_row(out, json_pack("{s:I, s:s, s:s, s:s, s:b, s:o}", "id", u[i].id, "email",
                                   u[i].email, "name", u[i].name, "role",
                                   role_name(u[i].org_role), "active", u[i].active, "created",
                                   cli_time(u[i].created)));
    } while (n > 0);
    return cli_print(cli, out);
}

static int set(struct cli *cli, int argc, char **argv)
{
    struct user_set in = {.active = -1, .org_role = -1};
    const char *email, *role = NULL;
    bool stop = false, start = false;
    struct user u;
    int rc;
    const struct opt opts[] = {
        {.name = "name", .arg = "NAME", .what = "a new name", .text = &in.name},
        {.name = "role",
         .arg = "ROLE",
         .what = "in the organisation: owner, manager, auditor, none",
         .text = &role},
        {.name = "stop", .what = "end all sessions; keys and log-in stop working", .flag = &stop},
        {.name = "start", .what = "undo --stop", .flag = &start},
        {0},
    };
    const struct use use = {
        .command = "user set", .args = "EMAIL", .min = 1, .max = 1, .opts = opts,
        .what = "Change a person's name, role or right to log in.",
        .examples = "  annotary user set ada@lab.example --role owner\n"
                    "  annotary user set bob@acme.example --stop\n",
    };

    cli_args(cli, &use, argc, argv, &email);
    if (stop && start)
        return cli_usage("--stop and --start exclude each other");
    if (stop || start)
        in.active = start;
    if (role && (rc = role_of(cli->cx, role, &in.org_role)) < 0)
        return cli_done(cli, rc);
    if ((rc = cli_open(cli, false, false)) < 0 ||
        (rc = DO(cli->st, cli->cx, ACT_READ, user_by_email, email, &u)) < 0 ||
        (rc = DO(cli->st, cli->cx, ACT_WRITE, user_set, u.id, &in)) < 0)
        return cli_done(cli, rc);
    return cli_say(cli, json_pack("{s:I}", "id", u.id), "Changed.");
}

static int password(struct cli *cli, int argc, char **argv)
{
    bool from_stdin = false;
    const char *email;
    struct user u;
    char *hash;
    int rc;
    const struct opt opts[] = {{.name = "password-stdin",
                                .what = "read the password from standard input",
                                .flag = &from_stdin}, {0}};
    const struct use use = {
        .command = "user password", .args = "EMAIL", .min = 1, .max = 1, .opts = opts,
        .what = "Set a new password.  Ends all sessions of the person; keys stay.",
        .examples = "  annotary user password ada@lab.example\n",
    };

    cli_args(cli, &use, argc, argv, &email);
    if ((rc = cli_open(cli, false, false)) < 0 ||
        (rc = DO(cli->st, cli->cx, ACT_READ, user_by_email, email, &u)) < 0 ||
        (rc = new_hash(cli, u.email, u.name, from_stdin, &hash)) < 0 ||
        (rc = DO(cli->st, cli->cx, ACT_WRITE, user_password, u.id, NULL, hash, NULL)) < 0)
        return cli_done(cli, rc);
    return cli_say(cli, json_pack("{s:I}", "id", u.id), "The password is set.");
}

int cmd_user(struct cli *cli, int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"add", "add a person", add},
        {"list", "list people", list},
        {"set", "change name, role, or stop a person", set},
        {"password", "set a new password", password},
        {NULL, NULL, NULL},
    };

    return cli_verbs(cli, "user", verbs, argc, argv);
}
