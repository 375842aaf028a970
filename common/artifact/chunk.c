/* Chunks: each is filtered, then compressed into one zstd frame. */
#include "common/artifact/format.h"
#include "common/base/mem.h"

#include <inttypes.h>
#include <zstd.h>

struct chunk_codec {
    ZSTD_CCtx *compress;
    ZSTD_DCtx *decompress;
    size_t capacity;         /* raw bytes of the largest chunk */
    unsigned char *filtered; /* [capacity] */
    unsigned char *scratch;  /* [capacity] for encoding; NULL before the first */
};

void chunk_codec_release(struct chunk_codec *c) {
    if (c == NULL) return;
    ZSTD_freeCCtx(c->compress);
    ZSTD_freeDCtx(c->decompress);
    mem_free(c->filtered);
    mem_free(c->scratch);
    mem_free(c);
}

enum status chunk_codec_create(struct chunk_codec **out, uint64_t raw_size, struct error *err) {
    struct chunk_codec *c;
    *out = NULL;
    TRY(MEM_NEW(&c, 1, err));
    c->capacity = raw_size < CHUNK_RAW_SIZE ? (size_t)raw_size : CHUNK_RAW_SIZE;
    enum status status = MEM_NEW(&c->filtered, c->capacity, err);
    if (status != STATUS_OK) {
        chunk_codec_release(c);
        return status;
    }
    *out = c;
    return STATUS_OK;
}

size_t chunk_bound(size_t raw_size) {
    return ZSTD_compressBound(raw_size);
}

static enum status prepare_compressor(struct chunk_codec *c, struct error *err) {
    if (c->compress != NULL) return STATUS_OK;
    TRY(MEM_NEW(&c->scratch, c->capacity, err));
    c->compress = ZSTD_createCCtx();
    if (c->compress == NULL) return error_set(err, STATUS_FAILED, "zstd: out of memory");
    size_t level = ZSTD_CCtx_setParameter(c->compress, ZSTD_c_compressionLevel, ZSTD_LEVEL);
    size_t checksum = ZSTD_CCtx_setParameter(c->compress, ZSTD_c_checksumFlag, 1);
    size_t content_size = ZSTD_CCtx_setParameter(c->compress, ZSTD_c_contentSizeFlag, 1);
    if (ZSTD_isError(level) || ZSTD_isError(checksum) || ZSTD_isError(content_size))
        return error_set(err, STATUS_FAILED, "zstd: a compression parameter was refused");
    return STATUS_OK;
}

enum status chunk_encode(struct chunk_codec *c, enum filter filter, size_t value_size,
                         const unsigned char *raw, size_t raw_size, unsigned char *out,
                         size_t *stored, struct error *err) {
    TRY(prepare_compressor(c, err));
    const unsigned char *input = raw;
    if (filter != FILTER_NONE) {
        filter_encode(filter, value_size, raw, raw_size, c->filtered, c->scratch);
        input = c->filtered;
    }
    *stored = ZSTD_compress2(c->compress, out, chunk_bound(raw_size), input, raw_size);
    if (ZSTD_isError(*stored))
        return error_set(err, STATUS_FAILED, "zstd: %s", ZSTD_getErrorName(*stored));
    return STATUS_OK;
}

/* Checks, before anything is decoded, that the chunk is one whole frame that states the right
 * content size. */
static enum status check_frame(const unsigned char *stored, const struct chunk *chunk,
                               size_t raw_size, struct error *err) {
    if (format_checksum(stored, chunk->size) != chunk->checksum)
        return error_set(err, STATUS_DAMAGED, "checksum of the stored bytes differs");
    unsigned long long content = ZSTD_getFrameContentSize(stored, chunk->size);
    if (content != raw_size)
        return error_set(err, STATUS_DAMAGED, "no zstd frame of %zu bytes", raw_size);
    size_t frame = ZSTD_findFrameCompressedSize(stored, chunk->size);
    if (ZSTD_isError(frame) || frame != chunk->size)
        return error_set(err, STATUS_DAMAGED, "not exactly one zstd frame");
    return STATUS_OK;
}

enum status chunk_decode(struct chunk_codec *c, enum filter filter, size_t value_size,
                         const unsigned char *file, const struct chunk *chunk, unsigned char *raw,
                         size_t raw_size, struct error *err) {
    const unsigned char *stored = file + chunk->offset;
    TRY(check_frame(stored, chunk, raw_size, err));
    if (c->decompress == NULL) c->decompress = ZSTD_createDCtx();
    if (c->decompress == NULL) return error_set(err, STATUS_FAILED, "zstd: out of memory");
    unsigned char *target = filter == FILTER_NONE ? raw : c->filtered;
    size_t size = ZSTD_decompressDCtx(c->decompress, target, raw_size, stored, chunk->size);
    if (ZSTD_isError(size))
        return error_set(err, STATUS_DAMAGED, "zstd: %s", ZSTD_getErrorName(size));
    if (size != raw_size)
        return error_set(err, STATUS_DAMAGED, "decodes to %zu bytes, not %zu", size, raw_size);
    if (filter != FILTER_NONE) filter_decode(filter, value_size, c->filtered, raw_size, raw);
    return STATUS_OK;
}
