/*
 * weak_metal.c -- a label model from the moments of votes (Ratner et al., AAAI 2019: "MeTaL").
 *
 * Columns c = (function j, class y).  O_cd = share of rows that are in both; mu_ck = P(j votes y
 * given z = k); p = class balance, fixed.  Functions err independently, so
 *
 *     O_cd = sum over k of mu_ck p_k mu_dk    for columns of different groups
 *     O_cc = sum over k of mu_ck p_k
 *
 * and mu minimises the squared difference of both sides, summed over all c, d, plus a pull towards
 * where it starts, the divergence of Poisson counts, worth opts.mass rows (10):
 *
 *     || O - mu diag(p) mu' ||^2 off the groups + || diag O - mu p ||^2
 *         + mass/rows * sum of (mu0 ln(mu0 / mu) - mu0 + mu)
 *
 * mu0 is what a function of accuracy opts.accuracy would show (as_lf_expect).  Without the pull,
 * the chance in rare meetings is taken for accuracy; the plain method leaves that to its start and
 * to stopping early.  The descent is L-BFGS in the log odds of mu.  A vote counts log mu.
 *
 * O((lfs * classes)^2 * rows / 64) once, then O(columns^2 * classes) an iteration.
 */
#include <math.h>
#include <string.h>

#include "stats/lbfgs.h"
#include "stats/weak.h"

#define MASS   10               /* rows */
#define MU_MIN 1e-6
#define MU_MAX (1 - 1e-3)       /* of the start: its log odds are finite */

struct moments {
    struct as_weak_fit *f;
    struct as_column *c;
    uint32_t n, K;
    const double *p;
    double *o;                  /* [n * n]; where a group is its own partner: NAN */
    double *mu, *start, *slope; /* [n * K] */
    double pull;
};

static double odds_to_share(double x)
{
    return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
}

/* The objective at x, the log odds of mu. */
static double loss(void *arg, const double *x, double *gradient)
{
    struct moments *m = arg;
    uint32_t n = m->n, K = m->K;
    double sum = 0;

    for (size_t c = 0; c < (size_t)n * K; c++) {
        m->mu[c] = odds_to_share(x[c]);
        sum += m->pull * (m->start[c] * log(m->start[c] / m->mu[c]) - m->start[c] + m->mu[c]);
        m->slope[c] = m->pull * (1 - m->start[c] / m->mu[c]);
    }
    for (uint32_t a = 0; a < n; a++) {
        double *mu = m->mu + (size_t)a * K, *slope = m->slope + (size_t)a * K;
        double off = -m->o[(size_t)a * n + a];
        for (uint32_t k = 0; k < K; k++)
            off += mu[k] * m->p[k];
        sum += off * off;
        for (uint32_t k = 0; k < K; k++)
            slope[k] += 2 * off * m->p[k];
        for (uint32_t b = 0; b < a; b++) {
            double *mub = m->mu + (size_t)b * K, *slopeb = m->slope + (size_t)b * K;
            double e = -m->o[(size_t)a * n + b];
            if (isnan(e))
                continue;
            for (uint32_t k = 0; k < K; k++)
                e += mu[k] * m->p[k] * mub[k];
            sum += 2 * e * e;
            for (uint32_t k = 0; k < K; k++) {
                slope[k] += 4 * e * m->p[k] * mub[k];
                slopeb[k] += 4 * e * m->p[k] * mu[k];
            }
        }
    }
    for (size_t c = 0; c < (size_t)n * K; c++)
        gradient[c] = m->slope[c] * m->mu[c] * (1 - m->mu[c]);
    return sum;
}

static int step(void *arg, double value)
{
    return as_weak_step(((struct moments *)arg)->f, -value);
}

static int observe(struct moments *m)
{
    const struct as_lf_fit *lf = m->f->out->lf;
    uint32_t n = m->n;
    uint32_t *count = as_take(m->f->pool, (size_t)n * n, sizeof *count);
    int rc;

    if (!(m->o = as_take(m->f->pool, (size_t)n * n, sizeof *m->o)) || !count)
        return AS_ENOMEM;
    if ((rc = as_column_pairs(m->f->in, m->c, n, m->f->pool, count)))
        return rc;
    for (uint32_t a = 0; a < n; a++)
        for (uint32_t b = 0; b < n; b++) {
            int together = a != b && lf[m->c[a].lf].group == lf[m->c[b].lf].group;
            m->o[(size_t)a * n + b] = together ? NAN
                : count[(size_t)a * n + b] / (double)m->f->in->rows;
        }
    return AS_OK;
}

/* mu0, and the log odds to begin with. */
static void begin(struct moments *m, double *x)
{
    for (uint32_t c = 0; c < m->n; c++)
        for (uint32_t k = 0; k < m->K; k++) {
            double mu = as_lf_expect(m->f, m->c[c].lf, (uint32_t)m->c[c].says, k);
            mu = fmin(fmax(mu, MU_MIN), MU_MAX);
            m->start[(size_t)c * m->K + k] = mu;
            x[(size_t)c * m->K + k] = log(mu / (1 - mu));
        }
}

static int fit(struct as_weak_fit *f)
{
    struct moments m = { .f = f, .K = f->in->classes, .p = f->out->balance };
    int rc;

    if ((rc = as_columns(f, &m.c, &m.n)))
        return rc;
    size_t size = (size_t)m.n * m.K;
    double *x = as_take(f->pool, size, 5 * sizeof *x);
    if (!x)
        return AS_ENOMEM;
    m.mu = x + size;
    m.start = m.mu + size;
    m.slope = m.start + size;
    m.pull = (f->opts->mass < 0 ? MASS : f->opts->mass) / (double)f->in->rows;
    if ((rc = observe(&m)))
        return rc;
    begin(&m, x);
    double first = loss(&m, x, m.slope + size);
    struct as_descent d = { .max_iter = f->opts->max_iter, .gain = f->opts->tol * first,
                            .step = step };
    if ((rc = as_lbfgs(loss, &m, size, x, &d)))
        return rc == AS_EINVAL ? AS_EINTERNAL : rc;
    f->out->converged = d.converged;
    for (uint32_t c = 0; c < m.n; c++)
        for (uint32_t k = 0; k < m.K; k++)
            as_lf_score(f->out, m.c[c].lf, m.c[c].says)[k] =
                as_lf_voice(f->out, m.c[c].lf)
                * log(fmax(odds_to_share(x[(size_t)c * m.K + k]), MU_MIN));
    return AS_OK;
}

const struct as_weak_model as_weak_metal = {
    { "metal", "Moment label model", "Ratner et al., AAAI 2019 (MeTaL, Snorkel)",
      "How often every function says every class given the truth, fitted to how often pairs of "
      "votes meet. The rows are read once and the rest does not depend on their number. Use it on "
      "large matrices and for functions that know one class only; it wants a class balance that is "
      "near the truth.", 0 },
    fit
};
