/* cmd_demo.c -- annotary demo: sample projects, and people who label them. */
#include "cli/demo.h"
#include "cli/progress.h"
#include "core/clock.h"
#include "domain/access.h"

#include <unistd.h>

/* ---- steps ------------------------------------------------------------------------------ */

static struct progress bar;

void demo_progress(struct demo *d, const char *what, int done, int total)
{
    (void)d;
    bar.what = what;
    progress_show(&bar, done, total);
}

void demo_step(struct demo *d, const char *fmt, ...)
{
    va_list ap;

    progress_end(&bar);
    fprintf(stderr, "%5.1f s  ", (double)(clock_mono_us() - d->began_us) / 1e6);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
}

/* ---- tables ----------------------------------------------------------------------------- */

/* The mean over the people who gave answers. */
static double average(const struct demo_project *p)
{
    double sum = 0;
    int n = 0;

    for (int i = 0; i < DEMO_PEOPLE; i++)
        if (p->by[i].n) {
            sum += demo_score(&p->by[i], p->e->kind);
            n++;
        }
    return n ? sum / n : 0;
}

static json_t *show_people(struct demo *d)
{
    json_t *list = json_array();

    for (int i = 0; i < DEMO_PEOPLE; i++) {
        const struct demo_person *p = &d->person[i];

        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "name", p->name, "role",
                                              p->vendor ? "annotator (vendor)" : role_name(p->role),
                                              "email", p->email, "password", p->password));
    }
    return list;
}

static json_t *show_projects(struct demo *d, bool once)
{
    json_t *list = json_array();

    for (int i = 0; i < DEMO_PROJECTS; i++) {
        struct demo_project *p = &d->project[i];
        json_t *o = json_pack("{s:I, s:s, s:i, s:i}", "id", (json_int_t)p->id,
                              "project", p->e->title, "tasks", p->e->nitems,
                              "annotations", p->nsent);

        if (once) {
            json_object_set_new(o, "settled", json_integer(p->settled));
            json_object_set_new(o, "agreement", json_real(p->agreement));
            json_object_set_new(o, "measure", json_string(p->e->measure));
            json_object_set_new(o, "consensus", json_real(demo_score(&p->agreed, p->e->kind)));
            json_object_set_new(o, "annotator", json_real(average(p)));
        }
        json_array_append_new(list, o);
    }
    return list;
}

static void print_scores(struct demo *d)
{
    printf("%-24s %5s %11s %9s %9s %9s  %s\n", "project", "tasks", "annotations", "agreement",
           "consensus", "annotator", "measure");
    for (int i = 0; i < DEMO_PROJECTS; i++) {
        const struct demo_project *p = &d->project[i];

        printf("%-24s %5d %11d %9.3f %9.3f %9.3f  %s\n", p->e->title, p->e->nitems, p->nsent,
               p->agreement, demo_score(&p->agreed, p->e->kind), average(p), p->e->measure);
    }
    printf("\nconsensus: what the answers say together, against the hidden truth; "
           "annotator: the average person.\n");
}

static void print_people(struct demo *d)
{
    printf("\n%-12s  %-18s  %-26s  %s\n", "name", "role", "e-mail", "password");
    for (int i = 0; i < DEMO_PEOPLE; i++) {
        const struct demo_person *p = &d->person[i];

        printf("%-12s  %-18s  %-26s  %s\n", p->name,
               p->vendor ? "annotator (vendor)" : role_name(p->role), p->email, p->password);
    }
}

/* ---- the two ways ----------------------------------------------------------------------- */

/* Three answers must be worth more than one, or consensus is broken. */
static int check_gain(struct demo *d)
{
    for (int i = 0; i < DEMO_PROJECTS; i++) {
        const struct demo_project *p = &d->project[i];

        if (demo_score(&p->agreed, p->e->kind) < average(p))
            return fail(d->cx, E_INVALID, "\"%s\": the consensus (%.3f) is worse than the average "
                        "annotator (%.3f).", p->e->title, demo_score(&p->agreed, p->e->kind),
                        average(p));
    }
    return 0;
}

static int run_once(struct demo *d)
{
    int rc = 0;

    for (int i = 0; i < DEMO_PROJECTS && rc == 0; i++)
        rc = demo_label(d, &d->project[i], 0);
    if (rc == 0)
        rc = demo_settle(d);
    for (int i = 0; i < DEMO_PROJECTS && rc == 0; i++)
        rc = demo_check(d, &d->project[i]);
    return rc < 0 ? rc : check_gain(d);
}

static void say_once(struct demo *d, bool passed)
{
    double seconds = (double)(clock_mono_us() - d->began_us) / 1e6;

    if (d->cli->json) {
        json_t *o = json_pack("{s:b, s:f, s:o}", "passed", passed, "seconds", seconds, "projects",
                              show_projects(d, true));

        if (!d->temporary)
            json_object_set_new(o, "data", json_string(d->folder));
        json_dumpf(json_keep(d->cx, o), stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
        putchar('\n');
        return;
    }
    print_scores(d);
    if (!d->temporary)
        print_people(d);
    printf("\nDone in %.1f s: leases, drafts, answers, consensus and exports are as they "
           "must be.\n", seconds);
}

static int run_for_people(struct demo *d)
{
    int rc = 0;

    for (int i = 0; i < DEMO_PROJECTS && rc == 0; i++)
        rc = demo_label(d, &d->project[i], DEMO_HALF);
    return rc;
}

static void greet(struct demo *d)
{
    if (d->cli->json) {
        json_t *o = json_pack("{s:s, s:s, s:o, s:o}", "address",
                              talloc_asprintf(d->cx->mem, "http://127.0.0.1:%d/", d->port), "data",
                              d->folder, "accounts", show_people(d), "projects",
                              show_projects(d, false));

        puts(json_text(d->cx, json_keep(d->cx, o)));
    } else {
        print_people(d);
        printf("\nFour projects of 60 tasks; half of each is labelled, the rest is for you.\n"
               "The data is in %s. Nothing outside this machine can reach it.\n\n"
               "Annotary is ready: http://127.0.0.1:%d/    Ctrl-C stops it.\n", d->folder, d->port);
    }
    fflush(stdout);
}

/* ---- the command ------------------------------------------------------------------------ */

static int run(struct demo *d, bool once, int port)
{
    char *setup = NULL;
    int rc;

    if ((rc = demo_examples(d->cx, d->example)) < 0 ||
        (rc = demo_serve(d, once ? 0 : port, &setup)) < 0)
        return rc;
    demo_step(d, "A fresh data folder: %s", d->folder);
    if ((rc = demo_people(d, setup)) < 0 || (rc = demo_projects(d)) < 0)
        return rc;
    return once ? run_once(d) : run_for_people(d);
}

/* What the checks find is "something wrong"; refusals and trouble with files keep their codes. */
static int exit_of(struct demo *d, int rc)
{
    int code;

    progress_end(&bar);
    if (demo_stopped())             /* whatever failed then, failed because of that */
        rc = fail(d->cx, E_INVALID, "Stopped before it was done.");
    code = cli_done(d->cli, rc);
    return rc == E_INVALID || rc == E_NOTFOUND || rc == E_STALE ? EXIT_FOUND : code;
}

int cmd_demo(struct cli *cli, int argc, char **argv)
{
    bool once = false, fresh = false, given;
    struct settings usual;
    const char *port = NULL;
    struct demo *d = NEW(cli->cx, struct demo);
    int rc, code = EXIT_OK;
    const struct opt opts[] = {
        {"once", NULL, "label everything, check the exports, print a table", NULL, NULL, &once},
        {"port", "PORT", "default 8080; the next free one when it is taken", &port, NULL, NULL},
        {"fresh", NULL, "replace an earlier demo in the folder", NULL, NULL, &fresh},
        {0},
    };
    const struct use use = {
        .command = "demo",
        .what = "Make a fresh data folder with four sample projects and nine accounts, let "
                "simulated people label half, and serve it until Ctrl-C.  The folder is "
                "./annotary-data/demo (demo-2 … when there is one) or --data.",
        .examples = "  annotary demo\n"
                    "  annotary demo --port 9000 --data /tmp/look --fresh\n"
                    "  annotary demo --once        the whole job without a browser\n",
        .opts = opts,
    };

    cli_args(cli, &use, argc, argv, NULL);
    if (port && settings_set(cli->cx, &cli->set, "port", port, "command line") < 0)
        return cli_usage("%s", cli->cx->why);
    if (cli->set.port < 0 || cli->set.port > 65535)
        return cli_usage("a port is a number from 0 to 65535");
    settings_init(&usual);
    given = strcmp(cli->set.data, usual.data) != 0;
    *d = (struct demo){.cli = cli, .cx = cli->cx, .began_us = clock_mono_us()};
    if ((rc = demo_folder(d, given ? cli->set.data : NULL, once, fresh)) < 0)
        return cli_done(cli, rc);
    rc = run(d, once, (int)cli->set.port);
    if (rc == 0 && !once) {
        greet(d);
        demo_wait();
    }
    demo_close();
    if (rc < 0)
        code = exit_of(d, rc);
    else if (once)
        say_once(d, true);
    else if (!cli->json)
        printf("Stopped. Everything acknowledged is on disk; `annotary serve --data %s` goes on.\n",
               d->folder);
    if (cli->st)
        store_close(cli->st);
    cli->st = NULL;
    demo_folder_forget(d);
    return code;
}
