/*
 * test_formats.c -- our conversions against what the official converter made
 * of the same input: 135 cases, parsed and compared, never byte for byte.
 */
#include "unit.h"

#include "core/str.h"
#include "formats/convert.h"
#include "formats/reader.h"

#include <dirent.h>
#include <libxml/parser.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *cases_folder(struct ctx *cx)
{
    const char *root = getenv("ANNOTARY_TESTDATA");

    return talloc_asprintf(cx->mem, "%s/labelstudio/exports", root ? root : "../shared");
}

static const char *own_folder(struct ctx *cx)
{
    const char *root = getenv("ANNOTARY_SOURCE");

    return talloc_asprintf(cx->mem, "%s/tests/golden/formats", root ? root : ".");
}

static const char *scratch(struct ctx *cx)
{
    char *t = talloc_strdup(cx->mem, "/tmp/test-formats-XXXXXX");

    assert_non_null(mkdtemp(t));
    return t;
}

static void sweep(struct ctx *cx, const char *path)
{
    DIR *d = opendir(path);
    struct dirent *e;

    while (d && (e = readdir(d))) {
        char *p = talloc_asprintf(cx->mem, "%s/%s", path, e->d_name);

        if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") && unlink(p) < 0)
            sweep(cx, p);
    }
    if (d)
        closedir(d);
    rmdir(path);
}

static char *slurp(struct ctx *cx, const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    char block[8192];
    struct buf b;
    size_t k;

    if (!f)
        return NULL;
    buf_init(&b, cx, 256u << 20);
    buf_adds(&b, "");
    while ((k = fread(block, 1, sizeof block, f)) > 0)
        buf_add(&b, block, k);
    fclose(f);
    *n = b.n;
    return b.s;
}

/* ---- comparing; the first difference goes to `where` ---- */

struct diff {
    struct ctx *cx;
    const char *what;
};

static bool differs(struct diff *d, const char *path, const char *why, const char *a, const char *b)
{
    if (!d->what)
        d->what = talloc_asprintf(d->cx->mem, "%s: %s: %.300s | %.300s", path, why, a, b);
    return true;
}

/* "images/75090ecd__a.jpg" without the hash. */
static const char *bare(struct ctx *cx, const char *s)
{
    const char *mark = strstr(s, "__"), *slash = mark;

    if (!mark || mark - s < 8)
        return s;
    slash = mark - 8;
    for (const char *p = slash; p < mark; p++)
        if (!strchr("0123456789abcdef", *p))
            return s;
    return talloc_asprintf(cx->mem, "%.*s%s", (int)(slash - s), s, mark);
}

static bool ignored(const char *path)
{
    static const char *const keys[] = {".info.date_created", ".info.year", ".info.version",
                                       ".color"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (str_ends(path, keys[i]))
            return true;
    return false;
}

static bool json_differs(struct diff *d, const char *path, const json_t *a, const json_t *b)
{
    const char *key;
    const json_t *v;
    size_t i;

    if (ignored(path))
        return false;
    if (json_is_number(a) && json_is_number(b)) {
        double x = json_number_value(a), y = json_number_value(b);

        return fabs(x - y) <= 1e-6 * fmax(1, fabs(x))
                   ? false
                   : differs(d, path, "number", json_text(d->cx, a), json_text(d->cx, b));
    }
    if (json_typeof(a) != json_typeof(b))
        return differs(d, path, "kind", json_text(d->cx, a), json_text(d->cx, b));
    if (json_is_string(a))
        return strcmp(bare(d->cx, json_string_value(a)), bare(d->cx, json_string_value(b))) == 0
                   ? false
                   : differs(d, path, "text", json_string_value(a), json_string_value(b));
    if (json_is_array(a)) {
        if (json_array_size(a) != json_array_size(b))
            return differs(d, path, "length", json_text(d->cx, a), json_text(d->cx, b));
        json_array_foreach(a, i, v)
            if (json_differs(d, talloc_asprintf(d->cx->mem, "%s[%zu]", path, i), v,
                             json_array_get(b, i)))
                return true;
    }
    if (json_is_object(a)) {
        json_object_foreach((json_t *)(uintptr_t)a, key, v) {
            const char *below = talloc_asprintf(d->cx->mem, "%s.%s", path, key);

            if (!json_object_get(b, key) && !ignored(below))
                return differs(d, below, "missing", json_text(d->cx, v), "");
            if (json_object_get(b, key) && json_differs(d, below, v, json_object_get(b, key)))
                return true;
        }
        json_object_foreach((json_t *)(uintptr_t)b, key, v)
            if (!json_object_get(a, key) && !str_ends(key, "color"))
                return differs(d, path, "too much", key, json_text(d->cx, v));
    }
    return false;
}

static void json_files(struct diff *d, const char *want, const char *got)
{
    size_t n, m;
    char *a = slurp(d->cx, want, &n), *b = slurp(d->cx, got, &m);
    json_t *x, *y;

    if (!b || json_stored(d->cx, a, n, &x) < 0 || json_stored(d->cx, b, m, &y) < 0) {
        differs(d, got, "unreadable", "", d->cx->why ? d->cx->why : "missing");
        return;
    }
    json_differs(d, "", x, y);
}

/* A cell: equal text, equal number, or equal JSON. */
static void cell_compare(struct diff *d, const char *column, const char *a, const char *b)
{
    json_t *x, *y;

    if (strcmp(a, b) == 0)
        return;
    if (json_stored(d->cx, a, strlen(a), &x) == 0 && json_stored(d->cx, b, strlen(b), &y) == 0)
        json_differs(d, column, x, y);
    else
        differs(d, column, "cell", a, b);
}

static json_t *csv_rows(struct ctx *cx, const char *path, enum source_kind kind)
{
    json_t *list = json_keep(cx, json_array()), *v;
    struct reader *r;
    struct row row;

    if (reader_open(cx, kind, path, &r) < 0)
        return NULL;
    while (reader_next(r, &row) > 0) {
        if (row.why)
            return NULL;
        assert_ok(json_stored(cx, row.data.s, row.data.n, &v));
        json_array_append(list, v);
    }
    reader_close(r);
    return list;
}

static void csv_files(struct diff *d, const char *want, const char *got, enum source_kind kind)
{
    json_t *a = csv_rows(d->cx, want, kind), *b = csv_rows(d->cx, got, kind), *v;
    const char *key;
    size_t i;

    assert_non_null(a);
    if (!b || json_array_size(a) != json_array_size(b)) {
        differs(d, got, "rows", "", "");
        return;
    }
    json_array_foreach(a, i, v) {
        json_t *w = json_array_get(b, i), *cell;

        if (json_object_size(v) != json_object_size(w))
            differs(d, "columns", "number", json_text(d->cx, v), json_text(d->cx, w));
        json_object_foreach(v, key, cell)
            cell_compare(d, key, json_string_value(cell), json_str(w, key, "(absent)"));
    }
}

static void lines_compare(struct diff *d, const char *want, const char *got)
{
    size_t n, m;
    char *a = slurp(d->cx, want, &n), *b = slurp(d->cx, got, &m), *p, *q;

    if (!b) {
        differs(d, want, "missing", "", "");
        return;
    }
    for (p = a, q = b; *p || *q;) {
        char *pe, *qe;
        double x, y;

        if ((*p == '\n' && !*q && !p[1]) || (*q == '\n' && !*p && !q[1]))
            return;         /* the last line may lack its end */
        x = strtod(p, &pe);
        y = strtod(q, &qe);
        if (pe > p && qe > q && fabs(x - y) <= 1e-6) {
            p = pe;
            q = qe;
        } else if (*p == *q) {
            p++;
            q++;
        } else {
            differs(d, want, "line", p, q);
            return;
        }
    }
}

static bool xml_differs(struct diff *d, xmlNode *a, xmlNode *b)
{
    for (; a || b; a = a->next, b = b->next) {
        while (a && (a->type != XML_ELEMENT_NODE && xmlIsBlankNode(a)))
            a = a->next;
        while (b && (b->type != XML_ELEMENT_NODE && xmlIsBlankNode(b)))
            b = b->next;
        if (!a && !b)
            return false;
        if (!a || !b)
            return differs(d, "xml", "node", a ? (const char *)a->name : "",
                           b ? (const char *)b->name : "");
        if (strcmp((const char *)a->name, (const char *)b->name) != 0)
            return differs(d, "xml", "name", (const char *)a->name, (const char *)b->name);
        if (strcmp((const char *)a->name, "folder") == 0)
            continue;
        if (a->content && b->content &&
            strcmp(bare(d->cx, (char *)a->content), bare(d->cx, (char *)b->content)) != 0)
            return differs(d, "xml", "text", (char *)a->content, (char *)b->content);
        if (xml_differs(d, a->children, b->children))
            return true;
    }
    return false;
}

static void xml_files(struct diff *d, const char *want, const char *got)
{
    size_t n = 0, m = 0;
    char *x = slurp(d->cx, want, &n), *y = slurp(d->cx, got, &m);
    xmlDoc *a = xmlReadMemory(x, (int)n, "want", NULL, XML_PARSE_NONET);
    xmlDoc *b = y ? xmlReadMemory(y, (int)m, "got", NULL, XML_PARSE_NONET) : NULL;

    if (!b)
        differs(d, got, "unreadable", "", "");
    else
        xml_differs(d, xmlDocGetRootElement(a), xmlDocGetRootElement(b));
    xmlFreeDoc(a);
    xmlFreeDoc(b);
}

/* The file of a folder that has this name but for the hash. */
static const char *find_bare(struct ctx *cx, const char *folder, const char *name)
{
    DIR *dir = opendir(folder);
    struct dirent *e;
    const char *found = NULL;

    while (dir && !found && (e = readdir(dir)))
        if (strcmp(bare(cx, e->d_name), bare(cx, name)) == 0)
            found = talloc_asprintf(cx->mem, "%s/%s", folder, e->d_name);
    if (dir)
        closedir(dir);
    return found ? found : talloc_asprintf(cx->mem, "%s/(no %s)", folder, name);
}

static int count_files(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *e;
    int n = 0;

    while (dir && (e = readdir(dir)))
        n += e->d_name[0] != '.';
    if (dir)
        closedir(dir);
    return n;
}

static void folders(struct diff *d, const char *format, const char *want, const char *got)
{
    DIR *dir = opendir(want);
    struct dirent *e;

    assert_non_null(dir);
    if (count_files(want) != count_files(got))
        differs(d, want, "number of files", "", got);
    while ((e = readdir(dir))) {
        char *a = talloc_asprintf(d->cx->mem, "%s/%s", want, e->d_name);
        const char *b = find_bare(d->cx, got, e->d_name);
        struct stat st;

        if (e->d_name[0] == '.')
            continue;
        if (stat(a, &st) == 0 && S_ISDIR(st.st_mode))
            folders(d, format, a, b);
        else if (str_ends(a, ".json"))
            json_files(d, a, b);
        else if (str_ends(a, ".xml"))
            xml_files(d, a, b);
        else if (str_ends(a, ".csv"))
            csv_files(d, a, b, strcmp(format, "TSV") == 0 ? SOURCE_TSV : SOURCE_CSV);
        else
            lines_compare(d, a, b);
    }
    closedir(dir);
}

static int run_case(struct ctx *cx, const char *dir, const char *format, const char *temp)
{
    char *want = talloc_asprintf(cx->mem, "%s/expected/%s", dir, format);
    char *got = talloc_asprintf(cx->mem, "%s/out", temp);
    struct diff d = {.cx = cx};
    struct buf summary;
    int rc;

    if (access(want, F_OK) != 0)
        return 0;
    buf_init(&summary, cx, 1 << 20);
    rc = convert(cx, talloc_asprintf(cx->mem, "%s/config.xml", dir),
                 talloc_asprintf(cx->mem, "%s/input.json", dir), format, got, false, &summary);
    if (rc != 0)
        d.what = talloc_asprintf(cx->mem, "convert says %d: %s", rc, cx->why ? cx->why : summary.s);
    else
        folders(&d, format, want, got);
    sweep(cx, got);
    if (!d.what)
        return 1;
    print_message("%s %s\n    %s\n", strrchr(dir, '/') + 1, format, d.what);
    return -1;
}

static void run_format(struct ctx *cx, const char *root, const char *format, int least)
{
    const char *temp;
    struct dirent **list;
    int n = scandir(root, &list, NULL, alphasort), right = 0, wrong = 0;

    if (n < 0) {
        print_message("SKIP: no test data\n");
        skip();
    }
    temp = scratch(cx);
    for (int i = 0; i < n; i++) {
        struct ctx *one = ctx_new(cx);
        char *dir = talloc_asprintf(one->mem, "%s/%s", root, list[i]->d_name);
        struct stat st;
        int rc = 0;

        if (list[i]->d_name[0] != '.' && stat(dir, &st) == 0 && S_ISDIR(st.st_mode))
            rc = run_case(one, dir, format, temp);
        right += rc > 0;
        wrong += rc < 0;
        ctx_free(one);
        free(list[i]);
    }
    free(list);
    rmdir(temp);
    print_message("%s: %d right, %d wrong\n", format, right, wrong);
    assert_int_equal(wrong, 0);
    assert_true(right >= least);
}

#define OFFICIAL(name, format, least)                                                              \
    static void name##_is_what_the_official_converter_writes(void **state)                         \
    {                                                                                              \
        run_format(*state, cases_folder(*state), format, least);                                   \
    }                                                                                              \
    static void name##_is_what_we_have_written_down(void **state)                                  \
    {                                                                                              \
        run_format(*state, own_folder(*state), format, 1);                                         \
    }

OFFICIAL(json, "JSON", 135)
OFFICIAL(json_min, "JSON_MIN", 135)
OFFICIAL(csv, "CSV", 135)
OFFICIAL(tsv, "TSV", 135)
OFFICIAL(coco, "COCO", 24)
OFFICIAL(yolo, "YOLO", 24)
OFFICIAL(voc, "VOC", 8)
OFFICIAL(conll2003, "CONLL2003", 12)

static void jsonl_is_what_we_have_written_down(void **state)
{
    run_format(*state, own_folder(*state), "JSONL", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(json_is_what_the_official_converter_writes),
        UNIT(json_is_what_we_have_written_down),
        UNIT(jsonl_is_what_we_have_written_down),
        UNIT(json_min_is_what_the_official_converter_writes),
        UNIT(json_min_is_what_we_have_written_down),
        UNIT(csv_is_what_the_official_converter_writes),
        UNIT(csv_is_what_we_have_written_down),
        UNIT(tsv_is_what_the_official_converter_writes),
        UNIT(tsv_is_what_we_have_written_down),
        UNIT(coco_is_what_the_official_converter_writes),
        UNIT(coco_is_what_we_have_written_down),
        UNIT(yolo_is_what_the_official_converter_writes),
        UNIT(yolo_is_what_we_have_written_down),
        UNIT(voc_is_what_the_official_converter_writes),
        UNIT(voc_is_what_we_have_written_down),
        UNIT(conll2003_is_what_the_official_converter_writes),
        UNIT(conll2003_is_what_we_have_written_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
