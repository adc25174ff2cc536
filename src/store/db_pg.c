/* db_pg.c -- the PostgreSQL driver. */
#include "store/driver.h"

int pg_open(struct ctx *cx, const char *address, bool readonly, struct db **out)
{
    (void)address;
    (void)readonly;
    (void)out;
    return fail(cx, E_INVALID, "PostgreSQL is not ready in this version.");
}
