/*
 * variational.h -- Dirichlet rows of expected counts, for iBCC and EBCC.  Not installed.
 *
 * A row of parameters with prior h and expected counts c is Dir(h + c); its expected logarithms are
 * psi(h_l + c_l) - psi(sum), and its divergence from the prior is what it costs the lower bound.
 */
#ifndef STATS_VARIATIONAL_H
#define STATS_VARIATIONAL_H

#include "stats/em.h"

struct as_dirichlet {           /* the prior of all confusion rows, and what never changes of it */
    double on, off, sum;        /* on the diagonal, off it, a whole row */
    double psi_on, psi_off, psi_sum;
};
struct as_dirichlet as_vb_prior(uint32_t classes, double on, double off);

/* em->logt from em->count; returns minus the divergence of all rows. */
double as_vb_tables(struct as_em *em, const struct as_dirichlet *d);

/* One symmetric group: expected logarithms of n counts into out; returns the
   divergence. */
double as_vb_group(const double *count, uint32_t n, double h, double *out);

#endif
