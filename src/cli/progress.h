/* progress.h -- one line on the terminal that says how far a long command is. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdint.h>

struct progress {
    const char *what;           /* "Importing" */
    int64_t told_ms;
    int shown;                  /* something stands on the line */
};

/* Fits the progress callbacks of the domain; `arg` is a struct progress.  Silent without a
 * terminal. */
void progress_show(void *arg, int64_t done, int64_t total);
void progress_end(struct progress *p);

#endif
