/*
 * online.c -- one task at a time: how sure, ask again or stop, and tests of people.
 *
 *   posterior   score_x = ln prior_x + sum over answers of [answer = x] ln(q (K-1) / (1-q)); what
 *               all classes share is left out.  One addition an answer, O(K) to read.
 *   gain        E[max_x P(x | m more answers)] - max_x P(x)     (value of information)
 *   people      Wald's sequential probability ratio test (Ann. Math. Stat. 1945); Pearson's
 *               chi-square
 *
 * Skills from test questions and the posterior are those of Toloka's documentation, the trust share
 * is Appen's.
 */
#include <math.h>

#include "stats/as_online.h"
#include "stats/special.h"
#include "stats/tally.h"

#define SKILL_LEAST 1e-6
#define FEW_EXPECTED 5          /* below, a cell of chi-square is pooled */
#define GAIN_STEPS 64

double as_gold_skill(uint64_t right, uint64_t seen, double k0)
{
    if (!(k0 > 0) || right > seen)
        return .5;
    return (k0 + (double)right) / (2 * k0 + (double)seen);
}

/* ------------------------------------------------------------------ posterior of one task */

static double within(double q)
{
    return fmin(fmax(q, SKILL_LEAST), 1 - SKILL_LEAST);
}

int as_belief(double *score, uint32_t classes, const double *prior)
{
    if (classes < 1 || classes > AS_CLASSES_MAX)
        return AS_EINVAL;
    for (uint32_t k = 0; k < classes; k++) {
        if (prior && (!(prior[k] > 0) || !isfinite(prior[k])))
            return AS_EINVAL;
        score[k] = prior ? log(prior[k]) : 0;
    }
    return AS_OK;
}

static int move(double *score, uint32_t classes, uint16_t answer, double q, double sign)
{
    if (answer >= classes || !(q >= 0 && q <= 1))
        return AS_EINVAL;
    q = within(q);
    if (classes > 1)
        score[answer] += sign * log(q * (classes - 1) / (1 - q));
    return AS_OK;
}

int as_belief_add(double *score, uint32_t classes, uint16_t answer, double q)
{
    return move(score, classes, answer, q, 1);
}

int as_belief_take(double *score, uint32_t classes, uint16_t answer, double q)
{
    return move(score, classes, answer, q, -1);
}

int as_belief_add_row(double *score, uint32_t classes, const double *chance)
{
    for (uint32_t k = 0; k < classes; k++)
        if (!(chance[k] >= 0 && chance[k] <= 1))
            return AS_EINVAL;
    for (uint32_t k = 0; k < classes; k++)
        score[k] += log(within(chance[k]));
    return AS_OK;
}

static void settle(const double *p, uint32_t classes, struct as_verdict *out)
{
    double top = 0, second = 0;

    *out = (struct as_verdict){ 0 };
    for (uint32_t k = 0; k < classes; k++) {
        out->entropy -= p[k] > 0 ? p[k] * log(p[k]) : 0;
        if (p[k] > top) {
            second = top;
            top = p[k];
        } else {
            second = fmax(second, p[k]);
        }
    }
    while (p[out->label] < top * (1 - AS_TIE_EPS))
        out->label++;
    out->confidence = fmin(top, 1);
    out->margin = top - second;
    out->tied = classes > 1 && out->margin <= top * AS_TIE_EPS;
    out->entropy = fmax(out->entropy, 0);
}

int as_belief_read(const double *score, uint32_t classes, double *p, struct as_verdict *out)
{
    double few[AS_DENSE_CLASSES], *q = p ? p : few, top = -INFINITY, sum = 0;
    struct as_pool pool = { 0 };

    if (classes < 1 || classes > AS_CLASSES_MAX)
        return AS_EINVAL;
    for (uint32_t k = 0; k < classes; k++) {
        if (!isfinite(score[k]))
            return AS_EINVAL;
        top = fmax(top, score[k]);
    }
    if (!p && classes > AS_DENSE_CLASSES && !(q = as_take(&pool, classes, sizeof *q)))
        return AS_ENOMEM;
    for (uint32_t k = 0; k < classes; k++)
        sum += q[k] = exp(score[k] - top);
    for (uint32_t k = 0; k < classes; k++)
        q[k] /= sum;
    if (out)
        settle(q, classes, out);
    as_pool_end(&pool);
    return AS_OK;
}

int as_trust_share(const uint16_t *answer, const double *trust, uint32_t n, uint32_t classes,
                   double *share)
{
    double all = 0;

    for (uint32_t k = 0; k < classes; k++)
        share[k] = 0;
    for (uint32_t a = 0; a < n; a++) {
        if (answer[a] >= classes || !(trust[a] >= 0) || !isfinite(trust[a]))
            return AS_EINVAL;
        all += trust[a];
    }
    if (!n)
        return AS_EUNDEFINED;
    for (uint32_t a = 0; a < n; a++)
        share[answer[a]] += all > 0 ? trust[a] / all : 1.0 / n;
    return AS_OK;
}

/* ------------------------------------------------------------------ value of information */

/* What answer y leaves: the best class's joint chance.  Summed over y that is the chance of
   deciding right after one answer. */
static double right_after_one(const double *p, uint32_t classes, double q)
{
    double miss = (1 - q) / (classes - 1), sum = 0;

    for (uint32_t y = 0; y < classes; y++) {
        double best = 0;
        for (uint32_t k = 0; k < classes; k++)
            best = fmax(best, p[k] * (k == y ? q : miss));
        sum += best;
    }
    return sum;
}

/* d = answers for the first less answers for the second; its distribution if the first is true,
   mirrored if the second is. */
static double right_after_many(double a, double b, uint32_t classes, double q, uint32_t m)
{
    double miss = (1 - q) / (classes - 1), stay = fmax(0, 1 - q - miss), sum = 0;
    double now[2 * GAIN_STEPS + 3] = { 0 }, next[2 * GAIN_STEPS + 3] = { 0 };
    uint32_t zero = GAIN_STEPS + 1;

    now[zero] = 1;
    for (uint32_t step = 0; step < m; step++) {
        for (uint32_t d = zero - step - 1; d <= zero + step + 1; d++)
            next[d] = q * now[d - 1] + stay * now[d] + miss * now[d + 1];
        for (uint32_t d = zero - step - 1; d <= zero + step + 1; d++)
            now[d] = next[d];
    }
    for (uint32_t d = zero - m; d <= zero + m; d++)
        sum += fmax(a * now[d], b * now[2 * zero - d]);
    return sum;
}

int as_gain(const double *p, uint32_t classes, double q, uint32_t m, double *gain)
{
    double top = 0, second = 0, sum = 0;

    *gain = 0;
    if (classes < 1 || classes > AS_CLASSES_MAX || !(q >= 0 && q <= 1))
        return AS_EINVAL;
    for (uint32_t k = 0; k < classes; k++) {
        if (!(p[k] >= 0))
            return AS_EINVAL;
        sum += p[k];
        second = p[k] > top ? top : fmax(second, p[k]);
        top = fmax(top, p[k]);
    }
    if (!(fabs(sum - 1) < 1e-6))
        return AS_EINVAL;
    if (classes == 1 || m == 0)
        return AS_OK;
    m = m < GAIN_STEPS ? m : GAIN_STEPS;
    double after = m == 1 ? right_after_one(p, classes, q)
                          : right_after_many(top, second, classes, q, m);
    *gain = after - top > 1e-12 ? fmin(after - top, 1) : 0;     /* below is rounding */
    return AS_OK;
}

void as_stop_init(struct as_stop *s)
{
    *s = (struct as_stop){ .confidence = .95, .least = 2, .most = 5, .error_cost = 1,
                           .skill = .85 };
}

static int worth_asking(const struct as_stop *s, const double *p, uint32_t classes, uint32_t left)
{
    left = left < GAIN_STEPS ? left : GAIN_STEPS;
    for (uint32_t m = 1; m <= left; m++) {
        double gain;
        int rc = as_gain(p, classes, s->skill, m, &gain);
        if (rc)
            return rc;
        if (gain * s->error_cost > m * s->price)
            return 1;
    }
    return 0;
}

int as_stop(const struct as_stop *s, const double *p, uint32_t classes, uint32_t answers)
{
    double top = 0;

    if (!(s->confidence > 0 && s->confidence <= 1) || s->most < 1 || s->least > s->most
        || !(s->error_cost >= 0) || !(s->price >= 0) || !(s->skill >= 0 && s->skill <= 1))
        return AS_EINVAL;
    for (uint32_t k = 0; k < classes; k++)
        top = fmax(top, p[k]);
    if (answers >= s->most)
        return AS_STOP_FULL;
    if (answers < s->least)
        return AS_ASK;
    if (top >= s->confidence)
        return AS_STOP_SURE;
    if (s->error_cost > 0) {
        int worth = worth_asking(s, p, classes, s->most - answers);
        if (worth <= 0)
            return worth ? worth : AS_STOP_WORTH;
    }
    return AS_ASK;
}

/* ------------------------------------------------------------------ testing people */

int as_sprt(uint64_t right, uint64_t wrong, double low, double high, double err, int *rc)
{
    int bad = !(low > 0 && low < high && high < 1) || !(err > 0 && err < .5);

    if (rc)
        *rc = bad ? AS_EINVAL : AS_OK;
    if (bad)
        return 0;
    double ratio = (double)right * log(high / low) + (double)wrong * log((1 - high) / (1 - low));
    double bound = log((1 - err) / err);
    return ratio >= bound ? 1 : ratio <= -bound ? -1 : 0;
}

int as_habit(const uint64_t *said, const double *usual, uint32_t classes, struct as_habit *out)
{
    double all = 0, shares = 0, rest_said = 0, rest_due = 0;
    uint32_t cells = 0;

    *out = (struct as_habit){ .p = 1 };
    for (uint32_t k = 0; k < classes; k++) {
        if (!(usual[k] >= 0) || !isfinite(usual[k]))
            return AS_EINVAL;
        shares += usual[k];
        all += (double)said[k];
    }
    if (!(shares > 0) || !(all > 0))
        return AS_EUNDEFINED;
    for (uint32_t k = 0; k < classes; k++) {
        double due = all * usual[k] / shares, got = (double)said[k];
        if (due < FEW_EXPECTED) {
            rest_due += due;
            rest_said += got;
            continue;
        }
        out->chi2 += (got - due) * (got - due) / due;
        cells++;
    }
    if (rest_due > 0) {
        out->chi2 += (rest_said - rest_due) * (rest_said - rest_due) / rest_due;
        cells++;
    } else if (rest_said > 0) {             /* said what cannot be */
        *out = (struct as_habit){ .chi2 = INFINITY, .df = cells, .p = 0 };
        return AS_OK;
    }
    if (cells < 2)
        return AS_EUNDEFINED;
    out->df = cells - 1;
    out->p = 1 - as_chi2_cdf(out->chi2, out->df);
    return AS_OK;
}

/* P(Binomial(n, usual) >= fast), as an incomplete beta. */
int as_hurry(uint64_t fast, uint64_t n, double usual, double *p)
{
    *p = 1;
    if (fast > n || !(usual > 0 && usual < 1))
        return AS_EINVAL;
    if (fast)
        *p = as_beta_cdf(usual, (double)fast, (double)(n - fast) + 1);
    return AS_OK;
}
