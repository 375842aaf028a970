#include "common/features/item_space.h"

#include "common/base/mem.h"
#include "common/data/dense.h"
#include "common/models/ials.h"

#include <math.h>
#include <string.h>

static void make_unit(struct item_space *s, size_t n) {
    for (size_t m = 0; m < n; m++) {
        float *row = s->row + m * s->dim;
        double squares = 0;
        for (size_t k = 0; k < s->dim; k++) {
            squares += (double)row[k] * row[k];
        }
        s->length[m] = (float)sqrt(squares);
        double scale = squares > 0 ? 1.0 / sqrt(squares) : 0;
        for (size_t k = 0; k < s->dim; k++) {
            row[k] = (float)(row[k] * scale);
        }
    }
}

enum status item_space_build(struct item_space *out, const struct models *models,
                             const struct content *content, struct error *err) {
    const struct ials_model *ials = models_find(models, &ials_model);
    const float *rows = ials != NULL ? ials->movie : content->vector;
    size_t n = models->baseline.n_movies, total;
    *out = (struct item_space){.dim = ials != NULL ? ials->dim : content->dim};
    if (!mem_multiply(n, out->dim, &total)) {
        return error_set(err, STATUS_FAILED, "movie factors: %zu times %zu is too large", n,
                         out->dim);
    }
    TRY(MEM_NEW(&out->row, total, err));
    TRY(MEM_NEW(&out->length, n, err));
    if (total > 0) memcpy(out->row, rows, total * sizeof *rows);
    make_unit(out, n);
    return STATUS_OK;
}

void item_space_release(struct item_space *s) {
    mem_free(s->row);
    mem_free(s->length);
    *s = (struct item_space){0};
}

enum status space_query_alloc(struct space_query *q, const struct item_space *s,
                              struct error *err) {
    *q = (struct space_query){0};
    return MEM_NEW(&q->row, SPACE_ROWS * s->dim, err);
}

void space_query_release(struct space_query *q) {
    mem_free(q->row);
    *q = (struct space_query){0};
}

void space_query_set(struct space_query *q, const struct item_space *s, const struct history *h,
                     const float *ials) {
    size_t dim = s->dim;
    q->n_history = h->count < SPACE_HISTORY ? h->count : SPACE_HISTORY;
    q->n_rows = q->n_history + (ials != NULL ? 2 : 0);
    for (size_t i = 0; i < q->n_history; i++) {
        uint32_t movie = h->movie[h->count - 1 - i];
        memcpy(q->row + i * dim, s->row + movie * dim, dim * sizeof *q->row);
    }
    if (ials != NULL) memcpy(q->row + q->n_history * dim, ials, 2 * dim * sizeof *q->row);
}

void item_space_multiply(const struct item_space *s, const struct space_query *q,
                         const uint32_t *movie, size_t n, float *gathered, float *product) {
    size_t dim = s->dim;
    for (size_t i = 0; i < n; i++) {
        memcpy(gathered + i * dim, s->row + movie[i] * dim, dim * sizeof *gathered);
    }
    if (q->n_rows == 0 || dim == 0) return;
    dense_gemm('N', 'T', n, q->n_rows, dim, 1.0F, gathered, dim, q->row, dim, 0.0F, product,
               q->n_rows);
}
