/*
 * vault.h -- the one door for content columns.
 *
 * Task data, results, drafts and predictions are sealed before they are bound
 * and opened after they are read, here and nowhere else.  For now a seal is
 * one version byte (1 = plain) before the bytes; encryption per project will
 * be version 2 in this file alone.
 */
#ifndef STORE_VAULT_H
#define STORE_VAULT_H

#include "core/ctx.h"

struct sealed {
    const void *p;
    size_t n;
};

/* On cx->mem.  `project` chooses the key, once there are keys. */
struct sealed vault_seal(struct ctx *cx, int64_t project, const void *plain, size_t n);

/* Points into `sealed` where it can.  E_INTERNAL: an unknown version, or damaged bytes. */
int vault_open(struct ctx *cx, int64_t project, const void *sealed, size_t n, const char **plain,
               size_t *nplain);

#endif
