/*
 * api_overview.c -- how a project stands: pace, agreement over time, labels, people, skips.
 *
 * Everything is read from sums; what it costs depends on the days asked for, on
 * labels and on people, never on the number of tasks.  Moments are half-hours
 * since 1970, so that the reader's own days can be made of them.
 */
#include "core/json.h"
#include "domain/agreement.h"
#include "domain/project.h"
#include "domain/saying.h"
#include "domain/tally.h"
#include "domain/user.h"
#include "http/api.h"
#include "http/field.h"
#include "http/reply.h"
#include "http/shape.h"

#define DAYS_USUAL 30
#define DAYS_MOST 366
#define DAY_MS (24LL * 3600 * 1000)

static int64_t since(struct rq *r)
{
    int64_t days = query_int(r, "days", DAYS_USUAL);

    return r->cx->now - (days < 1 ? 1 : days > DAYS_MOST ? DAYS_MOST : days) * DAY_MS;
}

static int pace_rows(struct rq *r, json_t *out)
{
    struct pace *p;
    int n, rc = tally_pace(r->cx, r->id[0], since(r), &p, &n);

    for (int i = 0; rc >= 0 && i < n; i++)
        json_array_append_new(out, json_pack("[I, I, I, I]", (json_int_t)p[i].half,
                                             (json_int_t)p[i].answers, (json_int_t)p[i].skips,
                                             (json_int_t)p[i].active_ms));
    return rc;
}

static int time_rows(struct rq *r, json_t *out)
{
    struct agreement_time *t;
    int n, rc = agreement_times(r->cx, r->id[0], since(r), &t, &n);

    for (int i = 0; rc >= 0 && i < n; i++)
        json_array_append_new(out, json_pack("[I, I, f, f]", (json_int_t)t[i].half,
                                             (json_int_t)t[i].tasks, t[i].sum, t[i].squares));
    return rc;
}

static int label_rows(struct rq *r, json_t *out)
{
    struct label_sum *l;
    int n, rc = saying_labels(r->cx, r->id[0], &l, &n);

    for (int i = 0; rc >= 0 && i < n; i++)
        json_array_append_new(
            out, json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I}", "control", l[i].control, "label",
                           l[i].label, "tasks", (json_int_t)l[i].tasks, "answers",
                           (json_int_t)l[i].answers, "agreed", (json_int_t)l[i].agreed, "both",
                           (json_int_t)l[i].both, "one", (json_int_t)l[i].one));
    return rc;
}

static int skip_rows(struct rq *r, json_t *out)
{
    struct skip_count *s;
    int n, rc = tally_skips(r->cx, r->id[0], &s, &n);

    for (int i = 0; rc >= 0 && i < n; i++)
        json_array_append_new(out, json_pack("{s:s, s:I}", "reason", s[i].reason, "n",
                                             (json_int_t)s[i].skips));
    return rc;
}

static json_t *agreement_part(const struct agreement_summary *s)
{
    json_t *bins = json_array();

    for (int i = 0; i < 10; i++)
        json_array_append_new(bins, json_integer(s->histogram[i]));
    return json_pack("{s:o, s:I, s:f, s:I, s:I, s:o}", "mean",
                     s->mean >= 0 ? json_real(s->mean) : json_null(), "n", (json_int_t)s->tasks,
                     "goal", AGREEMENT_GOAL, "disputed", (json_int_t)s->disputed, "ruled",
                     (json_int_t)s->ruled, "histogram", bins);
}

int overview_show(struct rq *r)
{
    json_t *pace = json_keep(r->cx, json_array()), *times = json_keep(r->cx, json_array());
    json_t *labels = json_keep(r->cx, json_array()), *skips = json_keep(r->cx, json_array());
    struct agreement_summary s;
    struct project p;
    int rc;

    if ((rc = project_get(r->cx, r->id[0], &p)) < 0 ||
        (rc = agreement_sum(r->cx, r->id[0], &s)) < 0 || (rc = pace_rows(r, pace)) < 0 ||
        (rc = time_rows(r, times)) < 0 || (rc = label_rows(r, labels)) < 0 ||
        (rc = skip_rows(r, skips)) < 0)
        return rc;
    return reply_json(
        r, 200,
        json_pack("{s:o, s:o, s:{s:I, s:I, s:I, s:I, s:I, s:I}, s:o, s:O, s:O, s:O, s:O}", "now",
                  json_time(r->cx->now), "since", json_time(since(r)), "count", "tasks",
                  (json_int_t)p.count.tasks, "finished", (json_int_t)p.count.finished, "touched",
                  (json_int_t)p.count.touched, "annotations", (json_int_t)p.count.annotations,
                  "skipped", (json_int_t)p.count.skipped, "overlap", (json_int_t)p.overlap,
                  "agreement", agreement_part(&s), "pace", pace, "agreement_times", times,
                  "labels", labels, "skips", skips));
}

/* ---- people ----------------------------------------------------------------------------- */

/*
 * How far one person agrees with the others: the mean over the tasks of their pairs.  `tasks` is
 * the most they share with any one other, so an interval made of it claims no more than it may.
 */
static json_t *their_agreement(const struct agreement_pair *p, int n, int64_t person)
{
    int64_t pairs = 0, most = 0;
    double sum = 0;

    for (int i = 0; i < n; i++)
        if (p[i].a == person || p[i].b == person) {
            pairs += p[i].n;
            sum += p[i].mean * (double)p[i].n;
            if (p[i].n > most)
                most = p[i].n;
        }
    return pairs ? json_pack("{s:f, s:I}", "mean", sum / (double)pairs, "tasks", (json_int_t)most)
                 : json_null();
}

int contributions_show(struct rq *r)
{
    json_t *list = json_keep(r->cx, json_array());
    struct agreement_pair *p;
    struct worker_count *w;
    int n, np, rc;

    if ((rc = tally_people(r->cx, r->id[0], &w, &n)) < 0 ||
        (rc = agreement_pairs(r->cx, r->id[0], &p, &np)) < 0)
        return rc;
    for (int i = 0; i < n; i++) {
        json_t *o = json_pack("{s:I, s:I, s:I, s:I, s:o, s:o}", "person", (json_int_t)w[i].person,
                              "answers", (json_int_t)w[i].answers, "skips",
                              (json_int_t)w[i].skips, "active_ms", (json_int_t)w[i].active_ms,
                              "last_at", json_time(w[i].last), "agreement",
                              their_agreement(p, np, w[i].person));
        struct user u;

        if (user_get(r->cx, w[i].person, &u) >= 0)
            json_object_set_new(o, "name", json_string(*u.name ? u.name : u.email));
        else
            fail_clear(r->cx);
        json_array_append_new(list, o);
    }
    return reply_json(r, 200, json_pack("{s:O}", "results", list));
}

/* ---- what is said for what --------------------------------------------------------------- */

int confusion_show(struct rq *r)
{
    const char *control = query_str(r, "control");
    json_t *list = json_keep(r->cx, json_array());
    struct label_pair *p;
    int n, rc;

    if (!control || !*control)
        return fail_at(r->cx, E_INVALID, "control", "Say which question with ?control=.");
    if ((rc = saying_pairs(r->cx, r->id[0], control, &p, &n)) < 0)
        return rc;
    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:I}", "a", p[i].a, "b", p[i].b, "n",
                                              (json_int_t)p[i].pairs));
    return reply_json(r, 200, json_pack("{s:s, s:O}", "control", control, "results", list));
}
