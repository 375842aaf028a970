#include "common/models/ease.h"

#include "common/base/interrupt.h"
#include "common/base/mem.h"
#include "common/base/ranks.h"
#include "common/data/dense.h"
#include "common/models/partition.h"

#include <math.h>
#include <string.h>

/* Targets computed at a time where there are fewer users than movies. */
enum { PIECE = 256 };

struct gram {
    const struct csr *by_movie, *by_user;
};

/* Row `i` up to the diagonal: every other movie of every user of the movie. Rows of `by_user`
 * ascend, so each walk stops at the diagonal. */
static void gram_row(const void *context, uint32_t i, double *sum) {
    const struct gram *g = context;
    const struct csr *by_user = g->by_user;
    for (uint64_t e = g->by_movie->offset[i]; e < g->by_movie->offset[i + 1]; e++) {
        uint32_t user = g->by_movie->column[e];
        double value = (double)g->by_movie->value[e];
        for (uint64_t k = by_user->offset[user]; k < by_user->offset[user + 1]; k++) {
            uint32_t other = by_user->column[k];
            if (other > i) break;
            sum[other] += value * (double)by_user->value[k];
        }
    }
}

enum status ease_gram(float *gram, const struct csr *by_movie, const struct ridge *ridge,
                      struct error *err) {
    AUTO(csr) struct csr by_user = {0};
    TRY(csr_transpose(&by_user, by_movie, err));
    size_t n = by_movie->n_rows;
    double relative = ridge->dropout / (1 - ridge->dropout);
    TRY(partition_sum_rows(gram, 0, (uint32_t)n, n, gram_row, &(struct gram){by_movie, &by_user},
                           err));
    if (gram == NULL) return STATUS_OK;
    for (size_t i = 0; i < n; i++) {
        double diagonal = (double)gram[i * n + i];
        gram[i * n + i] = (float)(diagonal * (1 + relative) + ridge->lambda);
    }
    dense_symmetrise(gram, n);
    return interrupt_check(err);
}

static enum status fit_by_movies(struct pruned *out, const struct csr *by_movie,
                                 const struct ridge *ridge, struct error *err) {
    size_t n = by_movie->n_rows;
    MEM_AUTO float *matrix = NULL;
    if (ranks_self() == 0) TRY(mem_alloc(&matrix, n * n, sizeof(float), err));
    TRY(ease_gram(matrix, by_movie, ridge, err));
    if (matrix == NULL) return STATUS_OK;
    TRY(dense_invert_spd(n, matrix, err));
    TRY(interrupt_check(err));
    /* P is symmetric, so the weights of target j, a column of B, come from row j. */
#pragma omp parallel for schedule(static)
    for (size_t j = 0; j < n; j++) {
        float *row = matrix + j * n, scale = -1.0F / row[j];
        for (size_t i = 0; i < n; i++) {
            row[i] *= scale;
        }
    }
    return pruned_take_rows(out, 0, out->n, matrix, err);
}

/* Z = D^-1/2 X, sparse by user, and root[n] = D^1/2, for the diagonal ridge D of X. */
static enum status scale_by_ridge(struct csr *by_user, double *root, const struct csr *by_movie,
                                  const struct ridge *ridge, struct error *err) {
    double relative = ridge->dropout / (1 - ridge->dropout);
    TRY(csr_transpose(by_user, by_movie, err));
    for (uint32_t i = 0; i < by_movie->n_rows; i++) {
        double squares = 0;
        for (uint64_t e = by_movie->offset[i]; e < by_movie->offset[i + 1]; e++) {
            squares += (double)by_movie->value[e] * (double)by_movie->value[e];
        }
        root[i] = sqrt(ridge->lambda + relative * squares);
    }
    for (uint64_t e = 0; e < by_user->count; e++) {
        by_user->value[e] = (float)((double)by_user->value[e] / root[by_user->column[e]]);
    }
    return STATUS_OK;
}

struct by_users {
    const struct csr *by_movie, *by_user; /* X, and Z by user */
    const double *root;
    const float *inverse; /* [users, users] M = (I + Z'Z)^-1 */
};

/* The weights towards target `j`: with t = Z M z_j, B_ij = t_i / (1 - t_j) * root_j / root_i.
 * `through` [users] and `sum` [n] are scratch. */
static void target_row(const struct by_users *m, uint32_t j, double *through, double *sum,
                       float *row) {
    size_t n_users = m->by_user->n_rows, n = m->by_movie->n_rows;
    memset(through, 0, n_users * sizeof(*through));
    memset(sum, 0, n * sizeof(*sum));
    for (uint64_t e = m->by_movie->offset[j]; e < m->by_movie->offset[j + 1]; e++) {
        const float *inverse = m->inverse + m->by_movie->column[e] * n_users;
        double value = (double)m->by_movie->value[e] / m->root[j];
        for (size_t u = 0; u < n_users; u++) {
            /* Only where this process is alone, and so has the matrix.
             * NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
            through[u] += value * (double)inverse[u];
        }
    }
    for (size_t u = 0; u < n_users; u++) {
        for (uint64_t e = m->by_user->offset[u]; e < m->by_user->offset[u + 1]; e++) {
            sum[m->by_user->column[e]] += through[u] * (double)m->by_user->value[e];
        }
    }
    double scale = m->root[j] / (1 - sum[j]);
    for (size_t i = 0; i < n; i++) {
        row[i] = (float)(sum[i] * scale / m->root[i]);
    }
}

/* The same weights by way of the users (the identity of Woodbury): with the ridge D = R^2 and Z =
 * R^-1 X, P = R^-1 (I - Z M Z') R^-1. A dense matrix of the users only, and sparse sums. */
static enum status fit_by_users(struct pruned *out, const struct csr *by_movie,
                                const struct ridge *ridge, struct error *err) {
    AUTO(csr) struct csr by_user = {0};
    MEM_AUTO double *root = NULL, *through = NULL, *sum = NULL;
    MEM_AUTO float *inverse = NULL, *rows = NULL;
    size_t n = by_movie->n_rows, n_users = by_movie->n_columns;
    TRY(MEM_NEW(&root, n, err));
    TRY(scale_by_ridge(&by_user, root, by_movie, ridge, err));
    TRY(mem_alloc(&inverse, n_users * n_users, sizeof(float), err));
    TRY(ease_gram(inverse, &by_user, &(struct ridge){.lambda = 1}, err));
    TRY(dense_invert_spd(n_users, inverse, err));
    TRY(mem_alloc(&through, PIECE * n_users, sizeof(double), err));
    TRY(mem_alloc(&sum, PIECE * n, sizeof(double), err));
    TRY(mem_alloc(&rows, PIECE * n, sizeof(float), err));
    struct by_users model = {by_movie, &by_user, root, inverse};
    for (size_t first = 0; first < n; first += PIECE) {
        size_t count = n - first < PIECE ? n - first : PIECE;
        TRY(interrupt_check(err));
#pragma omp parallel for schedule(dynamic, 4)
        for (size_t k = 0; k < count; k++) {
            target_row(&model, (uint32_t)(first + k), through + k * n_users, sum + k * n,
                       rows + k * n);
        }
        TRY(pruned_take_rows(out, (uint32_t)first, (uint32_t)count, rows, err));
    }
    return STATUS_OK;
}

enum status ease_fit(struct pruned *out, const struct csr *by_movie, const struct ridge *ridge,
                     struct error *err) {
    bool by_users = ranks_count() == 1 && by_movie->n_columns < by_movie->n_rows;
    return (by_users ? fit_by_users : fit_by_movies)(out, by_movie, ridge, err);
}
