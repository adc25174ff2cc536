/*
 * reader.h -- tasks out of files, one row at a time.
 *
 *     reader_open(cx, SOURCE_GUESS, "tasks.jsonl", &r);
 *     while ((rc = reader_next(r, &row)) > 0)
 *         if (row.why) … a bad row: report row.line and row.why, go on …
 *         else         … row.data, row.annotations, …
 *     reader_close(r);
 *
 * Read are JSON (a list or one object), JSONL, CSV, TSV, plain text (a task a
 * line), folders and zip, tar or tar.gz archives of pictures and texts, and one
 * picture or text by itself.  A byte order mark is taken off; UTF-16 is refused by name.
 *
 * Memory: one row of at most LIMIT_ROW_BYTES, whatever the size of the file.
 * A bad row never ends the reading; what cannot be read any further does.
 * Rows carry the line on which they begin (archives and folders: the number
 * of the file).  The bytes of a row live until the next call.
 *
 * Values of CSV cells are strings, just as they stand in the file.
 * Deep checks of data (duplicate keys inside) are the importer's.
 */
#ifndef FORMATS_READER_H
#define FORMATS_READER_H

#include "formats/task.h"

enum source_kind {
    SOURCE_GUESS,       /* by the first bytes, then by the name */
    SOURCE_JSON,
    SOURCE_JSONL,
    SOURCE_CSV,
    SOURCE_TSV,
    SOURCE_TEXT,
    SOURCE_ARCHIVE,     /* zip, tar, tar.gz */
    SOURCE_FOLDER,
    SOURCE_FILE,        /* one picture or text: the file is one task */
};

/* One row, good (why == NULL) or bad. */
struct row {
    int64_t line;               /* from 1 */
    const char *name;           /* file inside an archive or folder, else NULL */
    const char *why;            /* a sentence when the row is bad */
    int code;                   /* then E_INVALID or E_TOOBIG */
    struct bytes object;        /* the task as it came, for task_read; JSON object */
    struct bytes data;          /* JSON object */
    struct bytes annotations;   /* JSON list, or absent */
    struct bytes predictions;   /* JSON list, or absent */
    struct bytes meta;          /* JSON object, or absent */
    int64_t id;                 /* the sender's task id, 0 = none */
    struct bytes unique_id;     /* JSON string, or absent */
};

struct reader;

/*
 * A file found in an archive or a folder.  `type` is what its first bytes say
 * ("image/png"); `read` gives the bytes in pieces (0 = the end, < 0 trouble)
 * and may be left before the end.  The answer is the address to store in the
 * task, on cx->mem; or NULL with cx->why set, which makes a bad row.
 */
struct file_in {
    const char *name;           /* for people and for the address; never a path to open */
    const char *type;
    int64_t size;               /* -1 = unknown */
    int64_t (*read)(struct file_in *f, void *buf, size_t n);
    void *arg;
};
typedef const char *reader_file(struct ctx *cx, void *arg, struct file_in *f);

/*
 * A picture in tiles (a .dzi file and its folder, media/pyramid.h) comes as the
 * bytes of one file, media/pack.h: `begin`, `write` again and again, `end`,
 * which answers the address.  Several may be begun at a time.  `begin` and
 * `end` answer NULL with cx->why set when they cannot; what was begun hangs on
 * that cx and is given up with it.
 */
typedef void *reader_tiles_begin(struct ctx *cx, void *arg);
typedef int reader_tiles_write(void *to, const void *bytes, size_t n);
typedef const char *reader_tiles_end(struct ctx *cx, void *arg, void *to, const char *name);

/*
 * E_NOTFOUND  no such file
 * E_INVALID   not a kind that can be read: UTF-16, bad header row, broken archive, …
 * E_IO        reading failed
 */
int reader_open(struct ctx *cx, enum source_kind kind, const char *path, struct reader **out);

/* The same from an open file, which the reader closes; archives need one that can seek. */
int reader_open_file(struct ctx *cx, enum source_kind kind, const char *name, FILE *f,
                     struct reader **out);

/* Who takes pictures; without it every picture is a bad row. */
void reader_on_file(struct reader *r, reader_file *take, void *arg);

/* Who takes pictures in tiles, with the same `arg`; without it they are files like all others. */
void reader_on_tiles(struct reader *r, reader_tiles_begin *begin, reader_tiles_write *write,
                     reader_tiles_end *end);

/* Names of the data fields for pictures and for texts; "image" and "text" when not said. */
void reader_fields(struct reader *r, const char *image, const char *text);

/*
 * 1 a row (look at row->why), 0 the end, negative when nothing more can be read:
 * E_INVALID  the file breaks off or is no list
 * E_TOOBIG   an archive over its limits of size, number or ratio
 */
int reader_next(struct reader *r, struct row *row);

enum source_kind reader_kind(const struct reader *r);
const char *source_word(enum source_kind kind);         /* "json", as in found_formats */
bool source_find(const char *word, enum source_kind *out);

/* Bytes read so far, and in all (-1 = unknown), for progress. */
int64_t reader_done(const struct reader *r);
int64_t reader_total(const struct reader *r);

void reader_close(struct reader *r);

#endif
