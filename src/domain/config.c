/* config.c -- see config.h. */
#include "domain/config.h"

#include <pthread.h>

#include "core/id.h"
#include "label/config.h"
#include "store/db.h"

/*
 * Parsed versions, for all threads.  A version is immutable, so an entry is
 * never wrong; the hash in the key keeps a restored database from meeting the
 * parse of another.
 */
struct kept {
    struct kept *next;
    int64_t project, n;
    char hash[ID_SHA256_HEX];
    struct ctx *cx;
    struct label_config *config;
};

#define CONFIG_BUCKETS 256

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct kept *kept[CONFIG_BUCKETS];

static struct kept **bucket(int64_t project, int64_t n)
{
    return &kept[((uint64_t)project * 31 + (uint64_t)n) % CONFIG_BUCKETS];
}

int config_add(struct ctx *cx, int64_t project, const char *xml, int64_t *n)
{
    struct label_config *parsed;
    char hash[ID_SHA256_HEX];
    int rc;

    if ((rc = label_parse(cx, xml, strlen(xml), &parsed)) < 0)
        return rc;
    id_sha256_hex(hash, xml, strlen(xml));
    rc = db_int(cx, n,
                "INSERT INTO config(project_id, n, xml, hash, created_by, created_ms)"
                " SELECT ?, COALESCE(MAX(n), 0) + 1, ?, ?, ?, ? FROM config WHERE project_id = ?"
                " RETURNING n",
                "ittoii", project, xml, hash, cx->who.person, cx->now, project);
    return rc < 0 ? rc : 0;
}

int config_xml(struct ctx *cx, int64_t project, int64_t n, char **xml)
{
    int rc =
        db_text(cx, xml, "SELECT xml FROM config WHERE project_id = ? AND n = ?", "ii", project, n);

    if (rc < 0)
        return rc;
    return rc ? 0 : fail(cx, E_NOTFOUND, "There is no such version of the labelling config.");
}

static struct label_config *find(int64_t project, int64_t n, const char *hash)
{
    struct label_config *found = NULL;

    pthread_mutex_lock(&lock);
    for (struct kept *k = *bucket(project, n); k; k = k->next)
        if (k->project == project && k->n == n && strcmp(k->hash, hash) == 0)
            found = k->config;
    pthread_mutex_unlock(&lock);
    return found;
}

int config_parsed(struct ctx *cx, int64_t project, int64_t n, const struct label_config **out)
{
    char *hash, *xml;
    struct kept *k;
    int rc = db_text(cx, &hash, "SELECT hash FROM config WHERE project_id = ? AND n = ?", "ii",
                     project, n);

    if (rc <= 0)
        return rc < 0 ? rc
                      : fail(cx, E_NOTFOUND, "There is no such version of the labelling config.");
    if ((*out = find(project, n, hash)))
        return 0;
    if ((rc = config_xml(cx, project, n, &xml)) < 0)
        return rc;
    k = talloc_zero(NULL, struct kept);
    k->project = project;
    k->n = n;
    memcpy(k->hash, hash, strlen(hash) < sizeof k->hash ? strlen(hash) : sizeof k->hash - 1);
    k->cx = ctx_new(k);
    if ((rc = label_parse(k->cx, xml, strlen(xml), &k->config)) < 0) {
        rc = fail(cx, rc, "%s", k->cx->why);
        talloc_free(k);
        return rc;
    }
    *out = k->config;
    pthread_mutex_lock(&lock);
    k->next = *bucket(project, n);
    *bucket(project, n) = k;
    pthread_mutex_unlock(&lock);
    return 0;
}
