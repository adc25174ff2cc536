/* unit.h -- what every unit test starts with: cmocka, a context, two short asserts. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#undef fail            /* ours takes a context and a sentence */

#include "core/ctx.h"

static inline int unit_setup(void **state)
{
    *state = ctx_new(NULL);
    return 0;
}

static inline int unit_teardown(void **state)
{
    ctx_free(*state);
    return 0;
}

#define UNIT(f) cmocka_unit_test_setup_teardown(f, unit_setup, unit_teardown)
#define assert_ok(rc) assert_int_equal((rc), 0)
#define assert_says(cx, part) assert_non_null(strstr((cx)->why ? (cx)->why : "", (part)))

#endif
