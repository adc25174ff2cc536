/*
 * mask_staple.c -- how much of the true shape each person finds, and how much they draw beside it.
 *
 *   truth of a pixel   ~ f_i, the mean share of each class in the region of picture i
 *   mask m says l      with T^m_kl where the truth is k; with two classes the diagonal of T^m is
 *                      (specificity, sensitivity)
 *   E   q_x(k)  ~  f_ik * prod_m T^m_k,said
 *   M   T^m_kl  ~  prior_m,kl + sum over patterns of (share of the region) * q_x(k) [said l]
 *
 * Twice, first from the vote shares of all pixels, then from where that ended:
 *
 *   1. one table a worker, for all pictures together; prior: `trust` regions right on the diagonal;
 *   2. one table a mask, since who draws well misses a thing now and then; prior: `history` times
 *      the worker's table of step 1.
 *
 * The region is what anybody drew and two pixels around, so that background does not swamp the
 * specificities; every picture's region counts as one, whatever its size.  In each step log
 * likelihood and log prior together cannot fall.
 *
 * STAPLE: Warfield, Zou, Wells, IEEE TMI 23 (2004); many classes: Dawid & Skene 1979; the prior
 * that carries over from picture to picture is ours.  O(patterns * masks * classes) an iteration.
 */
#include <math.h>

#include "stats/mask.h"

const struct as_method_info as_mask_staple_info = {
    .id = "staple", .title = "STAPLE, pooled over pictures",
    .paper = "Warfield, Zou, Wells, IEEE Transactions on Medical Imaging 2004",
    .about = "Learns how much of the true shape each person finds and how much they draw beside "
             "it, over all pictures and then in each, and weighs every pixel by that. "
             "It costs some tens of rounds over the patterns of the pixels. "
             "Use it when the same people draw on many pictures.",
};

struct staple {
    struct as_mask_fit *f;
    uint32_t K;
    int apart;                  /* step 2: a table a mask */
    size_t tables;
    double *t;                  /* [tables * K * K] T at [table][l][k] */
    double *count, *prior;      /* the same shape */
    size_t *first;              /* [tasks] number of the picture's first mask */
    double *share;              /* [tasks * K] f */
    double *scale;              /* [tasks] 1 / pixels of the region */
    double pictures;            /* with a region */
};

/* Where mask m of picture i has T_kl for what it says: a row of K. */
static size_t row_of(const struct staple *s, uint32_t i, uint32_t m, uint16_t said)
{
    size_t table = s->apart ? s->first[i] + m : s->f->picture[i].worker[m];

    return (table * s->K + said) * s->K;
}

/* Shares of the classes in each region, and q: where it all begins. */
static void begin(struct staple *s)
{
    const struct as_masks *in = s->f->in;
    uint32_t K = s->K;

    for (uint32_t i = 0; i < in->tasks; i++) {
        struct as_picture *p = &s->f->picture[i];
        double near = 0, *share = &s->share[(size_t)i * K];
        for (uint32_t x = 0; x < p->patterns; x++) {
            near += p->near[x];
            for (uint32_t k = 0; k < K; k++)
                share[k] += p->near[x] * p->q[(size_t)x * K + k];
        }
        s->scale[i] = near > 0 ? 1 / near : 0;
        s->pictures += near > 0;
        for (uint32_t k = 0; k < K; k++)
            share[k] = near > 0 ? fmax(share[k] / near, 1e-10) : k == 0;
    }
}

static void count_all(struct staple *s)
{
    uint32_t K = s->K;

    for (size_t c = 0; c < s->tables * K * K; c++)
        s->count[c] = 0;
    for (uint32_t i = 0; i < s->f->in->tasks; i++) {
        const struct as_picture *p = &s->f->picture[i];
        for (uint32_t x = 0; x < p->patterns; x++) {
            double w = p->near[x] * s->scale[i];
            for (uint32_t m = 0; w > 0 && m < p->n; m++) {
                double *c = &s->count[row_of(s, i, m, p->said[(size_t)x * p->n + m])];
                for (uint32_t k = 0; k < K; k++)
                    c[k] += w * p->q[(size_t)x * K + k];
            }
        }
    }
}

/* T from the counts; returns the log prior. */
static double m_step(struct staple *s)
{
    uint32_t K = s->K;
    double sum = 0;

    for (size_t j = 0; j < s->tables; j++)
        for (uint32_t k = 0; k < K; k++) {
            double all = 0;
            for (size_t at = j * K * K + k; at < (j + 1) * K * K; at += K)
                all += s->count[at] = fmax(s->count[at] + s->prior[at], 1e-10);
            for (size_t at = j * K * K + k; at < (j + 1) * K * K; at += K) {
                s->t[at] = s->count[at] / all;
                sum += s->prior[at] * log(s->t[at]);
            }
        }
    return sum;
}

/* q of every pattern; returns the log likelihood of the regions. */
static double e_step(struct staple *s)
{
    uint32_t K = s->K;
    double loglik = 0;

    for (uint32_t i = 0; i < s->f->in->tasks; i++) {
        struct as_picture *p = &s->f->picture[i];
        double part = 0;
        for (uint32_t x = 0; x < p->patterns; x++) {
            double *q = &p->q[(size_t)x * K], sum = 0, log_scale = 0;
            for (uint32_t k = 0; k < K; k++)
                q[k] = s->share[(size_t)i * K + k];
            for (uint32_t m = 0; m < p->n; m++) {
                const double *t = &s->t[row_of(s, i, m, p->said[(size_t)x * p->n + m])];
                double top = 0;
                for (uint32_t k = 0; k < K; k++)
                    top = fmax(top, q[k] *= t[k]);
                if (top > 1e-100)
                    continue;
                for (uint32_t k = 0; k < K; k++)
                    q[k] /= top;
                log_scale += log(top);
            }
            for (uint32_t k = 0; k < K; k++)
                sum += q[k];
            for (uint32_t k = 0; k < K; k++)
                q[k] /= sum;
            part += p->near[x] * (log(sum) + log_scale);
        }
        loglik += part * s->scale[i];
    }
    return loglik;
}

/* The loop, from the q there are; the trace is that of the last loop. */
static int fit(struct staple *s)
{
    struct as_mask_result *r = s->f->out;
    double last = -INFINITY;

    r->trace_n = r->converged = 0;
    while (!r->converged && r->trace_n < s->f->o->max_iter) {
        count_all(s);
        double now = m_step(s);
        now += e_step(s);
        if (now < last - 1e-6 - 1e-12 * fabs(last))
            return AS_ENOTMONOTONE;
        r->converged = now - last <= s->f->o->tol * s->pictures;
        r->trace[r->trace_n++] = last = now;
        r->iterations++;
    }
    return AS_OK;
}

static int take_tables(struct staple *s, size_t tables)
{
    size_t cells = (size_t)s->K * s->K;

    s->tables = tables;
    s->t = as_take(s->f->pool, tables * cells, sizeof *s->t);
    s->count = as_take(s->f->pool, tables * cells, sizeof *s->count);
    s->prior = as_take(s->f->pool, tables * cells, sizeof *s->prior);
    return s->t && s->count && s->prior ? AS_OK : AS_ENOMEM;
}

static int all_together(struct staple *s)
{
    size_t K = s->K;
    struct as_mask_fit *f = s->f;
    int rc = take_tables(s, f->in->workers);

    for (size_t c = 0; !rc && c < s->tables * K; c++)
        s->prior[c * K + c % K] = f->o->trust;
    rc = rc ? rc : fit(s);
    for (size_t j = 0; !rc && j < s->tables; j++)
        for (size_t k = 0; k < K; k++)
            for (size_t l = 0; l < K; l++)
                f->out->confusion[(j * K + k) * K + l] = s->t[(j * K + l) * K + k];
    return rc;
}

static int each_apart(struct staple *s)
{
    const struct as_mask_fit *f = s->f;
    size_t cells = (size_t)s->K * s->K, all = 0;
    const double *usual = s->t;
    int rc;

    s->apart = 1;
    for (uint32_t i = 0; i < f->in->tasks; i++) {
        s->first[i] = all;
        all += f->picture[i].n;
    }
    if ((rc = take_tables(s, all)))
        return rc;
    for (uint32_t i = 0; i < f->in->tasks; i++)
        for (uint32_t m = 0; m < f->picture[i].n; m++)
            for (size_t c = 0; c < cells; c++)
                s->prior[(s->first[i] + m) * cells + c]
                    = f->o->history * usual[f->picture[i].worker[m] * cells + c];
    return fit(s);
}

int as_mask_staple(struct as_mask_fit *f)
{
    size_t K = f->in->classes;
    struct staple s = { .f = f, .K = f->in->classes };
    struct as_mask_result *r = f->out;
    int rc = as_mask_majority(f);

    s.first = as_take(f->pool, f->in->tasks, sizeof *s.first);
    s.share = as_take(f->pool, f->in->tasks * K, sizeof *s.share);
    s.scale = as_take(f->pool, f->in->tasks, sizeof *s.scale);
    r->confusion = as_take(f->kept, f->in->workers * K * K, sizeof *r->confusion);
    r->trace = as_take(f->kept, (size_t)f->o->max_iter, sizeof *r->trace);
    if (rc || !s.first || !s.share || !s.scale || !r->confusion || !r->trace)
        return rc ? rc : AS_ENOMEM;
    begin(&s);
    r->iterations = 0;
    rc = all_together(&s);
    rc = rc || !(f->o->history > 0) ? rc : each_apart(&s);
    for (uint32_t i = 0; !rc && i < f->in->tasks; i++)
        as_mask_settle(f, &f->picture[i]);
    return rc;
}
