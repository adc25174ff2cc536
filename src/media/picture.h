/*
 * picture.h -- a JPEG or PNG file, row by row, without ever holding all of it.
 *
 * Its header is read by code of ours first, and held to the limits, before a
 * decoder sees a byte.  Rows come as one byte a pixel (grey) or three (red,
 * green, blue); what is transparent stands on white, deeper colours are
 * brought to eight bits, CMYK to RGB.
 *
 * A progressive JPEG and an interlaced PNG have no rows before their end: they
 * are held whole, up to LIMIT_PICTURE_WHOLE pixels.
 */
#ifndef MEDIA_PICTURE_H
#define MEDIA_PICTURE_H

#include <stdio.h>

#include "core/ctx.h"

enum picture_kind { PICTURE_JPEG, PICTURE_PNG };

struct picture_head {
    enum picture_kind kind;
    int64_t width, height;
    int turned;                 /* EXIF orientation; 1: upright */
    bool whole;                 /* progressive or interlaced */
};

/*
 * From anywhere in the file; it is read from its beginning.
 * E_INVALID  neither JPEG nor PNG, or a header that is broken
 */
int picture_look(struct ctx *cx, FILE *f, struct picture_head *out);

struct picture {
    struct picture_head head;
    int channels;               /* 1 or 3 */
    struct ctx *cx;
    const struct picture_codec *codec;
    void *state;
};

/* E_INVALID, E_TOOBIG.  The file stays the caller's, and open until the picture is freed. */
int picture_open(struct ctx *cx, FILE *f, struct picture **out);
int picture_row(struct picture *p, uint8_t *row);       /* the next one; E_INVALID  it is broken */
void picture_close(struct picture *p);

/* A kind of file. */
struct picture_codec {
    int (*open)(struct picture *p, FILE *f);
    int (*row)(struct picture *p, uint8_t *row);
    void (*close)(struct picture *p);
};
extern const struct picture_codec picture_jpeg, picture_png;

#endif
