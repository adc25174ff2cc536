/*
 * text_canon.c -- the forms in which two short answers are the same: numbers, dates, quantities.
 *
 * Numbers are taken as decimal digits, not as floating point, so 0.1 is 0.1 and forty digits are
 * forty digits.  What could be read in two ways (1.000,5 or 03/04/2024) is left as it stands, and
 * so is what is no number though it has only digits: 007.
 */
#include <string.h>

#include "stats/text.h"
#include "stats/text_canon.h"

#define DIGITS_MAX 400

struct decimal {                    /* 0.d1d2d3… * 10^point; no zero in front or at the end */
    int negative, percent, n, point;
    char digit[DIGITS_MAX];
};

void as_out_put(struct as_out *o, const char *s, size_t n)
{
    for (size_t k = 0; k < n; k++, o->n++)
        if (o->n + 1 < o->size)
            o->text[o->n] = s[k];
}

static void put_text(struct as_out *o, const char *s)
{
    as_out_put(o, s, strlen(s));
}

static void put_int(struct as_out *o, int v, int width)
{
    char s[12];
    int n = 0;

    for (; v || n < width || !n; v /= 10)
        s[n++] = (char)('0' + v % 10);
    while (n)
        as_out_put(o, &s[--n], 1);
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* ------------------------------------------------------------------ numbers */

/* Reads digits into d; returns how many there were, -1: too many. */
static int read_digits(const char **s, const char *end, struct decimal *d)
{
    int n = 0;

    for (; *s < end && is_digit(**s); ++*s, n++) {
        if (d->n == 0 && **s == '0') {
            d->point--;             /* a zero in front takes no place … */
            continue;
        }
        if (d->n == DIGITS_MAX)
            return -1;
        d->digit[d->n++] = **s;
    }
    return n;
}

/* Whole part: digits, or groups of three with a comma between; 0: neither. */
static int read_whole(const char **s, const char *end, struct decimal *d)
{
    const char *begin = *s;
    int n = read_digits(s, end, d);

    if (n < 0 || (n > 1 && *begin == '0'))
        return 0;                   /* 007 is a name */
    while (n >= 1 && n <= 3 && *begin != '0' && *s < end && **s == ',') {
        ++*s;
        if (read_digits(s, end, d) != 3)
            return 0;
    }
    return 1;
}

static int read_exponent(const char **s, const char *end, int *exponent)
{
    const char *at = *s + 1;
    int sign = 1, n = 0, e = 0;

    if (*s == end || lower(**s) != 'e')
        return 1;
    if (at < end && (*at == '-' || *at == '+'))
        sign = *at++ == '-' ? -1 : 1;
    for (; at < end && is_digit(*at) && n < 5; at++, n++)
        e = 10 * e + (*at - '0');
    if (!n || (at < end && is_digit(*at)))
        return 0;
    *exponent = sign * e;
    *s = at;
    return 1;
}

/* A number at *s; moves *s behind it.  0: there is none. */
static int read_number(const char **s, const char *end, struct decimal *d)
{
    static const char minus[] = "\xE2\x88\x92";
    int exponent = 0;

    memset(d, 0, sizeof *d);
    if (end - *s > 3 && !memcmp(*s, minus, 3)) {
        d->negative = 1;
        *s += 3;
    } else if (*s < end && (**s == '-' || **s == '+')) {
        d->negative = *(*s)++ == '-';
    }
    const char *begin = *s;
    if (!read_whole(s, end, d))
        return 0;
    d->point = d->n;
    int fraction = end - *s > 1 && **s == '.' && is_digit((*s)[1]);
    if (fraction) {
        ++*s;
        if (read_digits(s, end, d) < 0)
            return 0;
    }
    if (*s == begin || !read_exponent(s, end, &exponent))
        return 0;
    d->point += exponent;
    while (d->n && d->digit[d->n - 1] == '0')
        d->n--;
    if (!d->n)
        d->negative = d->point = 0;
    return 1;
}

static void put_number(struct as_out *o, const struct decimal *d)
{
    int plain = d->point > -6 && d->point <= 21;

    if (d->negative)
        put_text(o, "-");
    if (!d->n)
        put_text(o, "0");
    else if (plain && d->point <= 0)
        put_text(o, "0.");
    for (int k = d->point; d->n && plain && k < 0; k++)
        put_text(o, "0");
    for (int k = 0; k < d->n; k++) {
        if (k && k == (plain ? d->point : 1))
            put_text(o, ".");
        as_out_put(o, &d->digit[k], 1);
    }
    for (int k = d->n; plain && k < d->point; k++)
        put_text(o, "0");
    if (d->n && !plain) {
        put_text(o, d->point > 0 ? "e" : "e-");
        put_int(o, d->point > 0 ? d->point - 1 : 1 - d->point, 1);
    }
    if (d->percent)
        put_text(o, "%");
}

int as_canon_number(struct as_phrase p, struct as_out *o)
{
    const char *s = p.text, *end = s + p.length;
    struct decimal d;

    if (!read_number(&s, end, &d))
        return 0;
    while (s < end && is_blank(*s))
        s++;
    if (s < end && *s == '%') {
        d.percent = 1;
        s++;
    }
    if (s < end && (*s != '.' || s + 1 < end))      /* it may end a sentence */
        return 0;
    put_number(o, &d);
    return 1;
}

/* ------------------------------------------------------------------ dates */

static const char *const months[] = { "january", "february", "march", "april", "may", "june",
                                      "july", "august", "september", "october", "november",
                                      "december" };

static int month_of(const char *s, size_t n)
{
    for (int m = 0; m < 12; m++) {
        size_t k = 0;
        while (k < n && months[m][k] && lower(s[k]) == months[m][k])
            k++;
        if (k == n && (n == 3 || !months[m][k] || (m == 8 && n == 4)))     /* sep, sept */
            return m + 1;
    }
    return 0;
}

static int is_date(int y, int m, int d)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);

    return y >= 1 && m >= 1 && m <= 12 && d >= 1 && d <= days[m - 1] + (m == 2 && leap);
}

/* Up to three parts, figures or letters; what stands between them is one of " .,/-". */
static int date_parts(struct as_phrase p, struct as_phrase part[3])
{
    int n = 0;
    size_t at = 0;

    while (at < p.length) {
        size_t from = at;
        int figures = is_digit(p.text[at]);
        while (at < p.length && (figures ? is_digit(p.text[at])
                                         : lower(p.text[at]) >= 'a' && lower(p.text[at]) <= 'z'))
            at++;
        if (at == from || n == 3)
            return 0;
        part[n++] = (struct as_phrase){ p.text + from, at - from };
        if (figures && at + 2 <= p.length && at - from <= 2) {      /* 1st, 2nd, 3rd, 4th */
            char a = lower(p.text[at]), b = lower(p.text[at + 1]);
            at += (a == 's' && b == 't') || (a == 'n' && b == 'd') || (a == 'r' && b == 'd')
                  || (a == 't' && b == 'h') ? 2 : 0;
        }
        while (at < p.length && strchr(" .,/-", p.text[at]))
            at++;
    }
    return n == 3;
}

static int value_of(struct as_phrase p)
{
    int v = 0;

    if (p.length > 4 || !is_digit(*p.text))
        return -1;
    for (size_t k = 0; k < p.length; k++)
        v = 10 * v + (p.text[k] - '0');
    return v;
}

int as_canon_date(struct as_phrase p, struct as_out *o)
{
    struct as_phrase part[3];
    int y, m, d;

    if (p.length > 40 || !date_parts(p, part))
        return 0;
    if (part[0].length == 4 && is_digit(*part[0].text)) {           /* 2024-03-05 */
        y = value_of(part[0]);
        m = is_digit(*part[1].text) ? value_of(part[1]) : month_of(part[1].text, part[1].length);
        d = value_of(part[2]);
    } else {                                                        /* 5 March 2024, March 5 2024 */
        int first = is_digit(*part[0].text);
        m = month_of(part[first].text, part[first].length);
        d = value_of(part[!first]);
        y = part[2].length == 4 ? value_of(part[2]) : -1;
    }
    if (!is_date(y, m, d) || d > 31)
        return 0;
    put_int(o, y, 4);
    put_text(o, "-");
    put_int(o, m, 2);
    put_text(o, "-");
    put_int(o, d, 2);
    return 1;
}

/* ------------------------------------------------------------------ quantities */

static const struct unit {
    const char *name, *base;
    double factor;
} units[] = {
    { "m", "m", 1 }, { "km", "m", 1e3 }, { "cm", "m", 1e-2 }, { "mm", "m", 1e-3 },
    { "meter", "m", 1 }, { "metre", "m", 1 }, { "kilometer", "m", 1e3 }, { "kilometre", "m", 1e3 },
    { "mi", "m", 1609.344 }, { "mile", "m", 1609.344 }, { "yd", "m", .9144 },
    { "yard", "m", .9144 }, { "ft", "m", .3048 }, { "foot", "m", .3048 }, { "feet", "m", .3048 },
    { "in", "m", .0254 }, { "inch", "m", .0254 }, { "inche", "m", .0254 },
    { "g", "g", 1 }, { "kg", "g", 1e3 }, { "mg", "g", 1e-3 }, { "t", "g", 1e6 },
    { "gram", "g", 1 }, { "kilo", "g", 1e3 }, { "kilogram", "g", 1e3 }, { "tonne", "g", 1e6 },
    { "lb", "g", 453.59237 }, { "pound", "g", 453.59237 }, { "oz", "g", 28.349523125 },
    { "ounce", "g", 28.349523125 },
    { "s", "s", 1 }, { "ms", "s", 1e-3 }, { "sec", "s", 1 }, { "second", "s", 1 },
    { "min", "s", 60 }, { "minute", "s", 60 }, { "h", "s", 3600 }, { "hr", "s", 3600 },
    { "hour", "s", 3600 }, { "d", "s", 86400 }, { "day", "s", 86400 }, { "week", "s", 604800 },
    { "l", "l", 1 }, { "L", "l", 1 }, { "ml", "l", 1e-3 }, { "cl", "l", 1e-2 },
    { "liter", "l", 1 }, { "litre", "l", 1 },
    { "B", "B", 1 }, { "byte", "B", 1 }, { "kb", "B", 1e3 }, { "mb", "B", 1e6 },
    { "gb", "B", 1e9 }, { "tb", "B", 1e12 }, { "kib", "B", 1024 }, { "mib", "B", 1048576 },
    { "gib", "B", 1073741824 }, { "tib", "B", 1099511627776 },
};

/* One letter is taken as it is, more in any case, and with or without an s. */
static const struct unit *unit_of(const char *s, size_t n)
{
    for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
        size_t length = strlen(units[u].name), k = 0;
        while (k < n && k < length && (length == 1 ? s[k] : lower(s[k])) == units[u].name[k])
            k++;
        if (k == length && (n == length || (length > 1 && n == length + 1 && lower(s[k]) == 's')))
            return &units[u];
    }
    return NULL;
}

/* Times a factor, rounded to twelve digits. */
static int scale(struct decimal *d, double factor)
{
    double x = 0;
    int digits = d->n < 17 ? d->n : 17, places = 0;

    if (d->point > 250 || d->point < -250)
        return 0;
    for (int k = 0; k < digits; k++)
        x = 10 * x + (d->digit[k] - '0');
    x *= factor;
    if (x <= 0)
        return 1;                       /* zero of anything */
    for (; x >= 1e12; places++)
        x /= 10;
    for (; x < 1e11; places--)
        x *= 10;
    uint64_t v = (uint64_t)(x + .5);
    d->point += places - digits;
    for (d->n = 0; v; v /= 10)
        d->digit[d->n++] = (char)('0' + v % 10);
    for (int k = 0; k < d->n / 2; k++) {
        char c = d->digit[k];
        d->digit[k] = d->digit[d->n - 1 - k];
        d->digit[d->n - 1 - k] = c;
    }
    d->point += d->n;
    while (d->n && d->digit[d->n - 1] == '0')
        d->n--;
    return 1;
}

int as_canon_unit(struct as_phrase p, struct as_out *o)
{
    const char *s = p.text, *end = s + p.length;
    const struct unit *u;
    struct decimal d;

    if (!read_number(&s, end, &d))
        return 0;
    while (s < end && is_blank(*s))
        s++;
    if (s < end && end[-1] == '.')
        end--;
    if (s == end || !(u = unit_of(s, (size_t)(end - s))) || !scale(&d, u->factor))
        return 0;
    put_number(o, &d);
    put_text(o, " ");
    put_text(o, u->base);
    return 1;
}

/* ------------------------------------------------------------------ which form */

size_t as_canonical(struct as_phrase p, unsigned canon, char *out, size_t size)
{
    static const struct {
        unsigned form;
        int (*write)(struct as_phrase p, struct as_out *o);
    } forms[] = {
        { AS_CANON_JSON, as_canon_json },
        { AS_CANON_DATE, as_canon_date },
        { AS_CANON_NUMBER, as_canon_number },
        { AS_CANON_UNIT, as_canon_unit },
    };
    struct as_out o = { .text = out, .size = size };

    while (p.length && is_blank(p.text[p.length - 1]))
        p.length--;
    while (p.length && is_blank(*p.text))
        p.text++, p.length--;
    size_t k = 0;
    while (k < sizeof forms / sizeof *forms) {
        o.n = 0;
        if ((canon & forms[k].form) && p.length && forms[k].write(p, &o))
            break;
        k++;
    }
    if (k == sizeof forms / sizeof *forms) {
        if (canon & AS_CANON_WORDS)
            return as_words_plain(p, out, size);
        o.n = 0;
        as_out_put(&o, p.text, p.length);
    }
    if (size)
        out[o.n < size ? o.n : size - 1] = 0;
    return o.n;
}
