#include "common/models/als.h"

#include "common/base/mem.h"
#include "common/data/dense.h"
#include "common/data/small_spd.h"

#include <math.h>
#include <string.h>

enum {
    ALS_FLOATS = 8192, /* gathered at a time: they fit into the first-level cache */
    ALS_FEWEST = 16    /* rows gathered at a time, at least */
};

/* Rows gathered at a time. Part of the result, as each piece is summed by itself. */
static size_t piece_rows(size_t stride) {
    size_t rows = ALS_FLOATS / stride;
    return rows > ALS_FEWEST ? rows : ALS_FEWEST;
}

enum status als_work_alloc(struct als_work *w, size_t size, struct error *err) {
    *w = (struct als_work){.size = size};
    size_t stride = spd_stride(size + 1), floats = ALS_FLOATS + ALS_FEWEST * stride;
    enum status status = MEM_NEW(&w->rows, floats, err);
    if (status == STATUS_OK) status = MEM_NEW(&w->right, floats, err);
    if (status == STATUS_OK) status = mem_alloc(&w->matrix, stride * stride, sizeof(float), err);
    if (status == STATUS_OK) status = MEM_NEW(&w->vector, 3 * stride, err);
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

/* A system of `n` unknowns, the first `dim` of which are factors. */
struct system {
    size_t n, dim, stride, row_stride;
    float *sum, *weighted; /* of the rows; of the rows times their targets */
    float *solution;
};

static struct system start_system(struct als_work *w, size_t n, size_t dim) {
    size_t stride = spd_stride(n + 1);
    memset(w->vector, 0, 3 * stride * sizeof(float));
    return (struct system){
        n, dim, stride, spd_stride(dim), w->vector, w->vector + stride, w->vector + 2 * stride};
}

/* Copies the factors of `count` observations to w->rows, each times the square root of its
 * weight. */
static void gather(struct als_work *w, const struct system *s, const float *factor,
                   const uint32_t *index, const float *weight, size_t count) {
    spd_gather(s->dim, count, factor, index, w->rows, s->row_stride);
    for (size_t k = 0; weight != NULL && k < count; k++) {
        float root = sqrtf(weight[k]);
        for (size_t c = 0; c < s->dim; c++) {
            w->rows[k * s->row_stride + c] *= root;
        }
    }
}

/* For the gathered rows Z and targets y: matrix += Z'Z, weighted += Z'y, sum += Z'1. */
static void accumulate(struct als_work *w, const struct system *s, size_t count) {
    spd_add_products(s->dim, count, w->rows, s->row_stride, w->matrix, s->stride);
    spd_add_rows(s->dim, count, w->rows, s->row_stride, w->right, s->sum, s->weighted);
}

/* `squares` is the sum of the squared targets: at the solution x of A x = b the objective is
 * squares - b . x. */
static enum status solve(struct als_work *w, const struct system *s, double squares,
                         struct error *err) {
    for (size_t k = 0; k < s->n; k++) {
        w->matrix[k * s->stride + s->n] = s->weighted[k];
    }
    size_t minor = spd_solve(s->n, s->stride, w->matrix, s->solution);
    if (minor != 0) {
        return error_set(err, STATUS_FAILED,
                         "solving a linear system: matrix is not positive definite: leading minor "
                         "of order %zu",
                         minor);
    }
    for (size_t k = 0; k < s->n; k++) {
        squares -= (double)s->weighted[k] * (double)s->solution[k];
    }
    w->least = squares;
    return STATUS_OK;
}

static void add_to_diagonal(struct als_work *w, const struct system *s, size_t first,
                            double amount) {
    for (size_t k = first; k < s->n; k++) {
        float *at = w->matrix + k * s->stride + k;
        *at = (float)((double)*at + amount);
    }
}

/* Sums beside the matrix and the vectors: weights, targets, squared targets. */
struct totals {
    double count, target, squares;
};

static void add_explicit(const struct als_explicit *m, const struct als_row *row,
                         struct als_work *w, const struct system *s, struct totals *t) {
    size_t piece = piece_rows(s->row_stride);
    for (size_t first = 0; first < row->count; first += piece) {
        size_t count = row->count - first < piece ? row->count - first : piece;
        gather(w, s, m->factor, row->index + first, NULL, count);
        for (size_t k = 0; k < count; k++) {
            w->right[k] = row->target[first + k] - m->other_bias[row->index[first + k]];
            t->target += (double)w->right[k];
            t->squares += (double)w->right[k] * (double)w->right[k];
        }
        t->count += (double)count;
        accumulate(w, s, count);
    }
}

static void add_implicit(const struct als_implicit *m, const struct als_row *row,
                         struct als_work *w, const struct system *s, struct totals *t) {
    size_t piece = piece_rows(s->row_stride);
    for (size_t first = 0; first < row->count; first += piece) {
        size_t count = row->count - first < piece ? row->count - first : piece;
        const float *weight = row->weight != NULL ? row->weight + first : NULL;
        gather(w, s, m->factor, row->index + first, weight, count);
        for (size_t k = 0; k < count; k++) {
            w->right[k] = weight != NULL ? sqrtf(weight[k]) : 1.0F;
            t->count += weight != NULL ? (double)weight[k] : 1.0;
        }
        accumulate(w, s, count);
    }
}

/* Solves the summed system, with the bias as its last unknown. */
static enum status solve_explicit(const struct als_explicit *m, struct als_work *w,
                                  const struct system *s, const struct totals *t, float *bias,
                                  float *vector, struct error *err) {
    size_t dim = m->dim;
    w->least = 0;
    if (t->count > 0) {
        double scale = pow(t->count, m->nu);
        for (size_t k = 0; k < dim; k++) {
            w->matrix[k * s->stride + dim] = s->sum[k];
        }
        w->matrix[dim * s->stride + dim] = (float)t->count;
        s->weighted[dim] = (float)t->target;
        add_to_diagonal(w, s, 0, m->lambda * scale);
        add_to_diagonal(w, s, dim, (m->lambda_bias - m->lambda) * scale);
        TRY(solve(w, s, t->squares, err));
    }
    memcpy(vector, s->solution, dim * sizeof(float));
    *bias = s->solution[dim];
    return STATUS_OK;
}

static enum status solve_implicit(const struct als_implicit *m, struct als_work *w,
                                  const struct system *s, const struct totals *t, float *vector,
                                  struct error *err) {
    w->least = 0;
    if (t->count > 0) {
        double size = t->count + m->alpha0 * (double)m->n_other;
        add_to_diagonal(w, s, 0, m->lambda * pow(size, m->nu));
        TRY(solve(w, s, t->count, err));
    }
    memcpy(vector, s->solution, m->dim * sizeof(float));
    return STATUS_OK;
}

/* Only the upper triangle is used. */
static void clear_matrix(struct als_work *w, const struct system *s) {
    for (size_t i = 0; i < s->stride; i++) {
        memset(w->matrix + i * s->stride + i, 0, (s->stride - i) * sizeof(float));
    }
}

/* matrix = gram, padded with zeros. */
static void start_from_gram(struct als_work *w, const struct system *s, const float *gram) {
    for (size_t k = 0; k < s->dim; k++) {
        float *row = w->matrix + k * s->stride;
        memcpy(row, gram + k * s->dim, s->dim * sizeof(float));
        for (size_t c = s->dim; c < s->stride; c++) {
            row[c] = 0;
        }
    }
}

enum status als_explicit_solve(const struct als_explicit *m, const struct als_row *row,
                               struct als_work *w, float *bias, float *vector, struct error *err) {
    struct system s = start_system(w, m->dim + 1, m->dim);
    struct totals totals = {0, 0, 0};
    clear_matrix(w, &s);
    add_explicit(m, row, w, &s, &totals);
    return solve_explicit(m, w, &s, &totals, bias, vector, err);
}

enum status als_implicit_solve(const struct als_implicit *m, const struct als_row *row,
                               struct als_work *w, float *vector, struct error *err) {
    struct system s = start_system(w, m->dim, m->dim);
    struct totals totals = {0, 0, 0};
    if (row->count > 0) start_from_gram(w, &s, m->gram);
    add_implicit(m, row, w, &s, &totals);
    return solve_implicit(m, w, &s, &totals, vector, err);
}

/* ---- in two steps ----
 *
 * Layout of the sums: the upper triangle row by row, the two vectors, the totals. */

size_t als_sums_size(size_t dim) {
    return dim * (dim + 1) / 2 + 2 * dim + 3;
}

static void add_to_sums(const struct als_work *w, const struct system *s, const struct totals *t,
                        double *sums) {
    size_t dim = s->dim;
    spd_add_triangle(dim, w->matrix, s->stride, sums);
    sums += dim * (dim + 1) / 2;
    for (size_t k = 0; k < dim; k++) {
        sums[k] += (double)s->sum[k];
        sums[dim + k] += (double)s->weighted[k];
    }
    sums[2 * dim] += t->count;
    sums[2 * dim + 1] += t->target;
    sums[2 * dim + 2] += t->squares;
}

/* Adds the sums to the matrix, sets the vectors, returns the totals. */
static struct totals take_sums(struct als_work *w, const struct system *s, const double *sums) {
    size_t dim = s->dim;
    for (size_t i = 0; i < dim; i++) {
        float *row = w->matrix + i * s->stride;
        for (size_t j = i; j < dim; j++) {
            row[j] = (float)((double)row[j] + *sums++);
        }
    }
    for (size_t k = 0; k < dim; k++) {
        s->sum[k] = (float)sums[k];
        s->weighted[k] = (float)sums[dim + k];
    }
    return (struct totals){sums[2 * dim], sums[2 * dim + 1], sums[2 * dim + 2]};
}

void als_explicit_add(const struct als_explicit *m, const struct als_row *part, struct als_work *w,
                      double *sums) {
    if (part->count == 0) return;
    struct system s = start_system(w, m->dim + 1, m->dim);
    struct totals totals = {0, 0, 0};
    clear_matrix(w, &s);
    add_explicit(m, part, w, &s, &totals);
    add_to_sums(w, &s, &totals, sums);
}

void als_implicit_add(const struct als_implicit *m, const struct als_row *part, struct als_work *w,
                      double *sums) {
    if (part->count == 0) return;
    struct system s = start_system(w, m->dim, m->dim);
    struct totals totals = {0, 0, 0};
    clear_matrix(w, &s);
    add_implicit(m, part, w, &s, &totals);
    add_to_sums(w, &s, &totals, sums);
}

enum status als_explicit_finish(const struct als_explicit *m, const double *sums,
                                struct als_work *w, float *bias, float *vector, struct error *err) {
    struct system s = start_system(w, m->dim + 1, m->dim);
    clear_matrix(w, &s);
    struct totals totals = take_sums(w, &s, sums);
    return solve_explicit(m, w, &s, &totals, bias, vector, err);
}

enum status als_implicit_finish(const struct als_implicit *m, const double *sums,
                                struct als_work *w, float *vector, struct error *err) {
    struct system s = start_system(w, m->dim, m->dim);
    start_from_gram(w, &s, m->gram);
    struct totals totals = take_sums(w, &s, sums);
    return solve_implicit(m, w, &s, &totals, vector, err);
}

void als_gram(float *gram, const float *factor, size_t n, size_t dim, double alpha0) {
    dense_syrk(dim, n, (float)alpha0, factor, dim, 0.0F, gram, dim);
    dense_symmetrise(gram, dim);
}
