/* cmd_init.c -- annotary init: a data folder, and its first owner. */
#include "cli/cli.h"
#include "cli/door.h"
#include "domain/org.h"
#include "domain/password.h"
#include "domain/setting.h"
#include "domain/user.h"

DOOR0(secret_ready)
DOOR0(setup_open)
DOOR(setup_begin, char **token;, a->token)
DOOR(setup_finish, const char *token; const struct setup *in; int64_t *person;
     , a->token, a->in, a->person)

/* The same set-up as through the link, with the token taken on the spot. */
static int make_owner(struct cli *cli, struct setup *in, bool from_stdin, int64_t *person)
{
    struct ctx *cx = cli->cx;
    const char *password, *clean;
    char *token, *hash;
    int rc;

    if ((rc = email_check(cx, in->email, &clean)) < 0 ||
        (rc = cli_password(cli, from_stdin, &password)) < 0)
        return rc;
    const char *about[3] = {clean, in->name, in->org};
    if ((rc = password_check(cx, password, about)) < 0 ||
        (rc = password_hash(cx, password, &hash)) < 0 ||
        (rc = DO(cli->st, cx, ACT_HOUSE, setup_begin, &token)) < 0)
        return rc;
    if (!token)
        return fail(cx, E_EXISTS, "There is an owner already; see annotary user add.");
    in->pass_hash = hash;
    return DO(cli->st, cx, ACT_WRITE, setup_finish, token, in, person);
}

int cmd_init(struct cli *cli, int argc, char **argv)
{
    struct setup in = {.org = "My organisation"};
    bool from_stdin = false;
    int64_t person = 0;
    int rc;
    const struct opt opts[] = {
        {.name = "email", .arg = "ADDRESS", .what = "make the first owner", .text = &in.email},
        {.name = "name", .arg = "NAME", .what = "of the owner", .text = &in.name},
        {.name = "org", .arg = "NAME", .what = "of the organisation", .text = &in.org},
        {.name = "password-stdin", .what = "read the password from standard input",
         .flag = &from_stdin},
        {0},
    };
    const struct use use = {
        .command = "init", .opts = opts,
        .what = "Make the data folder and its tables.  With --email also the organisation and its "
                "owner; without, the server prints a link for that at its first start.",
        .examples = "  annotary init --data /srv/annotary\n"
                    "  annotary init --email ada@lab.example --name Ada --org 'The lab'\n",
    };

    cli_args(cli, &use, argc, argv, NULL);
    if (in.email && !in.name)
        in.name = in.email;
    if ((rc = cli_open(cli, true, false)) < 0 ||
        (rc = DO0(cli->st, cli->cx, ACT_HOUSE, secret_ready)) < 0)
        return cli_done(cli, rc);
    if (in.email && (rc = make_owner(cli, &in, from_stdin, &person)) < 0)
        return cli_done(cli, rc);
    if ((rc = DO0(cli->st, cli->cx, ACT_READ, setup_open)) < 0)
        return cli_done(cli, rc);
    return cli_say(cli,
                   json_pack("{s:s, s:i, s:o, s:b}", "data", store_dir(cli->st), "schema",
                             store_schema(cli->st), "owner",
                             person ? json_integer(person) : json_null(), "setup_open", rc > 0),
                   "The data folder %s is ready (schema %d).%s", store_dir(cli->st),
                   store_schema(cli->st),
                   rc > 0 ? "\nStart the server: it prints a link to make the first owner." : "");
}
