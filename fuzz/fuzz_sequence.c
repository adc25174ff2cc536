/*
 * Any bytes as tags on tokens: a byte of options, tags as kind and type up to a 0, then tokens,
 * each a byte of flags (a sentence begins; how many votes) and its votes, a byte each.
 * Every method gives valid rows of tags and probabilities, or a code.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "stats/annotary_stats.h"

#define TAGS   16
#define TOKENS 64
#define VOTES  512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct as_tag tag[TAGS];
static size_t start[TOKENS + 2];
static uint32_t token[VOTES], worker[VOTES];
static uint16_t label[VOTES];

static void run(const struct as_votes *v, const struct as_sentences *s, uint32_t tags,
                const struct as_opts *o)
{
    const struct as_method_info *m;

    for (unsigned i = 0; (m = as_sequence_method(i)); i++) {
        struct as_sequence_result *r;
        int rc = as_merge_sequence(v, s, m->id, o, &r);
        assert(rc != AS_EINTERNAL && rc != AS_ENOTMONOTONE);
        if (rc)
            continue;
        assert(as_tags_repair(s, tags, r->label, NULL) == 0);
        for (size_t c = 0; c < (size_t)r->tokens * tags; c++)
            assert(r->q[c] >= 0 && r->q[c] <= 1 + 1e-9);
        for (uint32_t j = 0; j < r->workers; j++)
            assert(r->worker[j].lo <= r->worker[j].skill && r->worker[j].skill <= r->worker[j].hi);
        as_sequence_result_free(r);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct as_sentences s = { .start = start, .tag = tag };
    uint32_t tags = 0, tokens = 0;
    size_t at = 1, votes = 0;
    struct as_votes *v;
    struct as_opts o;

    if (!n)
        return 0;
    for (; at < n && data[at] && tags < TAGS; at++)
        tag[tags++] = (struct as_tag){ data[at] % 3, data[at] / 3 % 4 };
    for (at++; at < n && tokens < TOKENS && tags; tokens++) {
        uint8_t flags = data[at++];
        if (!tokens || (flags & 1))
            start[s.n++] = tokens;
        for (int k = flags >> 1 & 7; k && at < n && votes < VOTES; k--, at++, votes++) {
            token[votes] = tokens;
            worker[votes] = data[at] >> 4;
            label[votes] = data[at] & 15;
        }
    }
    start[s.n] = tokens;
    struct as_labels in = { .n = votes, .tasks = tokens, .workers = 16, .classes = tags,
                            .task = token, .worker = worker, .label = label };
    if (as_votes_new(&in, data[0] & 1 ? AS_KEEP_ALL : AS_KEEP_LAST, &v, NULL))
        return 0;
    as_opts_init(&o);
    o.max_iter = 30;
    o.prior = data[0] & 2 ? -1 : (double)(data[0] >> 4);
    run(v, &s, tags, &o);
    as_votes_free(v);
    return 0;
}
