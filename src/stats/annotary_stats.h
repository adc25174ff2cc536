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
 *             use(r->label[0], r->confidence[0]);
 *
 * Ids are 0 … count-1; the caller maps names to ids.  The order of the classes is the caller's,
 * and it breaks every tie: the lowest id wins, and the task is marked tied.
 * The same input, options and seed give the same bytes.
 */
#ifndef ANNOTARY_STATS_H
#define ANNOTARY_STATS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define AS_VERSION 1                /* grows when a result may change for the same input */

enum as_code {
    AS_OK = 0,
    AS_EINVAL = -1,                 /* an id, a number or an option out of range */
    AS_ENOMEM = -2,
    AS_ETOOBIG = -3,                /* above a limit of this header */
    AS_EDUPLICATE = -4,             /* AS_REJECT, and somebody answered twice */
    AS_ENOMETHOD = -5,              /* no method of this name */
    AS_EUNFIT = -6,                 /* the method needs what this input lacks (gold, two answers) */
    AS_EUNDEFINED = -7,             /* the figure does not exist, e.g. alpha of a single class */
    AS_ENOTMONOTONE = -8,           /* an objective fell: a mistake of ours */
    AS_EINTERNAL = -9,              /* a posterior that does not sum to one: ours too */
};

/* One plain sentence for a code, never NULL. */
const char *as_text(int code);

/* ------------------------------------------------------------------ input */

#define AS_ABSTAIN       0xffff     /* as a label: no answer; as an answer: none was reached */
#define AS_CLASSES_MAX   65535      /* classes 0 … 65534 */
#define AS_DENSE_CLASSES 64         /* up to here the posterior is a full table, above it sparse */
#define AS_ROWS_MAX      ((size_t)1 << 36)

struct as_labels {
    size_t n;                       /* rows */
    uint32_t tasks, workers, classes;
    const uint32_t *task, *worker;  /* [n] */
    const uint16_t *label;          /* [n], a class or AS_ABSTAIN */
    const float *weight;            /* [n] finite and >= 0; NULL: 1 each */
    const int64_t *time;            /* [n] decides what is "last"; NULL: the order of the rows */
    const uint16_t *gold;           /* [tasks] the known class or AS_ABSTAIN; NULL: nothing known */
};

/* What to do when one worker answered one task more than once.  This is settled first, then
   abstains are dropped; so an abstain that is a worker's last word takes the answer back. */
enum as_duplicates { AS_KEEP_LAST, AS_KEEP_FIRST, AS_KEEP_ALL, AS_REJECT };

struct as_fault {                   /* where the input is wrong; UINT32_MAX: does not apply */
    size_t row;                     /* SIZE_MAX: no single row */
    uint32_t task, worker;
    const char *why;
};

struct as_votes;                    /* checked, free of duplicates, sorted by task and worker */

/* AS_EINVAL, AS_EDUPLICATE, AS_ETOOBIG (*fault says where, if given), AS_ENOMEM.  O(rows). */
int as_votes_new(const struct as_labels *in, enum as_duplicates policy, struct as_votes **out,
                 struct as_fault *fault);
void as_votes_free(struct as_votes *v);

struct as_votes_info {
    size_t rows, kept, abstained, duplicates;
    uint32_t tasks, workers, classes, empty_tasks, gold_tasks;
    uint64_t digest;                /* of the votes as kept: for logs and caches, no secret */
};
void as_votes_info(const struct as_votes *v, struct as_votes_info *out);

/* ------------------------------------------------------------------ one answer per task */

enum as_ties { AS_TIE_LOWEST, AS_TIE_UNDECIDED };

struct as_opts {                    /* as_opts_init first; a method ignores what it does not use */
    uint64_t seed;
    int max_iter;                   /* 500 */
    double tol;                     /* 1e-7 of objective gain per label */
    double prior;                   /* -1: the method's own default; 0: none */
    const double *class_prior;      /* [classes] positive; NULL: the method's own */
    enum as_ties ties;
    int clamp_gold;                 /* 1: a task whose class is known answers with it */
    double level;                   /* .95: of the intervals in the worker table */
    int restarts;                   /* 0: the method's own default */
    int threads;                    /* 1; the result never depends on it */
    int (*progress)(void *arg, int iteration, double objective);    /* non-zero: stop now */
    void *progress_arg;
};
void as_opts_init(struct as_opts *o);

enum as_flag {                      /* per task */
    AS_TIED = 1,                    /* two classes share the top */
    AS_NO_VOTES = 2,                /* nobody answered; label is AS_ABSTAIN, q is the class prior */
    AS_GOLD = 4,                    /* the answer is the known one */
};

struct as_worker {
    uint64_t n;                     /* answers counted */
    double skill, lo, hi;           /* share right, and where it may lie at opts.level */
    double weight;                  /* of one vote in the method's last step */
};

struct as_result {                  /* everything belongs to the result; as_result_free ends it */
    const char *method;
    int version;
    uint32_t tasks, workers, classes;
    uint64_t seed, digest;

    uint16_t *label;                /* [tasks], AS_ABSTAIN where undecided */
    double *confidence;             /* [tasks] probability of the top class */
    double *margin;                 /* [tasks] distance to the second */
    float *entropy;                 /* [tasks] natural logarithm */
    uint8_t *flags;                 /* [tasks] enum as_flag */

    float *q;                       /* [tasks * classes], rows sum to 1; NULL when sparse */
    const size_t *q_start;          /* sparse: row i is q_class/q_value[q_start[i]] … */
    uint32_t *q_len;                /*         … q_len[i] of them */
    uint16_t *q_class;
    float *q_value;
    double *class_share;            /* [classes] the class prior as fitted; sums to 1 */

    struct as_worker *worker;       /* [workers] */
    double *confusion;              /* [workers * classes * classes] or NULL */
    int params;                     /* the method's own figures per worker … */
    const char *const *param_name;  /* [params] */
    double *param;                  /* [workers * params] or NULL */

    int iterations, converged, stopped;
    double *trace;                  /* [trace_n] objective per iteration; trace_n 0: it has none */
    int trace_n;
};

/* The registry, in the order of agg.def; NULL past the end. */
struct as_method_info {
    const char *id, *title, *paper, *about;
    int needs_gold;
};
const struct as_method_info *as_method(unsigned at);

/* AS_ENOMETHOD, AS_EUNFIT, AS_EINVAL (options), AS_ENOMEM. */
int as_aggregate(const struct as_votes *v, const char *method, const struct as_opts *o,
                 struct as_result **out);
void as_result_free(struct as_result *r);

/* P(task has class k), whether the posterior is dense or sparse.  0 for ids out of range. */
double as_q(const struct as_result *r, uint32_t task, uint32_t k);

/* ------------------------------------------------------------------ agreement */

#define AS_PAIR_WORK_MAX 4000000000ull      /* sum over tasks of answers squared */

struct as_pair {
    uint32_t a, b;                  /* a < b */
    uint64_t common, agree;         /* tasks both answered; answered alike */
};

/* Every pair of workers that shares a task, sorted by (a, b); end with as_pairs_free.
   AS_EUNFIT on votes that kept duplicates, AS_ETOOBIG, AS_ENOMEM. */
int as_pairs_new(const struct as_votes *v, struct as_pair **out, size_t *n);
void as_pairs_free(struct as_pair *pairs);

struct as_alpha {
    double alpha, observed, expected;       /* disagreement seen, and by chance */
    uint64_t values, units;                 /* pairable answers, tasks with two or more */
};

/* Krippendorff's alpha for nominal data.  AS_EUNDEFINED when only one class occurs or nothing can
   be paired.  O(votes + classes). */
int as_alpha_nominal(const struct as_votes *v, struct as_alpha *out);

/* Mean of the n*(n-1)/2 entries above the diagonal of an n x n similarity matrix (row-major).
   AS_EUNDEFINED for n < 2, AS_EINVAL unless every one of them is within 0 … 1. */
int as_mean_pairwise(const double *sim, uint32_t n, double *out);

/* ------------------------------------------------------------------ matching */

#define AS_ASSIGN_SIDE_MAX 20000
#define AS_ASSIGN_WORK_MAX 8000000000.0     /* shorter side squared times the longer one */

/* The matching of greatest total weight in an n x m matrix (row-major, finite).  to[i] is the
   column of row i or -1; a pair of weight <= 0 is never matched.  *total may be NULL.
   Jonker and Volgenant's shortest augmenting paths, O(min^2 * max).
   AS_EINVAL, AS_ETOOBIG, AS_ENOMEM. */
int as_assign(const double *weight, uint32_t n, uint32_t m, int32_t *to, double *total);

/* How alike two sets of objects are: optimal matching of pairs with similarity >= floor, then the
   mean over matched pairs and unmatched objects of both sides, an unmatched object adding 0.
   Two empty sets are alike: 1.  Codes as as_assign. */
int as_set_similarity(const double *sim, uint32_t n, uint32_t m, double floor, double *out);

/* ------------------------------------------------------------------ boxes and spans */

#define AS_MERGE_MAX 8192                   /* regions of one task, all workers together */

struct as_box  { double x0, y0, x1, y1; };  /* x0 <= x1, y0 <= y1 */
struct as_span { double start, end; };      /* half open, start <= end */

double as_box_iou(const struct as_box *a, const struct as_box *b);
double as_span_iou(const struct as_span *a, const struct as_span *b);

enum as_fuse { AS_FUSE_DEFAULT, AS_FUSE_MEAN, AS_FUSE_MEDIAN };

struct as_merge_opts {              /* as_merge_opts_init first */
    double iou;                     /* .5: least mean IoU with a group to join it */
    double keep;                    /* .5: a group must be backed by MORE than this share */
    int any_label;                  /* 0: only equal labels meet; 1: the group votes on its label */
    enum as_fuse fuse;              /* default: boxes mean; spans median, an offset somebody gave */
    const double *worker_weight;    /* [answers] >= 0; NULL: 1 each */
};
void as_merge_opts_init(struct as_merge_opts *o);

struct as_group {
    uint16_t label;
    uint32_t backing;               /* workers with a region in it */
    double existence;               /* their share of all answers, by weight */
    double label_share;             /* share of the backing weight that gave this label */
    int tied, kept;
    uint32_t medoid;                /* the region most like the others of the group */
    union { struct as_box box; struct as_span span; } at;
};

struct as_merged {
    uint32_t groups, kept;          /* the kept ones come first, each part as it was founded */
    struct as_group *group;
    int32_t *of;                    /* [n] group of every region given */
};

/*
 * Groups the regions of one task over the `answers` people who looked at it (worker ids
 * 0 … answers-1, also those who drew nothing).  Workers are taken by falling weight, then by id;
 * each one's regions are matched as a whole to the groups so far, so that no group holds two
 * regions of one worker.  Boxes and spans do not depend on the order of the rows; as_merge_regions,
 * for any other shape, asks `iou` and gives no geometry but the medoid.
 * AS_EINVAL, AS_ETOOBIG, AS_ENOMEM.  End with as_merged_free.
 */
int as_merge_boxes(const struct as_box *box, const uint32_t *worker, const uint16_t *label,
                   uint32_t n, uint32_t answers, const struct as_merge_opts *o,
                   struct as_merged **out);
int as_merge_spans(const struct as_span *span, const uint32_t *worker, const uint16_t *label,
                   uint32_t n, uint32_t answers, const struct as_merge_opts *o,
                   struct as_merged **out);
int as_merge_regions(double (*iou)(void *arg, uint32_t a, uint32_t b), void *arg,
                     const uint32_t *worker, const uint16_t *label, uint32_t n, uint32_t answers,
                     const struct as_merge_opts *o, struct as_merged **out);
void as_merged_free(struct as_merged *m);

/* ------------------------------------------------------------------ a made-up crowd */

/* `per_task` answers each from `workers` people on `tasks` tasks of `classes` classes, whose truth
   is known: for tests, demos and benchmarks.  task, worker, label: [tasks * per_task]; truth:
   [tasks]; accuracy: [workers] or NULL.
   AS_EINVAL unless 1 <= per_task <= workers and 2 <= classes <= AS_CLASSES_MAX. */
int as_synth_crowd(uint32_t tasks, uint32_t per_task, uint32_t classes, uint32_t workers,
                   uint64_t seed, uint32_t *task, uint32_t *worker, uint16_t *label,
                   uint16_t *truth, double *accuracy);

/* Uniform in [0, 1): number i of a stream of a seed, without state. */
double as_uniform(uint64_t seed, uint64_t stream, uint64_t i);

#ifdef __cplusplus
}
#endif
#endif
