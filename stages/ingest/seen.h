/* A set of 32-bit ids below 2^32 - 1. */
#ifndef MARQUEE_INGEST_SEEN_H
#define MARQUEE_INGEST_SEEN_H

#include "common/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct seen {
    uint32_t *slot; /* [n_slots] open addressing: id + 1, or 0 */
    size_t n_slots; /* power of two */
    size_t count;
};

bool seen_has(const struct seen *s, uint32_t id);
enum status seen_add(struct seen *s, uint32_t id, struct error *err);
void seen_release(struct seen *s);

#endif
