/* Parallel loops over blocks of rows whose size does not depend on the number of threads. */
#ifndef MARQUEE_MODELS_ALS_BLOCKS_H
#define MARQUEE_MODELS_ALS_BLOCKS_H

#include "common/base/error.h"
#include "common/models/als.h"

#include <stddef.h>

/* Calls solve(context, row, scratch of the thread, err) for every row; each row writes only what is
 * its own. After a failure the rest is skipped. `work_size` is the size of the systems. */
typedef enum status (*row_solver)(const void *context, size_t row, struct als_work *work,
                                  struct error *err);
enum status als_blocks_solve(size_t n_rows, size_t work_size, row_solver solve, const void *context,
                             struct error *err);

/* *sum = sum of value(context, row), added up within blocks and then in the order of the blocks. */
typedef double (*row_value)(const void *context, size_t row);
enum status als_blocks_sum(size_t n_rows, row_value value, const void *context, double *sum,
                           struct error *err);

#endif
