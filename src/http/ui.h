/*
 * ui.h -- the web UI, inside the program.
 *
 * The built files stand in the binary (tools/embed), with their gzip forms.
 * Files with a digest in their name may be cached for ever; the page itself
 * never.  Every address that is no API, no asset and has no dot in its last
 * word gets the page: the router of the browser knows the rest.
 */
#ifndef HTTP_UI_H
#define HTTP_UI_H

#include "http/route.h"

extern const struct route ui_route;

/* May this path be a page or a file of the UI? */
bool ui_serves(const char *path);

/* One embedded file; the table ends with a NULL path.  Made by tools/embed. */
struct ui_file {
    const char *path;           /* "/assets/app-1f3c.js" */
    const char *type;
    const unsigned char *bytes;
    unsigned n;
    const unsigned char *gzip;  /* NULL when that would not be smaller */
    unsigned ngzip;
};
extern const struct ui_file ui_files[];

#endif
