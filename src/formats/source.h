/*
 * source.h -- the inside of readers: a buffered file and one table row a kind.
 *
 * Not for other rooms; they know reader.h.
 */
#ifndef FORMATS_SOURCE_H
#define FORMATS_SOURCE_H

#include "core/str.h"
#include "formats/reader.h"

/* Bytes of a file through one window; the window grows only when asked to keep more. */
struct input {
    FILE *f;
    char *buf;
    size_t at, n, cap;          /* unread bytes are buf[at … n) */
    int64_t done, total;        /* bytes taken from the file; size or -1 */
    bool is_end;
    int64_t line;               /* of buf[at], from 1; kept by whoever consumes */
};

struct source {
    int (*open)(struct reader *r);
    int (*next)(struct reader *r, struct row *row);
    void (*close)(struct reader *r);
};

struct reader {
    struct ctx *cx;             /* the caller's: fatal failures go here */
    struct ctx *rx;             /* ours: memory and sentences of one row */
    enum source_kind kind;
    const struct source *source;
    struct input in;
    const char *path;           /* NULL when opened from a file */
    const char *image_field, *text_field;
    reader_file *take;
    void *take_arg;
    reader_tiles_begin *tiles_begin;
    reader_tiles_write *tiles_write;
    reader_tiles_end *tiles_end;
    void *tiles_to;             /* the picture whose bytes are being written */
    struct tiles *tiles;        /* read_tiles.c: those that are not whole yet */
    void *state;                /* the kind's own, on the reader */
    bool is_over;
};

extern const struct source source_json, source_jsonl, source_csv, source_tsv, source_text,
    source_archive, source_folder, source_file;

/*
 * Have at least `want` unread bytes in the window if the file has them.
 * Number of unread bytes; E_IO.
 */
int64_t input_need(struct reader *r, size_t want);

/*
 * The next line with its end ("\n", "\r\n" or a lone "\r"), or what is left at
 * the end.  1 a line, 0 the end, E_TOOBIG over LIMIT_ROW_BYTES: the line is
 * skipped, reading goes on behind it.  in.line is counted up.
 */
int input_line(struct reader *r, const char **s, size_t *n);

/* Make `row` a bad one with the sentence of rx->why; 1. */
int row_bad(struct reader *r, struct row *row, int code, const char *why);

/*
 * Fill a row from the bytes of one JSON object: scanned, split, checked.
 * `line`, `column`: where its first byte stands, for the places in sentences.
 * Always 1; a bad one has row->why.
 */
int row_object(struct reader *r, struct row *row, const char *s, size_t n, int64_t line,
               int64_t column);

/* Fill a row with one field of text, {"field": "…"}; the caller has checked the UTF-8.  Always 1.
 */
int row_field(struct reader *r, struct row *row, const char *field, const char *s, size_t n);

/* A picture type by its first bytes, or NULL. */
const char *sniff_picture(const char *s, size_t n);
bool sniff_archive(const char *s, size_t n);

/* A file of an archive or folder becomes a row; `head` are its first bytes. */
int row_file(struct reader *r, struct row *row, struct file_in *f, const char *head, size_t n);

#endif
