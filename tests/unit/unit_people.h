/*
 * unit_people.h -- a store, organisations and people for the tests of the domain.
 *
 * Each test gets an organisation of its own in a store shared by the program,
 * so that tests do not see each other.  `now` starts at NOON and moves only
 * when a test moves it.
 */
#ifndef UNIT_PEOPLE_H
#define UNIT_PEOPLE_H

#include "unit.h"
#include "unit_store.h"

#include "cli/door.h"
#include "domain/access.h"
#include "domain/member.h"
#include "domain/org.h"
#include "domain/user.h"
#include "store/db.h"

#define NOON 1790000000000LL

static struct unit_store us;

/* Not a password of anybody: tests that need a real one hash it. */
#define SOME_HASH "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAA"

DOOR(org_add, const char *name; int64_t *id;, a->name, a->id)
DOOR(user_add, const struct user_new *in; int64_t *id;, a->in, a->id)
DOOR(member_add, int64_t project; int64_t person; int role; int64_t vendor;
     , a->project, a->person, a->role, a->vendor)

static inline int people_open(void **state)
{
    struct ctx *cx = ctx_new(NULL);

    (void)state;
    unit_store_open(&us, cx);
    ctx_free(cx);
    return 0;
}

static inline int people_close(void **state)
{
    (void)state;
    unit_store_close(&us);
    return 0;
}

static inline void be_system(struct ctx *cx)
{
    cx->who = (struct who){.kind = WHO_SYSTEM, .ip = cx->who.ip};
}

static inline void be_nobody(struct ctx *cx)
{
    cx->who = (struct who){.ip = cx->who.ip};
}

static inline void be(struct ctx *cx, int64_t org, int64_t person, int org_role)
{
    cx->who = (struct who){.kind = WHO_PERSON, .org = org, .person = person, .org_role = org_role,
                           .scopes = ~0u, .ip = cx->who.ip};
}

static inline int64_t an_org(struct ctx *cx)
{
    int64_t id;

    be_system(cx);
    cx->now = NOON;
    assert_ok(DO(us.st, cx, ACT_WRITE, org_add, "Lab", &id));
    return id;
}

static inline int64_t a_person(struct ctx *cx, int64_t org, int role)
{
    static int n;
    int64_t id;
    struct user_new u = {.org = org, .name = "Ada", .org_role = role, .pass_hash = SOME_HASH,
                         .email = talloc_asprintf(cx->mem, "p%d@lab.example", ++n)};

    be_system(cx);
    assert_ok(DO(us.st, cx, ACT_WRITE, user_add, &u, &id));
    return id;
}

/* A project without the rest of the house: these tests need its row only. */
struct row_arg {
    int64_t org, id;
};

static inline int project_row(struct ctx *cx, void *arg)
{
    struct row_arg *r = arg;
    int rc = db_int(cx, &r->id,
                    "INSERT INTO project (org_id, title, index_key, created_ms, updated_ms)"
                    " VALUES (?, 'P', ?, 0, 0) RETURNING id",
                    "ib", r->org, "k", (size_t)1);

    return rc < 0 ? rc : 0;
}

static inline int64_t a_project(struct ctx *cx, int64_t org)
{
    struct row_arg r = {.org = org};

    assert_ok(act_run(us.st, cx, ACT_HOUSE, project_row, &r));
    return r.id;
}

static inline int64_t a_member(struct ctx *cx, int64_t org, int64_t project, int role)
{
    int64_t p = a_person(cx, org, ROLE_NONE);

    assert_ok(DO(us.st, cx, ACT_WRITE, member_add, project, p, role, 0));
    return p;
}

/* One number from the tables, to see what an act left behind. */
struct count_arg {
    const char *sql;
    int64_t a, n;
};

static inline int count_in(struct ctx *cx, void *arg)
{
    struct count_arg *c = arg;
    int rc = db_int(cx, &c->n, c->sql, "i", c->a);

    return rc < 0 ? rc : 0;
}

static inline int64_t count_of(struct ctx *cx, const char *sql, int64_t a)
{
    struct count_arg c = {.sql = sql, .a = a};

    assert_ok(act_run(us.st, cx, ACT_READ, count_in, &c));
    return c.n;
}

#define PEOPLE(f) cmocka_unit_test_setup_teardown(f, unit_setup, unit_teardown)

#endif
