/*
 * text_rasa.c -- Reliability Aware Sequence Aggregation, and its hybrid (Li, SIGIR 2020; Li and
 * Fukumoto, AnnoNLP 2019).
 *
 * Texts are vectors e; the truth of a task is a point, and a skilled person is near to it:
 *
 *     point_t = sum of v_a e_a / sum of v_a,   v_a = skill_j * local_a       (a: answer of j to t)
 *     skill_j = chi2_j / (D_j + s),            D_j = sum of local_a |e_a - point_t|^2
 *
 * and the answer nearest to the point by cosine is chosen.  chi2_j is a quantile of chi-squared
 * with n_j degrees of freedom; s, a mean squared length times opts.prior, keeps one lucky answer
 * from taking all (without it a person with D = 0 rules his tasks alone).
 *
 * rasa     local = 1
 * hrrasa   local = half the mean of exp(-|e_a - e_b|^2 / mean squared length) over the other
 *          answers b of the task, plus half the mean GLEU with them
 *
 * Both steps lower sum of skill_j (D_j + s) - chi2_j log skill_j, so the objective reported,
 * -sum of chi2_j log(D_j + s), never falls.  Only inner products within a task are needed: they are
 * taken once, and a round costs O(answers^2) a task whatever the length of the vectors.
 */
#include <math.h>

#include "stats/special.h"
#include "stats/text.h"

#define GRAM     4              /* n-grams an answer has, at most, for each of its words */
#define LEAST    1e-9           /* of D + s */

struct fit {
    struct as_text_fit *f;
    double **inner;             /* [tasks] inner products of its answers, n * n */
    double *local;              /* [answers kept] */
    double *skill, *chi2, *far; /* [workers]; far is D */
    double *asked;              /* [workers] the caller's weights */
    double *v, *near;           /* scratch of one task: weights that sum to 1; e_a . point */
    double squared, start;      /* mean squared length; s */
};

static double dot(const float *a, const float *b, size_t n)
{
    double s[4] = { 0 };
    size_t k = 0;

    for (; k + 4 <= n; k += 4)
        for (size_t l = 0; l < 4; l++)
            s[l] += (double)a[k + l] * (double)b[k + l];
    for (; k < n; k++)
        s[0] += (double)a[k] * (double)b[k];
    return (s[0] + s[1]) + (s[2] + s[3]);
}

/* The inner products of all answers of a task. */
static int take_inner(struct fit *x, uint32_t t)
{
    struct as_text_fit *f = x->f;
    struct as_pool pool = { 0 };
    size_t from = f->first[t], n = f->first[t + 1] - from;
    size_t dims = f->in->vector ? f->in->dims : AS_ENCODER_DIMS;
    const float **e = as_take(&pool, n, sizeof *e);
    float *own = f->in->vector ? NULL : as_take(&pool, n * dims, sizeof *own);
    int rc = e && (own || f->in->vector) ? AS_OK : AS_ENOMEM;

    for (size_t a = 0; !rc && a < n; a++) {
        e[a] = own ? own + a * dims : f->in->vector + f->row[from + a] * dims;
        if (own)
            rc = as_text_encode(f->text[from + a], own + a * dims);
    }
    if (!rc && !(x->inner[t] = as_take(f->pool, n * n, sizeof *x->inner[t])))
        rc = AS_ENOMEM;
    for (size_t a = 0; !rc && a < n; a++)
        for (size_t b = 0; b <= a; b++)
            x->inner[t][a * n + b] = x->inner[t][b * n + a] = dot(e[a], e[b], dims);
    as_pool_end(&pool);
    return rc;
}

/* local of the hybrid: how like an answer is to the others of its task. */
static int take_local(struct fit *x, uint32_t t)
{
    const struct as_text_fit *f = x->f;
    struct as_pool pool = { 0 };
    size_t from = f->first[t], n = f->first[t + 1] - from;
    const size_t *start = f->words.start + from;
    uint64_t **gram = as_take(&pool, n, sizeof *gram);
    size_t *grams = as_take(&pool, n, sizeof *grams);

    for (size_t a = 0; gram && grams && a < n; a++) {
        size_t words = start[a + 1] - start[a];
        gram[a] = as_take(&pool, GRAM * words, sizeof *gram[a]);
        if (!gram[a])
            gram = NULL;
        else
            grams[a] = as_grams(f->words.id + start[a], words, gram[a]);
    }
    for (size_t a = 0; gram && grams && n > 1 && a < n; a++) {
        double sum = 0, *in = x->inner[t];
        for (size_t b = 0; b < n; b++)
            if (b != a)
                sum += exp(-fmax(0, in[a * n + a] + in[b * n + b] - 2 * in[a * n + b]) / x->squared)
                       + as_gram_likeness(gram[a], grams[a], gram[b], grams[b]);
        x->local[from + a] = fmax(sum / (2 * (double)(n - 1)), LEAST);
    }
    as_pool_end(&pool);
    return gram && grams ? AS_OK : AS_ENOMEM;
}

/* Fills v and near for a task; returns |point|^2. */
static double point(struct fit *x, uint32_t t)
{
    const struct as_text_fit *f = x->f;
    size_t from = f->first[t], n = f->first[t + 1] - from;
    double all = 0, square = 0;

    for (size_t a = 0; a < n; a++) {
        uint32_t j = f->worker[from + a];
        all += x->v[a] = x->asked[j] * x->skill[j] * x->local[from + a];
    }
    for (size_t a = 0; a < n; a++)
        x->v[a] = all > 0 ? x->v[a] / all : 1 / (double)n;
    for (size_t a = 0; a < n; a++) {
        x->near[a] = 0;
        for (size_t b = 0; b < n; b++)
            x->near[a] += x->v[b] * x->inner[t][a * n + b];
        square += x->v[a] * x->near[a];
    }
    return square;
}

/* One round: points, distances, skills.  Returns the objective before the skills move. */
static double round_of(struct fit *x)
{
    struct as_text_fit *f = x->f;
    double objective = 0;

    for (uint32_t j = 0; j < f->in->workers; j++)
        x->far[j] = 0;
    for (uint32_t t = 0; t < f->in->tasks; t++) {
        size_t from = f->first[t], n = f->first[t + 1] - from;
        double square = point(x, t);
        for (size_t a = 0; a < n; a++) {
            double d = x->inner[t][a * n + a] - 2 * x->near[a] + square;
            x->far[f->worker[from + a]] += x->local[from + a] * fmax(d, 0);
        }
    }
    for (uint32_t j = 0; j < f->in->workers; j++) {
        double d = fmax(x->far[j] + x->start, LEAST);
        objective -= x->asked[j] * x->chi2[j] * log(d);
        x->skill[j] = x->chi2[j] > 0 ? x->chi2[j] / d : 0;
    }
    return objective;
}

static int iterate(struct fit *x)
{
    struct as_text_result *r = x->f->out;
    const struct as_text_opts *o = x->f->opts;

    if (!(r->trace = as_take(x->f->keep, (size_t)o->max_iter, sizeof *r->trace)))
        return AS_ENOMEM;
    r->converged = 0;
    while (r->trace_n < o->max_iter && !r->converged && !r->stopped) {
        double now = round_of(x), before = r->trace_n ? r->trace[r->trace_n - 1] : -INFINITY;
        if (now < before - 1e-6 - 1e-10 * fabs(now))
            return AS_ENOTMONOTONE;
        r->trace[r->trace_n++] = now;
        r->converged = now - before <= o->tol * (double)x->f->n;
        r->stopped = o->progress && o->progress(o->progress_arg, r->trace_n, now);
    }
    r->iterations = r->trace_n;
    return AS_OK;
}

static void choose(struct fit *x, uint32_t t)
{
    struct as_text_fit *f = x->f;
    size_t from = f->first[t], n = f->first[t + 1] - from, best = 0;
    const size_t *start = f->words.start + from;
    double most = -INFINITY;
    int tied = 0;

    point(x, t);
    for (size_t a = 0; a < n; a++) {
        double length = sqrt(x->inner[t][a * n + a]), c = length > 0 ? x->near[a] / length : 0;
        if (c > most + 1e-12) {
            most = c;
            best = a;
            tied = 0;
        } else if (c > most - 1e-12) {
            tied |= as_edits(f->words.id + start[a], start[a + 1] - start[a],
                             f->words.id + start[best], start[best + 1] - start[best],
                             f->row_edits) > 0;
        }
    }
    if (n)
        as_choose(f, t, from + best, tied);
}

static int set_up(struct fit *x)
{
    struct as_text_fit *f = x->f;
    uint32_t workers = f->in->workers;
    size_t most = 0;
    int rc = AS_OK;

    for (uint32_t t = 0; t < f->in->tasks; t++)
        most = f->first[t + 1] - f->first[t] > most ? f->first[t + 1] - f->first[t] : most;
    x->inner = as_take(f->pool, f->in->tasks, sizeof *x->inner);
    x->local = as_take(f->pool, f->n, sizeof *x->local);
    x->skill = as_take(f->pool, workers, sizeof *x->skill);
    x->chi2 = as_take(f->pool, workers, sizeof *x->chi2);
    x->far = as_take(f->pool, workers, sizeof *x->far);
    x->asked = as_take(f->pool, workers, sizeof *x->asked);
    x->v = as_take(f->pool, most, sizeof *x->v);
    x->near = as_take(f->pool, most, sizeof *x->near);
    if (!x->inner || !x->local || !x->skill || !x->chi2 || !x->far || !x->asked || !x->v
        || !x->near)
        return AS_ENOMEM;
    for (uint32_t t = 0; !rc && t < f->in->tasks; t++) {
        rc = take_inner(x, t);
        size_t n = f->first[t + 1] - f->first[t];
        for (size_t a = 0; !rc && a < n; a++)
            x->squared += x->inner[t][a * n + a] / (double)f->n;
    }
    for (size_t a = 0; a < f->n; a++) {
        x->local[a] = 1;
        x->chi2[f->worker[a]]++;                    /* n_j for now */
    }
    x->start = f->opts->prior * x->squared;
    x->squared = x->squared > 0 ? x->squared : 1;   /* all vectors are 0 */
    double p = f->opts->lower ? f->opts->alpha / 2 : 1 - f->opts->alpha / 2;
    for (uint32_t j = 0; j < workers; j++) {
        x->asked[j] = f->weight[j];
        x->skill[j] = 1;
        x->chi2[j] = x->chi2[j] > 0 ? as_chi2_quantile(p, x->chi2[j]) : 0;
    }
    return rc;
}

static int run(struct as_text_fit *f, int hybrid)
{
    struct fit x = { .f = f };
    int rc = set_up(&x);

    for (uint32_t t = 0; !rc && hybrid && t < f->in->tasks; t++)
        rc = take_local(&x, t);
    if (!rc)
        rc = iterate(&x);
    for (uint32_t t = 0; !rc && t < f->in->tasks; t++)
        choose(&x, t);
    for (uint32_t j = 0; !rc && j < f->in->workers; j++)
        f->weight[j] = x.asked[j] * x.skill[j];
    return rc;
}

static int run_rasa(struct as_text_fit *f)
{
    return run(f, 0);
}

static int run_hrrasa(struct as_text_fit *f)
{
    return run(f, 1);
}

const struct as_text_method as_text_rasa = {
    { "rasa", "RASA", "Li and Fukumoto, AnnoNLP 2019",
      "Learns for each person how near their texts lie to the weighted middle of all, and chooses "
      "the answer nearest to it. A round is quick; a hundred take less than a second for ten "
      "thousand texts. Use it for translations and summaries, where many wordings are right and "
      "people differ.", 0 },
    run_rasa
};

const struct as_text_method as_text_hrrasa = {
    { "hrrasa", "HRRASA", "Li, SIGIR 2020",
      "RASA, where an answer also counts more when it is like the others of its own task, in "
      "meaning and in words. It costs one comparison more for every two answers of a task. Use it "
      "instead of RASA when even good people are careless now and then.", 0 },
    run_hrrasa
};
