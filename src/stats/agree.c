/*
 * agree.c -- the registry of agreement methods, and all that they share: options, intervals and
 * the bootstrap.
 *
 * Bootstrap (Efron 1979): as many units as there are, drawn with replacement, `rounds` times; the
 * interval lies between the percentiles of the figures.  Round b draws from a stream of its own, so
 * threads change nothing.  Units that nobody judged are not drawn.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#ifdef _OPENMP
#include <omp.h>
#endif

#include "stats/agree.h"

#define STREAM_BOOT 0x6b00000000ull     /* + round */

static const struct as_agree_method *const methods[] = {
#define AGREE(name) &as_agree_##name,
#include "stats/agree.def"
#undef AGREE
};
#define METHODS (sizeof methods / sizeof *methods)

const struct as_method_info *as_agree_method(unsigned at)
{
    return at < METHODS ? &methods[at]->info : NULL;
}

void as_agree_opts_init(struct as_agree_opts *o)
{
    *o = (struct as_agree_opts){ .level = .95, .rounds = 1000, .threads = 1, .alpha = 3, .beta = 1,
                                 .empty = 1, .precision = .02 };
}

int as_agree_check(const struct as_agree_opts *o, uint32_t classes)
{
    if (!(o->level > 0 && o->level < 1) || o->rounds > AS_BOOT_MAX || o->threads < 1
        || o->weights < AS_W_IDENTITY || o->weights > AS_W_CUSTOM
        || o->distance < AS_D_NOMINAL || o->distance > AS_D_CUSTOM
        || (o->weights == AS_W_CUSTOM && !o->weight)
        || (o->distance == AS_D_CUSTOM && !o->apart)
        || ((o->distance == AS_D_JACCARD || o->distance == AS_D_MASI) && !o->set)
        || !(o->alpha >= 0 && o->alpha < 1e9) || !(o->beta >= 0 && o->beta < 1e9)
        || !(o->empty > 0 && o->empty < 1e9) || !(o->precision > 0 && o->precision < 1))
        return AS_EINVAL;
    for (uint32_t k = 0; o->value && k < classes; k++)
        if (!(fabs(o->value[k]) <= 1e150))
            return AS_EINVAL;
    return AS_OK;
}

int as_agree_new(struct as_agreement **out, struct as_pool **kept)
{
    struct as_agreement *a = as_own(sizeof *a);

    if (!a)
        return AS_ENOMEM;
    a->max = 1;
    *out = a;
    *kept = as_owned(a);
    return AS_OK;
}

void as_agreement_free(struct as_agreement *a)
{
    as_disown(a);
}

/* ------------------------------------------------------------------ how sure */

void as_agree_t_interval(double value, double se, uint64_t units, double level, double *lo,
                         double *hi)
{
    *lo = fmin(-1, value);
    *hi = fmax(1, value);
    if (units < 2)
        return;
    double half = se * as_student_quantile((1 + level) / 2, (double)units - 1);
    *lo = value - half;
    *hi = fmin(fmax(value, 1), value + half);
}

void as_agree_interval(struct as_agreement *a, double level, uint64_t units)
{
    as_agree_t_interval(a->value, a->se, units, level, &a->lo, &a->hi);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Between two neighbours by distance, as most programs do. */
static double quantile(const double *sorted, uint32_t n, double p)
{
    double at = p * (n - 1);
    uint32_t below = (uint32_t)at;

    if (below + 1 >= n)
        return sorted[n - 1];
    return sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]);
}

/* Sorts x. */
void as_agree_percentiles(struct as_agreement *a, double *x, uint32_t n, double level)
{
    double sum = 0, square = 0;

    a->boot_lo = a->boot_hi = a->value;
    a->rounds = n;
    if (n < 2)
        return;
    qsort(x, n, sizeof *x, by_size);
    for (uint32_t b = 0; b < n; b++)
        sum += x[b];
    for (uint32_t b = 0; b < n; b++)
        square += (x[b] - sum / n) * (x[b] - sum / n);
    a->boot_se = sqrt(square / (n - 1));
    a->boot_lo = quantile(x, n, (1 - level) / 2);
    a->boot_hi = quantile(x, n, (1 + level) / 2);
}

struct round {                      /* what one thread works with */
    uint32_t *times;
    double *room;
};

static void draw(const struct agree *a, const uint32_t *from, uint32_t n, uint32_t b,
                 uint32_t *times)
{
    struct as_rng g = { .seed = a->o->seed, .stream = STREAM_BOOT + b };

    memset(times, 0, a->v->tasks * sizeof *times);
    for (uint32_t k = 0; k < n; k++)
        times[from[as_draw_below(&g, n)]]++;
}

static int bootstrap(const struct as_agree_method *m, const struct agree *a)
{
    uint32_t n = 0, had = 0, rounds = a->o->rounds, tasks = a->v->tasks;
    int threads = a->o->threads < 64 ? a->o->threads : 64;
    struct round *r = as_take(a->pool, (size_t)threads, sizeof *r);
    double *x = as_take(a->pool, rounds, sizeof *x);
    uint32_t *from = as_take(a->pool, tasks, sizeof *from);
    uint8_t *gave = as_take(a->pool, rounds, 1);

    if (!r || !x || !from || !gave)
        return AS_ENOMEM;
    for (int t = 0; t < threads; t++) {
        r[t].times = as_take(a->pool, tasks, sizeof *r[t].times);
        r[t].room = as_take(a->pool, a->room, sizeof *r[t].room);
        if (!r[t].times || !r[t].room)
            return AS_ENOMEM;
    }
    for (uint32_t u = 0; u < tasks; u++)
        if (a->v->start[u + 1] > a->v->start[u])
            from[n++] = u;
    #pragma omp parallel for num_threads(threads) schedule(static)
    for (uint32_t b = 0; b < rounds; b++) {
#ifdef _OPENMP
        const struct round *own = &r[omp_get_thread_num()];
#else
        const struct round *own = &r[0];
#endif
        struct agree_at at = { 0 };
        draw(a, from, n, b, own->times);
        gave[b] = m->eval(a, own->times, own->room, &at) == AS_OK;
        x[b] = at.value;
    }
    for (uint32_t b = 0; b < rounds; b++)
        if (gave[b])
            x[had++] = x[b];
    as_agree_percentiles(a->out, x, had, a->o->level);
    return AS_OK;
}

/* ------------------------------------------------------------------ the call */

static int count(const struct as_votes *v, struct as_pool *p, struct as_agreement *a)
{
    uint8_t *seen = as_take(p, v->workers, 1);

    if (!seen)
        return AS_ENOMEM;
    a->values = v->n;
    for (size_t k = 0; k < v->n; k++) {
        a->raters += !seen[v->worker[k]];
        seen[v->worker[k]] = 1;
    }
    return AS_OK;
}

static int run(const struct as_agree_method *m, struct agree *a)
{
    double square = 0, *room, *influence;
    struct agree_at at = { 0 };
    int rc;

    if ((rc = count(a->v, a->pool, a->out)) || (rc = as_weights_fill(a)) || (rc = m->begin(a)))
        return rc;
    influence = as_take(a->pool, a->v->tasks, sizeof *influence);
    room = as_take(a->pool, a->room, sizeof *room);
    if (!influence || !room)
        return AS_ENOMEM;
    at.influence = influence;
    if ((rc = m->eval(a, NULL, room, &at)))
        return rc;
    a->out->value = a->out->boot_lo = a->out->boot_hi = at.value;
    a->out->observed = at.observed;
    a->out->expected = at.expected;
    a->out->units = a->units;
    for (uint32_t u = 0; u < a->v->tasks; u++)
        square += influence[u] * influence[u];
    if (a->units > 1)
        a->out->se = sqrt(square * (double)a->units / ((double)a->units - 1));
    as_agree_interval(a->out, a->o->level, a->units);
    return a->o->rounds ? bootstrap(m, a) : AS_OK;
}

static const struct as_agree_method *find(const char *id)
{
    for (size_t k = 0; id && k < METHODS; k++)
        if (strcmp(id, methods[k]->info.id) == 0)
            return methods[k];
    return NULL;
}

int as_agree(const struct as_votes *v, const char *method, const struct as_agree_opts *o,
             struct as_agreement **out)
{
    const struct as_agree_method *m = find(method);
    struct as_pool scratch = { 0 };
    struct as_agree_opts plain;

    *out = NULL;
    as_agree_opts_init(&plain);
    o = o ? o : &plain;
    if (!m)
        return AS_ENOMETHOD;
    if (m->line)
        return AS_EUNFIT;
    struct agree a = { .v = v, .o = o, .pool = &scratch, .id = m->info.id };
    int rc = as_agree_check(o, v->classes);
    if (rc || (rc = as_agree_new(&a.out, &a.kept)))
        return rc;
    a.out->method = m->info.id;
    rc = run(m, &a);
    as_pool_end(&scratch);
    if (rc) {
        as_agreement_free(a.out);
        return rc;
    }
    *out = a.out;
    return AS_OK;
}

/* ------------------------------------------------------------------ numbers */

struct numbers {                    /* a table turned into rows of answers */
    double *value;                  /* distinct, rising */
    uint32_t classes;
    struct as_labels in;
};

static int rows_of(const double *table, uint32_t units, uint32_t raters, struct as_pool *p,
                   struct numbers *x)
{
    size_t n = 0, all = (size_t)units * raters, distinct = 0;
    uint32_t *task = as_take(p, all, sizeof *task), *worker = as_take(p, all, sizeof *worker);
    uint16_t *label = as_take(p, all, sizeof *label);

    x->value = as_take(p, all, sizeof *x->value);
    if (!task || !worker || !label || !x->value)
        return AS_ENOMEM;
    for (size_t k = 0; k < all; k++)
        if (isinf(table[k]))
            return AS_EINVAL;
        else if (!isnan(table[k]))
            x->value[n++] = table[k] + 0.;          /* -0 and 0 are one number */
    if (n)
        qsort(x->value, n, sizeof *x->value, by_size);
    for (size_t k = 0; k < n; k++)
        if (!distinct || x->value[k] > x->value[distinct - 1])
            x->value[distinct++] = x->value[k];
    if (distinct > AS_CLASSES_MAX)
        return AS_ETOOBIG;
    x->classes = (uint32_t)distinct;
    for (size_t k = n = 0; k < all; k++) {
        size_t lo = 0, hi = distinct;
        if (isnan(table[k]))
            continue;
        while (hi - lo > 1) {
            size_t mid = lo + (hi - lo) / 2;
            if (x->value[mid] <= table[k])
                lo = mid;
            else
                hi = mid;
        }
        task[n] = (uint32_t)(k / raters);
        worker[n] = (uint32_t)(k % raters);
        label[n++] = (uint16_t)lo;
    }
    x->in = (struct as_labels){ .n = n, .tasks = units, .workers = raters, .classes = x->classes,
                                .task = task, .worker = worker, .label = label };
    return n ? AS_OK : AS_EUNDEFINED;
}

int as_agree_table(const double *table, uint32_t units, uint32_t raters, const char *method,
                   const struct as_agree_opts *o, struct as_agreement **out)
{
    struct as_pool scratch = { 0 };
    struct as_agree_opts with;
    struct as_votes *v = NULL;
    struct numbers x = { 0 };
    int rc = AS_EUNDEFINED;

    *out = NULL;
    if (!find(method))
        return AS_ENOMETHOD;
    as_agree_opts_init(&with);
    if (o)
        with = *o;
    if (units && raters)
        rc = rows_of(table, units, raters, &scratch, &x);
    if (!rc)
        rc = as_votes_new(&x.in, AS_KEEP_LAST, &v, NULL);
    if (!rc) {
        with.value = with.value ? with.value : x.value;
        rc = as_agree(v, method, &with, out);
    }
    as_votes_free(v);
    as_pool_end(&scratch);
    return rc;
}

/* ------------------------------------------------------------------ spans */

int as_agree_spans(const struct as_continuum *c, const char *method, const struct as_agree_opts *o,
                   struct as_agreement **out)
{
    const struct as_agree_method *m = find(method);
    struct as_pool scratch = { 0 };
    struct as_agree_opts plain;
    struct line l = { .pool = &scratch };

    *out = NULL;
    as_agree_opts_init(&plain);
    l.o = o ? o : &plain;
    if (!m)
        return AS_ENOMETHOD;
    if (!m->line)
        return AS_EUNFIT;
    int rc = as_agree_check(l.o, 0);
    if (rc || (rc = as_agree_new(&l.out, &l.kept)))
        return rc;
    l.out->method = m->info.id;
    rc = as_line_fill(c, &l);
    if (!rc)
        rc = m->line(&l);
    as_pool_end(&scratch);
    if (rc) {
        as_agreement_free(l.out);
        return rc;
    }
    *out = l.out;
    return AS_OK;
}
