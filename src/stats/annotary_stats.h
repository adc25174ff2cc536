/*
 * annotary_stats.h -- many people's answers in, one answer with a probability out.
 *
 * Plain C: arrays in, arrays out.  No global state, no clock, no printing, no database; it never
 * aborts on bad input.  Every function returns AS_OK or a negative code from enum as_code.
 *
 *     struct as_labels in = { .n = n, .tasks = N, .workers = W, .classes = K,
 *                             .task = task, .worker = worker, .label = label };
 *     struct as_votes *v;
 *     struct as_result *r;
 *     struct as_opts o;
 *     as_opts_init(&o);
 *     if ((rc = as_votes_new(&in, AS_KEEP_LAST, &v, NULL)) == 0
 *         && (rc = as_aggregate(v, "wawa", &o, &r)) == 0)
 *             use(r->label[0], as_confidence(r, 0));
 *
 * Ids are 0 … count-1; the caller maps names to ids.  The order of the classes is the caller's,
 * and it breaks every tie: the lowest id wins, and the task is marked tied.
 * The same input, options and seed give the same bytes.
 */
#ifndef ANNOTARY_STATS_H
#define ANNOTARY_STATS_H

#ifdef __cplusplus
extern "C" {
#endif

#include "stats/as_base.h"
#include "stats/as_votes.h"
#include "stats/as_aggregate.h"
#include "stats/as_agree.h"
#include "stats/as_layout.h"
#include "stats/as_masks.h"
#include "stats/as_match.h"
#include "stats/as_merge.h"
#include "stats/as_multi.h"
#include "stats/as_numeric.h"
#include "stats/as_rank.h"
#include "stats/as_online.h"
#include "stats/as_noise.h"
#include "stats/as_sequence.h"
#include "stats/as_synth.h"
#include "stats/as_table.h"
#include "stats/as_weak.h"
#include "stats/as_words.h"

#ifdef __cplusplus
}
#endif
#endif
