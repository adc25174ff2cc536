/*
 * weak_ds.c -- Dawid and Skene with abstaining (Applied Statistics 1979; for labelling functions).
 *
 *     P(y_j = l | z = k) = T^j_kl       the class balance p is fixed, never learned
 *     F = sum over rows of ln sum over k of p_k prod over j of (T^j_k,y_j)^v_j
 *         + sum over j of v_j * sum over k, l of alpha^j_kl ln T^j_kl
 *
 * v_j is the voice of a function within its group.  alpha is a Dirichlet prior that believes in
 * the diagonal: opts.mass votes a class (20), opts.accuracy of them right (as_lf_expect).  Without
 * it, and with a p that is learned, functions that know one class only draw every row into it.
 *
 * Abstaining is one more column l of T where it tells something about the class, and is passed
 * over where it does not: a function that votes for fewer classes than there are always tells by
 * silence; of another one a likelihood-ratio test against the majority of all others decides
 * (2 ln ratio > (K - 1) ln rows, which is BIC).
 *
 * EM: F never falls.  Rows that say the same are counted once: an iteration is
 * O(kinds of rows * lfs * classes).
 */
#include <math.h>
#include <string.h>

#include "stats/weak.h"

#define MASS 20                 /* votes a class */
#define VOTED_MAX .999          /* nobody is expected to vote on every row of a class */
#define FLOOR 1e-10             /* of a probability in T */

static const char *const names[] = { "abstain" };

struct em {
    uint32_t m, K;
    struct as_patterns seen;
    struct as_reader with;
    double *t;                  /* [m * (K+1) * K] T by function, what it says, class */
    double *n;                  /* the same: expected counts */
    double *alpha;              /* the same: the prior */
    double *row;                /* [K + 1] */
    uint8_t *speaks;            /* [m] silence has a column */
};

static double *at(const struct em *e, double *table, uint32_t j, int y)
{
    return table + as_lf_at(e->K, j, y) * e->K;
}

/* What function j says begins here: with its silence, where that has a column. */
static int from(const struct em *e, uint32_t j)
{
    return e->speaks[j] ? -1 : 0;
}

/* ------------------------------------------------------------------ does silence tell anything? */

/* told[0/1][k] of function j: what the others say where it is silent, where it votes. */
static void silence_count(const struct em *e, double *told)
{
    for (size_t u = 0; u < e->seen.n; u++) {
        const int16_t *vote = e->seen.vote + u * e->m;
        double count = e->seen.count[u], votes;
        memset(e->row, 0, (e->K + 1) * sizeof *e->row);
        for (uint32_t j = 0; j < e->m; j++)
            e->row[vote[j] + 1]++;
        votes = e->m - e->row[0];
        for (uint32_t j = 0; j < e->m; j++) {
            int voted = vote[j] >= 0;
            double each = votes > voted ? count / (votes - voted) : 0;
            double *to = told + ((size_t)j * 2 + (size_t)voted) * e->K;
            for (uint32_t k = 0; k < e->K; k++)
                to[k] += each * e->row[k + 1];
            if (voted)
                to[vote[j]] -= each;
        }
    }
}

/* 2 ln of the likelihood ratio of a 2 x K table against independence, and its rows. */
static double ratio_test(const double *told, uint32_t K, double *rows)
{
    double sum[2] = { 0, 0 }, g = 0;

    for (uint32_t k = 0; k < K; k++) {
        sum[0] += told[k];
        sum[1] += told[K + k];
    }
    *rows = sum[0] + sum[1];
    for (uint32_t s = 0; s < 2; s++)
        for (uint32_t k = 0; k < K; k++) {
            double x = told[s * K + k], expected = sum[s] * (told[k] + told[K + k]) / *rows;
            g += x > 0 ? 2 * x * log(x / expected) : 0;
        }
    return g;
}

static int silence_judge(struct as_weak_fit *f, struct em *e)
{
    double *told = as_take(f->pool, (size_t)e->m * 2, e->K * sizeof *told);

    if (!told)
        return AS_ENOMEM;
    silence_count(e, told);
    for (uint32_t j = 0; j < e->m; j++) {
        uint32_t poles = 0;
        double rows;
        for (uint32_t k = 0; k < e->K; k++)
            poles += f->polarity[(size_t)j * e->K + k] > 0;
        double g = ratio_test(told + (size_t)j * 2 * e->K, e->K, &rows);
        int tells = rows > 1 && g > (e->K - 1) * log(rows);
        e->speaks[j] = poles && f->out->lf[j].votes < f->in->rows && (poles < e->K || tells);
        f->out->param[j] = e->speaks[j];
    }
    return AS_OK;
}

/* ------------------------------------------------------------------ prior and start */

/*
 * T starts at the prior's mean, which as_lf_expect says; where silence has no column it is passed
 * over, and a row of T sums to one over the votes.
 */
static void prior_set(struct as_weak_fit *f, struct em *e)
{
    uint32_t K = e->K;

    for (uint32_t j = 0; j < e->m; j++) {
        double votes = (double)f->out->lf[j].votes, rows = (double)f->in->rows;
        double mass = f->opts->mass < 0 ? MASS : f->opts->mass;
        mass *= e->speaks[j] ? rows / votes : 1;
        for (uint32_t k = 0; k < K; k++) {
            double voted = 0;
            for (uint32_t y = 0; y < K; y++)
                voted += at(e, e->t, j, (int)y)[k] = as_lf_expect(f, j, y, k);
            double most = e->speaks[j] ? fmin(voted, VOTED_MAX) : 1;
            for (int y = 0; y < (int)K; y++)
                at(e, e->t, j, y)[k] *= most / voted;
            at(e, e->t, j, -1)[k] = 1 - most;
            for (int y = from(e, j); y < (int)K; y++)
                at(e, e->alpha, j, y)[k] = mass * at(e, e->t, j, y)[k];
        }
    }
}

/* The scores of T, and the prior's part of the objective. */
static double scores_set(struct as_weak_fit *f, const struct em *e)
{
    double prior = 0;

    for (uint32_t j = 0; j < e->m; j++) {
        double voice = as_lf_voice(f->out, j);
        for (int y = from(e, j); y < (int)e->K; y++)
            for (uint32_t k = 0; k < e->K; k++) {
                double score = voice * log(at(e, e->t, j, y)[k]);
                as_lf_score(f->out, j, y)[k] = score;
                prior += at(e, e->alpha, j, y)[k] * score;
            }
    }
    return prior;
}

/* ------------------------------------------------------------------ EM */

/* Expected counts under the scores; returns the log-likelihood. */
static double expect(const struct as_weak_fit *f, struct em *e)
{
    uint32_t K = e->K;
    double sum = 0;

    memset(e->n, 0, as_lf_at(K, e->m, -1) * K * sizeof *e->n);
    as_reader_set(f->out, &e->with);
    for (size_t u = 0; u < e->seen.n; u++) {
        const int16_t *vote = e->seen.vote + u * e->m;
        as_read(&e->with, vote, e->row);
        sum += e->seen.count[u] * as_soften(e->row, K);
        for (uint32_t k = 0; k < K; k++)
            e->row[k] *= e->seen.count[u];
        for (uint32_t j = 0; j < e->m; j++) {
            double *n = at(e, e->n, j, vote[j]);
            for (uint32_t k = 0; k < K; k++)
                n[k] += e->row[k];
        }
    }
    return sum;
}

/* T from expected counts and prior. */
static void maximise(struct em *e)
{
    int K = (int)e->K;

    for (uint32_t j = 0; j < e->m; j++)
        for (int k = 0; k < K; k++) {
            double sum = 0;
            for (int y = from(e, j); y < K; y++)
                sum += at(e, e->n, j, y)[k] + at(e, e->alpha, j, y)[k];
            for (int y = from(e, j); y < K && sum > 0; y++)
                at(e, e->t, j, y)[k] = fmax((at(e, e->n, j, y)[k] + at(e, e->alpha, j, y)[k])
                                            / sum, FLOOR);
        }
}

static int iterate(struct as_weak_fit *f, struct em *e)
{
    double before = -INFINITY;

    f->out->converged = 0;
    for (int n = 0; n <= f->opts->max_iter; n++) {
        double prior = scores_set(f, e), now = expect(f, e) + prior;
        if (!isfinite(now))
            return AS_EINTERNAL;
        if (now < before - 1e-6 - 1e-10 * fabs(now))
            return AS_ENOTMONOTONE;
        if (as_weak_step(f, now))
            break;
        if (now - before < f->opts->tol * (double)f->total) {
            f->out->converged = 1;
            break;
        }
        before = now;
        if (n < f->opts->max_iter)
            maximise(e);
    }
    return AS_OK;
}

static int fit(struct as_weak_fit *f)
{
    uint32_t m = f->in->lfs, K = f->in->classes;
    size_t table = as_lf_at(K, m, -1) * K;
    struct em e = { .m = m, .K = K };
    int rc;

    if (!(e.t = as_take(f->pool, table, sizeof *e.t))
        || !(e.n = as_take(f->pool, table, sizeof *e.n))
        || !(e.alpha = as_take(f->pool, table, sizeof *e.alpha))
        || !(e.row = as_take(f->pool, (size_t)K + 1, sizeof *e.row))
        || !(e.speaks = as_take(f->pool, m, sizeof *e.speaks))
        || !(f->out->param = as_take(f->keep, m, sizeof *f->out->param)))
        return AS_ENOMEM;
    f->out->params = 1;
    f->out->param_name = names;
    if ((rc = as_lf_patterns(f->in, f->pool, &e.seen))
        || (rc = as_reader_new(f->out, f->pool, &e.with)) || (rc = silence_judge(f, &e)))
        return rc;
    prior_set(f, &e);
    return iterate(f, &e);
}

const struct as_weak_model as_weak_ds_abstain = {
    { "ds-abstain", "Dawid-Skene with abstaining", "Dawid & Skene, Applied Statistics 1979",
      "Every function gets a confusion matrix, and its silence counts as an answer where silence "
      "tells something about the class. EM with a fixed class balance and a prior that trusts the "
      "functions, some dozen passes. The model to begin with, above all for functions that know "
      "one class only.", 0 },
    fit
};
