/*
 * regex.h -- regular expressions in linear time.
 *
 * A pattern becomes a small program; a text is read once, with all places of
 * the program where the match could be at the same time (Thompson, "Regular
 * expression search algorithm", 1968; Pike's machine without captures).  So a
 * search costs at most |text| x |program|, whatever the pattern.
 *
 *     literals  .  [abc] [^a-z]  \d \D \w \W \s \S \t \n \. …  ( )  (?: )  |
 *     * + ? {n} {n,} {n,m}  (a lazy mark after them changes nothing here)  ^ $
 *
 * Code points of UTF-8; `^` and `$` are the ends of the text; `.` is any code
 * point.  No back references, no looking around, no flags: those are refused.
 * PostgreSQL's `~` reads the same patterns (there \w and \d also know the
 * letters and digits of other scripts; here they are those of ASCII).
 */
#ifndef CORE_REGEX_H
#define CORE_REGEX_H

#include "core/ctx.h"

struct regex;

/* On `parent` (talloc).  NULL and *why, a sentence, where the pattern is refused. */
struct regex *regex_new(void *parent, const char *pattern, const char **why);

bool regex_finds(const struct regex *re, const char *text, size_t n);

#endif
