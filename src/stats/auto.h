/*
 * auto.h -- how well a posterior foretells answers that were kept from it.  Not installed.
 *
 * Any method can be asked, with a model of its own or without: the workers' tables are made anew
 * from the posterior, shrunk to the table of all of them,
 *
 *     T^j_kl = (C^j_kl + 2 G_kl) / (sum_l C^j_kl + 2),   G from the sum of all C and half a count
 *
 * and an answer l of worker j to task i that was held out has probability sum_k q_ik T^j_kl.
 */
#ifndef STATS_AUTO_H
#define STATS_AUTO_H

#include "stats/tally.h"

#define AS_STACK_MAX 16         /* predictors in a mixture */

/* Tables [workers][k][l] from a posterior of the votes v; all [classes][classes] is scratch. */
void as_refit(const struct as_votes *v, const struct as_result *r, double *table, double *all);

/* Probability of every held answer; at least 1e-12. */
void as_foretell(const struct as_result *r, const double *table, const struct as_held *held,
                 size_t n, double *p);

/*
 * Weights of a mixture of m predictors that make the held answers likeliest (stacking: Yao,
 * Vehtari, Simpson & Gelman, Bayesian Analysis 2018), under a Dirichlet(2) prior: p[n][m] in,
 * weight[m] out.  The problem is concave, so expectation maximisation finds its one top.  Returns
 * the rounds.
 */
int as_stack(const double *p, const struct as_held *held, size_t n, uint32_t m, double *weight);

#endif
