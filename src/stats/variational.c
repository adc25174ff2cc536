/*
 * variational.c -- see variational.h.  The table of digammas would dominate, so a cell that no vote
 * touched takes the digamma of its prior from the struct.
 */
#include <math.h>

#include "stats/variational.h"

struct as_dirichlet as_vb_prior(uint32_t classes, double on, double off)
{
    double sum = on + (classes - 1) * off;

    return (struct as_dirichlet){ on, off, sum, as_digamma(on), as_digamma(off), as_digamma(sum) };
}

/* Row (worker j, state s): one table line of T^j. */
static double row(struct as_em *em, const struct as_dirichlet *d, size_t j, uint32_t s)
{
    uint32_t K = em->classes, k = s / em->split;
    size_t at = j * K * em->states + s;
    double total = 0, extra = 0;

    for (uint32_t l = 0; l < K; l++)
        total += em->count[at + (size_t)l * em->states];
    double mean = total > 0 ? as_digamma(d->sum + total) : d->psi_sum;
    for (uint32_t l = 0; l < K; l++) {
        double c = em->count[at + (size_t)l * em->states], h = k == l ? d->on : d->off;
        double psi = k == l ? d->psi_on : d->psi_off;
        if (h + c != h) {
            psi = as_digamma(h + c);
            extra += as_lgamma(h + c) - as_lgamma(h) - c * (psi - mean);
        }
        em->logt[at + (size_t)l * em->states] = psi - mean;
    }
    return total > 0 ? extra - as_lgamma(d->sum + total) + as_lgamma(d->sum) : 0;
}

double as_vb_tables(struct as_em *em, const struct as_dirichlet *d)
{
    double extra = 0;

    for (size_t j = 0; j < em->workers; j++)
        for (uint32_t s = 0; s < em->states; s++)
            extra += row(em, d, j, s);
    return extra;
}

double as_vb_group(const double *count, uint32_t n, double h, double *out)
{
    double total = 0, kl;

    for (uint32_t k = 0; k < n; k++)
        total += h + count[k];
    double mean = as_digamma(total);
    kl = as_lgamma(total) - as_lgamma(h * n);
    for (uint32_t k = 0; k < n; k++) {
        double c = count[k];
        out[k] = as_digamma(h + c) - mean;
        kl += as_lgamma(h) - as_lgamma(h + c) + c * out[k];
    }
    return kl;
}
