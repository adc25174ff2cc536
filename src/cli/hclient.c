/* hclient.c -- see hclient.h.  All of libcurl is behind this page. */
#include "cli/hclient.h"
#include "core/str.h"

#include <curl/curl.h>
#include <pthread.h>
#include <time.h>

#define BUSY_TRIES 50
#define BUSY_MS 200
#define CALL_SECONDS 60L

struct hclient {
    CURL *curl;
    int port;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static int close_curl(struct hclient *h)
{
    curl_easy_cleanup(h->curl);
    return 0;
}

struct hclient *hclient_new(struct ctx *cx, int port)
{
    struct hclient *h = NEW(cx, struct hclient);

    pthread_once(&once, start_curl);
    h->port = port;
    h->curl = curl_easy_init();
    talloc_set_destructor(h, close_curl);
    return h;
}

static size_t take(char *data, size_t size, size_t n, void *arg)
{
    struct buf *b = arg;

    return buf_add(b, data, size * n) < 0 ? 0 : size * n;
}

static struct curl_slist *head(struct ctx *cx, struct curl_slist *list, const char *name,
                               const char *value)
{
    return value ? curl_slist_append(list, talloc_asprintf(cx->mem, "%s: %s", name, value)) : list;
}

static struct curl_slist *heads(struct ctx *cx, const struct hcall *call)
{
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");

    if (call->token)
        list = head(cx, list, "Authorization", talloc_asprintf(cx->mem, "Token %s", call->token));
    if (call->body)
        list = head(cx, list, "Content-Type", call->type ? call->type : "application/json");
    return head(cx, list, "Idempotency-Key", call->key);
}

static int call_once(struct ctx *cx, struct hclient *h, const struct hcall *call,
                     struct hanswer *out)
{
    struct curl_slist *list = heads(cx, call);
    struct buf b;
    long status = 0;
    CURLcode rc;

    buf_init(&b, cx, HCLIENT_ANSWER_BYTES);
    curl_easy_reset(h->curl);
    curl_easy_setopt(h->curl, CURLOPT_URL,
                     talloc_asprintf(cx->mem, "http://127.0.0.1:%d%s", h->port, call->path));
    curl_easy_setopt(h->curl, CURLOPT_CUSTOMREQUEST, call->method);
    curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(h->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h->curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(h->curl, CURLOPT_TIMEOUT, CALL_SECONDS);
    curl_easy_setopt(h->curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(h->curl, CURLOPT_WRITEDATA, &b);
    if (call->body) {
        curl_easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->nbody);
        curl_easy_setopt(h->curl, CURLOPT_POSTFIELDS, call->body);
    }
    rc = curl_easy_perform(h->curl);
    curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(list);
    if (b.rc < 0)
        return fail(cx, E_TOOBIG, "%s %s: the answer is too long.", call->method, call->path);
    if (rc != CURLE_OK)
        return fail(cx, E_IO, "%s %s: %s.", call->method, call->path, curl_easy_strerror(rc));
    *out = (struct hanswer){.status = (int)status, .body = b.s ? b.s : "", .n = b.n};
    return 0;
}

int hclient_call(struct ctx *cx, struct hclient *h, const struct hcall *call, struct hanswer *out)
{
    const struct timespec wait = {.tv_nsec = BUSY_MS * 1000000L};
    int rc = 0;

    for (int i = 0; i < BUSY_TRIES; i++) {
        if ((rc = call_once(cx, h, call, out)) < 0 || (out->status != 429 && out->status != 503))
            return rc;
        nanosleep(&wait, NULL);
    }
    return rc;
}

int hclient_json(struct ctx *cx, struct hclient *h, const char *token, const char *method,
                 const char *path, json_t *body, int want, json_t **out)
{
    const char *text = body ? json_text(cx, json_keep(cx, body)) : NULL;
    struct hcall call = {.method = method, .path = path, .token = token, .body = text,
                         .nbody = text ? strlen(text) : 0};
    struct hanswer a;
    json_t *v = NULL;
    int rc = hclient_call(cx, h, &call, &a);

    if (rc < 0)
        return rc;
    if (a.n && (rc = json_read(cx, a.body, a.n, &v)) < 0)
        return fail(cx, E_INVALID, "%s %s: the answer (%d) is not JSON.", method, path, a.status);
    if (a.status != want)
        return fail(cx, E_INVALID, "%s %s: %d instead of %d: %s", method, path, a.status, want,
                    json_str(v, "detail", "no reason was given."));
    if (out)
        *out = v;
    return 0;
}
