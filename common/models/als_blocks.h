/* One half-step of alternating least squares: its rows, in parallel. */
#ifndef MARQUEE_MODELS_ALS_BLOCKS_H
#define MARQUEE_MODELS_ALS_BLOCKS_H

#include "common/base/error.h"
#include "common/models/als.h"

#include <stddef.h>

/* Calls solve(context, row, scratch of the thread, err) for every row; a row writes only what is
 * its own. `work_size`: unknowns of the largest system. Failures as in parallel_blocks. */
typedef enum status (*row_solver)(const void *context, size_t row, struct als_work *work,
                                  struct error *err);
enum status als_blocks_solve(size_t n_rows, size_t work_size, row_solver solve, const void *context,
                             struct error *err);

#endif
