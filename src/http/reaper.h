/*
 * reaper.h -- who dawdles is cut off.
 *
 * libmicrohttpd's own time-out starts anew with every byte, so a client that
 * sends one byte a second lives for ever.  Here each socket has a deadline;
 * four times a second those past theirs are shut down (never closed: the
 * descriptor stays libmicrohttpd's, which then notices the end and frees the
 * connection; a descriptor reused by another connection is never hit, because
 * its slot is cleared before the close).
 */
#ifndef HTTP_REAPER_H
#define HTTP_REAPER_H

#include <stdbool.h>
#include <stdint.h>

struct reaper;

struct reaper *reaper_new(void *parent, int max_fds);
bool reaper_has_room(const struct reaper *r, int fd);
void reaper_set(struct reaper *r, int fd, int64_t in_ms);       /* from now */
void reaper_clear(struct reaper *r, int fd);
void reaper_cut_all(struct reaper *r);                          /* every socket it knows, at once */
int64_t reaper_cuts(struct reaper *r);                          /* how many so far */
void reaper_stop(struct reaper *r);

#endif
