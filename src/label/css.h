/*
 * css.h -- CSS from a config, cleaned: an allow list of properties and of words in values.
 * For files of this room.
 */
#ifndef LABEL_CSS_H
#define LABEL_CSS_H

#include "core/ctx.h"

/*
 * A declaration list ("color: red; …"): what passes comes back as
 * "color:red;…"; the rest is gone.  Never fails.
 */
const char *css_declarations(struct ctx *cx, const char *s);

/*
 * A style sheet: plain rules whose selectors hold only names, classes, ids,
 * attributes, combinators and simple pseudo-classes.  At-rules are gone, save
 * @media, whose rules are kept under it.
 */
const char *css_sheet(struct ctx *cx, const char *s);

#endif
