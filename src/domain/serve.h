/*
 * serve.h -- what a server does with its data before the first request, and beside them.
 *
 * Used by `annotary serve` and by `annotary demo`: secrets made, leases given
 * a minute, killed imports swept, the set-up link made while there is no
 * owner, the job workers started.
 */
#ifndef DOMAIN_SERVE_H
#define DOMAIN_SERVE_H

#include "core/ctx.h"

struct run;
struct workers;

/* *setup is the one-time token of the first administrator, or NULL when there is an owner. */
int serve_begin(struct ctx *cx, struct run *run, char **setup, struct workers **workers);
void serve_end(struct workers *workers);

#endif
