/*
 * text_canon.h -- canonical forms of short answers.  Not installed.
 *
 * Each form writes itself and returns 1, or returns 0 when the text is nothing of its kind; what it
 * wrote until then does not count.
 */
#ifndef STATS_TEXT_CANON_H
#define STATS_TEXT_CANON_H

#include "stats/as_words.h"

struct as_out {                     /* counts all bytes, keeps those for which there is room */
    char *text;
    size_t size, n;
};
void as_out_put(struct as_out *o, const char *s, size_t n);

int as_canon_number(struct as_phrase p, struct as_out *o);
int as_canon_date(struct as_phrase p, struct as_out *o);
int as_canon_unit(struct as_phrase p, struct as_out *o);
int as_canon_json(struct as_phrase p, struct as_out *o);

#endif
