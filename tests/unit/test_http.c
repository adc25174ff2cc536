/* test_http.c -- the server over real sockets: framing, limits, deadlines, bounds, the router. */
#include "unit.h"

#include "unit_http.h"

#include <pthread.h>
#include <stdatomic.h>

#include "core/clock.h"
#include "core/json.h"
#include "http/field.h"
#include "http/openapi.h"
#include "http/reply.h"
#include "http/route.h"
#include "http/server.h"
#include "http/stream.h"

/* ---- a small application to test with -------------------------------------------------- */

static atomic_int gate = 1;             /* 0: `wait` holds its worker */

static int h_fast(struct rq *r)
{
    return reply_text(r, 200, "fast");
}

static int h_echo(struct rq *r)
{
    return reply_bytes(r, 200, "application/octet-stream", r->body ? r->body : "", r->nbody);
}

static int h_wait(struct rq *r)
{
    while (!atomic_load(&gate))
        usleep(1000);
    return reply_text(r, 200, "waited");
}

static int h_id(struct rq *r)
{
    return reply_json(r, 200,
                      json_pack("{s:I, s:s}", "id", (json_int_t)r->id[0], "part", r->part[0]));
}

static int h_fields(struct rq *r)
{
    struct field f;
    const char *title = "none";
    int64_t overlap = 1;
    bool show = false;

    if (field_body(r, &f) < 0)
        return f.rc;
    field_need(&f, "title");
    field_str(&f, "title", &title);
    field_int(&f, "overlap", 1, 10, &overlap);
    field_flag(&f, "show", &show);
    if (f.rc < 0)
        return f.rc;
    return reply_json(r, 200, json_pack("{s:s, s:I, s:b}", "title", title, "overlap",
                                        (json_int_t)overlap, "show", show));
}

static int pieces(struct rq *r, struct ctx *cx, struct pipe *to)
{
    int64_t n = query_int(r, "pieces", 3);
    char line[128];
    int rc = 0;

    for (int64_t i = 0; i < n * 1000 && rc >= 0; i++) {
        snprintf(line, sizeof line, "%099lld\n", (long long)i);
        rc = pipe_write(cx, to, line, 100);
    }
    return rc;
}

static int h_stream(struct rq *r)
{
    reply_attachment(r, "caf\xc3\xa9 \"x\".json");
    return reply_stream(r, "application/json", pieces);
}

static int broken(struct rq *r, struct ctx *cx, struct pipe *to)
{
    int rc = pieces(r, cx, to);

    return rc < 0 ? rc
                  : fail(cx, query_flag(r, "early", false) ? E_INVALID : E_INTERNAL, "no more");
}

static int h_broken(struct rq *r)
{
    return reply_stream(r, "text/plain", broken);
}

static int h_query(struct rq *r)
{
    const char *q = query_str(r, "q");

    return reply_text(r, 200, q ? q : "");
}

static const struct route app[] = {
#define R(m, path, kind, act, body) \
    { M_##m, path, ON_NOTHING, MAY_PUBLIC, ROUTE_##kind, NULL, act, body, "test" }
    R(GET, "/api/fast", LOOP, h_fast, 0),
    R(GET, "/api/plain/", PLAIN, h_fast, 0),
    R(POST, "/api/echo", PLAIN, h_echo, 1000000),
    R(GET, "/api/wait", PLAIN, h_wait, 0),
    R(GET, "/api/things/{id}", PLAIN, h_id, 0),
    R(PUT, "/api/things/{id}", PLAIN, h_id, 0),
    R(GET, "/api/things/all", PLAIN, h_fast, 0),
    R(GET, "/api/things/{id}/parts/{name}", PLAIN, h_id, 0),
    R(POST, "/api/fields", PLAIN, h_fields, 10000),
    R(GET, "/api/stream", PLAIN, h_stream, 0),
    R(GET, "/api/broken", PLAIN, h_broken, 0),
    R(GET, "/api/query", PLAIN, h_query, 0),
#undef R
};

static struct server *srv;
static pthread_t srv_thread;

static void *serve(void *arg)
{
    server_loop(arg);
    return NULL;
}

static void start_with(struct ctx *cx, struct server_opts o)
{
    o.routes = app;
    o.nroutes = (int)(sizeof app / sizeof app[0]);
    assert_ok(server_open(cx, &o, NULL, &srv));
    unit_port = server_port(srv);
    pthread_create(&srv_thread, NULL, serve, srv);
}

static void stop(void)
{
    if (!srv)
        return;
    server_stop(srv);
    pthread_join(srv_thread, NULL);
    server_close(srv);
    srv = NULL;
}

static int setup(void **state)
{
    unit_setup(state);
    start_with(*state,
               (struct server_opts){.per_ip = 5000, .header_ms = 600, .body_grace_ms = 600});
    return 0;
}

static int teardown(void **state)
{
    atomic_store(&gate, 1);
    stop();
    return unit_teardown(state);
}

#define SERVED(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#define GET(path) ask("GET " path " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

static int count_of(const char *s, const char *part)
{
    int n = 0;

    while ((s = strstr(s, part))) {
        n++;
        s += strlen(part);
    }
    return n;
}

/* ---- the router ------------------------------------------------------------------------ */

static void a_path_is_served_with_and_without_its_last_slash(void **state)
{
    (void)state;
    assert_string_equal(body_of(GET("/api/fast")), "fast");
    assert_string_equal(body_of(GET("/api/fast/")), "fast");
    assert_string_equal(body_of(GET("/api/plain")), "fast");
    assert_string_equal(body_of(GET("/api/plain/")), "fast");
    assert_int_equal(status_of(GET("/api//fast")), 404);
}

static void a_number_is_a_number_and_a_fixed_word_wins(void **state)
{
    (void)state;
    assert_non_null(strstr(GET("/api/things/12"), "{\"id\":12"));
    assert_string_equal(body_of(GET("/api/things/all")), "fast");
    assert_int_equal(status_of(GET("/api/things/twelve")), 404);
    assert_int_equal(status_of(GET("/api/things/-1")), 404);
    assert_int_equal(status_of(GET("/api/things/99999999999999999999999")), 404);
    assert_int_equal(status_of(GET("/api/things/1/parts/a%20b")), 200);
    assert_int_equal(status_of(GET("/api/things/1/parts")), 404);
}

static void an_unknown_path_is_a_clean_404(void **state)
{
    (void)state;
    const char *a = GET("/api/nothing/here");

    assert_int_equal(status_of(a), 404);
    assert_non_null(strstr(a, "{\"detail\":\"Not found.\""));
    assert_non_null(strstr(a, "application/json"));
    assert_non_null(strstr(a, "\"request_id\""));
}

static void a_wrong_method_is_told_the_right_ones(void **state)
{
    (void)state;
    const char *a = ask("DELETE /api/things/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

    assert_int_equal(status_of(a), 405);
    assert_non_null(strstr(a, "Allow: GET, HEAD, PUT\r\n"));
    a = ask("BREW /api/things/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_int_equal(status_of(a), 405);
}

static void head_is_get_without_a_body(void **state)
{
    (void)state;
    const char *a = ask("HEAD /api/fast HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

    assert_int_equal(status_of(a), 200);
    assert_non_null(strstr(a, "Content-Length: 4"));
    assert_string_equal(body_of(a), "");
    a = ask("HEAD /api/stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_int_equal(status_of(a), 200);
    assert_string_equal(body_of(a), "");
}

static void odd_paths_are_refused_and_touch_no_file(void **state)
{
    static const char *const odd[] = {
        "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2f..%2fetc%2fpasswd",
        "/assets/%00", "/api/%ff%fe", "/%c0%ae%c0%ae/", "/..\\..\\x", "/%5c..%5cx", "/a%0d%0ab",
        "/api/query?q=%00", "/api/query?q=%ff", "/api/query?q=%2", "/api/%zz", "/..", "/./x",
        "/etc/passwd.", "/static//x.js", "/assets/none.js",
    };
    char request[300];

    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        int status;

        snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                 odd[i]);
        status = status_of(ask(request));
        if (status != 400 && status != 404)
            print_error("%s: %d\n", odd[i], status);
        assert_true(status == 400 || status == 404);
    }
}

static void query_values_are_decoded(void **state)
{
    (void)state;
    assert_string_equal(body_of(GET("/api/query?q=a+b%2Bc%C3%A9")), "a b+c\xc3\xa9");
    assert_string_equal(body_of(GET("/api/query?x=1&q=")), "");
}

/* ---- strictness ------------------------------------------------------------------------ */

static void ambiguous_framing_is_refused_and_the_connection_closed(void **state)
{
    static const char *const bad[] = {
        "POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        "POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: "
        "chunked\r\n\r\n"
        "5\r\nhello\r\n0\r\n\r\n",
        "POST /api/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
        "5\r\nhello\r\n0\r\n\r\n",
        "POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nhello",
        "POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 5\r\n\r\nhello",
        "GET /api/fast HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET /api/fast HTTP/1.1\r\nHost: x y\r\n\r\n",
        "GET /api/fast HTTP/1.1\r\nHost: <script>\r\n\r\n",
        "GET /api/fast HTTP/1.1\r\n\r\n",
        "GET /api/fast HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n",
        "GET /api/fast HTTP/1.1\r\nHost: x\r\nA(b): c\r\n\r\n",
        "GET /api/fast HTTP/1.1\r\nHost: x\r\nIf-Match: 1\r\nIf-Match: 2\r\n\r\n",
        "GET /api/fast HTTP/2.0\r\nHost: x\r\n\r\n",
    };
    char request[1000];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const char *a;
        int status;

        /* what follows must never be taken for a request of its own */
        snprintf(request, sizeof request, "%sGET /api/fast HTTP/1.1\r\nHost: x\r\n\r\n", bad[i]);
        a = ask(request);
        status = status_of(a);
        if ((status != 400 && status != 505 && status != 0) || strstr(a, "fast"))
            print_error("%zu: %s\n%s\n", i, bad[i], a);
        assert_true(status == 400 || status == 505 || status == 0);
        assert_null(strstr(a, "\r\n\r\nfast"));
    }
}

static void oversized_heads_are_refused(void **state)
{
    size_t n = 0;

    (void)state;
    char *big = test_malloc(200000);

    n = (size_t)snprintf(big, 200000, "GET /api/query?q=");
    memset(big + n, 'a', 9000);
    snprintf(big + n + 9000, 100, "%s", " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_true(status_of(ask(big)) == 400 || status_of(text) == 414);
    n = (size_t)snprintf(big, 200000, "GET /api/fast HTTP/1.1\r\nHost: x\r\n");
    for (int i = 0; i < 150; i++)
        n += (size_t)snprintf(big + n, 200000 - n, "X-%d: y\r\n", i);
    snprintf(big + n, 200000 - n, "\r\n");
    assert_int_equal(status_of(ask(big)), 400);
    n = (size_t)snprintf(big, 200000, "GET /api/fast HTTP/1.1\r\nHost: x\r\nX: ");
    memset(big + n, 'a', 100000);
    snprintf(big + n + 100000, 100, "%s", "\r\n\r\n");
    assert_true(status_of(ask(big)) == 431 || status_of(text) == 413 || status_of(text) == 400 ||
                status_of(text) == 0);
    test_free(big);
    assert_int_equal(status_of(GET("/api/fast")), 200);
}

static void every_answer_carries_the_guarding_headers(void **state)
{
    (void)state;
    const char *a = GET("/api/fast");

    assert_non_null(strstr(a, "X-Content-Type-Options: nosniff\r\n"));
    assert_non_null(strstr(a, "Cache-Control: no-store\r\n"));
    assert_non_null(strstr(a, "X-Request-Id: "));
    a = GET("/projects/1");
    assert_int_equal(status_of(a), 200);
    assert_non_null(strstr(a, "text/html"));
    assert_non_null(strstr(a, "require-trusted-types-for 'script'"));
    assert_non_null(strstr(a, "frame-ancestors 'none'"));
    assert_non_null(strstr(a, "Cross-Origin-Opener-Policy: same-origin"));
    assert_null(strstr(a, "unsafe-inline"));
}

static void a_file_name_cannot_break_out_of_its_header(void **state)
{
    (void)state;
    const char *a = GET("/api/stream?pieces=1");

    assert_non_null(strstr(a, "attachment; filename=\"caf__ _x_.json\"; "
                              "filename*=UTF-8''caf%C3%A9%20%22x%22.json"));
}

/* ---- bodies ---------------------------------------------------------------------------- */

static void bodies_arrive_whole_by_length_and_in_chunks(void **state)
{
    (void)state;
    assert_string_equal(body_of(ask("POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
                                    "Connection: close\r\n\r\nhello")), "hello");
    assert_string_equal(
        body_of(ask("POST /api/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                    "Connection: close\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n")),
        "hello");
}

static void a_large_body_comes_back_byte_for_byte(void **state)
{
    size_t n = 900000;
    char *big = test_malloc(n + 200);
    int k = snprintf(big, 200, "POST /api/echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                               "Content-Length: %zu\r\n\r\n", n);

    (void)state;
    for (size_t i = 0; i < n; i++)
        big[(size_t)k + i] = (char)('a' + i % 26);
    ask_n(big, (size_t)k + n);
    assert_int_equal(status_of(text), 200);
    assert_memory_equal(body_of(text), big + k, n);
    test_free(big);
}

static void a_body_over_the_limit_is_413_and_says_so(void **state)
{
    size_t n = 2000000;
    char *big = test_malloc(n + 200);
    int k;

    (void)state;
    memset(big, 'x', n + 200);
    k = snprintf(big, 200, "POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n"
                           "Connection: close\r\n\r\n", n);
    big[k] = 'x';
    ask_n(big, (size_t)k + n);
    assert_int_equal(status_of(text), 413);
    assert_non_null(strstr(text, "1000000 bytes"));
    k = snprintf(big, 200, "POST /api/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                           "Connection: close\r\n\r\n%zx\r\n", n - 300);
    big[k] = 'x';
    memcpy(big + k + n - 300, "\r\n0\r\n\r\n", 7);
    ask_n(big, (size_t)k + n - 300 + 7);
    assert_int_equal(status_of(text), 413);
    /* far too big to be read at all */
    assert_int_equal(status_of(ask("POST /api/echo HTTP/1.1\r\nHost: x\r\n"
                                   "Content-Length: 99999999999\r\n\r\nabc")), 413);
    test_free(big);
}

static void a_body_where_none_is_wanted_does_no_harm(void **state)
{
    (void)state;
    assert_string_equal(body_of(ask("GET /api/plain HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
                                    "Connection: close\r\n\r\nhello")), "fast");
}

static void errors_in_fields_come_all_at_once_with_their_paths(void **state)
{
    (void)state;
    const char *a = ask("POST /api/fields HTTP/1.1\r\nHost: x\r\nContent-Length: 29\r\n"
            "Connection: close\r\n\r\n{\"overlap\":99,\"show\":\"maybe\"}");
    assert_int_equal(status_of(a), 400);
    assert_non_null(strstr(a, "\"title\":\"This field is required.\""));
    assert_non_null(strstr(a, "\"overlap\":\"This must be between 1 and 10.\""));
    assert_non_null(strstr(a, "\"show\":\"This must be true or false.\""));
    assert_non_null(strstr(a, "\"code\":\"E_INVALID\""));
    a = ask(
        "POST /api/fields HTTP/1.1\r\nHost: x\r\nContent-Length: 42\r\nConnection: close\r\n\r\n"
        "{\"title\":\"t\",\"overlap\":\"3\",\"show\":\"True\"}  ");
    assert_non_null(strstr(a, "{\"title\":\"t\",\"overlap\":3,\"show\":true}"));
    a = ask("POST /api/fields HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: "
            "close\r\n\r\n[1,2]");
    assert_int_equal(status_of(a), 400);
    a = ask("POST /api/fields HTTP/1.1\r\nHost: x\r\nContent-Length: 23\r\nConnection: close\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n\r\ntitle=a%20b&overlap=2+ ");
    assert_int_equal(status_of(a), 400);
}

/* ---- connections ----------------------------------------------------------------------- */

static void a_connection_serves_many_requests(void **state)
{
    int fd = dial();

    (void)state;
    for (int i = 0; i < 50; i++) {
        say(fd, "GET /api/plain HTTP/1.1\r\nHost: x\r\n\r\n");
        memset(text, 0, 2000);
        for (size_t n = 0; !strstr(text, "\r\n\r\nfast");) {
            ssize_t k = recv(fd, text + n, sizeof text - 1 - n, 0);

            assert_true(k > 0);
            n += (size_t)k;
            text[n] = 0;
        }
        assert_int_equal(status_of(text), 200);
    }
    close(fd);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    int fd = dial();
    char request[200];

    (void)state;
    for (int i = 0; i < 100; i++) {
        snprintf(request, sizeof request, "GET /api/things/%d HTTP/1.1\r\nHost: x\r\n%s\r\n", i,
                 i == 99 ? "Connection: close\r\n" : "");
        say(fd, request);
    }
    hear(fd, text, sizeof text, 3000);
    close(fd);
    const char *p = text;

    for (int i = 0; i < 100; i++) {
        snprintf(request, sizeof request, "{\"id\":%d,", i);
        p = strstr(p, request);
        assert_non_null(p);
    }
    assert_int_equal(count_of(text, "HTTP/1.1 200"), 100);
}

static void a_slow_head_is_cut_off(void **state)
{
    int64_t begun = clock_mono_us();
    int fd = dial();
    char *p = text;

    (void)state;
    say(fd, "GET /api/fast HTTP/1.1\r\nHost: x\r\n");
    for (int i = 0; i < 40; i++) {      /* a byte now and then would keep a plain time-out at bay */
        struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

        say(fd, "X");
        if (poll(&poll_fd, 1, 100) > 0 && recv(fd, p, 1, 0) <= 0)
            break;
    }
    close(fd);
    assert_true(clock_mono_us() - begun < 2500000);
    assert_true(clock_mono_us() - begun > 500000);
}

static void a_slow_request_line_is_cut_off(void **state)
{
    int64_t begun = clock_mono_us();
    int fd = dial();

    (void)state;
    say(fd, "GET /api/fa");
    assert_int_equal(hear(fd, text, sizeof text, 4000), 0);
    close(fd);
    assert_true(clock_mono_us() - begun < 2500000);
}

static void a_slow_body_is_cut_off(void **state)
{
    int64_t begun = clock_mono_us();
    int fd = dial();

    (void)state;
    say(fd, "POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
    for (int i = 0; i < 60; i++) {
        struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

        say(fd, "x");
        if (poll(&poll_fd, 1, 100) > 0)
            break;
    }
    assert_int_equal(hear(fd, text, sizeof text, 1000), 0);
    close(fd);
    assert_true(clock_mono_us() - begun < 3000000);
    assert_int_equal(status_of(GET("/api/fast")), 200);
}

static void one_address_has_a_bounded_number_of_connections(void **state)
{
    int fds[20];

    stop();
    start_with(*state, (struct server_opts){ .per_ip = 8 });
    for (int i = 0; i < 20; i++)
        fds[i] = dial();
    usleep(100000);
    int answered = 0;

    for (int i = 0; i < 20; i++) {
        say(fds[i], "GET /api/fast HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        hear(fds[i], text, sizeof text, 300);
        answered += status_of(text) == 200;
        close(fds[i]);
    }
    assert_int_equal(answered, 8);
}

/* ---- bounds ---------------------------------------------------------------------------- */

static void full_queues_say_503_and_when_to_come_back(void **state)
{
    enum { N = 2200 };
    static int fds[N];
    int busy = 0, ok = 0;

    (void)state;
    atomic_store(&gate, 0);
    for (int i = 0; i < N; i++) {
        fds[i] = dial();
        say(fds[i], "GET /api/wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    }
    /* the loop itself stays free meanwhile */
    assert_int_equal(status_of(GET("/api/fast")), 200);
    usleep(300000);
    atomic_store(&gate, 1);
    for (int i = 0; i < N; i++) {
        hear(fds[i], text, sizeof text, 5000);
        if (status_of(text) == 503) {
            assert_non_null(strstr(text, "Retry-After: "));
            busy++;
        } else if (status_of(text) == 200) {
            ok++;
        }
        close(fds[i]);
    }
    assert_int_equal(ok + busy, N);
    assert_true(busy >= N - 2048 - 8 - 200 && busy > 0);
    assert_true(ok >= 2048);
}

static void a_client_that_leaves_while_its_request_waits_harms_nobody(void **state)
{
    (void)state;
    atomic_store(&gate, 0);
    for (int i = 0; i < 50; i++) {
        int fd = dial();

        say(fd, "GET /api/wait HTTP/1.1\r\nHost: x\r\n\r\n");
        if (i % 2)
            usleep(1000);
        close(fd);
    }
    atomic_store(&gate, 1);
    assert_string_equal(body_of(GET("/api/wait")), "waited");
}

static void a_stop_answers_what_is_under_way(void **state)
{
    int fd = dial();

    (void)state;
    atomic_store(&gate, 0);
    say(fd, "GET /api/wait HTTP/1.1\r\nHost: x\r\n\r\n");
    usleep(50000);
    server_stop(srv);
    usleep(50000);
    atomic_store(&gate, 1);
    hear(fd, text, sizeof text, 3000);
    assert_non_null(strstr(text, "waited"));
    close(fd);
}

static void a_stop_does_not_wait_for_idle_connections(void **state)
{
    int64_t begun = clock_mono_us();
    int fd = dial(), half = dial();

    (void)state;
    say(fd, "GET /api/fast HTTP/1.1\r\nHost: x\r\n\r\n");
    say(half, "POST /api/echo HTTP/1.1\r\nHo");
    usleep(50000);
    stop();
    assert_true(clock_mono_us() - begun < 3000000);
    close(fd);
    close(half);
}

static void streams_come_whole_in_bounded_pieces(void **state)
{
    int fd = dial();
    size_t n = 0, all = 0;
    ssize_t k;

    (void)state;
    say(fd, "GET /api/stream?pieces=200 HTTP/1.0\r\nHost: x\r\n\r\n");
    while ((k = recv(fd, text, sizeof text - 1, 0)) > 0) {
        if (n++ < 3)
            usleep(20000);              /* slower than the worker */
        all += (size_t)k;
    }
    close(fd);
    assert_true(all >= 200 * 100000 && all < 200 * 100000 + 2000);
    /* and a client that goes away in the middle leaves nothing behind */
    for (int i = 0; i < 20; i++) {
        fd = dial();
        say(fd, "GET /api/stream?pieces=1000 HTTP/1.1\r\nHost: x\r\n\r\n");
        recv(fd, text, 1000, 0);
        close(fd);
    }
    assert_int_equal(status_of(GET("/api/fast")), 200);
}

static void a_stream_that_breaks_is_cut_not_ended(void **state)
{
    const char *a = GET("/api/broken?pieces=20");

    (void)state;
    assert_int_equal(status_of(a), 200);
    assert_null(strstr(a, "\r\n0\r\n\r\n"));        /* the last chunk never came */
    a = GET("/api/broken?pieces=0&early=1");        /* nothing was sent yet: a proper error */
    assert_int_equal(status_of(a), 400);
    assert_non_null(strstr(a, "\"detail\":\"no more\""));
}

struct crowd {
    int n, good;
};

static void *crowd_client(void *arg)
{
    struct crowd *c = arg;
    char answer[2000];
    int fd = dial();

    for (int i = 0; i < c->n; i++) {
        size_t n = 0;

        say(fd, "POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
        answer[0] = 0;
        while (!strstr(answer, "{\"a\":1}")) {
            ssize_t k = recv(fd, answer + n, sizeof answer - 1 - n, 0);

            if (k <= 0)
                break;
            n += (size_t)k;
            answer[n] = 0;
        }
        c->good += strstr(answer, "{\"a\":1}") != NULL;
    }
    close(fd);
    return NULL;
}

static void a_crowd_loses_no_request(void **state)
{
    pthread_t threads[16];
    struct crowd crowds[16];
    int good = 0;

    (void)state;
    for (int i = 0; i < 16; i++) {
        crowds[i] = (struct crowd){ .n = 200 };
        pthread_create(&threads[i], NULL, crowd_client, &crowds[i]);
    }
    for (int i = 0; i < 16; i++) {
        pthread_join(threads[i], NULL);
        good += crowds[i].good;
    }
    assert_int_equal(good, 16 * 200);
}

/* ---- start ----------------------------------------------------------------------------- */

static void plain_http_stays_on_this_machine(void **state)
{
    struct ctx *cx = *state;
    struct server *s;
    struct server_opts o = { .address = "0.0.0.0", .routes = app, .nroutes = 1 };

    assert_int_equal(server_open(cx, &o, NULL, &s), E_INVALID);
    assert_says(cx, "--behind-proxy");
    o.address = "example";
    assert_int_equal(server_open(cx, &o, NULL, &s), E_INVALID);
}

static void a_busy_port_is_told_or_the_next_one_taken(void **state)
{
    struct ctx *cx = *state;
    struct server *s;
    struct server_opts o = { .port = server_port(srv), .routes = app, .nroutes = 1 };

    assert_int_equal(server_open(cx, &o, NULL, &s), E_EXISTS);
    o.next_port = true;
    assert_ok(server_open(cx, &o, NULL, &s));
    assert_true(server_port(s) > server_port(srv));
    server_close(s);
}

static void the_table_is_printed_as_openapi(void **state)
{
    json_t *o = openapi(app, (int)(sizeof app / sizeof app[0]));
    json_t *paths = json_object_get(o, "paths");

    (void)state;
    assert_string_equal(json_string_value(json_object_get(o, "openapi")), "3.1.0");
    assert_non_null(json_object_get(json_object_get(paths, "/api/things/{id}"), "put"));
    assert_non_null(json_object_get(json_object_get(paths, "/api/echo"), "post"));
    json_decref(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(a_path_is_served_with_and_without_its_last_slash),
        SERVED(a_number_is_a_number_and_a_fixed_word_wins),
        SERVED(an_unknown_path_is_a_clean_404),
        SERVED(a_wrong_method_is_told_the_right_ones),
        SERVED(head_is_get_without_a_body),
        SERVED(odd_paths_are_refused_and_touch_no_file),
        SERVED(query_values_are_decoded),
        SERVED(ambiguous_framing_is_refused_and_the_connection_closed),
        SERVED(oversized_heads_are_refused),
        SERVED(every_answer_carries_the_guarding_headers),
        SERVED(a_file_name_cannot_break_out_of_its_header),
        SERVED(bodies_arrive_whole_by_length_and_in_chunks),
        SERVED(a_large_body_comes_back_byte_for_byte),
        SERVED(a_body_over_the_limit_is_413_and_says_so),
        SERVED(a_body_where_none_is_wanted_does_no_harm),
        SERVED(errors_in_fields_come_all_at_once_with_their_paths),
        SERVED(a_connection_serves_many_requests),
        SERVED(pipelined_requests_are_answered_in_order),
        SERVED(a_slow_head_is_cut_off),
        SERVED(a_slow_request_line_is_cut_off),
        SERVED(a_slow_body_is_cut_off),
        SERVED(one_address_has_a_bounded_number_of_connections),
        SERVED(full_queues_say_503_and_when_to_come_back),
        SERVED(a_client_that_leaves_while_its_request_waits_harms_nobody),
        SERVED(a_stop_answers_what_is_under_way),
        SERVED(a_stop_does_not_wait_for_idle_connections),
        SERVED(streams_come_whole_in_bounded_pieces),
        SERVED(a_stream_that_breaks_is_cut_not_ended),
        SERVED(a_crowd_loses_no_request),
        SERVED(plain_http_stays_on_this_machine),
        SERVED(a_busy_port_is_told_or_the_next_one_taken),
        SERVED(the_table_is_printed_as_openapi),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
