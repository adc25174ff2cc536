/*
 * em_pass.c -- the fused pass of em.h, the one hot loop of this room.
 *
 *     score_ik = log p_k + sum_j w_ij log T^j_{k, y_ij}
 *     q_i      = softmax(score_i);   loglik = sum_i logsumexp_k score_ik
 *     count[j][y_ij][.] += w_ij q_i  for every vote of the task
 *
 * A row of K numbers is padded to fours, so that every step is made of whole vector registers; the
 * padding scores -1e300 and so gets no posterior.  Tasks go in batches: first the place of every
 * vote's row, which scores and counts share; scores into one buffer, exp of the whole buffer less
 * each maximum, then normalised and counted.  The sums of exponentials of a batch are multiplied
 * and one logarithm is taken of the product: each is between 1 and K, so 32 of them stay far from
 * the end of a double.  O(votes * classes).
 */
#include <math.h>
#include <string.h>

#include "stats/em.h"
#include "stats/vexp.h"

#define BATCH  AS_EM_BATCH
#define NEVER  (-1e300)

struct pass {                   /* one stripe of one pass */
    const struct as_votes *v;
    const as_v4 *logt, *logp;   /* padded */
    as_v4 *count, *mass, *x;    /* padded; x: scores of a batch, then posteriors */
    uint32_t *row;              /* of a batch's votes: where its row begins, in doubles */
    const uint16_t *gold;
    const struct as_em *em;
    uint32_t classes, quads;
    int hard, shares;           /* shares: q is the share of the votes, no scores */
    struct as_fit *write;       /* not NULL: q is the answer, and nothing is counted */
    uint32_t task[BATCH];
    double total, lost;         /* log-likelihood, compensated (Neumaier) */
};

INLINE void add_total(struct pass *p, double x)
{
    double t = p->total + x;

    p->lost += fabs(p->total) >= fabs(x) ? (p->total - t) + x : (x - t) + p->total;
    p->total = t;
}

/* What the two steps read of a pass: a copy on the stack of the loop, for a compiler would read the
   fields of the pass anew after every store. */
struct sight {
    const as_v4 *logp;
    as_v4 *mass;
    const double *logt;
    double *count;
    const uint32_t *start, *row;    /* row: of the votes from `first` on */
    const float *weight;
    uint32_t first;
};

INLINE struct sight sight_of(const struct pass *p)
{
    return (struct sight){
        .logp = p->logp, .mass = p->mass, .logt = (const double *)p->logt,
        .count = (double *)p->count, .start = p->v->start, .row = p->row, .weight = p->v->weight,
    };
}

/* Looks at the votes from … end: where the row of each begins. */
INLINE void look(struct pass *p, struct sight *g, uint32_t from, uint32_t end, const uint32_t K,
                 const uint32_t Q)
{
    const uint32_t *worker = p->v->worker + from;
    const uint16_t *label = p->v->label + from;
    uint32_t *row = p->row;

    for (uint32_t s = 0; s < end - from; s++)
        row[s] = (worker[s] * K + label[s]) * (4 * Q);
    g->first = from;
}

#define EACH_VOTE(s, n) _Pragma("GCC unroll 4") for (uint32_t s = 0; s < n; s++)

/* x = log p plus the rows of the task's votes; Q quads a row. */
INLINE void score(const struct sight g, uint32_t t, as_v4 *x, const uint32_t Q)
{
    const uint32_t from = g.start[t], n = g.start[t + 1] - from, *row = g.row + (from - g.first);
    const float *weight = g.weight ? g.weight + from : NULL;

    for (uint32_t c = 0; c < Q; c++) {
        as_v4 sum = g.logp[c];
        if (weight)
            EACH_VOTE(s, n)
                sum += *(const as_v4 *)(g.logt + row[s] + 4 * c) * (double)weight[s];
        else
            EACH_VOTE(s, n)
                sum += *(const as_v4 *)(g.logt + row[s] + 4 * c);
        x[c] = sum;
    }
}

INLINE void add_counts(const struct sight g, uint32_t t, const as_v4 *q, const uint32_t Q)
{
    const uint32_t from = g.start[t], n = g.start[t + 1] - from, *row = g.row + (from - g.first);
    const float *weight = g.weight ? g.weight + from : NULL;

    for (uint32_t c = 0; c < Q; c++) {
        as_v4 add = q[c];
        g.mass[c] += add;
        if (weight)
            EACH_VOTE(s, n)
                *(as_v4 *)(g.count + row[s] + 4 * c) += add * (double)weight[s];
        else
            EACH_VOTE(s, n)
                *(as_v4 *)(g.count + row[s] + 4 * c) += add;
    }
}

/* m = the greater of m and o, place by place. */
INLINE void keep_max(as_v4 *m, const as_v4 *o)
{
    as_i4 more = (as_i4)(*o > *m);

    *m = (as_v4)(((as_i4)*o & more) | ((as_i4)*m & ~more));
}

/* A task whose class is known: its states alone; and the best state alone when the pass is hard. */
static double settle(const struct pass *p, uint32_t t, as_v4 *x)
{
    double *at = (double *)x, most;
    uint32_t from = 0, end = p->em->states, top;

    if (p->gold && p->gold[t] != AS_ABSTAIN) {
        from = p->gold[t] * p->em->split;
        end = from + p->em->split;
    }
    top = from;
    most = at[top];
    for (uint32_t k = from; k < end; k++) {
        top = at[k] > most ? k : top;
        most = at[k] > most ? at[k] : most;
    }
    if (p->hard) {                      /* a posterior already */
        for (uint32_t c = 0; c < p->quads; c++)
            x[c] = (as_v4){ 0 };
        x[top / 4] = *(const as_v4 *)as_hot[top % 4];   /* whole, as share does */
        return most;
    }
    for (uint32_t k = 0; k < 4 * p->quads; k++)
        at[k] = k >= from && k < end ? at[k] - most : NEVER;
    return most;
}

/* Rows become columns: of four tasks the first classes, the second ones … */
INLINE void transpose(as_v4 *x)
{
    as_v4 a = __builtin_shufflevector(x[0], x[1], 0, 4, 2, 6);
    as_v4 b = __builtin_shufflevector(x[0], x[1], 1, 5, 3, 7);
    as_v4 c = __builtin_shufflevector(x[2], x[3], 0, 4, 2, 6);
    as_v4 d = __builtin_shufflevector(x[2], x[3], 1, 5, 3, 7);

    x[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5);
    x[1] = __builtin_shufflevector(b, d, 0, 1, 4, 5);
    x[2] = __builtin_shufflevector(a, c, 2, 3, 6, 7);
    x[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7);
}

/* Up to four classes: four tasks side by side, so maxima, sums and quotients are vectors too.  The
   batch is filled up with rows whose exponentials sum to one.  In three rounds over the batch, for
   in one round a processor sees too few exponentials at a time that need not wait for another. */
INLINE double normalise_side(struct pass *p, uint32_t n, double *product)
{
    as_v4 most = { 0 }, times = most + 1., *x = p->x;

    for (; n % 4; n++)
        x[n] = (as_v4){ 0, NEVER, NEVER, NEVER };
    for (uint32_t s = 0; s < n; s += 4) {
        transpose(x + s);
        as_v4 m = x[s];
        for (uint32_t k = 1; k < 4; k++)
            keep_max(&m, &x[s + k]);
        most += m;
        for (uint32_t k = 0; k < 4; k++)
            x[s + k] -= m;
    }
    for (uint32_t s = 0; s < n; s += 2)
        as_exp_eight((as_v8 *)&x[s]);
    for (uint32_t s = 0; s < n; s += 4) {
        as_v4 sum = (x[s] + x[s + 1]) + (x[s + 2] + x[s + 3]);
        times *= sum;
        sum = 1. / sum;
        for (uint32_t k = 0; k < 4; k++)
            x[s + k] *= sum;
        transpose(x + s);
    }
    *product = (times[0] * times[1]) * (times[2] * times[3]);
    return (most[0] + most[1]) + (most[2] + most[3]);
}

/* Any number of classes: task by task. */
INLINE double normalise_rows(struct pass *p, uint32_t n, double *product, const uint32_t Q)
{
    double most = 0;

    for (uint32_t s = 0; s < n; s++) {
        as_v4 *x = p->x + s * Q, m = x[0];
        for (uint32_t c = 1; c < Q; c++)
            keep_max(&m, &x[c]);
        double top = fmax(fmax(m[0], m[1]), fmax(m[2], m[3]));
        for (uint32_t c = 0; c < Q; c++)
            x[c] -= top;
        most += top;
    }
    p->x[n * Q] = p->logp[0];           /* the eighth and last places of an odd end */
    for (uint32_t c = 0; c < n * Q; c += 2)
        as_exp_eight((as_v8 *)&p->x[c]);
    *product = 1;
    for (uint32_t s = 0; s < n; s++) {
        as_v4 *x = p->x + s * Q, all = x[0];
        for (uint32_t c = 1; c < Q; c++)
            all += x[c];
        double sum = (all[0] + all[1]) + (all[2] + all[3]);
        *product *= sum;
        for (uint32_t c = 0; c < Q; c++)
            x[c] *= 1 / sum;
    }
    return most;
}

/* Scores of n tasks in, posteriors out; adds to the log-likelihood. */
INLINE void normalise(struct pass *p, uint32_t n, const uint32_t Q)
{
    double product, most = 0;

    for (uint32_t s = 0; s < n && (p->hard || p->gold); s++)
        if (p->hard || p->gold[p->task[s]] != AS_ABSTAIN)
            most += settle(p, p->task[s], p->x + s * Q);
    if (p->hard) {
        add_total(p, most);
        return;
    }
    most += Q == 1 ? normalise_side(p, n, &product) : normalise_rows(p, n, &product, Q);
    add_total(p, most + log(product));
}

/* Shares of classes to shares of their states, in place. */
static void spread(const struct as_em *em, uint32_t t, double *q)
{
    if (em->spread) {
        em->spread(em->spread_arg, t, q);
        return;
    }
    for (uint32_t k = em->states; k-- > 0; )
        q[k] = q[k / em->split] / em->split;
}

/* x = share of the task's votes for each class; where all weigh nothing, all count alike. */
INLINE void share(const struct pass *p, uint32_t t, as_v4 *x, const size_t K, const uint32_t Q)
{
    const struct as_votes *v = p->v;
    const uint32_t from = v->start[t], end = v->start[t + 1];
    double *q = (double *)x, all = 0;
    uint16_t known = p->gold ? p->gold[t] : AS_ABSTAIN;
    as_v4 four = { 0 };

    for (uint32_t c = 0; c < Q; c++)
        x[c] = four;
    for (uint32_t s = from; s < end; s++) {
        double w = v->weight ? (double)v->weight[s] : 1;
        all += w;
        if (Q == 1)             /* in a register: a load of what was stored in parts would wait */
            four += *(const as_v4 *)as_hot[v->label[s]] * w;
        else
            q[v->label[s]] += w;
    }
    if (Q == 1)
        x[0] = four;
    for (uint32_t s = from; s < end && all == 0; s++)
        q[v->label[s]]++;
    all = all > 0 ? all : end - from;
    for (uint32_t c = 0; c < Q; c++)
        x[c] *= 1 / all;
    for (size_t k = 0; known != AS_ABSTAIN && k < K; k++)
        q[k] = k == known;
    if (p->em->split > 1)
        spread(p->em, t, q);
}

/* Posteriors of a class's states become that of the class; q[classes] may be x itself. */
static void fold(const struct as_em *em, const double *x, double *q)
{
    for (uint32_t k = 0; k < em->classes; k++) {
        double sum = x[k * em->split];
        for (uint32_t g = 1; g < em->split; g++)
            sum += x[k * em->split + g];
        q[k] = sum;
    }
}

/* The next tasks with votes, from t on: how many; a batch of more votes than AS_EM_ROWS has one. */
INLINE uint32_t gather(struct pass *p, uint32_t *t, uint32_t to)
{
    const uint32_t *start = p->v->start, first = start[*t];
    uint32_t n = 0, i = *t;

    for (; i < to && n < BATCH && (!n || start[i + 1] - first <= AS_EM_ROWS); i++) {
        p->task[n] = i;
        n += start[i] < start[i + 1];
    }
    *t = i;
    return n;
}

INLINE void stripe(struct pass *p, uint32_t from, uint32_t to, const size_t K,
                   const uint32_t Q)
{
    struct sight g = sight_of(p);
    as_v4 *x = p->x;

    for (uint32_t t = from; t < to; ) {
        uint32_t first = g.start[t], n = gather(p, &t, to);
        look(p, &g, first, g.start[t], (uint32_t)K, Q);
        for (uint32_t s = 0; s < n && p->shares; s++)
            share(p, p->task[s], x + s * Q, K, Q);
        for (uint32_t s = 0; s < n && !p->shares; s++)
            score(g, p->task[s], x + s * Q, Q);
        if (!p->shares)
            normalise(p, n, Q);
        for (uint32_t s = 0; s < n && !p->write; s++)
            add_counts(g, p->task[s], x + s * Q, Q);
        for (uint32_t s = 0; s < n && p->write; s++) {
            double *q = (double *)(x + s * Q);
            if (p->em->split > 1)
                fold(p->em, q, q);
            as_put_row(p->write, p->task[s], q);
        }
    }
}

typedef void stripe_run(struct pass *p, uint32_t from, uint32_t to);

#define RUN(name, K, Q)                                                         \
    static AS_WIDE void name(struct pass *p, uint32_t from, uint32_t to)        \
    {                                                                           \
        stripe(p, from, to, K, Q);                                              \
    }
RUN(stripe_2, 2, 1)
RUN(stripe_4, 4, 1)
RUN(stripe_to_4, p->classes, 1)
RUN(stripe_to_8, p->classes, 2)
RUN(stripe_any, p->classes, p->quads)

static stripe_run *run_of(const struct as_em *em)
{
    if (em->split > 1)
        return stripe_any;
    switch (em->classes) {
    case 2:  return stripe_2;
    case 4:  return stripe_4;
    default: return em->quads == 1 ? stripe_to_4 : em->quads == 2 ? stripe_to_8 : stripe_any;
    }
}

/* ------------------------------------------------------------------ padding and stripes */

static void pad(const struct as_em *em)
{
    size_t K = em->states, wide = 4 * (size_t)em->quads;
    size_t rows = (size_t)em->workers * em->classes;

    for (size_t r = 0; r < rows; r++)
        memcpy(em->wide + r * wide, em->logt + r * K, K * sizeof(double));
    double *logp = em->wide + rows * wide;
    for (size_t k = 0; k < wide; k++)
        logp[k] = k < K ? em->logp[k] : NEVER;
}

/* Adds the stripes in their order, cell by cell, and drops the padding. */
static void reduce(struct as_em *em)
{
    size_t K = em->states, wide = 4 * (size_t)em->quads;
    size_t rows = (size_t)em->workers * em->classes;
#pragma omp parallel for schedule(static) num_threads(em->threads) if (em->threads > 1)
    for (size_t r = 0; r < (em->last ? 0 : rows + 1); r++) {
        double *to = r < rows ? em->count + r * K : em->mass;
        memcpy(to, em->part + r * wide, K * sizeof *to);
        for (int s = 1; s < em->stripes; s++) {
            const double *from = em->part + (size_t)s * em->part_cells + r * wide;
            for (size_t k = 0; k < K; k++)
                to[k] += from[k];
        }
    }
    em->loglik = 0;
    for (int s = 0; s < em->stripes; s++)
        em->loglik += em->part_loglik[s];
}

static struct pass pass_of(const struct as_em *em, int s)
{
    size_t rows = (size_t)em->workers * em->classes;
    as_v4 *part = (as_v4 *)(em->part + (size_t)s * em->part_cells);

    return (struct pass){
        .v = em->votes, .em = em, .classes = em->classes, .quads = em->quads, .hard = em->hard,
        .logt = (as_v4 *)em->wide, .logp = (as_v4 *)em->wide + rows * em->quads,
        .count = part, .mass = part + rows * em->quads,
        .x = (as_v4 *)em->part_x + (size_t)s * (BATCH * em->quads + 1),
        .gold = em->votes->gold, .row = em->part_row + (size_t)s * em->rows,
    };
}

static uint32_t stripe_start(const struct as_em *em, int s)
{
    return (uint32_t)((uint64_t)em->tasks * (uint64_t)s / (uint64_t)em->stripes);
}

/* Tasks without votes are answered here, the others by the pass. */
static void begin_write(struct as_fit *f, const struct as_em *em)
{
    memset(f->out->flags, 0, em->tasks);
    for (uint32_t t = 0; f->votes->info.empty_tasks && t < em->tasks; t++)
        if (f->votes->start[t] == f->votes->start[t + 1])
            as_put(f, t, 0);
}

static void pass(struct as_em *em, int shares)
{
    stripe_run *run = run_of(em);
    pad(em);
    if (em->last)
        begin_write(em->last, em);
#pragma omp parallel for schedule(static, 1) num_threads(em->threads) if (em->threads > 1)
    for (int s = 0; s < em->stripes; s++) {
        struct pass p = pass_of(em, s);
        p.shares = shares;
        p.write = em->last;
        memset(p.count, 0, em->part_cells * sizeof(double));
        run(&p, stripe_start(em, s), stripe_start(em, s + 1));
        em->part_loglik[s] = p.total + p.lost;
    }
    reduce(em);
}

void as_em_votes(struct as_em *em)
{
    pass(em, 1);
}

void as_em_pass(struct as_em *em)
{
    pass(em, 0);
}

/* P(label) of answers kept from the fit: sum over states of q_s T^j_sl, rows made to sum to one.
   Only where a class has several: its table would not tell of them. */
static void foretell(struct as_em *em, struct as_quiz *ask)
{
    struct pass p = pass_of(em, 0);
    struct sight g = sight_of(&p);
    size_t K = em->classes, S = em->states;
    const double *q = (double *)p.x;

    p.gold = NULL;
    p.hard = 0;
    for (size_t h = 0; h < ask->n; h++) {
        const struct as_held *a = &ask->held[h];
        const double *logt = em->logt + a->worker * K * S;
        p.task[0] = a->task;
        if (!h || a->task != ask->held[h - 1].task) {
            look(&p, &g, p.v->start[a->task], p.v->start[a->task + 1], (uint32_t)K, em->quads);
            score(g, a->task, p.x, em->quads);
            normalise(&p, 1, em->quads);
        }
        ask->p[h] = 0;
        for (size_t s = 0; s < S; s++) {
            double all = 0;
            for (size_t l = 0; l < K; l++)
                all += exp(logt[l * S + s]);
            ask->p[h] += q[s] * exp(logt[a->label * S + s]) / all;
        }
    }
    ask->answered = 1;
}

void as_em_write(struct as_fit *f, struct as_em *em)
{
    struct pass p = pass_of(em, 0);

    p.gold = NULL;
    p.hard = 0;
    p.write = f;
    begin_write(f, em);
    run_of(em)(&p, 0, em->tasks);
    if (f->ask && em->split > 1)
        foretell(em, f->ask);
}
