/*
 * fuzz_stats_aggregate.c -- few votes of any kind through every method for classes: a code that
 * says what is wrong, or a whole answer.  Never a crash, never NaN, and never one of the two codes
 * that mean a mistake of ours.
 *
 * Bytes: method, classes, tasks, workers, flags, then rows of task, worker, label, weight.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "stats/annotary_stats.h"

#define HEAD 5
#define ROW 4
#define ROWS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void whole(const struct as_result *r)
{
    for (uint32_t t = 0; t < r->tasks; t++) {
        double sum = 0, top = as_confidence(r, t);

        assert(r->label[t] == AS_ABSTAIN || r->label[t] < r->classes);
        assert(top >= 0 && top <= 1 + 1e-9 && as_margin(r, t) >= 0 && as_entropy(r, t) >= 0);
        for (uint32_t k = 0; k < r->classes; k++) {
            double q = as_q(r, t, k);
            assert(q >= 0 && q <= 1 + 1e-9);
            sum += q;
        }
        assert(fabs(sum - 1) < 1e-4);
    }
    for (uint32_t j = 0; j < r->workers; j++) {
        const struct as_worker *w = &r->worker[j];
        assert(w->skill >= 0 && w->skill <= 1 && w->lo <= w->skill && w->hi >= w->skill);
        assert(w->lo >= 0 && w->hi <= 1 && isfinite(w->weight));
        for (int p = 0; r->param && p < r->params; p++)
            assert(isfinite(r->param[(size_t)j * (size_t)r->params + (size_t)p]));
    }
    for (int k = 0; k < r->trace_n; k++)
        assert(isfinite(r->trace[k]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const float weights[] = { 1, 0, .5f, 1e-30f, 1e30f, 3, 1, 1 };
    uint32_t task[ROWS], worker[ROWS];
    uint16_t label[ROWS], gold[16];
    float weight[ROWS];
    unsigned methods = 0;
    struct as_votes *v;
    struct as_result *r;
    struct as_opts o;

    if (n < HEAD)
        return 0;
    while (as_method(methods))
        methods++;
    uint32_t classes = data[4] & 16 ? 70 : 1 + data[1] % 6;
    struct as_labels in = { .tasks = data[2] % 16, .workers = data[3] % 9, .classes = classes,
                            .task = task, .worker = worker, .label = label };
    for (size_t k = HEAD; k + ROW <= n && in.n < ROWS && in.tasks && in.workers; k += ROW) {
        task[in.n] = data[k] % in.tasks;
        worker[in.n] = data[k + 1] % in.workers;
        label[in.n] = (uint16_t)(data[k + 2] % 11 == 10 ? AS_ABSTAIN : data[k + 2] % classes);
        weight[in.n] = weights[data[k + 3] % 8];
        in.n++;
    }
    for (uint32_t t = 0; t < in.tasks; t++)
        gold[t] = (uint16_t)(data[t % n] % 3 ? AS_ABSTAIN : data[t % n] % classes);
    in.weight = data[4] & 1 ? weight : NULL;
    in.gold = data[4] & 2 ? gold : NULL;
    if (as_votes_new(&in, data[4] & 4 ? AS_KEEP_ALL : AS_KEEP_LAST, &v, NULL))
        return 0;
    as_opts_init(&o);
    o.max_iter = 1 + data[1] / 8;
    o.prior = data[4] & 8 ? 0 : -1;
    o.clamp_gold = data[3] > 128;
    o.ties = data[2] > 128 ? AS_TIE_UNDECIDED : AS_TIE_LOWEST;
    o.seed = data[1];
    o.restarts = 1 + data[0] / 100;
    int rc = as_aggregate(v, as_method(data[0] % methods)->id, &o, &r);
    assert(rc != AS_EINTERNAL && rc != AS_ENOTMONOTONE && rc <= 0 && as_text(rc));
    if (rc == AS_OK) {
        whole(r);
        as_result_free(r);
    }
    as_votes_free(v);
    return 0;
}
