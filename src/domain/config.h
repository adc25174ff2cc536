/*
 * config.h -- versions of a project's labelling config.
 *
 * A version never changes once written, so its parsed form is kept in memory
 * for the whole process, by (project, n, hash), and shared by all threads.
 *
 * Owns table: config.
 */
#ifndef DOMAIN_CONFIG_H
#define DOMAIN_CONFIG_H

#include "core/ctx.h"

struct label_config;

/* Check, store as the next version, and say which it is.  E_INVALID with line and column. */
int config_add(struct ctx *cx, int64_t project, const char *xml, int64_t *n);

int config_xml(struct ctx *cx, int64_t project, int64_t n, char **xml);

/* Shared, read-only, lives as long as the process. */
int config_parsed(struct ctx *cx, int64_t project, int64_t n, const struct label_config **out);

#endif
