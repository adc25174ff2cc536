/*
 * num_mean.c -- mean, median and trimmed mean: nothing is learnt of people.
 *
 *   mean     sum w x / sum w
 *   median   the middle answer; of an even number the mean of the two middle ones
 *   trimmed  the mean without the lowest and the highest fifth (rounded down); weights count in
 *            what is left
 *
 * O(n log n).
 */
#include <stdlib.h>

#include "stats/num.h"

#define TRIM .2

struct one { double value, weight; };

static int by_value(const void *a, const void *b)
{
    double x = ((const struct one *)a)->value, y = ((const struct one *)b)->value;

    return x < y ? -1 : x > y;
}

static int run_mean(struct num *m)
{
    as_num_means(m, NULL, m->out->value);
    m->out->iterations = 1;
    return AS_OK;
}

/* Mean of the answers from place `from` to the same place from the end, in order of value. */
static double middle(const struct one *a, uint32_t n, uint32_t from)
{
    double sum = 0, all = 0, plain = 0;

    for (uint32_t k = from; k < n - from; k++) {
        sum += a[k].weight * a[k].value;
        all += a[k].weight;
        plain += a[k].value;
    }
    return all > 0 ? sum / all : plain / (n - 2 * from);
}

static int sorted(struct num *m, int trimmed)
{
    uint32_t most = 0;

    for (uint32_t t = 0; t < m->tasks; t++)
        most = m->out->n[t] > most ? m->out->n[t] : most;
    struct one *a = as_take(m->pool, (size_t)most + 1, sizeof *a);
    if (!a)
        return AS_ENOMEM;
    for (uint32_t t = 0; t < m->tasks; t++) {
        uint32_t n = m->out->n[t], first = m->start[t];
        for (uint32_t k = 0; k < n; k++)
            a[k] = (struct one){ m->value[first + k], trimmed ? m->weight[first + k] : 1 };
        qsort(a, n, sizeof *a, by_value);
        if (n)
            m->out->value[t] = middle(a, n, trimmed ? (uint32_t)(TRIM * n) : (n - 1) / 2);
    }
    m->out->iterations = 1;
    return AS_OK;
}

static int run_median(struct num *m)
{
    return sorted(m, 0);
}

static int run_trimmed(struct num *m)
{
    return sorted(m, 1);
}

const struct as_num as_num_mean = {
    { "mean", "Mean", "",
      "Adds the numbers up and divides. Everybody counts alike, or by their row's weight. The best "
      "choice when errors are even on both sides and nobody is careless.", 0 },
    run_mean
};

const struct as_num as_num_median = {
    { "median", "Median", "",
      "The number in the middle; of an even count the mean of the two middle ones. A few wild "
      "answers cannot move it. Use it where some people err grossly.", 0 },
    run_median
};

const struct as_num as_num_trimmed = {
    { "trimmed", "Trimmed mean", "Tukey, 1962",
      "The mean without the lowest and the highest fifth of the answers. Between mean and median "
      "in every respect. Use it with five or more answers a task.", 0 },
    run_trimmed
};
