#include "stages/factorize/ease.h"

#include "common/base/interrupt.h"
#include "common/base/mem.h"
#include "common/data/dense.h"

#include <string.h>

/* Row `i` up to the diagonal: every other movie of every user of the movie. Rows of `by_user`
 * ascend, so each walk stops at the diagonal. */
static void gram_row(uint32_t i, const struct csr *by_movie, const struct csr *by_user, double *sum,
                     float *row) {
    memset(sum, 0, ((size_t)i + 1) * sizeof(*sum));
    for (uint64_t e = by_movie->offset[i]; e < by_movie->offset[i + 1]; e++) {
        uint32_t user = by_movie->column[e];
        double value = (double)by_movie->value[e];
        for (uint64_t k = by_user->offset[user]; k < by_user->offset[user + 1]; k++) {
            uint32_t other = by_user->column[k];
            if (other > i) break;
            sum[other] += value * (double)by_user->value[k];
        }
    }
    for (uint32_t k = 0; k <= i; k++) {
        row[k] = (float)sum[k];
    }
}

enum status ease_gram(float *gram, const struct csr *by_movie, const struct ridge *ridge,
                      struct error *err) {
    AUTO(csr) struct csr by_user = {0};
    TRY(csr_transpose(&by_user, by_movie, err));
    size_t n = by_movie->n_rows;
    double relative = ridge->dropout / (1 - ridge->dropout);
    enum status status = STATUS_OK;
#pragma omp parallel
    {
        MEM_AUTO double *sum = NULL;
        struct error mine = {0};
        enum status own = MEM_NEW(&sum, n, &mine);
#pragma omp for schedule(dynamic, 8)
        for (size_t i = 0; i < n; i++) {
            if (own != STATUS_OK) continue;
            gram_row((uint32_t)i, by_movie, &by_user, sum, gram + i * n);
            double diagonal = (double)gram[i * n + i];
            gram[i * n + i] = (float)(diagonal * (1 + relative) + ridge->lambda);
        }
        if (own != STATUS_OK) {
#pragma omp critical(ease_gram_error)
            {
                status = own;
                if (err != NULL) *err = mine;
            }
        }
    }
    TRY(status);
    dense_symmetrise(gram, n);
    return interrupt_check(err);
}

enum status ease_fit(struct strongest *out, const struct csr *by_movie, const struct ridge *ridge,
                     struct error *err) {
    size_t n = by_movie->n_rows;
    MEM_AUTO float *matrix = NULL;
    TRY(mem_alloc(&matrix, n * n, sizeof(float), err));
    TRY(ease_gram(matrix, by_movie, ridge, err));
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
    return strongest_take_rows(out, 0, out->n, matrix, err);
}
