/* seq_spans.c -- IOB2: which tag may follow which, repair, and exact spans. */
#include <string.h>

#include "stats/seq.h"

int as_tags_parse(const char *const *name, uint32_t n, struct as_tag *out)
{
    uint32_t types = 0;

    for (uint32_t k = 0; k < n; k++) {
        int begins = name[k][0] == 'B', inside = name[k][0] == 'I';
        out[k] = (struct as_tag){ AS_TAG_OUT, 0 };
        if ((!begins && !inside) || name[k][1] != '-')
            continue;
        uint32_t same = 0;
        while (same < k && (out[same].kind == AS_TAG_OUT || strcmp(name[same] + 2, name[k] + 2)))
            same++;
        out[k].kind = begins ? AS_TAG_BEGIN : AS_TAG_IN;
        out[k].type = same < k ? out[same].type : (uint16_t)types++;
    }
    for (uint32_t k = 0; k < n; k++)
        if (out[k].kind == AS_TAG_IN && as_tag_begin(out, n, out[k].type) < 0)
            return AS_EUNFIT;
    return AS_OK;
}

int as_tag_begin(const struct as_tag *tag, uint32_t tags, uint16_t type)
{
    for (uint32_t b = 0; b < tags; b++)
        if (tag[b].kind == AS_TAG_BEGIN && tag[b].type == type)
            return (int)b;
    return -1;
}

int as_tag_follows(const struct as_tag *from, const struct as_tag *to)
{
    return to->kind != AS_TAG_IN || (from && from->kind != AS_TAG_OUT && from->type == to->type);
}

static const struct as_tag outside = { AS_TAG_OUT, 0 };

static const struct as_tag *tag_of(const struct as_tag *tag, uint32_t tags, uint16_t label)
{
    return label < tags ? &tag[label] : &outside;
}

size_t as_tags_repair(const struct as_sentences *s, uint32_t tags, uint16_t *label, uint8_t *flags)
{
    size_t changed = 0;

    for (uint32_t i = 0; i < s->n; i++) {
        const struct as_tag *before = NULL;
        for (size_t t = s->start[i]; t < s->start[i + 1]; t++) {
            const struct as_tag *here = tag_of(s->tag, tags, label[t]);
            int b = as_tag_follows(before, here) ? -1 : as_tag_begin(s->tag, tags, here->type);
            if (b >= 0) {
                label[t] = (uint16_t)b;
                changed++;
                if (flags)
                    flags[t] |= AS_REPAIRED;
            }
            before = tag_of(s->tag, tags, label[t]);
        }
    }
    return changed;
}

void as_span_count(struct as_span_score *out, const struct as_tag *tag, uint32_t tags,
                   const uint16_t *said, const uint16_t *truth, size_t n)
{
    const struct as_tag *before_s = NULL, *before_t = NULL;
    int alike = 0;                          /* both are in the same span, begun together */

    for (size_t k = 0; k <= n; k++) {       /* one past the end closes what is open */
        const struct as_tag *s = k < n ? tag_of(tag, tags, said[k]) : &outside;
        const struct as_tag *t = k < n ? tag_of(tag, tags, truth[k]) : &outside;
        int goes_s = s->kind == AS_TAG_IN && as_tag_follows(before_s, s);
        int goes_t = t->kind == AS_TAG_IN && as_tag_follows(before_t, t);
        int new_s = s->kind != AS_TAG_OUT && !goes_s, new_t = t->kind != AS_TAG_OUT && !goes_t;
        out->right += (uint64_t)(alike && !goes_s && !goes_t);
        alike = (alike && goes_s && goes_t) || (new_s && new_t && s->type == t->type);
        out->said += (uint64_t)new_s;
        out->truth += (uint64_t)new_t;
        before_s = s;
        before_t = t;
    }
}

void as_span_rates(struct as_span_score *s)
{
    s->precision = s->said ? (double)s->right / (double)s->said : 0;
    s->recall = s->truth ? (double)s->right / (double)s->truth : 0;
    s->f1 = s->right ? 2 * (double)s->right / (double)(s->said + s->truth) : 0;
}

void as_span_scores(const struct as_sentences *s, uint32_t tags, const uint16_t *said,
                    const uint16_t *truth, struct as_span_score *out)
{
    *out = (struct as_span_score){ 0 };
    for (uint32_t i = 0; i < s->n; i++)
        as_span_count(out, s->tag, tags, said + s->start[i], truth + s->start[i],
                      s->start[i + 1] - s->start[i]);
    as_span_rates(out);
}
