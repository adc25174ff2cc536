/*
 * sqltext.h -- one SQL text, two dialects.
 *
 *     {lite:…}   {pg:…}     kept for that database only; may nest
 *     {id}                  a primary key that counts by itself
 *     {bytes}               the type of a column of bytes
 *     ?                     becomes $1, $2, … for PostgreSQL
 *
 * Quoted text and comments are left alone.  A brace that does not close, or an
 * unknown word in braces, is a mistake of ours and stops the program.
 */
#ifndef STORE_SQLTEXT_H
#define STORE_SQLTEXT_H

#include "core/banned.h"

#include <stdbool.h>

char *sqltext(void *mem, const char *sql, bool pg);     /* never NULL */

#endif
