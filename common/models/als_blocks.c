#include "common/models/als_blocks.h"

#include "common/base/interrupt.h"
#include "common/base/mem.h"

#include <stdatomic.h>

enum {
    BLOCK_ROWS = 64, /* of a sum: part of the result */
    SOLVE_ROWS = 8
};

static size_t block_end(size_t block, size_t n_rows) {
    size_t end = (block + 1) * BLOCK_ROWS;
    return end < n_rows ? end : n_rows;
}

static enum status solve_block(size_t block, size_t n_rows, row_solver solve, const void *context,
                               struct als_work *work, struct error *err) {
    for (size_t row = block * SOLVE_ROWS; row < (block + 1) * SOLVE_ROWS && row < n_rows; row++) {
        TRY(solve(context, row, work, err));
    }
    return interrupt_check(err);
}

enum status als_blocks_solve(size_t n_rows, size_t work_size, row_solver solve, const void *context,
                             struct error *err) {
    size_t n_blocks = (n_rows + SOLVE_ROWS - 1) / SOLVE_ROWS;
    atomic_int result = STATUS_OK;
#pragma omp parallel
    {
        struct error mine = {0};
        AUTO(als_work) struct als_work work = {0};
        enum status status = als_work_alloc(&work, work_size, &mine);
#pragma omp for schedule(dynamic, 1)
        for (size_t block = 0; block < n_blocks; block++) {
            if (status == STATUS_OK && atomic_load(&result) == STATUS_OK) {
                status = solve_block(block, n_rows, solve, context, &work, &mine);
            }
            if (status != STATUS_OK) atomic_store(&result, (int)status);
        }
        if (status != STATUS_OK) {
#pragma omp critical(blocks_error)
            if (err != NULL) *err = mine;
        }
    }
    return (enum status)atomic_load(&result);
}

enum status als_blocks_sum(size_t n_rows, row_value value, const void *context, double *sum,
                           struct error *err) {
    size_t n_blocks = (n_rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
    MEM_AUTO double *part = NULL;
    TRY(MEM_NEW(&part, n_blocks, err));
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t block = 0; block < n_blocks; block++) {
        double total = 0;
        for (size_t row = block * BLOCK_ROWS; row < block_end(block, n_rows); row++) {
            total += value(context, row);
        }
        part[block] = total;
    }
    *sum = 0;
    for (size_t block = 0; block < n_blocks; block++) {
        *sum += part[block];
    }
    return STATUS_OK;
}
