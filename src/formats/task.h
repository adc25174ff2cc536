/*
 * task.h -- one task with its answers, as exporters see it.
 *
 * Data and results are bytes as they were stored: JSON and JSONL splice them
 * into the output without parsing, the other formats parse one task at a time.
 * Nothing here is copied; the bytes must live until writer_task returns.
 */
#ifndef FORMATS_TASK_H
#define FORMATS_TASK_H

#include "formats/walk.h"

struct export_annotation {
    int64_t id;                     /* 0 = unknown */
    struct bytes result;            /* JSON array */
    struct bytes completed_by;      /* JSON: a number, a string or {"email": …}; or absent */
    bool was_cancelled, ground_truth;
    const char *created_at, *updated_at;    /* ISO 8601 or NULL */
    double lead_time;               /* seconds; NAN = unknown */
    struct bytes extra;             /* more members for JSON, `"task":1,"project":2`; or absent */
};

struct export_prediction {
    int64_t id;
    struct bytes result;
    double score;                   /* NAN = unknown */
    const char *model_version, *created_at;
    struct bytes extra;
};

struct export_task {
    int64_t id, inner_id, project;  /* 0 = unknown, then not written */
    struct bytes data;              /* JSON object */
    struct bytes meta;              /* JSON object or absent */
    const char *created_at, *updated_at;
    double agreement;               /* percent as Label Studio has it; NAN = not written */
    struct export_annotation *annotations;
    int nannotations;
    struct export_prediction *predictions;
    int npredictions;
    struct bytes extra;             /* more members for JSON; or absent */
    struct bytes raw;               /* the whole task as JSON: JSON and JSONL write it as it is */
};

/*
 * Read a task from the bytes of a JSON object that json_scan has accepted;
 * spans point into them, lists hang on cx->mem.  A bare data object becomes a
 * task without answers.  `completions` counts as `annotations`.
 *
 * E_INVALID  annotations or predictions are no lists of objects with a `result` list
 */
int task_read(struct ctx *cx, struct bytes object, struct export_task *out);

/* The parts of that object, before the lists are looked into. */
struct task_parts {
    struct bytes id, inner_id, project, data, meta, annotations, completions, predictions,
        created_at, updated_at, agreement, unique_id;
    bool is_bare;           /* no `data` object inside: the whole object is the data */
};

/*
 * E_INVALID  a member twice, annotations without data, a list that is none
 * E_TOOBIG   data over LIMIT_TASK_BYTES
 */
int task_parts(struct ctx *cx, struct bytes object, struct task_parts *out);

#endif
