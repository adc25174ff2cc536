/*
 * import_row.h -- one row of an import, checked and made ready.
 *
 * Part of importer.c's work, apart because it needs no database: a row of
 * formats/reader becomes a task with answers and guesses, or sentences that
 * say what is wrong with it.
 */
#ifndef DOMAIN_IMPORT_ROW_H
#define DOMAIN_IMPORT_ROW_H

#include <jansson.h>

#include "domain/annotation.h"
#include "domain/importer.h"
#include "domain/prediction.h"
#include "domain/task.h"
#include "formats/reader.h"

struct label_config;

/* Who gave an imported answer: an id, an e-mail address, or any other name. */
struct import_author {
    int64_t id;                 /* 0: none */
    const char *email;          /* NULL: none */
    const char *name;           /* for an external author; never NULL */
};

struct import_answer {
    struct import_author author;
    struct annotation_new new;
    int64_t created;            /* 0: now */
};

struct import_row {
    struct task_new task;
    struct import_answer *answer;
    int nanswers;
    struct prediction_new *guess;
    int nguesses;
};

/*
 * Is it {column: field or null}, and no two columns become one field?
 * E_INVALID at `map`
 */
int import_map_check(struct ctx *cx, const json_t *map);

/*
 * The row on cx->mem; its bytes still point into the reader's, which go with
 * the next row: `keep` copies them.
 * E_INVALID, E_TOOBIG  cx->why, cx->fields say what and where
 */
int import_row_read(struct ctx *cx, const struct label_config *config, const struct import_opts *o,
                    const struct row *row, bool keep, struct import_row *out);

#endif
