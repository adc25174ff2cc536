/*
 * solve.c -- Cholesky by rows within a profile (George and Liu 1981, ch. 4): row i of L needs only
 * dot products of rows, which stand one after another in memory.
 */
#include <math.h>
#include <string.h>

#include "stats/as_base.h"
#include "stats/solve.h"

double as_dot(const double *a, const double *b, size_t n)
{
    double s[8] = { 0 };            /* eight sums: a single one would wait for itself */
    size_t k = 0;

    for (; k + 8 <= n; k += 8)
        for (size_t j = 0; j < 8; j++)
            s[j] += a[k + j] * b[k + j];
    for (; k < n; k++)
        s[0] += a[k] * b[k];
    return ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7]));
}

static size_t start(const uint32_t *first, size_t i)
{
    return first ? first[i] : 0;
}

int as_chol(double *a, size_t n, const uint32_t *first)
{
    for (size_t i = 0; i < n; i++) {
        double *row = a + i * n, from = row[i];
        size_t left = start(first, i);
        for (size_t j = left; j < i; j++) {
            const double *up = a + j * n;
            size_t at = start(first, j) > left ? start(first, j) : left;
            row[j] = (row[j] - as_dot(row + at, up + at, j - at)) / up[j];
        }
        double d = from - as_dot(row + left, row + left, i - left);
        if (!(d > from * 1e-14) || !isfinite(d))
            return AS_EUNDEFINED;
        row[i] = sqrt(d);
    }
    return AS_OK;
}

void as_chol_solve(const double *l, size_t n, const uint32_t *first, double *x)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = start(first, i);
        x[i] = (x[i] - as_dot(l + i * n + at, x + at, i - at)) / l[i * n + i];
    }
    for (size_t i = n; i-- > 0; ) {
        double v = x[i] /= l[i * n + i];
        const double *row = l + i * n;
        for (size_t j = start(first, i); j < i; j++)
            x[j] -= row[j] * v;
    }
}

/* L becomes L^-1: row i is -1/l_ii times the sum of l_ij times row j of the inverse. */
static void invert_lower(double *l, size_t n, const uint32_t *first)
{
    for (size_t i = 0; i < n; i++) {
        double *row = l + i * n, over = 1 / row[i];
        size_t left = start(first, i);
        for (size_t j = left; j < i; j++) {
            double c = row[j];
            const double *up = l + j * n;
            for (size_t k = start(first, j) > left ? start(first, j) : left; k < j; k++)
                row[k] += c * up[k];
            row[j] = c * up[j];
        }
        for (size_t j = left; j < i; j++)
            row[j] *= -over;
        row[i] = over;
    }
}

void as_chol_diagonal(double *l, size_t n, const uint32_t *first, double *d)
{
    invert_lower(l, n, first);
    memset(d, 0, n * sizeof *d);
    for (size_t i = 0; i < n; i++)
        for (size_t j = start(first, i); j <= i; j++)
            d[j] += l[i * n + j] * l[i * n + j];
}

void as_chol_inverse(double *l, size_t n, const uint32_t *first, double *inv)
{
    invert_lower(l, n, first);
    memset(inv, 0, n * n * sizeof *inv);
    for (size_t k = 0; k < n; k++) {
        const double *row = l + k * n;
        for (size_t i = start(first, k); i <= k; i++)
            for (size_t j = start(first, k); j <= i; j++)
                inv[i * n + j] += row[i] * row[j];
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            inv[j * n + i] = inv[i * n + j];
}
