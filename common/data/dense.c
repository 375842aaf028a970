#include "common/data/dense.h"

#include "common/base/mem.h"
#include "common/base/parallel.h"

#include <cblas.h>
#include <lapacke.h>
#include <string.h>

/* Matrices are row-major. LAPACK's routines are called with the column-major layout on the
 * transposed problem, which avoids the copies that LAPACKE makes of row-major matrices: the lower
 * triangle of a row-major matrix is the upper triangle of the column-major one. */

enum {
    BLOCK_ROWS = 256
}; /* rows of C per parallel task: part of the result, never tuned per machine */

void dense_init(void) {
    openblas_set_num_threads(1);
}

const char *dense_kernel(void) {
    return openblas_get_corename();
}

static CBLAS_TRANSPOSE transpose_of(char trans) {
    return trans == 'T' || trans == 't' ? CblasTrans : CblasNoTrans;
}

void dense_multiply(const struct dense_product *p) {
    if (p->m == 0 || p->n == 0) return;
    cblas_sgemm(CblasRowMajor, transpose_of(p->trans_a), transpose_of(p->trans_b), (blasint)p->m,
                (blasint)p->n, (blasint)p->k, p->alpha, p->a, (blasint)p->lda, p->b,
                (blasint)p->ldb, p->beta, p->c, (blasint)p->ldc);
}

void dense_multiply_parallel(const struct dense_product *p) {
    size_t row_step = transpose_of(p->trans_a) == CblasTrans ? 1 : p->lda;
    size_t n_blocks = block_count(p->m, BLOCK_ROWS);
#pragma omp parallel for schedule(dynamic)
    for (size_t block = 0; block < n_blocks; block++) {
        struct block_items row = block_at(p->m, BLOCK_ROWS, block);
        struct dense_product rows = *p;
        rows.m = row.end - row.first;
        rows.a += row.first * row_step;
        rows.c += row.first * p->ldc;
        dense_multiply(&rows);
    }
}

/* The arguments of dense_syrk that all of its blocks share. */
struct syrk {
    size_t k;
    float alpha;
    const float *a;
    size_t lda;
    float beta;
    float *c;
    size_t ldc;
};

/* Rows [first, first + rows) of the lower triangle: a rectangle and a triangle on the diagonal. */
static void syrk_block(size_t first, size_t rows, const struct syrk *s) {
    const float *a = s->a + first;
    float *c = s->c + first * s->ldc;
    dense_gemm('T', 'N', rows, first, s->k, s->alpha, a, s->lda, s->a, s->lda, s->beta, c, s->ldc);
    cblas_ssyrk(CblasRowMajor, CblasLower, CblasTrans, (blasint)rows, (blasint)s->k, s->alpha, a,
                (blasint)s->lda, s->beta, c + first, (blasint)s->ldc);
}

void dense_syrk(size_t n, size_t k, float alpha, const float *a, size_t lda, float beta, float *c,
                size_t ldc) {
    const struct syrk whole = {k, alpha, a, lda, beta, c, ldc};
    size_t n_blocks = block_count(n, BLOCK_ROWS);
#pragma omp parallel for schedule(dynamic) if (n_blocks > 1)
    for (size_t i = 0; i < n_blocks; i++) {
        struct block_items row = block_at(n, BLOCK_ROWS, n_blocks - 1 - i); /* the longest first */
        syrk_block(row.first, row.end - row.first, &whole);
    }
}

enum { TILE = 64 }; /* rows and columns; keeps both sides of a transposition in cache */

static void mirror_tile(float *a, size_t n, size_t row, size_t column) {
    for (size_t i = row; i < row + TILE && i < n; i++) {
        for (size_t j = column; j < column + TILE && j < i; j++) {
            a[j * n + i] = a[i * n + j];
        }
    }
}

void dense_symmetrise(float *a, size_t n) {
    for (size_t row = 0; row < n; row += TILE) {
        for (size_t column = 0; column <= row; column += TILE) {
            mirror_tile(a, n, row, column);
        }
    }
}

void dense_gemv(size_t m, size_t n, const float *a, size_t lda, const float *x, float beta,
                float *y) {
    if (m == 0 || n == 0) return;
    cblas_sgemv(CblasRowMajor, CblasNoTrans, (blasint)m, (blasint)n, 1.0F, a, (blasint)lda, x, 1,
                beta, y, 1);
}

float dense_dot(size_t n, const float *x, const float *y) {
    return cblas_sdot((blasint)n, x, 1, y, 1);
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

/* ---- factoring and inverting large matrices, block by block ----
 *
 * Row-major A[n,n], lower triangle. Each step hands independent blocks to the threads; the order of
 * sums within a block is fixed, so the bytes do not depend on the number of threads. */

static size_t block_rows(size_t n, size_t first) {
    return n - first < BLOCK_ROWS ? n - first : BLOCK_ROWS;
}

/* Row block `row` of the panel below the diagonal block `k`: A_rk := A_rk L_kk^-T. */
static void panel_solve(size_t n, float *a, size_t row, size_t k) {
    cblas_strsm(CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit,
                (blasint)block_rows(n, row), BLOCK_ROWS, 1, a + k * n + k, (blasint)n,
                a + row * n + k, (blasint)n);
}

/* Row block `row` of the trailing matrix: A_rc -= A_rk A_ck' for the columns c after k, up to r. */
static void trailing_update(size_t n, float *a, size_t row, size_t k) {
    size_t rows = block_rows(n, row), from = k + BLOCK_ROWS;
    dense_gemm('N', 'T', rows, row - from, BLOCK_ROWS, -1, a + row * n + k, n, a + from * n + k, n,
               1, a + row * n + from, n);
    cblas_ssyrk(CblasRowMajor, CblasLower, CblasNoTrans, (blasint)rows, BLOCK_ROWS, -1,
                a + row * n + k, (blasint)n, 1, a + row * n + row, (blasint)n);
}

enum status dense_cholesky(size_t n, float *a, struct error *err) {
    for (size_t k = 0; k < n; k += BLOCK_ROWS) {
        lapack_int info = LAPACKE_spotrf(LAPACK_COL_MAJOR, 'U', (lapack_int)block_rows(n, k),
                                         a + k * n + k, (lapack_int)n);
        if (info > 0) info += (lapack_int)k;
        TRY(lapack_status(info, "Cholesky factorisation", not_positive, err));
#pragma omp parallel for schedule(dynamic)
        for (size_t row = k + BLOCK_ROWS; row < n; row += BLOCK_ROWS) {
            panel_solve(n, a, row, k);
        }
#pragma omp parallel for schedule(dynamic)
        for (size_t row = k + BLOCK_ROWS; row < n; row += BLOCK_ROWS) {
            trailing_update(n, a, row, k);
        }
    }
    return STATUS_OK;
}

/* Copies row block `row`, columns [0, columns), to `buffer` with row stride n. */
static void copy_rows(size_t n, const float *a, size_t row, size_t columns, float *buffer) {
    for (size_t i = 0; i < block_rows(n, row); i++) {
        memcpy(buffer + i * n, a + (row + i) * n, columns * sizeof(*a));
    }
}

/* L becomes W = L^-1, row block by row block: W_rc = -L_rr^-1 (sum over c <= k < r of L_rk W_kc).
 * `buffer` [BLOCK_ROWS, n]. The upper triangles of the diagonal blocks become 0. */
static enum status invert_lower(size_t n, float *a, float *buffer, struct error *err) {
    for (size_t row = 0; row < n; row += BLOCK_ROWS) {
        size_t rows = block_rows(n, row);
        float *diagonal = a + row * n + row;
        copy_rows(n, a, row, row, buffer);
#pragma omp parallel for schedule(dynamic)
        for (size_t c = 0; c < row; c += BLOCK_ROWS) {
            dense_gemm('N', 'N', rows, BLOCK_ROWS, row - c, -1, buffer + c, n, a + c * n + c, n, 0,
                       a + row * n + c, n);
            cblas_strsm(CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit,
                        (blasint)rows, BLOCK_ROWS, 1, diagonal, (blasint)n, a + row * n + c,
                        (blasint)n);
        }
        lapack_int info =
            LAPACKE_strtri(LAPACK_COL_MAJOR, 'U', 'N', (lapack_int)rows, diagonal, (lapack_int)n);
        TRY(lapack_status(info, "inverting a matrix", "zero on the diagonal at", err));
        for (size_t i = 0; i < rows; i++) {
            memset(diagonal + i * n + i + 1, 0, (rows - i - 1) * sizeof(*a));
        }
    }
    return STATUS_OK;
}

/* W becomes the lower triangle of W'W, row block by row block: each needs only its own old rows,
 * kept in `buffer`, and those below. */
static void multiply_transposed(size_t n, float *a, float *buffer) {
    for (size_t row = 0; row < n; row += BLOCK_ROWS) {
        size_t rows = block_rows(n, row), below = row + rows;
        copy_rows(n, a, row, below, buffer);
#pragma omp parallel for schedule(dynamic)
        for (size_t c = 0; c <= row; c += BLOCK_ROWS) {
            size_t columns = block_rows(n, c);
            float *out = a + row * n + c;
            dense_gemm('T', 'N', rows, columns, rows, 1, buffer + row, n, buffer + c, n, 0, out, n);
            if (below == n) continue;
            dense_gemm('T', 'N', rows, columns, n - below, 1, a + below * n + row, n,
                       a + below * n + c, n, 1, out, n);
        }
    }
}

enum status dense_invert_spd(size_t n, float *a, struct error *err) {
    MEM_AUTO float *buffer = NULL;
    TRY(MEM_NEW(&buffer, BLOCK_ROWS * n, err));
    TRY(dense_cholesky(n, a, err));
    TRY(invert_lower(n, a, buffer, err));
    multiply_transposed(n, a, buffer);
    dense_symmetrise(a, n);
    return STATUS_OK;
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
