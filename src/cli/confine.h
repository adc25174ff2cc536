/*
 * confine.h -- give up everything but computing, reading and writing what is open.
 *
 * For a process that decodes what a stranger sent: should the decoder be
 * turned against us, it finds no file, no network, no other program, and an
 * end to its memory and its time.
 */
#ifndef CLI_CONFINE_H
#define CLI_CONFINE_H

#include "core/ctx.h"

/* For good.  E_IO  this system does not let itself be asked for that */
int confine(struct ctx *cx, int64_t memory_bytes, int64_t cpu_s, int64_t file_bytes);

#endif
