/*
 * stats_bt.c -- Bradley-Terry with bootstrap intervals on a made-up league, timed without files.
 *
 *     bench_stats_bt ROWS ITEMS ROUNDS THREADS [PAIRS.csv]
 *
 * Strengths are spread evenly over -2 … 2, pairs are drawn at random, one comparison in ten is a
 * tie; seed 7.  Writes the comparisons as worker,left,right,label where a path is given, so that a
 * peer fits the same rows.  Prints one JSON object: CPU seconds of the fit with its bootstrap, and
 * the mean width of the intervals, by which the two can be seen to do the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "stats/annotary_stats.h"
#include "stats/chance.h"

static double cpu(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double strength(uint32_t item, uint32_t items)
{
    return items > 1 ? -2 + 4.0 * item / (items - 1) : 0;
}

static void league(struct as_duels *d, uint32_t *left, uint32_t *right, uint8_t *outcome)
{
    struct as_rng g = { .seed = 7, .stream = 1 };

    for (size_t r = 0; r < d->n; r++) {
        left[r] = (uint32_t)as_draw_below(&g, d->items);
        right[r] = (uint32_t)as_draw_below(&g, d->items - 1);
        right[r] += right[r] >= left[r];
        double gap = strength(left[r], d->items) - strength(right[r], d->items);
        double chance = 1 / (1 + __builtin_exp(-gap));
        outcome[r] = as_draw(&g) < .1 ? AS_TIE : as_draw(&g) < chance ? AS_LEFT : AS_RIGHT;
    }
}

static int write_pairs(const char *path, const struct as_duels *d)
{
    FILE *f = fopen(path, "w");

    if (!f)
        return 1;
    fprintf(f, "worker,left,right,label\n");
    for (size_t r = 0; r < d->n; r++) {
        fprintf(f, "0,i%u,i%u,", d->left[r], d->right[r]);
        if (d->outcome[r] == AS_TIE)
            fprintf(f, "tie\n");
        else
            fprintf(f, "i%u\n", d->outcome[r] == AS_LEFT ? d->left[r] : d->right[r]);
    }
    return fclose(f) != 0;
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "bench_stats_bt ROWS ITEMS ROUNDS THREADS [PAIRS.csv]\n");
        return 2;
    }
    size_t n = strtoul(argv[1], NULL, 10);
    uint32_t *left = calloc(n, sizeof *left), *right = calloc(n, sizeof *right);
    uint8_t *outcome = calloc(n, 1);
    struct as_duels d = { .n = n, .items = (uint32_t)strtoul(argv[2], NULL, 10), .left = left,
                          .right = right, .outcome = outcome };
    struct as_rank_opts o;
    struct as_rank *r;

    if (!left || !right || !outcome || d.items < 2)
        return 1;
    league(&d, left, right, outcome);
    if (argc > 5 && write_pairs(argv[5], &d))
        return 1;
    as_rank_opts_init(&o);
    o.threads = atoi(argv[4]);
    if (atoi(argv[3]) > 0) {
        o.rounds = atoi(argv[3]);
        o.spread = AS_SPREAD_BOOTSTRAP;
    }
    double began = cpu();
    int rc = as_rank(&d, "bt", &o, &r);
    double spent = cpu() - began, wide = 0;
    if (rc) {
        fprintf(stderr, "%s\n", as_text(rc));
        return 1;
    }
    for (uint32_t k = 0; k < r->items; k++)
        wide += (r->item[k].hi - r->item[k].lo) / r->items;
    printf("{\"cpu\": %.6f, \"width\": %.5f, \"loglik\": %.6f, \"iterations\": %d}\n", spent, wide,
           r->loglik, r->iterations);
    as_rank_free(r);
    free(left);
    free(right);
    free(outcome);
    return 0;
}
