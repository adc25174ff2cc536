/*
 * auto.c -- see auto.h.
 */
#include <math.h>
#include <string.h>

#include "stats/auto.h"

#define SHRINK 2.           /* answers' worth of the common table in everybody's own */
#define HALF   .5
#define LEAST  1e-12
#define ROUNDS 500
#define NEAR   1e-5

void as_refit(const struct as_votes *v, const struct as_result *r, double *table, double *all)
{
    size_t K = r->classes, cells = K * K;

    memset(table, 0, v->workers * cells * sizeof *table);
    for (size_t c = 0; c < cells; c++)
        all[c] = HALF + (c % (K + 1) ? 0 : HALF);
    for (uint32_t t = 0; t < v->tasks; t++)
        for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++)
            for (uint32_t k = 0; k < K; k++) {
                double add = (v->weight ? (double)v->weight[s] : 1) * as_q(r, t, k);
                table[v->worker[s] * cells + k * K + v->label[s]] += add;
                all[k * K + v->label[s]] += add;
            }
    for (size_t row = 0; row < (v->workers + 1) * K; row++) {      /* the last ones are of `all` */
        size_t at = row < K ? row : row - K;
        double *to = row < K ? all + at * K : table + at * K, sum = row < K ? 0 : SHRINK;
        for (uint32_t l = 0; l < K; l++)
            sum += to[l];
        for (uint32_t l = 0; l < K; l++)
            to[l] = (to[l] + (row < K ? 0 : SHRINK * all[at % K * K + l])) / sum;
    }
}

void as_foretell(const struct as_result *r, const double *table, const struct as_held *held,
                 size_t n, double *p)
{
    size_t K = r->classes;

    for (size_t h = 0; h < n; h++) {
        const double *of = table + held[h].worker * K * K + held[h].label;
        p[h] = 0;
        for (uint32_t k = 0; k < K; k++)
            p[h] += as_q(r, held[h].task, k) * of[k * K];
        p[h] = fmax(p[h], LEAST);
    }
}

int as_stack(const double *p, const struct as_held *held, size_t n, uint32_t m, double *weight)
{
    double next[AS_STACK_MAX], moved = 1;
    int rounds = 0;

    for (uint32_t c = 0; c < m; c++)
        weight[c] = 1.0 / m;
    for (; rounds < ROUNDS && moved > NEAR; rounds++) {
        double total = 0;
        for (uint32_t c = 0; c < m; c++)
            next[c] = 1;                                /* the prior */
        for (size_t h = 0; h < n; h++) {
            double sum = 0;
            for (uint32_t c = 0; c < m; c++)
                sum += weight[c] * p[h * m + c];
            for (uint32_t c = 0; c < m; c++)
                next[c] += (double)held[h].weight * weight[c] * p[h * m + c] / sum;
        }
        for (uint32_t c = 0; c < m; c++)
            total += next[c];
        moved = 0;
        for (uint32_t c = 0; c < m; c++) {
            moved = fmax(moved, fabs(next[c] / total - weight[c]));
            weight[c] = next[c] / total;
        }
    }
    return rounds;
}
