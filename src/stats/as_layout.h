/* as_layout.h -- how the structs lie in memory, for other languages (in libannotary_stats only) */
#ifndef STATS_AS_LAYOUT_H
#define STATS_AS_LAYOUT_H

#include "stats/as_base.h"

struct as_field {
    const char *of;                 /* the struct */
    const char *name;               /* its field; NULL: the struct as a whole */
    size_t at, size;                /* bytes from the beginning, bytes long */
};

/* Every struct of this header and after it its fields, as the compiler of the library laid them;
   NULL past the end.  A binding compares them with its own before it makes the first call. */
const struct as_field *as_layout(unsigned at);

#endif
