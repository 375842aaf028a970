#include "common/data/dense.h"

#include "common/base/mem.h"

#include <cblas.h>
#include <lapacke.h>

/* Matrices are row-major. LAPACK's routines are called with the column-major layout on the
 * transposed problem, which spares LAPACKE's copies: the lower triangle of a row-major matrix is
 * the upper triangle of the column-major one. */

enum {
    BLOCK_ROWS = 256
}; /* rows of C per parallel task: part of the result, never tuned per machine */

void dense_init(void) {
    openblas_set_num_threads(1);
}

static CBLAS_TRANSPOSE transpose_of(char trans) {
    return trans == 'T' || trans == 't' ? CblasTrans : CblasNoTrans;
}

void dense_gemm(char trans_a, char trans_b, size_t m, size_t n, size_t k, float alpha,
                const float *a, size_t lda, const float *b, size_t ldb, float beta, float *c,
                size_t ldc) {
    if (m == 0 || n == 0) return;
    cblas_sgemm(CblasRowMajor, transpose_of(trans_a), transpose_of(trans_b), (blasint)m, (blasint)n,
                (blasint)k, alpha, a, (blasint)lda, b, (blasint)ldb, beta, c, (blasint)ldc);
}

void dense_gemm_parallel(char trans_a, char trans_b, size_t m, size_t n, size_t k, float alpha,
                         const float *a, size_t lda, const float *b, size_t ldb, float beta,
                         float *c, size_t ldc) {
    size_t row_step = transpose_of(trans_a) == CblasTrans ? 1 : lda;
    size_t n_blocks = (m + BLOCK_ROWS - 1) / BLOCK_ROWS;
#pragma omp parallel for schedule(dynamic)
    for (size_t block = 0; block < n_blocks; block++) {
        size_t first = block * BLOCK_ROWS;
        size_t rows = m - first < BLOCK_ROWS ? m - first : BLOCK_ROWS;
        dense_gemm(trans_a, trans_b, rows, n, k, alpha, a + first * row_step, lda, b, ldb, beta,
                   c + first * ldc, ldc);
    }
}

/* Rows [first, first + rows) of the lower triangle: a rectangle and a triangle on the diagonal. */
static void syrk_block(size_t first, size_t rows, size_t k, float alpha, const float *a, size_t lda,
                       float beta, float *c, size_t ldc) {
    dense_gemm('T', 'N', rows, first, k, alpha, a + first, lda, a, lda, beta, c + first * ldc, ldc);
    cblas_ssyrk(CblasRowMajor, CblasLower, CblasTrans, (blasint)rows, (blasint)k, alpha, a + first,
                (blasint)lda, beta, c + first * ldc + first, (blasint)ldc);
}

void dense_syrk(size_t n, size_t k, float alpha, const float *a, size_t lda, float beta, float *c,
                size_t ldc) {
    size_t n_blocks = (n + BLOCK_ROWS - 1) / BLOCK_ROWS;
#pragma omp parallel for schedule(dynamic) if (n_blocks > 1)
    for (size_t i = 0; i < n_blocks; i++) {
        size_t first = (n_blocks - 1 - i) * BLOCK_ROWS; /* the longest rows first */
        size_t rows = n - first < BLOCK_ROWS ? n - first : BLOCK_ROWS;
        syrk_block(first, rows, k, alpha, a, lda, beta, c, ldc);
    }
}

void dense_symmetrise(float *a, size_t n) {
    enum { TILE = 64 }; /* keeps both sides of the copy in cache */
    for (size_t row = 0; row < n; row += TILE) {
        for (size_t column = 0; column <= row; column += TILE) {
            for (size_t i = row; i < row + TILE && i < n; i++) {
                for (size_t j = column; j < column + TILE && j < i; j++) {
                    a[j * n + i] = a[i * n + j];
                }
            }
        }
    }
}

float dense_dot(size_t n, const float *x, const float *y) {
    return cblas_sdot((blasint)n, x, 1, y, 1);
}

void dense_axpy(size_t n, float alpha, const float *x, float *y) {
    cblas_saxpy((blasint)n, alpha, x, 1, y, 1);
}

void dense_gemv(size_t m, size_t n, const float *a, size_t lda, const float *x, float *y) {
    if (m == 0) return;
    cblas_sgemv(CblasRowMajor, CblasNoTrans, (blasint)m, (blasint)n, 1, a, (blasint)lda, x, 1, 0, y,
                1);
}

static enum status lapack_status(lapack_int info, const char *what, const char *positive,
                                 struct error *err) {
    if (info == 0) return STATUS_OK;
    if (info > 0) return error_set(err, STATUS_FAILED, "%s: %s %d", what, positive, (int)info);
    if (info == LAPACK_WORK_MEMORY_ERROR || info == LAPACK_TRANSPOSE_MEMORY_ERROR) {
        return error_set(err, STATUS_FAILED, "%s: out of memory", what);
    }
    return error_set(err, STATUS_FAILED, "%s: argument %d is invalid or holds a NaN", what,
                     (int)-info);
}

static const char not_positive[] = "matrix is not positive definite: leading minor of order";

enum status dense_solve_spd(size_t n, float *a, size_t n_rhs, float *b, struct error *err) {
    if (n == 0 || n_rhs == 0) return STATUS_OK;
    lapack_int info = LAPACKE_sposv(LAPACK_COL_MAJOR, 'U', (lapack_int)n, (lapack_int)n_rhs, a,
                                    (lapack_int)n, b, (lapack_int)n);
    return lapack_status(info, "solving a linear system", not_positive, err);
}

enum status dense_cholesky(size_t n, float *a, struct error *err) {
    if (n == 0) return STATUS_OK;
    lapack_int info = LAPACKE_spotrf(LAPACK_COL_MAJOR, 'U', (lapack_int)n, a, (lapack_int)n);
    return lapack_status(info, "Cholesky factorisation", not_positive, err);
}

enum status dense_invert_spd(size_t n, float *a, struct error *err) {
    if (n == 0) return STATUS_OK;
    TRY(dense_cholesky(n, a, err));
    lapack_int info = LAPACKE_spotri(LAPACK_COL_MAJOR, 'U', (lapack_int)n, a, (lapack_int)n);
    TRY(lapack_status(info, "inverting a matrix", "zero on the diagonal of the factor at", err));
    dense_symmetrise(a, n);
    return STATUS_OK;
}

enum status dense_eigen_symmetric(size_t n, float *a, float *values, struct error *err) {
    if (n == 0) return STATUS_OK;
    lapack_int info =
        LAPACKE_ssyevd(LAPACK_COL_MAJOR, 'V', 'U', (lapack_int)n, a, (lapack_int)n, values);
    return lapack_status(info, "eigenvalues of a symmetric matrix",
                         "no convergence; off-diagonal elements left:", err);
}

/* The transpose of A = U S Vt is V S Ut, whose column-major factors are our row-major vt and u. */
enum status dense_svd(size_t m, size_t n, float *a, float *u, float *s, float *vt,
                      struct error *err) {
    size_t r = m < n ? m : n;
    if (r == 0) return STATUS_OK;
    lapack_int info = LAPACKE_sgesdd(LAPACK_COL_MAJOR, 'S', (lapack_int)n, (lapack_int)m, a,
                                     (lapack_int)n, s, vt, (lapack_int)n, u, (lapack_int)r);
    return lapack_status(info, "singular value decomposition",
                         "no convergence; superdiagonals:", err);
}

enum status dense_orthonormalise(size_t m, size_t n, float *a, struct error *err) {
    if (n == 0) return STATUS_OK;
    if (m < n) {
        return error_set(err, STATUS_FAILED,
                         "orthonormalising: %zu columns of length %zu cannot be independent", n, m);
    }
    MEM_AUTO float *tau = NULL;
    TRY(MEM_NEW(&tau, n, err));
    lapack_int info =
        LAPACKE_sgeqrf(LAPACK_ROW_MAJOR, (lapack_int)m, (lapack_int)n, a, (lapack_int)n, tau);
    TRY(lapack_status(info, "QR factorisation", "info", err));
    info = LAPACKE_sorgqr(LAPACK_ROW_MAJOR, (lapack_int)m, (lapack_int)n, (lapack_int)n, a,
                          (lapack_int)n, tau);
    return lapack_status(info, "orthonormal basis", "info", err);
}
