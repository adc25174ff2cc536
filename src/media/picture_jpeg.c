/* picture_jpeg.c -- rows out of a JPEG file, by libjpeg.  See picture.h. */
#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>
#include <jerror.h> /* before ours: it uses words that do not compile behind core/banned.h */

#include "media/picture.h"

#define SCANS_MOST 200          /* a small file may hold thousands, each a walk over all blocks */

struct jpeg {
    struct jpeg_decompress_struct d;
    struct jpeg_error_mgr err;
    struct jpeg_progress_mgr watch;
    jmp_buf out;
    struct picture *p;
    uint8_t *cmyk;              /* a row of four, where that is what the file has */
    bool is_made;
};

static void give_up(j_common_ptr c)
{
    struct jpeg *j = c->client_data;
    char why[JMSG_LENGTH_MAX];

    c->err->format_message(c, why);
    fail(j->p->cx, E_INVALID, "The JPEG file is broken at row %lld: %.120s.",
         (long long)j->d.output_scanline, why);
    longjmp(j->out, 1);
}

/* A decoder would go on in grey where the file ends. */
static void remark(j_common_ptr c, int level)
{
    struct jpeg *j = c->client_data;

    if (level < 0 &&
        (c->err->msg_code == JWRN_JPEG_EOF || c->err->msg_code == JWRN_HIT_MARKER)) {
        fail(j->p->cx, E_INVALID, "The JPEG file breaks off at row %lld of %lld.",
             (long long)j->d.output_scanline, (long long)j->p->head.height);
        longjmp(j->out, 1);
    }
}

static void count_scans(j_common_ptr c)
{
    struct jpeg *j = c->client_data;

    if (j->d.input_scan_number > SCANS_MOST) {
        fail(j->p->cx, E_INVALID, "The JPEG file has more than %d scans.", SCANS_MOST);
        longjmp(j->out, 1);
    }
}

static int begin(struct jpeg *j, FILE *f)
{
    struct picture *p = j->p;

    j->d.err = jpeg_std_error(&j->err);
    j->d.client_data = j;
    j->err.error_exit = give_up;
    j->err.emit_message = remark;
    if (setjmp(j->out))
        return E_INVALID;
    jpeg_create_decompress(&j->d);
    j->is_made = true;
    j->watch.progress_monitor = count_scans;
    j->d.progress = &j->watch;
    jpeg_stdio_src(&j->d, f);
    jpeg_read_header(&j->d, TRUE);
    if ((int64_t)j->d.image_width != p->head.width || (int64_t)j->d.image_height != p->head.height)
        return fail(p->cx, E_INVALID, "The JPEG file has two headers that differ.");
    /* Several scans without being progressive are held whole as well. */
    if (jpeg_has_multiple_scans(&j->d) && p->head.width > LIMIT_PICTURE_WHOLE / p->head.height)
        return fail(p->cx, E_TOOBIG,
                    "A JPEG of several scans and more than %lld million pixels would have to be "
                    "held whole. Save it as \"baseline\", then try again.",
                    (long long)LIMIT_PICTURE_WHOLE / 1000000);
    p->channels = j->d.jpeg_color_space == JCS_GRAYSCALE ? 1 : 3;
    if (j->d.jpeg_color_space == JCS_CMYK || j->d.jpeg_color_space == JCS_YCCK) {
        j->d.out_color_space = JCS_CMYK;
        j->cmyk = NEW_N(p->cx, uint8_t, 4 * p->head.width);
    } else {
        j->d.out_color_space = p->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    }
    jpeg_start_decompress(&j->d);
    return 0;
}

static int jpeg_open(struct picture *p, FILE *f)
{
    struct jpeg *j = NEW(p->cx, struct jpeg);

    j->p = p;
    p->state = j;
    return begin(j, f);
}

/* Adobe's programs store CMYK turned over; the others hardly write it. */
static void to_rgb(const struct jpeg *j, uint8_t *row)
{
    for (int64_t x = 0; x < j->p->head.width; x++) {
        const uint8_t *c = j->cmyk + 4 * x;
        unsigned k = j->d.saw_Adobe_marker ? c[3] : 255u - c[3];

        for (int i = 0; i < 3; i++)
            row[3 * x + i] =
                (uint8_t)((j->d.saw_Adobe_marker ? c[i] : 255u - c[i]) * k / 255);
    }
}

static int jpeg_row(struct picture *p, uint8_t *row)
{
    struct jpeg *j = p->state;
    uint8_t *to = j->cmyk ? j->cmyk : row;

    if (setjmp(j->out))
        return E_INVALID;
    if (j->d.output_scanline >= j->d.output_height || jpeg_read_scanlines(&j->d, &to, 1) != 1)
        return fail(p->cx, E_INVALID, "The JPEG file breaks off.");
    if (j->cmyk)
        to_rgb(j, row);
    return 0;
}

static void jpeg_close(struct picture *p)
{
    struct jpeg *j = p->state;

    if (j && j->is_made)
        jpeg_destroy_decompress(&j->d);
    p->state = NULL;
}

const struct picture_codec picture_jpeg = {jpeg_open, jpeg_row, jpeg_close};
