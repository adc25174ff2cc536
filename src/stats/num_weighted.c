/*
 * num_weighted.c -- CATD and PM: weights from squared errors, then the weighted mean, in turn.
 *
 *   CATD  w_j = chi2_{alpha/2}(n_j) / sum_i (x_ij - z_i)^2, the lower quantile, alpha = .05
 *         (Li et al., VLDB 2014): a worker of few answers is believed less
 *   PM    w_j = log(sum_j' D_j' / D_j),  D_j = sum_i (x_ij - z_i)^2 / variance of task i
 *         (CRH; Li et al., SIGMOD 2014)
 *
 * Nobody is taken to be more than a thousand times as exact as the pooled variance of answers about
 * their task's mean, or one worker alone would decide.  Both start at the mean and end when no
 * value moves by more than tol times the spread of the data.  O(n) a round.
 */
#include <math.h>
#include <string.h>

#include "stats/num.h"
#include "stats/special.h"

#define ALPHA .05
#define LEAST 1e-3

static double task_variance(const struct num *m, uint32_t t)
{
    double mean = 0, off2 = 0, n = m->out->n[t];

    for (uint32_t k = m->start[t]; k < m->start[t + 1]; k++)
        mean += m->value[k] / n;
    for (uint32_t k = m->start[t]; k < m->start[t + 1]; k++)
        off2 += (m->value[k] - mean) * (m->value[k] - mean);
    return n > 1 && off2 > 0 ? off2 / n : 1;
}

/* Squared errors by worker, each divided by scale[task] (NULL: 1). */
static void squares(const struct num *m, const double *scale, double *square)
{
    memset(square, 0, m->workers * sizeof *square);
    for (uint32_t t = 0; t < m->tasks; t++)
        for (uint32_t k = m->start[t]; k < m->start[t + 1]; k++) {
            double off = m->value[k] - m->out->value[t];
            square[m->worker[k]] += m->weight[k] * off * off / (scale ? scale[t] : 1);
        }
}

static double spread(const struct num *m)
{
    double mean = 0, off2 = 0;

    for (size_t k = 0; k < m->n; k++)
        mean += m->value[k] / (double)m->n;
    for (size_t k = 0; k < m->n; k++)
        off2 += (m->value[k] - mean) * (m->value[k] - mean) / (double)m->n;
    return sqrt(off2);
}

/* Variance of answers about their task's mean, over all tasks. */
static double pooled(const struct num *m)
{
    double off2 = 0, free = 0;

    for (uint32_t t = 0; t < m->tasks; t++) {
        free += m->out->n[t] > 1 ? m->out->n[t] - 1 : 0;
        for (uint32_t k = m->start[t]; k < m->start[t + 1]; k++)
            off2 += (m->value[k] - m->out->value[t]) * (m->value[k] - m->out->value[t]);
    }
    return free > 0 ? off2 / free : 0;
}

/* chi2[j] NULL: PM.  least: the smallest sum of squares per answer that is believed. */
static void weigh(const struct num *m, const double *chi2, const double *n, double least,
                  double *square, double *w)
{
    double all = 0;

    for (uint32_t j = 0; j < m->workers; j++) {
        square[j] = fmax(square[j], n[j] * least);
        all += square[j];
    }
    for (uint32_t j = 0; j < m->workers; j++)
        if (!(square[j] > 0))
            w[j] = chi2 ? chi2[j] : n[j] > 0;       /* nobody errs, or nobody answered */
        else
            w[j] = chi2 ? chi2[j] / square[j] : log(all / square[j]);
}

static int alternate(struct num *m, int catd)
{
    double *square = as_take(m->pool, m->workers, sizeof *square);
    double *n = as_take(m->pool, m->workers, sizeof *n);
    double *chi2 = as_take(m->pool, m->workers, sizeof *chi2);
    double *w = as_take(m->pool, m->workers, sizeof *w);
    double *scale = as_take(m->pool, m->tasks, sizeof *scale);
    double *before = as_take(m->pool, m->tasks, sizeof *before), unit = spread(m), least;
    int go = 1;

    if (!square || !n || !chi2 || !w || !scale || !before)
        return AS_ENOMEM;
    for (size_t k = 0; k < m->n; k++)
        n[m->worker[k]]++;
    for (uint32_t j = 0; j < m->workers; j++)
        chi2[j] = n[j] > 0 ? as_chi2_quantile(ALPHA / 2, n[j]) : 0;
    for (uint32_t t = 0; t < m->tasks; t++)
        scale[t] = task_variance(m, t);
    as_num_means(m, NULL, m->out->value);
    least = LEAST * (catd ? pooled(m) : 1);
    while (go == 1) {
        double moved = 0;
        memcpy(before, m->out->value, m->tasks * sizeof *before);
        squares(m, catd ? NULL : scale, square);
        weigh(m, catd ? chi2 : NULL, n, least, square, w);
        as_num_means(m, w, m->out->value);
        for (uint32_t t = 0; t < m->tasks; t++)
            moved = fmax(moved, fabs(m->out->value[t] - before[t]));
        go = as_num_step(m, NAN, unit > 0 ? moved / unit : 0);
    }
    for (uint32_t j = 0; j < m->workers; j++)
        m->out->worker[j].weight = w[j];
    return go < 0 ? go : AS_OK;
}

static int run_catd(struct num *m)
{
    return alternate(m, 1);
}

static int run_pm(struct num *m)
{
    return alternate(m, 0);
}

const struct as_num as_num_catd = {
    { "catd", "CATD for numbers", "Li et al., VLDB 2014",
      "Weighs everybody by how close they stay to the result, and believes those with few answers "
      "less. A few passes over the answers. For long-tailed crowds, where most answered little.",
      0 },
    run_catd
};

const struct as_num as_num_pm = {
    { "pm", "PM (CRH) for numbers", "Li et al., SIGMOD 2014",
      "Weighs everybody by the logarithm of their share of all squared error. A few passes over "
      "the answers. A gentle step up from the mean.", 0 },
    run_pm
};
