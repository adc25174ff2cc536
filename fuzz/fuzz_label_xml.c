/* Any bytes as a config: parsed or refused with a place, never a crash; trees and reports included.
 */
#include "core/json.h"
#include "label/report.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct ctx *cx = ctx_new(NULL);
    struct label_config *c;
    int rc = label_parse(cx, (const char *)data, n, &c);

    if (rc == 0) {
        struct buf b;

        assert(c->root && c->nerrors == 0);
        json_text(cx, label_tree(cx, c));
        json_text(cx, label_parsed(cx, c));
        buf_init(&b, cx, 1 << 20);
        label_report(cx, (const char *)data, n, NULL, true, &b);
    } else {
        assert(c->nerrors > 0 && c->nproblems > 0);
        assert(c->problems[0].line >= 1 && c->problems[0].column >= 1);
    }
    ctx_free(cx);
    return 0;
}
