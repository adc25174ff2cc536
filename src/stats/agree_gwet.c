/*
 * agree_gwet.c -- percent, Fleiss' kappa, Conger's kappa, Gwet's AC1 and AC2, Brennan-Prediger.
 *
 * r_uk raters put unit u into class k, m_u in all; w_kl is what a pair (k, l) is worth.  n units
 * have a rating, n' have two or more.  With r*_uk = sum_l w_kl r_ul and
 *     pa_u = sum_k r_uk (r*_uk - 1) / (m_u (m_u - 1)),   pa = mean of pa_u over the n' units,
 *     pi_k = mean over the n units of r_uk / m_u,        T = sum of all w_kl:
 *     Fleiss   pe = sum_kl w_kl pi_k pi_l                 (Fleiss 1971; Scott for two raters)
 *     AC       pe = T / (K (K-1)) sum_k pi_k (1 - pi_k)   (Gwet 2008)
 *     BP       pe = T / K^2                               (Brennan & Prediger 1981)
 *     Conger   pe = mean over pairs of raters g != h of sum_kl w_kl p_gk p_hl   (Conger 1980)
 * kappa = (pa - pe) / (1 - pe).  The variance is Gwet's (2014, ch. 5): with
 *     kappa_u = n/n' (pa_u - pe) / (1 - pe)  or 0 below two ratings,
 *     kappa*_u = kappa_u - (1 - kappa) dpe_u / (1 - pe),
 * dpe_u = the derivative of pe by unit u, it is the mean square of kappa*_u - kappa over n - 1.
 *
 * O(answers) with identity weights, plus K^2 (Conger: raters times K^2) with others.
 */
#include <math.h>

#include "stats/agree.h"

struct gwet {
    double *pa;                 /* [tasks] of units with two ratings or more */
    double total;               /* T */
    uint32_t raters;            /* Conger: with at least one rating */
};

/* r_uk of the distinct classes of a unit, which stand in class[]; row is zero again afterwards. */
static uint32_t distinct(const struct as_votes *v, uint32_t u, double *row, uint16_t *class)
{
    uint32_t n = 0;

    for (size_t k = v->start[u]; k < v->start[u + 1]; k++)
        if (row[v->label[k]]++ == 0)
            class[n++] = v->label[k];
    return n;
}

static double unit_agreement(const struct agree *a, uint32_t u, double *row, uint16_t *class)
{
    double m = (double)(a->v->start[u + 1] - a->v->start[u]), sum = 0;
    uint32_t n = distinct(a->v, u, row, class), classes = a->v->classes;

    for (uint32_t x = 0; x < n; x++) {
        double star = a->w ? 0 : row[class[x]];
        for (uint32_t y = 0; a->w && y < n; y++)
            star += a->w[(size_t)class[x] * classes + class[y]] * row[class[y]];
        sum += row[class[x]] * (star - 1);
    }
    for (uint32_t x = 0; x < n; x++)
        row[class[x]] = 0;
    return sum / (m * (m - 1));
}

static int prepare(struct agree *a)
{
    const struct as_votes *v = a->v;
    struct gwet *g = a->state = as_take(a->pool, 1, sizeof *g);
    double *row = as_take(a->pool, v->classes, sizeof *row);
    uint16_t *class = as_take(a->pool, v->classes, sizeof *class);
    int pairs = 0;

    if (!g || !row || !class || !(g->pa = as_take(a->pool, v->tasks, sizeof *g->pa)))
        return AS_ENOMEM;
    for (uint32_t u = 0; u < v->tasks; u++) {
        size_t m = v->start[u + 1] - v->start[u];
        a->units += m > 0;
        pairs |= m > 1;
        if (m > 1)
            g->pa[u] = unit_agreement(a, u, row, class);
    }
    g->total = v->classes;
    if (a->w) {
        g->total = 0;
        for (size_t k = 0; k < (size_t)v->classes * v->classes; k++)
            g->total += a->w[k];
    }
    a->room = 2 * (size_t)v->classes;
    return pairs ? AS_OK : AS_EUNDEFINED;
}

/* out = W in. */
static void apply(const struct agree *a, const double *in, double *out)
{
    uint32_t n = a->v->classes;

    for (uint32_t k = 0; k < n; k++) {
        out[k] = a->w ? 0 : in[k];
        for (uint32_t l = 0; a->w && l < n; l++)
            out[k] += a->w[(size_t)k * n + l] * in[l];
    }
}

static double dot(const double *a, const double *b, uint32_t n)
{
    double sum = 0;

    for (uint32_t k = 0; k < n; k++)
        sum += a[k] * b[k];
    return sum;
}

struct sums { double n, two, pa; };     /* n, n', observed agreement */

static struct sums observe(const struct agree *a, const uint32_t *times)
{
    const struct gwet *g = a->state;
    struct sums s = { 0 };

    for (uint32_t u = 0; u < a->v->tasks; u++) {
        size_t m = a->v->start[u + 1] - a->v->start[u];
        double t = as_times(times, u);
        s.n += m > 0 ? t : 0;
        s.two += m > 1 ? t : 0;
        s.pa += m > 1 ? t * g->pa[u] : 0;
    }
    s.pa = s.two > 0 ? s.pa / s.two : 0;
    return s;
}

static void shares(const struct agree *a, const uint32_t *times, double n, double *pi)
{
    const struct as_votes *v = a->v;

    for (uint32_t u = 0; u < v->tasks; u++) {
        double m = (double)(v->start[u + 1] - v->start[u]), t = as_times(times, u);
        for (size_t k = v->start[u]; t > 0 && k < v->start[u + 1]; k++)
            pi[v->label[k]] += t / m;
    }
    for (uint32_t k = 0; k < v->classes; k++)
        pi[k] /= n;
}

/* Turns what stands in influence -- dpe_u -- into the influence on kappa, and gives the figure. */
static int figure(const struct agree *a, const struct sums *s, double pe, struct agree_at *at)
{
    const struct gwet *g = a->state;

    if (!(s->two > 0) || !(1 - pe > 1e-12))
        return AS_EUNDEFINED;
    at->observed = s->pa;
    at->expected = pe;
    at->value = (s->pa - pe) / (1 - pe);
    for (uint32_t u = 0; at->influence && u < a->v->tasks; u++) {
        size_t m = a->v->start[u + 1] - a->v->start[u];
        double own = m > 1 ? s->n / s->two * (g->pa[u] - pe) / (1 - pe) : 0;
        if (m)
            at->influence[u] = (own - (1 - at->value) * at->influence[u] / (1 - pe) - at->value)
                               / s->n;
    }
    return AS_OK;
}

/* dpe_u = 2 (mean over the unit's ratings of slope[k] - level). */
static void by_ratings(const struct agree *a, const double *slope, double level, double *out)
{
    const struct as_votes *v = a->v;

    for (uint32_t u = 0; out && u < v->tasks; u++) {
        double m = (double)(v->start[u + 1] - v->start[u]), sum = 0;
        for (size_t k = v->start[u]; k < v->start[u + 1]; k++)
            sum += slope[v->label[k]];
        if (m > 0)
            out[u] = 2 * (sum / m - level);
    }
}

static int percent(const struct agree *a, const uint32_t *times, double *room, struct agree_at *at)
{
    struct sums s = observe(a, times);

    (void)room;
    return figure(a, &s, 0, at);
}

static int bp(const struct agree *a, const uint32_t *times, double *room, struct agree_at *at)
{
    struct sums s = observe(a, times);
    double k = a->v->classes;

    (void)room;
    return figure(a, &s, ((struct gwet *)a->state)->total / (k * k), at);
}

static void forget(const struct agree *a, double *room)
{
    for (size_t k = 0; k < a->room; k++)
        room[k] = 0;
}

static int fleiss(const struct agree *a, const uint32_t *times, double *room, struct agree_at *at)
{
    struct sums s = observe(a, times);
    uint32_t n = a->v->classes;
    double *pi = room, *slope = room + n;

    shares(a, times, s.n, pi);
    apply(a, pi, slope);
    double pe = dot(pi, slope, n);
    by_ratings(a, slope, pe, at->influence);
    forget(a, room);
    return figure(a, &s, pe, at);
}

static int ac(const struct agree *a, const uint32_t *times, double *room, struct agree_at *at)
{
    struct sums s = observe(a, times);
    uint32_t n = a->v->classes;
    double *pi = room, *slope = room + n, pe = 0;
    double scale = ((struct gwet *)a->state)->total / ((double)n * (n - 1.));

    shares(a, times, s.n, pi);
    for (uint32_t k = 0; k < n; k++) {
        slope[k] = scale * (1 - pi[k]);
        pe += pi[k] * slope[k];
    }
    by_ratings(a, slope, pe, at->influence);
    forget(a, room);
    return figure(a, &s, pe, at);
}

static int ac_begin(struct agree *a)
{
    return a->v->classes < 2 ? AS_EUNDEFINED : prepare(a);
}

static int ac1_begin(struct agree *a)
{
    return a->o->weights == AS_W_IDENTITY ? ac_begin(a) : AS_EINVAL;
}

/* ------------------------------------------------------------------ Conger */

static int conger_begin(struct agree *a)
{
    if (a->v->repeats)
        return AS_EUNFIT;
    if ((uint64_t)a->v->workers * a->v->classes > AS_RATER_TABLE_MAX)
        return AS_ETOOBIG;
    int rc = prepare(a);
    a->room = 2 * (size_t)a->v->workers * a->v->classes + 2 * (size_t)a->v->classes
              + 2 * (size_t)a->v->workers;
    return rc;
}

struct margins {                    /* all in room */
    double *p, *wp;                 /* [workers * classes] shares of a rater, and W times them */
    double *all, *wall;             /* [classes] their sum over raters */
    double *n, *mid;                /* [workers] ratings; p_g' W (all - p_g) */
    double raters, pe;
};

/* pe = sum over g of p_g' W (all - p_g) / (R ). */
static struct margins margins(const struct agree *a, const uint32_t *times, double *room)
{
    const struct as_votes *v = a->v;
    size_t k = v->classes, w = v->workers;
    struct margins m = { .p = room, .wp = room + w * k, .all = room + 2 * w * k,
                         .wall = room + 2 * w * k + k, .n = room + 2 * w * k + 2 * k,
                         .mid = room + 2 * w * k + 2 * k + w };

    for (uint32_t u = 0; u < v->tasks; u++)
        for (size_t s = v->start[u]; s < v->start[u + 1]; s++) {
            m.p[v->worker[s] * k + v->label[s]] += as_times(times, u);
            m.n[v->worker[s]] += as_times(times, u);
        }
    for (size_t g = 0; g < w; g++) {
        if (!(m.n[g] > 0))
            continue;
        m.raters++;
        for (size_t c = 0; c < k; c++)
            m.all[c] += m.p[g * k + c] /= m.n[g];
        apply(a, m.p + g * k, m.wp + g * k);
    }
    apply(a, m.all, m.wall);
    for (size_t g = 0; g < w; g++) {
        m.mid[g] = dot(m.p + g * k, m.wall, v->classes)
                   - dot(m.p + g * k, m.wp + g * k, v->classes);
        m.pe += m.mid[g];
    }
    m.pe /= m.raters * (m.raters - 1);
    return m;
}

static int conger(const struct agree *a, const uint32_t *times, double *room, struct agree_at *at)
{
    const struct as_votes *v = a->v;
    struct sums s = observe(a, times);
    struct margins m = margins(a, times, room);
    size_t classes = v->classes;
    double pe = m.pe, pairs = m.raters * (m.raters - 1);

    for (uint32_t u = 0; at->influence && m.raters > 1 && u < v->tasks; u++)
        for (size_t k = v->start[u]; k < v->start[u + 1]; k++) {
            size_t g = v->worker[k];
            double step = m.wall[v->label[k]] - m.wp[g * classes + v->label[k]] - m.mid[g];
            at->influence[u] += 2 / pairs * s.n / m.n[g] * step;
        }
    int rc = m.raters > 1 ? AS_OK : AS_EUNDEFINED;
    forget(a, room);
    return rc ? rc : figure(a, &s, pe, at);
}

/* ------------------------------------------------------------------ what they say of themselves */

#define GWET2014 "Gwet, Handbook of Inter-Rater Reliability, 4th ed., 2014"

static int percent_begin(struct agree *a)
{
    int rc = prepare(a);

    return rc ? rc : as_agree_pairs_fill(a);
}

const struct as_agree_method as_agree_percent = {
    .info = { .id = "percent", .title = "Percent agreement", .paper = GWET2014,
              .about = "The share of pairs of people who gave the same answer to a task, averaged "
                       "over tasks. Linear in the number of answers. It forgives chance: people "
                       "who toss a coin agree half the time, so read it beside another figure." },
    .begin = percent_begin, .eval = percent };

const struct as_agree_method as_agree_fleiss = {
    .info = { .id = "fleiss", .title = "Fleiss' kappa",
              .paper = "Fleiss, Psychological Bulletin 76(5), 1971; " GWET2014,
              .about = "Agreement beyond what people would reach who draw answers from one common "
                       "distribution. Linear in the number of answers, with weights also the "
                       "square of the classes. For any number of people; low where one class "
                       "rules." },
    .begin = prepare, .eval = fleiss };

const struct as_agree_method as_agree_conger = {
    .info = { .id = "conger", .title = "Conger's kappa",
              .paper = "Conger, Psychological Bulletin 88(2), 1980; " GWET2014,
              .about = "Cohen's kappa for more than two people: each one's own distribution makes "
                       "the chance. Linear in answers plus people times classes. Use it when the "
                       "same few people judge everything." },
    .begin = conger_begin, .eval = conger };

const struct as_agree_method as_agree_ac1 = {
    .info = { .id = "ac1", .title = "Gwet's AC1",
              .paper = "Gwet, British J. of Math. and Stat. Psychology 61(1), 2008; " GWET2014,
              .about = "Agreement beyond chance, where chance means hard tasks answered at random. "
                       "Linear in the number of answers. It stays sensible when one class is rare "
                       "and the kappas collapse." },
    .begin = ac1_begin, .eval = ac };

const struct as_agree_method as_agree_ac2 = {
    .info = { .id = "ac2", .title = "Gwet's AC2", .paper = GWET2014,
              .about = "AC1 with part credit for near misses, by linear, quadratic, ordinal or own "
                       "weights. Linear in answers plus the square of the classes. For ratings on "
                       "a scale; with identity weights it is AC1." },
    .begin = ac_begin, .eval = ac };

const struct as_agree_method as_agree_bp = {
    .info = { .id = "bp", .title = "Brennan-Prediger",
              .paper = "Brennan & Prediger, Educ. and Psych. Measurement 41(3), 1981; " GWET2014,
              .about = "Agreement beyond what people would reach who pick every class equally "
                       "often. Linear in the number of answers. Simple and steady; it depends on "
                       "the number of classes offered, used or not." },
    .begin = prepare, .eval = bp };
