/*
 * text_distance.c -- how far two texts are apart.
 *
 *   word errors     Levenshtein distance over words, by rows; what both texts begin and end with is
 *                   set aside first.  O(an * bn)
 *   GLEU            n-grams of 1 to 4 words, counted with repeats: common / max(all of a, all of b)
 *                   (Wu et al. 2016, arXiv 1609.08144).  N-grams are 64-bit hashes; sorted once,
 *                   two texts meet in O(an + bn)
 *   vectors         character trigrams, hashed
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/text.h"

#define GRAM 4

uint32_t as_edits(const uint32_t *a, size_t an, const uint32_t *b, size_t bn, uint32_t *row)
{
    while (an && bn && a[an - 1] == b[bn - 1])
        an--, bn--;
    while (an && bn && *a == *b)
        a++, an--, b++, bn--;
    for (size_t j = 0; j <= bn; j++)
        row[j] = (uint32_t)j;
    for (size_t i = 0; i < an; i++) {
        uint32_t corner = row[0], left = ++row[0];
        for (size_t j = 0; j < bn; j++) {
            uint32_t above = row[j + 1], best = corner + (a[i] != b[j]);
            uint32_t step = (above < left ? above : left) + 1;
            row[j + 1] = left = step < best ? step : best;
            corner = above;
        }
    }
    return row[bn];
}

int as_word_errors(struct as_phrase said, struct as_phrase truth, size_t *errors, size_t *words)
{
    struct as_phrase both[] = { said, truth };
    struct as_pool pool = { 0 };
    struct as_words w;

    *errors = *words = 0;
    int rc = as_words_cut(both, 2, &w, &pool);
    if (!rc) {
        size_t an = w.start[1], bn = w.start[2] - an;
        uint32_t *row = as_take(&pool, bn + 1, sizeof *row);
        if (row) {
            *errors = as_edits(w.id, an, w.id + an, bn, row);
            *words = bn;
        }
        rc = row ? AS_OK : AS_ENOMEM;
    }
    as_pool_end(&pool);
    return rc;
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

size_t as_grams(const uint32_t *id, size_t n, uint64_t *out)
{
    size_t grams = 0;

    for (size_t from = 0; from < n; from++) {
        uint64_t h = 0x9E3779B97F4A7C15u;
        for (size_t k = from; k < n && k < from + GRAM; k++) {
            h = (h ^ (id[k] + 1u)) * 0xBF58476D1CE4E5B9u;
            h ^= h >> 29;
            out[grams++] = h;
        }
    }
    qsort(out, grams, sizeof *out, by_size);
    return grams;
}

double as_gram_likeness(const uint64_t *a, size_t an, const uint64_t *b, size_t bn)
{
    size_t common = 0, more = an > bn ? an : bn;

    for (size_t i = 0, j = 0; i < an && j < bn; ) {
        common += a[i] == b[j];
        size_t step = a[i] <= b[j];
        j += a[i] >= b[j];
        i += step;
    }
    return more ? (double)common / (double)more : 1;
}

int as_gleu(struct as_phrase a, struct as_phrase b, double *out)
{
    struct as_phrase both[] = { a, b };
    struct as_pool pool = { 0 };
    struct as_words w;

    *out = 0;
    int rc = as_words_cut(both, 2, &w, &pool);
    if (!rc) {
        size_t an = w.start[1], bn = w.start[2] - an;
        uint64_t *gram = as_take(&pool, GRAM * (an + bn), sizeof *gram);
        if (gram) {
            size_t ga = as_grams(w.id, an, gram), gb = as_grams(w.id + an, bn, gram + ga);
            *out = as_gram_likeness(gram, ga, gram + ga, gb);
        }
        rc = gram ? AS_OK : AS_ENOMEM;
    }
    as_pool_end(&pool);
    return rc;
}

/* ------------------------------------------------------------------ the built-in encoder */

/* CRC-32 of IEEE 802.3, bit by bit: trigrams are short. */
static uint32_t crc32(const char *s, size_t n)
{
    uint32_t c = UINT32_MAX;

    for (size_t k = 0; k < n; k++) {
        c ^= (unsigned char)s[k];
        for (int bit = 0; bit < 8; bit++)
            c = c >> 1 ^ (0xEDB88320u & (0u - (c & 1)));
    }
    return ~c;
}

static size_t character(const char *s, const char *end)
{
    size_t bytes = 1;

    while (s + bytes < end && ((unsigned char)s[bytes] & 0xC0) == 0x80)
        bytes++;
    return bytes;
}

int as_text_encode(struct as_phrase p, float out[AS_ENCODER_DIMS])
{
    struct as_pool pool = { 0 };
    double sum = 0;

    memset(out, 0, AS_ENCODER_DIMS * sizeof *out);
    char *text = as_take(&pool, p.length + 4, 1);
    if (!text)
        return AS_ENOMEM;
    memset(text, ' ', 2);
    size_t n = 2 + as_fold(p.text, p.length, text + 2);
    memset(text + n, ' ', 2);
    n += 2;
    for (size_t at = 0; at < n - 2; at += character(text + at, text + n)) {
        size_t end = at;
        for (int k = 0; k < 3; k++)
            end += character(text + end, text + n);
        out[crc32(text + at, end - at) % AS_ENCODER_DIMS] += 1;
    }
    for (int k = 0; k < AS_ENCODER_DIMS; k++)
        sum += (double)out[k] * (double)out[k];
    for (int k = 0; k < AS_ENCODER_DIMS; k++)
        out[k] = (float)((double)out[k] / sqrt(sum));
    as_pool_end(&pool);
    return AS_OK;
}
