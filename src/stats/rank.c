/*
 * rank.c -- the registry of ranking methods, and all that they share: the check of the input, wins
 * and losses, intervals, scores, ranks and flags.
 *
 * Ranks compare where there is a scale: all items with a prior, one part without.  The range of
 * ranks only counts items of the same weak component, however strong the prior is.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/digest.h"
#include "stats/rank.h"
#include "stats/special.h"

#define SCALE (400 / M_LN10)
#define EQUAL 1e-9              /* thetas this close share a rank */
#define ITER_MAX 1000000

static const struct as_rank_row *const methods[] = {
#define RANK(name) &as_rank_##name,
#include "stats/rank.def"
#undef RANK
};
#define METHODS (sizeof methods / sizeof *methods)

const struct as_method_info *as_rank_method(unsigned at)
{
    return at < METHODS ? &methods[at]->info : NULL;
}

void as_rank_opts_init(struct as_rank_opts *o)
{
    *o = (struct as_rank_opts){ .max_iter = 500, .tol = 1e-9, .prior = -1, .rounds = 200,
                                .spread = AS_SPREAD_MODEL, .level = .95, .elo_k = 4,
                                .glicko_tau = .5, .draw_share = .1, .threads = 1 };
}

/* ------------------------------------------------------------------ checks */

static int wrong(struct as_fault *fault, size_t row, int code, const char *why)
{
    if (fault)
        *fault = (struct as_fault){ row, UINT32_MAX, UINT32_MAX, why };
    return code;
}

static const char *row_fault(const struct as_duels *in, size_t k)
{
    if (in->left[k] >= in->items || in->right[k] >= in->items)
        return "an item's id is out of range";
    if (in->left[k] == in->right[k])
        return "an item is compared with itself";
    if (in->outcome[k] > AS_TIE)
        return "the outcome is none of left, right and tie";
    if (in->weight && !(in->weight[k] >= 0 && in->weight[k] <= AS_RANK_WEIGHT_MAX))
        return "the weight is negative, too large or no number";
    if (in->judge && in->judge[k] >= in->judges)
        return "the judge's id is out of range";
    if (in->period && k && in->period[k] < in->period[k - 1])
        return "the periods are not in order";
    for (unsigned s = 0; s < in->styles; s++)
        if (!isfinite(in->x[k * in->styles + s]))
            return "a style column holds no number";
    return NULL;
}

static int lists_check(const struct as_duels *in, struct as_fault *fault)
{
    struct as_pool pool = { 0 };
    size_t *last = in->lists ? as_take(&pool, in->items, sizeof *last) : NULL;
    int rc = AS_OK;

    if (in->lists && !last)
        return AS_ENOMEM;
    if (in->lists && in->list_start[in->lists] > AS_RANK_ROWS_MAX)
        rc = wrong(fault, SIZE_MAX, AS_ETOOBIG, "too many places in lists");
    for (size_t l = 0; !rc && l < in->lists; l++) {
        if (in->list_start[l + 1] < in->list_start[l])
            rc = wrong(fault, l, AS_EINVAL, "the lists are not in order");
        for (size_t k = in->list_start[l]; !rc && k < in->list_start[l + 1]; k++) {
            uint32_t i = in->list_item[k];
            if (i >= in->items)
                rc = wrong(fault, l, AS_EINVAL, "an item's id is out of range");
            else if (last[i] == l + 1)
                rc = wrong(fault, l, AS_EINVAL, "an item stands twice in a list");
            else
                last[i] = l + 1;
        }
    }
    as_pool_end(&pool);
    return rc;
}

int as_duels_check(const struct as_duels *in, struct as_fault *fault)
{
    if (!in->items)
        return wrong(fault, SIZE_MAX, AS_EUNFIT, "there are no items");
    if (in->items > AS_RANK_ITEMS_MAX || in->n > AS_RANK_ROWS_MAX || in->lists > AS_RANK_ROWS_MAX
        || in->styles > AS_RANK_STYLES_MAX)
        return wrong(fault, SIZE_MAX, AS_ETOOBIG, "more items, rows or style columns than fit");
    if ((in->n && (!in->left || !in->right || !in->outcome || (in->styles && !in->x)))
        || (in->lists && (!in->list_start || !in->list_item)))
        return wrong(fault, SIZE_MAX, AS_EINVAL, "a column is missing");
    for (size_t k = 0; k < in->n; k++) {
        const char *why = row_fault(in, k);
        if (why)
            return wrong(fault, k, AS_EINVAL, why);
    }
    return lists_check(in, fault);
}

static int opts_check(const struct as_rank_opts *o, uint32_t items)
{
    if (o->max_iter < 1 || o->max_iter > ITER_MAX || !(o->tol >= 0) || !isfinite(o->tol)
        || !isfinite(o->prior)
        || (o->prior < 0 && o->prior != -1) || !(o->level > 0 && o->level < 1) || o->threads < 1
        || o->rounds < 2 || (unsigned)o->ties > AS_TIE_DROP || (unsigned)o->noise > AS_NOISE_BIAS
        || (unsigned)o->spread > AS_SPREAD_BOOTSTRAP || !(o->elo_k > 0) || !(o->elo_k <= 1000)
        || !(o->glicko_tau > 0) || !(o->glicko_tau <= 10)
        || !(o->draw_share > 0 && o->draw_share < 1))
        return AS_EINVAL;
    if (o->spread == AS_SPREAD_BOOTSTRAP && (size_t)o->rounds > AS_RANK_DRAWS_MAX / items)
        return AS_ETOOBIG;
    for (uint32_t i = 0; i < items; i++)
        if ((o->rating && !(fabs(o->rating[i]) < 1e6))
            || (o->deviation && !(o->deviation[i] > 0 && o->deviation[i] < 1e6))
            || (o->volatility && !(o->volatility[i] > 0 && o->volatility[i] < 10)))
            return AS_EINVAL;
    return AS_OK;
}

/* ------------------------------------------------------------------ before the method */

static uint64_t digest(const struct as_duels *in)
{
    uint64_t h = as_mix(in->n, (uint64_t)in->items << 32 | in->judges);

    for (size_t k = 0; k < in->n; k++) {
        uint32_t w = 0;
        if (in->weight)
            memcpy(&w, in->weight + k, sizeof w);
        h = as_mix(h, (uint64_t)in->left[k] << 32 | in->right[k]);
        h = as_mix(h, (uint64_t)in->outcome[k] << 32 | w);
        h = as_mix(h, (uint64_t)(in->judge ? in->judge[k] : 0) << 32
                   | (in->period ? in->period[k] : 0));
        for (unsigned s = 0; s < in->styles; s++) {
            uint64_t x;
            memcpy(&x, in->x + k * in->styles + s, sizeof x);
            h = as_mix(h, x);
        }
    }
    for (size_t l = 0; l < in->lists; l++) {
        h = as_mix(h, in->list_start[l + 1] - in->list_start[l]);
        for (size_t k = in->list_start[l]; k < in->list_start[l + 1]; k++)
            h = as_mix(h, in->list_item[k]);
    }
    return h;
}

/* Wins, losses, ties and how often each item was looked at. */
static void count(struct as_ranking *f)
{
    const struct as_duels *in = f->in;
    struct as_ranked *item = f->out->item;

    for (size_t k = 0; k < in->n; k++) {
        double w = in->weight ? (double)in->weight[k] : 1;
        struct as_ranked *a = &item[in->left[k]], *b = &item[in->right[k]];
        if (!(w > 0))
            continue;
        a->n++;
        b->n++;
        a->wins += in->outcome[k] == AS_LEFT ? w : 0;
        b->losses += in->outcome[k] == AS_LEFT ? w : 0;
        b->wins += in->outcome[k] == AS_RIGHT ? w : 0;
        a->losses += in->outcome[k] == AS_RIGHT ? w : 0;
        a->ties += in->outcome[k] == AS_TIE ? w : 0;
        b->ties += in->outcome[k] == AS_TIE ? w : 0;
        f->out->counted++;
    }
    for (size_t l = 0; l < in->lists; l++) {
        size_t m = in->list_start[l + 1] - in->list_start[l];
        for (size_t k = 0; m > 1 && k < m; k++) {
            struct as_ranked *a = &item[in->list_item[in->list_start[l] + k]];
            a->n++;
            a->wins += (double)(m - 1 - k);
            a->losses += (double)k;
        }
        f->out->counted += m > 1;
    }
}

int as_rank_params(struct as_ranking *f, int n)
{
    f->out->params = n;
    f->out->param = as_take(f->keep, (size_t)n + 1, sizeof *f->out->param);
    return f->out->param ? AS_OK : AS_ENOMEM;
}

int as_rank_trace(struct as_ranking *f, double objective)
{
    struct as_rank *r = f->out;

    if (r->trace_n <= f->opts->max_iter)
        r->trace[r->trace_n++] = objective;
    r->objective = objective;
    if (f->opts->progress && f->opts->progress(f->opts->progress_arg, r->trace_n, objective))
        r->stopped = 1;
    return r->stopped;
}

/* ------------------------------------------------------------------ after the method */

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double quantile(const double *sorted, size_t n, double p)
{
    double at = p * (double)(n - 1);
    size_t k = (size_t)at;

    return k + 1 < n ? sorted[k] + (at - (double)k) * (sorted[k + 1] - sorted[k]) : sorted[n - 1];
}

void as_rank_margin(double *x, size_t n, double estimate, double level, double *se, double *lo,
                    double *hi)
{
    double mean = 0, square = 0, below = 0, z = as_normal_quantile((1 + level) / 2);

    for (size_t r = 0; r < n; r++) {
        mean += x[r] / (double)n;
        below += x[r] < estimate ? 1 : x[r] > estimate ? 0 : .5;
    }
    for (size_t r = 0; r < n; r++)
        square += (x[r] - mean) * (x[r] - mean);
    *se = sqrt(square / (double)(n - 1));
    qsort(x, n, sizeof *x, by_number);
    double shift = 2 * as_normal_quantile((below + .5) / ((double)n + 1));
    *lo = fmin(quantile(x, n, as_normal_cdf(shift - z)), estimate);
    *hi = fmax(quantile(x, n, as_normal_cdf(shift + z)), estimate);
}

static void intervals(struct as_ranking *f)
{
    double z = as_normal_quantile((1 + f->opts->level) / 2);

    for (uint32_t i = 0; i < f->out->items; i++) {
        struct as_ranked *a = &f->out->item[i];
        if (!f->own_interval) {
            a->lo = a->theta - z * a->se;
            a->hi = a->theta + z * a->se;
        }
        a->score = 1000 + SCALE * a->theta;
        a->score_lo = 1000 + SCALE * a->lo;
        a->score_hi = 1000 + SCALE * a->hi;
    }
}

struct order {                  /* one figure of an item, sortable within a group */
    uint32_t group, item;
    double x;
};

static int by_group_falling(const void *a, const void *b)
{
    const struct order *p = a, *q = b;

    if (p->group != q->group)
        return p->group < q->group ? -1 : 1;
    if (p->x > q->x || p->x < q->x)
        return p->x > q->x ? -1 : 1;
    return p->item < q->item ? -1 : p->item > q->item;
}

/* Ranks by theta (or raw) within groups; equals share the rank of the first of them. */
static void rank_by(struct as_ranking *f, struct order *o, int raw)
{
    struct as_ranked *item = f->out->item;
    uint32_t n = f->out->items, first = 0, rank = 1;

    for (uint32_t i = 0; i < n; i++)
        o[i] = (struct order){ f->alpha > 0 ? 0 : item[i].strong, i,
                               raw ? item[i].raw : item[i].theta };
    qsort(o, n, sizeof *o, by_group_falling);
    for (uint32_t k = 0; k < n; k++) {
        if (!k || o[k].group != o[first].group)
            first = k;
        if (k == first || o[k - 1].x - o[k].x > EQUAL)
            rank = 1 + k - first;
        *(raw ? &item[o[k].item].raw_rank : &item[o[k].item].rank) = rank;
    }
}

/* How many of a group lie wholly above: all upper ends sorted, then a search per item. */
static void range_by(struct as_ranking *f, struct order *o, int below)
{
    struct as_ranked *item = f->out->item;
    uint32_t n = f->out->items;

    for (uint32_t i = 0; i < n; i++)
        o[i] = (struct order){ f->alpha > 0 ? item[i].weak : item[i].strong, i,
                               below ? -item[i].hi : item[i].lo };
    qsort(o, n, sizeof *o, by_group_falling);
    for (uint32_t start = 0, end; start < n; start = end) {
        for (end = start; end < n && o[end].group == o[start].group; )
            end++;
        uint32_t all = f->alpha > 0 ? n : end - start;
        for (uint32_t k = start; k < end; k++) {
            struct as_ranked *a = &item[o[k].item];
            double mine = (below ? -a->lo : a->hi) + EQUAL;
            uint32_t lo = start, hi = end;
            while (lo < hi) {
                uint32_t mid = lo + (hi - lo) / 2;
                if (o[mid].x > mine)
                    lo = mid + 1;
                else
                    hi = mid;
            }
            if (below)
                a->rank_hi = all - (lo - start);
            else
                a->rank_lo = 1 + lo - start;
        }
    }
}

/* The largest of the parts, the first of equals. */
static uint32_t largest(const struct as_rank *r, uint32_t *size, int strong)
{
    uint32_t best = 0;

    memset(size, 0, r->items * sizeof *size);
    for (uint32_t i = 0; i < r->items; i++)
        size[strong ? r->item[i].strong : r->item[i].weak]++;
    for (uint32_t k = 1; k < r->items; k++)
        if (size[k] > size[best])
            best = k;
    return best;
}

static void flags(struct as_rank *r, uint32_t *size)
{
    uint32_t weak = largest(r, size, 0), strong = largest(r, size, 1);

    for (uint32_t i = 0; i < r->items; i++) {
        struct as_ranked *a = &r->item[i];
        a->flags |= a->n ? 0 : AS_RANK_ALONE;
        a->flags |= a->weak != weak ? AS_RANK_APART : 0;
        a->flags |= a->strong != strong ? AS_RANK_SPLIT : 0;
        if (a->n && !(a->ties > 0)) {
            a->flags |= a->wins > 0 ? 0 : AS_RANK_NO_WIN;
            a->flags |= a->losses > 0 ? 0 : AS_RANK_NO_LOSS;
        }
    }
}

static int is_sound(const struct as_rank *r)
{
    for (uint32_t i = 0; i < r->items; i++) {
        const struct as_ranked *a = &r->item[i];
        if (!isfinite(a->theta) || !isfinite(a->se) || !isfinite(a->lo) || !isfinite(a->hi)
            || !isfinite(a->raw) || a->rank < 1 || a->rank > r->items)
            return 0;
    }
    for (int k = 0; k < r->params; k++)
        if (!isfinite(r->param[k].value) || !isfinite(r->param[k].se)
            || !isfinite(r->param[k].lo) || !isfinite(r->param[k].hi))
            return 0;
    return isfinite(r->loglik) && isfinite(r->objective);
}

static int complete(struct as_ranking *f)
{
    uint32_t n = f->out->items;
    struct order *o = as_take(f->pool, n, sizeof *o);
    uint32_t *size = as_take(f->pool, n, sizeof *size);

    if (!o || !size)
        return AS_ENOMEM;
    for (uint32_t i = 0; !f->own_raw && i < n; i++)
        f->out->item[i].raw = f->out->item[i].theta;
    intervals(f);
    rank_by(f, o, 0);
    rank_by(f, o, 1);
    range_by(f, o, 0);
    range_by(f, o, 1);
    flags(f->out, size);
    return is_sound(f->out) ? AS_OK : AS_EINTERNAL;
}

/* ------------------------------------------------------------------ the door */

static int lay_out(struct as_ranking *f, const char *method)
{
    struct as_rank *r = f->out;

    r->method = method;
    r->version = AS_VERSION;
    r->items = f->in->items;
    r->styles = f->in->styles;
    r->seed = f->opts->seed;
    r->level = f->opts->level;
    r->spread = f->opts->spread;
    r->digest = digest(f->in);
    r->iterations = r->converged = 1;       /* what a method without rounds reports */
    r->item = as_take(f->keep, r->items, sizeof *r->item);
    r->trace = as_take(f->keep, (size_t)f->opts->max_iter + 1, sizeof *r->trace);
    return r->item && r->trace ? AS_OK : AS_ENOMEM;
}

static int run(struct as_ranking *f, const struct as_rank_row *m)
{
    int rc = lay_out(f, m->info.id);

    if (rc || (rc = as_rank_graph(f)))
        return rc;
    count(f);
    if ((rc = m->run(f)))
        return rc;
    if (f->out->spread == AS_SPREAD_BOOTSTRAP && !m->own_bootstrap && (rc = as_rank_again(f, m)))
        return rc;
    return complete(f);
}

int as_rank(const struct as_duels *in, const char *method, const struct as_rank_opts *o,
            struct as_rank **out)
{
    struct as_pool scratch = { 0 };
    struct as_rank_opts plain;
    int row;

    *out = NULL;
    if (!o) {
        as_rank_opts_init(&plain);
        o = &plain;
    }
    if ((row = as_row(as_rank_method, method)) < 0)
        return AS_ENOMETHOD;
    int rc = as_duels_check(in, NULL);
    if (rc || (rc = opts_check(o, in->items)))
        return rc;
    const struct as_rank_row *m = methods[row];
    if (in->lists && !m->lists)
        return AS_EUNFIT;
    struct as_rank *r = as_own(sizeof *r);
    if (!r)
        return AS_ENOMEM;
    struct as_ranking f = { .in = in, .opts = o, .out = r, .pool = &scratch,
                            .keep = as_owned(r),
                            .alpha = o->prior < 0 || m->fixed_scale ? m->prior : o->prior,
                            .drop_ties = !m->own_ties && o->ties == AS_TIE_DROP };
    rc = run(&f, m);
    as_pool_end(&scratch);
    if (rc)
        as_disown(r);
    else
        *out = r;
    return rc;
}

void as_rank_free(struct as_rank *r)
{
    as_disown(r);
}
