#include "stages/similarity/truncated_svd.h"

#include "common/base/interrupt.h"
#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/data/dense.h"

#include <math.h>
#include <string.h>

enum { OVERSAMPLING = 10, BLOCK_ROWS = 256, MAX_WIDTH = 1024 };

/* out[n_rows, width] = m * x[n_columns, width]; each row is summed in double by one thread. */
static void multiply(const struct csr *m, const float *x, size_t width, float *out) {
#pragma omp parallel for schedule(dynamic, BLOCK_ROWS)
    for (uint32_t row = 0; row < m->n_rows; row++) {
        double sum[MAX_WIDTH];
        memset(sum, 0, width * sizeof(*sum));
        for (uint64_t e = m->offset[row]; e < m->offset[row + 1]; e++) {
            const float *from = x + m->column[e] * width;
            double value = (double)m->value[e];
            for (size_t j = 0; j < width; j++) {
                sum[j] += value * (double)from[j];
            }
        }
        for (size_t j = 0; j < width; j++) {
            out[row * width + j] = (float)sum[j];
        }
    }
}

static void fill_normal(float *x, size_t rows, size_t width, uint64_t seed) {
    for (size_t row = 0; row < rows; row++) {
        struct rng random = rng_keyed(seed, "similarity.range", 0, row);
        for (size_t j = 0; j < width; j++) {
            x[row * width + j] = (float)rng_normal(&random);
        }
    }
}

/* q[n_rows, width]: orthonormal, its span close to that of the strongest left singular vectors;
 * b[n_columns, width] = m' q. */
static enum status find_range(const struct csr *m, const struct csr *transposed, size_t width,
                              size_t iterations, uint64_t seed, float *q, float *b,
                              struct error *err) {
    fill_normal(b, m->n_columns, width, seed);
    multiply(m, b, width, q);
    TRY(dense_orthonormalise(m->n_rows, width, q, err));
    for (size_t i = 0; i < iterations; i++) {
        TRY(interrupt_check(err));
        multiply(transposed, q, width, b);
        TRY(dense_orthonormalise(m->n_columns, width, b, err));
        multiply(m, b, width, q);
        TRY(dense_orthonormalise(m->n_rows, width, q, err));
    }
    multiply(transposed, q, width, b);
    return STATUS_OK;
}

/* Signs of singular vectors are arbitrary: the component of largest size becomes positive. */
static void fix_signs(float *vector, size_t n_rows, size_t dim) {
    for (size_t j = 0; j < dim; j++) {
        float largest = 0;
        for (size_t i = 0; i < n_rows; i++) {
            if (fabsf(vector[i * dim + j]) > fabsf(largest)) largest = vector[i * dim + j];
        }
        for (size_t i = 0; i < n_rows && largest < 0; i++) {
            vector[i * dim + j] = -vector[i * dim + j];
        }
    }
}

struct sizes {
    size_t n_rows, n_columns; /* of the matrix */
    size_t width;             /* of the range that was found */
    size_t dim;               /* of the vectors */
};

/* With b = X diag(s) Y (X [n_columns, width], Y [width, width]), m is about q Y' diag(s) X', so the
 * vectors are q times the first columns of Y' diag(s). */
static enum status project(const struct sizes *of, const float *q, float *b, float *vector,
                           float *singular, struct error *err) {
    size_t width = of->width, dim = of->dim;
    MEM_AUTO float *x = NULL, *s = NULL, *y = NULL, *turn = NULL;
    TRY(MEM_NEW(&x, of->n_columns * width, err));
    TRY(MEM_NEW(&s, width, err));
    TRY(MEM_NEW(&y, width * width, err));
    TRY(MEM_NEW(&turn, width * dim, err));
    TRY(dense_svd(of->n_columns, width, b, x, s, y, err));
    for (size_t j = 0; j < dim && j < width; j++) {
        /* Below this only rounding is left: noise that would differ from machine to machine. */
        if (!(s[j] > 1e-5f * s[0])) continue;
        singular[j] = s[j];
        for (size_t i = 0; i < width; i++) {
            turn[i * dim + j] = y[j * width + i] * s[j];
        }
    }
    dense_gemm_parallel('N', 'N', of->n_rows, dim, width, 1, q, width, turn, dim, 0, vector, dim);
    fix_signs(vector, of->n_rows, dim);
    return STATUS_OK;
}

enum status truncated_svd(const struct csr *rows, size_t dim, size_t iterations, uint64_t seed,
                          float *vector, float *singular, struct error *err) {
    size_t n_rows = rows->n_rows, n_columns = rows->n_columns, width = dim + OVERSAMPLING;
    memset(vector, 0, n_rows * dim * sizeof(*vector));
    memset(singular, 0, dim * sizeof(*singular));
    if (width > MAX_WIDTH) {
        return error_set(err, STATUS_FAILED, "content vectors: %zu dimensions are more than %d",
                         dim, MAX_WIDTH - OVERSAMPLING);
    }
    if (width > n_rows) width = n_rows;
    if (width > n_columns) width = n_columns;
    if (width == 0 || rows->count == 0) return STATUS_OK;
    AUTO(csr) struct csr transposed = {0};
    MEM_AUTO float *q = NULL, *b = NULL;
    TRY(csr_transpose(&transposed, rows, err));
    TRY(MEM_NEW(&q, n_rows * width, err));
    TRY(MEM_NEW(&b, n_columns * width, err));
    TRY(find_range(rows, &transposed, width, iterations, seed, q, b, err));
    const struct sizes sizes = {n_rows, n_columns, width, dim};
    return project(&sizes, q, b, vector, singular, err);
}
