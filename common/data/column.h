/* Columns of an artifact as arrays: their lengths, and indices into another artifact. */
#ifndef MARQUEE_DATA_COLUMN_H
#define MARQUEE_DATA_COLUMN_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"

#include <stdint.h>

/* Number of values of a column; STATUS_DAMAGED if there is no such column. */
enum status column_count(const struct artifact *a, const char *name, uint64_t *out,
                         struct error *err);
/* The same for columns whose positions must fit u32 indices; STATUS_DAMAGED for more values. */
enum status column_count_indexed(const struct artifact *a, const char *name, uint32_t *out,
                                 struct error *err);

/* Checks that every index is below `bound`, the size of something in another artifact. Indices into
 * the same file need no check: artifact_read checks them (kinds.h). */
enum status column_check_indices(const struct artifact *a, const char *name, const uint32_t *index,
                                 uint64_t count, uint32_t bound, struct error *err);

#endif
