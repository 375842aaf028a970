/* A set of 32-bit ids below 2^32 - 1. */
#ifndef MARQUEE_INGEST_ID_SET_H
#define MARQUEE_INGEST_ID_SET_H

#include "common/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct id_set {
    uint32_t *slot; /* [n_slots] open addressing: id + 1, or 0 */
    size_t n_slots; /* power of two */
    size_t count;
};

bool id_set_has(const struct id_set *s, uint32_t id);
enum status id_set_add(struct id_set *s, uint32_t id, struct error *err);
void id_set_release(struct id_set *s);

#endif
