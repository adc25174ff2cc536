/*
 * password.c -- see password.h.
 *
 * Of the 30,000 commonest passwords 229 have twelve characters or more; those
 * stand in passwords_listed.def.  What people make when they are asked for
 * twelve follows a handful of recipes: one or two well-known words with digits
 * around them (passwords.def), a walk over the keyboard, a short piece
 * repeated, a run of the alphabet, digits alone.  So both are refused.
 */
#include "domain/password.h"
#include "core/str.h"

#include <ctype.h>
#include <pthread.h>
#include <sodium.h>

#define OPSLIMIT 3
#define MEMLIMIT (64ULL * 1024 * 1024)

/* --- recipes ------------------------------------------------------------------------------- */

static const char *const words[] = {
#define W(w) w,
#include "domain/passwords.def"
#undef W
};
#define NWORDS (sizeof words / sizeof *words)

static const char *const listed[] = {
#define L(p) p,
#include "domain/passwords_listed.def"
#undef L
};

static bool is_listed(const char *low)
{
    for (size_t i = 0; i < sizeof listed / sizeof *listed; i++)
        if (!strcmp(listed[i], low))
            return true;
    return false;
}

static bool is_word(const char *s, size_t n)
{
    for (size_t i = 0; i < NWORDS; i++)
        if (strlen(words[i]) == n && !memcmp(words[i], s, n))
            return true;
    return false;
}

/* One word, or two in a row, or one again and again. */
static bool is_words(const char *s, size_t n)
{
    if (n < 3)
        return n == 0;
    if (is_word(s, n))
        return true;
    for (size_t k = 3; k < n; k++) {
        if (!is_word(s, k))
            continue;
        size_t at = k;
        while (at + k <= n && !memcmp(s + at, s, k))
            at += k;
        if (at == n || n - at < 3 || is_word(s + k, n - k) || is_word(s + at, n - at))
            return true;
    }
    return false;
}

/* The letter that a digit or sign stands for in "p4$$w0rd", or 0. */
static char letter_of(char c)
{
    static const char from[] = "0134578@$!|+9", to[] = "oieastbasiltg";
    const char *at = strchr(from, c);

    return c && at ? to[at - from] : 0;
}

/*
 * What is left of "!!P4ssw0rd-2024": the letters between the first and the last
 * one, with letters for the digits inside when `swap`, without them otherwise.
 */
static char *letters_of(struct ctx *cx, const char *low, bool swap)
{
    size_t from = 0, to = strlen(low), n = 0;
    char *out = talloc_size(cx->mem, to + 1);

    while (from < to && !isalpha((unsigned char)low[from]) &&
           !(swap && strchr("@$", low[from])))
        from++;
    while (to > from && !isalpha((unsigned char)low[to - 1]))
        to--;
    for (size_t i = from; i < to; i++) {
        char c = low[i];

        if (isalpha((unsigned char)c))
            out[n++] = c;
        else if (swap && letter_of(c))
            out[n++] = letter_of(c);
    }
    out[n] = 0;
    return out;
}

/* Is c right after b on some row or column of a keyboard, in the alphabet or among the digits? */
static bool beside(char b, char c)
{
    static const char *const rows[] = {
        "`1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "qwertzuiop", "azertyuiop",
        "abcdefghijklmnopqrstuvwxyz", "01234567890", "1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn",
        "7ujm", "8ik,", "9ol.", "0p;/", "!@#$%^&*()_+", "1q2w3e4r5t6y7u8i9o0p",
        "qawsedrftgyhujikolp",
        "a1s2d3f4g5h6j7k8l9", "1a2b3c4d5e6f7g8h9i", "a1b2c3d4e5f6g7h8i9",
    };

    if (b == c)
        return true;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (const char *p = rows[i]; p[0] && p[1]; p++)
            if ((p[0] == b && p[1] == c) || (p[0] == c && p[1] == b))
                return true;
    return false;
}

/* A walk: at most one step in four jumps. */
static bool is_walk(const char *s, size_t n)
{
    size_t jumps = 0;

    for (size_t i = 1; i < n; i++)
        jumps += !beside(s[i - 1], s[i]);
    return 4 * jumps <= n - 1;
}

/* A piece of at most a third of the whole, again and again (the last time perhaps cut off). */
static bool is_repeated(const char *s, size_t n)
{
    for (size_t k = 1; k <= n / 3; k++)
        if (!memcmp(s, s + k, n - k))
            return true;
    return false;
}

static size_t kinds_of_chars(const char *s)
{
    bool seen[256] = {false};
    size_t n = 0;

    for (; *s; s++)
        if (!seen[(unsigned char)*s]) {
            seen[(unsigned char)*s] = true;
            n++;
        }
    return n;
}

bool password_common(struct ctx *cx, const char *password)
{
    char *low = str_lower(cx, password);
    size_t n = strlen(low), letters = 0, high = 0;

    for (size_t i = 0; i < n; i++) {
        letters += isalpha((unsigned char)low[i]) != 0;
        high += (unsigned char)low[i] >= 0x80;
    }
    if (n == 0 || is_listed(low) || kinds_of_chars(low) < 5 || is_walk(low, n) ||
        is_repeated(low, n))
        return true;
    if (high)
        return false;
    /* Digits and points alone are dates, numbers of telephones and of cards. */
    if (letters == 0)
        return strspn(low, "0123456789+-./ ()") == n;
    /* A word with much other stuff around it is a good password: count what is not letters. */
    if (n - letters > 8)
        return false;
    const char *plain = letters_of(cx, low, false), *swapped = letters_of(cx, low, true);
    return is_words(plain, strlen(plain)) || is_words(swapped, strlen(swapped)) ||
           (strlen(plain) >= 6 && is_walk(plain, strlen(plain)));
}

/* The word, with a little around it? */
static bool wraps(const char *low, const char *word)
{
    size_t n = strlen(word);

    return n >= 4 && strstr(low, word) && strlen(low) < n + 8;
}

/* Is it the person's name or address, or the part before the @? */
static bool is_about(struct ctx *cx, const char *password, const char *word)
{
    char *low = str_lower(cx, password), *w = str_lower(cx, word);

    if (wraps(low, w))
        return true;
    w[strcspn(w, "@")] = 0;
    return wraps(low, w);
}

int password_check(struct ctx *cx, const char *password, const char *const about[3])
{
    size_t n = password ? strlen(password) : 0;

    if (n > 4 * PASSWORD_MAX || (n && !utf8_valid(password, n)))
        return fail_at(cx, E_INVALID, "password", n > 4 * PASSWORD_MAX
                       ? "A password has at most 128 characters."
                       : "The password is not valid UTF-8.");
    size_t chars = n ? utf8_chars(password, n) : 0;
    if (chars < PASSWORD_MIN)
        return fail_at(cx, E_INVALID, "password", "A password has at least %d characters.",
                       PASSWORD_MIN);
    if (chars > PASSWORD_MAX)
        return fail_at(cx, E_INVALID, "password", "A password has at most %d characters.",
                       PASSWORD_MAX);
    for (int i = 0; about && i < 3 && about[i]; i++)
        if (is_about(cx, password, about[i]))
            return fail_at(cx, E_INVALID, "password",
                           "A password must not be built from your name or address.");
    if (password_common(cx, password))
        return fail_at(cx, E_INVALID, "password",
                       "This password is easy to guess. Take three or four unrelated words.");
    return 0;
}

/* --- hashing, a few at once ---------------------------------------------------------------- */

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_free = PTHREAD_COND_INITIALIZER;
static int running, waiting;

static int gate_enter(struct ctx *cx)
{
    int rc = 0;

    if (sodium_init() < 0)      /* also chooses the fast code of this processor */
        return fail(cx, E_INTERNAL, "the cryptographic library does not start");
    pthread_mutex_lock(&gate);
    if (running >= PASSWORD_AT_ONCE) {
        if (waiting >= PASSWORD_QUEUE) {
            rc = fail(cx, E_BUSY, "Too many people are logging in. Try again in a few seconds.");
        } else {
            waiting++;
            while (running >= PASSWORD_AT_ONCE)
                pthread_cond_wait(&gate_free, &gate);
            waiting--;
        }
    }
    if (rc == 0)
        running++;
    pthread_mutex_unlock(&gate);
    return rc;
}

static void gate_leave(void)
{
    pthread_mutex_lock(&gate);
    running--;
    pthread_cond_signal(&gate_free);
    pthread_mutex_unlock(&gate);
}

/* Between the gates.  NULL: no memory for it just now. */
static char *hash_now(struct ctx *cx, const char *password)
{
    char *out = talloc_size(cx->mem, crypto_pwhash_STRBYTES);

    if (crypto_pwhash_str_alg(out, password, strlen(password), OPSLIMIT, MEMLIMIT,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        return NULL;
    return out;
}

int password_hash(struct ctx *cx, const char *password, char **hash)
{
    int rc = gate_enter(cx);

    *hash = NULL;
    if (rc < 0)
        return rc;
    *hash = hash_now(cx, password);
    gate_leave();
    return *hash ? 0 : fail(cx, E_BUSY, "The server is short of memory. Try again.");
}

/* For nobody: the same settings and sizes as a real hash; its password is not known to anybody. */
#define DUMMY                                                                                      \
    "$argon2id$v=19$m=65536,t=3,p=1$YW5ub3RhcnkgZHVtbXkgMQ$"                                       \
    "b3VycyB0byBjb21wYXJlIHdpdGgsIG5vdCBtYXRjaCE"

int password_verify(struct ctx *cx, const char *hash, const char *password, bool *ok,
                    char **rehash)
{
    bool fits = password && strnlen(password, 4 * PASSWORD_MAX + 1) <= 4 * PASSWORD_MAX;
    const char *typed = fits ? password : "";
    int rc = gate_enter(cx);

    *ok = false;
    if (rehash)
        *rehash = NULL;
    if (rc < 0)
        return rc;
    /* The library wants an array of just this size. */
    char stored[crypto_pwhash_STRBYTES] = {0};
    snprintf(stored, sizeof stored, "%s", hash ? hash : DUMMY);
    bool same = crypto_pwhash_str_verify(stored, typed, strlen(typed)) == 0;
    *ok = same && hash && fits;
    if (*ok && rehash && crypto_pwhash_str_needs_rehash(stored, OPSLIMIT, MEMLIMIT) != 0)
        *rehash = hash_now(cx, typed);      /* NULL when memory is short: then next time */
    gate_leave();
    return 0;
}
