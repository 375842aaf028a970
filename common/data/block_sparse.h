/* Products of a matrix that is dense in some blocks and nearly empty in others. */
#ifndef MARQUEE_DATA_BLOCK_SPARSE_H
#define MARQUEE_DATA_BLOCK_SPARSE_H

#include "common/base/error.h"

#include <stddef.h>

/* C[m,n] = A B for A[m,k] with row stride k, B[k,n] and C with row stride n, in parallel. Blocks of
 * A that are more than about a third full are multiplied by sgemm; of the others only the non-zero
 * entries are. The choice depends on A alone, so the result does not depend on the number of
 * threads. */
enum status block_sparse_multiply(size_t m, size_t n, size_t k, const float *a, const float *b,
                                  float *c, struct error *err);

#endif
