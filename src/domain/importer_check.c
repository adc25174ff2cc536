/* importer_check.c -- the first reading of an import: every row is looked at, nothing is stored.
 * See importer_load.h. */
#include "domain/importer_load.h"

#include <stdio.h>

#include "domain/import_row.h"

int load_digest(struct load *l)
{
    uint8_t sum[32], buf[65536];
    size_t k;
    FILE *f;
    int rc;

    id_sha256_begin();
    for (int i = 0; i < l->nsources; i++) {
        if ((rc = source_open(l->cx, l->run, &l->source[i], &f)) < 0)
            return rc;
        while ((k = fread(buf, 1, sizeof buf, f)) > 0)
            id_sha256_add(buf, k);
        rc = ferror(f);
        fclose(f);
        if (rc)
            return fail(l->cx, E_IO, "The uploaded file cannot be read.");
    }
    id_sha256_end(sum);
    id_hex(l->digest, sum, sizeof sum);
    return 0;
}

void load_complain(struct load *l, int64_t line, const char *field, const char *why)
{
    if (l->nerrors == LIMIT_IMPORT_ERRORS)
        return;
    if (!l->error)
        l->error = NEW_N(l->cx, struct import_error, LIMIT_IMPORT_ERRORS);
    l->error[l->nerrors++] = (struct import_error){
        line, field ? talloc_strdup(l->cx->mem, field) : NULL, talloc_strdup(l->cx->mem, why)};
}

/* Of several files, the one that is meant is named. */
static const char *in_file(struct load *l, const struct import_source *s, const char *why)
{
    return l->nsources == 1 ? why : talloc_asprintf(l->cx->mem, "%s: %s", s->name, why);
}

static void check_one(struct load *l, const struct import_source *s, const struct row *row)
{
    struct ctx *cx = ctx_new(l->cx->mem);
    struct import_row r;

    if (row->why)
        load_complain(l, row->line, row->name, in_file(l, s, row->why));
    else if (import_row_read(cx, l->config, &l->opts, row, false, &r) < 0)
        load_complain(l, row->line, cx->fields ? cx->fields->path : NULL, in_file(l, s, cx->why));
    else {
        l->answers += r.nanswers;
        l->guesses += r.nguesses;
        if (l->opts.want_ids)
            seen_row(&l->seen, row->data);
    }
    ctx_free(cx);
    l->rows++;
}

static int check_file(struct load *l, const struct import_source *s)
{
    struct ctx *cx = ctx_new(l->cx->mem);
    int64_t rows = l->rows;
    struct reader *r;
    struct row row;
    int rc = load_open(l, s, cx, &r);

    if (rc == 0) {
        seen_file(&l->seen, source_word(reader_kind(r)));
        while ((rc = reader_next(r, &row)) > 0 && l->nerrors < LIMIT_IMPORT_ERRORS) {
            check_one(l, s, &row);
            if (l->rows > LIMIT_IMPORT_TASKS) {
                load_complain(l, row.line, NULL, "One import holds at most 100000000 tasks.");
                break;
            }
            if (l->rows % 1000 == 0 && load_tell(l, r)) {
                load_complain(l, 0, NULL, IMPORT_STOPPED);
                break;
            }
        }
        load_close(l, r);
    }
    if (rc == E_INVALID || rc == E_TOOBIG) {
        load_complain(l, 0, NULL, in_file(l, s, cx->why));
        rc = 0;
    } else if (rc < 0) {
        fail(l->cx, rc, "%s", cx->why ? cx->why : "The file cannot be read.");
    }
    if (rc >= 0 && l->rows == rows && l->nerrors == 0)
        load_complain(l, 0, NULL, in_file(l, s, "The file holds no task."));
    ctx_free(cx);
    return rc < 0 ? rc : 0;
}

/* First reading: every row, nothing stored. */
int load_check(struct load *l)
{
    int rc = 0;

    seen_begin(&l->seen, l->cx);
    for (int i = 0; i < l->nsources && rc == 0 && !l->stopped &&
                    l->nerrors < LIMIT_IMPORT_ERRORS; i++)
        rc = check_file(l, &l->source[i]);
    return rc;
}
