/*
 * rank_test.c -- what a ranking foretells, and how well; style differences; Kendall's tau-b
 * (Kendall 1945): (concordant - discordant) / sqrt((pairs - ties in a) (pairs - ties in b)).
 */
#include <math.h>
#include <string.h>

#include "stats/rank.h"

static double param(const struct as_rank *r, const char *name, double none)
{
    for (int k = 0; k < r->params; k++)
        if (strcmp(r->param[k].name, name) == 0)
            return r->param[k].value;
    return none;
}

/* home and style as they move the odds of the left one. */
static double columns(const struct as_rank *r, const double *x)
{
    double d = 0;
    unsigned j = 0;

    for (int k = 0; k < r->params; k++) {
        if (strcmp(r->param[k].name, "home") == 0)
            d += r->param[k].value;
        else if (strncmp(r->param[k].name, "style", 5) == 0 && x && j < r->styles) {
            d += r->param[k].value * x[j] / r->style_scale[j];
            j++;
        }
    }
    return d;
}

int as_rank_predict(const struct as_rank *r, uint32_t left, uint32_t right, const double *x,
                    double p[3])
{
    if (left >= r->items || right >= r->items)
        return AS_EINVAL;
    double d = r->item[left].theta - r->item[right].theta + columns(r, x);
    double nu = param(r, "nu", 0), kappa = param(r, "kappa", 1);

    if (nu > 0) {
        double e = exp(-fabs(d) / 2), z = 1 + e * e + nu * e;
        p[d >= 0 ? AS_LEFT : AS_RIGHT] = 1 / z;
        p[d >= 0 ? AS_RIGHT : AS_LEFT] = e * e / z;
    } else {
        p[AS_LEFT] = 1 / (1 + kappa * exp(-d));
        p[AS_RIGHT] = 1 / (1 + kappa * exp(d));
    }
    p[AS_TIE] = nu > 0 || kappa > 1 ? fmax(0, 1 - p[AS_LEFT] - p[AS_RIGHT]) : 0;
    return AS_OK;
}

int as_rank_test(const struct as_rank *r, const struct as_duels *in, struct as_rank_test *out)
{
    double p[3], right = 0, loss = 0, all = 0;
    int rc = as_duels_check(in, NULL), has_ties = 0;

    *out = (struct as_rank_test){ 0 };
    if (rc)
        return rc;
    if (in->items != r->items || (in->styles != r->styles && r->style_scale))
        return AS_EINVAL;
    for (size_t k = 0; k < in->n; k++) {
        const double *x = in->styles ? in->x + k * in->styles : NULL;
        if ((rc = as_rank_predict(r, in->left[k], in->right[k], x, p)))
            return rc;
        has_ties |= p[AS_TIE] > 0;
        all -= log(fmax(p[in->outcome[k]], 1e-300));
        if (in->outcome[k] == AS_TIE) {
            out->ties++;
            continue;
        }
        double mine = p[in->outcome[k]], other = p[in->outcome[k] == AS_LEFT ? AS_RIGHT : AS_LEFT];
        out->n++;
        right += mine > other ? 1 : mine < other ? 0 : .5;
        loss -= log(fmax(mine / (mine + other), 1e-300));
    }
    if (!out->n)
        return AS_EUNDEFINED;
    out->accuracy = right / (double)out->n;
    out->logloss = loss / (double)out->n;
    out->logloss_all = has_ties ? all / (double)(out->n + out->ties) : 0;
    return AS_OK;
}

int as_style(const double *a, const double *b, size_t n, double *x)
{
    for (size_t k = 0; k < n; k++) {
        if (!(a[k] >= 0 && isfinite(a[k])) || !(b[k] >= 0 && isfinite(b[k])))
            return AS_EINVAL;
        double top = fmax(a[k], b[k]);      /* divided first: the sum may not fit */
        x[k] = top > 0 ? (a[k] / top - b[k] / top) / (a[k] / top + b[k] / top) : 0;
    }
    return AS_OK;
}

int as_kendall(const double *a, const double *b, size_t n, double *tau)
{
    double sum = 0, in_a = 0, in_b = 0;

    *tau = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++) {
            int x = (a[i] > a[j]) - (a[i] < a[j]), y = (b[i] > b[j]) - (b[i] < b[j]);
            sum += x * y;
            in_a += x != 0;
            in_b += y != 0;
        }
    if (!(in_a > 0) || !(in_b > 0))
        return AS_EUNDEFINED;
    *tau = sum / sqrt(in_a * in_b);
    return AS_OK;
}
