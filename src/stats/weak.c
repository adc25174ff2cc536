/*
 * weak.c -- the registry of label models, and all that they share.
 *
 * as_weak checks votes and options, settles the class balance and the groups, lets the model fill
 * its table of scores, and then reads every row with it.  Afterwards every row must sum to one;
 * AS_EINTERNAL is a mistake of ours, and no answer beats a wrong one.
 */
#include <math.h>
#include <string.h>

#include "stats/tally.h"
#include "stats/weak.h"

static const struct as_weak_model *const models[] = {
#define WEAK(name) &as_weak_##name,
#include "stats/weak.def"
#undef WEAK
};
#define MODELS (sizeof models / sizeof *models)

#define UNSEEN .01              /* votes for a class that a function never named */
#define ACCURACY_MIN 1e-3       /* a weight is finite: no function is trusted beyond this */

struct owned {                      /* a result and the memory it stands in */
    struct as_weak_result r;
    struct as_pool pool;
    enum as_ties ties;
};

const struct as_method_info *as_weak_method(unsigned at)
{
    return at < MODELS ? &models[at]->info : NULL;
}

void as_weak_opts_init(struct as_weak_opts *o)
{
    *o = (struct as_weak_opts){ .max_iter = 500, .tol = 1e-7, .accuracy = .7, .mass = -1,
                                .alike = .9, .level = .95 };
}

static int opts_check(const struct as_weak_opts *o, uint32_t classes)
{
    if (o->max_iter < 1 || o->max_iter > 1000000 || !(o->tol >= 0) || !isfinite(o->tol)
        || !(o->accuracy > (classes > 1 ? 1. / classes : 0) && o->accuracy < 1)
        || !isfinite(o->mass) || (o->mass < 0 && o->mass != -1) || !(o->alike > 0 && o->alike <= 1)
        || !(o->level > 0 && o->level < 1)
        || (o->ties != AS_TIE_LOWEST && o->ties != AS_TIE_UNDECIDED))
        return AS_EINVAL;
    for (uint32_t k = 0; o->balance && k < classes; k++)
        if (!(o->balance[k] > 0) || !isfinite(o->balance[k]))
            return AS_EINVAL;
    return AS_OK;
}

int as_lf_check(const struct as_lf_votes *in)
{
    if (!in->lfs || !in->classes || in->classes > INT16_MAX || (in->rows && !in->vote))
        return AS_EINVAL;
    if (in->lfs > AS_LFS_MAX || in->rows > UINT32_MAX || in->rows > SIZE_MAX / 8 / in->lfs
        || (uint64_t)in->lfs * (in->classes + 1) > AS_LF_TABLE_MAX / in->classes)
        return AS_ETOOBIG;
    int lowest = 0, highest = -1;
    for (size_t k = 0; k < in->rows * in->lfs; k++) {
        lowest = in->vote[k] < lowest ? in->vote[k] : lowest;
        highest = in->vote[k] > highest ? in->vote[k] : highest;
    }
    for (size_t k = 0; in->gold && k < in->rows; k++) {
        lowest = in->gold[k] < lowest ? in->gold[k] : lowest;
        highest = in->gold[k] > highest ? in->gold[k] : highest;
    }
    return lowest < -1 || highest >= (int)in->classes ? AS_EINVAL : AS_OK;
}

/* ------------------------------------------------------------------ what models call */

double as_soften(double *row, uint32_t classes)
{
    double top = row[0], sum = 0;

    for (uint32_t k = 1; k < classes; k++)
        top = row[k] > top ? row[k] : top;
    for (uint32_t k = 0; k < classes; k++)
        sum += row[k] = exp(row[k] - top);
    for (uint32_t k = 0; k < classes; k++)
        row[k] /= sum;
    return top + log(sum);
}

double as_lf_right(const struct as_weak_fit *f, uint32_t y, double accuracy)
{
    double p = f->out->balance[y], others = f->out->classes - 1.;
    double odds = accuracy / (1 - accuracy);

    return fmax(accuracy, odds * p / (odds * p + (1 - p) / others));
}

double as_lf_expect(const struct as_weak_fit *f, uint32_t j, uint32_t y, uint32_t k)
{
    double p = f->out->balance[y], right = as_lf_right(f, y, f->opts->accuracy);
    double seen = ((double)f->polarity[(size_t)j * f->in->classes + y] + UNSEEN)
                  / (double)f->in->rows;

    return k == y ? seen * right / p : seen * (1 - right) / (1 - p);
}

int as_weak_step(struct as_weak_fit *f, double objective)
{
    struct as_weak_result *r = f->out;

    r->trace[r->trace_n++] = objective;
    r->iterations = r->trace_n;
    if (f->opts->progress && f->opts->progress(f->opts->progress_arg, r->trace_n, objective))
        r->stopped = 1;
    return r->stopped;
}

/* ------------------------------------------------------------------ reading rows with scores */

int as_reader_new(const struct as_weak_result *r, struct as_pool *pool, struct as_reader *out)
{
    *out = (struct as_reader){ .lfs = r->lfs, .classes = r->classes };
    out->base = as_take(pool, r->classes, sizeof *out->base);
    out->more = as_take(pool, as_lf_at(r->classes, r->lfs, -1), r->classes * sizeof *out->more);
    return out->base && out->more ? AS_OK : AS_ENOMEM;
}

void as_reader_set(const struct as_weak_result *r, struct as_reader *out)
{
    uint32_t K = r->classes;

    for (uint32_t k = 0; k < K; k++)
        out->base[k] = r->by_share ? 0 : log(r->balance[k]);
    for (uint32_t j = 0; j < r->lfs; j++) {
        const double *silent = as_lf_score(r, j, -1);
        for (uint32_t k = 0; k < K; k++)
            out->base[k] += silent[k];
        for (uint32_t y = 0; y < K; y++)
            for (uint32_t k = 0; k < K; k++)
                out->more[as_lf_at(K, j, (int)y) * K + k] = as_lf_score(r, j, (int)y)[k]
                                                            - silent[k];
    }
}

/* The posterior of one row of votes; returns how many there are. */
static uint32_t posterior(const struct as_weak_result *r, const struct as_reader *with,
                          const int16_t *vote, double *row)
{
    uint32_t K = r->classes, votes = 0;

    for (uint32_t j = 0; j < r->lfs; j++)
        votes += vote[j] >= 0;
    if (!votes) {
        memcpy(row, r->balance, K * sizeof *row);
        return 0;
    }
    as_read(with, vote, row);
    if (!r->by_share) {
        as_soften(row, K);
        return votes;
    }
    for (uint32_t k = 0; k < K; k++)
        row[k] /= votes;
    return votes;
}

static void put(struct as_weak_result *r, size_t i, const double *row, uint32_t votes,
                enum as_ties ties)
{
    double best = 0, second = 0, entropy = 0;
    int16_t top = 0;

    for (uint32_t k = 0; k < r->classes; k++) {
        best = row[k] > best ? row[k] : best;
        entropy -= row[k] > 0 ? row[k] * log(row[k]) : 0;
        r->q[i * r->classes + k] = (float)row[k];
    }
    for (uint32_t k = r->classes; k--; )
        if (row[k] >= best * (1 - AS_TIE_EPS))
            top = (int16_t)k;
    for (uint32_t k = 0; k < r->classes; k++)
        if (k != (uint32_t)top && row[k] > second)
            second = row[k];
    if (second >= best * (1 - AS_TIE_EPS) && votes) {
        r->flags[i] |= AS_TIED;
        second = best;
    }
    if (!votes)
        r->flags[i] |= AS_NO_VOTES;
    int open = !votes || ((r->flags[i] & AS_TIED) && ties == AS_TIE_UNDECIDED);
    r->label[i] = open ? -1 : top;
    r->confidence[i] = best;
    r->margin[i] = best > second ? best - second : 0;
    r->entropy[i] = (float)(entropy > 0 ? entropy : 0);
    r->covered += votes > 0;
}

/* Every row gets its answer. */
static int read_rows(const struct as_lf_votes *in, struct as_weak_result *r, enum as_ties ties,
                     struct as_pool *pool)
{
    double *row = as_take(pool, r->classes, sizeof *row);
    struct as_reader with;
    int rc;

    if (!row)
        return AS_ENOMEM;
    if ((rc = as_reader_new(r, pool, &with)))
        return rc;
    as_reader_set(r, &with);
    for (size_t i = 0; i < in->rows; i++) {
        uint32_t votes = posterior(r, &with, in->vote + i * in->lfs, row);
        double sum = 0;
        for (uint32_t k = 0; k < r->classes; k++)
            sum += row[k];
        if (!(fabs(sum - 1) < 1e-6))
            return AS_EINTERNAL;
        put(r, i, row, votes, ties);
    }
    return AS_OK;
}

/* The known class instead of the model's. */
static void clamp(struct as_weak_result *r, size_t i, int16_t known)
{
    for (uint32_t k = 0; k < r->classes; k++)
        r->q[i * r->classes + k] = k == (uint32_t)known;
    r->label[i] = known;
    r->confidence[i] = r->margin[i] = 1;
    r->entropy[i] = 0;
    r->flags[i] = AS_GOLD;
}

/* ------------------------------------------------------------------ around the model */

static int lay_out(const struct as_lf_votes *in, const struct as_weak_opts *o, struct owned *own)
{
    struct as_weak_result *r = &own->r;
    struct as_pool *p = &own->pool;
    size_t n = in->rows, K = in->classes;

    r->rows = n;
    r->lfs = in->lfs;
    r->classes = in->classes;
    r->version = AS_VERSION;
    if (!(r->label = as_take(p, n, sizeof *r->label))
        || !(r->confidence = as_take(p, n, sizeof *r->confidence))
        || !(r->margin = as_take(p, n, sizeof *r->margin))
        || !(r->entropy = as_take(p, n, sizeof *r->entropy))
        || !(r->flags = as_take(p, n, sizeof *r->flags))
        || !(r->q = as_take(p, n, K * sizeof *r->q))
        || !(r->balance = as_take(p, K, sizeof *r->balance))
        || !(r->lf = as_take(p, in->lfs, sizeof *r->lf))
        || !(r->score = as_take(p, in->lfs * (K + 1), K * sizeof *r->score))
        || (o && !(r->trace = as_take(p, (size_t)o->max_iter + 1, sizeof *r->trace))))
        return AS_ENOMEM;
    return AS_OK;
}

static uint64_t digest(const struct as_lf_votes *in)
{
    uint64_t h = as_mix(as_mix(as_mix(1, in->rows), in->lfs), in->classes);

    for (size_t k = 0; k < in->rows * in->lfs; k += 4) {
        uint64_t four = 0;
        for (size_t t = k; t < k + 4 && t < in->rows * in->lfs; t++)
            four = four << 16 | (uint16_t)in->vote[t];
        h = as_mix(h, four);
    }
    for (size_t i = 0; in->gold && i < in->rows; i++)
        h = as_mix(h, (uint16_t)in->gold[i]);
    return h;
}

/* Given, or counted on the known rows (a class that is not among them counts as half a row, for
   a share of 0 could never be argued away), or uniform. */
static void balance_settle(const struct as_lf_votes *in, const struct as_weak_opts *o,
                           struct as_weak_result *r)
{
    size_t known = 0;
    double sum = 0;

    for (size_t i = 0; !o->balance && in->gold && i < in->rows; i++)
        if (in->gold[i] >= 0) {
            r->balance[in->gold[i]]++;
            known++;
        }
    r->balance_from = o->balance ? AS_BALANCE_GIVEN
                      : known ? AS_BALANCE_GOLD : AS_BALANCE_UNIFORM;
    for (uint32_t k = 0; k < r->classes; k++) {
        double p = o->balance ? o->balance[k] : !known ? 1
                   : r->balance[k] > 0 ? r->balance[k] : .5;
        sum += r->balance[k] = p;
    }
    for (uint32_t k = 0; k < r->classes; k++)
        r->balance[k] /= sum;
}

/*
 * Accuracy of a function = expected share right of its votes, c/n with c = sum of q of the class
 * it gave; the interval is that of a Beta posterior with the information that is missing, because
 * the truth is not known, taken off n (as agg.c does for workers).
 */
static int lf_fill(struct as_weak_fit *f)
{
    const struct as_lf_votes *in = f->in;
    struct as_weak_result *r = f->out;
    uint32_t K = r->classes;
    double *right = as_take(f->pool, in->lfs, sizeof *right);
    double *open = as_take(f->pool, in->lfs, sizeof *open);
    double *q = as_take(f->pool, (size_t)K + 1, sizeof *q);     /* q[0]: silence is never right */
    double *qq = as_take(f->pool, (size_t)K + 1, sizeof *qq);

    if (!right || !open || !q || !qq)
        return AS_ENOMEM;
    for (size_t i = 0; i < in->rows; i++) {
        for (uint32_t k = 0; k < K; k++) {
            q[k + 1] = (double)r->q[i * K + k];
            qq[k + 1] = q[k + 1] * (1 - q[k + 1]);
        }
        for (uint32_t j = 0; j < in->lfs; j++) {
            right[j] += q[in->vote[i * in->lfs + j] + 1];
            open[j] += qq[in->vote[i * in->lfs + j] + 1];
        }
    }
    double tail = (1 - f->opts->level) / 2;
    for (uint32_t j = 0; j < in->lfs; j++) {
        struct as_lf_fit *w = &r->lf[j];
        double n = (double)w->votes, m = n;
        w->accuracy = w->votes ? fmin(right[j] / n, 1) : f->opts->accuracy;
        double spread = w->accuracy * (1 - w->accuracy);
        if (spread > 0)
            m = fmax(n - open[j] / spread, n / 10);
        double a = 1 + w->accuracy * m, b = 1 + (1 - w->accuracy) * m;
        w->lo = fmin(as_beta_quantile(tail, a, b), w->accuracy);
        w->hi = fmax(as_beta_quantile(1 - tail, a, b), w->accuracy);
        double p = fmin(fmax(w->accuracy, ACCURACY_MIN), 1 - ACCURACY_MIN);
        double others = r->classes > 1 ? r->classes - 1. : 1;
        w->weight = r->by_share ? 1 : as_lf_voice(r, j) * log(p / (1 - p) * others);
    }
    return AS_OK;
}

static int count_votes(struct as_weak_fit *f)
{
    const struct as_lf_votes *in = f->in;
    uint32_t K = in->classes;
    uint64_t *says = as_take(f->pool, as_lf_at(K, in->lfs, -1), sizeof *says);
    uint64_t *polarity = as_take(f->pool, (size_t)in->lfs * K, sizeof *polarity);

    if (!says || !polarity)
        return AS_ENOMEM;
    for (size_t i = 0; i < in->rows; i++)
        for (uint32_t j = 0; j < in->lfs; j++)
            says[as_lf_at(K, j, in->vote[i * in->lfs + j])]++;
    for (uint32_t j = 0; j < in->lfs; j++) {
        for (uint32_t k = 0; k < K; k++)
            polarity[(size_t)j * K + k] = says[as_lf_at(K, j, (int)k)];
        f->out->lf[j].votes = in->rows - says[as_lf_at(K, j, -1)];
        f->total += f->out->lf[j].votes;
    }
    f->polarity = polarity;
    return AS_OK;
}

static int run(const struct as_weak_model *m, struct as_weak_fit *f)
{
    struct as_weak_result *r = f->out;
    int rc;

    r->method = m->info.id;
    r->seed = f->opts->seed;
    r->digest = digest(f->in);
    r->iterations = r->converged = 1;       /* what a model without rounds reports */
    balance_settle(f->in, f->opts, r);
    if ((rc = count_votes(f)) || (rc = as_lf_groups(f)))
        return rc;
    if (f->total && r->classes > 1 && (rc = m->fit(f)))
        return rc;
    if ((rc = read_rows(f->in, r, f->opts->ties, f->pool)))
        return rc;
    for (size_t i = 0; f->opts->clamp_gold && f->in->gold && i < r->rows; i++)
        if (f->in->gold[i] >= 0)
            clamp(r, i, f->in->gold[i]);
    return lf_fill(f);
}

static int begin(const struct as_lf_votes *in, const struct as_weak_opts *o, struct owned **out)
{
    struct as_pool pool = { 0 };
    struct owned *own = as_take(&pool, 1, sizeof *own);

    if (!own)
        return AS_ENOMEM;
    own->pool = pool;
    *out = own;
    return lay_out(in, o, own);
}

int as_weak(const struct as_lf_votes *in, const char *method, const struct as_weak_opts *o,
            struct as_weak_result **out)
{
    struct as_pool scratch = { 0 };
    struct as_weak_opts plain;
    const struct as_weak_model *m = NULL;
    struct owned *own = NULL;

    *out = NULL;
    if (!o) {
        as_weak_opts_init(&plain);
        o = &plain;
    }
    for (size_t k = 0; method && k < MODELS; k++)
        if (strcmp(method, models[k]->info.id) == 0)
            m = models[k];
    if (!m)
        return AS_ENOMETHOD;
    if (!m->fit)
        return AS_EUNFIT;
    int rc = as_lf_check(in);
    if (!rc)
        rc = opts_check(o, in->classes);
    if (!rc)
        rc = begin(in, o, &own);
    if (!rc) {
        struct as_weak_fit f = { .in = in, .opts = o, .out = &own->r, .pool = &scratch,
                                 .keep = &own->pool };
        own->ties = o->ties;
        rc = run(m, &f);
    }
    as_pool_end(&scratch);
    if (rc) {
        as_weak_free(own ? &own->r : NULL);
        return rc;
    }
    *out = &own->r;
    return AS_OK;
}

int as_weak_apply(const struct as_weak_result *model, const struct as_lf_votes *in,
                  struct as_weak_result **out)
{
    struct as_pool scratch = { 0 };
    struct owned *own = NULL;

    *out = NULL;
    int rc = as_lf_check(in);
    if (!rc && (in->lfs != model->lfs || in->classes != model->classes))
        rc = AS_EINVAL;
    if (!rc)
        rc = begin(in, NULL, &own);
    if (!rc) {
        const struct owned *from = (const struct owned *)(const void *)model;
        struct as_weak_result *r = &own->r;
        size_t K = in->classes;
        r->method = model->method;
        r->seed = model->seed;
        r->digest = digest(in);
        r->by_share = model->by_share;
        r->iterations = model->iterations;
        r->converged = model->converged;
        r->balance_from = model->balance_from;
        own->ties = from->ties;
        memcpy(r->balance, model->balance, K * sizeof *r->balance);
        memcpy(r->lf, model->lf, in->lfs * sizeof *r->lf);
        memcpy(r->score, model->score, in->lfs * (K + 1) * K * sizeof *r->score);
        rc = read_rows(in, r, own->ties, &scratch);
    }
    as_pool_end(&scratch);
    if (rc) {
        as_weak_free(own ? &own->r : NULL);
        return rc;
    }
    *out = &own->r;
    return AS_OK;
}

void as_weak_free(struct as_weak_result *r)
{
    if (!r)
        return;
    struct as_pool pool = ((struct owned *)(void *)r)->pool;    /* r is the first member */
    as_pool_end(&pool);
}
