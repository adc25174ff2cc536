/*
 * mask_smooth.c -- neighbours pull: the Ising (Potts) model, by iterated conditional modes.
 *
 *   label of a pixel = argmax_k  ln q_x(k) + smooth * (how many of its four neighbours have k)
 *
 * row by row, until nothing changes (Besag, JRSS B 48, 1986); 20 rounds at most.  Afterwards a
 * pattern is a pattern with an answer, so a pixel may answer otherwise than others of its pattern.
 * O(pixels * classes) a round.
 */
#include <math.h>

#include "stats/mask.h"

#define ROUNDS 20
#define NONE   UINT32_MAX

struct field {
    const struct as_picture *p;
    uint32_t K, width, height;
    double smooth;
    uint32_t *pattern;          /* [width * height] */
    uint16_t *label;
    double *logq;               /* [patterns * K] */
};

static uint16_t best_label(const struct field *s, size_t at, uint32_t x, uint32_t y)
{
    const double *logq = &s->logq[(size_t)s->pattern[at] * s->K];
    uint16_t best = s->label[at];
    double top = -INFINITY;

    for (uint32_t k = 0; k < s->K; k++) {
        int same = (x > 0 && s->label[at - 1] == k) + (x + 1 < s->width && s->label[at + 1] == k)
                   + (y > 0 && s->label[at - s->width] == k)
                   + (y + 1 < s->height && s->label[at + s->width] == k);
        double score = logq[k] + s->smooth * same;
        if (score > top) {
            top = score;
            best = (uint16_t)k;
        }
    }
    return best;
}

static void relax(struct field *s)
{
    int moved = 1;

    for (int round = 0; round < ROUNDS && moved; round++) {
        size_t at = 0;
        moved = 0;
        for (uint32_t y = 0; y < s->height; y++)
            for (uint32_t x = 0; x < s->width; x++, at++) {
                uint16_t label = best_label(s, at, x, y);
                moved |= label != s->label[at];
                s->label[at] = label;
            }
    }
}

/* The picture once more, a pattern for every pair of pattern and label that occurs. */
static int cut_anew(struct as_mask_fit *f, const struct field *s, struct as_picture *p)
{
    const struct as_picture old = *p;
    size_t pixels = (size_t)s->width * s->height, pieces = 0, pairs = (size_t)old.patterns * s->K;
    uint32_t *of = as_take(f->pool, pairs, sizeof *of), n = 0;

    for (size_t at = 0; at < pixels; at++)
        pieces += !at || s->pattern[at] != s->pattern[at - 1] || s->label[at] != s->label[at - 1];
    p->piece = as_take(f->pool, pieces, sizeof *p->piece);
    p->length = as_take(f->pool, pieces, sizeof *p->length);
    p->said = as_take(f->pool, pairs * (p->n ? p->n : 1), sizeof *p->said);
    p->pixels = as_take(f->pool, pairs, sizeof *p->pixels);
    p->q = as_take(f->pool, pairs * s->K, sizeof *p->q);
    p->answer = as_take(f->pool, pairs, sizeof *p->answer);
    if (!of || !p->piece || !p->length || !p->said || !p->pixels || !p->q || !p->answer)
        return AS_ENOMEM;
    for (size_t k = 0; k < pairs; k++)
        of[k] = NONE;
    p->pieces = 0;
    for (size_t at = 0; at < pixels; at++) {
        uint32_t was = s->pattern[at], *now = &of[(size_t)was * s->K + s->label[at]];
        if (*now == NONE) {
            *now = n++;
            p->answer[*now] = s->label[at];
            for (uint32_t m = 0; m < p->n; m++)
                p->said[(size_t)*now * p->n + m] = old.said[(size_t)was * p->n + m];
            for (uint32_t k = 0; k < s->K; k++)
                p->q[(size_t)*now * s->K + k] = old.q[(size_t)was * s->K + k];
        }
        p->pixels[*now]++;
        if (!p->pieces || p->piece[p->pieces - 1] != *now)
            p->piece[p->pieces++] = *now;
        p->length[p->pieces - 1]++;
    }
    p->patterns = n;
    p->near = p->pixels;                /* nobody asks any more */
    return AS_OK;
}

int as_mask_smooth(struct as_mask_fit *f, uint32_t task)
{
    struct as_picture *p = &f->picture[task];
    struct as_pool pool = { 0 };
    struct field s = { .p = p, .K = f->in->classes, .width = f->in->width[task],
                       .height = f->in->height[task], .smooth = f->o->smooth };
    size_t pixels = (size_t)s.width * s.height, at = 0;
    int rc = AS_ENOMEM;

    s.pattern = as_take(&pool, pixels, sizeof *s.pattern);
    s.label = as_take(&pool, pixels, sizeof *s.label);
    s.logq = as_take(&pool, (size_t)p->patterns * s.K, sizeof *s.logq);
    if (s.pattern && s.label && s.logq) {
        for (size_t k = 0; k < (size_t)p->patterns * s.K; k++)
            s.logq[k] = log(fmax(p->q[k], 1e-300));
        for (size_t k = 0; k < p->pieces; k++)
            for (uint32_t n = p->length[k]; n; n--, at++) {
                s.pattern[at] = p->piece[k];
                s.label[at] = p->answer[p->piece[k]];
            }
        relax(&s);
        rc = cut_anew(f, &s, p);
    }
    as_pool_end(&pool);
    return rc;
}
