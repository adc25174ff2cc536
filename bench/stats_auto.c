/*
 * stats_auto.c -- accuracy of `auto` on the public sets, beside every method alone.
 *
 *     ANNOTARY_TESTDATA=... bench_stats_auto [METHOD ...]
 *
 * One JSON object: for each set the accuracy (percent, ties split evenly) and CPU seconds of auto
 * and of the methods named; `auto.accuracy` is the mean of auto over the ten sets for which the
 * authors of EBCC print a figure, s_adult left out.  Nothing is set per data set.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../tests/unit/crowd_set.h"

#define SCORED 10

static const char *const sets[] = { "bluebird", "cf", "d_possent", "d_product", "dog",
    "music_style", "rte", "sp", "web", "zencrowd_us",               /* these ten make the mean */
    "s_adult", "barzan", "labelme", "temp", "s_rel" };

static double cpu(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Accuracy of one method, printed; -1 where it does not fit. */
static double one(const struct crowd_set *s, const struct as_votes *v, const char *method)
{
    struct as_result *r;
    double began = cpu();

    if (as_aggregate(v, method, NULL, &r))
        return -1;
    double took = cpu() - began, got = crowd_accuracy(s, r, 1);
    printf(", \"%s\": {\"accuracy\": %.2f, \"cpu_s\": %.4f}", method, got, took);
    as_result_free(r);
    return got;
}

int main(int argc, char **argv)
{
    double sum = 0;
    int scored = 0;

    printf("{\"sets\": [");
    for (size_t k = 0; k < sizeof sets / sizeof *sets; k++) {
        struct crowd_set s;
        struct as_votes *v;
        if (!crowd_set_read(&s, sets[k]))
            continue;
        if (as_votes_new(&s.in, AS_KEEP_LAST, &v, NULL) == AS_OK) {
            printf("%s\n {\"set\": \"%s\"", k ? "," : "", sets[k]);
            double got = one(&s, v, "auto");
            if (k < SCORED && got >= 0) {
                sum += got;
                scored++;
            }
            for (int a = 1; a < argc; a++)
                one(&s, v, argv[a]);
            printf("}");
            as_votes_free(v);
        }
        crowd_set_end(&s);
    }
    if (scored == SCORED)
        printf("],\n \"auto.accuracy\": %.3f}\n", sum / scored);
    else
        printf("],\n \"auto.accuracy\": null}\n");
    return 0;
}
