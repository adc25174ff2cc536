/*
 * demo_work.c -- people label: lease, draft, heartbeat, submit, all over HTTP.
 *
 * One after the other, each a task at a time, so that every run lends the same
 * tasks to the same people.  In each project everybody walks away from one
 * task, skips one, and sends one answer twice.
 */
#include "cli/demo.h"
#include "cli/door.h"
#include "domain/audit.h"
#include "domain/lease.h"

#include <time.h>

/*
 * Which of somebody's turns in a project goes which way.  They skip one after
 * the other: a skipped task comes back first, and if all skipped in one round
 * it would be the same task for all, which nobody could answer then.
 */
#define TURN_TWICE 2
#define TURN_ABANDON 3
#define TURN_SKIP(who) (3 + (who))

#define SETTLE_SECONDS 60

struct turn {
    struct demo *d;
    struct demo_project *p;
    struct ctx *cx;             /* of this turn */
    int who, item;
    int64_t lease, epoch;
};

static int call(struct turn *t, const char *method, const char *verb, json_t *body, int want,
                json_t **out)
{
    const char *token = t->d->person[t->who].token;
    const char *path = talloc_asprintf(t->cx->mem, "/api/leases/%lld/%s", (long long)t->lease,
                                       verb);

    return hclient_json(t->cx, t->d->http, token, method, path, body, want, out);
}

static int beat(struct turn *t, int want)
{
    return call(t, "POST", "heartbeat", json_pack("{s:I}", "epoch", (json_int_t)t->epoch), want,
                NULL);
}

/* ---- walking away ----------------------------------------------------------------------- */

/* Time passes: this one act believes that it is six minutes later. */
static int lapse(struct ctx *cx, int64_t project)
{
    const int64_t later = LEASE_TTL_MS + 60 * 1000;
    int n;

    cx->now += later;
    n = lease_expire(cx, project);
    cx->now -= later;
    return n < 0 ? n : audit(cx, project, "lease.expire", 0, "{\"expired\":%d}", n);
}

DOOR(lapse, int64_t project;, a->project)

static int abandon(struct turn *t)
{
    int rc = DO(t->d->cli->st, t->cx, ACT_WRITE, lapse, t->p->id);

    if (rc < 0)
        return rc;
    t->p->abandoned++;
    /* Who comes back too late hears so. */
    return beat(t, 409);
}

static int skip(struct turn *t)
{
    t->p->skips++;
    return call(t, "POST", "skip",
                json_pack("{s:I, s:s, s:s}", "epoch", (json_int_t)t->epoch, "reason", "unclear",
                          "note", "I cannot tell."),
                200, NULL);
}

/* ---- answering -------------------------------------------------------------------------- */

static int64_t active_ms(const struct turn *t)
{
    return 3000 + (t->item * 977 + t->who * 3571) % 25000;
}

static int save_draft(struct turn *t, json_t *result)
{
    return call(t, "PUT", "draft",
                json_pack("{s:I, s:i, s:I, s:O}", "epoch", (json_int_t)t->epoch, "counter", 1,
                          "active_ms", (json_int_t)active_ms(t) / 2, "result", result),
                200, NULL);
}

/* A bad network: the same request again, and once more without its key.  Nothing may be new. */
static int send_again(struct turn *t, struct hcall *c, const struct hanswer *first, int64_t id)
{
    struct hanswer again;
    json_t *o;
    int rc = hclient_call(t->cx, t->d->http, c, &again);

    if (rc < 0)
        return rc;
    if (again.status != first->status || again.n != first->n ||
        memcmp(again.body, first->body, first->n) != 0)
        return fail(t->cx, E_INVALID, "%s sent twice with one Idempotency-Key: %d %s, then %d %s",
                    c->path, first->status, first->body, again.status, again.body);
    c->key = NULL;
    if ((rc = hclient_call(t->cx, t->d->http, c, &again)) < 0 ||
        (rc = json_read(t->cx, again.body, again.n, &o)) < 0)
        return rc;
    if (again.status != 200 || json_int(o, "annotation", 0) != id)
        return fail(t->cx, E_INVALID, "%s sent twice with one unique_id: %d %s", c->path,
                    again.status, again.body);
    t->p->repeats++;
    return 0;
}

static int submit(struct turn *t, json_t *result, bool twice)
{
    const char *name = talloc_asprintf(t->cx->mem, "demo-%lld-%d-%d", (long long)t->p->id, t->who,
                                       t->item);
    const char *body = json_text(t->cx, json_keep(t->cx, json_pack(
        "{s:I, s:I, s:s, s:O}", "epoch", (json_int_t)t->epoch,
        "active_ms", (json_int_t)active_ms(t), "unique_id", name, "result", result)));
    struct hcall c = {.method = "POST", .token = t->d->person[t->who].token, .key = name,
                      .body = body, .nbody = strlen(body)};
    struct hanswer a;
    struct demo_sent *s;
    json_t *o;
    int rc;

    c.path = talloc_asprintf(t->cx->mem, "/api/leases/%lld/submit", (long long)t->lease);
    if ((rc = hclient_call(t->cx, t->d->http, &c, &a)) < 0 ||
        (rc = json_read(t->cx, a.body, a.n, &o)) < 0)
        return rc;
    if (a.status != 200 || !json_flag(o, "counted", false))
        return fail(t->cx, E_INVALID, "%s: %d %s", c.path, a.status, a.body);
    s = &t->p->sent[t->p->nsent++];
    *s = (struct demo_sent){.annotation = json_int(o, "annotation", 0), .item = t->item,
                            .who = t->who,
                            .result = talloc_strdup(t->d->cx->mem, json_text(t->cx, result))};
    return twice ? send_again(t, &c, &a, s->annotation) : 0;
}

static int answer(struct turn *t, bool twice)
{
    json_t *result = demo_answer(t->cx, t->p->e, t->item, t->who, t->d->person[t->who].skill);
    int rc;

    if ((rc = save_draft(t, result)) < 0 ||
        (rc = beat(t, 200)) < 0)
        return rc;
    return submit(t, result, twice);
}

/* ---- turns ------------------------------------------------------------------------------ */

/* 1 a task is lent, 0 there is none for this person. */
static int claim(struct turn *t)
{
    struct hcall c = {.method = "POST", .token = t->d->person[t->who].token, .body = "{\"n\":1}",
                      .nbody = 7};
    struct hanswer a;
    json_t *list, *one;
    int rc;

    c.path = talloc_asprintf(t->cx->mem, "/api/projects/%lld/leases", (long long)t->p->id);
    if ((rc = hclient_call(t->cx, t->d->http, &c, &a)) < 0)
        return rc;
    if (a.status == 204)
        return 0;
    if ((rc = json_read(t->cx, a.body, a.n, &list)) < 0)
        return rc;
    one = json_array_get(list, 0);
    if (a.status != 200 || !one)
        return fail(t->cx, E_INVALID, "%s: %d %s", c.path, a.status, a.body);
    t->lease = json_int(one, "lease", 0);
    t->epoch = json_int(one, "epoch", 0);
    t->item = demo_find(t->p->e, json_object_get(json_object_get(one, "task"), "data"));
    return t->item >= 0 ? 1 : fail(t->cx, E_INVALID, "%s lent a task that nobody imported.",
                                   c.path);
}

/* 1 something was done, 0 there is nothing left for this person. */
static int take_turn(struct turn *t, int nth)
{
    int rc = claim(t);

    if (rc <= 0)
        return rc;
    if (nth == TURN_ABANDON)
        rc = abandon(t);
    else if (nth == TURN_SKIP(t->who))
        rc = skip(t);
    else
        rc = answer(t, nth == TURN_TWICE);
    return rc < 0 ? rc : 1;
}

static int one_turn(struct demo *d, struct demo_project *p, int who, int nth)
{
    struct ctx *cx = ctx_new(d->cx->mem);
    struct turn t = {.d = d, .p = p, .cx = cx, .who = who};
    int rc;

    cx->who = d->cx->who;
    rc = demo_stopped() ? fail(cx, E_INVALID, "Stopped.") : take_turn(&t, nth);
    if (rc < 0)
        fail(d->cx, rc, "%s, working in \"%s\": %s", d->person[who].name, p->e->title,
             cx->why ? cx->why : err_word(rc));
    ctx_free(cx);
    return rc;
}

int demo_label(struct demo *d, struct demo_project *p, int most)
{
    int turns[DEMO_PEOPLE] = {0}, all = p->e->nitems * DEMO_OVERLAP, busy, rc;
    const char *what = talloc_asprintf(d->cx->mem, "Labelling \"%s\"", p->e->title);

    most = most && most < all ? most : all;
    do {
        busy = 0;
        for (int i = 0; i < DEMO_PEOPLE && p->nsent < most; i++) {
            if (d->person[i].skill <= 0)
                continue;
            if ((rc = one_turn(d, p, i, ++turns[i])) < 0)
                return rc;
            busy += rc;
            demo_progress(d, what, p->nsent, most);
        }
    } while (busy);
    if (p->nsent < most)
        return fail(d->cx, E_INVALID, "\"%s\": %d answers were given instead of %d.", p->e->title,
                    p->nsent, most);
    demo_step(d, "Labelled \"%s\": %d answers, %d skipped, %d given up, %d sent twice", p->e->title,
              p->nsent, p->skips, p->abandoned, p->repeats);
    return 0;
}

/* ---- consensus -------------------------------------------------------------------------- */

static int look(struct demo *d, struct demo_project *p)
{
    struct ctx *cx = ctx_new(d->cx->mem);
    const char *path = talloc_asprintf(cx->mem, "/api/projects/%lld/agreement", (long long)p->id);
    json_t *o = NULL, *overall;
    int rc = hclient_json(cx, d->http, d->person[0].token, "GET", path, NULL, 200, &o);

    if (rc < 0)
        fail(d->cx, rc, "%s", cx->why);
    overall = json_object_get(o, "overall");
    p->settled = (int)json_int(overall, "n", 0);
    p->agreement = json_num(overall, "value", -1);
    ctx_free(cx);
    return rc;
}

int demo_settle(struct demo *d)
{
    const struct timespec pause = {.tv_nsec = 200 * 1000000};
    int have, want, rc;

    for (int i = 0; i < SETTLE_SECONDS * 5; i++) {
        have = want = 0;
        for (int k = 0; k < DEMO_PROJECTS; k++) {
            if (d->project[k].settled < d->example[k].nitems && (rc = look(d, &d->project[k])) < 0)
                return rc;
            have += d->project[k].settled;
            want += d->example[k].nitems;
        }
        demo_progress(d, "Waiting for consensus", have, want);
        if (have == want) {
            demo_step(d, "Consensus: %d tasks settled", have);
            return 0;
        }
        if (demo_stopped())
            return fail(d->cx, E_INVALID, "Stopped.");
        nanosleep(&pause, NULL);
    }
    return fail(d->cx, E_INVALID, "After %d seconds only %d of %d tasks have a consensus.",
                SETTLE_SECONDS, have, want);
}
