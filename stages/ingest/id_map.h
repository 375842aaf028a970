/* Raw ids to indices: index i is the i-th raw id in ascending order. */
#ifndef MARQUEE_INGEST_ID_MAP_H
#define MARQUEE_INGEST_ID_MAP_H

#include "common/base/error.h"

#include <stddef.h>
#include <stdint.h>

struct id_map {
    uint32_t count;
    uint32_t *id;        /* [count] ascending */
    uint32_t *index;     /* [table_size] index of each raw id, or NULL when ids are too sparse */
    uint32_t table_size; /* largest raw id + 1, if there is a table */
};

/* The distinct values of raw[0..count). */
enum status id_map_build(struct id_map *out, const uint32_t *raw, size_t count, struct error *err);
void id_map_release(struct id_map *m);

/* Index of a raw id, or NO_INDEX. */
uint32_t id_map_find(const struct id_map *m, uint32_t raw);

#endif
