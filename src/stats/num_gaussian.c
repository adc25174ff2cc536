/*
 * num_gaussian.c -- every worker has a bias, a gain and a variance (after Raykar et al., JMLR
 * 2010).
 *
 *   x_ij = c_j + a_j d_i + e_ij,   z_i = m + d_i,   d_i ~ N(0, t^2),   e_ij ~ N(0, v_j)
 *   c_j ~ N(m, V/4),   a_j ~ N(1, .03),   v_j ~ InvGamma(10, 9 V)
 *
 * V is the pooled variance of answers about their task's mean; m and t^2 are mean and variance of
 * those means.  The bias is c_j - m.  Without a gain somebody who always answers about the same
 * looks exact and is believed; with it their answers say little.  EM over the truths:
 *
 *   E   L_i = 1/t^2 + sum_j a_j^2/v_j;   d_i = sum_j a_j (x_ij - c_j)/v_j / L_i,  variance 1/L_i
 *   M   (c_j, a_j) by least squares with the prior;
 *       v_j = (18 V + sum_i ((x_ij - c_j - a_j d_i)^2 + a_j^2/L_i)) / (n_j + 22)
 *   objective   log marginal likelihood of the answers + log priors; it cannot fall
 *
 * v_j is at least 18 V/(n_j + 22), so nobody decides alone.  The error reported is the posterior
 * one of z_i.  O(n) a round.
 */
#include <math.h>

#include "stats/num.h"

#define GAIN 0.03               /* variance of the gain about 1 */
#define FREE 10.                /* shape of the inverse gamma; its mean is V */

struct gauss {
    double m, t2, V;            /* mean and variance of the truth; pooled variance of answers */
    double *d, *sure;           /* [tasks] deviation of the truth from m, and L_i */
    double *c, *a, *v;          /* [workers] */
};

struct sums {                   /* of one worker's answers, by weight */
    double n, d, dd, x, xd, off2;
};

static int begin(struct num *m, struct gauss *g)
{
    double sum = 0, sum2 = 0, off2 = 0, tasks = 0, free = 0;
    double *mean = m->out->value;

    *g = (struct gauss){ .d = as_take(m->pool, m->tasks, sizeof(double)),
                         .sure = as_take(m->pool, m->tasks, sizeof(double)),
                         .c = as_take(m->pool, m->workers, sizeof(double)),
                         .a = as_take(m->pool, m->workers, sizeof(double)),
                         .v = as_take(m->pool, m->workers, sizeof(double)) };
    if (!g->d || !g->sure || !g->c || !g->a || !g->v)
        return AS_ENOMEM;
    as_num_means(m, NULL, mean);
    for (uint32_t t = 0; t < m->tasks; t++) {
        if (!m->out->n[t])
            continue;
        tasks++;
        sum += mean[t];
        free += m->out->n[t] - 1;
        for (uint32_t k = m->start[t]; k < m->start[t + 1]; k++)
            off2 += (m->value[k] - mean[t]) * (m->value[k] - mean[t]);
    }
    g->m = tasks > 0 ? sum / tasks : 0;
    for (uint32_t t = 0; t < m->tasks; t++)
        sum2 += m->out->n[t] ? (mean[t] - g->m) * (mean[t] - g->m) : 0;
    g->t2 = tasks > 1 ? sum2 / (tasks - 1) : 0;
    g->V = free > 0 ? off2 / free : 0;
    for (uint32_t j = 0; j < m->workers; j++) {
        g->c[j] = g->m;
        g->a[j] = 1;
        g->v[j] = g->V;
    }
    return AS_OK;
}

/* E step; returns the objective, constants left out. */
static double truths(const struct num *m, struct gauss *g)
{
    double value = 0;

    for (uint32_t t = 0; t < m->tasks; t++) {
        double top = 0, sure = 1 / g->t2, square = 0, logs = log(g->t2);
        for (uint32_t k = m->start[t]; k < m->start[t + 1]; k++) {
            uint32_t j = m->worker[k];
            double x = m->value[k] - g->c[j], w = m->weight[k] / g->v[j];
            top += w * g->a[j] * x;
            sure += w * g->a[j] * g->a[j];
            square += w * x * x;
            logs += m->weight[k] * log(g->v[j]);
        }
        g->d[t] = top / sure;
        g->sure[t] = sure;
        value -= (logs + log(sure) + square - top * top / sure) / 2;
    }
    for (uint32_t j = 0; j < m->workers; j++) {
        double off = g->c[j] - g->m, more = g->a[j] - 1;
        value -= (FREE + 1) * log(g->v[j]) + (FREE - 1) * g->V / g->v[j];
        value -= 2 * off * off / g->V + more * more / (2 * GAIN);
    }
    return value;
}

/* M step: bias and gain of each worker, then the variance. */
static void workers(const struct num *m, struct gauss *g, struct sums *s)
{
    for (uint32_t j = 0; j < m->workers; j++)
        s[j] = (struct sums){ 0 };
    for (uint32_t t = 0; t < m->tasks; t++)
        for (uint32_t k = m->start[t]; k < m->start[t + 1]; k++) {
            struct sums *of = &s[m->worker[k]];
            double w = m->weight[k], d = g->d[t];
            of->n += w;
            of->d += w * d;
            of->dd += w * (d * d + 1 / g->sure[t]);
            of->x += w * m->value[k];
            of->xd += w * m->value[k] * d;
        }
    for (uint32_t j = 0; j < m->workers; j++) {
        double v = g->v[j], cc = 4 / g->V + s[j].n / v, ca = s[j].d / v;
        double aa = 1 / GAIN + s[j].dd / v;
        double rc = 4 * g->m / g->V + s[j].x / v, ra = 1 / GAIN + s[j].xd / v;
        double det = cc * aa - ca * ca;
        g->c[j] = (rc * aa - ra * ca) / det;
        g->a[j] = (cc * ra - ca * rc) / det;
    }
    for (uint32_t t = 0; t < m->tasks; t++)
        for (uint32_t k = m->start[t]; k < m->start[t + 1]; k++) {
            uint32_t j = m->worker[k];
            double off = m->value[k] - g->c[j] - g->a[j] * g->d[t];
            s[j].off2 += m->weight[k] * (off * off + g->a[j] * g->a[j] / g->sure[t]);
        }
    for (uint32_t j = 0; j < m->workers; j++)
        g->v[j] = (2 * (FREE - 1) * g->V + s[j].off2) / (s[j].n + 2 * FREE + 2);
}

static int run(struct num *m)
{
    struct gauss g;
    struct sums *s = as_take(m->pool, m->workers, sizeof *s);
    int rc = begin(m, &g), go = 1;

    if (rc || !s)
        return rc ? rc : AS_ENOMEM;
    if (!(g.V > 0) || !(g.t2 > 0)) {        /* nobody differs, or all tasks are one: the mean */
        m->out->iterations = 1;
        return AS_OK;
    }
    while (go == 1) {
        go = as_num_step(m, truths(m, &g), 0);
        if (go == 1)
            workers(m, &g, s);
    }
    m->own_error = 1;
    for (uint32_t t = 0; t < m->tasks; t++) {
        m->out->value[t] = g.m + g.d[t];
        m->out->error[t] = m->out->n[t] ? sqrt(1 / g.sure[t]) : 0;
    }
    for (uint32_t j = 0; j < m->workers; j++) {
        m->out->worker[j].bias = g.c[j] - g.m;
        m->out->worker[j].gain = g.a[j];
        m->out->worker[j].weight = g.a[j] * g.a[j] * g.V / g.v[j];
    }
    return go < 0 ? go : AS_OK;
}

const struct as_num as_num_gaussian = {
    { "gaussian", "Gaussian workers with bias and gain", "after Raykar et al., JMLR 11 (2010)",
      "Learns of each worker how far above the truth they answer, how much they follow it and how "
      "widely they scatter, and weighs by that. A few passes over the answers. The choice for "
      "numbers when people answer ten or more tasks each.", 0 },
    run
};
