/*
 * noise_crowdlab.c -- CROWDLAB: a model votes among the people (Goh, Tkachenko and Mueller, 2022).
 *
 * Over the tasks with two labels or more, given a consensus c_i:
 *
 *     P   = mean over tasks of the share of labels that are c_i
 *     e   = error of always saying the most common consensus class
 *     g_j = share of j's fellow labels that agree with j
 *     w_j = 1 - (1 - g_j) / e           at least EPS
 *     w_M = (1 - (1 - A_M) / e) sqrt(labels per task),  A_M = share of tasks where the model's
 *                                       first is c_i; the bracket at least EPS
 *     q_ik ~ w_M p_ik + sum over j of w_j (P if y_ij = k else (1 - P) / (K - 1))
 *
 * A first round starts from the majority, ties going to what the model finds most likely; its best
 * classes are the consensus.  A second round, from that consensus, gives weights and posterior, and
 * the quality of task i is q of its consensus class.  Quality of a person, with Q_j the mean q of
 * their labels, A_j their agreement with the consensus and W the mean w_j times labels per task:
 *
 *     (w_M Q_j + W A_j) / (w_M + W)
 *
 * O(labels + tasks * classes), no iteration.
 */
#include <math.h>
#include <string.h>

#include "stats/noise.h"
#include "stats/tally.h"

#define EPS 1e-6

struct lab {
    const struct as_votes *v;
    const double *p;
    struct as_crowdlab *out;
    uint16_t *c;                /* [tasks] the consensus so far */
    double *w;                  /* [workers] */
    double *fellows, *agreeing; /* [workers] labels of others on the same task, equal ones */
    uint64_t *count;            /* [classes] zero between two tasks */
    double per_task;            /* labels */
};

static size_t labels(const struct lab *l, uint32_t t)
{
    return l->v->start[t + 1] - l->v->start[t];
}

/* Labels of the task by class; `by` 1 counts, -1 takes them back. */
static void tally(struct lab *l, uint32_t t, int by)
{
    for (size_t s = l->v->start[t]; s < l->v->start[t + 1]; s++)
        l->count[l->v->label[s]] += (uint64_t)by;
}

static void majority(struct lab *l)
{
    uint32_t K = l->v->classes;

    for (uint32_t t = 0; t < l->v->tasks; t++) {
        const double *p = l->p + (size_t)t * K;
        uint32_t top = 0;
        tally(l, t, 1);
        for (uint32_t k = 1; k < K; k++)
            if (l->count[k] > l->count[top] || (l->count[k] == l->count[top] && p[k] > p[top]))
                top = k;
        l->c[t] = (uint16_t)top;
        tally(l, t, -1);
    }
}

/* How often people agree with each other.  Does not depend on the consensus. */
static void fellows(struct lab *l)
{
    for (uint32_t t = 0; t < l->v->tasks; t++) {
        tally(l, t, 1);
        for (size_t s = l->v->start[t]; s < l->v->start[t + 1]; s++) {
            l->fellows[l->v->worker[s]] += (double)(labels(l, t) - 1);
            l->agreeing[l->v->worker[s]] += (double)(l->count[l->v->label[s]] - 1);
        }
        tally(l, t, -1);
    }
}

static double better_than_constant(double right, double e)
{
    double w = e > 0 ? 1 - (1 - right) / e : right == 1;

    return w > EPS ? w : EPS;
}

/* P, the error of a constant answer and all weights, from the consensus. */
static int weigh(struct lab *l)
{
    uint32_t K = l->v->classes;
    double tasks = 0, agree = 0, model = 0, most = 0;

    for (uint32_t t = 0; t < l->v->tasks; t++) {
        size_t n = labels(l, t), same = 0;
        if (n < 2)
            continue;
        for (size_t s = l->v->start[t]; s < l->v->start[t + 1]; s++)
            same += l->v->label[s] == l->c[t];
        tasks++;
        agree += (double)same / (double)n;
        model += as_first(l->p + (size_t)t * K, K) == l->c[t];
        l->count[l->c[t]]++;
    }
    for (uint32_t k = 0; k < K; k++)
        most = (double)l->count[k] > most ? (double)l->count[k] : most;
    memset(l->count, 0, K * sizeof *l->count);
    if (tasks == 0)
        return AS_EUNFIT;
    double e = 1 - most / tasks;
    l->out->agreement = agree / tasks;
    l->out->model_weight = better_than_constant(model / tasks, e) * sqrt(l->per_task);
    for (uint32_t j = 0; j < l->v->workers; j++)
        l->w[j] = better_than_constant(l->fellows[j] > 0 ? l->agreeing[j] / l->fellows[j] : 0, e);
    return AS_OK;
}

static void vote(struct lab *l)
{
    uint32_t K = l->v->classes;
    double P = l->out->agreement, wrong = K > 1 ? (1 - P) / (K - 1.) : 0;

    for (uint32_t t = 0; t < l->v->tasks; t++) {
        const double *p = l->p + (size_t)t * K;
        double *q = l->out->q + (size_t)t * K, people = 0, sum = 0;
        memset(q, 0, K * sizeof *q);
        for (size_t s = l->v->start[t]; s < l->v->start[t + 1]; s++) {
            double w = l->w[l->v->worker[s]];
            people += w;
            q[l->v->label[s]] += w * (P - wrong);
        }
        for (uint32_t k = 0; k < K; k++)
            sum += q[k] += l->out->model_weight * p[k] + people * wrong;
        for (uint32_t k = 0; k < K; k++)
            q[k] /= sum;
    }
}

/* Quality of tasks and people, from the consensus and the second posterior. */
static void judge(struct lab *l)
{
    const struct as_votes *v = l->v;
    struct as_crowdlab *out = l->out;
    uint32_t K = v->classes, people = 0;
    double mean = 0;

    memset(l->fellows, 0, v->workers * sizeof *l->fellows);     /* now: labels on shared tasks, */
    memset(l->agreeing, 0, v->workers * sizeof *l->agreeing);   /*      those like the consensus */
    for (uint32_t t = 0; t < v->tasks; t++) {
        const double *q = out->q + (size_t)t * K;
        size_t n = labels(l, t);
        out->quality[t] = q[l->c[t]];
        out->label[t] = n ? l->c[t] : AS_ABSTAIN;
        out->flags[t] = n ? 0 : AS_NO_VOTES;
        for (size_t s = v->start[t]; s < v->start[t + 1]; s++) {
            struct as_crowdlab_worker *w = &out->worker[v->worker[s]];
            w->n++;
            w->quality += q[v->label[s]];
            l->fellows[v->worker[s]] += n > 1;
            l->agreeing[v->worker[s]] += n > 1 && v->label[s] == l->c[t];
        }
    }
    for (uint32_t j = 0; j < v->workers; j++) {
        out->worker[j].weight = l->w[j];
        people += out->worker[j].n > 0;
        mean += out->worker[j].n > 0 ? l->w[j] : 0;
    }
    mean *= l->per_task / people;
    for (uint32_t j = 0; j < v->workers; j++) {
        struct as_crowdlab_worker *w = &out->worker[j];
        double likely = w->n ? w->quality / (double)w->n : 0;
        w->agreement = l->fellows[j] > 0 ? l->agreeing[j] / l->fellows[j] : 0;
        w->quality = !w->n ? 0 : l->fellows[j] > 0
                   ? (out->model_weight * likely + mean * w->agreement)
                     / (out->model_weight + mean)
                   : likely;            /* nobody to agree with */
    }
}

static int run(struct lab *l)
{
    uint32_t K = l->v->classes, answered = 0;
    int rc;

    for (uint32_t t = 0; t < l->v->tasks; t++)
        answered += labels(l, t) > 0;
    l->per_task = answered ? (double)l->v->n / answered : 0;
    majority(l);
    fellows(l);
    for (int round = 0; round < 2; round++) {
        if ((rc = weigh(l)))
            return rc;
        vote(l);
        for (uint32_t t = 0; round == 0 && t < l->v->tasks; t++)
            l->c[t] = (uint16_t)as_first(l->out->q + (size_t)t * K, K);
    }
    judge(l);
    return AS_OK;
}

static int lay_out(const struct as_votes *v, struct as_crowdlab *c)
{
    struct as_pool *p = as_owned(c);

    c->tasks = v->tasks;
    c->workers = v->workers;
    c->classes = v->classes;
    if (!(c->label = as_take(p, v->tasks, sizeof *c->label))
        || !(c->quality = as_take(p, v->tasks, sizeof *c->quality))
        || !(c->flags = as_take(p, v->tasks, sizeof *c->flags))
        || !(c->q = as_take(p, v->tasks, v->classes * sizeof *c->q))
        || !(c->worker = as_take(p, v->workers, sizeof *c->worker)))
        return AS_ENOMEM;
    return AS_OK;
}

int as_crowdlab(const struct as_votes *v, const double *p, struct as_crowdlab **out)
{
    struct as_pool scratch = { 0 };
    struct as_probs in = { .n = v->tasks, .classes = v->classes, .p = p };
    int rc = as_probs_check(&in);

    *out = NULL;
    if (rc)
        return rc;
    struct as_crowdlab *c = as_own(sizeof *c);
    if (!c)
        return AS_ENOMEM;
    struct lab l = { .v = v, .p = p, .out = c };
    l.c = as_take(&scratch, v->tasks, sizeof *l.c);
    l.w = as_take(&scratch, v->workers, sizeof *l.w);
    l.fellows = as_take(&scratch, v->workers, sizeof *l.fellows);
    l.agreeing = as_take(&scratch, v->workers, sizeof *l.agreeing);
    l.count = as_take(&scratch, v->classes, sizeof *l.count);
    rc = lay_out(v, c);
    if (!l.c || !l.w || !l.fellows || !l.agreeing || !l.count)
        rc = AS_ENOMEM;
    if (!rc)
        rc = run(&l);
    as_pool_end(&scratch);
    if (rc)
        as_disown(c);
    else
        *out = c;
    return rc;
}

void as_crowdlab_free(struct as_crowdlab *c)
{
    as_disown(c);
}
