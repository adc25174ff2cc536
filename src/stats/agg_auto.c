/*
 * agg_auto.c -- the methods weighed by how well they foretell answers that were kept from them.
 *
 *   1. every answer is put into one of five parts by chance (from the seed);
 *   2. each method below is fitted five times, each time without one part, and asked for the
 *      probability of the answers left out (auto.h: the tables are made anew from its posterior, so
 * methods with and without a model are asked alike; ebcc, whose hidden kinds such tables cannot
 *      show, answers from its own);
 *   3. the mixture of methods that makes the answers left out likeliest gets the weights; those
 *      below two in a hundred are left out;
 *   4. the methods are fitted on everything, and the posterior is that mixture of theirs.
 *
 * The truth is never looked at and there is nothing to set.  A mixture instead of the single best:
 * where two methods foretell alike there is no reason to believe one alone.  The candidates are one
 * of each family; those left out (zbs, pm, catd, fast-ds, mmsr, kos) have a near relative here.
 * A task left without answers tells nothing and is not asked for.  With fewer than 30 answers to
 * ask for, or more classes than a full table takes, the one-coin model answers and the note says
 * so. About six times the work of all the methods together; ebcc is not asked where votes
 * times classes are more than a million.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "stats/auto.h"
#include "stats/em.h"

#define PARTS    5
#define FEW      30
#define LEAST    .02
#define RESTARTS 3              /* of ebcc while it is tried */
#define TRIAL    1e-6           /* tolerance then: the shape of a posterior shows early */
#define KINDS_MAX 1000000ull    /* votes times classes above which ebcc is too slow to ask */
#define NOTE     768

static const char *const candidates[] = { "majority", "wawa", "one-coin", "dawid-skene", "glad",
                                          "mace", "ibcc", "ebcc", "bwa" };
#define CANDIDATES (sizeof candidates / sizeof *candidates)
_Static_assert(CANDIDATES <= AS_STACK_MAX, "more candidates than a mixture takes");

struct choice {
    struct as_fit *f;
    struct as_votes part;           /* the votes without one part */
    unsigned char *of;              /* [votes] part of every vote */
    struct as_held *held;           /* [n] all answers asked for, part after part */
    size_t n, from;                 /* from: the first one of this part */
    double *p;                      /* [n * CANDIDATES] */
    double *table, *all, *one;      /* as_refit; [n] probabilities by one candidate */
    double weight[CANDIDATES], score[CANDIDATES];       /* score: mean log-likelihood alone */
    int fits[CANDIDATES], calls;
};

/* The caller's progress hears of every round of every fit, and may stop it all. */
static int heard(void *arg, int iteration, double objective)
{
    struct choice *c = arg;
    const struct as_opts *o = c->f->opts;

    (void)iteration;
    if (o->progress && o->progress(o->progress_arg, ++c->calls, objective))
        c->f->out->stopped = 1;
    return c->f->out->stopped;
}

static int fit(struct choice *c, const struct as_votes *v, size_t m, struct as_quiz *ask,
               struct as_result **out)
{
    struct as_opts o = *c->f->opts;

    o.cost = NULL;
    o.ties = AS_TIE_LOWEST;
    o.clamp_gold = 0;
    o.prior = -1;
    o.progress = heard;
    o.progress_arg = c;
    if (ask) {
        o.tol = fmax(o.tol, TRIAL);
        o.restarts = strcmp(candidates[m], "ebcc") ? o.restarts : RESTARTS;
    }
    int rc = as_aggregate_quiz(v, candidates[m], &o, ask, out);
    c->fits[m] &= rc == AS_OK;
    return rc == AS_ENOMEM || rc == AS_ENOTMONOTONE || rc == AS_EINTERNAL ? rc : AS_OK;
}

/* ------------------------------------------------------------------ parts */

static int choice_new(struct as_fit *f, struct choice *c)
{
    const struct as_votes *v = f->votes;
    size_t K = v->classes;

    *c = (struct choice){ .f = f };
    c->part = (struct as_votes){ .tasks = v->tasks, .workers = v->workers, .classes = v->classes,
                                 .gold = v->gold, .repeats = v->repeats, .info = v->info };
    if (!(c->of = as_take(f->pool, v->n, sizeof *c->of))
        || !(c->held = as_take(f->pool, v->n, sizeof *c->held))
        || !(c->one = as_take(f->pool, v->n, sizeof *c->one))
        || !(c->p = as_take(f->pool, v->n * CANDIDATES, sizeof *c->p))
        || !(c->table = as_take(f->pool, v->workers * K * K, sizeof *c->table))
        || !(c->all = as_take(f->pool, K * K, sizeof *c->all))
        || !(c->part.start = as_take(f->pool, (size_t)v->tasks + 1, sizeof *c->part.start))
        || !(c->part.worker = as_take(f->pool, v->n, sizeof *c->part.worker))
        || !(c->part.label = as_take(f->pool, v->n, sizeof *c->part.label))
        || (v->weight && !(c->part.weight = as_take(f->pool, v->n, sizeof *c->part.weight))))
        return AS_ENOMEM;
    for (uint32_t t = 0; t < v->tasks; t++)     /* all answers of one worker to a task together */
        for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++)
            c->of[s] = (unsigned char)(as_uniform(f->opts->seed ^ 0x6175746fu, t, v->worker[s])
                                       * PARTS);
    for (size_t m = 0; m < CANDIDATES; m++)
        c->fits[m] = strcmp(candidates[m], "ebcc") || (uint64_t)v->n * K <= KINDS_MAX;
    return AS_OK;
}

/* Votes of every part but one, and the answers of that one to tasks that have others. */
static void split(struct choice *c, int part)
{
    const struct as_votes *v = c->f->votes;
    struct as_votes *to = &c->part;

    to->n = 0;
    to->info.empty_tasks = 0;
    c->from = c->n;
    for (uint32_t t = 0; t < v->tasks; t++) {
        size_t first = to->n, asked = c->n;
        to->start[t] = (uint32_t)first;
        for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++) {
            float w = v->weight ? v->weight[s] : 1;
            if (c->of[s] == part) {
                c->held[c->n++] = (struct as_held){ t, v->worker[s], v->label[s], w };
                continue;
            }
            to->worker[to->n] = v->worker[s];
            to->label[to->n] = v->label[s];
            if (to->weight)
                to->weight[to->n] = w;
            to->n++;
        }
        if (to->n == first) {
            to->info.empty_tasks++;
            c->n = asked;
        }
    }
    to->start[v->tasks] = (uint32_t)to->n;
    to->info.kept = to->n;
}

/* Every candidate is fitted without this part and asked for it. */
static int ask(struct choice *c, int part)
{
    int rc = AS_OK;

    split(c, part);
    for (size_t m = 0; m < CANDIDATES && !rc && !c->f->out->stopped; m++) {
        struct as_result *r = NULL;
        struct as_quiz a = { .held = c->held + c->from, .n = c->n - c->from, .p = c->one };
        if (!c->fits[m] || (rc = fit(c, &c->part, m, &a, &r)) || !r)
            continue;
        if (!a.answered) {
            as_refit(&c->part, r, c->table, c->all);
            as_foretell(r, c->table, a.held, a.n, c->one);
        }
        for (size_t h = c->from; h < c->n; h++)
            c->p[h * CANDIDATES + m] = c->one[h - c->from];
        as_result_free(r);
    }
    return rc;
}

/* ------------------------------------------------------------------ the mixture */

static void weigh(struct choice *c)
{
    double total = 0, all = 0;

    for (size_t m = 0; m < CANDIDATES; m++)
        for (size_t h = 0; h < c->n && !c->fits[m]; h++)
            c->p[h * CANDIDATES + m] = 0;
    c->f->out->iterations = as_stack(c->p, c->held, c->n, CANDIDATES, c->weight);
    for (size_t h = 0; h < c->n; h++) {
        all += (double)c->held[h].weight;
        for (size_t m = 0; m < CANDIDATES; m++)
            if (c->fits[m])
                c->score[m] += (double)c->held[h].weight * log(c->p[h * CANDIDATES + m]);
    }
    for (size_t m = 0; m < CANDIDATES; m++) {
        c->score[m] = c->fits[m] ? c->score[m] / fmax(all, 1e-300) : -INFINITY;
        c->weight[m] = c->fits[m] && c->weight[m] >= LEAST ? c->weight[m] : 0;
        total += c->weight[m];
    }
    for (size_t m = 0; m < CANDIDATES; m++)
        c->weight[m] /= total;
}

static int mix(struct choice *c)
{
    const struct as_votes *v = c->f->votes;
    struct as_result *r;
    size_t K = v->classes;
    double *q = as_take(c->f->pool, v->tasks * K, sizeof *q);
    int rc = q ? AS_OK : AS_ENOMEM;

    for (size_t m = 0; m < CANDIDATES && !rc; m++) {
        r = NULL;
        if (c->weight[m] == 0 || (rc = fit(c, v, m, NULL, &r)) || !r)
            continue;
        for (uint32_t t = 0; t < v->tasks; t++)
            for (uint32_t k = 0; k < K; k++)
                q[t * K + k] += c->weight[m] * as_q(r, t, k);
        as_result_free(r);
    }
    for (uint32_t t = 0; t < v->tasks && !rc; t++) {
        c->f->out->flags[t] = 0;
        if (v->start[t] == v->start[t + 1])
            as_put(c->f, t, 0);
        else
            as_put_row(c->f, t, q + t * K);
    }
    return rc;
}

static int explain(struct choice *c)
{
    char *note = as_take(c->f->keep, NOTE, 1), order[CANDIDATES];
    size_t best = 0, at;

    if (!note)
        return AS_ENOMEM;
    for (size_t m = 0; m < CANDIDATES; m++) {
        order[m] = (char)m;
        best = c->score[m] > c->score[best] ? m : best;
    }
    for (size_t a = 1; a < CANDIDATES; a++)
        for (size_t b = a; b > 0 && c->weight[(int)order[b]] > c->weight[(int)order[b - 1]]; b--) {
            char swap = order[b];
            order[b] = order[b - 1];
            order[b - 1] = swap;
        }
    at = (size_t)snprintf(note, NOTE, "Weighed by how well each foretold %zu answers kept from it:",
                          c->n);
    for (size_t m = 0; m < CANDIDATES && at < NOTE && c->weight[(int)order[m]] > 0; m++)
        at += (size_t)snprintf(note + at, NOTE - at, "%s %s %.0f %%", m ? "," : "",
                               candidates[(int)order[m]], 100 * c->weight[(int)order[m]]);
    if (at < NOTE)
        snprintf(note + at, NOTE - at, ". Alone, %s did best: mean log probability %.4f, majority "
                 "%.4f.", candidates[best], c->score[best], c->score[0]);
    c->f->out->note = note;
    return AS_OK;
}

static int one_coin(struct as_fit *f, const char *why)
{
    f->out->note = why;
    return as_agg_one_coin.run(f);
}

static int run(struct as_fit *f)
{
    const struct as_votes *v = f->votes;
    size_t K = v->classes;
    struct choice c;
    int rc;

    if (K > AS_DENSE_CLASSES || v->workers * K * K > AS_EM_BYTES_MAX / sizeof(double))
        return one_coin(f, "Too many classes or workers to compare methods: the one-coin model "
                           "answered.");
    if ((rc = choice_new(f, &c)))
        return rc;
    for (int part = 0; part < PARTS && !rc && !f->out->stopped; part++)
        rc = ask(&c, part);
    if (rc)
        return rc;
    if (f->out->stopped || c.n < FEW)
        return one_coin(f, f->out->stopped ? "Stopped before methods were compared: the one-coin "
                                             "model answered."
                                           : "Too few answers share a task to compare methods: "
                                             "the one-coin model answered.");
    weigh(&c);
    if ((rc = mix(&c)) || (rc = explain(&c)))
        return rc;
    if (!(f->out->confusion = as_take(f->keep, v->workers * K * K, sizeof *c.table)))
        return AS_ENOMEM;
    as_refit(v, f->out, f->out->confusion, c.all);
    f->model = 1;
    return AS_OK;
}

const struct as_agg as_agg_auto = {
    { "auto", "Automatic",
      "after Yao, Vehtari, Simpson & Gelman (stacking), Bayesian Analysis (2018)",
      "Fits nine methods without a part of the answers, sees how well each foretells that part, "
      "and answers with the mixture that does it best, saying which. About six times the work "
      "of all of them. The choice when there is no gold to compare methods by.", 0 },
    run
};
