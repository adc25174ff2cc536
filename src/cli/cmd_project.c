/* cmd_project.c -- annotary project: list, add, set, show, delete. */
#include "cli/cli.h"
#include "cli/door.h"
#include "domain/config.h"
#include "domain/project.h"

DOOR(project_list, int64_t after; struct project **out; int *n;, NULL, a->after, 0, a->out, a->n)
DOOR(project_get, int64_t id; struct project *out;, a->id, a->out)
DOOR(project_add, int64_t org; const struct project_edit *e; int64_t *id;, a->org, a->e, a->id)
DOOR(project_set, int64_t id; const struct project_edit *e;, a->id, a->e)
DOOR(project_delete, int64_t id;, a->id)
DOOR(config_xml, int64_t project; int64_t n; char **xml;, a->project, a->n, a->xml)

static json_t *row_of(const struct project *p)
{
    return json_pack("{s:I, s:s, s:I, s:I, s:I, s:I, s:s, s:s}", "id", (json_int_t)p->id, "title",
                     p->title, "tasks", (json_int_t)p->count.tasks, "finished",
                     (json_int_t)p->count.finished, "annotations", (json_int_t)p->count.annotations,
                     "overlap", (json_int_t)p->overlap, "consensus", p->method, "state",
                     p->paused ? "paused" : "open");
}

static int list(struct cli *cli, int argc, char **argv)
{
    const struct use use = {.command = "project list", .what = "List the projects.",
                            .examples = "  annotary project list --json\n"};
    struct project *p;
    json_t *out;
    int64_t after = 0;
    int n, rc;

    cli_args(cli, &use, argc, argv, NULL);
    if ((rc = cli_open(cli, false, false)) < 0)
        return cli_done(cli, rc);
    out = cli_list(cli);
    do {
        if ((rc = DO(cli->st, cli->cx, ACT_READ, project_list, after, &p, &n)) < 0)
            return cli_done(cli, rc);
        for (int i = 0; i < n; i++)
            cli_row(out, row_of(&p[i]));
        if (n)
            after = p[n - 1].id;
    } while (n == LIMIT_PAGE_ROWS);
    return cli_print(cli, out);
}

/* The fields that add and set share. */
struct given {
    const char *title, *config, *instruction, *sampling, *skip, *method;
    int64_t overlap, org;
    bool force, pause, resume;
};

#define GIVEN_OPTS(g)                                                                              \
    {"config", "FILE", "labelling config (XML)", &(g).config, NULL, NULL},                         \
        {"instruction",    "FILE", "guidelines for the people who label",                          \
         &(g).instruction, NULL,   NULL},                                                          \
        {"overlap", "N", "answers wanted for each task", NULL, &(g).overlap, NULL},                \
        {"sampling", "ORDER", "sequential or random", &(g).sampling, NULL, NULL},                  \
        {"skip",                                                                                   \
         "POLICY",                                                                                 \
         "skipped tasks go to others, to me again, or are ignored: others, me, ignore",            \
         &(g).skip,                                                                                \
         NULL,                                                                                     \
         NULL},                                                                                    \
    {                                                                                              \
        "consensus", "METHOD", "for every control it fits; or CONTROL=METHOD,… for some",          \
        &(g).method, NULL, NULL                                                                    \
    }

/* "topic=dawid-skene,score=mean" */
static json_t *choices(struct ctx *cx, const char *given)
{
    char *words = talloc_strdup(cx->mem, given), *rest = NULL;
    json_t *o = json_keep(cx, json_object());

    for (char *word = strtok_r(words, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        char *is = strrchr(word, '=');

        if (is)
            *is++ = 0;
        json_object_set_new(o, word, json_string(is ? is : ""));
    }
    return o;
}

static int edit_of(struct cli *cli, const struct given *g, struct project_edit *e)
{
    size_t n;
    char *text;
    int rc;

    *e = PROJECT_EDIT_NONE;
    e->title = g->title;
    e->sampling = g->sampling;
    e->skip_queue = g->skip;
    if (g->method && strchr(g->method, '='))
        e->methods = choices(cli->cx, g->method);
    else
        e->method = g->method;
    e->overlap = g->overlap ? g->overlap : -1;
    e->force = g->force;
    if (g->pause || g->resume)
        e->paused = g->pause;
    if (g->config) {
        if ((rc = cli_read(cli, g->config, (size_t)LIMIT_CONFIG_BYTES, &text, &n)) < 0)
            return rc;
        e->xml = text;
    }
    if (g->instruction) {
        if ((rc = cli_read(cli, g->instruction, (size_t)LIMIT_TEXT_BYTES, &text, &n)) < 0)
            return rc;
        e->instruction = text;
    }
    return 0;
}

static int add(struct cli *cli, int argc, char **argv)
{
    struct given g = {0};
    const struct opt opts[] = {
        GIVEN_OPTS(g),
        {"org", "ID", "its organisation, where there are several", NULL, &g.org, NULL},
        {0}};
    const struct use use = {
        .command = "project add", .args = "TITLE", .what = "Make a project.",
        .examples = "  annotary project add \"Street scenes\" --config boxes.xml --overlap 3\n",
        .opts = opts, .min = 1, .max = 1};
    struct project_edit e;
    const char *args[1];
    int64_t org, id;
    int rc;

    cli_args(cli, &use, argc, argv, args);
    g.title = args[0];
    if ((rc = edit_of(cli, &g, &e)) < 0 || (rc = cli_open(cli, false, false)) < 0 ||
        (rc = cli_org(cli, g.org, &org)) < 0 ||
        (rc = DO(cli->st, cli->cx, ACT_WRITE, project_add, org, &e, &id)) < 0)
        return cli_done(cli, rc);
    return cli_say(cli, json_pack("{s:I}", "id", (json_int_t)id), "Project %lld is made.",
                   (long long)id);
}

static int parse_id(const char *s, int64_t *id)
{
    char *end;

    *id = strtoll(s, &end, 10);
    return *id > 0 && *end == 0 ? 0 : cli_usage("\"%s\" is not the number of a project.", s);
}

static int set(struct cli *cli, int argc, char **argv)
{
    struct given g = {0};
    const struct opt opts[] = {GIVEN_OPTS(g),
                               {"title", "TEXT", "another title", &g.title, NULL, NULL},
                               {"pause", NULL, "lend no more tasks", NULL, NULL, &g.pause},
                               {"resume", NULL, "go on", NULL, NULL, &g.resume},
                               {"force", NULL,
                                "take a config under which stored answers are invalid", NULL, NULL,
                                &g.force},
                               {0}};
    const struct use use = {.command = "project set",
                            .args = "PROJECT",
                            .what = "Change a project.",
                            .examples = "  annotary project set 3 --overlap 5\n"
                                        "  annotary project set 3 --pause\n",
                            .opts = opts,
                            .min = 1,
                            .max = 1};
    struct project_edit e;
    const char *args[1];
    int64_t id;
    int rc;

    cli_args(cli, &use, argc, argv, args);
    if (parse_id(args[0], &id))
        return EXIT_USAGE;
    if ((rc = edit_of(cli, &g, &e)) < 0 || (rc = cli_open(cli, false, false)) < 0 ||
        (rc = DO(cli->st, cli->cx, ACT_WRITE, project_set, id, &e)) < 0)
        return cli_done(cli, rc);
    return cli_say(cli, json_pack("{s:I}", "id", (json_int_t)id), "Project %lld is changed.",
                   (long long)id);
}

static int show(struct cli *cli, int argc, char **argv)
{
    const struct use use = {.command = "project show", .args = "PROJECT",
                            .what = "Show a project and its labelling config.", .min = 1, .max = 1,
                            .examples = "  annotary project show 1\n"};
    struct project p;
    const char *args[1];
    json_t *row;
    int64_t id;
    char *xml;
    int rc;

    cli_args(cli, &use, argc, argv, args);
    if (parse_id(args[0], &id))
        return EXIT_USAGE;
    if ((rc = cli_open(cli, false, false)) < 0 ||
        (rc = DO(cli->st, cli->cx, ACT_READ, project_get, id, &p)) < 0 ||
        (rc = DO(cli->st, cli->cx, ACT_READ, config_xml, id, p.config_n, &xml)) < 0)
        return cli_done(cli, rc);
    row = row_of(&p);
    json_object_set_new(row, "config", json_string(xml));
    return cli_say(
        cli, row,
        "%s\n%lld of %lld tasks finished, %lld annotations, overlap %lld, consensus %s\n\n%s",
        p.title, (long long)p.count.finished, (long long)p.count.tasks,
        (long long)p.count.annotations, (long long)p.overlap, p.method, xml);
}

static int delete(struct cli *cli, int argc, char **argv)
{
    bool yes = false;
    const struct opt opts[] = {{"yes", NULL, "do not ask", NULL, NULL, &yes}, {0}};
    const struct use use = {.command = "project delete",
                            .args = "PROJECT",
                            .what =
                                "Delete a project with its tasks and answers. The audit rows stay.",
                            .examples = "  annotary project delete 1 --yes\n",
                            .opts = opts,
                            .min = 1,
                            .max = 1};
    const char *args[1];
    int64_t id;
    int rc;

    cli_args(cli, &use, argc, argv, args);
    if (parse_id(args[0], &id))
        return EXIT_USAGE;
    if (!yes)
        return cli_usage("This cannot be undone. Say --yes to delete project %lld.", (long long)id);
    if ((rc = cli_open(cli, false, false)) < 0 ||
        (rc = DO(cli->st, cli->cx, ACT_WRITE, project_delete, id)) < 0)
        return cli_done(cli, rc);
    return cli_say(cli, json_pack("{s:I}", "id", (json_int_t)id), "Project %lld is deleted.",
                   (long long)id);
}

int cmd_project(struct cli *cli, int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"list", "list the projects", list},
        {"add", "make a project", add},
        {"set", "change a project", set},
        {"show", "a project and its labelling config", show},
        {"delete", "delete a project with all that is in it", delete},
        {NULL, NULL, NULL},
    };

    return cli_verbs(cli, "project", verbs, argc, argv);
}
