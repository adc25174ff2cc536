/*
 * tile_folder.h -- tiles into a folder, as every Deep Zoom viewer reads them.
 *
 * NAME.dzi and NAME_files/LEVEL/COLUMN_ROW.jpg, in a folder that appears whole
 * or not at all: it has another name until the last tile is there.
 */
#ifndef MEDIA_TILE_FOLDER_H
#define MEDIA_TILE_FOLDER_H

#include "media/pyramid.h"

struct tile_folder;

/* E_EXISTS  the folder is there already */
int tile_folder_begin(struct ctx *cx, const char *path, const char *name, const struct pyramid *p,
                      struct tile_folder **out);
int tile_folder_tile(void *folder, int level, int64_t column, int64_t row, const uint8_t *bytes,
                     size_t n);
int tile_folder_end(struct tile_folder *f);
void tile_folder_abort(struct tile_folder *f);          /* what is there of it goes */

#endif
