/*
 * skill.c -- where a worker's skill may lie, when nobody told what is true.
 *
 * A model has learned its tables from posteriors that its own tables made, so both look surer than
 * they are.  First every task is judged once more by tables from which it was taken out,
 *
 *   q'_ik prop. to (N_k - q_ik + 1/2) prod_j (C^j_{k,y} - q_ik + 5 G_{k,y}) / (C^j_k - q_ik + 5)
 *
 * with C the counts of the posterior and G the table of all workers.  Then s_j = mean of q' of j's
 * own answers, and the information of the skills is that of known truths less what is missing
 * (Louis 1982), over all workers at once, because j is judged by the others:
 *
 *   I_jj' = [j = j'] n_j g_j - sum over tasks of both of g_j g_j' Cov([z = y_ij], [z = y_ij']),
 *   g = 1 / (s (1 - s))
 *
 * The interval is the Beta distribution of mean s_j and variance (I^-1)_jj.  Up to 256 workers the
 * matrix is inverted; above that its diagonal stands for it.  O(votes * K + sum n_i^2 + workers^3).
 */
#include <math.h>
#include <string.h>

#include "stats/tally.h"

#define COMMON   5.
#define MATRIX   256            /* workers, to invert their information */
#define CELLS    ((size_t)1 << 25)

struct skills {
    const struct as_votes *v;
    const struct as_result *r;
    double *count, *all, *mass; /* [W][K][l], [K][l] rows sum to one, [K] */
    double *q;                  /* [K] of one task, itself left out */
    double *n, *s, *own;        /* [W], [W], [votes] q' of the answer given */
    double *info, *column;      /* [W][W] or [W] diagonal; scratch */
    int matrix;
};

static double weight_at(const struct as_votes *v, size_t s)
{
    return v->weight ? (double)v->weight[s] : 1;
}

static int skills_new(struct as_fit *f, struct skills *k)
{
    const struct as_votes *v = f->votes;
    size_t W = v->workers, K = v->classes;

    *k = (struct skills){ .v = v, .r = f->out, .matrix = W <= MATRIX && !v->repeats };
    if (!(k->count = as_take(f->pool, W * K * K, sizeof(double)))
        || !(k->all = as_take(f->pool, K * K, sizeof(double)))
        || !(k->mass = as_take(f->pool, K, sizeof(double)))
        || !(k->q = as_take(f->pool, K, sizeof(double)))
        || !(k->n = as_take(f->pool, W, sizeof(double)))
        || !(k->s = as_take(f->pool, W, sizeof(double)))
        || !(k->own = as_take(f->pool, v->n, sizeof(double)))
        || !(k->column = as_take(f->pool, W, sizeof(double)))
        || !(k->info = as_take(f->pool, k->matrix ? W * W : W, sizeof(double))))
        return AS_ENOMEM;
    return AS_OK;
}

static void count(struct skills *k)
{
    const struct as_votes *v = k->v;
    size_t K = v->classes;

    for (uint32_t t = 0; t < v->tasks; t++)
        for (uint32_t c = 0; c < K && v->start[t] < v->start[t + 1]; c++) {
            double q = as_q(k->r, t, c);
            k->mass[c] += q;
            for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++) {
                k->count[(v->worker[s] * K + c) * K + v->label[s]] += weight_at(v, s) * q;
                k->all[c * K + v->label[s]] += weight_at(v, s) * q;
            }
        }
    for (size_t c = 0; c < K; c++) {
        double sum = 0;
        for (size_t l = 0; l < K; l++)
            sum += k->all[c * K + l] += .5;
        for (size_t l = 0; l < K; l++)
            k->all[c * K + l] /= sum;
    }
}

/* k->q = the posterior of task t by what is left without it; the known class where there is one. */
static void without(struct skills *k, uint32_t t)
{
    const struct as_votes *v = k->v;
    size_t K = v->classes;
    double most = -INFINITY, sum = 0;
    uint16_t known = v->gold ? v->gold[t] : AS_ABSTAIN;

    for (uint32_t c = 0; c < K; c++) {
        double q = as_q(k->r, t, c), x = log(fmax(k->mass[c] - q, 0) + .5);
        for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++) {
            const double *row = k->count + (v->worker[s] * K + c) * K;
            double w = weight_at(v, s), all = COMMON - w * q;
            for (size_t l = 0; l < K; l++)
                all += row[l];
            double up = fmax(row[v->label[s]] - w * q, 0) + COMMON * k->all[c * K + v->label[s]];
            x += w * log(up / fmax(all, up));
        }
        k->q[c] = x;
        most = fmax(most, x);
    }
    for (size_t c = 0; c < K; c++)
        sum += k->q[c] = known == AS_ABSTAIN ? exp(k->q[c] - most) : c == known;
    for (size_t c = 0; c < K; c++)
        k->q[c] /= sum;
    for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++)
        k->own[s] = k->q[v->label[s]];
}

/* own, n and s of everybody, half way to one half by two answers' worth. */
static void judge(struct skills *k)
{
    const struct as_votes *v = k->v;

    for (uint32_t t = 0; t < v->tasks; t++) {
        if (v->start[t] == v->start[t + 1])
            continue;
        without(k, t);
        for (uint32_t s = v->start[t]; s < v->start[t + 1]; s++) {
            k->n[v->worker[s]] += weight_at(v, s);
            k->s[v->worker[s]] += weight_at(v, s) * k->own[s];
        }
    }
    for (uint32_t j = 0; j < v->workers; j++)
        k->s[j] = (k->s[j] + 1) / (k->n[j] + 2);
}

static void inform(struct skills *k)
{
    const struct as_votes *v = k->v;
    size_t W = v->workers;

    for (size_t j = 0; j < W; j++)
        k->info[k->matrix ? j * W + j : j] = (k->n[j] + 2) / (k->s[j] * (1 - k->s[j]));
    for (uint32_t t = 0; t < v->tasks; t++)
        for (uint32_t a = v->start[t]; a < v->start[t + 1]; a++)
            for (uint32_t b = k->matrix ? v->start[t] : a;
                 b < (k->matrix ? v->start[t + 1] : a + 1); b++) {
                size_t i = v->worker[a], j = v->worker[b];
                double both = (v->label[a] == v->label[b] ? k->own[a] : 0) - k->own[a] * k->own[b];
                both *= weight_at(v, a) * weight_at(v, b);
                k->info[k->matrix ? i * W + j : j] -= both / (k->s[i] * (1 - k->s[i]))
                                                      / (k->s[j] * (1 - k->s[j]));
            }
}

/* Cholesky in place; 0 when the matrix is not positive. */
static int factor(double *a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double x = a[i * n + j];
            for (size_t k = 0; k < j; k++)
                x -= a[i * n + k] * a[j * n + k];
            if (i == j && !(x > 1e-9))
                return 0;
            a[i * n + j] = i == j ? sqrt(x) : x / a[j * n + j];
        }
    return 1;
}

/* (I^-1)_jj: the squared length of column j of L^-1. */
static double variance(struct skills *k, size_t j, int factored)
{
    size_t W = k->v->workers;
    double *x = k->column, sum = 0;

    if (!k->matrix)
        return 1 / fmax(k->info[j], 1e-9);
    if (!factored)
        return INFINITY;
    for (size_t i = j; i < W; i++) {
        double y = i == j;
        for (size_t c = j; c < i; c++)
            y -= k->info[i * W + c] * x[c];
        x[i] = y / k->info[i * W + i];
        sum += x[i] * x[i];
    }
    return sum;
}

int as_skill_intervals(struct as_fit *f)
{
    const struct as_votes *v = f->votes;
    double tail = (1 - f->opts->level) / 2;
    struct skills k;
    int rc, factored = 0;

    if (v->classes > AS_DENSE_CLASSES || (size_t)v->workers * v->classes * v->classes > CELLS)
        return AS_OK;
    if ((rc = skills_new(f, &k)))
        return rc;
    count(&k);
    judge(&k);
    inform(&k);
    if (k.matrix)
        factored = factor(k.info, v->workers);
    for (uint32_t j = 0; j < v->workers; j++) {
        struct as_worker *w = &f->out->worker[j];
        double s = k.s[j], m = s * (1 - s) / variance(&k, j, factored) - 1;
        m = fmin(fmax(m, 2), k.n[j] + 2);
        w->lo = fmin(as_beta_quantile(tail, s * m, (1 - s) * m), w->skill);
        w->hi = fmax(as_beta_quantile(1 - tail, s * m, (1 - s) * m), w->skill);
    }
    return AS_OK;
}
