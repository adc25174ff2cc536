/*
 * importer_load.h -- one import under way: its file is read twice.
 *
 * The first reading checks every row and stores nothing.  The second hands
 * slices of rows to the writer, parsed here while the writer stores the one
 * before, and small enough that nobody waits long behind one.
 *
 * Part of importer.c's work, which owns the table and says what comes before
 * and after.
 */
#ifndef DOMAIN_IMPORTER_LOAD_H
#define DOMAIN_IMPORTER_LOAD_H

#include <pthread.h>

#include "core/id.h"
#include "domain/import_seen.h"
#include "domain/importer.h"
#include "domain/media.h"

#define IMPORT_STOPPED "The import was stopped; nothing of it was kept."

struct label_config;
struct reader;

struct load {
    struct run *run;
    struct ctx *cx;             /* the caller's: lives as long as the import */
    struct ctx *inside;         /* what acts keep: they run on another thread than the reading */
    int64_t import, person, job;        /* who began it; 0: nobody waits behind a job */
    int64_t project, config_n, overlap, inner, lane, ord, first_task;
    struct import_opts opts;
    const char *spool;          /* what to remove at the end */
    struct import_source *source;
    int nsources;
    const json_t *uploads;      /* ids of file uploads, when these are some; else NULL */
    int64_t bytes, before;      /* of all sources; of those that were read already */
    struct reader *reader;      /* of the file in hand */
    struct seen seen;
    const struct label_config *config;
    uint8_t key[32];
    bool shuffled, storing, stopped;
    int64_t slice, seen_acts;   /* rows in the next slice: see slice_adapt */
    int64_t rows, answers, guesses, finished, touched;
    struct import_error *error;
    int nerrors;
    struct author *authors;
    int64_t *ids;
    int64_t nids;
    char digest[ID_SHA256_HEX];
    bool (*progress)(void *, int64_t, int64_t);
    void *progress_arg;
    /* files of the row being read: rows of `media`, stored with its slice */
    struct media *file;
    int nfiles, file_rc;        /* file_rc: what storing the last file said */
    int64_t started_us;
    pthread_mutex_t lock;
    pthread_cond_t arrived;
};

struct load *load_new(struct run *run, struct ctx *cx, int64_t import);
void load_free(struct load *l);

/* One of its files; `cx` lives as long as the reader.  What follows counts from behind it. */
int load_open(struct load *l, const struct import_source *s, struct ctx *cx,
              struct reader **out);
void load_close(struct load *l, struct reader *r);
bool load_tell(struct load *l, const struct reader *r); /* how far it is; is it to stop? */

/* A blob that the row being read shows. */
void load_keep_file(struct load *l, const struct media *m);

/* One more sentence for the report; at most LIMIT_IMPORT_ERRORS are kept. */
void load_complain(struct load *l, int64_t line, const char *field, const char *why);

/* Outside of any act; the sentence of a failure stands in l->cx. */
int load_digest(struct load *l);        /* fills l->digest */
int load_check(struct load *l);         /* counts the rows; what is wrong with them: l->error */
int load_store(struct load *l);         /* E_INVALID  a row was good at first and is not now */

#endif
