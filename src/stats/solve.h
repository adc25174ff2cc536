/*
 * solve.h -- dense symmetric systems, in the caller's memory.  Not installed.
 *
 * A matrix is n rows of n doubles, of which only the lower triangle is read or written.
 * first[i] (NULL: all 0) is the first column of row i that may be other than zero: what stands left
 * of it is never touched, so a matrix of blocks costs what its blocks cost.  For the inverses the
 * rows between first[i] and i must not reach further left: blocks, then full rows, are fine.
 */
#ifndef STATS_SOLVE_H
#define STATS_SOLVE_H

#include <stddef.h>
#include <stdint.h>

double as_dot(const double *a, const double *b, size_t n);

/* A = L L' in place.  AS_EUNDEFINED where A is not positive definite (NaN included).  n^3 / 6
   multiplications, less by the profile. */
int as_chol(double *a, size_t n, const uint32_t *first);

/* x becomes A^-1 x, from the L of as_chol. */
void as_chol_solve(const double *l, size_t n, const uint32_t *first, double *x);

/* d[i] = (A^-1)_ii, and L becomes its own inverse (lower).  n^3 / 6. */
void as_chol_diagonal(double *l, size_t n, const uint32_t *first, double *d);

/* The whole A^-1, both triangles, into inv [n * n]; L becomes its own inverse.  n^3 / 3. */
void as_chol_inverse(double *l, size_t n, const uint32_t *first, double *inv);

#endif
