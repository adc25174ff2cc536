/* err.c -- err.def as three look-ups. */
#include "core/err.h"

static const struct {
    int status;
    const char *name, *word;
} table[] = {
    {200, "OK", "ok"},
#define ERR(name, status, word) {status, #name, word},
#include "core/err.def"
#undef ERR
};

static int place(int code)
{
    if (code >= 0)
        return 0;
    return -code < E_COUNT_ ? -code : -E_INTERNAL;
}

int err_status(int code)
{
    return table[place(code)].status;
}

const char *err_name(int code)
{
    return table[place(code)].name;
}

const char *err_word(int code)
{
    return table[place(code)].word;
}
