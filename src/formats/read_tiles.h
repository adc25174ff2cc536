/*
 * read_tiles.h -- pictures in tiles among the files of an archive or a folder.
 *
 * NAME.dzi and NAME_files/LEVEL/COLUMN_ROW.jpg are one row, however many files
 * they are, and in whatever order they come: it is given when the last of
 * them was read.  What is incomplete at the end is a bad row each.
 *
 * Part of read_files.c's work.
 */
#ifndef FORMATS_READ_TILES_H
#define FORMATS_READ_TILES_H

#include "formats/source.h"

enum tiles_said {
    TILES_OTHER,        /* not of a picture in tiles: the file is as it was */
    TILES_TAKEN,        /* it was, and no row came of it */
    TILES_ROW,          /* and `row` is filled */
};

/* `path` inside of the archive; `head` are the first bytes, which `f` no longer gives. */
enum tiles_said tiles_take(struct reader *r, struct row *row, const char *path, struct file_in *f,
                           const char *head, size_t n);

/* Nothing more comes: a row for what is incomplete, one a call; false when there is none. */
bool tiles_rest(struct reader *r, struct row *row);

#endif
