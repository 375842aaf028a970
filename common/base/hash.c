#include "common/base/hash.h"

#include "common/base/file.h"

#include <string.h>
#include <xxhash.h>

/* The opaque struct hash of the header is xxHash's state under our name. */
static XXH3_state_t *state(struct hash *h) {
    return (XXH3_state_t *)(void *)h;
}

static struct digest canonical(XXH128_hash_t hash) {
    XXH128_canonical_t bytes;
    XXH128_canonicalFromHash(&bytes, hash);
    struct digest d;
    memcpy(d.bytes, bytes.digest, sizeof d.bytes);
    return d;
}

enum status hash_start(struct hash **out, struct error *err) {
    XXH3_state_t *s = XXH3_createState();
    *out = NULL;
    if (!s) return error_set(err, STATUS_FAILED, "out of memory: state of a hash");
    (void)XXH3_128bits_reset(s);
    *out = (struct hash *)(void *)s;
    return STATUS_OK;
}

void hash_update(struct hash *h, const void *data, size_t size) {
    if (size > 0) (void)XXH3_128bits_update(state(h), data, size);
}

void hash_update_u64(struct hash *h, uint64_t value) {
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
    hash_update(h, bytes, sizeof bytes);
}

void hash_update_text(struct hash *h, const char *text) {
    const size_t size = strlen(text);
    hash_update_u64(h, size);
    hash_update(h, text, size);
}

struct digest hash_finish(struct hash *h) {
    const struct digest d = canonical(XXH3_128bits_digest(state(h)));
    hash_discard(h);
    return d;
}

void hash_discard(struct hash *h) {
    (void)XXH3_freeState(state(h));
}

struct digest hash_bytes(const void *data, size_t size) {
    return canonical(XXH3_128bits(size > 0 ? data : "", size));
}

enum status hash_file(const char *path, struct digest *out, struct error *err) {
    struct file_map map;
    TRY(file_map_open(&map, path, err));
    *out = hash_bytes(map.data, map.size);
    file_map_release(&map);
    return STATUS_OK;
}

bool digest_equal(const struct digest *a, const struct digest *b) {
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

void digest_text(const struct digest *d, char text[DIGEST_TEXT_SIZE]) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof d->bytes; i++) {
        text[2 * i] = digits[d->bytes[i] >> 4];
        text[2 * i + 1] = digits[d->bytes[i] & 15];
    }
    text[DIGEST_TEXT_SIZE - 1] = '\0';
}

static int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

bool digest_parse(const char *text, struct digest *out) {
    struct digest d;
    for (size_t i = 0; i < sizeof d.bytes; i++) {
        const int high = digit_value(text[2 * i]);
        const int low = high < 0 ? -1 : digit_value(text[2 * i + 1]);
        if (low < 0) return false;
        d.bytes[i] = (uint8_t)(high * 16 + low);
    }
    if (text[DIGEST_TEXT_SIZE - 1] != '\0') return false;
    *out = d;
    return true;
}
