/*
 * load.c -- many clients of an Annotary server, one thread, epoll, keep-alive.
 *
 *   load PORT CLIENTS COUNT KIND SEED.json SECONDS
 *
 * KIND submit: each client submits through leases made beforehand (bench_acts
 * seed … leases), one after another.  KIND work: claims a task, submits it, and
 * so on.  Stops after COUNT answers or SECONDS.  Each client is a person of its
 * own with a key of its own, read from SEED.json (one object: "clients").
 * Prints one JSON object: answers, rate, percentiles in ms, what was lost.
 *
 * Lost: a request that got no answer, or another than 2xx.  Silent: the longest
 * time in which no client at all got an answer.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_MAX 1024
#define IN_MAX 16384

static const char RESULT[] =
    "[{\"id\":\"aaaaaaaaaa\",\"from_name\":\"c\",\"to_name\":\"t\",\"type\":\"choices\","
    "\"value\":{\"choices\":[\"yes\"]}},{\"id\":\"bbbbbbbbbb\",\"from_name\":\"why\",\"to_name\":"
    "\"t\","
    "\"type\":\"textarea\",\"value\":{\"text\":[\"because of what stands in the third line\"]}}]";

struct client {
    int fd;
    char token[96];
    long long lease, epoch;
    bool claiming;
    char in[IN_MAX], out[2048];
    size_t nin, nout, sent;
    int64_t begun_us;
};

static struct client *clients;
static int nclients, port;
static bool working;
static long long project, count, answered, refused, nothing;
static int64_t *latency, nlatency, cap, silent_us, last_us;

static int64_t now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void die(const char *why)
{
    fprintf(stderr, "load: %s\n", why);
    exit(1);
}

static void read_seed(const char *path)
{
    static char buf[1 << 20];
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(buf, 1, sizeof buf - 1, f) : 0;
    char *p;

    if (!n)
        die("no seed file");
    fclose(f);
    buf[n] = 0;
    if (sscanf(buf, "{\"project\":%lld", &project) != 1)
        die("the seed file names no project");
    p = strstr(buf, "\"clients\":");
    for (int i = 0; i < nclients; i++) {
        p = p ? strstr(p, "{\"token\":\"") : NULL;
        if (!p || sscanf(p, "{\"token\":\"%90[^\"]\",\"lease\":%lld", clients[i].token,
                         &clients[i].lease) != 2)
            die("the seed file has too few clients");
        p++;
    }
}

static void compose(struct client *c)
{
    char body[1024], path[96];
    int n;

    if (working && c->epoch == 0) {
        c->claiming = true;
        snprintf(path, sizeof path, "/api/projects/%lld/leases", project);
        n = snprintf(body, sizeof body, "{\"n\":1,\"have\":[]}");
    } else {
        c->claiming = false;
        snprintf(path, sizeof path, "/api/leases/%lld/submit", c->lease);
        n = snprintf(
            body, sizeof body,
            "{\"epoch\":%lld,\"active_ms\":4000,\"unique_id\":\"load-%lld\",\"result\":%s}",
            working ? c->epoch : 1, c->lease, RESULT);
        if (!working)
            c->lease++;
    }
    c->nout =
        (size_t)snprintf(c->out, sizeof c->out,
                         "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Token %s\r\n"
                         "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
                         path, port, c->token, n, body);
    c->sent = c->nin = 0;
    c->begun_us = now_us();
}

/* All of a request fits the socket's buffer; a partial send is finished at once or waited for. */
static void flush(struct client *c)
{
    while (c->sent < c->nout) {
        ssize_t k = send(c->fd, c->out + c->sent, c->nout - c->sent, MSG_NOSIGNAL);

        if (k < 0 && errno == EAGAIN)
            continue;
        if (k <= 0)
            die("the server closed a connection");
        c->sent += (size_t)k;
    }
}

static void learn(struct client *c, int status, const char *body)
{
    const char *p;

    if (!working)
        return;
    if (c->claiming) {
        c->epoch = 0;
        if (status == 200 && (p = strstr(body, "\"lease\":"))) {
            c->lease = atoll(p + 8);
            p = strstr(p, "\"epoch\":");
            c->epoch = p ? atoll(p + 8) : 1;
        } else {
            nothing++;
        }
    } else {
        c->epoch = 0;
    }
}

/* A whole answer in the buffer?  Its length, 0 when more must come. */
static size_t whole(struct client *c, int *status, const char **body)
{
    char *end = memmem(c->in, c->nin, "\r\n\r\n", 4), *p;
    size_t head, length = 0;

    if (!end)
        return 0;
    head = (size_t)(end - c->in) + 4;
    c->in[c->nin] = 0;
    *status = atoi(c->in + 9);
    if ((p = strcasestr(c->in, "Content-Length:")) && p < end)
        length = (size_t)atoll(p + 15);
    *body = c->in + head;
    return c->nin >= head + length ? head + length : 0;
}

static void note(struct client *c, int status)
{
    int64_t now = now_us();

    if (now - last_us > silent_us)
        silent_us = now - last_us;
    last_us = now;
    answered++;
    if (status >= 300 || status < 200)
        refused++;
    if (!c->claiming && nlatency < cap)
        latency[nlatency++] = now - c->begun_us;
}

static void receive(struct client *c)
{
    const char *body;
    ssize_t k = recv(c->fd, c->in + c->nin, IN_MAX - 1 - c->nin, 0);
    int status;

    if (k < 0 && errno == EAGAIN)
        return;
    if (k <= 0)
        die("the server closed a connection");
    c->nin += (size_t)k;
    if (!whole(c, &status, &body)) {
        if (c->nin >= IN_MAX - 1)
            die("an answer is too long");
        return;
    }
    note(c, status);
    learn(c, status, body);
    compose(c);
    flush(c);
}

static void connect_all(int ep)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int one = 1;

    inet_pton(AF_INET, "127.0.0.1", &at.sin_addr);
    for (int i = 0; i < nclients; i++) {
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = &clients[i]};

        clients[i].fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(clients[i].fd, (struct sockaddr *)&at, sizeof at) != 0)
            die("cannot connect");
        setsockopt(clients[i].fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        fcntl(clients[i].fd, F_SETFL, O_NONBLOCK);
        epoll_ctl(ep, EPOLL_CTL_ADD, clients[i].fd, &e);
    }
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static double at(double q)
{
    return nlatency ? (double)latency[(int64_t)(q * (double)(nlatency - 1))] / 1000 : 0;
}

int main(int argc, char **argv)
{
    int ep = epoll_create1(0), n;
    struct epoll_event ev[256];
    int64_t began, until;

    if (argc != 7) {
        fputs("usage: bench_load PORT CLIENTS COUNT submit|work SEED.json SECONDS\n", stderr);
        return 2;
    }
    port = atoi(argv[1]);
    nclients = atoi(argv[2]);
    count = cap = atoll(argv[3]);
    working = strcmp(argv[4], "work") == 0;
    if (nclients < 1 || nclients > CLIENTS_MAX)
        die("1 to 1024 clients");
    clients = calloc((size_t)nclients, sizeof *clients);
    latency = calloc((size_t)cap + 1, sizeof *latency);
    read_seed(argv[5]);
    connect_all(ep);
    began = last_us = now_us();
    until = began + atoll(argv[6]) * 1000000;
    for (int i = 0; i < nclients; i++) {
        compose(&clients[i]);
        flush(&clients[i]);
    }
    while (answered < count && now_us() < until) {
        n = epoll_wait(ep, ev, 256, 1000);
        for (int i = 0; i < n; i++)
            receive(ev[i].data.ptr);
        if (n == 0 && now_us() - last_us > 10000000)
            break;
    }
    until = now_us();
    if (until - last_us > silent_us)
        silent_us = until - last_us;
    qsort(latency, (size_t)nlatency, sizeof *latency, compare);
    printf(
        "{\"answered\":%lld,\"submits\":%lld,\"seconds\":%.3f,\"rate\":%.1f,\"submit_rate\":%.1f,"
        "\"p50_ms\":%.3f,\"p90_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,\"refused\":%lld,"
        "\"nothing\":%lld,\"unanswered\":%d,\"silent_ms\":%.1f}\n",
        answered, (long long)nlatency, (double)(until - began) / 1e6,
        (double)answered / ((double)(until - began) / 1e6),
        (double)nlatency / ((double)(until - began) / 1e6), at(.5), at(.9), at(.99), at(1), refused,
        nothing, answered < count && now_us() - last_us > 5000000 ? nclients : 0,
        (double)silent_us / 1000);
    return 0;
}
