/* test_io.c -- data comes in whole or not at all, and goes out again.  SQLite and (DB=pg)
 * PostgreSQL. */
#include "unit_people.h"

#include <fcntl.h>

#include "core/json.h"
#include "domain/consensus.h"
#include "domain/exporter.h"
#include "domain/importer.h"
#include "domain/lane.h"
#include "domain/lease.h"
#include "domain/project.h"
#include "domain/run.h"
#include "domain/task.h"
#include "domain/worker.h"
#include "store/blob.h"
#include "store/job.h"

static const char CONFIG[] = "<View><Text name=\"t\" value=\"$text\"/>"
                             "<Choices name=\"c\" toName=\"t\"><Choice value=\"yes\"/>"
                             "<Choice value=\"no\"/></Choices></View>";

static int64_t org, owner, project;
static struct run *run;

DOOR(project_add, int64_t of; const struct project_edit *e; int64_t *id;, a->of, a->e, a->id)
DOOR(project_get, int64_t id; struct project *out;, a->id, a->out)
DOOR(import_begin, int64_t of; const char *spool; int64_t bytes; const struct import_opts *o;
     bool queue; int64_t *import; int64_t *job;
     , a->of, a->spool, a->bytes, a->o, a->queue, a->import, a->job)
DOOR(task_list, int64_t of; struct task **out; int *n;, a->of, NULL, 0, 100, a->out, a->n)
DOOR(access_check, int64_t id; struct access *out;, ON_PROJECT, a->id, MAY_WORK, a->out)
DOOR(lease_claim, const struct access *acc; struct lease *out; int *n; const char **why;
     , a->acc, 3, a->out, a->n, a->why)
DOOR(consensus_list, int64_t of; struct consensus **out; int *n;, a->of, 0, 100, a->out, a->n)

static void fail_with(struct ctx *cx)
{
    fprintf(stderr, "%s\n", cx->why);
    assert_true(false);
}

/* A project of its own for each test. */
static void begin(struct ctx *cx, int64_t overlap, const char *sampling)
{
    struct project_edit e = PROJECT_EDIT_NONE;

    org = an_org(cx);
    owner = a_person(cx, org, ROLE_OWNER);
    be(cx, org, owner, ROLE_OWNER);
    e.title = "In and out";
    e.xml = CONFIG;
    e.overlap = overlap;
    e.sampling = sampling;
    assert_ok(DO(us.st, cx, ACT_WRITE, project_add, org, &e, &project));
    run = run_new(cx, us.st);
}

static int64_t put_spool(struct ctx *cx, const char *text, char **name)
{
    int fd;

    assert_ok(spool_create(cx, us.st, name, &fd));
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    return (int64_t)strlen(text);
}

static struct import bring(struct ctx *cx, const char *text, struct import_opts o)
{
    struct import out = {0};
    int64_t id, job;
    char *spool;
    int64_t n = put_spool(cx, text, &spool);

    assert_ok(DO(us.st, cx, ACT_WRITE, import_begin, project, spool, n, &o, false, &id, &job));
    if (import_run(run, cx, id, NULL, NULL, &out) < 0)
        fail_with(cx);
    return out;
}

static struct project_counts counts(struct ctx *cx)
{
    struct project p;

    assert_ok(DO(us.st, cx, ACT_READ, project_get, project, &p));
    return p.count;
}

static int tasks(struct ctx *cx)
{
    struct task *t;
    int n;

    assert_ok(DO(us.st, cx, ACT_READ, task_list, project, &t, &n));
    return n;
}

static int gather(struct ctx *cx, void *arg, const void *data, size_t n)
{
    (void)cx;
    return buf_add(arg, data, n);
}

static const char *take_out(struct ctx *cx, const char *format, bool consensus)
{
    struct export_opts o = {.format = format_find(format), .consensus = consensus};
    struct export_done done;
    struct access a;
    struct buf b;

    buf_init(&b, cx, 1 << 20);
    assert_ok(DO(us.st, cx, ACT_READ, access_check, project, &a));
    if (export_run(run, cx, &a, &o, sink_stream(cx, gather, &b), NULL, NULL, &done) < 0)
        fail_with(cx);
    return b.s ? b.s : "";
}

static void rows_become_tasks_in_their_order(void **state)
{
    struct ctx *cx = *state;
    struct lease l[3];
    struct access a;
    const char *why;
    struct import i;
    int n;

    begin(cx, 1, NULL);
    i = bring(cx, "{\"text\":\"a\"}\n{\"text\":\"b\"}\n\n{\"data\":{\"text\":\"c\"}}\n",
              (struct import_opts){.name = "x.jsonl", .want_ids = true});
    assert_string_equal(i.state, "done");
    assert_int_equal(i.tasks, 3);
    assert_int_equal(i.ntask_ids, 3);
    assert_int_equal(counts(cx).tasks, 3);
    assert_int_equal(tasks(cx), 3);
    assert_ok(DO(us.st, cx, ACT_READ, access_check, project, &a));
    assert_ok(DO(us.st, cx, ACT_WRITE, lease_claim, &a, l, &n, &why));
    assert_int_equal(n, 3);
    assert_int_equal(l[0].task, i.task_ids[0]);
    assert_int_equal(l[2].task, i.task_ids[2]);
}

static void one_bad_row_keeps_all_out_and_is_named(void **state)
{
    struct ctx *cx = *state;
    struct import i;

    begin(cx, 1, NULL);
    i = bring(cx, "{\"text\":\"a\"}\nnonsense\n{\"text\":\"b\"}\n[1]\n",
              (struct import_opts){.name = "x.jsonl"});
    assert_string_equal(i.state, "failed");
    assert_int_equal(i.nerrors, 2);
    assert_int_equal(i.errors[0].line, 2);
    assert_int_equal(i.errors[1].line, 4);
    assert_int_equal(tasks(cx), 0);
    assert_int_equal(counts(cx).tasks, 0);
}

static void a_wrong_answer_inside_is_named_by_its_field(void **state)
{
    struct ctx *cx = *state;
    struct import i;

    begin(cx, 1, NULL);
    i = bring(cx,
              "[{\"data\":{\"text\":\"a\"},\"annotations\":[{\"result\":[{\"from_name\":\"c\","
              "\"to_name\":\"t\",\"type\":\"choices\",\"value\":{\"choices\":[\"maybe\"]}}]}]}]",
              (struct import_opts){.name = "x.json"});
    assert_string_equal(i.state, "failed");
    assert_int_equal(i.nerrors, 1);
    assert_non_null(strstr(i.errors[0].field, "annotations[0].result[0]"));
}

static void a_dry_run_stores_nothing(void **state)
{
    struct ctx *cx = *state;
    struct import i;

    begin(cx, 1, NULL);
    i = bring(cx, "text\nhello\nworld\n", (struct import_opts){.name = "x.csv", .dry_run = true});
    assert_string_equal(i.state, "checked");
    assert_int_equal(i.tasks, 2);
    assert_int_equal(tasks(cx), 0);
}

static void an_empty_file_says_so(void **state)
{
    struct ctx *cx = *state;
    struct import i;

    begin(cx, 1, NULL);
    i = bring(cx, "", (struct import_opts){.name = "x.jsonl"});
    assert_string_equal(i.state, "failed");
    assert_non_null(strstr(i.errors[0].why, "no task"));
}

#define ANSWER(who, what)                                                                          \
    "{\"completed_by\":" who ",\"result\":[{\"id\":\"r\",\"from_name\":\"c\",\"to_name\":\"t\","   \
    "\"type\":\"choices\",\"value\":{\"choices\":[\"" what "\"]}}]}"

static const char CROWD[] =
    "[{\"data\":{\"text\":\"a\"},\"annotations\":[" ANSWER("\"ann@elsewhere\"", "yes") "," ANSWER(
        "77", "no") "," ANSWER("{\"email\":\"bob@elsewhere\"}", "yes") "],"
    "\"predictions\":[{\"model_version\":\"m1\",\"score\":0.5,\"result\":[]}]},"
    "{\"data\":{\"text\":\"b\"}}]";

static void an_imported_crowd_reaches_consensus(void **state)
{
    struct ctx *cx = *state;
    struct consensus *c;
    struct import i;
    const char *out;
    int64_t settled;
    int n;

    begin(cx, 2, NULL);
    i = bring(cx, CROWD, (struct import_opts){.name = "x.json"});
    assert_string_equal(i.state, "done");
    assert_int_equal(i.annotations, 3);
    assert_int_equal(counts(cx).finished, 1);
    assert_int_equal(counts(cx).predictions, 1);
    assert_ok(worker_settle_all(run, cx, project, &settled));
    assert_int_equal(settled, 1);
    assert_ok(DO(us.st, cx, ACT_READ, consensus_list, project, &c, &n));
    assert_int_equal(n, 1);
    assert_non_null(strstr(c[0].answer, "\"yes\""));
    out = take_out(cx, "JSON", false);
    assert_non_null(strstr(out, "\"choices\":[\"no\"]"));
    out = take_out(cx, "CSV", true);
    assert_non_null(strstr(out, "yes"));
    assert_null(strstr(out, ",no,"));
}

static void a_random_order_is_another_but_holds_all(void **state)
{
    struct ctx *cx = *state;
    struct lease l[3];
    struct access a;
    const char *why;
    struct import i;
    int n;

    begin(cx, 1, "random");
    i = bring(cx, "text\na\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\nn\no\np\n",
              (struct import_opts){.name = "x.csv", .want_ids = true});
    assert_int_equal(i.tasks, 16);
    assert_ok(DO(us.st, cx, ACT_READ, access_check, project, &a));
    assert_ok(DO(us.st, cx, ACT_WRITE, lease_claim, &a, l, &n, &why));
    assert_int_equal(n, 3);
    assert_false(l[0].task == i.task_ids[0] && l[1].task == i.task_ids[1] &&
                 l[2].task == i.task_ids[2]);
}

static void more_rows_than_one_slice_come_in_whole(void **state)
{
    struct ctx *cx = *state;
    struct import i;
    struct buf b;

    begin(cx, 1, NULL);
    buf_init(&b, cx, 1 << 20);
    for (int n = 0; n < 2 * LIMIT_SLICE_ROWS + 1; n++)
        buf_addf(&b, "{\"text\":\"%d\"}\n", n);
    i = bring(cx, b.s, (struct import_opts){.name = "x.jsonl"});
    assert_string_equal(i.state, "done");
    assert_int_equal(counts(cx).tasks, 2 * LIMIT_SLICE_ROWS + 1);
}

static int count_left(struct ctx *cx, void *arg)
{
    return db_int(cx, arg, "SELECT COUNT(*) FROM task WHERE project_id = ?", "i", project) < 0;
}

/* As a killed import leaves it: rows stored, not published, nobody to take it up again. */
static int forget_publication(struct ctx *cx, void *arg)
{
    (void)arg;
    db_run(cx, "UPDATE import SET state = 'loading' WHERE project_id = ?", "i", project);
    return db_run(cx, "UPDATE lane SET published = 0 WHERE project_id = ? AND lane > 0", "i",
                  project) < 0;
}

static void what_a_killed_import_left_is_swept(void **state)
{
    struct ctx *cx = *state;
    int64_t left = -1;

    begin(cx, 1, NULL);
    bring(cx, "text\na\nb\n", (struct import_opts){.name = "x.csv"});
    assert_ok(act_run(us.st, cx, ACT_HOUSE, forget_publication, NULL));
    assert_int_equal(tasks(cx), 0);         /* nobody sees them */
    assert_ok(import_sweep(run, cx));
    assert_ok(act_run(us.st, cx, ACT_READ, count_left, &left));
    assert_int_equal(left, 0);
}

static void a_queued_import_is_done_by_a_job(void **state)
{
    struct import_opts o = {.name = "x.tsv"};
    struct ctx *cx = *state, *worker;
    int64_t id, job, n;
    char *spool;

    begin(cx, 1, NULL);
    n = put_spool(cx, "text\tn\na\t1\nb\t2\n", &spool);
    assert_ok(DO(us.st, cx, ACT_WRITE, import_begin, project, spool, n, &o, true, &id, &job));
    assert_true(job > 0);
    worker = ctx_new(NULL);
    while (worker_once(run, worker) > 0)
        ;
    ctx_free(worker);
    assert_int_equal(tasks(cx), 2);
    assert_string_equal(take_out(cx, "JSONL", false), "");      /* nothing is answered yet */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(rows_become_tasks_in_their_order),
        UNIT(one_bad_row_keeps_all_out_and_is_named),
        UNIT(a_wrong_answer_inside_is_named_by_its_field),
        UNIT(a_dry_run_stores_nothing),
        UNIT(an_empty_file_says_so),
        UNIT(an_imported_crowd_reaches_consensus),
        UNIT(a_random_order_is_another_but_holds_all),
        UNIT(more_rows_than_one_slice_come_in_whole),
        UNIT(what_a_killed_import_left_is_swept),
        UNIT(a_queued_import_is_done_by_a_job),
    };

    return cmocka_run_group_tests(tests, people_open, people_close);
}
