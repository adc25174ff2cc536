/*
 * online_crowd.c -- truths and skills learned together while answers come.
 *
 * Collapsed variational Bayes of order 0 (Asuncion, Welling, Smyth, Teh, UAI 2009) of the models of
 * Dawid & Skene (1979): all parameters are integrated out, and a task sees only counts from which
 * its own share was taken.  So nobody vouches for himself, and confidence means what it says.
 *
 *     one accuracy a worker:    q_ik  ~  prod_j  r_j if y_ij = k, else (1-r_j)/(K-1)
 *                               r_j = (right_j + m R) / (seen_j + m)              without task i
 *     a table a worker:         q_ik  ~  (N_k + 10) prod_j (C^j_k,y + m B^j_k,y) / (C^j_k + m)
 *
 *     right_j, C^j_kl  expected times worker j was right; said l when k was true
 *     R, m             the crowd's accuracy, itself started from start_skill; worth m answers
 *     B^j              the crowd's table, its diagonal moved by j's odds of being right against the
 *                      crowd's, so a good worker is good in classes not seen yet as well
 *     N_k              expected tasks of class k.  With accuracies alone the classes count alike:
 *                      learned shares run away there on skewed sets
 *
 * An answer costs one update of its task, O(answers of the task * K).  A refit goes over all tasks
 * until no q moves by more than 1e-3: it only repeats such updates.
 */
#include <math.h>

#include "stats/as_online.h"
#include "stats/special.h"
#include "stats/tally.h"

#define SWEEPS      60
#define STILL       1e-3
#define EVEN        10.0        /* tasks of each class that the shares start with */
#define NONE        SIZE_MAX

struct given {                  /* one answer, in the list of its task */
    size_t next;
    uint32_t worker;
    uint16_t label;
};

struct as_online {
    struct as_pool pool;
    struct as_online_opts o;
    uint32_t K;
    size_t answers, room, fitted;       /* given, in `given`; answers at the last refit */
    struct given *given;
    size_t *first;                      /* [tasks] */
    uint32_t *n;                        /* [tasks] */
    uint16_t *gold;                     /* [tasks] */
    uint32_t *most;                     /* [tasks] answers it gets at most */
    double *q;                          /* [tasks * K]; zero while without answers */
    double *said, *said_k;              /* [workers * K * K] C, and its row sums, if tables */
    double *right, *seen;               /* [workers] */
    double *crowd, *crowd_k;            /* [K * K] sum of C over workers, and its row sums */
    double *share;                      /* [K] sum of q over tasks with answers */
    double right_all, seen_all;
    double *then;                       /* [workers] skill at the last refit */
    double *row;                        /* [K] scratch */
    uint64_t drifted;                   /* workers that moved too far since */
};

void as_online_opts_init(struct as_online_opts *o)
{
    *o = (struct as_online_opts){ .start_skill = .7, .start_weight = 50, .worker_weight = 10,
                                  .refit_growth = .05, .refit_drift = 2 };
    as_stop_init(&o->stop);
}

static int lay_out(struct as_online *s)
{
    size_t K = s->K, N = s->o.tasks, W = s->o.workers;

    s->first = as_take(&s->pool, N, sizeof *s->first);
    s->n = as_take(&s->pool, N, sizeof *s->n);
    s->gold = as_take(&s->pool, N, sizeof *s->gold);
    s->most = as_take(&s->pool, N, sizeof *s->most);
    s->q = as_take(&s->pool, N * K, sizeof *s->q);
    s->said = as_take(&s->pool, s->o.tables ? W * K * K : 0, sizeof *s->said);
    s->said_k = as_take(&s->pool, s->o.tables ? W * K : 0, sizeof *s->said_k);
    s->right = as_take(&s->pool, W, sizeof *s->right);
    s->seen = as_take(&s->pool, W, sizeof *s->seen);
    s->then = as_take(&s->pool, W, sizeof *s->then);
    s->crowd = as_take(&s->pool, K * K, sizeof *s->crowd);
    s->crowd_k = as_take(&s->pool, K, sizeof *s->crowd_k);
    s->share = as_take(&s->pool, K, sizeof *s->share);
    s->row = as_take(&s->pool, K, sizeof *s->row);
    return s->first && s->n && s->gold && s->most && s->q && s->said && s->said_k && s->right
           && s->seen && s->then && s->crowd && s->crowd_k && s->share && s->row;
}

int as_online_new(const struct as_online_opts *o, struct as_online **out)
{
    struct as_pool pool = { 0 };
    size_t K = o->classes, square = o->tables ? K * K : 1;

    *out = NULL;
    if (K < 1 || K > AS_ONLINE_CLASSES_MAX || !(o->start_skill > 0 && o->start_skill < 1)
        || !(o->start_weight > 0) || !(o->worker_weight > 0) || !(o->refit_growth > 0)
        || !(o->refit_drift > 0) || !isfinite(o->start_weight) || !isfinite(o->worker_weight)
        || o->stop.most < 1 || o->stop.least > o->stop.most)
        return AS_EINVAL;
    if ((double)o->workers * (double)square > (double)AS_ONLINE_CELLS_MAX
        || (double)o->tasks * (double)K > (double)AS_ONLINE_CELLS_MAX)
        return AS_ETOOBIG;
    struct as_online *s = as_take(&pool, 1, sizeof *s);
    if (!s)
        return AS_ENOMEM;
    *s = (struct as_online){ .pool = pool, .o = *o, .K = o->classes };
    if (!lay_out(s)) {
        as_online_free(s);
        return AS_ENOMEM;
    }
    for (uint32_t t = 0; t < o->tasks; t++) {
        s->first[t] = NONE;
        s->gold[t] = AS_ABSTAIN;
        s->most[t] = o->stop.most;
    }
    for (uint32_t j = 0; j < o->workers; j++)
        s->then[j] = o->start_skill;
    *out = s;
    return AS_OK;
}

void as_online_free(struct as_online *s)
{
    if (!s)
        return;
    struct as_pool pool = s->pool;
    as_pool_end(&pool);
}

/* ------------------------------------------------------------------ what is expected of whom */

/* The crowd's table, started from start_skill. */
static double crowd_chance(const struct as_online *s, uint32_t k, uint32_t l)
{
    double w = s->o.start_weight, right = s->o.start_skill;
    double start = k == l ? right : (1 - right) / (s->K > 1 ? s->K - 1 : 1);

    return (s->crowd[(size_t)k * s->K + l] + w * start) / (s->crowd_k[k] + w);
}

static double crowd_skill(const struct as_online *s)
{
    return (s->right_all + s->o.start_weight * s->o.start_skill)
           / (s->seen_all + s->o.start_weight);
}

static double worker_skill(const struct as_online *s, uint32_t j)
{
    double m = s->o.worker_weight;

    return (s->right[j] + m * crowd_skill(s)) / (s->seen[j] + m);
}

static double odds(double p)
{
    p = fmin(fmax(p, 1e-6), 1 - 1e-6);
    return p / (1 - p);
}

/* row[k] *= P(j says y | k), for all k, up to a factor. */
static void add_answer(const struct as_online *s, uint32_t j, uint16_t y, double *row)
{
    uint32_t K = s->K;
    double right = odds(worker_skill(s, j)), m = s->o.worker_weight, top = 0;

    if (!s->o.tables)
        row[y] *= K > 1 ? right * (K - 1) : 1;
    for (uint32_t k = 0; s->o.tables && k < K; k++) {
        double usual = crowd_chance(s, k, k);
        double moved = usual * right / odds(crowd_skill(s));
        double before = moved / (moved + 1 - usual);
        if (k != y)
            before = (1 - before) * crowd_chance(s, k, y) / (1 - usual);
        row[k] *= (s->said[((size_t)j * K + k) * K + y] + m * before)
                  / (s->said_k[(size_t)j * K + k] + m);
    }
    for (uint32_t k = 0; k < K; k++)
        top = fmax(top, row[k]);
    for (uint32_t k = 0; (top < 1e-100 || top > 1e100) && k < K; k++)
        row[k] /= top;
}

/* ------------------------------------------------------------------ counts */

/* Takes the task's share into all counts (sign 1) or out of them (-1). */
static void tell(struct as_online *s, uint32_t task, double sign)
{
    uint32_t K = s->K;
    const double *q = &s->q[(size_t)task * K];

    if (!s->n[task])
        return;
    for (uint32_t k = 0; k < K; k++)
        s->share[k] += sign * q[k];
    for (size_t a = s->first[task]; a != NONE; a = s->given[a].next) {
        uint32_t j = s->given[a].worker;
        uint16_t y = s->given[a].label;
        s->right[j] += sign * q[y];
        s->seen[j] += sign;
        s->right_all += sign * q[y];
        s->seen_all += sign;
        for (uint32_t k = 0; s->o.tables && k < K; k++) {
            double add = sign * q[k];
            s->said[((size_t)j * K + k) * K + y] += add;
            s->said_k[(size_t)j * K + k] += add;
            s->crowd[(size_t)k * K + y] += add;
            s->crowd_k[k] += add;
        }
    }
}

/* q of a task whose share stands in no count.  The shares of the classes count with tables only:
   else they would run away on skewed sets. */
static void judge(struct as_online *s, uint32_t task, double *q)
{
    uint32_t K = s->K;
    double sum = 0;

    for (uint32_t k = 0; k < K; k++)
        s->row[k] = !s->o.tables ? 1 : fmax(s->share[k], 0) + EVEN;
    for (size_t a = s->first[task]; a != NONE; a = s->given[a].next)
        add_answer(s, s->given[a].worker, s->given[a].label, s->row);
    for (uint32_t k = 0; k < K; k++)
        sum += s->row[k] = fmax(s->row[k], 1e-300);
    for (uint32_t k = 0; k < K; k++)
        q[k] = s->gold[task] == AS_ABSTAIN ? s->row[k] / sum : k == s->gold[task];
}

/* Another judgement of one task; how far its q moved. */
static double update(struct as_online *s, uint32_t task)
{
    uint32_t K = s->K;
    double *q = &s->q[(size_t)task * K], old[AS_ONLINE_CLASSES_MAX], most = 0;

    if (!s->n[task])
        return 0;
    for (uint32_t k = 0; k < K; k++)
        old[k] = q[k];
    tell(s, task, -1);
    judge(s, task, q);
    tell(s, task, 1);
    for (uint32_t k = 0; k < K; k++)
        most = fmax(most, fabs(q[k] - old[k]));
    return most;
}

/* ------------------------------------------------------------------ answers */

static int room_for_one(struct as_online *s)
{
    if (s->answers < s->room)
        return AS_OK;
    size_t more = s->room ? s->room * 2 : 256;
    struct given *g = as_take(&s->pool, more, sizeof *g);
    if (!g)
        return AS_ENOMEM;
    for (size_t a = 0; a < s->answers; a++)
        g[a] = s->given[a];
    s->given = g;                   /* the old one ends with the pool: half as much, in all */
    s->room = more;
    return AS_OK;
}

/* In order of worker, so that the sums of a task do not depend on who came first. */
static void put_in(struct as_online *s, uint32_t task, uint32_t worker, uint16_t label)
{
    size_t *link = &s->first[task];

    while (*link != NONE && s->given[*link].worker < worker)
        link = &s->given[*link].next;
    if (*link != NONE && s->given[*link].worker == worker) {
        if (label == AS_ABSTAIN) {
            *link = s->given[*link].next;
            s->n[task]--;
        } else {
            s->given[*link].label = label;
        }
        return;
    }
    if (label == AS_ABSTAIN)
        return;
    size_t at = s->answers;
    s->given[at] = (struct given){ .next = *link, .worker = worker, .label = label };
    *link = at;
    s->answers++;
    s->n[task]++;
}

static void watch(struct as_online *s, uint32_t j)
{
    double now = worker_skill(s, j), n = s->seen[j] + s->o.worker_weight;
    double error = sqrt(fmax(now * (1 - now), 1e-4) / n);

    if (s->seen[j] >= s->o.worker_weight && fabs(now - s->then[j]) > s->o.refit_drift * error)
        s->drifted++;
}

int as_online_answer(struct as_online *s, uint32_t task, uint32_t worker, uint16_t label)
{
    if (task >= s->o.tasks || worker >= s->o.workers || (label >= s->K && label != AS_ABSTAIN))
        return AS_EINVAL;
    int rc = room_for_one(s);
    if (rc)
        return rc;
    tell(s, task, -1);
    put_in(s, task, worker, label);
    double *q = &s->q[(size_t)task * s->K];
    judge(s, task, q);
    tell(s, task, 1);
    watch(s, worker);
    return AS_OK;
}

int as_online_gold(struct as_online *s, uint32_t task, uint16_t label)
{
    if (task >= s->o.tasks || (label >= s->K && label != AS_ABSTAIN))
        return AS_EINVAL;
    s->gold[task] = label;
    update(s, task);
    return AS_OK;
}

int as_online_limit(struct as_online *s, uint32_t task, uint32_t most)
{
    if (task >= s->o.tasks || most < 1)
        return AS_EINVAL;
    s->most[task] = most;
    return AS_OK;
}

/* ------------------------------------------------------------------ reading */

int as_online_read(const struct as_online *s, uint32_t task, double *p, struct as_verdict *out)
{
    double q[AS_ONLINE_CLASSES_MAX] = { 0 }, score[AS_ONLINE_CLASSES_MAX] = { 0 };
    uint32_t K = s->K;

    if (task >= s->o.tasks)
        return AS_EINVAL;
    for (uint32_t k = 0; k < K; k++) {
        if (s->n[task])
            score[k] = log(fmax(s->q[(size_t)task * K + k], 1e-300));
        else if (s->gold[task] != AS_ABSTAIN)
            score[k] = k == s->gold[task] ? 0 : -700;
        else
            score[k] = s->o.tables ? log(fmax(s->share[k], 0) + EVEN) : 0;
    }
    int rc = as_belief_read(score, K, q, out);
    for (uint32_t k = 0; p && k < K; k++)
        p[k] = q[k];
    if (rc)
        return rc;
    struct as_stop stop = s->o.stop;
    stop.skill = fmax(stop.skill, crowd_skill(s));
    stop.most = s->most[task];
    stop.least = stop.least < stop.most ? stop.least : stop.most;
    return as_stop(&stop, q, K, s->n[task]);
}

int as_online_due(const struct as_online *s)
{
    double grown = (double)s->answers - (double)s->fitted;

    return grown > 0 && (grown >= s->o.refit_growth * (double)s->fitted || s->drifted);
}

int as_online_refit(struct as_online *s)
{
    double moved = INFINITY;

    for (int sweep = 0; sweep < SWEEPS && moved > STILL; sweep++) {
        moved = 0;
        for (uint32_t t = 0; t < s->o.tasks; t++)
            moved = fmax(moved, update(s, t));
    }
    for (uint32_t j = 0; j < s->o.workers; j++)
        s->then[j] = worker_skill(s, j);
    s->fitted = s->answers;
    s->drifted = 0;
    return AS_OK;
}

int as_online_worker(const struct as_online *s, uint32_t worker, struct as_online_worker *out)
{
    if (worker >= s->o.workers)
        return AS_EINVAL;
    double m = s->o.worker_weight, r = worker_skill(s, worker), n = fmax(0, s->seen[worker]) + m;
    out->n = (uint64_t)llround(fmax(0, s->seen[worker]));
    out->skill = r;
    out->lo = fmin(r, as_beta_quantile(.025, r * n, (1 - r) * n));
    out->hi = fmax(r, as_beta_quantile(.975, r * n, (1 - r) * n));
    return AS_OK;
}
