/* demo_data.c -- the four samples inside the program: see demo.h and examples/. */
#include "cli/demo.h"
#include "core/id.h"
#include "core/str.h"

#include <archive.h>
#include <archive_entry.h>

static const struct {
    enum demo_kind kind;
    const char *folder, *title, *measure;
} samples[DEMO_PROJECTS] = {
    {DEMO_CHOICE, "text-classification", "Messages to a shop", "choice accuracy"},
    {DEMO_SPANS, "text-spans", "Names in notes", "span F1"},
    {DEMO_BOXES, "image-boxes", "Harbours and streets", "mean IoU"},
    {DEMO_PAIR, "pairwise", "Which answer is better", "pair accuracy"},
};

static const struct ui_file *file_find(struct ctx *cx, const char *folder, const char *name)
{
    const char *path = talloc_asprintf(cx->mem, "/%s/%s", folder, name);

    for (const struct ui_file *f = example_files; f->path; f++)
        if (strcmp(f->path, path) == 0)
            return f;
    fail(cx, E_INTERNAL, "The sample %s is not in this program.", path + 1);
    return NULL;
}

/* ---- lines ------------------------------------------------------------------------------ */

/* The next line of a JSONL file; NULL at the end or when it is broken (cx->why then). */
static json_t *line_next(struct ctx *cx, const struct ui_file *f, size_t *at)
{
    const char *from = (const char *)f->bytes + *at, *end;
    json_t *v;

    if (*at >= f->n)
        return NULL;
    end = memchr(from, '\n', f->n - *at);
    if (!end)
        end = (const char *)f->bytes + f->n;
    *at += (size_t)(end - from) + 1;
    return json_stored(cx, from, (size_t)(end - from), &v) < 0 ? NULL : v;
}

static int lines_count(const struct ui_file *f)
{
    int n = 0;

    for (unsigned i = 0; i < f->n; i++)
        n += f->bytes[i] == '\n';
    return n;
}

/* "thing": ["Boat"] -- the member of a region's value that holds its labels. */
static const char *label_of(const json_t *region)
{
    const json_t *value = json_object_get(region, "value");
    const json_t *list = json_object_get(value, json_str(region, "type", ""));

    return json_string_value(json_array_get(list, 0));
}

static void note_labels(struct demo_example *e, const json_t *truth)
{
    size_t i;
    json_t *region;

    json_array_foreach(truth, i, region) {
        const char *label = label_of(region);
        int k = 0;

        if (!e->pattern)
            e->pattern = region;
        while (label && k < e->nlabels && strcmp(e->label[k], label) != 0)
            k++;
        if (label && k == e->nlabels && k < 16)
            e->label[e->nlabels++] = label;
    }
}

static int read_items(struct ctx *cx, struct demo_example *e, const struct ui_file *tasks)
{
    const struct ui_file *truths = file_find(cx, e->folder, "truth.jsonl");
    size_t at = 0, truth_at = 0;
    json_t *task, *truth;

    if (!truths)
        return E_INTERNAL;
    e->item = NEW_N(cx, struct demo_item, lines_count(tasks) + 1);
    e->label = NEW_N(cx, const char *, 16);
    while ((task = line_next(cx, tasks, &at)) && (truth = line_next(cx, truths, &truth_at))) {
        struct demo_item *item = &e->item[e->nitems++];

        item->data = json_object_get(task, "data");
        item->key = json_str(item->data, "id", "");
        item->truth = json_object_get(truth, "result");
        if (strcmp(item->key, json_str(truth, "id", "?")) != 0 || !json_is_array(item->truth))
            return fail(cx, E_INTERNAL, "The truth of %s does not fit its tasks.", e->folder);
        note_labels(e, item->truth);
    }
    return e->nitems == lines_count(tasks) && e->nitems
               ? 0
               : fail(cx, E_INTERNAL, "The tasks of %s cannot be read.", e->folder);
}

/* ---- pictures --------------------------------------------------------------------------- */

/* They go up as people have them: one archive.  Afterwards a picture is known by its digest. */
static int pack_pictures(struct ctx *cx, struct demo_example *e)
{
    size_t room = 65536, used = 0;
    struct archive *a = archive_write_new();
    int rc = 0;

    for (const struct ui_file *f = example_files; f->path; f++)
        room += str_starts(f->path, "/image-boxes/images/") ? f->n + 2048 : 0;
    e->upload = talloc_size(cx->mem, room);
    archive_write_set_format_ustar(a);
    archive_write_set_bytes_per_block(a, 0);
    archive_write_open_memory(a, talloc_steal(cx->mem, (void *)(uintptr_t)e->upload), room, &used);
    for (int i = 0; i < e->nitems && rc == 0; i++) {
        const char *name = json_str(e->item[i].data, "image", "");
        const struct ui_file *f = file_find(cx, e->folder, name);
        struct archive_entry *entry = archive_entry_new();
        char hash[ID_SHA256_HEX];

        if (f) {
            archive_entry_set_pathname(entry, strrchr(name, '/') ? strrchr(name, '/') + 1 : name);
            archive_entry_set_size(entry, f->n);
            archive_entry_set_filetype(entry, AE_IFREG);
            archive_entry_set_perm(entry, 0600);
            archive_write_header(a, entry);
            archive_write_data(a, f->bytes, f->n);
            id_sha256_hex(hash, f->bytes, f->n);
            e->item[i].key = talloc_strdup(cx->mem, hash);
        }
        archive_entry_free(entry);
        rc = f ? 0 : E_INTERNAL;
    }
    if (archive_write_close(a) != ARCHIVE_OK && rc == 0)
        rc = fail(cx, E_INTERNAL, "The sample pictures cannot be packed.");
    archive_write_free(a);
    e->nupload = used;
    e->file_name = "images.tar";
    return rc;
}

/* ---- all of them ------------------------------------------------------------------------ */

int demo_examples(struct ctx *cx, struct demo_example out[DEMO_PROJECTS])
{
    for (int i = 0; i < DEMO_PROJECTS; i++) {
        struct demo_example *e = &out[i];
        const struct ui_file *xml, *tasks;
        int rc;

        *e = (struct demo_example){.kind = samples[i].kind, .folder = samples[i].folder,
                                   .title = samples[i].title, .measure = samples[i].measure};
        if (!(xml = file_find(cx, e->folder, "config.xml")) ||
            !(tasks = file_find(cx, e->folder, "tasks.jsonl")))
            return E_INTERNAL;
        e->xml = talloc_strndup(cx->mem, (const char *)xml->bytes, xml->n);
        if ((rc = read_items(cx, e, tasks)) < 0)
            return rc;
        e->file_name = "tasks.jsonl";
        e->upload = tasks->bytes;
        e->nupload = tasks->n;
        if (e->kind == DEMO_BOXES && (rc = pack_pictures(cx, e)) < 0)
            return rc;
    }
    return 0;
}

int demo_find(const struct demo_example *e, const json_t *data)
{
    const char *key = json_str(data, e->kind == DEMO_BOXES ? "image" : "id", "");

    if (e->kind == DEMO_BOXES && strrchr(key, '/'))
        key = strrchr(key, '/') + 1;
    for (int i = 0; i < e->nitems; i++)
        if (strcmp(e->item[i].key, key) == 0)
            return i;
    return -1;
}
