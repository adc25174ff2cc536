/*
 * test_work.c -- the life of a task: lent, drafted, answered, skipped, late,
 * taken back, settled.  On SQLite and (DB=pg) on PostgreSQL.
 */
#include "unit.h"
#include "unit_store.h"

#include "core/json.h"
#include "domain/access.h"
#include "domain/agreement.h"
#include "domain/annotation.h"
#include "domain/audit.h"
#include "domain/consensus.h"
#include "domain/draft.h"
#include "domain/exposure.h"
#include "domain/fit.h"
#include "domain/lane.h"
#include "domain/lease.h"
#include "domain/member.h"
#include "domain/org.h"
#include "domain/project.h"
#include "domain/skill.h"
#include "domain/task.h"
#include "domain/user.h"
#include "store/act.h"
#include "store/db.h"

#define PEOPLE 6

static const char CONFIG[] = "<View><Text name=\"t\" value=\"$text\"/>"
                             "<Choices name=\"c\" toName=\"t\"><Choice value=\"yes\"/>"
                             "<Choice value=\"no\"/></Choices></View>";

/* One small house: an organisation, its owner, five annotators, a project. */
struct house {
    struct unit_store us;
    struct ctx *cx;
    int64_t org, person[PEOPLE], project;
    struct access access[PEOPLE];
};

static struct house h;

/* What an act needs and what it found; the act functions below are one call each. */
struct job_arg {
    int who, want, n;
    int64_t task, lease, epoch, id, counter, out, project;
    const char *text, *unique, *why;
    struct lease leases[LEASES_PER_PERSON];
    struct annotation a;
    int stored;
};

static int run(enum act_kind kind, act_fn *fn, struct job_arg *arg)
{
    struct ctx *cx = h.cx;

    fail_clear(cx);
    if (arg->who >= 0) {
        cx->who = (struct who){.kind = WHO_PERSON, .person = h.person[arg->who], .org = h.org,
                               .org_role = arg->who == 0 ? ROLE_OWNER : 0, .scopes = ~0u,
                               .ip = ""};
    } else {
        cx->who = (struct who){.kind = WHO_SYSTEM, .ip = ""};
    }
    int rc = act_run(h.us.st, cx, kind, fn, arg);

    if (rc < 0 && getenv("VERBOSE"))
        fprintf(stderr, "  %s: %s\n", err_name(rc), cx->why);
    return rc;
}

static int make_org(struct ctx *cx, void *p)
{
    (void)p;
    return org_add(cx, "House", &h.org);
}

static int make_person(struct ctx *cx, void *p)
{
    struct job_arg *a = p;
    char email[64];

    snprintf(email, sizeof email, "p%lld@example.org", (long long)a->id);
    return user_add(cx, &(struct user_new){.org = h.org, .email = email, .name = "P",
                                           .org_role = a->id == 0 ? ROLE_OWNER : ROLE_NONE},
                    &h.person[a->id]);
}

static int make_project(struct ctx *cx, void *p)
{
    struct project_edit e = PROJECT_EDIT_NONE;
    struct job_arg *a = p;

    e.title = "Life";
    e.xml = CONFIG;
    e.overlap = a->want;
    e.skip_queue = a->text;
    return project_add(cx, h.org, &e, &h.project);
}

static int join(struct ctx *cx, void *p)
{
    struct job_arg *a = p;

    return member_add(cx, h.project, h.person[a->id], ROLE_ANNOTATOR, 0);
}

static int look_up(struct ctx *cx, void *p)
{
    struct job_arg *a = p;

    return access_check(cx, ON_PROJECT, h.project, MAY_WORK, &h.access[a->who]);
}

static int add_task(struct ctx *cx, void *p)
{
    struct job_arg *a = p;
    const char *text = "{\"text\":\"hello\"}";
    json_t *v;

    json_stored(cx, text, strlen(text), &v);
    return task_add(cx, h.project,
                    &(struct task_new){.data = text, .ndata = strlen(text),
                                       .priority = a->counter, .unique_id = a->unique},
                    &a->id);
}

static int claim(struct ctx *cx, void *p)
{
    struct job_arg *a = p;

    return lease_claim(cx, &h.access[a->who], a->want, a->leases, &a->n, &a->why);
}

static int parse(struct ctx *cx, const char *choice, struct annotation_new *new)
{
    json_t *v;
    char *s = talloc_asprintf(cx->mem,
                              "[{\"id\":\"r\",\"from_name\":\"c\",\"to_name\":\"t\","
                              "\"type\":\"choices\",\"value\":{\"choices\":[\"%s\"]}}]",
                              choice);
    int rc = json_stored(cx, s, strlen(s), &v);

    *new =
        (struct annotation_new){.result = s, .nresult = strlen(s), .parsed = v, .active_ms = 1000};
    return rc;
}

static int submit(struct ctx *cx, void *p)
{
    struct annotation_new new;
    struct job_arg *a = p;

    parse(cx, a->text, &new);
    new.unique_id = a->unique;
    return annotation_submit(cx, a->lease, a->epoch, &new, &a->a);
}

static int post(struct ctx *cx, void *p)
{
    struct annotation_new new;
    struct job_arg *a = p;

    parse(cx, a->text, &new);
    new.person = a->id;
    return annotation_add(cx, &h.access[a->who], a->task, &new, &a->a);
}

static int skip_it(struct ctx *cx, void *p)
{
    struct job_arg *a = p;

    return lease_skip(cx, a->lease, a->epoch, "unclear", NULL);
}

static int release(struct ctx *cx, void *p)
{
    struct job_arg *a = p;

    return lease_release(cx, a->lease, a->epoch);
}

static int beat(struct ctx *cx, void *p)
{
    struct job_arg *a = p;

    return lease_beat(cx, a->lease, a->epoch, &a->out);
}

static int save_draft(struct ctx *cx, void *p)
{
    struct job_arg *a = p;

    return draft_save(cx, a->lease, a->epoch, a->counter, "[]", 2, 5, &a->out);
}

static int withdraw(struct ctx *cx, void *p)
{
    struct job_arg *a = p;

    return annotation_withdraw(cx, a->id, &a->lease, &a->epoch);
}

static int edit(struct ctx *cx, void *p)
{
    struct annotation_edit e = {.active_ms = -1, .was_cancelled = -1, .ground_truth = -1};
    struct annotation_new new;
    struct job_arg *a = p;

    parse(cx, a->text, &new);
    e.result = new.result;
    e.nresult = new.nresult;
    e.parsed = new.parsed;
    return annotation_set(cx, &h.access[a->who], a->id, a->counter, &e, &a->a);
}

static int require(struct ctx *cx, void *p)
{
    struct job_arg *a = p;

    return task_set(cx, a->task, &(struct task_edit){.overlap = a->want, .priority = -1});
}

static int verify(struct ctx *cx, void *p)
{
    struct job_arg *a = p;

    return slot_verify(cx, h.project, &a->out);
}

static int open_content(struct ctx *cx, void *p)
{
    struct job_arg *a = p;
    struct content c;

    return exposure_open(cx, &h.access[a->who], a->task, &c);
}

static int settle_read(struct ctx *cx, void *p)
{
    struct job_arg *a = p;
    struct settled *s = NEW_N(cx, struct settled, 100);
    struct fits *fits;
    int64_t *task, next;
    int rc;

    if ((rc = consensus_due(cx, h.project, 100, &task, &a->n, &next)) < 0 ||
        (rc = fits_make(cx, h.project, &fits)) < 0)
        return rc;
    a->out = next;
    rc = consensus_form(cx, h.project, fits, task, a->n, s);
    a->why = (const char *)s;
    return rc;
}

static int settle_write(struct ctx *cx, void *p)
{
    struct job_arg *a = p;

    return consensus_store(cx, h.project, (const struct settled *)a->why, a->n, &a->stored);
}

static int read_sums(struct ctx *cx, void *p)
{
    struct agreement_summary sum;
    struct agreement_pair *pair;
    struct job_arg *a = p;
    int rc;

    if ((rc = agreement_sum(cx, h.project, &sum)) < 0 ||
        (rc = agreement_pairs(cx, h.project, &pair, &a->n)) < 0)
        return rc;
    a->id = sum.tasks;
    return agreement_verify(cx, h.project, &a->out);
}

static int drop(struct ctx *cx, void *p)
{
    return annotation_delete(cx, ((struct job_arg *)p)->a.id);
}

static int drop_task(struct ctx *cx, void *p)
{
    return task_delete(cx, ((struct job_arg *)p)->task, false);
}

static void sums_are(int tasks, int pairs)
{
    struct job_arg a = {.who = -1};

    assert_ok(run(ACT_READ, read_sums, &a));
    assert_int_equal(a.id, tasks);
    assert_int_equal(a.n, pairs);
    assert_int_equal(a.out, 0);
}

static int count_projects(struct ctx *cx, void *p)
{
    struct job_arg *a = p;
    struct project pr;
    int rc = project_get(cx, h.project, &pr);

    a->counter = pr.count.finished;
    a->out = pr.count.annotations;
    a->n = (int)pr.count.touched;
    a->id = pr.count.tasks;
    return rc;
}

static int count_exposure(struct ctx *cx, void *p)
{
    struct job_arg *a = p;

    return db_int(cx, &a->out, "SELECT COUNT(*) FROM exposure WHERE project_id = ?", "i",
                  h.project) < 0;
}

/* A fresh house with `tasks` tasks of the given overlap. */
static void build(struct ctx *cx, int overlap, int tasks, const char *skip_queue)
{
    struct job_arg a = {.who = -1};

    memset(&h, 0, sizeof h);
    h.cx = cx;
    unit_store_open(&h.us, cx);
    assert_ok(run(ACT_WRITE, make_org, &a));
    for (int i = 0; i < PEOPLE; i++) {
        a.id = i;
        assert_ok(run(ACT_WRITE, make_person, &a));
    }
    a = (struct job_arg){.who = 0, .want = overlap, .text = skip_queue};
    assert_ok(run(ACT_WRITE, make_project, &a));
    for (int i = 1; i < PEOPLE; i++) {
        a = (struct job_arg){.who = 0, .id = i};
        assert_ok(run(ACT_WRITE, join, &a));
    }
    for (int i = 0; i < PEOPLE; i++) {
        a = (struct job_arg){.who = i};
        assert_ok(run(ACT_READ, look_up, &a));
    }
    for (int i = 0; i < tasks; i++) {
        a = (struct job_arg){.who = 0};
        assert_ok(run(ACT_WRITE, add_task, &a));
    }
}

static int house_down(void **state)
{
    unit_store_close(&h.us);
    return unit_teardown(state);
}

static struct lease one(int who)
{
    struct job_arg a = {.who = who, .want = 1};

    assert_ok(run(ACT_WRITE, claim, &a));
    if (a.n == 0)
        return (struct lease){0};
    return a.leases[0];
}

static int answer(int who, const struct lease *l, const char *choice, const char *unique,
                  struct annotation *out)
{
    struct job_arg a = {
        .who = who, .lease = l->id, .epoch = l->epoch, .text = choice, .unique = unique};
    int rc = run(ACT_WRITE, submit, &a);

    if (out)
        *out = a.a;
    return rc;
}

static void all_slots_add_up(void)
{
    struct job_arg a = {.who = -1};

    assert_true(run(ACT_READ, verify, &a) >= 0);
    assert_int_equal(a.out, 0);
}

static void a_task_goes_to_as_many_people_as_it_wants_and_no_more(void **state)
{
    build(*state, 2, 1, NULL);
    assert_true(one(1).id > 0);
    assert_true(one(2).id > 0);
    assert_true(one(3).id == 0);
    assert_true(one(1).id > 0);     /* a reload gives the same lease */
    all_slots_add_up();
}

static void one_person_holds_at_most_three(void **state)
{
    struct job_arg a = {.who = 1, .want = 3};

    build(*state, 1, 5, NULL);
    assert_ok(run(ACT_WRITE, claim, &a));
    assert_int_equal(a.n, 3);
    assert_int_equal(a.leases[0].task + 1, a.leases[1].task);       /* import order */
    a.want = 4;
    assert_int_equal(run(ACT_WRITE, claim, &a), E_TOOMANY);
}

static void higher_priority_comes_first(void **state)
{
    struct job_arg a = {.who = 0, .counter = 5};
    struct lease l;

    build(*state, 1, 3, NULL);
    assert_ok(run(ACT_WRITE, add_task, &a));
    l = one(1);
    assert_int_equal(l.task, a.id);
}

static void a_lease_that_runs_out_goes_to_somebody_else_and_comes_late(void **state)
{
    struct annotation late;
    struct lease a, b;

    build(*state, 1, 1, NULL);
    a = one(1);
    assert_true(one(2).id == 0);
    h.cx->now += LEASE_TTL_MS;
    b = one(2);
    assert_int_equal(b.task, a.task);
    assert_ok(answer(1, &a, "yes", "u1", &late));
    assert_false(late.counted);             /* the slot is taken: kept as surplus */
    assert_ok(answer(2, &b, "no", "u2", &late));
    assert_true(late.counted);
    all_slots_add_up();
}

static void a_late_answer_counts_while_the_slot_is_free(void **state)
{
    struct annotation out;
    struct lease a, held;

    build(*state, 1, 2, NULL);
    a = one(1);
    h.cx->now += LEASE_TTL_MS;
    held = one(2);                          /* sweeps a's lease, gets the returned task */
    assert_int_equal(held.task, a.task);
    h.cx->now += LEASE_TTL_MS;
    one(3);                                 /* sweeps again; takes it */
    h.cx->now += LEASE_TTL_MS;
    assert_ok(answer(1, &a, "yes", "u1", &out));
    assert_false(out.counted);
    all_slots_add_up();
}

static void the_same_unique_id_is_the_same_answer(void **state)
{
    struct annotation first, again;
    struct lease l;

    build(*state, 1, 1, NULL);
    l = one(1);
    assert_ok(answer(1, &l, "yes", "same", &first));
    assert_ok(answer(1, &l, "yes", "same", &again));
    assert_int_equal(first.id, again.id);
    assert_int_equal(answer(1, &l, "no", "other", NULL), E_STALE);
    all_slots_add_up();
}

static void a_wrong_answer_is_refused_and_stores_nothing(void **state)
{
    struct job_arg a = {.who = 0};
    struct lease l;

    build(*state, 1, 1, NULL);
    l = one(1);
    assert_int_equal(answer(1, &l, "maybe", "u", NULL), E_INVALID);
    assert_non_null(h.cx->fields);
    assert_ok(run(ACT_READ, count_projects, &a));
    assert_int_equal(a.out, 0);
    assert_ok(answer(1, &l, "yes", "u", NULL));
}

static void nobody_else_may_use_a_lease(void **state)
{
    struct lease l;

    build(*state, 1, 1, NULL);
    l = one(1);
    assert_int_equal(answer(2, &l, "yes", "u", NULL), E_NOTFOUND);
}

static void a_skipped_task_comes_back_to_others_only(void **state)
{
    struct job_arg a = {.who = 1};
    struct lease l;

    build(*state, 1, 1, NULL);
    l = one(1);
    a.lease = l.id;
    a.epoch = l.epoch;
    assert_ok(run(ACT_WRITE, skip_it, &a));
    assert_true(one(1).id == 0);
    assert_int_equal(one(2).task, l.task);
    all_slots_add_up();
}

static void ignored_skips_use_up_an_answer(void **state)
{
    struct job_arg a = {.who = 1};
    struct lease l;

    build(*state, 1, 1, "ignore");
    l = one(1);
    a.lease = l.id;
    a.epoch = l.epoch;
    assert_ok(run(ACT_WRITE, skip_it, &a));
    assert_true(one(2).id == 0);
    a.who = 0;
    assert_ok(run(ACT_READ, count_projects, &a));
    assert_int_equal(a.counter, 1);
}

static void a_given_back_task_may_come_again_with_the_next_epoch(void **state)
{
    struct job_arg a = {.who = 1};
    struct lease l, again;

    build(*state, 1, 1, NULL);
    l = one(1);
    a.lease = l.id;
    a.epoch = l.epoch;
    assert_ok(run(ACT_WRITE, release, &a));
    assert_ok(run(ACT_WRITE, release, &a));         /* no error the second time */
    again = one(1);
    assert_int_equal(again.id, l.id);
    assert_int_equal(again.epoch, 2);
    assert_int_equal(run(ACT_WRITE, beat, &a), E_STALE);
    all_slots_add_up();
}

static void an_older_draft_never_replaces_a_newer(void **state)
{
    struct job_arg a = {.who = 1, .counter = 2};
    struct lease l;

    build(*state, 1, 1, NULL);
    l = one(1);
    a.lease = l.id;
    a.epoch = l.epoch;
    assert_ok(run(ACT_WRITE, save_draft, &a));
    a.counter = 1;
    assert_int_equal(run(ACT_WRITE, save_draft, &a), E_STALE);
    assert_int_equal(a.out, 2);
    a.counter = 3;
    assert_ok(run(ACT_WRITE, save_draft, &a));
}

static void an_answer_can_be_taken_back_for_a_minute(void **state)
{
    struct annotation out;
    struct job_arg a = {.who = 1};
    struct lease l;

    build(*state, 1, 1, NULL);
    l = one(1);
    assert_ok(answer(1, &l, "yes", "u1", &out));
    a.id = out.id;
    assert_ok(run(ACT_WRITE, withdraw, &a));
    assert_int_equal(a.lease, l.id);
    l.epoch = a.epoch;
    assert_ok(answer(1, &l, "no", "u2", &out));
    h.cx->now += ANNOTATION_UNDO_MS + 1;
    a.id = out.id;
    assert_int_equal(run(ACT_WRITE, withdraw, &a), E_STALE);
    all_slots_add_up();
}

static void a_second_writer_is_told(void **state)
{
    struct annotation out;
    struct job_arg a = {.who = 1, .text = "no", .counter = 1};
    struct lease l;

    build(*state, 1, 1, NULL);
    l = one(1);
    assert_ok(answer(1, &l, "yes", "u1", &out));
    a.id = out.id;
    assert_ok(run(ACT_WRITE, edit, &a));
    assert_int_equal(a.a.n, 2);
    assert_int_equal(run(ACT_WRITE, edit, &a), E_CHANGED);
}

static void content_is_open_to_a_party_only_after_a_lease(void **state)
{
    struct job_arg a = {.who = 1};
    struct lease l;

    build(*state, 2, 1, NULL);
    a.task = 1;
    assert_int_equal(run(ACT_READ, open_content, &a), E_NOTFOUND);
    l = one(1);
    a.task = l.task;
    assert_ok(run(ACT_READ, open_content, &a));
    assert_int_equal(h.cx->looked, 0);
    a.who = 0;
    assert_ok(run(ACT_READ, open_content, &a));
    assert_int_equal(h.cx->looked, 1);
    h.cx->looked = 0;
    one(2);
    a.who = -1;
    run(ACT_READ, count_exposure, &a);
    assert_int_equal(a.out, 1);             /* one party, one item, two people */
}

static void a_manager_answers_without_a_lease_and_an_annotator_may_not(void **state)
{
    struct job_arg a = {.who = 1, .text = "yes"};

    build(*state, 1, 1, NULL);
    a.task = one(2).task;
    assert_int_equal(run(ACT_WRITE, post, &a), E_FORBIDDEN);
    a.who = 0;
    assert_ok(run(ACT_WRITE, post, &a));
    assert_false(a.a.counted);              /* the only slot is lent */
    all_slots_add_up();
}

static void more_overlap_brings_a_finished_task_back(void **state)
{
    struct job_arg a = {.who = 0, .want = 2};
    struct lease l;

    build(*state, 1, 1, NULL);
    l = one(1);
    assert_ok(answer(1, &l, "yes", "u1", NULL));
    assert_true(one(2).id == 0);
    a.task = l.task;
    assert_ok(run(ACT_WRITE, require, &a));
    assert_true(one(1).id == 0);
    assert_int_equal(one(2).task, l.task);
    all_slots_add_up();
}

static void what_most_say_is_the_consensus(void **state)
{
    struct job_arg a = {.who = -1};
    struct lease l;

    build(*state, 3, 1, NULL);
    for (int i = 1; i <= 3; i++) {
        char unique[8];

        snprintf(unique, sizeof unique, "u%d", i);
        l = one(i);
        assert_ok(answer(i, &l, i == 2 ? "no" : "yes", unique, NULL));
    }
    assert_ok(run(ACT_READ, settle_read, &a));
    assert_int_equal(a.n, 0);               /* an author may still take theirs back */
    h.cx->now += ANNOTATION_SETTLE_MS;
    assert_ok(run(ACT_READ, settle_read, &a));
    assert_int_equal(a.n, 1);
    const struct settled *s = (const struct settled *)a.why;
    assert_int_equal(s->o.n, 1);
    assert_non_null(strstr(json_text(h.cx, s->o.list[0].answer), "yes"));
    assert_true(s->o.list[0].confidence > 0.66 && s->o.list[0].confidence < 0.67);
    assert_true(s->o.agreement > 0.33 && s->o.agreement < 0.34);
    assert_ok(run(ACT_WRITE, settle_write, &a));
    assert_int_equal(a.stored, 1);
    assert_ok(run(ACT_READ, settle_read, &a));
    assert_int_equal(a.n, 0);
}

static void settle_now(void)
{
    struct job_arg a = {.who = -1};

    h.cx->now += ANNOTATION_SETTLE_MS;
    assert_ok(run(ACT_READ, settle_read, &a));
    assert_ok(run(ACT_WRITE, settle_write, &a));
}

static int choose_method(struct ctx *cx, void *p)
{
    struct project_edit e = PROJECT_EDIT_NONE;
    struct job_arg *a = p;

    e.method = a->text;
    return project_set(cx, h.project, &e);
}

static int keep_fits(struct ctx *cx, void *p)
{
    struct fits *fits;
    int rc = fits_make(cx, h.project, &fits);

    (void)p;
    return rc < 0 ? rc : skill_store(cx, h.project, fits);
}

static int look_at_fits(struct ctx *cx, void *p)
{
    struct skill_table *t;
    struct job_arg *a = p;
    struct fits *fits;
    int rc;

    if ((rc = fits_make(cx, h.project, &fits)) < 0 ||
        (rc = skill_stale(cx, h.project, fits)) < 0)
        return rc;
    a->id = rc;
    if ((rc = skill_tables(cx, h.project, &t, &a->n)) < 0 || a->n == 0)
        return rc;
    a->out = t[0].n;
    a->counter = t[0].votes;
    return 0;
}

static void a_fit_is_kept_until_an_answer_moves_it(void **state)
{
    struct job_arg a = {.who = 0, .text = "nonsense"};
    struct lease l;

    build(*state, 2, 2, NULL);
    assert_int_equal(run(ACT_WRITE, choose_method, &a), E_INVALID);
    a.text = "dawid-skene";
    assert_ok(run(ACT_WRITE, choose_method, &a));
    for (int i = 1; i <= 2; i++) {
        l = one(i);
        assert_ok(answer(i, &l, "yes", i == 1 ? "f1" : "f2", NULL));
    }
    a = (struct job_arg){.who = -1};
    assert_ok(run(ACT_READ, look_at_fits, &a));
    assert_int_equal(a.id, 1);                  /* nothing is kept yet */
    h.cx->now += ANNOTATION_SETTLE_MS;
    assert_ok(run(ACT_READ, settle_read, &a));
    assert_string_equal(((const struct settled *)a.why)->o.list[0].method, "dawid-skene");
    assert_ok(run(ACT_WRITE, settle_write, &a));
    assert_ok(run(ACT_WRITE, keep_fits, &a));
    assert_ok(run(ACT_READ, look_at_fits, &a));
    assert_int_equal(a.id, 0);
    assert_int_equal(a.n, 1);
    assert_int_equal(a.out, 2);                 /* people */
    assert_int_equal(a.counter, 2);             /* votes of the complete task alone */
    for (int i = 1; i <= 2; i++) {
        l = one(i);
        assert_ok(answer(i, &l, "no", i == 1 ? "f3" : "f4", NULL));
    }
    assert_ok(run(ACT_READ, look_at_fits, &a));
    assert_int_equal(a.id, 1);
}

static void sums_of_agreement_follow_answers_and_tasks(void **state)
{
    struct job_arg a = {.who = 0};
    struct lease l;
    char unique[32];

    build(*state, 2, 3, NULL);
    for (int k = 0; k < 3; k++)
        for (int i = 1; i <= 2; i++) {
            snprintf(unique, sizeof unique, "u%d-%d", k, i);
            l = one(i);
            assert_ok(answer(i, &l, k == i ? "no" : "yes", unique, &a.a));
        }
    sums_are(0, 0);
    settle_now();
    sums_are(3, 1);
    assert_ok(run(ACT_WRITE, drop, &a));        /* of the last task: no longer complete */
    sums_are(2, 1);
    settle_now();
    sums_are(2, 1);
    a.task = 1;
    assert_ok(run(ACT_WRITE, drop_task, &a));
    sums_are(1, 1);
    a.task = 2;
    assert_ok(run(ACT_WRITE, drop_task, &a));
    sums_are(0, 0);
    all_slots_add_up();
}

/* R12, small and in one process: random steps of five people, the slots checked as they go. */
static void random_work_never_breaks_an_invariant(void **state)
{
    struct rng r = {12};
    struct lease held[PEOPLE] = {{0}};
    int steps = getenv("STEPS") ? atoi(getenv("STEPS")) : 20000;

    build(*state, 2, 40, NULL);
    for (int i = 0; i < steps; i++) {
        int who = 1 + (int)rng_below(&r, PEOPLE - 1), what = (int)rng_below(&r, 10);
        struct lease *l = &held[who];
        struct job_arg a = {.who = who, .lease = l->id, .epoch = l->epoch, .text = "yes"};
        char unique[32];

        snprintf(unique, sizeof unique, "s%d", i);
        a.unique = unique;
        if (what < 4) {
            *l = one(who);
        } else if (what < 6) {
            int rc = run(ACT_WRITE, submit, &a);

            assert_true(rc == 0 || rc == E_STALE || rc == E_NOTFOUND);
        } else if (what == 6) {
            int rc = run(ACT_WRITE, rng_below(&r, 3) ? release : skip_it, &a);

            assert_true(rc == 0 || rc == E_STALE || rc == E_NOTFOUND);
        } else if (what == 7) {
            h.cx->now += (int64_t)rng_below(&r, LEASE_TTL_MS);
        } else if (what == 8 && rng_below(&r, 8) == 0) {
            a.who = 0;
            a.want = 1 + (int)rng_below(&r, 4);
            a.task = l->task ? l->task : 1;
            assert_ok(run(ACT_WRITE, require, &a));
        } else if (what == 9 && rng_below(&r, 8) == 0) {
            a.who = 0;
            assert_ok(run(ACT_WRITE, add_task, &a));
        }
        if (i % 100 == 0)
            all_slots_add_up();
        talloc_free_children(h.cx->mem);
        fail_clear(h.cx);
    }
    all_slots_add_up();
}

static void a_shuffle_is_a_permutation(void **state)
{
    bool seen[1000] = {false};

    (void)state;
    for (int i = 0; i < 1000; i++) {
        int64_t x = lane_shuffle(i, 1000, 7);

        assert_true(x >= 0 && x < 1000 && !seen[x]);
        seen[x] = true;
    }
}

#define HOUSE(f) cmocka_unit_test_setup_teardown(f, unit_setup, house_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HOUSE(a_task_goes_to_as_many_people_as_it_wants_and_no_more),
        HOUSE(one_person_holds_at_most_three),
        HOUSE(higher_priority_comes_first),
        HOUSE(a_lease_that_runs_out_goes_to_somebody_else_and_comes_late),
        HOUSE(a_late_answer_counts_while_the_slot_is_free),
        HOUSE(the_same_unique_id_is_the_same_answer),
        HOUSE(a_wrong_answer_is_refused_and_stores_nothing),
        HOUSE(nobody_else_may_use_a_lease),
        HOUSE(a_skipped_task_comes_back_to_others_only),
        HOUSE(ignored_skips_use_up_an_answer),
        HOUSE(a_given_back_task_may_come_again_with_the_next_epoch),
        HOUSE(an_older_draft_never_replaces_a_newer),
        HOUSE(an_answer_can_be_taken_back_for_a_minute),
        HOUSE(a_second_writer_is_told),
        HOUSE(content_is_open_to_a_party_only_after_a_lease),
        HOUSE(a_manager_answers_without_a_lease_and_an_annotator_may_not),
        HOUSE(more_overlap_brings_a_finished_task_back),
        HOUSE(what_most_say_is_the_consensus),
        HOUSE(a_fit_is_kept_until_an_answer_moves_it),
        HOUSE(sums_of_agreement_follow_answers_and_tasks),
        HOUSE(random_work_never_breaks_an_invariant),
        UNIT(a_shuffle_is_a_permutation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
