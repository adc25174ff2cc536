/*
 * lbfgs.c -- limited-memory BFGS.
 *
 * Keeps the last PAIRS steps s and changes of gradient y; the direction -H g comes from them by the
 * two-loop recursion (Nocedal 1980) in O(n * PAIRS).  A step is halved, or shortened to where a
 * parabola has its minimum, until the value falls by at least ARMIJO of what the slope promised.
 * A pair whose curvature is not clearly positive is left out, so H stays positive definite.
 */
#include <math.h>
#include <string.h>

#include "stats/as_base.h"
#include "stats/lbfgs.h"
#include "stats/mem.h"

#define PAIRS   10
#define ARMIJO  1e-4
#define HALVE   60              /* attempts of one line search */
#define CURVED  1e-10           /* least cosine of s and y */

struct memory {
    size_t n;
    double *s[PAIRS], *y[PAIRS], rho[PAIRS];
    int have, next;             /* pairs kept, and where the next one goes */
};

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;

    for (size_t k = 0; k < n; k++)
        sum += a[k] * b[k];
    return sum;
}

/* d = -H g */
static void direction(const struct memory *m, const double *g, double *d)
{
    double alpha[PAIRS];

    for (size_t k = 0; k < m->n; k++)
        d[k] = -g[k];
    for (int t = 1; t <= m->have; t++) {
        int p = (m->next - t + PAIRS) % PAIRS;
        alpha[p] = m->rho[p] * dot(m->s[p], d, m->n);
        for (size_t k = 0; k < m->n; k++)
            d[k] -= alpha[p] * m->y[p][k];
    }
    if (m->have) {
        int p = (m->next - 1 + PAIRS) % PAIRS;
        double scale = 1 / (m->rho[p] * dot(m->y[p], m->y[p], m->n));
        for (size_t k = 0; k < m->n; k++)
            d[k] *= scale;
    }
    for (int t = m->have; t >= 1; t--) {
        int p = (m->next - t + PAIRS) % PAIRS;
        double beta = m->rho[p] * dot(m->y[p], d, m->n);
        for (size_t k = 0; k < m->n; k++)
            d[k] += (alpha[p] - beta) * m->s[p][k];
    }
}

static void remember(struct memory *m, const double *x, const double *g, const double *nx,
                     const double *ng)
{
    double *s = m->s[m->next], *y = m->y[m->next];

    for (size_t k = 0; k < m->n; k++) {
        s[k] = nx[k] - x[k];
        y[k] = ng[k] - g[k];
    }
    double sy = dot(s, y, m->n);
    if (!(sy > CURVED * sqrt(dot(s, s, m->n) * dot(y, y, m->n))))
        return;
    m->rho[m->next] = 1 / sy;
    m->next = (m->next + 1) % PAIRS;
    m->have += m->have < PAIRS;
}

/* Finds nx along d with a lower value; 0 when there is none to be seen. */
static int search(as_objective *f, void *arg, size_t n, const double *x, double value,
                  double slope, double step, const double *d, double *nx, double *ng, double *now)
{
    for (int t = 0; t < HALVE; t++) {
        for (size_t k = 0; k < n; k++)
            nx[k] = x[k] + step * d[k];
        *now = f(arg, nx, ng);
        if (isfinite(*now) && *now <= value + ARMIJO * step * slope)
            return 1;
        double least = isfinite(*now) ? -slope * step * step / (2 * (*now - value - slope * step))
                                      : 0;
        step = least > .1 * step && least < .5 * step ? least : step / 2;
    }
    return 0;
}

static double steepest(const double *g, size_t n)
{
    double most = 0;

    for (size_t k = 0; k < n; k++)
        most = fmax(most, fabs(g[k]));
    return most;
}

static void descend(as_objective *f, void *arg, struct memory *m, double *x, double *g,
                    double *d, double *nx, double *ng, struct as_descent *o)
{
    size_t n = m->n;

    while (o->iterations < o->max_iter) {
        double now;
        if (steepest(g, n) <= o->slope) {
            o->converged = 1;
            return;
        }
        direction(m, g, d);
        double slope = dot(g, d, n), first = m->have ? 1 : fmin(1, 1 / sqrt(dot(g, g, n)));
        if (!(slope < 0) || !search(f, arg, n, x, o->value, slope, first, d, nx, ng, &now)) {
            if (!m->have) {             /* not even straight downhill: this is the bottom */
                o->converged = 1;
                return;
            }
            m->have = 0;                /* the memory misleads; begin anew from here */
            continue;
        }
        double gain = o->value - now;
        remember(m, x, g, nx, ng);
        memcpy(x, nx, n * sizeof *x);
        memcpy(g, ng, n * sizeof *g);
        o->value = now;
        o->iterations++;
        if (o->step && o->step(arg, now))
            return;
        if (gain < o->gain) {
            o->converged = 1;
            return;
        }
    }
}

int as_lbfgs(as_objective *f, void *arg, size_t n, double *x, struct as_descent *o)
{
    struct as_pool pool = { 0 };
    struct memory m = { .n = n };
    double *at = as_take(&pool, n, (2 * PAIRS + 4) * sizeof *at);

    if (!at)
        return AS_ENOMEM;
    for (size_t p = 0; p < PAIRS; p++) {
        m.s[p] = at + 2 * p * n;
        m.y[p] = at + (2 * p + 1) * n;
    }
    double *g = at + 2 * PAIRS * n, *d = g + n, *nx = d + n, *ng = nx + n;
    o->iterations = o->converged = 0;
    o->value = f(arg, x, g);
    int rc = isfinite(o->value) ? AS_OK : AS_EINVAL;
    if (!rc)
        descend(f, arg, &m, x, g, d, nx, ng, o);
    as_pool_end(&pool);
    return rc;
}
