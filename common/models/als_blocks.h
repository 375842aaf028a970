/* The rows of an alternating-least-squares half-step, in parallel. */
#ifndef MARQUEE_MODELS_ALS_BLOCKS_H
#define MARQUEE_MODELS_ALS_BLOCKS_H

#include "common/base/error.h"
#include "common/models/als.h"

#include <stddef.h>

/* Calls solve(context, row, scratch of the thread, err) for every row; each row writes only what is
 * its own. Failures as of parallel_blocks. `work_size` is the size of the systems. */
typedef enum status (*row_solver)(const void *context, size_t row, struct als_work *work,
                                  struct error *err);
enum status als_blocks_solve(size_t n_rows, size_t work_size, row_solver solve, const void *context,
                             struct error *err);

#endif
