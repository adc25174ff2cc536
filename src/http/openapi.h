/* openapi.h -- the route table as an OpenAPI 3.1 document. */
#ifndef HTTP_OPENAPI_H
#define HTTP_OPENAPI_H

#include <jansson.h>

#include "http/route.h"

json_t *openapi(const struct route *table, int n);

#endif
