/* progress.c -- see progress.h. */
#include "cli/progress.h"
#include "core/banned.h"
#include "core/clock.h"

#include <unistd.h>

void progress_show(void *arg, int64_t done, int64_t total)
{
    struct progress *p = arg;
    int64_t now = clock_now();

    if (!isatty(STDERR_FILENO) || (now - p->told_ms < 100 && done < total))
        return;
    p->told_ms = now;
    p->shown = 1;
    if (total > 0)
        fprintf(stderr, "\r%s … %3d %%", p->what, (int)(done >= total ? 100 : 100 * done / total));
    else
        fprintf(stderr, "\r%s … %lld", p->what, (long long)done);
    fflush(stderr);
}

void progress_end(struct progress *p)
{
    if (p->shown)
        fputs("\r\033[K", stderr);
    p->shown = 0;
}
