/* XXH3-128 digests (xxHash) as values and as 32 hexadecimal digits. */
#ifndef MARQUEE_BASE_HASH_H
#define MARQUEE_BASE_HASH_H

#include "common/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct digest {
    uint8_t bytes[16]; /* canonical (big-endian) order */
};
enum { DIGEST_TEXT_SIZE = 33 };

/* Streaming state; owned, released by hash_finish or hash_discard. */
struct hash;
enum status hash_start(struct hash **out, struct error *err);
void hash_update(struct hash *h, const void *data, size_t size);
void hash_update_u64(struct hash *h, uint64_t value);    /* as 8 little-endian bytes */
void hash_update_text(struct hash *h, const char *text); /* with its length in front */
struct digest hash_finish(struct hash *h);
void hash_discard(struct hash *h);

struct digest hash_bytes(const void *data, size_t size);
enum status hash_file(const char *path, struct digest *out, struct error *err);

bool digest_equal(const struct digest *a, const struct digest *b);
void digest_text(const struct digest *d, char text[DIGEST_TEXT_SIZE]);
bool digest_parse(const char *text, struct digest *out);

#endif
