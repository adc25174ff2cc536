/*
 * method.h -- which methods make one answer of several, for what a control asks.
 *
 * Nothing is listed here: the methods are those of the registries of stats, so
 * one that is added there is offered by itself.  Each family of controls has
 * one built-in method, its default, which looks at a task alone; all the others,
 * but those of masks, are fitted over all complete tasks of the project (fit.h).
 *
 *     votes     choices, taxonomy, sides, dates   as_method; default majority
 *     grades    ratings                           as_method, as_numeric_method; majority
 *     numbers   numbers                           as_numeric_method; median
 *     texts     written text                      as_text_method; medoid
 *     regions   boxes, spans …                    as_merge_method where places can be averaged
 *                                                 (see method.c); merge
 *     masks     brushes                           as_mask_method, of a task alone; majority
 *     other     rankings, relations               medoid
 *
 * A name that stands in two registries means the first of them.
 */
#ifndef DOMAIN_METHOD_H
#define DOMAIN_METHOD_H

#include <jansson.h>

#include "core/ctx.h"
#include "label/config.h"
#include "stats/as_base.h"

enum method_family {
    METHOD_VOTES, METHOD_GRADES, METHOD_NUMBERS, METHOD_TEXTS, METHOD_REGIONS, METHOD_MASKS,
    METHOD_OTHER,
    METHOD_FAMILIES
};
enum method_engine { ENGINE_TASK, ENGINE_VOTES, ENGINE_NUMBERS, ENGINE_TEXTS, ENGINE_REGIONS };

/* A method, and what runs it. */
struct way {
    const struct as_method_info *info;
    enum method_engine engine;
};

const char *method_family_word(enum method_family family);

/* The k-th method of a family, its default first; false past the end. */
bool method_at(enum method_family family, int k, struct way *out);

enum method_family method_family(const struct label_tag *control);

/* Choices of which several may be chosen: each is voted on by itself. */
bool method_is_set(const struct label_tag *control);

/*
 * The k-th method that fits a control, its default first; false past the end.
 * `truth`: the project has ground-truth answers, which some methods need.
 */
bool method_fits(const struct label_config *c, const struct label_tag *control, bool truth, int k,
                 struct way *out);

/* The method a control is settled by: its own choice when it fits, else the project's when that
 * fits, else its default.  `chosen` is JSON {control: method}. */
struct way method_of(const struct label_config *c, const struct label_tag *control,
                        const char *project, const json_t *chosen);

/* A method that looks at a task alone, and the one that a control has when nobody says. */
bool method_is_default(const struct label_tag *control, const struct way *m);

/* E_INVALID with the methods that fit.  `project` is the default of a project: it must fit one
 * of its controls, if there are any yet, or be some family's default. */
int method_check(struct ctx *cx, const struct label_config *c, const char *project, bool truth);
int method_check_control(struct ctx *cx, const struct label_config *c, const char *control,
                         const char *id, bool truth);

#endif
