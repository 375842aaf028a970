/* The table of contents: encoding, decoding with every check that needs no chunk, and the ids. */
#include "common/artifact/format.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- encoding ---- */

enum status contents_put_u8(struct buf *b, uint8_t value, struct error *err) {
    return buf_append(b, &value, 1, err);
}

enum status contents_put_u32(struct buf *b, uint32_t value, struct error *err) {
    unsigned char bytes[4];
    put_u32(bytes, value);
    return buf_append(b, bytes, sizeof(bytes), err);
}

enum status contents_put_u64(struct buf *b, uint64_t value, struct error *err) {
    unsigned char bytes[8];
    put_u64(bytes, value);
    return buf_append(b, bytes, sizeof(bytes), err);
}

static enum status put_f64(struct buf *b, double value, struct error *err) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return contents_put_u64(b, bits, err);
}

enum status contents_put_text(struct buf *b, const char *text, struct error *err) {
    size_t size = strlen(text);
    if (size >= UINT32_MAX) return error_set(err, STATUS_FAILED, "a text of %zu bytes", size);
    if (!utf8_valid(text, size)) return error_set(err, STATUS_FAILED, "a text is not UTF-8");
    TRY(contents_put_u32(b, (uint32_t)size, err));
    return buf_append(b, text, size + 1, err);
}

enum status contents_put_lineage(struct buf *b, const struct lineage *lineage, struct error *err) {
    TRY(contents_put_text(b, lineage->stage, err));
    TRY(contents_put_u32(b, lineage->stage_version, err));
    TRY(contents_put_u64(b, lineage->seed, err));
    TRY(contents_put_text(b, lineage->view, err));
    TRY(contents_put_text(b, lineage->params, err));
    TRY(contents_put_u32(b, (uint32_t)lineage->n_inputs, err));
    for (size_t i = 0; i < lineage->n_inputs; i++) {
        TRY(contents_put_text(b, lineage->inputs[i].role, err));
        TRY(contents_put_text(b, lineage->inputs[i].kind, err));
        TRY(buf_append(b, lineage->inputs[i].id.bytes, sizeof(struct digest), err));
    }
    return STATUS_OK;
}

enum status contents_put_meta(struct buf *b, const struct meta *meta, struct error *err) {
    TRY(contents_put_text(b, meta->key, err));
    TRY(contents_put_u8(b, (uint8_t)meta->type, err));
    if (meta->type == META_I64) return contents_put_u64(b, (uint64_t)meta->i64, err);
    if (meta->type == META_F64) return put_f64(b, meta->f64, err);
    return contents_put_text(b, meta->str, err);
}

enum status contents_put_column(struct buf *b, const struct column *column, struct error *err) {
    const struct column_info *info = &column->info;
    TRY(contents_put_text(b, info->name, err));
    TRY(contents_put_u8(b, (uint8_t)info->dtype, err));
    TRY(contents_put_u8(b, (uint8_t)column->filter, err));
    TRY(contents_put_u8(b, (uint8_t)info->n_dims, err));
    for (uint32_t i = 0; i < info->n_dims; i++)
        TRY(contents_put_u64(b, info->shape[i], err));
    TRY(put_f64(b, info->min, err));
    TRY(put_f64(b, info->max, err));
    TRY(contents_put_u64(b, info->nan_count, err));
    TRY(buf_append(b, info->digest.bytes, sizeof(struct digest), err));
    TRY(contents_put_u64(b, info->raw_size, err));
    TRY(contents_put_u64(b, info->n_chunks > 0 ? column->chunks[0].offset : 0, err));
    TRY(contents_put_u32(b, info->n_chunks, err));
    for (uint32_t i = 0; i < info->n_chunks; i++) {
        TRY(contents_put_u32(b, column->chunks[i].size, err));
        TRY(contents_put_u64(b, column->chunks[i].checksum, err));
    }
    return STATUS_OK;
}

/* ---- decoding ---- */

/* Reads field after field. Past the end every field reads as zero and `short_of` is set, so that
 * one check at the end of a group of fields is enough. */
struct cursor {
    const unsigned char *bytes;
    uint64_t size, at;
    bool short_of;
};

static const unsigned char *take(struct cursor *c, uint64_t size) {
    static const unsigned char zeros[sizeof(struct digest)];
    if (size > c->size - c->at) {
        c->short_of = true;
        c->at = c->size;
        return zeros;
    }
    const unsigned char *at = c->bytes + c->at;
    c->at += size;
    return at;
}

static uint8_t take_u8(struct cursor *c) {
    return *take(c, 1);
}

static uint32_t take_u32(struct cursor *c) {
    return get_u32(take(c, 4));
}

static uint64_t take_u64(struct cursor *c) {
    return get_u64(take(c, 8));
}

static double take_f64(struct cursor *c) {
    uint64_t bits = take_u64(c);
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static struct digest take_digest(struct cursor *c) {
    struct digest d;
    memcpy(d.bytes, take(c, sizeof(d.bytes)), sizeof(d.bytes));
    return d;
}

static enum status damaged(const struct cursor *c, const char *what, struct error *err) {
    return error_set(err, STATUS_DAMAGED, "byte %" PRIu64 ": %s", c->at,
                     c->short_of ? "the table ends here" : what);
}

static enum status take_text(struct cursor *c, const char **out, struct error *err) {
    uint32_t size = take_u32(c);
    const unsigned char *text = take(c, (uint64_t)size + 1);
    if (c->short_of) return damaged(c, "", err);
    if (text[size] != 0 || memchr(text, 0, size) != NULL)
        return damaged(c, "a text does not end with its only NUL", err);
    if (!utf8_valid((const char *)text, size)) return damaged(c, "a text is not UTF-8", err);
    *out = (const char *)text;
    return STATUS_OK;
}

/* Reads a number of entries of at least `entry_size` bytes each, and checks that the rest of the
 * table can hold them. */
static enum status take_count(struct cursor *c, uint64_t entry_size, uint32_t *out,
                              struct error *err) {
    *out = take_u32(c);
    if (c->short_of) return damaged(c, "", err);
    if (*out > (c->size - c->at) / entry_size)
        return damaged(c, "more entries than the rest of the table can hold", err);
    return STATUS_OK;
}

bool name_valid(const char *name) {
    size_t size = strlen(name);
    if (size == 0 || size > ARTIFACT_MAX_NAME) return false;
    for (const char *p = name; *p != '\0'; p++) {
        bool letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z');
        bool digit = *p >= '0' && *p <= '9';
        if (!letter && !digit && *p != '.' && *p != '_' && *p != '-') return false;
    }
    return true;
}

static enum status take_name(struct cursor *c, const char **out, struct error *err) {
    TRY(take_text(c, out, err));
    if (!name_valid(*out))
        return damaged(c, "a name is empty, too long or has characters other than A-Za-z0-9._-",
                       err);
    return STATUS_OK;
}

static enum status take_lineage(struct cursor *c, struct contents *out, struct error *err) {
    struct lineage *l = &out->lineage;
    TRY(take_text(c, &l->stage, err));
    l->stage_version = take_u32(c);
    l->seed = take_u64(c);
    TRY(take_text(c, &l->view, err));
    TRY(take_text(c, &l->params, err));
    uint32_t count;
    TRY(take_count(c, 5 + 5 + 16, &count, err));
    TRY(MEM_NEW(&out->inputs, count, err));
    l->inputs = out->inputs;
    l->n_inputs = count;
    for (uint32_t i = 0; i < count; i++) {
        TRY(take_text(c, &out->inputs[i].role, err));
        TRY(take_text(c, &out->inputs[i].kind, err));
        out->inputs[i].id = take_digest(c);
    }
    return c->short_of ? damaged(c, "", err) : STATUS_OK;
}

static enum status take_one_meta(struct cursor *c, struct meta *m, struct error *err) {
    TRY(take_name(c, &m->key, err));
    m->type = (enum meta_type)take_u8(c);
    if (m->type == META_I64) {
        m->i64 = (int64_t)take_u64(c);
    } else if (m->type == META_F64) {
        m->f64 = take_f64(c);
    } else if (m->type == META_STR) {
        TRY(take_text(c, &m->str, err));
    } else {
        return damaged(c, "a metadata value of unknown type", err);
    }
    return c->short_of ? damaged(c, "", err) : STATUS_OK;
}

static int compare_meta(const void *a, const void *b) {
    return strcmp((*(const struct meta *const *)a)->key, (*(const struct meta *const *)b)->key);
}

static enum status meta_by_key(const struct contents *c, const struct meta ***out,
                               struct error *err) {
    const struct meta **order;
    TRY(MEM_NEW(&order, c->n_meta, err));
    for (size_t i = 0; i < c->n_meta; i++)
        order[i] = &c->meta[i];
    qsort(order, c->n_meta, sizeof(*order), compare_meta);
    *out = order;
    return STATUS_OK;
}

static enum status take_meta(struct cursor *c, struct contents *out, struct error *err) {
    uint32_t count;
    TRY(take_count(c, 6 + 1 + 5, &count, err));
    TRY(MEM_NEW(&out->meta, count, err));
    for (; out->n_meta < count; out->n_meta++)
        TRY(take_one_meta(c, &out->meta[out->n_meta], err));
    MEM_AUTO const struct meta **order = NULL;
    TRY(meta_by_key(out, &order, err));
    for (size_t i = 1; i < out->n_meta; i++) {
        if (strcmp(order[i - 1]->key, order[i]->key) == 0)
            return error_set(err, STATUS_DAMAGED, "metadata key \"%s\" occurs twice",
                             order[i]->key);
    }
    return STATUS_OK;
}

uint64_t column_chunk_size(const struct column_info *info, uint32_t chunk) {
    uint64_t before = (uint64_t)chunk * CHUNK_RAW_SIZE;
    uint64_t rest = info->raw_size - before;
    return rest < CHUNK_RAW_SIZE ? rest : CHUNK_RAW_SIZE;
}

static enum status check_sizes(struct cursor *c, const struct column_info *info,
                               struct error *err) {
    size_t width = dtype_size(info->dtype);
    uint64_t expected;
    bool overflow = __builtin_mul_overflow(info->count, (uint64_t)width, &expected);
    if (overflow || (width > 0 && expected != info->raw_size) ||
        (width == 0 && info->raw_size < info->count) ||
        (width == 0 && info->count == 0 && info->raw_size != 0))
        return damaged(c, "shape and size of a column do not agree", err);
    uint64_t chunks = info->raw_size / CHUNK_RAW_SIZE + (info->raw_size % CHUNK_RAW_SIZE != 0);
    if (chunks != info->n_chunks)
        return damaged(c, "size and number of chunks of a column do not agree", err);
    return STATUS_OK;
}

static enum status take_shape(struct cursor *c, struct column_info *info, struct error *err) {
    if (info->n_dims < 1 || info->n_dims > ARTIFACT_MAX_DIMS)
        return damaged(c, "a column has not 1 to 4 dimensions", err);
    info->count = 1;
    bool empty = false;
    for (uint32_t i = 0; i < info->n_dims; i++) {
        info->shape[i] = take_u64(c);
        if (info->shape[i] == 0) empty = true;
    }
    for (uint32_t i = 0; i < info->n_dims && !empty; i++) {
        if (__builtin_mul_overflow(info->count, info->shape[i], &info->count))
            return damaged(c, "the shape of a column overflows", err);
    }
    if (empty) info->count = 0;
    return STATUS_OK;
}

static enum status take_chunks(struct cursor *c, struct column *out, uint64_t data_end,
                               struct error *err) {
    struct column_info *info = &out->info;
    uint64_t offset = take_u64(c);
    TRY(take_count(c, 12, &info->n_chunks, err));
    TRY(check_sizes(c, info, err));
    TRY(MEM_NEW(&out->chunks, info->n_chunks, err));
    if (info->n_chunks > 0 && (offset < HEADER_SIZE || offset > data_end))
        return damaged(c, "a chunk lies outside the data", err);
    for (uint32_t i = 0; i < info->n_chunks; i++) {
        struct chunk *chunk = &out->chunks[i];
        chunk->offset = offset;
        chunk->size = take_u32(c);
        chunk->checksum = take_u64(c);
        if (chunk->size == 0 || chunk->size > CHUNK_STORED_LIMIT || chunk->size > data_end - offset)
            return damaged(c, "a chunk is empty, too large or reaches beyond the data", err);
        offset += chunk->size;
        info->stored_size += chunk->size;
    }
    return c->short_of ? damaged(c, "", err) : STATUS_OK;
}

static enum status take_column(struct cursor *c, struct column *out, uint64_t data_end,
                               struct error *err) {
    struct column_info *info = &out->info;
    const char *name;
    TRY(take_name(c, &name, err));
    memcpy(info->name, name, strlen(name) + 1);
    info->dtype = (enum dtype)take_u8(c);
    if (dtype_name(info->dtype)[0] == '?') return damaged(c, "a column of unknown type", err);
    out->filter = (enum filter)take_u8(c);
    if (!filter_fits(out->filter, info->dtype))
        return damaged(c, "a filter that is unknown or does not fit the type", err);
    info->n_dims = take_u8(c);
    TRY(take_shape(c, info, err));
    info->min = take_f64(c);
    info->max = take_f64(c);
    info->nan_count = take_u64(c);
    info->digest = take_digest(c);
    info->raw_size = take_u64(c);
    if (c->short_of) return damaged(c, "", err);
    enum status status = take_chunks(c, out, data_end, err);
    if (status != STATUS_OK) return error_wrap(err, "column \"%s\"", info->name);
    return STATUS_OK;
}

static int compare_columns(const void *a, const void *b, void *columns) {
    const struct column *all = columns;
    return strcmp(all[*(const uint32_t *)a].info.name, all[*(const uint32_t *)b].info.name);
}

static enum status sort_columns(struct contents *out, struct error *err) {
    TRY(MEM_NEW(&out->by_name, out->n_columns, err));
    for (size_t i = 0; i < out->n_columns; i++)
        out->by_name[i] = (uint32_t)i;
    qsort_r(out->by_name, out->n_columns, sizeof(uint32_t), compare_columns, out->columns);
    for (size_t i = 1; i < out->n_columns; i++) {
        const char *name = out->columns[out->by_name[i]].info.name;
        if (strcmp(out->columns[out->by_name[i - 1]].info.name, name) == 0)
            return error_set(err, STATUS_DAMAGED, "column \"%s\" occurs twice", name);
    }
    return STATUS_OK;
}

static enum status take_columns(struct cursor *c, struct contents *out, uint64_t data_end,
                                struct error *err) {
    uint32_t count;
    TRY(take_count(c, 6 + 3 + 8 + 24 + 16 + 8 + 8 + 4, &count, err));
    TRY(MEM_NEW(&out->columns, count, err));
    for (uint32_t i = 0; i < count; i++) {
        out->n_columns = i + 1;
        TRY(take_column(c, &out->columns[i], data_end, err));
    }
    return sort_columns(out, err);
}

static enum status decode_all(struct contents *out, struct cursor *c, uint64_t data_end,
                              struct error *err) {
    TRY(take_name(c, &out->kind, err));
    out->content_id = take_digest(c);
    out->recipe_id = take_digest(c);
    TRY(take_lineage(c, out, err));
    TRY(take_meta(c, out, err));
    return take_columns(c, out, data_end, err);
}

enum status contents_decode(struct contents *out, const unsigned char *bytes, uint64_t size,
                            uint64_t data_end, bool newer, struct error *err) {
    struct cursor c = {.bytes = bytes, .size = size};
    memset(out, 0, sizeof(*out));
    enum status status = decode_all(out, &c, data_end, err);
    if (status == STATUS_OK && c.at != size && !newer)
        status = damaged(&c, "bytes follow the last column", err);
    if (status == STATUS_OK) return STATUS_OK;
    contents_release(out);
    return error_wrap(err, "table of contents");
}

void contents_release(struct contents *c) {
    for (size_t i = 0; i < c->n_columns; i++)
        mem_free(c->columns[i].chunks);
    mem_free(c->columns);
    mem_free(c->by_name);
    mem_free(c->meta);
    mem_free(c->inputs);
    memset(c, 0, sizeof(*c));
}

const struct column *contents_column(const struct contents *c, const char *name) {
    size_t low = 0, high = c->n_columns;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct column *column = &c->columns[c->by_name[middle]];
        int order = strcmp(name, column->info.name);
        if (order == 0) return column;
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

/* ---- ids ---- */

static void hash_meta(struct hash *h, const struct meta *m) {
    hash_update_text(h, m->key);
    hash_update_u64(h, (uint64_t)m->type);
    if (m->type == META_I64) {
        hash_update_u64(h, (uint64_t)m->i64);
    } else if (m->type == META_F64) {
        uint64_t bits;
        memcpy(&bits, &m->f64, sizeof(bits));
        hash_update_u64(h, bits);
    } else {
        hash_update_text(h, m->str);
    }
}

static void hash_column(struct hash *h, const struct column_info *info) {
    hash_update_text(h, info->name);
    hash_update_u64(h, (uint64_t)info->dtype);
    hash_update_u64(h, info->n_dims);
    for (uint32_t i = 0; i < info->n_dims; i++)
        hash_update_u64(h, info->shape[i]);
    hash_update(h, info->digest.bytes, sizeof(info->digest.bytes));
}

enum status contents_content_id(const struct contents *c, struct digest *out, struct error *err) {
    MEM_AUTO const struct meta **order = NULL;
    TRY(meta_by_key(c, &order, err));
    struct hash *h;
    TRY(hash_start(&h, err));
    hash_update_text(h, c->kind);
    hash_update_u64(h, c->n_meta);
    for (size_t i = 0; i < c->n_meta; i++)
        hash_meta(h, order[i]);
    hash_update_u64(h, c->n_columns);
    for (size_t i = 0; i < c->n_columns; i++)
        hash_column(h, &c->columns[c->by_name[i]].info);
    *out = hash_finish(h);
    return STATUS_OK;
}

enum status lineage_recipe_id(const struct lineage *lineage, struct digest *out,
                              struct error *err) {
    struct hash *h;
    TRY(hash_start(&h, err));
    hash_update_text(h, lineage->stage);
    hash_update_u64(h, lineage->stage_version);
    hash_update_text(h, lineage->params);
    hash_update_u64(h, lineage->seed);
    hash_update_text(h, lineage->view);
    hash_update_u64(h, lineage->n_inputs);
    for (size_t i = 0; i < lineage->n_inputs; i++) {
        hash_update_text(h, lineage->inputs[i].role);
        hash_update_text(h, lineage->inputs[i].kind);
        hash_update(h, lineage->inputs[i].id.bytes, sizeof(struct digest));
    }
    *out = hash_finish(h);
    return STATUS_OK;
}
