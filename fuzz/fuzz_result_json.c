/*
 * A result against a config that holds one control of every checked type.  The
 * result is also split, compared with itself (every answer is like itself, or
 * the comparison has no opinion) and given ids.
 */
#include "core/json.h"
#include "label/geom.h"
#include "label/result.h"

#include <assert.h>

static const char config[] =
    "<View><Text name='t' value='$t'/><Image name='i' value='$i'/><Audio name='a' value='$a'/>"
    "<Paragraphs name='p' value='$p'/><HyperText name='h' value='$h'/><List name='l' value='$l'/>"
    "<TimeSeries name='s' value='$s'/><Video name='v' value='$v'/><Chat name='k' value='$k'/>"
    "<Choices name='c' toName='t' required='true'><Choice value='x'/><Choice value='y'/></Choices>"
    "<Choices name='cd' toName='t' value='$d' choice='multiple'/>"
    "<Choices name='cr' toName='i' perRegion='true' required='true' visibleWhen='region-selected' "
    "whenLabelValue='x'><Choice value='x'/></Choices>"
    "<Labels name='lt' toName='t' maxUsages='2'><Label value='x'/></Labels>"
    "<Labels name='li' toName='i'><Label value='x'/></Labels>"
    "<Labels name='la' toName='a'><Label value='x'/></Labels>"
    "<RectangleLabels name='r' toName='i'><Label value='x'/></RectangleLabels>"
    "<PolygonLabels name='g' toName='i'><Label value='x'/></PolygonLabels>"
    "<EllipseLabels name='e' toName='i'><Label value='x'/></EllipseLabels>"
    "<KeyPointLabels name='kp' toName='i'><Label value='x'/></KeyPointLabels>"
    "<BrushLabels name='b' toName='i'><Label value='x'/></BrushLabels>"
    "<HyperTextLabels name='hl' toName='h'><Label value='x'/></HyperTextLabels>"
    "<ParagraphLabels name='pl' toName='p'><Label value='x'/></ParagraphLabels>"
    "<TimeSeriesLabels name='sl' toName='s'><Label value='x'/></TimeSeriesLabels>"
    "<TimelineLabels name='tl' toName='v'><Label value='x'/></TimelineLabels>"
    "<VideoRectangle name='vr' toName='v'/><TextArea name='x' toName='t' required='true'/>"
    "<Rating name='ra' toName='t'/><Number name='n' toName='t' min='0' max='9'/>"
    "<DateTime name='dt' toName='t' only='date'/>"
    "<Taxonomy name='ta' toName='t' leafsOnly='true'><Choice value='x'><Choice value='y'/></Choice>"
    "</Taxonomy><Pairwise name='pw' toName='t,i'/>"
    "<Ranker name='rk' toName='l'><Bucket name='x'/></Ranker>"
    "<Relations><Relation value='x'/></Relations>"
    "<Repeater on='$p' indexFlag='{{i}}'><Text name='q_{{i}}' value='$p[{{i}}].text'/>"
    "<Rating name='rr_{{i}}' toName='q_{{i}}' required='true'/></Repeater></View>";

static const char task[] =
    "{\"t\":\"some text\",\"p\":[{\"text\":\"one\"},{\"text\":\"two\"}],\"d\":[\"x\",{\"value\":"
    "\"y\",\"children\":[\"z\"]}],\"l\":[{\"id\":\"x\"},{\"id\":2}],\"h\":\"<p>x</p>\"}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct ctx *cx = ctx_new(NULL);
    struct label_config *c;
    struct answer *list;
    json_t *result, *t;
    int k;

    if (n <= 65536 && json_read(cx, (const char *)data, n, &result) == 0) {
        assert(label_parse(cx, config, strlen(config), &c) == 0);
        assert(json_read(cx, task, strlen(task), &t) == 0);
        if (label_check(cx, c, t, result, 0) < 0)
            assert(cx->nfields > 0 && cx->why);
        fail_clear(cx);
        label_check(cx, c, NULL, result, LABEL_CHECK_DRAFT);
        if (answer_split(cx, c, result, &list, &k) == 0)
            for (int i = 0; i < k; i++) {
                double s = label_similarity(cx, &list[i], &list[i]);

                assert(s >= 0 && s <= 1.000001);
                answer_vote(cx, &list[i]);
            }
        label_give_ids(cx, result);
    }
    ctx_free(cx);
    return 0;
}
