/*
 * demo.h -- what the parts of `annotary demo` share.
 *
 *   demo_data     the samples inside the program, and their hidden truth
 *   demo_place    the data folder, and the server on a thread of this process
 *   demo_people   organisation, accounts, projects
 *   demo_sim      what a person of some skill would answer (pure)
 *   demo_work     labelling through the HTTP API
 *   demo_check    exports fetched, compared with what was sent
 *   demo_score    how good answers are, against the truth (pure)
 *   cmd_demo      the command: steps in order, tables at the end
 *
 * The truth is read here and by nothing else; it never goes to the server.
 * Everything that is chance comes from DEMO_SEED, project, person and task, so
 * that two runs print the same table.
 */
#ifndef CLI_DEMO_H
#define CLI_DEMO_H

#include "cli/cli.h"
#include "cli/hclient.h"
#include "http/ui.h"

#define DEMO_SEED 7
#define DEMO_PROJECTS 4
#define DEMO_PEOPLE 9               /* owner, reviewer, five annotators, two of the vendor */
#define DEMO_OVERLAP 3
#define DEMO_HALF 90                /* answers a project has when a person comes to look */

extern const struct ui_file example_files[];    /* tools/embed */

/* ---- samples ---------------------------------------------------------------------------- */

enum demo_kind { DEMO_CHOICE, DEMO_SPANS, DEMO_BOXES, DEMO_PAIR };

struct demo_item {
    const char *key;                /* data.id; of a picture the SHA-256 of its bytes */
    json_t *data;                   /* as in tasks.jsonl */
    json_t *truth;                  /* a result */
};

struct demo_example {
    enum demo_kind kind;
    const char *folder, *title, *measure;
    char *xml;
    struct demo_item *item;
    int nitems;
    const char **label;             /* every label the truth uses, in the order of first use */
    int nlabels;
    const json_t *pattern;          /* a region of the truth, to draw wrong ones like it */
    /* what is uploaded */
    const char *file_name;
    const void *upload;
    size_t nupload;
};

/* E_INTERNAL: the samples inside the program do not fit together */
int demo_examples(struct ctx *cx, struct demo_example out[DEMO_PROJECTS]);

/* Whose task is this?  By its data, as the server gives it; -1: none of ours. */
int demo_find(const struct demo_example *e, const json_t *data);

/* ---- answers ---------------------------------------------------------------------------- */

/* What person number `who` of that skill answers; a result on cx->mem. */
json_t *demo_answer(struct ctx *cx, const struct demo_example *e, int item, int who, double skill);

struct demo_score {
    double sum;                     /* choices, boxes, pairs: of the figures of answers */
    int64_t n;
    int64_t hit, given, wanted;     /* spans */
};
void demo_score_add(struct demo_score *s, enum demo_kind kind, const json_t *truth,
                    const json_t *answer);
double demo_score(const struct demo_score *s, enum demo_kind kind);

/* ---- a run ------------------------------------------------------------------------------ */

struct demo_person {
    const char *name, *email;
    int org_role, role;             /* enum role */
    bool vendor;
    double skill;                   /* 0: does not label */
    int64_t id;
    const char *password, *token;
};

/* An answer the server has acknowledged. */
struct demo_sent {
    int64_t annotation;
    int item, who;
    const char *result;             /* the bytes */
};

struct demo_project {
    struct demo_example *e;
    int64_t id;
    struct demo_sent *sent;
    int nsent, skips, abandoned, repeats;
    int settled;                    /* tasks with consensus */
    double agreement;
    struct demo_score agreed;       /* consensus against the truth */
    struct demo_score by[DEMO_PEOPLE];
};

struct demo {
    struct cli *cli;
    struct ctx *cx;
    const char *folder;
    bool temporary;                 /* the folder goes at the end */
    struct run *run;
    struct hclient *http;
    int port;
    int64_t vendor, began_us;
    struct demo_person person[DEMO_PEOPLE];
    struct demo_example example[DEMO_PROJECTS];
    struct demo_project project[DEMO_PROJECTS];
};

/* One line a step on standard error; on a terminal with a figure that moves. */
void demo_step(struct demo *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void demo_progress(struct demo *d, const char *what, int done, int total);

/* --- demo_place.c --- */

/*
 * A fresh folder.  given NULL: a temporary one with `once`, else the first of ./annotary-data/demo,
 * demo-2 … that does not exist.  E_EXISTS  it holds an Annotary and may not be replaced
 */
int demo_folder(struct demo *d, const char *given, bool once, bool fresh);
void demo_folder_forget(struct demo *d);

/* Open the store, listen (port 0: any), loop on a thread.  *setup on cx->mem. */
int demo_serve(struct demo *d, int port, char **setup);
bool demo_stopped(void);            /* Ctrl-C */
void demo_wait(void);               /* until Ctrl-C */
void demo_close(void);              /* stop, and wait for the end */

/* --- demo_people.c, demo_work.c, demo_check.c: sentences in cx->why say what failed --- */

int demo_people(struct demo *d, const char *setup);
int demo_projects(struct demo *d);
int demo_label(struct demo *d, struct demo_project *p, int most);      /* most 0: all there is */
int demo_settle(struct demo *d);    /* wait for consensus, read the agreement */
int demo_check(struct demo *d, struct demo_project *p);

#endif
