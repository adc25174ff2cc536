/*
 * rank_pl.c -- Plackett-Luce by iterated Luce spectral ranking (Maystre and Grossglauser 2015).
 *
 * A ranking is a row of choices: the best of all, the best of the rest, and so on; the winner w of
 * the set S is chosen with probability pi_w / sum_S pi, pi = e^theta.  A comparison of two is one
 * choice; a tie is half a choice each way.
 *
 * I-LSR: a chain flows from each loser l of a choice to its winner at rate 1 / sum_S pi; pi becomes
 * its stationary distribution, which is found without any subtraction (Grassmann, Taksar, Heyman
 * 1985), and this is repeated until theta stands still.  alpha is added to the rate between any two
 * of the n items that were compared at all.  At rest the slope of
 *
 *     sum ln P + alpha n sum_i (theta_i - pi_i),        sum pi = n
 *
 * is zero: alpha is a Gamma prior on pi, and the objective reported is this one.  Those added rates
 * are carried by one more state, from which and to which everything flows at alpha n, so items that
 * nothing connects are solved apart.  Intervals: the curvature of the same objective.
 *
 * O(comparisons + sum of squared list lengths + m^3) a round for a part of m items.
 */
#include <math.h>
#include <string.h>

#include "stats/rank_model.h"
#include "stats/solve.h"

struct chain {
    struct as_ranking *f;
    struct as_cells cells;
    const uint32_t *list;           /* [places in lists] list_item as places */
    uint32_t n, hub;                /* hub 1: the added state stands first in each block */
    size_t *at;                     /* [n] where the block of a place starts */
    double *q;                      /* blocks of (size + hub)^2 */
    size_t all;
    double *theta, *pi, *next;      /* [n] by place */
    double rate;                    /* alpha n */
};

static double *entry(const struct chain *c, uint32_t i, uint32_t j)
{
    const struct as_parts *p = &c->f->parts;
    size_t side = (size_t)p->size[i] + c->hub;

    return c->q + c->at[i] + (i - p->first[i] + c->hub) * side + (j - p->first[i] + c->hub);
}

static int chain_new(struct as_ranking *f, struct chain *c)
{
    const struct as_duels *in = f->in;
    size_t places = in->lists ? in->list_start[in->lists] : 0;
    uint32_t n = in->items, *list = as_take(f->pool, places, sizeof *list);
    int rc = as_cells_fold(f, 0, 0, NULL, &c->cells);

    if (rc)
        return rc;
    c->f = f;
    c->n = n;
    c->list = list;
    c->hub = f->alpha > 0;
    c->at = as_take(f->pool, n, sizeof *c->at);
    c->theta = as_take(f->pool, 3 * (size_t)n, sizeof *c->theta);
    if (!list || !c->at || !c->theta)
        return AS_ENOMEM;
    c->pi = c->theta + n;
    c->next = c->pi + n;
    for (size_t k = 0; k < places; k++)
        list[k] = f->parts.place[in->list_item[k]];
    for (uint32_t i = 0, size; i < n; i += size) {
        size = f->parts.size[i];
        c->rate += size > 1 ? f->alpha * size : 0;
        if (size > AS_RANK_DENSE)
            return AS_ETOOBIG;
        for (uint32_t j = i; j < i + size; j++)
            c->at[j] = c->all;
        c->all += (size_t)(size + c->hub) * (size + c->hub);
    }
    c->rate = c->rate > 0 ? c->rate : f->alpha;
    return (c->q = as_take(f->pool, c->all, sizeof *c->q)) ? AS_OK : AS_ENOMEM;
}

/* ------------------------------------------------------------------ choices */

/* What a choice is used for.  set: the places of S, set[0] the winner. */
typedef void choice_fn(struct chain *c, const uint32_t *set, size_t n, double w, double *sum);

/* Choices of the lists.  Without a prior only what shares the winner's part counts. */
static int each_list_choice(struct chain *c, choice_fn *use, double *sum)
{
    const struct as_duels *in = c->f->in;
    const uint32_t *first = c->f->parts.first;
    struct as_pool pool = { 0 };
    uint32_t *set = as_take(&pool, c->n, sizeof *set);

    if (!set)
        return AS_ENOMEM;
    for (size_t l = 0; l < in->lists; l++)
        for (size_t k = in->list_start[l]; k + 1 < in->list_start[l + 1]; k++) {
            size_t n = 0;
            for (size_t j = k; j < in->list_start[l + 1]; j++)
                if (first[c->list[j]] == first[c->list[k]])
                    set[n++] = c->list[j];
            if (n > 1)
                use(c, set, n, 1, sum);
        }
    as_pool_end(&pool);
    return AS_OK;
}

static int each_choice(struct chain *c, choice_fn *use, double *sum)
{
    const struct as_cells *k = &c->cells;

    for (size_t i = 0; i < k->n; i++) {
        const double *w = k->w + 3 * i;
        double a = w[AS_LEFT] + w[AS_TIE] / 2, b = w[AS_RIGHT] + w[AS_TIE] / 2;
        if (a > 0)
            use(c, (const uint32_t[]){ k->a[i], k->b[i] }, 2, a, sum);
        if (b > 0)
            use(c, (const uint32_t[]){ k->b[i], k->a[i] }, 2, b, sum);
    }
    return each_list_choice(c, use, sum);
}

static double total(const struct chain *c, const uint32_t *set, size_t n)
{
    double s = 0;

    for (size_t k = 0; k < n; k++)
        s += c->pi[set[k]];
    return s;
}

static void choice_rate(struct chain *c, const uint32_t *set, size_t n, double w, double *sum)
{
    double rate = w / total(c, set, n);

    (void)sum;
    for (size_t k = 1; k < n; k++)
        *entry(c, set[k], set[0]) += rate;
}

static void choice_loglik(struct chain *c, const uint32_t *set, size_t n, double w, double *sum)
{
    *sum += w * (c->theta[set[0]] - log(total(c, set, n)));
}

/* w (diag p - p p') over S, lower triangle. */
static void choice_curve(struct chain *c, const uint32_t *set, size_t n, double w, double *sum)
{
    double all = total(c, set, n);

    (void)sum;
    for (size_t k = 0; k < n; k++) {
        double p = c->pi[set[k]] / all;
        *entry(c, set[k], set[k]) += w * p;
        for (size_t j = 0; j < n; j++)
            if (set[j] <= set[k])
                *entry(c, set[k], set[j]) -= w * p * c->pi[set[j]] / all;
    }
}

/* ------------------------------------------------------------------ the chain */

/* Stationary distribution of the block at q (rates, diagonal unused) into pi, pi[0] = 1. */
static void stationary(double *q, size_t n, double *pi)
{
    for (size_t k = n; k-- > 1; ) {
        double out = 0, *row = q + k * n;
        for (size_t j = 0; j < k; j++)
            out += row[j];
        for (size_t i = 0; i < k; i++) {
            double *to = q + i * n, share = out > 0 ? to[k] / out : 0;
            to[k] = share;
            for (size_t j = 0; share > 0 && j < k; j++)
                to[j] += share * row[j];
        }
    }
    pi[0] = 1;
    for (size_t k = 1; k < n; k++) {
        pi[k] = 0;
        for (size_t i = 0; i < k; i++)
            pi[k] += pi[i] * q[i * n + k];
    }
}

/* One round of I-LSR; how far theta moved. */
static int flow(struct chain *c, double *state, double *moved)
{
    const struct as_parts *p = &c->f->parts;
    int rc;

    memset(c->q, 0, c->all * sizeof *c->q);
    if ((rc = each_choice(c, choice_rate, NULL)))
        return rc;
    *moved = 0;
    for (uint32_t i = 0, size; i < c->n; i += size) {
        double sum = 0, *q = c->q + c->at[i];
        size = p->size[i];
        size_t side = size + c->hub;
        for (size_t j = 1; c->hub && j <= size; j++)
            q[j] = q[j * side] = c->rate;
        stationary(q, side, state);
        for (uint32_t j = 0; j < size; j++)
            sum += state[j + c->hub];
        if (!(sum > 0) || !isfinite(sum))
            return AS_EUNDEFINED;           /* weights too far apart for any number */
        for (uint32_t j = 0; j < size; j++) {
            double share = fmax(state[j + c->hub] / sum * size, 1e-280);
            *moved = fmax(*moved, fabs(log(share) - c->theta[i + j]));
            c->theta[i + j] = log(share);
            c->pi[i + j] = share;
        }
    }
    return AS_OK;
}

static int objective(struct chain *c, double *loglik, double *value)
{
    int rc;

    *loglik = 0;
    if ((rc = each_choice(c, choice_loglik, loglik)))
        return rc;
    *value = *loglik;
    for (uint32_t i = 0; i < c->n; i++)
        *value += c->rate * (c->theta[i] - c->pi[i]);
    return AS_OK;
}

/* Standard errors from the curvature, part by part, given that the thetas of a part sum to zero:
   S - S 1 1' S / (1' S 1), which is the same whatever pins the level.  ridge: for a curvature
   that is nearly flat, in units of its mean. */
static int errors(struct chain *c, double ridge, double *level, double *d)
{
    const struct as_parts *p = &c->f->parts;
    int rc;

    memset(c->q, 0, c->all * sizeof *c->q);
    if ((rc = each_choice(c, choice_curve, NULL)))
        return rc;
    for (uint32_t i = 0, size; i < c->n; i += size) {
        double *q = c->q + c->at[i], pin = 0;
        size = p->size[i];
        size_t side = size + c->hub;
        for (size_t j = 0; j < size; j++)
            for (size_t k = 0; k <= j; k++)         /* to the front of the block, without the hub */
                q[j * size + k] = q[(j + c->hub) * side + k + c->hub];
        for (size_t j = 0; j < size; j++)
            pin += q[j * size + j] / size;
        pin = pin > 0 ? pin : 1;
        for (size_t j = 0; j < size; j++) {
            for (size_t k = 0; k <= j; k++)
                q[j * size + k] += pin / size;
            q[j * size + j] += c->rate * c->pi[i + j] + ridge * pin;
        }
        if (as_chol(q, size, NULL))
            return AS_EUNDEFINED;
        double all = 0;
        for (size_t j = 0; j < size; j++)
            level[j] = 1;
        as_chol_solve(q, size, NULL, level);
        as_chol_diagonal(q, size, NULL, d + i);
        for (size_t j = 0; j < size; j++)
            all += level[j];
        for (size_t j = 0; j < size; j++)
            d[i + j] = sqrt(fmax(d[i + j] - level[j] * level[j] / all, 0));
        if (size == 1)
            d[i] = c->rate > 0 ? 1 / sqrt(c->rate) : 0;     /* nothing is known but the prior */
    }
    return AS_OK;
}

static void put(struct chain *c, const double *se)
{
    const struct as_parts *p = &c->f->parts;

    for (uint32_t i = 0, size; i < c->n; i += size) {
        double mean = 0;
        size = p->size[i];
        for (uint32_t j = i; j < i + size; j++)
            mean += c->theta[j] / size;
        for (uint32_t j = i; j < i + size; j++) {
            c->f->out->item[p->item_at[j]].theta = c->theta[j] - mean;
            c->f->out->item[p->item_at[j]].se = se[j];
        }
    }
}

static int run(struct as_ranking *f)
{
    struct chain c = { 0 };
    struct as_rank *r = f->out;
    int rc = chain_new(f, &c);
    double moved = 0, still = fmax(10 * f->opts->tol, 1e-12);
    double *state = as_take(f->pool, (size_t)c.n + 1, sizeof *state);

    if (rc)
        return rc;
    if (!state)
        return AS_ENOMEM;
    for (uint32_t i = 0; i < c.n; i++)
        c.pi[i] = 1;
    r->converged = 0;
    for (r->iterations = 0; !r->converged && r->iterations < f->opts->max_iter; r->iterations++) {
        double value;
        if ((rc = flow(&c, state, &moved)) || (rc = objective(&c, &r->loglik, &value)))
            return rc;
        r->converged = moved < still;
        if (as_rank_trace(f, value))
            break;
    }
    if (r->spread == AS_SPREAD_SANDWICH)
        r->spread = AS_SPREAD_MODEL;
    for (double ridge = 0; r->spread == AS_SPREAD_MODEL; ridge = ridge > 0 ? ridge * 100 : 1e-10) {
        rc = errors(&c, ridge, state, c.next);
        if (rc != AS_EUNDEFINED || ridge > 1)
            break;
    }
    if (rc)
        return rc;
    put(&c, c.next);
    return AS_OK;
}

const struct as_rank_row as_rank_plackett_luce = {
    { "plackett-luce", "Plackett-Luce by spectral ranking",
      "Maystre and Grossglauser, NIPS 2015; Luce 1959, Plackett 1975",
      "A ranking of several items is read as the best, then the best of the rest, each chosen in "
      "proportion to its strength; pairs are rankings of two. Some rounds of a cubic solve. Use it "
      "when people order whole lists.", 0 },
    .prior = .01, .lists = 1, .run = run
};
