/*
 * id.h -- secrets, names that cannot be guessed, and digests.
 */
#ifndef CORE_ID_H
#define CORE_ID_H

#include <stddef.h>
#include <stdint.h>

/* Fill with randomness of the kernel (getrandom through libsodium). */
void id_random(void *buf, size_t n);

/* `chars` random characters of [0-9A-Za-z] and a NUL; buf holds chars + 1. */
void id_base62(char *buf, size_t chars);

#define ID_SHA256_BYTES 32
#define ID_SHA256_HEX 65            /* with the NUL */

void id_sha256(uint8_t out[ID_SHA256_BYTES], const void *data, size_t n);
/* The same piece by piece; one at a time on a thread. */
void id_sha256_begin(void);
void id_sha256_add(const void *data, size_t n);
void id_sha256_end(uint8_t out[ID_SHA256_BYTES]);

void id_sha256_hex(char out[ID_SHA256_HEX], const void *data, size_t n);
void id_hmac_sha256(uint8_t out[ID_SHA256_BYTES], const void *key, size_t nkey, const void *data,
                    size_t n);
void id_hex(char *out, const void *data, size_t n);     /* out holds 2 n + 1 */

/* Equal, in a time that does not depend on where they differ. */
int id_same(const void *a, const void *b, size_t n);

#endif
