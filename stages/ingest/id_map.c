#include "stages/ingest/id_map.h"

#include "common/base/mem.h"
#include "common/base/no_index.h"

#include <string.h>

enum { RADIX_BITS = 11, RADIX_SIZE = 1 << RADIX_BITS, SMALL_TABLE = 1 << 20 };

static uint32_t largest(const uint32_t *values, size_t count) {
    uint32_t max = 0;
    for (size_t i = 0; i < count; i++) {
        if (values[i] > max) max = values[i];
    }
    return max;
}

/* A table by raw id is used when it is no larger than a few times the input. */
static enum status build_by_table(struct id_map *out, const uint32_t *raw, size_t count,
                                  uint32_t max, struct error *err) {
    out->table_size = max + 1;
    TRY(MEM_NEW(&out->index, out->table_size, err));
    for (size_t i = 0; i < count; i++)
        out->index[raw[i]] = 1;
    for (size_t raw_id = 0; raw_id < out->table_size; raw_id++)
        out->count += out->index[raw_id];
    TRY(MEM_NEW(&out->id, out->count, err));
    uint32_t next = 0;
    for (uint32_t raw_id = 0; raw_id < out->table_size; raw_id++) {
        if (out->index[raw_id] == 0) {
            out->index[raw_id] = NO_INDEX;
            continue;
        }
        out->id[next] = raw_id;
        out->index[raw_id] = next++;
    }
    return STATUS_OK;
}

static void radix_pass(const uint32_t *from, uint32_t *to, size_t count, unsigned shift) {
    size_t start[RADIX_SIZE + 1] = {0};
    for (size_t i = 0; i < count; i++)
        start[((from[i] >> shift) & (RADIX_SIZE - 1)) + 1]++;
    for (size_t d = 0; d < RADIX_SIZE; d++)
        start[d + 1] += start[d];
    for (size_t i = 0; i < count; i++)
        to[start[(from[i] >> shift) & (RADIX_SIZE - 1)]++] = from[i];
}

static enum status build_by_sorting(struct id_map *out, const uint32_t *raw, size_t count,
                                    struct error *err) {
    MEM_AUTO uint32_t *a = NULL, *b = NULL;
    TRY(MEM_NEW(&a, count, err));
    TRY(MEM_NEW(&b, count, err));
    radix_pass(raw, a, count, 0);
    radix_pass(a, b, count, RADIX_BITS);
    radix_pass(b, a, count, 2 * RADIX_BITS);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || a[i] != a[i - 1]) a[kept++] = a[i];
    }
    TRY(MEM_NEW(&out->id, kept, err));
    if (kept > 0) memcpy(out->id, a, kept * sizeof(*a));
    out->count = (uint32_t)kept;
    return STATUS_OK;
}

enum status id_map_build(struct id_map *out, const uint32_t *raw, size_t count, struct error *err) {
    *out = (struct id_map){0};
    uint32_t max = largest(raw, count);
    enum status status = max < SMALL_TABLE || max / 4 < count
                             ? build_by_table(out, raw, count, max, err)
                             : build_by_sorting(out, raw, count, err);
    if (status != STATUS_OK) id_map_release(out);
    return status;
}

void id_map_release(struct id_map *m) {
    mem_free(m->id);
    mem_free(m->index);
    *m = (struct id_map){0};
}

uint32_t id_map_find(const struct id_map *m, uint32_t raw) {
    if (m->index != NULL) return raw < m->table_size ? m->index[raw] : NO_INDEX;
    uint32_t low = 0, high = m->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (m->id[middle] < raw) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < m->count && m->id[low] == raw ? low : NO_INDEX;
}
