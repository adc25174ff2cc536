/* What the statistics room promises of texts that several people wrote. */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stats/annotary_stats.h"
#include "unit_csv.h"

#define ROWS 20000

static struct as_phrase text[ROWS];
static uint32_t task[ROWS], worker[ROWS];
static struct as_texts in;
static struct csv_names tasks, workers;

static struct as_phrase phrase(const char *s)
{
    return (struct as_phrase){ s, strlen(s) };
}

static struct as_text_result *merged(const char *method, const struct as_text_opts *o)
{
    struct as_text_result *r;

    assert_int_equal(as_merge_text(&in, method, o, &r), AS_OK);
    return r;
}

/* One task, answers of workers 0, 1, 2 … */
static void answers_are(const char *const *answer, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        text[k] = phrase(answer[k]);
        task[k] = 0;
        worker[k] = (uint32_t)k;
    }
    in = (struct as_texts){ .n = n, .tasks = 1, .workers = (uint32_t)n, .text = text,
                            .task = task, .worker = worker };
}

static void says(const char *method, const char *want)
{
    struct as_text_result *r = merged(method, NULL);

    assert_string_equal(r->answer[0].text, want);
    assert_int_equal(r->answer[0].length, strlen(want));
    as_text_result_free(r);
}

/* ------------------------------------------------------------------ golden folders */

static void csv_open(struct csv *c, const char *folder, const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "%s/tests/golden/stats/merge/text/%s%s",
             getenv("ANNOTARY_SOURCE"), folder, name);
    assert_true(csv_read(path, c));
}

static void input_is(const struct csv *c)
{
    tasks.n = workers.n = 0;
    assert_true(c->rows < ROWS);
    for (size_t k = 0; k < c->rows; k++) {
        task[k] = csv_id(&tasks, c->cell[3 * k]);
        worker[k] = csv_id(&workers, c->cell[3 * k + 1]);
        text[k] = phrase(c->cell[3 * k + 2]);
    }
    in = (struct as_texts){ .n = c->rows, .tasks = tasks.n, .workers = workers.n, .text = text,
                            .task = task, .worker = worker };
}

static void golden_answers(const struct as_text_result *r, const char *folder)
{
    struct csv c;

    csv_open(&c, folder, "expected.csv");
    assert_int_equal(c.rows, 12);
    for (size_t k = 0; k < c.rows; k++) {
        const struct as_wording *w = &r->answer[csv_id(&tasks, c.cell[4 * k])];
        assert_string_equal(w->text, c.cell[4 * k + 1]);
        /* vectors are floats: the weights of rasa have seven digits */
        assert_true(fabs(w->confidence - atof(c.cell[4 * k + 2])) < 1e-7);
        assert_int_equal(w->tied != 0, atoi(c.cell[4 * k + 3]));
    }
    csv_end(&c);
}

static void every_method_equals_its_golden_folder(void **state)
{
    const struct as_method_info *m;
    struct as_text_opts o;
    struct csv input, c;

    (void)state;
    csv_open(&input, "", "input.csv");
    input_is(&input);
    as_text_opts_init(&o);
    o.tol = 0;                                      /* as long as anything moves */
    for (unsigned k = 0; (m = as_text_method(k)); k++) {
        char folder[64];
        struct as_text_result *r = merged(m->id, &o);
        snprintf(folder, sizeof folder, "%s/", m->id);
        golden_answers(r, folder);
        assert_int_equal(r->answer[csv_id(&tasks, "12")].answers, 0);
        assert_string_equal(r->answer[csv_id(&tasks, "12")].text, "");
        assert_int_equal(r->empty, 2);
        assert_int_equal(r->repeated, 1);
        csv_open(&c, folder, "workers.csv");
        for (size_t row = 0; row < c.rows; row++) {
            const struct as_worker *w = &r->worker[csv_id(&workers, c.cell[3 * row])];
            assert_int_equal(w->n, atoi(c.cell[3 * row + 1]));
            assert_true(fabs(w->skill - atof(c.cell[3 * row + 2])) < 2e-9);
            assert_true(w->lo <= w->skill && w->skill <= w->hi);
        }
        csv_end(&c);
        as_text_result_free(r);
    }
    csv_end(&input);
}

/* ------------------------------------------------------------------ words */

static void plain_is(const char *given, const char *want)
{
    char out[256];

    assert_int_equal(as_words_plain(phrase(given), out, sizeof out), strlen(want));
    assert_string_equal(out, want);
}

static void a_text_is_cut_into_words(void **state)
{
    (void)state;
    plain_is("Don't  STOP,\tnow!", "don't stop now");
    plain_is("sign-boards (two_of)", "sign boards two_of");
    plain_is("\xE2\x80\x9Cquoted\xE2\x80\x9D\xE2\x80\xA6 \xC2\xA3" "5", "quoted 5");
    plain_is("ÄRGER Ñandú ЁЛКА ΩΜΕΓΑ Žižek ŐR", "ärger ñandú ёлка ωμεγα žižek őr");
    plain_is("猫が好き", "猫 が 好 き");
    plain_is("ab\xFFzd \xC3", "ab zd");             /* what is no UTF-8 cuts */
    plain_is("\xED\xA0\x80x\xF4\x90\x80\x80y\xC0\xAFz", "x y z");
    plain_is("", "");
    plain_is(" ... ", "");
}

static void a_plain_text_fits_the_room_it_gets(void **state)
{
    char out[8];

    (void)state;
    for (size_t size = 0; size <= 7; size++) {
        memset(out, 'x', sizeof out);
        assert_int_equal(as_words_plain(phrase("Aé é"), out, size), 6);
        assert_true(size == 0 || strlen(out) < size);
        assert_true(out[size] == 'x');
    }
    as_words_plain(phrase("Aé é"), out, 3);
    assert_string_equal(out, "a");                  /* no half a letter */
}

static void word_errors_are_counted(void **state)
{
    size_t errors, words;

    (void)state;
    assert_int_equal(as_word_errors(phrase("a cat"), phrase("A cat."), &errors, &words), AS_OK);
    assert_int_equal(errors, 0);
    assert_int_equal(words, 2);
    as_word_errors(phrase("a c d"), phrase("a b c"), &errors, &words);
    assert_int_equal(errors, 2);
    as_word_errors(phrase(""), phrase("a b c"), &errors, &words);
    assert_int_equal(errors, 3);
    as_word_errors(phrase("x y"), phrase(""), &errors, &words);
    assert_int_equal(errors, 2);
    assert_int_equal(words, 0);
    as_word_errors(phrase("b a b a b"), phrase("a b a b a"), &errors, &words);
    assert_int_equal(errors, 2);
}

static void gleu_counts_common_runs_of_words(void **state)
{
    double a, b;

    (void)state;
    as_gleu(phrase("the cat sat"), phrase("The cat sat"), &a);
    assert_true(a == 1);
    as_gleu(phrase("the cat sat"), phrase("the dog sat"), &a);
    assert_true(fabs(a - 2 / 6.) < 1e-12);          /* 2 words of 3 + 2 + 1 runs */
    as_gleu(phrase("the the the"), phrase("the"), &a);
    as_gleu(phrase("the"), phrase("the the the"), &b);
    assert_true(a == b && fabs(a - 1 / 6.) < 1e-12);
    as_gleu(phrase(""), phrase("..."), &a);
    assert_true(a == 1);
}

static void the_encoder_gives_a_length_of_one(void **state)
{
    float v[AS_ENCODER_DIMS];
    double sum = 0, some = 0;

    (void)state;
    assert_int_equal(as_text_encode(phrase("Où?"), v), AS_OK);
    for (int k = 0; k < AS_ENCODER_DIMS; k++) {
        sum += (double)v[k] * (double)v[k];
        some += v[k] > 0;
    }
    assert_true(fabs(sum - 1) < 1e-6);
    assert_int_equal((int)some, 5);                 /* "  o", " où", "où?", "ù? ", "?  " */
    assert_true(v[0x19F] >= 0);
}

static void form_is(const char *given, unsigned canon, const char *want)
{
    char out[256], some[8];
    size_t n = as_canonical(phrase(given), canon, out, sizeof out);

    assert_string_equal(out, want);
    assert_int_equal(n, strlen(want));
    assert_int_equal(as_canonical(phrase(given), canon, some, sizeof some), n);
    assert_true(strlen(some) == (n < 7 ? n : 7));
}

static void numbers_have_one_form(void **state)
{
    const unsigned f = AS_CANON_NUMBER | AS_CANON_WORDS;

    (void)state;
    form_is(" 1,000.50 ", f, "1000.5");
    form_is("1e3", f, "1000");
    form_is("+1000.", f, "1000");
    form_is("12,345,678", f, "12345678");
    form_is("-0.0", f, "0");
    form_is(".05", f, "0.05");
    form_is("\xE2\x88\x92" "5.10", f, "-5.1");
    form_is("0.1000000000000000000000000000000000001", f,
            "0.1000000000000000000000000000000000001");
    form_is("1.5e-9", f, "1.5e-9");
    form_is("25e30", f, "2.5e31");
    form_is("5 %", f, "5%");
    form_is("007", f, "007");                       /* a name, not a number */
    form_is("1234,5", f, "1234 5");
    form_is("1.000,5", f, "1 000 5");
    form_is("3 apples", f, "3 apples");
    form_is("1e99999999", f, "1e99999999");
}

static void dates_and_quantities_have_one_form(void **state)
{
    const unsigned d = AS_CANON_DATE | AS_CANON_WORDS, u = AS_CANON_UNIT;

    (void)state;
    form_is("2024-03-05", d, "2024-03-05");
    form_is("5 March 2024", d, "2024-03-05");
    form_is("March 5th, 2024", d, "2024-03-05");
    form_is("5. mar 2024", d, "2024-03-05");
    form_is("2024/3/5", d, "2024-03-05");
    form_is("29 Feb 2024", d, "2024-02-29");
    form_is("29 Feb 2023", d, "29 feb 2023");
    form_is("03/04/2024", d, "03 04 2024");         /* March or April? */
    form_is("5 km", u, "5000 m");
    form_is("5,000 Meters", u, "5000 m");
    form_is("3 in.", u, "0.0762 m");
    form_is("0 kg", u, "0 g");
    form_is("1.5h", u, "5400 s");
    form_is("2 GiB", u, "2147483648 B");
    form_is("5 parsecs", u, "5 parsecs");
    form_is("5 M", u, "5 M");
}

static void json_has_one_form(void **state)
{
    const unsigned j = AS_CANON_JSON;
    char deep[201];

    (void)state;
    form_is("{ \"b\" : 1.0, \"a\": [true, null , {}] }", j, "{\"a\":[true,null,{}],\"b\":1}");
    form_is("{\"a\":{\"z\":1,\"y\":\"\\u00e9\\/\\n\"}}", j,
            "{\"a\":{\"y\":\"\xC3\xA9/\\n\",\"z\":1}}");
    form_is("[\"\\ud83d\\ude00\"]", j, "[\"\xF0\x9F\x98\x80\"]");
    form_is("[1,]", j, "[1,]");                     /* not JSON: as it stands */
    form_is("{\"a\":1,\"a\":2}", j, "{\"a\":1,\"a\":2}");
    form_is("[\"\\ud83d\"]", j, "[\"\\ud83d\"]");
    form_is("[01]", j, "[01]");
    form_is("{\"a\"", j, "{\"a\"");
    memset(deep, '[', 100);
    memset(deep + 100, ']', 100);
    deep[200] = 0;
    form_is(deep, j, deep);
}

static void short_answers_are_counted_by_what_they_mean(void **state)
{
    static const char *const answer[] = { "one thousand", "1,000", "999", "1000.0", "999 ", "1e3" };
    struct as_text_result *r;

    (void)state;
    answers_are(answer, 6);
    r = merged("exact", NULL);
    assert_string_equal(r->answer[0].text, "1,000");
    assert_true(fabs(r->answer[0].confidence - .5) < 1e-12);
    as_text_result_free(r);
}

/* ------------------------------------------------------------------ methods */

static void rover_is_better_than_every_answer(void **state)
{
    static const char *const answer[] = { "a b c x", "a y c d", "z b c d" };
    struct as_text_result *r;

    (void)state;
    answers_are(answer, 3);
    says("rover", "a b c d");
    r = merged("rover", NULL);
    assert_int_equal(r->answer[0].row, SIZE_MAX);
    assert_int_equal(r->answer[0].words, 4);
    for (int k = 0; k < 4; k++)
        assert_true(fabs((double)r->answer[0].share[k] - (k == 2 ? 1 : 2 / 3.)) < 1e-6);
    assert_true(fabs(r->answer[0].confidence - .75) < 1e-12);
    as_text_result_free(r);
}

static void rover_writes_as_people_write(void **state)
{
    static const char *const answer[] = { "\"Is it Anna?\" he asked.", "Is it anna? He asked.",
                                          "\"Is Anna?\" he asked" };
    static const char *const two[] = { "$5, please!", "$5, please!" };
    static const char *const kana[] = { "猫が好き。", "猫が好き", "猫は好き。" };

    (void)state;
    answers_are(answer, 3);
    says("rover", "\"Is it Anna?\" he asked.");
    answers_are(two, 2);
    says("rover", "$5, please!");
    answers_are(kana, 3);
    says("rover", "猫が好き。");
}

static void rover_stays_silent_where_most_are(void **state)
{
    static const char *const answer[] = { "so it rains", "it rains", "it rains" };
    static const char *const apart[] = { "a", "b", "c" };

    (void)state;
    answers_are(answer, 3);
    says("rover", "it rains");
    answers_are(apart, 3);
    says("rover", "a");
}

static void weights_decide_what_counts(void **state)
{
    static const char *const answer[] = { "one", "two", "two" };
    const double weight[] = { 5, 1, 1 }, none[] = { 0, 0, 0 };
    const struct as_method_info *m;
    struct as_text_opts o;

    (void)state;
    answers_are(answer, 3);
    as_text_opts_init(&o);
    for (unsigned k = 0; (m = as_text_method(k)); k++) {
        o.worker_weight = weight;
        struct as_text_result *r = merged(m->id, &o);
        if (k < 2 || k == 4)                        /* rover, medoid, exact */
            assert_string_equal(r->answer[0].text, "one");
        as_text_result_free(r);
        o.worker_weight = none;
        r = merged(m->id, &o);                      /* nobody counts: all count alike */
        assert_string_equal(r->answer[0].text, "two");
        assert_true(r->answer[0].confidence >= 0 && r->answer[0].confidence <= 1);
        as_text_result_free(r);
    }
}

static void skill_is_learned_in_rounds(void **state)
{
    static const char *const answer[] = {
        "one two three", "won too free", "one two three",
        "five six seven", "hive sticks", "five six seven",
        "blue", "red", "green",
    };
    static const char *const ids[] = { "rover", "medoid", "exact" };
    struct as_text_opts o;

    (void)state;
    answers_are(answer, 9);
    for (uint32_t k = 0; k < 9; k++) {
        task[k] = k / 3;
        worker[k] = k % 3;
    }
    in.tasks = in.workers = 3;
    worker[6] = 1;                                  /* whom nobody agrees with comes first */
    worker[7] = 0;
    as_text_opts_init(&o);
    for (size_t k = 0; k < 3; k++) {
        struct as_text_result *r = merged(ids[k], NULL);
        assert_string_equal(r->answer[2].text, "blue");
        assert_true(r->answer[2].tied);
        as_text_result_free(r);
        o.rounds = 3;
        r = merged(ids[k], &o);
        assert_string_equal(r->answer[2].text, "red");
        assert_true(r->worker[1].weight < r->worker[0].weight);
        as_text_result_free(r);
    }
}

static void names_and_order_of_tasks_mean_nothing(void **state)
{
    static struct as_phrase text2[ROWS];
    static uint32_t task2[ROWS], worker2[ROWS];
    const struct as_method_info *m;
    struct csv input;

    (void)state;
    csv_open(&input, "", "input.csv");
    input_is(&input);
    struct as_texts plain = in, other = in;
    size_t n = 0;
    for (uint32_t t = in.tasks; t-- > 0; )          /* tasks backwards, the order in each kept */
        for (size_t k = 0; k < in.n; k++)
            if (task[k] == t) {
                text2[n] = text[k];
                task2[n] = in.tasks - 1 - t;
                worker2[n++] = in.workers - 1 - worker[k];
            }
    other.text = text2;
    other.task = task2;
    other.worker = worker2;
    for (unsigned k = 0; (m = as_text_method(k)); k++) {
        in = plain;
        struct as_text_result *a = merged(m->id, NULL);
        in = other;
        struct as_text_result *b = merged(m->id, NULL);
        for (uint32_t t = 0; t < a->tasks; t++) {
            const struct as_wording *x = &a->answer[t], *y = &b->answer[a->tasks - 1 - t];
            assert_string_equal(x->text, y->text);
            assert_true(fabs(x->confidence - y->confidence) < 1e-6);
            assert_int_equal(x->tied, y->tied);
        }
        for (uint32_t j = 0; j < a->workers; j++)
            assert_true(fabs(a->worker[j].skill - b->worker[a->workers - 1 - j].skill) < 1e-6);
        as_text_result_free(a);
        as_text_result_free(b);
    }
    csv_end(&input);
}

static void a_copy_counts_like_a_weight(void **state)
{
    static const char *const answer[] = { "a b", "a c d", "a c d e", "a b" };
    const double weight[] = { 2, 1, 1 };
    static const char *const ids[] = { "medoid", "rover", "exact" };
    struct as_text_opts o;

    (void)state;
    as_text_opts_init(&o);
    for (size_t k = 0; k < 3; k++) {
        answers_are(answer, 4);
        struct as_text_result *copied = merged(ids[k], NULL);
        answers_are(answer, 3);
        o.worker_weight = weight;
        struct as_text_result *weighed = merged(ids[k], &o);
        assert_string_equal(copied->answer[0].text, weighed->answer[0].text);
        assert_true(fabs(copied->answer[0].confidence - weighed->answer[0].confidence) < 1e-12);
        as_text_result_free(copied);
        as_text_result_free(weighed);
    }
}

static void the_last_answer_of_a_worker_counts(void **state)
{
    static const char *const answer[] = { "no", "no", "yes", "..." };
    const struct as_method_info *m;

    (void)state;
    answers_are(answer, 4);
    worker[2] = 1;                                  /* takes "no" back */
    worker[3] = 0;                                  /* takes everything back */
    for (unsigned k = 0; (m = as_text_method(k)); k++) {
        struct as_text_result *r = merged(m->id, NULL);
        assert_string_equal(r->answer[0].text, "yes");
        assert_int_equal(r->answer[0].answers, 1);
        assert_int_equal(r->repeated, 2);
        assert_int_equal(r->empty, 1);
        assert_int_equal(r->worker[0].n, 0);
        assert_true(r->answer[0].confidence == 1);
        as_text_result_free(r);
    }
}

static void strange_input_gives_an_answer_or_a_code(void **state)
{
    static char longest[100001], many[2 * (AS_WORDS_MAX + 1)];
    const char *const answer[] = { longest, "a", "\xFF\xFE", "" };
    const struct as_method_info *m;
    struct as_text_result *r;
    struct as_text_opts o;

    (void)state;
    memset(longest, 'a', 100000);
    memset(many, 'b', sizeof many);
    for (size_t k = 1; k < sizeof many; k += 2)
        many[k] = ' ';
    for (unsigned k = 0; (m = as_text_method(k)); k++) {
        in = (struct as_texts){ 0 };
        as_text_result_free(merged(m->id, NULL));   /* nothing in, nothing out */
        answers_are(answer, 4);
        r = merged(m->id, NULL);
        assert_int_equal(r->heard, 2);
        as_text_result_free(r);
        answers_are(answer + 2, 2);
        r = merged(m->id, NULL);                    /* no word at all */
        assert_string_equal(r->answer[0].text, "");
        assert_true(r->answer[0].confidence == 0);
        as_text_result_free(r);
        answers_are(answer, 2);
        text[0].text = many;
        text[0].length = sizeof many;
        assert_int_equal(as_merge_text(&in, m->id, NULL, &r), AS_ETOOBIG);
        assert_null(r);
        task[0] = 1;
        assert_int_equal(as_merge_text(&in, m->id, NULL, &r), AS_EINVAL);
    }
    answers_are(answer, 2);
    assert_int_equal(as_merge_text(&in, "best", NULL, &r), AS_ENOMETHOD);
    assert_int_equal(as_merge_text(&in, NULL, NULL, &r), AS_ENOMETHOD);
    as_text_opts_init(&o);
    o.alpha = 0;
    assert_int_equal(as_merge_text(&in, "rasa", &o, &r), AS_EINVAL);
    const float vector[] = { 1, NAN };
    in.vector = vector;
    in.dims = 1;
    assert_int_equal(as_merge_text(&in, "rasa", NULL, &r), AS_EINVAL);
}

static void vectors_of_the_caller_take_the_place_of_ours(void **state)
{
    static const char *const answer[] = { "big", "large", "tiny" };
    const float meaning[] = { 1, 0, .9f, .1f, 0, 1 }, nothing[6] = { 0 };
    struct as_text_result *r;

    (void)state;
    answers_are(answer, 3);
    in.vector = meaning;
    in.dims = 2;
    r = merged("rasa", NULL);
    assert_string_equal(r->answer[0].text, "large");
    assert_true(r->converged);
    as_text_result_free(r);
    in.vector = nothing;
    r = merged("hrrasa", NULL);
    assert_string_equal(r->answer[0].text, "big");
    assert_true(r->answer[0].tied);
    as_text_result_free(r);
}

static int stop_at_two(void *arg, int iteration, double objective)
{
    (void)objective;
    *(int *)arg = iteration;
    return iteration == 2;
}

static void a_run_can_be_stopped(void **state)
{
    static const char *const answer[] = { "a b", "a c", "d b" };
    struct as_text_opts o;
    int last = 0;

    (void)state;
    answers_are(answer, 3);
    as_text_opts_init(&o);
    o.progress = stop_at_two;
    o.progress_arg = &last;
    o.rounds = 9;
    o.tol = 0;
    static const char *const rounds[] = { "rasa", "hrrasa", "medoid", "rover" };
    for (size_t k = 0; k < 4; k++) {
        struct as_text_result *r = merged(rounds[k], &o);
        assert_int_equal(last, 2);
        assert_true(r->stopped);
        assert_true(r->answer[0].length > 0);
        as_text_result_free(r);
    }
}

/* ------------------------------------------------------------------ the public sets */

static const struct {
    const char *name;
    size_t truths;
    double first, oracle, medoid;               /* the reference, to 5 digits */
    double rover, rasa, hrrasa;                 /* to be reached, or better */
} sets[] = {
    { "crowdspeech_dev_clean", 600, .17387, .03759, .06627, .06413, .08662, .08868 },
    { "crowdwsa_j1", 250, .74582, .37333, .60870, .60661, .65468, .66137 },
    { "crowdwsa_t1", 100, .55094, .29340, .51981, .50283, .48585, .49057 },
};

static size_t errors_of(struct as_phrase said, struct as_phrase truth, size_t *words)
{
    size_t errors;

    assert_int_equal(as_word_errors(said, truth, &errors, words), AS_OK);
    return errors;
}

/* Word error rate of the first answer and of the best one. */
static void bounds(const struct csv *truth, size_t truths, double *first, double *oracle)
{
    size_t all = 0, words, of_first = 0, of_best = 0;

    for (size_t k = 0; k < truths; k++) {
        uint32_t t = csv_id(&tasks, truth->cell[2 * k]);
        struct as_phrase right = phrase(truth->cell[2 * k + 1]);
        size_t best = SIZE_MAX, begun = 0;
        for (size_t a = 0; a < in.n; a++) {
            size_t later = a + 1, errors;
            if (task[a] != t)
                continue;
            while (later < in.n && (task[later] != t || worker[later] != worker[a]))
                later++;
            if (later < in.n || !as_words_plain(text[a], NULL, 0))
                continue;
            errors = errors_of(text[a], right, &words);
            best = errors < best ? errors : best;
            of_first += begun ? 0 : errors;
            begun = 1;
        }
        assert_true(begun);
        of_best += best;
        all += words;
    }
    *first = (double)of_first / (double)all;
    *oracle = (double)of_best / (double)all;
}

static double rate(const struct csv *truth, size_t truths, const char *method)
{
    clock_t begun = clock();
    struct as_text_result *r = merged(method, NULL);
    double seconds = (double)(clock() - begun) / CLOCKS_PER_SEC;
    size_t all = 0, errors = 0, words;

    for (int k = 1; k < r->trace_n; k++)
        assert_true(r->trace[k] >= r->trace[k - 1] - 1e-6);
    for (size_t k = 0; k < truths; k++) {
        struct as_phrase right = phrase(truth->cell[2 * k + 1]);
        const struct as_wording *w = &r->answer[csv_id(&tasks, truth->cell[2 * k])];
        errors += errors_of((struct as_phrase){ w->text, w->length }, right, &words);
        all += words;
    }
    print_message("  %-7s %.5f  %.3f s, %d rounds\n", method, (double)errors / (double)all, seconds,
                  r->iterations);
    as_text_result_free(r);
    return (double)errors / (double)all;
}

static void word_error_rates_equal_the_reference(void **state)
{
    (void)state;
    for (size_t s = 0; s < sizeof sets / sizeof *sets; s++) {
        struct csv labels, truth;
        char path[512];
        double first, oracle;
        size_t n = 0;
        snprintf(path, sizeof path, "%s/data/text/%s/labels.csv", getenv("ANNOTARY_TESTDATA"),
                 sets[s].name);
        if (!csv_read(path, &labels)) {
            print_message("skipped: no real data\n");
            skip();
        }
        snprintf(path, sizeof path, "%s/data/text/%s/truth.csv", getenv("ANNOTARY_TESTDATA"),
                 sets[s].name);
        assert_true(csv_read(path, &truth));
        tasks.n = workers.n = 0;
        for (size_t k = 0; k < sets[s].truths; k++)
            csv_id(&tasks, truth.cell[2 * k]);
        for (size_t k = 0; k < labels.rows; k++) {
            uint32_t known = tasks.n;
            task[n] = csv_id(&tasks, labels.cell[3 * k]);
            tasks.n = known;                        /* only tasks whose truth is in the subset */
            if (task[n] >= known)
                continue;
            worker[n] = csv_id(&workers, labels.cell[3 * k + 1]);
            text[n++] = phrase(labels.cell[3 * k + 2]);
        }
        in = (struct as_texts){ .n = n, .tasks = tasks.n, .workers = workers.n, .text = text,
                                .task = task, .worker = worker };
        print_message("%s\n", sets[s].name);
        bounds(&truth, sets[s].truths, &first, &oracle);
        print_message("  first %.5f, oracle %.5f\n", first, oracle);
        assert_true(fabs(first - sets[s].first) < 6e-6);
        assert_true(fabs(oracle - sets[s].oracle) < 6e-6);
        assert_true(fabs(rate(&truth, sets[s].truths, "medoid") - sets[s].medoid) < 6e-6);
        assert_true(rate(&truth, sets[s].truths, "rover") <= sets[s].rover + .002);
        assert_true(rate(&truth, sets[s].truths, "rasa") <= sets[s].rasa);
        assert_true(rate(&truth, sets[s].truths, "hrrasa") <= sets[s].hrrasa);
        csv_end(&labels);
        csv_end(&truth);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(every_method_equals_its_golden_folder),
        UNIT(a_text_is_cut_into_words),
        UNIT(a_plain_text_fits_the_room_it_gets),
        UNIT(word_errors_are_counted),
        UNIT(gleu_counts_common_runs_of_words),
        UNIT(the_encoder_gives_a_length_of_one),
        UNIT(numbers_have_one_form),
        UNIT(dates_and_quantities_have_one_form),
        UNIT(json_has_one_form),
        UNIT(short_answers_are_counted_by_what_they_mean),
        UNIT(rover_is_better_than_every_answer),
        UNIT(rover_writes_as_people_write),
        UNIT(rover_stays_silent_where_most_are),
        UNIT(weights_decide_what_counts),
        UNIT(skill_is_learned_in_rounds),
        UNIT(names_and_order_of_tasks_mean_nothing),
        UNIT(a_copy_counts_like_a_weight),
        UNIT(the_last_answer_of_a_worker_counts),
        UNIT(strange_input_gives_an_answer_or_a_code),
        UNIT(vectors_of_the_caller_take_the_place_of_ours),
        UNIT(a_run_can_be_stopped),
        UNIT(word_error_rates_equal_the_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
