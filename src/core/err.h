/*
 * err.h -- the kinds of trouble.
 *
 * Functions return >= 0 when all is well and a negative E_* when not.  The
 * table is err.def; the number is fixed by its place there.
 */
#ifndef CORE_ERR_H
#define CORE_ERR_H

enum err {
    E_NONE_ = 0,
#define ERR(name, status, word) name##_PLACE,
#include "core/err.def"
#undef ERR
    E_COUNT_
};

enum {
#define ERR(name, status, word) name = -name##_PLACE,
#include "core/err.def"
#undef ERR
};

int err_status(int code);           /* HTTP status: 400 for E_INVALID; 200 for code >= 0 */
const char *err_name(int code);     /* "E_INVALID" */
const char *err_word(int code);     /* "invalid" */

#endif
