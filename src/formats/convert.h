/*
 * convert.h -- a file of tasks into an export format; no server, no database.
 *
 * The output appears whole or not at all: it is written beside its place and
 * renamed.  `out` may be
 *
 *     a file                overwritten
 *     an empty folder       gets the official converter's names (result.json, …)
 *     a folder with files   E_EXISTS, unless `force`: then files of the same name are replaced
 *     a device or a pipe    written straight (/dev/stdout)
 *     PATH.zip              for formats of several files
 *     nothing yet           a file when its name ends as the format's files do, else a folder
 *
 * Bad rows of the input are counted, the first ones named in the summary; the
 * good ones are converted.  convert returns the number of bad rows.
 */
#ifndef FORMATS_CONVERT_H
#define FORMATS_CONVERT_H

#include "core/str.h"

struct convert_progress {
    void (*tell)(void *arg, int64_t tasks, int64_t bytes_done, int64_t bytes_total);
    void *arg;
};

/*
 * E_INVALID   unknown format, a config or an input that cannot be used
 * E_EXISTS    the folder holds files and `force` is not given (exit 3)
 * E_NOTFOUND  no config, no input; E_IO, E_FULL  the output could not be written
 */
int convert(struct ctx *cx, const char *config, const char *input, const char *format,
            const char *out, bool force, struct buf *summary);

/* The same, telling how far it is every thousand tasks. */
int convert_with(struct ctx *cx, const char *config, const char *input, const char *format,
                 const char *out, bool force, const struct convert_progress *progress,
                 struct buf *summary);

#endif
