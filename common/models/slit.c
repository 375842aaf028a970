#include "common/models/slit.h"

#include "common/base/interrupt.h"
#include "common/base/mem.h"
#include "common/models/regression.h"

/* Row i has the pairs where i is the later one, so that both orders of a pair of movies are to be
 * added up; in tiles, for the sake of the cache. */
static void add_transpose(float *a, size_t n) {
    enum { TILE = 64 };
#pragma omp parallel for schedule(dynamic)
    for (size_t row = 0; row < n; row += TILE) {
        for (size_t column = 0; column <= row; column += TILE) {
            for (size_t i = row; i < row + TILE && i < n; i++) {
                for (size_t j = column; j < column + TILE && j < i; j++) {
                    a[i * n + j] += a[j * n + i];
                    a[j * n + i] = a[i * n + j];
                }
            }
        }
    }
}

enum status slit_past(float *past, const struct slit_pairs *t, struct error *err) {
    const struct slit_params *p = t->params;
    size_t n = t->sequences->selection->n;
    TRY(slit_pairs_sum(past, 0, (uint32_t)n, SLIT_PAST, t, err));
    if (past == NULL) return STATUS_OK;
    add_transpose(past, n);
    for (size_t k = 0; k < n; k++) {
        double diagonal = (double)past[k * n + k];
        past[k * n + k] = (float)(diagonal * (1 + p->relative) + p->lambda);
    }
    return interrupt_check(err);
}

enum status slit_future(float *future, uint32_t first, uint32_t count, const struct slit_pairs *t,
                        struct error *err) {
    return slit_pairs_sum(future, first, count, SLIT_FUTURE, t, err);
}

static enum status left(float *a, const void *context, struct error *err) {
    return slit_past(a, context, err);
}

static enum status right(float *rows, uint32_t first, uint32_t count, const void *context,
                         struct error *err) {
    return slit_future(rows, first, count, context, err);
}

enum status slit_fit(struct pruned *out, const struct sequences *s,
                     const struct slit_params *params, struct error *err) {
    static const struct regression regression = {left, right};
    AUTO(slit_pairs) struct slit_pairs pairs = {0};
    TRY(slit_pairs_make(&pairs, s, params, err));
    return regression_fit(out, &regression, &pairs, err);
}
