/* checkup.c -- see checkup.h. */
#include "domain/checkup.h"
#include "domain/access.h"
#include "domain/calibration.h"
#include "domain/lane.h"
#include "domain/saying.h"
#include "domain/tally.h"
#include "store/db.h"

static const struct {
    const char *what, *sql;
} rules[] = {
    {"every organisation has one in-house vendor",
     "SELECT COUNT(*) FROM org o WHERE (SELECT COUNT(*) FROM vendor v WHERE v.org_id = o.id"
     " AND v.inhouse = 1) <> 1"},
    {"members belong to the organisation of their project",
     "SELECT COUNT(*) FROM member m JOIN project p ON p.id = m.project_id"
     " JOIN person u ON u.id = m.person_id WHERE u.org_id <> p.org_id"},
    {"members belong to a vendor of that organisation",
     "SELECT COUNT(*) FROM member m JOIN project p ON p.id = m.project_id"
     " JOIN vendor v ON v.id = m.vendor_id WHERE v.org_id <> p.org_id"},
    {"nobody who was stopped has a session",
     "SELECT COUNT(*) FROM session s JOIN person u ON u.id = s.person_id WHERE u.active = 0"},
    {"external authors cannot log in",
     "SELECT COUNT(*) FROM person WHERE kind = 'external'"
     " AND (pass_hash IS NOT NULL OR org_role <> 0)"},
    {"every live task has a place in a queue",
     "SELECT COUNT(*) FROM task t LEFT JOIN slot s ON s.project_id = t.project_id"
     " AND s.task_id = t.id WHERE s.task_id IS NULL AND t.import_id = 0"},
    {"every annotation has its newest revision",
     "SELECT COUNT(*) FROM annotation a LEFT JOIN revision r ON r.annotation_id = a.id"
     " AND r.n = a.n WHERE r.n IS NULL"},
    {"every project has its counters",
     "SELECT COUNT(*) FROM project p LEFT JOIN project_count c ON c.project_id = p.id"
     " WHERE c.project_id IS NULL"},
};
#define NRULES ((int)(sizeof rules / sizeof *rules))

/* What is verified project by project. */
static const struct {
    const char *what;
    int (*verify)(struct ctx *cx, int64_t project, int64_t *wrong);
} sums[] = {
    {"answers and leases of every task add up", slot_verify},
    {"answers by half-hours and by people add up", tally_verify},
    {"what labels add up to is what the tasks say", saying_verify},
    {"how sure and how right consensus was adds up", calibration_verify},
};
#define NSUMS ((int)(sizeof sums / sizeof *sums))

static int each_project(struct ctx *cx, int which, int64_t *wrong)
{
    int64_t *ids, after = 0, some;
    int n, rc;

    *wrong = 0;
    do {
        if ((rc = access_projects(cx, after, 0, &ids, &n)) < 0)
            return rc;
        for (int i = 0; i < n; i++, after = ids[i - 1]) {
            if ((rc = sums[which].verify(cx, ids[i], &some)) < 0)
                return rc;
            *wrong += some;
        }
    } while (n > 0);
    return 0;
}

int checkup_rules(struct ctx *cx, struct checkup **out, int *n)
{
    int rc;

    *n = 0;
    *out = NEW_N(cx, struct checkup, NRULES + NSUMS);
    if (cx->who.kind != WHO_SYSTEM)
        return fail(cx, E_FORBIDDEN, "Checks run on the server's command line.");
    for (int i = 0; i < NRULES; i++) {
        struct checkup *c = &(*out)[(*n)++];

        c->what = rules[i].what;
        if ((rc = db_int(cx, &c->wrong, rules[i].sql, "")) < 0)
            return rc;
    }
    for (int i = 0; i < NSUMS; i++) {
        struct checkup *c = &(*out)[(*n)++];

        c->what = sums[i].what;
        if ((rc = each_project(cx, i, &c->wrong)) < 0)
            return rc;
    }
    return 0;
}

int checkup_counts(struct ctx *cx, struct checkup **out, int *n)
{
    static const struct {
        const char *what, *sql;
    } tables[] = {
        {"organisations", "SELECT COUNT(*) FROM org"},
        {"people", "SELECT COUNT(*) FROM person WHERE kind = 'person'"},
        {"projects", "SELECT COUNT(*) FROM project WHERE deleted_ms IS NULL"},
        {"tasks", "SELECT COUNT(*) FROM task"},
        {"annotations", "SELECT COUNT(*) FROM annotation"},
        {"predictions", "SELECT COUNT(*) FROM prediction"},
        {"audit rows", "SELECT COUNT(*) FROM audit"},
    };
    int rc;

    *n = 0;
    *out = NEW_N(cx, struct checkup, sizeof tables / sizeof *tables);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        struct checkup *c = &(*out)[(*n)++];

        c->what = tables[i].what;
        if ((rc = db_int(cx, &c->wrong, tables[i].sql, "")) < 0)
            return rc;
    }
    return 0;
}
