/* test_keys.c -- passwords, throttling, sessions, keys and Label Studio's tokens. */
#include "unit_people.h"

#include "core/id.h"
#include "domain/password.h"
#include "domain/session.h"
#include "domain/setting.h"
#include "domain/throttle.h"
#include "domain/token.h"

#include <pthread.h>
#include <sodium.h>

#include <ctype.h>

DOOR0(secret_ready)
DOOR(secret_get, const char *name; uint8_t *key;, a->name, a->key)
DOOR(user_set, int64_t id; const struct user_set *in;, a->id, a->in)
DOOR(user_password, int64_t person; const char *seen; const char *new_hash; const char *keep;
     , a->person, a->seen, a->new_hash, a->keep)
DOOR(member_set, int64_t project; int64_t person; int role; int64_t vendor;
     , a->project, a->person, a->role, a->vendor)
DOOR(session_look, const char *email; struct login *out;, a->email, a->out)
DOOR(session_open, const struct login *l; const char *rehash; const char *old; struct session *out;
     , a->l, a->rehash, a->old, a->out)
DOOR(session_refuse, const struct login *l;, a->l)
DOOR(session_find, const char *cookie; struct session *out;, a->cookie, a->out)
DOOR(session_touch, const char *cookie;, a->cookie)
DOOR(session_close, const char *cookie;, a->cookie)
DOOR0(session_sweep)
DOOR(throttle_ask, const char *email; int64_t *wait;, a->email, a->wait)
DOOR(token_add, const struct token_new *in; struct token *out;, a->in, a->out)
DOOR(token_add_refresh, const struct token_new *in; struct token *out;, a->in, a->out)
DOOR(token_list, int64_t person; int64_t after; int limit; struct token **out; int *n;
     , a->person, a->after, a->limit, a->out, a->n)
DOOR(token_revoke, int64_t id;, a->id)
DOOR(token_reset, const char *name; struct token *out;, a->name, a->out)
DOOR(token_find, const char *header; bool *touch;, a->header, a->touch)
DOOR(token_of_session, const char *cookie; const char **text;, a->cookie, a->text)
DOOR(token_touch, int64_t id;, a->id)
DOOR(token_exchange, const char *refresh; char **access;, a->refresh, a->access)
DOOR(token_blacklist, const char *refresh;, a->refresh)
DOOR(token_rotate, const char *refresh; struct token *out;, a->refresh, a->out)

#define READ(fn, ...) DO(us.st, cx, ACT_READ, fn, __VA_ARGS__)
#define WRITE(fn, ...) DO(us.st, cx, ACT_WRITE, fn, __VA_ARGS__)
#define HOUSE(fn, ...) DO(us.st, cx, ACT_HOUSE, fn, __VA_ARGS__)

#define MINUTE (60 * 1000LL)
#define HOUR (60 * MINUTE)

/* --- passwords ----------------------------------------------------------------------------- */

static void common_passwords_are_refused(void **state)
{
    static const char *const common[] = {
        "password1234", "Password!2024", "passwordpassword", "P@ssw0rd2024!", "p455w0rd!!!!",
        "123456789012", "1234567890123", "000000000000", "aaaaaaaaaaaa", "abcabcabcabc",
        "abababababab", "qwertyuiop12", "qwertyuiop[]", "1qaz2wsx3edc", "1q2w3e4r5t6y",
        "asdfghjkl;'12", "zxcvbnm,./12", "abcdefghijkl", "zyxwvutsrqpo", "letmein12345",
        "welcome12345", "Welcome2024!", "iloveyou1234", "administrator", "admin1234567",
        "sunshine2023", "football2020", "princess1234", "dragonmonkey", "trustno1trustno1",
        "unbelievable", "christopher1", "manchesterunited", "01.02.1999-03", "+49 170 1234567",
        "changeme1234", "monkeymonkey", "!!!Passwort!!!", "qwerty123456", "starwars1977",
        "correcthorsebatterystaple", "Annotary2026", "labelstudio1", "            ", "superman1234",
    };
    static const char *const fine[] = {
        "plum velvet anchor tide", "7yT!kq0pZr#m", "grüne Möwen über Kiel", "вишнёвый пирог 9",
        "Tr0ub4dor&3xyzzy", "sealed-ostrich-cup", "hunger saddle moss", "密码学很有意思对不对呀是的",
    };
    static const char *const none[3] = {NULL};
    struct ctx *cx = *state;

    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        if (password_check(cx, common[i], none) != E_INVALID) {
            print_error("taken: %s\n", common[i]);
            assert_true(false);
        }
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        if (password_check(cx, fine[i], none) != 0) {
            print_error("refused: %s: %s\n", fine[i], cx->why);
            assert_true(false);
        }
}

/* All of the 10,000 (indeed 30,000) commonest: the shorter ones by their length. */
static void every_listed_password_is_refused_in_any_case(void **state)
{
    static const char *const listed[] = {
#define L(p) p,
#include "domain/passwords_listed.def"
#undef L
    };
    struct ctx *cx = *state;
    size_t n = sizeof listed / sizeof *listed;

    assert_int_equal(n, 229);
    for (size_t i = 0; i < n; i++) {
        char *s = talloc_strdup(cx->mem, listed[i]);

        assert_true(strlen(s) >= PASSWORD_MIN);
        assert_true(password_common(cx, s));
        s[0] = (char)toupper((unsigned char)s[0]);
        assert_true(password_common(cx, s));
    }
}

static void a_password_has_12_to_128_characters_and_is_not_the_name(void **state)
{
    const char *about[3] = {"marie.curie@lab.example", "Marie Curie", "Radium Works"};
    struct ctx *cx = *state;
    char *s = talloc_size(cx->mem, 600);

    assert_int_equal(password_check(cx, NULL, NULL), E_INVALID);
    assert_int_equal(password_check(cx, "", NULL), E_INVALID);
    assert_int_equal(password_check(cx, "v8!kQz2#mWp", NULL), E_INVALID);
    assert_ok(password_check(cx, "v8!kQz2#mWpé", NULL));
    assert_int_equal(password_check(cx, "v8!kQz2#mWp\xc3", NULL), E_INVALID);
    for (int i = 0; i < 129; i++)
        s[i] = "abzk9q!xw7"[(i * 7 + i / 10) % 10];
    s[128] = 0;
    assert_ok(password_check(cx, s, NULL));
    s[128] = 'x';
    s[129] = 0;
    assert_int_equal(password_check(cx, s, NULL), E_INVALID);
    memset(s, 'x', 599);
    s[599] = 0;
    assert_int_equal(password_check(cx, s, NULL), E_INVALID);
    assert_int_equal(password_check(cx, "Marie.Curie99", about), E_INVALID);
    assert_int_equal(password_check(cx, "radium works!", about), E_INVALID);
    assert_int_equal(password_check(cx, "Marie.Curie@lab.example", about), E_INVALID);
    about[0] = "ada@lab.example";
    assert_int_equal(password_check(cx, "ada@lab.example", about), E_INVALID);
    assert_ok(password_check(cx, "polonium glows at 9", about));
}

static void a_hash_verifies_its_own_password_only(void **state)
{
    struct ctx *cx = *state;
    char *one, *two, *rehash = NULL;
    char weak[crypto_pwhash_STRBYTES];
    bool ok;

    assert_ok(password_hash(cx, "plum velvet anchor", &one));
    assert_ok(password_hash(cx, "plum velvet anchor", &two));
    assert_string_not_equal(one, two);
    assert_int_equal(strncmp(one, "$argon2id$v=19$m=65536,t=3,p=1$", 31), 0);
    assert_ok(password_verify(cx, one, "plum velvet anchor", &ok, &rehash));
    assert_true(ok);
    assert_null(rehash);
    assert_ok(password_verify(cx, one, "plum velvet anchos", &ok, &rehash));
    assert_false(ok);
    assert_ok(password_verify(cx, NULL, "plum velvet anchor", &ok, &rehash));
    assert_false(ok);
    assert_ok(password_verify(cx, "rubbish", "plum velvet anchor", &ok, NULL));
    assert_false(ok);
    assert_ok(password_verify(cx, one, NULL, &ok, NULL));
    assert_false(ok);
    assert_int_equal(crypto_pwhash_str_alg(weak, "old", 3, 1, 8192 * 1024,
                                           crypto_pwhash_ALG_ARGON2ID13), 0);
    assert_ok(password_verify(cx, weak, "old", &ok, &rehash));
    assert_true(ok);
    assert_non_null(rehash);
    assert_ok(password_verify(cx, rehash, "old", &ok, NULL));
    assert_true(ok);
    assert_ok(password_verify(cx, weak, "new", &ok, &rehash));
    assert_null(rehash);
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* CPU time of this thread: what others do on the machine does not count. */
static int64_t worked_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static void an_unknown_person_costs_the_same_time(void **state)
{
    struct ctx *cx = *state;
    int64_t known[20], unknown[20];
    char *hash;
    bool ok;

    assert_ok(password_hash(cx, "plum velvet anchor", &hash));
    for (int i = 0; i < 20; i++) {
        int64_t t = worked_us();
        assert_ok(password_verify(cx, hash, "something else", &ok, NULL));
        known[i] = worked_us() - t;
        t = worked_us();
        assert_ok(password_verify(cx, NULL, "something else", &ok, NULL));
        unknown[i] = worked_us() - t;
    }
    qsort(known, 20, sizeof *known, by_size);
    qsort(unknown, 20, sizeof *unknown, by_size);
    assert_true(llabs(known[10] - unknown[10]) < 20000);
}

#define CROWD (PASSWORD_AT_ONCE + PASSWORD_QUEUE + 6)

static void *one_of_the_crowd(void *arg)
{
    struct ctx *cx = ctx_new(NULL);
    char *hash;

    *(int *)arg = password_hash(cx, "plum velvet anchor", &hash);
    ctx_free(cx);
    return NULL;
}

static void a_crowd_is_told_to_wait_and_the_gate_opens_again(void **state)
{
    struct ctx *cx = *state;
    pthread_t t[CROWD];
    int rc[CROWD], busy = 0;
    char *hash;

    for (int i = 0; i < CROWD; i++)
        assert_int_equal(pthread_create(&t[i], NULL, one_of_the_crowd, &rc[i]), 0);
    for (int i = 0; i < CROWD; i++) {
        pthread_join(t[i], NULL);
        assert_true(rc[i] == 0 || rc[i] == E_BUSY);
        busy += rc[i] == E_BUSY;
    }
    assert_true(busy >= 1 && busy <= 6);
    assert_ok(password_hash(cx, "plum velvet anchor", &hash));
}

/* --- throttling ---------------------------------------------------------------------------- */

static int fail_in(struct ctx *cx, void *arg)
{
    return throttle_fail(cx, arg);
}

static int pass_in(struct ctx *cx, void *arg)
{
    return throttle_pass(cx, arg);
}

static int sweep_in(struct ctx *cx, void *arg)
{
    int *n = arg;

    *n = throttle_sweep(cx);
    return *n < 0 ? *n : 0;
}

static void miss(struct ctx *cx, char *email, int times)
{
    for (int i = 0; i < times; i++)
        assert_ok(act_run(us.st, cx, ACT_HOUSE, fail_in, email));
}

static void five_failures_cost_a_minute_and_the_next_ones_double_it(void **state)
{
    static const int64_t minutes[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
    struct ctx *cx = *state;
    char email[] = "slow@lab.example";
    int64_t wait;

    cx->now = NOON;
    cx->who.ip = "10.0.0.1";
    assert_ok(READ(throttle_ask, email, &wait));
    miss(cx, email, 4);
    assert_ok(READ(throttle_ask, email, &wait));
    for (size_t i = 0; i < sizeof minutes / sizeof *minutes; i++) {
        miss(cx, email, 1);
        assert_int_equal(READ(throttle_ask, " SLOW@lab.example", &wait), E_TOOMANY);
        assert_int_equal(wait, minutes[i] * MINUTE);
        cx->now += minutes[i] * MINUTE - 1;
        assert_int_equal(READ(throttle_ask, email, &wait), E_TOOMANY);
        assert_says(cx, "in 1 seconds");
        cx->now += 1;
        assert_ok(READ(throttle_ask, email, &wait));
    }
    miss(cx, email, 1);
    cx->now += THROTTLE_FORGET_MS;
    miss(cx, email, 4);
    assert_ok(READ(throttle_ask, email, &wait));
}

static void a_right_password_wipes_the_slate(void **state)
{
    struct ctx *cx = *state;
    char email[] = "slate@lab.example";

    cx->now = NOON;
    cx->who.ip = "10.0.0.2";
    miss(cx, email, 4);
    assert_ok(act_run(us.st, cx, ACT_HOUSE, pass_in, email));
    miss(cx, email, 4);
    assert_ok(READ(throttle_ask, email, NULL));
}

static void an_address_has_thirty_attempts_a_minute(void **state)
{
    struct ctx *cx = *state;

    cx->now = NOON;
    cx->who.ip = "2001:db8:1:2:aaaa::1";
    for (int i = 0; i < THROTTLE_IP_PER_MINUTE; i++)
        miss(cx, talloc_asprintf(cx->mem, "n%d@lab.example", i), 1);
    assert_int_equal(READ(throttle_ask, "other@lab.example", NULL), E_TOOMANY);
    cx->who.ip = "2001:db8:1:2:bbbb::2";       /* the same network */
    assert_int_equal(READ(throttle_ask, "other@lab.example", NULL), E_TOOMANY);
    cx->who.ip = "2001:db8:1:3::1";
    assert_ok(READ(throttle_ask, "other@lab.example", NULL));
    cx->who.ip = "2001:db8:1:2:bbbb::2";
    cx->now += MINUTE;
    assert_ok(READ(throttle_ask, "other@lab.example", NULL));
}

static void a_flood_from_elsewhere_never_locks_the_owner_out(void **state)
{
    struct ctx *cx = *state;
    char email[] = "owner@lab.example";

    cx->now = NOON;
    for (int i = 0; i < 100; i++) {
        cx->who.ip = talloc_asprintf(cx->mem, "10.1.0.%d", i);
        miss(cx, email, 1);
        if (i >= THROTTLE_HOT_FAILS)        /* the account is hot: one failure is enough */
            assert_int_equal(READ(throttle_ask, email, NULL), E_TOOMANY);
    }
    cx->who.ip = "10.2.0.1";
    assert_ok(READ(throttle_ask, email, NULL));
    miss(cx, email, 1);
    cx->now += MINUTE;
    assert_ok(READ(throttle_ask, email, NULL));
}

static void old_counters_are_swept_and_none_holds_an_address(void **state)
{
    struct ctx *cx = *state;
    int n;

    assert_int_equal(count_of(cx, "SELECT COUNT(*) FROM throttle WHERE ? = 0"
                                  " AND (name LIKE '%@%' OR name LIKE '%10.%')", 0), 0);
    cx->now = NOON + 10 * THROTTLE_FORGET_MS;
    do {
        assert_ok(act_run(us.st, cx, ACT_HOUSE, sweep_in, &n));
    } while (n > 0);
    assert_int_equal(count_of(cx, "SELECT COUNT(*) FROM throttle WHERE ? = 0", 0), 0);
}

/* --- sessions ------------------------------------------------------------------------------ */

static const char *email_of(struct ctx *cx, int64_t person)
{
    int64_t n = count_of(cx, "SELECT CAST(substr(email, 2, length(email) - 13) AS INTEGER)"
                             " FROM person WHERE id = ?", person);

    return talloc_asprintf(cx->mem, "p%lld@lab.example", (long long)n);
}

/* A session as after a right password. */
static struct session log_in(struct ctx *cx, int64_t person)
{
    struct session s;
    struct login l;

    be_nobody(cx);
    assert_ok(READ(session_look, email_of(cx, person), &l));
    assert_int_equal(l.person, person);
    assert_ok(WRITE(session_open, &l, NULL, NULL, &s));
    assert_false(s.refused);
    return s;
}

static void a_login_opens_a_session_and_a_wrong_one_is_counted(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), p = a_person(cx, a, ROLE_NONE);
    const char *refused = "SELECT COUNT(*) FROM audit WHERE act = 'session.refused' AND org_id = ?";
    struct session s, found;
    struct login l, nobody;

    be_nobody(cx);
    cx->who.ip = "10.3.0.1";
    assert_ok(READ(session_look, "nobody@lab.example", &nobody));
    assert_null(nobody.pass_hash);
    assert_ok(READ(session_look, "no address at all", &nobody));
    assert_ok(READ(session_look, NULL, &nobody));
    assert_ok(WRITE(session_refuse, &nobody));
    assert_ok(READ(session_look, email_of(cx, p), &l));
    for (int i = 0; i < 5; i++)
        assert_ok(WRITE(session_refuse, &l));
    assert_int_equal(session_refusal(cx), E_UNAUTH);
    assert_int_equal(count_of(cx, refused, a), 5);
    assert_int_equal(READ(session_look, email_of(cx, p), &l), E_TOOMANY);
    cx->now += MINUTE;
    assert_ok(READ(session_look, email_of(cx, p), &l));
    assert_ok(WRITE(session_open, &l, NULL, NULL, &s));
    assert_int_equal(strlen(s.cookie), SESSION_CHARS);
    assert_int_equal(s.who.person, p);
    assert_int_equal(s.who.org, a);
    assert_ok(READ(session_find, s.cookie, &found));
    assert_int_equal(cx->who.person, p);
    assert_string_equal(found.csrf, s.csrf);
    assert_int_equal(READ(session_find, "x", &found), E_UNAUTH);
    assert_int_equal(READ(session_find, NULL, &found), E_UNAUTH);
    s.cookie[0] = s.cookie[0] == 'a' ? 'b' : 'a';
    assert_int_equal(READ(session_find, s.cookie, &found), E_UNAUTH);
}

static void a_login_after_a_change_of_password_is_refused(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), p = a_person(cx, a, ROLE_NONE);
    struct session s;
    struct login l;

    be_nobody(cx);
    assert_ok(READ(session_look, email_of(cx, p), &l));
    be_system(cx);
    assert_ok(WRITE(user_password, p, NULL, "changed meanwhile", NULL));
    be_nobody(cx);
    assert_ok(WRITE(session_open, &l, NULL, NULL, &s));
    assert_true(s.refused);
    assert_int_equal(count_of(cx, "SELECT COUNT(*) FROM session WHERE person_id = ?", p), 0);
}

static void guesses_sent_at_once_are_not_more_guesses(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), p = a_person(cx, a, ROLE_NONE);
    struct session s;
    struct login l[7];

    be_nobody(cx);
    cx->who.ip = "10.4.0.1";
    for (int i = 0; i < 7; i++)         /* all look before any failure is written */
        assert_ok(READ(session_look, email_of(cx, p), &l[i]));
    for (int i = 0; i < 5; i++)
        assert_ok(WRITE(session_refuse, &l[i]));
    assert_ok(WRITE(session_open, &l[5], NULL, NULL, &s));      /* the right one, but too late */
    assert_true(s.refused);
    cx->who.ip = "10.4.0.2";
    assert_ok(WRITE(session_open, &l[6], NULL, NULL, &s));
    assert_false(s.refused);
}

#define AT_ONCE 8

struct guess {
    char *email;
    int rc;
};

static void *one_guess(void *arg)
{
    struct guess *g = arg;
    struct ctx *cx = ctx_new(NULL);

    cx->now = NOON;
    cx->who.ip = "10.5.0.1";
    g->rc = act_run(us.st, cx, ACT_HOUSE, fail_in, g->email);
    ctx_free(cx);
    return NULL;
}

static void failures_at_the_same_moment_are_all_counted(void **state)
{
    struct ctx *cx = *state;
    char email[] = "crowd@lab.example";
    struct guess g[AT_ONCE];
    pthread_t t[AT_ONCE];

    for (int i = 0; i < AT_ONCE; i++) {
        g[i] = (struct guess){.email = email};
        assert_int_equal(pthread_create(&t[i], NULL, one_guess, &g[i]), 0);
    }
    for (int i = 0; i < AT_ONCE; i++) {
        pthread_join(t[i], NULL);
        assert_ok(g[i].rc);
    }
    assert_int_equal(count_of(cx, "SELECT MAX(fails) FROM throttle WHERE since_ms >= ?"
                                  " AND name LIKE 'pair:%'", NOON), AT_ONCE);
}

static void a_rehash_never_brings_an_old_password_back(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), p = a_person(cx, a, ROLE_NONE);
    const char *sql = "SELECT COUNT(*) FROM person WHERE pass_hash = 'rehashed' AND id = ?";
    struct session s;
    struct login l;

    be_nobody(cx);
    assert_ok(READ(session_look, email_of(cx, p), &l));
    assert_ok(WRITE(session_open, &l, "rehashed", NULL, &s));
    assert_int_equal(count_of(cx, sql, p), 1);
    be_system(cx);
    assert_ok(WRITE(user_password, p, NULL, "fresh", NULL));
    be_nobody(cx);
    assert_ok(WRITE(session_open, &l, "rehashed", NULL, &s));
    assert_true(s.refused);
    assert_int_equal(count_of(cx, sql, p), 0);
}

static void a_session_ends_by_idling_by_age_and_sooner_for_managers(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), p = a_person(cx, a, ROLE_NONE), m = a_person(cx, a, ROLE_MANAGER);
    int64_t project = a_project(cx, a), q = a_member(cx, a, project, ROLE_ANNOTATOR);
    struct session s = log_in(cx, p), strict = log_in(cx, m), later = log_in(cx, q), f;
    int64_t start = cx->now;

    assert_int_equal(strict.ends - start, SESSION_STRICT_LONGEST_MS);
    cx->now = start + HOUR - 1;
    assert_ok(READ(session_find, strict.cookie, &f));
    assert_true(f.touch);
    cx->now = start + HOUR;
    assert_int_equal(READ(session_find, strict.cookie, &f), E_UNAUTH);
    cx->now = start + 12 * HOUR - 1;
    assert_ok(READ(session_find, s.cookie, &f));
    assert_ok(HOUSE(session_touch, s.cookie));
    assert_ok(READ(session_find, s.cookie, &f));
    assert_false(f.touch);
    cx->now = start + 12 * HOUR;
    assert_int_equal(READ(session_find, later.cookie, &f), E_UNAUTH);
    while (cx->now < start + SESSION_LONGEST_MS - 6 * HOUR) {
        cx->now += 6 * HOUR;
        assert_ok(READ(session_find, s.cookie, &f));
        assert_ok(HOUSE(session_touch, s.cookie));
    }
    cx->now = start + SESSION_LONGEST_MS;
    assert_int_equal(READ(session_find, s.cookie, &f), E_UNAUTH);
    assert_true(DO0(us.st, cx, ACT_HOUSE, session_sweep) >= 0);
    assert_int_equal(count_of(cx, "SELECT COUNT(*) FROM session WHERE person_id = ?", p), 0);
}

static void log_out_a_new_login_a_role_and_a_password_end_sessions(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), p = a_person(cx, a, ROLE_NONE), project = a_project(cx, a);
    struct user_set rise = {.active = -1, .org_role = ROLE_AUDITOR};
    struct user_set off = {.active = 0, .org_role = -1};
    struct session one = log_in(cx, p), two, f;
    struct login l;

    assert_ok(DO0(us.st, cx, ACT_HOUSE, secret_ready));
    be_nobody(cx);
    assert_ok(READ(session_look, email_of(cx, p), &l));
    assert_ok(WRITE(session_open, &l, NULL, one.cookie, &two));
    assert_int_equal(READ(session_find, one.cookie, &f), E_UNAUTH);
    assert_ok(READ(session_find, two.cookie, &f));
    assert_ok(WRITE(session_close, two.cookie));
    assert_ok(WRITE(session_close, two.cookie));
    assert_int_equal(READ(session_find, two.cookie, &f), E_UNAUTH);

    one = log_in(cx, p);
    be_system(cx);
    assert_ok(WRITE(user_set, p, &rise));
    assert_int_equal(READ(session_find, one.cookie, &f), E_UNAUTH);
    be_system(cx);
    assert_ok(WRITE(member_add, project, p, ROLE_ANNOTATOR, 0));
    one = log_in(cx, p);
    be_system(cx);
    assert_ok(WRITE(member_set, project, p, ROLE_REVIEWER, 0));
    assert_int_equal(READ(session_find, one.cookie, &f), E_UNAUTH);
    one = log_in(cx, p);
    two = log_in(cx, p);
    be_system(cx);
    assert_ok(WRITE(user_password, p, NULL, SOME_HASH, one.cookie));
    assert_ok(READ(session_find, one.cookie, &f));
    assert_int_equal(READ(session_find, two.cookie, &f), E_UNAUTH);
    be_system(cx);
    assert_ok(WRITE(user_set, p, &off));
    assert_int_equal(READ(session_find, one.cookie, &f), E_UNAUTH);
    be_nobody(cx);
    assert_ok(READ(session_look, email_of(cx, p), &l));
    assert_null(l.pass_hash);
}

static struct session log_in_by_form(struct ctx *cx, int64_t person, const char **key)
{
    struct session s;
    struct login l;

    be_nobody(cx);
    assert_ok(READ(session_look, email_of(cx, person), &l));
    l.by_form = true;
    assert_ok(WRITE(session_open, &l, NULL, NULL, &s));
    assert_ok(READ(token_of_session, s.cookie, key));
    return s;
}

static void a_login_by_form_gets_a_key_that_ends_with_its_session(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), p = a_person(cx, a, ROLE_NONE);
    struct user_set rise = {.active = -1, .org_role = ROLE_AUDITOR};
    const char *one, *two, *more;
    struct session s, t;

    assert_ok(DO0(us.st, cx, ACT_HOUSE, secret_ready));
    s = log_in(cx, p);
    assert_ok(READ(token_of_session, s.cookie, &one));
    assert_null(one);                   /* our own page needs none */
    s = log_in_by_form(cx, p, &one);
    t = log_in_by_form(cx, p, &two);
    assert_string_not_equal(one, two);
    assert_ok(READ(token_find, one, NULL));
    assert_int_equal(cx->who.person, p);
    be(cx, a, p, ROLE_NONE);
    assert_ok(WRITE(session_close, s.cookie));
    assert_int_equal(READ(token_find, one, NULL), E_UNAUTH);
    assert_ok(READ(token_find, two, NULL));
    be_system(cx);
    assert_ok(WRITE(user_set, p, &rise));
    assert_int_equal(READ(token_find, two, NULL), E_UNAUTH);
    assert_ok(READ(token_of_session, t.cookie, &two));
    assert_null(two);
    cx->who.ip = "10.9.0.1";            /* thirty a minute from one address */
    log_in_by_form(cx, p, &one);
    for (int i = 1; i < LOGIN_KEYS; i++)
        log_in_by_form(cx, p, &two);
    assert_ok(READ(token_find, one, NULL));
    log_in_by_form(cx, p, &more);
    assert_int_equal(READ(token_find, one, NULL), E_UNAUTH);
    assert_ok(READ(token_find, two, NULL));
}

/* --- keys ---------------------------------------------------------------------------------- */

static struct token a_key(struct ctx *cx, int64_t org, int64_t person, uint32_t scopes)
{
    struct token_new in = {.name = "script", .scopes = scopes};
    struct token t;

    be(cx, org, person, ROLE_NONE);
    assert_ok(WRITE(token_add, &in, &t));
    return t;
}

static void a_key_is_found_by_its_text_until_it_is_revoked_or_over(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), p = a_person(cx, a, ROLE_NONE);
    struct token t = a_key(cx, a, p, SCOPE_READ | SCOPE_WRITE | SCOPE_MANAGE), two;
    const char *header = talloc_asprintf(cx->mem, "Token %s", t.text);
    bool touch;

    be_nobody(cx);
    assert_ok(READ(token_find, header, &touch));
    assert_int_equal(cx->who.person, p);
    assert_int_equal(cx->who.token, t.id);
    assert_int_equal(cx->who.scopes, SCOPE_ALL);
    assert_true(touch);
    assert_ok(HOUSE(token_touch, t.id));
    assert_ok(READ(token_find, t.text, &touch));
    assert_false(touch);
    assert_ok(READ(token_find, talloc_asprintf(cx->mem, "bearer  %s", t.text), NULL));
    assert_ok(WRITE(token_revoke, t.id));
    assert_ok(WRITE(token_revoke, t.id));
    be_nobody(cx);
    assert_int_equal(READ(token_find, header, NULL), E_UNAUTH);

    two = a_key(cx, a, p, 0);
    cx->now = two.ends - 1;
    assert_ok(READ(token_find, two.text, NULL));
    cx->now = two.ends;
    assert_int_equal(READ(token_find, two.text, NULL), E_UNAUTH);
}

static void every_mistyped_character_of_a_key_is_noticed(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), p = a_person(cx, a, ROLE_NONE);
    struct token t = a_key(cx, a, p, 0);
    static const char *const rubbish[] = {
        "", "Token", "Token ", "anno_", "anno__", "anno_1_", "Basic x", "\xff\xfe", "Bearer",
        "anno_99999999999999999999999_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_aaaaaa",
    };
    char *s = talloc_strdup(cx->mem, t.text);

    for (size_t i = 0; s[i]; i++) {
        char was = s[i];

        s[i] = was == '7' ? '8' : '7';
        assert_int_equal(READ(token_find, s, NULL), E_UNAUTH);
        s[i] = 0;
        assert_int_equal(READ(token_find, s, NULL), E_UNAUTH);
        s[i] = was;
    }
    assert_ok(READ(token_find, s, NULL));
    assert_int_equal(READ(token_find, talloc_asprintf(cx->mem, "%sx", s), NULL), E_UNAUTH);
    for (size_t i = 0; i < sizeof rubbish / sizeof *rubbish; i++)
        assert_int_equal(READ(token_find, rubbish[i], NULL), E_UNAUTH);
    assert_int_equal(READ(token_find, NULL, NULL), E_UNAUTH);
}

static void a_whole_key_with_another_secret_is_not_a_key(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), p = a_person(cx, a, ROLE_NONE);
    struct token one = a_key(cx, a, p, 0), two = a_key(cx, a, p, 0);

    /* Its check digits are right, but the row was removed: revoked keys of others tell nothing. */
    assert_ok(WRITE(token_revoke, two.id));
    be_nobody(cx);
    assert_int_equal(READ(token_find, two.text, NULL), E_UNAUTH);
    assert_says(cx, "not valid");
    assert_ok(READ(token_find, one.text, NULL));
}

static void keys_are_made_and_revoked_by_their_owner_within_bounds(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), b = an_org(cx), p = a_person(cx, a, ROLE_NONE);
    int64_t q = a_person(cx, a, ROLE_NONE), o = a_person(cx, a, ROLE_OWNER);
    int64_t x = a_person(cx, b, ROLE_OWNER);
    struct token_new in = {.name = "k", .person = q};
    struct token t = a_key(cx, a, p, 0), out, *list;
    int n;

    assert_int_equal(WRITE(token_add, &in, &out), E_FORBIDDEN);
    in = (struct token_new){.name = ""};
    assert_int_equal(WRITE(token_add, &in, &out), E_INVALID);
    in = (struct token_new){.name = "k", .scopes = 8};
    assert_int_equal(WRITE(token_add, &in, &out), E_INVALID);
    in = (struct token_new){.name = "k", .ends = cx->now};
    assert_int_equal(WRITE(token_add, &in, &out), E_INVALID);
    in = (struct token_new){.name = "k", .ends = cx->now + TOKEN_LONGEST_MS + 1};
    assert_int_equal(WRITE(token_add, &in, &out), E_INVALID);
    in = (struct token_new){.name = "k"};
    be_nobody(cx);
    assert_int_equal(WRITE(token_add, &in, &out), E_UNAUTH);
    be(cx, a, p, ROLE_NONE);
    cx->who.scopes = SCOPE_READ | SCOPE_WRITE;
    assert_int_equal(WRITE(token_add, &in, &out), E_FORBIDDEN);

    be(cx, a, q, ROLE_NONE);
    assert_int_equal(WRITE(token_revoke, t.id), E_NOTFOUND);
    assert_int_equal(READ(token_list, p, 0, 0, &list, &n), E_FORBIDDEN);
    be(cx, b, x, ROLE_OWNER);
    assert_int_equal(WRITE(token_revoke, t.id), E_NOTFOUND);
    assert_int_equal(READ(token_list, p, 0, 0, &list, &n), E_NOTFOUND);
    be(cx, a, o, ROLE_OWNER);
    assert_ok(READ(token_list, p, 0, 0, &list, &n));
    assert_int_equal(n, 1);
    assert_null(list[0].text);
    assert_ok(WRITE(token_revoke, t.id));
    assert_int_equal(WRITE(token_revoke, 999999), E_NOTFOUND);

    be(cx, a, p, ROLE_NONE);
    for (int i = 0; i < TOKENS_PER_PERSON; i++)
        assert_ok(WRITE(token_add, &in, &out));
    assert_int_equal(WRITE(token_add, &in, &out), E_TOOMANY);
    assert_int_equal(count_of(cx, "SELECT COUNT(*) FROM token WHERE person_id = ?"
                                  " AND length(hash) = 32", p), TOKENS_PER_PERSON + 1);
}

static void a_reset_replaces_the_keys_of_that_name(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), p = a_person(cx, a, ROLE_NONE);
    struct token one, two, other = a_key(cx, a, p, 0);

    be(cx, a, p, ROLE_NONE);
    assert_ok(WRITE(token_reset, "Label Studio", &one));
    assert_ok(WRITE(token_reset, "Label Studio", &two));
    assert_int_equal(READ(token_find, one.text, NULL), E_UNAUTH);
    assert_ok(READ(token_find, two.text, NULL));
    assert_ok(READ(token_find, other.text, NULL));
}

static void keys_of_a_stopped_person_are_worthless(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), p = a_person(cx, a, ROLE_NONE);
    struct user_set off = {.active = 0, .org_role = -1};
    struct token t = a_key(cx, a, p, 0);

    be_system(cx);
    assert_ok(WRITE(user_set, p, &off));
    assert_int_equal(READ(token_find, t.text, NULL), E_UNAUTH);
}

/* --- Label Studio's tokens ----------------------------------------------------------------- */

static struct token a_refresh(struct ctx *cx, int64_t org, int64_t person)
{
    struct token_new in = {.name = "LS"};
    struct token t;

    assert_ok(DO0(us.st, cx, ACT_HOUSE, secret_ready));
    be(cx, org, person, ROLE_NONE);
    assert_ok(WRITE(token_add_refresh, &in, &t));
    return t;
}

static void a_refresh_token_buys_five_minutes(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), p = a_person(cx, a, ROLE_NONE);
    struct token t = a_refresh(cx, a, p);
    char *access, *bearer;

    be_nobody(cx);
    assert_ok(READ(token_exchange, t.text, &access));
    bearer = talloc_asprintf(cx->mem, "Bearer %s", access);
    assert_ok(READ(token_find, bearer, NULL));
    assert_int_equal(cx->who.person, p);
    assert_int_equal(cx->who.token, t.id);
    be_nobody(cx);
    assert_int_equal(READ(token_find, t.text, NULL), E_UNAUTH);        /* refresh is not access */
    assert_int_equal(READ(token_exchange, access, &access), E_UNAUTH);  /* and the other way */
    cx->now += TOKEN_ACCESS_MS - 1000;
    assert_ok(READ(token_find, bearer, NULL));
    cx->now += 1000;
    assert_int_equal(READ(token_find, bearer, NULL), E_UNAUTH);
    cx->now = t.ends - 1000;
    assert_ok(READ(token_exchange, t.text, &access));
    cx->now = t.ends;
    assert_int_equal(READ(token_exchange, t.text, &access), E_UNAUTH);
}

static void a_revoked_refresh_token_takes_its_access_tokens_along(void **state)
{
    struct ctx *cx = *state;
    int64_t a = an_org(cx), p = a_person(cx, a, ROLE_NONE);
    struct token t = a_refresh(cx, a, p), u;
    char *access;

    be_nobody(cx);
    assert_ok(READ(token_exchange, t.text, &access));
    assert_ok(WRITE(token_rotate, t.text, &u));
    assert_int_equal(READ(token_exchange, t.text, &access), E_UNAUTH);
    assert_int_equal(WRITE(token_rotate, t.text, &u), E_UNAUTH);
    u = a_refresh(cx, a, p);
    be_nobody(cx);
    assert_ok(READ(token_exchange, u.text, &access));
    assert_ok(WRITE(token_blacklist, u.text));
    assert_int_equal(WRITE(token_blacklist, u.text), E_NOTFOUND);
    assert_int_equal(READ(token_find, access, NULL), E_UNAUTH);
    assert_int_equal(READ(token_exchange, u.text, &access), E_UNAUTH);
    assert_int_equal(WRITE(token_blacklist, "x.y.z"), E_UNAUTH);
    assert_int_equal(READ(token_exchange, NULL, &access), E_UNAUTH);
    assert_int_equal(READ(token_exchange, "", &access), E_UNAUTH);
}

static char *b64(struct ctx *cx, const void *p, size_t n)
{
    char *s = talloc_size(cx->mem, 4 * n + 8);

    return sodium_bin2base64(s, 4 * n + 8, p, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* A token made by hand: any header, any claims, signed with any key. */
static char *forge(struct ctx *cx, const char *header, const char *claims, const uint8_t key[32])
{
    uint8_t sig[32];
    char *body = talloc_asprintf(cx->mem, "%s.%s", b64(cx, header, strlen(header)),
                                 b64(cx, claims, strlen(claims)));

    id_hmac_sha256(sig, key, 32, body, strlen(body));
    return talloc_asprintf(cx->mem, "%s.%s", body, b64(cx, sig, 32));
}

static void forged_tokens_are_refused(void **state)
{
    static const char good[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
    static const char *const headers[] = {
        "{\"alg\":\"none\",\"typ\":\"JWT\"}", "{\"alg\":\"None\"}", "{\"alg\":\"hs256\"}",
        "{\"alg\":\"HS512\"}", "{\"alg\":\"RS256\"}", "{\"alg\":[\"HS256\"]}", "{}", "[]", "null",
        "{\"alg\":\"HS256\",\"crit\":[\"x\"]}", "{\"alg\":\"HS256\",\"alg\":\"none\"}", "",
        "{\"alg\":\"HS256\",\"typ\":\"JWE\"}", "{\"alg\":\"HS256\"", "\xff",
    };
    struct ctx *cx = *state;
    int64_t a = an_org(cx), p = a_person(cx, a, ROLE_NONE);
    struct token t = a_refresh(cx, a, p);
    uint8_t key[32], other[32] = {1};
    struct jwt_claims c, got;
    char *text, *claims, *access;

    assert_ok(READ(secret_get, "jwt", key));
    assert_ok(jwt_check(cx, key, "refresh", t.text, &c));
    claims = talloc_asprintf(cx->mem, "{\"token_type\":\"access\",\"exp\":%lld,\"jti\":\"%s\","
                             "\"sub\":\"%lld\"}", (long long)c.exp, c.jti, (long long)p);
    assert_ok(READ(token_find, forge(cx, good, claims, key), NULL));     /* the forge works */
    assert_int_equal(READ(token_find, forge(cx, good, claims, other), NULL), E_UNAUTH);
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        assert_int_equal(READ(token_find, forge(cx, headers[i], claims, key), NULL), E_UNAUTH);

    /* No signature, an empty one, one too many parts. */
    text = talloc_asprintf(cx->mem, "%s.%s.", b64(cx, headers[0], strlen(headers[0])),
                           b64(cx, claims, strlen(claims)));
    assert_int_equal(READ(token_find, text, NULL), E_UNAUTH);
    text[strlen(text) - 1] = 0;
    assert_int_equal(READ(token_find, text, NULL), E_UNAUTH);
    text = talloc_asprintf(cx->mem, "%s.x", forge(cx, good, claims, key));
    assert_int_equal(READ(token_find, text, NULL), E_UNAUTH);

    /* Every single character counts. */
    access = forge(cx, good, claims, key);
    for (size_t i = 0; access[i]; i++) {
        char was = access[i];

        access[i] = was == 'A' ? 'B' : 'A';
        assert_int_equal(READ(token_find, access, NULL), E_UNAUTH);
        access[i] = was;
    }

    /* Signed with our own key, and still not good: claims that are missing or wrong. */
    static const char *const shapes[] = {
        "{\"token_type\":\"access\",\"jti\":\"%s\",\"sub\":\"%lld\"}",
        "{\"token_type\":\"access\",\"exp\":1,\"jti\":\"%s\",\"sub\":\"%lld\"}",
        "{\"token_type\":\"access\",\"exp\":\"9999999999\",\"jti\":\"%s\",\"sub\":\"%lld\"}",
        "{\"token_type\":\"refresh\",\"exp\":9999999999,\"jti\":\"%s\",\"sub\":\"%lld\"}",
        "{\"exp\":9999999999,\"jti\":\"%s\",\"sub\":\"%lld\"}",
        "{\"token_type\":\"access\",\"exp\":9999999999,\"jti\":\"%s\",\"sub\":\"0%lldx\"}",
        "{\"token_type\":\"access\",\"exp\":9999999999,\"jti\":\"not %s\",\"sub\":\"%lld\"}",
        "{\"token_type\":\"access\",\"exp\":9999999999,\"jti\":\"%s\",\"sub\":\"1%lld\"}",
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        text = talloc_asprintf(cx->mem, shapes[i], c.jti, (long long)p);
#pragma GCC diagnostic pop
        assert_int_equal(READ(token_find, forge(cx, good, text, key), NULL), E_UNAUTH);
    }
    assert_int_equal(READ(token_find, forge(cx, good, "[]", key), NULL), E_UNAUTH);
    text = talloc_size(cx->mem, 100001);
    memset(text, 'A', 100000);
    text[100000] = 0;
    assert_int_equal(jwt_check(cx, key, "access", text, &got), E_UNAUTH);
    text[1000] = text[2000] = '.';
    assert_int_equal(jwt_check(cx, key, "access", text, &got), E_UNAUTH);
    assert_int_equal(jwt_check(cx, key, "access", "..", &got), E_UNAUTH);
    assert_int_equal(jwt_check(cx, key, "access", NULL, &got), E_UNAUTH);
}

static void every_act_of_this_room_left_one_audit_row_without_a_secret(void **state)
{
    struct ctx *cx = *state;

    assert_int_equal(count_of(cx, "SELECT COUNT(*) FROM audit WHERE ? = 0 AND"
                                  " (detail LIKE '%anno!_%' ESCAPE '!' OR detail LIKE '%eyJ%'"
                                  " OR detail LIKE '%argon2%' OR detail LIKE '%@%')", 0), 0);
    for (const char *const *act = (const char *const[]){"session.open", "session.close",
             "session.refused", "token.add", "token.revoke", "token.rotate", "token.reset",
             "user.password", NULL}; *act; act++) {
        const char *sql = talloc_asprintf(cx->mem, "SELECT COUNT(*) FROM audit WHERE ? = 0"
                                                   " AND act = '%s'", *act);

        assert_true(count_of(cx, sql, 0) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PEOPLE(common_passwords_are_refused),
        PEOPLE(every_listed_password_is_refused_in_any_case),
        PEOPLE(a_password_has_12_to_128_characters_and_is_not_the_name),
        PEOPLE(a_hash_verifies_its_own_password_only),
        PEOPLE(an_unknown_person_costs_the_same_time),
        PEOPLE(a_crowd_is_told_to_wait_and_the_gate_opens_again),
        PEOPLE(five_failures_cost_a_minute_and_the_next_ones_double_it),
        PEOPLE(failures_at_the_same_moment_are_all_counted),
        PEOPLE(a_right_password_wipes_the_slate),
        PEOPLE(an_address_has_thirty_attempts_a_minute),
        PEOPLE(a_flood_from_elsewhere_never_locks_the_owner_out),
        PEOPLE(old_counters_are_swept_and_none_holds_an_address),
        PEOPLE(a_login_opens_a_session_and_a_wrong_one_is_counted),
        PEOPLE(a_login_after_a_change_of_password_is_refused),
        PEOPLE(guesses_sent_at_once_are_not_more_guesses),
        PEOPLE(a_rehash_never_brings_an_old_password_back),
        PEOPLE(a_session_ends_by_idling_by_age_and_sooner_for_managers),
        PEOPLE(log_out_a_new_login_a_role_and_a_password_end_sessions),
        PEOPLE(a_login_by_form_gets_a_key_that_ends_with_its_session),
        PEOPLE(a_key_is_found_by_its_text_until_it_is_revoked_or_over),
        PEOPLE(every_mistyped_character_of_a_key_is_noticed),
        PEOPLE(a_whole_key_with_another_secret_is_not_a_key),
        PEOPLE(keys_are_made_and_revoked_by_their_owner_within_bounds),
        PEOPLE(a_reset_replaces_the_keys_of_that_name),
        PEOPLE(keys_of_a_stopped_person_are_worthless),
        PEOPLE(a_refresh_token_buys_five_minutes),
        PEOPLE(a_revoked_refresh_token_takes_its_access_tokens_along),
        PEOPLE(forged_tokens_are_refused),
        PEOPLE(every_act_of_this_room_left_one_audit_row_without_a_secret),
    };

    return cmocka_run_group_tests(tests, people_open, people_close);
}
