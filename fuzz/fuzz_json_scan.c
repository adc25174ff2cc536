/* The scanner before the parser: what it accepts the parser reads; spans lie inside and parse. */
#include "core/json.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct ctx *cx = ctx_new(NULL);
    const char *s = (const char *)data;
    struct json_span *spans = NULL;
    int k = 0;
    json_t *v;

    if (json_scan(cx, s, n, "result", &spans, &k) == 0) {
        for (int i = 0; i < k; i++) {
            assert(spans[i].len > 0 && spans[i].at + spans[i].len <= n);
            assert(json_scan(cx, s + spans[i].at, spans[i].len, NULL, NULL, NULL) == 0);
        }
    } else {
        assert(cx->why);
        assert(json_read(cx, s, n, &v) < 0);
    }
    if (json_read(cx, s, n, &v) == 0) {
        const char *text = json_text(cx, v);

        assert(json_read(cx, text, strlen(text), &v) == 0);
    }
    ctx_free(cx);
    return 0;
}
