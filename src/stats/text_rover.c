/*
 * text_rover.c -- Recognizer Output Voting Error Reduction (Fiscus, ASRU 1997): word by word, what
 * most people wrote.
 *
 *   1. the answers of a task in the order of their word errors against the others, best first;
 *   2. each in turn is aligned to the network of words so far: a row of slots, each with the words
 *      heard there.  Cost 0 where the slot holds the word, else 1; 1 for a slot passed over, 1 for
 *      a new slot.  Of equal alignments the one with the matches furthest in front;
 *   3. each slot says its most voted word, or nothing when passing it over had more votes.  A tie
 *      goes to a word, then to the one heard first.
 *
 * Capitals and what stands between two words are voted on as well, so the result reads as its
 * authors wrote.  With opts.rounds votes weigh as much as their author is near to the result.
 * O(answers * words^2) a task.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/tally.h"
#include "stats/text.h"

#define NONE         UINT32_MAX
#define CELLS_MAX    ((size_t)1 << 28)  /* of one alignment, a byte each */
#define SPELLERS_MAX 32                 /* voices asked how a word is spelt */

struct choice {                         /* a word in a slot */
    uint32_t word, next;
    double votes;
    uint32_t voice;                     /* last token that said it; earlier ones by net.before */
};

struct net {
    struct as_text_fit *f;
    struct as_pool *pool;
    uint32_t slots, *order, *spare;     /* slots from left to right; the next order is built here */
    uint32_t *first, *last;             /* choices of a slot */
    struct choice *choice;
    uint32_t choices, made;             /* made: slots ever opened, as numbers for them */
    uint32_t *before, *author;          /* of each token of the task: voice before it; its answer */
    double heard;                       /* weight of the answers in the network */
    size_t token0, answer0;             /* the task's first token and answer */
};

static struct net *net_new(struct as_text_fit *f, uint32_t t, struct as_pool *pool)
{
    struct net *n = as_take(pool, 1, sizeof *n);
    size_t from = f->first[t], to = f->first[t + 1];
    size_t tokens = f->words.start[to] - f->words.start[from];

    if (!n)
        return NULL;
    *n = (struct net){ .f = f, .pool = pool, .token0 = f->words.start[from],
                         .answer0 = from };
    n->order = as_take(pool, tokens, sizeof *n->order);
    n->spare = as_take(pool, tokens, sizeof *n->spare);
    n->first = as_take(pool, tokens, sizeof *n->first);
    n->last = as_take(pool, tokens, sizeof *n->last);
    n->choice = as_take(pool, tokens, sizeof *n->choice);
    n->before = as_take(pool, tokens, sizeof *n->before);
    n->author = as_take(pool, tokens, sizeof *n->author);
    if (!n->order || !n->spare || !n->first || !n->last || !n->choice || !n->before || !n->author)
        return NULL;
    for (size_t a = from; a < to; a++)
        for (size_t k = f->words.start[a]; k < f->words.start[a + 1]; k++)
            n->author[k - n->token0] = (uint32_t)(a - from);
    return n;
}

/* ------------------------------------------------------------------ 2. alignment */

static uint32_t slot_open(struct net *n)
{
    n->first[n->made] = n->last[n->made] = NONE;
    return n->made++;
}

static void slot_vote(struct net *n, uint32_t slot, size_t token, double weight)
{
    uint32_t word = n->f->words.id[token], at = n->first[slot];
    uint32_t local = (uint32_t)(token - n->token0);

    while (at != NONE && n->choice[at].word != word)
        at = n->choice[at].next;
    if (at == NONE) {
        at = n->choices++;
        n->choice[at] = (struct choice){ word, NONE, 0, NONE };
        if (n->first[slot] == NONE)
            n->first[slot] = at;
        else
            n->choice[n->last[slot]].next = at;
        n->last[slot] = at;
    }
    n->before[local] = n->choice[at].voice;
    n->choice[at].voice = local;
    n->choice[at].votes += weight;
}

enum step { MEET, PASS, OPEN };         /* word in slot; slot passed over; new slot */

/* step[i * (words+1) + j]: the last step of the cheapest way to align i slots and j words.  mark is
   scratch, one number per kind of word. */
static void plan(const struct net *n, const uint32_t *word, size_t words, uint8_t *step,
                 uint32_t *cost, uint32_t *mark)
{
    for (size_t j = 0; j <= words; j++) {
        cost[j] = (uint32_t)j;
        step[j] = OPEN;
    }
    for (uint32_t i = 1; i <= n->slots; i++) {
        uint8_t *row = step + i * (words + 1);
        uint32_t corner = cost[0], c;
        for (c = n->first[n->order[i - 1]]; c != NONE; c = n->choice[c].next)
            mark[n->choice[c].word] = i;
        cost[0]++;
        row[0] = PASS;
        for (size_t j = 1; j <= words; j++) {
            uint32_t meet = corner + (mark[word[j - 1]] != i);
            uint32_t pass = cost[j] + 1, open = cost[j - 1] + 1;
            corner = cost[j];
            cost[j] = open;
            row[j] = OPEN;
            if (pass < cost[j]) {
                cost[j] = pass;
                row[j] = PASS;
            }
            if (meet < cost[j]) {
                cost[j] = meet;
                row[j] = MEET;
            }
        }
        for (c = n->first[n->order[i - 1]]; c != NONE; c = n->choice[c].next)
            mark[n->choice[c].word] = 0;
    }
}

/* Answer a (kept) joins the network. */
static int join(struct net *n, size_t a, double weight, uint32_t *mark)
{
    const struct as_words *w = &n->f->words;
    struct as_pool pool = { 0 };
    size_t words = w->start[a + 1] - w->start[a], j = words;
    uint32_t i = n->slots, at = 0;

    if ((n->slots + (size_t)1) * (words + 1) > CELLS_MAX)
        return AS_ETOOBIG;
    uint8_t *step = as_take(&pool, n->slots + (size_t)1, words + 1);
    uint32_t *cost = as_take(&pool, words + 1, sizeof *cost);
    if (!step || !cost) {
        as_pool_end(&pool);
        return AS_ENOMEM;
    }
    plan(n, w->id + w->start[a], words, step, cost, mark);
    while (i || j) {
        enum step s = step[i * (words + 1) + j];
        uint32_t slot = s == OPEN ? slot_open(n) : n->order[i - 1];
        if (s != PASS)
            slot_vote(n, slot, w->start[a] + j - 1, weight);
        j -= s != PASS;
        i -= s != OPEN;
        n->spare[at++] = slot;
    }
    for (i = 0; i < at; i++)            /* it was built from the right */
        n->order[i] = n->spare[at - 1 - i];
    n->slots = at;
    n->heard += weight;
    as_pool_end(&pool);
    return AS_OK;
}

/* ------------------------------------------------------------------ 3. the vote */

/* The most voted choice of a slot, NONE when passing it over had more votes. */
static uint32_t winner(const struct net *n, uint32_t slot, int *tied)
{
    double sum = 0, best = 0, second = 0;
    uint32_t top = NONE;

    for (uint32_t c = n->first[slot]; c != NONE; c = n->choice[c].next) {
        double v = n->choice[c].votes;
        sum += v;
        if (top == NONE || v > best * (1 + AS_TIE_EPS)) {
            second = top == NONE ? 0 : best;
            best = v;
            top = c;
        } else if (v > second) {
            second = v;
        }
    }
    double pass = n->heard - sum;
    if (pass > best * (1 + AS_TIE_EPS))
        return NONE;
    *tied |= fmax(second, pass) >= best * (1 - AS_TIE_EPS);
    return top;
}

/* Between words: before the first, the word itself, between it and the next, behind the last. */
enum part { HEAD, WORD, TAIL, END };

/* What a token has to say about a part; 0: nothing. */
static int part_of(const struct net *n, uint32_t token, enum part part, struct as_phrase *p)
{
    const struct as_words *w = &n->f->words;
    size_t k = n->token0 + token, a = n->answer0 + n->author[token];
    size_t from = w->begin[k], to = w->end[k];
    struct as_phrase all = n->f->text[a];
    int is_last = k + 1 == w->start[a + 1];

    if ((part == HEAD && k != w->start[a]) || (part == TAIL && is_last)
        || (part == END && !is_last))
        return 0;
    if (part == HEAD) {
        to = from;
        from = 0;
        while (from < to && strchr(" \t\r\n", all.text[from]))
            from++;
    } else if (part != WORD) {
        from = to;
        to = is_last ? all.length : w->begin[k + 1];
        while (part == END && from < to && strchr(" \t\r\n", all.text[to - 1]))
            to--;
    }
    *p = (struct as_phrase){ all.text + from, to - from };
    return 1;
}

static int same(struct as_phrase a, struct as_phrase b)
{
    return a.length == b.length && !memcmp(a.text, b.text, a.length);
}

/* How most of those who said the word wrote a part of it; of equals the one heard first. */
static struct as_phrase spelling(const struct net *n, const struct choice *c, enum part part)
{
    struct as_phrase said[SPELLERS_MAX], best = { "", 0 };
    double weight[SPELLERS_MAX], most = -1;
    size_t voices = 0;

    for (uint32_t v = c->voice; v != NONE; v = n->before[v]) {      /* the last one first */
        size_t at = voices % SPELLERS_MAX;
        if (!part_of(n, v, part, &said[at]))
            continue;
        weight[at] = n->f->weight[n->f->worker[n->answer0 + n->author[v]]];
        voices++;
    }
    voices = voices < SPELLERS_MAX ? voices : SPELLERS_MAX;
    for (size_t x = 0; x < voices; x++) {
        double sum = 0;
        for (size_t y = 0; y < voices; y++)
            sum += same(said[x], said[y]) ? weight[y] : 0;
        if (sum >= most) {
            most = sum;
            best = said[x];
        }
    }
    if (part == TAIL && !voices && !n->f->words.alone[n->token0 + c->voice])
        best = (struct as_phrase){ " ", 1 };
    return best;
}

static size_t add(char *out, size_t at, struct as_phrase p)
{
    if (out && p.length)
        memcpy(out + at, p.text, p.length);
    return at + p.length;
}

/* Writes the text of the winners; returns its length.  out may be NULL. */
static size_t write_out(const struct net *n, const uint32_t *win, uint32_t words, char *out)
{
    size_t at = 0;

    for (uint32_t k = 0; k < words; k++) {
        const struct choice *c = &n->choice[win[k]];
        if (k == 0)
            at = add(out, at, spelling(n, c, HEAD));
        at = add(out, at, spelling(n, c, WORD));
        at = add(out, at, spelling(n, c, k + 1 < words ? TAIL : END));
    }
    return at;
}

static int say(struct net *n, uint32_t t, size_t medoid)
{
    struct as_text_fit *f = n->f;
    uint32_t *win = as_take(n->pool, n->slots, sizeof *win), words = 0;
    int tied = 0;

    if (!win)
        return AS_ENOMEM;
    for (uint32_t s = 0; s < n->slots; s++)
        if ((win[words] = winner(n, n->order[s], &tied)) != NONE)
            words++;
    if (!words) {                       /* nobody agrees on anything */
        as_choose(f, t, medoid, 1);
        f->out->answer[t].share = NULL;
        return AS_OK;
    }
    size_t length = write_out(n, win, words, NULL);
    char *text = as_take(f->pool, length + 1, 1);
    uint32_t *said = as_take(f->pool, words, sizeof *said);
    float *share = as_take(f->keep, words, sizeof *share);
    if (!text || !said || !share)
        return AS_ENOMEM;
    write_out(n, win, words, text);
    for (uint32_t k = 0; k < words; k++) {
        said[k] = n->choice[win[k]].word;
        share[k] = (float)(n->choice[win[k]].votes / n->heard);
    }
    f->said[t] = said;
    f->said_n[t] = words;
    f->out->answer[t] = (struct as_wording){ .text = text, .length = length, .row = SIZE_MAX,
                                             .tied = tied, .words = words, .share = share };
    return AS_OK;
}

/* ------------------------------------------------------------------ 1. order, and the run */

struct rank {
    double risk;
    size_t a;
};

static int by_risk(const void *x, const void *y)
{
    const struct rank *a = x, *b = y;

    return a->risk < b->risk ? -1 : a->risk > b->risk ? 1 : a->a < b->a ? -1 : a->a > b->a;
}

static int task(struct as_text_fit *f, uint32_t t, uint32_t *mark)
{
    struct as_pool pool = { 0 };
    size_t from = f->first[t], answers = f->first[t + 1] - from;
    const uint32_t *errors = as_text_errors(f, t, &pool);
    struct rank *rank = as_take(&pool, answers, sizeof *rank);
    struct net *n = net_new(f, t, &pool);
    int rc = errors && rank && n ? AS_OK : AS_ENOMEM, silent = 1;

    for (size_t a = 0; !rc && a < answers; a++) {
        rank[a] = (struct rank){ as_text_risk(f, t, errors, a), from + a };
        silent &= !(f->weight[f->worker[from + a]] > 0);
    }
    if (!rc)
        qsort(rank, answers, sizeof *rank, by_risk);
    for (size_t a = 0; !rc && a < answers; a++)
        rc = join(n, rank[a].a, silent ? 1 : f->weight[f->worker[rank[a].a]], mark);
    if (!rc && answers)
        rc = say(n, t, rank[0].a);
    as_pool_end(&pool);
    return rc;
}

static int run(struct as_text_fit *f)
{
    uint32_t *mark = as_take(f->pool, f->words.kinds, sizeof *mark);
    int rc = mark ? AS_OK : AS_ENOMEM;

    for (int round = 0; !rc && !f->out->stopped && round <= f->opts->rounds; round++) {
        if (round)
            rc = as_learn_weights(f, round);
        for (uint32_t t = 0; !rc && t < f->in->tasks; t++)
            rc = task(f, t, mark);
    }
    return rc;
}

const struct as_text_method as_text_rover = {
    { "rover", "ROVER", "Fiscus, ASRU 1997",
      "Aligns the answers word by word and lets each place be voted on, so the result can be "
      "better than every single answer. Its cost grows with the square of the length, and a "
      "thousand short texts take a fraction of a second. Use it for transcripts and other texts "
      "whose words can be checked one by one.", 0 },
    run
};
