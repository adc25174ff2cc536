/* jpeg_out.h -- a JPEG file into memory, row by row.  One of these makes many files, one after the
 * other. */
#ifndef MEDIA_JPEG_OUT_H
#define MEDIA_JPEG_OUT_H

#include "core/ctx.h"

struct jpeg_out;

struct jpeg_out *jpeg_out_new(struct ctx *cx);
int jpeg_out_begin(struct jpeg_out *o, int64_t width, int64_t height, int channels, int quality);
int jpeg_out_row(struct jpeg_out *o, const uint8_t *row);
/* All rows are in.  The bytes live until the next one begins. */
int jpeg_out_end(struct jpeg_out *o, const uint8_t **bytes, size_t *n);
void jpeg_out_free(struct jpeg_out *o);

#endif
