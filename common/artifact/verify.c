/* The complete check of a file: every byte is covered by a checksum or by a fixed value. */
#include "common/artifact/format.h"
#include "common/base/file.h"
#include "common/base/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_ROOM = 8 }; /* bytes of the widest value */

struct verifier {
    const char *path;
    struct artifact a;
    struct chunk_codec *codec;
    unsigned char *room;
    unsigned char *raw; /* within room: the largest chunk, with VALUE_ROOM bytes before it */
    struct buf *report;
    unsigned faults;
};

static void found(struct verifier *v, enum artifact_fault fault, const char *what) {
    v->faults |= (unsigned)fault;
    if (v->report != NULL) buf_printf(v->report, NULL, "%s: %s\n", v->path, what);
}

static bool check_ends(struct verifier *v) {
    struct error err = {0};
    bool is_artifact;
    if (header_decode(&v->a.header, v->a.map.data, v->a.map.size, &is_artifact, &err) !=
        STATUS_OK) {
        found(v, is_artifact ? FAULT_HEADER : FAULT_OPEN, err.text);
        return false;
    }
    if (trailer_check(v->a.map.data, v->a.map.size, &err) != STATUS_OK)
        found(v, FAULT_HEADER, err.text);
    return true;
}

static bool check_contents(struct verifier *v) {
    struct error err = {0};
    const struct header *h = &v->a.header;
    const unsigned char *bytes = v->a.map.data + h->contents_offset;
    if (format_checksum(bytes, (size_t)h->contents_size) != h->contents_checksum) {
        found(v, FAULT_CONTENTS, "table of contents: checksum differs");
        return false;
    }
    if (contents_decode(&v->a.contents, bytes, h->contents_size, h->contents_offset,
                        h->minor > FORMAT_MINOR, &err) != STATUS_OK) {
        found(v, FAULT_CONTENTS, err.text);
        return false;
    }
    return true;
}

/* What is gathered of a column, chunk by chunk. */
struct gathered {
    struct hash *hash;
    struct value_stats stats;
    uint64_t n_texts;
    struct buf text; /* all of a str column: a character may straddle two chunks */
    struct truth truth;
    bool before; /* the previous chunk was decoded; its last value is in front of v->raw */
};

/* Checks the chunk in v->raw against the column's constraints; reports one violation per column. */
static void check_truth(struct verifier *v, struct gathered *g, uint64_t first, uint64_t count) {
    struct error err = {0};
    size_t width = dtype_size(g->truth.info->dtype);
    enum status status = truth_check(&g->truth, v->raw, first, count, g->before, &err);
    if (status == STATUS_OK) status = truth_check_next(&g->truth, v->raw, first, count, &err);
    if (status != STATUS_OK) {
        found(v, FAULT_TRUTH, err.text);
        g->truth.spec = NULL;
    }
    memcpy(v->raw - width, v->raw + (count - 1) * width, width);
    g->before = true;
}

static enum status gather_chunk(struct verifier *v, const struct column *column, uint32_t index,
                                struct gathered *g, struct error *err) {
    enum dtype dtype = column->info.dtype;
    size_t width = dtype_size(dtype);
    size_t size = (size_t)column_chunk_size(&column->info, index);
    TRY(chunk_decode(v->codec, column->filter, width, v->a.map.data, &column->chunks[index], v->raw,
                     size, err));
    hash_update(g->hash, v->raw, size);
    if (dtype == DTYPE_STR) return buf_append(&g->text, v->raw, size, err);
    value_stats_add(&g->stats, dtype, v->raw, size / width);
    check_truth(v, g, (uint64_t)index * (CHUNK_RAW_SIZE / width), size / width);
    return STATUS_OK;
}

/* Bit for bit: a NaN equals itself, 0 and -0 differ. */
static bool same_double(double a, double b) {
    uint64_t x, y;
    memcpy(&x, &a, sizeof(x));
    memcpy(&y, &b, sizeof(y));
    return x == y;
}

static void compare(struct verifier *v, const struct column_info *info, const struct gathered *g,
                    const struct digest *digest) {
    struct error err = {0};
    if (!digest_equal(digest, &info->digest)) {
        error_set(&err, STATUS_DAMAGED, "column \"%s\": digest of the values differs", info->name);
        found(v, FAULT_DIGEST, err.text);
    }
    if (!same_double(g->stats.min, info->min) || !same_double(g->stats.max, info->max) ||
        g->stats.nan_count != info->nan_count) {
        error_set(&err, STATUS_DAMAGED, "column \"%s\": minimum, maximum or NaN count differs",
                  info->name);
        found(v, FAULT_DIGEST, err.text);
    }
    if (info->dtype != DTYPE_STR) return;
    if (strings_check(g->text.data, g->text.size, info->count, &err) != STATUS_OK) {
        error_wrap(&err, "column \"%s\"", info->name);
        found(v, FAULT_DIGEST, err.text);
    } else if (truth_check_texts(&g->truth, g->text.data, &err) != STATUS_OK) {
        found(v, FAULT_TRUTH, err.text);
    }
}

static void check_column(struct verifier *v, const struct column *column) {
    struct error err = {0};
    struct gathered g = {0};
    if (artifact_truth(&v->a, column, &g.truth, &err) != STATUS_OK)
        found(v, err.status == STATUS_DAMAGED ? FAULT_TRUTH : FAULT_OPEN, err.text);
    bool whole = hash_start(&g.hash, &err) == STATUS_OK;
    if (!whole) found(v, FAULT_OPEN, err.text);
    for (uint32_t i = 0; i < column->info.n_chunks && g.hash != NULL; i++) {
        if (gather_chunk(v, column, i, &g, &err) == STATUS_OK) continue;
        whole = g.before = false;
        error_wrap(&err, "column \"%s\" chunk %" PRIu32 " at byte %" PRIu64, column->info.name, i,
                   column->chunks[i].offset);
        found(v, FAULT_CHUNK, err.text);
    }
    if (g.hash != NULL) {
        struct digest digest = hash_finish(g.hash);
        if (whole) compare(v, &column->info, &g, &digest);
    }
    buf_release(&g.text);
    truth_release(&g.truth);
}

static void check_ids(struct verifier *v) {
    struct digest id;
    struct error err = {0};
    const struct contents *c = &v->a.contents;
    if (contents_content_id(c, &id, &err) != STATUS_OK || !digest_equal(&id, &c->content_id))
        found(v, FAULT_DIGEST, "table of contents: content id does not follow from the contents");
    if (lineage_recipe_id(&c->lineage, &id, &err) != STATUS_OK || !digest_equal(&id, &c->recipe_id))
        found(v, FAULT_DIGEST, "table of contents: recipe id does not follow from the lineage");
}

static int compare_extents(const void *a, const void *b) {
    const struct column *const *x = a, *const *y = b;
    uint64_t i = (*x)->chunks[0].offset, j = (*y)->chunks[0].offset;
    return (i > j) - (i < j);
}

/* The chunks of all columns must fill the file from the header to the table of contents. */
static enum status check_extents(struct verifier *v, struct error *err) {
    const struct contents *c = &v->a.contents;
    MEM_AUTO const struct column **order = NULL;
    TRY(MEM_NEW(&order, c->n_columns, err));
    size_t count = 0;
    for (size_t i = 0; i < c->n_columns; i++) {
        if (c->columns[i].info.n_chunks > 0) order[count++] = &c->columns[i];
    }
    qsort(order, count, sizeof(*order), compare_extents);
    uint64_t end = HEADER_SIZE;
    for (size_t i = 0; i < count; i++) {
        uint64_t offset = order[i]->chunks[0].offset;
        if (offset != end)
            return error_set(err, STATUS_DAMAGED,
                             "column \"%s\" begins at byte %" PRIu64
                             ", the one before it ends at %" PRIu64,
                             order[i]->info.name, offset, end);
        end += order[i]->info.stored_size;
    }
    if (end != v->a.header.contents_offset)
        return error_set(err, STATUS_DAMAGED, "bytes %" PRIu64 " to %" PRIu64 " belong to nothing",
                         end, v->a.header.contents_offset);
    return STATUS_OK;
}

static size_t largest_chunk(const struct contents *c) {
    uint64_t largest = 0;
    for (size_t i = 0; i < c->n_columns; i++) {
        uint64_t size = column_chunk_size(&c->columns[i].info, 0);
        if (size > largest) largest = size;
    }
    return (size_t)largest;
}

static enum status verifier_alloc(struct verifier *v, struct error *err) {
    size_t largest = largest_chunk(&v->a.contents);
    TRY(MEM_NEW(&v->room, VALUE_ROOM + largest, err));
    v->raw = v->room + VALUE_ROOM;
    return chunk_codec_create(&v->codec, largest, err);
}

static void verify_map(struct verifier *v) {
    struct error err = {0}, unfit = {0};
    if (!check_ends(v) || !check_contents(v)) return;
    if (verifier_alloc(v, &err) != STATUS_OK) {
        found(v, FAULT_OPEN, err.text);
        return;
    }
    bool fits = kind_check(&v->a.contents, &unfit) == STATUS_OK;
    if (fits) v->a.kind = kind_find(v->a.contents.kind);
    for (size_t i = 0; i < v->a.contents.n_columns; i++)
        check_column(v, &v->a.contents.columns[i]);
    check_ids(v);
    if (!fits) found(v, FAULT_KIND, unfit.text);
    if (check_extents(v, &err) != STATUS_OK) found(v, FAULT_BYTES, err.text);
}

unsigned artifact_verify(const char *path, struct buf *report) {
    struct verifier v = {.path = path, .report = report};
    struct error err = {0};
    if (file_map_open(&v.a.map, path, &err) != STATUS_OK) {
        v.faults = FAULT_OPEN;
        if (report != NULL) buf_printf(report, NULL, "%s\n", err.text);
    } else {
        verify_map(&v);
    }
    chunk_codec_release(v.codec);
    mem_free(v.room);
    contents_release(&v.a.contents);
    file_map_release(&v.a.map);
    return v.faults;
}
