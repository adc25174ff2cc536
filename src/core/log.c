/* log.c -- see log.h. */
#include "core/log.h"
#include "core/banned.h"
#include "core/clock.h"

#include <stdarg.h>
#include <unistd.h>

static enum log_level least_level = LOG_INFO;

void log_set_level(enum log_level least)
{
    least_level = least;
}

void log_line(enum log_level level, const char *fmt, ...)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    char iso[CLOCK_ISO_SIZE], line[1024];
    va_list ap;
    int n, m;

    if (level < least_level)
        return;
    n = snprintf(line, sizeof line, "%s %s ", clock_iso(iso, clock_now()), names[level]);
    va_start(ap, fmt);
    m = vsnprintf(line + n, sizeof line - (size_t)n - 1, fmt, ap);
    va_end(ap);
    n = m < 0 ? n : n + m;
    if (n > (int)sizeof line - 2)
        n = (int)sizeof line - 2;
    line[n++] = '\n';
    if (write(STDERR_FILENO, line, (size_t)n) < 0)
        return;     /* nowhere left to say it */
}
