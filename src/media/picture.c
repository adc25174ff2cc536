/* picture.c -- see picture.h: the headers, and which codec. */
#include "media/picture.h"

/* ---- JPEG ---- */

static bool take(FILE *f, uint8_t *to, size_t n)
{
    return fread(to, 1, n, f) == n;
}

static uint32_t number(const uint8_t *p, int n, bool small_first)
{
    uint32_t v = 0;

    for (int i = 0; i < n; i++)
        v = v << 8 | p[small_first ? n - 1 - i : i];
    return v;
}

/* The orientation in the first directory of an EXIF segment; 1 when it says none. */
static int turned(const uint8_t *s, size_t n)
{
    bool le;
    uint32_t at, entries;

    if (n < 14 || memcmp(s, "Exif\0\0", 6) != 0)
        return 1;
    s += 6;
    n -= 6;
    le = s[0] == 'I';
    at = number(s + 4, 4, le);
    if (at > n || n - at < 2)
        return 1;
    entries = number(s + at, 2, le);
    at += 2;
    for (uint32_t i = 0; i < entries && n - at >= 12; i++, at += 12)
        if (number(s + at, 2, le) == 0x0112) {
            uint32_t v = number(s + at + 8, 2, le);

            return v >= 1 && v <= 8 ? (int)v : 1;
        }
    return 1;
}

static bool is_frame(uint8_t marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

/* Segment by segment to the one that begins the frame. */
static int look_jpeg(struct ctx *cx, FILE *f, struct picture_head *out)
{
    uint8_t b[65536], marker;

    for (int segments = 0; segments < 10000; segments++) {
        size_t n;

        do {
            if (!take(f, &marker, 1))
                return fail(cx, E_INVALID, "The JPEG file breaks off in its header.");
        } while (marker == 0xff);
        if (marker == 0xd9 || marker == 0xda || marker == 0)
            break;
        if (!take(f, b, 2) || (n = number(b, 2, false)) < 2 || !take(f, b, n - 2))
            return fail(cx, E_INVALID, "The JPEG file breaks off in its header.");
        if (marker == 0xe1 && out->turned == 1)
            out->turned = turned(b, n - 2);
        if (is_frame(marker)) {
            if (n < 8)
                break;
            out->height = number(b + 1, 2, false);
            out->width = number(b + 3, 2, false);
            out->whole = marker == 0xc2;
            return 0;
        }
        if (!take(f, &marker, 1) || marker != 0xff)
            break;
    }
    return fail(cx, E_INVALID, "The JPEG file has no picture in it.");
}

/* ---- PNG ---- */

static int look_png(struct ctx *cx, FILE *f, struct picture_head *out)
{
    uint8_t b[25];

    if (!take(f, b, sizeof b) || memcmp(b + 4, "IHDR", 4) != 0 || number(b, 4, false) != 13)
        return fail(cx, E_INVALID, "The PNG file breaks off in its header.");
    out->width = number(b + 8, 4, false);
    out->height = number(b + 12, 4, false);
    out->whole = b[20] != 0;
    return 0;
}

int picture_look(struct ctx *cx, FILE *f, struct picture_head *out)
{
    uint8_t b[8];
    int rc;

    *out = (struct picture_head){.turned = 1};
    if (fseeko(f, 0, SEEK_SET) != 0)
        return fail(cx, E_IO, "The picture must come as a file, not as a stream.");
    if (take(f, b, 3) && memcmp(b, "\xff\xd8\xff", 3) == 0) {
        out->kind = PICTURE_JPEG;
        rc = look_jpeg(cx, f, out);
    } else if (take(f, b + 3, 5) && memcmp(b, "\x89PNG\r\n\x1a\n", 8) == 0) {
        out->kind = PICTURE_PNG;
        rc = look_png(cx, f, out);
    } else {
        return fail(cx, E_INVALID, "This is neither a JPEG nor a PNG file.");
    }
    if (rc == 0 && (out->width < 1 || out->height < 1))
        rc = fail(cx, E_INVALID, "The picture says that it has no pixels.");
    return rc;
}

/* ---- either ---- */

static int hold(struct ctx *cx, const struct picture_head *h)
{
    if (h->width > LIMIT_PICTURE_SIDE || h->height > LIMIT_PICTURE_SIDE ||
        h->width > LIMIT_PICTURE_PIXELS / h->height)
        return fail(cx, E_TOOBIG,
                    "The picture is %lld x %lld pixels; at most %lld a side and %lld million in "
                    "all are taken.", (long long)h->width, (long long)h->height,
                    (long long)LIMIT_PICTURE_SIDE, (long long)LIMIT_PICTURE_PIXELS / 1000000);
    if (h->whole && h->width > LIMIT_PICTURE_WHOLE / h->height)
        return fail(cx, E_TOOBIG,
                    "A%s of more than %lld million pixels would have to be held whole. Save it "
                    "without %s, then try again.",
                    h->kind == PICTURE_JPEG ? " progressive JPEG" : "n interlaced PNG",
                    (long long)LIMIT_PICTURE_WHOLE / 1000000,
                    h->kind == PICTURE_JPEG ? "\"progressive\"" : "interlacing");
    if (h->turned != 1)
        return fail(cx, E_INVALID,
                    "The picture is stored turned (EXIF orientation %d). Save it upright, then try "
                    "again.", h->turned);
    return 0;
}

int picture_open(struct ctx *cx, FILE *f, struct picture **out)
{
    struct picture *p = NEW(cx, struct picture);
    int rc;

    p->cx = cx;
    if ((rc = picture_look(cx, f, &p->head)) < 0 || (rc = hold(cx, &p->head)) < 0)
        return rc;
    rewind(f);
    p->codec = p->head.kind == PICTURE_JPEG ? &picture_jpeg : &picture_png;
    if ((rc = p->codec->open(p, f)) < 0) {
        p->codec->close(p);
        return rc;
    }
    *out = p;
    return 0;
}

int picture_row(struct picture *p, uint8_t *row)
{
    return p->codec->row(p, row);
}

void picture_close(struct picture *p)
{
    p->codec->close(p);
}
