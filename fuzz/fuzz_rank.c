/*
 * Any bytes as comparisons, lists and options: every method gives finite numbers or one of the
 * codes that speak of the input.  A mistake of ours (AS_EINTERNAL, AS_ENOTMONOTONE) stops the
 * fuzzer.
 */
#include <assert.h>
#include <math.h>

#include "stats/annotary_stats.h"

#define ROWS 48
#define ITEMS 9
#define JUDGES 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static uint32_t left[ROWS], right[ROWS], judge[ROWS], period[ROWS], place[ROWS];
static uint8_t outcome[ROWS];
static float weight[ROWS];
static double x[ROWS * 2];
static size_t start[ROWS + 1];

static const double sizes[] = { 0, 1, -1, .5, 1e-30, 1e6, -1e6, 3 };

static void options(const uint8_t *d, struct as_rank_opts *o)
{
    as_rank_opts_init(o);
    o->max_iter = 1 + d[0] % 64;
    o->prior = d[1] % 4 ? -1 : sizes[d[1] / 4 % 2] * (d[1] & 128 ? 1e-6 : 1);
    o->ties = d[2] & 1;
    o->noise = d[2] >> 1 & 1;
    o->home = d[2] >> 2 & 1;
    o->by_judge = d[2] >> 3 & 1;
    o->spread = (enum as_spread)(d[2] >> 4 & 3);
    o->rounds = 2 + d[3] % 6;
    o->level = (1 + d[3] % 98) / 100.;
    o->elo_k = 1 + d[3];
}

static void rows(const uint8_t *d, size_t n, struct as_duels *in, int styled)
{
    for (size_t k = 0; k < n; k++, d += 4) {
        left[k] = d[0] % ITEMS;
        right[k] = (d[0] / ITEMS) % ITEMS;
        if (left[k] == right[k])
            right[k] = (left[k] + 1) % ITEMS;
        outcome[k] = d[1] % 3;
        judge[k] = d[1] / 3 % JUDGES;
        period[k] = (uint32_t)k / 16;
        weight[k] = (float)fabs(sizes[d[2] % 8]);
        x[2 * k] = sizes[d[3] % 8];
        x[2 * k + 1] = sizes[d[3] / 8 % 8];
    }
    *in = (struct as_duels){ .n = n, .items = ITEMS, .judges = JUDGES, .left = left, .right = right,
                             .outcome = outcome, .judge = judge, .period = period, .weight = weight,
                             .styles = styled ? 2 : 0, .x = x };
}

/* Places one after another; a list ends where an item would stand in it twice. */
static void lists(struct as_duels *in)
{
    uint32_t seen = 0;

    in->lists = 0;
    for (size_t k = 0; k < in->n; k++) {
        place[k] = left[k];
        if (!in->lists || seen & 1u << left[k]) {
            start[in->lists++] = k;
            seen = 0;
        }
        seen |= 1u << left[k];
    }
    start[in->lists] = in->n;
    in->list_start = start;
    in->list_item = place;
}

static void check(const struct as_rank *r)
{
    double p[3];

    for (uint32_t i = 0; i < r->items; i++) {
        const struct as_ranked *a = &r->item[i];
        assert(isfinite(a->theta) && isfinite(a->se) && isfinite(a->raw));
        assert(a->lo <= a->theta && a->theta <= a->hi && isfinite(a->score_lo + a->score_hi));
        assert(a->rank_lo >= 1 && a->rank_lo <= a->rank_hi && a->rank_hi <= r->items);
        assert(as_rank_predict(r, i, (i + 1) % r->items, NULL, p) == AS_OK);
        assert(fabs(p[0] + p[1] + p[2] - 1) < 1e-9);
    }
    for (uint32_t j = 0; r->judge && j < r->judges; j++)
        assert(r->judge[j].lo <= r->judge[j].quality && r->judge[j].quality <= r->judge[j].hi);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct as_duels in;
    struct as_rank_opts o;
    struct as_rank *r;
    const struct as_method_info *m;

    if (n < 5)
        return 0;
    options(data + 1, &o);
    rows(data + 5, (n - 5) / 4 < ROWS ? (n - 5) / 4 : ROWS, &in, data[0] & 1);
    for (unsigned k = 0; (m = as_rank_method(k)); k++) {
        struct as_duels one = in;
        if (data[0] & 2)
            one.weight = NULL;
        if (data[0] & 4 && k == 4)
            lists(&one);
        int rc = as_rank(&one, m->id, &o, &r);
        assert(rc == AS_OK || rc == AS_EINVAL || rc == AS_EUNFIT || rc == AS_EUNDEFINED);
        if (rc == AS_OK) {
            check(r);
            as_rank_free(r);
        }
    }
    return 0;
}
