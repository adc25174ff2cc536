/*
 * mask_read.c -- the masks of a picture become patterns.
 *
 * All run lists of a picture are walked at once; wherever one of them changes, a piece ends.
 * Pieces with the same classes share a pattern, found by a hash of its classes.  The region of a
 * picture is what anybody drew and two pixels around it; only the pattern without any foreground
 * has pixels outside, so it is enough to count how many pixels the widened union has.
 */
#include <stdlib.h>

#include "stats/mask.h"

#define AROUND 2                /* pixels */
#define NONE   UINT32_MAX

struct cut {                    /* one picture being cut */
    const struct as_masks *in;
    struct as_picture *p;
    const size_t *mask;         /* [p->n] masks, by worker */
    size_t *at;                 /* [n] the run each one is in */
    uint32_t *left;             /* [n] pixels left of it */
    uint16_t *now;              /* [n] its class */
    uint32_t *slot, slots;      /* hash of patterns, size a power of two */
};

/* ------------------------------------------------------------------ walking the runs */

/* Mask m goes to its next run that is not empty; past the last one all is background. */
static void next_run(struct cut *c, uint32_t m)
{
    const struct as_masks *in = c->in;
    size_t end = in->start[c->mask[m] + 1], first = in->start[c->mask[m]];

    while (c->at[m] < end && !c->left[m]) {
        size_t k = c->at[m]++;
        c->left[m] = in->run[k];
        c->now[m] = in->value ? in->value[k] : (uint16_t)((k - first) & 1);
    }
    if (!c->left[m]) {
        c->left[m] = NONE;
        c->now[m] = 0;
    }
}

static uint32_t find_pattern(struct cut *c)
{
    struct as_picture *p = c->p;
    uint64_t h = 0;

    for (uint32_t m = 0; m < p->n; m++)
        h = (h ^ c->now[m]) * 0x9E3779B97F4A7C15u;
    uint32_t at = (uint32_t)(h >> 32) & (c->slots - 1);
    for (;; at = (at + 1) & (c->slots - 1)) {
        uint32_t k = c->slot[at];
        if (k == NONE)
            break;
        uint32_t m = 0;
        while (m < p->n && p->said[(size_t)k * p->n + m] == c->now[m])
            m++;
        if (m == p->n)
            return k;
    }
    for (uint32_t m = 0; m < p->n; m++)
        p->said[(size_t)p->patterns * p->n + m] = c->now[m];
    return c->slot[at] = p->patterns++;
}

static void cut_all(struct cut *c, uint64_t total)
{
    struct as_picture *p = c->p;

    for (uint32_t m = 0; m < p->n; m++)
        c->at[m] = c->in->start[c->mask[m]];
    for (uint64_t done = 0; done < total; ) {
        uint64_t step = total - done;
        for (uint32_t m = 0; m < p->n; m++) {
            if (!c->left[m])
                next_run(c, m);
            step = c->left[m] < step ? c->left[m] : step;
        }
        uint32_t pattern = find_pattern(c);
        if (p->pieces && p->piece[p->pieces - 1] == pattern) {
            p->length[p->pieces - 1] += (uint32_t)step;
        } else {
            p->piece[p->pieces] = pattern;
            p->length[p->pieces++] = (uint32_t)step;
        }
        p->pixels[pattern] += (double)step;
        for (uint32_t m = 0; m < p->n; m++)
            c->left[m] -= c->left[m] == NONE ? 0 : (uint32_t)step;
        done += step;
    }
}

/* ------------------------------------------------------------------ the region */

struct stretch {                /* part of one row */
    uint32_t from, to;
};

static int by_from(const void *a, const void *b)
{
    const struct stretch *x = a, *y = b;

    return x->from < y->from ? -1 : x->from > y->from;
}

static int is_empty(const struct as_picture *p, uint32_t pattern)
{
    uint32_t m = 0;

    while (m < p->n && p->said[(size_t)pattern * p->n + m] == 0)
        m++;
    return m == p->n;
}

/* Pixels of the union of stretches of one row, each widened by AROUND. */
static double measure(struct stretch *s, size_t n, uint32_t width)
{
    double sum = 0;
    uint32_t reached = 0;

    qsort(s, n, sizeof *s, by_from);
    for (size_t k = 0; k < n; k++) {
        uint32_t from = s[k].from > AROUND ? s[k].from - AROUND : 0;
        uint32_t to = width - s[k].to > AROUND ? s[k].to + AROUND : width;
        from = from > reached ? from : reached;
        if (to > from) {
            sum += to - from;
            reached = to;
        }
    }
    return sum;
}

/* What is drawn, as stretches of rows; the next one of row r goes to some[next[r]++].  Without
   `some` they are only counted. */
static void rows_of(const struct as_picture *p, uint32_t width, size_t *next, struct stretch *some)
{
    uint64_t at = 0;

    for (size_t k = 0; k < p->pieces; at += p->length[k++]) {
        if (is_empty(p, p->piece[k]))
            continue;
        for (uint64_t from = at, end = at + p->length[k]; from < end; ) {
            uint64_t row = from / width, stop = (row + 1) * width;
            stop = stop < end ? stop : end;
            size_t slot = next[row]++;
            if (some)
                some[slot] = (struct stretch){ (uint32_t)(from - row * width),
                                               (uint32_t)(stop - row * width) };
            from = stop;
        }
    }
}

/* near[] of all patterns. */
static int find_region(struct as_picture *p, uint32_t width, uint32_t height)
{
    struct as_pool pool = { 0 };
    double area = 0, drawn = 0;
    size_t *next = as_take(&pool, height, sizeof *next);
    size_t *first = as_take(&pool, (size_t)height + 1, sizeof *first);

    if (!next || !first)
        goto none;
    rows_of(p, width, next, NULL);
    for (uint32_t r = 0; r < height; r++) {
        first[r + 1] = first[r] + next[r];
        next[r] = first[r];
    }
    struct stretch *some = as_take(&pool, first[height], sizeof *some);
    struct stretch *close = as_take(&pool, first[height], sizeof *close);
    if (!some || !close)
        goto none;
    rows_of(p, width, next, some);
    for (uint32_t r = 0; r < height; r++) {
        size_t k = first[r > AROUND ? r - AROUND : 0], n = 0;
        size_t end = first[height - r > AROUND ? r + AROUND + 1 : height];
        while (k < end)
            close[n++] = some[k++];
        area += measure(close, n, width);
    }
    for (uint32_t k = 0; k < p->patterns; k++)
        drawn += is_empty(p, k) ? 0 : p->pixels[k];
    for (uint32_t k = 0; k < p->patterns; k++)
        p->near[k] = is_empty(p, k) ? area - drawn : p->pixels[k];
    as_pool_end(&pool);
    return AS_OK;
none:
    as_pool_end(&pool);
    return AS_ENOMEM;
}

/* ------------------------------------------------------------------ all pictures */

static int cut_picture(struct as_mask_fit *f, uint32_t task, const size_t *mask, uint32_t n)
{
    const struct as_masks *in = f->in;
    struct as_picture *p = &f->picture[task];
    struct as_pool pool = { 0 };
    size_t runs = 1;

    p->n = n;
    for (uint32_t m = 0; m < n; m++)
        runs += in->start[mask[m] + 1] - in->start[mask[m]] + 1;
    if (runs >= NONE / 4)
        return AS_ETOOBIG;
    struct cut c = { .in = in, .p = p, .mask = mask, .slots = 2 };
    while (c.slots < 2 * runs)
        c.slots *= 2;
    c.at = as_take(&pool, n, sizeof *c.at);
    c.left = as_take(&pool, n, sizeof *c.left);
    c.now = as_take(&pool, n, sizeof *c.now);
    c.slot = as_take(&pool, c.slots, sizeof *c.slot);
    p->worker = as_take(f->pool, n, sizeof *p->worker);
    p->said = as_take(f->pool, runs * (n ? n : 1), sizeof *p->said);
    p->pixels = as_take(f->pool, runs, sizeof *p->pixels);
    p->piece = as_take(f->pool, runs, sizeof *p->piece);
    p->length = as_take(f->pool, runs, sizeof *p->length);
    if (!c.at || !c.left || !c.now || !c.slot || !p->worker || !p->said || !p->pixels || !p->piece
        || !p->length) {
        as_pool_end(&pool);
        return AS_ENOMEM;
    }
    for (uint32_t k = 0; k < c.slots; k++)
        c.slot[k] = NONE;
    for (uint32_t m = 0; m < n; m++)
        p->worker[m] = in->worker[mask[m]];
    cut_all(&c, (uint64_t)in->width[task] * in->height[task]);
    as_pool_end(&pool);
    p->near = as_take(f->pool, p->patterns, sizeof *p->near);
    p->q = as_take(f->pool, (size_t)p->patterns * in->classes, sizeof *p->q);
    p->answer = as_take(f->pool, p->patterns, sizeof *p->answer);
    if (!p->near || !p->q || !p->answer)
        return AS_ENOMEM;
    return find_region(p, in->width[task], in->height[task]);
}

static int check(const struct as_masks *in)
{
    if (in->classes < 2)
        return AS_EINVAL;
    for (size_t m = 0; m < in->n; m++)          /* before any run is looked at */
        if (in->start[m] > in->start[m + 1])
            return AS_EINVAL;
    if (in->classes > AS_MASK_CLASSES_MAX)
        return AS_ETOOBIG;
    for (uint32_t t = 0; t < in->tasks; t++) {
        uint64_t pixels = (uint64_t)in->width[t] * in->height[t];
        if (!pixels)
            return AS_EINVAL;
        if (pixels > AS_MASK_PIXELS_MAX)
            return AS_ETOOBIG;
    }
    for (size_t m = 0; m < in->n; m++) {
        uint64_t sum = 0;
        if (in->task[m] >= in->tasks || in->worker[m] >= in->workers)
            return AS_EINVAL;
        for (size_t k = in->start[m]; k < in->start[m + 1]; k++) {
            sum += in->run[k];
            if (in->value && in->value[k] >= in->classes)
                return AS_EINVAL;
        }
        if (sum > (uint64_t)in->width[in->task[m]] * in->height[in->task[m]])
            return AS_EINVAL;
    }
    return AS_OK;
}

static int by_place(const void *a, const void *b, void *arg)
{
    const struct as_masks *in = arg;
    size_t x = *(const size_t *)a, y = *(const size_t *)b;

    if (in->task[x] != in->task[y])
        return in->task[x] < in->task[y] ? -1 : 1;
    return in->worker[x] < in->worker[y] ? -1 : in->worker[x] > in->worker[y];
}

int as_mask_read(struct as_mask_fit *f)
{
    const struct as_masks *in = f->in;
    struct as_masks sorting = *in;
    int rc = check(in);
    size_t *order = rc ? NULL : as_take(f->pool, in->n, sizeof *order), at = 0;

    if (!order)
        return rc ? rc : AS_ENOMEM;
    for (size_t m = 0; m < in->n; m++)
        order[m] = m;
    qsort_r(order, in->n, sizeof *order, by_place, &sorting);
    for (size_t m = 1; m < in->n; m++)
        if (by_place(&order[m - 1], &order[m], &sorting) == 0)
            return AS_EDUPLICATE;
    for (uint32_t t = 0; t < in->tasks && !rc; t++) {
        size_t from = at;
        while (at < in->n && in->task[order[at]] == t)
            at++;
        if (at - from > AS_MASK_SHARED_MAX)
            return AS_ETOOBIG;
        rc = cut_picture(f, t, order + from, (uint32_t)(at - from));
    }
    return rc;
}
