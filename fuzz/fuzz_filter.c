/*
 * A filter expression: whatever comes in, what goes out is SQL that the
 * database accepts, with as many marks as values, and with none of the
 * question's own words in it.
 */
#include "core/json.h"
#include "domain/filter.h"
#include "store/db.h"
#include "store/sqltext.h"

#include <assert.h>
#include <sqlite3.h>

static const char tables[] =
    "CREATE TABLE task(id, project_id, inner_id, created_ms, updated_ms, file_name);"
    "CREATE TABLE slot(project_id, task_id, answered, required, leased, skipped, priority);"
    "CREATE TABLE annotation(project_id, task_id, person_id, created_ms, lead_ms, withdrawn_ms,"
    " was_cancelled, ground_truth);"
    "CREATE TABLE prediction(project_id, task_id, score, model_version);"
    "CREATE TABLE comment(project_id, task_id);"
    "CREATE TABLE agreement(project_id, task_id, value);"
    "CREATE TABLE task_field(project_id, field, task_id, num, word, head);";

static sqlite3 *db;

static void finds(sqlite3_context *sq, int n, sqlite3_value **v)
{
    (void)sq;
    (void)n;
    (void)v;
}

static void must_prepare(struct ctx *cx, const struct task_filter *f)
{
    char *both = talloc_asprintf(cx->mem, "SELECT t.id FROM task t JOIN slot s ON s.task_id = t.id"
                                          " WHERE 1 = 1%s%s%s ORDER BY %s",
                                 f->where ? " AND (" : "", f->where ? f->where : "",
                                 f->where ? ")" : "", f->sort.sql ? f->sort.sql : "t.id");
    char *sql = sqltext(cx->mem, both, false);
    sqlite3_stmt *st = NULL;

    assert(sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK);
    assert(sqlite3_bind_parameter_count(st) == f->nvals);
    sqlite3_finalize(st);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct ctx *cx = ctx_new(NULL);
    struct task_filter f;
    json_t *query;

    if (!db) {
        sqlite3_open(":memory:", &db);
        sqlite3_exec(db, tables, NULL, NULL, NULL);
        sqlite3_create_function(db, "regex_finds", 2, SQLITE_UTF8, NULL, finds, NULL, NULL);
    }
    if (json_read(cx, (const char *)data, n, &query) == 0 &&
        filter_compile(cx, 1, query, n % 2, &f) == 0) {
        assert(!f.where || !strstr(f.where, "marker"));
        must_prepare(cx, &f);
    }
    ctx_free(cx);
    return 0;
}
