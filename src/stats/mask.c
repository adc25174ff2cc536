/*
 * mask.c -- masks of several people become one: the methods' registry and what all of them share.
 *
 * as_merge_masks cuts the pictures into patterns (mask_read.c), lets the method say how likely each
 * class is in each pattern, smooths where that is asked for, and writes down the answers: runs,
 * expected IoU, and how well everybody's masks agree with the answers.
 */
#include <math.h>
#include <string.h>

#include "stats/mask.h"
#include "stats/special.h"
#include "stats/tally.h"

static const struct {
    const struct as_method_info *info;
    int (*run)(struct as_mask_fit *f);
} methods[] = {
#define MASK(name) { &as_mask_##name##_info, as_mask_##name },
#include "stats/mask.def"
#undef MASK
};
#define METHODS (sizeof methods / sizeof *methods)

const struct as_method_info *as_mask_method(unsigned at)
{
    return at < METHODS ? methods[at].info : NULL;
}

void as_mask_opts_init(struct as_mask_opts *o)
{
    *o = (struct as_mask_opts){ .max_iter = 200, .tol = 1e-7, .trust = 1, .history = .1,
                                .level = .95 };
}

static int opts_check(const struct as_mask_opts *o)
{
    int good = o->max_iter >= 1 && o->max_iter <= 1000000 && o->tol >= 0 && isfinite(o->tol)
               && o->trust >= 0 && isfinite(o->trust) && o->history >= 0 && isfinite(o->history)
               && o->smooth >= 0 && isfinite(o->smooth)
               && o->level > 0 && o->level < 1;

    return good ? AS_OK : AS_EINVAL;
}

void as_mask_settle(struct as_mask_fit *f, struct as_picture *p)
{
    uint32_t K = f->in->classes;

    p->tied = 0;
    for (uint32_t x = 0; x < p->patterns; x++) {
        const double *q = &p->q[(size_t)x * K];
        double top = 0;
        uint16_t best = 0;
        for (uint32_t k = 0; k < K; k++)
            top = fmax(top, q[k]);
        while (q[best] < top * (1 - AS_TIE_EPS))
            best++;
        p->answer[x] = best;
        for (uint32_t k = best + 1u; k < K; k++)
            p->tied |= q[k] >= top * (1 - AS_TIE_EPS);
    }
}

double as_mask_iou(const struct as_picture *p, uint32_t m)
{
    double both = 0, any = 0;

    for (uint32_t x = 0; x < p->patterns; x++) {
        uint16_t said = p->said[(size_t)x * p->n + m], is = p->answer[x];
        both += said && said == is ? p->pixels[x] : 0;
        any += said || is ? p->pixels[x] : 0;
    }
    return any > 0 ? both / any : 1;
}

/* ------------------------------------------------------------------ writing it down */

/* Runs of one picture, and how many they are; with run NULL they are only counted. */
static size_t write_runs(const struct as_mask_fit *f, const struct as_picture *p, uint32_t *run,
                         uint16_t *value)
{
    uint16_t open = 0;
    size_t n = f->in->classes == 2 && p->answer[p->piece[0]];   /* begins with background */

    for (size_t k = 0; k < p->pieces; k++) {
        uint16_t class = p->answer[p->piece[k]];
        if (!n || class != open) {
            open = class;
            if (run)
                value[n] = class;
            n++;
        }
        if (run)
            run[n - 1] += p->length[k];
    }
    return n;
}

/* Expected pixels right over expected pixels in either the answer or the truth. */
static double expected_iou(const struct as_mask_fit *f, const struct as_picture *p)
{
    uint32_t K = f->in->classes;
    double both = 0, any = 0;

    for (uint32_t x = 0; x < p->patterns; x++) {
        const double *q = &p->q[(size_t)x * K];
        uint16_t is = p->answer[x];
        both += is ? p->pixels[x] * q[is] : 0;
        any += p->pixels[x] * (is ? 1 : 1 - q[0]);
    }
    return any > 0 ? fmin(both / any, 1) : 1;
}

static int write_answers(struct as_mask_fit *f)
{
    struct as_mask_result *r = f->out;
    size_t n = 0;

    for (uint32_t t = 0; t < r->tasks; t++) {
        const struct as_picture *p = &f->picture[t];
        r->start[t] = n;
        n += write_runs(f, p, NULL, NULL);
        r->confidence[t] = p->n ? expected_iou(f, p) : 0;
        r->flags[t] = (uint8_t)((p->tied ? AS_TIED : 0) | (p->n ? 0 : AS_NO_VOTES));
    }
    r->start[r->tasks] = n;
    r->run = as_take(f->kept, n, sizeof *r->run);
    r->value = as_take(f->kept, n, sizeof *r->value);
    if (!r->run || !r->value)
        return AS_ENOMEM;
    for (uint32_t t = 0; t < r->tasks; t++)
        write_runs(f, &f->picture[t], r->run + r->start[t], r->value + r->start[t]);
    return AS_OK;
}

/* Skill: mean IoU of the worker's masks with the answers, with Student's interval. */
static int write_workers(struct as_mask_fit *f)
{
    struct as_mask_result *r = f->out;
    double *square = as_take(f->pool, r->workers, sizeof *square);

    if (!square)
        return AS_ENOMEM;
    for (uint32_t t = 0; t < r->tasks; t++) {
        const struct as_picture *p = &f->picture[t];
        for (uint32_t m = 0; m < p->n; m++) {
            struct as_worker *w = &r->worker[p->worker[m]];
            double iou = as_mask_iou(p, m), step = iou - w->skill;
            w->n++;
            w->skill += step / (double)w->n;        /* Welford */
            square[p->worker[m]] += step * (iou - w->skill);
        }
    }
    for (uint32_t j = 0; j < r->workers; j++) {
        struct as_worker *w = &r->worker[j];
        double n = (double)w->n, half = 1;
        w->weight = f->weight[j];
        if (w->n == 0)
            w->skill = .5;
        if (w->n > 1)
            half = as_student_quantile((1 + f->o->level) / 2, n - 1)
                   * sqrt(square[j] / (n - 1) / n);
        w->lo = fmax(0, w->skill - half);
        w->hi = fmin(1, w->skill + half);
    }
    return AS_OK;
}

/* ------------------------------------------------------------------ the door */

static int lay_out(struct as_mask_fit *f)
{
    struct as_mask_result *r = f->out;

    r->tasks = f->in->tasks;
    r->workers = f->in->workers;
    r->classes = f->in->classes;
    r->start = as_take(f->kept, (size_t)r->tasks + 1, sizeof *r->start);
    r->confidence = as_take(f->kept, r->tasks, sizeof *r->confidence);
    r->flags = as_take(f->kept, r->tasks, sizeof *r->flags);
    r->worker = as_take(f->kept, r->workers, sizeof *r->worker);
    f->picture = as_take(f->pool, r->tasks, sizeof *f->picture);
    f->weight = as_take(f->pool, r->workers, sizeof *f->weight);
    if (!r->start || !r->confidence || !r->flags || !r->worker || !f->picture || !f->weight)
        return AS_ENOMEM;
    for (uint32_t j = 0; j < r->workers; j++)
        f->weight[j] = 1;
    return AS_OK;
}

static int merge(struct as_mask_fit *f, int (*run)(struct as_mask_fit *f))
{
    int rc = lay_out(f);

    rc = rc ? rc : as_mask_read(f);
    rc = rc ? rc : run(f);
    for (uint32_t t = 0; !rc && f->o->smooth > 0 && t < f->in->tasks; t++)
        rc = as_mask_smooth(f, t);
    rc = rc ? rc : write_answers(f);
    return rc ? rc : write_workers(f);
}

int as_merge_masks(const struct as_masks *in, const char *method, const struct as_mask_opts *o,
                   struct as_mask_result **out)
{
    struct as_pool scratch = { 0 };
    struct as_mask_opts plain;
    int row;

    *out = NULL;
    if (!o) {
        as_mask_opts_init(&plain);
        o = &plain;
    }
    if ((row = as_row(as_mask_method, method)) < 0)
        return AS_ENOMETHOD;
    int rc = opts_check(o);
    if (rc)
        return rc;
    struct as_mask_result *r = as_own(sizeof *r);
    if (!r)
        return AS_ENOMEM;
    r->method = methods[row].info->id;
    struct as_mask_fit f = { .in = in, .o = o, .out = r, .pool = &scratch,
                             .kept = as_owned(r) };
    rc = merge(&f, methods[row].run);
    as_pool_end(&scratch);
    if (rc)
        as_disown(r);
    else
        *out = r;
    return rc;
}

void as_mask_result_free(struct as_mask_result *r)
{
    as_disown(r);
}
