/* Small systems of normal equations, solved by the hundred thousand: sums of outer products and
 * Cholesky solves in hand-written vector loops, because at these sizes a call of BLAS costs as much
 * as the sums themselves. The widest vectors of the processor are chosen at run time; with one
 * vector width the results are the same everywhere. */
#ifndef MARQUEE_DATA_SMALL_SPD_H
#define MARQUEE_DATA_SMALL_SPD_H

#include <stddef.h>
#include <stdint.h>

/* Row stride, in floats, of matrices and gathered rows of `n` columns, and number of rows of such a
 * matrix: n rounded up to whole vectors. What is between n and the stride must be 0. */
size_t spd_stride(size_t n);

/* Row k of rows[count, row_stride] = row index[k] of from[.., n], and zeros up to the stride. */
void spd_gather(size_t n, size_t count, const float *from, const uint32_t *index, float *rows,
                size_t row_stride);

/* Upper triangle of matrix[n, stride] += sum over k of z_k z_k', for rows[count, row_stride] whose
 * first n columns are z_k. Both strides at least spd_stride(n); `matrix` has that many rows. */
void spd_add_products(size_t n, size_t count, const float *rows, size_t row_stride, float *matrix,
                      size_t stride);

/* sum[n] += sum over k of z_k and weighted[n] += sum over k of weight_k z_k; both of
 * spd_stride(n) floats. */
void spd_add_rows(size_t n, size_t count, const float *rows, size_t row_stride, const float *weight,
                  float *sum, float *weighted);

/* sums[n * (n + 1) / 2] += the upper triangle of matrix[n, stride], row by row. */
void spd_add_triangle(size_t n, const float *matrix, size_t stride, double *sums);

/* Solves A x = b for symmetric positive definite A[n,n] by Cholesky's method: upper triangle in the
 * first n columns of matrix[n, stride], b in column n; stride >= spd_stride(n + 1); destroyed.
 * `x` has `stride` floats. Returns 0, or k if the leading minor of order k is not positive. */
size_t spd_solve(size_t n, size_t stride, float *matrix, float *x);

#endif
