/* rle.c -- see rle.h. */
#include "label/rle.h"
#include "core/limits.h"
#include "core/str.h"

struct bits {
    const uint8_t *s;
    size_t n;           /* bytes */
    uint64_t at;        /* bit */
};

/* `k` bits, 1 to 32; false past the end. */
static bool take(struct bits *b, int k, uint32_t *out)
{
    uint64_t v = 0, last = b->at + (uint64_t)k;

    if (last > (uint64_t)b->n * 8)
        return false;
    for (size_t byte = (size_t)(b->at / 8); byte <= (size_t)((last - 1) / 8); byte++)
        v = v << 8 | b->s[byte];
    v >>= 7 - (last - 1) % 8;
    *out = (uint32_t)(v & ((1ULL << k) - 1));
    b->at = last;
    return true;
}

int rle_bytes(struct ctx *cx, const json_t *list, uint8_t **out, size_t *n)
{
    const json_t *one;
    size_t i;

    if (!json_is_array(list) || json_array_size(list) == 0)
        return fail(cx, E_INVALID, "A mask must be a list of bytes, 0 to 255.");
    *n = json_array_size(list);
    *out = NEW_N(cx, uint8_t, *n);
    json_array_foreach(list, i, one) {
        json_int_t v = json_is_integer(one) ? json_integer_value(one) : -1;

        if (v < 0 || v > 255)
            return fail(cx, E_INVALID, "Place %zu of the mask is not a byte, 0 to 255.", i);
        (*out)[i] = (uint8_t)v;
    }
    return 0;
}

struct header {
    uint32_t words;
    int word_bits, run_bits[4];
};

static bool read_header(struct bits *b, struct header *h)
{
    uint32_t v;

    if (!take(b, 32, &h->words) || !take(b, 5, &v))
        return false;
    h->word_bits = (int)v + 1;
    for (int i = 0; i < 4; i++) {
        if (!take(b, 4, &v))
            return false;
        h->run_bits[i] = (int)v + 1;
    }
    return true;
}

/* Where the pixels go: bytes, or painted stretches, or nowhere. */
struct sink {
    struct ctx *cx;
    uint8_t *alpha;
    struct rle_run *runs;
    size_t nruns, room;
    bool want_runs;
};

static void put_run(struct sink *to, uint32_t from, uint32_t end)
{
    if (to->nruns && to->runs[to->nruns - 1].to == from) {
        to->runs[to->nruns - 1].to = end;
        return;
    }
    if (to->nruns == to->room) {
        to->room = to->room ? 2 * to->room : 16;
        to->runs = talloc_realloc(to->cx->mem, to->runs, struct rle_run, (unsigned)to->room);
    }
    to->runs[to->nruns++] = (struct rle_run){from, end};
}

/* `count` times the word `v`, from word `at` on; every fourth is a pixel's alpha. */
static void put(struct sink *to, uint32_t at, uint32_t count, uint8_t v)
{
    uint32_t from = at / 4, end = (at + count) / 4;     /* alphas are words 3, 7, 11 … */

    if (end <= from)
        return;
    if (to->alpha)
        memset(to->alpha + from, v, end - from);
    if (to->want_runs && v)
        put_run(to, from, end);
}

static bool read_blocks(struct bits *b, const struct header *h, struct sink *to)
{
    uint32_t at = 0, run, which, count, v;

    while (at < h->words) {
        if (!take(b, 1, &run) || !take(b, 2, &which) || !take(b, h->run_bits[which], &count))
            return false;
        count++;
        if (count > h->words - at)
            return false;
        if (run) {
            if (!take(b, h->word_bits, &v))
                return false;
            put(to, at, count, (uint8_t)v);
            at += count;
        } else {
            for (; count; count--, at++) {
                if (!take(b, h->word_bits, &v))
                    return false;
                put(to, at, 1, (uint8_t)v);
            }
        }
    }
    return true;
}

/* The header, checked; then the blocks into `to`, whose alpha is made here when asked for. */
static int decode(struct ctx *cx, const uint8_t *s, size_t n, int64_t pixels, bool want_alpha,
                  struct sink *to, int64_t *got)
{
    struct bits b = {.s = s, .n = n};
    struct header h;

    if (!read_header(&b, &h))
        return fail(cx, E_INVALID, "The mask is cut off: its first 53 bits are not all there.");
    if (h.word_bits != 8)
        return fail(cx, E_INVALID, "The mask has words of %d bits, not 8.", h.word_bits);
    if (h.words == 0 || h.words % 4)
        return fail(cx, E_INVALID, "The mask counts %u words; four a pixel are expected.", h.words);
    if (h.words / 4 > LIMIT_PIXELS)
        return fail(cx, E_TOOBIG, "The mask has more than %lld pixels.", (long long)LIMIT_PIXELS);
    if (pixels && h.words / 4 != pixels)
        return fail(cx, E_INVALID, "The mask has %u pixels, but the image has %lld.", h.words / 4,
                    (long long)pixels);
    if (want_alpha && !(to->alpha = NEW_N(cx, uint8_t, h.words / 4)))
        return fail(cx, E_BUSY, "Out of memory. Try again later.");
    if (!read_blocks(&b, &h, to))
        return fail(cx, E_INVALID, "The mask is cut off, or its runs do not add up to %u words.",
                    h.words);
    *got = h.words / 4;
    return 0;
}

int rle_decode(struct ctx *cx, const uint8_t *s, size_t n, int64_t pixels, uint8_t **out,
               int64_t *got)
{
    struct sink to = {.cx = cx};
    int64_t count;
    int rc = decode(cx, s, n, pixels, out != NULL, &to, &count);

    if (rc == 0 && out)
        *out = to.alpha;
    if (rc == 0 && got)
        *got = count;
    return rc;
}

int rle_runs(struct ctx *cx, const uint8_t *s, size_t n, struct rle_run **out, size_t *nruns,
             int64_t *pixels)
{
    struct sink to = {.cx = cx, .want_runs = true};
    int rc = decode(cx, s, n, 0, false, &to, pixels);

    *out = to.runs;
    *nruns = to.nruns;
    return rc;
}

/* By walking the stretches of both side by side. */
int64_t rle_shared(const struct rle_run *a, size_t na, const struct rle_run *b, size_t nb)
{
    int64_t both = 0;

    for (size_t i = 0, j = 0; i < na && j < nb;) {
        uint32_t from = a[i].from > b[j].from ? a[i].from : b[j].from;
        uint32_t to = a[i].to < b[j].to ? a[i].to : b[j].to;

        both += to > from ? to - from : 0;
        if (a[i].to <= b[j].to)
            i++;
        else
            j++;
    }
    return both;
}

/* ---- writing ---- */

struct writer {
    struct buf *b;
    uint64_t held;
    int nheld;
};

static void give(struct writer *w, uint32_t v, int k)
{
    w->held = w->held << k | v;
    w->nheld += k;
    while (w->nheld >= 8) {
        w->nheld -= 8;
        buf_addc(w->b, (char)(w->held >> w->nheld & 0xff));
    }
    w->held &= (1ULL << w->nheld) - 1;
}

static const int run_bits[] = {3, 4, 8, 16};

/* The head of a block: the shortest size that holds `count`. */
static void give_head(struct writer *w, bool run, uint32_t count)
{
    int which = 0;

    while (count > 1u << run_bits[which])
        which++;
    give(w, run, 1);
    give(w, (uint32_t)which, 2);
    give(w, count - 1, run_bits[which]);
}

/* The header of a mask of so many pixels; `most` is how many bytes it may come to. */
static int begin(struct ctx *cx, int64_t pixels, size_t most, struct buf *b, struct writer *w)
{
    if (pixels > LIMIT_PIXELS)
        return fail(cx, E_TOOBIG, "The mask has more than %lld pixels.", (long long)LIMIT_PIXELS);
    if (pixels < 1)
        return fail(cx, E_INVALID, "A mask needs at least one pixel.");
    buf_init(b, cx, most + 64);
    *w = (struct writer){.b = b};
    give(w, (uint32_t)pixels * 4, 32);
    give(w, 8 - 1, 5);
    for (int i = 0; i < 4; i++)
        give(w, (uint32_t)run_bits[i] - 1, 4);
    return 0;
}

/* All four channels of a pixel are equal, so pixels are runs of at least four words. */
static void give_pixels(struct writer *w, int64_t pixels, uint8_t value)
{
    for (int64_t words = pixels * 4; words > 0; words -= 65536) {
        give_head(w, true, (uint32_t)(words > 65536 ? 65536 : words));
        give(w, value, 8);
    }
}

/* Always on to the next byte, a whole one when none is begun: as the masks of Label Studio end. */
static int end(struct writer *w, uint8_t **out, size_t *n)
{
    give(w, 0, 8 - w->nheld);
    *out = (uint8_t *)w->b->s;
    *n = w->b->n;
    return w->b->rc;
}

int rle_encode(struct ctx *cx, const uint8_t *alpha, int64_t pixels, uint8_t **out, size_t *n)
{
    struct writer w;
    struct buf b;
    int rc = begin(cx, pixels, (size_t)pixels * 4, &b, &w);

    if (rc < 0)
        return rc;
    for (int64_t i = 0, j; i < pixels; i = j) {
        for (j = i + 1; j < pixels && alpha[j] == alpha[i]; j++)
            ;
        give_pixels(&w, j - i, alpha[i]);
    }
    return end(&w, out, n);
}

int rle_encode_runs(struct ctx *cx, const struct rle_run *run, size_t nruns, int64_t pixels,
                    uint8_t **out, size_t *n)
{
    struct writer w;
    struct buf b;
    uint32_t at = 0;
    int rc = begin(cx, pixels, nruns * 8 + (size_t)pixels / 2048 + 16, &b, &w);

    if (rc < 0)
        return rc;
    for (size_t i = 0; i < nruns; i++) {
        give_pixels(&w, run[i].from - at, 0);
        give_pixels(&w, run[i].to - run[i].from, 255);
        at = run[i].to;
    }
    give_pixels(&w, pixels - at, 0);
    return end(&w, out, n);
}
