/* Header and trailer: the parts of fixed size at both ends of the file. */
#include "common/artifact/format.h"

#include <inttypes.h>
#include <string.h>

/* A byte with the high bit, CR LF, ^Z and LF: transfers that strip the high bit, convert line
 * endings or stop at an end-of-file character visibly damage it (as in PNG). */
static const unsigned char magic[MAGIC_SIZE] = {0x8D, 'M', 'R', 'Q', '\r', '\n', 0x1A, '\n'};
static const unsigned char end_magic[MAGIC_SIZE] = {'\n', 'M', 'R', 'Q', 'E', 'N', 'D', '\n'};

void put_u16(unsigned char *at, uint16_t value) {
    at[0] = (unsigned char)(value & 0xFF);
    at[1] = (unsigned char)(value >> 8);
}

void put_u32(unsigned char *at, uint32_t value) {
    for (unsigned i = 0; i < 4; i++)
        at[i] = (unsigned char)(value >> (8 * i) & 0xFF);
}

void put_u64(unsigned char *at, uint64_t value) {
    for (unsigned i = 0; i < 8; i++)
        at[i] = (unsigned char)(value >> (8 * i) & 0xFF);
}

uint16_t get_u16(const unsigned char *at) {
    return (uint16_t)(at[0] | at[1] << 8);
}

uint32_t get_u32(const unsigned char *at) {
    uint32_t value = 0;
    for (unsigned i = 0; i < 4; i++)
        value |= (uint32_t)at[i] << (8 * i);
    return value;
}

uint64_t get_u64(const unsigned char *at) {
    return get_u32(at) | (uint64_t)get_u32(at + 4) << 32;
}

uint64_t format_checksum(const void *data, size_t size) {
    struct digest d = hash_bytes(data, size);
    return get_u64(d.bytes);
}

void header_encode(const struct header *h, unsigned char bytes[HEADER_SIZE]) {
    memset(bytes, 0, HEADER_SIZE);
    memcpy(bytes, magic, MAGIC_SIZE);
    put_u16(bytes + 8, h->major);
    put_u16(bytes + 10, h->minor);
    put_u32(bytes + 12, h->must_understand);
    put_u32(bytes + 16, h->may_ignore);
    /* 20..23 stay zero */
    put_u64(bytes + 24, h->file_size);
    put_u64(bytes + 32, h->contents_offset);
    put_u64(bytes + 40, h->contents_size);
    put_u64(bytes + 48, h->contents_checksum);
    put_u64(bytes + 56, format_checksum(bytes, 56));
}

static bool all_zero(const unsigned char *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != 0) return false;
    }
    return true;
}

static enum status check_magic(const unsigned char *file, uint64_t file_size, bool *is_artifact,
                               struct error *err) {
    size_t seen = file_size < MAGIC_SIZE ? (size_t)file_size : MAGIC_SIZE;
    *is_artifact = seen > 0 && memcmp(file, magic, seen) == 0;
    if (file_size >= HEADER_SIZE && all_zero(file, HEADER_SIZE)) {
        *is_artifact = true;
        return error_set(err, STATUS_DAMAGED, "header: all zero: the file was never finished");
    }
    if (file_size == 0) return error_set(err, STATUS_DAMAGED, "the file is empty");
    if (!*is_artifact) return error_set(err, STATUS_DAMAGED, "not an artifact (wrong magic)");
    if (file_size < HEADER_SIZE)
        return error_set(err, STATUS_DAMAGED, "header: only %" PRIu64 " of %d bytes", file_size,
                         HEADER_SIZE);
    return STATUS_OK;
}

static enum status check_version(const struct header *h, struct error *err) {
    if (h->major != FORMAT_MAJOR)
        return error_set(err, STATUS_DAMAGED,
                         "header: format version %u.%u, this program reads %d.x", h->major,
                         h->minor, FORMAT_MAJOR);
    uint32_t unknown = h->must_understand & ~(uint32_t)FORMAT_MUST_UNDERSTAND;
    if (unknown != 0)
        return error_set(err, STATUS_DAMAGED,
                         "header: needs features 0x%" PRIx32 " that this program does not know",
                         unknown);
    return STATUS_OK;
}

static enum status check_sizes(const struct header *h, uint64_t file_size, struct error *err) {
    if (h->file_size != file_size)
        return error_set(err, STATUS_DAMAGED,
                         "header: the file has %" PRIu64 " bytes, it was written with %" PRIu64,
                         file_size, h->file_size);
    if (h->contents_offset < HEADER_SIZE || h->contents_offset > file_size ||
        h->contents_size > file_size - h->contents_offset ||
        file_size - h->contents_offset - h->contents_size != TRAILER_SIZE)
        return error_set(err, STATUS_DAMAGED,
                         "header: table of contents at %" PRIu64 ", %" PRIu64
                         " bytes, does not end where the trailer begins",
                         h->contents_offset, h->contents_size);
    return STATUS_OK;
}

enum status header_decode(struct header *out, const unsigned char *file, uint64_t file_size,
                          bool *is_artifact, struct error *err) {
    TRY(check_magic(file, file_size, is_artifact, err));
    out->major = get_u16(file + 8);
    out->minor = get_u16(file + 10);
    out->must_understand = get_u32(file + 12);
    out->may_ignore = get_u32(file + 16);
    out->file_size = get_u64(file + 24);
    out->contents_offset = get_u64(file + 32);
    out->contents_size = get_u64(file + 40);
    out->contents_checksum = get_u64(file + 48);
    if (get_u64(file + 56) != format_checksum(file, 56))
        return error_set(err, STATUS_DAMAGED, "header: checksum differs");
    TRY(check_version(out, err));
    if (get_u32(file + 20) != 0)
        return error_set(err, STATUS_DAMAGED, "header: bytes 20 to 23 are not zero");
    return check_sizes(out, file_size, err);
}

void trailer_encode(uint64_t file_size, unsigned char bytes[TRAILER_SIZE]) {
    put_u64(bytes, file_size);
    memcpy(bytes + 8, end_magic, MAGIC_SIZE);
}

enum status trailer_check(const unsigned char *file, uint64_t file_size, struct error *err) {
    const unsigned char *trailer = file + file_size - TRAILER_SIZE;
    if (memcmp(trailer + 8, end_magic, MAGIC_SIZE) != 0)
        return error_set(err, STATUS_DAMAGED, "trailer: end mark missing");
    if (get_u64(trailer) != file_size)
        return error_set(err, STATUS_DAMAGED,
                         "trailer: says %" PRIu64 " bytes, the file has %" PRIu64, get_u64(trailer),
                         file_size);
    return STATUS_OK;
}
