/*
 * treebank.h -- words of a text by the Penn Treebank conventions.
 *
 * Punctuation and brackets stand alone, contractions are split ("do n't",
 * "it 's", "can not"), a full stop is cut off only at the very end of the
 * text.  These are the conventions that the NLTK word tokenizer of that name
 * follows, down to their corners: contractions are cut only before a space,
 * a colon or comma not before a digit.
 *
 * Every token is a piece of the text, never a rewritten one: quotes stay as
 * they are typed.  O(bytes).
 */
#ifndef FORMATS_TREEBANK_H
#define FORMATS_TREEBANK_H

#include "core/ctx.h"

struct token {
    size_t at, len;             /* bytes */
};

/* Tokens in order of the text, on cx->mem; their number. */
int treebank_split(struct ctx *cx, const char *text, size_t n, struct token **out);

#endif
