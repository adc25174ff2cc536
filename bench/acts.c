/*
 * acts.c -- the domain under load, without HTTP.
 *
 *   acts seed DIR TASKS PEOPLE OVERLAP [DATABASE]   data for a bench; prints figures and clients
 *   acts next DIR [DATABASE]                        the cost of the next task
 *   acts raw  DIR BATCH COUNT [DATABASE]            submits with no HTTP and no JSON
 *
 * Figures go to standard output as one JSON object.
 */
#include "core/clock.h"
#include "core/json.h"
#include "core/str.h"
#include "domain/access.h"
#include "domain/annotation.h"
#include "domain/importer.h"
#include "domain/lane.h"
#include "domain/lease.h"
#include "domain/member.h"
#include "domain/org.h"
#include "domain/project.h"
#include "domain/run.h"
#include "domain/setting.h"
#include "domain/token.h"
#include "domain/user.h"
#include "store/act.h"
#include "store/blob.h"
#include "store/db.h"
#include "store/store.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#define TEXT_BYTES 900
#define ROUNDS 2000

static const char CONFIG[] =
    "<View><Text name=\"t\" value=\"$text\"/><Choices name=\"c\" toName=\"t\"><Choice "
    "value=\"yes\"/>"
    "<Choice value=\"no\"/></Choices><TextArea name=\"why\" toName=\"t\"/></View>";

static struct ctx *cx;
static struct store *st;
static int64_t org, project, owner;
static struct access access_of;

static void die(const char *what)
{
    fprintf(stderr, "acts: %s: %s\n", what, cx->why ? cx->why : "failed");
    exit(1);
}

static void must(int rc, const char *what)
{
    if (rc < 0)
        die(what);
}

static void be(int64_t person, int role)
{
    cx->who = person ? (struct who){.kind = WHO_PERSON,
                                    .person = person,
                                    .org = org,
                                    .org_role = role,
                                    .scopes = ~0u,
                                    .ip = ""}
                     : (struct who){.kind = WHO_SYSTEM, .ip = ""};
}

static int do_it(enum act_kind kind, act_fn *fn, void *arg)
{
    cx->now = clock_now();
    return act_run(st, cx, kind, fn, arg);
}

static void open_store(const char *dir, const char *database)
{
    struct store_opts o = {.data = dir, .create = true, .server = true,
                           .database = database && *database ? database : NULL};

    cx = ctx_new(NULL);
    be(0, 0);
    must(store_open(cx, &o, &st), "open");
}

/* ---- seed ---- */

static int64_t people, overlap;

static int seed_org(struct ctx *c, void *arg)
{
    (void)arg;
    return org_add(c, "Bench", &org);
}

static int seed_secrets(struct ctx *c, void *arg)
{
    (void)arg;
    return secret_ready(c);
}

static int seed_owner(struct ctx *c, void *arg)
{
    (void)arg;
    return user_add(
        c,
        &(struct user_new){
            .org = org, .email = "owner@bench.example", .name = "Owner", .org_role = ROLE_OWNER},
        &owner);
}

static int seed_project(struct ctx *c, void *arg)
{
    struct project_edit e = PROJECT_EDIT_NONE;

    (void)arg;
    e.title = "Bench";
    e.xml = CONFIG;
    e.overlap = overlap;
    return project_add(c, org, &e, &project);
}

struct client {
    int64_t n, person, first;
    struct token token;
};

static int seed_person(struct ctx *c, void *arg)
{
    struct client *p = arg;
    char email[64];

    snprintf(email, sizeof email, "p%lld@bench.example", (long long)p->n);
    return user_add(c, &(struct user_new){.org = org, .email = email, .name = "P"}, &p->person);
}

static int seed_member(struct ctx *c, void *arg)
{
    struct client *p = arg;

    return member_add(c, project, p->person, ROLE_ANNOTATOR, 0);
}

static int seed_token(struct ctx *c, void *arg)
{
    struct client *p = arg;

    return token_add(c, &(struct token_new){.person = p->person, .name = "bench"}, &p->token);
}

/* TASKS rows of about a kilobyte, as prose might be. */
static int64_t write_rows(int fd, int64_t n)
{
    static const char *const words[] = {"harbour", "the", "of",    "crane", "slow",
                                        "and",     "a",   "paper", "north", "river",
                                        "to",      "in",  "light", "over"};
    char *buf = talloc_size(cx, 1 << 20);
    size_t at = 0;
    int64_t bytes = 0;
    struct rng r = {7};

    for (int64_t i = 0; i < n; i++) {
        size_t end;

        at += (size_t)snprintf(buf + at, 80, "{\"id\":%lld,\"topic\":\"t%lld\",\"text\":\"",
                               (long long)i, (long long)(i % 50));
        for (end = at + TEXT_BYTES; at < end;)
            at += (size_t)snprintf(buf + at, 32, "%s ", words[rng_below(&r, 14)]);
        at += (size_t)snprintf(buf + at, 8, "\"}\n");
        if (at > (1 << 20) - 4096 || i == n - 1) {
            if (write(fd, buf, at) != (ssize_t)at)
                die("write");
            bytes += (int64_t)at;
            at = 0;
        }
    }
    talloc_free(buf);
    return bytes;
}

struct begin {
    const char *spool;
    int64_t bytes, import, job;
};

static int seed_import(struct ctx *c, void *arg)
{
    struct begin *b = arg;

    return import_begin(c, project, b->spool, b->bytes,
                        &(struct import_opts){.name = "bench.jsonl"}, false, &b->import, &b->job);
}

/* Every person holds leases on a run of tasks of their own: submits without claims in between. */
static int seed_leases(struct ctx *c, void *arg)
{
    struct client *p = arg;
    int64_t each, first, rc;

    rc = db_int(c, &each, "SELECT COUNT(*) FROM slot WHERE project_id = ?", "i", project);
    each = each / people;
    first = p->n * each;
    if (rc < 0 ||
        (rc = db_run(c,
                     "INSERT INTO lease(project_id, task_id, person_id, vendor_id, state, epoch,"
                     " granted_ms, beat_ms, ends_ms) SELECT project_id, task_id, ?, ?, 'active', 1,"
                     " ?, ?, ? FROM slot WHERE project_id = ? AND ord > ? AND ord <= ?"
                     " ORDER BY ord",
                     "iiiiiiii", p->person, access_of.vendor, c->now, c->now,
                     c->now + 100LL * 3600 * 1000, project, first, first + each)) < 0)
        return (int)rc;
    return db_int(c, &p->first, "SELECT MIN(id) FROM lease WHERE project_id = ? AND person_id = ?",
                  "ii", project, p->person) < 0;
}

static int seed_slots(struct ctx *c, void *arg)
{
    (void)arg;
    return db_run(c, "UPDATE slot SET leased = 1, open = required - 1 WHERE project_id = ?", "i",
                  project) < 0
               ? E_INTERNAL
               : 0;
}

static int look_up(struct ctx *c, void *arg)
{
    (void)arg;
    return access_check(c, ON_PROJECT, project, MAY_WORK, &access_of);
}

static long rss_kib(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss;
}

static int seed(int64_t tasks, bool leases)
{
    struct begin b = {0};
    struct import done = {0};
    struct client p = {0};
    struct run *run = run_new(cx, st);
    char *spool;
    int64_t began;
    int fd;

    must(do_it(ACT_HOUSE, seed_secrets, NULL), "secrets");
    must(do_it(ACT_WRITE, seed_org, NULL), "org");
    must(do_it(ACT_WRITE, seed_owner, NULL), "owner");
    p.person = owner;
    must(do_it(ACT_WRITE, seed_token, &p), "token");
    be(owner, ROLE_OWNER);
    must(do_it(ACT_WRITE, seed_project, NULL), "project");
    must(do_it(ACT_READ, look_up, NULL), "access");
    printf("{\"project\":%lld,\"owner\":\"%s\",", (long long)project, p.token.text);
    must(spool_create(cx, st, &spool, &fd), "spool");
    b.spool = spool;
    b.bytes = write_rows(fd, tasks);
    close(fd);
    must(do_it(ACT_WRITE, seed_import, &b), "import");
    began = clock_mono_us();
    must(import_run(run, cx, b.import, NULL, NULL, &done), "import");
    printf("\"tasks\":%lld,\"import_s\":%.3f,\"import_bytes\":%lld,\"rss_kib\":%ld,\"clients\":[",
           (long long)done.tasks, (double)(clock_mono_us() - began) / 1e6, (long long)b.bytes,
           rss_kib());
    for (int64_t i = 0; i < people; i++) {
        p = (struct client){.n = i};
        be(0, 0);
        must(do_it(ACT_WRITE, seed_person, &p), "person");
        must(do_it(ACT_WRITE, seed_member, &p), "member");
        must(do_it(ACT_WRITE, seed_token, &p), "token");
        if (leases)
            must(do_it(ACT_HOUSE, seed_leases, &p), "leases");
        printf("%s{\"token\":\"%s\",\"lease\":%lld,\"person\":%lld}", i ? "," : "", p.token.text,
               (long long)p.first, (long long)p.person);
    }
    if (leases)
        must(do_it(ACT_HOUSE, seed_slots, NULL), "slots");
    printf("]}\n");
    return 0;
}

/* ---- next ---- */

struct claim {
    struct lease lease[1];
    int n;
    const char *why;
    int64_t us;
};

static int timed_claim(struct ctx *c, void *arg)
{
    struct claim *a = arg;
    int64_t began = clock_mono_us();
    int rc = lease_claim(c, &access_of, 1, a->lease, &a->n, &a->why);

    a->us = clock_mono_us() - began;
    return rc;
}

static int end_lease(struct ctx *c, void *arg)
{
    struct claim *a = arg;

    /* As a submit leaves it, without its other rows: this bench is about claims. */
    return lease_state(c, a->lease[0].id, "submitted", 0);
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* Median and 99th percentile of `rounds` claims of one person, each ended before the next. */
static void measure(const char *name, int rounds, bool comma)
{
    int64_t *us = talloc_array(cx, int64_t, (unsigned)rounds);
    void *mem = cx->mem;
    int got = 0;

    for (int i = 0; i < rounds; i++) {
        struct claim a = {0};

        cx->mem = talloc_new(mem);
        must(do_it(ACT_WRITE, timed_claim, &a), name);
        us[i] = a.us;
        got += a.n;
        if (a.n)
            must(do_it(ACT_HOUSE, end_lease, &a), name);
        talloc_free(cx->mem);
    }
    cx->mem = mem;
    qsort(us, (size_t)rounds, sizeof *us, compare);
    printf("\"%s\":{\"p50_us\":%lld,\"p99_us\":%lld,\"got\":%d}%s", name, (long long)us[rounds / 2],
           (long long)us[rounds * 99 / 100], got, comma ? "," : "");
    fflush(stdout);
    talloc_free(us);
}

struct history {
    int64_t person, count;
};

/* `count` own answers in front, and the mark behind them: what claiming them one by one leaves. */
static int make_history(struct ctx *c, void *arg)
{
    struct history *w = arg;
    int64_t lane;
    int rc = db_run(
        c,
        "INSERT INTO lease(project_id, task_id, person_id, vendor_id, state, epoch, granted_ms,"
        " beat_ms, ends_ms) SELECT project_id, task_id, ?, ?, 'submitted', 1, 0, 0, 0 FROM slot"
        " WHERE project_id = ? AND ord <= ? ORDER BY ord",
        "iiii", w->person, access_of.vendor, project, w->count);

    if (rc < 0 || (rc = db_int(c, &lane, "SELECT MAX(lane) FROM lane WHERE project_id = ?", "i",
                               project)) < 0)
        return rc;
    rc = db_run(c, "INSERT INTO place(project_id, person_id, lane, ord) VALUES(?, ?, ?, ?)", "iiii",
                project, w->person, lane, w->count);
    return rc < 0 ? rc : 0;
}

static int lend_all_but(struct ctx *c, void *arg)
{
    int rc = db_run(c,
                    "UPDATE slot SET leased = required - answered, open = 0 WHERE project_id = ?"
                    " AND ord <= (SELECT MAX(ord) FROM slot WHERE project_id = ?) - ?",
                    "iii", project, project, *(int64_t *)arg);

    return rc < 0 ? rc : 0;
}

/* A thousand lanes of other people, with a task each: what handing tasks out by name leaves. */
#define GROUPS 1000

static int make_groups(struct ctx *c, void *arg)
{
    int64_t lane, first, count = *(int64_t *)arg;
    int rc = db_int(c, &first, "SELECT MIN(id) FROM task WHERE project_id = ?", "i", project);

    for (int64_t i = 1; rc >= 0 && i <= count; i++)
        if ((rc = lane_for_people(c, project, &(int64_t){1000000 + i}, 1, &lane)) >= 0)
            rc = slot_move(c, project, first + i, lane, 0);
    return rc < 0 ? rc : 0;
}

static int find_all(struct ctx *c, void *arg)
{
    struct history *w = arg;
    int rc = db_int(c, &project, "SELECT MIN(id) FROM project", "");

    rc = db_int(c, &org, "SELECT MIN(id) FROM org", "");
    return rc < 0
               ? rc
               : db_int(c, &w->person, "SELECT MIN(person_id) FROM member WHERE role = 1", "") < 0;
}

static int next(void)
{
    struct history w = {0};
    int64_t first, left = 3 * ROUNDS, groups = GROUPS;

    must(do_it(ACT_READ, find_all, &w), "find");
    first = w.person;
    be(first, 0);
    must(do_it(ACT_READ, look_up, NULL), "access");
    printf("{");
    measure("fresh", ROUNDS, true);
    for (int i = 1; i <= 2; i++) {
        w = (struct history){first + i, i == 1 ? 10000 : 500000};
        be(w.person, 0);
        must(do_it(ACT_HOUSE, make_history, &w), "history");
        measure(i == 1 ? "own10k" : "own500k", ROUNDS, true);
    }
    must(do_it(ACT_HOUSE, make_groups, &groups), "groups");
    be(first + 5, 0);
    measure("groups", ROUNDS, true);
    must(do_it(ACT_HOUSE, lend_all_but, &left), "lend");
    be(first + 3, 0);
    measure("leased", ROUNDS, true);
    left = 0;
    must(do_it(ACT_HOUSE, lend_all_but, &left), "lend");
    be(first + 4, 0);
    measure("empty", ROUNDS, false);
    printf("}\n");
    return 0;
}

/* ---- raw ---- */

static const char RESULT[] =
    "[{\"id\":\"aaaaaaaaaa\",\"from_name\":\"c\",\"to_name\":\"t\",\"type\":\"choices\","
    "\"value\":{\"choices\":[\"yes\"]}},{\"id\":\"bbbbbbbbbb\",\"from_name\":\"why\",\"to_name\":"
    "\"t\","
    "\"type\":\"textarea\",\"value\":{\"text\":[\"because of what stands in the third line\"]}}]";

struct submit {
    struct act act;
    struct annotation_new new;
    struct annotation out;
    int64_t lease;
    char unique[32];
    struct ctx *cx;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all_done = PTHREAD_COND_INITIALIZER;
static int waiting;

static int raw_submit(struct ctx *c, void *arg)
{
    struct submit *s = arg;

    return annotation_submit(c, s->lease, 1, &s->new, &s->out);
}

static void raw_done(struct act *a)
{
    (void)a;
    pthread_mutex_lock(&lock);
    if (--waiting == 0)
        pthread_cond_signal(&all_done);
    pthread_mutex_unlock(&lock);
}

/* The newest lease of each person: a batch takes one of each, so that nobody meets their own bound.
 */
#define OWNERS_MAX 1024
static struct {
    int64_t person, lease;
} owner_of[OWNERS_MAX];
static int nowners;

static int find_leases(struct ctx *c, void *arg)
{
    struct rows *q;
    int rc = db_query(c, &q, "SELECT person_id, MAX(id) FROM lease WHERE state = 'active'"
                             " AND project_id = ? GROUP BY person_id ORDER BY person_id DESC",
                      "i", project);

    (void)arg;
    if (rc < 0)
        return rc;
    while (nowners < OWNERS_MAX && (rc = rows_next(q)) > 0) {
        owner_of[nowners].person = rows_int(q, 0);
        owner_of[nowners++].lease = rows_int(q, 1);
    }
    rows_end(q);
    return rc < 0 ? rc : nowners ? 0 : E_NOTFOUND;
}

static int raw(int batch, int count)
{
    struct history w = {0};
    struct submit *s = talloc_zero_array(cx, struct submit, (unsigned)batch);
    json_t *parsed = json_loads(RESULT, 0, NULL);
    int64_t began;
    int done = 0;

    must(do_it(ACT_READ, find_all, &w), "find");
    be(0, 0);
    must(do_it(ACT_READ, find_leases, NULL), "leases");
    began = clock_mono_us();
    while (done < count) {
        waiting = batch;
        for (int i = 0; i < batch; i++) {
            struct submit *b = &s[i];

            if (b->cx)
                ctx_free(b->cx);
            b->cx = ctx_new(cx);
            b->cx->who = (struct who){.kind = WHO_PERSON,
                                      .person = owner_of[(done + i) % nowners].person,
                                      .org = org,
                                      .scopes = ~0u,
                                      .ip = ""};
            b->lease = owner_of[(done + i) % nowners].lease--;
            snprintf(b->unique, sizeof b->unique, "raw-%lld", (long long)b->lease);
            b->new = (struct annotation_new){.result = RESULT,
                                             .nresult = sizeof RESULT - 1,
                                             .parsed = parsed,
                                             .unique_id = b->unique,
                                             .active_ms = 1000};
            b->act = (struct act){.fn = raw_submit, .arg = b, .kind = ACT_WRITE, .cx = b->cx,
                                  .done = raw_done};
        }
        for (int i = 0; i < batch; i++) {
            while (act_send(st, &s[i].act) < 0)
                usleep(200);
        }
        pthread_mutex_lock(&lock);
        while (waiting)
            pthread_cond_wait(&all_done, &lock);
        pthread_mutex_unlock(&lock);
        for (int i = 0; i < batch; i++)
            if (s[i].act.rc < 0) {
                fprintf(stderr, "acts: raw: %s\n", s[i].cx->why);
                return 1;
            }
        done += batch;
    }
    printf("{\"submits\":%d,\"rate\":%.1f,\"batch\":%d}\n", done,
           done / ((double)(clock_mono_us() - began) / 1e6), batch);
    json_decref(parsed);
    return 0;
}

int main(int argc, char **argv)
{
    int rc = 2;

    if (argc < 3) {
        fputs("usage: bench_acts seed|next|raw DIR …\n", stderr);
        return 2;
    }
    if (strcmp(argv[1], "seed") == 0 && argc >= 6) {
        people = atoll(argv[4]);
        overlap = atoll(argv[5]);
        open_store(argv[2], argc > 6 ? argv[6] : NULL);
        rc = seed(atoll(argv[3]), argc > 7);
    } else if (strcmp(argv[1], "next") == 0) {
        open_store(argv[2], argc > 3 ? argv[3] : NULL);
        rc = next();
    } else if (strcmp(argv[1], "raw") == 0 && argc >= 5) {
        open_store(argv[2], argc > 5 ? argv[5] : NULL);
        rc = raw(atoi(argv[3]), atoi(argv[4]));
    }
    if (st)
        store_close(st);
    return rc;
}
