/* test_http_api.c -- the API over real sockets on a real store: who may, what is kept, what is
 * said. */
#include "unit_people.h"
#include "unit_http.h"

#include <pthread.h>

#include "core/json.h"
#include "domain/password.h"
#include "domain/run.h"
#include "domain/setting.h"
#include "domain/token.h"
#include "domain/worker.h"
#include "http/route.h"
#include "http/server.h"

#define PASSWORD "a quiet horse on a hill"
#define CONFIG                                                                                     \
    "<View><Text name='t' value='$text'/><Choices name='c' toName='t'><Choice value='a'/>"         \
    "<Choice value='b'/></Choices></View>"

DOOR(setup_begin, char **token;, a->token)
DOOR0(secret_ready)
DOOR(token_add, const struct token_new *in; struct token *out;, a->in, a->out)

static struct run *run;
static struct server *srv;
static pthread_t srv_thread;
static struct workers *workers;
static char *setup_token;

static void *serve(void *arg)
{
    server_loop(arg);
    return NULL;
}

static int open_all(void **state)
{
    struct ctx *cx = ctx_new(NULL);
    struct server_opts o = { .per_ip = 1000 };
    char *token;

    people_open(state);
    be_system(cx);
    assert_ok(DO0(us.st, cx, ACT_HOUSE, secret_ready));
    assert_ok(DO(us.st, cx, ACT_HOUSE, setup_begin, &token));
    setup_token = talloc_strdup(NULL, token);
    run = run_new(NULL, us.st);
    assert_ok(server_open(cx, &o, run, &srv));
    unit_port = server_port(srv);
    pthread_create(&srv_thread, NULL, serve, srv);
    workers = workers_start(run, 1);
    ctx_free(cx);
    return 0;
}

static int close_all(void **state)
{
    server_stop(srv);
    pthread_join(srv_thread, NULL);
    server_close(srv);
    workers_stop(workers);
    talloc_free(run);
    talloc_free(setup_token);
    return people_close(state);
}

/* ---- asking ---------------------------------------------------------------------------- */

static json_t *last;            /* the last answer's JSON, or NULL */

/* `who` is whole header lines, each with its CRLF.  `body` NULL: none. */
static int call(const char *method, const char *path, const char *who, const char *body)
{
    size_t n = body ? strlen(body) : 0, cap = n + strlen(who) + strlen(path) + 300;
    char *request = test_malloc(cap);
    int k = snprintf(
        request, cap,
        "%s %s HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n%sContent-Length: %zu\r\n\r\n%s",
        method, path, who, n, body ? body : "");

    ask_n(request, (size_t)k);
    test_free(request);
    json_decref(last);
    last = json_loads(body_of(text), JSON_DECODE_ANY, NULL);
    return status_of(text);
}

static const char *word(const char *key)
{
    const char *s = json_string_value(json_object_get(last, key));

    return s ? s : "";
}

static int64_t number(const char *key)
{
    return json_integer_value(json_object_get(last, key));
}

static json_t *at(size_t i)
{
    return json_array_get(last, i);
}

/* A person with a key, as a header line. */
static char *key_of(struct ctx *cx, int64_t person, uint32_t scopes)
{
    struct token_new new = { .person = person, .name = "test", .scopes = scopes };
    struct token t;

    be_system(cx);
    assert_ok(DO(us.st, cx, ACT_WRITE, token_add, &new, &t));
    return talloc_asprintf(cx, "Authorization: Token %s\r\n", t.text);
}

struct lab {
    int64_t org, owner;
    char *key;
    int64_t project;
};

static void make_project(struct lab *l, int overlap)
{
    char body[1000];

    snprintf(body, sizeof body,
             "{\"title\":\"T\",\"maximum_annotations\":%d,\"label_config\":\"" CONFIG "\"}",
             overlap);
    assert_int_equal(call("POST", "/api/projects/", l->key, body), 201);
    l->project = number("id");
}

static struct lab a_lab(struct ctx *cx)
{
    struct lab l = { .org = an_org(cx) };

    l.owner = a_person(cx, l.org, ROLE_OWNER);
    l.key = key_of(cx, l.owner, SCOPE_ALL);
    make_project(&l, 2);
    return l;
}

/* "/api/tasks/%lld" with the number in it. */
static const char *path(const char *pattern, int64_t id)
{
    static char p[4][200];
    static int i;
    const char *hole = strstr(pattern, "%lld");

    i = (i + 1) % 4;
    snprintf(p[i], sizeof p[i], "%.*s%lld%s", (int)(hole - pattern), pattern, (long long)id,
             hole + 4);
    return p[i];
}

static void import(struct lab *l, int n)
{
    struct ctx *cx = ctx_new(NULL);
    char *body = talloc_strdup(cx, "[");

    for (int i = 0; i < n; i++)
        body = talloc_asprintf_append(body, "%s{\"data\":{\"text\":\"t%d\"}}", i ? "," : "", i);
    body = talloc_asprintf_append(body, "]");
    assert_int_equal(call("POST", path("/api/projects/%lld/import", l->project), l->key, body),
                     201);
    assert_int_equal(number("task_count"), n);
    ctx_free(cx);
}

/* The value of a Set-Cookie of the last answer. */
static char *cookie_of(struct ctx *cx)
{
    const char *p = strstr(text, "Set-Cookie: annotary_session=");

    assert_non_null(p);
    p += strlen("Set-Cookie: ");
    assert_non_null(strstr(p, "HttpOnly; SameSite=Lax"));
    return talloc_strndup(cx, p, strcspn(p, ";"));
}

/* ---- the first person ------------------------------------------------------------------ */

static void the_first_owner_comes_in_by_the_link_and_by_nothing_else(void **state)
{
    struct ctx *cx = *state;
    char *body, *cookie, *who, *csrf;

    assert_int_equal(call("GET", "/api/setup", "", NULL), 200);
    assert_true(json_is_true(json_object_get(last, "open")));
    assert_int_equal(call("POST", "/api/setup", "", "{\"token\":\"guess\",\"org\":\"O\",\"email\":"
                          "\"ada@first.example\",\"password\":\"" PASSWORD "\"}"), 403);
    body = talloc_asprintf(cx, "{\"token\":\"%s\",\"org\":\"O\",\"name\":\"Ada\",\"email\":"
                           "\"ada@first.example\",\"password\":\"short\"}", setup_token);
    assert_int_equal(call("POST", "/api/setup", "", body), 400);
    assert_non_null(json_object_get(json_object_get(last, "fields"), "password"));
    body = talloc_asprintf(cx, "{\"token\":\"%s\",\"org\":\"O\",\"name\":\"Ada\",\"email\":"
                           "\"ada@first.example\",\"password\":\"" PASSWORD "\"}", setup_token);
    assert_int_equal(call("POST", "/api/setup", "", body), 201);
    assert_int_equal(call("POST", "/api/setup", "", body), 403);

    /* log in: the same words for a wrong password and for nobody */
    assert_int_equal(call("POST", "/api/session", "", "{\"email\":\"ada@first.example\","
                          "\"password\":\"not this one at all\"}"), 401);
    body = talloc_strdup(cx, word("detail"));
    assert_int_equal(call("POST", "/api/session", "", "{\"email\":\"bob@first.example\","
                          "\"password\":\"not this one at all\"}"), 401);
    assert_string_equal(word("detail"), body);
    assert_int_equal(call("POST", "/api/session", "", "{\"email\":\"Ada@First.example\","
                          "\"password\":\"" PASSWORD "\"}"), 201);
    cookie = cookie_of(cx);
    csrf = talloc_strdup(cx, word("csrf"));

    who = talloc_asprintf(cx, "Cookie: %s\r\n", cookie);
    assert_int_equal(call("GET", "/api/session", who, NULL), 200);
    assert_string_equal(word("csrf"), csrf);

    /* a cookie alone changes nothing */
    assert_int_equal(call("POST", "/api/projects/", who, "{}"), 403);
    who = talloc_asprintf(cx, "Cookie: %s\r\nX-CSRF-Token: %s\r\n", cookie, csrf);
    assert_int_equal(call("POST", "/api/projects/", who, "{}"), 403);      /* no page named */
    who = talloc_asprintf(cx, "Cookie: %s\r\nX-CSRF-Token: %s\r\nOrigin: http://evil\r\n", cookie,
                          csrf);
    assert_int_equal(call("POST", "/api/projects/", who, "{}"), 403);
    who = talloc_asprintf(cx, "Cookie: %s\r\nX-CSRF-Token: %s\r\nOrigin: https://lab\r\n", cookie,
                          csrf);
    assert_int_equal(call("POST", "/api/projects/", who, "{}"), 403);
    who = talloc_asprintf(cx, "Cookie: %s\r\nX-CSRF-Token: %s\r\nSec-Fetch-Site: cross-site\r\n",
                          cookie, csrf);
    assert_int_equal(call("POST", "/api/projects/", who, "{}"), 403);
    who = talloc_asprintf(cx, "Cookie: %s\r\nX-CSRF-Token: %sx\r\nOrigin: http://lab\r\n", cookie,
                          csrf);
    assert_int_equal(call("POST", "/api/projects/", who, "{}"), 403);
    who = talloc_asprintf(cx, "Cookie: x=y; %s\r\nX-CSRF-Token: %s\r\nOrigin: http://lab\r\n",
                          cookie, csrf);
    assert_int_equal(call("POST", "/api/projects/", who, "{}"), 201);

    /* a new password: the old one is asked for; this session stays */
    assert_int_equal(call("POST", "/api/account/password", who,
                          "{\"old\":\"wrong wrong wrong\",\"password\":\"" PASSWORD " indeed\"}"),
                     400);
    assert_int_equal(call("POST", "/api/account/password", who,
                          "{\"old\":\"" PASSWORD "\",\"password\":\"" PASSWORD " indeed\"}"), 200);
    assert_int_equal(call("GET", "/api/session", who, NULL), 200);
    assert_int_equal(call("DELETE", "/api/session", who, NULL), 204);
    assert_non_null(strstr(text, "Max-Age=0"));
    assert_int_equal(call("GET", "/api/session", who, NULL), 401);
}

static void an_invitation_brings_in_one_person(void **state)
{
    struct ctx *cx = *state;
    struct lab l = a_lab(cx);
    char *link;

    assert_int_equal(call("POST", path("/api/projects/%lld/invitations", l.project), l.key,
                          "{\"role\":\"annotator\"}"), 201);
    link = talloc_strdup(cx, word("token"));
    assert_non_null(strstr(word("url"), "http://lab/invite/"));
    assert_int_equal(call("GET", talloc_asprintf(cx, "/api/invitations/%s", link), "", NULL), 200);
    assert_string_equal(word("role"), "annotator");
    assert_int_equal(call("POST", talloc_asprintf(cx, "/api/invitations/%s/accept", link), "",
                          "{\"name\":\"Bob\",\"email\":\"bob@invited.example\",\"password\":\""
                          PASSWORD "\"}"), 201);
    assert_int_equal(call("POST", talloc_asprintf(cx, "/api/invitations/%s/accept", link), "",
                          "{\"email\":\"eve@invited.example\",\"password\":\"" PASSWORD "\"}"),
                     404);
    assert_int_equal(call("GET", "/api/invitations/nonsense", "", NULL), 404);
    assert_int_equal(call("GET", path("/api/projects/%lld/members", l.project), l.key, NULL), 200);
    assert_int_equal(json_array_size(json_object_get(last, "results")), 2);
}

/* ---- keys ------------------------------------------------------------------------------ */

static void keys_come_in_by_three_headers_and_stop_when_revoked(void **state)
{
    struct ctx *cx = *state;
    struct lab l = a_lab(cx);
    char *made, *who;
    int64_t id;

    assert_int_equal(call("GET", "/api/current-user/whoami", l.key, NULL), 200);
    assert_int_equal(number("id"), l.owner);
    assert_int_equal(call("POST", "/api/tokens", l.key, "{\"name\":\"k\",\"scope\":\"read\"}"),
                     201);
    made = talloc_strdup(cx, word("token"));
    id = number("id");
    who = talloc_asprintf(cx, "X-API-Key: %s\r\n", made);
    assert_int_equal(call("GET", "/api/projects/", who, NULL), 200);
    who = talloc_asprintf(cx, "Authorization: Bearer %s\r\n", made);
    assert_int_equal(call("GET", "/api/projects/", who, NULL), 200);
    assert_int_equal(call("POST", "/api/projects/", who, "{}"), 403);
    assert_int_equal(call("PATCH", "/api/account", who, "{\"name\":\"Eve\"}"), 403);
    assert_int_equal(call("DELETE", path("/api/tokens/%lld", id), l.key, NULL), 204);
    assert_int_equal(call("GET", "/api/projects/", who, NULL), 401);
    assert_int_equal(call("GET", "/api/projects/", "Authorization: Token anno_1_x_y\r\n", NULL),
                     401);
    assert_int_equal(call("GET", "/api/projects/", "Authorization: Basic eDp5\r\n", NULL), 401);

    /* Label Studio's: refresh, access, rotate, blacklist */
    assert_int_equal(call("POST", "/api/token/", l.key, NULL), 201);
    made = talloc_asprintf(cx, "{\"refresh\":\"%s\"}", word("token"));
    assert_int_equal(call("POST", "/api/token/refresh", "", made), 200);
    who = talloc_asprintf(cx, "Authorization: Bearer %s\r\n", word("access"));
    assert_int_equal(call("GET", "/api/current-user/whoami", who, NULL), 200);
    assert_int_equal(call("POST", "/api/token/blacklist", "", made), 204);
    assert_int_equal(call("GET", "/api/current-user/whoami", who, NULL), 401);
    assert_int_equal(call("POST", "/api/token/refresh", "", made), 401);
    assert_int_equal(call("POST", "/api/token/refresh", "", "{\"refresh\":\"a.b.c\"}"), 401);
}

/* ---- the table of routes --------------------------------------------------------------- */

/* A row's path with every parameter filled by `id`. */
static const char *filled(const struct route *route, int64_t id)
{
    static char out[300];
    size_t n = 0;

    for (const char *p = route->path; *p && n < sizeof out - 30; p++) {
        if (*p != '{') {
            out[n++] = *p;
            continue;
        }
        n += (size_t)snprintf(out + n, sizeof out - n, "%lld", (long long)id);
        p = strchr(p, '}');
    }
    out[n] = 0;
    if (route->on == ON_PROJECT && !strchr(route->path, '{'))
        snprintf(out + n, sizeof out - n, "?project=%lld", (long long)id);
    return out;
}

static void nothing_but_the_public_rows_answers_a_stranger(void **state)
{
    int public_rows = 0;

    (void)state;
    for (int i = 0; i < nroutes; i++) {
        const struct route *route = &routes[i];
        int status = call(method_name(route->method), filled(route, 1), "", "{}");

        public_rows += route->level == MAY_PUBLIC;
        if ((status == 401) != (route->level != MAY_PUBLIC) &&
            strcmp(route->path, "/api/token/refresh") &&
            strcmp(route->path, "/api/token/blacklist"))
            print_error("%s %s: %d\n", method_name(route->method), route->path, status);
        assert_true(route->level == MAY_PUBLIC || status == 401);
    }
    assert_int_equal(public_rows, 13);      /* api.md §1 names them; a new one is a decision */
}

static void what_belongs_to_others_is_not_there(void **state)
{
    struct ctx *cx = *state;
    struct lab mine = a_lab(cx), other = a_lab(cx);
    int rows = 0;

    import(&mine, 3);
    for (int i = 0; i < nroutes; i++) {
        const struct route *route = &routes[i];
        int status;

        if (route->on <= ON_ORG)
            continue;
        status =
            call(method_name(route->method), filled(route, mine.project), other.key,
                 "{\"project\":1,\"task\":1,\"data\":{},\"epoch\":1,\"counter\":1,\"result\":[],"
                 "\"person\":1,\"label_config\":\"<View/>\"}");
        rows++;
        if (status != 404 && status != 400)
            print_error("%s %s: %d\n", method_name(route->method), route->path, status);
        assert_true(status == 404 || status == 400);
    }
    assert_true(rows > 40);
    assert_int_equal(call("GET", path("/api/projects/%lld", mine.project), mine.key, NULL), 200);
    assert_int_equal(number("task_number"), 3);
}

static void rubbish_is_refused_with_a_sentence_everywhere(void **state)
{
    static const char *const rubbish[] = {
        "{",
        "[]",
        "\"x\"",
        "nul",
        "{\"a\":1,\"a\":2}",
        "{\"title\":[1]}",
        "\xff\xfe",
        "[[[[[[[[",
        "{\"result\":{},\"epoch\":\"x\",\"counter\":-1,\"n\":99999}",
        "<View>",
        "{\"data\":3,\"task\":\"y\"}",
        "{\"role\":\"emperor\",\"email\":\"not an address\",\"name\":\"\xf0\x9f\x98\x80\"}",
        "{\"title\":\"\\u0000\"}",
        "{\"result\":[1,2,\"x\",null]}",
        "{\"result\":[{}],\"epoch\":1,\"counter\":1}",
        "title=%ff&a=b",
    };
    struct ctx *cx = *state;
    struct lab l = a_lab(cx);

    import(&l, 2);
    for (int i = 0; i < nroutes; i++) {
        const struct route *route = &routes[i];

        if (route->body == 0 || strstr(route->path, "/setup") || strstr(route->path, "/session"))
            continue;
        for (size_t k = 0; k < sizeof rubbish / sizeof rubbish[0]; k++) {
            int status =
                call(method_name(route->method), filled(route, l.project), l.key, rubbish[k]);

            if (status >= 500 || status < 200 || (status >= 400 && !*word("detail")))
                print_error("%s %s <- %s: %d %s\n", method_name(route->method), route->path,
                            rubbish[k], status, body_of(text));
            assert_true(status >= 200 && status < 500);
            assert_true(status < 400 || *word("detail"));
        }
    }
}

/* ---- the same request twice ------------------------------------------------------------- */

static void a_repeated_key_is_answered_from_what_was_kept(void **state)
{
    struct ctx *cx = *state;
    struct lab l = a_lab(cx);
    char *who = talloc_asprintf(cx, "%sIdempotency-Key: k1\r\n", l.key);
    int64_t id;

    assert_int_equal(call("POST", "/api/projects", who, "{\"title\":\"once\"}"), 201);
    id = number("id");
    assert_int_equal(call("POST", "/api/projects", who, "{\"title\":\"once\"}"), 201);
    assert_int_equal(number("id"), id);
    assert_non_null(strstr(text, "Idempotent-Replayed: true"));
    assert_int_equal(call("POST", "/api/projects", who, "{\"title\":\"twice\"}"), 422);
    assert_int_equal(call("PATCH", path("/api/projects/%lld", id), who, "{\"title\":\"once\"}"),
                     422);
    who = talloc_asprintf(cx, "%sIdempotency-Key: k1\r\n",
                          key_of(cx, a_person(cx, l.org, ROLE_MANAGER), 0));
    assert_int_equal(call("POST", "/api/projects", who, "{\"title\":\"twice\"}"), 201);
    assert_true(number("id") != id);
    /* what was refused stored nothing and may be tried again; a key is printable */
    who = talloc_asprintf(cx, "%sIdempotency-Key: k2\r\n", l.key);
    assert_int_equal(call("POST", "/api/projects", who, "{\"title\":5}"), 400);
    assert_int_equal(call("POST", "/api/projects", who, "{\"title\":\"five\"}"), 201);
    who = talloc_asprintf(cx, "%sIdempotency-Key: \r\n", l.key);
    assert_int_equal(call("POST", "/api/projects", who, "{\"title\":\"x\"}"), 400);
    /* a secret is shown once and not kept */
    who = talloc_asprintf(cx, "%sIdempotency-Key: k3\r\n", l.key);
    assert_int_equal(call("POST", "/api/tokens", who, "{\"name\":\"s\"}"), 201);
    assert_int_equal(
        count_of(cx, "SELECT COUNT(*) FROM idem WHERE name = 'k3' AND principal > ?", 0), 0);
}

/* ---- the work -------------------------------------------------------------------------- */

static void work_goes_from_lease_to_export(void **state)
{
    struct ctx *cx = *state;
    struct lab l = a_lab(cx);
    char *ann = key_of(cx, a_member(cx, l.org, l.project, ROLE_ANNOTATOR), 0);
    char *second = key_of(cx, a_member(cx, l.org, l.project, ROLE_ANNOTATOR), 0);
    int64_t lease, task, annotation;

    assert_int_equal(call("POST", path("/api/projects/%lld/leases", l.project), ann, "{\"n\":3}"),
                     204);
    assert_non_null(strstr(text, "X-Annotary-Reason: none"));
    import(&l, 2);
    assert_int_equal(call("GET", path("/api/projects/%lld/work", l.project), ann, NULL), 200);
    assert_int_equal(call("POST", path("/api/projects/%lld/leases", l.project), ann, "{\"n\":4}"),
                     400);
    assert_int_equal(call("POST", path("/api/projects/%lld/leases", l.project), ann, "{\"n\":1}"),
                     200);
    assert_int_equal(json_array_size(last), 1);
    lease = json_integer_value(json_object_get(at(0), "lease"));
    task = json_integer_value(json_object_get(json_object_get(at(0), "task"), "id"));
    assert_string_equal(json_string_value(json_object_get(
        json_object_get(json_object_get(at(0), "task"), "data"), "text")), "t0");

    assert_int_equal(call("POST", path("/api/leases/%lld/heartbeat", lease), ann, "{\"epoch\":1}"),
                     200);
    assert_int_equal(call("POST", path("/api/leases/%lld/heartbeat", lease), ann, "{\"epoch\":2}"),
                     409);
    assert_int_equal(
        call("POST", path("/api/leases/%lld/heartbeat", lease), second, "{\"epoch\":1}"), 404);

    assert_int_equal(call("PUT", path("/api/leases/%lld/draft", lease), ann,
                          "{\"epoch\":1,\"counter\":2,\"result\":[{\"x\":1.50}]}"), 200);
    assert_int_equal(call("PUT", path("/api/leases/%lld/draft", lease), ann,
                          "{\"epoch\":1,\"counter\":1,\"result\":[]}"), 409);
    assert_non_null(strstr(text, "\"result\":[{\"x\":1.50}]"));

    assert_int_equal(
        call("POST", path("/api/leases/%lld/submit", lease), ann,
             "{\"epoch\":1,\"result\":[{\"from_name\":\"c\",\"to_name\":\"t\",\"type\":"
             "\"choices\",\"value\":{\"choices\":[\"z\"]}}]}"),
        400);
    assert_non_null(json_object_get(last, "fields"));
    assert_int_equal(
        call("POST", path("/api/leases/%lld/submit", lease), ann,
             "{\"epoch\":1,\"unique_id\":\"u1\",\"active_ms\":1200,\"result\":[{\"id\":\"r1\","
             "\"from_name\":"
             "\"c\",\"to_name\":\"t\",\"type\":\"choices\",\"score\":1.50,\"value\":{\"choices\":"
             "[\"a\"]}}]}"),
        200);
    annotation = number("annotation");
    assert_true(json_is_true(json_object_get(last, "counted")));

    /* blind: the second annotator sees nothing of it, the owner the bytes as they were sent */
    assert_int_equal(call("GET", path("/api/annotations/%lld", annotation), second, NULL), 404);
    assert_int_equal(call("GET", path("/api/annotations/%lld/revisions", annotation), second, NULL),
                     404);
    assert_int_equal(call("GET", path("/api/tasks/%lld/annotations/", task), second, NULL), 200);
    assert_int_equal(json_array_size(last), 0);
    assert_int_equal(call("GET", path("/api/annotations/%lld", annotation), l.key, NULL), 200);
    assert_non_null(strstr(text, "\"score\":1.50"));
    assert_non_null(strstr(text, "ETag: \"1\""));

    /* an edit says what it saw */
    assert_int_equal(call("PATCH", path("/api/annotations/%lld", annotation),
                          talloc_asprintf(cx, "%sIf-Match: \"7\"\r\n", l.key), "{\"result\":[]}"),
                     412);
    assert_int_equal(call("PATCH", path("/api/annotations/%lld", annotation),
                          talloc_asprintf(cx, "%sIf-Match: \"1\"\r\n", l.key),
                          "{\"ground_truth\":true}"),
                     200);

    assert_int_equal(call("GET", path("/api/projects/%lld/next", l.project), second, NULL), 200);
    assert_int_equal(
        call("GET", path("/api/projects/%lld/export?exportType=JSON", l.project), l.key, NULL),
        200);
    assert_non_null(strstr(text, "Content-Disposition: attachment; filename="));
    assert_non_null(strstr(text, "1.50"));
    assert_int_equal(
        call("GET", path("/api/projects/%lld/export?exportType=COCO", l.project), l.key, NULL),
        400);
    assert_int_equal(call("GET", path("/api/projects/%lld/export", l.project), ann, NULL), 403);
    assert_int_equal(call("GET", path("/api/projects/%lld/agreement", l.project), ann, NULL), 403);
    assert_int_equal(call("GET", path("/api/projects/%lld/agreement", l.project), l.key, NULL),
                     200);
}

/* ---- data in --------------------------------------------------------------------------- */

static int wait_job(struct lab *l, int64_t job)
{
    for (int i = 0; i < 400; i++) {
        assert_int_equal(call("GET", path("/api/jobs/%lld", job), l->key, NULL), 200);
        if (strcmp(word("state"), "done") == 0 || strcmp(word("state"), "failed") == 0)
            return strcmp(word("state"), "done") == 0;
        usleep(25000);
    }
    return -1;
}

static void a_file_comes_in_as_a_job_whole_or_not_at_all(void **state)
{
    struct ctx *cx = *state;
    struct lab l = a_lab(cx);
    char *who =
        talloc_asprintf(cx, "%sContent-Type: multipart/form-data; boundary=\"b b\"\r\n", l.key);

    assert_int_equal(
        call("POST", path("/api/projects/%lld/imports", l.project), who,
             "--b b\r\nContent-Disposition: form-data; name=\"priority\"\r\n\r\n3\r\n"
             "--b b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n"
             "Content-Type: text/csv\r\n\r\ntext\r\none\r\n\"two\r\n--b\"\r\n\r\n--b b--\r\n"),
        202);
    assert_int_equal(wait_job(&l, number("job")), 1);
    assert_int_equal(number("done"), 2);
    assert_int_equal(call("POST", path("/api/projects/%lld/imports?name=b.jsonl", l.project), l.key,
                          "{\"text\":\"ok\"}\nnot json\n"), 202);
    assert_int_equal(wait_job(&l, number("job")), 0);
    assert_int_equal(json_integer_value(json_object_get(
        json_array_get(json_object_get(last, "errors"), 0), "line")), 2);
    assert_int_equal(call("GET", path("/api/projects/%lld", l.project), l.key, NULL), 200);
    assert_int_equal(number("task_number"), 2);

    /* not closed, empty, no name, two files */
    assert_int_equal(
        call("POST", path("/api/projects/%lld/imports", l.project), who,
             "--b b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx"),
        400);
    assert_int_equal(
        call("POST", path("/api/projects/%lld/imports", l.project), who, "--b b--\r\n"), 400);
    assert_int_equal(call("POST", path("/api/projects/%lld/imports", l.project), who, NULL), 400);
    assert_int_equal(call("POST", path("/api/projects/%lld/imports", l.project), who,
                          "--b b\r\nX: y\r\n\r\nx\r\n--b b--\r\n"), 400);
    assert_int_equal(
        call("POST", path("/api/projects/%lld/import", l.project), l.key, "[{\"data\":{}}, 3]"),
        400);
    assert_true(*word("detail"));
}

/* Label Studio's pagers go on until an empty page or a 404; the last page is never given twice. */
static void pages_end(void **state)
{
    struct ctx *cx = *state;
    struct lab l = a_lab(cx);
    char p[200];

    snprintf(p, sizeof p, "/api/tasks/?project=%lld&page=1", (long long)l.project);
    assert_int_equal(call("GET", p, l.key, NULL), 200);
    import(&l, 5);
    for (int page = 1; page <= 4; page++) {
        snprintf(p, sizeof p, "/api/tasks/?project=%lld&page=%d&page_size=2&fields=all",
                 (long long)l.project, page);
        assert_int_equal(call("GET", p, l.key, NULL), page <= 3 ? 200 : 404);
        if (page <= 3)
            assert_int_equal(json_array_size(json_object_get(last, "tasks")), page < 3 ? 2 : 1);
    }
    assert_int_equal(call("GET", "/api/projects/?page=1&page_size=10000000", l.key, NULL), 200);
    assert_int_equal(number("count"), 1);
    assert_int_equal(call("GET", "/api/projects/?page=2&page_size=10", l.key, NULL), 404);
    snprintf(p, sizeof p, "/api/projects/%lld/tasks?limit=1", (long long)l.project);
    assert_int_equal(call("GET", p, l.key, NULL), 200);
    snprintf(p, sizeof p, "{\"task\":%lld,\"result\":\"a\"}", (long long)number("next"));
    assert_int_equal(call("POST", "/api/predictions", l.key, p), 201);     /* the short form */
    assert_non_null(strstr(text, "\"from_name\":\"c\",\"to_name\":\"t\",\"type\":\"choices\""));
    /* our own list by cursor */
    snprintf(p, sizeof p, "/api/projects/%lld/tasks?limit=3", (long long)l.project);
    assert_int_equal(call("GET", p, l.key, NULL), 200);
    assert_int_equal(json_array_size(json_object_get(last, "results")), 3);
    snprintf(p, sizeof p, "/api/projects/%lld/tasks?limit=3&after=%lld", (long long)l.project,
             (long long)number("next"));
    assert_int_equal(call("GET", p, l.key, NULL), 200);
    assert_int_equal(json_array_size(json_object_get(last, "results")), 2);
    assert_true(json_is_null(json_object_get(last, "next")));
}

/* A body of megabytes: streamed to the spool in chunks, asked about before the first is written. */
static void a_large_upload_is_streamed_and_a_stranger_writes_nothing(void **state)
{
    struct ctx *cx = *state;
    struct lab l = a_lab(cx);
    size_t rows = 8000;
    char *body = talloc_array(cx, char, (unsigned)(rows * 120 + 1)), *p = body;

    for (size_t i = 0; i < rows; i++)
        p += snprintf(p, 120, "{\"text\":\"line number %080zu\"}\n", i);
    assert_int_equal(
        call("POST", path("/api/projects/%lld/imports?name=x.jsonl", l.project), l.key, body), 202);
    assert_int_equal(wait_job(&l, number("job")), 1);
    assert_int_equal(number("done"), (int64_t)rows);
    assert_int_equal(call("POST", path("/api/projects/%lld/imports", l.project),
                          "Authorization: Token anno_1_nobody_x\r\n", body), 401);
    assert_int_equal(call("DELETE", path("/api/projects/%lld/tasks/", l.project), l.key, NULL),
                     204);
    assert_int_equal(call("GET", path("/api/projects/%lld", l.project), l.key, NULL), 200);
    assert_int_equal(number("task_number"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PEOPLE(the_first_owner_comes_in_by_the_link_and_by_nothing_else),
        PEOPLE(an_invitation_brings_in_one_person),
        PEOPLE(keys_come_in_by_three_headers_and_stop_when_revoked),
        PEOPLE(nothing_but_the_public_rows_answers_a_stranger),
        PEOPLE(what_belongs_to_others_is_not_there),
        PEOPLE(rubbish_is_refused_with_a_sentence_everywhere),
        PEOPLE(a_repeated_key_is_answered_from_what_was_kept),
        PEOPLE(work_goes_from_lease_to_export),
        PEOPLE(a_file_comes_in_as_a_job_whole_or_not_at_all),
        PEOPLE(pages_end),
        PEOPLE(a_large_upload_is_streamed_and_a_stranger_writes_nothing),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
