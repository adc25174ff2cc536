/* jpeg_out.c -- see jpeg_out.h. */
#include "media/jpeg_out.h"

#include <setjmp.h>

#include <jpeglib.h>

#define FIRST_BYTES (16 * 1024)

struct jpeg_out {
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr err;
    struct jpeg_destination_mgr to;
    jmp_buf out;
    struct ctx *cx;
    uint8_t *buf;
    size_t n, cap;
    bool is_made;
};

static void give_up(j_common_ptr c)
{
    struct jpeg_out *o = c->client_data;
    char why[JMSG_LENGTH_MAX];

    c->err->format_message(c, why);
    fail(o->cx, E_INTERNAL, "A tile cannot be made: %.120s.", why);
    longjmp(o->out, 1);
}

static void remark(j_common_ptr c, int level)
{
    (void)c;
    (void)level;
}

static void room(j_compress_ptr c)
{
    struct jpeg_out *o = c->client_data;

    if (!o->buf)
        o->buf = talloc_array(o->cx->mem, uint8_t, (unsigned)(o->cap = FIRST_BYTES));
    o->to.next_output_byte = o->buf;
    o->to.free_in_buffer = o->cap;
}

/* Called when all of it is full, whatever free_in_buffer says. */
static boolean more_room(j_compress_ptr c)
{
    struct jpeg_out *o = c->client_data;
    size_t had = o->cap;

    o->cap *= 2;
    o->buf = talloc_realloc(o->cx->mem, o->buf, uint8_t, (unsigned)o->cap);
    o->to.next_output_byte = o->buf + had;
    o->to.free_in_buffer = o->cap - had;
    return TRUE;
}

static void done(j_compress_ptr c)
{
    struct jpeg_out *o = c->client_data;

    o->n = o->cap - o->to.free_in_buffer;
}

struct jpeg_out *jpeg_out_new(struct ctx *cx)
{
    struct jpeg_out *o = NEW(cx, struct jpeg_out);

    o->cx = cx;
    o->c.err = jpeg_std_error(&o->err);
    o->c.client_data = o;
    o->err.error_exit = give_up;
    o->err.emit_message = remark;
    if (setjmp(o->out))
        return o;
    jpeg_create_compress(&o->c);
    o->is_made = true;
    o->to = (struct jpeg_destination_mgr){.init_destination = room,
                                          .empty_output_buffer = more_room,
                                          .term_destination = done};
    o->c.dest = &o->to;
    return o;
}

int jpeg_out_begin(struct jpeg_out *o, int64_t width, int64_t height, int channels, int quality)
{
    if (!o->is_made || setjmp(o->out))
        return E_INTERNAL;
    o->c.image_width = (JDIMENSION)width;
    o->c.image_height = (JDIMENSION)height;
    o->c.input_components = channels;
    o->c.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&o->c);
    jpeg_set_quality(&o->c, quality, TRUE);
    jpeg_start_compress(&o->c, TRUE);
    return 0;
}

int jpeg_out_row(struct jpeg_out *o, const uint8_t *row)
{
    JSAMPROW one = (JSAMPROW)(uintptr_t)row;

    if (setjmp(o->out))
        return E_INTERNAL;
    jpeg_write_scanlines(&o->c, &one, 1);
    return 0;
}

int jpeg_out_end(struct jpeg_out *o, const uint8_t **bytes, size_t *n)
{
    if (setjmp(o->out))
        return E_INTERNAL;
    jpeg_finish_compress(&o->c);
    *bytes = o->buf;
    *n = o->n;
    return 0;
}

void jpeg_out_free(struct jpeg_out *o)
{
    if (o->is_made)
        jpeg_destroy_compress(&o->c);
    talloc_free(o->buf);
    talloc_free(o);
}
