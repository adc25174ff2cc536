/*
 * agree.h -- how an agreement figure is computed twice: once as it is, and again on resampled
 * units.  Not installed.
 *
 * A method prepares what does not depend on the sample (`begin`), then gives its figure for any
 * multiplicities of the units (`eval`; times[u] copies of unit u, NULL: one each).  The first call
 * also asks for the influence of each unit: the derivative of the figure by the unit's weight.  The
 * influences sum to 0, and se = sqrt(n/(n-1) sum of squares), which is Gwet's (2014) variance for
 * his coefficients and the infinitesimal jackknife for all.
 */
#ifndef STATS_AGREE_H
#define STATS_AGREE_H

#include "stats/tally.h"
#include "stats/chance.h"

struct agree {                      /* one run of one method */
    const struct as_votes *v;
    const struct as_agree_opts *o;
    struct as_pool *pool;           /* scratch, ends with the run */
    struct as_agreement *out;
    struct as_pool *kept;           /* of out */
    const char *id;
    double *w;                      /* [classes^2] weights; NULL: identity */
    uint64_t units;                 /* that enter: 1 + degrees of freedom */
    void *state;                    /* the method's own */
    size_t room;                    /* doubles of scratch one eval wants */
};

struct agree_at {                   /* one figure */
    double value, observed, expected;
    double *influence;              /* [tasks] or NULL: not asked for; zeroed by the caller */
};

struct line {                       /* a checked continuum, sorted by annotator, then place */
    const struct as_agree_opts *o;
    struct as_pool *pool;           /* scratch */
    struct as_agreement *out;
    struct as_pool *kept;
    uint32_t annotators, categories, n;
    struct as_stretch *unit;        /* [n] */
    uint32_t *given;                /* [n] its place in the caller's array */
    uint32_t *start;                /* [annotators + 1] */
    double begin, length;
    double *apart;                  /* [categories^2] or NULL: nominal */
};

struct as_agree_method {
    struct as_method_info info;
    int (*line)(struct line *l);    /* of spans: the whole method; NULL: of votes, as below */
    int (*begin)(struct agree *a);
    /* AS_EUNDEFINED where this sample has no figure.  `room` is zero before, and must be after. */
    int (*eval)(const struct agree *a, const uint32_t *times, double *room, struct agree_at *at);
};
#define AGREE(name) extern const struct as_agree_method as_agree_##name;
#include "stats/agree.def"
#undef AGREE

/* What all methods of one shape share (agree.c). */
int as_agree_check(const struct as_agree_opts *o, uint32_t classes);
int as_agree_new(struct as_agreement **out, struct as_pool **kept);
void as_agree_interval(struct as_agreement *a, double level, uint64_t units);
void as_agree_percentiles(struct as_agreement *a, double *x, uint32_t n, double level);
void as_agree_t_interval(double value, double se, uint64_t units, double level, double *lo,
                         double *hi);

/* agree_pairs.c: the votes by worker; the tasks of worker j are task[start[j]] … */
struct as_by_worker {
    size_t *start;
    uint32_t *task;
    uint16_t *label;
};
int as_by_worker_fill(const struct as_votes *v, struct as_pool *p, struct as_by_worker *o);

/* agree_kappa.c: the table of pairs with their percent agreement; left out where it is too long. */
int as_agree_pairs_fill(struct agree *a);

/* agree_weigh.c: worth of a near miss, distance of two values. */
int as_weights_fill(struct agree *a);                   /* a->w, or NULL for identity */
double as_weight_ordinal(double steps, double classes);
int as_distance_between(const struct as_agree_opts *o, uint32_t classes, uint32_t a, uint32_t b,
                        double *out);

/*
 * 1 - (sum of up / sum of down) over clusters, as it is and resampled: fills se, interval and
 * bootstrap of l->out, whose value stands already.  With chance[samples] given, down counts units
 * and the ratio is divided by the mean of chance, which is resampled along (gamma).
 */
struct as_ratio { double up, down; };
int as_ratio_sure(struct line *l, const struct as_ratio *r, uint32_t n, const double *chance,
                  uint32_t samples);

/* agree_spans.c */
int as_line_fill(const struct as_continuum *c, struct line *l);

static inline double as_times(const uint32_t *times, uint32_t unit)
{
    return times ? (double)times[unit] : 1;
}

#endif
