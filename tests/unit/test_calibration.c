/* test_calibration.c -- sums of how sure and how right consensus was follow the tasks' rows. */
#include "unit.h"
#include "unit_store.h"

#include "core/rng.h"
#include "domain/calibration.h"
#include "domain/task_set.h"
#include "store/act.h"
#include "store/db.h"

static struct unit_store us;

struct step {
    struct rng *rng;
    int64_t task[8];
    int n;
    int64_t wrong;
    struct calibration_bin *bin;
    int nbin;
};

static int settle(struct ctx *cx, void *arg)
{
    struct step *s = arg;
    struct calibration_change c;
    int rc;

    calibration_begin(&c, cx, 7);
    if ((rc = calibration_forget(&c, tasks_of(cx, s->task, s->n))) < 0)
        return rc;
    for (int i = 0; i < s->n && rc >= 0; i++) {
        const struct certainty of[] = {
            {"kind", (int64_t)rng_below(s->rng, 1000000001),
             (int64_t)rng_below(s->rng, 2) * 1000000000},
            {"box", 1000000000, (int64_t)rng_below(s->rng, 1000000001)},
        };

        rc = calibration_put(&c, s->task[i], of, (int)rng_below(s->rng, 3));
    }
    return rc < 0 ? rc : calibration_end(&c);
}

static int look(struct ctx *cx, void *arg)
{
    struct step *s = arg;
    int rc = calibration_verify(cx, 7, &s->wrong);

    return rc < 0 ? rc : calibration_bins(cx, 7, &s->bin, &s->nbin);
}

static int spoil(struct ctx *cx, void *arg)
{
    (void)arg;
    return db_run(cx, "UPDATE calibration_sum SET fit = fit + 1 WHERE control = 'box'", "");
}

static void sums_follow_the_rows(void **state)
{
    struct ctx *cx = *state;
    struct rng rng = {5};
    struct step s = {.rng = &rng, .n = 8};

    unit_store_open(&us, cx);
    for (int round = 0; round < 30; round++) {
        int64_t first = 1 + (int64_t)rng_below(&rng, 60);

        for (int i = 0; i < s.n; i++)
            s.task[i] = first + i;
        assert_ok(act_run(us.st, cx, ACT_HOUSE, settle, &s));
        assert_ok(act_run(us.st, cx, ACT_READ, look, &s));
        assert_int_equal(s.wrong, 0);
    }
    assert_string_equal(s.bin[0].control, "box");   /* all of them wholly sure: the last tenth */
    assert_int_equal(s.bin[0].tenth, 9);
    assert_true(s.bin[0].sure == 1 && s.bin[0].fit > 0 && s.bin[0].fit < 1);
    for (int i = 1; i < s.nbin; i++) {
        assert_string_equal(s.bin[i].control, "kind");
        assert_true(s.bin[i].sure * 10 >= s.bin[i].tenth &&
                    s.bin[i].sure * 10 <= s.bin[i].tenth + 1);
    }
    assert_true(act_run(us.st, cx, ACT_HOUSE, spoil, &s) >= 0);
    assert_ok(act_run(us.st, cx, ACT_READ, look, &s));
    assert_int_equal(s.wrong, 1);
    unit_store_close(&us);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(sums_follow_the_rows),
    };

    return cmocka_run_group_tests_name("calibration", tests, NULL, NULL);
}
