/* Dense single-precision matrices, row-major: the one place that calls BLAS and LAPACK.
 *
 * OpenBLAS runs on one thread inside each call (dense_init); parallelism is over fixed-size blocks
 * outside, so that results do not depend on the number of threads. */
#ifndef MARQUEE_DATA_DENSE_H
#define MARQUEE_DATA_DENSE_H

#include "common/base/error.h"

#include <stddef.h>
#include <stdint.h>

/* Pins OpenBLAS to one thread. Called once by the stage life cycle. */
void dense_init(void);
const char *dense_kernel(void); /* the kernels that OpenBLAS chose for this CPU */

/* C[m,n] = alpha * op(A) * op(B) + beta * C, with op(A) [m,k] and op(B) [k,n]: op is 'N', as it
 * is, or 'T', transposed; lda, ldb, ldc are the row strides of the matrices as stored. */
struct dense_product {
    char trans_a, trans_b;
    size_t m, n, k;
    float alpha;
    const float *a;
    size_t lda;
    const float *b;
    size_t ldb;
    float beta;
    float *c;
    size_t ldc;
};
void dense_multiply(const struct dense_product *p);
/* The same, cut into fixed blocks of rows of C that run in parallel. */
void dense_multiply_parallel(const struct dense_product *p);

/* Both with the members as arguments, in the order that is usual in BLAS. */
#define dense_gemm(...)          dense_multiply(&(struct dense_product){__VA_ARGS__})
#define dense_gemm_parallel(...) dense_multiply_parallel(&(struct dense_product){__VA_ARGS__})

/* Lower triangle of C[n,n] = alpha * A' A + beta * C for A[k,n]. */
void dense_syrk(size_t n, size_t k, float alpha, const float *a, size_t lda, float beta, float *c,
                size_t ldc);
void dense_symmetrise(float *a, size_t n); /* copies the lower triangle to the upper */

/* y[m] = A x + beta * y for A[m,n] with row stride lda: far cheaper than a product with one row. */
void dense_gemv(size_t m, size_t n, const float *a, size_t lda, const float *x, float beta,
                float *y);

float dense_dot(size_t n, const float *x, const float *y);

/* Solves A X = B for symmetric positive definite A[n,n] (lower triangle read, destroyed) and
 * n_rhs right-hand sides stored as rows b[n_rhs,n] (replaced by the solutions); LAPACKE_sposv.
 * STATUS_FAILED if A is not positive definite, naming the leading minor. */
enum status dense_solve_spd(size_t n, float *a, size_t n_rhs, float *b, struct error *err);

/* Inverse of symmetric positive definite A[n,n] in place, both triangles; in parallel over blocks
 * of rows, with memory for one block besides A. */
enum status dense_invert_spd(size_t n, float *a, struct error *err);

/* Cholesky factor in the lower triangle of A, in place. */
enum status dense_cholesky(size_t n, float *a, struct error *err);

/* Thin SVD A[m,n] = U diag(s) Vt; u [m,r], s [r], vt [r,n], r = min(m,n); A is destroyed. */
enum status dense_svd(size_t m, size_t n, float *a, float *u, float *s, float *vt,
                      struct error *err);

/* Orthonormalises the columns of A[m,n], m >= n, in place (QR); for randomised range finding. */
enum status dense_orthonormalise(size_t m, size_t n, float *a, struct error *err);

#endif
