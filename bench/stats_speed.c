/*
 * stats_speed.c -- how long a method of src/stats takes on a made-up crowd, without reading files.
 *
 *     bench_stats_speed METHOD TASKS ITERATIONS THREADS [RUNS]
 *
 * Five answers a task, four classes, tasks / 500 workers (at least 100), seed 7.  ITERATIONS 0 lets
 * the method stop by its own rule.  Prints one JSON object: CPU and wall seconds of the fit (the
 * least of RUNS), of grouping the rows, accuracy, iterations, and, for comparison, the seconds it
 * takes to read the bytes that one iteration reads (`stream`), in the same process.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "stats/annotary_stats.h"

#define CLASSES  4
#define PER_TASK 5

static double seconds(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void *need(size_t n, size_t size)
{
    void *p = calloc(n, size);      /* a bench program, outside the rooms */

    if (!p) {
        fprintf(stderr, "not enough memory\n");
        exit(1);
    }
    return p;
}

/* Least seconds of five to read `bytes` of memory from beginning to end, in two threads or one. */
static double stream(size_t bytes, int threads)
{
    size_t n = bytes / sizeof(uint64_t);
    uint64_t *a = need(n + 1, sizeof *a);
    double least = INFINITY;
    volatile uint64_t sink = 0;

    memset(a, 1, n * sizeof *a);
    for (int run = 0; run < 5; run++) {
        double began = seconds(CLOCK_MONOTONIC);
        uint64_t sum = 0;
#pragma omp parallel for reduction(+ : sum) num_threads(threads)
        for (size_t k = 0; k < n; k++)
            sum += a[k];
        sink += sum;
        least = fmin(least, seconds(CLOCK_MONOTONIC) - began);
    }
    free(a);
    return least;
}

static struct as_votes *crowd(uint32_t tasks, uint16_t *truth, double *grouping)
{
    size_t n = (size_t)tasks * PER_TASK;
    uint32_t workers = tasks / 500 > 100 ? tasks / 500 : 100;
    uint32_t *task = need(n, sizeof *task), *worker = need(n, sizeof *worker);
    uint16_t *label = need(n, sizeof *label);
    struct as_votes *v;

    as_synth_crowd(tasks, PER_TASK, CLASSES, workers, 7, task, worker, label, truth, NULL);
    struct as_labels in = { .n = n, .tasks = tasks, .workers = workers, .classes = CLASSES,
                            .task = task, .worker = worker, .label = label };
    double began = seconds(CLOCK_PROCESS_CPUTIME_ID);
    if (as_votes_new(&in, AS_KEEP_LAST, &v, NULL))
        exit(1);
    *grouping = seconds(CLOCK_PROCESS_CPUTIME_ID) - began;
    free(task);
    free(worker);
    free(label);
    return v;
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "bench_stats_speed METHOD TASKS ITERATIONS THREADS [RUNS]\n");
        return 2;
    }
    uint32_t tasks = (uint32_t)strtoul(argv[2], NULL, 10);
    int iterations = atoi(argv[3]), runs = argc > 5 ? atoi(argv[5]) : 1;
    double grouping, cpu = INFINITY, wall = INFINITY, right = 0;
    uint16_t *truth = need(tasks, sizeof *truth);
    struct as_votes *v = crowd(tasks, truth, &grouping);
    struct as_result *r = NULL;
    struct as_opts o;

    as_opts_init(&o);
    o.threads = atoi(argv[4]);
    o.restarts = iterations ? 1 : 0;
    if (iterations) {
        o.max_iter = iterations;
        o.tol = 0;
    }
    for (int run = 0; run < runs; run++) {
        as_result_free(r);
        double c = seconds(CLOCK_PROCESS_CPUTIME_ID), w = seconds(CLOCK_MONOTONIC);
        int rc = as_aggregate(v, argv[1], &o, &r);
        if (rc) {
            fprintf(stderr, "%s: %s\n", argv[1], as_text(rc));
            return 1;
        }
        cpu = fmin(cpu, seconds(CLOCK_PROCESS_CPUTIME_ID) - c);
        wall = fmin(wall, seconds(CLOCK_MONOTONIC) - w);
    }
    for (uint32_t t = 0; t < tasks; t++)
        right += r->label[t] == truth[t];
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    size_t bytes = (size_t)tasks * (PER_TASK * 6 + 4);      /* worker, label, start */
    printf("{\"method\": \"%s\", \"labels\": %u, \"cpu\": %.6f, \"wall\": %.6f, "
           "\"grouping\": %.6f, \"iterations\": %d, \"accuracy\": %.6f, \"objective\": %.6f, "
           "\"rss_mb\": %.1f, \"stream\": %.6f}\n",
           argv[1], tasks * PER_TASK, cpu, wall, grouping, r->iterations, right / tasks,
           r->trace_n ? r->trace[r->trace_n - 1] : 0, (double)use.ru_maxrss / 1024,
           stream(bytes, o.threads));
    as_result_free(r);
    as_votes_free(v);
    free(truth);
    return 0;
}
