/*
 * config.h -- the labelling language: XML in, a tree of tags out.
 *
 * A config is one root View.  Object tags show data (name, value="$field"),
 * control tags ask (name, toName), visual tags lay out, child tags (Label,
 * Choice, …) belong to a control.  What each tag is stands in tags.def.
 *
 * Promises: DTDs, entities beyond the five standard ones and processing
 * instructions are refused; nothing is ever fetched; depth, size and number of
 * tags are bounded by limits.def.  A parsed config is never changed: threads
 * may share it.  It is one talloc tree, so talloc_steal(keeper, cfg) moves it
 * whole to a longer life.
 *
 * Tag and attribute names match in any case; names and values keep theirs.
 * Knows no database and no clock.
 */
#ifndef LABEL_CONFIG_H
#define LABEL_CONFIG_H

#include <jansson.h>

#include "core/ctx.h"

enum label_kind {
    LABEL_OBJECT,       /* shows data: Image, Text, … */
    LABEL_CONTROL,      /* asks: Choices, RectangleLabels, … */
    LABEL_VISUAL,       /* layout: View, Header, Style, … */
    LABEL_CHILD,        /* Label, Choice, Relation, Bucket, Channel, Shortcut */
    LABEL_HTML,         /* plain HTML from the allow list, passed through as layout */
    LABEL_UNKNOWN,      /* shown as a notice, never an error */
    LABEL_TEXT,         /* "#text": words between the children of an HTML tag */
};

struct label_row;       /* one row of tags.def; see tags.h */

struct label_attr {
    const char *name;       /* as written */
    const char *value;      /* never NULL */
};

struct label_tag {
    const struct label_row *row;    /* NULL for HTML and unknown tags */
    const char *tag; /* canonical name ("TextArea"); HTML in lower case; unknown as written */
    enum label_kind kind;
    const char *name;               /* NULL when it has none (or is a child tag) */
    const char **to_name;           /* split at commas */
    int nto;
    struct label_attr *attrs;
    int nattrs;
    struct label_tag *parent;       /* NULL for the root */
    struct label_tag **children;
    int nchildren;
    const char *text;               /* own text content, trimmed; "" when none */
    const char *stored;             /* see label_stored */
    int line, column;               /* of the "<", from 1 */
    int order;                      /* place in config->controls, or objects */
};

/*
 * How a problem would be mended, where that is evident: the attribute `attr` of
 * the tag at the place gets the value `text`; or, without attr, what stands at
 * the place and reads `was` is written as `text` ("" is an insertion; a name
 * of a tag, "<Nmae", is meant for its end tag too).
 */
struct label_fix {
    const char *attr, *was, *text;      /* text NULL: no fix */
};

struct label_problem {
    int line, column;           /* from 1; column in characters */
    const char *why;            /* a sentence, without the place */
    bool is_error;              /* else a warning */
    struct label_fix fix;
};

struct label_config {
    struct label_tag *root;             /* the View; NULL when the parse failed */
    struct label_tag **controls;        /* in document order */
    int ncontrols;
    struct label_tag **objects;
    int nobjects;
    struct label_problem *problems;     /* in document order; at most 100 */
    int nproblems, nerrors;
    struct label_tag **by_name;         /* controls and objects with a name, sorted by it */
    int nby_name;
    struct label_tag **repeated;        /* those of them inside a Repeater */
    int nrepeated;
};

/*
 * Parse.  *out is always set; after a failure it holds the problems and no
 * promise about the rest.  cx->why is "Line 3, column 7: …" of the first error
 * and cx->fields has one entry an error, path "line 3, column 7".
 *
 * E_INVALID  malformed, refused or contradictory (missing or duplicate name, …)
 * E_TOOBIG   more than LIMIT_CONFIG_BYTES, _DEPTH or _TAGS
 */
int label_parse(struct ctx *cx, const char *xml, size_t n, struct label_config **out);

/* The same, but a missing or unknown toName is an error too, not only a warning. */
int label_parse_strict(struct ctx *cx, const char *xml, size_t n, struct label_config **out);

/* ---- asking a tag ---- */

const char *label_attr(const struct label_tag *t, const char *name); /* any case; NULL = absent */
bool label_flag(const struct label_tag *t, const char *name);        /* exactly "true", any case */
double label_number(const struct label_tag *t, const char *name, double otherwise);

bool label_is(const struct label_tag *t, const char *canonical);        /* "AudioPlus" is "Audio" */

/* What a Label, Choice, Bucket or Relation stores: alias if present, else value (Bucket: name). */
const char *label_stored(const struct label_tag *t);

/* The Label, Choice, … tags below a control, nested ones too, in document order; count. */
int label_options(struct ctx *cx, const struct label_tag *control, const struct label_tag ***out);

/* Its labels or choices come from the task: value="$field". */
bool label_dynamic(const struct label_tag *control);

/* "Image" for a control on an image: canonical tag of its first object; NULL when unknown. */
const char *label_shows(const struct label_config *c, const struct label_tag *control);

/*
 * Find a control by the from_name of a result.  A control whose name holds the
 * index flag of a Repeater ("{{idx}}") is found by its numbered forms
 * ("name_0"); so is a plain name inside a Repeater.  NULL when there is none.
 */
const struct label_tag *label_control(const struct label_config *c, const char *from_name);
const struct label_tag *label_object(const struct label_config *c, const char *to_name);

/*
 * The value at "$field", "$a.b", "$items[0].url" in task data; a borrowed
 * reference.  NULL when `ref` is no reference or the data has no such value.
 */
json_t *label_data(const json_t *data, const char *ref);

/* ---- what goes out ---- */

/*
 * The tree for the browser (a new value, kept by cx->mem):
 *
 *   { "tag": "Choices",        canonical; HTML tags in lower case; unknown as written
 *     "kind": "control",       object, control, visual, child, html, unknown, text
 *     "name": "topic",         null when there is none
 *     "toName": ["text"],      [] when there is none
 *     "attrs": {"showinline": "true"},    all keys in lower case, values are strings
 *     "children": [ … ],       the same shape
 *     "text": "",              own text, trimmed; of Style: clean CSS
 *     "line": 4 }
 *
 * Words mixed with tags inside HTML come as children {"tag": "#text", "kind":
 * "text", "text": "…"} in their place; the "text" of such a parent is "".
 * "AudioPlus" goes out as "Audio".
 *
 * CSS in `style` attributes and Style tags has passed css.h: a list of
 * properties, no url(), @import, expression or fixed position; what did not
 * pass is gone.  Attributes that could run or load something (on…, src, href
 * that is not http(s), mailto or "#") are gone from HTML tags.
 */
json_t *label_tree(struct ctx *cx, const struct label_config *c);

/*
 * Label Studio's parsed_label_config (kept by cx->mem): an object by control name:
 *   {"type", "to_name":[], "inputs":[{"type","valueType"?,"value"|"valueList"}],
 *    "labels":[], "labels_attrs":{stored: {attribute: value}},
 *    "dynamic_labels": true?, "conditionals": {"type","name"}?, "regex": {}?}
 */
json_t *label_parsed(struct ctx *cx, const struct label_config *c);

#endif
