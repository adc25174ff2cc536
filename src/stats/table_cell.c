/*
 * table_cell.c -- cells that are numbers or moments.
 *
 * Up to 15 digits and a power of ten up to 22 are both exact in a double, so one multiplication or
 * division rounds right (Clinger 1990): the common case.  The rest goes to strtod, which wants its
 * text terminated and the point of its locale.
 */
#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include "stats/table.h"

#define LONGEST 128                 /* characters of a number */

static struct as_cell trimmed(struct as_cell c)
{
    while (c.n && (c.s[0] == ' ' || c.s[0] == '\t'))
        c.s++, c.n--;
    while (c.n && (c.s[c.n - 1] == ' ' || c.s[c.n - 1] == '\t'))
        c.n--;
    return c;
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int by_strtod(struct as_cell c, double *out)
{
    char text[LONGEST + 8], *stop;
    const char *point = localeconv()->decimal_point;
    size_t n = 0;

    for (size_t k = 0; k < c.n && n < LONGEST; k++)
        text[n++] = c.s[k] == '.' && point[0] && !point[1] ? point[0] : c.s[k];
    text[n] = 0;
    *out = strtod(text, &stop);
    return stop == text + n && isfinite(*out);
}

int as_cell_number(struct as_cell given, double *out)
{
    static const double ten[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21,
                                  1e22 };
    struct as_cell c = trimmed(given);
    uint64_t whole = 0;
    int digits = 0, after = 0, point = 0, exponent = 0, esign = 1, edigits = 0;
    size_t k = 0;

    int minus = c.n && c.s[0] == '-';
    if (c.n && (c.s[0] == '-' || c.s[0] == '+'))
        k++;
    for (; k < c.n && (is_digit(c.s[k]) || (c.s[k] == '.' && !point)); k++) {
        if (c.s[k] == '.') {
            point = 1;
            continue;
        }
        if (digits < 18)
            whole = whole * 10 + (uint64_t)(c.s[k] - '0');
        digits++;
        after += point;
    }
    if (!digits || c.n > LONGEST)
        return 0;
    if (k < c.n && (c.s[k] == 'e' || c.s[k] == 'E')) {
        k++;
        if (k < c.n && (c.s[k] == '-' || c.s[k] == '+'))
            esign = c.s[k++] == '-' ? -1 : 1;
        for (; k < c.n && is_digit(c.s[k]); k++, edigits++)
            exponent = exponent < 10000 ? exponent * 10 + (c.s[k] - '0') : exponent;
        if (!edigits)
            return 0;
    }
    if (k < c.n)
        return 0;
    int power = esign * exponent - after;
    if (digits > 15 || power < -22 || power > 22)
        return by_strtod(c, out);
    double x = power < 0 ? (double)whole / ten[-power] : (double)whole * ten[power];
    *out = minus ? -x : x;
    return 1;
}

/* ------------------------------------------------------------------ moments */

static int digits_at(struct as_cell c, size_t at, size_t n, int *out)
{
    *out = 0;
    if (at + n > c.n)
        return 0;
    for (size_t k = at; k < at + n; k++) {
        if (!is_digit(c.s[k]))
            return 0;
        *out = *out * 10 + (c.s[k] - '0');
    }
    return 1;
}

/* Days since 1970 of a day in the Gregorian calendar; March is the first month, so that the day
   that is sometimes there comes last. */
static int64_t days(int year, int month, int day)
{
    int64_t y = year - (month <= 2), m = (month + 9) % 12;

    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

/* The offset at the end: Z, nothing, or +hh:mm, +hhmm, +hh.  1 or 0; minutes in *out. */
static int offset(struct as_cell c, size_t at, int64_t *out)
{
    int h = 0, m = 0;

    *out = 0;
    if (at == c.n || (c.s[at] == 'Z' && at + 1 == c.n))
        return 1;
    if ((c.s[at] != '+' && c.s[at] != '-') || !digits_at(c, at + 1, 2, &h))
        return 0;
    size_t next = at + 3;
    if (next < c.n) {
        next += c.s[next] == ':';
        if (!digits_at(c, next, 2, &m) || next + 2 != c.n)
            return 0;
    }
    *out = (c.s[at] == '-' ? -1 : 1) * (h * 60 + m);
    return 1;
}

static int moment(struct as_cell c, int64_t *out)
{
    int year, month, day, h = 0, min = 0, sec = 0, ms = 0, scale = 100;
    int64_t minutes = 0;
    size_t at = 10;

    if (!digits_at(c, 0, 4, &year) || !digits_at(c, 5, 2, &month) || !digits_at(c, 8, 2, &day)
        || c.s[4] != '-' || c.s[7] != '-' || month < 1 || month > 12 || day < 1 || day > 31)
        return 0;
    if (at < c.n) {
        if ((c.s[10] != 'T' && c.s[10] != ' ') || !digits_at(c, 11, 2, &h)
            || !digits_at(c, 14, 2, &min) || c.s[13] != ':')
            return 0;
        at = 16;
        if (at < c.n && c.s[at] == ':') {
            if (!digits_at(c, 17, 2, &sec))
                return 0;
            at = 19;
        }
        if (at < c.n && c.s[at] == '.')
            for (at++; at < c.n && is_digit(c.s[at]); at++, scale /= 10)
                ms += scale * (c.s[at] - '0');
        if (!offset(c, at, &minutes))
            return 0;
    }
    *out = (((days(year, month, day) * 24 + h) * 60 + min - minutes) * 60 + sec) * 1000 + ms;
    return 1;
}

int as_cell_time(struct as_cell given, int64_t *out)
{
    struct as_cell c = trimmed(given);
    size_t k = c.n && c.s[0] == '-';
    int64_t x = 0;

    if (c.n == k)
        return 0;
    for (size_t i = k; i < c.n; i++) {
        if (!is_digit(c.s[i]))
            return moment(c, out);
        if (__builtin_mul_overflow(x, 10, &x) || __builtin_add_overflow(x, c.s[i] - '0', &x))
            return 0;
    }
    *out = k ? -x : x;
    return 1;
}
