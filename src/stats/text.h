/*
 * text.h -- what a method for texts sees.  Not installed; the public face is as_words.h.
 *
 * text.c has checked the input, sorted the answers and cut them into words; a method sets answer[t]
 * and said[t] for every task with answers (as_choose does both), and weight[j].  Afterwards text.c
 * measures confidence and skills, alike for all methods.
 */
#ifndef STATS_TEXT_H
#define STATS_TEXT_H

#include "stats/as_words.h"
#include "stats/mem.h"

struct as_cut {                     /* walks over the words of a text; start with { .p = … } */
    struct as_phrase p;
    size_t begin, end;              /* bytes of the word just found */
    int alone;                      /* it is a letter of a script without blanks */
};
int as_cut_next(struct as_cut *c);  /* 0: no more */

/* The word in small letters; returns their bytes, never more than before. */
size_t as_fold(const char *word, size_t length, char *out);

/*
 * Texts as numbers: the words of text a are id[k], k = start[a] … start[a+1]-1; equal words, case
 * aside, have equal ids.  begin and end say where in the text they stand.
 */
struct as_words {
    size_t texts, n;
    uint32_t kinds;                 /* ids are below */
    size_t *start;
    uint32_t *id, *begin, *end;
    uint8_t *alone;
};
int as_words_cut(const struct as_phrase *text, size_t texts, struct as_words *w,
                 struct as_pool *pool);

/* Edit distance of two id sequences; row is scratch of bn + 1. */
uint32_t as_edits(const uint32_t *a, size_t an, const uint32_t *b, size_t bn, uint32_t *row);

/* Hashes of the 1- to 4-grams, sorted; returns how many (at most 4n); then GLEU of two of them. */
size_t as_grams(const uint32_t *id, size_t n, uint64_t *out);
double as_gram_likeness(const uint64_t *a, size_t an, const uint64_t *b, size_t bn);

struct as_text_fit {                /* one run of one method */
    const struct as_texts *in;
    const struct as_text_opts *opts;
    struct as_text_result *out;
    struct as_pool *pool;           /* scratch, ends with the run */
    struct as_pool *keep;           /* lives as long as the result */

    /* Answers kept: those of task t are a = first[t] … first[t+1]-1, as given. */
    size_t n, *first, *row;
    uint32_t *worker;
    struct as_phrase *text;
    struct as_words words;
    double *weight;                 /* [workers] of a voice: asked for x learned */
    uint32_t *row_edits;            /* scratch for as_edits */

    uint32_t **said;                /* [tasks] words of the result … */
    uint32_t *said_n;               /* … and how many */
    int own_skill;                  /* the method set out->worker[].skill and interval itself */
};

/* Answer a (kept) becomes the text of task t. */
void as_choose(struct as_text_fit *f, uint32_t t, size_t a, int tied);

/* 1 - word errors / words of the result, at least 0, of a kept answer of task t. */
double as_nearness(struct as_text_fit *f, uint32_t t, size_t a);

/* weight[j] = weight asked for x mean nearness of j's answers; -1 when the caller wants to stop. */
int as_learn_weights(struct as_text_fit *f, int round);

/* Word errors between all answers of task t, [n * n], or NULL; and the weighted sum of one row. */
const uint32_t *as_text_errors(struct as_text_fit *f, uint32_t t, struct as_pool *pool);
double as_text_risk(const struct as_text_fit *f, uint32_t t, const uint32_t *errors, size_t a);

struct as_text_method {
    struct as_method_info info;
    int (*run)(struct as_text_fit *f);
};
#define TEXT(name) extern const struct as_text_method as_text_##name;
#include "stats/text.def"
#undef TEXT

#endif
