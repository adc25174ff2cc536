/*
 * id.c -- see id.h.  libsodium does the work, but for SHA-256: OpenSSL's uses the
 * processor's own instructions and is six times as fast.
 */
#include "core/id.h"
#include "core/banned.h"

#include <assert.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <sodium.h>

void id_random(void *buf, size_t n)
{
    randombytes_buf(buf, n);
}

void id_base62(char *buf, size_t chars)
{
    static const char set[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    for (size_t i = 0; i < chars; i++)
        buf[i] = set[randombytes_uniform(62)];
    buf[chars] = 0;
}

/* One context a thread, kept for its life: making one costs more than a short digest. */
static _Thread_local EVP_MD_CTX *hashing;
static _Thread_local const EVP_MD *algorithm;
static pthread_key_t at_end;        /* frees it when the thread ends */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void forget_context(void *p)
{
    EVP_MD_CTX_free(p);
}

static void make_key(void)
{
    pthread_key_create(&at_end, forget_context);
}

void id_sha256_begin(void)
{
    if (!hashing) {
        hashing = EVP_MD_CTX_new();
        algorithm = EVP_sha256();
        pthread_once(&once, make_key);
        pthread_setspecific(at_end, hashing);
    }
    assert(hashing && EVP_DigestInit_ex(hashing, algorithm, NULL) == 1);
}

void id_sha256_add(const void *data, size_t n)
{
    EVP_DigestUpdate(hashing, data, n);
}

void id_sha256_end(uint8_t out[ID_SHA256_BYTES])
{
    unsigned n;

    EVP_DigestFinal_ex(hashing, out, &n);
}

void id_sha256(uint8_t out[ID_SHA256_BYTES], const void *data, size_t n)
{
    id_sha256_begin();
    id_sha256_add(data, n);
    id_sha256_end(out);
}

void id_hex(char *out, const void *data, size_t n)
{
    sodium_bin2hex(out, 2 * n + 1, data, n);
}

void id_sha256_hex(char out[ID_SHA256_HEX], const void *data, size_t n)
{
    uint8_t sum[ID_SHA256_BYTES];

    id_sha256(sum, data, n);
    id_hex(out, sum, sizeof sum);
}

/* RFC 2104 over the digest above. */
void id_hmac_sha256(uint8_t out[ID_SHA256_BYTES], const void *key, size_t nkey, const void *data,
                    size_t n)
{
    uint8_t block[64] = {0}, inner[ID_SHA256_BYTES];

    if (nkey > sizeof block)
        id_sha256(block, key, nkey);
    else
        memcpy(block, key, nkey);
    for (size_t i = 0; i < sizeof block; i++)
        block[i] ^= 0x36;
    id_sha256_begin();
    id_sha256_add(block, sizeof block);
    id_sha256_add(data, n);
    id_sha256_end(inner);
    for (size_t i = 0; i < sizeof block; i++)
        block[i] ^= 0x36 ^ 0x5c;
    id_sha256_begin();
    id_sha256_add(block, sizeof block);
    id_sha256_add(inner, sizeof inner);
    id_sha256_end(out);
    sodium_memzero(block, sizeof block);
}

int id_same(const void *a, const void *b, size_t n)
{
    return sodium_memcmp(a, b, n) == 0;
}
