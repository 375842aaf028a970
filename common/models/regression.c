#include "common/models/regression.h"

#include "common/base/interrupt.h"
#include "common/base/mem.h"
#include "common/base/ranks.h"
#include "common/data/block_sparse.h"
#include "common/data/dense.h"

/* Targets per piece of the right-hand side, which bounds the memory besides the one square
 * matrix. */
enum { PIECE = 1024 };

enum status regression_fit(struct pruned *out, const struct regression *r, const void *context,
                           struct error *err) {
    uint32_t n = out->n;
    bool first_rank = ranks_self() == 0;
    MEM_AUTO float *inverse = NULL, *right = NULL, *weights = NULL;
    if (first_rank) {
        size_t piece = (size_t)(n < PIECE ? n : PIECE) * n;
        TRY(mem_alloc(&inverse, (size_t)n * n, sizeof(float), err));
        TRY(mem_alloc(&right, piece, sizeof(float), err));
        TRY(mem_alloc(&weights, piece, sizeof(float), err));
    }
    TRY(r->left(inverse, context, err));
    if (first_rank) TRY(dense_invert_spd(n, inverse, err));
    for (uint32_t first = 0; first < n; first += PIECE) {
        uint32_t count = n - first < PIECE ? n - first : PIECE;
        TRY(interrupt_check(err));
        TRY(r->right(right, first, count, context, err));
        if (!first_rank) continue;
        TRY(block_sparse_multiply(count, n, n, right, inverse, weights, err));
        TRY(pruned_take_rows(out, first, count, weights, err));
    }
    return STATUS_OK;
}
