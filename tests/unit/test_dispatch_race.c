/*
 * test_dispatch_race.c -- sixteen threads claim, submit, skip and give back in
 * one project at once.  Under ThreadSanitizer for the threads; on both
 * databases for the invariants:
 *
 *   I1  counted answers of a task <= required
 *   I2  nobody answers a task twice
 *   I3  answers counted + leases active <= required, and the slots say the same
 */
#include "unit_people.h"

#include "core/clock.h"
#include "core/json.h"
#include "domain/annotation.h"
#include "domain/lane.h"
#include "domain/lease.h"
#include "domain/project.h"
#include "domain/task.h"
#include "store/act.h"

#include <pthread.h>
#include <stdatomic.h>

#define THREADS 16
#define TASKS 60
#define OVERLAP 3
#define MS 2500

static const char CONFIG[] =
    "<View><Text name=\"t\" value=\"$text\"/>"
    "<Choices name=\"c\" toName=\"t\"><Choice value=\"yes\"/></Choices></View>";
static const char RESULT[] =
    "[{\"id\":\"r\",\"from_name\":\"c\",\"to_name\":\"t\",\"type\":\"choices\","
    "\"value\":{\"choices\":[\"yes\"]}}]";

static int64_t org, owner, project;
static _Atomic int64_t until;

DOOR(project_add, int64_t of; const struct project_edit *e; int64_t *id;, a->of, a->e, a->id)
DOOR(task_add, int64_t of; const struct task_new *new; int64_t *id;, a->of, a->new, a->id)
DOOR(slot_verify, int64_t of; int64_t *wrong;, a->of, a->wrong)

struct step {
    enum { CLAIM, SUBMIT, SKIP, RELEASE } what;
    struct lease lease[LEASES_PER_PERSON];
    int n, want;
    char unique[32];
};

static int one_step(struct ctx *cx, void *arg)
{
    struct step *s = arg;
    struct annotation_new new = {.result = RESULT, .nresult = sizeof RESULT - 1, .active_ms = 5};
    struct annotation out;
    struct access access;
    const char *why;
    json_t *v;
    int rc;

    switch (s->what) {
    case CLAIM:
        s->n = 0;
        if ((rc = access_check(cx, ON_PROJECT, project, MAY_WORK, &access)) < 0)
            return rc;
        return lease_claim(cx, &access, s->want, s->lease, &s->n, &why);
    case SUBMIT:
        new.unique_id = s->unique;
        if ((rc = json_stored(cx, RESULT, sizeof RESULT - 1, &v)) < 0)
            return rc;
        new.parsed = v;
        return annotation_submit(cx, s->lease[0].id, s->lease[0].epoch, &new, &out);
    case SKIP:
        return lease_skip(cx, s->lease[0].id, s->lease[0].epoch, "unclear", "");
    default:
        return lease_release(cx, s->lease[0].id, s->lease[0].epoch);
    }
}

struct person {
    pthread_t thread;
    int64_t id;
    int n, acts, refused;
    bool sends;                 /* through act_send, as the server does, instead of act_run */
    struct rng rng;
};

struct waiter {
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool over;
};

static void answered(struct act *a)
{
    struct waiter *w = a->owner;

    pthread_mutex_lock(&w->lock);
    w->over = true;
    pthread_cond_signal(&w->done);
    pthread_mutex_unlock(&w->lock);
}

static int send_and_wait(struct ctx *cx, struct step *s)
{
    struct waiter w = {.over = false};
    struct act a = {.fn = one_step, .arg = s, .kind = ACT_WRITE, .cx = cx, .bytes = 100,
                    .done = answered, .owner = &w};
    int rc;

    pthread_mutex_init(&w.lock, NULL);
    pthread_cond_init(&w.done, NULL);
    if ((rc = act_send(us.st, &a)) == 0) {
        pthread_mutex_lock(&w.lock);
        while (!w.over)
            pthread_cond_wait(&w.done, &w.lock);
        pthread_mutex_unlock(&w.lock);
        rc = a.rc;
    }
    pthread_cond_destroy(&w.done);
    pthread_mutex_destroy(&w.lock);
    return rc;
}

static void *work(void *arg)
{
    struct person *p = arg;
    struct step s = {.want = 1};

    while (clock_mono_us() < atomic_load(&until)) {
        struct ctx *cx = ctx_new(NULL);
        uint64_t dice = rng_below(&p->rng, 10);
        int rc;

        be(cx, org, p->id, ROLE_NONE);
        s.want = 1 + (int)rng_below(&p->rng, LEASES_PER_PERSON);
        s.what = s.n == 0 || dice < 2 ? CLAIM : dice < 6 ? SUBMIT : dice < 7 ? SKIP : RELEASE;
        snprintf(s.unique, sizeof s.unique, "p%d-%d", p->n, p->acts);
        rc = p->sends ? send_and_wait(cx, &s) : act_run(us.st, cx, ACT_WRITE, one_step, &s);
        p->acts++;
        if (rc < 0 && rc != E_STALE && rc != E_BUSY && rc != E_RETRY) {
            fprintf(stderr, "act %d: %s %s\n", (int)s.what, err_name(rc), cx->why ? cx->why : "");
            p->refused++;
        }
        if (s.what != CLAIM && rc != E_BUSY && rc != E_RETRY)
            s.n = 0;            /* the next claim brings back what is still held */
        ctx_free(cx);
    }
    return NULL;
}

static void begin(struct ctx *cx)
{
    struct project_edit e = PROJECT_EDIT_NONE;
    const char *text = "{\"text\":\"hello\"}";
    int64_t id;

    org = an_org(cx);
    owner = a_person(cx, org, ROLE_OWNER);
    be(cx, org, owner, ROLE_OWNER);
    cx->now = clock_now();
    e.title = "Race";
    e.xml = CONFIG;
    e.overlap = OVERLAP;
    e.skip_queue = "others";
    assert_ok(DO(us.st, cx, ACT_WRITE, project_add, org, &e, &project));
    for (int i = 0; i < TASKS; i++) {
        struct task_new new = {.data = text, .ndata = strlen(text)};

        assert_ok(DO(us.st, cx, ACT_WRITE, task_add, project, &new, &id));
    }
}

static void sixteen_people_at_once_never_break_an_invariant(void **state)
{
    static struct person person[THREADS];
    struct ctx *cx = *state;
    int64_t wrong = -1;
    int acts = 0;

    begin(cx);
    for (int i = 0; i < THREADS; i++)
        person[i] = (struct person){.id = a_member(cx, org, project, ROLE_ANNOTATOR), .n = i,
                                    .sends = i % 2 == 0, .rng = {(uint64_t)i + 1}};
    atomic_store(&until, clock_mono_us() + MS * 1000LL);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&person[i].thread, NULL, work, &person[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(person[i].thread, NULL);
        assert_int_equal(person[i].refused, 0);
        acts += person[i].acts;
    }
    be(cx, org, owner, ROLE_OWNER);
    /* Two that wait for each other in a circle cost PostgreSQL a second to find out. */
    assert_true(acts > 40 * THREADS);
    assert_true(DO(us.st, cx, ACT_READ, slot_verify, project, &wrong) >= 0);
    assert_int_equal(wrong, 0);
    assert_int_equal(count_of(cx, "SELECT COUNT(*) FROM slot WHERE project_id = ?"
                                  " AND answered + leased > required", project), 0);
    assert_int_equal(count_of(cx, "SELECT COUNT(*) FROM (SELECT a.task_id FROM annotation a"
                                  " WHERE a.project_id = ? AND a.counted = 1 GROUP BY a.task_id"
                                  " HAVING COUNT(*) > 3) x", project), 0);
    assert_int_equal(count_of(cx, "SELECT COUNT(*) FROM (SELECT a.task_id FROM annotation a"
                                  " WHERE a.project_id = ? GROUP BY a.task_id, a.person_id"
                                  " HAVING COUNT(*) > 1) x", project), 0);
    assert_int_equal(count_of(cx,
                              "SELECT COUNT(*) FROM annotation a WHERE a.project_id = ?"
                              " AND 1 <> (SELECT COUNT(*) FROM audit u WHERE"
                              " u.act = 'annotation.submit' AND u.object_id = a.id)",
                              project),
                     0);
    assert_true(count_of(cx, "SELECT COUNT(*) FROM annotation WHERE project_id = ?", project) > 0);
    print_message("%d acts of %d threads\n", acts, THREADS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PEOPLE(sixteen_people_at_once_never_break_an_invariant),
    };

    return cmocka_run_group_tests(tests, people_open, people_close);
}
