/*
 * agree_judge.c -- may this rater, a model that judges, be trusted in people's stead?
 *
 * Over the units that the judge and m_u >= 1 people rated, a_u of them like the judge:
 *     value = sum a_u / sum m_u,
 * with the spread of units as clusters, se^2 = n/(n-1) sum (a_u - value m_u)^2 / (sum m_u)^2.  The
 * interval is Wilson's (1927) for as many answers as would give this error, value (1-value) / se^2,
 * at most all pairs; where no unit differs (se = 0), for the units alone.  So ten out of ten is not
 * taken for certainty.  The judge is trusted when the lower end reaches the bound.
 */
#include <math.h>

#include "stats/agree.h"

struct tally {
    double pairs, alike, units;     /* with the judge */
    double people, people_alike;    /* pairs among the people on these units */
    double *judge, *person;         /* [classes] answers, the judge's once a pair */
};

/* The judge's answer to a unit, AS_ABSTAIN if there is none. */
static uint16_t said(const struct as_votes *v, uint32_t u, uint32_t judge)
{
    for (size_t k = v->start[u]; k < v->start[u + 1]; k++)
        if (v->worker[k] == judge)
            return v->label[k];
    return AS_ABSTAIN;
}

/* Counts one unit; returns how many people were like the judge, and in *of of how many. */
static double look(const struct as_votes *v, uint32_t u, uint32_t judge, struct tally *t,
                   double *here, double *of)
{
    uint16_t mine = said(v, u, judge);
    double m = (double)(v->start[u + 1] - v->start[u]) - 1, alike = 0, same = 0;

    *of = 0;
    if (mine == AS_ABSTAIN || m < 1)
        return 0;
    for (size_t k = v->start[u]; k < v->start[u + 1]; k++) {
        if (v->worker[k] == judge)
            continue;
        alike += v->label[k] == mine;
        same += here[v->label[k]]++;            /* pairs with the people before */
        t->person[v->label[k]]++;
    }
    for (size_t k = v->start[u]; k < v->start[u + 1]; k++)
        here[v->label[k]] = 0;
    t->judge[mine] += m;
    t->pairs += m;
    t->alike += alike;
    t->units++;
    t->people += m * (m - 1) / 2;
    t->people_alike += same;
    *of = m;
    return alike;
}

static void wilson(double p, double n, double level, double *lo, double *hi)
{
    double z = as_normal_quantile((1 + level) / 2), zz = z * z / n;
    double mid = (p + zz / 2) / (1 + zz);
    double half = z / (1 + zz) * sqrt(p * (1 - p) / n + zz / (4 * n));

    *lo = fmin(p, fmax(0, mid - half));
    *hi = fmax(p, fmin(1, mid + half));
}

static void fill(const struct tally *t, const double *alike, const double *of, uint32_t units,
                 uint32_t classes, double level, struct as_judge *out)
{
    double square = 0, chance = 0, p = t->alike / t->pairs;

    for (uint32_t u = 0; u < units; u++)
        square += (alike[u] - p * of[u]) * (alike[u] - p * of[u]);
    for (uint32_t k = 0; k < classes; k++)
        chance += t->judge[k] / t->pairs * (t->person[k] / t->pairs);
    double var = t->units > 1 ? square * t->units / (t->units - 1) / (t->pairs * t->pairs) : 0;
    double n = var > 0 ? fmax(1, fmin(t->pairs, p * (1 - p) / var)) : t->units;
    out->value = p;
    out->people = t->people > 0 ? t->people_alike / t->people : 0;
    out->kappa = chance < 1 ? (p - chance) / (1 - chance) : 0;
    out->units = (uint64_t)t->units;
    out->pairs = (uint64_t)t->pairs;
    wilson(p, n, level, &out->lo, &out->hi);
}

int as_judge(const struct as_votes *v, uint32_t judge, double bound, double level,
             struct as_judge *out)
{
    struct as_pool pool = { 0 };
    struct tally t = { .judge = as_take(&pool, v->classes, sizeof *t.judge),
                       .person = as_take(&pool, v->classes, sizeof *t.person) };
    double *here = as_take(&pool, v->classes, sizeof *here);
    double *alike = as_take(&pool, v->tasks, sizeof *alike);
    double *of = as_take(&pool, v->tasks, sizeof *of);
    int rc = t.judge && t.person && here && alike && of ? AS_OK : AS_ENOMEM;

    *out = (struct as_judge){ 0 };
    if (!rc && (judge >= v->workers || !(level > 0 && level < 1) || !(bound >= 0 && bound <= 1)))
        rc = AS_EINVAL;
    if (!rc && v->repeats)
        rc = AS_EUNFIT;
    for (uint32_t u = 0; !rc && u < v->tasks; u++)
        alike[u] = look(v, u, judge, &t, here, &of[u]);
    if (!rc && !(t.pairs > 0))
        rc = AS_EUNDEFINED;
    if (!rc) {
        fill(&t, alike, of, v->tasks, v->classes, level, out);
        out->trusted = out->lo >= bound;
    }
    as_pool_end(&pool);
    return rc;
}
