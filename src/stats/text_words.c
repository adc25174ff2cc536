/*
 * text_words.c -- from bytes to words: UTF-8, small letters, where a text is cut, words as numbers.
 *
 * Two short tables instead of the whole of Unicode.  `cuts` lists the blocks that hold no letters,
 * digits or marks; everything else beyond ASCII belongs to a word, so a script that is not written
 * down here is kept rather than lost.  Small letters come from the regular ranges, where a letter
 * and its capital take the same number of bytes (but for one).
 */
#include <string.h>

#include "stats/text.h"

#define BAD      UINT32_MAX
#define DOTTED_I 0x130      /* its small form is i and a dot that is no letter: the word ends */

struct range {
    uint32_t from, to;
};

static const struct range cuts[] = {
    { 0x80, 0xA9 }, { 0xAB, 0xB1 }, { 0xB4, 0xB4 }, { 0xB6, 0xB8 }, { 0xBB, 0xBB }, { 0xBF, 0xBF },
    { 0xD7, 0xD7 }, { 0xF7, 0xF7 }, { 0x2C2, 0x2C5 }, { 0x2D2, 0x2DF }, { 0x37E, 0x37E },
    { 0x387, 0x387 }, { 0x55A, 0x55F }, { 0x589, 0x58F }, { 0x5BE, 0x5BE }, { 0x5C0, 0x5C0 },
    { 0x5C3, 0x5C3 }, { 0x5C6, 0x5C6 }, { 0x5F3, 0x5F4 }, { 0x600, 0x60F }, { 0x61B, 0x61F },
    { 0x66A, 0x66D }, { 0x6D4, 0x6D4 }, { 0x964, 0x965 }, { 0xE3F, 0xE3F }, { 0xE4F, 0xE4F },
    { 0xE5A, 0xE5B }, { 0x104A, 0x104F }, { 0x1360, 0x1368 }, { 0x1680, 0x1680 },
    { 0x17D4, 0x17DB }, { 0x1800, 0x180A }, { 0x2000, 0x206F }, { 0x20A0, 0x20CF },
    { 0x2190, 0x245F }, { 0x2500, 0x2BFF }, { 0x2E00, 0x2E7F }, { 0x3000, 0x3004 },
    { 0x3008, 0x3020 }, { 0x3030, 0x3030 }, { 0x303D, 0x303F }, { 0x30A0, 0x30A0 },
    { 0x30FB, 0x30FB }, { 0xE000, 0xF8FF }, { 0xFD3E, 0xFD3F }, { 0xFE10, 0xFE1F },
    { 0xFE30, 0xFE6F }, { 0xFEFF, 0xFEFF }, { 0xFF01, 0xFF0F }, { 0xFF1A, 0xFF20 },
    { 0xFF3B, 0xFF40 }, { 0xFF5B, 0xFF65 }, { 0xFFE0, 0xFFFF }, { 0x1F000, 0x1FAFF },
    { 0xE0000, 0x10FFFF },
};

/* Scripts written without blanks. */
static const struct range alone[] = {
    { 0xE00, 0xEFF }, { 0x1000, 0x109F }, { 0x1780, 0x17FF }, { 0x2E80, 0x2FDF },
    { 0x3005, 0x3007 }, { 0x3021, 0x30FF }, { 0x31F0, 0x31FF }, { 0x3400, 0x4DBF },
    { 0x4E00, 0x9FFF }, { 0xF900, 0xFAFF }, { 0xFF66, 0xFF9F }, { 0x20000, 0x3FFFF },
};

static int within(const struct range *r, size_t n, uint32_t c)
{
    size_t lo = 0;

    while (n) {                         /* the first range that ends at c or later */
        size_t half = n / 2;
        if (r[lo + half].to < c) {
            lo += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return r[lo].from <= c && c <= r[lo].to;
}

#define WITHIN(table, c) \
    ((c) <= (table)[sizeof(table) / sizeof *(table) - 1].to \
     && within(table, sizeof(table) / sizeof *(table), c))

/* One code point at s, of `left` >= 1 bytes; BAD takes one byte. */
static uint32_t rune(const char *s, size_t left, size_t *bytes)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    uint32_t c = (unsigned char)s[0];
    size_t n = c < 0x80 ? 1 : c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3
               : c >= 0xF0 && c < 0xF5 ? 4 : 0;

    *bytes = 1;
    if (n == 1)
        return c;
    if (!n || n > left)
        return BAD;
    c &= 0xFFu >> (n + 1);
    for (size_t k = 1; k < n; k++) {
        unsigned char b = (unsigned char)s[k];
        if ((b & 0xC0) != 0x80)
            return BAD;
        c = c << 6 | (b & 0x3F);
    }
    if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        return BAD;
    *bytes = n;
    return c;
}

static int is_ascii_word(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
           || c == '\'';
}

int as_cut_next(struct as_cut *c)
{
    size_t at = c->end, bytes;

    c->alone = 0;
    c->begin = at;
    while (at < c->p.length) {
        uint32_t r = rune(c->p.text + at, c->p.length - at, &bytes);
        int word = r < 0x80 ? is_ascii_word(r) : r != BAD && !WITHIN(cuts, r);
        int single = word && r >= 0xE00 && WITHIN(alone, r);
        if (at > c->begin && (!word || single))
            break;
        at += bytes;
        if (!word)
            c->begin = at;
        if (single) {
            c->alone = 1;
            break;
        }
        if (r == DOTTED_I)
            break;
    }
    c->end = at;
    return at > c->begin;
}

/* ------------------------------------------------------------------ small letters */

static uint32_t small(uint32_t c)
{
    if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3AB && c != 0x3A2)
        || (c >= 0x410 && c <= 0x42F))
        return c + 32;                          /* Latin-1, Greek, Cyrillic */
    if (c >= 0x400 && c <= 0x40F)
        return c + 80;
    if (c >= 0x531 && c <= 0x556)               /* Armenian */
        return c + 48;
    if (c >= 0xFF21 && c <= 0xFF3A)             /* full width */
        return c + 32;
    if (c == 0x178)
        return 0xFF;
    if (c == 0x386)
        return 0x3AC;
    if (c >= 0x388 && c <= 0x38A)
        return c + 37;
    if (c == 0x38C)
        return 0x3CC;
    if (c == 0x38E || c == 0x38F)
        return c + 63;
    /* Where capitals and small letters take turns: the capital odd … */
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E) || (c >= 0x1CD && c <= 0x1DC)
        || (c >= 0x4C1 && c <= 0x4CE))
        return c + (c & 1);
    /* … and the capital even. */
    if ((c >= 0x100 && c <= 0x137 && c != 0x130 && c != 0x131) || (c >= 0x14A && c <= 0x177)
        || (c >= 0x1DE && c <= 0x1EF) || (c >= 0x1F8 && c <= 0x21F) || (c >= 0x222 && c <= 0x233)
        || (c >= 0x3D8 && c <= 0x3EF) || (c >= 0x460 && c <= 0x481) || (c >= 0x48A && c <= 0x4BF)
        || (c >= 0x4D0 && c <= 0x52F) || (c >= 0x1E00 && c <= 0x1E95)
        || (c >= 0x1EA0 && c <= 0x1EFF))
        return c | 1;
    return c;
}

static void put_rune(uint32_t c, size_t bytes, char *out)
{
    static const uint32_t lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };

    for (size_t k = bytes; --k; c >>= 6)
        out[k] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)(lead[bytes] | c);
}

size_t as_fold(const char *word, size_t length, char *out)
{
    size_t bytes, n = 0;

    for (size_t at = 0; at < length; at += bytes) {
        uint32_t c = rune(word + at, length - at, &bytes);
        if (c < 0x80)
            out[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
        else if (c == DOTTED_I)
            out[n++] = 'i';
        else if (c == BAD)
            out[n++] = word[at];
        else {
            put_rune(small(c), bytes, out + n);
            n += bytes;
        }
    }
    return n;
}

size_t as_words_plain(struct as_phrase p, char *out, size_t size)
{
    struct as_cut c = { .p = p };
    size_t n = 0, full = 0;             /* full: what the room allowed, up to a whole character */
    int open = size > 0;

    while (as_cut_next(&c)) {
        size_t bytes;
        if (n) {
            if ((open = open && n + 1 < size))
                out[full++] = ' ';
            n++;
        }
        for (size_t at = c.begin; at < c.end; at += bytes) {
            char letter[4];
            rune(p.text + at, c.end - at, &bytes);
            size_t small = as_fold(p.text + at, bytes, letter);
            n += small;
            if ((open = open && n < size)) {
                memcpy(out + full, letter, small);
                full = n;
            }
        }
    }
    if (size)
        out[full] = 0;
    return n;
}

/* ------------------------------------------------------------------ words as numbers */

struct kind {                           /* a word met before, 0 bytes: an empty place */
    uint64_t hash;
    size_t at;
    uint32_t bytes, id;
};

struct index {                          /* open addressing, at most half full */
    struct kind *kind;
    size_t mask;
    char *letters;                      /* the words, folded, one after the other */
    size_t used;
    uint32_t kinds;
};

static uint64_t hash_bytes(const char *s, size_t n)
{
    uint64_t h = 0x9E3779B97F4A7C15u + n;

    for (size_t k = 0; k < n; k++)
        h = (h ^ (unsigned char)s[k]) * 0x100000001B3u;
    h = (h ^ (h >> 31)) * 0xBF58476D1CE4E5B9u;
    return h ^ (h >> 29);
}

static uint32_t id_of(struct index *x, const char *word, size_t bytes)
{
    char *mine = x->letters + x->used;

    bytes = as_fold(word, bytes, mine);
    uint64_t hash = hash_bytes(mine, bytes);
    for (size_t at = hash & x->mask;; at = (at + 1) & x->mask) {
        struct kind *k = &x->kind[at];
        if (!k->bytes) {
            *k = (struct kind){ hash, x->used, (uint32_t)bytes, x->kinds++ };
            x->used += bytes;
            return k->id;
        }
        if (k->hash == hash && k->bytes == bytes && !memcmp(x->letters + k->at, mine, bytes))
            return k->id;
    }
}

/* How many words; *longest is that of the text with most, *bytes the room their letters take. */
static size_t count(const struct as_phrase *text, size_t texts, size_t *bytes, size_t *longest)
{
    size_t all = 0;

    *bytes = *longest = 0;
    for (size_t a = 0; a < texts; a++) {
        struct as_cut c = { .p = text[a] };
        size_t mine = 0;
        for (; as_cut_next(&c); mine++)
            *bytes += c.end - c.begin;
        all += mine;
        *longest = mine > *longest ? mine : *longest;
    }
    return all;
}

int as_words_cut(const struct as_phrase *text, size_t texts, struct as_words *w,
                 struct as_pool *pool)
{
    struct index x = { 0 };
    size_t bytes, longest, places = 2, n = 0;

    *w = (struct as_words){ .texts = texts };
    w->n = count(text, texts, &bytes, &longest);
    if (longest > AS_WORDS_MAX || w->n >= UINT32_MAX)
        return AS_ETOOBIG;
    while (places < 2 * w->n)
        places *= 2;
    x.mask = places - 1;
    w->start = as_take(pool, texts + 1, sizeof *w->start);
    w->id = as_take(pool, w->n, sizeof *w->id);
    w->begin = as_take(pool, w->n, sizeof *w->begin);
    w->end = as_take(pool, w->n, sizeof *w->end);
    w->alone = as_take(pool, w->n, sizeof *w->alone);
    x.kind = as_take(pool, places, sizeof *x.kind);
    x.letters = as_take(pool, bytes + 1, 1);
    if (!w->start || !w->id || !w->begin || !w->end || !w->alone || !x.kind || !x.letters)
        return AS_ENOMEM;
    for (size_t a = 0; a < texts; a++) {
        struct as_cut c = { .p = text[a] };
        for (w->start[a] = n; as_cut_next(&c); n++) {
            w->id[n] = id_of(&x, text[a].text + c.begin, c.end - c.begin);
            w->begin[n] = (uint32_t)c.begin;
            w->end[n] = (uint32_t)c.end;
            w->alone[n] = (uint8_t)c.alone;
        }
    }
    w->start[texts] = n;
    w->kinds = x.kinds;
    return AS_OK;
}
