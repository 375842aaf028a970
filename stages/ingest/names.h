/* A set of distinct names, each numbered in the order in which it was first seen, and their
 * alphabetical order: genres and tags. */
#ifndef MARQUEE_INGEST_NAMES_H
#define MARQUEE_INGEST_NAMES_H

#include "common/base/buf.h"
#include "common/base/error.h"

#include <stddef.h>
#include <stdint.h>

struct names {
    struct strings list;
    uint32_t *slot; /* [n_slots] open addressing: number + 1, or 0 */
    size_t n_slots; /* power of two */
};

/* Adds the name if it is new; *out is its number. */
enum status names_add(struct names *n, const char *text, size_t size, uint32_t *out,
                      struct error *err);

/* Puts the names into bytewise order and sets new_number[old number] for each; the set can then be
 * read through `list` but not added to. */
enum status names_sort(struct names *n, uint32_t *new_number, struct error *err);
void names_release(struct names *n);

#endif
