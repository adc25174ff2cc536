/*
 * import_tiles.h -- pictures in tiles on their way into a project.
 *
 * However they come, they end as one stored file (media/pack.h) that a task
 * shows by the address "/media/PROJECT/HASH.dzi".
 *
 * Part of importer_load.c's work.
 */
#ifndef DOMAIN_IMPORT_TILES_H
#define DOMAIN_IMPORT_TILES_H

#include "domain/importer_load.h"

/*
 * One picture into a blob; m->hash, m->mime and m->bytes say which.  One that no browser shows
 * whole is cut into tiles (tiling.h), which may take minutes.  0, or the code of cx->why.
 */
struct file_in;
int import_picture(struct ctx *cx, struct load *l, struct file_in *f, struct media *m);

/* Those of a reader whose files go to a struct load; while checking they are only looked at. */
void import_tiles(struct reader *r);

#endif
