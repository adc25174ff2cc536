/*
 * parse.h -- XML to a bare tree of tags, with places.  For files of this room.
 *
 * libxml2 reads, one event at a time; nothing but tags, attributes and text
 * gets through.  No DTD, no entity beyond the five, no processing instruction,
 * no network, no file.
 */
#ifndef LABEL_PARSE_H
#define LABEL_PARSE_H

#include "label/config.h"

/*
 * Fill c->root and c->problems.  Returns 0, E_INVALID or E_TOOBIG; says the
 * reason only in c->problems.
 */
int parse_xml(struct ctx *cx, const char *xml, size_t n, struct label_config *c);

/* Note a problem at a place (at most 100 are kept; errors are always counted). */
void parse_note(struct label_config *c, int line, int column, bool is_error, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* The fix of the problem noted last; copies the texts. */
void parse_fix(struct label_config *c, const char *attr, const char *was, const char *text);

/* How far two names are apart, in single changes; 3 stands for more. */
int parse_apart(const char *a, const char *b);

bool parse_html_tag(const char *tag);       /* on the allow list; lower case expected */

#endif
