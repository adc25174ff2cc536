/* fit_run.c -- the pool of one control goes through a method of stats; see fit.h. */
#include <math.h>

#include "core/str.h"
#include "domain/fit_pool.h"
#include "stats/annotary_stats.h"

#define SET_CELLS_MAX (8 * (size_t)POOL_VOTES_MAX)      /* answers times choices */
#define NOT_SURE (-1.0)                                 /* no verdict on this item */

struct fitting {
    struct fits *f;
    struct fit *fit;
    struct pool *p;
    void *mem;                          /* scratch, ends with the fit */
    struct as_opts opts;
};

#define TAKE(x, type, n) talloc_zero_array((x)->mem, type, (unsigned)(n) + 1)
#define KEPT(x, type, n) talloc_zero_array((x)->p, type, (unsigned)(n) + 1)

/* ---- classes in an order that does not depend on who answered first ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp((*(struct named *const *)a)->name, (*(struct named *const *)b)->name);
}

static int by_number(const void *a, const void *b)
{
    double x = strtod((*(struct named *const *)a)->name, NULL);
    double y = strtod((*(struct named *const *)b)->name, NULL);

    return (x > y) - (x < y);
}

static void sort_classes(struct fitting *x)
{
    struct named **all = TAKE(x, struct named *, x->p->nclasses), *e;
    uint32_t n = 0;

    for (e = x->p->classes; e; e = e->hh.next)
        all[n++] = e;
    qsort(all, n, sizeof *all, method_family(x->fit->tag) == METHOD_GRADES ? by_number : by_name);
    x->p->class_name = KEPT(x, const char *, n);
    x->p->rank = KEPT(x, uint32_t, n);
    for (uint32_t k = 0; k < n; k++) {
        x->p->class_name[k] = all[k]->name;
        x->p->rank[all[k]->id] = k;
    }
}

/* ---- skills ---- */

static void keep_skill(struct fitting *x, uint32_t who, uint64_t n, double skill, double lo,
                       double hi, double weight)
{
    if (n == 0)
        return;
    x->fit->skill[x->fit->nskill++] =
        (struct fit_skill){x->f->people->id[who], (int64_t)n, skill, lo, hi};
    x->p->weight[who] = weight >= 0 ? weight : 0;
}

static void keep_workers(struct fitting *x, const struct as_worker *w)
{
    for (uint32_t i = 0; i < x->f->people->n; i++)
        keep_skill(x, i, w[i].n, w[i].skill, w[i].lo, w[i].hi, w[i].skill);
}

/* ---- votes ---- */

/* Of the classes that somebody gave the task, the likeliest; of equal ones the first. */
static void keep_best(struct fitting *x, const struct as_result *r)
{
    struct pool *p = x->p;

    p->best = KEPT(x, uint16_t, p->nitems);
    for (size_t i = 0; i < p->n; i++) {
        const struct vote *v = &p->vote[i];
        uint32_t k = p->rank[v->class];
        double q = as_q(r, v->item, k), top = p->sure[v->item];
        uint16_t said = r->label[v->item];      /* the method's own word, also in a tie */

        if ((top >= 0 && p->best[v->item] == said) ||
            (k != said && (q < top || (q <= top && k > p->best[v->item]))))
            continue;
        p->best[v->item] = (uint16_t)k;
        p->sure[v->item] = q;
    }
}

static int run_votes(struct fitting *x)
{
    struct pool *p = x->p;
    struct as_labels in = {.n = p->n, .tasks = p->nitems, .workers = x->f->people->n,
                           .classes = p->nclasses};
    uint32_t *task = TAKE(x, uint32_t, p->n), *worker = TAKE(x, uint32_t, p->n);
    uint16_t *label = TAKE(x, uint16_t, p->n), *gold = TAKE(x, uint16_t, p->nitems);
    struct as_result *r = NULL;
    struct as_votes *v = NULL;
    int rc;

    if (p->nclasses > AS_CLASSES_MAX)
        return AS_ETOOBIG;
    for (size_t i = 0; i < p->n; i++) {
        task[i] = p->vote[i].item;
        worker[i] = p->vote[i].worker;
        label[i] = (uint16_t)p->rank[p->vote[i].class];
    }
    for (uint32_t i = 0; i < p->nitems; i++)
        gold[i] = i < p->ngold && p->gold[i] ? (uint16_t)p->rank[p->gold[i] - 1] : AS_ABSTAIN;
    in.task = task;
    in.worker = worker;
    in.label = label;
    in.gold = p->ngold ? gold : NULL;
    rc = as_votes_new(&in, AS_KEEP_LAST, &v, NULL);
    if (rc == AS_OK)
        rc = as_aggregate(v, x->fit->method.info->id, &x->opts, &r);
    if (rc == AS_OK) {
        keep_best(x, r);
        keep_workers(x, r->worker);
        x->fit->note = r->note ? talloc_strdup(p, r->note) : "";
    }
    as_result_free(r);
    as_votes_free(v);
    return rc;
}

/* ---- sets: each choice is a yes or no of everybody who answered ---- */

static void keep_sets(struct fitting *x, const struct as_result *r)
{
    struct pool *p = x->p;

    p->in_set = KEPT(x, uint8_t, (size_t)p->nitems * p->nclasses);
    for (uint32_t i = 0; i < p->nitems; i++) {
        p->sure[i] = 1;
        for (uint32_t k = 0; k < p->nclasses; k++) {
            uint32_t cell = i * p->nclasses + k;
            double q = as_q(r, cell, 1);

            p->in_set[cell] = r->label[cell] == 1;
            p->sure[i] = fmin(p->sure[i], p->in_set[cell] ? q : 1 - q);
        }
    }
}

static int run_sets(struct fitting *x)
{
    struct pool *p = x->p;
    const uint32_t K = p->nclasses;
    struct as_result *r = NULL;
    struct as_votes *v = NULL;
    size_t answers = 0, at = 0;
    uint32_t *task, *worker;
    uint16_t *label;
    int rc;

    for (size_t i = 0; i < p->n; i++)
        answers += p->vote[i].class == NOBODY;
    if (answers * K > SET_CELLS_MAX || (size_t)p->nitems * K > SET_CELLS_MAX)
        return AS_ETOOBIG;
    task = TAKE(x, uint32_t, answers * K);
    worker = TAKE(x, uint32_t, answers * K);
    label = TAKE(x, uint16_t, answers * K);
    for (size_t i = 0; i < p->n; i++) {
        const struct vote *one = &p->vote[i];

        if (one->class != NOBODY) {
            label[at - K + p->rank[one->class]] = 1;
            continue;
        }
        for (uint32_t k = 0; k < K; k++, at++) {
            task[at] = one->item * K + k;
            worker[at] = one->worker;
        }
    }
    rc = as_votes_new(&(struct as_labels){.n = at, .tasks = p->nitems * K,
                                          .workers = x->f->people->n, .classes = 2, .task = task,
                                          .worker = worker, .label = label},
                      AS_KEEP_LAST, &v, NULL);
    if (rc == AS_OK)
        rc = as_aggregate(v, x->fit->method.info->id, &x->opts, &r);
    if (rc == AS_OK) {
        keep_sets(x, r);
        keep_workers(x, r->worker);
    }
    as_result_free(r);
    as_votes_free(v);
    return rc;
}

/* ---- numbers, texts ---- */

static int run_numbers(struct fitting *x)
{
    struct pool *p = x->p;
    uint32_t *task = TAKE(x, uint32_t, p->n), *worker = TAKE(x, uint32_t, p->n);
    double *value = TAKE(x, double, p->n);
    struct as_numeric *r = NULL;
    int rc;

    for (size_t i = 0; i < p->n; i++) {
        task[i] = p->vote[i].item;
        worker[i] = p->vote[i].worker;
        value[i] = p->vote[i].number;
    }
    rc = as_numeric(&(struct as_numbers){.n = p->n, .tasks = p->nitems, .workers = x->f->people->n,
                                         .task = task, .worker = worker, .value = value},
                    AS_KEEP_LAST, x->fit->method.info->id, &x->opts, &r, NULL);
    if (rc != AS_OK)
        return rc;
    p->value = KEPT(x, double, p->nitems);
    for (uint32_t i = 0; i < p->nitems; i++) {
        p->value[i] = r->value[i];
        p->sure[i] = r->n[i] ? 1 : NOT_SURE;
    }
    for (uint32_t i = 0; i < x->f->people->n; i++) {
        const struct as_numeric_worker *w = &r->worker[i];

        keep_skill(x, i, w->n, w->spread, w->lo, w->hi, w->weight);
    }
    as_numeric_free(r);
    return AS_OK;
}

static int run_texts(struct fitting *x)
{
    struct pool *p = x->p;
    uint32_t *task = TAKE(x, uint32_t, p->n), *worker = TAKE(x, uint32_t, p->n);
    struct as_phrase *text = TAKE(x, struct as_phrase, p->n);
    struct as_text_result *r = NULL;
    struct as_text_opts o;
    int rc;

    for (size_t i = 0; i < p->n; i++) {
        task[i] = p->vote[i].item;
        worker[i] = p->vote[i].worker;
        text[i] = (struct as_phrase){p->vote[i].text, p->vote[i].length};
    }
    as_text_opts_init(&o);
    o.progress = x->opts.progress;
    o.progress_arg = x->opts.progress_arg;
    rc = as_merge_text(&(struct as_texts){.n = p->n, .tasks = p->nitems,
                                          .workers = x->f->people->n, .text = text, .task = task,
                                          .worker = worker},
                       x->fit->method.info->id, &o, &r);
    if (rc != AS_OK)
        return rc;
    p->text = KEPT(x, const char *, p->nitems);
    for (uint32_t i = 0; i < p->nitems; i++) {
        p->text[i] = talloc_strndup(p, r->answer[i].text, r->answer[i].length);
        p->sure[i] = r->answer[i].answers ? r->answer[i].confidence : NOT_SURE;
    }
    keep_workers(x, r->worker);
    as_text_result_free(r);
    return AS_OK;
}

/* ---- regions ---- */

static void keep_regions(struct fitting *x, const struct as_things *t, const size_t *row)
{
    struct pool *p = x->p;
    uint32_t kept = 0;
    size_t i = 0;

    p->region_start = KEPT(x, uint32_t, p->nitems);
    p->region = KEPT(x, struct verdict_region, t->kept);
    for (uint32_t item = 0; item < p->nitems; item++) {
        double sure = 0, things = 0;

        p->region_start[item] = kept;
        for (; i < t->n && t->thing[i].task == item; i++, things++) {
            const struct as_thing *g = &t->thing[i];
            const struct vote *v = &p->vote[row[g->medoid]];
            struct verdict_region *out = &p->region[kept];

            sure += g->kept ? g->existence : 1 - g->existence;
            if (!g->kept)
                continue;
            kept++;
            *out = (struct verdict_region){.annotation = v->annotation, .item = v->index};
            for (uint32_t k = 0; k < t->numbers; k++)
                out->place[k] = t->place[i * t->numbers + k];
        }
        p->sure[item] = things > 0 ? sure / things : 1;
    }
    p->region_start[p->nitems] = kept;
}

static int run_regions(struct fitting *x)
{
    struct pool *p = x->p;
    bool box = !label_is(x->fit->tag, "Labels");
    struct as_regions in = {.tasks = p->nitems, .workers = x->f->people->n,
                            .shape = box ? AS_SHAPE_BOX : AS_SHAPE_SPAN, .numbers = box ? 4 : 2};
    uint32_t *task = TAKE(x, uint32_t, p->n), *worker = TAKE(x, uint32_t, p->n);
    uint32_t *look_task = TAKE(x, uint32_t, p->n), *look_worker = TAKE(x, uint32_t, p->n);
    uint16_t *label = TAKE(x, uint16_t, p->n);
    size_t *row = TAKE(x, size_t, p->n);
    double *at = TAKE(x, double, p->n * in.numbers);
    struct as_merge_opts o;
    struct as_things *t;
    int rc;

    if (*x->fit->note)
        return AS_EUNFIT;
    if (p->nclasses > AS_CLASSES_MAX)
        return AS_ETOOBIG;
    for (size_t i = 0; i < p->n; i++) {
        const struct vote *v = &p->vote[i];

        if (v->class == NOBODY) {
            look_task[in.looks] = v->item;
            look_worker[in.looks++] = v->worker;
            continue;
        }
        task[in.n] = v->item;
        worker[in.n] = v->worker;
        label[in.n] = (uint16_t)p->rank[v->class];
        for (uint32_t k = 0; k < in.numbers; k++)
            at[in.n * in.numbers + k] = (double)v->place[k];
        row[in.n++] = i;
    }
    in.task = task;
    in.worker = worker;
    in.label = label;
    in.at = at;
    in.look_task = look_task;
    in.look_worker = look_worker;
    as_merge_opts_init(&o);
    o.iou = OPINION_IOU;
    if ((rc = as_merge_all(&in, x->fit->method.info->id, &o, &t)) != AS_OK)
        return rc;
    keep_regions(x, t, row);
    for (uint32_t i = 0; i < x->f->people->n; i++) {
        const struct as_looker *w = &t->worker[i];

        keep_skill(x, i, w->n, w->skill, w->lo, w->hi, w->skill);
    }
    as_things_free(t);
    return AS_OK;
}

/* ---- one control ---- */

static int run(struct fitting *x)
{
    sort_classes(x);
    switch (x->fit->method.engine) {
    case ENGINE_VOTES:
        return method_is_set(x->fit->tag) ? run_sets(x) : run_votes(x);
    case ENGINE_NUMBERS:
        return run_numbers(x);
    case ENGINE_TEXTS:
        return run_texts(x);
    case ENGINE_REGIONS:
        return run_regions(x);
    default:
        return AS_ENOMETHOD;
    }
}

static void explain(struct fitting *x, int rc)
{
    struct fit *fit = x->fit;

    if (rc != AS_OK)
        fit->note = talloc_asprintf(
            x->p, "%s%sSettled by the control's default: %s.", fit->note, *fit->note ? " " : "",
            as_text(rc));
    else if (x->p->bounded)
        fit->note = talloc_asprintf(
            x->p, "%s%sFitted to the first %lld answers; later tasks are settled by the control's "
                  "default, weighted by skill.", fit->note, *fit->note ? " " : "",
            (long long)fit->votes);
}

void fit_one(struct fits *f, struct fit *fit, int (*progress)(void *, int, double), void *arg)
{
    struct fitting x = {.f = f, .fit = fit, .p = fit->pool, .mem = talloc_new(f->cx->mem)};
    int rc = AS_OK;

    as_opts_init(&x.opts);
    x.opts.progress = progress;
    x.opts.progress_arg = arg;
    fit->votes = (int64_t)x.p->n;
    fit->skill = KEPT(&x, struct fit_skill, f->people->n);
    x.p->weight = KEPT(&x, double, f->people->n);
    x.p->sure = KEPT(&x, double, x.p->nitems);
    for (uint32_t i = 0; i < f->people->n; i++)
        x.p->weight[i] = 1;
    for (uint32_t i = 0; i < x.p->nitems; i++)
        x.p->sure[i] = NOT_SURE;
    if (x.p->n)
        rc = run(&x);
    x.p->fitted = rc == AS_OK && x.p->n;
    explain(&x, rc);
    talloc_free(x.mem);
}

struct teller {
    void (*tell)(void *arg);
    void *arg;
};

static int tell_on(void *arg, int iteration, double objective)
{
    struct teller *t = arg;

    (void)iteration;
    (void)objective;
    if (t->tell)
        t->tell(t->arg);
    return 0;
}

int fits_run(struct fits *f, void (*tell)(void *arg), void *arg)
{
    struct teller t = {tell, arg};

    for (int i = 0; i < f->n; i++) {
        tell_on(&t, 0, 0);
        fit_one(f, &f->of[i], tell_on, &t);
    }
    return 0;
}
