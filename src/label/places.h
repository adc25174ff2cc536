/*
 * places.h -- the tree for an editor: where each tag and attribute stands in the text.
 *
 * An editor that changes one attribute must change no other byte, so it works
 * on the text by ranges.  Offsets count UTF-16 code units, as strings in a
 * browser do.  Each tag of the tree gets two keys more:
 *
 *   "at":      [from, open, close, to]   from the "<" to behind the last ">";
 *              open: behind the start tag; close: the "<" of the end tag.
 *              A tag closed in itself has open = close = to.
 *   "written": [[name, value, from, value_from, value_to], …]  every attribute
 *              as it stands, also those label_tree leaves out; value without
 *              references (&amp; is "&").
 *
 * "#text" children have neither.
 */
#ifndef LABEL_PLACES_H
#define LABEL_PLACES_H

#include "label/config.h"

/* label_tree() with places; `xml` is the text `c` was parsed from, without an error. */
json_t *label_tree_placed(struct ctx *cx, const struct label_config *c, const char *xml, size_t n);

#endif
