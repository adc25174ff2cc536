/* regex.c -- see regex.h. */
#include "core/regex.h"

#include <string.h>
#include <talloc.h>

#define PROGRAM_MAX 2000            /* instructions */
#define REPEAT_MAX 200
#define RANGES_MAX 64               /* in one class */
#define DEPTH_MAX 32
#define CODE_MAX 0x10ffff

enum op { CHAR, CLASS, ANY, SPLIT, JUMP, BEGIN, END, FOUND };

struct range {
    uint32_t lo, hi;
};

struct class {
    struct range range[RANGES_MAX];
    int n;
    bool not;
};

struct step {
    enum op op;
    uint32_t c;                     /* CHAR */
    int x, y;                       /* SPLIT, JUMP: where on; CLASS: which */
};

struct regex {
    struct step step[PROGRAM_MAX];
    struct class *class;
    int n, nclass;
};

struct parse {
    struct regex *re;
    const unsigned char *s, *end;
    const char *why;
    int depth;
};

static uint32_t next_code(const unsigned char **s, const unsigned char *end)
{
    const unsigned char *p = *s;
    int more = *p < 0x80 ? 0 : *p >= 0xf0 ? 3 : *p >= 0xe0 ? 2 : *p >= 0xc0 ? 1 : 0;
    uint32_t c = more == 0 ? *p : *p & (0x3fu >> more);

    for (p++; more && p < end && (*p & 0xc0) == 0x80; more--)
        c = c << 6 | (*p++ & 0x3f);
    *s = p;
    return c;
}

static bool refuse(struct parse *p, const char *why)
{
    if (!p->why)
        p->why = why;
    return false;
}

static int emit(struct parse *p, enum op op, int x, int y)
{
    if (p->re->n == PROGRAM_MAX) {
        refuse(p, "The pattern is too long or repeats too much.");
        return 0;
    }
    p->re->step[p->re->n] = (struct step){.op = op, .x = x, .y = y};
    return p->re->n++;
}

/* ---- classes ---- */

static struct class *class_new(struct parse *p)
{
    struct regex *re = p->re;

    re->class = talloc_realloc(re, re->class, struct class, (unsigned)re->nclass + 1);
    re->class[re->nclass] = (struct class){0};
    return &re->class[re->nclass++];
}

static bool put(struct parse *p, struct class *c, uint32_t lo, uint32_t hi)
{
    if (lo > hi)
        return refuse(p, "A range in [ ] runs backwards.");
    if (c->n == RANGES_MAX)
        return refuse(p, "There is too much in one [ ].");
    c->range[c->n++] = (struct range){lo, hi};
    return true;
}

/* The letters d w s: their ranges, turned round for D W S. */
static bool put_named(struct parse *p, struct class *c, unsigned char name)
{
    static const struct range digit[] = {{'0', '9'}}, space[] = {{'\t', '\r'}, {' ', ' '}},
                              word[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
    const struct range *r = name == 'd' || name == 'D' ? digit
                          : name == 's' || name == 'S' ? space : word;
    int n = r == digit ? 1 : r == space ? 2 : 4;
    uint32_t from = 0;

    if (name >= 'a') {
        for (int i = 0; i < n; i++)
            if (!put(p, c, r[i].lo, r[i].hi))
                return false;
        return true;
    }
    for (int i = 0; i < n; from = r[i].hi + 1, i++)
        if (!put(p, c, from, r[i].lo - 1))
            return false;
    return put(p, c, from, CODE_MAX);
}

static bool is_named(unsigned char c)
{
    return c && strchr("dDwWsS", c) != NULL;
}

/* What stands after a backslash and is one code point. */
static bool escaped(struct parse *p, uint32_t *c)
{
    if (p->s == p->end)
        return refuse(p, "The pattern ends in a backslash.");
    *c = next_code(&p->s, p->end);
    if (*c == 't' || *c == 'n' || *c == 'r') {
        *c = *c == 't' ? '\t' : *c == 'n' ? '\n' : '\r';
        return true;
    }
    if ((*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z'))
        return refuse(p, "This escape is not offered: back references, word edges and the like.");
    return true;
}

static bool set(struct parse *p)
{
    struct class *c = class_new(p);
    int at = p->re->nclass - 1;
    bool first = true;

    if (p->s < p->end && *p->s == '^') {
        c->not = true;
        p->s++;
    }
    for (;; first = false) {
        uint32_t lo, hi;

        if (p->s == p->end)
            return refuse(p, "A [ is not closed.");
        if (*p->s == ']' && !first)
            break;
        if (*p->s == '[' && p->s + 1 < p->end && strchr(":.=", p->s[1]))
            return refuse(p, "Named classes like [:alpha:] are not offered; use \\w, \\d, \\s.");
        if (*p->s == '\\' && p->s + 1 < p->end && is_named(p->s[1])) {
            if (!put_named(p, c, p->s[1]))
                return false;
            p->s += 2;
            if (p->s + 1 < p->end && *p->s == '-' && p->s[1] != ']')
                return refuse(p, "A range in [ ] has one character on each side.");
            continue;
        }
        lo = next_code(&p->s, p->end);
        if (lo == '\\' && !escaped(p, &lo))
            return false;
        hi = lo;
        if (p->s + 1 < p->end && *p->s == '-' && p->s[1] != ']') {
            p->s++;
            hi = next_code(&p->s, p->end);
            if (hi == '\\' && !escaped(p, &hi))
                return false;
            if (p->s + 1 < p->end && *p->s == '-' && p->s[1] != ']')
                return refuse(p, "A range in [ ] has one character on each side.");
        }
        if (!put(p, c, lo, hi))
            return false;
    }
    p->s++;
    emit(p, CLASS, at, 0);
    return !p->why;
}

/* ---- the program ---- */

static bool choice(struct parse *p);

static bool group(struct parse *p)
{
    if (p->s + 1 < p->end && *p->s == '?') {
        if (p->s[1] != ':')
            return refuse(p, "Looking around and flags, (?…), are not offered.");
        p->s += 2;
    }
    if (++p->depth > DEPTH_MAX)
        return refuse(p, "The pattern nests too deep.");
    if (!choice(p))
        return false;
    p->depth--;
    if (p->s == p->end || *p->s != ')')
        return refuse(p, "A ( is not closed.");
    p->s++;
    return true;
}

static bool atom(struct parse *p)
{
    uint32_t c = next_code(&p->s, p->end);
    int at;

    switch (c) {
    case '(':
        return group(p);
    case '[':
        return set(p);
    case '.':
        emit(p, ANY, 0, 0);
        return !p->why;
    case '^':
        emit(p, BEGIN, 0, 0);
        return !p->why;
    case '$':
        emit(p, END, 0, 0);
        return !p->why;
    case '*':
    case '+':
    case '?':
    case '{':
        return refuse(p, "There is nothing to repeat before *, +, ? or {.");
    case ')':
        return refuse(p, "A ) has no (.");
    case '\\':
        if (p->s < p->end && is_named(*p->s)) {
            if (!put_named(p, class_new(p), *p->s++))
                return false;
            emit(p, CLASS, p->re->nclass - 1, 0);
            return !p->why;
        }
        if (!escaped(p, &c))
            return false;
    }
    at = emit(p, CHAR, 0, 0);
    p->re->step[at].c = c;
    return !p->why;
}

/* {n}, {n,}, {n,m}: most is -1 where there is no end. */
static bool braces(struct parse *p, int *least, int *most)
{
    int n[2] = {0, 0}, digits[2] = {0, 0}, k = 0;

    for (;; p->s++) {
        if (p->s == p->end)
            return refuse(p, "A { is not closed.");
        if (*p->s == '}')
            break;
        if (*p->s == ',' && k == 0) {
            k = 1;
            continue;
        }
        if (*p->s < '0' || *p->s > '9' || digits[k] == 3)
            return refuse(p, "A repetition looks like {2}, {2,} or {2,5}, at most 200.");
        n[k] = n[k] * 10 + *p->s - '0';
        digits[k]++;
    }
    p->s++;
    *least = n[0];
    *most = k == 0 ? n[0] : digits[1] ? n[1] : -1;
    if (!digits[0] || n[0] > REPEAT_MAX || *most > REPEAT_MAX || (*most >= 0 && *most < *least))
        return refuse(p, "A repetition looks like {2}, {2,} or {2,5}, at most 200.");
    return true;
}

/* The steps from..to once more, with their own jumps moved along. */
static bool again(struct parse *p, int from, int to)
{
    int by = p->re->n - from;

    for (int i = from; i < to; i++) {
        struct step s = p->re->step[i];
        int at = emit(p, s.op, s.x, s.y);

        if (p->why)
            return false;
        if (s.op == SPLIT || s.op == JUMP) {
            p->re->step[at].x += by;
            p->re->step[at].y += by;
        }
        p->re->step[at].c = s.c;
    }
    return true;
}

/* Room for one step before `from`: what jumps within the piece is moved along. */
static bool open_before(struct parse *p, int from)
{
    emit(p, JUMP, 0, 0);
    if (p->why)
        return false;
    memmove(&p->re->step[from + 1], &p->re->step[from],
            (size_t)(p->re->n - 1 - from) * sizeof *p->re->step);
    for (int i = from + 1; i < p->re->n; i++)
        if (p->re->step[i].op == SPLIT || p->re->step[i].op == JUMP) {
            p->re->step[i].x++;
            p->re->step[i].y++;
        }
    return true;
}

/* x* : L SPLIT x, end; x; JUMP L.   x? : SPLIT x, end; x. */
static bool optional(struct parse *p, int from, bool loops)
{
    if (!open_before(p, from))
        return false;
    if (loops)
        emit(p, JUMP, from, from);
    p->re->step[from] = (struct step){.op = SPLIT, .x = from + 1, .y = p->re->n};
    return !p->why;
}

static bool repeat(struct parse *p, int from, int least, int most)
{
    int to = p->re->n;

    if (most == 0) {
        p->re->n = from;
        return true;
    }
    for (int i = 1; i < least; i++)
        if (!again(p, from, to))
            return false;
    if (most < 0) {
        int last = p->re->n;

        if (least == 0)
            return optional(p, from, true);
        /* x+ after the copies: go back to the beginning of the last one, or on */
        emit(p, SPLIT, last - (to - from), last + 1);
        return !p->why;
    }
    for (int i = least; i < most; i++) {
        int at = p->re->n;

        if (least == 0 && i == 0) {
            if (!optional(p, from, false))
                return false;
            continue;
        }
        if (!again(p, least == 0 ? from + 1 : from, least == 0 ? to + 1 : to) ||
            !optional(p, at, false))
            return false;
    }
    return true;
}

static bool piece(struct parse *p)
{
    int from = p->re->n, least = 1, most = 1;
    bool marked = false, edge = *p->s == '^' || *p->s == '$';

    if (!atom(p))
        return false;
    while (p->s < p->end && strchr("*+?{", *p->s)) {
        unsigned char c = *p->s++;

        if (marked && c == '?') {       /* lazy: the same texts are found */
            marked = false;
            continue;
        }
        if (edge)
            return refuse(p, "^ and $ cannot be repeated.");
        if (marked || least != 1 || most != 1)
            return refuse(p, "One repetition after another needs a ( ) between them.");
        least = c == '+' ? 1 : 0;
        most = c == '?' ? 1 : -1;
        if (c == '{' && !braces(p, &least, &most))
            return false;
        marked = true;
        if (!repeat(p, from, least, most))
            return false;
    }
    return true;
}

static bool choice(struct parse *p)
{
    int from = p->re->n;

    while (p->s < p->end && *p->s != '|' && *p->s != ')')
        if (!piece(p))
            return false;
    if (p->s < p->end && *p->s == '|') {
        int out;

        p->s++;
        if (!open_before(p, from))
            return false;
        out = emit(p, JUMP, 0, 0);
        if (p->why)
            return false;
        p->re->step[from] = (struct step){.op = SPLIT, .x = from + 1, .y = p->re->n};
        if (++p->depth > DEPTH_MAX)
            return refuse(p, "The pattern nests too deep.");
        if (!choice(p))
            return false;
        p->depth--;
        p->re->step[out].x = p->re->step[out].y = p->re->n;
    }
    return true;
}

struct regex *regex_new(void *parent, const char *pattern, const char **why)
{
    struct regex *re = talloc_zero(parent, struct regex);
    struct parse p = {.re = re, .s = (const unsigned char *)pattern};

    p.end = p.s + strlen(pattern);
    if (choice(&p) && p.s < p.end)
        refuse(&p, "A ) has no (.");
    emit(&p, FOUND, 0, 0);
    if (p.why) {
        *why = p.why;
        talloc_free(re);
        return NULL;
    }
    return re;
}

/* ---- the machine ---- */

struct set {
    int n, at[PROGRAM_MAX];
    uint32_t mark[PROGRAM_MAX];     /* the text's place, plus one, when the step was last put in */
};

struct run {
    const struct regex *re;
    bool begin, end;                /* where we stand in the text */
    uint32_t turn;
    int stack[2 * PROGRAM_MAX];
};

static bool in_class(const struct class *c, uint32_t code)
{
    bool in = false;

    for (int i = 0; i < c->n && !in; i++)
        in = code >= c->range[i].lo && code <= c->range[i].hi;
    return in != c->not;
}

/* Puts a step in, and all that follow it without reading.  True: the pattern is found. */
static bool add(struct run *r, struct set *s, int from)
{
    int top = 0;

    r->stack[top++] = from;
    while (top) {
        int pc = r->stack[--top];
        const struct step *st = &r->re->step[pc];

        if (s->mark[pc] == r->turn)
            continue;
        s->mark[pc] = r->turn;
        switch (st->op) {
        case FOUND:
            return true;
        case SPLIT:
            r->stack[top++] = st->y;
            r->stack[top++] = st->x;
            break;
        case JUMP:
            r->stack[top++] = st->x;
            break;
        case BEGIN:
        case END:
            if (st->op == BEGIN ? r->begin : r->end)
                r->stack[top++] = pc + 1;
            break;
        default:
            s->at[s->n++] = pc;
        }
    }
    return false;
}

bool regex_finds(const struct regex *re, const char *text, size_t n)
{
    struct set a, b, *now = &a, *next = &b, *other;
    struct run r = {.re = re, .begin = true, .end = n == 0, .turn = 1};
    const unsigned char *s = (const unsigned char *)text, *end = s + n;

    memset(a.mark, 0, sizeof *a.mark * (size_t)re->n);
    memset(b.mark, 0, sizeof *b.mark * (size_t)re->n);
    now->n = 0;
    if (add(&r, now, 0))
        return true;
    while (s < end) {
        uint32_t c = next_code(&s, end);

        next->n = 0;
        r.turn++;
        r.begin = false;
        r.end = s == end;
        for (int i = 0; i < now->n; i++) {
            int pc = now->at[i];
            const struct step *st = &re->step[pc];

            if ((st->op == ANY || (st->op == CHAR && st->c == c) ||
                 (st->op == CLASS && in_class(&re->class[st->x], c))) &&
                add(&r, next, pc + 1))
                return true;
        }
        if (add(&r, next, 0))           /* the match may begin here */
            return true;
        other = now;
        now = next;
        next = other;
    }
    return false;
}
