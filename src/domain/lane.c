/*
 * lane.c -- see lane.h.
 *
 * Cost of lane_next: for each lane that is for this person and not drained, one
 * look for the mark and one into the partial index of open slots behind it.  A person's own
 * tasks are walked over once and then lie behind the mark for good.
 */
#include "domain/lane.h"

#include <assert.h>

#include "core/str.h"
#include "domain/project.h"
#include "domain/task_set.h"
#include "store/db.h"

int lane_begin(struct ctx *cx, int64_t project)
{
    int rc =
        db_run(cx, "INSERT INTO lane(project_id, lane, priority) VALUES(?, 0, 0)", "i", project);

    return rc < 0 ? rc : 0;
}

/* The next free number; lanes are few, and on PostgreSQL the project's count row is the lock. */
static int lane_new(struct ctx *cx, int64_t project, int64_t priority, int64_t import,
                    bool published, int64_t *lane)
{
    return db_int(cx, lane,
                  "INSERT INTO lane(project_id, lane, priority, import_id, published)"
                  " SELECT ?, MAX(lane) + 1, ?, ?, ? FROM lane WHERE project_id = ? RETURNING lane",
                  "iiizi", project, priority, import, published, project);
}

#define SLOT                                                                                       \
    "INSERT INTO slot(project_id, task_id, lane, ord, priority, required, answered, open) VALUES "
#define SLOT_ROW "(?, ?, ?, ?, ?, ?, ?, ?)"

int lane_place(struct ctx *cx, int64_t project, int64_t lane, int64_t priority,
               const struct placed *p, int n)
{
    static const char one[] = SLOT SLOT_ROW, many[] = SLOT DB_ROWS_16(SLOT_ROW);
    struct db_batch b = {one, many, .cols = 8, .rows = 16};
    struct db_val *v;
    int rc;

    for (int i = 0; i < n; i++) {
        assert(p[i].ord > 0 && p[i].answered <= p[i].required);
        if ((rc = batch_row(cx, &b, &v)) < 0)
            return rc;
        v[0] = db_i(project);
        v[1] = db_i(p[i].task);
        v[2] = db_i(lane);
        v[3] = db_i(p[i].ord);
        v[4] = db_i(priority);
        v[5] = db_i(p[i].required);
        v[6] = db_i(p[i].answered);
        v[7] = db_i(p[i].required - p[i].answered);
    }
    return batch_end(cx, &b);
}

/* The end of the live lane of a priority. */
static int live_end(struct ctx *cx, int64_t project, int64_t priority, int64_t *lane, int64_t *ord)
{
    int rc;

    /* Taking the number first locks the project's count row: two writers cannot make one lane
     * twice. */
    if ((rc = project_take_ord(cx, project, 1, ord)) < 0)
        return rc;
    rc = db_int(cx, lane,
                "SELECT lane FROM lane WHERE project_id = ? AND priority = ? AND import_id = 0"
                " AND lane > 0 AND people = '' AND published = 1 AND drained = 0",
                "ii", project, priority);
    if (rc == 0)
        rc = lane_new(cx, project, priority, 0, true, lane);
    return rc < 0 ? rc : 0;
}

int lane_append(struct ctx *cx, int64_t project, int64_t task, int64_t priority, int64_t required)
{
    int64_t lane, ord;
    int rc = live_end(cx, project, priority, &lane, &ord);

    return rc < 0 ? rc : lane_place(cx, project, lane, priority,
                                    &(struct placed){task, ord, required, 0}, 1);
}

int lane_for_people(struct ctx *cx, int64_t project, const int64_t *person, int n, int64_t *lane)
{
    int64_t ignored;
    struct buf b;
    int rc;

    buf_init(&b, cx, (size_t)n * 24 + 1);
    for (int i = 0; i < n; i++)
        buf_addf(&b, "%s%lld", i ? "," : "", (long long)person[i]);
    if ((rc = project_take_ord(cx, project, 1, &ignored)) < 0 ||
        (rc = db_int(cx, lane,
                     "SELECT lane FROM lane WHERE project_id = ? AND people = ? AND people <> ''",
                     "it", project, b.s)) != 0)
        return rc < 0 ? rc : 0;
    if ((rc = lane_new(cx, project, 0, 0, true, lane)) < 0 ||
        (rc = db_run(cx, "UPDATE lane SET people = ? WHERE project_id = ? AND lane = ?", "tii",
                     b.s, project, *lane)) < 0)
        return rc;
    for (int i = 0; i < n && rc >= 0; i++)
        rc = db_run(cx, "INSERT INTO lane_person(project_id, person_id, lane) VALUES(?, ?, ?)"
                        " ON CONFLICT(project_id, person_id, lane) DO NOTHING",
                    "iii", project, person[i], *lane);
    return rc < 0 ? rc : 0;
}

int lane_is_for_people(struct ctx *cx, int64_t project, int64_t lane)
{
    int64_t one;

    return db_int(cx, &one,
                  "SELECT 1 FROM lane WHERE project_id = ? AND lane = ? AND people <> ''", "ii",
                  project, lane);
}

int lane_admits(struct ctx *cx, int64_t project, int64_t task)
{
    int64_t one;

    return db_int(cx, &one,
                  "SELECT 1 FROM slot s JOIN lane l ON l.project_id = s.project_id"
                  " AND l.lane = s.lane WHERE s.project_id = ? AND s.task_id = ? AND (l.people = ''"
                  " OR EXISTS (SELECT 1 FROM lane_person p WHERE p.project_id = l.project_id"
                  "  AND p.lane = l.lane AND p.person_id = ?))",
                  "iii", project, task, cx->who.person);
}

int lane_stage(struct ctx *cx, int64_t project, int64_t import, int64_t priority, int64_t *lane)
{
    int64_t ignored;
    int rc = db_int(cx, lane,
                    "SELECT lane FROM lane WHERE project_id = ? AND import_id = ? AND priority = ?",
                    "iii", project, import, priority);

    if (rc != 0)
        return rc < 0 ? rc : 0;
    if ((rc = project_take_ord(cx, project, 1, &ignored)) < 0)
        return rc;
    rc = lane_new(cx, project, priority, import, false, lane);
    return rc < 0 ? rc : 0;
}

int lane_drop(struct ctx *cx, int64_t project, int64_t import)
{
    int rc = db_run(cx, "DELETE FROM lane WHERE project_id = ? AND import_id = ? AND published = 0",
                    "ii", project, import);

    return rc < 0 ? rc : 0;
}

int lane_publish(struct ctx *cx, int64_t project, int64_t import)
{
    int rc = db_run(cx, "UPDATE lane SET published = 1 WHERE project_id = ? AND import_id = ?",
                    "ii", project, import);

    return rc < 0 ? rc : 0;
}

/*
 * A Feistel network over the smallest even number of bits that hold n, walked
 * again until the image falls below n (cycle walking; Black and Rogaway,
 * "Ciphers with arbitrary finite domains", 2002).  A permutation for every seed.
 */
int64_t lane_shuffle(int64_t i, int64_t n, uint64_t seed)
{
    int half = 1;
    uint64_t x = (uint64_t)i, mask;

    assert(i >= 0 && i < n);
    while ((1LL << (2 * half)) < n)
        half++;
    mask = (1ull << half) - 1;
    do {
        uint64_t left = x >> half, right = x & mask;

        for (uint64_t round = 0; round < 4; round++) {
            struct rng r = {seed ^ (right << 8 | round)};
            uint64_t mixed = left ^ (rng_next(&r) & mask);

            left = right;
            right = mixed;
        }
        x = left << half | right;
    } while (x >= (uint64_t)n);
    return (int64_t)x;
}

static int mark_read(struct ctx *cx, int64_t project, int64_t lane, int64_t *ord)
{
    *ord = 0;
    return db_int(cx, ord,
                  "SELECT ord FROM place WHERE project_id = ? AND person_id = ? AND lane = ?",
                  "iii", project, cx->who.person, lane);
}

static int mark_write(struct ctx *cx, int64_t project, int64_t lane, int64_t ord)
{
    return db_run(cx,
                  "INSERT INTO place(project_id, person_id, lane, ord) VALUES(?, ?, ?, ?)"
                  " ON CONFLICT(project_id, person_id, lane) DO UPDATE SET ord = excluded.ord",
                  "iiii", project, cx->who.person, lane, ord);
}

/*
 * On PostgreSQL a slot that another transaction is taking right now is passed
 * over, but the mark must not be: that transaction may leave it open.
 */
static int mark_limit(struct ctx *cx, int64_t project, int64_t lane, int64_t from, int64_t *to)
{
    int64_t first;
    int rc;

    if (!db_is_pg(cx))
        return 0;
    rc = db_int(cx, &first,
                "SELECT s.ord FROM slot s WHERE s.project_id = ? AND s.lane = ? AND s.ord > ?"
                " AND s.ord < ? AND s.open > 0 AND NOT EXISTS (SELECT 1 FROM lease l"
                "  WHERE l.project_id = s.project_id AND l.task_id = s.task_id AND l.person_id = ?"
                "  AND l.state IN ('active', 'submitted', 'skipped')) ORDER BY s.ord LIMIT 1",
                "iiiii", project, lane, from, *to, cx->who.person);
    if (rc > 0)
        *to = first - 1;
    return rc;
}

/* 1 found, 0 this lane has nothing for this person. */
static int look(struct ctx *cx, int64_t project, int64_t lane, bool staged, int64_t *task,
                bool *moved)
{
    int64_t mark, ord = 0, any;
    struct rows *q;
    int rc;

    if ((rc = mark_read(cx, project, lane, &mark)) < 0)
        return rc;
    /*
     * The rule: open, behind the mark, and not already theirs.  Answered,
     * skipped and held tasks are theirs; one that ran out or was given back
     * may come again.
     */
    rc = db_query(cx, &q,
                  "SELECT s.task_id, s.ord FROM slot s WHERE s.project_id = ? AND s.lane = ?"
                  " AND s.ord > ? AND s.open > 0 AND NOT EXISTS (SELECT 1 FROM lease l"
                  "  WHERE l.project_id = s.project_id AND l.task_id = s.task_id"
                  "  AND l.person_id = ? AND l.state IN ('active', 'submitted', 'skipped'))"
                  " ORDER BY s.ord LIMIT 1{pg: FOR UPDATE OF s SKIP LOCKED}",
                  "iiii", project, lane, mark, cx->who.person);
    if (rc < 0)
        return rc;
    if ((rc = rows_next(q)) < 0)
        return rc;
    if (rc > 0) {
        *task = rows_int(q, 0);
        ord = rows_int(q, 1);
        rows_end(q);
        if ((rc = mark_limit(cx, project, lane, mark, &ord)) < 0)
            return rc;
        if (ord > mark && (rc = mark_write(cx, project, lane, ord)) < 0)
            return rc;
        *moved = true;
        return 1;
    }
    if (!staged)
        return 0;
    /* What comes back goes to the returned lane, so a staged lane with nothing open is done for
     * good. */
    rc = db_int(cx, &any,
                "SELECT 1 FROM slot WHERE project_id = ? AND lane = ? AND open > 0 LIMIT 1", "ii",
                project, lane);
    if (rc == 0) {
        rc = db_run(cx, "UPDATE lane SET drained = 1 WHERE project_id = ? AND lane = ?", "ii",
                    project, lane);
        *moved = true;
    }
    return rc < 0 ? rc : 0;
}

/*
 * What came back first, then what is theirs by name, then what is for everybody.  The two halves
 * have an index each: lanes of other people, of which there may be thousands, are never met.  Of
 * one's own only those with something open are looked at.
 */
static const char LANES[] =
    "SELECT lane, import_id, CASE WHEN lane = 0 THEN 0 ELSE 2 END AS rank, priority FROM lane"
    "{lite: INDEXED BY lane_live} WHERE project_id = ? AND people = ''"
    "  AND published = 1 AND drained = 0"
    " UNION ALL"
    " SELECT l.lane, l.import_id, 1, l.priority FROM lane_person p"
    " JOIN lane l ON l.project_id = p.project_id AND l.lane = p.lane"
    " WHERE p.project_id = ? AND p.person_id = ? AND EXISTS"
    " (SELECT 1 FROM slot s{lite: INDEXED BY slot_open}"
    "  WHERE s.project_id = l.project_id AND s.lane = l.lane AND s.open > 0)"
    " ORDER BY rank, priority DESC, lane";

int lane_next(struct ctx *cx, int64_t project, int64_t *task, bool *moved)
{
    struct rows *q;
    int rc = db_query(cx, &q, LANES, "iii", project, project, cx->who.person);

    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0) {
        int64_t lane = rows_int(q, 0);

        rc = look(cx, project, lane, rows_int(q, 1) != 0, task, moved);
        if (rc != 0) {
            rows_end(q);
            return rc;
        }
    }
    return rc;
}

/* The six moves of a slot.  Each WHERE clause is the condition under which the move is lawful. */

int slot_lease(struct ctx *cx, int64_t project, int64_t task)
{
    return db_run(cx,
                  "UPDATE slot SET leased = leased + 1, open = open - 1"
                  " WHERE project_id = ? AND task_id = ? AND open > 0",
                  "ii", project, task);
}

int slot_answer(struct ctx *cx, int64_t project, int64_t task)
{
    return db_run(cx,
                  "UPDATE slot SET leased = leased - 1, answered = answered + 1"
                  " WHERE project_id = ? AND task_id = ? AND leased > 0",
                  "ii", project, task);
}

int slot_answer_open(struct ctx *cx, int64_t project, int64_t task)
{
    return db_run(cx,
                  "UPDATE slot SET answered = answered + 1, open = open - 1"
                  " WHERE project_id = ? AND task_id = ? AND open > 0",
                  "ii", project, task);
}

/* Where what comes back goes: into the returned lane, or to the end of its people's lane. */
#define BACK                                                                                       \
    "lane = CASE WHEN EXISTS (SELECT 1 FROM lane l WHERE l.project_id = slot.project_id"           \
    " AND l.lane = slot.lane AND l.people <> '') THEN lane ELSE 0 END"

/* What comes back stands at the end, in front of nobody's mark. */
static int give(struct ctx *cx, const char *sql, int64_t project, int64_t task)
{
    int64_t ord;
    int rc;

    if ((rc = slot_lock(cx, project, tasks_of(cx, &task, 1))) < 0 ||
        (rc = project_take_ord(cx, project, 1, &ord)) < 0)
        return rc;
    return db_run(cx, sql, "iii", ord, project, task);
}

int slot_give_back(struct ctx *cx, int64_t project, int64_t task)
{
    return give(cx,
                "UPDATE slot SET leased = leased - 1, open = open + 1, " BACK ", ord = ?"
                " WHERE project_id = ? AND task_id = ? AND leased > 0",
                project, task);
}

int slot_reopen(struct ctx *cx, int64_t project, int64_t task)
{
    return give(cx,
                "UPDATE slot SET answered = answered - 1, open = open + 1, " BACK ", ord = ?,"
                " settle_ms = 0 WHERE project_id = ? AND task_id = ? AND answered > 0",
                project, task);
}

int slot_take_again(struct ctx *cx, int64_t project, int64_t task)
{
    return db_run(cx,
                  "UPDATE slot SET answered = answered - 1, leased = leased + 1, settle_ms = 0"
                  " WHERE project_id = ? AND task_id = ? AND answered > 0",
                  "ii", project, task);
}

int slot_ignore(struct ctx *cx, int64_t project, int64_t task)
{
    return db_run(cx,
                  "UPDATE slot SET leased = leased - 1, required = required - 1"
                  " WHERE project_id = ? AND task_id = ? AND leased > 0",
                  "ii", project, task);
}

/* Never below what is given or being given: nobody's work is thrown away. */
int slot_require(struct ctx *cx, int64_t project, int64_t task, int64_t required)
{
    struct slot s;
    int64_t ord;
    int rc = slot_hold(cx, project, task, &s);

    if (rc < 0)
        return rc;
    if (required < s.answered + s.leased)
        required = s.answered + s.leased;
    if (required == s.required)
        return 0;
    if (required < s.required)
        return db_run(cx,
                      "UPDATE slot SET required = ?, open = ? - answered - leased"
                      " WHERE project_id = ? AND task_id = ? AND answered + leased <= ?",
                      "iiiii", required, required, project, task, required);
    if ((rc = project_take_ord(cx, project, 1, &ord)) < 0)
        return rc;
    return db_run(cx,
                  "UPDATE slot SET required = ?, open = ? - answered - leased, " BACK ", ord = ?,"
                  " settle_ms = 0 WHERE project_id = ? AND task_id = ?",
                  "iiiii", required, required, ord, project, task);
}

int slot_move(struct ctx *cx, int64_t project, int64_t task, int64_t lane, int64_t priority)
{
    int64_t ord;
    int rc = lane ? project_take_ord(cx, project, 1, &ord)
                  : live_end(cx, project, priority, &lane, &ord);

    return rc < 0 ? rc : db_run(cx, "UPDATE slot SET lane = ?, ord = ?, priority = ?"
                                    " WHERE project_id = ? AND task_id = ?",
                                "iiiii", lane, ord, priority, project, task);
}

int slot_again(struct ctx *cx, int64_t project, const struct slot *was)
{
    int64_t ord;
    int rc = was->lane == LANE_RETURNED ? 1 : lane_is_for_people(cx, project, was->lane);

    if (rc < 0 || was->open == 0)
        return rc < 0 ? rc : 0;
    if (rc == 0)
        return slot_move(cx, project, was->task, 0, was->priority);
    if ((rc = project_take_ord(cx, project, 1, &ord)) < 0)
        return rc;
    return db_run(cx, "UPDATE slot SET ord = ? WHERE project_id = ? AND task_id = ?", "iii", ord,
                  project, was->task);
}

int slot_prioritise(struct ctx *cx, int64_t project, int64_t task, int64_t priority)
{
    struct slot s;
    int rc = slot_hold(cx, project, task, &s);

    if (rc < 0 || s.priority == priority)
        return rc < 0 ? rc : 0;
    if ((rc = lane_is_for_people(cx, project, s.lane)) < 0)
        return rc;
    return slot_move(cx, project, task, rc ? s.lane : 0, priority);
}

int slot_tally(struct ctx *cx, int64_t project, int64_t task, int skipped, int surplus,
               int cancelled)
{
    return db_run(cx,
                  "UPDATE slot SET skipped = skipped + ?, surplus = surplus + ?,"
                  " cancelled = cancelled + ? WHERE project_id = ? AND task_id = ?",
                  "iiiii", (int64_t)skipped, (int64_t)surplus, (int64_t)cancelled, project, task);
}

int slot_settle_at(struct ctx *cx, int64_t project, int64_t task, int64_t due)
{
    return db_run(cx, "UPDATE slot SET settle_ms = ? WHERE project_id = ? AND task_id = ?", "iii",
                  due, project, task);
}

int slot_settle_again(struct ctx *cx, int64_t project, const struct tasks *tasks, int64_t due)
{
    return db_run(cx,
                  "UPDATE slot SET settle_ms = ? WHERE project_id = ? AND " IN_TASKS
                  " AND answered > 0 AND answered >= required",
                  "iiiit", due, project, TASKS(tasks));
}

static int slot_read(struct ctx *cx, const char *sql, int64_t project, int64_t task,
                     struct slot *out)
{
    struct rows *q;
    int rc = db_query(cx, &q, sql, "ii", project, task);

    if (rc < 0)
        return rc;
    if ((rc = rows_next(q)) <= 0)
        return rc < 0 ? rc : fail(cx, E_NOTFOUND, "There is no such task.");
    *out = (struct slot){rows_int(q, 0), rows_int(q, 1), rows_int(q, 2), rows_int(q, 3),
                         rows_int(q, 4), rows_int(q, 5), rows_int(q, 6), rows_int(q, 7),
                         rows_int(q, 8), rows_int(q, 9), rows_int(q, 10), rows_int(q, 11)};
    rows_end(q);
    return 0;
}

#define ONE_SLOT                                                                                   \
    "SELECT task_id, lane, ord, priority, required, answered, leased, open, skipped, surplus,"     \
    " cancelled, settle_ms FROM slot WHERE project_id = ? AND task_id = ?"

int slot_get(struct ctx *cx, int64_t project, int64_t task, struct slot *out)
{
    return slot_read(cx, ONE_SLOT, project, task, out);
}

int slot_hold(struct ctx *cx, int64_t project, int64_t task, struct slot *out)
{
    return slot_read(cx, ONE_SLOT "{pg: FOR UPDATE}", project, task, out);
}

int slot_lock(struct ctx *cx, int64_t project, const struct tasks *tasks)
{
    if (!db_is_pg(cx))          /* one writer: nobody is beside us */
        return 0;
    int rc = db_run(cx,
                    "SELECT 1 FROM slot WHERE project_id = ? AND " IN_TASKS
                    " ORDER BY task_id{pg: FOR UPDATE}",
                    "iiit", project, TASKS(tasks));

    return rc < 0 ? rc : 0;
}

int slot_delete(struct ctx *cx, int64_t project, const struct tasks *tasks)
{
    return db_run(cx, "DELETE FROM slot WHERE project_id = ? AND " IN_TASKS, "iiit", project,
                  TASKS(tasks));
}

int slot_verify(struct ctx *cx, int64_t project, int64_t *wrong)
{
    *wrong = 0;
    return db_int(cx, wrong,
                  "SELECT COUNT(*) FROM slot s WHERE s.project_id = ? AND ("
                  " s.open <> s.required - s.answered - s.leased"
                  " OR s.leased <> (SELECT COUNT(*) FROM lease l WHERE l.project_id = s.project_id"
                  "   AND l.task_id = s.task_id AND l.state = 'active')"
                  " OR s.answered <> (SELECT COUNT(*) FROM annotation a"
                  "   WHERE a.project_id = s.project_id AND a.task_id = s.task_id"
                  "   AND a.counted = 1 AND a.withdrawn_ms IS NULL))",
                  "i", project);
}
