/* id.c -- see id.h.  libsodium does the work. */
#include "core/id.h"
#include "core/banned.h"

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

void id_sha256(uint8_t out[ID_SHA256_BYTES], const void *data, size_t n)
{
    crypto_hash_sha256(out, data, n);
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

void id_hmac_sha256(uint8_t out[ID_SHA256_BYTES], const void *key, size_t nkey, const void *data,
                    size_t n)
{
    crypto_auth_hmacsha256_state s;

    crypto_auth_hmacsha256_init(&s, key, nkey);
    crypto_auth_hmacsha256_update(&s, data, n);
    crypto_auth_hmacsha256_final(&s, out);
}

int id_same(const void *a, const void *b, size_t n)
{
    return sodium_memcmp(a, b, n) == 0;
}
