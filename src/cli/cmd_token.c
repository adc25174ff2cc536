/* cmd_token.c -- annotary token: keys for scripts. */
#include "cli/cli.h"
#include "cli/door.h"
#include "core/str.h"
#include "domain/setting.h"
#include "domain/token.h"
#include "domain/user.h"

#define DAY_MS (24 * 3600 * 1000LL)

DOOR0(secret_ready)
DOOR(user_by_email, const char *email; struct user *out;, a->email, a->out)
DOOR(token_add, const struct token_new *in; struct token *out;, a->in, a->out)
DOOR(token_add_refresh, const struct token_new *in; struct token *out;, a->in, a->out)
DOOR(token_list, int64_t person; int64_t after; int limit; struct token **out; int *n;
     , a->person, a->after, a->limit, a->out, a->n)
DOOR(token_revoke, int64_t id;, a->id)

static const struct {
    const char *name;
    uint32_t bit;
} scope_words[] = {{"read", SCOPE_READ}, {"write", SCOPE_WRITE}, {"manage", SCOPE_MANAGE}};

/* "read,write" */
static int read_scopes(struct ctx *cx, const char *text, uint32_t *out)
{
    *out = 0;
    while (text && *text) {
        size_t n = strcspn(text, ","), i;

        for (i = 0; i < 3; i++)
            if (strlen(scope_words[i].name) == n && !strncmp(scope_words[i].name, text, n))
                break;
        if (i == 3)
            return fail(cx, E_INVALID, "Scopes are read, write and manage, with commas.");
        *out |= scope_words[i].bit;
        text += n + (text[n] == ',');
    }
    return 0;
}

static char *scope_text(struct ctx *cx, uint32_t scopes)
{
    char *s = talloc_strdup(cx->mem, "");

    for (size_t i = 0; i < 3; i++)
        if (scopes & scope_words[i].bit)
            s = talloc_asprintf_append(s, "%s%s", *s ? "," : "", scope_words[i].name);
    return s;
}

static int add(struct cli *cli, int argc, char **argv)
{
    struct token_new in = {.name = "command line"};
    const char *email, *scopes = NULL;
    int64_t days = 365;
    bool label_studio = false;
    struct token t;
    struct user u;
    int rc;
    const struct opt opts[] = {
        {.name = "name", .arg = "NAME", .what = "what it is for", .text = &in.name},
        {.name = "scopes", .arg = "LIST", .what = "of read, write, manage; else all",
         .text = &scopes},
        {.name = "days", .arg = "N", .what = "until it ends, at most 365", .number = &days},
        {.name = "label-studio", .what = "a personal access token for Label Studio's client",
         .flag = &label_studio},
        {0},
    };
    const struct use use = {
        .command = "token add", .args = "EMAIL", .min = 1, .max = 1, .opts = opts,
        .what = "Make a key that acts for a person.  It is shown only now.",
        .examples = "  annotary token add ada@lab.example --name nightly --scopes read --days 30\n"
                    "  curl -H \"Authorization: Token $KEY\" http://127.0.0.1:8080/api/projects\n",
    };

    cli_args(cli, &use, argc, argv, &email);
    if (days < 1 || days > 365)
        return cli_usage("--days is between 1 and 365");
    in.ends = cli->cx->now + days * DAY_MS;
    if ((rc = read_scopes(cli->cx, scopes, &in.scopes)) < 0 ||
        (rc = cli_open(cli, false, false)) < 0 ||
        (rc = DO(cli->st, cli->cx, ACT_READ, user_by_email, email, &u)) < 0)
        return cli_done(cli, rc);
    in.person = u.id;
    if (label_studio) {
        if ((rc = DO0(cli->st, cli->cx, ACT_HOUSE, secret_ready)) == 0)
            rc = DO(cli->st, cli->cx, ACT_WRITE, token_add_refresh, &in, &t);
    } else {
        rc = DO(cli->st, cli->cx, ACT_WRITE, token_add, &in, &t);
    }
    if (rc < 0)
        return cli_done(cli, rc);
    return cli_say(cli, json_pack("{s:I, s:s, s:o}", "id", t.id, "token", t.text, "ends",
                                  cli_time(t.ends)), "%s", t.text);
}

static int list(struct cli *cli, int argc, char **argv)
{
    const struct use use = {.command = "token list", .args = "EMAIL", .min = 1, .max = 1,
                            .what = "List the keys of a person that are not revoked.",
                            .examples = "  annotary token list ada@lab.example\n"};
    json_t *out = cli_list(cli);
    struct token *t = NULL;
    const char *email;
    int64_t after = 0;
    struct user u;
    int n, rc;

    cli_args(cli, &use, argc, argv, &email);
    if ((rc = cli_open(cli, false, false)) < 0 ||
        (rc = DO(cli->st, cli->cx, ACT_READ, user_by_email, email, &u)) < 0)
        return cli_done(cli, rc);
    do {
        if ((rc = DO(cli->st, cli->cx, ACT_READ, token_list, u.id, after, 500, &t, &n)) < 0)
            return cli_done(cli, rc);
        for (int i = 0; i < n; i++, after = t[i - 1].id)
            cli_row(out, json_pack("{s:I, s:s, s:s, s:s, s:o, s:o, s:o}", "id", t[i].id, "name",
                                   t[i].name, "kind", t[i].kind, "scopes",
                                   scope_text(cli->cx, t[i].scopes), "created",
                                   cli_time(t[i].created), "ends", cli_time(t[i].ends), "used",
                                   cli_time(t[i].used)));
    } while (n > 0);
    return cli_print(cli, out);
}

static int revoke(struct cli *cli, int argc, char **argv)
{
    const struct use use = {.command = "token revoke", .args = "ID", .min = 1, .max = 1,
                            .what = "Make a key useless at once.",
                            .examples = "  annotary token list ada@lab.example\n"
                                        "  annotary token revoke 12\n"};
    const char *arg;
    int64_t id;
    int rc;

    cli_args(cli, &use, argc, argv, &arg);
    if (!str_int(arg, &id))
        return cli_usage("ID is a number; see annotary token list");
    if ((rc = cli_open(cli, false, false)) < 0 ||
        (rc = DO(cli->st, cli->cx, ACT_WRITE, token_revoke, id)) < 0)
        return cli_done(cli, rc);
    return cli_say(cli, json_pack("{s:I}", "id", id), "Revoked.");
}

int cmd_token(struct cli *cli, int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"add", "make a key", add},
        {"list", "list the keys of a person", list},
        {"revoke", "make a key useless", revoke},
        {NULL, NULL, NULL},
    };

    return cli_verbs(cli, "token", verbs, argc, argv);
}
