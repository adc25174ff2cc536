/*
 * stats_csv.c -- how fast a file of answers becomes votes: read, interned, grouped by task.
 *
 *     bench_stats_csv LABELS.csv [RUNS]
 *
 * The file is mapped and touched first, so that the disk is left out.  Prints one JSON object with
 * the least CPU seconds of RUNS and megabytes (10^6 bytes) a second.
 */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "stats/annotary_stats.h"

static double cpu(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double once(const char *bytes, size_t n, size_t *rows)
{
    const struct as_reading how = { 0 };
    struct as_answers *a;
    struct as_blame blame;
    struct as_labels labels;
    struct as_votes *v;
    double began = cpu();

    if (as_answers_read(bytes, n, &how, &a, &blame)) {
        fprintf(stderr, "line %zu: %s\n", blame.line, blame.why);
        exit(1);
    }
    as_answers_labels(a, &labels);
    if (as_votes_new(&labels, AS_KEEP_LAST, &v, NULL))
        exit(1);
    double spent = cpu() - began;
    *rows = a->n;
    as_votes_free(v);
    as_answers_free(a);
    return spent;
}

int main(int argc, char **argv)
{
    int fd = argc > 1 ? open(argv[1], O_RDONLY) : -1, runs = argc > 2 ? atoi(argv[2]) : 3;
    struct stat st;
    double least = INFINITY;
    size_t rows = 0;

    if (fd < 0 || fstat(fd, &st)) {
        fprintf(stderr, "bench_stats_csv LABELS.csv [RUNS]\n");
        return 2;
    }
    size_t n = (size_t)st.st_size;
    const char *bytes = mmap(NULL, n, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (bytes == MAP_FAILED)
        return 1;
    for (int k = 0; k < runs; k++)
        least = fmin(least, once(bytes, n, &rows));
    printf("{\"bytes\": %zu, \"rows\": %zu, \"cpu\": %.6f, \"mb_per_s\": %.2f}\n", n, rows, least,
           (double)n / 1e6 / least);
    return 0;
}
