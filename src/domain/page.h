/* page.h -- one page of a list: never more than LIMIT_PAGE_ROWS rows, 100 when nobody says. */
#ifndef DOMAIN_PAGE_H
#define DOMAIN_PAGE_H

#include "core/limits.h"

static inline int page_rows(int limit)
{
    if (limit < 1)
        return 100;
    return limit > (int)LIMIT_PAGE_ROWS ? (int)LIMIT_PAGE_ROWS : limit;
}

#endif
