/* cmd_org.c -- annotary org: organisations and their vendors. */
#include "cli/cli.h"
#include "cli/door.h"
#include "domain/org.h"
#include "domain/vendor.h"

DOOR(org_add, const char *name; int64_t *id;, a->name, a->id)
DOOR(org_list, int64_t after; int limit; struct org **out; int *n;
     , a->after, a->limit, a->out, a->n)
DOOR(vendor_add, int64_t org; const char *name; int64_t *id;, a->org, a->name, a->id)
DOOR(vendor_list, int64_t org; int64_t after; int limit; struct vendor **out; int *n;
     , a->org, a->after, a->limit, a->out, a->n)

static int add(struct cli *cli, int argc, char **argv)
{
    const struct use use = {.command = "org add", .args = "NAME", .min = 1, .max = 1,
                            .what = "Make an organisation, with its in-house vendor.",
                            .examples = "  annotary org add 'The lab'\n"};
    const char *name;
    int64_t id;
    int rc;

    cli_args(cli, &use, argc, argv, &name);
    if ((rc = cli_open(cli, false, false)) < 0 ||
        (rc = DO(cli->st, cli->cx, ACT_WRITE, org_add, name, &id)) < 0)
        return cli_done(cli, rc);
    return cli_say(cli, json_pack("{s:I}", "id", id), "Organisation %lld.", (long long)id);
}

static int list(struct cli *cli, int argc, char **argv)
{
    const struct use use = {.command = "org list", .what = "List the organisations.",
                            .examples = "  annotary org list --json\n"};
    json_t *out = cli_list(cli);
    struct org *o = NULL;
    int64_t after = 0;
    int n, rc;

    cli_args(cli, &use, argc, argv, NULL);
    if ((rc = cli_open(cli, false, false)) < 0)
        return cli_done(cli, rc);
    do {
        if ((rc = DO(cli->st, cli->cx, ACT_READ, org_list, after, 500, &o, &n)) < 0)
            return cli_done(cli, rc);
        for (int i = 0; i < n; i++, after = o[i - 1].id)
            cli_row(out, json_pack("{s:I, s:s, s:o}", "id", o[i].id, "name", o[i].name, "created",
                                   cli_time(o[i].created)));
    } while (n > 0);
    return cli_print(cli, out);
}

static int vendor_new(struct cli *cli, int argc, char **argv)
{
    int64_t org = 0, id;
    const struct opt opts[] = {
        {.name = "org", .arg = "ID", .what = "the organisation, if there are several",
         .number = &org}, {0}};
    const struct use use = {.command = "org vendor-add", .args = "NAME", .min = 1, .max = 1,
                            .opts = opts, .what = "Make a vendor: a supplier of people.",
                            .examples = "  annotary org vendor-add Acme\n"};
    const char *name;
    int rc;

    cli_args(cli, &use, argc, argv, &name);
    if ((rc = cli_open(cli, false, false)) < 0 || (rc = cli_org(cli, org, &org)) < 0 ||
        (rc = DO(cli->st, cli->cx, ACT_WRITE, vendor_add, org, name, &id)) < 0)
        return cli_done(cli, rc);
    return cli_say(cli, json_pack("{s:I, s:I}", "id", id, "org", org), "Vendor %lld.",
                   (long long)id);
}

static int vendors(struct cli *cli, int argc, char **argv)
{
    int64_t org = 0, after = 0;
    const struct opt opts[] = {
        {.name = "org", .arg = "ID", .what = "the organisation, if there are several",
         .number = &org}, {0}};
    const struct use use = {.command = "org vendors", .opts = opts,
                            .what = "List the vendors of an organisation.",
                            .examples = "  annotary org vendors --org 1\n"};
    json_t *out = cli_list(cli);
    struct vendor *v = NULL;
    int n, rc;

    cli_args(cli, &use, argc, argv, NULL);
    if ((rc = cli_open(cli, false, false)) < 0 || (rc = cli_org(cli, org, &org)) < 0)
        return cli_done(cli, rc);
    do {
        if ((rc = DO(cli->st, cli->cx, ACT_READ, vendor_list, org, after, 500, &v, &n)) < 0)
            return cli_done(cli, rc);
        for (int i = 0; i < n; i++, after = v[i - 1].id)
            cli_row(out, json_pack("{s:I, s:s, s:b, s:o}", "id", v[i].id, "name", v[i].name,
                                   "inhouse", v[i].inhouse, "created", cli_time(v[i].created)));
    } while (n > 0);
    return cli_print(cli, out);
}

int cmd_org(struct cli *cli, int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"add", "make an organisation", add},
        {"list", "list organisations", list},
        {"vendor-add", "make a vendor", vendor_new},
        {"vendors", "list the vendors of an organisation", vendors},
        {NULL, NULL, NULL},
    };

    return cli_verbs(cli, "org", verbs, argc, argv);
}
