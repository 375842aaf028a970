/* Reading artifacts: opening the file, its table of contents, its columns. */
#include "common/artifact/format.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/utf8.h"

#include <inttypes.h>
#include <string.h>

/* ---- opening ---- */

static enum status open_contents(struct artifact *a, struct error *err) {
    const struct header *h = &a->header;
    const unsigned char *bytes = a->map.data + h->contents_offset;
    if (format_checksum(bytes, h->contents_size) != h->contents_checksum)
        return error_set(err, STATUS_DAMAGED, "table of contents: checksum differs");
    return contents_decode(&a->contents, bytes, h->contents_size, h->contents_offset,
                           h->minor > FORMAT_MINOR, err);
}

static enum status check_kind(struct artifact *a, const char *kind, struct error *err) {
    if (kind == NULL) return STATUS_OK;
    if (strcmp(a->contents.kind, kind) != 0)
        return error_set(err, STATUS_DAMAGED, "its kind is %s, wanted is %s", a->contents.kind,
                         kind);
    if (kind_check(&a->contents, err) == STATUS_OK) {
        a->kind = kind_find(kind);
        return STATUS_OK;
    }
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

bool artifact_has_meta(const struct artifact *a, const char *key) {
    for (size_t i = 0; i < a->contents.n_meta; i++) {
        if (strcmp(a->contents.meta[i].key, key) == 0) return true;
    }
    return false;
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
    return error_wrap(err, "column \"%s\" chunk %" PRIu32 " at byte %" PRIu64, column->info.name,
                      index, chunk->offset);
}

/* Consecutive chunks of a column, decoded in parallel. */
struct decoding {
    const struct artifact *artifact;
    const struct column *column;
    const struct truth *truth;
    uint32_t first;
    unsigned char *raw; /* where chunk `first` goes */
};

static enum status create_codec(void *scratch, const void *context, struct error *err) {
    const struct decoding *d = context;
    return chunk_codec_create(scratch, d->column->info.raw_size, err);
}

static void release_codec(void *scratch) {
    chunk_codec_release(*(struct chunk_codec **)scratch);
}

/* Decodes a chunk and checks its values while they are in the cache. */
static enum status decode_and_check(const void *context, void *scratch, size_t item,
                                    struct error *err) {
    const struct decoding *d = context;
    const struct column *column = d->column;
    unsigned char *raw = d->raw + item * CHUNK_RAW_SIZE;
    uint32_t index = d->first + (uint32_t)item;
    TRY(decode_one(d->artifact, column, *(struct chunk_codec **)scratch, index, raw, err));
    uint64_t width = dtype_size(column->info.dtype);
    if (width == 0) return STATUS_OK;
    uint64_t count = column_chunk_size(&column->info, index) / width;
    uint64_t before = (uint64_t)index * (CHUNK_RAW_SIZE / width);
    return truth_check(d->truth, raw, before, count, false, err);
}

/* Checks the first value of each chunk against the last value of the chunk before it. */
static enum status check_seams(const struct column *column, const struct truth *truth,
                               uint32_t first, uint32_t last, const unsigned char *raw,
                               struct error *err) {
    uint64_t width = dtype_size(column->info.dtype);
    for (uint32_t i = first + 1; i < last && width > 0; i++) {
        const unsigned char *at = raw + (size_t)(i - first) * CHUNK_RAW_SIZE;
        TRY(truth_check(truth, at, i * (CHUNK_RAW_SIZE / width), 1, true, err));
    }
    return STATUS_OK;
}

/* Decodes and checks chunks [first, last); `raw` is where chunk `first` goes. */
static enum status decode_chunks(const struct artifact *a, const struct column *column,
                                 const struct truth *truth, uint32_t first, uint32_t last,
                                 unsigned char *raw, struct error *err) {
    const struct decoding decoding = {a, column, truth, first, raw};
    const struct parallel chunks = {
        .n = last - first,
        .context = &decoding,
        .each = decode_and_check,
        .scratch = {sizeof(struct chunk_codec *), create_codec, release_codec}};
    TRY(parallel_blocks(&chunks, err));
    return check_seams(column, truth, first, last, raw, err);
}

/* Decodes and checks the whole column: *out is [raw_size + 1] bytes, the last one zero. */
static enum status decode_column(const struct artifact *a, const struct column *column,
                                 struct truth *truth, unsigned char **out, struct error *err) {
    unsigned char *raw;
    *out = NULL;
    if (column->info.raw_size >= SIZE_MAX)
        return error_set(err, STATUS_FAILED, "column \"%s\" is too large", column->info.name);
    TRY(MEM_NEW(&raw, (size_t)column->info.raw_size + 1, err));
    enum status status = decode_chunks(a, column, truth, 0, column->info.n_chunks, raw, err);
    if (status == STATUS_OK) status = truth_check_next(truth, raw, 0, column->info.count, err);
    if (status != STATUS_OK) {
        mem_free(raw);
        return status;
    }
    *out = raw;
    return STATUS_OK;
}

/* Sets the rows of `t` from the column `name`, which is checked as well. */
static enum status read_rows(const struct artifact *a, const char *name, struct truth *t,
                             struct error *err) {
    AUTO(truth) struct truth per = {0};
    MEM_AUTO unsigned char *values = NULL;
    const struct column *column = contents_column(&a->contents, name);
    if (column == NULL) return error_set(err, STATUS_DAMAGED, "no column \"%s\"", name);
    TRY(truth_resolve(&per, &a->contents, a->kind, &column->info, err));
    TRY(decode_column(a, column, &per, &values, err));
    return truth_set_rows(t, &per, values, err);
}

enum status artifact_truth(const struct artifact *a, const struct column *column, struct truth *out,
                           struct error *err) {
    TRY(truth_resolve(out, &a->contents, a->kind, &column->info, err));
    if (out->spec == NULL || out->spec->per == NULL) return STATUS_OK;
    char name[EXPANDED_SIZE];
    column_expand(name, out->spec->per, out->spec, column->info.name);
    if (read_rows(a, name, out, err) == STATUS_OK) return STATUS_OK;
    out->order = ORDER_ANY;
    return error_wrap(err, "column \"%s\": its rows", column->info.name);
}

/* Reads the whole column and checks it against its kind. */
static enum status read_column(const struct artifact *a, const struct column *column,
                               unsigned char **out, struct error *err) {
    AUTO(truth) struct truth truth = {0};
    TRY(artifact_truth(a, column, &truth, err));
    TRY(decode_column(a, column, &truth, out, err));
    if (column->info.dtype != DTYPE_STR) return STATUS_OK;
    const char *texts = (const char *)*out;
    enum status status = strings_check(texts, column->info.raw_size, column->info.count, err);
    if (status != STATUS_OK) return error_wrap(err, "column \"%s\"", column->info.name);
    return truth_check_texts(&truth, texts, err);
}

enum status artifact_read(const struct artifact *a, const char *name, enum dtype dtype,
                          uint64_t count, void *out, struct error *err) {
    const struct column *column;
    MEM_AUTO unsigned char *raw = NULL;
    if (dtype == DTYPE_STR)
        return error_set(err, STATUS_FAILED,
                         "column \"%s\": texts are read by "
                         "artifact_read_strings",
                         name);
    TRY(find_column(a, name, dtype, count, &column, err));
    if (read_column(a, column, &raw, err) != STATUS_OK)
        return error_wrap(err, "reading artifact: %s", a->path);
    memcpy(out, &raw, sizeof(raw));
    raw = NULL;
    return STATUS_OK;
}

/* Decodes bytes [from, to) of the column, which lie in one chunk. */
static enum status decode_part(const struct artifact *a, const struct column *column,
                               const struct truth *truth, uint64_t from, uint64_t to,
                               unsigned char *out, struct error *err) {
    MEM_AUTO unsigned char *raw = NULL;
    uint32_t i = (uint32_t)(from / CHUNK_RAW_SIZE);
    TRY(MEM_NEW(&raw, (size_t)column_chunk_size(&column->info, i), err));
    TRY(decode_chunks(a, column, truth, i, i + 1, raw, err));
    memcpy(out, raw + from % CHUNK_RAW_SIZE, (size_t)(to - from));
    return STATUS_OK;
}

/* Decodes bytes [from, to) of the column; whole chunks are decoded straight into `out`. */
static enum status decode_range(const struct artifact *a, const struct column *column,
                                const struct truth *truth, uint64_t from, uint64_t to,
                                unsigned char *out, struct error *err) {
    const bool to_end = to == column->info.raw_size;
    const uint32_t last = to_end ? column->info.n_chunks : (uint32_t)(to / CHUNK_RAW_SIZE);
    for (uint64_t at = from, next; at < to; at = next) {
        const uint32_t first = (uint32_t)(at / CHUNK_RAW_SIZE);
        const bool whole = at % CHUNK_RAW_SIZE == 0 && first < last;
        next = (uint64_t)(whole ? last : first + 1) * CHUNK_RAW_SIZE;
        if (next > to) next = to;
        TRY(whole ? decode_chunks(a, column, truth, first, last, out + (at - from), err)
                  : decode_part(a, column, truth, at, next, out + (at - from), err));
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
    AUTO(truth) struct truth truth = {0};
    enum status status = artifact_truth(a, column, &truth, err);
    if (status == STATUS_OK)
        status = decode_range(a, column, &truth, first * width, (first + count) * width, out, err);
    return status == STATUS_OK ? STATUS_OK : error_wrap(err, "reading artifact: %s", a->path);
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
    if (read_column(a, column, &raw, err) != STATUS_OK)
        return error_wrap(err, "reading artifact: %s", a->path);
    const char *text = (const char *)raw;
    for (uint64_t i = 0; i < column->info.count; i++) {
        size_t size = strlen(text);
        TRY(strings_add_bytes(out, text, size, err));
        text += size + 1;
    }
    return STATUS_OK;
}
