/*
 * format.h -- the table of export formats, and writing one.
 *
 *     writer_open(cx, format_find("coco"), schema, sink, &w);
 *     while (…) writer_task(w, &task);
 *     writer_close(w);
 *
 * A writer sees one task at a time and keeps none: memory does not grow with
 * the number of tasks.  What a format can only say at the end (COCO's
 * annotations, the columns of a CSV) waits in a temporary file of the sink.
 *
 * Cancelled answers are left out by every format but JSON and JSONL.
 */
#ifndef FORMATS_FORMAT_H
#define FORMATS_FORMAT_H

#include "core/str.h"
#include "formats/schema.h"
#include "formats/sink.h"
#include "formats/task.h"

struct writer;

struct format {
    const char *name;           /* "COCO" */
    const char *file;           /* "result.json"; the official converter's name */
    const char *ext;            /* of a download: ".json", ".zip" */
    const char *mime;           /* of a download */
    const char *what;           /* one line for --help and the export page */
    bool has_files;             /* several entries: needs a folder or a zip */
    bool needs_schema;          /* refuses to work without a config */
    int (*open)(struct writer *w);
    int (*task)(struct writer *w, const struct export_task *t);
    int (*close)(struct writer *w);
};

struct writer {
    struct ctx *cx;
    const struct format *format;
    const struct schema *schema;    /* NULL allowed where !needs_schema */
    struct sink *sink;
    void *state;                    /* the format's own, on the writer */
    bool upright_hull;              /* COCO: rotate boxes in pixel space (correct) instead
                                       of percent space (as the official converter does) */
    int64_t tasks, answers;         /* written */
    int64_t regions, left_out;      /* regions written, regions without a form */
    int rc;                         /* the first failure; everything after it is refused */
};

/* By name, any case.  NULL when there is none. */
const struct format *format_find(const char *name);

/* All of them, in the order of formats.def; NULL past the end. */
const struct format *format_at(int i);

/* "JSON, JSON_MIN, …" for messages; on cx->mem. */
const char *format_names(struct ctx *cx);

/*
 * E_INVALID  the config does not fit (COCO of a text project), several files into one stream
 * E_IO, E_FULL  from the sink
 */
int writer_open(struct ctx *cx, const struct format *f, const struct schema *schema,
                struct sink *sink, struct writer **out);

/* E_INVALID when stored JSON of the task is broken (its id is named); nothing follows then. */
int writer_task(struct writer *w, const struct export_task *t);

/* Write what waits and finish the sink. */
int writer_close(struct writer *w);

#endif
