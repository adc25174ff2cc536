/*
 * stats_replay.c -- how many answers the stop rule saves, and what that costs in accuracy.
 *
 *     bench_stats_replay DATA [--seeds 10] [--target .99] [--sets a,b,...]
 *
 * DATA holds NAME/labels.csv (task,worker,label) and NAME/truth.csv (task,label).  Every set with
 * five answers a task or more (after the last answer of each person is kept) is replayed:
 *
 *   1. its answers in random order.  An answer is asked for while its task is open by the stop rule
 *      (as_online, which knows no truth, not how many answers a task has here, and has one setting
 *      for all sets), else it is left where it stands; a task that opens again may ask for it;
 *   2. the answers that were asked for go to an aggregator, and so do all there are: saved is the
 *      share not asked for, loss the accuracy of all less that of some.  The bars are for
 *      one-coin; the live posterior itself ("online") and two more are printed beside it;
 *   3. the smallest fixed overlap that is as accurate: the first c answers of each task in the same
 *      random order, c = 1, 2, ….
 *
 * Prints rows as JSON, and a table of the sets to the error output.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/annotary_stats.h"
#include "stats/chance.h"

#define ROWS     110000
#define NAME     64

struct set {
    char name[NAME];
    size_t n;
    uint32_t tasks, workers, classes;
    uint32_t *task, *worker;
    uint16_t *label, *truth;            /* truth[tasks] */
    uint32_t most;                      /* answers of the busiest task */
};

struct settings {
    int seeds;
    struct as_online_opts o;
};

static const char *const methods[] = { "one-coin", "online", "dawid-skene", "majority" };
#define METHODS 4

static void die(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

static void *take(size_t n, size_t size)
{
    void *p = calloc(n + 1, size);

    if (!p)
        die("stats_replay", "not enough memory");
    return p;
}

/* ------------------------------------------------------------------ reading */

struct column {
    char (*text)[NAME];
    size_t n;
};

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Text to ids, in the order of the text. */
static uint32_t number(const struct column *c, uint32_t *id, struct column *names)
{
    names->text = take(c->n, NAME);
    memcpy(names->text, c->text, c->n * NAME);
    qsort(names->text, c->n, NAME, by_text);
    names->n = 0;
    for (size_t k = 0; k < c->n; k++)
        if (!k || strcmp(names->text[k], names->text[names->n - 1]) != 0)
            memmove(names->text[names->n++], names->text[k], NAME);
    for (size_t k = 0; k < c->n; k++) {
        char *hit = bsearch(c->text[k], names->text, names->n, NAME, by_text);
        id[k] = (uint32_t)((size_t)(hit - names->text[0]) / NAME);
    }
    return (uint32_t)names->n;
}

static size_t read_csv(const char *path, struct column *c, int columns)
{
    char line[512];
    FILE *f = fopen(path, "r");
    size_t n = 0;

    if (!f || !fgets(line, sizeof line, f))
        return 0;
    for (int k = 0; k < columns; k++)
        c[k].text = take(ROWS, NAME);
    while (n < ROWS && fgets(line, sizeof line, f)) {
        char *at = line;
        line[strcspn(line, "\r\n")] = 0;
        for (int k = 0; k < columns; k++) {
            const char *one = strsep(&at, ",");
            snprintf(c[k].text[n], NAME, "%s", one ? one : "");
        }
        n++;
    }
    fclose(f);
    for (int k = 0; k < columns; k++)
        c[k].n = n;
    return n;
}

static uint32_t find(const struct column *names, const char *text)
{
    char key[NAME] = { 0 };

    snprintf(key, sizeof key, "%s", text);
    char *hit = bsearch(key, names->text, names->n, NAME, by_text);
    return hit ? (uint32_t)((size_t)(hit - names->text[0]) / NAME) : UINT32_MAX;
}

/* The last answer of a person on a task is the one that counts. */
static void keep_last(struct set *s)
{
    uint64_t *key = take(s->n, sizeof *key);
    size_t slots = 1, n = 0;

    while (slots < 2 * s->n)
        slots *= 2;
    size_t *slot = take(slots, sizeof *slot);
    for (size_t k = s->n; k-- > 0; ) {
        uint64_t id = (uint64_t)s->task[k] << 32 | s->worker[k];
        size_t at = (size_t)(id * 0x9E3779B97F4A7C15u >> 20) & (slots - 1);
        while (slot[at] && key[slot[at] - 1] != id)
            at = (at + 1) & (slots - 1);
        key[k] = id;
        if (slot[at])
            s->label[k] = AS_ABSTAIN;
        else
            slot[at] = k + 1;
    }
    for (size_t k = 0; k < s->n; k++) {
        if (s->label[k] == AS_ABSTAIN)
            continue;
        s->task[n] = s->task[k];
        s->worker[n] = s->worker[k];
        s->label[n++] = s->label[k];
    }
    s->n = n;
    free(key);
    free(slot);
}

static int set_read(const char *data, const char *name, struct set *s)
{
    struct column c[3] = { 0 }, t[2] = { 0 }, tasks, workers, classes;
    char path[1024];

    snprintf(path, sizeof path, "%s/%s/labels.csv", data, name);
    *s = (struct set){ .n = read_csv(path, c, 3) };
    if (!s->n)
        return 0;
    snprintf(s->name, NAME, "%s", name);
    s->task = take(s->n, sizeof *s->task);
    s->worker = take(s->n, sizeof *s->worker);
    s->label = take(s->n, sizeof *s->label);
    uint32_t *label = take(s->n, sizeof *label);
    s->tasks = number(&c[0], s->task, &tasks);
    s->workers = number(&c[1], s->worker, &workers);
    s->classes = number(&c[2], label, &classes);
    for (size_t k = 0; k < s->n; k++)
        s->label[k] = (uint16_t)label[k];
    s->truth = take(s->tasks, sizeof *s->truth);
    memset(s->truth, 0xff, s->tasks * sizeof *s->truth);
    snprintf(path, sizeof path, "%s/%s/truth.csv", data, name);
    size_t truths = read_csv(path, t, 2);
    for (size_t k = 0; k < truths; k++) {
        uint32_t i = find(&tasks, t[0].text[k]), l = find(&classes, t[1].text[k]);
        if (i < s->tasks)
            s->truth[i] = (uint16_t)(l == UINT32_MAX ? AS_ABSTAIN - 1 : l);
    }
    keep_last(s);
    uint32_t *n = take(s->tasks, sizeof *n);
    for (size_t k = 0; k < s->n; k++)
        if (++n[s->task[k]] > s->most)
            s->most = n[s->task[k]];
    free(n);
    free(label);
    for (int k = 0; k < 3; k++)
        free(c[k].text);
    free(t[0].text);
    free(t[1].text);
    free(tasks.text);
    free(workers.text);
    free(classes.text);
    return truths > 0;
}

static void set_free(struct set *s)
{
    free(s->task);
    free(s->worker);
    free(s->label);
    free(s->truth);
}

/* ------------------------------------------------------------------ one replay */

static double score(const struct set *s, const uint16_t *label)
{
    double right = 0, all = 0;

    for (uint32_t t = 0; t < s->tasks; t++) {
        if (s->truth[t] == AS_ABSTAIN)
            continue;
        right += label[t] == s->truth[t];
        all++;
    }
    return 100 * right / all;
}

static struct as_online *live_new(const struct set *s, const struct settings *w)
{
    struct as_online_opts o = w->o;
    struct as_online *live;

    o.tasks = s->tasks;
    o.workers = s->workers;
    o.classes = s->classes;
    o.stop.most = s->most;
    int rc = as_online_new(&o, &live);
    if (rc)
        die(s->name, as_text(rc));
    return live;
}

static void answer_live(const struct set *s, const struct settings *w, const struct as_labels *in,
                        uint16_t *answer)
{
    struct as_online *live = live_new(s, w);
    struct as_verdict v;

    for (size_t k = 0; k < in->n; k++)
        if (as_online_answer(live, in->task[k], in->worker[k], in->label[k]))
            die(s->name, "an answer was refused");
    as_online_refit(live);
    for (uint32_t t = 0; t < s->tasks; t++) {
        as_online_read(live, t, NULL, &v);
        answer[t] = v.label;
    }
    as_online_free(live);
}

static void answer_by(const char *method, const struct as_labels *in, uint16_t *answer)
{
    struct as_votes *v = NULL;
    struct as_result *r = NULL;
    int rc = as_votes_new(in, AS_KEEP_LAST, &v, NULL);

    if (rc == AS_OK)
        rc = as_aggregate(v, method, NULL, &r);
    if (rc)
        die(method, as_text(rc));
    memcpy(answer, r->label, in->tasks * sizeof *answer);
    as_result_free(r);
    as_votes_free(v);
}

/* Accuracy, in percent, of the method on the answers marked in `asked` (NULL: on all). */
static double accuracy(const struct set *s, const struct settings *w, const char *method,
                       const uint8_t *asked)
{
    uint32_t *task = take(s->n, sizeof *task), *worker = take(s->n, sizeof *worker);
    uint16_t *label = take(s->n, sizeof *label), *answer = take(s->tasks, sizeof *answer);
    size_t n = 0;

    for (size_t k = 0; k < s->n; k++) {
        if (asked && !asked[k])
            continue;
        task[n] = s->task[k];
        worker[n] = s->worker[k];
        label[n++] = s->label[k];
    }
    struct as_labels in = { .n = n, .tasks = s->tasks, .workers = s->workers,
                            .classes = s->classes, .task = task, .worker = worker,
                            .label = label };
    if (strcmp(method, "online") == 0)
        answer_live(s, w, &in, answer);
    else
        answer_by(method, &in, answer);
    double out = score(s, answer);
    free(task);
    free(worker);
    free(label);
    free(answer);
    return out;
}

static void shuffle(uint32_t *order, size_t n, uint64_t seed)
{
    struct as_rng g = { .seed = seed, .stream = 1 };

    for (size_t k = 0; k < n; k++)
        order[k] = (uint32_t)k;
    for (size_t k = n; k > 1; k--) {
        size_t j = as_draw_below(&g, k);
        uint32_t was = order[k - 1];
        order[k - 1] = order[j];
        order[j] = was;
    }
}

/* Marks what the stop rule asks for; returns how many that is. */
static size_t replay(const struct set *s, const struct settings *w, const uint32_t *order,
                     uint8_t *asked)
{
    struct as_online *live = live_new(s, w);
    size_t n = 0, before;

    memset(asked, 0, s->n);
    do {
        before = n;
        for (size_t k = 0; k < s->n; k++) {
            size_t r = order[k];
            if (asked[r] || as_online_read(live, s->task[r], NULL, NULL) != AS_ASK)
                continue;
            if (as_online_answer(live, s->task[r], s->worker[r], s->label[r]))
                die(s->name, "an answer was refused");
            asked[r] = 1;
            n++;
            if (as_online_due(live))
                as_online_refit(live);
        }
        as_online_refit(live);
    } while (n > before);
    as_online_free(live);
    return n;
}

/* Marks the first c answers of each task. */
static size_t fixed(const struct set *s, const uint32_t *order, uint32_t c, uint8_t *asked)
{
    uint32_t *n = take(s->tasks, sizeof *n);
    size_t all = 0;

    for (size_t k = 0; k < s->n; k++) {
        uint32_t t = s->task[order[k]];
        asked[order[k]] = n[t]++ < c;
        all += asked[order[k]];
    }
    free(n);
    return all;
}

struct outcome {
    double saved, overlap, fixed;           /* means over the seeds; answers a task */
    double whole[METHODS], loss[METHODS];
};

/* Answers a task of the smallest fixed overlap that reaches `goal`. */
static double fixed_as_good(const struct set *s, const struct settings *w, uint32_t *order,
                            uint8_t *asked, double goal)
{
    size_t all = 0;

    for (uint32_t c = 1; c <= s->most; c++) {
        double reached = 0;
        for (int seed = 1; seed <= w->seeds; seed++) {
            shuffle(order, s->n, (uint64_t)seed);
            all = fixed(s, order, c, asked);
            reached += accuracy(s, w, methods[0], asked) / w->seeds;
        }
        if (reached >= goal)
            break;
    }
    return (double)all / s->tasks;
}

static struct outcome run(const struct set *s, const struct settings *w)
{
    uint32_t *order = take(s->n, sizeof *order);
    uint8_t *asked = take(s->n, 1);
    struct outcome o = { 0 };

    for (int m = 0; m < METHODS; m++)
        o.whole[m] = accuracy(s, w, methods[m], NULL);
    for (int seed = 1; seed <= w->seeds; seed++) {
        shuffle(order, s->n, (uint64_t)seed);
        double n = (double)replay(s, w, order, asked);
        o.saved += 100 * (1 - n / (double)s->n) / w->seeds;
        o.overlap += n / s->tasks / w->seeds;
        for (int m = 0; m < METHODS; m++)
            o.loss[m] += (o.whole[m] - accuracy(s, w, methods[m], asked)) / w->seeds;
    }
    o.fixed = fixed_as_good(s, w, order, asked, o.whole[0] - o.loss[0]);
    free(order);
    free(asked);
    return o;
}

/* ------------------------------------------------------------------ what is printed */

static const char *const names[] = { "barzan", "bluebird", "cf", "d_possent", "d_product", "dog",
    "labelme", "music_style", "rte", "s_adult", "s_rel", "sp", "temp", "web", "zencrowd_us" };
#define SETS (sizeof names / sizeof *names)

static int rows;

static void row(const char *name, const char *of, double value, const char *unit, double bar,
                int lower)
{
    int ok = isnan(bar) || (lower ? value <= bar : value >= bar);
    char text[32] = "null";

    if (!isnan(bar))
        snprintf(text, sizeof text, "%g", bar);
    printf("%s {\"name\": \"%s%s%s\", \"value\": %.4f, \"unit\": \"%s\", \"bar\": %s, "
           "\"better\": \"%s\", \"ok\": %s}", rows++ ? ",\n" : "[\n", name, *of ? "." : "", of,
           value, unit, text, lower ? "lower" : "higher", ok ? "true" : "false");
}

static void report(const char *name, const struct outcome *o, double per_task)
{
    fprintf(stderr, "%-12s saved %5.1f %%  %5.2f of %5.2f answers a task (fixed: %5.2f)", name,
            o->saved, o->overlap, per_task, o->fixed);
    for (int m = 0; m < METHODS; m++)
        fprintf(stderr, "  %s %.2f%+.2f", methods[m], o->whole[m], -o->loss[m]);
    fprintf(stderr, "\n");
    row("stop.saved", name, o->saved, "%", NAN, 0);
    row("stop.loss", name, o->loss[0], "points", NAN, 1);
    row("stop.overlap", name, o->overlap, "answers", NAN, 1);
    row("stop.fixed", name, o->fixed, "answers", NAN, 1);
}

static void summary(const struct outcome *all, int sets)
{
    for (int m = 0; m < METHODS; m++) {
        double saved = 0, loss = 0, only_losses = 0, worst = -100;
        const char *of = m ? methods[m] : "";
        for (int k = 0; k < sets; k++) {
            saved += all[k].saved / sets;
            loss += all[k].loss[m] / sets;
            only_losses += fmax(0, all[k].loss[m]) / sets;
            worst = fmax(worst, all[k].loss[m]);
        }
        if (!m)
            row("stop.saved", "", saved, "%", 40, 0);
        row("stop.loss", of, loss, "points", m ? NAN : .2, 1);
        row("stop.worst", of, -worst, "points", m ? NAN : -1, 0);
        row("stop.loss_gains_left_out", of, only_losses, "points", NAN, 1);
        fprintf(stderr, "%s: saved %.2f %%, mean loss %.3f points (%.3f with gains counted as "
                "nothing), worst set %+.2f\n", methods[m], saved, loss, only_losses, -worst);
    }
    printf("\n]\n");
}

int main(int argc, char **argv)
{
    struct settings w = { .seeds = 10 };
    struct outcome all[SETS];
    const char *only = NULL;
    int sets = 0;

    as_online_opts_init(&w.o);
    w.o.stop.confidence = .99;
    if (argc < 2)
        die("usage", "bench_stats_replay DATA [--seeds N] [--target P] [--sets a,b]");
    for (int a = 2; a + 1 < argc; a += 2) {
        if (strcmp(argv[a], "--seeds") == 0)
            w.seeds = atoi(argv[a + 1]);
        else if (strcmp(argv[a], "--target") == 0)
            w.o.stop.confidence = atof(argv[a + 1]);
        else if (strcmp(argv[a], "--sets") == 0)
            only = argv[a + 1];
    }
    for (size_t k = 0; k < SETS; k++) {
        struct set s;
        if (only && !strstr(only, names[k]))
            continue;
        if (set_read(argv[1], names[k], &s) && s.n >= 5 * (size_t)s.tasks) {
            all[sets] = run(&s, &w);
            report(names[k], &all[sets++], (double)s.n / s.tasks);
        }
        set_free(&s);
    }
    if (!sets)
        die("skipped", "no real data");
    summary(all, sets);
    return 0;
}
