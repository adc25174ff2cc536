/* cmd_consensus.c -- annotary consensus: show, settle, verify, skills. */
#include "cli/cli.h"
#include "cli/door.h"
#include "domain/agreement.h"
#include "domain/consensus.h"
#include "domain/fit.h"
#include "domain/run.h"
#include "domain/saying.h"
#include "domain/skill.h"
#include "domain/tally.h"
#include "domain/worker.h"

#define VERIFY_SLICE 200

DOOR(consensus_list, int64_t project; int64_t after; struct consensus **out; int *n;
     , a->project, a->after, 0, a->out, a->n)
DOOR(fits_make, int64_t project; struct fits **out;, a->project, a->out)
DOOR(skill_stale, int64_t project; const struct fits *f;, a->project, a->f)
DOOR(skill_tables, int64_t project; struct skill_table **out; int *n;, a->project, a->out, a->n)
DOOR(consensus_verify, int64_t project; const struct fits *fits; int64_t after; int64_t *last;
     int *checked; int64_t *wrong; int *nwrong;
     , a->project, a->fits, a->after, VERIFY_SLICE, a->last, a->checked, a->wrong, a->nwrong)
DOOR(agreement_verify, int64_t project; int64_t *wrong;, a->project, a->wrong)
DOOR(saying_verify, int64_t project; int64_t *wrong;, a->project, a->wrong)
DOOR(tally_verify, int64_t project; int64_t *wrong;, a->project, a->wrong)
DOOR(agreement_sum, int64_t project; struct agreement_summary *out;, a->project, a->out)

static int wanted(struct cli *cli, const char *verb, const char *what, int argc, char **argv,
                  int64_t *project)
{
    const struct opt opts[] = {{"project", "ID", "the project", NULL, project, NULL}, {0}};
    const struct use use = {
        .command = verb, .what = what, .opts = opts,
        .examples = talloc_asprintf(cli->cx->mem, "  annotary %s --project 1\n", verb)};

    cli_args(cli, &use, argc, argv, NULL);
    if (!*project) {
        cli_usage("Say with --project which project.");
        return E_INVALID;
    }
    return cli_open(cli, false, false);
}

static int show(struct cli *cli, int argc, char **argv)
{
    struct consensus *c;
    int64_t project = 0, after = 0;
    json_t *out;
    int n, rc = wanted(cli, "consensus show", "The agreed answer of each settled task.", argc, argv,
                       &project);

    if (rc < 0)
        return project ? cli_done(cli, rc) : EXIT_USAGE;
    out = cli_list(cli);
    do {
        if ((rc = DO(cli->st, cli->cx, ACT_READ, consensus_list, project, after, &c, &n)) < 0)
            return cli_done(cli, rc);
        for (int i = 0; i < n; i++)
            cli_row(out,
                    json_pack("{s:I, s:s, s:s, s:f, s:I, s:s%}", "task", (json_int_t)c[i].task,
                              "control", c[i].control, "method", c[i].method, "confidence",
                              c[i].confidence, "answers", (json_int_t)c[i].n, "answer", c[i].answer,
                              cli->json ? c[i].nanswer
                                        : (c[i].nanswer > 60 ? (size_t)60 : c[i].nanswer)));
        if (n)
            after = c[n - 1].task;
    } while (n > 0);
    return cli_print(cli, out);
}

static int settle(struct cli *cli, int argc, char **argv)
{
    int64_t project = 0, settled;
    int rc =
        wanted(cli, "consensus settle", "Settle every complete task now.", argc, argv, &project);

    if (rc < 0)
        return project ? cli_done(cli, rc) : EXIT_USAGE;
    if ((rc = worker_settle_all(run_new(cli->cx, cli->st), cli->cx, project, &settled)) < 0)
        return cli_done(cli, rc);
    return cli_say(cli, json_pack("{s:I}", "settled", (json_int_t)settled), "%lld tasks settled.",
                   (long long)settled);
}

static int verify(struct cli *cli, int argc, char **argv)
{
    int64_t project = 0, after = 0, last, all = 0, bad = 0, sums, said, given,
            wrong[VERIFY_SLICE];
    struct agreement_summary sum;
    struct fits *fits;
    int checked, nwrong;
    int rc =
        wanted(cli, "consensus verify",
               "Compute consensus and agreement anew from the stored answers and compare with the"
               " tables. Exit 1 when a task differs.",
               argc, argv, &project);

    if (rc < 0)
        return project ? cli_done(cli, rc) : EXIT_USAGE;
    if ((rc = DO(cli->st, cli->cx, ACT_READ, fits_make, project, &fits)) < 0 ||
        (rc = DO(cli->st, cli->cx, ACT_READ, skill_stale, project, fits)) < 0)
        return cli_done(cli, rc);
    if (rc > 0)
        return cli_say(cli, json_pack("{s:b}", "waiting", 1),
                       "Answers came since the last fit, and tasks wait to be settled by a new one:"
                       " nothing is compared yet. annotary consensus settle does it now.");
    do {
        struct ctx *slice = ctx_new(cli->cx->mem);

        slice->who = cli->cx->who;
        rc = DO(cli->st, slice, ACT_READ, consensus_verify, project, fits, after, &last, &checked,
                wrong, &nwrong);
        if (rc < 0)
            fail(cli->cx, rc, "%s", slice->why);
        for (int i = 0; rc == 0 && i < nwrong; i++)
            fprintf(stderr, "task %lld: the tables differ from what its answers say\n",
                    (long long)wrong[i]);
        all += checked;
        bad += nwrong;
        after = last;
        ctx_free(slice);
    } while (rc == 0 && after);
    if (rc < 0 || (rc = DO(cli->st, cli->cx, ACT_READ, agreement_verify, project, &sums)) < 0 ||
        (rc = DO(cli->st, cli->cx, ACT_READ, saying_verify, project, &said)) < 0 ||
        (rc = DO(cli->st, cli->cx, ACT_READ, tally_verify, project, &given)) < 0 ||
        (rc = DO(cli->st, cli->cx, ACT_READ, agreement_sum, project, &sum)) < 0)
        return cli_done(cli, rc);
    if (sums)
        fprintf(stderr, "%lld sums of agreement differ from what the tasks add up to\n",
                (long long)sums);
    if (said)
        fprintf(stderr, "%lld sums of labels differ from what the tasks add up to\n",
                (long long)said);
    if (given)
        fprintf(stderr, "%lld sums of answers differ from what is stored\n", (long long)given);
    sums += said + given;
    cli_say(cli, json_pack("{s:I, s:I, s:I, s:f}", "checked", (json_int_t)all, "differ",
                           (json_int_t)bad, "sums_differ", (json_int_t)sums, "agreement", sum.mean),
            "%lld tasks checked, %lld differ; mean agreement %.3f.", (long long)all, (long long)bad,
            sum.mean);
    return bad || sums ? EXIT_FOUND : EXIT_OK;
}

static int skills(struct cli *cli, int argc, char **argv)
{
    struct skill_table *t;
    int64_t project = 0;
    json_t *out;
    int n, rc = wanted(cli, "consensus skills",
                       "What the fitted methods learnt about each person: the share of answers that"
                       " is right, or how far numbers spread about the truth, with its interval.",
                       argc, argv, &project);

    if (rc < 0)
        return project ? cli_done(cli, rc) : EXIT_USAGE;
    if ((rc = DO(cli->st, cli->cx, ACT_READ, skill_tables, project, &t, &n)) < 0)
        return cli_done(cli, rc);
    out = cli_list(cli);
    for (int i = 0; i < n; i++) {
        if (*t[i].note)
            fprintf(stderr, "%s: %s\n", t[i].control, t[i].note);
        for (int k = 0; k < t[i].n; k++)
            cli_row(out, json_pack("{s:s, s:s, s:s, s:I, s:I, s:f, s:f, s:f}", "control",
                                   t[i].control, "method", t[i].method, "unit", t[i].unit,
                                   "person", (json_int_t)t[i].of[k].person, "n",
                                   (json_int_t)t[i].of[k].n, "skill", t[i].of[k].skill, "lo",
                                   t[i].of[k].lo, "hi", t[i].of[k].hi));
    }
    return cli_print(cli, out);
}

int cmd_consensus(struct cli *cli, int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"show", "the agreed answers", show},
        {"settle", "settle every complete task now", settle},
        {"verify", "compute anew and compare with the tables", verify},
        {"skills", "how good each person is, by control", skills},
        {NULL, NULL, NULL},
    };

    return cli_verbs(cli, "consensus", verbs, argc, argv);
}
