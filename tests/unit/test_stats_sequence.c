/* What the statistics room promises of tags on tokens. */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stats/annotary_stats.h"
#include "unit_csv.h"

#define TOKENS 50000
#define ROWS   200000
#define TAGS   16

static const char *names[TAGS];
static struct as_tag tag[TAGS];
static uint32_t tags;
static size_t start[TOKENS];
static struct as_sentences sentences;
static uint16_t truth[TOKENS];
static uint32_t token[ROWS], worker[ROWS];
static uint16_t label[ROWS];
static size_t rows;
static uint32_t tokens, workers;

static void tags_are(const char *const *name, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++)
        names[k] = name[k];
    tags = n;
    assert_int_equal(as_tags_parse(name, n, tag), AS_OK);
    sentences = (struct as_sentences){ .start = start, .tag = tag };
}

static const char *const people_and_places[] = { "B-LOC", "B-PER", "I-LOC", "I-PER", "O" };
enum { BL, BP, IL, IP, O };

static uint16_t tag_id(const char *name)
{
    for (uint32_t k = 0; k < tags; k++)
        if (strcmp(names[k], name) == 0)
            return (uint16_t)k;
    return AS_ABSTAIN;
}

static struct as_votes *votes(void)
{
    struct as_labels in = { .n = rows, .tasks = tokens, .workers = workers, .classes = tags,
                            .task = token, .worker = worker, .label = label };
    struct as_votes *v;

    assert_int_equal(as_votes_new(&in, AS_KEEP_LAST, &v, NULL), AS_OK);
    return v;
}

static struct as_sequence_result *answer(const struct as_votes *v, const char *method,
                                         const struct as_opts *o)
{
    struct as_sequence_result *r;

    assert_int_equal(as_merge_sequence(v, &sentences, method, o, &r), AS_OK);
    for (int k = 1; k < r->trace_n; k++)
        assert_true(r->trace[k] >= r->trace[k - 1] - 1e-6 - 1e-12 * fabs(r->trace[k]));
    for (size_t t = 0; t < r->tokens; t++) {
        double sum = 0;
        for (uint32_t k = 0; k < r->tags; k++)
            sum += r->q[t * r->tags + k];
        assert_true(fabs(sum - 1) < 1e-9);
        assert_true(r->label[t] < r->tags);
    }
    return r;
}

/* ------------------------------------------------------------------ tags and spans */

static void names_of_tags_are_read(void **state)
{
    static const char *const odd[] = { "I-x", "B-", "O", "B-x", "I-", "B-x-y", "NOUN", "I-x-y" };
    static const char *const lost[] = { "O", "I-x" };
    struct as_tag t[8];

    (void)state;
    assert_int_equal(as_tags_parse(odd, 8, t), AS_OK);
    assert_int_equal(t[0].kind, AS_TAG_IN);
    assert_int_equal(t[0].type, t[3].type);
    assert_int_equal(t[1].type, t[4].type);
    assert_int_equal(t[5].type, t[7].type);
    assert_true(t[5].type != t[3].type);
    assert_int_equal(t[2].kind, AS_TAG_OUT);
    assert_int_equal(t[6].kind, AS_TAG_OUT);
    assert_int_equal(as_tags_parse(lost, 2, t), AS_EUNFIT);
}

static void what_begins_nothing_is_made_a_beginning(void **state)
{
    uint16_t said[] = { IP, IP, O, IL, BP, IL, IL, IP, AS_ABSTAIN, IL };
    const uint16_t want[] = { BP, IP, O, BL, BP, BL, IL, BP, AS_ABSTAIN, BL };
    uint8_t flags[10] = { 0 };

    (void)state;
    tags_are(people_and_places, 5);
    start[0] = 0;
    start[1] = 4;
    start[2] = 10;
    sentences.n = 2;
    assert_int_equal(as_tags_repair(&sentences, tags, said, flags), 5);
    assert_memory_equal(said, want, sizeof want);
    assert_int_equal(flags[0], AS_REPAIRED);
    assert_int_equal(flags[1], 0);
    assert_int_equal(as_tags_repair(&sentences, tags, said, NULL), 0);
}

static void spans_are_right_when_all_of_them_is(void **state)
{
    const uint16_t real[] = { BP, IP, O, BL, BL, O, BP, IP, IP, BL, O, IL };
    const uint16_t said[] = { BP, IP, O, BL, IL, O, BP, IP, BP, BP, O, BL };
    struct as_span_score s;

    (void)state;
    tags_are(people_and_places, 5);
    start[0] = 0;
    start[1] = 12;
    sentences.n = 1;
    as_span_scores(&sentences, tags, said, real, &s);
    assert_int_equal(s.truth, 6);
    assert_int_equal(s.said, 6);
    assert_int_equal(s.right, 2);                   /* the first and the last */
    assert_true(fabs(s.f1 - 2 / 6.) < 1e-12);
    as_span_scores(&sentences, tags, real, real, &s);
    assert_true(s.precision == 1 && s.recall == 1 && s.f1 == 1);
    start[1] = 1;                                   /* a span ends with its sentence */
    start[2] = 12;
    sentences.n = 2;
    as_span_scores(&sentences, tags, real, real, &s);
    assert_int_equal(s.truth, 7);
    start[1] = 0;
    sentences.n = 1;
    as_span_scores(&sentences, tags, said, real, &s);
    assert_true(s.truth == 0 && s.f1 == 0 && s.precision == 0);
}

static void the_best_path_is_the_best(void **state)
{
    enum { N = 6, K = 3 };
    double e[N * K], first[K], step[K * K], best = -INFINITY;
    uint16_t path[N];
    struct { uint64_t at; } g = { 0 };

    (void)state;
    for (int c = 0; c < N * K; c++)
        e[c] = log(as_uniform(3, 1, g.at++) + .01);
    for (int c = 0; c < K * K; c++)
        step[c] = log(as_uniform(3, 1, g.at++) + .01);
    for (int k = 0; k < K; k++)
        first[k] = k ? -1 : -INFINITY;
    step[1 * K + 2] = -INFINITY;
    assert_int_equal(as_viterbi(N, K, e, first, step, path), AS_OK);
    double got = first[path[0]] + e[path[0]];
    for (int t = 1; t < N; t++)
        got += step[path[t - 1] * K + path[t]] + e[t * K + path[t]];
    for (int code = 0; code < 729; code++) {        /* all there are */
        int k = code % K, rest = code / K;
        double s = first[k] + e[k];
        for (int t = 1; t < N; t++, rest /= K) {
            s += step[k * K + rest % K] + e[t * K + rest % K];
            k = rest % K;
        }
        best = s > best ? s : best;
    }
    assert_true(fabs(best - got) < 1e-12);
    assert_int_equal(as_viterbi(0, K, e, first, step, path), AS_OK);
    assert_int_equal(as_viterbi(N, 0, e, first, step, path), AS_EINVAL);
    first[1] = first[2] = -INFINITY;
    assert_int_equal(as_viterbi(N, K, e, first, step, path), AS_EINVAL);    /* no path */
    e[4] = NAN;
    assert_int_equal(as_viterbi(N, K, e, first, step, path), AS_EINVAL);
}

/* ------------------------------------------------------------------ golden folders */

static void csv_open(struct csv *c, const char *folder, const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "%s/tests/golden/stats/sequence/%s%s", getenv("ANNOTARY_SOURCE"),
             folder, name);
    assert_true(csv_read(path, c));
}

static void golden_input(void)
{
    struct csv c, in;
    uint32_t s = UINT32_MAX;

    tags_are(people_and_places, 5);
    csv_open(&c, "", "tokens.csv");
    for (size_t k = 0; k < c.rows; k++) {
        if ((uint32_t)atoi(c.cell[3 * k]) != s)
            start[s = (uint32_t)atoi(c.cell[3 * k])] = k;
        truth[k] = tag_id(c.cell[3 * k + 2]);
    }
    tokens = (uint32_t)c.rows;
    start[sentences.n = s + 1] = tokens;
    csv_open(&in, "", "input.csv");
    rows = in.rows;
    workers = 7;
    for (size_t k = 0; k < rows; k++) {
        token[k] = (uint32_t)(start[atoi(in.cell[4 * k])] + (size_t)atoi(in.cell[4 * k + 1]));
        worker[k] = (uint32_t)atoi(in.cell[4 * k + 2]);
        label[k] = tag_id(in.cell[4 * k + 3]);
    }
    csv_end(&c);
    csv_end(&in);
}

static void equals_golden(const struct as_sequence_result *r, const char *id)
{
    char folder[64];
    struct csv c;

    snprintf(folder, sizeof folder, "%s/", id);
    csv_open(&c, folder, "expected.csv");
    assert_int_equal(c.rows, r->tokens);
    for (size_t k = 0; k < c.rows; k++) {
        assert_string_equal(names[r->label[k]], c.cell[4 * k + 2]);
        assert_true(fabs(r->q[k * r->tags + r->label[k]] - atof(c.cell[4 * k + 3])) < 1e-6);
    }
    csv_end(&c);
    csv_open(&c, folder, "workers.csv");
    assert_int_equal(c.rows, 7);
    for (size_t k = 0; k < c.rows; k++) {
        assert_int_equal(r->worker[k].n, atoi(c.cell[3 * k + 1]));
        assert_true(fabs(r->worker[k].skill - atof(c.cell[3 * k + 2])) < 1e-6);
        assert_true(r->worker[k].lo <= r->worker[k].skill && r->worker[k].skill <= r->worker[k].hi);
    }
    csv_end(&c);
    if (!r->trace_n)
        return;
    csv_open(&c, folder, "objective.csv");
    assert_true(fabs(r->trace[r->trace_n - 1] - atof(c.cell[0])) < 2e-5);
    csv_end(&c);
}

static void every_method_equals_its_golden_folder(void **state)
{
    const struct as_method_info *m;
    struct as_opts o;
    size_t before = 0;

    (void)state;
    golden_input();
    struct as_votes *v = votes();
    as_opts_init(&o);
    o.tol = 0;
    for (unsigned k = 0; (m = as_sequence_method(k)); k++) {
        struct as_sequence_result *r = answer(v, m->id, &o);
        equals_golden(r, m->id);
        size_t right = 0;
        for (uint32_t t = 0; t < tokens; t++)
            right += r->label[t] == truth[t];
        assert_true(right > before);                /* each one better than those before it */
        before = right;
        size_t nobody = start[7] + 1;
        assert_int_equal(r->flags[nobody] & AS_NO_VOTES, AS_NO_VOTES);
        as_sequence_result_free(r);
    }
    as_votes_free(v);
}

/* ------------------------------------------------------------------ laws */

static void the_order_of_rows_and_the_threads_change_nothing(void **state)
{
    static const char *const ids[] = { "token-ds", "hmm", "bsc" };
    struct as_opts o;

    (void)state;
    golden_input();
    for (size_t k = 0; k < 3; k++) {
        struct as_votes *v = votes();
        struct as_sequence_result *a = answer(v, ids[k], NULL), *b;
        as_votes_free(v);
        for (size_t i = 0; i < rows / 2; i++) {     /* backwards */
            size_t j = rows - 1 - i;
            uint32_t t = token[i], w = worker[i];
            uint16_t l = label[i];
            token[i] = token[j], worker[i] = worker[j], label[i] = label[j];
            token[j] = t, worker[j] = w, label[j] = l;
        }
        v = votes();
        as_opts_init(&o);
        o.threads = 3;
        b = answer(v, ids[k], &o);
        as_votes_free(v);
        assert_memory_equal(a->q, b->q, tokens * tags * sizeof *a->q);
        assert_memory_equal(a->label, b->label, tokens * sizeof *a->label);
        assert_int_equal(a->digest, b->digest);
        as_sequence_result_free(a);
        as_sequence_result_free(b);
    }
}

static void names_of_workers_and_tags_mean_nothing(void **state)
{
    static const char *const other[] = { "O", "I-PER", "I-LOC", "B-PER", "B-LOC" };
    static const char *const ids[] = { "hmm", "bsc" };

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        golden_input();
        struct as_votes *v = votes();
        struct as_sequence_result *a = answer(v, ids[k], NULL);
        as_votes_free(v);
        tags_are(other, 5);
        sentences.n = 50;
        for (size_t i = 0; i < rows; i++) {
            label[i] = (uint16_t)(4 - label[i]);
            worker[i] = 6 - worker[i];
        }
        v = votes();
        struct as_sequence_result *b = answer(v, ids[k], NULL);
        as_votes_free(v);
        for (uint32_t t = 0; t < tokens; t++) {
            assert_int_equal(a->label[t], 4 - b->label[t]);
            assert_true(fabs(a->q[t * 5 + a->label[t]] - b->q[t * 5 + b->label[t]]) < 1e-6);
        }
        as_sequence_result_free(a);
        as_sequence_result_free(b);
    }
}

static void tables_and_steps_sum_to_one(void **state)
{
    static const char *const ids[] = { "hmm", "bsc" };

    (void)state;
    golden_input();
    struct as_votes *v = votes();
    for (size_t k = 0; k < 2; k++) {
        struct as_sequence_result *r = answer(v, ids[k], NULL);
        assert_true(r->converged);
        for (size_t row = 0; row < workers * tags + tags + 1; row++) {
            const double *p = row < workers * tags ? r->confusion + row * tags
                                                   : r->transition + (row - workers * tags) * tags;
            double sum = 0;
            for (uint32_t l = 0; l < tags; l++)
                sum += p[l];
            assert_true(fabs(sum - 1) < 1e-9);
        }
        assert_true(r->transition[O * tags + IP] == 0);
        assert_true(r->transition[BL * tags + IP] == 0);
        assert_true(r->transition[BP * tags + IP] > .1);
        assert_true(r->spans[0].f1 > r->spans[6].f1);
        as_sequence_result_free(r);
    }
    as_votes_free(v);
}

static void a_weight_counts_like_so_many_votes(void **state)
{
    static float weight[ROWS];
    struct as_sequence_result *a, *b;
    struct as_votes *v, *twice;
    struct as_opts o;

    (void)state;
    golden_input();
    for (size_t k = 0; k < rows; k++)
        weight[k] = 2;
    struct as_labels in = { .n = rows, .tasks = tokens, .workers = workers, .classes = tags,
                            .task = token, .worker = worker, .label = label, .weight = weight };
    assert_int_equal(as_votes_new(&in, AS_KEEP_LAST, &v, NULL), AS_OK);
    as_opts_init(&o);
    o.tol = 1e-12;
    a = answer(v, "hmm", &o);
    for (size_t k = 0; k < rows; k++) {
        token[rows + k] = token[k];
        worker[rows + k] = worker[k];
        label[rows + k] = label[k];
    }
    in.n = 2 * rows;
    in.weight = NULL;
    assert_int_equal(as_votes_new(&in, AS_KEEP_ALL, &twice, NULL), AS_OK);
    b = answer(twice, "hmm", &o);
    for (size_t c = 0; c < (size_t)tokens * tags; c++)
        assert_true(fabs(a->q[c] - b->q[c]) < 1e-4);
    as_sequence_result_free(a);
    as_sequence_result_free(b);
    as_votes_free(v);
    as_votes_free(twice);
}

static void priors_of_any_size_keep_the_objective_rising(void **state)
{
    static const char *const ids[] = { "token-ds", "hmm", "bsc" };
    static const double prior[] = { 0, .01, 300 };
    struct as_opts o;

    (void)state;
    golden_input();
    struct as_votes *v = votes();
    as_opts_init(&o);
    for (size_t k = 0; k < 9; k++) {
        o.prior = prior[k / 3];
        as_sequence_result_free(answer(v, ids[k % 3], &o));     /* answer() looks at the trace */
    }
    as_votes_free(v);
}

/* ------------------------------------------------------------------ strange input */

static void little_input_gives_an_answer(void **state)
{
    static const char *const one[] = { "O" };
    const struct as_method_info *m;
    struct as_sequence_result *r;

    (void)state;
    for (unsigned k = 0; (m = as_sequence_method(k)); k++) {
        tags_are(people_and_places, 5);
        rows = tokens = sentences.n = 0;
        workers = 1;
        start[0] = 0;
        struct as_votes *v = votes();
        as_sequence_result_free(answer(v, m->id, NULL));        /* nothing at all */
        sentences.n = 2;                            /* an empty sentence, and one without votes */
        start[1] = 0;
        start[2] = tokens = 1;
        workers = 3;
        as_votes_free(v);
        v = votes();
        r = answer(v, m->id, NULL);
        assert_int_equal(r->flags[0] & AS_NO_VOTES, AS_NO_VOTES);
        assert_true(r->worker[2].n == 0 && r->worker[2].skill == .5);
        as_sequence_result_free(r);
        as_votes_free(v);
        rows = 1;                                   /* one vote, which begins with I */
        token[0] = worker[0] = 0;
        label[0] = IL;
        v = votes();
        r = answer(v, m->id, NULL);
        assert_int_equal(r->label[0] == IL || r->label[0] == IP, 0);
        as_sequence_result_free(r);
        as_votes_free(v);
        tags_are(one, 1);                           /* a single tag */
        label[0] = 0;
        start[1] = tokens = sentences.n = 1;
        v = votes();
        as_sequence_result_free(answer(v, m->id, NULL));
        as_votes_free(v);
    }
}

static void wrong_input_gives_a_code(void **state)
{
    static const char *const broken[] = { "O", "B-x" };
    const struct as_method_info *m;
    struct as_sequence_result *r;
    struct as_opts o;

    (void)state;
    rows = tokens = workers = 1;
    token[0] = worker[0] = label[0] = 0;
    for (unsigned k = 0; (m = as_sequence_method(k)); k++) {
        tags_are(broken, 2);
        start[0] = 0;
        start[1] = 2;                               /* sentences longer than the tokens */
        sentences.n = 1;
        struct as_votes *v = votes();
        assert_int_equal(as_merge_sequence(v, &sentences, m->id, NULL, &r), AS_EINVAL);
        assert_null(r);
        start[1] = 1;
        as_opts_init(&o);
        o.tol = NAN;
        assert_int_equal(as_merge_sequence(v, &sentences, m->id, &o, &r), AS_EINVAL);
        assert_int_equal(as_merge_sequence(v, &sentences, "crf", NULL, &r), AS_ENOMETHOD);
        tag[1].kind = AS_TAG_IN;
        assert_int_equal(as_merge_sequence(v, &sentences, m->id, NULL, &r), AS_EUNFIT);
        as_votes_free(v);
    }
    struct as_labels in = { .n = 1, .tasks = 1, .workers = 1, .classes = 2, .task = token,
                            .worker = worker, .label = label };
    struct as_votes *v;
    label[0] = 2;                                   /* a tag outside the set */
    assert_int_equal(as_votes_new(&in, AS_KEEP_LAST, &v, NULL), AS_EINVAL);
}

/* A thousand people on a token, who contradict the chain: sums stay finite. */
static void a_crowd_on_one_token_is_no_trouble(void **state)
{
    (void)state;
    tags_are(people_and_places, 5);
    sentences.n = 1;
    start[0] = 0;
    start[1] = tokens = 4;
    workers = 4000;
    rows = 0;
    for (uint32_t w = 0; w < workers; w++)
        for (uint32_t t = 0; t < 4; t++, rows++) {
            token[rows] = t;
            worker[rows] = w;
            label[rows] = t % 2 ? IL : O;           /* inside a span that nobody began */
        }
    struct as_votes *v = votes();
    static const char *const ids[] = { "hmm", "bsc" };
    for (size_t k = 0; k < 2; k++)
        as_sequence_result_free(answer(v, ids[k], NULL));
    as_votes_free(v);
}

static int stop_at_three(void *arg, int iteration, double objective)
{
    (void)arg;
    (void)objective;
    return iteration == 3;
}

static void a_run_can_be_stopped(void **state)
{
    struct as_opts o;

    (void)state;
    golden_input();
    struct as_votes *v = votes();
    as_opts_init(&o);
    o.progress = stop_at_three;
    struct as_sequence_result *r = answer(v, "bsc", &o);
    assert_true(r->stopped && !r->converged);
    assert_int_equal(r->iterations, 3);
    as_sequence_result_free(r);
    as_votes_free(v);
}

/* ------------------------------------------------------------------ the public set */

static int corpus_read(void)
{
    static const char *const conll[] = { "B-LOC", "B-MISC", "B-ORG", "B-PER", "I-LOC", "I-MISC",
                                         "I-ORG", "I-PER", "O" };
    static uint32_t at[200][2000];                  /* token of a line, plus 1 */
    struct csv c;
    char path[512];
    int doc = -1;

    snprintf(path, sizeof path, "%s/data/ner/conll_crowd_val/tokens.csv",
             getenv("ANNOTARY_TESTDATA"));
    if (!csv_read(path, &c))
        return 0;
    tags_are(conll, 9);
    tokens = 0;
    for (size_t k = 0; k < c.rows; k++) {
        char **row = c.cell + k * c.columns;
        int d = atoi(row[0]), line = atoi(row[1]);
        if (d != doc || atoi(row[2]) < 0)
            start[sentences.n++] = tokens;
        doc = d;
        if (atoi(row[2]) < 0)
            continue;
        truth[tokens] = tag_id(row[3]);
        at[d][line] = ++tokens;
    }
    start[sentences.n] = tokens;
    csv_end(&c);
    snprintf(path, sizeof path, "%s/data/ner/conll_crowd_val/labels.csv",
             getenv("ANNOTARY_TESTDATA"));
    assert_true(csv_read(path, &c));
    workers = 0;
    rows = c.rows;
    for (size_t k = 0; k < c.rows; k++) {
        char **row = c.cell + k * c.columns;
        token[k] = at[atoi(row[0])][atoi(row[1])] - 1;
        worker[k] = (uint32_t)atoi(row[2] + 1);
        workers = worker[k] >= workers ? worker[k] + 1 : workers;
        label[k] = tag_id(row[3]);
    }
    csv_end(&c);
    return 1;
}

static void spans_are_found_at_least_as_well_as_by_the_reference(void **state)
{
    static const struct { const char *id; double least, most; } want[] = {
        { "majority", .66415, .66425 },             /* the reference, to 4 digits */
        { "token-ds", .7175, 1 },
        { "hmm", .7176, 1 },
        { "bsc", .7176, 1 },
    };
    double f1[4];

    (void)state;
    if (!corpus_read()) {
        print_message("skipped: no real data\n");
        skip();
    }
    struct as_votes *v = votes();
    for (size_t k = 0; k < 4; k++) {
        struct as_span_score s;
        clock_t begun = clock();
        struct as_sequence_result *r = answer(v, want[k].id, NULL);
        as_span_scores(&sentences, tags, r->label, truth, &s);
        print_message("  %-8s P %.4f R %.4f F1 %.4f  %.2f s, %d iterations\n", want[k].id,
                      s.precision, s.recall, s.f1, (double)(clock() - begun) / CLOCKS_PER_SEC,
                      r->iterations);
        assert_true(s.f1 >= want[k].least && s.f1 <= want[k].most);
        f1[k] = s.f1;
        as_sequence_result_free(r);
    }
    assert_true(f1[3] > f1[2]);
    as_votes_free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(names_of_tags_are_read),
        UNIT(what_begins_nothing_is_made_a_beginning),
        UNIT(spans_are_right_when_all_of_them_is),
        UNIT(the_best_path_is_the_best),
        UNIT(every_method_equals_its_golden_folder),
        UNIT(the_order_of_rows_and_the_threads_change_nothing),
        UNIT(names_of_workers_and_tags_mean_nothing),
        UNIT(tables_and_steps_sum_to_one),
        UNIT(a_weight_counts_like_so_many_votes),
        UNIT(priors_of_any_size_keep_the_objective_rising),
        UNIT(little_input_gives_an_answer),
        UNIT(wrong_input_gives_a_code),
        UNIT(a_crowd_on_one_token_is_no_trouble),
        UNIT(a_run_can_be_stopped),
        UNIT(spans_are_found_at_least_as_well_as_by_the_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
