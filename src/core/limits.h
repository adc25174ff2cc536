/* limits.h -- everything that grows from outside input has a maximum, and it stands in limits.def.
 */
#ifndef CORE_LIMITS_H
#define CORE_LIMITS_H

#include <stdint.h>

#define LIMIT(name, value, unit, what) static const int64_t name __attribute__((unused)) = value;
#include "core/limits.def"
#undef LIMIT

#endif
