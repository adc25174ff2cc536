/*
 * answer.c -- how one task's answer is written down, and how it is read.
 *
 * A method hands over a row of nonnegative numbers; here it is normalised, stored as the posterior
 * (full table, single precision above AS_SINGLE_CELLS, or sparse above AS_DENSE_CLASSES), and the
 * tie rule picks the label.  Nothing else of this room writes label, flags or posterior.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/tally.h"
#include "stats/vexp.h"

#define FEW    8            /* classes whose sums stay in registers */

int as_posterior_new(const struct as_votes *v, struct as_result *r, struct as_pool *p)
{
    size_t n = v->tasks, cells = n * v->classes;

    if (v->classes <= AS_DENSE_CLASSES) {
        if (cells <= AS_SINGLE_CELLS)
            return (r->q = as_take(p, cells, sizeof *r->q)) ? AS_OK : AS_ENOMEM;
        return (r->q32 = as_take(p, cells, sizeof *r->q32)) ? AS_OK : AS_ENOMEM;
    }
    size_t *start = as_take(p, n + 1, sizeof *start);
    if (!start || !(r->q_len = as_take(p, n, sizeof *r->q_len))
        || !(r->q_class = as_take(p, v->n + n, sizeof *r->q_class))
        || !(r->q_value = as_take(p, v->n + n, sizeof *r->q_value))
        || !(r->q_rest = as_take(p, n, sizeof *r->q_rest)))
        return AS_ENOMEM;
    for (size_t t = 0; t <= n; t++)
        start[t] = v->start[t] + t;         /* one more than the votes: room for a known answer */
    r->q_start = start;
    return AS_OK;
}

/* ------------------------------------------------------------------ counting */

static uint32_t count_into(struct as_fit *f, uint32_t task, const double *skill, int alike)
{
    const struct as_votes *v = f->votes;
    uint32_t touched = 0;

    for (size_t k = v->start[task]; k < v->start[task + 1]; k++) {
        double w = alike ? 1 : v->weight ? (double)v->weight[k] : 1;
        uint16_t c = v->label[k];
        if (skill && !alike)
            w *= skill[v->worker[k]];
        if (!(w > 0))
            continue;
        if (f->row[c] == 0)
            f->touched[touched++] = c;
        f->row[c] += w;
    }
    return touched;
}

uint32_t as_count(struct as_fit *f, uint32_t task, const double *skill)
{
    uint32_t touched = count_into(f, task, skill, 0);

    return touched ? touched : count_into(f, task, NULL, 1);
}

uint16_t as_top(const struct as_fit *f, uint32_t touched)
{
    double best = 0;
    uint16_t top = AS_ABSTAIN;

    for (uint32_t s = 0; s < touched; s++)
        if (f->row[f->touched[s]] > best)
            best = f->row[f->touched[s]];
    for (uint32_t s = 0; s < touched; s++)
        if (f->row[f->touched[s]] >= best * (1 - AS_TIE_EPS) && f->touched[s] < top)
            top = f->touched[s];
    return top;
}

void as_uncount(struct as_fit *f, uint32_t touched)
{
    for (uint32_t s = 0; s < touched; s++)
        f->row[f->touched[s]] = 0;
}

/* ------------------------------------------------------------------ log scores */

uint32_t as_open(struct as_fit *f, uint32_t task, const double *logp)
{
    const struct as_votes *v = f->votes;
    uint32_t touched = 0;

    if (v->classes <= AS_DENSE_CLASSES) {
        for (; touched < v->classes; touched++) {
            f->touched[touched] = (uint16_t)touched;
            f->row[touched] = logp ? logp[touched] : 0;
        }
        return touched;
    }
    if (++f->call == 0) {               /* four thousand million calls later */
        memset(f->seen, 0, v->classes * sizeof *f->seen);
        f->call = 1;
    }
    for (uint32_t s = v->start[task]; s < v->start[task + 1]; s++) {
        uint16_t l = v->label[s];
        if (f->seen[l] == f->call)
            continue;
        f->seen[l] = f->call;
        f->touched[touched++] = l;
        f->row[l] = logp ? logp[l] : 0;
    }
    return touched;
}

double as_close(struct as_fit *f, uint32_t touched, double other, double *rest)
{
    uint32_t others = f->votes->classes - touched;
    double most = others ? other : -INFINITY, sum = 0;

    for (uint32_t s = 0; s < touched; s++)
        most = f->row[f->touched[s]] > most ? f->row[f->touched[s]] : most;
    for (uint32_t s = 0; s < touched; s++)
        sum += f->row[f->touched[s]] = as_exp_one(f->row[f->touched[s]] - most);
    *rest = others ? others * as_exp_one(other - most) : 0;
    sum += *rest;
    for (uint32_t s = 0; s < touched; s++)
        f->row[f->touched[s]] /= sum;
    *rest /= sum;
    return most + log(sum);
}

void as_vote_odds(struct as_fit *f, const double *odds)
{
    const struct as_votes *v = f->votes;
    double rest = 0;

    for (uint32_t t = 0; t < v->tasks; t++) {
        uint32_t touched = v->start[t] < v->start[t + 1] ? as_open(f, t, NULL) : 0;
        for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++)
            f->row[v->label[s]] += (v->weight ? (double)v->weight[s] : 1) * odds[v->worker[s]];
        if (touched)
            as_close(f, touched, 0, &rest);
        f->out->flags[t] = 0;
        as_put_rest(f, t, touched, rest);
    }
}

/* ------------------------------------------------------------------ writing */

static int by_class(const void *a, const void *b)
{
    return *(const uint16_t *)a - *(const uint16_t *)b;
}

static void put_posterior(struct as_fit *f, uint32_t task, uint32_t touched, double total)
{
    struct as_result *r = f->out;
    size_t at = (size_t)task * r->classes;

    if (!r->q_start) {
        for (uint32_t s = 0; s < touched; s++)
            if (r->q)
                r->q[at + f->touched[s]] = f->row[f->touched[s]] / total;
            else
                r->q32[at + f->touched[s]] = (float)(f->row[f->touched[s]] / total);
        return;
    }
    qsort(f->touched, touched, sizeof *f->touched, by_class);
    at = r->q_start[task];
    for (uint32_t s = 0; s < touched; s++, at++) {
        r->q_class[at] = f->touched[s];
        r->q_value[at] = f->row[f->touched[s]] / total;
    }
    r->q_len[task] = touched;
}

void as_put_rest(struct as_fit *f, uint32_t task, uint32_t touched, double rest)
{
    struct as_result *r = f->out;
    double total = rest, second = 0;

    if (!touched) {
        r->label[task] = AS_ABSTAIN;
        r->flags[task] |= AS_NO_VOTES;
        return;
    }
    uint16_t top = as_top(f, touched);
    for (uint32_t s = 0; s < touched; s++) {
        double x = f->row[f->touched[s]];
        total += x;
        if (f->touched[s] != top && x > second)
            second = x;
    }
    if (second >= f->row[top] * (1 - AS_TIE_EPS))
        r->flags[task] |= AS_TIED;
    put_posterior(f, task, touched, total);
    if (r->q_rest)
        r->q_rest[task] = rest / total;
    int open = (r->flags[task] & AS_TIED) && f->opts->ties == AS_TIE_UNDECIDED;
    r->label[task] = open ? AS_ABSTAIN : top;
    as_uncount(f, touched);
}

void as_put(struct as_fit *f, uint32_t task, uint32_t touched)
{
    as_put_rest(f, task, touched, 0);
}

/* A full row into a full table: the common case of the models, without the lists.  A tie is more
   than one class within AS_TIE_EPS of the best. */
INLINE void put_full(struct as_fit *f, uint32_t task, const double *restrict q,
                            const uint32_t K)
{
    struct as_result *r = f->out;
    size_t at = (size_t)task * K;
    double total = 0, best = 0;
    uint32_t top = K, level = 0;

    for (uint32_t k = 0; k < K; k++) {
        total += q[k];
        best = q[k] > best ? q[k] : best;
    }
    for (uint32_t k = K; k-- > 0; ) {
        int high = q[k] >= best * (1 - AS_TIE_EPS);
        top = high ? k : top;
        level += (uint32_t)high;
    }
    for (uint32_t k = 0; r->q && k < K; k++)
        r->q[at + k] = q[k] / total;
    for (uint32_t k = 0; r->q32 && k < K; k++)
        r->q32[at + k] = (float)(q[k] / total);
    int open = level > 1 && f->opts->ties == AS_TIE_UNDECIDED;
    r->flags[task] |= level > 1 ? AS_TIED : 0;
    r->label[task] = open ? AS_ABSTAIN : (uint16_t)top;
}

void as_put_row(struct as_fit *f, uint32_t task, const double *q)
{
    const struct as_votes *v = f->votes;
    uint32_t touched = 0, top = 0;
    double rest = 0;

    if (!f->out->q_start) {
        if (v->classes == 4)
            put_full(f, task, q, 4);
        else if (v->classes == 2)
            put_full(f, task, q, 2);
        else
            put_full(f, task, q, v->classes);
        return;
    }
    for (uint32_t k = 0; k < v->classes; k++) {
        rest += q[k];
        top = q[k] > q[top] ? k : top;
    }
    for (size_t k = v->start[task]; k <= v->start[task + 1]; k++) {     /* the votes and the top */
        uint16_t c = k < v->start[task + 1] ? v->label[k] : (uint16_t)top;
        if (f->row[c] > 0 || !(q[c] > 0))
            continue;
        f->row[c] = q[c];
        f->touched[touched++] = c;
        rest -= q[c];
    }
    as_put_rest(f, task, touched, rest > 0 ? rest : 0);
}

void as_put_known(struct as_result *r, uint32_t task, uint16_t known)
{
    size_t at = (size_t)task * r->classes;

    for (uint32_t k = 0; !r->q_start && k < r->classes; k++)
        if (r->q)
            r->q[at + k] = k == known;
        else
            r->q32[at + k] = k == known;
    if (r->q_start) {
        r->q_class[r->q_start[task]] = known;
        r->q_value[r->q_start[task]] = 1;
        r->q_len[task] = 1;
        r->q_rest[task] = 0;
    }
    r->label[task] = known;
    r->flags[task] = AS_GOLD;
}

/* The weighted votes of a task into row[K], as as_count does; K known where few are common. */
INLINE void row_full(const struct as_votes *v, uint32_t t, const double *skill,
                     double *restrict row, const uint32_t K)
{
    const uint32_t from = v->start[t], end = v->start[t + 1];
    as_v4 four = { 0 };         /* up to four classes are added in one register */
    double total = 0;

    for (uint32_t k = 0; k < K; k++)
        row[k] = 0;
    for (uint32_t s = from; s < end; s++) {
        double w = skill ? skill[v->worker[s]] : 1;
        if (v->weight)
            w *= (double)v->weight[s];
        w = w > 0 ? w : 0;
        total += w;
        if (K <= 4)
            four += *(const as_v4 *)as_hot[v->label[s]] * w;
        else
            row[v->label[s]] += w;
    }
    for (uint32_t k = 0; K <= 4 && k < K; k++)
        row[k] = four[k];
    for (uint32_t s = from; s < end && total == 0; s++)
        row[v->label[s]]++;
}

INLINE void vote_full(struct as_fit *f, const double *skill, const uint32_t K)
{
    const struct as_votes *v = f->votes;
    double few[FEW], *row = K <= FEW ? few : f->row;    /* few stay in registers */

    for (uint32_t t = 0; t < v->tasks; t++) {
        f->out->flags[t] = 0;
        if (v->start[t] == v->start[t + 1]) {
            as_put(f, t, 0);
            continue;
        }
        row_full(v, t, skill, row, K);
        put_full(f, t, row, K);
    }
    memset(f->row, 0, K * sizeof *f->row);
}

static AS_WIDE void vote_2(struct as_fit *f, const double *skill)
{
    vote_full(f, skill, 2);
}

static AS_WIDE void vote_4(struct as_fit *f, const double *skill)
{
    vote_full(f, skill, 4);
}

void as_vote_all(struct as_fit *f, const double *skill)
{
    if (!f->out->q_start) {
        if (f->votes->classes == 4)
            vote_4(f, skill);
        else if (f->votes->classes == 2)
            vote_2(f, skill);
        else
            vote_full(f, skill, f->votes->classes);
        return;
    }
    for (uint32_t t = 0; t < f->votes->tasks; t++) {
        f->out->flags[t] = 0;
        as_put(f, t, as_count(f, t, skill));
    }
}

INLINE void top_full(struct as_fit *f, const double *skill, uint16_t *answer,
                            const uint32_t K)
{
    const struct as_votes *v = f->votes;

    for (uint32_t t = 0; t < v->tasks; t++) {
        double best = 0;
        uint32_t top = K;
        row_full(v, t, skill, f->row, K);
        for (uint32_t k = 0; k < K; k++)
            best = f->row[k] > best ? f->row[k] : best;
        for (uint32_t k = K; k-- > 0; )
            top = f->row[k] >= best * (1 - AS_TIE_EPS) ? k : top;
        answer[t] = v->start[t] < v->start[t + 1] ? (uint16_t)top : AS_ABSTAIN;
    }
    memset(f->row, 0, K * sizeof *f->row);
}

void as_top_all(struct as_fit *f, const double *skill, uint16_t *answer)
{
    if (f->votes->classes == 4) {
        top_full(f, skill, answer, 4);
        return;
    }
    for (uint32_t t = 0; t < f->votes->tasks; t++) {
        uint32_t touched = as_count(f, t, skill);
        answer[t] = as_top(f, touched);
        as_uncount(f, touched);
    }
}

int as_share_right(struct as_fit *f, const uint16_t *answer, double none, double *skill)
{
    const struct as_votes *v = f->votes;
    struct as_pool pool = { 0 };
    double *all = as_take(&pool, v->workers, sizeof *all);

    if (!all)
        return AS_ENOMEM;
    memset(skill, 0, v->workers * sizeof *skill);
    for (uint32_t t = 0; t < v->tasks; t++) {
        if (answer[t] == AS_ABSTAIN)
            continue;
        for (size_t k = v->start[t]; k < v->start[t + 1]; k++) {
            double w = v->weight ? (double)v->weight[k] : 1;
            all[v->worker[k]] += w;
            skill[v->worker[k]] += v->label[k] == answer[t] ? w : 0;
        }
    }
    for (uint32_t j = 0; j < v->workers; j++)
        skill[j] = all[j] > 0 ? skill[j] / all[j] : none;
    as_pool_end(&pool);
    return AS_OK;
}

/* ------------------------------------------------------------------ reading */

double as_q(const struct as_result *r, uint32_t task, uint32_t k)
{
    if (task >= r->tasks || k >= r->classes)
        return 0;
    if (r->q)
        return r->q[(size_t)task * r->classes + k];
    if (r->q32)
        return (double)r->q32[(size_t)task * r->classes + k];
    if (r->flags[task] & AS_NO_VOTES)
        return r->class_share[k];
    for (size_t lo = r->q_start[task], hi = lo + r->q_len[task]; lo < hi; ) {
        size_t mid = lo + (hi - lo) / 2;
        if (r->q_class[mid] == k)
            return r->q_value[mid];
        if (r->q_class[mid] < k)
            lo = mid + 1;
        else
            hi = mid;
    }
    uint32_t others = r->classes - r->q_len[task];
    return others ? r->q_rest[task] / others : 0;
}

struct summary { double top, second, entropy; };

static void sum_up(struct summary *s, double p, double times)
{
    if (p > s->top) {
        s->second = s->top;
        s->top = p;
    } else if (p > s->second) {
        s->second = p;
    }
    if (p > 0)
        s->entropy -= times * p * log(p);
}

static struct summary summary_of(const struct as_result *r, uint32_t task)
{
    struct summary s = { 0, 0, 0 };

    if (task >= r->tasks)
        return s;
    if (!r->q_start || (r->flags[task] & AS_NO_VOTES)) {
        for (uint32_t k = 0; k < r->classes; k++)
            sum_up(&s, as_q(r, task, k), 1);
    } else {
        uint32_t others = r->classes - r->q_len[task];
        for (uint32_t k = 0; k < r->q_len[task]; k++)
            sum_up(&s, r->q_value[r->q_start[task] + k], 1);
        if (others)
            sum_up(&s, r->q_rest[task] / others, others);
    }
    if (s.second >= s.top * (1 - AS_TIE_EPS))
        s.second = s.top;
    return s;
}

double as_confidence(const struct as_result *r, uint32_t task)
{
    return fmin(summary_of(r, task).top, 1);
}

double as_margin(const struct as_result *r, uint32_t task)
{
    struct summary s = summary_of(r, task);

    return s.top - s.second;
}

double as_entropy(const struct as_result *r, uint32_t task)
{
    return fmax(summary_of(r, task).entropy, 0);
}

void as_certainty(const struct as_result *r, double *confidence, double *margin, double *entropy)
{
    for (uint32_t t = 0; t < r->tasks; t++) {
        struct summary s = summary_of(r, t);
        if (confidence)
            confidence[t] = fmin(s.top, 1);
        if (margin)
            margin[t] = s.top - s.second;
        if (entropy)
            entropy[t] = fmax(s.entropy, 0);
    }
}
