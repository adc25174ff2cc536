/*
 * agree_weigh.c -- what a near miss is worth, and how far two values are apart.
 *
 * Weights (Gwet 2014, ch. 3): 1 for the same class; linear and quadratic fall with the difference
 * of the values, ordinal with the number of pairs of ranks between: 1 - C(|k-l|+1, 2) / C(K, 2).
 * Sets: Jaccard 1 - |a and b| / |a or b|; MASI (Passonneau 2006) 1 - J m, where m is 1 for equal
 * sets, 2/3 if one holds the other, 1/3 if they overlap, else 0.  Two empty sets are equal.
 */
#include <math.h>

#include "stats/agree.h"

double as_weight_ordinal(double steps, double classes)
{
    return 1 - steps * (steps + 1) / (classes * (classes - 1));
}

static double value_of(const struct as_agree_opts *o, uint32_t k)
{
    return o->value ? o->value[k] : (double)k;
}

static void range(const struct as_agree_opts *o, uint32_t classes, double *least, double *most)
{
    *least = INFINITY;
    *most = -INFINITY;
    for (uint32_t k = 0; k < classes; k++) {
        *least = fmin(*least, value_of(o, k));
        *most = fmax(*most, value_of(o, k));
    }
}

static int custom(const struct agree *a)
{
    uint32_t n = a->v->classes;
    const double *w = a->o->weight;

    for (uint32_t k = 0; k < n; k++)
        for (uint32_t l = 0; l < n; l++) {
            double x = w[(size_t)k * n + l];
            if (!(x <= 1) || !(x >= -1e9) || x < w[(size_t)l * n + k] || (k == l && x < 1))
                return AS_EINVAL;
            a->w[(size_t)k * n + l] = x;
        }
    return AS_OK;
}

int as_weights_fill(struct agree *a)
{
    uint32_t n = a->v->classes;
    double least, most;

    if (a->o->weights == AS_W_IDENTITY)
        return AS_OK;
    if (n > AS_MATRIX_MAX)
        return AS_ETOOBIG;
    if (!(a->w = as_take(a->pool, (size_t)n * n, sizeof *a->w)))
        return AS_ENOMEM;
    if (a->o->weights == AS_W_CUSTOM)
        return custom(a);
    range(a->o, n, &least, &most);
    for (uint32_t k = 0; k < n; k++)
        for (uint32_t l = 0; l < n; l++) {
            double part = fabs(value_of(a->o, k) - value_of(a->o, l)) / (most - least);
            a->w[(size_t)k * n + l] = k == l ? 1
                : a->o->weights == AS_W_ORDINAL ? as_weight_ordinal(k > l ? k - l : l - k, n)
                : !(most > least) ? 1
                : a->o->weights == AS_W_LINEAR ? 1 - part : 1 - part * part;
        }
    return AS_OK;
}

static double sets_apart(uint64_t a, uint64_t b, int masi)
{
    double both = __builtin_popcountll(a & b), any = __builtin_popcountll(a | b);
    double alike = any > 0 ? both / any : 1;

    if (masi && a != b)
        alike *= (a & b) == a || (a & b) == b ? 2. / 3 : 1. / 3;
    return 1 - alike;
}

int as_distance_between(const struct as_agree_opts *o, uint32_t classes, uint32_t a, uint32_t b,
                        double *out)
{
    double x = value_of(o, a), y = value_of(o, b), d = 0;

    if (a == b)
        d = 0;
    else if (o->distance == AS_D_NOMINAL)
        d = 1;
    else if (o->distance == AS_D_INTERVAL)
        d = (x - y) * (x - y);
    else if (o->distance == AS_D_LINEAR)
        d = fabs(x - y);
    else if (o->distance == AS_D_RATIO && (x < 0 || y < 0))
        return AS_EINVAL;
    else if (o->distance == AS_D_RATIO)
        d = x + y > 0 ? (x - y) / (x + y) * ((x - y) / (x + y)) : 0;
    else if (o->distance == AS_D_ORDINAL_GWET)
        d = 1 - as_weight_ordinal(a > b ? a - b : b - a, classes);
    else if (o->distance == AS_D_JACCARD || o->distance == AS_D_MASI)
        d = sets_apart(o->set[a], o->set[b], o->distance == AS_D_MASI);
    else if (o->distance == AS_D_CUSTOM)
        d = o->apart(o->arg, a, b);
    *out = d;
    return d >= 0 && d <= 1e150 ? AS_OK : AS_EINVAL;
}
