/* unit_http.h -- a small HTTP client over plain sockets, for tests of the server. */
#ifndef UNIT_HTTP_H
#define UNIT_HTTP_H

#include "unit.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static int unit_port;                   /* of the server under test */
static char text[4 * 1024 * 1024];      /* the last answer */

static inline int dial(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)unit_port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    assert_ok(connect(fd, (struct sockaddr *)&a, sizeof a));
    return fd;
}

static inline void say_n(int fd, const char *s, size_t n)
{
    while (n > 0) {
        ssize_t k = send(fd, s, n, MSG_NOSIGNAL);

        if (k <= 0)
            return;             /* the server may close early: the answer tells */
        s += k;
        n -= (size_t)k;
    }
}

static inline void say(int fd, const char *s)
{
    say_n(fd, s, strlen(s));
}

/* Up to `size` bytes, the end, or `ms` of silence.  NUL-terminated. */
static inline size_t hear(int fd, char *to, size_t size, int ms)
{
    size_t n = 0;
    struct pollfd p = { .fd = fd, .events = POLLIN };

    while (n + 1 < size && poll(&p, 1, ms) > 0) {
        ssize_t k = recv(fd, to + n, size - 1 - n, 0);

        if (k <= 0)
            break;
        n += (size_t)k;
    }
    to[n] = 0;
    return n;
}

/* One request on a connection of its own; the whole answer. */
static inline const char *ask_n(const char *request, size_t n)
{
    int fd = dial();

    say_n(fd, request, n);
    hear(fd, text, sizeof text, 20000);
    close(fd);
    return text;
}

static inline const char *ask(const char *request)
{
    return ask_n(request, strlen(request));
}

static inline int status_of(const char *answer)
{
    return strncmp(answer, "HTTP/1.", 7) == 0 ? atoi(answer + 9) : 0;
}

static inline const char *body_of(const char *answer)
{
    const char *p = strstr(answer, "\r\n\r\n");

    return p ? p + 4 : "";
}

#endif
