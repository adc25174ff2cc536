/*
 * crowd_set.h -- a public data set in memory, for tests and benches.  Names become ids in sorted
 * order, so class ids follow the labels that were seen.  Everything lives until crowd_set_end.
 */
#ifndef CROWD_SET_H
#define CROWD_SET_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/annotary_stats.h"

#define CROWD_NAME 40

struct crowd_names {
    char (*text)[CROWD_NAME];
    size_t n;
};

struct crowd_set {
    struct as_labels in;
    uint32_t *task, *worker;
    uint16_t *label, *truth;        /* truth: AS_ABSTAIN where unknown */
};

static inline int crowd_compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static inline void crowd_sort(struct crowd_names *s)
{
    size_t n = 0;

    qsort(s->text, s->n, CROWD_NAME, crowd_compare);
    for (size_t k = 0; k < s->n; k++)
        if (!n || strcmp(s->text[k], s->text[n - 1]))
            memmove(s->text[n++], s->text[k], CROWD_NAME);
    s->n = n;
}

static inline uint32_t crowd_find(const struct crowd_names *s, const char *text)
{
    char (*hit)[CROWD_NAME] = bsearch(text, s->text, s->n, CROWD_NAME, crowd_compare);

    return hit ? (uint32_t)(hit - s->text) : UINT32_MAX;
}

typedef char crowd_text[CROWD_NAME];

/* All rows of a file, `cells` names a row; NULL when there is no such file. */
static inline crowd_text *crowd_rows(const char *set, const char *file, int cells, size_t *n)
{
    char path[512], line[512], (*row)[CROWD_NAME] = NULL;
    size_t room = 0;

    *n = 0;
    snprintf(path, sizeof path, "%s/data/categorical/%s/%s", getenv("ANNOTARY_TESTDATA"), set,
             file);
    FILE *f = fopen(path, "r");
    if (!f || !fgets(line, sizeof line, f))
        return NULL;
    while (fgets(line, sizeof line, f)) {
        char *at = line;
        line[strcspn(line, "\r\n")] = 0;
        if ((*n + 1) * (size_t)cells > room) {
            room = room ? 2 * room : 4096;
            row = realloc(row, room * CROWD_NAME);
            if (!row)
                abort();
        }
        for (int c = 0; c < cells; c++) {
            const char *one = strsep(&at, ",");
            snprintf(row[*n * (size_t)cells + (size_t)c], CROWD_NAME, "%s", one ? one : "");
        }
        ++*n;
    }
    fclose(f);
    return row;
}

/* 1: read; 0: this set is not here. */
static inline int crowd_set_read(struct crowd_set *s, const char *name)
{
    struct crowd_names of[3];
    size_t n, truths;
    char (*row)[CROWD_NAME] = crowd_rows(name, "labels.csv", 3, &n);
    char (*known)[CROWD_NAME] = crowd_rows(name, "truth.csv", 2, &truths);

    *s = (struct crowd_set){ 0 };
    if (!row)
        return 0;
    for (int c = 0; c < 3; c++) {
        of[c].n = n;
        if (!(of[c].text = calloc(n, CROWD_NAME)))
            abort();
        for (size_t r = 0; r < n; r++)
            memcpy(of[c].text[r], row[3 * r + (size_t)c], CROWD_NAME);
        crowd_sort(&of[c]);
    }
    s->task = calloc(n, sizeof *s->task);
    s->worker = calloc(n, sizeof *s->worker);
    s->label = calloc(n, sizeof *s->label);
    s->truth = calloc(of[0].n, sizeof *s->truth);
    if (!s->task || !s->worker || !s->label || !s->truth)
        abort();
    for (size_t r = 0; r < n; r++) {
        s->task[r] = crowd_find(&of[0], row[3 * r]);
        s->worker[r] = crowd_find(&of[1], row[3 * r + 1]);
        s->label[r] = (uint16_t)crowd_find(&of[2], row[3 * r + 2]);
    }
    memset(s->truth, 0xff, of[0].n * sizeof *s->truth);
    for (size_t r = 0; r < truths; r++) {
        uint32_t t = crowd_find(&of[0], known[2 * r]);
        if (t != UINT32_MAX)
            s->truth[t] = (uint16_t)crowd_find(&of[2], known[2 * r + 1]);
    }
    s->in = (struct as_labels){ .n = n, .tasks = (uint32_t)of[0].n, .workers = (uint32_t)of[1].n,
                                .classes = (uint32_t)of[2].n, .task = s->task,
                                .worker = s->worker, .label = s->label };
    for (int c = 0; c < 3; c++)
        free(of[c].text);
    free(row);
    free(known);
    return 1;
}

static inline void crowd_set_end(struct crowd_set *s)
{
    free(s->task);
    free(s->worker);
    free(s->label);
    free(s->truth);
}

/* Share right in percent over the tasks with a truth; split: a tied task counts 1/t where the truth
   is among the t at the top. */
static inline double crowd_accuracy(const struct crowd_set *s, const struct as_result *r, int split)
{
    double right = 0, scored = 0;

    for (uint32_t t = 0; t < r->tasks; t++) {
        if (s->truth[t] == AS_ABSTAIN)
            continue;
        scored++;
        if (!split || !(r->flags[t] & AS_TIED)) {
            right += r->label[t] == s->truth[t];
            continue;
        }
        double top = as_confidence(r, t) - 1e-6, at_top = 0;
        for (uint32_t k = 0; k < r->classes; k++)
            at_top += as_q(r, t, k) > top;
        right += as_q(r, t, s->truth[t]) > top ? 1 / at_top : 0;
    }
    return 100 * right / (scored > 0 ? scored : 1);
}

#endif
