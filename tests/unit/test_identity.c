/* test_identity.c -- organisations, people, roles, members, invitations, audit, repeated requests.
 */
#include "unit_people.h"

#include "domain/audit.h"
#include "domain/idem.h"
#include "domain/invite.h"
#include "domain/setting.h"
#include "domain/token.h"
#include "domain/vendor.h"

#include <pthread.h>

DOOR(setup_begin, char **token;, a->token)
DOOR0(setup_open)
DOOR0(secret_ready)
DOOR(setup_check, const char *token;, a->token)
DOOR(setup_finish, const char *token; const struct setup *in; int64_t *person;
     , a->token, a->in, a->person)
DOOR(org_list, int64_t after; int limit; struct org * *out; int *n;
     , a->after, a->limit, a->out, a->n)
DOOR(org_get, int64_t id; struct org *out;, a->id, a->out)
DOOR(vendor_add, int64_t org; const char *name; int64_t *id;, a->org, a->name, a->id)
DOOR(vendor_list, int64_t org; int64_t after; int limit; struct vendor **out; int *n;
     , a->org, a->after, a->limit, a->out, a->n)
DOOR(user_get, int64_t id; struct user *out;, a->id, a->out)
DOOR(user_list, int64_t org; int64_t after; int limit; struct user **out; int *n;
     , a->org, a->after, a->limit, a->out, a->n)
DOOR(user_set, int64_t id; const struct user_set *in;, a->id, a->in)
DOOR(user_password, int64_t person; const char *seen; const char *new_hash; const char *keep;
     , a->person, a->seen, a->new_hash, a->keep)
DOOR(user_external, int64_t project; const char *name; int64_t *id;, a->project, a->name, a->id)
DOOR(user_lookup, int64_t project; int64_t id; const char *email; int64_t *out;
     , a->project, a->id, a->email, a->out)
DOOR(access_check, enum object on; int64_t id; enum level level; struct access *out;
     , a->on, a->id, a->level, a->out)
DOOR(access_projects, int64_t after; int limit; int64_t **out; int *n;
     , a->after, a->limit, a->out, a->n)
DOOR(member_list, int64_t project; bool ended; int64_t after; int limit; struct member * *out;
     int *n;, a->project, a->ended, a->after, a->limit, a->out, a->n)
DOOR(member_get, int64_t project; int64_t person; struct member * out;
     , a->project, a->person, a->out)
DOOR(member_set, int64_t project; int64_t person; int role; int64_t vendor;
     , a->project, a->person, a->role, a->vendor)
DOOR(member_end, int64_t project; int64_t person;, a->project, a->person)
DOOR(invite_add, const struct invite_new *in; struct invite *out;, a->in, a->out)
DOOR(invite_look, const char *token; struct invite *out;, a->token, a->out)
DOOR(invite_accept, const char *token; const struct invite_person *in; int64_t *person;
     , a->token, a->in, a->person)
DOOR(invite_join, const char *token; struct invite *out;, a->token, a->out)
DOOR(invite_list, int64_t org; int64_t project; int64_t after; int limit; struct invite * *out;
     int *n;, a->org, a->project, a->after, a->limit, a->out, a->n)
DOOR(invite_revoke, int64_t id;, a->id)
DOOR(audit_list, int64_t project; int64_t after; int limit; struct audit_row **out; int *n;
     , a->project, a->after, a->limit, a->out, a->n)
DOOR(audit_root, char **hex;, a->hex)
DOOR(idem_find, const char *key; const uint8_t *hash; int *status; const char **body; size_t *n;
     , a->key, a->hash, a->status, a->body, a->n)

#define READ(fn, ...) DO(us.st, cx, ACT_READ, fn, __VA_ARGS__)
#define WRITE(fn, ...) DO(us.st, cx, ACT_WRITE, fn, __VA_ARGS__)
#define HOUSE(fn, ...) DO(us.st, cx, ACT_HOUSE, fn, __VA_ARGS__)

/* --- set-up -------------------------------------------------------------------------------- */

/* Runs first: the only test that needs a database without an owner. */
static void setup_works_once_and_only_with_the_newest_link(void **state)
{
    struct ctx *cx = *state;
    struct setup in = {.org = "Lab", .name = "Ada", .email = "Ada@Lab.Example ",
                       .pass_hash = SOME_HASH};
    char *first, *token, *none;
    int64_t person;
    struct user u;

    cx->now = NOON;
    assert_int_equal(DO0(us.st, cx, ACT_READ, setup_open), 1);
    assert_int_equal(READ(setup_check, "x"), E_FORBIDDEN);
    assert_ok(HOUSE(setup_begin, &first));
    assert_ok(HOUSE(setup_begin, &token));
    assert_string_not_equal(first, token);
    assert_int_equal(READ(setup_check, first), E_FORBIDDEN);
    assert_int_equal(READ(setup_check, NULL), E_FORBIDDEN);
    assert_int_equal(READ(setup_check, ""), E_FORBIDDEN);
    assert_ok(READ(setup_check, token));

    in.email = "nobody";
    assert_int_equal(WRITE(setup_finish, token, &in, &person), E_INVALID);
    assert_string_equal(cx->fields->path, "email");
    in.email = "Ada@Lab.Example ";
    in.org = " ";
    assert_int_equal(WRITE(setup_finish, token, &in, &person), E_INVALID);
    assert_string_equal(cx->fields->path, "org");
    assert_ok(READ(setup_check, token));        /* a refusal does not use the link up */
    in.org = "Lab";
    assert_int_equal(WRITE(setup_finish, first, &in, &person), E_FORBIDDEN);
    be_nobody(cx);
    assert_ok(WRITE(setup_finish, token, &in, &person));
    be_system(cx);
    assert_ok(READ(user_get, person, &u));
    assert_string_equal(u.email, "ada@lab.example");
    assert_int_equal(u.org_role, ROLE_OWNER);

    assert_int_equal(DO0(us.st, cx, ACT_READ, setup_open), 0);
    assert_int_equal(WRITE(setup_finish, token, &in, &person), E_FORBIDDEN);
    assert_ok(HOUSE(setup_begin, &none));
    assert_null(none);
}

static void the_secret_is_made_once(void **state)
{
    struct ctx *cx = *state;
    const char *sql = "SELECT COUNT(*) FROM setting WHERE name = 'secret.jwt' AND ? = 0"
                      " AND length(value) = 64";

    assert_ok(DO0(us.st, cx, ACT_HOUSE, secret_ready));
    assert_ok(DO0(us.st, cx, ACT_HOUSE, secret_ready));
    assert_int_equal(count_of(cx, sql, 0), 1);
}

/* --- organisations and vendors ------------------------------------------------------------- */

static void an_organisation_is_seen_by_its_own_people_only(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), b = an_org(cx), p = a_person(cx, a, ROLE_NONE), id;
    struct org *list, one;
    int n;

    be(cx, a, p, ROLE_NONE);
    assert_ok(READ(org_list, 0, 0, &list, &n));
    assert_int_equal(n, 1);
    assert_int_equal(list[0].id, a);
    assert_ok(READ(org_get, a, &one));
    assert_int_equal(READ(org_get, b, &one), E_NOTFOUND);
    assert_int_equal(WRITE(org_add, "Mine", &id), E_FORBIDDEN);
    be_nobody(cx);
    assert_int_equal(READ(org_list, 0, 0, &list, &n), E_UNAUTH);
}

static void vendors_belong_to_one_organisation_and_are_hidden_from_members(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), b = an_org(cx), id, m = a_person(cx, a, ROLE_MANAGER);
    int64_t plain = a_person(cx, a, ROLE_NONE);
    struct vendor *list;
    int n;

    be(cx, a, m, ROLE_MANAGER);
    assert_ok(WRITE(vendor_add, 0, "Acme", &id));
    assert_int_equal(WRITE(vendor_add, 0, "Acme", &id), E_EXISTS);
    assert_int_equal(WRITE(vendor_add, 0, "", &id), E_INVALID);
    assert_int_equal(WRITE(vendor_add, 0, "a\nb", &id), E_INVALID);
    assert_int_equal(WRITE(vendor_add, 0, "a\xe2\x80\xae" "b", &id), E_INVALID);
    assert_int_equal(WRITE(vendor_add, b, "Acme", &id), E_NOTFOUND);
    assert_ok(READ(vendor_list, 0, 0, 0, &list, &n));
    assert_int_equal(n, 2);
    assert_true(list[0].inhouse);
    assert_false(list[1].inhouse);
    be(cx, a, plain, ROLE_NONE);
    assert_int_equal(READ(vendor_list, 0, 0, 0, &list, &n), E_FORBIDDEN);
}

/* --- people -------------------------------------------------------------------------------- */

static void an_email_is_checked_and_lower_cased(void **state)
{
    static const char *const good[] = {"a@b.de", " Zoë.X+tag@EXAMPLE.org ", "o'neil@x-y.example",
                                       "root@localhost", "a@bücher.example"};
    static const char *const bad[] = {"", " ", "a", "@b", "a@", "a@b@c", "a b@c", "a@b c", "a@.b",
                                      "a@b.", "a..b@c.de", ".a@b.de", "a.@b.de", "a@-b.de",
                                      "a@b\r\nBcc: x", "<a>@b.de", "a\x01@b.de", "a@b_c.de",
                                      "\xff@b.de"};
    struct ctx *cx = *state;
    const char *clean;

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_ok(email_check(cx, good[i], &clean));
    assert_ok(email_check(cx, " X@EXAMPLE.org ", &clean));
    assert_string_equal(clean, "x@example.org");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (email_check(cx, bad[i], &clean) != E_INVALID) {
            print_error("taken: %s\n", bad[i]);
            assert_true(false);
        }
    char *longest = talloc_size(cx->mem, 400);
    memset(longest, 'a', 399);
    memcpy(longest + 380, "@b.de", 6);
    assert_int_equal(email_check(cx, longest, &clean), E_INVALID);
    assert_int_equal(email_check(cx, NULL, &clean), E_INVALID);
}

static void one_address_is_one_person_in_the_whole_installation(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), b = an_org(cx), id;
    struct user_new u = {.org = a, .email = "twin@lab.example", .name = "T"};

    assert_ok(WRITE(user_add, &u, &id));
    u.email = " TWIN@lab.example";
    assert_int_equal(WRITE(user_add, &u, &id), E_EXISTS);
    u.org = b;
    assert_int_equal(WRITE(user_add, &u, &id), E_EXISTS);
    assert_string_equal(cx->fields->path, "email");
    u = (struct user_new){.org = a, .email = "x@y.de", .name = "T", .org_role = ROLE_REVIEWER};
    assert_int_equal(WRITE(user_add, &u, &id), E_INVALID);
    u = (struct user_new){.org = 999999, .email = "x@y.de", .name = "T"};
    assert_int_equal(WRITE(user_add, &u, &id), E_NOTFOUND);
}

static void only_owners_add_people_and_only_readers_see_them(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), b = an_org(cx), owner = a_person(cx, a, ROLE_OWNER), id;
    int64_t manager = a_person(cx, a, ROLE_MANAGER), plain = a_person(cx, a, ROLE_NONE);
    int64_t stranger = a_person(cx, b, ROLE_OWNER);
    struct user_new u = {.email = "fresh1@lab.example", .name = "F"};
    struct user *list, one;
    int n;

    be(cx, a, manager, ROLE_MANAGER);
    assert_int_equal(WRITE(user_add, &u, &id), E_FORBIDDEN);
    assert_ok(READ(user_list, 0, 0, 0, &list, &n));
    assert_int_equal(n, 3);
    assert_ok(READ(user_list, 0, list[0].id, 1, &list, &n));
    assert_int_equal(n, 1);
    assert_int_equal(list[0].id, manager);
    assert_int_equal(READ(user_list, b, 0, 0, &list, &n), E_NOTFOUND);
    assert_int_equal(READ(user_get, stranger, &one), E_NOTFOUND);
    assert_ok(READ(user_get, plain, &one));
    be(cx, a, plain, ROLE_NONE);
    assert_int_equal(READ(user_get, owner, &one), E_NOTFOUND);
    assert_int_equal(READ(user_list, 0, 0, 0, &list, &n), E_FORBIDDEN);
    assert_ok(READ(user_get, plain, &one));
    be(cx, a, owner, ROLE_OWNER);
    assert_ok(WRITE(user_add, &u, &id));
    u.org = b;
    u.email = "fresh2@lab.example";
    assert_int_equal(WRITE(user_add, &u, &id), E_NOTFOUND);
}

static void people_change_their_name_and_owners_their_rights(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), owner = a_person(cx, a, ROLE_OWNER), p = a_person(cx, a, ROLE_NONE);
    struct user_set name = {.name = "Zoë", .prefs = "{\"keys\":1}", .active = -1, .org_role = -1};
    struct user_set rise = {.active = -1, .org_role = ROLE_OWNER};
    struct user_set bad = {.prefs = "[]", .active = -1, .org_role = -1};
    struct user u;

    be(cx, a, p, ROLE_NONE);
    assert_ok(WRITE(user_set, p, &name));
    assert_ok(READ(user_get, p, &u));
    assert_string_equal(u.name, "Zoë");
    assert_string_equal(u.prefs, "{\"keys\":1}");
    assert_int_equal(WRITE(user_set, p, &rise), E_FORBIDDEN);
    assert_int_equal(WRITE(user_set, p, &bad), E_INVALID);
    bad.prefs = "{\"a\":";
    assert_int_equal(WRITE(user_set, p, &bad), E_INVALID);
    assert_int_equal(WRITE(user_set, owner, &name), E_NOTFOUND);
    cx->who.scopes = SCOPE_READ;
    assert_int_equal(WRITE(user_set, p, &name), E_FORBIDDEN);
    be(cx, a, owner, ROLE_OWNER);
    rise.org_role = ROLE_ANNOTATOR;
    assert_int_equal(WRITE(user_set, p, &rise), E_INVALID);
    rise.org_role = ROLE_MANAGER;
    assert_ok(WRITE(user_set, p, &rise));
    assert_ok(READ(user_get, p, &u));
    assert_int_equal(u.org_role, ROLE_MANAGER);
}

static void the_last_owner_of_an_organisation_stays(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), one = a_person(cx, a, ROLE_OWNER);
    struct user_set off = {.active = 0, .org_role = -1};
    struct user_set down = {.active = -1, .org_role = ROLE_NONE};

    be(cx, a, one, ROLE_OWNER);
    assert_int_equal(WRITE(user_set, one, &off), E_INVALID);
    assert_int_equal(WRITE(user_set, one, &down), E_INVALID);
    int64_t two = a_person(cx, a, ROLE_OWNER);
    be(cx, a, two, ROLE_OWNER);
    assert_ok(WRITE(user_set, one, &off));
    assert_int_equal(WRITE(user_set, two, &down), E_INVALID);
}

static void a_password_changes_only_against_the_one_that_was_seen(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), p = a_person(cx, a, ROLE_NONE), q = a_person(cx, a, ROLE_OWNER);

    be(cx, a, p, ROLE_NONE);
    assert_int_equal(WRITE(user_password, p, NULL, "new", NULL), E_FORBIDDEN);
    assert_int_equal(WRITE(user_password, p, "older", "new", NULL), E_CHANGED);
    assert_ok(WRITE(user_password, p, SOME_HASH, "new", NULL));
    assert_int_equal(WRITE(user_password, p, SOME_HASH, "newer", NULL), E_CHANGED);
    cx->who.token = 1;
    assert_int_equal(WRITE(user_password, p, "new", "newer", NULL), E_FORBIDDEN);
    be(cx, a, q, ROLE_OWNER);
    assert_int_equal(WRITE(user_password, p, "new", "newer", NULL), E_FORBIDDEN);
    be_system(cx);
    assert_ok(WRITE(user_password, p, NULL, "newest", NULL));
}

static void an_imported_author_is_made_once_and_found_by_id(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), b = an_org(cx), pa = a_project(cx, a), pb = a_project(cx, b);
    int64_t x, y, z, found, ada = a_person(cx, a, ROLE_NONE);
    struct user u;

    assert_ok(HOUSE(user_external, pa, "crowd 17", &x));
    assert_ok(HOUSE(user_external, pa, "crowd 17", &y));
    assert_ok(HOUSE(user_external, pb, "crowd 17", &z));
    assert_int_equal(x, y);
    assert_int_not_equal(x, z);
    assert_int_equal(HOUSE(user_external, 999999, "x", &z), E_NOTFOUND);
    assert_int_equal(HOUSE(user_external, pa, "", &z), E_INVALID);

    assert_int_equal(READ(user_lookup, pa, x, NULL, &found), 1);
    assert_int_equal(READ(user_lookup, pb, x, NULL, &found), 0);
    assert_int_equal(READ(user_lookup, pa, ada, NULL, &found), 1);
    assert_int_equal(READ(user_lookup, pb, ada, NULL, &found), 0);
    assert_ok(READ(user_get, ada, &u));
    assert_int_equal(READ(user_lookup, pa, 0, talloc_asprintf(cx->mem, " %s ", u.email), &found),
                     1);
    assert_int_equal(found, ada);
    assert_int_equal(READ(user_lookup, pb, 0, u.email, &found), 0);
    assert_int_equal(READ(user_lookup, pa, 0, NULL, &found), 0);
}

/* --- access -------------------------------------------------------------------------------- */

/* What each role may on a project, level by level: PUBLIC LOGIN READ WORK REVIEW AUDIT MANAGE OWN.
 */
static void the_table_of_levels_holds_for_every_role(void **state)
{
    static const char *const may[] = {
        [ROLE_NONE] = "y-------",     [ROLE_ANNOTATOR] = "yyyy----", [ROLE_REVIEWER] = "yyyyy---",
        [ROLE_AUDITOR] = "yyy--y--",  [ROLE_MANAGER] = "yyyyyyy-",   [ROLE_OWNER] = "yyyyyyyy",
    };
    struct ctx *cx = *state;
    int64_t a = an_org(cx), project = a_project(cx, a);
    struct access got;

    for (int role = ROLE_NONE; role <= ROLE_OWNER; role++) {
        int64_t p = role ? a_member(cx, a, project, role) : a_person(cx, a, ROLE_NONE);

        be(cx, a, p, ROLE_NONE);
        for (int level = MAY_PUBLIC; level <= MAY_OWN; level++) {
            int rc = READ(access_check, ON_PROJECT, project, (enum level)level, &got);
            int want = may[role][level] == 'y' ? 0 : role ? E_FORBIDDEN : E_NOTFOUND;

            if (rc != want)
                print_error("%s at level %d: %s\n", role_name(role), level, err_name(rc));
            assert_int_equal(rc, want);
        }
    }
}

static void a_role_in_the_organisation_holds_in_its_projects(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), project = a_project(cx, a);
    int64_t m = a_person(cx, a, ROLE_MANAGER), u = a_person(cx, a, ROLE_AUDITOR);
    struct access got;

    be(cx, a, m, ROLE_MANAGER);
    assert_ok(READ(access_check, ON_PROJECT, project, MAY_WORK, &got));
    assert_int_equal(got.role, ROLE_MANAGER);
    assert_true(got.core);
    assert_true(got.vendor > 0);
    assert_int_equal(READ(access_check, ON_PROJECT, project, MAY_OWN, &got), E_FORBIDDEN);
    be(cx, a, u, ROLE_AUDITOR);
    assert_ok(READ(access_check, ON_PROJECT, project, MAY_AUDIT, &got));
    assert_int_equal(READ(access_check, ON_PROJECT, project, MAY_WORK, &got), E_FORBIDDEN);
    be_system(cx);
    assert_ok(WRITE(member_add, project, u, ROLE_ANNOTATOR, 0));
    be(cx, a, u, ROLE_AUDITOR);
    assert_ok(READ(access_check, ON_PROJECT, project, MAY_WORK, &got));
    assert_int_equal(READ(access_check, ON_ORG, 0, MAY_WORK, &got), E_FORBIDDEN);
    assert_ok(READ(access_check, ON_ORG, 0, MAY_READ, &got));
}

static void another_organisation_is_not_there(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), b = an_org(cx), project = a_project(cx, b);
    int64_t owner = a_person(cx, a, ROLE_OWNER);
    int rc = 0;

    for (int level = MAY_LOGIN; level <= MAY_OWN; level++) {
        be(cx, a, owner, ROLE_OWNER);
        rc = READ(access_check, ON_PROJECT, project, (enum level)level, NULL);
        assert_int_equal(rc, E_NOTFOUND);
        assert_int_equal(READ(access_check, ON_TASK, 1 << 30, (enum level)level, NULL), E_NOTFOUND);
        be_nobody(cx);
        rc = READ(access_check, ON_PROJECT, project, (enum level)level, NULL);
        assert_int_equal(rc, E_UNAUTH);
    }
    /* A membership across organisations cannot be made; a row made by hand gives nothing either. */
    be_system(cx);
    assert_int_equal(WRITE(member_add, project, owner, ROLE_OWNER, 0), E_NOTFOUND);
    assert_ok(READ(access_check, ON_PROJECT, project, MAY_OWN, NULL));
    assert_int_equal(READ(access_check, ON_PROJECT, 1 << 30, MAY_OWN, NULL), E_NOTFOUND);
}

struct lease_row {
    int64_t project, person, id;
};

static int add_lease(struct ctx *cx, void *arg)
{
    struct lease_row *l = arg;
    int rc = db_int(cx, &l->id,
                    "INSERT INTO lease (project_id, task_id, person_id, vendor_id, state, epoch,"
                    " granted_ms, beat_ms, ends_ms) VALUES (?, 1, ?, 1, 'active', 1, 0, 0, 0)"
                    " RETURNING id",
                    "ii", l->project, l->person);

    return rc < 0 ? rc : 0;
}

static void a_lease_is_only_its_holders_to_work_on(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), project = a_project(cx, a);
    int64_t p = a_member(cx, a, project, ROLE_ANNOTATOR);
    int64_t q = a_member(cx, a, project, ROLE_OWNER);
    struct lease_row l = {.project = project, .person = p};

    assert_ok(act_run(us.st, cx, ACT_HOUSE, add_lease, &l));
    be(cx, a, p, ROLE_NONE);
    assert_ok(READ(access_check, ON_LEASE, l.id, MAY_WORK, NULL));
    be(cx, a, q, ROLE_NONE);
    assert_int_equal(READ(access_check, ON_LEASE, l.id, MAY_WORK, NULL), E_NOTFOUND);
    assert_ok(READ(access_check, ON_LEASE, l.id, MAY_MANAGE, NULL));
}

static void a_key_reaches_no_further_than_its_scopes(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), project = a_project(cx, a);
    int64_t p = a_member(cx, a, project, ROLE_OWNER);

    be(cx, a, p, ROLE_NONE);
    cx->who.scopes = SCOPE_READ;
    assert_ok(READ(access_check, ON_PROJECT, project, MAY_READ, NULL));
    assert_int_equal(READ(access_check, ON_PROJECT, project, MAY_WORK, NULL), E_FORBIDDEN);
    assert_int_equal(READ(access_check, ON_PROJECT, project, MAY_MANAGE, NULL), E_FORBIDDEN);
    assert_says(cx, "manage");
    cx->who.scopes = SCOPE_WRITE;
    assert_int_equal(READ(access_check, ON_PROJECT, project, MAY_READ, NULL), E_FORBIDDEN);
}

static void lists_of_projects_hold_what_the_caller_may_see(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), b = an_org(cx), one = a_project(cx, a), two = a_project(cx, a);
    int64_t p = a_member(cx, a, one, ROLE_ANNOTATOR), m = a_person(cx, a, ROLE_AUDITOR), *ids;
    int n;

    a_project(cx, b);
    be(cx, a, p, ROLE_NONE);
    assert_ok(READ(access_projects, 0, 0, &ids, &n));
    assert_int_equal(n, 1);
    assert_int_equal(ids[0], one);
    be(cx, a, m, ROLE_AUDITOR);
    assert_ok(READ(access_projects, 0, 0, &ids, &n));
    assert_int_equal(n, 2);
    assert_ok(READ(access_projects, one, 0, &ids, &n));
    assert_int_equal(n, 1);
    assert_int_equal(ids[0], two);
}

/* --- members ------------------------------------------------------------------------------- */

static void members_are_added_changed_and_ended_by_managers(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), project = a_project(cx, a), v;
    int64_t m = a_member(cx, a, project, ROLE_MANAGER), p = a_person(cx, a, ROLE_NONE);
    struct member got, *list;
    int n;

    assert_ok(WRITE(vendor_add, a, "Acme", &v));
    be(cx, a, m, ROLE_NONE);
    assert_int_equal(WRITE(member_add, project, p, ROLE_OWNER, 0), E_FORBIDDEN);
    assert_int_equal(WRITE(member_add, project, p, 9, 0), E_INVALID);
    assert_int_equal(WRITE(member_add, project, p, ROLE_NONE, 0), E_INVALID);
    assert_int_equal(WRITE(member_add, project, p, ROLE_ANNOTATOR, 999999), E_INVALID);
    assert_int_equal(WRITE(member_add, project, 999999, ROLE_ANNOTATOR, 0), E_NOTFOUND);
    assert_ok(WRITE(member_add, project, p, ROLE_ANNOTATOR, v));
    assert_int_equal(WRITE(member_add, project, p, ROLE_ANNOTATOR, v), E_EXISTS);
    assert_ok(READ(member_get, project, p, &got));
    assert_string_equal(got.vendor_name, "Acme");
    assert_ok(WRITE(member_set, project, p, ROLE_REVIEWER, 0));
    assert_ok(READ(member_get, project, p, &got));
    assert_int_equal(got.role, ROLE_REVIEWER);
    assert_int_equal(got.vendor, v);
    assert_int_equal(WRITE(member_set, project, p, ROLE_OWNER, 0), E_FORBIDDEN);
    assert_ok(WRITE(member_end, project, p));
    assert_int_equal(WRITE(member_end, project, p), E_NOTFOUND);
    assert_int_equal(WRITE(member_set, project, p, ROLE_REVIEWER, 0), E_NOTFOUND);
    assert_ok(READ(member_list, project, false, 0, 0, &list, &n));
    assert_int_equal(n, 1);
    assert_ok(READ(member_list, project, true, 0, 0, &list, &n));
    assert_int_equal(n, 2);
    assert_ok(WRITE(member_add, project, p, ROLE_ANNOTATOR, 0));
    assert_ok(READ(member_get, project, p, &got));
    assert_int_equal(got.ended, 0);
}

static void annotators_see_only_themselves_and_may_leave(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), project = a_project(cx, a);
    int64_t p = a_member(cx, a, project, ROLE_ANNOTATOR);
    int64_t q = a_member(cx, a, project, ROLE_ANNOTATOR);
    struct member got, *list;
    int n;

    be(cx, a, p, ROLE_NONE);
    assert_ok(READ(member_list, project, true, 0, 0, &list, &n));
    assert_int_equal(n, 1);
    assert_int_equal(list[0].person, p);
    assert_int_equal(READ(member_get, project, q, &got), E_NOTFOUND);
    assert_int_equal(WRITE(member_end, project, q), E_FORBIDDEN);
    assert_int_equal(WRITE(member_set, project, p, ROLE_OWNER, 0), E_FORBIDDEN);
    assert_ok(WRITE(member_end, project, p));
    assert_int_equal(READ(member_list, project, true, 0, 0, &list, &n), E_NOTFOUND);
}

static void the_last_owner_of_a_project_stays_unless_the_organisation_has_one(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), project = a_project(cx, a);
    int64_t one = a_member(cx, a, project, ROLE_OWNER);
    int64_t m = a_member(cx, a, project, ROLE_MANAGER);

    be(cx, a, m, ROLE_NONE);
    assert_int_equal(WRITE(member_end, project, one), E_FORBIDDEN);
    assert_int_equal(WRITE(member_set, project, one, ROLE_ANNOTATOR, 0), E_FORBIDDEN);
    be(cx, a, one, ROLE_NONE);
    assert_int_equal(WRITE(member_end, project, one), E_INVALID);
    assert_int_equal(WRITE(member_set, project, one, ROLE_MANAGER, 0), E_INVALID);
    a_person(cx, a, ROLE_OWNER);
    be(cx, a, one, ROLE_NONE);
    assert_ok(WRITE(member_end, project, one));
}

/* --- invitations --------------------------------------------------------------------------- */

static void an_invitation_works_once(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), project = a_project(cx, a), v, p, q;
    int64_t m = a_member(cx, a, project, ROLE_MANAGER);
    struct invite_new in = {.project = project, .role = ROLE_ANNOTATOR};
    struct invite_person me = {.name = "Newt", .email = "newt@lab.example", .pass_hash = SOME_HASH};
    struct invite inv, look;
    struct member got;

    assert_ok(WRITE(vendor_add, a, "Acme", &v));
    in.vendor = v;
    be(cx, a, m, ROLE_NONE);
    assert_ok(WRITE(invite_add, &in, &inv));
    be_nobody(cx);
    assert_ok(READ(invite_look, inv.token, &look));
    assert_string_equal(look.org_name, "Lab");
    assert_string_equal(look.project_title, "P");
    me.pass_hash = NULL;
    assert_int_equal(WRITE(invite_accept, inv.token, &me, &p), E_INVALID);
    me.pass_hash = SOME_HASH;
    me.name = "";
    assert_int_equal(WRITE(invite_accept, inv.token, &me, &p), E_INVALID);
    me.name = "Newt";
    assert_ok(WRITE(invite_accept, inv.token, &me, &p));
    be(cx, a, p, ROLE_NONE);
    assert_ok(READ(member_get, project, p, &got));
    assert_int_equal(got.role, ROLE_ANNOTATOR);
    assert_int_equal(got.vendor, v);

    be_nobody(cx);
    me.email = "newt2@lab.example";
    assert_int_equal(WRITE(invite_accept, inv.token, &me, &q), E_NOTFOUND);
    assert_int_equal(READ(invite_look, inv.token, &look), E_NOTFOUND);
    assert_int_equal(count_of(cx, "SELECT COUNT(*) FROM person WHERE org_id = ?", a), 2);
}

#define AT_ONCE 8

struct taker {
    const char *token;
    int i, rc;
};

static void *take(void *arg)
{
    struct taker *t = arg;
    struct ctx *cx = ctx_new(NULL);
    struct invite_person me = {.name = "T", .pass_hash = SOME_HASH,
                               .email = talloc_asprintf(cx->mem, "taker%d@lab.example", t->i)};
    int64_t p;

    cx->now = NOON;
    t->rc = WRITE(invite_accept, t->token, &me, &p);
    ctx_free(cx);
    return NULL;
}

static void of_eight_who_use_one_link_at_once_one_comes_in(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), o = a_person(cx, a, ROLE_OWNER);
    struct invite_new in = {.role = ROLE_NONE};
    struct taker t[AT_ONCE];
    pthread_t id[AT_ONCE];
    struct invite inv;
    int in_count = 0;

    be(cx, a, o, ROLE_OWNER);
    assert_ok(WRITE(invite_add, &in, &inv));
    for (int i = 0; i < AT_ONCE; i++) {
        t[i] = (struct taker){.token = inv.token, .i = i};
        assert_int_equal(pthread_create(&id[i], NULL, take, &t[i]), 0);
    }
    for (int i = 0; i < AT_ONCE; i++) {
        pthread_join(id[i], NULL);
        assert_true(t[i].rc == 0 || t[i].rc == E_NOTFOUND);
        in_count += t[i].rc == 0;
    }
    assert_int_equal(in_count, 1);
    assert_int_equal(count_of(cx, "SELECT COUNT(*) FROM person WHERE org_id = ?", a), 2);
}

static void *step_down(void *arg)
{
    struct taker *t = arg;
    struct ctx *cx = ctx_new(NULL);
    struct user_set down = {.active = -1, .org_role = ROLE_NONE};

    cx->now = NOON;
    be_system(cx);
    t->rc = WRITE(user_set, t->i, &down);
    ctx_free(cx);
    return NULL;
}

static void two_owners_who_leave_at_once_do_not_leave_nobody(void **state)
{
    struct ctx *cx = *state;

    for (int round = 0; round < 5; round++) {
        int64_t a = an_org(cx);
        struct taker t[2];
        pthread_t id[2];

        for (int i = 0; i < 2; i++)
            t[i] = (struct taker){.i = (int)a_person(cx, a, ROLE_OWNER)};
        for (int i = 0; i < 2; i++)
            assert_int_equal(pthread_create(&id[i], NULL, step_down, &t[i]), 0);
        for (int i = 0; i < 2; i++)
            pthread_join(id[i], NULL);
        assert_int_equal(count_of(cx, "SELECT COUNT(*) FROM person WHERE org_id = ?"
                                      " AND org_role = 5", a), 1);
    }
}

static void an_invitation_may_be_bound_revoked_or_over(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), m = a_person(cx, a, ROLE_MANAGER), p;
    struct invite_new in = {.role = ROLE_AUDITOR, .email = "Bound@Lab.example"};
    struct invite_person me = {.name = "B", .email = "other@lab.example", .pass_hash = SOME_HASH};
    struct invite inv, two, look, *list;
    int n;

    be(cx, a, m, ROLE_MANAGER);
    assert_ok(WRITE(invite_add, &in, &inv));
    in.email = NULL;
    assert_ok(WRITE(invite_add, &in, &two));
    in.role = ROLE_OWNER;
    assert_int_equal(WRITE(invite_add, &in, &look), E_FORBIDDEN);
    in.role = ROLE_ANNOTATOR;
    assert_int_equal(WRITE(invite_add, &in, &look), E_INVALID);
    in = (struct invite_new){.role = ROLE_AUDITOR, .email = "no address"};
    assert_int_equal(WRITE(invite_add, &in, &look), E_INVALID);
    in = (struct invite_new){.project = 999999, .role = ROLE_AUDITOR};
    assert_int_equal(WRITE(invite_add, &in, &look), E_NOTFOUND);

    be_nobody(cx);
    assert_int_equal(WRITE(invite_accept, inv.token, &me, &p), E_INVALID);
    me.email = NULL;
    assert_ok(WRITE(invite_accept, inv.token, &me, &p));
    assert_int_equal(count_of(cx, "SELECT org_role FROM person WHERE id = ?", p), ROLE_AUDITOR);
    be(cx, a, m, ROLE_MANAGER);
    assert_int_equal(WRITE(invite_revoke, inv.id), E_EXISTS);
    assert_ok(WRITE(invite_revoke, two.id));
    assert_ok(WRITE(invite_revoke, two.id));
    assert_int_equal(READ(invite_look, two.token, &look), E_NOTFOUND);
    assert_ok(READ(invite_list, 0, 0, 0, 0, &list, &n));
    assert_int_equal(n, 2);
    assert_int_equal(list[0].used_by, p);
    assert_true(list[1].used > 0 && list[1].used_by == 0);

    in = (struct invite_new){.role = ROLE_NONE};
    assert_ok(WRITE(invite_add, &in, &two));
    cx->now += INVITE_MS - 1;
    assert_ok(READ(invite_look, two.token, &look));
    cx->now += 1;
    assert_int_equal(READ(invite_look, two.token, &look), E_NOTFOUND);
    assert_int_equal(READ(invite_look, "short", &look), E_NOTFOUND);
    assert_int_equal(READ(invite_look, NULL, &look), E_NOTFOUND);
}

static void a_known_person_joins_and_a_stranger_does_not(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), b = an_org(cx), project = a_project(cx, a), q;
    int64_t owner = a_person(cx, a, ROLE_OWNER), p = a_person(cx, a, ROLE_NONE);
    int64_t stranger = a_person(cx, b, ROLE_OWNER);
    struct invite_new in = {.project = project, .role = ROLE_REVIEWER};
    struct invite_person me = {.name = "B", .pass_hash = SOME_HASH};
    struct invite inv, got;
    struct user u;

    be(cx, a, owner, ROLE_OWNER);
    assert_ok(WRITE(invite_add, &in, &inv));
    be(cx, b, stranger, ROLE_OWNER);
    assert_int_equal(WRITE(invite_join, inv.token, &got), E_NOTFOUND);
    assert_int_equal(WRITE(invite_revoke, inv.id), E_NOTFOUND);
    be(cx, a, p, ROLE_NONE);
    assert_ok(READ(user_get, p, &u));
    me.email = u.email;
    assert_int_equal(WRITE(invite_accept, inv.token, &me, &q), E_EXISTS);
    assert_ok(WRITE(invite_join, inv.token, &got));
    assert_ok(READ(access_check, ON_PROJECT, project, MAY_REVIEW, NULL));
    assert_int_equal(WRITE(invite_join, inv.token, &got), E_NOTFOUND);
    be(cx, a, owner, ROLE_OWNER);
    in.role = ROLE_ANNOTATOR;
    assert_ok(WRITE(invite_add, &in, &inv));
    be(cx, a, p, ROLE_NONE);
    assert_int_equal(WRITE(invite_join, inv.token, &got), E_EXISTS);
    assert_ok(READ(invite_look, inv.token, &got));
}

/* --- the audit trail ----------------------------------------------------------------------- */

static void the_audit_trail_is_for_auditors_and_goes_by_cursor(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), b = an_org(cx), project = a_project(cx, a);
    int64_t p = a_member(cx, a, project, ROLE_ANNOTATOR), u = a_person(cx, a, ROLE_AUDITOR);
    int64_t x = a_person(cx, b, ROLE_OWNER);
    struct audit_row *rows;
    int n;

    be(cx, a, p, ROLE_NONE);
    assert_int_equal(READ(audit_list, project, 0, 0, &rows, &n), E_FORBIDDEN);
    be(cx, b, x, ROLE_OWNER);
    assert_int_equal(READ(audit_list, project, 0, 0, &rows, &n), E_NOTFOUND);
    be(cx, a, u, ROLE_AUDITOR);
    assert_ok(READ(audit_list, project, 0, 0, &rows, &n));
    assert_int_equal(n, 1);
    assert_string_equal(rows[0].act, "member.add");
    assert_int_equal(rows[0].object, p);
    assert_ok(READ(audit_list, project, rows[0].id, 0, &rows, &n));
    assert_int_equal(n, 0);
    be_system(cx);
    assert_ok(READ(audit_list, 0, 0, 1, &rows, &n));
    assert_int_equal(n, 1);
}

static void no_secret_and_no_address_stands_in_the_audit_trail(void **state)
{
    struct ctx *cx = *state;
    const char *sql = "SELECT COUNT(*) FROM audit WHERE ? = 0 AND (detail LIKE '%argon2%'"
                      " OR detail LIKE '%@%' OR detail LIKE '%anno!_%' ESCAPE '!')";

    assert_int_equal(count_of(cx, sql, 0), 0);
}

static void the_root_changes_with_every_act_and_only_then(void **state)
{
    struct ctx *cx = *state;
    char *one, *two, *three;

    be_system(cx);
    assert_ok(READ(audit_root, &one));
    assert_ok(READ(audit_root, &two));
    assert_string_equal(one, two);
    an_org(cx);
    assert_ok(READ(audit_root, &three));
    assert_string_not_equal(one, three);
    assert_int_equal(strlen(one), 64);
}

/* --- the same request twice ---------------------------------------------------------------- */

struct keep_arg {
    const char *key;
    uint8_t hash[32];
    const char *body;
    int status;
};

static int keep_in(struct ctx *cx, void *arg)
{
    struct keep_arg *k = arg;

    return idem_keep(cx, k->key, k->hash, k->status, k->body, strlen(k->body));
}

static int sweep_in(struct ctx *cx, void *arg)
{
    int *n = arg;

    *n = idem_sweep(cx);
    return *n < 0 ? *n : 0;
}

static void a_repeated_request_gets_the_first_answer(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), p = a_person(cx, a, ROLE_NONE), q = a_person(cx, a, ROLE_NONE);
    struct keep_arg k = {.key = "k-1", .hash = {1}, .body = "{\"id\":7}", .status = 201};
    struct keep_arg refused = {.key = "k-2", .hash = {1}, .body = "no", .status = 404};
    uint8_t other[32] = {2};
    const char *body;
    size_t n;
    int status, swept;

    be(cx, a, p, ROLE_NONE);
    assert_int_equal(READ(idem_find, "k-1", k.hash, &status, &body, &n), 0);
    assert_ok(act_run(us.st, cx, ACT_HOUSE, keep_in, &k));
    assert_ok(act_run(us.st, cx, ACT_HOUSE, keep_in, &refused));
    assert_int_equal(READ(idem_find, "k-1", k.hash, &status, &body, &n), 1);
    assert_int_equal(status, 201);
    assert_string_equal(body, "{\"id\":7}");
    assert_int_equal(READ(idem_find, "k-1", other, &status, &body, &n), E_KEYREUSE);
    assert_int_equal(READ(idem_find, "k-2", refused.hash, &status, &body, &n), 0);
    assert_int_equal(READ(idem_find, "", k.hash, &status, &body, &n), E_INVALID);
    assert_int_equal(READ(idem_find, "a b", k.hash, &status, &body, &n), E_INVALID);
    assert_int_equal(READ(idem_find, "\xc3\xa9", k.hash, &status, &body, &n), E_INVALID);
    char *longest = talloc_zero_size(cx->mem, IDEM_KEY_MAX + 2);
    memset(longest, 'x', IDEM_KEY_MAX);
    assert_int_equal(READ(idem_find, longest, k.hash, &status, &body, &n), 0);
    longest[IDEM_KEY_MAX] = 'x';
    assert_int_equal(READ(idem_find, longest, k.hash, &status, &body, &n), E_INVALID);
    be(cx, a, q, ROLE_NONE);
    assert_int_equal(READ(idem_find, "k-1", other, &status, &body, &n), 0);

    be(cx, a, p, ROLE_NONE);
    cx->now += IDEM_KEEP_MS;
    assert_int_equal(READ(idem_find, "k-1", other, &status, &body, &n), 0);
    assert_ok(act_run(us.st, cx, ACT_HOUSE, keep_in, &k));      /* the key is free again */
    cx->now += IDEM_KEEP_MS;
    assert_ok(act_run(us.st, cx, ACT_HOUSE, sweep_in, &swept));
    assert_int_equal(swept, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PEOPLE(setup_works_once_and_only_with_the_newest_link),
        PEOPLE(the_secret_is_made_once),
        PEOPLE(an_organisation_is_seen_by_its_own_people_only),
        PEOPLE(vendors_belong_to_one_organisation_and_are_hidden_from_members),
        PEOPLE(an_email_is_checked_and_lower_cased),
        PEOPLE(one_address_is_one_person_in_the_whole_installation),
        PEOPLE(only_owners_add_people_and_only_readers_see_them),
        PEOPLE(people_change_their_name_and_owners_their_rights),
        PEOPLE(the_last_owner_of_an_organisation_stays),
        PEOPLE(a_password_changes_only_against_the_one_that_was_seen),
        PEOPLE(an_imported_author_is_made_once_and_found_by_id),
        PEOPLE(the_table_of_levels_holds_for_every_role),
        PEOPLE(a_role_in_the_organisation_holds_in_its_projects),
        PEOPLE(another_organisation_is_not_there),
        PEOPLE(a_lease_is_only_its_holders_to_work_on),
        PEOPLE(a_key_reaches_no_further_than_its_scopes),
        PEOPLE(lists_of_projects_hold_what_the_caller_may_see),
        PEOPLE(members_are_added_changed_and_ended_by_managers),
        PEOPLE(annotators_see_only_themselves_and_may_leave),
        PEOPLE(the_last_owner_of_a_project_stays_unless_the_organisation_has_one),
        PEOPLE(an_invitation_works_once),
        PEOPLE(of_eight_who_use_one_link_at_once_one_comes_in),
        PEOPLE(two_owners_who_leave_at_once_do_not_leave_nobody),
        PEOPLE(an_invitation_may_be_bound_revoked_or_over),
        PEOPLE(a_known_person_joins_and_a_stranger_does_not),
        PEOPLE(the_audit_trail_is_for_auditors_and_goes_by_cursor),
        PEOPLE(no_secret_and_no_address_stands_in_the_audit_trail),
        PEOPLE(the_root_changes_with_every_act_and_only_then),
        PEOPLE(a_repeated_request_gets_the_first_answer),
    };

    return cmocka_run_group_tests(tests, people_open, people_close);
}
