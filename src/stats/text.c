/*
 * text.c -- the registry of methods for texts, and all that they share.
 *
 * as_merge_text checks the input, keeps the last answer of each worker on a task, drops those
 * without a word, cuts the rest into words and lets the method answer.  Then it measures, alike for
 * every method, how near each answer is to the result: their mean in a task is its confidence,
 * their mean for a worker is his skill.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/text.h"
#include "stats/special.h"

static const struct as_text_method *const methods[] = {
#define TEXT(name) &as_text_##name,
#include "stats/text.def"
#undef TEXT
};
#define METHODS (sizeof methods / sizeof *methods)

const struct as_method_info *as_text_method(unsigned at)
{
    return at < METHODS ? &methods[at]->info : NULL;
}

void as_text_opts_init(struct as_text_opts *o)
{
    *o = (struct as_text_opts){ .max_iter = 100, .tol = 1e-9, .alpha = .05, .prior = .1,
                                .level = .95, .canon = AS_CANON_WORDS | AS_CANON_NUMBER };
}

/* ------------------------------------------------------------------ what comes in */

static int check(const struct as_texts *in, const struct as_text_opts *o)
{
    if (o->max_iter < 1 || !(o->tol >= 0) || o->rounds < 0 || !(o->prior >= 0)
        || !isfinite(o->prior) || !(o->alpha > 0 && o->alpha < 1) 
        || !(o->level > 0 && o->level < 1) || o->canon > 2 * AS_CANON_JSON - 1)
        return AS_EINVAL;
    for (uint32_t j = 0; o->worker_weight && j < in->workers; j++)
        if (!(o->worker_weight[j] >= 0) || !isfinite(o->worker_weight[j]))
            return AS_EINVAL;
    if (in->n >= UINT32_MAX || in->tasks == UINT32_MAX || in->dims > 65536)
        return AS_ETOOBIG;
    for (size_t k = 0; k < in->n; k++) {
        if (in->task[k] >= in->tasks || in->worker[k] >= in->workers)
            return AS_EINVAL;
        if (in->text[k].length >= UINT32_MAX)
            return AS_ETOOBIG;
    }
    for (size_t k = 0; in->vector && k < in->n * in->dims; k++)
        if (!isfinite(in->vector[k]))
            return AS_EINVAL;
    return in->vector && !in->dims ? AS_EINVAL : AS_OK;
}

static int has_word(struct as_phrase p)
{
    return as_cut_next(&(struct as_cut){ .p = p });
}

/* Rows by task, in the order given, without repetitions and empty texts. */
static int keep(struct as_text_fit *f)
{
    const struct as_texts *in = f->in;
    size_t *next = as_take(f->pool, (size_t)in->tasks + 2, sizeof *next);
    size_t *row = as_take(f->pool, in->n, sizeof *row);
    uint32_t *seen = as_take(f->pool, in->workers, sizeof *seen);

    f->first = as_take(f->pool, (size_t)in->tasks + 1, sizeof *f->first);
    if (!next || !row || !seen || !f->first)
        return AS_ENOMEM;
    for (size_t k = 0; k < in->n; k++)
        next[in->task[k] + 2]++;
    for (uint32_t t = 0; t < in->tasks; t++)
        next[t + 2] += next[t + 1];
    for (size_t k = 0; k < in->n; k++)
        row[next[in->task[k] + 1]++] = k;       /* next[t] is now where task t begins */
    f->row = row;
    for (uint32_t t = 0; t < in->tasks; t++) {
        size_t from = next[t], to = next[t + 1], at = f->first[t] = f->n;
        for (size_t k = to; k-- > from; ) {     /* the last word of each worker */
            int again = seen[in->worker[row[k]]] == t + 1;
            int empty = !again && !has_word(in->text[row[k]]);
            seen[in->worker[row[k]]] = t + 1;
            f->out->repeated += (size_t)again;
            f->out->empty += (size_t)empty;
            if (again || empty)
                row[k] = SIZE_MAX;
        }
        for (size_t k = from; k < to; k++)
            if (row[k] != SIZE_MAX)
                row[at++] = row[k];
        f->n = at;
        if (at - f->first[t] > AS_ANSWERS_MAX)
            return AS_ETOOBIG;
    }
    f->first[in->tasks] = f->n;
    return AS_OK;
}

static uint64_t mix(uint64_t h, const void *bytes, size_t n)
{
    for (size_t k = 0; k < n; k++)
        h = (h ^ ((const unsigned char *)bytes)[k]) * 0x100000001B3u;
    return (h ^ (h >> 32)) * 0xBF58476D1CE4E5B9u;
}

static int prepare(struct as_text_fit *f)
{
    const struct as_texts *in = f->in;
    uint64_t h = 0xCBF29CE484222325u;
    size_t longest = 0;
    int rc = keep(f);

    if (rc)
        return rc;
    f->text = as_take(f->pool, f->n, sizeof *f->text);
    f->worker = as_take(f->pool, f->n, sizeof *f->worker);
    f->weight = as_take(f->pool, in->workers, sizeof *f->weight);
    f->said = as_take(f->pool, in->tasks, sizeof *f->said);
    f->said_n = as_take(f->pool, in->tasks, sizeof *f->said_n);
    if (!f->text || !f->worker || !f->weight || !f->said || !f->said_n)
        return AS_ENOMEM;
    for (size_t a = 0; a < f->n; a++) {
        f->text[a] = in->text[f->row[a]];
        f->worker[a] = in->worker[f->row[a]];
        uint64_t head[] = { in->task[f->row[a]], f->worker[a], f->text[a].length };
        h = mix(mix(h, head, sizeof head), f->text[a].text, f->text[a].length);
    }
    f->out->digest = h;
    f->out->heard = f->n;
    if ((rc = as_words_cut(f->text, f->n, &f->words, f->pool)))
        return rc;
    for (size_t a = 0; a < f->n; a++)
        longest = f->words.start[a + 1] - f->words.start[a] > longest
                  ? f->words.start[a + 1] - f->words.start[a] : longest;
    f->row_edits = as_take(f->pool, longest + 1, sizeof *f->row_edits);
    for (uint32_t j = 0; j < in->workers; j++)
        f->weight[j] = f->opts->worker_weight ? f->opts->worker_weight[j] : 1;
    return f->row_edits ? AS_OK : AS_ENOMEM;
}

/* ------------------------------------------------------------------ what methods call */

void as_choose(struct as_text_fit *f, uint32_t t, size_t a, int tied)
{
    struct as_wording *w = &f->out->answer[t];

    w->text = f->text[a].text;          /* copied at the end */
    w->length = f->text[a].length;
    w->row = f->row[a];
    w->tied = tied;
    w->words = f->said_n[t] = (uint32_t)(f->words.start[a + 1] - f->words.start[a]);
    f->said[t] = f->words.id + f->words.start[a];
}

double as_nearness(struct as_text_fit *f, uint32_t t, size_t a)
{
    size_t from = f->words.start[a], n = f->words.start[a + 1] - from;

    if (!f->said_n[t])
        return 0;
    double errors = as_edits(f->said[t], f->said_n[t], f->words.id + from, n, f->row_edits);
    return fmax(0, 1 - errors / f->said_n[t]);
}

int as_learn_weights(struct as_text_fit *f, int round)
{
    const struct as_text_opts *o = f->opts;
    struct as_pool pool = { 0 };
    double *sum = as_take(&pool, f->in->workers, sizeof *sum), all = 0;
    double *n = as_take(&pool, f->in->workers, sizeof *n);
    int rc = sum && n ? AS_OK : AS_ENOMEM;

    for (uint32_t t = 0; !rc && t < f->in->tasks; t++)
        for (size_t a = f->first[t]; a < f->first[t + 1]; a++) {
            double near = as_nearness(f, t, a);
            sum[f->worker[a]] += near;
            n[f->worker[a]]++;
            all += near;
        }
    for (uint32_t j = 0; !rc && j < f->in->workers; j++)
        if (n[j] > 0)
            f->weight[j] = (o->worker_weight ? o->worker_weight[j] : 1) * sum[j] / n[j];
    as_pool_end(&pool);
    f->out->iterations = round;
    if (!rc && o->progress && o->progress(o->progress_arg, round, all))
        f->out->stopped = 1;
    return rc;
}

/* ------------------------------------------------------------------ around the method */

/* Mean and interval of n numbers in 0 … 1: Student's t, and nothing known of a single one. */
static void skill_of(struct as_worker *w, double sum, double squares, double level)
{
    double n = (double)w->n, mean = n > 0 ? sum / n : .5;

    w->skill = mean;
    w->lo = 0;
    w->hi = 1;
    if (n < 2)
        return;
    double var = fmax(0, (squares - n * mean * mean) / (n - 1));
    /* Answers that are all alike still leave room: as if half an answer had been the other way. */
    var = fmax(var, .25 / (n * n));
    double reach = as_student_quantile((1 + level) / 2, n - 1) * sqrt(var / n);
    w->lo = fmax(0, mean - reach);
    w->hi = fmin(1, mean + reach);
}

static int measure(struct as_text_fit *f)
{
    struct as_text_result *r = f->out;
    double *sum = as_take(f->pool, r->workers, sizeof *sum);
    double *squares = as_take(f->pool, r->workers, sizeof *squares);

    if (!sum || !squares)
        return AS_ENOMEM;
    for (uint32_t t = 0; t < r->tasks; t++) {
        double near = 0, all = 0, plain = 0;
        for (size_t a = f->first[t]; a < f->first[t + 1]; a++) {
            uint32_t j = f->worker[a];
            double here = as_nearness(f, t, a);
            near += f->weight[j] * here;
            all += f->weight[j];
            plain += here;
            sum[j] += here;
            squares[j] += here * here;
            r->worker[j].n += !f->own_skill;
        }
        r->answer[t].answers = (uint32_t)(f->first[t + 1] - f->first[t]);
        if (!f->own_skill && r->answer[t].answers)
            r->answer[t].confidence = fmin(1, all > 0 ? near / all : plain / r->answer[t].answers);
    }
    for (uint32_t j = 0; j < r->workers; j++) {
        r->worker[j].weight = f->weight[j];
        if (!f->own_skill)
            skill_of(&r->worker[j], sum[j], squares[j], f->opts->level);
    }
    return AS_OK;
}

/* The answers leave the caller's bytes: one block of memory for all. */
static int copy_out(struct as_text_result *r, struct as_pool *pool)
{
    size_t all = 0;

    for (uint32_t t = 0; t < r->tasks; t++)
        all += r->answer[t].length + 1;
    char *at = as_take(pool, all + 1, 1);
    if (!at)
        return AS_ENOMEM;
    for (uint32_t t = 0; t < r->tasks; t++) {
        struct as_wording *w = &r->answer[t];
        if (w->length)
            memcpy(at, w->text, w->length);
        w->text = at;
        at += w->length + 1;
    }
    return AS_OK;
}

static int run(const struct as_text_method *m, struct as_text_fit *f)
{
    struct as_text_result *r = f->out;
    int rc;

    r->method = m->info.id;
    r->version = AS_VERSION;
    r->tasks = f->in->tasks;
    r->workers = f->in->workers;
    r->iterations = r->converged = 1;
    r->answer = as_take(f->keep, r->tasks, sizeof *r->answer);
    r->worker = as_take(f->keep, r->workers, sizeof *r->worker);
    if (!r->answer || !r->worker)
        return AS_ENOMEM;
    for (uint32_t t = 0; t < r->tasks; t++)
        r->answer[t].row = SIZE_MAX;
    if ((rc = prepare(f)) || (rc = m->run(f)) || (rc = measure(f)))
        return rc;
    return copy_out(r, f->keep);
}

int as_merge_text(const struct as_texts *in, const char *method, const struct as_text_opts *o,
                  struct as_text_result **out)
{
    struct as_pool scratch = { 0 };
    struct as_text_opts plain;
    int row;

    *out = NULL;
    if (!o) {
        as_text_opts_init(&plain);
        o = &plain;
    }
    if ((row = as_row(as_text_method, method)) < 0)
        return AS_ENOMETHOD;
    int rc = check(in, o);
    if (rc)
        return rc;
    struct as_text_result *r = as_own(sizeof *r);
    if (!r)
        return AS_ENOMEM;
    struct as_text_fit f = { .in = in, .opts = o, .out = r, .pool = &scratch,
                             .keep = as_owned(r) };
    rc = run(methods[row], &f);
    as_pool_end(&scratch);
    if (rc)
        as_disown(r);
    else
        *out = r;
    return rc;
}

void as_text_result_free(struct as_text_result *r)
{
    as_disown(r);
}
