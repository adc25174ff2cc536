/* api_about.c -- what the server says about itself. */
#include "domain/run.h"
#include "http/api.h"
#include "http/openapi.h"
#include "http/reply.h"

int about_health(struct rq *r)
{
    static const char up[] = "{\"status\":\"UP\"}";

    return reply_bytes(r, 200, "application/json", up, sizeof up - 1);
}

/*
 * Label Studio's clients look here first: a key "label-studio-enterprise-backend"
 * must be absent, and the names below present.  The number is the release whose
 * interface is spoken.
 */
int about_version(struct rq *r)
{
    static const char speaks[] = "1.22.0";

    return reply_json(r, 200,
                      json_pack("{s:s, s:s, s:s, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}}",
                                "release", speaks, "edition", "Community",
                                "annotary", ANNOTARY_VERSION,
                                "label-studio-os-package", "version", speaks,
                                "label-studio-os-backend", "version", speaks,
                                "label-studio-frontend", "version", speaks,
                                "dm2", "version", speaks,
                                "label-studio-converter", "version", speaks));
}

int about_openapi(struct rq *r)
{
    return reply_json(r, 200, openapi(routes, nroutes));
}

int about_stats(struct rq *r)
{
    struct run_stats s;

    run_stats(r->run, &s);
    return reply_json(r, 200, json_pack("{s:{s:I, s:I, s:I, s:I, s:I}}", "store",
                                        "acts", (json_int_t)s.acts,
                                        "batches", (json_int_t)s.batches,
                                        "largest_batch", (json_int_t)s.largest_batch,
                                        "commit_us", (json_int_t)s.commit_us,
                                        "act_us", (json_int_t)s.fn_us));
}
