/* serve.c -- see serve.h. */
#include "domain/serve.h"

#include "domain/importer.h"
#include "domain/lease.h"
#include "domain/org.h"
#include "domain/run.h"
#include "domain/setting.h"
#include "domain/worker.h"
#include "store/act.h"

#define JOB_THREADS 2

static int prepare(struct ctx *cx, void *arg)
{
    int rc = secret_ready(cx);

    (void)arg;
    return rc < 0 ? rc : lease_after_restart(cx);
}

static int is_open(struct ctx *cx, void *arg)
{
    int rc = setup_open(cx);

    *(bool *)arg = rc > 0;
    return rc < 0 ? rc : 0;
}

static int begin_setup(struct ctx *cx, void *arg)
{
    return setup_begin(cx, arg);
}

int serve_begin(struct ctx *cx, struct run *run, char **setup, struct workers **workers)
{
    bool open = false;
    int rc;

    *setup = NULL;
    if ((rc = run_wait(run, cx, true, prepare, NULL)) < 0 ||
        (rc = act_run(run_store(run), cx, ACT_READ, is_open, &open)) < 0)
        return rc;
    if (open && (rc = run_wait(run, cx, true, begin_setup, setup)) < 0)
        return rc;
    if ((rc = import_sweep(run, cx)) < 0)
        return rc;
    *workers = workers_start(run, JOB_THREADS);
    return 0;
}

void serve_end(struct workers *workers)
{
    if (workers)
        workers_stop(workers);
}
