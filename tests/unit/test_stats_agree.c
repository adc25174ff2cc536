/* Agreement figures: every published value, and the laws they all obey. */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "stats/annotary_stats.h"

/* ------------------------------------------------------------------ published tables */

/* A rater a line, a unit a column; '.' is missing.  Krippendorff 2011. */
static const char *const krippendorff[] = {
    "123321412...", "1233224125.3", ".3332342251.", "12332441251.", NULL };
/* The example of the Wikipedia page. */
static const char *const wikipedia[] = {
    ".....34121133.3", "1.213343.......", "..21344.21133.4", NULL };
/* Hayes and Krippendorff 2007, p. 84. */
static const char *const hayes[] = {
    "112.001122.01311211000201001111223222221", "1130000.21102311121000302102111122222221",
    "203000222100221123001.30.1012202.2232.21", ".13....0.10022...31.103021122..122...12.",
    "2..0001.2....3112..0.0..2.0..20.2.2222.1", NULL };
/* Fleiss 1971, p. 379. */
static const char *const fleiss1971[] = {
    "422521311511212311215221121215", "423521311542242311235421421235",
    "423523334544244311435444421435", "453543334544344341455454421435",
    "453543534544344351455454425435", "455543544544345552455454545435", NULL };
/* Gwet 2014: four raters; five observers; one of letters each for four and for two raters. */
static const char *const four_raters[] = {
    "123321412...", "1233224125..", ".33323422513", "12332441251.", NULL };
static const char *const five_observers[] = {
    "112.001122.0131", "1130000.2110231", "203000222100221", ".13....0.10022.",
    "2..0001.2....31", NULL };
static const char *const gender[] = {
    "aaaaabbbcaaaaab", "aaaababccaaaaba", "abbcaabbcabbcaa", "ccccaabbcccccaa", NULL };
static const char *const ben_gerry[] = { "aabbdcccedda", "babbbccce.dd", NULL };
/* Krippendorff 1995 A: a line of 24 places, two raters. */
static const char *const digitised[] = {
    "001111111100001111110000", "000011110000000110000000", NULL };

enum { CELLS = 2000 };

/* The figure of a table of one-letter values. */
static struct as_agreement *of(const char *const *rater, const char *method,
                               const struct as_agree_opts *o)
{
    static double x[CELLS];
    uint32_t raters = 0, units = (uint32_t)strlen(rater[0]);
    struct as_agreement *a;

    while (rater[raters])
        raters++;
    for (uint32_t u = 0; u < units; u++)
        for (uint32_t r = 0; r < raters; r++)
            x[u * raters + r] = rater[r][u] == '.' ? NAN : (double)(rater[r][u] - '0');
    assert_int_equal(as_agree_table(x, units, raters, method, o, &a), AS_OK);
    return a;
}

static void near(double got, double want, double by)
{
    if (!(fabs(got - want) <= by))
        print_error("got %.9f, want %.9f\n", got, want);
    assert_true(fabs(got - want) <= by);
}

static struct as_agree_opts plain(void)
{
    struct as_agree_opts o;

    as_agree_opts_init(&o);
    o.rounds = 0;
    return o;
}

static void alpha_equals_what_was_published(void **state)
{
    static const struct { const char *const *table; double nominal, ordinal, interval, ratio; }
    want[] = {
        { krippendorff, .743421, .815388, .849107, .797403 },
        { wikipedia, .691358, .806721, .810845, .808944 },
        { hayes, .476510, .759829, .757378, .662123 },
    };
    struct as_agree_opts o = plain();

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        const double *value = &want[k].nominal;
        for (int d = AS_D_NOMINAL; d <= AS_D_RATIO; d++) {
            o.distance = (enum as_distance)d;
            struct as_agreement *a = of(want[k].table, "alpha", &o);
            near(a->value, value[d], 1e-6);
            near(a->value, 1 - a->observed / a->expected, 1e-12);
            as_agreement_free(a);
        }
    }
}

struct gwet {
    const char *const *table;
    const char *method;
    int weights;
    double value, pa, pe, se, lo, hi;
};

#define I AS_W_IDENTITY
#define L AS_W_LINEAR
#define Q AS_W_QUADRATIC
#define O AS_W_ORDINAL
static const struct gwet published[] = {
    { four_raters, "ac2", I, .775444, .818182, .190321, .14295, .460813, 1 },
    { four_raters, "fleiss", I, .761169, .818182, .238715, .153019, .424376, 1 },
    { four_raters, "alpha", I, .743421, .805, .24, .145574, .419062, 1 },
    { four_raters, "conger", I, .762817, .818182, .233425, .149168, .434501, 1 },
    { four_raters, "bp", I, .772727, .818182, .2, .144717, .454208, 1 },
    { four_raters, "ac2", L, .858739, .939394, .570964, .117329, .6005, 1 },
    { four_raters, "fleiss", L, .817945, .939394, .667101, .148504, .491089, 1 },
    { four_raters, "alpha", L, .800384, .935, .674375, .135478, .498521, 1 },
    { four_raters, "conger", L, .813776, .939394, .674552, .145085, .494446, 1 },
    { four_raters, "bp", L, .848485, .939394, .6, .123356, .57698, 1 },
    { four_raters, "ac2", Q, .914001, .975379, .713704, .103962, .685181, 1 },
    { four_raters, "fleiss", Q, .864935, .975379, .817708, .146034, .543517, 1 },
    { four_raters, "alpha", Q, .849107, .973594, .825, .12913, .561388, 1 },
    { four_raters, "conger", Q, .857711, .975379, .826964, .143671, .541494, 1 },
    { four_raters, "bp", Q, .901515, .975379, .75, .110894, .657438, 1 },
    { four_raters, "ac2", O, .89894, .968182, .685156, .106904, .663647, 1 },
    { four_raters, "fleiss", O, .850206, .968182, .787587, .147036, .526583, 1 },
    { four_raters, "alpha", O, .833638, .965875, .794875, .131073, .541588, 1 },
    { four_raters, "conger", O, .84366, .968182, .796481, .1441, .526498, 1 },
    { four_raters, "bp", O, .886364, .968182, .72, .113906, .635658, 1 },
    { five_observers, "ac2", I, .496622, .615556, .236271, .121973, .235015, .758229 },
    { five_observers, "fleiss", I, .457622, .615556, .291188, .12045, .199282, .715961 },
    { five_observers, "alpha", I, .48053, .627229, .282402, .113508, .237081, .72398 },
    { five_observers, "conger", I, .469274, .615556, .275625, .116663, .219056, .719493 },
    { five_observers, "bp", I, .487407, .615556, .25, .120892, .228121, .746694 },
    { five_observers, "ac2", L, .689639, .860741, .551298, .087691, .501561, .877717 },
    { five_observers, "fleiss", L, .61185, .860741, .641223, .109739, .376484, .847216 },
    { five_observers, "alpha", L, .635208, .86633, .633571, .100045, .420632, .849784 },
    { five_observers, "conger", L, .624052, .860741, .629578, .10587, .396984, .851121 },
    { five_observers, "bp", L, .665778, .860741, .583333, .085677, .48202, .849536 },
    { five_observers, "ac2", Q, .830434, .946173, .68256, .058246, .705507, .95536 },
    { five_observers, "fleiss", Q, .750719, .946173, .78407, .097321, .541987, .959451 },
    { five_observers, "alpha", Q, .771865, .949168, .777183, .086081, .587239, .956491 },
    { five_observers, "conger", Q, .761788, .946173, .774037, .092505, .563385, .960191 },
    { five_observers, "bp", Q, .806222, .946173, .722222, .058595, .680548, .931897 },
    { five_observers, "ac2", O, .785342, .924815, .649745, .068188, .639094, .93159 },
    { five_observers, "fleiss", O, .701221, .924815, .748358, .102969, .480374, .922068 },
    { five_observers, "alpha", O, .723478, .928458, .74128, .092254, .525612, .921344 },
    { five_observers, "conger", O, .713119, .924815, .737922, .098489, .501881, .924357 },
    { five_observers, "bp", O, .759407, .924815, .6875, .067213, .61525, .903565 },
    { gender, "ac1", I, .208081, .455556, .3125, .090697, .013555, .402606 },
    { gender, "fleiss", I, .128889, .455556, .375, .140501, -.172457, .430234 },
    { gender, "alpha", I, .143407, .46463, .375, .140501, -.157938, .444753 },
    { gender, "conger", I, .165721, .455556, .347407, .121206, -.09424, .425682 },
    { gender, "bp", I, .183333, .455556, .333333, .101965, -.035359, .402026 },
    { ben_gerry, "ac1", I, .661442, .727273, .194444, .183962, .256544, 1 },
    { ben_gerry, "fleiss", I, .649351, .727273, .222222, .191296, .228312, 1 },
    { ben_gerry, "alpha", I, .664894, .739669, .22314, .180071, .263669, 1 },
    { ben_gerry, "conger", I, .657143, .727273, .204545, .17943, .262219, 1 },
    { ben_gerry, "bp", I, .659091, .727273, .2, .185272, .25131, 1 },
};
#undef I
#undef L
#undef Q
#undef O

static void gwets_figures_errors_and_intervals_equal_what_was_published(void **state)
{
    static const enum as_distance same[] = { AS_D_NOMINAL, AS_D_LINEAR, AS_D_INTERVAL,
                                             AS_D_ORDINAL_GWET };
    (void)state;
    for (size_t k = 0; k < sizeof published / sizeof *published; k++) {
        const struct gwet *g = &published[k];
        struct as_agree_opts o = plain();
        int alpha = strcmp(g->method, "alpha") == 0;
        if (alpha)
            o.distance = same[g->weights];
        else
            o.weights = (enum as_weights)g->weights;
        struct as_agreement *a = of(g->table, g->method, &o);
        near(a->value, g->value, 1e-6);
        if (!alpha) {
            near(a->observed, g->pa, 1e-6);
            near(a->expected, g->pe, 1e-6);
        }
        near(a->se, g->se, 1e-6);
        near(a->lo, g->lo, 1e-5);
        near(a->hi, g->hi, 1e-5);
        as_agreement_free(a);
    }
}


/* ------------------------------------------------------------------ tables of counts */

/* cell[k * n + l] units that rater one put into class k and rater two into l. */
static struct as_agreement *of_counts(const int *cell, uint32_t n, const char *method,
                                      enum as_weights weights)
{
    static double x[CELLS];
    struct as_agree_opts o = plain();
    struct as_agreement *a;
    uint32_t units = 0;

    for (uint32_t k = 0; k < n * n; k++)
        for (int c = 0; c < cell[k]; c++, units++) {
            x[2 * units] = 1 + k / n;
            x[2 * units + 1] = 1 + k % n;
        }
    o.weights = weights;
    assert_int_equal(as_agree_table(x, units, 2, method, &o, &a), AS_OK);
    return a;
}

static const int gwet2008[] = { 8, 1, 0, 1 }, skewed[] = { 80, 7, 8, 5 },
    cohen37[] = { 25, 12, 3, 13, 2, 15, 12, 16, 2 },
    cohen45[] = { 88, 14, 18, 10, 40, 10, 2, 6, 12 },
    four[] = { 20, 5, 1, 0, 4, 15, 6, 1, 0, 5, 18, 4, 0, 1, 3, 12 },
    five[] = { 15, 4, 1, 0, 0, 3, 12, 4, 1, 0, 1, 3, 14, 3, 1, 0, 1, 3, 10, 2, 0, 0, 1, 2, 8 };

static void tables_of_two_raters_equal_what_was_published(void **state)
{
    static const struct {
        const int *cell;
        uint32_t n;
        const char *method;
        int weights;
        double value, observed, expected, by;
    } want[] = {
        { gwet2008, 2, "ac1", AS_W_IDENTITY, .8658, .9, .255, 5e-5 },
        { gwet2008, 2, "scott", AS_W_IDENTITY, .6078, .9, -1, 5e-5 },
        { skewed, 2, "ac1", AS_W_IDENTITY, .808, .85, .21875, 1e-6 },
        { skewed, 2, "ac2", AS_W_QUADRATIC, .808, .85, .21875, 1e-6 },
        { cohen37, 3, "ac1", AS_W_IDENTITY, -.04797, .29, .3225, 5e-6 },
        { cohen37, 3, "ac2", AS_W_QUADRATIC, .18310, .71, .645, 5e-6 },
        { cohen45, 3, "ac1", AS_W_IDENTITY, .57597, .7, .2925, 5e-6 },
        { cohen45, 3, "ac2", AS_W_QUADRATIC, .63855, .85, .585, 5e-6 },
        { cohen45, 3, "cohen", AS_W_IDENTITY, .492, .7, .41, 5e-4 },
        { four, 4, "ac1", AS_W_IDENTITY, .58046, .684210526, .247294552, 5e-6 },
        { four, 4, "ac2", AS_W_QUADRATIC, .84028, .954385965, .714406484, 5e-6 },
        { five, 5, "ac1", AS_W_IDENTITY, .57997, .662921348, .197497159, 5e-6 },
        { five, 5, "ac2", AS_W_QUADRATIC, .87005, .966292135, .740614348, 5e-6 },
    };
    (void)state;
    for (size_t k = 0; k < sizeof want / sizeof *want; k++) {
        struct as_agreement *a = of_counts(want[k].cell, want[k].n, want[k].method,
                                           (enum as_weights)want[k].weights);
        near(a->value, want[k].value, want[k].by);
        near(a->observed, want[k].observed, 1e-6);
        if (want[k].expected >= 0)
            near(a->expected, want[k].expected, 1e-6);
        as_agreement_free(a);
    }
    struct as_agreement *a = of_counts(cohen45, 3, "cohen", AS_W_IDENTITY);
    near(a->max, .831, 5e-4);
    assert_int_equal(a->pairs, 1);
    assert_int_equal(a->pair[0].units, 200);
    near(a->pair[0].se, a->se, 1e-12);
    as_agreement_free(a);
}

static void fleiss_and_krippendorff_equal_their_papers(void **state)
{
    struct as_agree_opts o = plain();
    struct as_agreement *a = of(fleiss1971, "fleiss", &o);

    (void)state;
    near(a->value, .430245, 1e-6);
    near(a->observed, .5556, 5e-5);
    near(a->expected, .2201, 2e-4);     /* printed from shares of three digits; exact: .21994 */
    as_agreement_free(a);
    a = of(fleiss1971, "alpha", &o);
    near(a->value, .433410, 1e-6);
    as_agreement_free(a);
    a = of(digitised, "cohen", &o);
    near(a->value, .385, 5e-4);
    as_agreement_free(a);
    a = of(digitised, "scott", &o);
    near(a->value, .314, 5e-4);
    as_agreement_free(a);
    a = of(digitised, "alpha", &o);
    near(a->value, .329, 5e-4);
    as_agreement_free(a);
}

/* ------------------------------------------------------------------ golden folders */

static FILE *golden(const char *name)
{
    char path[512], line[128];

    snprintf(path, sizeof path, "%s/tests/golden/stats/agree/%s", getenv("ANNOTARY_SOURCE"), name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));       /* the header */
    return f;
}

static struct as_votes *golden_votes(void)
{
    uint32_t task[200], worker[200];
    uint16_t label[200];
    struct as_votes *v;
    uint32_t n = 0, l;
    FILE *f = golden("ratings.csv");

    for (; fscanf(f, "%u,%u,%u", &task[n], &worker[n], &l) == 3; n++)
        label[n] = (uint16_t)(l - 1);
    fclose(f);
    struct as_labels in = { .n = n, .tasks = 30, .workers = 5, .classes = 4, .task = task,
                            .worker = worker, .label = label };
    assert_int_equal(as_votes_new(&in, AS_REJECT, &v, NULL), AS_OK);
    return v;
}

/* The next cell of a line; an empty one is NaN. */
static double cell(char **at)
{
    char *one = strsep(at, ",\n");

    return one && *one ? strtod(one, NULL) : NAN;
}

static int option_of(const char *name, int alpha)
{
    static const char *const weights[] = { "identity", "linear", "quadratic", "ordinal", NULL };
    static const char *const distance[] = { "nominal", "ordinal", "interval", "ratio",
                                            "ordinal-gwet", NULL };
    const char *const *list = alpha ? distance : weights;

    for (int k = 0; list[k]; k++)
        if (strcmp(list[k], name) == 0)
            return k;
    return 0;
}

static void like_golden(const struct as_agreement *a, char *line)
{
    double want[7];

    for (int k = 0; k < 7; k++)
        want[k] = cell(&line);
    const double got[] = { a->value, a->observed, a->expected, a->se, (double)a->units, a->raters,
                           (double)a->values };
    for (int k = 0; k < 7; k++)
        if (!isnan(want[k]))
            near(got[k], want[k], 2e-9 * fmax(1, fabs(want[k])));
}

static void every_method_equals_its_golden_folder(void **state)
{
    static const double value[] = { 1, 2, 3, 4 };
    struct as_votes *v = golden_votes();
    const struct as_method_info *m;

    (void)state;
    for (unsigned k = 0; (m = as_agree_method(k)); k++) {
        char name[64], line[256];
        if (strcmp(m->id, "alpha-u") == 0 || strcmp(m->id, "gamma") == 0)
            continue;                               /* test_stats_agree_spans.c */
        snprintf(name, sizeof name, "%s/expected.csv", m->id);
        FILE *f = golden(name);
        unsigned rows = 0;
        for (; fgets(line, sizeof line, f); rows++) {
            struct as_agree_opts o = plain();
            struct as_agreement *a;
            char *at = line;
            int option = option_of(strsep(&at, ","), strcmp(m->id, "alpha") == 0);
            o.value = value;
            if (strcmp(m->id, "alpha") == 0)
                o.distance = (enum as_distance)option;
            else
                o.weights = (enum as_weights)option;
            assert_int_equal(as_agree(v, m->id, &o, &a), AS_OK);
            like_golden(a, at);
            as_agreement_free(a);
        }
        fclose(f);
        assert_true(rows >= 1);
    }
    as_votes_free(v);
}

/* ------------------------------------------------------------------ laws */

enum { TASKS = 400, PER = 3, WORKERS = 8, CLASSES = 4, ROWS = TASKS * PER };

struct crowd {
    uint32_t task[ROWS], worker[ROWS];
    uint16_t label[ROWS], truth[TASKS];
    struct as_labels in;
    struct as_votes *v;
};

/* Row k of the made-up crowd goes to place (k * step) % ROWS, its names turned by `turn`. */
static void crowd_new(struct crowd *c, size_t step, uint32_t turn)
{
    static uint32_t task[ROWS], worker[ROWS];
    static uint16_t label[ROWS];

    assert_int_equal(as_synth_crowd(TASKS, PER, CLASSES, WORKERS, 5, task, worker, label, c->truth,
                                    NULL), AS_OK);
    for (size_t k = 0; k < ROWS; k++) {
        size_t to = k * step % ROWS;
        c->task[to] = turn ? TASKS - 1 - task[k] : task[k];
        c->worker[to] = (worker[k] + turn) % WORKERS;
        c->label[to] = (uint16_t)((label[k] + turn) % CLASSES);
    }
    c->in = (struct as_labels){ .n = ROWS, .tasks = TASKS, .workers = WORKERS, .classes = CLASSES,
                                .task = c->task, .worker = c->worker, .label = c->label };
    assert_int_equal(as_votes_new(&c->in, AS_KEEP_LAST, &c->v, NULL), AS_OK);
}

static int on_votes(const struct as_method_info *m)
{
    return strcmp(m->id, "alpha-u") && strcmp(m->id, "gamma");
}

static void order_of_rows_and_threads_change_not_one_bit(void **state)
{
    static struct crowd a, b;
    const struct as_method_info *m;
    struct as_agree_opts o, two;

    (void)state;
    crowd_new(&a, 1, 0);
    crowd_new(&b, 7, 0);
    as_agree_opts_init(&o);
    o.rounds = 50;
    two = o;
    two.threads = 4;
    for (unsigned k = 0; (m = as_agree_method(k)); k++) {
        struct as_agreement *x, *y;
        if (!on_votes(m))
            continue;
        assert_int_equal(as_agree(a.v, m->id, &o, &x), AS_OK);
        assert_int_equal(as_agree(b.v, m->id, &two, &y), AS_OK);
        assert_true(x->value == y->value && x->se == y->se && x->boot_lo == y->boot_lo
                    && x->boot_hi == y->boot_hi && x->boot_se == y->boot_se);
        assert_int_equal(x->rounds, 50);
        as_agreement_free(x);
        as_agreement_free(y);
    }
    as_votes_free(a.v);
    as_votes_free(b.v);
}

static void new_names_change_nothing(void **state)
{
    static struct crowd a, b;
    const struct as_method_info *m;
    struct as_agree_opts o = plain();

    (void)state;
    crowd_new(&a, 1, 0);
    crowd_new(&b, 1, 3);
    for (unsigned k = 0; (m = as_agree_method(k)); k++) {
        struct as_agreement *x, *y;
        if (!on_votes(m))
            continue;
        assert_int_equal(as_agree(a.v, m->id, &o, &x), AS_OK);
        assert_int_equal(as_agree(b.v, m->id, &o, &y), AS_OK);
        near(x->value, y->value, 1e-12);
        near(x->se, y->se, 1e-12);
        as_agreement_free(x);
        as_agreement_free(y);
    }
    as_votes_free(a.v);
    as_votes_free(b.v);
}

static void formula_and_bootstrap_give_like_errors(void **state)
{
    static struct crowd c;
    const struct as_method_info *m;

    (void)state;
    crowd_new(&c, 1, 0);
    for (unsigned k = 0; (m = as_agree_method(k)); k++)
        for (int option = 0; on_votes(m) && option < 4; option++) {
            struct as_agree_opts o;
            struct as_agreement *a;
            as_agree_opts_init(&o);
            o.rounds = 400;
            o.seed = 1;
            if (strcmp(m->id, "ac1"))
                o.weights = (enum as_weights)option;
            o.distance = (enum as_distance)option;
            assert_int_equal(as_agree(c.v, m->id, &o, &a), AS_OK);
            if (fabs(a->boot_se / a->se - 1) > .15)
                print_error("%s %d: se %.5f, bootstrap %.5f\n", m->id, option, a->se, a->boot_se);
            assert_true(fabs(a->boot_se / a->se - 1) < .15);
            assert_true(a->boot_lo < a->value && a->value < a->boot_hi);
            near(a->boot_lo, a->lo, .5 * (a->value - a->lo));
            as_agreement_free(a);
        }
    as_votes_free(c.v);
}

static double squares(void *arg, uint32_t a, uint32_t b)
{
    (*(unsigned *)arg)++;
    return ((double)a - b) * ((double)a - b);
}

static void own_weights_and_distances_equal_the_built_in_ones(void **state)
{
    static struct crowd c;
    double w[CLASSES * CLASSES];
    struct as_agree_opts o = plain(), own;
    struct as_agreement *x, *y;
    unsigned calls = 0;

    (void)state;
    crowd_new(&c, 1, 0);
    for (uint32_t k = 0; k < CLASSES * CLASSES; k++) {
        double off = (double)(k / CLASSES) - k % CLASSES;
        w[k] = 1 - off * off / 9;
    }
    own = o;
    o.weights = AS_W_QUADRATIC;
    o.distance = AS_D_INTERVAL;
    own.weights = AS_W_CUSTOM;
    own.weight = w;
    own.distance = AS_D_CUSTOM;
    own.apart = squares;
    own.arg = &calls;
    static const char *const methods[] = { "conger", "cohen", "ac2", "alpha" };
    for (int k = 0; k < 4; k++) {
        assert_int_equal(as_agree(c.v, methods[k], &o, &x), AS_OK);
        assert_int_equal(as_agree(c.v, methods[k], &own, &y), AS_OK);
        near(x->value, y->value, 1e-12);
        near(x->se, y->se, 1e-12);
        as_agreement_free(x);
        as_agreement_free(y);
    }
    assert_true(calls > 0);
    w[1] = .3;                                      /* no longer symmetric */
    assert_int_equal(as_agree(c.v, "bp", &own, &x), AS_EINVAL);
    assert_null(x);
    as_votes_free(c.v);
}

/* Passonneau's sets: {a}, {a,b}, {b,c}, {c} as bits. */
static void sets_are_compared_by_jaccard_and_masi(void **state)
{
    static const uint64_t set[] = { 1, 3, 6, 4, 0 };
    const uint32_t task[] = { 0, 0, 1, 1, 2, 2 }, worker[] = { 0, 1, 0, 1, 0, 1 };
    const uint16_t label[] = { 0, 1, 1, 2, 3, 3 };
    struct as_labels in = { .n = 6, .tasks = 3, .workers = 2, .classes = 5, .task = task,
                            .worker = worker, .label = label };
    struct as_agree_opts o = plain();
    struct as_agreement *a;
    struct as_votes *v;

    (void)state;
    assert_int_equal(as_votes_new(&in, AS_REJECT, &v, NULL), AS_OK);
    assert_int_equal(as_agree(v, "alpha", &o, &a), AS_OK);
    as_agreement_free(a);
    o.distance = AS_D_JACCARD;
    assert_int_equal(as_agree(v, "alpha", &o, &a), AS_EINVAL);      /* which sets? */
    o.set = set;
    assert_int_equal(as_agree(v, "alpha", &o, &a), AS_OK);
    near(a->observed, (1. / 2 + 2. / 3 + 0) / 3, 1e-12);
    as_agreement_free(a);
    o.distance = AS_D_MASI;
    assert_int_equal(as_agree(v, "alpha", &o, &a), AS_OK);
    near(a->observed, (1 - 1. / 2 * 2 / 3 + 1 - 1. / 3 * 1 / 3 + 0) / 3, 1e-12);
    as_agreement_free(a);
    as_votes_free(v);
}

/* ------------------------------------------------------------------ what has no figure */

static int code_of(const double *x, uint32_t units, uint32_t raters, const char *method,
                   const struct as_agree_opts *o)
{
    struct as_agreement *a;
    int rc = as_agree_table(x, units, raters, method, o, &a);

    if (!rc) {
        assert_true(isfinite(a->value) && isfinite(a->se) && isfinite(a->lo) && isfinite(a->hi));
        assert_true(isfinite(a->boot_lo) && isfinite(a->boot_hi) && isfinite(a->boot_se));
    }
    as_agreement_free(a);
    return rc;
}

static void what_cannot_be_answered_gets_a_clear_code(void **state)
{
    const double none[] = { NAN, NAN }, lone[] = { 1, NAN, NAN, 2 }, same[] = { 2, 2, 2, 2 };
    const double one[] = { 1, 2 }, mixed[] = { 1, 1, 2, 1, 2, 2 }, inf[] = { INFINITY, 1 };
    const struct as_method_info *m;
    struct as_agree_opts o;

    (void)state;
    as_agree_opts_init(&o);
    o.rounds = 20;
    for (unsigned k = 0; (m = as_agree_method(k)); k++) {
        if (!on_votes(m)) {
            assert_int_equal(code_of(mixed, 3, 2, m->id, &o), AS_EUNFIT);
            continue;
        }
        assert_int_equal(code_of(none, 1, 2, m->id, &o), AS_EUNDEFINED);
        assert_int_equal(code_of(none, 0, 0, m->id, &o), AS_EUNDEFINED);
        assert_int_equal(code_of(lone, 2, 2, m->id, &o), AS_EUNDEFINED);
        assert_int_equal(code_of(same, 2, 2, m->id, &o),
                         strcmp(m->id, "percent") ? AS_EUNDEFINED : AS_OK);
        assert_int_equal(code_of(one, 1, 2, m->id, &o), AS_OK);
        assert_int_equal(code_of(mixed, 3, 2, m->id, &o), AS_OK);
        assert_int_equal(code_of(mixed, 6, 1, m->id, &o), AS_EUNDEFINED);
        assert_int_equal(code_of(inf, 1, 2, m->id, &o), AS_EINVAL);
    }
    assert_int_equal(code_of(mixed, 3, 2, "kappa", &o), AS_ENOMETHOD);
    o.weights = AS_W_LINEAR;
    assert_int_equal(code_of(mixed, 3, 2, "ac1", &o), AS_EINVAL);
    o.weights = AS_W_CUSTOM;
    assert_int_equal(code_of(mixed, 3, 2, "ac2", &o), AS_EINVAL);
    as_agree_opts_init(&o);
    o.level = NAN;
    assert_int_equal(code_of(mixed, 3, 2, "alpha", &o), AS_EINVAL);
    as_agree_opts_init(&o);
    o.distance = AS_D_RATIO;
    const double negative[] = { -1, 1, 2, 3 };
    assert_int_equal(code_of(negative, 2, 2, "alpha", &o), AS_EINVAL);
}

static void many_classes_and_kept_duplicates_are_refused_only_where_they_must_be(void **state)
{
    static uint32_t task[40000], worker[40000];
    static uint16_t label[40000];
    struct as_agree_opts o = plain();
    struct as_agreement *a;
    struct as_votes *v;

    (void)state;
    for (uint32_t k = 0; k < 40000; k++) {
        task[k] = k / 2;
        worker[k] = k % 2;
        label[k] = (uint16_t)(k / 2 + (k % 10 == 1));
    }
    struct as_labels in = { .n = 40000, .tasks = 20000, .workers = 2, .classes = 65000,
                            .task = task, .worker = worker, .label = label };
    assert_int_equal(as_votes_new(&in, AS_REJECT, &v, NULL), AS_OK);
    static const char *const fine[] = { "cohen", "scott", "fleiss", "conger", "ac1", "bp",
                                        "alpha" };
    for (int k = 0; k < 7; k++) {
        assert_int_equal(as_agree(v, fine[k], &o, &a), AS_OK);
        near(a->value, .8, .001);
        as_agreement_free(a);
    }
    o.weights = AS_W_LINEAR;
    assert_int_equal(as_agree(v, "fleiss", &o, &a), AS_ETOOBIG);
    o.distance = AS_D_RATIO;
    assert_int_equal(as_agree(v, "alpha", &o, &a), AS_ETOOBIG);
    as_votes_free(v);

    o = plain();
    worker[1] = 0;
    assert_int_equal(as_votes_new(&in, AS_KEEP_ALL, &v, NULL), AS_OK);
    assert_int_equal(as_agree(v, "cohen", &o, &a), AS_EUNFIT);
    assert_int_equal(as_agree(v, "conger", &o, &a), AS_EUNFIT);
    assert_int_equal(as_agree(v, "percent", &o, &a), AS_OK);
    assert_int_equal(a->pairs, 0);
    as_agreement_free(a);
    as_votes_free(v);
}

/* Tables of any shape, mostly small, with gaps, ties and numbers far apart. */
static void no_table_gives_a_figure_that_is_no_number(void **state)
{
    static double x[200];
    static const double odd[] = { 0, -0., 1e-150, 1e150, -1e150, 3, 3, 3, .1, 1e9 };
    const struct as_method_info *m;
    unsigned gave = 0;

    (void)state;
    for (uint32_t round = 0; round < 300; round++) {
        uint64_t seed = 1000 * (uint64_t)round;
        uint32_t raters = 1 + (uint32_t)(as_uniform(seed, 1, 0) * 5);
        uint32_t units = 1 + (uint32_t)(as_uniform(seed, 1, 1) * 12);
        for (uint32_t k = 0; k < units * raters; k++)
            x[k] = as_uniform(seed, 2, k) < .3 ? NAN
                   : round % 3 ? floor(as_uniform(seed, 3, k) * (2 + round % 4))
                   : odd[(size_t)(as_uniform(seed, 3, k) * 10)];
        for (unsigned k = 0; (m = as_agree_method(k)); k++)
            for (int option = 0; on_votes(m) && option <= AS_D_LINEAR; option++) {
                struct as_agree_opts o;
                as_agree_opts_init(&o);
                o.rounds = 5;
                o.distance = (enum as_distance)option;
                o.weights = option <= AS_W_ORDINAL && strcmp(m->id, "ac1")
                            ? (enum as_weights)option : AS_W_IDENTITY;
                gave += code_of(x, units, raters, m->id, &o) == AS_OK;
            }
    }
    assert_true(gave > 5000);
}

/* Each rater is right with probability .8, else wrong at random; classes are equally common.  So
   two agree with .8^2 + .2^2/3, by chance with 1/4, whatever the figure. */
static void intervals_hold_the_figure_of_the_population(void **state)
{
    enum { SAMPLES = 400, EACH = 80 };
    static double x[EACH * 3];
    const struct as_method_info *m;
    double agree = .64 + .04 / 3, truth = (agree - .25) / .75;

    (void)state;
    for (unsigned k = 0; (m = as_agree_method(k)); k++) {
        unsigned covered = 0;
        for (uint32_t s = 0; on_votes(m) && s < SAMPLES; s++) {
            uint64_t seed = 1000 + 1000 * (uint64_t)s;
            struct as_agree_opts o = plain();
            struct as_agreement *a;
            for (uint32_t i = 0; i < EACH * 3; i++) {
                double right = floor(as_uniform(seed, 1, i / 3) * 4);
                double step = as_uniform(seed, 2, i) < .8 ? 0
                              : 1 + floor(as_uniform(seed, 3, i) * 3);
                x[i] = as_uniform(seed, 4, i) < .1 ? NAN : fmod(right + step, 4);
            }
            assert_int_equal(as_agree_table(x, EACH, 3, m->id, &o, &a), AS_OK);
            double want = strcmp(m->id, "percent") ? truth : agree;
            covered += a->lo <= want && want <= a->hi;
            as_agreement_free(a);
        }
        if (on_votes(m))
            near((double)covered / SAMPLES, .95, .03);
    }
}

static void a_pair_of_one_class_is_left_out_of_the_mean(void **state)
{
    static const char *const three[] = { "aaaabbab", "aaaa....", "aaabbbab", NULL };
    struct as_agree_opts o = plain();
    struct as_agreement *a = of(three, "cohen", &o);

    (void)state;
    assert_int_equal(a->pairs, 3);
    assert_true(a->pair[0].undefined);                  /* 0 and 1 both say only a */
    assert_false(a->pair[1].undefined);
    near(a->value, (a->pair[1].value + a->pair[2].value) / 2, 1e-12);
    as_agreement_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(alpha_equals_what_was_published),
        UNIT(gwets_figures_errors_and_intervals_equal_what_was_published),
        UNIT(tables_of_two_raters_equal_what_was_published),
        UNIT(fleiss_and_krippendorff_equal_their_papers),
        UNIT(every_method_equals_its_golden_folder),
        UNIT(order_of_rows_and_threads_change_not_one_bit),
        UNIT(new_names_change_nothing),
        UNIT(formula_and_bootstrap_give_like_errors),
        UNIT(own_weights_and_distances_equal_the_built_in_ones),
        UNIT(sets_are_compared_by_jaccard_and_masi),
        UNIT(what_cannot_be_answered_gets_a_clear_code),
        UNIT(many_classes_and_kept_duplicates_are_refused_only_where_they_must_be),
        UNIT(no_table_gives_a_figure_that_is_no_number),
        UNIT(intervals_hold_the_figure_of_the_population),
        UNIT(a_pair_of_one_class_is_left_out_of_the_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
