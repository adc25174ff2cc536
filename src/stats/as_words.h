/* as_words.h -- free text of several people becomes one text; and how far two texts are apart */
#ifndef STATS_AS_WORDS_H
#define STATS_AS_WORDS_H

#include "stats/as_aggregate.h"

#define AS_WORDS_MAX    16384       /* words of one answer */
#define AS_ANSWERS_MAX  4096        /* answers of one task, empty ones left out */
#define AS_ENCODER_DIMS 512         /* of the built-in encoder */

/*
 * What a word is.  A text is UTF-8.  Letters become small (Latin, Greek, Cyrillic, Armenian; other
 * scripts stay as they are), then the text is cut at everything that is no letter, digit, mark, _
 * or ' -- as [^\w' ]+ would.  Beyond ASCII a code point belongs to a word unless it lies in a block
 * of spaces, punctuation, currency, arrows, signs or pictures; a byte that is no UTF-8 cuts too.
 * In scripts written without blanks (Han, kana, Thai, Lao, Khmer, Burmese) each letter is a word.
 */

struct as_phrase {                  /* bytes of somebody else, no 0 at the end needed */
    const char *text;
    size_t length;
};

struct as_texts {
    size_t n;                       /* answers; the last one counts when a worker answers twice */
    uint32_t tasks, workers;
    const struct as_phrase *text;   /* [n]; an answer without a word is no answer */
    const uint32_t *task, *worker;  /* [n] */
    const float *vector;            /* [n * dims] finite, for rasa and hrrasa; NULL: the built-in
                                       encoder */
    uint32_t dims;
};

struct as_text_opts {               /* as_text_opts_init first; a method ignores what it has not */
    int max_iter;                   /* 100 rounds of rasa and hrrasa */
    double tol;                     /* 1e-9 of the objective per answer */
    int rounds;                     /* 0: voices count alike in rover, medoid and exact; r: skill is
                                       learned in r rounds */
    double alpha;                   /* .05: skill in rasa = chi-squared(1 - alpha/2, n)/distance; */
    int lower;                      /* 1: chi-squared(alpha/2, n), which trusts who answered much */
    double prior;                   /* .1: distance all start with, in mean squared lengths */
    unsigned canon;                 /* enum as_canon, for exact; words and numbers by default */
    const double *worker_weight;    /* [workers] finite, >= 0, in every method; NULL: 1 each */
    double level;                   /* .95: of the intervals in the worker table */
    int (*progress)(void *arg, int iteration, double objective);    /* non-zero: stop now */
    void *progress_arg;
};
void as_text_opts_init(struct as_text_opts *o);

struct as_wording {                 /* the answer to one task */
    const char *text;               /* as its authors wrote it, ends with 0; "" without answers */
    size_t length;
    size_t row;                     /* the answer that was chosen; SIZE_MAX: composed, or none */
    uint32_t answers;               /* that were heard */
    double confidence;              /* how much of them stands behind it, 0 … 1: exact: the share
                                       of the votes; else the weighted mean of 1 - word errors /
                                       words */
    int tied;                       /* another one was as good */
    uint32_t words;
    const float *share;             /* [words] rover: votes behind each word; NULL otherwise */
};

struct as_text_result {             /* as_text_result_free ends it with all that hangs on it */
    const char *method;
    int version;
    uint32_t tasks, workers;
    uint64_t digest;                /* of the answers as heard */
    struct as_wording *answer;      /* [tasks] */
    struct as_worker *worker;       /* [workers] skill = mean of 1 - word errors / words of the
                                       result, at least 0 an answer; exact: share of agreement */
    size_t heard, empty, repeated;  /* rows: kept; without a word; given twice */
    int iterations, converged, stopped;
    double *trace;                  /* [trace_n] objective per round, never falls; 0: it has none */
    int trace_n;
};

/* The registry, in the order of text.def: rover, medoid, rasa, hrrasa, exact; then NULL. */
const struct as_method_info *as_text_method(unsigned at);

/* One text per task.  AS_ENOMETHOD, AS_EINVAL (ids, options, vectors), AS_ETOOBIG, AS_ENOMEM. */
int as_merge_text(const struct as_texts *in, const char *method, const struct as_text_opts *o,
                  struct as_text_result **out);
void as_text_result_free(struct as_text_result *r);

/*
 * Least number of words to change, add or drop to turn one text into the other; *words is the
 * length of the second, so that WER = sum of errors / sum of words.  AS_ETOOBIG, AS_ENOMEM.
 */
int as_word_errors(struct as_phrase said, struct as_phrase truth, size_t *errors, size_t *words);

/* GLEU of two texts: common 1- to 4-grams / those of the richer one (Wu et al. 2016).  Symmetric,
   0 … 1; two texts without words are alike.  AS_ETOOBIG, AS_ENOMEM. */
int as_gleu(struct as_phrase a, struct as_phrase b, double *out);

/* The words with one blank between them: the length it takes; writes at most `size` bytes, cut
   between characters, and always a 0 when size > 0. */
size_t as_words_plain(struct as_phrase p, char *out, size_t size);

/* The built-in encoder: trigrams of the characters of the text in small letters, with two blanks
   before and behind; CRC-32 of their bytes modulo AS_ENCODER_DIMS, counted, scaled to length 1.
   AS_ENOMEM. */
int as_text_encode(struct as_phrase p, float out[AS_ENCODER_DIMS]);

enum as_canon {                     /* forms in which two answers are the same; or them together */
    AS_CANON_WORDS = 1,             /* same words: case and punctuation do not matter */
    AS_CANON_NUMBER = 2,            /* 1,000.0 = 1000 = 1e3; 5 % stays 5%; 007 is no number */
    AS_CANON_DATE = 4,              /* 2024-03-05 = 5 March 2024 = Mar 5th, 2024; one in figures
                                       only is read year first, or left alone */
    AS_CANON_UNIT = 8,              /* 5 km = 5000 m; length, mass, time, volume, bytes */
    AS_CANON_JSON = 16,             /* objects and arrays: keys in any order, blanks, 1.0 = 1 */
};

/* One text for all that mean the same: in the first form of JSON, date, number, unit and words that
   is asked for and fits, else as it stands without blanks around.  Contract of as_words_plain, but
   cut between bytes. */
size_t as_canonical(struct as_phrase p, unsigned canon, char *out, size_t size);

#endif
