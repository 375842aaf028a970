/* Reading: the open file, its table of contents, its columns. */
#include "common/artifact/format.h"
#include "common/base/file.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

#include <inttypes.h>
#include <string.h>

struct artifact {
    char *path;
    struct file_map map;
    struct header header;
    struct contents contents;
};

/* ---- opening ---- */

static enum status open_contents(struct artifact *a, struct error *err) {
    const struct header *h = &a->header;
    const unsigned char *bytes = a->map.data + h->contents_offset;
    if (format_checksum(bytes, h->contents_size) != h->contents_checksum)
        return error_set(err, STATUS_DAMAGED, "table of contents: checksum differs");
    return contents_decode(&a->contents, bytes, h->contents_size, h->contents_offset,
                           h->minor > FORMAT_MINOR, err);
}

static enum status check_kind(const struct artifact *a, const char *kind, struct error *err) {
    if (kind == NULL) return STATUS_OK;
    if (strcmp(a->contents.kind, kind) != 0)
        return error_set(err, STATUS_DAMAGED, "its kind is %s, wanted is %s", a->contents.kind,
                         kind);
    if (kind_check(&a->contents, err) == STATUS_OK) return STATUS_OK;
    if (err != NULL) err->status = STATUS_DAMAGED;
    return STATUS_DAMAGED;
}

static enum status open_file(struct artifact *a, const char *path, const char *kind,
                             struct error *err) {
    bool is_artifact;
    TRY(header_decode(&a->header, a->map.data, a->map.size, &is_artifact, err));
    TRY(trailer_check(a->map.data, a->map.size, err));
    TRY(open_contents(a, err));
    TRY(check_kind(a, kind, err));
    size_t size = strlen(path) + 1;
    TRY(MEM_NEW(&a->path, size, err));
    memcpy(a->path, path, size);
    return STATUS_OK;
}

enum status artifact_open(struct artifact **out, const char *path, const char *kind,
                          struct error *err) {
    struct artifact *a;
    *out = NULL;
    TRY(MEM_NEW(&a, 1, err));
    enum status status = file_map_open(&a->map, path, err);
    if (status == STATUS_OK) {
        status = open_file(a, path, kind, err);
        if (status != STATUS_OK) error_wrap(err, "%s", path);
    }
    if (status != STATUS_OK) {
        error_wrap(err, "reading artifact");
        artifact_close(a);
        return status;
    }
    *out = a;
    return STATUS_OK;
}

void artifact_close(struct artifact *a) {
    if (a == NULL) return;
    contents_release(&a->contents);
    file_map_release(&a->map);
    mem_free(a->path);
    mem_free(a);
}

/* ---- what the table of contents says ---- */

const char *artifact_path(const struct artifact *a) {
    return a->path;
}

const char *artifact_kind(const struct artifact *a) {
    return a->contents.kind;
}

struct digest artifact_content_id(const struct artifact *a) {
    return a->contents.content_id;
}

struct digest artifact_recipe_id(const struct artifact *a) {
    return a->contents.recipe_id;
}

const struct lineage *artifact_lineage(const struct artifact *a) {
    return &a->contents.lineage;
}

size_t artifact_n_columns(const struct artifact *a) {
    return a->contents.n_columns;
}

const struct column_info *artifact_column_at(const struct artifact *a, size_t index) {
    return index < a->contents.n_columns ? &a->contents.columns[index].info : NULL;
}

const struct column_info *artifact_column(const struct artifact *a, const char *name) {
    const struct column *column = contents_column(&a->contents, name);
    return column == NULL ? NULL : &column->info;
}

size_t artifact_n_meta(const struct artifact *a) {
    return a->contents.n_meta;
}

struct meta artifact_meta_at(const struct artifact *a, size_t index) {
    return a->contents.meta[index];
}

uint64_t artifact_file_size(const struct artifact *a) {
    return a->map.size;
}

static enum status find_meta(const struct artifact *a, const char *key, enum meta_type type,
                             struct meta *out, struct error *err) {
    for (size_t i = 0; i < a->contents.n_meta; i++) {
        *out = a->contents.meta[i];
        if (strcmp(out->key, key) != 0) continue;
        if (out->type == type) return STATUS_OK;
        return error_set(err, STATUS_DAMAGED,
                         "reading artifact: %s: metadata \"%s\" has a wrong "
                         "type",
                         a->path, key);
    }
    return error_set(err, STATUS_DAMAGED, "reading artifact: %s: no metadata \"%s\"", a->path, key);
}

enum status artifact_get_i64(const struct artifact *a, const char *key, int64_t *out,
                             struct error *err) {
    struct meta m;
    TRY(find_meta(a, key, META_I64, &m, err));
    *out = m.i64;
    return STATUS_OK;
}

enum status artifact_get_f64(const struct artifact *a, const char *key, double *out,
                             struct error *err) {
    struct meta m;
    TRY(find_meta(a, key, META_F64, &m, err));
    *out = m.f64;
    return STATUS_OK;
}

enum status artifact_get_str(const struct artifact *a, const char *key, const char **out,
                             struct error *err) {
    struct meta m;
    TRY(find_meta(a, key, META_STR, &m, err));
    *out = m.str;
    return STATUS_OK;
}

/* ---- columns ---- */

static enum status find_column(const struct artifact *a, const char *name, enum dtype dtype,
                               uint64_t count, const struct column **out, struct error *err) {
    const struct column *column = contents_column(&a->contents, name);
    if (column == NULL)
        return error_set(err, STATUS_DAMAGED, "reading artifact: %s: no column \"%s\"", a->path,
                         name);
    if (column->info.dtype != dtype)
        return error_set(err, STATUS_DAMAGED, "reading artifact: %s: column \"%s\" is %s, not %s",
                         a->path, name, dtype_name(column->info.dtype), dtype_name(dtype));
    if (count != UINT64_MAX && column->info.count != count)
        return error_set(err, STATUS_DAMAGED,
                         "reading artifact: %s: column \"%s\" has %" PRIu64 " values, not %" PRIu64,
                         a->path, name, column->info.count, count);
    *out = column;
    return STATUS_OK;
}

static enum status decode_one(const struct artifact *a, const struct column *column,
                              struct chunk_codec *codec, uint32_t index, unsigned char *raw,
                              struct error *err) {
    const struct chunk *chunk = &column->chunks[index];
    enum status status =
        chunk_decode(codec, column->filter, dtype_size(column->info.dtype), a->map.data, chunk, raw,
                     (size_t)column_chunk_size(&column->info, index), err);
    file_map_done(&a->map, chunk->offset, chunk->size);
    if (status == STATUS_OK) return STATUS_OK;
    return error_wrap(err, "reading artifact: %s: column \"%s\" chunk %" PRIu32 " at byte %" PRIu64,
                      a->path, column->info.name, index, chunk->offset);
}

/* Decodes chunks [first, last) to where they belong in `raw`, which begins with chunk `first`. Of
 * several damaged chunks the first one is reported, whatever the number of threads. */
static enum status decode_chunks(const struct artifact *a, const struct column *column,
                                 uint32_t first, uint32_t last, unsigned char *raw,
                                 struct error *err) {
    struct error found = {0};
    uint32_t failed_at = UINT32_MAX;
#pragma omp parallel if (last - first > 1)
    {
        struct chunk_codec *codec = NULL;
        struct error here = {0};
        enum status created = chunk_codec_create(&codec, column->info.raw_size, &here);
#pragma omp for schedule(static)
        for (uint32_t i = first; i < last; i++) {
            unsigned char *to = raw + (size_t)(i - first) * CHUNK_RAW_SIZE;
            enum status status =
                created != STATUS_OK ? created : decode_one(a, column, codec, i, to, &here);
            if (status == STATUS_OK) continue;
#pragma omp critical(artifact_decode)
            if (i < failed_at) {
                failed_at = i;
                found = here;
            }
        }
        chunk_codec_release(codec);
    }
    if (failed_at == UINT32_MAX) return STATUS_OK;
    if (err != NULL) *err = found;
    return found.status;
}

/* The whole column as raw bytes; [raw_size + 1], the last byte being zero. */
static enum status decode_column(const struct artifact *a, const struct column *column,
                                 unsigned char **out, struct error *err) {
    unsigned char *raw;
    *out = NULL;
    if (column->info.raw_size >= SIZE_MAX)
        return error_set(err, STATUS_FAILED, "reading artifact: %s: column \"%s\" is too large",
                         a->path, column->info.name);
    TRY(MEM_NEW(&raw, (size_t)column->info.raw_size + 1, err));
    enum status status = decode_chunks(a, column, 0, column->info.n_chunks, raw, err);
    if (status != STATUS_OK) {
        mem_free(raw);
        return status;
    }
    *out = raw;
    return STATUS_OK;
}

enum status artifact_read(const struct artifact *a, const char *name, enum dtype dtype,
                          uint64_t count, void *out, struct error *err) {
    const struct column *column;
    unsigned char *raw;
    if (dtype == DTYPE_STR)
        return error_set(err, STATUS_FAILED,
                         "column \"%s\": texts are read by "
                         "artifact_read_strings",
                         name);
    TRY(find_column(a, name, dtype, count, &column, err));
    TRY(decode_column(a, column, &raw, err));
    memcpy(out, &raw, sizeof(raw));
    return STATUS_OK;
}

/* Bytes [from, to) of the column, which lie in one chunk. */
static enum status decode_part(const struct artifact *a, const struct column *column, uint64_t from,
                               uint64_t to, unsigned char *out, struct error *err) {
    MEM_AUTO unsigned char *raw = NULL;
    uint32_t i = (uint32_t)(from / CHUNK_RAW_SIZE);
    TRY(MEM_NEW(&raw, (size_t)column_chunk_size(&column->info, i), err));
    TRY(decode_chunks(a, column, i, i + 1, raw, err));
    memcpy(out, raw + from % CHUNK_RAW_SIZE, (size_t)(to - from));
    return STATUS_OK;
}

/* Bytes [from, to) of the column; whole chunks go straight to where they belong. */
static enum status decode_range(const struct artifact *a, const struct column *column,
                                uint64_t from, uint64_t to, unsigned char *out, struct error *err) {
    const bool to_end = to == column->info.raw_size;
    const uint32_t last = to_end ? column->info.n_chunks : (uint32_t)(to / CHUNK_RAW_SIZE);
    for (uint64_t at = from, next; at < to; at = next) {
        const uint32_t first = (uint32_t)(at / CHUNK_RAW_SIZE);
        const bool whole = at % CHUNK_RAW_SIZE == 0 && first < last;
        next = (uint64_t)(whole ? last : first + 1) * CHUNK_RAW_SIZE;
        if (next > to) next = to;
        TRY(whole ? decode_chunks(a, column, first, last, out + (at - from), err)
                  : decode_part(a, column, at, next, out + (at - from), err));
    }
    return STATUS_OK;
}

enum status artifact_read_range(const struct artifact *a, const char *name, enum dtype dtype,
                                uint64_t first, uint64_t count, void *out, struct error *err) {
    const struct column *column;
    TRY(find_column(a, name, dtype, UINT64_MAX, &column, err));
    if (dtype == DTYPE_STR)
        return error_set(err, STATUS_FAILED, "column \"%s\": no ranges of texts", name);
    if (first > column->info.count || count > column->info.count - first)
        return error_set(err, STATUS_FAILED,
                         "reading artifact: %s: column \"%s\" has %" PRIu64
                         " values, asked for %" PRIu64 " from %" PRIu64,
                         a->path, name, column->info.count, count, first);
    if (count == 0) return STATUS_OK;
    uint64_t width = dtype_size(dtype);
    return decode_range(a, column, first * width, (first + count) * width, out, err);
}

enum status strings_check(const char *bytes, uint64_t size, uint64_t count, struct error *err) {
    uint64_t found = 0;
    for (uint64_t i = 0; i < size; i++)
        found += bytes[i] == '\0';
    if (found != count || (size > 0 && bytes[size - 1] != '\0'))
        return error_set(err, STATUS_DAMAGED, "holds %" PRIu64 " texts, not %" PRIu64, found,
                         count);
    if (!utf8_valid(bytes, (size_t)size)) return error_set(err, STATUS_DAMAGED, "is not UTF-8");
    return STATUS_OK;
}

enum status artifact_read_strings(const struct artifact *a, const char *name, uint64_t count,
                                  struct strings *out, struct error *err) {
    const struct column *column;
    MEM_AUTO unsigned char *raw = NULL;
    TRY(find_column(a, name, DTYPE_STR, count, &column, err));
    TRY(decode_column(a, column, &raw, err));
    const char *text = (const char *)raw;
    if (strings_check(text, column->info.raw_size, column->info.count, err) != STATUS_OK)
        return error_wrap(err, "reading artifact: %s: column \"%s\"", a->path, name);
    for (uint64_t i = 0; i < column->info.count; i++) {
        size_t size = strlen(text);
        TRY(strings_add_bytes(out, text, size, err));
        text += size + 1;
    }
    return STATUS_OK;
}
