/*
 * rank_again.c -- the bootstrap for methods that have none of their own: the method runs anew on
 * resampled rows and lists.  Methods that go by the order of the rows see them in the order they
 * were drawn, so their intervals hold the chance of the order too.  Costs rounds times the method.
 */
#include <math.h>
#include <string.h>

#include "stats/chance.h"
#include "stats/rank.h"

struct sample {                     /* a drawn input: the rows, in arrays of its own */
    struct as_duels d;
    uint32_t *left, *right, *judge, *period;
    uint8_t *outcome;
    float *weight;
    size_t *list_start;
    uint32_t *list_item;
};

static int sample_new(const struct as_duels *in, struct as_pool *pool, struct sample *s)
{
    size_t places = in->lists ? in->list_start[in->lists] : 0, longest = 0;

    for (size_t l = 0; l < in->lists; l++) {
        size_t m = in->list_start[l + 1] - in->list_start[l];
        longest = m > longest ? m : longest;
    }
    if (in->lists)                          /* at worst the longest list every time */
        places = longest > AS_RANK_ROWS_MAX / in->lists ? SIZE_MAX / 4 : longest * in->lists;
    s->left = as_take(pool, in->n, sizeof *s->left);
    s->right = as_take(pool, in->n, sizeof *s->right);
    s->judge = as_take(pool, in->n, sizeof *s->judge);
    s->period = as_take(pool, in->n, sizeof *s->period);
    s->outcome = as_take(pool, in->n, sizeof *s->outcome);
    s->weight = as_take(pool, in->n, sizeof *s->weight);
    s->list_start = as_take(pool, in->lists + 1, sizeof *s->list_start);
    s->list_item = as_take(pool, places, sizeof *s->list_item);
    if (!s->left || !s->right || !s->judge || !s->period || !s->outcome || !s->weight
        || !s->list_start || !s->list_item)
        return AS_ENOMEM;
    s->d = *in;
    s->d.styles = 0;
    s->d.left = s->left;
    s->d.right = s->right;
    s->d.judge = in->judge ? s->judge : NULL;
    s->d.period = in->period ? s->period : NULL;
    s->d.outcome = s->outcome;
    s->d.weight = in->weight ? s->weight : NULL;
    s->d.list_start = s->list_start;
    s->d.list_item = s->list_item;
    return AS_OK;
}

/* Rows of a period are drawn from that period, so their order holds. */
static void draw(const struct as_duels *in, struct as_rng *g, struct sample *s)
{
    for (size_t first = 0, end; first < in->n; first = end) {
        end = first + 1;
        while (end < in->n && (!in->period || in->period[end] == in->period[first]))
            end++;
        for (size_t k = first; k < end; k++) {
            size_t from = first + (size_t)as_draw_below(g, end - first);
            s->left[k] = in->left[from];
            s->right[k] = in->right[from];
            s->outcome[k] = in->outcome[from];
            s->judge[k] = in->judge ? in->judge[from] : 0;
            s->period[k] = in->period ? in->period[from] : 0;
            s->weight[k] = in->weight ? in->weight[from] : 1;
        }
    }
    for (size_t l = 0; l < in->lists; l++) {
        size_t from = (size_t)as_draw_below(g, in->lists);
        size_t m = in->list_start[from + 1] - in->list_start[from];
        memcpy(s->list_item + s->list_start[l], in->list_item + in->list_start[from],
               m * sizeof *s->list_item);
        s->list_start[l + 1] = s->list_start[l] + m;
    }
}

int as_rank_again(struct as_ranking *f, const struct as_rank_row *m)
{
    struct as_pool pool = { 0 };
    struct sample s;
    struct as_rank_opts o = *f->opts;
    size_t rounds = (size_t)o.rounds, n = f->in->items;
    double *theta = as_take(&pool, n * rounds, sizeof *theta);
    int rc = theta ? sample_new(f->in, &pool, &s) : AS_ENOMEM;

    o.spread = AS_SPREAD_NONE;
    o.progress = NULL;
    o.prior = m->fixed_scale ? -1 : fmax(f->alpha, .01);    /* a resample may cut an item off */
    for (size_t r = 0; !rc && r < rounds; r++) {
        struct as_rng g = { .seed = o.seed, .stream = r + 1 };
        struct as_rank *one;
        draw(f->in, &g, &s);
        if ((rc = as_rank(&s.d, m->info.id, &o, &one)))
            break;
        for (size_t i = 0; i < n; i++)
            theta[i * rounds + r] = one->item[i].theta;
        as_rank_free(one);
    }
    for (size_t i = 0; !rc && i < n; i++) {
        struct as_ranked *a = &f->out->item[i];
        as_rank_margin(theta + i * rounds, rounds, a->theta, o.level, &a->se, &a->lo, &a->hi);
    }
    f->own_interval = 1;
    as_pool_end(&pool);
    return rc;
}
