/*
 * Any bytes as answers of several people: line by line, the first byte of a line its author.  Every
 * method answers or gives a code, words are cut the same from their own plain form, and a canonical
 * form is its own canonical form.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/annotary_stats.h"

#define ANSWERS 24
#define BYTES   2000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void forms(struct as_phrase p)
{
    static char once[2 * BYTES], twice[2 * BYTES];

    size_t a = as_words_plain(p, once, sizeof once);
    assert(a < sizeof once && a == strlen(once));
    size_t b = as_words_plain((struct as_phrase){ once, a }, twice, sizeof twice);
    assert(a == b && !memcmp(once, twice, a));
    for (unsigned canon = 0; canon < 32; canon++) {
        a = as_canonical(p, canon, once, sizeof once);
        assert(a < sizeof once);
        if ((canon & AS_CANON_UNIT) || ((canon & AS_CANON_WORDS) && canon != AS_CANON_WORDS))
            continue;               /* quantities are rounded; the words of ":1e9" are a number */
        b = as_canonical((struct as_phrase){ once, a }, canon, twice, sizeof twice);
        assert(a == b && !memcmp(once, twice, a));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct as_phrase text[ANSWERS];
    uint32_t task[ANSWERS], worker[ANSWERS];
    const struct as_method_info *m;
    const char *at = (const char *)data, *end = at + n;
    size_t k = 0, errors, words;
    double gleu;

    if (n > BYTES)
        return 0;
    while (at < end && k < ANSWERS) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        worker[k] = *(const uint8_t *)at++ % 5;
        stop = stop && stop >= at ? stop : stop ? at : end;
        text[k] = (struct as_phrase){ at, (size_t)(stop - at) };
        task[k] = (uint32_t)k % 3;
        forms(text[k++]);
        at = stop < end ? stop + 1 : end;
    }
    struct as_texts in = { .n = k, .tasks = 3, .workers = 5, .text = text, .task = task,
                           .worker = worker };
    for (unsigned i = 0; (m = as_text_method(i)); i++) {
        struct as_text_result *r;
        if (as_merge_text(&in, m->id, NULL, &r))
            continue;
        for (int t = 0; t < 3; t++)
            assert(r->answer[t].confidence >= 0 && r->answer[t].confidence <= 1);
        for (int j = 0; j < 5; j++)
            assert(r->worker[j].lo <= r->worker[j].skill && r->worker[j].skill <= r->worker[j].hi);
        as_text_result_free(r);
    }
    if (k > 1) {
        assert(as_word_errors(text[0], text[1], &errors, &words) == AS_OK);
        assert(as_gleu(text[0], text[1], &gleu) == AS_OK && gleu >= 0 && gleu <= 1);
    }
    return 0;
}
