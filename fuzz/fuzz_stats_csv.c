/*
 * fuzz_stats_csv.c -- any bytes as a table of answers, of truths, or as packed votes: ids in range
 * or a reason with a line, never a crash.
 *
 * The first byte picks what the rest is.  What was read as answers is packed and read again, and
 * must be the same votes.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/annotary_stats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct bytes {
    unsigned char *b;
    size_t n, room;
};

static int keep(void *arg, const void *bytes, size_t n)
{
    struct bytes *to = arg;

    while (to->n + n > to->room) {
        to->room = to->room ? to->room * 2 : 4096;
        to->b = realloc(to->b, to->room);
        assert(to->b);
    }
    memcpy(to->b + to->n, bytes, n);
    to->n += n;
    return 0;
}

static int go_on(void *arg, const struct as_blame *b)
{
    assert(b->why && b->line > 0 && (b->cell.s || !b->cell.n));
    ++*(size_t *)arg;
    return 0;
}

static void read_packed(const void *bytes, size_t n, uint64_t digest)
{
    struct as_votes *v;
    struct as_named names;
    struct as_votes_info i;
    struct as_blame b;
    char room[12];

    if (as_votes_packed(bytes, n, &v, &names, &b)) {
        assert(b.why && !digest);
        return;
    }
    as_votes_info(v, &i);
    assert(!digest || i.digest == digest);
    for (uint32_t k = 0; k < i.workers && k < 100; k++)
        as_names_find(names.workers, as_name(names.workers, k, room));
    as_votes_free(v);
    as_named_free(&names);
}

static void pack(const struct as_answers *a)
{
    struct as_named names = { a->tasks, a->workers, a->classes };
    struct as_labels l;
    struct as_votes *v;
    struct as_votes_info i;
    struct bytes to = { 0 };

    as_answers_labels(a, &l);
    if (as_votes_new(&l, AS_KEEP_LAST, &v, NULL))
        return;
    as_votes_info(v, &i);
    assert(as_votes_pack(v, &names, keep, &to) == 0);
    read_packed(to.b, to.n, i.digest);
    free(to.b);
    as_votes_free(v);
}

static void read_table(const char *s, size_t n, int numbers)
{
    size_t bad = 0;
    struct as_reading how = { .numbers = numbers, .bad = go_on, .bad_arg = &bad };
    struct as_answers *a;
    struct as_truth *t;
    struct as_blame b;

    if (as_answers_read(s, n, &how, &a, &b)) {
        assert(b.why);
        return;
    }
    assert(a->bad == bad);
    for (size_t k = 0; k < a->n; k++) {
        assert(a->task[k] < as_names_count(a->tasks) && a->worker[k] < as_names_count(a->workers));
        assert(numbers ? isfinite(a->value[k]) : a->label[k] == AS_ABSTAIN
               || a->label[k] < as_names_count(a->classes));
    }
    if (!numbers)
        pack(a);
    if (as_truth_read(s, n, a->tasks, a->classes, &how, &t, &b) == 0)
        as_truth_free(t);
    as_answers_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 1)
        return 0;
    char *exact = malloc(n);            /* so that a byte too far is seen, and aligned */
    assert(exact);
    memcpy(exact, data + 1, n - 1);
    if (data[0] % 3 == 2)
        read_packed(exact, n - 1, 0);
    else
        read_table(exact, n - 1, data[0] % 3);
    free(exact);
    return 0;
}
