/* tag_field.c -- fields to fill in: text, stars, numbers, dates. */
#include "core/json.h"
#include "core/str.h"
#include "label/tags.h"

#include <ctype.h>
#include <math.h>

void check_textarea(struct check *k)
{
    const json_t *v = json_object_get(k->value, "text"), *one;
    double most = label_number(k->tag, "maxSubmissions", 0);
    size_t i;

    if (json_is_string(v))
        return;
    if (!json_is_array(v)) {
        check_say(k, ".value.text", "\"text\" must be a list of texts.");
        return;
    }
    if (most >= 1 && (double)json_array_size(v) > most)
        check_say(k, ".value.text", "\"%.80s\" takes at most %g texts, not %zu.", k->tag->name,
                  most, json_array_size(v));
    json_array_foreach(v, i, one) {
        if (check_full(k))
            return;
        if (!json_is_string(one))
            check_say(k, talloc_asprintf(k->cx->mem, ".value.text[%zu]", i),
                      "This must be text.");
    }
}

void check_rating(struct check *k)
{
    double most = label_number(k->tag, "maxRating", 5), x;

    if (check_num(k, "rating", 0, most >= 1 ? most : 5, &x) && x != floor(x))
        check_say(k, ".value.rating", "A rating is a whole number.");
}

void check_number(struct check *k)
{
    double least = label_number(k->tag, "min", -INFINITY), step = label_number(k->tag, "step", 0);
    double x, steps;

    if (!check_num(k, "number", least, label_number(k->tag, "max", INFINITY), &x) || step <= 0)
        return;
    /* As a browser counts: from min, or from 0.  Beyond 2^53 steps a number cannot tell. */
    steps = (x - (isfinite(least) ? least : 0)) / step;
    if (fabs(steps) < 0x1p53 && fabs(steps - round(steps)) > 1e-6)
        check_say(k, ".value.number", "%g is not a whole number of steps of %g%s.", x, step,
                  isfinite(least) && least != 0 ? " from the smallest" : "");
}

/* ---- dates ---- */

/* Exactly `n` digits at *s; their number, or -1. */
static int take(const char **s, int n)
{
    int x = 0;

    for (int i = 0; i < n; i++) {
        if (!isdigit((unsigned char)(*s)[i]))
            return -1;
        x = 10 * x + ((*s)[i] - '0');
    }
    *s += n;
    return x;
}

static bool between(int x, int least, int most)
{
    return x >= least && x <= most;
}

enum { HAS_YEAR = 1, HAS_MONTH = 2, HAS_DAY = 4, HAS_TIME = 8 };

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

/* hh:mm, with seconds, a fraction and a zone if they like. */
static bool read_time(const char *s)
{
    int h = take(&s, 2);

    if (!between(h, 0, 24) || *s++ != ':' || !between(take(&s, 2), 0, 59))
        return false;
    if (*s == ':') {
        s++;
        if (!between(take(&s, 2), 0, 60))
            return false;
        if (*s == '.')
            for (s++; isdigit((unsigned char)*s); s++)
                ;
    }
    if (*s == 'Z') {
        s++;
    } else if (*s == '+' || *s == '-') {
        s++;
        if (!between(take(&s, 2), 0, 14))
            return false;
        if (*s == ':')
            s++;
        if (!between(take(&s, 2), 0, 59))
            return false;
    }
    return *s == 0;
}

/* Which parts an ISO text holds; 0 when it is none. */
static int iso_parts(const char *s)
{
    int year, month, day;

    if (strlen(s) > 40)
        return 0;
    if (strlen(s) >= 5 && s[2] == ':')
        return read_time(s) ? HAS_TIME : 0;
    if ((year = take(&s, 4)) < 0)
        return 0;
    if (!*s)
        return HAS_YEAR;
    if (*s++ != '-' || !between(month = take(&s, 2), 1, 12))
        return 0;
    if (!*s)
        return HAS_YEAR | HAS_MONTH;
    if (*s++ != '-' || !between(day = take(&s, 2), 1, days_in(year, month)))
        return 0;
    if (!*s)
        return HAS_YEAR | HAS_MONTH | HAS_DAY;
    if (*s != 'T' && *s != ' ')
        return 0;
    return read_time(s + 1) ? HAS_YEAR | HAS_MONTH | HAS_DAY | HAS_TIME : 0;
}

static int wanted_parts(const char *only)
{
    int parts = 0;

    if (!only || !*only)
        return HAS_YEAR | HAS_MONTH | HAS_DAY | HAS_TIME;
    if (strstr(only, "date"))
        parts |= HAS_YEAR | HAS_MONTH | HAS_DAY;
    if (strstr(only, "year"))
        parts |= HAS_YEAR;
    if (strstr(only, "month"))
        parts |= HAS_YEAR | HAS_MONTH;
    if (strstr(only, "time"))
        parts |= HAS_TIME;
    return parts ? parts : HAS_YEAR | HAS_MONTH | HAS_DAY | HAS_TIME;
}

/* A `format` of its own is the config's business: any short text will do. */
void check_datetime(struct check *k)
{
    const char *s = json_str(k->value, "datetime", NULL), *only = label_attr(k->tag, "only");
    const char *format = label_attr(k->tag, "format"), *least, *most;
    int parts, want = wanted_parts(only);

    if (!s) {
        check_say(k, ".value.datetime", "\"datetime\" must be text.");
        return;
    }
    parts = iso_parts(s);
    if (format && *format) {
        if (!*s || strlen(s) > 100)
            check_say(k, ".value.datetime", "\"datetime\" must be a date as text.");
        return;
    }
    if (!parts) {
        check_say(k, ".value.datetime", "\"%.40s\" is not a date such as 2024-05-31T14:30.", s);
        return;
    }
    if (parts & ~want) {
        check_say(k, ".value.datetime",
                  "\"%.40s\" says more than \"%.80s\" asks for (only=\"%s\").", s, k->tag->name,
                  only ? only : "");
        return;
    }
    if (want & ~parts) {
        check_say(k, ".value.datetime", "\"%.40s\" says less than \"%.80s\" asks for.", s,
                  k->tag->name);
        return;
    }
    /* ISO dates of one form sort as text. */
    least = label_attr(k->tag, "min");
    most = label_attr(k->tag, "max");
    if ((least && *least && strncmp(s, least, strlen(least)) < 0) ||
        (most && *most && strncmp(s, most, strlen(most)) > 0))
        check_say(k, ".value.datetime", "\"%.40s\" is outside of %s to %s.", s,
                  least && *least ? least : "the beginning", most && *most ? most : "the end");
}
