/*
 * stream.h -- an answer that is made while it is sent.
 *
 * A producer runs on a thread of the slow pool and writes into a pipe; the loop
 * takes pieces out as the client reads.  The pipe holds at most STREAM_PIECES
 * pieces: a client slower than the producer makes it wait, a client that goes
 * away ends it.  Nothing is sent before the first piece is full or the producer
 * has returned, so that an early failure is still a proper error answer; a late
 * one cuts the connection, so that half a file is never taken for a whole one.
 */
#ifndef HTTP_STREAM_H
#define HTTP_STREAM_H

#include "http/rq.h"

#define STREAM_PIECE (256 * 1024)
#define STREAM_PIECES 4

struct pipe;

/* For producers: a sink_write of formats/sink.h.  E_BUSY: the client has gone, give up. */
int pipe_write(struct ctx *cx, void *pipe, const void *data, size_t n);

/* The rest is between act.c, give.c and server.c. */
bool pipe_start(struct rq *r);   /* worker: hand the producer to the slow pool; false: full */
bool pipe_taken(struct pipe *p); /* loop: a note came back; true when the producer has ended */
void pipe_abandon(struct pipe *p);      /* loop: nobody listens any more */
/* Loop: bytes of the current piece into *to; > 0, 0 none yet, -1 the end, -2 cut off. */
ssize_t pipe_read(struct pipe *p, char *to, size_t max, bool *fresh);

#endif
