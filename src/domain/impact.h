/*
 * impact.h -- what another labelling config would mean for the answers there are.
 *
 * Changes nothing.  Two things are compared: what the configs allow (tags,
 * their kinds, objects and labels), and the newest answers themselves, of
 * which IMPACT_MOST are read, for at most IMPACT_MS: a person waits for this.
 * The answer says how many were looked at, and of how many.
 *
 * Owns no table.
 */
#ifndef DOMAIN_IMPACT_H
#define DOMAIN_IMPACT_H

#include <jansson.h>

#include "core/ctx.h"

#define IMPACT_MOST 5000
#define IMPACT_MS 1500

struct label_config;

/*
 * {
 *   "total": 812, "seen": 812,        answers of the project; those looked at
 *   "broken": 37,                     of those seen: would no longer pass
 *   "lost": [ {"name", "tag", "what", "now"?, "answers", "labels": [{"label", "answers"}]} ],
 *       what: "gone", "kind" (it is another tag now), "object" (it asks about something else),
 *       "labels" (some are gone); answers: of those seen, with an item of it that is lost
 *   "added": [ {"name", "tag", "labels": […]} ],     new controls, and new labels of old ones
 *   "examples": [ {"annotation", "task", "why"} ]    the first ten that would no longer pass
 * }
 * A new value, kept by cx->mem.  The labels are of the old config: no task data goes out.
 */
int impact_of(struct ctx *cx, int64_t project, const struct label_config *new, json_t **out);

#endif
