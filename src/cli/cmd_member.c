/* cmd_member.c -- annotary member: who works in a project, and invitations. */
#include "cli/cli.h"
#include "cli/door.h"
#include "core/str.h"
#include "domain/access.h"
#include "domain/invite.h"
#include "domain/member.h"
#include "domain/user.h"

DOOR(user_by_email, const char *email; struct user *out;, a->email, a->out)
DOOR(member_add, int64_t project; int64_t person; int role; int64_t vendor;
     , a->project, a->person, a->role, a->vendor)
DOOR(member_list, int64_t project; bool ended; int64_t after; int limit; struct member * *out;
     int *n;, a->project, a->ended, a->after, a->limit, a->out, a->n)
DOOR(member_set, int64_t project; int64_t person; int role; int64_t vendor;
     , a->project, a->person, a->role, a->vendor)
DOOR(member_end, int64_t project; int64_t person;, a->project, a->person)
DOOR(invite_add, const struct invite_new *in; struct invite *out;, a->in, a->out)
DOOR(invite_list, int64_t org; int64_t project; int64_t after; int limit; struct invite * *out;
     int *n;, a->org, a->project, a->after, a->limit, a->out, a->n)
DOOR(invite_revoke, int64_t id;, a->id)

/* What add, set and end have in common: PROJECT EMAIL [--role ROLE] [--vendor ID]. */
struct who_where {
    int64_t project, vendor;
    int role;
    struct user person;
};

static int read_project(struct ctx *cx, const char *text, int64_t *id)
{
    if (!text || !str_int(text, id) || *id <= 0)
        return fail(cx, E_INVALID, "PROJECT is the number of a project.");
    return 0;
}

static int read_role(struct ctx *cx, const char *name, int *role)
{
    *role = name ? role_parse(name) : ROLE_NONE;
    if (name && *role == ROLE_NONE)
        return fail(cx, E_INVALID,
                    "There is no role \"%s\": annotator, reviewer, auditor, manager, owner.", name);
    return 0;
}

/* Both options are offered only where `role` says so.  The store is open afterwards. */
static int settle(struct cli *cli, const char *command, const char *what, const char *examples,
                  bool role, int argc, char **argv, struct who_where *w)
{
    const char *args[2], *role_text = NULL;
    int rc;
    const struct opt opts[] = {
        {.name = "role", .arg = "ROLE", .what = "annotator, reviewer, auditor, manager, owner",
         .text = &role_text},
        {.name = "vendor", .arg = "ID", .what = "whose person they are here; else in-house",
         .number = &w->vendor},
        {0},
    };
    const struct use use = {.command = command, .args = "PROJECT EMAIL", .min = 2, .max = 2,
                            .opts = role ? opts : NULL, .what = what, .examples = examples};

    cli_args(cli, &use, argc, argv, args);
    if ((rc = read_project(cli->cx, args[0], &w->project)) < 0 ||
        (rc = read_role(cli->cx, role_text, &w->role)) < 0 ||
        (rc = cli_open(cli, false, false)) < 0)
        return rc;
    return DO(cli->st, cli->cx, ACT_READ, user_by_email, args[1], &w->person);
}

static int add(struct cli *cli, int argc, char **argv)
{
    struct who_where w = {0};
    int rc = settle(cli, "member add", "Add a person to a project, as annotator unless --role "
                    "says otherwise.",
                    "  annotary member add 3 ada@lab.example --role reviewer\n", true, argc, argv,
                    &w);

    if (rc < 0 || (rc = DO(cli->st, cli->cx, ACT_WRITE, member_add, w.project, w.person.id,
                           w.role ? w.role : ROLE_ANNOTATOR, w.vendor)) < 0)
        return cli_done(cli, rc);
    return cli_say(cli, json_pack("{s:I, s:I}", "project", w.project, "person", w.person.id),
                   "Added.");
}

static int set(struct cli *cli, int argc, char **argv)
{
    struct who_where w = {0};
    int rc = settle(cli, "member set", "Change a member's role or vendor.",
                    "  annotary member set 3 ada@lab.example --role manager\n", true, argc, argv,
                    &w);

    if (rc < 0 || (rc = DO(cli->st, cli->cx, ACT_WRITE, member_set, w.project, w.person.id, w.role,
                           w.vendor)) < 0)
        return cli_done(cli, rc);
    return cli_say(cli, json_pack("{s:I, s:I}", "project", w.project, "person", w.person.id),
                   "Changed.");
}

static int end(struct cli *cli, int argc, char **argv)
{
    struct who_where w = {0};
    int rc = settle(cli, "member end", "End a membership.  The person's answers stay.",
                    "  annotary member end 3 bob@acme.example\n", false, argc, argv, &w);

    if (rc < 0 || (rc = DO(cli->st, cli->cx, ACT_WRITE, member_end, w.project, w.person.id)) < 0)
        return cli_done(cli, rc);
    return cli_say(cli, json_pack("{s:I, s:I}", "project", w.project, "person", w.person.id),
                   "Ended.");
}

static int list(struct cli *cli, int argc, char **argv)
{
    bool ended = false;
    const struct opt opts[] = {{.name = "ended", .what = "also those who left", .flag = &ended},
                               {0}};
    const struct use use = {.command = "member list", .args = "PROJECT", .min = 1, .max = 1,
                            .opts = opts, .what = "List the members of a project.",
                            .examples = "  annotary member list 1 --json\n"};
    json_t *out = cli_list(cli);
    struct member *m = NULL;
    int64_t project, after = 0;
    const char *arg;
    int n, rc;

    cli_args(cli, &use, argc, argv, &arg);
    if ((rc = read_project(cli->cx, arg, &project)) < 0 || (rc = cli_open(cli, false, false)) < 0)
        return cli_done(cli, rc);
    do {
        rc = DO(cli->st, cli->cx, ACT_READ, member_list, project, ended, after, 500, &m, &n);
        if (rc < 0)
            return cli_done(cli, rc);
        for (int i = 0; i < n; i++, after = m[i - 1].person)
            cli_row(out, json_pack("{s:I, s:s, s:s, s:s, s:s, s:o, s:o}", "person", m[i].person,
                                   "email", m[i].email, "name", m[i].name, "role",
                                   role_name(m[i].role), "vendor", m[i].vendor_name, "since",
                                   cli_time(m[i].created), "ended", cli_time(m[i].ended)));
    } while (n > 0);
    return cli_print(cli, out);
}

/* --- invitations --------------------------------------------------------------------------- */

static int invite(struct cli *cli, int argc, char **argv)
{
    struct invite_new in = {0};
    struct invite v;
    const char *arg = NULL, *role = NULL;
    int rc;
    const struct opt opts[] = {
        {.name = "role", .arg = "ROLE", .what = "annotator (the default in a project), reviewer, "
         "auditor, manager, owner", .text = &role},
        {.name = "email", .arg = "ADDRESS", .what = "only this address may use the link",
         .text = &in.email},
        {.name = "vendor", .arg = "ID", .what = "whose person they will be; else in-house",
         .number = &in.vendor},
        {.name = "org", .arg = "ID", .what = "the organisation, if there are several",
         .number = &in.org},
        {0},
    };
    const struct use use = {
        .command = "member invite", .args = "[PROJECT]", .max = 1, .opts = opts,
        .what = "Make a link that lets one person in: into a project, or without PROJECT into the "
                "organisation.  It is good for seven days and one use, and shown only now.",
        .examples = "  annotary member invite 3 --role annotator --email bob@acme.example\n"
                    "  annotary member invite --role manager\n",
    };

    cli_args(cli, &use, argc, argv, &arg);
    if ((arg && (rc = read_project(cli->cx, arg, &in.project)) < 0) ||
        (rc = read_role(cli->cx, role, &in.role)) < 0)
        return cli_done(cli, rc);
    if (in.project && in.role == ROLE_NONE)
        in.role = ROLE_ANNOTATOR;
    if ((rc = cli_open(cli, false, false)) < 0 ||
        (!in.project && (rc = cli_org(cli, in.org, &in.org)) < 0) ||
        (rc = DO(cli->st, cli->cx, ACT_WRITE, invite_add, &in, &v)) < 0)
        return cli_done(cli, rc);
    return cli_say(cli,
                   json_pack("{s:I, s:s, s:o}", "id", v.id, "path",
                             talloc_asprintf(cli->cx->mem, "/invite/%s", v.token), "ends",
                             cli_time(v.ends)),
                   "Send them the address of this server followed by /invite/%s", v.token);
}

static int invites(struct cli *cli, int argc, char **argv)
{
    int64_t org = 0, project = 0, after = 0;
    const struct opt opts[] = {
        {.name = "org", .arg = "ID", .what = "the organisation, if there are several",
         .number = &org}, {0}};
    const struct use use = {.command = "member invites", .args = "[PROJECT]", .max = 1,
                            .opts = opts, .what = "List invitations, used ones too.",
                            .examples = "  annotary member invites 1\n"};
    json_t *out = cli_list(cli);
    const char *arg = NULL;
    struct invite *v = NULL;
    int n, rc;

    cli_args(cli, &use, argc, argv, &arg);
    if ((arg && (rc = read_project(cli->cx, arg, &project)) < 0) ||
        (rc = cli_open(cli, false, false)) < 0 ||
        (!project && (rc = cli_org(cli, org, &org)) < 0))
        return cli_done(cli, rc);
    do {
        if ((rc = DO(cli->st, cli->cx, ACT_READ, invite_list, org, project, after, 500, &v, &n)) <
            0)
            return cli_done(cli, rc);
        for (int i = 0; i < n; i++, after = v[i - 1].id)
            cli_row(out, json_pack("{s:I, s:s, s:s, s:s, s:o, s:o}", "id", v[i].id, "role",
                                   role_name(v[i].role), "email", v[i].email, "state",
                                   v[i].used_by ? "used" : v[i].used ? "revoked"
                                   : v[i].ends <= cli->cx->now ? "over" : "open",
                                   "created", cli_time(v[i].created), "ends",
                                   cli_time(v[i].ends)));
    } while (n > 0);
    return cli_print(cli, out);
}

static int revoke(struct cli *cli, int argc, char **argv)
{
    const struct use use = {.command = "member revoke", .args = "INVITATION", .min = 1, .max = 1,
                            .what = "Make an invitation link useless.",
                            .examples = "  annotary member revoke 4\n"};
    const char *arg;
    int64_t id;
    int rc;

    cli_args(cli, &use, argc, argv, &arg);
    if (!str_int(arg, &id))
        return cli_usage("INVITATION is a number; see annotary member invites");
    if ((rc = cli_open(cli, false, false)) < 0 ||
        (rc = DO(cli->st, cli->cx, ACT_WRITE, invite_revoke, id)) < 0)
        return cli_done(cli, rc);
    return cli_say(cli, json_pack("{s:I}", "id", id), "Revoked.");
}

int cmd_member(struct cli *cli, int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"add", "add a person to a project", add},
        {"list", "list the members of a project", list},
        {"set", "change a role or a vendor", set},
        {"end", "end a membership", end},
        {"invite", "make an invitation link", invite},
        {"invites", "list invitations", invites},
        {"revoke", "make an invitation link useless", revoke},
        {NULL, NULL, NULL},
    };

    return cli_verbs(cli, "member", verbs, argc, argv);
}
