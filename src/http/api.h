/* api.h -- the handlers named in routes.def, by the file that holds them. */
#ifndef HTTP_API_H
#define HTTP_API_H

#include "http/rq.h"

#define HANDLER(name) int name(struct rq *r)

/* api_about.c */
HANDLER(about_health);
HANDLER(about_version);
HANDLER(about_openapi);

#undef HANDLER

#endif
