/*
 * clock.h -- the one clock.
 *
 * Unix milliseconds: the wall clock at start plus elapsed boot time, so that a
 * clock set back never moves time backwards within a process.  clock_raise()
 * lifts it to a stored high-water mark.
 */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdint.h>

int64_t clock_now(void);            /* unix milliseconds */
int64_t clock_mono_us(void);        /* microseconds, for measuring durations only */
void clock_raise(int64_t at_least_ms);

/* ISO 8601 UTC with microseconds and Z, as Label Studio writes it: 27 characters. */
#define CLOCK_ISO_SIZE 80      /* 28 are used; the rest is what the compiler can prove */
const char *clock_iso(char buf[CLOCK_ISO_SIZE], int64_t ms);

/* Read what clock_iso writes and the usual shorter forms.  -1 when it is no date. */
int64_t clock_parse(const char *iso);

#endif
