/* flat.h -- the row that JSON_MIN and CSV share: data, answers, who and when. */
#ifndef FORMATS_FLAT_H
#define FORMATS_FLAT_H

#include "formats/rows.h"

/* Kept by cx->mem.  `as_text`: the annotator is always text, as CSV has it. */
json_t *flat_row(struct writer *w, const struct export_task *t, json_t *data,
                 const struct row_answers *r, bool as_text);


/* A spreadsheet would take this text for a formula. */
bool flat_is_formula(const char *s, size_t n);

#endif
