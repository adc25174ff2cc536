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

/* Those of a reader whose files go to a struct load; while checking they are only looked at. */
void import_tiles(struct reader *r);

#endif
