/*
 * stats_gen.c -- the synthetic crowd (as_synth_crowd) as a file, for the statistics bench.
 *
 *     bench_stats_gen packed|csv FILE TASKS [PER_TASK [CLASSES [SEED]]]
 *
 * Packed, nothing is held in memory: the parts of the file are filled where they lie.  It takes
 * max(100, TASKS / 500) workers, as the reference crowd has.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stats/annotary_stats.h"

struct crowd {
    uint32_t tasks, per_task, classes, workers;
    uint64_t seed;
};

struct vote {
    uint32_t worker;
    uint16_t label;
};

/* The answers to one task, in the order of their workers or as they were given. */
static void answers(const struct crowd *c, uint32_t task, struct vote *v, int sorted)
{
    uint32_t truth = (uint32_t)(as_uniform(c->seed, 1, task) * c->classes);
    uint64_t base = (uint64_t)(as_uniform(c->seed, 3, task) * c->workers);

    for (uint32_t j = 0; j < c->per_task; j++) {
        uint64_t at = (uint64_t)task * c->per_task + j;
        uint32_t w = (uint32_t)((base + (uint64_t)j * (c->workers / c->per_task)) % c->workers);
        uint32_t off = (uint32_t)(as_uniform(c->seed, 5, at) * (c->classes - 1));
        int right = as_uniform(c->seed, 4, at) < 0.35 + 0.6 * as_uniform(c->seed, 2, w);
        uint32_t k = j;
        for (; sorted && k > 0 && v[k - 1].worker > w; k--)
            v[k] = v[k - 1];
        v[k] = (struct vote){ w, (uint16_t)(right ? truth : (truth + 1 + off) % c->classes) };
    }
}

static int csv(const struct crowd *c, const char *path)
{
    struct vote *v = calloc(c->per_task, sizeof *v);
    FILE *f = fopen(path, "w");

    if (!f || !v)
        return 1;
    fputs("task,worker,label\n", f);
    for (uint32_t t = 0; t < c->tasks; t++) {
        answers(c, t, v, 0);
        for (uint32_t j = 0; j < c->per_task; j++)
            fprintf(f, "%u,%u,%u\n", t, v[j].worker, (unsigned)v[j].label);
    }
    free(v);
    return fclose(f) != 0;
}

static int packed(const struct crowd *c, const char *path)
{
    struct as_packed head = { .rows = (uint64_t)c->tasks * c->per_task, .tasks = c->tasks,
                              .workers = c->workers, .classes = c->classes };
    struct as_packed_parts at;
    struct vote *v = calloc(c->per_task, sizeof *v);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    if (fd < 0 || !v || as_packed_lay(&head, &at) || ftruncate(fd, (off_t)at.end) < 0)
        return 1;
    char *file = mmap(NULL, at.end, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (file == MAP_FAILED)
        return 1;
    memcpy(file, &head, sizeof head);
    uint32_t *start = (uint32_t *)(void *)(file + at.start);
    uint32_t *worker = (uint32_t *)(void *)(file + at.worker);
    uint16_t *label = (uint16_t *)(void *)(file + at.label);
    for (uint32_t t = 0; t < c->tasks; t++) {
        answers(c, t, v, 1);
        for (uint32_t j = 0; j < c->per_task; j++) {
            *worker++ = v[j].worker;
            *label++ = v[j].label;
        }
        start[t + 1] = (t + 1) * c->per_task;
    }
    free(v);
    int rc = as_packed_seal(file, at.end);
    return rc || munmap(file, at.end) < 0 || close(fd) < 0;
}

int main(int argc, char **argv)
{
    struct crowd c = { .per_task = 5, .classes = 4, .seed = 7 };

    if (argc < 4) {
        fputs("bench_stats_gen packed|csv FILE TASKS [PER_TASK [CLASSES [SEED]]]\n", stderr);
        return 2;
    }
    c.tasks = (uint32_t)strtoul(argv[3], NULL, 10);
    c.per_task = argc > 4 ? (uint32_t)strtoul(argv[4], NULL, 10) : c.per_task;
    c.classes = argc > 5 ? (uint32_t)strtoul(argv[5], NULL, 10) : c.classes;
    c.seed = argc > 6 ? strtoull(argv[6], NULL, 10) : c.seed;
    c.workers = c.tasks / 500 > 100 ? c.tasks / 500 : 100;
    if (!c.tasks || !c.per_task || c.per_task > c.workers || c.classes < 2 || c.classes > 65535)
        return 2;
    int bad = strcmp(argv[1], "csv") == 0 ? csv(&c, argv[2]) : packed(&c, argv[2]);
    if (bad)
        fprintf(stderr, "%s: %s\n", argv[2], strerror(errno));
    return bad;
}
