#include "common/model/als.h"

#include "common/base/mem.h"
#include "common/data/dense.h"

#include <math.h>
#include <string.h>

/* Rows are gathered in pieces of this many, so that scratch does not grow with the longest row. */
enum { ALS_CHUNK = 256 };

enum status als_work_alloc(struct als_work *w, size_t size, struct error *err) {
    *w = (struct als_work){.size = size};
    enum status status = mem_alloc(&w->rows, ALS_CHUNK * size, sizeof(float), err);
    if (status == STATUS_OK) status = MEM_NEW(&w->right, ALS_CHUNK, err);
    if (status == STATUS_OK) status = mem_alloc(&w->matrix, size * size, sizeof(float), err);
    if (status == STATUS_OK) status = MEM_NEW(&w->vector, size, err);
    if (status != STATUS_OK) als_work_release(w);
    return status;
}

void als_work_release(struct als_work *w) {
    mem_free(w->rows);
    mem_free(w->right);
    mem_free(w->matrix);
    mem_free(w->vector);
    *w = (struct als_work){0};
}

static void add_to_diagonal(float *matrix, size_t n, size_t first, double amount) {
    for (size_t k = first; k < n; k++) {
        matrix[k * n + k] = (float)((double)matrix[k * n + k] + amount);
    }
}

/* matrix += Z'Z, vector += Z' right, for the gathered rows Z [count, n]. */
static void accumulate(struct als_work *w, size_t n, size_t count) {
    dense_syrk(n, count, 1.0F, w->rows, n, 1.0F, w->matrix, n);
    dense_gemm('N', 'N', 1, n, count, 1.0F, w->right, count, w->rows, n, 1.0F, w->vector, n);
}

enum status als_explicit_solve(const struct als_explicit *m, const struct als_row *row,
                               struct als_work *w, float *bias, float *vector, struct error *err) {
    size_t n = m->dim + 1; /* the bias is the last unknown, with a constant 1 as its factor */
    memset(w->matrix, 0, n * n * sizeof(float));
    memset(w->vector, 0, n * sizeof(float));
    for (size_t first = 0; first < row->count; first += ALS_CHUNK) {
        size_t count = row->count - first < ALS_CHUNK ? row->count - first : ALS_CHUNK;
        for (size_t k = 0; k < count; k++) {
            size_t other = row->index[first + k];
            memcpy(w->rows + k * n, m->factor + other * m->dim, m->dim * sizeof(float));
            w->rows[k * n + m->dim] = 1.0F;
            w->right[k] = row->target[first + k] - m->other_bias[other];
        }
        accumulate(w, n, count);
    }
    if (row->count > 0) {
        double scale = pow((double)row->count, m->nu);
        add_to_diagonal(w->matrix, n, 0, m->lambda * scale);
        add_to_diagonal(w->matrix, n, m->dim, (m->lambda_bias - m->lambda) * scale);
        TRY(dense_solve_spd(n, w->matrix, 1, w->vector, err));
    }
    memcpy(vector, w->vector, m->dim * sizeof(float));
    *bias = w->vector[m->dim];
    return STATUS_OK;
}

enum status als_implicit_solve(const struct als_implicit *m, const struct als_row *row,
                               struct als_work *w, float *vector, struct error *err) {
    size_t n = m->dim;
    double total = 0;
    memcpy(w->matrix, m->gram, n * n * sizeof(float));
    memset(w->vector, 0, n * sizeof(float));
    for (size_t first = 0; first < row->count; first += ALS_CHUNK) {
        size_t count = row->count - first < ALS_CHUNK ? row->count - first : ALS_CHUNK;
        for (size_t k = 0; k < count; k++) {
            const float *factor = m->factor + (size_t)row->index[first + k] * n;
            float weight = row->weight != NULL ? row->weight[first + k] : 1.0F;
            float root = sqrtf(weight);
            total += (double)weight;
            for (size_t c = 0; c < n; c++) {
                w->rows[k * n + c] = root * factor[c];
            }
            w->right[k] = root;
        }
        accumulate(w, n, count);
    }
    if (row->count > 0) {
        double size = total + m->alpha0 * (double)m->n_other;
        add_to_diagonal(w->matrix, n, 0, m->lambda * pow(size, m->nu));
        TRY(dense_solve_spd(n, w->matrix, 1, w->vector, err));
    }
    memcpy(vector, w->vector, n * sizeof(float));
    return STATUS_OK;
}

void als_gram(float *gram, const float *factor, size_t n, size_t dim, double alpha0) {
    dense_syrk(dim, n, (float)alpha0, factor, dim, 0.0F, gram, dim);
    dense_symmetrise(gram, dim);
}
