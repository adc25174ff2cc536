/* demo_people.c -- organisation, accounts and projects of the demo. */
#include "cli/demo.h"
#include "cli/door.h"
#include "core/id.h"
#include "domain/access.h"
#include "domain/org.h"
#include "domain/password.h"
#include "domain/run.h"
#include "domain/token.h"
#include "domain/user.h"
#include "domain/vendor.h"

#include <time.h>

DOOR(setup_finish, const char *token; const struct setup *in; int64_t *person;
     , a->token, a->in, a->person)
DOOR(user_add, const struct user_new *in; int64_t *id;, a->in, a->id)
DOOR(vendor_add, int64_t org; const char *name; int64_t *id;, a->org, a->name, a->id)
DOOR(token_add, const struct token_new *in; struct token *out;, a->in, a->out)
DOOR(user_get, int64_t id; struct user *out;, a->id, a->out)

#define ORG "Demo laboratory"
#define VENDOR "Northlight Labelling"
#define IMPORT_SECONDS 60
#define TOKEN_MS (3600 * 1000)      /* the keys are needed for minutes, and only here */

static const struct demo_person people[DEMO_PEOPLE] = {
    {"Olivia Berg", "olivia@demo.example", ROLE_OWNER, ROLE_OWNER, false, 0, 0, NULL, NULL},
    {"Ravi Menon", "ravi@demo.example", ROLE_NONE, ROLE_REVIEWER, false, 0, 0, NULL, NULL},
    {"Anna Lindt", "anna@demo.example", ROLE_NONE, ROLE_ANNOTATOR, false, .97, 0, NULL, NULL},
    {"Ben Okafor", "ben@demo.example", ROLE_NONE, ROLE_ANNOTATOR, false, .91, 0, NULL, NULL},
    {"Chen Mei", "chen@demo.example", ROLE_NONE, ROLE_ANNOTATOR, false, .85, 0, NULL, NULL},
    {"Dora Silva", "dora@demo.example", ROLE_NONE, ROLE_ANNOTATOR, false, .78, 0, NULL, NULL},
    {"Emil Novak", "emil@demo.example", ROLE_NONE, ROLE_ANNOTATOR, false, .60, 0, NULL, NULL},
    {"Farid Aziz", "farid@northlight.example", ROLE_NONE, ROLE_ANNOTATOR, true, .88, 0, NULL, NULL},
    {"Greta Holm", "greta@northlight.example", ROLE_NONE, ROLE_ANNOTATOR, true, .70, 0, NULL, NULL},
};

/* ---- accounts --------------------------------------------------------------------------- */

/* Four groups of four: 95 random bits that can be typed. */
static const char *new_password(struct ctx *cx)
{
    char c[17];

    id_base62(c, 16);
    return talloc_asprintf(cx->mem, "%.4s-%.4s-%.4s-%.4s", c, c + 4, c + 8, c + 12);
}

static int make_person(struct demo *d, struct demo_person *p, const char *setup, int64_t org)
{
    struct setup owner = {.org = ORG, .name = p->name, .email = p->email};
    struct user_new other = {.org = org, .name = p->name, .email = p->email,
                             .org_role = p->org_role};
    struct token_new want = {.name = "demo", .ends = d->cx->now + TOKEN_MS};
    struct token made;
    char *hash;
    int rc;

    p->password = new_password(d->cx);
    if ((rc = password_hash(d->cx, p->password, &hash)) < 0)
        return rc;
    owner.pass_hash = other.pass_hash = hash;
    if (setup)
        rc = DO(d->cli->st, d->cx, ACT_WRITE, setup_finish, setup, &owner, &p->id);
    else
        rc = DO(d->cli->st, d->cx, ACT_WRITE, user_add, &other, &p->id);
    want.person = p->id;
    if (rc < 0 || (rc = DO(d->cli->st, d->cx, ACT_WRITE, token_add, &want, &made)) < 0)
        return rc;
    p->token = made.text;
    return 0;
}

int demo_people(struct demo *d, const char *setup)
{
    struct user owner = {0};
    int rc = 0;

    memcpy(d->person, people, sizeof people);
    for (int i = 0; i < DEMO_PEOPLE; i++) {
        demo_progress(d, "Making accounts", i, DEMO_PEOPLE);
        if (demo_stopped())
            return fail(d->cx, E_INVALID, "Stopped.");
        if ((rc = make_person(d, &d->person[i], i ? NULL : setup, owner.org)) < 0 ||
            (i == 0 &&
             (rc = DO(d->cli->st, d->cx, ACT_READ, user_get, d->person[0].id, &owner)) < 0))
            return rc;
    }
    if ((rc = DO(d->cli->st, d->cx, ACT_WRITE, vendor_add, owner.org, VENDOR, &d->vendor)) < 0)
        return rc;
    demo_step(d, "Accounts: an owner, a reviewer, five annotators, two people of a vendor");
    return 0;
}

/* ---- projects --------------------------------------------------------------------------- */

static int add_members(struct demo *d, const struct demo_project *p)
{
    const char *path = talloc_asprintf(d->cx->mem, "/api/projects/%lld/members", (long long)p->id);
    int rc = 0;

    for (int i = 1; i < DEMO_PEOPLE && rc == 0; i++) {
        const struct demo_person *m = &d->person[i];
        json_t *body = json_pack("{s:I, s:s}", "person", (json_int_t)m->id, "role",
                                 role_name(m->role));

        if (m->vendor)
            json_object_set_new(body, "vendor", json_integer(d->vendor));
        rc = hclient_json(d->cx, d->http, d->person[0].token, "POST", path, body, 201, NULL);
    }
    return rc;
}

/* Until the job is over.  Its own sentence when it failed. */
static int wait_import(struct demo *d, const struct demo_project *p, int64_t job)
{
    const char *path = talloc_asprintf(d->cx->mem, "/api/jobs/%lld", (long long)job);
    const struct timespec pause = {.tv_nsec = 50 * 1000000};
    json_t *o;
    int rc;

    for (int i = 0; i < IMPORT_SECONDS * 20; i++) {
        rc = hclient_json(d->cx, d->http, d->person[0].token, "GET", path, NULL, 200, &o);
        if (rc < 0)
            return rc;
        if (strcmp(json_str(o, "state", ""), "failed") == 0)
            return fail(d->cx, E_INVALID, "The import into \"%s\" failed: %s", p->e->title,
                        json_str(json_array_get(json_object_get(o, "errors"), 0), "why",
                                 json_str(o, "error", "no reason was given.")));
        if (strcmp(json_str(o, "state", ""), "done") == 0)
            return 0;
        nanosleep(&pause, NULL);
    }
    return fail(d->cx, E_INVALID, "The import into \"%s\" did not end.", p->e->title);
}

static int import_tasks(struct demo *d, struct demo_project *p)
{
    const char *path = talloc_asprintf(d->cx->mem, "/api/projects/%lld/imports?name=%s",
                                       (long long)p->id, p->e->file_name);
    struct hcall call = {.method = "POST", .path = path, .token = d->person[0].token,
                         .type = "application/octet-stream", .body = p->e->upload,
                         .nbody = p->e->nupload};
    struct hanswer a;
    json_t *o;
    int64_t tasks;
    int rc;

    if ((rc = hclient_call(d->cx, d->http, &call, &a)) < 0 ||
        (rc = json_read(d->cx, a.body, a.n, &o)) < 0)
        return rc;
    if (a.status != 202)
        return fail(d->cx, E_INVALID, "POST %s: %d: %s", path, a.status,
                    json_str(o, "detail", "no reason was given."));
    if ((rc = wait_import(d, p, json_int(o, "job", 0))) < 0)
        return rc;
    path = talloc_asprintf(d->cx->mem, "/api/projects/%lld", (long long)p->id);
    if ((rc = hclient_json(d->cx, d->http, d->person[0].token, "GET", path, NULL, 200, &o)) < 0)
        return rc;
    tasks = json_int(o, "task_number", -1);
    return tasks == p->e->nitems
               ? 0
               : fail(d->cx, E_INVALID, "\"%s\" has %lld tasks after the import instead of %d.",
                      p->e->title, (long long)tasks, p->e->nitems);
}

int demo_projects(struct demo *d)
{
    for (int i = 0; i < DEMO_PROJECTS; i++) {
        struct demo_project *p = &d->project[i];
        json_t *o;
        int rc;

        p->e = &d->example[i];
        p->sent = NEW_N(d->cx, struct demo_sent, p->e->nitems * DEMO_PEOPLE);
        rc = hclient_json(d->cx, d->http, d->person[0].token, "POST", "/api/projects",
                          json_pack("{s:s, s:s, s:i, s:b}", "title", p->e->title, "label_config",
                                    p->e->xml, "maximum_annotations", DEMO_OVERLAP,
                                    "is_published", 1),
                          201, &o);
        if (rc < 0)
            return rc;
        p->id = json_int(o, "id", 0);
        if ((rc = add_members(d, p)) < 0 || (rc = import_tasks(d, p)) < 0)
            return rc;
        demo_step(d, "Project \"%s\": %d tasks", p->e->title, p->e->nitems);
    }
    return 0;
}
