/* What transition and window models have in common: B = A^-1 R, target by target. */
#ifndef MARQUEE_MODELS_REGRESSION_H
#define MARQUEE_MODELS_REGRESSION_H

#include "common/base/error.h"
#include "common/models/prune_topk.h"

#include <stdint.h>

/* Over n movies: left() fills A[n, n], symmetric; right() the rows first..first+count-1 of R', one
 * per target. Every process calls both, rank 0 with memory, the others with NULL. */
struct regression {
    enum status (*left)(float *a, const void *context, struct error *err);
    enum status (*right)(float *rows, uint32_t first, uint32_t count, const void *context,
                         struct error *err);
};

/* Prunes B to `out`, which is allocated for n movies and stays empty but on rank 0. */
enum status regression_fit(struct pruned *out, const struct regression *r, const void *context,
                           struct error *err);

#endif
