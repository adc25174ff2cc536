/*
 * db_pg.c -- the PostgreSQL driver.
 *
 * Statements are prepared once for each connection, found by the address of
 * their text and the kinds of their values.  Values go and come in binary.
 * Rows are fetched whole: domain code asks for pages.
 *
 * READ acts see one snapshot (repeatable read, read only).  Writes run read
 * committed: the domain's conditional updates take row locks and look again.
 *
 * A connection that breaks is `lost`: before COMMIT that is E_BUSY, nothing
 * was stored.  During COMMIT it is E_IO: nobody knows.
 */
#include "core/log.h"
#include "store/addrmap.h"
#include "store/driver.h"
#include "store/sqltext.h"

#include <assert.h>
#include <endian.h>
#include <libpq-fe.h>

/* Numbers of the built-in types: fixed in pg_type.dat of PostgreSQL. */
enum {
    T_BOOL = 16, T_BYTEA = 17, T_NAME = 19, T_INT8 = 20, T_INT2 = 21, T_INT4 = 23, T_TEXT = 25,
    T_FLOAT4 = 700, T_FLOAT8 = 701, T_VARCHAR = 1043, T_NUMERIC = 1700
};

struct prepared {
    struct prepared *next;          /* the same text with values of other kinds */
    char kinds[VALUES_MAX + 1];
    char name[16];
    char *was;                      /* what the text said: an address must keep its text */
};

struct pg {
    struct db db;                   /* first */
    PGconn *c;
    struct addrmap statements;      /* of struct prepared */
    int nprepared;
    int64_t changes;
};

static struct pg *pg(struct db *db)
{
    return (struct pg *)(void *)db;
}

/* ---- trouble ---- */

/* The words of PostgreSQL may hold values; only those about names are logged. */
static void log_trouble(const PGresult *r, const char *state, const char *sql)
{
    bool names_only = strncmp(state, "42", 2) == 0 || strncmp(state, "23", 2) == 0;
    const char *words = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);

    log_error("postgresql state=%s says=\"%s\" at=\"%.80s\"", state,
              names_only && words ? words : "", sql);
}

static int trouble(struct ctx *cx, struct pg *p, const PGresult *r, const char *sql)
{
    const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;

    if (PQstatus(p->c) != CONNECTION_OK || !state) {
        p->db.lost = true;
        log_warn("the connection to PostgreSQL was lost");
        return fail(cx, E_BUSY, "The database cannot be reached. Nothing was stored.");
    }
    if (strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0)
        return fail(cx, E_RETRY, "Somebody changed the same thing. Try again.");
    if (strcmp(state, "23505") == 0)
        return fail(cx, E_EXISTS, "This exists already.");
    if (strcmp(state, "53100") == 0)
        return fail(cx, E_FULL, "The disk of the database is full. Nothing was stored.");
    if (strncmp(state, "22021", 5) == 0 || strcmp(state, "22P05") == 0)
        return fail(cx, E_INVALID, "A text holds a character that cannot be stored.");
    if (strcmp(state, "57014") == 0 && p->db.patience_ms)
        return db_ran_long(cx);
    if (strncmp(state, "53", 2) == 0 || strncmp(state, "57", 2) == 0 ||
        strcmp(state, "55P03") == 0) {
        if (strncmp(state, "57P", 3) == 0)
            p->db.lost = true;          /* the server is going down */
        return fail(cx, E_BUSY, "The database is busy. Try again in a moment.");
    }
    log_trouble(r, state, sql);
    if (strncmp(state, "58", 2) == 0 || strncmp(state, "XX", 2) == 0)
        return fail(cx, E_INTERNAL, "The database reported damage or a disk error.");
    return fail(cx, E_INTERNAL, "The database refused a statement. Nothing was stored.");
}

/* ---- statements ---- */

static Oid oid_of(char kind)
{
    switch (kind) {
    case 'i':
        return T_INT8;
    case 'd':
        return T_FLOAT8;
    case 't':
        return T_TEXT;
    case 'b':
        return T_BYTEA;
    }
    return 0;
}

static int prepare(struct ctx *cx, struct pg *p, const char *sql, struct prepared *s)
{
    char *text = sqltext(p, sql, true);
    Oid types[VALUES_MAX];
    int n = (int)strlen(s->kinds), rc = 0;
    PGresult *r;

    for (int i = 0; i < n; i++)
        types[i] = oid_of(s->kinds[i]);
    r = PQprepare(p->c, s->name, text, n, types);
    if (PQresultStatus(r) != PGRES_COMMAND_OK)
        rc = trouble(cx, p, r, sql);
    PQclear(r);
    talloc_free(text);
    return rc;
}

static int statement(struct ctx *cx, struct pg *p, const char *sql, const char *kinds,
                     const char **name)
{
    struct prepared *first = addrmap_get(&p->statements, sql), *s;
    int rc;

    assert(!first || strcmp(first->was, sql) == 0);
    for (s = first; s; s = s->next)
        if (strcmp(s->kinds, kinds) == 0) {
            *name = s->name;
            return 0;
        }
    s = talloc_zero(p, struct prepared);
    memcpy(s->kinds, kinds, strlen(kinds) + 1);
    snprintf(s->name, sizeof s->name, "s%d", p->nprepared);
    if ((rc = prepare(cx, p, sql, s)) < 0) {
        talloc_free(s);
        return rc;
    }
    p->nprepared++;
    if (first) {
        s->next = first->next;
        first->next = s;
    } else {
        s->was = talloc_strdup(s, sql);
        addrmap_put(&p->statements, p, sql, s);
    }
    *name = s->name;
    return 0;
}

static PGresult *execute_once(struct pg *p, const char *sql, const char *kinds, int n,
                              const char *const *at, const int *len, const int *binary)
{
    char *text = sqltext(p, sql, true);
    Oid types[VALUES_MAX];
    PGresult *r;

    for (int i = 0; i < n; i++)
        types[i] = oid_of(kinds[i]);
    r = PQexecParams(p->c, text, n, types, at, len, binary, 1);
    talloc_free(text);
    return r;
}

static int execute(struct ctx *cx, struct pg *p, const char *sql, const struct value *v, int n,
                   PGresult **out)
{
    const char *at[VALUES_MAX], *name, *tag;
    int len[VALUES_MAX], binary[VALUES_MAX], rc;
    uint64_t wire[VALUES_MAX];
    char kinds[VALUES_MAX + 1];
    PGresult *r;

    for (int i = 0; i < n; i++) {
        kinds[i] = v[i].kind;
        binary[i] = 1;
        at[i] = (const char *)&wire[i];
        len[i] = 8;
        if (v[i].kind == 'i') {
            wire[i] = htobe64((uint64_t)v[i].i);
        } else if (v[i].kind == 'd') {
            memcpy(&wire[i], &v[i].d, 8);
            wire[i] = htobe64(wire[i]);
        } else {
            at[i] = v[i].p;             /* NULL binds NULL */
            len[i] = (int)v[i].n;
        }
    }
    kinds[n] = 0;
    if (strncmp(sql, ONCE, sizeof ONCE - 1) == 0) {
        r = execute_once(p, sql, kinds, n, at, len, binary);
    } else {
        if ((rc = statement(cx, p, sql, kinds, &name)) < 0)
            return rc;
        r = PQexecPrepared(p->c, name, n, at, len, binary, 1);
    }
    if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK) {
        rc = trouble(cx, p, r, sql);
        PQclear(r);
        return rc;
    }
    tag = PQcmdStatus(r);
    if (strncmp(tag, "INSERT", 6) == 0 || strncmp(tag, "UPDATE", 6) == 0 ||
        strncmp(tag, "DELETE", 6) == 0)
        p->changes += strtoll(PQcmdTuples(r), NULL, 10);
    *out = r;
    return 0;
}

static int pg_run(struct ctx *cx, struct db *db, const char *sql, const struct value *v, int n)
{
    int64_t before = pg(db)->changes;
    PGresult *r;
    int rc = execute(cx, pg(db), sql, v, n, &r);

    if (rc < 0)
        return rc;
    PQclear(r);
    return (int)(pg(db)->changes - before);
}

static int pg_query(struct ctx *cx, struct db *db, const char *sql, const struct value *v, int n,
                    bool lasting, struct rows *q)
{
    PGresult *r;
    int rc = execute(cx, pg(db), sql, v, n, &r);

    (void)lasting;                      /* the values have been sent */
    if (rc < 0)
        return rc;
    q->handle = r;
    q->row = -1;
    return 0;
}

static int pg_next(struct rows *q)
{
    return ++q->row < PQntuples(q->handle);
}

static void pg_end(struct rows *q)
{
    PQclear(q->handle);
}

/* ---- columns, in binary ---- */

static bool pg_null(struct rows *q, int col)
{
    assert(col < PQnfields(q->handle));
    return PQgetisnull(q->handle, q->row, col);
}

static uint16_t read16(const char *p)
{
    uint16_t w;

    memcpy(&w, p, 2);
    return be16toh(w);
}

static uint32_t read32(const char *p)
{
    uint32_t w;

    memcpy(&w, p, 4);
    return be32toh(w);
}

static uint64_t read64(const char *p)
{
    uint64_t w;

    memcpy(&w, p, 8);
    return be64toh(w);
}

/*
 * A numeric (sum, avg) on the wire: how many digits, the place of the first,
 * the sign, the places shown, then digits to base 10000; a digit at place k
 * stands for digit × 10000^k.  Whole numbers below 2^63 are exact in *whole.
 */
static void numeric(const char *p, int64_t *whole, double *all)
{
    int n = read16(p), first = (int16_t)read16(p + 2);
    uint16_t sign = read16(p + 4);
    uint64_t sum = 0;
    double scale = 1, rest = 0;

    for (int place = first; place >= 0; place--)
        sum = sum * 10000 + (first - place < n ? read16(p + 8 + 2 * (first - place)) : 0);
    for (int place = -1; first - place < n; place--) {
        scale *= 10000;
        if (place <= first)
            rest += read16(p + 8 + 2 * (first - place)) / scale;
    }
    *whole = (int64_t)(sign == 0x4000 ? -sum : sum);
    *all = (sign == 0x4000 ? -1 : 1) * ((double)sum + rest);
}

static void number(struct rows *q, int col, int64_t *i, double *d)
{
    const char *p = PQgetvalue(q->handle, q->row, col);
    uint32_t w32;
    uint64_t w64;
    float f;

    *i = 0;
    switch (PQftype(q->handle, col)) {
    case T_BOOL:
        *i = *p != 0;
        break;
    case T_INT2:
        *i = (int16_t)read16(p);
        break;
    case T_INT4:
        *i = (int32_t)read32(p);
        break;
    case T_INT8:
        *i = (int64_t)read64(p);
        break;
    case T_FLOAT4:
        w32 = read32(p);
        memcpy(&f, &w32, sizeof f);
        *d = (double)f;
        *i = (int64_t)f;
        return;
    case T_FLOAT8:
        w64 = read64(p);
        memcpy(d, &w64, sizeof *d);
        *i = *d > -9.2e18 && *d < 9.2e18 ? (int64_t)*d : 0;
        return;
    case T_NUMERIC:
        numeric(p, i, d);
        return;
    default:                            /* text: as SQLite does */
        *i = strtoll(p, NULL, 10);
        *d = strtod(p, NULL);
        return;
    }
    *d = (double)*i;
}

static int64_t pg_int(struct rows *q, int col)
{
    int64_t i;
    double d;

    number(q, col, &i, &d);
    return i;
}

static double pg_num(struct rows *q, int col)
{
    int64_t i;
    double d;

    number(q, col, &i, &d);
    return d;
}

/* The bytes of text and of bytes; a number in words, on cx->mem. */
static const char *bytes_of(struct rows *q, int col, size_t *n)
{
    Oid type = PQftype(q->handle, col);
    char *s;

    if (type == T_FLOAT4 || type == T_FLOAT8 || type == T_NUMERIC)
        s = talloc_asprintf(q->cx->mem, "%.17g", pg_num(q, col));
    else if (type == T_BOOL || type == T_INT2 || type == T_INT4 || type == T_INT8)
        s = talloc_asprintf(q->cx->mem, "%lld", (long long)pg_int(q, col));
    else {
        *n = (size_t)PQgetlength(q->handle, q->row, col);
        return PQgetvalue(q->handle, q->row, col);      /* libpq adds a NUL */
    }
    *n = strlen(s);
    return s;
}

static const char *pg_text(struct rows *q, int col)
{
    size_t n;

    return bytes_of(q, col, &n);
}

static const void *pg_blob(struct rows *q, int col, size_t *n)
{
    return bytes_of(q, col, n);
}

static int64_t pg_changes(struct db *db)
{
    return pg(db)->changes;
}

/* ---- transactions ---- */

static int plain(struct ctx *cx, struct pg *p, const char *sql)
{
    PGresult *r = PQexec(p->c, sql);
    int rc = 0;

    if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
        rc = trouble(cx, p, r, sql);
    PQclear(r);
    return rc;
}

static int pg_script(struct ctx *cx, struct db *db, const char *sql)
{
    char *text = sqltext(pg(db), sql, true);
    int rc = plain(cx, pg(db), text);

    talloc_free(text);
    return rc;
}

static int pg_patience(struct ctx *cx, struct db *db, int ms)
{
    char text[60];

    snprintf(text, sizeof text, "SET LOCAL statement_timeout = '%dms'", ms);
    return plain(cx, pg(db), text);
}

static int pg_begin(struct ctx *cx, struct db *db, enum act_kind kind)
{
    db->patience_ms = 0;
    return plain(cx, pg(db), kind == ACT_READ ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
                                              : "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
}

/* What PostgreSQL says about a COMMIT it refused is certain only for these classes; else E_IO. */
static bool certain(const char *state)
{
    return state && (strncmp(state, "23", 2) == 0 || strncmp(state, "25", 2) == 0 ||
                     strncmp(state, "40", 2) == 0 || strncmp(state, "53", 2) == 0) &&
           strcmp(state, "40003") != 0;     /* statement completion unknown */
}

static int pg_commit(struct ctx *cx, struct db *db)
{
    struct pg *p = pg(db);
    PGresult *r = PQexec(p->c, "COMMIT");
    int rc = 0;

    if (PQresultStatus(r) == PGRES_COMMAND_OK) {
        if (strcmp(PQcmdStatus(r), "COMMIT") != 0)
            rc = fail(cx, E_INTERNAL, "The database took the change back. Nothing was stored.");
    } else if (PQstatus(p->c) == CONNECTION_OK &&
               certain(PQresultErrorField(r, PG_DIAG_SQLSTATE))) {
        rc = trouble(cx, p, r, "COMMIT");
    } else {
        log_error("the fate of a COMMIT is unknown: the connection to PostgreSQL was lost");
        db->lost = true;
        rc = fail(cx, E_IO, "The connection to the database broke: it is not known whether this "
                  "was stored. Repeat the request with the same Idempotency-Key.");
    }
    PQclear(r);
    return rc;
}

static void pg_rollback(struct db *db)
{
    struct pg *p = pg(db);

    if (!db->lost && PQtransactionStatus(p->c) != PQTRANS_IDLE)
        PQclear(PQexec(p->c, "ROLLBACK"));
    if (PQstatus(p->c) != CONNECTION_OK || PQtransactionStatus(p->c) != PQTRANS_IDLE)
        db->lost = true;
}

static bool pg_in_transaction(struct db *db)
{
    return PQtransactionStatus(pg(db)->c) != PQTRANS_IDLE;
}

/* ---- opening ---- */

static void pg_close(struct db *db)
{
    PQfinish(pg(db)->c);
    talloc_free(db);
}

static const struct driver driver = {
    .close = pg_close, .script = pg_script, .run = pg_run, .query = pg_query, .next = pg_next,
    .end = pg_end, .is_null = pg_null, .col_int = pg_int, .col_num = pg_num, .col_text = pg_text,
    .col_blob = pg_blob, .changes = pg_changes, .patience = pg_patience,
    .begin = pg_begin, .commit = pg_commit,
    .rollback = pg_rollback, .in_transaction = pg_in_transaction,
};

static void quiet(void *arg, const PGresult *r)
{
    (void)arg;
    (void)r;
}

/* The address may set any of these otherwise: it wins over what stands before `dbname`. */
static PGconn *connect_to(const char *address)
{
    const char *keys[] = {"application_name", "connect_timeout", "keepalives_idle",
                          "keepalives_interval", "keepalives_count", "tcp_user_timeout", "dbname",
                          "client_encoding", NULL};
    const char *values[] = {"annotary", "5", "10", "5", "3", "15000", address, "UTF8", NULL};

    return PQconnectdbParams(keys, values, 1);
}

int pg_open(struct ctx *cx, const char *address, bool readonly, struct db **out)
{
    struct pg *p = talloc_zero(NULL, struct pg);
    const char *encoding;
    int rc = 0;

    p->db.drv = &driver;
    p->db.pg = true;
    p->db.readonly = readonly;
    p->c = connect_to(address);
    if (PQstatus(p->c) != CONNECTION_OK) {
        rc = fail(cx, E_BUSY, "The PostgreSQL server cannot be reached with this address.");
        log_error("postgresql: no connection");     /* its own words may repeat the address */
    } else if (!(encoding = PQparameterStatus(p->c, "server_encoding")) ||
               strcmp(encoding, "UTF8") != 0) {
        rc = fail(cx, E_INVALID, "The PostgreSQL database must have the encoding UTF8.");
    } else if (PQserverVersion(p->c) < 150000) {
        rc = fail(cx, E_INVALID, "PostgreSQL 15 or newer is needed.");
    } else {
        PQsetNoticeReceiver(p->c, quiet, NULL);
        rc = plain(cx, p, "SET statement_timeout = '10s'; SET default_transaction_isolation = "
                   "'read committed'; SELECT set_config('synchronous_commit', 'on', false) "
                   "WHERE current_setting('synchronous_commit') = 'off'");
    }
    if (rc < 0) {
        pg_close(&p->db);
        return rc;
    }
    *out = &p->db;
    return 0;
}
