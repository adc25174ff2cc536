/*
 * text_exact.c -- short answers: the same thing said is the same class, and classes are voted on.
 *
 * Every answer is brought to its canonical form (text_canon.c); within a task equal forms are one
 * class, in the order given, and the votes go through the library's own categorical methods: the
 * majority, or Wawa when skill is to be learned (opts.rounds > 0).  The text of a class is that of
 * its first author.  O(bytes + answers^2 of a task).
 */
#include <string.h>

#include "stats/text.h"

/* The class of each answer within its task; *most is how many the richest task has. */
static int classes(struct as_text_fit *f, uint16_t *label, uint32_t *most)
{
    struct as_pool pool = { 0 };
    struct as_phrase *form = as_take(&pool, f->n, sizeof *form);
    int rc = form ? AS_OK : AS_ENOMEM;

    *most = 1;
    for (size_t a = 0; !rc && a < f->n; a++) {
        size_t n = as_canonical(f->text[a], f->opts->canon, NULL, 0);
        char *text = as_take(&pool, n + 1, 1);
        if (text)
            as_canonical(f->text[a], f->opts->canon, text, n + 1);
        form[a] = (struct as_phrase){ text, n };
        rc = text ? AS_OK : AS_ENOMEM;
    }
    for (uint32_t t = 0; !rc && t < f->in->tasks; t++) {
        uint32_t kinds = 0;
        for (size_t a = f->first[t]; a < f->first[t + 1]; a++) {
            size_t b = f->first[t];
            while (b < a && (form[b].length != form[a].length
                             || memcmp(form[b].text, form[a].text, form[a].length)))
                b++;
            label[a] = b < a ? label[b] : (uint16_t)kinds++;
        }
        *most = kinds > *most ? kinds : *most;
    }
    as_pool_end(&pool);
    return rc;
}

static int vote(struct as_text_fit *f, const uint16_t *label, uint32_t kinds,
                struct as_result **out)
{
    uint32_t *task = as_take(f->pool, f->n, sizeof *task);
    float *weight = as_take(f->pool, f->n, sizeof *weight);
    struct as_votes *v;
    struct as_opts o;

    if (!task || !weight)
        return AS_ENOMEM;
    for (uint32_t t = 0; t < f->in->tasks; t++)
        for (size_t a = f->first[t]; a < f->first[t + 1]; a++) {
            task[a] = t;
            weight[a] = (float)f->weight[f->worker[a]];
        }
    struct as_labels in = { .n = f->n, .tasks = f->in->tasks, .workers = f->in->workers,
                            .classes = kinds, .task = task, .worker = f->worker, .label = label,
                            .weight = weight };
    int rc = as_votes_new(&in, AS_KEEP_LAST, &v, NULL);
    if (rc)
        return rc;
    as_opts_init(&o);
    o.level = f->opts->level;
    rc = as_aggregate(v, f->opts->rounds ? "wawa" : "majority", &o, out);
    as_votes_free(v);
    return rc;
}

static int run(struct as_text_fit *f)
{
    uint16_t *label = as_take(f->pool, f->n, sizeof *label);
    struct as_result *r;
    uint32_t kinds;

    if (!label)
        return AS_ENOMEM;
    int rc = classes(f, label, &kinds);
    if (rc || (rc = vote(f, label, kinds, &r)))
        return rc;
    for (uint32_t t = 0; t < f->in->tasks; t++)
        for (size_t a = f->first[t]; a < f->first[t + 1]; a++)
            if (label[a] == r->label[t]) {
                as_choose(f, t, a, r->flags[t] & AS_TIED);
                f->out->answer[t].confidence = as_confidence(r, t);
                break;
            }
    for (uint32_t j = 0; j < f->in->workers; j++) {
        f->out->worker[j] = r->worker[j];
        f->weight[j] *= f->opts->rounds ? r->worker[j].weight : 1;
    }
    f->own_skill = 1;
    as_result_free(r);
    return AS_OK;
}

const struct as_text_method as_text_exact = {
    { "exact", "Exact match", "majority and Wawa over canonical forms",
      "Counts answers that mean the same, after numbers, dates, units or JSON are brought to one "
      "form, and takes the most frequent. It reads each answer once. Use it for short answers: a "
      "name, a number plate, a price.", 0 },
    run
};
