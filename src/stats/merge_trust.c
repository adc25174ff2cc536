/*
 * merge_trust.c -- is a thing there, when some drew it and some did not?
 *
 *   thing c is there with chance s; worker j draws it with 1 - miss_j if it is, alarm_j if not;
 *   things that nobody drew are not seen, so what is seen is divided by the chance to be seen.
 *
 *   E   P_c  ~  s * prod_j (drawn ? 1 - miss_j : miss_j)
 *       against (1 - s) * prod_j (drawn ? alarm_j : 1 - alarm_j),     j: all who looked at the task
 *       unseen_c = u / (1 - u) things like c but for that nobody drew them,
 *       u = s prod_j miss_j + (1 - s) prod_j (1 - alarm_j)
 *   M   miss_j  = (expected misses + 1) / (expected things there + 5), alarm_j likewise,
 *       s = (expected things there + 1) / (expected things + 2);   seen and unseen together
 *
 * Dawid and Skene's model (1979) with two classes, truncated (Dempster, Laird, Rubin 1977, 4.2),
 * under Beta(2, 5) priors on misses and alarms.  Without the truncation two who draw the same ghost
 * would be no wonder.  Starts from the shares; the objective cannot fall.  O(votes) an iteration.
 */
#include <math.h>

#include "stats/merge.h"
#include "stats/special.h"
#include "stats/tally.h"

#define WRONG 1.0               /* pseudo counts of the prior */
#define RIGHT 4.0

struct tally {
    double *there, *missed;     /* [workers] sum of P over things looked at; over those not drawn */
    double *absent, *alarms;    /* the same of 1 - P */
    double *seen, *right;       /* things looked at; expected votes that are right */
    double all, all_there;      /* expected things, drawn or not */
};

/* The things that nobody drew, for each like thing c: how many, and P(there) of them. */
struct unseen {
    double n, there;
};

static struct unseen unseen_like(const struct as_sightings *s, size_t c)
{
    double missed = s->share, quiet = 1 - s->share;

    for (size_t v = s->start[c]; v < s->start[c + 1]; v++) {
        missed *= s->looker[s->worker[v]].miss;
        quiet *= 1 - s->looker[s->worker[v]].alarm;
    }
    double u = missed + quiet;
    return (struct unseen){ u / fmax(1 - u, 1e-9), u > 0 ? missed / u : 0 };
}

static void count(struct as_sightings *s, struct tally *t)
{
    for (uint32_t j = 0; j < s->workers; j++)
        t->there[j] = t->missed[j] = t->absent[j] = t->alarms[j] = t->seen[j] = t->right[j] = 0;
    t->all = t->all_there = 0;
    for (size_t c = 0; c < s->things; c++) {
        struct unseen u = s->share > 0 ? unseen_like(s, c) : (struct unseen){ 0 };
        double p = s->there[c], more = u.n * u.there;
        t->all += 1 + u.n;
        t->all_there += p + more;
        for (size_t v = s->start[c]; v < s->start[c + 1]; v++) {
            uint32_t j = s->worker[v];
            t->seen[j]++;
            t->there[j] += p + more;
            t->absent[j] += 1 - p + u.n - more;
            t->missed[j] += (s->drawn[v] ? 0 : p) + more;
            t->alarms[j] += s->drawn[v] ? 1 - p : 0;
            t->right[j] += s->drawn[v] ? p : 1 - p;
        }
    }
}

/* Parameters from the counts; returns the log prior. */
static double m_step(struct as_sightings *s, const struct tally *t)
{
    s->share = (t->all_there + 1) / (t->all + 2);
    double prior = log(s->share) + log1p(-s->share);

    for (uint32_t j = 0; j < s->workers; j++) {
        struct as_looker *w = &s->looker[j];
        w->miss = (t->missed[j] + WRONG) / (t->there[j] + WRONG + RIGHT);
        w->alarm = (t->alarms[j] + WRONG) / (t->absent[j] + WRONG + RIGHT);
        prior += WRONG * (log(w->miss) + log(w->alarm))
                 + RIGHT * (log1p(-w->miss) + log1p(-w->alarm));
    }
    return prior;
}

static double e_step(struct as_sightings *s)
{
    double loglik = 0;

    for (size_t c = 0; c < s->things; c++) {
        double yes = log(s->share), no = log1p(-s->share);
        for (size_t v = s->start[c]; v < s->start[c + 1]; v++) {
            const struct as_looker *w = &s->looker[s->worker[v]];
            yes += s->drawn[v] ? log1p(-w->miss) : log(w->miss);
            no += s->drawn[v] ? log(w->alarm) : log1p(-w->alarm);
        }
        double top = fmax(yes, no);
        double sum = exp(yes - top) + exp(no - top);
        s->there[c] = exp(yes - top) / sum;
        loglik += top + log(sum) + log1p(unseen_like(s, c).n);  /* 1 + u/(1-u) = 1/(1-u) */
    }
    return loglik;
}

static void describe(const struct as_sightings *s, const struct tally *t)
{
    for (uint32_t j = 0; j < s->workers; j++) {
        struct as_looker *w = &s->looker[j];
        double n = t->seen[j], right = t->right[j];
        w->n = (uint64_t)n;
        w->skill = n > 0 ? right / n : .5;
        w->lo = fmin(w->skill, as_beta_quantile(.025, 1 + right, 1 + n - right));
        w->hi = fmax(w->skill, as_beta_quantile(.975, 1 + right, 1 + n - right));
    }
}

int as_trust(struct as_sightings *s, const struct as_merge_opts *o, struct as_things *out,
             struct as_pool *kept)
{
    struct as_pool pool = { 0 };
    double *sum = as_take(&pool, 6 * (size_t)s->workers, sizeof *sum), last = -INFINITY;
    size_t W = s->workers, votes = s->start[s->things];
    int rc = AS_OK;

    out->trace_n = out->converged = 0;
    out->trace = as_take(kept, (size_t)o->max_iter, sizeof *out->trace);
    if (!sum || !out->trace) {
        as_pool_end(&pool);
        return AS_ENOMEM;
    }
    struct tally t = { sum, sum + W, sum + 2 * W, sum + 3 * W, sum + 4 * W, sum + 5 * W, 0, 0 };
    s->share = 0;                   /* no parameters yet */
    while (!rc && !out->converged && out->trace_n < o->max_iter) {
        count(s, &t);
        double now = m_step(s, &t);
        now += e_step(s);
        if (now < last - 1e-6 - 1e-12 * fabs(last))
            rc = AS_ENOTMONOTONE;
        out->converged = now - last <= o->tol * (double)(votes + 1);
        out->trace[out->trace_n++] = last = now;
    }
    count(s, &t);
    describe(s, &t);
    out->share = s->things ? 0 : s->share;
    for (size_t c = 0; c < s->things; c++)
        out->share += s->there[c] / (double)s->things;
    out->iterations += out->trace_n;
    as_pool_end(&pool);
    return rc;
}
