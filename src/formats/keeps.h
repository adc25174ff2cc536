/*
 * keeps.h -- what an export format keeps of a config's answers, and what it loses.
 *
 * The sentences of docs/manual/export-formats.md as a table, by control, so
 * that a person reads them for their own project before they take a file home.
 */
#ifndef FORMATS_KEEPS_H
#define FORMATS_KEEPS_H

#include <jansson.h>

#include "formats/format.h"

/*
 * {
 *   "fits": true, "why"?: "…",        false: the format refuses this config
 *   "controls": [{"name", "tag", "keeps": "all" "part" "none", "loses"?: word}],
 *       unrotated, hull, outline (an ellipse as 64 points), one_group (keypoints as one), parent
 *       (keypoints only inside a box), first (of spans that overlap), cell (lists as JSON text)
 *   "loses": [word]                   of every answer:
 *       ids, relations, predictions, cancelled, authors, others (all answers but the oldest), data,
 *       labels (all but the first of a region), sizeless (regions without a known picture size)
 * }
 * A new value, kept by cx->mem.
 */
json_t *format_keeps(struct ctx *cx, const struct format *f, const struct schema *s);

#endif
