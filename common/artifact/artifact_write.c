/* Writing artifacts: columns are cut into chunks and compressed as they arrive; the rest of the
 * file is written at commit. */
#include "common/artifact/format.h"
#include "common/base/file.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/utf8.h"

#include <inttypes.h>
#include <string.h>

/* Chunks compressed in parallel; a constant, so that nothing depends on the number of threads. */
enum { BATCH_CHUNKS = 16, BATCH_SIZE = BATCH_CHUNKS * CHUNK_RAW_SIZE };

/* An encoded chunk that waits to be written. */
struct slot {
    unsigned char *stored; /* [capacity] */
    size_t capacity, size;
    uint64_t checksum;
    struct value_stats stats;
};

struct artifact_writer {
    struct file_writer file;
    char *path, *kind;
    uint64_t offset; /* where the next chunk goes */
    struct buf lineage, meta;
    uint32_t n_meta;
    struct column *columns;
    size_t n_columns, columns_capacity;

    /* the column being written; NULL if none */
    struct column *open;
    size_t chunks_capacity;
    struct hash *hash;
    struct value_stats stats;
    uint64_t appended;      /* values */
    unsigned char *pending; /* [BATCH_SIZE] raw bytes waiting for a full batch */
    size_t n_pending;
    struct slot slots[BATCH_CHUNKS];
};

/* ---- starting and releasing ---- */

static enum status copy_text(char **out, const char *text, struct error *err) {
    size_t size = strlen(text) + 1;
    TRY(MEM_NEW(out, size, err));
    memcpy(*out, text, size);
    return STATUS_OK;
}

static enum status write_bytes(struct artifact_writer *w, const void *bytes, size_t size,
                               struct error *err) {
    if (size > 0 && fwrite(bytes, 1, size, w->file.stream) != size)
        return error_errno(err, "writing artifact: %s", w->path);
    return STATUS_OK;
}

static enum status start(struct artifact_writer *w, const char *path, const char *kind,
                         struct error *err) {
    static const unsigned char unfinished[HEADER_SIZE];
    if (kind_find(kind) == NULL)
        return error_set(err, STATUS_FAILED, "writing artifact: %s: no kind is called \"%s\"", path,
                         kind);
    TRY(copy_text(&w->path, path, err));
    TRY(copy_text(&w->kind, kind, err));
    TRY(file_writer_open(&w->file, path, err));
    w->offset = HEADER_SIZE;
    return write_bytes(w, unfinished, HEADER_SIZE, err);
}

enum status artifact_create(struct artifact_writer **out, const char *path, const char *kind,
                            struct error *err) {
    struct artifact_writer *w;
    *out = NULL;
    TRY(MEM_NEW(&w, 1, err));
    enum status status = start(w, path, kind, err);
    if (status != STATUS_OK) {
        artifact_abandon(w);
        return status;
    }
    *out = w;
    return STATUS_OK;
}

void artifact_abandon(struct artifact_writer *w) {
    if (w == NULL) return;
    file_writer_abandon(&w->file);
    hash_discard(w->hash);
    for (size_t i = 0; i < w->n_columns; i++)
        mem_free(w->columns[i].chunks);
    mem_free(w->columns);
    for (size_t i = 0; i < BATCH_CHUNKS; i++)
        mem_free(w->slots[i].stored);
    mem_free(w->pending);
    buf_release(&w->lineage);
    buf_release(&w->meta);
    mem_free(w->path);
    mem_free(w->kind);
    mem_free(w);
}

/* ---- metadata and lineage ---- */

static enum status set_meta(struct artifact_writer *w, const struct meta *m, struct error *err) {
    if (!name_valid(m->key))
        return error_set(err, STATUS_FAILED, "writing artifact: %s: \"%s\" is no metadata key",
                         w->path, m->key);
    size_t before = w->meta.size;
    if (contents_put_meta(&w->meta, m, err) != STATUS_OK) {
        w->meta.size = before;
        return error_wrap(err, "writing artifact: %s: metadata \"%s\"", w->path, m->key);
    }
    w->n_meta++;
    return STATUS_OK;
}

enum status artifact_set_i64(struct artifact_writer *w, const char *key, int64_t value,
                             struct error *err) {
    return set_meta(w, &(struct meta){.key = key, .type = META_I64, .i64 = value}, err);
}

enum status artifact_set_f64(struct artifact_writer *w, const char *key, double value,
                             struct error *err) {
    return set_meta(w, &(struct meta){.key = key, .type = META_F64, .f64 = value}, err);
}

enum status artifact_set_str(struct artifact_writer *w, const char *key, const char *value,
                             struct error *err) {
    return set_meta(w, &(struct meta){.key = key, .type = META_STR, .str = value}, err);
}

enum status artifact_set_lineage(struct artifact_writer *w, const struct lineage *lineage,
                                 struct error *err) {
    buf_clear(&w->lineage);
    if (contents_put_lineage(&w->lineage, lineage, err) == STATUS_OK) return STATUS_OK;
    buf_clear(&w->lineage);
    return error_wrap(err, "writing artifact: %s: lineage", w->path);
}

/* ---- chunks ---- */

static enum status prepare_slots(struct artifact_writer *w, size_t n_chunks, size_t raw_size,
                                 struct error *err) {
    size_t needed = chunk_bound(n_chunks > 1 ? CHUNK_RAW_SIZE : raw_size);
    for (size_t i = 0; i < n_chunks; i++) {
        struct slot *s = &w->slots[i];
        if (s->capacity < needed) TRY(mem_grow(&s->stored, &s->capacity, needed, 1, err));
    }
    return STATUS_OK;
}

/* A batch of raw bytes to be encoded into slots. */
struct encoding {
    struct artifact_writer *writer;
    const unsigned char *raw;
    size_t size;
};

static enum status create_codec(void *scratch, const void *context, struct error *err) {
    return chunk_codec_create(scratch, ((const struct encoding *)context)->size, err);
}

static void release_codec(void *scratch) {
    chunk_codec_release(*(struct chunk_codec **)scratch);
}

static enum status encode_chunk(const void *context, void *scratch, struct block_items bytes,
                                struct error *err) {
    const struct encoding *e = context;
    const struct column *column = e->writer->open;
    struct slot *s = &e->writer->slots[bytes.number];
    enum dtype dtype = column->info.dtype;
    size_t width = dtype_size(dtype), size = bytes.end - bytes.first;
    const unsigned char *raw = e->raw + bytes.first;
    s->stats = (struct value_stats){0};
    if (width > 0) value_stats_add(&s->stats, dtype, raw, size / width);
    TRY(chunk_encode(*(struct chunk_codec **)scratch, column->filter, width, raw, size, s->stored,
                     &s->size, err));
    s->checksum = format_checksum(s->stored, s->size);
    return STATUS_OK;
}

static enum status encode_slots(struct artifact_writer *w, const unsigned char *raw, size_t size,
                                struct error *err) {
    const struct encoding encoding = {w, raw, size};
    const struct parallel chunks = {
        .n = size,
        .block = CHUNK_RAW_SIZE,
        .context = &encoding,
        .blocks = encode_chunk,
        .scratch = {sizeof(struct chunk_codec *), create_codec, release_codec}};
    return parallel_blocks(&chunks, err);
}

static enum status write_slot(struct artifact_writer *w, const struct slot *s, struct error *err) {
    struct column *column = w->open;
    TRY(mem_grow(&column->chunks, &w->chunks_capacity, (size_t)column->info.n_chunks + 1,
                 sizeof(*column->chunks), err));
    TRY(write_bytes(w, s->stored, s->size, err));
    column->chunks[column->info.n_chunks++] =
        (struct chunk){.offset = w->offset, .size = (uint32_t)s->size, .checksum = s->checksum};
    column->info.stored_size += s->size;
    w->offset += s->size;
    value_stats_merge(&w->stats, &s->stats);
    return STATUS_OK;
}

/* Encodes and writes at most one batch; all chunks but the column's last are full. */
static enum status flush(struct artifact_writer *w, const unsigned char *raw, size_t size,
                         struct error *err) {
    if (size == 0) return STATUS_OK;
    struct column_info *info = &w->open->info;
    size_t n_chunks = (size + CHUNK_RAW_SIZE - 1) / CHUNK_RAW_SIZE;
    if (info->n_chunks == 0 && info->dtype != DTYPE_STR) {
        size_t first = size < CHUNK_RAW_SIZE ? size : CHUNK_RAW_SIZE;
        w->open->filter = filter_choose(info->dtype, raw, first / dtype_size(info->dtype));
    }
    TRY(prepare_slots(w, n_chunks, size, err));
    hash_update(w->hash, raw, size);
    info->raw_size += size;
    TRY(encode_slots(w, raw, size, err));
    for (size_t i = 0; i < n_chunks; i++)
        TRY(write_slot(w, &w->slots[i], err));
    return STATUS_OK;
}

static enum status append_bytes(struct artifact_writer *w, const unsigned char *bytes, size_t size,
                                struct error *err) {
    while (size > 0) {
        if (w->n_pending == 0 && size >= BATCH_SIZE) { /* straight from the caller's memory */
            TRY(flush(w, bytes, BATCH_SIZE, err));
            bytes += BATCH_SIZE;
            size -= BATCH_SIZE;
            continue;
        }
        if (w->pending == NULL) TRY(MEM_NEW(&w->pending, BATCH_SIZE, err));
        size_t room = BATCH_SIZE - w->n_pending;
        size_t part = size < room ? size : room;
        memcpy(w->pending + w->n_pending, bytes, part);
        w->n_pending += part;
        bytes += part;
        size -= part;
        if (w->n_pending == BATCH_SIZE) {
            TRY(flush(w, w->pending, BATCH_SIZE, err));
            w->n_pending = 0;
        }
    }
    return STATUS_OK;
}

/* ---- columns ---- */

static enum status check_new_column(const struct artifact_writer *w, const char *name,
                                    enum dtype dtype, uint32_t n_dims, struct error *err) {
    if (w->open != NULL)
        return error_set(err, STATUS_FAILED, "column \"%s\" is not ended", w->open->info.name);
    if (!name_valid(name))
        return error_set(err, STATUS_FAILED, "\"%s\" is no name of a column", name);
    if (n_dims < 1 || n_dims > ARTIFACT_MAX_DIMS)
        return error_set(err, STATUS_FAILED, "column \"%s\" has %" PRIu32 " dimensions", name,
                         n_dims);
    for (size_t i = 0; i < w->n_columns; i++) {
        if (strcmp(w->columns[i].info.name, name) == 0)
            return error_set(err, STATUS_FAILED, "column \"%s\" is there already", name);
    }
    return kind_check_column(w->kind, name, dtype, n_dims, err);
}

enum status artifact_begin(struct artifact_writer *w, const char *name, enum dtype dtype,
                           uint32_t n_dims, const uint64_t *shape, struct error *err) {
    if (check_new_column(w, name, dtype, n_dims, err) != STATUS_OK)
        return error_wrap(err, "writing artifact: %s", w->path);
    TRY(mem_grow(&w->columns, &w->columns_capacity, w->n_columns + 1, sizeof(*w->columns), err));
    TRY(hash_start(&w->hash, err));
    w->open = &w->columns[w->n_columns++];
    *w->open = (struct column){.info = {.dtype = dtype, .n_dims = n_dims}};
    memcpy(w->open->info.name, name, strlen(name) + 1);
    memcpy(w->open->info.shape, shape, n_dims * sizeof(*shape));
    w->chunks_capacity = 0;
    w->stats = (struct value_stats){0};
    w->appended = 0;
    w->n_pending = 0;
    return STATUS_OK;
}

static enum status append_texts(struct artifact_writer *w, const char *const *texts, uint64_t count,
                                struct error *err) {
    for (uint64_t i = 0; i < count; i++) {
        size_t size = strlen(texts[i]);
        if (!utf8_valid(texts[i], size))
            return error_set(err, STATUS_FAILED,
                             "writing artifact: %s: column \"%s\": text %" PRIu64 " is not UTF-8",
                             w->path, w->open->info.name, w->appended + i);
        TRY(append_bytes(w, (const unsigned char *)texts[i], size + 1, err));
    }
    return STATUS_OK;
}

enum status artifact_append(struct artifact_writer *w, const void *values, uint64_t count,
                            struct error *err) {
    if (w->open == NULL)
        return error_set(err, STATUS_FAILED, "writing artifact: %s: no column begun", w->path);
    if (w->open->info.dtype == DTYPE_STR) {
        TRY(append_texts(w, values, count, err));
    } else {
        size_t size;
        if (!mem_multiply(count, dtype_size(w->open->info.dtype), &size))
            return error_set(err, STATUS_FAILED,
                             "writing artifact: %s: column \"%s\": %" PRIu64 " values are too many",
                             w->path, w->open->info.name, count);
        TRY(append_bytes(w, values, size, err));
    }
    w->appended += count;
    return STATUS_OK;
}

/* Checks the announced shape against what was appended, or derives an unknown first dimension. */
static enum status settle_shape(struct artifact_writer *w, struct error *err) {
    struct column_info *info = &w->open->info;
    uint64_t rest = 1, total;
    bool overflow = false;
    for (uint32_t i = 1; i < info->n_dims; i++)
        overflow |= __builtin_mul_overflow(rest, info->shape[i], &rest);
    if (info->shape[0] == UINT64_MAX) info->shape[0] = rest == 0 ? 0 : w->appended / rest;
    overflow |= __builtin_mul_overflow(info->shape[0], rest, &total);
    if (overflow || total != w->appended)
        return error_set(err, STATUS_FAILED,
                         "writing artifact: %s: column \"%s\": %" PRIu64
                         " values do not fill its shape",
                         w->path, info->name, w->appended);
    info->count = total;
    return STATUS_OK;
}

enum status artifact_end(struct artifact_writer *w, struct error *err) {
    if (w->open == NULL)
        return error_set(err, STATUS_FAILED, "writing artifact: %s: no column begun", w->path);
    TRY(flush(w, w->pending, w->n_pending, err));
    TRY(settle_shape(w, err));
    struct column_info *info = &w->open->info;
    info->min = w->stats.min;
    info->max = w->stats.max;
    info->nan_count = w->stats.nan_count;
    info->digest = hash_finish(w->hash);
    w->hash = NULL;
    w->open = NULL;
    return STATUS_OK;
}

enum status artifact_add(struct artifact_writer *w, const char *name, enum dtype dtype,
                         uint32_t n_dims, const uint64_t *shape, const void *values,
                         struct error *err) {
    uint64_t count = 1;
    for (uint32_t i = 0; i < n_dims && i < ARTIFACT_MAX_DIMS; i++) {
        if (__builtin_mul_overflow(count, shape[i], &count))
            return error_set(err, STATUS_FAILED,
                             "writing artifact: %s: column \"%s\": its shape overflows", w->path,
                             name);
    }
    TRY(artifact_begin(w, name, dtype, n_dims, shape, err));
    TRY(artifact_append(w, values, count, err));
    return artifact_end(w, err);
}

enum status artifact_add_1d(struct artifact_writer *w, const char *name, enum dtype dtype,
                            uint64_t count, const void *values, struct error *err) {
    return artifact_add(w, name, dtype, 1, &count, values, err);
}

enum status artifact_add_2d(struct artifact_writer *w, const char *name, enum dtype dtype,
                            uint64_t rows, uint64_t columns, const void *values,
                            struct error *err) {
    uint64_t shape[2] = {rows, columns};
    return artifact_add(w, name, dtype, 2, shape, values, err);
}

enum status artifact_add_strings(struct artifact_writer *w, const char *name,
                                 const struct strings *values, struct error *err) {
    uint64_t count = values->count;
    TRY(artifact_begin(w, name, DTYPE_STR, 1, &count, err));
    for (size_t i = 0; i < values->count; i++) {
        const char *text = strings_get(values, i);
        TRY(artifact_append(w, &text, 1, err));
    }
    return artifact_end(w, err);
}

/* ---- commit ---- */

/* Encodes the table of contents with both ids zero; *ids_at is their position in it. */
static enum status encode_contents(struct artifact_writer *w, struct buf *out, size_t *ids_at,
                                   struct error *err) {
    static const struct digest no_id;
    static const struct lineage no_lineage = {.stage = "", .view = "", .params = ""};
    if (w->lineage.size == 0) TRY(artifact_set_lineage(w, &no_lineage, err));
    TRY(contents_put_text(out, w->kind, err));
    *ids_at = out->size;
    TRY(buf_append(out, no_id.bytes, sizeof(no_id.bytes), err));
    TRY(buf_append(out, no_id.bytes, sizeof(no_id.bytes), err));
    TRY(buf_append(out, w->lineage.data, w->lineage.size, err));
    TRY(contents_put_u32(out, w->n_meta, err));
    TRY(buf_append(out, w->meta.data, w->meta.size, err));
    TRY(contents_put_u32(out, (uint32_t)w->n_columns, err));
    for (size_t i = 0; i < w->n_columns; i++)
        TRY(contents_put_column(out, &w->columns[i], err));
    return STATUS_OK;
}

/* Decodes the table as a reader would, so that nothing is written that readers refuse, and fills in
 * the ids. */
static enum status complete_contents(struct artifact_writer *w, struct buf *bytes, size_t ids_at,
                                     struct error *err) {
    struct contents c;
    struct digest content_id, recipe_id;
    TRY(contents_decode(&c, (unsigned char *)bytes->data, bytes->size, w->offset, false, err));
    enum status status = kind_check(&c, err);
    if (status == STATUS_OK) status = contents_content_id(&c, &content_id, err);
    if (status == STATUS_OK) status = lineage_recipe_id(&c.lineage, &recipe_id, err);
    contents_release(&c);
    if (status != STATUS_OK) return status;
    memcpy(bytes->data + ids_at, content_id.bytes, sizeof(content_id.bytes));
    memcpy(bytes->data + ids_at + sizeof(content_id.bytes), recipe_id.bytes,
           sizeof(recipe_id.bytes));
    return STATUS_OK;
}

static enum status write_end(struct artifact_writer *w, const struct buf *contents,
                             struct error *err) {
    struct header h = {
        .major = FORMAT_MAJOR,
        .minor = FORMAT_MINOR,
        .file_size = w->offset + contents->size + TRAILER_SIZE,
        .contents_offset = w->offset,
        .contents_size = contents->size,
        .contents_checksum = format_checksum(contents->data, contents->size),
    };
    unsigned char header[HEADER_SIZE], trailer[TRAILER_SIZE];
    header_encode(&h, header);
    trailer_encode(h.file_size, trailer);
    TRY(write_bytes(w, contents->data, contents->size, err));
    TRY(write_bytes(w, trailer, TRAILER_SIZE, err));
    if (fseeko(w->file.stream, 0, SEEK_SET) != 0)
        return error_errno(err, "writing artifact: %s", w->path);
    return write_bytes(w, header, HEADER_SIZE, err);
}

static enum status finish(struct artifact_writer *w, struct buf *contents, struct error *err) {
    size_t ids_at;
    if (w->open != NULL)
        return error_set(err, STATUS_FAILED, "writing artifact: %s: column \"%s\" is not ended",
                         w->path, w->open->info.name);
    enum status status = encode_contents(w, contents, &ids_at, err);
    if (status == STATUS_OK) status = complete_contents(w, contents, ids_at, err);
    if (status != STATUS_OK) {
        if (err != NULL) err->status = STATUS_FAILED; /* the caller's fault, not a damaged file */
        error_wrap(err, "writing artifact: %s", w->path);
        return STATUS_FAILED;
    }
    TRY(write_end(w, contents, err));
    return file_writer_commit(&w->file, err);
}

enum status artifact_commit(struct artifact_writer *w, struct error *err) {
    struct buf contents = {0};
    enum status status = finish(w, &contents, err);
    buf_release(&contents);
    artifact_abandon(w);
    return status;
}
